//! What a package's manifest lays down for a station: kits and shares, officers, policy.

use lexicon::handover::card_grant::CardGrant;
use lexicon::handover::envelope::{DocumentId, Kid, PublicKey, Verifier};
use lexicon::handover::kit_grant::{GrantError, KitGrant};
use lexicon::handover::package::{
    Exercise, GRANTS, KitEntry, OfficerEntry, PackageManifest, StationLimits, StationPolicy,
};

/// Why a manifest cannot rule a station: an engineer publishes another.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CharterError {
    /// The shares of the kits leave out or repeat a line.
    #[error("the kits' shares do not cover lines 1 to {lines} exactly once")]
    Shares {
        /// Lines on the list.
        lines: u32,
    },
    /// Neither `segment` nor `paper_lock` nor `quorum`.
    #[error("the partition policy {0} is not known to this station")]
    Partition(String),
    /// Neither `paper` nor `scanned`.
    #[error("the ballot table {0} is not known to this station")]
    BallotTable(String),
    /// Fewer than two officers may never sign.
    #[error("the manifest asks for {0} officers, at least two are needed")]
    Quorum(u8),
    /// Times or counts that cannot be kept: zeros, or a grant taken back before it has run out on every clock.
    #[error("the limits of the kit cannot be kept")]
    Limits,
    /// A training package under an election's number, or an election's package under the training number.
    #[error("the election number {0} does not fit what the package is for")]
    Exercise(u32),
}

/// Why these officers may not sign an act together: the officers act.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OfficersError {
    /// Fewer different cards than the law asks for.
    #[error("{got} of {needed} officers signed")]
    TooFew {
        /// Different known cards.
        got: usize,
        /// Cards needed.
        needed: usize,
    },
    /// A card is not in the manifest, or revoked.
    #[error("the card {} is not known here", .0.hex())]
    Unknown(Kid),
    /// The card was withdrawn during the day.
    #[error("the card {} was withdrawn", .0.hex())]
    Withdrawn(Kid),
    /// One card signed twice.
    #[error("the card {} signed twice", .0.hex())]
    Twice(Kid),
    /// All come from one nominating body.
    #[error("the officers come from one nominating body")]
    SameBody,
    /// The act is the chair's.
    #[error("the chair did not sign")]
    NoChair,
    /// The law does not let keys of the commission above sign this kind of act.
    #[error("the commission above may not sign this act")]
    NotTheirs,
    /// Keys of the commission above say first why they sign in place of officers.
    #[error("the commission above has not said why its keys sign here")]
    NoReason,
    /// Only keys of the commission above say so.
    #[error("not signed by the commission above")]
    NotCommission,
}

/// Why a grant for a spare kit is not taken: whoever brought it gets another.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GrantRefused {
    /// The document does not hold, or is for another package.
    #[error(transparent)]
    Document(#[from] GrantError),
    /// Its signers may not admit a kit.
    #[error(transparent)]
    Signers(#[from] OfficersError),
}

/// How a slip becomes a ballot: law data.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BallotTable {
    /// The voter signs the paper line and hands the slip in; the totals are compared at close.
    Paper,
    /// The slip is scanned; LINE_SIGNED and BALLOT_ISSUED are events, and the ballot comes after its event.
    Scanned,
}

/// What a kit may do while it cannot reach the others: law data.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Partition {
    /// It serves its own share only.
    Segment,
    /// It serves any line that a named officer found unsigned on paper.
    PaperLock,
    /// It serves nobody unless more than half of the kits promise the line to it.
    Quorum,
}

impl Partition {
    /// The policy with this name in a package.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "segment" => Some(Partition::Segment),
            "paper_lock" => Some(Partition::PaperLock),
            "quorum" => Some(Partition::Quorum),
            _ => None,
        }
    }
}

