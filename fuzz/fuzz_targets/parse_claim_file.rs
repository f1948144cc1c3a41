#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = parsers::doors::parse_claim_file(bytes);
});
