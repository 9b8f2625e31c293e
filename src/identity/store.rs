//! Where people, organisations, memberships, staff and sessions are kept.

pub mod registrations;

mod attempts;
mod device_letters;
mod memberships;
mod organisations;
mod passwords;
mod persons;
mod second_factors;
mod sessions;
mod staff;
mod token_keys;

pub use attempts::*;
pub use device_letters::*;
pub use memberships::*;
pub use organisations::*;
pub use passwords::*;
pub use persons::*;
pub use second_factors::*;
pub use sessions::*;
pub use staff::*;
pub use token_keys::*;
