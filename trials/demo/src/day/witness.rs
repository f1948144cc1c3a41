//! What an onlooker who knows everybody wrote down: which human stood behind which act.
//!
//! The witness never asks a kit what it counted. Its notes lie beside the signed folders, so that a
//! precinct whose day is over is not run again.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use country::VisitKind;
use lexicon::handover::envelope::{hex, sha256};
use serde::{Deserialize, Serialize};

use super::DayError;
use super::crowd::Human;
use super::real::{RealRates, Trials};

/// Rises when the same inputs give another day.
pub(super) const VERSION: u32 = 3;

/// How a visit ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum End {
    /// Checked in by this kit's act.
    Admitted {
        kit: String,
        seq: u32,
        method: String,
    },
    /// Sent away for this reason.
    Refused { reason: String },
}

/// Why a visit was made; as `country::VisitKind`, in words that a file keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Purpose {
    Vote,
    WrongPrecinct,
    NotOnList,
    Double,
    Impostor,
}

impl From<VisitKind> for Purpose {
    fn from(kind: VisitKind) -> Self {
        match kind {
            VisitKind::Vote => Self::Vote,
            VisitKind::WrongPrecinct => Self::WrongPrecinct,
            VisitKind::NotOnList => Self::NotOnList,
            VisitKind::Double => Self::Double,
            VisitKind::Impostor => Self::Impostor,
        }
    }
}

/// One visit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct VisitNote {
    pub purpose: Purpose,
    pub bearer: Human,
    pub end: End,
    /// The precinct that the district index named.
    pub sent_to: Option<u16>,
    /// Whether that was the right one.
    pub sent_rightly: bool,
}

/// One green: the kit's act and the human who stood there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct GreenNote {
    pub kit: String,
    pub seq: u32,
    pub bearer: Human,
}

/// Captures of one sort of bearer at the desks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Captures {
    /// Captures that could be read and were compared; wrong is a rejected voter or an accepted impostor.
    pub read: Trials,
    /// Captures in which nothing could be read.
    pub unreadable: u64,
}

impl Captures {
    pub(super) fn add(&mut self, other: &Self) {
        self.read.add(other.read);
        self.unreadable += other.unreadable;
    }
}

/// The witness's notes of one precinct.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Witness {
    /// Hash of everything that decides the precinct's day.
    pub inputs: String,
    /// What was handed in: file name and SHA-256.
    pub files: BTreeMap<String, String>,
    pub visits: Vec<VisitNote>,
    pub greens: Vec<GreenNote>,
    /// Voters found by `pin`, `passport`, `name`.
    pub found_by: BTreeMap<String, u64>,
    pub genuine: Captures,
    pub impostor: Captures,
    pub real: Option<RealRates>,
    /// Papers that came out and the bytes of their streams.
    pub papers: (u64, u64),
    /// Microseconds from capture to printed receipt, one for each check-in by finger.
    pub check_in_micros: Vec<u32>,
}

/// Where a precinct's day is made and where it ends up.
pub(super) struct Places {
    /// `OUT/journals/PPPP`.
    pub handed_in: PathBuf,
    /// `OUT/papers/PPPP`.
    pub papers: PathBuf,
    work: PathBuf,
    name: String,
}

pub(super) fn file_error(path: &Path) -> impl FnOnce(io::Error) -> DayError + '_ {
    move |source| DayError::File {
        path: path.to_owned(),
        source,
    }
}

fn remove(path: &Path) -> Result<(), DayError> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(file_error(path)(error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Puts a finished folder in its place; an older one goes.
fn put(from: &Path, to: &Path) -> Result<(), DayError> {
    remove(to)?;
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent).map_err(file_error(parent))?;
    }
    fs::rename(from, to).map_err(file_error(to))
}

/// Writes a file and waits for the disk.
pub(super) fn write_synced(path: &Path, bytes: &[u8]) -> Result<(), DayError> {
    fs::File::create(path)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .map_err(file_error(path))
}

impl Places {
    pub fn of(out: &Path, name: &str) -> Self {
        Self {
            handed_in: out.join(batch::JOURNALS).join(name),
            papers: out.join("papers").join(name),
            work: out.join(".day"),
            name: name.to_owned(),
        }
    }

    fn beside(&self, what: &str) -> PathBuf {
        self.work.join(format!("{}.{what}", self.name))
    }

    /// The folder of one kit's disk while the day runs.
    pub fn kit(&self, kit: &str) -> PathBuf {
        self.beside("kits").join(kit)
    }

    /// Where the papers' pictures are made.
    pub fn papers_partial(&self) -> PathBuf {
        self.beside("papers")
    }

    /// Where what is handed in is made.
    pub fn journals_partial(&self) -> PathBuf {
        self.beside("journals")
    }

    /// Removes what an interrupted day left, and makes the folders of a new one.
    pub fn clean(&self) -> Result<(), DayError> {
        for left in [
            self.beside("kits"),
            self.papers_partial(),
            self.journals_partial(),
        ] {
            remove(&left)?;
        }
        for made in [self.papers_partial(), self.journals_partial()] {
            fs::create_dir_all(&made).map_err(file_error(&made))?;
        }
        remove(&self.handed_in)
    }

    /// The notes of a day that stands: same inputs, and every file as it was handed in.
    pub fn standing(&self, inputs: &str) -> Option<Witness> {
        let text = fs::read(self.beside("witness")).ok()?;
        let witness: Witness = serde_json::from_slice(&text).ok()?;
        if witness.inputs != inputs || witness.files.is_empty() {
            return None;
        }
        let there = fs::read_dir(&self.handed_in).ok()?.count();
        let stands = witness.files.iter().all(|(name, hash)| {
            fs::read(self.handed_in.join(name)).is_ok_and(|bytes| hex(&sha256(&bytes)) == *hash)
        });
        (stands && there == witness.files.len()).then_some(witness)
    }

    /// Ends a precinct's day: notes first, then the handed-in folder, so that a stop between the two
    /// leaves notes without files, which count for nothing.
    pub fn hand_in(&self, witness: &mut Witness) -> Result<(), DayError> {
        let partial = self.journals_partial();
        for entry in fs::read_dir(&partial).map_err(file_error(&partial))? {
            let path = entry.map_err(file_error(&partial))?.path();
            let bytes = fs::read(&path).map_err(file_error(&path))?;
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            witness
                .files
                .insert(name.into_owned(), hex(&sha256(&bytes)));
        }
        let notes = self.beside("witness");
        let new = self.beside("witness-new");
        let text = serde_json::to_vec(witness).map_err(|error| DayError::File {
            path: notes.clone(),
            source: error.into(),
        })?;
        write_synced(&new, &text)?;
        fs::rename(&new, &notes).map_err(file_error(&notes))?;
        put(&self.papers_partial(), &self.papers)?;
        put(&partial, &self.handed_in)?;
        remove(&self.beside("kits"))
    }
}
