//! The images of a run and its pairs.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use ridges::{ImpressionParams, Master, Position, finger_seed, png};

/// Two images by their place in [`Prints::files`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    /// First image.
    pub a: usize,
    /// Second image.
    pub b: usize,
    /// Whether both are of one finger.
    pub genuine: bool,
}

/// The images of a run, in the order of their names.
#[derive(Debug, Clone)]
pub struct Prints {
    /// What was measured, for the heading.
    pub name: String,
    /// Image files named `FINGER_IMPRESSION.ext`.
    pub files: Vec<PathBuf>,
    /// Every pair of one finger and every pair of two.
    pub pairs: Vec<Pair>,
    /// Pixels per inch, whatever the files say.
    pub dpi: u32,
}

/// Synthetic fingers and captures of each when no folder is named.
const FINGERS: u64 = 10;
const CAPTURES: u64 = 4;

impl Prints {
    /// All images of a folder.
    ///
    /// # Errors
    /// When the folder cannot be read, or has no two images of one finger and of two fingers.
    pub fn of_folder(folder: &Path, dpi: u32) -> anyhow::Result<Prints> {
        let mut files = Vec::new();
        for entry in std::fs::read_dir(folder).with_context(|| folder.display().to_string())? {
            let path = entry?.path();
            let extension = path
                .extension()
                .and_then(|e| e.to_str())
                .unwrap_or_default();
            if ["png", "tif", "tiff", "bmp", "pgm"].contains(&extension.to_lowercase().as_str()) {
                files.push(path);
            }
        }
        files.sort();
        let name = folder
            .file_name()
            .map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        let prints = Prints {
            pairs: pairs(&files),
            name,
            files,
            dpi,
        };
        for genuine in [true, false] {
            if !prints.pairs.iter().any(|p| p.genuine == genuine) {
                bail!(
                    "{}: needs two images of one finger and two of different ones, named FINGER_IMPRESSION",
                    folder.display()
                );
            }
        }
        Ok(prints)
    }

    /// Synthetic prints of a polling station's day, written to a folder as PNG.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn synthetic(folder: &Path) -> anyhow::Result<Prints> {
        let params = ImpressionParams::election_day();
        for finger in 0..FINGERS {
            let position = Position::ALL[(finger % 10) as usize];
            let master = Master::grow(finger_seed(2015, finger, position), position);
            for capture in 1..=CAPTURES {
                let impression = master.impression(&params, master.seed() ^ capture);
                let path = folder.join(format!("{finger:02}_{capture}.png"));
                std::fs::write(&path, png(&impression.image, 500))
                    .with_context(|| path.display().to_string())?;
            }
        }
        let prints = Prints::of_folder(folder, 500)?;
        Ok(Prints {
            name: "synthetic".to_owned(),
            ..prints
        })
    }
}

fn finger(path: &Path) -> &str {
    let stem = path
        .file_stem()
        .and_then(|s| s.to_str())
        .unwrap_or_default();
    stem.rsplit_once('_').map_or(stem, |(finger, _)| finger)
}

fn pairs(files: &[PathBuf]) -> Vec<Pair> {
    (0..files.len())
        .flat_map(|a| (a + 1..files.len()).map(move |b| (a, b)))
        .map(|(a, b)| Pair {
            a,
            b,
            genuine: finger(&files[a]) == finger(&files[b]),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
    use super::*;

    #[test]
    fn fingers_are_told_by_all_before_the_last_underscore() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["012_10_1.png", "012_10_2.png", "012_1_1.png", "notes.txt"] {
            std::fs::write(folder.path().join(name), b"").unwrap();
        }
        let prints = Prints::of_folder(folder.path(), 500).unwrap();
        assert_eq!(prints.files.len(), 3);
        let genuine: Vec<_> = prints.pairs.iter().filter(|p| p.genuine).collect();
        assert_eq!((prints.pairs.len(), genuine.len()), (3, 1));
        let one = tempfile::tempdir().unwrap();
        std::fs::write(one.path().join("1_1.png"), b"").unwrap();
        assert!(Prints::of_folder(one.path(), 500).is_err());
    }
}
