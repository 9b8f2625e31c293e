//! Documents: files people upload, kept in versions that never change.
//!
//! Content is streamed into the store under a random name while it is hashed, and only then does a
//! row name it; what no row names is taken away again. A level of confidentiality says who may read
//! a document: everybody, who is signed in, or only its owner and the officers who must check it.
//! Other rooms refer to a document by its id and ask here whether it can be used.

pub mod files;
pub mod flows;
pub mod http;
pub mod rules;
pub mod store;
pub mod views;
