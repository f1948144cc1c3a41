//! What the office's lists and the adjudication page read, on both engines.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests may fail")]

mod kit;

use dedup::{OpinionError, Policy, Says};
use kit::{Scratch, folder, on_both};
use lexicon::handover::claim_file::{ClaimFile, TakenClaim};
use lexicon::handover::envelope::{DocumentId, SUITE, sha256};
use lexicon::{ClaimOutcome, ExclusionReason, Instant, Method, PersonId, PrecinctCode, Purpose};
use register::ClaimKind;
use register::door::rows::Claim;
use store::import::{self, Options, SOURCE};
use store::{
    AdjudicationError, ApprovalRow, BacklogRow, BacklogStep, CellRow, ChangeRow, ClaimFilter,
    ClaimOutcomeRow, ClaimPlace, DecisionRow, Filing, Find, FindingRow, Institution,
    InstitutionMember, InstitutionRefused, InstitutionRow, ListPlace, Look, NewClaimFile,
    OutcomeFilter, PeopleGroup, PublishedRow, ReferenceKind, ReferenceValue, ReleaseFigures,
    ReleaseRow, SignOffRow, Store, StoreError, TurnoutRow, Window,
};

fn of(n: usize) -> PersonId {
    PersonId::of_source(SOURCE, &format!("p{n}"))
}

fn look(staff: &str) -> Look<'_> {
    Look {
        staff,
        purpose: Purpose::Serve,
        reason: "claim",
    }
}

fn load(store: &Store, persons: usize) {
    let dir = Scratch::new("lists");
    folder::write(dir.path(), persons);
    import::folder(store, dir.path(), &Options::default(), &mut |_| {}).unwrap();
}

/// A release of 30 persons; person 29 is excluded with `reason`, unless that is none.
fn release(number: u32, reason: Option<ExclusionReason>) -> (ReleaseRow, Vec<DecisionRow>) {
    let decisions: Vec<DecisionRow> = (0..30)
        .map(|n| DecisionRow {
            person: of(n),
            place: match reason {
                Some(reason) if n == 29 => ListPlace::Excluded(reason),
                Some(_) | None => ListPlace::Listed {
                    precinct: PrecinctCode::new(1001).unwrap(),
                    line: u32::try_from(n).unwrap() + 1,
                    page: 1,
                },
            },
            evidence: "residences/a1".into(),
            day: None,
        })
        .collect();
    let row = ReleaseRow {
        number,
        election: 20_151_004,
        stage: "control".into(),
        root: [7; 32],
        total: 30 - u64::from(reason.is_some()),
        considered: 30,
        frozen_at: Instant::from_micros(5),
        document: vec![1],
    };
    (row, decisions)
}

