//! Tables of the signed snapshot that every partition looks into.

use std::path::{Path, PathBuf};

use lexicon::ElectionLaw;
use lexicon::handover::envelope::hex;
use lexicon::handover::folder::FolderManifest;
use lexicon::handover::snapshot::{
    AddressRow, BoundaryRow, CivilEventRow, ClaimRow, DocumentRow, EnrolmentRow, PersonRow,
    PrecinctRow, ResidenceRow, ReviewAnswerRow, SecondAddressRow, StreetNameRow,
};
use roll::SnapshotBuilder;

use crate::columns::{ReadRow, read_table};
use crate::folder::{FolderError, Trust, hash_file, open_manifest};
use crate::snapshot::{SNAPSHOT, SnapshotFileError, file_of};

/// A snapshot folder whose manifest was opened; a table's bytes are checked when it is read.
#[derive(Debug)]
pub struct SideTables {
    dir: PathBuf,
    manifest: FolderManifest,
}

impl SideTables {
    /// Opens the manifest: signed by the register, under this law.
    ///
    /// # Errors
    /// [`SnapshotFileError`].
    pub fn open(
        dir: &Path,
        law: &ElectionLaw,
        trust: Trust<'_>,
    ) -> Result<Self, SnapshotFileError> {
        let (manifest, _) = open_manifest(dir, SNAPSHOT, trust)?;
        let law_hash = hex(&law.hash);
        let other =
            |fact: &lexicon::handover::folder::Fact| fact.name == "law" && fact.value != law_hash;
        if manifest.facts.iter().any(other) {
            return Err(SnapshotFileError::OtherLaw {
                law: law.id.clone(),
            });
        }
        Ok(Self {
            dir: dir.to_owned(),
            manifest,
        })
    }

    fn read<R: ReadRow>(
        &self,
        mut each: impl FnMut(R) -> Result<(), SnapshotFileError>,
    ) -> Result<(), SnapshotFileError> {
        let name = file_of(R::TABLE);
        let path = self.dir.join(&name);
        let said = self.manifest.files.iter().find(|file| file.path == name);
        let refused = |why| FolderError::Contents {
            path: path.clone(),
            why,
        };
        let said = said.ok_or_else(|| refused("the manifest does not name the file"))?;
        let (hash, length) = hash_file(&path)?;
        if length != said.length || hash != *said.sha256 {
            return Err(refused("the file was changed").into());
        }
        read_table(&path, &mut each)?;
        Ok(())
    }

    /// Precincts and their boundaries.
    pub(super) fn territory(&self, builder: &mut SnapshotBuilder) -> Result<(), SnapshotFileError> {
        self.read(|row: PrecinctRow| {
            builder.precinct(row);
            Ok(())
        })?;
        self.read(|row: BoundaryRow| {
            builder.boundary(row);
            Ok(())
        })
    }

    /// Whether the snapshot has a table; snapshots of before lack the later ones.
    fn has<R: ReadRow>(&self) -> bool {
        let name = file_of(R::TABLE);
        self.manifest.files.iter().any(|file| file.path == name)
    }

    /// Hands over houses with the names of their streets and their second addresses, precincts and boundaries.
    ///
    /// # Errors
    /// [`SnapshotFileError`] naming the file.
    pub fn places(&self, builder: &mut SnapshotBuilder) -> Result<(), SnapshotFileError> {
        self.read(|row: AddressRow| {
            builder.address(&row);
            Ok(())
        })?;
        if self.has::<StreetNameRow>() {
            self.read(|row: StreetNameRow| {
                builder.street_name(&row);
                Ok(())
            })?;
        }
        if self.has::<SecondAddressRow>() {
            self.read(|row: SecondAddressRow| {
                builder.second_address(&row);
                Ok(())
            })?;
        }
        self.territory(builder)
    }

    /// Everything but the commission's list and the references.
    pub(super) fn register(&self, builder: &mut SnapshotBuilder) -> Result<(), SnapshotFileError> {
        self.read(|row: PersonRow| Ok(builder.person(&row)?))?;
        self.read(|row: DocumentRow| {
            builder.document(&row);
            Ok(())
        })?;
        self.read(|row: ResidenceRow| {
            builder.residence(&row);
            Ok(())
        })?;
        self.read(|row: CivilEventRow| Ok(builder.civil_event(&row)?))?;
        self.read(|row: EnrolmentRow| {
            builder.enrolment(&row);
            Ok(())
        })?;
        self.read(|row: ClaimRow| {
            builder.claim(&row);
            Ok(())
        })?;
        if self.has::<ReviewAnswerRow>() {
            self.read(|row: ReviewAnswerRow| Ok(builder.review_answer(&row)?))?;
        }
        self.places(builder)
    }
}
