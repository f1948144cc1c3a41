//! Initial and final report: 80 mm paper and JSON (ui/PRINT.md §6–§7).

use std::fmt::Write as _;

use lexicon::handover::envelope::{hex, sha256};
use lexicon::handover::report::{AGE_BANDS, KitCount, Report, TableCount, kind};
use lexicon::{Instant, Method};
use pollbook::DayCodes;
use serde_json::json;

use super::bitmap::one_under_another;
use super::paper::{Strip, plain};
use super::words::{ReportWords, incident_word, mark_name, refusal_short};
use super::{Bitmap, Heading, Job, accounts};

/// Draws a report with the arithmetic written out, once in each language of the precinct; the QR holds hash and heads.
#[must_use]
pub fn report(heading: &Heading, report: &Report, day: &DayCodes, signed: &[u8]) -> Job {
    let sheets: Vec<Bitmap> = heading
        .languages
        .iter()
        .map(|language| sheet(ReportWords(*language), heading, report, day, signed))
        .collect();
    Job {
        name: format!("report-{}-{}", heading.kit, kind_word(report)),
        bitmap: one_under_another(&sheets),
    }
}

fn kind_word(report: &Report) -> &'static str {
    match report.kind {
        kind::FINAL if report.adds_to.is_some() => "addendum",
        kind::INITIAL => "initial",
        kind::FINAL => "final",
        _ => "running",
    }
}

/// The whole report in one language.
fn sheet(
    words: ReportWords,
    heading: &Heading,
    report: &Report,
    day: &DayCodes,
    signed: &[u8],
) -> Bitmap {
    let mut strip = heading.strip();
    let word = kind_word(report);
    strip.bar(&[words.word(&format!("title_{word}"))], 30);
    let precinct = words.fill("precinct", &[("n", &format!("{:04}", report.precinct))]);
    strip.text(
        &format!("{precinct} · {}", heading.date()),
        plain(22).bold().centred(),
    );
    let at = Instant::from_micros(report.at);
    let local = at.local_text(heading.offset_minutes).replace('T', " ");
    strip.text(
        &format!(
            "{} · {} · {local} ({})",
            words.fill("number", &[("n", &format!("{:04}", report.number))]),
            words.kit(&heading.kit),
            zone(heading.offset_minutes)
        ),
        plain(21).centred(),
    );
    // Abroad the day is another: the roll-up of the country goes by UTC (S-24).
    let utc = at.local_text(0).replace('T', " ");
    strip.text(&format!("{utc} UTC"), plain(21).centred());
    strip.rule();
    if !report.incomplete.is_empty() && report.kind == kind::FINAL {
        let missing = report.kits.iter();
        let missing = missing.filter(|kit| report.incomplete.contains(&kit.name));
        let until = |kit: &KitCount| accounts::until(words, report, kit, heading.offset_minutes);
        let kits: Vec<String> = missing.map(until).collect();
        strip.bar(
            &[&words.fill("incomplete", &[("kits", &kits.join(", "))])],
            24,
        );
    }
    if let Some(before) = &report.adds_to {
        strip.pair(words.word("adds_to"), &hex(&before[..8]), 21);
    }
    if let Some(why) = &report.why_incomplete {
        strip.pair(words.word("why"), missing_word(words, why), 21);
    }
    strip.pair(words.word("list"), &format!("L{}", report.release), 22);
    strip.pair(words.word("root"), &heading.root_spaced(), 22);
    strip.pair(words.word("voters"), &report.lines.to_string(), 22);
    strip.pair(words.word("pages"), &report.pages.to_string(), 22);
    strip.skip(8);
    if report.kind == kind::INITIAL {
        initial_part(&mut strip, words, report, day, heading);
    } else {
        counted_part(&mut strip, words, report, heading);
    }
    strip.rule();
    for who in [
        "sign_chair",
        "sign_secretary",
        "sign_member",
        "sign_observers",
    ] {
        strip.sign_here(words.word(who));
    }
    strip.rule();
    let mut heads = String::new();
    for kit in &report.kits {
        let _ = write!(heads, "{} {}:{} ", kit.name, kit.seq, hex(&kit.head[..2]));
    }
    let hash = hex(&sha256(signed));
    strip.qr(
        &format!(
            "KG1R:{}:{word}:{hash}:{}",
            report.precinct,
            heads.trim_end()
        ),
        4,
    );
    strip.text(
        &format!("{} {}", words.word("heads"), words.kit(heads.trim_end())),
        plain(20).centred(),
    );
    strip.text(words.word("verify"), plain(20).centred());
    strip.done()
}

