//! Personal data: what is held of a person is told to him, and goes when neither he nor the law needs it.
//!
//! Sealed cells are sealed anew under each new key. An account is closed at once; name and address go when
//! the records of its trade need not be kept any longer. What has a period of retention is listed with its
//! rule, and nothing goes before its time.

pub mod flows;
pub mod http;
pub mod rules;
pub mod store;
pub mod views;
