//! Training: a kit made by the binary alone, both lessons done over HTTP, and the walls between it and an election.
//! Rehearsals: corrections taken on the kit, sealed to the office.

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod precinct;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use lexicon::handover::package::Exercise;
use precinct::http::{page, post, request};
use precinct::{Precinct, at};
use station::config::Config;
use station::lesson::{Lesson, Mark, Part};
use station::link::InProcess;
use station::print::Block;
use station::printer::MemoryPrinter;
use station::training::{PASSPHRASE, make, of_line};
use station::{Kit, OpenError, PageRead, ReportsError, Serving};

struct School {
    serving: Serving,
    folder: tempfile::TempDir,
    cards: Vec<String>,
    _runtime: tokio::runtime::Runtime,
}

fn start(folder: tempfile::TempDir) -> School {
    let path = make(folder.path(), b"seed of the tests", "127.0.0.1:0").unwrap();
    let config = Config::read(&path).unwrap();
    let cards = config
        .cards
        .cards()
        .into_iter()
        .map(|card| card.kid)
        .collect();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let serving = runtime.block_on(station::serve(config)).unwrap();
    School {
        serving,
        folder,
        cards,
        _runtime: runtime,
    }
}

fn school() -> School {
    start(tempfile::tempdir().unwrap())
}

/// Letters beyond ASCII as a form sends them.
fn form(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        out
    })
}

impl School {
    fn pages(&self) -> SocketAddr {
        self.serving.pages
    }

    fn post(&self, path: &str, body: &str) {
        assert_eq!(post(self.pages(), path, body), 303, "{path} {body}");
    }

    fn find(&self, text: &str) {
        self.post("/find", &format!("q={}", form(text)));
    }

    fn pin(&self, line: u32) {
        self.find(&of_line(line).unwrap().pin());
    }

    fn finger(&self, file: &str) {
        self.post("/glass", &format!("file={file}.fmr"));
    }

    fn two(&self) -> String {
        let (a, b) = (&self.cards[0], &self.cards[2]);
        format!("card0={a}&pass0={PASSPHRASE}&card1={b}&pass1={PASSPHRASE}")
    }

    fn chair(&self, act: &str, fields: &str) {
        self.post(
            &format!("/chair/{act}"),
            &format!("{fields}&{}", self.two()),
        );
    }

    fn lesson(&self) -> Lesson {
        page(self.pages(), "/");
        Lesson::read(self.folder.path()).unwrap()
    }

    /// The task with this key is the current one.
    fn is_at(&self, key: &str) {
        let lesson = self.lesson();
        assert_eq!(
            lesson.step().map(|step| step.key),
            Some(key),
            "{:?}",
            lesson.records
        );
    }
}

fn has(text: &str, all: &[&str]) {
    for part in all {
        assert!(text.contains(part), "{part:?} is not on the page: {text}");
    }
}

