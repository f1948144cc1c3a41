//! `tizme-station`: the polling-station kit as a program of its own.

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use lexicon::handover::package::PackageManifest;
use station::clone::CloneError;
use station::config::{Config, ConfigFile, Opening};
use station::discovery::Neighbours;
use station::disk::{HostDisk, folder_of};

#[derive(Parser)]
#[command(
    name = "tizme-station",
    about = "Polling-station kit: operator, monitor and chair pages"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves a kit: pages on one address, other kits on another.
    Serve {
        /// Typed TOML; unknown keys are refused. Or the kit's folder: what its `kit.toml` leaves out, or all of it, is
        /// found there, on the machine and in the signed package.
        #[arg(long, default_value = ".")]
        config: PathBuf,
    },
    /// Makes a training kit in a folder, unless one is there, and serves it: invented voters, keys that no election
    /// knows, a striped frame on every screen, a lesson for an operator and one for a chair (page `/lesson`).
    Training {
        /// The folder; made when missing.
        #[arg(long)]
        folder: PathBuf,
        /// The same seed gives the same keys; random without one.
        #[arg(long)]
        seed: Option<String>,
        /// Address of the screens.
        #[arg(long, default_value = "127.0.0.1:8101")]
        pages: std::net::SocketAddr,
        /// Makes the folder and ends.
        #[arg(long)]
        make_only: bool,
    },
    /// Makes a folder of a stick or card a medium: the kit copies only to such a folder.
    Medium {
        /// The folder, on the mounted medium.
        #[arg(long)]
        at: PathBuf,
    },
    /// Makes an empty token an officer's card or a kit's key: a new P-256 key that never leaves it. Prints the
    /// public key for the roster. The PINs are read from two lines of the standard input: security officer, holder.
    Token {
        /// The PKCS#11 library.
        #[arg(long)]
        pkcs11: PathBuf,
        /// What the token is called.
        #[arg(long)]
        label: String,
    },
    /// Admits a spare kit that the package does not name: two officers at a kit of the station, or as many keys of the
    /// commission above as the package asks for. The file goes into the folder `grants` beside this configuration;
    /// carry it there on every kit of the station and on the spare, and start them again. Passphrases or PINs are read
    /// from the standard input, a line for each card.
    Grant {
        /// The configuration of a kit of the station.
        #[arg(long)]
        config: PathBuf,
        /// The spare's public key, as `tizme-station token` or `key` prints it.
        #[arg(long)]
        spare: String,
        /// The spare's short name on papers, as K9.
        #[arg(long)]
        name: String,
        /// KIT_LOST or KIT_ADDED.
        #[arg(long, default_value = "KIT_LOST", value_parser = ["KIT_LOST", "KIT_ADDED"])]
        reason: String,
        /// From when it acts, local, as 2015-10-04 10:00; now when left out.
        #[arg(long)]
        from: Option<String>,
        /// Until when it acts, local; as long as the package when left out.
        #[arg(long)]
        until: Option<String>,
        /// Ids of the cards that admit it, as the chair's page shows them.
        #[arg(long = "card", required = true)]
        cards: Vec<String>,
    },
    /// Admits an officer's card that the package does not name, by keys of the commission above: a substitute's, or one in
    /// place of a lost card. The file goes into the folder `grants` beside this configuration; carry it there on every kit of
    /// the station, or take it in on the chair's page, and start them again. It opens no kit: it signs acts. Passphrases or
    /// PINs are read from the standard input, a line for each key.
    AdmitCard {
        /// The configuration of a kit of the station.
        #[arg(long)]
        config: PathBuf,
        /// The card's public key, as `tizme-station token` prints it.
        #[arg(long)]
        card_key: String,
        /// Whose it is, as on papers.
        #[arg(long)]
        holder: String,
        /// chair, secretary or member.
        #[arg(long, value_parser = ["chair", "secretary", "member"])]
        role: String,
        /// The holder's nominating body.
        #[arg(long)]
        body: String,
        /// Why.
        #[arg(long, value_parser = lexicon::handover::card_grant::REASONS)]
        reason: String,
        /// From when it signs, local, as 2015-10-04 10:00; now when left out.
        #[arg(long)]
        from: Option<String>,
        /// Until when it signs, local; as long as the package when left out.
        #[arg(long)]
        until: Option<String>,
        /// Ids of the commission's keys.
        #[arg(long = "card", required = true)]
        cards: Vec<String>,
    },
    /// Writes the commission's decision that a closed precinct votes on another day, signed by its keys: `day-1.cose`, to be
    /// carried to a kit of the station on a stick. Passphrases or PINs are read from the standard input, a line for each card.
    Decide {
        /// The configuration of a kit of the station; its package says who decides and for how long.
        #[arg(long)]
        config: PathBuf,
        /// Number of the decision for this precinct, from 1.
        #[arg(long, default_value_t = 1)]
        number: u8,
        /// When the day opens, local, as 2015-10-05 09:00.
        #[arg(long)]
        opens: String,
        /// When it closes, local.
        #[arg(long)]
        closes: String,
        /// Why the precinct was closed before its time.
        #[arg(long, value_parser = lexicon::handover::day_decision::REASONS)]
        reason: String,
        /// Ids of the commission's keys.
        #[arg(long = "card", required = true)]
        cards: Vec<String>,
        /// Where the file is written.
        #[arg(long, default_value = ".")]
        out: PathBuf,
    },
    /// Prints the public key of the kit that a configuration names.
    Key {
        /// The kit's configuration; its package need not be there.
        #[arg(long)]
        config: PathBuf,
    },
    /// Puts the copy on a medium in the place of a journal that is lost or damaged. The kit must not run.
    Restore {
        /// The kit's configuration.
        #[arg(long)]
        config: PathBuf,
        /// The medium's folder.
        #[arg(long)]
        from: PathBuf,
        /// Number of this kit's last slip on paper; 0 when it gave none.
        #[arg(long)]
        last_receipt: u32,
    },
}

