//! A file of a lot taken back: the form that hands it in, and what became of its rows.

use maud::{Markup, html};
use screen::components::{Tone, note, tag};
use screen::format::number;
use store::{LotFileError, RejectedRow};

use super::panel;
use super::parts::{empty, error_summary};
use crate::visit::{FileWrong, Visit};

/// Rejected rows that a page shows; a file with more is wrong as a whole.
const REJECTED_SHOWN: usize = 500;

/// What came of a file, whichever desk took it.
pub(crate) struct Taken {
    /// Answers by what became of them: tone, words, how many.
    pub states: Vec<(Tone, String, u64)>,
    /// Rows without an answer.
    pub blank: u64,
    /// Lines of this very file that were taken before.
    pub known: u64,
    /// Rows that were not taken.
    pub rejected: Vec<RejectedRow>,
    /// SHA-256 of the file, hexadecimal.
    pub file: String,
}

/// Why a file was not taken at all, in words.
pub(crate) fn wrong_file(visit: &Visit<'_>, wrong: FileWrong) -> String {
    visit.t(&format!("day_refused.{}", wrong.code()))
}

/// Why a file that was read is no lot, in words.
pub(crate) fn wrong_lot(visit: &Visit<'_>, error: &LotFileError) -> String {
    match error {
        LotFileError::TooLarge => visit.t("day_refused.file_large"),
        LotFileError::NotUtf8 { line } => visit.f("lot_file.not_utf8", &[("n", &line.to_string())]),
        LotFileError::Column(column) => visit.f("lot_file.no_column", &[("c", column)]),
        LotFileError::Twice(column) => visit.f("lot_file.twice", &[("c", column)]),
    }
}

/// The form that hands a file in. `also`: further buttons, beside the one that takes it.
pub(crate) fn form(
    visit: &Visit<'_>,
    action: &str,
    hint: &str,
    wrong: Option<&str>,
    also: &Markup,
) -> Markup {
    let summary: Vec<(&str, String)> = wrong.iter().map(|s| ("list", (*s).to_owned())).collect();
    panel(
        &visit.t("lot_file.take_back"),
        html! {},
        html! {
            form.body.stack method="post" action=(action) enctype="multipart/form-data" {
                @if !summary.is_empty() { (error_summary(visit, &summary)) }
                div class={ "field" @if wrong.is_some() { " err" } } {
                    label for="list" { (visit.t("lot_file.file")) }
                    p.hint id="list-hint" { (hint) }
                    @if let Some(said) = wrong { p.msg { (said) } }
                    input.input id="list" name="list" type="file" accept=".csv,text/csv" required aria-describedby="list-hint";
                }
                div.row.wrap { button.btn type="submit" { (visit.t("lot_file.take")) } (also) }
            }
        },
    )
}

/// What became of the file that was just handed in.
pub(crate) fn report(visit: &Visit<'_>, taken: &Taken) -> Markup {
    let new: u64 = taken.states.iter().map(|(_, _, n)| n).sum();
    let tone = match (taken.rejected.is_empty(), new) {
        (false, _) => Tone::Warn,
        (true, 0) => Tone::Wait,
        (true, _) => Tone::Ok,
    };
    html! {
        div.mt role="status" { (note(tone, html! {
            p { b { (visit.n("lot_file.taken", new)) } " " (visit.n("lot_file.rejected", taken.rejected.len() as u64)) }
            @if taken.known > 0 { p { (visit.n("lot_file.known", taken.known)) } }
            @if taken.blank > 0 { p { (visit.n("lot_file.blank", taken.blank)) } }
            ul.plain { @for (tone, words, n) in &taken.states { li { (tag(*tone, words)) " " b { (number(*n)) } } } }
            p.small.hash { "SHA-256 " code { (taken.file) } }
        })) }
        @if !taken.rejected.is_empty() { div.mt { (rejected(visit, &taken.rejected)) } }
    }
}

fn rejected(visit: &Visit<'_>, rows: &[RejectedRow]) -> Markup {
    let title = visit.t("lot_file.not_taken");
    panel(
        &title,
        html! { (number(rows.len() as u64)) },
        html! {
            @if rows.is_empty() { (empty("", html! {})) } @else {
                table.t.dense {
                    caption.vh { (title) }
                    thead { tr { th.num scope="col" { (visit.t("institutions.line")) } th scope="col" { (visit.t("institutions.column")) } th scope="col" { (visit.t("lot_file.must")) } } }
                    tbody { @for row in rows.iter().take(REJECTED_SHOWN) { tr {
                        td.num { (row.line) }
                        td { code { (row.field) } }
                        td { (must(visit, row)) }
                    } } }
                }
                p.body.small.muted { (visit.t("lot_file.again")) }
            }
        },
    )
}

/// What must stand in the column.
fn must(visit: &Visit<'_>, row: &RejectedRow) -> String {
    let key = format!("lot_column.{}", row.field);
    if super::texts().has(&key) {
        visit.t(&key)
    } else {
        visit.t("lot_column.row")
    }
}
