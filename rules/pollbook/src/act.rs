//! Events with their bodies read and their signatures checked.

use std::borrow::Cow;
use std::sync::Arc;

use lexicon::Method;
use lexicon::handover::day_decision;
use lexicon::handover::envelope::{
    self, DocumentId, EnvelopeError, Kid, SignError, Signer, Verifier, sha256,
};
use lexicon::handover::event::{
    BallotIssued, CORRECTION_REASONS, CardWithdrawn, Closed, Consent, DIFFERENCE_REASONS,
    DayDecided, Declined, Event, EventName, EventRef, GLASS_REASONS, GlassBroken, Granted,
    HomeReleased, Identified, Incident, LineChecked, LineSigned, LinkChanged, ListChanged,
    OfficerSignature, Opened, PaperOnly, PaperServed, PeerHead, Receipt, Reconstructed, Refused,
    Released, Resumed, Retired, SessionOpened, ShiftTaken, SlipTaken, SlipVoided, SlipsLater,
    Suspended, TimeSet, TotalsEntered, Undone, consent_subject, event_subject, kind,
};
use lexicon::handover::folder::bytes;

use crate::charter::{BallotTable, Charter, OfficersError};
use crate::clock::Hlc;
use crate::list::{ListInForce, Taken};
use crate::second_day::Decided;

/// Numbers of what two officers decided about a voter without a receipt.
pub mod outcome {
    /// The event is the receipt of an act that had none.
    pub const SERVED: u8 = 1;
    /// The paper line is signed: the voter is sent away by two officers.
    pub const REFUSED: u8 = 2;
}

/// What an event says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// The kit opened.
    Opened(Opened),
    /// A voter was identified: the counted act.
    Identified(Identified),
    /// An attempt ended without an issue.
    Refused(Refused),
    /// An identification was undone.
    Undone(Undone),
    /// The owner gave a line to another kit.
    Granted(Granted),
    /// A receipt came out.
    Printed(Receipt),
    /// A receipt was declared void.
    Void(Receipt),
    /// What a peer's journal looked like.
    PeerHead(PeerHead),
    /// Something to be explained.
    Incident(Incident),
    /// The kit closed.
    Closed(Closed),
    /// A grant was taken back.
    Released(Released),
    /// Kits were retired; the author took their lines over.
    Retired(Retired),
    /// An act of a lost kit, entered from its receipt.
    Reconstructed(Reconstructed),
    /// Two officers decided about a voter without a receipt.
    Resumed(Resumed),
    /// An officer looked at the paper line.
    LineChecked(LineChecked),
    /// A grant that its holder will never use.
    Declined(Declined),
    /// The clock was set.
    TimeSet(TimeSet),
    /// The kit took a signed change of the list in.
    ListChanged(Arc<Taken>),
    /// The chair released a line of the home list for the hall.
    HomeReleased(HomeReleased),
    /// At the ballot table the voter signed the paper line.
    LineSigned(LineSigned),
    /// At the ballot table the ballot was given.
    BallotIssued(BallotIssued),
    /// An officer's card took the operator's screen.
    ShiftTaken(ShiftTaken),
    /// A card that was lost during the day was withdrawn.
    CardWithdrawn(CardWithdrawn),
    /// The chair let slips come later.
    SlipsLater(SlipsLater),
    /// The way to another kit was lost, or is there again.
    LinkChanged(LinkChanged),
    /// The precinct was closed before its time.
    Suspended(Suspended),
    /// The kit took in the signed decision that voting goes on another day.
    DayDecided(Arc<Decided>),
    /// The kit was opened for such a day.
    SessionOpened(SessionOpened),
    /// The commission above said why its keys sign here.
    GlassBroken(GlassBroken),
    /// While no kit worked, voting went on by the paper list.
    PaperOnly(PaperOnly),
    /// A line served on paper in such an interval.
    PaperServed(PaperServed),
    /// Two officers declared a slip void.
    SlipVoided(SlipVoided),
    /// A slip was handed in for a ballot.
    SlipTaken(SlipTaken),
    /// What was counted on paper.
    TotalsEntered(TotalsEntered),
}

