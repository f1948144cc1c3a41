//! The kit's pages: operator (S1), monitor (S2), chair (S3). Every act is a form; scripts add speed.

mod chair;
mod changes;
mod corrections;
mod days;
mod hand_over;
mod home;
mod hours;
mod incidents;
mod keys;
mod lesson;
mod list_pages;
mod lock;
mod monitor;
mod operator;
mod paper;
mod parts;
mod rescue;
mod spares;
mod table;
mod totals;
mod trouble;

use std::sync::{Arc, OnceLock};

use lexicon::{Language, Texts};
use maud::Markup;
use screen::Catalogue;

use crate::kit::{ActError, Kit, ReceiptAnswer};
use crate::scene::{ChairError, Station};

/// The texts of the kit's screens.
pub(crate) fn catalogue() -> &'static Catalogue {
    static TEXTS: OnceLock<Catalogue> = OnceLock::new();
    TEXTS.get_or_init(|| {
        Catalogue::parse(include_str!("texts.toml")).expect("a test parses the shipped texts")
    })
}

pub(crate) use incidents::{alarm_words, incident_words};

/// The country's sentences for refusals.
pub(crate) fn sentences() -> &'static Texts {
    static TEXTS: OnceLock<Texts> = OnceLock::new();
    TEXTS.get_or_init(|| Texts::kg().expect("a test of lexicon parses the shipped sentences"))
}

/// What every page needs to be drawn.
pub(crate) struct View {
    /// The station with its scene and devices.
    pub station: Arc<Station>,
    /// The language of operator and chair.
    pub language: Language,
    /// What the screens showed when this page was asked for, in short.
    pub shown: String,
}

impl View {
    fn t(&self, key: &str) -> String {
        catalogue().text(self.language, key)
    }

    fn f(&self, key: &str, values: &[(&str, &str)]) -> String {
        catalogue().fill(self.language, key, values)
    }

    fn kit(&self) -> Option<Arc<Kit>> {
        self.station.kit()
    }

    /// The operator's page.
    pub fn operator(&self) -> Markup {
        operator::page(self)
    }

    /// The ballot table; `answer` is what was said of the last receipt.
    pub fn table(&self, answer: Option<&Result<ReceiptAnswer, ActError>>) -> Markup {
        table::page(self, answer)
    }

    /// The officers' cards.
    pub fn cards(&self, problem: Option<&ChairError>) -> Markup {
        lock::cards(self, problem)
    }

    /// Changes of the list; `offered` is what became of the files just given.
    pub fn changes(&self, offered: &[crate::changes::Offered]) -> Markup {
        changes::page(self, offered)
    }

    /// Voting at home; `done` is what became of the last form.
    pub fn home(&self, done: Option<&crate::home::Done>) -> Markup {
        home::page(self, done)
    }

    /// The public monitor on the kit's own screen.
    pub fn monitor(&self) -> Markup {
        monitor::page(self, true)
    }

    /// The public monitor on another device: it names nobody.
    pub fn monitor_without_names(&self) -> Markup {
        monitor::page(self, false)
    }

    /// What every key does.
    pub fn keys(&self) -> Markup {
        keys::page(self)
    }

    /// What happened and must be explained.
    pub fn incidents(&self, is_unprinted: bool) -> Markup {
        incidents::page(self, is_unprinted)
    }

    /// The chair's page; `problem` is what went wrong with the last act.
    pub fn chair(&self, problem: Option<&ChairError>) -> Markup {
        chair::page(self, problem)
    }

    /// The lessons of a training kit.
    pub fn lesson(&self) -> Markup {
        lesson::page(self)
    }

    /// Corrections of a rehearsal's list; `line` to begin with, `taken` just now, or why not.
    pub fn corrections(
        &self,
        line: Option<u32>,
        taken: Option<u32>,
        refused: Option<&crate::rehearsal::Refused>,
    ) -> Markup {
        corrections::page(self, line, taken, refused)
    }

    /// The bound paper list at opening; `read` is what became of the last code.
    #[must_use]
    pub fn list_pages(&self, read: Option<&crate::kit::PageRead>) -> Markup {
        list_pages::page(self, read)
    }

    /// The hour's turnout for the centre; `asked` is the hour shown, the latest when none.
    #[must_use]
    pub fn hours(&self, asked: Option<u8>, problem: Option<&ChairError>) -> Markup {
        hours::page(self, asked, problem)
    }

    /// S3, the return from a total failure, and slips declared void; `typed` stands in the fields again.
    #[must_use]
    pub(crate) fn paper(
        &self,
        typed: &crate::paper_only::TypedPaper,
        problem: Option<&ChairError>,
    ) -> Markup {
        paper::page(self, typed, problem)
    }

