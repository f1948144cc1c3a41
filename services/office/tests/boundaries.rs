//! Boundaries on the map and by streets: what a change does before it is saved, two institutions, the day it counts.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed check should stop at once"
)]

mod hall;

use hall::{Browser, Hall, sane};
use lexicon::PrecinctCode;
use lexicon::handover::snapshot::Extent;

const PLACE: &str = "/boundaries/41711-000000010";
/// Houses 1 to 60 of the street stand at longitude 74.59NN and latitude 42.87NN.
const SQUARES: [(u16, f64, f64); 2] = [(1001, 74.5900, 74.5930), (1003, 74.5930, 74.5961)];

/// Two outlines with a common edge instead of the street range of the sample, and a second precinct.
fn with_outlines() -> Hall {
    let hall = Hall::full();
    let database = rusqlite::Connection::open(hall.dir.path().join("office.db")).unwrap();
    database
        .execute_batch(
            "DROP TRIGGER electoral_boundary_no_delete;
             DELETE FROM electoral_boundary WHERE precinct = 1001 AND street = 'GS1';
             INSERT INTO electoral_precinct SELECT 1003, kind, region, soate, address_ky, address_ru,
               lon_microdegrees, lat_microdegrees, import_hash FROM electoral_precinct WHERE precinct = 1001",
        )
        .unwrap();
    for (precinct, west, east) in SQUARES {
        let outline = format!(
            "{{\"type\":\"Polygon\",\"coordinates\":[[[{west},42.87],[{east},42.87],[{east},42.8761],[{west},42.8761],[{west},42.87]]]}}"
        );
        database
            .execute(
                "INSERT INTO electoral_boundary (id, precinct, geojson, import_hash) VALUES (?1, ?2, ?3, 0)",
                rusqlite::params![format!("{precinct} polygon"), precinct, outline],
            )
            .unwrap();
    }
    hall
}

fn fields<'a>(
    corners: &'a str,
    ranges: &'a str,
    step: &'a str,
    moved: &'a str,
) -> Vec<(&'a str, &'a str)> {
    vec![
        ("corners", corners),
        ("ranges", ranges),
        ("valid_from", "2015-09-28"),
        ("reason", "решение ТИК № 7 от 26 сентября"),
        ("do", step),
        ("moved", moved),
    ]
}

/// The number of voters that the page says are moved.
fn moved(page: &str) -> String {
    let tag = page.split("name=\"moved\" value=\"").nth(1);
    let tag = tag.unwrap_or_else(|| panic!("nothing to propose: {page}"));
    tag.split('"').next().unwrap().to_owned()
}

fn precinct_of(hall: &Hall, house: &str) -> Option<u16> {
    let tables = hall.store.snapshot().unwrap().tables;
    let snapshot = roll::SnapshotBuilder::tables(&tables).unwrap();
    let (placed, _) = roll::boundary::place_all(&snapshot);
    let at = snapshot
        .addresses
        .iter()
        .position(|row| &*row.id == house)
        .unwrap();
    placed[at].map(|placed| placed.precinct.number())
}

