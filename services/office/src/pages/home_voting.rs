//! Voting at home: the form with what the law says to it, the slip, the home lists before and after the cut-off.

use std::collections::BTreeMap;

use lexicon::{ExclusionReason, PrecinctCode, Purpose};
use maud::{Markup, html};
use roll::home::{HomeRefused, cut_off};
use screen::components::{Tone, note, tag};
use screen::format::number;
use store::{Hit, HomeEdition, HomeFrozen, HomeWish};

use super::parts::{empty, name};
use super::person::{Opened, as_it_stands};
use super::staff::in_force;
use super::{Section, heading, panel, print_button, shell};
use crate::home_voting::NotFrozen;
use crate::role::Right;
use crate::visit::Visit;

/// What was typed.
pub(crate) struct Form {
    /// The form's own random key: sent twice, it is one wish.
    pub key: String,
    /// Number of the precinct.
    pub wanted: String,
    pub category: String,
    /// Where the members go.
    pub place: String,
    pub identified: bool,
}

/// What the law says to it.
pub(crate) enum Said {
    /// Not asked yet.
    Nothing,
    /// No number of a precinct.
    NoPrecinct,
    /// Nothing stands against it.
    Fine,
    /// The form is to be corrected, or the voter would be refused.
    Refused(HomeRefused),
}

fn category(visit: &Visit<'_>, code: &str) -> String {
    let key = format!("home_category.{code}");
    if super::texts().has(&key) {
        visit.t(&key)
    } else {
        code.to_owned()
    }
}

/// Reason and next step of a refusal, given as its code and what belongs to it.
fn refusal(visit: &Visit<'_>, refused: &str) -> (String, String) {
    let (code, detail) = refused.split_once(' ').unwrap_or((refused, ""));
    let why = ExclusionReason::from_code(detail).map_or_else(
        || detail.to_owned(),
        |why| visit.short(visit.exclusion(why)),
    );
    let day = visit.long_day(visit.date(cut_off(&visit.office.law).plus_micros(-1)));
    let fill = |family: &str| {
        visit.f(
            &format!("{family}.{code}"),
            &[("p", detail), ("why", &why), ("d", &day)],
        )
    };
    (fill("home_refused"), fill("home_next"))
}

fn refused_note(visit: &Visit<'_>, refused: &str) -> Markup {
    let (why, next) = refusal(visit, refused);
    let code = refused.split(' ').next().unwrap_or("").to_uppercase();
    html! { div role="alert" { (note(Tone::Stop, html! {
        p { b { (why) } " " span.mono.small { (code) } }
        p { b { (next) } }
    })) } }
}

pub(crate) fn page(
    visit: &Visit<'_>,
    person: &Opened<'_>,
    form: &Form,
    said: &Said,
    wishes: &[HomeWish],
) -> Markup {
    let name = visit.t("home_voting.form");
    let is_wrong = matches!(said, Said::NoPrecinct | Said::Refused(_));
    let title = if is_wrong {
        format!("{} {name}", visit.t("error.title"))
    } else {
        name.clone()
    };
    let crumbs = html! { a href="/home-voting" { (visit.t("home_voting.title")) } " · " a href=(person.url()) { (person.title()) } };
    let body = html! {
        (heading(crumbs, html! { (name) }, html! { (in_force(visit)) }))
        div.cols.wide.mt {
            div.stack {
                @match said {
                    Said::Nothing => {}
                    Said::NoPrecinct => { div role="alert" { (note(Tone::Stop, html! { p { (visit.t("home_voting.no_precinct")) } })) } }
                    Said::Fine => { div role="status" { (note(Tone::Ok, html! { p { b { (visit.t("filing.fine")) } } })) } }
                    Said::Refused(why) => { (refused_note(visit, format!("{} {}", why.code(), why.detail()).trim_end())) }
                }
                (fields(visit, person, form, matches!(said, Said::Fine)))
            }
            div.stack { (standing(visit, person, wishes)) (terms(visit)) }
        }
    };
    shell(visit, Section::Claims, &title, body)
}

