//! The campaign: who was enrolled, where and when, in the proportions of the report's table.

use rayon::prelude::*;

use crate::calendar::{CUT_OFF, Day, ELECTION_DAY};
use crate::data::{CAMPAIGN_MONTHS, DATA};
use crate::dice::{Dice, Lane};
use crate::land::{ABROAD, HOME_REGIONS, Land, home_voters};
use crate::person::{Person, flag};

/// Persons of the reference country, and how many of them the campaign enrolled.
const REFERENCE_PERSONS: f64 = 6_000_000.0;

/// Where residents of each region were enrolled: shares by region of enrolment.
fn where_enrolled() -> Vec<Vec<f64>> {
    let campaign: Vec<f64> = DATA.regions[..HOME_REGIONS]
        .iter()
        .map(|r| r.campaign.iter().sum())
        .collect();
    let home = home_voters();
    let scale = campaign.iter().sum::<f64>() / home.iter().sum::<f64>();
    let residents: Vec<f64> = home.iter().map(|v| v * scale).collect();
    let wanting: Vec<f64> = campaign
        .iter()
        .zip(&residents)
        .map(|(c, r)| (c - r).max(0.0))
        .collect();
    (0..HOME_REGIONS)
        .map(|r| {
            let stays = residents[r].min(campaign[r]);
            let leaves = residents[r] - stays;
            let sum: f64 = wanting.iter().sum();
            let mut shares: Vec<f64> = wanting.iter().map(|w| w / sum * leaves).collect();
            shares[r] += stays;
            shares
        })
        .collect()
}

/// Whether the campaign could have enrolled them, as far as the record tells.
fn candidate(person: &Person) -> bool {
    let died_before = person.death.is_some() && person.death < Day::of(2015, 3, 1);
    person.citizen() && person.age() >= 18 && !died_before
}

/// Enrols. The same share of the population as in 2015: 2,849,542 of 6 million.
pub(crate) fn enrol(seed: u64, land: &Land, persons: &mut [Person]) {
    let campaign: f64 = DATA.regions.iter().flat_map(|r| &r.campaign).sum();
    let wanted = campaign / REFERENCE_PERSONS * persons.len() as f64;
    let candidates = persons
        .par_iter()
        .filter(|p| candidate(p) && !p.has(flag::ABROAD))
        .count();
    let share = (wanted / candidates.max(1) as f64).min(0.97);
    let shares = where_enrolled();
    persons
        .par_iter_mut()
        .enumerate()
        .for_each(|(record, person)| {
            let mut dice = Dice::new(seed, Lane::Enrolment, record as u64);
            let home = usize::from(land.settlement_of(person.house).region);
            let minor = person.citizen() && person.alive() && (16..18).contains(&person.age());
            if candidate(person) && person.has(flag::ABROAD) {
                abroad(person, &mut dice);
            } else if candidate(person) && dice.chance(share) || minor && dice.chance(0.04) {
                let region = dice.by_share(&shares[home]);
                person.enrol_region = region as u8;
                capture(person, &DATA.regions[region].campaign, &mut dice);
            }
        });
}

/// A seventh of those abroad were enrolled at a mission, a tenth at home before they left.
fn abroad(person: &mut Person, dice: &mut Dice) {
    match dice.by_share(&[0.14, 0.1, 0.76]) {
        0 => {
            person.enrol_region = ABROAD;
            if !person.left.is_some() && dice.chance(0.4) {
                person.left = Day(ELECTION_DAY.0 - dice.between(200, 6 * 365));
            }
            capture(
                person,
                &[0.0, 0.0, 0.0, 1.0, 1.0, 2.0, 2.0, 3.0, 4.0, 5.0, 3.0],
                dice,
            );
        }
        1 => {
            let region = usize::from(person.enrol_region);
            capture(person, &DATA.regions[region].campaign, dice);
        }
        _ => {}
    }
}

/// Draws the day of capture by months, and the day the centre finished the duplicate check.
fn capture(person: &mut Person, months: &[f64], dice: &mut Dice) {
    // A few came after the campaign's table ends: too late for this list.
    let captured = if dice.chance(0.003) {
        CUT_OFF.plus(dice.between(1, 13))
    } else {
        let month = dice.by_share(months);
        let (first, next) = (CAMPAIGN_MONTHS[month], CAMPAIGN_MONTHS[month + 1]);
        let day = Day(dice.between(first.0, next.0 - 1));
        // Sundays were thin: half of them move to the day after.
        if (day.0 + 4).rem_euclid(7) == 0 && dice.chance(0.5) && day.0 + 1 < next.0 {
            day.plus(1)
        } else {
            day
        }
    };
    if person.death.is_some() && person.death <= captured {
        return;
    }
    person.captured = captured;
    // "Collected, not yet processed": rare in old packets, common in the last weeks.
    let waiting = match CUT_OFF.0 - captured.0 {
        ..=0 => 1.0,
        1..=20 => 0.2,
        21..=60 => 0.05,
        _ => 0.012,
    };
    if !dice.chance(waiting) {
        let lag = 1 + dice.below(12) as i32 + dice.below(20) as i32;
        person.processed = Day((captured.0 + lag).min(CUT_OFF.0 - 1).max(captured.0));
    }
}
