//! One file for each table: its inserts and its queries, each named for its effect.

pub(crate) mod people_group;
pub(crate) mod registry_address;
pub(crate) mod registry_assignment;
pub(crate) mod registry_case;
pub(crate) mod registry_civil_event;
pub(crate) mod registry_conflict;
pub(crate) mod registry_conflict_lot;
pub(crate) mod registry_correction;
pub(crate) mod registry_document;
pub(crate) mod registry_enrolment;
pub(crate) mod registry_name;
pub(crate) mod registry_person;
pub(crate) mod registry_photo;
pub(crate) mod registry_pin_claim;
pub(crate) mod registry_print;
pub(crate) mod registry_read;
pub(crate) mod registry_residence;
pub(crate) mod registry_second_address;
pub(crate) mod registry_session;
pub(crate) mod registry_staff;
pub(crate) mod registry_street;
pub(crate) mod registry_verdict;

pub(crate) mod electoral_approval;
pub(crate) mod electoral_backlog;
pub(crate) mod electoral_boundary;
pub(crate) mod electoral_boundary_change;
pub(crate) mod electoral_captures;
pub(crate) mod electoral_change;
pub(crate) mod electoral_claim;
pub(crate) mod electoral_claim_draft;
pub(crate) mod electoral_claim_file;
pub(crate) mod electoral_claim_outcome;
pub(crate) mod electoral_claim_receipt;
pub(crate) mod electoral_commission;
pub(crate) mod electoral_correction;
pub(crate) mod electoral_day;
pub(crate) mod electoral_decision;
pub(crate) mod electoral_delta;
pub(crate) mod electoral_field;
pub(crate) mod electoral_field_decision;
pub(crate) mod electoral_finding;
pub(crate) mod electoral_home;
pub(crate) mod electoral_hour_message;
pub(crate) mod electoral_institution;
pub(crate) mod electoral_link_explained;
pub(crate) mod electoral_list;
pub(crate) mod electoral_page_count;
pub(crate) mod electoral_picture;
pub(crate) mod electoral_precinct;
pub(crate) mod electoral_protocol;
pub(crate) mod electoral_reconciliation;
pub(crate) mod electoral_reference;
pub(crate) mod electoral_rehearsal;
pub(crate) mod electoral_release;
pub(crate) mod electoral_release_cell;
pub(crate) mod electoral_review;
pub(crate) mod electoral_review_again;
pub(crate) mod electoral_station_manifest;
pub(crate) mod electoral_ticket;
pub(crate) mod electoral_transfer;
pub(crate) mod electoral_turnout;
pub(crate) mod electoral_voting_day;
pub(crate) mod electoral_witness;

/// The 64-bit content mark of an imported row: the first 8 bytes of SHA-256 over its parts.
///
/// With it a repeated import sees that it has the row already, and that a row was changed.
pub(crate) fn content_mark(parts: &[&[u8]]) -> i64 {
    let mut bytes = Vec::new();
    for part in parts {
        bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bytes.extend_from_slice(part);
    }
    let hash = lexicon::handover::envelope::sha256(&bytes);
    let mut first = [0u8; 8];
    first.copy_from_slice(&hash[..8]);
    i64::from_be_bytes(first)
}

/// The mark of a row about a person: that of the act it becomes.
pub(crate) fn mark_about(person: lexicon::PersonId, act: &register::Act) -> i64 {
    content_mark(&[person.as_bytes(), &act.to_bytes()])
}

/// Reads a SOATE code from an integer column.
pub(crate) fn read_soate(
    row: &crate::engine::Row,
    column: usize,
) -> Result<lexicon::Soate, crate::error::StoreError> {
    format!("{:014}", row.int(column)?)
        .parse()
        .map_err(|_| crate::error::StoreError::Stored { column })
}
