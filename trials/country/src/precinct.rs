//! Precincts: territories cut so that sizes follow the precincts of 2020, and those without land.

use lexicon::PrecinctCode;
use rayon::prelude::*;

use crate::data::DATA;
use crate::dice::{Dice, Lane, apportion};
use crate::land::{ABROAD, HOME_REGIONS, Land};
use crate::outline::{Axis, Outline, Point};
use crate::person::{NONE, Records};

/// Kinds of precincts, as `docs/import.md` names them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PrecinctKind {
    /// Has land.
    Territorial,
    /// For Form 2 voters in Bishkek and Osh.
    Additional,
    /// In a hospital.
    Hospital,
    /// In a place of detention.
    Detention,
    /// Of a military unit.
    Military,
    /// At a mission abroad.
    Abroad,
    /// On the way: remote pastures.
    Mobile,
}

impl PrecinctKind {
    /// The word of the table.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            PrecinctKind::Territorial => "territorial",
            PrecinctKind::Additional => "additional",
            PrecinctKind::Hospital => "hospital",
            PrecinctKind::Detention => "detention",
            PrecinctKind::Military => "military",
            PrecinctKind::Abroad => "abroad",
            PrecinctKind::Mobile => "mobile",
        }
    }
}

/// A precinct.
#[derive(Clone, Debug)]
pub struct Precinct {
    /// Its number.
    pub code: PrecinctCode,
    /// What it is for.
    pub kind: PrecinctKind,
    /// Code of its region in the report.
    pub region: &'static str,
    /// Where its premises are.
    pub point: Point,
    /// The address of its premises in Kyrgyz.
    pub address_ky: String,
    /// The same in Russian.
    pub address_ru: String,
    pub(crate) soate: u64,
    pub(crate) outline: Outline,
    /// Also described by streets and houses.
    pub(crate) ranges: bool,
}

/// How many precincts of which kind a country of `total` has.
pub(crate) struct Shares {
    pub territorial: usize,
    pub additional: usize,
    pub special: usize,
    pub abroad: usize,
}

/// In the proportions of 2015: 2,374 precincts, of them 36 abroad and 46 additional.
pub(crate) fn shares(total: usize) -> Shares {
    let part = |count: f64| ((total as f64 * count / 2_374.0).round() as usize).max(1);
    let abroad = if total >= 10 { part(36.0) } else { 0 };
    let additional = if total >= 12 { part(46.0) } else { 0 };
    let special = if total >= 250 { part(12.0) } else { 0 };
    Shares {
        territorial: total - abroad - additional - special,
        additional,
        special,
        abroad,
    }
}

/// Regions that get land: all nine, or the largest when precincts are fewer.
pub(crate) fn populated_regions(territorial: usize) -> Vec<usize> {
    let voters = crate::land::home_voters();
    let mut ranked: Vec<usize> = (0..HOME_REGIONS).collect();
    ranked.sort_by(|&a, &b| voters[b].total_cmp(&voters[a]));
    ranked.truncate(territorial.max(1));
    ranked.sort_unstable();
    ranked
}

/// A territory with its houses and the sizes wanted inside it.
struct Plot {
    outline: Outline,
    houses: Vec<u32>,
    sizes: Vec<f64>,
}

/// Cuts the land into precincts and tells every house its own.
pub(crate) fn divide(seed: u64, total: usize, land: &mut Land, records: &Records) -> Vec<Precinct> {
    let shares = shares(total);
    let weights = expected_voters(land, records);
    let regions = populated_regions(shares.territorial);
    let by_region: Vec<f64> = regions.iter().map(|&r| DATA.regions[r].precincts).collect();
    let counts = apportion(shares.territorial, &by_region, 1);
    let mut plots: Vec<(u8, Plot)> = Vec::new();
    for (&region, count) in regions.iter().zip(counts) {
        let parts = plots_of(seed, region, count, land, &weights);
        plots.extend(parts.into_iter().map(|p| (region as u8, p)));
    }
    let cut: Vec<Vec<(u8, Outline, Vec<u32>)>> = plots
        .into_par_iter()
        .map(|(region, plot)| {
            let mut parts = Vec::new();
            split(plot, land, &weights, &mut parts);
            parts
                .into_iter()
                .map(|(outline, houses)| (region, outline, houses))
                .collect()
        })
        .collect();
    let mut precincts = Vec::new();
    let mut numbers = [0u16; 10];
    for (region, outline, houses) in cut.into_iter().flatten() {
        let index = precincts.len() as u16;
        for &house in &houses {
            land.houses[house as usize].precinct = index;
        }
        let digit = DATA.regions[usize::from(region)].digit;
        numbers[usize::from(digit)] += 1;
        let number = digit * 1000 + numbers[usize::from(digit)];
        precincts.push(territorial(seed, number, region, outline, &houses, land));
    }
    add_without_land(&shares, &numbers, &mut precincts);
    precincts
}

