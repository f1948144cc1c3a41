//! Which person a row means.

use std::sync::OnceLock;

use lexicon::{Date, ElectionLaw};

use super::address::House;
use super::answered::Answered;
use super::human::Humans;
use super::row::{ParsedRow, one_slip_apart, pin_digits, readable, well_formed};
use super::spelling::{Agreement, Spellings};
use crate::claim::parse_date;
use crate::eligibility::Terms;
use crate::snapshot::{AddressAt, CommissionEntry, PersonAt, Snapshot};
use crate::words::Word;

/// Serials behind one sex and birth date in a PIN: its last five digits.
const PIN_SERIALS: u64 = 100_000;

/// How a row led to a person; the earlier, the surer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum FoundBy {
    /// By its PIN, and name or birth date agree (rule 2).
    Pin,
    /// By its PIN among several holders (rule 3).
    PinAmong,
    /// People were asked, and said that it is the same person.
    Review,
    /// By birth date, given name and something more (rule 4).
    Details,
    /// Nobody fits (rule 5).
    Nobody,
    /// Nothing to go by (rule 1).
    Unreadable,
}

impl FoundBy {
    /// The code in tables.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            FoundBy::Pin => "pin",
            FoundBy::PinAmong => "pin_among_holders",
            FoundBy::Review => "review",
            FoundBy::Details => "details",
            FoundBy::Nobody => "nobody",
            FoundBy::Unreadable => "unreadable",
        }
    }
}

/// The record that a row means, and how it was found.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    pub record: Option<PersonAt>,
    pub by: FoundBy,
}

/// How the three parts of a row's name agree with a record's.
#[derive(Clone, Copy, Debug)]
struct NameFit {
    surname: Agreement,
    given: Agreement,
    patronymic: Agreement,
}

impl NameFit {
    fn points(self) -> u32 {
        self.surname.points() + self.given.points() + self.patronymic.points()
    }

    /// The name as a whole agrees: two of its three parts do.
    fn agrees(self) -> bool {
        let parts = [self.surname, self.given, self.patronymic];
        parts.into_iter().filter(|part| part.holds()).count() >= 2
    }
}

/// The people whom a finder knows.
#[derive(Debug, Default)]
pub(super) struct Sought {
    /// Every holder of each number that is looked for.
    pub by_pin: Vec<(u64, PersonAt)>,
    /// Everybody of each birth date that is looked for.
    pub by_birth: Vec<(Date, PersonAt)>,
    /// Others whose names are compared.
    pub others: Vec<PersonAt>,
}

pub(super) struct Finder<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) humans: Humans,
    pub(super) answered: Answered,
    terms: Terms,
    spellings: Spellings,
    /// Cleaned names by the register's words.
    cleaned: Vec<Option<Word>>,
    by_pin: Vec<(u64, PersonAt)>,
    /// PINs without their serial, ascending, each with the place of its first holder in `by_pin`.
    stems: Vec<(u64, usize)>,
    /// PINs that several records hold, ascending.
    held_twice: Vec<u64>,
    by_birth: Vec<(Date, PersonAt)>,
    houses: Vec<OnceLock<Option<House>>>,
}

impl<'a> Finder<'a> {
    pub fn of(snapshot: &'a Snapshot, law: &ElectionLaw) -> Self {
        let everybody = Sought {
            by_pin: snapshot
                .people()
                .filter_map(|p| Some((snapshot.person(p).pin?.as_u64(), p)))
                .collect(),
            by_birth: snapshot
                .people()
                .map(|p| (snapshot.person(p).born, p))
                .collect(),
            others: Vec::new(),
        };
        Self::among(snapshot, law, Humans::of(snapshot), everybody)
    }

    /// What people decided about rows.
    pub fn answered_in(snapshot: &Snapshot, humans: &Humans, law: &ElectionLaw) -> Answered {
        Answered::of(snapshot, humans, law.election.offset_minutes)
    }

    /// A finder that knows some people only: right for rows that cannot mean anybody else.
    pub fn among(
        snapshot: &'a Snapshot,
        law: &ElectionLaw,
        humans: Humans,
        sought: Sought,
    ) -> Self {
        let Sought {
            mut by_pin,
            mut by_birth,
            others,
        } = sought;
        let mut spellings = Spellings::new();
        let mut cleaned = vec![None; snapshot.words.len()];
        let known = (by_pin.iter().map(|(_, at)| *at))
            .chain(by_birth.iter().map(|(_, at)| *at))
            .chain(others);
        for at in known {
            let person = snapshot.person(at);
            for name in [person.surname, person.given, person.patronymic] {
                if cleaned[name.at()].is_none() {
                    cleaned[name.at()] = Some(spellings.clean(snapshot.words.text(name)));
                }
            }
        }
        by_pin.sort_unstable();
        let mut stems: Vec<(u64, usize)> = by_pin
            .iter()
            .enumerate()
            .map(|(at, (pin, _))| (pin / PIN_SERIALS, at))
            .collect();
        stems.dedup_by_key(|(stem, _)| *stem);
        stems.shrink_to_fit();
        let mut held_twice: Vec<u64> = by_pin
            .windows(2)
            .filter(|pair| pair[0].0 == pair[1].0)
            .map(|pair| pair[0].0)
            .collect();
        held_twice.dedup();
        by_birth.sort_unstable();
        let houses = (0..snapshot.addresses.len())
            .map(|_| OnceLock::new())
            .collect();
        let terms = Terms::of(law);
        let offset = law.election.offset_minutes;
        let answered = Answered::of(snapshot, &humans, offset);
        Self {
            snapshot,
            humans,
            answered,
            terms,
            spellings,
            cleaned,
            by_pin,
            stems,
            held_twice,
            by_birth,
            houses,
        }
    }

