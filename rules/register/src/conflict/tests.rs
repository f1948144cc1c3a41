use super::*;

fn of(row: &str) -> PersonId {
    PersonId::of_source("test", row)
}

fn pin(n: u64) -> Pin {
    Pin::from_stored(20_905_199_900_000 + n)
}

fn holding(row: &str, n: u64) -> Holding {
    Holding {
        person: of(row),
        pin: pin(n),
    }
}

/// Two people of PIN 1.
fn shared(words: &[Option<Word>]) -> Result<Vec<Effect>, WordsError> {
    let records = [holding("a", 1), holding("b", 1)];
    effects(ConflictKind::SharedPin, &records, words, of("a"))
}

/// One person with PINs 1 and 2; the record `a` is counted.
fn double(words: &[Option<Word>]) -> Result<Vec<Effect>, WordsError> {
    let records = [holding("a", 1), holding("b", 2)];
    effects(ConflictKind::TwoPins, &records, words, of("a"))
}

#[test]
fn one_record_keeps_the_shared_pin_and_the_other_gets_one() {
    let words = [Some(Word::NewPin(pin(7))), Some(Word::Keeps)];
    assert_eq!(
        shared(&words),
        Ok(vec![
            Effect::KeptBy(of("b")),
            Effect::Claim(holding("a", 7))
        ])
    );
    let without = [Some(Word::Ends), Some(Word::Keeps)];
    assert_eq!(shared(&without), Ok(vec![Effect::KeptBy(of("b"))]));
}

#[test]
fn the_counted_record_of_a_person_holds_the_one_pin_that_stays() {
    let own = [Some(Word::Keeps), Some(Word::Ends)];
    assert_eq!(double(&own), Ok(vec![Effect::End(holding("b", 2))]));
    let struck = [Some(Word::Ends), Some(Word::Keeps)];
    assert_eq!(
        double(&struck),
        Ok(vec![
            Effect::End(holding("a", 1)),
            Effect::End(holding("b", 2)),
            Effect::Claim(holding("a", 2)),
        ])
    );
}

#[test]
fn words_that_do_not_agree_come_to_nothing() {
    let keeps = Some(Word::Keeps);
    assert_eq!(shared(&[keeps, None]), Err(WordsError::Incomplete));
    assert_eq!(shared(&[]), Err(WordsError::Incomplete));
    assert_eq!(shared(&[keeps, keeps]), Err(WordsError::Keepers));
    let ends = Some(Word::Ends);
    assert_eq!(shared(&[ends, ends]), Err(WordsError::Keepers));
    let mixed = [keeps, Some(Word::CannotSay)];
    assert_eq!(shared(&mixed), Err(WordsError::Mixed));
    let same = [keeps, Some(Word::NewPin(pin(1)))];
    assert_eq!(shared(&same), Err(WordsError::NewPin));
    let new = [keeps, Some(Word::NewPin(pin(8)))];
    assert_eq!(double(&new), Err(WordsError::Misfit));
    let one = Some(Word::OnePerson);
    assert_eq!(double(&[one, one]), Err(WordsError::Misfit));
    assert_eq!(
        shared(&[one, one]),
        Ok(vec![Effect::Refer(of("a"), of("b"))])
    );
    let silent = Some(Word::CannotSay);
    assert_eq!(shared(&[silent, silent]), Ok(Vec::new()));
}

#[test]
fn only_a_timely_answer_to_what_still_holds_is_applied() {
    let fine = Standing {
        in_lot: true,
        settled: Settled::No,
        changed: false,
        late: false,
    };
    let act = [Effect::KeptBy(of("a"))];
    let check = |standing, expected| assert_eq!(judge(standing, &act), expected, "{standing:?}");
    check(fine, AnswerState::Applied);
    check(Standing { late: true, ..fine }, AnswerState::Late);
    let changed = Standing {
        changed: true,
        ..fine
    };
    check(changed, AnswerState::ChangedSince);
    let again = Standing {
        settled: Settled::Alike,
        late: true,
        ..fine
    };
    check(again, AnswerState::Repeated);
    let against = Standing {
        settled: Settled::Otherwise,
        ..fine
    };
    check(against, AnswerState::Contradicts);
    let elsewhere = Standing {
        in_lot: false,
        ..fine
    };
    check(elsewhere, AnswerState::NotInLot);
    assert_eq!(judge(fine, &[]), AnswerState::CannotSay);
    let refer = [Effect::Refer(of("a"), of("b"))];
    assert_eq!(judge(fine, &refer), AnswerState::Referred);
}

#[test]
fn every_person_of_a_conflict_is_told_what_became_of_their_pin() {
    let records = [holding("a", 1), holding("b", 1), holding("c", 1)];
    let acts = [Effect::KeptBy(of("b")), Effect::Claim(holding("a", 7))];
    let told = notices(&records, &acts);
    let of_person = |row| told.iter().find(|(p, _)| *p == of(row)).map(|(_, k)| *k);
    assert_eq!(of_person("a"), Some(NoticeKind::Changed));
    assert_eq!(of_person("b"), Some(NoticeKind::Kept));
    assert_eq!(of_person("c"), Some(NoticeKind::Ended));
    let one = [holding("a", 1), holding("a", 2)];
    let told = notices(&one, &[Effect::End(holding("a", 1))]);
    assert_eq!(told, [(of("a"), NoticeKind::OneLeft)]);
}

#[test]
fn letters_go_on_after_the_alphabet_and_a_case_knows_its_pins() {
    let places = [0, 1, 25, 26, 27, 52];
    assert_eq!(places.map(letter), ["A", "B", "Z", "AA", "AB", "BA"]);
    let (p, q, r) = (pin(1), pin(2), pin(3));
    assert_eq!(
        two_pins_case(of("a"), &[q, p]),
        two_pins_case(of("a"), &[p, q, q])
    );
    assert_ne!(
        two_pins_case(of("a"), &[p, q]),
        two_pins_case(of("a"), &[p, r])
    );
    assert_ne!(
        two_pins_case(of("a"), &[p, q]),
        two_pins_case(of("b"), &[p, q])
    );
}
