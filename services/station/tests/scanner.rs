//! A scanner through libfprint, with the library's own virtual device: images come back byte for byte, and a
//! scanner that is pulled out, broken, slow or of another kind is said to be so.
//!
//! libfprint finds the virtual device by the environment, which it reads when it looks for devices; each test
//! therefore runs itself again as a process of its own. Without the library installed the tests say so and end.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed check should stop at once"
)]

use std::io::Write as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use station::Capture;
use station::device::Plugged;
use station::scanner::{Scanner, ScannerError};

const INSIDE: &str = "TIZME_SCANNER_TEST";
/// Where libfprint's `virtual_image` device listens.
const SOCKET: &str = "FP_VIRTUAL_IMAGE";

/// Whether this is the inner process; the outer one runs it and hands its verdict on.
fn is_inside(test: &str, has_scanner: bool) -> bool {
    if std::env::var_os(INSIDE).is_some() {
        return true;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut inner = Command::new(std::env::current_exe().unwrap());
    inner
        .args([test, "--exact", "--nocapture"])
        .env(INSIDE, "1")
        .env_remove(SOCKET);
    if has_scanner {
        inner.env(SOCKET, folder.path().join("scanner"));
    }
    let told = inner.output().unwrap();
    let said = [told.stdout, told.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(told.status.success(), "{said}");
    assert!(said.contains("1 passed"), "{said}");
    print!("{said}");
    false
}

fn plugged(drivers: &[&str], wait: Duration) -> Option<Plugged> {
    match Plugged::new(
        drivers.iter().map(|name| (*name).to_owned()).collect(),
        wait,
    ) {
        Ok(scanner) => Some(scanner),
        Err(error) => {
            assert!(error.to_string().contains("is not installed"), "{error}");
            println!("NOT RUN: {error}; ./test installs libfprint-2-2");
            None
        }
    }
}

/// The far end of the virtual device.
struct Glass(PathBuf);

impl Glass {
    fn of_environment() -> Self {
        Self(PathBuf::from(std::env::var_os(SOCKET).unwrap()))
    }

    /// What the virtual device's protocol sends before anything: two native integers.
    fn send(&self, head: [i32; 2], pixels: &[u8]) {
        let mut stream = connect(&self.0);
        let head = head.map(i32::to_ne_bytes).concat();
        stream.write_all(&head).unwrap();
        stream.write_all(pixels).unwrap();
    }

    fn finger(&self, width: i32, height: i32, pixels: &[u8]) {
        self.send([width, height], pixels);
    }

    /// The swipe was no good.
    fn bad_swipe(&self) {
        self.send([-1, 0], &[]);
    }

    /// The device breaks down.
    fn breaks(&self) {
        self.send([-2, 0], &[]);
    }
}

fn connect(path: &Path) -> UnixStream {
    for _ in 0..400 {
        if let Ok(stream) = UnixStream::connect(path) {
            return stream;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("the virtual device does not listen");
}

/// Ridges with a few endings, since libfprint gives no image in which its own detector finds none: a wave whose
/// phase winds once around every ending.
fn ridges(width: i32, height: i32) -> Vec<u8> {
    let (across, down) = (f64::from(width), f64::from(height));
    let endings: Vec<(f64, f64)> = (0..12)
        .map(|n| {
            let (column, row) = (f64::from(n % 3), f64::from(n / 3));
            (across * (0.25 + 0.25 * column), down * (0.2 + 0.2 * row))
        })
        .collect();
    (0..height)
        .flat_map(|y| (0..width).map(move |x| (f64::from(x), f64::from(y))))
        .map(|(x, y)| {
            let winding: f64 = endings
                .iter()
                .map(|(at_x, at_y)| (y - at_y).atan2(x - at_x))
                .sum();
            let wave = (y * std::f64::consts::TAU / 9.0 + winding).cos();
            (128.0 + 100.0 * wave).round().clamp(0.0, 255.0) as u8
        })
        .collect()
}

#[test]
fn the_image_comes_back_byte_for_byte_and_again() {
    if !is_inside("the_image_comes_back_byte_for_byte_and_again", true) {
        return;
    }
    let Some(scanner) = plugged(&[], Duration::from_secs(20)) else {
        return;
    };
    let glass = Glass::of_environment();
    for (width, height) in [(256, 360), (300, 400)] {
        let pixels = ridges(width, height);
        let seen = std::thread::scope(|scope| {
            let seen = scope.spawn(|| scanner.capture());
            glass.finger(width, height, &pixels);
            seen.join().unwrap()
        });
        let Capture::Image(image) = seen.unwrap() else {
            panic!("an image");
        };
        assert_eq!(
            (image.width, image.height),
            (width.unsigned_abs(), height.unsigned_abs())
        );
        assert_eq!(image.pixels, pixels, "byte for byte");
        assert_eq!(image.dpi, 500);
        assert!(scanner.name().contains("Virtual"));
    }
}

#[test]
fn a_finger_is_waited_for_and_the_wait_can_be_ended() {
    if !is_inside("a_finger_is_waited_for_and_the_wait_can_be_ended", true) {
        return;
    }
    let Some(short) = plugged(&[], Duration::from_millis(200)) else {
        return;
    };
    assert!(
        matches!(short.capture(), Err(ScannerError::NoFinger)),
        "nobody came"
    );
    drop(short);
    let long = plugged(&[], Duration::from_secs(60)).unwrap();
    let ended = std::thread::scope(|scope| {
        let waiting = scope.spawn(|| long.capture());
        std::thread::sleep(Duration::from_millis(300));
        long.stop();
        waiting.join().unwrap()
    });
    assert!(
        matches!(ended, Err(ScannerError::NoFinger)),
        "the operator turned away"
    );
    // A second question ends the first and gets the finger.
    let glass = Glass::of_environment();
    let pixels = ridges(256, 360);
    let (first, second) = std::thread::scope(|scope| {
        let first = scope.spawn(|| long.capture());
        std::thread::sleep(Duration::from_millis(300));
        let second = scope.spawn(|| long.capture());
        let first = first.join().unwrap();
        glass.finger(256, 360, &pixels);
        (first, second.join().unwrap())
    });
    assert!(matches!(first, Err(ScannerError::NoFinger)));
    assert!(matches!(second, Ok(Capture::Image(_))));
}

#[test]
fn a_bad_swipe_is_tried_again_and_a_broken_device_is_found_anew() {
    if !is_inside(
        "a_bad_swipe_is_tried_again_and_a_broken_device_is_found_anew",
        true,
    ) {
        return;
    }
    let Some(scanner) = plugged(&[], Duration::from_secs(20)) else {
        return;
    };
    let glass = Glass::of_environment();
    let capture_while = |act: &dyn Fn()| {
        std::thread::scope(|scope| {
            let seen = scope.spawn(|| scanner.capture());
            act();
            seen.join().unwrap()
        })
    };
    let error = capture_while(&|| glass.bad_swipe());
    assert!(matches!(error, Err(ScannerError::Image(_))), "{error:?}");
    // It breaks, is found anew, breaks again: the operator is told; the next finger finds a third one.
    let error = capture_while(&|| {
        glass.breaks();
        std::thread::sleep(Duration::from_millis(300));
        glass.breaks();
    });
    assert!(matches!(error, Err(ScannerError::Device(_))), "{error:?}");
    let pixels = ridges(256, 360);
    let seen = capture_while(&|| glass.finger(256, 360, &pixels));
    assert!(matches!(seen, Ok(Capture::Image(_))), "{seen:?}");
    // Broken once between two voters: nobody is told.
    let seen = capture_while(&|| {
        glass.breaks();
        std::thread::sleep(Duration::from_millis(300));
        glass.finger(256, 360, &pixels);
    });
    assert!(matches!(seen, Ok(Capture::Image(_))), "{seen:?}");
}

#[test]
fn no_scanner_and_a_wrong_one_are_told_apart() {
    if !is_inside("no_scanner_and_a_wrong_one_are_told_apart", true) {
        return;
    }
    let Some(wrong) = plugged(&["uru4000"], Duration::from_secs(1)) else {
        return;
    };
    let Err(ScannerError::Wrong(name)) = wrong.capture() else {
        panic!("the virtual device is no uru4000");
    };
    assert!(name.contains("Virtual"), "{name}");
    let right = plugged(&["uru4000", "virtual_image"], Duration::from_millis(100)).unwrap();
    assert!(matches!(right.capture(), Err(ScannerError::NoFinger)));
}

#[test]
fn without_a_scanner_the_kit_says_so() {
    if !is_inside("without_a_scanner_the_kit_says_so", false) {
        return;
    }
    let Some(scanner) = plugged(&[], Duration::from_secs(1)) else {
        return;
    };
    let said = scanner.capture();
    // A machine with a scanner of its own waits for a finger on it.
    assert!(
        matches!(
            said,
            Err(ScannerError::Absent | ScannerError::NoFinger | ScannerError::Wrong(_))
        ),
        "{said:?}"
    );
}

fn image(pixels: Vec<u8>) -> Capture {
    Capture::Image(fingerprint::GreyImage::from_raw(256, 360, 500, pixels).unwrap())
}

/// Story S-18: what a device gives twice was fed to it; a finger that is put down again is another picture.
#[test]
fn a_capture_that_was_there_before_is_told_from_the_finger_again() {
    let seen = station::replay::Seen::default();
    let first = ridges(256, 360);
    assert!(!seen.is_replay(&image(first.clone())));
    assert!(seen.is_replay(&image(first.clone())), "the same bytes");
    let mut touched = first.clone();
    touched[5] ^= 1;
    assert!(seen.is_replay(&image(touched)), "a bit changed in a corner");
    // Put down again: seven pixels lower and three to the right.
    let moved: Vec<u8> = (0..360usize)
        .flat_map(|y| (0..256usize).map(move |x| (x, y)))
        .map(|(x, y)| match (x.checked_sub(3), y.checked_sub(7)) {
            (Some(x), Some(y)) => first[y * 256 + x],
            _ => 255,
        })
        .collect();
    assert!(!seen.is_replay(&image(moved)));
    let record = Capture::SimulatedMinutiae(vec![1, 2, 3]);
    assert!(
        !seen.is_replay(&record) && !seen.is_replay(&record),
        "a simulated day"
    );
}

/// The kit's program ends and starts again, and the device gives the first capture once more. Expect: it is told, also
/// when a bit was changed; another kit's secret says nothing of it; the file holds no minutia.
#[test]
fn what_lay_on_the_glass_is_known_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("K1.glass");
    let disk: std::sync::Arc<dyn station::disk::Disk> =
        std::sync::Arc::new(station::disk::HostDisk);
    let start = |secret: &[u8]| station::replay::Seen::kept_in(&disk, &path, secret).unwrap();
    let first = ridges(256, 360);
    assert!(!start(b"the day").is_replay(&image(first.clone())));
    let kept = std::fs::read(&path).unwrap();
    let mut touched = first.clone();
    touched[5] ^= 1;
    assert!(
        start(b"the day").is_replay(&image(touched)),
        "a bit changed"
    );
    std::fs::write(&path, &kept).unwrap();
    assert!(start(b"the day").is_replay(&image(first.clone())));
    assert!(
        !start(b"another").is_replay(&image(first)),
        "tags under another key"
    );
    let text = String::from_utf8(kept).unwrap();
    let places = text.trim().len() / 16 - 1;
    assert!(places >= 8 && !text.contains(char::is_uppercase), "{text}");
}
