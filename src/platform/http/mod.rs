//! The manners of HTTP that every endpoint shares.

pub mod address;
pub mod answer;
pub mod body;
pub mod call;
pub mod infra;
pub mod limits;
pub mod observe;
pub mod page;
pub mod render;
pub mod server;
pub mod spec;

pub use answer::{Answer, created, found, listed};
pub use body::{Json, Nothing, Upload};
pub use call::Call;
pub use page::{Page, PageQuery};
