//! A story told: one node script, its output, whether it held.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// How a story ended.
#[derive(Debug)]
pub struct Told {
    /// Whether all held.
    pub holds: bool,
    /// What it said.
    pub said: String,
}

/// The folder of the stories.
#[must_use]
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("stories")
}

/// Tells one story with these node packages and facts.
///
/// # Errors
/// The system's, when node cannot be started.
pub fn tell(name: &str, modules: &Path, facts: &Value) -> std::io::Result<Told> {
    let done = Command::new("node")
        .arg(folder().join(name))
        .env("TIZME_MODULES", modules)
        .env("TIZME_FACTS", facts.to_string())
        .output()?;
    let mut said = String::from_utf8_lossy(&done.stdout).into_owned();
    said.push_str(&String::from_utf8_lossy(&done.stderr));
    Ok(Told {
        holds: done.status.success(),
        said,
    })
}
