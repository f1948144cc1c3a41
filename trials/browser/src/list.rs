//! The ground of the list's story: a small register of its own, its keys, the commands of a freeze, and the services,
//! each the shipped program.

use std::fs;
use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

pub mod key_folder;
pub mod register;

/// The password of every account; it exists only on this ground.
pub const PASSWORD: &str = "таза суу агат 2015";
/// Accounts: name, role, name on the screen.
const ACCOUNTS: [(&str, &str, &str); 4] = [
    ("clerk", "clerk", "Токтосунова Ж."),
    ("registrar", "registrar", "Асанова А."),
    ("commission", "commission", "Осмонов Т."),
    ("observer", "observer", "Петров С."),
];

/// Why the ground does not stand: the engineer acts.
#[derive(Debug, thiserror::Error)]
pub enum GroundError {
    /// The system refused a file, a process or a port.
    #[error(transparent)]
    System(#[from] std::io::Error),
    /// A key.
    #[error("keys: {0}")]
    Keys(String),
    /// A command ended otherwise than it should.
    #[error("{command}: exit {exit:?}\n{said}")]
    Command {
        /// What was run.
        command: String,
        /// How it ended.
        exit: Option<i32>,
        /// What it said.
        said: String,
    },
    /// A service does not answer.
    #[error("{0} does not listen")]
    Silent(&'static str),
}

/// A folder with register, keys and configuration, and where the shipped programs are.
pub struct Ground {
    binaries: PathBuf,
    dir: PathBuf,
    office: u16,
    portal: u16,
    publishers: [String; 2],
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

impl Ground {
    /// Lays everything out from nothing: register imported, accounts made, keys written.
    ///
    /// # Errors
    /// [`GroundError`].
    pub fn lay(binaries: &Path, dir: &Path) -> Result<Self, GroundError> {
        if dir.exists() {
            fs::remove_dir_all(dir)?;
        }
        fs::create_dir_all(dir.join("import"))?;
        register::write(&dir.join("import"))?;
        let publishers = key_folder::write(&dir.join("keys"))?;
        let ground = Self {
            binaries: binaries.to_owned(),
            dir: dir.to_owned(),
            office: free_port()?,
            portal: free_port()?,
            publishers,
        };
        ground.tizme("office import import --store sqlite:office.db", 0)?;
        for (name, role, display) in ACCOUNTS {
            ground.account(name, role, display)?;
        }
        Ok(ground)
    }

    fn account(&self, name: &str, role: &str, display: &str) -> Result<(), GroundError> {
        let mut child = Command::new(self.binaries.join("tizme"))
            .args(["office", "add-staff", name, "--role", role, "--name"])
            .args([display, "--store", "sqlite:office.db"])
            .current_dir(&self.dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            writeln!(stdin, "{PASSWORD}")?;
        }
        let exit = child.wait()?.code();
        if exit == Some(0) {
            return Ok(());
        }
        Err(GroundError::Command {
            command: format!("add-staff {name}"),
            exit,
            said: String::new(),
        })
    }

    /// Runs `tizme` with these arguments in the ground's folder; gives what it said.
    ///
    /// # Errors
    /// [`GroundError::Command`] when it ends with another code than `exit`.
    pub fn tizme(&self, arguments: &str, exit: i32) -> Result<String, GroundError> {
        self.run("tizme", arguments, exit)
    }

    /// The same with another of the shipped programs.
    ///
    /// # Errors
    /// [`GroundError::Command`] when it ends with another code than `exit`.
    pub fn run(&self, program: &str, arguments: &str, exit: i32) -> Result<String, GroundError> {
        let done = Command::new(self.binaries.join(program))
            .args(arguments.split_whitespace())
            .current_dir(&self.dir)
            .stdin(Stdio::null())
            .output()?;
        let mut said = String::from_utf8_lossy(&done.stdout).into_owned();
        said.push_str(&String::from_utf8_lossy(&done.stderr));
        if done.status.code() == Some(exit) {
            return Ok(said);
        }
        Err(GroundError::Command {
            command: arguments.to_owned(),
            exit: done.status.code(),
            said,
        })
    }

    /// Keeps a copy of a file below the ground's folder.
    ///
    /// # Errors
    /// The disk's.
    pub fn keep(&self, file: &str, copy: &str) -> std::io::Result<()> {
        fs::copy(self.dir.join(file), self.dir.join(copy)).map(|_| ())
    }

    /// Writes the office's configuration with this time on its screens, beside the time of its clock.
    ///
    /// # Errors
    /// The disk's.
    pub fn configure(&self, simulated_time: &str) -> std::io::Result<()> {
        let [srs, cec] = &self.publishers;
        let office = format!(
            "store = \"sqlite:office.db\"\nlisten = \"127.0.0.1:{}\"\nlaw = \"kg-2015\"\npublishers = [\"{srs}\", \"{cec}\"]\n\
             simulated_time = \"{simulated_time}\"\ndoubled_percent = 100\nstatement_key = \"keys/office.key\"\n",
            self.office
        );
        fs::write(self.dir.join("office.toml"), office)?;
        let below = |name: &str| self.dir.join(name).display().to_string();
        let oracle = format!(
            "lookup = \"{}\"\nkey = \"{}\"\nsocket = \"{}\"\n",
            below("list/publication/lookup.bin"),
            below("oracle.key"),
            below("oracle.sock")
        );
        fs::write(self.dir.join("oracle.toml"), oracle)?;
        let portal = format!(
            "listen = \"127.0.0.1:{}\"\npublication = \"{}\"\noracle = \"{}\"\ndemo = true\n",
            self.portal,
            below("list/publication"),
            below("oracle.sock")
        );
        fs::write(self.dir.join("portal.toml"), portal)?;
        fs::write(self.dir.join("oracle.key"), key_folder::LOOKUP)
    }

    /// The office, until it is dropped.
    ///
    /// # Errors
    /// [`GroundError::Silent`] when it does not come up.
    pub fn serve_office(&self) -> Result<Service, GroundError> {
        let arguments = ["office", "serve", "--config", "office.toml"];
        self.serve("tizme", &arguments, Some(self.office))
    }

    /// Oracle and portal, until they are dropped.
    ///
    /// # Errors
    /// [`GroundError::Silent`] when one does not come up.
    pub fn serve_portal(&self) -> Result<[Service; 2], GroundError> {
        let oracle = self.serve("tizme-oracle", &["--config", "oracle.toml"], None)?;
        let portal = ["--config", "portal.toml"];
        Ok([
            oracle,
            self.serve("tizme-portal", &portal, Some(self.portal))?,
        ])
    }

    fn serve(
        &self,
        program: &'static str,
        arguments: &[&str],
        port: Option<u16>,
    ) -> Result<Service, GroundError> {
        let log = fs::File::create(self.dir.join(format!("{program}.log")))?;
        let child = Command::new(self.binaries.join(program))
            .args(arguments)
            .current_dir(&self.dir)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()?;
        let mut service = Service(child);
        for _ in 0..600 {
            let is_up = match port {
                Some(port) => TcpStream::connect(("127.0.0.1", port)).is_ok(),
                None => self.dir.join("oracle.sock").exists(),
            };
            if is_up {
                return Ok(service);
            }
            if service.0.try_wait()?.is_some() {
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Err(GroundError::Silent(program))
    }

    /// What the stories start from.
    #[must_use]
    pub fn facts(&self, traces: &Path) -> Value {
        let at = |port: u16| format!("http://127.0.0.1:{port}");
        json!({
            "page": {
                "kits": [], "office": at(self.office), "portal": at(self.portal), "password": PASSWORD,
            },
            "list": self.dir.join("import/list-of-the-commission.csv"),
            "movers": register::MOVERS.map(register::pin),
            "keyed": register::pin(register::KEYED),
            "begun": register::pin(register::BEGUN),
            "beyond": register::pin(register::BEYOND),
            "guest": { "pin": register::pin(register::GUEST), "document": register::document(register::GUEST) },
            "joined": register::JOINED,
            "serial": register::SERIAL,
            "proof": self.dir.join("guest.tlog-proof"),
            "traces": traces,
            "pictures": traces.join("pictures"),
        })
    }
}

/// A running service; it ends with this.
pub struct Service(Child);

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
