//! The journals: hash-chained entries written in the transaction of the act they describe.
//!
//! `hash = SHA-256(previous hash ‖ CBOR [position, at, tx, author, person or "", act, body])`. There is
//! one journal for each schema, and the reads have a chain of the same form.

use lexicon::handover::envelope::sha256;
use lexicon::{Instant, PersonId};
use minicbor::Encoder;
use register::{Act, Entry};

use crate::engine::{Insert, Row, Value, values};
use crate::error::StoreError;
use crate::transact::Tx;

/// The last entry of a chain: where the next one is fastened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainHead {
    /// Position of the last entry; 0 when there is none.
    pub position: u64,
    /// Its hash; zeros when there is none.
    pub hash: [u8; 32],
}

/// Which journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Journal {
    /// Acts about persons.
    Registry,
    /// Acts about elections.
    Electoral,
}

impl Journal {
    /// The name, as in the table's prefix.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Journal::Registry => "registry",
            Journal::Electoral => "electoral",
        }
    }

    fn insert(self) -> Insert {
        Insert {
            into: match self {
                Journal::Registry => {
                    "registry_journal (position, at, tx, author, person, act, body, hash)"
                }
                Journal::Electoral => {
                    "electoral_journal (position, at, tx, author, person, act, body, hash)"
                }
            },
            columns: 8,
            then: "",
        }
    }

    fn head_sql(self) -> &'static str {
        match self {
            Journal::Registry => {
                "SELECT position, hash FROM registry_journal ORDER BY position DESC LIMIT 1"
            }
            Journal::Electoral => {
                "SELECT position, hash FROM electoral_journal ORDER BY position DESC LIMIT 1"
            }
        }
    }

    fn all_sql(self) -> &'static str {
        match self {
            Journal::Registry => {
                "SELECT position, at, person, act, body, tx, author, hash FROM registry_journal ORDER BY position"
            }
            Journal::Electoral => {
                "SELECT position, at, person, act, body, tx, author, hash FROM electoral_journal ORDER BY position"
            }
        }
    }
}

/// What is hashed into a chain.
pub(crate) struct Link<'a> {
    pub(crate) position: u64,
    pub(crate) at: Instant,
    pub(crate) texts: [&'a str; 4],
    pub(crate) body: &'a [u8],
}

impl ChainHead {
    pub(crate) const EMPTY: ChainHead = ChainHead {
        position: 0,
        hash: [0; 32],
    };

    /// The hash of the entry that follows this head.
    pub(crate) fn follow(&self, link: &Link<'_>) -> [u8; 32] {
        let mut bytes = self.hash.to_vec();
        let mut encoder = Encoder::new(&mut bytes);
        let written = encoder.array(7).and_then(|e| {
            e.u64(link.position)?.i64(link.at.micros())?;
            for text in link.texts {
                e.str(text)?;
            }
            e.bytes(link.body)?;
            Ok(())
        });
        written.expect("a Vec takes every byte");
        sha256(&bytes)
    }

    pub(crate) fn of_rows(rows: &[Row]) -> Result<ChainHead, StoreError> {
        let Some(row) = rows.first() else {
            return Ok(ChainHead::EMPTY);
        };
        Ok(ChainHead {
            position: row.number(0)?,
            hash: hash_of(row, 1)?,
        })
    }
}

fn hash_of(row: &Row, column: usize) -> Result<[u8; 32], StoreError> {
    row.blob(column)?
        .try_into()
        .map_err(|_| StoreError::Stored { column })
}

/// Entries of one journal that a transaction has made and not yet written.
#[derive(Default)]
pub(crate) struct Pending {
    head: Option<ChainHead>,
    values: Vec<Value>,
}

