//! Official identifiers and their checks.
//!
//! What a person typed is normalised, then read by the rule of its family: patents, publications,
//! PCT, IPC, software, layouts, plant varieties, organisations and divisions. What is right comes
//! out in one canonical form, fit to be a unique key; what is wrong says what was expected; what is
//! only odd is kept with a warning. Nothing here asks a registry, a clock or a database.

mod division;
mod error;
mod field;
mod identifier;
mod ipc;
mod layout;
mod normalise;
mod patent;
mod pct;
mod plant;
mod promotion;
mod publication;
#[cfg(test)]
mod real_data;
mod software;
mod uscc;
mod year;

pub use division::{division_name, is_known_division};
pub use error::{CodeError, CodeWarning};
pub use field::{FieldName, field_name};
pub use identifier::{Identifier, Scheme, parse_identifier};
pub use ipc::{Ipc, Locarno, parse_ipc, parse_locarno};
pub use layout::{LayoutRegistration, parse_layout_registration};
pub use normalise::{normalise, normalise_keeping_dashes};
pub use patent::{PatentKind, PatentNumber, Prefix, parse_patent_number, patent_check_digit};
pub use pct::{PctApplication, PctPublication, parse_pct_application, parse_pct_publication};
pub use plant::{PlantAuthority, PlantVarietyRight, parse_plant_variety_right};
pub use promotion::promotional;
pub use publication::{PublicationNumber, parse_publication_number};
pub use software::{SoftwareRegistration, parse_software_registration};
pub use uscc::{PartyType, Uscc, UsccStanding, complete_uscc, parse_uscc};
