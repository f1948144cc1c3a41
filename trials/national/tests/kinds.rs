//! Precincts of every kind, each filled by its own rule, under the laws of 2015, 2020 and 2025; the truth is the country's.
//!
//! A country with a hospital, a place of detention, a unit and a pasture beside its territories, additional precincts and
//! missions. Heads hand over their lists; some rows are late, some name the dead, minors, convicts, people without
//! enrolment, or a precinct of another kind; some patients applied elsewhere, some went home, some stand on two lists.
//!
//! Expected: whoever votes in an institution stands there and nowhere else; who does not stands at home, with the
//! outcome of the row that did not count; a kind is filled by its own category alone, in time.
#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod small;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use country::{Country, Params, PrecinctKind, RecordNo, Switches};
use lexicon::law::{Applicant, Shortening};
use lexicon::{ClaimOutcome, ElectionLaw, Language, PersonId, PrecinctCode, Texts};
use national::chain;
use national::snapshot::SOURCE;
use roll::claim::deadline;
use roll::eligibility::{Evidence, remedy_until};
use roll::snapshot::PersonAt;
use roll::{Outcome, Roll, Snapshot};
use small::{nation, small};

fn wish() -> Params {
    Params {
        persons: 9_000,
        precincts: 14,
        institutions: true,
        ..small()
    }
}

/// A law with the day and the terms of 2015, for which the country was made; the switches are its own.
fn law(id: &str) -> ElectionLaw {
    let mut law = ElectionLaw::shipped(id).unwrap();
    law.election = ElectionLaw::shipped("kg-2015").unwrap().election;
    law.shortening = Shortening::default();
    law
}

/// The precinct of each list and the persons on it; nobody stands on two lines.
fn lists(roll: &Roll, snapshot: &Snapshot) -> BTreeMap<PrecinctCode, BTreeSet<PersonId>> {
    let mut seen = BTreeSet::new();
    let of = |persons: &[PersonAt]| -> BTreeSet<PersonId> {
        persons.iter().map(|at| snapshot.person(*at).id).collect()
    };
    let mut found = BTreeMap::new();
    for list in &roll.lists {
        let here = of(&list.persons);
        assert_eq!(here.len(), list.persons.len(), "twice on one list");
        for person in &here {
            assert!(seen.insert(*person), "{person} stands on two lists");
        }
        found.insert(list.precinct, here);
    }
    found
}

/// By what rule somebody may stand on a list of a kind: an own address, or a claim of a category that fills the kind.
fn check_rule(snapshot: &Snapshot, roll: &Roll, law: &ElectionLaw, person: PersonAt) {
    let decision = roll.decisions[person.at()];
    let Outcome::Listed(place) = decision.outcome else {
        return;
    };
    let kind = &snapshot.precinct(place.precinct).unwrap().kind;
    let (table, record) = decision.evidence.record(snapshot, person);
    assert!(!record.is_empty(), "{kind}: no source");
    if place.by.is_some() {
        assert!(
            law.list.landed_kinds.contains(kind),
            "{kind} filled by an address"
        );
        assert!(
            table == "residences" || table == "claims",
            "{kind}: {table}"
        );
        return;
    }
    let Evidence::Claim(at) = decision.evidence else {
        unreachable!("{kind}: {table} {record}");
    };
    let claim = &snapshot.claims[at];
    assert_eq!(roll.claims.outcomes[at], ClaimOutcome::Counts);
    assert_eq!(
        (claim.person, claim.target),
        (Some(person), Some(place.precinct))
    );
    let named = match snapshot.words.text(claim.value) {
        "" => "ordinary",
        named => named,
    };
    let row = law.form2.category.iter().find(|row| row.code == named);
    let row = row.unwrap();
    assert!(
        row.enabled && row.kinds.contains(kind),
        "{named} into {kind}"
    );
    let last = row.until_days.unwrap_or(law.form2.until_days);
    assert!(
        claim.filed < deadline(law, last),
        "{named} into {kind}: late"
    );
    assert!(
        claim.identified || row.applicant == Applicant::Listed,
        "{named} into {kind}"
    );
}