/// Why the day does not begin (S-30).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// Events of a training lie in the kit's folder: the first file with any, and how many in all.
    Training(String, usize),
    /// A kit, `K2`, works by another list.
    List(String),
    /// A page of the bound list, and the release that it is of.
    Page(u32, u32),
}

/// What prints in the place of the initial report's total when something forbids the opening (S-30).
#[must_use]
pub fn not_opened(heading: &Heading, blocks: &[Block]) -> Job {
    let mut strip = heading.strip();
    let titles: Vec<&str> = heading
        .languages
        .iter()
        .map(|language| ReportWords(*language).word("blocked"))
        .collect();
    strip.bar(&titles, 34);
    let in_first = ReportWords(heading.languages[0]);
    strip.text(
        &format!(
            "№ {:04} · {} · {}",
            heading.precinct,
            heading.date(),
            in_first.kit(&heading.kit)
        ),
        plain(22).bold().centred(),
    );
    for language in &heading.languages {
        let words = ReportWords(*language);
        strip.rule();
        for block in blocks {
            strip.text(&block_words(words, &heading.kit, block), plain(24).bold());
            strip.skip(6);
        }
        strip.text(words.word("blocked_next"), plain(21));
    }
    for who in ["sign_chair", "sign_secretary"] {
        strip.sign_here(&in_each(heading, who));
    }
    Job {
        name: format!("not-opened-{}", heading.kit),
        bitmap: strip.done(),
    }
}

fn block_words(words: ReportWords, me: &str, block: &Block) -> String {
    match block {
        Block::Training(_, events) => words.fill(
            "blocked_training",
            &[("kit", &words.kit(me)), ("n", &events.to_string())],
        ),
        Block::List(kit) => words.fill("blocked_list", &[("kit", &words.kit(kit))]),
        Block::Page(page, release) => words.fill(
            "blocked_page",
            &[
                ("page", &page.to_string()),
                ("release", &release.to_string()),
            ],
        ),
    }
}

/// A word in every language of the precinct, side by side.
pub(super) fn in_each(heading: &Heading, key: &str) -> String {
    let mut said: Vec<&str> = heading
        .languages
        .iter()
        .map(|language| ReportWords(*language).word(key))
        .collect();
    said.dedup();
    said.join(" / ")
}

/// The difference to UTC: `+06`, `-05`, `+05:30`.
#[must_use]
pub fn zone(offset_minutes: i64) -> String {
    let sign = if offset_minutes < 0 { '-' } else { '+' };
    let (hours, minutes) = (offset_minutes.abs() / 60, offset_minutes.abs() % 60);
    if minutes == 0 {
        format!("{sign}{hours:02}")
    } else {
        format!("{sign}{hours:02}:{minutes:02}")
    }
}

