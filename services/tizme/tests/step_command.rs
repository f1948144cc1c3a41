//! `tizme batch step`: streams through the command, as an engine drives it; `tizme batch publish`; and a snapshot's way in a
//! sealed folder.
#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

#[path = "../../batch/tests/small/mod.rs"]
mod small;

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use arrow::array::RecordBatch;
use arrow::ipc::reader::StreamReader;
use arrow::ipc::writer::StreamWriter;
use batch::columns::{batch_of, read_table, write_table};
use keys::NoteKey;
use lexicon::handover::envelope::hex;
use lexicon::handover::snapshot::{AddressRow, CommissionRow};
use small::{PERSONS, Run, Scratch, tables};

const PARAMS: &str = r#"{"law": "kg-2015", "snapshot": "snapshot", "keys": "keys", "release": 1}"#;

/// A snapshot, the keys beside it, and the parameters of steps.
fn begin(name: &str) -> (Scratch, Run) {
    let scratch = Scratch::new(name);
    let run = Run::new(scratch.path(), &tables());
    let keys = scratch.path().join("keys");
    std::fs::create_dir(&keys).unwrap();
    run.chain.srs.write(&keys.join("srs-release.key")).unwrap();
    run.chain.cec.write(&keys.join("cec-release.key")).unwrap();
    run.chain
        .publication
        .write(&keys.join("publication.key"))
        .unwrap();
    let put = |name: &str, text: &str| std::fs::write(keys.join(name), text).unwrap();
    put("randomness.key", &hex(&[9; 32]));
    put("lookup.key", &hex(&[5; 32]));
    put("register.pub", &hex(&run.chain.register.public_key().0));
    put(
        "log.key",
        &format!("{} {}", run.chain.log.name, hex(&run.chain.log.seed)),
    );
    for n in 1..=2 {
        let name = format!("witness.example/{n}");
        let seed = NoteKey::from_seed(b"small", &name).secret_bytes();
        put(
            &format!("witness-{n}.key"),
            &format!("{name} {}", hex(&seed)),
        );
    }
    std::fs::write(keys.join("trust.cose"), run.chain.trust()).unwrap();
    std::fs::write(scratch.path().join("params.json"), PARAMS).unwrap();
    (scratch, run)
}

fn stream(batch: &RecordBatch) -> Vec<u8> {
    let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema()).unwrap();
    writer.write(batch).unwrap();
    writer.into_inner().unwrap()
}

