//! The law that a command line names.

use anyhow::{Context as _, Result};
use lexicon::ElectionLaw;

/// A shipped law by its id, or a TOML file.
///
/// # Errors
/// When it is neither, or the file is no law.
pub fn read(named: &str) -> Result<ElectionLaw> {
    ElectionLaw::parse(&text(named)?).with_context(|| named.to_owned())
}

/// The text of a law, byte for byte as it is published.
///
/// # Errors
/// When it is neither shipped nor a file.
pub fn text(named: &str) -> Result<String> {
    match ElectionLaw::shipped_text(named) {
        Some(text) => Ok(text.to_owned()),
        None => std::fs::read_to_string(named)
            .with_context(|| format!("law {named}: neither shipped nor a file")),
    }
}
