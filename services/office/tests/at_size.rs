//! Pages over a register of any size: `TIZME_AT_SIZE=office.db` names a store that `tizme office import` filled; the
//! roll is formed and received beside it. Run by hand (docs/office.md names the figures); without the variable there
//! is nothing to measure.

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod hall;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use hall::{Chain, Hand, NOW, form};
use lexicon::{ElectionLaw, Instant};
use office::receive_roll;
use store::Store;

/// Processor time of this program so far, milliseconds.
fn cpu_ms() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split(' ').collect();
    let ticks: u64 = fields[12].parse::<u64>().unwrap() + fields[13].parse::<u64>().unwrap();
    ticks * 10
}

fn told<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let before = cpu_ms();
    let done = work();
    println!("{what}: {} CPU-ms", cpu_ms() - before);
    done
}

#[test]
fn pages_at_size() {
    let Ok(path) = std::env::var("TIZME_AT_SIZE") else {
        println!("nothing is measured: TIZME_AT_SIZE names no store");
        return;
    };
    let path = Path::new(&path);
    let clock = Arc::new(Hand(AtomicI64::new(Instant::parse(NOW).unwrap().micros())));
    let store = Store::open(&format!("sqlite:{}", path.display()), clock.clone()).unwrap();
    let law = Arc::new(ElectionLaw::shipped("kg-2015").unwrap());
    let chain = Chain::new();
    if store.read("r", |tx| tx.releases()).unwrap().is_empty() {
        let dir = path.parent().unwrap();
        let roll = told("snapshot and form", || form(&store, &law, &chain, dir, 1));
        told("receive L1", || {
            receive_roll(&store, &roll, chain.source(&law)).unwrap()
        });
        // A thousand of those who wait are processed; then the second list.
        let waiting = store
            .read("w", |tx| tx.oldest_waiting(None, 1_000))
            .unwrap();
        let done: Vec<_> = store
            .snapshot()
            .unwrap()
            .tables
            .enrolments
            .into_iter()
            .filter(|row| row.processed.is_none())
            .filter(|row| waiting.iter().any(|w| w.person == row.person))
            .map(|row| (row.enrolment, row.person))
            .collect();
        let day = lexicon::Date::constant(2015, 9, 18);
        store
            .transact("process", "centre", |tx| tx.record_processing(&done, day))
            .unwrap();
        let roll = form(&store, &law, &chain, dir, 2);
        told("receive L2", || {
            receive_roll(&store, &roll, chain.source(&law)).unwrap()
        });
    }
    hall::accounts(&store);
    let config = hall::config(&law, clock.clone(), &chain);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let serving = runtime
        .block_on(office::serve_store(store.clone(), config))
        .unwrap();
    let mut browser = hall::Browser::at(serving.address, "registrar");
    // What is counted beside the pages is over when the processor rests.
    loop {
        let before = cpu_ms();
        std::thread::sleep(std::time::Duration::from_secs(3));
        if cpu_ms() - before < 100 {
            break;
        }
    }
    let person = store
        .read("p", |tx| tx.persons_by_code(2, store::LISTED, None, 1))
        .unwrap()[0];
    let precinct = store.read("q", |tx| tx.precinct_counts(2)).unwrap();
    let largest = precinct.iter().max_by_key(|row| row.1).unwrap().0;
    let pages = [
        "/".to_owned(),
        "/list/2".to_owned(),
        "/list/2/approve".to_owned(),
        "/list/2/precincts".to_owned(),
        format!("/list/2/precinct/{largest}"),
        "/list/2/people/LISTED".to_owned(),
        "/list/2/people/LISTED?region=naryn&sex=F&age=75%2B".to_owned(),
        "/list/2/people/NO_BIOMETRICS?sex=M".to_owned(),
        "/list/2/changes/NOT_YET_PROCESSED/LISTED".to_owned(),
        "/statistics".to_owned(),
        "/backlog".to_owned(),
        "/reconciliation".to_owned(),
        "/claims".to_owned(),
        format!("/person/{person}"),
        format!("/person/{person}/why"),
        format!("/person/{person}/why?release=1"),
        format!("/person/{person}/letter"),
    ];
    let mut slow = Vec::new();
    for page in &pages {
        const TIMES: u64 = 10;
        clock.pass(2);
        let before = cpu_ms();
        for _ in 0..TIMES {
            assert_eq!(browser.get(page).status, 200, "{page}");
        }
        let each = (cpu_ms() - before) / TIMES;
        println!("{page}: {each} CPU-ms");
        if each > 300 {
            slow.push(page.clone());
        }
    }
    assert!(slow.is_empty(), "over 300 ms: {slow:?}");
}
