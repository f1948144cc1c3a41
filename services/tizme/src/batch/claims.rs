//! `tizme batch claims` and `tizme batch transfers`: what was asked for, by when it is answered, and where to.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use lexicon::{Date, ElectionLaw};
use roll::claim::{AnswerClock, answer_clock, receipt_number};
use roll::transfers::{AlarmPolicy, Inflow, Phones, inflows};
use roll::{Roll, Snapshot, form};
use serde_json::{Value, json};

use super::Place;

/// Arguments of `claims`.
#[derive(Args)]
pub struct Claims {
    #[command(flatten)]
    place: Place,
    /// The day on which the clocks are read, as 2015-09-20.
    #[arg(long, value_name = "DAY")]
    today: String,
    /// Days of answers that were given: a CSV file with the columns claim_id,answered.
    #[arg(long, value_name = "FILE")]
    answered: Option<PathBuf>,
}

/// Arguments of `transfers`.
#[derive(Args)]
pub struct Transfers {
    #[command(flatten)]
    place: Place,
    /// Telephone numbers left at the desk: a CSV file with the columns claim_id,phone. They are counted, not kept.
    #[arg(long, value_name = "FILE")]
    phones: Option<PathBuf>,
    /// For the public: no count under ten.
    #[arg(long)]
    public: bool,
}

fn day(option: &str, text: &str) -> Result<Date> {
    text.parse()
        .with_context(|| format!("{option}: {text} is no day as 2015-09-20"))
}

/// Reads two named columns; a row that does not read is told with its line.
fn pairs<T>(
    file: &Path,
    column: &str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<BTreeMap<String, T>> {
    let at_file = || file.display().to_string();
    let mut reader = csv::Reader::from_path(file).with_context(at_file)?;
    let headers = reader.headers().with_context(at_file)?.clone();
    let place = |name: &str| headers.iter().position(|header| header == name);
    let (Some(id), Some(value)) = (place("claim_id"), place(column)) else {
        bail!(
            "{}: the columns claim_id and {column} are expected",
            file.display()
        );
    };
    let mut found = BTreeMap::new();
    for (line, row) in (2..).zip(reader.records()) {
        let row = row.with_context(at_file)?;
        let key = row.get(id).unwrap_or_default();
        let text = row.get(value).unwrap_or_default();
        if text.is_empty() {
            continue;
        }
        let Some(read) = read(text) else {
            bail!(
                "{}: line {line}: column {column} cannot be read",
                file.display()
            );
        };
        found.insert(key.to_owned(), read);
    }
    Ok(found)
}

/// Reads clocks and writes `claims-due.csv`.
pub fn run(arguments: &Claims) -> Result<ExitCode> {
    let place = &arguments.place;
    let law = place.law()?;
    let today = day("--today", &arguments.today)?;
    let answered = match &arguments.answered {
        Some(file) => pairs(file, "answered", |text| text.parse::<Date>().ok())?,
        None => BTreeMap::new(),
    };
    let snapshot = place.snapshot(&law)?;
    let roll = form(&snapshot, &law)?;
    let (mut states, mut outcomes) = (BTreeMap::<&str, u64>::new(), BTreeMap::<&str, u64>::new());
    let path = place.write("claims-due.csv", |path| {
        let mut writer = csv::Writer::from_path(path)?;
        writer.write_record([
            "claim_id", "receipt", "kind", "filed", "due", "state", "days", "outcome", "chain",
        ])?;
        for at in 0..snapshot.claims.len() {
            let row = row(&snapshot, &roll, &law, at, (today, &answered));
            *states.entry(row.state).or_default() += 1;
            *outcomes.entry(roll.claims.outcomes[at].code()).or_default() += 1;
            writer.write_record(row.cells)?;
        }
        writer.flush()?;
        Ok(())
    })?;
    let overdue = states.get("overdue").copied().unwrap_or(0);
    place.tell(
        &json!({
            "claims": snapshot.claims.len(), "today": today.to_string(), "by_state": states,
            "by_outcome": outcomes, "file": path.display().to_string(),
        }),
        || {
            let told = |(state, count): (&&str, &u64)| format!("{count:>10} {state}\n");
            let lines: Vec<_> = states.iter().map(told).collect();
            format!(
                "{}{} claims: {}",
                lines.concat(),
                snapshot.claims.len(),
                path.display()
            )
        },
    );
    Ok(ExitCode::from(u8::from(overdue > 0)))
}

/// A row of `claims-due.csv`.
struct DueRow {
    state: &'static str,
    cells: [String; 9],
}

fn row(
    snapshot: &Snapshot,
    roll: &Roll,
    law: &ElectionLaw,
    at: usize,
    (today, answered): (Date, &BTreeMap<String, Date>),
) -> DueRow {
    let claim = &snapshot.claims[at];
    let given = answered.get(&*claim.id).copied();
    let (due, clock) = answer_clock(law, claim.filed, given, today);
    let (state, days) = match clock {
        AnswerClock::Answered { late_days: 0 } => ("answered", 0),
        AnswerClock::Answered { late_days } => ("answered_late", late_days),
        AnswerClock::Waiting { left_days } => ("waiting", left_days),
        AnswerClock::Overdue { days } => ("overdue", days),
    };
    let chain = roll.claims.chain(at);
    let chain: Vec<&str> = chain.iter().map(|at| &*snapshot.claims[*at].id).collect();
    let cells = [
        claim.id.to_string(),
        receipt_number(law.election.number, &claim.id),
        claim.kind.to_string(),
        claim.filed.local_text(law.election.offset_minutes),
        due.to_string(),
        state.to_owned(),
        days.to_string(),
        roll.claims.outcomes[at].code().to_owned(),
        chain.join(">"),
    ];
    DueRow { state, cells }
}

/// The digits of a telephone number as one number; what has fewer than six is none.
fn phone(text: &str) -> Option<u64> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let is_number = text
        .chars()
        .all(|c| c.is_ascii_digit() || matches!(c, ' ' | '+' | '-' | '(' | ')'));
    // The last nine digits name a subscriber, with or without the country's code.
    let from = digits.len().saturating_sub(9);
    (is_number && digits.len() >= 6).then(|| digits[from..].parse().ok())?
}