impl Body {
    /// The number of the kind.
    #[must_use]
    pub fn kind(&self) -> u8 {
        match self {
            Body::Opened(_) => kind::OPENED,
            Body::Identified(_) => kind::IDENTIFIED,
            Body::Refused(_) => kind::REFUSED,
            Body::Undone(_) => kind::UNDONE,
            Body::Granted(_) => kind::GRANTED,
            Body::Printed(_) => kind::RECEIPT_PRINTED,
            Body::Void(_) => kind::RECEIPT_VOID,
            Body::PeerHead(_) => kind::PEER_HEAD,
            Body::Incident(_) => kind::INCIDENT,
            Body::Closed(_) => kind::CLOSED,
            Body::Released(_) => kind::GRANT_RELEASED,
            Body::Retired(_) => kind::RETIRED,
            Body::Reconstructed(_) => kind::RECONSTRUCTED,
            Body::Resumed(_) => kind::RESUMED,
            Body::LineChecked(_) => kind::LINE_CHECKED,
            Body::Declined(_) => kind::GRANT_DECLINED,
            Body::TimeSet(_) => kind::TIME_SET,
            Body::ListChanged(_) => kind::LIST_CHANGED,
            Body::HomeReleased(_) => kind::HOME_RELEASED,
            Body::LineSigned(_) => kind::LINE_SIGNED,
            Body::BallotIssued(_) => kind::BALLOT_ISSUED,
            Body::ShiftTaken(_) => kind::SHIFT_TAKEN,
            Body::CardWithdrawn(_) => kind::CARD_WITHDRAWN,
            Body::SlipsLater(_) => kind::SLIPS_LATER,
            Body::LinkChanged(_) => kind::LINK_CHANGED,
            Body::Suspended(_) => kind::SUSPENDED,
            Body::DayDecided(_) => kind::DAY_DECIDED,
            Body::SessionOpened(_) => kind::SESSION_OPENED,
            Body::GlassBroken(_) => kind::GLASS_BROKEN,
            Body::PaperOnly(_) => kind::PAPER_ONLY,
            Body::PaperServed(_) => kind::PAPER_SERVED,
            Body::SlipVoided(_) => kind::SLIP_VOIDED,
            Body::SlipTaken(_) => kind::SLIP_TAKEN,
            Body::TotalsEntered(_) => kind::TOTALS_ENTERED,
        }
    }

