//! The output directory: whose it is, what of it stands, and where a run goes on.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::options::Asked;

/// Everything a run may write below its directory.
const OURS: [&str; 20] = [
    "register",
    "register.db",
    "register.db-wal",
    "register.db-shm",
    "snapshot",
    "roll",
    "packages",
    "journals",
    "publication",
    "paper",
    "papers",
    ".day",
    "live",
    "page",
    "index.html",
    "index.ky.html",
    "index.ru.html",
    "register.partial",
    "register-rejects.csv",
    "summary.json",
];

/// A run's directory. Each finished stage leaves a mark with its figures; a stage without a mark is done again.
#[derive(Clone, Debug)]
pub struct Ground {
    /// The directory.
    pub out: PathBuf,
    marks: PathBuf,
    /// Whether an earlier run of the same wishes goes on.
    pub goes_on: bool,
}

impl Ground {
    /// Takes the directory: an empty or new one begins, one of the same wishes goes on, one of other wishes begins anew.
    ///
    /// # Errors
    /// When the directory holds files that no run made, or the disk refuses.
    pub fn take(out: &Path, asked: &Asked) -> anyhow::Result<Self> {
        let marks = out.join(".demo");
        let asked_file = marks.join("asked.json");
        let asked_text = serde_json::to_string_pretty(asked)?;
        let mut ground = Self {
            out: out.to_owned(),
            marks,
            goes_on: false,
        };
        if !ground.marks.exists() && out.exists() && fs::read_dir(out)?.next().is_some() {
            bail!(
                "{} is not empty and no earlier run made it: name another directory with --out",
                out.display()
            );
        }
        ground.goes_on = fs::read_to_string(&asked_file).is_ok_and(|found| found == asked_text);
        if !ground.goes_on {
            ground.clear()?;
            fs::create_dir_all(&ground.marks)
                .with_context(|| format!("making {}", ground.marks.display()))?;
            write_whole(&asked_file, asked_text.as_bytes())?;
        }
        Ok(ground)
    }

    /// Removes what an earlier run of other wishes left.
    fn clear(&self) -> anyhow::Result<()> {
        let steps = self.out.join(".steps");
        let ours = OURS.iter().map(|name| self.out.join(name));
        for path in ours.chain([steps, self.marks.clone()]) {
            let gone = if path.is_dir() {
                fs::remove_dir_all(&path)
            } else if path.exists() {
                fs::remove_file(&path)
            } else {
                Ok(())
            };
            gone.with_context(|| format!("removing {}", path.display()))?;
        }
        Ok(())
    }

    /// A path below the directory.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.out.join(name)
    }

    fn mark_file(&self, stage: &str) -> PathBuf {
        self.marks.join(format!("{stage}.json"))
    }

    /// The figures of a stage that is finished.
    #[must_use]
    pub fn finished<T: DeserializeOwned>(&self, stage: &str) -> Option<T> {
        let text = fs::read_to_string(self.mark_file(stage)).ok()?;
        serde_json::from_str(&text).ok()
    }

    /// Marks a stage as finished.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn finish<T: Serialize>(&self, stage: &str, figures: &T) -> anyhow::Result<()> {
        write_whole(
            &self.mark_file(stage),
            serde_json::to_string_pretty(figures)?.as_bytes(),
        )
    }

    /// Takes a stage's mark away, so that it runs again.
    pub fn reopen(&self, stage: &str) {
        let _ = fs::remove_file(self.mark_file(stage));
    }
}

/// Writes a file beside and renames it.
///
/// # Errors
/// When the disk refuses.
pub fn write_whole(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let partial = path.with_extension("partial");
    fs::write(&partial, bytes).with_context(|| format!("writing {}", partial.display()))?;
    fs::rename(&partial, path).with_context(|| format!("writing {}", path.display()))
}