#[test]
fn claims_filed_with_what_became_of_them() {
    on_both(|engine, store| {
        load(store, 300);
        let outcome = |claim: &str, outcome, superseded_by: Option<&str>| ClaimOutcomeRow {
            claim: claim.into(),
            person: Some(of(25)),
            outcome,
            superseded_by: superseded_by.map(str::to_owned),
        };
        let (row, decisions) = release(3, None);
        store
            .transact("record", "roll", |tx| {
                tx.record_release(&row, &decisions)?;
                tx.record_claim_outcomes(
                    3,
                    &[
                        outcome("f25", ClaimOutcome::Superseded, Some("f50")),
                        outcome("f50", ClaimOutcome::Counts, None),
                    ],
                )
            })
            .unwrap();
        let refused = store.transact("record", "roll", |tx| {
            tx.record_claim_outcomes(4, &[outcome("f75", ClaimOutcome::Superseded, None)])
        });
        assert!(
            matches!(refused, Err(StoreError::Constraint { .. })),
            "{engine}"
        );
        let filed = |only: ClaimFilter, after: Option<&ClaimPlace>, limit| {
            let rows = store
                .read("claims", |tx| tx.claims_filed(3, &only, after, limit))
                .unwrap();
            rows.into_iter()
                .map(|row| (row.claim.claim.clone(), row.claim.filed, row.outcome))
                .collect::<Vec<_>>()
        };
        let all = filed(ClaimFilter::default(), None, 100);
        assert_eq!(all.len(), 12, "{engine}");
        // Those that wait stand first, the earliest filed first; then those that are settled, the latest first.
        let waits: Vec<_> = all.iter().filter(|row| row.2.is_none()).collect();
        assert!(
            waits
                .windows(2)
                .all(|two| (two[0].1, &two[0].0) < (two[1].1, &two[1].0))
        );
        assert!(all[..10].iter().all(|row| row.2.is_none()), "{engine}");
        assert_eq!(
            (all[10].0.as_str(), all[11].0.as_str()),
            ("f25", "f50"),
            "{engine}"
        );
        // Page by page, also across the border of the two parts, they are the same.
        for cut in [4, 9, 10] {
            let first = filed(
                ClaimFilter::default(),
                None,
                u32::try_from(cut + 1).unwrap(),
            );
            let last = &first[cut];
            let place = ClaimPlace {
                settled: last.2.is_some(),
                filed: last.1,
                claim: last.0.clone(),
            };
            let rest = filed(ClaimFilter::default(), Some(&place), 100);
            assert_eq!([first, rest].concat(), all, "{engine} {cut}");
        }
        let waiting = |before| store.read("w", |tx| tx.claims_waiting(3, before)).unwrap();
        assert_eq!(waiting(all[0].1), (10, 0), "{engine}");
        assert_eq!(waiting(all[9].1.plus_micros(1)), (10, 10), "{engine}");
        let count = |only| filed(only, None, 100).len();
        let kind = |kind| ClaimFilter {
            kind: Some(kind),
            ..ClaimFilter::default()
        };
        assert_eq!(count(kind(ClaimKind::Form2)), 12, "{engine}");
        assert_eq!(count(kind(ClaimKind::Correction)), 0, "{engine}");
        let precinct = |number| ClaimFilter {
            precinct: Some(PrecinctCode::new(number).unwrap()),
            ..ClaimFilter::default()
        };
        // 1002 is asked for by all; the person of f25 and f50 stands on the list of 1001.
        assert_eq!(count(precinct(1002)), 12, "{engine}");
        assert_eq!(count(precinct(1001)), 2, "{engine}");
        let by = |outcome| ClaimFilter {
            outcome: Some(outcome),
            ..ClaimFilter::default()
        };
        let superseded = filed(by(OutcomeFilter::Is(ClaimOutcome::Superseded)), None, 9);
        assert_eq!(superseded[0].0, "f25", "{engine}");
        let became = superseded[0].2.as_ref().unwrap();
        assert_eq!(became.superseded_by.as_deref(), Some("f50"), "{engine}");
        assert_eq!(count(by(OutcomeFilter::NotSettled)), 10, "{engine}");
        let (one, none) = store
            .read("claim", |tx| {
                Ok::<_, StoreError>((tx.find_claim("f25")?, tx.find_claim("f26")?))
            })
            .unwrap();
        assert_eq!(
            (one.unwrap().claim.as_str(), none),
            ("f25", None),
            "{engine}"
        );
        let counts = store
            .read("counts", |tx| tx.claim_outcome_counts(3))
            .unwrap();
        assert_eq!(
            counts,
            [
                (ClaimKind::Form2, ClaimOutcome::Counts, 1),
                (ClaimKind::Form2, ClaimOutcome::Superseded, 1)
            ],
            "{engine}"
        );
        let page = store.open_person(look("clerk"), of(25)).unwrap().unwrap();
        assert_eq!(
            page.outcomes,
            [outcome("f25", ClaimOutcome::Superseded, Some("f50"))]
        );
    });
}

#[test]
fn decisions_are_counted_row_by_row_and_compared_with_an_earlier_release() {
    on_both(|engine, store| {
        load(store, 30);
        for (number, reason) in [(1, Some(ExclusionReason::NotYetProcessed)), (2, None)] {
            let (row, decisions) = release(number, reason);
            store
                .transact("record", "roll", |tx| tx.record_release(&row, &decisions))
                .unwrap();
        }
        let mut seen = Vec::new();
        let changes = store
            .read("fold", |tx| {
                seen.clear();
                tx.each_decision_code(1, &mut |code| seen.push(code.to_owned()))?;
                tx.decision_changes(1, 2)
            })
            .unwrap();
        assert_eq!(seen.len(), 30, "{engine}");
        assert_eq!(
            seen.iter().filter(|c| *c == "LISTED").count(),
            29,
            "{engine}"
        );
        let expected = ("NOT_YET_PROCESSED".to_owned(), "LISTED".to_owned(), 1);
        assert_eq!(changes, [expected], "{engine}");
    });
}

