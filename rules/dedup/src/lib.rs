//! The duplicate check: probe set → candidates → case → verdict.
//!
//! ```text
//! Subjects ──search──▶ Candidate ──triage──▶ Triage::Refer ──▶ case ──assign──▶ two blind adjudicators
//!                                                               ▲                    │ opinions
//!                                                      reversal │     settle ◀───────┘ (a third on a split)
//!                                                               └──── verdict, with the policy's hash
//! ```
//!
//! What is here: the [`Policy`] and its hash, the search of everybody against everybody
//! ([`Subjects`]) and of a day's voters ([`Captures`]), [`triage`], the drawing of adjudicators ([`draw`]) and what their opinions
//! come to ([`settle`]).
//!
//! What is deliberately not here: who the adjudicators are, tables and threads (`services/store`),
//! scores (`fingerprint`), acts and standing (`register`).

mod adjudicate;
mod captures;
mod policy;
mod search;

pub use adjudicate::{Opinion, OpinionError, Panel, Records, Says, Settlement, draw, settle};
pub use captures::{Came, CapturePolicy, Captures, Twins, merge_twins};
pub use policy::{Policy, PolicyHash};
pub use search::{
    Candidate, Pair, Ready, Subject, SubjectError, Subjects, Triage, merge_pairs, pairs_of, triage,
};