fn fields(visit: &Visit<'_>, person: &Opened<'_>, form: &Form, is_fine: bool) -> Markup {
    let law = &visit.office.law.home;
    panel(
        &visit.t("filing.what"),
        html! {},
        html! {
            form.body.stack method="post" action={ (person.url()) "/home-voting" } {
                input type="hidden" name="form" value=(form.key);
                div.field { label for="wanted" { (visit.t("home_voting.precinct")) } input.input.w-4 id="wanted" name="wanted" value=(form.wanted) inputmode="numeric" autocomplete="off"; }
                div.field { label for="category" { (visit.t("home_voting.category")) }
                    p.hint id="category-hint" { (law.source) }
                    select.input id="category" name="category" aria-describedby="category-hint" autofocus[!is_fine] { @for code in &law.reasons { option value=(code) selected[form.category == *code] { (category(visit, code)) } } } }
                div.field { label for="place" { (visit.t("home_voting.place")) }
                    p.hint id="place-hint" { (visit.t("home_voting.place_hint")) }
                    input.input id="place" name="place" value=(form.place) autocomplete="off" aria-describedby="place-hint"; }
                div.row { input type="checkbox" id="identified" name="identified" value="1" checked[form.identified]; label for="identified" { (visit.t("filing.identified")) } }
                div.row.wrap {
                    button class=(if is_fine { "btn sec" } else { "btn" }) type="submit" name="do" value="check" { (visit.t("filing.check")) }
                    button class=(if is_fine { "btn" } else { "btn sec" }) type="submit" name="do" value="file" autofocus[is_fine] { (visit.t("filing.file")) }
                    button.btn.quiet type="submit" name="do" value="withdraw" { (visit.t("home_voting.withdraw")) }
                }
            }
        },
    )
}

fn wish_line(visit: &Visit<'_>, wish: &HomeWish) -> Markup {
    let what = if wish.withdraws {
        visit.t("home_voting.withdrawal")
    } else {
        visit.t("home_voting.application")
    };
    html! {
        span.small.muted { (visit.moment(wish.at)) } br;
        a href={ "/home-voting/slip/" (wish.number) } { "H" (format!("{:07}", wish.number)) } " " (what) " " b { (wish.precinct) }
        @if !wish.refused.is_empty() { " " (tag(Tone::Stop, &visit.t("home_standing.refused"))) }
    }
}

fn standing(visit: &Visit<'_>, person: &Opened<'_>, wishes: &[HomeWish]) -> Markup {
    let asked = html! {
        @if !wishes.is_empty() { ol.timeline { @for wish in wishes.iter().rev() { li { (wish_line(visit, wish)) } } } }
    };
    as_it_stands(visit, person, asked)
}

/// The clock: until when the law takes applications.
fn terms(visit: &Visit<'_>) -> Markup {
    let law = &visit.office.law;
    panel(
        &visit.t("filing.terms"),
        html! { (law.id) },
        html! { div.body { dl.kv { dt { (visit.t("home_voting.until")) } dd { (clock(visit)) } } p.small.muted { (law.home.source) } } },
    )
}

fn clock(visit: &Visit<'_>) -> Markup {
    let last = cut_off(&visit.office.law).plus_micros(-1);
    let left = visit.date(last).since(visit.date(visit.office.now()));
    let left = left.map_or(0, |span| span.get_days());
    html! {
        (visit.moment(last)) " "
        @if visit.office.now() > last { (tag(Tone::Stop, &visit.t("filing.over"))) }
        @else { (tag(Tone::Wait, &visit.n("home_voting.left", u64::try_from(left).unwrap_or(0)))) }
    }
}

/// The slip for the voter: that it was taken, or why not and what to do.
pub(crate) fn slip(
    visit: &Visit<'_>,
    wish: &HomeWish,
    person: Option<&Hit>,
    again: bool,
) -> Markup {
    let id = format!("H{:07}", wish.number);
    let title = if wish.refused.is_empty() {
        visit.f("home_voting.slip", &[("id", &id)])
    } else {
        visit.f("home_voting.slip_refused", &[("id", &id)])
    };
    let crumbs = html! { a href="/home-voting" { (visit.t("home_voting.title")) } " · " (id) };
    let may_read = visit.may(Right::FileClaims);
    let body = html! {
        (heading(crumbs, html! { (title) }, html! { (in_force(visit)) (print_button(visit)) }))
        @if again { div.mt role="status" { (note(Tone::Wait, html! { p { (visit.t("home_voting.again")) } })) } }
        @if !wish.refused.is_empty() { div.mt { (refused_note(visit, &wish.refused)) } }
        div.narrow.mt { (panel(&title, html! { (visit.moment(wish.at)) }, html! { div.body.stack {
            p.big-figure { b.mono { (id) } }
            dl.kv {
                @if let Some(hit) = person {
                    dt { (visit.t("filing.person")) } dd { (name(hit.name.open(Purpose::Serve))) }
                    @if let Some(masked) = &hit.pin_masked { dt { (visit.t("filing.pin")) } dd.mono { (masked) } }
                }
                dt { (visit.t("claim.what")) } dd { (visit.t(if wish.withdraws { "home_voting.withdrawal" } else { "home_voting.application" })) }
                dt { (visit.t("home_voting.precinct")) } dd { b { (wish.precinct) } }
                @if !wish.withdraws && may_read {
                    dt { (visit.t("home_voting.category")) } dd { (category(visit, &wish.category)) }
                    dt { (visit.t("home_voting.place")) } dd { (wish.place.open(Purpose::Serve)) }
                }
                dt { (visit.t("filing.taken_by")) } dd { (wish.staff) }
                @if let (true, false, Some(day)) = (wish.refused.is_empty(), wish.withdraws, visits(visit)) { dt { (visit.t("home_voting.visit")) } dd { b { (day) } } }
            }
            @if wish.refused.is_empty() { p { (visit.t(if wish.withdraws { "home_voting.keep_withdrawn" } else { "home_voting.keep" })) } }
            @if let Some(url) = visit.person_url(wish.person).filter(|_| may_read) { p { a href={ (url) "/home-voting" } { (visit.t("home_voting.back_to_person")) } } }
        } })) }
    };
    shell(visit, Section::Claims, &title, body)
}

