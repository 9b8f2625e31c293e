//! The manners of HTTP that every endpoint shares.

pub mod address;
pub mod admit;
pub mod answer;
pub mod body;
pub mod call;
mod connection;
pub mod feed;
pub mod gate;
mod heads;
pub mod infra;
pub mod limits;
mod named_hash;
pub mod observe;
pub mod page;
pub mod pages;
pub mod refine;
pub mod render;
mod response_headers;
pub mod server;
pub mod spec;
pub mod wire;

pub use answer::{Answer, created, found, listed};
pub use body::{AnyForm, Json, Nothing, Upload};
pub use call::Call;
pub use named_hash::NamedHash;
pub use page::{Page, PageQuery, at_least};
