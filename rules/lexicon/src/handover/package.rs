//! The station package: one precinct, the least that identifies, opened by officers and a kit.
//!
//! The manifest is public and signed twice; the ciphertext opens only with `k` of `n` officer
//! cards and one authorised kit. Construction: SECURITY.md §3.3, restated in docs/formats.md.

use aes_kw::KwAes256;
use aes_kw::aes::cipher::KeyInit as _;
use minicbor::bytes::ByteArray;
use minicbor::{Decode, Encode};
use p256::elliptic_curve::sec1::ToSec1Point as _;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::hkdf;

use super::envelope::{Kid, PublicKey, SignError, encode, sha256};
use super::folder::Bytes;
pub use super::index::{IndexKey, index_token};
pub use super::kit_grant::KitGrant;

/// An officer who may open the package.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct OfficerEntry {
    /// Card key, 65 bytes.
    #[n(0)]
    pub point: ByteArray<65>,
    /// `chair`, `secretary`, `member`.
    #[n(1)]
    pub role: String,
    /// Nominating body, a short code.
    #[n(2)]
    pub body: String,
    /// Name as printed on reports.
    #[n(3)]
    pub name: String,
}

/// The keys of the commission above that open a package when too few officers can: break-glass.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct BreakGlass {
    /// Its holders; their role is a word of theirs, their body the commission's.
    #[n(0)]
    pub holders: Vec<OfficerEntry>,
    /// Holders needed.
    #[n(1)]
    pub k: u8,
    /// One wrap of both halves of the content key for each k-subset, in lexicographic order; 72 bytes each.
    #[n(2)]
    pub wraps: Vec<ByteArray<72>>,
    /// Kinds of events that its keys may sign, ascending, [`GRANTS`] among them when they may admit a spare; they may
    /// always say why (GLASS_BROKEN), and sign reports. Left out in packages of before: every kind.
    #[n(3)]
    pub kinds: Option<Vec<u8>>,
}

/// Stands among the kinds of [`BreakGlass`] for grants to spare kits, which are no events.
pub const GRANTS: u8 = 0;

/// A kit that may open the package.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct KitEntry {
    /// Kit key, 65 bytes.
    #[n(0)]
    pub point: ByteArray<65>,
    /// Short name, `K1`.
    #[n(1)]
    pub name: String,
    /// First line of its share.
    #[n(2)]
    pub from: u32,
    /// Last line of its share.
    #[n(3)]
    pub to: u32,
}

/// The station policy that the package carries from the law.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct StationPolicy {
    /// `segment`, `paper_lock`, `quorum`.
    #[n(0)]
    pub partition: String,
    /// `paper` or `scanned`.
    #[n(1)]
    pub ballot_table: String,
    /// Tries for each finger.
    #[n(2)]
    pub tries_per_finger: u8,
    /// Failures before a pause.
    #[n(3)]
    pub pause_after_failures: u8,
    /// Pause, seconds.
    #[n(4)]
    pub pause_seconds: u16,
    /// Threshold: false match rate in units of 10⁻⁹.
    #[n(5)]
    pub finger_fmr_ppb: u32,
    /// Override alarm, per mille of the list.
    #[n(6)]
    pub override_quota_permille: u16,
    /// Opening, microseconds UTC.
    #[n(7)]
    pub opens: i64,
    /// Closing, microseconds UTC.
    #[n(8)]
    pub closes: i64,
    /// Local offset from UTC, minutes.
    #[n(9)]
    pub offset_minutes: i32,
    /// Seconds of silence after which a peer is unreachable.
    #[n(10)]
    pub peer_stale_seconds: u16,
    /// Seconds of skew that block.
    #[n(11)]
    pub skew_block_seconds: u16,
    /// Whether two signing officers must come from different bodies.
    #[n(12)]
    pub different_bodies: bool,
    /// Lines on a page of the paper list.
    #[n(13)]
    pub lines_per_page: u16,
    /// What a kit does with a stop-note when the finger fits, see [`stop_note`]; left out in packages
    /// of before: [`stop_note::ALLOW`].
    #[n(14)]
    pub stop_note: Option<u8>,
    /// Voting at home; left out where there is none.
    #[n(15)]
    pub home: Option<HomeVoting>,
    /// Whether a kit may look whose finger it is when it does not fit the line: the expected number of false hits
    /// of one search of the whole list, in units of 10⁻⁹. Left out: it may not.
    #[n(16)]
    pub other_line_ppb: Option<u32>,
    /// Seconds of skew that are shown; left out in packages of before: none is.
    #[n(17)]
    pub skew_warn_seconds: Option<u16>,
    /// Times and counts of the kit; left out in packages of before: [`StationLimits::BEFORE`].
    #[n(18)]
    pub limits: Option<StationLimits>,
    /// How voting goes on another day; left out where the law knows no such day.
    #[n(19)]
    pub second_day: Option<SecondDay>,
    /// What a kit does when a device or its memory is not as it should be; left out in packages of before:
    /// [`DeviceRules::BEFORE`].
    #[n(20)]
    pub devices: Option<DeviceRules>,
    /// Whether a kit may look, before it serves a voter whose finger fits, if that finger fits a line that is marked
    /// already: the expected number of false hits of one search of the marked lines, in units of 10⁻⁹. Left out: it
    /// may not.
    #[n(21)]
    pub marked_lines_ppb: Option<u32>,
}

