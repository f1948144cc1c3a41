//! Kits that are for no election, beside the demo's: a training's, and a rehearsal's with its page of corrections.

use std::fmt::Write as _;
use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use keys::FileKey;
use lexicon::handover::envelope::{
    DocumentType, Signer, Subject, decode, encode, hex, peek_all, sign_all,
};
use lexicon::handover::package::{
    Exercise, HomeVoting, KeyAgreement, KitEntry, PackageBody, PackageManifest, SealSecrets,
    TRAINING_ELECTION, open, seal,
};
use station::cards::{CardBox, CardFile};
use station::training::PRECINCT;

pub use station::training::PASSPHRASE;

/// The seed of the training's keys: the rehearsal's package is signed with the same.
const SEED: &str = "browser";
const HOUR: i64 = 3_600_000_000;
/// Tenths of a second until the pages answer.
const PATIENCE: u32 = 200;

/// Every path that a station's pages answer to GET, as its source names them: a page that nobody looks at is found.
///
/// # Errors
/// The disk's.
pub fn routes() -> std::io::Result<Vec<String>> {
    let mut routes = Vec::new();
    let mut folders =
        vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../../services/station/src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                routes.extend(routes_of(&fs::read_to_string(path)?));
            }
        }
    }
    // What kits ask each other stands behind another door.
    routes.retain(|route| !route.starts_with("/kit/"));
    routes.sort();
    routes.dedup();
    Ok(routes)
}

/// Every address that the office answers to GET, as its table names them.
///
/// # Errors
/// The disk's.
pub fn office_routes() -> std::io::Result<Vec<String>> {
    let table = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../services/office/src/routes.rs");
    Ok(gets_of(&fs::read_to_string(table)?))
}

/// The paths of `get("…", …)` in a source.
fn gets_of(source: &str) -> Vec<String> {
    let calls = source.split("get(").skip(1);
    let path = |call: &str| {
        Some(
            call.trim_start()
                .strip_prefix('"')?
                .split_once('"')?
                .0
                .to_owned(),
        )
    };
    calls.filter_map(path).collect()
}

/// The paths of `.route("…", get(…)…)` in a source.
fn routes_of(source: &str) -> Vec<String> {
    let calls = source.split(".route(").skip(1);
    calls
        .filter_map(|call| {
            let (path, rest) = call.trim_start().strip_prefix('"')?.split_once('"')?;
            let rest = rest.trim_start_matches([',', ' ', '\n']);
            rest.starts_with("get(").then(|| path.to_owned())
        })
        .collect()
}

/// A kit's program; it ends when this is dropped.
pub struct Running {
    child: Child,
    /// Its pages, `http://…`.
    pub pages: String,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn start(program: &Path, config: &Path, pages: SocketAddr) -> Result<Running> {
    let log = fs::File::create(config.with_extension("log"))?;
    let child = Command::new(program)
        .args(["serve", "--config"])
        .arg(config)
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()?;
    let running = Running {
        child,
        pages: format!("http://{pages}"),
    };
    for _ in 0..PATIENCE {
        if TcpStream::connect_timeout(&pages, Duration::from_millis(200)).is_ok() {
            return Ok(running);
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    anyhow::bail!(
        "no kit on {pages}: see {}",
        config.with_extension("log").display()
    )
}

fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?)
}

/// Makes a training kit in a new folder and serves it.
///
/// # Errors
/// The program's or the disk's.
pub fn training(programs: &Path, folder: &Path) -> Result<Running> {
    let pages = free_address()?;
    let config = make(programs, folder, pages)?;
    start(&programs.join("tizme-station"), &config, pages)
}

fn make(programs: &Path, folder: &Path, pages: SocketAddr) -> Result<PathBuf> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    let made = Command::new(programs.join("tizme-station"))
        .args(["training", "--make-only", "--seed", SEED, "--folder"])
        .arg(folder)
        .args(["--pages", &pages.to_string()])
        .output()?;
    ensure!(made.status.success(), "no training kit was made");
    Ok(folder.join("kit.toml"))
}

/// The day of the kits that are made out of a training's, and its number.
const DAY: u32 = 20_000_102;

/// A training's package, opened and about to be sealed again as another.
struct Remade {
    folder: PathBuf,
    manifest: PackageManifest,
    body: PackageBody,
}

impl Remade {
    fn open(programs: &Path, folder: &Path) -> Result<Self> {
        make(programs, folder, free_address()?)?;
        let stem = folder.join(format!("packages/{PRECINCT}"));
        let subject = Subject {
            kind: DocumentType::PackageManifest,
            election: TRAINING_ELECTION,
        };
        let signed = fs::read(stem.with_extension("manifest.cose"))?;
        let manifest: PackageManifest = decode(&peek_all(subject, &signed)?)?;
        let files = (1..=3).map(|at| CardFile::read(&folder.join(format!("cards/{at}.card"))));
        let cards = CardBox::new(files.collect::<Result<_, _>>()?);
        let unlock = |at: usize| cards.unlock(&cards.cards()[at].kid, PASSPHRASE, 0);
        let (chair, member) = (unlock(0)?, unlock(2)?);
        let sealed = fs::read(stem.with_extension("package"))?;
        let opened = [&*chair as &dyn KeyAgreement, &*member];
        let body = open(&manifest, sealed, &opened, &kit_key(1))?;
        Ok(Self {
            folder: folder.to_owned(),
            manifest,
            body,
        })
    }

