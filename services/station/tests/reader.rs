//! The document reader, the lock and the withdrawn card, over HTTP as the page's script asks.

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod precinct;

use std::net::SocketAddr;
use std::sync::Arc;

use lexicon::handover::envelope::Signer as _;
use lexicon::handover::package::StationLimits;
use pollbook::Body;
use precinct::http::{page, post, request};
use precinct::{Bench, Precinct, at, finger, open, pin};
use station::cards::{CardBox, CardFile};
use station::link::InProcess;
use station::scanner::ImageFolder;
use station::{Serving, Station, serve_station};

struct Hall {
    benches: [Bench; 2],
    serving: Serving,
    cards: Vec<CardFile>,
    _folder: tempfile::TempDir,
    _runtime: tokio::runtime::Runtime,
}

/// Two kits of three; the first has pages and the officers' cards, and the finger of line 7.
fn hall() -> Hall {
    hall_of(Precinct::with_cards("segment", 1001, 120))
}

fn hall_of((precinct, cards): (Precinct, Vec<CardFile>)) -> Hall {
    let folder = tempfile::tempdir().unwrap();
    let glass = folder.path().join("glass");
    std::fs::create_dir(&glass).unwrap();
    std::fs::write(glass.join("0007_2_1.fmr"), finger(70)).unwrap();
    let benches = ["K1", "K2"].map(|name| open(&precinct, name, &folder.path().join(name), 10));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let serving = runtime.block_on(async {
        let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
        let scanner = Arc::new(ImageFolder::new(glass));
        let station = Station::new(None, CardBox::new(cards.clone()), scanner);
        station.install(Arc::clone(&benches[0].kit));
        serve_station(station, any, any).await.unwrap()
    });
    Hall {
        benches,
        serving,
        cards,
        _folder: folder,
        _runtime: runtime,
    }
}

fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

impl Hall {
    /// What the script does with a burst; the last line of the answer.
    fn reads(&self, text: &str) -> String {
        let (status, answer) = request(
            self.serving.pages,
            "POST /read",
            &format!("text={}", escaped(text)),
        );
        assert_eq!(status, 200);
        answer.lines().last().unwrap().to_owned()
    }

    fn later(&self, seconds: i64) {
        self.benches[0].clock.set(at(seconds));
    }

    fn page(&self) -> String {
        page(self.serving.pages, "/")
    }

    fn unlock(&self, card: usize, pass: &str) -> String {
        let body = format!("card={}&pass={pass}", self.cards[card].kid);
        assert_eq!(post(self.serving.pages, "/unlock", &body), 303);
        self.page()
    }

    /// Officers of these cards withdraw a card.
    fn withdraw(&self, lost: usize, by: [usize; 2]) -> (u16, String) {
        let [lost, a, b] = [lost, by[0], by[1]].map(|card| self.cards[card].kid.clone());
        let body =
            format!("lost={lost}&reason=CARD_LOST&card0={a}&pass0=pass&card1={b}&pass1=pass");
        request(self.serving.pages, "POST /chair/cards", &body)
    }

    fn shifts(&self) -> usize {
        self.benches[0].kit.read(|book| {
            let is_shift = |act: &&Arc<pollbook::Act>| matches!(act.body, Body::ShiftTaken(_));
            book.events().filter(is_shift).count()
        })
    }
}

/// Weights 7, 3, 1.
fn digit(text: &str) -> u32 {
    let value = |c: char| c.to_digit(36).unwrap_or(0);
    let weighed = text.chars().zip([7, 3, 1].into_iter().cycle());
    weighed.map(|(c, weight)| value(c) * weight).sum::<u32>() % 10
}

/// The back of a Kyrgyz identity card.
fn card(number: &str, pin: &str) -> String {
    let first = format!("IDKGZ{number}{}{pin:<<15}", digit(number));
    let second = format!(
        "850415{}M250101{}KGZ{:<<11}",
        digit("850415"),
        digit("250101"),
        ""
    );
    let whole = digit(&[&first[5..], &second[..7], &second[8..15], &second[18..29]].concat());
    format!("{first}\n{second}{whole}\n{:<<30}\n", "ASANOV<<USON")
}

/// Story: an identity card lies on the reader. Expect: its voter is asked for the finger, whichever of its numbers the
/// list knows; with a question on the screen it is not taken; a card that was moved says which digit does not fit.
#[test]
fn a_document_on_the_reader_opens_its_voter_and_a_broken_one_says_why() {
    let hall = hall();
    assert_eq!(hall.reads(&card("ZZ0000001", &pin(7))), "shown");
    assert!(hall.page().contains("Приложите палец"));
    // A question stands.
    assert_eq!(hall.reads(&card("ZZ0000001", &pin(8))), "answer-first");
    let asked = hall.page();
    assert!(
        asked.contains("Сначала ответьте") && asked.contains("7, страница"),
        "{asked}"
    );
    assert_eq!(post(hall.serving.pages, "/glass", "file=0007_2_1.fmr"), 303);
    assert!(hall.page().contains("Личность подтверждена"));
    // A finished screen starts the next voter; here the list knows the document and not the PIN.
    assert_eq!(hall.reads(&card("ID0000009", "21504198599999")), "shown");
    let next = hall.page();
    assert!(
        next.contains("Приложите палец") && next.contains("9, страница"),
        "{next}"
    );
    assert_eq!(post(hall.serving.pages, "/next", ""), 303);
    let moved = card("ID0000009", &pin(9)).replace("IDKGZID0000009", "IDKGZID0000008");
    assert_eq!(hall.reads(&moved), "broken");
    let said = hall.page();
    assert!(
        said.contains("Документ не прочитан") && said.contains("номер документа"),
        "{said}"
    );
    assert!(
        page(hall.serving.pages, "/?lang=en").contains("the document&#39;s number")
            || page(hall.serving.pages, "/?lang=en").contains("the document's number")
    );
    // PIN and document of two different voters: both are shown, nobody is chosen.
    assert_eq!(hall.reads(&card("ID0000011", &pin(12))), "shown");
    assert!(hall.page().contains("Найдено избирателей: 2"));
    // A barcode, and a slip.
    assert_eq!(hall.reads("]C1ID0000010\n"), "shown");
    assert!(hall.page().contains("10, страница"));
    assert_eq!(post(hall.serving.pages, "/next", ""), 303);
    assert_eq!(hall.reads(&"6BF.XS4 $".repeat(20)), "table");
    // The neighbour precinct's voter is told where to go.
    assert_eq!(hall.reads("20101199000001\n"), "shown");
    assert!(hall.page().contains("1014"));
}

