//! The `zhepai` program.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// Calls take and give back memory on several threads at once, which the system's allocator answers with an arena for each.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    zhepai::cli::main()
}
