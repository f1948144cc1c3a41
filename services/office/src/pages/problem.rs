//! Pages that say why there is no page: forbidden, not there, used up, the system's fault.

use axum::http::StatusCode;
use lexicon::Language;
use maud::{Markup, html};
use screen::components::{Tone, note};

use super::{Section, outside, shell, texts};
use crate::office::Office;
use crate::visit::{Problem, Visit};

pub(crate) fn status(problem: &Problem) -> StatusCode {
    match problem {
        Problem::NotFound => StatusCode::NOT_FOUND,
        Problem::Denied(_) => StatusCode::FORBIDDEN,
        Problem::Overdrawn => StatusCode::TOO_MANY_REQUESTS,
        Problem::Unreadable => StatusCode::BAD_REQUEST,
        Problem::Store(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

fn key(problem: &Problem) -> &'static str {
    match problem {
        Problem::NotFound => "not_found",
        Problem::Denied(_) => "denied",
        Problem::Overdrawn => "overdrawn",
        Problem::Unreadable => "unreadable",
        Problem::Store(_) => "system",
    }
}

/// A code that the help desk can ask for; it says what failed, never whom it was about.
fn code(problem: &Problem) -> &'static str {
    use store::StoreError as E;
    match problem {
        Problem::NotFound => "O-404",
        Problem::Denied(_) => "O-403",
        Problem::Overdrawn => "O-429",
        Problem::Unreadable => "O-400",
        Problem::Store(E::Unreachable) => "O-501",
        Problem::Store(E::Conflict) => "O-502",
        Problem::Store(E::Stored { .. } | E::BrokenChain { .. } | E::NotAStore) => "O-503",
        Problem::Store(
            E::Url
            | E::Constraint { .. }
            | E::NewerSchema { .. }
            | E::ChangedMigration { .. }
            | E::Engine { .. },
        ) => "O-500",
    }
}

pub(crate) fn page(visit: &Visit<'_>, problem: &Problem) -> Markup {
    let key = key(problem);
    let title = visit.t(&format!("problem.{key}"));
    let now = visit.moment(visit.office.now());
    let roles = match problem {
        Problem::Denied(right) => {
            let names: Vec<String> = right
                .roles()
                .iter()
                .map(|role| visit.t(&format!("role.{}", role.code())))
                .collect();
            Some(names.join(", "))
        }
        Problem::NotFound | Problem::Overdrawn | Problem::Unreadable | Problem::Store(_) => None,
    };
    let body = html! {
        div.narrow {
            h1 tabindex="-1" { (title) }
            div.mt role="alert" { (note(Tone::Stop, html! {
                p { (visit.t(&format!("problem.{key}_text"))) }
                @if let Some(roles) = &roles {
                    p.mt-s { (visit.f("problem.denied_roles", &[("roles", roles)])) }
                    p.mt-s { (visit.f("problem.denied_own", &[("role", &visit.t(&format!("role.{}", visit.role.code())))])) }
                }
            })) }
            p.mt { (visit.t(&format!("problem.{key}_next"))) }
            p.small.muted.mt { (visit.f("problem.code", &[("code", code(problem)), ("t", &now)])) }
            p.mt { a.btn.sec href="/" { (visit.t("problem.home")) } }
        }
    };
    shell(visit, Section::Elsewhere, &title, body)
}

/// The same for nobody signed in.
pub(crate) fn alone(office: &Office, language: Language, problem: &Problem) -> Markup {
    let t = |key: &str| texts().text(language, key);
    let key = key(problem);
    let title = t(&format!("problem.{key}"));
    let body = html! {
        div.narrow {
            h1 { (title) }
            div.mt role="alert" { (note(Tone::Stop, html! { p { (t(&format!("problem.{key}_text"))) } })) }
            p.mt { (t(&format!("problem.{key}_next"))) }
            p.small.muted.mt { (code(problem)) }
            p.mt { a.btn.sec href="/" { (t("problem.home")) } }
        }
    };
    outside(office, language, &title, "/sign-in", body)
}
