#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
use lexicon::handover::envelope::decode;
use lexicon::handover::lookup::{LookupAnswer, LookupEntry, LookupScope, seal_lookup};
use lexicon::handover::question::REPLY_BYTES;

use super::*;

const KEY: [u8; 32] = [9; 32];
const PIN: &str = "20905199900000";

fn oracle(limits: Limits) -> Oracle {
    let scope = LookupScope {
        election: 20_151_004,
        release: 1,
        delta: 0,
    };
    let answer = LookupAnswer {
        release: 1,
        line: None,
        leaf: 0,
        absence: Some(vec![1, 2, 3].into()),
        claims: Vec::new(),
        until: "2015-09-19".to_owned(),
        after: None,
    };
    let token = LookupKey::new(&KEY).token(scope.election, PIN, "AN1234567");
    let file = seal_lookup(scope, vec![LookupEntry { token, answer }]);
    Oracle::new(file, &KEY, limits).unwrap()
}

fn question(pin: &str, document: &str) -> Question {
    Question {
        pin: pin.to_owned(),
        document: document.to_owned(),
    }
}

fn at(seconds: i64) -> Instant {
    Instant::from_micros(1_443_900_000_000_000 + seconds * 1_000_000)
}

#[test]
fn both_numbers_together_open_the_answer() {
    let mut oracle = oracle(Limits::default());
    let reply = oracle.answer(&question(PIN, "AN1234567"), at(0));
    assert_eq!(reply.kind, 0);
    assert_eq!(
        decode::<LookupAnswer>(&reply.answer).unwrap().until,
        "2015-09-19"
    );
}

#[test]
fn a_wrong_pin_and_a_wrong_document_get_the_same_bytes() {
    let mut oracle = oracle(Limits::default());
    let wrong_document = oracle
        .answer(&question(PIN, "AN7654321"), at(0))
        .frame()
        .unwrap();
    let wrong_pin = oracle
        .answer(&question("20905199900001", "AN1234567"), at(1))
        .frame()
        .unwrap();
    assert_eq!(wrong_document, wrong_pin);
    assert_eq!(
        oracle
            .answer(&question(PIN, "AN1234567"), at(2))
            .frame()
            .unwrap()
            .len(),
        REPLY_BYTES
    );
}

#[test]
fn the_sixth_guess_of_a_day_is_refused_even_when_right() {
    let mut oracle = oracle(Limits::default());
    for guess in 0..5 {
        let document = format!("AN000000{guess}");
        assert_eq!(oracle.answer(&question(PIN, &document), at(guess)).kind, 1);
    }
    let sixth = oracle.answer(&question(PIN, "AN1234567"), at(6));
    assert_eq!((sixth.kind, sixth.answer.len()), (2, 0));
    assert!(sixth.wait_minutes > 1400);
    assert_eq!(
        oracle
            .answer(&question(PIN, "AN1234567"), at(86_400 + 7))
            .kind,
        0
    );
}

#[test]
fn a_flood_is_answered_at_the_allowed_rate_only() {
    let mut oracle = oracle(Limits {
        per_second: 50,
        ..Limits::default()
    });
    let answered = (0..10_000)
        .map(|n| oracle.answer(&question(&format!("2090519990{n:04}"), "AN1234567"), at(0)))
        .filter(|reply| reply.kind != 2)
        .count();
    assert_eq!(answered, 50);
}

#[test]
fn a_cut_file_does_not_start() {
    assert!(Oracle::new(vec![0; 10], &KEY, Limits::default()).is_err());
}
