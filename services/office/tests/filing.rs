//! The claims desk over HTTP: one pass, the law's word before filing, one receipt however often the form is sent.

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod hall;

use hall::{Answer, Browser, Hall, folder, person, sane};
use lexicon::handover::claim_file::{ClaimFile, TakenClaim};
use lexicon::handover::envelope::SUITE;
use lexicon::{Instant, PrecinctCode};

/// An office on 10 September, before the deadlines, with its first list received.
fn early() -> Hall {
    let hall = Hall::without_list();
    let chain = hall::Chain::new();
    office::receive_roll(&hall.store, &hall.roll, chain.source(&hall.law)).unwrap();
    hall.clock.pass(-16 * 24 * 60);
    hall
}

fn path() -> String {
    format!("/person/{}/claim", person("g40"))
}

fn send(browser: &mut Browser, key: &str, act: &str, more: &[(&str, &str)]) -> Answer {
    let mut fields = vec![("form", key), ("do", act), ("category", "ordinary")];
    fields.extend_from_slice(more);
    browser.post(&path(), &fields)
}

const GOOD: [(&str, &str); 3] = [("kind", "form2"), ("wanted", "1002"), ("identified", "1")];

#[test]
fn a_form_2_is_filed_in_one_pass_and_only_once() {
    let hall = early();
    let mut browser = hall.signed_in("clerk");
    let form = browser.page(&path());
    sane(&path(), &form);
    assert!(form.contains("2 09011950 70040") && form.contains("<b>1001</b>"));
    let key = form.split("name=\"form\" value=\"").nth(1).unwrap()[..32].to_owned();
    let checked = send(&mut browser, &key, "check", &GOOD);
    assert_eq!(checked.status, 200, "{}", checked.body);
    sane(&path(), &checked.body);
    assert!(checked.body.contains("По закону препятствий нет"));
    let count = || {
        hall.store
            .read("n", |tx| tx.register_counts())
            .unwrap()
            .claims
    };
    let before = count();
    let filed = send(&mut browser, &key, "file", &GOOD);
    assert_eq!(filed.status, 303, "{}", filed.body);
    assert_eq!(filed.location, "/claim/D0000001/receipt");
    let receipt = browser.page(&filed.location);
    sane(&filed.location, &receipt);
    assert!(receipt.contains("D0000001") && receipt.contains("17 сентября 2015"));
    // The number of `batch claims`, of the telephone and of the portal, with its check digits.
    let number = roll::claim::receipt_number(hall.law.election.number, "D0000001");
    assert!(receipt.contains(&format!("<b class=\"mono\">{number}</b>")));
    assert!(browser.page("/claim/D0000001").contains(&number));
    // Whoever holds the receipt up is found by it, however its letters are grouped; a slip is said, not searched.
    for typed in [
        number.clone(),
        number.replace('-', ""),
        number.to_lowercase(),
        "D0000001".to_owned(),
    ] {
        let found = browser.get(&format!("/claims?receipt={typed}"));
        assert_eq!(
            (found.status, found.location.as_str()),
            (303, "/claim/D0000001"),
            "{typed}"
        );
    }
    let slip: String = number.chars().rev().collect();
    let found = browser.get(&format!("/claims?receipt={slip}"));
    assert!(
        found.status == 422 && found.body.contains("В номере ошибка"),
        "{slip}"
    );
    sane("/claims", &found.body);
    let other = roll::claim::receipt_number(hall.law.election.number, "D9999999");
    let found = browser.get(&format!("/claims?receipt={other}"));
    assert!(
        found.status == 422 && found.body.contains("Заявления с таким номером"),
        "{}",
        found.body
    );
    // Until it is settled the list of claims names the day of its answer.
    let list = browser.page("/claims?outcome=open");
    let row = list.split("id=\"claim-D0000001\"").nth(1).unwrap();
    let row = row.split("</tr>").next().unwrap();
    assert!(row.contains("Срок ответа: 17 сентября 2015"), "{row}");
    assert!(
        !receipt.contains(&folder::pin(40)),
        "the paper carries no whole PIN"
    );
    let twice = send(&mut browser, &key, "file", &GOOD);
    assert_eq!(twice.location, "/claim/D0000001/receipt?again=1");
    assert!(
        browser
            .page(&twice.location)
            .contains("показана первая расписка")
    );
    // Another window with the same wish is the same claim too.
    let other = send(&mut browser, "другой", "file", &GOOD);
    assert_eq!(other.location, "/claim/D0000001/receipt?again=1");
    assert_eq!(count(), before + 1);
    let kept = hall
        .store
        .read("c", |tx| tx.find_claim("D0000001"))
        .unwrap()
        .unwrap();
    assert_eq!(kept.target, PrecinctCode::new(1002).ok());
    assert!(kept.filed < Instant::parse("2015-09-11T00:00:00+06:00").unwrap());
    // Taking it back is a claim of its own, and possible now that there is one.
    let cancel = [("kind", "form2"), ("cancels", "1"), ("identified", "1")];
    let back = send(&mut browser, "отзыв", "file", &cancel);
    assert_eq!(back.location, "/claim/D0000002/receipt", "{}", back.body);
    assert!(browser.page(&path()).contains("D0000002"));
}

