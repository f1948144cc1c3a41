//! Doubtful links and addresses: figures with the agreement of blind pairs, one question at a time, the answer by key.

use std::collections::BTreeMap;

use lexicon::handover::snapshot::{AddressRow, CommissionRow};
use maud::{Markup, PreEscaped, html};
use roll::review::{Agreement, Says};
use screen::components::{Tone, note, tag};
use screen::format::{number, percent};
use store::{LinkExplained, PersonPage, ReviewItem};

use super::parts::{address as printed, empty, error_summary, name_text, spaced};
use super::staff::in_force;
use super::{Section, heading, panel, sentences, shell};
use crate::role::Right;
use crate::visit::Visit;

pub(crate) mod rows;

/// How far the links are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub items: u64,
    pub decided: BTreeMap<Says, u64>,
    /// Wait for a second answer.
    pub second: u64,
    /// Wait for a third person.
    pub third: u64,
}

impl Tally {
    /// Links that are not decided.
    pub fn open(&self) -> u64 {
        self.items.saturating_sub(self.decided.values().sum())
    }
}

/// What the sample of sure links says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sampled {
    pub drawn: u64,
    pub right: u64,
    pub wrong: u64,
    /// Nobody can tell.
    pub unsure: u64,
    pub agreement: Agreement,
    /// The share of wrong links lies between with 95 %, millionths; none before one is decided.
    pub interval_ppm: Option<(u32, u32)>,
}

/// The figures of a run.
pub(crate) struct Overview {
    pub run: u32,
    pub links: Tally,
    pub sampled: Sampled,
    pub agreement: Agreement,
    pub addresses: u64,
    pub placed: u64,
    pub no_house: u64,
    /// Rows whose decisions contradict each other.
    pub contradicting: u64,
}

fn crumbs(visit: &Visit<'_>, here: &str) -> Markup {
    html! { a href="/review" { (visit.t("nav.review")) } " · " (here) }
}

pub(crate) fn overview(visit: &Visit<'_>, shown: Option<&Overview>, doubled: u8) -> Markup {
    let title = visit.t("review.title");
    let body = html! {
        (heading(html! { a href="/reconciliation" { (visit.t("nav.reconciliation")) } " · " (visit.t("nav.review")) }, html! { (title) }, html! {}))
        @match shown {
            None => div.mt { (panel(&title, html! {}, empty(&visit.t("recon.none"), html! { a href="/lists" { (visit.t("upload.title")) } }))) },
            Some(shown) => {
                p.mt-s.muted { (visit.f("review.lead", &[("r", &shown.run.to_string())])) }
                @if shown.contradicting > 0 { div.mt { (note(Tone::Warn, html! { p { (visit.n("contradiction.wait", shown.contradicting)) " " @if visit.may(Right::Reconcile) { a href="/review/contradictions" { (visit.t("blockers.show")) } } } })) } }
                div.cols.even.mt {
                    (links(visit, shown, doubled))
                    div.stack { (addresses(visit, shown)) (sample(visit, shown.run, &shown.sampled)) }
                }
            },
        }
    };
    shell(visit, Section::Reconciliation, &title, body)
}

/// A figure of the review, which leads to its rows.
fn behind(visit: &Visit<'_>, figure: &str, n: u64) -> Markup {
    html! { @if n > 0 && visit.may(Right::Reconcile) { a href={ "/review/rows/" (figure) } { (number(n)) } } @else { (number(n)) } }
}

