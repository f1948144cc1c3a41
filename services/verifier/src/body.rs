//! What an event may say: the kinds of docs/formats.md §5, the shape of each body, its ranges, its officers.

use crate::Checked;
use crate::cbor::Value;
use crate::cose::Kid;
use crate::day::REASONS;
use crate::journal::Event;
use crate::station::Station;

/// Kinds of events, see docs/formats.md §5.
pub(crate) const OPENED: u8 = 1;
pub(crate) const IDENTIFIED: u8 = 2;
pub(crate) const REFUSED: u8 = 3;
pub(crate) const UNDONE: u8 = 4;
pub(crate) const GRANTED: u8 = 5;
pub(crate) const RECEIPT_PRINTED: u8 = 6;
pub(crate) const RECEIPT_VOID: u8 = 7;
pub(crate) const PEER_HEAD: u8 = 8;
pub(crate) const INCIDENT: u8 = 9;
pub(crate) const CLOSED: u8 = 10;
pub(crate) const GRANT_RELEASED: u8 = 11;
pub(crate) const RETIRED: u8 = 12;
pub(crate) const RECONSTRUCTED: u8 = 13;
pub(crate) const RESUMED: u8 = 14;
pub(crate) const LINE_CHECKED: u8 = 15;
pub(crate) const GRANT_DECLINED: u8 = 16;
pub(crate) const TIME_SET: u8 = 17;
pub(crate) const LIST_CHANGED: u8 = 18;
pub(crate) const HOME_RELEASED: u8 = 19;
pub(crate) const LINE_SIGNED: u8 = 20;
pub(crate) const BALLOT_ISSUED: u8 = 21;
pub(crate) const SUSPENDED: u8 = 22;
pub(crate) const DAY_DECIDED: u8 = 23;
pub(crate) const SESSION_OPENED: u8 = 24;
pub(crate) const GLASS_BROKEN: u8 = 25;
pub(crate) const PAPER_ONLY: u8 = 30;
pub(crate) const PAPER_SERVED: u8 = 31;
pub(crate) const SLIP_VOIDED: u8 = 32;
pub(crate) const SLIP_TAKEN: u8 = 33;
pub(crate) const TOTALS_ENTERED: u8 = 34;
pub(crate) const SHIFT_TAKEN: u8 = 40;
pub(crate) const CARD_WITHDRAWN: u8 = 41;
pub(crate) const SLIPS_LATER: u8 = 42;
pub(crate) const LINK_CHANGED: u8 = 43;

/// Why keys of the commission above sign in place of officers.
const GLASS_REASONS: [&str; 4] = ["CARDS_LOST", "CARDS_BROKEN", "OFFICERS_ABSENT", "OTHER"];

/// Why what was counted on paper differs, and why it was entered again.
const DIFFERENCES: [&str; 5] = ["LEFT_WITHOUT", "SIGNATURE_WRONG", "BALLOT_LOST", "COUNTED_TWICE", "OTHER"];
const CORRECTIONS: [&str; 3] = ["TYPED_WRONG", "COUNTED_AGAIN", "OTHER"];

/// Outcome of a RESUMED: the event is the receipt of an act that had none.
pub(crate) const SERVED: u32 = 1;

/// The form of one element of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// A number that fits eight bits.
    Small,
    /// A number that fits 32 bits.
    Number,
    /// A number that fits 64 bits.
    Long,
    /// A number with a sign, 64 bits.
    Signed,
    /// True or false.
    Truth,
    Text,
    /// A kit's key id.
    Kit,
    Hash,
    Bytes,
    /// `[[kit, seq], …]`
    References,
    /// `[[kit, seq, id], …]`
    Heads,
    /// `[[kid, signature], …]`
    Officers,
}

