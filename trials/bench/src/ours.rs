//! Our own times.

use accuracy::cost::least_us;
use anyhow::Context as _;
use fingerprint::{Prepared, decode, extract, score};

use crate::figures::Figures;
use crate::prints::Prints;

/// Each task is timed so often and the least is taken: what other programs took from the machine is not ours.
const LEAST_OF: usize = 5;

/// Extracts and compares everything on this thread.
///
/// # Errors
/// When an image cannot be read.
pub fn measure(prints: &Prints) -> anyhow::Result<Figures> {
    let mut extraction_ms = Vec::new();
    let mut templates: Vec<Option<Prepared>> = Vec::new();
    for path in &prints.files {
        let named = || path.display().to_string();
        let image = decode(&std::fs::read(path).with_context(named)?, Some(prints.dpi))
            .with_context(named)?;
        let (us, template) = least_us(LEAST_OF, || extract(&image));
        extraction_ms.push(us / 1000.0);
        templates.push(template.ok().map(|t| Prepared::new(&t)));
    }
    extraction_ms.sort_by(f64::total_cmp);
    let mut scores = vec![None; prints.pairs.len()];
    let mut mean = [0.0; 2];
    for genuine in [false, true] {
        let listed: Vec<(usize, &Prepared, &Prepared)> = prints
            .pairs
            .iter()
            .enumerate()
            .filter(|(_, pair)| pair.genuine == genuine)
            .filter_map(|(at, pair)| {
                Some((at, templates[pair.a].as_ref()?, templates[pair.b].as_ref()?))
            })
            .collect();
        let mut sum = 0.0;
        for &(at, a, b) in &listed {
            let (us, value) = least_us(LEAST_OF, || score(a, b));
            sum += us;
            scores[at] = Some(f32::from(value.value()));
        }
        mean[usize::from(genuine)] = sum / listed.len().max(1) as f64;
    }
    let figures = Figures {
        engine: "tizme".to_owned(),
        extraction_ms: extraction_ms[extraction_ms.len() / 2],
        impostor_us: mean[0],
        genuine_us: mean[1],
        failures: templates.iter().filter(|t| t.is_none()).count(),
        eer_pct: 0.0,
        fmr1000_pct: 0.0,
    };
    Ok(figures.with_scores(&prints.pairs, &scores))
}
