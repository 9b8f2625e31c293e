//! Tests that load the machine; they run one at a time.

mod closing;
mod crowd;
mod cut_commits;
mod linear;
mod notices;
mod restarts;
mod syncs;
