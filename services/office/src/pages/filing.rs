//! Filing a claim: one form with what the law says to it, and the receipt to print.

use lexicon::handover::snapshot::{AddressRow, PrecinctRow};
use lexicon::law::Applicant;
use lexicon::{AddressDoubt, ClaimOutcome, Instant, PrecinctCode, Purpose};
use maud::{Markup, html};
use register::ClaimKind;
use register::door::rows::Claim;
use roll::claim::receipt_number;
use roll::filing::{answered_by, filed_before};
use screen::components::{Tone, note, tag};
use store::{Hit, Receipt};

use super::claims::what;
use super::parts::{address as house, name};
use super::person::{Opened, as_it_stands};
use super::staff::in_force;
use super::{Section, heading, panel, print_button, sentences, shell, shell_with};
use crate::address_book::{FoundBy, FoundHouse};
use crate::desks::boundaries::shipped_places;
use crate::visit::Visit;

pub(crate) use map::Map;

mod map;

/// What was typed.
pub(crate) struct Form {
    /// The form's own random key: sent twice, it is one claim.
    pub key: String,
    pub kind: ClaimKind,
    /// Number of the precinct wanted, an address as people write it, or words of the precinct's own.
    pub wanted: String,
    /// The precinct chosen among several that the words may mean.
    pub chosen: Option<PrecinctCode>,
    pub category: String,
    pub field: String,
    pub value: String,
    pub identified: bool,
    /// A telephone number left with a Form 2; its mark is kept.
    pub phone: String,
    pub cancels: bool,
}

/// A precinct, and the house of the register that led to it.
#[derive(Clone)]
pub(crate) struct Place {
    pub precinct: PrecinctRow,
    pub house: Option<AddressRow>,
    /// By what else than the address that it prints the house was found.
    pub by: Option<FoundBy>,
    /// How far the house is from the place of the map that was asked about, metres.
    pub away: Option<u32>,
}

impl Place {
    pub fn of(precinct: PrecinctRow) -> Self {
        Self {
            precinct,
            house: None,
            by: None,
            away: None,
        }
    }

    pub fn found_by(self, house: FoundHouse) -> Self {
        Self {
            house: Some(house.row),
            by: house.by,
            ..self
        }
    }

    pub fn away(self, metres: u32) -> Self {
        Self {
            away: Some(metres),
            ..self
        }
    }
}

/// The form's page.
pub(crate) struct Shown<'a> {
    pub form: &'a Form,
    pub heard: &'a Heard,
    pub wanted: &'a Wanted,
    /// The house that a correction of the address means.
    pub house: Option<&'a FoundHouse>,
    /// None: the country has no precinct yet, or only the words of the form are asked for.
    pub map: Option<Map>,
    /// When the form was begun, if it is taken up again.
    pub begun: Option<Instant>,
}

/// Which precinct the words mean.
pub(crate) enum Wanted {
    /// No precinct is asked for.
    Nothing,
    /// This one.
    One(Place),
    /// One of these, the best first; of words, why it is not clear.
    Choose(Option<AddressDoubt>, Vec<Place>),
    /// This house, which no precinct holds.
    NoPrecinct(AddressRow),
    /// None; of an address, why.
    Unknown(Option<AddressDoubt>),
}

impl Wanted {
    /// The precinct, when it is clear.
    pub fn precinct(&self) -> Option<&PrecinctRow> {
        match self {
            Wanted::One(place) => Some(&place.precinct),
            Wanted::Nothing | Wanted::Choose(..) | Wanted::NoPrecinct(_) | Wanted::Unknown(_) => {
                None
            }
        }
    }
}

/// What the law says to it.
pub(crate) enum Heard {
    /// Not asked yet.
    Nothing,
    /// Several places answer the words.
    Choose,
    /// The house lies in no precinct.
    NoPrecinct,
    /// Nothing stands against it.
    Fine,
    /// It cannot count.
    Refused(ClaimOutcome),
}

/// The fields that a correction may change.
const FIELDS: [&str; 5] = ["surname", "given", "patronymic", "born", "address"];

