//! Events of a polling station: what a kit signs, chains, prints as QR and hands in.
//!
//! Version 0 bodies: the station's own room (`pollbook`) completes them. Every later kind is an addition.

use minicbor::bytes::ByteArray;
use minicbor::{Decode, Encode};

use super::envelope::{DocumentId, DocumentType, Kid, Subject};

/// An event without its signature: a CBOR array of ten.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Event {
    /// Body version, 0.
    #[n(0)]
    pub version: u8,
    /// Election number.
    #[n(1)]
    pub election: u32,
    /// Precinct number.
    #[n(2)]
    pub precinct: u16,
    /// The kit's key id.
    #[n(3)]
    pub kit: ByteArray<8>,
    /// The kit's own counter, from 1, no gaps.
    #[n(4)]
    pub seq: u32,
    /// Id of the kit's event before; zeros for the first.
    #[n(5)]
    pub previous: ByteArray<32>,
    /// Hybrid logical clock: microseconds since the epoch << 8 | logical counter.
    #[n(6)]
    pub hlc: u64,
    /// First 16 bytes of the list root.
    #[n(7)]
    pub root: ByteArray<16>,
    /// The kind, see [`kind`].
    #[n(8)]
    pub kind: u8,
    /// The body, CBOR of the kind's own shape, as a byte string.
    #[n(9)]
    pub body: super::folder::Bytes,
}

/// Numbers of event kinds.
pub mod kind {
    /// The station opened (body: [`super::Opened`]).
    pub const OPENED: u8 = 1;
    /// A voter was identified: the counted act (body: [`super::Identified`]).
    pub const IDENTIFIED: u8 = 2;
    /// An attempt that did not end with an issue (body: [`super::Refused`]).
    pub const REFUSED: u8 = 3;
    /// An identification was undone by two officers (body: [`super::Undone`]).
    pub const UNDONE: u8 = 4;
    /// The owner gave a voter's number to another kit (body: [`super::Granted`]).
    pub const GRANTED: u8 = 5;
    /// A receipt came out of the printer (body: [`super::Receipt`]).
    pub const RECEIPT_PRINTED: u8 = 6;
    /// A receipt was declared void or unprinted (body: [`super::Receipt`]).
    pub const RECEIPT_VOID: u8 = 7;
    /// What a peer's journal looked like when last seen (body: [`super::PeerHead`]).
    pub const PEER_HEAD: u8 = 8;
    /// Something that must be explained in the final report (body: [`super::Incident`]).
    pub const INCIDENT: u8 = 9;
    /// The station closed (body: [`super::Closed`]).
    pub const CLOSED: u8 = 10;
    /// A grant that was given and not used was taken back by two officers (body: [`super::Released`]).
    pub const GRANT_RELEASED: u8 = 11;
    /// Kits were retired and a share moved: a takeover by two officers (body: [`super::Retired`]).
    pub const RETIRED: u8 = 12;
    /// An act of a lost kit was entered from its receipt (body: [`super::Reconstructed`]).
    pub const RECONSTRUCTED: u8 = 13;
    /// Two officers decided about a voter without a receipt (body: [`super::Resumed`]).
    pub const RESUMED: u8 = 14;
    /// A named officer looked at the paper line (body: [`super::LineChecked`]).
    pub const LINE_CHECKED: u8 = 15;
    /// The kit that a line was granted to will never use the grant (body: [`super::Declined`]).
    pub const GRANT_DECLINED: u8 = 16;
    /// Two officers set the kit's clock (body: [`super::TimeSet`]).
    pub const TIME_SET: u8 = 17;
    /// The kit took a signed change of the list in (body: [`super::ListChanged`]).
    pub const LIST_CHANGED: u8 = 18;
    /// The chair released a line of the home list for the hall (body: [`super::HomeReleased`]).
    pub const HOME_RELEASED: u8 = 19;
    /// At a scanned ballot table the voter signed the paper line (body: [`super::LineSigned`]).
    pub const LINE_SIGNED: u8 = 20;
    /// At a scanned ballot table the ballot was given (body: [`super::BallotIssued`]).
    pub const BALLOT_ISSUED: u8 = 21;
    /// The precinct was closed before its time, by fire or a power failure (body: [`super::Suspended`]).
    pub const SUSPENDED: u8 = 22;
    /// The kit took the signed decision in by which voting goes on another day (body: [`super::DayDecided`]).
    pub const DAY_DECIDED: u8 = 23;
    /// Two officers opened the kit for such a day (body: [`super::SessionOpened`]).
    pub const SESSION_OPENED: u8 = 24;
    /// The commission above said why its keys sign in place of officers (body: [`super::GlassBroken`]).
    pub const GLASS_BROKEN: u8 = 25;
    /// While no kit worked, voting went on by the paper list alone (body: [`super::PaperOnly`]).
    pub const PAPER_ONLY: u8 = 30;
    /// A voter was served on paper in such an interval (body: [`super::PaperServed`]).
    pub const PAPER_SERVED: u8 = 31;
    /// Two officers declared a slip void (body: [`super::SlipVoided`]).
    pub const SLIP_VOIDED: u8 = 32;
    /// A slip was handed in for a ballot at a table that does not scan (body: [`super::SlipTaken`]).
    pub const SLIP_TAKEN: u8 = 33;
    /// What was counted on paper after the close (body: [`super::TotalsEntered`]).
    pub const TOTALS_ENTERED: u8 = 34;
    /// An officer's card took the operator's screen of the kit (body: [`super::ShiftTaken`]).
    pub const SHIFT_TAKEN: u8 = 40;
    /// Two officers withdrew a card that was lost during the day (body: [`super::CardWithdrawn`]).
    pub const CARD_WITHDRAWN: u8 = 41;
    /// The chair let slips come later while the printer does not print (body: [`super::SlipsLater`]).
    pub const SLIPS_LATER: u8 = 42;
    /// The kit lost another kit, or hears it again (body: [`super::LinkChanged`]).
    pub const LINK_CHANGED: u8 = 43;
}

