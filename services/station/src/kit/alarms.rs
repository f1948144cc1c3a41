//! What a kit watches of itself and of the others: alarms, the way to the peers, the journal on its disk (S-04, S-19, S-27).

use std::collections::BTreeSet;
use std::sync::Arc;

use lexicon::RefusalReason;
use lexicon::handover::envelope::Kid;
use lexicon::handover::event::{EventRef, Incident, frame, unframe};
use lexicon::handover::ticket::Cause;
use pollbook::Block;

use super::{ActError, Desk, Kit};
use crate::disk::{Disk, replace};
use crate::journal::{Journal, JournalError, file_of, free_name_beside};

/// An incident names as many events as fit one.
const EVIDENCE_MAX: usize = 100;

/// One finger, and two lines of one list.
const ONE_FINGER: &str = "ONE_FINGER";

/// Something that the commission looks at now; each kit works them out from the same events, or of its own devices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Alarm {
    /// More identifications by two officers than the law's share: how many.
    Quota(u32),
    /// One pair of officers signed this many identifications in a row.
    Pair(u32),
    /// A kit's clock is off by more than the law shows: kit, microseconds.
    Clock(String, i64),
    /// A kit works by another list: no events flow.
    OtherList(String),
    /// The monitor was there and is not.
    Monitor,
    /// A kit's roll is near its end.
    Paper(String),
    /// A kit's battery is nearly empty and there is no mains: percent.
    Battery(String, u8),
    /// A kit that worked has not been heard for a minute, by the law of today.
    Peer(String),
    /// A finger was read well and is not the line's: perhaps two people have one number (S-15).
    Mismatch,
    /// A keyboard that was not handed out is attached to a kit.
    Foreign(String),
}

impl Alarm {
    /// What the support desk knows it by.
    #[must_use]
    pub fn cause(&self) -> Cause {
        match self {
            Alarm::Quota(_) => Cause::OverrideQuota,
            Alarm::Pair(_) => Cause::OverridePair,
            Alarm::Clock(..) => Cause::ClockOff,
            Alarm::OtherList(_) => Cause::OtherList,
            Alarm::Monitor => Cause::MonitorLost,
            Alarm::Paper(_) => Cause::PaperLow,
            Alarm::Battery(..) => Cause::BatteryLow,
            Alarm::Peer(_) => Cause::PeerLost,
            Alarm::Mismatch => Cause::FingerMismatch,
            Alarm::Foreign(_) => Cause::ForeignDevice,
        }
    }

    /// A short name for logs and styles.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.cause().code()
    }

    /// The kit that it is about, `K2`; empty for one of the whole station.
    #[must_use]
    pub fn subject(&self) -> &str {
        match self {
            Alarm::Quota(_) | Alarm::Pair(_) | Alarm::Monitor | Alarm::Mismatch => "",
            Alarm::Clock(kit, _)
            | Alarm::OtherList(kit)
            | Alarm::Paper(kit)
            | Alarm::Battery(kit, _)
            | Alarm::Peer(kit)
            | Alarm::Foreign(kit) => kit,
        }
    }
}

/// What the look at the journal on the disk found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChainLook {
    /// It holds what the kit wrote.
    Whole,
    /// These counters were damaged: written anew, the damaged file kept beside, and recorded.
    Mended(Vec<u32>),
    /// The kit's own memory does not hold the events with their signatures: it is stopped.
    Stopped,
}

impl Kit {
    /// What the commission looks at now, the same on every kit that knows the same.
    #[must_use]
    pub fn alarms(&self) -> Vec<Alarm> {
        let desk = self.desk();
        let reading = self.clock.read();
        let mut alarms = Vec::new();
        if desk.book.override_alarm() {
            alarms.push(Alarm::Quota(desk.book.overrides()));
        }
        let run = desk.book.longest_run();
        let run = run.filter(|_| desk.book.is_pair_alarm());
        alarms.extend(run.map(Alarm::Pair));
        let name = |kit: Kid| self.charter.kit_name(kit);
        let others = desk
            .other_list
            .iter()
            .map(|kit| Alarm::OtherList(name(*kit)));
        alarms.extend(others);
        let clocks = desk.book.clocks_off(reading).into_iter();
        alarms.extend(clocks.map(|(kit, micros)| Alarm::Clock(name(kit), micros)));
        drop(desk);
        self.device_alarms(&mut alarms);
        alarms
    }

