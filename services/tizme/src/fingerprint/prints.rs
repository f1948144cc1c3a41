//! Prints from files: images are extracted, templates read.

use std::path::{Path, PathBuf};

use ::fingerprint::{FingerPosition, Template, TemplateFormat, View, decode, extract_view, record};
use anyhow::{Context as _, Result, bail};
use indicatif::{ProgressBar, ProgressStyle};
use rayon::prelude::*;

/// Extensions that are taken from a folder; what a file is, its first bytes say.
const EXTENSIONS: [&str; 20] = [
    "png", "tif", "tiff", "bmp", "pgm", "jpg", "jpeg", "jp2", "j2k", "j2c", "jpc", "wsq", "fmr",
    "iso", "ist", "fmd", "ansi", "tzt", "card", "ccard",
];

/// One file with what came of it.
pub struct Print {
    /// The file.
    pub path: PathBuf,
    /// Its name without extension.
    pub stem: String,
    /// The template with its foreground, or why there is none.
    pub view: Result<View, String>,
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

/// Whether bytes begin like a record of minutiae.
pub fn is_template(bytes: &[u8]) -> bool {
    TemplateFormat::detect(bytes).is_some()
}

/// The first view of a record of minutiae. Cards have no mark: the file's name says what they are.
pub fn view_of_record(bytes: &[u8], path: &Path) -> Option<Result<View, String>> {
    let record = if is_template(bytes) {
        record::read(bytes)
    } else {
        record::read_as(bytes, card_of(path)?)
    };
    Some(match record.map(|record| record.views.into_iter().next()) {
        Ok(Some(view)) => Ok(view),
        Ok(None) => Err("the record holds no view".to_owned()),
        Err(error) => Err(error.to_string()),
    })
}

/// The form of a card's minutiae by the file's extension.
pub fn card_of(path: &Path) -> Option<TemplateFormat> {
    match path.extension()?.to_str()?.to_lowercase().as_str() {
        "card" => Some(TemplateFormat::CardNormal),
        "ccard" => Some(TemplateFormat::CardCompact),
        _ => None,
    }
}

/// The template of a file, or why there is none.
pub fn template_of(bytes: &[u8], path: &Path, dpi: Option<u32>) -> Result<Template, String> {
    if let Some(view) = view_of_record(bytes, path) {
        return view.map(|view| view.template);
    }
    let image = decode(bytes, dpi).map_err(|error| error.to_string())?;
    extract_view(&image, FingerPosition::Unknown)
        .map(|view| view.template)
        .map_err(|error| error.to_string())
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
                    "{}: holds no image (png, tif, bmp, pgm, jpg, jp2, wsq) and no template (fmr, iso, ansi, tzt, card)",
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
        self.each("extract", |stem, path| print(stem, path, dpi))
    }

    /// Does something with every file, in the order of stems.
    ///
    /// # Errors
    /// The first one of `one`.
    pub fn each<T: Send>(
        &self,
        what: &'static str,
        one: impl Fn(&str, &Path) -> Result<T> + Sync,
    ) -> Result<Vec<T>> {
        let bar = bar(what, self.0.len());
        let counted = |(stem, path): &(String, PathBuf)| {
            let done = one(stem, path);
            bar.inc(1);
            done
        };
        let all = self.0.par_iter().map(counted).collect();
        bar.finish_and_clear();
        all
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
    let (view, extraction_ms) = match view_of_record(&bytes, path) {
        Some(view) => (view, None),
        None => match decode(&bytes, dpi) {
            Ok(image) => {
                let start = std::time::Instant::now();
                let view = extract_view(&image, FingerPosition::Unknown);
                let ms = start.elapsed().as_secs_f64() * 1e3;
                (view.map_err(|error| error.to_string()), Some(ms))
            }
            Err(why) => (Err(why.to_string()), None),
        },
    };
    Ok(Print {
        path: path.to_owned(),
        stem: stem.to_owned(),
        view,
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