/// Humans per house who are likely to be on the list.
fn expected_voters(land: &Land, records: &Records) -> Vec<u16> {
    let mut voters = vec![0u16; land.houses.len()];
    for person in &records.persons {
        if person.home() != NONE && person.may_vote() && person.processed_in_time() {
            voters[person.home() as usize] += 1;
        }
    }
    voters
}

/// The plots of a region: its raions when there are precincts for all of them, else all of it.
fn plots_of(seed: u64, region: usize, count: usize, land: &Land, weights: &[u16]) -> Vec<Plot> {
    let data = &DATA.regions[region];
    let mut sizes = wanted_sizes(seed, region, count);
    let of_oblast = |soate: u64| (soate / 1_000_000_000) % 100 == u64::from(data.oblast);
    let raions: Vec<usize> = (0..DATA.raions.len())
        .filter(|&r| of_oblast(DATA.raions[r].soate))
        .collect();
    let houses_in = |raion: Option<usize>| -> Vec<u32> {
        let inside = |s: &&crate::land::Settlement| {
            usize::from(s.region) == region && raion.is_none_or(|r| usize::from(s.raion) == r)
        };
        land.settlements
            .iter()
            .filter(inside)
            .flat_map(|s| s.houses.clone())
            .collect()
    };
    let by_raion: Vec<(usize, Vec<u32>)> =
        raions.iter().map(|&r| (r, houses_in(Some(r)))).collect();
    let all_lived_in = by_raion.iter().all(|(_, houses)| !houses.is_empty());
    if !all_lived_in || count < raions.len() * 2 {
        let outline = DATA.oblasts[&data.oblast].clone();
        return vec![Plot {
            outline,
            houses: houses_in(None),
            sizes,
        }];
    }
    let weight = |houses: &[u32]| {
        houses
            .iter()
            .map(|&h| f64::from(weights[h as usize]))
            .sum::<f64>()
    };
    let by_weight: Vec<f64> = by_raion.iter().map(|(_, h)| weight(h)).collect();
    let counts = apportion(count, &by_weight, 1);
    by_raion
        .into_iter()
        .zip(counts)
        .map(|((raion, houses), count)| Plot {
            outline: DATA.raions[raion].outline.clone(),
            houses,
            sizes: sizes.split_off(sizes.len() - count),
        })
        .collect()
}

/// Sizes at even quantiles of the precincts of 2020, shuffled.
fn wanted_sizes(seed: u64, region: usize, count: usize) -> Vec<f64> {
    let known = &DATA.regions[region].sizes;
    let mut sizes: Vec<f64> = (0..count)
        .map(|i| known[(2 * i + 1) * known.len() / (2 * count)])
        .collect();
    let mut dice = Dice::new(seed, Lane::Precinct, region as u64);
    for i in (1..sizes.len()).rev() {
        sizes.swap(i, dice.below(i as u32 + 1) as usize);
    }
    sizes
}

