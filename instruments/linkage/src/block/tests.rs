//! The index against the plain definition: every pair that some rule covers, once.
#![expect(clippy::unwrap_used, reason = "tests")]

use super::Blocks;
use crate::model::Model;
use crate::prepare::Prepared;
use crate::table::{Column, Table};

/// A model with two features, one of them swapped, and a rule that can be refined.
const MODEL: &str = r#"
name = "test"
id = ["id"]
feature = [
  { name = "a", columns = ["a"], vocabulary = "v" },
  { name = "b", columns = ["b"], vocabulary = "v" },
  { name = "c", columns = ["c"] },
]
block = [{ on = ["a"], refine = ["c"] }, { on = ["a=b"] }, { on = ["b", "c"] }]
[[comparison]]
name = "a"
feature = "a"
level = [{ name = "exact", when = "exact" }, { name = "else", when = "else" }]
[training]
estimate = true
[decision]
auto_ppm = 900000
review_ppm = 500000
assignment = "all"
"#;

fn table(prefix: &str, rows: &[[u8; 3]]) -> Table {
    let mut columns = [
        Column::new("id"),
        Column::new("a"),
        Column::new("b"),
        Column::new("c"),
    ];
    for (row, values) in rows.iter().enumerate() {
        columns[0].push(&format!("{prefix}{row:03}")).unwrap();
        for (column, value) in columns[1..].iter_mut().zip(values) {
            // 0 is a missing value.
            column
                .push(&if *value == 0 {
                    String::new()
                } else {
                    value.to_string()
                })
                .unwrap();
        }
    }
    Table::new(columns.to_vec()).unwrap()
}

/// Pairs by the definition of the rules, without any index.
fn plain(left: &[[u8; 3]], right: &[[u8; 3]], dedupe: bool) -> Vec<(u32, u32)> {
    let agree = |a: u8, b: u8| a != 0 && a == b;
    let covers = |l: &[u8; 3], r: &[u8; 3]| {
        agree(l[0], r[0]) || agree(l[0], r[1]) || agree(l[1], r[1]) && agree(l[2], r[2])
    };
    let mut pairs = Vec::new();
    for (i, l) in left.iter().enumerate() {
        for (j, r) in right.iter().enumerate() {
            if if dedupe {
                i < j && (covers(l, r) || covers(r, l))
            } else {
                covers(l, r)
            } {
                pairs.push((i as u32, j as u32));
            }
        }
    }
    pairs
}

fn indexed(
    left: &[[u8; 3]],
    right: Option<&[[u8; 3]]>,
    pairs_max: u64,
) -> (Vec<(u32, u32)>, usize) {
    let model = Model::parse(MODEL).unwrap();
    let right_table = right.map(|rows| table("r", rows));
    let prepared = Prepared::new(&table("l", left), right_table.as_ref(), &model).unwrap();
    let blocks = Blocks::new(&prepared, &model.rules, pairs_max);
    let mut pairs = Vec::new();
    for position in 0..prepared.right().len() as u32 {
        blocks.for_each_left(&prepared, position, |l| {
            pairs.push(if right.is_none() {
                (l.min(position), l.max(position))
            } else {
                (l, position)
            });
        });
    }
    pairs.sort_unstable();
    (pairs, blocks.oversized.len())
}

proptest::proptest! {
    #[test]
    fn every_pair_of_some_rule_is_visited_once(
        left in proptest::collection::vec([0u8..4, 0u8..4, 0u8..3], 0..25),
        right in proptest::collection::vec([0u8..4, 0u8..4, 0u8..3], 0..25),
    ) {
        proptest::prop_assert_eq!(indexed(&left, Some(&right), u64::MAX).0, plain(&left, &right, false));
        proptest::prop_assert_eq!(indexed(&left, None, u64::MAX).0, plain(&left, &left, true));
    }
}

#[test]
fn a_block_too_large_is_refined_and_reported() {
    // Twenty records share a; c splits them into halves of ten, which are small enough.
    let left: Vec<[u8; 3]> = (0..20).map(|row| [1, 0, 1 + row % 2]).collect();
    let right = left.clone();
    let (pairs, reported) = indexed(&left, Some(&right), 150);
    assert_eq!((pairs.len(), reported), (200, 1));
    assert!(pairs.iter().all(|(l, r)| l % 2 == r % 2));
    // Halves of ten against ten are still above fifty: left out and reported again.
    let (pairs, reported) = indexed(&left, Some(&right), 50);
    assert_eq!((pairs.len(), reported), (0, 3));
}
