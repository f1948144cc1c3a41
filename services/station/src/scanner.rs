//! Fingerprint scanners behind one trait: a device through libfprint, or a folder of images.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use crate::capture::Capture;

/// Why there is no capture.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScannerError {
    /// No finger on the glass.
    #[error("no finger is on the glass")]
    NoFinger,
    /// The image cannot be used: cut short, too large, no image at all.
    #[error("the image cannot be used: {0}")]
    Image(String),
    /// None is plugged in.
    #[error("no scanner is connected")]
    Absent,
    /// What is plugged in gives no images, or is of no kind that was handed out; its name.
    #[error("this is not a scanner of the kit: {0}")]
    Wrong(String),
    /// It holds on to an earlier finger and does not let go; its name.
    #[error("the scanner hangs: {0}")]
    Hangs(String),
    /// It failed, in its own words.
    #[error("the scanner does not answer: {0}")]
    Device(String),
}

/// A fingerprint scanner.
pub trait Scanner: Send + Sync {
    /// Waits for one finger and gives what it saw. May block; runs on a thread of its own.
    ///
    /// # Errors
    /// [`ScannerError`].
    fn capture(&self) -> Result<Capture, ScannerError>;

    /// Ends a capture that still waits for a finger; it then gives [`ScannerError::NoFinger`].
    fn stop(&self) {}

    /// The device in words; empty while none was found.
    fn name(&self) -> String;

    /// Whether a scanner of the kit is there; never waits for a finger, and disturbs none that is being taken.
    ///
    /// # Errors
    /// [`ScannerError`] as a capture would give it.
    fn look(&self) -> Result<(), ScannerError> {
        Ok(())
    }

    /// The folder device, when this is one: screens then offer a finger and say SIMULATED.
    fn as_folder(&self) -> Option<&ImageFolder> {
        None
    }
}

/// No scanner at all, and why: its library is not installed.
#[derive(Debug)]
pub struct NoScanner(pub ScannerError);

impl Scanner for NoScanner {
    fn capture(&self) -> Result<Capture, ScannerError> {
        Err(self.0.clone())
    }

    fn name(&self) -> String {
        String::new()
    }

    fn look(&self) -> Result<(), ScannerError> {
        Err(self.0.clone())
    }
}

/// A device that takes its captures from files: demo, training, tests.
///
/// Images are PNG, TIFF, BMP or PGM; files `*.fmr` are ISO/IEC 19794-2 records of simulated days.
#[derive(Debug)]
pub struct ImageFolder {
    folder: PathBuf,
    on_glass: Mutex<Option<PathBuf>>,
}

/// The most bytes of one file that are read.
const FILE_BYTES_MAX: u64 = 8 << 20;

impl ImageFolder {
    /// A device over this folder.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            on_glass: Mutex::new(None),
        }
    }

    /// Names of the files, sorted, that begin with `prefix`; at most `count`.
    #[must_use]
    pub fn names(&self, prefix: &str, count: usize) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(&self.folder) else {
            return Vec::new();
        };
        let mut names: Vec<String> = entries
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|name| name.starts_with(prefix) && is_capture(Path::new(name)))
            .collect();
        names.sort_unstable();
        names.truncate(count);
        names
    }

    /// Puts a file on the glass. A name with a path in it is refused.
    ///
    /// # Errors
    /// [`ScannerError::Image`] when there is no such file.
    pub fn put(&self, name: &str) -> Result<(), ScannerError> {
        let path = self.folder.join(name);
        let is_plain = Path::new(name)
            .file_name()
            .is_some_and(|plain| plain == name);
        if !is_plain || !is_capture(&path) || !path.is_file() {
            return Err(ScannerError::Image(
                "there is no such file in the folder".to_owned(),
            ));
        }
        *self
            .on_glass
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner) = Some(path);
        Ok(())
    }
}

fn is_capture(path: &Path) -> bool {
    path.extension()
        .and_then(|extension| extension.to_str())
        .is_some_and(|extension| {
            matches!(extension, "png" | "tif" | "tiff" | "bmp" | "pgm" | "fmr")
        })
}

impl Scanner for ImageFolder {
    fn capture(&self) -> Result<Capture, ScannerError> {
        let path = self
            .on_glass
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .take()
            .ok_or(ScannerError::NoFinger)?;
        let image = |error: String| ScannerError::Image(error);
        let length = std::fs::metadata(&path)
            .map_err(|error| image(error.to_string()))?
            .len();
        if length > FILE_BYTES_MAX {
            return Err(image(format!("the file has {length} bytes")));
        }
        let bytes = std::fs::read(&path).map_err(|error| image(error.to_string()))?;
        if path.extension().is_some_and(|extension| extension == "fmr") {
            return Ok(Capture::SimulatedMinutiae(bytes));
        }
        fingerprint::decode(&bytes, None)
            .map(Capture::Image)
            .map_err(|error| image(error.to_string()))
    }

    fn name(&self) -> String {
        "folder".to_owned()
    }

    fn as_folder(&self) -> Option<&ImageFolder> {
        Some(self)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
    use super::*;

    #[test]
    fn a_folder_gives_the_finger_that_was_put_once_and_only_from_itself() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("0007_2_1.fmr"), [1, 2, 3]).unwrap();
        std::fs::write(folder.path().join("0007_2_1.png"), b"\x89PNG cut short").unwrap();
        std::fs::write(folder.path().join("notes.txt"), b"no").unwrap();
        std::fs::write(folder.path().parent().unwrap().join("outside.png"), b"no").ok();
        let device = ImageFolder::new(folder.path().to_owned());
        assert_eq!(device.names("0007", 9), ["0007_2_1.fmr", "0007_2_1.png"]);
        assert!(matches!(device.capture(), Err(ScannerError::NoFinger)));
        device.put("0007_2_1.fmr").unwrap();
        assert!(matches!(
            device.capture(),
            Ok(Capture::SimulatedMinutiae(_))
        ));
        assert!(matches!(device.capture(), Err(ScannerError::NoFinger)));
        device.put("0007_2_1.png").unwrap();
        assert!(matches!(device.capture(), Err(ScannerError::Image(_))));
        for name in ["../outside.png", "notes.txt", "/etc/passwd", "absent.png"] {
            assert!(device.put(name).is_err(), "{name}");
        }
    }
}
