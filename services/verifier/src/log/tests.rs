#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
use super::*;
use proptest::prelude::*;

const LOG: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";

#[test]
fn roots_are_those_of_rfc_6962() {
    assert_eq!(hex(&root(&[])), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_eq!(hex(&leaf_hash(b"")), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    // The eight entries of the reference tests of Certificate Transparency.
    let entries: [&[u8]; 8] = [b"", b"\0", b"\x10", b" !", b"01", b"@ABC", b"PQRSTUVW", b"`abcdefghijklmno"];
    let leaves: Vec<Hash> = entries.iter().map(|entry| leaf_hash(entry)).collect();
    assert_eq!(hex(&root(&leaves)), "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
    assert_eq!(hex(&root(&leaves[..7])), "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c");
    assert_eq!(hex(&root(&leaves[..3])), "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77");
}

#[test]
fn paths_are_those_of_the_specification() {
    assert_eq!(tile_path("1", 1_234_067, 256), "tile/1/x001/x234/067");
    assert_eq!(tile_path("entries", 0, 5), "tile/entries/000.p/5");
    let leaves = vec![[1; 32]; 70_000];
    let paths: Vec<String> = tiles(&leaves).into_iter().map(|(path, _)| path).collect();
    assert_eq!(paths.len(), 277);
    for path in ["tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"] {
        assert!(paths.iter().any(|found| found == path), "{path}");
    }
    assert!(tiles(&[]).is_empty());
}

#[test]
fn the_keys_of_the_specification_are_read() {
    let key = NoteKey::parse(LOG).unwrap();
    assert_eq!((key.name(), key.is_witness), ("example.com/foo", false));
    assert!(
        key.has_signed(
            "This is an example message.\n",
            &STANDARD
                .decode("Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=")
                .unwrap()[4..]
        )
    );
    assert!(NoteKey::parse("remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2").unwrap().is_witness);
    for at in 0..LOG.len() {
        let mut bytes = LOG.as_bytes().to_vec();
        bytes[at] ^= 1;
        assert!(NoteKey::parse(std::str::from_utf8(&bytes).unwrap()).is_none(), "byte {at}");
        assert!(NoteKey::parse(&LOG[..at]).is_none());
    }
}

fn checkpoint(text: &str) -> String {
    use ed25519_dalek::Signer as _;
    let key = ed25519_dalek::SigningKey::from_bytes(&[3; 32]);
    let id = NoteKey::named("log", false, key.verifying_key()).id;
    let value = STANDARD.encode([&id[..], &key.sign(text.as_bytes()).to_bytes()].concat());
    format!("{text}\n— log {value}\n")
}

fn log_key() -> NoteKey {
    NoteKey::named("log", false, ed25519_dalek::SigningKey::from_bytes(&[3; 32]).verifying_key())
}

#[test]
fn a_signed_text_that_is_no_checkpoint_is_refused() {
    let hash = STANDARD.encode([5; 32]);
    let open = |text: &str| Checkpoint::open(checkpoint(text).as_bytes(), &log_key(), &[]);
    assert_eq!(open(&format!("log\n7\n{hash}\n")), Ok(Checkpoint { size: 7, root: [5; 32], witnesses: 0 }));
    for text in [
        format!("other\n7\n{hash}\n"),
        format!("log\n07\n{hash}\n"),
        format!("log\n+7\n{hash}\n"),
        format!("log\n7\n{hash}\nmore\n"),
        format!("log\n7\n{}\n", STANDARD.encode([5; 31])),
        format!("log\n\n7\n{hash}\n"),
        "log\n".to_owned(),
    ] {
        open(&text).expect_err(&text);
    }
}

proptest! {
    #[test]
    fn any_changed_byte_of_a_checkpoint_is_refused(at in any::<prop::sample::Index>(), flip in 1u8..=255) {
        let mut bytes = checkpoint(&format!("log\n7\n{}\n", STANDARD.encode([5; 32]))).into_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        prop_assert!(Checkpoint::open(&bytes, &log_key(), &[]).is_err());
    }

    #[test]
    fn parsers_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), text in "[a-z]{0,3}\n?[0-9]{0,3}\n?.{0,30}\n{0,3}(— log .{0,20}\n?)?") {
        let _ = bundle(&bytes);
        let _ = Checkpoint::open(&bytes, &log_key(), &[]);
        let _ = Checkpoint::open(text.as_bytes(), &log_key(), &[log_key()]);
        let _ = NoteKey::parse(&text);
    }
}