/// A signature by an officer's card under a consent.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct OfficerSignature {
    /// The card's key id.
    #[n(0)]
    pub kid: ByteArray<8>,
    /// ES256 over the consent's Sig_structure (type `consent`).
    #[n(1)]
    pub signature: ByteArray<64>,
}

/// What an officer consents to: the payload under each [`OfficerSignature`] (type `consent`, `COSE_Sign1`).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Consent {
    /// Precinct number.
    #[n(0)]
    pub precinct: u16,
    /// Kit whose act this is.
    #[n(1)]
    pub kit: ByteArray<8>,
    /// Event kind consented to.
    #[n(2)]
    pub kind: u8,
    /// Line, or 0 where the act has none.
    #[n(3)]
    pub line: u32,
    /// The seq that the act will have; binds the consent to one act.
    #[n(4)]
    pub seq: u32,
    /// SHA-256 of the act's body with its list of officers empty; binds the consent to what is done.
    #[n(5)]
    pub body: ByteArray<32>,
}

/// Body of OPENED.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Opened {
    /// Id of the package manifest.
    #[n(0)]
    pub package: ByteArray<32>,
    /// Lines on the list.
    #[n(1)]
    pub lines: u32,
    /// Two or more officers of different nominating bodies.
    #[n(2)]
    pub officers: Vec<OfficerSignature>,
}

/// Body of IDENTIFIED.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Identified {
    /// Line on the list.
    #[n(0)]
    pub line: u32,
    /// `Method` number.
    #[n(1)]
    pub method: u8,
    /// Finger position 1–10, 0 when no finger was used.
    #[n(2)]
    pub finger: u8,
    /// Captures tried.
    #[n(3)]
    pub attempts: u8,
    /// Score class 0–3 (never the score).
    #[n(4)]
    pub score_class: u8,
    /// The kit's receipt counter, from 1, no gaps.
    #[n(5)]
    pub receipt: u32,
    /// Seq of the owner's GRANTED event, 0 when the kit owns the line.
    #[n(6)]
    pub grant_seq: u32,
    /// Kit that granted; the own id when the kit owns the line.
    #[n(7)]
    pub grant_kit: ByteArray<8>,
    /// Officers for two-person methods.
    #[n(8)]
    pub officers: Vec<OfficerSignature>,
    /// Why a two-person method was used, a code from the station's list; empty for a finger.
    #[n(9)]
    pub reason: String,
    /// SHA-256 of the sealed picture of who stood there ([`super::picture`]); left out without one, and for a finger.
    #[n(10)]
    pub picture: Option<ByteArray<32>>,
}