/// Runs the command with bytes on its standard input; returns what it wrote and what it said.
fn pipe(dir: &Path, arguments: &str, input: &[u8], code: i32) -> (Vec<u8>, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_tizme"))
        .args(arguments.split(' '))
        .current_dir(dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that refuses its arguments does not read: a broken pipe is no fault of the test.
    let _ = child.stdin.take().unwrap().write_all(input);
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{arguments}: {said}");
    (output.stdout, said)
}

fn houses() -> RecordBatch {
    let scratch = Scratch::new("step-houses");
    let path = scratch.path().join("addresses.parquet");
    write_table(&path, tables().addresses).unwrap();
    let mut rows: Vec<AddressRow> = Vec::new();
    read_table(&path, |row| {
        rows.push(row);
        Ok::<(), batch::columns::TableError>(())
    })
    .unwrap();
    batch_of(rows).unwrap()
}

#[test]
fn a_step_gives_the_file_of_the_command_whatever_the_partitions() {
    let (dir, _) = begin("step-assign");
    let at = "--snapshot snapshot --law kg-2015 --out o";
    pipe(dir.path(), &format!("batch assign {at}"), b"", 0);
    let houses = houses();
    let step = "batch step assign --params params.json";
    let whole = pipe(dir.path(), step, &stream(&houses), 0).0;
    let half = houses.num_rows() / 2;
    let mut rows = 0;
    for part in [
        houses.slice(half, houses.num_rows() - half),
        houses.slice(0, half),
    ] {
        let answer = pipe(dir.path(), step, &stream(&part), 0).0;
        for batch in StreamReader::try_new(answer.as_slice(), None).unwrap() {
            rows += batch.unwrap().num_rows();
        }
    }
    assert_eq!(rows, PERSONS);
    pipe(
        dir.path(),
        &format!("{step} --parquet mine.parquet"),
        &stream(&houses),
        0,
    );
    let read = |name: &str| std::fs::read(dir.path().join(name)).unwrap();
    assert!(read("mine.parquet") == read("o/assignment.parquet"));
    // An answer is a stream that the next step could take.
    let told = StreamReader::try_new(whole.as_slice(), None).unwrap();
    assert_eq!(told.schema().field(0).name(), "address");
}

#[test]
fn address_texts_and_prints_are_steps_too() {
    let (dir, _) = begin("step-addressed");
    let at = "--snapshot snapshot --law kg-2015 --out o";
    pipe(dir.path(), &format!("batch addresses {at}"), b"", 0);
    let mut rows: Vec<CommissionRow> = tables().commission;
    rows.reverse();
    let texts = batch_of(rows).unwrap();
    pipe(
        dir.path(),
        "batch step addressed --params params.json --parquet mine.parquet",
        &stream(&texts),
        0,
    );
    let read = |name: &str| std::fs::read(dir.path().join(name)).unwrap();
    assert!(read("mine.parquet") == read("o/addresses.parquet"));
    let (_, said) = pipe(dir.path(), "batch step pairs", &stream(&texts), 2);
    assert!(
        said.contains("field task is missing; Text is expected"),
        "{said}"
    );
}

fn bytes_below(dir: &Path) -> std::collections::BTreeMap<String, Vec<u8>> {
    let paths = batch::folder::files_below(dir).unwrap();
    let read = |path: String| {
        let bytes = std::fs::read(dir.join(&path)).unwrap();
        (path, bytes)
    };
    paths.into_iter().map(read).collect()
}

#[test]
fn a_snapshot_travels_sealed_and_comes_out_as_it_was() {
    let (scratch, _) = begin("step-seal");
    let dir = scratch.path();
    let host = keys::FileKey::from_seed(b"small", "batch-host");
    host.write(&dir.join("host.key")).unwrap();
    std::fs::write(dir.join("host.pub"), hex(&host.public_key().0)).unwrap();
    keys::FileKey::from_seed(b"small", "another")
        .write(&dir.join("other.key"))
        .unwrap();
    let at = "--law kg-2015 --keys keys";
    let seal = format!("batch seal --snapshot snapshot {at}");
    pipe(dir, &format!("{seal} --to host.pub --out s"), b"", 0);
    let point = hex(&host.public_key().0);
    pipe(dir, &format!("{seal} --to {point} --out s2"), b"", 0);
    // Nothing of the snapshot can be read, and no two sealings are the same.
    let (plain, sealed) = (
        bytes_below(&dir.join("snapshot")),
        bytes_below(&dir.join("s")),
    );
    assert_eq!(sealed.len(), plain.len() + 1);
    let column = b"surname";
    let tells = |files: &std::collections::BTreeMap<String, Vec<u8>>| {
        let mut bytes = files.values();
        bytes.any(|bytes| bytes.windows(column.len()).any(|at| at == column))
    };
    assert!(tells(&plain) && !tells(&sealed));
    let other = bytes_below(&dir.join("s2"));
    assert!(sealed.iter().all(|(path, bytes)| other[path] != *bytes));

    let unseal = format!("batch unseal --sealed s {at}");
    let (told, _) = pipe(
        dir,
        &format!("{unseal} --key host.key --out t --json"),
        b"",
        0,
    );
    let told: serde_json::Value = serde_json::from_slice(&told).unwrap();
    assert_eq!(told["files"], plain.len());
    assert_eq!(bytes_below(&dir.join("t")), plain);

    let refused = |arguments: &str, why: &str| {
        let (_, said) = pipe(dir, arguments, b"", 2);
        assert!(said.contains(why), "{said}");
        assert!(!dir.join("u").exists() && !dir.join(".u.partial").exists());
    };
    refused(
        &format!("{unseal} --key other.key --out u"),
        "sealed to the key",
    );
    refused(
        &format!("{unseal} --key host.key --out t"),
        "t is there already",
    );
    refused(&format!("{seal} --to 04ff --out u"), "--to");
    let victim = dir.join("s/persons.parquet.sealed");
    let mut bytes = std::fs::read(&victim).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&victim, &bytes).unwrap();
    let cut = "persons.parquet.sealed: does not open";
    refused(&format!("{unseal} --key host.key --out u"), cut);
    bytes[middle] ^= 1;
    std::fs::write(&victim, &bytes[..bytes.len() - 1]).unwrap();
    refused(&format!("{unseal} --key host.key --out u"), cut);
    std::fs::write(&victim, &bytes).unwrap();
    std::fs::write(dir.join("s/more.sealed"), b"x").unwrap();
    refused(
        &format!("{unseal} --key host.key --out u"),
        "names no such file",
    );
    std::fs::remove_file(dir.join("s/more.sealed")).unwrap();
    // Who sealed it is not asked; the register's signature within is.
    let stranger = keys::FileKey::from_seed(b"small", "a stranger");
    std::fs::create_dir(dir.join("strange")).unwrap();
    std::fs::write(
        dir.join("strange/register.pub"),
        hex(&stranger.public_key().0),
    )
    .unwrap();
    let unseal = "batch unseal --sealed s --law kg-2015 --keys strange --key host.key --out u";
    refused(unseal, "MANIFEST.cose");
    // A snapshot that was changed is not sent.
    std::fs::write(dir.join("snapshot/persons.parquet"), b"").unwrap();
    refused(&format!("{seal} --to host.pub --out u"), "persons.parquet");
}

