//! `tizme-demo` as a process, and what it tells a newcomer when everything runs.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use lexicon::{Language, Sentence, Texts};
use serde::Serialize;
use serde_json::{Value, json};

/// Why the demo is not running: the engineer acts.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The binaries were not built beside the test.
    #[error("{0} is missing: build first, `cargo build --release --workspace --bins`")]
    Missing(PathBuf),
    /// The system refused a process, a folder or a port.
    #[error(transparent)]
    System(#[from] std::io::Error),
    /// It ended instead of staying.
    #[error("the demo ended before its services ran:\n{0}")]
    Ended(String),
    /// It took too long.
    #[error("after {seconds} s the demo had not said where its services are:\n{said}")]
    Late {
        /// How long was waited.
        seconds: u64,
        /// What it had said.
        said: String,
    },
    /// Its last page lacks something that a newcomer needs.
    #[error("the demo's page does not say {what}:\n{said}")]
    Unsaid {
        /// What was looked for.
        what: &'static str,
        /// The page.
        said: String,
    },
}

/// A voter of the live station whose finger lies in the scanner's folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Voter {
    /// PIN.
    pub pin: String,
    /// Line of the list.
    pub line: u32,
}

/// A person for the portal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Example {
    /// PIN.
    pub pin: String,
    /// Document number.
    pub document: String,
    /// `LISTED` or the code of the reason.
    pub code: String,
}

/// What the demo's page says: all that a newcomer has to go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Page {
    /// Operator's pages of K1 and K2.
    pub kits: Vec<String>,
    /// The office.
    pub office: String,
    /// The portal.
    pub portal: String,
    /// PIN of every officer's card.
    pub card_pin: String,
    /// Accounts of the office.
    pub accounts: Vec<String>,
    /// Their password.
    pub password: String,
    /// People to look up.
    pub examples: Vec<Example>,
    /// Voters to check in.
    pub voters: Vec<Voter>,
}

impl Page {
    /// Reads the page as printed.
    ///
    /// # Errors
    /// [`DemoError::Unsaid`] names what a newcomer would miss.
    pub fn read(said: &str) -> Result<Self, DemoError> {
        let unsaid = |what| DemoError::Unsaid {
            what,
            said: said.to_owned(),
        };
        let after = |label: &str| {
            said.lines()
                .filter_map(|line| line.trim().strip_prefix(label))
                .filter(|rest| rest.starts_with([' ', ',']))
                .map(|rest| rest.trim_start_matches(',').trim())
                .collect::<Vec<_>>()
        };
        let first = |label: &str, what| after(label).into_iter().next().ok_or(unsaid(what));
        let address = |text: &str| {
            text.split_whitespace()
                .find(|word| word.starts_with("http://"))
                .map(|word| word.trim_end_matches('/').to_owned())
        };
        let kits: Vec<String> = ["kit K1", "kit K2"]
            .iter()
            .flat_map(|label| after(label))
            .filter_map(address)
            .collect();
        if kits.len() != 2 {
            return Err(unsaid("where the two kits are"));
        }
        let (accounts, password) = first("sign in", "how to sign in at the office")?
            .split_once(" with ")
            .ok_or(unsaid("the password of the office"))?;
        let page = Self {
            kits,
            office: address(first("office", "where the office is")?)
                .ok_or(unsaid("the office's address"))?,
            portal: address(first("portal", "where the portal is")?)
                .ok_or(unsaid("the portal's address"))?,
            card_pin: first("open the kits", "how the kits are opened")?
                .rsplit("PIN ")
                .next()
                .ok_or(unsaid("the PIN of the cards"))?
                .trim()
                .to_owned(),
            accounts: accounts.split(", ").map(str::to_owned).collect(),
            password: password.trim().to_owned(),
            examples: after("try").into_iter().filter_map(example).collect(),
            voters: after("a voter at the kit")
                .into_iter()
                .filter_map(voter)
                .collect(),
        };
        if page.examples.len() < 2 || page.voters.is_empty() {
            return Err(unsaid("whom to look up and whom to check in"));
        }
        Ok(page)
    }
}

