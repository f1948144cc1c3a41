//! Initial and final report: 80 mm paper and JSON (ui/PRINT.md §6–§7).

use std::fmt::Write as _;

use lexicon::handover::envelope::{hex, sha256};
use lexicon::handover::report::{AGE_BANDS, Report, TableCount, kind};
use lexicon::{Instant, Method};
use pollbook::DayCodes;
use serde_json::json;

use super::paper::{Strip, plain};
use super::words::{incident_word, mark_name, refusal_short};
use super::{Heading, Job};

/// Draws a report with the arithmetic written out; its QR holds hash and heads.
#[must_use]
pub fn report(heading: &Heading, report: &Report, day: &DayCodes, signed: &[u8]) -> Job {
    let mut strip = heading.strip();
    let (word, ru, ky) = match report.kind {
        kind::FINAL if report.adds_to.is_some() => {
            ("addendum", "ДОПОЛНЕНИЕ К ИТОГОВОМУ", "ЖЫЙЫНТЫККА ТОЛУКТОО")
        }
        kind::INITIAL => ("initial", "НАЧАЛЬНЫЙ ОТЧЁТ", "АЛГАЧКЫ ОТЧЕТ"),
        kind::FINAL => ("final", "ИТОГОВЫЙ ОТЧЁТ", "ЖЫЙЫНТЫК ОТЧЕТ"),
        _ => ("running", "ТЕКУЩИЙ ОТЧЁТ", "УЧУРДАГЫ ОТЧЕТ"),
    };
    strip.bar(&[ru, ky], 30);
    strip.text(
        &format!("Участок № {} · {}", report.precinct, heading.date()),
        plain(22).bold().centred(),
    );
    let at = Instant::from_micros(report.at);
    let local = at.local_text(heading.offset_minutes).replace('T', " ");
    strip.text(
        &format!(
            "Отчёт {:04} · {} · {local} ({})",
            report.number,
            heading.kit_word(),
            zone(heading.offset_minutes)
        ),
        plain(21).centred(),
    );
    // Abroad the day is another: the roll-up of the country goes by UTC (S-24).
    let utc = at.local_text(0).replace('T', " ");
    strip.text(&format!("{utc} UTC"), plain(21).centred());
    strip.rule();
    if !report.incomplete.is_empty() && report.kind == kind::FINAL {
        let heads: Vec<String> = report
            .kits
            .iter()
            .filter(|kit| report.incomplete.contains(&kit.name))
            .map(|kit| format!("{} до {}", kit.name.replace('K', "К"), kit.seq))
            .collect();
        strip.bar(&[&format!("НЕПОЛНЫЙ: {}", heads.join(", "))], 24);
    }
    if let Some(before) = &report.adds_to {
        strip.pair("К отчёту", &hex(&before[..8]), 21);
    }
    if let Some(why) = &report.why_incomplete {
        strip.pair("Причина", missing_word(why), 21);
    }
    strip.pair("Список", &format!("L{}", report.release), 22);
    strip.pair("Корень", &heading.root_spaced(), 22);
    strip.pair("Избирателей в списке", &report.lines.to_string(), 22);
    strip.pair("Страниц бумажного списка", &report.pages.to_string(), 22);
    strip.skip(8);
    if report.kind == kind::INITIAL {
        initial_part(&mut strip, report, day);
    } else {
        counted_part(&mut strip, report, heading);
    }
    strip.rule();
    for who in [
        "Председатель",
        "Секретарь",
        "Член комиссии (другая партия)",
        "Наблюдатели, по желанию",
    ] {
        strip.sign_here(who);
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
        &format!("головы {}", heads.trim_end().replace('K', "К")),
        plain(20).centred(),
    );
    strip.text(
        "проверить: программа наблюдателя, без сети",
        plain(20).centred(),
    );
    Job {
        name: format!("report-{}-{word}", heading.kit),
        bitmap: strip.done(),
    }
}

