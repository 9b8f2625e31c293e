//! How many files this process may have open: every connection is one.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Asks for as many as the system allows. A process starts with a thousand on most systems, for the sake of programs that could not
/// deal with more.
pub fn allow_all() {
    let limit = getrlimit(Resource::Nofile);
    // A system that refuses leaves what there is, which is told where it is too little.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
}

/// How many there may be; nothing where there is no limit.
pub fn most() -> Option<u64> {
    getrlimit(Resource::Nofile).current
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_may_open_as_many_files_as_the_system_allows() {
        allow_all();
        assert_eq!(most(), getrlimit(Resource::Nofile).maximum);
    }
}
