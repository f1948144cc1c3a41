//! The register's houses with their precincts, arranged for whoever asks which precinct an address is in: built once and
//! kept, built anew when houses, precincts or boundaries changed.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use lexicon::handover::snapshot::{AddressRow, BoundaryRow, Extent, SnapshotTables};
use lexicon::{AddressDoubt, Date, Instant, PrecinctCode};
use register::address::{Answer, Builder, Context, HouseAt, Index, Places, Seeker};
use roll::SnapshotBuilder;
use roll::boundary::{Point, Shape, Territory, place_all};
use roll::houses::Houses;
use store::{Store, StoreError};

/// What the book rests on is looked at again after this time, microseconds.
const KEPT_MICROS: i64 = 60_000_000;

/// Houses above which a page does not wait for a newer book: 100,000 take about 0.4 s.
const BUILT_AT_ONCE_MAX: u64 = 100_000;

/// Longest text that is sought, letters; more is a slip of the clipboard.
const SOUGHT_MAX: usize = 160;

/// Houses farther from a place than this are not the one that was meant, metres.
const NEAR_METRES_MAX: f64 = 300.0;

/// Most houses near a place that are named.
const NEAR_MAX: usize = 5;

/// A microdegree of latitude, metres.
const METRES: f64 = 0.111_32;

/// The arranged houses.
pub(crate) struct AddressBook {
    index: Index,
    /// Ids of the buildings, in the order of the index: behind the houses those of second addresses.
    ids: Vec<Box<str>>,
    /// Precinct of each building, where it lies in one.
    precincts: Vec<Option<PrecinctCode>>,
    /// Where each house is, each building once.
    points: Vec<Point>,
    /// The outlines.
    territory: Territory,
}

/// What a book rests on. INVARIANT (append-only): houses, names of streets and precincts are only added.
#[derive(Clone, PartialEq)]
struct Ground {
    /// Names of streets are in force by day.
    day: Date,
    houses: u64,
    streets: u64,
    precincts: u64,
    boundaries: Vec<BoundaryRow>,
}

struct Kept {
    seen: Instant,
    ground: Arc<Ground>,
    book: Arc<AddressBook>,
}

/// The latest book, and whether a newer one is being built.
#[derive(Clone, Default)]
pub(crate) struct AddressBooks {
    kept: Arc<Mutex<Option<Kept>>>,
    is_building: Arc<AtomicBool>,
}

/// A house of the register with its precinct.
#[derive(Clone, Debug)]
pub(crate) struct FoundHouse {
    pub row: AddressRow,
    /// None: no precinct holds it.
    pub precinct: Option<PrecinctCode>,
    /// By what else than the address that it prints it was found.
    pub by: Option<FoundBy>,
}

/// What led to a house beside the address that it prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FoundBy {
    /// A name that its street no longer bears.
    FormerName,
    /// The building's second address.
    SecondAddress,
}

impl FoundBy {
    /// The key of its words.
    pub(crate) fn key(self) -> &'static str {
        match self {
            FoundBy::FormerName => "filing.by_former",
            FoundBy::SecondAddress => "filing.by_second",
        }
    }
}

/// What lies at a place of the map.
pub(crate) struct AtPlace {
    /// Houses nearby with their distance in metres, the nearest first.
    pub houses: Vec<(FoundHouse, u32)>,
    /// The precinct whose outline holds the place.
    pub precinct: Option<PrecinctCode>,
}

/// Which house a text means.
pub(crate) enum SoughtHouse {
    /// One, without doubt.
    One(FoundHouse),
    /// A human chooses among these, the best first; there may be none.
    Doubt(AddressDoubt, Vec<FoundHouse>),
}

