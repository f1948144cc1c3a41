#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
use super::*;
use crate::{Checkpoint, KeyKind, SigningKey, TreeHead, leaf_hash, prove_inclusion, root};
use proptest::prelude::*;

fn proof(index: u64, extra: Option<&[u8]>) -> (TlogProof, Policy) {
    let leaves: Vec<Hash> = (0..50u8).map(|entry| leaf_hash(&[entry])).collect();
    let log = SigningKey::from_seed("log.example", KeyKind::Ed25519, &[1; 32]).unwrap();
    let witness =
        SigningKey::from_seed("witness.example", KeyKind::CosignatureV1, &[2; 32]).unwrap();
    let head = TreeHead {
        size: 50,
        root: root(&leaves),
    };
    let mut checkpoint = Checkpoint::new("log.example", head).unwrap().sign(&log);
    checkpoint.sign(&witness, 7);
    let policy =
        Policy::k_of_n(&[log.verifier().clone()], &[witness.verifier().clone()], 1).unwrap();
    let hashes = prove_inclusion(&leaves[..], index, 50).unwrap();
    (
        TlogProof {
            index,
            hashes,
            extra: extra.map(<[u8]>::to_vec),
            checkpoint,
        },
        policy,
    )
}

#[test]
fn a_proof_comes_back_and_verifies_its_entry_only() {
    for extra in [None, Some(&b""[..]), Some(&b"salt"[..])] {
        let (proof, policy) = proof(13, extra);
        let back: TlogProof = proof.to_string().parse().unwrap();
        assert_eq!(back, proof);
        back.verify(leaf_hash(&[13]), &policy).unwrap();
        assert!(matches!(
            back.verify(leaf_hash(&[14]), &policy),
            Err(RefuseProof::Proof(ProofError::RootMismatch { .. }))
        ));
    }
}

#[test]
fn a_checkpoint_without_its_witness_is_refused() {
    let (proof, policy) = proof(13, None);
    let text = proof.to_string();
    let cut = text.trim_end().rfind('\n').unwrap();
    let alone: TlogProof = text[..=cut].parse().unwrap();
    let refused = alone.verify(leaf_hash(&[13]), &policy);
    assert!(matches!(
        refused,
        Err(RefuseProof::Checkpoint(RefuseCheckpoint::NoQuorum { .. }))
    ));
}

#[test]
fn malformed_proofs_are_refused_by_line() {
    use ParseTlogProofError as E;
    let checkpoint = proof(0, None).0.checkpoint.to_string();
    let check = |head: &str, expected| {
        assert_eq!(
            format!("{head}\n\n{checkpoint}").parse::<TlogProof>(),
            Err(expected),
            "{head}"
        )
    };
    check("c2sp.org/tlog-proof@v2\nindex 0", E::Header);
    check("c2sp.org/tlog-proof@v1", E::Index { line: 2 });
    check(
        "c2sp.org/tlog-proof@v1\nextra !!\nindex 0",
        E::Extra { line: 2 },
    );
    check("c2sp.org/tlog-proof@v1\nextra AAAA", E::Index { line: 2 });
    for index in [
        "index", "index ", "index x", "index -5", "index 01", "index +1", "Index 1", "index 1 ",
    ] {
        check(
            &format!("c2sp.org/tlog-proof@v1\n{index}"),
            E::Index { line: 2 },
        );
    }
    check("c2sp.org/tlog-proof@v1\nindex 0\n!!", E::Hash { line: 3 });
    check("c2sp.org/tlog-proof@v1\nindex 0\nAAAA", E::Hash { line: 3 });
    let hash = Hash::EMPTY_ROOT;
    check(
        &format!(
            "c2sp.org/tlog-proof@v1\nindex 0{}",
            format!("\n{hash}").repeat(65)
        ),
        E::Hash { line: 67 },
    );
    assert_eq!(
        "c2sp.org/tlog-proof@v1\nindex 0\n".parse::<TlogProof>(),
        Err(E::Checkpoint(NoteError::NoSignatures))
    );
    assert_eq!(
        "x".repeat(2 * NOTE_BYTES_MAX + 1).parse::<TlogProof>(),
        Err(E::TooLong)
    );
}

proptest! {
    #[test]
    fn any_changed_byte_outside_the_extra_line_is_refused(index in 0u64..50, at in any::<prop::sample::Index>(), flip in 1u8..=255) {
        let (proof, policy) = proof(index, None);
        let mut bytes = proof.to_string().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        let Ok(text) = String::from_utf8(bytes) else { return Ok(()) };
        let leaf = leaf_hash(&[u8::try_from(index).unwrap()]);
        let accepted = text.parse::<TlogProof>().is_ok_and(|proof| proof.verify(leaf, &policy).is_ok());
        prop_assert!(!accepted, "byte {}", at);
    }

    #[test]
    fn the_parser_never_panics(text in "(c2sp.org/tlog-proof@v1\n)?(extra [A-Z=]{0,8}\n)?(index [0-9]{0,22}\n)?([A-Za-z0-9+/=]{0,44}\n){0,3}\n?.{0,40}") {
        let _ = text.parse::<TlogProof>();
    }
}
