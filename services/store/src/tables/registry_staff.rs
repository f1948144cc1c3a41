//! Table `registry_staff`: accounts. Account name and role's meaning are the office's; this table changes.

use lexicon::Instant;

use crate::engine::{Insert, Row, values};
use crate::error::StoreError;
use crate::journal::Journal;
use crate::transact::Tx;

const INSERT: Insert = Insert {
    into: "registry_staff (staff, display, role, password, active, failures, locked_until)",
    columns: 7,
    then: "ON CONFLICT (staff) DO UPDATE SET display = excluded.display, role = excluded.role, \
           password = excluded.password, active = excluded.active, failures = 0, locked_until = 0",
};

/// An account. The password stands as the text of a slow hash (PHC, Argon2id), made by the office.
#[derive(Clone, PartialEq, Eq)]
pub struct Staff {
    /// Account name.
    pub staff: String,
    /// Name on the screen.
    pub display: String,
    /// Role.
    pub role: String,
    /// PHC text.
    pub password: String,
    /// Whether it may sign in.
    pub active: bool,
    /// Failed sign-ins in a row.
    pub failures: u32,
    /// No sign-in before.
    pub locked_until: Instant,
}

impl std::fmt::Debug for Staff {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Staff({}, {})", self.staff, self.role)
    }
}

impl Tx<'_> {
    /// Makes an account, or gives an existing one another name, role or password; failures are forgotten.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn record_staff(&mut self, staff: &Staff) -> Result<(), StoreError> {
        self.insert(
            &INSERT,
            values![
                staff.staff.as_str(),
                staff.display.as_str(),
                staff.role.as_str(),
                staff.password.as_str(),
                staff.active,
                0i64,
                0i64
            ],
        )?;
        let body = format!("{} {} {}", staff.staff, staff.role, u8::from(staff.active));
        self.journal_bytes(Journal::Registry, None, "staff_recorded", body.into_bytes())
            .map(|_| ())
    }

    /// An account.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn find_staff(&mut self, staff: &str) -> Result<Option<Staff>, StoreError> {
        let row = self.row(
            "SELECT staff, display, role, password, active, failures, locked_until FROM registry_staff \
             WHERE staff = $1",
            values![staff],
        )?;
        row.as_ref().map(read_staff).transpose()
    }

    /// All accounts, by name.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn all_staff(&mut self) -> Result<Vec<Staff>, StoreError> {
        self.collect(
            "SELECT staff, display, role, password, active, failures, locked_until FROM registry_staff \
             ORDER BY staff",
            Vec::new(),
            read_staff,
        )
    }

    /// Notes a failed sign-in; the caller says how long the account is closed now.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn note_failed_sign_in(
        &mut self,
        staff: &str,
        locked_until: Instant,
    ) -> Result<(), StoreError> {
        self.execute(
            "UPDATE registry_staff SET failures = failures + 1, locked_until = $1 WHERE staff = $2",
            values![locked_until, staff],
        )?;
        self.journal_bytes(
            Journal::Registry,
            None,
            "sign_in_failed",
            staff.as_bytes().to_vec(),
        )
        .map(|_| ())
    }

    /// Notes a sign-in: failures are forgotten.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn note_sign_in(&mut self, staff: &str) -> Result<(), StoreError> {
        self.execute(
            "UPDATE registry_staff SET failures = 0, locked_until = 0 WHERE staff = $1",
            values![staff],
        )?;
        self.journal_bytes(
            Journal::Registry,
            None,
            "signed_in",
            staff.as_bytes().to_vec(),
        )
        .map(|_| ())
    }
}

fn read_staff(row: &Row) -> Result<Staff, StoreError> {
    Ok(Staff {
        staff: row.text(0)?.to_owned(),
        display: row.text(1)?.to_owned(),
        role: row.text(2)?.to_owned(),
        password: row.text(3)?.to_owned(),
        active: row.int(4)? == 1,
        failures: row.number(5)?,
        locked_until: Instant::from_micros(row.int(6)?),
    })
}
