//! Who gets in, what each role may open, and what is refused.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed check should stop at once"
)]

mod hall;

use std::collections::BTreeMap;

use hall::{Hall, OPEN_PAIR, PASSWORD, TWINS, person, sane};
use lexicon::Purpose;
use office::{ROUTES, Role, Verb};

/// A path of the table with its parts filled in.
fn filled(path: &str) -> String {
    let case = register::case::duplicate_case(person(OPEN_PAIR.0), person(OPEN_PAIR.1));
    path.replace("{person}", &person("g7").to_string())
        .replace("{release}", "2")
        .replace("{precinct}", "1001")
        .replace("{code}", "DEAD")
        .replace("{was}", "NOT_YET_PROCESSED")
        .replace("{now}", "LISTED")
        .replace("{delta}", "1")
        .replace("{act}", "added")
        .replace("{sheet}", "equipment_region")
        .replace("{class}", "moved")
        .replace("{claim}", "GQ1001")
        .replace("{case}", &case.to_string())
        .replace("{conflict}", &hall::conflict().to_string())
        .replace("{lot}", "1")
        .replace("{edition}", "1")
        .replace("{place}", "41711-000000010")
        .replace("{change}", "1")
        .replace("{batch}", "1")
        .replace("{table}", "regions")
        .replace("{correction}", "0")
        .replace("{group}", "residences")
        .replace("{sum}", "all")
        .replace("{file}", "1")
        .replace("{figure}", "open")
        .replace("{number}", "1")
}

