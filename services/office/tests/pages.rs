//! Every page over HTTP: what it says, in three languages, from a store filled with the sample folder.

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod hall;

use hall::{Chain, Hall, TWINS, folder, person, sane};
use lexicon::{ClaimOutcome, ExclusionReason, ReconciliationClass};

/// Every page that shows something, with the account that may open it.
fn pages(hall: &Hall) -> Vec<(&'static str, String)> {
    let case = open_case(hall);
    let drawn = case.1.clone();
    let of = |row: &str| format!("/person/{}", person(row));
    let mut pages: Vec<(&'static str, String)> = vec![
        ("registrar", "/".to_owned()),
        ("registrar", "/search".to_owned()),
        ("registrar", "/reason?next=/claims".to_owned()),
        ("administrator", "/staff".to_owned()),
        ("registrar", "/list/1".to_owned()),
        ("registrar", "/list/2".to_owned()),
        ("registrar", "/list/2/people/LISTED".to_owned()),
        (
            "registrar",
            "/list/2/people/LISTED?region=bishkek&sex=F".to_owned(),
        ),
        (
            "registrar",
            "/list/2/changes/NOT_YET_PROCESSED/LISTED".to_owned(),
        ),
        ("registrar", "/list/2/approve".to_owned()),
        ("commission", "/list/2/approve".to_owned()),
        ("observer", "/list/2/approve".to_owned()),
        ("registrar", "/statistics".to_owned()),
        ("observer", "/statistics?release=1".to_owned()),
        ("registrar", "/backlog".to_owned()),
        ("observer", "/backlog?region=bishkek".to_owned()),
        ("observer", "/calendar".to_owned()),
        ("clerk", "/figure/captures?region=chui".to_owned()),
        ("clerk", "/figure/2/not_listed".to_owned()),
        ("registrar", "/figure/2/voters?region=bishkek".to_owned()),
        ("registrar", "/list/2/precincts".to_owned()),
        ("registrar", "/list/2/findings".to_owned()),
        ("registrar", "/list/2/precinct/1001".to_owned()),
        ("observer", "/list/2/precinct/1001".to_owned()),
        ("administrator", "/list/2/precinct/1001".to_owned()),
        ("registrar", "/list/2/precinct/5001".to_owned()),
        ("registrar", "/reconciliation".to_owned()),
        ("observer", "/reconciliation".to_owned()),
        ("commission", "/lists".to_owned()),
        ("observer", "/lists".to_owned()),
        ("observer", "/review".to_owned()),
        ("registrar", "/review/contradictions".to_owned()),
        ("clerk", "/review/links".to_owned()),
        ("clerk", "/review/addresses".to_owned()),
        ("observer", "/boundaries".to_owned()),
        ("registrar", "/boundaries/41711-000000010".to_owned()),
        ("registrar", "/claims".to_owned()),
        (
            "registrar",
            "/claims?kind=form2&precinct=1002&outcome=SUPERSEDED".to_owned(),
        ),
        ("registrar", "/claims?outcome=open".to_owned()),
        ("registrar", "/claim/GQ1001".to_owned()),
        ("clerk", format!("/person/{}/claim", person("g10"))),
        ("registrar", "/field".to_owned()),
        ("observer", "/field".to_owned()),
        ("clerk", "/field/lot/1".to_owned()),
        ("clerk", "/field/answers".to_owned()),
        ("clerk", "/field/sum/all".to_owned()),
        ("clerk", "/field/sum/ROW".to_owned()),
        ("clerk", "/claims/files".to_owned()),
        ("clerk", "/review/rows/open".to_owned()),
        ("registrar", "/list/2/compare?by=region".to_owned()),
        ("registrar", "/conflicts/answers".to_owned()),
        ("observer", "/claims/transfers".to_owned()),
        ("clerk", "/claims/transfers/1002".to_owned()),
        ("observer", "/list/2/compare".to_owned()),
        ("observer", "/list/2/compare?by=precinct".to_owned()),
        ("registrar", "/conflicts".to_owned()),
        (
            "observer",
            "/conflicts?kind=SHARED_PIN&state=waiting".to_owned(),
        ),
        ("registrar", "/conflicts?state=settled".to_owned()),
        ("registrar", format!("/conflict/{}", hall::conflict())),
        ("clerk", format!("/conflict/{}", hall::conflict())),
        ("clerk", format!("/conflict/{}/notices", hall::conflict())),
        ("registrar", "/cases/overview".to_owned()),
        ("registrar", "/cases/overview?kind=shared_pin".to_owned()),
        ("registrar", format!("/case/{}/verdict", case.0)),
        ("registrar", format!("/case/{}/verdict", twin_case())),
    ];
    for row in [
        "g10",
        "g3",
        "dead",
        "g120",
        "g121",
        "waiting",
        "sharing",
        "P00000001",
    ] {
        pages.push(("registrar", of(row)));
        pages.push(("registrar", format!("{}/why", of(row))));
        pages.push(("registrar", format!("{}/letter", of(row))));
        pages.push(("call_centre", of(row)));
    }
    for class in ReconciliationClass::ALL {
        pages.push(("registrar", format!("/reconciliation/{}", class.code())));
    }
    for reason in ExclusionReason::ALL {
        pages.push(("registrar", format!("/list/2/people/{}", reason.code())));
    }
    let drawn: &'static str = Box::leak(drawn.into_boxed_str());
    pages.push((drawn, "/cases".to_owned()));
    pages.push((drawn, format!("/case/{}", case.0)));
    pages.push((drawn, format!("/case/{}?finger=3", case.0)));
    pages
}

