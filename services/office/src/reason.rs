//! Why personal data is opened: chosen once for a session, recorded with every look.

use lexicon::Purpose;

use crate::role::Role;

/// A reason that an account gives.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Reason {
    /// A person at the desk.
    Citizen,
    /// A claim is being looked into.
    Claim,
    /// The commission's list is being compared.
    Reconciliation,
    /// A court or prosecutor asks.
    Court,
    /// The quality of records is being checked.
    Quality,
    /// A voter calls.
    Call,
    /// An electoral commission calls.
    CommissionCall,
    /// An observer reads a list.
    Observation,
    /// A case drawn for the account.
    Case,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Reason; 9] = [
        Reason::Citizen,
        Reason::Claim,
        Reason::Reconciliation,
        Reason::Court,
        Reason::Quality,
        Reason::Call,
        Reason::CommissionCall,
        Reason::Observation,
        Reason::Case,
    ];

    /// The code that stands in the record of reads.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Reason::Citizen => "citizen",
            Reason::Claim => "claim",
            Reason::Reconciliation => "reconciliation",
            Reason::Court => "court",
            Reason::Quality => "quality",
            Reason::Call => "call",
            Reason::CommissionCall => "commission_call",
            Reason::Observation => "observation",
            Reason::Case => "case",
        }
    }

    /// The reason with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }

    /// What the data is opened for.
    #[must_use]
    pub fn purpose(self) -> Purpose {
        match self {
            Reason::Reconciliation | Reason::Quality => Purpose::Reconcile,
            Reason::Citizen
            | Reason::Claim
            | Reason::Court
            | Reason::Call
            | Reason::CommissionCall
            | Reason::Observation
            | Reason::Case => Purpose::Serve,
        }
    }

    /// The reasons a role may give; with only one there is nothing to ask.
    #[must_use]
    pub fn of_role(role: Role) -> &'static [Reason] {
        match role {
            Role::Clerk => &[Reason::Citizen, Reason::Claim, Reason::Reconciliation],
            Role::Registrar => &[
                Reason::Citizen,
                Reason::Claim,
                Reason::Reconciliation,
                Reason::Court,
                Reason::Quality,
            ],
            Role::CallCentre => &[Reason::Call, Reason::CommissionCall],
            Role::Observer => &[Reason::Observation],
            Role::Adjudicator => &[Reason::Case],
            Role::Commission => &[Reason::Reconciliation],
            Role::Administrator => &[],
        }
    }

    /// The reason in force: the one chosen, if the role may give it, or the only one there is.
    #[must_use]
    pub fn in_force(role: Role, chosen: Option<Reason>) -> Option<Reason> {
        let may = Self::of_role(role);
        match (chosen, may) {
            (_, [only]) => Some(*only),
            (Some(chosen), _) if may.contains(&chosen) => Some(chosen),
            (_, _) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_holds_only_for_a_role_that_may_give_it() {
        let check = |role, chosen, expected| {
            assert_eq!(Reason::in_force(role, chosen), expected, "{role:?}");
        };
        check(Role::Clerk, None, None);
        check(Role::Clerk, Some(Reason::Court), None);
        check(Role::Registrar, Some(Reason::Court), Some(Reason::Court));
        check(Role::Observer, None, Some(Reason::Observation));
        check(
            Role::Observer,
            Some(Reason::Citizen),
            Some(Reason::Observation),
        );
        check(Role::Administrator, Some(Reason::Citizen), None);
        for reason in Reason::ALL {
            assert_eq!(Reason::from_code(reason.code()), Some(reason));
        }
    }
}