    /// The body as deterministic CBOR.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Body::Opened(body) => envelope::encode(body),
            Body::Identified(body) => envelope::encode(body),
            Body::Refused(body) => envelope::encode(body),
            Body::Undone(body) => envelope::encode(body),
            Body::Granted(body) => envelope::encode(body),
            Body::Printed(body) | Body::Void(body) => envelope::encode(body),
            Body::PeerHead(body) => envelope::encode(body),
            Body::Incident(body) => envelope::encode(body),
            Body::Closed(body) => envelope::encode(body),
            Body::Released(body) => envelope::encode(body),
            Body::Retired(body) => envelope::encode(body),
            Body::Reconstructed(body) => envelope::encode(body),
            Body::Resumed(body) => envelope::encode(body),
            Body::LineChecked(body) => envelope::encode(body),
            Body::Declined(body) => envelope::encode(body),
            Body::TimeSet(body) => envelope::encode(body),
            Body::ListChanged(taken) => envelope::encode(&taken.body()),
            Body::HomeReleased(body) => envelope::encode(body),
            Body::LineSigned(body) => envelope::encode(body),
            Body::BallotIssued(body) => envelope::encode(body),
            Body::ShiftTaken(body) => envelope::encode(body),
            Body::CardWithdrawn(body) => envelope::encode(body),
            Body::SlipsLater(body) => envelope::encode(body),
            Body::LinkChanged(body) => envelope::encode(body),
            Body::Suspended(body) => envelope::encode(body),
            Body::DayDecided(decided) => envelope::encode(&decided.body()),
            Body::SessionOpened(body) => envelope::encode(body),
            Body::GlassBroken(body) => envelope::encode(body),
            Body::PaperOnly(body) => envelope::encode(body),
            Body::PaperServed(body) => envelope::encode(body),
            Body::SlipVoided(body) => envelope::encode(body),
            Body::SlipTaken(body) => envelope::encode(body),
            Body::TotalsEntered(body) => envelope::encode(body),
        }
    }

    /// Reads the body of a kind.
    ///
    /// # Errors
    /// [`Rejection::Kind`] for an unknown kind, [`Rejection::Envelope`] for a malformed body.
    pub fn decode(kind: u8, bytes: &[u8]) -> Result<Self, Rejection> {
        Ok(match kind {
            kind::OPENED => Body::Opened(envelope::decode(bytes)?),
            kind::IDENTIFIED => Body::Identified(envelope::decode(bytes)?),
            kind::REFUSED => Body::Refused(envelope::decode(bytes)?),
            kind::UNDONE => Body::Undone(envelope::decode(bytes)?),
            kind::GRANTED => Body::Granted(envelope::decode(bytes)?),
            kind::RECEIPT_PRINTED => Body::Printed(envelope::decode(bytes)?),
            kind::RECEIPT_VOID => Body::Void(envelope::decode(bytes)?),
            kind::PEER_HEAD => Body::PeerHead(envelope::decode(bytes)?),
            kind::INCIDENT => Body::Incident(envelope::decode(bytes)?),
            kind::CLOSED => Body::Closed(envelope::decode(bytes)?),
            kind::GRANT_RELEASED => Body::Released(envelope::decode(bytes)?),
            kind::RETIRED => Body::Retired(envelope::decode(bytes)?),
            kind::RECONSTRUCTED => Body::Reconstructed(envelope::decode(bytes)?),
            kind::RESUMED => Body::Resumed(envelope::decode(bytes)?),
            kind::LINE_CHECKED => Body::LineChecked(envelope::decode(bytes)?),
            kind::GRANT_DECLINED => Body::Declined(envelope::decode(bytes)?),
            kind::TIME_SET => Body::TimeSet(envelope::decode(bytes)?),
            kind::LIST_CHANGED => {
                let body: ListChanged = envelope::decode(bytes)?;
                Body::ListChanged(Arc::new(Taken::read(&body.delta)?))
            }
            kind::HOME_RELEASED => Body::HomeReleased(envelope::decode(bytes)?),
            kind::LINE_SIGNED => Body::LineSigned(envelope::decode(bytes)?),
            kind::BALLOT_ISSUED => Body::BallotIssued(envelope::decode(bytes)?),
            kind::SHIFT_TAKEN => Body::ShiftTaken(envelope::decode(bytes)?),
            kind::CARD_WITHDRAWN => Body::CardWithdrawn(envelope::decode(bytes)?),
            kind::SLIPS_LATER => Body::SlipsLater(envelope::decode(bytes)?),
            kind::LINK_CHANGED => Body::LinkChanged(envelope::decode(bytes)?),
            kind::SUSPENDED => Body::Suspended(envelope::decode(bytes)?),
            kind::DAY_DECIDED => {
                let body: DayDecided = envelope::decode(bytes)?;
                Body::DayDecided(Arc::new(Decided::read(&body.decision)?))
            }
            kind::SESSION_OPENED => Body::SessionOpened(envelope::decode(bytes)?),
            kind::GLASS_BROKEN => Body::GlassBroken(envelope::decode(bytes)?),
            kind::PAPER_ONLY => Body::PaperOnly(envelope::decode(bytes)?),
            kind::PAPER_SERVED => Body::PaperServed(envelope::decode(bytes)?),
            kind::SLIP_VOIDED => Body::SlipVoided(envelope::decode(bytes)?),
            kind::SLIP_TAKEN => Body::SlipTaken(envelope::decode(bytes)?),
            kind::TOTALS_ENTERED => Body::TotalsEntered(envelope::decode(bytes)?),
            other => return Err(Rejection::Kind(other)),
        })
    }

    /// The line that the event is about, 0 when it is about none.
    #[must_use]
    pub fn line(&self) -> u32 {
        match self {
            Body::Identified(body) => body.line,
            Body::Refused(body) => body.line,
            Body::Undone(body) => body.line,
            Body::Granted(body) => body.line,
            Body::Incident(body) => body.line,
            Body::Released(body) => body.line,
            Body::Reconstructed(body) => body.line,
            Body::Resumed(body) => body.line,
            Body::LineChecked(body) => body.line,
            Body::Declined(body) => body.line,
            Body::HomeReleased(body) => body.line,
            Body::LineSigned(body) => body.line,
            Body::BallotIssued(body) => body.line,
            Body::PaperServed(body) => body.line,
            Body::SlipVoided(body) => body.line,
            Body::SlipTaken(body) => body.line,
            Body::TotalsEntered(_)
            | Body::PaperOnly(_)
            | Body::Suspended(_)
            | Body::DayDecided(_)
            | Body::SessionOpened(_)
            | Body::GlassBroken(_)
            | Body::ListChanged(_)
            | Body::Opened(_)
            | Body::Printed(_)
            | Body::Void(_)
            | Body::PeerHead(_)
            | Body::Retired(_)
            | Body::TimeSet(_)
            | Body::ShiftTaken(_)
            | Body::CardWithdrawn(_)
            | Body::SlipsLater(_)
            | Body::LinkChanged(_)
            | Body::Closed(_) => 0,
        }
    }

    /// The officers' signatures inside, `None` for kinds that hold none.
    #[must_use]
    pub fn officers(&self) -> Option<&Vec<OfficerSignature>> {
        match self {
            Body::Opened(body) => Some(&body.officers),
            Body::Identified(body) => Some(&body.officers),
            Body::Undone(body) => Some(&body.officers),
            Body::Closed(body) => Some(&body.officers),
            Body::Released(body) => Some(&body.officers),
            Body::Retired(body) => Some(&body.officers),
            Body::Reconstructed(body) => Some(&body.officers),
            Body::Resumed(body) => Some(&body.officers),
            Body::LineChecked(body) => Some(&body.officers),
            Body::TimeSet(body) => Some(&body.officers),
            Body::HomeReleased(body) => Some(&body.officers),
            Body::BallotIssued(body) => Some(&body.officers),
            Body::Suspended(body) => Some(&body.officers),
            Body::SessionOpened(body) => Some(&body.officers),
            Body::GlassBroken(body) => Some(&body.officers),
            Body::PaperOnly(body) => Some(&body.officers),
            Body::PaperServed(body) => Some(&body.officers),
            Body::SlipVoided(body) => Some(&body.officers),
            Body::TotalsEntered(body) => Some(&body.officers),
            Body::ShiftTaken(body) => Some(&body.officers),
            Body::CardWithdrawn(body) => Some(&body.officers),
            Body::SlipsLater(body) => Some(&body.officers),
            Body::LinkChanged(_)
            | Body::DayDecided(_)
            | Body::LineSigned(_)
            | Body::SlipTaken(_)
            | Body::ListChanged(_)
            | Body::Declined(_)
            | Body::Refused(_)
            | Body::Granted(_)
            | Body::Printed(_)
            | Body::Void(_)
            | Body::PeerHead(_)
            | Body::Incident(_) => None,
        }
    }

    /// Puts officers' signatures into a kind that holds them.
    pub(crate) fn set_officers(&mut self, signatures: Vec<OfficerSignature>) {
        match self {
            Body::Opened(body) => body.officers = signatures,
            Body::Identified(body) => body.officers = signatures,
            Body::Undone(body) => body.officers = signatures,
            Body::Closed(body) => body.officers = signatures,
            Body::Released(body) => body.officers = signatures,
            Body::Retired(body) => body.officers = signatures,
            Body::Reconstructed(body) => body.officers = signatures,
            Body::Resumed(body) => body.officers = signatures,
            Body::LineChecked(body) => body.officers = signatures,
            Body::TimeSet(body) => body.officers = signatures,
            Body::HomeReleased(body) => body.officers = signatures,
            Body::BallotIssued(body) => body.officers = signatures,
            Body::Suspended(body) => body.officers = signatures,
            Body::SessionOpened(body) => body.officers = signatures,
            Body::GlassBroken(body) => body.officers = signatures,
            Body::PaperOnly(body) => body.officers = signatures,
            Body::PaperServed(body) => body.officers = signatures,
            Body::SlipVoided(body) => body.officers = signatures,
            Body::TotalsEntered(body) => body.officers = signatures,
            Body::ShiftTaken(body) => body.officers = signatures,
            Body::CardWithdrawn(body) => body.officers = signatures,
            Body::SlipsLater(body) => body.officers = signatures,
            Body::LinkChanged(_)
            | Body::DayDecided(_)
            | Body::LineSigned(_)
            | Body::SlipTaken(_)
            | Body::ListChanged(_)
            | Body::Declined(_)
            | Body::Refused(_)
            | Body::Granted(_)
            | Body::Printed(_)
            | Body::Void(_)
            | Body::PeerHead(_)
            | Body::Incident(_) => {}
        }
    }

    /// Whether the act stands only with officers' signatures.
    #[must_use]
    pub fn needs_officers(&self) -> bool {
        match self {
            Body::Opened(_)
            | Body::Undone(_)
            | Body::Closed(_)
            | Body::Released(_)
            | Body::Retired(_)
            | Body::Reconstructed(_)
            | Body::Resumed(_)
            | Body::LineChecked(_)
            | Body::HomeReleased(_)
            | Body::ShiftTaken(_)
            | Body::CardWithdrawn(_)
            | Body::SlipsLater(_)
            | Body::Suspended(_)
            | Body::SessionOpened(_)
            | Body::GlassBroken(_)
            | Body::PaperOnly(_)
            | Body::PaperServed(_)
            | Body::SlipVoided(_)
            | Body::TotalsEntered(_)
            | Body::TimeSet(_) => true,
            Body::Identified(body) => body.method != Method::Finger.number(),
            Body::BallotIssued(body) => body.resumed,
            Body::LinkChanged(_)
            | Body::DayDecided(_)
            | Body::LineSigned(_)
            | Body::SlipTaken(_)
            | Body::ListChanged(_)
            | Body::Declined(_)
            | Body::Refused(_)
            | Body::Granted(_)
            | Body::Printed(_)
            | Body::Void(_)
            | Body::PeerHead(_)
            | Body::Incident(_) => false,
        }
    }
}