/// What a kit does when a device or its memory is not as it should be, from the law.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct DeviceRules {
    /// Whether nobody is identified while a monitor that was there is lost (S-33); else it is shown and recorded.
    #[n(0)]
    pub monitor_blocks: bool,
    /// Whether a kit whose memory cannot be kept out of swap is not opened on a real day; else it is shown.
    #[n(1)]
    pub memory_is_needed: bool,
}

impl DeviceRules {
    /// What holds where the package says nothing.
    pub const BEFORE: Self = Self {
        monitor_blocks: false,
        memory_is_needed: false,
    };
}

/// Times and counts of a kit, from the law.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct StationLimits {
    /// Seconds without use after which the operator's screen locks; 1 or more.
    #[n(0)]
    pub lock_seconds: u16,
    /// Identifications in a row that one pair of officers may sign before it is an incident; 1 or more.
    #[n(1)]
    pub pair_run_max: u8,
    /// Seconds in which a grant must be used; 1 or more.
    #[n(2)]
    pub grant_seconds: u16,
    /// Seconds after which officers may take a grant back: it has run out on every clock within the bound, so at
    /// least `grant_seconds` and twice the skew that blocks.
    #[n(3)]
    pub release_seconds: u16,
    /// Seconds for which an officer's look at the paper line may be used; 1 or more.
    #[n(4)]
    pub look_seconds: u16,
}

impl StationLimits {
    /// What holds where the package says nothing.
    pub const BEFORE: Self = Self {
        lock_seconds: 300,
        pair_run_max: 10,
        grant_seconds: 120,
        release_seconds: 300,
        look_seconds: 600,
    };
}

/// How voting goes on another day (S-37), from the law.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct SecondDay {
    /// Who decides, see [`decided_by`].
    #[n(0)]
    pub by: u8,
    /// Days after election day on which it begins at the latest, by local date.
    #[n(1)]
    pub days_max: u8,
    /// Hours that it lasts at most.
    #[n(2)]
    pub hours_max: u8,
}

/// Who decides that voting goes on another day.
pub mod decided_by {
    /// The commission above, with as many keys as break the glass.
    pub const HOLDERS: u8 = 1;
    /// The two institutions that signed the package.
    pub const INSTITUTIONS: u8 = 2;
}

/// What a kit does when the register says that a voter of the list died, and the finger fits.
pub mod stop_note {
    /// The voter is served; the incident goes to the registry.
    pub const ALLOW: u8 = 1;
    /// The voter is refused and sent to the registry.
    pub const REFUSE: u8 = 2;
}

/// Voting at home: when, and with which kits.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct HomeVoting {
    /// Visits from, microseconds UTC.
    #[n(0)]
    pub opens: i64,
    /// Visits until, microseconds UTC.
    #[n(1)]
    pub closes: i64,
    /// The mobile kits, by their short names in the manifest; the frozen home list is divided among
    /// them in this order, by line.
    #[n(2)]
    pub kits: Vec<String>,
    /// Voters on the frozen home list.
    #[n(3)]
    pub voters: u32,
}

/// What a package is for when it is for no election. Nothing done with it counts, and a kit that serves an
/// election does not open it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Exercise {
    /// Citizens look up their line on an interim list: real voters, the institutions' keys, no ballots.
    #[n(1)]
    Rehearsal,
    /// Operators and chairs learn: invented voters, keys that no election knows.
    #[n(2)]
    Training,
}

/// The election number of every training package: no election bears it, so nothing that a training kit signs
/// is ever admitted to an election's journal.
pub const TRAINING_ELECTION: u32 = 1;