/// The rules of one precinct on one day: its manifest, with the ids worked out.
#[derive(Clone, Debug)]
pub struct Charter {
    manifest: PackageManifest,
    partition: Partition,
    ballot_table: BallotTable,
    package: DocumentId,
    kits: Vec<Kid>,
    officers: Vec<Kid>,
    /// Keys of the commission above, which stands in for officers whose cards are lost.
    holders: Vec<Kid>,
    /// Spare kits that grants added.
    granted: Vec<KitEntry>,
    /// From when to when each of them acts, microseconds UTC.
    windows: Vec<(i64, i64)>,
    /// Cards that decisions of the commission above added, with from when to when each signs, microseconds UTC.
    admitted: Vec<(OfficerEntry, i64, i64)>,
    limits: StationLimits,
    publishers: Vec<Kid>,
    believes_kits: bool,
}

impl Charter {
    /// Reads a manifest whose signatures were checked; `package` is its document id.
    ///
    /// # Errors
    /// [`CharterError`] when shares or policy cannot be kept.
    pub fn new(manifest: PackageManifest, package: DocumentId) -> Result<Self, CharterError> {
        let policy = &manifest.policy;
        let partition = Partition::from_name(&policy.partition)
            .ok_or_else(|| CharterError::Partition(policy.partition.clone()))?;
        let ballot_table = match policy.ballot_table.as_str() {
            "paper" => BallotTable::Paper,
            "scanned" => BallotTable::Scanned,
            _ => return Err(CharterError::BallotTable(policy.ballot_table.clone())),
        };
        if !Exercise::fits(manifest.exercise, manifest.election) {
            return Err(CharterError::Exercise(manifest.election));
        }
        if manifest.k < 2 {
            return Err(CharterError::Quorum(manifest.k));
        }
        let limits = policy.limits.unwrap_or(StationLimits::BEFORE);
        let bound = u32::from(limits.grant_seconds) + 2 * u32::from(policy.skew_block_seconds);
        let is_kept = limits.lock_seconds > 0
            && limits.pair_run_max > 0
            && limits.grant_seconds > 0
            && limits.look_seconds > 0
            && u32::from(limits.release_seconds) >= bound;
        // Packages of before have the limits of before, with whatever skew blocked.
        if policy.limits.is_some() && !is_kept {
            return Err(CharterError::Limits);
        }
        let mut shares: Vec<(u32, u32)> =
            manifest.kits.iter().map(|kit| (kit.from, kit.to)).collect();
        shares.sort_unstable();
        let mut next = 1;
        for (from, to) in shares {
            // A kit without a share (a spare) has `to` below `from`.
            if to < from {
                continue;
            }
            if from != next || to == u32::MAX {
                return Err(CharterError::Shares {
                    lines: manifest.lines,
                });
            }
            next = to + 1;
        }
        if next - 1 != manifest.lines {
            return Err(CharterError::Shares {
                lines: manifest.lines,
            });
        }
        let kits = manifest
            .kits
            .iter()
            .map(|kit| PublicKey(*kit.point).kid())
            .collect();
        let officers = manifest
            .officers
            .iter()
            .map(|o| PublicKey(*o.point).kid())
            .collect();
        let glass = manifest.break_glass.iter();
        let holders = glass.flat_map(|glass| &glass.holders);
        let holders = holders.map(|o| PublicKey(*o.point).kid()).collect();
        if manifest
            .break_glass
            .as_ref()
            .is_some_and(|glass| glass.k < 2)
        {
            return Err(CharterError::Quorum(1));
        }
        Ok(Self {
            manifest,
            partition,
            ballot_table,
            package,
            kits,
            officers,
            holders,
            granted: Vec::new(),
            windows: Vec::new(),
            admitted: Vec::new(),
            limits,
            publishers: Vec::new(),
            believes_kits: false,
        })
    }

