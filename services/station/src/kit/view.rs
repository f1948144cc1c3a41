//! What screens read off a kit.

use std::sync::Arc;

use lexicon::handover::envelope::{Kid, hex};
use lexicon::handover::package::PackageVoter;
use lexicon::{Instant, RefusalReason};
use pollbook::{Act, Block, Body, Book, VoterState, identified};

use super::Kit;

/// A voter with their state, for the person card.
#[derive(Clone, Debug)]
pub struct VoterView {
    /// As in the package.
    pub voter: PackageVoter,
    /// What the events say.
    pub state: VoterState,
}

/// One of the last acts on this kit.
#[derive(Clone, Debug)]
pub struct RecentView {
    /// When.
    pub at: Instant,
    /// Line, 0 for a person who is not on the list.
    pub line: u32,
    /// `None` for an identification by finger, else the refusal or the two-person method.
    pub refusal: Option<RefusalReason>,
    /// `Method` number of an identification.
    pub method: u8,
}

/// Why a kit serves nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The protocol stops it: its clock, its disk that was copied or set back, its retirement.
    Block(Block),
    /// The journal could not be written; what the system said, when it said anything.
    Storage(Option<std::io::ErrorKind>),
}

/// A kit of the precinct as the chair sees it.
#[derive(Clone, Debug)]
pub struct PeerView {
    /// Its id.
    pub kit: Kid,
    /// `K1`.
    pub name: String,
    /// Whether it is this kit.
    pub is_me: bool,
    /// Whether it was heard within the policy's bound; the own kit always is.
    pub is_reachable: bool,
    /// IDENTIFIED events known.
    pub acts: u32,
    /// Its clock minus the own, microseconds.
    pub skew_micros: Option<i64>,
    /// Its last event that is known here: counter, first bytes of its id, and when; `None` before the first.
    pub last: Option<(u32, String, Instant)>,
    /// Whether it answers and nothing that it said to have is missing here.
    pub is_in_touch: bool,
    /// Whether its clock is off by more than the law shows.
    pub is_clock_off: bool,
    /// Whether its events stand on a list that is not known here.
    pub is_of_other_list: bool,
    /// Whether it must be assumed to serve voters.
    pub is_at_work: bool,
    /// The kit that took its lines over, when it is retired.
    pub heir: Option<String>,
    /// Whether it opened and closed.
    pub is_open: bool,
    /// Whether it closed.
    pub is_closed: bool,
}

impl Kit {
    /// A voter with their state.
    #[must_use]
    pub fn voter_view(&self, line: u32) -> Option<VoterView> {
        let voter = self.voter(line)?.clone();
        Some(VoterView {
            voter,
            state: self.desk().book.state(line).clone(),
        })
    }

    /// The last acts on this kit, newest first.
    #[must_use]
    pub fn recent(&self, count: usize) -> Vec<RecentView> {
        let desk = self.desk();
        let head = desk.book.head(self.me).seq;
        let from = head.saturating_sub(u32::try_from(count * 4).unwrap_or(u32::MAX));
        let mut recent: Vec<RecentView> = desk
            .book
            .events_after(self.me, from)
            .filter_map(recent_of)
            .collect();
        recent.reverse();
        recent.truncate(count);
        recent
    }

    /// Every kit of the precinct, in the order of the shares.
    #[must_use]
    pub fn kits(&self) -> Vec<PeerView> {
        let reading = self.clock.read();
        let desk = self.desk();
        let off = desk.book.clocks_off(reading);
        let of = |kit: &Kid| PeerView {
            kit: *kit,
            name: self.charter.kit_name(*kit),
            is_me: *kit == self.me,
            is_reachable: *kit == self.me || desk.book.is_reachable(*kit, reading),
            acts: desk.book.acts_of(*kit),
            skew_micros: desk.book.skew_micros(*kit),
            last: last_of(&desk.book, *kit),
            is_in_touch: desk.book.is_in_touch(*kit, reading),
            is_clock_off: off.iter().any(|(other, _)| other == kit),
            is_of_other_list: Self::is_of_other_list(&desk, *kit),
            is_at_work: desk.book.is_at_work(*kit),
            heir: desk
                .book
                .standing()
                .retirement(*kit)
                .map(|how| self.charter.kit_name(how.heir)),
            is_open: desk.book.opened(*kit).is_some(),
            is_closed: desk.book.closed(*kit).is_some(),
        };
        self.charter.kits().iter().map(of).collect()
    }

    /// Why the kit is stopped; `None` when it works.
    #[must_use]
    pub fn stopped(&self) -> Option<Stop> {
        let mut desk = self.desk();
        let reading = self.clock.read();
        desk.book.inspect_clock(reading);
        if desk.is_storage_lost {
            return Some(Stop::Storage(desk.storage_fault));
        }
        desk.book.block().cloned().map(Stop::Block)
    }

    /// What the system said when the disk took a write no more; `None` while it does, or when nothing was said.
    #[must_use]
    pub fn storage_fault(&self) -> Option<std::io::ErrorKind> {
        self.desk().storage_fault
    }

    /// Own receipts that did not come out.
    #[must_use]
    pub fn pending_receipts(&self) -> Vec<u32> {
        self.desk().book.pending_receipts()
    }
}

fn last_of(book: &Book, kit: Kid) -> Option<(u32, String, Instant)> {
    let head = book.head(kit);
    let act = book.event(kit, head.seq)?;
    Some((head.seq, hex(&head.id.0[..4]), act.hlc.moment()))
}

fn recent_of(act: &Arc<Act>) -> Option<RecentView> {
    if let Some(body) = identified(act) {
        return Some(RecentView {
            at: act.hlc.moment(),
            line: body.line,
            refusal: None,
            method: body.method,
        });
    }
    let Body::Refused(body) = &act.body else {
        return None;
    };
    Some(RecentView {
        at: act.hlc.moment(),
        line: body.line,
        refusal: RefusalReason::from_code(&body.reason),
        method: body.method,
    })
}
