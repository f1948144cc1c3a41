//! L-10: somebody tries personal numbers in a row against the portal, from many addresses, over HTTP.
//!
//! The addresses are those of the loopback network, 127.1.0.1 and on; the oracle is the real one behind its socket. Its
//! limit of answers a second is lifted for the attack, so that what one address gets in a day is what is measured, and
//! stands as shipped in the first seconds.

#![expect(
    clippy::disallowed_methods,
    reason = "times over HTTP are what this trial measures"
)]

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant as Clock};

use anyhow::{Context as _, Result, bail, ensure};
use lexicon::handover::envelope::{DocumentType, Subject, encode, unsigned_all};
use lexicon::handover::lookup::{LookupAnswer, LookupEntry, LookupKey, LookupScope, seal_lookup};
use lexicon::handover::release::{ListRelease, RollLine, SaltedLine};
use lexicon::{ElectionLaw, Instant};
use oracle::Oracle;
use oracle::budget::Limits;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

const KEY: [u8; 32] = [7; 32];
/// Every so many of the numbers in a row is somebody's.
const KNOWN_EVERY: u32 = 97;
/// The document that the attacker guesses; nobody has it.
const GUESS: &str = "AN0000000";

/// Everybody's name: an answer says its initial only.
const SURNAME: &str = "Үсөнбекова";

/// How much is tried.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// Personal numbers in a row.
    pub questions: u32,
    /// Addresses they come from, in turn.
    pub addresses: u32,
    /// Questions one address may ask in a day.
    pub per_address: u32,
    /// Pairs of a number that nobody has and a wrong document, for the times.
    pub pairs: u32,
}

impl Terms {
    /// What CI does: 20,000 numbers from 100 addresses.
    #[must_use]
    pub fn usual() -> Self {
        Self {
            questions: 20_000,
            addresses: 100,
            per_address: 60,
            pairs: 400,
        }
    }
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// Records that the attacker saw.
    pub records: u32,
    /// Answers that no record matches: they cost the attacker a question.
    pub no_match: u32,
    /// Refused: too many.
    pub held: u32,
    /// The most answers that one address got.
    pub most_of_one_address: u32,
    /// The attack's wall time, s.
    pub seconds: f64,
    /// Lengths of the answers to unknown numbers and to wrong documents.
    pub lengths: BTreeSet<usize>,
    /// Whether those answers are the same bytes.
    pub same_bytes: bool,
    /// Medians, ms: nobody has the number; the document is wrong.
    pub medians_ms: (f64, f64),
    /// The number alone, without a document, was refused at the form.
    pub alone_refused: bool,
    /// Both numbers together give the record, with initials and no name.
    pub right_answered: bool,
    /// With the oracle's own limit: answers within one second, at most.
    pub most_in_a_second: u32,
}

impl std::fmt::Display for Found {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(
            f,
            "{} records, {} answers that nothing matches, {} refused in {:.1} s; at most {} answers to one address",
            self.records, self.no_match, self.held, self.seconds, self.most_of_one_address
        )?;
        writeln!(
            f,
            "no such number {:.3} ms, wrong document {:.3} ms (medians); lengths {:?}, same bytes: {}",
            self.medians_ms.0, self.medians_ms.1, self.lengths, self.same_bytes
        )?;
        write!(
            f,
            "number alone refused: {}; both numbers answered: {}; with the oracle's limit at most {} answers a second",
            self.alone_refused, self.right_answered, self.most_in_a_second
        )
    }
}

impl Found {
    /// Demands what the story demands.
    ///
    /// # Errors
    /// Names what does not hold.
    pub fn demand(&self, terms: Terms) -> Result<()> {
        ensure!(self.records == 0, "{} records were seen", self.records);
        ensure!(
            self.most_of_one_address <= terms.per_address,
            "one address got {} answers, {} are allowed",
            self.most_of_one_address,
            terms.per_address
        );
        let expected = terms.addresses * terms.per_address;
        let asked = self.no_match + self.held;
        ensure!(
            asked == terms.questions && self.no_match <= expected,
            "{} answers and {} refusals of {}",
            self.no_match,
            self.held,
            terms.questions
        );
        ensure!(
            self.lengths.len() == 1 && self.same_bytes,
            "the answers can be told apart: {:?}",
            self.lengths
        );
        let apart = (self.medians_ms.0 - self.medians_ms.1).abs();
        ensure!(apart <= 5.0, "the times are {apart:.2} ms apart");
        ensure!(self.alone_refused, "a number alone was answered");
        ensure!(self.right_answered, "the right numbers were not answered");
        // A second of the portal may touch two of the oracle's.
        ensure!(
            self.most_in_a_second <= 2 * Limits::default().per_second,
            "{} answers in a second",
            self.most_in_a_second
        );
        Ok(())
    }
}

/// Number `n` of the row, fourteen digits.
fn pin(n: u32) -> String {
    format!("2{:02}041985{:05}", 1 + n / 100_000, n % 100_000)
}

fn document(n: u32) -> String {
    format!("AN{:07}", n + 1)
}

struct WallClock;

