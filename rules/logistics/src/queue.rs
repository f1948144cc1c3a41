//! A precinct's day as a queue: voters come, stand in one line, and the first free kit serves them.
//!
//! Arrivals are Poisson with a rate for each hour. Kits break down by themselves, busy or not, and are repaired; who was
//! being served then is first in line again, and what was begun is lost. Who stands in line at closing is served.
//! All times are whole milliseconds after opening.

use std::collections::VecDeque;

use serde::Deserialize;

use crate::dice::Dice;
use crate::times::Times;

const HOUR_MS: u64 = 3_600_000;

/// What comes to pass at a kit, as one of these with a share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// Its code, as `finger`.
    pub code: String,
    /// How many of 1,000 visitors go this way.
    pub share_permille: u32,
    /// How long a kit is busy with one.
    pub times: Times,
}

/// How kits fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// Breakdowns of 1,000 kits in one day of voting; 0: none.
    pub per_thousand_days: u32,
    /// From breakdown to work again.
    pub repair: Times,
}

/// One precinct as its queue sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Hall<'a> {
    /// Visitors expected in the day, those who are on no list among them. 0 to 1,000,000.
    pub visitors: f64,
    /// How many come in each hour after opening, as weights beside each other; the last hour may be a part of one.
    pub weights: &'a [u32],
    /// From opening to closing, milliseconds.
    pub open_ms: u64,
    /// What kits do; shares add up to 1,000.
    pub paths: &'a [Path],
    /// How kits fail.
    pub trouble: &'a Trouble,
    /// Kits in the hall, at least one.
    pub kits: u32,
}

/// One day that was simulated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Day {
    /// Of each visitor the hour of arrival after opening, from 0, and the wait in milliseconds, in the order of leaving.
    pub waits: Vec<(u8, u32)>,
    /// The longest line by hour.
    pub queue: Vec<u32>,
    /// When the last visitor left, milliseconds after opening.
    pub last_ms: u64,
    /// How often a kit broke down.
    pub breakdowns: u32,
}

/// A kit at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kit {
    Free,
    Busy { until: u64, visitor: usize },
    Broken,
}

struct Visitor {
    arrives: u64,
    service: u32,
}

/// Something that happens to a kit by itself.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Turn {
    at: u64,
    kit: usize,
    works: bool,
}

impl Hall<'_> {
    fn hours(&self) -> usize {
        self.weights.len().max(1)
    }

    /// The hour after opening, from 0; what is later than the last belongs to it.
    fn hour(&self, at: u64) -> usize {
        usize::try_from(at / HOUR_MS).map_or(self.hours() - 1, |hour| hour.min(self.hours() - 1))
    }

    /// Moments of arrival: a Poisson process of rate 1 whose clock runs as fast as people come.
    fn arrivals(&self, dice: &mut Dice) -> Vec<u64> {
        let total: f64 = self.weights.iter().map(|weight| f64::from(*weight)).sum();
        let mut found = Vec::new();
        if total <= 0.0 || self.visitors <= 0.0 {
            return found;
        }
        let (mut hour, mut before) = (0, 0.0);
        let mut at = dice.exponential();
        while at < self.visitors {
            let of = |hour: usize| f64::from(self.weights[hour]) * self.visitors / total;
            while hour + 1 < self.hours() && at >= before + of(hour) {
                before += of(hour);
                hour += 1;
            }
            let start = hour as u64 * HOUR_MS;
            let length = self.open_ms.saturating_sub(start).min(HOUR_MS);
            let part = ((at - before) / of(hour)).clamp(0.0, 1.0);
            found.push(start + (part * length as f64) as u64);
            at += dice.exponential();
        }
        found
    }

    fn service(&self, dice: &mut Dice) -> u32 {
        let mut place = dice.below(1000);
        let chosen = self.paths.iter().find(|path| {
            let is_here = place < path.share_permille;
            place = place.saturating_sub(path.share_permille);
            is_here
        });
        chosen.map_or(0, |path| path.times.draw_ms(dice))
    }

    /// Breakdowns before closing, each with its repair, in the order of time.
    fn turns(&self, dice: impl Fn(u64) -> Dice) -> Vec<Turn> {
        let mut turns = Vec::new();
        if self.trouble.per_thousand_days == 0 {
            return turns;
        }
        let mean = self.open_ms as f64 * 1000.0 / f64::from(self.trouble.per_thousand_days);
        for kit in 0..self.kits.max(1) as usize {
            let mut dice = dice(kit as u64);
            let mut at = (mean * dice.exponential()) as u64;
            while at < self.open_ms {
                let back = at + u64::from(self.trouble.repair.draw_ms(&mut dice).max(1));
                for (at, works) in [(at, false), (back, true)] {
                    turns.push(Turn { at, kit, works });
                }
                at = back.saturating_add((mean * dice.exponential()) as u64);
            }
        }
        turns.sort_unstable();
        turns
    }

    /// Simulates the day with this number; the same seed, lane and day give the same day. With more kits the same people
    /// come at the same moments and take as long.
    ///
    /// Cost: visitors × kits.
    #[must_use]
    pub fn day(&self, seed: u64, lane: u64, day: u64) -> Day {
        let dice = |purpose: u64, part: u64| Dice::new(seed, &[lane, day, purpose, part]);
        let mut services = dice(2, 0);
        let visitors: Vec<Visitor> = self
            .arrivals(&mut dice(1, 0))
            .into_iter()
            .map(|arrives| Visitor {
                arrives,
                service: self.service(&mut services),
            })
            .collect();
        Run {
            hall: self,
            kits: vec![Kit::Free; self.kits.max(1) as usize],
            line: VecDeque::new(),
            began: vec![0; visitors.len()],
            day: Day {
                waits: Vec::with_capacity(visitors.len()),
                queue: vec![0; self.hours()],
                ..Day::default()
            },
            visitors,
        }
        .through(&self.turns(|kit| dice(3, kit)))
    }
}

