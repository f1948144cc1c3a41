//! The electoral commission's own list, with the errors the report names, and the truth about each row.
//!
//! What a class means is fixed in `docs/reconciliation-classes.md`. The classes of a row are not
//! remembered from the planting: they are read off the finished row and the register.

use lexicon::ReconciliationClass as Class;
use rayon::prelude::*;

use crate::address::{Slip, as_written};
use crate::calendar::{Day, ELECTION_DAY};
use crate::data::{DATA, Group};
use crate::dice::{Dice, Lane, choose, mix};
use crate::land::Land;
use crate::names::{Name, NameKey, SurnameForm, draw_given, draw_surname, same_cleaned};
use crate::person::{NONE, Person, Records, flag, quota};
use crate::precinct::Precinct;
use crate::spelling::{
    PinSlip, mistyped, mistyped_pin, respelled, romanised_name, ruined, with_look_alikes,
};

/// How the row writes the name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum NameSlip {
    None,
    Former,
    OtherSpelling,
    Letter,
    Romanised,
    OtherForm,
    Swapped,
}

/// How the row writes the PIN.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum PinState {
    Right,
    Slip(PinSlip),
    LeftOut,
    OfRelative(u32),
}

/// What the row means, and whether it can be read at all.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum About {
    Record(u32),
    /// Somebody never registered.
    Invented,
    /// A record's row, ruined.
    Ruined(u32),
}

/// A row before it is written out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    about: About,
    name: NameSlip,
    pin: PinState,
    birth_slip: bool,
    /// The house the row names, or [`NONE`] for no address.
    house: u32,
    /// The precinct the row names; 0 for none.
    precinct: u16,
    duplicate: bool,
    /// Which number its chance streams have.
    lot: u32,
}

/// A row as written.
#[derive(Clone, Debug, Default)]
pub(crate) struct RowText {
    pub pin: String,
    pub name: Name,
    pub birth_date: String,
    pub address: String,
    pub precinct: String,
    /// How the address is written, and whether the register holds the house.
    pub slips: Vec<Slip>,
}

/// The list in its order, with what it takes to write it.
pub(crate) struct CommissionList {
    seed: u64,
    pub rows: Vec<Row>,
    /// `(birth, given)` of every record, sorted: whom an invented person must not be.
    taken: Vec<(i32, u16)>,
}

/// Rows of 2015 and persons of the reference country.
const ROWS: f64 = 2_633_420.0;
const PERSONS: f64 = 6_000_000.0;
/// 909,718 of the 2,761,297 on the final list had never been on the commission's.
const NEW_SHARE: f64 = 909_718.0 / 2_761_297.0;

struct Maker<'a> {
    seed: u64,
    land: &'a Land,
    records: &'a Records,
    precincts: &'a [Precinct],
    rows: Vec<Row>,
}

impl CommissionList {
    pub(crate) fn build(
        seed: u64,
        land: &Land,
        records: &Records,
        precincts: &[Precinct],
    ) -> CommissionList {
        let mut maker = Maker {
            seed,
            land,
            records,
            precincts,
            rows: Vec::new(),
        };
        let wanted = (records.persons.len() as f64 * ROWS / PERSONS).round() as usize;
        maker.base(wanted);
        maker.plant(wanted);
        let mut rows = maker.rows;
        rows.par_sort_by_key(|r| (r.precinct, mix(seed ^ u64::from(r.lot)), r.lot));
        let mut taken: Vec<(i32, u16)> = records
            .persons
            .iter()
            .map(|p| (p.birth.0, p.name.given))
            .collect();
        taken.par_sort_unstable();
        CommissionList { seed, rows, taken }
    }
}