/// The elements of a body of a kind.
fn forms(kind: u8) -> Checked<&'static [Form]> {
    use Form::{Bytes, Hash, Heads, Kit, Long, Number, Officers, References, Signed, Small, Text, Truth};
    Ok(match kind {
        OPENED => &[Hash, Number, Officers],
        IDENTIFIED => &[Number, Small, Small, Small, Small, Number, Number, Kit, Officers, Text],
        REFUSED => &[Number, Text, Small, Small],
        UNDONE => &[Number, Kit, Number, Text, Officers],
        GRANTED => &[Number, Kit, Long],
        RECEIPT_PRINTED | RECEIPT_VOID => &[Number, Small, Text],
        PEER_HEAD => &[Kit, Number, Hash],
        INCIDENT => &[Text, Number, References],
        CLOSED => &[Number, Officers],
        GRANT_RELEASED => &[Number, Number, Officers],
        RETIRED => &[Heads, Text, Officers],
        RECONSTRUCTED => &[Number, Kit, Number, Small, Officers],
        RESUMED => &[Number, Kit, Number, Small, Officers],
        LINE_CHECKED => &[Number, Truth, Officers],
        GRANT_DECLINED => &[Number, Kit, Number],
        TIME_SET => &[Signed, Officers],
        LIST_CHANGED | DAY_DECIDED => &[Bytes],
        SUSPENDED | GLASS_BROKEN => &[Text, Officers],
        SESSION_OPENED => &[Hash, Officers],
        HOME_RELEASED => &[Number, Officers],
        LINE_SIGNED | SLIP_TAKEN => &[Number, Kit, Number],
        TOTALS_ENTERED => &[Number, Number, Number, Number, Number, Text, Text, Officers],
        BALLOT_ISSUED => &[Number, Kit, Number, Truth, Officers],
        PAPER_ONLY => &[Signed, Signed, Number, Officers],
        PAPER_SERVED => &[Number, Number, Number, Small, Officers],
        SLIP_VOIDED => &[Number, Kit, Number, Text, Officers],
        SHIFT_TAKEN | SLIPS_LATER => &[Officers],
        CARD_WITHDRAWN => &[Kit, Text, Officers],
        LINK_CHANGED => &[Kit, Truth],
        other => return Err(format!("kind {other} is not known")),
    })
}

fn fits(form: Form, body: &Value, at: u64) -> Checked<()> {
    let every = |forms: &[Form]| {
        body.list(at)?.iter().try_for_each(|entry| {
            let entry = entry.has_fields(forms.len())?;
            (0..).zip(forms).try_for_each(|(at, form)| fits(*form, entry, at))
        })
    };
    match form {
        Form::Small => body.number::<u8>(at).map(drop),
        Form::Number => body.number::<u32>(at).map(drop),
        Form::Long => body.number::<u64>(at).map(drop),
        Form::Signed => body.signed(at).map(drop),
        Form::Truth => {
            let is_truth = matches!(body.get(at), Some(Value::Bool(_)));
            if is_truth { Ok(()) } else { Err(format!("field {at} is neither true nor false")) }
        }
        Form::Text => body.text(at).map(drop),
        Form::Kit => body.array::<8>(at).map(drop),
        Form::Hash => body.array::<32>(at).map(drop),
        Form::Bytes => body.bytes(at).map(drop),
        Form::References => every(&[Form::Kit, Form::Number]),
        Form::Heads => every(&[Form::Kit, Form::Number, Form::Hash]),
        // The signatures themselves are looked at with the consent.
        Form::Officers => body.list(at).map(drop),
    }
}

/// The line that a body of a kind is about, 0 for none.
pub(crate) fn line(kind: u8, body: &Value) -> u32 {
    let at = match kind {
        IDENTIFIED | REFUSED | UNDONE | GRANTED | GRANT_RELEASED | RECONSTRUCTED | RESUMED | LINE_CHECKED
        | GRANT_DECLINED | HOME_RELEASED | LINE_SIGNED | BALLOT_ISSUED | PAPER_SERVED | SLIP_VOIDED | SLIP_TAKEN => 0,
        INCIDENT => 1,
        _ => return 0,
    };
    body.number(at).unwrap_or(0)
}

/// The cards that consented to an event; none for kinds without officers.
pub(crate) fn cards(event: &Event) -> Vec<Kid> {
    let forms = forms(event.kind).unwrap_or_default();
    let at = (0..).zip(forms).find(|(_, form)| **form == Form::Officers).map(|(at, _)| at);
    let entries = at.and_then(|at| event.body.list(at).ok()).unwrap_or_default();
    entries.iter().filter_map(|entry| entry.array(0).ok()).collect()
}