#[test]
fn a_precinct_above_the_maximum_is_divided_by_the_planner_and_the_form_says_who_moves() {
    let hall = with_outlines();
    let lines = hall
        .store
        .read("l", |tx| tx.release_precincts(2))
        .unwrap()
        .into_iter()
        .find(|(precinct, _)| precinct.number() == 1001)
        .unwrap()
        .1;
    let limit = u32::try_from(lines / 3).unwrap();
    let serving = hall.serve_again(|config| {
        let mut law = (*config.law).clone();
        law.list.precinct_voters_max = limit;
        config.law = std::sync::Arc::new(law);
    });
    let mut registrar = hall::Browser::at(serving.address, "registrar");
    let page = registrar.page(PLACE);
    assert!(
        page.contains(&format!("{PLACE}?split=1001#split")),
        "{page}"
    );
    let proposed = registrar.page(&format!("{PLACE}?split=1001"));
    sane(PLACE, &proposed);
    assert!(proposed.contains("name=\"to2\"") && !proposed.contains("name=\"to3\""));
    assert!(proposed.contains("&quot;parts&quot;"), "drawn on the map");
    // The divided precinct itself, another place's, and words are no precinct for a part.
    for to in ["1001", "2001", "жаңы"] {
        let wrong = registrar.page(&format!("{PLACE}?split=1001&to2={}", hall::encode(to)));
        assert!(
            wrong.contains("Для каждой части укажите свой участок этих мест"),
            "{to}"
        );
    }
    let filled = registrar.page(&format!("{PLACE}?split=1001&to2=1003"));
    sane(PLACE, &filled);
    let area = filled.split("name=\"ranges\"").nth(1).unwrap();
    let ranges = area.split_once('>').unwrap().1.split('<').next().unwrap();
    let ranges = ranges.trim().replace("&gt;", ">");
    assert!(
        !ranges.is_empty() && ranges.lines().all(|line| line.ends_with(" 1003")),
        "{ranges}"
    );
    let shown = registrar.post(PLACE, &fields("", &ranges, "show", ""));
    assert_eq!(shown.status, 200, "{}", shown.body);
    let moves: u64 = moved(&shown.body).parse().unwrap();
    assert!(
        moves > 0 && moves <= u64::from(limit),
        "{moves} of {lines}, {limit}"
    );
    let part: Vec<&str> = proposed.split("scope=\"row\"").collect();
    let second = part
        .iter()
        .find(|row| row.contains("name=\"to2\""))
        .unwrap();
    assert!(
        second.contains(&format!("<b>{moves}</b>")),
        "{moves}: {second}"
    );
}

/// Three places in one precinct: houses 21 to 40 lie in Баглан, 41 to 60 on a street without a name of another village.
fn in_several_places() -> Hall {
    let hall = Hall::full();
    let database = rusqlite::Connection::open(hall.dir.path().join("office.db")).unwrap();
    let outline = "{\"type\":\"Polygon\",\"coordinates\":[[[74.58,42.86],[74.6,42.86],[74.6,42.88],[74.58,42.88],[74.58,42.86]]]}";
    database
        .execute_batch(&format!(
            "DROP TRIGGER electoral_boundary_no_delete;
             DROP TRIGGER registry_address_no_update;
             DELETE FROM electoral_boundary WHERE precinct = 1001 AND street = 'GS1';
             INSERT INTO electoral_boundary (id, precinct, geojson, import_hash) VALUES ('1001 polygon', 1001, '{outline}', 0);
             INSERT INTO electoral_precinct SELECT 1003, kind, region, soate, address_ky, address_ru,
               lon_microdegrees, lat_microdegrees, import_hash FROM electoral_precinct WHERE precinct = 1001;
             INSERT INTO electoral_precinct SELECT 1004, kind, region, 41706242813030, address_ky, address_ru,
               lon_microdegrees, lat_microdegrees, import_hash FROM electoral_precinct WHERE precinct = 1001;
             UPDATE registry_address SET soate = 41706242813030, street = 'GS2'
               WHERE street = 'GS1' AND CAST(house AS INTEGER) BETWEEN 21 AND 40;
             UPDATE registry_address SET soate = 41711201800010, street = 'GS3', street_name = ''
               WHERE street = 'GS1' AND CAST(house AS INTEGER) > 40;"
        ))
        .unwrap();
    hall
}

/// Voters of the planner's rows: of each part, and the total below them.
fn planned(page: &str) -> (Vec<u64>, u64) {
    let table = page.split("planned").nth(1).unwrap();
    let table = table.split("</table>").next().unwrap();
    let voters = |rows: &str| -> Vec<u64> {
        let cells = rows.split("<td class=\"num\"><b>").skip(1);
        cells
            .map(|cell| cell.split('<').next().unwrap().parse().unwrap())
            .collect()
    };
    let (parts, total) = table.split_once("<tfoot>").unwrap();
    (voters(parts), voters(total)[0])
}