/// Body of REFUSED.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Refused {
    /// Line, 0 when the person is not on this list.
    #[n(0)]
    pub line: u32,
    /// `RefusalReason` code.
    #[n(1)]
    pub reason: String,
    /// `Method` number that was tried, 0 for none.
    #[n(2)]
    pub method: u8,
    /// Captures tried.
    #[n(3)]
    pub attempts: u8,
}

/// Body of UNDONE.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Undone {
    /// Line that is free again.
    #[n(0)]
    pub line: u32,
    /// Kit of the event undone.
    #[n(1)]
    pub kit: ByteArray<8>,
    /// Seq of the event undone.
    #[n(2)]
    pub seq: u32,
    /// Why, a code from the station's list.
    #[n(3)]
    pub reason: String,
    /// Two officers.
    #[n(4)]
    pub officers: Vec<OfficerSignature>,
}

/// Body of GRANTED.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Granted {
    /// Line granted.
    #[n(0)]
    pub line: u32,
    /// Kit that may serve it.
    #[n(1)]
    pub to: ByteArray<8>,
    /// Number of the request, so that a repeated request gets the same answer.
    #[n(2)]
    pub request: u64,
}

/// Body of RECEIPT_PRINTED and RECEIPT_VOID.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Receipt {
    /// The kit's receipt counter.
    #[n(0)]
    pub receipt: u32,
    /// Copy number: 0 the first print, then reprints.
    #[n(1)]
    pub copy: u8,
    /// Why void, empty when printed.
    #[n(2)]
    pub reason: String,
}

/// Body of PEER_HEAD.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct PeerHead {
    /// The peer.
    #[n(0)]
    pub kit: ByteArray<8>,
    /// Its last seq seen.
    #[n(1)]
    pub seq: u32,
    /// Id of that event.
    #[n(2)]
    pub head: ByteArray<32>,
}

/// Body of INCIDENT.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Incident {
    /// A code: `DUPLICATE`, `EQUIVOCATION`, `CLOCK`, `PARTITION` …
    #[n(0)]
    pub code: String,
    /// Line, or 0.
    #[n(1)]
    pub line: u32,
    /// Events that show it, as (kit, seq).
    #[n(2)]
    pub evidence: Vec<EventRef>,
}

/// Names one event.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(array)]
pub struct EventRef {
    /// Kit.
    #[n(0)]
    pub kit: ByteArray<8>,
    /// Seq.
    #[n(1)]
    pub seq: u32,
}

/// Body of CLOSED.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Closed {
    /// Voters in the hall at closing time.
    #[n(0)]
    pub in_line: u32,
    /// Two officers.
    #[n(1)]
    pub officers: Vec<OfficerSignature>,
}

/// Body of GRANT_RELEASED.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Released {
    /// Line that the owner may grant again.
    #[n(0)]
    pub line: u32,
    /// Seq of the owner's own GRANTED event.
    #[n(1)]
    pub seq: u32,
    /// Two officers.
    #[n(2)]
    pub officers: Vec<OfficerSignature>,
}

/// Body of RETIRED: what the named kits do from now on does not count, and the author owns their lines.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Retired {
    /// Each retired kit with its last known head; what it did after that head is late evidence.
    #[n(0)]
    pub kits: Vec<PeerHead>,
    /// Why, a code from the station's list.
    #[n(1)]
    pub reason: String,
    /// Two officers.
    #[n(2)]
    pub officers: Vec<OfficerSignature>,
}