fn initial_part(
    strip: &mut Strip,
    words: ReportWords,
    report: &Report,
    day: &DayCodes,
    heading: &Heading,
) {
    strip.rule();
    strip.text(words.word("before_opening"), plain(22).bold());
    for kit in &report.kits {
        let name = format!(
            "{} · {}",
            words.kit(&kit.name),
            hex(&kit.kit[..3]).to_uppercase()
        );
        strip.pair(&name, &kit.acts.to_string(), 22);
    }
    let mut methods = report.by_method.iter();
    let home = methods
        .find(|count| count.method == Method::Home.number())
        .map_or(0, |count| count.count);
    let hall = report.counted.saturating_sub(home);
    strip.skip(8);
    strip.boxes(
        [
            (words.word("hall_total"), &hall.to_string()),
            (words.word("home_eve"), &home.to_string()),
        ],
        72,
    );
    strip.rule();
    strip.text(words.word("checks"), plain(22).bold());
    let others = words.kit(&report.incomplete.join(", "));
    let others = if others.is_empty() { "—" } else { &others };
    strip.pair(words.word("no_link"), others, 22);
    let training = report.training_events.unwrap_or(0).to_string();
    strip.pair(words.word("training_events"), &training, 22);
    strip.pair(words.word("rejected"), &report.rejected.to_string(), 22);
    if let Some(software) = &report.software {
        strip.pair(words.word("software"), &spaced(&hex(&software[..8])), 22);
    }
    for clock in report.clocks.iter().flatten() {
        let kit = report.kits.iter().find(|kit| kit.kit == clock.kit);
        let name = kit.map_or_else(String::new, |kit| words.kit(&kit.name));
        // The dash stands for the minus, as in the sums and on the A4 copy.
        let seconds = clock.seconds(words.point()).replace('\u{2212}', "–");
        let seconds = words.fill("clock_seconds", &[("n", &seconds)]);
        strip.pair(&words.fill("clock_of", &[("kit", &name)]), &seconds, 22);
    }
    strip.pair(words.word("battery"), &battery_word(words, report), 22);
    if let Some(supply) = &report.supply {
        strip.pair(words.word("supply"), supply_word(words, supply), 22);
    }
    let read = report.pages_read.unwrap_or(0).to_string();
    let of = words.fill(
        "pages_of",
        &[("n", &read), ("m", &report.pages.to_string())],
    );
    strip.pair(words.word("pages_read"), &of, 22);
    accounts::devices_part(strip, words, report);
    strip.rule();
    accounts::pages_part(strip, words, report);
    // On a second day the marks above are those of the days before.
    days_part(strip, words, report, heading.offset_minutes);
    let (ky, ru) = mark_name(day.mark());
    strip.text(
        &format!("{}: {ky} / {ru}", words.word("mark")),
        plain(24).bold().centred(),
    );
}

/// `87 %, no mains`.
fn battery_word(words: ReportWords, report: &Report) -> String {
    let Some(battery) = &report.battery else {
        return words.word("battery_none").to_owned();
    };
    let key = if battery.is_draining {
        "battery_draining"
    } else {
        "battery_mains"
    };
    words.fill(key, &[("n", &battery.percent.to_string())])
}

/// How the receipt printer stood; the codes are [`lexicon::handover::report::SUPPLIES`].
fn supply_word(words: ReportWords, code: &str) -> &'static str {
    match code {
        "ENOUGH" => words.word("supply_ENOUGH"),
        "LOW" => words.word("supply_LOW"),
        "NONE" => words.word("supply_NONE"),
        _ => words.word("supply_OFF"),
    }
}

/// Hexadecimal digits in groups of four.
pub(super) fn spaced(digits: &str) -> String {
    let groups: Vec<&str> = (0..digits.len())
        .step_by(4)
        .filter_map(|at| digits.get(at..(at + 4).min(digits.len())))
        .collect();
    groups.join(" ")
}

/// Why a kit is missing, as the chair said.
fn missing_word(words: ReportWords, code: &str) -> &str {
    match code {
        "UNREACHABLE" => words.word("missing_UNREACHABLE"),
        "BROKEN" => words.word("missing_BROKEN"),
        "LOST" => words.word("missing_LOST"),
        "NOT_RETURNED" => words.word("missing_NOT_RETURNED"),
        other => other,
    }
}

