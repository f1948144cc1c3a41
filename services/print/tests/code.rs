//! The code of each page, read back from the picture.
#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod paper;

use lexicon::handover::envelope::{hex, sha256};
use paper::{RELEASE, Scratch, code_of, has, job, lines, print, write_roll};

#[test]
fn a_phone_reads_precinct_page_lines_root_and_hash_and_a_stranger_recomputes_the_hash() {
    if !has("pdftoppm") || !has("zbarimg") {
        return;
    }
    let dir = Scratch::new("code");
    write_roll(
        dir.path(),
        &[(1001, lines(1001, 3)), (1002, lines(1002, 60))],
        "pkcs11",
    );
    let outcome = print(&job(dir.path(), "out", 1));
    // The stranger's way: published entries, no roll.
    let bundle = dir
        .path()
        .join(format!("publication/list-{RELEASE}/tile/entries/000.p/63"));
    let bytes = std::fs::read(bundle).unwrap();
    let entries = tlog::bundle_entries(&bytes, 63).unwrap();
    for page in 1..=3u32 {
        let (from, to) = ((page - 1) * 25 + 1, (page * 25).min(60));
        let first = 3 + from as usize - 1;
        let last = 3 + to as usize;
        let hash = sha256(&[b"kg1/page", entries[first..last].concat().as_slice()].concat());
        let expected = format!(
            "L7:1002:{page}:3:{from}-{to}:{}:{}",
            &outcome.root[..20],
            hex(&hash[..10])
        );
        let pdf = dir.path().join("out/1002.pdf");
        let read = code_of(&pdf, page as usize, dir.path());
        assert_eq!(read, expected.to_uppercase());
    }
}
