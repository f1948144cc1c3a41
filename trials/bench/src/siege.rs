//! Hostile messages at the door for other kits (S-26): sockets, TLS and a peer with a true key, against a kit in a process
//! of its own, with check-ins meanwhile.
//!
//! Where the machine has `taskset`, the kit has one core and the attackers another: they stand for other machines.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use station::cards::CardBox;
use station::clock::{KitClock, MachineClock, SetClock};
use station::link::{Lan, Link, LinkError};
use station::printer::MemoryPrinter;
use station::scanner::ImageFolder;
use station::{Ciphertext, Kit, Station, Verdict, serve_station};

use crate::hall::precinct::{Precinct, at, capture, key, voter};
use crate::hall::{Rows, Times, timed};

/// Voters of the precinct, shared by eight kits.
const VOTERS: u32 = 10_000;
const KITS: u32 = 8;
/// Check-ins in peace, and as many under the flood.
const CHECK_INS: u32 = 300;
/// Between two of them, milliseconds: more than a hundred a minute.
const PACE: f64 = 80.0;
/// Connections of one kit that the door lets in.
const CONNECTIONS: usize = 8;
/// What the attackers offer each second, together.
const OFFERED: u64 = 10_000;

/// Pins a process to a core, where the machine can; whether it did.
fn pin(process: u32, core: u32) -> bool {
    let (core, process) = (core.to_string(), process.to_string());
    let done = Command::new("taskset")
        .args(["-a", "-p", "-c", &core, &process])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    done.is_ok_and(|status| status.success())
}

/// Processor time of this process, milliseconds.
fn processor_ms() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    let mut ticks = fields.split_whitespace().skip(11).take(2);
    let mut next = || -> f64 { ticks.next().and_then(|t| t.parse().ok()).unwrap_or(0.0) };
    // A tick is a hundredth of a second on every Linux that a kit runs.
    (next() + next()) * 10.0
}

/// The kit under attack: says its port, then serves so many voters each time a line comes in.
///
/// # Errors
/// When the kit does not open or a voter is not served.
pub fn besieged(folder: &Path) -> anyhow::Result<()> {
    let precinct = Precinct::from_manifest(1001, std::fs::read(folder.join("manifest"))?);
    let clock: Arc<dyn KitClock> = Arc::new(MachineClock::starting_at(at(3_600)));
    let unused = Arc::new(SetClock::new(at(10)));
    let mut config = precinct.config(
        &folder.join("K1"),
        &unused,
        &Arc::new(MemoryPrinter::default()),
    );
    config.clock = clock;
    config.printer = Arc::new(Rows::default());
    config.ciphertext = Ciphertext::File(folder.join("package"));
    let kit =
        Kit::open(config, precinct.kit_key("K1"), &precinct.pair()).context("the kit opens")?;
    let runtime = tokio::runtime::Runtime::new()?;
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let glass = Arc::new(ImageFolder::new(folder.to_owned()));
    let station = Station::new(None, CardBox::new(Vec::new()), glass);
    station.install(Arc::clone(&kit));
    let serving = runtime.block_on(serve_station(station, any, any))?;
    println!("{}", serving.lan.port());
    let mut line = 0;
    for order in std::io::stdin().lines() {
        let how = order?;
        let before = processor_ms();
        let (wall, times) = timed(|| -> anyhow::Result<Vec<f64>> {
            let mut times = Vec::new();
            for _ in 0..CHECK_INS {
                line += 1;
                let (ms, verdict) = timed(|| kit.present(line, &capture(line * 10)));
                let Verdict::Green(_) = verdict.context("a check-in")? else {
                    bail!("line {line} is not green");
                };
                kit.leave(line);
                times.push(ms);
                std::thread::sleep(Duration::from_secs_f64((PACE - ms).max(0.0) / 1000.0));
            }
            Ok(times)
        });
        let times = Times::of(times?);
        let share = (processor_ms() - before) / wall * 100.0;
        println!(
            "{how}: {CHECK_INS} check-ins in {:.0} s, p50 {:.1} ms, p95 {:.1}, p99 {:.1}, worst {:.1}; processor {share:.1} % of a core",
            wall / 1000.0,
            times.permille(500),
            times.permille(950),
            times.permille(990),
            times.permille(1000)
        );
        println!("{} {share}", times.permille(990));
    }
    Ok(())
}

/// A kit in a process of its own, and how to talk with it.
struct Victim {
    child: Child,
    orders: ChildStdin,
    says: BufReader<ChildStdout>,
}

