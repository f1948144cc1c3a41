//! Pictures of voters whom two officers identified: sealed to the office's key that both institutions signed into the
//! manifest, on the disk before the act that names them, never in the clear on a disk or a cable (S-17).

use lexicon::handover::envelope::{DocumentId, PublicKey, sha256};
use lexicon::handover::picture::{FILE_END, KeptPicture, PictureOf};
use pollbook::{Book, Draft, picture_of};

use super::Kit;
use crate::camera::Picture;
use crate::disk::replace;

impl Kit {
    /// The office's key for pictures, where this election keeps them; only the manifest says it.
    fn pictures_desk(&self) -> Option<PublicKey> {
        let settings = self.charter.manifest().settings.as_ref()?;
        PublicKey::from_bytes(&**settings.pictures_desk.as_ref()?)
    }

    /// Whether the picture of a voter whom two officers identify is kept.
    #[must_use]
    pub fn keeps_pictures(&self) -> bool {
        self.pictures_desk().is_some()
    }

    /// The act with its picture named and on the disk; without it where none is kept or the disk took none: a dead disk
    /// or camera strands nobody, and the reports count what is kept.
    pub(super) fn with_picture(&self, draft: Draft, line: u32, picture: Option<&Picture>) -> Draft {
        let Some((picture, desk)) = picture.zip(self.pictures_desk()) else {
            return draft;
        };
        let DocumentId(package) = self.charter.package();
        let of = PictureOf {
            election: self.charter.manifest().election,
            precinct: self.charter.manifest().precinct,
            kit: self.me.0,
            line,
            at: self.clock.read().wall.micros(),
            package,
        };
        let kept = match KeptPicture::seal(of, picture.bytes(), &desk, &keys::random::<32>()) {
            Ok(kept) => kept,
            Err(error) => {
                tracing::error!(%error, "a voter's picture was not sealed");
                return draft;
            }
        };
        let (file, hash) = kept.file();
        // Under the act's own counter: what a power cut left without its act is written over by the next.
        let path = self.folder.join(self.picture_name(draft.seq()));
        if let Err(error) = replace(&*self.disk, &path, &file) {
            tracing::error!(%error, "a voter's picture was not written");
            return draft;
        }
        draft.naming_picture(hash)
    }

    /// `K1.picture-000123.sealed`, by the counter of the act.
    fn picture_name(&self, seq: u32) -> String {
        format!("{}.picture-{seq:06}{FILE_END}", self.name())
    }

    /// Files of the pictures that this kit's acts name, with the hash by which they name them.
    pub(super) fn picture_files(&self) -> Vec<(String, [u8; 32])> {
        let own = |book: &Book| -> Vec<(u32, [u8; 32])> {
            let acts = book.events_after(self.me, 0);
            acts.filter_map(|act| Some((act.name.seq, picture_of(act)?)))
                .collect()
        };
        let named = self.read(own).into_iter();
        named
            .map(|(seq, hash)| (self.picture_name(seq), hash))
            .collect()
    }

    /// How many sealed pictures that this kit's acts name are not on its disk, or are not those. Reads the files.
    #[must_use]
    pub fn pictures_lost(&self) -> u32 {
        self.sealed_pictures().1
    }

    /// The sealed pictures as they are handed in, and how many that the acts name are not there or are not those.
    pub(super) fn sealed_pictures(&self) -> (Vec<(String, Vec<u8>)>, u32) {
        let mut files = Vec::new();
        let mut lost = 0;
        for (name, hash) in self.picture_files() {
            match self.disk.read(&self.folder.join(&name)) {
                Ok(Some(file)) if sha256(&file) == hash => files.push((name, file)),
                Ok(_) | Err(_) => lost += 1,
            }
        }
        (files, lost)
    }
}
