//! The plan as tables that open in a spreadsheet, and its summary as JSON.

use std::path::Path;

use ::logistics::queue::Over;
use ::logistics::{Compared, Deployed, Flag, Planned, Spread, Texts};
use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::Made;
use crate::batch::write_beside;

/// Milliseconds as minutes with one decimal, rounded.
pub fn minutes(ms: impl Into<u64>) -> String {
    let tenths = (ms.into() + 3_000) / 6_000;
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// Thousandths as a percentage with one decimal.
pub fn percent(permille: impl Into<i64>) -> String {
    let permille = permille.into();
    let sign = if permille < 0 { "-" } else { "" };
    let amount = permille.abs();
    format!("{sign}{}.{}", amount / 10, amount % 10)
}

/// Hundredths of a som as soms.
pub fn som(tyiyn: u64) -> String {
    format!("{}.{:02}", tyiyn / 100, tyiyn % 100)
}

/// A moment after opening as a time of day.
pub fn time(opens_minutes: u16, hour: usize) -> String {
    let minutes = usize::from(opens_minutes) + hour * 60;
    format!("{:02}:{:02}", minutes / 60 % 24, minutes % 60)
}

/// Writes a file beside its place and renames it.
pub fn put(folder: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    let written = write_beside(folder, name, |partial| {
        std::fs::write(partial, bytes).with_context(|| folder.join(name).display().to_string())
    });
    written.map(|_| ())
}

/// A table with a byte-order mark, by which spreadsheets know UTF-8.
fn table(folder: &Path, name: &str, head: &[&str], rows: Vec<Vec<String>>) -> Result<()> {
    let mut writer = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
    writer.write_record(head)?;
    for row in rows {
        writer.write_record(row)?;
    }
    let bytes = writer.into_inner().context("a table in memory")?;
    put(folder, name, &bytes)
}

fn waits(spread: &Spread) -> [String; 4] {
    [
        minutes(spread.p50_ms),
        minutes(spread.p95_ms),
        minutes(spread.max_ms),
        spread.queue_max.to_string(),
    ]
}

/// Writes every table and `summary.json`.
pub fn write(folder: &Path, made: &Made<'_>, compared: Option<&[Compared]>) -> Result<()> {
    precincts(folder, made)?;
    hours(folder, made)?;
    regions(folder, made)?;
    items(folder, made)?;
    flags(folder, made)?;
    kits(folder, made)?;
    match compared {
        Some(rows) => comparison(folder, rows)?,
        // What an earlier run compared is not this plan.
        None => match std::fs::remove_file(folder.join(COMPARISON)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(error).context(COMPARISON);
            }
            Ok(()) | Err(_) => {}
        },
    }
    let text = serde_json::to_string_pretty(&summary(made))? + "\n";
    put(folder, "summary.json", text.as_bytes())
}

fn precincts(folder: &Path, made: &Made<'_>) -> Result<()> {
    let mut head = vec![
        "precinct",
        "region",
        "voters",
        "turnout_percent",
        "visitors",
        "kits",
        "kits_by_rule",
        "kits_enough",
        "operators",
        "wait_p50_min",
        "wait_p95_min",
        "wait_max_min",
        "queue_max",
        "peak_p95_min",
        "days",
        "days_over",
        "late_max_min",
        "flags",
    ];
    let items = &made.ground.terms.edition.item;
    let is_shown = |at: usize| items[at].whole_at == ::logistics::planning::At::Precinct;
    let shown: Vec<usize> = (0..items.len()).filter(|at| is_shown(*at)).collect();
    head.extend(shown.iter().map(|at| items[*at].code.as_str()));
    let row = |planned: &Planned| {
        let outlook = &planned.outlook;
        let codes: Vec<_> = planned.flags.iter().map(|flag| flag.code()).collect();
        let mut row = vec![
            planned.precinct.code.to_string(),
            planned.precinct.region.clone(),
            planned.precinct.voters.to_string(),
            percent(planned.turnout_permille),
            planned.visitors.to_string(),
            planned.kits.to_string(),
            planned.kits_by_rule.to_string(),
            planned
                .kits_enough
                .map(|n| n.to_string())
                .unwrap_or_default(),
            planned.operators.to_string(),
        ];
        row.extend(waits(&outlook.all));
        row.extend([
            minutes(outlook.p95_ms(Over::Hour)),
            outlook.days.to_string(),
            outlook.days_over.to_string(),
            minutes(outlook.late_ms),
            codes.join(" "),
        ]);
        row.extend(shown.iter().map(|at| planned.items[*at].to_string()));
        row
    };
    table(
        folder,
        "plan.csv",
        &head,
        made.planned.iter().map(row).collect(),
    )
}

