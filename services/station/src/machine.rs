//! The machine below a kit: its battery and the room on its disk, as Linux tells them.

use std::path::Path;
use std::sync::OnceLock;

use lexicon::handover::envelope::sha256;

/// SHA-256 of the program that runs, as `sha256sum` gives it for its file; `None` when the file cannot be read.
///
/// Cost: one read of the file, once.
#[must_use]
pub fn own_program() -> Option<[u8; 32]> {
    static OWN: OnceLock<Option<[u8; 32]>> = OnceLock::new();
    *OWN.get_or_init(|| {
        let bytes = std::fs::read(std::env::current_exe().ok()?).ok()?;
        Some(sha256(&bytes))
    })
}

/// A battery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Battery {
    /// 0 to 100.
    pub percent: u8,
    /// Whether it is being used up: no mains.
    pub is_draining: bool,
}

impl Battery {
    /// Less than a fifth left and no mains: the operator acts.
    #[must_use]
    pub fn is_low(self) -> bool {
        self.is_draining && self.percent < 20
    }
}

/// Where Linux keeps its batteries.
pub const SUPPLIES: &str = "/sys/class/power_supply";
/// Less room than this is said on the bar: a day of 1,200 voters takes a few megabytes.
pub const ROOM_MIN: u64 = 200 << 20;

/// The first battery below a folder as [`SUPPLIES`]; `None` on a machine without one.
///
/// Source: Linux `Documentation/ABI/testing/sysfs-class-power`: `type`, `capacity`, `status`, `scope`.
#[must_use]
pub fn battery(supplies: &Path) -> Option<Battery> {
    let mut names: Vec<_> = std::fs::read_dir(supplies)
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    names.sort_unstable();
    names.iter().find_map(|supply| {
        let read = |name: &str| std::fs::read_to_string(supply.join(name));
        let word = |name: &str| read(name).ok().map(|text| text.trim().to_owned());
        // A mouse has a battery too: its scope is the device.
        if word("type")? != "Battery" || word("scope").is_some_and(|scope| scope == "Device") {
            return None;
        }
        Some(Battery {
            percent: word("capacity")?.parse::<u8>().ok()?.min(100),
            is_draining: word("status")? == "Discharging",
        })
    })
}

/// Bytes that the kit can still write where this folder lies; `None` when nobody can tell.
#[must_use]
pub fn room(folder: &Path) -> Option<u64> {
    let told = rustix::fs::statvfs(folder).ok()?;
    Some(told.f_bavail.saturating_mul(told.f_frsize))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
    use super::*;

    #[test]
    fn a_battery_is_found_among_mains_and_a_mouse() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(battery(folder.path()), None);
        let supply = |name: &str, words: &[(&str, &str)]| {
            let place = folder.path().join(name);
            std::fs::create_dir_all(&place).unwrap();
            for (word, text) in words {
                std::fs::write(place.join(word), format!("{text}\n")).unwrap();
            }
        };
        supply("AC", &[("type", "Mains"), ("online", "0")]);
        let mouse = [
            ("type", "Battery"),
            ("scope", "Device"),
            ("capacity", "3"),
            ("status", "Discharging"),
        ];
        supply("A-mouse", &mouse);
        assert_eq!(battery(folder.path()), None);
        supply(
            "BAT0",
            &[
                ("type", "Battery"),
                ("capacity", "87"),
                ("status", "Discharging"),
            ],
        );
        let found = battery(folder.path()).unwrap();
        assert_eq!(
            (found.percent, found.is_draining, found.is_low()),
            (87, true, false)
        );
        supply("BAT0", &[("capacity", "19")]);
        assert!(battery(folder.path()).unwrap().is_low());
        supply("BAT0", &[("status", "Charging")]);
        assert!(!battery(folder.path()).unwrap().is_low());
        supply("BAT0", &[("capacity", "many")]);
        assert_eq!(battery(folder.path()), None);
    }

    #[test]
    fn there_is_room_where_this_test_writes_and_none_nowhere() {
        let folder = tempfile::tempdir().unwrap();
        assert!(room(folder.path()).unwrap() > 0);
        assert_eq!(room(&folder.path().join("absent")), None);
    }
}
