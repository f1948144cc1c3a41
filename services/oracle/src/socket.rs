//! Questions over a local socket.

use std::path::Path;
use std::sync::{Arc, Mutex};

use lexicon::Clock;
use lexicon::handover::envelope::decode;
use lexicon::handover::question::{QUESTION_BYTES_MAX, Question, REPLY_BYTES, Reply};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};

use crate::Oracle;

/// Why the oracle stopped serving: the engineer acts.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The socket could not be made.
    #[error("socket {path}: {source}")]
    Socket {
        /// Where.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
}

/// Answers questions on a Unix socket, readable and writable by owner and group only.
///
/// # Errors
/// [`ServeError::Socket`] when the socket cannot be made; afterwards it serves until the task ends.
pub async fn serve(path: &Path, oracle: Oracle, clock: Arc<dyn Clock>) -> Result<(), ServeError> {
    let failed = |source: std::io::Error| ServeError::Socket {
        path: path.display().to_string(),
        source,
    };
    if path.exists() {
        std::fs::remove_file(path).map_err(failed)?;
    }
    let listener = UnixListener::bind(path).map_err(failed)?;
    std::os::unix::fs::chown(path, None, None).map_err(failed)?;
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o660)).map_err(failed)?;
    }
    let oracle = Arc::new(Mutex::new(oracle));
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        let (oracle, clock) = (Arc::clone(&oracle), Arc::clone(&clock));
        tokio::spawn(async move {
            // A portal that hangs up early loses its own answer, nothing else.
            let _ = converse(stream, &oracle, clock.as_ref()).await;
        });
    }
}

async fn converse(
    mut stream: UnixStream,
    oracle: &Mutex<Oracle>,
    clock: &dyn Clock,
) -> std::io::Result<()> {
    loop {
        let length = match stream.read_u32().await {
            Ok(length) => length as usize,
            Err(end) if end.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(()),
            Err(error) => return Err(error),
        };
        if length > QUESTION_BYTES_MAX {
            return Ok(());
        }
        let mut bytes = vec![0u8; length];
        stream.read_exact(&mut bytes).await?;
        let reply = match decode::<Question>(&bytes) {
            Ok(question) => oracle.lock().map_or_else(
                |_| Reply::empty(3, 0),
                |mut o| o.answer(&question, clock.now()),
            ),
            Err(_) => Reply::empty(3, 0),
        };
        let frame = reply.frame().unwrap_or_else(|| vec![0; REPLY_BYTES]);
        stream.write_all(&frame).await?;
    }
}
