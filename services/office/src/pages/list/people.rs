//! The persons behind a figure or a change.

use lexicon::ExclusionReason;
use maud::{Markup, html};
use roll::eligibility::rule_id;
use store::{Hit, LISTED, ReleaseRow};

use super::waits;
use crate::pages::parts::{Pager, empty, pager};
use crate::pages::search::{Kind, row};
use crate::pages::staff::in_force;
use crate::pages::{Section, heading, panel, print_button, shell};
use crate::sums::Count;
use crate::visit::Visit;

/// What the page shows.
pub(crate) struct People<'a> {
    /// The release that the figure is of; none for a figure of the whole register.
    pub release: Option<&'a ReleaseRow>,
    pub title: &'a str,
    /// The country's sentence about the figure, may be empty.
    pub said: &'a str,
    /// How many there are.
    pub all: u64,
    pub hits: &'a [Hit],
    pub paging: &'a Pager,
}

/// A figure of a release whose persons can be shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Figure {
    /// Everybody the list was formed from.
    Considered,
    /// Whom no rule about the right to vote excludes.
    Entitled,
    /// Who waits for a human or for the registry.
    Waiting,
    /// The list.
    Listed,
    /// Whom a dispute about a PIN or about fingers keeps off the list.
    Disputed,
    /// Whom a rule excludes.
    Excluded(ExclusionReason),
}

impl Figure {
    /// The figure of an address.
    pub fn from_code(code: &str) -> Option<Self> {
        Some(match code {
            "considered" => Figure::Considered,
            "entitled" => Figure::Entitled,
            "waiting" => Figure::Waiting,
            "disputed" => Figure::Disputed,
            LISTED => Figure::Listed,
            _ => Figure::Excluded(ExclusionReason::from_code(code)?),
        })
    }

    /// The codes of decisions that it sums up.
    pub fn codes(self) -> Vec<&'static str> {
        let reasons = |wanted: &dyn Fn(ExclusionReason) -> bool| {
            let reasons = ExclusionReason::ALL.iter().copied();
            let codes = reasons.filter(|reason| wanted(*reason));
            codes.map(ExclusionReason::code).collect::<Vec<_>>()
        };
        match self {
            Figure::Considered => [reasons(&|_| true), vec![LISTED]].concat(),
            Figure::Entitled => [reasons(&is_about_the_place), vec![LISTED]].concat(),
            Figure::Waiting => reasons(&waits),
            Figure::Disputed => reasons(&|reason| {
                matches!(
                    reason,
                    ExclusionReason::PinConflict | ExclusionReason::Duplicate
                )
            }),
            Figure::Listed => vec![LISTED],
            Figure::Excluded(reason) => vec![reason.code()],
        }
    }

    /// How many a count has of it.
    pub fn of(self, count: &Count) -> u64 {
        let of =
            |code: &&str| ExclusionReason::from_code(code).map_or(count.listed, |r| count.by(r));
        self.codes().iter().map(of).sum()
    }
}

/// Whether a reason is about the place only: the right to vote ends with R08.
pub(super) fn is_about_the_place(reason: ExclusionReason) -> bool {
    let at = |wanted| {
        ExclusionReason::ALL
            .iter()
            .position(|known| *known == wanted)
    };
    at(reason) >= at(ExclusionReason::NoAddress)
}

/// Title and sentence of a figure, with what of it was asked for.
pub(crate) fn figure_title(visit: &Visit<'_>, figure: Figure) -> (String, String) {
    let (title, said) = match figure {
        Figure::Excluded(reason) => (
            format!(
                "{} {}",
                rule_id(reason),
                visit.short(visit.exclusion(reason))
            ),
            visit
                .exclusion(reason)
                .map_or("", |said| said.sentence.get(visit.language)),
        ),
        Figure::Considered => (visit.t("waterfall.considered"), ""),
        Figure::Entitled => (visit.t("waterfall.entitled"), ""),
        Figure::Waiting => (visit.t("waterfall.waits"), ""),
        Figure::Disputed => (visit.t("figure_code.excluded_pin_biometric_conflicts"), ""),
        Figure::Listed => (visit.t("list.listed"), ""),
    };
    let mut parts = vec![title];
    if let Some(region) = visit.asked("region").and_then(register::Region::from_code) {
        parts.push(visit.t(&format!("region.{}", region.code())));
    }
    match visit.asked("sex") {
        Some("F") => parts.push(visit.t("breakdown.women")),
        Some("M") => parts.push(visit.t("breakdown.men")),
        Some(_) | None => {}
    }
    // What is no age band finds nobody; it is not said back.
    let is_band = |text: &&str| text.chars().all(|c| c.is_ascii_digit() || "-+".contains(c));
    parts.extend(visit.asked("age").filter(is_band).map(str::to_owned));
    (parts.join(", "), said.to_owned())
}

/// Where somebody stood, in words.
pub(crate) fn change_word(visit: &Visit<'_>, code: &str) -> String {
    match (code, ExclusionReason::from_code(code)) {
        (_, Some(reason)) => visit.short(visit.exclusion(reason)),
        (LISTED, None) => visit.t("list.listed"),
        (_, None) => visit.t("changes.not_considered"),
    }
}

/// Title of the page about one change.
pub(crate) fn change_title(visit: &Visit<'_>, was: &str, now: &str) -> String {
    if (was, now) == (LISTED, LISTED) {
        return visit.t("changes.moved");
    }
    format!("{} → {}", change_word(visit, was), change_word(visit, now))
}

pub(crate) fn page(visit: &Visit<'_>, shown: &People<'_>) -> Markup {
    let title = shown.title;
    let crumbs = html! {
        @match shown.release.map(|release| release.number.to_string()) {
            Some(n) => a href={ "/list/" (n) } { (visit.f("list.name", &[("n", &n)])) },
            None => a href="/statistics" { (visit.t("statistics.title")) },
        }
        " · " (visit.t("people.crumb"))
    };
    let body = html! {
        (heading(crumbs, html! { (title) }, html! { (in_force(visit)) (print_button(visit)) }))
        @if !shown.said.is_empty() { p.mt-s.muted { (shown.said) } }
        div.mt {
            (panel(&visit.n("people.count", shown.all), html! { (visit.t("people.order")) }, html! {
                @if shown.hits.is_empty() { (empty(&visit.t("people.none"), html! {})) } @else {
                    table.t {
                        caption.vh { (title) }
                        thead { tr { th scope="col" { (visit.t("person.name")) } th scope="col" { (visit.t("person.born")) } th scope="col" { (visit.t("person.pin")) } th scope="col" { (visit.t("person.standing")) } } }
                        tbody { @for hit in shown.hits { (row(visit, Kind::Pin, hit)) } }
                    }
                    (pager(visit, shown.paging))
                }
            }))
        }
    };
    shell(visit, Section::List, title, body)
}