/// The first day of the visits, where the law names one.
fn visits(visit: &Visit<'_>) -> Option<String> {
    let law = &visit.office.law;
    let days = law.home.voting_days?;
    Some(visit.long_day(law.days_before(days)))
}

/// Applications of one precinct, counted.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sum {
    pub applied: u64,
    pub stand: u64,
    pub withdrawn: u64,
    pub lapsed: u64,
    pub refused: u64,
}

/// The freezing that stands.
pub(crate) struct Lists {
    pub edition: Option<HomeEdition>,
    pub lists: Vec<HomeFrozen>,
    /// The latest release.
    pub latest: Option<u32>,
}

/// What the first page shows.
pub(crate) struct Overview<'a> {
    pub sums: &'a BTreeMap<PrecinctCode, Sum>,
    pub lists: &'a Lists,
    pub wrong: Option<NotFrozen>,
    pub is_frozen_now: bool,
}

pub(crate) fn overview(visit: &Visit<'_>, shown: &Overview<'_>) -> Markup {
    let name = visit.t("home_voting.title");
    let title = match shown.wrong {
        Some(_) => format!("{} {name}", visit.t("error.title")),
        None => name.clone(),
    };
    let crumbs = html! { @if visit.may(Right::SeeClaims) { a href="/claims" { (visit.t("nav.claims")) } } @else { (visit.t("nav.claims")) } };
    let tools = html! {
        @if visit.may(Right::SeeClaims) { a href="/home-voting/table" { (visit.t("home_voting.csv")) } }
        (print_button(visit))
    };
    let body = html! {
        (heading(crumbs, html! { (name) }, tools))
        @if let Some(why) = shown.wrong { div.mt role="alert" { (note(Tone::Stop, html! { p { (visit.t(&format!("home_freeze.{}", why.code()))) " " span.mono.small { (why.code().to_uppercase()) } } })) } }
        @if shown.is_frozen_now { div.mt role="status" { (note(Tone::Ok, html! { p { (visit.t("home_voting.frozen_now")) } })) } }
        div.cols.wide.mt {
            div.stack { (by_precinct(visit, shown)) }
            div.stack { (terms(visit)) (frozen(visit, shown.lists)) }
        }
    };
    shell(visit, Section::Claims, &title, body)
}

fn by_precinct(visit: &Visit<'_>, shown: &Overview<'_>) -> Markup {
    let title = visit.t("home_voting.by_precinct");
    if shown.sums.is_empty() {
        return panel(
            &title,
            html! {},
            empty(
                &visit.t("home_voting.none"),
                html! { (visit.t("home_voting.none_next")) },
            ),
        );
    }
    let frozen = |code: PrecinctCode| shown.lists.lists.iter().find(|list| list.precinct == code);
    panel(
        &title,
        html! {},
        html! { div.scroll-x tabindex="0" role="region" aria-label=(title) { table.t.dense {
            caption.vh { (title) }
            thead { tr {
                th scope="col" { (visit.t("home_voting.precinct")) } th.num scope="col" { (visit.t("home_voting.applied")) } th.num scope="col" { (visit.t("home_standing.stands")) }
                th.num scope="col" { (visit.t("home_standing.withdrawal")) } th.num scope="col" { (visit.t("home_standing.lapsed")) } th.num scope="col" { (visit.t("home_standing.refused")) } th.num scope="col" { (visit.t("home_voting.frozen")) }
            } }
            tbody { @for (code, sum) in shown.sums { tr {
                th scope="row" { @if visit.may(Right::SeeClaims) { a href={ "/home-voting/precinct/" (code) } { (code) } } @else { (code) } }
                td.num { (number(sum.applied)) } td.num { b { (number(sum.stand)) } } td.num { (number(sum.withdrawn)) } td.num { (number(sum.lapsed)) } td.num { (number(sum.refused)) }
                td.num { @match frozen(*code) { Some(list) => (number(u64::from(list.voters))), None => "–" } }
            } } }
        } } },
    )
}

