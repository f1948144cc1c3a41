//! What the chair types on return from a total failure, and a slip declared void: from the page to the kit.

use lexicon::handover::envelope::Kid;
use lexicon::{Instant, Method};

use crate::kit::PaperEntry;
use crate::rescue::moment;
use crate::scene::{ChairError, Station, TwoCards};

/// What stands in the fields of the page: given back as it was typed when an act fails.
#[derive(Clone, Debug, Default)]
pub(crate) struct TypedPaper {
    /// Begin of the interval, local.
    pub from: String,
    /// Its end, local.
    pub to: String,
    /// Slips of the book that were given.
    pub count: String,
    /// Seq of the interval that lines are entered for.
    pub interval: String,
    /// `line slip` in each row.
    pub rows: String,
    /// `Method` number of these lines.
    pub method: String,
    /// Line of the entry to take back, or of the slip to declare void.
    pub line: String,
    /// Slip of the entry to take back.
    pub slip: String,
    /// `KIT:SEQ` of the act whose slip is void.
    pub act: String,
    /// Why, a code.
    pub reason: String,
}

/// Reads rows of `line slip`, the numbers parted by whatever is no digit.
///
/// # Errors
/// [`ChairError::Row`] names the first row that is none, from 1.
fn entries(rows: &str) -> Result<Vec<PaperEntry>, ChairError> {
    let mut entries = Vec::new();
    for (at, row) in rows.lines().enumerate() {
        if row.trim().is_empty() {
            continue;
        }
        let numbers: Option<Vec<u32>> = row
            .split(|letter: char| !letter.is_ascii_digit())
            .filter(|number| !number.is_empty())
            .map(|number| number.parse().ok().filter(|number| *number > 0))
            .collect();
        match numbers.as_deref() {
            Some([line, slip]) => entries.push(PaperEntry {
                line: *line,
                slip: *slip,
            }),
            _ => return Err(ChairError::Row(at + 1)),
        }
    }
    if entries.is_empty() {
        return Err(ChairError::Row(1));
    }
    Ok(entries)
}

fn number(text: &str) -> Result<u32, ChairError> {
    text.trim().parse().map_err(|_| ChairError::Number)
}

/// The act that a slip is of, as the page names it.
pub(crate) fn act_name(act: &pollbook::Act) -> String {
    format!("{}:{}", act.name.kit.hex(), act.name.seq)
}

impl Station {
    /// Declares an interval in which no kit worked.
    ///
    /// # Errors
    /// [`ChairError`].
    pub(crate) fn paper_only(
        &self,
        typed: &TypedPaper,
        cards: &TwoCards,
    ) -> Result<(), ChairError> {
        self.with_cards(cards, |kit, cards| {
            let offset = i64::from(kit.charter().policy().offset_minutes);
            let at = |text: &str| -> Result<Instant, ChairError> {
                moment(text, offset).ok_or(ChairError::Time)
            };
            let (from, to) = (at(&typed.from)?, at(&typed.to)?);
            kit.paper_only(from, to, number(&typed.count)?, cards)?;
            Ok(())
        })
    }

    /// Enters the lines served on paper in an interval.
    ///
    /// # Errors
    /// [`ChairError`].
    pub(crate) fn paper_served(
        &self,
        typed: &TypedPaper,
        cards: &TwoCards,
    ) -> Result<(), ChairError> {
        let entries = entries(&typed.rows)?;
        let method = typed.method.parse().ok().and_then(Method::from_number);
        let method = method.ok_or(ChairError::Receipt)?;
        let interval = number(&typed.interval)?;
        self.with_cards(cards, |kit, cards| {
            kit.paper_served(interval, &entries, method, cards)?;
            Ok(())
        })
    }

    /// Takes a wrong entry back.
    ///
    /// # Errors
    /// [`ChairError`].
    pub(crate) fn paper_undo(
        &self,
        typed: &TypedPaper,
        cards: &TwoCards,
    ) -> Result<(), ChairError> {
        let entry = PaperEntry {
            line: number(&typed.line)?,
            slip: number(&typed.slip)?,
        };
        self.with_cards(cards, |kit, cards| {
            kit.undo_paper(entry, cards)?;
            Ok(())
        })
    }

    /// Declares a slip void and prints the paper that says so.
    ///
    /// # Errors
    /// [`ChairError`].
    pub(crate) fn void_slip(&self, typed: &TypedPaper, cards: &TwoCards) -> Result<(), ChairError> {
        let line = number(&typed.line)?;
        self.with_cards(cards, |kit, cards| {
            let named = typed.act.split_once(':');
            let kits = kit.charter().kits();
            let act = named.and_then(|(kid, seq)| {
                let kid: Kid = *kits.iter().find(|known| known.hex() == kid)?;
                Some((kid, seq.parse().ok()?))
            });
            let act = act.ok_or(ChairError::Receipt)?;
            kit.void_slip(line, act, &typed.reason, cards)?;
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::entries;
    use crate::kit::PaperEntry;
    use crate::scene::ChairError;

    #[test]
    fn rows_are_a_line_and_a_slip_and_the_first_that_is_none_is_named() {
        let entry = |line, slip| PaperEntry { line, slip };
        let read = entries("412 1\n\n 7;2 \n9\t3").unwrap_or_default();
        assert_eq!(read, [entry(412, 1), entry(7, 2), entry(9, 3)]);
        for (rows, wrong) in [
            ("", 1),
            ("412 1\n7", 2),
            ("1 2 3", 1),
            ("0 1", 1),
            ("1 99999999999", 1),
        ] {
            assert!(
                matches!(entries(rows), Err(ChairError::Row(row)) if row == wrong),
                "{rows:?}"
            );
        }
    }
}
