//! A grant for a spare kit that the package does not name: one more key of the kits' half, and a name.
//!
//! Made by a kit of the precinct with two officers, or by the commission above with its keys; whoever signs it may
//! also open a kit. The package itself is not sealed anew. Source: SECURITY.md §3.3, restated in docs/formats.md.

use minicbor::bytes::ByteArray;
use minicbor::{Decode, Encode};

use super::envelope::{
    DocumentId, DocumentType, EnvelopeError, Kid, PublicKey, SUITE, SignError, Signer, Subject,
    Verifier, decode, encode, open_all, peek_all, sha256, sign_all,
};
use super::package::{
    KeyAgreement, KitEntry, PackageError, PackageManifest, by_holders, by_kit, hkdf_32, scalar,
    shared, unwrap, wrap,
};

/// The grant (type `kit-grant`, `COSE_Sign`).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct KitGrant {
    /// Suite, `kg1`.
    #[n(1)]
    pub suite: String,
    /// Election number.
    #[n(2)]
    pub election: u32,
    /// Precinct number.
    #[n(3)]
    pub precinct: u16,
    /// The manifest that it adds a kit to.
    #[n(4)]
    pub package: ByteArray<32>,
    /// The spare: without a share, under a name that no kit of the manifest bears.
    #[n(5)]
    pub kit: KitEntry,
    /// Ephemeral public key of this grant.
    #[n(6)]
    pub ephemeral: ByteArray<65>,
    /// The kits' half of the content key for the spare.
    #[n(7)]
    pub wrap: ByteArray<40>,
    /// Why, a code: `KIT_LOST`, `KIT_ADDED`.
    #[n(8)]
    pub reason: String,
    /// When it was made, microseconds UTC.
    #[n(9)]
    pub made_at: i64,
    /// The spare acts from then on, microseconds UTC.
    #[n(10)]
    pub not_before: i64,
    /// And until then, microseconds UTC.
    #[n(11)]
    pub not_after: i64,
}

/// Who gives the kits' half of the content key.
pub enum GrantBy<'a> {
    /// A kit that the manifest names.
    Kit(&'a dyn KeyAgreement),
    /// Keys of the commission above.
    Commission(&'a [&'a dyn KeyAgreement]),
}

/// What a grant is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spare {
    /// The spare kit's key.
    pub point: PublicKey,
    /// Its short name.
    pub name: String,
    /// Why, a code.
    pub reason: String,
    /// Now, microseconds UTC.
    pub made_at: i64,
    /// From when the spare acts, microseconds UTC.
    pub not_before: i64,
    /// Until when, microseconds UTC; after `not_before`.
    pub not_after: i64,
}

/// Why a grant is not taken. Nothing was used of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GrantError {
    /// No such document, or a signature that does not fit.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// Made for another package: release, precinct or election.
    #[error("the grant is for another package")]
    OtherPackage,
    /// It names a kit that the manifest has, a name that is taken, or a share.
    #[error("the grant {0}")]
    Entry(&'static str),
}

fn subject(election: u32) -> Subject {
    Subject {
        kind: DocumentType::KitGrant,
        election,
    }
}

const LABEL: &[u8] = b"kg1/kit-grant";

/// For what a grant says that it is: suite, election, precinct, id of the manifest.
pub(super) type About<'a> = (&'a str, u32, u16, [u8; 32]);

/// Reads a grant that several signed for a package; `about` gives for what it is.
///
/// # Errors
/// [`GrantError::Envelope`], [`GrantError::OtherPackage`].
pub(super) fn open_for<T>(
    subject: Subject,
    manifest: &PackageManifest,
    package: DocumentId,
    signed: &[u8],
    verifier: &dyn Verifier,
    about: fn(&T) -> About<'_>,
) -> Result<(T, Vec<Kid>), GrantError>
where
    T: for<'b> Decode<'b, ()> + Encode<()>,
{
    // Another package's is told from a wrong signature.
    let claimed: T = decode(&peek_all(subject, signed)?)?;
    let wanted = (SUITE, manifest.election, manifest.precinct, package.0);
    if about(&claimed) != wanted {
        return Err(GrantError::OtherPackage);
    }
    let opened = open_all(subject, signed, verifier, &[])?;
    Ok((decode(&opened.payload)?, opened.signers))
}

