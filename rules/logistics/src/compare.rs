//! The plan beside what was really sent out.

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::RegionPlan;

/// What a region really had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deployed {
    /// Voters on its lists.
    pub voters: u64,
    /// Kits.
    pub kits: u64,
    /// Operators.
    pub operators: u64,
    /// Precincts.
    pub precincts: u64,
}

/// A region planned and deployed; none where only the other side has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    /// Its code.
    pub region: String,
    /// By the plan.
    pub planned: Option<Deployed>,
    /// Really.
    pub deployed: Option<Deployed>,
}

impl Compared {
    /// What the plan has more than was deployed, in tenths of a per cent, rounded half away from zero; none when nothing
    /// was deployed or a side is missing.
    #[must_use]
    pub fn more_permille(&self, of: fn(&Deployed) -> u64) -> Option<i64> {
        let planned = i64::try_from(of(&self.planned?)).ok()?;
        let deployed = i64::try_from(of(&self.deployed?)).ok()?;
        let doubled = (planned - deployed) * 2000;
        (deployed > 0).then(|| (doubled + doubled.signum() * deployed) / (2 * deployed))
    }
}

/// Region by region, in the order of codes; the country (`TOTAL`) last.
#[must_use]
pub fn compare(plan: &[RegionPlan], deployed: &BTreeMap<String, Deployed>) -> Vec<Compared> {
    let planned: BTreeMap<&str, Deployed> = plan
        .iter()
        .map(|region| {
            let planned = Deployed {
                voters: region.voters,
                kits: region.kits,
                operators: region.operators,
                precincts: u64::from(region.precincts),
            };
            (region.region.as_str(), planned)
        })
        .collect();
    let known = planned.keys().copied();
    let regions: BTreeSet<&str> = known.chain(deployed.keys().map(String::as_str)).collect();
    let row = |region: &str| Compared {
        region: region.to_owned(),
        planned: planned.get(region).copied(),
        deployed: deployed.get(region).copied(),
    };
    let mut rows: Vec<Compared> = regions.into_iter().map(row).collect();
    rows.sort_by_key(|row| row.region == "TOTAL");
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(planned: u64, deployed: u64, permille: Option<i64>) {
        let kits = |kits| {
            Some(Deployed {
                kits,
                ..Deployed::default()
            })
        };
        let row = Compared {
            region: "osh".to_owned(),
            planned: kits(planned),
            deployed: kits(deployed),
        };
        assert_eq!(row.more_permille(|d| d.kits), permille);
    }

    #[test]
    fn differences_are_rounded_half_away_from_zero() {
        check(1000, 1000, Some(0));
        check(1029, 1000, Some(29));
        check(5, 2000, Some(-998));
        check(2001, 2000, Some(1));
        check(1999, 2000, Some(-1));
        check(7, 0, None);
    }

    #[test]
    fn regions_of_one_side_alone_are_shown() {
        let plan = [
            RegionPlan {
                region: "TOTAL".to_owned(),
                ..RegionPlan::default()
            },
            RegionPlan {
                region: "b".to_owned(),
                ..RegionPlan::default()
            },
        ];
        let deployed = BTreeMap::from([("a".to_owned(), Deployed::default())]);
        let rows = compare(&plan, &deployed);
        let told: Vec<_> = rows
            .iter()
            .map(|r| (r.region.as_str(), r.planned.is_some(), r.deployed.is_some()))
            .collect();
        assert_eq!(
            told,
            [
                ("a", false, true),
                ("b", true, false),
                ("TOTAL", true, false)
            ]
        );
    }
}
