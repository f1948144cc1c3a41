//! `tizme-addresses DIR [EXAMPLES]`: places the addresses of a synthetic country's commission list, and counts
//! against the truth. Exit 1 when fewer than 98 % are placed right or more than 0.1 % wrong.

use std::process::ExitCode;

use addresses::{Tally, judge};
use anyhow::Context as _;

fn main() -> anyhow::Result<ExitCode> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments
        .next()
        .context("usage: tizme-addresses DIR [EXAMPLES]")?;
    let examples = arguments
        .next()
        .map_or(Ok(0), |n| n.parse())
        .context("EXAMPLES is a number")?;
    let figures = judge(folder.as_ref(), examples)?;
    let (houses, streets) = figures.register;
    println!(
        "{houses} houses, {streets} streets, {} texts",
        figures.total.all()
    );
    println!(
        "register arranged in {:.1} CPU-s, texts read and sought in {:.1} CPU-s",
        figures.seconds.0, figures.seconds.1
    );
    println!(
        "{:14} {:>9} {:>9} {:>7} {:>8} {:>9} {:>9} {:>9}",
        "slip", "right", "right %", "wrong", "wrong %", "queued", "suggested", "no house"
    );
    let line = |name: &str, t: &Tally| {
        println!(
            "{name:14} {:>9} {:>9.3} {:>7} {:>8.4} {:>9} {:>9} {:>9}",
            t.right,
            t.right_pct(),
            t.wrong,
            t.wrong_pct(),
            t.queued,
            t.suggested,
            t.rightly_queued
        );
    };
    figures
        .by_slip
        .iter()
        .for_each(|(name, tally)| line(name, tally));
    line("all", &figures.total);
    println!("queued by reason: {:?}", figures.by_reason);
    for [text, placed, meant] in &figures.wrong {
        println!("wrong: {text} -> {placed}, meant {meant}");
    }
    for [text, reason, meant] in &figures.queued {
        println!("queued {reason}: {text}, meant {meant}");
    }
    let good = figures.total.right_pct() >= 98.0 && figures.total.wrong_pct() <= 0.1;
    Ok(ExitCode::from(u8::from(!good)))
}