fn hours(folder: &Path, made: &Made<'_>) -> Result<()> {
    let head = [
        "precinct",
        "from",
        "visitors_a_day",
        "wait_p50_min",
        "wait_p95_min",
        "wait_max_min",
        "queue_max",
    ];
    let mut rows = Vec::new();
    for planned in made.planned {
        for (hour, spread) in planned.outlook.hours.iter().enumerate() {
            let mut row = vec![
                planned.precinct.code.to_string(),
                time(made.ground.terms.opens_minutes, hour),
                a_day(spread.visitors, planned.outlook.days),
            ];
            row.extend(waits(spread));
            rows.push(row);
        }
    }
    table(folder, "hours.csv", &head, rows)
}

/// A count over so many days, for one, with one decimal.
pub fn a_day(count: u64, days: u32) -> String {
    let days = u64::from(days.max(1));
    let tenths = (count * 10 + days / 2) / days;
    format!("{}.{}", tenths / 10, tenths % 10)
}

fn regions(folder: &Path, made: &Made<'_>) -> Result<()> {
    let head = [
        "region",
        "precincts",
        "voters",
        "visitors",
        "kits",
        "kits_by_rule",
        "kits_enough",
        "operators",
        "long_waits",
        "wait_p95_max_min",
        "cost_som",
    ];
    let rows = made.regions.iter().map(|region| {
        vec![
            region.region.clone(),
            region.precincts.to_string(),
            region.voters.to_string(),
            region.visitors.to_string(),
            region.kits.to_string(),
            region.kits_by_rule.to_string(),
            region.kits_enough.to_string(),
            region.operators.to_string(),
            region.long_waits.to_string(),
            minutes(region.p95_ms_max),
            som(region.items.iter().map(|stock| stock.cost_tyiyn).sum()),
        ]
    });
    table(folder, "regions.csv", &head, rows.collect())
}

fn items(folder: &Path, made: &Made<'_>) -> Result<()> {
    let head = [
        "region",
        "item",
        "name_ky",
        "name_ru",
        "name_en",
        "planned",
        "reserve",
        "total",
        "price_som",
        "cost_som",
    ];
    let mut rows = Vec::new();
    for region in made.regions {
        for (item, stock) in made.ground.terms.edition.item.iter().zip(&region.items) {
            rows.push(vec![
                region.region.clone(),
                item.code.clone(),
                item.name.ky.clone(),
                item.name.ru.clone(),
                item.name.en.clone(),
                stock.planned.to_string(),
                stock.reserve.to_string(),
                (stock.planned + stock.reserve).to_string(),
                som(u64::from(item.price_tyiyn.get())),
                som(stock.cost_tyiyn),
            ]);
        }
    }
    table(folder, "items.csv", &head, rows)
}

fn flags(folder: &Path, made: &Made<'_>) -> Result<()> {
    let head = [
        "precinct",
        "region",
        "code",
        "kits",
        "kits_enough",
        "wait_p95_min",
        "says_ky",
        "says_ru",
        "says_en",
        "next_ky",
        "next_ru",
        "next_en",
    ];
    let texts = Texts::kg()?;
    let mut rows = Vec::new();
    for planned in made.planned {
        for flag in &planned.flags {
            let said = texts.flag.get(flag.code()).context(flag.code())?;
            let mut row = vec![
                planned.precinct.code.to_string(),
                planned.precinct.region.clone(),
                flag.code().to_owned(),
                planned.kits.to_string(),
                planned
                    .kits_enough
                    .map(|n| n.to_string())
                    .unwrap_or_default(),
                minutes(planned.outlook.all.p95_ms),
            ];
            for sentence in [&said.sentence, &said.next] {
                row.extend([
                    sentence.ky.clone(),
                    sentence.ru.clone(),
                    sentence.en.clone(),
                ]);
            }
            rows.push(row);
        }
    }
    table(folder, "flags.csv", &head, rows)
}

