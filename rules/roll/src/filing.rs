//! Filing a claim at a desk: what the law would say to it now, before it is filed.
//!
//! The roll decides when it is formed ([`crate::claim`]); this foresees the refusals that are certain, so that nobody
//! leaves the desk with a receipt for something that cannot count.

use lexicon::law::Applicant as By;
use lexicon::{ClaimOutcome, Date, ElectionLaw, ExclusionReason, Instant, PrecinctCode};
use register::ClaimKind;

use crate::claim::{CANCEL, Field, category_of, deadline, parse_date};

/// A claim as it would be filed.
#[derive(Clone, Copy, Debug)]
pub struct Draft<'a> {
    /// What is asked.
    pub kind: ClaimKind,
    /// The precinct wanted, for Form 2.
    pub target: Option<PrecinctCode>,
    /// The field to correct.
    pub field: &'a str,
    /// The value claimed; for Form 2 the category, or [`CANCEL`].
    pub value: &'a str,
    /// The applicant was identified by finger or document.
    pub identified: bool,
    /// The moment of filing.
    pub at: Instant,
}

/// What is known of the applicant when they file.
#[derive(Clone, Copy, Debug)]
pub struct Applicant<'a> {
    /// The PIN leads to them alone.
    pub is_certain: bool,
    /// Where they stand on the latest list.
    pub listed: Option<PrecinctCode>,
    /// Why they are not on it.
    pub excluded: Option<ExclusionReason>,
    /// The precinct of their own address, when known.
    pub home: Option<PrecinctCode>,
    /// A Form 2 of theirs is in force.
    pub has_form2: bool,
    /// The kind of the precinct wanted, when there is one of the number.
    pub target_kind: Option<&'a str>,
    /// The address claimed exists.
    pub has_address: bool,
}

/// The last moment for a kind of claim, exclusive.
#[must_use]
pub fn filed_before(law: &ElectionLaw, kind: ClaimKind) -> Instant {
    match kind {
        ClaimKind::Form2 => deadline(law, law.form2.until_days),
        ClaimKind::Correction | ClaimKind::Inclusion | ClaimKind::Exclusion => {
            deadline(law, law.list.corrections_until_days)
        }
    }
}

/// The day until which a claim filed on a day is answered: the law's own ([`ElectionLaw::answer_due`]), shortened with
/// the other terms and never after the final list. The clock of every claim ([`crate::claim::answer_clock`]) runs to it.
#[must_use]
pub fn answered_by(law: &ElectionLaw, filed: Date) -> Date {
    law.answer_due(filed)
}

/// Foresees a refusal.
///
/// # Errors
/// The outcome that the claim is certain to get.
pub fn foresee(
    law: &ElectionLaw,
    draft: Draft<'_>,
    applicant: Applicant<'_>,
) -> Result<(), ClaimOutcome> {
    if draft.kind == ClaimKind::Form2 {
        return form2(law, draft, applicant);
    }
    if draft.at >= filed_before(law, draft.kind) {
        return Err(ClaimOutcome::AfterDeadline);
    }
    if !draft.identified {
        return Err(ClaimOutcome::NotIdentified);
    }
    if !applicant.is_certain {
        return Err(ClaimOutcome::UnknownPerson);
    }
    match draft.kind {
        ClaimKind::Correction => correction(law, draft, applicant),
        ClaimKind::Inclusion if applicant.listed.is_some() => Err(ClaimOutcome::AlreadySo),
        ClaimKind::Exclusion if applicant.listed.is_none() => Err(ClaimOutcome::AlreadySo),
        ClaimKind::Form2 | ClaimKind::Inclusion | ClaimKind::Exclusion => Ok(()),
    }
}

