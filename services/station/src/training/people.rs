//! The voters of the training precinct: invented, with numbers that nobody bears (serial 00000, documents ID00000NN).

use fingerprint::{FingerPosition, Minutia, MinutiaKind, Template};

/// An invented voter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trainee {
    /// Line of the list.
    pub line: u32,
    /// Surname.
    pub surname: &'static str,
    /// Given name.
    pub given: &'static str,
    /// Patronymic, may be empty.
    pub patronymic: &'static str,
    /// `YYYY-MM-DD`.
    pub born: &'static str,
    /// By the sex digit of the PIN.
    pub is_woman: bool,
}

impl Trainee {
    /// The invented PIN.
    #[must_use]
    pub fn pin(&self) -> String {
        let (year, rest) = self.born.split_once('-').unwrap_or_default();
        let (month, day) = rest.split_once('-').unwrap_or_default();
        let sex = if self.is_woman { 1 } else { 2 };
        format!("{sex}{day}{month}{year}00000")
    }

    /// The invented document's number.
    #[must_use]
    pub fn document(&self) -> String {
        format!("ID{:07}", self.line)
    }

    /// Surname and given name.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {}", self.surname, self.given)
    }
}

/// The voter of a line.
#[must_use]
pub fn of_line(line: u32) -> Option<&'static Trainee> {
    PEOPLE.iter().find(|one| one.line == line)
}

/// Fingers of every voter, best first: right index, left index.
pub(super) const FINGERS: [u8; 2] = [2, 7];

/// The line whose first impression is wet and cannot be read.
pub const WET: u32 = 7;
/// The line whose fingers are worn: no impression fits.
pub const WORN: u32 = 9;

const fn man(
    line: u32,
    surname: &'static str,
    given: &'static str,
    patronymic: &'static str,
    born: &'static str,
) -> Trainee {
    Trainee {
        line,
        surname,
        given,
        patronymic,
        born,
        is_woman: false,
    }
}

const fn woman(
    line: u32,
    surname: &'static str,
    given: &'static str,
    patronymic: &'static str,
    born: &'static str,
) -> Trainee {
    Trainee {
        is_woman: true,
        ..man(line, surname, given, patronymic, born)
    }
}