impl Victim {
    fn start(folder: &Path) -> anyhow::Result<(Self, SocketAddr)> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["besieged", "--folder"])
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let orders = child.stdin.take().context("the kit's orders")?;
        let says = BufReader::new(child.stdout.take().context("the kit's words")?);
        let mut victim = Self {
            child,
            orders,
            says,
        };
        let port = victim.line()?.trim().parse().context("the kit's port")?;
        Ok((victim, SocketAddr::from((Ipv4Addr::LOCALHOST, port))))
    }

    fn line(&mut self) -> anyhow::Result<String> {
        let mut line = String::new();
        ensure!(self.says.read_line(&mut line)? > 0, "the kit stopped");
        Ok(line)
    }

    /// Has it serve; its p99 in milliseconds and its share of a core in percent.
    fn serve(&mut self, how: &str) -> anyhow::Result<(f64, f64)> {
        writeln!(self.orders, "{how}")?;
        print!("{}", self.line()?);
        let figures = self.line()?;
        let (p99, share) = figures.trim().split_once(' ').context("two figures")?;
        Ok((p99.parse()?, share.parse()?))
    }
}

impl Drop for Victim {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the attackers did.
#[derive(Default)]
struct Sent {
    stop: AtomicBool,
    /// Connections with noise from addresses that nobody knows.
    noise: AtomicU64,
    /// Handshakes with a key of another precinct.
    strangers: AtomicU64,
    /// Messages of a kit of the precinct: looked at, refused for its budget, cut off.
    looked_at: AtomicU64,
    over: AtomicU64,
    cut: AtomicU64,
}

impl Sent {
    fn all(&self) -> u64 {
        let each = [
            &self.noise,
            &self.strangers,
            &self.looked_at,
            &self.over,
            &self.cut,
        ];
        each.iter().map(|count| count.load(Ordering::Relaxed)).sum()
    }

    fn goes_on(&self) -> bool {
        !self.stop.load(Ordering::Relaxed)
    }
}

/// Connections from ever other addresses, each with noise, a plain request, or the head of a frame of 4 GB.
fn noise(door: SocketAddr, sent: &Sent) -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut passed_ms = 0.0;
        let mut number = 0u32;
        while sent.goes_on() {
            let start = tokio::time::Instant::now();
            while (sent.all() as f64) < passed_ms * OFFERED as f64 / 1000.0 && sent.goes_on() {
                number += 1;
                let [_, _, high, low] = number.to_be_bytes();
                let socket = tokio::net::TcpSocket::new_v4()?;
                socket.bind(SocketAddr::from(([127, 1, high, low.max(1)], 0)))?;
                let patience = Duration::from_millis(50);
                if let Ok(Ok(stream)) =
                    tokio::time::timeout(patience, socket.connect(door)).await
                {
                    let bytes: &[u8] = match number % 3 {
                        0 => &[0xa5; 300],
                        1 => b"POST /kit/exchange HTTP/1.1\r\nHost: k\r\nContent-Length: 4294967296\r\n\r\n",
                        // A handshake record that is said to go on.
                        _ => &[0x16, 3, 1, 0x40, 0, 1, 0, 0x3f, 0xfc, 3, 3],
                    };
                    let _ = stream.try_write(bytes);
                }
                sent.noise.fetch_add(1, Ordering::Relaxed);
                if number.is_multiple_of(64) {
                    break;
                }
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
            passed_ms += start.elapsed().as_secs_f64() * 1000.0;
        }
        Ok(())
    })
}

/// A link that keeps what it was asked and never answers.
#[derive(Default)]
struct Heard(std::sync::Mutex<Vec<u8>>);

impl Link for Heard {
    fn ask(&self, question: &[u8]) -> Result<Vec<u8>, LinkError> {
        if let Ok(mut seen) = self.0.lock() {
            *seen = question.to_vec();
        }
        Err(LinkError::Silent("an attacker".to_owned()))
    }
}

/// Messages as a kit of the precinct may send them: noise, one cut short, one truly signed.
fn messages(precinct: &Precinct, folder: &Path) -> anyhow::Result<[Vec<u8>; 3]> {
    let clock = Arc::new(SetClock::new(at(3_600)));
    let mut config = precinct.config(folder, &clock, &Arc::new(MemoryPrinter::default()));
    config.ciphertext = Ciphertext::Bytes(precinct.ciphertext.clone());
    let own = Kit::open(config, precinct.kit_key("K2"), &precinct.pair()).context("K2 opens")?;
    let heard = Arc::new(Heard::default());
    let peer = precinct.kit_key("K1").kid();
    own.connect(peer, Arc::clone(&heard) as _);
    let _ = own.sync(peer);
    let question = heard.0.lock().map(|seen| seen.clone()).unwrap_or_default();
    ensure!(!question.is_empty(), "K2 asked nothing");
    Ok([
        vec![0xa5; 300],
        question[..question.len() / 2].to_vec(),
        question,
    ])
}

