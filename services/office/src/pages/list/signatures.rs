//! What binds a release: root, document, signatures, law, snapshot.

use maud::{Markup, html};
use screen::components::{Tone, tag};
use screen::format::number;

use super::Release;
use crate::blockers::Progress;
use crate::office::Signatures;
use crate::visit::Visit;

/// The log that the release was published in, and who has cosigned it.
fn log(visit: &Visit<'_>, shown: &Release<'_>) -> Markup {
    let title = visit.t("witness.title");
    let Some(first) = shown.witnesses.first() else {
        let said = match shown.progress {
            Progress::Published => html! { (tag(Tone::Stop, &visit.t("witness.none"))) },
            Progress::Formed | Progress::ApprovedByOne | Progress::Approved => {
                html! { (tag(Tone::Wait, &visit.t("witness.not_yet"))) }
            }
        };
        return html! { div { p.small.muted { (title) } p { (said) } } };
    };
    let (have, need) = (shown.witnesses.len() as u64, u64::from(first.needed));
    let tone = if have >= need { Tone::Ok } else { Tone::Stop };
    let counted = visit.f(
        "witness.count",
        &[("n", &number(have)), ("k", &number(need))],
    );
    html! {
        div {
            p.small.muted { (title) " " code.mono { (first.origin) } " · " (visit.f("witness.entries", &[("n", &number(first.size))])) }
            p { (tag(tone, &counted)) }
            ul.plain { @for row in shown.witnesses { li { code.mono { (row.name) } ", " (visit.moment(row.stamped)) } } }
        }
    }
}

pub(super) fn panel(visit: &Visit<'_>, shown: &Release<'_>) -> Markup {
    let verdict = match &shown.document.signatures {
        Signatures::Good(_) => tag(Tone::Ok, &visit.t("signed.good")),
        Signatures::NotChecked => tag(Tone::Warn, &visit.t("signed.not_checked")),
        Signatures::Bad => tag(Tone::Stop, &visit.t("signed.bad")),
    };
    let hash = |bytes: &[u8]| html! { p.hash { (crate::serve::hex(bytes)) } };
    super::panel(
        &visit.t("signed.title"),
        verdict,
        html! {
            div.body.stack {
                @if let Signatures::Good(signers) = &shown.document.signatures {
                    p { (visit.t("signed.by")) " " @for kid in signers { code.mono { (kid.hex()) } " " } }
                }
                div { p.small.muted { (visit.t("signed.root")) } (hash(&shown.release.root)) }
                @if let Some(id) = &shown.document.id {
                    div { p.small.muted { (visit.t("signed.document")) } (hash(&id.0)) }
                }
                @match &shown.document.release {
                    None => p role="alert" { (tag(Tone::Stop, &visit.t("signed.unreadable"))) },
                    Some(document) => {
                        details {
                            summary { (visit.t("signed.more")) }
                            div.in.stack {
                                div { p.small.muted { (visit.t("signed.law")) " " (visit.office.law.id) } (hash(document.law.as_slice())) }
                                div { p.small.muted { (visit.t("signed.snapshot")) } (hash(document.snapshot.as_slice())) }
                                @if let Some(previous) = &document.previous {
                                    div { p.small.muted { (visit.t("signed.previous")) } (hash(previous.as_slice())) }
                                }
                            }
                        }
                    },
                }
                (log(visit, shown))
                p.small.muted { (visit.t("signed.verify")) " " code { "tizme verify" } }
            }
        },
    )
}