impl lexicon::Clock for WallClock {
    fn now(&self) -> Instant {
        let since = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        Instant::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

/// A publication with a release and a law, and the look-up file of the numbers that are somebody's.
fn publish(dir: &Path, law: &ElectionLaw, questions: u32) -> Result<Vec<u8>> {
    let release = ListRelease {
        suite: "kg1".to_owned(),
        election: law.election.number,
        release: 1,
        previous: None,
        root: [1; 32].into(),
        total: 0,
        precincts: Vec::new(),
        considered: 0,
        excluded: Vec::new(),
        law: law.hash.into(),
        snapshot: [2; 32].into(),
        frozen_at: 0,
        stage: "final".to_owned(),
    };
    let subject = Subject {
        kind: DocumentType::ListRelease,
        election: law.election.number,
    };
    std::fs::create_dir_all(dir)?;
    std::fs::write(
        dir.join("release-1.cose"),
        unsigned_all(subject, &encode(&release))?,
    )?;
    let text = ElectionLaw::shipped_text("kg-2015").context("the law is shipped")?;
    std::fs::write(dir.join("law.toml"), text)?;
    std::fs::write(
        dir.join("precincts.geojson"),
        r#"{"type":"FeatureCollection","features":[]}"#,
    )?;
    let scope = LookupScope {
        election: law.election.number,
        release: 1,
        delta: 0,
    };
    let key = LookupKey::new(&KEY);
    let known = (0..questions).step_by(KNOWN_EVERY as usize);
    let entries = known.map(|n| LookupEntry {
        token: key.token(scope.election, &pin(n), &document(n)),
        answer: LookupAnswer {
            release: 1,
            line: Some(SaltedLine {
                salt: [0; 16].into(),
                line: RollLine {
                    precinct: 1001,
                    line: 7,
                    page: 1,
                    surname: SURNAME.to_owned(),
                    given: "Айгүл".to_owned(),
                    patronymic: String::new(),
                    born: "1985-04-01".to_owned(),
                    address: "Манас көчөсү, 1".to_owned(),
                },
            }),
            leaf: 0,
            absence: None,
            claims: Vec::new(),
            until: "2015-09-19".to_owned(),
            after: None,
        },
    });
    Ok(seal_lookup(scope, entries.collect()))
}

/// One connection from one address, kept open.
struct Asker {
    stream: TcpStream,
}

/// What a page is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Page {
    NoMatch,
    Held,
    Record,
    Form,
}

impl Asker {
    async fn from(address: IpAddr, site: SocketAddr) -> Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::new(address, 0))?;
        let stream = socket.connect(site).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream })
    }

    /// Asks with both fields of the form; the page and its body.
    async fn ask(&mut self, pin: &str, document: &str) -> Result<(Page, Vec<u8>)> {
        let form = format!("pin={pin}&document={document}");
        let request = format!(
            "POST /?lang=en HTTP/1.1\r\nHost: portal\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            form.len()
        );
        self.stream.write_all(request.as_bytes()).await?;
        let mut got = Vec::new();
        let mut piece = [0u8; 8 << 10];
        let (head, length) = loop {
            let n = self.stream.read(&mut piece).await?;
            ensure!(n > 0, "the portal hung up");
            got.extend_from_slice(&piece[..n]);
            if let Some(at) = got.windows(4).position(|four| four == b"\r\n\r\n") {
                let head = String::from_utf8_lossy(&got[..at]).to_lowercase();
                let length = head
                    .lines()
                    .find_map(|line| line.strip_prefix("content-length:"))
                    .context("no length")?;
                break (at + 4, length.trim().parse::<usize>()?);
            }
        };
        while got.len() < head + length {
            let n = self.stream.read(&mut piece).await?;
            ensure!(n > 0, "the portal hung up");
            got.extend_from_slice(&piece[..n]);
        }
        let body = got.split_off(head);
        let text = String::from_utf8_lossy(&body);
        let page = if text.contains("No record matches these details") {
            Page::NoMatch
        } else if text.contains("Too many tries") {
            Page::Held
        } else if got.starts_with(b"HTTP/1.1 422") {
            Page::Form
        } else if got.starts_with(b"HTTP/1.1 200") {
            Page::Record
        } else {
            bail!("an answer of another kind");
        };
        Ok((page, body))
    }
}