/// Cuts a plot in two across its longer side, until every part holds one size.
fn split(mut plot: Plot, land: &Land, weights: &[u16], done: &mut Vec<(Outline, Vec<u32>)>) {
    if plot.sizes.len() <= 1 || plot.houses.len() < 2 {
        let rest = plot.sizes.len().saturating_sub(1);
        done.push((plot.outline, plot.houses));
        // A country too thin to cut further: the rest of the precincts stay unmade.
        debug_assert!(rest == 0 || done.len() < 10_000);
        return;
    }
    let half = plot.sizes.len() / 2;
    let upper = plot.sizes.split_off(half);
    let share = plot.sizes.iter().sum::<f64>() / (plot.sizes.iter().chain(&upper).sum::<f64>());
    let axis = longer_side(&plot.houses, land);
    let at = |house: u32| {
        let h = &land.houses[house as usize];
        i64::from(if axis == Axis::Lon { h.x } else { h.y })
    };
    plot.houses.sort_unstable_by_key(|&h| (at(h), h));
    let total: u64 = plot
        .houses
        .iter()
        .map(|&h| u64::from(weights[h as usize]))
        .sum();
    let wanted = share * total as f64;
    let (mut sum, mut index) = (0.0, 0);
    while index + 1 < plot.houses.len() && sum < wanted {
        sum += f64::from(weights[plot.houses[index] as usize]);
        index += 1;
    }
    // At least one house on either side: look along the plot for a place to cut.
    let cut_after = |i: usize| (at(plot.houses[i]).div_euclid(100)) * 100 + 50;
    let line = (index.saturating_sub(1)..plot.houses.len() - 1)
        .chain((0..index.saturating_sub(1)).rev())
        .map(cut_after)
        .find(|&line| at(plot.houses[0]) < line && line < at(plot.houses[plot.houses.len() - 1]));
    let Some(line) = line else {
        done.push((plot.outline, plot.houses));
        return;
    };
    let (low, high) = plot.outline.cut(axis, line);
    let border = plot.houses.partition_point(|&h| at(h) < line);
    let above = plot.houses.split_off(border);
    split(
        Plot {
            outline: low,
            houses: plot.houses,
            sizes: plot.sizes,
        },
        land,
        weights,
        done,
    );
    split(
        Plot {
            outline: high,
            houses: above,
            sizes: upper,
        },
        land,
        weights,
        done,
    );
}

fn longer_side(houses: &[u32], land: &Land) -> Axis {
    let spread = |of: fn(&crate::land::House) -> i32| {
        let values = houses.iter().map(|&h| of(&land.houses[h as usize]));
        values.clone().max().unwrap_or(0) - values.min().unwrap_or(0)
    };
    // A degree of longitude is three quarters of a degree of latitude here.
    if f64::from(spread(|h| h.x)) * 0.75 >= f64::from(spread(|h| h.y)) {
        Axis::Lon
    } else {
        Axis::Lat
    }
}

fn territorial(
    seed: u64,
    number: u16,
    region: u8,
    outline: Outline,
    houses: &[u32],
    land: &Land,
) -> Precinct {
    let data = &DATA.regions[usize::from(region)];
    let mut dice = Dice::new(seed, Lane::Precinct, 1 << 32 | u64::from(number));
    let house = houses.get(houses.len() / 2).copied().unwrap_or(0);
    let settlement = land.settlement_of(house);
    let place = &DATA.places[settlement.place];
    let street = crate::address::street_ky(land, land.houses[house as usize].street);
    let school = 1 + dice.below(90);
    let h = &land.houses[house as usize];
    Precinct {
        code: code(number),
        kind: PrecinctKind::Territorial,
        region: data.code,
        point: h.point(),
        address_ky: format!(
            "{}, {street}, {}, №{school} мектеп",
            place.name_ru,
            h.number_text()
        ),
        address_ru: format!(
            "{}, {}, {}, школа №{school}",
            place.name_ru,
            crate::address::street_ru(land, h.street),
            h.number_text()
        ),
        soate: place.soate,
        outline,
        ranges: dice.chance(0.08) || houses.len() > 3 && number % 1000 == 1,
    }
}

fn code(number: u16) -> PrecinctCode {
    PrecinctCode::new(number).expect("numbers run from 1001 to 9999: Params refuses more precincts")
}

/// Missions abroad: city, longitude, latitude.
const MISSIONS: [(&str, f64, f64); 12] = [
    ("Москва", 37.6176, 55.7558),
    ("Екатеринбург", 60.6057, 56.8389),
    ("Алматы", 76.8860, 43.2389),
    ("Стамбул", 28.9784, 41.0082),
    ("Новосибирск", 82.9204, 55.0302),
    ("Астана", 71.4304, 51.1282),
    ("Анкара", 32.8597, 39.9334),
    ("Сеул", 126.9780, 37.5665),
    ("Берлин", 13.4050, 52.5200),
    ("Дубай", 55.2708, 25.2048),
    ("Пекин", 116.4074, 39.9042),
    ("Вашингтон", -77.0369, 38.9072),
];