#[test]
fn what_cannot_count_is_refused_with_code_and_next_step() {
    let hall = early();
    let mut browser = hall.signed_in("clerk");
    let mut check = |more: &[(&str, &str)], code: &str| {
        let answer = send(&mut browser, "k", "file", more);
        assert_eq!(answer.status, 422, "{code} {}", answer.location);
        sane(&path(), &answer.body);
        assert!(answer.body.contains(code), "{code}");
        assert!(answer.body.contains("role=\"alert\""), "{code}");
    };
    check(&[("kind", "form2"), ("wanted", "1002")], "NOT_IDENTIFIED");
    let identified = ("identified", "1");
    check(
        &[("kind", "form2"), ("wanted", "9999"), identified],
        "NO_SUCH_PRECINCT",
    );
    check(&[("kind", "form2"), identified], "NO_SUCH_PRECINCT");
    check(
        &[("kind", "form2"), ("wanted", "1001"), identified],
        "SAME_PRECINCT",
    );
    check(
        &[("kind", "form2"), ("cancels", "1"), identified],
        "SAME_PRECINCT",
    );
    check(&[("kind", "inclusion"), identified], "ALREADY_SO");
    let wrong = [
        ("kind", "correction"),
        ("field", "given"),
        ("value", "Асан7"),
        identified,
    ];
    check(&wrong, "UNREADABLE_VALUE");
    hall.clock.pass(10 * 24 * 60);
    let mut browser = hall.signed_in("clerk");
    let late = send(&mut browser, "k", "file", &GOOD);
    assert_eq!(late.status, 422);
    assert!(late.body.contains("AFTER_DEADLINE"), "the law's own date");
    let none = hall
        .store
        .read("c", |tx| tx.find_claim("D0000001"))
        .unwrap();
    assert!(none.is_none(), "nothing was filed");
}

#[test]
fn words_of_an_address_find_a_precinct_and_several_are_to_be_chosen_from() {
    let hall = early();
    let mut browser = hall.signed_in("clerk");
    let words = |words| [("kind", "form2"), ("wanted", words), ("identified", "1")];
    let several = send(&mut browser, "k", "file", &words("манаса"));
    assert_eq!(several.status, 422);
    assert!(several.body.contains("Подходит несколько участков"));
    let one = send(&mut browser, "k", "check", &words("ул. манаса, 1002"));
    assert!(
        one.body.contains("По закону препятствий нет"),
        "{}",
        one.body
    );
}

