//! The office's pages. Every text is in the catalogue, every link is a URL, nothing needs a script.

pub(crate) mod after;
pub(crate) mod approval;
pub(crate) mod backlog;
pub(crate) mod boundaries;
pub(crate) mod calendar;
pub(crate) mod captures;
pub(crate) mod case;
pub(crate) mod claim_files;
pub(crate) mod claims;
pub(crate) mod conflicts;
pub(crate) mod contradictions;
pub(crate) mod corrections;
pub(crate) mod day;
pub(crate) mod door;
pub(crate) mod field;
pub(crate) mod field_answers;
pub(crate) mod filing;
pub(crate) mod home;
pub(crate) mod home_voting;
pub(crate) mod hours;
pub(crate) mod institutions;
pub(crate) mod letter;
pub(crate) mod list;
pub(crate) mod lists_uploaded;
pub(crate) mod lot_report;
pub(crate) mod page_counts;
pub(crate) mod paper_day;
pub(crate) mod parts;
pub(crate) mod person;
pub(crate) mod pictures;
pub(crate) mod precinct;
pub(crate) mod problem;
pub(crate) mod protocols;
pub(crate) mod reconciliation;
pub(crate) mod rehearsal;
pub(crate) mod review;
pub(crate) mod search;
pub(crate) mod second_day;
pub(crate) mod staff;
pub(crate) mod statistics;
pub(crate) mod tickets;
pub(crate) mod transfers;
pub(crate) mod why;

use std::sync::OnceLock;

use lexicon::{DeskTexts, Language, Texts};
use maud::{Markup, html};
use screen::components::{Page, mark};
use screen::{Catalogue, Icon, icon};

use crate::office::Office;
use crate::role::Right;
use crate::visit::Visit;

/// The texts of the office's screens.
pub(crate) fn texts() -> &'static Catalogue {
    static TEXTS: OnceLock<Catalogue> = OnceLock::new();
    TEXTS.get_or_init(|| {
        Catalogue::parse(include_str!("texts.toml")).expect("a test parses the shipped texts")
    })
}

/// The country's sentences for codes.
pub(crate) fn sentences() -> &'static Texts {
    static TEXTS: OnceLock<Texts> = OnceLock::new();
    TEXTS.get_or_init(|| Texts::kg().expect("a test of lexicon parses the shipped sentences"))
}

/// The country's sentences for the codes of the working desks.
pub(crate) fn desk_sentences() -> &'static DeskTexts {
    static TEXTS: OnceLock<DeskTexts> = OnceLock::new();
    TEXTS.get_or_init(|| DeskTexts::kg().expect("a test of lexicon parses the shipped sentences"))
}

/// A section of the office, as the navigation shows it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Section {
    Home,
    Search,
    List,
    Reconciliation,
    Claims,
    Boundaries,
    Conflicts,
    Field,
    Queue,
    Cases,
    Staff,
    Statistics,
    Day,
    /// None of them.
    Elsewhere,
}

const NAVIGATION: &[(Section, &str, &str, Right)] = &[
    (Section::Home, "/", "nav.home", Right::SeeFigures),
    (Section::Search, "/search", "nav.search", Right::FindPersons),
    (Section::List, "/list", "nav.list", Right::SeeFigures),
    (
        Section::Statistics,
        "/statistics",
        "nav.statistics",
        Right::SeeFigures,
    ),
    (
        Section::Reconciliation,
        "/reconciliation",
        "nav.reconciliation",
        Right::SeeFigures,
    ),
    (
        Section::Boundaries,
        "/boundaries",
        "nav.boundaries",
        Right::SeeFigures,
    ),
    (Section::Claims, "/claims", "nav.claims", Right::SeeClaims),
    (
        Section::Conflicts,
        "/conflicts",
        "nav.conflicts",
        Right::SeeFigures,
    ),
    (Section::Field, "/field", "nav.field", Right::SeeFigures),
    (Section::Day, "/hours", "nav.day", Right::SeeFigures),
    (Section::Queue, "/cases", "nav.queue", Right::Adjudicate),
    (
        Section::Cases,
        "/cases/overview",
        "nav.cases",
        Right::OverseeCases,
    ),
    (Section::Staff, "/staff", "nav.staff", Right::SeeAccounts),
];

/// A page around its body.
pub(crate) fn shell(visit: &Visit<'_>, section: Section, title: &str, body: Markup) -> Markup {
    shell_with(visit, section, title, body, &["office.js"], &["office.css"])
}

