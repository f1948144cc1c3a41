//! What a report says beside its counters, on the roll and as JSON: the count on paper, who signed, what was undone, when.

use lexicon::Instant;
use lexicon::handover::envelope::hex;
use lexicon::handover::event::Incident;
use lexicon::handover::report::{DeviceSaid, EventSaid, KitCount, Report};
use serde_json::{Value, json};

use super::Heading;
use super::paper::{Strip, plain};
use super::words::ReportWords;

/// `19:41`, local.
pub(super) fn time(micros: i64, offset_minutes: i64) -> String {
    let text = Instant::from_micros(micros).local_time(offset_minutes);
    text.chars().take(5).collect()
}

pub(super) fn kit_name(words: ReportWords, report: &Report, kid: &[u8; 8]) -> String {
    let kit = report.kits.iter().find(|kit| *kit.kit == *kid);
    kit.map_or_else(|| hex(&kid[..4]), |kit| words.kit(&kit.name))
}

/// `К3 до 402, 19:41`: how far a missing kit's journal is known, and when its last known event was made.
pub(super) fn until(
    words: ReportWords,
    report: &Report,
    kit: &KitCount,
    offset_minutes: i64,
) -> String {
    let (name, seq) = (words.kit(&kit.name), kit.seq.to_string());
    let place = report.kits.iter().position(|known| known.kit == kit.kit);
    let moments = report.heads_at.as_deref().unwrap_or_default();
    let at = place.and_then(|at| moments.get(at)).filter(|at| **at != 0);
    let at = at.map(|at| time(*at, offset_minutes)).unwrap_or_default();
    let values = [("kit", &*name), ("seq", &seq), ("time", &at)];
    words.fill(if at.is_empty() { "until" } else { "until_at" }, &values)
}

/// Receipts and moments of an incident's events: `К2-0139 10:41, К1 №12 11:02`.
pub(super) fn evidence(
    words: ReportWords,
    report: &Report,
    incident: &Incident,
    offset_minutes: i64,
) -> String {
    let said = report.evidence.as_deref().unwrap_or_default();
    let one = |event: &EventSaid| {
        let at = time(event.at, offset_minutes);
        if event.receipt > 0 {
            let kit = kit_name(words, report, &event.receipt_kit);
            format!("{kit}-{:04} {at}", event.receipt)
        } else {
            format!(
                "{} № {} {at}",
                kit_name(words, report, &event.kit),
                event.seq
            )
        }
    };
    let named = incident.evidence.iter().filter_map(|name| {
        let mut said = said.iter();
        said.find(|event| event.kit == name.kit && event.seq == name.seq)
    });
    named.map(one).collect::<Vec<_>>().join(", ")
}

/// The sums of each kit, and what of a lost kit was entered from its receipts.
pub(super) fn kit_sums(strip: &mut Strip, words: ReportWords, report: &Report) {
    let entered = report.reconstructed.as_deref().unwrap_or_default();
    for (at, kit) in report.kits.iter().enumerate() {
        let values = [
            ("kit", words.kit(&kit.name)),
            ("acts", kit.acts.to_string()),
            ("undone", kit.undone.to_string()),
            ("duplicates", kit.duplicates.to_string()),
            ("counted", kit.counted.to_string()),
            ("void", kit.void.to_string()),
            ("pending", kit.pending.to_string()),
            ("printed", kit.printed.to_string()),
        ];
        let values = values.each_ref().map(|(name, text)| (*name, text.as_str()));
        strip.text(&words.fill("arithmetic_kit", &values), plain(20));
        if let Some(entered) = entered.get(at).filter(|entered| **entered > 0) {
            let label = words.fill("entered_of", &[("kit", &words.kit(&kit.name))]);
            strip.pair(&label, &format!("{} + {entered}", kit.counted), 21);
        }
    }
}

