//! Keyed indexes of a station package: numbers are found without being there in clear (SECURITY.md §3.3).

/// The token under which a PIN or document number is found inside one package.
///
/// First 16 bytes of HMAC-SHA-256(index key, "kg1/index" ‖ text).
#[must_use]
pub fn index_token(index_key: &[u8; 32], text: &str) -> [u8; 16] {
    IndexKey::new(index_key).token(text)
}

/// An index key made ready: a district's index asks for hundreds of thousands of tokens of one key.
///
/// HMAC-SHA-256 (RFC 2104) with the two padded key blocks hashed once: a token is two calls of the block function.
/// `ring` copies its contexts for each token and takes three times as long.
pub struct IndexKey {
    inner: [u32; 8],
    outer: [u32; 8],
}

impl std::fmt::Debug for IndexKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IndexKey")
    }
}

/// SHA-256's block, bytes.
const BLOCK: usize = 64;
/// SHA-256's state before the first block (FIPS 180-4 §5.3.3).
const SHA256_START: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];
/// What every indexed text begins with.
const INDEX_LABEL: &[u8] = b"kg1/index";

/// Hashes the rest of a message whose first block is in the state already.
fn finish(state: &mut [u32; 8], parts: [&[u8]; 2]) {
    let length = parts[0].len() + parts[1].len();
    // 0x80, zeros, and the bits of the whole message in 8 bytes (FIPS 180-4 §5.1.1).
    let blocks = (length + 9).div_ceil(BLOCK);
    let mut short = [[0u8; BLOCK]; 2];
    let mut long = Vec::new();
    let message = if blocks <= short.len() {
        &mut short[..blocks]
    } else {
        long.resize(blocks, [0u8; BLOCK]);
        &mut long[..]
    };
    let bytes = message.as_flattened_mut();
    bytes[..parts[0].len()].copy_from_slice(parts[0]);
    bytes[parts[0].len()..length].copy_from_slice(parts[1]);
    bytes[length] = 0x80;
    let bits = (BLOCK + length) as u64 * 8;
    let end = bytes.len();
    bytes[end - 8..].copy_from_slice(&bits.to_be_bytes());
    sha2::block_api::compress256(state, message);
}

/// A state as the hash's bytes.
fn hash_bytes(state: [u32; 8]) -> [u8; 32] {
    let mut out = [0u8; 32];
    for (to, word) in out.chunks_exact_mut(4).zip(state) {
        to.copy_from_slice(&word.to_be_bytes());
    }
    out
}

impl IndexKey {
    /// Makes a key ready.
    #[must_use]
    pub fn new(index_key: &[u8; 32]) -> Self {
        let padded = |pad: u8| {
            let mut block = [pad; BLOCK];
            block.iter_mut().zip(index_key).for_each(|(b, k)| *b ^= k);
            let mut state = SHA256_START;
            sha2::block_api::compress256(&mut state, &[block]);
            state
        };
        Self {
            inner: padded(0x36),
            outer: padded(0x5c),
        }
    }

    /// As [`index_token`].
    #[must_use]
    pub fn token(&self, text: &str) -> [u8; 16] {
        self.token_of(text.as_bytes())
    }

    /// As [`index_token`], of a text's bytes.
    #[must_use]
    pub fn token_of(&self, text: &[u8]) -> [u8; 16] {
        let mut inner = self.inner;
        finish(&mut inner, [INDEX_LABEL, text]);
        let mut outer = self.outer;
        finish(&mut outer, [&hash_bytes(inner), &[]]);
        let mut token = [0u8; 16];
        token.copy_from_slice(&hash_bytes(outer)[..16]);
        token
    }
}

#[cfg(test)]
mod tests {
    use super::{IndexKey, index_token};

    /// The same by another implementation, at every length around the ends of blocks.
    #[test]
    fn tokens_are_the_hmac_of_another_implementation() {
        let key: [u8; 32] = std::array::from_fn(|at| u8::try_from(at * 7).unwrap_or(9));
        let judge = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &key);
        for length in 0..200 {
            let text: String = "0123456789".chars().cycle().take(length).collect();
            let want = ring::hmac::sign(&judge, format!("kg1/index{text}").as_bytes());
            assert_eq!(index_token(&key, &text), want.as_ref()[..16], "{length}");
            assert_eq!(IndexKey::new(&key).token(&text), want.as_ref()[..16]);
        }
    }
}
