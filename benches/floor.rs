//! How fast the whole market is: `zhepai bench`, the program itself, in the profile asked for.
//!
//! What follows `--` goes to it, as in `cargo bench --bench floor -- --only sqlite_hot_lot_vs_naive`. Figures below
//! what must hold are said in the table and by the exit code.

use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    // Cargo adds a word of its own.
    let given = std::env::args().skip(1).filter(|argument| argument != "--bench");
    let ended = Command::new(env!("CARGO_BIN_EXE_zhepai")).arg("bench").args(given).status();
    match ended {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("zhepai: {error}");
            ExitCode::FAILURE
        }
    }
}
