//! The dashboard, the approval by two, statistics, backlog, letter and map, over HTTP.

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod hall;

use hall::{Chain, Hall, around, leading, person, rows_of, sane};
use lexicon::handover::office_statement::{Approvals, open_statement};
use store::{LISTED, ReferenceKind, ReferenceValue};

#[test]
fn every_number_of_the_list_leads_to_as_many_persons() {
    let hall = Hall::shared();
    let mut browser = hall.signed_in("registrar");
    let page = browser.page("/list/2");
    let mut looked_at = 0;
    for part in page.split("href=\"/list/2/people/").skip(1) {
        let (target, rest) = part.split_once("\">").unwrap();
        let target = target.replace("&amp;", "&");
        let shown: String = rest
            .chars()
            .take_while(|c| *c != '<')
            .filter(char::is_ascii_digit)
            .collect();
        let mut seen = 0;
        let mut url = format!("/list/2/people/{target}");
        let mut pages = 0;
        loop {
            let people = browser.page(&url);
            seen += people.matches("href=\"/person/").count() as u64;
            pages += 1;
            let Some(next) = people
                .split("rel=\"next\"")
                .next()
                .filter(|_| people.contains("rel=\"next\""))
            else {
                break;
            };
            let next = next.rsplit("href=\"").next().unwrap();
            url = next.split('"').next().unwrap().replace("&amp;", "&");
            assert!(pages < 20, "{target} never ends");
        }
        // Bars of the chart bear a name, not a number.
        if let Ok(shown) = shown.parse::<u64>()
            && rest
                .split('<')
                .next()
                .unwrap()
                .chars()
                .all(|c| c.is_ascii_digit() || c == '\u{202f}')
        {
            assert_eq!(seen, shown, "{target}");
            looked_at += 1;
        }
    }
    assert!(looked_at > 12, "only {looked_at} numbers were followed");
}

#[test]
fn every_number_of_people_leads_to_as_many_rows_and_to_none_for_who_may_not_see_them() {
    let hall = Hall::full();
    // Figures of the register may be a minute old; these are taken anew.
    hall.clock.pass(2);
    let of_precinct = |precinct, value| ReferenceValue {
        region: "bishkek".to_owned(),
        precinct,
        value,
    };
    let then = [of_precinct(1001, 150), of_precinct(1002, 20)];
    hall.store
        .transact("reference", "test", |tx| {
            tx.record_reference(ReferenceKind::LastElection, "10.10.2010", &then)
        })
        .unwrap();
    let mut registrar = hall.signed_in("registrar");
    let mut observer = hall.signed_in("observer");
    let mut followed = std::collections::BTreeMap::new();
    for path in [
        "/statistics",
        "/backlog",
        "/reconciliation",
        "/field",
        "/list/2/compare?by=region",
        "/list/2/compare?by=raion",
    ] {
        let page = registrar.page(path);
        let numbers = leading(&page);
        for (href, count) in &numbers {
            // A lot's number is its name.
            if path == "/field" && !href.contains("progress=") && !href.contains("/field/sum/") {
                continue;
            }
            // A raion that the classifier does not name bears its code.
            if href.contains("by=precinct") {
                continue;
            }
            assert_eq!(rows_of(&mut registrar, href), *count, "{path} → {href}");
            *followed.entry(path).or_insert(0) += 1;
        }
        let bare = leading(&observer.page(path));
        let personal = bare.iter().filter(|(href, _)| {
            [
                "/figure/",
                "/people/",
                "/reconciliation/",
                "/field/lot/",
                "/field/sum/",
            ]
            .iter()
            .any(|part| href.contains(part))
        });
        assert_eq!(personal.count(), 0, "{path}");
    }
    let least = [
        ("/statistics", 15),
        ("/backlog", 8),
        ("/reconciliation", 4),
        ("/field", 5),
        ("/list/2/compare?by=region", 1),
        ("/list/2/compare?by=raion", 1),
    ];
    for (path, least) in least {
        let found = followed.get(path).copied().unwrap_or(0);
        assert!(found >= least, "{path}: only {found} numbers were followed");
    }
    // A precinct's number leads to its list, for who may see the lines; a number of then names nobody.
    let page = registrar.page("/list/2/compare?by=precinct");
    let (href, count) = leading(&page)
        .into_iter()
        .find(|(href, _)| href == "/list/2/precinct/1001")
        .unwrap();
    let lines = registrar.page(&href);
    assert!(lines.contains(&format!("<dd>{count}")), "{count}: {lines}");
    assert!(!page.contains(">150</a>"), "a figure of then leads nowhere");
    let mut administrator = hall.signed_in("administrator");
    let bare = administrator.page("/list/2/compare?by=precinct");
    assert_eq!(leading(&bare), Vec::new(), "who may not see lines");
}

