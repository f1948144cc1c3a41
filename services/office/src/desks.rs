//! The desks: each fetches from the store, calls a rule, and hands a page what it shows.

pub(crate) mod approval;
pub(crate) mod boundaries;
pub(crate) mod cases;
pub(crate) mod claims;
pub(crate) mod compare;
pub(crate) mod conflicts;
pub(crate) mod contradictions;
pub(crate) mod corrections;
pub(crate) mod day;
pub(crate) mod field;
pub(crate) mod figures;
pub(crate) mod filing;
pub(crate) mod home;
pub(crate) mod home_voting;
pub(crate) mod hours;
pub(crate) mod institutions;
pub(crate) mod lists;
pub(crate) mod lists_uploaded;
pub(crate) mod persons;
pub(crate) mod protocols;
pub(crate) mod reconciliation;
pub(crate) mod rehearsal;
pub(crate) mod review;
pub(crate) mod staff;
pub(crate) mod transfers;