impl Maker<'_> {
    fn person(&self, record: u32) -> &Person {
        &self.records.persons[record as usize]
    }

    fn precinct_of(&self, house: u32) -> u16 {
        if house == NONE {
            return 0;
        }
        self.precincts[usize::from(self.land.houses[house as usize].precinct)]
            .code
            .number()
    }

    /// A row that agrees with the register.
    fn add(&mut self, record: u32) {
        let person = self.person(record);
        let house = if person.has(flag::NO_ADDRESS) {
            NONE
        } else {
            person.house
        };
        let row = Row {
            about: About::Record(record),
            name: NameSlip::None,
            pin: if person.pin == 0 {
                PinState::LeftOut
            } else {
                PinState::Right
            },
            birth_slip: false,
            house,
            precinct: self.precinct_of(house),
            duplicate: false,
            lot: self.rows.len() as u32,
        };
        self.rows.push(row);
    }

    /// Whom the list holds, before slips.
    fn base(&mut self, wanted: usize) {
        let records = self.records;
        let second = flag::FIRST | flag::SECOND;
        let listed =
            records.records_where(|p| p.may_vote() && p.processed_in_time() && !p.has(second));
        let known = (listed.len() as f64 * (1.0 - NEW_SHARE)).round() as usize;
        let shared = records.records_where(|p| p.has(flag::SHARED));
        let mut base = choose(self.seed, 10, &listed, known);
        base.extend(choose(self.seed, 11, &shared, shared.len() * 9 / 10));
        for &(first, other) in &records.doubles {
            let lot = mix(self.seed ^ u64::from(first)) % 10;
            base.extend((lot < 7).then_some(first));
            base.extend((lot > 3).then_some(other));
        }
        let dead =
            records.records_where(|p| !p.alive() && p.citizen() && p.birth < Day::of(1994, 1, 1));
        base.extend(choose(
            self.seed,
            12,
            &dead,
            quota(wanted, 6_245.0 / ROWS, 20),
        ));
        let young =
            records.records_where(|p| p.alive() && p.citizen() && (15..18).contains(&p.age()));
        base.extend(choose(self.seed, 13, &young, quota(wanted, 0.0006, 18)));
        let foreign =
            records.records_where(|p| p.alive() && !p.citizen() && p.age() >= 18 && p.pin != 0);
        base.extend(choose(self.seed, 14, &foreign, quota(wanted, 0.0012, 18)));
        base.sort_unstable();
        base.dedup();
        let others =
            records.records_where(|p| p.may_vote() && !p.processed_in_time() && !p.has(second));
        base.extend(choose(
            self.seed,
            15,
            &others,
            wanted.saturating_sub(base.len()),
        ));
        base.sort_unstable();
        base.dedup();
        for record in base {
            self.add(record);
        }
    }

    /// Rows of living citizens of age: the ones slips are planted in.
    fn clean_rows(&self, also: impl Fn(&Row, &Person) -> bool) -> Vec<u32> {
        (0..self.rows.len() as u32)
            .filter(|&i| {
                let row = &self.rows[i as usize];
                match row.about {
                    About::Record(r) => {
                        let p = self.person(r);
                        p.alive() && p.citizen() && p.age() >= 18 && also(row, p)
                    }
                    About::Invented | About::Ruined(_) => false,
                }
            })
            .collect()
    }

    fn pick(
        &self,
        salt: u64,
        rate: f64,
        least: usize,
        also: impl Fn(&Row, &Person) -> bool,
    ) -> Vec<u32> {
        let rows = self.clean_rows(also);
        choose(self.seed, salt, &rows, quota(self.rows.len(), rate, least))
    }

    fn plant(&mut self, wanted: usize) {
        self.move_back();
        self.misname();
        self.mistype_pins();
        self.misplace();
        for row in self.pick(27, 0.005, 10, |r, _| {
            r.pin == PinState::Right && r.name == NameSlip::None
        }) {
            self.rows[row as usize].birth_slip = true;
        }
        for row in self.pick(28, 0.03, 5, |_, _| true) {
            self.rows[row as usize].house = NONE;
        }
        self.duplicate();
        let ruined = choose(
            self.seed,
            30,
            &self.clean_rows(|r, _| !r.duplicate),
            quota(wanted, 0.001, 18),
        );
        for row in ruined {
            let row = &mut self.rows[row as usize];
            if let About::Record(record) = row.about {
                row.about = About::Ruined(record);
            }
        }
        for n in 0..quota(wanted, 0.006, 24) {
            let mut dice = Dice::new(self.seed, Lane::Commission, n as u64);
            let house = dice.below(self.land.houses.len() as u32);
            self.rows.push(Row {
                about: About::Invented,
                name: NameSlip::None,
                pin: PinState::Right,
                birth_slip: false,
                house,
                precinct: self.precinct_of(house),
                duplicate: false,
                lot: self.rows.len() as u32,
            });
        }
    }

    /// Rows written from a former residence.
    fn move_back(&mut self) {
        for row in self.pick(20, 0.06, 18, |_, p| {
            p.past_house != NONE && p.moved > Day::of(2010, 1, 1)
        }) {
            if let About::Record(record) = self.rows[row as usize].about {
                let past = self.person(record).past_house;
                let precinct = self.precinct_of(past);
                let row = &mut self.rows[row as usize];
                (row.house, row.precinct) = (past, precinct);
            }
        }
    }

    fn misname(&mut self) {
        let free = |r: &Row, _: &Person| r.name == NameSlip::None;
        let kinds: [(u64, f64, NameSlip); 6] = [
            (21, 0.01, NameSlip::Former),
            (22, 0.05, NameSlip::OtherSpelling),
            (23, 0.012, NameSlip::Letter),
            (24, 0.005, NameSlip::Romanised),
            (25, 0.004, NameSlip::OtherForm),
            (26, 0.001, NameSlip::Swapped),
        ];
        for (salt, rate, slip) in kinds {
            let fits = |r: &Row, p: &Person| {
                free(r, p)
                    && match slip {
                        NameSlip::Former => p.former != NONE,
                        NameSlip::OtherForm => {
                            DATA.given[usize::from(p.name.given)].group == Group::Kyrgyz
                        }
                        NameSlip::None
                        | NameSlip::OtherSpelling
                        | NameSlip::Letter
                        | NameSlip::Romanised
                        | NameSlip::Swapped => true,
                    }
            };
            for row in self.pick(salt, rate, 4, fits) {
                self.rows[row as usize].name = slip;
            }
        }
    }

    /// Wrong PINs, only where the name still tells who is meant.
    fn mistype_pins(&mut self) {
        let mild = |r: &Row, p: &Person| {
            matches!(r.name, NameSlip::None | NameSlip::OtherSpelling)
                && r.pin == PinState::Right
                && !p.has(flag::SHARED | flag::FIRST | flag::SECOND)
        };
        let kinds: [(u64, f64, PinState); 6] = [
            (31, 0.006, PinState::Slip(PinSlip::Digit)),
            (32, 0.002, PinState::Slip(PinSlip::Swapped)),
            (33, 0.001, PinState::Slip(PinSlip::Lost)),
            (34, 0.001, PinState::Slip(PinSlip::Doubled)),
            (35, 0.008, PinState::LeftOut),
            (36, 0.0005, PinState::OfRelative(NONE)),
        ];
        for (salt, rate, state) in kinds {
            for row in self.pick(salt, rate, 3, mild) {
                let About::Record(record) = self.rows[row as usize].about else {
                    continue;
                };
                self.rows[row as usize].pin = match state {
                    PinState::OfRelative(_) => match self.relative(record) {
                        Some(relative) => PinState::OfRelative(relative),
                        None => continue,
                    },
                    PinState::Right | PinState::Slip(_) | PinState::LeftOut => state,
                };
            }
        }
    }

    /// Someone of the same house with another birth date and given name.
    fn relative(&self, record: u32) -> Option<u32> {
        let me = self.person(record);
        let near = record.saturating_sub(6)..(record + 7).min(self.records.persons.len() as u32);
        near.into_iter().find(|&r| {
            let p = self.person(r);
            let plain = p.flags & !(flag::STAY | flag::ABROAD) == 0 && p.pin != 0;
            plain && p.house == me.house && p.birth != me.birth && p.name.given != me.name.given
        })
    }

    /// Wrong precinct (7 % by the report) and none at all (6,147 rows, half of them for want of an
    /// address).
    fn misplace(&mut self) {
        let at_home = |r: &Row, p: &Person| p.home() != NONE && r.house == p.house;
        if self.precincts.iter().filter(|p| p.has_land()).count() > 1 {
            for row in self.pick(40, 0.07, 18, at_home) {
                let right = self.rows[row as usize].precinct;
                let mut dice = Dice::new(self.seed, Lane::Commission, 1 << 40 | u64::from(row));
                self.rows[row as usize].precinct = self.other_precinct(right, &mut dice);
            }
        }
        for row in self.pick(41, 3_000.0 / ROWS, 18, |r, p| {
            at_home(r, p) && r.precinct == self.precinct_of(p.house)
        }) {
            self.rows[row as usize].precinct = 0;
        }
    }

    /// A neighbour by number in the region when there is one, else any precinct with land.
    fn other_precinct(&self, right: u16, dice: &mut Dice) -> u16 {
        let lands: Vec<u16> = self
            .precincts
            .iter()
            .filter(|p| p.has_land())
            .map(|p| p.code.number())
            .collect();
        let near: Vec<u16> = lands
            .iter()
            .copied()
            .filter(|&c| c != right && c.abs_diff(right) <= 4)
            .collect();
        let far: Vec<u16> = lands.into_iter().filter(|&c| c != right).collect();
        if near.is_empty() {
            *dice.one(&far)
        } else {
            *dice.one(&near)
        }
    }

    /// People entered twice, the second time with slips of its own.
    fn duplicate(&mut self) {
        for row in self.pick(29, 0.009, 14, |_, p| !p.has(flag::FIRST | flag::SECOND)) {
            let mut dice = Dice::new(self.seed, Lane::Commission, 2 << 40 | u64::from(row));
            let mut again = self.rows[row as usize];
            again.lot = self.rows.len() as u32;
            let About::Record(record) = again.about else {
                continue;
            };
            let p = *self.person(record);
            if p.past_house != NONE && dice.chance(0.5) {
                (again.house, again.precinct) = (p.past_house, self.precinct_of(p.past_house));
            }
            if again.pin == PinState::Right && again.name == NameSlip::None {
                match dice.below(5) {
                    0 => again.name = NameSlip::OtherSpelling,
                    1 => again.name = NameSlip::Letter,
                    2 if p.pin != 0 && !p.has(flag::SHARED) => again.pin = PinState::LeftOut,
                    _ => {}
                }
            }
            again.duplicate = true;
            self.rows[row as usize].duplicate = true;
            self.rows.push(again);
        }
    }
}

