//! Tables `electoral_claim_phone` and `electoral_transfer_seen`: marks of telephone numbers left with claims, and who saw
//! an alarm of mass transfer. Rows never change.

use std::collections::BTreeMap;

use lexicon::handover::envelope::sha256;
use lexicon::{Instant, Pin, PrecinctCode};

use super::electoral_precinct::read_precinct;
use super::registry_pin_claim::pin_key;
use crate::engine::{Insert, values};
use crate::error::StoreError;
use crate::journal::Journal;
use crate::transact::Tx;

/// Persons that are asked about at once.
const AT_ONCE: usize = 500;

const INSERT_PHONE: Insert = Insert {
    into: "electoral_claim_phone (claim, mark)",
    columns: 2,
    then: "ON CONFLICT (claim) DO NOTHING",
};

/// A Form 2 that names a precinct.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferFiled {
    /// The claim.
    pub claim: String,
    /// The precinct asked for.
    pub target: PrecinctCode,
    /// When it was captured.
    pub filed: Instant,
    /// The applicant's number, as the form has it.
    pub pin: Pin,
    /// The mark of the telephone number left with it.
    pub phone: Option<i64>,
}

/// That somebody saw an alarm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferSeen {
    /// The precinct.
    pub precinct: PrecinctCode,
    /// How many applications there were then.
    pub filings: u32,
    /// The score then, of 1,000.
    pub score: u32,
    /// What was found, in their words.
    pub note: String,
    /// Who saw it.
    pub staff: String,
    /// When.
    pub at: Instant,
}

/// The mark of a telephone number: its last nine digits, hashed; none when it is no number. Equal numbers have equal
/// marks however they are written; the number itself is not kept.
#[must_use]
pub fn phone_mark(text: &str) -> Option<i64> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let is_number = text
        .chars()
        .all(|c| c.is_ascii_digit() || "+()- ".contains(c));
    if !is_number || !(6..=15).contains(&digits.len()) {
        return None;
    }
    let from = digits.len().saturating_sub(9);
    let hash = sha256(format!("phone {}", &digits[from..]).as_bytes());
    let mut first = [0u8; 8];
    first.copy_from_slice(&hash[..8]);
    Some(i64::from_be_bytes(first))
}

