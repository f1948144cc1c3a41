//! Tables `electoral_day_document`, `electoral_day_precinct`, `electoral_day_kit`, `electoral_day_mark`,
//! `electoral_day_incident`: what stations handed in after close, and what it adds up to. Rows never change; when a
//! further document of a precinct comes, it is counted anew as its next edition, and the highest edition stands.

use lexicon::{Instant, Method, PersonId, PrecinctCode};

use super::electoral_precinct::read_precinct;
use crate::engine::{Insert, Row, values};
use crate::error::StoreError;
use crate::journal::Journal;
use crate::transact::Tx;

const KITS: Insert = Insert {
    into: "electoral_day_kit (precinct, edition, name, events, acts, retired, closed, report)",
    columns: 8,
    then: "",
};
const MARKS: Insert = Insert {
    into: "electoral_day_mark (precinct, edition, line, kit, at, method, person)",
    columns: 7,
    then: "",
};
const INCIDENTS: Insert = Insert {
    into: "electoral_day_incident (precinct, edition, place, code, line, evidence)",
    columns: 6,
    then: "",
};

/// The edition of a precinct that stands.
const STANDS: &str =
    "edition = (SELECT MAX(q.edition) FROM electoral_day_precinct q WHERE q.precinct = p.precinct)";

/// Kinds of documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayDocumentKind {
    /// A kit's events.
    Journal,
    /// The report before the first voter.
    Initial,
    /// A report during the day.
    Running,
    /// The report after close.
    Final,
}

impl DayDocumentKind {
    /// Every kind.
    pub const ALL: [DayDocumentKind; 4] = [
        DayDocumentKind::Journal,
        DayDocumentKind::Initial,
        DayDocumentKind::Running,
        DayDocumentKind::Final,
    ];

    /// The code that the store keeps.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            DayDocumentKind::Journal => "journal",
            DayDocumentKind::Initial => "initial",
            DayDocumentKind::Running => "running",
            DayDocumentKind::Final => "final",
        }
    }

    /// The kind with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// A journal or report, byte for byte as it was handed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayDocument {
    /// SHA-256, hexadecimal.
    pub sha256: String,
    /// Precinct number.
    pub precinct: u16,
    /// What it is.
    pub kind: DayDocumentKind,
    /// Its kit, `K1`.
    pub kit: String,
    /// Events of a journal, or the report's number.
    pub number: u64,
    /// The file.
    pub bytes: Vec<u8>,
}

/// What a precinct's documents add up to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayPrecinct {
    /// Which precinct.
    pub precinct: PrecinctCode,
    /// From 1; the highest stands. What is to be recorded bears 0.
    pub edition: u32,
    /// Release of the list that its package is of.
    pub release: u32,
    /// Voters on the package's list.
    pub lines: u64,
    /// Lines on a page of the paper list.
    pub lines_per_page: u32,
    /// Voters counted, from the journals.
    pub counted: u64,
    /// Whether every kit of the day closed, is retired, and made its final report.
    pub is_whole: bool,
    /// What the latest final report counts that knows no more than the journals here.
    pub reported: Option<u64>,
}

/// A kit of the day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayKit {
    /// `K1`.
    pub name: String,
    /// Its events here, without a gap; 0: its journal is not in.
    pub events: u64,
    /// Identifications it signed.
    pub acts: u64,
    /// Whether two officers retired it.
    pub is_retired: bool,
    /// Whether it closed or is retired.
    pub is_closed: bool,
    /// Whether its final report is in or it is retired.
    pub has_report: bool,
}

/// A voter who counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayMark {
    /// Line on the list.
    pub line: u32,
    /// The kit whose act counts.
    pub kit: String,
    /// When.
    pub at: Instant,
    /// How.
    pub method: Method,
    /// Who, by the release of the package; none for a line that came with a delta.
    pub person: Option<PersonId>,
}

/// An incident of a precinct's day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayIncident {
    /// Its code.
    pub code: String,
    /// Line, 0 for none.
    pub line: u32,
    /// The events that show it: `K1:12 K2:9`.
    pub evidence: String,
}

