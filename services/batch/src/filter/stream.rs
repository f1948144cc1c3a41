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
    /// Another file, or nothing: no schema came.
    #[error("no Arrow stream: {0}")]
    NoSchema(#[source] ArrowError),
    /// The end is missing.
    #[error("the Arrow stream breaks off in batch {batch}: {source}")]
    BreaksOff {
        /// Which batch, from 1.
        batch: usize,
        /// Why.
        source: ArrowError,
    },
    /// A batch contradicts the schema or itself.
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
            match decoder.decode(&mut rest) {
                Ok(decoded) => batches.extend(decoded),
                Err(source) if decoder.schema().is_none() => {
                    return Err(StreamError::NoSchema(source));
                }
                Err(source) => {
                    let batch = batches.len() + 1;
                    return Err(StreamError::Batch { batch, source });
                }
            }
        }
    }
    let end = decoder.finish();
    match (decoder.schema(), end) {
        (Some(_), Ok(())) => Ok(batches),
        (Some(_), Err(source)) => Err(StreamError::BreaksOff {
            batch: batches.len() + 1,
            source,
        }),
        (None, end) => {
            Err(StreamError::NoSchema(end.err().unwrap_or_else(|| {
                ArrowError::IpcError("it is empty".to_owned())
            })))
        }
    }
}
