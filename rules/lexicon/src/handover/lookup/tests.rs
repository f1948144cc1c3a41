#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
use super::*;

fn answer(until: &str) -> LookupAnswer {
    LookupAnswer {
        release: 1,
        line: None,
        leaf: 7,
        absence: None,
        claims: Vec::new(),
        until: until.to_owned(),
        after: None,
    }
}

const SCOPE: LookupScope = LookupScope {
    election: 20_151_004,
    release: 1,
    delta: 0,
};

fn file_of(n: usize) -> (LookupKey, Vec<u8>) {
    let key = LookupKey::new(&[7; 32]);
    let entries = (0..n)
        .map(|i| LookupEntry {
            token: key.token(SCOPE.election, "20905199900000", &format!("AN{i:07}")),
            answer: answer(&"x".repeat(i % 50)),
        })
        .collect();
    (key, seal_lookup(SCOPE, entries))
}

#[test]
fn pin_and_document_together_open_the_answer_and_nothing_else_does() {
    let (key, bytes) = file_of(100);
    let file = LookupFile::parse(&bytes).unwrap();
    file.check_order().unwrap();
    assert_eq!(file.len(), 100);
    for i in 0..100 {
        let token = key.token(SCOPE.election, "20905199900000", &format!("AN{i:07}"));
        assert_eq!(
            file.find(&token).unwrap(),
            Some(answer(&"x".repeat(i % 50)))
        );
    }
    let other_pin = key.token(SCOPE.election, "20905199900001", "AN0000001");
    assert_eq!(file.find(&other_pin).unwrap(), None);
    let other_key = LookupKey::new(&[8; 32]).token(SCOPE.election, "20905199900000", "AN0000001");
    assert_eq!(file.find(&other_key).unwrap(), None);
}

#[test]
fn every_record_has_one_size_and_order_of_entry_changes_no_byte() {
    let key = LookupKey::new(&[7; 32]);
    let entry = |i: usize| LookupEntry {
        token: key.token(SCOPE.election, "20905199900000", &format!("AN{i:07}")),
        answer: answer(&"x".repeat(i)),
    };
    let forward = seal_lookup(SCOPE, (0..40).map(entry).collect());
    let backward = seal_lookup(SCOPE, (0..40).rev().map(entry).collect());
    assert_eq!(forward, backward);
    assert_eq!((forward.len() - LOOKUP_HEADER_BYTES) % 40, 0);
}

#[test]
fn a_changed_byte_is_noticed() {
    let (key, bytes) = file_of(3);
    let token = key.token(SCOPE.election, "20905199900000", "AN0000001");
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        let read = LookupFile::parse(&changed).and_then(|file| {
            file.check_order()?;
            file.find(&token)
        });
        // A change in another record does not touch this answer; one in this record hides it.
        assert!(read != Ok(Some(answer("x"))) || at >= LOOKUP_HEADER_BYTES);
    }
}

#[test]
fn an_empty_file_is_a_header() {
    let bytes = seal_lookup(SCOPE, Vec::new());
    assert!(LookupFile::parse(&bytes).unwrap().is_empty());
    assert_eq!(
        LookupFile::parse(&bytes[..31]).unwrap_err(),
        LookupError::Shape
    );
}

#[test]
fn an_answer_after_a_delta_opens_only_under_that_delta() {
    let (key, _) = file_of(0);
    let token = || key.token(SCOPE.election, "20905199900000", "AN0000001");
    let told = AfterRelease {
        changes: vec![LineTold {
            delta: 2,
            effective_at: 7,
            kind: ChangeKind::Strike,
            reason: "DEAD".to_owned(),
            precinct: 1001,
            line: 3,
        }],
        was: None,
    };
    let answer = LookupAnswer {
        after: Some(told),
        ..answer("")
    };
    let scope = LookupScope { delta: 2, ..SCOPE };
    let entry = LookupEntry {
        token: token(),
        answer: answer.clone(),
    };
    let mut bytes = seal_lookup(scope, vec![entry]);
    let file = LookupFile::parse(&bytes).unwrap();
    assert_eq!(file.scope, scope);
    assert_eq!(file.find(&token()), Ok(Some(answer)));
    // The same records under the header of the release alone say nothing.
    bytes[28..32].copy_from_slice(&[0; 4]);
    let file = LookupFile::parse(&bytes).unwrap();
    assert_eq!(file.find(&token()), Err(LookupError::Sealed));
}
