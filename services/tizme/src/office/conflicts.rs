//! `tizme office find-conflicts` and `tizme office conflicts …`: PIN conflicts, sent to the issuing agency and taken back.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};
use lexicon::{Date, DeskTexts, ElectionLaw, Purpose};
use register::conflict::ConflictKind;
use serde_json::json;
use store::conflicts::{AnswerTerms, ConflictCounts, ConflictState};
use store::{LOT_FILE_MAX_BYTES, Look, Store, write_rejects};

use super::{Place, open};

/// Who the journal says did it.
pub(super) const AUTHOR: &str = "tizme office";

/// What to do with PIN conflicts.
#[derive(Subcommand)]
pub enum Conflicts {
    /// Says how many conflicts stand where. Exit 1 while a freeze of the list waits for one.
    Status(Where),
    /// Writes a lot for the issuing agency: LOT.csv and its SHA-256 beside it. Exit 1 when there is nothing to send.
    Export(Export),
    /// Takes a lot back, filled in; a bad row goes to the rejects file. Exit 1 when there is one.
    Answer(Answer),
    /// Writes the notices not yet handed over as one table, and counts them as handed over.
    Notices(Notices),
}

/// Which store, under which law.
#[derive(Args)]
pub struct Where {
    #[command(flatten)]
    pub(super) place: Place,
    /// The law whose clock says what day it is.
    #[arg(long, default_value = "kg-2015")]
    law: String,
}

/// Arguments of `conflicts export`.
#[derive(Args)]
pub struct Export {
    #[command(flatten)]
    at: Where,
    /// The day until which the answer is due, YYYY-MM-DD.
    #[arg(long)]
    due: String,
    /// The folder for the file.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// Arguments of `conflicts answer`.
#[derive(Args)]
pub struct Answer {
    /// The lot as the agency filled it in.
    file: PathBuf,
    #[command(flatten)]
    at: Where,
    /// Applies answers that came after their day as well.
    #[arg(long)]
    accept_late: bool,
    /// Where rejected rows are listed; default: FILE.rejects.csv.
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
}

/// Arguments of `conflicts notices`.
#[derive(Args)]
pub struct Notices {
    #[command(flatten)]
    at: Where,
    /// The table to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Runs a command.
pub fn run(command: &Conflicts) -> Result<ExitCode> {
    match command {
        Conflicts::Status(at) => status(at),
        Conflicts::Export(arguments) => export(arguments),
        Conflicts::Answer(arguments) => answer(arguments),
        Conflicts::Notices(arguments) => notices(arguments),
    }
}

impl Where {
    /// The store, and the local day by its clock.
    pub(super) fn open(&self) -> Result<(Store, Date)> {
        let law = ElectionLaw::shipped(&self.law)?;
        let store = open(&self.place)?;
        let today = store.now().local_date(law.election.offset_minutes);
        Ok((store, today))
    }
}

pub(super) fn look() -> Look<'static> {
    Look {
        staff: AUTHOR,
        purpose: Purpose::Reconcile,
        reason: "",
    }
}

/// Opens a conflict for everything the register contradicts itself in.
pub fn find(at: &Where) -> Result<ExitCode> {
    let (store, today) = at.open()?;
    let found = store.find_conflicts(AUTHOR, today)?;
    if at.place.json {
        let shown = json!({
            "shared_pins": found.shared_pins, "two_pins": found.two_pins, "notices": found.notices,
            "all": found.counts.all(), "blocking": found.counts.blocking(),
        });
        println!("{shown}");
    } else {
        println!(
            "opened now: {} shared PINs, {} people with two PINs",
            found.shared_pins, found.two_pins
        );
        println!("notices written: {}", found.notices);
        show(&found.counts);
    }
    Ok(ExitCode::SUCCESS)
}

fn show(counts: &ConflictCounts) {
    println!("{:12} {:>10} {:>10}", "", "SHARED_PIN", "TWO_PINS");
    for state in ConflictState::ALL {
        let [shared, double] = ConflictKind::ALL.map(|kind| counts.of(kind, state));
        println!("{:12} {shared:>10} {double:>10}", state.code());
    }
    println!("a freeze of the list waits for {}", counts.blocking());
}

fn status(at: &Where) -> Result<ExitCode> {
    let (store, today) = at.open()?;
    let counts = store.read("conflict_counts", |tx| tx.conflict_counts(today))?;
    if at.place.json {
        let by_state: Vec<_> = ConflictKind::ALL
            .iter()
            .flat_map(|kind| ConflictState::ALL.map(|state| (*kind, state)))
            .map(|(kind, state)| {
                json!({ "kind": kind.code(), "state": state.code(), "cases": counts.of(kind, state) })
            })
            .collect();
        println!(
            "{}",
            json!({ "conflicts": by_state, "blocking": counts.blocking() })
        );
    } else {
        show(&counts);
    }
    Ok(ExitCode::from(u8::from(counts.blocking() > 0)))
}

fn export(arguments: &Export) -> Result<ExitCode> {
    let (store, today) = arguments.at.open()?;
    let due = lot_terms(&arguments.due, today, &arguments.out)?;
    let Some(made) = store.make_conflict_lot(look(), due, today)? else {
        println!("nothing to send: no conflict waits to be asked");
        return Ok(ExitCode::from(1));
    };
    let name = format!("conflicts-lot-{:04}.csv", made.lot.lot);
    let path = arguments.out.join(&name);
    write(&path, made.file.open(Purpose::Reconcile))?;
    let sum = format!("{}  {name}\n", made.lot.sha256);
    write(
        &arguments.out.join(format!("{name}.sha256")),
        sum.as_bytes(),
    )?;
    if arguments.at.place.json {
        let shown = json!({
            "lot": made.lot.lot, "cases": made.lot.cases, "due": due.to_string(),
            "sha256": made.lot.sha256, "file": path.display().to_string(),
        });
        println!("{shown}");
    } else {
        println!("lot {}: {} cases, due {due}", made.lot.lot, made.lot.cases);
        println!("{}", path.display());
        println!("sha256 {}", made.lot.sha256);
    }
    Ok(ExitCode::SUCCESS)
}

/// The day until which the answer to a lot is due, not past; makes the folder for its files.
pub(super) fn lot_terms(due: &str, today: Date, out: &Path) -> Result<Date> {
    let day: Date = due
        .parse()
        .with_context(|| format!("--due {due}: must be a day as YYYY-MM-DD"))?;
    if day < today {
        bail!("--due {day} is past; today is {today}");
    }
    std::fs::create_dir_all(out).with_context(|| format!("making {}", out.display()))?;
    Ok(day)
}

pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    std::fs::write(path, bytes).with_context(|| format!("writing {}", path.display()))
}

