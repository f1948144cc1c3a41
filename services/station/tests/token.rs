//! Cards behind PKCS#11, on SoftHSM2: made by the program itself, a kit opened with two of them on its page.
//!
//! Where SoftHSM2 is not installed the test says so and passes; `./test` installs it.

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod precinct;

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use lexicon::handover::envelope::{PublicKey, hex};
use precinct::http::{page, post, request};
use precinct::{Precinct, copy, key};

const PROGRAM: &str = env!("CARGO_BIN_EXE_tizme-station");

fn library() -> Option<PathBuf> {
    let places = [
        "/usr/lib/softhsm/libsofthsm2.so",
        "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
        "/usr/lib64/pkcs11/libsofthsm2.so",
    ];
    let found = places
        .into_iter()
        .map(PathBuf::from)
        .find(|path| path.exists());
    if found.is_none() {
        println!("SoftHSM2 is not installed: nothing was tested");
    }
    found
}

fn program(folder: &Path) -> Command {
    let mut command = Command::new(PROGRAM);
    command.env("SOFTHSM2_CONF", folder.join("softhsm2.conf"));
    command
}

/// A new token with a key made on it; gives the public key.
fn issue(folder: &Path, library: &Path, label: &str, pin: &str) -> PublicKey {
    let mut child = program(folder)
        .args(["token", "--label", label, "--pkcs11"])
        .arg(library)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    writeln!(input, "security officer\n{pin}").unwrap();
    drop(input);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let said = String::from_utf8(output.stdout).unwrap();
    let point = said
        .lines()
        .find_map(|line| line.strip_prefix("public key "))
        .unwrap();
    let digits = |at: usize| u8::from_str_radix(&point[at..at + 2], 16).unwrap();
    let bytes: Vec<u8> = (0..point.len()).step_by(2).map(digits).collect();
    let key = PublicKey::from_bytes(&bytes).unwrap();
    assert!(said.contains(&format!("key id {}", key.kid().hex())));
    key
}

/// The running program; killed when it is dropped.
struct Running(Child, SocketAddr);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn serve(folder: &Path) -> Running {
    let mut child = program(folder)
        .args(["serve", "--config"])
        .arg(folder.join("kit.toml"))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let address = line
        .split("http://")
        .nth(1)
        .and_then(|rest| rest.split('/').next());
    let address = address
        .unwrap_or_else(|| unreachable!("{line}"))
        .parse()
        .unwrap();
    Running(child, address)
}