#[test]
fn an_address_as_it_is_said_leads_to_its_precinct_through_the_register() {
    let hall = early();
    let mut browser = hall.signed_in("clerk");
    let mut looks = |words: &str| {
        let fields = [("kind", "form2"), ("wanted", words)];
        let said = send(&mut browser, "k", "look", &fields);
        assert_eq!(said.status, 200, "{words}: {}", said.body);
        sane(&path(), &said.body);
        let part = said.body.split("id=\"heard\"").nth(1).unwrap();
        part.split("id=\"category\"").next().unwrap().to_owned()
    };
    // The street is Манас көчөсү in the register, precinct 1001 holds its houses; the voter lives there already.
    for words in [
        "Манаса 12",
        "ул. Манаса, д. 12",
        "Манас көчөсү, 12",
        "Manasa 12",
    ] {
        let said = looks(words);
        assert!(
            said.contains("Манас көчөсү, 12") && said.contains("№ 1001"),
            "{words}: {said}"
        );
        assert!(
            said.contains("SAME_PRECINCT"),
            "{words}: the law's word without filing"
        );
    }
    // A house that no precinct holds is said as that, never as one of a near precinct.
    let said = looks("Четки көчө, 1");
    assert!(said.contains("не входит ни в один участок"), "{said}");
    // A house that the register lacks: its neighbours are offered, nothing is taken.
    let said = looks("Манаса 61");
    assert!(
        said.contains("name=\"chosen\"") && !said.contains("id=\"found\" class=\"found\""),
        "{said}"
    );
    // The number says at once what the filing means, until when it is taken, who decides and by when.
    let said = looks("1002");
    for words in [
        "в № 1002 вместо № 1001",
        "Принимается до 19.09.2015",
        "Решает: территориальная комиссия",
        "17 сентября 2015",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
}

/// A month later Manas street is called Jengish street, and its house 7 is a corner with Chüy avenue.
fn rename(hall: &Hall) {
    let dir = tempfile::tempdir().unwrap();
    folder::write(dir.path());
    let put = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
    let path = dir.path().join("addresses.csv");
    let text = std::fs::read_to_string(path).unwrap();
    put(
        "addresses.csv",
        &text.replace("Манас көчөсү", "Жеңиш көчөсү"),
    );
    put(
        "second_addresses.csv",
        "address_id,soate,street_id,street_name,house\nGA7,41711000000010,GS7,Чүй проспектиси,777\n",
    );
    let options = store::import::Options::default();
    let report = store::import::folder(&hall.store, dir.path(), &options, &mut |_| {}).unwrap();
    assert_eq!(report.rejected(), 0, "{:?}", report.reasons);
    assert_eq!(report.table("addresses").unwrap().changed, 60);
    // What the book rests on is looked at again after a minute.
    hall.clock.pass(2);
}

#[test]
fn a_house_is_found_by_its_streets_former_name_and_by_its_second_address() {
    let hall = early();
    let mut browser = hall.signed_in("clerk");
    let said = heard(&mut browser, &[("wanted", "Манаса 7")]);
    assert!(said.contains("Манас көчөсү, 7"), "{said}");
    assert!(!said.contains("по прежнему названию"), "{said}");
    rename(&hall);
    for (words, by) in [
        ("Манаса 7", "по прежнему названию улицы"),
        ("ул. Манаса, д. 7", "по прежнему названию улицы"),
        ("Жеңиш 7", ""),
        ("пр. Чуй, д. 777", "по второму адресу здания"),
    ] {
        let said = heard(&mut browser, &[("wanted", words)]);
        assert!(said.contains("Жеңиш көчөсү, 7"), "{words}: {said}");
        assert!(said.contains("№ 1001"), "{words}: {said}");
        assert!(!said.contains("Манас көчөсү, 7"), "{words}: {said}");
        assert!(said.contains(by), "{words}: {said}");
        assert_eq!(
            said.contains("по прежнему названию"),
            by.contains("прежнему"),
            "{words}"
        );
    }
    // The voter's page prints the name in force.
    let page = browser.page(&format!("/person/{}", person("g40")));
    assert!(
        page.contains("Жеңиш көчөсү, ") && !page.contains("Манас көчөсү, 4"),
        "{page}"
    );
}

#[test]
fn a_corrected_address_is_taken_as_people_write_it_and_filed_as_the_house() {
    let hall = early();
    rename(&hall);
    let mut browser = hall.signed_in("clerk");
    let fields = [
        ("kind", "correction"),
        ("field", "address"),
        ("value", "ул. Манаса, д. 9"),
        ("identified", "1"),
    ];
    let said = send(&mut browser, "k", "check", &fields);
    assert_eq!(said.status, 200, "{}", said.body);
    sane(&path(), &said.body);
    for words in ["Жеңиш көчөсү, 9", "по прежнему названию улицы"]
    {
        assert!(said.body.contains(words), "{words}: {}", said.body);
    }
    let filed = send(&mut browser, "k", "file", &fields);
    assert_eq!(filed.status, 303, "{}", filed.body);
    let kept = hall.store.read("c", |tx| tx.find_claim("D0000001"));
    assert_eq!(kept.unwrap().unwrap().value, "GA9");
    // What means no house without doubt is refused as before.
    let fields = [
        ("kind", "correction"),
        ("field", "address"),
        ("value", "ул. Манаса, д. 999"),
        ("identified", "1"),
    ];
    let refused = send(&mut browser, "j", "file", &fields);
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("UNREADABLE_VALUE"));
}

