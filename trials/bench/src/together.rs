//! Eight kits of one station in touch over TLS on the loopback: how soon an act is seen everywhere, and what twelve
//! hours of a full hall do to their memory.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use lexicon::RefusalReason;
use lexicon::handover::package::PackageVoter;
use station::cards::CardBox;
use station::clock::{KitClock, MachineClock, SetClock};
use station::link::Lan;
use station::printer::MemoryPrinter;
use station::scanner::ImageFolder;
use station::{Ciphertext, Kit, Serving, Station, Verdict, serve_station};

use crate::hall::precinct::{Precinct, at, capture, key, voter};
use crate::hall::{Rows, Times, memory_mb, timed};

/// Kits of the hall.
const KITS: u32 = 8;
/// Voters of the precinct: as many as eight kits can serve in a day, and those who do not come.
const VOTERS: u32 = 10_000;
/// Voters that a kit serves in twelve hours.
const SERVED_A_KIT: u32 = 720;
/// Hours of the day.
const HOURS: u32 = 12;
/// Acts whose way to the others is measured.
const SEEN: u32 = 400;

/// The hall: kits served over TLS, each with a link to each.
struct Hall {
    kits: Vec<Arc<Kit>>,
    _serving: Vec<Serving>,
    _runtime: tokio::runtime::Runtime,
}

impl Hall {
    fn open(folder: &Path, clock: &Arc<dyn KitClock>) -> anyhow::Result<Self> {
        let officers = (1..=5).map(|n| key(&format!("1001 officer {n}"))).collect();
        let voters = (1..=VOTERS).map(slim).collect();
        let precinct = Precinct::with_voters("segment", 1001, voters, KITS, officers);
        let package = folder.join("package");
        std::fs::write(&package, &precinct.ciphertext)?;
        let runtime = tokio::runtime::Runtime::new()?;
        let (mut kits, mut serving) = (Vec::new(), Vec::new());
        for n in 1..=KITS {
            let name = format!("K{n}");
            let unused = Arc::new(SetClock::new(at(10)));
            let printer = Arc::new(MemoryPrinter::default());
            let mut config = precinct.config(&folder.join(&name), &unused, &printer);
            config.clock = Arc::clone(clock);
            config.printer = Arc::new(Rows::default());
            config.ciphertext = Ciphertext::File(package.clone());
            let kit = Kit::open(config, precinct.kit_key(&name), &precinct.pair())
                .context("a kit opens")?;
            let any = SocketAddr::from(([127, 0, 0, 1], 0));
            let glass = Arc::new(ImageFolder::new(folder.to_owned()));
            let station = Station::new(None, CardBox::new(Vec::new()), glass);
            station.install(Arc::clone(&kit));
            serving.push(runtime.block_on(serve_station(station, any, any))?);
            kits.push(kit);
        }
        for (from, kit) in kits.iter().enumerate() {
            for (to, peer) in serving.iter().enumerate().filter(|(to, _)| *to != from) {
                let own = precinct.kit_key(&format!("K{}", from + 1));
                kit.connect(
                    kits[to].kid(),
                    Arc::new(Lan::to(peer.lan, kits[to].kid(), own)?),
                );
            }
        }
        Ok(Self {
            kits,
            _serving: serving,
            _runtime: runtime,
        })
    }

    /// Waits until every kit holds what `by` wrote last; milliseconds.
    fn wait_for(&self, by: &Kit) -> anyhow::Result<f64> {
        const PATIENCE: u32 = 30_000;
        let last = by.read(|book| book.head(by.kid()).seq);
        let (ms, seen) = timed(|| {
            (0..PATIENCE).any(|_| {
                let held = |kit: &Arc<Kit>| kit.read(|book| book.head(by.kid()).seq) >= last;
                let all = self.kits.iter().all(held);
                if !all {
                    std::thread::sleep(Duration::from_millis(1));
                }
                all
            })
        });
        ensure!(
            seen,
            "an act of {} is not seen everywhere after {ms:.0} ms",
            by.name()
        );
        Ok(ms)
    }
}

/// A voter without a photograph: eight open kits stand in one process here.
fn slim(line: u32) -> PackageVoter {
    let mut voter = voter(line);
    voter.home = false;
    voter
}