#[test]
fn the_calendar_names_what_is_due_next() {
    let hall = Hall::shared();
    let page = hall.signed_in("observer").page("/calendar");
    sane("/calendar", &page);
    assert!(page.contains("Ближайший срок:") && page.contains("День выборов"));
    assert!(
        page.contains("19 сентября 2015") && page.contains("прошёл"),
        "{page}"
    );
}

#[test]
fn the_letter_says_who_looked_by_role_and_reason_and_by_no_name() {
    let hall = Hall::full();
    let dead = format!("/person/{}", person("dead"));
    hall.signed_in("registrar").page(&dead);
    let letter = hall
        .signed_in("clerk")
        .page(&format!("{dead}/letter?release=1"));
    sane("/letter", &letter);
    assert!(letter.contains("Кто смотрел вашу запись"));
    let looks = letter.split("Кто смотрел вашу запись").nth(1).unwrap();
    let looks = looks.split("</section>").next().unwrap();
    assert!(
        looks.contains("26.09.2015") && looks.contains("регистратор"),
        "{looks}"
    );
    assert!(!looks.contains("Асанова"), "{looks}");
    // The letter before was a look too.
    let again = hall
        .signed_in("clerk")
        .page(&format!("{dead}/letter?release=1"));
    let looks = again.split("Кто смотрел вашу запись").nth(1).unwrap();
    assert!(
        looks
            .split("</section>")
            .next()
            .unwrap()
            .matches("<li>")
            .count()
            == 2,
        "{looks}"
    );
}

#[test]
fn counts_of_the_receipt_equal_the_counts_over_every_row() {
    let hall = Hall::shared();
    for release in [1, 2] {
        hall.store
            .read("compare", |tx| {
                assert_eq!(tx.release_codes(release)?, tx.decision_counts(release)?);
                assert_eq!(tx.release_precincts(release)?, tx.precinct_counts(release)?);
                let cells = tx.release_cells(release)?;
                for (code, persons) in tx.decision_counts(release)? {
                    let of = cells.iter().filter(|cell| cell.code == code);
                    assert_eq!(of.map(|cell| cell.persons).sum::<u64>(), persons, "{code}");
                }
                // The plain way by a join is the oracle of what was merged at the receipt.
                let kept = tx.find_changes(2)?.unwrap();
                let plain = tx.decision_changes(1, 2)?;
                let known: Vec<_> = kept
                    .rows
                    .iter()
                    .filter(|row| row.0 != row.1 && !row.1.is_empty())
                    .cloned()
                    .collect();
                assert_eq!(known, plain);
                Ok::<_, store::StoreError>(())
            })
            .unwrap();
    }
}

#[test]
fn the_list_stands_beside_the_last_election() {
    let hall = Hall::full();
    let mut browser = hall.signed_in("registrar");
    let page = browser.page("/list/2");
    assert!(page.contains("Числа прошлых выборов не загружены"));
    let listed = hall
        .store
        .read("cells", |tx| tx.release_cells(2))
        .unwrap()
        .iter()
        .filter(|cell| cell.code == LISTED && cell.region == "bishkek")
        .map(|cell| cell.persons)
        .sum::<u64>();
    let value = |region: &str, value| ReferenceValue {
        region: region.to_owned(),
        precinct: 0,
        value,
    };
    let rows = [value("bishkek", listed), value("naryn", 1_000)];
    hall.store
        .transact("reference", "test", |tx| {
            tx.record_reference(ReferenceKind::LastElection, "10.10.2010", &rows)
        })
        .unwrap();
    let page = browser.page("/list/2");
    sane("/list/2", &page);
    assert!(page.contains("10.10.2010"));
    let naryn = around(&page, "Нарынская");
    assert!(
        naryn.contains("1000") || naryn.contains("1\u{202f}000"),
        "{naryn}"
    );
    assert!(
        page.contains("0,00\u{a0}%") && page.contains("разбор"),
        "both verdicts"
    );
}