    pub fn parse(&mut self, entry: &CommissionEntry<'_>) -> ParsedRow {
        let mut clean = |text: &str| self.spellings.clean(text);
        let names = [
            clean(entry.surname),
            clean(entry.given),
            clean(entry.patronymic),
        ];
        let number = entry.precinct.trim().parse().ok();
        ParsedRow {
            pin: well_formed(entry.pin),
            digits: pin_digits(entry.pin),
            names,
            named: readable(entry.surname, entry.given),
            born: parse_date(entry.born),
            precinct: number.filter(|code| self.snapshot.precinct(*code).is_some()),
        }
    }

    /// A register house, parsed once.
    pub fn house(&self, address: AddressAt) -> Option<&House> {
        let row = &self.snapshot.addresses[address.at()];
        self.houses[address.at()]
            .get_or_init(|| {
                let text = |word| self.snapshot.words.text(word);
                House::of(text(row.street_name), text(row.house))
            })
            .as_ref()
    }

    /// Whether a house as written is this one, by any of its addresses and any name that their streets bear or bore.
    pub fn is_house(&self, written: &House, address: AddressAt) -> bool {
        if written.is(self.house(address)) {
            return true;
        }
        let snapshot = self.snapshot;
        let text = |word| snapshot.words.text(word);
        let row = &snapshot.addresses[address.at()];
        let own = (row.street, None, row.house);
        let seconds = snapshot.second_addresses_of(address).iter();
        let seconds = seconds.map(|row| (row.street, Some(row.street_name), row.house));
        std::iter::once(own)
            .chain(seconds)
            .any(|(street, printed, house)| {
                let others = snapshot.other_names(street, self.terms.election);
                let mut names = printed.into_iter().chain(others.map(|row| row.name));
                names.any(|name| written.is(House::of(text(name), text(house)).as_ref()))
            })
    }

    fn holders(&self, pin: u64) -> &[(u64, PersonAt)] {
        let Ok(at) = self
            .stems
            .binary_search_by_key(&(pin / PIN_SERIALS), |(stem, _)| *stem)
        else {
            return &[];
        };
        let end = self.stems.get(at + 1).map_or(self.by_pin.len(), |s| s.1);
        let of_stem = &self.by_pin[self.stems[at].1..end];
        let from = of_stem.partition_point(|(held, _)| *held < pin);
        let count = of_stem[from..].partition_point(|(held, _)| *held == pin);
        &of_stem[from..from + count]
    }

    /// Another human who holds the PIN of this record.
    pub fn shares_pin(&self, record: PersonAt) -> Option<PersonAt> {
        let pin = self.snapshot.person(record).pin?.as_u64();
        self.held_twice.binary_search(&pin).ok()?;
        let human = self.humans.human(record);
        let mut holders = self.holders(pin).iter().map(|(_, holder)| *holder);
        holders.find(|holder| self.humans.human(*holder) != human)
    }

    fn names(&self, record: PersonAt) -> [Word; 3] {
        let person = self.snapshot.person(record);
        [person.surname, person.given, person.patronymic]
            .map(|name| self.cleaned[name.at()].unwrap_or(crate::words::Words::EMPTY))
    }

    /// Whether a part of the name, as cleaned, differs from the register's current one.
    pub fn renamed(&self, row: &ParsedRow, record: PersonAt) -> bool {
        let [surname, given, patronymic] = self.names(record);
        let [written_surname, written_given, written_patronymic] = row.names;
        let both = !Spellings::is_empty(patronymic) && !Spellings::is_empty(written_patronymic);
        surname != written_surname
            || given != written_given
            || both && patronymic != written_patronymic
    }

    /// The better of the two orders in which a clerk may have written surname and given name.
    fn fit(&self, row: &ParsedRow, record: PersonAt) -> NameFit {
        let [surname, given, patronymic] = self.names(record);
        let one = |written_surname: Word, written_given: Word| {
            let spell = &self.spellings;
            let mut fit = NameFit {
                surname: spell.surname(written_surname, surname),
                given: spell.given(written_given, given),
                patronymic: spell.patronymic(row.names[2], patronymic),
            };
            // `Жаныбек уулу Үсөн` and `Асанов Үсөн Жаныбекович` are one man: the father's name agrees.
            let father = spell.surname_is_patronymic(written_surname, patronymic)
                || spell.surname_is_patronymic(surname, row.names[2]);
            if father && !fit.patronymic.holds() {
                fit.patronymic = Agreement::Near;
            }
            fit
        };
        let straight = one(row.names[0], row.names[1]);
        if straight.given == Agreement::Exact && straight.surname.holds() {
            return straight;
        }
        let swapped = one(row.names[1], row.names[0]);
        if swapped.points() > straight.points() {
            swapped
        } else {
            straight
        }
    }

