//! One request by a signed-in account, and what a desk answers.

use std::collections::HashMap;

use lexicon::{Date, Instant, Language, PersonId};
use maud::Markup;
use screen::format;
use store::{Look, StoreError};

use crate::office::Office;
use crate::pages::{sentences, texts};
use crate::reason::Reason;
use crate::role::{Right, Role};
use crate::upload::{SpoolError, Spooled};

/// Names and values of a path, a query or a form.
pub(crate) type Fields = HashMap<String, String>;

/// A signed-in account at a page.
pub(crate) struct Visit<'a> {
    pub office: &'a Office,
    pub language: Language,
    pub staff: String,
    pub display: String,
    pub role: Role,
    /// Why personal data is opened in this session.
    pub reason: Option<Reason>,
    /// Path and query without `lang`: where the language links lead.
    pub url: String,
    pub path: Fields,
    pub query: Fields,
    pub form: Fields,
    /// The file of the form, where the address takes one.
    pub file: Option<Result<Spooled, SpoolError>>,
}

/// What a desk answers.
pub(crate) enum Answer {
    /// A page.
    Page(Markup),
    /// A page that says what to correct.
    Correct(Markup),
    /// Another page.
    Go(String),
    /// Another page, with the reason kept for the session.
    Keep(Reason, String),
    /// A page, with the reason kept for the session.
    KeepPage(Reason, Markup),
    /// A table as a file, row by row.
    Table {
        /// Name of the file.
        name: String,
        /// Gives the next part, until there is none.
        next: Box<dyn FnMut() -> Result<Option<Vec<u8>>, StoreError> + Send>,
    },
}

impl Answer {
    /// A page, as one that says what to correct where something is wrong.
    pub fn page(page: Markup, is_wrong: bool) -> Self {
        if is_wrong {
            Answer::Correct(page)
        } else {
            Answer::Page(page)
        }
    }
}

/// Why a desk has no page.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Problem {
    /// Nothing is at this address.
    #[error("not found")]
    NotFound,
    /// The role has not this right.
    #[error("the role has no right {0:?}")]
    Denied(Right),
    /// The account looked at more records than it may within an hour.
    #[error("the hour's looks are used up")]
    Overdrawn,
    /// The form or the link holds something that cannot be.
    #[error("a field holds something that cannot be")]
    Unreadable,
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

pub(crate) type Answered = Result<Answer, Problem>;

/// Why a handed-in file cannot be read: whoever hands it in chooses another, or calls the engineer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileWrong {
    /// This office takes no files.
    Off,
    /// Larger than the page takes.
    Large,
    /// The disk refused; the log says why.
    Disk,
    /// None was chosen.
    None,
}

impl FileWrong {
    /// The code of its sentence.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            FileWrong::Off => "file_off",
            FileWrong::Large => "file_large",
            FileWrong::Disk => "file_disk",
            FileWrong::None => "file_none",
        }
    }
}

impl Visit<'_> {
    /// The bytes of the file that was handed in, at most `bytes_max` of them.
    ///
    /// # Errors
    /// [`FileWrong`].
    pub fn handed_in(&self, bytes_max: u64) -> Result<Vec<u8>, FileWrong> {
        let file = match &self.file {
            Some(Ok(file)) => file,
            Some(Err(SpoolError::Off)) => return Err(FileWrong::Off),
            Some(Err(SpoolError::TooLarge { .. })) => return Err(FileWrong::Large),
            Some(Err(SpoolError::Disk(error))) => {
                tracing::error!(%error, "a handed-in file was not written");
                return Err(FileWrong::Disk);
            }
            Some(Err(SpoolError::Form(_) | SpoolError::NoFile)) | None => {
                return Err(FileWrong::None);
            }
        };
        match file.read(bytes_max) {
            Ok(bytes) => bytes.ok_or(FileWrong::Large),
            Err(error) => {
                tracing::error!(%error, "a handed-in file cannot be read back");
                Err(FileWrong::Disk)
            }
        }
    }
}

