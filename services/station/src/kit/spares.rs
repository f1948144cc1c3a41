//! A grant for a spare kit, or a decision on one more officer's card, that comes while the kit is open: it is looked at, kept, and holds from the kit's next start.
//!
//! Which kits there are is fixed while a kit is open: its rules, the keys it believes and the certificates at its door are
//! built of them at the start. To change them under voters who are being served would be the larger risk; a start takes
//! seconds, and the journal is taken up where it ended.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lexicon::Instant;
use lexicon::handover::card_grant::CardGrant;
use lexicon::handover::envelope::{DocumentType, EnvelopeError, PublicKey, sha256};
use lexicon::handover::kit_grant::{GrantError, KitGrant};
use pollbook::GrantRefused;

use super::Kit;
use crate::config::signed_in;
use crate::disk::{Disk, replace, settle_folder};

/// Why a grant for a spare was not taken in: nothing was written. The chair acts.
#[derive(Debug, thiserror::Error)]
pub enum SpareRefused {
    /// No file there.
    #[error("no grant was found there")]
    Nothing,
    /// The bytes are no grant.
    #[error("the file is no grant, or it is damaged")]
    Unreadable,
    /// It is for another precinct, package or election.
    #[error("the grant is for another package")]
    OtherPackage,
    /// A signature does not fit.
    #[error("a signature under the grant does not fit")]
    BadSignature,
    /// Its signers may not admit a kit together.
    #[error("those who signed may not admit a kit together")]
    Signers,
    /// It says what cannot be: a kit of the package, a name that is taken.
    #[error("the grant {0}")]
    Entry(&'static str),
    /// A kit of this name is admitted already.
    #[error("a kit of this name is admitted already")]
    Known,
    /// This kit has no folder of grants, or the disk refused.
    #[error("the grant could not be kept: {0}")]
    NotKept(io::Error),
}

impl SpareRefused {
    /// The refusal as a code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            SpareRefused::Nothing => "GRANT_NOTHING",
            SpareRefused::Unreadable => "GRANT_UNREADABLE",
            SpareRefused::OtherPackage => "GRANT_OTHER_PACKAGE",
            SpareRefused::BadSignature => "GRANT_BAD_SIGNATURE",
            SpareRefused::Signers => "GRANT_SIGNERS",
            SpareRefused::Entry(_) => "GRANT_ENTRY",
            SpareRefused::Known => "GRANT_KNOWN",
            SpareRefused::NotKept(_) => "GRANT_NOT_KEPT",
        }
    }
}

fn refused(why: GrantRefused) -> SpareRefused {
    match why {
        GrantRefused::Signers(_) => SpareRefused::Signers,
        GrantRefused::Document(GrantError::OtherPackage) => SpareRefused::OtherPackage,
        GrantRefused::Document(GrantError::Entry(why)) => SpareRefused::Entry(why),
        GrantRefused::Document(GrantError::Envelope(
            EnvelopeError::UnknownKey(_) | EnvelopeError::BadSignature(_),
        )) => SpareRefused::BadSignature,
        GrantRefused::Document(GrantError::Envelope(_)) => SpareRefused::Unreadable,
    }
}

/// A spare kit that a grant admits, or an officer's card that a decision does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpareView {
    /// `K9`, or the card's holder.
    pub name: String,
    /// Whether it is a card.
    pub is_card: bool,
    /// From when it acts.
    pub from: Instant,
    /// Until when.
    pub until: Instant,
    /// Whether this kit works with it; otherwise from its next start.
    pub is_in_force: bool,
}

impl Kit {
    /// Tells the kit where grants for spares are kept: the folder that its start reads.
    pub fn set_grants(&self, folder: PathBuf) {
        let _ = self.grants.set(folder);
    }

    fn spare(&self, grant: &KitGrant, is_in_force: bool) -> SpareView {
        SpareView {
            name: grant.kit.name.clone(),
            is_card: false,
            from: Instant::from_micros(grant.not_before),
            until: Instant::from_micros(grant.not_after),
            is_in_force,
        }
    }

    /// Whether the spare of a grant is among the kits of this start.
    fn knows(&self, grant: &KitGrant) -> bool {
        let kid = PublicKey(*grant.kit.point).kid();
        self.charter.kits().contains(&kid)
    }

