//! Writes prints with the ridges under them, for teaching: `ridges-lessons OUT FIRST_SEED FINGERS`.
//!
//! `OUT` is a row of lessons, each `HEIGHT × WIDTH` bytes of picture and as many of
//! [`Master::ridges_under`]. Five impressions a finger, their severities drawn widely: any mixture
//! of dry, wet, worn, scratched, twisted and partial.

use std::io::Write as _;

use ridges::{ImpressionParams, Master, Position};

const WIDTH: usize = 336;
const HEIGHT: usize = 384;
const IMPRESSIONS: u64 = 5;

fn main() -> std::io::Result<()> {
    let mut args = std::env::args().skip(1);
    let out = args.next().unwrap_or_else(|| "lessons.bin".to_owned());
    let first: u64 = args.next().and_then(|a| a.parse().ok()).unwrap_or(1);
    let fingers: u64 = args.next().and_then(|a| a.parse().ok()).unwrap_or(100);
    let mut file = std::io::BufWriter::new(std::fs::File::create(out)?);
    for finger in first..first + fingers {
        let master = Master::grow(finger, Position::ALL[(finger % 10) as usize]);
        for k in 0..IMPRESSIONS {
            let seed = finger * IMPRESSIONS + k;
            let params = severities(&mut Numbers(seed));
            file.write_all(&master.impression(&params, seed).image.pixels)?;
            file.write_all(&master.ridges_under(&params, seed).pixels)?;
        }
    }
    file.flush()
}

/// SplitMix64.
struct Numbers(u64);

impl Numbers {
    fn between(&mut self, low: f32, high: f32) -> f32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let unit = ((z ^ (z >> 31)) >> 40) as f32 / (1_u64 << 24) as f32;
        low + (high - low) * unit
    }
}

fn severities(numbers: &mut Numbers) -> ImpressionParams {
    let mut draw = |low, high| numbers.between(low, high);
    // The square makes mild cases common and severe ones present.
    let wear = draw(0.0, 0.9);
    let scratches = draw(0.0, 3.0);
    ImpressionParams {
        width: WIDTH,
        height: HEIGHT,
        rotation_sd_deg: 14.0,
        shift_sd_px: draw(5.0, 35.0),
        distortion: draw(0.3, 2.2),
        pressure: draw(-0.9, 0.9),
        pressure_sd: 0.3,
        moisture: draw(-1.2, 1.2),
        moisture_sd: 0.3,
        wear: wear * wear,
        noise: draw(0.0, 1.2),
        scratches: scratches * scratches,
        pores: draw(0.0, 1.0),
        residue: draw(0.0, 0.9),
        area: draw(0.7, 1.1),
        careless: 0.2,
    }
}
