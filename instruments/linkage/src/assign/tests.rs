//! Who gets whom.

use super::{Scored, best_per_right, clusters, one_to_one};

fn pair(left: u32, right: u32, weight: i32) -> Scored {
    Scored {
        left,
        right,
        weight,
        levels: 0,
    }
}

#[test]
fn the_best_left_record_wins_and_the_runner_up_sets_the_margin() {
    let chosen = best_per_right(vec![
        pair(1, 7, 10),
        pair(0, 7, 25),
        pair(0, 8, 5),
        pair(2, 7, 22),
    ]);
    let found: Vec<(u32, u32, i32)> = chosen
        .iter()
        .map(|c| (c.pair.left, c.pair.right, c.margin))
        .collect();
    assert_eq!(found, [(0, 7, 3), (0, 8, i32::MAX)]);
}

#[test]
fn one_to_one_takes_the_heaviest_first() {
    let chosen = one_to_one(
        vec![pair(0, 0, 10), pair(0, 1, 9), pair(1, 0, 8), pair(1, 1, 2)],
        2,
        2,
    );
    let found: Vec<(u32, u32, i32)> = chosen
        .iter()
        .map(|c| (c.pair.left, c.pair.right, c.margin))
        .collect();
    assert_eq!(found, [(0, 0, 1), (1, 1, i32::MAX)]);
}

#[test]
fn ties_go_to_the_smaller_ids_whatever_the_order() {
    let mut pairs = vec![pair(0, 1, 5), pair(0, 0, 5), pair(1, 0, 5), pair(1, 1, 5)];
    let first = one_to_one(pairs.clone(), 2, 2);
    pairs.reverse();
    assert_eq!(one_to_one(pairs, 2, 2), first);
    assert_eq!((first[0].pair.left, first[0].pair.right), (0, 0));
}

/// Two tight families and one weak bridge between them: a chain must not make them one.
#[test]
fn one_chance_link_does_not_chain_two_clusters() {
    let weight = |a: u32, b: u32| {
        if (a < 3) == (b < 3) {
            20
        } else if (a, b) == (2, 3) {
            6
        } else {
            -15
        }
    };
    let mut pairs = Vec::new();
    for a in 0..6 {
        for b in a + 1..6 {
            pairs.push(pair(a, b, weight(a, b)));
        }
    }
    assert_eq!(
        clusters(&pairs, 8, 0, 0, weight),
        [vec![0, 1, 2], vec![3, 4, 5]]
    );
}

/// A record that resembles one member only is kept when the mean still speaks for it.
#[test]
fn a_weak_pair_is_joined_through_a_strong_one() {
    let weight = |a: u32, b: u32| match (a, b) {
        (0, 1) | (1, 2) => 20,
        _ => -5,
    };
    let pairs = [pair(0, 1, 20), pair(1, 2, 20), pair(0, 2, -5)];
    assert_eq!(clusters(&pairs, 3, 0, 0, weight), [vec![0, 1, 2]]);
}
