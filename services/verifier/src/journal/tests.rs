#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
use super::*;
use proptest::prelude::*;

fn frame(event: &[u8]) -> Vec<u8> {
    let length = u32::try_from(event.len()).unwrap().to_be_bytes();
    [&length[..], &crc32c(event).to_be_bytes(), event, &length].concat()
}

#[test]
fn the_checksum_is_that_of_rfc_3720() {
    assert_eq!(crc32c(b"123456789"), 0xe306_9283);
    assert_eq!(crc32c(&[0; 32]), 0x8a91_36aa);
    assert_eq!(crc32c(&[0xff; 32]), 0x62a8_ab43);
}

#[test]
fn a_record_that_is_not_whole_ends_the_reading() {
    let (first, second) = (frame(&[1; 300]), frame(&[2; 200]));
    let whole = [&first[..], &second].concat();
    let check = |file: &[u8], count: usize, is_whole: bool| {
        let (events, found) = records(file);
        assert_eq!((events.len(), found), (count, is_whole));
    };
    check(&[], 0, true);
    check(&whole, 2, true);
    check(&[&whole[..], &[0; 500]].concat(), 2, true);
    // Cut anywhere in the second record, with and without zeros behind; its length begins with three zeros.
    for cut in first.len() + 4..whole.len() {
        check(&whole[..cut], 1, false);
        check(&[&whole[..cut], &[0; 600]].concat(), 1, false);
    }
    for at in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[at] ^= 1;
        check(&damaged, usize::from(at >= first.len()), false);
    }
    check(&[9; 8], 0, false);
    check(&[&frame(&[3; EVENT_BYTES_MAX])[..], &frame(&[3; EVENT_BYTES_MAX + 1])].concat(), 1, false);
}

proptest! {
    #[test]
    fn records_come_back(events in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..200), 0..9), zeros in 0usize..40) {
        let mut file: Vec<u8> = events.iter().flat_map(|event| frame(event)).collect();
        file.extend(vec![0; zeros]);
        let (found, whole) = records(&file);
        prop_assert!(whole);
        prop_assert_eq!(found, events.iter().map(Vec::as_slice).collect::<Vec<_>>());
    }

    #[test]
    fn rubbish_never_panics(file in prop::collection::vec(any::<u8>(), 0..300), length in 0u32..400) {
        let _ = records(&file);
        let _ = records(&[&length.to_be_bytes()[..], &file].concat());
    }
}
