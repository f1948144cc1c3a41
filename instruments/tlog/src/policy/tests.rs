#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
use super::*;
use crate::key::SigningKey;
use crate::{Hash, TreeHead, leaf_hash};
use proptest::prelude::*;

fn witness(number: u8) -> SigningKey {
    SigningKey::from_seed(
        &format!("w{number}.example"),
        KeyKind::CosignatureV1,
        &[number; 32],
    )
    .unwrap()
}

fn log() -> SigningKey {
    SigningKey::from_seed("log.example", KeyKind::Ed25519, &[100; 32]).unwrap()
}

fn note(witnesses: &[u8]) -> Note {
    let head = TreeHead {
        size: 1,
        root: leaf_hash(b"x"),
    };
    let mut note = Checkpoint::new("log.example", head).unwrap().sign(&log());
    witnesses
        .iter()
        .for_each(|&number| note.sign(&witness(number), 1000 + u64::from(number)));
    note
}

/// The example of the specification: two of three X and any of three Y.
fn x_and_y() -> String {
    let keys: Vec<String> = (1..=6)
        .map(|number| witness(number).verifier().to_string())
        .collect();
    format!(
        "# two organisations\n log {}\n\nwitness X1 {} https://x1.example\nwitness\tX2 {}\nwitness X3 {}\ngroup X-witnesses 2 X1 X2 X3\n\
         witness Y1 {}\nwitness Y2 {}\nwitness Y3 {}\ngroup Y-witnesses any Y1 Y2 Y3\n\
         group X-and-Y all X-witnesses Y-witnesses\nquorum X-and-Y\n",
        log().verifier(),
        keys[0],
        keys[1],
        keys[2],
        keys[3],
        keys[4],
        keys[5],
    )
}

#[test]
fn the_specifications_example_holds_for_every_set_of_witnesses() {
    let policy: Policy = x_and_y().parse().unwrap();
    let again: Policy = policy.to_string().parse().unwrap();
    assert_eq!(again, policy);
    for set in 0..64u8 {
        let witnesses: Vec<u8> = (1..=6)
            .filter(|number| set >> (number - 1) & 1 == 1)
            .collect();
        let x = witnesses.iter().filter(|&&number| number <= 3).count();
        let judged = policy.judge(&note(&witnesses));
        assert_eq!(
            judged.is_ok(),
            x >= 2 && witnesses.len() > x,
            "{witnesses:?}"
        );
        if let Err(refused) = judged {
            let names = witnesses
                .iter()
                .map(|number| format!("w{number}.example"))
                .collect();
            assert_eq!(refused, RefuseCheckpoint::NoQuorum { witnesses: names });
        }
    }
}

#[test]
fn k_of_n_counts_each_witness_once() {
    let keys: Vec<VerifierKey> = (1..=3)
        .map(|number| witness(number).verifier().clone())
        .collect();
    let logs = [log().verifier().clone()];
    let policy = Policy::k_of_n(&logs, &keys, 2).unwrap();
    let accepted = policy.judge(&note(&[3, 1])).unwrap();
    assert_eq!(
        accepted.witnesses,
        [
            ("w1.example".to_owned(), 1001),
            ("w3.example".to_owned(), 1003)
        ]
    );
    // One witness's line twice is still one witness.
    let text = note(&[1]).to_string();
    let line = text.lines().last().unwrap().to_owned();
    let twice = Note::parse(format!("{text}{line}\n").as_bytes()).unwrap();
    assert!(matches!(
        policy.judge(&twice),
        Err(RefuseCheckpoint::NoQuorum { .. })
    ));
    Policy::k_of_n(&logs, &keys, 0)
        .unwrap()
        .judge(&note(&[]))
        .expect("no witness is asked for");
    assert_eq!(
        Policy::k_of_n(&logs, &keys, 4),
        Err(PolicyError::Threshold { line: 5 })
    );
}

