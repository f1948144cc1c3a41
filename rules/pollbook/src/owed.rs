//! Receipts that were written and did not come out: when one may still be printed.

use std::sync::Arc;

use lexicon::handover::envelope::Kid;

use crate::act::{Act, Body};
use crate::book::Book;
use crate::charter::Partition;
use crate::clock::Reading;
use crate::decide::identified;

/// What must happen with a receipt that this kit wrote and did not print.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owed {
    /// It is printed.
    Print,
    /// It waits: what this kit did about the line meanwhile is not known yet.
    Wait(Kid),
    /// An officer looks at the paper line first, with the voter standing here: [`Book::check_line`].
    Look,
    /// It is declared void, with this reason: the voter was served elsewhere, or the line is signed.
    Void(&'static str),
}

/// Another act serves the line: the slip never comes out.
pub const SERVED_ELSEWHERE: &str = "SERVED_ELSEWHERE";
/// The line on paper is signed: the slip never comes out.
pub const LINE_SIGNED: &str = "LINE_SIGNED";

impl Book {
    /// Whether a pending receipt of this kit may come out now.
    ///
    /// While this kit was down, or its printer was, its grant may have been taken back and the voter served at another
    /// kit. Whoever holds the act serves the voter nowhere else, so a receipt comes out unasked when it was written a
    /// moment ago by the running kit, or when every other kit said that it holds the act, none was retired, and nothing else
    /// ever stood on the line.
    ///
    /// INVARIANT (no slip behind the hall's back): a receipt that is none of these waits for whoever is in reach, and
    /// comes out of reach of somebody only after an officer looked at the paper line.
    pub fn owed(&mut self, receipt: u32, reading: Reading) -> Owed {
        self.inspect_clock(reading);
        let Some(act) = self.act_of_receipt(self.me(), receipt).cloned() else {
            return Owed::Void(SERVED_ELSEWHERE);
        };
        if let Some(said) = self.said_by_others(&act) {
            return said;
        }
        if self.is_fresh(&act, reading) {
            return Owed::Print;
        }
        let others: Vec<Kid> = self.others_at_work().collect();
        let seq = act.name.seq;
        let is_shown = self.is_whole(reading) && others.iter().all(|kit| self.has_shown(*kit, seq));
        let taken_back = self.taken_back_by(&act);
        if is_shown && self.is_alone(&act) && self.hears_all(reading) {
            return Owed::Print;
        }
        let unheard = others.iter().find(|kit| {
            let is_heard = self.has_heard(**kit, reading);
            !is_heard || self.is_reachable(**kit, reading) && !self.has_shown(**kit, seq)
        });
        if let Some(kit) = unheard {
            return Owed::Wait(*kit);
        }
        match (self.look_after(&act, reading), taken_back) {
            (Some(false), _) => Owed::Void(LINE_SIGNED),
            (_, Some(kit)) if !is_shown => Owed::Wait(kit),
            (Some(true), _) => Owed::Print,
            (None, _) => Owed::Look,
        }
    }

    /// What stands beside the act on its line: a further act whose receipt came out or may come out at any moment.
    fn said_by_others(&self, act: &Arc<Act>) -> Option<Owed> {
        let state = self.state(act.body.line());
        let is_counted = state.counted.as_ref().is_some_and(|c| c.name == act.name);
        let mut standing = state.counted.iter().chain(&state.duplicates);
        let is_out = |other: &Act| {
            let paper = self.paper(other);
            paper.copies > 0 || paper.resumed
        };
        let other = standing
            .find(|other| other.name != act.name && (is_out(other) || !self.paper(other).void))?;
        let is_out = is_out(other);
        let is_lost = self.standing().retirement(other.name.kit).is_some();
        match (is_counted && !is_out, is_lost) {
            (false, _) => Some(Owed::Void(SERVED_ELSEWHERE)),
            (true, false) => Some(Owed::Wait(other.name.kit)),
            (true, true) => None,
        }
    }

    /// Whether no other act was done on the line and no grant of it was taken back.
    fn is_alone(&self, act: &Act) -> bool {
        let mut acts = self.acts_on(act.body.line());
        !acts.any(|other| {
            other.name != act.name && identified(other).is_some()
                || matches!(
                    other.body,
                    Body::Released(_)
                        | Body::Reconstructed(_)
                        | Body::PaperServed(_)
                        | Body::Resumed(_)
                        | Body::Undone(_)
                )
        })
    }

    /// Whoever took back the grant that the act stands on.
    fn taken_back_by(&self, act: &Act) -> Option<Kid> {
        let body = identified(act)?;
        let mut acts = self.acts_on(act.body.line());
        let found = acts.find(|other| {
            matches!(&other.body, Body::Released(released) if released.seq == body.grant_seq)
                && other.name.kit == Kid(*body.grant_kit)
        });
        found.map(|other| other.name.kit)
    }

    /// Whether this kit wrote the act since it started, and so lately that no grant can have been taken back. Under
    /// `paper_lock` a kit that does not hear this one serves the line by its paper without a grant, so that a slip which did
    /// not come out at once is none of a moment ago.
    fn is_fresh(&self, act: &Act, reading: Reading) -> bool {
        let limits = self.charter().limits();
        let seconds = |seconds: u16| i64::from(seconds) * 1_000_000;
        let Some(age) = self.age_micros(act, reading) else {
            return false;
        };
        let moment = seconds(self.charter().policy().peer_stale_seconds);
        if self.charter().partition() == Partition::PaperLock && age > moment {
            return false;
        }
        let latest = seconds(limits.grant_seconds) + self.bound_micros() + age;
        self.wrote_since_start(act.name.seq) && latest < seconds(limits.release_seconds)
    }

    /// What this kit's last look at the paper line after an act found, while it holds.
    fn look_after(&self, act: &Act, reading: Reading) -> Option<bool> {
        let mut checks = self.state(act.body.line()).checks.iter().rev();
        let look = checks.find(|look| look.name.kit == self.me() && look.order() > act.order())?;
        let Body::LineChecked(body) = &look.body else {
            return None;
        };
        (!body.unsigned || self.is_look_of_now(look, reading)).then_some(body.unsigned)
    }
}

#[cfg(test)]
mod tests;
