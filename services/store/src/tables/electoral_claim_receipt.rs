//! Table `electoral_claim_receipt`: claims filed at a desk of this office. Rows never change; the same form sent twice
//! finds its first receipt.

use lexicon::{Date, Instant, PersonId};
use register::ClaimKind;
use register::door::rows::Claim;

use super::content_mark;
use crate::engine::{Insert, Row, values};
use crate::error::StoreError;
use crate::journal::Journal;
use crate::transact::{Store, Tx};

const INSERT: Insert = Insert {
    into: "electoral_claim_receipt (claim, form, person, officer, filed, due_day)",
    columns: 6,
    then: "",
};

/// A claim to file; its number and moment are the store's.
#[derive(Clone, Debug)]
pub struct Filing {
    /// The random key of the form: the same form sent twice is one claim.
    pub form: String,
    /// Whose.
    pub person: PersonId,
    /// The claim; its number and moment of filing are not read.
    pub claim: Claim,
    /// The day until which it is answered.
    pub due: Date,
    /// What the numbers of the desk begin with: [`OWN_SERIES`], or the code of an office that works apart.
    pub series: String,
}

/// What numbers of claims of the centre's own desks begin with.
pub const OWN_SERIES: &str = "D";

/// The receipt of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Number of the claim.
    pub claim: String,
    /// Whose.
    pub person: PersonId,
    /// Who took it.
    pub officer: String,
    /// When.
    pub filed: Instant,
    /// The day until which it is answered.
    pub due: Date,
}

impl Store {
    /// Files a claim and gives its receipt; true when it is a new one. The same form again, or the same wish as the
    /// person's latest of this kind, gives the first receipt.
    ///
    /// # Errors
    /// The engine's.
    pub fn file_claim(
        &self,
        officer: &str,
        filing: &Filing,
    ) -> Result<(Receipt, bool), StoreError> {
        self.file(officer, filing, false)
    }

    /// Files a claim as [`Store::file_claim`] does, under the moment that stands in it: it was taken at a precinct, under
    /// the signature of a kit, and comes in later.
    ///
    /// # Errors
    /// The engine's.
    pub fn file_claim_taken_before(
        &self,
        officer: &str,
        filing: &Filing,
    ) -> Result<(Receipt, bool), StoreError> {
        self.file(officer, filing, true)
    }

    fn file(
        &self,
        officer: &str,
        filing: &Filing,
        keeps_moment: bool,
    ) -> Result<(Receipt, bool), StoreError> {
        self.transact("file_claim", officer, |tx| {
            tx.file_claim(officer, filing, keeps_moment)
        })
    }
}

fn same_wish(a: &Claim, b: &Claim) -> bool {
    (a.target, &a.value, a.identified) == (b.target, &b.value, b.identified)
}

impl Tx<'_> {
    /// Files a claim beside other writes; `keeps_moment`: under the moment that it bears instead of now. The same wish
    /// again gives the first receipt, and false.
    ///
    /// # Errors
    /// The engine's.
    pub fn file_claim(
        &mut self,
        officer: &str,
        filing: &Filing,
        keeps_moment: bool,
    ) -> Result<(Receipt, bool), StoreError> {
        // Filed, a form is no draft any more.
        self.drop_claim_draft(officer, filing.person)?;
        if let Some(first) = self.find_receipt_of_form(&filing.form)? {
            return Ok((first, false));
        }
        let wish = &filing.claim;
        let own = self.claims_of_pin(wish.pin)?;
        let latest = own
            .iter()
            .filter(|c| c.kind == wish.kind && c.field == wish.field)
            .max_by(|a, b| a.filed.cmp(&b.filed).then(a.claim.cmp(&b.claim)));
        if let Some(same) = latest.filter(|c| same_wish(c, wish))
            && let Some(first) = self.find_receipt(&same.claim)?
        {
            return Ok((first, false));
        }
        self.record_filing(officer, filing, keeps_moment)
            .map(|receipt| (receipt, true))
    }

    fn record_filing(
        &mut self,
        officer: &str,
        filing: &Filing,
        keeps_moment: bool,
    ) -> Result<Receipt, StoreError> {
        let row = self.row("SELECT COUNT(*) FROM electoral_claim_receipt", Vec::new())?;
        let number: u64 = row.map_or(Ok(0), |row| row.number(0))?;
        let mut claim = filing.claim.clone();
        claim.claim = format!("{}{:07}", filing.series, number + 1);
        if !keeps_moment {
            claim.filed = self.at();
        }
        self.record_filed(&claim)?;
        let filed = Filing {
            claim,
            ..filing.clone()
        };
        let receipt = self.record_receipt(officer, &filed)?;
        let person = Some(filing.person);
        let body = receipt.claim.clone().into_bytes();
        self.journal_bytes(Journal::Electoral, person, "claim_filed", body)?;
        Ok(receipt)
    }

    /// Records a claim that was filed at a desk, under the number and the moment that it has.
    pub(crate) fn record_filed(&mut self, claim: &Claim) -> Result<(), StoreError> {
        let target = claim.target.map_or_else(String::new, |p| p.to_string());
        let mark = content_mark(&[
            claim.claim.as_bytes(),
            claim.kind.code().as_bytes(),
            target.as_bytes(),
            claim.value.as_bytes(),
        ]);
        self.record_claims(&[(claim.clone(), mark)])
    }

    /// Records the receipt of a claim that has its number and its moment.
    pub(crate) fn record_receipt(
        &mut self,
        officer: &str,
        filing: &Filing,
    ) -> Result<Receipt, StoreError> {
        let receipt = Receipt {
            claim: filing.claim.claim.clone(),
            person: filing.person,
            officer: officer.to_owned(),
            filed: filing.claim.filed,
            due: filing.due,
        };
        self.insert(
            &INSERT,
            values![
                receipt.claim.as_str(),
                filing.form.as_str(),
                receipt.person,
                officer,
                receipt.filed,
                receipt.due
            ],
        )?;
        Ok(receipt)
    }

    /// The receipt that a form became.
    pub(crate) fn find_receipt_of_form(
        &mut self,
        form: &str,
    ) -> Result<Option<Receipt>, StoreError> {
        let row = self.row(
            "SELECT claim, person, officer, filed, due_day FROM electoral_claim_receipt WHERE form = $1",
            values![form],
        )?;
        row.as_ref().map(read_receipt).transpose()
    }

    /// The receipt of a claim that was filed at a desk.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn find_receipt(&mut self, claim: &str) -> Result<Option<Receipt>, StoreError> {
        let row = self.row(
            "SELECT claim, person, officer, filed, due_day FROM electoral_claim_receipt WHERE claim = $1",
            values![claim],
        )?;
        row.as_ref().map(read_receipt).transpose()
    }

    /// The Form 2 that a person filed last, cancelled or not; the roll decides which of them counts.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn last_form2(&mut self, pin: lexicon::Pin) -> Result<Option<Claim>, StoreError> {
        let mut own = self.claims_of_pin(pin)?;
        own.retain(|claim| claim.kind == ClaimKind::Form2 && claim.identified);
        own.sort_by(|a, b| a.filed.cmp(&b.filed).then(a.claim.cmp(&b.claim)));
        Ok(own.pop())
    }
}

fn read_receipt(row: &Row) -> Result<Receipt, StoreError> {
    Ok(Receipt {
        claim: row.text(0)?.to_owned(),
        person: row.parsed(1)?,
        officer: row.text(2)?.to_owned(),
        filed: Instant::from_micros(row.int(3)?),
        due: row.parsed(4)?,
    })
}
