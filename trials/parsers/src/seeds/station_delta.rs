//! Files on a stick: a change of one station's list.

use lexicon::handover::envelope::{PublicKey, encode, sign_all};
use lexicon::handover::folder::bytes;
use lexicon::handover::package::PackageVoter;
use lexicon::handover::station_delta::{
    DeltaSecrets, StationChange, StationChangeKind, StationDelta, StationDeltaFile, StationEntry,
    station_delta_subject,
};

use super::documents::PRECINCT;
use super::{ELECTION, hands};

/// A strike, a stop-note and an added line, signed and sealed to the kits; and a strike alone.
pub fn station_deltas() -> Vec<Vec<u8>> {
    let hands = hands();
    let lines = hands.charter.lines();
    let change = |line, kind| StationChange {
        line,
        kind,
        entry: None,
        reason: "COURT".to_owned(),
    };
    let file = |changes: Vec<StationChange>, is_adding: bool| {
        let mut delta = StationDelta {
            suite: "kg1".to_owned(),
            election: ELECTION,
            precinct: PRECINCT,
            number: 1,
            package: hands.charter.package().0.into(),
            previous: hands.charter.package().0.into(),
            list_delta: None,
            root: [7; 32].into(),
            lines: lines + u32::from(is_adding),
            voters: lines + u32::from(is_adding) - 1,
            effective_at: 1_443_950_000_000_000,
            changes,
            ephemeral: None,
            kit_wraps: Vec::new(),
        };
        let voter = PackageVoter {
            line: lines + 1,
            page: 9,
            surname: "Кошумчаев".to_owned(),
            given: "Бакыт".to_owned(),
            patronymic: String::new(),
            born: "1985-04-15".to_owned(),
            sex: "M".to_owned(),
            photo: bytes(&[]),
            fingers: Vec::new(),
            pin_token: [3; 16].into(),
            document_tokens: Vec::new(),
            home: false,
        };
        let entries = [StationEntry {
            index_key: [5; 32].into(),
            voter,
        }];
        let entries = if is_adding { &entries[..] } else { &[] };
        let kits = hands.charter.manifest().kits.iter();
        let kits: Vec<PublicKey> = kits.map(|kit| PublicKey(*kit.point)).collect();
        let secrets = DeltaSecrets {
            ephemeral: [4; 32],
            content: [6; 32],
        };
        let sealed = delta
            .seal(entries, &kits, &secrets)
            .expect("the kits' keys are on the curve");
        let signers = [&hands.institutions[0] as _, &hands.institutions[1] as _];
        let signed = sign_all(station_delta_subject(ELECTION), &encode(&delta), &signers)
            .expect("a key in memory signs");
        encode(&StationDeltaFile {
            signed: bytes(&signed),
            entries: sealed.iter().map(|entry| bytes(entry)).collect(),
        })
    };
    vec![
        file(
            vec![
                change(1, StationChangeKind::Strike),
                change(2, StationChangeKind::Stop),
                change(lines + 1, StationChangeKind::Add),
            ],
            true,
        ),
        file(vec![change(1, StationChangeKind::Strike)], false),
    ]
}
