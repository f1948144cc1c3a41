//! A precinct's sealed package and the hands that open it.

use std::path::Path;
use std::sync::Arc;

use lexicon::PrecinctCode;
use lexicon::handover::envelope::{DocumentType, PublicKey, Subject, decode, open_all};
use lexicon::handover::package::{KeyAgreement, PackageBody, PackageManifest, open};
use station::{Card, Publishers};

use super::witness::file_error;
use super::{DayError, DayKeys};

/// What stands in `packages/` about one precinct, with the keys of its kits and officers.
pub(super) struct StationPackage {
    pub precinct: PrecinctCode,
    pub manifest: PackageManifest,
    /// `PPPP.manifest.cose`.
    pub signed: Vec<u8>,
    /// `PPPP.package`.
    pub ciphertext: Vec<u8>,
    /// In the order of the manifest.
    pub kits: Vec<Arc<dyn Card>>,
    /// Every group of officers that may sign together, of as many as are needed.
    pub officers: Vec<Vec<Arc<dyn Card>>>,
}

/// The ending of a manifest's file name.
const ENDING: &str = ".manifest.cose";

/// Precincts that have a package, ascending.
pub(super) fn precincts(packages: &Path) -> Result<Vec<PrecinctCode>, DayError> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(packages).map_err(file_error(packages))? {
        let name = entry.map_err(file_error(packages))?.file_name();
        let name = name.to_string_lossy();
        let number = name
            .strip_suffix(ENDING)
            .and_then(|n| n.parse::<u16>().ok());
        found.extend(number.and_then(|number| PrecinctCode::new(number).ok()));
    }
    found.sort_unstable();
    Ok(found)
}

impl StationPackage {
    pub fn read(
        packages: &Path,
        precinct: PrecinctCode,
        election: u32,
        publishers: &Publishers,
        keys: &dyn DayKeys,
    ) -> Result<Self, DayError> {
        let path = packages.join(format!("{precinct}{ENDING}"));
        let signed = std::fs::read(&path).map_err(file_error(&path))?;
        let subject = Subject {
            kind: DocumentType::PackageManifest,
            election,
        };
        let manifest: PackageManifest =
            open_all(subject, &signed, &publishers.ring, &publishers.required)
                .and_then(|opened| decode(&opened.payload))
                .map_err(|source| DayError::Manifest { path, source })?;
        let path = packages.join(format!("{precinct}.package"));
        let ciphertext = std::fs::read(&path).map_err(file_error(&path))?;
        let kits: Vec<Arc<dyn Card>> = (0..manifest.kits.len())
            .map(|at| keys.kit(precinct, at))
            .collect();
        let fits = |(entry, key): (&_, &Arc<dyn Card>)| {
            let entry: &lexicon::handover::package::KitEntry = entry;
            PublicKey(*entry.point).kid() == key.kid()
        };
        if !manifest.kits.iter().zip(&kits).all(fits) {
            return Err(DayError::Keys(precinct));
        }
        let officers = groups(&manifest, &keys.officers(precinct));
        if officers.is_empty() {
            return Err(DayError::Keys(precinct));
        }
        Ok(Self {
            precinct,
            manifest,
            signed,
            ciphertext,
            kits,
            officers,
        })
    }

    /// Opens the package without any station: the truth of lines and PINs that the count is held against.
    pub fn body(&self) -> Result<PackageBody, DayError> {
        let officers: Vec<&dyn KeyAgreement> =
            self.officers[0].iter().map(|card| &**card as _).collect();
        let kit: &dyn KeyAgreement = &*self.kits[0];
        open(&self.manifest, self.ciphertext.clone(), &officers, kit).map_err(|source| {
            DayError::Package {
                precinct: self.precinct,
                source,
            }
        })
    }
}

/// Neighbours in the manifest's order that may sign together: known, enough, not all of one body.
fn groups(manifest: &PackageManifest, cards: &[Arc<dyn Card>]) -> Vec<Vec<Arc<dyn Card>>> {
    let needed = usize::from(manifest.k);
    let known: Vec<(&str, &Arc<dyn Card>)> = manifest
        .officers
        .iter()
        .filter_map(|officer| {
            let kid = PublicKey(*officer.point).kid();
            let card = cards.iter().find(|card| card.kid() == kid)?;
            let is_revoked = manifest.revoked.iter().any(|revoked| **revoked == kid.0);
            (!is_revoked).then_some((officer.body.as_str(), card))
        })
        .collect();
    if needed == 0 || known.len() < needed {
        return Vec::new();
    }
    (0..known.len())
        .map(|from| {
            let turn = known.iter().cycle().skip(from);
            turn.take(needed).collect::<Vec<_>>()
        })
        .filter(|group| {
            !manifest.policy.different_bodies || group.iter().any(|(body, _)| *body != group[0].0)
        })
        .map(|group| {
            group
                .into_iter()
                .map(|(_, card)| Arc::clone(card))
                .collect()
        })
        .collect()
}