fn twin_case() -> register::CaseId {
    register::case::duplicate_case(person(TWINS.0), person(TWINS.1))
}

/// The open pair and one of the two whose turn it is.
fn open_case(hall: &Hall) -> (register::CaseId, String) {
    let (a, b) = hall::OPEN_PAIR;
    let case = register::case::duplicate_case(person(a), person(b));
    let drawn = hall::ADJUDICATORS
        .iter()
        .find(|officer| {
            hall.store
                .read("turn", |tx| tx.find_turn(officer, case))
                .unwrap()
                .is_some()
        })
        .unwrap();
    (case, (*drawn).to_owned())
}

#[test]
fn every_page_is_sound_in_every_language() {
    let hall = Hall::shared();
    let mut seen = 0;
    let mut browsers = std::collections::BTreeMap::new();
    for (staff, path) in pages(hall) {
        let browser = browsers
            .entry(staff)
            .or_insert_with(|| hall.signed_in(staff));
        let mut lengths = Vec::new();
        // The first look adds the table of looks; the three that are compared all have it.
        browser.page(&path);
        for language in ["ky", "ru", "en"] {
            browser
                .cookies
                .insert("lang".to_owned(), language.to_owned());
            let page = browser.page(&path);
            sane(&path, &page);
            assert!(
                page.contains(&format!("<html lang=\"{language}\"")),
                "{path}"
            );
            assert!(
                page.contains(match language {
                    "ky" => "ОКШОШМО УБАКЫТ 26.09.2015",
                    "ru" => "УСЛОВНОЕ ВРЕМЯ 26.09.2015",
                    _ => "SIMULATED TIME 26.09.2015",
                }),
                "{path} does not say that time is simulated"
            );
            // Parity: the same headings, links and fields in every language (rows of reads grow by looking).
            lengths.push((
                page.matches("<th").count(),
                page.matches("<input").count(),
                page.matches("<a ").count(),
                page.matches("<li").count(),
            ));
            seen += 1;
        }
        assert!(
            lengths.windows(2).all(|pair| pair[0] == pair[1]),
            "{path} {lengths:?}"
        );
    }
    assert!(seen > 200, "{seen}");
}

#[test]
fn the_start_page_shows_the_backlog_and_the_campaign() {
    let hall = Hall::shared();
    let mut browser = hall.signed_in("registrar");
    let page = browser.page("/");
    let counts = hall
        .store
        .read("counts", |tx| tx.register_counts())
        .unwrap();
    assert!(page.contains(&format!("<b>{}</b><span>человек в реестре", counts.persons)));
    assert!(page.contains("собрано, ещё не обработано"));
    assert!(page.contains("/list/2/people/NOT_YET_PROCESSED"));
    assert!(page.contains("12.14"), "captures of December 2014");
    let clerk = hall.signed_in("observer").page("/");
    assert!(
        !clerk.contains("/people/"),
        "an observer sees the figure, not the persons"
    );
}