#[test]
fn a_precinct_with_its_boundaries_streets_findings_and_turnout() {
    on_both(|engine, store| {
        load(store, 60);
        let code = PrecinctCode::new(1001).unwrap();
        let finding = |code: &str, blocks| FindingRow {
            code: code.into(),
            blocks,
            address: Some("a1".into()),
            precinct: PrecinctCode::new(1001).ok(),
            other_precinct: None,
            detail: String::new(),
        };
        let found = [
            finding("GAP", true),
            finding("GAP", true),
            finding("EMPTY", false),
        ];
        let turnout = |number: u16, hour, voters| TurnoutRow {
            precinct: PrecinctCode::new(number).unwrap(),
            hour,
            method: Method::Finger,
            voters,
        };
        let at = Instant::from_micros(9);
        store
            .transact("record", "roll", |tx| {
                tx.record_findings(1, &found)?;
                tx.record_turnout(
                    at,
                    &[
                        turnout(1001, 8, 3),
                        turnout(1001, 9, 4),
                        turnout(1002, 8, 1),
                    ],
                )
            })
            .unwrap();
        store
            .read("precinct", |tx| {
                assert_eq!(tx.find_precinct(code)?.unwrap().precinct, code, "{engine}");
                assert!(
                    tx.find_precinct(PrecinctCode::new(4444).unwrap())?
                        .is_none()
                );
                let all = tx.snapshot_boundaries()?;
                let own: Vec<_> = all.into_iter().filter(|b| b.precinct == code).collect();
                assert!(!own.is_empty(), "{engine}");
                assert_eq!(tx.boundaries_of(code)?, own, "{engine}");
                let address = tx.snapshot_addresses()?.remove(0);
                let named = tx.find_street_name(&address.street)?;
                assert_eq!(named, Some(address.street_name), "{engine}");
                let counts = tx.finding_counts(1)?;
                assert_eq!(
                    counts,
                    [("GAP".into(), true, 2), ("EMPTY".into(), false, 1)],
                    "{engine}"
                );
                let second = tx.findings(1, 1, 1)?;
                assert_eq!(second, [(2, found[1].clone())], "{engine}");
                assert_eq!(tx.find_last_turnout()?, Some(at), "{engine}");
                let own: Vec<u32> = tx.turnout_of(code)?.iter().map(|t| t.voters).collect();
                assert_eq!(own, [3, 4], "{engine}");
                assert_eq!(tx.turnout_by_precinct()?[0], (code, 7), "{engine}");
                Ok::<_, StoreError>(())
            })
            .unwrap();
    });
}

#[test]
fn a_ranking_is_shown_window_by_window_and_a_list_leaves_one_record() {
    on_both(|engine, store| {
        load(store, 200);
        let find = Find::Name("Жээнбеков".to_owned());
        let window = |skip, take| {
            let hits = store
                .find_persons(look("clerk"), &find, Window { skip, take })
                .unwrap();
            hits.iter().map(|hit| hit.person).collect::<Vec<_>>()
        };
        let whole = window(0, 100);
        assert!(whole.len() > 5, "{engine}");
        assert_eq!(window(0, 3), whole[..3], "{engine}");
        assert_eq!(window(3, 2), whole[3..5], "{engine}");
        assert!(window(500, 5).is_empty(), "{engine}");
        let stranger = PersonId::of_source("x", "y");
        let shown = store
            .show_persons(look("viewer"), "precinct list", &[of(3), stranger, of(1)])
            .unwrap();
        assert_eq!(
            shown.iter().map(|hit| hit.person).collect::<Vec<_>>(),
            [of(3), of(1)],
            "{engine}"
        );
        store.record_look(look("viewer"), "claims").unwrap();
        let looks = store
            .read("count", |tx| {
                tx.count_reads("viewer", Instant::from_micros(0))
            })
            .unwrap();
        assert_eq!(looks, 2, "{engine}");
        store.read("verify", |tx| tx.verify_reads()).unwrap();
    });
}