/// The word after `label`, without the punctuation that ends it.
fn word_after<'a>(text: &'a str, label: &str) -> Option<&'a str> {
    let rest = text.split_once(label)?.1.split_whitespace().next()?;
    Some(rest.trim_end_matches([',', ':']))
}

fn example(text: &str) -> Option<Example> {
    Some(Example {
        pin: word_after(text, "PIN ")?.to_owned(),
        document: word_after(text, "document ")?.to_owned(),
        code: text.rsplit(' ').next()?.to_owned(),
    })
}

fn voter(text: &str) -> Option<Voter> {
    Some(Voter {
        pin: word_after(text, "PIN ")?.to_owned(),
        line: word_after(text, "line ")?.parse().ok()?,
    })
}

/// A running demo; it is told to stop when this is dropped.
pub struct Demo {
    child: Child,
    out: PathBuf,
    page: Page,
}

/// Offsets from the first port to those of office, portal, kits and their exchange.
const OFFSETS: [u16; 6] = [0, 1, 11, 12, 21, 22];

/// The first port such that all that the demo takes are free just now.
fn free_ports() -> std::io::Result<u16> {
    loop {
        let base = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let are_free = OFFSETS.iter().all(|offset| {
            base.checked_add(*offset)
                .is_some_and(|port| TcpListener::bind(("127.0.0.1", port)).is_ok())
        });
        if are_free {
            return Ok(base);
        }
    }
}

impl Demo {
    /// Starts the demo of `binaries` with these options from nothing in `out` and waits until its
    /// services run.
    ///
    /// # Errors
    /// [`DemoError`] with what the demo said.
    pub fn start(binaries: &Path, out: &Path, options: &[&str]) -> Result<Self, DemoError> {
        let program = binaries.join("tizme-demo");
        if !program.exists() {
            return Err(DemoError::Missing(program));
        }
        match std::fs::remove_dir_all(out) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            Ok(()) | Err(_) => {}
        }
        std::fs::create_dir_all(out)?;
        let complaints = std::fs::File::create(out.with_extension("stderr"))?;
        let mut child = Command::new(program)
            .arg("--out")
            .arg(out)
            .args(options)
            .args(["--port", &free_ports()?.to_string(), "--no-paper"])
            .env("TIZME_BIN_DIR", binaries)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(complaints)
            .spawn()?;
        let said = listen(&mut child);
        let page = said.and_then(|said| Page::read(&said));
        match page {
            Ok(page) => Ok(Self {
                child,
                out: out.to_owned(),
                page,
            }),
            Err(error) => {
                stop(&mut child);
                let complaints = std::fs::read_to_string(out.with_extension("stderr"));
                Err(match error {
                    DemoError::Ended(said) => {
                        DemoError::Ended(said + &complaints.unwrap_or_default())
                    }
                    DemoError::Missing(_)
                    | DemoError::System(_)
                    | DemoError::Late { .. }
                    | DemoError::Unsaid { .. } => error,
                })
            }
        }
    }

    /// The run's directory.
    #[must_use]
    pub fn out(&self) -> &Path {
        &self.out
    }

    /// What it told a newcomer.
    #[must_use]
    pub fn page(&self) -> &Page {
        &self.page
    }

    /// The facts that stories start from: the page, the files, the country's sentences.
    ///
    /// # Errors
    /// When the scanner's folder cannot be read.
    pub fn facts(&self, binaries: &Path, traces: &Path) -> std::io::Result<Value> {
        let mut glass: Vec<String> = std::fs::read_dir(self.out.join("live/glass"))?
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .collect();
        glass.sort_unstable();
        let texts = Texts::kg().map_err(std::io::Error::other)?;
        let in_three = |said: &Sentence| {
            Language::ALL
                .iter()
                .map(|language| (language.tag().to_owned(), json!(said.get(*language))))
                .collect::<serde_json::Map<_, _>>()
        };
        let said: serde_json::Map<String, Value> = texts
            .exclusion
            .iter()
            .chain(&texts.refusal)
            .map(|(code, said)| {
                let both =
                    json!({ "sentence": in_three(&said.sentence), "next": in_three(&said.next) });
                (code.clone(), both)
            })
            .collect();
        Ok(json!({
            "page": self.page,
            "out": self.out,
            "glass": glass,
            "said": said,
            "verify": binaries.join("tizme-verify"),
            "traces": traces,
        }))
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        stop(&mut self.child);
    }
}

