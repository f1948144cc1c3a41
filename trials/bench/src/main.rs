//! `tizme-bench fingerprint [--images DIR] [--dpi D] [--peers] [--json FILE]`: times of extraction and comparison, with
//! `--peers` beside those of peers from PyPI on the same images. Without `--images` the prints are
//! `TIZME_SHARED/data/fingerprints/fvc2002_db1b` (default `../shared`), and synthetic ones where that is not there.
//!
//! `tizme-bench enumerate`: a million personal numbers in a row from 1,000 addresses against the portal (L-10).
//!
//! `tizme-bench search`: 5,000 slips of names in a precinct of 10,000. `tizme-bench station [--images DIR] [--folder DIR]`:
//! a kit at work on the disk of that folder, then eight of them over TLS; `tizme-bench together`
//! and `tizme-bench hours` do the latter alone: how soon an act is seen, and twelve hours of memory. `tizme-bench whose`:
//! which of 10,000 voters' lines a finger fits. `tizme-bench marked`: alarms, misses and time of the search among marked
//! lines, on drawn prints. `tizme-bench twice [--voters N] [--twice N]`: how many of those who come twice are found by the
//! captures of a day, and how many strangers. `tizme-bench doors`: a voter over
//! HTTP, a kit cloned over TLS. `tizme-bench siege`: hostile messages at the door for other kits.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use benchmark::{
    Prints, enumeration, hall, marked, ours, peers, siege, table, together, twice, typing,
};

#[derive(Default)]
struct Options {
    images: Option<PathBuf>,
    dpi: Option<u32>,
    peers: bool,
    json: Option<PathBuf>,
    folder: Option<PathBuf>,
    hours: u32,
    voters: Option<u32>,
    twice: Option<u32>,
}

/// Voters of the precinct, slips, and the seed of both.
const SEARCH: (usize, usize, u64) = (10_000, 5_000, 20_151_004);

fn main() -> anyhow::Result<()> {
    let mut args = std::env::args().skip(1);
    let what = args.next().unwrap_or_default();
    let options = options(args)?;
    match what.as_str() {
        "fingerprint" => fingerprint(&options),
        "enumerate" => enumerate(&options),
        "search" => Ok(typing::measure(SEARCH.0, SEARCH.1, SEARCH.2)?),
        "station" => {
            let made = tempfile::tempdir()?;
            let prints = prints(&options, made.path())?;
            let folder = room(&options)?;
            hall::measure(hall::Size::WHOLE, &prints, folder.path())?;
            siege::measure(room(&options)?.path())?;
            together::seen(room(&options)?.path())?;
            together::hours(room(&options)?.path(), options.hours)
        }
        "whose" => {
            // A precinct as most are, and the largest that a kit must serve.
            hall::whose(1_200, 20)?;
            hall::whose(hall::Size::WHOLE.voters, 20)
        }
        "marked" => marked::measure(1_200),
        "twice" => twice::measure(
            options.voters.unwrap_or(10_000),
            options.twice.unwrap_or(1_200),
        ),
        "together" => together::seen(room(&options)?.path()),
        "hours" => together::hours(room(&options)?.path(), options.hours),
        "doors" => {
            let made = tempfile::tempdir()?;
            let prints = prints(&options, made.path())?;
            hall::measure_doors(hall::Size::WHOLE, &prints, room(&options)?.path())
        }
        "siege" => siege::measure(room(&options)?.path()),
        // Parts of `station` and `siege`, each in a process of its own.
        "besieged" => siege::besieged(
            options
                .folder
                .as_deref()
                .context("besieged needs --folder")?,
        ),
        "kit" => hall::alone(options.folder.as_deref().context("kit needs --folder")?),
        _ => bail!(
            "use: tizme-bench fingerprint|enumerate|search|station|whose|marked|twice|together|hours|doors|siege [--images DIR] [--dpi D] [--peers] [--json FILE] [--folder DIR] [--hours N] [--voters N] [--twice N]"
        ),
    }
}

/// The attack of L-10 at its size.
fn enumerate(options: &Options) -> anyhow::Result<()> {
    let folder = room(options)?;
    let terms = enumeration::Terms {
        questions: 1_000_000,
        addresses: 1_000,
        pairs: 2_000,
        ..enumeration::Terms::usual()
    };
    let found = enumeration::attack(folder.path(), terms)?;
    println!("{found}");
    found.demand(terms)
}

/// A folder of its own on the disk that is measured.
fn room(options: &Options) -> std::io::Result<tempfile::TempDir> {
    match &options.folder {
        Some(folder) => tempfile::tempdir_in(folder),
        None => tempfile::tempdir(),
    }
}

fn fingerprint(options: &Options) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let prints = prints(options, folder.path())?;
    let genuine = prints.pairs.iter().filter(|p| p.genuine).count();
    println!(
        "{}: {} images, {genuine} pairs of one finger, {} of two; one thread, processor time",
        prints.name,
        prints.files.len(),
        prints.pairs.len() - genuine
    );
    let mut all = vec![ours::measure(&prints)?];
    if options.peers {
        let venv = folder.path().join("venv");
        for peer in &peers::PEERS {
            match peers::measure(peer, &prints, &venv) {
                Ok(figures) => {
                    eprintln!("{} is measured", peer.name);
                    all.push(figures);
                }
                Err(why) => println!("{} is skipped: {why:#}", peer.name),
            }
        }
    }
    print!("{}", table(&all));
    if let Some(path) = &options.json {
        let text = serde_json::to_string_pretty(&all)?;
        std::fs::write(path, text).with_context(|| path.display().to_string())?;
    }
    Ok(())
}

fn prints(options: &Options, folder: &std::path::Path) -> anyhow::Result<Prints> {
    let dpi = options.dpi.unwrap_or(500);
    if let Some(images) = &options.images {
        return Prints::of_folder(images, dpi);
    }
    let shared = std::env::var_os("TIZME_SHARED").map_or(PathBuf::from("../shared"), PathBuf::from);
    let real = shared.join("data/fingerprints/fvc2002_db1b");
    if real.is_dir() {
        return Prints::of_folder(&real, dpi);
    }
    println!(
        "no real prints in {}: synthetic ones are measured",
        real.display()
    );
    let made = folder.join("prints");
    std::fs::create_dir(&made)?;
    Prints::synthetic(&made)
}

fn options(mut args: impl Iterator<Item = String>) -> anyhow::Result<Options> {
    let mut options = Options {
        hours: 12,
        ..Options::default()
    };
    while let Some(arg) = args.next() {
        let mut value = || args.next().with_context(|| format!("{arg} needs a value"));
        match arg.as_str() {
            "--images" => options.images = Some(value()?.into()),
            "--dpi" => options.dpi = Some(value()?.parse().context("--dpi takes a number")?),
            "--folder" => options.folder = Some(value()?.into()),
            "--peers" => options.peers = true,
            "--hours" => options.hours = value()?.parse().context("--hours takes a number")?,
            "--voters" => {
                options.voters = Some(value()?.parse().context("--voters takes a number")?)
            }
            "--twice" => options.twice = Some(value()?.parse().context("--twice takes a number")?),
            "--json" => options.json = Some(value()?.into()),
            other => bail!("unknown option {other}"),
        }
    }
    Ok(options)
}