impl Exercise {
    /// The code in configuration files and tables.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Exercise::Rehearsal => "rehearsal",
            Exercise::Training => "training",
        }
    }

    /// Whether a manifest's election number fits what it is for: the training number is the trainings' alone.
    #[must_use]
    pub fn fits(exercise: Option<Self>, election: u32) -> bool {
        (exercise == Some(Exercise::Training)) == (election == TRAINING_ELECTION)
    }
}

/// The public manifest; field numbers are those of SECURITY.md §3.3.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct PackageManifest {
    /// Suite, `kg1`.
    #[n(1)]
    pub suite: String,
    /// Election number.
    #[n(2)]
    pub election: u32,
    /// Precinct number.
    #[n(3)]
    pub precinct: u16,
    /// Release number.
    #[n(4)]
    pub release: u32,
    /// Package number, rising for each precinct.
    #[n(5)]
    pub package: u32,
    /// Manifest before, if any.
    #[n(6)]
    pub previous: Option<ByteArray<32>>,
    /// Root of the whole list.
    #[n(7)]
    pub root: ByteArray<32>,
    /// Lines of this precinct.
    #[n(8)]
    pub lines: u32,
    /// SHA-256 of the ciphertext.
    #[n(9)]
    pub ciphertext_sha256: ByteArray<32>,
    /// Length of the ciphertext, bytes.
    #[n(10)]
    pub ciphertext_bytes: u64,
    /// Not to be opened before, microseconds UTC.
    #[n(11)]
    pub not_before: i64,
    /// Not to be used after, microseconds UTC.
    #[n(12)]
    pub not_after: i64,
    /// Policy.
    #[n(13)]
    pub policy: StationPolicy,
    /// Kits, in the order of their shares.
    #[n(14)]
    pub kits: Vec<KitEntry>,
    /// Officers.
    #[n(15)]
    pub officers: Vec<OfficerEntry>,
    /// Officers needed to open.
    #[n(16)]
    pub k: u8,
    /// Revoked key ids.
    #[n(17)]
    pub revoked: Vec<ByteArray<8>>,
    /// Ephemeral public key E.
    #[n(19)]
    pub ephemeral: ByteArray<65>,
    /// One wrap of `S_o` for each k-subset, in lexicographic order of officer indices; 40 bytes each.
    #[n(20)]
    pub officer_wraps: Vec<ByteArray<40>>,
    /// One wrap of `S_k` for each kit; 40 bytes each.
    #[n(21)]
    pub kit_wraps: Vec<ByteArray<40>>,
    /// Who opens the package when too few officers can; left out where the law knows nobody.
    #[n(22)]
    pub break_glass: Option<BreakGlass>,
    /// What the package is for instead of an election; left out for an election.
    #[n(23)]
    pub exercise: Option<Exercise>,
    /// What a kit need not be told by hand; left out where it is.
    #[n(24)]
    pub settings: Option<KitSettings>,
}

/// What a kit need not be told by hand: desks at the centre, and the devices that were handed out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct KitSettings {
    /// Point of the centre's turnout desk.
    #[n(1)]
    pub turnout_desk: Option<ByteArray<65>>,
    /// Point of the office's key for corrections of an interim list.
    #[n(2)]
    pub corrections_desk: Option<ByteArray<65>>,
    /// Devices that type which may be at a kit; empty: none is foreign that was there at the opening.
    #[n(3)]
    pub devices: Vec<DeviceEntry>,
    /// Point of the office's key for pictures of voters whom two officers identify; left out where none is kept.
    #[n(4)]
    pub pictures_desk: Option<ByteArray<65>>,
    /// Point of the office's key for captures of fingers that identified voters; left out where none is kept.
    #[n(5)]
    pub captures_desk: Option<ByteArray<65>>,
}

/// A device by its USB descriptor.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(array)]
pub struct DeviceEntry {
    /// Vendor id.
    #[n(0)]
    pub vendor: u16,
    /// Product id.
    #[n(1)]
    pub product: u16,
    /// Serial number; empty: any of this product.
    #[n(2)]
    pub serial: String,
}

/// The ciphertext's plain text, version 0.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct PackageBody {
    /// Body version, 0.
    #[n(1)]
    pub version: u8,
    /// Election number.
    #[n(2)]
    pub election: u32,
    /// Precinct number.
    #[n(3)]
    pub precinct: u16,
    /// Key of the PIN and document indexes, 32 bytes.
    #[n(4)]
    pub index_key: ByteArray<32>,
    /// The voters, by line.
    #[n(5)]
    pub voters: Vec<PackageVoter>,
    /// Precincts of the same district by PIN token, sorted by token.
    #[n(6)]
    pub district: Vec<DistrictEntry>,
    /// Secret of the day mark and day codes, 32 bytes.
    #[n(7)]
    pub day_key: ByteArray<32>,
    /// Address of the station as printed, ky and ru.
    #[n(8)]
    pub address_ky: String,
    /// Address of the station as printed, ru.
    #[n(9)]
    pub address_ru: String,
    /// Where the other precincts of the district are, sorted by number; left out by a package that names none.
    #[n(10)]
    pub places: Option<Vec<PrecinctPlace>>,
}