fn frozen(visit: &Visit<'_>, lists: &Lists) -> Markup {
    let all: u64 = lists.lists.iter().map(|list| u64::from(list.voters)).sum();
    panel(
        &visit.t("home_voting.lists"),
        html! {},
        html! { div.body.stack {
            @match &lists.edition {
                None => p { (visit.t("home_voting.not_frozen")) },
                Some(edition) => {
                    dl.kv {
                        dt { (visit.t("home_voting.frozen_at")) } dd { (visit.moment(edition.at)) ", " (edition.staff) }
                        dt { (visit.t("home_voting.of_list")) } dd { a href={ "/list/" (edition.release) } { (visit.f("list.name", &[("n", &edition.release.to_string())])) } }
                        dt { (visit.t("home_voting.voters")) } dd { b { (number(all)) } " / " (number(lists.lists.len() as u64)) }
                    }
                    @if lists.latest.is_some_and(|latest| latest != edition.release) { (note(Tone::Warn, html! { p { (visit.t("home_voting.stale")) } })) }
                    @if visit.may(Right::Approve) { p { a href="/home-voting/signed" { (visit.t("home_voting.signed")) } } p.small.muted { (visit.t("home_voting.signed_hint")) } }
                }
            }
            @if visit.may(Right::Approve) { form method="post" action="/home-voting" { button class=(if lists.edition.is_some() { "btn sec js-once" } else { "btn js-once" }) type="submit" { (visit.t("home_voting.freeze")) } } }
        } },
    )
}

/// A wish of a precinct.
pub(crate) struct Row<'a> {
    pub wish: &'a HomeWish,
    pub hit: Option<&'a Hit>,
    /// Line of the list, when it stands.
    pub line: Option<u32>,
    pub standing: &'static str,
    pub reason: String,
}

/// The home list of a precinct with everything that was heard there.
pub(crate) fn precinct(
    visit: &Visit<'_>,
    code: PrecinctCode,
    rows: &[Row<'_>],
    lists: &Lists,
) -> Markup {
    let title = visit.f("home_voting.of_precinct", &[("p", &code.to_string())]);
    let crumbs = html! { a href="/home-voting" { (visit.t("home_voting.title")) } " · " (code) };
    let may_read = visit.may(Right::FileClaims);
    let is_frozen = lists.lists.iter().any(|list| list.precinct == code);
    let body = html! {
        (heading(crumbs, html! { (title) }, html! { (in_force(visit)) (print_button(visit)) }))
        p { (tag(if is_frozen { Tone::Ok } else { Tone::Wait }, &visit.t(if is_frozen { "home_voting.is_frozen" } else { "home_voting.not_frozen" }))) }
        div.mt { (panel(&title, html! {}, html! { div.scroll-x tabindex="0" role="region" aria-label=(title) { table.t.dense {
            caption.vh { (title) }
            thead { tr {
                th.num scope="col" { (visit.t("day.line")) } th scope="col" { (visit.t("filing.person")) } th scope="col" { (visit.t("home_voting.category")) } th scope="col" { (visit.t("home_voting.place")) }
                th scope="col" { (visit.t("claim.filed")) } th scope="col" { (visit.t("claim.number")) } th scope="col" { (visit.t("claim.outcome")) }
            } }
            tbody { @for row in rows { tr {
                td.num { @match row.line { Some(line) => b { (line) }, None => "–" } }
                td { @if let Some(hit) = row.hit { (name(hit.name.open(Purpose::Serve))) } }
                td { @if may_read && !row.wish.withdraws { (category(visit, &row.wish.category)) } @else { "–" } }
                td { @if may_read && !row.wish.withdraws { (row.wish.place.open(Purpose::Serve)) } @else { "–" } }
                td.nowrap { (visit.moment(row.wish.at)) }
                td { a href={ "/home-voting/slip/" (row.wish.number) } { (format!("H{:07}", row.wish.number)) } }
                td { (standing_tag(visit, row.standing)) @if !row.reason.is_empty() { br; span.small.muted { (refusal(visit, &row.reason).0) } } }
            } } }
        } } })) }
    };
    shell(visit, Section::Claims, &title, body)
}

fn standing_tag(visit: &Visit<'_>, code: &str) -> Markup {
    let tone = match code {
        "stands" => Tone::Ok,
        "refused" | "lapsed" => Tone::Stop,
        _ => Tone::Wait,
    };
    tag(tone, &visit.t(&format!("home_standing.{code}")))
}
