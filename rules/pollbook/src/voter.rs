//! What the events say about one line of the list.

use std::sync::Arc;

use lexicon::RefusalReason;
use lexicon::handover::envelope::Kid;
use lexicon::handover::event::Granted;

use crate::act::{Act, Body, Order};
use crate::standing::{Place, Standing};
use crate::table::{BALLOT_RETURNED, slip_of};

/// A voter's state: the fold of the events that name the line, in their one order.
///
/// INVARIANT (one counted): at most one act of a line is counted; every further one that stands is
/// a duplicate, kept and shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VoterState {
    /// The act that counts: the first that nobody undid; late evidence comes after what was known.
    /// An IDENTIFIED, a RECONSTRUCTED whose act is not known, or a PAPER_SERVED.
    pub counted: Option<Arc<Act>>,
    /// Further acts that stand: incidents.
    pub duplicates: Vec<Arc<Act>>,
    /// Acts that two officers undid.
    pub undone: Vec<Arc<Act>>,
    /// Acts of a kit after it was retired: evidence, never counted.
    pub set_aside: Vec<Arc<Act>>,
    /// Grants that no act has used and nobody took back.
    pub grants_unused: Vec<Arc<Act>>,
    /// Grants that two officers took back: their holder may have used them unknown to this kit.
    pub grants_released: Vec<Arc<Act>>,
    /// LINE_SIGNED of acts that nobody undid, at a scanned ballot table.
    pub signed: Vec<Arc<Act>>,
    /// Ballots given that stand, first to last: more than one is an incident.
    pub ballots: Vec<Arc<Act>>,
    /// Ballots that came back when their act was undone.
    pub returned: Vec<Arc<Act>>,
    /// Looks at the paper line.
    pub checks: Vec<Arc<Act>>,
    /// The chair's release of a home line for the hall, the first.
    pub home_release: Option<Arc<Act>>,
    /// Visits at which the voter was not found, by the mobile kit.
    pub not_found: u32,
    /// Attempts that ended without an issue.
    pub refused: u32,
}

/// What officers and later acts say about the others, gathered before the fold.
#[derive(Default)]
struct Said {
    undone: Vec<(Kid, u32)>,
    /// Acts undone with their ballots back, and when.
    returned: Vec<((Kid, u32), Order)>,
    released: Vec<(Kid, u32)>,
    /// Who declined, and whose grant.
    declined: Vec<(Kid, Kid, u32)>,
    /// Grants that acts name.
    used: Vec<(Kid, u32)>,
    /// Acts by kit with their place in the order: an act uses every grant to its kit before it.
    identified: Vec<(Kid, Order)>,
    /// Receipts of acts that are in the set.
    receipts: Vec<(Kid, u32)>,
    /// Receipts entered from paper.
    entered: Vec<(Kid, u32)>,
}

impl Said {
    fn gather(acts: &[Arc<Act>], standing: &Standing) -> Self {
        let mut said = Self::default();
        for act in acts {
            if standing.place(act) == Place::After {
                continue;
            }
            let kit = act.name.kit;
            if let Body::Undone(body) = &act.body {
                let name = (Kid(*body.kit), body.seq);
                said.undone.push(name);
                if body.reason == BALLOT_RETURNED {
                    said.returned.push((name, act.order()));
                }
            } else if let Body::Released(body) = &act.body {
                said.released.push((kit, body.seq));
            } else if let Body::Declined(body) = &act.body {
                said.declined.push((kit, Kid(*body.kit), body.seq));
            } else if let Body::Reconstructed(body) = &act.body {
                said.entered.push((Kid(*body.kit), body.receipt));
            } else if let Body::Identified(body) = &act.body {
                said.used.push((Kid(*body.grant_kit), body.grant_seq));
                said.identified.push((kit, act.order()));
                said.receipts.push((kit, body.receipt));
            }
        }
        said
    }

    /// Whether the holder has served the voter since, by this grant or a later one, or declined it.
    fn is_done_with(&self, act: &Act, grant: &Granted) -> bool {
        let name = (act.name.kit, act.name.seq);
        let to = Kid(*grant.to);
        self.used.contains(&name)
            || self.declined.contains(&(to, name.0, name.1))
            || self
                .identified
                .iter()
                .any(|(kit, order)| *kit == to && act.order() < *order)
    }

    /// Whether the ballot came back after it was given.
    fn is_returned(&self, ballot: &Act) -> bool {
        slip_of(ballot).is_some_and(|slip| {
            let mut undone = self.returned.iter();
            undone.any(|(name, order)| *name == slip && ballot.order() < *order)
        })
    }

    fn is_released(&self, act: &Act) -> bool {
        self.released.contains(&(act.name.kit, act.name.seq))
    }
}

