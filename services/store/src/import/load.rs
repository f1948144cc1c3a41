//! From rows of cells to acts: known rows are skipped, bad ones listed, good ones recorded chunk by chunk.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use lexicon::handover::envelope::sha256;
use lexicon::handover::snapshot::CommissionRow;
use lexicon::{Date, PersonId};
use register::Act;
use register::door::rows::{self, Bytes, CivilAct, OfPerson};
use register::door::{Reason, Reject, Row};

use super::changes::{
    Changed, Judged, change_document, change_enrolment, change_precinct, change_residence, fixed,
};
use super::files::{Source, below};
use super::known::{Fate, Known};
use super::marks::{
    mark_of_address, mark_of_boundary, mark_of_claim, mark_of_commission, mark_of_correction,
    mark_of_person, mark_of_precinct, mark_of_second_address,
};
use super::streets::Waiting;
use super::{ImportError, Options, Progress, Rejects, SOURCE, TableReport};
use crate::error::StoreError;
use crate::journal::Journal;
use crate::tables::electoral_boundary::boundary_key;
use crate::tables::registry_document::New;
use crate::tables::registry_person::NewPerson;
use crate::tables::registry_photo::NewPhoto;
use crate::tables::registry_print::{NewPrint, hex};
use crate::tables::registry_second_address::second_address_key;
use crate::tables::{content_mark, mark_about};
use crate::transact::{Store, Tx};

/// Offset of local time used for "today" of date bounds, minutes; one day of slack is added on top.
const TODAY_OFFSET_MINUTES: i64 = 24 * 60;

/// One import.
pub(super) struct Job<'a> {
    pub(super) store: &'a Store,
    dir: PathBuf,
    pub(super) options: &'a Options,
    pub(super) rejects: Rejects,
    today: Date,
    /// The day of this import: from it on a change holds whose row names no day.
    pub(super) day: Date,
    /// What the folder says of the names of streets.
    pub(super) streets: Waiting,
    /// Changed rows of `persons` that wait for the civil acts.
    pub(super) waiting: Vec<Changed<NewPerson>>,
    persons: Known,
    addresses: Known,
    enrolments: HashMap<i64, PersonId>,
}

/// A row that is good so far: the column and value of its id, the mark of its content, the day from which it holds if it
/// changes something, and itself.
pub(super) struct Parsed<T> {
    pub(super) field: &'static str,
    pub(super) key: String,
    pub(super) mark: i64,
    pub(super) from: Date,
    pub(super) row: T,
}

impl<'a> Job<'a> {
    pub(super) fn new(
        store: &'a Store,
        dir: &Path,
        options: &'a Options,
        rejects: Rejects,
    ) -> Self {
        Self {
            store,
            dir: dir.to_path_buf(),
            options,
            rejects,
            today: store.now().local_date(TODAY_OFFSET_MINUTES),
            day: store.now().local_date(0),
            streets: Waiting::default(),
            waiting: Vec::new(),
            persons: Known::default(),
            addresses: Known::default(),
            enrolments: HashMap::new(),
        }
    }

    pub(super) fn finish(self) -> std::io::Result<Option<PathBuf>> {
        self.rejects.finish()
    }