pub(crate) fn page(visit: &Visit<'_>, person: &Opened<'_>, shown: &Shown<'_>) -> Markup {
    let heard = shown.heard;
    let title = visit.t("filing.title");
    let crumbs = html! { a href="/claims" { (visit.t("nav.claims")) } " · " a href=(person.url()) { (person.title()) } };
    let shown_title = match heard {
        Heard::Refused(_) | Heard::NoPrecinct => format!("{} {title}", visit.t("error.title")),
        Heard::Nothing | Heard::Choose | Heard::Fine => title.clone(),
    };
    let body = html! {
        (heading(crumbs, html! { (title) }, html! { (in_force(visit)) (keys(visit)) a.btn.sec href="/claims" accesskey="n" { (visit.t("filing.next_person")) } }))
        div.desk.mt {
            div.stack { (standing(visit, person)) (terms(visit)) }
            (fields(visit, person, shown))
        }
    };
    let (scripts, styles): (&[&str], &[&str]) = if shown.map.is_some() {
        (
            &["office.js", "leaflet.js", "claim-map.js"],
            &["office.css", "leaflet.css"],
        )
    } else {
        (&["office.js"], &["office.css"])
    };
    shell_with(visit, Section::Claims, &shown_title, body, scripts, styles)
}

/// The keys of the desk.
pub(super) fn keys(visit: &Visit<'_>) -> Markup {
    html! {
        span.keys.no-print {
            kbd { "Alt+N" } " " (visit.t("filing.key_new")) " "
            kbd { "Enter" } " " (visit.t("filing.key_next")) " "
            kbd { "Alt+R" } " " (visit.t("filing.key_file"))
        }
    }
}

/// What is found and what the law says to it; the one part that changes while the form is filled in.
fn said(visit: &Visit<'_>, person: &Opened<'_>, shown: &Shown<'_>) -> Markup {
    let (form, heard, wanted) = (shown.form, shown.heard, shown.wanted);
    html! {
        @if let Some(found) = shown.house {
            p.found id="found" { (screen::icon(screen::Icon::Tick)) " " (house_line(visit, &found.row, found.by)) }
        }
        @match wanted {
            Wanted::Nothing => {},
            Wanted::One(place) => {
                p.found id="found" { (screen::icon(screen::Icon::Tick)) " " (precinct_line(visit, place)) }
                // A choice that led here stays with the form.
                @if let Some(chosen) = form.chosen { input type="hidden" name="chosen" value=(chosen); input type="hidden" name="chosen_for" value=(form.wanted); }
            },
            Wanted::Choose(doubt, places) => (choose(visit, form, *doubt, places)),
            Wanted::NoPrecinct(row) => p.found { b { (house(row)) } },
            Wanted::Unknown(doubt) => @if let Some(why) = doubt.and_then(|doubt| sentences().address.get(doubt.code())) {
                p.small { (why.sentence.get(visit.language)) " " (why.next.get(visit.language)) }
            },
        }
        @match heard {
            Heard::Nothing | Heard::Choose => {},
            Heard::NoPrecinct => div role="alert" { (note(Tone::Stop, html! { p { (visit.t("filing.no_precinct")) } p { b { (visit.t("filing.no_precinct_next")) } } })) },
            Heard::Fine => div role="status" { (note(Tone::Ok, html! { p { b { (visit.t("filing.fine")) } } (policy(visit, person, form, wanted)) })) },
            Heard::Refused(outcome) => (refused(visit, form, *outcome)),
        }
    }
}

fn refused(visit: &Visit<'_>, form: &Form, outcome: ClaimOutcome) -> Markup {
    let said = sentences().claim.get(outcome.code());
    html! { div role="alert" { (note(Tone::Stop, html! {
        p { b { (visit.t(&format!("claim_kind.{}", form.kind.code()))) ": " (visit.short(said)) } " " span.mono.small { (outcome.code()) } }
        @if let Some(said) = said { p { (said.sentence.get(visit.language)) } p { b { (said.next.get(visit.language)) } } }
    })) } }
}