#[test]
fn an_operators_lesson_is_done_by_what_the_kit_did() {
    let school = school();
    has(
        &page(school.pages(), "/lesson?lang=ru"),
        &["Урок оператора", "trainframe", "УЧЕБНЫЙ"],
    );
    school.post("/lesson/begin", "part=operator");
    school.is_at("o_pin");
    has(
        &page(school.pages(), "/?lang=en"),
        &["Task 1 of 13", "11203197500000", "TRAINING", "trainframe"],
    );
    // By name it is not what was asked for.
    school.find("Асанова Айгүл");
    school.is_at("o_pin");
    school.post("/next", "");
    school.pin(3);
    school.is_at("o_finger");
    school.finger("0003_2_1");
    school.is_at("o_document");
    // Another voter is marked: the task stays.
    school.pin(4);
    school.finger("0004_2_1");
    school.is_at("o_document");
    school.find("ID0000005");
    school.finger("0005_2_1");
    school.is_at("o_name");
    school.find("Осмонов");
    school.post("/choose", "line=13");
    school.finger("0013_2_1");
    school.is_at("o_again");
    school.pin(3);
    school.is_at("o_absent");
    school.find("20101197000000");
    school.post("/absent", "");
    school.is_at("o_wet");
    school.pin(7);
    school.finger("0007_2_1");
    has(&page(school.pages(), "/?lang=ru"), &["Палец не прочитан"]);
    school.finger("0007_2_2");
    school.is_at("o_worn");
    school.pin(9);
    school.finger("0009_2_1");
    school.post("/two", "method=face&reason=FINGER_MISMATCH");
    school.chair("approve", "");
    school.is_at("o_scanner");
    school.find("ID0000016");
    school.post("/two", "method=document&reason=SCANNER_FAULT");
    school.chair("approve", "");
    school.is_at("o_undo");
    school.pin(18);
    school.finger("0018_2_1");
    school.post("/undo", "");
    school.chair("approve", "");
    school.is_at("o_paper");
    school.pin(20);
    school.finger("0020_2_1");
    has(
        &page(school.pages(), "/?lang=ru"),
        &["чек не вышел", "Вставить рулон"],
    );
    school.post("/receipt", "");
    school.is_at("o_paper");
    school.post("/lesson/paper", "");
    school.post("/receipt", "");
    school.is_at("o_other_kit");
    school.pin(35);
    school.finger("0035_2_1");
    school.is_at("o_list");
    school.find("ID0000024");
    school.finger("0024_2_1");
    let lesson = school.lesson();
    assert_eq!((lesson.step(), lesson.count(Mark::Done)), (None, 13));
    has(
        &page(school.pages(), "/lesson?lang=ru"),
        &["Урок пройден полностью: заданий 13"],
    );
    has(
        &page(school.pages(), "/lesson?lang=ky"),
        &["Сабак толук аткарылды"],
    );
    // Papers are there, under the word; the journal is the lesson's own.
    assert!(
        school
            .folder
            .path()
            .join("papers/receipt-K1-0001.png")
            .exists()
    );
    assert!(
        school
            .folder
            .path()
            .join("lesson-operator-1/K1.journal")
            .exists()
    );
}

#[test]
fn a_chairs_lesson_goes_from_the_opening_to_the_final_report() {
    let school = school();
    school.post("/lesson/begin", "part=chair");
    has(
        &page(school.pages(), "/chair?lang=en"),
        &["Task 1 of 10", "Open the kit", "trainframe"],
    );
    // Two cards of one body open nothing.
    let same = format!(
        "card0={}&pass0={PASSPHRASE}&card1={}&pass1={PASSPHRASE}",
        school.cards[0], school.cards[1]
    );
    assert_eq!(request(school.pages(), "POST /chair/open", &same).0, 422);
    school.is_at("c_open");
    school.chair("open", "");
    school.is_at("c_initial");
    school.chair("initial", "");
    school.is_at("c_approve");
    school.pin(9);
    school.post("/two", "method=face&reason=FINGERS_UNREADABLE");
    school.chair("approve", "");
    school.is_at("c_undo");
    school.pin(18);
    school.finger("0018_2_1");
    school.post("/undo", "");
    school.chair("approve", "");
    school.is_at("c_hour");
    school.post("/chair/turnout/9", "");
    school.is_at("c_lost");
    let kit = school.serving.station.kit().unwrap();
    let k2 = kit.charter().kits()[1].hex();
    school.chair("takeover", &format!("dead0={k2}&reason=KIT_LOST"));
    school.is_at("c_look");
    school.pin(35);
    let officer = &school.cards[2];
    school.post(
        "/looked",
        &format!("card={officer}&pass={PASSPHRASE}&unsigned=1"),
    );
    school.finger("0035_2_1");
    school.is_at("c_slip");
    school.chair("receipt", &format!("kit={k2}&receipt=5&line=38&method=1"));
    school.is_at("c_close");
    school.chair("close", "in_line=2");
    school.is_at("c_final");
    school.chair("final", "missing=NOT_RETURNED");
    let lesson = school.lesson();
    assert_eq!((lesson.step(), lesson.count(Mark::Done)), (None, 10));
    has(
        &page(school.pages(), "/lesson?lang=en"),
        &["The whole lesson is done: tasks 10"],
    );
}

