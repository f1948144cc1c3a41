//! The paper of a hand-over: what was written, its hash, what is missing, who gave and who took it.

use lexicon::Instant;
use lexicon::handover::envelope::hex;

use super::paper::{Strip, plain};
use super::reports::{in_each, spaced};
use super::words::ReportWords;
use super::{Heading, Job};
use crate::kit::{HandedOver, Missing};

/// What stands on the paper of a hand-over.
#[derive(Clone, Debug)]
pub struct HandOverPaper {
    /// Precinct, day, kit.
    pub heading: Heading,
    /// When it was written.
    pub at: Instant,
    /// What was written.
    pub done: HandedOver,
}

/// Draws the paper, once in each language of the precinct.
#[must_use]
pub fn hand_over(paper: &HandOverPaper) -> Job {
    let heading = &paper.heading;
    let mut strip = heading.strip();
    strip.bar(&[&in_each(heading, "handover_title")], 28);
    strip.text(
        &format!(
            "№ {:04} · {} · {}",
            heading.precinct,
            heading.date(),
            heading.kit_word()
        ),
        plain(22).bold().centred(),
    );
    let at = paper
        .at
        .local_text(heading.offset_minutes)
        .replace('T', " ");
    strip.text(&at, plain(21).centred());
    strip.rule();
    let hash = hex(&paper.done.sha256);
    for language in &heading.languages {
        part(&mut strip, ReportWords(*language), paper);
    }
    strip.text("SHA-256", plain(20));
    for half in [&hash[..32], &hash[32..]] {
        strip.text(&spaced(half), plain(20));
    }
    strip.rule();
    for who in ["sign_chair", "handover_taken"] {
        strip.sign_here(&in_each(heading, who));
    }
    Job {
        name: format!("handover-{}", heading.kit),
        bitmap: strip.done(),
    }
}

fn part(strip: &mut Strip, words: ReportWords, paper: &HandOverPaper) {
    let files = paper.done.files.len().to_string();
    strip.pair(words.word("handover_files"), &files, 22);
    for missing in &paper.done.missing {
        let said = match missing {
            Missing::Final => words.word("handover_no_final").to_owned(),
            Missing::Totals => words.word("handover_no_totals").to_owned(),
            Missing::Medium => words.word("handover_no_medium").to_owned(),
            Missing::Pictures(lost) => {
                words.fill("handover_no_pictures", &[("n", &lost.to_string())])
            }
            Missing::Captures(lost) => {
                words.fill("handover_no_captures", &[("n", &lost.to_string())])
            }
            Missing::Kit(name) => words.fill("handover_no_kit", &[("kit", &words.kit(name))]),
        };
        strip.text(&said, plain(21).bold());
    }
    strip.rule();
}
