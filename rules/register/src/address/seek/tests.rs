#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
use super::super::index::{Builder, HouseRow};
use super::super::places::{PlaceReject, PlaceRow, Places};
use super::*;

const ALAMUDUN: &str = "41708203807020";
const MOSKOVSKY: &str = "41708217837030";
const BISHKEK: &str = "41711000000000";

/// Two villages called Садовое in two raions, and the capital.
fn index() -> Index {
    let mut builder = Builder::new(Places::shipped());
    let mut add = |soate: &str, street: &str, name: &str, houses: &[&str], precinct: u16| {
        for house in houses {
            builder.house(&HouseRow {
                soate: soate.parse().unwrap(),
                street,
                street_name: name,
                house,
                precinct: PrecinctCode::new(precinct).ok(),
            });
        }
    };
    add(ALAMUDUN, "s1", "Ленин көчөсү", &["1", "2", "2а", "3"], 8001); // 0 to 3
    add(MOSKOVSKY, "s2", "Ленин көчөсү", &["1", "2", "40"], 8050); // 4 to 6
    add(BISHKEK, "s3", "Манас көчөсү", &["1", "2"], 1001); // 7, 8
    add(BISHKEK, "s4", "Манас-2 көчөсү", &["1", "2"], 1002); // 9, 10
    add(BISHKEK, "s5", "Манас проспектиси", &["1"], 1002); // 11
    add(BISHKEK, "s6", "Ч. Айтматов көчөсү", &["7"], 1002); // 12
    add(BISHKEK, "s7", "Абдрахманов көчөсү", &["5"], 1002); // 13
    add(BISHKEK, "s8", "Жусуп Абдрахманов көчөсү", &["5", "6"], 1002); // 14, 15
    add(MOSKOVSKY, "s9", "Токтогул көчөсү", &["9"], 8050); // 16
    add(BISHKEK, "s10", "Бак көчөсү", &["3"], 1002); // 17
    add(BISHKEK, "s11", "Бакыт көчөсү", &["3", "4"], 1002); // 18, 19
    add(BISHKEK, "s12", "1-Май көчөсү", &["3"], 1002); // 20
    builder.other_name("s7", "Советская", true);
    builder.finish()
}

fn seek(text: &str, precinct: u16) -> Result<u32, &'static str> {
    let index = index();
    let context = Context {
        precinct: PrecinctCode::new(precinct).ok(),
    };
    match Seeker::new(&index).seek(text, context) {
        Answer::Placed(placement) => Ok(placement.house.0),
        Answer::Queued(queued) => Err(queued.reason.code()),
    }
}

#[test]
fn one_place_of_several_with_a_name_is_chosen_by_raion_or_precinct_only() {
    assert_eq!(seek("с. Садовое, ул. Ленина, 2", 0), Err("AMBIGUOUS"));
    assert_eq!(seek("с. Садовое, ул. Ленина, 2", 8001), Ok(1));
    assert_eq!(seek("с. Садовое, ул. Ленина, 2", 8050), Ok(5));
    assert_eq!(
        seek("Аламудунский р-н, с. Садовое, Ленин көч., 2", 0),
        Ok(1)
    );
    assert_eq!(seek("Московский район, Садовое, Ленина, 2", 0), Ok(5));
    // Where the text and the precinct disagree, nobody is moved silently.
    assert_eq!(
        seek("Московский район, Садовое, Ленина, 2", 8001),
        Err("AMBIGUOUS")
    );
}

#[test]
fn a_house_that_the_near_village_lacks_is_not_put_into_the_far_one() {
    assert_eq!(seek("с. Садовое, ул. Ленина, 40", 8001), Err("NO_HOUSE"));
    assert_eq!(seek("с. Садовое, ул. Ленина, 40", 0), Err("AMBIGUOUS"));
    assert_eq!(seek("с. Садовое, ул. Ленина, 40", 8050), Ok(6));
}

#[test]
fn streets_of_nearly_one_name_are_told_apart() {
    assert_eq!(seek("г. Бишкек, Манас-2 көч., 1", 0), Ok(9));
    assert_eq!(seek("г. Бишкек, ул. Манас, 1", 0), Ok(7));
    assert_eq!(seek("г. Бишкек, пр. Манаса, 1", 0), Ok(11));
    assert_eq!(seek("г. Бишкек, Манас, 1", 0), Err("AMBIGUOUS"));
    assert_eq!(seek("г. Бишкек, ул. Абдрахманова, 5", 0), Ok(13));
    assert_eq!(seek("г. Бишкек, ул. Жусупа Абдрахманова, 5", 0), Ok(14));
    assert_eq!(seek("г. Бишкек, ул. Юсупа Абдрахманова, 5", 0), Ok(14));
    assert_eq!(seek("г. Бишкек, ул. Чингиза Айтматова, 7", 0), Ok(12));
    assert_eq!(seek("г. Бишкек, ул. Айтматова, 7", 0), Ok(12));
    assert_eq!(seek("г. Бишкек, ул. Т. Айтматова, 7", 0), Ok(12));
}

