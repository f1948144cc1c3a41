//! `tizme-pictures`: takes the README's pictures from the running demo.
//!
//! `./test --long pictures` runs it; `pngquant` makes the pictures small.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};
use browser::demo::Demo;
use browser::{modules, story};

/// A country large enough that its figures look like a country's.
const COUNTRY: [&str; 2] = ["--persons", "20000"];
/// The most bytes of one picture.
const BYTES_MAX: u64 = 150_000;

fn main() -> anyhow::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let pictures = root.join("docs/pictures");
    std::fs::create_dir_all(&pictures)?;
    let own = std::env::current_exe()?;
    let binaries = own.parent().context("a program lies in a folder")?;
    let scratch = binaries.join("browser-pictures");
    let packages = scratch.join("modules");
    modules::install(&packages)?;
    let demo = Demo::start(binaries, &scratch.join("out"), &COUNTRY)?;
    let mut facts = demo.facts(binaries, &scratch)?;
    facts["pictures"] = serde_json::json!(pictures);
    let told = story::tell("pictures.mjs", &packages, &facts)?;
    print!("{}", told.said);
    if !told.holds {
        bail!("not every picture was taken");
    }
    let mut files: Vec<PathBuf> = std::fs::read_dir(&pictures)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|ending| ending == "png"))
        .collect();
    files.sort_unstable();
    for file in &files {
        let done = Command::new("pngquant")
            .args([
                "--force", "--strip", "--speed", "1", "--ext", ".png", "128", "--",
            ])
            .arg(file)
            .status()
            .context("pngquant is missing: install the Debian package pngquant")?;
        let bytes = std::fs::metadata(file)?.len();
        println!("{} {bytes} bytes", file.display());
        if !done.success() || bytes > BYTES_MAX {
            bail!("{} is larger than {BYTES_MAX} bytes", file.display());
        }
    }
    Ok(())
}