    pub fn find(&self, at: usize, row: &ParsedRow) -> Found {
        if row.unreadable() {
            return Found {
                record: None,
                by: FoundBy::Unreadable,
            };
        }
        // What people decided about this row goes before every rule.
        if let Some(record) = self.answered.at(at).and_then(|answers| answers.same) {
            return Found {
                record: Some(record),
                by: FoundBy::Review,
            };
        }
        if let Some(found) = row.pin.and_then(|pin| self.by_number(at, pin, row)) {
            return found;
        }
        match self.by_details(at, row) {
            Some(record) => Found {
                record: Some(record),
                by: FoundBy::Details,
            },
            None => Found {
                record: None,
                by: FoundBy::Nobody,
            },
        }
    }

    /// Whether people said that this row does not mean the person of a record.
    fn is_apart(&self, at: usize, record: PersonAt) -> bool {
        let answers = self.answered.at(at);
        answers.is_some_and(|answers| answers.apart.contains(&self.humans.human(record)))
    }

    /// Rules 2 and 3.
    fn by_number(&self, at: usize, pin: u64, row: &ParsedRow) -> Option<Found> {
        let holders = self.holders(pin);
        let (_, first) = *holders.first()?;
        let human = self.humans.human(first);
        let one_human = holders.iter().all(|(_, h)| self.humans.human(*h) == human);
        let (_, record) = holders
            .iter()
            .filter(|(_, record)| !self.is_apart(at, *record))
            .map(|(_, record)| {
                let fit = self.fit(row, *record);
                let born = row.born == Some(self.snapshot.person(*record).born);
                (born || fit.agrees()).then_some(((fit.points() + 6 * u32::from(born)), *record))
            })
            .max_by_key(|found| {
                found.map(|(points, record)| (points, std::cmp::Reverse(record)))
            })??;
        let by = if one_human {
            FoundBy::Pin
        } else {
            FoundBy::PinAmong
        };
        Some(Found {
            record: Some(record),
            by,
        })
    }

    /// Rule 4: birth date and given name, and surname, patronymic, house or a PIN one slip away.
    ///
    /// Of several people the one with the most points; of two with as many, nobody: a person decides.
    fn by_details(&self, at: usize, row: &ParsedRow) -> Option<PersonAt> {
        let born = row.born.filter(|_| row.named)?;
        let from = self.by_birth.partition_point(|(date, _)| *date < born);
        let of_day = self.by_birth[from..]
            .iter()
            .take_while(|(date, _)| *date == born);
        let written = OnceLock::new();
        let mut best: Option<(u32, PersonAt)> = None;
        let mut tied = false;
        for &(_, record) in of_day {
            if !self.may_be_given(row, record) || self.is_apart(at, record) {
                continue;
            }
            let fit = self.fit(row, record);
            if !fit.given.holds() {
                continue;
            }
            let slip = self.near_pin(row, record);
            let lives = || {
                let house =
                    written.get_or_init(|| House::parse(self.snapshot.commission.get(at).address));
                self.lived_at(record, house.as_ref())
            };
            let named = fit.surname.holds() || fit.patronymic.holds();
            let house = lives();
            if !(named || slip || house) {
                continue;
            }
            let points = 10 * fit.points() + 25 * u32::from(slip) + 15 * u32::from(house);
            let same_human =
                best.is_some_and(|(_, b)| self.humans.human(b) == self.humans.human(record));
            match best {
                Some((most, _)) if points < most => {}
                Some((most, _)) if points == most => tied |= !same_human,
                Some(_) | None => {
                    tied = false;
                    best = Some((points, record));
                }
            }
        }
        best.filter(|_| !tied).map(|(_, record)| record)
    }

    /// Whether the given name can agree in either order: most people of a birth date are passed over by this alone.
    fn may_be_given(&self, row: &ParsedRow, record: PersonAt) -> bool {
        let [_, given, _] = self.names(record);
        let holds = |written| self.spellings.given(written, given).holds();
        holds(row.names[1]) || holds(row.names[0])
    }

    fn near_pin(&self, row: &ParsedRow, record: PersonAt) -> bool {
        let Some(pin) = self.snapshot.person(record).pin else {
            return false;
        };
        row.digits.1 > 0 && one_slip_apart(row.digits, (pin.as_u64(), 14))
    }

    /// Whether the person lives or lived at the house the row names.
    fn lived_at(&self, record: PersonAt, written: Option<&House>) -> bool {
        let Some(written) = written else { return false };
        self.snapshot.residences_of(record).any(|r| {
            let residence = &self.snapshot.residences[r];
            residence.from <= self.terms.cut_off && self.is_house(written, residence.address)
        })
    }
}
