#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
use super::*;

/// Every key that a page asks for stands in the catalogue.
#[test]
fn every_text_a_page_asks_for_is_there() {
    let sources = [
        include_str!("../pages.rs"),
        include_str!("answer.rs"),
        include_str!("answer/after.rs"),
        include_str!("lists.rs"),
    ];
    let mut asked = 0;
    for source in sources {
        for opening in [" t(\"", "(t(\"", "text(language, \"", "fill(language, \""] {
            for key in source
                .split(opening)
                .skip(1)
                .filter_map(|rest| rest.split('"').next())
            {
                assert!(TEXTS.has(key), "no text for {key}");
                asked += 1;
            }
        }
    }
    assert!(asked > 60, "the test found only {asked} keys");
}

#[test]
fn a_short_pin_is_answered_with_its_length_in_three_languages() {
    let typed = Typed {
        pin: "2 15041985 0047".to_owned(),
        document: "AN1234567".to_owned(),
    };
    for language in Language::ALL {
        let parsed = parse(&typed, Date::constant(2015, 10, 4), language);
        let Parsed::Errors {
            pin: Some(said),
            document: None,
        } = parsed
        else {
            unreachable!("thirteen digits are no PIN");
        };
        assert!(said.contains("13"), "{said}");
        let page = form_page(language, true, &typed, (Some(&said), None)).into_string();
        assert!(page.contains("errsum") && page.contains("aria-invalid"));
    }
}

#[test]
fn what_is_typed_comes_back_escaped() {
    let typed = Typed {
        pin: "<script>".to_owned(),
        document: String::new(),
    };
    let page = form_page(Language::Ru, false, &typed, (Some("x"), None)).into_string();
    assert!(!page.contains("<script>"));
    assert!(page.contains("&lt;script&gt;"));
}

#[test]
fn the_first_load_is_small() {
    let page = form_page(Language::Ky, false, &Typed::default(), (None, None)).into_string();
    let assets: usize = screen::assets::SHARED
        .iter()
        .map(|asset| asset.bytes.len())
        .sum();
    assert!(page.len() + assets < 60 << 10, "{} + {assets}", page.len());
    Catalogue::parse(include_str!("../texts.toml")).unwrap();
}

#[test]
fn a_small_list_is_not_counted_out() {
    use crate::publication::Lines;
    let check = |published, expected: [&str; 3]| {
        for (language, expected) in Language::ALL.into_iter().zip(expected) {
            assert_eq!(lists::lines(published, language), expected);
        }
    };
    check(Lines::Shown(640), ["640", "640", "640"]);
    check(Lines::Few, ["10дон аз", "меньше 10", "fewer than 10"]);
    check(
        Lines::Withheld,
        ["жарыяланбайт", "не публикуется", "not published"],
    );
}

#[test]
fn hours_of_two_days_stand_apart_and_one_day_needs_no_date() {
    let row = |day: i8, hour: &str, count: &str| {
        let day = Date::constant(2015, 10, day);
        (day, hour.to_owned(), count.to_owned())
    };
    let titles = |rows: &[(Date, String, String)]| -> Vec<(String, usize)> {
        let days = lists::by_day(rows, Language::En).into_iter();
        days.map(|(title, hours)| (title, hours.len())).collect()
    };
    let one = [row(4, "9", "120"), row(4, "10", "<10")];
    assert_eq!(titles(&one), [("Check-ins by hour".to_owned(), 2)]);
    let two = [row(4, "9", "120"), row(4, "10", "<10"), row(5, "9", "30")];
    assert_eq!(
        titles(&two),
        [
            ("Check-ins by hour, 4 October 2015".to_owned(), 2),
            ("Check-ins by hour, 5 October 2015".to_owned(), 1)
        ]
    );
    assert!(titles(&[]).is_empty());
}
