#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
use super::*;

fn law(id: &str) -> ElectionLaw {
    ElectionLaw::shipped(id).unwrap()
}

#[test]
fn the_law_of_2015_is_read_with_its_terms() {
    let law = law("kg-2015");
    assert_eq!(law.election.day, Date::constant(2015, 10, 4));
    assert_eq!(law.born_no_later_than(), Date::constant(1997, 10, 4));
    assert_eq!(
        law.days_before(law.list.corrections_until_days),
        Date::constant(2015, 9, 19)
    );
}

#[test]
fn every_shipped_law_bears_its_name_and_a_source_on_every_part() {
    let ids: Vec<&str> = ElectionLaw::shipped_ids().collect();
    assert_eq!(ids, ["kg-2015", "kg-2020", "kg-2025"]);
    for id in ids {
        let law = law(id);
        assert_eq!(law.id, id);
        let (year, month, day) = (
            law.election.day.year(),
            law.election.day.month(),
            law.election.day.day(),
        );
        let number = i32::from(year) * 10_000 + i32::from(month) * 100 + i32::from(day);
        assert_eq!(i64::from(law.election.number), i64::from(number));
        let mut sources = vec![
            &law.election.source,
            &law.franchise.source,
            &law.list.source,
        ];
        sources.extend([&law.form2.source, &law.home.source, &law.station.source]);
        sources.push(&law.documents.source);
        sources.extend(law.form2.category.iter().map(|c| &c.source));
        sources.extend(law.late.iter().map(|l| &l.source));
        assert!(sources.iter().all(|source| !source.is_empty()), "{id}");
        assert!(!law.remote.enabled || !law.remote.source.is_empty());
        assert!(!law.shortening.is_early() || !law.shortening.source().is_empty());
    }
}

#[test]
fn what_the_three_laws_differ_in_is_data() {
    let open = |law: &ElectionLaw| {
        let ordinary = law.form2.category.iter().find(|c| c.code == ORDINARY);
        ordinary.unwrap().enabled
    };
    let (one, two, three) = (law("kg-2015"), law("kg-2020"), law("kg-2025"));
    assert_eq!([&one, &two, &three].map(open), [true, false, false]);
    assert_eq!(
        [&one, &two, &three].map(|law| law.remote.enabled),
        [false, false, true]
    );
    assert_eq!(
        [&one, &two, &three].map(|law| law.station.voters_per_kit),
        [600, 600, 720]
    );
    assert_eq!(
        [&one, &two, &three].map(|law| law.shortening.is_early()),
        [false, false, true]
    );
    assert_eq!(three.remote.methods, ["finger", "face2"]);
}

#[test]
fn terms_beyond_the_calendar_do_not_stop_the_house() {
    let mut law = law("kg-2015");
    law.franchise.age_years = i16::MAX;
    assert_eq!(law.days_before(i32::MAX), law.election.day);
    assert_eq!(law.days_before(i32::MIN), law.election.day);
    assert_eq!(law.born_no_later_than(), law.election.day);
    law.shortening = Shortening::by(u32::MAX - 1, u32::MAX).unwrap();
    assert_eq!(law.days_before(i32::MIN), law.election.day);
    let _ = law.days_before(i32::MAX);
}

#[test]
fn a_repeat_round_comes_after_the_first() {
    let text = ElectionLaw::shipped_text("kg-2015").unwrap();
    let of = |first: &str| {
        ElectionLaw::parse(&format!(
            "{text}\n[repeat]\nfirst_round = \"{first}\"\nadds_of_age = false\nadds_enrolled = false\nsource = \"x\"\n"
        ))
    };
    assert!(of("2015-10-03").is_ok());
    let refused = of("2015-10-04").unwrap_err().to_string();
    assert!(refused.contains("first_round 2015-10-04"), "{refused}");
}

#[test]
fn an_unknown_key_and_a_factor_of_a_whole_are_refused() {
    let text = ElectionLaw::shipped_text("kg-2015").unwrap().to_owned();
    assert!(ElectionLaw::parse(&(text.clone() + "\nsurprise = 1\n")).is_err());
    let early = |part: &str| {
        let rest = "rounding = \"up\"\nsource = \"x\"\n";
        ElectionLaw::parse(&format!("{text}\n[shortening]\n{part}\n{rest}"))
    };
    assert!(early("numerator = 1\ndenominator = 3").is_ok());
    let whole = early("numerator = 3\ndenominator = 3")
        .unwrap_err()
        .to_string();
    assert!(whole.contains("3/3"), "{whole}");
    assert!(early("numerator = 0\ndenominator = 0").is_err());
}

