//! The document reader: what it reads goes to the right act from anywhere on the operator's page (UI of the kit, scanner
//! bursts). A finished screen starts the next voter, a question stays until it is answered.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Form, State};
use pollbook::{BrokenScan, Found, Scan};

use crate::kit::{Kit, Paper};
use crate::scene::{Scene, Station};

/// What the screen says about the last thing that was read; gone with the next scene.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReaderNote {
    /// A question stands: it is answered first.
    AnswerFirst,
    /// What was read is not believed.
    Broken(BrokenScan),
}

/// What becomes of something that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScanDone {
    /// The screen shows it.
    Shown,
    /// A slip: the ballot table takes it.
    Table,
    /// A question stands: nothing was done with it.
    AnswerFirst,
    /// It is not believed: nothing was done with it.
    Broken,
}

impl ScanDone {
    /// The word for the page's script.
    pub(crate) fn word(self) -> &'static str {
        match self {
            ScanDone::Shown => "shown",
            ScanDone::Table => "table",
            ScanDone::AnswerFirst => "answer-first",
            ScanDone::Broken => "broken",
        }
    }
}

impl Station {
    /// Takes what a reader read in one go. Nothing of it is logged.
    pub fn take_scan(&self, text: &str) -> ScanDone {
        let Some(kit) = self.kit() else {
            return ScanDone::AnswerFirst;
        };
        if is_question(&self.scene()) {
            self.note_reader(ReaderNote::AnswerFirst);
            return ScanDone::AnswerFirst;
        }
        match pollbook::read_scan(text, kit.today()) {
            Err(why) => {
                self.show(Scene::Idle);
                self.note_reader(ReaderNote::Broken(why));
                ScanDone::Broken
            }
            Ok(Scan::Slip(_)) => ScanDone::Table,
            Ok(Scan::Pin(pin)) => self.search_for(&kit, &[pin.digits()]),
            Ok(Scan::Document(number)) => self.search_for(&kit, &[number.as_str().to_owned()]),
            Ok(Scan::Zone(zone)) => {
                let pin = zone.pin.map(|pin| pin.digits());
                let number = zone.document.map(|number| number.as_str().to_owned());
                let numbers: Vec<String> = pin.into_iter().chain(number).collect();
                self.search_for(&kit, &numbers)
            }
        }
    }

    /// Opens whom any of the numbers names; two voters are both shown.
    fn search_for(&self, kit: &Kit, numbers: &[String]) -> ScanDone {
        let mut found = Found::Nobody;
        for number in numbers {
            let one = kit.find(number);
            self.saw_search(number, &one);
            found = match (found, one) {
                // An old passport may be known where the PIN is another precinct's: the PIN speaks first.
                (Found::Elsewhere(precinct), _) => Found::Elsewhere(precinct),
                (Found::Nobody | Found::Empty | Found::Malformed(_), one) => one,
                (lines @ Found::Lines(_), one) => lines.or(one),
            };
        }
        let text = numbers.first().cloned().unwrap_or_default();
        self.show_found(kit, text, found);
        ScanDone::Shown
    }
}

/// Whether the screen asks something that a new voter would leave unanswered.
fn is_question(scene: &Scene) -> bool {
    match scene {
        Scene::Finger { .. } | Scene::Look { .. } | Scene::Approval { .. } => true,
        Scene::Green(done) => matches!(done.paper, Paper::Pending(_)),
        Scene::Idle
        | Scene::Malformed(..)
        | Scene::Hits(..)
        | Scene::Nobody(_)
        | Scene::Red(..)
        | Scene::Fault(_) => false,
    }
}

/// The slip that a reader on a line read: the first page that asks takes it to the ballot table; else nothing.
pub(crate) async fn take_slip(State(station): State<Arc<Station>>) -> String {
    station.serial.take_slip().unwrap_or_default()
}

/// What the page's script found to be a burst; the answer is one word.
pub(crate) async fn take(
    State(station): State<Arc<Station>>,
    Form(fields): Form<HashMap<String, String>>,
) -> &'static str {
    let text = fields.get("text").cloned().unwrap_or_default();
    let done = tokio::task::spawn_blocking(move || station.take_scan(&text)).await;
    done.map_or("broken", ScanDone::word)
}