#[test]
fn a_lesson_that_was_broken_off_goes_on_where_it_was_and_what_was_passed_over_is_missing() {
    let school = school();
    school.post("/lesson/begin", "part=operator");
    school.pin(3);
    school.is_at("o_finger");
    school.finger("0003_2_1");
    school.post("/lesson/skip", "");
    school.is_at("o_name");
    let School {
        serving,
        folder,
        _runtime: runtime,
        ..
    } = school;
    drop(serving);
    runtime.shutdown_timeout(std::time::Duration::from_secs(5));
    let school = start(folder);
    school.is_at("o_name");
    assert!(
        school.serving.station.kit().is_some(),
        "the operator's kit is open"
    );
    school.pin(3);
    has(
        &page(school.pages(), "/?lang=ru"),
        &["Не выдавать: уже отмечен"],
    );
    school.find("Осмонов");
    school.post("/choose", "line=13");
    school.finger("0013_2_1");
    school.is_at("o_again");
    for _ in 0..9 {
        school.post("/lesson/skip", "");
    }
    has(
        &page(school.pages(), "/lesson?lang=ru"),
        &["Урок окончен, но не сделано заданий: 10", "не сделано"],
    );
    // Anew: another folder, nobody is marked.
    school.post("/lesson/begin", "part=operator");
    school.is_at("o_pin");
    school.pin(3);
    has(&page(school.pages(), "/?lang=ru"), &["Приложите палец"]);
    assert_eq!(school.lesson().run, 2);
}

#[test]
fn an_election_kit_has_no_lessons_and_no_frame() {
    let precinct = Precinct::new(1001, 20);
    let folder = tempfile::tempdir().unwrap();
    let bench = precinct::open(&precinct, "K1", folder.path(), 10);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let serving = runtime.block_on(async {
        let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
        let scanner = Arc::new(station::scanner::ImageFolder::new(folder.path().to_owned()));
        let cards = station::cards::CardBox::new(Vec::new());
        let station = station::Station::new(None, cards, scanner);
        station.install(Arc::clone(&bench.kit));
        station::serve_station(station, any, any).await.unwrap()
    });
    for path in ["/", "/chair", "/monitor"] {
        let text = page(serving.pages, path);
        assert!(
            !text.contains("trainframe") && !text.contains("УЧЕБНЫЙ"),
            "{path}"
        );
    }
    assert_eq!(request(serving.pages, "GET /lesson", "").0, 404);
    assert_eq!(request(serving.pages, "GET /corrections", "").0, 404);
    assert_eq!(
        request(serving.pages, "POST /lesson/begin", "part=operator").0,
        404
    );
}

fn opened(precinct: &Precinct, exercise: Option<Exercise>, folder: &Path) -> Result<(), OpenError> {
    let clock = Arc::new(station::clock::SetClock::new(at(10)));
    let mut config = precinct.config(folder, &clock, &Arc::new(MemoryPrinter::default()));
    config.exercise = exercise;
    Kit::open(config, precinct.kit_key("K1"), &precinct.pair()).map(|_| ())
}

#[test]
fn a_package_is_opened_only_by_a_kit_that_is_for_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let election = Precinct::new(1001, 20);
    let rehearsal = Precinct::for_exercise(Exercise::Rehearsal, 1001, 20);
    for (precinct, is_for) in [(&election, None), (&rehearsal, Some(Exercise::Rehearsal))] {
        for asked in [None, Some(Exercise::Rehearsal), Some(Exercise::Training)] {
            let folder = folder.path().join(format!("{is_for:?} {asked:?}"));
            match opened(precinct, asked, &folder) {
                Ok(()) => assert_eq!(asked, is_for),
                Err(error) => assert!(
                    matches!(error, OpenError::Exercise { expected, found } if expected == asked && found == is_for),
                    "{error}"
                ),
            }
        }
    }
}

