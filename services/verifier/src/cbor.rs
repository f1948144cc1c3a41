//! Deterministic CBOR (RFC 8949 §4.2.1), read and written by hand: shortest heads, definite lengths,
//! map keys unsigned and rising. Whatever is read here has exactly one encoding.

use crate::Checked;

/// Nesting above this is refused; no document of the formats nests deeper than 6.
const DEPTH_MAX: u8 = 16;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Unsigned(u64),
    Negative(i64),
    Bytes(Vec<u8>),
    Text(String),
    Array(Vec<Value>),
    Map(Vec<(u64, Value)>),
    Bool(bool),
    Null,
}

/// Reads the head of an item: its major type and its argument.
fn head(bytes: &mut &[u8]) -> Checked<(u8, u64)> {
    let (first, rest) = bytes.split_first().ok_or("the bytes end inside an item")?;
    let (major, low) = (first >> 5, first & 31);
    let (size, least) = match low {
        0..24 => (0, 0),
        24 => (1, 24),
        25 => (2, 1 << 8),
        26 => (4, 1 << 16),
        27 => (8, 1 << 32),
        _ => return Err("not deterministic CBOR: a length is not definite".to_owned()),
    };
    let (argument, rest) = rest.split_at_checked(size).ok_or("the bytes end inside an item")?;
    let argument = argument.iter().fold(0u64, |number, byte| number << 8 | u64::from(*byte));
    let argument = if size == 0 { low.into() } else { argument };
    *bytes = rest;
    // Simple values are not numbers: only false, true and null, which fit the first byte.
    if argument < least || (major == 7 && size > 0) {
        return Err("not deterministic CBOR: a longer head than needed".to_owned());
    }
    Ok((major, argument))
}

fn take<'b>(bytes: &mut &'b [u8], length: u64) -> Checked<&'b [u8]> {
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    let (taken, rest) = bytes.split_at_checked(length).ok_or("the bytes end inside an item")?;
    *bytes = rest;
    Ok(taken)
}

fn read(bytes: &mut &[u8], depth: u8) -> Checked<Value> {
    if depth > DEPTH_MAX {
        return Err("nested too deeply".to_owned());
    }
    Ok(match head(bytes)? {
        (0, number) => Value::Unsigned(number),
        (1, number) => Value::Negative(-1 - i64::try_from(number).map_err(|_| "a number is out of range")?),
        (2, length) => Value::Bytes(take(bytes, length)?.to_vec()),
        (3, length) => {
            let text = std::str::from_utf8(take(bytes, length)?).map_err(|_| "a text is not UTF-8")?;
            Value::Text(text.to_owned())
        }
        // Collecting does not reserve room for a length that foreign bytes only claim.
        (4, length) => Value::Array((0..length).map_while(|_| Some(read(bytes, depth + 1))).collect::<Checked<_>>()?),
        (5, length) => {
            let mut pairs: Vec<(u64, Value)> = Vec::new();
            for _ in 0..length {
                let (major, key) = head(bytes)?;
                if major != 0 || pairs.last().is_some_and(|(before, _)| *before >= key) {
                    return Err("not deterministic CBOR: map keys are not rising numbers".to_owned());
                }
                pairs.push((key, read(bytes, depth + 1)?));
            }
            Value::Map(pairs)
        }
        (7, 20) => Value::Bool(false),
        (7, 21) => Value::Bool(true),
        (7, 22) => Value::Null,
        _ => return Err("a type of CBOR that no document uses".to_owned()),
    })
}

/// Splits a file that is one array into the exact bytes of its elements.
pub(crate) fn elements(file: &[u8]) -> Checked<Vec<&[u8]>> {
    let mut rest = file;
    let (4, count) = head(&mut rest)? else { return Err("not a list".to_owned()) };
    let mut items = Vec::new();
    for _ in 0..count {
        let before = rest;
        read(&mut rest, 0)?;
        items.push(&before[..before.len() - rest.len()]);
    }
    if rest.is_empty() { Ok(items) } else { Err("bytes follow the list".to_owned()) }
}

