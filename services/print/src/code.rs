//! Codes on papers: what a page's QR says, and QR codes as vector paths.

use lexicon::handover::envelope::{hex, sha256};
use qrcode::{Color, EcLevel, QrCode};

use crate::lines::Commitment;

/// What a page is, as its QR code says it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PageFacts {
    /// Precinct number.
    pub precinct: u16,
    /// A sheet of changes of the bound list, counted apart from its pages.
    pub is_changes: bool,
    /// Page number, from 1.
    pub page: u32,
    /// Pages of the precinct.
    pub pages: u32,
    /// First line.
    pub from: u32,
    /// Last line.
    pub to: u32,
}

/// Binds a page to its lines: the first 10 bytes of SHA-256("kg1/page" ‖ commitments in order).
///
/// Commitments are published, so anybody can recompute it; they are salted, so it tells nothing.
#[must_use]
pub fn page_hash(commitments: &[Commitment]) -> [u8; 10] {
    let mut text = b"kg1/page".to_vec();
    text.extend(commitments.iter().flatten());
    let mut hash = [0; 10];
    hash.copy_from_slice(&sha256(&text)[..10]);
    hash
}

/// The text of a page's QR code, `L7:1001:17:48:401-425:ROOT:HASH`: only letters of the compact
/// alphanumeric mode.
///
/// `mark` is the release, `L7`, or the delta that the sheet came with, `L7.1`; a sheet of changes says `C1` for its page.
#[must_use]
pub fn code_text(mark: &str, root_20: &str, facts: &PageFacts, hash: &[u8; 10]) -> String {
    let PageFacts {
        precinct,
        is_changes,
        page,
        pages,
        from,
        to,
    } = facts;
    let of_changes = if *is_changes { "C" } else { "" };
    format!(
        "{mark}:{precinct}:{of_changes}{page}:{pages}:{from}-{to}:{root_20}:{}",
        hex(hash)
    )
    .to_uppercase()
}

/// A QR code (M) as one SVG path, a unit a module, without a quiet zone.
pub(crate) fn code_svg(text: &str) -> Option<String> {
    use std::fmt::Write as _;
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let width = code.width();
    let mut path = String::new();
    for (y, row) in code.to_colors().chunks(width).enumerate() {
        let mut x = 0;
        while x < width {
            let dark = row[x..].iter().take_while(|c| **c == Color::Dark).count();
            if dark > 0 {
                let _ = write!(path, "M{x} {y}h{dark}v1h-{dark}z");
            }
            x += dark.max(1);
        }
    }
    Some(format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {width}"><path d="{path}"/></svg>"#
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_hash_follows_the_order_of_lines() {
        let (one, two) = ([1; 32], [2; 32]);
        assert_ne!(page_hash(&[one, two]), page_hash(&[two, one]));
        assert_ne!(page_hash(&[one]), page_hash(&[one, two]));
        let mut text = b"kg1/page".to_vec();
        text.extend_from_slice(&[1; 32]);
        assert_eq!(page_hash(&[one]), sha256(&text)[..10]);
    }

    #[test]
    fn a_code_is_a_square_of_modules_within_the_compact_alphabet() {
        let text = "L7:1001:17:48:401-425:7C1E90AB44D25F0AE19F:7C1E90AB44D25F0AE19F";
        let svg = code_svg(text).unwrap_or_default();
        // Version 4: 33 modules for 63 letters of the alphanumeric mode at level M.
        assert!(svg.contains(r#"viewBox="0 0 33 33""#), "{svg}");
        assert!(code_svg(&"Ө".repeat(4_000)).is_none());
    }
}
