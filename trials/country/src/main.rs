//! `tizme-country`: writes a synthetic country.
//!
//! Exit codes: 0 written, 1 the disk refused, 2 bad use.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use country::{Country, Params};

/// Makes a synthetic country and writes the tables of docs/import.md, with truth/ beside them.
#[derive(Parser)]
#[command(name = "tizme-country")]
struct Cli {
    /// People, living and dead of the last years.
    #[arg(long, default_value_t = 20_000)]
    persons: usize,
    /// Precincts of all kinds.
    #[arg(long, default_value_t = 12)]
    precincts: usize,
    /// The same seed gives the same bytes.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Folder to write to.
    #[arg(long)]
    out: PathBuf,
    /// Humans whose prints are images instead of templates.
    #[arg(long, default_value_t = 0)]
    images: usize,
    /// Fingers stored per enrolment, 1 to 10.
    #[arg(long, default_value_t = 4)]
    fingers: u8,
    /// Add a hospital, a place of detention, a unit and a mobile precinct for each 200 precincts, with the lists that fill them.
    #[arg(long)]
    institutions: bool,
    /// Leave out prints.
    #[arg(long)]
    no_prints: bool,
    /// Leave out photographs.
    #[arg(long)]
    no_photos: bool,
    /// Leave out the comparison with 2015.
    #[arg(long)]
    quiet: bool,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let params = Params {
        seed: cli.seed,
        persons: cli.persons,
        precincts: cli.precincts,
        image_persons: cli.images,
        fingers: cli.fingers,
        prints: !cli.no_prints,
        photos: !cli.no_photos,
        institutions: cli.institutions,
    };
    eprintln!(
        "making a country of {} persons and {} precincts, seed {}",
        cli.persons, cli.precincts, cli.seed
    );
    let country = match Country::generate(&params) {
        Ok(country) => country,
        Err(error) => {
            eprintln!("tizme-country: {error}");
            return ExitCode::from(2);
        }
    };
    let mut progress = |table: &str, rows: u64| eprintln!("  {table:20} {rows:>10} rows");
    if let Err(error) = country.write_with(&cli.out, &mut progress) {
        eprintln!("tizme-country: {error}");
        return ExitCode::from(1);
    }
    if !cli.quiet {
        println!("{}", country.figures());
    }
    ExitCode::SUCCESS
}
