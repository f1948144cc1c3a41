//! A small precinct for tests: stub keys (a hash stands for a signature), two kits, five officers.

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

use std::sync::Arc;

use lexicon::Instant;
use lexicon::handover::envelope::{
    DocumentId, EnvelopeError, Kid, PublicKey, SignError, Signer, Verifier, sha256,
};
use lexicon::handover::package::{
    BreakGlass, KitEntry, OfficerEntry, PackageManifest, SecondDay, StationPolicy, decided_by,
};

use crate::{Act, Body, Book, Charter, CheckIn, Draft, Reading, Step};

/// 08:00 of the test's day, microseconds.
pub const OPENS: i64 = 1_443_924_000_000_000;
/// 20:00.
pub const CLOSES: i64 = OPENS + 12 * 3_600_000_000;

pub fn policy() -> StationPolicy {
    StationPolicy {
        partition: "segment".to_owned(),
        ballot_table: "paper".to_owned(),
        tries_per_finger: 3,
        pause_after_failures: 5,
        pause_seconds: 30,
        finger_fmr_ppb: 100_000,
        override_quota_permille: 20,
        opens: OPENS,
        closes: CLOSES,
        offset_minutes: 360,
        peer_stale_seconds: 10,
        skew_block_seconds: 60,
        different_bodies: true,
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

fn point(name: &str) -> PublicKey {
    let mut point = [4u8; 65];
    point[1..33].copy_from_slice(&sha256(name.as_bytes()));
    PublicKey(point)
}

/// A key whose signature is a hash: fast, and wrong for every other message or key.
pub struct StubKey(pub PublicKey);

impl StubKey {
    pub fn new(name: &str) -> Self {
        Self(point(name))
    }
}

fn stub(kid: Kid, message: &[u8]) -> [u8; 64] {
    let mut text = kid.0.to_vec();
    text.extend_from_slice(message);
    let mut out = [0u8; 64];
    out[..32].copy_from_slice(&sha256(&text));
    out
}

impl Signer for StubKey {
    fn kid(&self) -> Kid {
        self.0.kid()
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; 64], SignError> {
        Ok(stub(self.kid(), message))
    }
}

/// Checks stub signatures of every key.
pub struct StubRing;

impl Verifier for StubRing {
    fn verify(&self, kid: Kid, message: &[u8], signature: &[u8; 64]) -> Result<(), EnvelopeError> {
        if stub(kid, message) == *signature {
            Ok(())
        } else {
            Err(EnvelopeError::BadSignature(kid))
        }
    }
}

/// Kits in these shares; officers O1…O5 of bodies P, P, Q, R, S.
pub fn manifest(shares: &[(u32, u32)]) -> PackageManifest {
    let lines = shares.iter().map(|share| share.1).max().unwrap();
    let kits = shares
        .iter()
        .enumerate()
        .map(|(at, (from, to))| {
            let name = format!("K{}", at + 1);
            KitEntry {
                point: point(&name).0.into(),
                name,
                from: *from,
                to: *to,
            }
        })
        .collect();
    let officers = ["P", "P", "Q", "R", "S"]
        .iter()
        .enumerate()
        .map(|(at, body)| OfficerEntry {
            point: point(&format!("O{}", at + 1)).0.into(),
            role: if at == 0 { "chair" } else { "member" }.to_owned(),
            body: (*body).to_owned(),
            name: format!("Officer {}", at + 1),
        })
        .collect();
    PackageManifest {
        suite: "kg1".to_owned(),
        election: 20_151_004,
        precinct: 1001,
        release: 7,
        package: 1,
        previous: None,
        root: [7; 32].into(),
        lines,
        ciphertext_sha256: [0; 32].into(),
        ciphertext_bytes: 0,
        not_before: OPENS - 86_400_000_000,
        not_after: CLOSES + 86_400_000_000,
        policy: policy(),
        kits,
        officers,
        k: 2,
        revoked: Vec::new(),
        ephemeral: [0; 65].into(),
        officer_wraps: Vec::new(),
        kit_wraps: Vec::new(),
        break_glass: None,
        exercise: None,
        settings: None,
    }
}

/// One kit of the test: its key and its book.
pub struct TestKit {
    pub key: StubKey,
    pub book: Book,
    /// What the kit wrote, in order.
    pub journal: Vec<Vec<u8>>,
}

/// Seconds after opening, on a wall clock and a steady clock that agree.
pub fn at(seconds: i64) -> Reading {
    let steady = u64::try_from(seconds + 100_000).unwrap();
    Reading {
        wall: Instant::from_micros(OPENS + seconds * 1_000_000),
        steady_micros: steady * 1_000_000,
    }
}

pub fn kits(shares: &[(u32, u32)]) -> Vec<TestKit> {
    kits_under("segment", shares)
}

/// Kits of a precinct under a policy.
pub fn kits_under(policy: &str, shares: &[(u32, u32)]) -> Vec<TestKit> {
    let mut manifest = manifest(shares);
    manifest.policy.partition = policy.to_owned();
    kits_of(manifest)
}

/// Kits of a precinct whose ballot table scans, under a policy.
pub fn kits_scanning(policy: &str, shares: &[(u32, u32)]) -> Vec<TestKit> {
    let mut manifest = manifest(shares);
    manifest.policy.partition = policy.to_owned();
    manifest.policy.ballot_table = "scanned".to_owned();
    kits_of(manifest)
}

/// Two kits, holders T1…T3 of the commission above of whom two act together, and a law that knows a second day.
pub fn commission(kinds: Option<Vec<u8>>) -> PackageManifest {
    let mut manifest = manifest(&[(1, 20), (21, 40)]);
    let holder = |at| OfficerEntry {
        point: point(&format!("T{at}")).0.into(),
        role: "holder".to_owned(),
        body: "TEC".to_owned(),
        name: format!("Holder {at}"),
    };
    manifest.break_glass = Some(BreakGlass {
        holders: (1..=3).map(holder).collect(),
        k: 2,
        wraps: Vec::new(),
        kinds,
    });
    manifest.policy.second_day = Some(SecondDay {
        by: decided_by::HOLDERS,
        days_max: 14,
        hours_max: 12,
    });
    manifest
}

pub fn kits_of(manifest: PackageManifest) -> Vec<TestKit> {
    let count = manifest.kits.len();
    let charter = Arc::new(Charter::new(manifest, DocumentId([9; 32])).unwrap());
    (1..=count)
        .map(|number| {
            let key = StubKey::new(&format!("K{number}"));
            let book = Book::new(Arc::clone(&charter), key.kid(), vec![3]);
            TestKit {
                key,
                book,
                journal: Vec::new(),
            }
        })
        .collect()
}

impl TestKit {
    /// Signs, writes, admits and merges a draft; the way of every act.
    pub fn commit(&mut self, draft: Draft) -> Act {
        let signed = draft.sign(&self.book, &self.key).unwrap();
        self.journal.push(signed.clone());
        let act = self.book.admit(&signed, &StubRing).unwrap();
        // Every kind of event that any test writes comes out of what it says, byte for byte.
        let lean = act.clone().lean();
        assert!(lean.is_lean(), "{:?}", act.body);
        assert_eq!(*lean.signed(), signed, "{:?}", act.body);
        assert_eq!(lean, act);
        self.book.merge(lean, None);
        act
    }

    pub fn commit_by(&mut self, draft: Draft, officers: [&str; 2]) -> Act {
        let cards = officers.map(StubKey::new);
        let draft = draft.consented(&[&cards[0], &cards[1]]).unwrap();
        self.commit(draft)
    }

    pub fn opened(mut self, seconds: i64) -> Self {
        let draft = self.book.open(at(seconds)).unwrap();
        self.commit_by(draft, ["O1", "O3"]);
        self
    }

    /// Takes another kit's whole journal.
    pub fn learn(&mut self, journal: &[Vec<u8>], seconds: i64) {
        for signed in journal {
            let act = self.book.admit(signed, &StubRing).unwrap();
            self.book.merge(act, Some(at(seconds).wall));
        }
    }
}

/// A check-in by finger.
pub fn by_finger(line: u32) -> CheckIn {
    CheckIn {
        line,
        method: lexicon::Method::Finger,
        finger: lexicon::FingerPosition::new(2),
        attempts: 1,
        score_class: 2,
        reason: String::new(),
    }
}

/// Checks a voter in whose line the kit may serve, and says what was written.
pub fn serve(kit: &mut TestKit, line: u32, seconds: i64) -> Act {
    match kit.book.check_in(&by_finger(line), at(seconds)).unwrap() {
        Step::Commit(draft) => kit.commit(draft),
        other @ (Step::AskGrant(_) | Step::CheckLine | Step::Promise(_) | Step::AskMajority(_)) => {
            unreachable!("line {line} cannot be served at once: {other:?}")
        }
    }
}

/// The line of an act, for short assertions.
pub fn line_of(act: &Act) -> u32 {
    Body::line(&act.body)
}