/// Voters that the page says go from 1001 to a precinct.
fn goes(page: &str, to: u16) -> u64 {
    let row = page.split(&format!("<td>1001</td><td>{to}</td>")).nth(1);
    let row = row.unwrap_or_else(|| panic!("nobody goes to {to}: {page}"));
    let cell = row.split("<b>").nth(1).unwrap();
    cell.split('<').next().unwrap().parse().unwrap()
}

#[test]
fn a_precinct_of_several_places_is_divided_as_a_whole_and_every_voter_is_in_one_part() {
    let hall = in_several_places();
    let lines = hall.store.read("l", |tx| tx.release_precincts(2)).unwrap();
    let of = |(precinct, _): &(PrecinctCode, u64)| precinct.number() == 1001;
    let lines = lines.into_iter().find(of).unwrap().1;
    let limit = lines * 2 / 5;
    let serving = hall.serve_again(|config| {
        let mut law = (*config.law).clone();
        law.list.precinct_voters_max = u32::try_from(limit).unwrap();
        config.law = std::sync::Arc::new(law);
    });
    let mut registrar = hall::Browser::at(serving.address, "registrar");
    let page = registrar.page(&format!("{PLACE}?split=1001"));
    sane(PLACE, &page);
    let (parts, total) = planned(&page);
    assert_eq!(total, lines, "the sum is the list's: {parts:?}");
    assert_eq!(parts.iter().sum::<u64>(), total);
    assert_eq!(parts.len(), 3, "{parts:?} of {lines}, {limit}");
    assert!(parts.iter().all(|n| *n <= limit), "{parts:?}");
    assert!(!page.contains("Сумма частей не равна"), "{page}");
    // A street without a name and the places are said in words, as the classifier prints them.
    for said in ["без названия улицы", "<b>Баглан: </b>", "<b>Орто-Сай: </b>"]
    {
        assert!(page.contains(said), "{said}: {page}");
    }
    // A further part may go to a precinct of any of the places; what moves is what the planner said.
    let filled = registrar.page(&format!("{PLACE}?split=1001&to2=1003&to3=1004"));
    sane(PLACE, &filled);
    let area = filled.split("name=\"ranges\"").nth(1).unwrap();
    let ranges = area.split_once('>').unwrap().1.split('<').next().unwrap();
    let shown = registrar.post(PLACE, &fields("", ranges.trim(), "show", ""));
    assert_eq!(shown.status, 200, "{}", shown.body);
    let moves = [goes(&shown.body, 1003), goes(&shown.body, 1004)];
    assert_eq!(moves, parts[1..], "{}", shown.body);
    // The outline holds those houses still, which is said of the first of them; nothing forbids saving.
    assert!(shown.body.contains("value=\"propose\""), "{}", shown.body);
    assert_eq!(shown.body.matches("улица и карта расходятся").count(), 25);
    assert!(shown.body.contains("Ещё замечаний: 17"), "{}", shown.body);
}