/// Counted voters by sex and age band.
fn people_part(strip: &mut Strip, words: ReportWords, report: &Report) {
    let Some(people) = &report.people else {
        return;
    };
    strip.text(words.word("people"), plain(22).bold());
    let count = |sex: &str, from: u8| -> u32 {
        let those = people.iter().filter(|p| p.sex == sex && p.from == from);
        those.map(|people| people.count).sum()
    };
    for (at, from) in AGE_BANDS.into_iter().enumerate() {
        let name = match AGE_BANDS.get(at + 1) {
            Some(next) => format!("{from}–{}", next - 1),
            None => words.fill("band_last", &[("n", &from.to_string())]),
        };
        strip.pair(
            &name,
            &format!("{} · {}", count("F", from), count("M", from)),
            22,
        );
    }
    let sum = |sex: &str| -> String {
        let those = people.iter().filter(|people| people.sex == sex);
        those.map(|people| people.count).sum::<u32>().to_string()
    };
    let values = [
        ("women", &*sum("F")),
        ("men", &sum("M")),
        ("unknown", &sum("")),
        ("counted", &report.counted.to_string()),
    ];
    strip.text(&words.fill("people_sum", &values), plain(20));
    strip.rule();
}

fn counted_part(strip: &mut Strip, words: ReportWords, report: &Report, heading: &Heading) {
    let share = words.percent(report.counted, report.lines);
    strip.boxes(
        [
            (words.word("counted"), &report.counted.to_string()),
            (words.word("turnout"), &share),
        ],
        72,
    );
    strip.text(words.word("by_method"), plain(22).bold());
    for count in &report.by_method {
        let name = match Method::from_number(count.method) {
            Some(method) => words.word(&format!("method_{}", method.number())),
            None => "—",
        };
        strip.pair(name, &count.count.to_string(), 22);
    }
    strip.rule();
    people_part(strip, words, report);
    kits_part(strip, words, report);
    strip.rule();
    strip.text(words.word("refusals"), plain(22).bold());
    if report.refusals.is_empty() {
        strip.text(words.word("none"), plain(21));
    }
    for refusal in &report.refusals {
        strip.pair(
            &refusal_short(&refusal.reason, words.0),
            &refusal.count.to_string(),
            22,
        );
    }
    strip.rule();
    strip.text(words.word("incidents"), plain(22).bold());
    if report.incidents.is_empty() {
        strip.text(words.word("none"), plain(21));
    }
    for incident in &report.incidents {
        let line = if incident.line > 0 {
            let line = words.fill("line", &[("n", &incident.line.to_string())]);
            format!(", {line}")
        } else {
            String::new()
        };
        strip.text(
            &format!("{}{line}", incident_word(&incident.code, words.0)),
            plain(21),
        );
        let shown = accounts::evidence(words, report, incident, heading.offset_minutes);
        if !shown.is_empty() {
            strip.text(&shown, plain(20));
        }
    }
    accounts::people_part(strip, words, report, heading);
    silences_part(strip, words, report, heading);
    strip.pair(words.word("rejected"), &report.rejected.to_string(), 22);
    strip.pair(
        words.word("after_close"),
        &report.after_close.to_string(),
        22,
    );
    strip.rule();
    if let Some(table) = &report.table {
        table_part(strip, words, report, table);
    }
    paper_part(strip, words, report, heading.offset_minutes);
    days_part(strip, words, report, heading.offset_minutes);
    accounts::totals_part(strip, words, report);
}