/// A voter as a station knows them.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct PackageVoter {
    /// Line.
    #[n(1)]
    pub line: u32,
    /// Page.
    #[n(2)]
    pub page: u32,
    /// Surname as printed.
    #[n(3)]
    pub surname: String,
    /// Given name as printed.
    #[n(4)]
    pub given: String,
    /// Patronymic, may be empty.
    #[n(5)]
    pub patronymic: String,
    /// Birth date, `YYYY-MM-DD`.
    #[n(6)]
    pub born: String,
    /// `F` or `M`.
    #[n(7)]
    pub sex: String,
    /// Photograph, at most 8 KiB, may be empty.
    #[n(8)]
    pub photo: Bytes,
    /// At most four fingers, best first.
    #[n(9)]
    pub fingers: Vec<PackageFinger>,
    /// Token of the PIN, [`index_token`].
    #[n(10)]
    pub pin_token: ByteArray<16>,
    /// Tokens of valid document numbers.
    #[n(11)]
    pub document_tokens: Vec<ByteArray<16>>,
    /// Reserved for home voting.
    #[n(12)]
    pub home: bool,
}

impl std::fmt::Debug for PackageVoter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PackageVoter(line {}, sealed)", self.line)
    }
}

/// Minutiae of one finger.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct PackageFinger {
    /// Finger position 1–10.
    #[n(0)]
    pub position: u8,
    /// ISO/IEC 19794-2:2005 record.
    #[n(1)]
    pub minutiae: Bytes,
}

impl std::fmt::Debug for PackageFinger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PackageFinger({}, sealed)", self.position)
    }
}

/// A neighbour's PIN token and precinct.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(array)]
pub struct DistrictEntry {
    /// [`index_token`] of the PIN.
    #[n(0)]
    pub token: ByteArray<16>,
    /// Precinct number.
    #[n(1)]
    pub precinct: u16,
}

/// Where a precinct of the district is: what a voter at the wrong door is told.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct PrecinctPlace {
    /// Precinct number.
    #[n(0)]
    pub precinct: u16,
    /// Address of its station as printed, ky.
    #[n(1)]
    pub address_ky: String,
    /// The same, ru.
    #[n(2)]
    pub address_ru: String,
}

/// A private key that agrees with an ephemeral public key: a card, a kit's token, a demo file.
pub trait KeyAgreement {
    /// The public half.
    fn public(&self) -> PublicKey;

    /// ECDH on P-256: the x coordinate of the shared point, 32 bytes.
    ///
    /// # Errors
    /// [`SignError`] when the device refuses.
    fn agree(&self, ephemeral: &PublicKey) -> Result<[u8; 32], SignError>;
}

/// Secrets of one sealing; random, used once, destroyed.
pub struct SealSecrets {
    /// Scalar of the ephemeral key.
    pub ephemeral: [u8; 32],
    /// The officers' half of the content key.
    pub officers: [u8; 32],
    /// The kits' half of the content key.
    pub kits: [u8; 32],
}

/// Why a package could not be sealed or opened. Nothing was used of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PackageError {
    /// The random scalar or a public key is no point of P-256: draw again, or mend the roster.
    #[error("a key is not on the curve")]
    BadPoint,
    /// Fewer than `k` officers presented cards that the manifest names.
    #[error("{got} of {needed} officers' cards are there")]
    TooFewOfficers {
        /// Cards known to the manifest.
        got: usize,
        /// Cards needed.
        needed: usize,
    },
    /// Too few officers' cards, and too few of the commission above.
    #[error("{got} of {needed} keys of the commission above are there")]
    TooFewHolders {
        /// Keys known to the manifest.
        got: usize,
        /// Keys needed.
        needed: usize,
    },
    /// The kit is not one the manifest names.
    #[error("this kit is not authorised for the package")]
    UnknownKit,
    /// Two officers come from one nominating body where the law wants different ones.
    #[error("the officers come from one nominating body")]
    SameBody,
    /// A wrap did not open: wrong card, wrong kit, or a changed manifest.
    #[error("the cards and this kit do not open the package")]
    Wrap,
    /// The ciphertext is not the one the manifest names.
    #[error("the package file is not the one that the manifest names")]
    Ciphertext,
    /// The contents are malformed.
    #[error("the package contents are malformed")]
    Body,
    /// A card or the kit's token failed.
    #[error(transparent)]
    Device(#[from] SignError),
}