fn main() -> std::process::ExitCode {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .init();
    let done = match Arguments::parse().command {
        Command::Serve { config } if config.is_dir() => run(&config.join("kit.toml")),
        Command::Serve { config } => run(&config),
        Command::Training {
            folder,
            seed,
            pages,
            make_only,
        } => training(&folder, seed.as_deref(), pages, make_only),
        Command::Medium { at } => medium(&at),
        Command::Token { pkcs11, label } => token(&pkcs11, &label),
        Command::Grant {
            config,
            spare,
            name,
            reason,
            from,
            until,
            cards,
        } => grant(&config, &spare, &name, &reason, (from, until), &cards),
        Command::AdmitCard {
            config,
            card_key,
            holder,
            role,
            body,
            reason,
            from,
            until,
            cards,
        } => admit_card(
            &config,
            &card_key,
            [holder, role, body, reason],
            (from, until),
            &cards,
        ),
        Command::Decide {
            config,
            number,
            opens,
            closes,
            reason,
            cards,
            out,
        } => decide(&config, number, (&opens, &closes), &reason, &cards, &out),
        Command::Key { config } => key(&config),
        Command::Restore {
            config,
            from,
            last_receipt,
        } => put_back(&config, &from, last_receipt),
    };
    match done {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            std::process::ExitCode::from(2)
        }
    }
}

fn medium(folder: &std::path::Path) -> anyhow::Result<()> {
    station::mirror::make_medium(&HostDisk, folder)
        .with_context(|| folder.display().to_string())?;
    println!(
        "{} is a medium; name it in kit.toml: medium = \"…\"",
        folder.display()
    );
    Ok(())
}

