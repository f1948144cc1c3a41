//! An office at work: a store filled from import folders, a formed roll received, accounts of every
//! role, pages on a loopback port, and a browser that knows only HTTP.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed check should stop at once"
)]
#![allow(dead_code, reason = "each test file uses a part")]

pub mod folder;
pub mod manifest;

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use batch::form::{Formed, Job, Keys, Release};
use batch::{Expected, Randomness, form_roll, sign_release, steps::silent, write_snapshot};
use dedup::{Policy, Says};
use keys::{FileKey, KeyRing};
use lexicon::handover::envelope::{PublicKey, Signer as _};
use lexicon::{Clock, ElectionLaw, Instant, Method, PersonId, PrecinctCode};
use office::config::{ClaimOffices, Publishers};
use office::upload::Uploads;
use office::{Config, Role, Serving, Source, receive_roll, serve_store};
use roll::commit::Stage;
use store::import::{self, Options, SOURCE};
use store::{SessionTerms, Staff, Store, TurnoutRow};

pub const PASSWORD: &str = "таза суу агат 2015";
/// 26 September 2015, noon: the list is frozen, the day is near.
pub const NOW: &str = "2015-09-26T12:00:00+06:00";

/// A clock that the test moves.
pub struct Hand(pub AtomicI64);

impl Clock for Hand {
    fn now(&self) -> Instant {
        Instant::from_micros(self.0.load(Ordering::Relaxed))
    }
}

impl Hand {
    pub fn pass(&self, minutes: i64) {
        self.0.fetch_add(minutes * 60_000_000, Ordering::Relaxed);
    }
}

pub struct Hall {
    pub serving: Serving,
    pub store: Store,
    pub clock: Arc<Hand>,
    pub law: Arc<ElectionLaw>,
    pub roll: PathBuf,
    pub dir: tempfile::TempDir,
    runtime: tokio::runtime::Runtime,
}

/// The keys of the two institutions and of the register.
pub struct Chain {
    pub register: FileKey,
    pub srs: FileKey,
    pub cec: FileKey,
    pub ring: KeyRing,
}

impl Chain {
    pub fn new() -> Self {
        let key = |label: &str| FileKey::from_seed(b"office tests", label);
        let (register, srs, cec) = (key("register"), key("srs"), key("cec"));
        let ring = KeyRing::of([register.public_key(), srs.public_key(), cec.public_key()]);
        Self {
            register,
            srs,
            cec,
            ring,
        }
    }

    pub fn source<'a>(&'a self, law: &'a ElectionLaw) -> Source<'a> {
        Source {
            verifier: &self.ring,
            srs: self.srs.kid(),
            cec: self.cec.kid(),
            law,
            doubled_percent: office::DOUBLED_PERCENT,
            sampled_per_100000: office::sure_links_per_100000(),
        }
    }
}

pub fn person(row: &str) -> PersonId {
    PersonId::of_source(SOURCE, row)
}

/// The two records of one person, as the duplicate check would refer them.
pub const TWINS: (&str, &str) = ("g120", "g121");
/// Two records whose case stays open.
pub const OPEN_PAIR: (&str, &str) = ("P00000002", "P00000006");

pub const ADJUDICATORS: [&str; 3] = ["expert1", "expert2", "expert3"];

pub fn accounts(store: &Store) {
    // One slow hash for all: a test starts in a second.
    static HASH: OnceLock<String> = OnceLock::new();
    let hash = HASH.get_or_init(|| office::password::hash(PASSWORD, &[7; 16]).unwrap());
    let mut names: Vec<(String, Role)> = Role::ALL
        .iter()
        .map(|role| (role.code().to_owned(), *role))
        .collect();
    names.extend(ADJUDICATORS.map(|name| (name.to_owned(), Role::Adjudicator)));
    // The account named after the role is not drawn for cases.
    for (name, role) in names {
        let account = Staff {
            staff: name.clone(),
            display: format!("Токтосунова Ж. К. ({name})"),
            role: role.code().to_owned(),
            password: hash.clone(),
            active: true,
            failures: 0,
            locked_until: Instant::from_micros(0),
        };
        store
            .transact("staff", "test", |tx| tx.record_staff(&account))
            .unwrap();
    }
}

