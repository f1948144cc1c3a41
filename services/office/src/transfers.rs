//! Mass transfer watched in the office (L-07): the Form 2 of the register's claims, scored by `roll::transfers`, each
//! precinct with where its newcomers come from and who saw its alarm. Nothing is refused by it.

use std::collections::{BTreeMap, BTreeSet};

use lexicon::{Date, Pin, PrecinctCode};
use roll::transfers::{AlarmPolicy, Filing, Inflow, score};
use store::{StoreError, TransferSeen, Tx};

/// One precinct that Form 2 fills.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Watched {
    /// What was filed and its score.
    pub inflow: Inflow,
    /// The place (SOATE) most of its newcomers come from, with how many; none below the least number of applications.
    pub place: Option<(u64, u32)>,
    /// Who saw its alarm, the latest last.
    pub seen: Vec<TransferSeen>,
}

impl Watched {
    /// Whether a person is to look: the alarm is raised and nobody saw it, or as many applications came in since as
    /// make a precinct scored at all.
    pub fn waits(&self, policy: AlarmPolicy) -> bool {
        let seen = self.seen.last();
        self.inflow.alarm
            && seen.is_none_or(|seen| self.inflow.filings >= seen.filings + policy.filings_min)
    }
}

/// All precincts that an application names, and what they were worked out from.
#[derive(Debug, Default)]
pub(crate) struct Transfers {
    /// The highest score first, then by number of applications and precinct.
    pub precincts: Vec<Watched>,
    /// Applications in all, each person once for a precinct.
    pub filings: u64,
    /// Applications with the mark of a telephone number.
    pub with_phone: u64,
}

/// What is kept between looks: places by number, for the numbers that were asked about.
#[derive(Default)]
pub(crate) struct Origins {
    asked: BTreeSet<Pin>,
    places: BTreeMap<Pin, u64>,
}

impl Origins {
    /// Asks about numbers that were not asked about yet. A move after the first look is not seen: an alarm is about
    /// where somebody lived when they asked to vote elsewhere.
    fn ask(&mut self, tx: &mut Tx<'_>, pins: &BTreeSet<Pin>) -> Result<(), StoreError> {
        let new: Vec<Pin> = pins.difference(&self.asked).copied().collect();
        self.places.extend(tx.places_of_pins(&new)?);
        self.asked.extend(new);
        Ok(())
    }
}

/// What a look needs beside the store.
pub(crate) struct Terms<'a> {
    /// Who stands on each list by their own address; none where a precinct has no land.
    pub residents: &'a dyn Fn(PrecinctCode) -> Option<u32>,
    /// Minutes from UTC to local time.
    pub offset: i64,
    /// Limits of the alarm.
    pub policy: AlarmPolicy,
}

/// Counts and scores every precinct. Cost: a pass over the claims; an index look-up for each applicant of a precinct with
/// enough applications to be scored, once.
pub(crate) fn watch(
    tx: &mut Tx<'_>,
    origins: &mut Origins,
    terms: &Terms<'_>,
) -> Result<Transfers, StoreError> {
    let mut filed: BTreeMap<PrecinctCode, BTreeMap<Pin, (Date, Option<i64>)>> = BTreeMap::new();
    for row in tx.transfers_filed()? {
        // A re-send adds nothing: the first application of a person for a precinct counts.
        let of = filed.entry(row.target).or_default();
        of.entry(row.pin)
            .or_insert((row.filed.local_date(terms.offset), row.phone));
    }
    let least = terms.policy.filings_min as usize;
    let pins: BTreeSet<Pin> = filed
        .values()
        .filter(|of| of.len() >= least)
        .flat_map(|of| of.keys().copied())
        .collect();
    origins.ask(tx, &pins)?;
    let mut seen: BTreeMap<PrecinctCode, Vec<TransferSeen>> = BTreeMap::new();
    for one in tx.transfers_seen()? {
        seen.entry(one.precinct).or_default().push(one);
    }
    let mut found = Transfers::default();
    for (precinct, of) in filed {
        let is_scored = of.len() >= least;
        let place = |pin: &Pin| origins.places.get(pin).copied().filter(|_| is_scored);
        let filings: Vec<Filing> = of
            .iter()
            .map(|(pin, (day, phone))| Filing {
                day: *day,
                origin: place(pin),
                phone: phone.map(i64::cast_unsigned),
            })
            .collect();
        found.filings += filings.len() as u64;
        found.with_phone += filings.iter().filter(|f| f.phone.is_some()).count() as u64;
        let residents = (terms.residents)(precinct);
        found.precincts.push(Watched {
            inflow: score(precinct, residents, &filings, terms.policy),
            place: most(of.keys().filter_map(place)),
            seen: seen.remove(&precinct).unwrap_or_default(),
        });
    }
    found.precincts.sort_by_key(|one| {
        let inflow = &one.inflow;
        let order = (inflow.score.total(), inflow.filings);
        (std::cmp::Reverse(order), inflow.precinct)
    });
    Ok(found)
}

/// The place named most often, the lower code of equals.
fn most(places: impl Iterator<Item = u64>) -> Option<(u64, u32)> {
    let mut counts: BTreeMap<u64, u32> = BTreeMap::new();
    for place in places {
        *counts.entry(place).or_default() += 1;
    }
    counts
        .into_iter()
        .max_by_key(|(place, n)| (*n, std::cmp::Reverse(*place)))
}

#[cfg(test)]
mod tests {
    use lexicon::Instant;

    use super::*;

    fn seen(filings: u32) -> TransferSeen {
        TransferSeen {
            precinct: PrecinctCode::new(1002).expect("a precinct"),
            filings,
            score: 900,
            note: "called the head of the commission".to_owned(),
            staff: "a".to_owned(),
            at: Instant::from_micros(0),
        }
    }

    #[test]
    fn an_alarm_waits_until_it_is_seen_and_wakes_again_when_it_grows() {
        let policy = AlarmPolicy::standard();
        let filing = Filing {
            day: Date::constant(2015, 9, 20),
            origin: Some(1),
            phone: Some(1),
        };
        let check = |filings: usize, seen: Vec<TransferSeen>, expected| {
            let filed = vec![filing; filings];
            let one = Watched {
                inflow: score(
                    PrecinctCode::new(1002).expect("a precinct"),
                    Some(900),
                    &filed,
                    policy,
                ),
                place: most([2, 1, 1].into_iter()),
                seen,
            };
            assert_eq!(one.place, Some((1, 2)));
            assert_eq!(one.waits(policy), expected, "{filings} {:?}", one.seen);
        };
        check(10, Vec::new(), false);
        check(600, Vec::new(), true);
        check(600, vec![seen(600)], false);
        check(649, vec![seen(600)], false);
        check(650, vec![seen(600)], true);
        check(650, vec![seen(600), seen(640)], false);
    }
}
