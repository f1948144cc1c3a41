use super::*;

const PAGE: PageLines = PageLines { from: 26, to: 50 };

fn lines(of: &[u32]) -> BTreeSet<u32> {
    of.iter().copied().collect()
}

#[test]
fn what_was_typed_is_a_count_of_that_page_or_says_why_not() {
    let check =
        |number: &str, text: &str, expected: Result<(u32, Option<&[u32]>), CountRefused>| {
            let found = PageCount::of(PAGE, number, text);
            let expected = expected.map(|(signatures, lines)| PageCount {
                signatures,
                lines: lines.map(<[u32]>::to_vec),
            });
            assert_eq!(found, expected, "{number} {text}");
        };
    check("3", "", Ok((3, None)));
    check("0", "", Ok((0, Some(&[]))));
    check(" 4 ", "26, 28–30", Ok((4, Some(&[26, 28, 29, 30]))));
    check("2", "50;27,", Ok((2, Some(&[27, 50]))));
    check("", "", Err(CountRefused::NoNumber));
    check("-1", "", Err(CountRefused::NoNumber));
    check("26", "", Err(CountRefused::TooMany(25)));
    check("2", "27 28", Err(CountRefused::Unreadable));
    check("2", "30-29", Err(CountRefused::Unreadable));
    check("2", "1-4000000000", Err(CountRefused::Unreadable));
    check("2", "27, 51", Err(CountRefused::OtherPage(51)));
    let refused = CountRefused::NotAsMany {
        lines: 1,
        signatures: 2,
    };
    check("2", "27, 27", Err(refused));
    check(
        "0",
        "27",
        Err(CountRefused::NotAsMany {
            lines: 1,
            signatures: 0,
        }),
    );
}

/// A signature in a wrong line makes equal sums: only the lines show it. A voter at home signed elsewhere.
#[test]
fn lines_show_what_equal_sums_hide_and_home_voters_sign_elsewhere() {
    let (marked, home) = (lines(&[27, 30, 44]), lines(&[44]));
    let page = compare(&marked, &home, None);
    assert_eq!((page.marks, page.home, page.difference()), (2, 1, None));
    assert!(!page.differs());
    let of = |number: &str, text: &str| {
        let count = PageCount::of(PAGE, number, text).ok();
        compare(&marked, &home, count)
    };
    let page = of("2", "27, 30");
    assert!(page.difference() == Some(0) && !page.differs());
    let page = of("2", "27, 31");
    assert_eq!(page.difference(), Some(0));
    assert!(page.differs());
    assert_eq!((page.unmarked, page.unsigned), (vec![31], vec![30]));
    let page = of("3", "");
    assert_eq!(page.difference(), Some(-1));
    assert!(page.differs() && page.unmarked.is_empty() && page.unsigned.is_empty());
    let page = of("3", "27, 30, 44");
    assert_eq!((page.unmarked, page.unsigned), (vec![44], vec![]));
    let page = of("0", "");
    assert_eq!((page.difference(), page.unsigned), (Some(2), vec![27, 30]));
}
