//! The locked screen, and the chair's page of officers' cards (S-34).

use maud::{Markup, html};
use screen::components::{Tone, tag, verdict};
use screen::{Icon, icon};

use super::View;
use super::chair::{two_cards, wrong};
use super::parts::{bar, clock, closed, document, kit_word};
use super::trouble;
use crate::kit::{CardView, Kit, REASONS_CARD};
use crate::scene::ChairError;

/// Instead of the operator's page while the screen is locked.
pub(super) fn locked(view: &View, kit: &Kit) -> Markup {
    let title = view.t("lock.title");
    let holder = kit.operator();
    let detail = match &holder {
        Some(name) => view.f("lock.next_held", &[("n", name)]),
        None => view.t("lock.next"),
    };
    let problem = view.station.lock_problem();
    let body = html! {
        (bar(view, kit, "/"))
        main.shell.stack-l #main {
            (verdict(Tone::Wait, &title, &detail))
            form.panel.needed method="post" action="/unlock" {
                div.body.stack {
                    @if let Some(problem) = &problem { p.err role="alert" { b { (view.t("chair.error")) ". " } (trouble::chair(view, problem)) } }
                    div.twocards.look {
                        div.field {
                            label for="unlock-card" { (view.t("lock.card")) }
                            select #unlock-card .input name="card" {
                                @for known in view.station.cards.cards() {
                                    option value=(known.kid) selected[holder.as_ref() == Some(&known.holder)] { (known.holder) " · " (known.body) }
                                }
                            }
                        }
                        div.field {
                            label for="unlock-pass" { (view.t("chair.pass")) }
                            input #unlock-pass .input name="pass" type="password" autocomplete="off" required autofocus;
                        }
                    }
                    div.actions {
                        button.btn.big { (icon(Icon::Lock)) (view.t("lock.open")) }
                        span.grow {}
                        a.btn.quiet href="/chair" data-key="F2" { kbd { "F2" } " " (view.t("approve.open")) }
                    }
                }
            }
        }
    };
    document(view, &title, "", body)
}

/// The officers' cards: which are in force, and the withdrawal of one that was lost.
pub(super) fn cards(view: &View, problem: Option<&ChairError>) -> Markup {
    let title = view.t("cards.title");
    let body = html! {
        header.kitbar {
            h1.pc { (title) }
            (super::parts::simulated(view))
            span.grow {}
            (screen::components::languages(view.language, "/chair/cards", &view.t("bar.language")))
            a.dev href="/chair" data-key="F2" data-back { (view.t("approve.open")) }
        }
        main.shell.stack-l #main {
            (wrong(view, problem))
            @match view.kit() {
                None => (closed(view)),
                Some(kit) => {
                    @let cards = kit.cards();
                    div.cols.chair {
                        (in_force(view, &kit, &cards))
                        (withdraw(view, &cards))
                    }
                }
            }
        }
    };
    document(view, &title, "", body)
}

fn in_force(view: &View, kit: &Kit, cards: &[CardView]) -> Markup {
    html! {
        section.panel {
            header { h2 { (view.t("cards.list")) } }
            table.t {
                caption.vh { (view.t("cards.list")) }
                thead { tr { th scope="col" { (view.t("cards.holder")) } th scope="col" { (view.t("cards.body")) } th scope="col" { (view.t("chair.state")) } } }
                tbody {
                    @for card in cards {
                        tr {
                            td { b { (card.holder) } }
                            td { (card.body) }
                            td {
                                @match &card.withdrawn {
                                    None => (tag(Tone::Ok, &view.t("cards.works"))),
                                    Some((at, by)) => (tag(Tone::Stop, &view.f("cards.out", &[("t", &clock(kit, *at)), ("k", &kit_word(view, by))]))),
                                }
                            }
                        }
                    }
                }
            }
            @if let Some(holder) = kit.operator() {
                div.body { p { (view.f("cards.operator", &[("n", &holder)])) } }
            }
        }
    }
}

fn withdraw(view: &View, cards: &[CardView]) -> Markup {
    html! {
        section.panel.needed {
            header { h2 { (view.t("cards.withdraw")) } }
            form.body.stack method="post" action="/chair/cards" {
                p.small { (view.t("cards.note")) }
                div.twocards {
                    div.field {
                        label for="lost-card" { (view.t("cards.which")) }
                        select #lost-card .input name="lost" required {
                            option value="" { "—" }
                            @for card in cards.iter().filter(|card| card.withdrawn.is_none()) {
                                option value=(card.kid.hex()) { (card.holder) " · " (card.body) }
                            }
                        }
                    }
                    div.field {
                        label for="lost-reason" { (view.t("rescue.reason")) }
                        select #lost-reason .input name="reason" {
                            @for reason in REASONS_CARD {
                                option value=(reason) { (match *reason {
                                    "CARD_STOLEN" => view.t("cards.stolen"),
                                    "PIN_KNOWN" => view.t("cards.pin_known"),
                                    _ => view.t("cards.lost"),
                                }) }
                            }
                        }
                    }
                }
                (two_cards(view, "withdraw"))
                button.btn.danger { (icon(Icon::Lock)) (view.t("cards.withdraw_do")) }
            }
        }
    }
}
