//! The wire between two kits: one question, one answer.
//!
//! Loopback and LAN carry signed messages over plain HTTP here. Signatures keep events and grants
//! from being forged; hiding and mutual TLS are the station issue's (docs/operations).

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Weak};
use std::time::Duration;

use crate::kit::Kit;

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

/// A peer on the LAN or on loopback.
#[derive(Clone, Debug)]
pub struct Http {
    address: SocketAddr,
    timeout: Duration,
}

/// The most bytes of an answer: a message's limit and room for headers.
const ANSWER_BYTES_MAX: u64 = 80 << 10;

impl Http {
    /// A link to `http://ADDRESS/kit/exchange`.
    #[must_use]
    pub fn to(address: SocketAddr) -> Self {
        Self {
            address,
            timeout: Duration::from_secs(2),
        }
    }

    fn exchange(&self, question: &[u8]) -> std::io::Result<Vec<u8>> {
        let mut stream = TcpStream::connect_timeout(&self.address, self.timeout)?;
        stream.set_read_timeout(Some(self.timeout))?;
        stream.set_write_timeout(Some(self.timeout))?;
        stream.set_nodelay(true)?;
        let head = format!(
            "POST /kit/exchange HTTP/1.1\r\nHost: {}\r\nContent-Type: application/cose\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n",
            self.address,
            question.len()
        );
        stream.write_all(head.as_bytes())?;
        stream.write_all(question)?;
        let mut answer = Vec::new();
        stream.take(ANSWER_BYTES_MAX).read_to_end(&mut answer)?;
        Ok(answer)
    }
}

impl Link for Http {
    fn ask(&self, question: &[u8]) -> Result<Vec<u8>, LinkError> {
        let answer = self
            .exchange(question)
            .map_err(|error| LinkError::Silent(error.kind().to_string()))?;
        let end = answer
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .ok_or_else(|| LinkError::Silent("no HTTP answer".to_owned()))?;
        let status = std::str::from_utf8(answer.get(9..12).unwrap_or_default())
            .ok()
            .and_then(|digits| digits.parse::<u16>().ok())
            .unwrap_or(0);
        if status == 200 {
            Ok(answer[end + 4..].to_vec())
        } else {
            Err(LinkError::Status(status))
        }
    }
}
