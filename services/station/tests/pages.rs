//! Two kits on loopback: pages over HTTP, signed messages between them.

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod precinct;

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use keys::FileKey;
use precinct::http::{page, post, request};
use precinct::{Bench, Precinct, finger, open, pin};
use station::cards::{CardBox, CardFile, Holder};
use station::scanner::ImageFolder;
use station::{Serving, Station, serve_station};

struct Hall {
    one: Serving,
    two: Serving,
    _benches: [Bench; 2],
    _folder: tempfile::TempDir,
    _runtime: tokio::runtime::Runtime,
}

async fn start(bench: &Bench, glass: &Path) -> Serving {
    let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
    let scanner = Arc::new(ImageFolder::new(glass.to_owned()));
    let station = Station::new(None, CardBox::new(Vec::new()), scanner);
    station.install(Arc::clone(&bench.kit));
    serve_station(station, any, any).await.unwrap()
}

fn hall() -> Hall {
    let precinct = Precinct::new(1001, 100);
    let folder = tempfile::tempdir().unwrap();
    let glass = folder.path().join("glass");
    std::fs::create_dir(&glass).unwrap();
    for (name, number) in [
        ("0007_2_1.fmr", 70),
        ("0008_2_1.fmr", 80),
        ("0099_9_9.fmr", 12_345),
    ] {
        std::fs::write(glass.join(name), finger(number)).unwrap();
    }
    let benches = [
        open(&precinct, "K1", &folder.path().join("K1"), 10),
        open(&precinct, "K2", &folder.path().join("K2"), 10),
    ];
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (one, two) = runtime.block_on(async {
        (
            start(&benches[0], &glass).await,
            start(&benches[1], &glass).await,
        )
    });
    benches[0]
        .kit
        .connect(benches[1].kit.kid(), precinct.link("K1", "K2", two.lan));
    benches[1]
        .kit
        .connect(benches[0].kit.kid(), precinct.link("K2", "K1", one.lan));
    Hall {
        one,
        two,
        _benches: benches,
        _folder: folder,
        _runtime: runtime,
    }
}

#[test]
fn a_voter_goes_green_on_one_kit_and_red_on_the_other() {
    let hall = hall();
    // Line 7 is in K1's share; K2 identifies it by a grant over HTTP.
    assert_eq!(post(hall.two.pages, "/find", &format!("q={}", pin(7))), 303);
    let asked = page(hall.two.pages, "/");
    assert!(
        asked.contains("Приложите палец") && asked.contains("Правый указательный"),
        "{asked}"
    );
    assert!(page(hall.two.pages, "/monitor").contains("Манжаңызды коюңуз"));
    assert_eq!(post(hall.two.pages, "/glass", "file=0099_9_9.fmr"), 303);
    assert!(page(hall.two.pages, "/").contains("Палец не совпал"));
    assert_eq!(post(hall.two.pages, "/glass", "file=0007_2_1.fmr"), 303);
    let green = page(hall.two.pages, "/");
    assert!(green.contains("Личность подтверждена"), "{green}");
    assert!(green.contains("страница 1, строка 7"));
    let monitor = page(hall.two.pages, "/monitor");
    assert!(monitor.contains("Ырасталды") && !monitor.contains(&pin(7)));
    let (status, _) = request(hall.two.pages, "GET /paper/receipt/7.png", "");
    assert_eq!(status, 200);
    std::thread::sleep(Duration::from_millis(1500));
    assert_eq!(post(hall.one.pages, "/find", "q=7"), 303);
    let red = page(hall.one.pages, "/");
    assert!(
        red.contains("Не выдавать: уже отмечен") && red.contains("К2-0001"),
        "{red}"
    );
    let monitor = page(hall.one.pages, "/monitor");
    assert!(monitor.contains("Бюллетень берилбейт"));
    assert!(
        !monitor.contains("Осмонов") && !monitor.contains("ОСМОНОВ"),
        "red shows no name"
    );
    assert!(page(hall.one.pages, "/?lang=ky").contains("Берүүгө болбойт"));
    assert!(page(hall.one.pages, "/?lang=en").contains("Do not issue"));
}

