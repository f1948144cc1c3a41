//! The search of a precinct: how often a slip finds its voter, and how long an answer takes.

use country::ParamsError;

use crate::hall::{Times, timed};
use crate::slips::Names;

/// Rates over `count` slips and times of a search by number and by name, printed.
///
/// # Errors
/// [`ParamsError`] when no such precinct can be made.
pub fn measure(voters: usize, count: usize, seed: u64) -> Result<(), ParamsError> {
    let names = Names::draw(voters, seed)?;
    let (index_ms, index) = timed(|| names.index());
    let slips = names.slips(count, seed);
    let mut tried = 0;
    let mut found = 0;
    for (kind, of, hits) in names.found(&slips, &index) {
        println!("  {kind:?}: {hits} of {of}");
        tried += of;
        found += hits;
    }
    println!(
        "{voters} voters ({} bear a name that more than five bear), {tried} slips: {found} find their voter among the first five, {:.2} % (must: 99)",
        names.namesakes_above(5),
        100.0 * f64::from(found) / f64::from(tried.max(1))
    );
    let by_name = slips
        .iter()
        .map(|(_, _, text)| timed(|| index.find(text)).0);
    let by_name = Times::of(by_name.collect());
    let by_number = slips.iter().map(|(_, line, _)| {
        let pin = Names::pin(*line);
        timed(|| index.find(&pin)).0
    });
    let by_number = Times::of(by_number.collect());
    println!(
        "index made in {index_ms:.0} ms; by name p50 {:.2} ms, p99 {:.2} (must: 50); by number p50 {:.4} ms, p99 {:.4} (must: 20)",
        by_name.permille(500),
        by_name.permille(990),
        by_number.permille(500),
        by_number.permille(990)
    );
    Ok(())
}
