//! A cheap look at many prints at once: which few are worth a full comparison.
//!
//! Locality-sensitive hashing of cylinder bits: some bits of a cylinder name a bucket; cylinders of
//! the same skin fall into the same bucket more often than others (Cappelli, Ferrara & Maltoni,
//! "Fingerprint Indexing Based on Minutia Cylinder-Code", IEEE PAMI 33, 2011). Each meeting also
//! says where the probe would lie on the print, and only votes for the same place add up, so
//! meetings by chance do not.

use crate::prepared::{Cylinder, Prepared, SECTIONS, STEPS};

/// Hash tables; each looks at other bits.
const TABLES: usize = 8;
/// Bits a table looks at.
const BITS: usize = 12;
/// Each bucket is split by the cylinder's angle into so many parts.
const PARTS: usize = 8;
const PART_STEPS: usize = 256 / PARTS;
/// Keys with fewer ones say too little.
const ONES_MIN: u32 = 2;
/// Cylinders turned against each other by more than this many steps (45°) do not meet.
const TURN_MAX: u8 = 32;
/// Votes for places within a square of this side add up.
const PLACE_PX: i32 = 48;
/// Places along each axis, on each of two grids that are shifted by half a square.
const PLACES: usize = 12;
const COUNTERS: usize = 2 * PLACES * PLACES;

/// Prints that one position can hold (their number shares 64 bits with a place and an angle).
pub(crate) const PRINTS_MAX: usize = 1 << 24;

/// A cylinder in a bucket.
#[derive(Debug, Clone, Copy)]
struct Item {
    print: u32,
    x: i16,
    y: i16,
    angle: u8,
}

/// Prints of one finger position, found by their cylinders.
#[derive(Debug, Clone, Default)]
pub(crate) struct Screen {
    /// `TABLES × 2^BITS × PARTS` buckets.
    buckets: Vec<Vec<Item>>,
    /// Cylinders of each print, by its number.
    cylinders: Vec<u16>,
}

/// Which cell and section each bit of each table looks at.
static LOOKS: std::sync::LazyLock<[[(u8, u8); BITS]; TABLES]> = std::sync::LazyLock::new(|| {
    // A fixed sequence: the tables are part of the method, not of a run.
    let mut state = 0x5851_F42D_4C95_7F2Du64;
    let mut next = |below: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut draw = || loop {
        let (row, column) = (next(8), next(8));
        let (v, u) = (2 * row as i32 - 7, 2 * column as i32 - 7);
        // Inside a circle of 0.8 of the cylinder's radius, where cells are nearly always known.
        if u * u + v * v <= 41 {
            return ((row * 8 + column) as u8, next(SECTIONS as u64) as u8);
        }
    };
    std::array::from_fn(|_| {
        let mut looks = [(0, 0); BITS];
        let mut taken = 0;
        while taken < BITS {
            let look = draw();
            if !looks[..taken].contains(&look) {
                looks[taken] = look;
                taken += 1;
            }
        }
        looks
    })
});

fn bucket(cylinder: &Cylinder, table: usize) -> Option<usize> {
    let mut key = 0usize;
    for &(cell, section) in &LOOKS[table] {
        key = key << 1 | (cylinder.bits[section as usize] >> cell & 1) as usize;
    }
    (key.count_ones() >= ONES_MIN).then_some((table << BITS | key) * PARTS)
}

impl Screen {
    /// Adds a print; returns its number, 0 for the first.
    pub fn insert(&mut self, print: &Prepared) -> u32 {
        if self.buckets.is_empty() {
            self.buckets = vec![Vec::new(); (TABLES << BITS) * PARTS];
        }
        let number = self.cylinders.len() as u32;
        for cylinder in &print.cylinders {
            let point = &print.points[cylinder.point as usize];
            let item = Item {
                print: number,
                x: point.x as i16,
                y: point.y as i16,
                angle: cylinder.angle,
            };
            for table in 0..TABLES {
                if let Some(bucket) = bucket(cylinder, table) {
                    self.buckets[bucket + cylinder.angle as usize / PART_STEPS].push(item);
                }
            }
        }
        self.cylinders.push(print.cylinders.len() as u16);
        number
    }