/// Reads a file that somebody filled in, within the size that is taken.
pub(super) fn read_lot(path: &Path) -> Result<Vec<u8>> {
    let said = || format!("reading {}", path.display());
    let bytes = std::fs::metadata(path).with_context(said)?.len();
    if bytes > LOT_FILE_MAX_BYTES {
        bail!("{}: larger than {LOT_FILE_MAX_BYTES} bytes", path.display());
    }
    std::fs::read(path).with_context(said)
}

/// Where the rejects of a file go: beside it, unless it was said.
pub(super) fn rejects_of(file: &Path, asked: Option<&PathBuf>) -> PathBuf {
    asked.cloned().unwrap_or_else(|| {
        let mut name = file.as_os_str().to_owned();
        name.push(".rejects.csv");
        PathBuf::from(name)
    })
}

fn answer(arguments: &Answer) -> Result<ExitCode> {
    let (store, today) = arguments.at.open()?;
    let bytes = read_lot(&arguments.file)?;
    let terms = AnswerTerms {
        today,
        accept_late: arguments.accept_late,
    };
    let shown = arguments.file.display().to_string();
    let report = store
        .take_conflict_answers(AUTHOR, &bytes, terms)
        .with_context(|| shown.clone())?;
    let rejects = rejects_of(&arguments.file, arguments.rejects.as_ref());
    write_rejects(&rejects, &shown, &report.rejected)
        .with_context(|| format!("writing {}", rejects.display()))?;
    if arguments.at.place.json {
        let cases: serde_json::Map<String, serde_json::Value> = report
            .cases
            .iter()
            .map(|(state, n)| (state.code().to_owned(), json!(n)))
            .collect();
        let shown = json!({
            "sha256": report.file, "cases": cases, "left_blank": report.left_blank,
            "known": report.known, "rejected": report.rejected.len(),
        });
        println!("{shown}");
    } else {
        for (state, n) in &report.cases {
            println!("{n:>8} {}", state.code());
        }
        println!("{:>8} without an answer", report.left_blank);
        println!("{:>8} taken before", report.known);
        println!("{:>8} rows rejected", report.rejected.len());
        if !report.rejected.is_empty() {
            println!("rejected rows: {}", rejects.display());
        }
    }
    Ok(ExitCode::from(u8::from(!report.rejected.is_empty())))
}

fn notices(arguments: &Notices) -> Result<ExitCode> {
    let (store, _) = arguments.at.open()?;
    let texts = DeskTexts::kg()?;
    // The table is written before the notices count as handed over: a full disk loses none.
    let waiting = store.open_notices(look(), None, false)?;
    let mut writer = csv::Writer::from_path(&arguments.out)
        .with_context(|| format!("writing {}", arguments.out.display()))?;
    writer.write_record([
        "notice", "case", "person", "address", "kind", "ky", "ru", "en",
    ])?;
    let mut written = 0u64;
    for one in waiting.iter().filter(|one| one.notice.handed.is_none()) {
        let state = one.state.open(Purpose::Reconcile);
        let said = texts.notice.get(one.notice.kind.code());
        let text = |language| {
            said.map_or_else(String::new, |said| {
                format!(
                    "{} {}",
                    said.sentence.get(language),
                    said.next.get(language)
                )
            })
        };
        let [ky, ru, en] = lexicon::Language::ALL.map(text);
        writer.write_record([
            &one.notice.notice.to_string(),
            &one.notice.case.to_string(),
            &state
                .name()
                .map_or_else(String::new, lexicon::CivilName::full),
            one.address.open(Purpose::Reconcile),
            one.notice.kind.code(),
            &ky,
            &ru,
            &en,
        ])?;
        written += 1;
    }
    writer.flush()?;
    store.open_notices(look(), None, true)?;
    if arguments.at.place.json {
        println!(
            "{}",
            json!({ "notices": written, "file": arguments.out.display().to_string() })
        );
    } else {
        println!("{written} notices: {}", arguments.out.display());
    }
    Ok(ExitCode::SUCCESS)
}