fn training(
    folder: &std::path::Path,
    seed: Option<&str>,
    pages: std::net::SocketAddr,
    make_only: bool,
) -> anyhow::Result<()> {
    let seed = seed.map_or_else(
        || keys::random::<32>().to_vec(),
        |seed| seed.as_bytes().to_vec(),
    );
    let config = station::training::make(folder, &seed, &pages.to_string())?;
    println!(
        "training kit in {}; every card's passphrase is {}",
        folder.display(),
        station::training::PASSPHRASE
    );
    if make_only {
        return Ok(());
    }
    println!("lessons http://{pages}/lesson");
    run(&config)
}

fn token(pkcs11: &std::path::Path, label: &str) -> anyhow::Result<()> {
    let mut lines = std::io::stdin().lines();
    let mut pin = |whose: &str| -> anyhow::Result<String> {
        let line = lines.next().transpose()?.unwrap_or_default();
        let pin = line.trim().to_owned();
        anyhow::ensure!(
            pin.len() >= 4,
            "the {whose}'s PIN has at least 4 characters"
        );
        Ok(pin)
    };
    let (security, holder) = (pin("security officer")?, pin("holder")?);
    let card = keys::TokenModule::load(pkcs11)?.issue(label, &security, &holder)?;
    println!("key id {}", card.public.kid().hex());
    println!(
        "public key {}",
        lexicon::handover::envelope::hex(&card.public.0)
    );
    Ok(())
}

fn key(path: &std::path::Path) -> anyhow::Result<()> {
    let file = ConfigFile::read(path)?;
    let base = folder_of(path);
    let kit = Config::blank(&file, base)?;
    println!("{}", lexicon::handover::envelope::hex(&kit.key.public().0));
    Ok(())
}

fn grant(
    path: &std::path::Path,
    spare: &str,
    name: &str,
    reason: &str,
    (from, until): (Option<String>, Option<String>),
    kids: &[String],
) -> anyhow::Result<()> {
    let config = Config::read(path)?;
    let charter = config.charter()?;
    let point = station::grant::spare_key(spare)
        .context("--spare: no public key; 130 hexadecimal digits are expected")?;
    let plain = |c: char| c.is_ascii_alphanumeric();
    anyhow::ensure!(
        !name.is_empty() && name.len() <= 8 && name.chars().all(plain),
        "--name: one to eight letters and digits"
    );
    let reading = config.opening.config.clock.read();
    let cards = unlocked(&config, kids, reading.steady_micros)?;
    let cards: Vec<&dyn station::Card> = cards.iter().map(|card| &**card).collect();
    let manifest = charter.manifest();
    let made_at = reading.wall.micros();
    let not_before = moment_or(manifest, from, made_at)?;
    let not_after = moment_or(manifest, until, manifest.not_after)?;
    anyhow::ensure!(
        not_before < not_after,
        "--from, --until: the grant ends before it begins"
    );
    let spare = lexicon::handover::kit_grant::Spare {
        point,
        name: name.to_owned(),
        reason: reason.to_owned(),
        made_at,
        not_before,
        not_after,
    };
    let secret = keys::random::<32>();
    let kit = &*config.opening.key as &dyn lexicon::handover::package::KeyAgreement;
    let signed = station::grant::grant(&charter, &spare, &cards, kit, &secret)?;
    let base = folder_of(path);
    let kept = station::grant::keep(base, name, &signed)?;
    println!(
        "{name} is admitted: {}; carry the file into the folder grants of every kit and of the spare, and start them again",
        kept.display()
    );
    Ok(())
}