/// Counts applications and writes `transfers.json`.
pub fn transfers(arguments: &Transfers) -> Result<ExitCode> {
    let place = &arguments.place;
    let law = place.law()?;
    let phones: Phones = match &arguments.phones {
        Some(file) => pairs(file, "phone", phone)?,
        None => Phones::new(),
    };
    let snapshot = place.snapshot(&law)?;
    let roll = form(&snapshot, &law)?;
    let policy = AlarmPolicy::standard();
    let found = inflows(&snapshot, &roll, &law, &phones, policy);
    let alarms = found.iter().filter(|inflow| inflow.alarm).count();
    let filings: u64 = found.iter().map(|inflow| u64::from(inflow.filings)).sum();
    let rows: Vec<Value> = found.iter().map(|of| shown(of, arguments.public)).collect();
    let document = json!({ "law": law.id, "alarm_from": policy.alarm, "precincts": rows });
    let path = place.write("transfers.json", |path| {
        Ok(std::fs::write(path, format!("{document}\n"))?)
    })?;
    place.tell(
        &json!({
            "applications": filings, "precincts": found.len(), "alarms": alarms,
            "file": path.display().to_string(),
        }),
        || {
            let raised = found.iter().filter(|inflow| inflow.alarm).map(told);
            format!(
                "{}{filings} applications into {} precincts, {alarms} alarms: {}",
                raised.collect::<String>(),
                found.len(),
                path.display()
            )
        },
    );
    Ok(ExitCode::from(u8::from(alarms > 0)))
}

fn told(inflow: &Inflow) -> String {
    format!(
        "ALARM {}: {} applications, score {} of 1000; nothing is refused by it\n",
        inflow.precinct,
        inflow.filings,
        inflow.score.total()
    )
}

fn shown(inflow: &Inflow, public: bool) -> Value {
    let count = |count: u32| match count {
        1..10 if public => json!("<10"),
        count => json!(count),
    };
    let days: Vec<Value> = inflow
        .by_day
        .iter()
        .map(|(day, number)| json!([day.to_string(), count(*number)]))
        .collect();
    let score = inflow.score;
    json!({
        "precinct": inflow.precinct.to_string(), "residents": inflow.residents, "applications": count(inflow.filings),
        "by_day": days, "from_one_place": count(inflow.from_one_place), "with_one_phone": count(inflow.with_one_phone),
        "within_three_days": count(inflow.within_burst), "alarm": inflow.alarm,
        "score": { "total": score.total(), "size": score.size, "burst": score.burst, "origin": score.origin, "phone": score.phone },
    })
}
