//! A kit through its doors: a voter over HTTP from the finger image to the receipt, the screens, the ballot table's answers;
//! and a blank kit that clones itself from a peer over TLS.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, bail, ensure};
use station::cards::CardBox;
use station::clock::SetClock;
use station::link::Lan;
use station::printer::MemoryPrinter;
use station::scanner::ImageFolder;
use station::{Capture, Ciphertext, Kit, Serving, Station, Verdict, serve_station};

use crate::hall::precinct::http::{page, post, request};
use crate::hall::precinct::{Precinct, at, pin};
use crate::hall::{Finger, Rows, Times, clock_at, hall, timed};

/// Voters served over HTTP.
const SERVED: u32 = 200;
/// Voters of a precinct whose kit is cloned, and acts that the peer has by then.
const CLONED: u32 = 1_200;

fn serve(
    kit: &Arc<Kit>,
    glass: &Path,
    runtime: &tokio::runtime::Runtime,
) -> anyhow::Result<Serving> {
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let glass = Arc::new(ImageFolder::new(glass.to_owned()));
    let station = Station::new(None, CardBox::new(Vec::new()), glass);
    station.install(Arc::clone(kit));
    Ok(runtime.block_on(serve_station(station, any, any))?)
}

fn said(what: &str, times: Vec<f64>, must: &str) {
    let count = times.len();
    let times = Times::of(times);
    println!(
        "{what}: {count}, p50 {:.1} ms, p95 {:.1}, worst {:.1}{must}",
        times.permille(500),
        times.permille(950),
        times.permille(1000)
    );
}

/// A slip's text as a form sends it.
fn typed(qr: &str) -> String {
    let escaped: String = qr.bytes().map(|byte| format!("%{byte:02X}")).collect();
    format!("qr={escaped}")
}

/// Serves voters over HTTP on the loopback, as the operator's browser does, and hands their slips in.
///
/// # Errors
/// When the kit does not open, a page is not what it should be, or a forgery is not named.
pub(crate) fn screens(
    precinct: &Precinct,
    folder: &Path,
    fingers: &[Finger],
) -> anyhow::Result<()> {
    let clock = Arc::new(SetClock::new(at(10)));
    let folder = folder.join("screens");
    let glass = folder.join("glass");
    std::fs::create_dir_all(&glass)?;
    let file = |line: u32| {
        let at = line as usize % fingers.len();
        let kind = fingers[at].path.extension().unwrap_or_default();
        format!("{at}.{}", kind.to_string_lossy())
    };
    for line in 0..u32::try_from(fingers.len())? {
        let from = &fingers[line as usize].path;
        std::fs::copy(from, glass.join(file(line)))?;
    }
    let mut config = precinct.config(
        &folder.join("K1"),
        &clock,
        &Arc::new(MemoryPrinter::default()),
    );
    config.printer = Arc::new(Rows::default());
    let kit =
        Kit::open(config, precinct.kit_key("K1"), &precinct.pair()).context("the kit opens")?;
    let runtime = tokio::runtime::Runtime::new()?;
    let serving = serve(&kit, &glass, &runtime)?;
    let door = serving.pages;
    let (mut served, mut found, mut operator, mut monitor) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for line in 1..=SERVED {
        clock.set(clock_at(&kit, 5));
        let (ms, status) = timed(|| post(door, "/find", &format!("q={}", pin(line))));
        ensure!(status == 303, "line {line} is not found: {status}");
        found.push(ms);
        let body = format!("file={}", file(line));
        let (ms, status) = timed(|| post(door, "/glass", &body));
        let is_green = kit.read(|book| book.state(line).counted.is_some());
        ensure!(status == 303 && is_green, "line {line} is not served");
        served.push(ms);
        operator.push(timed(|| page(door, "/")).0);
        monitor.push(timed(|| page(door, "/monitor")).0);
        post(door, "/next", "");
    }
    said(
        "over HTTP: a number typed, until the voter is found",
        found,
        "",
    );
    said(
        "over HTTP: finger image to receipt and answer",
        served,
        " (musts: 150, 400)",
    );
    said(
        "the operator's page after it, rendered and read",
        operator,
        " (aim: 100)",
    );
    said(
        "the monitor's page after it, rendered and read",
        monitor,
        " (must: 300)",
    );
    forgeries(precinct, &kit, door)
}