/// Who may open what, written down once more and apart from the program: c clerk, r registrar,
/// a adjudicator, l call centre, o observer, s administrator, m commission. This is the table of docs/office.md.
const EXPECTED: &[(&str, &str)] = &[
    ("GET /", "cralosm"),
    ("GET /calendar", "cralosm"),
    ("GET /claim/{claim}/notice", "cr"),
    ("GET /claims/files", "crl"),
    ("POST /claims/files", "cr"),
    ("GET /claims/files/{file}", "crl"),
    ("GET /figure/captures", "cr"),
    ("GET /figure/{release}/{group}", "cr"),
    ("GET /reason", "cralosm"),
    ("POST /reason", "cralosm"),
    ("GET /staff", "s"),
    ("GET /search", "crl"),
    ("POST /search", "crl"),
    ("GET /person/{person}", "crl"),
    ("GET /person/{person}/why", "crl"),
    ("GET /list", "cralosm"),
    ("GET /list/{release}", "cralosm"),
    ("GET /list/{release}/precincts", "cralosm"),
    ("GET /list/{release}/findings", "cralosm"),
    ("GET /list/{release}/precinct/{precinct}", "cralosm"),
    ("GET /list/{release}/people/{code}", "cr"),
    ("GET /list/{release}/changes/{was}/{now}", "cr"),
    ("GET /list/{release}/delta/{delta}/{act}", "cr"),
    ("GET /list/{release}/compare", "cralosm"),
    ("GET /list/{release}/compare/table", "cralosm"),
    ("GET /list/{release}/approve", "cralosm"),
    ("POST /list/{release}/approve", "rm"),
    ("GET /list/{release}/approvals", "rm"),
    ("POST /list/{release}/sign-off", "rm"),
    ("GET /statistics", "cralosm"),
    ("GET /statistics/{sheet}", "cralosm"),
    ("GET /backlog", "cralosm"),
    ("GET /person/{person}/letter", "crl"),
    ("GET /reconciliation", "cralosm"),
    ("GET /reconciliation/{class}", "cr"),
    ("POST /reconciliation/export", "r"),
    ("GET /claims", "crl"),
    ("POST /claims", "cr"),
    ("GET /claim/{claim}", "crl"),
    ("GET /claims/transfers", "cralosm"),
    ("POST /claims/transfers", "cr"),
    ("GET /claims/transfers/series", "cralosm"),
    ("GET /claims/transfers/{precinct}", "cralosm"),
    ("POST /claims/transfers/{precinct}", "cr"),
    ("GET /cases", "a"),
    ("GET /case/{case}", "a"),
    ("POST /case/{case}/opinion", "a"),
    ("GET /cases/overview", "r"),
    ("POST /cases/give-out", "r"),
    ("GET /case/{case}/verdict", "r"),
    ("POST /case/{case}/reverse", "r"),
    ("GET /conflicts", "cralosm"),
    ("POST /conflicts/export", "r"),
    ("GET /conflicts/lot/{lot}", "r"),
    ("GET /conflicts/answers", "r"),
    ("POST /conflicts/answers", "r"),
    ("GET /conflict/{conflict}", "cr"),
    ("GET /conflict/{conflict}/notices", "cr"),
    ("POST /conflict/{conflict}/sign", "r"),
    ("GET /field", "cralosm"),
    ("POST /field", "cr"),
    ("GET /field/sum/{sum}", "cr"),
    ("GET /field/table", "cralosm"),
    ("GET /field/lot/{lot}", "cr"),
    ("GET /field/lot/{lot}/file", "cr"),
    ("GET /field/answers", "cr"),
    ("POST /field/answers", "cr"),
    ("GET /field/decide", "cr"),
    ("POST /field/decide", "cr"),
    ("GET /lists", "cralosm"),
    ("POST /lists", "crm"),
    ("GET /lists/{edition}", "cralosm"),
    ("GET /lists/{edition}/rejects", "crm"),
    ("POST /lists/{edition}/resume", "crm"),
    ("GET /review", "cralosm"),
    ("GET /review/contradictions", "cr"),
    ("POST /review/contradictions", "r"),
    ("GET /review/rows/{figure}", "cr"),
    ("GET /review/links", "cr"),
    ("POST /review/links", "cr"),
    ("GET /review/addresses", "cr"),
    ("POST /review/addresses", "cr"),
    ("GET /boundaries", "cralosm"),
    ("GET /boundaries/{place}", "cralosm"),
    ("POST /boundaries/{place}", "rm"),
    ("GET /boundaries/change/{change}", "cralosm"),
    ("POST /boundaries/change/{change}", "rm"),
    ("GET /hours", "cralosm"),
    ("POST /hours", "crlm"),
    ("GET /hours/file", "crlm"),
    ("POST /hours/file", "crlm"),
    ("GET /hours/file/{batch}", "crlm"),
    ("GET /hours/file/{batch}/rejects", "crlm"),
    ("GET /hours/precinct/{precinct}", "cralosm"),
    ("GET /hours/table/{table}", "cralosm"),
    ("GET /day/days", "cralosm"),
    ("POST /day/days", "rm"),
    ("GET /day/days/{sha256}", "rm"),
    ("GET /tickets", "cralosm"),
    ("POST /tickets", "crlm"),
    ("GET /tickets/table", "cralosm"),
    ("GET /tickets/{precinct}/{number}", "cralosm"),
    ("POST /tickets/{precinct}/{number}", "crlm"),
    ("GET /day", "cralosm"),
    ("POST /day", "rm"),
    ("GET /day/precinct/{precinct}", "cralosm"),
    ("GET /day/worksheet/{precinct}", "cralosm"),
    ("GET /day/paper", "cralosm"),
    ("GET /day/marked/{precinct}", "rm"),
    ("GET /day/pages/{precinct}", "cralosm"),
    ("POST /day/pages/{precinct}", "rm"),
    ("GET /day/doubles", "rm"),
    ("GET /day/pictures", "rm"),
    ("GET /day/picture/{sha256}", "rm"),
    ("POST /day/picture/{sha256}", "rm"),
    ("GET /day/captures", "rm"),
    ("POST /day/captures", "rm"),
    ("GET /day/incidents", "cralosm"),
    ("GET /day/table/{table}", "cralosm"),
    ("GET /rehearsal", "cralosm"),
    ("POST /rehearsal", "rm"),
    ("GET /rehearsal/table/{table}", "cralosm"),
    ("GET /rehearsal/correction/{correction}", "cr"),
    ("POST /rehearsal/correction/{correction}", "cr"),
    ("GET /protocols", "cralosm"),
    ("POST /protocols", "rm"),
    ("GET /protocols/table", "cralosm"),
    ("GET /protocols/{edition}/rejects", "rm"),
    ("GET /person/{person}/claim", "cr"),
    ("POST /person/{person}/claim", "cr"),
    ("GET /claim/{claim}/receipt", "crl"),
    ("GET /person/{person}/home-voting", "cr"),
    ("POST /person/{person}/home-voting", "cr"),
    ("GET /institutions", "crl"),
    ("POST /institutions", "cr"),
    ("GET /institutions/form", "cr"),
    ("GET /institutions/{edition}", "crl"),
    ("GET /institutions/{edition}/notices", "cr"),
    ("GET /institutions/{edition}/rejects", "cr"),
    ("GET /home-voting", "cralosm"),
    ("POST /home-voting", "rm"),
    ("GET /home-voting/signed", "rm"),
    ("GET /home-voting/table", "crl"),
    ("GET /home-voting/precinct/{precinct}", "crl"),
    ("GET /home-voting/slip/{number}", "crl"),
];

