#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
use lexicon::handover::envelope::{SUITE, SignError, Signer, encode, sha256, sign_all};

use super::*;
use crate::eligibility::Evidence;
use crate::form::form_with;
use crate::testkit::{Country, find, id, law, lists_of};

/// A key of the test: what it signs is the hash of its name and the message.
struct Hand(u8);

impl Hand {
    fn mark(kid: Kid, message: &[u8]) -> [u8; 64] {
        let half = sha256(&[&kid.0[..], message].concat());
        let mut signature = [0; 64];
        signature[..32].copy_from_slice(&half);
        signature
    }
}

impl Signer for Hand {
    fn kid(&self) -> Kid {
        Kid([self.0; 8])
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; 64], SignError> {
        Ok(Self::mark(self.kid(), message))
    }
}

struct Ring;

impl Verifier for Ring {
    fn verify(&self, kid: Kid, message: &[u8], signature: &[u8; 64]) -> Result<(), EnvelopeError> {
        let holds = Hand::mark(kid, message) == *signature;
        if holds {
            Ok(())
        } else {
            Err(EnvelopeError::BadSignature(kid))
        }
    }
}

const BOTH: [Kid; 2] = [Kid([1; 8]), Kid([2; 8])];

fn act(name: &str, precinct: u16, at: i64) -> AssignmentOverride {
    AssignmentOverride {
        suite: SUITE.to_owned(),
        election: law().election.number,
        person: (*id(name).as_bytes()).into(),
        precinct,
        reason: "Чек ара чечими № 12".to_owned(),
        at,
    }
}

fn signed(act: &AssignmentOverride, hands: &[u8]) -> Vec<u8> {
    let hands: Vec<Hand> = hands.iter().map(|n| Hand(*n)).collect();
    let signers: Vec<&dyn Signer> = hands.iter().map(|hand| hand as &dyn Signer).collect();
    let subject = Subject {
        kind: DocumentType::AssignmentOverride,
        election: act.election,
    };
    sign_all(subject, &encode(act), &signers).unwrap()
}

fn country() -> Country {
    let mut country = Country::new();
    country.voter("Асанова");
    country.voter("Усенова");
    country.event("Усенова", "death", "2015-01-01");
    country
}

fn take(country: &Country, documents: &[Vec<u8>]) -> Result<Overrides, OverrideError> {
    let mut overrides = Overrides::default();
    for bytes in documents {
        overrides.take(bytes, &law(), &country.snapshot(), &Ring, BOTH)?;
    }
    Ok(overrides)
}

fn lists(country: &Country, overrides: &Overrides, name: &str) -> Vec<u16> {
    let snapshot = country.snapshot();
    let roll = form_with(&snapshot, &law(), overrides).unwrap();
    lists_of(&snapshot, &roll, name)
}

#[test]
fn two_signers_place_a_voter_by_hand_and_the_act_is_the_evidence() {
    let country = country();
    let document = signed(&act("Асанова", 1002, 5), &[1, 2]);
    let overrides = take(&country, &[document]).unwrap();
    assert_eq!(overrides.len(), 1);
    assert_eq!(lists(&country, &overrides, "Асанова"), [1002]);
    let snapshot = country.snapshot();
    let roll = form_with(&snapshot, &law(), &overrides).unwrap();
    let person = find(&snapshot, "Асанова");
    let act = overrides.of(id("Асанова")).unwrap().act();
    assert_eq!(
        roll.decisions[person.at()].evidence,
        Evidence::Override(act)
    );
    assert_eq!(
        roll.decisions[person.at()]
            .evidence
            .record(&snapshot, person),
        ("overrides", act.hex())
    );
}

#[test]
fn one_signer_one_signer_twice_or_a_stranger_place_nobody() {
    let country = country();
    let document = act("Асанова", 1002, 5);
    for hands in [&[1][..], &[2], &[1, 3], &[3, 4]] {
        let refused = take(&country, &[signed(&document, hands)]).unwrap_err();
        assert!(matches!(refused, OverrideError::Envelope(_)), "{hands:?}");
    }
    assert!(take(&country, &[signed(&document, &[1, 1])]).is_err());
    assert_eq!(lists(&country, &Overrides::default(), "Асанова"), [1001]);
}

#[test]
fn an_override_names_a_person_a_precinct_a_reason_and_this_election() {
    let country = country();
    let refused = |change: &dyn Fn(&mut AssignmentOverride)| {
        let mut act = act("Асанова", 1002, 5);
        change(&mut act);
        take(&country, &[signed(&act, &[1, 2])]).unwrap_err()
    };
    assert_eq!(
        refused(&|act| act.reason = " ".to_owned()),
        OverrideError::NoReason
    );
    assert_eq!(
        refused(&|act| act.precinct = 1777),
        OverrideError::NoSuchPrecinct(1777)
    );
    assert_eq!(
        refused(&|act| act.person = [9; 16].into()),
        OverrideError::UnknownPerson
    );
    assert!(matches!(
        refused(&|act| act.election = 20_201_004),
        OverrideError::Envelope(_)
    ));
}

#[test]
fn an_override_makes_nobody_a_voter() {
    let country = country();
    let overrides = take(&country, &[signed(&act("Усенова", 1002, 5), &[1, 2])]).unwrap();
    assert_eq!(lists(&country, &overrides, "Усенова"), [0u16; 0]);
}

#[test]
fn the_later_override_holds_whatever_the_order_and_a_contradiction_is_refused() {
    let country = country();
    let (one, two) = (
        signed(&act("Асанова", 1002, 5), &[1, 2]),
        signed(&act("Асанова", 9001, 6), &[1, 2]),
    );
    for order in [[&one, &two], [&two, &one]] {
        let overrides = take(&country, &order.map(Clone::clone)).unwrap();
        assert_eq!(
            overrides.of(id("Асанова")).unwrap().precinct().number(),
            9001
        );
    }
    let same = signed(&act("Асанова", 9001, 5), &[1, 2]);
    assert_eq!(
        take(&country, &[one, same]).unwrap_err(),
        OverrideError::Contradiction
    );
}
