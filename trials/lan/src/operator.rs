//! A person at a kit: a node process with Chromium, where the kit is. One JSON line asks, one answers.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use anyhow::{Context as _, bail};
use serde_json::{Value, json};

use crate::wire::Wire;

/// What an answer begins with; other lines are the story's own.
const ANSWER: &str = "» ";

/// A person at a kit.
pub struct Operator {
    /// The kit, from 0.
    pub kit: usize,
    child: Child,
    asks: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Operator {
    /// Sits down at a kit that is being served.
    ///
    /// # Errors
    /// When node does not start.
    pub fn sit(wire: &Wire, kit: usize, modules: &Path, facts: &Value) -> anyhow::Result<Self> {
        let story: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("stories/operator.mjs");
        let mut child = wire
            .command(kit, Path::new("node"))
            .arg(story)
            .env("TIZME_MODULES", modules)
            .env("TIZME_FACTS", facts.to_string())
            .env("TIZME_KIT", format!("K{}", kit + 1))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("node (Debian package nodejs)")?;
        let asks = child.stdin.take();
        let answers = child.stdout.take().context("node has an output")?;
        Ok(Self {
            kit,
            child,
            asks,
            answers: BufReader::new(answers),
        })
    }

    /// Asks and waits for what was seen.
    ///
    /// # Errors
    /// What the story said instead, when it does not hold.
    pub fn ask(&mut self, act: &str, mut wish: Value) -> anyhow::Result<Value> {
        wish["act"] = json!(act);
        let asks = self.asks.as_mut().context("the operator has left")?;
        writeln!(asks, "{wish}")?;
        asks.flush()?;
        let mut said = String::new();
        loop {
            let mut line = String::new();
            if self.answers.read_line(&mut line)? == 0 {
                bail!("K{} at {act} {wish}: {said}", self.kit + 1);
            }
            if let Some(answer) = line.strip_prefix(ANSWER) {
                return Ok(serde_json::from_str(answer)?);
            }
            said.push_str(&line);
        }
    }

    /// Goes home; what the watch found on the way is an error.
    ///
    /// # Errors
    /// The findings.
    pub fn leave(&mut self) -> anyhow::Result<()> {
        drop(self.asks.take());
        let mut said = String::new();
        while self.answers.read_line(&mut said)? > 0 {}
        if self.child.wait()?.success() {
            return Ok(());
        }
        bail!("K{}: {said}", self.kit + 1)
    }
}

impl Drop for Operator {
    fn drop(&mut self) {
        // The story ends its browser when nobody asks any more.
        drop(self.asks.take());
        for _ in 0..50 {
            if matches!(self.child.try_wait(), Ok(Some(_)) | Err(_)) {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