/// Body of RECONSTRUCTED: what a paper receipt of a lost kit says.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Reconstructed {
    /// Line on the list.
    #[n(0)]
    pub line: u32,
    /// The lost kit.
    #[n(1)]
    pub kit: ByteArray<8>,
    /// Its receipt counter on the paper.
    #[n(2)]
    pub receipt: u32,
    /// `Method` number on the paper.
    #[n(3)]
    pub method: u8,
    /// Two officers.
    #[n(4)]
    pub officers: Vec<OfficerSignature>,
}

/// Body of RESUMED.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Resumed {
    /// Line on the list.
    #[n(0)]
    pub line: u32,
    /// Kit of the act that stands without a receipt; the own id when no act is known.
    #[n(1)]
    pub kit: ByteArray<8>,
    /// Seq of that act, 0 when no act is known.
    #[n(2)]
    pub seq: u32,
    /// 1: this event is the receipt of that act; 2: refused, the paper line is signed.
    #[n(3)]
    pub outcome: u8,
    /// Two officers.
    #[n(4)]
    pub officers: Vec<OfficerSignature>,
}

/// Body of LINE_CHECKED.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct LineChecked {
    /// Line on the list.
    #[n(0)]
    pub line: u32,
    /// Whether the paper line bears no signature.
    #[n(1)]
    pub unsigned: bool,
    /// The officer who looked; one is enough.
    #[n(2)]
    pub officers: Vec<OfficerSignature>,
}

/// Body of GRANT_DECLINED.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Declined {
    /// Line granted.
    #[n(0)]
    pub line: u32,
    /// Kit of the GRANTED event.
    #[n(1)]
    pub kit: ByteArray<8>,
    /// Its seq.
    #[n(2)]
    pub seq: u32,
}

/// Body of TIME_SET.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct TimeSet {
    /// What the wall clock showed when it was set, microseconds UTC.
    #[n(0)]
    pub wall: i64,
    /// Two officers.
    #[n(1)]
    pub officers: Vec<OfficerSignature>,
}

/// Body of LIST_CHANGED: every kit writes it for itself, so that its own chain says by which list it works.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct ListChanged {
    /// The `station-delta` as both institutions signed it, byte for byte.
    #[n(0)]
    pub delta: super::folder::Bytes,
}

/// Body of HOME_RELEASED.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct HomeReleased {
    /// Line of the home list that the hall may serve.
    #[n(0)]
    pub line: u32,
    /// The chair; one card is enough.
    #[n(1)]
    pub officers: Vec<OfficerSignature>,
}

/// Body of LINE_SIGNED: the slip of this act was presented, and the voter signed the paper line.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct LineSigned {
    /// Line on the list.
    #[n(0)]
    pub line: u32,
    /// Kit of the IDENTIFIED event that is the slip.
    #[n(1)]
    pub kit: ByteArray<8>,
    /// Its seq.
    #[n(2)]
    pub seq: u32,
}

/// Body of BALLOT_ISSUED: durable before the ballot is handed over.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct BallotIssued {
    /// Line on the list.
    #[n(0)]
    pub line: u32,
    /// Kit of the IDENTIFIED event that is the slip.
    #[n(1)]
    pub kit: ByteArray<8>,
    /// Its seq.
    #[n(2)]
    pub seq: u32,
    /// Whether two officers looked at line and stubs first: the table was interrupted, or may have been.
    #[n(3)]
    pub resumed: bool,
    /// These officers; empty otherwise.
    #[n(4)]
    pub officers: Vec<OfficerSignature>,
}

/// Body of SUSPENDED: nobody is served from this event on, until a day that was decided opens.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Suspended {
    /// Why, one of [`super::day_decision::REASONS`].
    #[n(0)]
    pub reason: String,
    /// The chair and a second officer.
    #[n(1)]
    pub officers: Vec<OfficerSignature>,
}