impl Row {
    /// The house the row names, whether or not the register holds what is written; [`NONE`] for no address.
    pub(crate) fn house(&self) -> u32 {
        self.house
    }
}

impl CommissionList {
    /// The record a row means, for the truth file.
    pub(crate) fn record(&self, row: &Row) -> Option<u32> {
        match row.about {
            About::Record(record) => Some(record),
            About::Invented | About::Ruined(_) => None,
        }
    }

    /// Humans that some row means, as a bit per record (the first record stands for both).
    pub(crate) fn meant(&self, records: &Records) -> Vec<u8> {
        let mut meant = vec![0u8; records.persons.len()];
        for record in self.rows.iter().filter_map(|r| self.record(r)) {
            let human = records.human(record) as usize;
            meant[human] = meant[human].saturating_add(1);
        }
        meant
    }

    /// Writes a row, and its classes as read off the text.
    pub(crate) fn write(
        &self,
        row: &Row,
        land: &Land,
        records: &Records,
        precincts: &[Precinct],
        meant: &[u8],
    ) -> (RowText, Vec<Class>) {
        let mut dice = Dice::new(self.seed, Lane::CommissionText, u64::from(row.lot));
        let mut text = match row.about {
            About::Record(record) | About::Ruined(record) => {
                person_text(row, record, records, &mut dice)
            }
            About::Invented => self.invented(&mut dice),
        };
        text.precinct = precinct_text(row.precinct, precincts, &mut dice);
        if row.house != NONE {
            // Half of those nobody knows live in a house nobody knows either.
            let beyond = row.about == About::Invented && dice.chance(0.5);
            let written = as_written(land, row.house, beyond, &mut dice);
            (text.address, text.slips) = (written.text, written.slips);
        }
        let classes = match row.about {
            About::Invented => vec![Class::NotFound],
            About::Ruined(_) => {
                spoil(&mut text, &mut dice);
                vec![Class::Unreadable]
            }
            About::Record(record) => classify(row, &text, record, land, records, precincts, meant),
        };
        if matches!(row.about, About::Record(_)) && dice.chance(0.01) {
            text.name.surname = with_look_alikes(&text.name.surname, &mut dice);
        }
        (text, classes)
    }