#[test]
fn a_case_opens_for_the_officer_whose_turn_it_is() {
    let policy = Policy::standard().hash();
    let officers: Vec<String> = ["o1", "o2", "o3", "o4"].map(String::from).to_vec();
    on_both(|engine, store| {
        load(store, 120);
        store
            .transact("open", "centre", |tx| {
                tx.open_duplicate_cases(&[(of(1), of(2), 900)])
            })
            .unwrap();
        let case = register::case::duplicate_case(of(1), of(2));
        let open = |officer: &str| store.open_case(look(officer), case);
        let refusal = |officer: &str| open(officer).map(|_| ()).unwrap_err();
        assert_eq!(refusal("o1"), AdjudicationError::NotAssigned, "{engine}");
        store.assign_cases("centre", &officers, &[1; 32]).unwrap();
        let waits =
            |officer: &&String| store.read("queue", |tx| tx.count_queue(officer)).unwrap() == 1;
        let blind: Vec<&String> = officers.iter().filter(waits).collect();
        let others: Vec<&String> = officers.iter().filter(|o| !blind.contains(o)).collect();
        assert_eq!(blind.len(), 2, "{engine}");
        let mut said: Vec<AdjudicationError> = others.iter().map(|o| refusal(o)).collect();
        said.sort_by_key(ToString::to_string);
        let expected =
            [OpinionError::TooEarly, OpinionError::NotDrawn].map(AdjudicationError::from);
        assert!(
            expected.iter().all(|e| said.contains(e)),
            "{engine} {said:?}"
        );
        let page = open(blind[0]).unwrap();
        assert_eq!(page.records.len(), 2, "{engine}");
        assert!(
            page.records
                .iter()
                .all(|r| r.score == 900 && r.prints.len() == 1)
        );
        let seen = store
            .open_person(look("clerk"), of(1))
            .unwrap()
            .unwrap()
            .reads;
        assert_eq!(seen[0].detail, "case/claim", "{engine}");
        store
            .give_opinion(blind[0], case, Says::Distinct, policy, policy)
            .unwrap();
        assert_eq!(refusal(blind[0]), OpinionError::Twice.into(), "{engine}");
        let own = store.read("own", |tx| tx.opinions_by(blind[0], 9)).unwrap();
        assert_eq!(
            (own[0].case, own[0].says, own[0].is_decided),
            (case, Says::Distinct, false)
        );
        store
            .give_opinion(blind[1], case, Says::Distinct, policy, policy)
            .unwrap();
        assert_eq!(refusal(blind[1]), OpinionError::Decided.into(), "{engine}");
        let own = store.read("own", |tx| tx.opinions_by(blind[0], 9)).unwrap();
        assert!(own[0].is_decided, "{engine}");
    });
}

/// Two cells of a release, and who is in which: even persons in the first, odd ones in the second.
fn figures(changes: Option<(u32, Vec<ChangeRow>)>) -> ReleaseFigures {
    let cell = |cell, sex: &str, persons| CellRow {
        cell,
        code: store::LISTED.to_owned(),
        region: "bishkek".to_owned(),
        sex: sex.to_owned(),
        band: "25-34".to_owned(),
        persons,
    };
    ReleaseFigures {
        cell_of: (0..30).map(|n| 1 + n % 2).collect(),
        cells: vec![cell(1, "F", 15), cell(2, "M", 15)],
        changes,
        backlog: vec![
            BacklogRow {
                region: "naryn".to_owned(),
                step: BacklogStep::Waiting,
                days: 12,
                persons: 3,
            },
            BacklogRow {
                region: "naryn".to_owned(),
                step: BacklogStep::Processed,
                days: 2,
                persons: 7,
            },
        ],
    }
}

#[test]
fn a_release_is_counted_when_it_is_recorded_and_its_cells_lead_to_persons() {
    on_both(|engine, store| {
        let (first, decisions) = release(1, Some(ExclusionReason::NoAddress));
        let (second, later) = release(2, None);
        let change = ChangeRow {
            was: "NO_ADDRESS",
            now: store::LISTED,
            person: of(29),
        };
        store
            .transact("record", "roll", |tx| {
                tx.record_release(&first, &decisions)?;
                tx.record_release_with(&second, &later, &figures(Some((1, vec![change]))))
            })
            .unwrap();
        store
            .read("look", |tx| {
                for n in [1, 2] {
                    assert_eq!(tx.release_codes(n)?, tx.decision_counts(n)?, "{engine}");
                    assert_eq!(tx.release_precincts(n)?, tx.precinct_counts(n)?, "{engine}");
                }
                assert!(tx.release_cells(1)?.is_empty(), "{engine}");
                assert_eq!(tx.release_cells(2)?, figures(None).cells, "{engine}");
                // Persons of one cell, page by page, and of both in one order.
                let mut even: Vec<PersonId> = (0..30).step_by(2).map(of).collect();
                even.sort_unstable();
                let found = tx.persons_of_cells(2, store::LISTED, &[1], None, 10)?;
                assert_eq!(found, even[..10], "{engine}");
                let rest = tx.persons_of_cells(2, store::LISTED, &[1], Some(even[9]), 10)?;
                assert_eq!(rest, even[10..], "{engine}");
                let mut all: Vec<PersonId> = (0..30).map(of).collect();
                all.sort_unstable();
                assert_eq!(
                    tx.persons_by_code(2, store::LISTED, None, 50)?,
                    all,
                    "{engine}"
                );
                // A release without cells is found whole.
                assert_eq!(
                    tx.persons_by_code(1, store::LISTED, None, 50)?.len(),
                    29,
                    "{engine}"
                );
                assert_eq!(
                    tx.persons_by_code(1, "NO_ADDRESS", None, 50)?,
                    [of(29)],
                    "{engine}"
                );
                let changes = tx.find_changes(2)?.unwrap();
                assert_eq!(changes.since, 1, "{engine}");
                assert_eq!(changes.rows, tx.decision_changes(1, 2)?, "{engine}");
                let who = tx.persons_of_change(2, ("NO_ADDRESS", store::LISTED), None, 5)?;
                assert_eq!(who, [of(29)], "{engine}");
                assert_eq!(tx.find_changes(1)?, None, "{engine}");
                let mut backlog = figures(None).backlog;
                backlog.reverse();
                assert_eq!(tx.backlog(2)?, backlog, "{engine}");
                let mut places = 0;
                tx.each_decision_place(1, &mut |_, place| places += u32::from(place.is_ok()))?;
                assert_eq!(places, 29, "{engine}");
                assert_eq!(
                    tx.addresses_on_list(2, PrecinctCode::new(1001).unwrap(), 9)?,
                    ["a1"],
                    "{engine}"
                );
                Ok::<_, StoreError>(())
            })
            .unwrap();
    });
}

