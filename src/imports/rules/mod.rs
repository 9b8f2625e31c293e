//! The law of imports: where rows begin and end, what their columns mean, how far an import has come.

pub mod columns;
mod cells;
mod cut;
mod machine;
mod portable;
mod refusal;
mod rows;
mod survey;

pub use cells::line;
pub use columns::all_missing;
pub use cut::{LONGEST_ROW, Row, Stretch, stretch};
pub use machine::{
    FILE_UNREADABLE, INTERNAL, NOT_ALLOWED, advanced, allowed, cancelled, failed, has_ended_for_good, is_unfinished, may_start, open_to,
    resumed, rows_done, was_given_up,
};
pub use portable::{asset_row, listing_row, reference};
pub use refusal::Refusal;
pub use rows::{AssetRow, ListingRow, completed, content_hash, named, read, readable_key, row_key, told};
pub use survey::{Survey, Surveyed, format_of};