/// S-30: K1 has leftover training events. Expect: a kit whose own journal they are does not open; a kit in whose
/// folder others lie makes no initial report and prints why; once they are taken away it does.
#[test]
fn leftover_training_events_stop_the_opening_or_the_initial_report() {
    let school = school();
    school.post("/lesson/begin", "part=operator");
    school.pin(3);
    school.finger("0003_2_1");
    let training = school.folder.path().join("lesson-operator-1/K1.journal");
    let bytes = std::fs::read(&training).unwrap();
    let held = lexicon::handover::event::unframe(&bytes).events.len();
    assert!(held >= 3, "opened, identified, printed");
    let precinct = Precinct::new(1001, 20);
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("own");
    std::fs::create_dir(&own).unwrap();
    std::fs::copy(&training, own.join("K1.journal")).unwrap();
    let error = opened(&precinct, None, &own).unwrap_err();
    assert!(
        matches!(&error, OpenError::Training { file, events } if file == "K1.journal" && *events == held),
        "{error}"
    );
    assert_eq!(
        std::fs::read(&training).unwrap(),
        std::fs::read(own.join("K1.journal")).unwrap()
    );
    let other = folder.path().join("other");
    let bench = precinct::open(&precinct, "K1", &other, -600);
    std::fs::copy(&training, other.join("K2.journal")).unwrap();
    let error = bench.kit.report_initial(&precinct.pair()).unwrap_err();
    assert!(
        matches!(&error, ReportsError::Blocked(blocks) if matches!(blocks[..], [Block::Training(_, events)] if events == held)),
        "{error}"
    );
    assert_eq!(bench.printer.names(), ["not-opened-K1"]);

    // K2 has a list of 1,199 lines where K1 has 1,200, so to speak; page 1 of the bound list is of L6.
    let foreign = Precinct::of_other_list(1001, 20);
    let two = precinct::open(&foreign, "K2", &folder.path().join("K2"), -600);
    let wire = |two: &precinct::Bench| {
        let link = Arc::new(InProcess::to(&two.kit));
        bench.kit.connect(two.kit.kid(), link);
        let heard = bench.kit.sync(two.kit.kid());
        assert!(heard.is_ok(), "{heard:?}");
    };
    wire(&two);
    let root = lexicon::handover::envelope::hex(&bench.kit.charter().manifest().root[..10]);
    let code = |release: u32| {
        format!(
            "L{release}:1001:1:1:1-20:{}:{}",
            root.to_uppercase(),
            "0".repeat(20)
        )
    };
    let read = bench.kit.read_list_page(&code(6)).unwrap();
    assert_eq!(read, PageRead::Fault(pollbook::PageFault::Release(6)));
    let error = bench.kit.report_initial(&precinct.pair()).unwrap_err();
    let blocks = [
        Block::Training("K2.journal".to_owned(), held),
        Block::List("K2".to_owned()),
        Block::Page(1, 6),
    ];
    assert!(
        matches!(&error, ReportsError::Blocked(said) if *said == blocks),
        "{error}"
    );

    // What is mended is believed, one after another; what was read of the pages outlives a restart.
    std::fs::remove_file(other.join("K2.journal")).unwrap();
    let right = precinct::open(&precinct, "K2", &folder.path().join("right"), -600);
    wire(&right);
    let error = bench.kit.report_initial(&precinct.pair()).unwrap_err();
    assert!(
        matches!(&error, ReportsError::Blocked(said) if *said == blocks[2..]),
        "{error}"
    );
    assert_eq!(
        bench.kit.read_list_page(&code(7)).unwrap(),
        PageRead::Fits(1)
    );
    let again = precinct::reopen(&precinct, "K1", &other, &bench.clock);
    assert_eq!(again.kit.list_pages().read.len(), 1);
    // The initial report says the clocks of the others, the battery and the paper as well.
    let battery = folder.path().join("supplies/BAT0");
    std::fs::create_dir_all(&battery).unwrap();
    for (name, text) in [
        ("type", "Battery"),
        ("capacity", "87"),
        ("status", "Discharging"),
    ] {
        std::fs::write(battery.join(name), text).unwrap();
    }
    again.kit.set_supplies(folder.path().join("supplies"));
    right.clock.set(precinct::at(-598));
    let link = Arc::new(InProcess::to(&right.kit));
    again.kit.connect(right.kit.kid(), link);
    again.kit.sync(right.kit.kid()).unwrap();
    let report = again.kit.report_initial(&precinct.pair()).unwrap();
    assert_eq!(report.report.pages_read, Some(1));
    let clocks = report.report.clocks.unwrap_or_default();
    let clocks: Vec<_> = clocks.iter().map(|said| (*said.kit, said.micros)).collect();
    assert_eq!(clocks, [(right.kit.kid().0, 2_000_000)]);
    let battery = report.report.battery.unwrap();
    assert_eq!((battery.percent, battery.is_draining), (87, true));
    assert_eq!(report.report.supply.as_deref(), Some("ENOUGH"));
    assert!(
        report.json.contains("\"micros\": 2000000") && report.json.contains("\"percent\": 87"),
        "{}",
        report.json
    );
}

#[test]
fn the_shortest_way_through_a_lesson_is_in_its_texts() {
    // Whoever reads the task has the numbers that it asks for.
    let school = school();
    school.post("/lesson/begin", "part=operator");
    for step in Part::Operator.steps() {
        let text = page(school.pages(), "/?lang=ru");
        if let Some(one) = of_line(step.line) {
            let is_told = text.contains(&one.pin())
                || text.contains(&one.document())
                || text.contains(one.surname)
                || step.key == "o_finger";
            assert!(is_told, "{}", step.key);
        }
        assert!(
            !text.contains("{n}") && !text.contains("{p}"),
            "{}",
            step.key
        );
        school.post("/lesson/skip", "");
    }
}