#[test]
fn the_log_must_sign_under_its_own_origin() {
    let policy = Policy::k_of_n(&[log().verifier().clone()], &[], 0).unwrap();
    let head = TreeHead {
        size: 0,
        root: Hash::EMPTY_ROOT,
    };
    let foreign = Checkpoint::new("other.example", head).unwrap().sign(&log());
    assert_eq!(
        policy.judge(&foreign),
        Err(RefuseCheckpoint::NoLog {
            origin: "other.example".to_owned()
        })
    );
    let mut unsigned =
        Note::new(Checkpoint::new("log.example", head).unwrap().to_string()).unwrap();
    unsigned.sign(&witness(1), 5);
    assert_eq!(
        policy.judge(&unsigned),
        Err(RefuseCheckpoint::Signature(VerifyNoteError::NoKnownKey))
    );
    let two = Policy::k_of_n(
        &[log().verifier().clone()],
        &[witness(1).verifier().clone()],
        1,
    )
    .unwrap();
    assert_eq!(
        two.judge(&unsigned),
        Err(RefuseCheckpoint::NoLog {
            origin: "log.example".to_owned()
        })
    );
    let mut text = Note::new("not a checkpoint\n").unwrap();
    text.sign(&log(), 0);
    assert_eq!(
        policy.judge(&text),
        Err(RefuseCheckpoint::Checkpoint(CheckpointError::Size))
    );
}

#[test]
fn malformed_policies_are_refused_by_line() {
    let (log, w1, w2) = (
        log().verifier().to_string(),
        witness(1).verifier().to_string(),
        witness(2).verifier().to_string(),
    );
    let check =
        |text: String, expected| assert_eq!(text.parse::<Policy>(), Err(expected), "{text}");
    check(String::new(), PolicyError::NoQuorum);
    check(format!("log {log}\n"), PolicyError::NoQuorum);
    check("logs x\n".to_owned(), PolicyError::Form { line: 1 });
    check(
        format!("\nlog {log} url more\nquorum none"),
        PolicyError::Form { line: 2 },
    );
    check(
        "log x\nquorum none".to_owned(),
        PolicyError::Key {
            line: 1,
            source: KeyError::Form,
        },
    );
    check(
        format!("log {w1}\nquorum none"),
        PolicyError::Kind { line: 1 },
    );
    check(
        format!("witness a {log}\nquorum a"),
        PolicyError::Kind { line: 1 },
    );
    check(
        format!("log {log}\nlog {log}\nquorum none"),
        PolicyError::Duplicate { line: 2 },
    );
    check(
        format!("witness a {w1}\nwitness b {w1}\nquorum a"),
        PolicyError::Duplicate { line: 2 },
    );
    check(
        format!("witness a {w1}\nwitness a {w2}\nquorum a"),
        PolicyError::Duplicate { line: 2 },
    );
    check(
        format!("witness none {w1}\nquorum none"),
        PolicyError::Duplicate { line: 1 },
    );
    check(
        format!("witness a {w1}\nquorum a\nquorum a"),
        PolicyError::Duplicate { line: 3 },
    );
    check(
        "quorum a".to_owned(),
        PolicyError::Unknown {
            line: 1,
            name: "a".to_owned(),
        },
    );
    check(
        format!("witness a {w1}\ngroup g 1 a g\nquorum g"),
        PolicyError::Unknown {
            line: 2,
            name: "g".to_owned(),
        },
    );
    for k in ["0", "2", "x", "-1"] {
        check(
            format!("witness a {w1}\ngroup g {k} a\nquorum g"),
            PolicyError::Threshold { line: 2 },
        );
    }
    check(
        "group g all\nquorum g".to_owned(),
        PolicyError::Threshold { line: 1 },
    );
}

proptest! {
    #[test]
    fn a_mutated_policy_never_panics(at in any::<prop::sample::Index>(), cut in 0usize..30, insert in ".{0,3}") {
        let text = x_and_y();
        let at = at.index(text.len());
        let end = (at + cut).min(text.len());
        if let Ok(policy) = format!("{}{insert}{}", &text[..at], &text[end..]).parse::<Policy>() {
            let again: Policy = policy.to_string().parse().unwrap();
            prop_assert_eq!(again, policy);
        }
    }
}
