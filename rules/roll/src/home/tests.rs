use super::*;

fn law() -> ElectionLaw {
    ElectionLaw::shipped("kg-2015").expect("the shipped law")
}

fn precinct(number: u16) -> PrecinctCode {
    PrecinctCode::new(number).expect("a precinct")
}

fn person(n: u128) -> PersonId {
    PersonId::of_source("test", &n.to_string())
}

fn moment(text: &str) -> Instant {
    Instant::parse(text).expect("a moment")
}

const APPLY: Wish<'_> = Wish::Apply {
    category: "health",
    place: "Манас көчөсү, 12",
};

fn draft() -> Draft<'static> {
    Draft {
        wish: APPLY,
        precinct: precinct(1001),
        identified: true,
        at: moment("2015-09-28T10:00:00+06:00"),
    }
}

fn listed() -> Applicant {
    Applicant {
        listed: Some(precinct(1001)),
        ..Applicant::default()
    }
}

fn check(draft: Draft<'_>, applicant: Applicant, expected: Result<(), HomeRefused>) {
    let heard = hear(&law(), draft, applicant);
    assert_eq!(heard, expected, "{draft:?} {applicant:?}");
}

#[test]
fn each_refusal_has_its_reason() {
    check(draft(), listed(), Ok(()));
    let stranger = Draft {
        identified: false,
        ..draft()
    };
    check(stranger, listed(), Err(HomeRefused::NotIdentified));
    let dead = Applicant {
        listed: None,
        excluded: Some(ExclusionReason::Dead),
        ..Applicant::default()
    };
    let why = HomeRefused::NotOnList(Some(ExclusionReason::Dead));
    check(draft(), dead, Err(why));
    let elsewhere = Draft {
        precinct: precinct(1002),
        ..draft()
    };
    let other = HomeRefused::OtherPrecinct(precinct(1001));
    check(elsewhere, listed(), Err(other));
    let apply = |category, place| Draft {
        wish: Wish::Apply { category, place },
        ..draft()
    };
    check(
        apply("rain", "A"),
        listed(),
        Err(HomeRefused::NotInCategory),
    );
    check(apply("health", " "), listed(), Err(HomeRefused::NoPlace));
    let again = Applicant {
        has_applied: true,
        ..listed()
    };
    check(draft(), again, Err(HomeRefused::AlreadyApplied));
    let back = Draft {
        wish: Wish::Withdraw,
        ..draft()
    };
    check(back, again, Ok(()));
    check(back, listed(), Err(HomeRefused::Withdrawn));
}

/// S-22. The cut-off is the law's: its last second is in time, the next is not; another number in the file moves it.
#[test]
fn s_22_the_cut_off_is_the_law_s() {
    let last = moment("2015-10-01T23:59:59+06:00");
    check(
        Draft {
            at: last,
            ..draft()
        },
        listed(),
        Ok(()),
    );
    let after = moment("2015-10-02T00:00:00+06:00");
    let late = Draft {
        at: after,
        ..draft()
    };
    check(late, listed(), Err(HomeRefused::AfterCutOff));
    let mut later = law();
    later.home.until_days -= 1;
    assert_eq!(hear(&later, late, listed()), Ok(()));
}

fn taken(number: u64, who: u128, at: &str, withdraws: bool) -> Taken {
    Taken {
        number,
        person: person(who),
        precinct: precinct(1001),
        at: moment(at),
        withdraws,
    }
}

/// Story: 1 applies; 2 applies and withdraws; 3 withdraws and applies again; 4 applies and moves to 1002; 5 applies and is
/// struck off; 6 came after the cut-off. Expect: 1 and 3 stand, whatever the order; each of the others has its reason.
#[test]
fn the_last_word_before_the_cut_off_stands_on_the_list_that_is_packed() {
    let day = "2015-09-28T10:00:00+06:00";
    let next = "2015-09-29T10:00:00+06:00";
    let mut all = vec![
        taken(1, 1, day, false),
        taken(2, 2, day, false),
        taken(3, 2, next, true),
        taken(4, 3, day, false),
        taken(5, 3, day, true),
        taken(6, 3, next, false),
        taken(7, 4, day, false),
        taken(8, 5, day, false),
        taken(9, 6, "2015-10-02T00:00:00+06:00", false),
    ];
    let place = |who: PersonId| {
        let line = (1..=6).find(|n| person(*n) == who).expect("one of six");
        match line {
            4 => Ok((precinct(1002), 9)),
            5 => Err(Some(ExclusionReason::Dead)),
            line => Ok((precinct(1001), u32::try_from(20 - line).expect("small"))),
        }
    };
    let frozen = freeze(&law(), &all, place);
    assert_eq!(
        frozen.lines,
        BTreeMap::from([(precinct(1001), vec![17, 19])])
    );
    let fates = [
        (1, Fate::Stands { line: 19 }),
        (2, Fate::Superseded),
        (4, Fate::Superseded),
        (6, Fate::Stands { line: 17 }),
        (7, Fate::Lapsed(HomeRefused::OtherPrecinct(precinct(1002)))),
        (
            8,
            Fate::Lapsed(HomeRefused::NotOnList(Some(ExclusionReason::Dead))),
        ),
        (9, Fate::Lapsed(HomeRefused::AfterCutOff)),
    ];
    assert_eq!(frozen.fates, BTreeMap::from(fates));
    all.reverse();
    assert_eq!(freeze(&law(), &all, place), frozen);
}

#[test]
fn every_refusal_is_among_the_codes() {
    let all = [
        HomeRefused::AfterCutOff,
        HomeRefused::NotIdentified,
        HomeRefused::NotOnList(None),
        HomeRefused::OtherPrecinct(precinct(1001)),
        HomeRefused::NotInCategory,
        HomeRefused::NoPlace,
        HomeRefused::AlreadyApplied,
        HomeRefused::Withdrawn,
    ];
    assert_eq!(all.map(HomeRefused::code), HomeRefused::CODES);
}
