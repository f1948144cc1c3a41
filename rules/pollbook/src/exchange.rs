//! Signed messages between the kits of one precinct: heads, events, grants.

use std::cmp::Ordering;
use std::ops::RangeInclusive;
use std::sync::Arc;

use lexicon::handover::envelope::{
    self, DocumentType, EnvelopeError, Kid, SignError, Signer, Subject, Verifier,
};
use lexicon::handover::event::PeerHead;
use lexicon::handover::folder::{Bytes, bytes};
use lexicon::{Instant, RefusalReason};
use minicbor::bytes::ByteArray;
use minicbor::{Decode, Encode};

use crate::act::{Act, Body};
use crate::book::{Block, Book};
use crate::chain::{BLOCK, Chain, block_of};
use crate::charter::Charter;

/// The most bytes of events in one message, so that the message fits its limit.
pub const EVENTS_BYTES_MAX: usize = 48 << 10;

/// A message's payload, question or answer.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct KitMessage {
    /// Version, 0.
    #[n(1)]
    pub version: u8,
    /// Precinct number.
    #[n(2)]
    pub precinct: u16,
    /// The kit that signs.
    #[n(3)]
    pub from: ByteArray<8>,
    /// The kit that is meant.
    #[n(4)]
    pub to: ByteArray<8>,
    /// The question's number; its answer bears the same.
    #[n(5)]
    pub number: u64,
    /// The sender's wall clock, microseconds UTC.
    #[n(6)]
    pub sent: i64,
    /// Whether this is an answer.
    #[n(7)]
    pub answer: bool,
    /// The sender's heads, kit by kit.
    #[n(8)]
    pub heads: Vec<PeerHead>,
    /// Signed events that the receiver seems to lack.
    #[n(9)]
    pub events: Vec<Bytes>,
    /// A wish for a line of the receiver's share.
    #[n(10)]
    pub ask: Option<LineAsk>,
    /// Why the wish was refused: a `RefusalReason` code.
    #[n(11)]
    pub refusal: Option<String>,
    /// Sums over the sender's chains, by which forks and gaps below the heads are found.
    #[n(12)]
    pub sums: Vec<ChainSums>,
    /// Hashes of sealed entries of list changes that the sender lacks; left out when it lacks none.
    #[n(13)]
    pub wants: Option<Vec<ByteArray<32>>>,
    /// Sealed entries that the receiver asked for.
    #[n(14)]
    pub entries: Option<Vec<Bytes>>,
    /// How the sender's devices stand; left out by kits of before.
    #[n(15)]
    pub devices: Option<DeviceStates>,
}

/// How a kit's devices stand, as it says to the others. Shown to people; no act rests on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct DeviceStates {
    /// The printer: 0 enough paper, 1 near the end of its roll, 2 it does not print.
    #[n(0)]
    pub paper: u8,
    /// The battery, percent; left out on a machine without one.
    #[n(1)]
    pub battery: Option<u8>,
    /// Whether the battery is being used up.
    #[n(2)]
    pub is_draining: bool,
    /// Slips that did not come out.
    #[n(3)]
    pub pending: u16,
}

/// Sums over one chain: what two kits hold of it is equal when heads and sums are.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct ChainSums {
    /// The chain's kit.
    #[n(0)]
    pub kit: ByteArray<8>,
    /// For each block of 64 counters up to the head: exclusive or of the first 8 bytes of the ids.
    #[n(1)]
    pub blocks: Vec<u64>,
}

/// Where an event that came from a peer is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shelf {
    /// The next event that this kit's own journal lost: it is appended to it.
    Own,
    /// An event of another kit, or one that the own journal holds under this counter: a copy.
    Copy,
    /// An own event before which others are missing: it is left for the next round.
    Wait,
}

/// What a peer said to hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holdings {
    /// Its heads, kit by kit.
    pub heads: Vec<PeerHead>,
    /// Its sums, kit by kit.
    pub sums: Vec<ChainSums>,
}

/// A wish for a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct LineAsk {
    /// The line.
    #[n(0)]
    pub line: u32,
    /// The asker's request number.
    #[n(1)]
    pub request: u64,
}

/// Why a message was refused: it is dropped and counted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// No signed message of this election.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// Signed by a key that is no kit of this precinct, or named for another.
    #[error("the message is not from a kit of this precinct")]
    Stranger,
    /// Meant for another kit or precinct.
    #[error("the message is for another kit or precinct")]
    NotForMe,
    /// A version that this station does not know, or an answer to another question.
    #[error("the message is of another version or answers another question")]
    Unexpected,
}

fn subject(charter: &Charter) -> Subject {
    Subject {
        kind: DocumentType::KitMessage,
        election: charter.manifest().election,
    }
}