fn initial(role: Role) -> char {
    match role {
        Role::Clerk => 'c',
        Role::Registrar => 'r',
        Role::Adjudicator => 'a',
        Role::CallCentre => 'l',
        Role::Observer => 'o',
        Role::Administrator => 's',
        Role::Commission => 'm',
    }
}

#[test]
fn every_role_opens_exactly_what_the_manual_says() {
    let hall = Hall::shared();
    assert_eq!(EXPECTED.len(), ROUTES.len(), "a new address needs its row");
    for role in Role::ALL {
        let mut browser = hall.signed_in(role.code());
        for route in ROUTES {
            let verb = match route.verb {
                Verb::Get => "GET",
                Verb::Post => "POST",
            };
            let name = format!("{verb} {}", route.path);
            let who = EXPECTED.iter().find(|(known, _)| *known == name);
            let who = who.unwrap_or_else(|| panic!("{name} has no row")).1;
            let path = filled(route.path);
            let answer = match route.verb {
                Verb::Get => browser.get(&path),
                Verb::Post => browser.post(&path, &[]),
            };
            if who.contains(initial(role)) {
                assert_ne!(answer.status, 403, "{role:?} {name}");
                assert_ne!(answer.status, 500, "{role:?} {name} {}", answer.body);
            } else {
                assert_eq!(answer.status, 403, "{role:?} {name}");
                sane(&path, &answer.body);
                assert!(answer.body.contains("Это могут роли:"), "{role:?} {name}");
                assert!(!answer.body.contains("АСАНОВ"), "{role:?} {name}");
            }
        }
    }
}

#[test]
fn nobody_signed_in_opens_nothing_and_comes_back_after_signing_in() {
    let hall = Hall::shared();
    for route in ROUTES {
        let mut browser = hall.browser();
        let path = filled(route.path);
        let answer = match route.verb {
            Verb::Get => browser.get(&path),
            Verb::Post => browser.post(&path, &[]),
        };
        assert_eq!(answer.status, 303, "{route:?}");
        assert!(answer.location.starts_with("/sign-in"), "{route:?}");
    }
    let mut browser = hall.browser();
    let asked = browser.get("/claims?kind=form2").location;
    assert_eq!(asked, "/sign-in?next=/claims%3Fkind%3Dform2");
    let door = browser.page(&asked);
    sane("/sign-in", &door);
    assert!(door.contains("name=\"next\" value=\"/claims?kind=form2\""));
    let fields = [
        ("account", "clerk"),
        ("password", PASSWORD),
        ("next", "/claims?kind=form2"),
    ];
    assert_eq!(
        browser.post("/sign-in", &fields).location,
        "/claims?kind=form2"
    );
    let foreign = [
        ("account", "clerk"),
        ("password", PASSWORD),
        ("next", "//evil.example/"),
    ];
    assert_eq!(browser.post("/sign-in", &foreign).location, "/");
    // A page with personal data asks for a reason first.
    let asked = browser.get(&filled("/person/{person}"));
    assert!(
        asked.location.starts_with("/reason?next=/person/"),
        "{}",
        asked.location
    );
    let page = browser.page(&asked.location);
    assert!(page.contains("name=\"reason\""));
    let next = filled("/person/{person}");
    let kept = browser.post("/reason", &[("reason", "claim"), ("next", &next)]);
    assert_eq!(kept.location, next);
    assert_eq!(browser.get(&next).status, 200);
    // A reason of another role is none.
    assert_eq!(browser.post("/reason", &[("reason", "court")]).status, 400);
}

