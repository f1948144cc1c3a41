//! `tizme batch seal` and `unseal`: a snapshot on its way from the register's host to the one that forms the list.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use ::batch::sealed::{Moved, open_snapshot, seal_snapshot};
use anyhow::{Context as _, Result};
use clap::Args;
use keys::FileKey;
use lexicon::ElectionLaw;
use lexicon::handover::envelope::{PublicKey, unhex};
use serde_json::json;

use super::{bar, show, trust};

/// Arguments of `seal`.
#[derive(Args)]
pub struct Seal {
    /// The snapshot folder.
    #[arg(long, value_name = "DIR")]
    snapshot: PathBuf,
    /// Public key of the host it goes to: 130 hexadecimal digits, or a file that holds them.
    #[arg(long, value_name = "POINT|FILE")]
    to: String,
    /// The folder to write to; it must not be there yet.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    #[command(flatten)]
    whose: Whose,
}

/// Arguments of `unseal`.
#[derive(Args)]
pub struct Unseal {
    /// The sealed folder.
    #[arg(long, value_name = "DIR")]
    sealed: PathBuf,
    /// The private key it was sealed to: a file of 64 hexadecimal digits.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The snapshot folder to write; it must not be there yet.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    #[command(flatten)]
    whose: Whose,
}

/// Whose signature the snapshot must bear.
#[derive(Args)]
struct Whose {
    /// The law.
    #[arg(long, value_name = "L")]
    law: String,
    /// The folder with register.pub.
    #[arg(long, value_name = "DIR", required_unless_present = "trust")]
    keys: Option<PathBuf>,
    /// Trust anchors that name the register's key, instead of the folder.
    #[arg(long, value_name = "FILE")]
    trust: Option<PathBuf>,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

impl Whose {
    fn register(&self, law: &ElectionLaw) -> Result<trust::Register> {
        if let Some(file) = &self.trust {
            return trust::from_anchors(file, law);
        }
        let folder = self.keys.as_deref().unwrap_or(Path::new("keys"));
        let register = trust::from_folder(folder)?;
        register
            .with_context(|| format!("no key of the register: {}/register.pub", folder.display()))
    }

    fn tell(&self, done: Moved, what: &str, out: &Path) {
        if self.json {
            println!(
                "{}",
                json!({
                    "snapshot": done.snapshot.hex(), "files": done.files, "bytes": done.bytes,
                    "folder": out.display().to_string(),
                })
            );
        } else {
            println!(
                "{what}: {} files, {} bytes, snapshot {}\n{}",
                done.files,
                done.bytes,
                done.snapshot.hex(),
                out.display()
            );
        }
    }
}

fn recipient(said: &str) -> Result<PublicKey> {
    let path = Path::new(said);
    if path.is_file() {
        return trust::read_public(path);
    }
    unhex(said)
        .and_then(|bytes| PublicKey::from_bytes(&bytes))
        .context("--to: neither a file nor a public key of 130 hexadecimal digits")
}

/// Seals.
pub fn seal(arguments: &Seal) -> Result<ExitCode> {
    let law = crate::law::read(&arguments.whose.law)?;
    let register = arguments.whose.register(&law)?;
    let to = recipient(&arguments.to)?;
    let bar = bar();
    let done = seal_snapshot(
        &arguments.snapshot,
        register.trust(law.election.number),
        &to,
        &keys::random(),
        &arguments.out,
        &|progress| show(&bar, progress),
    );
    bar.finish_and_clear();
    arguments.whose.tell(done?, "sealed", &arguments.out);
    Ok(ExitCode::SUCCESS)
}

/// Opens.
pub fn unseal(arguments: &Unseal) -> Result<ExitCode> {
    let law = crate::law::read(&arguments.whose.law)?;
    let register = arguments.whose.register(&law)?;
    let key = FileKey::read(&arguments.key)?;
    let bar = bar();
    let done = open_snapshot(
        &arguments.sealed,
        register.trust(law.election.number),
        &key,
        &arguments.out,
        &|progress| show(&bar, progress),
    );
    bar.finish_and_clear();
    arguments.whose.tell(done?, "opened", &arguments.out);
    Ok(ExitCode::SUCCESS)
}