impl Tx<'_> {
    /// Keeps a document; false when the same bytes are kept.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses.
    pub fn record_day_document(
        &mut self,
        document: &DayDocument,
        staff: &str,
    ) -> Result<bool, StoreError> {
        let known = self.row(
            "SELECT sha256 FROM electoral_day_document WHERE sha256 = $1",
            values![document.sha256.as_str()],
        )?;
        if known.is_some() {
            return Ok(false);
        }
        let at = self.at();
        self.execute(
            "INSERT INTO electoral_day_document (sha256, precinct, kind, kit, number, bytes, staff, at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            values![
                document.sha256.as_str(),
                u32::from(document.precinct),
                document.kind.code(),
                document.kit.as_str(),
                document.number,
                document.bytes.clone(),
                staff,
                at
            ],
        )?;
        let body = format!(
            "{:04} {} {} {}",
            document.precinct,
            document.kind.code(),
            document.kit,
            document.sha256
        );
        self.journal_bytes(
            Journal::Electoral,
            None,
            "day_document_received",
            body.into_bytes(),
        )?;
        Ok(true)
    }

    /// The documents of a precinct, in the order of receipt.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn day_documents(&mut self, precinct: u16) -> Result<Vec<DayDocument>, StoreError> {
        self.collect(
            "SELECT sha256, precinct, kind, kit, number, bytes FROM electoral_day_document WHERE precinct = $1 \
             ORDER BY at, sha256",
            values![u32::from(precinct)],
            |row| {
                Ok(DayDocument {
                    sha256: row.text(0)?.to_owned(),
                    precinct: row.number(1)?,
                    kind: row.code(2, DayDocumentKind::from_code)?,
                    kit: row.text(3)?.to_owned(),
                    number: row.number(4)?,
                    bytes: row.blob(5)?.to_vec(),
                })
            },
        )
    }

    /// The final reports and addenda of every precinct, by precinct, in the order of receipt. Journals are not read.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn final_reports(&mut self) -> Result<Vec<(u16, Vec<u8>)>, StoreError> {
        self.collect(
            "SELECT precinct, bytes FROM electoral_day_document WHERE kind = 'final' ORDER BY precinct, at, sha256",
            values![],
            |row| Ok((row.number(0)?, row.blob(1)?.to_vec())),
        )
    }

    /// The final reports and addenda of one precinct, in the order of receipt. Journals are not read.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn final_reports_of(&mut self, precinct: u16) -> Result<Vec<Vec<u8>>, StoreError> {
        self.collect(
            "SELECT bytes FROM electoral_day_document WHERE kind = 'final' AND precinct = $1 ORDER BY at, sha256",
            values![u32::from(precinct)],
            |row| Ok(row.blob(0)?.to_vec()),
        )
    }

    /// Keeps a grant for a spare kit, byte for byte; false when it is kept already.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses.
    pub fn record_kit_grant(
        &mut self,
        sha256: &str,
        precinct: u16,
        kit: &str,
        bytes: &[u8],
        staff: &str,
    ) -> Result<bool, StoreError> {
        let known = self.row(
            "SELECT sha256 FROM electoral_kit_grant WHERE sha256 = $1",
            values![sha256],
        )?;
        if known.is_some() {
            return Ok(false);
        }
        let at = self.at();
        self.execute(
            "INSERT INTO electoral_kit_grant (sha256, precinct, kit, bytes, staff, at) VALUES ($1, $2, $3, $4, $5, $6)",
            values![sha256, u32::from(precinct), kit, bytes.to_vec(), staff, at],
        )?;
        self.journal_bytes(
            Journal::Electoral,
            None,
            "kit_grant_received",
            format!("{precinct:04} {kit} {sha256}").into_bytes(),
        )?;
        Ok(true)
    }

    /// The grants for spare kits of a precinct, in the order of receipt.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses.
    pub fn kit_grants(&mut self, precinct: u16) -> Result<Vec<Vec<u8>>, StoreError> {
        self.collect(
            "SELECT bytes FROM electoral_kit_grant WHERE precinct = $1 ORDER BY at, sha256",
            values![u32::from(precinct)],
            |row| Ok(row.blob(0)?.to_vec()),
        )
    }

    /// The persons on a precinct's list of a release, by line.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn line_persons(
        &mut self,
        release: u32,
        precinct: PrecinctCode,
    ) -> Result<Vec<(u32, PersonId)>, StoreError> {
        self.collect(
            "SELECT line, person FROM electoral_decision WHERE number = $1 AND precinct = $2 ORDER BY line",
            values![release, u32::from(precinct.number())],
            |row| Ok((row.number(0)?, row.parsed(1)?)),
        )
    }

    /// Records what a precinct's documents add up to, as its next edition.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses.
    pub fn record_day_precinct(
        &mut self,
        day: &DayPrecinct,
        kits: &[DayKit],
        marks: &[DayMark],
        incidents: &[DayIncident],
    ) -> Result<(), StoreError> {
        let precinct = u32::from(day.precinct.number());
        let edition: u32 = self.next_number_of(
            "SELECT MAX(edition) FROM electoral_day_precinct WHERE precinct = $1",
            values![precinct],
        )?;
        let at = self.at();
        self.execute(
            "INSERT INTO electoral_day_precinct (precinct, edition, release, lines, lines_per_page, counted, whole, \
             reported, incidents, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            values![
                precinct,
                edition,
                day.release,
                day.lines,
                day.lines_per_page,
                day.counted,
                day.is_whole,
                day.reported,
                incidents.len() as u64,
                at
            ],
        )?;
        let mut table = Vec::with_capacity(kits.len() * KITS.columns);
        for kit in kits {
            table.extend(values![
                precinct,
                edition,
                kit.name.as_str(),
                kit.events,
                kit.acts,
                kit.is_retired,
                kit.is_closed,
                kit.has_report
            ]);
        }
        self.insert(&KITS, table)?;
        let mut table = Vec::with_capacity(marks.len() * MARKS.columns);
        for mark in marks {
            table.extend(values![
                precinct,
                edition,
                mark.line,
                mark.kit.as_str(),
                mark.at,
                mark.method.code(),
                mark.person
            ]);
        }
        self.insert(&MARKS, table)?;
        let mut table = Vec::with_capacity(incidents.len() * INCIDENTS.columns);
        for (place, incident) in (1u32..).zip(incidents) {
            table.extend(values![
                precinct,
                edition,
                place,
                incident.code.as_str(),
                incident.line,
                incident.evidence.as_str()
            ]);
        }
        self.insert(&INCIDENTS, table)?;
        let body = format!(
            "{} {edition} {} {}",
            day.precinct,
            day.counted,
            incidents.len()
        );
        self.journal_bytes(Journal::Electoral, None, "day_counted", body.into_bytes())
            .map(|_| ())
    }

    /// What stands for every precinct that handed something in, with the number of its incidents; by precinct.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn day_precincts(&mut self) -> Result<Vec<(DayPrecinct, u64)>, StoreError> {
        self.collect(
            &format!(
                "SELECT precinct, edition, release, lines, lines_per_page, counted, whole, reported, incidents \
                 FROM electoral_day_precinct p WHERE {STANDS} ORDER BY precinct"
            ),
            Vec::new(),
            |row| Ok((read_day(row)?, row.number(8)?)),
        )
    }

    /// The kits of a precinct's edition.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn day_kits(&mut self, day: &DayPrecinct) -> Result<Vec<DayKit>, StoreError> {
        self.collect(
            "SELECT name, events, acts, retired, closed, report FROM electoral_day_kit \
             WHERE precinct = $1 AND edition = $2 ORDER BY name",
            values![u32::from(day.precinct.number()), day.edition],
            |row| {
                Ok(DayKit {
                    name: row.text(0)?.to_owned(),
                    events: row.number(1)?,
                    acts: row.number(2)?,
                    is_retired: row.int(3)? == 1,
                    is_closed: row.int(4)? == 1,
                    has_report: row.int(5)? == 1,
                })
            },
        )
    }

    /// The voters who count in a precinct's edition, by line, after a given line.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn day_marks(&mut self, day: &DayPrecinct) -> Result<Vec<DayMark>, StoreError> {
        self.collect(
            "SELECT line, kit, at, method, person FROM electoral_day_mark WHERE precinct = $1 AND edition = $2 \
             ORDER BY line",
            values![u32::from(day.precinct.number()), day.edition],
            |row| read_mark(row, 0),
        )
    }

    /// The incidents of one precinct's edition, or of all that stand, by precinct and place.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn day_incidents(&mut self) -> Result<Vec<(PrecinctCode, DayIncident)>, StoreError> {
        self.collect(
            &format!(
                "SELECT i.precinct, i.code, i.line, i.evidence FROM electoral_day_incident i, electoral_day_precinct p \
                 WHERE i.precinct = p.precinct AND i.edition = p.edition AND p.{STANDS} ORDER BY i.precinct, i.place"
            ),
            Vec::new(),
            |row| {
                let incident = DayIncident {
                    code: row.text(1)?.to_owned(),
                    line: row.number(2)?,
                    evidence: row.text(3)?.to_owned(),
                };
                Ok((read_precinct(row, 0)?, incident))
            },
        )
    }

    /// Marks of persons who count in more than one precinct, by person and time.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn persons_marked_twice(&mut self) -> Result<Vec<(PrecinctCode, DayMark)>, StoreError> {
        let standing = format!(
            "electoral_day_mark m, electoral_day_precinct p WHERE m.precinct = p.precinct AND m.edition = p.edition AND p.{STANDS}"
        );
        self.collect(
            &format!(
                "SELECT m.precinct, m.line, m.kit, m.at, m.method, m.person FROM {standing} AND m.person IN \
                 (SELECT m.person FROM {standing} AND m.person IS NOT NULL GROUP BY m.person \
                 HAVING COUNT(DISTINCT m.precinct) > 1) ORDER BY m.person, m.at, m.precinct"
            ),
            Vec::new(),
            |row| Ok((read_precinct(row, 0)?, read_mark(row, 1)?)),
        )
    }

    /// The marks of one person that stand.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn marks_of_person(
        &mut self,
        person: PersonId,
    ) -> Result<Vec<(PrecinctCode, DayMark)>, StoreError> {
        self.collect(
            &format!(
                "SELECT m.precinct, m.line, m.kit, m.at, m.method, m.person FROM electoral_day_mark m, \
                 electoral_day_precinct p WHERE m.person = $1 AND m.precinct = p.precinct AND m.edition = p.edition \
                 AND p.{STANDS} ORDER BY m.at, m.precinct"
            ),
            values![person],
            |row| Ok((read_precinct(row, 0)?, read_mark(row, 1)?)),
        )
    }

    /// Persons who share a PIN with another, each with the PIN's place in the list of such PINs; claims that ended
    /// are left out.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn persons_sharing_a_pin(&mut self) -> Result<Vec<(u64, PersonId)>, StoreError> {
        let mut groups: Vec<(u64, PersonId)> = Vec::new();
        let mut last = None;
        let rows = self.collect(
            "SELECT c.pin, c.person FROM registry_pin_claim c WHERE c.until_day IS NULL AND c.pin IN (SELECT d.pin FROM \
             registry_pin_claim d WHERE d.until_day IS NULL GROUP BY d.pin HAVING COUNT(DISTINCT d.person) > 1) \
             AND NOT EXISTS (SELECT 1 FROM registry_pin_claim_end e WHERE e.pin = c.pin AND e.person = c.person) \
             GROUP BY c.pin, c.person ORDER BY c.pin, c.person",
            Vec::new(),
            |row| Ok((row.int(0)?, row.parsed(1)?)),
        )?;
        for (pin, person) in rows {
            let group = groups.last().map_or(0, |(group, _)| *group);
            let group = if last == Some(pin) { group } else { group + 1 };
            last = Some(pin);
            groups.push((group, person));
        }
        Ok(groups)
    }
}

fn read_day(row: &Row) -> Result<DayPrecinct, StoreError> {
    Ok(DayPrecinct {
        precinct: read_precinct(row, 0)?,
        edition: row.number(1)?,
        release: row.number(2)?,
        lines: row.number(3)?,
        lines_per_page: row.number(4)?,
        counted: row.number(5)?,
        is_whole: row.int(6)? == 1,
        reported: row.some_number(7)?,
    })
}

fn read_mark(row: &Row, from: usize) -> Result<DayMark, StoreError> {
    Ok(DayMark {
        line: row.number(from)?,
        kit: row.text(from + 1)?.to_owned(),
        at: Instant::from_micros(row.int(from + 2)?),
        method: row.code(from + 3, Method::from_code)?,
        person: row.some_parsed(from + 4)?,
    })
}
