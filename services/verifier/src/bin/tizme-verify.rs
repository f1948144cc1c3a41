//! `tizme-verify`: the stranger's check as a program of its own.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(verifier::run(std::env::args().skip(1), &mut std::io::stdout().lock()))
}
