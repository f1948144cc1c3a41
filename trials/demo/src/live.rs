//! The services left running at the end: two kits of one station, office, oracle and portal.
//!
//! Each is the shipped program with a configuration file, a process of its own. Keys lie in files,
//! which every screen says. The station's morning begins anew at each start; its journals are not handed in.

use std::fs;
use std::io::Write as _;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail};
use batch::Formed;
use country::{Capture, Country, FingerState, RecordNo};
use lexicon::handover::envelope::Signer as _;
use lexicon::{ElectionLaw, PersonId, PrecinctCode};
use ridges::Position;
use roll::Outcome;
use roll::snapshot::PersonAt;
use store::import::SOURCE;

use crate::ground::{Ground, write_whole};
use crate::keychain::{CARD_PIN, Hands, KeyChain};
use crate::options::Options;
use crate::real::RealFingers;

/// Voters of the live station whose fingers lie on the glass's folder.
const SHOWN: usize = 24;
/// Password of the demo's accounts; they exist only in the demo's register.
pub const PASSWORD: &str = "tizme-demo-2015";
/// Accounts: name, role, name on the screen.
const ACCOUNTS: [(&str, &str, &str); 6] = [
    ("registrar", "registrar", "Асанова А."),
    ("clerk", "clerk", "Токтосунова Ж."),
    ("adjudicator-1", "adjudicator", "Жээнбекова Ч."),
    ("adjudicator-2", "adjudicator", "Үсөнов Н."),
    ("call", "call_centre", "Касымова А."),
    ("observer", "observer", "Петров С."),
];

/// What the services are made from.
pub struct Live<'a> {
    /// The run's directory.
    pub ground: &'a Ground,
    /// Wishes.
    pub options: &'a Options,
    /// The law.
    pub law: &'a ElectionLaw,
    /// Keys.
    pub chain: &'a KeyChain,
    /// Kits and officers.
    pub hands: &'a Hands,
    /// The list.
    pub formed: &'a Formed,
    /// The synthetic country, unless a register was imported.
    pub country: Option<&'a Country>,
    /// Real fingers.
    pub real: Option<&'a RealFingers>,
    /// The station.
    pub precinct: PrecinctCode,
}

/// Ports in their order from the first.
#[derive(Clone, Copy)]
enum Port {
    Kit(u16),
    Lan(u16),
    Office,
    Portal,
}

