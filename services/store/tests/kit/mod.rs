//! What the store's tests share: a fixed clock, import folders, and both engines.

#![allow(dead_code, reason = "each test binary uses a part")]

pub mod folder;
pub mod postgres;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use lexicon::{Clock, Instant};
use store::Store;

/// 20 September 2015, 12:00 in Bishkek.
pub const NOW: &str = "2015-09-20T12:00:00+06:00";

/// A clock that stands still.
pub struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> Instant {
        Instant::parse(NOW).expect("a moment")
    }
}

/// A directory that is removed with its owner.
pub struct Scratch(pub PathBuf);

impl Scratch {
    pub fn new(name: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!(
            "tizme-store-{}-{number}-{name}",
            std::process::id()
        ));
        std::fs::create_dir_all(&path).expect("a scratch directory");
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A store on SQLite in memory.
pub fn memory() -> Store {
    Store::open("sqlite::memory:", Arc::new(Fixed)).expect("a store in memory")
}

/// Runs a test on SQLite and, where its programs are installed, on PostgreSQL.
pub fn on_both(test: impl Fn(&str, &Store)) {
    test("sqlite", &memory());
    let Some(server) = postgres::Server::start() else {
        println!("skipped on PostgreSQL: initdb and postgres are not installed");
        return;
    };
    test(
        "postgres",
        &Store::open(&server.url("postgres"), Arc::new(Fixed)).expect("a store on PostgreSQL"),
    );
}
