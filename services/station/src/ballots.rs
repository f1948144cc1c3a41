//! What people do on the small screen of a scanned ballot table.

use std::sync::Arc;

use crate::kit::{ReceiptAnswer, Slip, TableAnswer};
use crate::scene::{ChairError, Station, TwoCards};

/// What the ballot table's screen shows.
#[derive(Clone, Debug, Default)]
pub enum TableScene {
    /// The next slip is waited for.
    #[default]
    Idle,
    /// The voter signs the line.
    Sign(Slip),
    /// Two officers look; the last pair of cards failed for this reason.
    Officers(Slip, Option<Arc<ChairError>>),
    /// A ballot is given.
    Given(Slip),
    /// No ballot: a slip of no use.
    No(ReceiptAnswer),
    /// No ballot: not here, or not now.
    Refused(Slip, pollbook::Refusal),
    /// The kit could not do it: no ballot.
    Fault(String),
}

impl TableScene {
    /// The scene in short, without what a slip says: a screen is stale when it changes.
    pub(crate) fn shown(&self) -> String {
        match self {
            TableScene::Idle => "idle".to_owned(),
            TableScene::Sign(slip) => format!("sign {:?}", slip.act.name),
            TableScene::Officers(slip, problem) => format!("two {:?} {problem:?}", slip.act.name),
            TableScene::Given(slip) => format!("given {:?}", slip.act.name),
            TableScene::No(answer) => format!("no {answer:?}"),
            TableScene::Refused(slip, refusal) => format!("{:?} {}", slip.act.name, refusal.reason),
            TableScene::Fault(why) => why.clone(),
        }
    }
}

impl From<TableAnswer> for TableScene {
    fn from(answer: TableAnswer) -> Self {
        match answer {
            TableAnswer::Sign(slip) => TableScene::Sign(slip),
            TableAnswer::Officers(slip) => TableScene::Officers(slip, None),
            TableAnswer::Given(slip) => TableScene::Given(slip),
            TableAnswer::No(answer) => TableScene::No(answer),
            TableAnswer::Refused { refusal, slip } => TableScene::Refused(slip, refusal),
        }
    }
}

impl Station {
    /// A slip was held to the reader. A voter who is signing is not pushed aside by it.
    pub(crate) fn present_slip(&self, qr: &str) {
        let Some(kit) = self.kit() else { return };
        if matches!(self.table(), TableScene::Sign(_) | TableScene::Officers(..)) {
            return;
        }
        self.show_table(kit.show_slip(qr).into());
    }

    /// The voter on the screen signed the line: the ballot is given when its event is on disk.
    pub(crate) fn slip_signed(&self) {
        if let (Some(kit), TableScene::Sign(slip)) = (self.kit(), self.table()) {
            self.show_table(scene_of(kit.sign_line(&slip)));
        }
    }

    /// The line bore a signature already.
    pub(crate) fn slip_refused(&self) {
        if let (Some(kit), TableScene::Sign(slip)) = (self.kit(), self.table()) {
            self.show_table(scene_of(kit.refuse_at_table(&slip)));
        }
    }

    /// Two officers looked at line and stubs: `is_given` says that the ballot had been given.
    pub(crate) fn ballot_resumed(&self, is_given: bool, cards: &TwoCards) {
        let TableScene::Officers(slip, _) = self.table() else {
            return;
        };
        let done = self.with_cards(cards, |kit, cards| {
            if is_given {
                kit.resume(slip.line, true, cards)?;
                return Ok(refused(&slip));
            }
            Ok(kit.resume_ballot(&slip, cards)?.into())
        });
        self.show_table(
            done.unwrap_or_else(|problem| TableScene::Officers(slip, Some(Arc::new(problem)))),
        );
    }

    /// The next slip.
    pub(crate) fn next_slip(&self) {
        self.show_table(TableScene::Idle);
    }
}

fn refused(slip: &Slip) -> TableScene {
    let refusal = pollbook::Refusal::of(lexicon::RefusalReason::LineSigned);
    TableScene::Refused(slip.clone(), refusal)
}

fn scene_of(done: Result<TableAnswer, crate::kit::ActError>) -> TableScene {
    done.map_or_else(|error| TableScene::Fault(error.to_string()), Into::into)
}