/// The law of another country locks sooner: its package says so, and the kit follows it.
#[test]
fn an_unused_screen_locks_when_the_package_says() {
    let limits = StationLimits {
        lock_seconds: 60,
        ..StationLimits::BEFORE
    };
    let hall = hall_of(Precinct::limited(limits, 1001, 120));
    hall.reads(&card("ZZ0000001", &pin(7)));
    hall.later(10 + 59);
    assert!(hall.page().contains("Приложите палец"));
    hall.later(10 + 59 + 61);
    assert!(hall.page().contains("Экран заблокирован"));
}

/// Story S-34: five minutes without use; F12; a stolen card with a wrong passphrase; another operator's card.
#[test]
fn an_unused_screen_locks_and_another_card_takes_the_shift() {
    let hall = hall();
    hall.reads(&card("ZZ0000001", &pin(7)));
    hall.later(10 + 299);
    assert!(hall.page().contains("Приложите палец"));
    hall.later(10 + 301);
    let locked = hall.page();
    assert!(
        locked.contains("Экран заблокирован")
            && !locked.contains("Асанов")
            && !locked.contains("7, страница")
    );
    // Nothing of the operator's works; the chair and the monitor go on.
    for (path, body) in [
        ("/find", "q=7"),
        ("/choose", "line=7"),
        ("/read", "text=ID0000007"),
    ] {
        assert_eq!(post(hall.serving.pages, path, body), 303, "{path}");
        assert!(hall.page().contains("Экран заблокирован"), "{path}");
    }
    assert_eq!(request(hall.serving.pages, "GET /chair/list", "").0, 303);
    assert!(page(hall.serving.pages, "/chair").contains("Участок"));
    assert!(
        page(hall.serving.pages, "/monitor").contains("Даярданыңыз")
            || page(hall.serving.pages, "/monitor").contains("tvidle")
    );
    assert!(hall.unlock(1, "wrong").contains("Экран заблокирован"));
    assert_eq!(hall.shifts(), 0);
    let open = hall.unlock(1, "pass");
    assert!(open.contains("Следующий избиратель"), "{open}");
    assert_eq!(hall.shifts(), 1);
    // The same card comes back without a new event; another one takes the shift.
    assert_eq!(post(hall.serving.pages, "/lock", ""), 303);
    assert!(hall.page().contains("Экран заблокирован"));
    hall.unlock(1, "pass");
    assert_eq!(hall.shifts(), 1);
    assert_eq!(post(hall.serving.pages, "/lock", ""), 303);
    hall.unlock(3, "pass");
    assert_eq!(hall.shifts(), 2);
    let kit = &hall.benches[0].kit;
    let held = kit.read(|book| book.shift(book.me())).unwrap();
    assert_eq!(held.hex(), hall.cards[3].kid);
    assert!(
        hall.page().contains("Officer of R"),
        "the footer names who works here"
    );
}

/// Story S-34: an officer's card is lost on the day. Expect: two others withdraw it; no kit takes it once it knows;
/// it does not withdraw itself.
#[test]
fn a_lost_card_is_withdrawn_by_two_others_and_refused_on_every_kit() {
    let hall = hall();
    let (status, own) = hall.withdraw(2, [0, 2]);
    assert!(status == 422 && own.contains("отозвана"), "{status}");
    assert_eq!(hall.withdraw(2, [0, 1]).0, 422, "two of one body");
    assert_eq!(hall.withdraw(2, [0, 3]).0, 303);
    let cards = page(hall.serving.pages, "/chair/cards");
    assert!(
        cards.contains("Отозвана:") && cards.contains("К1"),
        "{cards}"
    );
    assert!(
        hall.withdraw(2, [0, 3]).1.contains("отозвана"),
        "once is enough"
    );
    // The screen does not open with it, nor does it sign with another one.
    post(hall.serving.pages, "/lock", "");
    assert!(
        hall.unlock(2, "pass")
            .contains("Эта карта сегодня отозвана")
    );
    hall.unlock(0, "pass");
    let body = format!(
        "card0={}&pass0=pass&card1={}&pass1=pass",
        hall.cards[0].kid, hall.cards[2].kid
    );
    let (status, said) = request(hall.serving.pages, "POST /chair/running", &body);
    assert!(
        status == 422 && said.contains("Эта карта сегодня отозвана"),
        "{status}"
    );
    // The other kit learns it over the link.
    let other = &hall.benches[1].kit;
    let link = Arc::new(InProcess::to(&hall.benches[0].kit));
    other.connect(hall.benches[0].kit.kid(), link);
    assert!(other.sync_all().is_empty());
    let (precinct, _) = Precinct::with_cards("segment", 1001, 120);
    let lost = &precinct.officers[2];
    assert_eq!(lost.kid().hex(), hall.cards[2].kid);
    assert!(other.take_shift(lost).is_err());
    assert!(other.take_shift(&precinct.officers[1]).is_ok());
}