    /// Loads one table.
    pub(super) fn load(
        &mut self,
        source: Source,
        reasons: &mut BTreeMap<String, u64>,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<TableReport, ImportError> {
        let mut run = Run::of(source, reasons, progress);
        match run.source.table.name {
            "persons" => self.persons(&mut run)?,
            "addresses" => self.addresses(&mut run)?,
            "second_addresses" => self.second_addresses(&mut run)?,
            "street_names" => self.street_names(&mut run)?,
            "documents" => self.documents(&mut run)?,
            "residences" => self.residences(&mut run)?,
            "civil_events" => self.civil_events(&mut run)?,
            "enrolments" => self.enrolments(&mut run)?,
            "prints" => self.prints(&mut run)?,
            "photos" => self.photos(&mut run)?,
            "precincts" => self.precincts(&mut run)?,
            "boundaries" => self.boundaries(&mut run)?,
            "commission" => self.commission(&mut run)?,
            "claims" => self.claims(&mut run)?,
            _ => {}
        }
        Ok(run.report)
    }

    /// Reads, judges and records a table chunk by chunk; `change` judges a row that says something else than before.
    fn chunks<T>(
        &mut self,
        run: &mut Run<'_>,
        known: &mut Known,
        parse: impl FnMut(&Self, &Row<'_>) -> Result<Parsed<T>, Reject>,
        record: impl FnMut(&mut Tx<'_>, &[T], &[i64]) -> Result<(), StoreError>,
        mut change: impl FnMut(&mut Tx<'_>, &Parsed<T>) -> Result<Judged, StoreError>,
    ) -> Result<(), ImportError> {
        self.chunks_and(run, known, parse, record, |job, run, rows| {
            job.judge(&mut run.report, run.reasons, &rows, &mut change)
        })
    }

    /// As [`Job::chunks`]; `settle` takes the rows of a chunk that say something else than before.
    fn chunks_and<T>(
        &mut self,
        run: &mut Run<'_>,
        known: &mut Known,
        mut parse: impl FnMut(&Self, &Row<'_>) -> Result<Parsed<T>, Reject>,
        mut record: impl FnMut(&mut Tx<'_>, &[T], &[i64]) -> Result<(), StoreError>,
        mut settle: impl FnMut(&mut Self, &mut Run<'_>, Vec<Changed<T>>) -> Result<(), ImportError>,
    ) -> Result<(), ImportError> {
        let name = TRANSACTIONS
            .iter()
            .find(|(table, _)| *table == run.source.table.name)
            .map_or("import", |(_, name)| name);
        let rows_max = match run.source.table.name {
            "photos" => (self.options.chunk_rows / 100).max(1),
            _ => self.options.chunk_rows,
        };
        loop {
            let mut fresh = Vec::new();
            let mut marks = Vec::new();
            let mut changed = Vec::new();
            let mut bad: Vec<(u64, Judged)> = Vec::new();
            let (mut rows, mut unchanged) = (0, 0);
            let more = run.chunk(rows_max, &mut |line, row| {
                rows += 1;
                let outcome = row.and_then(|row| {
                    let parsed = parse(self, &row)?;
                    let fate = known.judge(parsed.field, &parsed.key, parsed.mark)?;
                    Ok((fate, parsed))
                });
                match outcome {
                    Ok((Fate::New, parsed)) => {
                        marks.push(parsed.mark);
                        fresh.push(parsed.row);
                    }
                    Ok((Fate::Unchanged, _)) => unchanged += 1,
                    Ok((Fate::Changed, parsed)) => changed.push((line, parsed)),
                    Err(reject) => bad.push((line, Err(reject))),
                }
            })?;
            if !fresh.is_empty() {
                self.store
                    .transact(name, &self.options.author, |tx| record(tx, &fresh, &marks))?;
            }
            run.report.rows += rows;
            run.report.unchanged += unchanged;
            run.report.added += fresh.len() as u64;
            self.count(&mut run.report, run.reasons, bad)?;
            settle(self, run, changed)?;
            run.tell();
            if !more {
                return Ok(());
            }
        }
    }

    /// The marks of a table that is there already.
    fn known(
        &self,
        marks: impl Fn(&mut Tx<'_>, &mut dyn FnMut(&str, i64)) -> Result<(), StoreError>,
    ) -> Result<Known, StoreError> {
        self.store.read("read_import_marks", |tx| {
            let mut known = Known::default();
            marks(tx, &mut |key, mark| known.note(key, mark))?;
            Ok(known)
        })
    }

    fn person_of(&self, source_row: &str) -> Result<PersonId, Reject> {
        if self.persons.has(source_row) {
            Ok(PersonId::of_source(SOURCE, source_row))
        } else {
            Err(Reject {
                field: "person_id",
                reason: Reason::Unknown,
            })
        }
    }

    fn enrolled(&self, enrolment: &str) -> Result<PersonId, Reject> {
        self.enrolments
            .get(&content_mark(&[enrolment.as_bytes()]))
            .copied()
            .ok_or(Reject {
                field: "enrolment_id",
                reason: Reason::Unknown,
            })
    }

    fn persons(&mut self, run: &mut Run<'_>) -> Result<(), ImportError> {
        let mut known = self.known(|tx, take| tx.marks_of_persons(take))?;
        let mut disagree = 0;
        let done = self.chunks_and(
            run,
            &mut known,
            |job, row| {
                let from = rows::changed(row, job.today)?.unwrap_or(job.day);
                let row = rows::person(row, job.today)?;
                disagree += u64::from(row.pin_disagrees());
                let mark = mark_of_person(&row);
                let person = PersonId::of_source(SOURCE, &row.source_row);
                let key = row.source_row.clone();
                Ok(Parsed {
                    field: "person_id",
                    key,
                    mark,
                    from,
                    row: NewPerson { person, row, mark },
                })
            },
            |tx, rows, _| tx.record_persons(rows),
            Self::wait,
        );
        run.report.pin_disagrees = disagree;
        self.persons = known;
        done
    }

    fn addresses(&mut self, run: &mut Run<'_>) -> Result<(), ImportError> {
        let mut known = self.known(|tx, take| tx.marks_of_addresses(take))?;
        let mut printed = std::mem::take(&mut self.streets.printed);
        let done = self.chunks_and(
            run,
            &mut known,
            |job, row| {
                let row = rows::address(row)?;
                printed.note(&row.street, &row.street_name);
                let mark = mark_of_address(&row);
                Ok(Parsed {
                    field: "address_id",
                    key: row.address.clone(),
                    mark,
                    from: job.day,
                    row: (row, mark),
                })
            },
            |tx, rows, marks| {
                tx.record_addresses(rows)?;
                receive(tx, Journal::Registry, "addresses", marks)
            },
            |job, run, rows| job.changed_houses(run, &rows),
        );
        self.streets.printed = printed;
        self.addresses = known;
        done
    }

    fn second_addresses(&mut self, run: &mut Run<'_>) -> Result<(), ImportError> {
        if self.addresses.is_empty() {
            self.addresses = self.known(|tx, take| tx.marks_of_addresses(take))?;
        }
        let mut known = self.known(|tx, take| tx.marks_of_second_addresses(take))?;
        let mut printed = std::mem::take(&mut self.streets.printed);
        let done = self.chunks_and(
            run,
            &mut known,
            |job, row| {
                let row = rows::second_address(row)?;
                if !job.addresses.has(&row.address) {
                    return Err(Reject::of("address_id", Reason::Unknown));
                }
                printed.note(&row.street, &row.street_name);
                let mark = mark_of_second_address(&row);
                Ok(Parsed {
                    field: "house",
                    key: second_address_key(&row),
                    mark,
                    from: job.day,
                    row: (row, mark),
                })
            },
            |tx, rows, _| tx.record_second_addresses(rows),
            |job, run, rows| job.changed_seconds(run, &rows),
        );
        self.streets.printed = printed;
        done
    }

    fn documents(&mut self, run: &mut Run<'_>) -> Result<(), ImportError> {
        let mut known = self.known(|tx, take| tx.marks_of_documents(take))?;
        self.chunks(
            run,
            &mut known,
            |job, row| {
                let changed = rows::changed(row, job.today)?;
                let row = rows::document(row, job.today)?;
                let key = row.row.number.as_str().to_owned();
                let parsed =
                    job.about_person("number", key, row, |row| Act::DocumentIssued(row.clone()))?;
                Ok(Parsed {
                    from: changed.unwrap_or(job.day),
                    ..parsed
                })
            },
            |tx, rows, _| tx.record_documents(rows),
            change_document,
        )
    }

    fn residences(&mut self, run: &mut Run<'_>) -> Result<(), ImportError> {
        if self.addresses.is_empty() {
            self.addresses = self.known(|tx, take| tx.marks_of_addresses(take))?;
        }
        let mut known = self.known(|tx, take| tx.marks_of_residences(take))?;
        self.chunks(
            run,
            &mut known,
            |job, row| {
                let row = rows::residence(row)?;
                if !job.addresses.has(&row.row.address) {
                    return Err(Reject {
                        field: "address_id",
                        reason: Reason::Unknown,
                    });
                }
                let person = job.person_of(&row.source_row)?;
                let r = &row.row;
                let key = format!("{person} {} {} {}", r.address, r.kind.code(), r.from);
                job.about_person("from", key, row, |row| Act::Resided(row.clone()))
            },
            |tx, rows, _| tx.record_residences(rows),
            change_residence,
        )
    }

    fn civil_events(&mut self, run: &mut Run<'_>) -> Result<(), ImportError> {
        let mut known = self.known(|tx, take| {
            tx.marks_of_civil_events(take)?;
            tx.marks_of_corrections(take)
        })?;
        self.chunks(
            run,
            &mut known,
            |job, row| {
                let row = rows::civil_act(row, job.today)?;
                let key = match &row.row {
                    CivilAct::Event(event) => event.event.clone(),
                    CivilAct::Correction(correction) => correction.event.clone(),
                };
                let person = job.person_of(&row.source_row)?;
                let mark = match &row.row {
                    CivilAct::Event(event) => mark_about(person, &Act::CivilEvent(event.clone())),
                    CivilAct::Correction(correction) => mark_of_correction(person, correction),
                };
                Ok(Parsed {
                    field: "event_id",
                    key,
                    mark,
                    from: job.day,
                    row: New {
                        person,
                        row: row.row,
                        mark,
                    },
                })
            },
            |tx, rows, _| {
                let (mut events, mut corrections) = (Vec::new(), Vec::new());
                for New { person, row, mark } in rows {
                    let (person, mark) = (*person, *mark);
                    match row.clone() {
                        CivilAct::Event(row) => events.push(New { person, row, mark }),
                        CivilAct::Correction(row) => corrections.push(New { person, row, mark }),
                    }
                }
                tx.record_civil_events(&events)?;
                tx.record_corrections(&corrections)
            },
            fixed,
        )
    }

    fn enrolments(&mut self, run: &mut Run<'_>) -> Result<(), ImportError> {
        let mut known = self.known_enrolments()?;
        let mut fresh: Vec<(i64, PersonId)> = Vec::new();
        let done = self.chunks(
            run,
            &mut known,
            |job, row| {
                let row = rows::enrolment(row, job.today)?;
                let key = row.row.enrolment.clone();
                let parsed =
                    job.about_person("enrolment_id", key, row, |row| Act::Enrolled(row.clone()))?;
                fresh.push((content_mark(&[parsed.key.as_bytes()]), parsed.row.person));
                Ok(parsed)
            },
            |tx, rows, _| tx.record_enrolments(rows),
            change_enrolment,
        );
        for (key, person) in fresh {
            self.enrolments.entry(key).or_insert(person);
        }
        done
    }

    /// Marks of enrolments; their persons are remembered for prints and photographs.
    fn known_enrolments(&mut self) -> Result<Known, StoreError> {
        let (known, persons) = self.store.read("read_import_marks", |tx| {
            let mut known = Known::default();
            let mut persons = HashMap::new();
            tx.marks_of_enrolments(&mut |enrolment, person, mark| {
                known.note(enrolment, mark);
                persons.insert(content_mark(&[enrolment.as_bytes()]), person);
            })?;
            Ok::<_, StoreError>((known, persons))
        })?;
        self.enrolments = persons;
        Ok(known)
    }

    fn prints(&mut self, run: &mut Run<'_>) -> Result<(), ImportError> {
        if self.enrolments.is_empty() {
            self.known_enrolments()?;
        }
        let mut known = self.known(|tx, take| tx.marks_of_prints(take))?;
        self.chunks(
            run,
            &mut known,
            |job, row| {
                let row = rows::print(row)?;
                let person = job.enrolled(&row.enrolment)?;
                let (minutiae, mark) = match row.source {
                    Bytes::Given(bytes) => {
                        fingerprint::Template::from_iso(&bytes).map_err(|_| Reject {
                            field: "minutiae",
                            reason: Reason::Minutiae,
                        })?;
                        let mark = content_mark(&[&bytes]);
                        (bytes, mark)
                    }
                    Bytes::File(name) => {
                        let image = read_below(&job.dir, &name)?;
                        (
                            minutiae_of_image(&image, row.finger)?,
                            content_mark(&[&image]),
                        )
                    }
                };
                let key = format!("{} {}", row.enrolment, row.finger.number());
                let print = NewPrint {
                    person,
                    enrolment: row.enrolment,
                    finger: row.finger,
                    minutiae,
                    mark,
                };
                Ok(Parsed {
                    field: "finger",
                    key,
                    mark,
                    from: job.day,
                    row: print,
                })
            },
            |tx, rows, _| tx.record_prints(rows),
            fixed,
        )
    }

    fn photos(&mut self, run: &mut Run<'_>) -> Result<(), ImportError> {
        if self.enrolments.is_empty() {
            self.known_enrolments()?;
        }
        let mut known = self.known(|tx, take| tx.marks_of_photos(take))?;
        self.chunks(
            run,
            &mut known,
            |job, row| {
                let row = rows::photo(row)?;
                let person = job.enrolled(&row.enrolment)?;
                let image = match row.source {
                    Bytes::Given(bytes) => bytes,
                    Bytes::File(name) => {
                        let bytes = read_below(&job.dir, &name)?;
                        rows::photo_bytes(&bytes).map_err(|reason| Reject {
                            field: "file",
                            reason,
                        })?;
                        bytes
                    }
                };
                let mark = content_mark(&[&image]);
                let key = row.enrolment.clone();
                let photo = NewPhoto {
                    person,
                    enrolment: row.enrolment,
                    image,
                    mark,
                };
                Ok(Parsed {
                    field: "enrolment_id",
                    key,
                    mark,
                    from: job.day,
                    row: photo,
                })
            },
            |tx, rows, _| tx.record_photos(rows),
            fixed,
        )
    }

    fn precincts(&mut self, run: &mut Run<'_>) -> Result<(), ImportError> {
        let mut known = self.known(|tx, take| tx.marks_of_precincts(take))?;
        self.chunks(
            run,
            &mut known,
            |job, row| {
                let changed = rows::changed(row, job.today)?;
                let row = rows::precinct(row)?;
                let mark = mark_of_precinct(&row);
                Ok(Parsed {
                    field: "precinct",
                    key: row.precinct.number().to_string(),
                    mark,
                    from: changed.unwrap_or(job.day),
                    row: (row, mark),
                })
            },
            |tx, rows, marks| {
                tx.record_precincts(rows)?;
                receive(tx, Journal::Electoral, "precincts", marks)
            },
            change_precinct,
        )
    }

    fn boundaries(&mut self, run: &mut Run<'_>) -> Result<(), ImportError> {
        let precincts = self.known(|tx, take| tx.marks_of_precincts(take))?;
        let mut known = self.known(|tx, take| tx.marks_of_boundaries(take))?;
        self.chunks(
            run,
            &mut known,
            |job, row| {
                let row = rows::boundary(row)?;
                if !precincts.has(&row.precinct.number().to_string()) {
                    return Err(Reject {
                        field: "precinct",
                        reason: Reason::Unknown,
                    });
                }
                let mark = mark_of_boundary(&row);
                Ok(Parsed {
                    field: "precinct",
                    key: boundary_key(&row),
                    mark,
                    from: job.day,
                    row: (row, mark),
                })
            },
            |tx, rows, marks| {
                tx.record_boundaries(rows)?;
                receive(tx, Journal::Electoral, "boundaries", marks)
            },
            fixed,
        )
    }

    fn commission(&mut self, run: &mut Run<'_>) -> Result<(), ImportError> {
        let mut known = self.known(|tx, take| tx.marks_of_commission(take))?;
        self.chunks(
            run,
            &mut known,
            |job, row| commission_row(row, job.day),
            |tx, rows, marks| {
                tx.record_commission(rows)?;
                receive(tx, Journal::Electoral, "commission", marks)
            },
            fixed,
        )
    }

    /// Takes in the rows of an uploaded edition of the commission's list.
    pub(super) fn edition(
        &mut self,
        source: Source,
        edition: u32,
        reasons: &mut BTreeMap<String, u64>,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<TableReport, ImportError> {
        let mut run = Run::of(source, reasons, progress);
        let mut known = self.known(|tx, take| tx.marks_of_list(edition, take))?;
        self.chunks(
            &mut run,
            &mut known,
            |job, row| commission_row(row, job.day),
            |tx, rows, marks| {
                tx.record_list_rows(edition, rows)?;
                receive(tx, Journal::Electoral, "commission", marks)
            },
            fixed,
        )?;
        Ok(run.report)
    }

    fn claims(&mut self, run: &mut Run<'_>) -> Result<(), ImportError> {
        let mut known = self.known(|tx, take| tx.marks_of_claims(take))?;
        self.chunks(
            run,
            &mut known,
            |job, row| {
                let row = rows::claim(row, job.today)?;
                let mark = mark_of_claim(&row);
                Ok(Parsed {
                    field: "claim_id",
                    key: row.claim.clone(),
                    mark,
                    from: job.day,
                    row: (row, mark),
                })
            },
            |tx, rows, marks| {
                tx.record_claims(rows)?;
                receive(tx, Journal::Electoral, "claims", marks)
            },
            fixed,
        )
    }

    /// A row about a person of the source; its mark is that of the act it becomes.
    fn about_person<T>(
        &self,
        field: &'static str,
        key: String,
        row: OfPerson<T>,
        act: impl Fn(&T) -> Act,
    ) -> Result<Parsed<New<T>>, Reject> {
        let person = self.person_of(&row.source_row)?;
        let mark = mark_about(person, &act(&row.row));
        Ok(Parsed {
            field,
            key,
            mark,
            from: self.day,
            row: New {
                person,
                row: row.row,
                mark,
            },
        })
    }
}

/// One table on its way in.
pub(super) struct Run<'a> {
    source: Source,
    pub(super) report: TableReport,
    pub(super) reasons: &'a mut BTreeMap<String, u64>,
    progress: &'a mut dyn FnMut(Progress<'_>),
}

impl<'a> Run<'a> {
    /// Reads up to so many rows; false at the end of the file.
    pub(super) fn chunk(
        &mut self,
        rows_max: usize,
        take: &mut dyn FnMut(u64, Result<Row<'_>, Reject>),
    ) -> Result<bool, ImportError> {
        let read = self.source.chunk(rows_max, take);
        read.map_err(|why| ImportError::Interrupted {
            file: self.source.file.clone(),
            why,
        })
    }

    /// Tells how far the file is read.
    pub(super) fn tell(&mut self) {
        (self.progress)(Progress {
            table: self.source.table.name,
            done: self.source.done(),
            total: self.source.bytes,
        });
    }

    fn of(
        source: Source,
        reasons: &'a mut BTreeMap<String, u64>,
        progress: &'a mut dyn FnMut(Progress<'_>),
    ) -> Self {
        let report = TableReport {
            table: source.table.name.to_owned(),
            file: source.file.clone(),
            unknown_columns: source.layout.unknown().to_vec(),
            ..TableReport::default()
        };
        Self {
            source,
            report,
            reasons,
            progress,
        }
    }
}

/// Names of the transactions, by table.
const TRANSACTIONS: &[(&str, &str)] = &[
    ("persons", "import_persons"),
    ("addresses", "import_addresses"),
    ("second_addresses", "import_second_addresses"),
    ("documents", "import_documents"),
    ("residences", "import_residences"),
    ("civil_events", "import_civil_events"),
    ("enrolments", "import_enrolments"),
    ("prints", "import_prints"),
    ("photos", "import_photos"),
    ("precincts", "import_precincts"),
    ("boundaries", "import_boundaries"),
    ("commission", "import_commission"),
    ("claims", "import_claims"),
];

/// A row of the commission's list, from a folder or an uploaded edition.
fn commission_row(row: &Row<'_>, day: Date) -> Result<Parsed<(CommissionRow, i64)>, Reject> {
    let row = rows::commission(row)?;
    let mark = mark_of_commission(&row);
    Ok(Parsed {
        field: "row_id",
        key: row.row.clone(),
        mark,
        from: day,
        row: (row, mark),
    })
}

/// Journals that rows about no single person arrived.
fn receive(
    tx: &mut Tx<'_>,
    journal: Journal,
    table: &str,
    marks: &[i64],
) -> Result<(), StoreError> {
    let bytes: Vec<u8> = marks.iter().flat_map(|mark| mark.to_be_bytes()).collect();
    let act = Act::RowsReceived {
        table: table.to_owned(),
        rows: marks.len() as u64,
        sha256: hex(&sha256(&bytes)),
    };
    tx.journal(journal, None, &act).map(|_| ())
}

fn read_below(dir: &Path, name: &str) -> Result<Vec<u8>, Reject> {
    let missing = Reject {
        field: "file",
        reason: Reason::File,
    };
    let path = below(dir, name).ok_or(missing)?;
    std::fs::read(path).map_err(|_| missing)
}

fn minutiae_of_image(image: &[u8], finger: lexicon::FingerPosition) -> Result<Vec<u8>, Reject> {
    let refuse = Reject {
        field: "file",
        reason: Reason::FingerImage,
    };
    let image = fingerprint::decode(image, None).map_err(|_| refuse)?;
    let template = fingerprint::extract(&image).map_err(|_| refuse)?;
    let position = fingerprint::FingerPosition::from_code(finger.number()).ok_or(refuse)?;
    Ok(template.to_iso(position))
}
