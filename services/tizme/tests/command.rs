//! The command contract: what the command takes, writes and returns.
#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use ridges::{ImpressionParams, Master, Position, finger_seed};

/// A directory of one test, made anew.
fn scratch(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("command-{name}"));
    if dir.exists() {
        std::fs::remove_dir_all(&dir).unwrap();
    }
    std::fs::create_dir_all(&dir).unwrap();
    dir
}

fn tizme(dir: &Path, arguments: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tizme"));
    command.args(arguments.split(' ')).current_dir(dir);
    command.output().unwrap()
}

/// Runs, checks the exit code, and returns what was printed.
fn check(dir: &Path, arguments: &str, code: i32) -> String {
    let output = tizme(dir, arguments);
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert_eq!(
        output.status.code(),
        Some(code),
        "{arguments}\n{out}\n{err}"
    );
    format!("{out}{err}")
}

fn read(path: PathBuf) -> String {
    std::fs::read_to_string(path).unwrap()
}

/// Three synthetic fingers with two impressions each, and one file that is no image.
fn prints(dir: &Path) {
    let images = dir.join("prints");
    std::fs::create_dir_all(&images).unwrap();
    for finger in 1..=3u64 {
        let position = Position::ALL[1];
        let master = Master::grow(finger_seed(5, finger, position), position);
        for impression in 1..=2 {
            let print = master.impression(&ImpressionParams::enrolment(), impression);
            let file = images.join(format!("10{finger}_{impression}.png"));
            std::fs::write(file, ridges::png(&print.image, 500)).unwrap();
        }
    }
    std::fs::write(images.join("104_1.png"), b"\x89PNG\r\n\x1a\ncut short").unwrap();
}

fn scores(csv: &str) -> Vec<(String, String, u32)> {
    let mut lines = csv.lines();
    assert_eq!(lines.next(), Some("a,b,score"));
    lines
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            (
                cells[0].to_owned(),
                cells[1].to_owned(),
                cells[2].parse().unwrap(),
            )
        })
        .collect()
}

#[test]
fn score_compares_pairs_of_a_folder() {
    let dir = scratch("score");
    prints(&dir);
    let text = check(
        &dir,
        "fingerprint score --images prints --threads 1 --out all.csv",
        0,
    );
    assert!(text.contains("7 prints, 21 pairs") && text.contains("failures to extract   1"));
    let all = scores(&read(dir.join("all.csv")));
    for (a, b, score) in &all {
        let unreadable = a == "104_1" || b == "104_1";
        let mated = a[..3] == b[..3];
        assert_eq!(mated, *score >= 400, "{a} {b} {score}");
        assert!(!unreadable || *score == 0, "{a} {b} {score}");
    }
    // The same pairs in the order asked for, with or without a header.
    std::fs::write(dir.join("pairs.csv"), "a,b\n103_2,103_1\n101_1,104_1\n").unwrap();
    let json = check(
        &dir,
        "fingerprint score --images prints --pairs pairs.csv --out some.csv --json",
        0,
    );
    let json: serde_json::Value = serde_json::from_str(json.trim()).unwrap();
    assert_eq!(
        (json["pairs"].as_u64(), json["prints"].as_u64()),
        (Some(2), Some(7))
    );
    assert!(json["extraction_ms_median"].as_f64() > Some(0.0));
    let some = scores(&read(dir.join("some.csv")));
    let same = all
        .iter()
        .find(|(a, b, _)| a == "103_1" && b == "103_2")
        .unwrap();
    assert_eq!(some[0].2, same.2);
    assert_eq!(some[1], ("101_1".to_owned(), "104_1".to_owned(), 0));
}

