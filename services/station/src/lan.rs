//! The door for other kits: TLS first, then a budget for each kit, then the parser of messages.

use std::collections::BTreeMap;
use std::future::Future as _;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use lexicon::handover::envelope::Kid;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::{Instant, Sleep};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::tls::kid_of;

/// A handshake that takes longer is dropped.
const HANDSHAKE: Duration = Duration::from_secs(3);
/// Handshakes at one time; more connections than these are dropped at once.
const HANDSHAKES_MAX: usize = 32;
/// Of these, from one address: one machine cannot take all.
const HANDSHAKES_OF_ONE: usize = 8;
/// Handshakes a second and at once from one address. Each costs the kit a signature, by its token where it has one, and
/// the other side nothing that it could not have made before.
const SHAKEN_OF_ONE: (f64, f64) = (4.0, 24.0);
/// The same from all addresses together that have not shown a kit's key here: a flood from many does not touch those
/// that have, and their connections stay.
const SHAKEN_OF_STRANGERS: (f64, f64) = (8.0, 64.0);
/// Addresses whose handshakes are counted each; with more, those that showed no key are forgotten.
const ADDRESSES_MAX: usize = 1_024;
/// How long a message over the budget waits for its refusal.
pub(crate) const OVER_BUDGET: Duration = Duration::from_millis(20);
/// A connection on which nothing comes for so long is ended.
const IDLE: Duration = Duration::from_secs(30);
/// Connections that one kit may hold open.
const CONNECTIONS_MAX: usize = 8;
/// Messages a second that one kit may send, over a second's time.
const MESSAGES_A_SECOND: f64 = 200.0;
/// Messages that one kit may send at once.
const MESSAGES_BURST: f64 = 400.0;

/// Who is at the other end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer {
    /// The kit whose key was shown.
    pub kit: Kid,
}

impl Connected<IncomingStream<'_, LanListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, LanListener>) -> Self {
        *stream.remote_addr()
    }
}

/// A connection that passed the handshake; it gives its place back when it ends.
pub(crate) struct Passed {
    stream: TlsStream<TcpStream>,
    /// Ends a connection on which nothing comes: a peer that lost its power says no farewell.
    idle: Pin<Box<Sleep>>,
    _place: OwnedSemaphorePermit,
}

impl Passed {
    fn wake(&mut self) {
        let deadline = Instant::now() + IDLE;
        self.idle.as_mut().reset(deadline);
    }
}

impl AsyncRead for Passed {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if read.is_ready() {
            self.wake();
        } else if self.idle.as_mut().poll(context).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        read
    }
}

impl AsyncWrite for Passed {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        if written.is_ready() {
            self.wake();
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// Gives connections that passed the handshake.
pub(crate) struct LanListener {
    passed: mpsc::Receiver<(Passed, Peer)>,
    me: Peer,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for LanListener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl LanListener {
    /// Listens behind TLS.
    pub(crate) fn new(listener: TcpListener, me: Kid, acceptor: TlsAcceptor) -> Self {
        let (sender, passed) = mpsc::channel(HANDSHAKES_MAX);
        let task = tokio::spawn(let_in(listener, acceptor, sender));
        Self {
            passed,
            me: Peer { kit: me },
            task,
        }
    }
}

impl Listener for LanListener {
    type Io = Passed;
    type Addr = Peer;

