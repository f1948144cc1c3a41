//! L-08, L-02 over HTTP: what the portal says to people whose lines change after the freeze.
//!
//! Story: the list is frozen and published. On the same day it becomes known that person 0 died, that person 1's check is
//! finished and a new passport was issued, that person 2 has another surname and that person 4 moved to another precinct;
//! nothing happens to person 3. Until the delta is published everybody hears what the release says; afterwards each hears
//! what the delta did, and by which document it is proven.
#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

#[path = "../../../services/batch/tests/small/mod.rs"]
mod small;

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use batch::{DeltaJob, Drawn, PublicationTerms, form_roll, publish, write_delta, write_snapshot};
use keys::SystemClock;
use lexicon::handover::snapshot::{CivilEventRow, SnapshotTables};
use lexicon::{CivilName, DocumentNumber, NameParts};
use oracle::Oracle;
use oracle::budget::Limits;
use small::{Run, Scratch, lookup_key, moment, person, publication_terms, tables};

/// The look-up key of the small country, as the oracle takes it.
const KEY: [u8; 32] = [5; 32];
const NEW_PASSPORT: &str = "AN9999999";

fn before() -> SnapshotTables {
    let mut tables = tables();
    let mut rows = tables.enrolments.iter_mut();
    rows.find(|row| row.person == person(1)).unwrap().processed = None;
    tables
}

fn after() -> SnapshotTables {
    let mut tables = tables();
    tables.civil_events.push(CivilEventRow {
        event: "ev0".to_owned(),
        person: person(0),
        kind: "death".to_owned(),
        date: "2015-09-20".parse().unwrap(),
        act: "№ 7".to_owned(),
        surname: String::new(),
        given: String::new(),
        patronymic: String::new(),
    });
    let mut passport = tables.documents[1].clone();
    passport.number = DocumentNumber::parse(NEW_PASSPORT).unwrap();
    tables.documents.push(passport);
    let parts = NameParts {
        surname: "Жаңыева",
        given: "Айгүл",
        patronymic: "",
    };
    tables.persons[2].name = CivilName::parse(parts).unwrap();
    let mut rows = tables.residences.iter_mut();
    rows.find(|row| row.person == person(4)).unwrap().address = "a5".to_owned();
    tables
}

