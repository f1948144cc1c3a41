//! Accounts of the office. A password is read from stdin or a file, never from an argument: arguments
//! are seen by everybody on the machine.

use std::io::{IsTerminal as _, Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context as _, Result, bail};
use clap::Args;
use lexicon::Instant;
use office::Role;
use store::{Staff, Store, StoreError};

use super::{Place, open};

/// Who the journal says made an account.
const AUTHOR: &str = "tizme office";

/// Arguments of `add-staff`.
#[derive(Args)]
pub struct AddStaff {
    /// Account name: small Latin letters, digits, `.`, `_` and `-`.
    account: String,
    /// Role: clerk, registrar, adjudicator, `call_centre`, observer or administrator.
    #[arg(long)]
    role: String,
    /// Name on the screen, as `Токтосунова Ж. К.`; default: the account name.
    #[arg(long)]
    name: Option<String>,
    /// File whose first line is the password; default: stdin.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
}

/// Arguments of `close-staff`.
#[derive(Args)]
pub struct CloseStaff {
    /// Account name.
    account: String,
    #[command(flatten)]
    place: Place,
}

pub fn add(arguments: &AddStaff) -> Result<ExitCode> {
    let account = account_name(&arguments.account)?;
    let role = Role::from_code(&arguments.role).with_context(|| {
        let known: Vec<&str> = Role::ALL.iter().map(|role| role.code()).collect();
        format!("no role {}; there are {}", arguments.role, known.join(", "))
    })?;
    let store = open(&arguments.place)?;
    let password = password(arguments)?;
    let kept = office::password::hash(&password, &keys::random())?;
    let staff = Staff {
        staff: account.to_owned(),
        display: arguments.name.clone().unwrap_or_else(|| account.to_owned()),
        role: role.code().to_owned(),
        password: kept,
        active: true,
        failures: 0,
        locked_until: Instant::from_micros(0),
    };
    // Whoever holds a session under the old password is signed out.
    store.transact("add_staff", AUTHOR, |tx| {
        tx.record_staff(&staff)?;
        tx.end_sessions_of(account)
    })?;
    println!("{account}: {}", role.code());
    Ok(ExitCode::SUCCESS)
}

pub fn close(arguments: &CloseStaff) -> Result<ExitCode> {
    let account = account_name(&arguments.account)?;
    let store: Store = open(&arguments.place)?;
    let ended = store.transact("close_staff", AUTHOR, |tx| {
        let Some(mut staff) = tx.find_staff(account)? else {
            return Ok::<_, StoreError>(None);
        };
        staff.active = false;
        tx.record_staff(&staff)?;
        tx.end_sessions_of(account).map(Some)
    })?;
    match ended {
        Some(sessions) => println!("{account}: closed, {sessions} sessions ended"),
        None => bail!("there is no account {account}"),
    }
    Ok(ExitCode::SUCCESS)
}

/// An account name as the sign-in page reads it: in small letters.
fn account_name(text: &str) -> Result<&str> {
    let fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
    if text.is_empty() || text.len() > 40 || !text.chars().all(fine) {
        bail!("an account name has 1 to 40 of: a-z, 0-9, '.', '_', '-'");
    }
    Ok(text)
}

fn password(arguments: &AddStaff) -> Result<String> {
    let text = match &arguments.password_file {
        Some(path) => {
            std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?
        }
        None => typed()?,
    };
    Ok(text.lines().next().unwrap_or("").to_owned())
}

/// Reads a line from stdin; on a terminal without showing it.
fn typed() -> Result<String> {
    let mut text = String::new();
    if !std::io::stdin().is_terminal() {
        std::io::stdin().read_to_string(&mut text)?;
        return Ok(text);
    }
    eprint!("password: ");
    std::io::stderr().flush()?;
    let echo = |setting: &str| {
        Command::new("stty")
            .arg(setting)
            .stdin(Stdio::inherit())
            .status()
            .is_ok_and(|status| status.success())
    };
    let is_hidden = echo("-echo");
    let read = std::io::stdin().read_line(&mut text);
    if is_hidden {
        echo("echo");
    }
    eprintln!();
    read?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::account_name;

    #[test]
    fn an_account_name_is_what_the_sign_in_page_reads() {
        for fine in ["aida", "a.sanov-2", "op_7"] {
            assert_eq!(account_name(fine).ok(), Some(fine));
        }
        for wrong in ["", "Aida", "айда", "a b", "a'b"] {
            assert!(account_name(wrong).is_err(), "{wrong}");
        }
    }
}
