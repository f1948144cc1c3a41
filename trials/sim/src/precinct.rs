//! One precinct: keys, officers, kits with their shares and a spare, and the charter they share.

use std::sync::Arc;

use keys::{FileKey, KeyRing};
use lexicon::handover::day_decision::DayDecision;
use lexicon::handover::envelope::{
    DocumentId, DocumentType, EnvelopeError, Kid, PublicKey, SignError, Signer, Subject, Verifier,
    encode, id_all, sha256, sign_all,
};
use lexicon::handover::kit_grant::KitGrant;
use lexicon::handover::package::{
    BreakGlass, HomeVoting, KitEntry, OfficerEntry, PackageManifest, SecondDay, StationPolicy,
    decided_by,
};
use lexicon::handover::station_delta::{
    StationChange, StationChangeKind, StationDelta, station_delta_subject,
};
use pollbook::{Book, Charter, CharterError, Decided, Draft, DraftError, Taken};

/// 08:00 of election day, microseconds UTC (02:00).
pub const OPENS: i64 = 1_443_924_000_000_000;
/// 20:00.
pub const CLOSES: i64 = OPENS + 12 * 3_600_000_000;
/// 09:00 of the next day, when a precinct that was closed before its time votes on.
pub const NEXT_OPENS: i64 = OPENS + 25 * 3_600_000_000;
/// 20:00 of that day.
pub const NEXT_CLOSES: i64 = NEXT_OPENS + 11 * 3_600_000_000;
/// What the commission above may sign: grants, opening, closing, takeovers, clocks, the closing before its time,
/// sessions, lines served on paper, withdrawals.
const COMMISSION: [u8; 10] = [0, 1, 10, 12, 17, 22, 24, 30, 31, 41];
/// When visits at home begin: 09:00 of the day before.
pub const VISITS: i64 = OPENS - 23 * 3_600_000_000;
/// The election's number.
pub const ELECTION: u32 = 20_151_004;
/// The precinct's number.
pub const PRECINCT: u16 = 1001;
/// Who sign the package manifest.
const INSTITUTIONS: [&str; 2] = ["srs-release", "cec-release"];
/// Officers of the commission.
pub const OFFICERS: usize = 5;

/// A key that signs by a hash: fast, and wrong for every other key or message.
struct StubKey(Kid);

fn stub(kid: Kid, message: &[u8]) -> [u8; 64] {
    let mut text = Vec::with_capacity(message.len() + 8);
    text.extend_from_slice(&kid.0);
    text.extend_from_slice(message);
    let mut out = [0u8; 64];
    out[..32].copy_from_slice(&sha256(&text));
    out
}

impl Signer for StubKey {
    fn kid(&self) -> Kid {
        self.0
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; 64], SignError> {
        Ok(stub(self.0, message))
    }
}

/// Checks stub signatures of the keys it knows, as a ring of real keys does.
struct StubRing(Vec<Kid>);

impl Verifier for StubRing {
    fn verify(&self, kid: Kid, message: &[u8], signature: &[u8; 64]) -> Result<(), EnvelopeError> {
        if self.0.contains(&kid) && stub(kid, message) == *signature {
            Ok(())
        } else {
            Err(EnvelopeError::BadSignature(kid))
        }
    }
}

/// A signer that threads may share.
pub type Key = Box<dyn Signer + Send + Sync>;

/// Where a voter goes with a slip.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Table {
    /// To a table that looks at the slip alone.
    #[default]
    Paper,
    /// To a table whose kit reads the slip and takes each once: SLIP_TAKEN.
    Read,
    /// To a table that scans: LINE_SIGNED, BALLOT_ISSUED.
    Scanned,
}