/// Body of DAY_DECIDED: who hears of it from a peer needs no event of its own.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct DayDecided {
    /// The `day-decision` as it was signed, byte for byte.
    #[n(0)]
    pub decision: super::folder::Bytes,
}

/// Body of SESSION_OPENED: the kit goes on from its journal on the day that a decision names.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct SessionOpened {
    /// Id of the decision.
    #[n(0)]
    pub decision: ByteArray<32>,
    /// Two officers.
    #[n(1)]
    pub officers: Vec<OfficerSignature>,
}

/// Body of GLASS_BROKEN: it stands before whatever these keys sign at this kit.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct GlassBroken {
    /// Why, one of [`GLASS_REASONS`].
    #[n(0)]
    pub reason: String,
    /// Holders of the commission above, as many as the package asks for.
    #[n(1)]
    pub officers: Vec<OfficerSignature>,
}

/// Why keys of the commission above sign in place of officers.
pub const GLASS_REASONS: [&str; 4] = ["CARDS_LOST", "CARDS_BROKEN", "OFFICERS_ABSENT", "OTHER"];

/// Body of SHIFT_TAKEN: from this event on the holder of the card is the kit's operator.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct ShiftTaken {
    /// The operator; one card.
    #[n(0)]
    pub officers: Vec<OfficerSignature>,
}

/// Body of CARD_WITHDRAWN: what the card signs after this event is an incident, and no kit that knows it takes the card.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct CardWithdrawn {
    /// The card's key id.
    #[n(0)]
    pub card: ByteArray<8>,
    /// Why, a code from the station's list.
    #[n(1)]
    pub reason: String,
    /// Two officers with other cards.
    #[n(2)]
    pub officers: Vec<OfficerSignature>,
}

/// Body of SLIPS_LATER: until the printer works again check-ins may stand without their slips.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct SlipsLater {
    /// The chair; one card is enough.
    #[n(0)]
    pub officers: Vec<OfficerSignature>,
}

/// Body of LINK_CHANGED: the kit's own view of the way to another kit.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct LinkChanged {
    /// The other kit.
    #[n(0)]
    pub kit: ByteArray<8>,
    /// Whether it is heard again; `false` when it fell silent.
    #[n(1)]
    pub heard: bool,
}

/// Body of PAPER_ONLY: all kits were out, and voting went on by the paper list and the book of slips.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct PaperOnly {
    /// From when, microseconds UTC.
    #[n(0)]
    pub from: i64,
    /// Until when, microseconds UTC; after `from`.
    #[n(1)]
    pub to: i64,
    /// Slips of the book that were given in it, as the two officers counted them.
    #[n(2)]
    pub count: u32,
    /// Two officers.
    #[n(3)]
    pub officers: Vec<OfficerSignature>,
}

/// Body of PAPER_SERVED: one line that was served on paper, entered afterwards.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct PaperServed {
    /// Line on the list.
    #[n(0)]
    pub line: u32,
    /// Number of the slip in the book, from 1.
    #[n(1)]
    pub slip: u32,
    /// Seq of this kit's own PAPER_ONLY event: the interval.
    #[n(2)]
    pub interval: u32,
    /// `Method` number, as the officers noted it.
    #[n(3)]
    pub method: u8,
    /// Two officers.
    #[n(4)]
    pub officers: Vec<OfficerSignature>,
}

/// Body of SLIP_VOIDED: nobody may get a ballot for this slip.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct SlipVoided {
    /// Line on the list.
    #[n(0)]
    pub line: u32,
    /// Kit of the IDENTIFIED event whose slip it is.
    #[n(1)]
    pub kit: ByteArray<8>,
    /// Its seq.
    #[n(2)]
    pub seq: u32,
    /// Why, a code from the station's list.
    #[n(3)]
    pub reason: String,
    /// Two officers.
    #[n(4)]
    pub officers: Vec<OfficerSignature>,
}