    /// Somebody no record could be: no record has this birth date and given name together.
    fn invented(&self, dice: &mut Dice) -> RowText {
        let female = dice.chance(0.5);
        let (birth, given) = loop {
            let birth = Day(ELECTION_DAY.0 - dice.between(19 * 366, 80 * 365));
            let given = draw_given(dice, Group::Kyrgyz, female);
            if self.taken.binary_search(&(birth.0, given)).is_err() {
                break (birth, given);
            }
        };
        let key = NameKey {
            surname: draw_surname(dice, Group::Kyrgyz),
            form: SurnameForm::Ov,
            given,
            father: draw_given(dice, Group::Kyrgyz, false),
            female,
            spelling: dice.below(2) as u8,
        };
        let serial = 99_100 + dice.below(800);
        let sex = if female { 1 } else { 2 };
        RowText {
            pin: format!("{sex}{:08}{serial:05}", birth.pin_digits()),
            name: key.text(),
            birth_date: birth.text(),
            ..RowText::default()
        }
    }
}

fn person_text(row: &Row, record: u32, records: &Records, dice: &mut Dice) -> RowText {
    let person = &records.persons[record as usize];
    let pin = match row.pin {
        PinState::Right if person.pin != 0 => format!("{:014}", person.pin),
        PinState::Right | PinState::LeftOut => String::new(),
        PinState::Slip(slip) => mistyped_pin(person.pin, slip, dice),
        PinState::OfRelative(relative) => format!("{:014}", records.persons[relative as usize].pin),
    };
    let mut birth = person.birth;
    if row.birth_slip {
        birth = slipped_birth(birth, dice);
    }
    let birth_date = if dice.chance(0.5) {
        birth.text()
    } else {
        let (y, m, d) = birth.civil();
        format!("{d:02}.{m:02}.{y:04}")
    };
    RowText {
        pin,
        name: name_text(row.name, person, records, dice),
        birth_date,
        ..RowText::default()
    }
}

