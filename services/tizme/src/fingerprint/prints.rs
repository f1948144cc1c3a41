//! Prints from files: images are extracted, templates read.

use std::path::{Path, PathBuf};

use ::fingerprint::{Template, decode, extract};
use anyhow::{Context as _, Result, bail};
use indicatif::{ProgressBar, ProgressStyle};
use rayon::prelude::*;

/// Extensions that are taken from a folder; what a file is, its first bytes say.
const EXTENSIONS: [&str; 7] = ["png", "tif", "tiff", "bmp", "pgm", "fmr", "iso"];

/// One file with what came of it.
pub struct Print {
    /// The file.
    pub path: PathBuf,
    /// Its name without extension.
    pub stem: String,
    /// The template, or why there is none.
    pub template: Result<Template, String>,
    /// Time of the extraction alone, without reading and decoding; none when a template was read.
    pub extraction_ms: Option<f64>,
}

/// Files to read, in the order of stems.
#[derive(Default)]
pub struct Sources(Vec<(String, PathBuf)>);

/// The name of a file without folder and extension.
pub fn stem_of(path: &Path) -> String {
    path.file_stem()
        .map_or_else(String::new, |stem| stem.to_string_lossy().into_owned())
}

/// Whether bytes begin like an ISO/IEC 19794-2 record.
pub fn is_template(bytes: &[u8]) -> bool {
    bytes.starts_with(b"FMR\0")
}

/// The template of a file's bytes, or why there is none.
pub fn template_of(bytes: &[u8], dpi: Option<u32>) -> Result<Template, String> {
    if is_template(bytes) {
        return Template::from_iso(bytes).map_err(|error| error.to_string());
    }
    let image = decode(bytes, dpi).map_err(|error| error.to_string())?;
    extract(&image).map_err(|error| error.to_string())
}

impl Sources {
    /// Adds a file, or every image and template of a folder.
    ///
    /// # Errors
    /// When the path cannot be read, or two files bear one name.
    pub fn add(&mut self, path: &Path) -> Result<()> {
        if path.is_dir() {
            let before = self.0.len();
            for entry in std::fs::read_dir(path).with_context(|| path.display().to_string())? {
                let file = entry.with_context(|| path.display().to_string())?.path();
                let extension = file
                    .extension()
                    .and_then(|e| e.to_str())
                    .unwrap_or_default();
                if EXTENSIONS.contains(&extension.to_lowercase().as_str()) {
                    self.0.push((stem_of(&file), file));
                }
            }
            if self.0.len() == before {
                bail!(
                    "{}: holds no image (png, tif, bmp, pgm) and no template (fmr)",
                    path.display()
                );
            }
        } else if path.is_file() {
            self.0.push((stem_of(path), path.to_owned()));
        } else {
            bail!("{}: no such file or folder", path.display());
        }
        self.0.sort();
        if let Some(pair) = self.0.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            let (one, two) = (pair[0].1.display(), pair[1].1.display());
            bail!("{one} and {two} bear one name; names must differ");
        }
        Ok(())
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Reads all, on the threads of the pool this is called in.
    ///
    /// # Errors
    /// When a file cannot be read at all; a file that gives no template is no error.
    pub fn extract(&self, dpi: Option<u32>) -> Result<Vec<Print>> {
        let bar = bar("extract", self.0.len());
        let one = |(stem, path): &(String, PathBuf)| {
            let print = print(stem, path, dpi);
            bar.inc(1);
            print
        };
        let prints = self.0.par_iter().map(one).collect();
        bar.finish_and_clear();
        prints
    }
}

/// A progress bar; on an output that is no terminal it draws nothing.
pub fn bar(what: &'static str, all: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg:10} {wide_bar} {pos}/{len} {eta}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(all as u64)
        .with_style(style)
        .with_message(what)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the command prints how long extraction takes"
)]
fn print(stem: &str, path: &Path, dpi: Option<u32>) -> Result<Print> {
    let bytes = std::fs::read(path).with_context(|| path.display().to_string())?;
    let (template, extraction_ms) = if is_template(&bytes) {
        (template_of(&bytes, dpi), None)
    } else {
        match decode(&bytes, dpi) {
            Ok(image) => {
                let start = std::time::Instant::now();
                let template = extract(&image).map_err(|error| error.to_string());
                (template, Some(start.elapsed().as_secs_f64() * 1e3))
            }
            Err(why) => (Err(why.to_string()), None),
        }
    };
    Ok(Print {
        path: path.to_owned(),
        stem: stem.to_owned(),
        template,
        extraction_ms,
    })
}

/// Runs work on so many threads; 0: as many as the machine has.
///
/// # Errors
/// When threads cannot be started, or what the work returns.
pub fn with_threads<T: Send>(threads: usize, work: impl FnOnce() -> Result<T> + Send) -> Result<T> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .context("threads")?
        .install(work)
}
