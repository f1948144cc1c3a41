use super::*;
use crate::Policy;
use register::case::duplicate_case;

fn person(n: u8) -> PersonId {
    PersonId::of_source("test", &n.to_string())
}

fn day(text: &str) -> Option<Date> {
    Some(text.parse().expect("a date"))
}

fn records(kind: CaseKind) -> Records {
    Records {
        kind,
        persons: vec![
            (person(1), day("2015-01-02")),
            (person(2), day("2015-01-01")),
        ],
    }
}

fn panel() -> Panel {
    Panel {
        blind: ["a".into(), "b".into()],
        third: Some("c".into()),
    }
}

fn opinion(officer: &str, says: Says) -> Opinion {
    Opinion {
        officer: officer.into(),
        says,
        policy: Policy::standard().hash(),
    }
}

/// Settles a duplicate case by what each officer says.
fn check(said: &[(&str, Says)], expected: Result<Settlement, OpinionError>) {
    let opinions: Vec<Opinion> = said
        .iter()
        .map(|(officer, says)| opinion(officer, *says))
        .collect();
    let got = settle(
        &records(CaseKind::Duplicate),
        &panel(),
        &opinions,
        Policy::standard().hash(),
    );
    assert_eq!(got, expected, "{said:?}");
}

#[test]
fn two_who_agree_decide_and_a_third_decides_a_split() {
    let struck = Outcome::Duplicate {
        person: person(1),
        of: person(2),
    };
    check(&[], Ok(Settlement::Waiting));
    check(&[("a", Says::Same)], Ok(Settlement::Waiting));
    check(
        &[("b", Says::Same), ("a", Says::Same)],
        Ok(Settlement::Verdict(struck)),
    );
    check(
        &[("a", Says::Distinct), ("b", Says::Distinct)],
        Ok(Settlement::Verdict(Outcome::Distinct)),
    );
    check(
        &[("a", Says::Same), ("b", Says::Distinct)],
        Ok(Settlement::Split),
    );
    let split = [("a", Says::Same), ("b", Says::Distinct), ("c", Says::Same)];
    check(&split, Ok(Settlement::Verdict(struck)));
}

#[test]
fn opinions_that_do_not_count_are_refused() {
    check(&[("z", Says::Same)], Err(OpinionError::NotDrawn));
    check(
        &[("a", Says::Same), ("a", Says::Same)],
        Err(OpinionError::Twice),
    );
    check(&[("c", Says::Same)], Err(OpinionError::TooEarly));
    check(
        &[("a", Says::Same), ("b", Says::Same), ("c", Says::Same)],
        Err(OpinionError::TooEarly),
    );
    check(&[("a", Says::Keep(person(1)))], Err(OpinionError::Misfit));
    let mut changed = Policy::standard();
    changed.candidates_max += 1;
    let got = settle(
        &records(CaseKind::Duplicate),
        &panel(),
        &[opinion("a", Says::Same)],
        changed.hash(),
    );
    assert_eq!(got, Err(OpinionError::StalePolicy));
}

#[test]
fn a_shared_pin_is_given_to_one_of_its_holders() {
    let settle_pin = |says: &[(&str, Says)]| {
        let opinions: Vec<Opinion> = says.iter().map(|(o, s)| opinion(o, *s)).collect();
        settle(
            &records(CaseKind::SharedPin),
            &panel(),
            &opinions,
            Policy::standard().hash(),
        )
    };
    let keep = Says::Keep(person(2));
    let kept = Settlement::Verdict(Outcome::PinKept { keeper: person(2) });
    assert_eq!(settle_pin(&[("a", keep), ("b", keep)]), Ok(kept));
    assert_eq!(
        settle_pin(&[("a", Says::Keep(person(9)))]),
        Err(OpinionError::Misfit)
    );
    let all_differ = [
        ("a", keep),
        ("b", Says::Keep(person(1))),
        ("c", Says::Distinct),
    ];
    assert_eq!(settle_pin(&all_differ), Ok(Settlement::Open));
}

#[test]
fn the_draw_is_fair_repeatable_and_blind_to_order() {
    let officers: Vec<String> = (0..12).map(|n| format!("officer{n}")).collect();
    let mut reversed = officers.clone();
    reversed.reverse();
    let mut pairs = std::collections::BTreeMap::new();
    let cases = 20_000u32;
    for n in 0..cases {
        let case = duplicate_case(person(0), PersonId::of_source("case", &n.to_string()));
        let panel = draw(case, 0, &officers, &[7; 32]).expect("enough officers");
        assert_eq!(Some(&panel), draw(case, 0, &reversed, &[7; 32]).as_ref());
        assert!(
            panel.blind[0] != panel.blind[1]
                && !panel.blind.contains(panel.third.as_ref().expect("a third"))
        );
        let mut pair = panel.blind;
        pair.sort();
        *pairs.entry(pair).or_insert(0u32) += 1;
    }
    assert_eq!(pairs.len(), 66);
    let expected = f64::from(cases) / 66.0;
    let chi2: f64 = pairs
        .values()
        .map(|n| (f64::from(*n) - expected).powi(2) / expected)
        .sum();
    // 65 degrees of freedom: 1 in 1000 fair draws passes 106.
    assert!(chi2 < 106.0, "chi² {chi2}");
    let case = duplicate_case(person(0), person(1));
    assert_ne!(
        draw(case, 0, &officers, &[7; 32]),
        draw(case, 1, &officers, &[7; 32])
    );
    assert_ne!(
        draw(case, 0, &officers, &[7; 32]),
        draw(case, 0, &officers, &[8; 32])
    );
    assert_eq!(draw(case, 0, &officers[..1], &[7; 32]), None);
}

#[test]
fn three_records_of_one_person_never_strike_each_other_in_a_circle() {
    let days = [day("2015-01-01"), day("2015-01-01"), None];
    let mut struck = Vec::new();
    for (a, b) in [(0u8, 1u8), (1, 2), (0, 2)] {
        let records = Records {
            kind: CaseKind::Duplicate,
            persons: vec![(person(a), days[a as usize]), (person(b), days[b as usize])],
        };
        match outcome(&records, Says::Same) {
            Outcome::Duplicate { person, .. } => struck.push(person),
            Outcome::Distinct | Outcome::PinKept { .. } => unreachable!(),
        }
    }
    struck.sort();
    struck.dedup();
    assert_eq!(struck.len(), 2);
}

#[test]
fn every_number_of_the_policy_is_in_its_hash() {
    let standard = Policy::standard();
    let mut others = vec![standard; 5];
    others[0].refer = fingerprint::Score::new(standard.refer.value() + 1);
    others[1].decisive = fingerprint::Score::new(standard.decisive.value() + 1);
    others[2].candidates_max += 1;
    others[3].exhaustive_max += 1;
    others[4].known_per_mille += 1;
    for other in others {
        assert_ne!(other.hash(), standard.hash());
    }
    assert_eq!(standard.hash().to_string().parse(), Ok(standard.hash()));
}