#[test]
fn score_says_what_is_wrong_with_its_input() {
    let dir = scratch("score-wrong");
    prints(&dir);
    std::fs::write(dir.join("pairs.csv"), "101_1,109_1\n").unwrap();
    let text = check(
        &dir,
        "fingerprint score --images prints --pairs pairs.csv --out o.csv",
        2,
    );
    assert!(
        text.contains("pairs.csv: line 1 names 109_1, which is not in the folder"),
        "{text}"
    );
    std::fs::write(dir.join("pairs.csv"), "101_1\n").unwrap();
    let text = check(
        &dir,
        "fingerprint score --images prints --pairs pairs.csv --out o.csv",
        2,
    );
    assert!(text.contains("line 1 is not of the form a,b"), "{text}");
    assert!(check(&dir, "fingerprint score --images nowhere --out o.csv", 2).contains("nowhere"));
    std::fs::create_dir(dir.join("empty")).unwrap();
    assert!(
        check(&dir, "fingerprint score --images empty --out o.csv", 2).contains("holds no image")
    );
    check(&dir, "fingerprint score --out o.csv", 2);
    std::fs::copy(dir.join("prints/101_1.png"), dir.join("prints/101_1.bmp")).unwrap();
    assert!(
        check(&dir, "fingerprint score --images prints --out o.csv", 2).contains("bear one name")
    );
}

#[test]
fn templates_stand_for_their_images() {
    let dir = scratch("templates");
    prints(&dir);
    let text = check(
        &dir,
        "fingerprint extract --images prints --format iso2005 --finger 2 --out templates",
        1,
    );
    assert!(text.contains("104_1.png: image file is cut short or damaged"));
    check(
        &dir,
        "fingerprint score --images prints --out images.csv",
        0,
    );
    check(
        &dir,
        "fingerprint score --images templates --out templates.csv",
        0,
    );
    let by_images: Vec<_> = scores(&read(dir.join("images.csv")))
        .into_iter()
        .filter(|(a, b, _)| a != "104_1" && b != "104_1")
        .collect();
    assert_eq!(by_images, scores(&read(dir.join("templates.csv"))));
    check(
        &dir,
        "fingerprint convert templates/101_1.fmr record.json",
        0,
    );
    let record: serde_json::Value = serde_json::from_str(&read(dir.join("record.json"))).unwrap();
    assert_eq!(record["views"][0]["finger"], 2);
    assert!(record["views"][0]["minutiae"].as_array().unwrap().len() > 10);
    assert!(
        check(&dir, "fingerprint convert templates/101_1.fmr image.png", 2)
            .contains("a template holds no image")
    );
    let count = |file: &str| {
        check(&dir, &format!("fingerprint convert {file} again.json"), 0);
        let record: serde_json::Value =
            serde_json::from_str(&read(dir.join("again.json"))).unwrap();
        record["views"][0]["minutiae"].as_array().unwrap().len()
    };
    let whole = count("templates/101_1.fmr");
    for (format, file) in [
        ("own", "one.tzt"),
        ("iso2011", "one.fmr"),
        ("ansi2004", "four.ansi"),
        ("ansi2009", "nine.ansi"),
        ("card-normal", "one.card"),
        ("card-compact", "one.ccard"),
    ] {
        let command = format!("fingerprint convert templates/101_1.fmr {file} --format {format}");
        check(&dir, &command, 0);
        assert_eq!(count(file), whole, "{format}");
    }
}

#[test]
fn two_prints_are_shown_side_by_side_and_images_go_through_wsq() {
    let dir = scratch("pair");
    prints(&dir);
    let text = check(
        &dir,
        "fingerprint show prints/101_1.png prints/101_2.png --out shown",
        0,
    );
    assert!(text.contains("101_1-101_2.beside.png"), "{text}");
    assert!(dir.join("shown/101_1-101_2.aligned.png").is_file());
    check(&dir, "fingerprint convert prints/101_1.png one.wsq", 0);
    check(&dir, "fingerprint convert one.wsq one.png", 0);
    let quality = check(&dir, "fingerprint quality one.png --json", 0);
    assert!(quality.contains("\"reasons\""), "{quality}");
}