fn check(id: &str, switches: Switches) {
    let law = law(id);
    let keys = chain::KeyChain::new(2015);
    let country = Country::generate(&wish()).unwrap();
    let (dir, _, run) = nation(&law, &keys, &format!("national-kinds-{id}"), &wish());
    let (snapshot, roll) = (&run.formed.snapshot, &run.formed.roll);
    let texts = Texts::kg().unwrap();
    let at: HashMap<PersonId, PersonAt> = snapshot
        .people()
        .map(|at| (snapshot.person(at).id, at))
        .collect();
    let lists = lists(roll, snapshot);
    let kinds: BTreeMap<PrecinctCode, PrecinctKind> = country
        .precincts()
        .iter()
        .map(|p| (p.code, p.kind))
        .collect();
    let transfers = country.transfers_under(switches);
    let (mut listed, mut left) = (BTreeMap::<&str, u32>::new(), BTreeMap::<&str, u32>::new());
    for record in (0..country.record_count()).map(RecordNo) {
        let person = country.person_id(SOURCE, record);
        let home = country.home_precinct(record);
        let precinct = transfers.get(&record).copied().or(home);
        let expected = precinct.filter(|_| country.has_vote(record));
        let decision = roll.decisions[at[&person].at()];
        let found = roll.place(at[&person]).map(|place| place.precinct);
        if country.other_record(record).is_some() {
            // Of two records of one human the register says which one counts.
            continue;
        }
        assert_eq!(found, expected, "{id}: {}", country.row_id(record));
        check_rule(snapshot, roll, &law, at[&person]);
        match found {
            Some(there) => {
                *listed.entry(kinds[&there].code()).or_default() += 1;
                assert!(lists[&there].contains(&person));
                let from = home.filter(|home| *home != there);
                if let Some(home) = from {
                    assert!(
                        !lists[&home].contains(&person),
                        "{id}: {person} is still at home"
                    );
                    *left.entry(kinds[&there].code()).or_default() += 1;
                }
            }
            None => {
                let Outcome::Excluded(reason) = decision.outcome else {
                    unreachable!("not listed");
                };
                assert!(decision.rule().starts_with('R'));
                assert!(remedy_until(&law, reason) < law.election.day);
                let said = &texts.exclusion[reason.code()];
                for language in [Language::Ky, Language::Ru, Language::En] {
                    assert!(
                        !said.sentence.get(language).is_empty()
                            && !said.next.get(language).is_empty()
                    );
                }
            }
        }
    }
    // Every kind has voters; without the ordinary Form 2 nobody can reach an additional precinct.
    for (kind, least) in [
        ("territorial", 3_000),
        ("additional", if switches.ordinary { 20 } else { 0 }),
        ("hospital", 15),
        ("detention", 10),
        ("military", 15),
        ("abroad", 5),
        ("mobile", 1),
    ] {
        let here = listed.get(kind).copied().unwrap_or(0);
        assert!(
            here >= least && (least > 0 || here == 0),
            "{id}: {kind} {here}"
        );
        // To a mission one goes without an address at home; to another territory by the ordinary Form 2 alone.
        let is_left_for =
            least > 0 && kind != "abroad" && (kind != "territorial" || switches.ordinary);
        assert!(
            !is_left_for || left.contains_key(kind),
            "{id}: nobody left home for {kind}"
        );
        assert!(
            kind != "territorial" || is_left_for == left.contains_key(kind),
            "{id}: {kind}"
        );
    }
    // Each claim counts or not as the truth says, and what does not count has a reason with a next step.
    let mut outcomes: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let truth: HashMap<String, bool> = country.claims_under(switches).into_iter().collect();
    for (claim, outcome) in snapshot.claims.iter().zip(&roll.claims.outcomes) {
        if &*claim.kind != "form2" {
            continue;
        }
        let counts = *outcome == ClaimOutcome::Counts;
        assert_eq!(counts, truth[&*claim.id], "{id}: {} {outcome}", claim.id);
        let said = &texts.claim[outcome.code()];
        assert!(!said.sentence.ky.is_empty() && !said.next.ky.is_empty());
        let category = snapshot.words.text(claim.value);
        outcomes.entry(category).or_default().insert(outcome.code());
    }
    for (category, some) in [
        ("hospital", &["COUNTS", "LATE_LIST", "PRECINCT_KIND"][..]),
        (
            "detention",
            &["COUNTS", "LATE_LIST", "NOT_ELIGIBLE", "PRECINCT_KIND"],
        ),
        ("military", &["COUNTS", "LATE_LIST", "APPLICANT_UNDER_AGE"]),
        ("mobile", &["COUNTS", "APPLICANT_DEAD"]),
        ("cancel", &["COUNTS", "AFTER_DEADLINE"]),
    ] {
        for outcome in some {
            assert!(
                outcomes[category].contains(outcome),
                "{id}: {category} {outcome}: {outcomes:?}"
            );
        }
    }
    let listed = ["hospital", "detention", "military", "mobile"];
    assert!(
        listed
            .iter()
            .any(|category| outcomes[category].contains("SUPERSEDED"))
    );
    assert_eq!(
        outcomes["mobile"].contains("NOT_IDENTIFIED"),
        !switches.mobile_listed
    );
    assert_eq!(outcomes[""].contains("NOT_IN_CATEGORY"), !switches.ordinary);
    std::fs::remove_dir_all(&dir).unwrap();
}

#[test]
fn each_kind_of_precinct_is_filled_by_its_own_rule_in_2015() {
    check("kg-2015", Switches::OF_2015);
}

#[test]
fn each_kind_of_precinct_is_filled_by_its_own_rule_after_the_reform_of_2020() {
    check("kg-2020", Switches::AFTER_2020);
}

#[test]
fn each_kind_of_precinct_is_filled_by_its_own_rule_in_2025() {
    check("kg-2025", Switches::AFTER_2020);
}