/// What the filing means, what it replaces, until when it is taken, who decides and by when.
fn policy(visit: &Visit<'_>, person: &Opened<'_>, form: &Form, wanted: &Wanted) -> Markup {
    let law = &visit.office.law;
    let (listed, _) = crate::place::last_place(person.page);
    let from = listed.map(|code| code.to_string());
    let means = match (form.kind, wanted.precinct(), from) {
        (ClaimKind::Form2, Some(row), Some(from)) => visit.f(
            "filing.means_move",
            &[("from", &from), ("to", &row.precinct.to_string())],
        ),
        (ClaimKind::Form2, Some(row), None) => {
            visit.f("filing.means_place", &[("to", &row.precinct.to_string())])
        }
        (ClaimKind::Form2, None, _) => visit.t("filing.means_cancel"),
        (ClaimKind::Correction, _, _) => visit.f(
            "filing.means_correction",
            &[
                ("field", &visit.t(&format!("field.{}", form.field))),
                ("value", &form.value),
            ],
        ),
        (ClaimKind::Inclusion, _, _) => visit.t("filing.means_inclusion"),
        (ClaimKind::Exclusion, _, _) => visit.t("filing.means_exclusion"),
    };
    let claims = person.page.claims.open(Purpose::Serve);
    let earlier = claims.iter().find(|claim| {
        claim.kind == form.kind
            && claim.identified
            && (form.kind == ClaimKind::Form2 || claim.field == form.field)
            && matches!(form.kind, ClaimKind::Form2 | ClaimKind::Correction)
    });
    let due = answered_by(law, visit.date(visit.office.now()));
    html! {
        p { (means) }
        @if let Some(earlier) = earlier {
            p { (visit.f("filing.replaces", &[("id", &earlier.claim), ("d", &visit.day(visit.date(earlier.filed)))])) " (" (what(visit, earlier)) ")." }
        }
        p.small { (visit.f("filing.until", &[("t", &last_moment(visit, form.kind))])) " "
            @if let Some(owner) = crate::country::decided_by(form.kind) { (visit.f("filing.decides", &[("who", &visit.t(&format!("owner.{}", owner.code())))])) " " }
            (visit.f("filing.answer_by", &[("d", &visit.long_day(due))])) }
    }
}

/// `№ 1002 · Бишкек, Ленин көчөсү, 12 → ул. Манаса, 40`: the house that was asked about, and where its precinct votes.
fn precinct_line(visit: &Visit<'_>, place: &Place) -> Markup {
    let row = &place.precinct;
    let kind = visit.t(&format!("precinct_kind.{}", row.kind));
    html! {
        @if let Some(found) = &place.house { (house_line(visit, found, place.by)) " → " }
        b { "№ " (row.precinct) } " " (address(visit, row)) " " span.small.muted { (kind)
            @if let Some(away) = place.away { ", " (visit.f("filing.away", &[("m", &away.to_string())])) } }
    }
}

/// `Манас көчөсү, 12, г. Бишкек (by the street's former name)`: a house under the name in force, and what led to it.
fn house_line(visit: &Visit<'_>, found: &AddressRow, by: Option<FoundBy>) -> Markup {
    html! {
        (house(found)) @if let Some(name) = shipped_places().find_printed(found.soate) { ", " (name) }
        @if let Some(by) = by { " " span.small.muted { "(" (visit.t(by.key())) ")" } }
    }
}

fn choose(visit: &Visit<'_>, form: &Form, doubt: Option<AddressDoubt>, places: &[Place]) -> Markup {
    let why = doubt.and_then(|doubt| sentences().address.get(doubt.code()));
    html! {
        fieldset.choices id="found" {
            legend { (visit.t("filing.choose")) }
            input type="hidden" name="chosen_for" value=(form.wanted);
            @for (at, place) in places.iter().enumerate() {
                label for={ "chosen-" (at + 1) } {
                    input type="radio" id={ "chosen-" (at + 1) } name="chosen" value=(place.precinct.precinct) data-key=(at + 1);
                    span { (precinct_line(visit, place)) }
                }
            }
            @if let Some(why) = why { p.small.muted { (why.sentence.get(visit.language)) " " (visit.t("filing.choose_next")) } }
        }
    }
}