/// Kits by region as `tizme office reference --kind kits` takes them.
fn kits(folder: &Path, made: &Made<'_>) -> Result<()> {
    let regions = made
        .regions
        .iter()
        .filter(|region| region.region != "TOTAL");
    let rows = regions.map(|region| vec![region.region.clone(), region.kits.to_string()]);
    table(folder, "kits.csv", &["region", "value"], rows.collect())
}

/// The plan beside what was deployed.
const COMPARISON: &str = "compared.csv";

/// What is counted of a region.
pub type Count = fn(&Deployed) -> u64;

/// The columns of a comparison, and how each is read.
pub const COMPARED: [(&str, Count); 4] = [
    ("voters", |d| d.voters),
    ("precincts", |d| d.precincts),
    ("kits", |d| d.kits),
    ("operators", |d| d.operators),
];

fn comparison(folder: &Path, compared: &[Compared]) -> Result<()> {
    let mut head = vec!["region".to_owned()];
    for (name, _) in COMPARED {
        head.extend(
            ["planned", "deployed", "more", "more_percent"].map(|of| format!("{name}_{of}")),
        );
    }
    let rows = compared.iter().map(|row| {
        let mut cells = vec![row.region.clone()];
        for (_, of) in COMPARED {
            let (planned, deployed) = (row.planned.as_ref().map(of), row.deployed.as_ref().map(of));
            let text = |count: Option<u64>| count.map(|n| n.to_string()).unwrap_or_default();
            let more = planned
                .zip(deployed)
                .map(|(a, b)| i128::from(a) - i128::from(b));
            cells.extend([
                text(planned),
                text(deployed),
                more.map(|n| n.to_string()).unwrap_or_default(),
                row.more_permille(of).map(percent).unwrap_or_default(),
            ]);
        }
        cells
    });
    let head: Vec<&str> = head.iter().map(String::as_str).collect();
    table(folder, COMPARISON, &head, rows.collect())
}

/// The plan in short. Nothing in it depends on the moment, the machine or its threads.
pub fn summary(made: &Made<'_>) -> Value {
    let ground = made.ground;
    let flags = Flag::ALL.map(|flag| {
        let has = |planned: &&Planned| planned.flags.contains(&flag);
        (
            flag.code().to_owned(),
            json!(made.planned.iter().filter(has).count()),
        )
    });
    let regions: Vec<Value> = made
        .regions
        .iter()
        .map(|region| {
            let items = ground.terms.edition.item.iter().zip(&region.items);
            let items = items.map(|(item, stock)| {
                let cell = json!({ "planned": stock.planned, "reserve": stock.reserve, "cost_tyiyn": stock.cost_tyiyn });
                (item.code.clone(), cell)
            });
            json!({
                "region": region.region, "precincts": region.precincts, "voters": region.voters,
                "visitors": region.visitors, "kits": region.kits, "kits_by_rule": region.kits_by_rule,
                "kits_enough": region.kits_enough, "operators": region.operators, "long_waits": region.long_waits,
                "wait_p95_ms_max": region.p95_ms_max,
                "items": items.collect::<serde_json::Map<_, _>>(),
            })
        })
        .collect();
    json!({
        "rules_sha256": ground.rules_sha256,
        "edition": ground.terms.edition.from.to_string(),
        "seed": made.seed,
        "days": ground.days,
        "wait_limit_ms": ground.terms.limit_ms(),
        "flags": flags.into_iter().collect::<serde_json::Map<_, _>>(),
        "regions": regions,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_with_their_unit_in_mind() {
        assert_eq!(minutes(1_800_000_u32), "30.0");
        assert_eq!(minutes(1_803_000_u32), "30.1");
        assert_eq!(percent(-53), "-5.3");
        assert_eq!(percent(-3), "-0.3");
        assert_eq!(som(1_350_005), "13500.05");
        assert_eq!(time(480, 12), "20:00");
        assert_eq!(a_day(25, 40), "0.6");
    }
}
