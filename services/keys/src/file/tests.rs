#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
use lexicon::handover::envelope::{EnvelopeError, Verifier as _};
use lexicon::handover::package::{
    KitEntry, OfficerEntry, PackageBody, PackageError, PackageManifest, SealSecrets, StationPolicy,
    open, seal,
};

use super::*;
use crate::KeyRing;

fn officers() -> Vec<FileKey> {
    (0..5)
        .map(|i| FileKey::from_seed(b"test", &format!("officer {i}")))
        .collect()
}

fn kits() -> Vec<FileKey> {
    (0..2)
        .map(|i| FileKey::from_seed(b"test", &format!("kit {i}")))
        .collect()
}

fn policy() -> StationPolicy {
    StationPolicy {
        partition: "segment".to_owned(),
        ballot_table: "paper".to_owned(),
        tries_per_finger: 3,
        pause_after_failures: 5,
        pause_seconds: 30,
        finger_fmr_ppb: 100_000,
        override_quota_permille: 20,
        opens: 1,
        closes: 2,
        offset_minutes: 360,
        peer_stale_seconds: 10,
        skew_block_seconds: 60,
        different_bodies: false,
        lines_per_page: 25,
        stop_note: None,
        home: None,
        other_line_ppb: None,
        skew_warn_seconds: None,
        limits: None,
        second_day: None,
        devices: None,
        marked_lines_ppb: None,
    }
}

fn sealed() -> (PackageManifest, Vec<u8>, PackageBody) {
    let mut manifest = PackageManifest {
        suite: "kg1".to_owned(),
        election: 20_151_004,
        precinct: 1001,
        release: 1,
        package: 1,
        previous: None,
        root: [7; 32].into(),
        lines: 0,
        ciphertext_sha256: [0; 32].into(),
        ciphertext_bytes: 0,
        not_before: 0,
        not_after: 9,
        policy: policy(),
        kits: kits()
            .iter()
            .enumerate()
            .map(|(i, key)| KitEntry {
                point: key.public_key().0.into(),
                name: format!("K{i}"),
                from: 1,
                to: 0,
            })
            .collect(),
        officers: officers()
            .iter()
            .map(|key| OfficerEntry {
                point: key.public_key().0.into(),
                role: "member".to_owned(),
                body: "party".to_owned(),
                name: "Specimen".to_owned(),
            })
            .collect(),
        k: 2,
        revoked: Vec::new(),
        ephemeral: [0; 65].into(),
        officer_wraps: Vec::new(),
        kit_wraps: Vec::new(),
        break_glass: None,
        exercise: None,
        settings: None,
    };
    let body = PackageBody {
        version: 0,
        election: 20_151_004,
        precinct: 1001,
        index_key: [1; 32].into(),
        voters: Vec::new(),
        district: Vec::new(),
        day_key: [2; 32].into(),
        address_ky: String::new(),
        address_ru: String::new(),
        places: None,
    };
    let secrets = SealSecrets {
        ephemeral: [3; 32],
        officers: [4; 32],
        kits: [5; 32],
    };
    let ciphertext = seal(&mut manifest, &body, &secrets).unwrap();
    (manifest, ciphertext, body)
}

#[test]
fn every_subset_of_officers_with_every_kit_opens_exactly_when_it_should() {
    let (manifest, ciphertext, body) = sealed();
    let (officers, kits) = (officers(), kits());
    let stranger = FileKey::from_seed(b"test", "stranger");
    for set in 0u32..32 {
        let cards: Vec<&dyn KeyAgreement> = officers
            .iter()
            .enumerate()
            .filter(|(i, _)| set & (1 << i) != 0)
            .map(|(_, key)| key as &dyn KeyAgreement)
            .collect();
        for kit in &kits {
            match open(&manifest, ciphertext.clone(), &cards, kit) {
                Ok(opened) => assert!(cards.len() >= 2 && opened == body, "set {set:b}"),
                Err(error) => {
                    let got = cards.len();
                    assert_eq!(error, PackageError::TooFewOfficers { got, needed: 2 });
                }
            }
        }
        if cards.len() >= 2 {
            let error = open(&manifest, ciphertext.clone(), &cards, &stranger).unwrap_err();
            assert_eq!(error, PackageError::UnknownKit);
        }
    }
}

#[test]
fn a_changed_manifest_or_file_does_not_open() {
    let (manifest, ciphertext, _) = sealed();
    let (officers, kits) = (officers(), kits());
    let cards: [&dyn KeyAgreement; 2] = [&officers[0], &officers[4]];
    let mut other = manifest.clone();
    other.precinct = 1002;
    assert_eq!(
        open(&other, ciphertext.clone(), &cards, &kits[0]),
        Err(PackageError::Wrap)
    );
    let mut changed = ciphertext.clone();
    changed[0] ^= 1;
    assert_eq!(
        open(&manifest, changed.clone(), &cards, &kits[0]),
        Err(PackageError::Ciphertext)
    );
    let mut strict = manifest;
    strict.policy.different_bodies = true;
    assert_eq!(
        open(&strict, ciphertext.clone(), &cards, &kits[0]),
        Err(PackageError::SameBody)
    );
}

