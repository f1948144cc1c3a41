//! Every key that a page asks for has its texts in the three languages.

use lexicon::{ClaimOutcome, ExclusionReason, Method, ReconciliationClass};
use register::conflict::{AnswerState, ConflictKind, NoticeKind};
use register::{CaseKind, CivilEventKind, ClaimKind, PrecinctKind, Region, ResidenceKind};

use roll::field::{Finding, Merged, Subject};
use roll::taken::Arrival;
use store::conflicts::ConflictState;

use super::*;
use crate::reason::Reason;
use crate::role::Role;

const SOURCES: &[&str] = &[
    include_str!("after.rs"),
    include_str!("list/deltas.rs"),
    include_str!("../desks/deltas.rs"),
    include_str!("../stood.rs"),
    include_str!("approval.rs"),
    include_str!("backlog.rs"),
    include_str!("boundaries.rs"),
    include_str!("boundaries/planner.rs"),
    include_str!("lists_uploaded.rs"),
    include_str!("review.rs"),
    include_str!("../desks/boundaries.rs"),
    include_str!("../desks/lists_uploaded.rs"),
    include_str!("../desks/review.rs"),
    include_str!("../upload.rs"),
    include_str!("letter.rs"),
    include_str!("list/blockers.rs"),
    include_str!("list/compare.rs"),
    include_str!("list/places.rs"),
    include_str!("../desks/compare.rs"),
    include_str!("list/people.rs"),
    include_str!("precinct/map.rs"),
    include_str!("statistics.rs"),
    include_str!("../desks/approval.rs"),
    include_str!("../desks/figures.rs"),
    include_str!("../statistics.rs"),
    include_str!("calendar.rs"),
    include_str!("../desks/groups.rs"),
    include_str!("case.rs"),
    include_str!("case/compare.rs"),
    include_str!("claims.rs"),
    include_str!("claim_files.rs"),
    include_str!("../desks/claim_files.rs"),
    include_str!("review/rows.rs"),
    include_str!("../desks/review/people.rs"),
    include_str!("field/entries.rs"),
    include_str!("../desks/field/entries.rs"),
    include_str!("conflicts.rs"),
    include_str!("contradictions.rs"),
    include_str!("../desks/contradictions.rs"),
    include_str!("field.rs"),
    include_str!("field_answers.rs"),
    include_str!("../desks/field.rs"),
    include_str!("lot_report.rs"),
    include_str!("filing.rs"),
    include_str!("home_voting.rs"),
    include_str!("../desks/home_voting.rs"),
    include_str!("../home_voting.rs"),
    include_str!("door.rs"),
    include_str!("home.rs"),
    include_str!("day.rs"),
    include_str!("paper_day.rs"),
    include_str!("institutions.rs"),
    include_str!("../desks/institutions.rs"),
    include_str!("../institutions.rs"),
    include_str!("protocols.rs"),
    include_str!("../desks/protocols.rs"),
    include_str!("../protocols.rs"),
    include_str!("rehearsal.rs"),
    include_str!("../desks/rehearsal.rs"),
    include_str!("../rehearsal.rs"),
    include_str!("../rehearsal/waiting.rs"),
    include_str!("corrections.rs"),
    include_str!("../desks/corrections.rs"),
    include_str!("../desks/day.rs"),
    include_str!("../day.rs"),
    include_str!("hours.rs"),
    include_str!("../desks/hours.rs"),
    include_str!("../hours.rs"),
    include_str!("list.rs"),
    include_str!("list/signatures.rs"),
    include_str!("parts.rs"),
    include_str!("person.rs"),
    include_str!("person/timeline.rs"),
    include_str!("precinct.rs"),
    include_str!("problem.rs"),
    include_str!("reconciliation.rs"),
    include_str!("search.rs"),
    include_str!("second_day.rs"),
    include_str!("../desks/second_day.rs"),
    include_str!("../second_day.rs"),
    include_str!("staff.rs"),
    include_str!("tickets.rs"),
    include_str!("../desks/tickets.rs"),
    include_str!("../tickets.rs"),
    include_str!("transfers.rs"),
    include_str!("../desks/transfers.rs"),
    include_str!("why.rs"),
    include_str!("../pages.rs"),
    include_str!("../desks/cases.rs"),
    include_str!("page_counts.rs"),
    include_str!("captures.rs"),
    include_str!("pictures.rs"),
    include_str!("../desks/page_counts.rs"),
    include_str!("../desks/captures.rs"),
    include_str!("../desks/pictures.rs"),
    include_str!("../desks/claims.rs"),
    include_str!("../address_book.rs"),
    include_str!("../desks/filing.rs"),
    include_str!("../desks/conflicts.rs"),
    include_str!("../desks/persons.rs"),
    include_str!("../desks/reconciliation.rs"),
];

