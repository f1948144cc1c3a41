//! The page of voting at home: on the mobile kit the visits, in the hall the chair's release (S-22, S-23).

use maud::{Markup, html};
use screen::components::{Tone, note, tag};

use super::chair::{two_cards, wrong};
use super::parts::{chair_bar, clock, closed, document, kit_word, name};
use super::{View, sentences};
use crate::home::Done;
use crate::kit::{HomeLine, HomeState, Kit, REASONS_TWO, Verdict};

/// The page; `done` is what became of the last form.
pub(super) fn page(view: &View, done: Option<&Done>) -> Markup {
    let title = view.t("home.title");
    let body = html! {
        (chair_bar(view, &title, "/chair/home"))
        main.shell.stack-l #main {
            @match view.kit() {
                None => (closed(view)),
                Some(kit) => {
                    (said(view, &kit, done))
                    @let list = kit.home_list();
                    @if list.is_empty() { p { (view.t("home.none")) } } @else {
                        @if kit.is_mobile() { (visit(view, &kit, &list)) } @else { (release(view, &list)) }
                        (table(view, &kit, &list))
                    }
                }
            }
        }
    };
    document(view, &title, "", body)
}

fn said(view: &View, kit: &Kit, done: Option<&Done>) -> Markup {
    match done {
        None => html! {},
        Some(Done::Failed(error)) => wrong(view, Some(error)),
        Some(Done::Visit(line, verdict)) => {
            let number = line.to_string();
            match verdict {
                Verdict::Green(done) => {
                    let receipt = kit_word(view, &done.receipt);
                    note(
                        Tone::Ok,
                        html! { (view.f("home.voted_now", &[("l", &number), ("r", &receipt)])) },
                    )
                }
                Verdict::Red(refused) => {
                    let words = sentences().refusal.get(refused.refusal.reason.code());
                    note(
                        Tone::Warn,
                        html! {
                            b { (view.f("home.line", &[("l", &number)])) " " }
                            @if let Some(words) = words { (words.sentence.get(view.language)) " " (words.next.get(view.language)) }
                            @if let Some(to) = refused.refusal.kit { " " (kit_word(view, &kit.charter().kit_name(to))) }
                        },
                    )
                }
                Verdict::Again { differed, .. } => {
                    let word = if *differed {
                        "home.differed"
                    } else {
                        "home.unread"
                    };
                    note(Tone::Warn, html! { (view.t(word)) })
                }
                Verdict::Pause { seconds, .. } => note(
                    Tone::Warn,
                    html! { (view.f("finger.pause", &[("n", &seconds.to_string())])) },
                ),
            }
        }
    }
}

fn visit(view: &View, kit: &Kit, list: &[HomeLine]) -> Markup {
    let mine = kit.name();
    let open = list.iter().filter(|row| {
        row.kit == mine && matches!(row.state, HomeState::Reserved | HomeState::NotFound)
    });
    html! {
        section.panel {
            header { h2 { (view.t("home.visit")) } }
            form.body.stack method="post" action="/chair/home" {
                input type="hidden" name="act" value="visit";
                div.twocards {
                    div.field {
                        label for="home-line" { (view.t("hits.line")) }
                        select #home-line .input name="line" {
                            @for row in open {
                                option value=(row.line) { (row.line) @if let Some(voter) = kit.voter(row.line) { @let (surname, rest) = name(voter); " · " (surname) " " (rest) } }
                            }
                        }
                    }
                    div.field {
                        label for="home-how" { (view.t("home.how")) }
                        select #home-how .input name="how" {
                            option value="finger" { (view.t("home.finger")) }
                            @for reason in REASONS_TWO { option value=(reason) { (view.t("home.witness")) ": " (view.t(&format!("home.{}", reason.to_lowercase()))) } }
                            option value="not_found" { (view.t("home.not_found_do")) }
                        }
                    }
                    @if view.station.scanner.as_folder().is_some() {
                        div.field { label for="home-file" { (view.t("demo.glass")) } input #home-file .input name="file" autocomplete="off"; }
                    }
                }
                (two_cards(view, "home"))
                button.btn { (view.t("home.record")) }
            }
        }
    }
}

fn release(view: &View, list: &[HomeLine]) -> Markup {
    let open = list
        .iter()
        .filter(|row| matches!(row.state, HomeState::Reserved | HomeState::NotFound));
    html! {
        section.panel {
            header { h2 { (view.t("home.release")) } }
            form.body.stack method="post" action="/chair/home" {
                input type="hidden" name="act" value="release";
                p.small.muted { (view.t("home.release_note")) }
                div.twocards {
                    div.field {
                        label for="home-line" { (view.t("hits.line")) }
                        select #home-line .input name="line" { @for row in open { option value=(row.line) { (row.line) } } }
                    }
                    div.field {
                        label for="home-card" { (view.t("home.chair")) }
                        select #home-card .input name="card" {
                            @for known in view.station.cards.cards() { option value=(known.kid) { (known.holder) " · " (known.body) } }
                        }
                    }
                    div.field {
                        label for="home-pass" { (view.t("chair.pass")) }
                        input #home-pass .input name="pass" type="password" autocomplete="off" required;
                    }
                }
                button.btn.sec { (view.t("home.release_do")) }
            }
        }
    }
}

fn table(view: &View, kit: &Kit, list: &[HomeLine]) -> Markup {
    let voted = list
        .iter()
        .filter(|row| matches!(row.state, HomeState::Voted(..)));
    let counts = [
        ("n", voted.count().to_string()),
        ("m", list.len().to_string()),
    ];
    let counts: Vec<(&str, &str)> = counts
        .iter()
        .map(|(key, value)| (*key, value.as_str()))
        .collect();
    html! {
        section.panel {
            header {
                h2 { (view.f("home.voted", &counts)) }
                form method="post" action="/chair/home" {
                    input type="hidden" name="act" value="register";
                    button.btn.sec { (view.t("home.register")) }
                }
            }
            table.t {
                caption.vh { (view.t("home.title")) }
                thead { tr { th.num scope="col" { (view.t("hits.line")) } th scope="col" { (view.t("chair.kit")) } th scope="col" { (view.t("home.state")) } } }
                tbody { @for row in list { tr {
                    td.num { (row.line) }
                    td { (kit_word(view, &row.kit)) }
                    td { (state(view, kit, &row.state)) }
                } } }
            }
        }
    }
}

fn state(view: &View, kit: &Kit, state: &HomeState) -> Markup {
    match state {
        HomeState::Reserved => tag(Tone::Wait, &view.t("home.reserved")),
        HomeState::NotFound => tag(Tone::Warn, &view.t("home.not_found")),
        HomeState::Released => tag(Tone::Wait, &view.t("home.released")),
        HomeState::Voted(receipt, at) => html! {
            (tag(Tone::Ok, &view.t("home.done"))) " " (kit_word(view, receipt)) " · " (clock(kit, *at))
        },
        HomeState::Hall(receipt, at) => html! {
            (tag(Tone::Ok, &view.t("home.hall"))) " " (kit_word(view, receipt)) " · " (clock(kit, *at))
        },
    }
}
