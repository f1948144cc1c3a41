//! The slip of a change of the list: what the commission strikes in the bound paper list and pastes into it.
//!
//! It alone of a kit's papers bears names: it becomes a part of the paper list, which bears them all.

use lexicon::ExclusionReason;
use lexicon::handover::station_delta::StationChangeKind;

use super::paper::plain;
use super::reports::in_each;
use super::{Heading, Job};

/// One line of the slip.
#[derive(Clone, Debug)]
pub struct ChangeRow {
    /// Line on the list.
    pub line: u32,
    /// Page, 0 when the voter's entry is not here yet.
    pub page: u32,
    /// What happens.
    pub kind: StationChangeKind,
    /// Why, a code.
    pub reason: String,
    /// Name as in the list.
    pub name: String,
    /// Birth date, of added and corrected lines.
    pub born: String,
}

/// What stands on the slip.
#[derive(Clone, Debug)]
pub struct ChangePaper {
    /// Precinct, day, kit.
    pub heading: Heading,
    /// Number of the change.
    pub number: u32,
    /// First digits of its id.
    pub id: String,
    /// Whether it waits for the one before: nothing is pasted yet.
    pub is_held: bool,
    /// The lines.
    pub rows: Vec<ChangeRow>,
}

/// Draws the slip.
#[must_use]
pub fn change(paper: &ChangePaper) -> Job {
    let heading = &paper.heading;
    let mut strip = heading.strip();
    strip.bar(&["ТИЗМЕНИН ӨЗГӨРҮШҮ", "ИЗМЕНЕНИЕ СПИСКА"], 30);
    strip.text(
        &format!("Участок № {:04} · {}", heading.precinct, heading.date()),
        plain(22).bold().centred(),
    );
    strip.text(
        &format!(
            "L{}.{} · {} · {}",
            heading.release,
            paper.number,
            paper.id,
            heading.kit_word()
        ),
        plain(22).centred(),
    );
    if paper.is_held {
        strip.bar(&["КҮТҮҮДӨ: мурункусу жок", "ЖДЁТ: нет предыдущего"], 24);
    }
    for row in &paper.rows {
        strip.rule();
        let place = if row.page > 0 {
            format!(
                "бет {} сап {} · стр. {} строка {}",
                row.page, row.line, row.page, row.line
            )
        } else {
            format!("сап {} · строка {}", row.line, row.line)
        };
        let what = match row.kind {
            StationChangeKind::Strike => "ЧЫГАРЫЛДЫ · ИСКЛЮЧЁН",
            StationChangeKind::Add => "КОШУЛДУ, кошумча бетке · ДОБАВЛЕН, на доп. страницу",
            StationChangeKind::Correct => "ОҢДОЛДУ · ИСПРАВЛЕН",
            StationChangeKind::Stop => "РЕЕСТР: КАЗА БОЛГОН · РЕЕСТР: УМЕР — палец решает",
        };
        strip.text(what, plain(22).bold());
        strip.text(&place, plain(26).bold());
        if !row.name.is_empty() {
            strip.text(&script::display_name(&row.name, "", None), plain(24).bold());
        }
        if !row.born.is_empty() {
            strip.text(&row.born, plain(22));
        }
        strip.text(reason_words(&row.reason), plain(20));
        if row.kind == StationChangeKind::Add {
            strip.sign_here("Шайлоочу · избиратель");
        }
    }
    strip.rule();
    strip.text(
        "Кагаз тизмеге чаптаңыз · вклеить в бумажный список",
        plain(20).centred(),
    );
    for who in ["sign_chair", "sign_secretary"] {
        strip.sign_here(&in_each(heading, who));
    }
    Job {
        name: format!("change-{}-{:02}", heading.kit, paper.number),
        bitmap: strip.done(),
    }
}

/// A reason in ky and ru, as short as a slip takes it.
fn reason_words(code: &str) -> &str {
    match (code, ExclusionReason::from_code(code)) {
        ("ELIGIBLE", _) => "укуктуу болду · получил право",
        ("TRANSFERRED", _) => "башка участокко же участоктон · перевод участка",
        ("CORRECTED", _) => "маалымат оңдолду · сведения исправлены",
        (_, Some(ExclusionReason::Court)) => "соттун чечими · решение суда",
        (_, Some(ExclusionReason::Dead)) => "каза болуу актысы · акт о смерти",
        (code, _) => code,
    }
}
