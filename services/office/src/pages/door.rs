//! Signing in, and being kept out for a while.

use axum::http::StatusCode;
use lexicon::Language;
use maud::{Markup, html};
use screen::components::{Tone, note};

use super::{outside, texts};
use crate::office::Office;
use crate::sign_in::Attempt;

/// What was typed at the door, and what came of it.
pub(crate) struct Knock {
    next: String,
    account: String,
    answer: Option<Attempt>,
}

impl Knock {
    pub fn first(next: String) -> Self {
        Self {
            next,
            account: String::new(),
            answer: None,
        }
    }

    pub fn answered(next: String, account: &str, answer: Attempt) -> Self {
        Self {
            next,
            account: account.to_owned(),
            answer: Some(answer),
        }
    }

    pub fn status(&self) -> StatusCode {
        match self.answer {
            Some(Attempt::Wrong) => StatusCode::UNAUTHORIZED,
            Some(Attempt::Locked(_)) => StatusCode::TOO_MANY_REQUESTS,
            Some(Attempt::Busy) => StatusCode::SERVICE_UNAVAILABLE,
            Some(Attempt::Welcome) | None => StatusCode::OK,
        }
    }
}

pub(crate) fn page(office: &Office, language: Language, knock: &Knock) -> Markup {
    let t = |key: &str| texts().text(language, key);
    let said = match knock.answer {
        None | Some(Attempt::Welcome) => None,
        Some(Attempt::Wrong) => Some((Tone::Stop, t("door.wrong"))),
        Some(Attempt::Busy) => Some((Tone::Warn, t("door.busy"))),
        Some(Attempt::Locked(until)) => {
            let micros = until.micros() - office.now().micros();
            let minutes = u64::try_from(micros.div_euclid(60_000_000) + 1).unwrap_or(1);
            let time: String = until.local_time(office.offset()).chars().take(5).collect();
            let wait = texts().count(language, "door.locked", minutes);
            Some((
                Tone::Stop,
                format!(
                    "{wait} {}",
                    texts().fill(language, "door.locked_until", &[("t", &time)])
                ),
            ))
        }
    };
    let title = if said.is_some() {
        format!("{} {}", t("error.title"), t("door.title"))
    } else {
        t("door.title")
    };
    let idle = office.config.terms.idle_micros / 60_000_000;
    let body = html! {
        div.door {
            h1 { (t("door.title")) }
            p.muted { (t("door.lead")) }
            @if let Some((tone, said)) = &said {
                div.mt role="alert" tabindex="-1" autofocus { (note(*tone, html! { p { (said) } p { (t("door.help")) } })) }
            }
            form.panel.mt method="post" action="/sign-in" {
                div.body.stack {
                    input type="hidden" name="next" value=(knock.next);
                    div.field {
                        label for="account" { (t("door.account")) }
                        input.input id="account" name="account" value=(knock.account) autocomplete="username" autocapitalize="none"
                            spellcheck="false" required autofocus[said.is_none()];
                    }
                    div.field {
                        label for="password" { (t("door.password")) }
                        input.input id="password" name="password" type="password" autocomplete="current-password" required;
                    }
                    button.btn.big type="submit" { (t("door.enter")) }
                }
            }
            p.small.muted.mt { (texts().fill(language, "door.terms", &[("n", &idle.to_string())])) }
        }
    };
    outside(office, language, &title, "/sign-in", body)
}
