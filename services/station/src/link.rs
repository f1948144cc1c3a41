//! The wire between two kits: one question, one answer.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use lexicon::handover::envelope::Kid;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};

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
    /// [`LinkError`] within about two seconds.
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

/// How long a peer may take to connect, and to answer.
const PATIENCE: Duration = Duration::from_secs(2);

type Stream = StreamOwned<ClientConnection, TcpStream>;

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

    fn connect(&self) -> io::Result<Stream> {
        let stream = TcpStream::connect_timeout(&self.address, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        let name = ServerName::IpAddress(self.address.ip().into());
        let tls = ClientConnection::new(Arc::clone(&self.tls), name).map_err(io::Error::other)?;
        Ok(StreamOwned::new(tls, stream))
    }

    /// Asks over the kept connection; one that has gone stale is made anew, once.
    fn request(&self, head: &str, body: &[u8], most: u64) -> io::Result<(u16, Vec<u8>)> {
        let kept = self.kept.lock().ok().and_then(|mut kept| kept.take());
        let was_kept = kept.is_some();
        let mut stream = match kept {
            Some(stream) => stream,
            None => self.connect()?,
        };
        let answer = match exchange(&mut stream, head, body, most) {
            Err(_) if was_kept => {
                stream = self.connect()?;
                exchange(&mut stream, head, body, most)?
            }
            answer => answer?,
        };
        if let Ok(mut kept) = self.kept.lock() {
            *kept = Some(stream);
        }
        Ok(answer)
    }

    /// Fetches what a peer gives without a question, as its package; at most `most` bytes.
    ///
    /// # Errors
    /// [`LinkError`].
    pub fn fetch(&self, path: &str, most: u64) -> Result<Vec<u8>, LinkError> {
        let head = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n\r\n", self.address);
        found(self.request(&head, &[], most))
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
        found(self.request(&head, question, ANSWER_BYTES_MAX))
    }
}
