//! The other end of the oracle's socket.

use std::path::PathBuf;
use std::time::Duration;

use lexicon::handover::envelope::encode;
use lexicon::handover::question::{Question, REPLY_BYTES, Reply};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;

/// How long a question may take before the page says that it cannot be answered now.
const PATIENCE: Duration = Duration::from_secs(3);

/// Asks the oracle, one connection a question.
#[derive(Clone, Debug)]
pub struct OracleClient {
    socket: PathBuf,
}

/// Why there is no reply: the voter tries later, the engineer looks at the oracle.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// The socket does not answer.
    #[error("the oracle does not answer: {0}")]
    Socket(#[from] std::io::Error),
    /// It took longer than three seconds.
    #[error("the oracle took too long")]
    Late,
    /// The reply is no reply.
    #[error("the oracle's reply is malformed")]
    Malformed,
}

impl OracleClient {
    /// Names the socket; nothing is opened yet.
    #[must_use]
    pub fn new(socket: PathBuf) -> Self {
        Self { socket }
    }

    /// Asks one question.
    ///
    /// # Errors
    /// [`AskError`] when there is no well-formed reply within three seconds.
    pub async fn ask(&self, question: &Question) -> Result<Reply, AskError> {
        tokio::time::timeout(PATIENCE, self.exchange(question))
            .await
            .map_err(|_| AskError::Late)?
    }

    async fn exchange(&self, question: &Question) -> Result<Reply, AskError> {
        let mut stream = UnixStream::connect(&self.socket).await?;
        let body = encode(question);
        let length = u32::try_from(body.len()).map_err(|_| AskError::Malformed)?;
        stream.write_u32(length).await?;
        stream.write_all(&body).await?;
        let mut frame = vec![0u8; REPLY_BYTES];
        stream.read_exact(&mut frame).await?;
        Reply::from_frame(&frame).map_err(|_| AskError::Malformed)
    }
}