impl Visit<'_> {
    /// A text.
    pub fn t(&self, key: &str) -> String {
        texts().text(self.language, key)
    }

    /// A text with its variables.
    pub fn f(&self, key: &str, values: &[(&str, &str)]) -> String {
        texts().fill(self.language, key, values)
    }

    /// A counted text.
    pub fn n(&self, key: &str, count: u64) -> String {
        texts().count(self.language, key, count)
    }

    pub fn may(&self, right: Right) -> bool {
        self.role.may(right)
    }

    /// `20.11.2026`.
    pub fn day(&self, date: Date) -> String {
        format::date_short(date)
    }

    pub fn day_if(&self, date: Option<Date>) -> String {
        date.map_or_else(String::new, format::date_short)
    }

    /// `20 ноября 2026 г.`
    pub fn long_day(&self, date: Date) -> String {
        format::date_long(self.language, date)
    }

    /// `20.11.2026 10:31`, local time.
    pub fn moment(&self, at: Instant) -> String {
        format!("{} {}", self.day(self.date(at)), self.time(at))
    }

    /// `10:31`, local time.
    pub fn time(&self, at: Instant) -> String {
        at.local_time(self.office.offset())
            .chars()
            .take(5)
            .collect()
    }

    /// The local day of a moment.
    pub fn date(&self, at: Instant) -> Date {
        at.local_date(self.office.offset())
    }

    /// A few words for an exclusion reason or another code of the country's texts.
    pub fn short(&self, said: Option<&lexicon::Explanation>) -> String {
        said.map_or_else(String::new, |said| said.short.get(self.language).to_owned())
    }

    /// The country's words for an exclusion.
    pub fn exclusion(
        &self,
        reason: lexicon::ExclusionReason,
    ) -> Option<&'static lexicon::Explanation> {
        sentences().exclusion.get(reason.code())
    }

    /// A part of the path.
    pub fn part(&self, name: &str) -> Result<&str, Problem> {
        self.path
            .get(name)
            .map(String::as_str)
            .ok_or(Problem::NotFound)
    }

    /// A part of the path that is parsed; what cannot be is not there.
    pub fn parsed<T: std::str::FromStr>(&self, name: &str) -> Result<T, Problem> {
        self.part(name)?.parse().map_err(|_| Problem::NotFound)
    }

    /// A field of the query, when it is there and not empty.
    pub fn asked(&self, name: &str) -> Option<&str> {
        self.query
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// A field of the query that is parsed; what cannot be is refused.
    pub fn asked_as<T: std::str::FromStr>(&self, name: &str) -> Result<Option<T>, Problem> {
        self.asked(name)
            .map(|value| value.parse().map_err(|_| Problem::Unreadable))
            .transpose()
    }

    /// A field of the form.
    pub fn field(&self, name: &str) -> &str {
        self.form.get(name).map_or("", String::as_str)
    }

    /// The look that this visit is, for the record of reads.
    pub fn look(&self) -> Look<'_> {
        let reason = self.reason;
        Look {
            staff: &self.staff,
            purpose: reason.map_or(lexicon::Purpose::Serve, Reason::purpose),
            reason: reason.map_or("", Reason::code),
        }
    }

    /// Refuses when the account's looks of the hour are used up.
    pub fn within_budget(&self) -> Result<(), Problem> {
        let since = self.office.now().plus_micros(-3_600_000_000);
        let looks = self
            .office
            .store
            .read("count_reads", |tx| tx.count_reads(&self.staff, since))?;
        if looks < u64::from(self.office.config.reads_per_hour) {
            Ok(())
        } else {
            Err(Problem::Overdrawn)
        }
    }

    /// Where a person's page is, for roles that may open it.
    pub fn person_url(&self, person: PersonId) -> Option<String> {
        self.may(Right::FindPersons)
            .then(|| format!("/person/{person}"))
    }
}
