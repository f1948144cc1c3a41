//! Distances by letter over the one-byte alphabet of [`crate::letters`].
//!
//! All results are exact functions of the two texts: the same on every machine.

/// Jaro–Winkler similarity, 0.0 (nothing in common) to 1.0 (equal); symmetric.
///
/// Prefix weight 0.1 for up to four letters, at any Jaro value (as in DuckDB and Splink, no boost
/// threshold). Two empty texts are equal. Texts up to 64 letters take the bit-parallel way.
/// Source: Winkler 1990.
#[must_use]
pub fn jaro_winkler(a: &[u8], b: &[u8]) -> f64 {
    let jaro = jaro(a, b);
    let prefix = a.iter().zip(b).take(4).take_while(|(x, y)| x == y).count();
    jaro + 0.1 * prefix as f64 * (1.0 - jaro)
}

/// Jaro similarity, 0.0 to 1.0.
#[must_use]
pub fn jaro(a: &[u8], b: &[u8]) -> f64 {
    // The shorter text scans the longer one, so that the result does not depend on the order of arguments.
    let (a, b) = if (a.len(), a) <= (b.len(), b) {
        (a, b)
    } else {
        (b, a)
    };
    if b.is_empty() {
        return 1.0;
    }
    if a.is_empty() {
        return 0.0;
    }
    let window = (b.len() / 2).saturating_sub(1);
    let (common, out_of_place) = if b.len() <= 64 {
        common_letters_64(a, b, window)
    } else {
        common_letters_any(a, b, window)
    };
    if common == 0 {
        return 0.0;
    }
    let common = common as f64;
    let in_place = common - (out_of_place / 2) as f64;
    (common / a.len() as f64 + common / b.len() as f64 + in_place / common) / 3.0
}

/// Letters in common within the window, and how many of them stand in another order.
fn common_letters_64(a: &[u8], b: &[u8], window: usize) -> (usize, usize) {
    let mut taken_b = 0u64;
    let mut matched_a = [0u8; 64];
    let mut common = 0;
    for (i, &letter) in a.iter().enumerate() {
        let from = i.saturating_sub(window);
        let to = (i + window + 1).min(b.len());
        for (j, &other) in b.iter().enumerate().take(to).skip(from) {
            if other == letter && taken_b >> j & 1 == 0 {
                taken_b |= 1 << j;
                matched_a[common] = letter;
                common += 1;
                break;
            }
        }
    }
    let mut out_of_place = 0;
    for &letter in &matched_a[..common] {
        let j = taken_b.trailing_zeros() as usize;
        taken_b &= taken_b - 1;
        out_of_place += usize::from(b[j] != letter);
    }
    (common, out_of_place)
}

fn common_letters_any(a: &[u8], b: &[u8], window: usize) -> (usize, usize) {
    let mut taken_b = vec![false; b.len()];
    let mut matched_a = Vec::with_capacity(a.len());
    for (i, &letter) in a.iter().enumerate() {
        let to = (i + window + 1).min(b.len());
        if let Some(j) = (i.saturating_sub(window)..to).find(|&j| b[j] == letter && !taken_b[j]) {
            taken_b[j] = true;
            matched_a.push(letter);
        }
    }
    let matched_b = b
        .iter()
        .zip(&taken_b)
        .filter(|(_, taken)| **taken)
        .map(|(letter, _)| letter);
    let out_of_place = matched_a
        .iter()
        .zip(matched_b)
        .filter(|(x, y)| x != y)
        .count();
    (matched_a.len(), out_of_place)
}

/// Damerau–Levenshtein distance in its optimal-string-alignment form, in edits.
///
/// Insertion, deletion, substitution and the swap of two neighbours cost one each. Cost: product of the
/// lengths. [`osa_within`] is faster where only small distances matter.
#[must_use]
pub fn osa(a: &[u8], b: &[u8]) -> usize {
    let width = b.len() + 1;
    let mut before: Vec<usize> = vec![0; width];
    let mut last: Vec<usize> = (0..width).collect();
    let mut row: Vec<usize> = vec![0; width];
    for i in 1..=a.len() {
        row[0] = i;
        for j in 1..=b.len() {
            let substitution = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = substitution.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before[j - 2] + 1);
            }
            row[j] = best;
        }
        std::mem::swap(&mut before, &mut last);
        std::mem::swap(&mut last, &mut row);
    }
    last[b.len()]
}

/// The distance of [`osa`] when it is at most `limit` edits, `None` when it is larger.
///
/// Common ends are cut off and far lengths refused first, so most pairs cost a few comparisons.
#[must_use]
pub fn osa_within(a: &[u8], b: &[u8], limit: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) > limit {
        return None;
    }
    let prefix = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[prefix..], &b[prefix..]);
    let suffix = a
        .iter()
        .rev()
        .zip(b.iter().rev())
        .take_while(|(x, y)| x == y)
        .count();
    let (a, b) = (&a[..a.len() - suffix], &b[..b.len() - suffix]);
    if a.is_empty() || b.is_empty() {
        let edits = a.len().max(b.len());
        return (edits <= limit).then_some(edits);
    }
    if limit == 0 {
        return None;
    }
    if a.len() == 1 && b.len() == 1 {
        return Some(1);
    }
    if let ([a1, a2], [b1, b2]) = (a, b)
        && a1 == b2
        && a2 == b1
    {
        return Some(1);
    }
    if limit == 1 {
        // Both ends differ and more than one letter is left: only a swap could have been one edit.
        return None;
    }
    let edits = osa(a, b);
    (edits <= limit).then_some(edits)
}

#[cfg(test)]
mod tests;
