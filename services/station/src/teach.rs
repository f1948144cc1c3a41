//! The lessons on HTTP (`/lesson`), and what they do with the station: begin, prepare, watch, pass over.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::{Form, Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use lexicon::Instant;
use pollbook::Found;

use crate::lesson::{Lesson, Mark, Part, Prepare, Search};
use crate::scene::{Station, TwoCards};
use crate::serve::{language, view, with_language};
use crate::training::{Gear, PASSPHRASE, at, resumes_at};

/// A station's lesson.
pub(crate) struct School {
    pub gear: Arc<Gear>,
    state: Mutex<Class>,
}

#[derive(Default)]
struct Class {
    lesson: Option<Lesson>,
    /// Steady time when the lesson was looked at last.
    looked: Option<u64>,
}

impl School {
    pub fn new(gear: Arc<Gear>) -> Self {
        Self {
            gear,
            state: Mutex::new(Class::default()),
        }
    }

    fn class(&self) -> MutexGuard<'_, Class> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The lesson, under way or over.
    pub fn lesson(&self) -> Option<Lesson> {
        self.class().lesson.clone()
    }

    /// Where the events of the lesson go.
    pub fn journals(&self) -> Option<PathBuf> {
        let class = self.class();
        class
            .lesson
            .as_ref()
            .map(|lesson| lesson.journals(&self.gear.folder))
    }
}

impl Station {
    /// Takes a lesson up again that the program's end interrupted. Does nothing on a kit that is not for training.
    pub(crate) fn take_up_lesson(&self) {
        let Some(school) = self.school() else { return };
        let Some(lesson) = Lesson::read(&school.gear.folder) else {
            return;
        };
        if lesson.step().is_none() {
            school.class().lesson = Some(lesson);
            return;
        }
        self.sit_down(lesson);
    }

    /// Begins a lesson anew, in a folder of its own.
    fn begin_lesson(&self, part: Part) {
        let Some(school) = self.school() else { return };
        let before = school
            .lesson()
            .or_else(|| Lesson::read(&school.gear.folder));
        let mut run = before.map_or(0, |lesson| lesson.run) + 1;
        while Lesson::new(part, run)
            .journals(&school.gear.folder)
            .exists()
        {
            run += 1;
        }
        self.sit_down(Lesson::new(part, run));
    }

    /// Puts the kit where the lesson is: its day, its folder; the operator's kit is opened already.
    fn sit_down(&self, lesson: Lesson) {
        use crate::clock::KitClock as _;
        let Some(school) = self.school() else { return };
        self.leave_kit();
        let journals = lesson.journals(&school.gear.folder);
        let day = Instant::from_micros(lesson.day);
        let day = resumes_at(&journals).map_or(day, |held| held.max(day));
        school.gear.clock.set_wall(day);
        let (part, prepare) = (lesson.part, lesson.step().map(|step| step.prepare));
        lesson.keep(&school.gear.folder);
        *school.class() = Class {
            lesson: Some(lesson),
            looked: None,
        };
        let was_opened = journals.join("K1.journal").exists();
        if (part == Part::Operator || was_opened)
            && let Err(error) = self.open(&self.two_training_cards())
        {
            tracing::error!(%error, "the training kit did not open");
        }
        if part == Part::Operator
            && let Some(kit) = self.kit()
        {
            let mut class = school.class();
            if let Some(lesson) = class.lesson.as_mut().filter(|lesson| lesson.since == 0) {
                lesson.since = kit.read(|book| book.head(book.me()).seq);
            }
        }
        self.prepare(prepare.unwrap_or(Prepare::Nothing));
        self.tell();
    }

    /// The chair's card and one of another body, as the training folder holds them.
    fn two_training_cards(&self) -> TwoCards {
        let cards = self.cards.cards();
        let kid = |at: usize| {
            cards
                .get(at)
                .map_or_else(String::new, |card| card.kid.clone())
        };
        TwoCards {
            kids: [kid(0), kid(2)],
            passphrases: [PASSPHRASE.to_owned(), PASSPHRASE.to_owned()],
        }
    }

