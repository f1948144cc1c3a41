//! The door for other kits: who is let in, what a blank kit is given, what a flood does.

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod precinct;

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use precinct::{Bench, Precinct, open};
use station::cards::CardBox;
use station::clone::{CloneError, fetch, is_blank};
use station::config::ConfigFile;
use station::disk::HostDisk;
use station::link::{Lan, Link, LinkError};
use station::scanner::ImageFolder;
use station::{Ciphertext, Kit, Serving, Station, serve_station};

struct Hall {
    precinct: Precinct,
    bench: Bench,
    serving: Serving,
    folder: tempfile::TempDir,
    _runtime: tokio::runtime::Runtime,
}

/// K1 of a precinct, opened from a file, with its door on the loopback.
fn hall() -> Hall {
    let precinct = Precinct::new(1001, 60);
    let folder = tempfile::tempdir().unwrap();
    let package = folder.path().join("1001.package");
    std::fs::write(&package, &precinct.ciphertext).unwrap();
    let mut bench = open(&precinct, "K2", &folder.path().join("unused"), 10);
    let mut config = precinct.config(&folder.path().join("K1"), &bench.clock, &bench.printer);
    config.ciphertext = Ciphertext::File(package);
    bench.kit = Kit::open(config, precinct.kit_key("K1"), &precinct.pair()).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let serving = runtime.block_on(async {
        let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
        let glass = Arc::new(ImageFolder::new(folder.path().to_owned()));
        let station = Station::new(None, CardBox::new(Vec::new()), glass);
        station.install(Arc::clone(&bench.kit));
        serve_station(station, any, any).await.unwrap()
    });
    Hall {
        precinct,
        bench,
        serving,
        folder,
        _runtime: runtime,
    }
}

/// Story S-26, S-31: a kit of another precinct, one without a key, and one that takes K1's place.
#[test]
fn only_kits_of_the_precinct_are_let_in_and_only_the_right_one_is_talked_to() {
    let hall = hall();
    let lan = hall.serving.lan;
    let manifest = |link: &Lan| link.fetch("/kit/manifest", 1 << 20);
    let (k1, k2) = (hall.precinct.kit_key("K1"), hall.precinct.kit_key("K2"));
    let good = Lan::to(lan, k1.kid(), Arc::clone(&k2)).unwrap();
    assert_eq!(manifest(&good).unwrap(), hall.precinct.manifest);
    // Twice over one connection.
    assert_eq!(manifest(&good).unwrap(), hall.precinct.manifest);

    let pages = good.fetch("/", 1 << 20);
    assert!(matches!(pages, Err(LinkError::Status(404))), "{pages:?}");

    let stranger = Precinct::new(1002, 20).kit_key("K1");
    let refused = Lan::to(lan, k1.kid(), stranger).unwrap();
    assert!(matches!(manifest(&refused), Err(LinkError::Silent(_))));
    // K2 looks for another kit than the one that answers.
    let other = Lan::to(lan, k2.kid(), Arc::clone(&k2)).unwrap();
    assert!(matches!(manifest(&other), Err(LinkError::Silent(_))));
    // A kit does not talk to itself: its own key comes from a clone of its disk.
    let clone = Lan::to(lan, k1.kid(), Arc::clone(&k1)).unwrap();
    assert!(matches!(manifest(&clone), Err(LinkError::Silent(_))));

    // Without TLS nothing is answered.
    let mut plain = TcpStream::connect(lan).unwrap();
    plain
        .set_read_timeout(Some(Duration::from_secs(5)))
        .unwrap();
    plain
        .write_all(b"GET /kit/manifest HTTP/1.1\r\nHost: k\r\n\r\n")
        .unwrap();
    let mut answer = Vec::new();
    let _ = plain.read_to_end(&mut answer);
    assert!(!answer.windows(4).any(|part| part == b"HTTP"), "{answer:?}");
}