fn links(visit: &Visit<'_>, shown: &Overview, doubled: u8) -> Markup {
    let open = shown.links.open();
    panel(
        &visit.t("review.links"),
        html! { (visit.f("review.doubled", &[("n", &doubled.to_string())])) },
        html! { div.body.stack {
            dl.kv {
                dt { (visit.t("review.open")) } dd { b { (behind(visit, "open", open)) } " " (visit.f("cases.of", &[("n", &number(shown.links.items))])) }
                dt { (visit.t("review.second")) } dd { (behind(visit, "second", shown.links.second)) }
                dt { (visit.t("review.third")) } dd { (behind(visit, "third", shown.links.third)) }
                @for says in Says::ALL { dt { (visit.t(&format!("review_says.{}", says.code()))) } dd { (behind(visit, says.code(), shown.links.decided.get(&says).copied().unwrap_or(0))) } }
                dt { (visit.t("review.agreement")) } dd {
                    @if shown.agreement.pairs == 0 { (visit.t("review.no_pairs")) }
                    @else { b { (percent(visit.language, shown.agreement.agreed, shown.agreement.pairs)) } " " (visit.f("review.of_pairs", &[("n", &number(shown.agreement.pairs))])) }
                }
            }
            @if open > 0 && visit.may(Right::Reconcile) { p { a.btn href="/review/links" { (visit.t("review.start")) } } }
        } },
    )
}

/// Millionths as per cent with two places: `0,25 %`.
fn ppm(visit: &Visit<'_>, share: u32) -> String {
    let point = match visit.language {
        lexicon::Language::Ky | lexicon::Language::Ru => ',',
        lexicon::Language::En => '.',
    };
    let hundredths = share.saturating_add(50) / 100;
    format!(
        "{}{point}{:02}\u{00A0}%",
        hundredths / 100,
        hundredths % 100
    )
}

/// The sample of sure links with the estimate that it gives.
pub(super) fn sample(visit: &Visit<'_>, run: u32, found: &Sampled) -> Markup {
    panel(
        &visit.t("review.sample"),
        html! { (visit.f("review.lead", &[("r", &run.to_string())])) },
        html! { div.body.stack {
            p.small { (visit.t("review.sample_how")) }
            dl.kv {
                dt { (visit.t("review.sample_drawn")) } dd { b { (number(found.drawn)) } }
                dt { (visit.t("review.sample_right")) } dd { (behind(visit, "sample_same", found.right)) }
                dt { (visit.t("review.sample_wrong")) } dd { (behind(visit, "sample_distinct", found.wrong)) }
                dt { (visit.t("review_says.cannot_tell")) } dd { (behind(visit, "sample_cannot_tell", found.unsure)) }
                dt { (visit.t("review.sample_share")) } dd {
                    @match found.interval_ppm {
                        Some((low, high)) => { b { (percent(visit.language, found.wrong, found.right + found.wrong)) } " " (visit.f("review.sample_interval", &[("a", &ppm(visit, low)), ("b", &ppm(visit, high))])) },
                        None => (visit.t("review.sample_none")),
                    }
                }
                @if found.agreement.pairs > 0 { dt { (visit.t("review.agreement")) } dd { (percent(visit.language, found.agreement.agreed, found.agreement.pairs)) } }
            }
        } },
    )
}

fn addresses(visit: &Visit<'_>, shown: &Overview) -> Markup {
    let open = shown
        .addresses
        .saturating_sub(shown.placed + shown.no_house);
    panel(
        &visit.t("review.addresses"),
        html! {},
        html! { div.body.stack {
            dl.kv {
                dt { (visit.t("review.open")) } dd { b { (behind(visit, "address_open", open)) } " " (visit.f("cases.of", &[("n", &number(shown.addresses))])) }
                dt { (visit.t("review.placed")) } dd { (behind(visit, "placed", shown.placed)) }
                dt { (visit.t("review.no_house")) } dd { (behind(visit, "no_house", shown.no_house)) }
            }
            @if open > 0 && visit.may(Right::Reconcile) { p { a.btn href="/review/addresses" { (visit.t("review.start")) } } }
        } },
    )
}

fn done_note(visit: &Visit<'_>, said: Option<&str>) -> Markup {
    html! { @if let Some(said) = said { div.mt role="status" { (note(Tone::Ok, html! { p { (visit.f("review.recorded", &[("what", said)])) } })) } } }
}