impl Value {
    /// Reads exactly one item.
    pub(crate) fn parse(mut bytes: &[u8]) -> Checked<Self> {
        let value = read(&mut bytes, 0)?;
        if bytes.is_empty() { Ok(value) } else { Err("bytes follow the item".to_owned()) }
    }

    /// The one encoding.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut Vec<u8>) {
        let mut head = |major: u8, argument: u64| {
            let bytes = argument.to_be_bytes();
            let (low, from) = match argument {
                0..24 => (bytes[7], 8),
                24..0x100 => (24, 7),
                0x100..0x1_0000 => (25, 6),
                0x1_0000..0x1_0000_0000 => (26, 4),
                _ => (27, 0),
            };
            out.push(major << 5 | low);
            out.extend_from_slice(&bytes[from..]);
        };
        match self {
            Value::Unsigned(number) => head(0, *number),
            Value::Negative(number) => head(1, (-1 - number).unsigned_abs()),
            Value::Bytes(bytes) => {
                head(2, bytes.len() as u64);
                out.extend_from_slice(bytes);
            }
            Value::Text(text) => {
                head(3, text.len() as u64);
                out.extend_from_slice(text.as_bytes());
            }
            Value::Array(items) => {
                head(4, items.len() as u64);
                items.iter().for_each(|item| item.write(out));
            }
            Value::Map(pairs) => {
                head(5, pairs.len() as u64);
                for (key, item) in pairs {
                    Value::Unsigned(*key).write(out);
                    item.write(out);
                }
            }
            Value::Bool(truth) => head(7, 20 + u64::from(*truth)),
            Value::Null => head(7, 22),
        }
    }

    /// Element `at` of an array, or the value under key `at` of a map; `None` when absent.
    pub(crate) fn get(&self, at: u64) -> Option<&Value> {
        if let Value::Map(pairs) = self {
            return pairs.iter().find(|(key, _)| *key == at).map(|(_, value)| value);
        }
        if let Value::Array(items) = self { items.get(usize::try_from(at).ok()?) } else { None }
    }

    /// Element or key `at` as a number of 0 or above that fits `T`.
    pub(crate) fn number<T: TryFrom<u64>>(&self, at: u64) -> Checked<T> {
        let number = if let Some(Value::Unsigned(number)) = self.get(at) { T::try_from(*number).ok() } else { None };
        number.ok_or_else(|| format!("field {at} is not a number in range"))
    }

    /// Element or key `at` as a number with a sign.
    pub(crate) fn signed(&self, at: u64) -> Checked<i64> {
        if let Some(Value::Negative(number)) = self.get(at) {
            return Ok(*number);
        }
        i64::try_from(self.number::<u64>(at)?).map_err(|_| format!("field {at} is not a number in range"))
    }

    pub(crate) fn bytes(&self, at: u64) -> Checked<&[u8]> {
        let Some(Value::Bytes(bytes)) = self.get(at) else {
            return Err(format!("field {at} is not a byte string"));
        };
        Ok(bytes)
    }

    /// Element or key `at` as exactly `N` bytes.
    pub(crate) fn array<const N: usize>(&self, at: u64) -> Checked<[u8; N]> {
        let bytes = self.bytes(at)?;
        bytes.try_into().map_err(|_| format!("field {at} has {} bytes, not {N}", bytes.len()))
    }

    pub(crate) fn text(&self, at: u64) -> Checked<&str> {
        let Some(Value::Text(text)) = self.get(at) else { return Err(format!("field {at} is not text")) };
        Ok(text)
    }

    pub(crate) fn list(&self, at: u64) -> Checked<&[Value]> {
        let Some(Value::Array(items)) = self.get(at) else { return Err(format!("field {at} is not a list")) };
        Ok(items)
    }

    /// Refuses an array of another length, or a map with keys other than 1 to `length`.
    pub(crate) fn has_fields(&self, length: usize) -> Checked<&Self> {
        let array = if let Value::Array(items) = self { items.len() == length } else { false };
        let key_fits = |(key, _): &(u64, Value)| (1..=length as u64).contains(key);
        let map = if let Value::Map(pairs) = self { pairs.iter().all(key_fits) } else { false };
        if array || map { Ok(self) } else { Err(format!("not a structure of {length} fields")) }
    }
}

#[cfg(test)]
mod tests;