/// How soon an act of one kit is in the books of the seven others, and how long its commit took meanwhile.
///
/// # Errors
/// When a kit does not open, or an act is not seen.
pub fn seen(folder: &Path) -> anyhow::Result<()> {
    let clock: Arc<dyn KitClock> = Arc::new(MachineClock::starting_at(at(3_600)));
    let hall = Hall::open(folder, &clock)?;
    for kit in &hall.kits {
        hall.wait_for(kit)?;
    }
    let (mut commits, mut ways) = (Vec::new(), Vec::new());
    for act in 0..SEEN {
        let kit = &hall.kits[(act % KITS) as usize];
        let (ms, refused) = timed(|| kit.refuse(0, RefusalReason::NotHere));
        refused.context("a commit")?;
        commits.push(ms);
        ways.push(hall.wait_for(kit)?);
        // Not in step with the kits' own beat.
        std::thread::sleep(Duration::from_millis(u64::from(act * 37 % 90)));
    }
    let (commits, ways) = (Times::of(commits), Times::of(ways));
    println!(
        "{KITS} kits over TLS on the loopback, {SEEN} acts: seen by all, p50 {:.0} ms, p99 {:.0}, worst {:.0} (must: p99 1,000); \
         durable commit meanwhile p50 {:.1} ms, p99 {:.1} (must: 50)",
        ways.permille(500),
        ways.permille(990),
        ways.permille(1000),
        commits.permille(500),
        commits.permille(990)
    );
    Ok(())
}

/// Twelve hours of simulated time with 720 voters a kit, an eighth of them another kit's; the memory each hour.
///
/// # Errors
/// When a kit does not open or a voter is not served.
pub fn hours(folder: &Path, hours: u32) -> anyhow::Result<()> {
    let set = Arc::new(SetClock::new(at(1)));
    let clock: Arc<dyn KitClock> = Arc::clone(&set) as _;
    let hall = Hall::open(folder, &clock)?;
    let (share, an_hour) = (VOTERS / KITS, SERVED_A_KIT / HOURS);
    let mut before = memory_mb("VmRSS:");
    println!(
        "{KITS} kits in one process, {SERVED_A_KIT} voters each in {HOURS} simulated hours; resident at the opening {before:.1} MB"
    );
    let mut growth = Vec::new();
    let mut events = 0;
    for hour in 0..hours {
        for turn in 0..an_hour {
            let of_day = hour * an_hour + turn;
            for kit in 0..KITS {
                // The day runs in steps of seven and a half seconds, each when all have heard of the act before: by this
                // clock no answer is a minute late, however busy the machine.
                let turn = i64::from(of_day * KITS + kit);
                set.set(at(turn * 3_600 / i64::from(an_hour * KITS) + 2));
                // Every eighth voter stands in the queue of the next kit: it asks the owner for the line.
                let owner = if of_day % 8 == 7 {
                    (kit + 1) % KITS
                } else {
                    kit
                };
                let own = if of_day % 8 == 7 {
                    share - of_day / 8
                } else {
                    of_day + 1
                };
                let line = owner * share + own;
                let at_work = &hall.kits[kit as usize];
                match at_work
                    .present(line, &capture(line * 10))
                    .context("a check-in")?
                {
                    Verdict::Green(_) => at_work.leave(line),
                    Verdict::Red(refused) => bail!("line {line}: {:?}", refused.refusal.reason),
                    Verdict::Again { .. } | Verdict::Pause { .. } => {
                        bail!("line {line} is not green")
                    }
                }
                hall.wait_for(at_work)?;
            }
        }
        for kit in &hall.kits {
            hall.wait_for(kit)?;
        }
        let now = memory_mb("VmRSS:");
        let held = hall.kits[0].read(|book| book.events().count());
        let new = held - events;
        events = held;
        println!(
            "  hour {:2}: resident {now:.1} MB, {:+.2} MB a kit; {held} events in each book, {:+.0} bytes a kit for each new event",
            hour + 1,
            (now - before) / f64::from(KITS),
            (now - before) * 1_048_576.0 / f64::from(KITS) / new.max(1) as f64
        );
        growth.push(now - before);
        before = now;
    }
    let per_kit = |hours: &[f64]| hours.iter().sum::<f64>() / f64::from(KITS);
    let (first, last) = growth.split_at(growth.len() / 2);
    println!(
        "  growth a kit: {:.1} MB in the first half, {:.1} MB in the second; counted {}",
        per_kit(first),
        per_kit(last),
        hall.kits[0].read(pollbook::Book::counted)
    );
    Ok(())
}
