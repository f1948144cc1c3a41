#![no_main]
//! Every parser of the stranger's tool over the same bytes: CBOR, COSE, journals, notes, bundles, receipts.
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| verifier::probe(bytes));
