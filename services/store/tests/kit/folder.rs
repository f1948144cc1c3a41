//! Import folders with made-up rows.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

const SURNAMES: [&str; 8] = [
    "Асанов",
    "Жээнбеков",
    "Осмонов",
    "Токтогулов",
    "Өмүралиев",
    "Ибраимов",
    "Каримов",
    "Ыманалиев",
];
const GIVEN: [&str; 6] = ["Үсөн", "Айгүл", "Чынара", "Бакыт", "Нургүл", "Азамат"];

/// Writes a country of `persons`; person `n` (from 0) is born in 1950 + n mod 45.
///
/// Every 500th person's PIN is that of the person before; every 10th enrolment is not yet processed; every
/// 7th person is not enrolled; every 60th is dead; every 90th has changed their name.
pub fn write(dir: &Path, persons: usize) {
    let mut tables: Vec<(&str, String)> = vec![
        (
            "persons",
            "person_id,pin,surname,given,patronymic,sex,birth_date,citizenship,recorded_at\n"
                .into(),
        ),
        (
            "addresses",
            "address_id,soate,street_id,street_name,house,lon,lat\n".into(),
        ),
        (
            "documents",
            "number,person_id,issued,expires,status\n".into(),
        ),
        (
            "residences",
            "person_id,address_id,kind,from,until\n".into(),
        ),
        (
            "civil_events",
            "event_id,person_id,kind,date,act,surname,given,patronymic\n".into(),
        ),
        (
            "enrolments",
            "enrolment_id,person_id,captured,processed,region,kit,operator\n".into(),
        ),
        ("prints", "enrolment_id,finger,minutiae\n".into()),
        ("photos", "enrolment_id,file\n".into()),
        (
            "precincts",
            "precinct,kind,region,soate,address_ky,address_ru,lon,lat\n".into(),
        ),
        (
            "boundaries",
            "precinct,geojson,street_id,parity,house_from,house_to\n".into(),
        ),
        (
            "commission",
            "row_id,pin,surname,given,patronymic,birth_date,address,precinct\n".into(),
        ),
        (
            "claims",
            "claim_id,kind,pin,filed,target_precinct,field,value,identified\n".into(),
        ),
    ];
    let mut put = |table: &str, line: String| {
        let (_, text) = tables
            .iter_mut()
            .find(|(name, _)| *name == table)
            .expect("a table");
        writeln!(text, "{line}").expect("a String takes every byte");
    };
    for address in 0..persons.div_ceil(3) {
        let street = address % 40;
        put(
            "addresses",
            format!(
                "a{address},41711000000010,s{street},\"улица Чүй, {street}\",{},74.{:04},42.{:04}",
                address / 40 + 1,
                5_000 + address % 900,
                8_000 + address % 700
            ),
        );
    }
    for n in 0..persons {
        person(&mut put, n);
    }
    put(
        "precincts",
        "1001,territorial,bishkek,41711000000010,Мектеп 1,Школа 1,74.59,42.87".into(),
    );
    put(
        "precincts",
        "1002,hospital,bishkek,41711000000010,Оорукана,Больница,74.60,42.88".into(),
    );
    put(
        "boundaries",
        "1001,\"{\"\"type\"\":\"\"Polygon\"\",\"\"coordinates\"\":[[[74,42],[75,42],[75,43],[74,43],[74,42]]]}\",,,,"
            .into(),
    );
    put("boundaries", "1002,,s3,odd,1,99".into());
    for (name, text) in &tables {
        fs::write(dir.join(format!("{name}.csv")), text).expect("a table is written");
    }
    fs::write(dir.join("face.png"), b"\x89PNG\r\n\x1a\nsmall").expect("a photograph is written");
}

/// Surname and given name of person `n`.
pub fn name(n: usize) -> (&'static str, &'static str) {
    (SURNAMES[n % SURNAMES.len()], GIVEN[n % GIVEN.len()])
}

/// PIN of person `n`.
pub fn pin(n: usize) -> String {
    let n = if n % 500 == 499 { n - 1 } else { n };
    format!("20{}05{}{:05}", 1 + n % 9, 1950 + n % 45, n % 100_000)
}

fn person(put: &mut dyn FnMut(&str, String), n: usize) {
    let (surname, given) = name(n);
    let pin = pin(n);
    let born = format!("{}-05-0{}", 1950 + n % 45, 1 + n % 9);
    put(
        "persons",
        format!("p{n},{pin},{surname},{given},,M,{born},KGZ,2014-01-02T10:00:00+06:00"),
    );
    put(
        "documents",
        format!("AN{n:07},p{n},02.03.2012,2022-03-01,valid"),
    );
    put(
        "residences",
        format!("p{n},a{},residence,2010-01-01,", n / 3),
    );
    if n % 60 == 59 {
        put(
            "civil_events",
            format!("d{n},p{n},death,2015-03-04,Д-{n},,,"),
        );
    }
    if n % 90 == 89 {
        put(
            "civil_events",
            format!("n{n},p{n},name_change,2014-06-07,И-{n},Жаңы,{given},"),
        );
    }
    if n % 7 != 6 {
        let processed = if n.is_multiple_of(10) {
            ""
        } else {
            "2014-12-20"
        };
        put(
            "enrolments",
            format!(
                "e{n},p{n},2014-12-01,{processed},bishkek,k{},o{}",
                n % 9,
                n % 13
            ),
        );
        for finger in [1, 2, 6, 7] {
            put("prints", format!("e{n},{finger},{}", minutiae(n, finger)));
        }
        put("photos", format!("e{n},face.png"));
    }
    put(
        "commission",
        format!("c{n},{pin},{surname},{given},,{born},Чүй {n},1001"),
    );
    if n.is_multiple_of(25) {
        put(
            "claims",
            format!("f{n},form2,{pin},2015-09-10T10:00:00+06:00,1002,,,1"),
        );
    }
}

/// An ISO/IEC 19794-2:2005 record in hexadecimal, another one for each person and finger.
pub fn minutiae(n: usize, finger: u8) -> String {
    let mut state = (n as u64) * 1_000 + u64::from(finger) + 1;
    let mut next = |below: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let minutiae = (0..30)
        .map(|_| fingerprint::Minutia {
            x: u16::try_from(20 + next(260)).expect("small"),
            y: u16::try_from(20 + next(360)).expect("small"),
            angle: u8::try_from(next(256)).expect("a byte"),
            kind: fingerprint::MinutiaKind::Ending,
            quality: u8::try_from(1 + next(90)).expect("a byte"),
        })
        .collect();
    let template = fingerprint::Template {
        width: 300,
        height: 400,
        quality: 50 + finger,
        minutiae,
    };
    let position = fingerprint::FingerPosition::from_code(finger).expect("a finger");
    template
        .to_iso(position)
        .iter()
        .fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").expect("a String takes every byte");
            text
        })
}
