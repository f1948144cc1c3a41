//! The office's store: the only SQL for the register and the elections, on SQLite or PostgreSQL.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # struct Still; impl lexicon::Clock for Still { fn now(&self) -> lexicon::Instant { lexicon::Instant::from_micros(0) } }
//! # let clock = std::sync::Arc::new(Still);
//! use store::{Store, import};
//!
//! let store = Store::open("sqlite:register.db", clock)?; // or postgres://…
//! let report = import::folder(&store, "register".as_ref(), &import::Options::default(), &mut |_| {})?;
//! println!("{} rejected", report.rejected());
//! let taken = store.snapshot()?; // every table of lexicon::handover::snapshot, sorted
//! # let _ = taken; Ok(()) }
//! ```
//!
//! # What is here
//! - [`Store`]: connections, [`Store::transact`] (serializable, retried, timed, journalled), [`Store::read`].
//! - [`Tx`]: what can be done within a transaction; one function for each statement.
//! - [`import::folder`]: the tables of `docs/import.md`, once, resumable, with a rejects file.
//! - [`Store::snapshot`], [`Store::each_reference`]: what the register hands to the roll.
//! - [`Store::check_duplicates`], [`Store::assign_cases`], [`Store::give_opinion`], [`Store::reverse_verdict`].
//! - [`Store::find_persons`], [`Store::open_person`], [`Store::open_case`]: masked search, the person page and the
//!   adjudication page, each look recorded.
//! - [`Store::find_conflicts`], [`Store::make_conflict_lot`], [`Store::take_conflict_answers`]: PIN conflicts, sent to
//!   the issuing agency and taken back.
//! - [`Store::make_field_lots`], [`Store::take_field_answers`]: field verification by local commissions.
//! - [`import::edition`], [`Tx::list_editions`]: lists of the commission uploaded in the office.
//! - [`Tx::record_review_items`], [`Tx::record_review_answer`]: doubtful links and addresses, and who decided.
//! - [`Tx::record_boundary_change`], [`Tx::boundaries_by`]: boundaries that were changed, by the day they count from.
//! - [`Store::file_claim`]: a claim filed at a desk, once, with its receipt.
//! - Accounts and sessions; releases, decisions, reconciliation and turnout for display ([`Tx`]).
//! - [`Journal`]: two hash-chained journals, [`Tx::verify_journal`], [`Tx::acts_of`] a person.
//!
//! # What is deliberately not here
//! - Decisions: who is a duplicate, who may vote, which claim wins (`rules`).
//! - Repository traits: the engine is an enum behind [`Tx`].
//! - Files of a snapshot (`batch`), the station's journal (`station`), clocks and keys (`keys`).
//!
//! Architecture invariant: tables of facts are append-only, a trigger refuses `UPDATE` and `DELETE`.
//! Architecture invariant: no statement names both a `registry_` and an `electoral_` table.

pub mod adjudication;
mod case_page;
pub mod conflicts;
mod engine;
mod error;
pub mod field;
mod find;
pub mod import;
mod journal;
mod lot_file;
mod migrate;
pub mod snapshot;
mod tables;
mod transact;

pub use adjudication::{AdjudicationError, CheckOptions, CheckReport};
pub use case_page::{CasePage, CaseRecord};
pub use error::StoreError;
pub use find::{Find, Hit, Look, PersonPage, RegisterCounts, Window};
pub use journal::{ChainHead, Journal};
pub use lot_file::{LOT_FILE_MAX_BYTES, LotFileError, RejectedRow, rejects_table, write_rejects};
pub use snapshot::{SnapshotHeads, TakenSnapshot};
pub use tables::electoral_approval::{ApprovalRow, Institution, PublishedRow, SignOffRow};
pub use tables::electoral_backlog::{BacklogRow, BacklogStep};
pub use tables::electoral_boundary_change::{BoundaryChange, ProposedChange};
pub use tables::electoral_captures::{CapturesAct, CapturesFound, CapturesRow, CapturesStep};
pub use tables::electoral_change::{ChangeRow, Changes};
pub use tables::electoral_claim::{ClaimFilter, ClaimPlace, FiledClaim, OutcomeFilter};
pub use tables::electoral_claim_draft::ClaimDraft;
pub use tables::electoral_claim_file::{ArrivedClaim, ClaimFileRow, ClaimOrigin, NewClaimFile};
pub use tables::electoral_claim_outcome::ClaimOutcomeRow;
pub use tables::electoral_claim_receipt::{Filing, OWN_SERIES, Receipt};
pub use tables::electoral_correction::{CorrectionDecision, Decided};
pub use tables::electoral_day::{
    DayDocument, DayDocumentKind, DayIncident, DayKit, DayMark, DayPrecinct,
};
pub use tables::electoral_decision::{DecisionRow, LISTED, ListPlace};
pub use tables::electoral_delta::{DeltaLine, DeltaRow};
pub use tables::electoral_field::{FieldAnswer, FieldEntry, FieldLot};
pub use tables::electoral_field_decision::FieldDecision;
pub use tables::electoral_finding::FindingRow;
pub use tables::electoral_home::{HomeEdition, HomeFrozen, HomeWish, NewHomeWish};
pub use tables::electoral_hour_message::{
    Channel, HourBatch, HourKept, HourRefusedRow, HourRow, NewHour,
};
pub use tables::electoral_institution::{
    InstitutionEdition, InstitutionMember, InstitutionRefused, InstitutionRow,
};
pub use tables::electoral_link_explained::LinkExplained;
pub use tables::electoral_list::{ListEdition, ListStep, ListStepKind};
pub use tables::electoral_page_count::PageCountRow;
pub use tables::electoral_picture::{PictureAct, PictureRow, PictureStep};
pub use tables::electoral_protocol::{ProtocolEdition, ProtocolRefused};
pub use tables::electoral_reconciliation::ReconciledRow;
pub use tables::electoral_reference::{Edition, ReferenceKind, ReferenceValue};
pub use tables::electoral_rehearsal::{
    RehearsalCell, RehearsalCorrection, RehearsalDocument, RehearsalKind, RehearsalPrecinct,
    RehearsalVisit,
};
pub use tables::electoral_release::{ReleaseFigures, ReleaseRow};
pub use tables::electoral_release_cell::CellRow;
pub use tables::electoral_review::{ReviewAnswer, ReviewFilter, ReviewItem, ReviewKind, SAMPLED};
pub use tables::electoral_review_again::DecidedLink;
pub use tables::electoral_station_manifest::StationManifestRow;
pub use tables::electoral_ticket::TicketRow;
pub use tables::electoral_transfer::{TransferFiled, TransferSeen, phone_mark};
pub use tables::electoral_turnout::TurnoutRow;
pub use tables::electoral_voting_day::{DayDecisionRow, VotingDayRow};
pub use tables::electoral_witness::WitnessRow;
pub use tables::people_group::{CaptureOf, GroupMember, PeopleGroup, RAION};
pub use tables::registry_assignment::{OwnOpinion, QueuedCase};
pub use tables::registry_conflict::Conflict;
pub use tables::registry_conflict_lot::{AnswerRow, ConflictLot, Notice, Sent, SignOff};
pub use tables::registry_enrolment::{EnrolmentCount, WaitingCapture};
pub use tables::registry_print::Prints;
pub use tables::registry_read::ReadRow;
pub use tables::registry_session::{Session, SessionTerms};
pub use tables::registry_staff::Staff;
pub use tables::registry_verdict::CaseView;
pub use transact::{Store, Timing, Tx};