fn admit_card(
    path: &std::path::Path,
    card_key: &str,
    [name, role, body, reason]: [String; 4],
    (from, until): (Option<String>, Option<String>),
    kids: &[String],
) -> anyhow::Result<()> {
    let config = Config::read(path)?;
    let charter = config.charter()?;
    let point = station::grant::spare_key(card_key)
        .context("--card-key: no public key; 130 hexadecimal digits are expected")?;
    let reading = config.opening.config.clock.read();
    let cards = unlocked(&config, kids, reading.steady_micros)?;
    let cards: Vec<&dyn station::Card> = cards.iter().map(|card| &**card).collect();
    let manifest = charter.manifest();
    let made_at = reading.wall.micros();
    let grant = lexicon::handover::card_grant::CardGrant {
        suite: manifest.suite.clone(),
        election: manifest.election,
        precinct: manifest.precinct,
        package: charter.package().0.into(),
        officer: lexicon::handover::package::OfficerEntry {
            point: point.0.into(),
            role,
            body,
            name,
        },
        reason,
        made_at,
        not_before: moment_or(manifest, from, made_at)?,
        not_after: moment_or(manifest, until, manifest.not_after)?,
    };
    let signed = station::grant::admit_card(&charter, &grant, &cards)?;
    let kid = point.kid().hex();
    let kept = station::grant::keep(folder_of(path), &format!("card-{kid}"), &signed)?;
    println!(
        "the card {kid} is admitted: {}; carry the file into the folder grants of every kit, and start them again",
        kept.display()
    );
    Ok(())
}

/// A moment as it was typed, local at the station, or this one; microseconds UTC.
fn moment_or(
    manifest: &PackageManifest,
    typed: Option<String>,
    otherwise: i64,
) -> anyhow::Result<i64> {
    let Some(typed) = typed else {
        return Ok(otherwise);
    };
    let read = station::local_moment(&typed, i64::from(manifest.policy.offset_minutes));
    Ok(read
        .context("a time is written as 2015-10-04 10:00")?
        .micros())
}

/// The cards with these ids, each opened by a line of the standard input.
fn unlocked(
    config: &Config,
    kids: &[String],
    steady_micros: u64,
) -> anyhow::Result<Vec<Box<dyn station::Card>>> {
    let mut lines = std::io::stdin().lines();
    let mut cards = Vec::new();
    for kid in kids {
        let passphrase = lines.next().transpose()?.unwrap_or_default();
        let card = config.cards.unlock(kid, passphrase.trim(), steady_micros);
        cards.push(card.with_context(|| format!("card {kid}"))?);
    }
    Ok(cards)
}

fn decide(
    path: &std::path::Path,
    number: u8,
    (opens, closes): (&str, &str),
    reason: &str,
    kids: &[String],
    out: &std::path::Path,
) -> anyhow::Result<()> {
    let config = Config::read(path)?;
    let charter = config.charter()?;
    let manifest = charter.manifest();
    let reading = config.opening.config.clock.read();
    let offset = i64::from(manifest.policy.offset_minutes);
    let at = |typed: &str| -> anyhow::Result<i64> {
        let read = station::local_moment(typed, offset);
        Ok(read
            .context("a time is written as 2015-10-05 09:00")?
            .micros())
    };
    let decision = lexicon::handover::day_decision::DayDecision {
        suite: manifest.suite.clone(),
        election: manifest.election,
        precinct: manifest.precinct,
        package: charter.package().0.into(),
        number,
        opens: at(opens)?,
        closes: at(closes)?,
        reason: reason.to_owned(),
        made_at: reading.wall.micros(),
    };
    let cards = unlocked(&config, kids, reading.steady_micros)?;
    let signers: Vec<&dyn lexicon::handover::envelope::Signer> =
        cards.iter().map(|card| &**card as _).collect();
    let signed = decision.sign(&signers)?;
    // What no kit would take is not handed out.
    let points = manifest.holders().collect::<Vec<_>>();
    let decided = pollbook::Decided::read(&signed)?;
    decided.verify(&charter, &keys::KeyRing::of(points))?;
    let file = out.join(format!("day-{number}.cose"));
    station::disk::replace(&HostDisk, &file, &signed)?;
    println!(
        "{}: carry it to a kit of precinct {:04} on a stick; the others have it from there",
        file.display(),
        manifest.precinct
    );
    Ok(())
}

