//! Two kits beside the demo's: the same package, cards and fingers, new journals, and a clock that is set by whoever
//! tells the day.

use std::io::Write as _;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::demo::Demo;

/// Seconds that a kit may take until its pages answer.
const PATIENCE_SECONDS: u32 = 20;

/// Two kits that nobody has opened yet.
pub struct Kits {
    /// The demo's folder of configurations: paths in them are relative to it.
    live: PathBuf,
    programs: PathBuf,
    pages: [SocketAddr; 2],
    lan: [SocketAddr; 2],
    running: Vec<Child>,
}

fn free_address() -> std::io::Result<SocketAddr> {
    TcpListener::bind(("127.0.0.1", 0))?.local_addr()
}

/// The value of a line `key = …` of a configuration made another.
fn with(config: &str, key: &str, value: &str) -> String {
    let start = format!("{key} = ");
    let lines = config.lines().map(|line| {
        if line.starts_with(&start) {
            format!("{start}{value}\n")
        } else {
            format!("{line}\n")
        }
    });
    lines.collect()
}

impl Kits {
    /// Kits with the demo's package and the programs of this folder; they have no journal.
    ///
    /// # Errors
    /// The system's, when no ports are free.
    pub fn beside(demo: &Demo, programs: &Path) -> std::io::Result<Self> {
        Ok(Self {
            live: demo.out().join("live").canonicalize()?,
            programs: programs.to_owned(),
            pages: [free_address()?, free_address()?],
            lan: [free_address()?, free_address()?],
            running: Vec::new(),
        })
    }

    /// Starts both programs at this local moment, `2015-10-04T07:59:50+06:00`. Running ones are killed first: to a kit
    /// that is a power cut, and it has to be opened again.
    ///
    /// # Errors
    /// The system's, or that a kit did not answer.
    pub fn start_at(&mut self, moment: &str) -> std::io::Result<()> {
        self.cut_power();
        for at in 0..2 {
            let name = format!("K{}", at + 1);
            let config = std::fs::read_to_string(self.live.join(format!("{name}.toml")))?;
            let config = [
                ("journals", format!("\"own-{name}\"")),
                ("pages", format!("\"{}\"", self.pages[at])),
                ("lan", format!("\"{}\"", self.lan[at])),
                ("address", format!("\"{}\"", self.lan[1 - at])),
                ("simulated_time", format!("\"{moment}\"")),
                (
                    "printer",
                    format!("{{ kind = \"file\", folder = \"own-papers-{name}\", keep = 50 }}"),
                ),
            ]
            .iter()
            .fold(config, |config, (key, value)| with(&config, key, value));
            let file = self.live.join(format!("own-{name}.toml"));
            std::fs::write(&file, config)?;
            std::fs::create_dir_all(self.live.join(format!("own-{name}")))?;
            let log = std::fs::File::options()
                .create(true)
                .append(true)
                .open(self.live.join("own-kits.log"))?;
            let mut child = Command::new(self.programs.join("tizme-station"))
                .args(["serve", "--config"])
                .arg(&file)
                .stdin(Stdio::null())
                .stdout(log.try_clone()?)
                .stderr(log)
                .spawn()?;
            let answers = answers(self.pages[at], &mut child);
            self.running.push(child);
            answers?;
        }
        Ok(())
    }

    /// Kills the program of one kit, 1 or 2: it does not answer any more.
    ///
    /// # Errors
    /// The system's.
    pub fn lose(&mut self, kit: usize) -> std::io::Result<()> {
        if let Some(child) = self.running.get_mut(kit - 1) {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    /// Kills both programs without a word.
    pub fn cut_power(&mut self) {
        for mut child in self.running.drain(..) {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// The demo's facts with the addresses of these kits and the folder of the first kit's printer.
    #[must_use]
    pub fn facts(&self, demo: &Value) -> Value {
        let mut facts = demo.clone();
        let kits = self.pages.map(|address| format!("http://{address}"));
        facts["page"]["kits"] = json!(kits);
        facts["papers"] = json!(self.live.join("own-papers-K1"));
        facts
    }
}

fn answers(address: SocketAddr, child: &mut Child) -> std::io::Result<()> {
    for _ in 0..PATIENCE_SECONDS * 10 {
        if let Ok(mut stream) = TcpStream::connect_timeout(&address, Duration::from_millis(200)) {
            return stream.write_all(b"GET /assets/kit.js HTTP/1.0\r\n\r\n");
        }
        if let Some(status) = child.try_wait()? {
            let said = format!("a kit ended with {status}: see live/own-kits.log");
            return Err(std::io::Error::other(said));
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Err(std::io::Error::other(format!("no kit on {address}")))
}

impl Drop for Kits {
    fn drop(&mut self) {
        self.cut_power();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_named_line_changes() {
        let config = "pages = \"a\"\npages_of = \"b\"\n[[peers]]\naddress = \"c\"\n";
        assert_eq!(
            with(&with(config, "pages", "\"x\""), "address", "\"y\""),
            "pages = \"x\"\npages_of = \"b\"\n[[peers]]\naddress = \"y\"\n"
        );
    }
}
