//! Tables `electoral_home_wish`, `electoral_home_freeze`, `electoral_home_list`: applications for voting at home with their
//! withdrawals and refusals, and the frozen home lists. Rows never change.

use lexicon::{Instant, PersonId, PrecinctCode, Purpose, Sealed};

use super::electoral_precinct::read_precinct;
use crate::engine::{Insert, Row, values};
use crate::error::StoreError;
use crate::journal::Journal;
use crate::transact::Tx;

const LISTS: Insert = Insert {
    into: "electoral_home_list (edition, precinct, voters, document)",
    columns: 4,
    then: "",
};

/// A wish to record; its number and moment are the store's.
#[derive(Debug)]
pub struct NewHomeWish {
    /// The random key of the form: the same form sent twice is one wish.
    pub form: String,
    /// Whose.
    pub person: PersonId,
    /// At which precinct.
    pub precinct: PrecinctCode,
    /// Whether it takes an application back.
    pub withdraws: bool,
    /// Category of the law's table; empty for a withdrawal.
    pub category: String,
    /// Where the members go; empty for a withdrawal.
    pub place: Sealed<String>,
    /// Why it was not taken, as a code and what belongs to it; empty when it was.
    pub refused: String,
}

/// A wish that was heard.
#[derive(Debug)]
pub struct HomeWish {
    /// Rises with each wish.
    pub number: u64,
    /// Whose.
    pub person: PersonId,
    /// At which precinct.
    pub precinct: PrecinctCode,
    /// Whether it takes an application back.
    pub withdraws: bool,
    /// Category of the law's table.
    pub category: String,
    /// Where the members go.
    pub place: Sealed<String>,
    /// Why it was not taken, as a code and what belongs to it; empty when it was.
    pub refused: String,
    /// Who heard it.
    pub staff: String,
    /// When.
    pub at: Instant,
}

/// One freezing of the home lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HomeEdition {
    /// Rises with each freezing; the highest stands.
    pub edition: u32,
    /// The release whose lines these are.
    pub release: u32,
    /// Who froze them.
    pub staff: String,
    /// When.
    pub at: Instant,
}

/// The frozen home list of one precinct.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HomeFrozen {
    /// Which precinct.
    pub precinct: PrecinctCode,
    /// Lines on it.
    pub voters: u32,
    /// The signed document.
    pub document: Vec<u8>,
}

const COLUMNS: &str = "number, person, precinct, act, category, place, refused, staff, at";

