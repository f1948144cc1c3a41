//! Addresses as the register writes them and as clerks do.

use crate::data::DATA;
use crate::dice::Dice;
use crate::land::Land;

/// `Токтогул көчөсү`, `Манас-2 көчөсү`.
pub(crate) fn street_ky(land: &Land, street: u32) -> String {
    let s = &land.streets[street as usize];
    numbered(DATA.streets[usize::from(s.name)].name, s.serial, " көчөсү")
}

/// The Russian form, where the language has one for the same word: `ул. Токтогула`.
pub(crate) fn street_ru(land: &Land, street: u32) -> String {
    let s = &land.streets[street as usize];
    let data = &DATA.streets[usize::from(s.name)];
    let name = if data.cognate_ru.is_empty() {
        data.name
    } else {
        data.cognate_ru
    };
    format!("ул. {}", numbered(name, s.serial, ""))
}

fn numbered(name: &str, serial: u16, tail: &str) -> String {
    if serial == 0 {
        format!("{name}{tail}")
    } else {
        format!("{name}-{}{tail}", serial + 1)
    }
}

/// The address of a house as a clerk of the commission writes it: `SETTLEMENT, STREET, HOUSE`.
pub(crate) fn as_written(land: &Land, house: u32, dice: &mut Dice) -> String {
    let h = &land.houses[house as usize];
    let place = DATA.places[land.settlement_of(house).place].name_ru;
    let place = if place.starts_with("г.") || dice.chance(0.4) {
        place.to_owned()
    } else {
        format!("с. {place}")
    };
    let ky = street_ky(land, h.street);
    let street = match dice.below(6) {
        0 => street_ru(land, h.street),
        1 => street_ru(land, h.street).replace("ул. ", "ул."),
        2 => ky.replace("көчөсү", "көч."),
        3 => ky.replace(" көчөсү", ""),
        4 => format!("ул. {}", ky.replace(" көчөсү", "")),
        _ => ky,
    };
    let number = match dice.below(4) {
        0 => format!("д. {}", h.number_text()),
        1 => format!("д.{}", h.number_text()),
        _ => h.number_text(),
    };
    let text = format!("{place}, {street}, {number}");
    match dice.below(8) {
        0 => text.to_uppercase(),
        1 => text
            .replace('ө', "о")
            .replace('ү', "у")
            .replace('ң', "н")
            .replace('Ө', "О")
            .replace('Ү', "У"),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streets_of_one_name_are_told_apart() {
        assert_eq!(numbered("Манас", 0, " көчөсү"), "Манас көчөсү");
        assert_eq!(numbered("Манас", 1, " көчөсү"), "Манас-2 көчөсү");
    }
}
