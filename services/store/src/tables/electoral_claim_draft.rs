//! Table `electoral_claim_draft`: forms of claims that a clerk has begun and not filed. A draft is no act: this table
//! changes, and nothing else knows of it.

use lexicon::{Instant, PersonId, Purpose, Sealed};

use crate::engine::{Row, values};
use crate::error::StoreError;
use crate::transact::Tx;

/// A form that was begun.
#[derive(Debug)]
pub struct ClaimDraft {
    /// About whom.
    pub person: PersonId,
    /// The form's own key: filed, it is one claim.
    pub form: String,
    /// What was typed, as the office writes it down.
    pub fields: Sealed<String>,
    /// When it was kept last.
    pub saved_at: Instant,
}

const COLUMNS: &str = "person, form, fields, saved_at";

impl Tx<'_> {
    /// Keeps a clerk's draft about a person in place of their earlier one, and lets drafts of before `kept_since` go. A
    /// form that was filed meanwhile is none any more.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses.
    pub fn keep_claim_draft(
        &mut self,
        staff: &str,
        draft: &ClaimDraft,
        kept_since: Instant,
    ) -> Result<(), StoreError> {
        self.execute(
            "DELETE FROM electoral_claim_draft WHERE saved_at < $1",
            values![kept_since],
        )?;
        if self.find_receipt_of_form(&draft.form)?.is_some() {
            return Ok(());
        }
        self.execute(
            "INSERT INTO electoral_claim_draft (staff, person, form, fields, saved_at) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (staff, person) DO UPDATE \
             SET form = excluded.form, fields = excluded.fields, saved_at = excluded.saved_at",
            values![
                staff,
                draft.person,
                draft.form.as_str(),
                draft.fields.open(Purpose::Serve).as_str(),
                draft.saved_at
            ],
        )?;
        Ok(())
    }

    /// Lets a clerk's draft about a person go.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses.
    pub fn drop_claim_draft(&mut self, staff: &str, person: PersonId) -> Result<(), StoreError> {
        self.execute(
            "DELETE FROM electoral_claim_draft WHERE staff = $1 AND person = $2",
            values![staff, person],
        )?;
        Ok(())
    }

    /// A clerk's drafts kept since a moment, the latest first.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn claim_drafts(
        &mut self,
        staff: &str,
        kept_since: Instant,
    ) -> Result<Vec<ClaimDraft>, StoreError> {
        self.collect(
            &format!(
                "SELECT {COLUMNS} FROM electoral_claim_draft WHERE staff = $1 AND saved_at >= $2 \
                 ORDER BY saved_at DESC, person"
            ),
            values![staff, kept_since],
            read_draft,
        )
    }

    /// A clerk's draft about a person, when it was kept since a moment.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn find_claim_draft(
        &mut self,
        staff: &str,
        person: PersonId,
        kept_since: Instant,
    ) -> Result<Option<ClaimDraft>, StoreError> {
        let row = self.row(
            &format!(
                "SELECT {COLUMNS} FROM electoral_claim_draft WHERE staff = $1 AND person = $2 AND saved_at >= $3"
            ),
            values![staff, person, kept_since],
        )?;
        row.as_ref().map(read_draft).transpose()
    }
}

fn read_draft(row: &Row) -> Result<ClaimDraft, StoreError> {
    Ok(ClaimDraft {
        person: row.parsed(0)?,
        form: row.text(1)?.to_owned(),
        fields: Sealed::new(row.text(2)?.to_owned()),
        saved_at: Instant::from_micros(row.int(3)?),
    })
}
