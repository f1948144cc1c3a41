#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

use lexicon::{ElectionLaw, Language};

use super::*;
use crate::planning::Planning;
use crate::queue::Over;

fn terms() -> Terms {
    let law = ElectionLaw::shipped("kg-2015").unwrap();
    Planning::parse(Planning::kg_text())
        .unwrap()
        .terms(&law)
        .unwrap()
}

fn precinct(code: u16, voters: u32) -> Precinct {
    Precinct {
        code: PrecinctCode::new(code).unwrap(),
        region: "osh".to_owned(),
        voters,
        turnout_permille: None,
        kits: None,
    }
}

fn check(voters: u32, kits: u32, operators: u32) {
    let found = plan(&precinct(5001, voters), &terms(), 0, 1);
    assert_eq!((found.kits, found.operators), (kits, operators), "{voters}");
}

/// The report: 3 operators for 2 kits, 5 for 3, 6 for 4; a kit for 600 voters begun, at least one.
#[test]
fn kits_and_operators_are_those_of_the_rule() {
    check(0, 1, 2);
    check(1, 1, 2);
    check(600, 1, 2);
    check(601, 2, 3);
    check(1200, 2, 3);
    check(1800, 3, 5);
    check(1801, 4, 6);
}

/// S-31: 1,200 voters, 60 % come, 2.5 times as many from 10 to 12; three kits.
#[test]
fn three_kits_serve_the_peak_of_twelve_hundred_voters() {
    let peak = Precinct {
        turnout_permille: Some(600),
        kits: Some(3),
        ..precinct(1001, 1200)
    };
    let found = plan(&peak, &terms(), 200, 20_151_004);
    assert_eq!(found.flags, []);
    assert_eq!(found.kits_enough, Some(3));
    assert!(found.outlook.all.p95_ms <= 30 * 60_000);
    // One is not enough, is said so, and what is proposed is.
    let one = Precinct {
        kits: Some(1),
        ..peak
    };
    let found = plan(&one, &terms(), 200, 20_151_004);
    assert_eq!(found.flags, [Flag::LongWait, Flag::FewerThanRule]);
    let enough = found.kits_enough.unwrap();
    let better = Precinct {
        kits: Some(enough),
        ..one
    };
    assert!(enough > 1);
    let found = plan(&better, &terms(), 200, 20_151_004);
    assert!(found.outlook.all.p95_ms <= 30 * 60_000);
}

/// With one kit for 600 voters those who come at the peak wait longer than those of the whole day.
#[test]
fn the_rules_may_ask_for_the_worst_hour() {
    let mut terms = terms();
    let full = Precinct {
        turnout_permille: Some(580),
        ..precinct(5001, 600)
    };
    let by_day = plan(&full, &terms, 100, 1);
    assert_eq!((by_day.flags, by_day.kits_enough), (vec![], Some(1)));
    terms.edition.kits.wait_over = Over::Hour;
    let by_hour = plan(&full, &terms, 100, 1);
    assert_eq!(by_hour.flags, [Flag::LongWait]);
    assert_eq!(by_hour.kits_enough, Some(2));
}

#[test]
fn a_list_above_the_legal_limit_is_flagged() {
    assert_eq!(plan(&precinct(5001, 2500), &terms(), 0, 1).flags, []);
    assert_eq!(
        plan(&precinct(5001, 2501), &terms(), 0, 1).flags,
        [Flag::TooLarge]
    );
}

#[test]
fn regions_add_up_and_hold_their_own_reserve() {
    let terms = terms();
    let mut second = precinct(7001, 700);
    second.region = "chui".to_owned();
    let planned = [
        plan(&precinct(5001, 1200), &terms, 0, 1),
        plan(&precinct(5002, 100), &terms, 0, 1),
        plan(&second, &terms, 0, 1),
    ];
    let found = regions(&planned, &terms);
    let told: Vec<_> = found
        .iter()
        .map(|r| {
            (
                r.region.as_str(),
                r.precincts,
                r.voters,
                r.kits,
                r.operators,
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("chui", 1, 700, 2, 3),
            ("osh", 2, 1300, 3, 5),
            ("TOTAL", 3, 2000, 5, 8)
        ]
    );
    let at = |code: &str| {
        let place = terms.edition.item.iter().position(|item| item.code == code);
        found
            .iter()
            .map(|region| region.items[place.unwrap()])
            .map(|stock| (stock.planned, stock.reserve, stock.cost_tyiyn))
            .collect::<Vec<_>>()
    };
    assert_eq!(at("laptop"), [(2, 1, 0), (3, 1, 0), (5, 2, 0)]);
    // One line of network in each region, and 50 cables in reserve everywhere.
    assert_eq!(at("switch"), [(1, 1, 0), (1, 1, 0), (2, 2, 0)]);
    assert_eq!(at("cable"), [(2, 50, 0), (3, 50, 0), (5, 100, 0)]);
    // Boxes are whole in each precinct, trainers in each region.
    assert_eq!(at("transport_box").map_first(), [1, 2, 3]);
    assert_eq!(at("trainer").map_first(), [1, 1, 2]);
    assert_eq!(at("receipt_stand")[2].2, 3 * 18_000);
}

trait First {
    fn map_first(self) -> Vec<u64>;
}

impl First for Vec<(u64, u64, u64)> {
    fn map_first(self) -> Vec<u64> {
        self.into_iter().map(|cell| cell.0).collect()
    }
}

#[test]
fn visitors_are_those_identified_and_those_on_no_list() {
    // 580 of 1,000 are identified; of 1,000 visitors 901 are.
    let found = plan(&precinct(5001, 1000), &terms(), 0, 1);
    assert_eq!(found.visitors, 644);
}

#[test]
fn every_flag_has_its_sentence_and_next_step_in_three_languages() {
    let texts = Texts::kg().unwrap();
    assert_eq!(texts.flag.len(), Flag::ALL.len());
    let flags = Flag::ALL.into_iter().flat_map(|flag| {
        let said = &texts.flag[flag.code()];
        [&said.short, &said.sentence, &said.next]
    });
    for sentence in flags.chain(texts.report.values()) {
        for language in Language::ALL {
            assert!(!sentence.get(language).is_empty(), "{sentence:?}");
        }
    }
}
