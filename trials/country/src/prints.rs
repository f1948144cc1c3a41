//! Fingers: at enrolment and on election day, by the same seeds.

use ridges::{Grey, ImpressionParams, Master, Position, Skeleton, finger_seed, iso_19794_2};

use crate::dice::{Dice, Lane};
use crate::{Country, FingerState, RecordNo};

/// What a scanner hands over.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Capture {
    /// A picture at 500 dpi, for humans with image-level prints.
    Image(Grey),
    /// A finger minutiae record of ISO/IEC 19794-2:2005.
    Minutiae(Vec<u8>),
}

/// The order in which fingers are stored: thumbs and index fingers first.
const ORDER: [u8; 10] = [1, 2, 6, 7, 3, 8, 4, 9, 5, 10];

impl Country {
    /// The fingers stored per enrolment, numbered as in ISO/IEC 19794-2.
    #[must_use]
    pub fn stored_fingers(&self) -> &'static [u8] {
        &ORDER[..usize::from(self.params.fingers)]
    }

    /// Whether the record's prints are pictures.
    #[must_use]
    pub fn has_images(&self, record: RecordNo) -> bool {
        self.image_humans
            .binary_search(&self.records.human(record.0))
            .is_ok()
    }

    /// One finger of the record's human at its enrolment.
    #[must_use]
    pub fn enrolled_print(&self, record: RecordNo, finger: Position) -> Capture {
        self.impress(record, finger, &ImpressionParams::enrolment(), 0)
    }

    /// One finger of `bearer` on the scanner on election day.
    ///
    /// `attempt` counts from 0 and makes a new impression of the same finger. Cost: 10 µs for a
    /// template; for pictures 10 ms and the growing of the finger (60 ms).
    #[must_use]
    pub fn capture(
        &self,
        bearer: RecordNo,
        finger: Position,
        attempt: u32,
        state: FingerState,
    ) -> Capture {
        let params = match state {
            FingerState::Good => ImpressionParams::election_day(),
            FingerState::Poor if attempt > 0 => ImpressionParams::election_day(),
            FingerState::Poor => poor(self.params.seed, bearer),
            FingerState::Unreadable => ImpressionParams {
                wear: 0.95,
                moisture: if bearer.0.is_multiple_of(2) {
                    1.2
                } else {
                    -1.2
                },
                noise: 1.0,
                scratches: 9.0,
                area: 0.4,
                ..ImpressionParams::election_day()
            },
        };
        self.impress(bearer, finger, &params, 1 + u64::from(attempt))
    }

    fn impress(
        &self,
        record: RecordNo,
        finger: Position,
        params: &ImpressionParams,
        take: u64,
    ) -> Capture {
        let unreadable = params.wear > 0.9;
        let human = self.records.human(record.0);
        let seed = finger_seed(self.params.seed, u64::from(human), finger);
        // Two records of one human are two captures of one finger.
        let index = u64::from(record.0) << 16 | u64::from(finger.number()) << 12 | take & 0xFFF;
        let take_seed = Dice::new(self.params.seed, Lane::Finger, index).next();
        if self.has_images(record) {
            return Capture::Image(
                Master::grow(seed, finger)
                    .impression(params, take_seed)
                    .image,
            );
        }
        let mut minutiae = Skeleton::draw(seed, finger).impression(params, take_seed);
        if unreadable {
            // What an extractor keeps of such a picture; nothing to compare.
            minutiae.truncate(4);
            for minutia in &mut minutiae {
                minutia.quality = minutia.quality.min(4);
            }
        }
        let sum: u32 = minutiae.iter().map(|m| u32::from(m.quality)).sum();
        let quality = (sum / (minutiae.len() as u32).max(1)) as u8;
        Capture::Minutiae(iso_19794_2(
            &minutiae,
            (params.width, params.height),
            finger,
            quality,
        ))
    }
}

/// A wet, dry, worn or partial finger, by the bearer.
fn poor(seed: u64, bearer: RecordNo) -> ImpressionParams {
    match Dice::new(seed, Lane::Finger, u64::MAX - u64::from(bearer.0)).below(4) {
        0 => ImpressionParams::wet(),
        1 => ImpressionParams::dry(),
        2 => ImpressionParams::worn(),
        _ => ImpressionParams::partial(),
    }
}
