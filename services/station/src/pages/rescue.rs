//! When something is lost: the look at the paper line, the receipt of a lost kit, takeover, clock.

use lexicon::Method;
use maud::{Markup, html};
use pollbook::Owed;
use screen::components::{Tone, note, tag, verdict};
use screen::{Icon, icon};

use super::View;
use super::chair::{two_cards, wrong};
use super::operator::{card, paper_fault};
use super::parts::{Act, act, clock, clock_seconds, document, kit_word, name};
use super::trouble;
use crate::kit::{Kit, PeerView, REASONS_TAKEOVER, Refused};
use crate::scene::ChairError;

/// The operator's question to an officer: is the paper line clean?
pub(super) fn look(
    view: &View,
    kit: &Kit,
    line: u32,
    problem: Option<&ChairError>,
) -> (String, Markup) {
    let Some(voter) = kit.voter(line) else {
        return (String::new(), html! {});
    };
    let (page, number) = (voter.page.to_string(), line.to_string());
    let is_home = kit.read(|book| book.is_home(line));
    let title = if is_home {
        view.f("look.home_title", &[("l", &number)])
    } else {
        view.f("look.title", &[("l", &number)])
    };
    let right = html! {
        div.lineno { span { (view.t("green.linebox")) } b { (line) } em { (view.f("green.page", &[("n", &page)])) } }
    };
    let shown = html! {
        (verdict(Tone::Warn, &title, &why(view, kit, line)))
        (card(view, kit, voter, right, true))
        form.panel method="post" action="/looked" {
            div.body.stack {
                @match problem {
                    Some(problem) => p.err role="alert" { b { (view.t("chair.error")) ". " } (trouble::chair(view, problem)) },
                    None => p { (if is_home { view.t("look.home_ask") } else { view.t("look.ask") }) },
                }
                div.twocards.look {
                    div.field {
                        label for="look-card" { (view.t("look.card")) }
                        select #look-card .input name="card" {
                            @for known in view.station.cards.cards() { option value=(known.kid) { (known.holder) " · " (known.body) } }
                        }
                    }
                    div.field {
                        label for="look-pass" { (view.t("chair.pass")) }
                        input #look-pass .input name="pass" type="password" autocomplete="off" required autofocus;
                    }
                }
                div.actions {
                    // Enter in the field above presses a form's first button: neither answer is given so.
                    button hidden disabled {}
                    button.btn.danger.big name="unsigned" value="0" data-key="F5" data-opposite="1" { kbd { "F5" } " " (view.t("look.signed_do")) }
                    span.grow {}
                    button.btn.sec.big name="unsigned" value="1" data-key="F8" data-opposite="1" { kbd { "F8" } " " (view.t("look.clean_do")) }
                }
                div.lookfoot {
                    p.small.muted { (view.f("look.record", &[("l", &number)])) }
                    button.btn.quiet formaction="/next" formnovalidate data-key="Escape" { kbd { "Esc" } " " (view.t("finger.cancel")) }
                }
            }
        }
    };
    (title.clone(), shown)
}

/// Why the paper decides: a kit that does not answer, or a line that was taken over.
fn why(view: &View, kit: &Kit, line: u32) -> String {
    let pending = kit.pending_acts();
    if pending.iter().any(|act| act.body.line() == line) {
        return view.t("look.owed");
    }
    if kit.read(|book| book.is_home(line)) {
        return view.t("look.home");
    }
    if kit.read(pollbook::Book::is_in_doubt) {
        return view.t("look.doubt");
    }
    let first = kit.charter().owner(line);
    let kits = kit.kits();
    let inherited = kits
        .iter()
        .find(|peer| Some(peer.kit) == first && peer.heir.is_some());
    if let Some(peer) = inherited {
        return view.f("look.inherited", &[("k", &kit_word(view, &peer.name))]);
    }
    let silent: Vec<String> = kits
        .iter()
        .filter(|peer| !peer.is_me && peer.is_at_work && !peer.is_in_touch)
        .map(|peer| kit_word(view, &peer.name))
        .collect();
    if silent.is_empty() {
        view.t("look.detail")
    } else {
        view.f("look.silent", &[("k", &silent.join(", "))])
    }
}

