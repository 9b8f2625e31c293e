//! What is said about the gates: of organisations, and of listings.

mod listings;
mod organisations;

pub use listings::{AcknowledgementView, FindingView, GateDeclarationView, GateRunView, GateView, GatesView, NewAcknowledgement, gates_of};
pub use organisations::{ExportPaperView, OrganisationFactsView, OrganisationStandingView, RelationView, RestrictionView, StandingOf};