#[test]
fn the_session_cookie_is_closed_to_scripts_and_its_token_is_stored_hashed() {
    let hall = Hall::without_list();
    let mut browser = hall.browser();
    let answer = browser.sign_in("clerk", PASSWORD);
    let cookie = answer
        .headers
        .lines()
        .find(|line| line.contains("session="))
        .unwrap();
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"),
        "{cookie}"
    );
    let token = browser.cookies["session"].clone();
    assert_eq!(token.len(), 64);
    let bytes = std::fs::read(hall.dir.path().join("office.db")).unwrap();
    let raw: Vec<u8> = (0..32)
        .map(|at| u8::from_str_radix(&token[2 * at..2 * at + 2], 16).unwrap())
        .collect();
    assert!(
        !bytes.windows(32).any(|window| window == raw),
        "the token stands in the store"
    );
    let page = browser.get("/");
    for header in [
        "content-security-policy: default-src 'none'",
        "x-content-type-options: nosniff",
        "referrer-policy: same-origin",
        "cache-control: no-store",
    ] {
        assert!(
            page.headers.to_lowercase().contains(header),
            "{header}: {}",
            page.headers
        );
    }
}

#[test]
fn a_session_ends_by_leaving_when_idle_and_when_old() {
    let hall = Hall::without_list();
    let mut browser = hall.signed_in("clerk");
    let stolen = browser.cookies.clone();
    assert_eq!(browser.get("/").status, 200);
    assert_eq!(browser.post("/sign-out", &[]).status, 303);
    assert!(
        !browser.cookies.contains_key("session"),
        "the browser forgets it"
    );
    browser.cookies = stolen;
    assert_eq!(browser.get("/").status, 303, "and so does the office");
    let mut browser = hall.signed_in("clerk");
    hall.clock.pass(14);
    assert_eq!(browser.get("/").status, 200, "a request keeps it alive");
    hall.clock.pass(14);
    assert_eq!(browser.get("/").status, 200);
    hall.clock.pass(16);
    let expired = browser.get("/search");
    assert_eq!(
        (expired.status, expired.location.as_str()),
        (303, "/sign-in?next=/search")
    );
    // A form sent with an expired session does nothing and asks to sign in.
    let sent = browser.post("/search", &[("q", "Асанов")]);
    assert_eq!((sent.status, sent.location.as_str()), (303, "/sign-in"));
    let mut browser = hall.signed_in("clerk");
    for _ in 0..44 {
        hall.clock.pass(14);
        browser.get("/");
    }
    assert_eq!(browser.get("/").status, 303, "ten hours are the most");
    // A closed account's session ends at once.
    let mut browser = hall.signed_in("clerk");
    let mut account = hall
        .store
        .read("s", |tx| tx.find_staff("clerk"))
        .unwrap()
        .unwrap();
    account.active = false;
    hall.store
        .transact("s", "admin", |tx| tx.record_staff(&account))
        .unwrap();
    assert_eq!(browser.get("/").status, 303);
}

