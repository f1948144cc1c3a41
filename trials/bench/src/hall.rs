//! Speed of a kit at work: the shipped kit on this machine's disk, eight shares, 10,000 voters.
//!
//! Wall time where a voter waits for it, with the processor time of the whole program beside it: on a shared machine
//! the first says what was seen, the second what it cost.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use fingerprint::{GreyImage, decode, extract};
use lexicon::RefusalReason;
use lexicon::handover::folder::bytes;
use lexicon::handover::package::PackageFinger;
use station::clock::SetClock;
use station::link::InProcess;
use station::print::Job;
use station::printer::{MemoryPrinter, Printer, PrinterError};
use station::{Capture, Ciphertext, Kit, Verdict};

use crate::{Prints, doors};

#[path = "../../../services/station/tests/precinct/mod.rs"]
pub(crate) mod precinct;

use precinct::{Precinct, at, key, voter};

/// What is measured and how much of it.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Voters of the precinct.
    pub voters: u32,
    /// Kits that share it.
    pub kits: u32,
    /// Check-ins by finger image.
    pub check_ins: u32,
    /// Durable commits.
    pub commits: u32,
    /// Events written on one side of a partition.
    pub partition: u32,
}

impl Size {
    /// As the musts are stated.
    pub const WHOLE: Size = Size {
        voters: 10_000,
        kits: 8,
        check_ins: 400,
        commits: 2_000,
        partition: 10_000,
    };
}

/// Milliseconds, sorted.
#[derive(Clone, Debug, Default)]
pub struct Times(Vec<f64>);

impl Times {
    /// Sorts what was measured.
    #[must_use]
    pub fn of(mut milliseconds: Vec<f64>) -> Self {
        milliseconds.sort_by(f64::total_cmp);
        Self(milliseconds)
    }

    /// The time that so many of a thousand stay within; 0 without any.
    #[must_use]
    pub fn permille(&self, permille: usize) -> f64 {
        let at = (self.0.len() * permille / 1000).min(self.0.len().saturating_sub(1));
        self.0.get(at).copied().unwrap_or(0.0)
    }
}

/// Runs a task and says how many milliseconds it took.
#[expect(clippy::disallowed_methods, reason = "wall time is what is measured")]
pub fn timed<T>(task: impl FnOnce() -> T) -> (f64, T) {
    let start = Instant::now();
    let made = task();
    (start.elapsed().as_secs_f64() * 1000.0, made)
}

/// A printer that counts rows of dots: nothing comes out, the bitmap was made.
#[derive(Debug, Default)]
pub(crate) struct Rows(AtomicU64);

impl Printer for Rows {
    fn print(&self, job: &Job) -> Result<(), PrinterError> {
        self.0
            .fetch_add(job.bitmap.height() as u64, Ordering::Relaxed);
        Ok(())
    }

    fn kind(&self) -> &'static str {
        "none"
    }
}

pub(crate) fn memory_mb(field: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    let kb: f64 = line
        .and_then(|line| line.split_whitespace().next()?.parse().ok())
        .unwrap_or(0.0);
    kb / 1024.0
}

/// A finger twice: as the package holds it, and as it lies on the glass.
pub(crate) struct Finger {
    record: Vec<u8>,
    pub(crate) image: GreyImage,
    /// The file of the image.
    pub(crate) path: PathBuf,
}

/// Pairs of impressions of one finger that the kit's threshold accepts.
fn fingers(prints: &Prints) -> anyhow::Result<Vec<Finger>> {
    let mut made = Vec::new();
    let mut last = String::new();
    for pair in prints.pairs.iter().filter(|pair| pair.genuine) {
        let name = |at: usize| {
            prints.files[at]
                .file_stem()
                .and_then(|s| s.to_str())
                .unwrap_or_default()
                .to_owned()
        };
        let finger = name(pair.a)
            .rsplit_once('_')
            .map(|(finger, _)| finger.to_owned())
            .unwrap_or_default();
        if finger == last {
            continue;
        }
        let read = |at: usize| -> anyhow::Result<GreyImage> {
            let path = &prints.files[at];
            let bytes = std::fs::read(path).with_context(|| path.display().to_string())?;
            decode(&bytes, Some(prints.dpi)).with_context(|| path.display().to_string())
        };
        let (kept, image) = (read(pair.a)?, read(pair.b)?);
        let (Ok(kept), Ok(live)) = (extract(&kept), extract(&image)) else {
            continue;
        };
        let score = fingerprint::score(
            &fingerprint::Prepared::new(&kept),
            &fingerprint::Prepared::new(&live),
        );
        if score.value() < fingerprint::Score::at_fmr(1e-4).value() {
            continue;
        }
        last = finger;
        made.push(Finger {
            record: kept.to_iso(fingerprint::FingerPosition::RightIndex),
            image,
            path: prints.files[pair.b].clone(),
        });
    }
    if made.is_empty() {
        bail!("no two images of one finger are accepted");
    }
    Ok(made)
}