/// What each kit did, with the sums that must hold.
fn kits_part(strip: &mut Strip, words: ReportWords, report: &Report) {
    strip.text(words.word("by_kit"), plain(22).bold());
    strip.pair(words.word("kit"), words.word("kit_columns"), 21);
    for kit in &report.kits {
        let value = format!("{} · {} · {}", kit.acts, kit.printed, kit.void);
        strip.pair(&words.kit(&kit.name), &value, 22);
    }
    let sum = |field: fn(&KitCount) -> u32| -> String {
        report.kits.iter().map(field).sum::<u32>().to_string()
    };
    let (acts, printed, void) = (sum(|k| k.acts), sum(|k| k.printed), sum(|k| k.void));
    strip.pair(
        words.word("sum"),
        &format!("{acts} · {printed} · {void}"),
        22,
    );
    let values = [
        ("acts", acts.as_str()),
        ("undone", &sum(|k| k.undone)),
        ("duplicates", &sum(|k| k.duplicates)),
        ("counted", &report.counted.to_string()),
        ("printed", &printed),
        ("void", &void),
        ("pending", &sum(|k| k.pending)),
    ];
    for key in ["arithmetic_acts", "arithmetic_receipts"] {
        strip.text(&words.fill(key, &values), plain(20));
    }
    accounts::kit_sums(strip, words, report);
    strip.pair(words.word("reprints"), &sum(|k| k.reprints), 21);
    strip.pair(
        words.word("granted"),
        &format!("{} · {}", sum(|k| k.granted), sum(|k| k.granted_unused)),
        21,
    );
}

/// What a scanned ballot table adds up to.
fn table_json(report: &Report) -> serde_json::Value {
    let table = |table: &TableCount| {
        json!({
            "signed": table.signed, "issued": table.issued, "waiting": table.waiting,
            "surplus": table.surplus, "returned": table.returned, "home": table.home, "paper": table.paper,
            "ballots": table.ballots,
        })
    };
    json!(report.table.as_ref().map(table))
}

/// The days of voting, as observers read them.
fn days_json(report: &Report) -> serde_json::Value {
    let day = |day: &lexicon::handover::report::DayCount| {
        json!({
            "opens": day.opens, "closes": day.closes, "decision": day.decision.as_ref().map(|id| hex(&**id)),
            "suspended": day.suspended, "reason": day.reason, "counted": day.counted, "outside": day.outside,
        })
    };
    let days = report.days.as_ref();
    json!(days.map(|days| days.iter().map(day).collect::<Vec<_>>()))
}

/// Why keys of the commission above signed.
fn glass_json(report: &Report) -> serde_json::Value {
    let said = |said: &lexicon::handover::report::GlassSaid| json!({"kit": hex(&*said.kit), "seq": said.seq, "at": said.at, "reason": said.reason});
    let glass = report.glass.as_ref();
    json!(glass.map(|glass| glass.iter().map(said).collect::<Vec<_>>()))
}

/// When kits did not hear each other: each kit's own view, from and until.
fn silences_part(strip: &mut Strip, words: ReportWords, report: &Report, heading: &Heading) {
    let Some(silences) = &report.silences else {
        return;
    };
    strip.text(words.word("silences"), plain(22).bold());
    let name = |id: &[u8; 8]| accounts::kit_name(words, report, id);
    let at = |micros: i64| accounts::time(micros, heading.offset_minutes);
    for silence in silences {
        let until = silence.until.map_or_else(|| "…".to_owned(), at);
        let values = [("by", &*name(&silence.by)), ("kit", &name(&silence.kit))];
        strip.pair(
            &words.fill("silence", &values),
            &format!("{}–{until}", at(silence.from)),
            21,
        );
    }
}

/// Intervals without any kit: voting went on by the paper list and the book of slips.
fn paper_part(strip: &mut Strip, words: ReportWords, report: &Report, offset_minutes: i64) {
    let Some(intervals) = &report.paper_only else {
        return;
    };
    strip.text(words.word("paper_only"), plain(22).bold());
    let time = |micros| Instant::from_micros(micros).local_minute(offset_minutes);
    for interval in intervals {
        let of_kit = |kit: &&KitCount| kit.kit == interval.kit;
        let name = report.kits.iter().find(of_kit);
        let name = name.map_or_else(String::new, |kit| words.kit(&kit.name));
        strip.text(
            &format!("{} — {} ({name})", time(interval.from), time(interval.to)),
            plain(21),
        );
        let (count, entered) = (interval.count.to_string(), interval.entered.to_string());
        strip.pair(words.word("slips_given"), &count, 22);
        strip.pair(words.word("lines_entered"), &entered, 22);
        strip.pair(words.word("lines_served"), &interval.served.to_string(), 22);
        let difference = i64::from(interval.count) - i64::from(interval.entered);
        let values = [
            ("count", count.as_str()),
            ("entered", &entered),
            ("difference", &difference.to_string()),
        ];
        strip.text(&words.fill("slips_sum", &values), plain(20));
    }
    strip.rule();
}

