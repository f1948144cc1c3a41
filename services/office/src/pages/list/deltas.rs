//! The signed changes after a release, each with its counts and the people behind them.

use lexicon::handover::delta::ChangeKind;
use maud::{Markup, html};
use screen::format::number;
use store::DeltaRow;

use super::Release;
use crate::pages::{after, panel as framed};
use crate::role::Right;
use crate::visit::Visit;

/// The panel; nothing before the first change.
pub(super) fn panel(visit: &Visit<'_>, shown: &Release<'_>) -> Markup {
    let Some(last) = shown.deltas.last() else {
        return html! {};
    };
    let n = shown.release.number;
    let title = visit.f("delta.title", &[("n", &n.to_string())]);
    let now = visit.f(
        "delta.in_force",
        &[("k", &last.delta.to_string()), ("v", &number(last.voters))],
    );
    let people = |row: &DeltaRow, kind: ChangeKind, count: u64| {
        html! {
            @if count > 0 && visit.may(Right::SeePeople) {
                a href={ "/list/" (n) "/delta/" (row.delta) "/" (kind.code()) } { (number(count)) }
            } @else { (number(count)) }
        }
    };
    html! { div.mt { (framed(&title, html! { (now) }, html! {
        table.t.dense {
            caption.vh { (title) }
            thead { tr {
                th scope="col" { (visit.t("delta.which")) }
                th.num scope="col" { (visit.t("delta.strike")) } th.num scope="col" { (visit.t("delta.add")) } th.num scope="col" { (visit.t("delta.change")) }
                th.num scope="col" { (visit.t("delta.voters")) }
            } }
            tbody { @for row in shown.deltas { tr {
                td { (after::name(visit, row.delta, row.effective_at)) }
                td.num { (people(row, ChangeKind::Strike, row.struck)) }
                td.num { (people(row, ChangeKind::Add, row.added)) }
                td.num { (people(row, ChangeKind::Change, row.changed)) }
                td.num { (number(row.voters)) }
            } } }
        }
    })) } }
}

/// Title of the people behind one number of a change.
pub(crate) fn people_title(visit: &Visit<'_>, row: &DeltaRow, kind: ChangeKind) -> String {
    let name = after::name(visit, row.delta, row.effective_at);
    format!("{name}: {}", after::act_word(visit, kind))
}
