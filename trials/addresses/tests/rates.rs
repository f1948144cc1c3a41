//! The two rates that issue an address to a house without a human.
#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

use std::path::Path;

use addresses::judge;
use country::{Country, Params};

#[test]
fn dirty_addresses_are_placed_right_or_queued() {
    for seed in [7, 11] {
        let params = Params {
            seed,
            persons: 60_000,
            precincts: 30,
            prints: false,
            photos: false,
            ..Params::default()
        };
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("addresses-{seed}"));
        Country::generate(&params).unwrap().write(&dir).unwrap();
        let figures = judge(&dir, 20).unwrap();
        let total = figures.total;
        assert!(total.all() > 20_000, "{total:?}");
        assert!(
            total.right_pct() >= 98.0,
            "seed {seed}: {total:?} {:#?}",
            figures.queued
        );
        assert!(
            total.wrong_pct() <= 0.1,
            "seed {seed}: {total:?} {:#?}",
            figures.wrong
        );
        // Every kind of slip is there, and houses the register does not hold wait for a human.
        assert_eq!(figures.by_slip.len(), 10, "{:?}", figures.by_slip.keys());
        assert!(total.rightly_queued > 30, "{total:?}");
    }
}
