//! Stamps, jumps and peers' stamps, one at a time; whole schedules in [`schedules`].

mod schedules;

use super::*;

fn at(seconds: i64, steady: u64) -> Reading {
    Reading {
        wall: Instant::from_micros(seconds * 1_000_000),
        steady_micros: steady * 1_000_000,
    }
}

#[test]
fn stamps_rise_even_when_the_wall_stands_still_or_goes_back_a_little() {
    let mut clock = HybridClock::new(Hlc::default(), 60);
    let first = clock
        .tick(at(1000, 0))
        .expect("the first reading is the anchor");
    let second = clock.tick(at(1000, 0)).expect("no jump");
    let third = clock
        .tick(at(990, 1))
        .expect("eleven seconds are within the bound");
    assert!(first < second && second < third);
    assert_eq!(third.moment(), Instant::from_micros(1000 * 1_000_000));
}

#[test]
fn a_jump_to_another_year_stops_the_kit_and_moves_no_stamp() {
    let mut clock = HybridClock::new(Hlc::default(), 60);
    let before = clock.tick(at(1000, 0)).expect("anchor");
    let jump = clock.tick(at(500_000_000, 5));
    assert_eq!(
        jump,
        Err(ClockFault::Jumped {
            seconds: 499_998_995
        })
    );
    assert_eq!(clock.last(), before);
}

#[test]
fn after_a_restart_a_clock_behind_the_journal_stops_the_kit() {
    let mut clock = HybridClock::new(Hlc::at(at(10_000, 0).wall), 60);
    assert_eq!(
        clock.tick(at(6400, 0)),
        Err(ClockFault::Behind { seconds: 3600 })
    );
}

#[test]
fn a_peer_from_the_future_is_not_followed() {
    let mut clock = HybridClock::new(Hlc::default(), 60);
    let wall = at(1000, 0).wall;
    assert!(!clock.observe(Hlc::at(at(1061, 0).wall), wall));
    assert_eq!(clock.last(), Hlc::default());
    assert!(clock.observe(Hlc::at(at(1059, 0).wall), wall));
}
