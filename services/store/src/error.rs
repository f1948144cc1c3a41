//! What can go wrong with the store.

/// Why the store did not do what it was asked. Nothing of the act was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The URL names no engine: the administrator fixes the configuration.
    #[error("store URL is neither a file path, sqlite:PATH nor postgres://…")]
    Url,
    /// The file is no store, or it is damaged: the administrator restores it.
    #[error("the file is no SQLite database or is damaged")]
    NotAStore,
    /// The engine does not answer; try again when it is back.
    #[error("the database server cannot be reached")]
    Unreachable,
    /// Another writer was faster, more often than the store retries; try again.
    #[error("another writer was faster")]
    Conflict,
    /// A rule of a table refused the act: an engineer must look.
    #[error("a table's rule refused the act: {rule}")]
    Constraint {
        /// The rule's name as the engine tells it.
        rule: String,
    },
    /// The schema is newer than this program: install the newer program.
    #[error("schema version {found} is newer than {known}, the newest this program knows")]
    NewerSchema {
        /// Version of the database.
        found: i64,
        /// Newest version of this program.
        known: i64,
    },
    /// A migration was applied whose text differs from ours: an engineer must look.
    #[error("migration {number} was applied with another text")]
    ChangedMigration {
        /// Its number.
        number: i64,
    },
    /// A stored value cannot be read: an engineer must find out who changed it.
    #[error("a stored value in column {column} cannot be read")]
    Stored {
        /// Column of the answer, from 0.
        column: usize,
    },
    /// A journal's chain is broken: an engineer must find out who changed it.
    #[error("the {journal} journal is broken at position {position}")]
    BrokenChain {
        /// `registry` or `electoral`.
        journal: &'static str,
        /// The first position that does not follow from the one before.
        position: u64,
    },
    /// Any other refusal of the engine; an engineer reads the reason.
    #[error("the database refused: {reason}")]
    Engine {
        /// The engine's message, without values.
        reason: String,
    },
}