    /// For every print by its number, how many votes its best place has; 0 for those that a first
    /// count of the votes, whatever their place, leaves behind.
    pub fn votes(&self, probe: &Prepared) -> Vec<u8> {
        let mut best = vec![0u8; self.cylinders.len()];
        if self.cylinders.is_empty() || probe.points.is_empty() {
            return best;
        }
        let mut counted = vec![0u16; self.cylinders.len()];
        self.meetings(probe, |item, _| {
            let count = &mut counted[item.print as usize];
            *count = count.saturating_add(1);
        });
        let (slots, kept) = self.standing_out(&counted);
        let mut counters = vec![0u8; kept * COUNTERS];
        let middle = middle(probe);
        let arms: Vec<_> = probe
            .cylinders
            .iter()
            .map(|c| &probe.points[c.point as usize])
            .map(|p| turned(middle.0 - p.x, middle.1 - p.y))
            .collect();
        self.meetings(probe, |item, (cylinder, turn)| {
            let slot = slots[item.print as usize];
            if slot == NO_SLOT {
                return;
            }
            let (dx, dy) = arms[cylinder][turn];
            // Where the probe's middle would lie on the print (y upwards, so negative).
            let (x, y) = (i32::from(item.x) + dx + 100, 100 - i32::from(item.y) - dy);
            let best = &mut best[item.print as usize];
            for (grid, shift) in [(0, 0), (PLACES * PLACES, PLACE_PX / 2)] {
                let (x, y) = (x + shift, y + shift);
                if (0..PLACES as i32 * PLACE_PX).contains(&x)
                    && (0..PLACES as i32 * PLACE_PX).contains(&y)
                {
                    let place = (y / PLACE_PX) as usize * PLACES + (x / PLACE_PX) as usize;
                    let counter = &mut counters[slot as usize * COUNTERS + grid + place];
                    *counter = counter.saturating_add(1);
                    *best = (*best).max(*counter);
                }
            }
        });
        best
    }

    /// Every cylinder that shares a bucket with one of the probe's: with that one's number and the
    /// turn between them, counted from −45°.
    #[inline(always)]
    fn meetings(&self, probe: &Prepared, mut meet: impl FnMut(&Item, (usize, usize))) {
        for (number, cylinder) in probe.cylinders.iter().enumerate() {
            for table in 0..TABLES {
                let Some(bucket) = bucket(cylinder, table) else {
                    continue;
                };
                let first = usize::from(cylinder.angle.wrapping_sub(TURN_MAX)) / PART_STEPS;
                // A window of 65 steps touches three parts of 32.
                for part in first..first + 3 {
                    for item in &self.buckets[bucket + part % PARTS] {
                        let turn = item
                            .angle
                            .wrapping_sub(cylinder.angle)
                            .wrapping_add(TURN_MAX);
                        if turn <= 2 * TURN_MAX {
                            meet(item, (number, turn as usize));
                        }
                    }
                }
            }
        }
    }

    /// A slot for each of the tenth of the prints (at least 200) with the most votes per √cylinder.
    fn standing_out(&self, counted: &[u16]) -> (Vec<u32>, usize) {
        let value = |i: usize| f32::from(counted[i]) / (f32::from(self.cylinders[i]) + 10.0).sqrt();
        let most = (counted.len() / 10).max(200);
        let mut order: Vec<u32> = (0..counted.len() as u32)
            .filter(|&i| counted[i as usize] > 0)
            .collect();
        if order.len() > most {
            let key = |&a: &u32, &b: &u32| {
                value(b as usize)
                    .total_cmp(&value(a as usize))
                    .then(a.cmp(&b))
            };
            order.select_nth_unstable_by(most, key);
            order.truncate(most);
        }
        let mut slots = vec![NO_SLOT; counted.len()];
        for (slot, &print) in order.iter().enumerate() {
            slots[print as usize] = slot as u32;
        }
        (slots, order.len())
    }
}

const NO_SLOT: u32 = u32::MAX;

fn middle(print: &Prepared) -> (f32, f32) {
    let count = print.points.len() as f32;
    (
        print.points.iter().map(|p| p.x).sum::<f32>() / count,
        print.points.iter().map(|p| p.y).sum::<f32>() / count,
    )
}

/// A vector turned by −45° to 45° in steps of 1/256 turn.
fn turned(x: f32, y: f32) -> [(i32, i32); 2 * TURN_MAX as usize + 1] {
    std::array::from_fn(|i| {
        let (c, s) = STEPS[(i as u8).wrapping_sub(TURN_MAX) as usize];
        ((x * c - y * s) as i32, (x * s + y * c) as i32)
    })
}
