//! The tables of `docs/import.md` and the truth beside them.

use std::fs;
use std::path::{Path, PathBuf};

use crate::calendar::{Day, ELECTION_DAY};
use crate::claims::Ask;
use crate::data::DATA;
use crate::dice::{Dice, Lane};
use crate::land::ABROAD;
use crate::outline::degrees;
use crate::person::{NONE, Person, flag};
use crate::table::{self, Line};
use crate::{Country, RecordNo};

mod images;
mod territory;
mod truth;

/// Why a country could not be written. Files before the named one are complete.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The file system refused.
    #[error("cannot write {}: {source}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The Parquet writer refused.
    #[error("cannot write {}: {source}", path.display())]
    Parquet {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: parquet::errors::ParquetError,
    },
}

/// Rows written, by table, in the order of writing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Name of the table and its rows.
    pub tables: Vec<(String, u64)>,
}

type RowMaker<'a> = &'a (dyn Fn(usize, &mut Line<'_>) + Sync);

impl Country {
    /// Writes all tables below `dir` (made when absent; files there are replaced).
    ///
    /// # Errors
    /// [`WriteError`] names the file.
    pub fn write(&self, dir: &Path) -> Result<Written, WriteError> {
        self.write_with(dir, &mut |_, _| {})
    }

    /// [`Country::write`], telling each table's name and rows when it is done.
    ///
    /// # Errors
    /// [`WriteError`] names the file.
    pub fn write_with(
        &self,
        dir: &Path,
        done: &mut dyn FnMut(&str, u64),
    ) -> Result<Written, WriteError> {
        let truth = dir.join("truth");
        fs::create_dir_all(&truth).map_err(|source| WriteError::File {
            path: truth,
            source,
        })?;
        let mut written = Written::default();
        let mut table = |name: &str, header: &str, items: usize, row: RowMaker<'_>| {
            let path = dir.join(format!("{name}.csv"));
            let rows =
                table::write(&path, header, items, row).map_err(|source| WriteError::File {
                    path: path.clone(),
                    source,
                })?;
            done(name, rows);
            written.tables.push((name.to_owned(), rows));
            Ok(())
        };
        let records = self.records.persons.len();
        let houses = self.land.houses.len();
        table("persons", PERSONS, records, &|i, l| {
            self.person_row(i as u32, l)
        })?;
        table("documents", DOCUMENTS, records, &|i, l| {
            self.document_rows(i as u32, l)
        })?;
        table("addresses", ADDRESSES, houses, &|i, l| {
            self.address_row(i as u32, l)
        })?;
        table("residences", RESIDENCES, records, &|i, l| {
            self.residence_rows(i as u32, l)
        })?;
        table("civil_events", CIVIL_EVENTS, records, &|i, l| {
            self.event_rows(i as u32, l)
        })?;
        table("enrolments", ENROLMENTS, records, &|i, l| {
            self.enrolment_row(i as u32, l)
        })?;
        table("claims", CLAIMS, self.claims.len(), &|i, l| {
            self.claim_row(i, l)
        })?;
        self.write_territory(&mut table)?;
        self.write_commission(&mut table)?;
        self.write_images(dir, &mut written, done)?;
        Ok(written)
    }

    fn person_row(&self, record: u32, line: &mut Line<'_>) {
        let person = self.person(RecordNo(record));
        let mut dice = Dice::new(
            self.params.seed,
            Lane::Document,
            1 << 40 | u64::from(record),
        );
        let first = match person.former {
            NONE => person.name,
            former => self.records.former[former as usize].name,
        };
        let name = first.text();
        let citizenship = if person.has(flag::NOT_CITIZEN) {
            *dice.one(&["RUS", "UZB", "TJK", "KAZ", "CHN", "TUR"])
        } else {
            "KGZ"
        };
        let recorded = Day::of(2003, 6, 1)
            .plus(dice.between(0, 1500))
            .max(person.birth.plus(dice.between(3, 40)));
        line.put(&self.row_id(RecordNo(record)))
            .put(&self.pin(RecordNo(record)))
            .put(&name.surname)
            .put(&name.given)
            .put(&name.patronymic)
            .put(if person.name.female { "F" } else { "M" })
            .put(&person.birth.text())
            .put(citizenship)
            .put(&moment(
                i64::from(recorded.0) * 1440 + i64::from(dice.between(540, 1020)),
            ))
            .end();
    }

    /// Passports of those over 16: `AN`, some lost and replaced, some invalid; foreign passports.
    fn document_rows(&self, record: u32, line: &mut Line<'_>) {
        let person = self.person(RecordNo(record));
        let mut dice = Dice::new(self.params.seed, Lane::Document, u64::from(record));
        let Some((from, until)) = passport_span(person) else {
            return;
        };
        let mut put = |number: String, issued: Day, status: &str| {
            line.put(&number)
                .put(&self.row_id(RecordNo(record)))
                .put(&issued.text())
                .put(&issued.plus(3652).text())
                .put(status)
                .end();
        };
        let issued = Day(dice.between(from.0.max(until.0 - 3500), until.0));
        let count = u64::from(self.record_count());
        if dice.chance(0.06) && count < 4_900_000 && issued.0 - from.0 > 40 {
            let status = if dice.chance(0.6) { "lost" } else { "invalid" };
            put(
                serial("AN", count + u64::from(record)),
                Day(dice.between(from.0, issued.0 - 20)),
                status,
            );
        }
        let status = if dice.chance(0.012) {
            "invalid"
        } else {
            "valid"
        };
        put(serial("AN", u64::from(record)), issued, status);
        if dice.chance(if person.has(flag::ABROAD) { 0.7 } else { 0.05 }) {
            put(
                serial("AC", u64::from(record)),
                Day(dice.between(from.0, until.0)),
                "valid",
            );
        }
    }

    /// The number of the current passport in `documents`, valid or not; `None` when there is none.
    #[must_use]
    pub fn passport(&self, record: RecordNo) -> Option<String> {
        passport_span(self.person(record)).map(|_| serial("AN", u64::from(record.0)))
    }

    fn address_row(&self, house: u32, line: &mut Line<'_>) {
        let h = &self.land.houses[house as usize];
        let settlement = self.land.settlement_of(house);
        line.put(&address_id(house))
            .put(&DATA.places[settlement.place].soate.to_string())
            .put(&street_id(h.street))
            .put(&crate::address::street_ky(&self.land, h.street))
            .put(&h.number_text())
            .put(&degrees(i64::from(h.x)))
            .put(&degrees(i64::from(h.y)))
            .end();
    }

    fn residence_rows(&self, record: u32, line: &mut Line<'_>) {
        let person = self.person(RecordNo(record));
        if person.has(flag::NO_ADDRESS) {
            return;
        }
        let mut dice = Dice::new(
            self.params.seed,
            Lane::Residence,
            2 << 40 | u64::from(record),
        );
        let id = self.row_id(RecordNo(record));
        let mut put = |house: u32, kind: &str, from: Day, until: Day| {
            line.put(&id)
                .put(&address_id(house))
                .put(kind)
                .put(&from.text())
                .put(&until.text())
                .end();
        };
        let limit = if person.moved.is_some() {
            person.moved
        } else {
            ELECTION_DAY
        }
        .min(if person.left.is_some() {
            person.left
        } else {
            ELECTION_DAY
        });
        let from = person
            .birth
            .plus(25)
            .max(Day::of(1997, 1, 1).plus(dice.between(0, 3000)));
        let from = from.min(limit.plus(-31)).max(person.birth.plus(1));
        if person.past_house == NONE {
            put(person.house, "residence", from, person.left);
        } else {
            put(person.past_house, "residence", from, person.moved);
            put(person.house, "residence", person.moved, person.left);
        }
        if person.has(flag::STAY) {
            let house = dice.below(self.land.houses.len() as u32);
            let since = Day(ELECTION_DAY.0 - dice.between(30, 300));
            let until = if dice.chance(0.3) {
                since.plus(dice.between(10, 29))
            } else {
                Day::NONE
            };
            put(house, "stay", since, until);
        }
    }

    fn event_rows(&self, record: u32, line: &mut Line<'_>) {
        let person = self.person(RecordNo(record));
        let mut dice = Dice::new(self.params.seed, Lane::Event, u64::from(record));
        let mut put = |kind: &str, on: Day, name: Option<crate::Name>| {
            let (year, _, _) = on.civil();
            let office = self.land.settlement_of(person.house).region;
            let event = format!("V{:08}{}", record + 1, &kind[..1]);
            let act = format!(
                "{:02}-{year}-{:05}",
                DATA.regions[usize::from(office)].oblast,
                dice.below(100_000)
            );
            let name = name.unwrap_or_default();
            line.put(&event)
                .put(&self.row_id(RecordNo(record)))
                .put(kind)
                .put(&on.text())
                .put(&act)
                .put(&name.surname)
                .put(&name.given)
                .put(&name.patronymic)
                .end();
        };
        if person.former != NONE {
            let on = self.records.former[person.former as usize].until;
            put("name_change", on, Some(person.name.text()));
        }
        let recent = |lane: u64| {
            let mut dice = Dice::new(
                self.params.seed,
                Lane::Event,
                lane << 40 | u64::from(record),
            );
            Day(ELECTION_DAY.0 - dice.between(40, 5 * 365))
        };
        if person.has(flag::LOST_CITIZENSHIP) {
            put("citizenship_loss", recent(1), None);
        }
        if person.has(flag::COURT) {
            put("court", recent(2), None);
        }
        if person.death.is_some() {
            put("death", person.death, None);
        }
    }

    fn enrolment_row(&self, record: u32, line: &mut Line<'_>) {
        let person = self.person(RecordNo(record));
        if !person.captured.is_some() {
            return;
        }
        let mut dice = Dice::new(
            self.params.seed,
            Lane::Enrolment,
            1 << 40 | u64::from(record),
        );
        let region = &DATA.regions[usize::from(person.enrol_region)];
        // 900 kits and 1,750 operators served the campaign; small countries have fewer.
        let scale = (self.params.persons as f64 / 6_000_000.0).min(1.0) * 900.0 / 5_801.0;
        let kits = (region.kits * scale).ceil().max(1.0) as u32;
        let kit = dice.below(kits) + 1;
        let operator = kit * 2 - dice.below(2);
        let letters = if person.enrol_region == ABROAD {
            "MFA"
        } else {
            region.code
        };
        line.put(&enrolment_id(record))
            .put(&self.row_id(RecordNo(record)))
            .put(&person.captured.text())
            .put(&person.processed.text())
            .put(region.code)
            .put(&format!("{letters}-{kit:03}"))
            .put(&format!("{letters}-op-{operator:03}"))
            .end();
    }

    fn claim_row(&self, index: usize, line: &mut Line<'_>) {
        let claim = &self.claims[index];
        let pin = if claim.record == NONE {
            // A PIN nobody holds.
            format!("2010119{:02}99{:03}", 60 + index % 30, index % 1000)
        } else {
            self.pin(RecordNo(claim.record))
        };
        let (kind, target, field, value) = match &claim.ask {
            Ask::Form2(target, category) => ("form2", target.to_string(), "", category.code()),
            Ask::TakeBack => ("form2", String::new(), "", "cancel"),
            Ask::Correction(field, value) => ("correction", String::new(), *field, value.as_str()),
            Ask::Inclusion => ("inclusion", String::new(), "", ""),
            Ask::Exclusion => ("exclusion", String::new(), "", ""),
        };
        line.put(&claim_id(index))
            .put(kind)
            .put(&pin)
            .put(&moment(claim.filed))
            .put(&target)
            .put(field)
            .put(value)
            .put(if claim.identified { "1" } else { "0" })
            .end();
    }

    /// Whether the record has an enrolment.
    #[must_use]
    pub fn is_enrolled(&self, record: RecordNo) -> bool {
        self.person(record).captured.is_some()
    }

    /// The `enrolment_id` of a record, enrolled or not.
    #[must_use]
    pub fn enrolment_id(&self, record: RecordNo) -> String {
        enrolment_id(record.0)
    }

    pub(crate) fn person_of(&self, record: u32) -> &Person {
        &self.records.persons[record as usize]
    }
}

const PERSONS: &str =
    "person_id,pin,surname,given,patronymic,sex,birth_date,citizenship,recorded_at";
const DOCUMENTS: &str = "number,person_id,issued,expires,status";
const ADDRESSES: &str = "address_id,soate,street_id,street_name,house,lon,lat";
const RESIDENCES: &str = "person_id,address_id,kind,from,until";
const CIVIL_EVENTS: &str = "event_id,person_id,kind,date,act,surname,given,patronymic";
const ENROLMENTS: &str = "enrolment_id,person_id,captured,processed,region,kit,operator";
const CLAIMS: &str = "claim_id,kind,pin,filed,target_precinct,field,value,identified";

fn address_id(house: u32) -> String {
    format!("A{:07}", house + 1)
}

fn street_id(street: u32) -> String {
    format!("S{:06}", street + 1)
}

fn enrolment_id(record: u32) -> String {
    format!("E{:08}", record + 1)
}

pub(crate) fn claim_id(index: usize) -> String {
    format!("Q{:07}", index + 1)
}

/// When passports of a person may have been issued; `None` for those who get none.
fn passport_span(person: &Person) -> Option<(Day, Day)> {
    if person.age() < 16 && person.alive() || person.has(flag::NOT_CITIZEN) {
        return None;
    }
    let until = if person.death.is_some() {
        person.death
    } else {
        ELECTION_DAY
    }
    .plus(-5);
    let from = person.birth.plus(16 * 365 + 10).max(Day::of(2004, 6, 1));
    (from < until).then_some((from, until))
}

/// Two letters and seven digits that do not count up; distinct below ten million.
fn serial(letters: &str, index: u64) -> String {
    format!(
        "{letters}{:07}",
        (index * 7_368_787 + 1_234_567) % 10_000_000
    )
}

/// Local minutes since 1970-01-01 as a moment of Bishkek time.
fn moment(minutes: i64) -> String {
    let day = Day(minutes.div_euclid(1440) as i32);
    let minute = minutes.rem_euclid(1440);
    format!(
        "{}T{:02}:{:02}:00+06:00",
        day.text(),
        minute / 60,
        minute % 60
    )
}
