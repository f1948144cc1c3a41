//! The home register: what became of every line of the frozen home list. No names: the paper list has them.

use lexicon::Instant;

use super::paper::plain;
use super::reports::in_each;
use super::{Heading, Job};

/// What became of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HomeMark {
    /// Not visited.
    Reserved,
    /// Visited, not found.
    NotFound,
    /// Voted at home.
    Voted,
    /// Released for the hall.
    Released,
    /// Released, and voted in the hall.
    Hall,
}

/// A row of the register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HomeRow {
    /// Line on the list.
    pub line: u32,
    /// Page.
    pub page: u32,
    /// The mobile kit.
    pub kit: String,
    /// What became of it.
    pub mark: HomeMark,
    /// The receipt, empty without one.
    pub receipt: String,
    /// When.
    pub at: Option<Instant>,
}

/// What stands on the register.
#[derive(Clone, Debug)]
pub struct HomePaper {
    /// Precinct, day, kit.
    pub heading: Heading,
    /// The whole home list, by line.
    pub rows: Vec<HomeRow>,
}

/// Draws the register; its totals are counted from its rows.
#[must_use]
pub fn home_register(paper: &HomePaper) -> Job {
    let heading = &paper.heading;
    let mut strip = heading.strip();
    strip.bar(&["ҮЙДӨ ДОБУШ БЕРҮҮ", "ГОЛОСОВАНИЕ НА ДОМУ"], 28);
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
    for row in &paper.rows {
        let time = row.at.map_or_else(String::new, |at| {
            let day = at.local_date(heading.offset_minutes);
            let time = at.local_time(heading.offset_minutes);
            let time: String = time.chars().take(5).collect();
            format!("{:02}.{:02} {time}", day.day(), day.month())
        });
        let value = match row.mark {
            HomeMark::Reserved => "—".to_owned(),
            HomeMark::NotFound => "табылган жок / не найден".to_owned(),
            HomeMark::Released => "залга / в зал".to_owned(),
            HomeMark::Voted => format!("{} · {time}", row.receipt.replace('K', "К")),
            HomeMark::Hall => format!("зал {} · {time}", row.receipt.replace('K', "К")),
        };
        strip.pair(
            &format!("бет/стр. {} · сап/строка {}", row.page, row.line),
            &value,
            22,
        );
    }
    strip.rule();
    let count = |mark| paper.rows.iter().filter(|row| row.mark == mark).count();
    for (name, mark) in [
        ("Үйдө добуш берди · на дому", HomeMark::Voted),
        ("Табылган жок · не найдены", HomeMark::NotFound),
        ("Залга өткөрүлдү · переданы в зал", HomeMark::Released),
        ("Залда добуш берди · в зале", HomeMark::Hall),
        ("Барыла элек · не посещены", HomeMark::Reserved),
    ] {
        strip.pair(name, &count(mark).to_string(), 22);
    }
    strip.pair("Тизмеде · в списке", &paper.rows.len().to_string(), 24);
    for who in ["sign_one", "sign_member", "sign_chair"] {
        strip.sign_here(&in_each(heading, who));
    }
    Job {
        name: format!("home-{}", heading.kit),
        bitmap: strip.done(),
    }
}
