//! A capture that was there before: no finger gives the same picture twice, a device that is fed does (S-18).
//!
//! What was seen is kept beside the journal, so that a restart forgets nothing. No finger can be made from the file: a
//! picture and each minutia's place stand there as tags under a key that only the opened package holds.

use std::collections::HashSet;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use fingerprint::Template;
use lexicon::handover::envelope::{hex, unhex};
use ring::hmac;

use crate::capture::Capture;
use crate::disk::Disk;
use crate::lines::LineFile;

/// So many hundredths of the smaller set of minutiae at the very same place and angle are no accident: a finger that
/// is put down again lies a pixel further, or turned by a step.
const SAME_PERCENT: usize = 90;
/// Fewer minutiae than this say nothing.
const MINUTIAE_MIN: usize = 8;

/// What a kit has seen on the glass.
#[derive(Debug)]
pub struct Seen {
    key: hmac::Key,
    seen: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    pictures: HashSet<Tag>,
    shapes: Vec<HashSet<Tag>>,
    file: Option<LineFile>,
}

/// Eight bytes of a keyed hash.
type Tag = [u8; 8];

impl Default for Seen {
    /// Nothing seen, and nothing is kept.
    fn default() -> Self {
        Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, &[]),
            seen: Mutex::default(),
        }
    }
}

impl Seen {
    /// What was seen before, from `path`; what is seen is added there. `secret` is known to the opened package alone.
    /// A line that is none is passed over.
    ///
    /// # Errors
    /// What the system said.
    pub fn kept_in(disk: &Arc<dyn Disk>, path: &Path, secret: &[u8]) -> io::Result<Self> {
        let (file, lines) = LineFile::read(disk, path)?;
        let mut kept = Kept {
            file: Some(file),
            ..Kept::default()
        };
        for line in &lines {
            let Some(bytes) = unhex(line.trim()) else {
                continue;
            };
            let mut tags = bytes
                .chunks_exact(size_of::<Tag>())
                .filter_map(|tag| tag.try_into().ok());
            if let Some(picture) = tags.next() {
                kept.pictures.insert(picture);
                kept.shapes.push(tags.collect());
            }
        }
        Ok(Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, secret),
            seen: Mutex::new(kept),
        })
    }

    /// Whether this capture was there before, to the byte or by nearly all of its minutiae; it is remembered.
    ///
    /// Records of simulated days are never a replay: the folder gives them again and again. Cost: one extraction,
    /// about 10 ms, a look at what was seen, and a synced line of the file.
    #[must_use]
    pub fn is_replay(&self, capture: &Capture) -> bool {
        let Capture::Image(image) = capture else {
            return false;
        };
        let picture = self.tag(b"picture", &image.pixels);
        let places = fingerprint::extract(image)
            .map(|template| self.places(&template))
            .unwrap_or_default();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        // An empty glass looks the same twice.
        if places.len() < MINUTIAE_MIN {
            return false;
        }
        if !seen.pictures.insert(picture) {
            return true;
        }
        let is_same = |known: &HashSet<Tag>| {
            let less = known.len().min(places.len());
            less >= MINUTIAE_MIN && known.intersection(&places).count() * 100 >= less * SAME_PERCENT
        };
        let was_there = seen.shapes.iter().any(is_same);
        let tags = std::iter::once(&picture).chain(&places);
        let line: String = tags.map(|tag| hex(tag)).collect();
        if let Some(file) = &mut seen.file
            && let Err(error) = file.add(&line)
        {
            tracing::warn!(%error, "a capture is forgotten at the next start");
        }
        seen.shapes.push(places);
        was_there
    }

    fn tag(&self, kind: &[u8], what: &[u8]) -> Tag {
        let signed = hmac::sign(&self.key, &[kind, &[0], what].concat());
        let mut tag = Tag::default();
        tag.copy_from_slice(&signed.as_ref()[..size_of::<Tag>()]);
        tag
    }

    fn places(&self, template: &Template) -> HashSet<Tag> {
        let minutiae = template.minutiae.iter();
        minutiae
            .map(|minutia| {
                let ([x0, x1], [y0, y1]) = (minutia.x.to_be_bytes(), minutia.y.to_be_bytes());
                self.tag(b"minutia", &[x0, x1, y0, y1, minutia.angle])
            })
            .collect()
    }
}