#[test]
fn steps_are_listed_and_bad_use_is_named() {
    let (dir, _) = begin("step-list");
    let (told, _) = pipe(dir.path(), "batch step --list --json", b"", 0);
    let told: serde_json::Value = serde_json::from_slice(&told).unwrap();
    let number = told
        .as_array()
        .unwrap()
        .iter()
        .find(|step| step["name"] == "number")
        .unwrap();
    assert_eq!(number["key"], serde_json::json!(["precinct"]));
    assert_eq!(number["sort"], serde_json::json!(["person"]));
    assert_eq!(number["input"][0]["type"], "Utf8");
    let (shown, _) = pipe(dir.path(), "batch step --list", b"", 0);
    assert!(String::from_utf8(shown).unwrap().contains("key    cluster"));
    let houses = stream(&houses());
    let check = |arguments: &str, input: &[u8], why: &str| {
        let (_, said) = pipe(dir.path(), arguments, input, 2);
        assert!(said.contains(why), "{said}");
    };
    check(
        "batch step assine",
        &houses,
        "no step assine; there are assign",
    );
    check("batch step assign", &houses, "the parameters name no law");
    let step = "batch step assign --params params.json";
    check(step, b"address,soate\n", "standard input: no Arrow stream");
    check(
        step,
        &houses[..houses.len() - 900],
        "standard input: the Arrow stream breaks off",
    );
    let narrow = self::houses().project(&[0, 1, 2, 3, 5, 6]).unwrap();
    check(
        step,
        &stream(&narrow),
        "step assign: field house is missing",
    );
    std::fs::write(
        dir.path().join("params.json"),
        r#"{"law": "kg-2015", "snap": "s"}"#,
    )
    .unwrap();
    check(step, &houses, "snap is none of law, snapshot");
    std::fs::write(dir.path().join("params.json"), PARAMS).unwrap();
    // Side tables are read under the register's signature.
    let boundaries = dir.path().join("snapshot/boundaries.parquet");
    let mut bytes = std::fs::read(&boundaries).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&boundaries, bytes).unwrap();
    check(step, &houses, "boundaries.parquet");
}