/// Asks the demo to end, so that it ends its services; kills it when it does not.
fn stop(child: &mut Child) {
    let _ = Command::new("sh")
        .args(["-c", &format!("kill -TERM {}", child.id())])
        .stderr(Stdio::null())
        .status();
    for _ in 0..100 {
        if matches!(child.try_wait(), Ok(Some(_)) | Err(_)) {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let _ = child.kill();
    let _ = child.wait();
}

/// Seconds that the demo may take from its start to its page.
const PATIENCE_SECONDS: u64 = 900;

/// What the demo prints up to the blank line that ends its page; later lines are read and dropped.
fn listen(child: &mut Child) -> Result<String, DemoError> {
    let Some(stdout) = child.stdout.take() else {
        return Err(DemoError::Ended("no output".to_owned()));
    };
    let (sender, lines) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            // Nobody listens any more once the page was read; the pipe is emptied all the same.
            let _ = sender.send(line);
        }
    });
    let (mut said, mut is_page) = (String::new(), false);
    for _ in 0..PATIENCE_SECONDS {
        loop {
            match lines.recv_timeout(Duration::from_secs(1)) {
                Ok(line) => {
                    if is_page && line.trim().is_empty() {
                        return Ok(said);
                    }
                    is_page = is_page || line.contains("Running until");
                    said.push_str(&line);
                    said.push('\n');
                }
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => return Err(DemoError::Ended(said)),
            }
        }
    }
    Err(DemoError::Late {
        seconds: PATIENCE_SECONDS,
        said,
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
    use super::*;

    const SAID: &str = "
  Running until Ctrl-C, on this machine only:
  kit K1, operator       http://127.0.0.1:8111/   monitor: http://127.0.0.1:8111/monitor   chair: http://127.0.0.1:8111/chair
  kit K2, operator       http://127.0.0.1:8112/   monitor: http://127.0.0.1:8112/monitor   chair: http://127.0.0.1:8112/chair
    open the kits        at the chair's page with two cards of different bodies, PIN 2015
  office                 http://127.0.0.1:8100/
    sign in              registrar, commission, observer with secret-words
  portal                 http://127.0.0.1:8101/
    try                  PIN 21504198500471, document AN1234567: LISTED
    try                  PIN 10101197000012, document AN7654321: NO_ADDRESS
    a voter at the kit   PIN 21504198500471, line 7: then choose 0007_… as the finger
";

    #[test]
    fn the_page_is_read_as_a_newcomer_reads_it() {
        let page = Page::read(SAID).unwrap();
        assert_eq!(
            page.kits,
            ["http://127.0.0.1:8111", "http://127.0.0.1:8112"]
        );
        assert_eq!(
            (page.office.as_str(), page.portal.as_str()),
            ("http://127.0.0.1:8100", "http://127.0.0.1:8101")
        );
        assert_eq!(
            (page.card_pin.as_str(), page.password.as_str()),
            ("2015", "secret-words")
        );
        assert_eq!(page.accounts, ["registrar", "commission", "observer"]);
        assert_eq!(page.voters[0].line, 7);
        let example = &page.examples[1];
        assert_eq!(
            (example.document.as_str(), example.code.as_str()),
            ("AN7654321", "NO_ADDRESS")
        );
    }

    #[test]
    fn a_page_without_the_office_is_refused() {
        let silent = SAID.replace("office  ", "officer ");
        let error = Page::read(&silent).unwrap_err();
        assert!(error.to_string().contains("where the office is"), "{error}");
    }
}