impl Body {
    /// Whether these cards may sign this kind of act: a look at the paper line and the operator's screen ask for one
    /// named officer, the release of a home line and slips that come later for the chair, everything else for as many
    /// as open the kit; a card is withdrawn by others, a precinct closed before its time by the chair and a second
    /// officer. Keys of the commission above stand in for them where the law says so, and say why themselves.
    ///
    /// # Errors
    /// [`OfficersError`] names what is missing.
    pub fn approved(&self, charter: &Charter, cards: &[Kid]) -> Result<(), OfficersError> {
        if let Body::GlassBroken(_) = self {
            return charter.approve_commission(cards);
        }
        charter.approve_kind(self.kind(), cards)?;
        if let Body::Suspended(_) = self {
            charter.approve(cards)?;
            charter.approve_chair(cards)
        } else if matches!(self, Body::LineChecked(_) | Body::ShiftTaken(_)) {
            charter.approve_one(cards)
        } else if matches!(self, Body::HomeReleased(_) | Body::SlipsLater(_)) {
            charter.approve_chair(cards)
        } else if let Body::CardWithdrawn(body) = self {
            // A card that is lost does not say so itself.
            match cards.iter().find(|card| card.0 == *body.card) {
                Some(card) => Err(OfficersError::Withdrawn(*card)),
                None => charter.approve(cards),
            }
        } else {
            charter.approve(cards)
        }
    }
}

