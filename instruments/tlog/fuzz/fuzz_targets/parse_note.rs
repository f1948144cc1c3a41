#![no_main]
//! A note that parses writes the same bytes again, and its text is a checkpoint or a named error.
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(note) = tlog::Note::parse(bytes) {
        assert_eq!(note.to_string().as_bytes(), bytes);
        if let Ok(checkpoint) = note.text().parse::<tlog::Checkpoint>() {
            assert_eq!(checkpoint.to_string(), note.text());
        }
    }
});