impl AddressBooks {
    /// The book of now. A page of a large country takes the latest there is while a newer one is built beside it; only the
    /// first is waited for. Cost of a book: about 5 s for 1.3 M houses.
    pub(crate) fn get(&self, store: &Store) -> Result<Arc<AddressBook>, StoreError> {
        let now = store.now();
        let before = self.lock(|kept| {
            let kept = kept.as_ref()?;
            // A clock that was put back makes no book younger.
            let is_fresh = (0..KEPT_MICROS).contains(&(now.micros() - kept.seen.micros()));
            Some((is_fresh, Arc::clone(&kept.ground), Arc::clone(&kept.book)))
        });
        if let Some((true, _, book)) = &before {
            return Ok(Arc::clone(book));
        }
        let ground = Arc::new(ground(store)?);
        if let Some((_, known, book)) = before {
            if known == ground {
                self.keep(now, ground, Arc::clone(&book));
                return Ok(book);
            }
            if ground.houses > BUILT_AT_ONCE_MAX {
                self.build_beside(store, now, ground);
                return Ok(book);
            }
        }
        let book = Arc::new(AddressBook::of(store, &ground)?);
        self.keep(now, ground, Arc::clone(&book));
        Ok(book)
    }

    fn build_beside(&self, store: &Store, now: Instant, ground: Arc<Ground>) {
        if self.is_building.swap(true, Ordering::SeqCst) {
            return;
        }
        let (books, store) = (self.clone(), store.clone());
        std::thread::spawn(move || {
            match AddressBook::of(&store, &ground) {
                Ok(book) => books.keep(now, ground, Arc::new(book)),
                Err(error) => tracing::warn!(%error, "the address book was not built anew"),
            }
            books.is_building.store(false, Ordering::SeqCst);
        });
    }

    fn keep(&self, seen: Instant, ground: Arc<Ground>, book: Arc<AddressBook>) {
        self.lock(|kept| *kept = Some(Kept { seen, ground, book }));
    }