fn has(key: &str) -> bool {
    texts().has(key) || texts().has(&format!("{key}.one"))
}

#[test]
fn every_key_that_a_source_names_has_its_texts() {
    let mut used = 0;
    for source in SOURCES {
        for quoted in source.split('"').skip(1).step_by(2) {
            let is_key = quoted.split_once('.').is_some_and(|(surface, rest)| {
                let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
                surface.starts_with(|c: char| c.is_ascii_lowercase())
                    && !rest.is_empty()
                    && surface.chars().all(plain)
                    && rest.chars().all(plain)
                    && !["css", "js", "toml", "cose", "csv", "parquet", "rs"].contains(&rest)
            });
            if is_key {
                used += 1;
                assert!(has(quoted), "no text for {quoted}");
            }
        }
    }
    assert!(used > 350, "only {used} keys were looked at");
}

#[test]
fn every_code_that_a_page_shows_has_its_texts() {
    let check = |family: &str, code: &str| {
        let key = format!("{family}.{code}");
        assert!(has(&key), "no text for {key}");
    };
    for role in Role::ALL {
        check("role", role.code());
    }
    for reason in Reason::ALL {
        check("reason", reason.code());
    }
    let known = crate::blockers::SOURCES.iter().map(|source| source.code);
    for code in known.chain(["sums", "signatures"]) {
        for form in ["one", "few", "many"] {
            check("blocker", &format!("{code}.{form}"));
        }
    }
    for institution in store::Institution::ALL {
        check("institution", institution.code());
    }
    for law in ["kg-2015", "kg-2020", "kg-2025"] {
        let law = lexicon::ElectionLaw::shipped(law).expect("a shipped law");
        for row in law.calendar() {
            check("milestone", row.milestone.code());
        }
    }
    for state in Arrival::ALL {
        check("claim_arrival", state.code());
        if ![Arrival::Taken, Arrival::Known].contains(&state) {
            check("claim_arrival_next", state.code());
        }
    }
    for step in store::BacklogStep::ALL {
        check("backlog", step.code());
    }
    for code in ["formed", "approved_by_one", "approved", "published"] {
        check("progress", code);
    }
    for code in crate::statistics::SHEETS {
        check("sheet", code);
    }
    for reason in ExclusionReason::ALL {
        check("rule", reason.code());
    }
    for cause in lexicon::handover::ticket::Cause::ALL {
        let code = cause.code().to_lowercase();
        check("ticket_cause", &code);
        check("ticket_advice", &code);
    }
    for code in crate::tickets::EntryRefused::CODES {
        check("ticket_refused", code);
        check("ticket_next", code);
    }
    for code in roll::tickets::TicketStanding::CODES {
        check("ticket_standing", code);
    }
    for act in roll::tickets::TicketAct::ALL {
        check("ticket_act", act.code());
    }
    for code in roll::tickets::TicketRefused::CODES {
        check("ticket_step_refused", code);
    }
    for code in crate::hours::HourRefused::CODES {
        check("hours_refused", code);
        check("hours_next", code);
    }
    let codes = ["file_large", "file_disk", "file_off", "file_none"];
    for code in crate::day::DayRefused::CODES.into_iter().chain(codes) {
        check("day_refused", code);
    }
    for code in crate::second_day::DecisionRefused::CODES
        .into_iter()
        .chain(codes)
    {
        check("second_day_refused", code);
    }
    for code in crate::second_day::DayStanding::CODES {
        check("second_day_standing", code);
    }
    for code in lexicon::handover::day_decision::REASONS {
        check("second_day_reason", &code.to_lowercase());
    }
    for code in roll::home::HomeRefused::CODES {
        check("home_refused", code);
        check("home_next", code);
    }
    for code in crate::home_voting::NotFrozen::CODES {
        check("home_freeze", code);
    }
    for law in ["kg-2015", "kg-2020", "kg-2025"] {
        let law = lexicon::ElectionLaw::shipped(law).expect("a shipped law");
        for code in &law.home.reasons {
            check("home_category", code);
        }
    }
    for code in ["stands", "withdrawal", "superseded", "lapsed", "refused"] {
        check("home_standing", code);
    }
    for code in crate::protocols::REASONS {
        check("protocol_refused", code);
    }
    for code in crate::institutions::REASONS {
        check("institution_refused", code);
        check("institution_next", code);
    }
    for code in crate::rehearsal::OUTCOMES {
        check("rehearsal_outcome", code);
    }
    for kind in lexicon::handover::correction::CorrectionKind::ALL {
        check("rehearsal_kind", kind.code());
    }
    for act in store::PictureAct::ALL {
        check("picture_act", act.code());
    }
    for code in ["asked", "allowed", "opened"] {
        check("captures_act", code);
    }
    for code in roll::page_count::CountRefused::CODES {
        check("page_count_refused", code);
    }
    for code in crate::pictures::REASONS {
        check("picture_reason", code);
    }
    for code in crate::paper_day::causes() {
        check("day_cause", &code.to_lowercase());
    }
    for code in super::day::INCIDENTS {
        check("day_incident", &code.to_lowercase());
    }
    for proof in roll::hours::Proof::ALL {
        check("hours_proof", proof.code());
    }
    for place in roll::hours::Place::ALL {
        check("hours_place", place.code());
    }
    for channel in store::Channel::ALL {
        check("hours_channel", channel.code());
    }
    for field in [
        "precinct",
        "kit",
        "scope",
        "hour",
        "number",
        "count",
        "election",
        "authenticator",
    ] {
        check("hours_field", field);
    }
    for class in ReconciliationClass::ALL {
        check("evidence", class.code());
    }
    for kind in CivilEventKind::ALL {
        check("event", kind.code());
        check("shown", &format!("no_{}", kind.code()));
    }
    for kind in ClaimKind::ALL {
        check("claim_kind", kind.code());
    }
    for kind in PrecinctKind::ALL {
        check("precinct_kind", kind.code());
    }
    for region in Region::ALL {
        check("region", region.code());
    }
    for kind in ResidenceKind::ALL {
        check("residence", kind.code());
    }
    for method in Method::ALL {
        check("method", method.code());
    }
    for kind in [CaseKind::Duplicate, CaseKind::SharedPin] {
        check("case_kind", kind.code());
    }
    for outcome in ["distinct", "duplicate", "pin_kept"] {
        check("outcome", outcome);
    }
    for act in [
        "recorded",
        "pin_claimed",
        "document_issued",
        "resided",
        "document_status_changed",
        "residence_ended",
        "corrected",
        "premises_moved",
        "civil_event",
        "enrolled",
        "processed",
        "prints_received",
        "photo_received",
        "case_opened",
        "verdict_given",
        "verdict_reversed",
        "rows_received",
        "street_renamed",
        "street_named",
        "second_address_given",
        "pin_claim_ended",
        "conflict_opened",
        "conflict_signed_off",
        "told",
    ] {
        check("act", act);
    }
    for kind in Subject::ALL {
        check("field_subject", kind.code());
    }
    for finding in Finding::ALL {
        check("field_finding", finding.code());
    }
    for state in Merged::ALL {
        check("field_merged", state.code());
    }
    for progress in ["done", "conflict", "late", "open"] {
        check("field_progress", progress);
    }
    for kind in ConflictKind::ALL {
        check("conflict_kind", kind.code());
    }
    for state in ConflictState::ALL {
        check("conflict_state", state.code());
    }
    for kind in NoticeKind::ALL {
        assert!(desk_sentences().notice.contains_key(kind.code()));
    }
    for state in AnswerState::ALL {
        assert!(desk_sentences().answer.contains_key(state.code()));
    }
    for standing in ["unique", "pending", "duplicate", "deceased", "none"] {
        check("standing", standing);
    }
    for code in [
        "GAP",
        "OVERLAP",
        "CONFLICT",
        "UNUSABLE",
        "CROSSING",
        "AREA_OVERLAP",
        "AREA_GAP",
        "ENCLAVE",
        "EMPTY",
        "TOO_LARGE",
    ] {
        check("finding", code);
    }
    for stage in ["preliminary", "control", "final"] {
        check("stage", stage);
    }
    for problem in ["not_found", "denied", "overdrawn", "unreadable", "system"] {
        for part in ["", "_text", "_next"] {
            check("problem", &format!("{problem}{part}"));
        }
    }
    for finger in 1..=10 {
        check("finger", &format!("p{finger}"));
        check("finger", &format!("s{finger}"));
    }
    for outcome in ClaimOutcome::ALL {
        assert!(sentences().claim.contains_key(outcome.code()));
    }
}