struct Length(usize);

impl hkdf::KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

pub(super) fn hkdf_32(salt: &[u8], ikm: &[u8], info: &[u8]) -> [u8; 32] {
    let mut out = [0u8; 32];
    hkdf::Salt::new(hkdf::HKDF_SHA256, salt)
        .extract(ikm)
        .expand(&[info], Length(32))
        .and_then(|okm| okm.fill(&mut out))
        .expect("32 bytes are within HKDF's limit");
    out
}

pub(super) fn wrap(kek: &[u8; 32], secret: &[u8; 32]) -> [u8; 40] {
    let mut out = [0u8; 40];
    KwAes256::new(&(*kek).into())
        .wrap_key(secret, &mut out)
        .expect("a 32-byte secret wraps into 40 bytes");
    out
}

/// The officers' and the kits' half of the content key.
type Halves = ([u8; 32], [u8; 32]);

/// Wraps both halves of the content key: 64 bytes into 72.
fn wrap_both(kek: &[u8; 32], officers: &[u8; 32], kits: &[u8; 32]) -> [u8; 72] {
    let mut both = [0u8; 64];
    both[..32].copy_from_slice(officers);
    both[32..].copy_from_slice(kits);
    let mut out = [0u8; 72];
    KwAes256::new(&(*kek).into())
        .wrap_key(&both, &mut out)
        .expect("a 64-byte secret wraps into 72 bytes");
    out
}

fn unwrap_both(kek: &[u8; 32], wrapped: &[u8; 72]) -> Result<Halves, PackageError> {
    let mut both = [0u8; 64];
    KwAes256::new(&(*kek).into())
        .unwrap_key(wrapped, &mut both)
        .map_err(|_| PackageError::Wrap)?;
    let (mut officers, mut kits) = ([0u8; 32], [0u8; 32]);
    officers.copy_from_slice(&both[..32]);
    kits.copy_from_slice(&both[32..]);
    Ok((officers, kits))
}

pub(super) fn unwrap(kek: &[u8; 32], wrapped: &[u8; 40]) -> Result<[u8; 32], PackageError> {
    let mut out = [0u8; 32];
    KwAes256::new(&(*kek).into())
        .unwrap_key(wrapped, &mut out)
        .map_err(|_| PackageError::Wrap)?;
    Ok(out)
}

/// Every subset of `k` indices below `n`, in lexicographic order.
#[must_use]
pub fn subsets(n: usize, k: usize) -> Vec<Vec<usize>> {
    fn extend(n: usize, k: usize, from: usize, chosen: &mut Vec<usize>, all: &mut Vec<Vec<usize>>) {
        if chosen.len() == k {
            all.push(chosen.clone());
            return;
        }
        for index in from..n {
            chosen.push(index);
            extend(n, k, index + 1, chosen, all);
            chosen.pop();
        }
    }
    let mut all = Vec::new();
    extend(n, k, 0, &mut Vec::new(), &mut all);
    all
}

impl PackageManifest {
    /// The manifest without what depends on the ciphertext and the wraps (fields 9, 10, 19–21, the wraps of 22).
    pub(super) fn core(&self) -> Vec<u8> {
        let core = Self {
            ciphertext_sha256: [0; 32].into(),
            ciphertext_bytes: 0,
            ephemeral: [0; 65].into(),
            officer_wraps: Vec::new(),
            kit_wraps: Vec::new(),
            break_glass: self.break_glass.clone().map(|glass| BreakGlass {
                wraps: Vec::new(),
                ..glass
            }),
            ..self.clone()
        };
        encode(&core)
    }

    /// The key that a subset of `owners` shares: `zs` are their agreements with E, in the order of the subset.
    fn quorum_kek(
        &self,
        quorum: &Quorum<'_>,
        core_hash: &[u8; 32],
        subset: &[usize],
        zs: &[u8],
    ) -> [u8; 32] {
        let mut info = quorum.label.to_vec();
        info.push(u8::try_from(quorum.owners.len()).unwrap_or(u8::MAX));
        info.push(quorum.k);
        info.extend(subset.iter().map(|i| u8::try_from(*i).unwrap_or(u8::MAX)));
        info.extend_from_slice(self.ephemeral.as_slice());
        for owner in quorum.owners {
            info.extend_from_slice(owner.point.as_slice());
        }
        hkdf_32(core_hash, zs, &info)
    }

