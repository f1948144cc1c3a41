#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
use super::*;
use crate::disk::HostDisk;

fn filled(records: &[&[u8]]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("K1.journal");
    let mut journal = Journal::open(&HostDisk, &path).unwrap().journal;
    for record in records {
        journal.append(record).unwrap();
    }
    (folder, path)
}

#[test]
fn a_record_is_there_after_a_restart_and_the_next_stands_behind_it() {
    let (_folder, path) = filled(&[b"one", &[7; 900]]);
    let mut opened = Journal::open(&HostDisk, &path).unwrap();
    assert_eq!(opened.records, [b"one".to_vec(), vec![7; 900]]);
    opened.journal.append(b"three").unwrap();
    assert_eq!(Journal::open(&HostDisk, &path).unwrap().records.len(), 3);
    assert_eq!(opened.journal.bytes().unwrap().len(), 3 + 900 + 5 + 3 * 12);
}

/// Cuts the last record after every byte, and in whole sectors: before or after, never between.
#[test]
fn a_record_cut_anywhere_is_torn_and_what_was_acknowledged_stays() {
    let (_folder, path) = filled(&[b"acknowledged", &[9; 1200]]);
    let whole = std::fs::read(&path).unwrap();
    let start = 12 + 12;
    let end = start + 1200 + 12;
    let check = |bytes: &[u8], cut: usize| {
        std::fs::write(&path, bytes).unwrap();
        let opened = Journal::open(&HostDisk, &path).unwrap();
        assert_eq!(opened.records, [b"acknowledged".to_vec()], "cut at {cut}");
        let mut journal = opened.journal;
        journal.append(b"next").unwrap();
        assert_eq!(
            Journal::open(&HostDisk, &path).unwrap().records.len(),
            2,
            "cut at {cut}"
        );
    };
    for cut in start..end - 1 {
        let mut bytes = whole.clone();
        bytes[cut..end].fill(0);
        check(&bytes, cut);
    }
    for sector in 0..end.div_ceil(512) {
        let (from, to) = ((sector * 512).max(start), ((sector + 1) * 512).min(end));
        let mut bytes = whole.clone();
        bytes[from..to].fill(0);
        check(&bytes, from);
    }
}

#[test]
fn a_flipped_bit_is_damage_and_the_file_stays_as_it_is() {
    let (_folder, path) = filled(&[b"first", &[9; 700], &[3; 40]]);
    let whole = std::fs::read(&path).unwrap();
    let used = 5 + 700 + 40 + 36;
    for at in 0..used {
        let mut bytes = whole.clone();
        bytes[at] ^= 4;
        std::fs::write(&path, &bytes).unwrap();
        assert!(
            matches!(
                Journal::open(&HostDisk, &path),
                Err(JournalError::Damaged { .. })
            ),
            "byte {at}"
        );
        assert_eq!(std::fs::read(&path).unwrap(), bytes);
    }
}