fn fields(visit: &Visit<'_>, person: &Opened<'_>, shown: &Shown<'_>) -> Markup {
    let (form, heard) = (shown.form, shown.heard);
    let is_fine = matches!(heard, Heard::Fine);
    let is_first = matches!(heard, Heard::Nothing) || shown.begun.is_some();
    let is_form2 = form.kind == ClaimKind::Form2;
    panel(
        &visit.t("filing.what"),
        html! {},
        html! {
            form.body.stack.claim-form method="post" action={ (person.url()) "/claim" } data-live="heard" data-enter {
                input type="hidden" name="form" value=(form.key);
                @if let Some(at) = shown.begun {
                    div.row.wrap.spread role="status" { p { b { (visit.f("draft.continued", &[("t", &visit.moment(at))])) } " " (visit.t("draft.identify")) }
                        button.btn.quiet type="submit" name="do" value="discard" { (visit.t("draft.discard")) } }
                }
                div.field { label for="kind" { (visit.t("claims.kind")) }
                    select.input id="kind" name="kind" autofocus[is_first && !is_form2] { @for kind in ClaimKind::ALL { option value=(kind.code()) selected[form.kind == *kind] { (visit.t(&format!("claim_kind.{}", kind.code()))) } } } }
                div.stack.of-form2 {
                    div.field { label for="wanted" { (visit.t("filing.wanted")) } p.hint id="wanted-hint" { (visit.t("filing.wanted_hint")) }
                        input.input id="wanted" name="wanted" value=(form.wanted) autocomplete="off" spellcheck="false" aria-describedby="wanted-hint" autofocus[is_first && is_form2]; }
                    @if let Some(map) = &shown.map { (pointing(visit, map)) }
                }
                div.stack.of-correction {
                    div.field { label for="field" { (visit.t("filing.field")) }
                        select.input id="field" name="field" { @for code in FIELDS { option value=(code) selected[form.field == code] { (visit.t(&format!("field.{code}"))) } } } }
                    div.field { label for="value" { (visit.t("claim.value")) } input.input id="value" name="value" value=(form.value) autocomplete="off"; }
                }
                div.stack.heard id="heard" aria-live="polite" { (said(visit, person, shown)) }
                div.stack.of-form2 {
                    div.row.wrap.fields {
                        div.field { label for="category" { (visit.t("filing.category")) }
                            select.input id="category" name="category" { @for row in visit.office.law.form2.category.iter().filter(|row| row.enabled && row.applicant == Applicant::Identified) { option value=(row.code) selected[form.category == row.code] { (category_word(visit, &row.code)) } } } }
                        div.field { label for="phone" { (visit.t("filing.phone")) }
                            input.input id="phone" name="phone" value=(form.phone) inputmode="tel" autocomplete="off" aria-describedby="phone-hint"; }
                    }
                    p.hint id="phone-hint" { (visit.t("filing.phone_hint")) }
                    div.row { input type="checkbox" id="cancels" name="cancels" value="1" checked[form.cancels]; label for="cancels" { (visit.t("filing.cancels")) } }
                }
                div.row.identified { input type="checkbox" id="identified" name="identified" value="1" checked[form.identified]; label for="identified" { b { (visit.t("filing.identified")) } } }
                div.row.wrap {
                    button class=(if is_fine { "btn sec" } else { "btn" }) type="submit" name="do" value="check" { (visit.t("filing.check")) }
                    button class=(if is_fine { "btn" } else { "btn sec" }) type="submit" name="do" value="file" accesskey="r" data-main autofocus[is_fine && !is_first] { (visit.t("filing.file")) " " kbd { "Alt+R" } }
                }
            }
        },
    )
}

/// The map on which a house is pointed at; it needs a script, and the field above takes its places as text.
fn pointing(visit: &Visit<'_>, map: &Map) -> Markup {
    html! {
        details.no-print id="claim-map-fold" hidden {
            summary { (visit.t("claim_map.open")) }
            p.small.muted id="claim-map-hint" { (visit.t("claim_map.hint")) }
            div.claim-map id="claim-map" role="application" aria-label=(visit.t("claim_map.title")) aria-describedby="claim-map-hint" data-map=(map.data()) {}
        }
    }
}