    async fn accept(&mut self) -> (Passed, Peer) {
        match self.passed.recv().await {
            Some(passed) => passed,
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<Peer> {
        Ok(self.me)
    }
}

/// How many more there may be now: so many a second, and no more at once than a full measure.
#[derive(Clone, Copy, Debug)]
struct Measure {
    a_second: f64,
    most: f64,
    left: f64,
    since: Duration,
}

impl Measure {
    fn full((a_second, most): (f64, f64), now: Duration) -> Self {
        Self {
            a_second,
            most,
            left: most,
            since: now,
        }
    }

    /// Takes one off; `false` when there is none. `now` is counted from one start, by a steady clock.
    fn take(&mut self, now: Duration) -> bool {
        let passed = now.saturating_sub(self.since).as_secs_f64();
        self.left = (self.left + passed * self.a_second).min(self.most);
        self.since = now;
        let may = self.left >= 1.0;
        if may {
            self.left -= 1.0;
        }
        may
    }
}

/// How many handshakes each address may still begin.
#[derive(Debug)]
struct Shaken {
    strangers: Measure,
    /// By address; `true` when a kit's key was shown from there.
    addresses: BTreeMap<IpAddr, (Measure, bool)>,
}

impl Shaken {
    fn new() -> Self {
        Self {
            strangers: Measure::full(SHAKEN_OF_STRANGERS, Duration::ZERO),
            addresses: BTreeMap::new(),
        }
    }

    /// Whether a handshake may begin.
    fn may(&mut self, address: IpAddr, now: Duration) -> bool {
        if self.addresses.len() >= ADDRESSES_MAX {
            self.addresses.retain(|_, (_, is_known)| *is_known);
        }
        let place = self.addresses.entry(address);
        let (own, is_known) = place.or_insert_with(|| (Measure::full(SHAKEN_OF_ONE, now), false));
        own.take(now) && (*is_known || self.strangers.take(now))
    }

    /// A kit's key was shown from there.
    fn know(&mut self, address: IpAddr) {
        if let Some((_, is_known)) = self.addresses.get_mut(&address) {
            *is_known = true;
        }
    }
}

type Turns = Arc<Mutex<BTreeMap<IpAddr, usize>>>;

/// A handshake of one address; it is counted until this is dropped.
struct Turn(Turns, IpAddr);

impl Turn {
    /// `None` when the address has as many already as one may.
    fn of(turns: &Turns, address: IpAddr) -> Option<Self> {
        let mut held = turns.lock().ok()?;
        let count = held.entry(address).or_insert(0);
        (*count < HANDSHAKES_OF_ONE).then(|| {
            *count += 1;
            Self(Arc::clone(turns), address)
        })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Ok(mut held) = self.0.lock() {
            let left = held.get(&self.1).map_or(0, |count| count.saturating_sub(1));
            if left == 0 {
                held.remove(&self.1);
            } else {
                held.insert(self.1, left);
            }
        }
    }
}

async fn let_in(
    listener: TcpListener,
    acceptor: TlsAcceptor,
    passed: mpsc::Sender<(Passed, Peer)>,
) {
    let handshakes = Arc::new(Semaphore::new(HANDSHAKES_MAX));
    let turns = Turns::default();
    let places: Arc<Mutex<BTreeMap<Kid, Arc<Semaphore>>>> = Arc::default();
    let (begun, shaken) = (Instant::now(), Arc::new(Mutex::new(Shaken::new())));
    loop {
        let (stream, address) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection of the LAN was not accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let may = shaken
            .lock()
            .map(|mut shaken| shaken.may(address.ip(), begun.elapsed()));
        if !may.unwrap_or(false) {
            continue;
        }
        let Ok(permit) = Arc::clone(&handshakes).try_acquire_owned() else {
            continue;
        };
        let Some(turn) = Turn::of(&turns, address.ip()) else {
            continue;
        };
        let (acceptor, passed, places) = (acceptor.clone(), passed.clone(), Arc::clone(&places));
        let gate = Arc::clone(&shaken);
        tokio::spawn(async move {
            let (_permit, _turn) = (permit, turn);
            let _ = stream.set_nodelay(true);
            let shaken = tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await;
            let Ok(Ok(stream)) = shaken else {
                // Who does not show a kit's key is no more than noise on the cable.
                tracing::debug!(%address, "no handshake");
                return;
            };
            let keys = stream.get_ref().1.peer_certificates();
            let Some(kit) = keys.and_then(|keys| kid_of(keys.first()?)) else {
                return;
            };
            if let Ok(mut shaken) = gate.lock() {
                shaken.know(address.ip());
            }
            let of_kit = places.lock().map(|mut places| {
                let new = || Arc::new(Semaphore::new(CONNECTIONS_MAX));
                Arc::clone(places.entry(kit).or_insert_with(new))
            });
            let Some(place) = of_kit
                .ok()
                .and_then(|of_kit| of_kit.try_acquire_owned().ok())
            else {
                tracing::warn!(peer = %kit.hex(), "too many connections of one kit");
                return;
            };
            let stream = Passed {
                stream,
                idle: Box::pin(tokio::time::sleep(IDLE)),
                _place: place,
            };
            let _ = passed.send((stream, Peer { kit })).await;
        });
    }
}

/// How many messages each kit may still send.
#[derive(Default)]
pub(crate) struct Budgets(Mutex<BTreeMap<Kid, Measure>>);

impl Budgets {
    /// Takes one message off a kit's budget; `false` when it is used up. `steady` is the kit's steady clock,
    /// microseconds.
    pub(crate) fn take(&self, kit: Kid, steady: u64) -> bool {
        let Ok(mut budgets) = self.0.lock() else {
            return false;
        };
        let now = Duration::from_micros(steady);
        let new = || Measure::full((MESSAGES_A_SECOND, MESSAGES_BURST), now);
        budgets.entry(kit).or_insert_with(new).take(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Story S-26: handshakes from ever other addresses. Expect: what they may begin is bounded together, and an address
    /// that showed a kit's key has its own measure.
    #[test]
    fn strangers_handshakes_are_bounded_together_and_a_kits_are_not_touched() {
        let start = Duration::ZERO;
        let mut shaken = Shaken::new();
        let address = |n: u16| IpAddr::from([127, 1, n.to_be_bytes()[0], n.to_be_bytes()[1]]);
        assert!(shaken.may(address(0), start));
        shaken.know(address(0));
        let begun = (1..5_000)
            .filter(|n| {
                shaken.may(
                    address(*n),
                    start + Duration::from_micros(100 * u64::from(*n)),
                )
            })
            .count();
        assert!((65..=70).contains(&begun), "{begun} in half a second");
        assert!(shaken.may(address(0), start + Duration::from_millis(500)));
        assert!(shaken.addresses.len() < 5_000, "addresses are forgotten");
        // One that comes again and again is held to its own measure.
        let later = start + Duration::from_secs(60);
        let of_one = (0..100).filter(|_| shaken.may(address(0), later)).count();
        assert_eq!(of_one, 24);
    }

    #[test]
    fn a_kit_that_floods_is_held_to_its_budget_and_another_is_not() {
        let budgets = Budgets::default();
        let (loud, calm) = (Kid([1; 8]), Kid([2; 8]));
        let sent = (0..10_000u64)
            .filter(|at| budgets.take(loud, at * 100))
            .count();
        assert!((598..=602).contains(&sent), "{sent} in a second");
        assert!(budgets.take(calm, 0));
        assert!(!budgets.take(loud, 1_000_000));
        assert!(budgets.take(loud, 2_000_000));
    }
}