impl Live<'_> {
    fn dir(&self) -> PathBuf {
        // Absolute: programs resolve paths from their configuration's folder.
        let dir = self.ground.path("live");
        fs::canonicalize(&dir).unwrap_or(dir)
    }

    fn address(&self, port: Port) -> SocketAddr {
        let offset = match port {
            Port::Office => 0,
            Port::Portal => 1,
            Port::Kit(n) => 10 + n,
            Port::Lan(n) => 20 + n,
        };
        SocketAddr::from(([127, 0, 0, 1], self.options.port.saturating_add(offset)))
    }

    /// Writes every configuration, starts the programs, says where they are, and waits until it is stopped.
    ///
    /// # Errors
    /// When a program is missing, does not start, or the disk refuses.
    pub fn run(&self) -> anyhow::Result<()> {
        self.ports_are_free()?;
        self.lay_out()?;
        let mut running = Running::default();
        for (name, arguments, listens) in self.programs() {
            running.start(&self.dir(), name, &arguments, listens)?;
        }
        println!("{}", self.welcome());
        running.wait()
    }

    /// A program of somebody else on one of the ports would answer in the place of ours.
    fn ports_are_free(&self) -> anyhow::Result<()> {
        let ports = [
            Port::Office,
            Port::Portal,
            Port::Kit(1),
            Port::Kit(2),
            Port::Lan(1),
            Port::Lan(2),
        ];
        for address in ports.map(|port| self.address(port)) {
            if let Err(error) = std::net::TcpListener::bind(address) {
                bail!("{address}: {error}; choose other ports with --port");
            }
        }
        Ok(())
    }

    fn programs(&self) -> Vec<(&'static str, Vec<String>, Option<SocketAddr>)> {
        let config = |name: &str| self.dir().join(name).display().to_string();
        let with = |words: &[&str], name: &str| {
            let mut arguments: Vec<String> = words.iter().map(|w| (*w).to_owned()).collect();
            arguments.extend(["--config".to_owned(), config(name)]);
            arguments
        };
        let kit = |n: u16| {
            let file = format!("K{n}.toml");
            (
                "tizme-station",
                with(&["serve"], &file),
                Some(self.address(Port::Kit(n))),
            )
        };
        vec![
            kit(1),
            kit(2),
            ("tizme-oracle", with(&[], "oracle.toml"), None),
            (
                "tizme-portal",
                with(&[], "portal.toml"),
                Some(self.address(Port::Portal)),
            ),
            (
                "tizme",
                with(&["office", "serve"], "office.toml"),
                Some(self.address(Port::Office)),
            ),
        ]
    }

    /// Everything below `live/`, written anew.
    fn lay_out(&self) -> anyhow::Result<()> {
        let dir = self.ground.path("live");
        if dir.exists() {
            fs::remove_dir_all(&dir).with_context(|| format!("removing {}", dir.display()))?;
        }
        for sub in ["K1", "K2", "cards", "glass", "papers-K1", "papers-K2"] {
            let path = dir.join(sub);
            fs::create_dir_all(&path).with_context(|| format!("making {}", path.display()))?;
        }
        for (n, card) in self.hands.card_files().iter().enumerate() {
            card.write(&dir.join(format!("cards/officer-{}.card", n + 1)))?;
        }
        for n in 1..=2u16 {
            let key = self.hands.kit(self.precinct, usize::from(n) - 1);
            key.write(&dir.join(format!("K{n}.key")))?;
            write_whole(
                &dir.join(format!("K{n}.toml")),
                self.kit_config(n).as_bytes(),
            )?;
        }
        write_whole(&dir.join("lookup.key"), &self.chain.lookup_bytes)?;
        write_whole(&dir.join("oracle.toml"), self.oracle_config().as_bytes())?;
        write_whole(&dir.join("portal.toml"), self.portal_config().as_bytes())?;
        write_whole(&dir.join("office.toml"), self.office_config().as_bytes())?;
        self.lay_fingers(&dir.join("glass"))?;
        self.make_accounts()
    }

    fn kit_config(&self, n: u16) -> String {
        let law = &self.law.election;
        let cards: Vec<String> = (1..=self.hands.officers())
            .map(|n| format!("\"cards/officer-{n}.card\""))
            .collect();
        let [srs, cec] = self.chain.publishers_hex();
        let other = 3 - n;
        let peer = self
            .hands
            .kit(self.precinct, usize::from(other) - 1)
            .kid()
            .hex();
        format!(
            "election = {}\nprecinct = {}\nmanifest = \"../packages/{p}.manifest.cose\"\npackage = \"../packages/{p}.package\"\n\
             publishers = [\"{srs}\", \"{cec}\"]\nkit_key = \"K{n}.key\"\ncards = [{}]\njournals = \"K{n}\"\npages = \"{}\"\nlan = \"{}\"\n\
             simulated_time = \"{}T10:00:00+06:00\"\nprinter = {{ kind = \"file\", folder = \"papers-K{n}\", keep = 50 }}\n\
             scanner = {{ kind = \"folder\", folder = \"glass\" }}\n[[peers]]\nkit = \"{peer}\"\naddress = \"{}\"\n",
            law.number,
            self.precinct.number(),
            cards.join(", "),
            self.address(Port::Kit(n)),
            self.address(Port::Lan(n)),
            law.day,
            self.address(Port::Lan(other)),
            p = self.precinct,
        )
    }

    fn oracle_config(&self) -> String {
        "lookup = \"LOOKUP\"\nkey = \"KEY\"\nsocket = \"SOCKET\"\n"
            .replace("LOOKUP", &self.below("../publication/lookup.bin"))
            .replace("KEY", &self.below("lookup.key"))
            .replace("SOCKET", &self.below("oracle.sock"))
    }

    fn portal_config(&self) -> String {
        format!(
            "listen = \"{}\"\npublication = \"{}\"\noracle = \"{}\"\ndemo = true\n",
            self.address(Port::Portal),
            self.below("../publication"),
            self.below("oracle.sock")
        )
    }

    fn store_url(&self) -> String {
        match &self.options.postgres {
            Some(url) => url.clone(),
            None => format!("sqlite:{}", self.below("../register.db")),
        }
    }

    fn office_config(&self) -> String {
        let [srs, cec] = self.chain.publishers_hex();
        format!(
            "store = \"{}\"\nlisten = \"{}\"\nlaw = \"{}\"\npublishers = [\"{srs}\", \"{cec}\"]\n\
             simulated_time = \"{}T22:30:00+06:00\"\n",
            self.store_url(),
            self.address(Port::Office),
            self.law.id,
            self.law.election.day
        )
    }

    fn below(&self, name: &str) -> String {
        self.dir().join(name).display().to_string()
    }

    fn make_accounts(&self) -> anyhow::Result<()> {
        for (name, role, display) in ACCOUNTS {
            let mut child = Command::new(program("tizme")?)
                .args([
                    "office",
                    "add-staff",
                    name,
                    "--role",
                    role,
                    "--name",
                    display,
                ])
                // Not as an argument: a database's URL may hold a password, and arguments are seen by everybody.
                .env("TIZME_STORE", self.store_url())
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .spawn()
                .context("starting tizme office add-staff")?;
            if let Some(mut stdin) = child.stdin.take() {
                writeln!(stdin, "{PASSWORD}")?;
            }
            if !child.wait()?.success() {
                bail!("the account {name} could not be made");
            }
        }
        Ok(())
    }

    /// People of the live list with their records, by line.
    fn people(&self) -> Vec<(u32, PersonAt, RecordNo)> {
        let Some(country) = self.country else {
            return Vec::new();
        };
        let of_person: std::collections::HashMap<PersonId, RecordNo> = (0..country.record_count())
            .map(RecordNo)
            .map(|record| (country.person_id(SOURCE, record), record))
            .collect();
        let list = self.formed.roll.list(self.precinct);
        list.iter()
            .flat_map(|list| (1u32..).zip(&list.persons))
            .filter_map(|(line, at)| {
                let id = self.formed.snapshot.person(*at).id;
                Some((line, *at, *of_person.get(&id)?))
            })
            .collect()
    }

    /// Those whose fingers are laid out: real fingers first, then image-level prints, then the first lines.
    fn shown(&self) -> Vec<(u32, PersonAt, RecordNo)> {
        let mut people = self.people();
        // Spread over the list, so that both kits have voters of their own share.
        let apart = u32::try_from(people.len().div_ceil(SHOWN))
            .unwrap_or(1)
            .max(1);
        people.sort_by_key(|(line, _, record)| {
            let real = self.real.is_some_and(|real| real.of(*record).is_some());
            let image = self
                .country
                .is_some_and(|country| country.has_images(*record));
            (!real, !image, (line - 1) % apart, *line)
        });
        people.truncate(SHOWN);
        people.sort_unstable_by_key(|(line, ..)| *line);
        people
    }

    /// Captures of election day for the scanner's folder, named by line and finger.
    fn lay_fingers(&self, glass: &Path) -> anyhow::Result<()> {
        let Some(country) = self.country else {
            return Ok(());
        };
        use rayon::prelude::*;
        self.shown().par_iter().try_for_each(|(line, _, record)| {
            if let Some(finger) = self.real.and_then(|real| real.of(*record)) {
                for (n, image) in finger.day.iter().take(3).enumerate() {
                    let ending = image.extension().and_then(|e| e.to_str()).unwrap_or("png");
                    fs::copy(image, glass.join(format!("{line:04}_2_{}.{ending}", n + 1)))?;
                }
                return Ok(());
            }
            for position in country
                .stored_fingers()
                .iter()
                .filter_map(|f| Position::new(*f))
            {
                let stem = format!("{line:04}_{}", position.number());
                match country.capture(*record, position, 0, FingerState::Good) {
                    Capture::Image(picture) => {
                        write_whole(
                            &glass.join(format!("{stem}.png")),
                            &ridges::png(&picture, 500),
                        )?;
                    }
                    Capture::Minutiae(bytes) => {
                        write_whole(&glass.join(format!("{stem}.fmr")), &bytes)?;
                    }
                }
            }
            anyhow::Ok(())
        })
    }

    /// PIN and document number of a person, for the portal.
    fn numbers(&self, person: PersonAt) -> Option<(String, String)> {
        let snapshot = &self.formed.snapshot;
        let pin = snapshot.person(person).pin?;
        let document = snapshot.documents_of(person).iter().find(|d| d.valid)?;
        Some((pin.digits(), snapshot.ids.text(document.number).to_owned()))
    }

    fn welcome(&self) -> String {
        let mut text = String::from("\n  Running until Ctrl-C, on this machine only:\n");
        let mut line = |name: &str, value: String| {
            text.push_str(&format!("  {name:22} {value}\n"));
        };
        for n in 1..=2 {
            let kit = self.address(Port::Kit(n));
            line(
                &format!("kit K{n}, operator"),
                format!(
                    "http://{kit}/   monitor: http://{kit}/monitor   chair: http://{kit}/chair"
                ),
            );
        }
        line(
            "  open the kits",
            format!("at the chair's page with two cards of different bodies, PIN {CARD_PIN}"),
        );
        line("office", format!("http://{}/", self.address(Port::Office)));
        let names: Vec<&str> = ACCOUNTS.iter().map(|(name, ..)| *name).collect();
        line("  sign in", format!("{} with {PASSWORD}", names.join(", ")));
        line("portal", format!("http://{}/", self.address(Port::Portal)));
        for (at, reason) in self.examples() {
            if let Some((pin, document)) = self.numbers(at) {
                line("  try", format!("PIN {pin}, document {document}: {reason}"));
            }
        }
        for (number, at, _) in self.shown().into_iter().take(3) {
            if let Some((pin, _)) = self.numbers(at) {
                line(
                    "  a voter at the kit",
                    format!("PIN {pin}, line {number}: then choose {number:04}_… as the finger"),
                );
            }
        }
        text
    }

    /// A person on the list, and one for each of the commonest reasons not to be.
    fn examples(&self) -> Vec<(PersonAt, &'static str)> {
        let mut seen: Vec<&'static str> = Vec::new();
        let mut found = Vec::new();
        for person in self.formed.snapshot.people() {
            let decision = self.formed.roll.decisions[person.at()];
            let code = decision.code();
            let shown = match decision.outcome {
                Outcome::Listed(place) => place.precinct == self.precinct,
                Outcome::Excluded(_) => true,
            };
            if shown && !seen.contains(&code) && self.numbers(person).is_some() {
                seen.push(code);
                found.push((person, code));
            }
        }
        found.sort_by_key(|(_, code)| (*code != "LISTED", *code));
        found.truncate(4);
        found
    }
}