/// S-12: real slips and the forgeries that can be made of them, each answered on the page.
fn forgeries(precinct: &Precinct, kit: &Kit, door: SocketAddr) -> anyhow::Result<()> {
    let slip = |line: u32| -> anyhow::Result<Vec<u8>> {
        let counted = kit.read(|book| book.state(line).counted.clone());
        Ok(counted.context("a counted act")?.signed().into_owned())
    };
    let mut times = Vec::new();
    let mut ask = |qr: &str, code: &str| -> anyhow::Result<()> {
        let (ms, (_, text)) = timed(|| request(door, "POST /receipts", &typed(qr)));
        times.push(ms);
        if !text.contains(code) {
            bail!("the page does not say {code}");
        }
        Ok(())
    };
    for line in 1..=40 {
        let real = slip(line)?;
        ask(&base45::encode(&real), "GOOD")?;
        ask(&base45::encode(&real), "ALREADY_USED")?;
        let mut changed = real.clone();
        let last = changed.len() - 1;
        changed[last] ^= 1;
        ask(&base45::encode(&changed), "Не выдавать бюллетень")?;
        ask(&base45::encode(&real[..last]), "Не выдавать бюллетень")?;
        ask("NOT A RECEIPT", "UNREADABLE")?;
    }
    kit.undo(50, "WRONG_VOTER", &precinct.pair())
        .context("an undo")?;
    ask(&base45::encode(&slip_before(kit, 50)?), "VOID")?;
    said(
        "over HTTP: a slip or a forgery at the ballot table, until the page is read",
        times,
        " (must: 200)",
    );
    Ok(())
}

/// The slip of a line whose act was undone.
fn slip_before(kit: &Kit, line: u32) -> anyhow::Result<Vec<u8>> {
    kit.read(|book| {
        let mut acts = book.acts_on(line);
        let act = acts.find(|act| pollbook::identified(act).is_some());
        act.map(|act| act.signed().into_owned())
    })
    .context("an act that was undone")
}

/// A blank kit takes manifest, package and events from a peer over TLS, opens, and identifies its first voter.
///
/// # Errors
/// When a kit does not open or does not identify.
pub(crate) fn clone(folder: &Path, fingers: &[Finger]) -> anyhow::Result<()> {
    let precinct = hall(CLONED, 3, fingers);
    let clock = Arc::new(SetClock::new(at(10)));
    let folder = folder.join("clone");
    std::fs::create_dir_all(folder.join("K3"))?;
    std::fs::write(folder.join("package"), &precinct.ciphertext)?;
    let open = |name: &str, package: &Path, manifest: Vec<u8>| {
        let printer = Arc::new(MemoryPrinter::default());
        let mut config = precinct.config(&folder.join(name), &clock, &printer);
        config.printer = Arc::new(Rows::default());
        config.manifest = manifest;
        config.ciphertext = Ciphertext::File(package.to_owned());
        Kit::open(config, precinct.kit_key(name), &precinct.pair()).context("the kit opens")
    };
    let finger = |line: u32| Capture::Image(fingers[line as usize % fingers.len()].image.clone());
    let one = open("K1", &folder.join("package"), precinct.manifest.clone())?;
    for line in 1..=CLONED / 3 {
        clock.set(clock_at(&one, 2));
        one.present(line, &finger(line)).context("a check-in")?;
    }
    let runtime = tokio::runtime::Runtime::new()?;
    let serving = serve(&one, &folder, &runtime)?;
    let link = Lan::to(serving.lan, one.kid(), precinct.kit_key("K3"))?;
    let (ms, ready) = timed(|| -> anyhow::Result<bool> {
        let manifest = link.fetch("/kit/manifest", 1 << 20)?;
        let package = link.fetch("/kit/package", 64 << 20)?;
        let path = folder.join("K3/package");
        station::disk::replace(&station::disk::HostDisk, &path, &package)?;
        let blank = open("K3", &path, manifest)?;
        blank.connect(one.kid(), Arc::new(link));
        blank.sync(one.kid()).context("the link")?;
        let line = CLONED;
        let verdict = blank.present(line, &finger(line)).context("a check-in")?;
        Ok(matches!(verdict, Verdict::Green(_)) && blank.gate(1)?.is_some())
    });
    ensure!(ready?, "the blank kit does not identify");
    println!(
        "blank kit, {CLONED} voters, {:.1} MB cloned from a peer over TLS with {} events, to its first check-in: {ms:.0} ms (must: 60,000)",
        precinct.ciphertext.len() as f64 / 1e6,
        one.read(|book| book.events().count())
    );
    Ok(())
}
