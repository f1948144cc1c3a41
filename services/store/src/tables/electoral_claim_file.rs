//! Tables `electoral_claim_file` and `electoral_claim_arrival`: claims that offices took while they were cut off. Rows
//! never change.

use std::collections::BTreeMap;

use lexicon::handover::claim_file::{ClaimFile, TakenClaim, claim_id};
use lexicon::handover::envelope::DocumentId;
use lexicon::{Date, Instant, Pin, PrecinctCode};
use register::ClaimKind;
use register::door::rows::Claim;
use roll::taken::{Arrival, Before, arrival};

use super::electoral_claim_receipt::Filing;
use crate::engine::{Insert, Row, values};
use crate::error::StoreError;
use crate::journal::Journal;
use crate::transact::Tx;

const ARRIVALS: Insert = Insert {
    into: "electoral_claim_arrival (file, number, claim, state, taken_at)",
    columns: 5,
    then: "",
};

/// A file as it came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimFileRow {
    /// Its number here.
    pub file: u32,
    /// The office's code.
    pub office: String,
    /// When the office made it.
    pub made_at: Instant,
    /// Who took it in.
    pub staff: String,
    /// When.
    pub at: Instant,
    /// What became of its claims.
    pub states: BTreeMap<Arrival, u64>,
}

/// A claim of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArrivedClaim {
    /// The file.
    pub file: u32,
    /// The claim's number at its office.
    pub number: u32,
    /// The claim's id.
    pub claim: String,
    /// What became of it.
    pub state: Arrival,
    /// When the office took it.
    pub taken_at: Instant,
}

/// Where a claim came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimOrigin {
    /// The office's code.
    pub office: String,
    /// The file that brought it.
    pub file: u32,
    /// When that came in.
    pub at: Instant,
}

/// A signed file to take in.
#[derive(Clone, Copy, Debug)]
pub struct NewClaimFile<'a> {
    /// The document's id.
    pub id: DocumentId,
    /// The signed bytes.
    pub document: &'a [u8],
    /// What stands in it.
    pub file: &'a ClaimFile,
}

/// A claim of a file in the register's words; none when one of its cells is none.
fn claim_of(office: &str, row: &TakenClaim) -> Option<Claim> {
    let kind = ClaimKind::from_code(&row.kind)?;
    let taken = Instant::from_micros(row.taken);
    let pin = Pin::parse(&format!("{:014}", row.pin), taken.local_date(0)).ok()?;
    let target = match row.target {
        Some(number) => Some(PrecinctCode::new(number).ok()?),
        None => None,
    };
    Some(Claim {
        claim: claim_id(office, row.number),
        kind,
        pin,
        filed: taken,
        target,
        field: row.field.clone(),
        value: row.value.clone(),
        identified: row.identified,
    })
}