impl Tx<'_> {
    /// Keeps marks of telephone numbers by claim, the first of a claim; gives how many are new.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses.
    pub fn record_claim_phones(&mut self, marks: &[(String, i64)]) -> Result<u64, StoreError> {
        let mut new = 0;
        for part in marks.chunks(AT_ONCE) {
            let rows = part
                .iter()
                .flat_map(|(claim, mark)| values![claim.as_str(), *mark])
                .collect();
            new += self.insert(&INSERT_PHONE, rows)?;
        }
        let body = format!("{new}");
        self.journal_bytes(
            Journal::Electoral,
            None,
            "claim_phones_kept",
            body.into_bytes(),
        )?;
        Ok(new)
    }

    /// Every Form 2 that names a precinct, by moment of capture and number.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn transfers_filed(&mut self) -> Result<Vec<TransferFiled>, StoreError> {
        self.collect(
            "SELECT c.claim, c.target, c.filed, c.pin, p.mark FROM electoral_claim c \
             LEFT JOIN electoral_claim_phone p ON p.claim = c.claim \
             WHERE c.kind = 'form2' AND c.target IS NOT NULL ORDER BY c.filed, c.claim",
            Vec::new(),
            |row| {
                Ok(TransferFiled {
                    claim: row.text(0)?.to_owned(),
                    target: read_precinct(row, 1)?,
                    filed: Instant::from_micros(row.int(2)?),
                    pin: Pin::from_stored(row.number(3)?),
                    phone: row.some_int(4)?,
                })
            },
        )
    }

    /// How far the tables that an alarm rests on have grown: claims, marks of telephone numbers.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses.
    pub fn transfer_growth(&mut self) -> Result<[u64; 2], StoreError> {
        let mut counted = |sql: &str| -> Result<u64, StoreError> {
            let row = self.row(sql, Vec::new())?;
            row.map_or(Ok(0), |row| row.number(0))
        };
        Ok([
            counted("SELECT COUNT(*) FROM electoral_claim")?,
            counted("SELECT COUNT(*) FROM electoral_claim_phone")?,
        ])
    }

    /// The places (SOATE) where the people of some numbers live now, by number; who has no address is left out. A
    /// number that several people claim takes the first of them. Cost: an index look-up for each number.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn places_of_pins(&mut self, pins: &[Pin]) -> Result<BTreeMap<Pin, u64>, StoreError> {
        let mut places = BTreeMap::new();
        for part in pins.chunks(AT_ONCE) {
            let marks: Vec<String> = (1..=part.len()).map(|at| format!("${at}")).collect();
            let sql = format!(
                "SELECT c.pin, a.soate FROM registry_pin_claim c \
                 JOIN registry_residence r ON r.person = c.person AND r.kind = 'residence' AND r.until_day IS NULL \
                   AND NOT EXISTS (SELECT 1 FROM registry_residence_end e WHERE e.person = r.person \
                     AND e.address = r.address AND e.kind = r.kind AND e.from_day = r.from_day) \
                 JOIN registry_address a ON a.address = r.address \
                 WHERE c.pin IN ({}) ORDER BY c.pin, c.person, r.from_day DESC",
                marks.join(", ")
            );
            let keys = part.iter().map(|pin| pin_key(*pin)).collect();
            self.each(&sql, keys, |row| {
                let pin = Pin::from_stored(row.number(0)?);
                let place: u64 = row.number(1)?;
                places.entry(pin).or_insert(place);
                Ok(())
            })?;
        }
        Ok(places)
    }

    /// Keeps that the author of the transaction saw an alarm.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses.
    pub fn record_transfer_seen(
        &mut self,
        precinct: PrecinctCode,
        (filings, score): (u32, u32),
        note: &str,
    ) -> Result<(), StoreError> {
        let seen: i64 = self.next_number("SELECT MAX(seen) FROM electoral_transfer_seen")?;
        let (staff, at) = (self.author.clone(), self.at);
        self.execute(
            "INSERT INTO electoral_transfer_seen (seen, precinct, filings, score, note, staff, at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            values![
                seen,
                u32::from(precinct.number()),
                filings,
                score,
                note,
                staff,
                at
            ],
        )?;
        let body = format!("{precinct} {filings} {score} {note}");
        self.journal_bytes(
            Journal::Electoral,
            None,
            "transfer_alarm_seen",
            body.into_bytes(),
        )
        .map(|_| ())
    }

    /// Who saw which alarm, the earliest first.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn transfers_seen(&mut self) -> Result<Vec<TransferSeen>, StoreError> {
        self.collect(
            "SELECT precinct, filings, score, note, staff, at FROM electoral_transfer_seen ORDER BY seen",
            Vec::new(),
            |row| {
                Ok(TransferSeen {
                    precinct: read_precinct(row, 0)?,
                    filings: row.number(1)?,
                    score: row.number(2)?,
                    note: row.text(3)?.to_owned(),
                    staff: row.text(4)?.to_owned(),
                    at: Instant::from_micros(row.int(5)?),
                })
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::phone_mark;

    #[test]
    fn equal_numbers_have_equal_marks_and_words_have_none() {
        let one = phone_mark("+996 555 12-34-56");
        assert!(one.is_some());
        assert_eq!(one, phone_mark("0555123456"));
        assert_ne!(one, phone_mark("0555123457"));
        for wrong in ["", "12345", "Асанов", "0555-12-34-56 үй"] {
            assert_eq!(phone_mark(wrong), None, "{wrong}");
        }
    }
}