#[test]
fn wrong_passwords_are_told_alike_and_close_the_door_for_a_while() {
    let hall = Hall::without_list();
    let mut browser = hall.browser();
    browser.cookies.insert("lang".to_owned(), "ru".to_owned());
    let mut tries = BTreeMap::new();
    for _ in 0..5 {
        for name in ["clerk", "nobody"] {
            let answer = browser.sign_in(name, "guess guess guess");
            let told = answer.body.contains("не подошли");
            sane("/sign-in", &answer.body);
            tries
                .entry(name)
                .or_insert_with(Vec::new)
                .push((answer.status, told));
        }
    }
    assert_eq!(
        tries["clerk"], tries["nobody"],
        "nobody learns which names exist"
    );
    assert_eq!(tries["clerk"][0], (401, true));
    assert_eq!(tries["clerk"][4], (429, false));
    let locked = browser.sign_in("clerk", PASSWORD);
    assert_eq!(locked.status, 429, "the right password waits too");
    assert!(locked.body.contains("вход закрыт на 1 минуту") || locked.body.contains("на 2 минуты"));
    let admin = hall.signed_in("administrator").page("/staff");
    assert!(
        admin.contains("заблокирована до"),
        "the administrator sees it"
    );
    hall.clock.pass(2);
    assert_eq!(browser.sign_in("clerk", PASSWORD).status, 303);
}

#[test]
fn a_form_of_another_site_is_refused() {
    let hall = Hall::without_list();
    let mut browser = hall.signed_in("registrar");
    let twins = register::case::duplicate_case(person(TWINS.0), person(TWINS.1));
    let verdict = hall
        .store
        .read("c", |tx| tx.find_case(twins))
        .unwrap()
        .unwrap();
    let id = verdict.verdict.unwrap().0.to_string();
    let path = format!("/case/{twins}/reverse");
    let fields = [("verdict", id.as_str()), ("why", "a long enough reason")];
    for header in ["Sec-Fetch-Site: cross-site", "Origin: http://evil.example"] {
        browser.headers = vec![header.to_owned()];
        assert_eq!(browser.post(&path, &fields).status, 403, "{header}");
        assert_eq!(browser.post("/sign-out", &[]).status, 403, "{header}");
        assert_eq!(
            browser.post("/search", &[("q", "x")]).status,
            403,
            "{header}"
        );
    }
    let after = hall
        .store
        .read("c", |tx| tx.find_case(twins))
        .unwrap()
        .unwrap();
    assert_eq!(after.verdict, verdict.verdict, "nothing was reversed");
    browser.headers = vec!["Sec-Fetch-Site: same-origin".to_owned()];
    assert_eq!(browser.post(&path, &fields).status, 303);
    let after = hall
        .store
        .read("c", |tx| tx.find_case(twins))
        .unwrap()
        .unwrap();
    assert_eq!(after.verdict, None);
}

#[test]
fn too_many_looks_within_an_hour_are_refused() {
    let hall = Hall::filled(|config| config.reads_per_hour = 3);
    let mut browser = hall.signed_in("clerk");
    let path = filled("/person/{person}");
    for _ in 0..3 {
        assert_eq!(browser.get(&path).status, 200);
    }
    let refused = browser.get(&path);
    assert_eq!(refused.status, 429);
    assert!(refused.body.contains("Лимит этого часа"));
    sane(&path, &refused.body);
    assert_eq!(browser.post("/search", &[("q", "Асанов")]).status, 429);
    // A form that is being filled in asks again: for who was looked at a moment ago it is the same look, for others not.
    let form = |row: &str| format!("/person/{}/claim", hall::person(row));
    let asks = [("do", "look"), ("kind", "form2")];
    assert_eq!(browser.post(&form("g7"), &asks).status, 200);
    assert_eq!(browser.post(&form("g8"), &asks).status, 429);
    assert_eq!(browser.get("/list").status, 200, "figures are free");
    hall.clock.pass(10);
    hall.clock.pass(51);
    browser = hall.signed_in("clerk");
    assert_eq!(browser.get(&path).status, 200);
}

