//! Which kits are on the LAN: each announces its key's id and its door by multicast DNS (RFC 6762, 6763).
//!
//! An announcement is a hint from anybody who is on the cable. It names no person and no precinct, only the id of a
//! kit's public key, which the public manifest lists; whether that kit stands behind the address is seen in the TLS
//! handshake ([`crate::link`]). False announcements cost tries, never trust.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use lexicon::handover::envelope::{Kid, unhex};
use mdns_sd::{IfKind, ServiceDaemon, ServiceEvent, ServiceInfo};

/// The service of kits.
const SERVICE: &str = "_tizme-kit._tcp.local.";

/// The most kits that are remembered: the larger precincts have eight, and a liar may announce any number.
const KITS_MAX: usize = 64;
/// The most addresses of one kit that are remembered.
const ADDRESSES_MAX: usize = 8;

type Found = Arc<Mutex<BTreeMap<Kid, Vec<SocketAddr>>>>;

/// The kits that announce themselves; it stops looking when the last copy is dropped.
#[derive(Clone)]
pub struct Neighbours {
    found: Found,
    _daemon: Arc<Daemon>,
}

/// `None` where multicast is not to be had: typed addresses work all the same.
struct Daemon(Option<ServiceDaemon>);

impl Drop for Daemon {
    fn drop(&mut self) {
        if let Some(daemon) = &self.0 {
            let _ = daemon.shutdown();
        }
    }
}

impl Neighbours {
    /// Looks around on the LAN of the door `lan`, and announces the kit `me` there when there is one.
    #[must_use]
    ///
    /// `known` are the kits that the package names: no other is remembered then, however many are announced. A blank
    /// kit knows none and remembers the first that come.
    pub fn look(lan: SocketAddr, me: Option<Kid>, known: Vec<Kid>) -> Self {
        let found = Found::default();
        let daemon = match begin(lan, me, known, &found) {
            Ok(daemon) => Some(daemon),
            Err(error) => {
                tracing::warn!(%error, "kits are not looked for on the LAN: type their addresses");
                None
            }
        };
        Self {
            found,
            _daemon: Arc::new(Daemon(daemon)),
        }
    }

    /// Kits and the addresses that were announced for them, the newest last.
    #[must_use]
    pub fn found(&self) -> Vec<(Kid, SocketAddr)> {
        let Ok(found) = self.found.lock() else {
            return Vec::new();
        };
        let each = found.iter().flat_map(|(kit, addresses)| {
            let of_kit = addresses.iter();
            of_kit.map(|address| (*kit, *address))
        });
        each.collect()
    }
}

fn begin(
    lan: SocketAddr,
    me: Option<Kid>,
    known: Vec<Kid>,
    found: &Found,
) -> Result<ServiceDaemon, mdns_sd::Error> {
    let daemon = ServiceDaemon::new()?;
    if !lan.ip().is_unspecified() {
        // Only the cable of the kits: a second interface is none of theirs.
        daemon.disable_interface(IfKind::All)?;
        let ip = lan.ip();
        let own = if ip.is_loopback() && ip.is_ipv4() {
            IfKind::LoopbackV4
        } else {
            IfKind::Addr(ip)
        };
        daemon.enable_interface(own)?;
    }
    if let Some(me) = me {
        let (name, port) = (me.hex(), lan.port());
        let host = format!("{name}.local.");
        let nothing: &[(&str, &str)] = &[];
        let service = if lan.ip().is_unspecified() {
            ServiceInfo::new(SERVICE, &name, &host, "", port, nothing)?.enable_addr_auto()
        } else {
            ServiceInfo::new(SERVICE, &name, &host, lan.ip(), port, nothing)?
        };
        daemon.register(service)?;
    }
    let events = daemon.browse(SERVICE)?;
    let found = Arc::clone(found);
    std::thread::spawn(move || {
        while let Ok(event) = events.recv() {
            // A kit that says farewell may come back where it was; what is gone does not answer.
            if let ServiceEvent::ServiceResolved(service) = event
                && let Some(kit) = kit_of(service.get_fullname())
            {
                for ip in service.get_addresses_v4() {
                    remember(
                        &found,
                        &known,
                        kit,
                        SocketAddr::from((ip, service.get_port())),
                    );
                }
            }
        }
    });
    Ok(daemon)
}

/// The kit that a service's full name says; `None` when it is no kit's.
fn kit_of(fullname: &str) -> Option<Kid> {
    let name = fullname.strip_suffix(SERVICE)?.strip_suffix('.')?;
    if name.len() != 16 {
        return None;
    }
    Some(Kid(unhex(name)?.try_into().ok()?))
}

fn remember(found: &Found, known: &[Kid], kit: Kid, address: SocketAddr) {
    if !known.is_empty() && !known.contains(&kit) {
        return;
    }
    let Ok(mut found) = found.lock() else { return };
    if !found.contains_key(&kit) && found.len() >= KITS_MAX {
        return;
    }
    let addresses = found.entry(kit).or_default();
    if addresses.contains(&address) {
        return;
    }
    if addresses.len() >= ADDRESSES_MAX {
        addresses.remove(0);
    }
    addresses.push(address);
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
    use super::*;

    #[test]
    fn only_names_of_kits_are_taken() {
        let kit = Kid([0x1a; 8]);
        let name = |name: &str| kit_of(&format!("{name}.{SERVICE}"));
        assert_eq!(name(&kit.hex()), Some(kit));
        for other in [
            "",
            "printer",
            "1a1a1a1a1a1a1a1",
            "1a1a1a1a1a1a1a1a1a",
            "1a1a1a1a1a1a1a1ä",
            "1a1a1a1a1a1a1a1z",
        ] {
            assert_eq!(name(other), None, "{other}");
        }
        assert_eq!(kit_of(&format!("{}._http._tcp.local.", kit.hex())), None);
    }

    #[test]
    fn a_liar_fills_no_memory_and_pushes_nobody_out() {
        let found = Found::default();
        let true_kit = Kid([1; 8]);
        let at = |port: u16| SocketAddr::from(([10, 0, 0, 1], port));
        remember(&found, &[], true_kit, at(1));
        for lie in 0..10_000u16 {
            remember(&found, &[], Kid(u64::from(lie).to_be_bytes()), at(lie));
            remember(&found, &[], true_kit, at(2 + lie % 100));
            remember(&found, &[], true_kit, at(1));
        }
        let found = found.lock().unwrap();
        assert_eq!(found.len(), KITS_MAX);
        assert!(found[&true_kit].contains(&at(1)));
        assert_eq!(found[&true_kit].len(), ADDRESSES_MAX);
    }

    #[test]
    fn a_liar_who_comes_first_keeps_no_kit_of_the_package_out() {
        let found = Found::default();
        let (mine, late) = (Kid([1; 8]), Kid([2; 8]));
        let at = |port: u16| SocketAddr::from(([10, 0, 0, 1], port));
        for lie in 0..1_000u16 {
            let name = Kid(u64::from(lie).to_be_bytes());
            remember(&found, &[mine, late], name, at(lie));
        }
        remember(&found, &[mine, late], late, at(7));
        let found = found.lock().unwrap();
        assert_eq!(found.keys().collect::<Vec<_>>(), [&late]);
    }
}