#[test]
fn a_person_is_found_by_pin_document_and_name_and_masked_in_the_list() {
    let hall = Hall::shared();
    let mut browser = hall.signed_in("clerk");
    let mut search = |typed: &str| browser.post("/search", &[("q", typed)]);
    let pin = folder::pin(7);
    for typed in [
        pin.clone(),
        format!("{} {} {}", &pin[..1], &pin[1..9], &pin[9..]),
        folder::document(7),
        folder::document(7).replace('A', "А").to_lowercase(),
    ] {
        let found = search(&typed);
        assert_eq!(found.status, 200, "{typed}");
        assert!(
            found.body.contains(&format!("/person/{}", person("g7"))),
            "{typed}"
        );
        sane("/search", &found.body);
    }
    let by_name = search("джеенбеков тологон");
    assert!(
        by_name.body.contains("ЖЭЭНБЕКОВ"),
        "folding finds every spelling"
    );
    let list = by_name.body.split("<table").nth(1).unwrap();
    assert!(
        list.contains("••••") && !list.contains(&folder::pin(9)[9..]),
        "masked"
    );
    let shared = search(&folder::pin(0));
    assert!(shared.body.contains("Этот ПИН заявлен несколькими людьми"));
}

#[test]
fn a_long_ranking_has_a_next_page_without_the_name_in_a_url() {
    let hall = Hall::shared();
    let mut browser = hall.signed_in("clerk");
    let first = browser.post("/search", &[("q", "Маратович")]).body;
    assert_eq!(first.matches("href=\"/person/").count(), 50);
    assert!(first.contains("name=\"skip\" value=\"50\""));
    let next = browser
        .post("/search", &[("q", "Маратович"), ("skip", "50")])
        .body;
    assert!(next.contains("51–100"));
    let id = |page: &str| page.split("href=\"/person/").nth(1).unwrap()[..36].to_owned();
    assert_ne!(id(&first), id(&next));
}

#[test]
fn what_cannot_be_searched_for_is_said_at_the_field() {
    let hall = Hall::shared();
    let mut browser = hall.signed_in("clerk");
    for (typed, said) in [
        ("", "Введите ПИН"),
        ("2090119507", "В ПИН 14 цифр, вы ввели 10"),
        ("20932195070000", "В ПИН ошибка"),
        ("20901205070000", "В ПИН ошибка"),
        ("!!!", "нет ни букв"),
        (&"ф".repeat(130), "Слишком длинно"),
    ] {
        let answer = browser.post("/search", &[("q", typed)]);
        assert_eq!(answer.status, 422, "{typed}");
        assert!(answer.body.contains(said), "{typed}");
        assert!(answer.body.contains("<title>Ошибка:"), "{typed}");
        sane("/search", &answer.body);
    }
    let nobody = browser.post("/search", &[("q", "Неттакого Человека")]);
    assert_eq!(nobody.status, 200);
    assert!(nobody.body.contains("Такая запись не найдена"));
    // Without a reason nothing is searched; with one given in the form the session keeps it.
    browser.cookies.remove("reason");
    let answer = browser.post("/search", &[("q", &folder::pin(7))]);
    assert_eq!(answer.status, 422);
    assert!(answer.body.contains("Выберите, зачем вы ищете"));
    let answer = browser.post("/search", &[("q", &folder::pin(7)), ("reason", "claim")]);
    assert_eq!(answer.status, 200);
    assert_eq!(
        browser.cookies.get("reason").map(String::as_str),
        Some("claim")
    );
}