fn cases(store: &Store) {
    let policy = Policy::standard().hash();
    let officers = ADJUDICATORS.map(str::to_owned);
    let pair = |(a, b): (&str, &str), score| (person(a), person(b), score);
    store
        .transact("open", "deduplicate", |tx| {
            tx.open_duplicate_cases(&[pair(TWINS, 930), pair(OPEN_PAIR, 690)])
        })
        .unwrap();
    store.assign_cases("test", &officers, &[3; 32]).unwrap();
    let case = register::case::duplicate_case(person(TWINS.0), person(TWINS.1));
    for officer in &officers {
        let waits = store
            .read("turn", |tx| tx.find_turn(officer, case))
            .unwrap()
            .is_some_and(|turn| turn.seat < 3);
        if waits {
            store
                .give_opinion(officer, case, Says::Same, policy, policy)
                .unwrap();
        }
    }
}

/// The conflict about the PIN that the made-up register holds twice.
pub fn conflict() -> register::CaseId {
    register::state::shared_pin_case(lexicon::Pin::from_stored(20_901_195_070_000))
}

/// Opens the conflicts of the register and sends them to the agency.
fn conflicts(store: &Store) {
    let today = lexicon::Date::constant(2015, 9, 26);
    let found = store.find_conflicts("test", today).unwrap();
    assert!(found.shared_pins >= 1, "{found:?}");
    let look = store::Look {
        staff: "test",
        purpose: lexicon::Purpose::Reconcile,
        reason: "",
    };
    let due = lexicon::Date::constant(2015, 9, 28);
    store.make_conflict_lot(look, due, today).unwrap().unwrap();
}

/// Hands out what the latest list could not place, and takes one answer.
fn field(store: &Store) {
    let look = store::Look {
        staff: "test",
        purpose: lexicon::Purpose::Reconcile,
        reason: "",
    };
    let terms = store::field::FieldTerms {
        verify: office::field_classes(),
        due: lexicon::Date::constant(2015, 9, 29),
        entries_max: 100,
    };
    let made = store.make_field_lots(look, &terms).unwrap();
    let file = made[0].file.open(lexicon::Purpose::Reconcile).clone();
    let text = String::from_utf8(file).unwrap();
    let first = text.lines().nth(1).unwrap();
    let head = first.strip_suffix(",,,,").unwrap();
    let filled = text.replacen(
        first,
        &format!("{head},NO_SUCH_ADDRESS,,2015-09-26,Осмонов Т."),
        1,
    );
    let today = lexicon::Date::constant(2015, 9, 26);
    let report = store.take_field_answers("test", filled.as_bytes(), today);
    assert_eq!(report.unwrap().answers.len(), 1);
}

/// Forms the list of the store's register and signs it; gives the folder.
pub fn form(store: &Store, law: &ElectionLaw, chain: &Chain, out: &Path, number: u32) -> PathBuf {
    form_then(store, law, chain, out, number, |_, _| {})
}