#[test]
fn pages_forbid_inline_code_and_answer_only_what_they_know() {
    let hall = hall();
    let text = page(hall.one.pages, "/");
    assert!(text.contains("content-security-policy: default-src 'none'"));
    assert!(!text.contains(" style=\"") && !text.contains("onclick"));
    assert!(text.contains("УСЛОВНО: время, сканер<"), "{text}");
    assert!(page(hall.one.pages, "/chair").contains("Закрыть можно с 20:00"));
    for path in [
        "/assets/kit.js",
        "/assets/kit.css",
        "/assets/app.css",
        "/assets/reg-400.woff2",
    ] {
        page(hall.one.pages, path);
    }
    for path in [
        "/photo/7",
        "/paper/slip.png",
        "/paper/day.png",
        "/paper/report/final.png",
        "/assets/x",
    ] {
        assert_eq!(
            request(hall.one.pages, &format!("GET {path}"), "").0,
            404,
            "{path}"
        );
    }
    assert_eq!(post(hall.one.pages, "/unknown", ""), 404);
    // Another site's form is refused.
    let foreign =
        "POST /next HTTP/1.1\r\nOrigin: http://evil.example\r\nSec-Fetch-Site: cross-site";
    let mut stream = TcpStream::connect(hall.one.pages).unwrap();
    write!(
        stream,
        "{foreign}\r\nHost: {}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        hall.one.pages
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
}

/// Serves two kits until killed, for a look in a browser: `TIZME_LOOK=1 cargo nextest run look`.
#[test]
fn look() {
    if std::env::var_os("TIZME_LOOK").is_none() {
        return;
    }
    let hall = hall();
    println!(
        "operator http://{}/ and http://{}/",
        hall.one.pages, hall.two.pages
    );
    std::thread::sleep(Duration::from_secs(3600));
}

#[test]
fn a_station_of_files_is_opened_by_the_chair_and_an_unknown_key_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let holder = |name: &str, body: &str| Holder {
        name: name.to_owned(),
        role: "member".to_owned(),
        body: body.to_owned(),
    };
    let (card, _): (CardFile, FileKey) = CardFile::issue(&holder("A", "P"), &[1; 16], "one");
    card.write(&folder.path().join("a.card")).unwrap();
    let precinct = Precinct::new(1001, 20);
    std::fs::write(folder.path().join("m.cose"), &precinct.manifest).unwrap();
    std::fs::write(folder.path().join("p.package"), &precinct.ciphertext).unwrap();
    FileKey::from_seed(b"station tests", "1001 K1")
        .write(&folder.path().join("k1.key"))
        .unwrap();
    let points: Vec<String> = precinct
        .publishers
        .required
        .iter()
        .map(|kid| {
            let point = precinct.publishers.ring.get(*kid).unwrap();
            format!("\"{}\"", lexicon::handover::envelope::hex(&point.0))
        })
        .collect();
    let text = format!(
        "election = 20151004\nprecinct = 1001\nmanifest = \"m.cose\"\npackage = \"p.package\"\n\
         publishers = [{}]\nkit_key = \"k1.key\"\ncards = [\"a.card\"]\njournals = \"journals\"\n\
         pages = \"127.0.0.1:0\"\nlan = \"127.0.0.1:0\"\nsimulated_time = \"2015-10-04T10:00:00+06:00\"\n\
         printer = {{ kind = \"file\", folder = \"papers\", keep = 9 }}\n\
         scanner = {{ kind = \"folder\", folder = \"glass\" }}\n",
        points.join(", ")
    );
    let path = folder.path().join("kit.toml");
    std::fs::write(&path, &text).unwrap();
    let config = station::config::Config::read(&path).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let serving = runtime.block_on(station::serve(config)).unwrap();
    assert!(page(serving.pages, "/").contains("Комплект ещё не открыт"));
    let cards = format!("card0={0}&card1={0}&pass0=one&pass1=one", card.kid);
    let (status, answer) = request(serving.pages, "POST /chair/open", &cards);
    assert_eq!(status, 422);
    assert!(answer.contains("Нужен другой член комиссии"), "{answer}");
    let wrong = format!("card0={0}&card1={0}&pass0=two&pass1=two", card.kid);
    assert!(
        request(serving.pages, "POST /chair/open", &wrong)
            .1
            .contains("Пароль карты неверен. Осталось попыток: 4")
    );
    std::fs::write(&path, format!("colour = \"red\"\n{text}")).unwrap();
    let Err(error) = station::config::Config::read(&path) else {
        unreachable!("an unknown key passed")
    };
    assert!(
        error.to_string().contains("unknown field `colour`"),
        "{error}"
    );
}

#[test]
fn keys_are_explained_and_the_look_is_chosen_for_every_page_but_the_monitor() {
    let hall = hall();
    let pages = hall.one.pages;
    let text = page(pages, "/keys?lang=en");
    for key in ["F1", "F4", "F6", "F10", "Alt+1", "Ctrl+Enter"] {
        assert!(text.contains(&format!("<kbd>{key}</kbd>")), "{key}");
    }
    assert!(page(pages, "/").contains(r#"data-key="F1""#));
    assert!(page(pages, "/").contains(r#"data-theme="default""#));
    post(pages, "/keys", "theme=night");
    for path in ["/", "/chair", "/keys"] {
        assert!(
            page(pages, path).contains(r#"data-theme="night""#),
            "{path}"
        );
    }
    assert!(page(pages, "/monitor").contains(r#"data-theme="default""#));
    post(pages, "/keys", "theme=pink");
    assert!(page(pages, "/").contains(r#"data-theme="night""#));
}
