//! Cases: two records that may be one person, or one PIN that two persons claim.

use std::fmt;
use std::str::FromStr;

use lexicon::{PersonId, Uuid};

/// Declares an opaque id derived from what it is about, so that a repeated run finds it again.
macro_rules! derived_id {
    ($(#[$doc:meta])* $name:ident, $domain:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $name(Uuid);

        impl $name {
            /// Derives the id from the parts it is about (version 8 UUID over SHA-256).
            #[must_use]
            pub fn of(parts: &[&str]) -> Self {
                let seed = PersonId::of_source($domain, &parts.join("\u{1f}"));
                Self(Uuid::from_bytes(*seed.as_bytes()))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<Self, NotAnId> {
                Uuid::try_parse(text).map(Self).map_err(|_| NotAnId)
            }
        }
    };
}

/// The text is no id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id")]
pub struct NotAnId;

derived_id! {
    /// A case: an open question about records, answered by a verdict.
    CaseId, "case"
}
derived_id! {
    /// A verdict: the answer to a case, with the policy it was given under.
    VerdictId, "verdict"
}

/// What a case asks.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum CaseKind {
    /// Are these two records one person? Opened by the duplicate check.
    Duplicate,
    /// Whose is this PIN? Opened when two persons claim one.
    SharedPin,
}

impl CaseKind {
    /// The code that tables carry.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            CaseKind::Duplicate => "duplicate",
            CaseKind::SharedPin => "shared_pin",
        }
    }

    /// The kind with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        match code {
            "duplicate" => Some(CaseKind::Duplicate),
            "shared_pin" => Some(CaseKind::SharedPin),
            _ => None,
        }
    }
}

/// What a verdict says.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Outcome {
    /// Two persons; both stay as they are.
    Distinct,
    /// One person: the record `person` is a duplicate of `of`.
    Duplicate {
        /// The record that is no longer counted.
        person: PersonId,
        /// The record that is counted.
        of: PersonId,
    },
    /// The PIN belongs to `keeper`; the other claims to it end.
    PinKept {
        /// The rightful holder.
        keeper: PersonId,
    },
}

impl Outcome {
    /// The code that tables carry.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Outcome::Distinct => "distinct",
            Outcome::Duplicate { .. } => "duplicate",
            Outcome::PinKept { .. } => "pin_kept",
        }
    }
}

/// Person pairs are unordered; a case about them names the smaller id first.
#[must_use]
pub fn duplicate_case(a: PersonId, b: PersonId) -> CaseId {
    let (first, second) = if a <= b { (a, b) } else { (b, a) };
    CaseId::of(&["duplicate", &first.to_string(), &second.to_string()])
}