fn put_back(
    config: &std::path::Path,
    from: &std::path::Path,
    last_receipt: u32,
) -> anyhow::Result<()> {
    let config = Config::read(config)?;
    let disk: Arc<dyn station::disk::Disk> = Arc::new(HostDisk);
    let Opening { config, key, .. } = &config.opening;
    let done = station::restore::restore(&disk, config, key.kid(), from, last_receipt)?;
    println!(
        "put back: {} events, last slip {}; start the kit and let the chair open it",
        done.events, done.receipt
    );
    for kept in done.kept {
        println!("what was there is kept as {}", kept.display());
    }
    Ok(())
}

/// A kit without a package fetches it from the first peer that has it; until then it tries again.
fn wait_for_package(path: &std::path::Path) -> anyhow::Result<()> {
    let file = ConfigFile::read(path)?;
    let base = folder_of(path);
    let mut said = String::new();
    if !station::clone::is_blank(&file, base) {
        return Ok(());
    }
    // A blank kit announces nothing: nobody has to ask it.
    let around = file
        .looks_around()
        .then(|| Neighbours::look(file.lan, None, Vec::new()));
    let mut pass = 0usize;
    while station::clone::is_blank(&file, base) {
        let mut found = around.as_ref().map(Neighbours::found).unwrap_or_default();
        // Some are asked in a pass, others in the next: whoever announces many keeps the true one out of no turn.
        let turn = pass * station::clone::FOUND_TRIED % found.len().max(1);
        found.rotate_left(turn);
        pass += 1;
        match station::clone::fetch(&HostDisk, &file, base, &found) {
            Ok(peer) => println!("package of precinct {} taken from {peer}", file.precinct),
            Err(
                error @ (CloneError::Link(_)
                | CloneError::Foreign(_)
                | CloneError::Ciphertext
                | CloneError::NobodyFound),
            ) => {
                let why = error.to_string();
                if why != said {
                    println!("no package here yet; asking the peers again: {why}");
                    said = why;
                }
                std::thread::sleep(std::time::Duration::from_secs(2));
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// What is decrypted stays in memory: no swap file and no core file ever holds it. Where the system does not allow
/// that, log and screens say so, and the law's `locked_memory` says whether the kit may be opened.
fn keep_in_memory() -> bool {
    use rustix::mm::{MlockAllFlags, mlockall};
    use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
    use rustix::thread::{CapabilitySet, capabilities};
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    if let Err(error) = setrlimit(Resource::Core, none)
        .and_then(|()| set_dumpable_behavior(DumpableBehavior::NotDumpable))
    {
        tracing::warn!(%error, "core files cannot be forbidden");
    }
    // Under a limit, memory that is asked for later would be refused instead of locked.
    let may = capabilities(None).is_ok_and(|held| held.effective.contains(CapabilitySet::IPC_LOCK))
        || rustix::process::getrlimit(Resource::Memlock)
            .current
            .is_none();
    let flags = MlockAllFlags::CURRENT | MlockAllFlags::FUTURE | MlockAllFlags::ONFAULT;
    let locked = may.then(|| mlockall(flags));
    let is_locked = matches!(locked, Some(Ok(())));
    if !is_locked {
        tracing::warn!(
            "memory is not locked (LimitMEMLOCK=infinity): swap must be off or encrypted"
        );
    }
    is_locked
}

fn run(path: &std::path::Path) -> anyhow::Result<()> {
    let is_locked = keep_in_memory();
    wait_for_package(path)?;
    let mut config = Config::read(path)?;
    config.opening.is_memory_locked = Some(is_locked);
    let runtime = tokio::runtime::Runtime::new().context("threads for the pages")?;
    runtime.block_on(async {
        let serving = station::serve(config)
            .await
            .context("an address of the configuration")?;
        // Nobody may be reading: a kit does not stop for that.
        let _ = writeln!(
            std::io::stdout(),
            "operator http://{0}/  monitor http://{0}/monitor  chair http://{0}/chair\nkits ask {1} behind TLS",
            serving.pages,
            serving.lan
        );
        tokio::signal::ctrl_c()
            .await
            .context("waiting for the stop signal")
    })
}
