//! The law as dated data, and the pure questions asked of it.
//!
//! Parameters carry every period, rate and threshold with its source and the days it is in force;
//! a listing takes a snapshot of them at publication and is judged by that ever after. Spans become
//! deadlines by the calendar of Chinese holidays and make-up working days, in Shanghai time. The
//! redaction policy says what the public may see. Nothing here asks a clock, a file or a database.

mod calendar;
mod dated;
mod errata;
mod parameters;
mod periods;
mod redaction;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub mod shipped;
mod snapshot;
mod spans;
mod stops;
pub mod timeline;
mod value;

pub use calendar::{Calendar, CalendarError, DayKind};
pub use errata::{ErratumRule, erratum_fields, may_be_set_right};
pub use parameters::{Found, Parameter, RuleStatus, Rulebook, RulebookError};
pub use periods::{
    Deadline, chosen_past, days_before, deadline, deadline_past, end_of, first_day_past, shanghai_date, shanghai_minute, shanghai_time,
    start_of,
};
pub use redaction::{Audience, RedactionRule, Show, Showing, band, masked_name, public_rule, shows};
pub use snapshot::{OutOfBounds, Snapshot, SnapshotEntry};
pub use spans::{Span, SpanError};
pub use stops::{Gap, Stops};
pub use timeline::{By, Progress, Step, StepNote, Timeline, arranged};
pub use value::{Value, ValueError};
