//! A voter's way, an officer's and a stranger's, through every screen in real Chromium.
//!
//! The demo runs once with its services; the stories follow each other, because a polling
//! station's day does: a voter who was counted in one is refused in the next.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, ensure};
use browser::demo::Demo;
use browser::kits::Kits;
use browser::{exercises, modules, story};
use serde_json::json;

/// A country with every reason, small enough to be made in seconds.
const COUNTRY: [&str; 6] = ["--persons", "400", "--precincts", "3", "--images", "6"];

/// In the order of the day.
const STORIES: [&str; 8] = [
    "opening.mjs",
    "check-in.mjs",
    "second-kit.mjs",
    "two-officers.mjs",
    "keyboard.mjs",
    "odd-cases.mjs",
    "portal.mjs",
    "office.mjs",
];

/// Addresses of the office that no link leads to, as the demo's day has nothing for them: another list, other files, cases
/// of an agency. Tests of the office, its own story and the list's own way (`list_way`) go there.
const NOTHING_THERE: [&str; 30] = [
    "/staff",
    "/list/{release}/changes/{was}/{now}",
    "/list/{release}/delta/{delta}/{act}",
    "/list/{release}/compare",
    "/list/{release}/compare/table",
    "/list/{release}/approvals",
    "/claim/{claim}/notice",
    "/claim/{claim}/receipt",
    "/claims/files/{file}",
    "/case/{case}/verdict",
    "/conflicts/lot/{lot}",
    "/conflict/{conflict}",
    "/conflict/{conflict}/notices",
    "/lists/{edition}",
    "/lists/{edition}/rejects",
    "/boundaries/change/{change}",
    "/hours/precinct/{precinct}",
    "/hours/file/{batch}",
    "/hours/file/{batch}/rejects",
    "/tickets/{precinct}/{number}",
    "/day/picture/{sha256}",
    "/day/days/{sha256}",
    "/rehearsal/correction/{correction}",
    "/protocols/{edition}/rejects",
    "/institutions/{edition}",
    "/institutions/{edition}/notices",
    "/institutions/{edition}/rejects",
    "/home-voting/signed",
    "/home-voting/precinct/{precinct}",
    "/home-voting/slip/{number}",
];

/// A whole day without a mouse, at two kits of their own: when they are started, and what is told.
const BY_KEYS: [(&str, &str); 2] = [
    ("2015-10-04T07:59:50+06:00", "keys-morning.mjs"),
    ("2015-10-04T19:59:50+06:00", "keys-evening.mjs"),
];

fn binaries() -> anyhow::Result<PathBuf> {
    let test = std::env::current_exe()?;
    let release = test.ancestors().nth(2).context("a test lies in deps")?;
    Ok(release.to_owned())
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "a trial measures how long it took"
)]
fn every_story_holds_on_the_running_demo() -> anyhow::Result<()> {
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser");
    let packages = scratch.join("modules");
    modules::install(&packages)?;
    let binaries = binaries()?;
    let start = Instant::now();
    let demo = Demo::start(&binaries, &scratch.join("out"), &COUNTRY)?;
    println!("demo: services run after {} s", start.elapsed().as_secs());
    let facts = demo.facts(&binaries, &scratch)?;
    let mut failed = Vec::new();
    let mut tell = |name: &'static str, facts: &serde_json::Value| -> anyhow::Result<()> {
        let start = Instant::now();
        let told = story::tell(name, &packages, facts)?;
        let seconds = start.elapsed().as_secs_f64();
        println!("{name}: {seconds:.1} s\n{}", told.said);
        if !told.holds {
            failed.push(name);
        }
        Ok(())
    };
    for name in STORIES {
        tell(name, &facts)?;
    }
    {
        let mut facts = facts.clone();
        facts["office_routes"] = json!(exercises::office_routes()?);
        facts["office_empty"] = json!(NOTHING_THERE);
        tell("every-office-page.mjs", &facts)?;
    }
    {
        let training = exercises::training(&binaries, &scratch.join("training"))?;
        let rehearsal = exercises::rehearsal(&binaries, &scratch.join("rehearsal"))?;
        let mut facts = facts.clone();
        facts["routes"] = json!(exercises::routes()?);
        facts["training"] = json!(training.pages);
        facts["rehearsal"] = json!(rehearsal.pages);
        tell("every-page.mjs", &facts)?;
    }
    let mut kits = Kits::beside(&demo, &binaries)?;
    let facts = kits.facts(&facts);
    for (moment, name) in BY_KEYS {
        kits.start_at(moment)?;
        tell(name, &facts)?;
    }
    drop(kits);
    let place = scratch.join("hall");
    let mut kits = exercises::hall(&binaries, &place)?;
    let mut facts = facts.clone();
    let pages: Vec<&str> = kits.iter().map(|kit| kit.pages.as_str()).collect();
    facts["page"]["kits"] = json!(pages);
    facts["page"]["card_pin"] = json!(exercises::PASSPHRASE);
    facts["journal"] = json!(place.join("of-K1/K1.journal"));
    facts["papers"] = json!(place.join("papers-K2"));
    facts["at_home"] = json!(exercises::AT_HOME);
    [facts["stranded"], facts["orphan"]] = exercises::OF_SECOND.map(|line| json!(line));
    tell("keys-noon.mjs", &facts)?;
    drop(kits.pop());
    tell("keys-lost.mjs", &facts)?;
    ensure!(failed.is_empty(), "stories that do not hold: {failed:?}");
    Ok(())
}