/// Portal and oracle over a publication, until the runtime ends.
async fn start(dir: &Path, name: &str) -> SocketAddr {
    let publication = dir.join("publication");
    let socket = dir.join(format!("{name}.sock"));
    let lookup = std::fs::read(publication.join("lookup.bin")).unwrap();
    let limits = Limits {
        per_second: u32::MAX,
        ..Limits::default()
    };
    let oracle = Oracle::new(lookup, &KEY, limits).unwrap();
    let path = socket.clone();
    tokio::spawn(async move { oracle::serve(&path, oracle, Arc::new(SystemClock)).await });
    let free = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let listen = free.local_addr().unwrap();
    drop(free);
    let read = portal::Publication::read(&publication).unwrap();
    let config = portal::Config {
        listen,
        publication,
        oracle: socket.clone(),
        demo: false,
        questions_per_address: 1_000,
        behind_proxy: false,
    };
    tokio::spawn(async move { portal::serve(&config, read, Arc::new(SystemClock)).await });
    for _ in 0..500 {
        if socket.exists() && TcpStream::connect(listen).is_ok() {
            return listen;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    unreachable!("the portal did not start")
}

fn request(site: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(site).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut got = Vec::new();
    stream.read_to_end(&mut got).unwrap();
    String::from_utf8_lossy(&got).into_owned()
}

/// The answer to a person, in a language.
fn ask(site: SocketAddr, n: usize, document: &str, language: &str) -> String {
    let form = format!("pin={}&document={document}", small::pin(n));
    request(
        site,
        &format!(
            "POST /?lang={language} HTTP/1.1\r\nHost: portal\r\nConnection: close\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            form.len()
        ),
    )
}

fn own(site: SocketAddr, n: usize) -> String {
    ask(site, n, &small::document(n), "en")
}

fn has(page: &str, wanted: &[&str]) {
    for text in wanted {
        assert!(page.contains(text), "no “{text}” in {page}");
    }
}

fn put_delta(run: &Run) {
    let snapshot = run.dir.join("snapshot-2");
    write_snapshot(&snapshot, &after(), &run.law, "1", &run.chain.register).unwrap();
    let job = DeltaJob {
        law: &run.law,
        from: &run.dir,
        snapshot: &snapshot,
        keys: run.chain.keys(),
        randomness: &run.randomness,
        effective_at: moment("2015-09-25T18:00:00+06:00"),
        known_on: "2015-09-25".parse().unwrap(),
        report: &batch::steps::silent,
    };
    assert_eq!(write_delta(&job).unwrap().delta.unwrap().1.changes.len(), 5);
    small::sign_drawn(&job.place(), Drawn::Deltas, &run.chain);
}

fn publish_after(run: &Run) {
    let (snapshot, newer) = (run.dir.join("snapshot"), run.dir.join("snapshot-2"));
    let job = run.job(&snapshot, 1);
    let formed = form_roll(&job).unwrap();
    let (lookup, trust) = (lookup_key(), run.chain.trust());
    let approvals = small::approvals(&formed.release, &run.chain);
    let terms = PublicationTerms {
        after: Some(&newer),
        ..publication_terms(run, &trust, &lookup, &approvals, false)
    };
    publish(&job, &formed, &terms).unwrap();
}

#[test]
fn l_08_the_portal_answers_by_the_signed_delta_once_it_is_published() {
    let dir = Scratch::new("after-freeze");
    let run = Run::new(dir.path(), &before());
    run.whole(1);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();

    let site = runtime.block_on(start(dir.path(), "before"));
    for n in [0, 2, 3, 4] {
        has(&own(site, n), &["You are on the voter list", "List L1"]);
    }
    has(&own(site, 1), &["You are not on the voter list"]);
    has(&ask(site, 1, NEW_PASSPORT, "en"), &["No record matches"]);

    // Signed, and not published: the portal still answers by the release.
    put_delta(&run);
    let site = runtime.block_on(start(dir.path(), "signed"));
    has(&own(site, 0), &["You are on the voter list"]);

    publish_after(&run);
    let site = runtime.block_on(start(dir.path(), "after"));
    let proof = ["/publication/delta-1-1.cose", "proven by change 1", ".cbor"];
    let struck = own(site, 0);
    has(
        &struck,
        &[
            "You were struck from the voter list",
            "(DEAD)",
            "change 1",
            "What to do",
        ],
    );
    has(&struck, &proof);
    assert!(!struck.contains("You are on the voter list"));
    for document in [&small::document(1), NEW_PASSPORT] {
        let added = ask(site, 1, document, "en");
        has(
            &added,
            &[
                "You are on the voter list",
                "Supplementary page",
                "(ELIGIBLE)",
            ],
        );
        has(&added, &proof);
        assert!(!added.contains("tlog-proof"));
    }
    let corrected = own(site, 2);
    has(
        &corrected,
        &[
            "Line in the paper list",
            "(CORRECTED)",
            "corrected in precinct",
        ],
    );
    has(&corrected, &proof);
    let moved = own(site, 4);
    has(
        &moved,
        &[
            "struck in precinct No. 1001",
            "added in precinct No. 1002",
            "(TRANSFERRED)",
        ],
    );
    // Nobody changed person 3: the release's proof holds, and says of which list it is.
    let same = own(site, 3);
    has(
        &same,
        &[
            "tlog-proof",
            "with changes 1 to 1",
            "do not touch your line",
        ],
    );
    for (language, title, page) in [
        ("ky", "тизмесинен чыгарылдыңыз", "Кошумча барак"),
        ("ru", "Вы исключены из списка", "Дополнительный лист"),
    ] {
        has(&ask(site, 0, &small::document(0), language), &[title]);
        has(&ask(site, 1, NEW_PASSPORT, language), &[page]);
    }
    let delta = request(
        site,
        "GET /publication/delta-1-1.cose HTTP/1.1\r\nHost: portal\r\nConnection: close\r\n\r\n",
    );
    assert!(delta.starts_with("HTTP/1.1 200"));
    let proofs = request(
        site,
        "GET /proofs?lang=en HTTP/1.1\r\nHost: portal\r\nConnection: close\r\n\r\n",
    );
    has(&proofs, &["delta-1-1.cose", "Change 1 of"]);
}
