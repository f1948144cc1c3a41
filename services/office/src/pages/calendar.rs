//! The days of this election, computed from the law's terms and its shortening: what was, what is today, what is next.

use std::cmp::Ordering;

use lexicon::Date;
use lexicon::law::CalendarDay;
use maud::{Markup, html};
use screen::components::{Tone, note, tag};

use super::{Section, heading, panel, print_button, shell};
use crate::visit::Visit;

/// Whole days from one to another; 0 when it is not later.
fn days(from: Date, to: Date) -> u64 {
    to.since(from)
        .map_or(0, |span| u64::try_from(span.get_days()).unwrap_or(0))
}

/// The milestones of the first day that has not passed.
fn next(calendar: &[CalendarDay], today: Date) -> Vec<&CalendarDay> {
    let mut ahead: Vec<&CalendarDay> = calendar.iter().filter(|row| row.day >= today).collect();
    ahead.sort_by_key(|row| row.day);
    let first = ahead.first().map(|row| row.day);
    ahead.retain(|row| Some(row.day) == first);
    ahead
}

fn milestone(visit: &Visit<'_>, row: &CalendarDay) -> String {
    visit.t(&format!("milestone.{}", row.milestone.code()))
}

pub(crate) fn page(visit: &Visit<'_>) -> Markup {
    let law = &visit.office.law;
    let title = visit.t("calendar.title");
    let today = visit.office.today();
    let calendar = law.calendar();
    let body = html! {
        (heading(html! { a href="/" { (visit.t("nav.home")) } }, html! { (title) }, print_button(visit)))
        p.mt-s { (visit.f("home.crumb", &[("d", &visit.long_day(law.election.day))])) " · " span.mono { (law.id) } }
        div.mt { (ahead(visit, &next(&calendar, today), today)) }
        @if law.shortening.is_early() {
            div.mt { (note(Tone::Wait, html! { p { (visit.f("calendar.early", &[("part", &law.shortening.part())])) " " span.small.muted { (law.shortening.source()) } } })) }
        }
        div.mt { (panel(&visit.t("calendar.days"), html! { (visit.f("calendar.today", &[("d", &visit.long_day(today))])) }, html! {
            div.scroll-x tabindex="0" role="region" aria-label=(title) { table.t {
                caption.vh { (title) }
                thead { tr {
                    th scope="col" { (visit.t("calendar.day")) } th scope="col" { (visit.t("calendar.what")) } th scope="col" { (visit.t("calendar.state")) }
                    th.num scope="col" { (visit.t("calendar.before")) }
                    @if law.shortening.is_early() { th.num scope="col" { (visit.t("calendar.term")) } }
                    th scope="col" { (visit.t("calendar.source")) }
                } }
                tbody { @for row in &calendar { tr {
                    td.nowrap { b { (visit.long_day(row.day)) } }
                    td { (milestone(visit, row)) }
                    td.nowrap { (state(visit, row, today)) }
                    td.num { (row.days_before) }
                    @if law.shortening.is_early() { td.num { (row.term_days) } }
                    td.small.muted lang="en" { (row.source) }
                } } }
            } }
        })) }
    };
    shell(visit, Section::Home, &title, body)
}

/// What is due next, in words.
fn ahead(visit: &Visit<'_>, rows: &[&CalendarDay], today: Date) -> Markup {
    let Some(first) = rows.first() else {
        return note(Tone::Ok, html! { p { (visit.t("calendar.over")) } });
    };
    let is_today = first.day == today;
    let tone = if is_today { Tone::Warn } else { Tone::Wait };
    let when = if is_today {
        visit.t("calendar.due_today")
    } else {
        visit.n("calendar.in_days", days(today, first.day))
    };
    note(
        tone,
        html! {
            p { b { (visit.t("calendar.next")) } " " (visit.long_day(first.day)) ", " (when) }
            @for row in rows { p { (milestone(visit, row)) } }
        },
    )
}

fn state(visit: &Visit<'_>, row: &CalendarDay, today: Date) -> Markup {
    match row.day.cmp(&today) {
        Ordering::Less => tag(Tone::Ok, &visit.t("calendar.passed")),
        Ordering::Equal => tag(Tone::Warn, &visit.t("calendar.due_today")),
        Ordering::Greater => {
            html! { span.muted { (visit.n("calendar.in_days", days(today, row.day))) } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lexicon::ElectionLaw;

    #[test]
    fn what_is_next_is_the_first_day_that_has_not_passed_with_all_that_falls_on_it() {
        let law = ElectionLaw::shipped("kg-2015").expect("the shipped law");
        let calendar = law.calendar();
        let on = |month, day| {
            let found = next(&calendar, Date::constant(2015, month, day));
            found
                .iter()
                .map(|row| row.milestone.code())
                .collect::<Vec<_>>()
        };
        assert!(on(9, 19).contains(&"form2_until") && on(9, 19).contains(&"corrections_until"));
        assert!(
            !on(9, 20).contains(&"form2_until"),
            "the day after its last day"
        );
        assert_eq!(on(10, 4), ["election"]);
        assert!(on(10, 5).is_empty());
        assert_eq!(
            days(Date::constant(2015, 9, 10), Date::constant(2015, 9, 19)),
            9
        );
    }
}
