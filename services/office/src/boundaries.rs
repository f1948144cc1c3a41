//! A change of precinct boundaries worked out: which voters it moves, and which faults it makes or mends.

use std::collections::{BTreeMap, BTreeSet};

use lexicon::handover::snapshot::{
    AddressRow, BoundaryRow, Extent, PrecinctRow, SecondAddressRow, SnapshotTables,
};
use lexicon::{Instant, PersonId, PrecinctCode};
use roll::boundary::edit::{Edit, EditError, moved, touched};
use roll::boundary::{Finding, Territory, place_all};
use roll::snapshot::SnapshotError;
use roll::{Snapshot, SnapshotBuilder};
use store::{StoreError, Tx};

use crate::territory::outer_rings;

/// Houses of the touched land that are looked at; more are not worked out at once.
const HOUSES_MAX: u32 = 200_000;

/// Why a change was not worked out.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WorkOutError {
    /// A line of it: who writes it acts.
    #[error(transparent)]
    Edit(#[from] EditError),
    /// The register's rows: an engineer acts.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a change does.
#[derive(Debug, Default)]
pub(crate) struct Effect {
    /// Precincts whose boundaries change.
    pub touched: BTreeSet<PrecinctCode>,
    /// All their rows after it.
    pub rows: Vec<BoundaryRow>,
    /// Voters of the latest list by precinct before and after; `None`: no precinct.
    pub moved: BTreeMap<(Option<PrecinctCode>, Option<PrecinctCode>), Vec<PersonId>>,
    /// Houses whose precinct changes, with or without voters.
    pub houses_moved: u64,
    /// Voters on the touched lists before and after.
    pub sizes: BTreeMap<PrecinctCode, (u64, u64)>,
    /// Faults that the change makes: kind, precincts or place in words, whether it stops a list.
    pub faults: Vec<Fault>,
    /// How many faults it mends.
    pub mended: u64,
}

impl Effect {
    /// Voters moved.
    pub fn voters_moved(&self) -> u64 {
        self.moved
            .values()
            .map(|persons| persons.len() as u64)
            .sum()
    }

    /// Whether a fault forbids saving: an address would have no precinct or two.
    pub fn is_red(&self) -> bool {
        self.faults.iter().any(|fault| fault.blocks)
    }
}

/// A fault that a change makes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Fault {
    /// The finding's code.
    pub code: &'static str,
    /// Whether a list must wait for it.
    pub blocks: bool,
    /// Precincts it is about.
    pub precincts: Vec<PrecinctCode>,
    /// The house or the place, in words.
    pub at: String,
}

/// The box of the outlines of some precincts, microdegrees: west, south, east, north.
pub(crate) fn land(rows: &[BoundaryRow], of: &BTreeSet<PrecinctCode>) -> Option<[i32; 4]> {
    let mut land: Option<[i32; 4]> = None;
    for row in rows.iter().filter(|row| of.contains(&row.precinct)) {
        let Extent::Polygon(text) = &row.extent else {
            continue;
        };
        for (lon, lat) in outer_rings(text).into_iter().flatten() {
            widen(&mut land, [micro(lon), micro(lat)]);
        }
    }
    land
}

/// The streets that ranges of some precincts name.
pub(crate) fn streets_of(rows: &[BoundaryRow], of: &BTreeSet<PrecinctCode>) -> BTreeSet<String> {
    let own = rows.iter().filter(|row| of.contains(&row.precinct));
    own.filter_map(|row| match &row.extent {
        Extent::Range { street, .. } => Some(street.clone()),
        Extent::Polygon(_) => None,
    })
    .collect()
}

/// Degrees as microdegrees; a place on Earth fits.
#[expect(
    clippy::cast_possible_truncation,
    reason = "degrees of a place on Earth, a million times, fit"
)]
pub(crate) fn micro(degrees: f64) -> i32 {
    (degrees * 1e6).round() as i32
}

/// Houses by address id.
type Houses = BTreeMap<String, AddressRow>;

/// Houses that the change may move: those on the touched land, and those of the streets it names, whatever place they
/// lie in; and the box of the latter.
fn houses(
    tx: &mut Tx<'_>,
    edit: &Edit,
    boxes: [Option<[i32; 4]>; 2],
) -> Result<(Houses, Option<[i32; 4]>), StoreError> {
    let mut found = BTreeMap::new();
    for held in boxes.into_iter().flatten() {
        for row in tx.addresses_within(held, HOUSES_MAX)? {
            found.insert(row.address.clone(), row);
        }
    }
    let streets = edit.ranges.iter().map(|step| step.street.clone());
    let mut along = None;
    for row in tx.addresses_on_streets(&streets.collect())? {
        widen(&mut along, [row.lon_microdegrees, row.lat_microdegrees]);
        found.insert(row.address.clone(), row);
    }
    Ok((found, along))
}

