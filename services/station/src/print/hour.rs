//! The paper of an hour's turnout: what is read aloud, sent, or scanned.

use lexicon::Instant;
use lexicon::handover::turnout::{HourTurnout, Scope};

use super::paper::{Strip, plain};
use super::{Bitmap, Heading, Job, Width};

/// What stands on it.
#[derive(Clone, Debug)]
pub struct HourPaper {
    /// Precinct, day, kit.
    pub heading: Heading,
    /// When the hour ends.
    pub until: Instant,
    /// What is said.
    pub said: HourTurnout,
    /// The text with the signature.
    pub text: String,
    /// The digits in groups of four; empty when there are none.
    pub groups: Vec<String>,
}

/// Draws the paper.
#[must_use]
pub fn hour(paper: &HourPaper) -> Job {
    let heading = &paper.heading;
    let mut strip = heading.strip();
    strip.bar(&["ШАЙЛООГО КАТЫШУУ", "ЯВКА К ЧАСУ"], 30);
    let time: String = paper
        .until
        .local_time(heading.offset_minutes)
        .chars()
        .take(5)
        .collect();
    let day = paper.until.local_date(heading.offset_minutes);
    strip.text(
        &format!(
            "Участок № {:04} · {} · {:02}.{:02}.{} {time}",
            paper.said.precinct,
            heading.kit_word(),
            day.day(),
            day.month(),
            day.year()
        ),
        plain(22).bold().centred(),
    );
    let whose = match paper.said.scope {
        Scope::Precinct => "бүт участок · весь участок",
        Scope::Kit => "ушул комплект гана · только этот комплект",
    };
    strip.boxes(
        [
            ("Келди / пришли", &paper.said.count.to_string()),
            ("Билдирүү / сообщение №", &paper.said.number.to_string()),
        ],
        56,
    );
    strip.text(whose, plain(22).centred());
    strip.rule();
    if !paper.groups.is_empty() {
        strip.text(
            "Телефондон окуу · прочесть по телефону",
            plain(20).centred(),
        );
        for three in paper.groups.chunks(3) {
            strip.text(&three.join("   "), plain(44).bold().centred());
        }
        strip.rule();
    }
    strip.qr(&paper.text, 5);
    strip.text(&paper.text, plain(18));
    Job {
        name: format!(
            "hour-{}-{:02}-{}",
            heading.kit, paper.said.hour, paper.said.number
        ),
        bitmap: strip.done(),
    }
}

/// The QR of a message alone, as large as a telephone reads it off a screen.
#[must_use]
pub fn hour_code(text: &str) -> Bitmap {
    let mut strip = Strip::new(Width::Mm58.dots());
    strip.qr(text, 6);
    strip.done()
}