    fn officers_quorum(&self) -> Quorum<'_> {
        Quorum {
            label: b"kg1/quorum",
            owners: &self.officers,
            k: self.k,
        }
    }

    /// The keys of the commission above.
    pub fn holders(&self) -> impl Iterator<Item = PublicKey> {
        let glass = self.break_glass.iter();
        glass.flat_map(|glass| glass.holders.iter().map(|holder| PublicKey(*holder.point)))
    }

    /// Every key that speaks in the precinct: its kits', its officers', the commission above's.
    pub fn keys(&self) -> impl Iterator<Item = PublicKey> {
        let kits = self.kits.iter().map(|kit| PublicKey(*kit.point));
        let officers = self.officers.iter().map(|o| PublicKey(*o.point));
        kits.chain(officers).chain(self.holders())
    }

    /// Which holder of the commission above has this key.
    #[must_use]
    pub fn holder_of(&self, kid: Kid) -> Option<(usize, &OfficerEntry)> {
        let mut holders = self
            .break_glass
            .iter()
            .flat_map(|glass| glass.holders.iter().enumerate());
        holders.find(|(_, holder)| PublicKey(*holder.point).kid() == kid)
    }

    /// Which officer holds this card.
    #[must_use]
    pub fn officer_of(&self, kid: Kid) -> Option<(usize, &OfficerEntry)> {
        self.officers
            .iter()
            .enumerate()
            .find(|(_, officer)| PublicKey(*officer.point).kid() == kid)
    }

    /// Which kit has this key.
    #[must_use]
    pub fn kit_of(&self, kid: Kid) -> Option<(usize, &KitEntry)> {
        self.kits
            .iter()
            .enumerate()
            .find(|(_, kit)| PublicKey(*kit.point).kid() == kid)
    }
}

/// Keys of which some together open something.
struct Quorum<'a> {
    label: &'static [u8],
    owners: &'a [OfficerEntry],
    k: u8,
}

impl BreakGlass {
    fn quorum(&self) -> Quorum<'_> {
        Quorum {
            label: b"kg1/break-glass",
            owners: &self.holders,
            k: self.k,
        }
    }
}

impl Quorum<'_> {
    fn k(&self) -> usize {
        usize::from(self.k)
    }

    /// The cards that are among the owners, each once, by the owner's place.
    fn present<'c>(&self, cards: &[&'c dyn KeyAgreement]) -> Vec<(usize, &'c dyn KeyAgreement)> {
        let mut present: Vec<(usize, &dyn KeyAgreement)> = Vec::new();
        for card in cards {
            let kid = card.public().kid();
            let place = self
                .owners
                .iter()
                .position(|owner| PublicKey(*owner.point).kid() == kid);
            if let Some(place) = place
                && present.iter().all(|(known, _)| *known != place)
            {
                present.push((place, *card));
            }
        }
        present
    }

    /// The key that the first `k` of these cards share, and the place of its wrap.
    fn agree(
        &self,
        manifest: &PackageManifest,
        core_hash: &[u8; 32],
        mut present: Vec<(usize, &dyn KeyAgreement)>,
    ) -> Result<([u8; 32], usize), PackageError> {
        present.truncate(self.k());
        present.sort_by_key(|(place, _)| *place);
        let subset: Vec<usize> = present.iter().map(|(place, _)| *place).collect();
        let slot = subsets(self.owners.len(), self.k());
        let slot = slot
            .iter()
            .position(|s| *s == subset)
            .ok_or(PackageError::Wrap)?;
        let ephemeral = PublicKey(*manifest.ephemeral);
        let mut zs = Vec::with_capacity(32 * self.k());
        for (_, card) in &present {
            zs.extend_from_slice(&card.agree(&ephemeral)?);
        }
        Ok((manifest.quorum_kek(self, core_hash, &subset, &zs), slot))
    }

    /// The key of every subset, in lexicographic order: for sealing.
    fn keys(
        &self,
        manifest: &PackageManifest,
        core_hash: &[u8; 32],
        secret: &p256::SecretKey,
    ) -> Result<Vec<[u8; 32]>, PackageError> {
        let zs = self.owners.iter().map(|owner| shared(secret, &owner.point));
        let zs = zs.collect::<Result<Vec<_>, _>>()?;
        let all = subsets(self.owners.len(), self.k());
        let key = |subset: &Vec<usize>| {
            let zs: Vec<u8> = subset.iter().flat_map(|i| zs[*i]).collect();
            manifest.quorum_kek(self, core_hash, subset, &zs)
        };
        Ok(all.iter().map(key).collect())
    }
}

