//! Migrations: numbered files, a table of checksums, a lock row.

use lexicon::handover::envelope::sha256;

use crate::engine::{Begin, Link, values};
use crate::error::StoreError;

/// A migration; its text never changes once it was released.
struct Migration {
    number: i64,
    name: &'static str,
    sql: &'static str,
    /// Tables on which a trigger refuses `UPDATE` and `DELETE` from here on.
    append_only: &'static [&'static str],
}

const MIGRATIONS: &[Migration] = &[
    Migration {
        number: 1,
        name: "register_and_elections",
        sql: include_str!("../migrations/0001_register_and_elections.sql"),
        append_only: &[
            "registry_journal",
            "registry_person",
            "registry_name",
            "registry_name_word",
            "registry_pin_claim",
            "registry_document",
            "registry_address",
            "registry_residence",
            "registry_civil_event",
            "registry_enrolment",
            "registry_processing",
            "registry_print",
            "registry_photo",
            "registry_case",
            "registry_case_person",
            "registry_assignment",
            "registry_opinion",
            "registry_verdict",
            "registry_reversal",
            "registry_read",
            "electoral_journal",
            "electoral_precinct",
            "electoral_boundary",
            "electoral_commission",
            "electoral_claim",
        ],
    },
    Migration {
        number: 2,
        name: "releases_and_results",
        sql: include_str!("../migrations/0002_releases_and_results.sql"),
        append_only: &[
            "electoral_release",
            "electoral_decision",
            "electoral_reconciliation",
            "electoral_turnout",
        ],
    },
    Migration {
        number: 3,
        name: "office_views",
        sql: include_str!("../migrations/0003_office_views.sql"),
        append_only: &["electoral_claim_outcome", "electoral_finding"],
    },
    Migration {
        number: 5,
        name: "pin_conflicts",
        sql: include_str!("../migrations/0005_pin_conflicts.sql"),
        append_only: &[
            "registry_pin_claim_end",
            "registry_conflict",
            "registry_conflict_record",
            "registry_conflict_lot",
            "registry_conflict_sent",
            "registry_conflict_answer",
            "registry_conflict_sign_off",
            "registry_notice",
            "registry_notice_handed",
        ],
    },
    Migration {
        number: 6,
        name: "field_lots",
        sql: include_str!("../migrations/0006_field_lots.sql"),
        append_only: &[
            "electoral_field_lot",
            "electoral_field_entry",
            "electoral_field_answer",
            "electoral_claim_receipt",
        ],
    },
    Migration {
        number: 7,
        name: "release_figures",
        sql: include_str!("../migrations/0007_release_figures.sql"),
        append_only: &[
            "electoral_release_cell",
            "electoral_release_code",
            "electoral_release_precinct",
            "electoral_change",
            "electoral_change_count",
            "electoral_backlog",
            "electoral_reference_edition",
            "electoral_reference",
        ],
    },
    Migration {
        number: 8,
        name: "approvals",
        sql: include_str!("../migrations/0008_approvals.sql"),
        append_only: &[
            "electoral_sign_off",
            "electoral_approval",
            "electoral_published",
        ],
    },
    Migration {
        number: 9,
        name: "lists_and_reviews",
        sql: include_str!("../migrations/0009_lists_and_reviews.sql"),
        append_only: &[
            "electoral_list_edition",
            "electoral_list_row",
            "electoral_list_step",
            "electoral_reconciliation_run",
            "electoral_review_item",
            "electoral_review_answer",
            "electoral_address_placed",
        ],
    },
    Migration {
        number: 10,
        name: "boundary_changes",
        sql: include_str!("../migrations/0010_boundary_changes.sql"),
        append_only: &[
            "electoral_boundary_change",
            "electoral_boundary_touched",
            "electoral_boundary_changed",
            "electoral_boundary_approval",
        ],
    },
    Migration {
        number: 11,
        name: "weights_and_witnesses",
        sql: include_str!("../migrations/0011_weights_and_witnesses.sql"),
        append_only: &["electoral_link_explained", "electoral_witness"],
    },
    Migration {
        number: 15,
        name: "election_day",
        sql: include_str!("../migrations/0015_election_day.sql"),
        append_only: &[
            "electoral_station_manifest",
            "electoral_hour_message",
            "electoral_hour_batch",
            "electoral_hour_refused",
            "electoral_day_document",
            "electoral_day_precinct",
            "electoral_day_kit",
            "electoral_day_mark",
            "electoral_day_incident",
            "electoral_protocol_edition",
            "electoral_protocol",
            "electoral_protocol_refused",
        ],
    },
    Migration {
        number: 17,
        name: "asked_again",
        sql: include_str!("../migrations/0017_asked_again.sql"),
        append_only: &["electoral_review_again", "electoral_review_answer_again"],
    },
    Migration {
        number: 18,
        name: "rehearsals",
        sql: include_str!("../migrations/0018_rehearsals.sql"),
        append_only: &[
            "electoral_rehearsal_document",
            "electoral_rehearsal_precinct",
            "electoral_rehearsal_visit",
            "electoral_rehearsal_correction",
        ],
    },
    Migration {
        number: 19,
        name: "home_voting",
        sql: include_str!("../migrations/0019_home_voting.sql"),
        append_only: &[
            "electoral_home_wish",
            "electoral_home_freeze",
            "electoral_home_list",
        ],
    },
    Migration {
        number: 20,
        name: "correction_decisions",
        sql: include_str!("../migrations/0020_correction_decisions.sql"),
        append_only: &["electoral_correction_decision"],
    },
    Migration {
        number: 25,
        name: "institution_lists",
        sql: include_str!("../migrations/0025_institution_lists.sql"),
        append_only: &[
            "electoral_institution_edition",
            "electoral_institution_member",
            "electoral_institution_refused",
        ],
    },
    Migration {
        number: 26,
        name: "kit_grants",
        sql: include_str!("../migrations/0026_kit_grants.sql"),
        append_only: &["electoral_kit_grant"],
    },
    Migration {
        number: 27,
        name: "field_decisions",
        sql: include_str!("../migrations/0027_field_decisions.sql"),
        append_only: &["electoral_field_file", "electoral_field_decision"],
    },
    Migration {
        number: 28,
        name: "transfer_alarms",
        sql: include_str!("../migrations/0028_transfer_alarms.sql"),
        append_only: &["electoral_claim_phone", "electoral_transfer_seen"],
    },
    Migration {
        number: 31,
        name: "election_day_desk",
        sql: include_str!("../migrations/0031_election_day_desk.sql"),
        append_only: &[
            "electoral_ticket",
            "electoral_ticket_step",
            "electoral_day_decision",
            "electoral_voting_day",
        ],
    },
    Migration {
        number: 32,
        name: "list_deltas",
        sql: include_str!("../migrations/0032_list_deltas.sql"),
        append_only: &["electoral_delta", "electoral_delta_line"],
    },
    Migration {
        number: 33,
        name: "register_changes",
        sql: include_str!("../migrations/0033_register_changes.sql"),
        append_only: &[
            "registry_document_status",
            "registry_residence_end",
            "registry_correction",
            "electoral_precinct_premises",
        ],
    },
    Migration {
        number: 34,
        name: "street_names",
        sql: include_str!("../migrations/0034_street_names.sql"),
        append_only: &[
            "registry_street_rename",
            "registry_street_name",
            "registry_second_address",
        ],
    },
    Migration {
        number: 36,
        name: "kept_pictures",
        sql: include_str!("../migrations/0036_kept_pictures.sql"),
        append_only: &["electoral_picture", "electoral_picture_step"],
    },
    Migration {
        number: 37,
        name: "page_counts",
        sql: include_str!("../migrations/0037_page_counts.sql"),
        append_only: &["electoral_page_count"],
    },
    Migration {
        number: 41,
        name: "claim_drafts",
        sql: include_str!("../migrations/0041_claim_drafts.sql"),
        append_only: &[],
    },
    Migration {
        number: 42,
        name: "offline_claims",
        sql: include_str!("../migrations/0042_offline_claims.sql"),
        append_only: &["electoral_claim_file", "electoral_claim_arrival"],
    },
    Migration {
        number: 45,
        name: "day_captures",
        sql: include_str!("../migrations/0045_day_captures.sql"),
        append_only: &[
            "electoral_captures",
            "electoral_captures_step",
            "electoral_captures_found",
        ],
    },
];

