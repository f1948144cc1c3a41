//! The committed data: regions, outlines, the state classifier, names, streets, sizes.
//!
//! Origin and licence of every file stand in `data/SOURCE.md`. All of it is read at compile time,
//! so the generator needs no other folder.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::calendar::Day;
use crate::outline::{Outline, Point};

/// A region of the report, with its figures of 4 October 2015.
#[derive(Clone, Debug)]
pub(crate) struct RegionData {
    pub code: &'static str,
    /// Two digits of the SOATE code; 99 abroad.
    pub oblast: u8,
    /// First digit of its precinct numbers.
    pub digit: u16,
    pub uzbek_pct: f64,
    pub russian_pct: f64,
    pub voters: f64,
    pub additional_voters: f64,
    pub kits: f64,
    pub precincts: f64,
    /// Persons enrolled by month, November 2014 to September 2015 ([`CAMPAIGN_MONTHS`]).
    pub campaign: Vec<f64>,
    /// Votes per precinct in 2020, ascending: the shape of precinct sizes.
    pub sizes: Vec<f64>,
}

/// First days of the campaign's months, and the day after the last column (18 September 2015).
pub(crate) const CAMPAIGN_MONTHS: [Day; 12] = [
    Day::of(2014, 11, 1),
    Day::of(2014, 12, 1),
    Day::of(2015, 1, 1),
    Day::of(2015, 2, 1),
    Day::of(2015, 3, 1),
    Day::of(2015, 4, 1),
    Day::of(2015, 5, 1),
    Day::of(2015, 6, 1),
    Day::of(2015, 7, 1),
    Day::of(2015, 8, 1),
    Day::of(2015, 9, 1),
    Day::of(2015, 9, 19),
];

/// A district or town with its outline.
#[derive(Clone, Debug)]
pub(crate) struct Raion {
    pub soate: u64,
    /// Voters in 2017, 0 when not printed apart.
    pub voters: f64,
    pub outline: Outline,
}

/// A place people live in.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub soate: u64,
    pub name_ru: &'static str,
    /// Known centre and population (0 unknown) of the larger places.
    pub known: Option<(Point, f64)>,
}

/// A given name with its Russian spellings.
#[derive(Clone, Debug)]
pub(crate) struct GivenData {
    pub group: Group,
    pub female: bool,
    pub name: &'static str,
    pub spellings_ru: Vec<&'static str>,
    pub weight: u32,
}

/// A surname's stem and its masculine Russian form.
#[derive(Clone, Debug)]
pub(crate) struct SurnameData {
    pub group: Group,
    pub stem: &'static str,
    pub ru: &'static str,
    pub weight: u32,
}

/// Naming traditions.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Group {
    Kyrgyz,
    Uzbek,
    Russian,
}

/// Street name and, where the Russian form is the same word, that form.
#[derive(Clone, Debug)]
pub(crate) struct StreetData {
    pub name: &'static str,
    pub cognate_ru: &'static str,
}

pub(crate) struct Data {
    /// Nine regions, then abroad.
    pub regions: Vec<RegionData>,
    pub oblasts: BTreeMap<u8, Outline>,
    pub raions: Vec<Raion>,
    pub places: Vec<Place>,
    /// Oblasts and raions: SOATE code to Russian name.
    pub areas: BTreeMap<u64, &'static str>,
    pub given: Vec<GivenData>,
    pub surnames: Vec<SurnameData>,
    pub streets: Vec<StreetData>,
}

/// The parsed data.
pub(crate) static DATA: LazyLock<Data> = LazyLock::new(read);

const BAD: &str = "committed data are well formed (tests read all of them)";

fn rows(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    text.lines()
        .skip(1)
        .filter(|line| !line.is_empty())
        .map(|line| line.split(',').collect())
}

fn number(text: &str) -> f64 {
    text.parse().expect(BAD)
}

fn read() -> Data {
    let oblasts = oblasts(include_str!("../data/oblasts.json"));
    let mut raions = raions(include_str!("../data/raions.json"));
    for row in rows(include_str!("../data/raion_voters.csv")) {
        let soate: u64 = row[0].parse().expect(BAD);
        if let Some(raion) = raions.iter_mut().find(|r| r.soate == soate) {
            raion.voters = row[1].parse().unwrap_or(0.0);
        }
    }
    Data {
        regions: regions(),
        oblasts,
        raions,
        places: places(),
        areas: rows(include_str!("../data/soate.csv"))
            .filter(|r| matches!(r[1], "o" | "r"))
            .map(|r| (r[0].parse().expect(BAD), r[2]))
            .collect(),
        given: rows(include_str!("../data/given_names.csv"))
            .map(|r| GivenData {
                group: group(r[0]),
                female: r[1] == "F",
                name: r[2],
                spellings_ru: r[3].split('|').collect(),
                weight: r[4].parse().expect(BAD),
            })
            .collect(),
        surnames: rows(include_str!("../data/surnames.csv"))
            .map(|r| SurnameData {
                group: group(r[0]),
                stem: r[1],
                ru: r[2],
                weight: r[3].parse().expect(BAD),
            })
            .collect(),
        streets: rows(include_str!("../data/streets.csv"))
            .map(|r| StreetData {
                name: r[0],
                cognate_ru: r[2],
            })
            .collect(),
    }
}

