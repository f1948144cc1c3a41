//! Progress in the terminal, and the seconds of each stage.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use keys::SystemClock;
use lexicon::Clock as _;

/// One bar for the stage at work; finished stages stand above it as lines.
pub struct Progress {
    bar: ProgressBar,
    seconds: Mutex<BTreeMap<String, f64>>,
}

impl Default for Progress {
    fn default() -> Self {
        Self::new()
    }
}

impl Progress {
    /// A bar on the terminal; hidden when the output is not one.
    #[must_use]
    pub fn new() -> Self {
        let style = ProgressStyle::with_template("  {msg:34} {wide_bar} {percent:>3} %  {elapsed}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::new(1).with_style(style);
        bar.enable_steady_tick(Duration::from_millis(500));
        Self {
            bar,
            seconds: Mutex::new(BTreeMap::new()),
        }
    }

    /// Says how far the stage at work is.
    pub fn show(&self, what: &str, done: u64, total: u64) {
        self.bar.set_message(what.to_owned());
        self.bar.set_length(total.max(1));
        self.bar.set_position(done);
    }

    /// Writes a line above the bar.
    pub fn say(&self, line: &str) {
        if self.bar.is_hidden() {
            eprintln!("{line}");
        } else {
            self.bar.println(line);
        }
    }

    /// Runs a stage, times it, and says what came of it.
    ///
    /// # Errors
    /// The stage's.
    pub fn stage<T>(
        &self,
        name: &str,
        work: impl FnOnce() -> anyhow::Result<(T, String)>,
    ) -> anyhow::Result<T> {
        self.bar.reset();
        self.show(name, 0, 1);
        let began = SystemClock.now();
        let (outcome, line) = work()?;
        let seconds = (SystemClock.now().micros() - began.micros()) as f64 / 1e6;
        *self
            .seconds
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .entry(name.to_owned())
            .or_default() += seconds;
        self.say(&format!("  {name:14} {seconds:7.1} s  {line}"));
        Ok(outcome)
    }

    /// Seconds by stage so far.
    #[must_use]
    pub fn seconds(&self) -> BTreeMap<String, f64> {
        self.seconds
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clone()
    }

    /// Takes the bar away.
    pub fn end(&self) {
        self.bar.finish_and_clear();
    }
}
