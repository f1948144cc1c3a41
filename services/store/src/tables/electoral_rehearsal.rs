//! Tables `electoral_rehearsal_document`, `electoral_rehearsal_precinct`, `electoral_rehearsal_visit`,
//! `electoral_rehearsal_correction`: the days of a rehearsal. Rows never change; a precinct's day that is counted anew
//! is its next edition, and the highest stands.

use lexicon::{PersonId, PrecinctCode};

use super::electoral_precinct::read_precinct;
use crate::engine::{Insert, Row, values};
use crate::error::StoreError;
use crate::journal::Journal;
use crate::transact::Tx;

const VISITS: Insert = Insert {
    into: "electoral_rehearsal_visit (day, precinct, edition, line, finger, person, sex, band)",
    columns: 8,
    then: "",
};

/// The edition of a precinct's day that stands; `p` is the table asked.
const STANDS: &str = "p.edition = (SELECT MAX(q.edition) FROM electoral_rehearsal_precinct q \
                      WHERE q.day = p.day AND q.precinct = p.precinct)";

/// Kinds of documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RehearsalKind {
    /// The package's public manifest: whose kits, which list.
    Manifest,
    /// A kit's events.
    Journal,
    /// What citizens said is wrong, sealed.
    Corrections,
}

impl RehearsalKind {
    /// Every kind.
    pub const ALL: [RehearsalKind; 3] = [
        RehearsalKind::Manifest,
        RehearsalKind::Journal,
        RehearsalKind::Corrections,
    ];

    /// The code that the store keeps.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            RehearsalKind::Manifest => "manifest",
            RehearsalKind::Journal => "journal",
            RehearsalKind::Corrections => "corrections",
        }
    }

    /// The kind with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// A document of a day, byte for byte as it was handed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RehearsalDocument {
    /// SHA-256, hexadecimal.
    pub sha256: String,
    /// The day, as `20150907`: the election number of its packages.
    pub day: u32,
    /// Precinct number.
    pub precinct: u16,
    /// What it is.
    pub kind: RehearsalKind,
    /// Its kit, `K1`; empty for a manifest.
    pub kit: String,
    /// The file.
    pub bytes: Vec<u8>,
}

/// What a precinct's day adds up to. Whoever came is in exactly one of the three.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RehearsalPrecinct {
    /// The day.
    pub day: u32,
    /// Which precinct.
    pub precinct: PrecinctCode,
    /// Release of the interim list.
    pub release: u32,
    /// Identified by finger.
    pub finger: u64,
    /// Identified by PIN or document and photograph.
    pub pin: u64,
    /// Not on the list.
    pub absent: u64,
    /// Failures of equipment that the events name.
    pub failures: u64,
}

impl RehearsalPrecinct {
    /// Everybody who came.
    #[must_use]
    pub fn came(&self) -> u64 {
        self.finger + self.pin + self.absent
    }
}

/// A voter who came on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RehearsalVisit {
    /// Line on the interim list.
    pub line: u32,
    /// By finger, else by PIN.
    pub by_finger: bool,
    /// Who, by the release of the package.
    pub person: Option<PersonId>,
    /// `F` or `M`; empty when the person is not known.
    pub sex: String,
    /// Age band on the day; empty when the person is not known.
    pub band: String,
}

/// Visits of one sex and age band, all days and precincts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RehearsalCell {
    /// `F` or `M`; empty when not known.
    pub sex: String,
    /// Age band.
    pub band: String,
    /// Visits.
    pub visits: u64,
    /// Of them by PIN: the finger did not identify.
    pub by_pin: u64,
}

/// A correction that came in, without what was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RehearsalCorrection {
    /// Document id, hexadecimal.
    pub id: String,
    /// The day.
    pub day: u32,
    /// Precinct number.
    pub precinct: u16,
    /// Its kit, `K1`.
    pub kit: String,
    /// The kit's own counter.
    pub number: u32,
    /// Line, 0 for a person who is not on the list.
    pub line: u32,
    /// `CorrectionKind` code.
    pub kind: String,
    /// `filed`, `review`, or why no claim came of it.
    pub outcome: String,
    /// Ids of its claims, separated by blanks.
    pub claims: String,
}

