//! Table `electoral_page_count`: signatures that people counted on pages of the paper list. Rows never change; of a page's
//! entries the last one stands.

use lexicon::Instant;

use crate::engine::{Row, values};
use crate::error::StoreError;
use crate::journal::Journal;
use crate::transact::Tx;

/// A count of one page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageCountRow {
    /// Precinct number.
    pub precinct: u16,
    /// Page of the bound list; 0 for the supplement.
    pub page: u32,
    /// From 1; what is to be recorded bears 0.
    pub entry: u32,
    /// Signatures.
    pub signatures: u32,
    /// The signed lines, where they were written out.
    pub lines: Option<Vec<u32>>,
    /// The account; what is to be recorded is the author's.
    pub staff: String,
    /// When; what is to be recorded is of now.
    pub at: Instant,
}

fn read_count(row: &Row) -> Result<PageCountRow, StoreError> {
    let lines = row.some_text(4)?.map(|text| {
        let numbers = text.split(',').filter(|line| !line.is_empty());
        numbers
            .map(|line| line.parse().map_err(|_| StoreError::Stored { column: 4 }))
            .collect::<Result<Vec<u32>, _>>()
    });
    Ok(PageCountRow {
        precinct: row.number(0)?,
        page: row.number(1)?,
        entry: row.number(2)?,
        signatures: row.number(3)?,
        lines: lines.transpose()?,
        staff: row.text(5)?.to_owned(),
        at: Instant::from_micros(row.int(6)?),
    })
}

impl Tx<'_> {
    /// Records a count as the page's next entry.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses.
    pub fn record_page_count(&mut self, row: &PageCountRow) -> Result<(), StoreError> {
        let entry: u32 = self.next_number_of(
            "SELECT MAX(entry) FROM electoral_page_count WHERE precinct = $1 AND page = $2",
            values![u32::from(row.precinct), row.page],
        )?;
        let lines = row.lines.as_ref().map(|lines| {
            let lines: Vec<String> = lines.iter().map(u32::to_string).collect();
            lines.join(",")
        });
        let (staff, at) = (self.author.clone(), self.at);
        self.execute(
            "INSERT INTO electoral_page_count (precinct, page, entry, signatures, lines, staff, at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            values![
                u32::from(row.precinct),
                row.page,
                entry,
                row.signatures,
                lines.as_deref(),
                staff,
                at
            ],
        )?;
        let body = format!(
            "{:04} {} {entry} {} {}",
            row.precinct,
            row.page,
            row.signatures,
            lines.as_deref().unwrap_or("-")
        );
        self.journal_bytes(Journal::Electoral, None, "page_counted", body.into_bytes())
            .map(|_| ())
    }

    /// The count of each page that stands, by precinct and page; of one precinct or of all.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn page_counts(&mut self, precinct: Option<u16>) -> Result<Vec<PageCountRow>, StoreError> {
        let (from, to) = precinct.map_or((0, u32::from(u16::MAX)), |one| {
            (u32::from(one), u32::from(one))
        });
        self.collect(
            "SELECT c.precinct, c.page, c.entry, c.signatures, c.lines, c.staff, c.at FROM electoral_page_count c \
             WHERE c.precinct >= $1 AND c.precinct <= $2 AND c.entry = (SELECT MAX(d.entry) FROM electoral_page_count d \
             WHERE d.precinct = c.precinct AND d.page = c.page) ORDER BY c.precinct, c.page",
            values![from, to],
            read_count,
        )
    }
}
