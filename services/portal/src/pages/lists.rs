//! Pages about everybody: precincts, turnout, proofs.

use lexicon::handover::envelope::hex;
use lexicon::{Date, Instant, Language};
use maud::{Markup, html};
use screen::chart;
use screen::format::{date_long, number};

use super::answer::place;
use super::{Frame, Section, TEXTS, site};
use crate::map;
use crate::publication::{Lines, Precinct, Publication};

/// All precincts: a map, a form by number, a table.
#[must_use]
pub fn precincts_page(
    publication: &Publication,
    language: Language,
    demo: bool,
    missing: bool,
) -> Markup {
    let t = |key: &str| TEXTS.text(language, key);
    let title = t("precincts_title");
    let frame = Frame {
        language,
        section: Section::Precincts,
        title: &title,
        url: "/precincts",
        demo,
    };
    site(
        frame,
        html! {
            div.stack-l {
                h1 { (title) }
                @if missing { div.errsum role="alert" { h2 { (t("no_precinct")) } } }
                p { (t("precincts_lead")) }
                form.row method="get" action="/precinct" {
                    input type="hidden" name="lang" value=(language.tag());
                    label.f-b for="n" { (t("number")) }
                    input.input.w-doc id="n" name="n" inputmode="numeric" maxlength="4" required;
                    button.btn type="submit" { (t("show")) }
                }
                div.place { (map::overview(&publication.precincts, &t("overview_label"))) }
                div.scroll-x tabindex="0" role="region" aria-label=(t("precincts_title")) { table.t {
                    thead { tr { th scope="col" { "№" } th scope="col" { (t("address")) } th scope="col" { (t("kind")) } th.num scope="col" { (t("voters")) } } }
                    tbody { @for precinct in publication.precincts.values() { (row(precinct, language)) } }
                } }
            }
        },
    )
}

fn row(precinct: &Precinct, language: Language) -> Markup {
    let address = match language {
        Language::Ky => &precinct.address_ky,
        Language::Ru | Language::En => &precinct.address_ru,
    };
    html! { tr {
        td { a href={ "/precinct?n=" (precinct.number) "&lang=" (language.tag()) } { (precinct.number) } }
        td lang=[(language == Language::En).then_some("ru")] { (address) }
        td { (TEXTS.text(language, &format!("kind_{}", precinct.kind))) }
        td.num { (lines(precinct.lines, language)) }
    } }
}

/// A count as published: a small one is not told.
pub(super) fn lines(published: Lines, language: Language) -> String {
    match published {
        Lines::Shown(count) => number(count),
        Lines::Few => TEXTS.text(language, "lines_few"),
        Lines::Withheld => TEXTS.text(language, "lines_withheld"),
    }
}

/// One precinct on its map.
#[must_use]
pub fn precinct_page(
    publication: &Publication,
    language: Language,
    demo: bool,
    precinct: &Precinct,
) -> Markup {
    let title = TEXTS.fill(
        language,
        "precinct_no",
        &[("n", &precinct.number.to_string())],
    );
    let url = format!("/precinct?n={}", precinct.number);
    let frame = Frame {
        language,
        section: Section::Precincts,
        title: &title,
        url: &url,
        demo,
    };
    site(
        frame,
        html! {
            h1 { (title) }
            div.narrow.stack-l {
                (place(publication, language, precinct, None))
                p { (TEXTS.text(language, "voters")) ": " b { (lines(precinct.lines, language)) } }
            }
        },
    )
}

/// Turnout by hour and by precinct, as published.
#[must_use]
pub fn turnout_page(publication: &Publication, language: Language, demo: bool) -> Markup {
    let t = |key: &str| TEXTS.text(language, key);
    let title = t("turnout_title");
    let frame = Frame {
        language,
        section: Section::Turnout,
        title: &title,
        url: "/turnout",
        demo,
    };
    let days = by_day(&publication.hours, language);
    let total = publication
        .turnout
        .iter()
        .find(|row| row.precinct == "total");
    site(
        frame,
        html! {
            div.stack-l {
                h1 { (title) }
                @if publication.turnout.is_empty() { p { (t("turnout_none")) } }
                @else {
                    @if let Some(total) = total {
                        p { (t("turnout_total")) ": " b { (cell(&total.counted)) } " · " (t("turnout_share")) ": " b { (share(&total.counted, &total.lines, language)) } }
                    }
                    @for (title, hours) in &days {
                        section.panel {
                            header { h2 { (title) } }
                            div.body { (chart::columns_partly_hidden(hours, title)) }
                        }
                    }
                    div.scroll-x tabindex="0" role="region" aria-label=(title) { table.t {
                        thead { tr { th scope="col" { "№" } th.num scope="col" { (t("voters")) } th.num scope="col" { (t("turnout_identified")) } th.num scope="col" { (t("turnout_share")) } } }
                        tbody { @for row in publication.turnout.iter().filter(|row| row.precinct != "total") { tr {
                            td { a href={ "/precinct?n=" (row.precinct) "&lang=" (language.tag()) } { (row.precinct) } }
                            td.num { (cell(&row.lines)) } td.num { (cell(&row.counted)) } td.num { (share(&row.counted, &row.lines, language)) }
                        } } }
                    } }
                    p.small.muted { (t("turnout_small")) }
                }
            }
        },
    )
}