/// Forms the list and goes on with it.
pub fn form_then(
    store: &Store,
    law: &ElectionLaw,
    chain: &Chain,
    out: &Path,
    number: u32,
    go_on: impl FnOnce(&Job<'_>, &Formed),
) -> PathBuf {
    let out = out.join(format!("run{number}"));
    std::fs::create_dir_all(&out).unwrap();
    let snapshot = out.join("snapshot");
    let taken = store.snapshot().unwrap();
    write_snapshot(&snapshot, &taken.tables, law, "1", &chain.register).unwrap();
    let randomness = Randomness::new(&[9; 32]);
    let job = Job {
        law,
        snapshot: &snapshot,
        out: &out,
        keys: Keys {
            srs: &chain.srs,
            cec: &chain.cec,
            register: chain.register.kid(),
            verifier: &chain.ring,
        },
        randomness: &randomness,
        release: Release {
            number,
            previous: None,
            frozen_at: Instant::parse("2015-09-24T18:00:00+06:00").unwrap(),
            stage: if number == 1 {
                Stage::Control
            } else {
                Stage::Final
            },
        },
        threads: 2,
        report: &silent,
    };
    let formed = form_roll(&job).unwrap();
    for key in [&chain.srs, &chain.cec] {
        sign_release(&job.roll(), &Expected::default(), key).unwrap();
    }
    go_on(&job, &formed);
    out.join("roll")
}

fn turnout(store: &Store) {
    let row = |hour, method, voters| TurnoutRow {
        precinct: PrecinctCode::new(1001).unwrap(),
        hour,
        method,
        voters,
    };
    let rows = [
        row(8, Method::Finger, 11),
        row(9, Method::Finger, 23),
        row(9, Method::Face2, 1),
        row(10, Method::Finger, 17),
    ];
    let as_of = Instant::parse("2015-10-04T11:00:00+06:00").unwrap();
    store
        .transact("turnout", "stations", |tx| tx.record_turnout(as_of, &rows))
        .unwrap();
}

/// The key of the turnout desk.
pub fn turnout_key() -> FileKey {
    FileKey::from_seed(b"office tests", "turnout desk")
}

/// The key that opens corrections of a rehearsal's list.
pub fn corrections_key() -> FileKey {
    FileKey::from_seed(b"office tests", "corrections")
}

/// The key that opens captures of fingers.
pub fn captures_key() -> FileKey {
    FileKey::from_seed(b"office tests", "captures")
}

/// The key that opens pictures of voters.
pub fn pictures_key() -> FileKey {
    FileKey::from_seed(b"office tests", "pictures")
}

/// The key that signs home lists.
pub fn home_key() -> FileKey {
    FileKey::from_seed(b"office tests", "home desk")
}

/// The key under which the office says what waits and who approved.
pub fn statement_key() -> FileKey {
    FileKey::from_seed(b"office tests", "statements")
}

/// The key of an office that works apart.
pub fn claim_key(code: &str) -> FileKey {
    FileKey::from_seed(b"office tests", code)
}

fn claim_office(code: &str) -> (String, PublicKey) {
    (code.to_owned(), claim_key(code).public_key())
}

pub fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/sample-import")
}

pub fn config(law: &Arc<ElectionLaw>, clock: Arc<dyn Clock>, chain: &Chain) -> Config {
    Config {
        store: String::new(),
        listen: "127.0.0.1:0".parse().unwrap(),
        law: Arc::clone(law),
        publishers: Publishers::of(&[chain.srs.public_key(), chain.cec.public_key()]),
        https: false,
        terms: SessionTerms {
            idle_micros: 15 * 60_000_000,
            absolute_micros: 10 * 3_600_000_000,
        },
        clock,
        is_time_simulated: true,
        reads_per_hour: 100_000,
        uploads: Uploads {
            folder: None,
            bytes_max: 1 << 20,
            doubled_percent: 100,
            sampled_per_100000: 0,
        },
        operators_per_ten_kits: 15,
        turnout_key: Some(Arc::new(turnout_key())),
        corrections_key: Some(Arc::new(corrections_key())),
        pictures_key: Some(Arc::new(pictures_key())),
        captures_key: Some(Arc::new(captures_key())),
        home_key: Some(Arc::new(home_key())),
        statement_key: Some(Arc::new(statement_key())),
        claims_office: None,
        claim_offices: ClaimOffices::of(["TK07", "TK08"].map(claim_office).into()),
    }
}

impl Hall {
    /// A full office: two releases, reconciliation, turnout, cases decided and open.
    pub fn full() -> Self {
        let hall = Self::filled(|_| {});
        let chain = Chain::new();
        let source = chain.source(&hall.law);
        let first = receive_roll(&hall.store, &hall.roll, source).unwrap();
        assert!(first.is_new);
        // Between the releases the centre processes what was waiting.
        hall.store
            .transact("process", "centre", |tx| {
                tx.record_processing(
                    &[("GE-waiting".to_owned(), person("waiting"))],
                    lexicon::Date::constant(2015, 9, 18),
                )
            })
            .unwrap();
        let second = form(&hall.store, &hall.law, &chain, hall.dir.path(), 2);
        receive_roll(&hall.store, &second, source).unwrap();
        turnout(&hall.store);
        field(&hall.store);
        hall
    }

    /// A register without any list.
    pub fn without_list() -> Self {
        Self::filled(|_| {})
    }