impl Tx<'_> {
    /// Takes a file in: each claim that fits is filed under its own id and moment, whenever it comes in; gives the file's
    /// number and whether it is new. `due` gives the day of the answer by the day of taking.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn take_claim_file(
        &mut self,
        new: NewClaimFile<'_>,
        staff: &str,
        due: &dyn Fn(Instant) -> Date,
    ) -> Result<(u32, bool), StoreError> {
        let known = self.row(
            "SELECT file FROM electoral_claim_file WHERE document_id = $1",
            values![new.id.0.to_vec()],
        )?;
        if let Some(row) = known {
            return Ok((row.number(0)?, false));
        }
        let file: u32 = self.next_number("SELECT MAX(file) FROM electoral_claim_file")?;
        let at = self.at();
        let office = new.file.office.as_str();
        self.execute(
            "INSERT INTO electoral_claim_file (file, document_id, office, made_at, document, staff, at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            values![
                file,
                new.id.0.to_vec(),
                office,
                new.file.made_at,
                new.document.to_vec(),
                staff,
                at
            ],
        )?;
        let mut moments: BTreeMap<u32, Instant> = self
            .claims_of_series(office)?
            .into_iter()
            .map(|(number, claim)| (number, claim.filed))
            .collect();
        let mut table = Vec::with_capacity(new.file.claims.len() * ARRIVALS.columns);
        let mut taken = 0u64;
        for row in &new.file.claims {
            let id = claim_id(office, row.number);
            let state = self.arrive(office, row, &mut moments, due)?;
            taken += u64::from(state == Arrival::Taken);
            table.extend(values![file, row.number, id, state.code(), row.taken]);
        }
        self.insert(&ARRIVALS, table)?;
        let body = format!("{file} {} {office} {taken}", new.id.hex());
        self.journal_bytes(
            Journal::Electoral,
            None,
            "claim_file_taken",
            body.into_bytes(),
        )?;
        Ok((file, true))
    }

    fn arrive(
        &mut self,
        office: &str,
        row: &TakenClaim,
        moments: &mut BTreeMap<u32, Instant>,
        due: &dyn Fn(Instant) -> Date,
    ) -> Result<Arrival, StoreError> {
        let Some(claim) = claim_of(office, row) else {
            return Ok(Arrival::Unreadable);
        };
        let same = self.find_claim(&claim.claim)?.map(|known| known == claim);
        let before = Before {
            same,
            lower: moments.range(..row.number).next_back().map(|(_, at)| *at),
            higher: moments.range(row.number + 1..).next().map(|(_, at)| *at),
        };
        let state = arrival(claim.filed, self.at(), before);
        if state != Arrival::Taken {
            return Ok(state);
        }
        moments.insert(row.number, claim.filed);
        self.record_filed(&claim)?;
        // Whose it is cannot be said of a PIN that nobody has, or several: the claim stands without a receipt of ours.
        if let [person] = self.persons_of_pin(claim.pin)?[..] {
            let form = format!("{office} {}", row.number);
            let filing = Filing {
                form,
                person,
                due: due(claim.filed),
                series: office.to_owned(),
                claim,
            };
            self.record_receipt(office, &filing)?;
        }
        Ok(Arrival::Taken)
    }

    /// Claims of a desk's own series with their numbers there, by number.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn claims_of_series(&mut self, series: &str) -> Result<Vec<(u32, Claim)>, StoreError> {
        let claims = self.collect(
            "SELECT claim, kind, pin, filed, target, field, value, identified FROM electoral_claim \
             WHERE claim LIKE $1 ORDER BY claim",
            values![format!("{series}%")],
            super::electoral_claim::read_claim,
        )?;
        let own = claims.into_iter().filter_map(|claim| {
            let digits = claim.claim.strip_prefix(series)?;
            let is_own = digits.len() == 7 && digits.bytes().all(|byte| byte.is_ascii_digit());
            is_own.then(|| Some((digits.parse().ok()?, claim.clone())))?
        });
        Ok(own.collect())
    }

    /// Every file, the latest first.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn claim_files(&mut self) -> Result<Vec<ClaimFileRow>, StoreError> {
        let mut files = self.collect(
            "SELECT file, office, made_at, staff, at FROM electoral_claim_file ORDER BY file DESC",
            Vec::new(),
            |row| {
                Ok(ClaimFileRow {
                    file: row.number(0)?,
                    office: row.text(1)?.to_owned(),
                    made_at: Instant::from_micros(row.int(2)?),
                    staff: row.text(3)?.to_owned(),
                    at: Instant::from_micros(row.int(4)?),
                    states: BTreeMap::new(),
                })
            },
        )?;
        let counts = self.collect(
            "SELECT file, state, COUNT(*) FROM electoral_claim_arrival GROUP BY file, state",
            Vec::new(),
            |row| {
                let state = row.code(1, Arrival::from_code)?;
                Ok((row.number::<u32>(0)?, state, row.number::<u64>(2)?))
            },
        )?;
        for (file, state, count) in counts {
            if let Some(row) = files.iter_mut().find(|row| row.file == file) {
                row.states.insert(state, count);
            }
        }
        Ok(files)
    }

    /// The claims of a file after a number, at most so many.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn arrived_claims(
        &mut self,
        file: u32,
        after: u32,
        limit: u32,
    ) -> Result<Vec<ArrivedClaim>, StoreError> {
        self.collect(
            "SELECT file, number, claim, state, taken_at FROM electoral_claim_arrival \
             WHERE file = $1 AND number > $2 ORDER BY number LIMIT $3",
            values![file, after, limit],
            read_arrived,
        )
    }

    /// Where a claim came from; none for one that was filed here.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn find_claim_origin(&mut self, claim: &str) -> Result<Option<ClaimOrigin>, StoreError> {
        let row = self.row(
            "SELECT f.office, f.file, f.at FROM electoral_claim_arrival a \
             JOIN electoral_claim_file f ON f.file = a.file \
             WHERE a.claim = $1 AND a.state = 'TAKEN' ORDER BY f.file LIMIT 1",
            values![claim],
        )?;
        row.map(|row| {
            Ok(ClaimOrigin {
                office: row.text(0)?.to_owned(),
                file: row.number(1)?,
                at: Instant::from_micros(row.int(2)?),
            })
        })
        .transpose()
    }
}

fn read_arrived(row: &Row) -> Result<ArrivedClaim, StoreError> {
    Ok(ArrivedClaim {
        file: row.number(0)?,
        number: row.number(1)?,
        claim: row.text(2)?.to_owned(),
        state: row.code(3, Arrival::from_code)?,
        taken_at: Instant::from_micros(row.int(4)?),
    })
}