/// What the office says to words of the form while the hand is on it.
fn heard(browser: &mut Browser, more: &[(&str, &str)]) -> String {
    let mut fields = vec![("kind", "form2")];
    fields.extend_from_slice(more);
    let said = send(browser, "k", "look", &fields);
    assert_eq!(said.status, 200, "{more:?}: {}", said.body);
    sane(&path(), &said.body);
    let part = said.body.split("id=\"heard\"").nth(1).unwrap();
    part.split("id=\"category\"").next().unwrap().to_owned()
}

#[test]
fn a_place_of_the_map_means_the_house_there_and_a_doubtful_one_is_to_be_chosen() {
    let hall = early();
    let mut browser = hall.signed_in("clerk");
    let mut at = |place: &str| heard(&mut browser, &[("wanted", place)]);
    // House 12 stands there; its neighbours are fourteen metres away.
    let said = at("42.871203, 74.591198");
    assert!(
        said.contains("Манас көчөсү, 12") && said.contains("№ 1001") && !said.contains("chosen"),
        "{said}"
    );
    // Half-way between two houses none is taken.
    let said = at("42.871250 74.591250");
    assert!(
        said.contains("name=\"chosen\"") && said.contains("в 7 м"),
        "{said}"
    );
    // A house that no precinct holds; a place where the register has none.
    assert!(at("42.000100, 74.000100").contains("не входит ни в один участок"));
    assert!(at("42.500000, 74.500000").contains("NO_SUCH_PRECINCT"));
    assert!(
        at("91.500000, 74.500000").contains("NO_SUCH_PRECINCT"),
        "no place of the Earth is an address"
    );
    let page = browser.page(&path());
    assert!(page.contains("id=\"claim-map\"") && page.contains("claim-map.js"));
}

#[test]
fn what_was_chosen_for_other_words_is_never_filed() {
    let hall = early();
    let mut browser = hall.signed_in("clerk");
    let stale = [
        ("wanted", "Манаса 12"),
        ("chosen", "1002"),
        ("chosen_for", "манаса"),
    ];
    let said = heard(&mut browser, &stale);
    assert!(said.contains("№ 1001"), "{said}");
    assert!(
        !said.contains("name=\"chosen\""),
        "the next question would take it for an answer to these words: {said}"
    );
}

