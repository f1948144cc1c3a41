//! What must hold in every state.

use lexicon::handover::envelope::Kid;
use pollbook::{Body, Partition, Place, admit, identified};

use super::{Hall, Stage, State};

/// The properties, in the order of the bits of [`Hall::broken`].
pub(super) const PROPERTIES: [&str; 6] = [
    "the policy's promise holds",
    "I1: healed is equal",
    "I2, I4: one counted, no fork",
    "a second receipt is always found",
    "nobody is stuck",
    "I5: nothing after a retirement counts",
];

impl Hall {
    /// Which properties a state breaks, one bit for each of [`PROPERTIES`]. What a line is in the healed hall is
    /// looked at once for all states that have it: `is_new` says whether it was not seen before.
    pub(super) fn broken(&self, state: &State, is_new: &dyn Fn(u128) -> bool) -> u8 {
        let mut bits = u8::from(!self.keeps_policy(state));
        // What is under way is looked at when it has ended: healing ends it.
        if !state.is_quiet() {
            return bits;
        }
        let mut healed = None;
        for line in 1..=self.bounds.voters {
            if !is_new(self.line_shape(state, line)) {
                continue;
            }
            let healed = &*healed.get_or_insert_with(|| self.healed(state));
            let holds = [
                self.heals_equal(state, healed),
                self.is_sound(healed),
                self.finds_duplicate(state, healed, line),
                self.is_live(state, healed, line),
                self.retired_count_nothing(healed, line),
            ];
            for (at, holds) in holds.iter().enumerate() {
                bits |= u8::from(!holds) << (at + 1);
            }
        }
        bits
    }

    /// I1: after healing all kits hold the same and say the same, whatever the order.
    fn heals_equal(&self, state: &State, healed: &State) -> bool {
        let Some(first) = healed.kits.first() else {
            return true;
        };
        let mut before: Vec<_> = state
            .kits
            .iter()
            .flat_map(|kit| kit.book.events().map(|act| act.name))
            .collect();
        before.sort();
        before.dedup();
        let kept: Vec<_> = first.book.events().map(|act| act.name).collect();
        healed.kits.iter().all(|kit| {
            kit.book.events().eq(first.book.events())
                && kit.book.states().eq(first.book.states())
                && kit.book.incidents() == first.book.incidents()
                && kit.book.standing() == first.book.standing()
        }) && before.iter().all(|name| kept.contains(name))
    }

    /// I2 and I4 on the healed book: one counted act, every further one shown, chains without forks.
    fn is_sound(&self, healed: &State) -> bool {
        let Some(first) = healed.kits.first() else {
            return true;
        };
        let book = &first.book;
        let chains = self.precinct.charter.kits().iter().all(|kit| {
            book.events_after(*kit, 0)
                .zip(1..)
                .all(|(act, seq)| act.name.seq == seq)
        });
        let shown = book
            .states()
            .all(|(_, voter)| voter.counted.is_some() || voter.duplicates.is_empty());
        chains && shown
    }

    /// A voter with two receipts is always an incident after healing.
    fn finds_duplicate(&self, state: &State, healed: &State, line: u32) -> bool {
        if state.voter(line).is_none_or(|voter| voter.receipts < 2) {
            return true;
        }
        let Some(first) = healed.kits.first() else {
            return true;
        };
        let incidents = first.book.incidents();
        incidents
            .iter()
            .any(|incident| incident.code == "DUPLICATE" && incident.line == line)
    }

    /// I5: nothing that a kit signed after its retirement counts; by the bytes that it signed.
    fn retired_count_nothing(&self, healed: &State, line: u32) -> bool {
        let Some(first) = healed.kits.first() else {
            return true;
        };
        let state = first.book.state(line);
        let mut standing = state.counted.iter().chain(&state.duplicates);
        standing.all(|act| {
            let signed = admit(&self.precinct.charter, &act.signed(), &*self.precinct.ring);
            signed.is_ok_and(|act| first.book.standing().place(&act) != Place::After)
        })
    }

    /// What the policy promises.
    fn keeps_policy(&self, state: &State) -> bool {
        let acts = |line: u32| {
            let mut names: Vec<_> = state
                .kits
                .iter()
                .flat_map(|kit| kit.book.acts_on(line))
                .filter(|act| identified(act).is_some())
                .map(|act| act.name)
                .collect();
            names.sort();
            names.dedup();
            names.len()
        };
        let looks = |line: u32| {
            let mut acts = state.kits.iter().flat_map(|kit| kit.book.acts_on(line));
            acts.any(|act| matches!(&act.body, Body::LineChecked(look) if look.unsigned))
        };
        !state.is_shut_served
            && (1..=self.bounds.voters).all(|line| {
                let voter = state.voter(line).copied().unwrap_or_default();
                let receipts = voter.receipts;
                match self.policy() {
                    Partition::Segment => {
                        let untouched =
                            state.retirements == self.bounds.retirements && !voter.is_released;
                        (state.is_wrong || receipts <= 1) && (!untouched || acts(line) <= 1)
                    }
                    Partition::Quorum => receipts <= 1 && acts(line) <= 1,
                    // Never where nobody looked; whoever decided to serve the voter again had looked, and truly: before the
                    // first receipt came out.
                    Partition::PaperLock => {
                        receipts <= 1 || !voter.is_lied_about && !voter.is_unlooked && looks(line)
                    }
                }
            })
    }

    /// No stuck state: whoever has no receipt can still get one, or under `quorum` is sent to the paper
    /// by two officers because a lost kit holds the promise.
    fn is_live(&self, state: &State, healed: &State, line: u32) -> bool {
        state.is_signed(line) || self.can_end(healed, line)
    }

    fn can_end(&self, healed: &State, line: u32) -> bool {
        // A promise is never taken back: when a retired kit holds it, two officers refuse here and send
        // the voter to the paper list.
        let is_held = healed.kits.iter().any(|kit| {
            kit.book.state(line).grants_unused.iter().any(|act| {
                pollbook::grant_of(act)
                    .is_some_and(|grant| kit.book.standing().retirement(Kid(*grant.to)).is_some())
            })
        });
        if self.policy() == Partition::Quorum && is_held {
            return true;
        }
        let mut ready = healed.clone();
        self.morning(&mut ready);
        // Of two slips that wait for each other the later is declared void, which the other hears.
        for _ in 0..2 {
            for at in 0..ready.kits.len() {
                if ready.kits[at].book.block().is_none() {
                    self.pending(&mut ready, at);
                }
            }
            self.gossip(&mut ready);
        }
        if ready.is_signed(line) {
            return true;
        }
        for at in 0..ready.kits.len() {
            self.decline(&mut ready, at, line);
        }
        self.round(&mut ready);
        (0..ready.kits.len()).any(|kit| {
            let mut state = ready.clone();
            if self.resume(&mut state, line, kit) {
                return true;
            }
            self.visit(&mut state, line, kit, false);
            self.deliver(&mut state, kit);
            matches!(state.kits[kit].stage, Stage::Printing(..))
        })
    }
}
