//! Table `registry_session`: who is signed in. Only the hash of a session's token is kept; this table changes.

use lexicon::Instant;
use lexicon::handover::envelope::sha256;

use crate::engine::{Insert, values};
use crate::error::StoreError;
use crate::transact::Tx;

const INSERT: Insert = Insert {
    into: "registry_session (id, staff, started_at, seen_at, ended_at)",
    columns: 5,
    then: "",
};

/// How long a session lives, microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionTerms {
    /// Without a request.
    pub idle_micros: i64,
    /// At most.
    pub absolute_micros: i64,
}

/// A living session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Whose.
    pub staff: String,
    /// The account's role now.
    pub role: String,
    /// The account's name on the screen.
    pub display: String,
    /// Since when.
    pub started_at: Instant,
}

impl Tx<'_> {
    /// Starts a session; `token` is 32 random bytes that only the browser keeps.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn start_session(&mut self, staff: &str, token: &[u8; 32]) -> Result<(), StoreError> {
        let at = self.at();
        self.insert(
            &INSERT,
            values![sha256(token).to_vec(), staff, at, at, None::<i64>],
        )
        .map(|_| ())
    }

    /// The session of a token, when it lives and its account is active; its idle time starts anew.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn find_session(
        &mut self,
        token: &[u8; 32],
        terms: SessionTerms,
    ) -> Result<Option<Session>, StoreError> {
        let now = self.at();
        let id = sha256(token).to_vec();
        let row = self.row(
            "SELECT s.staff, a.role, a.display, s.started_at FROM registry_session s \
             JOIN registry_staff a ON a.staff = s.staff \
             WHERE s.id = $1 AND s.ended_at IS NULL AND a.active = 1 AND s.seen_at > $2 AND s.started_at > $3",
            values![id.clone(), now.micros() - terms.idle_micros, now.micros() - terms.absolute_micros],
        )?;
        let Some(row) = row else { return Ok(None) };
        self.execute(
            "UPDATE registry_session SET seen_at = $1 WHERE id = $2",
            values![now, id],
        )?;
        Ok(Some(Session {
            staff: row.text(0)?.to_owned(),
            role: row.text(1)?.to_owned(),
            display: row.text(2)?.to_owned(),
            started_at: Instant::from_micros(row.int(3)?),
        }))
    }

    /// Ends a session.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn end_session(&mut self, token: &[u8; 32]) -> Result<(), StoreError> {
        let now = self.at();
        self.execute(
            "UPDATE registry_session SET ended_at = $1 WHERE id = $2 AND ended_at IS NULL",
            values![now, sha256(token).to_vec()],
        )
        .map(|_| ())
    }

    /// Ends every session of an account.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn end_sessions_of(&mut self, staff: &str) -> Result<u64, StoreError> {
        let now = self.at();
        self.execute(
            "UPDATE registry_session SET ended_at = $1 WHERE staff = $2 AND ended_at IS NULL",
            values![now, staff],
        )
    }
}