#[test]
fn two_institutions_approve_what_nothing_stops_and_nobody_twice() {
    let hall = Hall::full();
    let mut registrar = hall.signed_in("registrar");
    let mut commission = hall.signed_in("commission");
    let root = hall
        .store
        .read("r", |tx| tx.releases())
        .unwrap()
        .pop()
        .unwrap()
        .root;
    let root: String = root.iter().map(|byte| format!("{byte:02x}")).collect();
    let whole = [("root", root.as_str()), ("seen", "yes")];
    // Findings and open cases stop it; the button is off and says why.
    let page = registrar.page("/list/2");
    assert!(page.contains("class=\"btn off\"") && page.contains("Мешает:"));
    let refused = registrar.post("/list/2/approve", &whole);
    assert_eq!(refused.status, 422);
    sane("/list/2/approve", &refused.body);
    assert!(refused.body.contains("Утвердить мешает"));
    assert!(
        hall.store
            .read("a", |tx| tx.approvals(2))
            .unwrap()
            .is_empty()
    );
    // The gap of the sample cannot be answered for; a list without it can.
    let page = registrar.page("/list/2/approve");
    assert!(page.contains("ошибка в границах"));
    assert!(
        !page.contains("value=\"findings\""),
        "findings are settled, not answered for"
    );
    hall::drop_findings(&hall);
    let answer = |browser: &mut hall::Browser, blocker: &str| {
        let page = browser.page("/list/2/approve");
        let form = page.split(&format!("value=\"{blocker}\"")).nth(1).unwrap();
        let waiting = form.split("name=\"waiting\" value=\"").nth(1).unwrap();
        let waiting = waiting.split('"').next().unwrap().to_owned();
        let fields = [
            ("blocker", blocker),
            ("waiting", waiting.as_str()),
            ("reason", "решение комиссии № 14 от 25 сентября"),
        ];
        browser.post("/list/2/sign-off", &fields)
    };
    let codes: Vec<String> = registrar
        .page("/list/2/approve")
        .split("name=\"blocker\" value=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        .collect();
    assert!(!codes.is_empty(), "the sample has open cases");
    for code in &codes {
        assert_eq!(answer(&mut registrar, code).status, 303, "{code}");
        let still = registrar.post("/list/2/approve", &whole);
        assert_eq!(
            still.status, 422,
            "one institution is not enough for {code}"
        );
        assert_eq!(answer(&mut commission, code).status, 303, "{code}");
    }
    let short = [
        ("blocker", "open_claims"),
        ("waiting", "1"),
        ("reason", "да"),
    ];
    assert_eq!(registrar.post("/list/2/sign-off", &short).status, 422);
    // Another root, an unticked box, a role that may not.
    let other = [("root", "00"), ("seen", "yes")];
    assert!(
        registrar
            .post("/list/2/approve", &other)
            .body
            .contains("Корень не тот")
    );
    let unseen = registrar.post("/list/2/approve", &[("root", root.as_str())]);
    assert!(unseen.body.contains("Сначала сверьте"));
    assert_eq!(
        hall.signed_in("clerk")
            .post("/list/2/approve", &whole)
            .status,
        403
    );
    assert_eq!(registrar.post("/list/2/approve", &whole).status, 303);
    assert!(
        registrar
            .page("/list/2")
            .contains("утверждён одним учреждением")
    );
    let twice = registrar.post("/list/2/approve", &whole);
    assert!(
        twice.body.contains("уже утвердили"),
        "{}",
        around(&twice.body, "errsum")
    );
    // A publication is not taken note of before both have approved.
    let chain = Chain::new();
    let publication = hall.dir.path().join("publication");
    std::fs::create_dir_all(&publication).unwrap();
    std::fs::copy(
        hall.dir.path().join("run2/roll/release.cose"),
        publication.join("release-2.cose"),
    )
    .unwrap();
    let seen = || {
        office::published::receive_publication(&hall.store, &publication, chain.source(&hall.law))
    };
    let refused = || seen().unwrap_err().to_string();
    assert!(refused().contains("trust.cose:"), "{}", refused());
    hall::witnessed(&publication, &hall.law, &chain);
    assert!(refused().contains("not approved by two"), "{}", refused());
    // A log that nobody signed, and anchors that name another publisher.
    let checkpoint = publication.join("checkpoint");
    let whole_log = std::fs::read_to_string(&checkpoint).unwrap();
    std::fs::write(&checkpoint, whole_log.replace("\n2\n", "\n3\n")).unwrap();
    assert!(refused().contains("checkpoint:"), "{}", refused());
    std::fs::write(&checkpoint, &whole_log).unwrap();
    let anchors = std::fs::read(publication.join("trust.cose")).unwrap();
    hall::witnessed(
        &publication,
        &hall.law,
        &Chain {
            srs: Chain::new().cec,
            ..Chain::new()
        },
    );
    assert!(
        refused().contains("another key for srs-release"),
        "{}",
        refused()
    );
    std::fs::write(publication.join("trust.cose"), anchors).unwrap();
    std::fs::write(&checkpoint, &whole_log).unwrap();
    assert!(
        registrar
            .page("/list/2")
            .contains("подпишут при публикации")
    );
    assert_eq!(commission.post("/list/2/approve", &whole).status, 303);
    assert!(
        commission
            .page("/list/2")
            .contains("утверждён двумя учреждениями")
    );
    // The office says so under its key, as a file of the page and by the command.
    let page = commission.page("/list/2/approve");
    assert!(page.contains("href=\"/list/2/approvals\""));
    assert_eq!(commission.get("/list/2/approvals").status, 200);
    let key = hall::statement_key();
    let (of_page, document) =
        office::statement::state_approvals(&hall.store, &hall.law, Some(2), &key).unwrap();
    let ring = keys::KeyRing::of([key.public_key()]);
    let election = hall.law.election.number;
    let opened: Approvals =
        open_statement(&document, election, &ring, key.public_key().kid()).unwrap();
    assert_eq!(opened, of_page);
    let mut by: Vec<(&str, &str)> = of_page
        .approvals
        .iter()
        .map(|a| (a.institution.as_str(), a.staff.as_str()))
        .collect();
    by.sort_unstable();
    assert_eq!(
        by,
        [("commission", "commission"), ("registration", "registrar")]
    );
    assert_eq!(hall.signed_in("clerk").get("/list/2/approvals").status, 403);
    assert_eq!(seen().unwrap(), (2, true));
    assert_eq!(seen().unwrap(), (2, false));
    assert!(commission.page("/list/2/approve").contains("опубликован"));
    let page = commission.page("/list/2");
    assert!(
        page.contains("свидетелей: 1, нужно: 1"),
        "{}",
        around(&page, "witness")
    );
    assert!(
        page.contains("witness.hall/court"),
        "{}",
        around(&page, "witness")
    );
    let acts = hall
        .store
        .read("v", |tx| tx.verify_journal(store::Journal::Electoral));
    acts.unwrap();
}

#[test]
fn another_list_than_the_offices_is_no_publication_of_it() {
    let hall = Hall::full();
    let chain = Chain::new();
    let dir = hall.dir.path().join("publication");
    std::fs::create_dir_all(&dir).unwrap();
    let seen = || {
        let source = chain.source(&hall.law);
        let found = office::published::receive_publication(&hall.store, &dir, source);
        found.unwrap_err().to_string()
    };
    assert!(seen().contains("release-2.cose"));
    let first = hall.dir.path().join("run1/roll/release.cose");
    std::fs::copy(&first, dir.join("release-2.cose")).unwrap();
    assert!(seen().contains("another root"));
    let mut bytes = std::fs::read(&first).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(dir.join("release-2.cose"), bytes).unwrap();
    assert!(seen().contains("release-2.cose:"));
}

#[test]
fn tables_of_the_report_add_up_and_go_out_as_files() {
    let hall = Hall::shared();
    let mut browser = hall.signed_in("observer");
    let page = browser.page("/statistics");
    assert_eq!(
        page.matches("<svg class=\"chart").count(),
        3,
        "a chart each"
    );
    assert!(
        !page.contains("tr class=\"wrong\""),
        "{}",
        around(&page, "class=\"wrong\"")
    );
    let listed = hall
        .store
        .read("r", |tx| tx.releases())
        .unwrap()
        .pop()
        .unwrap()
        .total;
    for sheet in office::statistics::SHEETS {
        let answer = browser.get(&format!("/statistics/{sheet}"));
        assert_eq!(answer.status, 200, "{sheet}");
        assert!(answer.body.starts_with('\u{feff}'), "{sheet}");
    }
    let equipment = browser.get("/statistics/equipment_region").body;
    let head = "region_code,region_ru,voters,kits,kits_by_rule,operators,precincts";
    assert_eq!(
        equipment
            .trim_start_matches('\u{feff}')
            .lines()
            .next()
            .unwrap(),
        head
    );
    let total = equipment.lines().last().unwrap();
    assert!(
        total.starts_with(&format!("TOTAL,Всего,{listed},")),
        "{total}"
    );
    let figures = browser.get("/statistics/list_reconciliation").body;
    assert!(figures.contains(&format!("\nfinal_voter_list,{listed},persons")));
    assert!(figures.contains("\nform2_manually_assigned,0,records"));
    // Everybody on the list was placed by an address or by a claim.
    let value = |code: &str| -> u64 {
        let row = figures.lines().find(|line| line.starts_with(code));
        row.unwrap().split(',').nth(1).unwrap().parse().unwrap()
    };
    let by_claim = value("form2_total");
    let by_address = value("auto_assigned_precinct");
    assert!(by_address > 0 && by_address < listed, "{figures}");
    assert_eq!(by_address + by_claim, listed, "{figures}");
    // Who is on our list without a row is missing there, and some who are excluded too.
    assert!(value("missing_from_cec_list") >= value("new_voters_never_in_cec_list"));
    let campaign = browser.get("/statistics/campaign_region_month").body;
    assert!(campaign.contains("region_code,region_ru,m_2014_") || campaign.contains("m_2015_"));
    assert_eq!(browser.get("/statistics/secrets").status, 404);
    assert_eq!(browser.get("/statistics?release=9").status, 404);
}

#[test]
fn the_backlog_names_who_waits_longest() {
    // Only the first list: afterwards everybody is processed.
    let hall = Hall::without_list();
    let chain = Chain::new();
    office::receive_roll(&hall.store, &hall.roll, chain.source(&hall.law)).unwrap();
    let mut browser = hall.signed_in("registrar");
    let page = browser.page("/backlog");
    sane("/backlog", &page);
    assert!(!page.contains("не сходятся"));
    let waiting = format!("href=\"/person/{}\"", person("waiting"));
    assert!(page.contains(&waiting), "the oldest lead to their records");
    let observer = hall.signed_in("observer").page("/backlog");
    assert!(!observer.contains("href=\"/person/"));
    // Every captured person is in exactly one of four columns.
    let rows = hall.store.read("b", |tx| tx.backlog(1)).unwrap();
    let captured = hall.store.read("c", |tx| tx.enrolment_counts()).unwrap();
    let captured: u64 = captured.iter().map(|c| c.captured).sum();
    let in_one: u64 = rows
        .iter()
        .filter(|row| row.step != store::BacklogStep::Processed)
        .map(|row| row.persons)
        .sum();
    assert!(in_one > 0 && in_one <= captured, "{in_one} of {captured}");
    assert_eq!(browser.get("/backlog?region=atlantis").status, 400);
}

#[test]
fn a_person_who_came_later_was_not_considered_and_a_letter_says_why() {
    let hall = Hall::shared();
    let mut browser = hall.signed_in("clerk");
    let dead = format!("/person/{}", person("dead"));
    let letter = browser.page(&format!("{dead}/letter?release=1"));
    sane("/letter", &letter);
    assert!(letter.contains("lang=\"ky\"") && letter.contains("lang=\"ru\""));
    assert!(letter.contains("Срок:") && letter.contains("Мөөнөтү:"));
    assert!(letter.contains("Основание:"));
    assert!(
        browser
            .page(&format!("{dead}/why"))
            .contains("accesskey=\"l\"")
    );
    let listed = browser.page(&format!("/person/{}/letter", person("g7")));
    assert!(!listed.contains("Срок:"));
    assert_eq!(browser.get(&format!("{dead}/letter?release=9")).status, 404);
}

#[test]
fn a_precinct_has_its_map_with_houses_for_who_may_see_the_list() {
    let hall = Hall::shared();
    let page = hall.signed_in("clerk").page("/list/2/precinct/5001");
    assert!(page.contains("class=\"office-map\""));
    assert!(page.contains("class=\"m-home\""));
    let bare = hall
        .signed_in("administrator")
        .page("/list/2/precinct/5001");
    assert!(bare.contains("class=\"m-own\"") && !bare.contains("class=\"m-home\""));
    // A precinct of street ranges alone says so.
    let ranges = hall.signed_in("clerk").page("/list/2/precinct/1001");
    assert!(ranges.contains("нет границы на карте") && !ranges.contains("class=\"office-map\""));
}
