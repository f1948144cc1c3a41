#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

use super::*;

/// The specimen of ICAO Doc 9303, part 4, appendix A; the personal number is no PIN.
const UTOPIA: &str =
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10";
/// The specimen of part 5, appendix A.
const UTOPIA_CARD: &str = "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<";

fn today() -> Date {
    Date::new(2015, 10, 4).unwrap()
}

fn digit(parts: &[&str]) -> char {
    let text = parts.concat();
    let fitting = |digit: &u8| fits(ZoneField::Whole, &[text.as_bytes()], *digit).is_ok();
    char::from((b'0'..=b'9').find(fitting).unwrap())
}

/// A Kyrgyz identity card: the personal number in the optional data of the first line.
fn card(number: &str, pin: &str) -> String {
    let first = format!("IDKGZ{number}{}{pin:<<15}", digit(&[number]));
    let mut second = format!(
        "850415{}M250101{}KGZ{:<<11}",
        digit(&["850415"]),
        digit(&["250101"]),
        ""
    );
    second.push(digit(&[
        &first[5..],
        &second[..7],
        &second[8..15],
        &second[18..29],
    ]));
    format!("{first}\n{second}\n{:<<30}", "ASANOV<<USON")
}

/// A Kyrgyz passport.
fn passport(number: &str, pin: &str) -> String {
    let mut second = format!(
        "{number}{}KGZ850415{}M250101{}{pin:<<14}{}",
        digit(&[number]),
        digit(&["850415"]),
        digit(&["250101"]),
        digit(&[pin]),
    );
    second.push(digit(&[&second[..10], &second[13..20], &second[21..43]]));
    format!("{:<<44}\r\n{second}", "P<KGZASANOV<<USON")
}

fn zone(text: &str) -> Zone {
    match read_scan(text, today()).unwrap() {
        Scan::Zone(zone) => zone,
        other @ (Scan::Pin(_) | Scan::Document(_) | Scan::Slip(_)) => unreachable!("{other:?}"),
    }
}

#[test]
fn the_specimens_of_the_standard_hold_and_are_of_another_country() {
    assert_eq!(read_scan(UTOPIA, today()), Err(BrokenScan::Foreign));
    assert_eq!(read_scan(UTOPIA_CARD, today()), Err(BrokenScan::Foreign));
}

#[test]
fn card_and_passport_give_pin_and_number_with_line_ends_or_without() {
    for text in [
        card("ID1234567", "21504198500007"),
        passport("AN1234567", "21504198500007"),
    ] {
        for text in [
            text.clone(),
            text.replace(['\r', '\n'], ""),
            text.to_lowercase(),
        ] {
            let zone = zone(&text);
            assert_eq!(zone.pin.unwrap().digits(), "21504198500007");
            assert!(zone.document.unwrap().as_str().ends_with("1234567"));
        }
    }
    let without = zone(&passport("AN1234567", ""));
    assert!(without.pin.is_none() && without.document.is_some());
}

/// Every single wrong character of what has a check digit is found, and which field it is in is said.
#[test]
fn one_wrong_character_is_never_believed() {
    let text = card("ID1234567", "21504198500007");
    let (mut found, mut slipped) = (0, Vec::new());
    for at in (5..30).chain(31..38).chain(39..46) {
        for other in "0123456789".bytes() {
            let mut bytes = text.clone().into_bytes();
            if bytes[at] == other || bytes[at].is_ascii_uppercase() {
                continue;
            }
            bytes[at] = other;
            match read_scan(std::str::from_utf8(&bytes).unwrap(), today()) {
                Err(BrokenScan::Check(_)) => found += 1,
                Ok(_) | Err(_) => slipped.push((at, other)),
            }
        }
    }
    // A filler counts as 0 (the standard says so): only a filler that was read as 0 passes, and it changes no number.
    assert!(
        slipped
            .iter()
            .all(|(at, other)| *other == b'0' && text.as_bytes()[*at] == b'<'),
        "{slipped:?}"
    );
    assert!(found > 280, "{found} wrong characters were found");
}

#[test]
fn a_broken_burst_says_why() {
    let text = passport("AN1234567", "21504198500007");
    let check =
        |text: &str, expected: BrokenScan| assert_eq!(read_scan(text, today()), Err(expected));
    check(&text[..60], BrokenScan::Length { got: 58 });
    check(
        &text.replace("KGZ850415", "KGZ850416"),
        BrokenScan::Check(ZoneField::Birth),
    );
    check(
        &text.replace("AN1234567", "AN1234568"),
        BrokenScan::Check(ZoneField::Number),
    );
    check(&text.replace('U', "\""), BrokenScan::Letter);
    check("\r\n", BrokenScan::Empty);
    check(
        "215041985000",
        BrokenScan::Pin(ParsePersonError::PinLength { got: 12 }),
    );
    check("HELLO123", BrokenScan::Unknown);
}

#[test]
fn barcodes_and_slips_are_told_apart() {
    assert!(matches!(
        read_scan("]C121504198500007\r", today()),
        Ok(Scan::Pin(_))
    ));
    assert!(matches!(
        read_scan("ID1234567", today()),
        Ok(Scan::Document(_))
    ));
    let slip = "6BF.XS4 $".repeat(20);
    assert_eq!(read_scan(&slip, today()), Ok(Scan::Slip(slip.clone())));
}