    fn prepare(&self, prepare: Prepare) {
        let Some(school) = self.school() else { return };
        school
            .gear
            .printer
            .set_out_of_paper(prepare == Prepare::NoPaper);
        if let Prepare::Clock(hour, minute) = prepare {
            // What goes by here nobody was away for: the screen does not lock.
            self.lock.hold();
            school
                .gear
                .clock
                .pass_until(at(i64::from(hour), i64::from(minute)));
            // What went by was not spent at the task.
            school.class().looked = None;
            self.used();
        }
    }

    /// A search, for the lesson.
    pub(crate) fn saw_search(&self, text: &str, found: &Found) {
        if let Some(school) = self.school()
            && let Some(lesson) = school.class().lesson.as_mut()
            && lesson.step().is_some()
        {
            lesson.searches.push(Search::of(text, found));
        }
    }

    /// Looks whether the kit did what the task asks for, and goes on to the next. Called whenever a screen is drawn.
    pub(crate) fn watch_lesson(&self) {
        use crate::clock::KitClock as _;
        let Some(school) = self.school() else { return };
        let now = school.gear.clock.read();
        {
            let mut class = school.class();
            let Class { lesson, looked } = &mut *class;
            let Some(lesson) = lesson.as_mut().filter(|lesson| lesson.step().is_some()) else {
                return;
            };
            let seconds =
                looked.map_or(0, |then| now.steady_micros.saturating_sub(then) / 1_000_000);
            if looked.is_none() || seconds > 0 {
                lesson.charge(seconds);
                *looked = Some(now.steady_micros);
            }
        }
        let Some(kit) = self.kit() else { return };
        let reports = self.reports();
        let reports: Vec<&str> = reports.iter().map(|(word, _)| *word).collect();
        let is_done = school
            .lesson()
            .is_some_and(|lesson| lesson.is_done(&kit, &reports));
        if is_done {
            self.pass(Mark::Done);
        }
    }

    /// Ends the current task and arranges the next.
    fn pass(&self, mark: Mark) {
        use crate::clock::KitClock as _;
        let Some(school) = self.school() else { return };
        let since = self
            .kit()
            .map_or(0, |kit| kit.read(|book| book.head(book.me()).seq));
        let next = {
            let mut class = school.class();
            let Some(lesson) = class.lesson.as_mut() else {
                return;
            };
            lesson.pass(mark, since);
            lesson.day = school.gear.clock.read().wall.micros();
            lesson.keep(&school.gear.folder);
            lesson.step().map(|step| step.prepare)
        };
        self.prepare(next.unwrap_or(Prepare::Nothing));
        self.tell();
    }
}

/// The lesson's page: both lessons to choose from, the tasks of the one under way, or what was done.
pub(crate) async fn page(
    State(station): State<Arc<Station>>,
    query: Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    if station.school().is_none() {
        return StatusCode::NOT_FOUND.into_response();
    }
    let chosen = language(&query, &headers);
    with_language(view(station, chosen.0).lesson(), chosen)
}

/// Begin, pass over, put paper in.
pub(crate) async fn act(
    State(station): State<Arc<Station>>,
    Path(act): Path<String>,
    Form(fields): Form<HashMap<String, String>>,
) -> Response {
    if station.school().is_none() {
        return StatusCode::NOT_FOUND.into_response();
    }
    let part = fields.get("part").and_then(|code| Part::from_code(code));
    let working = Arc::clone(&station);
    let back = tokio::task::spawn_blocking(move || {
        Some(match (act.as_str(), part) {
            ("begin", Some(part)) => {
                working.begin_lesson(part);
                "/lesson"
            }
            ("skip", _) => {
                // What was done a moment ago is not passed over.
                working.watch_lesson();
                working.pass(Mark::Skipped);
                "/lesson"
            }
            ("paper", _) => {
                if let Some(school) = working.school() {
                    school.gear.printer.set_out_of_paper(false);
                    working.tell();
                }
                "/"
            }
            _ => return None,
        })
    })
    .await;
    match back {
        Ok(Some(back)) => Redirect::to(back).into_response(),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