fn form2(
    law: &ElectionLaw,
    draft: Draft<'_>,
    applicant: Applicant<'_>,
) -> Result<(), ClaimOutcome> {
    if !law.form2.enabled {
        return Err(ClaimOutcome::NotEnabled);
    }
    let cancels = draft.target.is_none() && draft.value == CANCEL;
    let row = category_of(law, if cancels { "" } else { draft.value });
    let own_days = row.and_then(|row| row.until_days);
    let is_late = draft.at >= deadline(law, own_days.unwrap_or(law.form2.until_days));
    match row.map_or(By::Identified, |row| row.applicant) {
        By::Identified if is_late => return Err(ClaimOutcome::AfterDeadline),
        By::Identified if !draft.identified => return Err(ClaimOutcome::NotIdentified),
        By::Listed if is_late => return Err(ClaimOutcome::LateList),
        By::Identified | By::Listed => {}
    }
    if !applicant.is_certain {
        return Err(ClaimOutcome::UnknownPerson);
    }
    let Some(row) = row.filter(|row| row.enabled || cancels) else {
        return Err(ClaimOutcome::NotInCategory);
    };
    match (draft.target, applicant.target_kind) {
        (Some(_), Some(kind)) if row.kinds.iter().any(|fitting| fitting == kind) => {}
        (Some(_), Some(_)) => return Err(ClaimOutcome::PrecinctKind),
        (None, _) if cancels => {}
        (Some(_), None) | (None, _) => return Err(ClaimOutcome::NoSuchPrecinct),
    }
    let by_address = |reason| {
        matches!(
            reason,
            ExclusionReason::NoAddress | ExclusionReason::AbroadNotRegistered
        )
    };
    match applicant.excluded {
        Some(ExclusionReason::Dead) => return Err(ClaimOutcome::ApplicantDead),
        Some(ExclusionReason::UnderAge) => return Err(ClaimOutcome::ApplicantUnderAge),
        Some(reason) if !by_address(reason) => return Err(ClaimOutcome::NotEligible),
        Some(_) | None => {}
    }
    let homewards = cancels || (draft.target.is_some() && draft.target == applicant.home);
    if homewards && !applicant.has_form2 {
        return Err(ClaimOutcome::SamePrecinct);
    }
    Ok(())
}