/// What all days of a run share.
pub struct Precinct {
    /// Where a voter goes with a slip.
    pub table: Table,
    /// The rules of the day.
    pub charter: Arc<Charter>,
    /// The kits' keys in the order of the manifest: those with a share, a spare without one, the mobile kit where there is
    /// a home list; and a spare outside the manifest, which a grant admits.
    pub kits: Vec<Key>,
    /// The officers' cards, then the keys of the commission above.
    pub officers: Vec<Key>,
    /// The grant that admits the last kit, as officers signed it.
    pub grant: Vec<u8>,
    /// The commission's decision that voting goes on the next day.
    pub decision: Arc<Decided>,
    /// A kit of the neighbour precinct: a real key that this precinct does not know.
    pub stranger: Key,
    /// Whether the signatures are real.
    pub is_real: bool,
    /// Lines of the frozen home list.
    pub home: Vec<u32>,
    /// Signed changes of the list, in the order of their chain.
    pub changes: Vec<Arc<Taken>>,
    /// The package manifest as both institutions signed it; empty when signatures are not real.
    pub manifest: Vec<u8>,
    /// Checks the signatures of kits and officers.
    pub ring: Box<dyn Verifier + Send + Sync>,
}

fn key(name: &str, is_real: bool) -> (Key, PublicKey) {
    if is_real {
        let key = FileKey::from_seed(name.as_bytes(), name);
        let public = key.public_key();
        return (Box::new(key), public);
    }
    let mut point = [4u8; 65];
    point[1..33].copy_from_slice(&sha256(name.as_bytes()));
    let public = PublicKey(point);
    (Box::new(StubKey(public.kid())), public)
}

impl Precinct {
    /// Has officers' cards consent to a draft and a kit's key sign it.
    pub(crate) fn sign(
        &self,
        kit: usize,
        book: &Book,
        draft: Draft,
        cards: &[usize],
    ) -> Result<Vec<u8>, DraftError> {
        let cards: Vec<&dyn Signer> = cards
            .iter()
            .map(|card| &*self.officers[*card] as &dyn Signer)
            .collect();
        let draft = if cards.is_empty() {
            draft
        } else {
            draft.consented(&cards)?
        };
        draft.sign(book, &*self.kits[kit] as &dyn Signer)
    }

    /// The public keys of the two institutions that sign the manifest of a precinct with real keys.
    #[must_use]
    pub fn institutions() -> [PublicKey; 2] {
        INSTITUTIONS.map(|name| FileKey::from_seed(name.as_bytes(), name).public_key())
    }

    /// A precinct of `kits` kits with equal shares of `voters` lines, and one spare kit; from 20 voters on also a
    /// mobile kit, with the last four lines as its home list.
    ///
    /// # Errors
    /// [`CharterError`] when the shares cannot be cut, as with fewer voters than kits.
    ///
    /// # Panics
    /// Never: keys in files sign whatever they are given.
    pub fn new(
        kits: usize,
        voters: u32,
        policy: &str,
        is_real: bool,
    ) -> Result<Self, CharterError> {
        Self::with_table(kits, voters, policy, Table::Paper, is_real)
    }