/// Second addresses of houses that the change may move, and of buildings that one of the streets it names gives a second
/// address; the latter join the houses.
fn seconds(
    tx: &mut Tx<'_>,
    edit: &Edit,
    houses: &mut Houses,
) -> Result<Vec<SecondAddressRow>, StoreError> {
    let mut seconds = tx.snapshot_second_addresses()?;
    let is_named =
        |row: &SecondAddressRow| edit.ranges.iter().any(|step| step.street == row.street);
    for second in seconds.iter().filter(|row| is_named(row)) {
        if !houses.contains_key(&second.address)
            && let Some(building) = tx.find_address(&second.address)?
        {
            houses.insert(building.address.clone(), building);
        }
    }
    seconds.retain(|row| houses.contains_key(&row.address));
    Ok(seconds)
}

/// Makes a box hold a point.
fn widen(held: &mut Option<[i32; 4]>, [lon, lat]: [i32; 2]) {
    let [west, south, east, north] = held.get_or_insert([lon, lat, lon, lat]);
    *west = lon.min(*west);
    *south = lat.min(*south);
    *east = lon.max(*east);
    *north = lat.max(*north);
}

/// Precincts, boundaries and houses as the roll arranges them.
pub(crate) fn arranged(
    precincts: &[PrecinctRow],
    boundaries: &[BoundaryRow],
    houses: &BTreeMap<String, AddressRow>,
    seconds: &[SecondAddressRow],
) -> Result<Snapshot, SnapshotError> {
    SnapshotBuilder::tables(&SnapshotTables {
        addresses: houses.values().cloned().collect(),
        second_addresses: seconds.to_vec(),
        precincts: precincts.to_vec(),
        boundaries: boundaries.to_vec(),
        ..SnapshotTables::default()
    })
}

/// Works a change out against the boundaries that count at a moment. Cost: a pass over the houses of the touched land.
pub(crate) fn work_out(
    tx: &mut Tx<'_>,
    edit: &Edit,
    at: Instant,
    release: Option<u32>,
    voters_max: u32,
) -> Result<Effect, WorkOutError> {
    let before = tx.boundaries_by(at)?;
    let after = edit.apply(&before)?;
    let touched = touched(&before, &after);
    let precincts = tx.snapshot_precincts()?;
    let boxes = [land(&before, &touched), land(&after, &touched)];
    let (mut houses, mut along) = houses(tx, edit, boxes)?;
    let seconds = seconds(tx, edit, &mut houses)?;
    for second in &seconds {
        let building = &houses[&second.address];
        widen(
            &mut along,
            [building.lon_microdegrees, building.lat_microdegrees],
        );
    }
    // A range takes houses out of an outline that the change does not touch: it is near too. Only what lies on or beside the touched land is compared, so that a change costs the same in a large country.
    let near: Vec<BoundaryRow> = near(&before, &[boxes[0], boxes[1], along], &touched);
    let near_after: Vec<BoundaryRow> = near_of(&after, &near, &touched);
    let was = arranged(&precincts, &near, &houses, &seconds)?;
    let is = arranged(&precincts, &near_after, &houses, &seconds)?;
    let (placed_before, found_before) = place_all(&was);
    let (placed_after, found_after) = place_all(&is);
    let mut effect = Effect {
        rows: after
            .into_iter()
            .filter(|row| touched.contains(&row.precinct))
            .collect(),
        ..Effect::default()
    };
    let mut lines: BTreeMap<PrecinctCode, BTreeMap<String, Vec<PersonId>>> = BTreeMap::new();
    for (at, from, to) in moved(&placed_before, &placed_after) {
        effect.houses_moved += 1;
        let (Some(release), Some(from)) = (release, from) else {
            continue;
        };
        if let std::collections::btree_map::Entry::Vacant(place) = lines.entry(from) {
            place.insert(tx.voters_by_address(release, from)?.into_iter().collect());
        }
        let house = &*was.addresses[at].id;
        if let Some(persons) = lines.get(&from).and_then(|of| of.get(house)) {
            let moved = effect.moved.entry((Some(from), to)).or_default();
            moved.extend(persons);
        }
    }
    sizes(tx, &mut effect, &touched, release)?;
    faults(
        &mut effect,
        (&was, found_before),
        (&is, found_after),
        voters_max,
    );
    effect.touched = touched;
    Ok(effect)
}

fn meets(a: [i32; 4], b: [i32; 4]) -> bool {
    a[0] <= b[2] && b[0] <= a[2] && a[1] <= b[3] && b[1] <= a[3]
}

/// Rows of the touched precincts and of those whose outline meets their land; every range stays.
pub(crate) fn near(
    rows: &[BoundaryRow],
    boxes: &[Option<[i32; 4]>],
    touched: &BTreeSet<PrecinctCode>,
) -> Vec<BoundaryRow> {
    let is_near = |row: &&BoundaryRow| match &row.extent {
        Extent::Range { .. } => true,
        Extent::Polygon(_) => {
            touched.contains(&row.precinct)
                || land(std::slice::from_ref(*row), &BTreeSet::from([row.precinct]))
                    .is_some_and(|own| boxes.iter().flatten().any(|held| meets(own, *held)))
        }
    };
    rows.iter().filter(is_near).cloned().collect()
}

