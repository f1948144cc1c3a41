#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed check should stop at once"
)]

use std::cell::RefCell;

use super::super::testing::HashKey as Device;
use super::*;

fn said() -> HourTurnout {
    HourTurnout {
        election: 20_151_004,
        precinct: 1001,
        kit: 2,
        scope: Scope::Precinct,
        hour: 10,
        number: 1,
        count: 312,
    }
}

#[test]
fn a_text_says_what_was_signed_and_fits_an_sms() {
    let kit = Device(7);
    let widest = HourTurnout {
        kit: 99,
        hour: 99,
        number: 99,
        count: 99_999,
        ..said()
    };
    for said in [said(), widest] {
        let signature = said.sign(&kit).unwrap();
        let text = said.text(&signature);
        assert!(text.len() <= 130, "{}: {text}", text.len());
        assert!(
            text.bytes()
                .all(|c| c.is_ascii_alphanumeric() || b".-_".contains(&c))
        );
        assert_eq!(
            read(&text, 20_151_004),
            Ok(Written::Text { said, signature })
        );
        said.verify(kit.kid(), &signature, &kit).unwrap();
    }
    // A telephone breaks lines where it likes.
    let text = said().text(&said().sign(&kit).unwrap());
    let broken = format!("  {}\n {} ", &text[..60], &text[60..]);
    assert_eq!(read(&broken, 20_151_004), read(&text, 20_151_004));
}

#[test]
fn every_changed_character_of_a_text_is_noticed() {
    let kit = Device(7);
    let text = said().text(&said().sign(&kit).unwrap());
    for at in 0..text.len() {
        for with in ["0", "7", "A", "_", "."] {
            let changed = format!("{}{with}{}", &text[..at], &text[at + 1..]);
            if changed == text {
                continue;
            }
            if let Ok(Written::Text { said, signature }) = read(&changed, 20_151_004) {
                let verified = said.verify(kit.kid(), &signature, &kit);
                assert!(verified.is_err(), "place {at} with {with}");
            }
        }
    }
    assert_eq!(
        read(&text, 20_200_101),
        Err(ReadError::Election { found: 20_151_004 })
    );
    assert_eq!(
        read(&text[..text.len() - 4], 20_151_004),
        Err(ReadError::Signature)
    );
    let zero = text.replace(".1001.2.", ".1001.02.");
    assert_eq!(read(&zero, 20_151_004), Err(ReadError::NoMessage));
}

#[test]
fn the_check_is_that_of_iso_7064() {
    // The standard's own example of MOD 97-10: 794 has the check 44.
    assert_eq!(98 - remainder("79400"), 44);
    assert_eq!(remainder("79444"), 1);
}

#[test]
fn digits_are_read_back_in_any_spacing() {
    let desk = DeskKey::agree(&Device(7), &Device(9).point(), 20_151_004).unwrap();
    let same = DeskKey::agree(&Device(9), &Device(7).point(), 20_151_004).unwrap();
    let own = HourTurnout {
        scope: Scope::Kit,
        count: 99_999,
        ..said()
    };
    for said in [said(), own] {
        let digits = said.digits(Some(&desk)).unwrap();
        assert_eq!(digits.len(), DIGITS);
        for spaced in [
            digits.clone(),
            grouped(&digits).join(" "),
            grouped(&digits).join("-"),
        ] {
            let Ok(Written::Digits(dictated)) = read(&spaced, 20_151_004) else {
                panic!("{spaced}");
            };
            assert_eq!(dictated.said, said);
            assert!(same.vouches_for(&dictated));
        }
    }
    let kept = said().digits(Some(&desk)).unwrap();
    assert_eq!(&kept[..15], "100110010200312");
    let other = DeskKey::agree(&Device(9), &Device(7).point(), 20_200_101).unwrap();
    let Ok(Written::Digits(dictated)) = read(&kept, 20_151_004) else {
        panic!("{kept}")
    };
    assert!(
        !other.vouches_for(&dictated),
        "the secret is of one election"
    );
    assert_eq!(
        said().digits(None).map(|d| d[15..22].to_owned()).as_deref(),
        Some("0000000")
    );
    assert_eq!(HourTurnout { kit: 50, ..said() }.digits(Some(&desk)), None);
    assert_eq!(
        read("1001 1001", 20_151_004),
        Err(ReadError::Digits { got: 8 })
    );
    assert_eq!(read("жок", 20_151_004), Err(ReadError::NoMessage));
    assert_eq!(read("", 20_151_004), Err(ReadError::NoMessage));
}

#[test]
fn every_wrong_digit_and_every_pair_that_changed_places_is_noticed() {
    let desk = DeskKey::agree(&Device(7), &Device(9).point(), 20_151_004).unwrap();
    let digits = said().digits(Some(&desk)).unwrap();
    for at in 0..DIGITS {
        for wrong in 0..10 {
            let mut changed = digits.clone();
            changed.replace_range(at..=at, &wrong.to_string());
            assert_eq!(
                read(&changed, 20_151_004).is_ok(),
                changed == digits,
                "{at} {wrong}"
            );
        }
        if at + 1 < DIGITS {
            let mut changed: Vec<char> = digits.chars().collect();
            changed.swap(at, at + 1);
            let changed: String = changed.into_iter().collect();
            assert_eq!(
                read(&changed, 20_151_004).is_ok(),
                changed == digits,
                "swap {at}"
            );
        }
    }
}

#[test]
fn a_wrong_group_is_named_and_never_shown() {
    let desk = DeskKey::agree(&Device(7), &Device(9).point(), 20_151_004).unwrap();
    let digits = said().digits(Some(&desk)).unwrap();
    let asked = RefCell::new(0);
    let vouch = |dictated: &Dictated| {
        *asked.borrow_mut() += 1;
        desk.vouches_for(dictated)
    };
    for group in 0..DIGITS / GROUP {
        let at = group * GROUP;
        let four: u32 = digits[at..at + GROUP].parse().unwrap();
        let heard = format!(
            "{}{:04}{}",
            &digits[..at],
            (four + 1_234) % 10_000,
            &digits[at + GROUP..]
        );
        assert_eq!(doubtful_groups(&heard, 20_151_004, &vouch), vec![group + 1]);
    }
    assert!(*asked.borrow() < 6 * 60_000 / 50, "{}", asked.borrow());
    let two = format!("{:04}{:04}{}", 1002, 1102, &digits[8..]);
    assert!(doubtful_groups(&two, 20_151_004, &vouch).is_empty());
    assert!(doubtful_groups("1001", 20_151_004, &vouch).is_empty());
}