#[test]
fn an_approval_is_of_one_institution_once_and_an_edition_stands_in_place_of_the_earlier() {
    on_both(|engine, store| {
        let approval = |institution, staff: &str| ApprovalRow {
            institution,
            staff: staff.to_owned(),
            root: [7; 32],
            at: Instant::from_micros(9),
        };
        let record =
            |row: &ApprovalRow| store.transact("approve", "test", |tx| tx.record_approval(2, row));
        let first = approval(Institution::Registration, "aida");
        record(&first).unwrap();
        for wrong in [
            approval(Institution::Registration, "bakyt"),
            approval(Institution::Commission, "aida"),
        ] {
            let refused = record(&wrong);
            assert!(
                matches!(refused, Err(StoreError::Constraint { .. })),
                "{engine}"
            );
        }
        let second = approval(Institution::Commission, "cholpon");
        record(&second).unwrap();
        let sign_off = SignOffRow {
            blocker: "open_claims".to_owned(),
            waiting: 3,
            institution: Institution::Commission,
            staff: "cholpon".to_owned(),
            reason: "decision 14".to_owned(),
            at: Instant::from_micros(9),
        };
        let published = PublishedRow {
            root: [7; 32],
            at: Instant::from_micros(10),
        };
        let value = |region: &str, precinct, value| ReferenceValue {
            region: region.to_owned(),
            precinct,
            value,
        };
        let (old, new) = (
            [value("naryn", 0, 5)],
            [value("naryn", 4001, 6), value("osh", 0, 7)],
        );
        store
            .transact("rest", "test", |tx| {
                tx.record_sign_off(2, &sign_off)?;
                tx.record_published(2, published)?;
                tx.record_reference(ReferenceKind::Kits, "kits", &old)?;
                tx.record_reference(ReferenceKind::LastElection, "2010", &old)?;
                tx.record_reference(ReferenceKind::LastElection, "2011", &new)
            })
            .unwrap();
        let twice = store.transact("again", "test", |tx| tx.record_sign_off(2, &sign_off));
        assert!(
            matches!(twice, Err(StoreError::Constraint { .. })),
            "{engine}"
        );
        store
            .read("look", |tx| {
                assert_eq!(tx.approvals(2)?.len(), 2, "{engine}");
                assert!(tx.approvals(2)?.contains(&second), "{engine}");
                assert_eq!(
                    tx.sign_offs(2)?,
                    std::slice::from_ref(&sign_off),
                    "{engine}"
                );
                assert_eq!(tx.find_published(2)?, Some(published), "{engine}");
                assert_eq!(tx.find_published(1)?, None, "{engine}");
                let edition = tx.find_reference(ReferenceKind::LastElection)?.unwrap();
                assert_eq!(
                    (edition.label.as_str(), &edition.values[..]),
                    ("2011", &new[..])
                );
                let kits = tx.find_reference(ReferenceKind::Kits)?.unwrap();
                assert_eq!(kits.values, old, "{engine}");
                tx.verify_journal(store::Journal::Electoral).map(|_| ())
            })
            .unwrap();
    });
}

