//! The duplicate check of everybody, and the way of a case from the draw to a verdict and back.

use std::sync::atomic::{AtomicUsize, Ordering};

use dedup::{
    Opinion, OpinionError, Pair, Policy, PolicyHash, Ready, Records, Says, Settlement, Subject,
    SubjectError, Subjects, draw, merge_pairs, settle,
};
use lexicon::{Date, PersonId};
use register::{CaseId, VerdictId};

use crate::error::StoreError;
use crate::tables::registry_verdict::CaseView;
use crate::transact::{Store, Tx};

/// Why a step of a case was refused. Nothing was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AdjudicationError {
    /// There is no such case or verdict.
    #[error("no such case")]
    NoCase,
    /// The case was given to nobody yet.
    #[error("the case was not yet given to adjudicators")]
    NotAssigned,
    /// The opinion does not count; the reason is the officer's to read.
    #[error(transparent)]
    Opinion(#[from] OpinionError),
    /// The verdict named is not the one in force.
    #[error("this verdict is not in force")]
    NotInForce,
    /// A stored print cannot be read: an engineer looks.
    #[error(transparent)]
    Subject(#[from] SubjectError),
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How the duplicate check of everybody is run.
#[derive(Clone, Copy, Debug)]
pub struct CheckOptions {
    /// The policy in force.
    pub policy: Policy,
    /// Threads, at least one.
    pub threads: usize,
}

/// What a duplicate check of everybody did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckReport {
    /// Captures searched.
    pub captures: usize,
    /// Whether everybody was compared with everybody in full; otherwise a prefilter chose.
    pub exhaustive: bool,
    /// Pairs referred.
    pub pairs: Vec<Pair>,
    /// Cases that are new.
    pub cases_opened: u64,
    /// The policy's hash.
    pub policy: PolicyHash,
}

impl Store {
    /// Compares the captures whose duplicate check is due with one another and opens a case for every pair
    /// that reaches the policy. A capture not yet processed stays out. Progress is `(done, all)`.
    ///
    /// The pairs and their order are the same for any number of threads. Memory: 8 KB a finger.
    ///
    /// # Errors
    /// [`AdjudicationError`] of a stored print or of the engine.
    pub fn check_duplicates(
        &self,
        author: &str,
        options: CheckOptions,
        progress: &(dyn Fn(usize, usize) + Sync),
    ) -> Result<CheckReport, AdjudicationError> {
        let captures = self.read("read_prints", |tx| {
            let mut captures = Vec::new();
            tx.each_processed_prints(&mut |prints| {
                captures.push(Subject {
                    person: prints.person,
                    fingers: prints.fingers,
                });
                Ok(())
            })?;
            Ok::<_, StoreError>(captures)
        })?;
        let threads = options.threads.max(1);
        let subjects = Subjects::of(prepare_all(&captures, threads)?, options.policy)?;
        drop(captures);
        let pairs = compare_all(&subjects, threads, progress);
        let mut cases_opened = 0;
        for chunk in pairs.chunks(1_000) {
            let triples: Vec<_> = chunk
                .iter()
                .map(|pair| (pair.first, pair.second, pair.score))
                .collect();
            cases_opened += self.transact("open_duplicate_cases", author, |tx| {
                tx.open_duplicate_cases(&triples)
            })?;
        }
        Ok(CheckReport {
            captures: subjects.len(),
            exhaustive: subjects.exhaustive(),
            pairs,
            cases_opened,
            policy: options.policy.hash(),
        })
    }

    /// Draws adjudicators for every case that has none; gives how many cases were given out.
    ///
    /// `randomness` is secret until the draw; with it the draw can be checked afterwards.
    ///
    /// # Errors
    /// The engine's. With fewer than two officers no case is given out.
    pub fn assign_cases(
        &self,
        author: &str,
        officers: &[String],
        randomness: &[u8; 32],
    ) -> Result<u64, StoreError> {
        self.transact("assign_cases", author, |tx| {
            let mut given = 0;
            for (case, round) in tx.cases_without_panel()? {
                if let Some(panel) = draw(case, round, officers, randomness) {
                    tx.record_panel(case, round, &panel)?;
                    given += 1;
                }
            }
            Ok(given)
        })
    }

    /// Records an officer's opinion; when it decides the case, the verdict is recorded with it.
    ///
    /// # Errors
    /// [`AdjudicationError`] when the opinion does not count; nothing was written then.
    pub fn give_opinion(
        &self,
        officer: &str,
        case: CaseId,
        says: Says,
        seen_policy: PolicyHash,
        policy: PolicyHash,
    ) -> Result<Settlement, AdjudicationError> {
        self.transact("give_opinion", officer, |tx| {
            let view = tx.find_case(case)?.ok_or(AdjudicationError::NoCase)?;
            if view.verdict.is_some() {
                return Err(OpinionError::Decided.into());
            }
            let panel = tx
                .find_panel(case, view.round)?
                .ok_or(AdjudicationError::NotAssigned)?;
            let records = tx.records_of(&view)?;
            let mut opinions = tx.opinions(case, view.round)?;
            let opinion = Opinion {
                officer: officer.to_owned(),
                says,
                policy: seen_policy,
            };
            opinions.push(opinion.clone());
            let settlement = settle(&records, &panel, &opinions, policy)?;
            tx.insert_opinion(case, view.round, &opinion)?;
            if let Settlement::Verdict(outcome) = settlement {
                tx.record_verdict(&view, outcome, policy)?;
            }
            Ok(settlement)
        })
    }

    /// Reverses a verdict on appeal: its case is open again and goes to newly drawn adjudicators.
    ///
    /// # Errors
    /// [`AdjudicationError::NotInForce`] when it does not hold any more.
    pub fn reverse_verdict(
        &self,
        officer: &str,
        case: CaseId,
        verdict: VerdictId,
        reason: &str,
    ) -> Result<(), AdjudicationError> {
        self.transact("reverse_verdict", officer, |tx| {
            let view = tx.find_case(case)?.ok_or(AdjudicationError::NoCase)?;
            match view.verdict {
                Some((in_force, _)) if in_force == verdict => {
                    Ok(tx.insert_reversal(&view, verdict, reason)?)
                }
                Some(_) | None => Err(AdjudicationError::NotInForce),
            }
        })
    }
}

impl Tx<'_> {
    /// What the outcome of a case needs: its persons with their earliest capture.
    fn records_of(&mut self, case: &CaseView) -> Result<Records, StoreError> {
        let mut persons: Vec<(PersonId, Option<Date>)> = Vec::new();
        for (person, _) in &case.persons {
            persons.push((*person, self.find_earliest_capture(*person)?));
        }
        Ok(Records {
            kind: case.kind,
            persons,
        })
    }
}

