//! The release's signatures: each institution looks at the list itself and signs alone; publishing demands both, and the
//! office's word that two people approved.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use lexicon::handover::envelope::{
    AddSignatureError, DocumentId, DocumentType, EnvelopeError, Kid, Signer, Subject, Verifier,
    add_signature, decode, encode, hex, id_all, open_all, peek_all, unsigned_all,
};
use lexicon::handover::folder::FolderManifest;
use lexicon::handover::office_statement::{Approval, Approvals, open_statement};
use lexicon::handover::release::{ListRelease, SaltedLine};
use lexicon::{ExclusionReason, ReleaseRefusal};
use rayon::prelude::*;

use crate::columns::read_table;
use crate::deltas::ListPlace;
use crate::deltas::rows::Stands;
use crate::folder::{FolderError, RELEASE_FACT, RELEASE_FILE, Trust, file_error, open_folder};
use crate::form::{BatchError, Formed, Job, ROLL};

/// A release that is not signed, or not published, and why. Nothing was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{refusal}: {detail}")]
pub struct Refused {
    /// Its code; sentence and next step are `texts.release` of it.
    pub refusal: ReleaseRefusal,
    /// What was found, for the log of the ceremony. No personal data.
    pub detail: String,
}

pub(crate) fn refused(refusal: ReleaseRefusal, detail: impl std::fmt::Display) -> BatchError {
    BatchError::Refused(Refused {
        refusal,
        detail: detail.to_string(),
    })
}

/// A folder `roll/` and whose it must be.
#[derive(Clone)]
pub struct RollFolder<'a> {
    /// The folder.
    pub dir: PathBuf,
    /// The election.
    pub election: u32,
    /// Checks signatures.
    pub verifier: &'a dyn Verifier,
    /// The registration service's release key, which signed the folder.
    pub srs: Kid,
    /// The commission's release key.
    pub cec: Kid,
}

impl std::fmt::Debug for RollFolder<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RollFolder({})", self.dir.display())
    }
}

/// What an institution knows from elsewhere about the release that it is to sign; what is not known is not asked.
#[derive(Clone, Debug, Default)]
pub struct Expected {
    /// The root, as the other institution read it aloud.
    pub root: Option<[u8; 32]>,
    /// Lines.
    pub total: Option<u64>,
    /// Number of the release.
    pub number: Option<u32>,
    /// SHA-256 of the law file.
    pub law: Option<[u8; 32]>,
    /// Id of the snapshot that the institution holds.
    pub snapshot: Option<DocumentId>,
    /// The release before.
    pub previous: Option<DocumentId>,
}

impl Expected {
    pub(crate) fn demand(&self, release: &ListRelease) -> Result<(), BatchError> {
        let differs = |what: &str, expected: String, found: String| {
            let detail = format!("{what} is {found}, expected {expected}");
            Err(refused(ReleaseRefusal::NotAsExpected, detail))
        };
        let hash = |what: &str, expected: Option<[u8; 32]>, found: Option<[u8; 32]>| match expected
        {
            Some(expected) if Some(expected) != found => differs(
                what,
                hex(&expected),
                found.map_or_else(|| "none".to_owned(), |found| hex(&found)),
            ),
            Some(_) | None => Ok(()),
        };
        let number = |what: &str, expected: Option<u64>, found: u64| match expected {
            Some(expected) if expected != found => {
                differs(what, expected.to_string(), found.to_string())
            }
            Some(_) | None => Ok(()),
        };
        let previous = release.previous.as_ref().map(|id| **id);
        hash("the root", self.root, Some(*release.root))?;
        number("the total", self.total, release.total)?;
        let found = u64::from(release.release);
        number("the number", self.number.map(u64::from), found)?;
        hash("the law", self.law, Some(*release.law))?;
        let snapshot = self.snapshot.map(|id| id.0);
        hash("the snapshot", snapshot, Some(*release.snapshot))?;
        let before = self.previous.map(|id| id.0);
        hash("the release before", before, previous)
    }
}

/// A release whose folder holds what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedRelease {
    /// Its id.
    pub id: DocumentId,
    /// What it says.
    pub release: ListRelease,
    /// Who has signed it.
    pub signers: Vec<Kid>,
}

