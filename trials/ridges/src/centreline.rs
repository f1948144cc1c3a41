//! True minutiae of a grown pattern: centre lines of the ridges, their ends and their forks.
//!
//! The pattern is clean, so Zhang and Suen's thinning (CACM 27, 1984) gives lines one pixel wide
//! without repair; what remains to sort out are spurs and ridge stubs shorter than a period.

use crate::exact::{atan2, full_turn};
use crate::field::{Field, MASTER_HEIGHT, MASTER_WIDTH};
use crate::minutia::{MinutiaKind, TrueMinutia};

/// How far a line is followed for its direction, px.
const TRACE: usize = 13;
/// Ends closer together than this along one line are a stub or a spur, not minutiae, px.
const SHORTEST: usize = 10;
const W: isize = MASTER_WIDTH as isize;
/// The eight neighbours in circular order, clockwise from north.
const RING: [isize; 8] = [-W, -W + 1, 1, W + 1, W, W - 1, -1, -W - 1];

/// Finds the minutiae of thinned ridges at least a few pixels inside the skin, in reading order.
pub(crate) fn true_minutiae(line: &[u8]) -> Vec<TrueMinutia> {
    let mut found = Vec::new();
    for y in 12..MASTER_HEIGHT - 12 {
        for x in 12..MASTER_WIDTH - 12 {
            let at = y * MASTER_WIDTH + x;
            if line[at] == 0 || Field::depth(x as f32, y as f32) < 0.0 {
                continue;
            }
            let traced = match branches(line, at).as_slice() {
                [only] => end(line, at, *only),
                [a, b, c] => fork(line, at, [*a, *b, *c]),
                _ => None,
            };
            if let Some((angle, kind)) = traced {
                found.push(TrueMinutia {
                    x: x as f32,
                    y: y as f32,
                    angle,
                    kind,
                    quality: 90,
                    origin: None,
                });
            }
        }
    }
    keep_apart(found)
}

/// Drops both of two minutiae that face each other closely: a broken ridge or a tiny lake, which
/// a print shows only by chance.
fn keep_apart(found: Vec<TrueMinutia>) -> Vec<TrueMinutia> {
    const NEAR: f32 = 7.0;
    let near = |a: &TrueMinutia, b: &TrueMinutia| {
        (a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y) < NEAR * NEAR
    };
    let lonely = |(index, a): (usize, &TrueMinutia)| {
        let crowded = found
            .iter()
            .enumerate()
            .any(|(other, b)| other != index && near(a, b));
        (!crowded).then(|| a.clone())
    };
    found
        .iter()
        .enumerate()
        .filter_map(lonely)
        .enumerate()
        .map(|(index, m)| TrueMinutia {
            origin: Some(index as u16),
            ..m
        })
        .collect()
}

fn end(line: &[u8], at: usize, first: usize) -> Option<(f32, MinutiaKind)> {
    let path = follow(line, at, first);
    (path.len() >= SHORTEST).then(|| {
        (
            direction(at, *path.last().unwrap_or(&at)),
            MinutiaKind::Ending,
        )
    })
}

fn fork(line: &[u8], at: usize, arms: [usize; 3]) -> Option<(f32, MinutiaKind)> {
    let mut angles = [0.0_f32; 3];
    for (angle, arm) in angles.iter_mut().zip(arms) {
        let path = follow(line, at, arm);
        if path.len() < SHORTEST {
            return None;
        }
        *angle = direction(at, *path.last()?);
    }
    // The two arms closest in direction enclose the valley that ends here.
    let gap = |a: f32, b: f32| {
        let d = full_turn(a - b);
        d.min(core::f32::consts::TAU - d)
    };
    let pairs = [(0, 1), (1, 2), (0, 2)];
    let (a, b) = pairs
        .into_iter()
        .min_by(|p, q| gap(angles[p.0], angles[p.1]).total_cmp(&gap(angles[q.0], angles[q.1])))?;
    let turn = full_turn(angles[b] - angles[a]);
    let half = if turn > core::f32::consts::PI {
        turn - core::f32::consts::TAU
    } else {
        turn
    };
    Some((full_turn(angles[a] + 0.5 * half), MinutiaKind::Bifurcation))
}

/// Angle of the way from one pixel to another, counter-clockwise from +x, y down in the image.
fn direction(from: usize, to: usize) -> f32 {
    let (x0, y0) = (from % MASTER_WIDTH, from / MASTER_WIDTH);
    let (x1, y1) = (to % MASTER_WIDTH, to / MASTER_WIDTH);
    full_turn(atan2(y0 as f32 - y1 as f32, x1 as f32 - x0 as f32))
}

