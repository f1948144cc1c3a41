//! Seeds of a polling station: every kind of event, a journal, messages, a receipt.

use lexicon::handover::envelope::{Signer as _, encode, sign1, signed_bytes1};
use lexicon::handover::event::{
    BallotIssued, CardWithdrawn, Closed, Declined, Event, EventRef, GlassBroken, Granted,
    HomeReleased, Identified, Incident, LineChecked, LineSigned, LinkChanged, OfficerSignature,
    Opened, PaperOnly, PaperServed, PeerHead, Receipt, Reconstructed, Refused, Released, Resumed,
    Retired, SessionOpened, ShiftTaken, SlipTaken, SlipVoided, SlipsLater, Suspended, TimeSet,
    TotalsEntered, Undone, consent_subject, event_subject, frame,
};
use lexicon::handover::folder::bytes;
use lexicon::handover::ticket::{Cause, Ticket};
use lexicon::handover::turnout::{DeskKey, HourTurnout, Scope};
use pollbook::{Body, ChainSums, KitMessage, LineAsk, consent};

use super::documents::PRECINCT;
use super::{ELECTION, hands};

const NOON: u64 = 1_443_938_400_000_000;

fn bodies() -> Vec<Body> {
    let hands = hands();
    let (one, two) = (hands.kits[0].kid().0, hands.kits[1].kid().0);
    let officers = Vec::new();
    vec![
        Body::Identified(Identified {
            line: 3,
            method: 1,
            finger: 2,
            attempts: 1,
            score_class: 3,
            receipt: 1,
            grant_seq: 2,
            grant_kit: one.into(),
            officers: Vec::new(),
            reason: String::new(),
            picture: None,
        }),
        Body::Opened(Opened {
            package: hands.package.0.into(),
            lines: 40,
            officers: officers.clone(),
        }),
        Body::Refused(Refused {
            line: 3,
            reason: "ALREADY_IDENTIFIED".to_owned(),
            method: 1,
            attempts: 2,
        }),
        Body::Undone(Undone {
            line: 3,
            kit: two.into(),
            seq: 1,
            reason: "WRONG_PERSON".to_owned(),
            officers: officers.clone(),
        }),
        Body::Granted(Granted {
            line: 22,
            to: one.into(),
            request: 1 << 40,
        }),
        Body::Printed(Receipt {
            receipt: 1,
            copy: 0,
            reason: String::new(),
        }),
        Body::Void(Receipt {
            receipt: 1,
            copy: 0,
            reason: "PAPER".to_owned(),
        }),
        Body::PeerHead(PeerHead {
            kit: one.into(),
            seq: 9,
            head: [0x77; 32].into(),
        }),
        Body::Incident(Incident {
            code: "DUPLICATE".to_owned(),
            line: 3,
            evidence: vec![EventRef {
                kit: one.into(),
                seq: 4,
            }],
        }),
        Body::Closed(Closed {
            in_line: 0,
            officers: officers.clone(),
        }),
        Body::Released(Released {
            line: 22,
            seq: 5,
            officers: officers.clone(),
        }),
        Body::Retired(Retired {
            kits: vec![PeerHead {
                kit: one.into(),
                seq: 9,
                head: [0x77; 32].into(),
            }],
            reason: "KIT_LOST".to_owned(),
            officers: officers.clone(),
        }),
        Body::Reconstructed(Reconstructed {
            line: 3,
            kit: one.into(),
            receipt: 7,
            method: 1,
            officers: officers.clone(),
        }),
        Body::Resumed(Resumed {
            line: 3,
            kit: one.into(),
            seq: 4,
            outcome: 1,
            officers: officers.clone(),
        }),
        Body::LineChecked(LineChecked {
            line: 3,
            unsigned: true,
            officers: officers.clone(),
        }),
        Body::Declined(Declined {
            line: 22,
            kit: one.into(),
            seq: 5,
        }),
        Body::TimeSet(TimeSet {
            wall: 1_443_950_000_000_000,
            officers: officers.clone(),
        }),
        Body::PaperOnly(PaperOnly {
            from: 1_443_950_000_000_000,
            to: 1_443_953_600_000_000,
            count: 12,
            officers: officers.clone(),
        }),
        Body::PaperServed(PaperServed {
            line: 3,
            slip: 12,
            interval: 1,
            method: 3,
            officers: officers.clone(),
        }),
        Body::SlipVoided(SlipVoided {
            line: 3,
            kit: one.into(),
            seq: 4,
            reason: "UNDONE".to_owned(),
            officers: officers.clone(),
        }),
        Body::SlipTaken(SlipTaken {
            line: 3,
            kit: one.into(),
            seq: 4,
        }),
        Body::TotalsEntered(TotalsEntered {
            signatures: 11,
            received: 30,
            issued: 12,
            spoilt: 1,
            left: 17,
            difference: "SIGNATURE_WRONG".to_owned(),
            correction: "COUNTED_AGAIN".to_owned(),
            officers: officers.clone(),
        }),
        Body::Suspended(Suspended {
            reason: "FIRE".to_owned(),
            officers: officers.clone(),
        }),
        Body::SessionOpened(SessionOpened {
            decision: [9; 32].into(),
            officers: officers.clone(),
        }),
        Body::HomeReleased(HomeReleased {
            line: 3,
            officers: officers.clone(),
        }),
        Body::LineSigned(LineSigned {
            line: 3,
            kit: one.into(),
            seq: 4,
        }),
        Body::BallotIssued(BallotIssued {
            line: 3,
            kit: one.into(),
            seq: 4,
            resumed: true,
            officers: officers.clone(),
        }),
        Body::ShiftTaken(ShiftTaken {
            officers: officers.clone(),
        }),
        Body::CardWithdrawn(CardWithdrawn {
            card: [9; 8].into(),
            reason: "CARD_LOST".to_owned(),
            officers: officers.clone(),
        }),
        Body::SlipsLater(SlipsLater { officers }),
        Body::LinkChanged(LinkChanged {
            kit: one.into(),
            heard: false,
        }),
    ]
}