    pub fn filled(change: impl FnOnce(&mut Config)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(Hand(AtomicI64::new(Instant::parse(NOW).unwrap().micros())));
        let url = format!("sqlite:{}", dir.path().join("office.db").display());
        let store = Store::open(&url, clock.clone()).unwrap();
        let law = Arc::new(ElectionLaw::shipped("kg-2015").unwrap());
        let own = dir.path().join("import");
        std::fs::create_dir(&own).unwrap();
        folder::write(&own);
        for folder in [&sample(), &own] {
            let rejects = dir.path().join("rejects.csv");
            let options = Options {
                rejects: Some(rejects.clone()),
                ..Options::default()
            };
            let report = import::folder(&store, folder, &options, &mut |_| {}).unwrap();
            let said = std::fs::read_to_string(&rejects).unwrap_or_default();
            assert_eq!(report.rejected(), 0, "{said}");
        }
        accounts(&store);
        cases(&store);
        conflicts(&store);
        let chain = Chain::new();
        let roll = form(&store, &law, &chain, dir.path(), 1);
        let mut config = config(&law, clock.clone(), &chain);
        config.uploads.folder = Some(dir.path().join("uploads"));
        change(&mut config);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let serving = runtime
            .block_on(serve_store(store.clone(), config))
            .unwrap();
        Self {
            serving,
            store,
            clock,
            law,
            roll,
            dir,
            runtime,
        }
    }

    /// Another program over the same store, as after a restart.
    pub fn serve_again(&self, change: impl FnOnce(&mut Config)) -> Serving {
        let mut config = config(&self.law, self.clock.clone(), &Chain::new());
        change(&mut config);
        self.runtime
            .block_on(serve_store(self.store.clone(), config))
            .unwrap()
    }

    /// One more account with the role of a clerk.
    pub fn another_clerk(&self, name: &'static str) -> &'static str {
        let known = self.store.read("staff", |tx| tx.find_staff("clerk"));
        let account = Staff {
            staff: name.to_owned(),
            ..known.unwrap().unwrap()
        };
        self.store
            .transact("staff", "test", |tx| tx.record_staff(&account))
            .unwrap();
        name
    }

    /// One full office for all tests of a file that only read.
    pub fn shared() -> &'static Hall {
        static HALL: OnceLock<Hall> = OnceLock::new();
        HALL.get_or_init(Hall::full)
    }

    pub fn browser(&self) -> Browser {
        Browser {
            address: self.serving.address,
            cookies: BTreeMap::new(),
            headers: Vec::new(),
        }
    }

    /// A browser signed in as the account named after a role, with a reason chosen.
    pub fn signed_in(&self, staff: &str) -> Browser {
        Browser::at(self.serving.address, staff)
    }
}

impl Browser {
    /// A browser at an office, signed in as the account named after a role, with a reason chosen.
    pub fn at(address: SocketAddr, staff: &str) -> Browser {
        let mut browser = Browser {
            address,
            cookies: BTreeMap::new(),
            headers: Vec::new(),
        };
        let answer = browser.sign_in(staff, PASSWORD);
        assert_eq!(answer.status, 303, "{staff} {}", answer.body);
        browser
            .cookies
            .insert("reason".to_owned(), "citizen".to_owned());
        if staff == Role::Commission.code() {
            browser
                .cookies
                .insert("reason".to_owned(), "reconciliation".to_owned());
        }
        if staff == Role::CallCentre.code() {
            browser
                .cookies
                .insert("reason".to_owned(), "call".to_owned());
        }
        browser.cookies.insert("lang".to_owned(), "ru".to_owned());
        browser
    }
}

/// An answer over HTTP.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub location: String,
    pub headers: String,
    pub body: String,
}

/// Keeps cookies as a browser does, and every URL that it was given.
pub struct Browser {
    pub address: SocketAddr,
    pub cookies: BTreeMap<String, String>,
    pub headers: Vec<String>,
}

/// Every URL that any browser asked for.
pub static URLS: Mutex<Vec<String>> = Mutex::new(Vec::new());

pub fn encode(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        out
    })
}

impl Browser {
    pub fn get(&mut self, path: &str) -> Answer {
        self.ask("GET", path, "")
    }

