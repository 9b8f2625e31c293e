//! What happens to personal data: sealed anew, told to whom it is about, forgotten in its time.

mod close;
pub mod data_keys;
pub mod requests;
mod retention;
mod tell;

pub use close::{FORGET, close, close_own, on_forget};
pub use retention::{Kept, list as list_retention, purge};
pub use tell::{tell, tell_of};
