//! A made-up register beside `docs/sample-import`: every reason, every kind of claim, lists longer than a page.

use std::fmt::Write as _;
use std::path::Path;

/// Ordinary voters of precinct 1001.
pub const VOTERS: usize = 130;

/// The source row of an ordinary voter.
pub fn row(n: usize) -> String {
    format!("g{n}")
}

/// PIN of an ordinary voter, born on 9 January of 1950 and later.
pub fn pin(n: usize) -> String {
    format!("20901{}{:05}", 1950 + n % 40, 70_000 + n)
}

pub fn document(n: usize) -> String {
    format!("AN{:07}", 5_000_000 + n)
}

/// Rows of the special persons: id, PIN, sex, birth date, citizenship.
const SPECIAL: [(&str, &str, &str, &str, &str); 9] = [
    ("dead", "11502195091001", "F", "1950-02-15", "KGZ"),
    ("foreign", "21502195191002", "M", "1951-02-15", "KAZ"),
    ("young", "11502199991003", "F", "1999-02-15", "KGZ"),
    ("court", "21502195291004", "M", "1952-02-15", "KGZ"),
    ("bare", "11502195391005", "F", "1953-02-15", "KGZ"),
    ("waiting", "21502195491006", "M", "1954-02-15", "KGZ"),
    ("homeless", "11502195591007", "F", "1955-02-15", "KGZ"),
    ("abroad", "21502195691008", "M", "1956-02-15", "KGZ"),
    // The same PIN as voter 0's.
    ("sharing", "20901195070000", "M", "1950-01-09", "KGZ"),
];