/// Where a precinct votes, in the page's language.
fn address<'a>(visit: &Visit<'_>, row: &'a PrecinctRow) -> &'a str {
    match visit.language {
        lexicon::Language::Ky => &row.address_ky,
        lexicon::Language::Ru | lexicon::Language::En => &row.address_ru,
    }
}

fn category_word(visit: &Visit<'_>, category: &str) -> String {
    let key = format!("form2_category.{category}");
    if super::texts().has(&key) {
        visit.t(&key)
    } else {
        category.to_owned()
    }
}

/// Where the person stands now, and what they filed.
fn standing(visit: &Visit<'_>, person: &Opened<'_>) -> Markup {
    let claims = person.page.claims.open(Purpose::Serve);
    let asked = html! {
        @if !claims.is_empty() { ol.timeline { @for claim in claims { li { span.small.muted { (visit.moment(claim.filed)) } br; a href={ "/claim/" (claim.claim) } { (claim.claim) } " " (what(visit, claim)) } } } }
    };
    as_it_stands(visit, person, asked)
}

/// Until when what can be filed, by the law of this election.
fn terms(visit: &Visit<'_>) -> Markup {
    let law = &visit.office.law;
    let until = |kind| {
        let last = filed_before(law, kind).plus_micros(-1);
        let is_over = visit.office.now() > last;
        html! { (visit.moment(last)) @if is_over { " " (tag(Tone::Stop, &visit.t("filing.over"))) } }
    };
    panel(
        &visit.t("filing.terms"),
        html! { (law.id) },
        html! { div.body { dl.kv {
            @for kind in ClaimKind::ALL { dt { (visit.t(&format!("claim_kind.{}", kind.code()))) } dd { (until(*kind)) } }
        } } },
    )
}

/// The receipt of a claim, for the applicant.
pub(crate) fn receipt(
    visit: &Visit<'_>,
    receipt: &Receipt,
    claim: &Claim,
    person: Option<&Hit>,
    again: bool,
) -> Markup {
    // With check digits: it is read out over the telephone and typed from paper.
    let number = receipt_number(visit.office.law.election.number, &receipt.claim);
    let title = visit.f("filing.receipt", &[("id", &number)]);
    let crumbs = html! { a href="/claims" { (visit.t("nav.claims")) } " · " a href={ "/claim/" (receipt.claim) } { (receipt.claim) } };
    let body = html! {
        (heading(crumbs, html! { (title) }, html! { (in_force(visit)) (keys(visit)) a.btn.sec href="/claims" accesskey="n" { (visit.t("filing.next_person")) } (print_button(visit)) }))
        @if again { div.mt role="status" { (note(Tone::Wait, html! { p { (visit.t("filing.again")) } })) } }
        div.narrow.mt { (panel(&title, html! { (visit.moment(receipt.filed)) }, html! { div.body.stack {
            p.big-figure { b.mono { (number) } }
            dl.kv {
                dt { (visit.t("claim.record")) } dd.mono { (receipt.claim) }
                @if let Some(hit) = person {
                    dt { (visit.t("filing.person")) } dd { (name(hit.name.open(Purpose::Serve))) }
                    @if let Some(masked) = &hit.pin_masked { dt { (visit.t("filing.pin")) } dd.mono { (masked) } }
                }
                dt { (visit.t("claim.what")) } dd { (what(visit, claim)) }
                @if claim.kind == ClaimKind::Correction { dt { (visit.t("claim.value")) } dd { (claim.value) } }
                dt { (visit.t("filing.taken_by")) } dd { (receipt.officer) }
                dt { (visit.t("filing.due")) } dd { b { (visit.long_day(receipt.due)) } }
            }
            p { (visit.t("filing.keep")) }
            @if let Some(url) = visit.person_url(receipt.person) { p { a href={ (url) "/claim" } { (visit.t("filing.another")) } } }
        } })) }
    };
    shell(visit, Section::Claims, &title, body)
}

/// The last moment at which a kind of claim is taken, in the page's figures.
pub(super) fn last_moment(visit: &Visit<'_>, kind: ClaimKind) -> String {
    visit.moment(filed_before(&visit.office.law, kind).plus_micros(-1))
}
