//! Names: tables of given names and surnames in every form and spelling a document may show.
//!
//! Nothing here uses the house's `script` or `linkage`: truth is not made with the tool that is
//! judged by it.

use std::sync::LazyLock;

use crate::data::{DATA, Group};
use crate::dice::Dice;

/// A full name as one record writes it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Name {
    /// Surname; `Жаныбек уулу` in the Kyrgyz form.
    pub surname: String,
    /// Given name.
    pub given: String,
    /// Patronymic; empty in the Kyrgyz form.
    pub patronymic: String,
}

/// How a surname is formed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum SurnameForm {
    /// -ов/-ев and the feminine -ова/-ева, or a surname that does not bend.
    Ov,
    /// Father's name and `уулу` or `кызы`; then there is no patronymic.
    Uulu,
}

/// What a record knows of a person's name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct NameKey {
    /// Index of the surname; in the form `Uulu` unused.
    pub surname: u16,
    pub form: SurnameForm,
    pub given: u16,
    /// Index of the father's given name.
    pub father: u16,
    pub female: bool,
    /// 0 Kyrgyz (or own) spelling, 1 and 2 Russian spellings.
    pub spelling: u8,
}

struct Given {
    spellings: [String; 3],
    patronymics: [[String; 2]; 3],
}

struct Surname {
    /// By spelling (0 own, 1 Russian), by sex (0 male, 1 female).
    spelled: [[String; 2]; 2],
}

/// Cumulative weights of the indexes of one group and sex.
struct Pool {
    indexes: Vec<u16>,
    cumulative: Vec<u32>,
}

impl Pool {
    fn new(members: impl Iterator<Item = (u16, u32)>) -> Pool {
        let mut pool = Pool {
            indexes: Vec::new(),
            cumulative: Vec::new(),
        };
        let mut sum = 0;
        for (index, weight) in members {
            sum += weight;
            pool.indexes.push(index);
            pool.cumulative.push(sum);
        }
        pool
    }

    fn draw(&self, dice: &mut Dice) -> u16 {
        self.indexes[dice.weighted(&self.cumulative)]
    }
}

struct Tables {
    given: Vec<Given>,
    surnames: Vec<Surname>,
    given_pools: [[Pool; 2]; 3],
    surname_pools: [Pool; 3],
    /// The surname made of a given name, where there is one.
    surname_of_given: Vec<Option<u16>>,
}

static TABLES: LazyLock<Tables> = LazyLock::new(tables);

fn tables() -> Tables {
    let given_pool = |group: Group, female: bool| {
        let list = DATA.given.iter().enumerate();
        Pool::new(
            list.filter(|(_, g)| g.group == group && g.female == female)
                .map(|(i, g)| (i as u16, g.weight)),
        )
    };
    let surname_pool = |group: Group| {
        let list = DATA.surnames.iter().enumerate();
        Pool::new(
            list.filter(|(_, s)| s.group == group)
                .map(|(i, s)| (i as u16, s.weight)),
        )
    };
    let pools = |group| [given_pool(group, false), given_pool(group, true)];
    Tables {
        given: DATA.given.iter().map(given_forms).collect(),
        surnames: DATA
            .surnames
            .iter()
            .map(|s| surname_forms(s.stem, s.ru))
            .collect(),
        given_pools: [
            pools(Group::Kyrgyz),
            pools(Group::Uzbek),
            pools(Group::Russian),
        ],
        surname_pools: [
            surname_pool(Group::Kyrgyz),
            surname_pool(Group::Uzbek),
            surname_pool(Group::Russian),
        ],
        surname_of_given: DATA
            .given
            .iter()
            .map(|g| {
                let same = |s: &crate::data::SurnameData| s.group == g.group && s.stem == g.name;
                DATA.surnames.iter().position(same).map(|i| i as u16)
            })
            .collect(),
    }
}

fn given_forms(data: &crate::data::GivenData) -> Given {
    let first = data.spellings_ru[0].to_owned();
    let second = data
        .spellings_ru
        .get(1)
        .map_or_else(|| first.clone(), |s| (*s).to_owned());
    let spellings = [data.name.to_owned(), first, second];
    let both = |name: &String| [patronymic(name, false), patronymic(name, true)];
    let patronymics = [
        both(&spellings[0]),
        both(&spellings[1]),
        both(&spellings[2]),
    ];
    Given {
        spellings,
        patronymics,
    }
}

fn surname_forms(stem: &str, ru: &str) -> Surname {
    let own = if ru.ends_with("ов") || ru.ends_with("ев") {
        let tail: String = ru.chars().skip(ru.chars().count() - 2).collect();
        let body = stem
            .strip_suffix('й')
            .or(stem.strip_suffix('ь'))
            .unwrap_or(stem);
        if stem.ends_with("ов") || stem.ends_with("ев") {
            stem.to_owned()
        } else {
            format!("{body}{tail}")
        }
    } else {
        stem.to_owned()
    };
    let both = |male: &str| [male.to_owned(), feminine(male)];
    Surname {
        spelled: [both(&own), both(ru)],
    }
}