impl Tx<'_> {
    /// Keeps a document; false when it is known, byte for byte.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses.
    pub fn record_rehearsal_document(
        &mut self,
        document: &RehearsalDocument,
        staff: &str,
    ) -> Result<bool, StoreError> {
        let known = self.row(
            "SELECT sha256 FROM electoral_rehearsal_document WHERE sha256 = $1",
            values![document.sha256.as_str()],
        )?;
        if known.is_some() {
            return Ok(false);
        }
        let at = self.at();
        self.execute(
            "INSERT INTO electoral_rehearsal_document (sha256, day, precinct, kind, kit, bytes, staff, at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            values![
                document.sha256.as_str(),
                document.day,
                u32::from(document.precinct),
                document.kind.code(),
                document.kit.as_str(),
                document.bytes.clone(),
                staff,
                at
            ],
        )?;
        let body = format!(
            "{} {:04} {} {}",
            document.day,
            document.precinct,
            document.kind.code(),
            document.sha256
        );
        self.journal_bytes(
            Journal::Electoral,
            None,
            "rehearsal_received",
            body.into_bytes(),
        )?;
        Ok(true)
    }

    /// The documents of a precinct's day, in the order in which they came.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn rehearsal_documents(
        &mut self,
        day: u32,
        precinct: u16,
    ) -> Result<Vec<RehearsalDocument>, StoreError> {
        self.collect(
            "SELECT sha256, day, precinct, kind, kit, bytes FROM electoral_rehearsal_document \
             WHERE day = $1 AND precinct = $2 ORDER BY at, sha256",
            values![day, u32::from(precinct)],
            |row| {
                Ok(RehearsalDocument {
                    sha256: row.text(0)?.to_owned(),
                    day: row.number(1)?,
                    precinct: row.number(2)?,
                    kind: row.code(3, RehearsalKind::from_code)?,
                    kit: row.text(4)?.to_owned(),
                    bytes: row.blob(5)?.to_vec(),
                })
            },
        )
    }

    /// Sex and birth date of a person as the register holds them, for counting alone.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn sex_and_birth(
        &mut self,
        person: PersonId,
    ) -> Result<Option<(String, String)>, StoreError> {
        self.row(
            "SELECT p.sex, COALESCE((SELECT c.born FROM registry_correction c \
               WHERE c.person = p.person AND c.born IS NOT NULL ORDER BY c.position DESC LIMIT 1), p.born) \
             FROM registry_person p WHERE p.person = $1",
            values![person],
        )?
        .map(|row| Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned())))
        .transpose()
    }

    /// Records what a precinct's day adds up to, as its next edition.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses.
    pub fn record_rehearsal_precinct(
        &mut self,
        counted: &RehearsalPrecinct,
        visits: &[RehearsalVisit],
    ) -> Result<(), StoreError> {
        let precinct = u32::from(counted.precinct.number());
        let edition: u32 = self.next_number_of(
            "SELECT MAX(edition) FROM electoral_rehearsal_precinct WHERE day = $1 AND precinct = $2",
            values![counted.day, precinct],
        )?;
        let at = self.at();
        self.execute(
            "INSERT INTO electoral_rehearsal_precinct (day, precinct, edition, release, finger, pin, absent, \
             failures, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            values![
                counted.day,
                precinct,
                edition,
                counted.release,
                counted.finger,
                counted.pin,
                counted.absent,
                counted.failures,
                at
            ],
        )?;
        let mut table = Vec::with_capacity(visits.len() * VISITS.columns);
        for visit in visits {
            table.extend(values![
                counted.day,
                precinct,
                edition,
                visit.line,
                visit.by_finger,
                visit.person,
                visit.sex.as_str(),
                visit.band.as_str()
            ]);
        }
        self.insert(&VISITS, table)?;
        let body = format!(
            "{} {} {edition} {}",
            counted.day,
            counted.precinct,
            counted.came()
        );
        self.journal_bytes(
            Journal::Electoral,
            None,
            "rehearsal_counted",
            body.into_bytes(),
        )?;
        Ok(())
    }

    /// Every precinct's days as they stand, by day and precinct.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn rehearsal_precincts(&mut self) -> Result<Vec<RehearsalPrecinct>, StoreError> {
        self.collect(
            &format!(
                "SELECT day, precinct, release, finger, pin, absent, failures FROM electoral_rehearsal_precinct p \
                 WHERE {STANDS} ORDER BY day, precinct"
            ),
            Vec::new(),
            |row| {
                Ok(RehearsalPrecinct {
                    day: row.number(0)?,
                    precinct: read_precinct(row, 1)?,
                    release: row.number(2)?,
                    finger: row.number(3)?,
                    pin: row.number(4)?,
                    absent: row.number(5)?,
                    failures: row.number(6)?,
                })
            },
        )
    }

    /// Identified visits, and the different persons among them: who came on several days is one person.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn rehearsal_persons(&mut self) -> Result<(u64, u64), StoreError> {
        let row = self.row(
            &format!(
                "SELECT COUNT(*), COUNT(DISTINCT person) FROM electoral_rehearsal_visit p WHERE {STANDS}"
            ),
            Vec::new(),
        )?;
        row.map_or(Ok((0, 0)), |row| Ok((row.number(0)?, row.number(1)?)))
    }

    /// Identified visits by sex and age band, all days and precincts.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn rehearsal_cells(&mut self) -> Result<Vec<RehearsalCell>, StoreError> {
        self.collect(
            &format!(
                "SELECT sex, band, COUNT(*), SUM(CASE WHEN finger = 0 THEN 1 ELSE 0 END) \
                 FROM electoral_rehearsal_visit p WHERE {STANDS} GROUP BY sex, band ORDER BY sex, band"
            ),
            Vec::new(),
            |row| {
                Ok(RehearsalCell {
                    sex: row.text(0)?.to_owned(),
                    band: row.text(1)?.to_owned(),
                    visits: row.number(2)?,
                    by_pin: row.number(3)?,
                })
            },
        )
    }

    /// Whether somebody of a line was identified at a precinct on a day.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses.
    pub fn was_at_rehearsal(
        &mut self,
        day: u32,
        precinct: u16,
        line: u32,
    ) -> Result<bool, StoreError> {
        let row = self.row(
            &format!(
                "SELECT p.line FROM electoral_rehearsal_visit p \
                 WHERE p.day = $1 AND p.precinct = $2 AND p.line = $3 AND {STANDS}"
            ),
            values![day, u32::from(precinct), line],
        )?;
        Ok(row.is_some())
    }

    /// Whether a correction came in before.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses.
    pub fn has_rehearsal_correction(&mut self, id: &str) -> Result<bool, StoreError> {
        let row = self.row(
            "SELECT id FROM electoral_rehearsal_correction WHERE id = $1",
            values![id],
        )?;
        Ok(row.is_some())
    }

    /// Records what became of a correction; again changes nothing.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses.
    pub fn record_rehearsal_correction(
        &mut self,
        one: &RehearsalCorrection,
    ) -> Result<(), StoreError> {
        if self.has_rehearsal_correction(&one.id)? {
            return Ok(());
        }
        let at = self.at();
        self.execute(
            "INSERT INTO electoral_rehearsal_correction (id, day, precinct, kit, number, line, kind, outcome, claims, \
             at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            values![
                one.id.as_str(),
                one.day,
                u32::from(one.precinct),
                one.kit.as_str(),
                one.number,
                one.line,
                one.kind.as_str(),
                one.outcome.as_str(),
                one.claims.as_str(),
                at
            ],
        )?;
        let body = format!("{} {} {} {}", one.id, one.kind, one.outcome, one.claims);
        self.journal_bytes(
            Journal::Electoral,
            None,
            "rehearsal_correction",
            body.into_bytes(),
        )?;
        Ok(())
    }

    /// One correction.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn find_rehearsal_correction(
        &mut self,
        id: &str,
    ) -> Result<Option<RehearsalCorrection>, StoreError> {
        let row = self.row(
            "SELECT id, day, precinct, kit, number, line, kind, outcome, claims FROM electoral_rehearsal_correction \
             WHERE id = $1",
            values![id],
        )?;
        row.as_ref().map(read_correction).transpose()
    }

    /// Corrections, the latest day first.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn rehearsal_corrections(&mut self) -> Result<Vec<RehearsalCorrection>, StoreError> {
        self.collect(
            "SELECT id, day, precinct, kit, number, line, kind, outcome, claims FROM electoral_rehearsal_correction \
             ORDER BY day DESC, precinct, kit, number",
            Vec::new(),
            read_correction,
        )
    }
}

fn read_correction(row: &Row) -> Result<RehearsalCorrection, StoreError> {
    Ok(RehearsalCorrection {
        id: row.text(0)?.to_owned(),
        day: row.number(1)?,
        precinct: row.number(2)?,
        kit: row.text(3)?.to_owned(),
        number: row.number(4)?,
        line: row.number(5)?,
        kind: row.text(6)?.to_owned(),
        outcome: row.text(7)?.to_owned(),
        claims: row.text(8)?.to_owned(),
    })
}
