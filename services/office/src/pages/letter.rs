//! A letter to a person: why they are or are not on a list, in Kyrgyz and Russian, with what to do next. To print.

use super::person::Opened;
use super::why::{Question, deciding, lacks_document, no_document, said};
use super::{Section, heading, print_button, shell, texts};
use crate::visit::Visit;
use lexicon::Language;
use maud::{Markup, html};
use roll::eligibility::remedy_until;

pub(crate) fn page(visit: &Visit<'_>, person: &Opened<'_>, asked: &Question<'_>) -> Markup {
    let title = visit.t("letter.title");
    let number = asked.release.number.to_string();
    let crumbs = html! {
        a href=(person.url()) { (visit.t("person.crumb")) } " · "
        a href={ (person.url()) "/why?release=" (number) } { (visit.t("why.title")) }
    };
    let body = html! {
        (heading(crumbs, html! { (title) }, html! { span.keys { span { kbd { "Alt+P" } } } (print_button(visit)) }))
        article.panel.letter.mt { div.body.stack {
            p { (visit.long_day(visit.date(visit.office.now()))) }
            p.verdict-line { b { (person.title()) } }
            // The law's two languages, whatever language the office's page is in.
            @for language in [Language::Ky, Language::Ru] {
                section lang=(language.tag()) { (in_language(visit, language, person, asked)) }
            }
            @if !asked.is_listed() && asked.stood.changes.is_empty() {
                p.small { (visit.t("letter.rests_on")) " " (deciding(visit, person, asked)) }
            }
            p.small.muted { (visit.f("letter.release", &[("n", &number), ("t", &visit.moment(asked.release.frozen_at))])) }
            p.hash { (crate::serve::hex(&asked.release.root)) }
            p.letter-sign { (visit.display) " ______________" }
        } }
    };
    shell(visit, Section::Search, &title, body)
}

fn in_language(
    visit: &Visit<'_>,
    language: Language,
    person: &Opened<'_>,
    asked: &Question<'_>,
) -> Markup {
    let t = |key: &str| texts().text(language, key);
    html! {
        p { (said(visit, language, asked)) }
        @if lacks_document(visit, person, asked) {
            p { b { (no_document(visit, language)) } " " (t("why.no_document_next")) }
        }
        @match asked.reason() {
            None => p { (t("letter.listed_next")) },
            Some(reason) => {
                @let until = screen::format::date_long(language, remedy_until(&visit.office.law, reason));
                p { b { (t("letter.next")) } " " (visit.exclusion(reason).map_or("", |said| said.next.get(language))) }
                p { (texts().fill(language, "letter.until", &[("d", &until)])) }
                p { (t("letter.appeal")) }
            },
        }
    }
}
