//! The node packages: playwright-core drives Chromium, axe-core judges pages.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const MANIFEST: &str = include_str!("../package.json");
const LOCK: &str = include_str!("../package-lock.json");

/// Where Debian's package puts the browser; none is ever downloaded.
pub const CHROMIUM: &str = "/usr/bin/chromium";

/// Why the packages are not there: the engineer acts.
#[derive(Debug, thiserror::Error)]
pub enum ModulesError {
    /// A program of a Debian package is missing.
    #[error("{program} is missing: install the Debian package {package} (./test does)")]
    Missing {
        /// What was looked for.
        program: &'static str,
        /// Who brings it.
        package: &'static str,
    },
    /// A folder below the target directory could not be written.
    #[error("{path}: {source}")]
    Folder {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// `npm ci` failed; the registry may be out of reach.
    #[error("`npm ci` in {path} failed: {said}")]
    Install {
        /// Where.
        path: PathBuf,
        /// The last it said.
        said: String,
    },
}

/// Installs the locked packages in `folder`, unless this very lock is installed there already.
///
/// # Errors
/// [`ModulesError`] says what to install.
pub fn install(folder: &Path) -> Result<(), ModulesError> {
    if !Path::new(CHROMIUM).exists() {
        return Err(ModulesError::Missing {
            program: CHROMIUM,
            package: "chromium",
        });
    }
    for (program, package) in [("node", "nodejs"), ("npm", "npm")] {
        if Command::new(program).arg("--version").output().is_err() {
            return Err(ModulesError::Missing { program, package });
        }
    }
    let stamp = folder.join("installed-lock.json");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == LOCK) {
        return Ok(());
    }
    let lay = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(&path, text))
            .map_err(|source| ModulesError::Folder { path, source })
    };
    lay("package.json", MANIFEST)?;
    lay("package-lock.json", LOCK)?;
    let failed = |said: String| ModulesError::Install {
        path: folder.to_owned(),
        said,
    };
    let done = Command::new("npm")
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .current_dir(folder)
        .output()
        .map_err(|error| failed(error.to_string()))?;
    if !done.status.success() {
        let said = String::from_utf8_lossy(&done.stderr);
        return Err(failed(said.trim().to_owned()));
    }
    lay("installed-lock.json", LOCK)
}