/// A day while it goes on.
struct Run<'h, 'a> {
    hall: &'h Hall<'a>,
    kits: Vec<Kit>,
    line: VecDeque<usize>,
    visitors: Vec<Visitor>,
    /// When each visitor's service began, the last time it did.
    began: Vec<u64>,
    day: Day,
}

impl Run<'_, '_> {
    fn through(mut self, turns: &[Turn]) -> Day {
        let (mut arrived, mut turned) = (0, 0);
        loop {
            let leaves = self.next_leave();
            let arrives = self.visitors.get(arrived).map(|visitor| visitor.arrives);
            let turns_at = turns.get(turned).map(|turn| turn.at);
            // INVARIANT (repaired): every breakdown has its repair, so that a line is not left without kits.
            let waits_for_kits = !self.line.is_empty() && turns_at.is_some();
            if leaves.is_none() && arrives.is_none() && !waits_for_kits {
                return self.day;
            }
            let never = u64::MAX;
            let (leave, arrive) = (leaves.map_or(never, |(at, _)| at), arrives.unwrap_or(never));
            let turn = turns_at.unwrap_or(never);
            let now = leave.min(arrive).min(turn);
            if now == leave {
                if let Some((_, kit)) = leaves {
                    self.leave(kit, now);
                }
            } else if now == turn {
                self.turn(turns[turned]);
                turned += 1;
            } else {
                self.line.push_back(arrived);
                arrived += 1;
            }
            self.serve(now);
            let longest = &mut self.day.queue[self.hall.hour(now)];
            *longest = (*longest).max(u32::try_from(self.line.len()).unwrap_or(u32::MAX));
        }
    }

    /// The visitor who leaves next: when, and which kit is free then.
    fn next_leave(&self) -> Option<(u64, usize)> {
        let until = |(kit, state): (usize, &Kit)| match state {
            Kit::Busy { until, .. } => Some((*until, kit)),
            Kit::Free | Kit::Broken => None,
        };
        self.kits.iter().enumerate().filter_map(until).min()
    }

    fn leave(&mut self, kit: usize, now: u64) {
        if let Kit::Busy { visitor, .. } = self.kits[kit] {
            let arrives = self.visitors[visitor].arrives;
            let wait = u32::try_from(self.began[visitor] - arrives).unwrap_or(u32::MAX);
            let hour = u8::try_from(self.hall.hour(arrives)).unwrap_or(u8::MAX);
            self.day.waits.push((hour, wait));
            self.day.last_ms = now;
        }
        self.kits[kit] = Kit::Free;
    }

    fn turn(&mut self, turn: Turn) {
        if turn.works {
            self.kits[turn.kit] = Kit::Free;
            return;
        }
        self.day.breakdowns += 1;
        if let Kit::Busy { visitor, .. } = self.kits[turn.kit] {
            self.line.push_front(visitor);
        }
        self.kits[turn.kit] = Kit::Broken;
    }

    /// The first in line goes to the first free kit, as long as there are both.
    fn serve(&mut self, now: u64) {
        while let Some(visitor) = self.line.front().copied() {
            let Some(kit) = self.kits.iter().position(|kit| *kit == Kit::Free) else {
                return;
            };
            self.line.pop_front();
            self.began[visitor] = now;
            let until = now + u64::from(self.visitors[visitor].service);
            self.kits[kit] = Kit::Busy { until, visitor };
        }
    }
}