/// What an officer signs when consenting to an act: binds precinct, kit, seq and the whole body.
#[must_use]
pub fn consent(precinct: u16, name: EventRef, body: &Body) -> Consent {
    let mut bare = body.clone();
    bare.set_officers(Vec::new());
    Consent {
        precinct,
        kit: name.kit,
        kind: body.kind(),
        line: body.line(),
        seq: name.seq,
        body: sha256(&bare.encode()).into(),
    }
}

/// An event that was admitted: signed by a kit of this precinct, read, and consented to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// Kit, counter, id.
    pub name: EventName,
    /// Its stamp.
    pub hlc: Hlc,
    /// Id of the kit's event before; zeros for the first.
    pub previous: DocumentId,
    /// First 16 bytes of the root of the list that it stands on.
    pub root: [u8; 16],
    /// What it says.
    pub body: Body,
    signed: Signed,
}

/// What an act keeps of its signed bytes.
///
/// The envelope and all that stands in it are deterministic, so that the bytes are a function of what the act says
/// and of its signature; see [`Act::lean`].
#[derive(Clone, Debug)]
struct Signed {
    election: u32,
    precinct: u16,
    signature: [u8; 64],
    whole: Option<Box<[u8]>>,
}

impl PartialEq for Signed {
    fn eq(&self, other: &Self) -> bool {
        // What else is signed stands in the act, under its id.
        self.signature == other.signature
    }
}

