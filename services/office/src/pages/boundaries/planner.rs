//! The planner of precincts above the legal maximum: the proposal part by part with its sum, and where each further part
//! goes.

use lexicon::PrecinctCode;
use maud::{Markup, html};
use roll::boundary::split::{STREET_END, SplitRange};
use screen::components::{Tone, note, tag};
use screen::format::number;

use super::super::parts::error_summary;
use super::{Editor, place_key, street_name};
use crate::planner::{ProposedPart, Split};
use crate::role::Right;
use crate::visit::Visit;

/// What the planner says of the place.
#[derive(Default)]
pub(crate) struct Planner {
    /// Precincts above the legal maximum, with their voters.
    pub too_large: Vec<(PrecinctCode, u64)>,
    /// The proposal that is asked for.
    pub split: Option<Split>,
    /// Why there is none.
    pub refused: Option<String>,
    /// What was typed for each further part.
    pub chosen: Vec<String>,
    /// What is wrong with that.
    pub wrong: Option<String>,
    /// The lines for the form; empty until every part has its precinct.
    pub ranges: String,
}

pub(super) fn panel(visit: &Visit<'_>, shown: &Editor<'_>) -> Markup {
    let planner = shown.planner;
    let page = format!("/boundaries/{}", place_key(shown.soate));
    let limit = number(u64::from(visit.office.law.list.precinct_voters_max));
    super::panel(
        &visit.t("split.title"),
        html! { (visit.f("split.limit", &[("m", &limit)])) },
        html! { div.body.stack id="split" {
            ul.plain { @for (precinct, voters) in &planner.too_large { li {
                (tag(Tone::Warn, &visit.f("split.too_large", &[("p", &precinct.to_string()), ("n", &number(*voters))]))) " "
                a href={ (page) "?split=" (precinct) "#split" } { (visit.t("split.propose")) }
            } } }
            @if let Some(said) = &planner.refused { (note(Tone::Stop, html! { p { (said) } })) }
            @if let Some(split) = &planner.split { (proposal(visit, shown, split, &page)) }
        } },
    )
}

fn proposal(visit: &Visit<'_>, shown: &Editor<'_>, split: &Split, page: &str) -> Markup {
    let planner = shown.planner;
    let summary: Vec<(&str, String)> = planner
        .wrong
        .iter()
        .map(|said| ("to2", said.clone()))
        .collect();
    html! {
        form.stack method="get" action={ (page) "#boundary-form" } {
            @if !summary.is_empty() { (error_summary(visit, &summary)) }
            input type="hidden" name="split" value=(split.precinct);
            table.t.dense.planned {
                caption.vh { (visit.t("split.title")) }
                thead { tr {
                    th scope="col" { (visit.t("split.part")) } th.num scope="col" { (visit.t("borders.voters")) }
                    th scope="col" { (visit.t("split.streets")) } th scope="col" { (visit.t("split.goes_to")) }
                } }
                tbody { @for (at, part) in split.parts.iter().enumerate() { @let n = at + 1; tr {
                    th scope="row" { span class={ "part-key part-" (at % 6) } aria-hidden="true" {} " " (n) }
                    td.num { b { (number(u64::from(part.voters))) } }
                    td { @if at == 0 { (stay(visit, split)) } (streets(visit, shown, split, part)) }
                    td { @if at == 0 { (split.precinct) } @else {
                        label.vh for={ "to" (n) } { (visit.f("split.to_of", &[("n", &n.to_string())])) }
                        input.input.w-4 id={ "to" (n) } name={ "to" (n) } value=(planner.chosen.get(at - 1).map_or("", String::as_str)) inputmode="numeric" autocomplete="off" required;
                    } }
                } }
                @if split.leaving > 0 { tr {
                    th scope="row" { "–" } td.num { b { (number(u64::from(split.leaving))) } } td colspan="2" { (visit.t("split.leaving")) }
                } } }
                tfoot { tr {
                    th scope="row" { (visit.t("split.total")) } td.num { b { (number(split.sum())) } }
                    td colspan="2" { (visit.f("split.of_list", &[("n", &number(split.listed)), ("p", &split.precinct.to_string())])) }
                } }
            }
            @if split.sum() != split.listed { (note(Tone::Stop, html! { p { (visit.t("split.sum_differs")) } })) }
            p.small.muted { (visit.t("split.note")) }
            @if visit.may(Right::EditBoundaries) && split.parts.len() > 1 { div { button.btn.sec type="submit" { (visit.t("split.fill")) } } }
            @if !planner.ranges.is_empty() { div role="status" { (note(Tone::Ok, html! { p { (visit.t("split.filled")) } })) } }
        }
    }
}

/// Who only stays with the first part, by why.
fn stay(visit: &Visit<'_>, split: &Split) -> Markup {
    let said = [
        ("split.form2", split.stay.by_form2),
        ("split.unnumbered", split.stay.unnumbered),
    ];
    html! { @for (key, n) in said { @if n > 0 {
        p.small.muted { (visit.f(key, &[("n", &number(u64::from(n)))])) }
    } } }
}

/// The streets of a part, place by place in the order of the walk; a whole street without its numbers.
fn streets(visit: &Visit<'_>, shown: &Editor<'_>, split: &Split, part: &ProposedPart) -> Markup {
    let place = |range: &SplitRange| split.streets.get(&range.street).map(|street| street.place);
    let groups = part.ranges.chunk_by(|a, b| place(a) == place(b));
    let is_several = split.places.len() > 1;
    html! { @for group in groups {
        p.small {
            @if let (true, Some(code)) = (is_several, group.first().and_then(place)) { b { ((shown.names)(code)) ": " } }
            @for (at, range) in group.iter().enumerate() { @if at > 0 { "; " } (written(visit, split, range)) }
        }
    } }
}

fn written(visit: &Visit<'_>, split: &Split, range: &SplitRange) -> Markup {
    let name = street_name(visit, split.streets.get(&range.street));
    html! { span.nowrap-numbers {
        (name)
        @match (range.from, range.to) {
            (..=1, STREET_END..) => {}
            (from, STREET_END..) => { " " (from) "–" (visit.t("split.end")) }
            (from, to) if from == to => { " " (from) }
            (from, to) => { " " (from) "–" (to) }
        }
    } }
}