const FORM: &str = "--snapshot snapshot --law kg-2015 --out .";
const AT: &str = "--at 2015-09-26T12:00:00+06:00";

/// Kits and officers of the three precincts.
fn write_roster(dir: &Path) {
    use std::fmt::Write as _;
    let mut text = "precinct,kind,name,key,role,body\n".to_owned();
    for number in [1001, 1002, 1003] {
        let precinct = lexicon::PrecinctCode::new(number).unwrap();
        let kit = hex(&small::Hands::kit(precinct, 1).public_key().0);
        writeln!(text, "{number},kit,K1,{kit},,").unwrap();
        for n in 1..=5 {
            let key = hex(&small::Hands::officer(precinct, n).public_key().0);
            let role = if n == 1 { "chair" } else { "member" };
            writeln!(text, "{number},officer,Төрага {n},{key},{role},party-{n}").unwrap();
        }
    }
    std::fs::write(dir.join("roster.csv"), text).unwrap();
}

/// Writes the public half of a key file.
fn run_pub(key: &std::path::Path, target: &std::path::Path) {
    let key = keys::FileKey::read(key).unwrap();
    std::fs::write(target, hex(&key.public_key().0)).unwrap();
}

#[test]
fn a_standing_list_is_published_and_a_stranger_finds_it_whole() {
    let (dir, _) = begin("step-publish");
    let publish = format!("batch publish {FORM} {AT} --json");
    let (_, said) = pipe(dir.path(), &publish, b"", 2);
    assert!(
        said.contains("no list stands there to be published"),
        "{said}"
    );
    write_roster(dir.path());
    let pack = format!("batch pack {FORM} --roster roster.csv");
    pipe(dir.path(), &pack, b"", 0);
    // Refused for each lack, with its code.
    let refused = |publish: &str| {
        let (told, _) = pipe(dir.path(), publish, b"", 1);
        let told: serde_json::Value = serde_json::from_slice(&told).unwrap();
        assert!(!dir.path().join("publication").exists());
        told["refused"]["code"].as_str().unwrap().to_owned()
    };
    let sign = |key: &str| {
        let sign = format!("batch sign --law kg-2015 --out . --key keys/{key}.key");
        pipe(dir.path(), &sign, b"", 0);
    };
    assert_eq!(refused(&publish), "SRS_UNSIGNED");
    sign("srs-release");
    assert_eq!(refused(&publish), "CEC_UNSIGNED");
    sign("cec-release");
    // Packages and what they are sealed for: each institution signs them alone, too.
    let said = |command: &str, code: i32| -> serde_json::Value {
        let (told, _) = pipe(dir.path(), command, b"", code);
        serde_json::from_slice(&told).unwrap()
    };
    let drawn = "batch sign --law kg-2015 --out . --drawn packages --json";
    let join = "batch join --law kg-2015 --out . --drawn packages --json";
    assert_eq!(refused(&publish), "SRS_UNSIGNED");
    assert_eq!(said(drawn, 0)["counts"]["sealed"], 3);
    let other = format!("{drawn} --root {}", "11".repeat(32));
    assert_eq!(said(&other, 1)["refused"]["code"], "NOT_AS_EXPECTED");
    said(&format!("{drawn} --key keys/srs-release.key"), 0);
    assert_eq!(said(join, 0)["whole"], false);
    assert_eq!(refused(&publish), "CEC_UNSIGNED");
    // The commission has the public manifests and the release, not the sealed files, and no other key.
    let place = dir.path().join("cec");
    for folder in ["packages", "roll", "keys"] {
        std::fs::create_dir_all(place.join(folder)).unwrap();
    }
    let copy = |name: &str| {
        std::fs::copy(dir.path().join(name), place.join(name)).unwrap();
    };
    copy("roll/release.cose");
    copy("packages/MANIFEST.cose");
    copy("keys/cec-release.key");
    run_pub(
        &dir.path().join("keys/srs-release.key"),
        &place.join("keys/srs-release.pub"),
    );
    for entry in std::fs::read_dir(dir.path().join("packages")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".manifest.cose") {
            copy(&format!("packages/{name}"));
        }
    }
    let there =
        "batch sign --law kg-2015 --out cec --drawn packages --key cec/keys/cec-release.key --json";
    let told = said(there, 0);
    assert_eq!(told["counts"]["sealed_elsewhere"], 3);
    assert_eq!(told["signed"]["commission"], 3);
    let joined = said(
        &format!("{join} --signatures cec/packages.commission.signatures"),
        0,
    );
    assert_eq!(
        (joined["whole"].as_bool(), joined["changed"].as_u64()),
        (Some(true), Some(3))
    );
    assert_eq!(
        said(&format!("{drawn} --key keys/cec-release.key"), 1)["refused"]["code"],
        "SIGNED_ALREADY"
    );
    std::fs::remove_dir_all(&place).unwrap();
    // A control list needs no approval, a final one does.
    let (told, _) = pipe(dir.path(), &publish, b"", 0);
    let told: serde_json::Value = serde_json::from_slice(&told).unwrap();
    assert_eq!(told["answers"].as_u64(), Some(PERSONS as u64));
    assert_eq!(told["formed_anew"], false);
    // The release and three packages.
    assert_eq!(told["log_entries"], 4);
    let report = verifier::verify(dir.path(), &[]);
    assert!(report.holds(), "{:?}", report.findings);
    // Again: the log goes on and nothing is entered twice.
    let (again, _) = pipe(dir.path(), &publish, b"", 0);
    let again: serde_json::Value = serde_json::from_slice(&again).unwrap();
    assert_eq!(again, told);
    assert!(verifier::verify(dir.path(), &[]).holds());
    // A changed byte of what was published is found.
    let lookup = dir.path().join("publication/lookup.bin");
    let mut bytes = std::fs::read(&lookup).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&lookup, bytes).unwrap();
    assert!(!verifier::verify(dir.path(), &[]).holds());
}

