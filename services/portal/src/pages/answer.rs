//! What the portal answers about one person.

mod after;

use lexicon::handover::envelope::{DocumentType, Subject, peek1};
use lexicon::handover::lookup::{ClaimStatus, LookupAnswer};
use lexicon::handover::release::{Absence, SaltedLine};
use lexicon::{Date, Instant, Language};
use maud::{Markup, html};
use screen::components::{self, Tone};
use screen::format::{date_long, number};

use super::{Frame, Section, TEXTS, site};
use crate::publication::{Precinct, Publication};

/// What the oracle's reply means for the page.
pub enum Answer {
    /// A record: on the list, or not with a reason.
    Record(Box<LookupAnswer>),
    /// No record, or a wrong second number: one text for both.
    NoMatch,
    /// Too many tries.
    Throttled {
        /// Minutes to wait.
        minutes: u32,
    },
    /// The oracle does not answer.
    Down,
}

/// The answer page, and whether anything on it is personal (then it must not be stored).
#[must_use]
pub fn answer_page(
    publication: &Publication,
    language: Language,
    demo: bool,
    answer: &Answer,
) -> Markup {
    let t = |key: &str| TEXTS.text(language, key);
    let (title, body) = match answer {
        Answer::Record(record) => match (&record.line, &record.after, &record.absence) {
            (Some(line), _, _) => (t("found"), found(publication, language, record, line)),
            (None, Some(after), _) => after::struck(publication, language, record, after),
            (None, None, Some(absence)) => absent(publication, language, record, absence),
            (None, None, None) => plain(language, Tone::Warn, "no_match", &t("no_match_next")),
        },
        Answer::NoMatch => plain(language, Tone::Warn, "no_match", &t("no_match_next")),
        Answer::Throttled { minutes } => {
            let next = TEXTS.fill(language, "throttled_next", &[("n", &minutes.to_string())]);
            plain(language, Tone::Warn, "throttled", &next)
        }
        Answer::Down => plain(language, Tone::Warn, "down", &t("down_next")),
    };
    let frame = Frame {
        language,
        section: Section::Check,
        title: &title,
        url: "/",
        demo,
    };
    site(
        frame,
        html! {
            (body)
            p.mt-l { a href={ "/?lang=" (language.tag()) } { (t("again")) } }
        },
    )
}

fn plain(language: Language, tone: Tone, key: &str, next: &str) -> (String, Markup) {
    let title = TEXTS.text(language, key);
    let body = html! { div.narrow.stack-l { (components::result(tone, &title, "")) p { (next) } } };
    (title, body)
}

fn release_text(publication: &Publication, language: Language) -> String {
    let frozen = Instant::from_micros(publication.release.frozen_at)
        .local_date(publication.law.election.offset_minutes);
    let n = publication.release.release.to_string();
    let date = date_long(language, frozen);
    match publication.deltas.last() {
        None => TEXTS.fill(language, "by_release", &[("n", &n), ("date", &date)]),
        Some(last) => {
            let k = last.number.to_string();
            TEXTS.fill(
                language,
                "by_deltas",
                &[("n", &n), ("date", &date), ("k", &k)],
            )
        }
    }
}

/// `А. Ү. Б.` from the parts of a name.
fn initials(parts: [&str; 3]) -> String {
    parts
        .iter()
        .filter_map(|part| part.chars().next())
        .map(|letter| format!("{}.", letter.to_uppercase()))
        .collect::<Vec<_>>()
        .join("\u{00A0}")
}

fn clock(minutes: u16) -> String {
    format!("{}:{:02}", minutes / 60, minutes % 60)
}

fn found(
    publication: &Publication,
    language: Language,
    record: &LookupAnswer,
    line: &SaltedLine,
) -> Markup {
    let t = |key: &str| TEXTS.text(language, key);
    let fields = &line.line;
    let who = initials([&fields.surname, &fields.given, &fields.patronymic]);
    let detail = format!("{who} · {}", release_text(publication, language));
    html! {
        div.pgrid.two {
            div.stack-l {
                (components::result(Tone::Ok, &t("found"), &detail))
                @if let Some(precinct) = publication.precincts.get(&fields.precinct) {
                    @let said = after::line_said(publication, language, record, line);
                    (place(publication, language, precinct, Some(&said)))
                }
                @if let Some(after) = &record.after { (after::changes(publication, language, after)) }
                (claims(language, publication, &record.claims))
            }
            aside.stack-l {
                section {
                    h2 { (t("day_head")) }
                    ol.todo.mt { li { span { (t("day_1")) } } li { span { (t("day_2")) } } li { span { (t("day_3")) } } }
                }
                section {
                    details open {
                        summary { (t("proof_head")) }
                        div.in.stack {
                            @match &record.after {
                                None => (proof(publication, language, record.leaf, line)),
                                Some(after) => (after::proof(publication, language, after, line)),
                            }
                        }
                    }
                    details { summary { (t("wrong")) } div.in { (t("wrong_next")) } }
                }
            }
        }
    }
}

