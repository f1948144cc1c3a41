//! A kit's disk: what was written, what is certain, and what a cut or a flipped bit leaves of it.

use std::sync::Arc;

use lexicon::handover::event::{Tail, frame, unframe};
use pollbook::Act;

/// What happened to the file besides whole records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Damage {
    /// The first bytes of a record that was begun.
    Torn(Vec<u8>),
    /// One bit of one record.
    Flip {
        /// Which record.
        record: usize,
        /// Which bit of it.
        bit: usize,
    },
}

/// The journals of one kit.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    /// Own records in order.
    pub own: Vec<Arc<Act>>,
    /// Own records that a power cut cannot take.
    pub synced: usize,
    /// Copies of peers' events.
    pub copies: Vec<Arc<Act>>,
    /// Copies that a power cut cannot take.
    pub copies_synced: usize,
    /// What a fault did to the file of own records.
    pub damage: Option<Damage>,
}

/// What a kit reads at its start.
pub enum Read {
    /// The whole records.
    Whole(Vec<Vec<u8>>),
    /// A record whose checksum does not fit: the kit does not start.
    Damaged,
}

impl Disk {
    /// The power goes: what was not synced is gone, unless the disk was faster (`keeps`).
    pub fn cut(&mut self, keeps: bool) {
        if keeps {
            self.synced = self.own.len();
            self.copies_synced = self.copies.len();
        } else {
            self.own.truncate(self.synced);
            self.copies.truncate(self.copies_synced);
        }
    }

    /// The file as its bytes stand: records, what was torn, zeros of the pre-allocation.
    #[must_use]
    pub fn image(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (at, act) in self.own.iter().enumerate() {
            let mut record = frame(&act.signed());
            if let Some(Damage::Flip { record: hit, bit }) = &self.damage
                && *hit == at
            {
                let place = bit / 8 % record.len();
                record[place] ^= 1 << (bit % 8);
            }
            bytes.extend_from_slice(&record);
        }
        if let Some(Damage::Torn(part)) = &self.damage {
            bytes.extend_from_slice(part);
        }
        bytes.resize(bytes.len() + 1024, 0);
        bytes
    }

    /// Reads the file as the station does; a torn tail is cut off.
    pub fn read(&mut self) -> Read {
        let bytes = self.image();
        let frames = unframe(&bytes);
        let records = frames.events.iter().map(|record| record.to_vec()).collect();
        if frames.tail == Tail::Damaged {
            return Read::Damaged;
        }
        if matches!(self.damage, Some(Damage::Torn(_))) {
            self.damage = None;
        }
        Read::Whole(records)
    }
}