/// Who signed instead of a finger, and whose acts were undone.
pub(super) fn people_part(
    strip: &mut Strip,
    words: ReportWords,
    report: &Report,
    heading: &Heading,
) {
    if let Some(pairs) = &report.pairs {
        strip.text(words.word("pairs"), plain(22).bold());
        for pair in pairs {
            let names = pair.cards.iter().map(|card| heading.officer(card));
            let names = names.collect::<Vec<_>>().join(", ");
            strip.pair(&names, &pair.count.to_string(), 21);
        }
    }
    if let Some(kept) = report.pictures {
        strip.pair(words.word("pictures"), &kept.to_string(), 21);
    }
    if let Some(undone) = &report.undone_by {
        strip.text(words.word("undone_by"), plain(22).bold());
        for operator in undone {
            let name = if *operator.card == [0; 8] {
                words.word("operator_none").to_owned()
            } else {
                heading.officer(&operator.card)
            };
            strip.pair(&name, &operator.count.to_string(), 21);
        }
    }
}

/// Against the paper: what was counted with the differences written out, or lines to be filled in by hand.
pub(super) fn totals_part(strip: &mut Strip, words: ReportWords, report: &Report) {
    strip.text(words.word("paper"), plain(22).bold());
    if let Some(slips) = report.slips_taken {
        strip.pair(words.word("paper_slips"), &slips.to_string(), 22);
    }
    let Some(totals) = &report.totals else {
        let difference = words.fill("paper_difference", &[("n", &report.counted.to_string())]);
        for what in [
            words.word("paper_signatures"),
            words.word("paper_ballots"),
            &difference,
        ] {
            strip.skip(8);
            strip.pair(what, "________", 22);
        }
        return;
    };
    for (key, count) in [
        ("paper_signatures", totals.signatures),
        ("paper_received", totals.received),
        ("paper_ballots", totals.issued),
        ("paper_spoilt", totals.spoilt),
        ("paper_left", totals.left),
    ] {
        strip.pair(words.word(key), &count.to_string(), 22);
    }
    let differences = totals.differences(report.counted);
    let values = [
        ("counted", report.counted.to_string()),
        ("signatures", totals.signatures.to_string()),
        ("received", totals.received.to_string()),
        ("issued", totals.issued.to_string()),
        ("spoilt", totals.spoilt.to_string()),
        ("left", totals.left.to_string()),
    ];
    for (key, difference) in [
        ("paper_sum_signatures", differences.signatures),
        ("paper_sum_issued", differences.issued),
        ("paper_sum_ballots", differences.ballots),
    ] {
        let difference = difference.to_string();
        let mut values: Vec<(&str, &str)> = values
            .iter()
            .map(|(name, text)| (*name, text.as_str()))
            .collect();
        values.push(("difference", &difference));
        let style = if difference == "0" {
            plain(20)
        } else {
            plain(22).bold()
        };
        strip.text(&words.fill(key, &values), style);
    }
    if !totals.difference.is_empty() {
        strip.pair(
            words.word("why"),
            difference_word(words, &totals.difference),
            21,
        );
    }
    if totals.before > 0 {
        let corrected = words.fill("paper_corrected", &[("n", &totals.before.to_string())]);
        strip.pair(&corrected, correction_word(words, &totals.correction), 21);
    }
}

fn difference_word(words: ReportWords, code: &str) -> &'static str {
    match code {
        "LEFT_WITHOUT" => words.word("difference_LEFT_WITHOUT"),
        "SIGNATURE_WRONG" => words.word("difference_SIGNATURE_WRONG"),
        "BALLOT_LOST" => words.word("difference_BALLOT_LOST"),
        "COUNTED_TWICE" => words.word("difference_COUNTED_TWICE"),
        _ => words.word("difference_OTHER"),
    }
}

fn correction_word(words: ReportWords, code: &str) -> &'static str {
    match code {
        "TYPED_WRONG" => words.word("correction_TYPED_WRONG"),
        "COUNTED_AGAIN" => words.word("correction_COUNTED_AGAIN"),
        _ => words.word("correction_OTHER"),
    }
}