#[test]
fn the_person_page_has_its_records_its_history_and_who_looked() {
    let hall = Hall::shared();
    let path = format!("/person/{}", person("g3"));
    let page = hall.signed_in("clerk").page(&path);
    for word in [
        "ЖАҢЫБАЕВ",
        "data:image/",
        "2 09011953 70003",
        "Манас көчөсү, 4",
        "перемена имени",
        "Внесён в реестр",
        "Снята биометрия",
        "загрузка",
        "Есть в списке L2: участок 1001",
        "Кто смотрел",
    ] {
        let found = page.contains(word) || (word == "data:image/" && page.contains("Фото нет"));
        assert!(found, "{word}");
    }
    let again = hall.signed_in("registrar").page(&path);
    assert!(again.contains("<td>clerk</td><td>карточка · обращение гражданина</td>"));
    let masked = hall.signed_in("call_centre").page(&path);
    assert!(masked.contains("2 ••••1953 ••003") && masked.contains("AN•••••03"));
    assert!(
        !masked.contains("70003"),
        "a masked page holds no whole number"
    );
    let photo = hall
        .signed_in("clerk")
        .page(&format!("/person/{}", person("P00000002")));
    assert!(
        photo.contains("src=\"data:image/"),
        "a photograph inside the page"
    );
}

#[test]
fn why_not_on_the_list_is_told_for_every_reason_with_the_first_failing_rule() {
    let hall = Hall::shared();
    let mut browser = hall.signed_in("call_centre");
    let struck = if hall
        .store
        .read("decision", |tx| tx.decisions_of(person(TWINS.0)))
        .unwrap()
        .last()
        .unwrap()
        .1
        .place
        .code()
        == "DUPLICATE"
    {
        TWINS.0
    } else {
        TWINS.1
    };
    for (row, rule, shown) in [
        (
            "dead",
            "R01",
            "смерть, 01.02.2015, акт 06-dead · запись GV-dead",
        ),
        ("foreign", "R02", "KAZ"),
        ("young", "R03", "возраст наступит 15.02.2017"),
        ("court", "R04", "решение суда, 01.03.2015"),
        (struck, "R05", "учтена другая запись"),
        ("bare", "R06", "нет биометрии, снятой до 19.09.2015"),
        ("sharing", "R08", "дело открыто"),
        ("homeless", "R09", "не входит в границы ни одного участка"),
        ("abroad", "R10", "биометрия снята за рубежом"),
    ] {
        let page = browser.page(&format!("/person/{}/why", person(row)));
        assert!(page.contains("Нет в списке L2."), "{row}");
        assert!(
            page.contains("L2 тизмесинде жок."),
            "{row}: the Kyrgyz sentence"
        );
        assert!(page.contains(shown), "{row}: {shown}");
        let number: usize = rule[1..].parse().unwrap();
        assert_eq!(page.matches("class=\"dot stop\"").count(), 1, "{row}");
        assert_eq!(
            page.matches("class=\"dot \"").count(),
            number - 1,
            "{row} passed"
        );
        assert_eq!(
            page.matches("class=\"dot na\"").count(),
            11 - number,
            "{row} not reached"
        );
        assert!(page.contains("Срок:"), "{row}: a deadline");
        if number < 10 {
            assert!(page.contains(&format!("остановлено на {rule}")), "{row}");
        }
    }
    // In the first release this one was waiting; in the second it is listed. Both are kept.
    let path = format!("/person/{}/why", person("waiting"));
    let now = browser.page(&path);
    assert!(now.contains("Есть в списке L2: участок 1001"));
    assert!(
        now.contains("нет: Ещё не обработано"),
        "the history names the earlier reason"
    );
    let before = browser.page(&format!("{path}?release=1"));
    assert!(before.contains("Нет в списке L1.") && before.contains("Отпечатки сданы"));
    assert_eq!(browser.get(&format!("{path}?release=7")).status, 404);
    let moved = browser.page(&format!("/person/{}/why", person("g10")));
    assert!(moved.contains("участок 1002") && moved.contains("/claim/GQ1003"));
}

