//! The cable between three kits: it can be cut and healed, and everything that passes is recorded.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail};

use crate::relay::Relays;

/// Kits of the station.
pub const KITS: usize = 3;
/// Where a kit listens in a namespace of its own.
const LAN_PORT: u16 = 8200;
const PAGE_PORT: u16 = 8100;
/// What is sent in clear to see that the recording sees.
pub const CONTROL: &str = "control-of-the-capture-7f3a";

/// A cable.
pub enum Wire {
    /// Network namespaces on a bridge.
    Spaces(Spaces),
    /// Loopback ports with relays between them.
    Relays(Relays),
}

impl Wire {
    /// Lays the cable; the words say what it is, and why it is not namespaces.
    ///
    /// # Errors
    /// When not even loopback ports can be had.
    pub fn lay(binaries: &Path, scratch: &Path) -> anyhow::Result<(Self, String)> {
        match Spaces::lay(binaries, scratch) {
            Ok(spaces) => Ok((
                Self::Spaces(spaces),
                "three network namespaces on a bridge".to_owned(),
            )),
            Err(why) => {
                let words = format!(
                    "WEAKER GROUND: three loopback ports with relays that are cut; no network namespaces here: {why:#}"
                );
                Ok((Self::Relays(Relays::lay()?), words))
            }
        }
    }

    /// Where a kit listens for others; kits count from 0.
    #[must_use]
    pub fn lan(&self, kit: usize) -> SocketAddr {
        match self {
            Self::Spaces(_) => SocketAddr::from((Spaces::ip(kit), LAN_PORT)),
            Self::Relays(relays) => relays.lan(kit),
        }
    }

    /// Where `from` reaches `to`.
    #[must_use]
    pub fn peer(&self, from: usize, to: usize) -> SocketAddr {
        match self {
            Self::Spaces(_) => self.lan(to),
            Self::Relays(relays) => relays.between(from, to),
        }
    }

    /// Where a kit's pages are, as its own operator reaches them: always loopback.
    #[must_use]
    pub fn pages(&self, kit: usize) -> SocketAddr {
        match self {
            Self::Spaces(_) => SocketAddr::from((Ipv4Addr::LOCALHOST, PAGE_PORT)),
            Self::Relays(relays) => relays.pages(kit),
        }
    }

    /// A program that runs where the kit is.
    #[must_use]
    pub fn command(&self, kit: usize, program: &Path) -> Command {
        match self {
            Self::Spaces(spaces) => spaces.inside(&spaces.kit(kit), program),
            Self::Relays(_) => Command::new(program),
        }
    }

    /// Cuts a kit's cable, or heals it.
    ///
    /// # Errors
    /// What the system said.
    pub fn set_cut(&self, kit: usize, is_cut: bool) -> anyhow::Result<()> {
        match self {
            Self::Spaces(spaces) => {
                let state = if is_cut { "down" } else { "up" };
                ip(&format!("-n {} link set p{kit} {state}", spaces.name("sw")))
            }
            Self::Relays(relays) => {
                relays.set_cut(kit, is_cut);
                Ok(())
            }
        }
    }

    /// Sends [`CONTROL`] in clear from the first kit to the second, as a careless program would.
    ///
    /// # Errors
    /// What the system said.
    pub fn send_control(&self) -> anyhow::Result<()> {
        match self {
            Self::Spaces(spaces) => {
                let send = format!("printf %s {CONTROL} >/dev/udp/{}/9", Spaces::ip(1));
                let done = spaces
                    .inside(&spaces.kit(0), Path::new("bash"))
                    .args(["-c", &send])
                    .status()?;
                anyhow::ensure!(done.success(), "the control was not sent");
                Ok(())
            }
            Self::Relays(relays) => relays.send(CONTROL.as_bytes()),
        }
    }

    /// Ends the recording and gives the frames, or the pieces that the relays passed on.
    ///
    /// # Errors
    /// When the capture ended early.
    pub fn recorded(&mut self) -> anyhow::Result<Vec<Vec<u8>>> {
        match self {
            Self::Spaces(spaces) => spaces.recorded(),
            Self::Relays(relays) => Ok(relays.recorded()),
        }
    }
}

/// Runs `ip` with these words.
fn ip(words: &str) -> anyhow::Result<()> {
    let done = Command::new("ip")
        .args(words.split_whitespace())
        .output()
        .context("ip (Debian package iproute2)")?;
    if done.status.success() {
        return Ok(());
    }
    bail!(
        "ip {words}: {}",
        String::from_utf8_lossy(&done.stderr).trim()
    )
}

