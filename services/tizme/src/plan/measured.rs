//! Measured times in place of the planning file's.

use std::collections::BTreeMap;
use std::path::Path;

use ::logistics::{Terms, Times};
use anyhow::{Result, bail};

use super::sheet::{self, Wrong, may, must, number};
use crate::batch::rejects::Rejects;

/// The most measured rows that are kept.
const ROWS_MAX: usize = 1_000_000;

/// Reads `path,seconds[,count]` and puts each path's rows in the place of the terms'.
///
/// # Errors
/// When the file cannot be read, lacks a column, or names a path that the planning file does not have.
pub fn put(path: &Path, terms: &mut Terms, rejects: &mut Rejects) -> Result<()> {
    let columns = [must(&["path"]), must(&["seconds"]), may(&["count"])];
    let (mut rows, mut all): (BTreeMap<String, Vec<u32>>, _) = (BTreeMap::new(), 0);
    sheet::read(path, &columns, rejects, |_, cells| {
        let way = sheet::region("path", cells[0])?;
        let ms = millis(cells[1])?;
        let count = match cells[2] {
            "" => 1,
            text => number("count", text, 1, 1_000_000)?,
        };
        if all + count as usize > ROWS_MAX {
            return Err(("count", "NUMBER", "makes more than a million rows"));
        }
        all += count as usize;
        rows.entry(way)
            .or_default()
            .extend(std::iter::repeat_n(ms, count as usize));
        Ok(())
    })?;
    for (way, rows) in rows {
        let known = Times::of_rows(rows).is_some_and(|times| terms.measure(&way, times));
        if !known {
            bail!("{}: the planning file has no path {way}", path.display());
        }
    }
    Ok(())
}

/// Seconds with up to three decimals, in milliseconds; 0.001 to a day.
fn millis(text: &str) -> Result<u32, Wrong> {
    let wrong = (
        "seconds",
        "NUMBER",
        "is no number of seconds from 0.001 to 86400 with at most three decimals",
    );
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(part) || whole.len() > 5 || part.len() > 3 {
        return Err(wrong);
    }
    let ms = format!("{whole}{part:0<3}").parse().unwrap_or(u32::MAX);
    (1..=86_400_000).contains(&ms).then_some(ms).ok_or(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<u32>) {
        assert_eq!(millis(text).ok(), expected, "{text}");
    }

    #[test]
    fn seconds_have_three_decimals_at_most() {
        check("12", Some(12_000));
        check("12.4", Some(12_400));
        check("0.001", Some(1));
        check("86400", Some(86_400_000));
        check("86400.001", None);
        check("0", None);
        check("1.2345", None);
        check("-3", None);
        check("12,5", None);
    }
}