/// A kit of the precinct that sends as fast as it is let.
fn peer(link: &Lan, messages: &[Vec<u8>; 3], sent: &Sent) {
    let mut number = 0usize;
    while sent.goes_on() {
        number += 1;
        let at = if number.is_multiple_of(50) {
            2
        } else {
            number % 2
        };
        let count = match link.ask(&messages[at]) {
            Err(LinkError::Status(429)) => &sent.over,
            Ok(_) | Err(LinkError::Status(_)) => &sent.looked_at,
            Err(LinkError::Silent(_)) => {
                std::thread::sleep(Duration::from_millis(1));
                &sent.cut
            }
        };
        count.fetch_add(1, Ordering::Relaxed);
    }
}

/// Check-ins in peace and under the flood: their p99, and what the flood costs the kit.
///
/// # Errors
/// When a kit does not open, a voter is not served, or a must does not hold.
pub fn measure(folder: &Path) -> anyhow::Result<()> {
    let officers = (1..=5).map(|n| key(&format!("1001 officer {n}"))).collect();
    let voters = (1..=VOTERS)
        .map(|line| {
            let mut voter = voter(line);
            voter.home = false;
            voter
        })
        .collect();
    let precinct = Precinct::with_voters("segment", 1001, voters, KITS, officers);
    std::fs::write(folder.join("manifest"), &precinct.manifest)?;
    std::fs::write(folder.join("package"), &precinct.ciphertext)?;
    let messages = messages(&precinct, &folder.join("K2"))?;
    let (mut victim, door) = Victim::start(folder)?;
    let is_pinned = pin(victim.child.id(), 1) && pin(std::process::id(), 0);
    let (calm, idle) = victim.serve("in peace")?;
    let sent = Arc::new(Sent::default());
    let mut threads = Vec::new();
    {
        let sent = Arc::clone(&sent);
        threads.push(std::thread::spawn(move || {
            let _ = noise(door, &sent);
        }));
    }
    let (k1, k2) = (precinct.kit_key("K1"), precinct.kit_key("K2"));
    let foreign: Arc<dyn station::Card> = Arc::new(key("1002 K1"));
    for _ in 0..2 {
        let (link, sent) = (
            Lan::to(door, k1.kid(), Arc::clone(&foreign))?,
            Arc::clone(&sent),
        );
        threads.push(std::thread::spawn(move || {
            while sent.goes_on() {
                let _ = link.ask(b"?");
                // So that the noise has a part in what is offered.
                std::thread::sleep(Duration::from_micros(600));
                sent.strangers.fetch_add(1, Ordering::Relaxed);
            }
        }));
    }
    for _ in 0..CONNECTIONS {
        let link = Lan::to(door, k1.kid(), Arc::clone(&k2))?;
        let (messages, sent) = (messages.clone(), Arc::clone(&sent));
        threads.push(std::thread::spawn(move || peer(&link, &messages, &sent)));
    }
    std::thread::sleep(Duration::from_secs(2));
    let before: Vec<u64> = counts(&sent);
    let (ms, siege) = timed(|| victim.serve("under the flood"));
    let after = counts(&sent);
    sent.stop.store(true, Ordering::Relaxed);
    let (stormy, busy) = siege?;
    let a_second = |at: usize| (after[at] - before[at]) as f64 / ms * 1000.0;
    println!(
        "  each second {:.0} connections with noise from other addresses, {:.0} handshakes of a stranger, of a true kit \
         {:.0} messages looked at, {:.0} over its budget, {:.0} cut off{}",
        a_second(0),
        a_second(1),
        a_second(2),
        a_second(3),
        a_second(4),
        if is_pinned {
            "; the kit has a core of its own"
        } else {
            ""
        }
    );
    println!(
        "  p99 {:.2} times that in peace (must: 2); the flood costs the kit {:.1} % of a core, {busy:.1} with its own work (must: 30)",
        stormy / calm,
        busy - idle
    );
    for thread in threads {
        let _ = thread.join();
    }
    Ok(())
}

fn counts(sent: &Sent) -> Vec<u64> {
    let each = [
        &sent.noise,
        &sent.strangers,
        &sent.looked_at,
        &sent.over,
        &sent.cut,
    ];
    each.iter()
        .map(|count| count.load(Ordering::Relaxed))
        .collect()
}