/// Takes namespaces away whose run was killed.
fn sweep() {
    for entry in std::fs::read_dir("/run/netns")
        .into_iter()
        .flatten()
        .flatten()
    {
        let name = entry.file_name().to_string_lossy().into_owned();
        let run = name
            .strip_prefix("tizme")
            .and_then(|rest| rest.split_once('-'));
        let is_over = run.is_some_and(|(run, _)| {
            run.parse::<u32>().is_ok() && !Path::new("/proc").join(run).exists()
        });
        if is_over {
            let _ = ip(&format!("netns del {name}"));
        }
    }
}

/// Namespaces `PREFIX-sw` with the bridge, and `PREFIX-k0` … with one kit each; gone when dropped.
pub struct Spaces {
    prefix: String,
    capture: Option<Child>,
    file: PathBuf,
}

impl Spaces {
    fn lay(binaries: &Path, scratch: &Path) -> anyhow::Result<Self> {
        sweep();
        let mut spaces = Self {
            prefix: format!("tizme{}", std::process::id()),
            capture: None,
            file: scratch.join("lan.frames"),
        };
        let switch = spaces.name("sw");
        ip(&format!("netns add {switch}"))?;
        ip(&format!("-n {switch} link add br0 type bridge"))?;
        ip(&format!("-n {switch} link set br0 up"))?;
        for kit in 0..KITS {
            let space = spaces.kit(kit);
            ip(&format!("netns add {space}"))?;
            ip(&format!(
                "-n {switch} link add p{kit} type veth peer name eth0 netns {space}"
            ))?;
            ip(&format!("-n {switch} link set p{kit} master br0 up"))?;
            let address = Self::ip(kit);
            ip(&format!("-n {space} addr add {address}/24 dev eth0"))?;
            ip(&format!("-n {space} link set eth0 up"))?;
            ip(&format!("-n {space} link set lo up"))?;
            // Multicast needs a way out, as a LAN's router gives it.
            ip(&format!("-n {space} route add default dev eth0"))?;
        }
        spaces.capture = Some(spaces.start_capture(binaries)?);
        Ok(spaces)
    }

    fn ip(kit: usize) -> Ipv4Addr {
        Ipv4Addr::new(10, 77, 0, u8::try_from(kit + 1).unwrap_or(1))
    }

    fn name(&self, end: &str) -> String {
        format!("{}-{end}", self.prefix)
    }

    fn kit(&self, kit: usize) -> String {
        self.name(&format!("k{kit}"))
    }

    fn inside(&self, space: &str, program: &Path) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", space]).arg(program);
        command
    }

    fn start_capture(&self, binaries: &Path) -> anyhow::Result<Child> {
        use std::io::BufRead as _;
        let mut child = self
            .inside(&self.name("sw"), &binaries.join("tizme-capture"))
            .arg(&self.file)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut said = String::new();
        if let Some(stdout) = child.stdout.take() {
            std::io::BufReader::new(stdout).read_line(&mut said)?;
        }
        anyhow::ensure!(said.trim() == "capturing", "the capture does not run");
        Ok(child)
    }

    fn recorded(&mut self) -> anyhow::Result<Vec<Vec<u8>>> {
        let mut capture = self.capture.take().context("the recording has ended")?;
        drop(capture.stdin.take());
        anyhow::ensure!(capture.wait()?.success(), "the capture ended early");
        let bytes = std::fs::read(&self.file)?;
        let (mut rest, mut frames) = (bytes.as_slice(), Vec::new());
        while let Some((length, after)) = rest.split_first_chunk::<4>() {
            let length = usize::try_from(u32::from_be_bytes(*length))?;
            let frame = after.get(..length).context("a frame is cut short")?;
            frames.push(frame.to_vec());
            rest = &after[length..];
        }
        Ok(frames)
    }
}

impl Drop for Spaces {
    fn drop(&mut self) {
        if let Some(mut capture) = self.capture.take() {
            let _ = capture.kill();
            let _ = capture.wait();
        }
        let kits = (0..KITS).map(|kit| self.kit(kit));
        for space in kits.chain([self.name("sw")]) {
            let _ = ip(&format!("netns del {space}"));
        }
    }
}

/// Waits until something listens where the kit is; a namespace is asked from inside.
///
/// # Errors
/// After `patience`.
pub fn wait_for(
    wire: &Wire,
    kit: usize,
    address: SocketAddr,
    patience: Duration,
) -> anyhow::Result<()> {
    let knock = format!("exec 3<>/dev/tcp/{}/{}", address.ip(), address.port());
    for _ in 0..patience.as_millis() / 100 {
        let done = wire
            .command(kit, Path::new("bash"))
            .args(["-c", &knock])
            .stderr(Stdio::null())
            .status()?;
        if done.success() {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    bail!("nothing listens at {address} of kit {}", kit + 1)
}

/// A free loopback port.
pub(crate) fn free() -> std::io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}
