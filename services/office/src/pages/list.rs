//! The release page: figures, the waterfall from everybody considered to the list, sums taken by
//! independent ways, what waits for a human, changes since the release before, signatures.

use lexicon::ExclusionReason;
use maud::{Markup, html};
use roll::eligibility::rule_id;
use screen::chart::{Step, StepKind, waterfall};
use screen::components::{Tone, note, tag};
use screen::format::{number, percent};
use store::{Changes, DeltaRow, Edition, ReleaseRow, WitnessRow};

use super::approval::progress_tag;
use super::parts::{PAGE_ROWS, Pager, empty, pager};
use super::{Section, heading, panel, print_button, shell};
use crate::blockers::{Blocker, Progress};
use crate::office::{Counted, Document};
use crate::role::Right;
use crate::sums::{Count, Figure};
use crate::visit::Visit;

pub(crate) mod blockers;
pub(crate) mod compare;
pub(crate) mod deltas;
pub(crate) mod people;
pub(crate) mod places;
mod signatures;

/// What the release page shows.
pub(crate) struct Release<'a> {
    pub release: &'a ReleaseRow,
    pub all: &'a [ReleaseRow],
    pub document: &'a Document,
    pub counted: &'a Counted,
    /// Code, whether it stops the signing, how many.
    pub findings: &'a [(String, bool, u64)],
    /// Precincts without a finding that stops the signing, and all precincts.
    pub precincts: (u64, u64),
    /// The largest lists.
    pub largest: &'a [(lexicon::PrecinctCode, u64)],
    pub blockers: &'a [Blocker],
    pub progress: Progress,
    /// The last election's voters, when they were taken in.
    pub reference: Option<&'a Edition>,
    /// Signed changes after it, by number.
    pub deltas: &'a [DeltaRow],
    /// Who cosigned the log that it was published in.
    pub witnesses: &'a [WitnessRow],
}

/// Reasons that wait for a human; the others follow from law and a source.
pub(crate) fn waits(reason: ExclusionReason) -> bool {
    match reason {
        ExclusionReason::NotYetProcessed
        | ExclusionReason::PinConflict
        | ExclusionReason::NoAddress => true,
        ExclusionReason::Dead
        | ExclusionReason::NotCitizen
        | ExclusionReason::UnderAge
        | ExclusionReason::Court
        | ExclusionReason::Duplicate
        | ExclusionReason::NoBiometrics
        | ExclusionReason::AbroadNotRegistered
        | ExclusionReason::NoValidDocument => false,
    }
}

pub(crate) fn page(visit: &Visit<'_>, shown: &Release<'_>) -> Markup {
    let release = shown.release;
    let n = release.number.to_string();
    let stage = visit.t(&format!("stage.{}", release.stage));
    let frozen = visit.moment(release.frozen_at);
    let title = visit.f(
        "list.title",
        &[("n", &n), ("stage", &stage), ("t", &frozen)],
    );
    let election = visit.long_day(visit.office.law.election.day);
    let crumbs = html! {
        (visit.f("list.crumb", &[("d", &election)]))
        @for other in shown.all.iter().rev() {
            " · "
            @let name = visit.f("list.name", &[("n", &other.number.to_string())]);
            @if other.number == release.number { b { (name) } } @else { a href={ "/list/" (other.number) } { (name) } }
        }
    };
    let right = html! {
        (progress_tag(visit, shown.progress))
        a.btn.sec href={ "/list/" (n) "/precincts" } { (visit.t("list.all_precincts")) }
        (print_button(visit))
        (sign(visit, shown))
    };
    let body = html! {
        (heading(crumbs, html! { (title) }, right))
        (figures(visit, shown))
        (deltas::panel(visit, shown))
        div.cols {
            div.stack { (chart(visit, shown)) (largest(visit, shown)) }
            div.stack { (blockers::panel(visit, shown)) (compare::last_election(visit, shown)) }
        }
        (changes(visit, shown))
        div.mt { (compare::breakdown(visit, shown)) }
        div.mt { (compare::excluded(visit, shown)) }
        div.cols.even { (sums(visit, shown)) (signatures::panel(visit, shown)) }
    };
    shell(visit, Section::List, &title, body)
}