/// Nothing waits for this account.
pub(crate) fn no_link(visit: &Visit<'_>, done: Option<Says>) -> Markup {
    let said = done.map(|says| visit.t(&format!("review_says.{}", says.code())));
    nothing(visit, "review.links", "review.no_link", said.as_deref())
}

/// No address waits.
pub(crate) fn no_address(visit: &Visit<'_>, is_done: bool) -> Markup {
    let said = is_done.then(|| visit.t("review.addresses"));
    nothing(
        visit,
        "review.addresses",
        "review.no_address",
        said.as_deref(),
    )
}

fn nothing(visit: &Visit<'_>, title: &str, said: &str, done: Option<&str>) -> Markup {
    let title = visit.t(title);
    let body = html! {
        (heading(crumbs(visit, &title), html! { (title) }, html! {}))
        (done_note(visit, done))
        div.narrow.mt { (panel(&title, html! {}, empty(&visit.t(said), html! { a href="/review" { (visit.t("review.back")) } }))) }
    };
    shell(visit, Section::Reconciliation, &title, body)
}

/// A row and the record that it is thought to mean.
pub(crate) struct LinkAsked<'a> {
    pub run: u32,
    pub item: &'a ReviewItem,
    pub row: &'a CommissionRow,
    /// How the linkage weighed it.
    pub why: Option<&'a LinkExplained>,
    pub record: &'a PersonPage,
    pub done: Option<Says>,
    pub wrong: Option<&'a str>,
}

/// How two writings of a field agree.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Same,
    OneLetter,
    Differs,
    Missing,
}

fn level(a: &str, b: &str) -> Level {
    let fold = |text: &str| script::letters(script::fold(text).key());
    let (a, b) = (fold(a), fold(b));
    if a.is_empty() || b.is_empty() {
        Level::Missing
    } else if a == b {
        Level::Same
    } else if script::osa_within(&a, &b, 1).is_some() {
        Level::OneLetter
    } else {
        Level::Differs
    }
}

/// A field of the row and of the register.
struct Compared {
    label: String,
    row: String,
    register: String,
    level: Level,
}

fn compared(visit: &Visit<'_>, asked: &LinkAsked<'_>) -> Vec<Compared> {
    let state = asked.record.state.open(visit.look().purpose);
    let homes = asked.record.addresses.open(visit.look().purpose);
    let name = state.names.last().map(|(_, name)| name);
    let born = state.recorded.as_ref().map(|(_, born, _)| *born);
    let pins: Vec<String> = state.pins.iter().map(|claim| claim.pin.digits()).collect();
    let home = state
        .residences
        .last()
        .and_then(|home| homes.get(&home.address))
        .map_or_else(String::new, printed);
    let field = |label: &str, row: &str, register: String| Compared {
        label: visit.t(label),
        level: level(row, &register),
        row: row.to_owned(),
        register,
    };
    let part = |of: fn(&lexicon::CivilName) -> &str| name.map_or("", of).to_owned();
    let row = asked.row;
    let mut fields = vec![
        field("review.surname", &row.surname, part(|n| n.surname())),
        field("review.given", &row.given, part(|n| n.given())),
        field(
            "review.patronymic",
            &row.patronymic,
            part(|n| n.patronymic()),
        ),
    ];
    let day = born.map_or_else(String::new, |day| day.to_string());
    let written = roll::claim::parse_date(&row.born);
    let born_level = match (written, born) {
        (Some(a), Some(b)) if a == b => Level::Same,
        (Some(a), Some(b)) => level(&a.to_string(), &b.to_string()),
        (_, _) => level(&row.born, &day),
    };
    fields.push(Compared {
        label: visit.t("person.born"),
        row: row.born.clone(),
        register: born.map_or_else(String::new, |day| visit.day(day)),
        level: born_level,
    });
    let best = pins.iter().map(|pin| level(&row.pin, pin));
    let best = best
        .min_by_key(|found| *found as u8)
        .unwrap_or(Level::Missing);
    fields.push(Compared {
        label: visit.t("person.pin"),
        row: masked(visit, &row.pin),
        register: pins
            .iter()
            .map(|pin| masked(visit, pin))
            .collect::<Vec<_>>()
            .join(", "),
        level: best,
    });
    fields.push(field("review.address", &row.address, home));
    fields
}