#[test]
fn captures_are_counted_by_region_by_month_and_by_both_and_the_oldest_waits_first() {
    on_both(|engine, store| {
        load(store, 300);
        store
            .read("look", |tx| {
                let cells = tx.enrolment_counts()?;
                let all: u64 = cells.iter().map(|c| c.captured).sum();
                assert!(all > 0, "{engine}");
                let by_region: u64 = tx.captures_by_region()?.iter().map(|r| r.1).sum();
                let by_month: u64 = tx.captures_by_month()?.iter().map(|m| m.1).sum();
                assert_eq!((by_region, by_month), (all, all), "{engine}");
                let processed: u64 = cells.iter().map(|c| c.processed).sum();
                let in_months: u64 = tx.processed_by_month()?.iter().map(|m| m.1).sum();
                assert_eq!(in_months, processed, "{engine}");
                let waiting = tx.oldest_waiting(None, 1_000)?;
                assert_eq!(waiting.len() as u64, all - processed, "{engine}");
                assert!(
                    waiting.is_sorted_by_key(|w| (w.captured, w.person)),
                    "{engine}"
                );
                for region in register::Region::ALL {
                    let own = tx.oldest_waiting(Some(*region), 1_000)?;
                    let of = waiting.iter().filter(|w| w.region == *region);
                    assert_eq!(own.len(), of.count(), "{engine}");
                }
                let mut born = 0;
                tx.each_person_born(&mut |_, _, _| born += 1)?;
                assert_eq!(born, tx.count_persons()?, "{engine}");
                let mut captures = 0;
                tx.each_capture(&mut |_, _, _, _| captures += 1)?;
                assert_eq!(captures, all, "{engine}");
                Ok::<_, StoreError>(())
            })
            .unwrap();
    });
}

#[test]
fn each_group_of_people_is_counted_and_listed_by_one_statement() {
    on_both(|engine, store| {
        load(store, 300);
        let (row, decisions) = release(3, Some(ExclusionReason::Dead));
        store
            .transact("record", "roll", |tx| tx.record_release(&row, &decisions))
            .unwrap();
        let members = |group: &PeopleGroup| {
            let (mut all, mut after) = (Vec::new(), String::new());
            loop {
                let part = store
                    .read("group", |tx| tx.people_of_group(group, &after, 7))
                    .unwrap();
                let Some(last) = part.last() else { break };
                after.clone_from(&last.0);
                all.extend(part);
            }
            let counted = store.read("count", |tx| tx.count_group(group)).unwrap();
            assert_eq!(counted, all.len() as u64, "{engine} {group:?}");
            counted
        };
        let captures = |region, month: Option<&str>, processed: Option<&str>| {
            members(&PeopleGroup::Captures {
                region,
                month: month.map(str::to_owned),
                processed: processed.map(str::to_owned),
            })
        };
        let cells = store.read("cells", |tx| tx.enrolment_counts()).unwrap();
        let all: u64 = cells.iter().map(|cell| cell.captured).sum();
        assert_eq!(captures(None, None, None), all, "{engine}");
        for cell in &cells {
            let found = captures(Some(cell.region), Some(&cell.month), None);
            assert_eq!(found, cell.captured, "{engine} {cell:?}");
        }
        for (month, count) in store.read("m", |tx| tx.processed_by_month()).unwrap() {
            assert_eq!(
                captures(None, None, Some(&month)),
                count,
                "{engine} {month}"
            );
        }
        let placed = |table: &str| {
            let table = table.to_owned();
            members(&PeopleGroup::Placed { release: 3, table })
        };
        assert_eq!(
            (placed("residences"), placed("overrides")),
            (29, 0),
            "{engine}"
        );
        assert_eq!(
            members(&PeopleGroup::WithoutRow { release: 3, run: 1 }),
            30,
            "{engine}"
        );
        let of_precinct = store.read("p", |tx| tx.snapshot_precincts()).unwrap();
        let home = of_precinct.iter().find(|row| row.precinct.number() == 1001);
        let region = home.unwrap().region.clone();
        let voters = |region: &str, additional| {
            members(&PeopleGroup::Region {
                release: 3,
                region: region.to_owned(),
                additional,
            })
        };
        assert_eq!(
            (voters(&region, Some(false)), voters(&region, Some(true))),
            (29, 0),
            "{engine}"
        );
        assert_eq!(voters("elsewhere", Some(false)), 0, "{engine}");
        // Both at once; the raion alone, and not those beside it.
        let soate = home.unwrap().soate.as_u64();
        let raion = |soate| members(&PeopleGroup::Raion { release: 3, soate });
        let own = soate - soate % store::RAION;
        assert_eq!((voters(&region, None), raion(own)), (29, 29), "{engine}");
        let beside = (raion(own - store::RAION), raion(own + store::RAION));
        assert_eq!(beside, (0, 0), "{engine}");
        let outcomes = [ClaimOutcomeRow {
            claim: "f25".into(),
            person: Some(of(25)),
            outcome: ClaimOutcome::Counts,
            superseded_by: None,
        }];
        store
            .transact("outcome", "roll", |tx| {
                tx.record_claim_outcomes(3, &outcomes)
            })
            .unwrap();
        let form2: u64 = register::Region::ALL
            .iter()
            .map(|region| {
                let region = region.code().to_owned();
                members(&PeopleGroup::Form2 { release: 3, region })
            })
            .sum();
        assert_eq!(form2, 1, "{engine}");
        store
            .read("rest", |tx| {
                assert!(tx.sample_of_run(1)?.is_empty(), "{engine}");
                let first = tx.captures_after(None, 10)?;
                assert!(first.is_sorted_by_key(|row| row.0), "{engine}");
                let next = tx.captures_after(first.last().map(|row| row.0), 10)?;
                assert!(next.iter().all(|row| row.0 > first[9].0), "{engine}");
                Ok::<_, StoreError>(())
            })
            .unwrap();
    });
}

