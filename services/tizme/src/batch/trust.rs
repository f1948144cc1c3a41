//! Keys for work over a snapshot: whom to believe, and with what to sign.
//!
//! A key folder holds a file for each role, named as in docs/formats.md: `srs-release.key`, `cec-release.key`,
//! `register.key` (64 hexadecimal digits, private), `register.pub` (130, public), and `randomness.key`, the
//! 32 bytes from which the salts of a release follow.

use std::path::Path;

use ::batch::folder::Trust;
use anyhow::{Context as _, Result};
use keys::{FileKey, KeyRing};
use lexicon::ElectionLaw;
use lexicon::handover::envelope::{
    DocumentType, Kid, PublicKey, SignError, Signer, Subject, decode, open_all, peek_all, unhex,
};
use lexicon::handover::folder::TrustAnchors;

/// The key whose signature a snapshot must bear.
pub struct Register {
    key: PublicKey,
    ring: KeyRing,
}

impl Register {
    fn of(key: PublicKey) -> Register {
        Register {
            key,
            ring: KeyRing::of([key]),
        }
    }

    /// The key.
    pub fn public_key(&self) -> PublicKey {
        self.key
    }

    /// The key's id.
    pub fn kid(&self) -> Kid {
        self.key.kid()
    }

    /// A ring with this key alone.
    pub fn ring(&self) -> KeyRing {
        self.ring.clone()
    }

    /// Whom a snapshot must be signed by.
    pub fn trust(&self, election: u32) -> Trust<'_> {
        Trust {
            verifier: &self.ring,
            signer: self.kid(),
            election,
        }
    }
}

/// The register's key in a key folder; none when it holds none.
///
/// # Errors
/// When the file there is no key.
pub fn from_folder(folder: &Path) -> Result<Option<Register>> {
    let (public, private) = (folder.join("register.pub"), folder.join("register.key"));
    if public.is_file() {
        return Ok(Some(Register::of(read_public(&public)?)));
    }
    if private.is_file() {
        return Ok(Some(Register::of(FileKey::read(&private)?.public_key())));
    }
    Ok(None)
}

/// The register's key by trust anchors that both roots signed.
///
/// Whose roots they are is not asked here: `tizme verify` compares them with fingerprints from elsewhere.
///
/// # Errors
/// When the file is not signed by the roots it names, or names no register.
pub fn from_anchors(file: &Path, law: &ElectionLaw) -> Result<Register> {
    let at_file = || file.display().to_string();
    let bytes = std::fs::read(file).with_context(at_file)?;
    let named = anchors(&bytes, law).with_context(at_file)?;
    Ok(Register::of(
        demand_point(&named, "register").with_context(at_file)?,
    ))
}

/// Trust anchors, signed by the roots that they name.
///
/// # Errors
/// When they are not, or name no roots.
pub fn anchors(bytes: &[u8], law: &ElectionLaw) -> Result<TrustAnchors> {
    let subject = Subject {
        kind: DocumentType::TrustAnchors,
        election: law.election.number,
    };
    let named: TrustAnchors = decode(&peek_all(subject, bytes)?)?;
    let roots = [
        demand_point(&named, "root-srs")?,
        demand_point(&named, "root-cec")?,
    ];
    open_all(
        subject,
        bytes,
        &KeyRing::of(roots),
        &roots.map(|key| key.kid()),
    )?;
    Ok(named)
}

/// The key of a role; none when the anchors name none.
pub fn point(anchors: &TrustAnchors, role: &str) -> Option<PublicKey> {
    let anchor = anchors.anchors.iter().find(|anchor| anchor.role == role)?;
    PublicKey::from_bytes(&*anchor.point)
}

fn demand_point(anchors: &TrustAnchors, role: &str) -> Result<PublicKey> {
    point(anchors, role).with_context(|| format!("names no key for {role}"))
}

