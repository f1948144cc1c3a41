//! The wire between two kits: one question, one answer.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};

use lexicon::handover::envelope::Kid;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};

use crate::clock::steady_now;
use crate::kit::{Card, Kit};
use crate::tls;

/// Why no answer came: the policy for unreachable kits applies.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The other kit is off, or the cable is.
    #[error("the kit does not answer: {0}")]
    Silent(String),
    /// It answered with something else than a message.
    #[error("the kit answered with status {0}")]
    Status(u16),
}

/// A way to ask one peer.
pub trait Link: Send + Sync {
    /// Sends a signed question and waits for the signed answer.
    ///
    /// # Errors
    /// [`LinkError`] within [`PATIENCE`] for each address that is tried, two at most.
    fn ask(&self, question: &[u8]) -> Result<Vec<u8>, LinkError>;
}

/// A peer in the same process, for drivers of many precincts.
pub struct InProcess(Weak<Kit>);

impl InProcess {
    /// A link to this kit; it goes silent when the kit is dropped.
    #[must_use]
    pub fn to(kit: &Arc<Kit>) -> Self {
        Self(Arc::downgrade(kit))
    }
}

impl Link for InProcess {
    fn ask(&self, question: &[u8]) -> Result<Vec<u8>, LinkError> {
        let kit = self
            .0
            .upgrade()
            .ok_or_else(|| LinkError::Silent("switched off".to_owned()))?;
        kit.answer(question)
            .map_err(|error| LinkError::Silent(error.to_string()))
    }
}

/// The most bytes of an answer to a question: a message's limit and room for headers.
const ANSWER_BYTES_MAX: u64 = 80 << 10;

/// How long a peer may take for everything together: to be connected, shake hands, be asked and answer.
pub const PATIENCE: Duration = Duration::from_secs(3);

/// The least that a peer gives in a second when something large is fetched, bytes.
const BYTES_A_SECOND_MIN: u64 = 1 << 20;

/// A socket that ends at a moment, however slowly bytes come: a byte now and then resets nothing.
struct Timed {
    socket: TcpStream,
    until: Instant,
}

impl Timed {
    fn left(&self) -> io::Result<Duration> {
        let left = self.until.saturating_duration_since(steady_now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        Ok(left)
    }
}

impl io::Read for Timed {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.socket.set_read_timeout(Some(self.left()?))?;
        self.socket.read(into)
    }
}

impl io::Write for Timed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.socket.set_write_timeout(Some(self.left()?))?;
        self.socket.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.socket.flush()
    }
}

type Stream = StreamOwned<ClientConnection, Timed>;

/// A peer on the LAN or on loopback, by TLS 1.3: both sides show their kit's key. The connection is kept.
pub struct Lan {
    address: SocketAddr,
    tls: Arc<ClientConfig>,
    kept: Mutex<Option<Stream>>,
}

impl Lan {
    /// A link to the kit `peer` at an address; another kit that answers there is not talked to.
    ///
    /// # Errors
    /// What the TLS library said; not with a P-256 key.
    pub fn to(address: SocketAddr, peer: Kid, key: Arc<dyn Card>) -> Result<Self, rustls::Error> {
        let tls = tls::client(key, Arc::new(move |kid| kid == peer))?;
        Ok(Self {
            address,
            tls: Arc::new(tls),
            kept: Mutex::new(None),
        })
    }

    fn connect(&self, until: Instant) -> io::Result<Stream> {
        let left = until.saturating_duration_since(steady_now());
        // A timeout of zero is refused by the system: then the time is over.
        let left = left.max(Duration::from_millis(1));
        let socket = TcpStream::connect_timeout(&self.address, left)?;
        socket.set_nodelay(true)?;
        let stream = Timed { socket, until };
        let name = ServerName::IpAddress(self.address.ip().into());
        let tls = ClientConnection::new(Arc::clone(&self.tls), name).map_err(io::Error::other)?;
        Ok(StreamOwned::new(tls, stream))
    }

    /// Asks over the kept connection; one that has gone stale is made anew, once. All of it ends within `patience`.
    fn request(
        &self,
        head: &str,
        body: &[u8],
        most: u64,
        patience: Duration,
    ) -> io::Result<(u16, Vec<u8>)> {
        let until = steady_now() + patience;
        let kept = self.kept.lock().ok().and_then(|mut kept| kept.take());
        let was_kept = kept.is_some();
        let mut stream = match kept {
            Some(mut stream) => {
                stream.sock.until = until;
                stream
            }
            None => self.connect(until)?,
        };
        let answer = match exchange(&mut stream, head, body, most) {
            Err(_) if was_kept => {
                stream = self.connect(until)?;
                exchange(&mut stream, head, body, most)?
            }
            answer => answer?,
        };
        if let Ok(mut kept) = self.kept.lock() {
            *kept = Some(stream);
        }
        Ok(answer)
    }

