//! What a kit finds by itself: whoever sets it up brings a folder with package and trust anchors, and the cards.
//!
//! Everything that `kit.toml` leaves out is looked for in its folder, on the machine, or in the signed manifest. What is
//! typed always stands. The publishers' keys come from the trust anchors that lie beside the package, signed by both
//! roots; a kit remembers whom it first opened with ([`remember`]) and takes no others after that, and the chair's page shows
//! them before a card is asked for.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use keys::KeyRing;
use lexicon::handover::envelope::{
    DocumentType, EnvelopeError, Kid, PublicKey, Subject, decode, hex, open_all, peek_all,
};
use lexicon::handover::folder::TrustAnchors;
use lexicon::handover::kit_grant::KitGrant;
use lexicon::handover::package::{Exercise, PackageManifest};

use super::{
    ConfigError, ConfigFile, ExerciseEntry, GRANTS, PaperEntry, PrinterEntry, ScannerEntry,
};
use super::{read, signed_in};
use crate::disk::{Disk, replace};

/// The trust anchors beside the package.
const TRUST: &str = "trust.cose";
/// In the journals' folder: the publishers that the kit first opened with.
const PUBLISHERS: &str = "publishers";
/// Where Linux shows USB printers.
const PRINTERS: &str = "/dev/usb";
/// Libraries of cards, in the order in which they are tried; one in the kit's own folder comes before them.
const CARD_LIBRARIES: [&str; 5] = [
    "/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so",
    "/usr/lib/aarch64-linux-gnu/opensc-pkcs11.so",
    "/usr/lib64/opensc-pkcs11.so",
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
];
/// Below these a medium is looked for where none is named.
pub(super) const MEDIA: [&str; 3] = ["/media", "/run/media", "/mnt"];

pub(super) fn journals() -> PathBuf {
    PathBuf::from("journals")
}

pub(super) fn pages() -> SocketAddr {
    (Ipv4Addr::LOCALHOST, 8101).into()
}

pub(super) fn lan() -> SocketAddr {
    (Ipv4Addr::UNSPECIFIED, 8201).into()
}

pub(super) fn printer() -> PrinterEntry {
    PrinterEntry::Usb {
        device: PathBuf::from(PRINTERS),
        paper: PaperEntry::Wide,
        answers: true,
    }
}

pub(super) fn scanner() -> ScannerEntry {
    ScannerEntry::Libfprint {
        drivers: Vec::new(),
    }
}

fn wrong(field: &'static str, why: impl Into<String>) -> ConfigError {
    ConfigError::Field {
        field,
        why: why.into(),
    }
}

/// Files of a folder that end so, by name.
fn ending(folder: &Path, end: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.ends_with(end) && path.is_file()
        })
        .collect();
    found.sort();
    found
}

/// Whether a folder holds what a kit can be started from without a configuration.
pub(super) fn is_kit(folder: &Path) -> bool {
    ["", "packages"]
        .iter()
        .any(|part| !ending(&folder.join(part), ".manifest.cose").is_empty())
}

/// A manifest as it lies there; its signatures are looked at when the kit is opened.
fn peek(path: &Path) -> Result<PackageManifest, ConfigError> {
    let bytes = read(path)?;
    let subject = Subject {
        kind: DocumentType::PackageManifest,
        election: 0,
    };
    let parsed = peek_all(subject, &bytes).and_then(|payload| decode(&payload));
    parsed.map_err(|error: EnvelopeError| ConfigError::File {
        path: path.display().to_string(),
        why: error.to_string(),
    })
}

impl ConfigFile {
    /// Looks for everything that the file leaves out; `base` is its folder.
    ///
    /// # Errors
    /// [`ConfigError`] naming what was not found, or found twice.
    pub(super) fn complete(&mut self, base: &Path) -> Result<(), ConfigError> {
        if self.manifest.as_os_str().is_empty() {
            let mut found = ending(base, ".manifest.cose");
            found.extend(ending(&base.join("packages"), ".manifest.cose"));
            self.manifest = match found.as_slice() {
                [one] => one.clone(),
                [] => return Err(wrong("manifest", "no file *.manifest.cose lies beside it")),
                [_, _, ..] => {
                    return Err(wrong(
                        "manifest",
                        "several files *.manifest.cose lie beside it: leave this precinct's",
                    ));
                }
            };
        }
        let manifest = base.join(&self.manifest);
        if self.package.as_os_str().is_empty() {
            let name = manifest.file_name().unwrap_or_default().to_string_lossy();
            let stem = name.strip_suffix(".manifest.cose").unwrap_or(&name);
            self.package = manifest.with_file_name(format!("{stem}.package"));
        }
        if self.election == 0 || self.precinct == 0 {
            let said = peek(&manifest)?;
            if self.election == 0 {
                self.election = said.election;
                self.exercise = self
                    .exercise
                    .or(said.exercise.map(|exercise| match exercise {
                        Exercise::Training => ExerciseEntry::Training,
                        Exercise::Rehearsal => ExerciseEntry::Rehearsal,
                    }));
            }
            if self.precinct == 0 {
                self.precinct = said.precinct;
            }
        }
        if self.publishers.is_empty() {
            let keys = publishers(base, &manifest, self.election, self.exercise)?;
            same_as_before(&base.join(&self.journals), &keys)?;
            self.publishers = keys.iter().map(|key| hex(&key.0)).collect();
        }
        let is_simulated =
            self.exercise == Some(ExerciseEntry::Training) || self.simulated_time.is_some();
        if is_simulated {
            if self.cards.is_empty() && self.pkcs11.is_none() {
                self.cards = ending(&base.join("cards"), ".card");
            }
            let keys = ending(&base.join("keys"), ".key");
            if self.kit_key.is_none()
                && self.kit_token.is_none()
                && let [one] = keys.as_slice()
            {
                self.kit_key = Some(one.clone());
            }
        }
        if self.pkcs11.is_none() && self.cards.is_empty() {
            let own = base.join("pkcs11.so");
            let known = CARD_LIBRARIES.iter().map(PathBuf::from);
            self.pkcs11 = std::iter::once(own).chain(known).find(|path| path.exists());
        }
        Ok(())
    }