/// The pixels of a line from `first` on, away from `start`, to its end, a fork or `TRACE` px.
fn follow(line: &[u8], start: usize, first: usize) -> Vec<usize> {
    let mut path = vec![first];
    let (mut before, mut here) = (start, first);
    while path.len() < TRACE {
        let onward: Vec<usize> = branches(line, here)
            .into_iter()
            .filter(|&next| next != before && !touches(next, before))
            .collect();
        let [next] = onward.as_slice() else { break };
        (before, here) = (here, *next);
        path.push(here);
    }
    path
}

fn touches(a: usize, b: usize) -> bool {
    let (ax, ay) = (a % MASTER_WIDTH, a / MASTER_WIDTH);
    let (bx, by) = (b % MASTER_WIDTH, b / MASTER_WIDTH);
    ax.abs_diff(bx) <= 1 && ay.abs_diff(by) <= 1
}

/// The line pixels around `at`, one for each group of touching neighbours (straight ones first).
fn branches(line: &[u8], at: usize) -> Vec<usize> {
    let neighbour = |k: usize| at.wrapping_add_signed(RING[k % 8]);
    let mut found = Vec::with_capacity(4);
    for k in 0..8 {
        let here = line[neighbour(k)] != 0;
        let before = line[neighbour(k + 7)] != 0;
        if here && !before {
            // A run of neighbours: take its straight member if it has one.
            let second = k % 2 == 1 && line[neighbour(k + 1)] != 0;
            found.push(neighbour(if second { k + 1 } else { k }));
        }
    }
    found
}

/// Thins the ridges to lines one pixel wide; 1 on a line.
pub(crate) fn thin(pattern: &[i8]) -> Vec<u8> {
    let mut ridge: Vec<u8> = pattern.iter().map(|&value| u8::from(value > 0)).collect();
    for row in [0, MASTER_HEIGHT - 1] {
        ridge[row * MASTER_WIDTH..][..MASTER_WIDTH].fill(0);
    }
    for row in ridge.chunks_exact_mut(MASTER_WIDTH) {
        row[0] = 0;
        row[MASTER_WIDTH - 1] = 0;
    }
    let tables = [removable(false), removable(true)];
    // Only pixels at the border of a ridge can go: keep their list short from pass to pass.
    let mut alive: Vec<u32> = (0..ridge.len() as u32)
        .filter(|&at| ridge[at as usize] != 0)
        .collect();
    let mut gone = Vec::new();
    loop {
        let mut changed = false;
        for table in &tables {
            gone.clear();
            gone.extend(
                alive
                    .iter()
                    .copied()
                    .filter(|&at| table[code(&ridge, at as usize)]),
            );
            for &at in &gone {
                ridge[at as usize] = 0;
            }
            if !gone.is_empty() {
                changed = true;
                alive.retain(|&at| ridge[at as usize] != 0);
            }
        }
        if !changed {
            break;
        }
    }
    cut_corners(&mut ridge, &alive);
    ridge
}

/// Takes the corner out of every staircase, so that a line pixel touches only the next ones.
fn cut_corners(ridge: &mut [u8], alive: &[u32]) {
    for &at in alive {
        let around = code(ridge, at as usize);
        let corner = (0..8).step_by(2).any(|k| {
            let has = |turn: usize| around >> ((k + turn) % 8) & 1 == 1;
            // Straight neighbours k and k + 2 touch each other: nothing else needs this pixel.
            has(0) && has(2) && !has(4) && !has(5) && !has(6)
        });
        if corner {
            ridge[at as usize] = 0;
        }
    }
}

/// The eight neighbours as bits, north lowest.
fn code(ridge: &[u8], at: usize) -> usize {
    RING.iter().enumerate().fold(0, |bits, (k, &step)| {
        bits | usize::from(ridge[at.wrapping_add_signed(step)]) << k
    })
}

/// Zhang and Suen's conditions for every neighbourhood, for the first or the second half pass.
fn removable(second: bool) -> [bool; 256] {
    core::array::from_fn(|bits| {
        let p = |k: usize| bits >> (k % 8) & 1 == 1;
        let count = bits.count_ones();
        let rises = (0..8).filter(|&k| !p(k) && p(k + 1)).count();
        let (n, e, s, w) = (p(0), p(2), p(4), p(6));
        let open = if second {
            !(n && w && (e || s))
        } else {
            !(e && s && (n || w))
        };
        (2..=6).contains(&count) && rises == 1 && open
    })
}
