//! What may be registered, how long a right stands, and what its legal status permits.

mod achievement;
mod asset;
mod change;
mod deeds;
mod details;
mod held;
mod owner;
mod permitted;
mod same;
mod status;
mod terms;
mod warning;

use chrono::{NaiveDate, TimeDelta};
use entity::Timestamp;

pub use achievement::{AmendAchievement, NewAchievement, amend_achievement, new_achievement};
pub use asset::{AmendAsset, AssetRows, Kept, NewAsset, NewOwner, amend_asset, kept, new_asset};
pub use change::Change;
pub use deeds::{open_on_achievement, open_on_asset};
pub use details::{AssetDetails, DrugClass, NmpaStage, RightsHolder, VarietyAuthority};
pub use held::{being_granted, licensed_openly, still_his};
pub use owner::is_owner;
pub use permitted::{Permitted, Reason, openable, permitted, recordable};
pub use same::{differences, same_achievement};
pub use status::{NewLegalStatus, fits, record_status};
pub use terms::{Term, is_over, remaining_days, term, unexpired};
pub use warning::Warning;

/// The day in Shanghai, which has kept UTC+8 in every season since 1991.
pub fn day_in_shanghai(at: Timestamp) -> NaiveDate {
    (at + TimeDelta::hours(8)).date_naive()
}
