use super::*;

fn step(act: PictureAct, institution: Institution, staff: &str, minute: i64) -> PictureStep {
    PictureStep {
        act,
        reason: "court".to_owned(),
        basis: "17".to_owned(),
        institution,
        staff: staff.to_owned(),
        at: Instant::from_micros(minute * 60_000_000),
    }
}

#[test]
fn a_picture_opens_for_two_people_of_two_institutions_and_for_half_an_hour() {
    use Institution::{Commission, Registration};
    let asked = step(PictureAct::Asked, Registration, "anna", 0);
    let allowed = step(PictureAct::Allowed, Commission, "bek", 10);
    let looked = step(PictureAct::Looked, Registration, "anna", 11);
    let check = |steps: &[&PictureStep], (staff, of), minute: i64, expected| {
        let steps: Vec<PictureStep> = steps.iter().map(|step| (*step).clone()).collect();
        let now = Instant::from_micros(minute * 60_000_000);
        let found = standing(&steps, staff, of, now);
        assert_eq!(found, expected, "{staff} after {minute} min");
    };
    let (anna, bek) = (("anna", Registration), ("bek", Commission));
    check(&[], anna, 0, Opening::Closed);
    check(&[&asked], anna, 1, Opening::Waits);
    check(&[&asked], ("asel", Registration), 1, Opening::Waits);
    check(&[&asked], ("anna", Commission), 1, Opening::Waits);
    check(&[&asked], bek, 1, Opening::Asked);
    check(&[&asked], bek, 24 * 60, Opening::Closed);
    let open = Opening::Open(Instant::from_micros(40 * 60_000_000));
    check(&[&asked, &allowed], anna, 12, open);
    check(&[&asked, &allowed, &looked], bek, 39, open);
    check(
        &[&asked, &allowed],
        ("asel", Registration),
        12,
        Opening::Others,
    );
    check(&[&asked, &allowed, &looked], bek, 40, Opening::Closed);
    let again = step(PictureAct::Asked, Commission, "bek", 50);
    check(&[&asked, &allowed, &again], anna, 51, Opening::Asked);
}
