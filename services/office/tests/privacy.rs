//! No PIN, document number or name in a URL, in a log line or in the store's record of reads.

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod hall;

use std::io::Write;
use std::sync::{Arc, Mutex};

use hall::{Hall, URLS, folder, person};

/// Everything that was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Links and forms of a page.
fn targets(page: &str) -> Vec<String> {
    ["href=\"", "action=\"", "src=\"/"]
        .iter()
        .flat_map(|mark| page.split(mark).skip(1))
        .map(|rest| rest.split('"').next().unwrap().replace("&amp;", "&"))
        .collect()
}

/// Addresses that are only posted to.
const POSTED: [&str; 4] = [
    "/sign-out",
    "/reconciliation/export",
    "/cases/give-out",
    "/conflicts/export",
];

/// Follows every link of the office from the start page, as one account.
fn walk(browser: &mut hall::Browser) -> Vec<String> {
    let mut seen = vec!["/".to_owned()];
    let mut at = 0;
    while at < seen.len() && seen.len() < 400 {
        let answer = browser.get(&seen[at].clone());
        at += 1;
        assert!(
            [200, 303, 422].contains(&answer.status),
            "{} {}",
            seen[at - 1],
            answer.status
        );
        for form in answer.body.split("<form").skip(1) {
            let tag = form.split('>').next().unwrap();
            let is_filter = tag.contains("action=\"/claims\"");
            assert!(
                tag.contains("method=\"post\"") || is_filter,
                "a form that fills the URL: {tag}"
            );
        }
        for target in targets(&answer.body) {
            let is_new = target.starts_with('/') && !seen.contains(&target);
            let is_page = !target.starts_with("/assets/")
                && !POSTED.contains(&target.as_str())
                && !target.ends_with("/sign-off")
                && !target.ends_with("/sign")
                && !target.ends_with("/opinion")
                && !target.ends_with("/reverse")
                && !target.contains("lang=")
                // Two hundred persons look alike; the first twenty are walked.
                && (!target.starts_with("/person/")
                    || seen.iter().filter(|s| s.starts_with("/person/")).count() < 20);
            if is_new && is_page {
                seen.push(target);
            }
        }
    }
    seen
}

#[test]
fn no_number_and_no_name_in_a_url_or_a_log_line() {
    let log = Log::default();
    let writer = log.clone();
    tracing_subscriber::fmt()
        .with_writer(move || writer.clone())
        .with_ansi(false)
        .init();
    let hall = Hall::shared();
    let mut pages = 0;
    for staff in [
        "registrar",
        "clerk",
        "call_centre",
        "observer",
        "administrator",
    ] {
        let mut browser = hall.signed_in(staff);
        if staff != "observer" && staff != "administrator" {
            for typed in [
                folder::pin(7),
                folder::document(7),
                "Асанов Бакыт".to_owned(),
            ] {
                let found = browser.post("/search", &[("q", &typed)]);
                assert_eq!(found.status, 200);
                for target in targets(&found.body) {
                    URLS.lock().unwrap().push(target);
                }
            }
            browser.post("/search", &[("q", "20932195070000")]);
        }
        pages += walk(&mut browser).len();
    }
    assert!(pages > 150, "only {pages} pages were walked");
    // A store that fails makes a log line, and the line names nobody.
    let mut browser = hall.signed_in("clerk");
    hall.store
        .transact("break", "test", |tx| {
            tx.record_processing(
                &[("missing".to_owned(), person("g1"))],
                lexicon::Date::constant(2015, 1, 1),
            )
        })
        .unwrap();
    browser.get("/person/not-an-id");
    let urls = URLS.lock().unwrap().join("\n");
    let logged = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let names = ["Асанов", "АСАНОВ", "Бакыт", "Салохиддинов"].map(str::to_owned);
    let numbers: Vec<String> = (0..folder::VOTERS)
        .flat_map(|n| [folder::pin(n), folder::document(n)])
        .collect();
    for secret in numbers.iter().chain(&names) {
        let quoted = hall::encode(secret);
        for (place, text) in [("a URL", &urls), ("the log", &logged)] {
            assert!(!text.contains(secret), "{secret} in {place}");
            assert!(!text.contains(&quoted), "{secret} in {place}");
        }
    }
    let digits = urls
        .split(|c: char| !c.is_ascii_digit())
        .filter(|run| run.len() == 14)
        .count();
    assert_eq!(digits, 0, "fourteen digits in a URL");
}
