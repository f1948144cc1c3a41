//! What was really sent out, by region.

use std::collections::BTreeMap;
use std::path::Path;

use ::logistics::Deployed;
use anyhow::Result;

use super::sheet::{self, must};
use crate::batch::rejects::Rejects;

/// Reads `region,voters,kits,operators,precincts`; the column `region` may be called `region_code`. Of the country as a
/// whole the sum of the regions is kept, never a printed total.
///
/// # Errors
/// When the file cannot be read or lacks a column.
pub fn read(path: &Path, rejects: &mut Rejects) -> Result<BTreeMap<String, Deployed>> {
    let columns = [
        must(&["region", "region_code"]),
        must(&["voters"]),
        must(&["kits"]),
        must(&["operators"]),
        must(&["precincts"]),
    ];
    let mut found: BTreeMap<String, Deployed> = BTreeMap::new();
    sheet::read(path, &columns, rejects, |_, cells| {
        let region = sheet::region("region", cells[0])?;
        let many = |column, text| sheet::number(column, text, 0, u32::MAX).map(u64::from);
        let deployed = Deployed {
            voters: many("voters", cells[1])?,
            kits: many("kits", cells[2])?,
            operators: many("operators", cells[3])?,
            precincts: many("precincts", cells[4])?,
        };
        if found.contains_key(&region) {
            return Err(("region", "DUPLICATE_ID", "an earlier row has this region"));
        }
        // A row of zeros, as of voters without a commission, is no region.
        if deployed != Deployed::default() {
            found.insert(region, deployed);
        }
        Ok(())
    })?;
    let mut total = Deployed::default();
    for region in found.values() {
        total.voters += region.voters;
        total.kits += region.kits;
        total.operators += region.operators;
        total.precincts += region.precincts;
    }
    found.insert("TOTAL".to_owned(), total);
    Ok(found)
}
