//! The way of a list, in real Chromium: the commission's list comes in, doubtful rows are decided, a boundary is moved
//! on the map, two people ask to vote elsewhere, the list is frozen, approved by two, published, and a voter finds himself on it.
//!
//! The pages are used by people of three roles; between them the commands of the freeze run, as an engineer runs them.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use browser::list::Ground;
use browser::{modules, story};

/// Before the last day of Form 2, and after the freeze.
const BEFORE: &str = "2015-09-15T10:00:00+06:00";
const AFTER: &str = "2015-09-25T20:00:00+06:00";

fn binaries() -> anyhow::Result<PathBuf> {
    let test = std::env::current_exe()?;
    let release = test.ancestors().nth(2).context("a test lies in deps")?;
    Ok(release.to_owned())
}

#[test]
fn a_list_comes_in_and_a_voter_finds_himself_on_the_published_one() -> anyhow::Result<()> {
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join("list");
    let packages = scratch.join("modules");
    modules::install(&packages)?;
    let ground = Ground::lay(&binaries()?, &scratch.join("out"))?;
    let facts = ground.facts(&scratch);
    let tell = |name: &str| -> anyhow::Result<()> {
        let told = story::tell(name, &packages, &facts)?;
        println!("{}", told.said);
        ensure!(told.holds, "{name} does not hold");
        Ok(())
    };
    let act = |act: &str, snapshot: &str, rest: &str| {
        let place = format!("--snapshot {snapshot} --keys keys --law kg-2015 --out list");
        format!("batch {act} {place} {rest}")
    };
    // Each institution looks at the list that stands and signs it alone.
    let sign = || -> anyhow::Result<()> {
        for key in ["srs-release", "cec-release"] {
            let sign =
                format!("batch sign --law kg-2015 --out list --keys keys --key keys/{key}.key");
            ground.tizme(&sign, 0)?;
        }
        Ok(())
    };
    let hand_over = |out: &str| {
        format!(
            "office snapshot --store sqlite:office.db --law kg-2015 --key keys/register.key --out {out}"
        )
    };

    // The control list: formed, signed and published, one stage before the final one.
    ground.configure(BEFORE)?;
    ground.tizme(&hand_over("first"), 0)?;
    ground.tizme(&act("form", "first", "--stage control"), 0)?;
    sign()?;
    let at = format!("--stage control --at {BEFORE}");
    ground.tizme(&act("publish", "first", &at), 0)?;
    ground.keep("list/roll/release.cose", "release-1.cose")?;
    ground.tizme("office receive list/roll --config office.toml", 0)?;
    {
        let _office = ground.serve_office()?;
        tell("list-upload.mjs")?;
        // What the linkage says to the doubtful rows, beside the running office.
        let asked = ground.tizme("office pairs --config office.toml", 0)?;
        ensure!(asked.contains("questions say why"), "{asked}");
        tell("list-work.mjs")?;
        tell("list-keys.mjs")?;
        tell("list-begun.mjs")?;
    }

    // The freeze: held back while a row is undecided, then formed and received.
    ground.tizme(&hand_over("frozen"), 0)?;
    let last = "--stage final --release 2 --before release-1.cose";
    let silent = ground.tizme(&act("form", "frozen", last), 1)?;
    ensure!(silent.contains("1 OFFICE_STATEMENT_MISSING"), "{silent}");
    // The office says under its key what is not settled; nobody types it. Both answer for what stays open.
    let counts = "office statement counts --config office.toml --snapshot frozen --out counts.cose";
    let said = ground.tizme(counts, 0)?;
    ensure!(said.contains("link_queue (ROW_UNDECIDED)"), "{said}");
    let last = format!("{last} --office counts.cose");
    let held = ground.tizme(&act("form", "frozen", &last), 1)?;
    ensure!(held.contains("FIELD_LOT_OPEN"), "{held}");
    let sign_off = format!(
        "--before release-1.cose --office counts.cose --at {AFTER} --reason field-work-ends-before-the-day"
    );
    ground.tizme(&act("sign-off", "frozen", &sign_off), 0)?;
    let last = format!("{last} --sign-off list/sign-off.cose");
    ground.tizme(&act("form", "frozen", &last), 0)?;
    sign()?;
    ground.configure(AFTER)?;
    ground.tizme("office receive list/roll --config office.toml", 0)?;
    let _office = ground.serve_office()?;
    let publication = "office published list/publication --config office.toml";
    let refused = ground.tizme(publication, 2)?;
    ensure!(refused.contains("release-2.cose"), "{refused}");
    let at = format!("{last} --at {AFTER}");
    let refused = ground.tizme(&act("publish", "frozen", &at), 1)?;
    ensure!(refused.contains("APPROVALS_MISSING"), "{refused}");
    tell("list-sign.mjs")?;
    ground.tizme(
        "office statement approvals --config office.toml --out approvals.cose",
        0,
    )?;
    let at = format!("{at} --approvals approvals.cose");
    ground.tizme(&act("publish", "frozen", &at), 0)?;
    ground.tizme(publication, 0)?;
    let _portal = ground.serve_portal()?;
    tell("list-find.mjs")?;
    // A stranger checks the voter's proof against what was published.
    let verdict = ground.run("tizme-verify", "proof guest.tlog-proof --in list", 0)?;
    println!("{verdict}");
    Ok(())
}
