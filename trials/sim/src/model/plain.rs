//! The plain walk by stateright: every state apart that differs in any event or counter. Slow, and the oracle of
//! the walk over shapes.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::{Hash, Hasher};

use pollbook::Body;
use stateright::{Checker, Model, Property};

use super::promise::PROPERTIES;
use super::{Action, Bounds, Checked, Hall, State};
use crate::mutation::Mutation;

/// A state told apart by all that its kits hold.
#[derive(Clone, Debug)]
pub struct Plain {
    state: State,
    bits: u8,
}

impl Plain {
    /// Everything but the numbers of the stamps: who holds which events in which order on each line.
    fn all(&self) -> String {
        let mut stamps: Vec<u64> = self
            .state
            .kits
            .iter()
            .flat_map(|kit| kit.book.events().map(|act| act.hlc.0))
            .collect();
        stamps.sort_unstable();
        stamps.dedup();
        let mut text = String::new();
        for kit in &self.state.kits {
            let reading = self.state.reading();
            for act in kit.book.events() {
                let place = stamps.partition_point(|stamp| *stamp < act.hlc.0);
                let (line, kind) = (act.body.line(), act.body.kind());
                text += &format!(
                    "{}/{}/{kind}/{line}/{place};",
                    act.name.kit.hex(),
                    act.name.seq
                );
                let is_old = self.state.is_old(act);
                text += &format!("{is_old};{};", said(&act.body));
            }
            for kid in self.state.kids.iter() {
                let is_near = kit.book.is_reachable(*kid, reading);
                text += &format!("{is_near} {},", kit.book.is_in_touch(*kid, reading));
            }
            text += match &kit.stage {
                super::Stage::Idle => "idle".to_owned(),
                super::Stage::Asking(line, acts) => format!("asks {line} {}", acts.len()),
                super::Stage::Printing(line, act) => format!("prints {line} {}", act.name.seq),
            }
            .as_str();
            text += &format!("{} {}|", kit.is_up, kit.book.block().is_some());
        }
        for voter in &self.state.voters {
            text += &format!(
                "{} {} {} {} {} {},",
                voter.attempts,
                voter.receipts,
                voter.is_lied_about,
                voter.is_unlooked,
                voter.is_crossed,
                voter.is_released
            );
        }
        let state = &self.state;
        text + &format!(
            "{:?} {} {} {} {} {} {} {} {}",
            state.cut,
            state.is_shut_served,
            state.may_close,
            state.is_next_day,
            state.waited,
            state.crashes,
            state.partitions,
            state.retirements,
            state.is_wrong
        )
    }
}

/// What an event says besides its line, without signatures and request numbers.
fn said(body: &Body) -> String {
    if let Body::Identified(body) = body {
        format!("{:?} {} {}", body.grant_kit, body.grant_seq, body.receipt)
    } else if let Body::Granted(body) = body {
        format!("{:?}", body.to)
    } else if let Body::Resumed(body) = body {
        format!("{:?} {} {}", body.kit, body.seq, body.outcome)
    } else if let Body::Retired(body) = body {
        let heads = body.kits.iter().map(|head| (head.kit, head.seq));
        format!("{:?}", heads.collect::<Vec<_>>())
    } else if let Body::LineChecked(body) = body {
        body.unsigned.to_string()
    } else if let Body::Declined(body) = body {
        format!("{:?} {}", body.kit, body.seq)
    } else if let Body::Released(body) = body {
        body.seq.to_string()
    } else if let Body::Printed(body) | Body::Void(body) = body {
        body.receipt.to_string()
    } else {
        String::new()
    }
}

impl PartialEq for Plain {
    fn eq(&self, other: &Self) -> bool {
        self.all() == other.all()
    }
}

impl Hash for Plain {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.all().hash(hasher);
    }
}

impl Model for Hall {
    type State = Plain;
    type Action = Action;

    fn init_states(&self) -> Vec<Plain> {
        let state = self.opened();
        vec![Plain { state, bits: 0 }]
    }

