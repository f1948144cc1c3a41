//! Personal data that opens only for a purpose.

use std::fmt;

/// Why personal data is opened; it is recorded with the act.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Purpose {
    /// Deciding a person's place on the list.
    FormRoll,
    /// Printing a list, a package or a letter that names the person.
    Print,
    /// Serving the person or their case at a desk.
    Serve,
    /// Identifying a voter at a polling station.
    Identify,
    /// Comparing records of two sources.
    Reconcile,
    /// Storing or sealing in a document.
    Store,
}

/// A value that is neither displayed nor logged: `Debug` is redacted, there is no `Display`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sealed<T>(T);

impl<T> Sealed<T> {
    /// Seals a value.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// Opens the value for a purpose that the caller records.
    pub fn open(&self, _purpose: Purpose) -> &T {
        &self.0
    }

    /// Takes the value out for a purpose that the caller records.
    pub fn into_open(self, _purpose: Purpose) -> T {
        self.0
    }
}

impl<T> fmt::Debug for Sealed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealed")
    }
}

impl<T> From<T> for Sealed<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}