/// Story: at a rehearsal a voter says that their name is wrong, another is not on the list. Expect: both are taken, on
/// disk, readable by the office alone; what cannot be is refused in words and taken by nobody; the screens say that
/// there is no voting.
#[test]
fn a_rehearsals_corrections_are_sealed_to_the_office() {
    use lexicon::handover::correction::{Correction, CorrectionKind, correction_subject};
    use lexicon::handover::envelope::{decode, peek1};
    let precinct = Precinct::for_exercise(Exercise::Rehearsal, 1001, 20);
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(station::clock::SetClock::new(at(10)));
    let printer = Arc::new(MemoryPrinter::default());
    let mut config = precinct.config(folder.path(), &clock, &printer);
    config.exercise = Some(Exercise::Rehearsal);
    let kit = Kit::open(config, precinct.kit_key("K1"), &precinct.pair()).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let serving = runtime.block_on(async {
        let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
        let scanner = Arc::new(station::scanner::ImageFolder::new(folder.path().to_owned()));
        let cards = station::cards::CardBox::new(Vec::new());
        let station = station::Station::new(None, cards, scanner);
        station.install(Arc::clone(&kit));
        station::serve_station(station, any, any).await.unwrap()
    });
    let pages = serving.pages;
    has(
        &page(pages, "/?lang=ru"),
        &["ПРОВЕРКА СПИСКА, не голосование", "Ошибка в списке"],
    );
    let name = format!("kind=name&line=7&pin=&right={}", form("Асанов Үсөн"));
    // Without the office's key nothing is taken: it could not be read by anybody.
    let (status, text) = request(pages, "POST /corrections", &name);
    assert_eq!(status, 422);
    has(&text, &["Комплект не знает ключа реестра"]);
    let office = precinct::key("office");
    kit.set_corrections_desk(office.public_key());
    assert_eq!(post(pages, "/corrections", &name), 303);
    let missing = form("Эсенов Бек");
    let pin = "20101197000000";
    for (fields, words) in [
        ("kind=name&line=99&right=A".to_owned(), "Такой строки нет"),
        (
            "kind=name&line=7&right=".to_owned(),
            "Напишите, как должно быть",
        ),
        ("kind=born&line=7&right=31.02.1985".to_owned(), "15.04.1985"),
        (
            format!("kind=missing&line=&pin=123&right={missing}"),
            "В ПИН ошибка",
        ),
    ] {
        let (status, text) = request(pages, "POST /corrections", &fields);
        assert_eq!(status, 422, "{fields}");
        has(&text, &[words]);
    }
    assert_eq!(
        post(pages, "/corrections", "kind=born&line=7&right=5.4.1985"),
        303
    );
    let fields = format!("kind=missing&line=7&pin={pin}&right={missing}");
    assert_eq!(post(pages, "/corrections", &fields), 303);
    has(
        &page(pages, "/corrections?taken=3&lang=en"),
        &["Taken down as No. 3", "Missing"],
    );
    let file = std::fs::read_to_string(folder.path().join("K1.corrections")).unwrap();
    assert!(!file.contains(pin) && !file.contains("Эсенов"));
    let said: Vec<(Correction, String, String)> = file
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(|line| {
            let bytes: Vec<u8> = (0..line.len())
                .step_by(2)
                .map(|at| u8::from_str_radix(&line[at..at + 2], 16).unwrap())
                .collect();
            let (signer, payload) = peek1(correction_subject(precinct::ELECTION), &bytes).unwrap();
            assert_eq!(signer, kit.kid());
            let correction: Correction = decode(&payload).unwrap();
            let text = correction.open(&office).unwrap();
            (correction, text.pin, text.right)
        })
        .collect();
    let shown: Vec<_> = said
        .iter()
        .map(|(one, pin, right)| (one.number, one.line, one.kind, pin.as_str(), right.as_str()))
        .collect();
    assert_eq!(
        shown,
        [
            (1, 7, CorrectionKind::Name, "", "Асанов Үсөн"),
            (2, 7, CorrectionKind::Born, "", "1985-04-05"),
            (3, 0, CorrectionKind::Missing, pin, "Эсенов Бек"),
        ]
    );
    // A restart goes on counting.
    drop(serving);
    assert_eq!(kit.corrections().len(), 3);
}
