use super::*;

const SECTOR: usize = 512;

/// A file with one whole record of `first` bytes of content and another of `last` whose sectors in `lost` never came.
fn file(first: usize, last: usize, lost: impl Fn(usize) -> bool) -> (Vec<u8>, usize) {
    let mut bytes = frame(&vec![7; first]);
    let at = bytes.len();
    let mut record = frame(&vec![9; last]);
    for (place, byte) in record.iter_mut().enumerate() {
        if lost((at + place) / SECTOR - at / SECTOR) {
            *byte = 0;
        }
    }
    bytes.extend(record);
    bytes.resize(16 * SECTOR, 0);
    (bytes, at)
}

/// A power cut leaves any of the sectors of the last record and none of the others: whichever they are, that is no damage,
/// and what stood before is there. Records of one to nine sectors, at every place within a sector that matters.
#[test]
fn whichever_sectors_of_the_last_record_came_it_is_torn_or_whole() {
    for first in [1, 300, 325, 497, 498, 499, 500, 501, 600] {
        for last in [200, 400, 845, 1_500, DocumentType::Event.bytes_max() - 12] {
            let sectors = (last + 12) / SECTOR + 2;
            for lost in 0..1usize << sectors {
                let (bytes, at) = file(first, last, |sector| lost >> sector & 1 == 1);
                let found = unframe(&bytes);
                let said = format!("{first} {last} {lost:b} {:?}", found.tail);
                assert_ne!(found.tail, Tail::Damaged, "{said}");
                assert!(found.events.len() == 2 || found.whole_bytes == at, "{said}");
            }
        }
    }
}

/// A flipped bit of an acknowledged record is damage, wherever it is.
#[test]
fn a_flipped_bit_is_damage() {
    for (first, last) in [
        (325, 845),
        (497, 845),
        (498, 845),
        (499, 845),
        (500, 200),
        (497, 200),
    ] {
        let (bytes, at) = file(first, last, |_| false);
        for place in (0..at + last + 12).step_by(3) {
            for bit in [0, 7] {
                let mut damaged = bytes.clone();
                damaged[place] ^= 1 << bit;
                let said = unframe(&damaged).tail;
                assert_eq!(said, Tail::Damaged, "{first} {last} {place} {bit}");
            }
        }
    }
}
