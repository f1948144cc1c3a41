//! References sorted out by precinct in one pass, in memory or, beyond a budget, in files.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

use lexicon::PrecinctCode;
use lexicon::handover::snapshot::{Reference, ReferenceRow};
use roll::package::{PHOTO_BYTES_MAX, References};
use roll::snapshot::PersonAt;

use crate::columns::Row as _;
use crate::folder::check_file;
use crate::folder::{FolderError, file_error};
use crate::form::{BatchError, Formed, Job};
use crate::kept::Reading;
use crate::snapshot::{SNAPSHOT, file_of, for_each_reference};

/// Bytes that wait in memory before they go to files.
const BUDGET_BYTES: usize = 512 << 20;

/// References by precinct: records `person u32 ‖ finger u8 (0 a photograph) ‖ rank u8 ‖ length u32 ‖ bytes`.
#[derive(Debug, Default)]
pub(crate) struct ReferenceStore {
    waiting: BTreeMap<PrecinctCode, Vec<u8>>,
    bytes: usize,
    dir: PathBuf,
    spilled: bool,
}

impl ReferenceStore {
    fn keep(
        &mut self,
        precinct: PrecinctCode,
        person: PersonAt,
        reference: &Reference,
    ) -> Result<(), FolderError> {
        let (finger, rank, data) = match reference {
            Reference::Finger {
                position,
                rank,
                minutiae,
            } => (position.number(), *rank, minutiae),
            Reference::Photo(image) if image.len() > PHOTO_BYTES_MAX => return Ok(()),
            Reference::Photo(image) => (0, 0, image),
        };
        let buffer = self.waiting.entry(precinct).or_default();
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX).to_be_bytes();
        buffer.extend_from_slice(&number(person.at()));
        buffer.extend_from_slice(&[finger, rank]);
        buffer.extend_from_slice(&number(data.len()));
        buffer.extend_from_slice(data);
        self.bytes += data.len() + 10;
        if self.bytes > BUDGET_BYTES {
            self.spill()
        } else {
            Ok(())
        }
    }

    fn path(&self, precinct: PrecinctCode) -> PathBuf {
        self.dir.join(precinct.to_string())
    }

    fn spill(&mut self) -> Result<(), FolderError> {
        if !self.spilled {
            if self.dir.exists() {
                fs::remove_dir_all(&self.dir).map_err(file_error(&self.dir))?;
            }
            fs::create_dir_all(&self.dir).map_err(file_error(&self.dir))?;
            self.spilled = true;
        }
        for (precinct, buffer) in std::mem::take(&mut self.waiting) {
            let path = self.path(precinct);
            fs::OpenOptions::new()
                .create(true)
                .append(true)
                .open(&path)
                .and_then(|mut file| file.write_all(&buffer))
                .map_err(file_error(&path))?;
        }
        self.bytes = 0;
        Ok(())
    }

    /// References of the people of one precinct.
    pub(crate) fn of_precinct(
        &self,
        precinct: PrecinctCode,
    ) -> Result<HashMap<PersonAt, References>, FolderError> {
        let path = self.path(precinct);
        let mut records = if self.spilled && path.exists() {
            fs::read(&path).map_err(file_error(&path))?
        } else {
            Vec::new()
        };
        if let Some(waiting) = self.waiting.get(&precinct) {
            records.extend_from_slice(waiting);
        }
        let mut found: HashMap<PersonAt, References> = HashMap::new();
        let mut rest = records.as_slice();
        // INVARIANT (spill): `keep` wrote every record whole.
        while let Some((head, tail)) = rest.split_first_chunk::<10>() {
            let word = |at: usize| {
                u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]) as usize
            };
            let (data, after) = tail.split_at(word(6).min(tail.len()));
            let of_person = found.entry(PersonAt::from_index(word(0))).or_default();
            match head[4] {
                0 => of_person.photo = data.to_vec(),
                finger => of_person.fingers.push((finger, head[5], data.to_vec())),
            }
            rest = after;
        }
        Ok(found)
    }

    /// Removes what was spilled.
    pub(crate) fn discard(self) {
        if self.spilled {
            // Left-overs are removed at the next run; they lie beside the snapshot's own copy.
            let _ = fs::remove_dir_all(&self.dir);
        }
    }
}

/// Sorts the references of listed persons out by precinct.
pub(crate) fn spill_references(
    job: &Job<'_>,
    formed: &Formed,
) -> Result<ReferenceStore, BatchError> {
    let dir = job.out.join(".steps").join("references");
    let mut store = ReferenceStore {
        dir,
        ..ReferenceStore::default()
    };
    job.tell("references", 0, 0);
    // Whoever reads the whole snapshot has checked them; an image says nothing about them.
    if matches!(formed.reading, Reading::Kept(_)) {
        let file = file_of(ReferenceRow::TABLE);
        check_file(job.snapshot, SNAPSHOT, &file, job.trust())?;
    }
    for_each_reference(job.snapshot, |row| {
        let person = formed.snapshot.find_person(row.person);
        let place = person.and_then(|p| Some((p, formed.roll.place(p)?.precinct)));
        match place {
            Some((person, precinct)) => Ok(store.keep(precinct, person, &row.reference)?),
            None => Ok::<(), BatchError>(()),
        }
    })?;
    Ok(store)
}