/// The body with two officers' consents, where it needs them.
fn consented(body: Body, name: EventRef) -> Body {
    let hands = hands();
    if !body.needs_officers() {
        return body;
    }
    let payload = encode(&consent(PRECINCT, name, &body));
    let sign = |card: &keys::FileKey| OfficerSignature {
        kid: card.kid().0.into(),
        signature: card
            .sign(&signed_bytes1(
                consent_subject(ELECTION),
                card.kid(),
                &payload,
            ))
            .expect("a key in memory signs")
            .into(),
    };
    let signatures: Vec<_> = hands.officers[..2].iter().map(sign).collect();
    match body {
        Body::Opened(body) => Body::Opened(Opened {
            officers: signatures,
            ..body
        }),
        Body::Undone(body) => Body::Undone(Undone {
            officers: signatures,
            ..body
        }),
        Body::Closed(body) => Body::Closed(Closed {
            officers: signatures,
            ..body
        }),
        Body::Released(body) => Body::Released(Released {
            officers: signatures,
            ..body
        }),
        Body::Retired(body) => Body::Retired(Retired {
            officers: signatures,
            ..body
        }),
        Body::Reconstructed(body) => Body::Reconstructed(Reconstructed {
            officers: signatures,
            ..body
        }),
        Body::Resumed(body) => Body::Resumed(Resumed {
            officers: signatures,
            ..body
        }),
        Body::LineChecked(body) => Body::LineChecked(LineChecked {
            officers: signatures,
            ..body
        }),
        Body::TimeSet(body) => Body::TimeSet(TimeSet {
            officers: signatures,
            ..body
        }),
        Body::Identified(body) => Body::Identified(Identified {
            officers: signatures,
            ..body
        }),
        Body::BallotIssued(body) => Body::BallotIssued(BallotIssued {
            officers: signatures,
            ..body
        }),
        Body::PaperOnly(body) => Body::PaperOnly(PaperOnly {
            officers: signatures,
            ..body
        }),
        Body::PaperServed(body) => Body::PaperServed(PaperServed {
            officers: signatures,
            ..body
        }),
        Body::SlipVoided(body) => Body::SlipVoided(SlipVoided {
            officers: signatures,
            ..body
        }),
        Body::TotalsEntered(body) => Body::TotalsEntered(TotalsEntered {
            officers: signatures,
            ..body
        }),
        Body::Suspended(body) => Body::Suspended(Suspended {
            officers: signatures,
            ..body
        }),
        Body::SessionOpened(body) => Body::SessionOpened(SessionOpened {
            officers: signatures,
            ..body
        }),
        Body::GlassBroken(body) => Body::GlassBroken(GlassBroken {
            officers: signatures,
            ..body
        }),
        Body::ShiftTaken(_) => Body::ShiftTaken(ShiftTaken {
            officers: signatures,
        }),
        Body::CardWithdrawn(body) => Body::CardWithdrawn(CardWithdrawn {
            officers: signatures,
            ..body
        }),
        Body::SlipsLater(_) => Body::SlipsLater(SlipsLater {
            officers: signatures,
        }),
        Body::LinkChanged(_)
        | Body::DayDecided(_)
        | Body::LineSigned(_)
        | Body::SlipTaken(_)
        | Body::Refused(_)
        | Body::Granted(_)
        | Body::Printed(_)
        | Body::Void(_)
        | Body::PeerHead(_)
        | Body::Declined(_)
        | Body::ListChanged(_)
        | Body::Incident(_) => body,
        Body::HomeReleased(body) => Body::HomeReleased(HomeReleased {
            officers: signatures,
            ..body
        }),
    }
}