/// Body of SLIP_TAKEN: every kit that knows it gives no ballot for a copy of the slip.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct SlipTaken {
    /// Line on the list.
    #[n(0)]
    pub line: u32,
    /// Kit of the IDENTIFIED event that is the slip.
    #[n(1)]
    pub kit: ByteArray<8>,
    /// Its seq.
    #[n(2)]
    pub seq: u32,
}

/// Body of TOTALS_ENTERED: what two officers counted on paper. A later one corrects it and says why; both stay.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct TotalsEntered {
    /// Signatures on the paper list and in the home register.
    #[n(0)]
    pub signatures: u32,
    /// Ballots that the precinct received.
    #[n(1)]
    pub received: u32,
    /// Ballots given to voters.
    #[n(2)]
    pub issued: u32,
    /// Ballots spoilt and cancelled.
    #[n(3)]
    pub spoilt: u32,
    /// Ballots left over.
    #[n(4)]
    pub left: u32,
    /// Why a number differs from another, one of [`DIFFERENCE_REASONS`]; empty when none does.
    #[n(5)]
    pub difference: String,
    /// Why the totals before are corrected, one of [`CORRECTION_REASONS`]; empty for the first.
    #[n(6)]
    pub correction: String,
    /// Two officers.
    #[n(7)]
    pub officers: Vec<OfficerSignature>,
}

/// Why what was counted on paper differs: identified and gone without a ballot, a signature in a wrong line or none, a
/// ballot lost, counted twice and still so, another cause.
pub const DIFFERENCE_REASONS: [&str; 5] = [
    "LEFT_WITHOUT",
    "SIGNATURE_WRONG",
    "BALLOT_LOST",
    "COUNTED_TWICE",
    "OTHER",
];

/// Why totals are entered again.
pub const CORRECTION_REASONS: [&str; 3] = ["TYPED_WRONG", "COUNTED_AGAIN", "OTHER"];

/// The subject under which officers consent in an election.
#[must_use]
pub fn consent_subject(election: u32) -> Subject {
    Subject {
        kind: DocumentType::Consent,
        election,
    }
}

/// The subject under which events of an election are signed.
#[must_use]
pub fn event_subject(election: u32) -> Subject {
    Subject {
        kind: DocumentType::Event,
        election,
    }
}

/// Where a signed event stands: its kit, its counter, its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventName {
    /// The kit.
    pub kit: Kid,
    /// Its counter.
    pub seq: u32,
    /// SHA-256 of the signed bytes.
    pub id: DocumentId,
}

/// One journal record: `len u32 BE ‖ crc32c u32 BE ‖ COSE_Sign1 ‖ len u32 BE`.
#[must_use]
pub fn frame(signed: &[u8]) -> Vec<u8> {
    let length = u32::try_from(signed.len())
        .expect("an event is at most 4 KiB")
        .to_be_bytes();
    let mut record = Vec::with_capacity(signed.len() + 12);
    record.extend_from_slice(&length);
    record.extend_from_slice(&crc32c::crc32c(signed).to_be_bytes());
    record.extend_from_slice(signed);
    record.extend_from_slice(&length);
    record
}

/// What reading a journal file found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frames<'a> {
    /// The whole records, in order.
    pub events: Vec<&'a [u8]>,
    /// Bytes of the file that hold whole records.
    pub whole_bytes: usize,
    /// What stands after them.
    pub tail: Tail,
}

/// The end of a journal file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tail {
    /// The file ends with a whole record.
    Clean,
    /// A record was begun and not finished: a power cut; it was never acknowledged.
    Torn,
    /// A whole record whose checksum does not fit: damage.
    Damaged,
}