/// The folder of the programs: beside this one, or named by `TIZME_BIN_DIR`.
fn program(name: &str) -> anyhow::Result<PathBuf> {
    let beside = std::env::current_exe()
        .ok()
        .and_then(|path| path.parent().map(Path::to_owned));
    let named = std::env::var_os("TIZME_BIN_DIR").map(PathBuf::from);
    let path = named.or(beside).unwrap_or_default().join(name);
    if !path.exists() {
        bail!(
            "{} is missing: build it with `cargo build --release -p {}`",
            path.display(),
            crate_of(name)
        );
    }
    Ok(path)
}

fn crate_of(program: &str) -> &str {
    match program {
        "tizme-station" => "station",
        "tizme-oracle" => "oracle",
        "tizme-portal" => "portal",
        other => other,
    }
}

/// Prints every list as PDF by `tizme-print`, a process of its own.
///
/// # Errors
/// When the program is missing or fails.
pub fn print_lists(ground: &Ground, threads: usize) -> anyhow::Result<u64> {
    let paper = ground.path("paper");
    let status = Command::new(program("tizme-print")?)
        .arg("lists")
        .arg("--roll")
        .arg(ground.path("roll"))
        .arg("--publication")
        .arg(ground.path("publication"))
        .arg("--out")
        .arg(&paper)
        .args(["--threads", &threads.to_string()])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .context("starting tizme-print")?;
    if !status.success() {
        bail!("tizme-print could not print every list: run it by hand to see why");
    }
    let files = fs::read_dir(&paper)?;
    Ok(files
        .flatten()
        .filter(|f| f.path().extension().is_some_and(|e| e == "pdf"))
        .count() as u64)
}

