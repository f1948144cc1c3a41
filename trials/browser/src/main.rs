//! `tizme-pictures`: takes the pictures of the README and of the manuals from the running demo.
//!
//! `./test --long pictures` runs it; `pngquant` makes the pictures small.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail, ensure};
use browser::demo::Demo;
use browser::kits::Kits;
use browser::{modules, story};
use serde_json::Value;

/// A country large enough that its figures look like a country's.
const COUNTRY: [&str; 2] = ["--persons", "20000"];
/// The most bytes of one picture.
const BYTES_MAX: u64 = 150_000;
/// The most bytes of all pictures of the manuals.
const MANUALS_BYTES_MAX: u64 = 2_500_000;
/// Colours of a picture of the README, and of one of the manuals.
const COLOURS: [u32; 2] = [128, 48];

/// What the manuals show, by the moment at which the kits are started.
const MORNING: &str = "2015-10-04T09:58:50+06:00";
const EVENING: &str = "2015-10-04T20:00:20+06:00";

fn main() -> anyhow::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let pictures = root.join("docs/pictures");
    let manual = root.join("docs/manual/pictures");
    let own = std::env::current_exe()?;
    let binaries = own.parent().context("a program lies in a folder")?;
    let scratch = binaries.join("browser-pictures");
    let packages = scratch.join("modules");
    modules::install(&packages)?;
    let demo = Demo::start(binaries, &scratch.join("out"), &COUNTRY)?;
    let mut facts = demo.facts(binaries, &scratch)?;
    facts["pictures"] = serde_json::json!(scratch.join("readme"));
    facts["manual"] = serde_json::json!(scratch.join("manual"));
    let tell = |name: &str, facts: &Value| -> anyhow::Result<()> {
        let told = story::tell(name, &packages, facts)?;
        print!("{}", told.said);
        ensure!(told.holds, "not every picture was taken");
        Ok(())
    };
    let mut kits = Kits::beside(&demo, binaries)?;
    let of_kits = kits.facts(&facts);
    kits.start_at(MORNING)?;
    tell("manual-day.mjs", &of_kits)?;
    kits.lose(2)?;
    tell("manual-lost.mjs", &of_kits)?;
    kits.start_at(EVENING)?;
    tell("manual-evening.mjs", &of_kits)?;
    tell("pictures.mjs", &facts)?;
    keep(&scratch.join("readme"), &pictures, COLOURS[0])?;
    let bytes = keep(&scratch.join("manual"), &manual, COLOURS[1])?;
    if bytes > MANUALS_BYTES_MAX {
        bail!("the manuals' pictures have {bytes} bytes, more than {MANUALS_BYTES_MAX}");
    }
    Ok(())
}

/// Puts every picture below `from` into `to` with this many colours and no dithering; says how many bytes they have.
fn keep(from: &Path, to: &Path, colours: u32) -> anyhow::Result<u64> {
    std::fs::create_dir_all(to)?;
    let mut entries: Vec<PathBuf> = std::fs::read_dir(from)?
        .map(|entry| Ok(entry?.path()))
        .collect::<std::io::Result<_>>()?;
    entries.sort_unstable();
    let mut sum = 0;
    for entry in &entries {
        let kept = to.join(entry.file_name().context("an entry has a name")?);
        if entry.is_dir() {
            sum += keep(entry, &kept, colours)?;
            continue;
        }
        let done = Command::new("pngquant")
            .args(["--force", "--strip", "--nofs", "--speed", "1", "--output"])
            .arg(&kept)
            .arg(colours.to_string())
            .arg("--")
            .arg(entry)
            .status()
            .context("pngquant is missing: install the Debian package pngquant")?;
        let bytes = std::fs::metadata(&kept)?.len();
        println!("{} {bytes} bytes", kept.display());
        if !done.success() || bytes > BYTES_MAX {
            bail!("{} is larger than {BYTES_MAX} bytes", kept.display());
        }
        sum += bytes;
    }
    Ok(sum)
}
