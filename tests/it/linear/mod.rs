//! The auction floor from outside: what clients at several servers see happens one thing after another, and what was
//! acknowledged counts, whoever is killed and whatever is cut. Nothing here knows how bids are taken behind HTTP.

mod checker;
mod heavy;
mod market;
mod servers;
mod trace;
