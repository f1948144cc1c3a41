//! The hour's turnout on the chair's page: two kits, a link that comes late, a power cut, a centre with a key.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed check should stop at once"
)]

mod precinct;

use std::net::SocketAddr;
use std::sync::Arc;

use keys::{FileKey, KeyRing};
use lexicon::handover::envelope::{PublicKey, decode, peek_all};
use lexicon::handover::package::PackageManifest;
use lexicon::handover::turnout::{DeskKey, Scope, Written, read};
use precinct::http::{page, post, request};
use precinct::{Bench, ELECTION, Precinct, at, capture, open, reopen};
use station::cards::CardBox;
use station::link::InProcess;
use station::scanner::ImageFolder;
use station::{SayError, Station, serve_station};

const HOUR: i64 = 3600;

fn serve(bench: &Bench, line: u32) {
    let verdict = bench.kit.present(line, &capture(line * 10)).unwrap();
    assert!(matches!(verdict, station::Verdict::Green(_)), "{verdict:?}");
}

fn together(one: &Bench, two: &Bench) {
    one.kit
        .connect(two.kit.kid(), Arc::new(InProcess::to(&two.kit)));
    two.kit
        .connect(one.kit.kid(), Arc::new(InProcess::to(&one.kit)));
}

fn manifest(precinct: &Precinct) -> PackageManifest {
    let subject = lexicon::handover::envelope::Subject {
        kind: lexicon::handover::envelope::DocumentType::PackageManifest,
        election: ELECTION,
    };
    decode(&peek_all(subject, &precinct.manifest).unwrap()).unwrap()
}

#[test]
fn an_hour_is_said_once_corrected_by_a_higher_number_and_survives_a_power_cut() {
    let precinct = Precinct::new(1001, 100);
    let folder = tempfile::tempdir().unwrap();
    let one = open(&precinct, "K1", &folder.path().join("K1"), 10);
    let two = open(&precinct, "K2", &folder.path().join("K2"), 10);
    together(&one, &two);
    assert!(one.kit.hours().is_empty());
    assert!(matches!(one.kit.say_hour(9), Err(SayError::Hour(_))));
    serve(&one, 7);
    serve(&two, 77);
    for bench in [&one, &two] {
        bench.clock.jump(HOUR * 1_000_000);
    }
    assert!(one.kit.sync_all().is_empty());
    let first = one.kit.say_hour(9).unwrap();
    assert_eq!(
        (first.said.count, first.said.scope, first.said.number),
        (2, Scope::Precinct, 1)
    );
    assert_eq!(
        one.kit.say_hour(9).unwrap(),
        first,
        "the same is not said twice"
    );
    assert!(!one.kit.hours()[0].is_stale());
    // Who reads the kit's public key checks the text without anything else.
    let Ok(Written::Text { said, signature }) = read(&first.text, ELECTION) else {
        panic!("{}", first.text);
    };
    let kit = PublicKey(*manifest(&precinct).kits[usize::from(said.kit) - 1].point);
    said.verify(kit.kid(), &signature, &KeyRing::of([kit]))
        .unwrap();
    let other = PublicKey(*manifest(&precinct).kits[1].point);
    assert!(
        said.verify(kit.kid(), &signature, &KeyRing::of([other]))
            .is_err()
    );
    // A power cut; a message that was half-written was never given out.
    let path = folder.path().join("K1/K1.hours");
    let mut kept = std::fs::read(&path).unwrap();
    kept.extend_from_slice(b"\n1443931200000000 KG1T.20151004.1001.1.P.9.2");
    std::fs::write(&path, &kept).unwrap();
    let clock = Arc::clone(&one.clock);
    drop(one);
    let one = reopen(&precinct, "K1", &folder.path().join("K1"), &clock);
    together(&one, &two);
    assert_eq!(one.kit.hours()[0].said, vec![first.clone()]);
    // Alone it speaks for itself only, under a number of its own; back in touch it says the whole again.
    let own = one.kit.say_hour(9).unwrap();
    assert_eq!(
        (own.said.scope, own.said.count, own.said.number),
        (Scope::Kit, 1, 1)
    );
    assert!(one.kit.sync_all().is_empty() && two.kit.sync_all().is_empty());
    let again = one.kit.say_hour(9).unwrap();
    assert_eq!(
        (again.said.scope, again.said.count, again.said.number),
        (Scope::Precinct, 2, 2)
    );
    assert_eq!(one.kit.hours()[0].said.len(), 3, "nothing is unsaid");
    let reread = std::fs::read_to_string(&path).unwrap();
    assert!(!reread.contains("Асанов") && reread.matches("KG1T").count() == 4);
}