impl Eq for Signed {}

/// A signature that was given, in the place of the key that gave it.
struct Given<'a>(Kid, &'a [u8; 64]);

impl Signer for Given<'_> {
    fn kid(&self) -> Kid {
        self.0
    }

    fn sign(&self, _message: &[u8]) -> Result<[u8; 64], SignError> {
        Ok(*self.1)
    }
}

/// The order in which acts are folded: stamp, then kit, counter and id, so that it is total.
pub type Order = (Hlc, EventName);

impl Act {
    /// The act's place in the fold.
    #[must_use]
    pub fn order(&self) -> Order {
        (self.hlc, self.name)
    }

    /// The act's kit and counter, as evidence names it.
    #[must_use]
    pub fn reference(&self) -> EventRef {
        EventRef {
            kit: self.name.kit.0.into(),
            seq: self.name.seq,
        }
    }

    /// The signed bytes: what the journal holds and the receipt's QR shows.
    ///
    /// Cost: a lean act is encoded anew, some microseconds.
    #[must_use]
    pub fn signed(&self) -> Cow<'_, [u8]> {
        match &self.signed.whole {
            Some(whole) => Cow::Borrowed(whole),
            None => Cow::Owned(self.encode()),
        }
    }

    /// The same act without its signed bytes, a quarter of its memory: for a kit, whose book grows for a day.
    ///
    /// INVARIANT (equal bytes): they are left out only when they come out equal from what the act says.
    #[must_use]
    pub fn lean(mut self) -> Self {
        if self.signed.whole.as_deref() == Some(&self.encode()[..]) {
            self.signed.whole = None;
        }
        self
    }

    /// Whether its signed bytes were left out.
    #[cfg(test)]
    pub(crate) fn is_lean(&self) -> bool {
        self.signed.whole.is_none()
    }

    fn encode(&self) -> Vec<u8> {
        let event = Event {
            version: 0,
            election: self.signed.election,
            precinct: self.signed.precinct,
            kit: self.name.kit.0.into(),
            seq: self.name.seq,
            previous: self.previous.0.into(),
            hlc: self.hlc.0,
            root: self.root.into(),
            kind: self.body.kind(),
            body: bytes(&self.body.encode()),
        };
        let given = Given(self.name.kit, &self.signed.signature);
        let subject = event_subject(self.signed.election);
        // No device signs here; an event is always encoded.
        envelope::sign1(subject, &envelope::encode(&event), &given).unwrap_or_default()
    }
}

