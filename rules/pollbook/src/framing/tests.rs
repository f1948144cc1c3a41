#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
use super::*;

fn readings(parts: &[&[u8]]) -> Option<String> {
    let mut framing = Framing::default();
    for part in parts {
        framing.push(part);
    }
    framing.quiet()
}

#[test]
fn a_zone_of_two_lines_is_one_reading_and_a_bare_code_another() {
    let zone = readings(&[b"\x02P<KGZ", b"ASANOV\r\nA1234\r\n\x03"]).unwrap();
    assert_eq!(zone, "P<KGZASANOV\nA1234");
    assert_eq!(
        readings(&[b"10101198", b"500123"]).unwrap(),
        "10101198500123"
    );
    assert_eq!(readings(&[b"\r\n\r\n"]), None);
    assert_eq!(readings(&[b"caf\xff"]), None);
}

#[test]
fn what_is_waited_for_follows_from_the_last_sign() {
    let mut framing = Framing::default();
    assert_eq!(framing.waits(), Waits::ForAnything);
    framing.push(b"12");
    assert_eq!(framing.waits(), Waits::ForLine);
    framing.push(b"\r");
    assert_eq!(framing.waits(), Waits::ForNext);
    framing.quiet();
    assert_eq!(framing.waits(), Waits::ForAnything);
}

#[test]
fn an_endless_reading_is_passed_over_and_the_next_is_taken() {
    let mut framing = Framing::default();
    for _ in 0..10_000 {
        framing.push(b"0123456789");
    }
    assert_eq!(framing.quiet(), None);
    framing.push(b"AN1234567\r");
    assert_eq!(framing.quiet().unwrap(), "AN1234567");
}