    fn lock<T>(&self, act: impl FnOnce(&mut Option<Kept>) -> T) -> T {
        act(&mut self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn ground(store: &Store) -> Result<Ground, StoreError> {
    store.read("address_ground", |tx| {
        Ok::<_, StoreError>(Ground {
            day: store.now().local_date(0),
            houses: tx.count_addresses()?,
            streets: tx.count_street_acts()?,
            precincts: tx.count_precincts()?,
            boundaries: tx.snapshot_boundaries()?,
        })
    })
}

impl AddressBook {
    fn of(store: &Store, ground: &Ground) -> Result<Self, StoreError> {
        let boundaries = &ground.boundaries;
        let tables = store.read("address_book", |tx| {
            Ok::<_, StoreError>(SnapshotTables {
                addresses: tx.snapshot_addresses()?,
                street_names: tx.snapshot_street_names()?,
                second_addresses: tx.snapshot_second_addresses()?,
                precincts: tx.snapshot_precincts()?,
                boundaries: boundaries.clone(),
                ..SnapshotTables::default()
            })
        })?;
        let mut book = Self {
            index: Builder::new(Places::shipped()).finish(),
            ids: Vec::new(),
            precincts: Vec::new(),
            points: Vec::new(),
            territory: Territory::of_shapes(shapes(boundaries)),
        };
        // Without persons and civil acts nothing of a snapshot can be refused.
        let Ok(snapshot) = SnapshotBuilder::tables(&tables) else {
            return Ok(book);
        };
        drop(tables);
        let (placed, _) = place_all(&snapshot);
        let houses = Houses::of(&snapshot, &placed, Places::shipped(), ground.day);
        for at in houses.buildings() {
            book.ids.push(snapshot.addresses[at.at()].id.clone());
            book.precincts
                .push(placed[at.at()].map(|placed| placed.precinct));
        }
        let points = snapshot.addresses.iter().map(|row| Point {
            lon: row.lon,
            lat: row.lat,
        });
        book.points = points.collect();
        book.index = houses.index;
        Ok(book)
    }

    /// What lies at a place. Cost: a pass over the points, 3 ms for 1.3 M houses.
    pub(crate) fn at_place(&self, store: &Store, place: Point) -> Result<AtPlace, StoreError> {
        // A degree of longitude is shorter than one of latitude.
        let narrow = (f64::from(place.lat) / 1e6).to_radians().cos();
        let metres = |point: &Point| {
            let east = f64::from(point.lon) - f64::from(place.lon);
            let north = f64::from(point.lat) - f64::from(place.lat);
            (east * narrow).hypot(north) * METRES
        };
        let mut near: Vec<(u32, usize)> = Vec::new();
        for (at, point) in self.points.iter().enumerate() {
            let away = metres(point);
            if away <= NEAR_METRES_MAX {
                near.push((away.round() as u32, at));
            }
        }
        near.sort_unstable();
        near.truncate(NEAR_MAX);
        let mut houses = Vec::new();
        for (away, at) in near {
            houses.extend(self.found(store, at)?.map(|house| (house, away)));
        }
        Ok(AtPlace {
            houses,
            precinct: self.territory.precinct_at(place),
        })
    }

    /// The houses nearest to a place within a distance to each side (microdegrees), at most so many. Cost: a pass over the
    /// points.
    pub(crate) fn points_around(
        &self,
        middle: [i32; 2],
        around: u32,
        limit: usize,
    ) -> Vec<[i32; 2]> {
        let away = |at: &[i32; 2]| away(*at, middle);
        let points = self.points.iter().map(|point| [point.lon, point.lat]);
        let mut near: Vec<[i32; 2]> = points.filter(|at| away(at) <= around).collect();
        near.sort_unstable_by_key(|at| (away(at), *at));
        near.truncate(limit);
        near
    }

    /// The house at a place of the index.
    fn found(&self, store: &Store, at: usize) -> Result<Option<FoundHouse>, StoreError> {
        let (Some(id), Some(precinct)) = (self.ids.get(at), self.precincts.get(at)) else {
            return Ok(None);
        };
        let row = store.read("find_address", |tx| tx.find_address(id))?;
        let (precinct, is_second) = (*precinct, at >= self.points.len());
        Ok(row.map(|row| FoundHouse {
            row,
            precinct,
            by: is_second.then_some(FoundBy::SecondAddress),
        }))
    }

    /// The house that a text means, as people write it: in Kyrgyz or Russian, with or without the place, by a name that
    /// its street bears or bore, by either address of a building.
    pub(crate) fn seek(&self, store: &Store, text: &str) -> Result<SoughtHouse, StoreError> {
        let text: String = text.chars().take(SOUGHT_MAX).collect();
        let found = |at: HouseAt| self.found(store, at.0 as usize);
        match Seeker::new(&self.index).seek(&text, Context::default()) {
            Answer::Placed(placed) => Ok(match found(placed.house)? {
                Some(mut house) => {
                    if placed.former {
                        house.by = Some(FoundBy::FormerName);
                    }
                    SoughtHouse::One(house)
                }
                None => SoughtHouse::Doubt(AddressDoubt::NoHouse, Vec::new()),
            }),
            Answer::Queued(queued) => {
                let mut near: Vec<FoundHouse> = Vec::new();
                for suggestion in queued.suggestions {
                    let house = found(suggestion.house)?;
                    // Of a building with two addresses one is enough.
                    let is_known = |house: &FoundHouse| {
                        near.iter()
                            .any(|known| known.row.address == house.row.address)
                    };
                    near.extend(house.filter(|house| !is_known(house)));
                }
                Ok(SoughtHouse::Doubt(queued.reason, near))
            }
        }
    }
}

/// How far one place is from another to the side that is farther, microdegrees.
pub(crate) fn away(at: [i32; 2], from: [i32; 2]) -> u32 {
    at[0].abs_diff(from[0]).max(at[1].abs_diff(from[1]))
}

/// The outlines that can be used; the roll names the others as findings.
fn shapes(boundaries: &[BoundaryRow]) -> Vec<Shape> {
    let shape = |row: &BoundaryRow| match &row.extent {
        Extent::Polygon(text) => Shape::parse(row.precinct, text).ok(),
        Extent::Range { .. } => None,
    };
    boundaries.iter().filter_map(shape).collect()
}
