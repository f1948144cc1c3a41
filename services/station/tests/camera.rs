//! The camera of the two officers: on the screen, and nowhere else; a dead one strands nobody.

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod precinct;

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;

use precinct::http::{page, post, request};
use precinct::{Precinct, open, pin};
use station::camera::{Camera, CameraError, Picture, PictureFolder, VideoDevice};
use station::cards::CardBox;
use station::scanner::ImageFolder;
use station::{Station, serve_station};

fn jpeg(marker: &str) -> Vec<u8> {
    [b"\xff\xd8\xff".as_slice(), marker.as_bytes(), b"\xff\xd9"].concat()
}

#[test]
fn a_folder_gives_its_pictures_in_turn_and_a_broken_one_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let camera = PictureFolder::new(folder.path().to_owned());
    assert!(matches!(camera.picture(), Err(CameraError::Device(_))));
    std::fs::write(folder.path().join("1.jpg"), jpeg("one")).unwrap();
    std::fs::write(folder.path().join("2.jpg"), &jpeg("two")[..5]).unwrap();
    std::fs::write(folder.path().join("notes.txt"), "no").unwrap();
    assert_eq!(camera.picture().unwrap().bytes(), jpeg("one"));
    assert_eq!(camera.picture(), Err(CameraError::Image));
    assert_eq!(camera.picture().unwrap().kind(), "image/jpeg");
    let huge = jpeg(&"x".repeat(5 << 20));
    assert_eq!(Picture::of(huge), Err(CameraError::Image));
}

/// A helper that does what the script says.
fn helper(folder: &Path, script: &str) -> VideoDevice {
    let path = folder.join("helper");
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    VideoDevice::through(folder.join("video0"), path)
}

#[test]
fn a_camera_is_unplugged_dead_and_back_again() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("picture"), jpeg("of the camera")).unwrap();
    let give = format!("cat {}", folder.path().join("picture").display());
    let camera = helper(folder.path(), &give);
    assert!(
        matches!(camera.picture(), Err(CameraError::Device(_))),
        "not plugged in"
    );
    std::fs::write(folder.path().join("video0"), "").unwrap();
    assert_eq!(camera.picture().unwrap().bytes(), jpeg("of the camera"));
    std::fs::remove_file(folder.path().join("video0")).unwrap();
    assert!(
        matches!(camera.picture(), Err(CameraError::Device(_))),
        "unplugged"
    );
    std::fs::write(folder.path().join("video0"), "").unwrap();
    assert!(camera.picture().is_ok(), "back again");
    for (script, why) in [("exit 1", "gave nothing"), ("exec sleep 60", "within 5 s")] {
        let error = helper(folder.path(), script).picture().unwrap_err();
        assert!(error.to_string().contains(why), "{script}: {error}");
    }
    assert_eq!(
        helper(folder.path(), "echo noise").picture(),
        Err(CameraError::Image)
    );
    let none = VideoDevice::through(folder.path().join("video0"), folder.path().join("absent"));
    assert!(matches!(none.picture(), Err(CameraError::Device(_))));
}

/// Story S-17: fingers cannot be read. Expected: the chair sees the list's photograph beside a picture of now; it is
/// gone with the scene and lies on no disk; without a picture the two can sign all the same.
#[test]
fn two_officers_see_who_stands_there_and_nothing_keeps_the_picture() {
    let precinct = Precinct::new(1001, 60);
    let folder = tempfile::tempdir().unwrap();
    let faces = tempfile::tempdir().unwrap();
    std::fs::write(faces.path().join("1.jpg"), jpeg("a planted face")).unwrap();
    let bench = open(&precinct, "K1", &folder.path().join("K1"), 10);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let serving = runtime.block_on(async {
        let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
        let glass = Arc::new(ImageFolder::new(folder.path().join("glass")));
        let station = Station::new(None, CardBox::new(Vec::new()), glass);
        station.set_camera(Arc::new(PictureFolder::new(faces.path().to_owned())));
        station.install(Arc::clone(&bench.kit));
        serve_station(station, any, any).await.unwrap()
    });
    let at = serving.pages;
    let live = || request(at, "GET /live", "").0;
    assert!(
        page(at, "/?lang=en").contains("camera"),
        "every screen says that it is a folder"
    );
    assert_eq!(live(), 404);
    let call = || {
        post(at, "/find", &format!("q={}", pin(3)));
        post(at, "/two", "method=face&reason=FINGERS_UNREADABLE");
    };
    call();
    let chair = page(at, "/chair?lang=en");
    assert!(chair.contains("src=\"/live?"), "{chair}");
    let (status, answer) = request(at, "GET /live", "");
    assert!(status == 200 && answer.contains("a planted face") && answer.contains("no-store"));
    assert!(!page(at, "/monitor").contains("/live"));
    post(at, "/next", "");
    assert_eq!(live(), 404, "gone with the scene");
    std::fs::remove_file(faces.path().join("1.jpg")).unwrap();
    call();
    assert_eq!(live(), 404);
    let chair = page(at, "/chair?lang=en");
    assert!(chair.contains("The camera gives no picture") && chair.contains("/chair/approve"));
    let mut open = vec![folder.path().to_owned()];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(
                std::fs::read_dir(path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
        } else {
            let bytes = std::fs::read(path).unwrap();
            assert!(!bytes.windows(14).any(|part| part == b"a planted face"));
        }
    }
}
