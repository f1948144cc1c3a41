//! The printed tables of the rehearsals, and the sums inside them that do not add up.

use super::Row;

/// A table as printed: rows of numbers under named columns, the printed total among them.
#[derive(Clone, Debug)]
pub struct Table {
    columns: Vec<String>,
    rows: Vec<(String, Vec<String>)>,
}

/// Why a table is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// A row with another number of cells than the head.
    #[error("row {0} has another number of cells than the head")]
    Cells(usize),
    /// A column that the table must have.
    #[error("there is no column {0:?}, or a cell of it is no number")]
    Column(&'static str),
}

/// A column that is summed: its name in the table.
pub type Column = &'static str;

/// A printed number that is not what its own table gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misprint {
    /// Which sum: the row and the column, or the rule.
    pub what: String,
    /// What the table gives.
    pub computed: u64,
    /// What it says.
    pub printed: u64,
}

impl Table {
    /// Reads comma-separated text with a head.
    ///
    /// # Errors
    /// [`TableError::Cells`].
    pub fn read(text: &str) -> Result<Self, TableError> {
        let mut lines = text.lines().filter(|line| !line.trim().is_empty());
        let cells = |line: &str| line.split(',').map(|cell| cell.trim().to_owned()).collect();
        let columns: Vec<String> = lines.next().map(cells).unwrap_or_default();
        let mut rows = Vec::new();
        for (at, line) in lines.enumerate() {
            let row: Vec<String> = cells(line);
            if row.len() != columns.len() {
                return Err(TableError::Cells(at + 2));
            }
            let name = row.first().cloned().unwrap_or_default();
            rows.push((name, row));
        }
        Ok(Self { columns, rows })
    }

    fn number(&self, row: &[String], column: &'static str) -> Result<Option<u64>, TableError> {
        let at = self.columns.iter().position(|name| name == column);
        let cell = at.and_then(|at| row.get(at));
        match cell.map(String::as_str) {
            None => Err(TableError::Column(column)),
            Some("") => Ok(None),
            Some(text) => text
                .parse()
                .map(Some)
                .map_err(|_| TableError::Column(column)),
        }
    }

    /// The rows of a second rehearsal's table, without the total.
    ///
    /// # Errors
    /// [`TableError::Column`].
    pub fn outcomes(&self) -> Result<Vec<Row>, TableError> {
        let rows = self.rows.iter().filter(|(name, _)| name != "TOTAL");
        rows.map(|(name, row)| {
            let of = |column| Ok(self.number(row, column)?.unwrap_or(0));
            Ok(Row {
                name: name.clone(),
                came: of("voters_came")?,
                finger: of("by_fingerprint")?,
                pin: of("by_pin")?,
                not_in_list: of("not_in_list")?,
                failures: of("failures")?,
            })
        })
        .collect()
    }
}

/// Every printed total that is not the sum of its column, and every row in which `whole` is not the sum of `parts`.
///
/// # Errors
/// [`TableError::Column`].
pub fn misprints(
    table: &Table,
    sums: &[Column],
    whole: Column,
    parts: &[Column],
) -> Result<Vec<Misprint>, TableError> {
    let mut found = Vec::new();
    let is_total = |name: &str| name == "TOTAL";
    let total = table.rows.iter().find(|(name, _)| is_total(name));
    for column in sums {
        let mut computed = 0;
        for (_, row) in table.rows.iter().filter(|(name, _)| !is_total(name)) {
            computed += table.number(row, column)?.unwrap_or(0);
        }
        let printed = match total {
            Some((_, row)) => table.number(row, column)?,
            None => None,
        };
        if let Some(printed) = printed.filter(|printed| *printed != computed) {
            let what = format!("column {column}");
            found.push(Misprint {
                what,
                computed,
                printed,
            });
        }
    }
    for (name, row) in &table.rows {
        let mut computed = 0;
        for part in parts {
            computed += table.number(row, part)?.unwrap_or(0);
        }
        let printed = table.number(row, whole)?;
        if let Some(printed) = printed.filter(|printed| *printed != computed) {
            let what = format!("{name}: {whole} = {}", parts.join(" + "));
            found.push(Misprint {
                what,
                computed,
                printed,
            });
        }
    }
    Ok(found)
}

/// The misprints of a first rehearsal's table.
///
/// # Errors
/// [`TableError`].
pub fn first_rehearsal(text: &str) -> Result<Vec<Misprint>, TableError> {
    let sums = [
        "precincts",
        "voters_came",
        "not_identified_fingerprint",
        "not_in_database",
        "system_failures",
        "identified_total",
    ];
    let parts = ["identified_total", "not_in_database"];
    misprints(&Table::read(text)?, &sums, "voters_came", &parts)
}

/// The rows of a second rehearsal's table, and its misprints.
///
/// # Errors
/// [`TableError`].
pub fn second_rehearsal(text: &str) -> Result<(Vec<Row>, Vec<Misprint>), TableError> {
    let table = Table::read(text)?;
    let sums = [
        "voters_came",
        "by_fingerprint",
        "by_pin",
        "not_in_list",
        "failures",
    ];
    let parts = ["by_fingerprint", "by_pin", "not_in_list"];
    Ok((
        table.outcomes()?,
        misprints(&table, &sums, "voters_came", &parts)?,
    ))
}
