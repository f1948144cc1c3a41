use super::*;

#[test]
fn shares_of_every_finger_add_up() {
    for digit in SHARES {
        assert_eq!(digit.iter().sum::<u16>(), 1000);
    }
}

#[test]
fn ulnar_loops_open_to_the_little_finger() {
    let right = Position::ALL[4];
    let left = Position::ALL[9];
    let count = |position, class| {
        (0..500)
            .filter(|&seed| PatternClass::draw(seed, position) == class)
            .count()
    };
    assert!(count(right, PatternClass::RightLoop) > 380);
    assert!(count(left, PatternClass::LeftLoop) > 380);
}

#[test]
fn finger_seeds_differ_by_country_person_and_finger() {
    let thumb = Position::ALL[0];
    let mut seeds = vec![
        finger_seed(1, 1, thumb),
        finger_seed(2, 1, thumb),
        finger_seed(1, 2, thumb),
        finger_seed(1, 1, Position::ALL[1]),
    ];
    seeds.dedup();
    assert_eq!(seeds.len(), 4);
    assert_eq!(finger_seed(1, 1, thumb), finger_seed(1, 1, thumb));
}
