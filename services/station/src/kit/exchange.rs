//! Talking with the other kits: heads, events, grants.

use lexicon::RefusalReason;
use lexicon::handover::envelope::{Kid, Signer};
use pollbook::{
    GrantAnswer, GrantAsk, KitMessage, LineAsk, Merged, MessageError, Reading, Refusal, Rejection,
    Shelf,
};

use super::devices::Heard;
use super::{ActError, AnswerError, Desk, Kit};
use crate::disk::replace;
use crate::link::LinkError;
use crate::restore::MET;

/// The most messages of one synchronisation; each carries up to 48 KiB of events.
const ROUNDS_MAX: usize = 200;

impl Kit {
    /// Asks a peer, with what it seems to lack, and takes in what it answers.
    ///
    /// `Ok(Some(_))` is the peer's refusal of the wish.
    pub(super) fn ask(
        &self,
        peer: Kid,
        wish: Option<LineAsk>,
    ) -> Result<Option<Refusal>, LinkError> {
        let silent = |why: &str| LinkError::Silent(why.to_owned());
        let link = self.link(peer).ok_or_else(|| silent("no link"))?;
        let reading = self.clock.read();
        let devices = Some(self.device_states());
        let (question, number) = {
            let mut desk = self.desk();
            let number = desk.book.request_number(reading);
            let theirs = desk.peer_heads.get(&peer).cloned().unwrap_or_default();
            let mut message = desk.book.message(peer, number, &theirs, reading.wall);
            message.ask = wish;
            message.devices = devices;
            message.want(&self.wanted(&desk.book));
            let signed = message
                .sign(&self.charter, &*self.key as &dyn Signer)
                .map_err(|error| silent(&error.to_string()))?;
            (signed, number)
        };
        let answer = link.ask(&question)?;
        let answer = KitMessage::open(&self.charter, self.me, &answer, &self.ring)
            .map_err(|error| silent(&error.to_string()))?;
        if !answer.answer || answer.number != number || answer.sender() != peer {
            return Err(silent("an answer to another question"));
        }
        let reading = self.clock.read();
        let mut desk = self.desk();
        self.take_in(&mut desk, &answer, reading);
        let Some(code) = &answer.refusal else {
            return Ok(None);
        };
        let reason = RefusalReason::from_code(code).unwrap_or(RefusalReason::NotMyShare);
        let evidence = wish.and_then(|wish| desk.book.state(wish.line).counted.clone());
        let kit = evidence.as_ref().map_or(peer, |act| act.name.kit);
        Ok(Some(Refusal {
            reason,
            evidence,
            kit: Some(kit),
        }))
    }

    /// Hears a peer's message and merges its events: a set union, whoever sends them.
    fn take_in(&self, desk: &mut Desk, message: &KitMessage, reading: Reading) {
        let sender = message.sender();
        desk.book.hear(message, reading);
        desk.peer_heads.insert(sender, message.holdings());
        // As in the book: a question may be an old one, played back.
        if message.answer {
            desk.heard
                .insert(sender, Heard::now(reading, message.devices));
        }
        let mut is_new = false;
        for signed in &message.events {
            match desk.book.admit(signed, &self.ring) {
                Ok(act) => {
                    desk.other_list.remove(&act.name.kit);
                    // What this kit's own journal lost comes back in order, or waits for the next round.
                    let shelf = desk.book.shelf(&act);
                    if shelf == Shelf::Wait {
                        continue;
                    }
                    let is_next = shelf == Shelf::Own;
                    if desk.book.merge(act.lean(), Some(reading.wall)) != Merged::Known {
                        is_new = true;
                        let written = if is_next {
                            desk.journal.append(signed)
                        } else {
                            desk.peers.write(signed)
                        };
                        if let Err(error) = written {
                            desk.is_storage_lost |= is_next;
                            tracing::error!(%error, "copies of peers' events not written");
                        }
                    }
                }
                // Its kit took a change of the list in that comes with the next messages.
                Err(Rejection::Root) if desk.book.waits_for(signed) => {}
                Err(rejection) => {
                    // The peer works by a list that this kit cannot come to: people are told, no event is used.
                    if rejection == Rejection::Root && desk.other_list.insert(sender) {
                        is_new = true;
                    }
                    tracing::warn!(%rejection, peer = %sender.hex(), "event refused at the door");
                    desk.book.count_rejected();
                }
            }
        }
        self.record_ahead(desk);
        if desk.book.settle_doubt(reading) {
            let path = self.folder.join(format!("{}.restored", self.name()));
            if let Err(error) = replace(&*self.disk, &path, MET) {
                tracing::warn!(%error, "after a restart the kit waits for the others again");
            }
        }
        self.follow_list(desk);
        if let Some(entries) = &message.entries {
            self.take_entries(desk, entries);
        }
        if is_new {
            self.tell();
        }
    }