/// Story S-34: two officers' tokens of different bodies, a wrong PIN, a token that was pulled out. Expect: the kit's
/// own key and both cards lie on tokens; the package opens, and an act of two officers is signed by them.
#[test]
fn a_kit_is_opened_with_two_tokens_and_its_own_key_on_a_third() {
    let Some(library) = library() else { return };
    let place = tempfile::tempdir().unwrap();
    let folder = place.path();
    std::fs::create_dir(folder.join("tokens")).unwrap();
    let tokens = folder.join("tokens");
    let conf = format!(
        "directories.tokendir = {}\nobjectstore.backend = file\n",
        tokens.display()
    );
    std::fs::write(folder.join("softhsm2.conf"), conf).unwrap();
    let kit = issue(folder, &library, "K1 of 1001", "kit pin");
    let chair = issue(folder, &library, "chair", "1111");
    let member = issue(folder, &library, "member", "2222");

    let kits = [kit, key("1001 K2").public_key()];
    let officers = [chair, key("1001 officer 2").public_key(), member];
    let voters = (1..=60).map(precinct::voter).collect();
    let precinct = Precinct::with_keys(precinct::law("segment"), 1001, voters, &kits, &officers);
    std::fs::write(folder.join("m.cose"), &precinct.manifest).unwrap();
    std::fs::write(folder.join("p.package"), &precinct.ciphertext).unwrap();
    std::fs::write(folder.join("kit.pin"), "kit pin\n").unwrap();
    let points: Vec<String> = ["srs-release", "cec-release"]
        .map(|name| format!("\"{}\"", hex(&key(name).public_key().0)))
        .to_vec();
    let config = format!(
        "election = 20151004\nprecinct = 1001\nmanifest = \"m.cose\"\npackage = \"p.package\"\n\
         publishers = [{}]\njournals = \"K1\"\npages = \"127.0.0.1:0\"\nlan = \"127.0.0.1:0\"\n\
         simulated_time = \"2015-10-04T10:00:00+06:00\"\npkcs11 = \"{}\"\n\
         printer = {{ kind = \"file\", folder = \"papers\", keep = 9 }}\n\
         scanner = {{ kind = \"folder\", folder = \"glass\" }}\n\
         [kit_token]\nkey = \"{}\"\npin_file = \"kit.pin\"\n",
        points.join(", "),
        library.display(),
        kit.kid().hex()
    );
    std::fs::write(folder.join("kit.toml"), &config).unwrap();
    let running = serve(folder);
    let shown = page(running.1, "/chair?lang=en");
    assert!(shown.contains(&chair.kid().hex()) && shown.contains(&member.kid().hex()));
    assert!(
        !shown.contains(&kit.kid().hex()),
        "the kit's own token is no officer's card"
    );
    assert!(
        shown.contains("SIMULATED: scanner<"),
        "nothing says that cards are simulated"
    );
    let open = |first: &str, second: &str| {
        let fields = format!(
            "card0={}&pass0={first}&card1={}&pass1={second}",
            chair.kid().hex(),
            member.kid().hex()
        );
        request(running.1, "POST /chair/open", &fields)
    };
    let (status, said) = open("1111", "1111");
    assert_eq!(status, 422);
    assert!(
        said.contains("Пароль карты неверен. Осталось попыток: 4"),
        "{said}"
    );
    assert_eq!(open("1111", "2222").0, 303);
    assert_eq!(post(running.1, "/choose", "line=7"), 303);
    assert!(page(running.1, "/?lang=ru").contains("Приложите палец"));

    // An act of two officers: the initial report, signed by both tokens.
    let cards = format!(
        "card0={}&pass0=1111&card1={}&pass1=2222",
        chair.kid().hex(),
        member.kid().hex()
    );
    assert_eq!(post(running.1, "/chair/initial", &cards), 303);
    drop(running);

    // S-07, alone in the hall: the disk of the closed kit is put back to what it was in the morning, mark and all.
    let (journals, morning) = (folder.join("K1"), folder.join("morning"));
    copy(&journals, &morning);
    let evening = config.replace("T10:00:00", "T20:00:01");
    std::fs::write(folder.join("kit.toml"), evening).unwrap();
    let running = serve(folder);
    assert_eq!(post(running.1, "/chair/open", &cards), 303);
    assert_eq!(
        post(running.1, "/chair/close", &format!("in_line=0&{cards}")),
        303
    );
    drop(running);
    std::fs::rename(&journals, folder.join("evening")).unwrap();
    std::fs::rename(&morning, &journals).unwrap();
    let running = serve(folder);
    let shown = page(running.1, "/chair?lang=en");
    assert!(shown.contains("its mark stands at"), "{shown}");
    assert_eq!(request(running.1, "POST /chair/open", &cards).0, 422);
    drop(running);
    // An empty folder is no new kit either.
    std::fs::remove_dir_all(&journals).unwrap();
    let running = serve(folder);
    assert_eq!(request(running.1, "POST /chair/open", &cards).0, 422);
    drop(running);
    let _ = std::fs::remove_dir_all(&journals);
    std::fs::rename(folder.join("evening"), &journals).unwrap();
    let running = serve(folder);
    assert_eq!(post(running.1, "/chair/open", &cards), 303);
    drop(running);

    // A token that is not connected.
    let away = folder.join("away");
    std::fs::create_dir(&away).unwrap();
    let running = serve(folder);
    let label_of = |folder: &Path| std::fs::read_dir(folder).unwrap().count();
    assert_eq!(label_of(&tokens), 3);
    drop(running);
    for entry in std::fs::read_dir(&tokens).unwrap() {
        let entry = entry.unwrap();
        let text = std::fs::read_dir(entry.path()).unwrap().any(|file| {
            let bytes = std::fs::read(file.unwrap().path()).unwrap_or_default();
            bytes.windows(6).any(|part| part == b"member")
        });
        if text {
            std::fs::rename(entry.path(), away.join(entry.file_name())).unwrap();
        }
    }
    assert_eq!(label_of(&tokens), 2);
    let running = serve(folder);
    assert!(!page(running.1, "/chair").contains(&member.kid().hex()));
    let (status, said) = request(running.1, "POST /chair/open", &cards);
    assert_eq!(status, 422);
    assert!(said.contains("Карты нет в считывателе"), "{said}");
}

