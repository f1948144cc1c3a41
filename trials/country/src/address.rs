//! Addresses as the register writes them and as clerks do.
//!
//! Clerks write one house in many ways; [`as_written`] draws them with the slips of real lists. A slip
//! never makes another house of it: digits of a house stay, so the text still means the house of the truth.

use std::fmt::Write as _;

use crate::data::DATA;
use crate::dice::Dice;
use crate::land::{Land, is_crowded};
use crate::spelling::{mistyped, romanised, with_look_alikes};

/// What a clerk did to an address beyond choosing words.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Slip {
    /// The settlement is left out.
    NoPlace,
    /// A letter of the settlement's name is wrong.
    PlaceLetter,
    /// A letter of the street's name is wrong.
    StreetLetter,
    /// All in Latin letters.
    Latin,
    /// Some letters are Latin ones that look alike.
    LookAlike,
    /// No commas.
    Unseparated,
    /// Street and house before the settlement.
    Reversed,
    /// A flat, which the register of houses does not know.
    Flat,
    /// The house is not in the register.
    NewHouse,
}

impl Slip {
    /// The name in the truth file.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Slip::NoPlace => "no_place",
            Slip::PlaceLetter => "place_letter",
            Slip::StreetLetter => "street_letter",
            Slip::Latin => "latin",
            Slip::LookAlike => "look_alike",
            Slip::Unseparated => "unseparated",
            Slip::Reversed => "reversed",
            Slip::Flat => "flat",
            Slip::NewHouse => "new_house",
        }
    }
}

/// A written address and what was done to it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Written {
    pub text: String,
    pub slips: Vec<Slip>,
}

impl Written {
    fn slipped(&mut self, dice: &mut Dice, share: f64, slip: Slip) -> bool {
        let hit = dice.chance(share);
        if hit {
            self.slips.push(slip);
        }
        hit
    }
}

/// `Токтогул көчөсү`, `Манас-2 көчөсү`.
pub(crate) fn street_ky(land: &Land, street: u32) -> String {
    let s = &land.streets[street as usize];
    numbered(DATA.streets[usize::from(s.name)].name, s.serial, " көчөсү")
}

/// The Russian form, where the language has one for the same word: `ул. Токтогула`.
pub(crate) fn street_ru(land: &Land, street: u32) -> String {
    format!("ул. {}", name_ru(land, street))
}

fn name_ru(land: &Land, street: u32) -> String {
    let s = &land.streets[street as usize];
    let data = &DATA.streets[usize::from(s.name)];
    let name = if data.cognate_ru.is_empty() {
        data.name
    } else {
        data.cognate_ru
    };
    numbered(name, s.serial, "")
}

fn numbered(name: &str, serial: u16, tail: &str) -> String {
    if serial == 0 {
        format!("{name}{tail}")
    } else {
        format!("{name}-{}{tail}", serial + 1)
    }
}

/// The address of a house as a clerk of the commission writes it, and what was done to it.
///
/// `beyond`: the number is raised past the end of the street, to a house the register does not hold.
pub(crate) fn as_written(land: &Land, house: u32, beyond: bool, dice: &mut Dice) -> Written {
    let mut written = Written::default();
    let latin = written.slipped(dice, 0.012, Slip::Latin);
    let place = place_text(land, house, &mut written, dice);
    let street = street_text(land, house, latin, &mut written, dice);
    let number = number_text(land, house, beyond, &mut written, dice);
    let flat = flat_text(land, house, &mut written, dice);
    let house_text = format!("{number}{flat}");
    let separator = match dice.below(100) {
        0..=4 => {
            written.slips.push(Slip::Unseparated);
            " "
        }
        5..=6 => "; ",
        7..=12 => ",",
        _ => ", ",
    };
    let text = if place.is_empty() {
        format!("{street}{separator}{house_text}")
    } else if written.slipped(dice, 0.015, Slip::Reversed) {
        format!("{street}{separator}{house_text}, {place}")
    } else {
        format!("{place}{separator}{street}{separator}{house_text}")
    };
    written.text = letters(text, latin, &mut written, dice);
    written.slips.sort_unstable();
    written
}

/// Settlement with its kind, sometimes with raion and oblast before it; empty when left out.
fn place_text(land: &Land, house: u32, written: &mut Written, dice: &mut Dice) -> String {
    let settlement = land.settlement_of(house);
    let place = &DATA.places[settlement.place];
    if written.slipped(dice, 0.006, Slip::NoPlace) {
        return String::new();
    }
    let town = place.name_ru.starts_with("г.");
    let mut name = place.name_ru.trim_start_matches("г.").trim().to_owned();
    if name.chars().count() > 4 && written.slipped(dice, 0.01, Slip::PlaceLetter) {
        name = mistyped(&name, dice);
    }
    let named = match (town, dice.below(8)) {
        (true, 0..=2) => format!("г. {name}"),
        (true, 3) => format!("г.{name}"),
        (true, 4) => format!("гор. {name}"),
        (true, 5) => format!("{name} ш."),
        (true, 6) => format!("{name} шаары"),
        (false, 0..=2) => format!("с. {name}"),
        (false, 3) => format!("с.{name}"),
        (false, 4) => format!("село {name}"),
        (false, 5) => format!("{name} айылы"),
        (false, 6) => format!("{name} а."),
        _ => name,
    };
    let area = |code: u64| DATA.areas.get(&code).copied();
    let raion = area(place.soate - place.soate % 1_000_000).filter(|_| !town);
    let oblast = area(place.soate - place.soate % 1_000_000_000).filter(|_| !town);
    let mut text = String::new();
    let lot = dice.below(100);
    if let Some(oblast) = oblast.filter(|_| lot < 8) {
        let oblast = if lot < 4 {
            oblast.replace("область", "обл.")
        } else {
            oblast.to_owned()
        };
        let _ = write!(text, "{oblast}, ");
    }
    if let Some(raion) = raion.filter(|_| lot < 22) {
        let raion = if lot.is_multiple_of(2) {
            raion.replace(" район", " р-н")
        } else {
            raion.to_owned()
        };
        let _ = write!(text, "{raion}, ");
    }
    if dice.chance(0.01) {
        text.insert_str(0, if town { "720001, " } else { "724300 " });
    }
    text.push_str(&named);
    text
}

