//! A card that the package does not name: the commission above admits a substitute officer's, or one in place of a lost
//! card, while the election is on (S-34).
//!
//! Signed by keys of the commission above alone. The package is not sealed anew: the card opens no kit, it signs acts.
//! Restated in docs/formats.md.

use minicbor::bytes::ByteArray;
use minicbor::{Decode, Encode};

use super::envelope::{
    DocumentId, DocumentType, Kid, PublicKey, SignError, Signer, Subject, Verifier, encode,
    peek_all, sign_all,
};
use super::kit_grant::{About, GrantError, open_for};
use super::package::{OfficerEntry, PackageManifest};

/// Why a card is admitted: a lost card is replaced, an officer is, or one is added.
pub const REASONS: [&str; 3] = ["CARD_LOST", "OFFICER_REPLACED", "OFFICER_ADDED"];

/// The decision (type `card-grant`, `COSE_Sign`).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct CardGrant {
    /// Suite, `kg1`.
    #[n(1)]
    pub suite: String,
    /// Election number.
    #[n(2)]
    pub election: u32,
    /// Precinct number.
    #[n(3)]
    pub precinct: u16,
    /// The manifest that it adds a card to.
    #[n(4)]
    pub package: ByteArray<32>,
    /// The card with its holder, role and nominating body.
    #[n(5)]
    pub officer: OfficerEntry,
    /// Why, one of [`REASONS`].
    #[n(6)]
    pub reason: String,
    /// When it was made, microseconds UTC.
    #[n(7)]
    pub made_at: i64,
    /// The card signs from then on, microseconds UTC.
    #[n(8)]
    pub not_before: i64,
    /// And until then, microseconds UTC.
    #[n(9)]
    pub not_after: i64,
}

fn subject(election: u32) -> Subject {
    Subject {
        kind: DocumentType::CardGrant,
        election,
    }
}

impl CardGrant {
    /// Signs the decision with keys of the commission above.
    ///
    /// # Errors
    /// [`SignError`] when a key cannot sign.
    pub fn sign(&self, cards: &[&dyn Signer]) -> Result<Vec<u8>, SignError> {
        sign_all(subject(self.election), &encode(self), cards)
    }

    fn about(&self) -> About<'_> {
        (&self.suite, self.election, self.precinct, *self.package)
    }

    /// Reads a signed decision for this package and says who signed; whether they may is the charter's to say.
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
        let kid = PublicKey(*grant.officer.point).kid();
        let known = manifest.officers.iter();
        let mut known = known.map(|officer| PublicKey(*officer.point));
        if known.any(|point| point.kid() == kid)
            || manifest.holders().any(|point| point.kid() == kid)
        {
            return Err(GrantError::Entry("names a card that the package names"));
        }
        if manifest.kit_of(kid).is_some() {
            return Err(GrantError::Entry("gives a kit's key as a card"));
        }
        if manifest.revoked.iter().any(|revoked| **revoked == kid.0) {
            return Err(GrantError::Entry("names a revoked card"));
        }
        let officer = &grant.officer;
        if officer.name.is_empty() || officer.body.is_empty() || officer.role.is_empty() {
            return Err(GrantError::Entry("leaves out name, role or body"));
        }
        if !REASONS.contains(&grant.reason.as_str()) {
            return Err(GrantError::Entry("gives a reason that is not known"));
        }
        if grant.not_before >= grant.not_after {
            return Err(GrantError::Entry("ends before it begins"));
        }
        Ok((grant, signers))
    }

    /// Whether these bytes say that they are such a decision, without believing it.
    #[must_use]
    pub fn is_one(election: u32, signed: &[u8]) -> bool {
        peek_all(subject(election), signed).is_ok()
    }
}