#[test]
fn the_release_page_shows_sums_that_agree_and_bars_that_lead_to_persons() {
    let hall = Hall::shared();
    let mut browser = hall.signed_in("registrar");
    let page = browser.page("/list/2");
    assert!(page.contains("<svg class=\"chart\"") && page.contains("сходятся"));
    assert!(page.contains("подписи проверены"));
    for reason in ["DEAD", "COURT", "PIN_CONFLICT", "NO_ADDRESS"] {
        let link = format!("/list/2/people/{reason}");
        assert!(page.contains(&link), "{reason}");
        assert!(browser.page(&link).contains("href=\"/person/"), "{reason}");
    }
    assert!(
        page.contains("раньше: Ещё не обработано"),
        "the change since L1"
    );
    assert!(
        page.contains("адрес вне всех границ"),
        "the finding of the homeless"
    );
    assert!(browser.page("/list/2/findings").contains("GA99"));
    let observer = hall.signed_in("observer").page("/list/2");
    assert!(observer.contains("<svg class=\"chart\"") && !observer.contains("/people/"));
    assert_eq!(browser.get("/list").location, "/list/2");
    assert_eq!(browser.get("/list/9").status, 404);
}

#[test]
fn a_release_whose_sums_disagree_shows_a_red_note_in_place_of_the_chart() {
    let hall = Hall::without_list();
    let chain = Chain::new();
    hall::receive_with_one_decision_changed(&hall, &chain);
    let page = hall.signed_in("registrar").page("/list/1");
    sane("/list/1", &page);
    assert!(!page.contains("<svg class=\"chart\""), "no chart");
    assert!(page.contains("Суммы не сходятся"));
    assert!(
        page.contains("Расходятся: В списке, Умер."),
        "{}",
        hall::around(&page, "Расходятся")
    );
}

#[test]
fn a_precinct_has_its_place_its_turnout_and_its_lines_page_by_page() {
    let hall = Hall::shared();
    let mut browser = hall.signed_in("clerk");
    let page = browser.page("/list/2/precinct/1001");
    for word in [
        "территориальный",
        "ул. Манаса, 1001",
        "Манас көчөсү</td>",
        "1–998",
        "52",
        "отпечаток",
    ] {
        assert!(page.contains(word), "{word}");
    }
    assert_eq!(page.matches("<tr id=\"line-").count(), 50);
    let next = page
        .split("href=\"/list/2/precinct/1001?after=")
        .nth(1)
        .unwrap();
    let after = next.split('"').next().unwrap();
    assert_eq!(after, "50");
    let second = browser.page("/list/2/precinct/1001?after=50");
    assert!(second.contains("id=\"line-51\"") && !second.contains("id=\"line-50\""));
    // Names stand in Kyrgyz order: А before Б before Ж before Ө before Ү.
    let place = |page: &str, name: &str| page.find(name);
    assert!(place(&page, "АСАНОВ") < place(&page, "БЕКНАЗАРОВ"));
    let bare = hall
        .signed_in("administrator")
        .page("/list/2/precinct/1001");
    assert!(!bare.contains("АСАНОВ") && bare.contains("Имена видят роли"));
    let observer = hall.signed_in("observer").page("/list/2/precinct/1001");
    assert!(observer.contains("АСАНОВ") && !observer.contains("href=\"/person/"));
    assert_eq!(browser.get("/list/2/precinct/4444").status, 404);
    assert_eq!(browser.get("/list/2/precinct/x").status, 404);
}

#[test]
fn the_reconciliation_counts_classes_and_shows_what_each_row_rests_on() {
    let hall = Hall::shared();
    let mut browser = hall.signed_in("registrar");
    let page = browser.page("/reconciliation");
    for class in ["moved", "wrong_precinct", "same", "new"] {
        assert!(
            page.contains(&format!("/reconciliation/{class}")),
            "{class}"
        );
    }
    let moved = browser.page("/reconciliation/moved");
    assert!(moved.contains("В реестре другой адрес"));
    assert!(moved.contains("<b>Манас көчөсү, 7</b>") && moved.contains("TAKE_REGISTER"));
    assert!(moved.contains("найден по ПИН") && moved.contains("href=\"/person/"));
    let after = moved.split("/reconciliation/moved?after=").nth(1).unwrap();
    let after = after.split('"').next().unwrap().to_owned();
    let next = browser.page(&format!("/reconciliation/moved?after={after}"));
    assert!(
        !next.contains(&format!("<td>{after}</td>")),
        "the next page starts after it"
    );
    let new = browser.page("/reconciliation/new");
    assert!(new.contains("В списке нет, право есть"));
    assert_eq!(browser.get("/reconciliation/strange").status, 404);
}