/// Splits a journal file into records; stops at the first that is not whole.
#[must_use]
pub fn unframe(file: &[u8]) -> Frames<'_> {
    let mut events = Vec::new();
    let mut at = 0usize;
    loop {
        let rest = &file[at..];
        if rest.is_empty() || rest.iter().all(|b| *b == 0) {
            return Frames {
                events,
                whole_bytes: at,
                tail: Tail::Clean,
            };
        }
        let Some(length) = read_u32(rest, 0) else {
            return Frames {
                events,
                whole_bytes: at,
                tail: Tail::Torn,
            };
        };
        let length = length as usize;
        let signed = rest.get(8..8 + length).unwrap_or_default();
        let fits = (1..=DocumentType::Event.bytes_max()).contains(&length)
            && signed.len() == length
            && read_u32(rest, 4) == Some(crc32c::crc32c(signed))
            && read_u32(rest, 8 + length).is_some_and(|again| again as usize == length);
        if !fits {
            let tail = if is_torn(rest, length, at) {
                Tail::Torn
            } else {
                Tail::Damaged
            };
            return Frames {
                events,
                whole_bytes: at,
                tail,
            };
        }
        events.push(signed);
        at += length + 12;
    }
}

/// Whether a record that does not fit was begun and not finished, in a file pre-allocated with zeros.
///
/// A write that a power cut stopped leaves zeros where it did not come: at the record's end, or in a
/// whole 512-byte sector of the file. Damage (a flipped bit) does not; nor does damage to an earlier
/// record, after which other bytes stand. In doubt it is damage: the kit does not start.
/// `rest` begins with the record, `length` is what its first field says, `at` its place in the file.
fn is_torn(rest: &[u8], length: usize, at: usize) -> bool {
    const SECTOR: usize = 512;
    let written = rest
        .iter()
        .rposition(|byte| *byte != 0)
        .map_or(0, |last| last + 1);
    let ends = written.max(12)..written + 4;
    // A whole record further on: what stands here was acknowledged, so it is damage.
    let is_followed = ends.clone().any(|end| {
        let start = read_u32(rest, end - 4)
            .and_then(|length| end.checked_sub(length as usize + 12))
            .filter(|start| *start > 0);
        start.is_some_and(|start| {
            read_u32(rest, start) == read_u32(rest, end - 4)
                && read_u32(rest, start + 4) == Some(crc32c::crc32c(&rest[start + 8..end - 4]))
        })
    });
    if is_followed {
        return false;
    }
    // A trailing length that counts back to the record's start: its end was written.
    let mut ends = ends;
    let whole =
        ends.find(|end| read_u32(rest, end - 4).is_some_and(|length| length as usize + 12 == *end));
    let first = SECTOR - at % SECTOR;
    let is_zero = |bytes: &[u8]| bytes.iter().all(|byte| *byte == 0);
    if whole.is_none() {
        let is_lost = |range| rest.get(range).is_some_and(is_zero);
        // The end did not come, and the sector with the length, or a part of the length, did not either: what stands here
        // is the middle of one long record.
        let is_headless = if first < 4 {
            is_lost(first..first + SECTOR)
                || is_lost(0..first) && (length == 0 || written > length + 12)
        } else {
            length == 0 && is_lost(0..first)
        };
        if is_headless {
            return written <= DocumentType::Event.bytes_max() + 12;
        }
    }
    let extent = whole.unwrap_or(length + 12).min(rest.len());
    if whole.is_none() && !(1..=DocumentType::Event.bytes_max()).contains(&length)
        || written > extent
    {
        return false;
    }
    if whole.is_none() && rest.len() < length + 12 {
        // A file that was not pre-allocated, cut short.
        return true;
    }
    let mut from = 0;
    let mut to = first.min(extent);
    // The first bytes of a length are zeros in any record: a sector that ends there says nothing.
    let length = u32::try_from(extent.saturating_sub(12)).unwrap_or(u32::MAX);
    if first < 4 && is_zero(&length.to_be_bytes()[..first]) {
        (from, to) = (first, (first + SECTOR).min(extent));
    }
    while from < extent {
        if is_zero(&rest[from..to]) {
            return true;
        }
        from = to;
        to = (to + SECTOR).min(extent);
    }
    whole.is_none() && rest[..extent].ends_with(&[0; 4])
}

fn read_u32(bytes: &[u8], at: usize) -> Option<u32> {
    let four: [u8; 4] = bytes.get(at..at + 4)?.try_into().ok()?;
    Some(u32::from_be_bytes(four))
}

#[cfg(test)]
mod tests;