#[test]
fn a_list_of_an_institution_stands_once_with_its_claims_and_its_refused_rows() {
    on_both(|engine, store| {
        let person = lexicon::PersonId::of_source("test", "patient");
        let precinct = |number| PrecinctCode::new(number).unwrap();
        let row = |line: u64, origin| InstitutionRow {
            member: InstitutionMember {
                line,
                precinct: precinct(1801),
                category: "hospital".to_owned(),
                letter: "14".to_owned(),
                person,
                claim: String::new(),
                origin,
            },
            filing: Filing {
                series: store::OWN_SERIES.to_owned(),
                form: format!("form {line}"),
                person,
                claim: Claim {
                    claim: String::new(),
                    kind: ClaimKind::Form2,
                    pin: lexicon::Pin::parse("20901195070040", "2015-09-10".parse().unwrap())
                        .unwrap(),
                    filed: Instant::from_micros(0),
                    target: Some(precinct(1801)),
                    field: String::new(),
                    value: format!("hospital{line}"),
                    identified: false,
                },
                due: "2015-09-22".parse().unwrap(),
            },
        };
        let refused = [InstitutionRefused {
            line: 4,
            field: "pin".to_owned(),
            reason: "unknown".to_owned(),
        }];
        let take = |mark: &str| {
            store.transact("take", "test", |tx| {
                let rows = [row(2, PrecinctCode::new(1001).ok()), row(3, None)];
                tx.record_institution_list((mark, ""), &rows, &refused, "test")
            })
        };
        assert_eq!(take("aa").unwrap(), 1, "{engine}");
        assert!(
            matches!(take("aa"), Err(StoreError::Constraint { .. })),
            "{engine}"
        );
        store
            .read("look", |tx| {
                assert_eq!(tx.find_institution_file("aa")?, Some(1), "{engine}");
                assert_eq!(tx.find_institution_file("bb")?, None, "{engine}");
                let kept = tx.institution_editions()?;
                assert_eq!(
                    (kept.len(), kept[0].taken, kept[0].refused),
                    (1, 2, 1),
                    "{engine}"
                );
                let members = tx.institution_members(1)?;
                assert_eq!(members[0].origin, PrecinctCode::new(1001).ok(), "{engine}");
                assert_eq!(members[1].origin, None, "{engine}");
                for member in &members {
                    assert!(tx.find_claim(&member.claim)?.is_some(), "{engine}");
                    assert!(tx.claim_numbers()?.contains(&member.claim), "{engine}");
                }
                assert_eq!(tx.institution_refused(1)?, refused, "{engine}");
                Ok::<_, StoreError>(())
            })
            .unwrap();
    });
}

/// A claim of an office that works apart, so many hours after noon of 18 September.
fn taken(number: u32, hours: i64, target: u16) -> TakenClaim {
    let noon = Instant::parse("2015-09-18T12:00:00+06:00").unwrap();
    TakenClaim {
        number,
        kind: "form2".to_owned(),
        pin: 20_901_195_070_040,
        taken: noon.plus_micros(hours * 3_600_000_000).micros(),
        target: Some(target),
        field: String::new(),
        value: "ordinary".to_owned(),
        identified: true,
    }
}