/// The feminine of a surname: +а after -ов -ев -ёв -ин -ын; others do not bend.
fn feminine(male: &str) -> String {
    let bends = ["ов", "ев", "ёв", "ин", "ын"]
        .iter()
        .any(|end| male.ends_with(end));
    if bends {
        format!("{male}а")
    } else {
        male.to_owned()
    }
}

/// The patronymic in -ович/-овна from a father's name. Source: rules of Russian orthography 1956, §§ 26–27.
pub(crate) fn patronymic(father: &str, female: bool) -> String {
    let irregular = match father {
        "Илья" => Some(("Ильич", "Ильинична")),
        "Никита" => Some(("Никитич", "Никитична")),
        "Дмитрий" => Some(("Дмитриевич", "Дмитриевна")),
        "Михаил" => Some(("Михайлович", "Михайловна")),
        "Павел" => Some(("Павлович", "Павловна")),
        "Пётр" | "Петр" => Some(("Петрович", "Петровна")),
        _ => None,
    };
    if let Some((son, daughter)) = irregular {
        return if female { daughter } else { son }.to_owned();
    }
    if let Some(body) = father.strip_suffix("ий") {
        return format!("{body}ь{}", if female { "евна" } else { "евич" });
    }
    if let Some(body) = father.strip_suffix('й').or(father.strip_suffix('ь')) {
        return format!("{body}{}", if female { "евна" } else { "евич" });
    }
    let vowel = father
        .chars()
        .last()
        .is_some_and(|c| "аеёиоуыэюяөү".contains(c));
    let ending = match (vowel, female) {
        (true, false) => "евич",
        (true, true) => "евна",
        (false, false) => "ович",
        (false, true) => "овна",
    };
    format!("{father}{ending}")
}

impl NameKey {
    /// Writes the name out.
    pub(crate) fn text(self) -> Name {
        let t = &*TABLES;
        let sex = usize::from(self.female);
        let spelling = usize::from(self.spelling.min(2));
        let given = t.given[usize::from(self.given)].spellings[spelling].clone();
        match self.form {
            SurnameForm::Ov => Name {
                surname: t.surnames[usize::from(self.surname)].spelled[spelling.min(1)][sex]
                    .clone(),
                given,
                patronymic: t.given[usize::from(self.father)].patronymics[spelling][sex].clone(),
            },
            SurnameForm::Uulu => {
                let father = &t.given[usize::from(self.father)].spellings[spelling];
                let word = if self.female { "кызы" } else { "уулу" };
                Name {
                    surname: format!("{father} {word}"),
                    given,
                    patronymic: String::new(),
                }
            }
        }
    }
}

pub(crate) fn draw_given(dice: &mut Dice, group: Group, female: bool) -> u16 {
    TABLES.given_pools[group as usize][usize::from(female)].draw(dice)
}

pub(crate) fn draw_surname(dice: &mut Dice, group: Group) -> u16 {
    TABLES.surname_pools[group as usize].draw(dice)
}

/// The surname made of a given name (`Осмон` → `Осмонов`), where the tables have it.
pub(crate) fn surname_of_given(given: u16) -> Option<u16> {
    TABLES.surname_of_given[usize::from(given)]
}

/// Whether two names are equal as cleaned texts (docs/reconciliation-classes.md): case, and ё = е;
/// a patronymic that one side lacks is not compared.
pub(crate) fn same_cleaned(a: &Name, b: &Name) -> bool {
    let clean = |s: &str| s.to_lowercase().replace('ё', "е");
    clean(&a.surname) == clean(&b.surname)
        && clean(&a.given) == clean(&b.given)
        && (a.patronymic.is_empty()
            || b.patronymic.is_empty()
            || clean(&a.patronymic) == clean(&b.patronymic))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patronymics_follow_the_rules() {
        for (father, son, daughter) in [
            ("Жаныбек", "Жаныбекович", "Жаныбековна"),
            ("Таалай", "Таалаевич", "Таалаевна"),
            ("Токтогазы", "Токтогазыевич", "Токтогазыевна"),
            ("Василий", "Васильевич", "Васильевна"),
            ("Игорь", "Игоревич", "Игоревна"),
            ("Илья", "Ильич", "Ильинична"),
        ] {
            assert_eq!(
                (patronymic(father, false), patronymic(father, true)),
                (son.into(), daughter.into())
            );
        }
    }

    #[test]
    fn every_name_of_the_tables_can_be_written() {
        for given in 0..DATA.given.len() as u16 {
            for surname in [0, DATA.surnames.len() as u16 - 1] {
                for spelling in 0..3 {
                    for form in [SurnameForm::Ov, SurnameForm::Uulu] {
                        let key = NameKey {
                            surname,
                            form,
                            given,
                            father: given,
                            female: true,
                            spelling,
                        };
                        let name = key.text();
                        assert!(!name.surname.is_empty() && !name.given.is_empty());
                    }
                }
            }
        }
    }

    #[test]
    fn kyrgyz_and_russian_spellings_differ_where_letters_do() {
        let at = |name: &str| DATA.surnames.iter().position(|s| s.stem == name);
        let usen = at("Үсөн").map(|i| &TABLES.surnames[i].spelled);
        assert_eq!(
            usen.map(|s| (s[0][0].as_str(), s[1][1].as_str())),
            Some(("Үсөнов", "Усонова"))
        );
    }
}
