//! How often a clerk's address is placed right, placed wrong, or queued, against the truth of a synthetic country.
//!
//! What is here: [`judge`], which reads `addresses`, `precincts`, `boundaries`, `commission` and
//! `truth/addresses` of a folder and counts. What is deliberately not here: any rule of its own; the search
//! is `register::address`, the precinct of a house is `roll::boundary`.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use anyhow::Context as _;
use lexicon::handover::snapshot::{AddressRow, BoundaryRow, Extent, PrecinctRow};
use lexicon::{PrecinctCode, Soate};
use register::address::index::HouseRow;
use register::address::{Answer, Builder, Context, Index, Places, Seeker};
use roll::SnapshotBuilder;
use roll::boundary::place_all;
use rustix::time::{ClockId, clock_gettime};

/// What became of the texts of one kind of slip.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Placed in the house that is meant.
    pub right: u64,
    /// Placed in another house.
    pub wrong: u64,
    /// Queued though the register holds the house.
    pub queued: u64,
    /// Queued, and the register does not hold the house.
    pub rightly_queued: u64,
    /// Queued, with the house among the suggestions.
    pub suggested: u64,
}

impl Tally {
    /// Texts whose house the register holds.
    #[must_use]
    pub fn with_house(&self) -> u64 {
        self.right + self.queued
    }

    /// Every text.
    #[must_use]
    pub fn all(&self) -> u64 {
        self.right + self.wrong + self.queued + self.rightly_queued
    }

    /// Placed right, of all texts whose house the register holds, in percent.
    #[must_use]
    pub fn right_pct(&self) -> f64 {
        100.0 * self.right as f64 / ((self.all() - self.rightly_queued).max(1)) as f64
    }

    /// Placed wrong, of all texts, in percent.
    #[must_use]
    pub fn wrong_pct(&self) -> f64 {
        100.0 * self.wrong as f64 / self.all().max(1) as f64
    }
}

/// The counts of a country.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// All texts.
    pub total: Tally,
    /// By what the clerk did; a text with two slips counts under both.
    pub by_slip: BTreeMap<String, Tally>,
    /// Queued texts by reason.
    pub by_reason: BTreeMap<&'static str, u64>,
    /// Houses and streets of the register.
    pub register: (usize, usize),
    /// Processor seconds: reading and arranging the register, and all seeking.
    pub seconds: (f64, f64),
    /// Texts placed wrong, at most as many as asked for: (text, placed at, meant).
    pub wrong: Vec<[String; 3]>,
    /// Texts queued though the house is there: (text, reason, meant).
    pub queued: Vec<[String; 3]>,
}

fn rows<const N: usize>(
    path: &Path,
    names: [&str; N],
    mut take: impl FnMut([&str; N]) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut reader = csv::Reader::from_path(path).with_context(|| path.display().to_string())?;
    let header = reader.headers()?.clone();
    let mut at = [0; N];
    for (place, name) in at.iter_mut().zip(names) {
        *place = header
            .iter()
            .position(|column| column == name)
            .with_context(|| format!("{}: no column {name}", path.display()))?;
    }
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record)? {
        take(at.map(|place| record.get(place).unwrap_or("")))?;
    }
    Ok(())
}

fn micro(text: &str) -> anyhow::Result<i32> {
    #[expect(clippy::cast_possible_truncation, reason = "degrees are below 180")]
    Ok((text.parse::<f64>()? * 1e6).round() as i32)
}

/// Reads the register of a folder: its index and the ids of the houses in the index's order.
///
/// # Errors
/// When a file is missing or a row cannot be read.
pub fn read_register(folder: &Path) -> anyhow::Result<(Index, Vec<String>)> {
    let mut builder = SnapshotBuilder::new();
    let path = |name: &str| folder.join(name);
    let columns = [
        "address_id",
        "soate",
        "street_id",
        "street_name",
        "house",
        "lon",
        "lat",
    ];
    let mut houses: Vec<AddressRow> = Vec::new();
    rows(
        &path("addresses.csv"),
        columns,
        |[id, soate, street, name, house, lon, lat]| {
            houses.push(AddressRow {
                address: id.to_owned(),
                soate: soate.parse()?,
                street: street.to_owned(),
                street_name: name.to_owned(),
                house: house.to_owned(),
                lon_microdegrees: micro(lon)?,
                lat_microdegrees: micro(lat)?,
            });
            Ok(())
        },
    )?;
    houses.sort_by(|a, b| a.address.cmp(&b.address));
    houses.iter().for_each(|house| builder.address(house));
    let columns = ["precinct", "kind", "region", "soate"];
    rows(
        &path("precincts.csv"),
        columns,
        |[precinct, kind, region, soate]| {
            builder.precinct(PrecinctRow {
                precinct: precinct.parse()?,
                kind: kind.to_owned(),
                region: region.to_owned(),
                soate: soate.parse::<Soate>()?,
                address_ky: String::new(),
                address_ru: String::new(),
                lon_microdegrees: 0,
                lat_microdegrees: 0,
            });
            Ok(())
        },
    )?;
    let columns = [
        "precinct",
        "geojson",
        "street_id",
        "parity",
        "house_from",
        "house_to",
    ];
    rows(
        &path("boundaries.csv"),
        columns,
        |[precinct, geojson, street, parity, from, to]| {
            let extent = if street.is_empty() {
                Extent::Polygon(geojson.to_owned())
            } else {
                Extent::Range {
                    street: street.to_owned(),
                    parity: parity.to_owned(),
                    from: from.parse()?,
                    to: to.parse()?,
                }
            };
            builder.boundary(BoundaryRow {
                precinct: precinct.parse()?,
                extent,
            });
            Ok(())
        },
    )?;
    let (placed, _) = place_all(&builder.finish()?);
    let mut builder = Builder::new(Places::shipped());
    for (house, placed) in houses.iter().zip(placed) {
        builder.house(&HouseRow {
            soate: house.soate,
            street: &house.street,
            street_name: &house.street_name,
            house: &house.house,
            precinct: placed.map(|placed| placed.precinct),
        });
    }
    Ok((
        builder.finish(),
        houses.into_iter().map(|house| house.address).collect(),
    ))
}

