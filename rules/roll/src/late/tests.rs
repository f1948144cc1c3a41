use super::*;
use crate::testkit::{day, law};

// L-08: a fact at T−30, T−10, T−1 and T+1.
#[test]
fn a_late_fact_does_what_the_law_says_for_its_day() {
    let days = [
        "2015-09-04",
        "2015-09-24",
        "2015-10-03",
        "2015-10-04",
        "2015-10-05",
    ];
    let check = |fact: Fact, want: [LateAct; 5]| {
        let acts = days.map(|on| late_act(&law(), fact, day(on)));
        assert_eq!(acts, want, "{}", fact.code());
    };
    use LateAct::{Delta, List, Note, Record};
    check(Fact::Death, [List, List, Delta, Note, Record]);
    check(Fact::Court, [List, List, Delta, Delta, Record]);
    check(Fact::CitizenshipLoss, [List, List, Delta, Note, Record]);
    check(Fact::Document, [List, List, Note, Note, Record]);
    check(Fact::NameChange, [List, List, Note, Note, Record]);
    check(Fact::Enrolment, [List, List, Delta, Record, Record]);
    check(Fact::Residence, [List, List, Record, Record, Record]);
}

#[test]
fn the_freeze_is_the_end_of_the_day_of_the_final_list() {
    assert_eq!(Window::of(&law(), day("2015-09-25")), Window::BeforeFreeze);
    assert_eq!(Window::of(&law(), day("2015-09-26")), Window::AfterFreeze);
}

#[test]
fn another_policy_is_another_file_and_no_row_is_the_common_rule() {
    let mut other = law();
    for row in &mut other.late {
        if row.fact == "name_change" {
            row.after_freeze = LateAct::Delta;
        }
    }
    let on = day("2015-10-01");
    assert_eq!(late_act(&other, Fact::NameChange, on), LateAct::Delta);
    other.late.clear();
    assert_eq!(late_act(&other, Fact::Residence, on), LateAct::Delta);
}

#[test]
fn every_shipped_law_names_every_fact_once() {
    for id in lexicon::ElectionLaw::shipped_ids() {
        let Ok(law) = lexicon::ElectionLaw::shipped(id) else {
            unreachable!("{id} is shipped")
        };
        let mut named: Vec<&str> = law.late.iter().map(|row| row.fact.as_str()).collect();
        let mut known = Fact::ALL.map(Fact::code).to_vec();
        named.sort_unstable();
        known.sort_unstable();
        assert_eq!(named, known, "{id}");
    }
}
