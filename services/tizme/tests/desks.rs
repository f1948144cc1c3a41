//! The commands of the working desks: lots go out, come back filled in, and exit codes tell what is left.
#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

use std::path::{Path, PathBuf};
use std::process::Command;

/// A directory of one test, made anew, with a register of two people who share a PIN.
fn scratch(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("desks-{name}"));
    if dir.exists() {
        std::fs::remove_dir_all(&dir).unwrap();
    }
    std::fs::create_dir_all(dir.join("in")).unwrap();
    let persons = "person_id,pin,surname,given,patronymic,sex,birth_date,citizenship,recorded_at\n\
         anna,10905197000001,Асанова,Анна,,F,1970-05-09,KGZ,2014-01-02T10:00:00+06:00\n\
         bakyt,10905197000001,Осмонова,Бакыт,,F,1970-05-09,KGZ,2014-01-02T10:00:00+06:00\n";
    std::fs::write(dir.join("in/persons.csv"), persons).unwrap();
    dir
}

/// Runs `tizme office …` on the directory's store, checks the exit code, and returns what was printed.
fn check(dir: &Path, arguments: &str, code: i32) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_tizme"))
        .arg("office")
        .args(arguments.split(' '))
        .env("TIZME_STORE", "sqlite:office.db")
        .current_dir(dir)
        .output()
        .unwrap();
    let out = String::from_utf8_lossy(&output.stdout).into_owned();
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(
        output.status.code(),
        Some(code),
        "{arguments}\n{out}\n{err}"
    );
    format!("{out}{err}")
}

#[test]
fn conflicts_go_out_and_come_back() {
    let dir = scratch("conflicts");
    check(&dir, "import in", 0);
    check(&dir, "conflicts status", 0);
    let found = check(&dir, "find-conflicts --json", 0);
    assert!(
        found.contains("\"shared_pins\":1") && found.contains("\"blocking\":1"),
        "{found}"
    );
    check(&dir, "conflicts status", 1);
    let past = check(&dir, "conflicts export --due 2015-09-20 --out lots", 2);
    assert!(past.contains("--due 2015-09-20 is past"), "{past}");
    check(&dir, "conflicts export --due 2099-01-01 --out lots", 0);
    check(&dir, "conflicts export --due 2099-01-01 --out lots", 1);
    let path = dir.join("lots/conflicts-lot-0001.csv");
    let text = std::fs::read_to_string(&path).unwrap();
    let sum = std::fs::read_to_string(dir.join("lots/conflicts-lot-0001.csv.sha256")).unwrap();
    let hash =
        lexicon::handover::envelope::hex(&lexicon::handover::envelope::sha256(text.as_bytes()));
    assert_eq!(sum, format!("{hash}  conflicts-lot-0001.csv\n"));
    let answered = |line: &str| match line.strip_suffix(",,,,") {
        Some(head) if line.contains(",A,") => format!("{head},KEEPS,,A-17,2015-09-19\n"),
        Some(head) => format!("{head},NEW_PIN,10905197000099,A-17,2015-09-19\n"),
        None => format!("{line}\n"),
    };
    let good: String = text.lines().map(answered).collect();
    std::fs::write(dir.join("bad.csv"), good.replace("KEEPS", "MAYBE")).unwrap();
    check(&dir, "conflicts answer bad.csv", 1);
    let rejects = std::fs::read_to_string(dir.join("bad.csv.rejects.csv")).unwrap();
    assert!(
        rejects.contains("bad.csv,2,answer,\"must be KEEPS, NEW_PIN"),
        "{rejects}"
    );
    std::fs::write(dir.join("good.csv"), &good).unwrap();
    let taken = check(&dir, "conflicts answer good.csv --json", 0);
    assert!(taken.contains("\"APPLIED\":1"), "{taken}");
    check(&dir, "conflicts status", 0);
    check(&dir, "conflicts notices --out notices.csv", 0);
    let notices = std::fs::read_to_string(dir.join("notices.csv")).unwrap();
    for word in ["CONFLICT_OPENED", "PIN_KEPT", "PIN_CHANGED", "Вам выдан"] {
        assert!(
            notices.to_lowercase().contains(&word.to_lowercase()),
            "{word} {notices}"
        );
    }
    let again = check(&dir, "conflicts notices --out more.csv", 0);
    assert!(again.contains("0 notices"), "{again}");
    check(&dir, "verify", 0);
}

#[test]
fn field_lots_of_nothing_are_none_and_a_stray_answer_is_counted() {
    let dir = scratch("field");
    check(&dir, "import in", 0);
    let made = check(&dir, "field export --due 2099-01-01 --out field", 0);
    assert!(made.contains("0 lots with 0 entries"), "{made}");
    let stray =
        "lot,entry,version,finding,found_precinct,visited,member\n7,1,x,NOT_HERE,,2015-09-19,Т.\n";
    std::fs::write(dir.join("stray.csv"), stray).unwrap();
    let taken = check(&dir, "field answer stray.csv", 0);
    assert!(taken.contains("1 UNKNOWN"), "{taken}");
    let status = check(&dir, "field status --json", 0);
    assert!(status.contains("\"stray_answers\":1"), "{status}");
    std::fs::write(dir.join("empty.csv"), "").unwrap();
    let refused = check(&dir, "field answer empty.csv", 2);
    assert!(refused.contains("no column lot"), "{refused}");
}

#[test]
fn an_audit_before_any_journal_says_who_does_what_next() {
    let dir = scratch("audit");
    check(&dir, "import in", 0);
    let said = check(&dir, "audit draw --seed 4162 --out sheet.csv", 2);
    assert!(said.contains("no journal has come in"), "{said}");
    assert!(!dir.join("sheet.csv").exists());
    check(&dir, "audit draw --seed 4162 --one-in 1 --out sheet.csv", 2);
}