    /// A precinct as [`Precinct::new`] makes it, with such a ballot table.
    ///
    /// # Errors
    /// [`CharterError`].
    ///
    /// # Panics
    /// Never: keys in files sign whatever they are given.
    pub fn with_table(
        kits: usize,
        voters: u32,
        policy: &str,
        table: Table,
        is_real: bool,
    ) -> Result<Self, CharterError> {
        let mut kit_keys = Vec::new();
        let mut entries = Vec::new();
        let mut points = Vec::new();
        let each = voters / u32::try_from(kits).unwrap_or(1).max(1);
        let home = home_lines(voters);
        let all = kits + usize::from(!home.is_empty());
        for at in 0..=all {
            let name = format!("K{}", at + 1);
            let (secret, public) = key(&name, is_real);
            let before = u32::try_from(at).unwrap_or(0) * each;
            let (from, to) = if at >= kits {
                (1, 0)
            } else if at + 1 == kits {
                (before + 1, voters)
            } else {
                (before + 1, before + each)
            };
            entries.push(KitEntry {
                point: public.0.into(),
                name,
                from,
                to,
            });
            points.push(public);
            kit_keys.push(secret);
        }
        let mut officers = Vec::new();
        let mut officer_entries = Vec::new();
        for (at, body) in ["P", "P", "Q", "R", "S"].iter().enumerate() {
            let (secret, public) = key(&format!("O{}", at + 1), is_real);
            officer_entries.push(OfficerEntry {
                point: public.0.into(),
                role: if at == 0 { "chair" } else { "member" }.to_owned(),
                body: (*body).to_owned(),
                name: format!("Officer {}", at + 1),
            });
            points.push(public);
            officers.push(secret);
        }
        let mut holders = Vec::new();
        for at in 1..=3 {
            let (secret, public) = key(&format!("T{at}"), is_real);
            holders.push(OfficerEntry {
                point: public.0.into(),
                role: "holder".to_owned(),
                body: "T".to_owned(),
                name: format!("Holder {at}"),
            });
            points.push(public);
            officers.push(secret);
        }
        let (granted, granted_point) = key("a spare outside the package", is_real);
        points.push(granted_point);
        kit_keys.push(granted);
        let mobile = home.first().map(|_| HomeVoting {
            opens: VISITS,
            closes: VISITS + 10 * 3_600_000_000,
            kits: vec![format!("K{}", kits + 2)],
            voters: u32::try_from(home.len()).unwrap_or(0),
        });
        let mut manifest = manifest(voters, policy, mobile, entries, officer_entries);
        manifest.break_glass = Some(BreakGlass {
            holders,
            k: 2,
            wraps: Vec::new(),
            kinds: Some(COMMISSION.to_vec()),
        });
        let name = match table {
            Table::Paper | Table::Read => "paper",
            Table::Scanned => "scanned",
        };
        name.clone_into(&mut manifest.policy.ballot_table);
        let subject = Subject {
            kind: DocumentType::PackageManifest,
            election: ELECTION,
        };
        let payload = encode(&manifest);
        let (package, signed) = if is_real {
            let keys = INSTITUTIONS.map(|name| FileKey::from_seed(name.as_bytes(), name));
            let signed = sign_all(subject, &payload, &[&keys[0], &keys[1]])
                .expect("a key in a file signs whatever it is given");
            (id_all(subject, &payload), signed)
        } else {
            (DocumentId([9; 32]), Vec::new())
        };
        let institutions: Vec<(Key, PublicKey)> =
            INSTITUTIONS.iter().map(|name| key(name, is_real)).collect();
        points.extend(institutions.iter().map(|(_, public)| *public));
        let changes = changes(voters, package, &institutions);
        let publishers: Vec<Kid> = institutions
            .iter()
            .map(|(_, public)| public.kid())
            .collect();
        let ring: Box<dyn Verifier + Send + Sync> = if is_real {
            Box::new(KeyRing::of(points))
        } else {
            Box::new(StubRing(points.iter().map(PublicKey::kid).collect()))
        };
        let charter = Charter::new(manifest, package)?.signed_by(&publishers);
        let grant = grant(package, granted_point, all + 2);
        let grant = grant
            .sign(&[&*officers[0], &*officers[2]])
            .expect("a key in a file signs whatever it is given");
        let read = charter
            .read_grant(&grant, &*ring)
            .expect("what two officers just signed admits the spare");
        let charter = charter
            .granting(&[read])
            .expect("two officers of different bodies signed");
        let decision = decision(package)
            .sign(&[&*officers[OFFICERS], &*officers[OFFICERS + 2]])
            .expect("a key in a file signs whatever it is given");
        let decision = Decided::read(&decision).expect("what was just signed is read");
        Ok(Self {
            table,
            charter: Arc::new(charter),
            changes,
            grant,
            decision: Arc::new(decision),
            manifest: signed,
            kits: kit_keys,
            officers,
            stranger: key("K1 of precinct 1002", is_real).0,
            is_real,
            home,
            ring,
        })
    }

    /// How many kits have a share.
    #[must_use]
    pub fn halls(&self) -> usize {
        self.kits.len() - 2 - usize::from(!self.home.is_empty())
    }

    /// The place of the spare kit.
    #[must_use]
    pub fn spare(&self) -> usize {
        self.halls()
    }

    /// The place of the mobile kit, where there is one.
    #[must_use]
    pub fn mobile(&self) -> Option<usize> {
        (!self.home.is_empty()).then(|| self.kits.len() - 2)
    }

    /// A kit's id.
    #[must_use]
    pub fn kid(&self, kit: usize) -> Kid {
        self.kits.get(kit).map_or(Kid([0; 8]), |key| key.kid())
    }