#[test]
fn a_short_name_with_a_lost_letter_is_not_another_short_name() {
    assert_eq!(seek("г. Бишкек, ул. Бакы, 3", 0), Err("AMBIGUOUS"));
    assert_eq!(seek("г. Бишкек, ул. Бак, 3", 0), Ok(17));
    assert_eq!(seek("г. Бишкек, ул. Бакыт, 3", 0), Ok(18));
    assert_eq!(seek("г. Бишкек, ул. 1 Мая, 3", 0), Ok(20));
}

#[test]
fn a_former_name_leads_to_the_street() {
    assert_eq!(seek("г. Бишкек, ул. Советская, 5", 0), Ok(13));
}

#[test]
fn slips_latin_letters_and_missing_commas_are_read() {
    assert_eq!(seek("г. Бешкек, ул. Айтматва, 7", 0), Ok(12));
    assert_eq!(seek("g. Bishkek, ul. Aitmatova, d. 7", 0), Ok(12));
    assert_eq!(seek("Бишкек Айтматов 7", 0), Ok(12));
    assert_eq!(seek("с. Садовое Ленин көч. 2 а", 8001), Ok(2));
    assert_eq!(seek("ЛЕНИНА 2А САДОВОЕ", 8001), Ok(2));
}

#[test]
fn a_letter_more_or_less_is_another_house() {
    assert_eq!(seek("с. Садовое, Ленин, 3а", 8001), Err("NO_HOUSE"));
    let index = index();
    let answer =
        Seeker::new(&index).seek("Аламудунский р-н, Садовое, Ленин, 3а", Context::default());
    let Answer::Queued(queued) = answer else {
        unreachable!("queued")
    };
    assert_eq!(queued.suggestions[0].house, HouseAt(3));
}

#[test]
fn without_a_place_only_a_house_of_the_rows_precinct_is_placed() {
    assert_eq!(seek("ул. Ленина, 2", 8001), Ok(1));
    assert_eq!(seek("ул. Ленина, 2", 0), Err("AMBIGUOUS"));
    assert_eq!(seek("ул. Токтогула, 9", 0), Ok(16));
    assert_eq!(seek("ул. Манаса-2, 1", 1001), Err("UNSURE"));
}

#[test]
fn what_cannot_be_read_or_found_says_why() {
    assert_eq!(seek("?????", 0), Err("UNREADABLE"));
    assert_eq!(seek("с. Садовое, ул. Ленина, б/н", 0), Err("UNREADABLE"));
    assert_eq!(seek("с. Ыраак, ул. Ленина, 1", 0), Err("NO_PLACE"));
    assert_eq!(seek("г. Бишкек, ул. Луначарского, 1", 0), Err("NO_STREET"));
}

#[test]
fn memory_changes_no_answer() {
    let index = index();
    let texts = [
        "с. Садовое, Ленин, 2",
        "г. Бишкек, Манас, 1",
        "ул. Токтогула, 9",
        "с. Садовое, Ленин, 2",
    ];
    let mut long = Seeker::new(&index);
    for text in texts {
        assert_eq!(
            long.seek(text, Context::default()),
            Seeker::new(&index).seek(text, Context::default())
        );
    }
}

#[test]
fn a_circular_hierarchy_and_a_code_twice_are_refused_row_by_row() {
    let row = |soate: u64, parent: Option<u64>| PlaceRow {
        soate: soate.to_string().parse().unwrap(),
        parent: parent.map(|p| p.to_string().parse().unwrap()),
        name: format!("Жер-{}", soate % 10),
    };
    let base = 41_702_000_000_000;
    let rows = [
        row(base + 1, None),
        row(base + 2, Some(base + 1)),
        row(base + 3, Some(base + 4)),
        row(base + 4, Some(base + 3)),
        row(base + 5, Some(base + 3)),
        row(base + 2, None),
        row(base + 6, Some(base + 9)),
        row(base + 7, Some(base + 7)),
    ];
    let (places, rejects) = Places::of(&rows);
    assert_eq!(
        rejects,
        [
            (2, PlaceReject::Circular),
            (3, PlaceReject::Circular),
            (4, PlaceReject::Circular),
            (5, PlaceReject::Twice),
            (6, PlaceReject::NoParent),
            (7, PlaceReject::Circular),
        ]
    );
    assert!(places.lies_in(rows[1].soate, rows[0].soate));
    assert!(places.find_name(rows[2].soate).is_none());
}