pub(crate) fn hall(voters: u32, kits: u32, fingers: &[Finger]) -> Precinct {
    let officers = (1..=5).map(|n| key(&format!("1001 officer {n}"))).collect();
    let voters = (1..=voters)
        .map(|line| {
            let mut voter = voter(line);
            // Four fingers a voter, the first with a known image: what a full package weighs.
            let mut first = voter.fingers[0].clone();
            if let Some(finger) = fingers.get(line as usize % fingers.len().max(1)) {
                first.minutiae = bytes(&finger.record);
            }
            let others = (1..4).map(|rank| PackageFinger {
                position: 2 + rank,
                minutiae: voter.fingers[1].minutiae.clone(),
            });
            voter.fingers = std::iter::once(first).chain(others).collect();
            voter.photo = bytes(&[7; 6 << 10]);
            voter.home = false;
            voter
        })
        .collect();
    Precinct::with_voters("segment", 1001, voters, kits, officers)
}

/// How long a kit looks whose finger it is among a whole precinct: four different fingers a voter (minutiae drawn by
/// number, 40 each), nobody's finger on the glass, the search that ends last.
///
/// # Errors
/// When a finger that is there is not found, or one that is not there is.
pub fn whose(voters: u32, rounds: u32) -> anyhow::Result<()> {
    let listed: Vec<_> = (1..=voters)
        .map(|line| {
            let mut voter = voter(line);
            voter.fingers = (0..4u8)
                .map(|rank| PackageFinger {
                    position: 2 + rank,
                    minutiae: bytes(&precinct::finger(line * 10 + u32::from(rank))),
                })
                .collect();
            voter
        })
        .collect();
    let all: Vec<_> = listed.iter().collect();
    let mut policy = precinct::law("segment");
    policy.other_line_ppb = Some(1_000_000);
    let fmr = pollbook::other_line_fmr(&policy, all.len() * 4).context("the policy allows it")?;
    let look = |number| {
        let live = precinct::capture(number).template()?;
        station::whose(&all, 1, &live, &policy)
    };
    let mut times = Vec::new();
    for round in 0..rounds {
        let (ms, found) = timed(|| look(10_000_000 + round));
        if let Some(line) = found {
            bail!("nobody's finger is taken for that of line {line}");
        }
        times.push(ms);
    }
    if look(voters * 10 + 3) != Some(voters) {
        bail!("the last finger of the last voter is not found");
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let times = Times::of(times);
    println!(
        "whose finger, 1:{voters} with 4 fingers each, {cores} cores: {rounds} searches, p50 {:.0} ms, greatest {:.0}; \
         one comparison at {fmr:.1e}, score {}; resident {:.0} MB",
        times.permille(500),
        times.permille(1000),
        fingerprint::Score::at_fmr(fmr).value(),
        memory_mb("VmRSS:"),
    );
    Ok(())
}

fn open(
    precinct: &Precinct,
    name: &str,
    folder: &Path,
    clock: &Arc<SetClock>,
) -> anyhow::Result<Arc<Kit>> {
    let mut config = precinct.config(
        &folder.join(name),
        clock,
        &Arc::new(MemoryPrinter::default()),
    );
    config.printer = Arc::new(Rows::default());
    Kit::open(config, precinct.kit_key(name), &precinct.pair()).context("the kit opens")
}

/// Every figure, printed as it is found. `folder` lies on the disk that is measured.
///
/// # Errors
/// When a kit does not open or act, or no finger is accepted.
pub fn measure(size: Size, prints: &Prints, folder: &Path) -> anyhow::Result<()> {
    let fingers = fingers(prints)?;
    let precinct = hall(size.voters, size.kits, &fingers);
    println!(
        "precinct of {} voters, {} kits, {:.1} MB sealed; fingers of {} ({} used)",
        size.voters,
        size.kits,
        precinct.ciphertext.len() as f64 / 1e6,
        prints.name,
        fingers.len()
    );
    let clock = Arc::new(SetClock::new(at(10)));
    std::fs::write(folder.join("manifest"), &precinct.manifest)?;
    std::fs::write(folder.join("package"), &precinct.ciphertext)?;
    // In a process of its own: what this one holds to make the precinct is not the kit's.
    let child = std::process::Command::new(std::env::current_exe()?)
        .args(["kit", "--folder"])
        .arg(folder)
        .output()?;
    print!("{}", String::from_utf8_lossy(&child.stdout));
    if !child.status.success() {
        bail!("the kit alone: {}", String::from_utf8_lossy(&child.stderr));
    }
    let kit = open(&precinct, "K1", folder, &clock)?;
    check_ins(&kit, &clock, size, &fingers, "in peace")?;
    hostile(&kit, &precinct, &clock, size, &fingers)?;
    commits(&kit, &clock, size.commits)?;
    drop(kit);
    let (warm, kit) = timed(|| open(&precinct, "K1", folder, &clock));
    println!(
        "start with {} events on disk: {warm:.0} ms",
        kit?.read(|book| book.events().count())
    );
    partition(&precinct, folder, size)?;
    doors::screens(&precinct, folder, &fingers)?;
    doors::clone(folder, &fingers)
}

/// What a voter, a ballot table and a blank kit wait for at a kit's doors, alone.
///
/// # Errors
/// As [`measure`].
pub fn measure_doors(size: Size, prints: &Prints, folder: &Path) -> anyhow::Result<()> {
    let fingers = fingers(prints)?;
    let precinct = hall(size.voters, size.kits, &fingers);
    doors::screens(&precinct, folder, &fingers)?;
    doors::clone(folder, &fingers)
}

/// A kit alone in its process: cold start from the files that [`measure`] wrote into `folder`, a search, memory.
///
/// # Errors
/// When the files are not there or the kit does not open.
pub fn alone(folder: &Path) -> anyhow::Result<()> {
    let precinct = Precinct::from_manifest(1001, std::fs::read(folder.join("manifest"))?);
    let clock = Arc::new(SetClock::new(at(10)));
    let journals = folder.join("alone");
    let (cold, kit) = timed(|| -> anyhow::Result<Arc<Kit>> {
        let mut config = precinct.config(&journals, &clock, &Arc::new(MemoryPrinter::default()));
        config.ciphertext = Ciphertext::File(folder.join("package"));
        Kit::open(config, precinct.kit_key("K1"), &precinct.pair()).context("the kit opens")
    });
    let kit = kit?;
    let _ = kit.find("асанов");
    println!(
        "cold start to ready: {cold:.0} ms (must: 3,000); resident {:.0} MB, at most {:.0} while opening (must: 200)",
        memory_mb("VmRSS:"),
        memory_mb("VmHWM:")
    );
    Ok(())
}

fn check_ins(
    kit: &Kit,
    clock: &SetClock,
    size: Size,
    fingers: &[Finger],
    how: &str,
) -> anyhow::Result<()> {
    let share = size.voters / size.kits;
    let mut times = Vec::new();
    for line in (1..=share).filter(|line| kit.read(|book| book.state(*line).counted.is_none())) {
        if times.len() >= size.check_ins as usize {
            break;
        }
        clock.set(clock_at(kit, 5));
        let capture = Capture::Image(fingers[line as usize % fingers.len()].image.clone());
        let (ms, verdict) = timed(|| kit.present(line, &capture));
        if !matches!(verdict.context("a check-in")?, Verdict::Green(_)) {
            bail!("line {line} is not green");
        }
        times.push(ms);
    }
    let count = times.len();
    let times = Times::of(times);
    println!(
        "check-in, finger image to receipt bitmap, {how}: {count}, p50 {:.1} ms, p95 {:.1}, p99 {:.1} (musts: 150, 400)",
        times.permille(500),
        times.permille(950),
        times.permille(990)
    );
    Ok(())
}

pub(crate) fn clock_at(kit: &Kit, seconds: i64) -> lexicon::Instant {
    kit.read_clock().wall.plus_micros(seconds * 1_000_000)
}

/// A peer that sends 10,000 messages a second: noise, cut messages, and one true question played again.
fn hostile(
    kit: &Arc<Kit>,
    precinct: &Precinct,
    clock: &SetClock,
    size: Size,
    fingers: &[Finger],
) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let attacker_clock = Arc::new(SetClock::new(at(10)));
    let attacker = open(precinct, "K2", folder.path(), &attacker_clock)?;
    let heard = Arc::new(Heard::default());
    attacker.connect(kit.kid(), Arc::clone(&heard) as _);
    let _ = attacker.sync(kit.kid());
    let question = heard.0.lock().map(|seen| seen.clone()).unwrap_or_default();
    let cut = question[..question.len() / 2].to_vec();
    let messages = [vec![0xa5; 300], cut, question];
    let stop = Arc::new(AtomicBool::new(false));
    let sent = Arc::new(AtomicU64::new(0));
    let thread = {
        let (kit, stop, sent) = (Arc::clone(kit), Arc::clone(&stop), Arc::clone(&sent));
        std::thread::spawn(move || {
            let mut passed_ms = 0.0;
            while !stop.load(Ordering::Relaxed) {
                let (ms, ()) = timed(|| {
                    // Ten for each millisecond that has passed; one in fifty has a true signature.
                    while (sent.load(Ordering::Relaxed) as f64) < passed_ms * 10.0 {
                        let number = sent.fetch_add(1, Ordering::Relaxed);
                        let at = if number.is_multiple_of(50) {
                            2
                        } else {
                            usize::from(number.is_multiple_of(2))
                        };
                        let _ = kit.answer(&messages[at]);
                        if stop.load(Ordering::Relaxed) {
                            break;
                        }
                    }
                    std::thread::sleep(Duration::from_millis(5));
                });
                passed_ms += ms;
            }
        })
    };
    let (ms, done) = timed(|| check_ins(kit, clock, size, fingers, "under hostile messages"));
    stop.store(true, Ordering::Relaxed);
    let _ = thread.join();
    println!(
        "  {:.0} hostile messages a second reached the kit",
        sent.load(Ordering::Relaxed) as f64 / ms * 1000.0
    );
    done
}

