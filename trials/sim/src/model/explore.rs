//! The walk over all shapes, depth first, on several threads; and random walks where there are too many.

use std::cell::RefCell;
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::promise::PROPERTIES;
use super::{Action, Bounds, Hall, State};
use crate::dice::Dice;
use crate::mutation::Mutation;

/// What a check came to.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// Different states.
    pub states: usize,
    /// Different lines in a healed hall, each of which was looked at.
    pub lines: usize,
    /// Longest path that was walked.
    pub depth: usize,
    /// Whether the walk ended because a limit was reached.
    pub is_cut_short: bool,
    /// Properties that broke, each with the steps to it.
    pub broken: Vec<(String, Vec<String>)>,
}

/// A state to be gone on from, and how it was reached.
struct Place {
    state: State,
    way: Option<Arc<Way>>,
    depth: usize,
}

/// The way to a state, last step first.
struct Way {
    before: Option<Arc<Way>>,
    action: Action,
}

const SHARDS: usize = 64;

/// Hashes that were seen.
struct Seen(Vec<Mutex<HashSet<u128>>>);

impl Seen {
    fn new() -> Self {
        Self((0..SHARDS).map(|_| Mutex::default()).collect())
    }

    /// Whether it is new.
    fn insert(&self, hash: u128) -> bool {
        let shard = usize::try_from(hash % SHARDS as u128).unwrap_or(0);
        lock(&self.0[shard]).insert(hash)
    }

    fn len(&self) -> usize {
        self.0.iter().map(|shard| lock(shard).len()).sum()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Walk<'h> {
    hall: &'h Hall,
    seen: Seen,
    lines: Seen,
    /// Places that a thread has to spare.
    pool: Mutex<Vec<Place>>,
    /// Threads with nothing to do.
    idle: AtomicUsize,
    threads: usize,
    depth: AtomicUsize,
    broken: Mutex<Vec<(usize, Vec<Action>)>>,
    stop: AtomicBool,
    /// States after which the walk ends.
    most: usize,
    is_cut_short: AtomicBool,
}

/// Checks a hall exhaustively, or until `most` states were seen.
///
/// # Errors
/// A text when the bounds make no hall.
pub fn check(
    bounds: Bounds,
    policy: &str,
    mutation: Option<Mutation>,
    threads: usize,
    most: Option<usize>,
) -> Result<Checked, String> {
    let hall = Hall::new(bounds, policy, mutation)?;
    let threads = threads.max(1);
    let walk = Walk {
        hall: &hall,
        seen: Seen::new(),
        lines: Seen::new(),
        pool: Mutex::default(),
        idle: AtomicUsize::new(0),
        threads,
        depth: AtomicUsize::new(0),
        broken: Mutex::default(),
        stop: AtomicBool::new(false),
        most: most.unwrap_or(usize::MAX),
        is_cut_short: AtomicBool::new(false),
    };
    let state = hall.opened();
    walk.seen.insert(hall.shape(&state));
    lock(&walk.pool).push(Place {
        state,
        way: None,
        depth: 0,
    });
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| walk.work());
        }
    });
    let mut broken: Vec<(String, Vec<String>)> = lock(&walk.broken)
        .iter()
        .map(|(property, actions)| {
            let actions = hall.shorten(*property, actions);
            let told = actions.iter().map(|action| format!("{action:?}"));
            (PROPERTIES[*property].to_owned(), told.collect())
        })
        .collect();
    broken.sort();
    Ok(Checked {
        states: walk.seen.len(),
        lines: walk.lines.len(),
        depth: walk.depth.load(Ordering::Relaxed),
        is_cut_short: walk.is_cut_short.load(Ordering::Relaxed),
        broken,
    })
}

impl Walk<'_> {
    fn work(&self) {
        let mut own: Vec<Place> = Vec::new();
        let mut actions = Vec::new();
        let mut steps = 0usize;
        while !self.stop.load(Ordering::Relaxed) {
            let Some(place) = own.pop().or_else(|| self.wait_for_work()) else {
                return;
            };
            steps += 1;
            if steps.is_multiple_of(1024) && self.seen.len() > self.most {
                self.is_cut_short.store(true, Ordering::Relaxed);
                self.stop.store(true, Ordering::Relaxed);
            }
            actions.clear();
            self.hall.actions_of(&place.state, &mut actions);
            for action in &actions {
                let Some(next) = self.hall.after(&place.state, *action) else {
                    continue;
                };
                if !self.seen.insert(self.hall.shape(&next)) {
                    continue;
                }
                let way = Some(Arc::new(Way {
                    before: place.way.clone(),
                    action: *action,
                }));
                let next = Place {
                    state: next,
                    way,
                    depth: place.depth + 1,
                };
                self.depth.fetch_max(next.depth, Ordering::Relaxed);
                self.look(&next);
                own.push(next);
            }
            if own.len() > 1 && self.idle.load(Ordering::Relaxed) > 0 {
                // The oldest have the most before them.
                let half = own.len() / 2;
                lock(&self.pool).extend(own.drain(..half));
            }
        }
    }

    /// Somebody else's places; `None` when all threads have nothing to do.
    fn wait_for_work(&self) -> Option<Place> {
        if let Some(place) = lock(&self.pool).pop() {
            return Some(place);
        }
        self.idle.fetch_add(1, Ordering::SeqCst);
        loop {
            {
                let mut pool = lock(&self.pool);
                if let Some(place) = pool.pop() {
                    self.idle.fetch_sub(1, Ordering::SeqCst);
                    return Some(place);
                }
                // Under the lock nobody takes or brings anything.
                let all = self.idle.load(Ordering::SeqCst) == self.threads;
                if all || self.stop.load(Ordering::Relaxed) {
                    return None;
                }
            }
            std::thread::sleep(std::time::Duration::from_micros(200));
        }
    }

    fn look(&self, place: &Place) {
        let bits = self
            .hall
            .broken(&place.state, &|hash| self.lines.insert(hash));
        if bits == 0 {
            return;
        }
        let mut actions = Vec::new();
        let mut way = place.way.as_ref();
        while let Some(step) = way {
            actions.push(step.action);
            way = step.before.as_ref();
        }
        actions.reverse();
        let mut broken = lock(&self.broken);
        for property in (0..PROPERTIES.len()).filter(|property| bits >> property & 1 == 1) {
            if broken.iter().all(|(known, _)| *known != property) {
                broken.push((property, actions.clone()));
            }
        }
        // One broken property is a finding; the walk ends.
        self.stop.store(true, Ordering::Relaxed);
    }
}

