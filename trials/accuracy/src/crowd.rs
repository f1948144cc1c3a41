//! A crowd of synthetic persons: four fingers each, every finger taken at a desk and on election day.
//!
//! What is shared stays shared: a person's fingers are dry, worn or pressed alike, so their scores
//! depend on each other as those of real fingers do. Two persons share nothing.

use anyhow::Context as _;
use fingerprint::{FingerPosition, GreyImage, Template, extract};
use ridges::{ImpressionParams, Master, Position, finger_seed};

/// Thumb and index finger of both hands, the fingers that a register keeps.
pub const FINGERS: [u8; 4] = [1, 2, 6, 7];
/// Captures of a finger: 0 as at enrolment, 1 as on election day.
pub const CAPTURES: usize = 2;

/// Which crowd.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crowd {
    /// Seed of everything.
    pub seed: u64,
    /// How many persons.
    pub persons: usize,
}

/// Templates of one person, finger by finger in the order of [`FINGERS`], capture by capture;
/// `None` where nothing could be extracted.
pub type Person = [[Option<Template>; CAPTURES]; FINGERS.len()];

impl Crowd {
    /// The smallest crowd with at least `pairs` pairs of captures of two different fingers.
    #[must_use]
    pub fn with_pairs(seed: u64, pairs: u64) -> Crowd {
        let enough = |persons: &usize| {
            let fingers = (persons * FINGERS.len()) as u64;
            fingers * (fingers - 1) / 2 * (CAPTURES * CAPTURES) as u64 >= pairs
        };
        let persons = (2..).find(enough).unwrap_or(2);
        Crowd { seed, persons }
    }

    /// Makes one person. Cost: about half a second.
    ///
    /// # Errors
    /// When a picture is refused by its size, which the makers of pictures rule out.
    pub fn person(&self, number: usize) -> anyhow::Result<Person> {
        let mut lot = Lot(self.seed ^ (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let (moist, firm, worn) = (lot.normal(), lot.normal(), lot.unit());
        let params = [
            ImpressionParams::enrolment(),
            ImpressionParams::election_day(),
        ]
        .map(|usual| ImpressionParams {
            moisture: usual.moisture + 0.4 * moist,
            pressure: usual.pressure + 0.2 * firm,
            wear: 0.4 * worn * worn * worn,
            ..usual
        });
        let mut person: Person = Default::default();
        for (finger, code) in person.iter_mut().zip(FINGERS) {
            let position = Position::new(code).context("a finger's number is 1 to 10")?;
            let master = Master::grow(finger_seed(self.seed, number as u64, position), position);
            for (k, (capture, params)) in finger.iter_mut().zip(&params).enumerate() {
                let print = master
                    .impression(params, master.seed() ^ (k as u64 + 1))
                    .image;
                let (width, height) = (print.width as u32, print.height as u32);
                let image = GreyImage::from_raw(width, height, 500, print.pixels)?;
                *capture = extract(&image).ok();
            }
        }
        Ok(person)
    }
}

/// A person's templates as bytes: each an ISO record after its length as four bytes, 0 for none.
#[must_use]
pub fn to_bytes(person: &Person) -> Vec<u8> {
    let mut bytes = Vec::new();
    for template in person.iter().flatten() {
        let record = template
            .as_ref()
            .map_or(Vec::new(), |t| t.to_iso(FingerPosition::Unknown));
        bytes.extend((record.len() as u32).to_le_bytes());
        bytes.extend(record);
    }
    bytes
}

/// Reads what [`to_bytes`] wrote; the bytes that follow are left in `bytes`.
///
/// # Errors
/// When the bytes are not of this form.
pub fn from_bytes(bytes: &mut &[u8]) -> anyhow::Result<Person> {
    let mut person: Person = Default::default();
    for template in person.iter_mut().flatten() {
        let (length, rest) = bytes.split_first_chunk().context("cut short")?;
        let length = u32::from_le_bytes(*length) as usize;
        let (record, rest) = rest.split_at_checked(length).context("cut short")?;
        if length > 0 {
            *template = Some(Template::from_iso(record)?);
        }
        *bytes = rest;
    }
    Ok(person)
}

/// SplitMix64: enough for lots, and the same on every machine.
struct Lot(u64);

impl Lot {
    fn unit(&mut self) -> f32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 40) as f32 / (1_u64 << 24) as f32
    }

    /// Twelve units less six: normal enough.
    fn normal(&mut self) -> f32 {
        (0..12).map(|_| self.unit()).sum::<f32>() - 6.0
    }
}
