//! The paper of a ticket for the support desk: what is wrong, the number that is read out, the same as a code.

use lexicon::{Instant, Language};

use super::paper::plain;
use super::{Heading, Job};
use crate::kit::Alarm;

/// What stands on it.
#[derive(Clone, Debug)]
pub struct TicketPaper {
    /// Precinct, day, kit.
    pub heading: Heading,
    /// When it was printed.
    pub at: Instant,
    /// What is wrong.
    pub alarm: Alarm,
    /// The ticket's number, 8 hexadecimal digits.
    pub number: String,
    /// The text of its code.
    pub text: String,
}

/// Draws the paper.
#[must_use]
pub fn ticket(paper: &TicketPaper) -> Job {
    let heading = &paper.heading;
    let mut strip = heading.strip();
    strip.bar(&["КОЛДОО КЫЗМАТЫНА", "В СЛУЖБУ ПОДДЕРЖКИ"], 30);
    let time = paper.at.local_time(heading.offset_minutes);
    strip.text(
        &format!(
            "Участок № {:04} · {} {time} · {}",
            heading.precinct,
            heading.date(),
            heading.kit_word()
        ),
        plain(22).bold().centred(),
    );
    strip.rule();
    for language in [Language::Ky, Language::Ru] {
        let (what, next) = crate::pages::alarm_words(language, &paper.alarm);
        strip.text(&what, plain(24).bold());
        strip.text(&next, plain(21));
        strip.skip(6);
    }
    strip.rule();
    strip.text("Билдирүүнүн номери · номер обращения", plain(21).centred());
    let (first, second) = paper.number.split_at(paper.number.len() / 2);
    strip.text(&format!("{first} {second}"), plain(56).bold().centred());
    strip.text(
        "Телефондон окуңуз. Кызмат бир номерди бир жолу гана ачат. Прочтите по телефону. По одному номеру служба открывает одно обращение.",
        plain(20),
    );
    strip.qr(&paper.text, 5);
    Job {
        name: format!("ticket-{}-{}", heading.kit, paper.number),
        bitmap: strip.done(),
    }
}