/// Takes a file in; gives the states of its claims.
fn take_claims(store: &Store, office: &str, claims: &[TakenClaim]) -> (bool, Vec<&'static str>) {
    let file = ClaimFile {
        suite: SUITE.to_owned(),
        election: 20_151_004,
        office: office.to_owned(),
        made_at: store.now().micros(),
        claims: claims.to_vec(),
    };
    let document = format!(
        "{office} {:?}",
        claims
            .iter()
            .map(|c| (c.number, c.taken, c.target))
            .collect::<Vec<_>>()
    );
    let new = NewClaimFile {
        id: DocumentId(sha256(document.as_bytes())),
        document: document.as_bytes(),
        file: &file,
    };
    let due = |_| "2015-09-29".parse().unwrap();
    store
        .transact("take", "test", |tx| {
            let (file, is_new) = tx.take_claim_file(new, "test", &due)?;
            let rows = tx.arrived_claims(file, 0, 100)?;
            let states = rows.iter().map(|row| row.state.code()).collect();
            Ok::<_, StoreError>((is_new, states))
        })
        .unwrap()
}

#[test]
fn offline_claims_are_the_same_in_whatever_order_their_files_come_in() {
    // Two offices take the same voter's claims the same minute; one of them hands over twice, the second time with more.
    let files: [(&str, Vec<TakenClaim>); 3] = [
        ("TK07", vec![taken(1, 0, 1002), taken(3, 5, 1001)]),
        ("TK08", vec![taken(1, 0, 1003)]),
        (
            "TK07",
            vec![taken(1, 0, 1002), taken(2, 1, 1002), taken(3, 5, 1001)],
        ),
    ];
    let orders = [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ];
    let kept = std::sync::Mutex::new(Vec::new());
    for order in orders {
        on_both(|engine, store| {
            for at in order {
                let (office, claims) = &files[at];
                let (_, states) = take_claims(store, office, claims);
                let fits = states
                    .iter()
                    .all(|state| ["TAKEN", "KNOWN"].contains(state));
                assert!(fits, "{engine} {order:?}: {states:?}");
                assert!(
                    !take_claims(store, office, claims).0,
                    "sent again, it is one file"
                );
            }
            let claims = store
                .read("claims", |tx| {
                    let mut claims = tx.claims_of_series("TK07")?;
                    claims.extend(tx.claims_of_series("TK08")?);
                    Ok::<_, StoreError>(claims)
                })
                .unwrap();
            assert_eq!(claims.len(), 4, "{engine}");
            kept.lock().unwrap().push(claims);
            store
                .read("v", |tx| tx.verify_journal(store::Journal::Electoral))
                .unwrap();
        });
    }
    let kept = kept.into_inner().unwrap();
    assert!(kept.iter().all(|claims| *claims == kept[0]));
}

#[test]
fn an_offline_claim_that_cannot_be_is_kept_apart_by_its_reason() {
    on_both(|engine, store| {
        let first = take_claims(store, "TK07", &[taken(2, 0, 1002), taken(4, 6, 1002)]);
        assert_eq!(first, (true, vec!["TAKEN", "TAKEN"]), "{engine}");
        let odd = TakenClaim {
            kind: "wish".to_owned(),
            ..taken(6, 8, 1002)
        };
        let more = [
            taken(1, 1, 1002),
            taken(2, 0, 1003),
            taken(3, 3, 1002),
            taken(4, 6, 1002),
            taken(5, 5, 1002),
            odd,
            taken(7, 1_000, 1002),
        ];
        let (_, states) = take_claims(store, "TK07", &more);
        let expected = [
            "ORDER",
            "DIFFERS",
            "TAKEN",
            "KNOWN",
            "ORDER",
            "UNREADABLE",
            "FUTURE",
        ];
        assert_eq!(states, expected, "{engine}");
        let known = store.read("c", |tx| tx.find_claim("TK070000002")).unwrap();
        assert_eq!(
            known.unwrap().target,
            PrecinctCode::new(1002).ok(),
            "the first stands"
        );
        let origin = store
            .read("o", |tx| tx.find_claim_origin("TK070000003"))
            .unwrap();
        let origin = origin.unwrap();
        assert_eq!(
            (origin.office.as_str(), origin.file),
            ("TK07", 2),
            "{engine}"
        );
        let none = store
            .read("o", |tx| tx.find_claim_origin("TK070000001"))
            .unwrap();
        assert_eq!(none, None, "{engine}: what was not taken came from nowhere");
        let files = store.read("f", |tx| tx.claim_files()).unwrap();
        assert_eq!(files.len(), 2, "{engine}");
        assert_eq!(files[0].states.values().sum::<u64>(), 7, "{engine}");
    });
}