/// Story S-21, the other way about: a folder with package and trust anchors, cards in the reader, and nothing typed but the
/// addresses, which another test may hold. Expect: the program starts; it finds its own key among the tokens, shows both
/// publishers and the cards.
#[test]
fn a_kit_starts_from_a_package_and_cards_alone() {
    let Some(library) = library() else { return };
    let place = tempfile::tempdir().unwrap();
    let folder = place.path();
    std::fs::create_dir(folder.join("tokens")).unwrap();
    let conf = format!(
        "directories.tokendir = {}\nobjectstore.backend = file\n",
        folder.join("tokens").display()
    );
    std::fs::write(folder.join("softhsm2.conf"), conf).unwrap();
    let kit = issue(folder, &library, "K1 of 1001", "kit pin");
    let chair = issue(folder, &library, "chair", "1111");
    let member = issue(folder, &library, "member", "2222");
    let kits = [kit, key("1001 K2").public_key()];
    let officers = [chair, key("1001 officer 2").public_key(), member];
    let voters = (1..=60).map(precinct::voter).collect();
    let precinct = Precinct::with_keys(precinct::law("segment"), 1001, voters, &kits, &officers);
    std::fs::write(folder.join("1001.manifest.cose"), &precinct.manifest).unwrap();
    std::fs::write(folder.join("1001.package"), &precinct.ciphertext).unwrap();
    std::fs::write(folder.join("trust.cose"), precinct::trust()).unwrap();
    std::fs::write(folder.join("kit.pin"), "kit pin\n").unwrap();
    std::os::unix::fs::symlink(&library, folder.join("pkcs11.so")).unwrap();
    let addresses = "pages = \"127.0.0.1:0\"\nlan = \"127.0.0.1:0\"\ndiscovery = false\n";
    std::fs::write(folder.join("kit.toml"), addresses).unwrap();
    let running = serve(folder);
    let shown = page(running.1, "/chair?lang=en");
    assert!(shown.contains(&chair.kid().hex()) && shown.contains(&member.kid().hex()));
    assert!(!shown.contains("SIMULATED"));
    let publisher = key("srs-release").public_key().kid().hex().to_uppercase();
    assert!(shown.contains(&publisher[..8]), "{shown}");
    // The package is of a day long past: the kit says so, and not that something is missing.
    let cards = format!(
        "card0={}&pass0=1111&card1={}&pass1=2222",
        chair.kid().hex(),
        member.kid().hex()
    );
    let (status, said) = request(running.1, "POST /chair/open", &cards);
    assert_eq!(status, 422);
    assert!(said.contains("Пакет сейчас не действует"), "{said}");
    drop(running);

    // On that day, as a simulated time says, it opens.
    let day = format!("{addresses}simulated_time = \"2015-10-04T10:00:00+06:00\"\n");
    std::fs::write(folder.join("kit.toml"), day).unwrap();
    let running = serve(folder);
    assert_eq!(post(running.1, "/chair/open", &cards), 303);
    assert!(page(running.1, "/chair/turnout?lang=en").contains("Turnout"));
    assert!(folder.join("journals/K1.journal").exists());
}
