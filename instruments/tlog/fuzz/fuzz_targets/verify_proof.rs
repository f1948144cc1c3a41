#![no_main]
//! Proofs of any shape are refused or accepted, never a crash.
use tlog::{Hash, TreeHead};
libfuzzer_sys::fuzz_target!(|input: (Vec<[u8; 32]>, u64, u64, [u8; 32])| {
    let (proof, index, size, root) = input;
    let (proof, root): (Vec<Hash>, Hash) = (proof.into_iter().map(Hash).collect(), Hash(root));
    let _ = tlog::verify_inclusion(&proof, index, size, root, root);
    let _ = tlog::verify_consistency(&proof, TreeHead { size: index, root }, TreeHead { size, root });
});