    /// Fetches what a peer gives without a question, as its package; at most `most` bytes, for which the peer has
    /// [`PATIENCE`] and a second for each MiB.
    ///
    /// # Errors
    /// [`LinkError`].
    pub fn fetch(&self, path: &str, most: u64) -> Result<Vec<u8>, LinkError> {
        let head = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n\r\n", self.address);
        let patience = PATIENCE + Duration::from_secs(most.div_ceil(BYTES_A_SECOND_MIN));
        found(self.request(&head, &[], most, patience))
    }
}

fn found(answer: io::Result<(u16, Vec<u8>)>) -> Result<Vec<u8>, LinkError> {
    match answer.map_err(|error| LinkError::Silent(error.to_string()))? {
        (200, body) => Ok(body),
        (status, _) => Err(LinkError::Status(status)),
    }
}

/// One request and its answer on a connection that stays open.
fn exchange(stream: &mut Stream, head: &str, body: &[u8], most: u64) -> io::Result<(u16, Vec<u8>)> {
    const HEAD_MAX: usize = 8 << 10;
    let bad = |why: &'static str| io::Error::new(io::ErrorKind::InvalidData, why);
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)?;
    stream.flush()?;
    let mut answer = Vec::new();
    let mut piece = [0u8; 16 << 10];
    let end = loop {
        if let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        if answer.len() > HEAD_MAX {
            return Err(bad("the head of the answer has no end"));
        }
        match stream.read(&mut piece)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            got => answer.extend_from_slice(&piece[..got]),
        }
    };
    let text = std::str::from_utf8(&answer[..end]).map_err(|_| bad("the head is no text"))?;
    let status = text
        .get(9..12)
        .and_then(|digits| digits.parse().ok())
        .ok_or_else(|| bad("the answer has no status"))?;
    let length: u64 = text
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim().parse().ok())
        .ok_or_else(|| bad("the answer has no length"))?;
    if length > most {
        return Err(bad("the answer is too long"));
    }
    let length = usize::try_from(length).map_err(|_| bad("the answer is too long"))?;
    let mut body = answer.split_off(end);
    while body.len() < length {
        match stream.read(&mut piece)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            got => body.extend_from_slice(&piece[..got]),
        }
    }
    body.truncate(length);
    Ok((status, body))
}

impl Link for Lan {
    fn ask(&self, question: &[u8]) -> Result<Vec<u8>, LinkError> {
        let head = format!(
            "POST /kit/exchange HTTP/1.1\r\nHost: {}\r\nContent-Type: application/cose\r\n\
             Content-Length: {}\r\n\r\n",
            self.address,
            question.len()
        );
        found(self.request(&head, question, ANSWER_BYTES_MAX, PATIENCE))
    }
}

/// A peer that was found on the LAN, at addresses that somebody announced. Only the key that the peer shows decides;
/// an address that does not lead to it costs one try.
pub struct Hinted {
    peer: Kid,
    key: Arc<dyn Card>,
    places: Mutex<Places>,
}

/// Addresses of one peer; the one that answered last stands first.
struct Places {
    lans: Vec<Arc<Lan>>,
    turn: usize,
}

impl Hinted {
    /// The most addresses that are remembered for one peer.
    pub const PLACES_MAX: usize = 4;

    /// A peer of which no address is known yet.
    #[must_use]
    pub fn to(peer: Kid, key: Arc<dyn Card>) -> Self {
        let places = Places {
            lans: Vec::new(),
            turn: 0,
        };
        Self {
            peer,
            key,
            places: Mutex::new(places),
        }
    }

    /// Takes an announced address in. The one that answered last is never pushed out by announcements.
    pub fn hint(&self, address: SocketAddr) {
        let Ok(mut places) = self.places.lock() else {
            return;
        };
        if places.lans.iter().any(|lan| lan.address == address) {
            return;
        }
        match Lan::to(address, self.peer, Arc::clone(&self.key)) {
            Ok(lan) => {
                let at = places.lans.len().min(1);
                places.lans.insert(at, Arc::new(lan));
                places.lans.truncate(Self::PLACES_MAX);
            }
            Err(error) => tracing::error!(%error, "no link to a peer"),
        }
    }

    /// The first address, and the next of the others in their turn.
    fn tried(&self) -> Vec<Arc<Lan>> {
        let Ok(mut places) = self.places.lock() else {
            return Vec::new();
        };
        let others = places.lans.len().saturating_sub(1).max(1);
        let other = 1 + places.turn % others;
        places.turn = places.turn.wrapping_add(1);
        let both = [places.lans.first(), places.lans.get(other)];
        both.into_iter().flatten().cloned().collect()
    }
}

impl Link for Hinted {
    fn ask(&self, question: &[u8]) -> Result<Vec<u8>, LinkError> {
        let mut last = LinkError::Silent("it was not found on the LAN".to_owned());
        for lan in self.tried() {
            let answer = lan.ask(question);
            if let Err(error @ LinkError::Silent(_)) = answer {
                last = error;
                continue;
            }
            // It showed its key, whatever it answered: this is the place.
            if let Ok(mut places) = self.places.lock()
                && let Some(at) = places.lans.iter().position(|it| Arc::ptr_eq(it, &lan))
            {
                places.lans.swap(0, at);
            }
            return answer;
        }
        Err(last)
    }
}