/// Why an event was refused at the door. It is counted; nothing of it is used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Not a signed event of this election, or a signature that does not fit.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// A body version that this station does not know.
    #[error("event version {0} is not known")]
    Version(u8),
    /// A kind that this station does not know.
    #[error("event kind {0} is not known")]
    Kind(u8),
    /// Signed by one kit, claimed for another.
    #[error("the event names kit {} and is signed by {}", .named.hex(), .signed.hex())]
    ForeignKit {
        /// The kit in the event.
        named: Kid,
        /// The key that signed.
        signed: Kid,
    },
    /// The kit is not of this precinct, or revoked.
    #[error("the kit {} is not authorised here", .0.hex())]
    UnknownKit(Kid),
    /// Another election.
    #[error("the event is of election {0}")]
    Election(u32),
    /// Another precinct.
    #[error("the event is of precinct {0}")]
    Precinct(u16),
    /// Another list: its root is not in the succession of releases and deltas that is known here.
    #[error("the event stands on another list root")]
    Root,
    /// A change of the list that this station does not take.
    #[error("the change of the list {0}")]
    Delta(&'static str),
    /// A decision on another day that this station does not take.
    #[error("the decision {0}")]
    Decision(&'static str),
    /// A line that the list does not have, or a counter of 0.
    #[error("the event names line {line}, seq {seq}: outside the list or the chain")]
    Range {
        /// The line.
        line: u32,
        /// The counter.
        seq: u32,
    },
    /// A method, finger or reason that the vocabulary lacks.
    #[error("the event uses a {0} that is not known")]
    Vocabulary(&'static str),
    /// Officers' signatures are missing, double, of one body, or do not fit.
    #[error(transparent)]
    Officers(#[from] OfficersError),
}

/// Admits a signed event on the package's own list: signature, kit, precinct, list, vocabulary, officers'
/// consents. A station that took changes of the list in asks its book: [`crate::Book::admit`].
///
/// Cost: one signature check, and one for each officer.
///
/// # Errors
/// [`Rejection`]; the caller counts it.
pub fn admit(charter: &Charter, signed: &[u8], verifier: &dyn Verifier) -> Result<Act, Rejection> {
    admit_on(charter, &ListInForce::of(charter), signed, verifier)
}

/// Admits a signed event on a list of a known succession.
pub(crate) fn admit_on(
    charter: &Charter,
    list: &ListInForce,
    signed: &[u8],
    verifier: &dyn Verifier,
) -> Result<Act, Rejection> {
    let manifest = charter.manifest();
    let opened = envelope::open1(event_subject(manifest.election), signed, verifier)?;
    let event: Event = envelope::decode(&opened.payload)?;
    let kit = Kid(*event.kit);
    let signer = opened.signers.first().copied().unwrap_or(Kid([0; 8]));
    if event.version != 0 {
        return Err(Rejection::Version(event.version));
    }
    if kit != signer {
        return Err(Rejection::ForeignKit {
            named: kit,
            signed: signer,
        });
    }
    if charter.kit(kit).is_none() {
        return Err(Rejection::UnknownKit(kit));
    }
    if event.election != manifest.election {
        return Err(Rejection::Election(event.election));
    }
    if event.precinct != manifest.precinct {
        return Err(Rejection::Precinct(event.precinct));
    }
    let lines = list.lines_at(&event.root).ok_or(Rejection::Root)?;
    let body = Body::decode(event.kind, &event.body)?;
    let is_table = matches!(body, Body::LineSigned(_) | Body::BallotIssued(_));
    if is_table && charter.ballot_table() != BallotTable::Scanned {
        return Err(Rejection::Kind(event.kind));
    }
    // A table that scans has LINE_SIGNED and BALLOT_ISSUED.
    let is_unscanned = matches!(body, Body::SlipTaken(_));
    if is_unscanned && charter.ballot_table() == BallotTable::Scanned {
        return Err(Rejection::Kind(event.kind));
    }
    inspect(lines, event.seq, &body)?;
    if let Body::ListChanged(taken) = &body {
        taken.verify(charter, verifier)?;
    }
    if let Body::DayDecided(decided) = &body {
        decided.verify(charter, verifier)?;
    }
    let reference = EventRef {
        kit: event.kit,
        seq: event.seq,
    };
    check_consents(charter, reference, &body, verifier)?;
    // A card that was admitted during the election signs from its day on, and not before.
    let at = Hlc(event.hlc).moment().micros();
    let mut cards = body.officers().into_iter().flatten();
    if let Some(early) = cards.find(|card| !charter.is_card_admitted_at(Kid(*card.kid), at)) {
        return Err(OfficersError::Unknown(Kid(*early.kid)).into());
    }
    Ok(Act {
        name: EventName {
            kit,
            seq: event.seq,
            id: opened.id,
        },
        hlc: Hlc(event.hlc),
        previous: DocumentId(*event.previous),
        root: *event.root,
        body,
        signed: Signed {
            election: event.election,
            precinct: event.precinct,
            signature: signed.last_chunk().copied().unwrap_or([0; 64]),
            whole: Some(signed.into()),
        },
    })
}

fn inspect(lines: u32, seq: u32, body: &Body) -> Result<(), Rejection> {
    let line = body.line();
    let needs_line = match body {
        Body::Identified(_)
        | Body::Undone(_)
        | Body::Granted(_)
        | Body::Released(_)
        | Body::Reconstructed(_)
        | Body::Resumed(_)
        | Body::LineChecked(_)
        | Body::HomeReleased(_)
        | Body::LineSigned(_)
        | Body::BallotIssued(_)
        | Body::PaperServed(_)
        | Body::SlipVoided(_)
        | Body::SlipTaken(_)
        | Body::Declined(_) => true,
        Body::TotalsEntered(_)
        | Body::PaperOnly(_)
        | Body::Suspended(_)
        | Body::DayDecided(_)
        | Body::SessionOpened(_)
        | Body::GlassBroken(_)
        | Body::ListChanged(_)
        | Body::Retired(_)
        | Body::TimeSet(_)
        | Body::ShiftTaken(_)
        | Body::CardWithdrawn(_)
        | Body::SlipsLater(_)
        | Body::LinkChanged(_)
        | Body::Refused(_)
        | Body::Incident(_)
        | Body::Opened(_)
        | Body::Printed(_)
        | Body::Void(_)
        | Body::PeerHead(_)
        | Body::Closed(_) => false,
    };
    if seq == 0 || line > lines || (needs_line && line == 0) {
        return Err(Rejection::Range { line, seq });
    }
    if let Body::Identified(body) = body {
        let method = Method::from_number(body.method).ok_or(Rejection::Vocabulary("method"))?;
        let finger_fits = match method {
            Method::Finger => (1..=10).contains(&body.finger),
            Method::Face2 | Method::Document2 | Method::Override2 | Method::Home => {
                body.finger <= 10
            }
        };
        if !finger_fits {
            return Err(Rejection::Vocabulary("finger"));
        }
        if method == Method::Finger && body.picture.is_some() {
            return Err(Rejection::Vocabulary("picture with a finger"));
        }
    }
    if let Body::Reconstructed(body) = body
        && Method::from_number(body.method).is_none()
    {
        return Err(Rejection::Vocabulary("method"));
    }
    if let Body::Suspended(body) = body
        && !day_decision::REASONS.contains(&body.reason.as_str())
    {
        return Err(Rejection::Vocabulary("reason of a suspension"));
    }
    if let Body::GlassBroken(body) = body
        && !GLASS_REASONS.contains(&body.reason.as_str())
    {
        return Err(Rejection::Vocabulary("reason of the commission above"));
    }
    if let Body::TotalsEntered(body) = body {
        let is_known = |codes: &[&str], said: &str| said.is_empty() || codes.contains(&said);
        if !is_known(&DIFFERENCE_REASONS, &body.difference)
            || !is_known(&CORRECTION_REASONS, &body.correction)
        {
            return Err(Rejection::Vocabulary("reason of totals"));
        }
    }
    if let Body::PaperOnly(body) = body
        && body.from >= body.to
    {
        return Err(Rejection::Vocabulary("interval"));
    }
    if let Body::PaperServed(body) = body {
        if Method::from_number(body.method).is_none() {
            return Err(Rejection::Vocabulary("method"));
        }
        if body.slip == 0 || body.interval == 0 || body.interval >= seq {
            return Err(Rejection::Vocabulary("slip or interval"));
        }
    }
    if let Body::Resumed(body) = body
        && !(body.outcome == outcome::REFUSED || body.outcome == outcome::SERVED && body.seq > 0)
    {
        return Err(Rejection::Vocabulary("outcome"));
    }
    if let Body::Refused(body) = body
        && lexicon::RefusalReason::from_code(&body.reason).is_none()
    {
        return Err(Rejection::Vocabulary("refusal reason"));
    }
    Ok(())
}

/// Checks the officers' signatures inside an act: who, how many, and over exactly this act.
fn check_consents(
    charter: &Charter,
    reference: EventRef,
    body: &Body,
    verifier: &dyn Verifier,
) -> Result<(), Rejection> {
    let empty = Vec::new();
    let officers = body.officers().unwrap_or(&empty);
    if officers.is_empty() && !body.needs_officers() {
        return Ok(());
    }
    let cards: Vec<Kid> = officers.iter().map(|officer| Kid(*officer.kid)).collect();
    body.approved(charter, &cards)?;
    let manifest = charter.manifest();
    let payload = envelope::encode(&consent(manifest.precinct, reference, body));
    for officer in officers {
        let card = Kid(*officer.kid);
        let message = envelope::signed_bytes1(consent_subject(manifest.election), card, &payload);
        verifier.verify(card, &message, &officer.signature)?;
    }
    Ok(())
}