/// 32 bytes that a file holds as hexadecimal digits.
///
/// # Errors
/// Naming the file.
pub fn secret(path: &Path) -> Result<[u8; 32]> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    digits(&text).with_context(|| format!("{}: 64 hexadecimal digits are expected", path.display()))
}

/// 32 bytes of 64 hexadecimal digits.
pub fn digits(text: &str) -> Option<[u8; 32]> {
    unhex(text.trim())?.try_into().ok()
}

/// An institution's release key as this place has it.
pub enum ReleaseKey {
    /// With its private half.
    Here(FileKey),
    /// Its public half: the institution signs elsewhere.
    Elsewhere(PublicKey),
}

impl ReleaseKey {
    /// Reads `ROLE.key` of a folder, or `ROLE.pub` where the private half is not there.
    ///
    /// # Errors
    /// Naming the file that is missing or no key.
    pub fn read(folder: &Path, role: &str) -> Result<ReleaseKey> {
        let (private, public) = (
            folder.join(format!("{role}.key")),
            folder.join(format!("{role}.pub")),
        );
        if private.is_file() || !public.is_file() {
            return Ok(ReleaseKey::Here(FileKey::read(&private)?));
        }
        Ok(ReleaseKey::Elsewhere(read_public(&public)?))
    }

    /// The public half.
    pub fn public_key(&self) -> PublicKey {
        match self {
            ReleaseKey::Here(key) => key.public_key(),
            ReleaseKey::Elsewhere(key) => *key,
        }
    }
}

impl Signer for ReleaseKey {
    fn kid(&self) -> Kid {
        self.public_key().kid()
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; 64], SignError> {
        match self {
            ReleaseKey::Here(key) => key.sign(message),
            ReleaseKey::Elsewhere(key) => Err(SignError {
                kid: key.kid(),
                why: "its private half is not in this key folder; the institution signs where it keeps it"
                    .to_owned(),
            }),
        }
    }
}

/// A public key that a file holds as 130 hexadecimal digits.
///
/// # Errors
/// Naming the file.
pub fn read_public(path: &Path) -> Result<PublicKey> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    super::public_key(&text).with_context(|| {
        format!(
            "{}: no public key; 130 hexadecimal digits are expected",
            path.display()
        )
    })
}

/// The office's key for its statements: `office.pub`, or the public half of `office.key`.
///
/// # Errors
/// Naming the file that is missing or no key.
pub fn office_key(folder: &Path) -> Result<PublicKey> {
    let public = folder.join("office.pub");
    if public.is_file() {
        return read_public(&public);
    }
    let private = folder.join("office.key");
    let key = FileKey::read(&private)
        .with_context(|| format!("no key of the office: {} is missing too", public.display()))?;
    Ok(key.public_key())
}

/// What a release is signed and salted with.
pub struct Signing {
    /// The registration service's release key.
    pub srs: ReleaseKey,
    /// The commission's release key.
    pub cec: ReleaseKey,
    /// Salts follow from it.
    pub randomness: [u8; 32],
}

impl Signing {
    /// Reads the keys of a folder.
    ///
    /// # Errors
    /// Naming the file that is missing or no key.
    pub fn read(folder: &Path) -> Result<Signing> {
        let randomness = secret(&folder.join("randomness.key"))?;
        Ok(Signing {
            srs: ReleaseKey::read(folder, "srs-release")?,
            cec: ReleaseKey::read(folder, "cec-release")?,
            randomness,
        })
    }

    /// The keys whose private halves are here.
    pub fn here(&self) -> Vec<&dyn Signer> {
        let of = |key: &'_ ReleaseKey| matches!(key, ReleaseKey::Here(_));
        [&self.srs, &self.cec]
            .into_iter()
            .filter(|key| of(key))
            .map(|key| -> &dyn Signer { key })
            .collect()
    }

    /// The public halves.
    pub fn public_keys(&self) -> [PublicKey; 2] {
        [self.srs.public_key(), self.cec.public_key()]
    }
}