    /// Reads a grant for this package that its signers may give; they are named beside it.
    ///
    /// # Errors
    /// [`GrantRefused`] says what is wrong with it.
    pub fn read_grant(
        &self,
        signed: &[u8],
        verifier: &dyn Verifier,
    ) -> Result<(KitGrant, Vec<Kid>), GrantRefused> {
        let (grant, signers) = KitGrant::open(&self.manifest, self.package, signed, verifier)?;
        self.approve_grant(&signers)?;
        Ok((grant, signers))
    }

    /// Adds the spare kits of grants: each signed by officers who may act together, or by as many of the commission
    /// above as the package asks for.
    ///
    /// # Errors
    /// [`OfficersError`] of the first whose signers may not; a name or key that stands twice is left out.
    pub fn granting(mut self, grants: &[(KitGrant, Vec<Kid>)]) -> Result<Self, OfficersError> {
        for (grant, signers) in grants {
            self.approve_grant(signers)?;
            let kid = PublicKey(*grant.kit.point).kid();
            let is_new = self.granted.iter().all(|kit| kit.name != grant.kit.name);
            if is_new && !self.kits.contains(&kid) {
                self.kits.push(kid);
                self.granted.push(grant.kit.clone());
                self.windows.push((grant.not_before, grant.not_after));
            }
        }
        Ok(self)
    }

    /// Reads a decision on one more card that its signers, keys of the commission above, may give.
    ///
    /// # Errors
    /// [`GrantRefused`] says what is wrong with it.
    pub fn read_card(
        &self,
        signed: &[u8],
        verifier: &dyn Verifier,
    ) -> Result<(CardGrant, Vec<Kid>), GrantRefused> {
        let (grant, signers) = CardGrant::open(&self.manifest, self.package, signed, verifier)?;
        self.approve_card(&signers)?;
        Ok((grant, signers))
    }

    /// Adds the cards of such decisions; one that stands already is left out.
    ///
    /// # Errors
    /// [`OfficersError`] of the first whose signers may not.
    pub fn admitting(mut self, cards: &[(CardGrant, Vec<Kid>)]) -> Result<Self, OfficersError> {
        for (grant, signers) in cards {
            self.approve_card(signers)?;
            let card = PublicKey(*grant.officer.point).kid();
            if self.find_admitted(card).is_none() {
                let officer = grant.officer.clone();
                self.admitted
                    .push((officer, grant.not_before, grant.not_after));
            }
        }
        Ok(self)
    }

    /// The rules with the spare kit or the card that a signed grant admits, and its key.
    ///
    /// # Errors
    /// [`GrantRefused`] says what is wrong with the grant.
    pub fn admit_signed(
        self,
        signed: &[u8],
        verifier: &dyn Verifier,
    ) -> Result<(Self, PublicKey), GrantRefused> {
        if CardGrant::is_one(self.manifest.election, signed) {
            let card = self.read_card(signed, verifier)?;
            let key = PublicKey(*card.0.officer.point);
            return Ok((self.admitting(&[card])?, key));
        }
        let grant = self.read_grant(signed, verifier)?;
        let key = PublicKey(*grant.0.kit.point);
        Ok((self.granting(&[grant])?, key))
    }

    /// Whether these may admit a card: keys of the commission above, where the law lets them admit.
    fn approve_card(&self, cards: &[Kid]) -> Result<(), OfficersError> {
        self.approve_kind(GRANTS, cards)?;
        self.approve_commission(cards)
    }

    /// Officers with cards: those of the manifest, then those admitted since.
    pub fn officers(&self) -> impl Iterator<Item = &OfficerEntry> {
        let admitted = self.admitted.iter().map(|(officer, ..)| officer);
        self.manifest.officers.iter().chain(admitted)
    }

    /// Cards that were admitted since, each with from when to when it signs, microseconds UTC.
    #[must_use]
    pub fn admitted(&self) -> &[(OfficerEntry, i64, i64)] {
        &self.admitted
    }