#[test]
fn publishing_with_other_keys_than_the_anchors_name_is_refused() {
    let (dir, run) = begin("step-publish-keys");
    pipe(dir.path(), &format!("batch form {FORM}"), b"", 0);
    let keys = dir.path().join("keys");
    let publish = format!("batch publish {FORM} {AT}");
    let check = |why: &str| {
        let (_, said) = pipe(dir.path(), &publish, b"", 2);
        assert!(said.contains(why), "{said}");
        assert!(!dir.path().join("publication").exists());
    };
    run.chain.srs.write(&keys.join("other.key")).unwrap();
    std::fs::rename(keys.join("publication.key"), keys.join("kept.key")).unwrap();
    std::fs::rename(keys.join("other.key"), keys.join("publication.key")).unwrap();
    check("trust.cose: names another key for publication");
    std::fs::rename(keys.join("kept.key"), keys.join("publication.key")).unwrap();
    std::fs::rename(keys.join("witness-2.key"), keys.join("witness-3.key")).unwrap();
    check("1 of 2 witnesses that the anchors ask for are here");
    std::fs::rename(keys.join("witness-3.key"), keys.join("witness-2.key")).unwrap();
    std::fs::write(
        keys.join("log.key"),
        format!("log.example/1 {}", hex(&[1; 32])),
    )
    .unwrap();
    check("the log's key is not the one that the anchors name");
    std::fs::write(keys.join("lookup.key"), "ff").unwrap();
    check("lookup.key: 64 hexadecimal digits are expected");
}
