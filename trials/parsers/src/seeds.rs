//! Documents to begin with: those the doors take in, made here so that they follow the formats, the rooms'
//! golden files, and what fuzzing found (`fuzz/corpus`).

mod claim_file;
mod delta;
mod documents;
mod files;
mod home_list;
mod snapshot;
mod station;
mod station_delta;

use std::path::Path;
use std::sync::{Arc, LazyLock};

use keys::{FileKey, KeyRing, NoteKey};
use lexicon::handover::envelope::DocumentId;
use lexicon::handover::lookup::{LookupKey, LookupToken};
use pollbook::Charter;
use tlog::{KeyKind, Policy, SigningKey, VerifierKey};

pub use claim_file::claim_files;
pub use delta::{deltas, list_in_force, people_of_delta};
pub use documents::{
    envelopes, folder_manifests, lookups, oracle_frames, package_bodies, packages, payloads,
    releases, reports, sealed_folders, trusts,
};
pub use files::{
    ansi2004_records, ansi2009_records, arrow_streams, compact_cards, geojsons, images,
    import_csvs, import_parquets, iso_records, iso2011_records, jpeg2000s, jpegs, laws,
    linkage_models, log_policies, log_proofs, normal_cards, notes, own_templates, plannings,
    templates, tiles, tree_proofs, typed_texts, wsq_files,
};
pub use home_list::home_lists;
pub use snapshot::{sample_snapshot, snapshot_images};
pub use station::{events, hour_messages, journals, kit_messages, receipts, scans, tickets};
pub use station_delta::station_deltas;

/// The election of every seed.
pub const ELECTION: u32 = 20_151_004;

/// The keys that the doors believe, and a package that they open.
pub struct Hands {
    /// Checks every key of the seeds.
    pub ring: KeyRing,
    /// The two institutions.
    pub institutions: [FileKey; 2],
    /// Two kits of one precinct.
    pub kits: [FileKey; 2],
    /// Officers' cards of the precinct.
    pub officers: [FileKey; 3],
    /// The precinct's package.
    pub charter: Arc<Charter>,
    /// Its manifest's id.
    pub package: DocumentId,
    /// Its ciphertext.
    pub ciphertext: Vec<u8>,
    /// Somebody's question to the portal.
    pub token: LookupToken,
    /// The log's key.
    pub log: VerifierKey,
    /// The log and one witness.
    pub policy: Policy,
}

static HANDS: LazyLock<Hands> = LazyLock::new(make_hands);

/// The keys and the package that all seeds and doors share.
pub fn hands() -> &'static Hands {
    &HANDS
}

pub(crate) fn key(label: &str) -> FileKey {
    FileKey::from_seed(b"tizme parsers", label)
}

pub(crate) fn log_key() -> SigningKey {
    note_key("log.example/20151004", KeyKind::Ed25519)
}

pub(crate) fn witness_key() -> SigningKey {
    note_key("witness.example/1", KeyKind::CosignatureV1)
}

fn note_key(name: &str, kind: KeyKind) -> SigningKey {
    let secret = NoteKey::from_seed(b"tizme parsers", name).secret_bytes();
    SigningKey::from_seed(name, kind, &secret).expect("the name is a key name")
}

pub(crate) fn question() -> (LookupToken, &'static str, &'static str) {
    let (pin, document) = ("20105198000001", "AN1234567");
    (
        LookupKey::new(&[7; 32]).token(ELECTION, pin, document),
        pin,
        document,
    )
}

fn make_hands() -> Hands {
    let institutions = [key("srs-release"), key("cec-release")];
    let kits = [key("kit 1"), key("kit 2")];
    let officers = [key("officer 1"), key("officer 2"), key("officer 3")];
    let all = institutions.iter().chain(&kits).chain(&officers);
    let ring = KeyRing::of(all.map(FileKey::public_key));
    let (manifest, ciphertext) = documents::sealed(&kits, &officers);
    let package = DocumentId([0x50; 32]);
    let log = log_key().verifier().clone();
    let witness = witness_key().verifier().clone();
    Hands {
        ring,
        institutions,
        kits,
        officers,
        charter: Arc::new(Charter::new(manifest, package).expect("the manifest is sound")),
        package,
        ciphertext,
        token: question().0,
        policy: Policy::k_of_n(std::slice::from_ref(&log), &[witness], 1)
            .expect("two different keys"),
        log,
    }
}

/// One of every kind.
pub fn everything() -> Vec<Vec<u8>> {
    [
        envelopes(),
        payloads(),
        journals(),
        receipts(),
        notes(),
        tiles(),
        log_proofs(),
    ]
    .concat()
}

/// Inputs that were kept for a door, from a corpus folder; none when there is no such folder.
///
/// # Errors
/// When the folder cannot be read.
pub fn kept(corpus: &Path, door: &str) -> std::io::Result<Vec<Vec<u8>>> {
    let folder = corpus.join(door);
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut files: Vec<_> = std::fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    files.sort();
    files.iter().map(std::fs::read).collect()
}
