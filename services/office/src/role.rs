//! Roles of staff and what each may open: one table, asked by the router and by every link.

use store::Institution;

/// What an account is for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Role {
    /// Serves people at a desk.
    Clerk,
    /// Answers for the register: lists, reconciliation, exports, cases given out.
    Registrar,
    /// Says whether two records are one person; sees the records of their own cases only.
    Adjudicator,
    /// Reads sentences to a caller; never sees a whole number.
    CallCentre,
    /// Watches: releases, precincts and their lists, figures.
    Observer,
    /// Keeps accounts; sees nobody's record.
    Administrator,
    /// Answers for the list on the election commission's side: approves a release beside the registrar.
    Commission,
}

impl Role {
    /// Every role.
    pub const ALL: [Role; 7] = [
        Role::Clerk,
        Role::Registrar,
        Role::Adjudicator,
        Role::CallCentre,
        Role::Observer,
        Role::Administrator,
        Role::Commission,
    ];

    /// The code that the store keeps.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Role::Clerk => "clerk",
            Role::Registrar => "registrar",
            Role::Adjudicator => "adjudicator",
            Role::CallCentre => "call_centre",
            Role::Observer => "observer",
            Role::Administrator => "administrator",
            Role::Commission => "commission",
        }
    }

    /// The institution on whose behalf the role approves a release.
    #[must_use]
    pub fn institution(self) -> Option<Institution> {
        match self {
            Role::Registrar => Some(Institution::Registration),
            Role::Commission => Some(Institution::Commission),
            Role::Clerk
            | Role::Adjudicator
            | Role::CallCentre
            | Role::Observer
            | Role::Administrator => None,
        }
    }

    /// The role with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.code() == code)
    }

    /// Whether the role has a right.
    #[must_use]
    pub fn may(self, right: Right) -> bool {
        right.roles().contains(&self)
    }
}

/// What may be done. A page asks for one; parts of a page may ask for more.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Right {
    /// Figures of the register, releases, precincts, counts of the reconciliation.
    SeeFigures,
    /// Search, the person page, why (not) on the list.
    FindPersons,
    /// PINs and document numbers unmasked.
    SeeNumbers,
    /// The names on a precinct's list.
    SeeLines,
    /// The persons behind a figure.
    SeePeople,
    /// The rows of the commission's list.
    Reconcile,
    /// Drawing a change of precinct boundaries.
    EditBoundaries,
    /// Uploading the commission's list.
    UploadList,
    /// An export of rows, with a reason.
    Export,
    /// Claims with their outcomes.
    SeeClaims,
    /// Filing a claim for a person at the desk.
    FileClaims,
    /// Opinions on cases that were drawn for the account.
    Adjudicate,
    /// All cases without their contents: giving them out, reversing a verdict.
    OverseeCases,
    /// The list of accounts.
    SeeAccounts,
    /// Approving a release on behalf of an institution, answering for what blocks it.
    Approve,
    /// Taking what stations say on election day: their turnout by the hour, tickets of their alarms.
    TakeHours,
    /// Taking journals and reports of stations after close.
    TakeDay,
    /// Who voted: the marked roll, persons marked in two precincts.
    SeeMarked,
}

impl Right {
    /// Every right.
    pub const ALL: [Right; 18] = [
        Right::SeeFigures,
        Right::FindPersons,
        Right::SeeNumbers,
        Right::SeeLines,
        Right::SeePeople,
        Right::Reconcile,
        Right::EditBoundaries,
        Right::UploadList,
        Right::Export,
        Right::SeeClaims,
        Right::FileClaims,
        Right::Adjudicate,
        Right::OverseeCases,
        Right::SeeAccounts,
        Right::Approve,
        Right::TakeHours,
        Right::TakeDay,
        Right::SeeMarked,
    ];

    /// Who has it.
    #[must_use]
    pub fn roles(self) -> &'static [Role] {
        match self {
            Right::SeeFigures => &Role::ALL,
            Right::FindPersons | Right::SeeClaims => {
                &[Role::Clerk, Role::Registrar, Role::CallCentre]
            }
            Right::SeeNumbers | Right::SeePeople | Right::Reconcile | Right::FileClaims => {
                &[Role::Clerk, Role::Registrar]
            }
            Right::SeeLines => &[
                Role::Clerk,
                Role::Registrar,
                Role::CallCentre,
                Role::Observer,
                Role::Commission,
            ],
            Right::UploadList => &[Role::Clerk, Role::Registrar, Role::Commission],
            Right::Approve | Right::EditBoundaries | Right::TakeDay | Right::SeeMarked => {
                &[Role::Registrar, Role::Commission]
            }
            Right::Export | Right::OverseeCases => &[Role::Registrar],
            Right::TakeHours => &[
                Role::Clerk,
                Role::Registrar,
                Role::CallCentre,
                Role::Commission,
            ],
            Right::Adjudicate => &[Role::Adjudicator],
            Right::SeeAccounts => &[Role::Administrator],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_has_its_code_and_every_right_its_roles() {
        for role in Role::ALL {
            assert_eq!(Role::from_code(role.code()), Some(role));
        }
        for right in Right::ALL {
            assert!(!right.roles().is_empty(), "{right:?}");
        }
        assert_eq!(Role::from_code("root"), None);
    }

    #[test]
    fn who_keeps_accounts_or_decides_cases_reads_no_register() {
        for role in [Role::Administrator, Role::Adjudicator] {
            for right in [
                Right::FindPersons,
                Right::SeeNumbers,
                Right::SeePeople,
                Right::Export,
            ] {
                assert!(!role.may(right), "{role:?} {right:?}");
            }
        }
        assert!(!Role::CallCentre.may(Right::SeeNumbers));
        assert!(!Role::Registrar.may(Right::Adjudicate));
    }
}