#[test]
fn an_export_needs_a_reason_leaves_a_record_and_holds_no_formula() {
    let hall = Hall::shared();
    let mut browser = hall.signed_in("registrar");
    let bare = browser.post("/reconciliation/export", &[("class", "renamed")]);
    assert_eq!(bare.status, 422);
    assert!(bare.body.contains("Выберите причину выгрузки"));
    sane("/reconciliation/export", &bare.body);
    let before = hall::reads(&hall.store, "registrar");
    let fields = [("class", "renamed"), ("why", "court")];
    let file = browser.post("/reconciliation/export", &fields);
    assert_eq!(file.status, 200);
    assert!(
        file.headers.contains("text/csv") && file.headers.contains("reconciliation-2-renamed.csv")
    );
    assert!(
        file.body.starts_with("\u{feff}row,class,pin"),
        "{}",
        &file.body[..80.min(file.body.len())]
    );
    assert!(file.body.contains("'=1+1") && !file.body.contains(",=1+1"));
    assert_eq!(hall::reads(&hall.store, "registrar"), before + 1);
    let all = browser.post(
        "/reconciliation/export",
        &[("class", "new"), ("why", "quality")],
    );
    let run = hall
        .store
        .read("run", |tx| tx.find_last_reconciliation())
        .unwrap()
        .unwrap();
    let counts = hall
        .store
        .read("n", |tx| tx.reconciliation_counts(run))
        .unwrap();
    let new = counts
        .iter()
        .find(|(class, _)| *class == ReconciliationClass::New)
        .map(|(_, n)| *n)
        .unwrap();
    assert_eq!(
        all.body.lines().count() as u64,
        new + 1,
        "an export has no page limit"
    );
}

#[test]
fn claims_show_their_outcome_and_the_chain_of_what_replaced_what() {
    let hall = Hall::shared();
    let mut browser = hall.signed_in("clerk");
    let page = browser.page("/claims?kind=form2");
    let row = page.split("id=\"claim-GQ1002\"").nth(1).unwrap();
    let row = row.split("</tr>").next().unwrap();
    assert!(row.contains("Заменено позднейшим"), "{row}");
    let chain: String = row.replace("</a>", "").replace("</b>", "");
    let order: Vec<Option<usize>> = ["GQ1001", "GQ1002", "GQ1003"]
        .iter()
        .map(|id| chain.rfind(id))
        .collect();
    assert!(order[0] < order[1] && order[1] < order[2], "{row}");
    for (id, outcome) in [
        ("GQ1003", ClaimOutcome::Counts),
        ("GQ2001", ClaimOutcome::AfterDeadline),
        ("GQ2002", ClaimOutcome::NotIdentified),
    ] {
        let only = browser.page(&format!("/claims?kind=form2&outcome={}", outcome.code()));
        assert!(only.contains(id), "{id} {outcome}");
    }
    let first = browser.page("/claims");
    assert_eq!(first.matches("id=\"claim-").count(), 50);
    let next = first.split("href=\"/claims?after=").nth(1).unwrap();
    let next = format!("/claims?after={}", next.split('"').next().unwrap());
    let second = browser.page(&next);
    assert!(second.contains("id=\"claim-") && second.contains("В начало"));
    // 1002 is asked for by Form 2; 1001 is where the others stand.
    let by = |precinct| format!("/claims?kind=exclusion&precinct={precinct}");
    assert!(!browser.page(&by(1002)).contains("GQ4001"));
    assert!(browser.page(&by(1001)).contains("GQ4001"));
    let wrong = browser.get("/claims?precinct=12");
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("четыре цифры"));
    assert_eq!(browser.get("/claims?kind=poem").status, 400);
    let one = browser.page("/claim/GQ1001");
    assert!(one.contains("Заменено заявлением") && one.contains("/claim/GQ1002"));
    assert_eq!(browser.get("/claim/nothing").status, 404);
}