#[test]
fn a_common_edge_is_moved_shown_approved_by_two_and_counts_from_its_day() {
    let hall = with_outlines();
    assert_eq!(precinct_of(&hall, "GA29"), Some(1001));
    let mut registrar = hall.signed_in("registrar");
    let page = registrar.page(PLACE);
    sane(PLACE, &page);
    assert!(page.contains("data-map="), "{page}");
    assert!(registrar.page("/boundaries").contains(PLACE));

    // The edge between the two goes west by 20 houses; both outlines follow.
    let corners = "74.593 42.87 > 74.591 42.87\n74.593 42.8761 > 74.591 42.8761";
    let shown = registrar.post(PLACE, &fields(corners, "", "show", ""));
    assert_eq!(shown.status, 200, "{}", shown.body);
    sane(PLACE, &shown.body);
    assert!(
        shown.body.contains("<td>1001</td><td>1003</td>"),
        "{}",
        shown.body
    );
    assert!(shown.body.contains("Новых ошибок нет"), "{}", shown.body);
    let voters = moved(&shown.body);
    // Houses 10 to 29 by where they stand; the list of the sample still places by residence in 1001.
    let release = hall
        .store
        .read("r", |tx| tx.releases())
        .unwrap()
        .pop()
        .unwrap();
    let lists = hall
        .store
        .read("v", |tx| {
            tx.voters_by_address(release.number, PrecinctCode::new(1001).unwrap())
        })
        .unwrap();
    let stands = |house: &str| {
        let number: u32 = house
            .strip_prefix("GA")
            .and_then(|n| n.parse().ok())
            .unwrap_or(0);
        (10..30).contains(&number)
    };
    let expected: usize = lists
        .iter()
        .filter(|(house, _)| stands(house))
        .map(|(_, who)| who.len())
        .sum();
    assert!(expected > 20, "{expected}");
    assert_eq!(voters, expected.to_string());

    let wrong = registrar.post(PLACE, &fields(corners, "", "propose", "1"));
    assert_eq!(
        wrong.status, 422,
        "what was shown is not what would be saved"
    );
    let proposed = registrar.post(PLACE, &fields(corners, "", "propose", &voters));
    assert_eq!(
        (proposed.status, proposed.location.as_str()),
        (303, "/boundaries/change/1")
    );
    approve(&hall, &mut registrar, &voters);
    // Approved on the 26th, it counts from the 28th.
    assert_eq!(precinct_of(&hall, "GA29"), Some(1001));
    hall.clock.pass(2 * 24 * 60);
    assert_eq!(precinct_of(&hall, "GA29"), Some(1003));
    assert_eq!(precinct_of(&hall, "GA9"), Some(1001));
    let acts = hall
        .store
        .read("v", |tx| tx.verify_journal(store::Journal::Electoral));
    acts.unwrap();
}

fn approve(hall: &Hall, registrar: &mut Browser, voters: &str) {
    let change = "/boundaries/change/1";
    let page = registrar.page(change);
    sane(change, &page);
    assert!(page.contains(&format!(">{voters}</a>")), "{page}");
    let people = registrar.page("/boundaries/change/1?from=1001&to=1003");
    assert!(
        people.contains("АСАНОВ"),
        "the people behind the number: {people}"
    );
    // The same page shows figures and no names to an observer.
    let seen = hall
        .signed_in("observer")
        .page("/boundaries/change/1?from=1001&to=1003");
    assert!(!seen.contains("АСАНОВ") && seen.contains(voters), "{seen}");
    assert_eq!(registrar.post(change, &[]).status, 422, "not looked at");
    assert_eq!(registrar.post(change, &[("seen", "yes")]).status, 303);
    assert_eq!(
        registrar.post(change, &[("seen", "yes")]).status,
        422,
        "twice"
    );
    let mut commission = hall.signed_in("commission");
    assert_eq!(commission.post(change, &[("seen", "yes")]).status, 303);
    assert!(
        commission
            .page(change)
            .contains("утверждено, день не наступил")
    );
}

#[test]
fn a_fault_forbids_saving_and_names_the_house() {
    let hall = with_outlines();
    let mut commission = hall.signed_in("commission");
    // One corner alone, far inside: houses fall out of both outlines.
    let corners = "74.59 42.87 > 74.592 42.875";
    let shown = commission.post(PLACE, &fields(corners, "", "show", ""));
    assert!(shown.body.contains("Сохранить нельзя"), "{}", shown.body);
    assert!(shown.body.contains("(GA2)"), "{}", shown.body);
    assert!(!shown.body.contains("value=\"propose\""), "{}", shown.body);
    // Not even with the number that the page shows.
    let said = shown.body.split(" меня").next().unwrap();
    let said = said.rsplit('>').next().unwrap();
    let voters: String = said.chars().filter(char::is_ascii_digit).collect();
    let forced = commission.post(PLACE, &fields(corners, "", "propose", &voters));
    assert_eq!(forced.status, 422);
    assert!(
        !forced.body.contains("Список или границы изменились"),
        "refused for the fault: {voters}"
    );
    let changes = hall.store.read("c", |tx| tx.boundary_changes()).unwrap();
    assert!(changes.is_empty());
    for (corners, ranges, said) in [
        ("", "", "Изменение пусто"),
        ("74.5 42 > 74.6 42", "", "строка 1: такой вершины нет"),
        ("", "GS1 all 9 1 1001", "Дома, строка 1"),
    ] {
        let answer = commission.post(PLACE, &fields(corners, ranges, "show", ""));
        assert_eq!(answer.status, 422, "{said}");
        assert!(answer.body.contains(said), "{said}: {}", answer.body);
    }
    let past = [
        ("corners", "74.59 42.87 > 74.58 42.87"),
        ("valid_from", "2015-09-20"),
        ("do", "show"),
    ];
    assert_eq!(commission.post(PLACE, &past).status, 422);
}