/// What is plugged in, and the seal on the spare key.
pub(super) fn devices_part(strip: &mut Strip, words: ReportWords, report: &Report) {
    let role = |device: &DeviceSaid| match device.role.as_str() {
        "SCANNER" => words.word("device_SCANNER"),
        "PRINTER" => words.word("device_PRINTER"),
        _ => words.word("device_CAMERA"),
    };
    for device in report.devices.iter().flatten() {
        let key = if device.checks_life {
            "device_life"
        } else {
            "device_no_life"
        };
        let said = match device.role.as_str() {
            "SCANNER" => words.fill(key, &[("name", &device.name)]),
            _ => device.name.clone(),
        };
        strip.text(&format!("{}: {said}", role(device)), plain(21));
    }
    let seal = report.spare_seal.as_deref().unwrap_or("________");
    strip.pair(words.word("spare_seal"), seal, 22);
}

/// Voters on each page, pages with equally many together.
pub(super) fn pages_part(strip: &mut Strip, words: ReportWords, report: &Report) {
    let Some(voters) = &report.page_voters else {
        return;
    };
    strip.text(words.word("page_voters"), plain(22).bold());
    let mut page = 1;
    for run in voters.chunk_by(|a, b| a == b) {
        let last = page + run.len() - 1;
        let (from, to) = (page.to_string(), last.to_string());
        let key = if run.len() == 1 {
            "page_one"
        } else {
            "page_run"
        };
        let label = words.fill(key, &[("from", &from), ("to", &to)]);
        strip.pair(&label, &run[0].to_string(), 21);
        page = last + 1;
    }
    strip.rule();
}

/// Adds them to a report's JSON.
pub(super) fn add_json(whole: &mut Value, report: &Report) {
    let devices = report.devices.iter().flatten().map(|device| {
        json!({"role": device.role, "name": device.name, "checks_life": device.checks_life})
    });
    whole["totals"] = totals_json(report);
    whole["pairs"] = pairs_json(report);
    whole["undone_by"] = undone_json(report);
    whole["evidence"] = evidence_json(report);
    whole["heads_at"] = json!(report.heads_at);
    whole["reconstructed"] = json!(report.reconstructed);
    whole["page_voters"] = json!(report.page_voters);
    whole["devices"] = json!(devices.collect::<Vec<_>>());
    whole["spare_seal"] = json!(report.spare_seal);
    whole["training_events"] = json!(report.training_events);
    whole["slips_taken"] = json!(report.slips_taken);
    whole["pictures"] = json!(report.pictures);
}

fn totals_json(report: &Report) -> Value {
    let totals = report.totals.as_ref().map(|totals| {
        let differences = totals.differences(report.counted);
        json!({
            "kit": hex(&*totals.kit), "seq": totals.seq, "at": totals.at, "signatures": totals.signatures,
            "received": totals.received, "issued": totals.issued, "spoilt": totals.spoilt, "left": totals.left,
            "reason": totals.difference, "correction": totals.correction, "before": totals.before,
            "differences": {
                "counted_signatures": differences.signatures, "signatures_issued": differences.issued,
                "ballots": differences.ballots,
            },
        })
    });
    json!(totals)
}

fn pairs_json(report: &Report) -> Value {
    let pairs = report.pairs.iter().flatten().map(|pair| {
        let cards: Vec<String> = pair.cards.iter().map(|card| hex(&**card)).collect();
        json!({"cards": cards, "count": pair.count})
    });
    json!(pairs.collect::<Vec<_>>())
}

fn undone_json(report: &Report) -> Value {
    let undone = report.undone_by.iter().flatten();
    let undone = undone.map(|one| json!({"card": hex(&*one.card), "count": one.count}));
    json!(undone.collect::<Vec<_>>())
}

fn evidence_json(report: &Report) -> Value {
    let events = report.evidence.iter().flatten().map(|event| {
        json!({
            "kit": hex(&*event.kit), "seq": event.seq, "at": event.at,
            "receipt_kit": hex(&*event.receipt_kit), "receipt": event.receipt,
        })
    });
    json!(events.collect::<Vec<_>>())
}
