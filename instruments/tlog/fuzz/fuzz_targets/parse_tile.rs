#![no_main]
//! Paths have one spelling; bundles write the same bytes again.
libfuzzer_sys::fuzz_target!(|input: (&str, &[u8], u16)| {
    let (path, bytes, width) = input;
    if let Ok(tile) = path.parse::<tlog::Tile>() {
        assert_eq!(tile.path(), path);
    }
    if let Ok(entries) = tlog::bundle_entries(bytes, width) {
        assert_eq!(tlog::entry_bundle(&entries).as_deref(), Ok(bytes));
    }
});
