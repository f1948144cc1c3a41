//! A station's signed report, opened: signers, arithmetic and place in the election are checked.

use std::path::{Path, PathBuf};

use keys::KeyRing;
use lexicon::handover::envelope::{
    DocumentId, DocumentType, Kid, PublicKey, decode, hex, open_all, peek_all, sha256,
};
use lexicon::handover::package::{OfficerEntry, PackageManifest};
use lexicon::handover::report::{KitCount, Report};
use pollbook::Charter;

use crate::trust::{DocumentError, Trust, read, refused, subject};

/// A report whose signatures and sums hold.
#[derive(Clone, Debug)]
pub struct OpenReport {
    /// The counters.
    pub report: Report,
    /// The package it was made under, with what its grants admit.
    pub charter: Charter,
    /// SHA-256 of the signed document, as in the QR code of the station's own paper.
    pub sha256: [u8; 32],
    /// Who signed by card, officers or keys of the commission above, in the order of the document.
    pub officers: Vec<OfficerEntry>,
    /// A key lies in a file: for show only.
    pub is_demo: bool,
}

/// Why a report was not printed.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A document does not open.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// The report is not of this package.
    #[error("{path}: {why}")]
    Foreign {
        /// Which file.
        path: PathBuf,
        /// What does not fit.
        why: &'static str,
    },
    /// The package's rules are none, or a grant admits nothing under them.
    #[error("{path}: {why}")]
    Rules {
        /// Which file.
        path: PathBuf,
        /// What the rules say.
        why: String,
    },
    /// The counters contradict each other.
    #[error("{path}: the counters do not add up: {why}")]
    Arithmetic {
        /// Which file.
        path: PathBuf,
        /// Which sum.
        why: &'static str,
    },
}

impl ReportError {
    /// Whether the documents are at fault, not the way the command was called.
    #[must_use]
    pub fn is_finding(&self) -> bool {
        match self {
            ReportError::Document(error) => error.is_finding(),
            ReportError::Foreign { .. }
            | ReportError::Rules { .. }
            | ReportError::Arithmetic { .. } => true,
        }
    }
}

impl OpenReport {
    /// Opens a report with the manifest of its package, the grants of spare kits and cards of that day, and the
    /// anchors of the publication.
    ///
    /// # Errors
    /// [`ReportError`].
    pub fn open(
        path: &Path,
        manifest_path: &Path,
        publication: &Path,
        grants: &[PathBuf],
    ) -> Result<Self, ReportError> {
        let trust = Trust::open(publication)?;
        let manifest = trust.open_by_both(
            DocumentType::PackageManifest,
            manifest_path,
            &read(manifest_path)?,
        )?;
        let manifest_id = manifest.id;
        let manifest: PackageManifest =
            decode(&manifest.payload).map_err(refused(manifest_path))?;
        let (charter, ring) = rules(manifest, manifest_id, manifest_path, grants)?;
        let manifest = charter.manifest();
        let bytes = read(path)?;
        let kind = subject(DocumentType::Report, trust.election);
        let claimed = peek_all(kind, &bytes).map_err(refused(path))?;
        let report: Report = decode(&claimed).map_err(refused(path))?;
        let kit = Kid(*report.kit);
        let signed = open_all(kind, &bytes, &ring, &[kit]).map_err(refused(path))?;
        let foreign = |why| ReportError::Foreign {
            path: path.to_owned(),
            why,
        };
        if charter.kit(kit).is_none() || !charter.is_admitted_at(kit, report.at) {
            return Err(foreign("it is not signed by a kit of this package"));
        }
        if *report.package != manifest_id.0
            || report.precinct != manifest.precinct
            || *report.root != *manifest.root
            || (report.release, report.lines) != (manifest.release, manifest.lines)
        {
            return Err(foreign("it was made under another package"));
        }
        let known = |card: &Kid| charter.officer(*card).or_else(|| charter.holder(*card));
        let stands =
            |card: &Kid| known(card).is_some() && charter.is_card_admitted_at(*card, report.at);
        let cards: Vec<Kid> = signed.signers.into_iter().filter(stands).collect();
        let approved = charter.approve(&charter.signers(&cards));
        approved.map_err(|why| against(path, &why))?;
        let officers = cards.iter().filter_map(known).cloned().collect();
        demand_sums(path, &report)?;
        Ok(Self {
            report,
            sha256: sha256(&bytes),
            officers,
            is_demo: trust.is_demo,
            charter,
        })
    }