/// Prepares every capture on threads, in the order given.
fn prepare_all(captures: &[Subject], threads: usize) -> Result<Vec<Ready>, SubjectError> {
    let share = captures.len().div_ceil(threads).max(1);
    std::thread::scope(|scope| {
        let workers: Vec<_> = captures
            .chunks(share)
            .map(|part| {
                scope.spawn(|| {
                    part.iter()
                        .map(Subject::prepare)
                        .collect::<Result<Vec<_>, _>>()
                })
            })
            .collect();
        let mut ready = Vec::with_capacity(captures.len());
        for worker in workers {
            ready.extend(worker.join().expect("preparing does not panic")?);
        }
        Ok(ready)
    })
}

/// Compares every capture on threads; the pairs stand in the order of ids, whoever found them.
fn compare_all(
    subjects: &Subjects,
    threads: usize,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Vec<Pair> {
    let next = AtomicUsize::new(0);
    let found: Vec<Pair> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    let mut mine = Vec::new();
                    loop {
                        let capture = next.fetch_add(1, Ordering::Relaxed);
                        if capture >= subjects.len() {
                            return mine;
                        }
                        mine.extend(subjects.referred(capture));
                        if capture.is_multiple_of(64) {
                            progress(capture, subjects.len());
                        }
                    }
                })
            })
            .collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().expect("a comparison does not panic"))
            .collect()
    });
    progress(subjects.len(), subjects.len());
    merge_pairs(found)
}