/// Story S-26: a kit with a true key that floods is held to its budget; messages over 64 KB are refused.
#[test]
fn a_flood_is_refused_and_a_huge_message_too() {
    let hall = hall();
    let (k1, k2) = (hall.precinct.kit_key("K1"), hall.precinct.kit_key("K2"));
    let link = Lan::to(hall.serving.lan, k1.kid(), k2).unwrap();
    let huge = link.ask(&vec![0; (64 << 10) + 1]);
    assert!(matches!(huge, Err(LinkError::Status(413))), "{huge:?}");
    let looked_at = |count: u32| {
        let answers = (0..count).map(|_| match link.ask(b"no message") {
            Err(LinkError::Status(403)) => 1,
            Err(LinkError::Status(429)) => 0,
            other => unreachable!("{other:?}"),
        });
        answers.sum::<u32>()
    };
    assert_eq!(looked_at(450), 399, "400 at once, and one was the huge one");
    hall.bench.clock.set(precinct::at(11));
    assert_eq!(looked_at(220), 200, "200 a second");
    assert_eq!(hall.bench.kit.read(pollbook::Book::rejected), 0);
}

fn config(hall: &Hall, base: &Path, peer: &str) -> ConfigFile {
    let points: Vec<String> = ["srs-release", "cec-release"]
        .map(|name| precinct::key(name).public_key().0)
        .iter()
        .map(|point| lexicon::handover::envelope::hex(point))
        .collect();
    precinct::key("1001 K2")
        .write(&base.join("K2.key"))
        .unwrap();
    let text = format!(
        "election = 20151004\nprecinct = 1001\nmanifest = \"p/1001.manifest.cose\"\n\
         package = \"p/1001.package\"\npublishers = [\"{}\", \"{}\"]\nkit_key = \"K2.key\"\n\
         cards = []\njournals = \"K2\"\npages = \"127.0.0.1:0\"\nlan = \"127.0.0.1:0\"\n\
         simulated_time = \"2015-10-04T10:00:00+06:00\"\n\
         printer = {{ kind = \"file\", folder = \"papers\", keep = 5 }}\n\
         scanner = {{ kind = \"folder\", folder = \"glass\" }}\n\
         [[peers]]\nkit = \"{peer}\"\naddress = \"{}\"\n",
        points[0], points[1], hall.serving.lan
    );
    toml::from_str(&text).unwrap()
}

/// Story S-05: a blank spare. Expect: it fetches the sealed package from K1, and opens with two cards.
#[test]
fn a_blank_kit_takes_its_package_from_a_peer() {
    let hall = hall();
    let base = hall.folder.path().join("spare");
    std::fs::create_dir(&base).unwrap();
    let k1 = hall.precinct.kit_key("K1").kid().hex();
    let file = config(&hall, &base, &k1);
    assert!(is_blank(&file, &base));
    assert_eq!(
        fetch(&HostDisk, &file, &base, &[]).unwrap(),
        hall.serving.lan
    );
    assert!(!is_blank(&file, &base));
    let package = std::fs::read(base.join("p/1001.package")).unwrap();
    assert_eq!(package, hall.precinct.ciphertext);
    let mut config = hall
        .precinct
        .config(&base.join("K2"), &hall.bench.clock, &hall.bench.printer);
    config.manifest = std::fs::read(base.join("p/1001.manifest.cose")).unwrap();
    config.ciphertext = Ciphertext::File(base.join("p/1001.package"));
    let spare = Kit::open(config, hall.precinct.kit_key("K2"), &hall.precinct.pair()).unwrap();
    spare.connect(
        hall.bench.kit.kid(),
        hall.precinct.link("K2", "K1", hall.serving.lan),
    );
    assert!(spare.sync_all().is_empty());
    spare.present(3, &precinct::capture(30)).unwrap();
    assert_eq!(spare.read(pollbook::Book::counted), 1);
}

/// A peer of this address that is not the one named gives nothing, and nothing is written.
#[test]
fn a_blank_kit_writes_nothing_when_another_kit_answers() {
    let hall = hall();
    let base = hall.folder.path().join("spare");
    std::fs::create_dir(&base).unwrap();
    let file = config(&hall, &base, "0123456789abcdef");
    let error = fetch(&HostDisk, &file, &base, &[]).unwrap_err();
    assert!(
        matches!(error, CloneError::Link(LinkError::Silent(_))),
        "{error}"
    );
    assert!(!base.join("p").exists());
}

