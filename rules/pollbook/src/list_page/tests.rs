use super::*;

const CODE: &str = "L7:1001:2:2:26-40:7C1E90AB44D200000000:00112233445566778899";

fn list() -> BoundList {
    let mut root = [0; 32];
    root[..6].copy_from_slice(&[0x7c, 0x1e, 0x90, 0xab, 0x44, 0xd2]);
    BoundList {
        release: 7,
        precinct: 1001,
        root,
        pages: vec![(1, 25), (26, 40)],
    }
}

fn check(code: &str, expected: Result<(), PageFault>) {
    let judged = ListPage::read(code).and_then(|page| page.belongs(&list()));
    assert_eq!(judged, expected, "{code}");
}

#[test]
fn a_page_of_the_packages_list_belongs() {
    check(CODE, Ok(()));
    check(&CODE.to_lowercase(), Ok(()));
}

#[test]
fn a_foreign_page_is_told_from_a_damaged_code() {
    check(&CODE.replace("L7", "L6"), Err(PageFault::Release(6)));
    check(
        &CODE.replace("1001", "1002"),
        Err(PageFault::Precinct(1002)),
    );
    check(&CODE.replace("7C1E", "7C1F"), Err(PageFault::Root));
    check(&CODE.replace("26-40", "26-39"), Err(PageFault::Lines));
    check(&CODE.replace(":2:2:", ":2:3:"), Err(PageFault::Lines));
    for broken in [
        "",
        "L7:1001",
        "KG1R:1001:final:00:K1",
        &CODE[..CODE.len() - 1],
        &format!("{CODE}:"),
        &CODE.replace(":2:2:", ":3:2:"),
    ] {
        check(broken, Err(PageFault::Unread));
    }
}