impl RollFolder<'_> {
    fn subject(&self) -> Subject {
        Subject {
            kind: DocumentType::ListRelease,
            election: self.election,
        }
    }

    fn path(&self) -> PathBuf {
        self.dir.join(RELEASE_FILE)
    }

    fn manifest(&self) -> Result<FolderManifest, BatchError> {
        let trust = Trust {
            verifier: self.verifier,
            signer: self.srs,
            election: self.election,
        };
        match open_folder(&self.dir, ROLL, trust) {
            Ok((manifest, _)) => Ok(manifest),
            Err(error @ FolderError::File { .. }) => Err(error.into()),
            Err(error) => Err(refused(ReleaseRefusal::Changed, error)),
        }
    }

    fn demand_counts(&self, release: &ListRelease) -> Result<(), BatchError> {
        let lines: u64 = release.precincts.iter().map(|p| u64::from(p.lines)).sum();
        let out: u64 = release.excluded.iter().map(|of| of.count).sum();
        if lines != release.total || release.total + out != release.considered {
            let detail = format!(
                "{lines} lines, {} in all, {out} excluded, {} considered",
                release.total, release.considered
            );
            return Err(refused(ReleaseRefusal::CountsDiffer, detail));
        }
        // The table of decisions, counted anew, says the same.
        let (mut listed, mut excluded) = (0u64, BTreeMap::<String, u64>::new());
        read_table(
            &self.dir.join("decisions.parquet"),
            |row: Stands| -> Result<(), BatchError> {
                match row.place {
                    Some(_) => listed += 1,
                    None => *excluded.entry(row.outcome).or_default() += 1,
                }
                Ok(())
            },
        )?;
        let said = release.excluded.iter().filter(|of| of.count > 0);
        let said: BTreeMap<String, u64> = said.map(|of| (of.reason.clone(), of.count)).collect();
        let is_known = |code: &String| ExclusionReason::from_code(code).is_some();
        if listed != release.total || excluded != said || !said.keys().all(is_known) {
            let detail = "the decisions, counted by reason, are not those of the release";
            return Err(refused(ReleaseRefusal::CountsDiffer, detail));
        }
        Ok(())
    }
}

/// Lines of a precinct hashed to their leaves.
fn leaves_of(dir: &Path, precinct: u16, lines: u32) -> Result<Vec<[u8; 32]>, BatchError> {
    let path = dir.join(format!("lines/{precinct:04}.cbor"));
    let bytes = fs::read(&path).map_err(file_error(&path))?;
    let found: Vec<SaltedLine> = decode(&bytes)
        .map_err(|error| refused(ReleaseRefusal::Changed, format!("{precinct:04}: {error}")))?;
    if found.len() as u64 != u64::from(lines) {
        let detail = format!(
            "precinct {precinct:04} has {} lines, not {lines}",
            found.len()
        );
        return Err(refused(ReleaseRefusal::CountsDiffer, detail));
    }
    Ok(found.iter().map(SaltedLine::commitment).collect())
}

/// Looks at a formed list as the one who is to sign it does: the folder is the one that was written, its lines hash to
/// the root, every count is counted anew, and nothing differs from what is expected.
///
/// # Errors
/// [`BatchError::Refused`] with the code; a file that cannot be read.
pub fn check_release(
    folder: &RollFolder<'_>,
    expected: &Expected,
) -> Result<CheckedRelease, BatchError> {
    let manifest = folder.manifest()?;
    let path = folder.path();
    let bytes = fs::read(&path).map_err(file_error(&path))?;
    let changed = |error: EnvelopeError| refused(ReleaseRefusal::Changed, error);
    let subject = folder.subject();
    let opened = open_all(subject, &bytes, folder.verifier, &[]).map_err(changed)?;
    let named = manifest.facts.iter().find(|fact| fact.name == RELEASE_FACT);
    if named.is_none_or(|fact| fact.value != opened.id.hex()) {
        let detail = "the folder's manifest names another release";
        return Err(refused(ReleaseRefusal::Changed, detail));
    }
    let release: ListRelease = decode(&opened.payload).map_err(changed)?;
    if release.election != folder.election {
        let detail = format!("it is of election {}", release.election);
        return Err(refused(ReleaseRefusal::NotAsExpected, detail));
    }
    expected.demand(&release)?;
    folder.demand_counts(&release)?;
    let dir = folder.dir.as_path();
    let leaves: Vec<Vec<[u8; 32]>> = release
        .precincts
        .par_iter()
        .map(|of| leaves_of(dir, of.precinct, of.lines))
        .collect::<Result<_, _>>()?;
    let root = roll::commit::root(&leaves.concat());
    if root != *release.root {
        let detail = format!("the lines give {}", hex(&root));
        return Err(refused(ReleaseRefusal::RootDiffers, detail));
    }
    Ok(CheckedRelease {
        id: opened.id,
        release,
        signers: opened.signers,
    })
}

/// One institution checks the list and adds its signature.
///
/// # Errors
/// As [`check_release`], and [`BatchError::Refused`] when the key is of neither institution or has signed already.
pub fn sign_release(
    folder: &RollFolder<'_>,
    expected: &Expected,
    signer: &dyn Signer,
) -> Result<CheckedRelease, BatchError> {
    let kid = signer.kid();
    if ![folder.srs, folder.cec].contains(&kid) {
        return Err(refused(ReleaseRefusal::NotASigner, kid.hex()));
    }
    let mut checked = check_release(folder, expected)?;
    let path = folder.path();
    let bytes = fs::read(&path).map_err(file_error(&path))?;
    let signed = match add_signature(folder.subject(), &bytes, signer) {
        Ok(signed) => signed,
        Err(AddSignatureError::Already(kid)) => {
            return Err(refused(ReleaseRefusal::SignedAlready, kid.hex()));
        }
        Err(AddSignatureError::Sign(error)) => return Err(error.into()),
        Err(AddSignatureError::Envelope(error)) => {
            return Err(refused(ReleaseRefusal::Changed, error));
        }
    };
    let partial = folder.dir.with_extension("release.partial");
    fs::write(&partial, signed).map_err(file_error(&partial))?;
    fs::rename(&partial, &path).map_err(file_error(&path))?;
    checked.signers.push(kid);
    Ok(checked)
}

