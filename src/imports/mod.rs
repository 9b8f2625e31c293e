//! Imports: files of many rights or offers, taken in row by row (批量导入), and exports of the same form.
//!
//! A file is looked over as it is uploaded: a header that is wrong is refused before anything is done.
//! Then a timer takes in a few rows at a time, each step with what became of its rows and how far it has
//! come in one transaction, so that an import that was broken off goes on where it stood. A row is judged
//! by the very rules that hold for a single right or offer; what it says already stands unchanged, what it
//! says otherwise is refused and never written over. What is exported can be imported again.

pub mod events;
pub mod flows;
pub mod http;
pub mod rules;
pub mod store;
pub mod views;
