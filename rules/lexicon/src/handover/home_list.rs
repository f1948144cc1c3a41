//! The frozen home list: from the office, where applications for voting at home are taken, to the station packages.
//!
//! One document for each precinct, signed by the office's home desk at the law's cut-off. It says which lines of one
//! release are served at home and nothing of why: reasons, addresses and names stay at the office. Restated in
//! docs/formats.md §13.

use minicbor::bytes::ByteArray;
use minicbor::{Decode, Encode};

use super::envelope::{
    DocumentType, EnvelopeError, Kid, SUITE, SignError, Signer, Subject, Verifier, decode, encode,
    hex, open_all, sign_all, unhex,
};

/// The frozen home list of one precinct (type `home-list`, `COSE_Sign`).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct HomeList {
    /// Suite, `kg1`.
    #[n(1)]
    pub suite: String,
    /// Election number.
    #[n(2)]
    pub election: u32,
    /// Precinct number.
    #[n(3)]
    pub precinct: u16,
    /// The release whose lines these are.
    #[n(4)]
    pub release: u32,
    /// Root of that release: lines of another list are other people.
    #[n(5)]
    pub root: ByteArray<32>,
    /// The first moment after the last day of applications, microseconds UTC.
    #[n(6)]
    pub cut_off: i64,
    /// When it was frozen, microseconds UTC; not before the cut-off.
    #[n(7)]
    pub frozen: i64,
    /// Lines, ascending, each once.
    #[n(8)]
    pub lines: Vec<u32>,
    /// How many lists this freezing made, this one included: a file that lost one is refused.
    #[n(9)]
    pub lists: u32,
}

/// Why a file of home lists was refused; the official who packs asks the home desk for another.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HomeListError {
    /// A row of the file is no signed home list.
    #[error("row {row} is no home list")]
    Row {
        /// Which row, from 1.
        row: usize,
    },
    /// The signature does not hold, or is of another key.
    #[error("row {row}: {why}")]
    Signature {
        /// Which row, from 1.
        row: usize,
        /// What is wrong with it.
        why: EnvelopeError,
    },
    /// Rows are missing, or there are too many.
    #[error("the file holds {got} home lists, the office froze {expected}")]
    Incomplete {
        /// Rows of the file.
        got: usize,
        /// What its first row says; 0 for a file without one.
        expected: u32,
    },
    /// It contradicts itself: frozen before the cut-off, lines that fall or stand twice, another election.
    #[error("row {row}: {what}")]
    Contradicts {
        /// Which row, from 1.
        row: usize,
        /// What does not fit.
        what: &'static str,
    },
}

fn subject(election: u32) -> Subject {
    Subject {
        kind: DocumentType::HomeList,
        election,
    }
}

impl HomeList {
    /// Signs the list with the home desk's key.
    ///
    /// # Errors
    /// [`SignError`] when the key cannot sign.
    pub fn sign(&self, key: &dyn Signer) -> Result<Vec<u8>, SignError> {
        sign_all(subject(self.election), &encode(self), &[key])
    }

    /// What does not fit in it.
    #[must_use]
    pub fn contradiction(&self, election: u32) -> Option<&'static str> {
        if self.suite != SUITE || self.election != election {
            return Some("it is for another election");
        }
        if self.frozen < self.cut_off {
            return Some("it was frozen before the cut-off");
        }
        let is_rising = self.lines.windows(2).all(|pair| pair[0] < pair[1]);
        let is_rising = is_rising && self.lines.first() != Some(&0);
        (!is_rising).then_some("its lines do not rise")
    }
}

/// The rows of a file of home lists: each the bytes of one document in hexadecimal.
#[must_use]
pub fn rows(documents: &[Vec<u8>]) -> String {
    documents.iter().map(|bytes| hex(bytes) + "\n").collect()
}

/// Reads a file of home lists: every row must hold, no precinct may stand twice, all must be of one freezing, and none
/// of it may be missing. A file without a row is refused.
///
/// # Errors
/// [`HomeListError`] naming the first row that does not hold; nothing of the file may be used then.
pub fn read_rows(
    text: &str,
    election: u32,
    verifier: &dyn Verifier,
    required: Kid,
) -> Result<Vec<HomeList>, HomeListError> {
    let mut lists: Vec<HomeList> = Vec::new();
    for (row, line) in (1usize..).zip(text.lines()) {
        let bytes = unhex(line.trim())
            .filter(|bytes| !bytes.is_empty())
            .ok_or(HomeListError::Row { row })?;
        let opened = open_all(subject(election), &bytes, verifier, &[required])
            .map_err(|why| HomeListError::Signature { row, why })?;
        let list: HomeList = decode(&opened.payload).map_err(|_| HomeListError::Row { row })?;
        let is_twice = lists.iter().any(|other| other.precinct == list.precinct);
        let what = is_twice.then_some("its precinct stands twice");
        if let Some(what) = list.contradiction(election).or(what) {
            return Err(HomeListError::Contradicts { row, what });
        }
        let of_one = |other: &HomeList| {
            (other.frozen, other.release, &other.root, other.lists)
                == (list.frozen, list.release, &list.root, list.lists)
        };
        if !lists.iter().all(of_one) {
            let what = "it is of another freezing than the rows before";
            return Err(HomeListError::Contradicts { row, what });
        }
        lists.push(list);
    }
    let whole = lists.first().map(|list| list.lists);
    if whole.and_then(|whole| usize::try_from(whole).ok()) != Some(lists.len()) {
        return Err(HomeListError::Incomplete {
            got: lists.len(),
            expected: whole.unwrap_or(0),
        });
    }
    Ok(lists)
}

#[cfg(test)]
mod tests;