/// Passes bytes on as they come until the answer has begun, then one now and then, without an end.
fn dripping(target: SocketAddr) -> SocketAddr {
    let door = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = door.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in door.incoming().flatten() {
            let peer = TcpStream::connect(target).unwrap();
            let (mut asks, mut onward) = (stream.try_clone().unwrap(), peer.try_clone().unwrap());
            std::thread::spawn(move || std::io::copy(&mut asks, &mut onward));
            let (mut peer, mut stream) = (peer, stream);
            // The handshake of two raw keys is shorter, the manifest is longer.
            let mut quick = vec![0; 900];
            let got = peer.read(&mut quick).unwrap();
            stream.write_all(&quick[..got]).unwrap();
            let mut one = [0; 1];
            while peer.read_exact(&mut one).is_ok() && stream.write_all(&one).is_ok() {
                std::thread::sleep(Duration::from_millis(100));
            }
        }
    });
    address
}

/// A peer that answers a byte now and then holds a blank kit for seconds, and the next peer is asked.
#[test]
fn a_dripping_peer_does_not_hold_a_blank_kit() {
    let hall = hall();
    let base = hall.folder.path().join("spare");
    std::fs::create_dir(&base).unwrap();
    let k1 = hall.precinct.kit_key("K1").kid();
    let mut file = config(&hall, &base, &k1.hex());
    let drips = dripping(hall.serving.lan);
    file.peers[0].address = drips;
    let began = station::clock::MachineClock::new();
    let seconds = || {
        use station::clock::KitClock as _;
        began.read().steady_micros / 1_000_000
    };
    let error = fetch(&HostDisk, &file, &base, &[]).unwrap_err();
    assert!(
        matches!(error, CloneError::Link(LinkError::Silent(_))),
        "{error}"
    );
    let waited = seconds();
    assert!((2..9).contains(&waited), "{waited} s");
    assert!(is_blank(&file, &base));
    let given = fetch(&HostDisk, &file, &base, &[(k1, hall.serving.lan)]);
    assert_eq!(
        given.unwrap(),
        hall.serving.lan,
        "the next that was found is asked"
    );
}

/// Kits find each other by announcement; a lie about an address costs a try.
#[test]
fn kits_find_each_other_on_the_lan_and_a_false_announcement_costs_a_try() {
    use station::discovery::Neighbours;
    use station::link::Hinted;
    let hall = hall();
    let (k1, k2) = (hall.precinct.kit_key("K1"), hall.precinct.kit_key("K2"));
    let announcing = Neighbours::look(hall.serving.lan, Some(k1.kid()), Vec::new());
    let looking = Neighbours::look(hall.serving.lan, None, Vec::new());
    let truth = (k1.kid(), hall.serving.lan);
    let seen = (0..100).any(|_| {
        std::thread::sleep(Duration::from_millis(100));
        looking.found().contains(&truth)
    });
    assert!(
        seen,
        "K1 was found by its announcement: {:?}",
        looking.found()
    );
    drop(announcing);

    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let link = Hinted::to(k1.kid(), k2);
    assert!(
        matches!(link.ask(b"?"), Err(LinkError::Silent(_))),
        "nobody was found yet"
    );
    link.hint(silent.local_addr().unwrap());
    assert!(
        matches!(link.ask(b"?"), Err(LinkError::Silent(_))),
        "who answers there is no kit"
    );
    link.hint(truth.1);
    // K1 itself answered: it does not take this for a message.
    assert!(matches!(link.ask(b"?"), Err(LinkError::Status(403))));
    for port in 1..20 {
        link.hint(SocketAddr::from(([127, 0, 0, 1], port)));
    }
    assert!(
        matches!(link.ask(b"?"), Err(LinkError::Status(403))),
        "the place that answered stays"
    );
}
