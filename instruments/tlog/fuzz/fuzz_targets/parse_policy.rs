#![no_main]
//! A policy that parses means the same after it is written and read again.
libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Ok(policy) = text.parse::<tlog::Policy>() {
        assert_eq!(policy.to_string().parse::<tlog::Policy>().as_ref(), Ok(&policy));
    }
    if let Ok(key) = text.parse::<tlog::VerifierKey>() {
        assert_eq!(key.to_string(), text);
    }
});