impl Tx<'_> {
    /// Records a wish and gives its number; false when the form was sent before.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses.
    pub fn record_home_wish(
        &mut self,
        wish: &NewHomeWish,
        staff: &str,
    ) -> Result<(u64, bool), StoreError> {
        if let Some(known) = self.find_home_wish_of_form(&wish.form)? {
            return Ok((known, false));
        }
        let last = self.row("SELECT MAX(number) FROM electoral_home_wish", Vec::new())?;
        let last = last.map_or(Ok(None), |row| row.some_number::<u64>(0))?;
        let number = last.unwrap_or(0) + 1;
        let act = if wish.withdraws { "withdraw" } else { "apply" };
        let at = self.at();
        self.execute(
            "INSERT INTO electoral_home_wish (number, form, person, precinct, act, category, place, refused, staff, at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            values![
                number,
                wish.form.as_str(),
                wish.person,
                u32::from(wish.precinct.number()),
                act,
                wish.category.as_str(),
                wish.place.open(Purpose::Serve).as_str(),
                wish.refused.as_str(),
                staff,
                at
            ],
        )?;
        let word = wish.refused.split(' ').next().unwrap_or("");
        let body = format!("{number} {} {act} {word}", wish.precinct);
        self.journal_bytes(
            Journal::Electoral,
            Some(wish.person),
            "home_wish",
            body.trim_end().as_bytes().to_vec(),
        )?;
        Ok((number, true))
    }

    /// The number of the wish that a form became.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn find_home_wish_of_form(&mut self, form: &str) -> Result<Option<u64>, StoreError> {
        let row = self.row(
            "SELECT number FROM electoral_home_wish WHERE form = $1",
            values![form],
        )?;
        row.map(|row| row.number(0)).transpose()
    }

    /// Every wish, by number.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn home_wishes(&mut self) -> Result<Vec<HomeWish>, StoreError> {
        self.collect(
            &format!("SELECT {COLUMNS} FROM electoral_home_wish ORDER BY number"),
            Vec::new(),
            read_wish,
        )
    }

    /// The wishes of a person, by number.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn home_wishes_of(&mut self, person: PersonId) -> Result<Vec<HomeWish>, StoreError> {
        self.collect(
            &format!("SELECT {COLUMNS} FROM electoral_home_wish WHERE person = $1 ORDER BY number"),
            values![person],
            read_wish,
        )
    }

    /// One wish.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn find_home_wish(&mut self, number: u64) -> Result<Option<HomeWish>, StoreError> {
        let row = self.row(
            &format!("SELECT {COLUMNS} FROM electoral_home_wish WHERE number = $1"),
            values![number],
        )?;
        row.as_ref().map(read_wish).transpose()
    }

    /// Records the home lists of a release as their next edition. `heard` is the number of the last wish that was looked at.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses.
    pub fn record_home_freeze(
        &mut self,
        release: u32,
        heard: u64,
        lists: &[HomeFrozen],
        staff: &str,
    ) -> Result<u32, StoreError> {
        let edition = self.last_home_edition()?.map_or(0, |last| last.edition) + 1;
        let at = self.at();
        self.execute(
            "INSERT INTO electoral_home_freeze (edition, release, heard, staff, at) VALUES ($1, $2, $3, $4, $5)",
            values![edition, release, heard, staff, at],
        )?;
        let mut table = Vec::with_capacity(lists.len() * LISTS.columns);
        for list in lists {
            table.extend(values![
                edition,
                u32::from(list.precinct.number()),
                list.voters,
                list.document.clone()
            ]);
        }
        self.insert(&LISTS, table)?;
        let voters: u64 = lists.iter().map(|list| u64::from(list.voters)).sum();
        let body = format!("{edition} {release} {} {voters}", lists.len());
        self.journal_bytes(
            Journal::Electoral,
            None,
            "home_lists_frozen",
            body.into_bytes(),
        )?;
        Ok(edition)
    }

    /// The freezing that stands.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn last_home_edition(&mut self) -> Result<Option<HomeEdition>, StoreError> {
        let row = self.row(
            "SELECT edition, release, staff, at FROM electoral_home_freeze ORDER BY edition DESC LIMIT 1",
            Vec::new(),
        )?;
        row.map(|row| {
            Ok(HomeEdition {
                edition: row.number(0)?,
                release: row.number(1)?,
                staff: row.text(2)?.to_owned(),
                at: Instant::from_micros(row.int(3)?),
            })
        })
        .transpose()
    }

    /// The home lists of a freezing, by precinct.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn home_lists(&mut self, edition: u32) -> Result<Vec<HomeFrozen>, StoreError> {
        self.collect(
            "SELECT precinct, voters, document FROM electoral_home_list WHERE edition = $1 ORDER BY precinct",
            values![edition],
            |row| {
                Ok(HomeFrozen {
                    precinct: read_precinct(row, 0)?,
                    voters: row.number(1)?,
                    document: row.blob(2)?.to_vec(),
                })
            },
        )
    }
}

fn read_wish(row: &Row) -> Result<HomeWish, StoreError> {
    Ok(HomeWish {
        number: row.number(0)?,
        person: row.parsed(1)?,
        precinct: read_precinct(row, 2)?,
        withdraws: row.text(3)? == "withdraw",
        category: row.text(4)?.to_owned(),
        place: Sealed::new(row.text(5)?.to_owned()),
        refused: row.text(6)?.to_owned(),
        staff: row.text(7)?.to_owned(),
        at: Instant::from_micros(row.int(8)?),
    })
}