// By hand: 60 less a quarter 45; 15 less a quarter 11.25; 9 less a third 6; 7 less a quarter 5.25.
#[test]
fn a_shortened_term_is_rounded_as_the_law_says() {
    let (quarter, third) = (Shortening::by(1, 4).unwrap(), Shortening::by(1, 3).unwrap());
    let terms = [60, 55, 15, 12, 9, 7, 3, 1, 0];
    assert_eq!(
        terms.map(|t| quarter.shorten(t)),
        [45, 42, 12, 9, 7, 6, 3, 1, 0]
    );
    assert_eq!(
        terms.map(|t| third.shorten(t)),
        [40, 37, 10, 8, 6, 5, 2, 1, 0]
    );
    let down = quarter.clone().rounded(Rounding::Down);
    assert_eq!(
        terms.map(|t| down.shorten(t)),
        [45, 41, 11, 9, 6, 5, 2, 0, 0]
    );
    assert_eq!(Shortening::parse("1/4"), Some(quarter));
    for wrong in ["", "1", "4/4", "1/0", "a/b", "-1/4"] {
        assert_eq!(Shortening::parse(wrong), None, "{wrong}");
    }
}

#[test]
fn shortening_never_turns_two_terms_round() {
    for (part, whole) in [(1, 4), (1, 3), (2, 5), (9, 10)] {
        for rounding in [Rounding::Up, Rounding::Down] {
            let by = Shortening::by(part, whole).unwrap().rounded(rounding);
            for days in 1..200 {
                assert!(by.shorten(days) <= days);
                assert!(by.shorten(days - 1) <= by.shorten(days));
            }
        }
    }
}

#[test]
fn the_calendar_of_2015_is_the_one_of_the_statute() {
    let days: Vec<(&str, String)> = law("kg-2015")
        .calendar()
        .iter()
        .map(|day| (day.milestone.code(), day.day.to_string()))
        .collect();
    let want = [
        ("preliminary", "2015-08-05"),
        ("abroad_data", "2015-08-10"),
        ("enrolment_until", "2015-09-19"),
        ("corrections_until", "2015-09-19"),
        ("form2_until", "2015-09-19"),
        ("institution_lists", "2015-09-22"),
        ("answers_until", "2015-09-25"),
        ("final", "2015-09-25"),
        ("home_until", "2015-10-01"),
        ("home_voting", "2015-10-03"),
        ("election", "2015-10-04"),
    ];
    assert_eq!(days, want.map(|(code, day)| (code, day.to_owned())));
}

#[test]
fn an_early_election_of_2015_would_move_every_day_of_the_calendar() {
    let mut early = law("kg-2015");
    early.shortening = Shortening::by(1, 3).unwrap();
    let day = |milestone| {
        let calendar = early.calendar();
        calendar
            .into_iter()
            .find(|d| d.milestone == milestone)
            .unwrap()
    };
    assert_eq!(day(Milestone::Preliminary).day, Date::constant(2015, 8, 25));
    assert_eq!(day(Milestone::Form2Until).day, Date::constant(2015, 9, 24));
    assert_eq!(day(Milestone::Final).day, Date::constant(2015, 9, 28));
    // Ten days before and five to answer would be the 29th: the final list is earlier.
    assert_eq!(
        day(Milestone::AnswersUntil).day,
        Date::constant(2015, 9, 28)
    );
    let due = |day| early.answer_due(Date::constant(2015, 9, day));
    assert_eq!(
        (due(10), due(24)),
        (Date::constant(2015, 9, 15), Date::constant(2015, 9, 28))
    );
    assert_eq!(
        (
            day(Milestone::Final).term_days,
            day(Milestone::Final).days_before
        ),
        (9, 6)
    );
}

#[test]
fn a_series_counts_by_its_letters_and_its_days() {
    let documents = law("kg-2020").documents;
    let day = |year: i16| Date::constant(year, 6, 1);
    assert!(documents.accepts("AN0000001", day(2020)));
    assert!(
        documents.accepts("ID0000001", day(2020)) && !documents.accepts("ID0000001", day(2016))
    );
    assert!(documents.accepts("A0000001", day(2016)) && !documents.accepts("A0000001", day(2020)));
    assert!(!documents.accepts("PE0000001", day(2020)));
    assert!(Documents::default().accepts("PE0000001", day(2020)));
}
