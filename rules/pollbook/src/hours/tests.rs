#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

use lexicon::handover::turnout::{ReadError, Scope};

use super::{HourError, hour_end};
use crate::testing::{OPENS, TestKit, at, kits, policy, serve};

const HOUR: i64 = 3600;

fn two() -> (TestKit, TestKit) {
    let mut both = kits(&[(1, 50), (51, 100)]).into_iter();
    (
        both.next().unwrap().opened(0),
        both.next().unwrap().opened(0),
    )
}

#[test]
fn an_hour_ends_on_the_local_clock() {
    let mut policy = policy();
    assert_eq!(hour_end(&policy, 8).micros(), OPENS);
    assert_eq!(
        hour_end(&policy, 33).micros(),
        OPENS + 25 * HOUR * 1_000_000
    );
    // Nepal: 45 minutes beside the full hours of UTC.
    policy.offset_minutes = 345;
    assert_eq!(hour_end(&policy, 8).micros(), OPENS + 15 * 60 * 1_000_000);
    policy.offset_minutes = -300;
    let day = 24 * HOUR * 1_000_000;
    assert_eq!(
        (hour_end(&policy, 0).micros() - 300 * 60 * 1_000_000).rem_euclid(day),
        0
    );
    assert!(hour_end(&policy, 24).micros() > OPENS && hour_end(&policy, 0).micros() <= OPENS);
}

#[test]
fn the_message_counts_voters_before_the_hour_and_says_whose_they_are() {
    let (mut one, mut two) = two();
    serve(&mut one, 1, 10);
    serve(&mut one, 2, HOUR - 1);
    serve(&mut one, 4, HOUR);
    let far = serve(&mut two, 60, 20);
    // The other kit is out of reach: only what is this kit's own is said.
    let early = one.book.hour_turnout(9, 1, at(HOUR + 5)).unwrap();
    assert_eq!(
        (early.scope, early.count, early.kit, early.hour),
        (Scope::Kit, 2, 1, 9)
    );
    one.book.merge(far, Some(at(HOUR + 6).wall));
    let own = one.book.hour_turnout(9, 2, at(HOUR + 7)).unwrap();
    assert_eq!((own.scope, own.count, own.number), (Scope::Kit, 2, 2));
    let until = hour_end(one.book.charter().policy(), 9);
    assert_eq!(one.book.counted_before(until, Scope::Precinct), 3);
    // A precinct of one kit is always whole; its third voter belongs to the next hour.
    let mut alone = kits(&[(1, 100)]).remove(0).opened(0);
    serve(&mut alone, 7, 5);
    let whole = alone.book.hour_turnout(9, 1, at(HOUR)).unwrap();
    assert_eq!((whole.scope, whole.count), (Scope::Precinct, 1));
}

#[test]
fn hours_that_are_not_over_or_not_the_stations_are_refused() {
    let kit = kits(&[(1, 100)]).remove(0);
    assert_eq!(
        kit.book.hour_turnout(9, 1, at(HOUR)),
        Err(HourError::NotOpen)
    );
    let mut kit = kit.opened(0);
    assert_eq!(
        kit.book.hour_turnout(9, 1, at(HOUR - 1)),
        Err(HourError::NotOver { hour: 9 })
    );
    let unfit = |field| HourError::Unfit {
        hour: 9,
        why: ReadError::Field(field),
    };
    assert_eq!(kit.book.hour_turnout(9, 0, at(HOUR)), Err(unfit("number")));
    assert_eq!(
        kit.book.hour_turnout(9, 100, at(HOUR)),
        Err(unfit("number"))
    );
    assert!(
        kit.book.hour_turnout(8, 1, at(HOUR)).is_err(),
        "the station opens at 8"
    );
    assert_eq!(kit.book.hours_over(at(3 * HOUR + 60)), vec![9, 10, 11]);
    serve(&mut kit, 5, 30);
    let evening: Vec<u8> = (9..=20).collect();
    assert_eq!(
        kit.book.hours_over(at(20 * HOUR)),
        evening,
        "nothing is said of the night"
    );
}