/// The way to the page where two persons sign; off while something stops it, and says what. Once two have signed it
/// shows who did.
fn sign(visit: &Visit<'_>, shown: &Release<'_>) -> Markup {
    let n = shown.release.number;
    let is_done = matches!(shown.progress, Progress::Approved | Progress::Published);
    let stops = shown.blockers.iter().any(Blocker::stops);
    html! {
        @if is_done {
            a.btn.sec href={ "/list/" (n) "/approve" } { (visit.t("list.signed")) }
        } @else if stops {
            a.btn.off aria-disabled="true" aria-describedby="sign-off-why" href={ "/list/" (n) "/approve" } { (visit.t("list.sign")) }
            span.small.stops id="sign-off-why" { (blockers::sentence(visit, shown.blockers)) }
        } @else {
            a.btn href={ "/list/" (n) "/approve" } { (visit.t("list.sign")) }
        }
    }
}

/// A number that leads to its persons, for those who may see them; `which` is the code of a [`people::Figure`], and
/// what narrows it down.
fn people_link(visit: &Visit<'_>, release: u32, which: &str, persons: u64) -> Markup {
    html! {
        @if persons > 0 && visit.may(Right::SeePeople) {
            a href={ "/list/" (release) "/people/" (which) } { (number(persons)) }
        } @else { (number(persons)) }
    }
}

fn figures(visit: &Visit<'_>, shown: &Release<'_>) -> Markup {
    let count = &shown.counted.sums.counted;
    let n = shown.release.number;
    let waiting: u64 = ExclusionReason::ALL
        .iter()
        .filter(|r| waits(**r))
        .map(|r| count.by(*r))
        .sum();
    let conflicts = count.by(ExclusionReason::PinConflict);
    let homeless = count.by(ExclusionReason::NoAddress);
    let pending = count.by(ExclusionReason::NotYetProcessed);
    let share = percent(visit.language, count.listed, count.considered);
    let tone = |bad: u64, class: &'static str| if bad > 0 { class } else { "good" };
    let people = |code: &str, value: u64| people_link(visit, n, code, value);
    let grown = shown.counted.changes.as_ref().map(|changes| {
        let earlier = shown.all.iter().find(|r| r.number == changes.since);
        let was = earlier.map_or(0, |r| r.total);
        let sign = if count.listed < was { "−" } else { "+" };
        let apart = format!("{sign}{}", number(count.listed.abs_diff(was)));
        visit.f(
            "figure.grown",
            &[("d", &apart), ("n", &changes.since.to_string())],
        )
    });
    let (sound, all) = shown.precincts;
    html! {
        div.stats.mt {
            div.stat.good {
                b { (people(store::LISTED, count.listed)) }
                span { (visit.f("figure.listed", &[("p", &share)])) @if let Some(grown) = grown { " · " (grown) } }
            }
            div.stat { b { (people("considered", count.considered)) } span { (visit.t("figure.considered")) } }
            div class={ "stat " (tone(conflicts, "bad")) } { b { (people("PIN_CONFLICT", conflicts)) } span { (visit.t("figure.conflicts")) } }
            div class={ "stat " (tone(waiting, "mid")) } {
                b { (people("waiting", waiting)) }
                span {
                    (visit.t("figure.waiting")) " · " (people("NO_ADDRESS", homeless)) " " (visit.t("figure.homeless"))
                    @if pending > 0 { " · " (people("NOT_YET_PROCESSED", pending)) " " (visit.short(visit.exclusion(ExclusionReason::NotYetProcessed))) }
                }
            }
            div class={ "stat " (tone(all.saturating_sub(sound), "bad")) } {
                b { a href={ "/list/" (n) "/findings" } { (number(sound)) " / " (number(all)) } }
                span { (visit.t("figure.sound")) }
            }
        }
    }
}