/// The days of voting, and why keys of the commission above signed; the sum of the days is written out.
fn days_part(strip: &mut Strip, words: ReportWords, report: &Report, offset_minutes: i64) {
    let time = |micros| Instant::from_micros(micros).local_minute(offset_minutes);
    if let Some(days) = &report.days {
        strip.text(words.word("days"), plain(22).bold());
        for day in days {
            let hours = format!("{} — {}", time(day.opens), time(day.closes));
            strip.text(&hours, plain(21));
            if let Some(decision) = &day.decision {
                strip.pair(words.word("day_decision"), &hex(&decision[..6]), 21);
            }
            if let Some(at) = day.suspended {
                let why = day_reason(words, day.reason.as_deref().unwrap_or_default());
                let said = words.fill("day_suspended", &[("why", why)]);
                strip.pair(&said, &time(at), 21);
            }
            strip.pair(words.word("day_counted"), &day.counted.to_string(), 22);
            strip.pair(words.word("day_outside"), &day.outside.to_string(), 22);
        }
        let sums: Vec<String> = days.iter().map(|day| day.counted.to_string()).collect();
        let sum = format!("{} = {}.", sums.join(" + "), report.counted);
        strip.text(&sum, plain(20));
        strip.rule();
    }
    if let Some(glass) = &report.glass {
        strip.text(words.word("glass"), plain(22).bold());
        for said in glass {
            let kit = report.kits.iter().find(|kit| kit.kit == said.kit);
            let name = kit.map_or_else(String::new, |kit| words.kit(&kit.name));
            let why = match said.reason.as_str() {
                "CARDS_LOST" => words.word("glass_cards_lost"),
                "CARDS_BROKEN" => words.word("glass_cards_broken"),
                "OFFICERS_ABSENT" => words.word("glass_officers_absent"),
                _ => words.word("glass_other"),
            };
            strip.pair(&format!("{name}: {why}"), &time(said.at), 21);
        }
        strip.rule();
    }
}

fn day_reason(words: ReportWords, code: &str) -> &'static str {
    match code {
        "FIRE" => words.word("day_fire"),
        "POWER" => words.word("day_power"),
        "FLOOD" => words.word("day_flood"),
        "THREAT" => words.word("day_threat"),
        _ => words.word("day_other"),
    }
}

/// The scanned ballot table: what was signed and given, and the difference, with the sums written out.
fn table_part(strip: &mut Strip, words: ReportWords, report: &Report, table: &TableCount) {
    strip.text(words.word("table"), plain(22).bold());
    for (what, count) in [
        ("counted", report.counted),
        ("table_signed", table.signed),
        ("table_issued", table.issued),
        ("table_waiting", table.waiting),
        ("table_home", table.home),
        ("table_paper", table.paper),
        ("table_surplus", table.surplus),
        ("table_returned", table.returned),
    ] {
        strip.pair(words.word(what), &count.to_string(), 22);
    }
    for (kit, ballots) in report.kits.iter().zip(&table.ballots) {
        strip.pair(&words.kit(&kit.name), &ballots.to_string(), 21);
    }
    let sum: u32 = table.ballots.iter().sum();
    let values = [
        ("issued", &*table.issued.to_string()),
        ("waiting", &table.waiting.to_string()),
        ("home", &table.home.to_string()),
        ("paper", &table.paper.to_string()),
        ("counted", &report.counted.to_string()),
        ("surplus", &table.surplus.to_string()),
        ("returned", &table.returned.to_string()),
        ("sum", &sum.to_string()),
    ];
    for key in ["table_sum", "table_events"] {
        strip.text(&words.fill(key, &values), plain(20));
    }
    strip.rule();
}

