//! The screens for a lost kit, a lost receipt, a lost clock and a look at the paper, over HTTP.

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod precinct;

use std::net::SocketAddr;
use std::sync::Arc;

use lexicon::handover::envelope::Kid;
use precinct::http::{page, post, request};
use precinct::{Bench, Precinct, at, finger, open};
use station::cards::{CardBox, CardFile};
use station::clock::KitClock as _;
use station::link::InProcess;
use station::scanner::ImageFolder;
use station::{Serving, Station, serve_station};

struct Hall {
    /// A kit that is `None` is off.
    benches: Vec<Option<Bench>>,
    kids: Vec<Kid>,
    serving: Serving,
    cards: Vec<CardFile>,
    _folder: tempfile::TempDir,
    _runtime: tokio::runtime::Runtime,
}

/// Three kits under a policy; K1 has pages, its officers' cards, and the fingers of a few voters.
fn hall(policy: &str) -> Hall {
    let (precinct, cards) = Precinct::with_cards(policy, 1001, 120);
    let folder = tempfile::tempdir().unwrap();
    let glass = folder.path().join("glass");
    std::fs::create_dir(&glass).unwrap();
    for line in [50u32, 51] {
        std::fs::write(glass.join(format!("{line:04}_2_1.fmr")), finger(line * 10)).unwrap();
    }
    let benches =
        ["K1", "K2", "K3"].map(|name| open(&precinct, name, &folder.path().join(name), 10));
    for from in &benches {
        for to in &benches {
            if from.kit.kid() != to.kit.kid() {
                from.kit
                    .connect(to.kit.kid(), Arc::new(InProcess::to(&to.kit)));
            }
        }
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let serving = runtime.block_on(async {
        let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
        let scanner = Arc::new(ImageFolder::new(glass));
        let station = Station::new(None, CardBox::new(cards.clone()), scanner);
        station.install(Arc::clone(&benches[0].kit));
        serve_station(station, any, any).await.unwrap()
    });
    Hall {
        kids: benches.iter().map(|bench| bench.kit.kid()).collect(),
        benches: benches.into_iter().map(Some).collect(),
        serving,
        cards,
        _folder: folder,
        _runtime: runtime,
    }
}

impl Hall {
    fn bench(&self, at: usize) -> &Bench {
        self.benches[at].as_ref().unwrap()
    }

    fn meet(&self) {
        for bench in self.benches.iter().flatten() {
            let _ = bench.kit.sync_all();
        }
    }

    fn later(&self, seconds: i64) {
        for bench in self.benches.iter().flatten() {
            bench.clock.set(at(seconds));
        }
    }

    fn pages(&self) -> SocketAddr {
        self.serving.pages
    }

    /// Fields of two cards of different bodies.
    fn two(&self) -> String {
        let (a, b) = (&self.cards[0].kid, &self.cards[2].kid);
        format!("card0={a}&pass0=pass&card1={b}&pass1=pass")
    }

    fn chair(&self, act: &str, fields: &str) -> (u16, String) {
        let body = format!("{fields}&{}", self.two());
        request(self.pages(), &format!("POST /chair/{act}"), &body)
    }

    /// K2 serves 41 and 42 without printing and is lost; a minute passes.
    fn lose(&mut self) {
        self.meet();
        self.bench(1).printer.set_out_of_paper(true);
        for line in [41, 42] {
            let capture = precinct::capture(line * 10);
            self.bench(1).kit.present(line, &capture).unwrap();
        }
        self.meet();
        self.off(1);
    }

    /// Switches a kit off and waits until K1 no longer hears it.
    ///
    /// K1's heartbeat may hold its last answer while the clock is moved: then the wait is longer.
    fn off(&mut self, which: usize) {
        let kid = self.kids[which];
        self.benches[which] = None;
        for seconds in (100..1_000).step_by(100) {
            self.later(seconds);
            self.meet();
            std::thread::sleep(std::time::Duration::from_millis(30));
            let reading = self.bench(0).clock.read();
            let in_touch = |book: &pollbook::Book| book.is_in_touch(kid, reading);
            if !self.bench(0).kit.read(in_touch) {
                return;
            }
        }
        unreachable!("a kit that is off is still heard");
    }
}

fn has(text: &str, all: &[&str]) {
    for part in all {
        assert!(text.contains(part), "{part:?} is not on the page: {text}");
    }
}

/// Story: K2 is lost. Expect: the chair sees its last known head, retires it with two cards after another
/// kit was refused, K1 looks at the paper, serves, gives a receipt that never came out, enters one from paper.
#[test]
fn a_lost_kit_is_taken_over_on_the_chairs_page() {
    let mut hall = hall("segment");
    hall.meet();
    has(
        &page(hall.pages(), "/chair/trouble?lang=ru"),
        &["Если что-то отказало", "Все комплекты на связи"],
    );
    hall.lose();
    let chair = page(hall.pages(), "/chair/trouble?lang=ru");
    has(
        &chair,
        &[
            "Не отвечает: К2",
            "последнее известное событие 3, 08:00; отмечено 2;",
            "К3 на связи",
        ],
    );
    let (k2, k3) = (hall.kids[1].hex(), hall.kids[2].hex());
    let (status, text) = hall.chair("takeover", "reason=KIT_LOST");
    assert_eq!(status, 422);
    has(&text, &["Комплект не выбран"]);
    let (status, text) = hall.chair("takeover", &format!("dead0={k3}&reason=KIT_LOST"));
    assert_eq!(status, 422);
    has(&text, &["Комплект K3 отвечает: он не потерян"]);
    let (status, _) = hall.chair("takeover", &format!("dead0={k2}&reason=KIT_LOST"));
    assert_eq!(status, 303);
    has(
        &page(hall.pages(), "/chair/trouble?lang=en"),
        &[
            "K2 is retired, its lines are with K1",
            "retired",
            "slips 1–2 are known",
        ],
    );
    has(
        &page(hall.pages(), "/chair/trouble?lang=ky"),
        &["К2 чыгарылды, саптары К1 комплектинде"],
    );

    // The heir looks first.
    post(hall.pages(), "/choose", "line=50");
    has(
        &page(hall.pages(), "/?lang=ru"),
        &[
            "Проверьте строку 50 в бумажном списке",
            "Строка перешла от комплекта К2",
        ],
    );
    has(&page(hall.pages(), "/monitor"), &["Подождите, пожалуйста"]);
    let officer = hall.cards[3].kid.clone();
    post(
        hall.pages(),
        "/looked",
        &format!("card={officer}&pass=wrong&unsigned=1"),
    );
    has(
        &page(hall.pages(), "/?lang=ru"),
        &["Проверьте строку 50", "Пароль карты неверен"],
    );
    post(
        hall.pages(),
        "/looked",
        &format!("card={officer}&pass=pass&unsigned=1"),
    );
    has(&page(hall.pages(), "/?lang=ru"), &["Приложите палец"]);
    post(hall.pages(), "/glass", "file=0050_2_1.fmr");
    has(&page(hall.pages(), "/?lang=ru"), &["Личность подтверждена"]);
    post(hall.pages(), "/choose", "line=51");
    post(
        hall.pages(),
        "/looked",
        &format!("card={officer}&pass=pass&unsigned=0"),
    );
    has(
        &page(hall.pages(), "/?lang=en"),
        &["Do not issue", "LINE_ALREADY_SIGNED"],
    );

    // 41 is counted at K2 and never got a receipt; 42 is signed on paper.
    post(hall.pages(), "/choose", "line=41");
    has(
        &page(hall.pages(), "/?lang=ru"),
        &["Не выдавать", "Чек не получен: два члена"],
    );
    post(hall.pages(), "/resume", "");
    has(
        &page(hall.pages(), "/chair?lang=ru"),
        &["Строка чистая: печатать чек", "Подпись стоит"],
    );
    assert_eq!(hall.chair("approve", "").0, 303);
    has(
        &page(hall.pages(), "/?lang=ru"),
        &["чек напечатан", "К2-0001"],
    );
    post(hall.pages(), "/choose", "line=42");
    post(hall.pages(), "/resume", "");
    assert_eq!(hall.chair("signed", "").0, 303);
    has(&page(hall.pages(), "/?lang=ru"), &["LINE_ALREADY_SIGNED"]);
    assert_eq!(
        hall.chair("signed", "").0,
        422,
        "there is nothing to sign any more"
    );

    // Receipt 3 of K2 was never heard of here.
    let wrong = format!("qr=&kit={k2}&receipt=&line=60&method=1");
    assert_eq!(hall.chair("receipt", &wrong).0, 422);
    let entered = format!("qr=&kit={k2}&receipt=3&line=60&method=1");
    assert_eq!(hall.chair("receipt", &entered).0, 303);
    assert_eq!(hall.chair("receipt", &entered).0, 422, "it is known now");
    let counted = hall.bench(0).kit.read(pollbook::Book::counted);
    assert_eq!(counted, 4);
}

/// Story S-38: every kit was out. Expect: the chair enters the interval and the lines served in it with two cards, no kit
/// retired; a line that a kit had served is an incident; who was served on paper is refused; a wrong row writes nothing
/// and stands in the field again; a wrong entry is taken back; the report says all of it.
#[test]
fn the_chair_enters_what_was_served_on_paper_while_no_kit_worked() {
    let hall = hall("segment");
    hall.meet();
    post(hall.pages(), "/choose", "line=50");
    has(&page(hall.pages(), "/?lang=ru"), &["Приложите палец"]);
    hall.bench(0)
        .kit
        .present(9, &precinct::capture(90))
        .unwrap();
    // In steps below the bound of the clocks: K1's heartbeat asks the others meanwhile. The screen is not locked yet.
    for seconds in (60..=260).step_by(40) {
        hall.later(seconds);
    }
    hall.meet();
    let pages = hall.pages();
    has(
        &page(pages, "/chair/trouble?lang=ru"),
        &["/chair/paper", "По бумаге"],
    );
    has(
        &page(pages, "/chair/paper?lang=ky"),
        &[
            "Бир да комплект иштебеген аралык",
            "Мындай аралык жарыяланган жок",
        ],
    );
    let interval = "from=2015-10-04+08:01&to=2015-10-04+08:03&count=3";
    let (status, text) = hall.chair(
        "paper_only",
        "from=2015-10-04+08:03&to=2015-10-04+08:01&count=3",
    );
    assert_eq!(status, 422);
    has(&text, &["Промежуток пуст", "2015-10-04 08:03"]);
    let one = format!(
        "{interval}&card0={0}&pass0=pass&card1={0}&pass1=pass",
        hall.cards[0].kid
    );
    assert_eq!(request(pages, "POST /chair/paper_only", &one).0, 422);
    assert_eq!(hall.chair("paper_only", interval).0, 303);
    let seq = hall.bench(0).kit.paper_intervals()[0].seq;

    let rows = |rows: &str| format!("interval={seq}&method=3&rows={rows}");
    let (status, text) = hall.chair("paper_served", &rows("60+1%0A61"));
    assert_eq!(status, 422);
    has(&text, &["Ряд 2", "60 1"]);
    let (status, text) = hall.chair("paper_served", &rows("60+1%0A9999+2"));
    assert_eq!(status, 422);
    has(&text, &["Строка 9999"]);
    assert!(
        hall.bench(0).kit.entered().is_empty(),
        "nothing of a wrong list is written"
    );
    // Line 9 had a kit's slip; 100 is of K3's share.
    assert_eq!(
        hall.chair("paper_served", &rows("60+1%0A9+2%0A101+3")).0,
        303
    );
    // The same list once more, as after a power cut: nothing is written twice.
    assert_eq!(
        hall.chair("paper_served", &rows("60+1%0A9+2%0A101+3")).0,
        303
    );
    assert_eq!(
        hall.chair("paper_served", &rows("61+3")).0,
        422,
        "slip 3 is line 101's"
    );
    has(
        &page(pages, "/chair/paper?lang=en"),
        &["another mark counts", "3 slips, 3 entered, 2 counted"],
    );
    assert_eq!(hall.chair("paper_undo", "line=101&slip=3").0, 303);
    assert_eq!(hall.chair("paper_undo", "line=101&slip=3").0, 422);
    assert_eq!(hall.chair("paper_served", &rows("100+3")).0, 303);

    let kit = &hall.bench(0).kit;
    assert_eq!(kit.read(pollbook::Book::counted), 3);
    let incidents = kit.read(pollbook::Book::incidents);
    let told: Vec<_> = incidents
        .iter()
        .map(|i| (i.code.as_str(), i.line))
        .collect();
    assert_eq!(told, [("DUPLICATE", 9)]);
    post(pages, "/choose", "line=60");
    has(&page(pages, "/?lang=ru"), &["Не выдавать"]);
    assert_eq!(hall.chair("running", "").0, 303);
    let reports = kit.kept_reports();
    let (_, running) = reports.iter().find(|(word, _)| *word == "running").unwrap();
    let said = running.report.paper_only.as_ref().unwrap();
    assert_eq!((said[0].count, said[0].entered, said[0].served), (3, 3, 2));
    assert!(running.json.contains("\"entered\": 3"), "{}", running.json);
    // The other kits hear of it.
    hall.meet();
    assert_eq!(hall.bench(2).kit.read(pollbook::Book::counted), 3);
}

/// Expect: the slip of an undone act and one that never came out are declared void by two cards, a paper is printed, and
/// the ballot table says VOID; a slip that stands is not to be had.
#[test]
fn a_slip_is_declared_void_on_the_screen_and_the_ballot_table_says_so() {
    use station::ReceiptAnswer;
    let hall = hall("segment");
    hall.meet();
    let (kit, printer) = (&hall.bench(0).kit, &hall.bench(0).printer);
    let act = |line: u32| {
        let capture = precinct::capture(line * 10);
        let station::Verdict::Green(done) = kit.present(line, &capture).unwrap() else {
            unreachable!("line {line} is served");
        };
        (done.act.name, base45::encode(done.act.signed()))
    };
    let (standing, qr) = act(4);
    let fields = |line: u32, event: lexicon::handover::event::EventName| {
        format!(
            "line={line}&reason=NOT_PRINTED&act={}:{}",
            event.kit.hex(),
            event.seq
        )
    };
    assert_eq!(hall.chair("void", &fields(4, standing)).0, 422, "it stands");
    assert!(matches!(
        kit.take_receipt(&qr).unwrap(),
        ReceiptAnswer::Good { .. }
    ));
    printer.set_out_of_paper(true);
    let (pending, qr) = act(5);
    printer.set_out_of_paper(false);
    has(
        &page(hall.pages(), "/chair/paper?line=5&lang=en"),
        &["Sign and declare void"],
    );
    let before = printer.names().len();
    assert_eq!(hall.chair("void", &fields(5, pending)).0, 303);
    assert_eq!(printer.names().len(), before + 1, "the paper came out");
    assert!(printer.names().last().unwrap().starts_with("void-"));
    assert_eq!(kit.take_receipt(&qr).unwrap(), ReceiptAnswer::Void);
    has(
        &page(hall.pages(), "/chair/paper?line=5&lang=ru"),
        &["признан недействительным в"],
    );
    has(
        &request(
            hall.pages(),
            "POST /receipts",
            &format!("qr={}", urlencode(&qr)),
        )
        .1,
        &["VOID"],
    );
    assert_eq!(hall.chair("void", &fields(5, pending)).0, 422, "once");
    assert!(kit.pending_acts().is_empty(), "nobody prints it any more");
}

fn urlencode(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[test]
fn under_paper_lock_the_operator_is_sent_to_the_paper() {
    let mut hall = hall("paper_lock");
    hall.meet();
    has(
        &page(hall.pages(), "/chair/trouble?lang=ru"),
        &["решает бумага"],
    );
    hall.off(2);
    post(hall.pages(), "/choose", "line=100");
    has(
        &page(hall.pages(), "/?lang=en"),
        &["Look at line 100 in the paper list", "Not connected: K3"],
    );
    post(hall.pages(), "/next", "");
    has(&page(hall.pages(), "/?lang=en"), &["Next voter"]);
}

#[test]
fn a_stopped_clock_is_set_on_the_chairs_page() {
    let hall = hall("segment");
    hall.bench(0).clock.jump(-7_200_000_000);
    has(
        &page(hall.pages(), "/chair/trouble?lang=ru"),
        &[
            "Комплект не доверяет своим часам",
            "value=\"2015-10-04 06:00\"",
        ],
    );
    let (status, text) = hall.chair("clock", "time=08:00");
    assert_eq!(status, 422);
    has(&text, &["2015-10-04 10:03"]);
    assert_eq!(hall.chair("clock", "time=2015-10-04+08:01").0, 303);
    has(
        &page(hall.pages(), "/?lang=ru"),
        &["Следующий избиратель", "08:01"],
    );
}

/// Story: the clock of K1 falls back. Expect: both screens say what it is and who does what next in the language that they
/// are in; the engineer's words of the log stand on none.
#[test]
fn a_stopped_kit_says_why_and_what_is_done_in_each_language() {
    let hall = hall("segment");
    hall.bench(0).clock.jump(-7_200_000_000);
    for (language, words) in [
        ("ky", ["секирип кетти", "башка комплектке жибериңиз"]),
        ("ru", ["скакнули на", "направляйте избирателей к другому"]),
        ("en", ["clock jumped by", "send voters to another kit"]),
    ] {
        for path in ["/", "/chair"] {
            let text = page(hall.pages(), &format!("{path}?lang={language}"));
            has(&text, &words);
            assert!(!text.contains("the wall clock"), "{path} in {language}");
        }
    }
}

#[test]
fn receipts_that_did_not_come_out_are_offered_before_the_next_voter() {
    let hall = hall("segment");
    hall.bench(0).printer.set_out_of_paper(true);
    hall.bench(0)
        .kit
        .present(7, &precinct::capture(70))
        .unwrap();
    has(
        &page(hall.pages(), "/?lang=ru"),
        &["Чеки не вышли: 1", "К1-0001", "Напечатать чек"],
    );
    hall.bench(0).printer.set_out_of_paper(false);
    post(hall.pages(), "/receipt", "");
    has(&page(hall.pages(), "/?lang=ru"), &["чек напечатан"]);
    assert_eq!(hall.bench(0).printer.names().len(), 1);
}

#[test]
fn a_receipt_is_checked_at_the_ballot_table() {
    let hall = hall("segment");
    let seen = hall
        .bench(0)
        .kit
        .present(7, &precinct::capture(70))
        .unwrap();
    let station::Verdict::Green(done) = seen else {
        unreachable!("line 7 is the kit's own")
    };
    // Base45 as a form sends it.
    let qr: String = base45::encode(done.act.signed())
        .bytes()
        .map(|byte| format!("%{byte:02X}"))
        .collect();
    has(&page(hall.pages(), "/receipts?lang=ru"), &["Проверка чека"]);
    let take = || request(hall.pages(), "POST /receipts", &format!("qr={qr}")).1;
    has(&take(), &["Выдать бюллетень", "К1-0001", "GOOD"]);
    has(
        &take(),
        &["Не выдавать бюллетень", "уже сдан в", "ALREADY_USED"],
    );
    let bad = request(hall.pages(), "POST /receipts", "qr=ABC").1;
    has(&bad, &["Не выдавать бюллетень", "UNREADABLE"]);
}

/// For people who want to see the screens: `TIZME_LOOK=1 cargo nextest run -p station see_trouble --no-capture`.
#[test]
fn see_trouble() {
    if std::env::var_os("TIZME_LOOK").is_none() {
        return;
    }
    let mut hall = hall("segment");
    hall.lose();
    println!("http://{}/chair/trouble", hall.pages());
    std::thread::sleep(std::time::Duration::from_secs(3600));
}

/// Story: after the close the chair types in what was counted on paper. Expect: no number and a difference without its
/// reason are told, what was typed stays; then the page says what differs, and the chair's page links to it.
#[test]
fn the_count_on_paper_is_typed_in_after_the_close() {
    let hall = hall("segment");
    let close = (precinct::CLOSES - precinct::OPENS) / 1_000_000;
    let kit = &hall.bench(0).kit;
    kit.present(4, &precinct::capture(40)).unwrap();
    let before = page(hall.pages(), "/chair/totals?lang=en");
    has(&before, &["Count on paper", "Only after the close"]);
    hall.later(close + 1);
    hall.meet();
    assert_eq!(hall.chair("close", "in_line=0").0, 303);
    has(
        &page(hall.pages(), "/chair?lang=en"),
        &["/chair/totals", "not entered"],
    );
    let numbers = "signatures=0&received=9&issued=0&spoilt=0&left=9";
    let (status, told) = hall.chair(
        "totals",
        "signatures=0&received=NINE&issued=0&spoilt=0&left=9",
    );
    assert_eq!(status, 422);
    assert!(
        told.contains("value=\"NINE\""),
        "what was typed stays: {told}"
    );
    let (status, told) = hall.chair("totals", numbers);
    assert_eq!(status, 422, "{told}");
    assert!(kit.read(pollbook::Book::totals_said).is_none());
    let explained = format!("{numbers}&difference=LEFT_WITHOUT");
    assert_eq!(hall.chair("totals", &explained).0, 303);
    let after = page(hall.pages(), "/chair/totals?lang=en");
    has(
        &after,
        &[
            "The numbers differ.",
            "A voter left without a ballot",
            "Entered at K1",
        ],
    );
    assert_eq!(
        hall.chair("totals", &explained).0,
        422,
        "a correction says why"
    );
    assert_eq!(
        hall.chair("totals", &format!("{explained}&correction=TYPED_WRONG"))
            .0,
        303
    );
    assert_eq!(kit.read(pollbook::Book::totals_said).unwrap().before, 1);
    has(&page(hall.pages(), "/chair?lang=en"), &["they differ"]);
}
