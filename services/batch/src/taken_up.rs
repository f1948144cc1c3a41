//! What a run finished before a stop, taken up by the next run of the same inputs.

use std::fs;
use std::path::{Path, PathBuf};

use lexicon::handover::envelope::{decode, encode};
use lexicon::handover::folder::FileEntry;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;

use crate::folder::{FolderError, FolderWriter, file_error};
use crate::randomness::Randomness;

/// The file beside the notes that says from which inputs they are.
const INPUTS_FILE: &str = "inputs";

/// One note for each finished part, below `.steps/`. The part itself lies in the folder that is being written; the note
/// names its hash.
///
/// A note is sealed under a key that follows from the run's seed and its inputs: it may hold numbers of persons, and who can
/// write to the output but has not the seed must not pass anything off as finished.
#[derive(Debug)]
pub(crate) struct TakenUp {
    dir: PathBuf,
    key: LessSafeKey,
    nonces: hmac::Key,
}

impl TakenUp {
    /// The notes of a run from these inputs and the folder that it was writing; notes of other inputs are removed and the
    /// folder begins anew.
    pub(crate) fn begin(
        dir: PathBuf,
        inputs: &str,
        randomness: &Randomness,
        target: &Path,
    ) -> Result<(Self, FolderWriter), FolderError> {
        let drawn =
            |what: &str| randomness.draw(&format!("notes of a stopped run/{what}/{inputs}"));
        let key = UnboundKey::new(&AES_256_GCM, &drawn("key")).expect("the key has 32 bytes");
        let taken = Self {
            dir,
            key: LessSafeKey::new(key),
            nonces: hmac::Key::new(hmac::HMAC_SHA256, &drawn("nonces")),
        };
        let dir = &taken.dir;
        let path = dir.join(INPUTS_FILE);
        if fs::read_to_string(&path).is_ok_and(|found| found == inputs) {
            let folder = FolderWriter::resume(target)?;
            return Ok((taken, folder));
        }
        if dir.exists() {
            fs::remove_dir_all(dir).map_err(file_error(dir))?;
        }
        // The folder first: a stop in between must not leave notes of these inputs beside parts of others.
        let folder = FolderWriter::create(target)?;
        fs::create_dir_all(dir).map_err(file_error(dir))?;
        fs::write(&path, inputs).map_err(file_error(&path))?;
        Ok((taken, folder))
    }

    /// Bytes that were noted under a name; none when the note is missing, torn, changed or another's.
    pub(crate) fn bytes(&self, name: &str) -> Option<Vec<u8>> {
        let mut note = fs::read(self.dir.join(name)).ok()?;
        let nonce = note.split_off(note.len().checked_sub(NONCE_LEN)?);
        let nonce = Nonce::try_assume_unique_for_key(&nonce).ok()?;
        let aad = Aad::from(name.as_bytes());
        let length = self.key.open_in_place(nonce, aad, &mut note).ok()?.len();
        note.truncate(length);
        Some(note)
    }

    /// Notes bytes under a name.
    pub(crate) fn note_bytes(&self, name: &str, mut bytes: Vec<u8>) -> Result<(), FolderError> {
        // The nonce follows from what is sealed: the same note is the same bytes, another has another nonce.
        let mut context = hmac::Context::with_key(&self.nonces);
        [name.as_bytes(), &[0], &bytes]
            .into_iter()
            .for_each(|part| context.update(part));
        let mut nonce = [0u8; NONCE_LEN];
        nonce.copy_from_slice(&context.sign().as_ref()[..NONCE_LEN]);
        let aad = Aad::from(name.as_bytes());
        self.key
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut bytes)
            .expect("a note is shorter than 64 GB");
        bytes.extend_from_slice(&nonce);
        crate::folder::replace(&self.dir.join(name), &bytes)
    }

    /// A document that was noted under a name.
    pub(crate) fn noted<T>(&self, name: &str) -> Option<T>
    where
        T: for<'b> minicbor::Decode<'b, ()> + minicbor::Encode<()>,
    {
        decode(&self.bytes(name)?).ok()
    }

    /// Notes a document under a name.
    pub(crate) fn note<T: minicbor::Encode<()>>(
        &self,
        name: &str,
        document: &T,
    ) -> Result<(), FolderError> {
        self.note_bytes(name, encode(document))
    }

    /// Forgets the notes once the folder stands under its name.
    pub(crate) fn discard(self) {
        // What is left over is removed at the next run: it names a folder that is not there any more.
        let _ = fs::remove_dir_all(&self.dir);
    }
}

/// Whether a file of an unfinished folder is there as it was noted: all of it is read, so that one that a power cut tore or
/// somebody changed is made again.
pub(crate) fn stands(folder: &FolderWriter, noted: &FileEntry) -> bool {
    folder
        .measure(&noted.path)
        .is_ok_and(|found| found == *noted)
}