    /// The package it was made under.
    #[must_use]
    pub fn manifest(&self) -> &PackageManifest {
        self.charter.manifest()
    }

    /// Who holds a card: an officer, or a holder of the commission above; digits of a card that is nobody's here.
    pub(crate) fn name_of(&self, card: &[u8; 8]) -> String {
        let kid = Kid(*card);
        let admitted = || {
            let mut admitted = self.charter.admitted().iter();
            admitted.find(|(officer, ..)| PublicKey(*officer.point).kid() == kid)
        };
        let manifest = self.manifest();
        let known = manifest.officer_of(kid).or_else(|| manifest.holder_of(kid));
        let known = known.map(|(_, entry)| entry);
        let known = known.or_else(|| admitted().map(|(officer, ..)| officer));
        known.map_or_else(|| hex(&card[..4]), |entry| entry.name.clone())
    }
}

fn against(path: &Path, why: &dyn std::fmt::Display) -> ReportError {
    ReportError::Rules {
        path: path.to_owned(),
        why: why.to_string(),
    }
}

/// The precinct's rules and the keys that speak in it, with the spare kits and cards that the grants admit.
fn rules(
    manifest: PackageManifest,
    package: DocumentId,
    manifest_path: &Path,
    grants: &[PathBuf],
) -> Result<(Charter, KeyRing), ReportError> {
    let mut ring = KeyRing::of(manifest.keys());
    let charter = Charter::new(manifest, package);
    let mut charter = charter.map_err(|why| against(manifest_path, &why))?;
    for path in grants {
        let admitted = charter.admit_signed(&read(path)?, &ring);
        let (wider, key) = admitted.map_err(|why| against(path, &why))?;
        charter = wider;
        ring.add(key);
    }
    Ok((charter, ring))
}

/// The arithmetic that the paper writes out must hold before it is written out.
fn demand_sums(path: &Path, report: &Report) -> Result<(), ReportError> {
    let wrong = |why| {
        Err(ReportError::Arithmetic {
            path: path.to_owned(),
            why,
        })
    };
    let total = |field: fn(&KitCount) -> u32| -> u64 {
        report.kits.iter().map(|kit| u64::from(field(kit))).sum()
    };
    for kit in &report.kits {
        let acts = u64::from(kit.acts);
        let sum = |parts: [u32; 3]| parts.into_iter().map(u64::from).sum::<u64>();
        if acts != sum([kit.counted, kit.undone, kit.duplicates]) {
            return wrong("acts of a kit are not counted, undone and duplicates together");
        }
        if acts != sum([kit.printed, kit.void, kit.pending]) {
            return wrong("acts of a kit are not its receipts printed, void and pending together");
        }
    }
    let by_method: u64 = report.by_method.iter().map(|m| u64::from(m.count)).sum();
    if u64::from(report.counted) != total(|kit| kit.counted) {
        return wrong("counted is not the sum of the kits");
    }
    if u64::from(report.counted) != by_method {
        return wrong("counted is not the sum of the methods");
    }
    let counted = u64::from(report.counted);
    let of_people = report.people.as_ref().map(|people| {
        let counts = people.iter().map(|people| u64::from(people.count));
        counts.sum::<u64>()
    });
    if of_people.is_some_and(|sum| sum != counted) {
        return wrong("counted is not the sum by sex and age");
    }
    let of_days = report.days.as_ref().map(|days| {
        let counts = days.iter().map(|day| u64::from(day.counted));
        counts.sum::<u64>()
    });
    if of_days.is_some_and(|sum| sum != counted) {
        return wrong("counted is not the sum of the days");
    }
    if let Some(table) = &report.table {
        let sum = |parts: &[u32]| parts.iter().copied().map(u64::from).sum::<u64>();
        if counted != sum(&[table.issued, table.waiting, table.home, table.paper]) {
            return wrong("counted is not what the ballot table adds up to");
        }
        if sum(&table.ballots) != sum(&[table.issued, table.surplus, table.returned]) {
            return wrong("ballots of the kits are not issued, surplus and returned together");
        }
    }
    if report.counted > report.lines {
        return wrong("more counted than lines on the list");
    }
    Ok(())
}