#[test]
fn an_empty_office_says_what_is_missing() {
    let hall = Hall::without_list();
    let mut browser = hall.signed_in("registrar");
    assert!(browser.page("/list").contains("Списка ещё нет"));
    assert!(
        browser
            .page("/reconciliation")
            .contains("Сверки ещё не было")
    );
    let path = format!("/person/{}", person("g3"));
    assert!(
        browser
            .page(&path)
            .contains("Списка с решением об этом человеке ещё нет")
    );
    let why = browser.page(&format!("{path}/why"));
    assert!(why.contains("Когда список будет сформирован"));
    sane("/why", &why);
    for path in ["/list", "/reconciliation", "/", "/claims"] {
        sane(path, &browser.page(path));
    }
}

/// Opens the store's file as somebody who may do everything, and changes one decision.
fn tamper(hall: &Hall, code: &str) {
    let path = hall.dir.path().join("office.db");
    let database = rusqlite::Connection::open(path).unwrap();
    let change = format!(
        "PRAGMA ignore_check_constraints = ON; DROP TRIGGER electoral_decision_no_update; \
         UPDATE electoral_decision SET code = '{code}', precinct = NULL, line = NULL, page = NULL \
         WHERE number = 2 AND person = '{}'",
        person("g7")
    );
    database.execute_batch(&change).unwrap();
}

#[test]
fn a_row_changed_behind_the_offices_back_shows_on_the_release_page() {
    let hall = Hall::full();
    let mut browser = hall.signed_in("registrar");
    assert!(browser.page("/list/2").contains("сходятся"));
    tamper(&hall, "COURT");
    // What was counted is kept; counting again sees the change.
    let page = browser.page("/list/2?recount=1");
    sane("/list/2", &page);
    assert!(page.contains("не сходятся") && !page.contains("<svg class=\"chart\""));
    assert!(
        page.contains("Расходятся: В списке, Решение суда."),
        "{}",
        hall::around(&page, "Расходятся")
    );
}

#[test]
fn a_damaged_value_gives_a_code_and_says_that_nothing_was_written() {
    let hall = Hall::full();
    let mut browser = hall.signed_in("clerk");
    let path = format!("/person/{}", person("g7"));
    assert_eq!(browser.get(&path).status, 200);
    let before = hall::reads(&hall.store, "clerk");
    tamper(&hall, "MISLAID");
    let answer = browser.get(&path);
    assert_eq!(answer.status, 500);
    sane(&path, &answer.body);
    assert!(answer.body.contains("Код O-503, время 26.09.2015"));
    assert!(answer.body.contains("ничего не записано"));
    assert_eq!(
        hall::reads(&hall.store, "clerk"),
        before,
        "the look is not recorded either"
    );
    assert_eq!(browser.get("/claims").status, 200, "other pages work");
}

#[test]
fn an_address_that_is_none_keeps_the_navigation_and_an_act_leads_back_to_its_page() {
    let hall = Hall::shared();
    let mut browser = hall.signed_in("registrar");
    let missing = browser.get("/nothing/here");
    assert_eq!(missing.status, 404);
    assert!(missing.body.contains("href=\"/claims\""));
    sane("/nothing/here", &missing.body);
    let stranger = hall.browser().get("/nothing/here");
    assert_eq!(stranger.status, 404);
    assert!(!stranger.body.contains("href=\"/claims\""));
    sane("/nothing/here", &stranger.body);
    let refused = browser.post("/reconciliation/export", &[("class", "moved")]);
    assert!(refused.body.contains("href=\"/reconciliation?lang=ky\""));
    let case = twin_case();
    let short = browser.post(&format!("/case/{case}/reverse"), &[("why", "x")]);
    let back = format!("/case/{case}/verdict");
    assert!(short.body.contains(&format!("href=\"{back}?lang=ky\"")));
    assert_eq!(browser.get(&back).status, 200);
}
