//! A PostgreSQL server of the installed version, in a scratch directory, on a Unix socket.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::Scratch;

pub struct Server {
    child: Child,
    home: Scratch,
    bin: PathBuf,
}

impl Server {
    /// Starts a server; none when the programs are not installed.
    pub fn start() -> Option<Server> {
        let bin = bin()?;
        let home = Scratch::new("pg");
        let data = home.path().join("data");
        if am_root() {
            let (uid, gid) = postgres_user()?;
            chown(home.path(), Some(uid), Some(gid)).expect("give the directory away");
        }
        fs::set_permissions(home.path(), fs::Permissions::from_mode(0o755)).expect("permissions");
        let made = as_user(&bin.join("initdb"))
            .args([
                "--no-sync",
                "-A",
                "trust",
                "-U",
                "postgres",
                "-E",
                "UTF8",
                "--locale",
                "C.UTF-8",
                "-D",
            ])
            .arg(&data)
            .current_dir("/")
            .stdout(Stdio::null())
            .status()
            .expect("initdb runs");
        assert!(made.success(), "initdb failed");
        let child = as_user(&bin.join("postgres"))
            .arg("-D")
            .arg(&data)
            .arg("-k")
            .arg(home.path())
            .args([
                "-c",
                "listen_addresses=",
                "-c",
                "fsync=off",
                "-c",
                "shared_buffers=64MB",
            ])
            .current_dir("/")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("postgres runs");
        let server = Server { child, home, bin };
        server.wait_until_ready();
        Some(server)
    }

    /// The URL of a database.
    pub fn url(&self, database: &str) -> String {
        let socket = self.home.path().display().to_string().replace('/', "%2F");
        format!("postgres://postgres@{socket}/{database}")
    }

    /// Makes an empty database and gives its URL.
    pub fn create(&self, database: &str) -> String {
        self.sql("postgres", &format!("CREATE DATABASE {database}"));
        self.url(database)
    }

    /// Runs a statement as the superuser.
    pub fn sql(&self, database: &str, sql: &str) {
        let done = as_user(&self.bin.join("psql"))
            .args(["-q", "-v", "ON_ERROR_STOP=1", "-U", "postgres", "-h"])
            .arg(self.home.path())
            .args(["-d", database, "-c", sql])
            .current_dir("/")
            .status()
            .expect("psql runs");
        assert!(done.success(), "psql failed");
    }

    fn wait_until_ready(&self) {
        for _ in 0..600 {
            let ready = as_user(&self.bin.join("pg_isready"))
                .arg("-q")
                .arg("-h")
                .arg(self.home.path())
                .current_dir("/")
                .status()
                .expect("pg_isready runs");
            if ready.success() {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("PostgreSQL did not start within 30 s");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = as_user(&self.bin.join("pg_ctl"))
            .args(["stop", "-s", "-m", "immediate", "-D"])
            .arg(self.home.path().join("data"))
            .current_dir("/")
            .status();
        let _ = self.child.wait();
    }
}

fn bin() -> Option<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .collect();
    found.sort();
    found.reverse();
    let path = std::env::var_os("PATH").unwrap_or_default();
    found.extend(std::env::split_paths(&path));
    let programs = ["initdb", "postgres", "psql", "pg_ctl", "pg_isready"];
    found
        .into_iter()
        .find(|dir| programs.iter().all(|program| dir.join(program).exists()))
}

fn am_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|m| std::os::unix::fs::MetadataExt::uid(&m) == 0)
}

/// The system user that the package made.
fn postgres_user() -> Option<(u32, u32)> {
    let passwd = fs::read_to_string("/etc/passwd").ok()?;
    let line = passwd.lines().find(|line| line.starts_with("postgres:"))?;
    let mut parts = line.split(':').skip(2);
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// PostgreSQL refuses to run as root.
fn as_user(program: &Path) -> Command {
    if am_root() {
        let mut command = Command::new("setpriv");
        command
            .args([
                "--reuid",
                "postgres",
                "--regid",
                "postgres",
                "--clear-groups",
                "--",
            ])
            .arg(program);
        command
    } else {
        Command::new(program)
    }
}