/// A random scalar as a key, with its public half.
pub(super) fn scalar(secret: &[u8; 32]) -> Result<(p256::SecretKey, [u8; 65]), PackageError> {
    let secret = p256::SecretKey::from_slice(secret).map_err(|_| PackageError::BadPoint)?;
    let point = secret.public_key().as_affine().to_sec1_point(false);
    let public = point
        .as_bytes()
        .try_into()
        .map_err(|_| PackageError::BadPoint)?;
    Ok((secret, public))
}

pub(super) fn shared(secret: &p256::SecretKey, point: &[u8; 65]) -> Result<[u8; 32], PackageError> {
    let public = p256::PublicKey::from_sec1_bytes(point).map_err(|_| PackageError::BadPoint)?;
    let z = p256::ecdh::diffie_hellman(secret.to_nonzero_scalar(), public.as_affine());
    let mut out = [0u8; 32];
    out.copy_from_slice(z.raw_secret_bytes());
    Ok(out)
}

fn content_key(core: &[u8], officers: &[u8; 32], kits: &[u8; 32]) -> LessSafeKey {
    let mut ikm = officers.to_vec();
    ikm.extend_from_slice(kits);
    let mut info = b"kg1/cek".to_vec();
    info.extend_from_slice(core);
    let cek = hkdf_32(&[], &ikm, &info);
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &cek).expect("the key has 32 bytes"))
}

/// Bytes that a body takes, so that it is not copied while it grows: entries of the district 21, voters 256 and their images.
fn size_about(body: &PackageBody) -> usize {
    let of_voter = |voter: &PackageVoter| {
        let minutiae: usize = voter.fingers.iter().map(|f| f.minutiae.len() + 8).sum();
        256 + voter.photo.len() + minutiae
    };
    512 + 24 * body.district.len() + body.voters.iter().map(of_voter).sum::<usize>()
}

/// Seals a body: fills fields 9, 10, 19–21 and the wraps of 22 of the manifest and returns the ciphertext.
///
/// The nonce is zero because the content key is used once. Cost: one AES pass, and one ECDH
/// for each officer and kit.
///
/// # Errors
/// [`PackageError::BadPoint`] when the scalar or a roster key is no P-256 key.
pub fn seal(
    manifest: &mut PackageManifest,
    body: &PackageBody,
    secrets: &SealSecrets,
) -> Result<Vec<u8>, PackageError> {
    let (secret, ephemeral) = scalar(&secrets.ephemeral)?;
    let core = manifest.core();
    let core_hash = sha256(&core);
    manifest.ephemeral = ephemeral.into();
    let keys = manifest
        .officers_quorum()
        .keys(manifest, &core_hash, &secret)?;
    manifest.officer_wraps = keys
        .iter()
        .map(|kek| wrap(kek, &secrets.officers).into())
        .collect();
    if let Some(mut glass) = manifest.break_glass.take() {
        let keys = glass.quorum().keys(manifest, &core_hash, &secret)?;
        let both = |kek: &[u8; 32]| wrap_both(kek, &secrets.officers, &secrets.kits).into();
        glass.wraps = keys.iter().map(both).collect();
        manifest.break_glass = Some(glass);
    }
    manifest.kit_wraps = manifest
        .kits
        .iter()
        .map(|kit| {
            let kek = hkdf_32(&core_hash, &shared(&secret, &kit.point)?, b"kg1/kit");
            Ok(wrap(&kek, &secrets.kits).into())
        })
        .collect::<Result<_, PackageError>>()?;
    let mut ciphertext = Vec::with_capacity(size_about(body));
    minicbor::encode(body, &mut ciphertext).map_err(|_| PackageError::Body)?;
    content_key(&core, &secrets.officers, &secrets.kits)
        .seal_in_place_append_tag(
            Nonce::assume_unique_for_key([0; 12]),
            Aad::from(&core),
            &mut ciphertext,
        )
        .map_err(|_| PackageError::Body)?;
    manifest.ciphertext_sha256 = sha256(&ciphertext).into();
    manifest.ciphertext_bytes = ciphertext.len() as u64;
    Ok(ciphertext)
}

/// Opens a sealed package with officers' cards and the kit's own key, or with the commission's keys when too few
/// officers' cards are there (break-glass: then the kit's key is only looked at). The ciphertext is deciphered in its
/// own place: a package of 10,000 voters with photographs takes 74 MB once, not twice.
///
/// # Errors
/// [`PackageError`]; each wrong input has its own variant.
pub fn open(
    manifest: &PackageManifest,
    ciphertext: Vec<u8>,
    cards: &[&dyn KeyAgreement],
    kit: &dyn KeyAgreement,
) -> Result<PackageBody, PackageError> {
    open_granted(manifest, ciphertext, cards, kit, None)
}