#[test]
fn houses_of_a_street_move_by_the_form_alone_and_a_change_on_older_boundaries_is_stale() {
    let hall = with_outlines();
    let mut registrar = hall.signed_in("registrar");
    let mut commission = hall.signed_in("commission");
    let propose = |browser: &mut Browser, ranges: &str| {
        let shown = browser.post(PLACE, &fields("", ranges, "show", ""));
        assert_eq!(shown.status, 200, "{}", shown.body);
        let voters = moved(&shown.body);
        let answer = browser.post(PLACE, &fields("", ranges, "propose", &voters));
        assert_eq!(answer.status, 303, "{}", answer.body);
        answer.location
    };
    let first = propose(&mut registrar, "GS1 odd 1 9 1003");
    let second = propose(&mut commission, "GS1 even 2 8 1003");
    for browser in [&mut registrar, &mut commission] {
        assert_eq!(browser.post(&first, &[("seen", "yes")]).status, 303);
    }
    let stale = registrar.post(&second, &[("seen", "yes")]);
    assert_eq!(stale.status, 422);
    assert!(
        stale.body.contains("нарисовано на старых границах"),
        "{}",
        stale.body
    );
    hall.clock.pass(2 * 24 * 60);
    assert_eq!(precinct_of(&hall, "GA3"), Some(1003));
    assert_eq!(precinct_of(&hall, "GA4"), Some(1001));
    let rows = hall
        .store
        .read("b", |tx| tx.boundaries_of(PrecinctCode::new(1003).unwrap()))
        .unwrap();
    let ranges = rows
        .iter()
        .filter(|row| matches!(row.extent, Extent::Range { .. }));
    assert_eq!(ranges.count(), 1);
}

/// Story: house GA3 is also number 3 of street GS2, which lies elsewhere. Expect: a range of GS2 for another precinct says
/// that the building's two addresses vote in two precincts, moves nobody and may be saved; a range that leaves number 3 out
/// says nothing.
#[test]
fn a_range_along_a_second_address_says_that_the_building_is_in_two_precincts() {
    let hall = with_outlines();
    let database = rusqlite::Connection::open(hall.dir.path().join("office.db")).unwrap();
    database
        .execute(
            "INSERT INTO registry_second_address (address, street, house, soate, street_name, position, import_hash) \
             SELECT address, 'GS2', '3', soate, 'Бурчтук', 0, 0 FROM registry_address WHERE address = 'GA3'",
            [],
        )
        .unwrap();
    let mut registrar = hall.signed_in("registrar");
    let mut shown = |ranges: &str| {
        let answer = registrar.post(PLACE, &fields("", ranges, "show", ""));
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    };
    let two = shown("GS2 odd 1 9 1003");
    assert!(two.contains("два адреса здания в двух участках"), "{two}");
    assert!(two.contains("(GA3)"), "{two}");
    assert_eq!(moved(&two), "0");
    let none = shown("GS2 odd 5 9 1003");
    assert!(!none.contains("два адреса здания"), "{none}");
}

/// Serves an office until killed, for a look in a browser: `TIZME_LOOK=1 cargo nextest run look`.
#[test]
fn look() {
    if std::env::var_os("TIZME_LOOK").is_none() {
        return;
    }
    let hall = with_outlines();
    let mut registrar = hall.signed_in("registrar");
    registrar.send_list(hall::folder::uploaded_list().as_bytes());
    println!(
        "http://{}/ {}",
        hall.serving.address, registrar.cookies["session"]
    );
    std::thread::sleep(std::time::Duration::from_secs(3_600));
}
