//! The public log: Merkle hashing (RFC 6962), tiles, signed notes, checkpoints and cosignatures (C2SP).

use crate::Checked;
use crate::cose::{Hash, hex, sha256};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, VerifyingKey};

/// Hash of a log entry.
pub(crate) fn leaf_hash(entry: &[u8]) -> Hash {
    sha256(&[&[0], entry])
}

/// Root over leaf hashes: a stack of perfect subtrees, folded from the right.
pub(crate) fn root(leaves: &[Hash]) -> Hash {
    let mut stack: Vec<(u32, Hash)> = Vec::new();
    for leaf in leaves {
        let mut node = (0, *leaf);
        while let Some((_, left)) = stack.pop_if(|(height, _)| *height == node.0) {
            node = (node.0 + 1, sha256(&[&[1], &left, &node.1]));
        }
        stack.push(node);
    }
    let Some((_, last)) = stack.pop() else { return sha256(&[]) };
    stack.iter().rev().fold(last, |right, (_, left)| sha256(&[&[1], left, &right]))
}

/// The hash tiles of a log by path: concatenated hashes, 256 a tile, each row over the full tiles below.
pub(crate) fn tiles(leaves: &[Hash]) -> Vec<(String, Vec<u8>)> {
    let (mut files, mut row) = (Vec::new(), leaves.to_vec());
    for level in 0.. {
        for (index, tile) in row.chunks(256).enumerate() {
            files.push((tile_path(&format!("{level}"), index, tile.len()), tile.concat()));
        }
        row = row.chunks_exact(256).map(root).collect();
        if row.is_empty() {
            break;
        }
    }
    files
}

/// Path of a tile as C2SP tlog-tiles writes it: `tile/0/x001/234.p/17`.
pub(crate) fn tile_path(row: &str, index: usize, width: usize) -> String {
    let (mut number, mut rest) = (format!("{:03}", index % 1000), index / 1000);
    while rest > 0 {
        number = format!("x{:03}/{number}", rest % 1000);
        rest /= 1000;
    }
    let partial = if width < 256 { format!(".p/{width}") } else { String::new() };
    format!("tile/{row}/{number}{partial}")
}

/// Splits entry bundles (each entry behind its length, 16 bits, big-endian).
pub(crate) fn bundle(mut bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let mut entries = Vec::new();
    while !bytes.is_empty() {
        let (length, rest) = bytes.split_first_chunk::<2>()?;
        let (entry, rest) = rest.split_at_checked(u16::from_be_bytes(*length).into())?;
        entries.push(entry);
        bytes = rest;
    }
    Some(entries)
}

/// A note verifier key, `name+id+base64(type ‖ key)`, of type 0x01 (log) or 0x04 (witness).
#[derive(Debug, Clone)]
pub(crate) struct NoteKey {
    name: String,
    id: [u8; 4],
    is_witness: bool,
    key: VerifyingKey,
}

impl NoteKey {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '+');
        let (name, id, key) = (parts.next()?, parts.next()?, STANDARD.decode(parts.next()?).ok()?);
        let (kind, public) = key.split_first().filter(|(kind, _)| **kind == 1 || **kind == 4)?;
        let key = VerifyingKey::from_bytes(public.try_into().ok()?).ok()?;
        let key = Self::named(name, *kind == 4, key);
        (hex(&key.id) == id && !name.is_empty()).then_some(key)
    }

    fn named(name: &str, is_witness: bool, key: VerifyingKey) -> Self {
        let kind = if is_witness { 4 } else { 1 };
        let [a, b, c, d, ..] = sha256(&[name.as_bytes(), &[b'\n', kind], key.as_bytes()]);
        Self { name: name.to_owned(), id: [a, b, c, d], is_witness, key }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The same key as a log key of another name, with the id that follows from it.
    pub(crate) fn renamed(&self, name: &str) -> Self {
        Self::named(name, false, self.key)
    }

    fn has_signed(&self, text: &str, value: &[u8]) -> bool {
        let verify = |message: &[u8], signature: &[u8]| {
            Signature::from_slice(signature).is_ok_and(|signature| self.key.verify_strict(message, &signature).is_ok())
        };
        if !self.is_witness {
            return verify(text.as_bytes(), value);
        }
        value.split_first_chunk::<8>().is_some_and(|(time, signature)| {
            verify(format!("cosignature/v1\ntime {}\n{text}", u64::from_be_bytes(*time)).as_bytes(), signature)
        })
    }
}

/// What a log signed about its tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Checkpoint {
    pub(crate) size: u64,
    pub(crate) root: Hash,
    /// How many of the known witnesses cosigned.
    pub(crate) witnesses: usize,
}

impl Checkpoint {
    /// Reads a signed checkpoint and verifies the log's signature and those of all known witnesses.
    pub(crate) fn open(note: &[u8], log: &NoteKey, witnesses: &[NoteKey]) -> Checked<Self> {
        let note = std::str::from_utf8(note).map_err(|_| "not text")?;
        let divide = note.rfind("\n\n").ok_or("no blank line before the signatures")?;
        let (text, lines) = (&note[..=divide], &note[divide + 2..]);
        let mut signatures = Vec::new();
        for line in lines.strip_suffix('\n').ok_or("no newline at the end")?.split('\n') {
            let parts = line.strip_prefix("— ").and_then(|rest| rest.split_once(' '));
            let (name, value) = parts.ok_or("a line after the blank one is no signature")?;
            signatures.push((name, STANDARD.decode(value).map_err(|_| "a signature is not base64")?));
        }
        let signed_by = |key: &NoteKey| {
            let mine = signatures.iter().filter(|(name, value)| *name == key.name && value.starts_with(&key.id));
            let holding: Vec<bool> = mine.map(|(_, value)| key.has_signed(text, &value[4..])).collect();
            let bad = || format!("the signature of {} does not hold", key.name);
            if holding.contains(&false) { Err(bad()) } else { Ok(!holding.is_empty()) }
        };
        if log.is_witness || !signed_by(log)? {
            return Err(format!("no signature of {}", log.name));
        }
        let mut cosigned = 0;
        for witness in witnesses.iter().filter(|key| key.is_witness) {
            cosigned += usize::from(signed_by(witness)?);
        }
        let mut rows = text.split('\n');
        let mut row = || rows.next().unwrap_or_default();
        let (origin, size, root) = (row(), row(), row());
        let number: u64 = size.parse().map_err(|_| "line 2 is not a size")?;
        let bytes = STANDARD.decode(root).ok().and_then(|bytes| bytes.try_into().ok());
        if origin != log.name || size != number.to_string() || rows.ne([""]) {
            return Err("another origin than the log's name, a padded size, or lines after the third".to_owned());
        }
        Ok(Self { size: number, root: bytes.ok_or("line 3 is not a root")?, witnesses: cosigned })
    }
}

/// See [`crate::probe`].
pub(crate) fn probe(bytes: &[u8], text: &str) -> bool {
    let key = text.lines().next().and_then(NoteKey::parse);
    bundle(bytes).is_some() || key.is_some_and(|key| Checkpoint::open(bytes, &key, &[]).is_ok())
}

#[cfg(test)]
mod tests;