fn add_without_land(shares: &Shares, numbers: &[u16; 10], precincts: &mut Vec<Precinct>) {
    let mut next = *numbers;
    for number in &mut next {
        *number = (*number).max(900);
    }
    let mut push = |kind: PrecinctKind, region: u8, what: (String, String), point: Point| {
        let data = &DATA.regions[usize::from(region)];
        let slot = &mut next[usize::from(data.digit)];
        *slot += 1;
        let oblast = if region == ABROAD {
            11
        } else {
            u64::from(data.oblast)
        };
        precincts.push(Precinct {
            code: code(data.digit * 1000 + if region == ABROAD { *slot - 900 } else { *slot }),
            kind,
            region: data.code,
            point,
            address_ky: what.0,
            address_ru: what.1,
            soate: 41_700_000_000_000 + oblast * 1_000_000_000,
            outline: Outline::default(),
            ranges: false,
        });
    };
    let (bishkek, osh) = (
        Point::degrees(74.59, 42.87),
        Point::degrees(72.7985, 40.52828),
    );
    for i in 0..shares.additional {
        // 39 of 46 in Bishkek, 7 in Osh.
        let in_osh = i % 7 == 6;
        let (region, point, city) = if in_osh {
            (1, osh, "Ош")
        } else {
            (0, bishkek, "Бишкек")
        };
        let what = (
            format!("{city} ш., №{} кошумча шайлоо участкасы", i + 1),
            format!("г. {city}, дополнительный избирательный участок №{}", i + 1),
        );
        push(PrecinctKind::Additional, region, what, point);
    }
    for i in 0..shares.special {
        let (kind, ky, ru) = match i % 3 {
            0 => (PrecinctKind::Hospital, "оорукана", "больница"),
            1 => (
                PrecinctKind::Detention,
                "тергөө абагы",
                "следственный изолятор",
            ),
            _ => (PrecinctKind::Military, "аскер бөлүгү", "воинская часть"),
        };
        push(
            kind,
            0,
            (
                format!("Бишкек ш., {ky} №{}", i / 3 + 1),
                format!("г. Бишкек, {ru} №{}", i / 3 + 1),
            ),
            bishkek,
        );
    }
    for i in 0..shares.abroad {
        let (city, lon, lat) = MISSIONS[i % MISSIONS.len()];
        let what = (
            format!("{city}, КР элчилиги"),
            format!("{city}, посольство КР"),
        );
        push(PrecinctKind::Abroad, ABROAD, what, Point::degrees(lon, lat));
    }
}

/// Adds a hospital, a place of detention, a unit and a mobile precinct for each 200 precincts, at least one of each,
/// region by region. They come after all others, so that nothing else of the country changes.
pub(crate) fn add_institutions(land: &Land, precincts: &mut Vec<Precinct>) {
    let sets = (precincts.len() / 200).max(1);
    let regions = populated_regions(precincts.iter().filter(|p| p.has_land()).count());
    for set in 0..sets {
        let region = regions[set % regions.len()];
        let here = |s: &&crate::land::Settlement| usize::from(s.region) == region;
        let Some(settlement) = land.settlements.iter().find(here) else {
            continue;
        };
        let (data, place) = (&DATA.regions[region], &DATA.places[settlement.place]);
        let point = land.houses[settlement.houses.start as usize].point();
        for (kind, ky, ru) in INSTITUTIONS {
            let of_region = precincts.iter().map(|p| p.code.number());
            let last = of_region.filter(|n| n / 1000 == data.digit).max();
            let number = last.unwrap_or(0).max(data.digit * 1000 + 900) + 1;
            precincts.push(Precinct {
                code: code(number),
                kind,
                region: data.code,
                point,
                address_ky: format!("{}, {ky} №{}", place.name_ru, set + 1),
                address_ru: format!("{}, {ru} №{}", place.name_ru, set + 1),
                soate: place.soate,
                outline: Outline::default(),
                ranges: false,
            });
        }
    }
}

/// Kinds of institutions, with their names in Kyrgyz and Russian.
const INSTITUTIONS: [(PrecinctKind, &str, &str); 4] = [
    (PrecinctKind::Hospital, "оорукана", "больница"),
    (
        PrecinctKind::Detention,
        "тергөө абагы",
        "следственный изолятор",
    ),
    (PrecinctKind::Military, "аскер бөлүгү", "воинская часть"),
    (
        PrecinctKind::Mobile,
        "жайлоо, көчмө шайлоо участкасы",
        "жайлоо, передвижной избирательный участок",
    ),
];

impl Precinct {
    /// Land, or the whole idea of it: none for missions and additional precincts.
    #[must_use]
    pub fn has_land(&self) -> bool {
        self.kind == PrecinctKind::Territorial
    }
}
