//! Same seed, same bytes: on every run, in every thread, on every machine.

use ridges::{ImpressionParams, Master, Position, Skeleton, finger_seed, iso_19794_2, png};

/// FNV-1a, enough to name a string of bytes.
fn name(bytes: impl IntoIterator<Item = u8>) -> u64 {
    bytes.into_iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn everything(person: u64) -> [u64; 3] {
    let position = Position::ALL[(person % 10) as usize];
    let seed = finger_seed(7, person, position);
    let master = Master::grow(seed, position);
    let params = ImpressionParams::election_day();
    let print = master.impression(&params, 11);
    let size = (params.width, params.height);
    let template = Skeleton::draw(seed, position).impression(&params, 12);
    [
        name(print.image.pixels.iter().copied()),
        name(iso_19794_2(&print.minutiae, size, position, print.quality)),
        name(iso_19794_2(&template, size, position, 60)),
    ]
}

#[test]
fn golden_names_of_a_finger() {
    assert_eq!(
        everything(1),
        [
            4887632168495653536,
            12938167146952295761,
            13807762686733026367
        ],
        "a change of these bytes changes every synthetic country: say so in the commit"
    );
}

#[test]
fn threads_do_not_change_a_byte() {
    let alone: Vec<_> = (1..=3).map(everything).collect();
    let together: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (1..=3)
            .map(|person| scope.spawn(move || everything(person)))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("no panic inside"))
            .collect()
    });
    assert_eq!(alone, together);
}

#[test]
fn another_capture_of_the_same_finger_differs() {
    let master = Master::grow(5, Position::ALL[2]);
    let params = ImpressionParams::enrolment();
    let (a, b) = (master.impression(&params, 1), master.impression(&params, 2));
    assert_ne!(a.image.pixels, b.image.pixels);
    assert_ne!(a.pose, b.pose);
}

#[test]
fn a_picture_is_a_png_with_its_resolution() {
    let master = Master::grow(6, Position::ALL[3]);
    let picture = master.impression(&ImpressionParams::enrolment(), 1).image;
    let bytes = png(&picture, 500);
    let mut reader = png::Decoder::new(std::io::Cursor::new(&bytes))
        .read_info()
        .expect("own bytes");
    let mut pixels = vec![0; reader.output_buffer_size().expect("small picture")];
    reader.next_frame(&mut pixels).expect("own bytes");
    let dims = reader.info().pixel_dims.expect("pHYs is written");
    assert_eq!((dims.xppu, dims.yppu), (19685, 19685));
    assert_eq!((reader.info().width, reader.info().height), (326, 357));
    assert_eq!(pixels, picture.pixels);
}