#[test]
fn the_other_opinion_stays_hidden_and_two_opinions_make_a_verdict() {
    let hall = Hall::without_list();
    let case = register::case::duplicate_case(person(OPEN_PAIR.0), person(OPEN_PAIR.1));
    let path = format!("/case/{case}");
    let turn = |name: &&&str| {
        let turn = hall.store.read("t", |tx| tx.find_turn(name, case)).unwrap();
        turn.is_some()
    };
    let drawn: Vec<&&str> = hall::ADJUDICATORS.iter().filter(turn).collect();
    let other = hall::ADJUDICATORS
        .iter()
        .find(|n| !drawn.contains(n))
        .unwrap();
    assert_eq!(drawn.len(), 2);
    let outsider = hall.signed_in(other).get(&path);
    assert_eq!(outsider.status, 422);
    assert!(
        outsider.body.contains("Третий эксперт нужен"),
        "{}",
        outsider.body
    );
    assert!(
        !outsider.body.contains("data-key"),
        "no decision for others"
    );
    let stranger = hall.signed_in("adjudicator").get(&path);
    assert!(stranger.body.contains("распределено другим экспертам"));
    let mut first = hall.signed_in(drawn[0]);
    let page = first.page(&path);
    sane(&path, &page);
    assert!(page.contains("≠") && page.contains("Запись A") && page.contains("Запись B"));
    assert!(
        page.contains("class=\"fpv\"") && page.contains("m-met"),
        "prints are drawn"
    );
    let policy = page.split("name=\"policy\" value=\"").nth(1).unwrap()[..64].to_owned();
    let say = |browser: &mut hall::Browser, says: &str, policy: &str| {
        browser.post(
            &format!("{path}/opinion"),
            &[("says", says), ("policy", policy)],
        )
    };
    let stale = say(&mut first, "distinct", &"0".repeat(64));
    assert_eq!(stale.status, 422);
    assert!(stale.body.contains("Порядок изменился"));
    assert_eq!(say(&mut first, "poem", &policy).status, 400);
    assert_eq!(
        say(&mut first, "distinct", &policy).location,
        "/cases?done=waiting"
    );
    let twice = say(&mut first, "same", &policy);
    assert!(
        twice.body.contains("Вы уже дали мнение"),
        "a second click is harmless"
    );
    assert!(
        first
            .page("/cases?done=waiting")
            .contains("ждёт другого эксперта")
    );
    let mut second = hall.signed_in(drawn[1]);
    let blind = second.page(&path);
    // What the first said is nowhere on the second's page: it differs from a fresh one in nothing.
    assert!(
        !blind.contains(drawn[0]),
        "the other officer's name is shown"
    );
    assert_eq!(
        say(&mut second, "distinct", &policy).location,
        "/cases?done=verdict"
    );
    let view = hall
        .store
        .read("c", |tx| tx.find_case(case))
        .unwrap()
        .unwrap();
    assert!(view.verdict.is_some());
    // Every look at a record of the case is recorded.
    let seen = hall
        .store
        .open_person(
            store::Look {
                staff: "test",
                purpose: Purpose::Serve,
                reason: "",
            },
            person(OPEN_PAIR.0),
        )
        .unwrap()
        .unwrap()
        .reads;
    let looks = seen.iter().filter(|r| r.detail == "case/case").count();
    assert_eq!(looks, 2, "{seen:?}");
    assert!(second.get(&path).body.contains("Дело уже решено"));
}

#[test]
fn the_registrar_gives_out_cases_and_sees_no_contents() {
    let hall = Hall::without_list();
    let mut browser = hall.signed_in("registrar");
    let pair = (person("g30"), person("g31"), 700);
    hall.store
        .transact("open", "deduplicate", |tx| tx.open_duplicate_cases(&[pair]))
        .unwrap();
    let given = browser.post("/cases/give-out", &[]);
    assert_eq!(given.location, "/cases/overview?given=1");
    let page = browser.page(&given.location);
    assert!(page.contains("Распределено 1 дело"));
    assert!(!page.contains("АСАНОВ"), "no name in the overview");
    let case = register::case::duplicate_case(person("g30"), person("g31"));
    let drawn: usize = hall::ADJUDICATORS
        .iter()
        .chain(&["adjudicator"])
        .filter(|name| {
            let turn = hall.store.read("t", |tx| tx.find_turn(name, case)).unwrap();
            turn.is_some()
        })
        .count();
    assert_eq!(drawn, 2);
    assert_eq!(
        browser.get(&format!("/case/{case}")).status,
        403,
        "contents are the experts'"
    );
    let short = browser.post(&format!("/case/{case}/reverse"), &[("why", "no")]);
    assert_eq!(short.status, 422);
}