    /// The kits that this one may be: those of the manifest, and spares that grants admit.
    pub(super) fn kits(&self, base: &Path) -> Result<Vec<Kid>, ConfigError> {
        let said = peek(&base.join(&self.manifest))?;
        let mut kits: Vec<Kid> = said
            .kits
            .iter()
            .map(|kit| PublicKey(*kit.point).kid())
            .collect();
        for (_, signed) in signed_in(&base.join(GRANTS))? {
            let subject = Subject {
                kind: DocumentType::KitGrant,
                election: 0,
            };
            let grant = peek_all(subject, &signed).and_then(|payload| decode::<KitGrant>(&payload));
            if let Ok(grant) = grant {
                kits.push(PublicKey(*grant.kit.point).kid());
            }
        }
        Ok(kits)
    }
}

/// The two publishers that the trust anchors beside the package name, once both roots' signatures were looked at.
fn publishers(
    base: &Path,
    manifest: &Path,
    election: u32,
    exercise: Option<ExerciseEntry>,
) -> Result<Vec<PublicKey>, ConfigError> {
    let places = [manifest.with_file_name(TRUST), base.join(TRUST)];
    let Some(path) = places.iter().find(|path| path.is_file()) else {
        return Err(wrong(
            "publishers",
            format!("name them, or lay {TRUST} beside the package"),
        ));
    };
    anchored(
        &read(path)?,
        election,
        exercise == Some(ExerciseEntry::Rehearsal),
    )
    .map_err(|why| ConfigError::File {
        path: path.display().to_string(),
        why,
    })
}

/// The publishers of trust anchors: of this election, or of any when the package is a rehearsal's of its own day.
fn anchored(bytes: &[u8], election: u32, is_rehearsal: bool) -> Result<Vec<PublicKey>, String> {
    let subject = |election| Subject {
        kind: DocumentType::TrustAnchors,
        election,
    };
    let told = |error: EnvelopeError| error.to_string();
    let payload = peek_all(subject(0), bytes).map_err(told)?;
    let named: TrustAnchors = decode(&payload).map_err(told)?;
    if named.election != election && !is_rehearsal {
        return Err(format!(
            "of election {}, the package is of {election}",
            named.election
        ));
    }
    let point = |role: &str| {
        let anchor = named.anchors.iter().find(|anchor| anchor.role == role);
        anchor
            .and_then(|anchor| PublicKey::from_bytes(&*anchor.point))
            .ok_or_else(|| format!("names no key for {role}"))
    };
    let roots = [point("root-srs")?, point("root-cec")?];
    open_all(
        subject(named.election),
        bytes,
        &KeyRing::of(roots),
        &roots.map(|key| key.kid()),
    )
    .map_err(told)?;
    Ok(vec![point("srs-release")?, point("cec-release")?])
}

fn lines_of(keys: &[PublicKey]) -> String {
    keys.iter().map(|key| hex(&key.0) + "\n").collect()
}

/// A kit that was opened takes no other publishers than those it was opened with.
fn same_as_before(journals: &Path, keys: &[PublicKey]) -> Result<(), ConfigError> {
    let path = journals.join(PUBLISHERS);
    if path.exists() && read(&path)? != lines_of(keys).into_bytes() {
        return Err(wrong(
            "publishers",
            format!(
                "{TRUST} names other publishers than those that this kit was opened with ({})",
                path.display()
            ),
        ));
    }
    Ok(())
}

/// Remembers the publishers of a kit that was opened. Once: what stands is not written over.
pub(crate) fn remember(
    disk: &dyn Disk,
    journals: &Path,
    keys: &[PublicKey],
) -> std::io::Result<()> {
    let path = journals.join(PUBLISHERS);
    if disk.read(&path)?.is_some() {
        return Ok(());
    }
    replace(disk, &path, lines_of(keys).as_bytes())
}