/// How long people wait, milliseconds; zeros when nobody came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spread {
    /// Visitors over all days.
    pub visitors: u64,
    /// Half of them wait at most so long.
    pub p50_ms: u32,
    /// 95 of 100 wait at most so long.
    pub p95_ms: u32,
    /// The longest wait.
    pub max_ms: u32,
    /// The longest line.
    pub queue_max: u32,
}

impl Spread {
    /// Nearest-rank percentiles; the order of `waits` is changed.
    fn of(waits: &mut [u32], queue_max: u32) -> Self {
        let visitors = waits.len() as u64;
        let mut rank = |percent: usize| {
            let at = (waits.len() * percent).div_ceil(100).saturating_sub(1);
            if waits.is_empty() {
                0
            } else {
                *waits.select_nth_unstable(at).1
            }
        };
        Spread {
            visitors,
            p50_ms: rank(50),
            p95_ms: rank(95),
            max_ms: rank(100),
            queue_max,
        }
    }
}

/// What many days of one hall say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outlook {
    /// Days simulated.
    pub days: u32,
    /// All visitors.
    pub all: Spread,
    /// By hour of arrival, from opening.
    pub hours: Vec<Spread>,
    /// Days on which more than five in 100 waited above the limit.
    pub days_over: u32,
    /// On the latest of all days the last visitor left so long after closing, milliseconds.
    pub late_ms: u64,
    /// Breakdowns over all days.
    pub breakdowns: u64,
}

/// Whose waits the limit is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Over {
    /// All visitors of the day.
    #[default]
    Day,
    /// Those of every hour apart: the worst one counts.
    Hour,
}

impl Outlook {
    /// 95 of 100 visitors wait at most so long, milliseconds: of the day, or of the worst hour.
    #[must_use]
    pub fn p95_ms(&self, over: Over) -> u32 {
        match over {
            Over::Day => self.all.p95_ms,
            Over::Hour => self.hours.iter().map(|hour| hour.p95_ms).max().unwrap_or(0),
        }
    }
}

/// How a hall is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trials {
    /// Days simulated, 1 to 10,000.
    pub days: u32,
    /// The longest wait that 95 of 100 visitors should have, milliseconds.
    pub limit_ms: u32,
    /// Whose waits that is for.
    pub over: Over,
    /// Everything random follows from it.
    pub seed: u64,
}

/// Simulates many days. The lane keeps the halls of one seed apart, as the precinct's number.
///
/// Cost: days × visitors × kits.
#[must_use]
pub fn outlook(hall: &Hall<'_>, lane: u64, trials: Trials) -> Outlook {
    let mut found = Outlook {
        days: trials.days,
        ..Outlook::default()
    };
    let mut by_hour: Vec<Vec<u32>> = vec![Vec::new(); hall.hours()];
    let mut queues = vec![0_u32; hall.hours()];
    for number in 0..trials.days {
        let day = hall.day(trials.seed, lane, u64::from(number));
        let over = day.waits.iter().filter(|(_, wait)| *wait > trials.limit_ms);
        found.days_over += u32::from(over.count() * 20 > day.waits.len());
        found.late_ms = found.late_ms.max(day.last_ms.saturating_sub(hall.open_ms));
        found.breakdowns += u64::from(day.breakdowns);
        for (hour, wait) in day.waits {
            by_hour[usize::from(hour)].push(wait);
        }
        for (longest, queue) in queues.iter_mut().zip(day.queue) {
            *longest = (*longest).max(queue);
        }
    }
    let mut all: Vec<u32> = by_hour.concat();
    let spread = |(waits, queue): (&mut Vec<u32>, &u32)| Spread::of(waits, *queue);
    found.hours = by_hour.iter_mut().zip(&queues).map(spread).collect();
    found.all = Spread::of(&mut all, queues.iter().copied().max().unwrap_or(0));
    found
}

/// The least number of kits, from the hall's own up to `most`, with which 95 of 100 visitors wait at most the limit; none
/// when no number does.
#[must_use]
pub fn enough(hall: &Hall<'_>, most: u32, lane: u64, trials: Trials) -> Option<u32> {
    (hall.kits..=most).find(|kits| {
        let kits = *kits;
        let larger = Hall {
            kits,
            ..hall.clone()
        };
        outlook(&larger, lane, trials).p95_ms(trials.over) <= trials.limit_ms
    })
}

#[cfg(test)]
mod tests;
