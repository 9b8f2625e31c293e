//! The `zhepai` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    zhepai::cli::main()
}
