//! The chair's protocol of a finger that is not the line's: what the kits wrote down, and lines for what people say and
//! decide (S-15). No name and no number of a person is printed; who came writes them by hand.

use lexicon::Instant;

use super::paper::plain;
use super::reports::in_each;
use super::words::ReportWords;
use super::{Heading, Job};
use crate::kit::DoubtedLine;

/// What stands on it.
#[derive(Clone, Debug)]
pub struct ProtocolPaper {
    /// Precinct, day, kit.
    pub heading: Heading,
    /// When it was printed.
    pub at: Instant,
    /// The line and its refusals.
    pub doubted: DoubtedLine,
    /// The number of the support desk's ticket.
    pub ticket: String,
}

/// Lines that are left to be written on.
const BLANKS: usize = 2;

/// Draws the paper, once in each language of the precinct.
#[must_use]
pub fn protocol(paper: &ProtocolPaper) -> Job {
    let heading = &paper.heading;
    let doubted = &paper.doubted;
    let mut strip = heading.strip();
    strip.bar(&[&in_each(heading, "protocol_title")], 28);
    strip.text(
        &format!(
            "№ {:04} · {} {} · {}",
            heading.precinct,
            heading.date(),
            paper.at.local_time(heading.offset_minutes),
            heading.kit_word()
        ),
        plain(22).bold().centred(),
    );
    let (page, line) = (doubted.page.to_string(), doubted.line.to_string());
    strip.boxes([("бет / стр.", &page), ("сап / строка", &line)], 72);
    for language in &heading.languages {
        let words = ReportWords(*language);
        strip.text(words.word("protocol_what"), plain(22).bold());
        for refusal in &doubted.tries {
            let at = refusal.at.local_time(heading.offset_minutes);
            let name = format!("{} {at}", words.kit(&refusal.kit));
            let tries = words.fill("protocol_tries", &[("n", &refusal.captures.to_string())]);
            strip.pair(&name, &tries, 21);
        }
        let key = if doubted.is_marked {
            "protocol_marked"
        } else {
            "protocol_unmarked"
        };
        strip.text(words.word(key), plain(21));
        strip.text(words.word("protocol_next"), plain(20));
        strip.skip(6);
    }
    strip.pair(&in_each(heading, "protocol_ticket"), &paper.ticket, 22);
    strip.rule();
    for what in ["protocol_person", "protocol_document", "protocol_decided"] {
        strip.text(&in_each(heading, what), plain(21).bold());
        for _ in 0..BLANKS {
            strip.blank_line();
        }
    }
    for who in ["sign_chair", "sign_one", "protocol_sign_person"] {
        strip.sign_here(&in_each(heading, who));
    }
    Job {
        name: format!("protocol-{}-{:04}", heading.kit, doubted.line),
        bitmap: strip.done(),
    }
}