fn slipped_birth(birth: Day, dice: &mut Dice) -> Day {
    let (y, m, d) = birth.civil();
    match dice.below(3) {
        0 if d <= 12 && d != m => Day::of(y, d, m),
        1 => Day::of(y - 1 - dice.below(9) as i32, m, d.min(28)),
        _ => Day::of(y, m, if d > 14 { d - 10 } else { d + 10 }),
    }
}

fn name_text(slip: NameSlip, person: &Person, records: &Records, dice: &mut Dice) -> Name {
    let right = person.name.text();
    let wrong = match slip {
        NameSlip::None => return right,
        NameSlip::Former if person.former != NONE => {
            records.former[person.former as usize].name.text()
        }
        NameSlip::Former => return right,
        NameSlip::OtherSpelling => {
            let spelling = if person.name.spelling == 0 {
                1 + dice.below(2) as u8
            } else {
                0
            };
            let other = NameKey {
                spelling,
                ..person.name
            }
            .text();
            if same_cleaned(&other, &right) {
                Name {
                    surname: respelled(&right.surname, dice),
                    given: respelled(&right.given, dice),
                    patronymic: right.patronymic.clone(),
                }
            } else {
                other
            }
        }
        NameSlip::Letter => {
            let mut name = right.clone();
            match dice.below(3) {
                0 => name.given = mistyped(&name.given, dice),
                1 if !name.patronymic.is_empty() => {
                    name.patronymic = mistyped(&name.patronymic, dice)
                }
                _ => name.surname = mistyped(&name.surname, dice),
            }
            name
        }
        NameSlip::Romanised => romanised_name(&right, dice.chance(0.7)),
        NameSlip::OtherForm => {
            let form = match person.name.form {
                SurnameForm::Ov => SurnameForm::Uulu,
                SurnameForm::Uulu => SurnameForm::Ov,
            };
            NameKey {
                form,
                ..person.name
            }
            .text()
        }
        NameSlip::Swapped => Name {
            surname: right.given.clone(),
            given: right.surname.clone(),
            patronymic: right.patronymic.clone(),
        },
    };
    if !same_cleaned(&wrong, &right) {
        return wrong;
    }
    // Nothing of the name could be spelled otherwise: a slip of one letter then.
    Name {
        surname: mistyped(&right.surname, dice),
        ..right
    }
}

