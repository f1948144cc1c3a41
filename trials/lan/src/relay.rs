//! The weaker cable: relays between loopback ports, which pass bytes on, keep them, and can be cut.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::wire::{KITS, free};

/// What all relays share.
#[derive(Default)]
struct Cable {
    is_cut: [AtomicBool; KITS],
    passed: Mutex<Vec<Vec<u8>>>,
}

impl Cable {
    fn is_cut(&self, from: usize, to: usize) -> bool {
        self.is_cut[from].load(Ordering::SeqCst) || self.is_cut[to].load(Ordering::SeqCst)
    }

    fn keep(&self, piece: &[u8]) {
        if let Ok(mut passed) = self.passed.lock() {
            passed.push(piece.to_vec());
        }
    }
}

/// Relays for each ordered pair of kits.
pub struct Relays {
    lan: Vec<SocketAddr>,
    pages: Vec<SocketAddr>,
    doors: Vec<Vec<SocketAddr>>,
    cable: Arc<Cable>,
}

impl Relays {
    pub(crate) fn lay() -> anyhow::Result<Self> {
        let some = || {
            (0..KITS)
                .map(|_| free())
                .collect::<std::io::Result<Vec<_>>>()
        };
        let (lan, pages) = (some()?, some()?);
        let cable = Arc::new(Cable::default());
        let mut doors = Vec::new();
        for from in 0..KITS {
            let mut row = Vec::new();
            for (to, target) in lan.iter().enumerate() {
                let door = TcpListener::bind("127.0.0.1:0")?;
                row.push(door.local_addr()?);
                let (cable, target) = (Arc::clone(&cable), *target);
                std::thread::spawn(move || relay(&door, target, &cable, from, to));
            }
            doors.push(row);
        }
        Ok(Self {
            lan,
            pages,
            doors,
            cable,
        })
    }

    pub(crate) fn lan(&self, kit: usize) -> SocketAddr {
        self.lan[kit]
    }

    pub(crate) fn pages(&self, kit: usize) -> SocketAddr {
        self.pages[kit]
    }

    pub(crate) fn between(&self, from: usize, to: usize) -> SocketAddr {
        self.doors[from][to]
    }

    pub(crate) fn set_cut(&self, kit: usize, is_cut: bool) {
        self.cable.is_cut[kit].store(is_cut, Ordering::SeqCst);
    }

    pub(crate) fn send(&self, bytes: &[u8]) -> anyhow::Result<()> {
        let mut stream = TcpStream::connect(self.doors[0][1])?;
        stream.write_all(bytes)?;
        std::thread::sleep(Duration::from_millis(500));
        Ok(())
    }

    pub(crate) fn recorded(&self) -> Vec<Vec<u8>> {
        let passed = self.cable.passed.lock();
        passed.map(|passed| passed.clone()).unwrap_or_default()
    }
}

fn relay(door: &TcpListener, target: SocketAddr, cable: &Arc<Cable>, from: usize, to: usize) {
    for stream in door.incoming().flatten() {
        if cable.is_cut(from, to) {
            continue;
        }
        let Ok(onward) = TcpStream::connect(target) else {
            continue;
        };
        let pairs = [
            (stream.try_clone(), onward.try_clone()),
            (Ok(onward), Ok(stream)),
        ];
        for pair in pairs {
            if let (Ok(source), Ok(sink)) = pair {
                let cable = Arc::clone(cable);
                std::thread::spawn(move || pass(source, sink, &cable, from, to));
            }
        }
    }
}

/// Passes bytes one way until an end hangs up or the cable is cut.
fn pass(mut source: TcpStream, mut sink: TcpStream, cable: &Cable, from: usize, to: usize) {
    let _ = source.set_read_timeout(Some(Duration::from_millis(50)));
    let mut piece = vec![0u8; 64 << 10];
    while !cable.is_cut(from, to) {
        match source.read(&mut piece) {
            Ok(0) => break,
            Ok(got) => {
                cable.keep(&piece[..got]);
                if sink.write_all(&piece[..got]).is_err() {
                    break;
                }
            }
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(_) => break,
        }
    }
    let _ = source.shutdown(Shutdown::Both);
    let _ = sink.shutdown(Shutdown::Both);
}
