//! Files, signed folders, and the keys that speak for roles.

use crate::Checked;
use crate::cbor::Value;
use crate::cose::{Hash, Keys, Kid, Subject, fingerprint, hex, kid_of};
use crate::finding::Report;
use crate::log::NoteKey;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

/// Name of a folder's own signed manifest.
const MANIFEST: &str = "MANIFEST.cose";
/// The document of `roll/` that gathers signatures.
const RELEASE: &str = "release.cose";
/// Where the trust anchors stand.
pub(crate) const TRUST: &str = "publication/trust.cose";

/// Whom the documents of one election must be signed by.
#[derive(Debug, Clone)]
pub(crate) struct Trust {
    pub(crate) election: u32,
    /// Keys of all roles, and the role of each.
    pub(crate) keys: Keys,
    roles: BTreeMap<String, Kid>,
    pub(crate) log: NoteKey,
    pub(crate) witnesses: Vec<NoteKey>,
    /// Witnesses that must cosign a checkpoint.
    pub(crate) witnesses_needed: usize,
}

impl Trust {
    /// Reads the trust anchors, which both roots they name must have signed. `roots` are fingerprints
    /// the reader got another way: beginnings of the hexadecimal SHA-256 over the public key info.
    pub(crate) fn open(bytes: &[u8], roots: &[String], report: &mut Report) -> Checked<Self> {
        let kind = "trust-anchors";
        let payload = Subject { kind, election: 0 }.peek(bytes)?;
        let election = payload.has_fields(6)?.number(2)?;
        let (mut keys, mut roles, mut fingerprints) = (Keys::default(), BTreeMap::new(), Vec::new());
        for anchor in payload.list(3)? {
            let (role, point) = (anchor.has_fields(3)?.text(0)?, anchor.array(1)?);
            roles.insert(role.to_owned(), keys.add(&point)?);
            if role.starts_with("root-") {
                fingerprints.push((kid_of(&point), hex(&fingerprint(&point))));
            }
        }
        let log_key = |text: &str| NoteKey::parse(text).ok_or("a log or witness key is malformed");
        let mut witnesses = Vec::new();
        for item in payload.list(5)? {
            let Value::Text(text) = item else { return Err("field 5 is not a list of texts".to_owned()) };
            witnesses.push(log_key(text)?);
        }
        let (log, witnesses_needed) = (log_key(payload.text(4)?)?, payload.number(6)?);
        let trust = Self { election, keys, roles, log, witnesses, witnesses_needed };
        let required = [trust.signer("root-srs")?, trust.signer("root-cec")?];
        Subject { kind, election }.open_all(bytes, &trust.keys, &required)?;
        fingerprints.retain(|(kid, _)| required.contains(kid));
        let given = |text: &String| roots.iter().any(|root| root.len() >= 16 && text.starts_with(root));
        let shown: Vec<&str> = fingerprints.iter().map(|(_, text)| &text[..32]).collect();
        let shown = shown.join(" and ");
        if roots.is_empty() {
            report.notes.push(format!(
                "the root keys {shown} were taken from {TRUST} itself: compare them with those published on paper, or give them by --root"
            ));
        } else if !fingerprints.iter().all(|(_, text)| given(text)) {
            return Err(format!("the root keys are {shown}, not those given by --root"));
        }
        Ok(trust)
    }

    /// The key id of a role.
    pub(crate) fn signer(&self, role: &str) -> Checked<Kid> {
        self.roles.get(role).copied().ok_or_else(|| format!("{TRUST} names no key for {role}"))
    }

    /// The two institutions that sign releases and package manifests.
    pub(crate) fn institutions(&self) -> Checked<[Kid; 2]> {
        Ok([self.signer("srs-release")?, self.signer("cec-release")?])
    }
}

/// Reads a file whole, or reports it.
pub(crate) fn load(dir: &Path, name: &str, report: &mut Report) -> Option<Vec<u8>> {
    let read = std::fs::read(dir.join(name));
    read.map_err(|error| report.find(name, "", "file_unreadable", error.kind().to_string())).ok()
}