/// A report as JSON: the document's fields under names, for observers.
#[must_use]
pub fn report_json(report: &Report, offset_minutes: i64) -> String {
    let at = Instant::from_micros(report.at);
    let kits: Vec<_> = report
        .kits
        .iter()
        .map(|kit| {
            json!({
                "name": kit.name, "kit": hex(&*kit.kit), "seq": kit.seq, "head": hex(&*kit.head),
                "acts": kit.acts, "undone": kit.undone, "duplicates": kit.duplicates,
                "counted": kit.counted, "printed": kit.printed, "void": kit.void,
                "pending": kit.pending, "reprints": kit.reprints, "granted": kit.granted,
                "granted_unused": kit.granted_unused,
            })
        })
        .collect();
    let methods: serde_json::Map<String, serde_json::Value> = report
        .by_method
        .iter()
        .filter_map(|count| {
            Some((
                Method::from_number(count.method)?.code().to_owned(),
                json!(count.count),
            ))
        })
        .collect();
    let refusals: serde_json::Map<String, serde_json::Value> = report
        .refusals
        .iter()
        .map(|count| (count.reason.clone(), json!(count.count)))
        .collect();
    let incidents: Vec<_> = report
        .incidents
        .iter()
        .map(|incident| {
            let evidence: Vec<_> = incident
                .evidence
                .iter()
                .map(|event| json!({"kit": hex(&*event.kit), "seq": event.seq}))
                .collect();
            json!({"code": incident.code, "line": incident.line, "evidence": evidence})
        })
        .collect();
    let mut whole = json!({
        "suite": report.suite, "election": report.election, "precinct": report.precinct,
        "kit": hex(&*report.kit), "kind": report.kind, "number": report.number, "at": report.at,
        "at_utc": format!("{}Z", at.local_text(0)),
        "at_local": format!("{}{}", at.local_text(offset_minutes), zone(offset_minutes)), "delta": report.delta,
        "package": hex(&*report.package), "root": hex(&*report.root), "release": report.release,
        "lines": report.lines, "pages": report.pages, "counted": report.counted,
        "by_method": methods, "kits": kits, "refusals": refusals, "incidents": incidents,
        "adds_to": report.adds_to.as_ref().map(|hash| hex(&**hash)), "why_incomplete": report.why_incomplete,
        "people": report.people.as_ref().map(|people| people.iter().map(|people| {
            json!({"sex": people.sex, "from": people.from, "count": people.count})
        }).collect::<Vec<_>>()),
        "silences": report.silences.iter().flatten().map(|silence| json!({
            "by": hex(&*silence.by), "kit": hex(&*silence.kit), "from": silence.from, "until": silence.until,
        })).collect::<Vec<_>>(),
        "paper_only": report.paper_only.as_ref().map(|intervals| intervals.iter().map(|interval| {
            json!({
                "kit": hex(&*interval.kit), "seq": interval.seq, "from": interval.from, "to": interval.to,
                "count": interval.count, "entered": interval.entered, "served": interval.served,
            })
        }).collect::<Vec<_>>()),
        "software": report.software.as_ref().map(|hash| hex(&**hash)), "pages_read": report.pages_read,
        "days": days_json(report), "break_glass": glass_json(report),
        "clocks": report.clocks.as_ref().map(|clocks| clocks.iter().map(|clock| {
            json!({"kit": hex(&*clock.kit), "micros": clock.micros})
        }).collect::<Vec<_>>()),
        "battery": report.battery.as_ref().map(|battery| json!({"percent": battery.percent, "is_draining": battery.is_draining})),
        "paper_supply": report.supply,
        "incomplete": report.incomplete, "rejected": report.rejected, "after_close": report.after_close,
        "table": table_json(report),
    });
    accounts::add_json(&mut whole, report);
    format!("{whole:#}\n")
}