/// Receipts that were written and did not come out, as after a power cut: before the next voter.
pub(super) fn pending(view: &View, kit: &Kit) -> Option<(String, Markup)> {
    let acts = kit.pending_acts();
    if acts.is_empty() {
        return None;
    }
    let title = view.f("rescue.pending", &[("n", &acts.len().to_string())]);
    let shown = html! {
        (verdict(Tone::Warn, &title, &view.t("rescue.pending_next")))
        div.panel { table.t {
            caption.vh { (title) }
            thead { tr {
                th scope="col" { (view.t("green.receipt")) } th scope="col" { (view.t("hits.name")) }
                th.num scope="col" { (view.t("hits.line")) } th scope="col" { (view.t("green.time")) }
                th scope="col" { (view.t("rescue.owed")) }
            } }
            tbody { @for act in &acts {
                @let line = act.body.line();
                tr {
                    td { b { (kit_word(view, &kit.receipt_name(act))) } }
                    td { @if let Some(voter) = kit.voter(line) { @let (surname, rest) = name(voter); (surname) " " (rest) } }
                    td.num { (line) }
                    td { (clock_seconds(kit, act.hlc.moment())) }
                    td { (owed(view, kit, act)) }
                }
            } }
        } }
        div.actions { (act(&Act { action: "/receipt", key: "F9", label: &view.t("rescue.print"), class: "big", is_opposite: false }, &[])) }
    };
    Some((title.clone(), shown))
}

/// What a slip that did not come out waits for.
fn owed(view: &View, kit: &Kit, act: &pollbook::Act) -> String {
    match kit.owed(act) {
        Owed::Print => view.t("rescue.owed_print"),
        Owed::Look => view.t("rescue.owed_look"),
        Owed::Wait(other) => {
            let name = kit.charter().kit_name(other);
            view.f("rescue.owed_wait", &[("k", &kit_word(view, &name))])
        }
        Owed::Void(_) => view.t("rescue.owed_void"),
    }
}

/// What may help a voter who is refused: a look at the paper, the receipt that never came out.
///
/// `None` when nothing but the chair can.
pub(super) fn help(view: &View, kit: &Kit, refused: &Refused) -> Option<Markup> {
    let mine = refused.refusal.evidence.as_ref().and_then(|counted| {
        let mut pending = kit.pending_acts().into_iter();
        pending.find(|act| act.name == counted.name)
    });
    let (action, key, label) = if mine.is_some() {
        ("/receipt", "F9", "rescue.print")
    } else if kit.is_resumable(refused.line) {
        ("/resume", "F8", "rescue.resume")
    } else if kit.needs_look(refused.line) {
        ("/look", "F8", "look.open")
    } else if kit.may_take_ballot_back(refused) {
        ("/undo", "F10", "table.back")
    } else {
        return None;
    };
    let help = Act {
        action,
        key,
        label: &view.t(label),
        class: "big",
        is_opposite: true,
    };
    Some(html! {
        @if let Some(mine) = &mine { p.small.muted { (owed(view, kit, mine)) } }
        (act(&help, &[]))
        a.vh href="/chair" data-key="F2" { (view.t("red.chair")) }
    })
}

/// The chair's page for a lost kit, its receipts, and the clock; before the opening it leads back.
pub(super) fn page(view: &View, problem: Option<&ChairError>) -> Markup {
    let title = view.t("rescue.title");
    let body = html! {
        header.kitbar {
            h1.pc { (title) }
            (super::parts::simulated(view))
            span.grow {}
            (screen::components::languages(view.language, "/chair/trouble", &view.t("bar.language")))
            a.dev href="/chair" data-key="F2" data-back { (view.t("approve.open")) }
        }
        main.shell #main data-reader="field" {
            (super::lesson::strip(view))
            (wrong(view, problem))
            @if let Some(kit) = view.kit() { (panel(view, &kit, &kit.kits())) }
        }
    };
    document(view, &title, "", body)
}