    /// Looks at a grant as it lay on a stick and keeps it in the folder that the next start reads.
    ///
    /// # Errors
    /// [`SpareRefused`].
    pub fn bring_grant(&self, signed: &[u8]) -> Result<SpareView, SpareRefused> {
        if signed.len() > DocumentType::KitGrant.bytes_max() {
            return Err(SpareRefused::Unreadable);
        }
        if CardGrant::is_one(self.charter.manifest().election, signed) {
            return self.bring_card(signed);
        }
        let read = self.charter.read_grant(signed, &self.ring);
        let (grant, _) = read.map_err(refused)?;
        let is_named = |spare: &SpareView| !spare.is_card && spare.name == grant.kit.name;
        if self.knows(&grant) || self.spares().iter().any(is_named) {
            return Err(SpareRefused::Known);
        }
        let folder = self.grants.get();
        let folder = folder.ok_or_else(|| SpareRefused::NotKept(io::ErrorKind::NotFound.into()))?;
        self.keep_grant(folder, &grant.kit.name, signed)
            .map_err(SpareRefused::NotKept)?;
        Ok(self.spare(&grant, false))
    }

    /// Looks at a decision on one more card and keeps it beside the grants.
    fn bring_card(&self, signed: &[u8]) -> Result<SpareView, SpareRefused> {
        let read = self.charter.read_card(signed, &self.ring);
        let (card, _) = read.map_err(refused)?;
        let files = self.grants.get().map(|folder| signed_in(folder));
        let files = files.and_then(Result::ok).unwrap_or_default();
        if self.has_card(&card) || files.iter().any(|(_, kept)| kept == signed) {
            return Err(SpareRefused::Known);
        }
        let folder = self.grants.get();
        let folder = folder.ok_or_else(|| SpareRefused::NotKept(io::ErrorKind::NotFound.into()))?;
        // Cards go by their bytes: a holder's name is no file's.
        self.keep_grant(folder, "", signed)
            .map_err(SpareRefused::NotKept)?;
        Ok(self.card_view(&card, false))
    }

    fn card_view(&self, card: &CardGrant, is_in_force: bool) -> SpareView {
        SpareView {
            name: card.officer.name.clone(),
            is_card: true,
            from: Instant::from_micros(card.not_before),
            until: Instant::from_micros(card.not_after),
            is_in_force,
        }
    }

    /// Whether the card of a decision is among those of this start.
    fn has_card(&self, card: &CardGrant) -> bool {
        let mut admitted = self.charter.admitted().iter();
        admitted.any(|(known, ..)| known.point == card.officer.point)
    }

    /// By the spare's name as `tizme-station grant` calls it; by its bytes where that name is taken or is no file's: nothing
    /// is overwritten.
    fn keep_grant(&self, folder: &Path, spare: &str, signed: &[u8]) -> io::Result<()> {
        let disk: &Arc<dyn Disk> = &self.disk;
        settle_folder(&**disk, folder)?;
        let path = |name: &str| folder.join(format!("{name}.cose"));
        let is_plain =
            (1..=16).contains(&spare.len()) && spare.chars().all(|c| c.is_ascii_alphanumeric());
        if is_plain && !path(spare).exists() {
            return replace(&**disk, &path(spare), signed);
        }
        let name = lexicon::handover::envelope::hex(&sha256(signed)[..6]);
        replace(&**disk, &path(&name), signed)
    }

    /// The spares that grants admit: those of this start, and those whose grant came after it.
    ///
    /// Cost: a read of the folder of grants, and two signatures for each file there.
    #[must_use]
    pub fn spares(&self) -> Vec<SpareView> {
        let files = self.grants.get().map(|folder| signed_in(folder));
        let files = files.and_then(Result::ok).unwrap_or_default();
        let grants = files.iter().filter_map(|(_, signed)| {
            let read = self.charter.read_grant(signed, &self.ring);
            read.ok().map(|(grant, _)| grant)
        });
        let cards = files.iter().filter_map(|(_, signed)| {
            let read = self.charter.read_card(signed, &self.ring);
            read.ok().map(|(card, _)| card)
        });
        let mut spares: Vec<SpareView> = cards
            .map(|card| self.card_view(&card, self.has_card(&card)))
            .collect();
        for grant in grants {
            let is_known = |spare: &SpareView| !spare.is_card && spare.name == grant.kit.name;
            if !spares.iter().any(is_known) {
                spares.push(self.spare(&grant, self.knows(&grant)));
            }
        }
        spares
    }

    /// Spares and cards that this kit works with only from its next start.
    #[must_use]
    pub fn waits_for_start(&self) -> Vec<SpareView> {
        let mut waiting = self.spares();
        waiting.retain(|spare| !spare.is_in_force);
        waiting
    }
}