#[test]
fn every_text_of_the_catalogue_is_used() {
    let everything = SOURCES.concat();
    let families = [
        "role",
        "reason",
        "rule",
        "evidence",
        "event",
        "shown",
        "claim_kind",
        "precinct_kind",
        "region",
        "residence",
        "method",
        "case_kind",
        "outcome",
        "act",
        "standing",
        "finding",
        "stage",
        "problem",
        "finger",
        "sex",
        "parity",
        "field",
        "found_by",
        "author",
        "reads",
        "case",
        "blocker",
        "progress",
        "institution",
        "sheet",
        "check",
        "figure_code",
        "conflict_kind",
        "conflict_state",
        "field_progress",
        "field_subject",
        "field_finding",
        "field_merged",
        "field_decide",
        "lot_column",
        "form2_category",
        "upload_step",
        "upload_done",
        "upload_standing",
        "upload_why",
        "upload_failed",
        "review_says",
        "review_level",
        "answered",
        "review_reason",
        "owner",
        "milestone",
        "boundary_parity",
        "boundary_said",
        "compare_by",
        "institution_refused",
        "institution_next",
        "protocol_refused",
        "day_refused",
        "day_incident",
        "day_cause",
        "rehearsal_outcome",
        "rehearsal_kind",
        "home_refused",
        "home_next",
        "home_freeze",
        "home_category",
        "home_standing",
        "hours_refused",
        "hours_next",
        "hours_proof",
        "hours_place",
        "hours_channel",
        "hours_field",
        "ticket_cause",
        "claim_arrival",
        "claim_arrival_next",
        "page_count_refused",
        "captures_act",
        "picture_act",
        "picture_reason",
        "second_day_refused",
        "second_day_standing",
        "second_day_reason",
        "ticket_advice",
        "ticket_refused",
        "ticket_next",
        "ticket_standing",
        "ticket_act",
        "ticket_step_refused",
    ];
    for key in texts().keys() {
        let family = key.split('.').next().unwrap_or("");
        let stem = [".one", ".few", ".many"]
            .iter()
            .find_map(|form| key.strip_suffix(form))
            .unwrap_or(key);
        let is_used = everything.contains(&format!("\"{stem}\"")) || families.contains(&family);
        assert!(is_used, "nobody shows {key}");
    }
}