/// Child processes; they end with this one.
#[derive(Default)]
struct Running(Vec<(&'static str, Child)>);

impl Running {
    fn start(
        &mut self,
        dir: &Path,
        name: &'static str,
        arguments: &[String],
        listens: Option<SocketAddr>,
    ) -> anyhow::Result<()> {
        let log = fs::File::options()
            .create(true)
            .append(true)
            .open(dir.join(format!("{name}.log")))?;
        let child = Command::new(program(name)?)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("starting {name}"))?;
        self.0.push((name, child));
        let Some(address) = listens else {
            return Ok(());
        };
        for _ in 0..100 {
            if TcpStream::connect_timeout(&address, Duration::from_millis(200)).is_ok() {
                return Ok(());
            }
            if let Some((_, child)) = self.0.last_mut()
                && let Some(status) = child.try_wait()?
            {
                bail!(
                    "{name} ended with {status}: see {}",
                    dir.join(format!("{name}.log")).display()
                );
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        bail!("{name} does not answer on {address}")
    }

    /// Waits for Ctrl-C, a stop, or a program that ends by itself.
    fn wait(mut self) -> anyhow::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(async {
            let mut stop =
                tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
            loop {
                tokio::select! {
                    _ = tokio::signal::ctrl_c() => return Ok(()),
                    _ = stop.recv() => return Ok(()),
                    () = tokio::time::sleep(Duration::from_secs(1)) => {
                        for (name, child) in &mut self.0 {
                            if let Some(status) = child.try_wait()? {
                                bail!("{name} ended with {status}");
                            }
                        }
                    }
                }
            }
        })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        for (_, child) in &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