fn street_text(
    land: &Land,
    house: u32,
    latin: bool,
    written: &mut Written,
    dice: &mut Dice,
) -> String {
    let street = land.houses[house as usize].street;
    let kyrgyz = street_ky(land, street).replace(" көчөсү", "");
    let russian = name_ru(land, street);
    let is_kyrgyz = dice.chance(0.5);
    let mut name = if is_kyrgyz { kyrgyz } else { russian };
    let letters = name.chars().filter(|c| c.is_alphabetic()).count();
    if !latin && letters > 4 && written.slipped(dice, 0.02, Slip::StreetLetter) {
        // The serial number is no part of what slips.
        let (word, tail) = match name.rsplit_once('-') {
            Some((word, tail)) if tail.bytes().all(|b| b.is_ascii_digit()) => {
                (word, format!("-{tail}"))
            }
            _ => (name.as_str(), String::new()),
        };
        name = format!("{}{tail}", mistyped(word, dice));
    }
    if dice.chance(0.05) && name.ends_with(|c: char| c.is_ascii_digit()) {
        name = name.replace('-', " ");
    }
    match (is_kyrgyz, dice.below(9)) {
        (true, 0..=2) => format!("{name} көч."),
        (true, 3..=5) => format!("{name} көчөсү"),
        (true, 6) => format!("{name} к."),
        (_, 7) => name,
        (_, 0..=2) => format!("ул. {name}"),
        (_, 3) => format!("ул.{name}"),
        (_, 4) => format!("ул {name}"),
        (_, 5) => format!("улица {name}"),
        _ => format!("у. {name}"),
    }
}

fn number_text(
    land: &Land,
    house: u32,
    beyond: bool,
    written: &mut Written,
    dice: &mut Dice,
) -> String {
    let h = &land.houses[house as usize];
    let mut number = h.number_text();
    if beyond {
        written.slips.push(Slip::NewHouse);
        number = (u32::from(h.number) + 100 + dice.below(40)).to_string();
    } else if h.letter != 0 {
        number = match dice.below(8) {
            0 => format!("{} а", h.number),
            1 => format!("{}А", h.number),
            2 => format!("{}-а", h.number),
            3 => format!("{} \"А\"", h.number),
            4 => format!("{}a", h.number),
            _ => number,
        };
    }
    match dice.below(16) {
        0..=3 => format!("д. {number}"),
        4..=6 => format!("д.{number}"),
        7 => format!("дом {number}"),
        8 => format!("№{number}"),
        9 => format!("{number}-үй"),
        10 => format!("{number} үй"),
        _ => number,
    }
}

/// Houses of flats are the rule in large towns only.
fn flat_text(land: &Land, house: u32, written: &mut Written, dice: &mut Dice) -> String {
    let share = if is_crowded(land.settlement_of(house).place) {
        0.35
    } else {
        0.01
    };
    if !written.slipped(dice, share, Slip::Flat) {
        return String::new();
    }
    let flat = 1 + dice.below(79);
    match dice.below(8) {
        0..=2 => format!(", кв. {flat}"),
        3 => format!(", кв.{flat}"),
        4 => format!(" кв {flat}"),
        5 => format!(", {flat}-батир"),
        6 => format!(", квартира {flat}"),
        _ => format!(" кв.{flat}"),
    }
}

/// Case and alphabet of the whole text.
fn letters(text: String, latin: bool, written: &mut Written, dice: &mut Dice) -> String {
    let text = match dice.below(8) {
        0 => text.to_uppercase(),
        1 => text
            .replace('ө', "о")
            .replace('ү', "у")
            .replace('ң', "н")
            .replace('Ө', "О")
            .replace('Ү', "У"),
        2 if dice.chance(0.3) => text.to_lowercase(),
        _ => text,
    };
    if latin {
        return romanised(&text, dice.chance(0.6));
    }
    if written.slipped(dice, 0.02, Slip::LookAlike) {
        return with_look_alikes(&text, dice);
    }
    match dice.below(50) {
        0 => text.replace(' ', "  "),
        1 => format!(" {text}."),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::Lane;

    #[test]
    fn streets_of_one_name_are_told_apart() {
        assert_eq!(numbered("Манас", 0, " көчөсү"), "Манас көчөсү");
        assert_eq!(numbered("Манас", 1, " көчөсү"), "Манас-2 көчөсү");
    }

    #[test]
    fn a_slip_never_changes_the_digits_of_the_house() {
        let land = Land::build(3, 4_000, &[0, 3]);
        for at in 0..3_000u32 {
            let house = at % land.houses.len() as u32;
            let mut dice = Dice::new(3, Lane::CommissionText, u64::from(at));
            let written = as_written(&land, house, false, &mut dice);
            let number = land.houses[house as usize].number.to_string();
            let digits = |c: char| !c.is_ascii_digit();
            assert!(
                written.text.split(digits).any(|n| n == number),
                "{}",
                written.text
            );
        }
    }
}
