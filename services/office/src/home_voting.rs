//! Applications for voting at home: what was heard, how it stands on a list, and freezing the home lists.

use std::collections::{BTreeMap, BTreeSet};

use keys::FileKey;
use lexicon::handover::envelope::SUITE;
use lexicon::handover::home_list::HomeList;
use lexicon::{ElectionLaw, ExclusionReason, Instant, PersonId, PrecinctCode};
use roll::home::{Frozen, Taken, cut_off, freeze};
use store::{HomeFrozen, HomeWish, ListPlace, ReleaseRow, Store, StoreError, Tx};

/// Why the home lists were not frozen: the official waits, or the engineer mends the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotFrozen {
    /// Applications are still taken.
    Early,
    /// This office has no key for home lists.
    NoKey,
    /// There is no final list yet, whose lines could be named.
    NoFinalList,
    /// The key did not sign.
    NotSigned,
}

impl NotFrozen {
    /// Every code.
    pub const CODES: [&'static str; 4] = ["early", "no_key", "no_final_list", "not_signed"];

    /// The code of the reason.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            NotFrozen::Early => "early",
            NotFrozen::NoKey => "no_key",
            NotFrozen::NoFinalList => "no_final_list",
            NotFrozen::NotSigned => "not_signed",
        }
    }
}

/// Every wish, and what stands of them on a list.
pub struct Heard {
    /// By number, refused ones as well.
    pub wishes: Vec<HomeWish>,
    /// What stands.
    pub frozen: Frozen,
}

/// Where a person stands on a release.
fn place_of(
    tx: &mut Tx<'_>,
    person: PersonId,
    release: u32,
) -> Result<Result<(PrecinctCode, u32), Option<ExclusionReason>>, StoreError> {
    let decisions = tx.decisions_of(person)?;
    let found = decisions.into_iter().find(|(number, _)| *number == release);
    Ok(match found.map(|(_, decision)| decision.place) {
        Some(ListPlace::Listed { precinct, line, .. }) => Ok((precinct, line)),
        Some(ListPlace::Excluded(why)) => Err(Some(why)),
        None => Err(None),
    })
}

/// Reads every wish and holds it against a release. Cost: the decisions about each applicant.
///
/// # Errors
/// [`StoreError`].
pub fn heard(tx: &mut Tx<'_>, law: &ElectionLaw, release: u32) -> Result<Heard, StoreError> {
    let wishes = tx.home_wishes()?;
    let taken: Vec<Taken> = wishes
        .iter()
        .filter(|wish| wish.refused.is_empty())
        .map(|wish| Taken {
            number: wish.number,
            person: wish.person,
            precinct: wish.precinct,
            at: wish.at,
            withdraws: wish.withdraws,
        })
        .collect();
    let persons: BTreeSet<PersonId> = taken.iter().map(|wish| wish.person).collect();
    let mut places = BTreeMap::new();
    for person in persons {
        places.insert(person, place_of(tx, person, release)?);
    }
    let frozen = freeze(law, &taken, |person| {
        places.get(&person).copied().unwrap_or(Err(None))
    });
    Ok(Heard { wishes, frozen })
}

/// Freezes the home lists of the latest release, which must be final, and signs one for each precinct that has any.
///
/// # Errors
/// [`StoreError`]; a [`NotFrozen`] is a value. Nothing was written then.
pub fn freeze_all(
    store: &Store,
    law: &ElectionLaw,
    key: Option<&FileKey>,
    staff: &str,
) -> Result<Result<u32, NotFrozen>, StoreError> {
    let Some(key) = key else {
        return Ok(Err(NotFrozen::NoKey));
    };
    store.transact("freeze_home_lists", staff, |tx| {
        let now = tx.at();
        if now < cut_off(law) {
            return Ok(Err(NotFrozen::Early));
        }
        let last = tx.releases()?.pop().filter(|row| row.stage == "final");
        let Some(release) = last else {
            return Ok(Err(NotFrozen::NoFinalList));
        };
        let heard = heard(tx, law, release.number)?;
        let Some(lists) = signed(law, &release, &heard.frozen, key, now) else {
            return Ok(Err(NotFrozen::NotSigned));
        };
        let last = heard.wishes.last().map_or(0, |wish| wish.number);
        tx.record_home_freeze(release.number, last, &lists, staff)
            .map(Ok)
    })
}

fn signed(
    law: &ElectionLaw,
    release: &ReleaseRow,
    frozen: &Frozen,
    key: &FileKey,
    now: Instant,
) -> Option<Vec<HomeFrozen>> {
    let sign = |(precinct, lines): (&PrecinctCode, &Vec<u32>)| {
        let list = HomeList {
            suite: SUITE.to_owned(),
            election: law.election.number,
            precinct: precinct.number(),
            release: release.number,
            root: release.root.into(),
            cut_off: cut_off(law).micros(),
            frozen: now.micros(),
            lines: lines.clone(),
            lists: u32::try_from(frozen.lines.len()).unwrap_or(u32::MAX),
        };
        let document = list
            .sign(key)
            .inspect_err(|error| tracing::error!(%error, "a home list was not signed"))
            .ok()?;
        Some(HomeFrozen {
            precinct: *precinct,
            voters: u32::try_from(lines.len()).unwrap_or(u32::MAX),
            document,
        })
    };
    frozen.lines.iter().map(sign).collect()
}
