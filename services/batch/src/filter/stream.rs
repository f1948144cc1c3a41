//! Arrow streams from outside, as record batches.

use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};

use arrow::array::RecordBatch;
use arrow::buffer::Buffer;
use arrow::error::ArrowError;
use arrow::ipc::reader::StreamDecoder;

/// Why a stream was not read: whoever wrote it acts.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// The bytes could not be read.
    #[error("cannot read: {0}")]
    File(#[source] std::io::Error),
    /// Nothing came, not even a schema.
    #[error("no Arrow stream: it holds no schema")]
    Empty,
    /// Another file, or what follows is cut or damaged.
    #[error("the Arrow stream is damaged at batch {batch}: {source}")]
    Batch {
        /// Which batch, from 1.
        batch: usize,
        /// Why.
        source: ArrowError,
    },
    /// The library gave up over what the stream claims.
    #[error("the Arrow stream contradicts itself")]
    Contradiction,
}

/// Bytes that are asked for at a time.
const TAKEN: usize = 1 << 20;

/// Reads every batch of a stream. Memory follows what has arrived, not what a header claims.
///
/// # Errors
/// [`StreamError`]; never panics, whatever the bytes are.
pub fn read_stream(from: impl Read) -> Result<Vec<RecordBatch>, StreamError> {
    // The library checks lengths and offsets, yet panics on some streams that no writer writes.
    catch_unwind(AssertUnwindSafe(|| read_all(from))).unwrap_or(Err(StreamError::Contradiction))
}

fn read_all(mut from: impl Read) -> Result<Vec<RecordBatch>, StreamError> {
    let mut decoder = StreamDecoder::new();
    let mut batches = Vec::new();
    loop {
        let mut taken = Vec::with_capacity(TAKEN);
        let read = from.by_ref().take(TAKEN as u64).read_to_end(&mut taken);
        if read.map_err(StreamError::File)? == 0 {
            break;
        }
        let mut rest = Buffer::from_vec(taken);
        while !rest.is_empty() {
            let decoded = decoder.decode(&mut rest);
            batches.extend(decoded.map_err(|source| StreamError::Batch {
                batch: batches.len() + 1,
                source,
            })?);
        }
    }
    decoder.finish().map_err(|source| StreamError::Batch {
        batch: batches.len() + 1,
        source,
    })?;
    match decoder.schema() {
        Some(_) => Ok(batches),
        None => Err(StreamError::Empty),
    }
}