    /// S3, what was counted on paper; `typed` stands in the fields again.
    #[must_use]
    pub(crate) fn totals(
        &self,
        typed: &crate::totals::TypedTotals,
        problem: Option<&ChairError>,
    ) -> Markup {
        totals::page(self, typed, problem)
    }

    /// S3, the second day and break-glass; `brought` is what became of the files just given.
    #[must_use]
    pub(crate) fn days(
        &self,
        brought: &[crate::days::Brought],
        problem: Option<&ChairError>,
    ) -> Markup {
        days::page(self, brought, problem)
    }

    /// S3, the hand-over; `done` is what became of the last try.
    #[must_use]
    pub(crate) fn hand_over(
        &self,
        done: Option<&Result<crate::kit::HandedOver, crate::kit::HandOverRefused>>,
    ) -> Markup {
        hand_over::page(self, done)
    }

    /// S3, spare kits; `brought` is what became of the files just given.
    #[must_use]
    pub(crate) fn spares(&self, brought: &[crate::spares::Brought]) -> Markup {
        spares::page(self, brought)
    }

    /// S3, what the chair does when a kit, a receipt or a clock is lost.
    #[must_use]
    pub fn rescue(&self, problem: Option<&ChairError>) -> Markup {
        rescue::page(self, problem)
    }
}

#[cfg(test)]
mod manuals;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_that_a_page_uses_has_its_texts() {
        let sources = [
            include_str!("pages/chair.rs"),
            include_str!("pages/changes.rs"),
            include_str!("pages/corrections.rs"),
            include_str!("pages/days.rs"),
            include_str!("pages/hand_over.rs"),
            include_str!("pages/home.rs"),
            include_str!("pages/hours.rs"),
            include_str!("pages/incidents.rs"),
            include_str!("pages/keys.rs"),
            include_str!("pages/lesson.rs"),
            include_str!("pages/list_pages.rs"),
            include_str!("pages/lock.rs"),
            include_str!("pages/monitor.rs"),
            include_str!("pages/operator.rs"),
            include_str!("pages/paper.rs"),
            include_str!("pages/parts.rs"),
            include_str!("pages/rescue.rs"),
            include_str!("pages/spares.rs"),
            include_str!("pages/table.rs"),
            include_str!("pages/totals.rs"),
            include_str!("pages/trouble.rs"),
        ];
        let mut used = 0;
        for source in sources {
            for quoted in source.split('"').skip(1).step_by(2) {
                let is_key = quoted.split_once('.').is_some_and(|(surface, rest)| {
                    [
                        "bar", "demo", "side", "idle", "hits", "nobody", "bad", "finger", "card",
                        "green", "amber", "red", "approve", "fault", "closed", "stopped", "foot",
                        "key", "chair", "tv", "method", "trouble", "look", "rescue", "table",
                        "hours", "medium", "list", "home", "lesson", "correct", "exercise", "lock",
                        "cards", "scan", "incident", "alarm", "silence", "pair", "paper", "mend",
                        "pages", "days", "glass", "keys", "spares", "totals", "handover",
                    ]
                    .contains(&surface)
                        && !rest.is_empty()
                        && rest
                            .chars()
                            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
                });
                if is_key {
                    used += 1;
                    let is_counted = catalogue().has(&format!("{quoted}.many"));
                    assert!(
                        is_counted || catalogue().has(quoted),
                        "no text for {quoted}"
                    );
                }
            }
        }
        assert!(used > 100, "{used} keys were looked at");
    }

    #[test]
    fn every_incident_has_its_sentence_and_its_next_step() {
        for code in incidents::CODES {
            for language in Language::ALL {
                let said = incident_words(code, language);
                assert!(
                    !said.contains('_') && said.chars().count() < 60,
                    "{code}: {said}"
                );
            }
            let next = format!("incident.{}_do", code.to_lowercase());
            assert!(catalogue().has(&next), "{code}");
        }
        assert!(!incident_words("NEVER_HEARD_OF", Language::Ru).contains("NEVER"));
    }

    #[test]
    fn every_task_has_its_title_and_what_to_do_and_a_lesson_takes_half_an_hour_at_most() {
        for part in crate::lesson::Part::ALL {
            for step in part.steps() {
                for key in [
                    format!("lesson.{}", step.key),
                    format!("lesson.{}_do", step.key),
                ] {
                    assert!(catalogue().has(&key), "no text for {key}");
                }
                assert!(step.line == 0 || crate::training::of_line(step.line).is_some());
            }
            assert!(
                (15..=30).contains(&part.minutes()),
                "{part:?}: {} min",
                part.minutes()
            );
        }
    }
}