/// A portal with its oracle, at work until the runtime ends.
async fn start(dir: &Path, name: &str, limits: Limits, terms: Terms) -> Result<SocketAddr> {
    let law = ElectionLaw::shipped("kg-2015")?;
    let publication = dir.join(name);
    let lookup = publish(&publication, &law, terms.questions)?;
    let socket = dir.join(format!("{name}.sock"));
    let oracle = Oracle::new(lookup, &KEY, limits)?;
    let path = socket.clone();
    tokio::spawn(async move { oracle::serve(&path, oracle, Arc::new(WallClock)).await });
    let free = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
    let config = portal::Config {
        listen: free,
        publication: publication.clone(),
        oracle: socket,
        demo: false,
        questions_per_address: terms.per_address,
        behind_proxy: false,
    };
    let read = portal::Publication::read(&publication)?;
    tokio::spawn(async move { portal::serve(&config, read, Arc::new(WallClock)).await });
    for _ in 0..200 {
        if TcpStream::connect(free).await.is_ok() {
            return Ok(free);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    bail!("the portal did not start")
}

/// Address `n` of the attacker, from 0.
fn address(n: u32) -> IpAddr {
    IpAddr::V4(Ipv4Addr::from_bits(0x7f01_0001 + n))
}

/// The attack: numbers in a row from all addresses in turn, then the times, then the right answer.
///
/// # Errors
/// When portal or oracle do not start or answer otherwise than by a page.
pub fn attack(dir: &Path, terms: Terms) -> Result<Found> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut found = Found {
            most_in_a_second: limited(dir, terms).await?,
            ..Found::default()
        };
        let open = Limits {
            per_second: u32::MAX,
            ..Limits::default()
        };
        let site = start(dir, "attack", open, terms).await?;
        let begin = Clock::now();
        let workers = (0..4u32).map(|worker| {
            tokio::spawn(async move {
                let mut seen = Found::default();
                for of in (worker..terms.addresses).step_by(4) {
                    let mut asker = Asker::from(address(of), site).await?;
                    let mut answers = 0;
                    for n in (of..terms.questions).step_by(terms.addresses as usize) {
                        match asker.ask(&pin(n), GUESS).await?.0 {
                            Page::NoMatch => answers += 1,
                            Page::Held => seen.held += 1,
                            Page::Record => seen.records += 1,
                            Page::Form => bail!("number {n} was not taken for a number"),
                        }
                    }
                    seen.no_match += answers;
                    seen.most_of_one_address = seen.most_of_one_address.max(answers);
                }
                Ok(seen)
            })
        });
        for worker in workers.collect::<Vec<_>>() {
            let seen = worker.await??;
            found.records += seen.records;
            found.no_match += seen.no_match;
            found.held += seen.held;
            found.most_of_one_address = found.most_of_one_address.max(seen.most_of_one_address);
        }
        found.seconds = begin.elapsed().as_secs_f64();
        times(site, terms, &mut found).await?;
        Ok(found)
    })
}

/// With the limits as shipped: how many answers came within a second, over three seconds of asking.
async fn limited(dir: &Path, terms: Terms) -> Result<u32> {
    let site = start(dir, "limited", Limits::default(), terms).await?;
    let (begin, mut n, mut most) = (Clock::now(), 0u32, 0);
    let mut counts = [0u32; 3];
    while let Some(count) = counts.get_mut(begin.elapsed().as_secs() as usize) {
        let mut asker = Asker::from(address(20_000 + n), site).await?;
        for _ in 0..50 {
            if asker.ask(&pin(n % terms.questions), GUESS).await?.0 == Page::NoMatch {
                *count += 1;
            }
            n += 1;
        }
        most = most.max(*count);
    }
    Ok(most)
}

/// Times and bytes of both refusals side by side, from fresh addresses; then the second factor.
async fn times(site: SocketAddr, terms: Terms, found: &mut Found) -> Result<()> {
    let mut taken: [Vec<f64>; 2] = [Vec::new(), Vec::new()];
    let mut bodies: BTreeSet<Vec<u8>> = BTreeSet::new();
    let known = terms.questions.div_ceil(KNOWN_EVERY).min(terms.pairs);
    let each = terms.per_address / 2;
    let mut asker = Asker::from(address(10_000), site).await?;
    for pair in 0..terms.pairs {
        if pair > 0 && pair.is_multiple_of(each) {
            asker = Asker::from(address(10_000 + pair / each), site).await?;
        }
        // Numbers that were not asked for yet: five failures a day would hold them up.
        let nobody = pin(2_000_000 + pair);
        let somebody = pin(pair % known * KNOWN_EVERY);
        for (of, number) in taken.iter_mut().zip([&nobody, &somebody]) {
            let begin = Clock::now();
            let (page, body) = asker.ask(number, "AN9999999").await?;
            let took = begin.elapsed().as_secs_f64() * 1e3;
            if page == Page::NoMatch {
                of.push(took);
                found.lengths.insert(body.len());
                bodies.insert(body);
            }
        }
    }
    let median = |times: &mut Vec<f64>| {
        times.sort_by(f64::total_cmp);
        times.get(times.len() / 2).copied().context("no answers")
    };
    let [nobody, somebody] = &mut taken;
    found.medians_ms = (median(nobody)?, median(somebody)?);
    found.same_bytes = bodies.len() == 1;
    let mut asker = Asker::from(address(15_000), site).await?;
    let (page, _) = asker.ask(&pin(0), "").await?;
    found.alone_refused = page == Page::Form;
    let last = (terms.questions - 1) / KNOWN_EVERY * KNOWN_EVERY;
    let (page, body) = asker.ask(&pin(last), &document(last)).await?;
    let text = String::from_utf8_lossy(&body);
    found.right_answered = page == Page::Record && text.contains("Ү.") && !text.contains(SURNAME);
    Ok(())
}
