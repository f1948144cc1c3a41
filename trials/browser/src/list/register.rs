//! The small register: one street of sixty houses in two precincts with a common edge, a third precinct that Form 2
//! fills, and the commission's list with one row without a PIN and one address that no house has.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// Voters, all enrolled and at home on the street.
const VOTERS: usize = 120;
/// Houses of the street.
const HOUSES: usize = 60;
/// Two who ask to vote elsewhere.
pub const MOVERS: [usize; 2] = [7, 8];
/// Whose Form 2 is filed by keys alone.
pub const KEYED: usize = 10;
/// Whom the portal is asked about: the first of those who moved.
pub const GUEST: usize = MOVERS[0];
/// Who lives in house 30, the last one west of the common edge: the map's story leaves it on the other side.
pub const BEYOND: usize = 29;
/// West and east of the place, and the common edge between; south, the edge's middle corner, north. Degrees.
const LONGITUDES: [&str; 3] = ["74.589", "74.59305", "74.597"];
const LATITUDES: [&str; 3] = ["42.869", "42.87305", "42.877"];
/// Whose claim is begun and taken up again.
pub const BEGUN: usize = 12;
/// The row without a PIN, by its id.
pub const JOINED: &str = "C0090";
/// The last digits of the PIN of the man whom it means.
pub const SERIAL: &str = "70090";

const SURNAMES: [&str; 5] = ["Асанов", "Үсөнов", "Бекназаров", "Өмүралиев", "Жээнбеков"];
const GIVEN: [&str; 4] = ["Бакыт", "Нурлан", "Эрмек", "Төлөгөн"];

/// PIN of a voter.
#[must_use]
pub fn pin(n: usize) -> String {
    format!("20901{}{:05}", born(n), 70_000 + n)
}

/// Document number of a voter.
#[must_use]
pub fn document(n: usize) -> String {
    format!("AN{:07}", 5_000_000 + n)
}

fn born(n: usize) -> usize {
    1950 + n % 40
}

fn house(n: usize) -> usize {
    1 + n % HOUSES
}

/// Writes the tables of `docs/import.md`, and the commission's list beside them under a name that no import reads.
///
/// # Errors
/// The disk's.
pub fn write(dir: &Path) -> std::io::Result<()> {
    let put = |name: &str, text: &str| fs::write(dir.join(name), text);
    let mut addresses = "address_id,soate,street_id,street_name,house,lon,lat\n".to_owned();
    for n in 1..=HOUSES {
        line(
            &mut addresses,
            &format!("H{n},41711000000010,S1,Манас көчөсү,{n},74.59{n:02},42.87{n:02}"),
        );
    }
    put("addresses.csv", &addresses)?;
    put(
        "precincts.csv",
        "precinct,kind,region,soate,address_ky,address_ru,lon,lat\n\
         1001,territorial,bishkek,41711000000010,\"Манас көчөсү, 10\",\"ул. Манаса, 10\",74.5910,42.8710\n\
         1002,additional,bishkek,41711000000010,\"Чүй проспектиси, 1\",\"пр. Чуй, 1\",74.5950,42.8750\n\
         1003,territorial,bishkek,41711000000010,\"Манас көчөсү, 50\",\"ул. Манаса, 50\",74.5950,42.8750\n",
    )?;
    put("boundaries.csv", &boundaries())?;
    let mut persons =
        "person_id,pin,surname,given,patronymic,sex,birth_date,citizenship,recorded_at\n"
            .to_owned();
    let mut documents = "number,person_id,issued,expires,status\n".to_owned();
    let mut residences = "person_id,address_id,kind,from,until\n".to_owned();
    let mut enrolments =
        "enrolment_id,person_id,captured,processed,region,kit,operator\n".to_owned();
    let mut list = "row_id,pin,surname,given,patronymic,birth_date,address,precinct\n".to_owned();
    for n in 0..VOTERS {
        let (surname, given) = (SURNAMES[n % SURNAMES.len()], GIVEN[n % GIVEN.len()]);
        let (pin, day) = (pin(n), format!("{}-01-09", born(n)));
        line(
            &mut persons,
            &format!(
                "v{n},{pin},{surname},{given},Маратович,M,{day},KGZ,2014-01-02T10:00:00+06:00"
            ),
        );
        let number = document(n);
        line(
            &mut documents,
            &format!("{number},v{n},2012-03-02,2022-03-01,valid"),
        );
        line(
            &mut residences,
            &format!("v{n},H{},residence,2010-01-01,", house(n)),
        );
        line(
            &mut enrolments,
            &format!("e{n},v{n},2014-12-01,2014-12-20,bishkek,chui-001,chui-op-2"),
        );
        let row = format!("C{n:04}");
        let written = if row == JOINED { "" } else { &pin };
        let precinct = if house(n) <= HOUSES / 2 { 1001 } else { 1003 };
        line(
            &mut list,
            &format!(
                "{row},{written},{surname},{given},Маратович,{day},\"Манас көчөсү, {}\",{precinct}",
                house(n)
            ),
        );
    }
    line(
        &mut list,
        "X1,21502196091999,Бөтөнов,Бөтөн,,1960-02-15,\"Манас көчөсү, 977\",1001",
    );
    put("persons.csv", &persons)?;
    put("documents.csv", &documents)?;
    put("residences.csv", &residences)?;
    put("enrolments.csv", &enrolments)?;
    put("list-of-the-commission.csv", &list)
}

/// Two outlines that share an edge of three corners: houses 1 to 30 lie west of it, 31 to 60 east.
fn boundaries() -> String {
    let [west, edge, east] = LONGITUDES;
    let [south, middle, north] = LATITUDES;
    let outline = |corners: [(&str, &str); 6]| {
        let corners = corners.map(|(lon, lat)| format!("[{lon},{lat}]"));
        let ring = corners.join(",");
        format!("\"{{\"\"type\"\":\"\"Polygon\"\",\"\"coordinates\"\":[[{ring}]]}}\"")
    };
    let left = outline([
        (west, south),
        (edge, south),
        (edge, middle),
        (edge, north),
        (west, north),
        (west, south),
    ]);
    let right = outline([
        (edge, south),
        (east, south),
        (east, north),
        (edge, north),
        (edge, middle),
        (edge, south),
    ]);
    format!(
        "precinct,geojson,street_id,parity,house_from,house_to\n1001,{left},,,,\n1003,{right},,,,\n"
    )
}

fn line(text: &mut String, row: &str) {
    writeln!(text, "{row}").expect("a String takes every byte");
}