fn correction(
    law: &ElectionLaw,
    draft: Draft<'_>,
    applicant: Applicant<'_>,
) -> Result<(), ClaimOutcome> {
    let letters = |c: char| c.is_alphabetic() || matches!(c, ' ' | '-' | '\'' | '’');
    let named = |may_be_empty: bool| {
        (may_be_empty || !draft.value.is_empty()) && draft.value.chars().all(letters)
    };
    let is_fine = match Field::from_code(draft.field) {
        None => false,
        Some(Field::Surname | Field::Given) => named(false),
        Some(Field::Patronymic) => named(true),
        Some(Field::Born) => parse_date(draft.value).is_some_and(|born| born <= law.election.day),
        Some(Field::Address) => applicant.has_address,
    };
    if is_fine {
        Ok(())
    } else {
        Err(ClaimOutcome::UnreadableValue)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn law() -> ElectionLaw {
        ElectionLaw::shipped("kg-2015").expect("the shipped law")
    }

    fn precinct(number: u16) -> Option<PrecinctCode> {
        PrecinctCode::new(number).ok()
    }

    fn moment(text: &str) -> Instant {
        Instant::parse(text).expect("a moment")
    }

    fn draft(kind: ClaimKind) -> Draft<'static> {
        Draft {
            kind,
            target: precinct(1002),
            field: "",
            value: "",
            identified: true,
            at: moment("2015-09-10T10:00:00+06:00"),
        }
    }

    const FINE: Applicant<'_> = Applicant {
        is_certain: true,
        listed: None,
        excluded: None,
        home: None,
        has_form2: false,
        target_kind: Some("territorial"),
        has_address: true,
    };

    fn at_home() -> Applicant<'static> {
        Applicant {
            listed: precinct(1001),
            home: precinct(1001),
            ..FINE
        }
    }

    fn check(draft: Draft<'_>, applicant: Applicant, expected: Result<(), ClaimOutcome>) {
        assert_eq!(
            foresee(&law(), draft, applicant),
            expected,
            "{draft:?} {applicant:?}"
        );
    }

    #[test]
    fn form2_is_refused_for_each_reason_that_is_certain() {
        let good = draft(ClaimKind::Form2);
        check(good, at_home(), Ok(()));
        let last = moment("2015-09-19T23:59:59+06:00");
        check(Draft { at: last, ..good }, at_home(), Ok(()));
        let after = moment("2015-09-20T00:00:00+06:00");
        check(
            Draft { at: after, ..good },
            at_home(),
            Err(ClaimOutcome::AfterDeadline),
        );
        let stranger = Draft {
            identified: false,
            ..good
        };
        check(stranger, at_home(), Err(ClaimOutcome::NotIdentified));
        let nowhere = Applicant {
            target_kind: None,
            ..at_home()
        };
        check(good, nowhere, Err(ClaimOutcome::NoSuchPrecinct));
        let ward = Applicant {
            target_kind: Some("hospital"),
            ..at_home()
        };
        check(good, ward, Err(ClaimOutcome::PrecinctKind));
        let own = Draft {
            target: precinct(1001),
            ..good
        };
        check(own, at_home(), Err(ClaimOutcome::SamePrecinct));
        let back = Applicant {
            has_form2: true,
            ..at_home()
        };
        check(own, back, Ok(()));
        let cancel = Draft {
            target: None,
            value: CANCEL,
            ..good
        };
        check(cancel, back, Ok(()));
        check(cancel, at_home(), Err(ClaimOutcome::SamePrecinct));
        let dead = Applicant {
            listed: None,
            excluded: Some(ExclusionReason::Dead),
            ..at_home()
        };
        check(good, dead, Err(ClaimOutcome::ApplicantDead));
        let homeless = Applicant {
            excluded: Some(ExclusionReason::NoAddress),
            ..FINE
        };
        check(good, homeless, Ok(()));
        let shared = Applicant {
            is_certain: false,
            ..at_home()
        };
        check(good, shared, Err(ClaimOutcome::UnknownPerson));
        let mut closed = law();
        closed.form2.enabled = false;
        assert_eq!(
            foresee(&closed, good, at_home()),
            Err(ClaimOutcome::NotEnabled)
        );
        let reformed = ElectionLaw::shipped("kg-2020").expect("the shipped law");
        let early = Draft {
            at: moment("2020-09-01T10:00:00+06:00"),
            ..good
        };
        let foreseen = |draft, applicant| foresee(&reformed, draft, applicant);
        assert_eq!(foreseen(early, at_home()), Err(ClaimOutcome::NotInCategory));
        let mission = Applicant {
            target_kind: Some("abroad"),
            ..at_home()
        };
        let abroad = Draft {
            value: "abroad",
            ..early
        };
        assert_eq!(foreseen(abroad, mission), Ok(()));
        assert_eq!(foreseen(abroad, at_home()), Err(ClaimOutcome::PrecinctKind));
    }

    #[test]
    fn a_correction_needs_a_value_that_can_be_read() {
        let of = |field, value| Draft {
            field,
            value,
            target: None,
            ..draft(ClaimKind::Correction)
        };
        for (field, value, is_fine) in [
            ("surname", "Асанов", true),
            ("surname", "", false),
            ("given", "Асан7", false),
            ("patronymic", "", true),
            ("born", "09.05.1970", true),
            ("born", "09.05.2070", false),
            ("born", "вчера", false),
            ("height", "170", false),
        ] {
            let expected = if is_fine {
                Ok(())
            } else {
                Err(ClaimOutcome::UnreadableValue)
            };
            check(of(field, value), at_home(), expected);
        }
        let nowhere = Applicant {
            has_address: false,
            ..at_home()
        };
        check(
            of("address", "A9"),
            nowhere,
            Err(ClaimOutcome::UnreadableValue),
        );
        check(of("address", "A1"), at_home(), Ok(()));
    }

    #[test]
    fn what_the_list_says_already_is_not_asked_again() {
        check(
            draft(ClaimKind::Inclusion),
            at_home(),
            Err(ClaimOutcome::AlreadySo),
        );
        check(draft(ClaimKind::Inclusion), FINE, Ok(()));
        check(
            draft(ClaimKind::Exclusion),
            FINE,
            Err(ClaimOutcome::AlreadySo),
        );
        check(draft(ClaimKind::Exclusion), at_home(), Ok(()));
    }

    #[test]
    fn the_receipt_and_the_clock_of_a_claim_name_one_day() {
        let due_of = |law: &ElectionLaw, day: Date| {
            let filed = Instant::parse(&format!("{day}T09:00:00+06:00")).expect("a moment");
            let due = answered_by(law, day);
            assert_eq!(crate::claim::answer_clock(law, filed, None, day).0, due);
            due
        };
        let law = law();
        assert_eq!(law.list.answer_days, 7);
        let in_september = |day| Date::constant(2015, 9, day);
        assert_eq!(due_of(&law, in_september(10)), in_september(17));
        // Never after the final list: an answer could not enter it any more.
        assert_eq!(due_of(&law, in_september(19)), in_september(25));
        // An early election shortens seven days by a quarter, a begun day counting whole.
        let early = ElectionLaw::shipped("kg-2025").expect("a shipped law");
        let filed = Date::constant(2025, 11, 10);
        assert_eq!(due_of(&early, filed), Date::constant(2025, 11, 16));
    }
}
