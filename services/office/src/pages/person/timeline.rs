//! What happened to a record: every act of the journal, when it was entered and by whom.

use maud::{Markup, html};
use register::Act;

use super::Opened;
use crate::pages::parts::{document, name_text, pin};
use crate::role::Right;
use crate::visit::Visit;

pub(super) fn panel(visit: &Visit<'_>, person: &Opened<'_>) -> Markup {
    let title = visit.t("timeline.title");
    let entries = person.page.timeline.open(visit.look().purpose);
    super::panel(
        &title,
        html! { (visit.n("timeline.count", entries.len() as u64)) },
        html! {
            ol.timeline {
                @for (entry, author) in entries.iter().rev() {
                    li {
                        span.small.muted { (visit.moment(entry.at)) " · " (author_word(visit, author)) " · № " (entry.position) }
                        br;
                        b { (visit.t(&format!("act.{}", entry.act.kind()))) }
                        @let more = details(visit, person, &entry.act);
                        @if !more.is_empty() { ": " (more) }
                    }
                }
            }
        },
    )
}

/// Jobs have words, accounts keep their names.
fn author_word(visit: &Visit<'_>, author: &str) -> String {
    let key = format!("author.{author}");
    if crate::pages::texts().has(&key) {
        visit.t(&key)
    } else {
        author.to_owned()
    }
}

/// What stood and what stands now.
fn instead(before: &str, after: &str) -> String {
    format!("{before} → {after}")
}

/// What an act says, in a few words; numbers are masked for roles that may not see them.
fn details(visit: &Visit<'_>, person: &Opened<'_>, act: &Act) -> String {
    let day = |d| visit.day(d);
    match act {
        Act::Recorded {
            name,
            born,
            source_row,
            ..
        } => {
            let row = if visit.may(Right::SeeNumbers) {
                format!(", {}", visit.f("timeline.row", &[("r", source_row)]))
            } else {
                String::new()
            };
            format!("{}, {}{row}", name_text(name), day(*born))
        }
        Act::PinClaimed(claim) => format!("{} ({})", pin(visit, claim.pin), claim.source),
        Act::PinClaimEnded {
            pin: ended,
            on,
            source,
        } => {
            format!("{} ({source}), {}", pin(visit, *ended), day(*on))
        }
        Act::ConflictOpened { kind, .. } => visit.t(&format!("conflict_kind.{}", kind.code())),
        Act::ConflictSignedOff { reason, .. } => reason.clone(),
        Act::Told { notice, .. } => {
            visit.short(super::super::desk_sentences().notice.get(notice.code()))
        }
        Act::DocumentIssued(found) => {
            format!("{}, {}", document(visit, &found.number), day(found.issued))
        }
        Act::DocumentStatusChanged {
            number,
            before,
            status,
            from,
        } => format!(
            "{}: {}, {}",
            document(visit, number),
            instead(
                &visit.t(&format!("document.{}", before.code())),
                &visit.t(&format!("document.{}", status.code()))
            ),
            visit.f("person.from", &[("d", &day(*from))])
        ),
        Act::ResidenceEnded {
            address,
            from,
            until,
            kind: _,
        } => format!(
            "{}, {} {}",
            person.address(address),
            visit.f("person.from", &[("d", &day(*from))]),
            visit.f("timeline.until", &[("d", &day(*until))])
        ),
        Act::Corrected(right) => {
            let born = right
                .born
                .map(|(before, after)| instead(&day(before), &day(after)));
            let name = right.name.as_ref();
            let name = name.map(|(before, after)| instead(&name_text(before), &name_text(after)));
            let act = visit.f("timeline.act", &[("a", &right.act_number)]);
            let parts = [born, name, Some(day(right.day)), Some(act)];
            parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
        }
        Act::PremisesMoved {
            precinct,
            from,
            before,
            after,
        } => {
            let premises = if visit.language == lexicon::Language::Ky {
                instead(&before.address_ky, &after.address_ky)
            } else {
                instead(&before.address_ru, &after.address_ru)
            };
            format!("{precinct}: {premises}, {}", day(*from))
        }
        Act::Resided(home) => format!(
            "{}, {} {}",
            person.address(&home.address),
            visit.f("person.from", &[("d", &day(home.from))]),
            home.until
                .map(|until| visit.f("timeline.until", &[("d", &day(until))]))
                .unwrap_or_default()
        )
        .trim_end()
        .to_owned(),
        Act::CivilEvent(event) => format!(
            "{}, {}, {}{}",
            visit.t(&format!("event.{}", event.kind.code())),
            day(event.day),
            visit.f("timeline.act", &[("a", &event.act_number)]),
            event
                .name
                .as_ref()
                .map(|new| format!(": {}", name_text(new)))
                .unwrap_or_default()
        ),
        Act::Enrolled(capture) => format!(
            "{}, {}, {}",
            day(capture.captured),
            visit.t(&format!("region.{}", capture.region.code())),
            capture.kit
        ),
        Act::Processed { on, .. } => day(*on),
        Act::PrintsReceived { prints, .. } => visit.n("timeline.fingers", prints.len() as u64),
        Act::PhotoReceived { .. } => String::new(),
        Act::CaseOpened { kind, .. } => visit.t(&format!("case_kind.{}", kind.code())),
        Act::VerdictGiven { outcome, .. } => visit.t(&format!("outcome.{}", outcome.code())),
        Act::VerdictReversed { reason, .. } => reason.clone(),
        Act::StreetRenamed { rename, .. } => {
            format!(
                "{}, {}",
                instead(&rename.before, &rename.after),
                day(rename.from)
            )
        }
        Act::StreetNamed(row) => row.name.clone(),
        Act::SecondAddressGiven(row) => format!("{}, {}", row.street_name, row.house),
        Act::RowsReceived { table, rows, .. } => format!("{table}, {rows}"),
    }
}
