//! What kits write and tell each other, and what a voter holds in the hand.

use std::sync::Arc;

use lexicon::Instant;
use lexicon::handover::envelope::{DocumentType, Signer as _, Subject, decode, peek1, sign1};
use lexicon::handover::event::{Event, event_subject, frame, unframe};
use lexicon::handover::home_list::read_rows;
use lexicon::handover::station_delta::StationDeltaFile;
use lexicon::handover::ticket::Ticket;
use lexicon::handover::turnout::{Written, read};
use pollbook::{
    Body, Book, Charter, Framing, KitMessage, ListInForce, ListPage, READING_MAX, Reading, Scan,
    Taken, Waits, admit, read_scan,
};

use crate::seeds::{ELECTION, hands};

/// A kit's journal file.
pub fn parse_journal(bytes: &[u8]) -> bool {
    let frames = unframe(bytes);
    assert!(
        frames.whole_bytes <= bytes.len(),
        "a journal ends within its file"
    );
    let again: Vec<u8> = frames
        .events
        .iter()
        .flat_map(|signed| frame(signed))
        .collect();
    assert_eq!(
        again,
        bytes[..frames.whole_bytes],
        "records are written as they were read"
    );
    let mut book = book();
    frames
        .events
        .iter()
        .for_each(|signed| take(&mut book, signed));
    let _ = (book.incidents(), book.overrides());
    !frames.events.is_empty()
}

/// The book of the first kit, empty.
fn book() -> Book {
    let hands = hands();
    Book::new(
        Arc::clone(&hands.charter),
        hands.kits[0].public_key().kid(),
        Vec::new(),
    )
}

/// What the first kit's clocks show.
fn reading() -> Reading {
    Reading {
        wall: Instant::from_micros(1_443_938_400_000_000),
        steady_micros: 1,
    }
}

/// Admits and merges an event as from a peer.
fn take(book: &mut Book, signed: &[u8]) {
    match admit(&hands().charter, signed, &hands().ring) {
        Ok(act) => {
            let _ = act.hlc.moment().local_text(360);
            book.merge(act, Some(reading().wall));
        }
        Err(_) => book.count_rejected(),
    }
}

/// The file on a stick: read, both signatures looked at, its entries opened by a kit's key.
pub fn parse_station_delta(bytes: &[u8]) -> bool {
    let Ok(file) = decode::<StationDeltaFile>(bytes) else {
        return false;
    };
    let Ok(taken) = Taken::read(&file.signed) else {
        return false;
    };
    let hands = hands();
    let institutions = [hands.institutions[0].kid(), hands.institutions[1].kid()];
    let charter = Charter::clone(&hands.charter).signed_by(&institutions);
    let is_signed = taken.verify(&charter, &hands.ring).is_ok();
    let list = ListInForce::with(&charter, [Arc::new(taken.clone())].iter());
    assert_eq!(
        list.applied().len() + list.held().len(),
        1,
        "nothing is lost"
    );
    for change in &taken.delta.changes {
        for entry in &file.entries {
            if let Ok(entry) = taken.delta.open_entry(change, entry, 0, &hands.kits[0]) {
                assert_eq!(entry.voter.line, change.line, "an entry is of its line");
            }
        }
    }
    is_signed
}

/// The file of frozen home lists that packages are made of.
pub fn parse_home_lists(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return false;
    };
    let hands = hands();
    let desk = hands.institutions[0].kid();
    let Ok(lists) = read_rows(text, ELECTION, &hands.ring, desk) else {
        return false;
    };
    for list in &lists {
        assert!(list.contradiction(ELECTION).is_none(), "it holds");
    }
    !lists.is_empty()
}

/// An event's payload: signed by a kit of the precinct, admitted, merged.
pub fn parse_events(bytes: &[u8]) -> bool {
    if let Ok(event) = decode::<Event>(bytes)
        && let Ok(body) = Body::decode(event.kind, &event.body)
    {
        assert_eq!(
            body.encode(),
            event.body.as_slice(),
            "a body is written as it was read"
        );
    }
    let hands = hands();
    let mut book = book();
    if let Ok(signed) = sign1(event_subject(ELECTION), bytes, &hands.kits[1]) {
        take(&mut book, &signed);
    }
    let _ = (book.incidents(), book.overrides());
    book.rejected() == 0
}