/// What prints in the place of the initial report's total when training events lie in the kit's folder (S-30).
#[must_use]
pub fn not_opened(heading: &Heading, training_events: usize) -> Job {
    let mut strip = heading.strip();
    strip.bar(&["НЕ ОТКРЫТЬ", "АЧУУГА БОЛБОЙТ"], 34);
    strip.text(
        &format!(
            "Участок № {:04} · {} · {}",
            heading.precinct,
            heading.date(),
            heading.kit_word()
        ),
        plain(22).bold().centred(),
    );
    strip.rule();
    let (kit, count) = (heading.kit_word(), training_events);
    strip.text(
        &format!("На {kit} учебных записей: {count}"),
        plain(26).bold(),
    );
    strip.text(&format!("{kit}: окуу жазуулары: {count}"), plain(26).bold());
    strip.text(
        "Убрать учебные файлы из папки комплекта и сделать отчёт снова. Окуу файлдарын комплекттин папкасынан чыгарып, отчётту кайра жасаңыз.",
        plain(21),
    );
    for who in ["Председатель", "Секретарь"] {
        strip.sign_here(who);
    }
    Job {
        name: format!("not-opened-{}", heading.kit),
        bitmap: strip.done(),
    }
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

fn initial_part(strip: &mut Strip, report: &Report, day: &DayCodes) {
    strip.rule();
    strip.text("ОТМЕЧЕНО ДО ОТКРЫТИЯ", plain(22).bold());
    for kit in &report.kits {
        let name = format!(
            "{} · {}",
            kit.name.replace('K', "К"),
            hex(&kit.kit[..3]).to_uppercase()
        );
        strip.pair(&name, &kit.acts.to_string(), 22);
    }
    let mut methods = report.by_method.iter();
    let home = methods
        .find(|count| count.method == Method::Home.number())
        .map_or(0, |count| count.count);
    let hall = report.counted.saturating_sub(home);
    strip.pair("ИТОГО В ЗАЛЕ", &hall.to_string(), 32);
    strip.pair("НА ДОМУ, НАКАНУНЕ", &home.to_string(), 32);
    strip.rule();
    strip.text("ПРОВЕРКИ", plain(22).bold());
    let others = report.incomplete.join(", ").replace('K', "К");
    strip.pair(
        "Нет связи с",
        if others.is_empty() { "—" } else { &others },
        22,
    );
    strip.pair("Учебные записи", "0", 22);
    strip.pair("Отвергнуто событий", &report.rejected.to_string(), 22);
    let (ky, ru) = mark_name(day.mark());
    strip.rule();
    strip.text(
        &format!("Знак дня: {ky} / {ru}"),
        plain(24).bold().centred(),
    );
}

/// Why a kit is missing, as the chair said.
fn missing_word(code: &str) -> &str {
    match code {
        "UNREACHABLE" => "нет связи",
        "BROKEN" => "сломан",
        "LOST" => "потерян",
        "NOT_RETURNED" => "не вернулся с выезда",
        other => other,
    }
}

/// Counted voters by sex and age band.
fn people_part(strip: &mut Strip, report: &Report) {
    let Some(people) = &report.people else {
        return;
    };
    strip.text("ПО ПОЛУ И ВОЗРАСТУ (Ж · М)", plain(22).bold());
    let count = |sex: &str, from: u8| -> u32 {
        let those = people.iter().filter(|p| p.sex == sex && p.from == from);
        those.map(|people| people.count).sum()
    };
    for (at, from) in AGE_BANDS.into_iter().enumerate() {
        let name = match AGE_BANDS.get(at + 1) {
            Some(next) => format!("{from}–{}", next - 1),
            None => format!("{from} и старше"),
        };
        strip.pair(
            &name,
            &format!("{} · {}", count("F", from), count("M", from)),
            22,
        );
    }
    let sum = |sex: &str| -> u32 {
        let those = people.iter().filter(|people| people.sex == sex);
        those.map(|people| people.count).sum()
    };
    let (women, men, unknown) = (sum("F"), sum("M"), sum(""));
    strip.text(
        &format!(
            "{women} женщин + {men} мужчин + {unknown} неизвестно = {} учтено.",
            report.counted
        ),
        plain(20),
    );
    strip.rule();
}

fn counted_part(strip: &mut Strip, report: &Report, heading: &Heading) {
    let tenths = (u64::from(report.counted) * 1000 + u64::from(report.lines) / 2)
        / u64::from(report.lines.max(1));
    let share = format!("{},{} %", tenths / 10, tenths % 10);
    strip.boxes(
        [
            ("Отметок учтено", &report.counted.to_string()),
            ("Явка, зал", &share),
        ],
        72,
    );
    strip.text("ПО СПОСОБУ", plain(22).bold());
    for count in &report.by_method {
        let name = match Method::from_number(count.method) {
            Some(Method::Finger) => "Палец",
            Some(Method::Face2) => "Лицо, 2 подписи",
            Some(Method::Document2) => "Документ, 2 подписи",
            Some(Method::Override2) => "Решение, 2 подписи",
            Some(Method::Home) => "На дому (отдельно)",
            None => "Другое",
        };
        strip.pair(name, &count.count.to_string(), 22);
    }
    strip.rule();
    people_part(strip, report);
    strip.text("ПО КОМПЛЕКТАМ", plain(22).bold());
    strip.pair("Комплект", "акты · чеки · аннул.", 21);
    for kit in &report.kits {
        let value = format!("{} · {} · {}", kit.acts, kit.printed, kit.void);
        strip.pair(&kit.name.replace('K', "К"), &value, 22);
    }
    let sum = |field: fn(&lexicon::handover::report::KitCount) -> u32| -> u32 {
        report.kits.iter().map(field).sum()
    };
    let (acts, undone, twice) = (sum(|k| k.acts), sum(|k| k.undone), sum(|k| k.duplicates));
    let (printed, void, pending) = (sum(|k| k.printed), sum(|k| k.void), sum(|k| k.pending));
    strip.pair("Сумма", &format!("{acts} · {printed} · {void}"), 22);
    strip.text(
        &format!(
            "{acts} актов − {undone} отменено − {twice} двойных = {} учтено.",
            report.counted
        ),
        plain(20),
    );
    strip.text(
        &format!("{printed} чеков + {void} аннулировано + {pending} не вышло = {acts} актов."),
        plain(20),
    );
    let (granted, unused) = (sum(|k| k.granted), sum(|k| k.granted_unused));
    strip.pair(
        "Передано между комплектами, не использовано",
        &format!("{granted} · {unused}"),
        21,
    );
    strip.rule();
    strip.text("ОТКАЗЫ", plain(22).bold());
    if report.refusals.is_empty() {
        strip.text("нет", plain(21));
    }
    for refusal in &report.refusals {
        strip.pair(
            &refusal_short(&refusal.reason),
            &refusal.count.to_string(),
            22,
        );
    }
    strip.rule();
    strip.text("ИНЦИДЕНТЫ", plain(22).bold());
    if report.incidents.is_empty() {
        strip.text("нет", plain(21));
    }
    for incident in &report.incidents {
        let line = if incident.line > 0 {
            format!(", строка {}", incident.line)
        } else {
            String::new()
        };
        strip.text(
            &format!("{}{line}", incident_word(&incident.code)),
            plain(21),
        );
    }
    silences_part(strip, report, heading);
    strip.pair("Отвергнуто событий", &report.rejected.to_string(), 22);
    strip.pair(
        "После закрытия (очередь)",
        &report.after_close.to_string(),
        22,
    );
    strip.rule();
    if let Some(table) = &report.table {
        table_part(strip, report, table);
    }
    paper_part(strip, report, heading.offset_minutes);
    strip.text("СВЕРКА С БУМАГОЙ", plain(22).bold());
    strip.pair("Подписей в списке", "______", 22);
    strip.pair("Бюллетеней выдано", "______", 22);
    strip.pair(&format!("Разница с {}", report.counted), "______", 22);
}

/// When kits did not hear each other: each kit's own view, from and until.
fn silences_part(strip: &mut Strip, report: &Report, heading: &Heading) {
    let Some(silences) = &report.silences else {
        return;
    };
    strip.text("КОМПЛЕКТЫ БЕЗ СВЯЗИ", plain(22).bold());
    let name = |id: &[u8; 8]| {
        let kit = report.kits.iter().find(|kit| *kit.kit == *id);
        kit.map_or_else(|| hex(&id[..4]), |kit| kit.name.replace('K', "К"))
    };
    let at = |micros: i64| -> String {
        let text = Instant::from_micros(micros).local_time(heading.offset_minutes);
        text.chars().take(5).collect()
    };
    for silence in silences {
        let until = silence.until.map_or_else(|| "…".to_owned(), at);
        strip.pair(
            &format!("{} не слышал {}", name(&silence.by), name(&silence.kit)),
            &format!("{}–{until}", at(silence.from)),
            21,
        );
    }
}

/// Intervals without any kit: voting went on by the paper list and the book of slips.
fn paper_part(strip: &mut Strip, report: &Report, offset_minutes: i64) {
    let Some(intervals) = &report.paper_only else {
        return;
    };
    strip.text("ТОЛЬКО ПО БУМАЖНОМУ СПИСКУ", plain(22).bold());
    let time = |micros| {
        let text = Instant::from_micros(micros).local_text(offset_minutes);
        text.replace('T', " ").chars().take(16).collect::<String>()
    };
    for interval in intervals {
        let of_kit = |kit: &&lexicon::handover::report::KitCount| kit.kit == interval.kit;
        let name = report.kits.iter().find(of_kit);
        let name = name.map_or_else(String::new, |kit| kit.name.replace('K', "К"));
        strip.text(
            &format!("{} — {} ({name})", time(interval.from), time(interval.to)),
            plain(21),
        );
        strip.pair("Талонов выдано", &interval.count.to_string(), 22);
        strip.pair("Строк внесено", &interval.entered.to_string(), 22);
        strip.pair("Из них учтено", &interval.served.to_string(), 22);
        let difference = i64::from(interval.count) - i64::from(interval.entered);
        strip.text(
            &format!(
                "{} талонов − {} внесено = {difference}.",
                interval.count, interval.entered
            ),
            plain(20),
        );
    }
    strip.rule();
}

/// The scanned ballot table: what was signed and given, and the difference, with the sums written out.
fn table_part(strip: &mut Strip, report: &Report, table: &TableCount) {
    strip.text("СТОЛ ВЫДАЧИ (СКАНИРОВАНИЕ)", plain(22).bold());
    for (what, count) in [
        ("Отметок учтено", report.counted),
        ("Строк подписано", table.signed),
        ("Бюллетеней выдано", table.issued),
        ("Без бюллетеня", table.waiting),
        ("На дому", table.home),
        ("По бумаге", table.paper),
        ("Лишних бюллетеней", table.surplus),
        ("Возвращено", table.returned),
    ] {
        strip.pair(what, &count.to_string(), 22);
    }
    for (kit, ballots) in report.kits.iter().zip(&table.ballots) {
        strip.pair(&kit.name.replace('K', "К"), &ballots.to_string(), 21);
    }
    let sum: u32 = table.ballots.iter().sum();
    strip.text(
        &format!(
            "{} выдано + {} без бюллетеня + {} на дому + {} по бумаге = {} учтено.",
            table.issued, table.waiting, table.home, table.paper, report.counted
        ),
        plain(20),
    );
    strip.text(
        &format!(
            "{} выдано + {} лишних + {} возвращено = {sum} событий выдачи.",
            table.issued, table.surplus, table.returned
        ),
        plain(20),
    );
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
    let whole = json!({
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
        "incomplete": report.incomplete, "rejected": report.rejected, "after_close": report.after_close,
        "table": report.table.as_ref().map(|table| json!({
            "signed": table.signed, "issued": table.issued, "waiting": table.waiting,
            "surplus": table.surplus, "returned": table.returned, "home": table.home, "paper": table.paper,
            "ballots": table.ballots,
        })),
    });
    format!("{whole:#}\n")
}
