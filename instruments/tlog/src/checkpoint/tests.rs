#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
use super::*;
use crate::key::KeyKind;
use crate::{leaf_hash, prove_consistency, root};
use proptest::prelude::*;

const ROOT: &str = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";

#[test]
fn a_checkpoint_comes_back_with_its_extensions() {
    for text in [
        format!("example.com/behind-the-sofa\n20852163\n{ROOT}\n"),
        format!("with space + plus\n1\n{ROOT}\nextension\nanother\n"),
        format!("empty\n0\n{}\n", Hash::EMPTY_ROOT),
        format!("{}\n{}\n{ROOT}\n", "ө".repeat(300), u64::MAX),
    ] {
        let checkpoint: Checkpoint = text.parse().unwrap();
        assert_eq!(checkpoint.to_string(), text);
    }
}

#[test]
fn malformed_checkpoints_are_refused_by_line() {
    let check =
        |text: &str, expected| assert_eq!(text.parse::<Checkpoint>(), Err(expected), "{text:?}");
    check("", CheckpointError::Size);
    check("a\n", CheckpointError::Size);
    check(&format!("\n1\n{ROOT}\n"), CheckpointError::Origin);
    for size in [
        "",
        "-1",
        "+1",
        "01",
        "1 ",
        "18446744073709551616",
        "0x1",
        "١",
    ] {
        check(&format!("a\n{size}\n{ROOT}\n"), CheckpointError::Size);
    }
    for bad in [
        "",
        "CsUY",
        &ROOT[..43],
        &format!("{ROOT}="),
        "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=",
        "CsUYapGGPo4dkMgIAUqom_Xajj7h2fB2MPA3j2jxq2I=",
    ] {
        check(&format!("a\n1\n{bad}\n"), CheckpointError::Root);
    }
    check(&format!("a\n0\n{ROOT}\n"), CheckpointError::Root);
    check(&format!("a\n1\n{ROOT}"), CheckpointError::Extension(4));
    check(&format!("a\n1\n{ROOT}\n\n"), CheckpointError::Extension(4));
    check(
        &format!("a\n1\n{ROOT}\nx\n\ny\n"),
        CheckpointError::Extension(5),
    );
    check(&format!("a\n1\n{ROOT}\nx"), CheckpointError::Extension(4));
}

#[test]
fn only_the_logs_own_key_opens_a_checkpoint() {
    let log = SigningKey::from_seed("log.example", KeyKind::Ed25519, &[1; 32]).unwrap();
    let other = SigningKey::from_seed("log.example", KeyKind::Ed25519, &[2; 32]).unwrap();
    let head = TreeHead {
        size: 1,
        root: leaf_hash(b"x"),
    };
    let checkpoint = Checkpoint::new("log.example", head).unwrap();
    let note = checkpoint.sign(&log).to_string();
    assert_eq!(
        Checkpoint::open(note.as_bytes(), log.verifier()),
        Ok(checkpoint)
    );
    let refused = Checkpoint::open(note.as_bytes(), other.verifier());
    assert_eq!(
        refused,
        Err(OpenCheckpointError::Signature(VerifyNoteError::NoKnownKey))
    );
}

/// A log shows its witness a tree that grows, then a rollback, then a fork, then another log's tree.
#[test]
fn a_witness_signs_growth_and_never_a_rollback_or_a_fork() {
    let leaves: Vec<Hash> = (0..40u8).map(|entry| leaf_hash(&[entry])).collect();
    let at = |origin: &str, leaves: &[Hash]| {
        Checkpoint::new(
            origin,
            TreeHead {
                size: leaves.len() as u64,
                root: root(leaves),
            },
        )
        .unwrap()
    };
    let last = at("log", &leaves[..20]);
    let proof = prove_consistency(&leaves[..], 20, 40).unwrap();
    may_cosign(None, &last, &[]).unwrap();
    may_cosign(Some(&last), &at("log", &leaves), &proof).unwrap();
    may_cosign(Some(&last), &last, &[]).unwrap();

    let shrunk = may_cosign(Some(&last), &at("log", &leaves[..10]), &[]);
    assert_eq!(
        shrunk,
        Err(CosignRefusal::Inconsistent(ProofError::OldLargerThanNew {
            old: 20,
            new: 10
        }))
    );
    let mut forked = leaves.clone();
    forked[3] = leaf_hash(b"another entry");
    let fork_proof = prove_consistency(&forked[..], 20, 40).unwrap();
    for proof in [&proof, &fork_proof, &Vec::new()] {
        let refused = may_cosign(Some(&last), &at("log", &forked), proof);
        assert!(matches!(refused, Err(CosignRefusal::Inconsistent(_))));
    }
    let same_size = may_cosign(Some(&last), &at("log", &forked[..20]), &[]);
    assert!(matches!(same_size, Err(CosignRefusal::Inconsistent(_))));
    let other = may_cosign(Some(&last), &at("other", &leaves), &proof);
    assert!(matches!(other, Err(CosignRefusal::OtherLog { .. })));
}

proptest! {
    #[test]
    fn the_public_crate_reads_our_checkpoints_and_agrees_on_damaged_ones(size in 1u64.., root in any::<[u8; 32]>(), at in any::<prop::sample::Index>(), to in "[0-9A-Za-z=+\n-]?") {
        let text = Checkpoint::new("log.example/2015", TreeHead { size, root: Hash(root) }).unwrap().to_string();
        let theirs = tlog_tiles::checkpoint::Checkpoint::from_bytes(text.as_bytes()).unwrap();
        prop_assert_eq!((theirs.size(), theirs.hash().0), (size, root));
        let at = at.index(text.len());
        let mutated = format!("{}{to}{}", &text[..at], &text[at + 1..]);
        let ours = mutated.parse::<Checkpoint>();
        let theirs = tlog_tiles::checkpoint::Checkpoint::from_bytes(mutated.as_bytes());
        if let (Ok(ours), Ok(theirs)) = (&ours, &theirs) {
            prop_assert_eq!((theirs.origin(), theirs.size(), theirs.hash().0), (ours.origin(), ours.head().size, ours.head().root.0));
        }
        prop_assert_eq!(ours.is_ok(), theirs.is_ok(), "{:?}: {:?}", mutated, ours);
    }

    #[test]
    fn the_parser_never_panics(text in ".{0,20}\n?[0-9]{0,22}\n?[A-Za-z0-9+/=]{0,46}\n?.{0,10}\n?") {
        if let Ok(checkpoint) = text.parse::<Checkpoint>() {
            prop_assert_eq!(checkpoint.to_string(), text);
        }
    }
}