/// All files below a folder with their lengths, by path relative to it; links and devices are findings.
pub(crate) fn files(dir: &Path, folder: &str, report: &mut Report) -> BTreeMap<String, u64> {
    let (mut found, mut waiting) = (BTreeMap::new(), vec![String::new()]);
    while let Some(inside) = waiting.pop() {
        let Ok(entries) = std::fs::read_dir(dir.join(folder).join(&inside)) else {
            let name = format!("{folder}/{inside}");
            report.find(name.trim_end_matches('/'), "", "file_unreadable", "the folder cannot be read");
            continue;
        };
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if inside.is_empty() { name } else { format!("{inside}/{name}") };
            match std::fs::symlink_metadata(entry.path()) {
                Ok(data) if data.is_dir() => waiting.push(path),
                Ok(data) if data.is_file() => drop(found.insert(path, data.len())),
                Ok(_) | Err(_) => report.find(&format!("{folder}/{path}"), "", "not_a_file", "a link or a device"),
            }
        }
    }
    found
}

fn hash_file(path: &Path) -> std::io::Result<Hash> {
    let (mut file, mut hasher, mut buffer) = (File::open(path)?, Sha256::new(), vec![0; 1 << 16]);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hasher.finalize().into()),
            read => hasher.update(&buffer[..read]),
        }
    }
}

/// Checks a folder against its signed manifest, file by file; returns the manifest's id when it holds.
pub(crate) fn check(dir: &Path, folder: &str, role: &str, trust: &Trust, report: &mut Report) -> Option<Hash> {
    let name = format!("{folder}/{MANIFEST}");
    let bytes = load(dir, &name, report)?;
    let opened = listed(&bytes, folder, role, trust);
    let (id, listed) = opened.map_err(|why| report.find(&name, "", "manifest_invalid", why)).ok()?;
    let mut found = files(dir, folder, report);
    found.remove(MANIFEST);
    // It gathers signatures after the folder was written; they and the publication speak for it.
    if folder == "roll" && listed.iter().all(|(path, ..)| path != RELEASE) {
        found.remove(RELEASE);
    }
    for (path, length, hash) in &listed {
        let file = format!("{folder}/{path}");
        match found.remove(path) {
            None => report.find(&file, "", "file_missing", "is listed in the folder's manifest and is not there"),
            Some(now) if now != *length => {
                report.find(&file, "", "file_changed", format!("has {now} bytes, the signed manifest says {length}"));
            }
            Some(_) if hash_file(&dir.join(&file)).ok() != Some(*hash) => {
                report.find(&file, "", "file_changed", "its contents are not those the signed manifest names");
            }
            Some(_) => report.count("files", 1),
        }
    }
    for path in found.keys() {
        report.find(&format!("{folder}/{path}"), "", "file_unlisted", "is not listed in the folder's manifest");
    }
    Some(id)
}

/// A file of a manifest: path, length, hash.
type Listed = (String, u64, Hash);

/// Opens a folder manifest: its id and its files, sorted, inside the folder.
fn listed(bytes: &[u8], folder: &str, role: &str, trust: &Trust) -> Checked<(Hash, Vec<Listed>)> {
    let signed = (Subject { kind: "folder-manifest", election: trust.election }).open1(bytes, &trust.keys)?;
    if signed.signers != [trust.signer(role)?] {
        return Err(format!("not signed by {role}"));
    }
    let payload = signed.payload.has_fields(6)?;
    if payload.text(1)? != "kg1" || payload.number::<u32>(2)? != trust.election || payload.text(3)? != folder {
        return Err("of another suite, election or folder".to_owned());
    }
    let mut listed: Vec<Listed> = Vec::new();
    for entry in payload.list(4)? {
        let path = entry.has_fields(3)?.text(0)?.to_owned();
        let outside = path.split('/').any(|part| part.is_empty() || part == "." || part == "..");
        if outside || path == MANIFEST || listed.last().is_some_and(|(before, ..)| *before >= path) {
            return Err("its paths are not sorted, leave the folder, or name itself".to_owned());
        }
        listed.push((path, entry.number(1)?, entry.array(2)?));
    }
    Ok((signed.id, listed))
}
