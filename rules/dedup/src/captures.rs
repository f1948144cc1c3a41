//! Voters of one day, each against every other, by the finger that was captured and those that were enrolled: which two acts
//! one person may stand behind (S-16).
//!
//! One hurried capture against another is too little evidence for a whole country. A voter's fingers are taken together:
//! finger by finger the best of all views of the two ([`Score::fused_views`]), then all fingers ([`Score::fused_fingers`]).
//! **What brings a pair here is a capture of the day**: prints that were only enrolled say who stands twice in the register,
//! not who came twice.
//!
//! A pair is a question for people with both cards before them, never a finding about a person.

use std::collections::{BTreeMap, BTreeSet};

use fingerprint::{EntryId, Gallery, Prepared, Score, SearchPolicy, Template};
use lexicon::FingerPosition;

use crate::search::SubjectError;

/// A pair is looked at whole when a capture of the day and a print of the other voter resemble each other so that strangers
/// do once in so many times. How many pairs this loses is measured by `tizme-bench twice`.
const GLANCE_FMR: f64 = 1e-3;

/// How the voters of a day are compared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CapturePolicy {
    /// False hits that one search among all voters may give on average (FPIR); the threshold follows from it and their
    /// number.
    pub false_hits: f64,
    /// Up to so many voters each is compared with every other; beyond, the prefilter of [`Gallery`] chooses, which loses
    /// some.
    pub exhaustive_max: usize,
}

/// The fingers of a voter who came; records of ISO/IEC 19794-2:2005.
#[derive(Clone)]
pub struct Came {
    /// The finger that identified, as it was captured.
    pub captured: (FingerPosition, Vec<u8>),
    /// The fingers by which the voter could be identified; may be empty.
    pub enrolled: Vec<(FingerPosition, Vec<u8>)>,
}

/// Two voters who may be one person, by their places; the smaller one first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Twins {
    /// The smaller place.
    pub first: usize,
    /// The greater place.
    pub second: usize,
    /// The evidence of all fingers and views together.
    pub score: Score,
    /// The best single view with a capture of the day.
    pub of_day: Score,
    /// How many fingers both have.
    pub fingers: u8,
}

/// One voter, ready to be compared.
struct Hand {
    captured: (FingerPosition, Prepared),
    enrolled: Vec<(FingerPosition, Prepared)>,
}

impl Hand {
    fn of(came: &Came) -> Result<Self, SubjectError> {
        let ready = |(finger, record): &(FingerPosition, Vec<u8>)| {
            let template = Template::from_iso(record).map_err(|_| SubjectError::Record)?;
            Ok((*finger, Prepared::new(&template)))
        };
        Ok(Self {
            captured: ready(&came.captured)?,
            enrolled: came.enrolled.iter().map(ready).collect::<Result<_, _>>()?,
        })
    }

    fn enrolled(&self, finger: FingerPosition) -> Option<&Prepared> {
        let of = self.enrolled.iter().find(|(known, _)| *known == finger);
        of.map(|(_, print)| print)
    }

    fn fingers(&self) -> BTreeSet<FingerPosition> {
        let enrolled = self.enrolled.iter().map(|(finger, _)| *finger);
        enrolled.chain([self.captured.0]).collect()
    }

    /// The prints of one finger, and whether each is of the day.
    fn views(&self, finger: FingerPosition) -> impl Iterator<Item = (bool, &Prepared)> {
        let captured = (self.captured.0 == finger).then_some((true, &self.captured.1));
        let enrolled = self.enrolled(finger).map(|print| (false, print));
        captured.into_iter().chain(enrolled)
    }

    /// One comparison that involves the day: a capture with the other's clear print of that finger where there is one.
    fn glance(&self, other: &Self) -> Option<Score> {
        let across = |one: &Self, other: &Self| {
            let print = other.enrolled(one.captured.0)?;
            Some(fingerprint::score(&one.captured.1, print))
        };
        let both = || {
            let is_one = self.captured.0 == other.captured.0;
            is_one.then(|| fingerprint::score(&self.captured.1, &other.captured.1))
        };
        across(self, other)
            .or_else(|| across(other, self))
            .or_else(both)
    }

