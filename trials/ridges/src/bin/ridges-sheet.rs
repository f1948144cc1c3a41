//! Writes sample prints for looking at: `ridges-sheet OUT_DIR [FIRST_SEED] [COUNT]`.

#![expect(clippy::disallowed_methods, reason = "a measurement of wall time")]

use std::path::Path;
use std::time::Instant;

use ridges::{ImpressionParams, Master, MinutiaKind, Position, TrueMinutia, png};

fn main() -> std::io::Result<()> {
    let mut args = std::env::args().skip(1);
    let out = args.next().unwrap_or_else(|| "sheet".to_owned());
    let first: u64 = args.next().and_then(|a| a.parse().ok()).unwrap_or(1);
    let count: u64 = args.next().and_then(|a| a.parse().ok()).unwrap_or(8);
    let out = Path::new(&out);
    std::fs::create_dir_all(out)?;
    let presets = [
        ("enrolment", ImpressionParams::enrolment()),
        ("election", ImpressionParams::election_day()),
        ("worn", ImpressionParams::worn()),
        ("wet", ImpressionParams::wet()),
        ("dry", ImpressionParams::dry()),
        ("partial", ImpressionParams::partial()),
    ];
    for seed in first..first + count {
        let start = Instant::now();
        let position = Position::ALL[(seed % 10) as usize];
        let master = Master::grow(seed, position);
        let grown = start.elapsed();
        std::fs::write(
            out.join(format!("{seed:03}_master.png")),
            png(&master.picture(), 500),
        )?;
        let truth = table(master.minutiae());
        std::fs::write(out.join(format!("{seed:03}_master.csv")), truth)?;
        let start = Instant::now();
        for (name, params) in &presets {
            let impression = master.impression(params, seed * 100);
            let file = out.join(format!("{seed:03}_{name}.png"));
            std::fs::write(file, png(&impression.image, 500))?;
            let file = out.join(format!("{seed:03}_{name}.csv"));
            std::fs::write(file, table(&impression.minutiae))?;
        }
        println!(
            "seed {seed}: {:?}, {} minutiae, wear {:.2}, grown in {grown:.1?}, {} impressions in {:.1?}",
            master.class(),
            master.minutiae().len(),
            master.wear(),
            presets.len(),
            start.elapsed()
        );
    }
    Ok(())
}

/// The truth as CSV: x, y in px, angle in degrees, type as in ISO/IEC 19794-2.
fn table(minutiae: &[TrueMinutia]) -> String {
    let mut text = String::from("x,y,angle_deg,type\n");
    for m in minutiae {
        let kind = match m.kind {
            MinutiaKind::Ending => 1,
            MinutiaKind::Bifurcation => 2,
        };
        text += &format!("{:.1},{:.1},{:.1},{kind}\n", m.x, m.y, m.angle.to_degrees());
    }
    text
}
