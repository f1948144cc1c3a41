//! Distinct texts with small numbers: codes stand for values in every inner loop.

/// A 64-bit hash of bytes, the same on every machine and in every version of this crate.
#[must_use]
pub fn hash_bytes(bytes: &[u8]) -> u64 {
    let mut state = 0x51_7C_C1_B7_27_22_0A_95u64 ^ (bytes.len() as u64);
    let mut words = bytes.chunks_exact(8);
    for word in &mut words {
        let word = word
            .iter()
            .rev()
            .fold(0u64, |value, &byte| value << 8 | u64::from(byte));
        state = mix(state ^ word);
    }
    let tail = words
        .remainder()
        .iter()
        .rev()
        .fold(0u64, |value, &byte| value << 8 | u64::from(byte));
    mix(state ^ tail)
}

/// A bijective scrambling of 64 bits (splitmix64 finaliser, Steele et al. 2014).
#[must_use]
pub fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let value = (value ^ value >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ value >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ value >> 31
}

/// Numbers distinct byte strings 0, 1, 2 … in the order of arrival; code 0 is the empty string.
#[derive(Clone, Debug)]
pub struct Dictionary {
    bytes: Vec<u8>,
    ends: Vec<u32>,
    /// Open addressing: code + 1, or 0 for a free slot. The length is a power of two.
    slots: Vec<u32>,
}

impl Default for Dictionary {
    fn default() -> Self {
        Dictionary {
            bytes: Vec::new(),
            ends: vec![0],
            slots: vec![0; 64],
        }
    }
}

impl Dictionary {
    /// Number of codes, the empty string included.
    #[must_use]
    pub fn codes(&self) -> usize {
        self.ends.len()
    }

    /// The bytes of a code.
    #[must_use]
    pub fn get(&self, code: u32) -> &[u8] {
        let code = code as usize;
        let start = if code == 0 { 0 } else { self.ends[code - 1] };
        &self.bytes[start as usize..self.ends[code] as usize]
    }

    /// Every string of at most sixteen bytes as one number, its first byte lowest; 0 for the empty string and for
    /// those that do not fit (longer ones, and those with a zero byte).
    #[must_use]
    pub fn words(&self) -> Vec<u128> {
        let word = |text: &[u8]| {
            let fits = text.len() <= 16 && !text.contains(&0);
            let bytes = text.iter().rev().filter(|_| fits);
            bytes.fold(0u128, |word, &byte| word << 8 | u128::from(byte))
        };
        let codes = u32::try_from(self.codes()).unwrap_or(u32::MAX);
        (0..codes).map(|code| word(self.get(code))).collect()
    }

    /// The code of a string that is known.
    #[must_use]
    pub fn find(&self, text: &[u8]) -> Option<u32> {
        if text.is_empty() {
            return Some(0);
        }
        self.slots[self.slot_of(text)].checked_sub(1)
    }

    /// The code of a string, a new one if it was unknown.
    pub fn intern(&mut self, text: &[u8]) -> u32 {
        if text.is_empty() {
            return 0;
        }
        let slot = self.slot_of(text);
        if let Some(code) = self.slots[slot].checked_sub(1) {
            return code;
        }
        // INVARIANT (4 GiB): a dictionary holds parts of one column of each table, each below 4 GiB of text;
        // letters take one byte where the text took two, so both together stay below 2^32 in practice.
        let code = u32::try_from(self.ends.len()).expect("fewer than 2^32 distinct values");
        self.bytes.extend_from_slice(text);
        self.ends
            .push(u32::try_from(self.bytes.len()).expect("fewer than 2^32 letters"));
        self.slots[slot] = code + 1;
        if self.ends.len() * 2 > self.slots.len() {
            self.grow();
        }
        code
    }

    /// The slot that holds the text or where it would go.
    fn slot_of(&self, text: &[u8]) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = hash_bytes(text) as usize & mask;
        loop {
            match self.slots[slot].checked_sub(1) {
                Some(code) if self.get(code) != text => slot = (slot + 1) & mask,
                Some(_) | None => return slot,
            }
        }
    }

    fn grow(&mut self) {
        let mask = self.slots.len() * 2 - 1;
        let mut slots = vec![0; mask + 1];
        for code in 1..u32::try_from(self.ends.len()).unwrap_or(u32::MAX) {
            let mut slot = hash_bytes(self.get(code)) as usize & mask;
            while slots[slot] != 0 {
                slot = (slot + 1) & mask;
            }
            slots[slot] = code + 1;
        }
        self.slots = slots;
    }
}

#[cfg(test)]
mod tests {
    //! Codes are stable and distinct.

    use super::{Dictionary, hash_bytes};

    #[test]
    fn equal_texts_have_one_code_and_different_texts_have_two() {
        let mut dictionary = Dictionary::default();
        let codes: Vec<u32> = (0..1000)
            .map(|i| dictionary.intern(format!("value {}", i % 500).as_bytes()))
            .collect();
        assert_eq!(codes[..500], codes[500..]);
        assert_eq!(dictionary.codes(), 501);
        assert_eq!(dictionary.get(codes[77]), b"value 77");
        assert_eq!(dictionary.find(b"value 77"), Some(codes[77]));
        assert_eq!(dictionary.find(b"no"), None);
        assert_eq!(dictionary.intern(b""), 0);
    }

    #[test]
    fn hashes_are_pinned_since_samples_depend_on_them() {
        assert_eq!(hash_bytes(b"rec-1-org"), hash_bytes(b"rec-1-org"));
        assert_ne!(hash_bytes(b"12345678"), hash_bytes(b"123456780"));
        assert_ne!(hash_bytes(b"\0"), hash_bytes(b""));
    }
}