#[test]
fn digits_are_vouched_for_by_the_centres_key_alone() {
    let precinct = Precinct::new(1001, 100);
    let folder = tempfile::tempdir().unwrap();
    let one = open(&precinct, "K1", &folder.path().join("K1"), 10);
    one.clock.jump(HOUR * 1_000_000);
    let said = one.kit.say_hour(9).unwrap().said;
    let groups = one.kit.hour_digits(&said).unwrap().unwrap();
    assert_eq!(groups.len(), 6);
    assert_eq!(&groups.concat()[15..22], "0000000", "no desk is known");
    let desk = FileKey::from_seed(b"desk", "turnout");
    one.kit.set_turnout_desk(desk.public_key());
    let groups = one.kit.hour_digits(&said).unwrap().unwrap();
    let Ok(Written::Digits(dictated)) = read(&groups.join(" "), ELECTION) else {
        panic!("{groups:?}");
    };
    let kit = PublicKey(*manifest(&precinct).kits[0].point);
    assert!(
        DeskKey::agree(&desk, &kit, ELECTION)
            .unwrap()
            .vouches_for(&dictated)
    );
    let stranger = FileKey::from_seed(b"stranger", "turnout");
    assert!(
        !DeskKey::agree(&stranger, &kit, ELECTION)
            .unwrap()
            .vouches_for(&dictated)
    );
    one.kit.print_hour(9).unwrap();
    assert!(one.printer.names().contains(&"hour-K1-09-1".to_owned()));
}

#[test]
fn the_page_shows_the_hours_in_three_languages_and_makes_messages() {
    let precinct = Precinct::new(1001, 100);
    let folder = tempfile::tempdir().unwrap();
    let bench = open(&precinct, "K1", &folder.path().join("K1"), 10);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let glass = folder.path().join("glass");
    std::fs::create_dir(&glass).unwrap();
    let serving = runtime.block_on(async {
        let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
        let scanner = Arc::new(ImageFolder::new(glass));
        let station = Station::new(None, CardBox::new(Vec::new()), scanner);
        station.install(Arc::clone(&bench.kit));
        serve_station(station, any, any).await.unwrap()
    });
    let at_page = serving.pages;
    assert!(page(at_page, "/chair").contains("href=\"/chair/turnout\""));
    assert!(page(at_page, "/chair/turnout").contains("Первый час ещё не закончился"));
    let (status, said) = request(at_page, "POST /chair/turnout/9", "");
    assert!(
        status == 422 && said.contains("Этот час ещё не закончился"),
        "{status}"
    );
    serve(&bench, 7);
    bench.clock.set(at(2 * HOUR + 60));
    let before = page(at_page, "/chair/turnout/9");
    assert!(
        before.contains("не передано") && before.contains("Подготовить сообщение к 09:00"),
        "{before}"
    );
    assert_eq!(post(at_page, "/chair/turnout/9", ""), 303);
    let after = page(at_page, "/chair/turnout/9");
    let groups: Vec<&str> = after
        .split("<ol class=\"digits\">")
        .nth(1)
        .and_then(|rest| rest.split("</ol>").next())
        .unwrap()
        .split("<li>")
        .skip(1)
        .map(|item| &item[..4])
        .collect();
    let Ok(Written::Digits(dictated)) = read(&groups.join(" "), ELECTION) else {
        panic!("{groups:?}");
    };
    // The second kit never answered: this one speaks for itself.
    assert_eq!((dictated.said.count, dictated.said.scope), (1, Scope::Kit));
    assert!(
        after.contains("только этот комплект") && after.contains("KG1T.20151004.1001.1.K.9.1.1.")
    );
    let (status, _) = request(at_page, "GET /paper/hour/9.png", "");
    assert_eq!(status, 200);
    let (status, _) = request(at_page, "GET /paper/hour/10.png", "");
    assert_eq!(status, 404, "of an hour that was not said there is no code");
    assert_eq!(post(at_page, "/chair/turnout/9/print", ""), 303);
    assert!(bench.printer.names().contains(&"hour-K1-09-1".to_owned()));
    assert!(page(at_page, "/chair/turnout/9?lang=en").contains("Read out by telephone"));
    assert!(page(at_page, "/chair/turnout/9?lang=ky").contains("Телефондон окуп бериңиз"));
}