    /// Answers a peer's signed question.
    ///
    /// # Errors
    /// [`AnswerError`]: the message is dropped, nothing inside was used.
    pub fn answer(&self, question: &[u8]) -> Result<Vec<u8>, AnswerError> {
        let question = KitMessage::open(&self.charter, self.me, question, &self.ring)?;
        if question.answer {
            return Err(MessageError::Unexpected.into());
        }
        let reading = self.clock.read();
        let devices = Some(self.device_states());
        let mut desk = self.desk();
        self.take_in(&mut desk, &question, reading);
        let mut first = Vec::new();
        let mut refusal = None;
        if let Some(wish) = question.ask {
            let ask = GrantAsk {
                from: question.sender(),
                line: wish.line,
                request: wish.request,
            };
            match desk.book.grant(ask, reading) {
                GrantAnswer::Give(draft) => first.push(self.commit(&mut desk, draft)?),
                GrantAnswer::Again(act) => first.push(act),
                GrantAnswer::Refuse(refused) => {
                    first.extend(refused.evidence);
                    refusal = Some(refused.reason);
                }
            }
        }
        let mut answer = desk.book.answer(&question, &first, refusal, reading.wall);
        answer.devices = devices;
        answer.give(self.entries_for(question.wanted()).into_iter());
        drop(desk);
        answer
            .sign(&self.charter, &*self.key as &dyn Signer)
            .map_err(|error| ActError::from(pollbook::DraftError::from(error)).into())
    }

    /// Exchanges events with a peer until both hold the same, or it falls silent.
    ///
    /// # Errors
    /// [`LinkError`] when the peer does not answer.
    pub fn sync(&self, peer: Kid) -> Result<(), LinkError> {
        for _ in 0..ROUNDS_MAX {
            self.ask(peer, None)?;
            let desk = self.desk();
            if desk.peer_heads.get(&peer) == Some(&desk.book.holdings()) {
                break;
            }
        }
        Ok(())
    }

    /// Exchanges with every connected peer; names those that did not answer.
    #[must_use]
    pub fn sync_all(&self) -> Vec<Kid> {
        self.peers()
            .into_iter()
            .filter(|peer| self.sync(*peer).is_err())
            .collect()
    }

    /// Countersigns the peers' heads: what a peer wrote can no more be set back unseen.
    ///
    /// # Errors
    /// [`ActError::Storage`].
    pub fn countersign(&self) -> Result<(), ActError> {
        let mut desk = self.desk();
        if desk.peers.sync().is_err() {
            desk.is_storage_lost = true;
            return Err(ActError::Storage);
        }
        for peer in self.charter.kits().iter().filter(|kit| **kit != self.me) {
            if let Some(draft) = desk.book.countersign(*peer, self.clock.read()) {
                self.commit(&mut desk, draft)?;
            }
        }
        Ok(())
    }

    /// Connected peers.
    #[must_use]
    pub fn peers(&self) -> Vec<Kid> {
        self.links
            .lock()
            .map(|links| links.keys().copied().collect())
            .unwrap_or_default()
    }

    /// Tells the peers at once what happened here, as far as they answer at once.
    ///
    /// In one process the driver synchronises; on a network the heartbeat does, woken by the change.
    pub(super) fn push(&self) {
        self.tell();
    }
}
