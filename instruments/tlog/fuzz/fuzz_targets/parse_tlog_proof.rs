#![no_main]
//! A proof that parses writes the same text again.
libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Ok(proof) = text.parse::<tlog::TlogProof>() {
        assert_eq!(proof.to_string(), text);
    }
});
