#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
use super::*;

/// `place|street words|street numbers|house|flat` of a text.
fn read(text: &str) -> String {
    let written = Written::parse(text);
    let name = |name: &Option<Name>| name.as_ref().map(Name::text).unwrap_or_default();
    let house = written
        .house
        .map(|h| h.number.to_string())
        .unwrap_or_default();
    let flat = written
        .house
        .and_then(|h| h.flat)
        .map(|f| f.to_string())
        .unwrap_or_default();
    format!(
        "{}|{}|{house}|{flat}",
        name(&written.place),
        name(&written.street)
    )
}

#[test]
fn both_languages_and_their_short_forms_are_read() {
    for (text, want) in [
        (
            "с. Садовое, ул. Ленина, д. 12а, кв. 5",
            "садовое|ленина|12а|5",
        ),
        (
            "Садовое айылы, Ленин көчөсү, 12-үй, 5-батир",
            "садовое|ленин|12|5",
        ),
        ("г.Бишкек,Манас-2 көч.,д.7", "бишкек|манас 2|7|"),
        ("БИШКЕК Ш., ТОКТОГУЛ К., №18 А", "бишкек|токтогул|18а|"),
        ("г. Тюп, Ибраимов 2 к., 12", "тюп|ибраимов 2|12|"),
        ("Ош, Саманчин 6 к., д. 27 кв 3", "ош|саманчин 6|27|3"),
        ("ОШ Ш., АБДРАХМАНОВ 7 К., 60-ҮЙ", "ош|абдрахманов 7|60|"),
        (
            "g. bishkek, kok zhar 11 k., d. 41",
            "bishkek|kok zhar 11|41|",
        ),
        ("с. Садовое, ул. Ленина, 12 к", "садовое|ленина|12к|"),
        ("с. Садовое, ул. Ленина 12 к, кв. 5", "садовое|ленина|12к|5"),
        ("Бишкек шаары, Чүй проспектиси, 155", "бишкек|чуй|155|"),
        ("г. Бишкек, пр-т Чуй 155/2", "бишкек|чуй|155/2|"),
        (
            "г. Бишкек, пр. Чуй, 155 корп. 2, кв. 8",
            "бишкек|чуй|155/2|8",
        ),
        ("с. Тюп, ул. 1 Мая, 10", "тюп|мая 1|10|"),
        ("Тюп, 8-Март көч., 3-а", "тюп|март 8|3а|"),
        ("Тюп, ул. 8 Марта 3", "тюп|марта 8|3|"),
        ("Бишкек, Манас 2, 15", "бишкек|манас 2|15|"),
        (
            "720001, г. Бишкек, ул. Ч. Айтматова, 1 \"Б\"",
            "бишкек|ч айтматова|1б|",
        ),
        ("г. Ош, А. Масалиев көч., 4", "ош|а масалиев|4|"),
        ("ул. Ленина, 5, с. Садовое", "садовое|ленина|5|"),
        ("Ленин к., 12 үй, Садовое а.", "садовое|ленин|12|"),
        ("с. Садовое ул. Ленина д. 12 кв. 4", "садовое|ленина|12|4"),
        ("с. Садовое Ленин көч. 12", "|садовое ленин|12|"),
        ("Садовое Ленин 12", "|садовое ленин|12|"),
        ("г. Бишкек Манас-2 көч. 12", "|бишкек манас 2|12|"),
        ("s. Sadovoe, ul. Lenina, d. 12a", "sadovoe|lenina|12а|"),
        ("ул. Ленина 12 кв 5", "|ленина|12|5"),
        ("Ленина 12-45, Кант", "кант|ленина|12|45"),
        ("мкр. Асанбай, 12, 45", "|асанбай|12|45"),
        ("г. Талас, Талаа көч., 15 а үй, кв.31", "талас|талаа|15а|31"),
        ("г. Талас, Талаа көч., 15 \"А\" үй", "талас|талаа|15а|"),
        ("", "|||"),
        ("с. Садовое", "|садовое||"),
    ] {
        assert_eq!(read(text), want, "{text}");
    }
}

#[test]
fn areas_stand_apart_from_the_place() {
    let written = Written::parse("Чуйская обл., Аламудунский р-н, с. Садовое, ул. Ленина, 5");
    let areas: Vec<String> = written.areas.iter().map(Name::text).collect();
    assert_eq!(areas, ["чуйская", "аламудунский"]);
    assert_eq!(written.place.unwrap().text(), "садовое");
    let written = Written::parse("Ак-Булунский айылный аймак, Ак-Булун айылы, Манас, 1");
    assert_eq!(written.areas[0].text(), "ак булунский");
    assert_eq!(written.place.unwrap().text(), "ак булун");
}

#[test]
fn a_house_number_is_one_however_written() {
    let same = |a: &str, b: &str| HouseNumber::parse(a).unwrap() == HouseNumber::parse(b).unwrap();
    assert!(same("12а", "12 А") && same("12a", "12-а") && same("12/2", "12 корп 2"));
    assert!(!same("12", "12а") && !same("12/2", "12/3") && !same("12а", "12б"));
    for text in ["", "б/н", "0", "1000000", "Ленина 5"] {
        assert_eq!(HouseNumber::parse(text), None, "{text}");
    }
}

#[test]
fn any_text_is_read_without_a_panic() {
    for text in [
        "-",
        "/",
        "12-",
        "12/",
        "к",
        "к 5",
        "д",
        "кв",
        "кв 5",
        "№",
        "ул.",
        ",,,",
        "12 к",
        "а",
        "5 батир",
        "9999999999 5",
        "ул. 12, 5",
    ] {
        let _ = Written::parse(text);
    }
    assert_eq!(
        Written::parse(&"а".repeat(LENGTH_MAX + 1)),
        Written::default()
    );
}
