#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
use super::*;
use ed25519_dalek::Verifier as _;
use proptest::prelude::*;
use signed_note::Verifier as _;

fn key(name: &str, kind: KeyKind, seed: u8) -> SigningKey {
    SigningKey::from_seed(name, kind, &[seed; 32]).unwrap()
}

fn signed() -> (Note, [VerifierKey; 3]) {
    let log = key("log.example/2015", KeyKind::Ed25519, 1);
    let witness = key("witness.example/w1", KeyKind::CosignatureV1, 2);
    let stranger = key("stranger.example", KeyKind::Ed25519, 3);
    let mut note =
        Note::new("log.example/2015\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n").unwrap();
    note.sign(&log, 0);
    note.sign(&witness, 1_443_934_800);
    (
        note,
        [
            log.verifier().clone(),
            witness.verifier().clone(),
            stranger.verifier().clone(),
        ],
    )
}

#[test]
fn a_note_comes_back_and_its_signers_are_named() {
    let (note, keys) = signed();
    let back = Note::parse(note.to_string().as_bytes()).unwrap();
    assert_eq!(back, note);
    let verified = back.verify(&keys).unwrap();
    assert_eq!(verified.len(), 2);
    assert_eq!((verified[0].key, verified[0].time_s), (&keys[0], None));
    assert_eq!(
        (verified[1].key, verified[1].time_s),
        (&keys[1], Some(1_443_934_800))
    );
    assert_eq!(back.verify(&keys[2..]), Err(VerifyNoteError::NoKnownKey));
    assert_eq!(back.verify(&[]), Err(VerifyNoteError::NoKnownKey));
}

#[test]
fn signing_again_replaces_the_earlier_line() {
    let (mut note, keys) = signed();
    note.sign(
        &key("witness.example/w1", KeyKind::CosignatureV1, 2),
        1_443_934_801,
    );
    assert_eq!(note.signatures().len(), 2);
    assert_eq!(note.verify(&keys).unwrap()[1].time_s, Some(1_443_934_801));
}

#[test]
fn a_bad_line_of_a_known_key_refuses_the_note_even_beside_a_good_one() {
    let (mut note, keys) = signed();
    let mut bad = note.signatures[0].clone();
    bad.bytes[5] ^= 1;
    note.signatures.push(bad);
    let name = "log.example/2015".to_owned();
    assert_eq!(note.verify(&keys), Err(VerifyNoteError::Invalid { name }));
    note.verify(&keys[1..2])
        .expect("the witness's signature holds, the log's key is not known here");
}

#[test]
fn a_cosignature_is_no_log_signature_and_its_time_is_signed() {
    let (note, keys) = signed();
    let moved =
        VerifierKey::new("witness.example/w1", KeyKind::Ed25519, *keys[1].public()).unwrap();
    assert_eq!(note.verify(&[moved]), Err(VerifyNoteError::NoKnownKey));
    let mut later = note.clone();
    later.signatures[1].bytes[7] ^= 1;
    assert!(matches!(
        later.verify(&keys),
        Err(VerifyNoteError::Invalid { .. })
    ));
    let mut short = note.clone();
    short.signatures[1].bytes.truncate(7);
    assert!(matches!(
        short.verify(&keys),
        Err(VerifyNoteError::Invalid { .. })
    ));
    let mut far = note;
    far.sign(
        &key("witness.example/w1", KeyKind::CosignatureV1, 2),
        1 << 63,
    );
    assert!(
        matches!(far.verify(&keys), Err(VerifyNoteError::Invalid { .. })),
        "times stay below 2^63"
    );
}

#[test]
fn malformed_notes_are_refused_by_name() {
    let check = |bytes: &[u8], expected: NoteError| assert_eq!(Note::parse(bytes), Err(expected));
    let line = "— a AAAAAAA=\n";
    check(b"", NoteError::NoSignatures);
    check(b"text\n", NoteError::NoSignatures);
    check(b"text\n\n", NoteError::NoSignatures);
    check("text\n\n— a AAAAAAA=".as_bytes(), NoteError::NoSignatures);
    check(b"\xff\n\n", NoteError::NotText);
    check(format!("te\txt\n\n{line}").as_bytes(), NoteError::NotText);
    check(format!("te\rxt\n\n{line}").as_bytes(), NoteError::NotText);
    check(
        &vec![b'a'; NOTE_BYTES_MAX + 1],
        NoteError::TooLong(NOTE_BYTES_MAX + 1),
    );
    check(
        format!("text\n\n{}", line.repeat(101)).as_bytes(),
        NoteError::TooManySignatures,
    );
    for bad in [
        "a AAAAAAA=",
        "— a",
        "— a AAAA",
        "—  AAAAAAA=",
        "— a+b AAAAAAA=",
        "— a b AAAAAAA=",
        "— a\u{2003}b AAAAAAA=",
        "-- a AAAAAAA=",
    ] {
        check(
            format!("text\n\n{line}{bad}\n").as_bytes(),
            NoteError::Signature(2),
        );
    }
    let hundred = Note::parse(format!("text\n\n{}", line.repeat(100)).as_bytes()).unwrap();
    assert_eq!(hundred.signatures().len(), 100);
    let empty_lines = Note::parse(format!("a\n\nb\n\n{line}").as_bytes()).unwrap();
    assert_eq!(empty_lines.text(), "a\n\nb\n");
    assert_eq!(Note::new("no newline"), Err(NoteError::Text));
}

