//! Pages: what is public, for people who read it in a browser, in Chinese and in English.
//!
//! They are made on the server, need no script and can be printed. They say what the API says of the same things and nothing else:
//! no room uses them. Certificates of licences, which are for their parties, are on paper alone.

mod certificate;
pub mod flows;
pub mod http;
mod paper;
pub mod rules;
pub mod views;