/// The precinct as written; 0 becomes nothing, zeros, or a number no precinct has.
fn precinct_text(number: u16, precincts: &[Precinct], dice: &mut Dice) -> String {
    if number != 0 {
        return format!("{number:04}");
    }
    match dice.below(10) {
        0..=5 => String::new(),
        6..=8 => "0000".to_owned(),
        _ => {
            let taken = |n: u16| precincts.iter().any(|p| p.code.number() == n);
            let free = (0..100).map(|i| 2_899 - i).find(|&n| !taken(n));
            free.map_or_else(String::new, |n| n.to_string())
        }
    }
}

/// Makes a row unreadable: no name that reads, no PIN that holds.
fn spoil(text: &mut RowText, dice: &mut Dice) {
    text.name = Name {
        surname: ruined(&text.name.surname, dice),
        given: ruined(&text.name.given, dice),
        patronymic: ruined(&text.name.patronymic, dice),
    };
    text.pin = match dice.below(3) {
        0 => String::new(),
        1 => text.pin.chars().take(4 + dice.below(6) as usize).collect(),
        _ => text
            .pin
            .chars()
            .map(|c| if dice.chance(0.6) { '?' } else { c })
            .collect(),
    };
    if text.pin.len() == 14 && text.pin.bytes().all(|b| b.is_ascii_digit()) {
        text.pin.clear();
    }
    if dice.chance(0.5) {
        text.birth_date = String::new();
    }
}

/// The classes of a row about a record: docs/reconciliation-classes.md, sentence by sentence.
fn classify(
    row: &Row,
    text: &RowText,
    record: u32,
    land: &Land,
    records: &Records,
    precincts: &[Precinct],
    meant: &[u8],
) -> Vec<Class> {
    let person = &records.persons[record as usize];
    let other = records
        .other_record(record)
        .map(|r| &records.persons[r as usize]);
    let pin_text = |p: &Person| format!("{:014}", p.pin);
    let mut classes = Vec::new();
    let at = |house: u32| {
        precincts[usize::from(land.houses[house as usize].precinct)]
            .code
            .number()
    };
    let home = person.home();
    let judged = person.alive() && person.citizen() && person.age() >= 18;
    let moved = judged
        && row.house != NONE
        && !person.has(flag::NO_ADDRESS)
        && (home == NONE || !crate::person::same_address(land, row.house, home));
    if moved {
        classes.push(Class::Moved);
    }
    if !same_cleaned(&text.name, &person.name.text()) {
        classes.push(Class::Renamed);
    }
    if person.pin != 0
        && text.pin != pin_text(person)
        && other.is_none_or(|o| text.pin != pin_text(o))
    {
        classes.push(Class::PinCorrected);
    }
    if meant[records.human(record) as usize] > 1 {
        classes.push(Class::Duplicate);
    }
    if !person.alive() {
        classes.push(Class::Dead);
    } else if person.citizen() && person.age() < 18 {
        classes.push(Class::UnderAge);
    } else if person.citizen()
        && !person.processed_in_time()
        && other.is_none_or(|o| !o.processed_in_time())
    {
        classes.push(Class::NoBiometrics);
    } else if !person.citizen() {
        classes.push(Class::NotCitizen);
    }
    if person.has(flag::SHARED) {
        classes.push(Class::SharedPin);
    }
    if other.is_some() {
        classes.push(Class::TwoPins);
    }
    if judged && row.precinct == 0 {
        classes.push(Class::NoPrecinct);
    } else if judged && !moved && home != NONE && at(home) != row.precinct {
        classes.push(Class::WrongPrecinct);
    }
    classes.sort();
    if classes.is_empty() {
        classes.push(Class::Same);
    }
    classes
}
