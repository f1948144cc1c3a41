//! Folders and processes of the kits.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

use anyhow::Context as _;

use crate::wire::{KITS, Wire, wait_for};

/// One station: a folder for each kit, the shipped program, the cable.
pub struct Hall {
    /// Everything lies below this.
    pub scratch: PathBuf,
    /// Where the programs are.
    pub binaries: PathBuf,
    /// The cable.
    pub wire: Wire,
}

/// What the configuration of a kit says beside its own folder.
pub struct Terms {
    /// Election number.
    pub election: u32,
    /// Precinct number.
    pub precinct: u16,
    /// Hexadecimal points of the two publishers.
    pub publishers: [String; 2],
    /// Key ids of the kits, hexadecimal.
    pub kits: Vec<String>,
    /// Number of card files in `cards/`.
    pub cards: usize,
    /// Whether other kits are named with their addresses; else each looks for them on the LAN.
    pub peers_are_typed: bool,
}

/// A served kit; it ends with this.
pub struct Served(Child);

impl Served {
    /// What the system says of the kit's memory: `VmSwap`, `VmLck` and others, kB.
    #[must_use]
    pub fn memory_kb(&self, field: &str) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix(field))?;
        line.trim_start_matches(':')
            .trim()
            .trim_end_matches(" kB")
            .trim()
            .parse()
            .ok()
    }

    /// The most bytes of a core file that the system would write.
    #[must_use]
    pub fn core_limit(&self) -> Option<String> {
        let limits = fs::read_to_string(format!("/proc/{}/limits", self.0.id())).ok()?;
        let line = limits
            .lines()
            .find_map(|line| line.strip_prefix("Max core file size"))?;
        line.split_whitespace().next().map(str::to_owned)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Hall {
    /// A kit's own folder: everything that its disk holds.
    #[must_use]
    pub fn folder(&self, kit: usize) -> PathBuf {
        self.scratch.join(format!("K{}", kit + 1))
    }

    /// The folder that stands for the scanners' glass: fingers of voters, no part of a kit's disk.
    #[must_use]
    pub fn glass(&self) -> PathBuf {
        self.scratch.join("glass")
    }

    /// The folder that stands for the cameras' view: no part of a kit's disk either.
    #[must_use]
    pub fn faces(&self) -> PathBuf {
        self.scratch.join("faces")
    }

    /// Writes a kit's configuration with this time on its clock.
    ///
    /// # Errors
    /// The disk's.
    pub fn configure(&self, kit: usize, terms: &Terms, time: &str) -> std::io::Result<()> {
        let cards: Vec<String> = (1..=terms.cards)
            .map(|n| format!("\"cards/{n}.card\""))
            .collect();
        let peers: String = (0..KITS)
            .filter(|other| *other != kit && terms.peers_are_typed)
            .map(|other| {
                format!(
                    "[[peers]]\nkit = \"{}\"\naddress = \"{}\"\n",
                    terms.kits[other],
                    self.wire.peer(kit, other)
                )
            })
            .collect();
        let [srs, cec] = &terms.publishers;
        let text = format!(
            "election = {}\nprecinct = {}\nmanifest = \"manifest.cose\"\npackage = \"sealed.package\"\n\
             publishers = [\"{srs}\", \"{cec}\"]\nkit_key = \"kit.key\"\ncards = [{}]\njournals = \"journals\"\n\
             medium = \"medium\"\npages = \"{}\"\nlan = \"{}\"\nsimulated_time = \"{time}\"\n\
             printer = {{ kind = \"file\", folder = \"papers\", keep = 500 }}\n\
             scanner = {{ kind = \"folder\", folder = \"{}\" }}\n\
             camera = {{ kind = \"folder\", folder = \"{}\" }}\n{}{peers}",
            terms.election,
            terms.precinct,
            cards.join(", "),
            self.wire.pages(kit),
            self.wire.lan(kit),
            self.glass().display(),
            self.faces().display(),
            if terms.peers_are_typed {
                ""
            } else {
                "discovery = true\n"
            },
        );
        fs::write(self.folder(kit).join("kit.toml"), text)
    }

    /// Serves a kit; its words go to `log` in its folder, after those of the last time.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn serve(&self, kit: usize) -> anyhow::Result<Served> {
        let folder = self.folder(kit);
        let log = fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(folder.join("log"))?;
        let child = self
            .wire
            .command(kit, &self.binaries.join("tizme-station"))
            .args(["serve", "--config"])
            .arg(folder.join("kit.toml"))
            .env("RUST_LOG", "trace")
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("tizme-station")?;
        let served = Served(child);
        let patience = Duration::from_secs(20);
        wait_for(&self.wire, kit, self.wire.pages(kit), patience)?;
        Ok(served)
    }
}

/// Every file below a folder.
///
/// # Errors
/// The disk's.
pub fn files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    found.sort_unstable();
    Ok(found)
}