#[test]
fn a_form_that_was_begun_waits_for_its_clerk_until_it_is_filed() {
    let hall = early();
    let mut browser = hall.signed_in("clerk");
    let typed = [
        ("kind", "form2"),
        ("wanted", "1002"),
        ("phone", "0555 123456"),
        ("identified", "1"),
    ];
    assert_eq!(send(&mut browser, "ключ", "look", &typed).status, 200);
    assert_eq!(
        send(
            &mut browser,
            "ключ",
            "file",
            &[("kind", "form2"), ("wanted", "1002")]
        )
        .status,
        422,
        "refused: not identified"
    );
    send(&mut browser, "ключ", "look", &typed);
    drop(browser);
    // Another browser, the same clerk: the queue names it, the form is as it was, and asks who stands there.
    let mut browser = hall.signed_in("clerk");
    let queue = browser.page("/claims");
    sane("/claims", &queue);
    assert!(queue.contains("Начатые заявления"), "{queue}");
    assert!(queue.contains(&format!("href=\"{}\"", path())));
    let form = browser.page(&path());
    sane(&path(), &form);
    for kept in [
        "value=\"ключ\"",
        "value=\"1002\"",
        "Продолжение начатого",
        "в № 1002 вместо № 1001",
    ] {
        assert!(form.contains(kept), "{kept}: {form}");
    }
    assert!(
        !form.contains("0555"),
        "the form says that no number is kept"
    );
    let identified = form.split("id=\"identified\"").nth(1).unwrap();
    assert!(!identified.split('>').next().unwrap().contains("checked"));
    // Nobody else's.
    let mut other = hall.signed_in("registrar");
    assert!(!other.page("/claims").contains("Начатые заявления"));
    assert!(!other.page(&path()).contains("Продолжение начатого"));
    // Filed, it is gone, and a question that comes in late brings it not back.
    let filed = send(&mut browser, "ключ", "file", &typed);
    assert_eq!(filed.location, "/claim/D0000001/receipt", "{}", filed.body);
    send(&mut browser, "ключ", "look", &typed);
    assert!(!browser.page("/claims").contains("Начатые заявления"));
    assert!(!browser.page(&path()).contains("Продолжение начатого"));
    // Thrown away, emptied, or left for a week, it goes too.
    let begun = |browser: &mut Browser| browser.page("/claims").contains("Начатые заявления");
    for ends in ["discard", "look"] {
        send(&mut browser, "ещё", "look", &typed);
        assert!(begun(&mut browser), "{ends}");
        let nothing = [("kind", "form2"), ("wanted", "")];
        send(&mut browser, "ещё", ends, &nothing);
        assert!(!begun(&mut browser), "{ends}");
    }
    send(&mut browser, "ещё", "check", &typed);
    assert!(begun(&mut browser), "without a script Check keeps it");
    hall.clock.pass(8 * 24 * 60);
    let mut browser = hall.signed_in("clerk");
    assert!(!begun(&mut browser));
}

#[test]
fn the_form_asks_while_it_is_filled_in_and_that_is_one_look() {
    let hall = early();
    let mut browser = hall.signed_in("clerk");
    let reads = || {
        let reads = hall
            .store
            .read("r", |tx| tx.reads_of(person("g40"), 100))
            .unwrap();
        reads.len()
    };
    browser.page(&path());
    assert_eq!(reads(), 1);
    for words in ["М", "Ман", "Манаса 12", "1002"] {
        send(
            &mut browser,
            "k",
            "look",
            &[("kind", "form2"), ("wanted", words)],
        );
    }
    assert_eq!(
        reads(),
        1,
        "the look of the form stands for those while it is filled in"
    );
    // Without it, and after a pause, the look is recorded.
    let mut other = hall.signed_in("registrar");
    send(
        &mut other,
        "k",
        "look",
        &[("kind", "form2"), ("wanted", "1002")],
    );
    assert_eq!(reads(), 2);
    let none = hall
        .store
        .read("c", |tx| tx.find_claim("D0000001"))
        .unwrap();
    assert!(none.is_none(), "a look files nothing");
}