/// A message's payload: signed by a kit of the precinct, opened by another, heard and taken in.
pub fn parse_kit_message(bytes: &[u8]) -> bool {
    let hands = hands();
    let subject = Subject {
        kind: DocumentType::KitMessage,
        election: ELECTION,
    };
    let me = hands.kits[0].public_key().kid();
    let Ok(signed) = sign1(subject, bytes, &hands.kits[1]) else {
        return false;
    };
    let Ok(message) = KitMessage::open(&hands.charter, me, &signed, &hands.ring) else {
        return false;
    };
    let mut book = book();
    book.hear(&message, reading());
    message
        .events
        .iter()
        .for_each(|signed| take(&mut book, signed));
    let _ = book.message(
        message.sender(),
        message.number,
        &message.holdings(),
        reading().wall,
    );
    let _ = (
        message.sent().local_text(360),
        book.skew_micros(message.sender()),
    );
    true
}

/// What a document reader gave: zones, barcodes, slips, pages of the bound list.
pub fn parse_scan(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return false;
    };
    // The code on a page of the bound list goes to a field of its own.
    if let Ok(page) = ListPage::read(text) {
        assert!(page.page <= page.pages && page.lines.0 <= page.lines.1);
        return true;
    }
    let today = reading().wall.local_date(360);
    let Ok(scan) = read_scan(text, today) else {
        return false;
    };
    match scan {
        Scan::Zone(zone) => assert!(
            zone.pin.is_some() || zone.document.is_some(),
            "a zone names somebody"
        ),
        Scan::Slip(slip) => assert!(!slip.contains('<'), "a slip is no zone"),
        Scan::Pin(_) | Scan::Document(_) => {}
    }
    true
}

/// What comes over the line of a document reader: however the bytes are cut, the reading is the same.
pub fn parse_reading(bytes: &[u8]) -> bool {
    let mut whole = Framing::default();
    whole.push(bytes);
    let mut cut = Framing::default();
    for byte in bytes {
        cut.push(&[*byte]);
    }
    assert_eq!(whole.waits(), cut.waits(), "a cut changes nothing");
    let text = whole.quiet();
    assert_eq!(text, cut.quiet(), "a cut changes nothing");
    assert_eq!(
        whole.waits(),
        Waits::ForAnything,
        "what was read is given once"
    );
    let Some(text) = text else { return false };
    assert!(text.len() <= READING_MAX && text.lines().all(|line| !line.trim().is_empty()));
    true
}

/// The text of a receipt's QR.
pub fn parse_receipt(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return false;
    };
    let Ok(signed) = base45::decode(text) else {
        return false;
    };
    peek1(event_subject(ELECTION), &signed)
        .is_ok_and(|(_, payload)| decode::<Event>(&payload).is_ok())
}

/// Makes the checksums of a journal's records right, as far as their lengths lead.
pub fn mend_frames(bytes: &mut [u8]) {
    let mut at = 0usize;
    while let Some(head) = bytes.get(at..at + 8) {
        let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
        let end = at + 8 + length;
        if length == 0 || end + 4 > bytes.len() {
            return;
        }
        let sum = crc32c::crc32c(&bytes[at + 8..end]).to_be_bytes();
        bytes[at + 4..at + 8].copy_from_slice(&sum);
        at = end + 4;
    }
}

/// What a station says of an hour: typed, sent or scanned.
pub fn parse_hour_message(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return false;
    };
    let Ok(written) = read(text, ELECTION) else {
        return false;
    };
    let said = match &written {
        Written::Text { said, signature } => {
            let again = said.text(signature);
            assert!(again.len() <= 130, "a text fits an SMS");
            assert_eq!(
                read(&again, ELECTION).as_ref(),
                Ok(&written),
                "a text is written as it was read"
            );
            said
        }
        Written::Digits(dictated) => &dictated.said,
    };
    assert_eq!(said.fits(), Ok(()), "what was read fits its form");
    true
}

/// What a station tells the support desk: the text of a code, or what was heard of a number.
pub fn parse_ticket(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return false;
    };
    if let Some(heard) = Ticket::heard(1001, text, ELECTION, &["K1".to_owned()]) {
        assert_eq!(heard.precinct(), 1001, "a number is of the precinct named");
    }
    let Ok(ticket) = Ticket::read(text, ELECTION) else {
        return false;
    };
    let again = ticket.text(ELECTION);
    assert_eq!(
        Ticket::read(&again, ELECTION),
        Ok(ticket),
        "a text is written as it was read"
    );
    true
}