impl KitMessage {
    /// Signs the message.
    ///
    /// # Errors
    /// [`SignError`] from the kit's key.
    pub fn sign(&self, charter: &Charter, kit: &dyn Signer) -> Result<Vec<u8>, SignError> {
        envelope::sign1(subject(charter), &envelope::encode(self), kit)
    }

    /// Opens a message meant for `me`; nothing inside is parsed before the signature fits.
    ///
    /// # Errors
    /// [`MessageError`].
    pub fn open(
        charter: &Charter,
        me: Kid,
        signed: &[u8],
        verifier: &dyn Verifier,
    ) -> Result<Self, MessageError> {
        let opened = envelope::open1(subject(charter), signed, verifier)?;
        let signer = opened
            .signers
            .first()
            .copied()
            .ok_or(MessageError::Stranger)?;
        if charter.kit(signer).is_none() || signer == me {
            return Err(MessageError::Stranger);
        }
        let message: Self = envelope::decode(&opened.payload)?;
        if *message.from != signer.0 {
            return Err(MessageError::Stranger);
        }
        if *message.to != me.0 || message.precinct != charter.manifest().precinct {
            return Err(MessageError::NotForMe);
        }
        if message.version != 0 {
            return Err(MessageError::Unexpected);
        }
        Ok(message)
    }

    /// The sender.
    #[must_use]
    pub fn sender(&self) -> Kid {
        Kid(*self.from)
    }

    /// When it was sent, by the sender's clock.
    #[must_use]
    pub fn sent(&self) -> Instant {
        Instant::from_micros(self.sent)
    }

    /// What the sender holds.
    #[must_use]
    pub fn holdings(&self) -> Holdings {
        Holdings {
            heads: self.heads.clone(),
            sums: self.sums.clone(),
        }
    }

    /// How the sender sees a kit's journal.
    #[must_use]
    pub fn head_of(&self, kit: Kid) -> Option<&PeerHead> {
        self.heads.iter().find(|head| *head.kit == kit.0)
    }
}

impl KitMessage {
    /// Asks for sealed entries by their hashes.
    pub fn want(&mut self, hashes: &[[u8; 32]]) {
        let wants: Vec<ByteArray<32>> = hashes.iter().map(|hash| (*hash).into()).collect();
        self.wants = (!wants.is_empty()).then_some(wants);
    }

    /// The hashes of sealed entries that the sender asks for.
    pub fn wanted(&self) -> impl Iterator<Item = [u8; 32]> {
        self.wants.iter().flatten().map(|hash| **hash)
    }

    /// Adds sealed entries that the receiver wants, as far as the message has room; each is known by its hash.
    pub fn give(&mut self, entries: impl Iterator<Item = Vec<u8>>) {
        let used: usize = self.events.iter().map(|event| event.len() + 4).sum();
        let mut room = EVENTS_BYTES_MAX.saturating_sub(used);
        let mut given = Vec::new();
        for entry in entries {
            let Some(left) = room.checked_sub(entry.len() + 4) else {
                break;
            };
            room = left;
            given.push(bytes(&entry));
        }
        self.entries = (!given.is_empty()).then_some(given);
    }
}

impl Holdings {
    fn head(&self, kit: Kid) -> Option<&PeerHead> {
        self.heads.iter().find(|head| *head.kit == kit.0)
    }

    /// The counters of a chain that the holder seems to lack, as ranges of counters.
    fn lacks(&self, kit: Kid, chain: &Chain) -> Vec<RangeInclusive<u32>> {
        let Some(head) = self.head(kit) else {
            return vec![1..=u32::MAX];
        };
        let mut lacking = Vec::new();
        // Below the lower of both heads, block by block; the head's own block when both end alike,
        // or when its head is not among ours: then the chain has a fork.
        let common = head.seq.min(chain.whole);
        let theirs = self.sums.iter().find(|sums| *sums.kit == kit.0);
        let theirs = theirs.map_or(&[][..], |sums| &sums.blocks);
        let forked = !chain.agrees(head.seq, &head.head);
        for block in 0..common.div_ceil(BLOCK) {
            let first = block * BLOCK + 1;
            let is_full = first + BLOCK - 1 <= common || head.seq == chain.whole;
            let sum = usize::try_from(block).ok().and_then(|at| theirs.get(at));
            let differs = sum.copied() != chain.sums.get(&block).copied();
            if is_full && differs || forked && block == block_of(head.seq) {
                lacking.push(first..=first.saturating_add(BLOCK - 1).min(common));
            }
        }
        lacking.push(head.seq.saturating_add(1)..=u32::MAX);
        lacking
    }
}