impl VoterState {
    /// Folds a line's events, which stand in their [`Order`], so that the order of arrival cannot matter.
    #[must_use]
    pub fn fold(acts: &[Arc<Act>], standing: &Standing) -> Self {
        let said = Said::gather(acts, standing);
        let mut state = Self::default();
        let mut late = Vec::new();
        let mut entered = Vec::new();
        let mut slips = Vec::new();
        for act in acts {
            let name = (act.name.kit, act.name.seq);
            let place = standing.place(act);
            match &act.body {
                Body::Identified(body) if place == Place::After => {
                    // Entered from its receipt: the paper says that it counts.
                    if !said.entered.contains(&(name.0, body.receipt)) {
                        state.set_aside.push(Arc::clone(act));
                    }
                }
                Body::Identified(_) if said.undone.contains(&name) => {
                    state.undone.push(Arc::clone(act));
                }
                Body::Identified(_) if place == Place::Late => late.push(Arc::clone(act)),
                Body::Identified(_) => state.stand(act),
                Body::Reconstructed(body) if place != Place::After => {
                    let receipt = (Kid(*body.kit), body.receipt);
                    if !said.receipts.contains(&receipt) && !entered.contains(&receipt) {
                        entered.push(receipt);
                        state.stand(act);
                    }
                }
                Body::PaperServed(_) if place != Place::After && said.undone.contains(&name) => {
                    state.undone.push(Arc::clone(act));
                }
                // The same slip entered at two kits is one act.
                Body::PaperServed(body) if place != Place::After => {
                    if !slips.contains(&body.slip) {
                        slips.push(body.slip);
                        state.stand(act);
                    }
                }
                Body::Granted(grant) if place != Place::After && !said.is_done_with(act, grant) => {
                    if said.is_released(act) {
                        state.grants_released.push(Arc::clone(act));
                    } else {
                        state.grants_unused.push(Arc::clone(act));
                    }
                }
                Body::LineChecked(_) => state.checks.push(Arc::clone(act)),
                Body::LineSigned(_) => {
                    if !slip_of(act).is_some_and(|slip| said.undone.contains(&slip)) {
                        state.signed.push(Arc::clone(act));
                    }
                }
                // A ballot that left the table left it, whatever became of its kit since.
                Body::BallotIssued(_) if said.is_returned(act) => {
                    state.returned.push(Arc::clone(act));
                }
                Body::BallotIssued(_) => state.ballots.push(Arc::clone(act)),
                Body::Refused(body) => {
                    state.refused += 1;
                    let is_visit = body.reason == RefusalReason::HomeNotFound.code();
                    state.not_found += u32::from(is_visit);
                }
                Body::HomeReleased(_) => {
                    state.home_release.get_or_insert_with(|| Arc::clone(act));
                }
                Body::Granted(_)
                | Body::Reconstructed(_)
                | Body::PaperServed(_)
                | Body::PaperOnly(_)
                | Body::Suspended(_)
                | Body::DayDecided(_)
                | Body::SessionOpened(_)
                | Body::GlassBroken(_)
                | Body::SlipVoided(_)
                | Body::SlipTaken(_)
                | Body::TotalsEntered(_)
                | Body::Opened(_)
                | Body::Undone(_)
                | Body::Printed(_)
                | Body::Void(_)
                | Body::PeerHead(_)
                | Body::Incident(_)
                | Body::Closed(_)
                | Body::Released(_)
                | Body::Retired(_)
                | Body::Resumed(_)
                | Body::Declined(_)
                | Body::ListChanged(_)
                | Body::ShiftTaken(_)
                | Body::CardWithdrawn(_)
                | Body::SlipsLater(_)
                | Body::LinkChanged(_)
                | Body::TimeSet(_) => {}
            }
        }
        for act in &late {
            state.stand(act);
        }
        state
    }

    /// The act that served the line on paper while no kit worked, counted or not: its ballot left the table.
    #[must_use]
    pub fn on_paper(&self) -> Option<&Arc<Act>> {
        let mut standing = self.counted.iter().chain(&self.duplicates);
        standing.find(|act| matches!(act.body, Body::PaperServed(_)))
    }

    /// Whether a ballot was given for an act of this line that was undone before anybody here knew of the ballot.
    #[must_use]
    pub fn is_stray(&self, ballot: &Act) -> bool {
        let slip = slip_of(ballot);
        let mut undone = self.undone.iter();
        undone.any(|act| slip == Some((act.name.kit, act.name.seq)))
    }

    fn stand(&mut self, act: &Arc<Act>) {
        if self.counted.is_none() {
            self.counted = Some(Arc::clone(act));
        } else {
            self.duplicates.push(Arc::clone(act));
        }
    }

    /// Every act that stands or was undone, counted or not; acts after a retirement are not among them.
    pub fn acts(&self) -> impl Iterator<Item = &Arc<Act>> {
        self.counted
            .iter()
            .chain(&self.duplicates)
            .chain(&self.undone)
    }
}