impl KitGrant {
    /// Makes a grant; `secret` is the scalar of its ephemeral key: random, used once, destroyed.
    ///
    /// # Errors
    /// [`PackageError`]: whoever gives the half cannot open it, or a key is no point of the curve.
    pub fn make(
        manifest: &PackageManifest,
        package: DocumentId,
        by: &GrantBy<'_>,
        spare: &Spare,
        secret: &[u8; 32],
    ) -> Result<Self, PackageError> {
        let core_hash = sha256(&manifest.core());
        let half = match by {
            GrantBy::Kit(kit) => by_kit(manifest, &core_hash, *kit)?,
            GrantBy::Commission(cards) => {
                let needed = manifest.break_glass.as_ref().map_or(0, |glass| glass.k);
                let both = by_holders(manifest, &core_hash, cards)?;
                both.ok_or(PackageError::TooFewHolders {
                    got: 0,
                    needed: needed.into(),
                })?
                .1
            }
        };
        let (secret, ephemeral) = scalar(secret)?;
        let kek = hkdf_32(&core_hash, &shared(&secret, &spare.point.0)?, LABEL);
        Ok(Self {
            suite: SUITE.to_owned(),
            election: manifest.election,
            precinct: manifest.precinct,
            package: package.0.into(),
            kit: KitEntry {
                point: spare.point.0.into(),
                name: spare.name.clone(),
                from: 1,
                to: 0,
            },
            ephemeral: ephemeral.into(),
            wrap: wrap(&kek, &half).into(),
            reason: spare.reason.clone(),
            made_at: spare.made_at,
            not_before: spare.not_before,
            not_after: spare.not_after,
        })
    }

    /// Signs the grant with the officers' or the commission's cards.
    ///
    /// # Errors
    /// [`SignError`] when a card cannot sign.
    pub fn sign(&self, cards: &[&dyn Signer]) -> Result<Vec<u8>, SignError> {
        sign_all(subject(self.election), &encode(self), cards)
    }

    fn about(&self) -> About<'_> {
        (&self.suite, self.election, self.precinct, *self.package)
    }

    /// Reads a signed grant for this package and says who signed; whether they may is the charter's to say.
    ///
    /// # Errors
    /// [`GrantError`].
    pub fn open(
        manifest: &PackageManifest,
        package: DocumentId,
        signed: &[u8],
        verifier: &dyn Verifier,
    ) -> Result<(Self, Vec<Kid>), GrantError> {
        let subject = subject(manifest.election);
        let (grant, signers) = open_for(subject, manifest, package, signed, verifier, Self::about)?;
        let point = PublicKey(*grant.kit.point);
        if manifest.kit_of(point.kid()).is_some() {
            return Err(GrantError::Entry("names a kit that the package names"));
        }
        if grant.kit.name.is_empty() || manifest.kits.iter().any(|kit| kit.name == grant.kit.name) {
            return Err(GrantError::Entry("gives a name that another kit bears"));
        }
        if grant.kit.from <= grant.kit.to {
            return Err(GrantError::Entry("gives the spare a share"));
        }
        if grant.not_before >= grant.not_after {
            return Err(GrantError::Entry("ends before it begins"));
        }
        Ok((grant, signers))
    }

    /// Whether the spare may act at a moment, microseconds UTC.
    #[must_use]
    pub fn is_in_force(&self, at: i64) -> bool {
        (self.not_before..=self.not_after).contains(&at)
    }

    /// The kits' half of the content key, by the spare's own key.
    pub(super) fn unwrap(
        &self,
        core_hash: &[u8; 32],
        kit: &dyn KeyAgreement,
    ) -> Result<[u8; 32], PackageError> {
        let z = kit.agree(&PublicKey(*self.ephemeral))?;
        unwrap(&hkdf_32(core_hash, &z, LABEL), &self.wrap)
    }
}