impl Tx<'_> {
    /// Enters an act into the register's journal; gives its position.
    pub(crate) fn journal_act(
        &mut self,
        person: Option<PersonId>,
        act: &Act,
    ) -> Result<u64, StoreError> {
        self.journal(Journal::Registry, person, act)
    }

    /// Enters an act into one of the journals; gives its position.
    pub(crate) fn journal(
        &mut self,
        journal: Journal,
        person: Option<PersonId>,
        act: &Act,
    ) -> Result<u64, StoreError> {
        self.journal_bytes(journal, person, act.kind(), act.to_bytes())
    }

    /// Enters an act given by kind and body.
    pub(crate) fn journal_bytes(
        &mut self,
        journal: Journal,
        person: Option<PersonId>,
        act: &str,
        body: Vec<u8>,
    ) -> Result<u64, StoreError> {
        let head = match self.pending(journal).head {
            Some(head) => head,
            None => self.journal_head(journal)?,
        };
        let person = person.map(|p| p.to_string());
        let link = Link {
            position: head.position + 1,
            at: self.at,
            texts: [
                self.name,
                &self.author.clone(),
                person.as_deref().unwrap_or(""),
                act,
            ],
            body: &body,
        };
        let next = ChainHead {
            position: link.position,
            hash: head.follow(&link),
        };
        let row = values![
            next.position,
            self.at,
            self.name,
            self.author.as_str(),
            person,
            act,
            body,
            next.hash.to_vec()
        ];
        let pending = self.pending(journal);
        pending.head = Some(next);
        pending.values.extend(row);
        Ok(next.position)
    }

    /// Writes what was entered; called once, before the commit.
    pub(crate) fn flush_journals(&mut self) -> Result<(), StoreError> {
        for journal in [Journal::Registry, Journal::Electoral] {
            let values = std::mem::take(&mut self.pending(journal).values);
            self.insert(&journal.insert(), values)?;
        }
        Ok(())
    }

    /// The end of a journal as it stands in the database.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn journal_head(&mut self, journal: Journal) -> Result<ChainHead, StoreError> {
        ChainHead::of_rows(&self.rows(journal.head_sql(), Vec::new())?)
    }

    /// A person's acts, in the order of recording.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn acts_of(&mut self, person: PersonId) -> Result<Vec<Entry>, StoreError> {
        let rows = self.rows(
            "SELECT position, at, person, act, body FROM registry_journal WHERE person = $1 ORDER BY position",
            values![person],
        )?;
        rows.iter().map(read_entry).collect()
    }

    /// A person's acts with who entered them: `(entry, author)`.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn timeline_of(&mut self, person: PersonId) -> Result<Vec<(Entry, String)>, StoreError> {
        let rows = self.rows(
            "SELECT position, at, person, act, body, author FROM registry_journal \
             WHERE person = $1 ORDER BY position",
            values![person],
        )?;
        rows.iter()
            .map(|row| Ok((read_entry(row)?, row.text(5)?.to_owned())))
            .collect()
    }

    /// Walks a journal from its first entry and recomputes the chain; gives its head.
    ///
    /// # Errors
    /// [`StoreError::BrokenChain`] at the first entry that was changed, removed or put in.
    pub fn verify_journal(&mut self, journal: Journal) -> Result<ChainHead, StoreError> {
        let mut head = ChainHead::EMPTY;
        self.each(journal.all_sql(), Vec::new(), |row| {
            let broken = StoreError::BrokenChain {
                journal: journal.name(),
                position: head.position + 1,
            };
            let position: u64 = row.number(0)?;
            let link = Link {
                position,
                at: Instant::from_micros(row.int(1)?),
                texts: [
                    row.text(5)?,
                    row.text(6)?,
                    row.some_text(2)?.unwrap_or(""),
                    row.text(3)?,
                ],
                body: row.blob(4)?,
            };
            let hash = head.follow(&link);
            if position != head.position + 1 || row.blob(7)? != hash {
                return Err(broken);
            }
            head = ChainHead { position, hash };
            Ok(())
        })?;
        Ok(head)
    }
}

/// Reads position, at, person, act, body.
fn read_entry(row: &Row) -> Result<Entry, StoreError> {
    Ok(Entry {
        position: row.number(0)?,
        at: Instant::from_micros(row.int(1)?),
        person: row.some_parsed(2)?,
        act: Act::from_bytes(row.text(3)?, row.blob(4)?)
            .map_err(|_| StoreError::Stored { column: 4 })?,
    })
}