/// A link that keeps what it was asked and never answers.
#[derive(Default)]
struct Heard(std::sync::Mutex<Vec<u8>>);

impl station::link::Link for Heard {
    fn ask(&self, question: &[u8]) -> Result<Vec<u8>, station::link::LinkError> {
        if let Ok(mut seen) = self.0.lock() {
            *seen = question.to_vec();
        }
        Err(station::link::LinkError::Silent("an attacker".to_owned()))
    }
}

fn commits(kit: &Kit, clock: &SetClock, count: u32) -> anyhow::Result<()> {
    let mut times = Vec::new();
    for _ in 0..count {
        clock.set(clock_at(kit, 1));
        let (ms, refused) = timed(|| kit.refuse(0, RefusalReason::NotHere));
        refused.context("a commit")?;
        times.push(ms);
    }
    let times = Times::of(times);
    println!(
        "durable commit: {count}, p50 {:.2} ms, p99 {:.2}, worst {:.2} (must: p99 50)",
        times.permille(500),
        times.permille(990),
        times.permille(1000)
    );
    Ok(())
}

fn partition(precinct: &Precinct, folder: &Path, size: Size) -> anyhow::Result<()> {
    let clock = Arc::new(SetClock::new(at(10)));
    let one = open(precinct, "K3", folder, &clock)?;
    let two = open(precinct, "K4", folder, &clock)?;
    for _ in 0..size.partition {
        clock.set(clock_at(&one, 1));
        one.refuse(0, RefusalReason::NotHere).context("a commit")?;
    }
    two.connect(one.kid(), Arc::new(InProcess::to(&one)));
    let (ms, synced) = timed(|| two.sync(one.kid()));
    synced.context("the link")?;
    let got = two.read(|book| book.head(one.kid()).seq);
    if got < size.partition {
        bail!("{got} of {} events arrived", size.partition);
    }
    println!("{got} events after a partition merged in {ms:.0} ms (must: 10,000)");
    Ok(())
}
