//! A letter to a person: why they are or are not on a list, in Kyrgyz and Russian, with what to do next. To print.

use super::person::Opened;
use super::why::{Question, deciding, lacks_document, no_document, said};
use super::{Section, heading, print_button, shell, texts};
use crate::reason::Reason;
use crate::role::Role;
use crate::visit::Visit;
use lexicon::{Date, Language};
use maud::{Markup, html};
use roll::eligibility::remedy_until;
use store::ReadRow;

/// A look at the person's record: the day, the role of who looked, and the reason that was given. Names of staff stay with
/// the office; whoever asks learns them from the commission or the court.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Look {
    pub day: Date,
    pub role: Option<Role>,
    pub reason: Option<Reason>,
    /// How many such looks there were on the day.
    pub times: u64,
}

impl Look {
    /// The looks as they are told, the latest first: equal ones of a day together.
    pub fn told(
        reads: &[ReadRow],
        offset: i64,
        role_of: &dyn Fn(&str) -> Option<Role>,
    ) -> Vec<Self> {
        let mut told: Vec<Self> = Vec::new();
        for read in reads {
            let reason = read.detail.split_once('/').map_or("", |(_, reason)| reason);
            let look = Self {
                day: read.at.local_date(offset),
                role: role_of(&read.staff),
                reason: Reason::from_code(reason),
                times: 1,
            };
            let same = told.iter_mut().find(|known| {
                (known.day, known.role, known.reason) == (look.day, look.role, look.reason)
            });
            match same {
                Some(known) => known.times += 1,
                None => told.push(look),
            }
        }
        told
    }
}

pub(crate) fn page(
    visit: &Visit<'_>,
    person: &Opened<'_>,
    asked: &Question<'_>,
    looks: &[Look],
) -> Markup {
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
                section lang=(language.tag()) { (in_language(visit, language, person, asked)) (who_looked(language, looks)) }
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

/// Who looked at the record before this letter was written.
fn who_looked(language: Language, looks: &[Look]) -> Markup {
    let t = |key: &str| texts().text(language, key);
    let line = |look: &Look| {
        let role = look.role.map(|role| t(&format!("role.{}", role.code())));
        let reason = look
            .reason
            .map(|reason| t(&format!("reason.{}", reason.code())));
        let words = [
            Some(screen::format::date_short(look.day)),
            Some(t("letter.office")),
            role,
            reason,
        ];
        let words: Vec<String> = words.into_iter().flatten().collect();
        html! { (words.join(" · ")) @if look.times > 1 { " × " (look.times) } }
    };
    html! {
        p.mt-s { b { (t("letter.looked")) } }
        @if looks.is_empty() { p.small { (t("letter.nobody_looked")) } } @else {
            ul.plain.small.looks { @for look in looks { li { (line(look)) } } }
        }
        p.small.muted { (t("letter.looked_more")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lexicon::Instant;

    #[test]
    fn looks_are_told_by_day_role_and_reason_and_never_by_name() {
        let read = |day: u8, staff: &str, detail: &str| ReadRow {
            at: Instant::parse(&format!("2015-09-{day:02}T10:00:00+06:00")).expect("a moment"),
            staff: staff.to_owned(),
            person: None,
            purpose: "serve".to_owned(),
            detail: detail.to_owned(),
        };
        let reads = [
            read(11, "aida", "page/citizen"),
            read(11, "bakyt", "page/citizen"),
            read(11, "aida", "page/court"),
            read(10, "gone", "page"),
        ];
        let role_of = |staff: &str| (staff != "gone").then_some(Role::Clerk);
        let told = Look::told(&reads, 360, &role_of);
        let shown: Vec<_> = told
            .iter()
            .map(|look| (look.day.day(), look.role, look.reason, look.times))
            .collect();
        assert_eq!(
            shown,
            [
                (11, Some(Role::Clerk), Some(Reason::Citizen), 2),
                (11, Some(Role::Clerk), Some(Reason::Court), 1),
                (10, None, None, 1),
            ]
        );
        let said = who_looked(Language::Ru, &told).into_string();
        assert!(!said.contains("aida") && !said.contains("gone"), "{said}");
        assert!(
            said.contains("11.09.2015") && said.contains("× 2"),
            "{said}"
        );
    }
}