/// Checks form, ranges and the officers' consents of a body.
pub(crate) fn check(event: &Event, station: &Station, lines: u32) -> Checked<()> {
    let (forms, line) = (forms(event.kind)?, event.line());
    // An identification by hand may name the sealed picture of the voter, after all else.
    let is_pictured = event.kind == IDENTIFIED && event.body.get(10).is_some();
    let body = event.body.has_fields(forms.len() + usize::from(is_pictured))?;
    (0..).zip(forms).try_for_each(|(at, form)| fits(*form, body, at))?;
    // An attempt of a person who is not on the list, and an incident, may be about no line.
    let needs_line = !matches!(
        event.kind,
        OPENED
            | REFUSED
            | RECEIPT_PRINTED
            | RECEIPT_VOID
            | PEER_HEAD
            | INCIDENT
            | CLOSED
            | RETIRED
            | TIME_SET
            | LIST_CHANGED
            | SUSPENDED
            | DAY_DECIDED
            | SESSION_OPENED
            | GLASS_BROKEN
            | PAPER_ONLY
            | TOTALS_ENTERED
            | SHIFT_TAKEN
            | CARD_WITHDRAWN
            | SLIPS_LATER
            | LINK_CHANGED
    );
    if line > lines || (needs_line && line == 0) || event.seq == 0 {
        return Err(format!("line {line} is outside the list"));
    }
    let mut officers = (0..).zip(forms).find(|(_, form)| **form == Form::Officers).map(|(at, _)| at);
    match event.kind {
        OPENED if (body.array(0)?, body.number(1)?) != (station.id, station.lines) => {
            return Err("opened with another package or list".to_owned());
        }
        IDENTIFIED => {
            let (method, finger): (u8, u8) = (body.number(1)?, body.number(2)?);
            if !(1..=5).contains(&method) || finger > 10 || (method == 1 && finger == 0) {
                return Err(format!("method {method} with finger {finger} is not known"));
            }
            if is_pictured && (method == 1 || body.array::<32>(10).is_err()) {
                return Err(format!("a picture that method {method} does not name so"));
            }
            // A finger needs no officer; every other method needs two.
            officers = officers.filter(|at| method != 1 || body.list(*at) != Ok(&[]));
        }
        LINE_SIGNED | BALLOT_ISSUED if !station.is_scanned => {
            return Err("an event of a scanned ballot table, which this precinct has not".to_owned());
        }
        SLIP_TAKEN if station.is_scanned => {
            return Err("an event of a table that does not scan, and this precinct's does".to_owned());
        }
        TOTALS_ENTERED => {
            let is_known = |codes: &[&str], said: &str| said.is_empty() || codes.contains(&said);
            if !is_known(&DIFFERENCES, body.text(5)?) || !is_known(&CORRECTIONS, body.text(6)?) {
                return Err("a reason that is not known".to_owned());
            }
        }
        // Two officers looked first, or nobody signed beside the kit.
        BALLOT_ISSUED => {
            let is_resumed = body.get(3) == Some(&Value::Bool(true));
            officers = officers.filter(|at| is_resumed || body.list(*at) != Ok(&[]));
        }
        RECONSTRUCTED if !(1..=5).contains(&body.number::<u8>(3)?) => {
            return Err(format!("method {} is not known", body.number::<u8>(3)?));
        }
        SUSPENDED if !REASONS.contains(&body.text(0)?) => return Err("a reason that is not known".to_owned()),
        GLASS_BROKEN if !GLASS_REASONS.contains(&body.text(0)?) => {
            return Err("a reason that is not known".to_owned());
        }
        PAPER_ONLY if body.signed(0)? >= body.signed(1)? => {
            return Err("an interval that ends before it begins".to_owned());
        }
        PAPER_SERVED => {
            let (slip, interval, method): (u32, u32, u8) = (body.number(1)?, body.number(2)?, body.number(3)?);
            if slip == 0 || interval == 0 || interval >= event.seq || !(1..=5).contains(&method) {
                return Err(format!("slip {slip} of interval {interval} by method {method} is not known"));
            }
        }
        RESUMED => {
            let (seq, outcome): (u32, u32) = (body.number(2)?, body.number(3)?);
            if outcome != 2 && (outcome != SERVED || seq == 0) {
                return Err(format!("outcome {outcome} for act {seq} is not known"));
            }
        }
        _ => {}
    }
    let Some(at) = officers else { return Ok(()) };
    let cards = station.consented(&event.kit, [event.kind.into(), line, event.seq], body, at)?;
    if let Some(card) = cards.iter().find(|card| !station.is_admitted_at(card, event.hlc >> 8)) {
        return Err(format!("card {card:02x?} is not admitted at this moment"));
    }
    // They may always say why.
    if event.kind != GLASS_BROKEN {
        station.approve_kind(event.kind, &cards)?;
    }
    // One named officer looks at the paper; everything else takes as many as open the kit.
    match event.kind {
        GLASS_BROKEN => station.approve_commission(&cards),
        SUSPENDED => station.approve(&cards).and_then(|()| station.approve_chair(&cards)),
        LINE_CHECKED | SHIFT_TAKEN => station.approve_one(&cards),
        CARD_WITHDRAWN if cards.contains(&body.array(0)?) => Err("a card withdraws itself".to_owned()),
        HOME_RELEASED | SLIPS_LATER => station.approve_chair(&cards),
        _ => station.approve(&cards),
    }
}
