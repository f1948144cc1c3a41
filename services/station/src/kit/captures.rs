//! Captures of fingers that identified voters: where both institutions signed a key for them into the manifest, each is
//! sealed to it and on the disk before its act; never in the clear on a disk or a cable (S-16).

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError};

use fingerprint::{FingerPosition as FingerCode, Template};
use lexicon::FingerPosition;
use lexicon::handover::capture::{
    CaptureContents, CaptureList, CaptureOf, ENROLLED_MAX, KeptCapture,
};
use lexicon::handover::envelope::{DocumentId, PublicKey, SUITE, SignError, Signer, hex, unhex};
use lexicon::handover::folder::bytes;
use pollbook::{Act, Book, identified};

use super::Kit;
use crate::lines::LineFile;

impl Kit {
    /// The office's key for captures, where this election keeps them; only the manifest says it.
    fn captures_desk(&self) -> Option<PublicKey> {
        let settings = self.charter.manifest().settings.as_ref()?;
        PublicKey::from_bytes(&**settings.captures_desk.as_ref()?)
    }

    /// Whether the captures of fingers that identify voters are kept.
    #[must_use]
    pub fn keeps_captures(&self) -> bool {
        self.captures_desk().is_some()
    }

    /// Seals the capture that fits, beside the fingers that the package has of the line, for the act under this counter, and
    /// writes it. A dead disk or a broken key strands
    /// nobody: the act stands without, and the hand-over says how many are missing.
    pub(super) fn keep_capture(&self, seq: u32, line: u32, finger: u8, record: &[u8]) {
        let Some(desk) = self.captures_desk() else {
            return;
        };
        let DocumentId(package) = self.charter.package();
        let of = CaptureOf {
            election: self.charter.manifest().election,
            precinct: self.charter.manifest().precinct,
            kit: self.me.0,
            seq,
            line,
            finger,
            at: self.clock.read().wall.micros(),
            package,
        };
        let enrolled = self.voter(line).map_or(&[][..], |voter| &voter.fingers);
        let contents = CaptureContents {
            minutiae: bytes(record),
            enrolled: enrolled.iter().take(ENROLLED_MAX).cloned().collect(),
        };
        match KeptCapture::seal(of, &contents, &desk, &keys::random::<32>()) {
            Ok(kept) => {
                if let Err(error) = self.write_capture(&kept) {
                    tracing::error!(%error, "a capture was not written");
                }
            }
            Err(error) => tracing::error!(%error, "a capture was not sealed"),
        }
    }

    /// `K1.captures`: a sealed capture in hexadecimal digits on each line.
    fn captures_path(&self) -> PathBuf {
        self.folder.join(self.captures_name())
    }

    pub(super) fn captures_name(&self) -> String {
        format!("{}.captures", self.name())
    }

    /// Adds it to the file, which is opened when it is first needed.
    fn write_capture(&self, kept: &KeptCapture) -> io::Result<()> {
        let mut place = self.captures.lock().unwrap_or_else(PoisonError::into_inner);
        let file = match &mut *place {
            Some(file) => file,
            none => none.insert(LineFile::read(&self.disk, &self.captures_path())?.0),
        };
        let added = file.add(&hex(&kept.bytes()));
        if added.is_err() {
            // How much the disk took is not known: the file is looked at anew.
            *place = None;
        }
        added
    }

    /// The finger as a record to be kept, where captures are.
    pub(super) fn record_of(
        &self,
        finger: Option<FingerPosition>,
        live: Option<&Template>,
    ) -> Option<Vec<u8>> {
        self.captures_desk()?;
        let code = FingerCode::from_code(finger?.number())?;
        Some(live?.to_iso(code))
    }

    /// Bytes of the file; 0 where none are kept.
    pub(super) fn captures_end(&self) -> u64 {
        if !self.keeps_captures() {
            return 0;
        }
        let place = self.captures.lock().unwrap_or_else(PoisonError::into_inner);
        let known = place.as_ref().map(LineFile::end);
        drop(place);
        known.unwrap_or_else(|| self.captures_from(0).map_or(0, |bytes| bytes.len() as u64))
    }

    /// The file from a place on.
    pub(super) fn captures_from(&self, place: u64) -> io::Result<Vec<u8>> {
        let bytes = self.disk.read(&self.captures_path())?.unwrap_or_default();
        let from = usize::try_from(place).unwrap_or(usize::MAX);
        Ok(bytes.get(from..).unwrap_or_default().to_vec())
    }

    /// Acts of this kit that a finger identified, by counter.
    fn by_finger(book: &Book) -> Vec<(u32, u32, u8)> {
        let of = |act: &Arc<Act>| {
            let body = identified(act).filter(|body| body.finger > 0)?;
            Some((act.name.seq, body.line, body.finger))
        };
        book.events_after(book.me(), 0).filter_map(of).collect()
    }

    /// The captures of this kit's acts as they are handed in, signed by its key, and how many acts have none. `None` where
    /// none are kept. What a power cut left without its act is not among them.
    ///
    /// # Errors
    /// [`SignError`] from the kit's key.
    pub(super) fn signed_captures(&self) -> Result<Option<(Vec<u8>, u32)>, SignError> {
        if !self.keeps_captures() {
            return Ok(None);
        }
        let lines = self.captures_from(0).unwrap_or_default();
        let read: Vec<KeptCapture> = lines
            .split(|byte| *byte == b'\n')
            .filter_map(|line| unhex(std::str::from_utf8(line).ok()?.trim()))
            .filter_map(|bytes| KeptCapture::read(&bytes).ok())
            .collect();
        let acts = self.read(Self::by_finger);
        let DocumentId(package) = self.charter.package();
        let mut captures = Vec::new();
        for (seq, line, finger) in &acts {
            // The last one under a counter is the act's: an earlier one was left by a cut.
            let own = read.iter().rev().find(|kept| {
                (kept.seq, kept.line, kept.finger) == (*seq, *line, *finger)
                    && *kept.kit == self.me.0
                    && *kept.package == package
            });
            captures.extend(own.cloned());
        }
        let lost = acts.len() - captures.len();
        let list = CaptureList {
            suite: SUITE.to_owned(),
            election: self.charter.manifest().election,
            precinct: self.charter.manifest().precinct,
            kit: self.me.0.into(),
            package: package.into(),
            at: self.clock.read().wall.micros(),
            captures,
        };
        let signed = list.sign(&*self.key as &dyn Signer)?;
        Ok(Some((signed, u32::try_from(lost).unwrap_or(u32::MAX))))
    }
}