    /// Whether a card may sign at a moment: always, unless a decision with other dates admitted it.
    #[must_use]
    pub fn is_card_admitted_at(&self, kid: Kid, micros: i64) -> bool {
        let found = self.find_admitted(kid);
        found.is_none_or(|(_, from, to)| (*from..=*to).contains(&micros))
    }

    fn find_admitted(&self, kid: Kid) -> Option<&(OfficerEntry, i64, i64)> {
        let mut admitted = self.admitted.iter();
        admitted.find(|(card, ..)| PublicKey(*card.point).kid() == kid)
    }

    /// Spare kits that grants added, in the order of their grants.
    #[must_use]
    pub fn granted(&self) -> &[KitEntry] {
        &self.granted
    }

    /// From when to when a kit that a grant added acts, microseconds UTC; `None` for a kit of the manifest.
    #[must_use]
    pub fn grant_window(&self, kid: Kid) -> Option<(i64, i64)> {
        let at = self.kits.iter().position(|known| *known == kid)?;
        let at = at.checked_sub(self.manifest.kits.len())?;
        self.windows.get(at).copied()
    }

    /// Whether a kit may act at a moment: always, unless a grant with other dates admitted it.
    #[must_use]
    pub fn is_admitted_at(&self, kid: Kid, micros: i64) -> bool {
        self.grant_window(kid)
            .is_none_or(|(from, to)| (from..=to).contains(&micros))
    }

    /// Times and counts that the law sets.
    #[must_use]
    pub fn limits(&self) -> StationLimits {
        self.limits
    }

    fn entry(&self, kid: Kid) -> Option<&KitEntry> {
        let at = self.kits.iter().position(|known| *known == kid)?;
        let mut entries = self.manifest.kits.iter().chain(&self.granted);
        entries.nth(at)
    }

    /// Takes a change of the list on the word of the kit that recorded it: for a reader of finished journals that
    /// does not hold the institutions' keys. Every kit checked both signatures; `tizme verify` does so again.
    #[must_use]
    pub fn believing_kits(mut self) -> Self {
        self.believes_kits = true;
        self
    }

    /// Whether changes of the list are taken on the word of the kits.
    #[must_use]
    pub fn believes_kits(&self) -> bool {
        self.believes_kits
    }

    /// Names the institutions that must sign a change of the list, as they signed the manifest. Without
    /// them no change is taken.
    #[must_use]
    pub fn signed_by(mut self, publishers: &[Kid]) -> Self {
        self.publishers = publishers.to_vec();
        self
    }

    /// The institutions that must sign a change of the list.
    #[must_use]
    pub fn publishers(&self) -> &[Kid] {
        &self.publishers
    }

    /// The manifest itself.
    #[must_use]
    pub fn manifest(&self) -> &PackageManifest {
        &self.manifest
    }

    /// What the package is for; `None` for an election.
    #[must_use]
    pub fn exercise(&self) -> Option<Exercise> {
        self.manifest.exercise
    }

    /// The manifest's document id.
    #[must_use]
    pub fn package(&self) -> DocumentId {
        self.package
    }

    /// The policy that the package carries from the law.
    #[must_use]
    pub fn policy(&self) -> &StationPolicy {
        &self.manifest.policy
    }

    /// What a kit may do that cannot reach the others.
    #[must_use]
    pub fn partition(&self) -> Partition {
        self.partition
    }

    /// How a slip becomes a ballot.
    #[must_use]
    pub fn ballot_table(&self) -> BallotTable {
        self.ballot_table
    }

    /// The kits that have a share, and so a vote under [`Partition::Quorum`].
    pub fn voting_kits(&self) -> impl Iterator<Item = Kid> {
        let with_share = self.manifest.kits.iter().zip(&self.kits);
        with_share
            .filter(|(entry, _)| entry.from <= entry.to)
            .map(|(_, kid)| *kid)
    }

    /// How many kits are more than half of those that vote. It never shrinks during the day.
    #[must_use]
    pub fn majority(&self) -> usize {
        self.voting_kits().count() / 2 + 1
    }