impl<'a> Job<'a> {
    /// The directory with list, packages and deltas, for those who sign what was drawn.
    #[must_use]
    pub fn place(&self) -> ListPlace<'a> {
        ListPlace {
            law: self.law,
            dir: self.out,
            verifier: self.keys.verifier,
            srs: self.keys.srs.kid(),
            cec: self.keys.cec.kid(),
            report: self.report,
        }
    }

    /// The folder that this job's list stands in, for those who sign it.
    #[must_use]
    pub fn roll(&self) -> RollFolder<'a> {
        RollFolder {
            dir: self.out.join(ROLL),
            election: self.law.election.number,
            verifier: self.keys.verifier,
            srs: self.keys.srs.kid(),
            cec: self.keys.cec.kid(),
        }
    }
}

/// The release of a list that is being written: with the signatures that stand under the same release already, else
/// with none.
pub(crate) fn to_be_signed(
    job: &Job<'_>,
    release: &ListRelease,
    target: &Path,
) -> Result<Vec<u8>, BatchError> {
    let (subject, payload) = (job.subject(DocumentType::ListRelease), encode(release));
    let path = target.join(RELEASE_FILE);
    if let Ok(before) = fs::read(&path)
        && peek_all(subject, &before).is_ok_and(|signed| signed == payload)
    {
        return Ok(before);
    }
    unsigned_all(subject, &payload).map_err(|error| BatchError::Document {
        path,
        why: error.to_string(),
    })
}

/// Demands both institutions' signatures under the list's release, each by its own code.
pub(crate) fn demand_both(job: &Job<'_>, formed: &Formed) -> Result<(), BatchError> {
    let path = job.out.join(ROLL).join(RELEASE_FILE);
    let bytes = fs::read(&path).map_err(file_error(&path))?;
    let subject = job.subject(DocumentType::ListRelease);
    let opened = open_all(subject, &bytes, job.keys.verifier, &[])
        .map_err(|error| refused(ReleaseRefusal::Changed, error))?;
    if opened.id != id_all(subject, &encode(&formed.release)) {
        let detail = "it is not the release of this list";
        return Err(refused(ReleaseRefusal::Changed, detail));
    }
    for (kid, lacking) in [
        (job.keys.srs.kid(), ReleaseRefusal::SrsUnsigned),
        (job.keys.cec.kid(), ReleaseRefusal::CecUnsigned),
    ] {
        if !opened.signers.contains(&kid) {
            return Err(refused(lacking, format!("{} has not signed", kid.hex())));
        }
    }
    Ok(())
}

/// The office's word about who approved, and whose word it must be.
#[derive(Clone, Copy)]
pub struct Approved<'a> {
    /// The document, type `approvals`.
    pub document: &'a [u8],
    /// Checks its signature.
    pub verifier: &'a dyn Verifier,
    /// The office's key.
    pub office: Kid,
}

impl std::fmt::Debug for Approved<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Approved(by {})", self.office.hex())
    }
}

/// Demands that two people of two institutions approved this root. Only a final list waits for it; what is given with
/// an earlier one is looked at all the same.
pub(crate) fn demand_approvals(
    release: &ListRelease,
    approved: Option<Approved<'_>>,
) -> Result<(), BatchError> {
    let Some(approved) = approved else {
        if release.stage != roll::commit::Stage::Final.code() {
            return Ok(());
        }
        let detail = "a final list is published when two have approved it";
        return Err(refused(ReleaseRefusal::ApprovalsMissing, detail));
    };
    let said: Approvals = open_statement(
        approved.document,
        release.election,
        approved.verifier,
        approved.office,
    )
    .map_err(|error| refused(ReleaseRefusal::ApprovalsInvalid, error))?;
    if said.release != release.release || said.root != release.root {
        let detail = format!("release {} with root {}", said.release, hex(&*said.root));
        return Err(refused(ReleaseRefusal::ApprovalsOfAnother, detail));
    }
    let of = |institution: &str| {
        let mut good = said.approvals.iter().filter(|a| a.root == release.root);
        good.find(|approval| approval.institution == institution)
    };
    let lacking = |refusal| refused(refusal, format!("release {}", release.release));
    let registration = of(Approval::REGISTRATION)
        .ok_or_else(|| lacking(ReleaseRefusal::RegistrationUnapproved))?;
    let commission =
        of(Approval::COMMISSION).ok_or_else(|| lacking(ReleaseRefusal::CommissionUnapproved))?;
    if registration.staff == commission.staff {
        return Err(lacking(ReleaseRefusal::ApprovedByOne));
    }
    Ok(())
}
