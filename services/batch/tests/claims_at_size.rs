//! L-07, its load: 180,000 applications of Form 2 in the last five days, 60 % of them within the last day. None is lost,
//! each has its outcome in the list that is formed after the last day, its day of answer lies before that list is frozen,
//! and the order in which offices sent them changes nothing.
#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod small;

use std::collections::BTreeMap;

use lexicon::handover::snapshot::{ClaimRow, SnapshotTables};
use lexicon::{ClaimOutcome, Instant, PrecinctCode};
use roll::claim::{AnswerClock, answer_clock, deadline};
use roll::{Roll, Snapshot, SnapshotBuilder};
use small::varied::Dice;
use small::{law, person, tables_of};

const PERSONS: usize = 90_000;
const APPLICATIONS: usize = 180_000;
const MINUTES_OF_DAY: usize = 24 * 60;

/// Two applications of each person: to the additional precinct, and to the other territorial one.
fn applications() -> Vec<ClaimRow> {
    let law = law();
    let end = deadline(&law, law.form2.until_days);
    let mut dice = Dice::new(11);
    (0..APPLICATIONS)
        .map(|n| {
            let back = match n % 10 {
                0..6 => dice.below(MINUTES_OF_DAY),
                _ => MINUTES_OF_DAY + dice.below(4 * MINUTES_OF_DAY),
            };
            let before = i64::try_from(back).unwrap() * 60_000_000 + 1;
            let number = if n < PERSONS { 1003 } else { 1001 + n % 2 };
            ClaimRow {
                claim: format!("f{n:06}"),
                kind: "form2".to_owned(),
                person: Some(person(n % PERSONS)),
                filed: Instant::from_micros(end.micros() - before),
                target: PrecinctCode::new(u16::try_from(number).unwrap()).ok(),
                field: String::new(),
                value: String::new(),
                identified: true,
            }
        })
        .collect()
}

fn formed(tables: &SnapshotTables) -> (Snapshot, Roll) {
    let snapshot = SnapshotBuilder::tables(tables).unwrap();
    let roll = roll::form(&snapshot, &law()).unwrap();
    (snapshot, roll)
}

#[test]
fn l_07_a_hundred_and_eighty_thousand_applications_are_all_answered_and_none_is_lost() {
    let mut tables = tables_of(PERSONS);
    tables.references.clear();
    tables.commission.clear();
    tables.claims = applications();
    let (snapshot, roll) = formed(&tables);
    assert_eq!(roll.claims.outcomes.len(), APPLICATIONS);
    let mut by_outcome: BTreeMap<ClaimOutcome, usize> = BTreeMap::new();
    for outcome in &roll.claims.outcomes {
        *by_outcome.entry(*outcome).or_default() += 1;
    }
    let count = |outcome| by_outcome.get(&outcome).copied().unwrap_or(0);
    // Whoever was never enrolled is on no list, and is told so; nothing else is refused but one's own precinct.
    let fates = [
        ClaimOutcome::Counts,
        ClaimOutcome::Superseded,
        ClaimOutcome::NotEligible,
        ClaimOutcome::SamePrecinct,
    ];
    assert_eq!(
        fates.map(count).iter().sum::<usize>(),
        APPLICATIONS,
        "{by_outcome:?}"
    );
    assert_eq!(count(ClaimOutcome::NotEligible), APPLICATIONS / 10);
    assert!(count(ClaimOutcome::Superseded) > 0 && count(ClaimOutcome::Counts) > 0);
    // Each is answered before the list is frozen.
    let law = law();
    let frozen = law.days_before(law.list.final_days);
    for claim in &snapshot.claims {
        let (due, clock) = answer_clock(&law, claim.filed, Some(frozen), frozen);
        assert!(due <= frozen, "{}", claim.id);
        assert!(
            matches!(clock, AnswerClock::Answered { .. }),
            "{}",
            claim.id
        );
    }
    // Everybody on exactly one list: the sum of the lists is the number of distinct persons on them.
    let mut on: Vec<_> = roll
        .lists
        .iter()
        .flat_map(|list| list.persons.clone())
        .collect();
    let lines = on.len();
    on.sort_unstable();
    on.dedup();
    assert_eq!((lines, on.len() as u64), (on.len(), roll.count.total));
    let sizes: Vec<usize> = roll.lists.iter().map(|list| list.persons.len()).collect();
    // The same applications, in another order, some of them sent twice by the wire but once by their id.
    Dice::new(3).shuffle(&mut tables.claims);
    let (other, again) = formed(&tables);
    assert_eq!(
        sizes,
        again
            .lists
            .iter()
            .map(|list| list.persons.len())
            .collect::<Vec<_>>()
    );
    let fates = |snapshot: &Snapshot, roll: &Roll| -> BTreeMap<String, ClaimOutcome> {
        let claims = snapshot.claims.iter().map(|claim| claim.id.to_string());
        claims.zip(roll.claims.outcomes.iter().copied()).collect()
    };
    assert_eq!(fates(&snapshot, &roll), fates(&other, &again));
}