fn masked(visit: &Visit<'_>, pin: &str) -> String {
    let is_whole = pin.len() == 14 && pin.bytes().all(|b| b.is_ascii_digit());
    match (is_whole, visit.may(Right::SeeNumbers)) {
        (true, true) => spaced(pin),
        (false, true) => pin.to_owned(),
        (_, false) => "••••".to_owned(),
    }
}

fn level_tag(visit: &Visit<'_>, level: Level) -> Markup {
    let (tone, code) = match level {
        Level::Same => (Tone::Ok, "same"),
        Level::OneLetter => (Tone::Warn, "one_letter"),
        Level::Differs => (Tone::Stop, "differs"),
        Level::Missing => (Tone::Wait, "missing"),
    };
    tag(tone, &visit.t(&format!("review_level.{code}")))
}

pub(crate) fn link(visit: &Visit<'_>, asked: &LinkAsked<'_>) -> Markup {
    let name = visit.t("review.links");
    let title = match asked.wrong {
        Some(_) => format!("{} {name}", visit.t("error.title")),
        None => name.clone(),
    };
    let said = asked
        .done
        .map(|says| visit.t(&format!("review_says.{}", says.code())));
    let known = state_name(visit, asked.record);
    let body = html! {
        (heading(crumbs(visit, &name), html! { (visit.t("review.question")) }, html! { (in_force(visit)) span.keys { kbd { "1" } "…" kbd { "3" } " " (visit.t("case.keys")) } }))
        (done_note(visit, said.as_deref()))
        p.mt-s { (visit.t(&format!("review_reason.{}", asked.item.reason))) }
        div.mt { (panel(&visit.t("review.side_by_side"), html! {}, html! {
            div.scroll-x tabindex="0" role="region" aria-label=(visit.t("review.side_by_side")) {
                table.compare {
                    caption.vh { (visit.t("review.side_by_side")) }
                    thead { tr { td {} th scope="col" { (visit.f("review.row_n", &[("id", &asked.row.row)])) } th scope="col" { (visit.t("review.in_register")) " " (known) } th scope="col" { (visit.t("review.agree")) } } }
                    tbody { @for field in compared(visit, asked) {
                        @let class = if field.level == Level::Same { "v" } else { "v diff" };
                        tr {
                            th scope="row" { (field.label) }
                            td class=(class) { (field.row) } td class=(class) { (field.register) }
                            td { (level_tag(visit, field.level)) }
                        }
                    } }
                }
            }
        })) }
        form.decide tabindex="-1" method="post" action="/review/links" {
            @if let Some(said) = asked.wrong { (error_summary(visit, &[("says-1", said.to_owned())])) }
            b { (visit.t("case.your_decision")) }
            input type="hidden" name="run" value=(asked.run);
            input type="hidden" name="subject" value=(asked.item.subject);
            @for (at, says) in Says::ALL.iter().enumerate() {
                label.btn.sec for={ "says-" (at + 1) } {
                    input type="radio" id={ "says-" (at + 1) } name="says" value=(says.code()) required data-key=(at + 1);
                    kbd { (at + 1) } " " (visit.t(&format!("review_says.{}", says.code())))
                }
            }
            span.grow {}
            span.small.muted { (visit.t("case.others_hidden")) }
            button.btn type="submit" { (visit.t("case.record_decision")) }
        }
        @if let Some(why) = asked.why { (weighed(visit, why)) }
    };
    shell(visit, Section::Reconciliation, &title, body)
}

