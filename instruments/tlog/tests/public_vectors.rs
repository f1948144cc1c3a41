//! The published vectors in `tests/golden`, see `SOURCE.md` there.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use serde_json::Value;
use std::time::Instant;
use tlog::{
    Checkpoint, Hash, KeyKind, Note, NoteSignature, Tree, TreeHead, VerifierKey, VerifyNoteError,
};

fn lines(text: &str) -> impl Iterator<Item = Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap())
}

/// Hashes of the vectors; `None` when a vector's hash has not 32 bytes, which our types refuse.
fn hash(value: &Value) -> Option<Hash> {
    value.as_str()?.parse().ok()
}

fn proof(value: &Value) -> Option<Vec<Hash>> {
    value
        .as_array()
        .map_or(Some(Vec::new()), |hashes| hashes.iter().map(hash).collect())
}

fn number(value: &Value) -> Option<u64> {
    value.as_u64()
}

#[test]
fn rfc6962_hashing() {
    let hex = |hash: Hash| {
        hash.as_bytes()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    // The three values of transparency-dev/merkle rfc6962_test.go.
    assert_eq!(
        hex(Hash::EMPTY_ROOT),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    );
    assert_eq!(
        hex(tlog::leaf_hash(b"")),
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    );
    assert_eq!(
        hex(tlog::leaf_hash(b"L123456")),
        "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56"
    );
}

#[test]
fn rfc6962_inclusion() {
    let mut counts = [0, 0];
    for vector in lines(include_str!("golden/rfc6962-2.1.1-inclusion.jsonl")) {
        let verified = || {
            let (index, size) = (number(&vector["leafIdx"])?, number(&vector["treeSize"])?);
            let (leaf, root) = (hash(&vector["leafHash"])?, hash(&vector["root"])?);
            tlog::verify_inclusion(&proof(&vector["proof"])?, index, size, leaf, root).ok()
        };
        let refuse = vector["wantErr"].as_bool().unwrap();
        assert_eq!(verified().is_none(), refuse, "{vector}");
        counts[usize::from(refuse)] += 1;
    }
    assert!(counts[0] > 4 && counts[1] > 50, "{counts:?}");
}

#[test]
fn rfc6962_consistency() {
    let (mut counts, mut other_types) = ([0, 0], 0);
    for vector in lines(include_str!("golden/rfc6962-2.1.2-consistency.jsonl")) {
        let verified = || {
            let old = TreeHead {
                size: number(&vector["size1"])?,
                root: hash(&vector["root1"])?,
            };
            let new = TreeHead {
                size: number(&vector["size2"])?,
                root: hash(&vector["root2"])?,
            };
            tlog::verify_consistency(&proof(&vector["proof"])?, old, new).ok()
        };
        let refuse = vector["wantErr"].as_bool().unwrap();
        // One good vector has the text "don't care 2" for roots; a root of 12 bytes is no root here.
        if !refuse && hash(&vector["root1"]).is_none() {
            other_types += 1;
            continue;
        }
        assert_eq!(verified().is_none(), refuse, "{vector}");
        counts[usize::from(refuse)] += 1;
    }
    assert!(
        counts[0] > 4 && counts[1] > 50 && other_types == 1,
        "{counts:?}"
    );
}

#[test]
fn signed_note_of_the_specification() {
    let key: VerifierKey = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
        .parse()
        .unwrap();
    let text = include_str!("golden/signed-note-example.txt");
    let note = Note::parse(text.as_bytes()).unwrap();
    assert_eq!(note.to_string(), text);
    assert_eq!(
        note.verify(std::slice::from_ref(&key)).unwrap()[0].key,
        &key
    );
    let changed = Note::parse(text.replace("an example", "another").as_bytes()).unwrap();
    assert_eq!(
        changed.verify(&[key]),
        Err(VerifyNoteError::Invalid {
            name: "example.com/foo".to_owned()
        })
    );
}

#[test]
fn signed_note_of_sumdb() {
    let peter: VerifierKey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
        .parse()
        .unwrap();
    let enoch: VerifierKey = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
        .parse()
        .unwrap();
    let text = include_str!("golden/signed-note-sumdb.txt");
    let note = Note::parse(text.as_bytes()).unwrap();
    assert_eq!(note.verify(&[peter.clone(), enoch]).unwrap().len(), 2);
    // The same private key and text give the same line: Ed25519 is deterministic.
    let seed = [
        0x81, 0x0a, 0x14, 0x02, 0xd5, 0x14, 0x6c, 0x8d, 0x84, 0xf2, 0x44, 0x33, 0x30, 0xf5, 0x40,
        0x80, //
        0xeb, 0xf9, 0x8e, 0xe1, 0x7d, 0x9c, 0x74, 0xf6, 0x25, 0x2f, 0xc5, 0xd5, 0xc7, 0x28, 0x31,
        0x73,
    ];
    let key = tlog::SigningKey::from_seed("PeterNeumann", KeyKind::Ed25519, &seed).unwrap();
    assert_eq!(key.verifier(), &peter);
    let mut again = Note::new(note.text()).unwrap();
    again.sign(&key, 0);
    assert_eq!(again.signatures()[0], note.signatures()[0]);
}

#[test]
fn cosignature_form_of_the_specification() {
    let text = include_str!("golden/tlog-cosignature-example.txt");
    let note = Note::parse(text.as_bytes()).unwrap();
    let checkpoint: Checkpoint = note.text().parse().unwrap();
    assert_eq!(
        (checkpoint.origin(), checkpoint.head().size),
        ("example.com/behind-the-sofa", 20_852_163)
    );
    // The page gives time 1679315147 for this very line.
    let line = &note.signatures()[1];
    assert_eq!(line.bytes().len(), 72);
    assert_eq!(line.bytes()[..8], 1_679_315_147u64.to_be_bytes());
    let message = tlog::cosigned_message(note.text(), 1_679_315_147);
    let expected = "cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    assert_eq!(message, expected.as_bytes());
    assert_eq!(note.to_string(), text);
}

#[test]
fn cosignature_keys_of_public_witnesses() {
    for vkey in include_str!("golden/tlog-cosignature-vkeys.txt").lines() {
        let key: VerifierKey = vkey.parse().unwrap();
        assert_eq!(
            (key.kind(), key.to_string().as_str()),
            (KeyKind::CosignatureV1, vkey)
        );
    }
}

/// A log sends a witness good and bad checkpoints; ours decides as the real witness did.
#[test]
fn witness_decides_as_litewitness_did() {
    let origin =
        "sigsum.org/v1/tree/4d6d8825a6bb689d459628312889dfbb0bcd41b5211d9e1ce768b0ff0309e562";
    let public = [
        0xff, 0xdc, 0x2d, 0x4d, 0x98, 0xe4, 0x12, 0x4d, 0x3f, 0xea, 0xf7, 0x88, 0xc0, 0xc2, 0xf9,
        0xab, //
        0xfd, 0x79, 0x60, 0x83, 0xd1, 0xf0, 0x49, 0x54, 0x37, 0xf3, 0x02, 0xec, 0x79, 0xcf, 0x10,
        0x0f,
    ];
    let log = VerifierKey::new(origin, KeyKind::Ed25519, public).unwrap();
    let mut last: Option<Checkpoint> = None;
    let mut counts = std::collections::BTreeMap::new();
    for request in lines(include_str!("golden/tlog-witness-add-checkpoint.jsonl")) {
        let opened = Checkpoint::open(request["note"].as_str().unwrap().as_bytes(), &log);
        let old = request["old"].as_u64().unwrap();
        let status = match opened {
            Err(_) => 403,
            Ok(_) if old != last.as_ref().map_or(0, |last| last.head().size) => 409,
            Ok(next) => {
                match tlog::may_cosign(last.as_ref(), &next, &proof(&request["proof"]).unwrap()) {
                    Err(_) => 422,
                    Ok(()) => {
                        last = Some(next);
                        200
                    }
                }
            }
        };
        assert_eq!(status, request["status"], "{request}");
        *counts.entry(status).or_insert(0) += 1;
    }
    assert_eq!(
        counts.into_iter().collect::<Vec<_>>(),
        [(200, 3), (403, 2), (409, 2), (422, 2)]
    );
}

#[test]
fn a_signature_made_elsewhere_is_taken() {
    use ed25519_dalek::Signer as _;
    let hardware = ed25519_dalek::SigningKey::from_bytes(&[5; 32]);
    let public = hardware.verifying_key().to_bytes();
    let log = VerifierKey::new("log.example", KeyKind::Ed25519, public).unwrap();
    let head = TreeHead {
        size: 1,
        root: tlog::leaf_hash(b"x"),
    };
    let mut note = Note::new(Checkpoint::new("log.example", head).unwrap().to_string()).unwrap();
    let signature = hardware.sign(note.text().as_bytes());
    note.attach(NoteSignature::ed25519(&log, signature.to_bytes()));
    Checkpoint::open(note.to_string().as_bytes(), &log).unwrap();

    let witness = VerifierKey::new("w.example", KeyKind::CosignatureV1, public).unwrap();
    let signature = hardware.sign(&tlog::cosigned_message(note.text(), 9));
    note.attach(NoteSignature::cosignature(
        &witness,
        9,
        signature.to_bytes(),
    ));
    assert_eq!(note.verify(&[witness]).unwrap()[0].time_s, Some(9));
}

/// The whole list of 2015. The goal is 2 s on two free cores; a busy machine gets a wider bound.
#[test]
#[expect(clippy::disallowed_methods, reason = "a benchmark measures wall time")]
fn the_root_of_2761297_leaves_is_quick() {
    let leaves: Vec<Hash> = (0..2_761_297u32)
        .map(|line| tlog::leaf_hash(&line.to_be_bytes()))
        .collect();
    let start = Instant::now();
    let mut tree = Tree::new();
    leaves.iter().for_each(|&leaf| tree.push(leaf));
    let root = tree.root();
    let seconds = start.elapsed().as_secs_f64();
    let start = Instant::now();
    let bytes: usize = tlog::tiles(&leaves).map(|(_, bytes)| bytes.len()).sum();
    println!(
        "root of {} leaves in {seconds:.2} s, {bytes} bytes of tiles in {:.2} s",
        leaves.len(),
        start.elapsed().as_secs_f64()
    );
    assert_eq!(root, tlog::root(&leaves));
    assert!(seconds < 20.0, "{seconds} s");
}