/// The list, by line; the last ten are K2's.
pub const PEOPLE: &[Trainee] = &[
    man(1, "Абдылдаев", "Кубат", "Сапарович", "1951-05-01"),
    man(2, "Алыкулов", "Мирлан", "Асанович", "1960-08-15"),
    woman(3, "Асанова", "Айгүл", "Бакытовна", "1975-03-12"),
    man(4, "Асанов", "Бакыт", "Жаныбекович", "1949-11-30"),
    man(5, "Бакиров", "Данияр", "Эркинович", "1972-02-09"),
    woman(6, "Бекова", "Зарина", "", "1980-07-21"),
    man(7, "Исаков", "Эрмек", "Токтобаевич", "1958-04-17"),
    man(8, "Жаныбек уулу", "Үсөн", "", "1979-12-03"),
    woman(9, "Жумабаева", "Гүлнара", "Сатыбалдиевна", "1944-06-25"),
    man(10, "Иванов", "Сергей", "Петрович", "1967-01-19"),
    man(11, "Кадыров", "Ырысбек", "Маматович", "1970-10-08"),
    man(12, "Осмонов", "Азамат", "Кемелович", "1968-09-14"),
    man(13, "Осмонов", "Азамат", "Таалайбекович", "1979-03-02"),
    woman(14, "Осмонова", "Азиза", "Кемеловна", "1971-05-28"),
    woman(15, "Өмүрова", "Сайкал", "", "1965-02-11"),
    man(16, "Сыдыков", "Нурлан", "Абдиевич", "1963-07-07"),
    woman(17, "Ташиева", "Бегимай", "Асановна", "1978-08-31"),
    woman(18, "Токтогулова", "Чынара", "Исаевна", "1956-12-24"),
    woman(19, "Токтогулова", "Чынара", "Эсеновна", "1977-01-06"),
    man(20, "Турсунов", "Бектур", "Шаршенович", "1974-04-04"),
    woman(21, "Усенова", "Жылдыз", "Болотовна", "1969-06-16"),
    man(22, "Үсөналиев", "Төрөбек", "", "1953-03-23"),
    woman(23, "Цой", "Людмила", "Викторовна", "1961-09-09"),
    man(24, "Чоробаев", "Айбек", "Каныбекович", "1976-11-12"),
    woman(25, "Шамшиева", "Назгүл", "Кадыровна", "1966-10-20"),
    man(26, "Шарипов", "Рустам", "Ахмедович", "1955-02-27"),
    woman(27, "Шаршенова", "Элмира", "Мукаевна", "1973-08-03"),
    man(28, "Ыбраев", "Калыс", "Жолдошевич", "1948-01-15"),
    woman(29, "Эркинова", "Асель", "Нурлановна", "1980-05-05"),
    man(30, "Эсенбеков", "Жениш", "Турарович", "1964-12-12"),
    woman(31, "Юсупова", "Дилноза", "Хасановна", "1959-07-18"),
    man(32, "Ибраимов", "Максат", "Кубанычевич", "1971-04-29"),
    woman(33, "Каримова", "Нуриза", "Саматовна", "1979-09-27"),
    man(34, "Мамытов", "Ильяс", "Дүйшөевич", "1962-03-08"),
    man(35, "Эсенгулов", "Талант", "Мырзаевич", "1957-10-26"),
    woman(36, "Назарова", "Махабат", "", "1970-02-02"),
    man(37, "Орозов", "Тилек", "Бообекович", "1975-06-06"),
    woman(38, "Рыскулова", "Бермет", "Анарбековна", "1968-11-11"),
    man(39, "Садыров", "Улан", "Кенешович", "1952-08-22"),
    woman(40, "Тилекова", "Айпери", "Манасовна", "1981-01-01"),
];

/// A small generator: the same number, the same draws.
fn draws(number: u64) -> impl FnMut(u64) -> u64 {
    let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    move |below| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) % below
    }
}

/// The record of a finger; impressions above 0 lie a little otherwise on the glass.
pub(super) fn record(line: u32, position: u8, impression: u8) -> Vec<u8> {
    let mut draw = draws(u64::from(line) * 100 + u64::from(position));
    let mut shake =
        draws(u64::from(line) * 10_000 + u64::from(position) * 100 + u64::from(impression));
    let mut shaken = |value: u64| {
        if impression == 0 {
            value
        } else {
            value + shake(3)
        }
    };
    let minutiae = (0..40)
        .map(|_| Minutia {
            x: u16::try_from(shaken(30 + draw(240))).unwrap_or(0),
            y: u16::try_from(shaken(30 + draw(300))).unwrap_or(0),
            angle: u8::try_from(draw(256)).unwrap_or(0),
            kind: if draw(2) == 0 {
                MinutiaKind::Ending
            } else {
                MinutiaKind::Bifurcation
            },
            quality: 80,
        })
        .collect();
    let template = Template {
        width: 310,
        height: 370,
        quality: 80,
        minutiae,
    };
    let position = FingerPosition::from_code(position).unwrap_or(FingerPosition::RightIndex);
    template.to_iso(position)
}

/// What can be laid on the glass for a voter: file name and contents.
pub(super) fn glass(one: &Trainee) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for position in FINGERS {
        for impression in 1..=2u8 {
            let name = format!("{:04}_{position}_{impression}.fmr", one.line);
            let contents = match (one.line, impression) {
                (WET, 1) => b"wet".to_vec(),
                // Somebody's ridges, nobody's of the list.
                (WORN, _) => record(9_000 + u32::from(impression), position, 0),
                _ => record(one.line, position, impression),
            };
            files.push((name, contents));
        }
    }
    files
}
