//! Which edition is worked on, which ones failed, and whether somebody asked meanwhile: one lock, so that nothing that
//! is asked for gets lost between a worker that finds nothing to do and its end.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What is under way for an edition.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct UnderWay {
    /// `read`, `arrange`, `reconcile` or `keep`.
    pub step: &'static str,
    /// Done, of all; both 0 where a step has no measure.
    pub done: u64,
    /// All.
    pub total: u64,
}

/// Why the work on an edition stopped; what was finished before stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Failure {
    /// The database did not answer or refused.
    Store,
    /// A file could not be read or written.
    Disk,
    /// The register cannot be arranged: an engineer acts.
    Register,
    /// A fault of the program: an engineer acts.
    Program,
}

impl Failure {
    /// Its code in the texts, `upload_failed.CODE`.
    pub fn code(self) -> &'static str {
        match self {
            Failure::Store => "store",
            Failure::Disk => "disk",
            Failure::Register => "register",
            Failure::Program => "program",
        }
    }
}

#[derive(Default)]
struct State {
    is_working: bool,
    is_asked: bool,
    under_way: BTreeMap<u32, UnderWay>,
    failed: BTreeMap<u32, Failure>,
}

/// The state of the desk's only worker.
#[derive(Default)]
pub(crate) struct Queue(Mutex<State>);

impl Queue {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks for work; true: the caller starts a worker, false: the one that works looks again before it ends.
    pub fn ask(&self) -> bool {
        let mut state = self.lock();
        state.is_asked = true;
        !std::mem::replace(&mut state.is_working, true)
    }

    /// The worker is about to look for work: what is asked from here on makes it look again.
    pub fn look(&self) {
        self.lock().is_asked = false;
    }

    /// The worker found nothing; true: it ends, false: somebody asked since it looked.
    pub fn may_end(&self) -> bool {
        let mut state = self.lock();
        state.is_working = state.is_asked;
        !state.is_asked
    }

    /// Says how far an edition is.
    pub fn tell(&self, edition: u32, at: UnderWay) {
        self.lock().under_way.insert(edition, at);
    }

    /// The work on an edition came to its end, or failed.
    pub fn end(&self, edition: u32, failure: Option<Failure>) {
        let mut state = self.lock();
        state.under_way.remove(&edition);
        if let Some(failure) = failure {
            state.failed.insert(edition, failure);
        }
    }

    /// Forgets that an edition failed: it is tried again.
    pub fn forget(&self, edition: u32) {
        self.lock().failed.remove(&edition);
    }

    /// What is under way for an edition.
    pub fn under_way(&self, edition: u32) -> Option<UnderWay> {
        self.lock().under_way.get(&edition).copied()
    }

    /// Why the work on an edition stopped, since the program started.
    pub fn failure(&self, edition: u32) -> Option<Failure> {
        self.lock().failed.get(&edition).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_comes_while_the_worker_finds_nothing_is_not_lost() {
        let queue = Queue::default();
        assert!(queue.ask(), "nobody works yet");
        queue.look();
        // The worker reads the store and finds nothing; before it ends, an edition comes in.
        assert!(!queue.ask(), "one works already");
        assert!(!queue.may_end(), "it looks again");
        queue.look();
        assert!(queue.may_end());
        assert!(queue.ask(), "the next one starts a worker anew");
    }

    #[test]
    fn a_failure_stands_until_it_is_tried_again() {
        let queue = Queue::default();
        let at = UnderWay {
            step: "read",
            done: 1,
            total: 2,
        };
        queue.tell(7, at);
        assert_eq!(queue.under_way(7), Some(at));
        queue.end(7, Some(Failure::Disk));
        assert_eq!(queue.under_way(7), None);
        assert_eq!(queue.failure(7), Some(Failure::Disk));
        assert_eq!(queue.failure(8), None);
        queue.forget(7);
        assert_eq!(queue.failure(7), None);
    }
}
