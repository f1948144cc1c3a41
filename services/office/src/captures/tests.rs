use lexicon::Instant;
use store::{CapturesAct, CapturesStep, Institution};

use super::{OPEN_MICROS, Opening, in_force, standing};

const HOUR: i64 = 3_600_000_000;

fn step(act: CapturesAct, staff: &str, hours: i64) -> CapturesStep {
    CapturesStep {
        act,
        reason: "court".to_owned(),
        basis: "17/2015".to_owned(),
        staff: staff.to_owned(),
        at: Instant::from_micros(hours * HOUR),
    }
}

#[test]
fn captures_are_opened_by_two_people_of_two_institutions_within_a_day_and_once() {
    let (ours, theirs) = (Institution::Registration, Institution::Commission);
    let asked = step(CapturesAct::Asked(ours), "a", 0);
    let allowed = step(CapturesAct::Allowed(theirs), "b", 1);
    let at = |hours: i64| Instant::from_micros(hours * HOUR);
    let check = |steps: &[&CapturesStep], staff: &str, of, hours, expected: Opening| {
        let steps: Vec<CapturesStep> = steps.iter().map(|step| (*step).clone()).collect();
        assert_eq!(standing(&steps, staff, of, at(hours)), expected);
    };
    check(&[], "a", ours, 0, Opening::Closed);
    check(&[&asked], "a", ours, 1, Opening::Waits);
    check(&[&asked], "c", ours, 1, Opening::Waits);
    check(&[&asked], "a", theirs, 1, Opening::Waits);
    check(&[&asked], "b", theirs, 1, Opening::Asked);
    check(&[&asked], "b", theirs, 24, Opening::Closed);
    let until = allowed.at.plus_micros(OPEN_MICROS);
    check(&[&asked, &allowed], "a", ours, 2, Opening::Allowed(until));
    check(&[&asked, &allowed], "a", ours, 25, Opening::Closed);
    let opened = step(CapturesAct::Opened, "job", 3);
    check(&[&asked, &allowed, &opened], "a", ours, 4, Opening::Closed);
    // What no page records is no allowance either.
    let own = step(CapturesAct::Allowed(ours), "b", 1);
    assert!(in_force(&[asked.clone(), own], at(2)).is_none());
    let same = step(CapturesAct::Allowed(theirs), "a", 1);
    assert!(in_force(&[asked, same], at(2)).is_none());
}
