//! What signed changes after the release mean for one person: the line on a supplementary page, the strike and its
//! reason, the corrected line, and by which document each is proven.

use lexicon::handover::delta::ChangeKind;
use lexicon::handover::envelope::encode;
use lexicon::handover::lookup::{AfterRelease, LineTold, LookupAnswer};
use lexicon::handover::release::SaltedLine;
use lexicon::texts::Explanation;
use lexicon::{Date, Instant, Language};
use maud::{Markup, html};
use screen::components::{self, Tone};
use screen::format::{date_long, number};

use super::super::TEXTS;
use super::{claims, data_url, release_text};
use crate::publication::Publication;

fn day(publication: &Publication, language: Language, told: &LineTold) -> String {
    let offset = publication.law.election.offset_minutes;
    let day = Instant::from_micros(told.effective_at).local_date(offset);
    date_long(language, day)
}

/// Sentences of a change's reason.
fn explained<'p>(publication: &'p Publication, told: &LineTold) -> Option<&'p Explanation> {
    let texts = &publication.texts;
    let found = texts.exclusion.get(&told.reason);
    found.or_else(|| texts.change.get(&told.reason))
}

/// Where the line stands on paper: in the bound list, or on a supplementary page.
pub(super) fn line_said(
    publication: &Publication,
    language: Language,
    record: &LookupAnswer,
    line: &SaltedLine,
) -> String {
    let fields = &line.line;
    let added = record.after.iter().flat_map(|after| &after.changes);
    let added = added.rev().find(|told| {
        told.kind == ChangeKind::Add && (told.precinct, told.line) == (fields.precinct, fields.line)
    });
    let (line, page) = (number(fields.line.into()), number(fields.page.into()));
    match added {
        None => TEXTS.fill(language, "your_line", &[("line", &line), ("page", &page)]),
        Some(told) => {
            let (k, date) = (told.delta.to_string(), day(publication, language, told));
            let values = [
                ("line", line.as_str()),
                ("page", &page),
                ("k", &k),
                ("date", &date),
            ];
            TEXTS.fill(language, "your_added_line", &values)
        }
    }
}

/// Each change with its day and reason.
pub(super) fn changes(
    publication: &Publication,
    language: Language,
    after: &AfterRelease,
) -> Markup {
    html! {
        section.stack {
            h2 { (TEXTS.text(language, "changes_head")) }
            ul.stack { @for told in &after.changes {
                li {
                    (said(publication, language, told)) ". "
                    @if let Some(why) = explained(publication, told) { b { (why.sentence.get(language)) } }
                    " " span.muted.small { "(" (told.reason) ")" }
                }
            } }
        }
    }
}

fn said(publication: &Publication, language: Language, told: &LineTold) -> String {
    let (k, date) = (told.delta.to_string(), day(publication, language, told));
    let (p, line) = (told.precinct.to_string(), number(told.line.into()));
    let values = [
        ("k", k.as_str()),
        ("date", &date),
        ("p", &p),
        ("line", &line),
    ];
    match told.kind {
        ChangeKind::Strike => TEXTS.fill(language, "told_strike", &values),
        ChangeKind::Add => TEXTS.fill(language, "told_add", &values),
        ChangeKind::Change => TEXTS.fill(language, "told_change", &values),
    }
}

/// Which document proves a line that a change wrote.
pub(super) fn proof(
    publication: &Publication,
    language: Language,
    after: &AfterRelease,
    line: &SaltedLine,
) -> Markup {
    proven(
        publication,
        language,
        after,
        "proof_by_delta",
        Some(("line_get", line)),
    )
}

/// The signed change and the line, both to be downloaded: the commitment of the one stands in the other.
fn proven(
    publication: &Publication,
    language: Language,
    after: &AfterRelease,
    text: &str,
    line: Option<(&str, &SaltedLine)>,
) -> Markup {
    let release = publication.release.release.to_string();
    let k = after.changes.last().map_or(0, |told| told.delta);
    let file = publication.deltas.iter().find(|delta| delta.number == k);
    let k = k.to_string();
    html! {
        p { (TEXTS.fill(language, text, &[("n", &release), ("k", &k)])) }
        @if let Some(delta) = file {
            p { a download=(delta.file) href={ "/publication/" (delta.file) } { (TEXTS.fill(language, "delta_get", &[("k", &k)])) } }
        }
        @if let Some((key, line)) = line {
            @let name = format!("L{release}-{}-{}.cbor", line.line.precinct, line.line.line);
            p { a download=(name) href=(data_url("application/cbor", &encode(line))) { (TEXTS.text(language, key)) } }
        }
    }
}

/// The page of a person who stood on the list and was struck.
pub(super) fn struck(
    publication: &Publication,
    language: Language,
    record: &LookupAnswer,
    after: &AfterRelease,
) -> (String, Markup) {
    let t = |key: &str| TEXTS.text(language, key);
    let title = t("struck");
    let last = after.changes.last();
    let next = last.and_then(|told| explained(publication, told));
    let until = record.until.parse::<Date>().ok();
    let was = after.was.as_ref().map(|line| ("was_get", line));
    let body = html! {
        div.pgrid.two {
            div.stack-l {
                (components::result(Tone::Stop, &title, &release_text(publication, language)))
                (changes(publication, language, after))
                section.stack {
                    h2 { (t("what_next")) }
                    @if let Some(day) = until {
                        p { b { (TEXTS.fill(language, "until", &[("date", &date_long(language, day))])) } }
                    }
                    ol.todo {
                        @if let Some(next) = next { li { span { (next.next.get(language)) } } }
                        li { span { (t("call")) } }
                    }
                }
                (claims(language, publication, &record.claims))
            }
            aside.stack-l {
                section {
                    h2 { (t("wrong")) }
                    p.mt { (t("wrong_next")) }
                }
                section.stack { (proven(publication, language, after, "proof_of_strike", was)) }
            }
        }
    };
    (title, body)
}