    /// A kit's place in the manifest.
    #[must_use]
    pub fn index(&self, kid: Kid) -> Option<usize> {
        self.kits.iter().position(|key| key.kid() == kid)
    }
}

/// The lines of the home list of a precinct.
#[must_use]
pub fn home_lines(voters: u32) -> Vec<u32> {
    if voters < 20 {
        return Vec::new();
    }
    (voters - 3..=voters).collect()
}

/// A grant for the spare outside the manifest, from 09:00 on.
fn grant(package: DocumentId, point: PublicKey, number: usize) -> KitGrant {
    KitGrant {
        suite: "kg1".to_owned(),
        election: ELECTION,
        precinct: PRECINCT,
        package: package.0.into(),
        kit: KitEntry {
            point: point.0.into(),
            name: format!("K{number}"),
            from: 1,
            to: 0,
        },
        ephemeral: [4; 65].into(),
        wrap: [0; 40].into(),
        reason: "KIT_LOST".to_owned(),
        made_at: OPENS,
        not_before: OPENS + 3_600_000_000,
        not_after: NEXT_CLOSES + 86_400_000_000,
    }
}

/// The commission above: voting goes on the next day.
fn decision(package: DocumentId) -> DayDecision {
    DayDecision {
        suite: "kg1".to_owned(),
        election: ELECTION,
        precinct: PRECINCT,
        package: package.0.into(),
        number: 1,
        opens: NEXT_OPENS,
        closes: NEXT_CLOSES,
        reason: "FIRE".to_owned(),
        made_at: CLOSES,
    }
}

/// What the two institutions sign during the day: a line is struck and one added; a stop-note and another line.
fn changes(voters: u32, package: DocumentId, institutions: &[(Key, PublicKey)]) -> Vec<Arc<Taken>> {
    let mut previous = package;
    let mut made = Vec::new();
    for number in 1..=2u32 {
        let kind = if number == 1 {
            StationChangeKind::Strike
        } else {
            StationChangeKind::Stop
        };
        let change = |line, kind: StationChangeKind| StationChange {
            line,
            kind,
            entry: kind.has_entry().then(|| [1; 32].into()),
            reason: "COURT".to_owned(),
        };
        let delta = StationDelta {
            suite: "kg1".to_owned(),
            election: ELECTION,
            precinct: PRECINCT,
            number,
            package: package.0.into(),
            previous: previous.0.into(),
            list_delta: None,
            root: [70 + u8::try_from(number).unwrap_or(0); 32].into(),
            lines: voters + number,
            voters: voters + number - 1,
            effective_at: OPENS,
            changes: vec![
                change(number, kind),
                change(voters + number, StationChangeKind::Add),
            ],
            ephemeral: None,
            kit_wraps: Vec::new(),
        };
        let signers: Vec<&dyn Signer> = institutions
            .iter()
            .map(|(key, _)| &**key as &dyn Signer)
            .collect();
        let signed = sign_all(station_delta_subject(ELECTION), &encode(&delta), &signers)
            .expect("a key in a file signs whatever it is given");
        let taken = Taken::read(&signed).expect("what was just signed is read");
        previous = taken.id;
        made.push(Arc::new(taken));
    }
    made
}

fn manifest(
    lines: u32,
    policy: &str,
    home: Option<HomeVoting>,
    kits: Vec<KitEntry>,
    officers: Vec<OfficerEntry>,
) -> PackageManifest {
    PackageManifest {
        suite: "kg1".to_owned(),
        election: ELECTION,
        precinct: PRECINCT,
        release: 7,
        package: 1,
        previous: None,
        root: [7; 32].into(),
        lines,
        ciphertext_sha256: [0; 32].into(),
        ciphertext_bytes: 0,
        not_before: OPENS - 86_400_000_000,
        not_after: CLOSES + 86_400_000_000,
        policy: StationPolicy {
            partition: policy.to_owned(),
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
            home,
            other_line_ppb: None,
            skew_warn_seconds: None,
            limits: None,
            second_day: Some(SecondDay {
                by: decided_by::HOLDERS,
                days_max: 14,
                hours_max: 12,
            }),
            devices: None,
            marked_lines_ppb: None,
        },
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