/// Opens a sealed package as [`open`] does, on a spare kit that a grant names. Whoever calls has checked that the
/// grant is signed and is for this package.
///
/// # Errors
/// [`PackageError`]; each wrong input has its own variant.
pub fn open_granted(
    manifest: &PackageManifest,
    mut ciphertext: Vec<u8>,
    cards: &[&dyn KeyAgreement],
    kit: &dyn KeyAgreement,
    grant: Option<&KitGrant>,
) -> Result<PackageBody, PackageError> {
    if sha256(&ciphertext) != *manifest.ciphertext_sha256 {
        return Err(PackageError::Ciphertext);
    }
    let me = kit.public();
    let grant = grant.filter(|grant| *grant.kit.point == me.0);
    if manifest.kit_of(me.kid()).is_none() && grant.is_none() {
        return Err(PackageError::UnknownKit);
    }
    let core = manifest.core();
    let core_hash = sha256(&core);
    let (officers, kits) = match by_holders(manifest, &core_hash, cards)? {
        Some(both) => both,
        None => {
            let officers = by_officers(manifest, &core_hash, cards)?;
            let kits = match grant {
                Some(grant) => grant.unwrap(&core_hash, kit)?,
                None => by_kit(manifest, &core_hash, kit)?,
            };
            (officers, kits)
        }
    };
    let plain = content_key(&core, &officers, &kits)
        .open_in_place(
            Nonce::assume_unique_for_key([0; 12]),
            Aad::from(&core),
            &mut ciphertext,
        )
        .map_err(|_| PackageError::Wrap)?;
    super::envelope::decode(plain).map_err(|_| PackageError::Body)
}

/// The officers' half of the content key.
fn by_officers(
    manifest: &PackageManifest,
    core_hash: &[u8; 32],
    cards: &[&dyn KeyAgreement],
) -> Result<[u8; 32], PackageError> {
    let quorum = manifest.officers_quorum();
    let present = quorum.present(cards);
    if present.len() < quorum.k() {
        return Err(PackageError::TooFewOfficers {
            got: present.len(),
            needed: quorum.k(),
        });
    }
    let body = |place: usize| manifest.officers.get(place).map(|officer| &officer.body);
    let mut bodies = present
        .iter()
        .take(quorum.k())
        .map(|(place, _)| body(*place));
    let first = bodies.next().flatten();
    if manifest.policy.different_bodies && quorum.k() > 1 && bodies.all(|body| body == first) {
        return Err(PackageError::SameBody);
    }
    let (kek, slot) = quorum.agree(manifest, core_hash, present)?;
    unwrap(
        &kek,
        manifest.officer_wraps.get(slot).ok_or(PackageError::Wrap)?,
    )
}

/// The kits' half of the content key.
pub(super) fn by_kit(
    manifest: &PackageManifest,
    core_hash: &[u8; 32],
    kit: &dyn KeyAgreement,
) -> Result<[u8; 32], PackageError> {
    let (place, _) = manifest
        .kit_of(kit.public().kid())
        .ok_or(PackageError::UnknownKit)?;
    let z = kit.agree(&PublicKey(*manifest.ephemeral))?;
    let slot = manifest.kit_wraps.get(place).ok_or(PackageError::Wrap)?;
    unwrap(&hkdf_32(core_hash, &z, b"kg1/kit"), slot)
}

/// Both halves of the content key by the commission's keys; `None` when none of them is there or the officers suffice.
pub(super) fn by_holders(
    manifest: &PackageManifest,
    core_hash: &[u8; 32],
    cards: &[&dyn KeyAgreement],
) -> Result<Option<Halves>, PackageError> {
    let Some(glass) = &manifest.break_glass else {
        return Ok(None);
    };
    let officers = manifest.officers_quorum();
    let quorum = glass.quorum();
    let present = quorum.present(cards);
    if present.is_empty() || officers.present(cards).len() >= officers.k() {
        return Ok(None);
    }
    if present.len() < quorum.k() {
        return Err(PackageError::TooFewHolders {
            got: present.len(),
            needed: quorum.k(),
        });
    }
    let (kek, slot) = quorum.agree(manifest, core_hash, present)?;
    unwrap_both(&kek, glass.wraps.get(slot).ok_or(PackageError::Wrap)?).map(Some)
}