fn chart(visit: &Visit<'_>, shown: &Release<'_>) -> Markup {
    let title = visit.t("waterfall.title");
    let wrong = shown.counted.sums.disagreements();
    if !wrong.is_empty() {
        let names: Vec<String> = wrong.iter().map(|f| figure_name(visit, *f)).collect();
        return panel(
            &title,
            html! { (tag(Tone::Stop, &visit.t("waterfall.stopped"))) },
            html! {
                div.body role="alert" {
                    (note(Tone::Stop, html! {
                        p { b { (visit.t("waterfall.disagree")) } }
                        p { (visit.f("waterfall.disagree_in", &[("what", &names.join(", "))])) }
                        p { (visit.t("waterfall.disagree_next")) }
                    }))
                }
            },
        );
    }
    let n = shown.release.number.to_string();
    let count = &shown.counted.sums.counted;
    let steps = steps(visit, &n, count);
    let label = visit.f(
        "waterfall.label",
        &[
            ("a", &number(count.considered)),
            ("b", &number(count.listed)),
        ],
    );
    let taken = visit.moment(shown.counted.taken);
    panel(
        &title,
        html! { (visit.f("waterfall.counted", &[("t", &taken)])) " · " a href={ "/list/" (n) "?recount=1" } { (visit.t("waterfall.again")) } },
        html! {
            div.body {
                (waterfall(&steps, &label))
                div.row.small.wrap.legend {
                    span { (swatch("c-brand")) " " (visit.t("waterfall.rest")) }
                    span { (swatch("c-grey")) " " (visit.t("waterfall.by_law")) }
                    span { (swatch("c-warn")) " " (visit.t("waterfall.waits")) }
                    span { (swatch("c-ok")) " " (visit.t("waterfall.list")) }
                }
            }
        },
    )
}

