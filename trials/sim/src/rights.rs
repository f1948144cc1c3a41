//! Every act without a right, and every receipt entered for a kit that nobody retired, has a cause that is named.

use std::sync::Arc;

use lexicon::handover::envelope::Kid;
use lexicon::handover::event::Incident;
use pollbook::{Act, Body, Book, grant_of, identified};

use crate::world::{Halt, World, broken};

impl World<'_> {
    /// In the evening: why an act stands without its right in the set (docs/protocol.md, "NO_RIGHT").
    pub(crate) fn rights(&mut self, at: usize) -> Result<(), Halt> {
        let book = &self.devices[at].book;
        let incidents = book.incidents();
        let without: Vec<Incident> = incidents
            .into_iter()
            .filter(|incident| incident.code == "NO_RIGHT")
            .collect();
        for incident in &without {
            let named = incident.evidence.first();
            // Of two events under one number the book shows the first.
            if named.is_some_and(|named| self.is_forked(Kid(*named.kit))) {
                continue;
            }
            let Some(act) = named.and_then(|named| book.event(Kid(*named.kit), named.seq)) else {
                continue;
            };
            if !self.explains(book, act) {
                let kit = self.precinct.charter.kit_name(act.name.kit);
                let text = format!(
                    "{kit} served line {} and no cause is known why its right is missing",
                    incident.line
                );
                return broken("I5", text);
            }
        }
        let strangers: Vec<Kid> = book
            .events()
            .filter_map(|act| match_entered(act))
            .filter(|kit| book.standing().retirement(*kit).is_none())
            .collect();
        for kit in &strangers {
            if !self.was_retired(book, *kit) {
                let kit = self.precinct.charter.kit_name(*kit);
                return broken(
                    "I5",
                    format!("a receipt of {kit} was entered, which nobody retired"),
                );
            }
        }
        self.tally.rightless += u64::try_from(without.len()).unwrap_or(0);
        self.tally.entered_unretired += u64::try_from(strangers.len()).unwrap_or(0);
        Ok(())
    }

    /// A copied or set-back disk; a grant or promise lost with its kit's disk; a takeover that was lost or lost out.
    fn explains(&self, book: &Book, act: &Act) -> bool {
        let Some(body) = identified(act) else {
            return false;
        };
        // Something that gave the right was signed before the act and is not in the set: it went with its kit's disk,
        // or another event bears its number on a disk that was set back.
        let is_lost = |told: &Arc<Act>| {
            let about = told.body.line() == act.body.line() && told.order() < act.order();
            let looked = matches!(&told.body, Body::LineChecked(look) if look.unsigned)
                && told.name.kit == act.name.kit;
            let gave = grant_of(told).is_some_and(|grant| *grant.to == act.name.kit.0);
            about
                && (gave || looked)
                && !book
                    .acts_on(act.body.line())
                    .any(|held| held.name == told.name)
        };
        let took_over = self.told.iter().any(|told| {
            matches!(&told.body, Body::Retired(_))
                && self.is_without_force(book, told)
                && told.order() < act.order()
        });
        self.is_forked(Kid(*body.grant_kit)) || self.told.iter().any(is_lost) || took_over
    }

    fn is_forked(&self, kid: Kid) -> bool {
        let key = self.precinct.index(kid);
        key.is_some_and(|key| self.forked.contains(&key))
    }

    /// A takeover that is not in the set, or that another one or its own author's retirement made void.
    fn is_without_force(&self, book: &Book, takeover: &Act) -> bool {
        let Body::Retired(body) = &takeover.body else {
            return false;
        };
        body.kits.iter().any(|head| {
            book.standing()
                .retirement(Kid(*head.kit))
                .is_none_or(|how| (how.hlc, how.heir) != (takeover.hlc, takeover.name.kit))
        })
    }

    fn was_retired(&self, book: &Book, kit: Kid) -> bool {
        self.told.iter().any(|told| {
            let names = matches!(&told.body, Body::Retired(body) if body.kits.iter().any(|head| *head.kit == kit.0));
            names && self.is_without_force(book, told)
        })
    }
}

fn match_entered(act: &Act) -> Option<Kid> {
    if let Body::Reconstructed(body) = &act.body {
        Some(Kid(*body.kit))
    } else {
        None
    }
}