    /// What the support desk must know about, beside the alarms of the bar: see [`Alarm::Mismatch`].
    #[must_use]
    pub fn doubts(&self) -> Vec<Alarm> {
        let code = RefusalReason::FingerMismatch.code();
        let is_in_doubt = self.read(|book| {
            let refusals = book.refusals();
            refusals.iter().any(|of| of.reason == code && of.count > 0)
        });
        is_in_doubt.then_some(Alarm::Mismatch).into_iter().collect()
    }

    /// Whether a kit's events stand on a list that this kit does not know.
    pub(super) fn is_of_other_list(desk: &Desk, kit: Kid) -> bool {
        desk.other_list.contains(&kit)
    }

    /// Records that a capture was there before: a device was fed (S-18).
    ///
    /// # Errors
    /// [`ActError::Storage`]; [`ActError::Refused`] on a kit that is stopped.
    pub fn note_replay(&self, line: u32) -> Result<(), ActError> {
        self.note("REPLAYED", line, Vec::new())
    }

    /// Records that the list's photograph is not of the voter who stands there, once for a line.
    ///
    /// # Errors
    /// As [`Kit::note_replay`].
    pub fn note_photo(&self, line: u32) -> Result<(), ActError> {
        let is_known = self.read(|book| {
            let mut incidents = book.incidents().into_iter();
            incidents.any(|incident| incident.code == "PHOTO" && incident.line == line)
        });
        if is_known {
            return Ok(());
        }
        self.note("PHOTO", line, Vec::new())
    }

    /// Records that the finger of a voter who was not marked fits lines that are: their acts are the evidence (S-16).
    pub(super) fn note_one_finger(&self, line: u32, fit: &[u32]) -> Result<(), ActError> {
        let (acts, is_known) = self.read(|book| {
            let counted = fit
                .iter()
                .filter_map(|line| book.state(*line).counted.clone());
            let mut acts: Vec<EventRef> = counted.map(|act| act.reference()).collect();
            acts.sort();
            acts.truncate(EVIDENCE_MAX);
            let mut incidents = book.incidents().into_iter();
            let is_known = incidents.any(|incident| {
                incident.code == ONE_FINGER && incident.line == line && incident.evidence == acts
            });
            (acts, is_known)
        });
        if is_known {
            return Ok(());
        }
        self.note(ONE_FINGER, line, acts)
    }

    /// The marked lines that the finger of this line's voter fits too, as incidents say.
    #[must_use]
    pub fn marked_twins(&self, line: u32) -> Vec<u32> {
        self.read(|book| {
            let found = book.incidents().into_iter();
            let found = found.filter(|one| one.code == ONE_FINGER && one.line == line);
            let acts = found.flat_map(|one| one.evidence);
            let lines = acts.filter_map(|act| book.event(Kid(*act.kit), act.seq));
            let lines: BTreeSet<u32> = lines.map(|act| act.body.line()).collect();
            lines.into_iter().collect()
        })
    }

    /// Records what a device did, or what the machine lacks: a code.
    ///
    /// # Errors
    /// As [`Kit::note_replay`].
    pub fn note_device(&self, code: &str) -> Result<(), ActError> {
        self.note(code, 0, Vec::new())
    }

    /// Records each card that the commission above admitted and this kit did not record before (S-34).
    pub(super) fn note_admitted(&self) {
        let code = "CARD_ADMITTED";
        let is_own = |incident: &Incident| {
            let mut evidence = incident.evidence.iter();
            incident.code == code && evidence.any(|event| *event.kit == self.me.0)
        };
        let noted = self.read(|book| book.incidents().iter().filter(|one| is_own(one)).count());
        for _ in noted..self.charter.admitted().len() {
            if let Err(error) = self.note(code, 0, Vec::new()) {
                tracing::error!(%error, "an admitted card was not recorded");
                return;
            }
        }
    }

    /// Records that events of the journal were written anew, by their counters.
    pub(super) fn note_mended(&self, code: &str, seqs: &[u32]) -> Result<(), ActError> {
        let name = |seq: &u32| EventRef {
            kit: self.me.0.into(),
            seq: *seq,
        };
        self.note(code, 0, seqs.iter().take(EVIDENCE_MAX).map(name).collect())
    }