fn proof(publication: &Publication, language: Language, leaf: u64, line: &SaltedLine) -> Markup {
    let t = |key: &str| TEXTS.text(language, key);
    let release = &publication.release;
    let values = [
        ("n", release.release.to_string()),
        ("total", number(release.total)),
        ("leaf", number(leaf)),
    ];
    let values: Vec<(&str, &str)> = values.iter().map(|(k, v)| (*k, v.as_str())).collect();
    let root = lexicon::handover::envelope::hex(release.root.as_slice());
    html! {
        p { (t("proof_text")) }
        @if let Some(last) = publication.deltas.last() {
            p { (TEXTS.fill(language, "proof_untouched", &[("n", &release.release.to_string()), ("k", &last.number.to_string())])) }
        }
        p.hash {
            (TEXTS.fill(language, "proof_leaf", &values)) br;
            (TEXTS.fill(language, "proof_root", &[("root", &format!("{} … {}", &root[..20], &root[60..]))]))
        }
        @if let Ok(proof) = publication.proof(leaf, line) {
            p { a download={ "L" (release.release) "-" (line.line.precinct) "-" (line.line.line) ".tlog-proof" } href=(data_url("text/plain;charset=utf-8", proof.to_string().as_bytes())) { (t("proof_get")) } }
        }
    }
}

/// A download that needs no second request: nothing about the question stays on the server.
fn data_url(media_type: &str, bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut url = format!("data:{media_type},");
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/') {
            url.push(char::from(*byte));
        } else {
            let _ = write!(url, "%{byte:02X}");
        }
    }
    url
}

/// The station of a precinct: map, address, hours.
#[must_use]
pub(super) fn place(
    publication: &Publication,
    language: Language,
    precinct: &Precinct,
    line: Option<&str>,
) -> Markup {
    let election = &publication.law.election;
    let n = precinct.number.to_string();
    let name = TEXTS.fill(language, "precinct_no", &[("n", &n)]);
    let label = TEXTS.fill(language, "map_label", &[("n", &n)]);
    let address = match language {
        Language::Ky => &precinct.address_ky,
        Language::Ru | Language::En => &precinct.address_ru,
    };
    let voting = TEXTS.fill(
        language,
        "voting",
        &[
            ("date", &date_long(language, election.day)),
            ("from", &clock(election.opens_minutes)),
            ("to", &clock(election.closes_minutes)),
        ],
    );
    html! {
        section.place {
            (crate::map::precinct_map(precinct, &publication.precincts, &label, &format!("№ {n}")))
            div.in.stack {
                h2 { (name) }
                p lang=[(language == Language::En).then_some("ru")] { (address) }
                @if let Some(said) = line { p { b { (said) } } }
                p { b { (voting) } }
                p.small.muted { (TEXTS.text(language, "print")) }
            }
        }
    }
}

fn absent(
    publication: &Publication,
    language: Language,
    record: &LookupAnswer,
    signed: &[u8],
) -> (String, Markup) {
    let t = |key: &str| TEXTS.text(language, key);
    let subject = Subject {
        kind: DocumentType::Absence,
        election: publication.law.election.number,
    };
    let reason = peek1(subject, signed)
        .ok()
        .and_then(|(_, payload)| lexicon::handover::envelope::decode::<Absence>(&payload).ok())
        .map(|absence| absence.reason)
        .unwrap_or_default();
    let Some(said) = publication.texts.exclusion.get(&reason) else {
        return plain(language, Tone::Warn, "no_match", &t("no_match_next"));
    };
    let until = record.until.parse::<Date>().ok();
    // Amber while the person can still act, red only when nothing helps before election day.
    let (tone, key) = if until.is_some() {
        (Tone::Warn, "not_yet")
    } else {
        (Tone::Stop, "not_found")
    };
    let title = t(key);
    let body = html! {
        div.pgrid.two {
            div.stack-l {
                (components::result(tone, &title, &release_text(publication, language)))
                section.stack {
                    h2 { (t("reason")) }
                    (components::note(Tone::Wait, html! { b { (said.sentence.get(language)) } " " span.muted.small { "(" (reason) ")" } }))
                }
                section.stack {
                    h2 { (t("what_next")) }
                    @if let Some(day) = until {
                        p { b { (TEXTS.fill(language, "until", &[("date", &date_long(language, day))])) } }
                    }
                    ol.todo { li { span { (said.next.get(language)) } } li { span { (t("call")) } } }
                }
                (claims(language, publication, &record.claims))
            }
            aside.stack-l {
                section {
                    h2 { (t("wrong")) }
                    p.mt { (t("wrong_next")) }
                }
                section {
                    p { a download="answer.cose" href=(data_url("application/cose", signed)) { (t("absence_get")) } }
                }
            }
        }
    };
    (title, body)
}

fn claims(language: Language, publication: &Publication, claims: &[ClaimStatus]) -> Markup {
    let t = |key: &str| TEXTS.text(language, key);
    let offset = publication.law.election.offset_minutes;
    html! {
        @if !claims.is_empty() {
            section.stack {
                h2 { (t("claims_head")) }
                dl.kv {
                    @for claim in claims {
                        dt { (screen::format::date_short(Instant::from_micros(claim.filed).local_date(offset))) }
                        dd {
                            @if claim.precinct > 0 { (TEXTS.fill(language, "claim_form2", &[("n", &claim.precinct.to_string())])) }
                            @else { (t("claim_other")) }
                            ": "
                            @if let Some(said) = publication.texts.claim.get(&claim.outcome) { (said.short.get(language)) }
                            @else { (claim.outcome) }
                        }
                    }
                }
            }
        }
    }
}
