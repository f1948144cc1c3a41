//! Doubtful rows of the commission's list, decided by people: one answer settles most, a fixed part is answered twice
//! by persons who do not see each other's answer, and where the two differ a third decides.

use lexicon::PersonId;
use lexicon::handover::envelope::{hex, sha256};

use crate::reconcile::FoundBy;
use crate::snapshot::CommissionEntry;

/// The question about a row and the person it is held against, or about its address: 16 hexadecimal digits.
///
/// Eight bytes of SHA-256 over the row's cells in the order of the table and the person's id, each with its length of
/// eight bytes before it: the same cells with the same person are the same question in every run.
#[must_use]
pub fn subject_of(row: &CommissionEntry<'_>, person: Option<PersonId>) -> String {
    let person = person.map_or_else(String::new, |person| person.to_string());
    let cells = [
        row.row,
        row.pin,
        row.surname,
        row.given,
        row.patronymic,
        row.born,
        row.address,
        row.precinct,
        &person,
    ];
    let mut bytes = Vec::new();
    for cell in cells {
        bytes.extend_from_slice(&(cell.len() as u64).to_be_bytes());
        bytes.extend_from_slice(cell.as_bytes());
    }
    hex(&sha256(&bytes)[..8])
}

/// What a person says about a row and the record that it is thought to mean.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Says {
    /// One person.
    Same,
    /// Two persons.
    Distinct,
    /// The papers do not tell.
    CannotTell,
}

impl Says {
    /// Every answer.
    pub const ALL: [Says; 3] = [Says::Same, Says::Distinct, Says::CannotTell];

    /// The code in tables.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Says::Same => "same",
            Says::Distinct => "distinct",
            Says::CannotTell => "cannot_tell",
        }
    }

    /// The answer with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.code() == code)
    }
}

/// Where a doubtful row stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Review {
    /// An answer is needed; `place` counts from 1, 3 is that of the person who decides between two.
    Waits {
        /// Which answer.
        place: u8,
    },
    /// It is decided.
    Decided(Says),
}

/// Where a row with these answers stands, in the order of giving; `doubled` rows need two that agree.
///
/// Three answers that all differ settle nothing: nobody can tell.
#[must_use]
pub fn review(answers: &[Says], doubled: bool) -> Review {
    match *answers {
        [] => Review::Waits { place: 1 },
        [_] if doubled => Review::Waits { place: 2 },
        [only] => Review::Decided(only),
        [one, two] if one == two => Review::Decided(one),
        [_, _] => Review::Waits { place: 3 },
        [one, two, three, ..] if three == one || three == two => Review::Decided(three),
        [one, two, ..] if one == two => Review::Decided(one),
        [..] => Review::Decided(Says::CannotTell),
    }
}

/// Whether a row belongs to the part that is answered twice: by its hash, so that nobody chooses it.
///
/// `percent` is 0 to 100; the same subject is in every larger part too.
#[must_use]
pub fn is_doubled(subject: &str, percent: u8) -> bool {
    let hash = sha256(subject.as_bytes());
    let spot = u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]);
    u64::from(spot) * 100 < u64::from(percent) << 32
}

/// Whether a human looks at a row before its link counts: it was found without its PIN, or by it against the birth date.
#[must_use]
pub fn is_doubtful(found_by: FoundBy, birth_differs: bool) -> bool {
    match found_by {
        FoundBy::Details => true,
        FoundBy::Pin | FoundBy::PinAmong => birth_differs,
        FoundBy::Review | FoundBy::Nobody | FoundBy::Unreadable => false,
    }
}

/// How often two blind answers about one row agree.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Agreement {
    /// Rows with two answers.
    pub pairs: u64,
    /// Of them, those whose first two answers are the same.
    pub agreed: u64,
}

impl Agreement {
    /// Takes the answers about one more row, in the order of giving.
    pub fn add(&mut self, answers: &[Says]) {
        if let [one, two, ..] = answers {
            self.pairs += 1;
            self.agreed += u64::from(one == two);
        }
    }
}

#[cfg(test)]
mod tests;