    /// All fingers that both have, in all views: the score, the best view of the day, how many fingers.
    fn evidence(&self, other: &Self) -> (Score, Score, u8) {
        let mut of_day = Score::NONE;
        let mut fingers = Vec::new();
        for finger in self.fingers().intersection(&other.fingers()) {
            let mut views = Vec::new();
            for (own_day, own) in self.views(*finger) {
                for (other_day, print) in other.views(*finger) {
                    let score = fingerprint::score(own, print);
                    if own_day || other_day {
                        of_day = of_day.max(score);
                    }
                    views.push(score);
                }
            }
            fingers.push(Score::fused_views(&views));
        }
        let count = u8::try_from(fingers.len()).unwrap_or(u8::MAX);
        (Score::fused_fingers(&fingers), of_day, count)
    }
}

/// The voters of a day, ready to be compared. `&self` may be shared by threads.
pub struct Captures {
    hands: Vec<Hand>,
    /// Only beyond the policy's size.
    gallery: Option<Gallery>,
    threshold: Score,
}

impl Captures {
    /// Prepares the voters' prints, records of ISO/IEC 19794-2:2005: about 3 KB and 0.1 ms each, 7 KB beyond the policy's
    /// size.
    ///
    /// # Errors
    /// [`SubjectError`] when a record cannot be read.
    pub fn new(came: &[Came], policy: CapturePolicy) -> Result<Captures, SubjectError> {
        let count = u32::try_from(came.len()).map_err(|_| SubjectError::TooMany)?;
        let hands: Vec<Hand> = came.iter().map(Hand::of).collect::<Result<_, _>>()?;
        let others = f64::from(count.saturating_sub(1).max(1));
        let threshold = Score::at_fmr(policy.false_hits / others);
        let gallery = if hands.len() > policy.exhaustive_max {
            let mut gallery = Gallery::new(SearchPolicy {
                threshold: Score::at_fmr(GLANCE_FMR),
                exhaustive_max: 0,
                ..SearchPolicy::default()
            });
            for (entry, hand) in (0..count).zip(&hands) {
                let mut prints = Vec::with_capacity(hand.enrolled.len().max(1));
                let known = hand.enrolled.iter();
                let own = hand.enrolled.is_empty().then_some(&hand.captured);
                for (finger, print) in known.chain(own) {
                    prints.push((code(*finger)?, print.clone()));
                }
                gallery.insert(EntryId(entry), &prints);
            }
            Some(gallery)
        } else {
            None
        };
        Ok(Captures {
            hands,
            gallery,
            threshold,
        })
    }

    /// How many voters.
    #[must_use]
    pub fn len(&self) -> usize {
        self.hands.len()
    }

    /// True when there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.hands.is_empty()
    }

    /// The score from which on two voters are a pair.
    #[must_use]
    pub fn threshold(&self) -> Score {
        self.threshold
    }

    /// The pairs that one voter brings, 0 to [`Captures::len`]: with every later one, or with whomever the prefilter
    /// chooses. All voters together bring every pair; [`merge_twins`] makes one list of them.
    ///
    /// Cost: 27 µs for each later voter, and up to sixteen times that for one in a thousand.
    #[must_use]
    pub fn twins(&self, voter: usize) -> Vec<Twins> {
        let own = &self.hands[voter];
        let near: Vec<usize> = match (&self.gallery, code(own.captured.0)) {
            (Some(gallery), Ok(finger)) => {
                let found = gallery.identify(&[(finger, own.captured.1.clone())]);
                let places = found.iter().map(|found| found.id.0 as usize);
                places.filter(|other| *other != voter).collect()
            }
            _ => {
                let least = Score::at_fmr(GLANCE_FMR);
                let is_near = |other: &usize| {
                    let seen = own.glance(&self.hands[*other]);
                    seen.is_some_and(|score| score >= least)
                };
                (voter + 1..self.hands.len()).filter(is_near).collect()
            }
        };
        let pair = |other: usize| {
            let (score, of_day, fingers) = own.evidence(&self.hands[other]);
            Twins {
                first: voter.min(other),
                second: voter.max(other),
                score,
                of_day,
                fingers,
            }
        };
        let pairs = near.into_iter().map(pair);
        pairs
            .filter(|twins| twins.score >= self.threshold)
            .collect()
    }
}

fn code(finger: FingerPosition) -> Result<fingerprint::FingerPosition, SubjectError> {
    fingerprint::FingerPosition::from_code(finger.number()).ok_or(SubjectError::Record)
}

/// Pairs of several voters as one list: each once, in the order of places.
#[must_use]
pub fn merge_twins(found: impl IntoIterator<Item = Twins>) -> Vec<Twins> {
    let mut best: BTreeMap<(usize, usize), Twins> = BTreeMap::new();
    for twins in found {
        let known = best.entry((twins.first, twins.second)).or_insert(twins);
        *known = (*known).max(twins);
    }
    best.into_values().collect()
}