/// A passport's zone, an identity card's, barcodes, a slip.
pub fn scans() -> Vec<Vec<u8>> {
    let passport = "P<KGZASANOV<<USON<<<<<<<<<<<<<<<<<<<<<<<<<<<\nAN12345677KGZ8504157M25010172150419850000788\n";
    let card = "IDKGZID1234567321504198500007<\n8504157M2501017KGZ<<<<<<<<<<<0\nASANOV<<USON<<<<<<<<<<<<<<<<<<\n";
    let mut scans: Vec<Vec<u8>> = [card, passport, "]C1AN1234567\r", "20105198000001\n"]
        .map(|text| text.as_bytes().to_vec())
        .into();
    scans.push(b"L7:1001:17:48:401-425:7C1E90AB44D200000000:00112233445566778899".to_vec());
    scans.extend(receipts());
    scans
}

/// Payloads of events of every kind, by the second kit.
pub fn events() -> Vec<Vec<u8>> {
    let hands = hands();
    let kit = hands.kits[1].kid().0;
    let event = |(body, seq): (Body, u32)| {
        let name = EventRef {
            kit: kit.into(),
            seq,
        };
        let body = consented(body, name);
        encode(&Event {
            version: 0,
            election: ELECTION,
            precinct: PRECINCT,
            kit: kit.into(),
            seq,
            previous: [0; 32].into(),
            hlc: (NOON + u64::from(seq)) << 8,
            root: hands.charter.root_prefix().into(),
            kind: body.kind(),
            body: bytes(&body.encode()),
        })
    };
    bodies().into_iter().zip(1..).map(event).collect()
}

fn signed_events() -> Vec<Vec<u8>> {
    let kit = &hands().kits[1];
    events()
        .iter()
        .filter_map(|payload| sign1(event_subject(ELECTION), payload, kit).ok())
        .collect()
}

/// Journals: whole, with zeros after it, torn, damaged.
pub fn journals() -> Vec<Vec<u8>> {
    let whole: Vec<u8> = signed_events()
        .iter()
        .flat_map(|signed| frame(signed))
        .collect();
    let mut allocated = whole.clone();
    allocated.resize(whole.len() + 1024, 0);
    let torn = whole[..whole.len() - 50].to_vec();
    let mut damaged = allocated.clone();
    damaged[300] ^= 1;
    vec![whole, allocated, torn, damaged]
}

/// Messages from the second kit to the first.
pub fn kit_messages() -> Vec<Vec<u8>> {
    let hands = hands();
    let head = PeerHead {
        kit: hands.kits[0].kid().0.into(),
        seq: 4,
        head: [0x77; 32].into(),
    };
    let question = KitMessage {
        version: 0,
        precinct: PRECINCT,
        from: hands.kits[1].kid().0.into(),
        to: hands.kits[0].kid().0.into(),
        number: 12,
        sent: NOON as i64,
        answer: false,
        heads: vec![head],
        events: signed_events()
            .iter()
            .take(2)
            .map(|signed| bytes(signed))
            .collect(),
        ask: Some(LineAsk {
            line: 3,
            request: 5,
        }),
        refusal: None,
        sums: vec![ChainSums {
            kit: hands.kits[0].kid().0.into(),
            blocks: vec![0x7777],
        }],
        wants: Some(vec![[5; 32].into()]),
        entries: None,
        devices: None,
    };
    let answer = KitMessage {
        answer: true,
        ask: None,
        refusal: Some("ALREADY_IDENTIFIED".to_owned()),
        wants: None,
        entries: Some(vec![bytes(&[7; 40])]),
        ..question.clone()
    };
    vec![encode(&question), encode(&answer)]
}

/// What a kit says of an hour: as text, and as digits with and without an authenticator.
pub fn hour_messages() -> Vec<Vec<u8>> {
    let said = HourTurnout {
        election: ELECTION,
        precinct: 1001,
        kit: 1,
        scope: Scope::Precinct,
        hour: 10,
        number: 1,
        count: 312,
    };
    let kit = &hands().kits[0];
    let desk = DeskKey::agree(kit, &hands().kits[1].public_key(), ELECTION).ok();
    let text = said.sign(kit).map(|signature| said.text(&signature));
    [text.ok(), said.digits(None), said.digits(desk.as_ref())]
        .into_iter()
        .flatten()
        .map(String::into_bytes)
        .collect()
}

/// What a kit tells the support desk: texts of codes, and a number alone.
pub fn tickets() -> Vec<Vec<u8>> {
    let of = |cause, kit| Ticket::new(1001, cause, kit).ok();
    let clock = of(Cause::ClockOff, "K2");
    let number = clock.as_ref().map(|ticket| ticket.number(ELECTION));
    let texts = [of(Cause::OverrideQuota, ""), clock];
    let texts = texts.into_iter().flatten();
    texts
        .map(|ticket| ticket.text(ELECTION))
        .chain(number)
        .map(String::into_bytes)
        .collect()
}

/// Texts of receipts' QR codes.
pub fn receipts() -> Vec<Vec<u8>> {
    signed_events()
        .iter()
        .take(2)
        .map(|signed| base45::encode(signed).into_bytes())
        .collect()
}