#[test]
fn images_are_converted_judged_and_shown() {
    let dir = scratch("images");
    prints(&dir);
    check(
        &dir,
        "fingerprint convert prints/101_1.png one/101_1.pgm",
        2,
    );
    std::fs::create_dir(dir.join("one")).unwrap();
    check(
        &dir,
        "fingerprint convert prints/101_1.png one/101_1.pgm",
        0,
    );
    check(
        &dir,
        "fingerprint convert one/101_1.pgm one/101_1b.png --dpi 500",
        0,
    );
    let quality = check(&dir, "fingerprint quality one/101_1.pgm one/101_1b.png", 0);
    let values: Vec<u32> = quality
        .lines()
        .map(|line| line.split_whitespace().next().unwrap().parse().unwrap())
        .collect();
    assert!(
        values.len() == 2
            && values[0] <= 100
            && values[0] > 20
            && values.iter().all(|v| *v == values[0])
    );
    let shown = check(
        &dir,
        "fingerprint show prints/101_1.png --out stages --json",
        0,
    );
    let shown: serde_json::Value = serde_json::from_str(shown.trim()).unwrap();
    let pictures = shown["pictures"].as_array().unwrap();
    assert_eq!(pictures.len(), 7);
    for picture in pictures {
        let bytes = std::fs::read(dir.join(picture.as_str().unwrap())).unwrap();
        assert!(bytes.starts_with(b"\x89PNG"));
    }
    assert!(check(&dir, "fingerprint quality prints", 1).contains("104_1.png"));
    assert!(check(&dir, "fingerprint show prints/104_1.png", 2).contains("104_1.png"));
}

#[test]
fn identify_names_the_right_finger_first() {
    let dir = scratch("identify");
    prints(&dir);
    let gallery = dir.join("gallery");
    std::fs::create_dir(&gallery).unwrap();
    for finger in 1..=3 {
        let name = format!("10{finger}_1.png");
        std::fs::copy(dir.join("prints").join(&name), gallery.join(&name)).unwrap();
    }
    let text = check(
        &dir,
        "fingerprint identify --gallery gallery prints/102_2.png --json",
        0,
    );
    let found: serde_json::Value = serde_json::from_str(text.trim()).unwrap();
    assert_eq!(found["candidates"][0]["print"], "102_1");
    assert_eq!(found["candidates"].as_array().unwrap().len(), 1);
    assert_eq!(
        (found["gallery"].as_u64(), found["exhaustive"].as_bool()),
        (Some(3), Some(true))
    );
}

/// Persons with a PIN; the right list writes every third surname in Russian letters.
fn lists(dir: &Path) {
    let surnames = [
        "Үсөнов",
        "Асанов",
        "Токтогулов",
        "Жээнбеков",
        "Сыдыков",
        "Маматов",
        "Исаков",
    ];
    let given = ["Нурлан", "Бакыт", "Эркин", "Данияр", "Азамат"];
    let (mut left, mut right) = (
        String::from("\u{feff}rid;pin;surname;given;dob;secret\n"),
        String::from("rid,pin,surname,given,dob\n"),
    );
    for n in 0..210usize {
        let (day, month, year) = (1 + n % 28, 1 + n / 3 % 12, 1950 + n * 13 % 50);
        let pin = format!("2{day:02}{month:02}{year}{n:05}");
        let (surname, given) = (surnames[n % 7], given[n / 7 % 5]);
        let born = format!("{year}-{month:02}-{day:02}");
        left += &format!("L{n:03};{pin};{surname};{given};{born};x\n");
        let written = if n % 3 == 0 {
            surname.replace('Ү', "У").replace('ө', "о")
        } else {
            surname.to_owned()
        };
        let pin = if n % 10 == 0 { "" } else { &pin };
        right += &format!("R{n:03},{pin},{written},{given},{born}\n");
    }
    std::fs::write(dir.join("left.csv"), left).unwrap();
    std::fs::write(dir.join("right.csv"), right).unwrap();
}