/// The way from the chair's page to the one of trouble; named with what waits there.
pub(super) fn link(view: &View, kits: &[PeerView], is_stopped: bool) -> Markup {
    let is_printing = view.kit().is_none_or(|kit| kit.printer().is_ok());
    let is_waiting = is_stopped || !is_printing || kits.iter().any(is_silent);
    html! {
        a class={ "dev" @if is_waiting { " bad" } } href="/chair/trouble" title=(view.t("rescue.title")) { (view.t("rescue.link")) }
    }
}

fn is_silent(peer: &PeerView) -> bool {
    !peer.is_me && peer.heir.is_none() && !peer.is_reachable && peer.is_at_work
}

fn panel(view: &View, kit: &Kit, kits: &[PeerView]) -> Markup {
    let policy = view.t(&format!("rescue.{}", kit.charter().policy().partition));
    html! {
        section.panel.mt {
            header { h2 { (view.t("rescue.title")) } span.row { a href="/chair/cards" { (view.t("cards.title")) } a href="/chair/paper" { (view.t("paper.link")) } a href="/chair/days" { (view.t("days.title")) } a href="/chair/spares" { (view.t("spares.title")) } a href="/receipts" { (view.t("table.title")) } (tag(Tone::Wait, &policy)) } }
            div.body.dayrow {
                section { h3 { (view.t("rescue.takeover")) } (takeover(view, kit, kits)) }
                section { h3 { (view.t("rescue.receipt")) } (receipt(view, kits)) }
                section { h3 { (view.t("rescue.clock")) } (set_clock(view, kit)) (printer(view, kit)) }
            }
        }
    }
}

fn head_of(view: &View, kit: &Kit, peer: &PeerView) -> String {
    match &peer.last {
        Some((seq, id, at)) => view.f(
            "rescue.head",
            &[
                ("n", &seq.to_string()),
                ("t", &clock(kit, *at)),
                ("a", &peer.acts.to_string()),
                ("h", id),
            ],
        ),
        None => view.t("rescue.no_head"),
    }
}

fn takeover(view: &View, kit: &Kit, kits: &[PeerView]) -> Markup {
    let others: Vec<&PeerView> = kits.iter().filter(|peer| !peer.is_me).collect();
    let silent: Vec<&PeerView> = kits.iter().filter(|peer| is_silent(peer)).collect();
    html! {
        @for peer in others.iter().filter(|peer| peer.heir.is_some()) {
            @let heir = kit_word(view, peer.heir.as_deref().unwrap_or_default());
            p { (tag(Tone::Wait, &view.f("rescue.retired", &[("k", &kit_word(view, &peer.name)), ("h", &heir)]))) }
        }
        @if silent.is_empty() {
            @if others.iter().all(|peer| peer.heir.is_none()) { p.small.muted { (view.t("rescue.all_here")) } }
        } @else {
            details {
                summary { (view.f("rescue.silent", &[("k", &silent.iter().map(|peer| kit_word(view, &peer.name)).collect::<Vec<_>>().join(", "))])) }
                form.stack method="post" action="/chair/takeover" {
                    fieldset.plain {
                        legend.small { (view.t("rescue.which")) }
                        @for (at, peer) in silent.iter().enumerate() {
                            label.check for={ "dead" (at) } {
                                input id={ "dead" (at) } type="checkbox" name={ "dead" (at) } value=(peer.kit.hex());
                                span { b { (kit_word(view, &peer.name)) } br; span.small.muted { (head_of(view, kit, peer)) } }
                            }
                        }
                    }
                    @for peer in others.iter().filter(|peer| peer.is_at_work && peer.is_reachable) {
                        @let word = if peer.is_in_touch { "rescue.in_touch" } else { "rescue.behind" };
                        p.small { (tag(if peer.is_in_touch { Tone::Ok } else { Tone::Warn }, &view.f(word, &[("k", &kit_word(view, &peer.name))]))) }
                    }
                    div.field {
                        label for="takeover-reason" { (view.t("rescue.reason")) }
                        select #takeover-reason .input name="reason" {
                            @for reason in REASONS_TAKEOVER { option value=(reason) { (view.t(&format!("rescue.{}", reason.to_lowercase()))) } }
                        }
                    }
                    (note(Tone::Warn, html! { (view.f("rescue.takeover_note", &[("k", &kit_word(view, &kit.name()))])) }))
                    (two_cards(view, "takeover"))
                    button.btn.danger { (icon(Icon::Lock)) (view.t("rescue.takeover_do")) }
                }
            }
        }
    }
}

