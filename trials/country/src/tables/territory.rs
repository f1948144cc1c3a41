//! Precincts and their boundaries: polygons for all with land, streets and houses for some.

use super::{RowMaker, WriteError, street_id};
use crate::Country;
use crate::outline::degrees;
use crate::table::Line;

const PRECINCTS: &str = "precinct,kind,region,soate,address_ky,address_ru,lon,lat";
const BOUNDARIES: &str = "precinct,geojson,street_id,parity,house_from,house_to";

/// A run of house numbers of one street that belong together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Range {
    pub street: u32,
    pub parity: &'static str,
    pub from: u16,
    pub to: u16,
}

impl Country {
    pub(super) fn write_territory(
        &self,
        table: &mut impl FnMut(&str, &str, usize, RowMaker<'_>) -> Result<(), WriteError>,
    ) -> Result<(), WriteError> {
        table("precincts", PRECINCTS, self.precincts.len(), &|i, l| {
            self.precinct_row(i, l)
        })?;
        table("boundaries", BOUNDARIES, self.precincts.len(), &|i, l| {
            self.boundary_rows(i, l)
        })
    }

    fn precinct_row(&self, index: usize, line: &mut Line<'_>) {
        let p = &self.precincts[index];
        line.put(&p.code.to_string())
            .put(p.kind.code())
            .put(p.region)
            .put(&format!("{:014}", p.soate))
            .put(&p.address_ky)
            .put(&p.address_ru)
            .put(&degrees(p.point.x))
            .put(&degrees(p.point.y))
            .end();
    }

    fn boundary_rows(&self, index: usize, line: &mut Line<'_>) {
        let p = &self.precincts[index];
        if !p.has_land() {
            return;
        }
        line.put(&p.code.to_string())
            .put(&p.outline.geojson())
            .put("")
            .put("")
            .put("")
            .put("")
            .end();
        if !p.ranges {
            return;
        }
        for range in self.ranges(index as u16) {
            line.put(&p.code.to_string())
                .put("")
                .put(&street_id(range.street))
                .put(range.parity)
                .put(&range.from.to_string())
                .put(&range.to.to_string())
                .end();
        }
    }

    /// The houses of a precinct as runs of numbers; they agree with its polygon.
    pub(crate) fn ranges(&self, precinct: u16) -> Vec<Range> {
        let mut ranges = Vec::new();
        for (street, s) in self.land.streets.iter().enumerate() {
            let houses =
                &self.land.houses[s.first_house as usize..(s.first_house + s.houses) as usize];
            let mine = houses.iter().filter(|h| h.precinct == precinct).count();
            if mine == 0 {
                continue;
            }
            let last = houses.last().map_or(0, |h| h.number);
            if mine == houses.len() {
                ranges.push(Range {
                    street: street as u32,
                    parity: "all",
                    from: 1,
                    to: last,
                });
                continue;
            }
            for (parity, odd) in [("odd", 1), ("even", 0)] {
                // A number is ours when every house that bears it is (12 and 12а).
                let ours = |n: u16| {
                    let mut of = houses.iter().filter(|h| h.number == n).peekable();
                    of.peek().is_some() && of.all(|h| h.precinct == precinct)
                };
                let numbers = (1..=last).filter(|n| n % 2 == odd);
                let mut open: Option<Range> = None;
                for n in numbers {
                    open = match (open, ours(n)) {
                        (Some(range), true) => Some(Range { to: n, ..range }),
                        (None, true) => Some(Range {
                            street: street as u32,
                            parity,
                            from: n,
                            to: n,
                        }),
                        (Some(range), false) => {
                            ranges.push(range);
                            None
                        }
                        (None, false) => None,
                    };
                }
                ranges.extend(open);
            }
        }
        ranges
    }
}