#[test]
fn linkage_links_lists_of_either_form_alike() {
    let dir = scratch("linkage");
    lists(&dir);
    let link = "linkage link --left left.csv --right right.csv --model kg-persons";
    let text = check(&dir, &format!("{link} --out links.csv --threads 1"), 0);
    assert!(text.contains("210 and 210 rows"), "{text}");
    let csv = read(dir.join("links.csv"));
    let mut lines = csv.lines();
    assert_eq!(
        lines.next(),
        Some("left_id,right_id,weight,probability,band,levels")
    );
    let (mut auto, mut wrong) = (0, 0);
    for line in lines {
        let cells: Vec<&str> = line.split(',').collect();
        let digits = cells[5].len() == 7 && cells[5].chars().all(|c| c.is_ascii_hexdigit());
        assert!(digits && cells[2].parse::<f64>().is_ok(), "{line}");
        auto += usize::from(cells[4] == "auto");
        wrong += usize::from(cells[4] == "auto" && cells[0][1..] != cells[1][1..]);
    }
    assert!(auto >= 180 && wrong == 0, "{auto} linked, {wrong} wrong");
    // Threads change nothing; Parquet holds the same.
    check(&dir, &format!("{link} --out again.csv --threads 3"), 0);
    assert_eq!(csv, read(dir.join("again.csv")));
    check(
        &dir,
        &format!("{link} --out links.parquet --freeze frozen.toml"),
        0,
    );
    assert!(
        std::fs::read(dir.join("links.parquet"))
            .unwrap()
            .starts_with(b"PAR1")
    );
    let frozen = "linkage link --left left.csv --right right.csv --model frozen.toml --out f.csv";
    check(&dir, frozen, 0);
    assert_eq!(read(dir.join("f.csv")).lines().count(), csv.lines().count());
    // A list that was written as Parquet is read as one.
    let text = check(
        &dir,
        "linkage dedupe --input links.parquet --model kg-persons --out d.csv",
        2,
    );
    assert!(text.contains("links.parquet") && text.contains("no id column"));
}

#[test]
fn linkage_finds_duplicates_and_names_what_it_cannot_read() {
    let dir = scratch("dedupe");
    lists(&dir);
    let mut doubled = read(dir.join("right.csv"));
    doubled += "R900,,Усонов,Нурлан,1950-01-01\n";
    std::fs::write(dir.join("doubled.csv"), &doubled).unwrap();
    let dedupe = "linkage dedupe --model kg-persons --out pairs.csv";
    check(
        &dir,
        &format!("{dedupe} --input doubled.csv --clusters clusters.csv"),
        0,
    );
    assert!(read(dir.join("clusters.csv")).starts_with("cluster,id\n"));
    for (name, bytes, said) in [
        ("none.csv", None, "none.csv"),
        ("empty.csv", Some(&b""[..]), "empty.csv: the file is empty"),
        (
            "bare.csv",
            Some(b"1,Asanov,Bakyt\n2,Isakov,Erkin\n"),
            "is the header missing?",
        ),
        ("wide.csv", Some(b"\xff\xfer\0i\0d\0"), "the file is UTF-16"),
        ("noid.csv", Some(b"surname,given\na,b\n"), "no id column"),
    ] {
        if let Some(bytes) = bytes {
            std::fs::write(dir.join(name), bytes).unwrap();
        }
        let told = check(&dir, &format!("{dedupe} --input {name}"), 2);
        assert!(told.contains(said), "{name}: {told}");
    }
    let nobody = "linkage dedupe --input doubled.csv --model nobody --out p.csv";
    assert!(check(&dir, nobody, 2).contains("neither shipped (febrl, kg-persons) nor a file"));
}

/// Bad rows go to the rejects file by line and reason, without what stands in them; the others are linked.
#[test]
fn linkage_leaves_bad_rows_out_and_goes_on() {
    let dir = scratch("linkage-rejects");
    lists(&dir);
    let good = read(dir.join("right.csv"));
    let link = "linkage link --left left.csv --right bad.csv --model kg-persons --out links.csv";
    let mut bad = good.clone().into_bytes();
    bad.extend(b"R901,,\xc0\xf1\xe0\xed\xee\xe2,x,1950-01-01\n");
    bad.extend("R902,,Асанов,Бакыт\nR903,,\"Асанов,Бакыт,1950-01-01\n".as_bytes());
    bad.extend(",,Асанов,Бакыт,1950-01-01\nR904,,А,Б,\nR904,,В,Г,\n".as_bytes());
    bad.extend(b"R905,,");
    bad.extend(std::iter::repeat_n(b'x', 2 << 20));
    bad.extend(b",y,\n");
    std::fs::write(dir.join("bad.csv"), bad).unwrap();
    let told = check(&dir, link, 1);
    assert!(told.contains("7 rows left out: rejects.csv"), "{told}");
    assert!(told.contains("210 and 210 rows"), "{told}");
    assert_eq!(
        read(dir.join("rejects.csv")),
        "file,line,field,reason\n\
         bad.csv,212,surname,not UTF-8 text; save the file as UTF-8\n\
         bad.csv,213,,\"the row has 4 fields, the header has 5\"\n\
         bad.csv,214,,a quote is not closed\n\
         bad.csv,218,,the row is longer than 1 MiB\n\
         bad.csv,215,rid,the id is empty\n\
         bad.csv,216,rid,other rows of the list bear the same id\n\
         bad.csv,217,rid,other rows of the list bear the same id\n"
    );
    let links = read(dir.join("links.csv"));
    std::fs::write(dir.join("bad.csv"), good).unwrap();
    check(&dir, link, 0);
    assert_eq!(links, read(dir.join("links.csv")));
    assert!(
        !dir.join("rejects.csv").exists(),
        "none of an earlier run stays"
    );
    // Columns that stand under each other's names.
    let swapped = read(dir.join("bad.csv")).replacen("surname,given,dob", "dob,given,surname", 1);
    std::fs::write(dir.join("bad.csv"), swapped).unwrap();
    let told = check(&dir, link, 2);
    assert!(
        told.contains("values of column dob are no date; are columns swapped?"),
        "{told}"
    );
}