/// The newest schema version of this program.
pub(crate) fn newest() -> i64 {
    MIGRATIONS.last().map_or(0, |m| m.number)
}

/// Every append-only table.
#[cfg(test)]
pub(crate) fn append_only_tables() -> Vec<&'static str> {
    MIGRATIONS
        .iter()
        .flat_map(|m| m.append_only.iter().copied())
        .collect()
}

/// Brings the schema to the newest version, one transaction, one holder of the lock row at a time.
pub(crate) fn migrate(link: &mut Link, at: lexicon::Instant) -> Result<(), StoreError> {
    for _ in 0..20 {
        link.begin(Begin::Write)?;
        match apply(link, at) {
            Ok(()) => match link.commit() {
                Err(StoreError::Conflict) => {}
                other => return other,
            },
            // Two programs making the first tables at once: the later one finds them made.
            Err(StoreError::Conflict | StoreError::Constraint { .. }) => link.rollback()?,
            Err(other) => {
                link.rollback()?;
                return Err(other);
            }
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    Err(StoreError::Conflict)
}

fn apply(link: &mut Link, at: lexicon::Instant) -> Result<(), StoreError> {
    link.batch(&dialect(
        link,
        "CREATE TABLE IF NOT EXISTS schema_migration (
           number BIGINT PRIMARY KEY, name TEXT NOT NULL, checksum BLOB NOT NULL, applied_at BIGINT NOT NULL);
         CREATE TABLE IF NOT EXISTS schema_lock (id BIGINT PRIMARY KEY, holder BIGINT NOT NULL);
         INSERT INTO schema_lock (id, holder) VALUES (1, 0) ON CONFLICT (id) DO NOTHING",
    ))?;
    link.execute(
        "UPDATE schema_lock SET holder = holder + 1 WHERE id = $1",
        values![1i64],
    )?;
    let mut applied: Vec<(i64, Vec<u8>)> = Vec::new();
    link.each(
        "SELECT number, checksum FROM schema_migration ORDER BY number",
        Vec::new(),
        &mut |row| {
            applied.push((row.int(0)?, row.blob(1)?.to_vec()));
            Ok(())
        },
    )?;
    if let Some((found, _)) = applied.iter().find(|(number, _)| *number > newest()) {
        return Err(StoreError::NewerSchema {
            found: *found,
            known: newest(),
        });
    }
    for migration in MIGRATIONS {
        let checksum = sha256(migration.sql.as_bytes()).to_vec();
        match applied
            .iter()
            .find(|(number, _)| *number == migration.number)
        {
            Some((_, found)) if *found == checksum => continue,
            Some(_) => {
                return Err(StoreError::ChangedMigration {
                    number: migration.number,
                });
            }
            None => {}
        }
        link.batch(&dialect(link, migration.sql))?;
        for table in migration.append_only {
            link.batch(&refuse_changes(link, table))?;
        }
        link.execute(
            "INSERT INTO schema_migration (number, name, checksum, applied_at) VALUES ($1, $2, $3, $4)",
            values![migration.number, migration.name, checksum, at],
        )?;
    }
    Ok(())
}

/// The portable text of a schema in an engine's words: bytes, and text that compares by bytes.
fn dialect(link: &Link, sql: &str) -> String {
    match link {
        Link::Sqlite(_) => sql.to_owned(),
        Link::Postgres(_) => sql
            .replace(" TEXT", " TEXT COLLATE \"C\"")
            .replace(" BLOB", " BYTEA"),
    }
}

/// The trigger that keeps a table append-only; the two texts stand side by side.
fn refuse_changes(link: &Link, table: &str) -> String {
    match link {
        Link::Sqlite(_) => ["UPDATE", "DELETE"]
            .map(|change| {
                format!(
                    "CREATE TRIGGER {table}_no_{} BEFORE {change} ON {table} \
                     BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END;",
                    change.to_lowercase()
                )
            })
            .join("\n"),
        Link::Postgres(_) => format!(
            "CREATE OR REPLACE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS \
             $do$ BEGIN RAISE EXCEPTION '{table} is append-only' USING ERRCODE = '23001'; END $do$;
             CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} \
             FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only();"
        ),
    }
}

#[cfg(test)]
mod tests;