#[test]
fn keys_come_back_and_damaged_ones_are_refused() {
    let vkey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    assert_eq!(vkey.parse::<VerifierKey>().unwrap().to_string(), vkey);
    for (from, to) in
        (0..=vkey.len()).flat_map(|from| (from..=vkey.len()).map(move |to| (from, to)))
    {
        assert_eq!(
            vkey[from..to].parse::<VerifierKey>().is_ok(),
            (from, to) == (0, vkey.len())
        );
    }
    for at in 0..vkey.len() {
        let mut bytes = vkey.as_bytes().to_vec();
        bytes[at] += 1;
        std::str::from_utf8(&bytes)
            .unwrap()
            .parse::<VerifierKey>()
            .unwrap_err();
    }
    // Wrong length and unknown kind, with the identifier adjusted: Go's sumdb/note has the same cases.
    let long = "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==";
    let unknown = "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    long.parse::<VerifierKey>().unwrap_err();
    assert_eq!(
        unknown.parse::<VerifierKey>(),
        Err(crate::KeyError::Unsupported(0x65))
    );
    for name in ["", "a b", "a+b", "a\nb", "a\u{a0}b"] {
        assert_eq!(
            VerifierKey::new(name, KeyKind::Ed25519, [0; 32]),
            Err(crate::KeyError::Name)
        );
    }
    assert!(
        !format!("{:?}", key("log", KeyKind::Ed25519, 9)).contains("\\t"),
        "no seed in Debug"
    );
}

proptest! {
    #[test]
    fn the_public_crate_accepts_our_notes_and_we_theirs(text in "([a-zа-я ө/+=]{0,20}\n){1,5}", seed in any::<[u8; 32]>()) {
        let log = SigningKey::from_seed("log.example/x", KeyKind::Ed25519, &seed).unwrap();
        let mut note = Note::new(text.clone()).unwrap();
        note.sign(&log, 0);
        let verifier = signed_note::StandardVerifier::new(&log.verifier().to_string()).unwrap();
        prop_assert_eq!(verifier.key_id(), log.verifier().id());
        let verifiers = signed_note::VerifierList::new(vec![Box::new(verifier)]);
        let theirs = signed_note::Note::from_bytes(note.to_string().as_bytes()).unwrap();
        prop_assert_eq!(theirs.verify(&verifiers).unwrap().0.len(), 1);
        let back = Note::parse(&theirs.to_bytes()).unwrap();
        prop_assert!(back.verify(std::slice::from_ref(log.verifier())).is_ok());
    }

    #[test]
    fn another_ed25519_agrees(text in "([a-z]{1,20}\n){1,5}", seed in any::<[u8; 32]>(), time_s in 0u64..1 << 63) {
        let mut note = Note::new(text.clone()).unwrap();
        note.sign(&SigningKey::from_seed("w", KeyKind::CosignatureV1, &seed).unwrap(), time_s);
        let dalek = ed25519_dalek::SigningKey::from_bytes(&seed).verifying_key();
        let bytes = note.signatures()[0].bytes();
        let mut message = b"cosignature/v1\ntime ".to_vec();
        message.extend_from_slice(time_s.to_string().as_bytes());
        message.push(b'\n');
        message.extend_from_slice(text.as_bytes());
        prop_assert_eq!(&bytes[..8], &time_s.to_be_bytes());
        let signature = ed25519_dalek::Signature::from_slice(&bytes[8..]).unwrap();
        prop_assert!(dalek.verify(&message, &signature).is_ok());
    }

    #[test]
    fn any_changed_byte_of_a_signed_note_is_refused(at in any::<prop::sample::Index>(), flip in 1u8..=255) {
        let (note, keys) = signed();
        let mut bytes = note.to_string().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        // Either unreadable, or a signature is lost or does not hold; never the same two signers on other bytes.
        let both = Note::parse(&bytes).ok().and_then(|note| Some(note.verify(&keys).ok()?.len()));
        prop_assert!(both != Some(2), "byte {} of the note", at);
    }

    #[test]
    fn the_parser_never_panics_and_agrees_with_the_public_crate(text in "[ab]{0,3}\n{0,3}[ab]{0,3}\n{1,3}(— [ab+ ]{0,3} [A-D=]{0,9}\n{0,2}){0,3}") {
        let ours = Note::parse(text.as_bytes());
        let theirs = signed_note::Note::from_bytes(text.as_bytes());
        prop_assert_eq!(ours.is_ok(), theirs.is_ok(), "{:?} {:?}", ours, theirs.is_ok());
        if let Ok(note) = ours {
            prop_assert_eq!(note.to_string(), text);
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = Note::parse(&bytes);
    }
}