    /// Lines on the package's list, before any change.
    #[must_use]
    pub fn lines(&self) -> u32 {
        self.manifest.lines
    }

    /// First 16 bytes of the root of the package's list.
    #[must_use]
    pub fn root_prefix(&self) -> [u8; 16] {
        let mut prefix = [0u8; 16];
        prefix.copy_from_slice(&self.manifest.root[..16]);
        prefix
    }

    /// The kits' ids in the order of the manifest.
    #[must_use]
    pub fn kits(&self) -> &[Kid] {
        &self.kits
    }

    /// A kit's entry, unless it is unknown or revoked.
    #[must_use]
    pub fn kit(&self, kid: Kid) -> Option<&KitEntry> {
        if self.is_revoked(kid) {
            return None;
        }
        self.entry(kid)
    }

    /// A kit's short name; its id in hexadecimal when it is not of this precinct.
    #[must_use]
    pub fn kit_name(&self, kid: Kid) -> String {
        self.entry(kid)
            .map_or_else(|| kid.hex(), |kit| kit.name.clone())
    }

    /// Which kit owns a line's number. Lines that a change of the list added belong to the kit with the last
    /// share: all kits know that, whoever took the change in.
    #[must_use]
    pub fn owner(&self, line: u32) -> Option<Kid> {
        let number = line.min(self.manifest.lines);
        let at = self
            .manifest
            .kits
            .iter()
            .position(|kit| kit.from <= number && number <= kit.to)?;
        self.kits.get(at).copied()
    }

    /// An officer's entry, unless the card is unknown or revoked.
    #[must_use]
    pub fn officer(&self, kid: Kid) -> Option<&OfficerEntry> {
        if self.is_revoked(kid) {
            return None;
        }
        if let Some(at) = self.officers.iter().position(|known| *known == kid) {
            return self.manifest.officers.get(at);
        }
        self.find_admitted(kid).map(|(officer, ..)| officer)
    }

    /// An entry of the commission above, unless the key is unknown or revoked.
    #[must_use]
    pub fn holder(&self, kid: Kid) -> Option<&OfficerEntry> {
        if self.is_revoked(kid) {
            return None;
        }
        let at = self.holders.iter().position(|known| *known == kid)?;
        self.manifest.break_glass.as_ref()?.holders.get(at)
    }

    /// Which of these cards sign an act: as many officers as are needed, or the commission above when there are not.
    #[must_use]
    pub fn signers(&self, cards: &[Kid]) -> Vec<Kid> {
        let mut known: Vec<Kid> = Vec::new();
        for card in cards.iter().filter(|card| self.holder(**card).is_none()) {
            if !known.contains(card) {
                known.push(*card);
            }
        }
        let mut holders: Vec<Kid> = Vec::new();
        for card in cards.iter().filter(|card| self.holder(**card).is_some()) {
            if !holders.contains(card) {
                holders.push(*card);
            }
        }
        let needed = usize::from(self.manifest.k);
        if known.len() < needed && holders.len() >= self.holders_needed() {
            holders.truncate(self.holders_needed());
            return holders;
        }
        known.extend(holders);
        known.truncate(needed);
        known
    }

    fn holders_needed(&self) -> usize {
        let glass = self.manifest.break_glass.as_ref();
        glass.map_or(usize::MAX, |glass| usize::from(glass.k))
    }

    /// `Some` when every card is of the commission above: whether they are different and enough.
    fn approve_holders(&self, cards: &[Kid]) -> Option<Result<(), OfficersError>> {
        if cards.is_empty() || cards.iter().any(|card| self.holder(*card).is_none()) {
            return None;
        }
        let twice = (1..cards.len()).find(|at| cards[..*at].contains(&cards[*at]));
        if let Some(at) = twice {
            return Some(Err(OfficersError::Twice(cards[at])));
        }
        let needed = self.holders_needed();
        Some(if cards.len() < needed {
            Err(OfficersError::TooFew {
                got: cards.len(),
                needed,
            })
        } else {
            Ok(())
        })
    }

