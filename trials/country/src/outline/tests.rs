use super::*;
use crate::data::DATA;
use crate::dice::{Dice, Lane};

fn check_cut(outline: &Outline, axis: Axis, at: i64) {
    let (below, above) = outline.cut(axis, at);
    let parts = below.area() + above.area();
    assert!(
        (parts - outline.area()).abs() < 1e-6,
        "{parts} {}",
        outline.area()
    );
    let mut dice = Dice::new(1, Lane::House, at as u64);
    for _ in 0..300 {
        let (w, h) = (
            outline.high.0 - outline.low.0,
            outline.high.1 - outline.low.1,
        );
        let x = outline.low.0 + (dice.unit() * w as f64) as i64 / 100 * 100 + 10;
        let y = outline.low.1 + (dice.unit() * h as f64) as i64 / 100 * 100 + 10;
        let p = Point { x, y };
        let holds = usize::from(below.contains(p)) + usize::from(above.contains(p));
        assert_eq!(holds, usize::from(outline.contains(p)), "{p:?}");
    }
}

#[test]
fn a_cut_loses_and_doubles_nothing() {
    for raion in &DATA.raions {
        let middle = (raion.outline.low.0 + raion.outline.high.0) / 200 * 100 + 50;
        check_cut(&raion.outline, Axis::Lon, middle);
        let middle = (raion.outline.low.1 + raion.outline.high.1) / 200 * 100 + 50;
        check_cut(&raion.outline, Axis::Lat, middle);
    }
}

#[test]
fn the_data_hold_nine_oblasts_and_55_raions() {
    assert_eq!(DATA.oblasts.len(), 9);
    assert_eq!(DATA.raions.len(), 55);
    for (code, outline) in &DATA.oblasts {
        let sum: f64 = DATA
            .raions
            .iter()
            .filter(|r| (r.soate / 1_000_000_000) % 100 == u64::from(*code))
            .map(|r| r.outline.area())
            .sum();
        assert!(
            (sum / outline.area() - 1.0).abs() < 0.01,
            "{code}: {sum} {}",
            outline.area()
        );
    }
}

#[test]
fn degrees_are_written_without_loss() {
    assert_eq!(degrees(745_912_340), "74.591234");
    assert_eq!(degrees(745_000_001), "74.5000001");
    assert_eq!(degrees(740_000_000), "74");
}