/// The same rows after the change.
fn near_of(
    after: &[BoundaryRow],
    near: &[BoundaryRow],
    touched: &BTreeSet<PrecinctCode>,
) -> Vec<BoundaryRow> {
    let untouched = near.iter().filter(|row| !touched.contains(&row.precinct));
    let changed = after.iter().filter(|row| touched.contains(&row.precinct));
    untouched.chain(changed).cloned().collect()
}

/// How many voters the touched lists have, and would have.
fn sizes(
    tx: &mut Tx<'_>,
    effect: &mut Effect,
    touched: &BTreeSet<PrecinctCode>,
    release: Option<u32>,
) -> Result<(), StoreError> {
    let lines = match release {
        Some(release) => tx.release_precincts(release)?,
        None => Vec::new(),
    };
    let lines: BTreeMap<PrecinctCode, u64> = lines.into_iter().collect();
    let mut all: BTreeSet<PrecinctCode> = touched.clone();
    for (from, to) in effect.moved.keys() {
        all.extend(from.iter().chain(to));
    }
    for precinct in all {
        let now = lines.get(&precinct).copied().unwrap_or(0);
        let count = |is_there: &dyn Fn(Option<PrecinctCode>, Option<PrecinctCode>) -> bool| {
            let persons = effect
                .moved
                .iter()
                .filter(|((from, to), _)| is_there(*from, *to));
            persons
                .map(|(_, persons)| persons.len() as u64)
                .sum::<u64>()
        };
        let left = count(&|from, _| from == Some(precinct));
        let came = count(&|_, to| to == Some(precinct));
        effect
            .sizes
            .insert(precinct, (now, now + came - left.min(now + came)));
    }
    Ok(())
}

fn faults(
    effect: &mut Effect,
    (was, mut found_before): (&Snapshot, Vec<Finding>),
    (is, mut found_after): (&Snapshot, Vec<Finding>),
    voters_max: u32,
) {
    found_before.extend(Territory::of(was).cover_findings());
    found_after.extend(Territory::of(is).cover_findings());
    let before: BTreeSet<Fault> = found_before.iter().map(|f| fault(was, f)).collect();
    let after: BTreeSet<Fault> = found_after.iter().map(|f| fault(is, f)).collect();
    effect.mended = before.difference(&after).count() as u64;
    effect.faults = after.difference(&before).cloned().collect();
    for (precinct, (now, then)) in &effect.sizes {
        let mut add = |code| {
            effect.faults.push(Fault {
                code,
                blocks: false,
                precincts: vec![*precinct],
                at: String::new(),
            });
        };
        if *then == 0 && *now > 0 {
            add("EMPTY");
        }
        if *then > u64::from(voters_max) && *now <= u64::from(voters_max) {
            add("TOO_LARGE");
        }
    }
}

/// A finding in words that stay the same when nothing about it changes.
fn fault(snapshot: &Snapshot, finding: &Finding) -> Fault {
    let house = |at: roll::snapshot::AddressAt| {
        let row = &snapshot.addresses[at.at()];
        let text = |word| snapshot.words.text(word);
        // A street without a name is not said as one.
        let named = [text(row.street_name).trim(), text(row.house)];
        let named: Vec<&str> = named.into_iter().filter(|part| !part.is_empty()).collect();
        format!("{} ({})", named.join(", "), row.id)
    };
    let (precincts, at) = match finding {
        Finding::Gap { address } => (Vec::new(), house(*address)),
        Finding::Overlap {
            address, precincts, ..
        } => (precincts.clone(), house(*address)),
        Finding::Conflict {
            address,
            range,
            polygon,
        } => (vec![*range, *polygon], house(*address)),
        Finding::TwoPrecincts {
            address,
            own,
            other,
        } => {
            let precincts = std::iter::once(*own).chain(*other).collect();
            (precincts, house(*address))
        }
        Finding::Unusable { precinct, .. }
        | Finding::Crossing { precinct }
        | Finding::Empty { precinct }
        | Finding::TooLarge { precinct, .. } => (vec![*precinct], String::new()),
        Finding::AreaOverlap {
            precincts,
            square_metres,
        } => (precincts.to_vec(), format!("{square_metres} m²")),
        Finding::AreaGap {
            lon,
            lat,
            beside,
            square_metres,
        } => (
            vec![*beside],
            format!(
                "{:.6} {:.6}, {square_metres} m²",
                f64::from(*lon) / 1e6,
                f64::from(*lat) / 1e6
            ),
        ),
        Finding::Enclave { precinct, inside } => (vec![*precinct, *inside], String::new()),
    };
    Fault {
        code: finding.code(),
        blocks: finding.blocks(),
        precincts,
        at,
    }
}