#[test]
fn linkage_explains_a_pair_and_describes_the_run() {
    let dir = scratch("linkage-explain");
    lists(&dir);
    let on = "--left left.csv --right right.csv --model kg-persons";
    let out = "--out links.csv --manifest run.json --contradictions two.csv --freeze frozen.toml";
    let told = check(&dir, &format!("linkage link {on} {out} --false-links 1"), 0);
    let run: serde_json::Value = serde_json::from_str(&read(dir.join("run.json"))).unwrap();
    let hash = run["model_sha256"].as_str().unwrap();
    assert!(hash.len() == 64 && told.contains(hash), "{told}");
    assert!(run["expected_wrong"].as_f64().unwrap() <= 1.0, "{run}");
    assert_eq!(run["false_links_max"], 1);
    assert_eq!(run["lists_sha256"].as_array().unwrap().len(), 2);
    assert!(read(dir.join("two.csv")).starts_with("cluster,one,other,contradiction\n"));
    // The frozen model is known by its hash, and no other is taken for it.
    let frozen = run["frozen_sha256"].as_str().unwrap();
    let with = "linkage link --left left.csv --right right.csv --model frozen.toml --out f.csv";
    let told = check(&dir, &format!("{with} --model-sha256 {frozen}"), 0);
    assert!(told.contains("kg-persons, frozen, sha256"), "{told}");
    let told = check(&dir, &format!("{with} --model-sha256 {hash}"), 2);
    assert!(told.contains("not the one that was asked for"), "{told}");
    // The sum of prior and bars is the weight of the links' file.
    let links = read(dir.join("links.csv"));
    let row = links
        .lines()
        .find(|row| row.starts_with("L001,R001,"))
        .unwrap();
    let cells: Vec<&str> = row.split(',').collect();
    let explain = format!("linkage explain {on} --pair L001,R001");
    let told = check(&dir, &format!("{explain} --json"), 0);
    let why: serde_json::Value = serde_json::from_str(told.trim()).unwrap();
    let milli = |value: &serde_json::Value| (value.as_f64().unwrap() * 1000.0).round() as i64;
    let bars = why["reasons"].as_array().unwrap().iter();
    let sum: i64 = bars
        .map(|bar| milli(&bar["bits"]) + milli(&bar["frequency_bits"]))
        .sum();
    assert_eq!(sum + milli(&why["prior_bits"]), milli(&why["weight"]));
    assert_eq!(format!("{:.3}", why["weight"].as_f64().unwrap()), cells[2]);
    assert_eq!(why["levels"], cells[5]);
    for (lang, said) in [
        ("ky", "туулган күнү дал келет: +"),
        ("ru", "дата рождения совпадает: +"),
        ("en", "birth date agrees: +"),
    ] {
        let told = check(
            &dir,
            &format!("{explain} --lang {lang} --svg {lang}.svg"),
            0,
        );
        assert!(told.contains(said), "{told}");
        let picture = read(dir.join(format!("{lang}.svg")));
        assert!(picture.starts_with("<svg") && picture.contains("<style>"));
    }
    let told = check(&dir, &format!("linkage explain {on} --pair L001,nobody"), 2);
    assert!(told.contains("no record with the second id"), "{told}");
}
