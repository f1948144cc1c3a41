//! What is attached to the machine, as Linux tells it: screens on cables, and keyboards that come after the opening.
//!
//! Both are read from folders as `/sys/class/drm` and `/sys/class/input`; another folder stands for them in a test.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use lexicon::handover::package::DeviceEntry;

/// Where Linux shows the connectors of screens.
pub const SCREENS: &str = "/sys/class/drm";
/// Where Linux shows what can be typed or pointed with.
pub const INPUTS: &str = "/sys/class/input";

/// The folders that are looked at.
#[derive(Clone, Debug)]
pub struct Places {
    /// As [`SCREENS`].
    pub screens: PathBuf,
    /// As [`INPUTS`].
    pub inputs: PathBuf,
}

impl Default for Places {
    fn default() -> Self {
        Self {
            screens: PathBuf::from(SCREENS),
            inputs: PathBuf::from(INPUTS),
        }
    }
}

/// Connectors on a cable and whether a screen is on them; panels that are built in are left out.
///
/// Source: Linux `drivers/gpu/drm/drm_sysfs.c`: the file `status` of `cardN-TYPE-N` says `connected`,
/// `disconnected` or `unknown`.
#[must_use]
pub fn screens(folder: &Path) -> BTreeMap<String, bool> {
    const CABLES: [&str; 4] = ["HDMI", "DP", "DVI", "VGA"];
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found = BTreeMap::new();
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some((_, kind)) = name.split_once('-') else {
            continue;
        };
        if !CABLES.iter().any(|cable| kind.starts_with(cable)) {
            continue;
        }
        if let Ok(status) = std::fs::read_to_string(entry.path().join("status")) {
            found.insert(name, status.trim() == "connected");
        }
    }
    found
}

/// A keyboard, as its descriptor says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Keyboard {
    /// Its place among the inputs, as `input7`: another after each plugging.
    pub place: String,
    /// Its name, in its own words.
    pub name: String,
    /// USB vendor id; 0 where there is none, as of one that a program made.
    pub vendor: u16,
    /// USB product id.
    pub product: u16,
    /// Serial number; empty where it tells none.
    pub serial: String,
}

impl Keyboard {
    /// Whether it is one of those that were handed out.
    #[must_use]
    pub fn is_among(&self, devices: &[DeviceEntry]) -> bool {
        devices.iter().any(|device| {
            device.vendor == self.vendor
                && device.product == self.product
                && (device.serial.is_empty() || device.serial == self.serial)
        })
    }
}

/// Bits of `capabilities/key`: Linux `input-event-codes.h`, the letters Q to P (`KEY_Q` = 16 …). What has none of them types no text.
const LETTERS: u64 = 0x03ff_0000;

/// What can type letters: keyboards, readers that type, and what a program made (`uinput`).
#[must_use]
pub fn keyboards(folder: &Path) -> BTreeSet<Keyboard> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found = BTreeSet::new();
    for entry in entries {
        let place = entry.file_name().to_string_lossy().into_owned();
        if !place.starts_with("input") {
            continue;
        }
        let word = |name: &str| {
            let text = std::fs::read_to_string(entry.path().join(name));
            text.map(|text| text.trim().to_owned()).unwrap_or_default()
        };
        // The lowest 64 bits stand last.
        let keys = word("capabilities/key");
        let lowest = keys.split_whitespace().next_back().unwrap_or_default();
        if u64::from_str_radix(lowest, 16).unwrap_or(0) & LETTERS == 0 {
            continue;
        }
        let number = |name: &str| u16::from_str_radix(&word(name), 16).unwrap_or(0);
        found.insert(Keyboard {
            name: word("name"),
            vendor: number("id/vendor"),
            product: number("id/product"),
            serial: word("uniq"),
            place,
        });
    }
    found
}

/// What was seen attached since the start.
#[derive(Debug, Default)]
pub(crate) struct Attached {
    places: OnceLock<Places>,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    /// Screens on a cable that were there since the start.
    screens: BTreeSet<String>,
    /// Whether one of them is missing now.
    is_screen_lost: bool,
    /// Keyboards at the opening; `None` before.
    at_opening: Option<BTreeSet<Keyboard>>,
    /// Those that are there now and may not be.
    foreign: BTreeSet<Keyboard>,
}

/// What changed at a look.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Change {
    /// Foreign keyboards that came.
    pub foreign: Vec<Keyboard>,
}

impl Attached {
    /// Lets the kit look at these folders; the first ones given stay.
    pub(crate) fn look_at(&self, places: Places) {
        let _ = self.places.set(places);
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a screen that was on a cable is not there.
    pub(crate) fn is_screen_lost(&self) -> bool {
        self.seen().is_screen_lost
    }

    /// Keyboards that are there and may not be.
    pub(crate) fn foreign(&self) -> Vec<Keyboard> {
        self.seen().foreign.iter().cloned().collect()
    }

    /// Looks once. `allowed`: what was handed out; empty: whatever was there at the opening. Before the opening
    /// (`is_open` false) keyboards are not judged.
    pub(crate) fn look(&self, is_open: bool, allowed: &[DeviceEntry]) -> Change {
        let Some(places) = self.places.get() else {
            return Change::default();
        };
        let (screens, keyboards) = (screens(&places.screens), keyboards(&places.inputs));
        let mut seen = self.seen();
        let there: BTreeSet<String> = screens
            .into_iter()
            .filter_map(|(name, is_connected)| is_connected.then_some(name))
            .collect();
        seen.screens.extend(there.iter().cloned());
        // A cable that was put into another socket is the same screen.
        seen.is_screen_lost = there.len() < seen.screens.len() && there.is_empty();
        if !is_open {
            return Change::default();
        }
        let at_opening = seen
            .at_opening
            .get_or_insert_with(|| {
                let is_allowed =
                    |keyboard: &&Keyboard| allowed.is_empty() || keyboard.is_among(allowed);
                keyboards.iter().filter(is_allowed).cloned().collect()
            })
            .clone();
        let foreign: BTreeSet<Keyboard> = keyboards
            .into_iter()
            .filter(|keyboard| !at_opening.contains(keyboard) && !keyboard.is_among(allowed))
            .collect();
        let came = foreign.difference(&seen.foreign).cloned().collect();
        seen.foreign = foreign;
        Change { foreign: came }
    }
}

#[cfg(test)]
mod tests;