    /// Whether keys of the commission above are among these, and the law lets them sign this kind of act.
    ///
    /// # Errors
    /// [`OfficersError::NotTheirs`].
    pub fn approve_kind(&self, kind: u8, cards: &[Kid]) -> Result<(), OfficersError> {
        let kinds = self.manifest.break_glass.as_ref();
        let kinds = kinds.and_then(|glass| glass.kinds.as_ref());
        let may = kinds.is_none_or(|kinds| kinds.contains(&kind));
        if may || cards.iter().all(|card| self.holder(*card).is_none()) {
            Ok(())
        } else {
            Err(OfficersError::NotTheirs)
        }
    }

    /// Whether these may admit a spare kit.
    ///
    /// # Errors
    /// [`OfficersError`] names what is missing.
    pub fn approve_grant(&self, cards: &[Kid]) -> Result<(), OfficersError> {
        self.approve_kind(GRANTS, cards)?;
        self.approve(cards)
    }

    /// Whether these are keys of the commission above alone: different, and as many as the package asks for.
    ///
    /// # Errors
    /// [`OfficersError`] names what is missing.
    pub fn approve_commission(&self, cards: &[Kid]) -> Result<(), OfficersError> {
        self.approve_holders(cards)
            .unwrap_or(Err(OfficersError::NotCommission))
    }

    fn is_revoked(&self, kid: Kid) -> bool {
        self.manifest
            .revoked
            .iter()
            .any(|revoked| **revoked == kid.0)
    }

    /// Whether at least one known officer signed, each once: for looking at the paper line.
    ///
    /// # Errors
    /// [`OfficersError`] names what is missing.
    pub fn approve_one(&self, cards: &[Kid]) -> Result<(), OfficersError> {
        if let Some(said) = self.approve_holders(cards) {
            return said;
        }
        for (at, card) in cards.iter().enumerate() {
            self.officer(*card).ok_or(OfficersError::Unknown(*card))?;
            if cards[..at].contains(card) {
                return Err(OfficersError::Twice(*card));
            }
        }
        if cards.is_empty() {
            return Err(OfficersError::TooFew { got: 0, needed: 1 });
        }
        Ok(())
    }

    /// Whether the chair signed, and nobody twice.
    ///
    /// # Errors
    /// [`OfficersError`] names what is missing.
    pub fn approve_chair(&self, cards: &[Kid]) -> Result<(), OfficersError> {
        if let Some(said) = self.approve_holders(cards) {
            return said;
        }
        self.approve_one(cards)?;
        let is_chair = |card: &Kid| self.officer(*card).is_some_and(|o| o.role == "chair");
        if cards.iter().any(is_chair) {
            Ok(())
        } else {
            Err(OfficersError::NoChair)
        }
    }

    /// Whether these officers may sign one act together: enough, different, of different bodies.
    ///
    /// # Errors
    /// [`OfficersError`] names what is missing.
    pub fn approve(&self, cards: &[Kid]) -> Result<(), OfficersError> {
        if let Some(said) = self.approve_holders(cards) {
            return said;
        }
        let mut bodies = Vec::with_capacity(cards.len());
        for (at, card) in cards.iter().enumerate() {
            let officer = self.officer(*card).ok_or(OfficersError::Unknown(*card))?;
            if cards[..at].contains(card) {
                return Err(OfficersError::Twice(*card));
            }
            bodies.push(officer.body.as_str());
        }
        let needed = usize::from(self.manifest.k);
        if cards.len() < needed {
            return Err(OfficersError::TooFew {
                got: cards.len(),
                needed,
            });
        }
        if self.policy().different_bodies && bodies.iter().all(|body| *body == bodies[0]) {
            return Err(OfficersError::SameBody);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