#[test]
fn the_malleable_twin_of_a_signature_is_refused() {
    let key = FileKey::from_seed(b"test", "card");
    let ring = KeyRing::of([key.public_key()]);
    let signature = key.sign(b"act").unwrap();
    assert_eq!(ring.verify(key.kid(), b"act", &signature), Ok(()));
    let parsed = p256::ecdsa::Signature::from_slice(&signature).unwrap();
    let (r, s) = parsed.split_scalars();
    let twin = p256::ecdsa::Signature::from_scalars(r.to_bytes(), (-*s).to_bytes()).unwrap();
    let twin: [u8; 64] = twin.to_bytes().into();
    assert_eq!(
        ring.verify(key.kid(), b"act", &twin),
        Err(EnvelopeError::BadSignature(key.kid()))
    );
}

#[test]
fn a_key_file_is_read_back_and_a_bad_one_is_named() {
    let dir = std::env::temp_dir().join(format!("tizme-keys-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let path = dir.join("card.key");
    let key = FileKey::from_seed(b"test", "card");
    key.write(&path).unwrap();
    assert_eq!(FileKey::read(&path).unwrap().kid(), key.kid());
    std::fs::write(&path, "zz").unwrap();
    assert!(matches!(
        FileKey::read(&path),
        Err(KeyFileError::Shape { .. })
    ));
    std::fs::remove_dir_all(&dir).unwrap();
}

#[test]
fn a_manifest_says_what_it_is_for_only_when_it_is_for_no_election() {
    use lexicon::handover::envelope::{decode, encode};
    use lexicon::handover::package::{Exercise, TRAINING_ELECTION};
    let (mut manifest, ..) = sealed();
    let before = encode(&manifest);
    let again: PackageManifest = decode(&before).unwrap();
    assert_eq!(again.exercise, None);
    // The last pair of the map is field 21: what kits read before is what they read now.
    assert_eq!(before[0], 0xb3, "nineteen pairs: no package before");
    manifest.exercise = Some(Exercise::Training);
    let mut after = encode(&manifest);
    assert_eq!((after[0], &after[after.len() - 2..]), (0xb4, &[23, 2][..]));
    let again: PackageManifest = decode(&after).unwrap();
    assert_eq!(again.exercise, Some(Exercise::Training));
    *after.last_mut().unwrap() = 9;
    assert!(
        decode::<PackageManifest>(&after).is_err(),
        "an unknown purpose is none"
    );
    for (exercise, election, expected) in [
        (None, 20_151_004, true),
        (Some(Exercise::Rehearsal), 20_150_907, true),
        (Some(Exercise::Training), TRAINING_ELECTION, true),
        (Some(Exercise::Training), 20_151_004, false),
        (None, TRAINING_ELECTION, false),
    ] {
        assert_eq!(Exercise::fits(exercise, election), expected, "{exercise:?}");
    }
}

#[test]
fn what_an_exercise_is_for_cannot_be_changed_behind_the_seal() {
    use lexicon::handover::package::Exercise;
    let (mut manifest, ciphertext, _) = sealed();
    manifest.exercise = Some(Exercise::Rehearsal);
    let (officers, kits) = (officers(), kits());
    let opened = open(
        &manifest,
        ciphertext,
        &[&officers[0], &officers[1]],
        &kits[0],
    );
    assert_eq!(opened.unwrap_err(), PackageError::Wrap);
}

#[test]
fn a_correction_is_read_by_the_office_alone_and_as_it_was_signed() {
    use lexicon::handover::correction::{Correction, CorrectionKind, CorrectionText};
    use lexicon::handover::folder::bytes;
    let office = FileKey::from_seed(b"test", "office");
    let said = CorrectionText {
        pin: "20905199900000".to_owned(),
        right: "Асанов Үсөн".to_owned(),
    };
    let mut correction = Correction {
        suite: "kg1".to_owned(),
        election: 20_150_907,
        precinct: 1001,
        kit: [1; 8].into(),
        number: 1,
        at: 5,
        package: [2; 32].into(),
        line: 0,
        kind: CorrectionKind::Missing,
        ephemeral: [0; 65].into(),
        sealed: bytes(&[]),
    };
    correction
        .seal(&said, &office.public_key(), &[9; 32])
        .unwrap();
    assert!(correction.is_well_formed());
    assert_eq!(correction.open(&office).unwrap(), said);
    let stranger = FileKey::from_seed(b"test", "stranger");
    assert_eq!(correction.open(&stranger).unwrap_err(), PackageError::Wrap);
    let other = Correction {
        number: 2,
        ..correction.clone()
    };
    assert_eq!(other.open(&office).unwrap_err(), PackageError::Wrap);
    assert!(
        !Correction {
            line: 7,
            ..correction
        }
        .is_well_formed()
    );
}