#[test]
fn the_queue_begins_with_what_is_due_first_and_the_desk_with_who_files() {
    let hall = early();
    let mut browser = hall.signed_in("clerk");
    // One person found leads to the form at once.
    let begun = browser.post("/claims", &[("who", &folder::pin(40))]);
    assert_eq!(
        (begun.status, begun.location.as_str()),
        (303, path().as_str())
    );
    let several = browser.post("/claims", &[("who", "Асанов")]);
    assert!(
        several.status == 200 && several.body.contains("/claim\">"),
        "{}",
        several.body
    );
    let nobody = browser.post("/claims", &[("who", "2 0901")]);
    assert_eq!(nobody.status, 422);
    sane("/claims", &nobody.body);
    assert_eq!(send(&mut browser, "первая", "file", &GOOD).status, 303);
    hall.clock.pass(24 * 60);
    let cancel = [("kind", "form2"), ("cancels", "1"), ("identified", "1")];
    let mut browser = hall.signed_in("clerk");
    assert_eq!(send(&mut browser, "отзыв", "file", &cancel).status, 303);
    let list = browser.page("/claims");
    sane("/claims", &list);
    let at = |text: &str| list.find(text).unwrap();
    assert!(at("id=\"claim-D0000001\"") < at("id=\"claim-D0000002\""));
    assert!(list.contains("просроченных нет"));
    // The day of the answer passes.
    hall.clock.pass(8 * 24 * 60);
    let mut browser = hall.signed_in("clerk");
    let list = browser.page("/claims");
    assert!(
        list.contains("просрочено"),
        "{}",
        hall::around(&list, "claim-D0000001")
    );
}

#[test]
fn whoever_replaced_their_claim_is_told_on_a_sheet() {
    let hall = Hall::shared();
    let mut browser = hall.signed_in("clerk");
    let list = browser.page("/claims?kind=form2&outcome=SUPERSEDED");
    let earlier = list.split("id=\"claim-").nth(1).unwrap();
    let earlier = earlier.split('"').next().unwrap().to_owned();
    let page = browser.page(&format!("/claim/{earlier}"));
    let path = format!("/claim/{earlier}/notice");
    assert!(page.contains(&path), "{page}");
    let sheet = browser.page(&path);
    sane(&path, &sheet);
    for words in [
        "Ваше прежнее заявление заменено",
        "арызыңыз кийинкиси менен",
        "до 19.09.2015",
    ] {
        assert!(sheet.contains(words), "{words}: {sheet}");
    }
    let election = hall.law.election.number;
    assert!(sheet.contains(&roll::claim::receipt_number(election, &earlier)));
    // What nothing replaced has no such sheet.
    let counts = browser.page("/claims?kind=form2&outcome=COUNTS");
    let counts = counts.split("id=\"claim-").nth(1).unwrap();
    let counts = counts.split('"').next().unwrap();
    assert_eq!(browser.get(&format!("/claim/{counts}/notice")).status, 404);
}

/// What an office that works apart hands over, signed by its key.
fn handed_over(hall: &Hall, office: &str, claims: Vec<TakenClaim>) -> Vec<u8> {
    let file = ClaimFile {
        suite: SUITE.to_owned(),
        election: hall.law.election.number,
        office: office.to_owned(),
        made_at: hall.store.now().micros(),
        claims,
    };
    file.sign(&hall::claim_key(office)).unwrap()
}

fn taken(number: u32, voter: usize, at: &str, target: u16) -> TakenClaim {
    TakenClaim {
        number,
        kind: "form2".to_owned(),
        pin: folder::pin(voter).parse().unwrap(),
        taken: Instant::parse(at).unwrap().micros(),
        target: Some(target),
        field: String::new(),
        value: "ordinary".to_owned(),
        identified: true,
    }
}