/// What the linkage says, folded: whoever answers looks at the records first.
fn weighed(visit: &Visit<'_>, why: &LinkExplained) -> Markup {
    let (sentence, picture) = why.in_language(visit.language);
    html! {
        details.mt {
            summary { (visit.t("review.weighed")) }
            div.in.stack {
                p { (sentence) }
                // Made by `linkage` of its own words and numbers; it holds no value of the records.
                div.waterfall { (PreEscaped(picture)) }
                p.small.muted { (visit.t("review.weighed_aside")) }
            }
        }
    }
}

/// The person's name with the way to their page.
fn state_name(visit: &Visit<'_>, record: &PersonPage) -> Markup {
    let state = record.state.open(visit.look().purpose);
    let name = state
        .names
        .last()
        .map_or_else(String::new, |(_, name)| name_text(name));
    html! { @match visit.person_url(record.person) { Some(url) => a href=(url) { (name) }, None => (name) } }
}

/// An address text and the houses it may mean.
pub(crate) struct AddressAsked<'a> {
    pub run: u32,
    pub item: &'a ReviewItem,
    pub row: &'a CommissionRow,
    pub houses: &'a [AddressRow],
    pub is_done: bool,
    pub wrong: Option<&'a str>,
}

pub(crate) fn address(visit: &Visit<'_>, asked: &AddressAsked<'_>) -> Markup {
    let name = visit.t("review.addresses");
    let title = match asked.wrong {
        Some(_) => format!("{} {name}", visit.t("error.title")),
        None => name.clone(),
    };
    let why = sentences().address.get(&asked.item.reason);
    let last = asked.houses.len();
    let said = asked.is_done.then(|| name.clone());
    let body = html! {
        (heading(crumbs(visit, &name), html! { (visit.t("review.which_house")) }, html! { (in_force(visit)) }))
        (done_note(visit, said.as_deref()))
        div.cols.mt {
            (panel(&visit.f("review.row_n", &[("id", &asked.row.row)]), html! {}, html! { div.body.stack {
                p.verdict-line { b { (asked.row.address) } }
                dl.kv { dt { (visit.t("review.precinct_named")) } dd { @if asked.row.precinct.is_empty() { "–" } @else { (asked.row.precinct) } } }
                @if let Some(why) = why { (note(Tone::Warn, html! { p { (why.sentence.get(visit.language)) } p { (why.next.get(visit.language)) } })) }
            } }))
            (panel(&visit.t("review.houses"), html! {}, html! {
                form.body.stack.decide-list method="post" action="/review/addresses" {
                    @if let Some(said) = asked.wrong { (error_summary(visit, &[("house-1", said.to_owned())])) }
                    input type="hidden" name="run" value=(asked.run);
                    input type="hidden" name="subject" value=(asked.item.subject);
                    fieldset.choices {
                        legend { (visit.t("review.which_house")) }
                        @for (at, house) in asked.houses.iter().enumerate() {
                            label for={ "house-" (at + 1) } {
                                input type="radio" id={ "house-" (at + 1) } name="house" value=(house.address) required;
                                span { b { (printed(house)) } " " span.small.muted { (house.soate.to_string()) " · " (house.address) } }
                            }
                        }
                        label for={ "house-" (last + 1) } { input type="radio" id={ "house-" (last + 1) } name="house" value="other" required; (visit.t("review.other_house")) }
                        label for={ "house-" (last + 2) } { input type="radio" id={ "house-" (last + 2) } name="house" value="none" required; (visit.t("review.none_of_them")) }
                    }
                    div.field { label for="other" { (visit.t("review.house_id")) } input.input id="other" name="other" maxlength="100" autocomplete="off"; }
                    button.btn type="submit" { (visit.t("review.place")) }
                }
            }))
        }
    };
    shell(visit, Section::Reconciliation, &title, body)
}