/// Seeks every address text of the commission's list and counts against the truth. `examples`: how many to keep.
///
/// # Errors
/// When a file is missing or a row cannot be read.
pub fn judge(folder: &Path, examples: usize) -> anyhow::Result<Figures> {
    let begun = processor_seconds();
    let (index, ids) = read_register(folder)?;
    let arranged = processor_seconds() - begun;
    let mut meant: HashMap<u64, (Box<str>, Box<str>)> = HashMap::new();
    let number = |row: &str| row.trim_start_matches('C').parse::<u64>();
    let truth = folder.join("truth/addresses.csv");
    rows(
        &truth,
        ["row_id", "address_id", "written"],
        |[row, address, written]| {
            meant.insert(number(row)?, (address.into(), written.into()));
            Ok(())
        },
    )?;
    let mut figures = Figures {
        register: (index.houses(), index.streets()),
        ..Figures::default()
    };
    let mut seeker = Seeker::new(&index);
    let begun = processor_seconds();
    let list = folder.join("commission.csv");
    rows(
        &list,
        ["row_id", "address", "precinct"],
        |[row, text, precinct]| {
            if text.is_empty() {
                return Ok(());
            }
            let (house, slips) = meant
                .get(&number(row)?)
                .with_context(|| format!("{row} has no truth"))?;
            let precinct = precinct.parse::<PrecinctCode>().ok();
            let answer = seeker.seek(text, Context { precinct });
            figures.count(
                &answer,
                house,
                slips,
                |at| ids[at as usize].as_str(),
                text,
                examples,
            );
            Ok(())
        },
    )?;
    figures.seconds = (arranged, processor_seconds() - begun);
    Ok(figures)
}

/// Processor time of this process so far, seconds.
#[must_use]
pub fn processor_seconds() -> f64 {
    let spent = clock_gettime(ClockId::ProcessCPUTime);
    spent.tv_sec as f64 + spent.tv_nsec as f64 / 1e9
}

impl Figures {
    fn count<'a>(
        &mut self,
        answer: &Answer,
        meant: &str,
        slips: &str,
        id: impl Fn(u32) -> &'a str,
        text: &str,
        examples: usize,
    ) {
        let mut one = Tally::default();
        match answer {
            Answer::Placed(placement) if id(placement.house.0) == meant => one.right = 1,
            Answer::Placed(placement) => {
                one.wrong = 1;
                if self.wrong.len() < examples {
                    self.wrong
                        .push([text, id(placement.house.0), meant].map(str::to_owned));
                }
            }
            Answer::Queued(queued) => {
                *self.by_reason.entry(queued.reason.code()).or_default() += 1;
                if meant.is_empty() {
                    one.rightly_queued = 1;
                } else {
                    one.queued = 1;
                    one.suggested =
                        u64::from(queued.suggestions.iter().any(|s| id(s.house.0) == meant));
                    if self.queued.len() < examples {
                        self.queued
                            .push([text, queued.reason.code(), meant].map(str::to_owned));
                    }
                }
            }
        }
        let kinds = std::iter::once("")
            .filter(|_| slips.is_empty())
            .map(|_| "plain");
        for slip in kinds.chain(slips.split('+').filter(|slip| !slip.is_empty())) {
            self.by_slip.entry(slip.to_owned()).or_default().add(one);
        }
        self.total.add(one);
    }
}

impl Tally {
    fn add(&mut self, other: Tally) {
        self.right += other.right;
        self.wrong += other.wrong;
        self.queued += other.queued;
        self.rightly_queued += other.rightly_queued;
        self.suggested += other.suggested;
    }
}