#[derive(Default)]
struct Tables(Vec<(&'static str, String)>);

impl Tables {
    fn put(&mut self, table: &'static str, header: &str, line: &str) {
        let found = self.0.iter().position(|(name, _)| *name == table);
        let at = found.unwrap_or_else(|| {
            self.0.push((table, format!("{header}\n")));
            self.0.len() - 1
        });
        writeln!(self.0[at].1, "{line}").expect("a String takes every byte");
    }

    fn person(&mut self, id: &str, pin: &str, name: (&str, &str, &str), rest: (&str, &str, &str)) {
        let (surname, given, patronymic) = name;
        let (sex, born, citizenship) = rest;
        self.put(
            "persons",
            "person_id,pin,surname,given,patronymic,sex,birth_date,citizenship,recorded_at",
            &format!(
                "{id},{pin},{surname},{given},{patronymic},{sex},{born},{citizenship},2014-01-02T10:00:00+06:00"
            ),
        );
    }

    fn home(&mut self, id: &str, house: usize) {
        self.put(
            "residences",
            "person_id,address_id,kind,from,until",
            &format!("{id},GA{house},residence,2010-01-01,"),
        );
    }

    fn enrolled(&mut self, id: &str, processed: &str, region: &str) {
        self.put(
            "enrolments",
            "enrolment_id,person_id,captured,processed,region,kit,operator",
            &format!("GE-{id},{id},2014-12-01,{processed},{region},chui-001,chui-op-2"),
        );
    }

    fn event(&mut self, id: &str, kind: &str, day: &str, name: &str) {
        self.put(
            "civil_events",
            "event_id,person_id,kind,date,act,surname,given,patronymic",
            &format!("GV-{id},{id},{kind},{day},06-{id},{name}"),
        );
    }

    fn claim(&mut self, line: &str) {
        self.put(
            "claims",
            "claim_id,kind,pin,filed,target_precinct,field,value,identified",
            line,
        );
    }

    fn commission(&mut self, line: &str) {
        self.put(
            "commission",
            "row_id,pin,surname,given,patronymic,birth_date,address,precinct",
            line,
        );
    }
}

pub const SURNAMES: [&str; 5] = ["Асанов", "Үсөнов", "Бекназаров", "Өмүралиев", "Жээнбеков"];
const GIVEN: [&str; 4] = ["Бакыт", "Нурлан", "Эрмек", "Төлөгөн"];

/// Writes the folder.
pub fn write(dir: &Path) {
    let mut t = Tables::default();
    for house in 1..=60 {
        t.put(
            "addresses",
            "address_id,soate,street_id,street_name,house,lon,lat",
            &format!(
                "GA{house},41711000000010,GS1,Манас көчөсү,{house},74.59{house:02},42.87{house:02}"
            ),
        );
    }
    t.put(
        "addresses",
        "",
        "GA99,41711000000010,GS9,Четки көчө,1,74.0001,42.0001",
    );
    let precinct = |number: u16, kind: &str| {
        format!(
            "{number},{kind},bishkek,41711000000010,\"Манас көчөсү, {number}\",\"ул. Манаса, {number}\",74.5950,42.8750"
        )
    };
    let header = "precinct,kind,region,soate,address_ky,address_ru,lon,lat";
    t.put("precincts", header, &precinct(1001, "territorial"));
    t.put("precincts", header, &precinct(1002, "additional"));
    t.put(
        "boundaries",
        "precinct,geojson,street_id,parity,house_from,house_to",
        "1001,,GS1,all,1,998",
    );
    for n in 0..VOTERS {
        voter(&mut t, n);
    }
    for (id, pin, sex, born, citizenship) in SPECIAL {
        let name = ("Айрыбаев", id, "");
        t.person(id, pin, name, (sex, born, citizenship));
        match id {
            "homeless" => t.put("residences", "", "homeless,GA99,residence,2010-01-01,"),
            "abroad" => {}
            _ => t.home(id, 7),
        }
        match id {
            "bare" => {}
            "waiting" => t.enrolled(id, "", "chui"),
            "abroad" => t.enrolled(id, "2014-12-20", "mfa_abroad"),
            _ => t.enrolled(id, "2014-12-20", "chui"),
        }
    }
    t.event("dead", "death", "2015-02-01", ",,");
    t.event("court", "court", "2015-03-01", ",,");
    t.event("g3", "name_change", "2014-06-07", "Жаңыбаев,Нурлан,");
    claims(&mut t);
    for (name, text) in &t.0 {
        std::fs::write(dir.join(format!("{name}.csv")), text).expect("a table is written");
    }
}

fn voter(t: &mut Tables, n: usize) {
    let id = row(n);
    let surname = SURNAMES[n % SURNAMES.len()];
    let given = GIVEN[n % GIVEN.len()];
    let born = format!("{}-01-09", 1950 + n % 40);
    t.person(
        &id,
        &pin(n),
        (surname, given, "Маратович"),
        ("M", &born, "KGZ"),
    );
    t.put(
        "documents",
        "number,person_id,issued,expires,status",
        &format!("{},{id},2012-03-02,2022-03-01,valid", document(n)),
    );
    t.home(&id, 1 + n % 60);
    t.enrolled(&id, "2014-12-20", "bishkek");
    // Cells that a spreadsheet must not run, a moved voter, a wrong precinct, a slip in the PIN.
    let row = format!("GC{n:07}");
    let address = format!("\"Манас көчөсү, {}\"", 1 + n % 60);
    match n {
        5 => t.commission(&format!(
            "{row},{},\"=1+1\",{given},,{born},{address},1001",
            pin(n)
        )),
        6..=70 => t.commission(&format!(
            "{row},{},{surname},{given},Маратович,{born},\"Башка көчө, 3\",1001",
            pin(n)
        )),
        71..=75 => t.commission(&format!(
            "{row},{},{surname},{given},Маратович,{born},{address},1002",
            pin(n)
        )),
        76..=100 => t.commission(&format!(
            "{row},{},{surname},{given},Маратович,{born},{address},1001",
            pin(n)
        )),
        _ => {}
    }
}

fn claims(t: &mut Tables) {
    let pin = |n| pin(n);
    for (id, day) in [("GQ1001", "01"), ("GQ1002", "05"), ("GQ1003", "09")] {
        t.claim(&format!(
            "{id},form2,{},2015-09-{day}T10:00:00+06:00,1002,,any,1",
            pin(10)
        ));
    }
    t.claim(&format!(
        "GQ2001,form2,{},2015-09-25T10:00:00+06:00,1002,,any,1",
        pin(11)
    ));
    t.claim(&format!(
        "GQ2002,form2,{},2015-09-06T10:00:00+06:00,1002,,any,0",
        pin(12)
    ));
    t.claim(&format!(
        "GQ3001,correction,{},2015-09-06T11:00:00+06:00,,given,Нурболот,1",
        pin(13)
    ));
    t.claim(&format!(
        "GQ4001,exclusion,{},2015-09-07T11:00:00+06:00,,,,1",
        pin(14)
    ));
    t.claim("GQ4002,inclusion,11502195391005,2015-09-07T12:00:00+06:00,,,,1");
    for n in 0..60 {
        t.claim(&format!(
            "GQ5{n:03},correction,{},2015-09-10T08:{:02}:00+06:00,,patronymic,Асанович,1",
            pin(20 + n),
            n
        ));
    }
}

/// The columns of the commission's list.
pub const LIST_HEAD: &str = "row_id,pin,surname,given,patronymic,birth_date,address,precinct\n";

/// The story's list: 20 voters as they are, one known by name and birth date only, one whose birth date differs, three
/// strangers, a row with a field too few, a row twice.
pub fn uploaded_list() -> String {
    let mut text = LIST_HEAD.to_owned();
    let surnames = ["Асанов", "Үсөнов", "Бекназаров", "Өмүралиев", "Жээнбеков"];
    let given = ["Бакыт", "Нурлан", "Эрмек", "Төлөгөн"];
    for n in 40..60 {
        let (surname, given) = (surnames[n % 5], given[n % 4]);
        let year = 1950 + n % 40;
        writeln!(
            text,
            "U{n},{},{surname},{given},Маратович,{year}-01-09,\"Манас көчөсү, {}\",1001",
            pin(n),
            1 + n % 60
        )
        .expect("a String takes every byte");
    }
    // Voter 62 without a PIN, voter 63 with another birth date.
    text.push_str("U62,,Бекназаров,Эрмек,Маратович,1972-01-09,\"Манас көчөсү, 3\",1001\n");
    writeln!(
        text,
        "U63,{},Өмүралиев,Төлөгөн,Маратович,1973-01-19,\"Манас көчөсү, 4\",1001",
        pin(63)
    )
    .expect("a String takes every byte");
    // Nobody fits; the house is there, the house is not there, the street is not there.
    for (id, address) in [
        ("X1", "Манас көчөсү, 5"),
        ("X2", "Манас көчөсү, 977"),
        ("X3", "Жок көчө, 3"),
    ] {
        writeln!(
            text,
            "{id},21502196091999,Бөтөнов,Бөтөн,,1960-02-15,\"{address}\",1001"
        )
        .expect("a String takes every byte");
    }
    text.push_str("U70,too,few\n");
    text.push_str("U40,,Дагы,Бир,,1960-01-01,,\n");
    text
}