/// A page with scripts and styles of its own.
pub(crate) fn shell_with(
    visit: &Visit<'_>,
    section: Section,
    title: &str,
    body: Markup,
    scripts: &[&str],
    styles: &[&str],
) -> Markup {
    let head = Page {
        scripts,
        styles,
        ..head(visit.language, title)
    };
    let sections = NAVIGATION
        .iter()
        .filter(|(_, _, _, right)| visit.may(*right));
    screen::page(
        head,
        html! {
            a.skip href="#m" { (visit.t("shell.skip")) }
            header.top {
                (mark(&visit.t("shell.name")))
                nav aria-label=(visit.t("shell.sections")) {
                    @for (at, (known, url, key, _)) in sections.enumerate() {
                        a href=(url) accesskey=[(at < 9).then_some(at + 1)] aria-current=[(*known == section).then_some("page")] { (visit.t(key)) }
                    }
                }
                span.grow {}
                (simulated(visit.office, visit.language))
                (language_links(visit.language, &visit.url))
                div.account {
                    span.who { (visit.display) span.muted-dark { (visit.t(&format!("role.{}", visit.role.code()))) } }
                    form.inline method="post" action="/sign-out" {
                        button.leave type="submit" { (visit.t("shell.leave")) }
                    }
                }
            }
            main.shell id="m" { (body) }
            footer.print-only { (printed(visit)) }
        },
    )
}

fn head(language: Language, title: &str) -> Page<'_> {
    Page {
        language,
        title,
        body_class: "office",
        theme: "default",
        scripts: &["office.js"],
        styles: &["office.css"],
    }
}

/// A page for nobody signed in.
pub(crate) fn outside(
    office: &Office,
    language: Language,
    title: &str,
    url: &str,
    body: Markup,
) -> Markup {
    let t = |key: &str| texts().text(language, key);
    screen::page(
        head(language, title),
        html! {
            a.skip href="#m" { (t("shell.skip")) }
            header.top {
                (mark(&t("shell.name")))
                span.grow {}
                (simulated(office, language))
                (language_links(language, url))
            }
            main.shell id="m" { (body) }
        },
    )
}

/// What is simulated, said on every screen with the time that is shown.
fn simulated(office: &Office, language: Language) -> Markup {
    if !office.config.is_time_simulated {
        return html! {};
    }
    let now = office.now();
    let offset = office.offset();
    let day = screen::format::date_short(now.local_date(offset));
    let time: String = now.local_time(offset).chars().take(5).collect();
    html! { span.demo { (texts().fill(language, "shell.simulated", &[("t", &format!("{day} {time}"))])) } }
}

/// Short links that change the language of the same page.
fn language_links(current: Language, url: &str) -> Markup {
    let join = if url.contains('?') { '&' } else { '?' };
    let name = |language| match language {
        Language::Ky => ("КЫР", "Кыргызча"),
        Language::Ru => ("РУС", "Русский"),
        Language::En => ("ENG", "English"),
    };
    html! {
        nav.lang aria-label=(texts().text(current, "shell.languages")) {
            @for language in Language::ALL {
                a href={ (url) (join) "lang=" (language.tag()) } lang=(language.tag()) hreflang=(language.tag())
                    title=(name(language).1) aria-current=[(language == current).then_some("true")] { (name(language).0) }
            }
        }
    }
}

/// What stands under every printed page.
fn printed(visit: &Visit<'_>) -> Markup {
    let now = visit.moment(visit.office.now());
    html! {
        (visit.f("shell.printed", &[("t", &now), ("who", &visit.display)]))
        @if visit.office.config.is_time_simulated { " · " (visit.t("shell.simulated_short")) }
    }
}

/// A heading with its crumbs above and what stands at its right.
pub(crate) fn heading(crumbs: Markup, title: Markup, right: Markup) -> Markup {
    html! {
        div.row.spread.wrap {
            div { p.crumbs { (crumbs) } h1 tabindex="-1" { (title) } }
            div.row.wrap { (right) }
        }
    }
}

/// A panel with a heading and something small at its right.
pub(crate) fn panel(title: &str, aside: Markup, body: Markup) -> Markup {
    html! {
        section.panel {
            header { h2 { (title) } span.small.muted { (aside) } }
            (body)
        }
    }
}

/// A button that prints, where the browser can; the page prints as well from the browser's menu.
pub(crate) fn print_button(visit: &Visit<'_>) -> Markup {
    html! { button.btn.sec.js-print type="button" accesskey="p" hidden { (icon(Icon::Printer)) " " (visit.t("shell.print")) } }
}

#[cfg(test)]
mod tests;
