//! The lessons: what to do now, on every screen; both lessons and what was done, on a page of its own.

use maud::{Markup, html};
use screen::components::{Tone, languages, note, tag};
use screen::{Icon, icon};

use super::View;
use super::parts::{document, simulated};
use crate::lesson::{Lesson, Mark, Part, Prepare, Step};
use crate::teach::School;
use crate::training::{PASSPHRASE, Trainee, of_line};

/// Fills a task's text with its voter: name, numbers, birth year, line.
fn told(view: &View, step: &Step, key: &str) -> String {
    let one = of_line(step.line);
    let field = |of: &dyn Fn(&Trainee) -> String| one.map_or_else(String::new, of);
    view.f(
        key,
        &[
            ("n", &field(&Trainee::name)),
            ("s", &field(&|one| one.surname.to_owned())),
            ("p", &field(&Trainee::pin)),
            ("d", &field(&Trainee::document)),
            ("b", &field(&|one| one.born.chars().take(4).collect())),
            ("l", &step.line.to_string()),
            ("c", PASSPHRASE),
        ],
    )
}

fn title(view: &View, step: &Step) -> String {
    told(view, step, &format!("lesson.{}", step.key))
}

fn task(view: &View, step: &Step) -> String {
    told(view, step, &format!("lesson.{}_do", step.key))
}

fn part_name(view: &View, part: Part) -> String {
    match part {
        Part::Operator => view.t("lesson.operator"),
        Part::Chair => view.t("lesson.chair"),
    }
}

fn minutes(seconds: u64) -> String {
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// The task of the lesson, for the screens on which it is done; nothing when there is none.
pub(super) fn strip(view: &View) -> Markup {
    let Some(school) = view.station.school() else {
        return html! {};
    };
    let lesson = school.lesson();
    html! {
        section.lessonbar aria-label=(view.t("lesson.title")) {
            @match lesson.as_ref().and_then(|lesson| lesson.step().map(|step| (lesson, step))) {
                Some((lesson, step)) => (now(view, school, lesson, step)),
                None => {
                    b { (view.t(if lesson.is_some() { "lesson.over" } else { "lesson.title" })) } " "
                    a href="/lesson" { (view.t("lesson.open")) }
                }
            }
        }
    }
}

fn now(view: &View, school: &School, lesson: &Lesson, step: &Step) -> Markup {
    let number = (lesson.at + 1).to_string();
    let all = lesson.records.len().to_string();
    let is_empty = step.prepare == Prepare::NoPaper && school.gear.printer.is_out_of_paper();
    html! {
        div.lessontask {
            b { (view.f("lesson.step", &[("n", &number), ("m", &all)])) " · " (title(view, step)) }
            p { (task(view, step)) }
        }
        div.lessonacts {
            @if is_empty { form.inline method="post" action="/lesson/paper" { button.btn.sec { (icon(Icon::Printer)) (view.t("lesson.paper")) } } }
            a href="/lesson" { (view.t("lesson.open")) }
        }
    }
}

pub(super) fn page(view: &View) -> Markup {
    let name = view.t("lesson.title");
    let lesson = view.station.school().and_then(School::lesson);
    let body = html! {
        header.kitbar {
            h1.pc { (name) }
            (simulated(view))
            span.grow {}
            (languages(view.language, "/lesson", &view.t("bar.language")))
            a.dev href="/" { (view.t("lesson.screen_operator")) }
            a.dev href="/chair" data-key="F2" { (view.t("approve.open")) }
        }
        main.shell #main {
            div.lessoncols {
                section.panel { header { h2 { (view.t("lesson.choose")) } } div.body.stack {
                    p.small { (view.t("lesson.lead")) }
                    @for part in Part::ALL { (choice(view, part, lesson.as_ref())) }
                    p.small.muted { (view.f("lesson.cards", &[("c", PASSPHRASE)])) }
                } }
                @if let Some(lesson) = &lesson { (progress(view, lesson)) }
            }
        }
    };
    document(view, &name, "", body)
}

fn choice(view: &View, part: Part, lesson: Option<&Lesson>) -> Markup {
    let own = lesson.filter(|lesson| lesson.part == part);
    let is_under_way = own.is_some_and(|lesson| lesson.step().is_some());
    let (count, minutes) = (part.steps().len().to_string(), part.minutes().to_string());
    html! {
        form.stack method="post" action="/lesson/begin" {
            input type="hidden" name="part" value=(part.code());
            h3 { (part_name(view, part)) }
            p.small.muted { (view.f("lesson.about", &[("n", &count), ("m", &minutes)])) }
            button class={ "btn " @if own.is_some() { "sec" } } { (view.t(if own.is_some() { "lesson.anew" } else { "lesson.begin" })) }
        }
        @if is_under_way { p {
            a.btn href=(match part { Part::Operator => "/", Part::Chair => "/chair" }) { (view.t("lesson.go_on")) }
        } }
    }
}

/// The tasks with their marks; at the end what was done and what is missing.
fn progress(view: &View, lesson: &Lesson) -> Markup {
    let (done, skipped) = (lesson.count(Mark::Done), lesson.count(Mark::Skipped));
    let all = lesson.records.len();
    let is_over = lesson.step().is_none();
    let values = [
        ("n", done.to_string()),
        ("m", all.to_string()),
        ("t", minutes(lesson.seconds())),
        ("k", skipped.to_string()),
    ];
    let values: Vec<(&str, &str)> = values
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    html! {
        section.panel.lessonlist {
            header {
                h2 { (part_name(view, lesson.part)) }
                span { (view.f("lesson.count", &values)) }
            }
            div.body {
                @if is_over {
                    @if skipped == 0 { (note(Tone::Ok, html! { b { (view.f("lesson.whole", &values)) } })) }
                    @else { (note(Tone::Warn, html! { b { (view.f("lesson.missing", &values)) } })) }
                }
                ol.lessonsteps {
                    @for (at, (step, record)) in lesson.part.steps().iter().zip(&lesson.records).enumerate() {
                        li aria-current=[(at == lesson.at).then_some("step")] {
                            span { (title(view, step)) }
                            @match record.mark {
                                Mark::Done => (tag(Tone::Ok, &view.f("lesson.done", &[("t", &minutes(record.seconds))]))),
                                Mark::Skipped => (tag(Tone::Stop, &view.t("lesson.skipped"))),
                                Mark::Open if at == lesson.at => (tag(Tone::Wait, &view.t("lesson.now"))),
                                Mark::Open => span {},
                            }
                        }
                    }
                }
                @if let Some(step) = lesson.step() {
                    p.mt-s { (task(view, step)) }
                    form.inline method="post" action="/lesson/skip" { button.btn.quiet { (view.t("lesson.skip")) } }
                }
            }
        }
    }
}