fn receipt(view: &View, kits: &[PeerView]) -> Markup {
    let lost: Vec<&PeerView> = kits.iter().filter(|peer| peer.heir.is_some()).collect();
    html! {
        @if lost.is_empty() {
            p.small.muted { (view.t("rescue.receipt_none")) }
        } @else {
            @for peer in &lost {
                p.small { (view.f("rescue.receipt_known", &[("k", &kit_word(view, &peer.name)), ("n", &peer.acts.to_string())])) }
            }
            details {
                summary { (view.t("rescue.receipt_open")) }
                form.stack method="post" action="/chair/receipt" {
                    div.field { label for="receipt-qr" { (view.t("rescue.qr")) } input #receipt-qr .input name="qr" autocomplete="off" spellcheck="false"; }
                    p.small.muted { (view.t("rescue.by_hand")) }
                    div.twocards {
                        div.field { label for="receipt-kit" { (view.t("chair.kit")) } select #receipt-kit .input name="kit" {
                            @for peer in &lost { option value=(peer.kit.hex()) { (kit_word(view, &peer.name)) } }
                        } }
                        div.field { label for="receipt-number" { (view.t("rescue.number")) } input #receipt-number .input name="receipt" inputmode="numeric"; }
                        div.field { label for="receipt-line" { (view.t("hits.line")) } input #receipt-line .input name="line" inputmode="numeric"; }
                        div.field { label for="receipt-method" { (view.t("green.method")) } select #receipt-method .input name="method" {
                            @for method in Method::ALL { option value=(method.number()) { (view.t(&format!("method.{}", method.code()))) } }
                        } }
                    }
                    (two_cards(view, "receipt"))
                    button.btn.sec { (view.t("rescue.receipt_do")) }
                }
            }
        }
    }
}

/// A printer that is in trouble: what it is, and an officer's leave to let slips come later.
fn printer(view: &View, kit: &Kit) -> Markup {
    let Err(why) = kit.printer() else {
        return html! {};
    };
    let words = paper_fault(view, &why);
    html! {
        h3 { (view.t("slips.title")) }
        p { (tag(Tone::Warn, &words)) }
        @if view.station.are_slips_later() { p.small { (view.t("slips.allowed")) } } @else {
            details {
                summary { (view.t("slips.open")) }
                form.stack method="post" action="/chair/slips" {
                    p.small { (view.t("slips.note")) }
                    div.field {
                        label for="slips-card" { (view.t("look.card")) }
                        select #slips-card .input name="card0" {
                            @for known in view.station.cards.cards() { option value=(known.kid) { (known.holder) " · " (known.body) } }
                        }
                    }
                    div.field { label for="slips-pass" { (view.t("chair.pass")) } input #slips-pass .input name="pass0" type="password" autocomplete="off" required; }
                    button.btn.sec { (view.t("slips.do")) }
                }
            }
        }
    }
}

fn set_clock(view: &View, kit: &Kit) -> Markup {
    let offset = i64::from(kit.charter().policy().offset_minutes);
    let wall = kit.read_clock().wall;
    let is_stopped = kit.is_stopped_by_clock();
    let shown = wall.local_minute(offset);
    html! {
        @if is_stopped { (note(Tone::Stop, html! { (view.t("rescue.clock_stopped")) })) }
        p { (view.f("rescue.clock_shows", &[("t", &clock_seconds(kit, wall))])) }
        details open[is_stopped] {
            summary { (view.t("rescue.clock_open")) }
            form.stack method="post" action="/chair/clock" {
                div.field { label for="clock-time" { (view.t("rescue.clock_time")) } input #clock-time .input name="time" value=(shown) autocomplete="off"; }
                (two_cards(view, "clock"))
                button.btn.sec { (view.t("rescue.clock_do")) }
            }
        }
    }
}
