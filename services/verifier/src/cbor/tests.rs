#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
use super::*;
use proptest::prelude::*;

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<u64>().prop_map(Value::Unsigned),
        (0u64..70_000).prop_map(Value::Unsigned),
        (i64::MIN..0).prop_map(Value::Negative),
        prop::collection::vec(any::<u8>(), 0..300).prop_map(Value::Bytes),
        ".{0,30}".prop_map(Value::Text),
        any::<bool>().prop_map(Value::Bool),
        Just(Value::Null),
    ];
    leaf.prop_recursive(4, 30, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            prop::collection::btree_map(any::<u64>(), inner, 0..6)
                .prop_map(|map| Value::Map(map.into_iter().collect())),
        ]
    })
}

#[test]
fn other_encodings_of_the_same_value_are_refused() {
    let refused: &[&[u8]] = &[
        b"",
        b"\x18\x17",             // 23 in two bytes
        b"\x19\x00\xff",         // 255 in three
        b"\x1a\x00\x00\xff\xff", // 65535 in five
        b"\x1b\0\0\0\0\xff\xff\xff\xff",
        b"\x58\x01a",     // a byte string with a long length
        b"\x5f\x41a\xff", // of indefinite length
        b"\x9f\x01\xff",
        b"\xbf\x01\x02\xff",
        b"\xa2\x02\x00\x01\x00", // keys falling
        b"\xa2\x01\x00\x01\x00", // a key twice
        b"\xa1\x61a\x00",        // a text key
        b"\xc1\x00",             // a tag
        b"\xf8\x14",             // false in two bytes
        b"\xf7",                 // undefined
        b"\xf9\x3c\x00",         // a float
        b"\x61\xff",             // no UTF-8
        b"\x3b\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x01\x01", // bytes after
        b"\x82\x01", // too short
        b"\x5b\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff",
        &[0x81; 40], // too deep
    ];
    for bytes in refused {
        Value::parse(bytes).expect_err(&format!("{bytes:x?}"));
    }
}

#[test]
fn elements_are_the_exact_bytes_between() {
    assert_eq!(elements(b"\x83\x01\x82\x02\x03\x41a"), Ok(vec![&b"\x01"[..], b"\x82\x02\x03", b"\x41a"]));
    for bytes in [&b""[..], b"\x01", b"\x82\x01", b"\x81\x01\x01", b"\x81\xff", b"\x9f\x01\xff"] {
        elements(bytes).unwrap_err();
    }
}

proptest! {
    #[test]
    fn every_value_comes_back(value in value()) {
        prop_assert_eq!(Value::parse(&value.to_bytes()), Ok(value));
    }

    #[test]
    fn another_reader_reads_what_is_written(numbers in prop::collection::vec(any::<u64>(), 0..20), below in i64::MIN..0, text in ".{0,40}") {
        let items = numbers.iter().copied().map(Value::Unsigned).collect();
        let bytes = Value::Array(vec![Value::Array(items), Value::Negative(below), Value::Text(text.clone())]).to_bytes();
        let theirs: (Vec<u64>, i64, String) = minicbor::decode(&bytes).unwrap();
        prop_assert_eq!(theirs, (numbers, below, text));
    }

    #[test]
    fn what_is_read_has_one_encoding(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        if let Ok(value) = Value::parse(&bytes) {
            prop_assert_eq!(value.to_bytes(), bytes);
        }
    }

    #[test]
    fn a_mutated_document_is_refused_or_reads_as_it_is_written(value in value(), at in any::<prop::sample::Index>(), flip in 1u8..=255) {
        let mut bytes = value.to_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        if let Ok(other) = Value::parse(&bytes) {
            prop_assert_eq!(other.to_bytes(), bytes.clone());
            prop_assert_ne!(other, value);
        }
        let _ = elements(&bytes);
    }
}