    fn note(&self, code: &str, line: u32, evidence: Vec<EventRef>) -> Result<(), ActError> {
        let mut desk = self.desk();
        if desk.is_storage_lost {
            return Err(ActError::Storage);
        }
        if !matches!(desk.book.block(), None | Some(Block::Clock(_))) {
            return Err(self.refused(&pollbook::Refusal {
                reason: RefusalReason::KitBlocked,
                evidence: None,
                kit: None,
            }));
        }
        // The moment keeps two of a kind apart: an incident is what happened once.
        let evidence = if evidence.is_empty() {
            vec![EventRef {
                kit: self.me.0.into(),
                seq: desk.book.head(self.me).seq,
            }]
        } else {
            evidence
        };
        let incident = Incident {
            code: code.to_owned(),
            line,
            evidence,
        };
        let draft = desk.book.incident(incident, self.clock.read());
        self.commit(&mut desk, draft)?;
        Ok(())
    }

    /// Compares the journal on the disk with the events that this kit admitted; mends what was damaged.
    ///
    /// What is written anew are the signed events themselves, each looked at by its signature first, the same that the
    /// peers hold by their sums. The damaged file is kept as `NAME.damaged-N`. Cost: one read of the journal, and for a
    /// damaged one a check of every signature.
    ///
    /// # Errors
    /// [`JournalError::Disk`]: the kit is stopped.
    pub fn check_chain(&self) -> Result<ChainLook, JournalError> {
        let mut desk = self.desk();
        if desk.is_storage_lost {
            return Ok(ChainLook::Stopped);
        }
        let looked = self.look_at_chain(&mut desk);
        match &looked {
            Ok(ChainLook::Whole) => {}
            Ok(ChainLook::Stopped) | Err(_) => {
                tracing::error!("the journal is damaged and could not be mended: the kit stops");
                desk.is_storage_lost = true;
                self.tell();
            }
            Ok(ChainLook::Mended(seqs)) => {
                tracing::warn!(events = seqs.len(), "the journal was damaged and is mended");
                drop(desk);
                if let Err(error) = self.note_mended("MENDED", seqs) {
                    tracing::error!(%error, "the mended journal was not recorded");
                }
            }
        }
        looked
    }

    fn look_at_chain(&self, desk: &mut Desk) -> Result<ChainLook, JournalError> {
        let bytes = desk.journal.bytes()?;
        let own: Vec<_> = desk.book.events_after(self.me, 0).cloned().collect();
        let framed: Vec<u8> = own.iter().flat_map(|act| frame(&act.signed())).collect();
        if framed == bytes {
            return Ok(ChainLook::Whole);
        }
        // A fork holds two events under one counter: the kit is stopped already, and its file is evidence.
        let is_row = (1..).zip(&own).all(|(seq, act)| act.name.seq == seq);
        if !is_row {
            return Ok(
                if matches!(desk.book.block(), Some(Block::Equivocation { .. })) {
                    ChainLook::Whole
                } else {
                    ChainLook::Stopped
                },
            );
        }
        let is_signed = |act: &Arc<pollbook::Act>| {
            desk.book
                .admit(&act.signed(), &self.ring)
                .is_ok_and(|again| again.name == act.name)
        };
        if !own.iter().all(is_signed) {
            return Ok(ChainLook::Stopped);
        }
        // The first record that differs and those behind it are looked for one by one.
        let found = unframe(&bytes).events;
        let damaged: Vec<u32> = own
            .iter()
            .enumerate()
            .filter(|(at, act)| {
                found
                    .get(*at)
                    .is_none_or(|record| *record != &*act.signed())
            })
            .map(|(_, act)| act.name.seq)
            .collect();
        let path = desk.journal.path().to_owned();
        let disk: &dyn Disk = &*self.disk;
        let failed = crate::journal::failed(&path);
        let beside = free_name_beside(disk, &path).map_err(&failed)?;
        replace(disk, &beside, &bytes).map_err(&failed)?;
        let signed: Vec<_> = own.iter().map(|act| act.signed()).collect();
        let file = file_of(signed.iter().map(|signed| &**signed));
        replace(disk, &path, &file).map_err(&failed)?;
        desk.journal = Journal::open(disk, &path)?.journal;
        Ok(ChainLook::Mended(damaged))
    }
}
