//! The key folder of the ground, as `docs/list.md` lays it down.

use std::fs;
use std::path::Path;

use keys::{FileKey, NoteKey};
use lexicon::ElectionLaw;
use lexicon::handover::envelope::{DocumentType, Subject, encode, hex, sign_all};
use lexicon::handover::folder::{Anchor, TrustAnchors};
use tlog::{KeyKind, SigningKey};

use super::GroundError;

const SEED: &[u8] = b"the list's story";
/// The look-up key's 32 bytes; the oracle reads them as they are.
pub const LOOKUP: [u8; 32] = [5; 32];
const WITNESSES: [&str; 2] = [
    "witness.story.example/parties",
    "witness.story.example/court",
];

fn refused(error: impl std::fmt::Display) -> GroundError {
    GroundError::Keys(error.to_string())
}

/// Writes every key and the trust anchors; gives the public points of the two release keys, hexadecimal.
///
/// # Errors
/// [`GroundError`].
pub fn write(dir: &Path) -> Result<[String; 2], GroundError> {
    fs::create_dir_all(dir)?;
    let key = |label: &str| FileKey::from_seed(SEED, label);
    let roles = ["srs-release", "cec-release", "register", "publication"];
    for role in roles.into_iter().chain(["office"]) {
        key(role)
            .write(&dir.join(format!("{role}.key")))
            .map_err(refused)?;
    }
    let put = |name: &str, text: String| fs::write(dir.join(name), text);
    put("randomness.key", hex(&[9; 32]))?;
    put("lookup.key", hex(&LOOKUP))?;
    let law = ElectionLaw::shipped("kg-2015").map_err(refused)?;
    let election = law.election.number;
    let log = format!("log.story.example/{election}");
    let seed_of = |name: &str| NoteKey::from_seed(SEED, name).secret_bytes();
    put("log.key", format!("{log} {}", hex(&seed_of(&log))))?;
    let mut witness_keys = Vec::new();
    for (n, name) in (1..).zip(WITNESSES) {
        let seed = seed_of(name);
        put(
            &format!("witness-{n}.key"),
            format!("{name} {}", hex(&seed)),
        )?;
        let witness =
            SigningKey::from_seed(name, KeyKind::CosignatureV1, &seed).map_err(refused)?;
        witness_keys.push(witness.verifier().to_string());
    }
    witness_keys.sort();
    let roots = ["root-srs", "root-cec"];
    let mut anchors: Vec<Anchor> = roles
        .iter()
        .chain(&roots)
        .map(|role| Anchor {
            role: (*role).to_owned(),
            point: key(role).public_key().0.into(),
            home: FileKey::HOME.to_owned(),
        })
        .collect();
    anchors.sort();
    let signer = SigningKey::from_seed(&log, KeyKind::Ed25519, &seed_of(&log)).map_err(refused)?;
    let payload = encode(&TrustAnchors {
        suite: "kg1".to_owned(),
        election,
        anchors,
        log_key: signer.verifier().to_string(),
        witness_keys,
        witnesses_needed: 2,
    });
    let subject = Subject {
        kind: DocumentType::TrustAnchors,
        election,
    };
    let [one, other] = roots.map(key);
    let signed = sign_all(subject, &payload, &[&one, &other]).map_err(refused)?;
    fs::write(dir.join("trust.cose"), signed)?;
    Ok(["srs-release", "cec-release"].map(|role| hex(&key(role).public_key().0)))
}
