//! Bytes that somebody changed, at random.

/// Draws without the machine's randomness.
pub struct Draw(u64);

impl Draw {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `below`, which is at least 1.
    pub fn below(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) >> 1).unwrap_or(0) % below.max(1)
    }
}

/// How many times something is tried: `TIZME_ROUNDS`, or as many as an ordinary run has time for.
pub fn rounds(ordinary: u32) -> u32 {
    let said = std::env::var("TIZME_ROUNDS").ok();
    said.and_then(|text| text.parse().ok()).unwrap_or(ordinary)
}

/// The bytes with bits flipped, a part left out, doubled, moved or overwritten; never the same bytes.
pub fn changed(bytes: &[u8], draw: &mut Draw) -> Vec<u8> {
    loop {
        let mut out = bytes.to_vec();
        for _ in 0..=draw.below(3) {
            let len = out.len();
            let at = draw.below(len);
            let part = 1 + draw.below(len - at).min(40);
            match draw.below(6) {
                0 | 1 => out[at] ^= 1 << draw.below(8),
                2 => drop(out.drain(at..at + part)),
                3 => out.truncate(at.max(1)),
                4 => {
                    let copy = out[at..at + part].to_vec();
                    let to = draw.below(len);
                    out.splice(to..to, copy);
                }
                _ => {
                    let fill = draw.below(256).to_le_bytes()[0];
                    out[at..at + part].fill(fill);
                }
            }
            if out.is_empty() {
                break;
            }
        }
        if out != bytes {
            return out;
        }
    }
}
