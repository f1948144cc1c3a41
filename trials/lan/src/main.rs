//! `tizme-capture FILE`: writes every frame of this network namespace to FILE until its standard input ends. Each
//! frame follows its length, four bytes, big-endian.

use std::io::{Read as _, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use socket2::{Domain, Protocol, Socket, Type};

/// ETH_P_ALL in network order, as packet(7) wants it.
const EVERY_PROTOCOL: u16 = 0x0003u16.to_be();
/// A frame of a virtual cable may be as large as the segments that the kernel offloads.
const FRAME_BYTES_MAX: usize = 1 << 17;

fn main() -> anyhow::Result<()> {
    let path = std::env::args().nth(1).context("tizme-capture FILE")?;
    let socket = Socket::new(
        Domain::PACKET,
        Type::RAW,
        Some(Protocol::from(i32::from(EVERY_PROTOCOL))),
    )
    .context("a packet socket needs CAP_NET_RAW")?;
    socket.set_recv_buffer_size(8 << 20).ok();
    socket.set_read_timeout(Some(Duration::from_millis(100)))?;
    let ended = Arc::new(AtomicBool::new(false));
    let ends = Arc::clone(&ended);
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        ends.store(true, Ordering::SeqCst);
    });
    let mut file = std::io::BufWriter::new(std::fs::File::create(&path).context(path)?);
    println!("capturing");
    let mut frame = vec![0u8; FRAME_BYTES_MAX];
    loop {
        match (&socket).read(&mut frame) {
            Ok(length) => {
                file.write_all(&u32::try_from(length)?.to_be_bytes())?;
                file.write_all(&frame[..length])?;
            }
            Err(error) if is_quiet(&error) => {
                if ended.load(Ordering::SeqCst) {
                    break;
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(file.flush()?)
}

fn is_quiet(error: &std::io::Error) -> bool {
    matches!(
        error.kind(),
        std::io::ErrorKind::WouldBlock
            | std::io::ErrorKind::TimedOut
            | std::io::ErrorKind::Interrupted
    )
}