    fn actions(&self, plain: &Plain, actions: &mut Vec<Action>) {
        self.actions_of(&plain.state, actions);
    }

    fn next_state(&self, before: &Plain, action: Action) -> Option<Plain> {
        let state = self.after(&before.state, action)?;
        let bits = self.broken(&state, &|_| true);
        Some(Plain { state, bits })
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(PROPERTIES[0], |_: &Hall, plain: &Plain| plain.bits & 1 == 0),
            Property::always(PROPERTIES[1], |_: &Hall, plain: &Plain| plain.bits & 2 == 0),
            Property::always(PROPERTIES[2], |_: &Hall, plain: &Plain| plain.bits & 4 == 0),
            Property::always(PROPERTIES[3], |_: &Hall, plain: &Plain| plain.bits & 8 == 0),
            Property::always(PROPERTIES[4], |_: &Hall, plain: &Plain| {
                plain.bits & 16 == 0
            }),
            Property::always(PROPERTIES[5], |_: &Hall, plain: &Plain| {
                plain.bits & 32 == 0
            }),
        ]
    }
}

/// Checks a hall exhaustively without merging states.
///
/// # Errors
/// A text when the bounds make no hall.
pub fn check_plainly(
    bounds: Bounds,
    policy: &str,
    mutation: Option<Mutation>,
) -> Result<Checked, String> {
    let hall = Hall::new(bounds, policy, mutation)?;
    // With one thread stateright's breadth-first search was seen to stop half-way and wait for ever.
    let checker = hall.checker().threads(2).spawn_bfs().join();
    let mut broken: Vec<(String, Vec<String>)> = checker
        .discoveries()
        .into_iter()
        .map(|(name, path)| {
            let steps = path.into_actions();
            let steps = steps.iter().map(|action| format!("{action:?}"));
            (name.to_owned(), steps.collect())
        })
        .collect();
    broken.sort();
    Ok(Checked {
        states: checker.unique_state_count(),
        depth: checker.max_depth(),
        broken,
        ..Checked::default()
    })
}

/// Walks all plain states and compares those of one shape: the same properties hold, and their next steps lead to
/// the same shapes. Gives the number of plain states and of shapes.
///
/// # Errors
/// A text that shows two states of one shape with different futures.
pub fn compare_shapes(
    bounds: Bounds,
    policy: &str,
    mutation: Option<Mutation>,
) -> Result<(usize, usize), String> {
    let hall = Hall::new(bounds, policy, mutation)?;
    let mut known: HashMap<u128, (BTreeSet<u128>, u8, Plain, Vec<String>)> = HashMap::new();
    let first = Plain {
        state: hall.opened(),
        bits: 0,
    };
    let mut seen = HashSet::from([first.all()]);
    let mut open = vec![first];
    let mut actions = Vec::new();
    while let Some(plain) = open.pop() {
        let shape = hall.shape(&plain.state);
        let mut next = BTreeSet::new();
        let mut told = Vec::new();
        actions.clear();
        hall.actions_of(&plain.state, &mut actions);
        for action in &actions {
            let Some(state) = hall.after(&plain.state, *action) else {
                continue;
            };
            // A step that the shape does not show is none.
            let leads_to = hall.shape(&state);
            if leads_to != shape {
                next.insert(leads_to);
                told.push(format!("{action:?} {leads_to:x}"));
            }
            let bits = hall.broken(&state, &|_| true);
            let state = Plain { state, bits };
            if seen.insert(state.all()) {
                open.push(state);
            }
        }
        let Some((others, bits, other, other_told)) = known.get(&shape) else {
            known.insert(shape, (next, plain.bits, plain, told));
            continue;
        };
        if *others != next || *bits != plain.bits {
            return Err(format!(
                "one shape, different futures (properties {bits:b} and {:b}):\n{}\n{other_told:#?}\n\n{}\n{told:#?}",
                plain.bits,
                other.all(),
                plain.all()
            ));
        }
    }
    Ok((seen.len(), known.len()))
}