fn swatch(class: &str) -> Markup {
    html! { svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true" { rect class=(class) width="14" height="14" {} } }
}

/// Everybody considered, each reason in the order of the rules, those with the right, the list.
fn steps(visit: &Visit<'_>, release: &str, count: &Count) -> Vec<Step> {
    let people = |code: &str| {
        visit
            .may(Right::SeePeople)
            .then(|| format!("/list/{release}/people/{code}"))
    };
    let mut steps = vec![Step {
        label: visit.t("waterfall.considered"),
        value: count.considered,
        kind: StepKind::Total,
        href: people("considered"),
    }];
    let mut rest = count.considered;
    for &reason in ExclusionReason::ALL {
        // The right to vote ends with R08; what follows is only about the place.
        if reason == ExclusionReason::NoAddress {
            steps.push(Step {
                label: visit.t("waterfall.entitled"),
                value: rest,
                kind: StepKind::Total,
                href: people("entitled"),
            });
        }
        let value = count.by(reason);
        rest = rest.saturating_sub(value);
        steps.push(Step {
            label: visit.short(visit.exclusion(reason)),
            value,
            kind: if waits(reason) {
                StepKind::Waiting
            } else {
                StepKind::ByLaw
            },
            href: people(reason.code()).filter(|_| value > 0),
        });
    }
    steps.push(Step {
        label: visit.f("list.name", &[("n", release)]),
        value: count.listed,
        kind: StepKind::Result,
        href: people(store::LISTED).or_else(|| Some(format!("/list/{release}/precincts"))),
    });
    steps
}

fn figure_name(visit: &Visit<'_>, figure: Figure) -> String {
    match figure {
        Figure::Considered => visit.t("waterfall.considered"),
        Figure::Listed => visit.t("list.listed"),
        Figure::Parts => visit.t("sums.parts"),
        Figure::Excluded(reason) => visit.short(visit.exclusion(reason)),
    }
}

/// The three ways of counting, side by side.
fn sums(visit: &Visit<'_>, shown: &Release<'_>) -> Markup {
    let sums = &shown.counted.sums;
    let wrong = sums.disagreements();
    let verdict = if wrong.is_empty() {
        tag(Tone::Ok, &visit.t("sums.agree"))
    } else {
        tag(Tone::Stop, &visit.t("sums.disagree"))
    };
    let n = shown.release.number;
    let behind = |figure: Figure, value: u64| {
        let code = match figure {
            Figure::Listed => Some(store::LISTED),
            Figure::Excluded(reason) => Some(reason.code()),
            Figure::Considered => Some("considered"),
            Figure::Parts => None,
        };
        match code {
            Some(code) => people_link(visit, n, code, value),
            None => html! { (number(value)) },
        }
    };
    let row = |figure: Figure, name: String, of: &dyn Fn(&Count) -> u64| {
        html! {
            tr class=[wrong.contains(&figure).then_some("wrong")] {
                th scope="row" { (name) @if wrong.contains(&figure) { " ≠" } }
                td.num { @match &sums.signed { Some(count) => (number(of(count))), None => "–" } }
                td.num { (behind(figure, of(&sums.counted))) }
                td.num { (number(of(&sums.folded))) }
            }
        }
    };
    panel(
        &visit.t("sums.title"),
        verdict,
        html! {
            table.t.dense {
                caption.vh { (visit.t("sums.title")) }
                thead { tr {
                    th scope="col" { (visit.t("sums.figure")) } th.num scope="col" { (visit.t("sums.signed")) }
                    th.num scope="col" { (visit.t("sums.counted")) } th.num scope="col" { (visit.t("sums.folded")) }
                } }
                tbody {
                    (row(Figure::Considered, visit.t("waterfall.considered"), &|c| c.considered))
                    @for &reason in ExclusionReason::ALL {
                        (row(Figure::Excluded(reason), format!("{} {}", rule_id(reason), visit.short(visit.exclusion(reason))), &|c| c.by(reason)))
                    }
                    (row(Figure::Listed, visit.t("list.listed"), &|c| c.listed))
                }
                tfoot { tr {
                    td { (visit.t("sums.check")) }
                    td.num { @if let Some(count) = &sums.signed { (adds(count)) } }
                    td.num { (adds(&sums.counted)) } td.num { (adds(&sums.folded)) }
                } }
            }
        },
    )
}

fn adds(count: &Count) -> Markup {
    let sum = number(count.listed + count.excluded_total());
    html! { (sum) @if count.adds_up() { " =" } @else { " ≠" } }
}

fn largest(visit: &Visit<'_>, shown: &Release<'_>) -> Markup {
    let n = shown.release.number;
    let max = u64::from(visit.office.law.list.precinct_voters_max);
    panel(
        &visit.t("list.largest"),
        html! { a href={ "/list/" (n) "/precincts" } { (visit.f("list.every", &[("n", &shown.precincts.1.to_string())])) } },
        html! {
            table.t.dense {
                caption.vh { (visit.t("list.largest")) }
                thead { tr { th scope="col" { (visit.t("precinct.number")) } th.num scope="col" { (visit.t("precinct.lines")) } th.num scope="col" { (visit.f("list.of_max", &[("n", &max.to_string())])) } } }
                tbody { @for (precinct, lines) in shown.largest { tr {
                    td { a href={ "/list/" (n) "/precinct/" (precinct) } { (precinct) } }
                    td.num { a href={ "/list/" (n) "/precinct/" (precinct) } { (number(*lines)) } } td.num { (percent(visit.language, *lines, max)) }
                } } }
            }
        },
    )
}

/// Who came, who went and who moved since the release before; each number leads to its persons.
fn changes(visit: &Visit<'_>, shown: &Release<'_>) -> Markup {
    let Some(Changes { since, rows }) = &shown.counted.changes else {
        return html! {};
    };
    let is_moved = |row: &&(String, String, u64)| row.0 == store::LISTED && row.1 == store::LISTED;
    let came = rows.iter().filter(|r| r.1 == store::LISTED && !is_moved(r));
    let went = rows.iter().filter(|r| r.0 == store::LISTED && !is_moved(r));
    let moved = rows.iter().filter(is_moved);
    let sum = |n: u64| number(n);
    let n = shown.release.number;
    let link = |code: &str| {
        if code.is_empty() {
            "-".to_owned()
        } else {
            code.to_owned()
        }
    };
    let people = |sign: &str, row: &(String, String, u64)| {
        let text = format!("{sign}{}", number(row.2));
        html! { b {
            @if visit.may(Right::SeePeople) { a href={ "/list/" (n) "/changes/" (link(&row.0)) "/" (link(&row.1)) } { (text) } } @else { (text) }
        } }
    };
    let (from, to) = (since.to_string(), n.to_string());
    let aside = visit.f(
        "changes.sum",
        &[
            ("a", &sum(came.clone().map(|r| r.2).sum())),
            ("b", &sum(went.clone().map(|r| r.2).sum())),
        ],
    );
    html! {
        div.mt {
            (panel(
                &visit.f("changes.title", &[("a", &from), ("b", &to)]),
                html! { (aside) },
                html! {
                    div.body.row.wrap.gap-l.pad-s {
                        @if rows.is_empty() { span { (visit.t("changes.none")) } }
                        @for row in came { span { (people("+", row)) " " (visit.t("changes.before")) " " (before_word(visit, &row.0)) } }
                        @for row in went { span { (people("−", row)) " " (people::change_word(visit, &row.1)) } }
                        @for row in moved { span { (people("", row)) " " (visit.t("changes.moved")) } }
                    }
                },
            ))
        }
    }
}

fn before_word(visit: &Visit<'_>, code: &str) -> String {
    if code.is_empty() {
        visit.t("changes.unknown_before")
    } else {
        people::change_word(visit, code)
    }
}

/// No release yet.
pub(crate) fn none(visit: &Visit<'_>) -> Markup {
    let title = visit.t("nav.list");
    let body = html! {
        (heading(html! { (title) }, html! { (visit.t("list.none")) }, html! {}))
        div.mt { (panel(&title, html! {}, empty(&visit.t("list.none"), html! { (visit.t("list.none_next")) }))) }
    };
    shell(visit, Section::List, &title, body)
}

/// What is wrong with boundaries.
pub(crate) fn findings(
    visit: &Visit<'_>,
    release: &ReleaseRow,
    rows: &[(u64, store::FindingRow)],
    paging: &Pager,
) -> Markup {
    let n = release.number.to_string();
    let title = visit.t("finding.title");
    let precinct = |code: Option<lexicon::PrecinctCode>| {
        html! { @if let Some(code) = code { a href={ "/list/" (n) "/precinct/" (code) } { (code) } } }
    };
    let crumbs =
        html! { a href={ "/list/" (n) } { (visit.f("list.name", &[("n", &n)])) } " · " (title) };
    let body = html! {
        (heading(crumbs, html! { (title) }, print_button(visit)))
        div.mt { (panel(&title, html! {}, html! {
            @if rows.is_empty() { (empty(&visit.t("finding.none"), html! {})) } @else {
                table.t.dense {
                    caption.vh { (title) }
                    thead { tr {
                        th scope="col" { (visit.t("finding.what")) } th scope="col" { (visit.t("precinct.number")) } th scope="col" { (visit.t("finding.other")) }
                        th scope="col" { (visit.t("residence.address")) } th scope="col" { (visit.t("finding.detail")) }
                    } }
                    tbody { @for (_, row) in rows { tr {
                        td { (visit.t(&format!("finding.{}", row.code))) " " @if row.blocks { (tag(Tone::Stop, &visit.t("blockers.blocks"))) } }
                        td { (precinct(row.precinct)) } td { (precinct(row.other_precinct)) }
                        td { (row.address.as_deref().unwrap_or("")) } td { (row.detail) }
                    } } }
                }
                (pager(visit, paging))
            }
        })) }
    };
    shell(visit, Section::List, &title, body)
}

/// How many rows of a table are shown, and the links around them.
pub(crate) fn paging(visit: &Visit<'_>, base: &str, rows: usize, next: Option<String>) -> Pager {
    let first = visit.asked("after").is_some();
    Pager {
        first: first.then(|| base.to_owned()),
        next: next.filter(|_| rows >= PAGE_ROWS as usize).map(|after| {
            let join = if base.contains('?') { '&' } else { '?' };
            format!("{base}{join}after={after}")
        }),
        shown: visit.n("pager.rows", rows as u64),
    }
}