#[test]
fn claims_of_an_office_that_was_cut_off_come_in_late_and_are_shown_for_what_they_are() {
    // List 2 is frozen on 26 September; voter 10 counts by GQ1003 of 9 September, 10:00.
    let hall = Hall::full();
    let mut clerk = hall.signed_in("clerk");
    let path = "/claims/files";
    sane(path, &clerk.page(path));
    let claims = vec![
        taken(1, 10, "2015-09-08T10:00:00+06:00", 1002),
        taken(2, 10, "2015-09-12T10:00:00+06:00", 1002),
        taken(3, 40, "2015-09-12T10:05:00+06:00", 1002),
        taken(4, 41, "2015-12-12T10:05:00+06:00", 1002),
    ];
    let made = ClaimFile {
        suite: SUITE.to_owned(),
        election: hall.law.election.number,
        office: "TK07".to_owned(),
        made_at: Instant::parse("2015-12-31T00:00:00+06:00")
            .unwrap()
            .micros(),
        claims,
    };
    let file = made.sign(&hall::claim_key("TK07")).unwrap();
    let mut changed = file.clone();
    let at = changed.windows(8).position(|w| w == b"ordinary").unwrap();
    changed[at] = b'O';
    let strange = handed_over(&hall, "TK09", Vec::new());
    let foreign = made.sign(&hall::claim_key("TK08")).unwrap();
    for (bytes, words) in [
        (&changed, "Подписи офиса нет"),
        (&foreign, "Подписи офиса нет"),
        (&strange, "Ключ офиса TK09 неизвестен"),
        (&b"claims".to_vec(), "Подписи офиса нет"),
    ] {
        let refused = clerk.send_file(path, bytes);
        assert_eq!(refused.status, 422, "{words}");
        sane(path, &refused.body);
        assert!(refused.body.contains(words), "{words}: {}", refused.body);
    }
    let sent = clerk.send_file(path, &file);
    assert_eq!(sent.location, "/claims/files/1?taken=1", "{}", sent.body);
    let page = clerk.page(&sent.location);
    sane(&sent.location, &page);
    let row = |id: &str| {
        let row = page.split(&format!("/claim/{id}\"")).nth(1).unwrap();
        row.split("</tr>").next().unwrap().to_owned()
    };
    assert!(row("TK070000001").contains("Принято раньше"), "{page}");
    assert!(row("TK070000001").contains("GQ1003"));
    assert!(row("TK070000002").contains("Принято позже"), "{page}");
    assert!(row("TK070000003").contains("Принято в срок"), "{page}");
    assert!(page.contains("из будущего") && !page.contains("/claim/TK070000004"));
    let again = clerk.send_file(path, &file);
    assert_eq!(again.location, "/claims/files/1?again=1");
    // The claim says where it came from; its number is the receipt's.
    let claim = clerk.page("/claim/TK070000002");
    sane("/claim/TK070000002", &claim);
    assert!(
        claim.contains("TK07, ") && claim.contains("/claims/files/1"),
        "{claim}"
    );
    let number = roll::claim::receipt_number(hall.law.election.number, "TK070000002");
    let found = clerk.get(&format!("/claims?receipt={number}"));
    assert_eq!(found.location, "/claim/TK070000002");
}

#[test]
fn an_office_that_works_apart_numbers_its_claims_and_signs_them() {
    let hall = early();
    let apart = hall.serve_again(|config| config.claims_office = Some("TK07".to_owned()));
    let mut browser = Browser::at(apart.address, "clerk");
    let filed = send(&mut browser, "ключ", "file", &GOOD);
    assert_eq!(
        filed.location, "/claim/TK070000001/receipt",
        "{}",
        filed.body
    );
    let chain = hall::Chain::new();
    let clock: std::sync::Arc<dyn lexicon::Clock> = hall.clock.clone();
    let mut config = hall::config(&hall.law, clock, &chain);
    let key = hall::claim_key("TK07");
    assert!(office::claim_files::hand_over(&hall.store, &config, 0, &key).is_err());
    config.claims_office = Some("TK07".to_owned());
    let hand_over = |after| office::claim_files::hand_over(&hall.store, &config, after, &key);
    assert_eq!(hand_over(1).unwrap().1, 0, "those of before stay out");
    let (file, count) = hand_over(0).unwrap();
    assert_eq!(count, 1);
    // At the centre the same claim has the same id and moment.
    let centre = Hall::without_list();
    let mut clerk = centre.signed_in("clerk");
    let sent = clerk.send_file("/claims/files", &file);
    assert_eq!(sent.location, "/claims/files/1?taken=1", "{}", sent.body);
    let of = |hall: &Hall| {
        hall.store
            .read("c", |tx| tx.find_claim("TK070000001"))
            .unwrap()
    };
    assert!(of(&centre).is_some());
    assert_eq!(of(&centre), of(&hall));
    let receipt = centre
        .store
        .read("r", |tx| tx.find_receipt("TK070000001"))
        .unwrap();
    assert_eq!(receipt.unwrap().officer, "TK07", "whoever took it");
}
