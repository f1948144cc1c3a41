//! Forged receipts (S-12), a malicious peer (S-26), copied and set-back disks (S-07).

use lexicon::handover::envelope::{self, Kid, SignError, Signer};
use lexicon::handover::event::{Event, Identified, event_subject};
use lexicon::handover::folder::bytes;
use pollbook::{Body, KitMessage, Merged};

use crate::disk::Disk;
use crate::precinct::{ELECTION, PRECINCT};
use crate::world::{Halt, World, broken};

/// Claims a key and signs with nothing.
struct Forger(Kid);

impl Signer for Forger {
    fn kid(&self) -> Kid {
        self.0
    }

    fn sign(&self, _: &[u8]) -> Result<[u8; 64], SignError> {
        Ok([0x41; 64])
    }
}

/// How many classes of forgeries there are.
pub(crate) const CLASSES: usize = 16;

impl World<'_> {
    /// An event that looks like the next check-in of a kit.
    fn forgery(&self, at: usize, victim: usize) -> Event {
        let kid = self.precinct.kid(victim);
        let head = self.devices[at].book.head(kid);
        let lines = usize::try_from(self.precinct.charter.lines()).unwrap_or(1);
        let line = 1 + (self.devices[at].top as usize + self.forged as usize) % lines;
        let body = Body::Identified(Identified {
            line: u32::try_from(line).unwrap_or(1),
            method: 1,
            finger: 2,
            attempts: 1,
            score_class: 2,
            receipt: self.devices[at].book.acts_of(kid) + 1,
            grant_seq: 0,
            grant_kit: kid.0.into(),
            officers: Vec::new(),
            reason: String::new(),
            picture: None,
        });
        Event {
            version: 0,
            election: ELECTION,
            precinct: PRECINCT,
            kit: kid.0.into(),
            seq: head.seq + 1,
            previous: head.id.0.into(),
            hlc: pollbook::Hlc::at(self.reading(at).wall).0,
            root: self.precinct.charter.root_prefix().into(),
            kind: body.kind(),
            body: bytes(&body.encode()),
        }
    }

    fn forged_bytes(&self, at: usize, class: usize) -> Option<Vec<u8>> {
        let me = self.devices[at].key;
        let victim = (me + 1) % self.precinct.kits.len();
        let mut event = self.forgery(at, victim);
        let stranger = &*self.precinct.stranger as &dyn Signer;
        let other = &*self.precinct.kits[victim] as &dyn Signer;
        let forger = Forger(self.precinct.kid(victim));
        let mut election = ELECTION;
        let signer: &dyn Signer = match class {
            // Signed by a key that is not in the release.
            2 => {
                event.kit = stranger.kid().0.into();
                stranger
            }
            // A neighbour's receipt.
            3 => {
                event.kit = stranger.kid().0.into();
                event.precinct = PRECINCT + 1;
                stranger
            }
            // A kit's receipt for another precinct.
            4 => {
                event.precinct = PRECINCT + 1;
                other
            }
            // Another election's.
            6 => {
                election = ELECTION - 1;
                event.election = election;
                other
            }
            // Signed by one kit, named for another.
            9 => {
                event.kit = self.precinct.kid(me).0.into();
                other
            }
            // Another list.
            12 => {
                event.root = [0x77; 16].into();
                other
            }
            // A line that the list does not have.
            13 => {
                event.body = bytes(&[0x80]);
                other
            }
            _ => &forger,
        };
        let mut signed =
            envelope::sign1(event_subject(election), &envelope::encode(&event), signer).ok()?;
        match class {
            7 => signed.truncate(signed.len() / 2),
            8 => signed = vec![0xd2; 300],
            10 => signed = vec![0; 1 << 20],
            _ => {}
        }
        Some(signed)
    }

    /// A stranger offers a forged or a copied event; a copy changes nothing, a forgery is refused.
    pub(crate) fn forge(&mut self, at: usize, class: usize) -> Result<(), Halt> {
        if !self.is_working(at) {
            return Ok(());
        }
        self.forged += 1;
        let wall = self.reading(at).wall;
        if matches!(class, 0 | 5) {
            // A photocopy, or a void receipt: the same bytes once more.
            if let Some(act) = self.told.last().cloned() {
                // Another event under the same number is a fork, not a copy.
                let known = self.devices[at]
                    .book
                    .event(act.name.kit, act.name.seq)
                    .is_some_and(|held| held.name == act.name);
                let merged = self
                    .rules
                    .merge(&mut self.devices[at].book, act, Some(wall));
                if known && merged != Merged::Known {
                    return broken("I5", "a photocopy counts as something new".to_owned());
                }
            }
            return Ok(());
        }
        if class == 11 {
            // A recorded message is played back, to whom it was meant and to others.
            let held = self.held_up.clone();
            for (_, question) in held {
                self.arrive(at, &question)?;
            }
            return Ok(());
        }
        let Some(signed) = self.forged_bytes(at, class) else {
            return Ok(());
        };
        if class == 14 {
            // A message from a stranger never reaches the parser of events.
            let me = self.precinct.kid(self.devices[at].key);
            let opened =
                KitMessage::open(&self.precinct.charter, me, &signed, &*self.precinct.ring);
            if opened.is_ok() {
                return broken("I5", "a stranger's message was opened".to_owned());
            }
            return Ok(());
        }
        let admitted = self
            .rules
            .admit(&self.devices[at].book, &signed, &*self.precinct.ring);
        match admitted {
            Err(_) => {
                self.devices[at].book.count_rejected();
                Ok(())
            }
            Ok(act) => broken(
                "I5",
                format!(
                    "a forged event of class {class} is admitted as event {} of {}",
                    act.name.seq,
                    self.precinct.charter.kit_name(act.name.kit)
                ),
            ),
        }
    }

    /// A second device comes up with the disk and the key of a kit, apart from the others.
    pub(crate) fn copy_disk(&mut self, of: usize) -> Result<(), Halt> {
        if of >= self.precinct.kits.len() || self.devices[of].is_destroyed {
            return Ok(());
        }
        let key = self.devices[of].key;
        self.tainted.insert(key);
        self.forked.insert(key);
        let disk = Disk {
            own: self.devices[of].disk.own.clone(),
            synced: self.devices[of].disk.synced,
            ..Disk::default()
        };
        let mut device = self.device(key, disk);
        device.is_on = false;
        device.group = 8 + u32::try_from(self.devices.len()).unwrap_or(0);
        self.devices.push(device);
        let at = self.devices.len() - 1;
        self.restart(at, 0)?;
        // It serves somebody of its share before anybody notices.
        let lines = self.precinct.charter.lines();
        let mine = (1..=lines).find(|line| {
            self.precinct.charter.owner(*line) == Some(self.precinct.kid(key))
                && !self.is_signed(*line)
        });
        if let Some(line) = mine {
            let visit = crate::desk::Visit {
                line,
                finger: crate::plan::Finger::Fits,
                is_quiet: true,
                errs: false,
                ways: 0,
            };
            self.present(at, visit)?;
        }
        Ok(())
    }

    /// The disk of a kit that is off is set back to what it was some records ago.
    pub(crate) fn set_back(&mut self, at: usize, by: usize) {
        let device = &mut self.devices[at];
        if device.is_on || device.disk.own.len() <= by + 1 {
            return;
        }
        let left = device.disk.own.len() - by;
        device.disk.own.truncate(left);
        device.disk.synced = left;
        device.top = u32::try_from(left).unwrap_or(0);
        self.tainted.insert(device.key);
        self.forked.insert(device.key);
    }
}
