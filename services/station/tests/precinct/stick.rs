//! A change of the list on a stick: what two institutions sign for a precinct of the fixture.

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

use lexicon::handover::envelope::{
    DocumentId, DocumentType, PublicKey, Signer, Subject, decode, encode, open_all, sign_all,
};
use lexicon::handover::folder::bytes;
use lexicon::handover::package::{PackageManifest, PackageVoter, index_token};
use lexicon::handover::station_delta::{
    DeltaSecrets, StationChange, StationChangeKind, StationDelta, StationDeltaFile, StationEntry,
    station_delta_subject,
};
use pollbook::Taken;

use super::{ELECTION, OPENS, Precinct, key, pin, voter};

pub const INDEX_KEY: [u8; 32] = [77; 32];

/// The precinct's manifest and its id.
pub fn manifest(precinct: &Precinct) -> (PackageManifest, DocumentId) {
    let subject = Subject {
        kind: DocumentType::PackageManifest,
        election: ELECTION,
    };
    let publishers = &precinct.publishers;
    let opened = open_all(
        subject,
        &precinct.manifest,
        &publishers.ring,
        &publishers.required,
    );
    let opened = opened.unwrap();
    (decode(&opened.payload).unwrap(), opened.id)
}

pub fn change(line: u32, kind: StationChangeKind, reason: &str) -> StationChange {
    StationChange {
        line,
        kind,
        entry: None,
        reason: reason.to_owned(),
    }
}

/// A voter who came by a court order: the PIN of the line, fingers by number, a photograph as large as may be.
pub fn added(line: u32) -> PackageVoter {
    PackageVoter {
        page: 5,
        surname: "Кошумчаев".to_owned(),
        photo: bytes(&[9; 8 << 10]),
        pin_token: index_token(&INDEX_KEY, &pin(line)).into(),
        document_tokens: Vec::new(),
        ..voter(line)
    }
}

/// What the institutions put on a stick.
pub struct Stick {
    pub delta: StationDelta,
    pub entries: Vec<Vec<u8>>,
}

impl Stick {
    pub fn new(precinct: &Precinct, after: Option<&Stick>, changes: Vec<StationChange>) -> Self {
        let (manifest, package) = manifest(precinct);
        let before = after.map(|stick| &stick.delta);
        let number = before.map_or(1, |before| before.number + 1);
        let adds = changes
            .iter()
            .filter(|change| change.kind == StationChangeKind::Add);
        let strikes = changes
            .iter()
            .filter(|change| change.kind == StationChangeKind::Strike);
        let lines = before.map_or(manifest.lines, |before| before.lines);
        let voters = before.map_or(manifest.lines, |before| before.voters);
        let added_lines = u32::try_from(adds.count()).unwrap();
        let struck = u32::try_from(strikes.count()).unwrap();
        let mut delta = StationDelta {
            suite: "kg1".to_owned(),
            election: ELECTION,
            precinct: manifest.precinct,
            number,
            package: package.0.into(),
            previous: after.map_or(package, Stick::id).0.into(),
            list_delta: None,
            root: [70 + u8::try_from(number).unwrap(); 32].into(),
            lines: lines + added_lines,
            voters: voters + added_lines - struck,
            effective_at: OPENS + 6 * 3_600_000_000,
            changes,
            ephemeral: None,
            kit_wraps: Vec::new(),
        };
        let with_entry = delta
            .changes
            .iter()
            .filter(|change| change.kind.has_entry());
        let entries: Vec<StationEntry> = with_entry
            .map(|change| StationEntry {
                index_key: INDEX_KEY.into(),
                voter: added(change.line),
            })
            .collect();
        let kits: Vec<PublicKey> = manifest
            .kits
            .iter()
            .map(|kit| PublicKey(*kit.point))
            .collect();
        let secrets = DeltaSecrets {
            ephemeral: [number as u8; 32],
            content: [88; 32],
        };
        let entries = delta.seal(&entries, &kits, &secrets).unwrap();
        Self { delta, entries }
    }

    pub fn signed(&self, by: &[&str]) -> Vec<u8> {
        let keys: Vec<_> = by.iter().map(|name| key(name)).collect();
        let signers: Vec<&dyn Signer> = keys.iter().map(|key| key as _).collect();
        let subject = station_delta_subject(self.delta.election);
        sign_all(subject, &encode(&self.delta), &signers).unwrap()
    }

    pub fn id(&self) -> DocumentId {
        Taken::read(&self.signed(&["srs-release", "cec-release"]))
            .unwrap()
            .id
    }

    pub fn file_by(&self, by: &[&str]) -> Vec<u8> {
        encode(&StationDeltaFile {
            signed: bytes(&self.signed(by)),
            entries: self.entries.iter().map(|entry| bytes(entry)).collect(),
        })
    }

    pub fn file(&self) -> Vec<u8> {
        self.file_by(&["srs-release", "cec-release"])
    }
}