impl Hall {
    /// Leaves out steps while the same property breaks.
    fn shorten(&self, property: usize, actions: &[Action]) -> Vec<Action> {
        let breaks = |actions: &[Action]| {
            let mut state = self.opened();
            let mut possible = Vec::new();
            for (done, action) in actions.iter().enumerate() {
                possible.clear();
                self.actions_of(&state, &mut possible);
                if !possible.contains(action) {
                    return None;
                }
                state = self.after(&state, *action)?;
                if self.broken(&state, &|_| true) >> property & 1 == 1 {
                    return Some(done + 1);
                }
            }
            None
        };
        let mut kept = actions.to_vec();
        let mut at = 0;
        while at < kept.len() {
            let mut fewer = kept.clone();
            fewer.remove(at);
            if let Some(until) = breaks(&fewer) {
                fewer.truncate(until);
                kept = fewer;
                at = 0;
            } else {
                at += 1;
            }
        }
        kept
    }
}

/// What random walks came to.
#[derive(Clone, Debug, Default)]
pub struct Walked {
    /// Walks.
    pub walks: u64,
    /// Steps of all of them.
    pub steps: u64,
    /// Healed lines that were looked at.
    pub lines: u64,
    /// The first walk that broke something, by number: which properties, and the steps to it.
    pub broken: Option<(u64, Vec<String>, Vec<String>)>,
}

/// Longest random walk.
const STEPS_MAX: usize = 400;

/// Walks at random through a hall that is too large to be exhausted, each walk until nothing more can happen; the same
/// seed walks the same ways on any number of threads.
///
/// # Errors
/// A text when the bounds make no hall.
pub fn walk_randomly(
    bounds: Bounds,
    policy: &str,
    mutation: Option<Mutation>,
    threads: usize,
    walks: u64,
    seed: u64,
) -> Result<Walked, String> {
    let hall = Hall::unmirrored(bounds, policy, mutation)?;
    let next = AtomicU64::new(0);
    // Later walks than one that broke something need not be begun.
    let lowest = AtomicU64::new(u64::MAX);
    let sum: Mutex<Walked> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= walks || number > lowest.load(Ordering::Relaxed) {
                        return;
                    }
                    let mut one = hall.one_walk(seed, number);
                    let mut sum = lock(&sum);
                    sum.walks += 1;
                    sum.steps += one.steps;
                    sum.lines += one.lines;
                    if let Some(found) = one.broken.take() {
                        lowest.fetch_min(number, Ordering::Relaxed);
                        if sum.broken.as_ref().is_none_or(|known| found.0 < known.0) {
                            sum.broken = Some(found);
                        }
                    }
                }
            });
        }
    });
    Ok(sum.into_inner().unwrap_or_else(PoisonError::into_inner))
}

impl Hall {
    fn one_walk(&self, seed: u64, number: u64) -> Walked {
        let mut dice = Dice::new(seed.wrapping_add(number.wrapping_mul(0x9E37_79B9)), 31);
        let mut walked = Walked::default();
        let mut state = self.opened();
        let mut taken = Vec::new();
        let mut actions = Vec::new();
        // What a line is in the healed hall is looked at once in a walk.
        let seen = RefCell::new(HashSet::new());
        while taken.len() < STEPS_MAX {
            actions.clear();
            self.actions_of(&state, &mut actions);
            let after = loop {
                if actions.is_empty() {
                    break None;
                }
                let action = actions.swap_remove(dice.below(actions.len()));
                if let Some(after) = self.after(&state, action) {
                    break Some((action, after));
                }
            };
            let Some((action, after)) = after else {
                break;
            };
            taken.push(action);
            state = after;
            let bits = self.broken(&state, &|hash| seen.borrow_mut().insert(hash));
            if bits > 0 {
                let properties: Vec<usize> = (0..PROPERTIES.len())
                    .filter(|property| bits >> property & 1 == 1)
                    .collect();
                let shortest = self.shorten(properties[0], &taken);
                let named = properties.iter().map(|at| PROPERTIES[*at].to_owned());
                let told = shortest.iter().map(|action| format!("{action:?}"));
                walked.broken = Some((number, named.collect(), told.collect()));
                break;
            }
        }
        walked.steps = u64::try_from(taken.len()).unwrap_or(0);
        walked.lines = u64::try_from(seen.borrow().len()).unwrap_or(0);
        walked
    }
}
