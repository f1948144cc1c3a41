//! Accounts, and the reason for which personal data is opened.

use lexicon::Instant;
use maud::{Markup, html};
use screen::components::{Tone, note, tag};
use store::Staff;

use super::{Section, heading, panel, shell};
use crate::reason::Reason;
use crate::role::Role;
use crate::visit::Visit;

/// The page that asks for a reason before personal data is shown.
pub(crate) fn reason_page(visit: &Visit<'_>, next: &str) -> Markup {
    let title = visit.t("reason.title");
    let body = html! {
        div.narrow {
            h1 tabindex="-1" { (title) }
            p.mt { (visit.t("reason.lead")) }
            @if Reason::of_role(visit.role).is_empty() {
                div.mt { (note(Tone::Warn, html! { p { (visit.t("reason.none")) } })) }
            } @else {
                form.panel.mt method="post" action="/reason" {
                    div.body.stack {
                        input type="hidden" name="next" value=(next);
                        (choices(visit))
                        button.btn.big type="submit" { (visit.t("reason.keep")) }
                    }
                }
            }
            p.small.muted.mt { (visit.t("reason.recorded")) }
        }
    };
    shell(visit, Section::Elsewhere, &title, body)
}

/// The reasons of the account's role as a group of choices.
pub(crate) fn choices(visit: &Visit<'_>) -> Markup {
    html! {
        fieldset.choices {
            legend { (visit.t("reason.legend")) }
            @for reason in Reason::of_role(visit.role) {
                label {
                    input type="radio" name="reason" value=(reason.code()) required checked[visit.reason == Some(*reason)];
                    " " (visit.t(&format!("reason.{}", reason.code())))
                }
            }
        }
    }
}

/// The reason in force, with the way to change it.
pub(crate) fn in_force(visit: &Visit<'_>) -> Markup {
    html! {
        @if let Some(reason) = visit.reason {
            span.small.muted {
                (visit.t("reason.now")) " " b { (visit.t(&format!("reason.{}", reason.code()))) }
                @if Reason::of_role(visit.role).len() > 1 {
                    " · " a href={ "/reason?next=" (crate::serve::encode(&visit.url)) } { (visit.t("reason.change")) }
                }
            }
        }
    }
}

pub(crate) fn accounts_page(visit: &Visit<'_>, staff: &[Staff], now: Instant) -> Markup {
    let title = visit.t("staff.title");
    let state = |account: &Staff| {
        if !account.active {
            tag(Tone::Stop, &visit.t("staff.closed"))
        } else if account.locked_until > now {
            let until = visit.time(account.locked_until);
            tag(Tone::Warn, &visit.f("staff.locked", &[("t", &until)]))
        } else {
            tag(Tone::Ok, &visit.t("staff.open"))
        }
    };
    let role = |code: &str| match Role::from_code(code) {
        Some(role) => visit.t(&format!("role.{}", role.code())),
        None => visit.t("staff.unknown_role"),
    };
    let body = html! {
        (heading(html! { (visit.t("nav.staff")) }, html! { (title) }, html! { span.small.muted { (visit.n("staff.count", staff.len() as u64)) } }))
        div.mt {
            (panel(&visit.t("staff.list"), html! { (visit.t("staff.how")) }, html! {
                table.t {
                    caption.vh { (title) }
                    thead { tr {
                        th scope="col" { (visit.t("staff.account")) } th scope="col" { (visit.t("staff.name")) } th scope="col" { (visit.t("staff.role")) }
                        th scope="col" { (visit.t("staff.state")) } th.num scope="col" { (visit.t("staff.failures")) }
                    } }
                    tbody { @for account in staff {
                        tr { td { b { (account.staff) } } td { (account.display) } td { (role(&account.role)) } td { (state(account)) } td.num { (account.failures) } }
                    } }
                }
            }))
        }
    };
    shell(visit, Section::Staff, &title, body)
}
