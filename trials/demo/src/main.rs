//! `tizme-demo`: see `./tizme demo --help`.

use std::process::ExitCode;

use clap::Parser as _;
use demo::options::Options;

fn main() -> ExitCode {
    let options = Options::parse();
    match demo::run::run(&options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("tizme demo: {error:#}");
            ExitCode::from(2)
        }
    }
}