impl Book {
    /// What this kit holds, as its messages say it.
    #[must_use]
    pub fn holdings(&self) -> Holdings {
        let mut holdings = Holdings::default();
        for kit in self.charter().kits() {
            let head = self.head(*kit);
            holdings.heads.push(head.into());
            let Some(chain) = self.chains.get(kit) else {
                continue;
            };
            let blocks = (0..head.seq.div_ceil(BLOCK))
                .map(|block| chain.sums.get(&block).copied().unwrap_or(0))
                .collect();
            holdings.sums.push(ChainSums {
                kit: kit.0.into(),
                blocks,
            });
        }
        holdings
    }

    /// Where an event from a peer is kept; to be asked before it is merged.
    #[must_use]
    pub fn shelf(&self, act: &Act) -> Shelf {
        if act.name.kit != self.me() {
            return Shelf::Copy;
        }
        let head = self.head(self.me());
        // On a forked chain an event may follow the other branch: the own journal keeps its own.
        let is_forked = matches!(self.block(), Some(Block::Equivocation { .. }));
        match act.name.seq.cmp(&(head.seq + 1)) {
            Ordering::Equal if !is_forked && act.previous == head.id => Shelf::Own,
            Ordering::Less | Ordering::Equal => Shelf::Copy,
            Ordering::Greater => Shelf::Wait,
        }
    }

    /// The answer to a question, after it was heard: what the asker lacks, the events in `first` and what it lacks of
    /// their lines before all others, and why its wish was refused.
    #[must_use]
    pub fn answer(
        &self,
        question: &KitMessage,
        first: &[Arc<Act>],
        refusal: Option<RefusalReason>,
        now: Instant,
    ) -> KitMessage {
        let theirs = question.holdings();
        let mut answer = self.message(question.sender(), question.number, &theirs, now);
        answer.answer = true;
        answer.refusal = refusal.map(|reason| reason.code().to_owned());
        for act in first {
            // A grant without what stood on the line before it would say less than it means: that another was taken back.
            let line = act.body.line();
            let is_about = |other: &Act| {
                line > 0 && other.body.line() == line || matches!(other.body, Body::Retired(_))
            };
            let lacked = self.lacked(question.sender(), &theirs);
            let mut events: Vec<Bytes> = lacked
                .filter(|other| is_about(other) && other.name != act.name)
                .map(|other| bytes(&other.signed()))
                .collect();
            events.push(bytes(&act.signed()));
            answer.events.retain(|other| !events.contains(other));
            events.append(&mut answer.events);
            answer.events = events;
        }
        answer
    }

    /// The events that `theirs` shows the peer to lack, kit by kit in the order of the chains, the peer's own among
    /// them when it lost some.
    pub fn lacked<'b>(
        &'b self,
        to: Kid,
        theirs: &'b Holdings,
    ) -> impl Iterator<Item = &'b Arc<Act>> {
        let kits = self.charter().kits().iter();
        // A peer that was not heard yet knows its own chain best.
        let told = kits.filter(move |kit| **kit != to || theirs.head(**kit).is_some());
        let chains = told.filter_map(|kit| Some((*kit, self.chains.get(kit)?)));
        let ranges = chains.flat_map(|(kit, chain)| {
            let lacking = theirs.lacks(kit, chain).into_iter();
            lacking.flat_map(|range| chain.events.range(range))
        });
        ranges.flat_map(|(_, bearers)| &**bearers)
    }

    /// A message from this kit: what it holds, and the events that `theirs` shows the peer to lack,
    /// the peer's own among them when it lost some.
    #[must_use]
    pub fn message(&self, to: Kid, number: u64, theirs: &Holdings, now: Instant) -> KitMessage {
        let mut events: Vec<Bytes> = Vec::new();
        let mut room = EVENTS_BYTES_MAX;
        // A chain goes as far as there is room, and the next one may still fit.
        let mut full: Option<Kid> = None;
        for act in self.lacked(to, theirs) {
            if full == Some(act.name.kit) {
                continue;
            }
            let signed = act.signed();
            let Some(left) = room.checked_sub(signed.len() + 4) else {
                full = Some(act.name.kit);
                continue;
            };
            room = left;
            events.push(bytes(&signed));
        }
        let Holdings { heads, sums } = self.holdings();
        KitMessage {
            version: 0,
            precinct: self.charter().manifest().precinct,
            from: self.me().0.into(),
            to: to.0.into(),
            number,
            sent: now.micros(),
            answer: false,
            heads,
            events,
            ask: None,
            refusal: None,
            sums,
            wants: None,
            entries: None,
            devices: None,
        }
    }
}