    /// Seals and signs it for the day, and writes the configuration of one of its kits.
    fn serve(&mut self, programs: &Path, kits: usize, more: &str) -> Result<Vec<Running>> {
        let Self {
            folder,
            manifest,
            body,
        } = self;
        (manifest.election, body.election) = (DAY, DAY);
        manifest.lines = u32::try_from(body.voters.len())?;
        let secrets = SealSecrets {
            ephemeral: [7; 32],
            officers: [8; 32],
            kits: [9; 32],
        };
        let sealed = seal(manifest, body, &secrets)?;
        let publishers = ["first", "second"].map(|which| key(&format!("{which} publisher")));
        let signers: Vec<&dyn Signer> = publishers.iter().map(|key| key as _).collect();
        let subject = Subject {
            kind: DocumentType::PackageManifest,
            election: DAY,
        };
        let stem = folder.join(format!("packages/{PRECINCT}"));
        let signed = sign_all(subject, &encode(manifest), &signers)?;
        fs::write(stem.with_extension("manifest.cose"), signed)?;
        fs::write(stem.with_extension("package"), sealed)?;
        let made = fs::read_to_string(folder.join("kit.toml"))?;
        let lan: Vec<SocketAddr> = (0..kits).map(|_| free_address()).collect::<Result<_>>()?;
        let mut running = Vec::new();
        for at in 0..kits {
            let name = format!("K{}", at + 1);
            let path = format!("keys/{name}.key");
            kit_key(at + 1).write(&folder.join(&path))?;
            let pages = free_address()?;
            let mut text = String::new();
            for line in made.lines() {
                let (field, value) = line.split_once(" = ").unwrap_or((line, ""));
                let value = match field {
                    "exercise" => continue,
                    "election" => DAY.to_string(),
                    "kit_key" => format!("\"{path}\""),
                    "journals" => format!("\"of-{name}\""),
                    "pages" => format!("\"{pages}\""),
                    "lan" => format!("\"{}\"", lan[at]),
                    "printer" => value.replace("papers", &format!("papers-{name}")),
                    _ => value.to_owned(),
                };
                writeln!(text, "{field} = {value}").expect("a String takes every byte");
            }
            text.push_str(more);
            for (other, address) in lan.iter().enumerate().filter(|(other, _)| *other != at) {
                let kid = kit_key(other + 1).kid().hex();
                writeln!(text, "[[peers]]\nkit = \"{kid}\"\naddress = \"{address}\"")
                    .expect("a String takes every byte");
            }
            let config = folder.join(format!("{name}.toml"));
            fs::write(&config, text)?;
            running.push(start(&programs.join("tizme-station"), &config, pages)?);
        }
        Ok(running)
    }
}

fn key(label: &str) -> FileKey {
    FileKey::from_seed(SEED.as_bytes(), &format!("training {label}"))
}

fn kit_key(number: usize) -> FileKey {
    key(&format!("K{number}"))
}

/// Serves a rehearsal's kit: a training's voters and cards, an office that takes corrections.
///
/// # Errors
/// The program's or the disk's.
pub fn rehearsal(programs: &Path, folder: &Path) -> Result<Running> {
    let mut made = Remade::open(programs, folder)?;
    made.manifest.exercise = Some(Exercise::Rehearsal);
    let desk = hex(&key("office").public_key().0);
    let more = format!("exercise = \"rehearsal\"\ncorrections_desk = \"{desk}\"\n");
    let kits = made.serve(programs, 1, &more)?;
    kits.into_iter().next().context("one kit was asked for")
}

/// The voters of the home list of [`hall`]; no mobile kit has visited them.
pub const AT_HOME: [u32; 2] = [4, 5];

/// A voter of the second kit who is marked and gets no slip, and one of its lines that nobody came for, in [`hall`].
pub const OF_SECOND: [u32; 2] = [31, 32];

/// Serves two kits of a hall with a scanned ballot table and a home list, for no exercise.
///
/// # Errors
/// The program's or the disk's.
pub fn hall(programs: &Path, folder: &Path) -> Result<Vec<Running>> {
    let mut made = Remade::open(programs, folder)?;
    let manifest = &mut made.manifest;
    manifest.exercise = None;
    manifest.policy.ballot_table = "scanned".to_owned();
    manifest.policy.home = Some(HomeVoting {
        opens: manifest.policy.opens - 24 * HOUR,
        closes: manifest.policy.opens - 12 * HOUR,
        kits: vec!["K3".to_owned()],
        voters: u32::try_from(AT_HOME.len())?,
    });
    manifest.kits.push(KitEntry {
        point: kit_key(3).public_key().0.into(),
        name: "K3".to_owned(),
        from: 1,
        to: 0,
    });
    for voter in &mut made.body.voters {
        voter.home = AT_HOME.contains(&voter.line);
    }
    made.serve(programs, 2, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_are_read_off_a_source_however_it_is_broken_into_lines() {
        let source = ".route(\"/a\", get(a))\n.route(\n    \"/b\",\n    get(b).post(c),\n)\n.route(\"/d\", post(d))";
        assert_eq!(routes_of(source), ["/a", "/b"]);
    }

    #[test]
    #[expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
    fn the_offices_addresses_are_found() {
        let source = "get(\"/a\", x),\n    get(\n        \"/b/{c}\",\n x),\n    post(\"/d\", x),";
        assert_eq!(gets_of(source), ["/a", "/b/{c}"]);
        let routes = office_routes().unwrap();
        for known in [
            "/",
            "/claims/files",
            "/field/sum/{sum}",
            "/day/pages/{precinct}",
        ] {
            assert!(routes.iter().any(|route| route == known), "{known}");
        }
    }

    #[test]
    #[expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
    fn the_stations_routes_are_found() {
        let routes = routes().unwrap();
        for known in ["/", "/chair", "/chair/cards", "/corrections", "/monitor"] {
            assert!(routes.iter().any(|route| route == known), "{known}");
        }
        assert!(
            !routes.iter().any(|route| route == "/lock"),
            "an act is no page"
        );
    }
}