/// The hours of each day of voting under a title; a country that voted on one day alone needs no date.
pub(super) fn by_day(
    hours: &[(Date, String, String)],
    language: Language,
) -> Vec<(String, Vec<chart::Column>)> {
    let title = TEXTS.text(language, "turnout_hours");
    let rows = hours.chunk_by(|one, next| one.0 == next.0);
    let is_one_day = rows.clone().count() < 2;
    let column = |(_, hour, count): &(Date, String, String)| chart::Column {
        name: hour.clone(),
        value: count.parse().map_err(|_| count.clone()),
    };
    rows.map(|of_day| {
        let title = if is_one_day {
            title.clone()
        } else {
            format!("{title}, {}", date_long(language, of_day[0].0))
        };
        (title, of_day.iter().map(column).collect())
    })
    .collect()
}

fn cell(text: &str) -> String {
    text.parse::<u64>().map_or_else(|_| text.to_owned(), number)
}

fn share(counted: &str, lines: &str, language: Language) -> String {
    match (counted.parse(), lines.parse()) {
        (Ok(counted), Ok(lines)) => screen::format::percent(language, counted, lines),
        _ => "–".to_owned(),
    }
}

/// `25.09.2015 12:00 (+06)`.
fn moment(publication: &Publication, at: Instant) -> String {
    let offset = publication.law.election.offset_minutes;
    let time = at.local_time(offset);
    let day = screen::format::date_short(at.local_date(offset));
    let hours = time.get(..5).unwrap_or(&time);
    format!("{day} {hours} ({:+03})", offset / 60)
}

/// The release, its exclusions, the checkpoint and the files to download.
#[must_use]
pub fn proofs_page(publication: &Publication, language: Language, demo: bool) -> Markup {
    let t = |key: &str| TEXTS.text(language, key);
    let title = t("proofs_title");
    let frame = Frame {
        language,
        section: Section::Proofs,
        title: &title,
        url: "/proofs",
        demo,
    };
    let release = &publication.release;
    let n = release.release.to_string();
    let frozen = Instant::from_micros(release.frozen_at);
    let files = [
        ("trust.cose".to_owned(), "file_trust"),
        (format!("release-{n}.cose"), "file_release"),
        ("checkpoint".to_owned(), "file_checkpoint"),
        ("law.toml".to_owned(), "file_law"),
        ("precincts.geojson".to_owned(), "file_precincts"),
        ("MANIFEST.cose".to_owned(), "file_manifest"),
    ];
    site(
        frame,
        html! {
            div.stack-l {
                h1 { (title) }
                p { (t("proofs_lead")) }
                section.panel {
                    header { h2 { (TEXTS.fill(language, "release_head", &[("n", &n)])) } }
                    div.body { dl.kv {
                        dt { (t("release_total")) } dd { (number(release.total)) }
                        dt { (t("release_considered")) } dd { (number(release.considered)) }
                        dt { (t("release_frozen")) } dd { (moment(publication, frozen)) }
                        dt { (t("release_root")) } dd.hash { (hex(release.root.as_slice())) }
                    } }
                }
                section.panel {
                    header { h2 { (t("excluded_head")) } }
                    table.t { thead { tr { th scope="col" { (t("reason")) } th.num scope="col" { (t("people")) } } }
                    tbody { @for excluded in &release.excluded { tr {
                        td { @if let Some(said) = publication.texts.exclusion.get(&excluded.reason) { (said.short.get(language)) } @else { (excluded.reason) } }
                        td.num { (number(excluded.count)) }
                    } } } }
                }
                section.panel {
                    header { h2 { (t("files_head")) } }
                    table.t { tbody { @for (name, key) in &files { @if publication.dir.join(name).exists() { tr {
                        td { a href={ "/publication/" (name) } download { (name) } } td { (t(key)) }
                    } } }
                    @for delta in &publication.deltas { tr {
                        td { a href={ "/publication/" (delta.file) } download { (delta.file) } }
                        td { (TEXTS.fill(language, "file_delta", &[("k", &delta.number.to_string()), ("date", &moment(publication, delta.effective_at))])) }
                    } } } }
                }
                @if let Some(checkpoint) = &publication.checkpoint {
                    section { h2 { (t("file_checkpoint")) } pre.hash tabindex="0" { (checkpoint) } }
                }
            }
        },
    )
}