    pub fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{name}={}", encode(value)))
            .collect();
        self.ask("POST", path, &body.join("&"))
    }

    /// Sends a list of the commission as a browser does.
    pub fn send_list(&mut self, file: &[u8]) -> Answer {
        self.send_file("/lists", file)
    }

    /// Sends a file as a browser does.
    pub fn send_file(&mut self, path: &str, file: &[u8]) -> Answer {
        let kind = "Content-Type: multipart/form-data; boundary=edge";
        self.headers.push(kind.to_owned());
        let mut body =
            b"--edge\r\nContent-Disposition: form-data; name=\"list\"; filename=\"a.csv\"\r\n\r\n"
                .to_vec();
        body.extend_from_slice(file);
        body.extend_from_slice(b"\r\n--edge--\r\n");
        let answer = self.ask_bytes("POST", path, &body);
        self.headers.pop();
        answer
    }

    pub fn sign_in(&mut self, staff: &str, password: &str) -> Answer {
        self.post("/sign-in", &[("account", staff), ("password", password)])
    }

    pub fn page(&mut self, path: &str) -> String {
        let answer = self.get(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.body
    }

    pub fn ask(&mut self, verb: &str, path: &str, body: &str) -> Answer {
        self.ask_bytes(verb, path, body.as_bytes())
    }

    pub fn ask_bytes(&mut self, verb: &str, path: &str, body: &[u8]) -> Answer {
        URLS.lock().unwrap().push(path.to_owned());
        let mut stream = TcpStream::connect(self.address).unwrap();
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let extra: String = self.headers.iter().map(|h| format!("{h}\r\n")).collect();
        let form = if extra.contains("Content-Type:") {
            ""
        } else {
            "Content-Type: application/x-www-form-urlencoded\r\n"
        };
        let head = format!(
            "{verb} {path} HTTP/1.1\r\nHost: {}\r\nCookie: {}\r\n{extra}\
             {form}Content-Length: {}\r\nConnection: close\r\n\r\n",
            self.address,
            cookies.join("; "),
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body).unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        // A signed file is no text: the parts are joined before they are read as one.
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        let end = end.unwrap_or(bytes.len());
        let headers = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let body = bytes.get(end + 4..).unwrap_or_default();
        let mut location = String::new();
        for line in headers.lines() {
            let (name, value) = line.split_once(':').unwrap_or(("", ""));
            match name.to_ascii_lowercase().as_str() {
                "location" => value.trim().clone_into(&mut location),
                "set-cookie" => self.keep(value.trim()),
                _ => {}
            }
        }
        Answer {
            status: headers[9..12].parse().unwrap(),
            location,
            body: unchunked(&headers, body),
            headers,
        }
    }

    fn keep(&mut self, cookie: &str) {
        let pair = cookie.split(';').next().unwrap();
        let (name, value) = pair.split_once('=').unwrap();
        if cookie.contains("Max-Age=0") {
            self.cookies.remove(name);
        } else {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }
}

/// Joins the parts of a chunked body.
fn unchunked(headers: &str, body: &[u8]) -> String {
    if !headers
        .to_ascii_lowercase()
        .contains("transfer-encoding: chunked")
    {
        return String::from_utf8_lossy(body).into_owned();
    }
    let mut rest = body;
    let mut out = Vec::new();
    while let Some(end) = rest.windows(2).position(|pair| pair == b"\r\n") {
        let size = std::str::from_utf8(&rest[..end]).unwrap();
        let size = usize::from_str_radix(size.trim(), 16).unwrap();
        if size == 0 {
            break;
        }
        out.extend_from_slice(&rest[end + 2..end + 2 + size]);
        rest = &rest[end + 4 + size..];
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// What every page must be: well nested, one `h1`, no inline script or style, no missing text.
pub fn sane(path: &str, page: &str) {
    const VOID: [&str; 10] = [
        "meta", "link", "input", "br", "img", "hr", "area", "base", "col", "wbr",
    ];
    assert!(page.starts_with("<!DOCTYPE html>"), "{path}");
    assert!(
        !page.contains('⟦'),
        "{path}: a text is missing: {}",
        around(page, "⟦")
    );
    assert!(!page.contains(" style="), "{path}: an inline style");
    assert!(!page.contains(" onclick="), "{path}: an inline script");
    assert_eq!(page.matches("<h1").count(), 1, "{path}: one h1");
    let title = page
        .split("<title>")
        .nth(1)
        .unwrap()
        .split('<')
        .next()
        .unwrap();
    assert!(!title.trim().is_empty(), "{path}: a title");
    let mut open: Vec<String> = Vec::new();
    let mut ids = std::collections::BTreeSet::new();
    for piece in page.split('<').skip(1) {
        if piece.starts_with('!') {
            continue;
        }
        let (tag, _) = piece.split_once('>').unwrap_or((piece, ""));
        if let Some(name) = tag.strip_prefix('/') {
            let last = open.pop();
            assert_eq!(
                last.as_deref(),
                Some(name),
                "{path}: </{name}> closes {last:?}"
            );
            continue;
        }
        let name: String = tag
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric())
            .collect();
        assert!(
            !name.is_empty(),
            "{path}: a bare < before {}",
            &tag[..tag.len().min(20)]
        );
        if let Some(id) = tag.split(" id=\"").nth(1) {
            let id = id.split('"').next().unwrap();
            assert!(ids.insert(id.to_owned()), "{path}: id {id} stands twice");
        }
        // Elements of a picture close themselves.
        if tag.ends_with('/') {
            continue;
        }
        if name == "img" {
            assert!(tag.contains(" alt="), "{path}: a picture without words");
        }
        if !VOID.contains(&name.as_str()) {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{path}: left open: {open:?}");
    for field in page.split("<input").skip(1) {
        let tag = field.split('>').next().unwrap();
        let is_bare = tag.contains("type=\"hidden\"") || tag.contains("type=\"radio\"");
        if !is_bare {
            let id = tag.split("id=\"").nth(1).and_then(|t| t.split('"').next());
            let id = id.unwrap_or_else(|| panic!("{path}: a field without id: {tag}"));
            assert!(
                page.contains(&format!("for=\"{id}\"")),
                "{path}: no label for {id}"
            );
        }
    }
}

/// Numbers of a page that lead on: where to, and how many.
pub fn leading(page: &str) -> Vec<(String, u64)> {
    let mut found = Vec::new();
    for part in page.split("<a href=\"").skip(1) {
        let (href, rest) = part.split_once('"').unwrap();
        let words = rest.trim_start_matches('>').split('<').next().unwrap();
        let digits: String = words.chars().filter(char::is_ascii_digit).collect();
        let is_number = words.chars().all(|c| c.is_ascii_digit() || c == '\u{202f}');
        if let (true, Ok(count)) = (is_number, digits.parse()) {
            found.push((href.replace("&amp;", "&"), count));
        }
    }
    found
}

/// Rows of the first table of a list, over all its pages.
pub fn rows_of(browser: &mut Browser, start: &str) -> u64 {
    let (mut url, mut rows, mut pages) = (start.to_owned(), 0, 0);
    loop {
        pages += 1;
        assert!(pages < 20, "{start} never ends");
        let page = browser.page(&url);
        sane(&url, &page);
        let table = page.split("<tbody>").nth(1).unwrap_or("");
        rows += table
            .split("</tbody>")
            .next()
            .unwrap()
            .matches("<tr")
            .count() as u64;
        let Some((before, _)) = page.split_once("\" rel=\"next\"") else {
            return rows;
        };
        let next = before.rsplit("href=\"").next().unwrap();
        url = next.replace("&amp;", "&");
    }
}

pub fn around(page: &str, word: &str) -> String {
    let at = page.find(word).unwrap_or(0);
    page.chars()
        .skip(page[..at].chars().count().saturating_sub(60))
        .take(160)
        .collect()
}

/// The store's rows of a kind, for a test's own look.
pub fn reads(store: &Store, staff: &str) -> u64 {
    store
        .read("count", |tx| tx.count_reads(staff, Instant::from_micros(0)))
        .unwrap()
}

/// Settles every finding of the boundaries behind the office's back, as another formed list would.
pub fn drop_findings(hall: &Hall) {
    let database = rusqlite::Connection::open(hall.dir.path().join("office.db")).unwrap();
    let change = "DROP TRIGGER electoral_finding_no_delete; DELETE FROM electoral_finding";
    database.execute_batch(change).unwrap();
}

/// Keeps the first list with one listed person turned into a dead one, against the signed document.
pub fn receive_with_one_decision_changed(hall: &Hall, chain: &Chain) {
    use lexicon::handover::envelope::{DocumentType, Subject, decode, open_all};
    use lexicon::handover::release::ListRelease;
    use store::{DecisionRow, ListPlace, ReleaseRow};
    let document = std::fs::read(hall.roll.join("release.cose")).unwrap();
    let subject = Subject {
        kind: DocumentType::ListRelease,
        election: hall.law.election.number,
    };
    let signed = open_all(subject, &document, &chain.ring, &[]).unwrap();
    let release: ListRelease = decode(&signed.payload).unwrap();
    let snapshot = roll::SnapshotBuilder::tables(&hall.store.snapshot().unwrap().tables).unwrap();
    let roll = roll::form(&snapshot, &hall.law).unwrap();
    let mut decisions: Vec<DecisionRow> = snapshot
        .people()
        .map(|person| {
            let decision = roll.decisions[person.at()];
            DecisionRow {
                person: snapshot.person(person).id,
                place: match decision.outcome {
                    roll::Outcome::Listed(place) => ListPlace::Listed {
                        precinct: place.precinct,
                        line: place.line,
                        page: place.page,
                    },
                    roll::Outcome::Excluded(reason) => ListPlace::Excluded(reason),
                },
                evidence: String::new(),
                day: decision.date,
            }
        })
        .collect();
    let listed = decisions
        .iter_mut()
        .find(|d| d.place.code() == store::LISTED)
        .unwrap();
    listed.place = ListPlace::Excluded(lexicon::ExclusionReason::Dead);
    let row = ReleaseRow {
        number: release.release,
        election: release.election,
        stage: release.stage.clone(),
        root: *release.root,
        total: release.total,
        considered: release.considered,
        frozen_at: Instant::from_micros(release.frozen_at),
        document,
    };
    hall.store
        .transact("record", "roll", |tx| tx.record_release(&row, &decisions))
        .unwrap();
}

/// Lays a log with one witness and the anchors that name its keys beside a publication.
pub fn witnessed(dir: &Path, law: &ElectionLaw, chain: &Chain) {
    use lexicon::handover::envelope::{DocumentType, Subject, encode, sign_all};
    use lexicon::handover::folder::{Anchor, TrustAnchors};
    let log = tlog::SigningKey::from_seed("log.hall/1", tlog::KeyKind::Ed25519, &[1; 32]).unwrap();
    let kind = tlog::KeyKind::CosignatureV1;
    let witness = tlog::SigningKey::from_seed("witness.hall/court", kind, &[2; 32]).unwrap();
    let leaves = [tlog::leaf_hash(b"one"), tlog::leaf_hash(b"two")];
    let head = tlog::TreeHead {
        size: 2,
        root: tlog::root(&leaves),
    };
    let mut note = tlog::Checkpoint::new("log.hall/1", head)
        .unwrap()
        .sign(&log);
    note.sign(&witness, 1_443_190_000);
    std::fs::write(dir.join("checkpoint"), note.to_string()).unwrap();
    let anchor = |role: &str, key: &FileKey| Anchor {
        role: role.to_owned(),
        point: key.public_key().0.into(),
        home: FileKey::HOME.to_owned(),
    };
    let mut anchors = vec![
        anchor("srs-release", &chain.srs),
        anchor("cec-release", &chain.cec),
    ];
    anchors.sort();
    let payload = encode(&TrustAnchors {
        suite: "kg1".to_owned(),
        election: law.election.number,
        anchors,
        log_key: log.verifier().to_string(),
        witness_keys: vec![witness.verifier().to_string()],
        witnesses_needed: 1,
    });
    let subject = Subject {
        kind: DocumentType::TrustAnchors,
        election: law.election.number,
    };
    let signed = sign_all(subject, &payload, &[&chain.srs, &chain.cec]).unwrap();
    std::fs::write(dir.join("trust.cose"), signed).unwrap();
}
