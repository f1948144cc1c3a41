//! A capture that was there before: no finger gives the same picture twice, a device that is fed does (S-18).

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use fingerprint::Template;
use lexicon::handover::envelope::sha256;

use crate::capture::Capture;

/// So many hundredths of the smaller set of minutiae at the very same place and angle are no accident: a finger that
/// is put down again lies a pixel further, or turned by a step.
const SAME_PERCENT: usize = 90;
/// Fewer minutiae than this say nothing.
const MINUTIAE_MIN: usize = 8;

/// What a kit has seen on the glass since it was started.
#[derive(Debug, Default)]
pub struct Seen {
    seen: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    /// SHA-256 of the pixels.
    hashes: HashSet<[u8; 32]>,
    shapes: Vec<HashSet<Place>>,
}

/// Across, down, angle.
type Place = (u16, u16, u8);

impl Seen {
    /// Whether this capture was there before, to the byte or by nearly all of its minutiae; it is remembered.
    ///
    /// Records of simulated days are never a replay: the folder gives them again and again. Cost: one extraction,
    /// about 10 ms, and a look at what was seen.
    #[must_use]
    pub fn is_replay(&self, capture: &Capture) -> bool {
        let Capture::Image(image) = capture else {
            return false;
        };
        let hash = sha256(&image.pixels);
        let places = fingerprint::extract(image)
            .map(|template| places(&template))
            .unwrap_or_default();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let Kept { hashes, shapes } = &mut *seen;
        // An empty glass looks the same twice.
        if places.len() < MINUTIAE_MIN {
            return false;
        }
        if !hashes.insert(hash) {
            return true;
        }
        let is_same = |known: &HashSet<Place>| {
            let less = known.len().min(places.len());
            known.intersection(&places).count() * 100 >= less * SAME_PERCENT
        };
        let was_there = shapes.iter().any(is_same);
        shapes.push(places);
        was_there
    }
}

fn places(template: &Template) -> HashSet<Place> {
    let minutiae = template.minutiae.iter();
    minutiae
        .map(|minutia| (minutia.x, minutia.y, minutia.angle))
        .collect()
}
