//! `tizme office audit`: the day's marks beside the paper, by a public sample.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};
use lexicon::PrecinctCode;
use roll::audit::{List, Place, Population, Seen, Terms, sample_size, upper_bound_ppm};
use serde_json::json;
use store::{Store, StoreError};

/// The columns of a sheet.
const HEAD: [&str; 5] = ["precinct", "page", "line", "seen", "drawn_from"];

/// The audit of the day.
#[derive(Subcommand)]
pub enum Audit {
    /// Draws the sample by a public seed and writes the sheet that people take to the paper.
    Draw(Draw),
    /// Compares a filled sheet with the marks. Exit 1 when something differs or is left out.
    Judge(Judge),
}

#[derive(Args)]
struct Sampled {
    #[command(flatten)]
    place: super::Place,
    /// What was thrown or drawn before observers, as it was read aloud: `4 1 6 2 3 3 5 1`.
    #[arg(long)]
    seed: String,
    /// A share of one in so many wrong records is to be found.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(2..))]
    one_in: u32,
    /// The risk that such a share is missed, in thousandths.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=999))]
    risk_permille: u32,
}

/// Arguments of `draw`.
#[derive(Args)]
pub struct Draw {
    #[command(flatten)]
    sampled: Sampled,
    /// The sheet, CSV: precinct, page, line, and `seen`, which people fill with `signed`, `unsigned` or `missing`.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Arguments of `judge`.
#[derive(Args)]
pub struct Judge {
    #[command(flatten)]
    sampled: Sampled,
    /// The filled sheet.
    #[arg(long, value_name = "FILE")]
    sheet: PathBuf,
    /// Where the mismatches are listed, CSV.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Sampled {
    fn terms(&self) -> Terms {
        Terms {
            one_in: self.one_in,
            risk_permille: self.risk_permille,
        }
    }
}

fn population(store: &Store) -> Result<Population> {
    let found = store.read("audit", |tx| {
        let mut population = Population::default();
        for (day, _) in tx.day_precincts()? {
            let bound = tx.line_persons(day.release, day.precinct)?.len();
            let list = List {
                lines: u32::try_from(day.lines).unwrap_or(u32::MAX),
                bound: u32::try_from(bound).unwrap_or(u32::MAX),
                on_page: u16::try_from(day.lines_per_page).unwrap_or(u16::MAX),
            };
            population.lists.insert(day.precinct, list);
            let marks = tx.day_marks(&day)?;
            let marked = marks.iter().map(|mark| (day.precinct, mark.line));
            population.marks.extend(marked);
        }
        Ok::<_, StoreError>(population)
    })?;
    if found.lists.is_empty() {
        bail!("no journal has come in: `tizme office day` takes them");
    }
    Ok(found)
}

/// Runs a command.
pub fn run(command: &Audit) -> Result<ExitCode> {
    match command {
        Audit::Draw(arguments) => draw(arguments),
        Audit::Judge(arguments) => judge(arguments),
    }
}

fn draw(arguments: &Draw) -> Result<ExitCode> {
    let sampled = &arguments.sampled;
    let population = population(&super::open(&sampled.place)?)?;
    let sample = population.sample(&sampled.seed, sampled.terms());
    let (id, places) = (population.id(), sample.places());
    let mut text = HEAD.join(",");
    text.push('\n');
    for place in &places {
        let Place {
            precinct,
            page,
            line,
        } = place;
        text.push_str(&format!("{precinct},{page},{line},,{id}\n"));
    }
    std::fs::write(&arguments.out, text).with_context(|| arguments.out.display().to_string())?;
    let (marks, lines) = (sample.marks.len(), sample.lines.len());
    let size = sample_size(sampled.terms());
    if sampled.place.json {
        let shown = json!({ "seed": sampled.seed, "drawn_from": id, "sample_size": size, "marks": marks, "lines": lines,
            "places": places.len(), "of_marks": population.marks.len(), "precincts": population.lists.len() });
        println!("{shown}");
    } else {
        println!(
            "{} places in {} precincts: {marks} of {} marks, {lines} of all lines (sample of {size} each); drawn from {id}",
            places.len(),
            population.lists.len(),
            population.marks.len()
        );
        println!("fill `seen` with signed, unsigned or missing, then: tizme office audit judge");
    }
    Ok(ExitCode::SUCCESS)
}

fn read_sheet(path: &PathBuf, id: &str) -> Result<BTreeMap<Place, Seen>> {
    let name = path.display();
    let text = std::fs::read_to_string(path).with_context(|| name.to_string())?;
    let mut lines = (1..).zip(text.trim_start_matches('\u{feff}').lines());
    let head = lines.next().map_or("", |(_, head)| head.trim());
    if head != HEAD.join(",") {
        bail!("{name}, line 1: the columns are {}", HEAD.join(","));
    }
    let mut seen = BTreeMap::new();
    for (at, row) in lines.filter(|(_, row)| !row.trim().is_empty()) {
        let cells: Vec<&str> = row.split(',').map(str::trim).collect();
        let [precinct, page, line, word, drawn_from] = cells[..] else {
            bail!("{name}, line {at}: five columns are expected");
        };
        if drawn_from != id {
            bail!(
                "{name}, line {at}, drawn_from: the sheet was drawn from {drawn_from}, the marks are {id} now; \
                 a journal came in since: draw again"
            );
        }
        let number = |field: &str, text: &str| {
            text.parse::<u32>()
                .with_context(|| format!("{name}, line {at}, {field}: no number"))
        };
        let place = Place {
            precinct: u16::try_from(number("precinct", precinct)?)
                .ok()
                .and_then(|number| PrecinctCode::new(number).ok())
                .with_context(|| {
                    format!("{name}, line {at}, precinct: there is none of this number")
                })?,
            page: number("page", page)?,
            line: number("line", line)?,
        };
        if word.is_empty() {
            continue;
        }
        let word = Seen::from_word(word).with_context(|| {
            format!("{name}, line {at}, seen: write signed, unsigned or missing")
        })?;
        if seen.insert(place, word).is_some_and(|other| other != word) {
            bail!("{name}, line {at}: this place stands here twice with different words");
        }
    }
    Ok(seen)
}

fn judge(arguments: &Judge) -> Result<ExitCode> {
    let sampled = &arguments.sampled;
    let population = population(&super::open(&sampled.place)?)?;
    let sample = population.sample(&sampled.seed, sampled.terms());
    let places = sample.places();
    let seen = read_sheet(&arguments.sheet, &population.id())?;
    if let Some(stranger) = seen.keys().find(|place| !places.contains(place)) {
        bail!(
            "{}: precinct {}, line {} is not in the sample of this seed; check --seed, --one-in and --risk-permille",
            arguments.sheet.display(),
            stranger.precinct,
            stranger.line
        );
    }
    let finding = population.judge(&sample, &seen);
    let bound = |looked, wrong| upper_bound_ppm(looked, wrong, sampled.risk_permille);
    let (marks, lines) = (
        bound(finding.marks, finding.marks_wrong),
        bound(finding.lines, finding.lines_wrong),
    );
    if let Some(path) = &arguments.out {
        let mut text = String::from("precinct,page,line,code\n");
        for (place, why) in &finding.mismatches {
            let code = why.code();
            text.push_str(&format!(
                "{},{},{},{code}\n",
                place.precinct, place.page, place.line
            ));
        }
        for place in &finding.unanswered {
            text.push_str(&format!(
                "{},{},{},NOT_LOOKED_UP\n",
                place.precinct, place.page, place.line
            ));
        }
        std::fs::write(path, text).with_context(|| path.display().to_string())?;
    }
    if sampled.place.json {
        let shown = json!({ "holds": finding.holds(), "marks": finding.marks, "marks_wrong": finding.marks_wrong,
            "marks_bound_ppm": marks, "lines": finding.lines, "lines_wrong": finding.lines_wrong,
            "lines_bound_ppm": lines, "unanswered": finding.unanswered.len() });
        println!("{shown}");
    } else {
        println!(
            "marks: {} of {} differ, at most {marks} in a million of all; lines: {} of {} differ, at most {lines} in a million \
             (risk {} in 1,000); {} not looked up",
            finding.marks_wrong,
            finding.marks,
            finding.lines_wrong,
            finding.lines,
            sampled.risk_permille,
            finding.unanswered.len()
        );
        println!(
            "{}",
            if finding.holds() {
                "the audit holds"
            } else if finding.mismatches.is_empty() {
                "the audit is not finished: look up the places that are left"
            } else {
                "the audit does not hold: compare the precincts that are named line by line (worksheet on the page of the day)"
            }
        );
    }
    Ok(ExitCode::from(u8::from(!finding.holds())))
}