fn group(code: &str) -> Group {
    match code {
        "u" => Group::Uzbek,
        "r" => Group::Russian,
        _ => Group::Kyrgyz,
    }
}

fn regions() -> Vec<RegionData> {
    let campaign: BTreeMap<&str, Vec<f64>> = rows(include_str!("../data/campaign.csv"))
        .map(|r| (r[0], r[1..].iter().map(|v| number(v)).collect()))
        .collect();
    let sizes: BTreeMap<&str, Vec<f64>> = rows(include_str!("../data/precinct_sizes.csv"))
        .map(|r| (r[0], r[1].split(' ').map(number).collect()))
        .collect();
    rows(include_str!("../data/regions.csv"))
        .map(|r| RegionData {
            code: r[0],
            oblast: r[1].parse().expect(BAD),
            digit: r[2].parse().expect(BAD),
            uzbek_pct: number(r[6]),
            russian_pct: number(r[7]),
            voters: number(r[8]),
            additional_voters: number(r[9]),
            kits: number(r[10]),
            precincts: number(r[12]),
            campaign: campaign.get(r[0]).cloned().unwrap_or_default(),
            sizes: sizes.get(r[0]).cloned().unwrap_or_default(),
        })
        .collect()
}

fn places() -> Vec<Place> {
    let towns: BTreeMap<u64, (Point, f64)> = rows(include_str!("../data/towns.csv"))
        .map(|r| {
            let centre = Point::degrees(number(r[1]), number(r[2]));
            (r[0].parse().expect(BAD), (centre, number(r[3])))
        })
        .collect();
    let lived_in = |soate: u64| {
        !soate.is_multiple_of(1000) || soate == 41_711_000_000_000 || soate == 41_721_000_000_000
    };
    let mut places: Vec<Place> = rows(include_str!("../data/soate.csv"))
        .map(|r| (r[0].parse::<u64>().expect(BAD), r[2]))
        .filter(|&(soate, _)| lived_in(soate))
        .map(|(soate, name_ru)| Place {
            soate,
            name_ru,
            known: towns.get(&soate).copied(),
        })
        .collect();
    places.dedup_by_key(|p| p.soate);
    places
}

/// Turns `[x, y, dx, dy, …]` in 1e-5 degrees into points.
fn delta_points(values: &serde_json::Value) -> Vec<Point> {
    let numbers: Vec<i64> = values
        .as_array()
        .expect(BAD)
        .iter()
        .map(|v| v.as_i64().expect(BAD))
        .collect();
    let (mut x, mut y) = (0, 0);
    numbers
        .chunks_exact(2)
        .map(|pair| {
            x += pair[0];
            y += pair[1];
            Point {
                x: x * 100,
                y: y * 100,
            }
        })
        .collect()
}

fn oblasts(text: &str) -> BTreeMap<u8, Outline> {
    let json: serde_json::Value = serde_json::from_str(text).expect(BAD);
    let list = json["oblasts"].as_array().expect(BAD);
    list.iter()
        .map(|o| {
            let soate: u64 = o["soate"].as_str().expect(BAD).parse().expect(BAD);
            let rings = o["rings"]
                .as_array()
                .expect(BAD)
                .iter()
                .map(delta_points)
                .collect();
            (((soate / 1_000_000_000) % 100) as u8, Outline::new(rings))
        })
        .collect()
}

fn raions(text: &str) -> Vec<Raion> {
    let json: serde_json::Value = serde_json::from_str(text).expect(BAD);
    let arcs: Vec<Vec<Point>> = json["arcs"]
        .as_array()
        .expect(BAD)
        .iter()
        .map(delta_points)
        .collect();
    let ring = |refs: &serde_json::Value| -> Vec<Point> {
        let mut points = Vec::new();
        for index in refs.as_array().expect(BAD) {
            let index = index.as_i64().expect(BAD);
            let mut arc = arcs[(if index < 0 { !index } else { index }) as usize].clone();
            if index < 0 {
                arc.reverse();
            }
            arc.pop();
            points.extend(arc);
        }
        points
    };
    let list = json["raions"].as_array().expect(BAD);
    list.iter()
        .map(|r| Raion {
            soate: r["soate"].as_str().expect(BAD).parse().expect(BAD),
            voters: 0.0,
            outline: Outline::new(r["rings"].as_array().expect(BAD).iter().map(ring).collect()),
        })
        .collect()
}

/// The raion of a place: the one whose code shares the most leading digits, at least eight.
pub(crate) fn raion_of(raions: &[Raion], soate: u64) -> Option<usize> {
    let shared = |code: u64| {
        let (a, b) = (format!("{code:014}"), format!("{soate:014}"));
        a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count()
    };
    let city = |code: u64| matches!(code / 1_000_000_000, 41_711 | 41_721);
    (0..raions.len())
        .filter(|&i| shared(raions[i].soate) >= if city(soate) { 5 } else { 8 })
        .max_by_key(|&i| (shared(raions[i].soate), std::cmp::Reverse(i)))
}
