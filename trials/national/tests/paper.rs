//! A small country on paper: every line's number and page as in the station packages, pages and codes read again.
#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod small;

use std::process::Command;

use lexicon::ElectionLaw;
use national::chain;
use national::paper::{Compared, Terms, compare};
use small::{nation, small};
use tizme_print::form::PaperLanguage;
use tizme_print::lists::{ListsJob, print_lists};

fn has(program: &str) -> bool {
    let there = Command::new(program).arg("--help").output().is_ok();
    if !there {
        eprintln!("skipped: {program} is not installed");
    }
    there
}

#[test]
fn paper_and_packages_agree_in_every_line_and_a_changed_list_is_found() {
    let law = ElectionLaw::shipped("kg-2015").unwrap();
    let keys = chain::KeyChain::new(2015);
    let (dir, _, run) = nation(&law, &keys, "national-paper", &small());
    let lines = run.formed.roll.count.total;
    let job = ListsJob {
        roll: dir.join("roll"),
        publication: None,
        law_id: "kg-2015".to_owned(),
        out: dir.join("paper"),
        precincts: Vec::new(),
        language: PaperLanguage::Both,
        threads: 2,
    };
    let printed = print_lists(&job, &|_| {}).unwrap();
    assert_eq!(printed.refused, Vec::new());
    let (paper, roll) = (dir.join("paper"), dir.join("roll/lines"));
    let terms = Terms {
        out: &dir,
        paper: &paper,
        every: 12,
        threads: 2,
    };
    if !["pdftotext", "pdftoppm", "zbarimg"].into_iter().all(has) {
        return;
    }
    let found = compare(&law, &keys, terms).unwrap();
    assert!(lines > 500 && found.packages >= 3);
    assert_eq!((found.lines, found.printed_lines), (lines, lines));
    let pages: u64 = printed.lists.iter().map(|list| u64::from(list.pages)).sum();
    assert_eq!((found.pages, found.codes), (pages, pages / 12));
    assert_eq!(found.taken_up, 0);
    // A run that goes on finds what stands equal; of notes that a stop tore, one is made again.
    let notes = paper.join(".compared");
    let text = std::fs::read_to_string(&notes).unwrap();
    std::fs::write(&notes, &text[..text.len() - 3]).unwrap();
    let again = compare(&law, &keys, terms).unwrap();
    let taken_up = again.taken_up;
    assert_eq!(taken_up, found.packages - 1);
    assert_eq!(again, Compared { taken_up, ..found });
    let once_more = compare(
        &law,
        &keys,
        Terms {
            threads: 1,
            ..terms
        },
    )
    .unwrap();
    assert_eq!(once_more.taken_up, found.packages);
    // One precinct's paper under another's name is found.
    let mut stand = printed.lists.iter().filter(|list| list.pages > 1);
    let one = stand.next().unwrap();
    let two = stand.find(|list| list.lines != one.lines).unwrap();
    let pdf = |precinct: u32| paper.join(format!("{precinct:04}.pdf"));
    std::fs::copy(pdf(one.of), pdf(two.of)).unwrap();
    assert!(compare(&law, &keys, terms).is_err());
    // And a roll whose lines are of another order than the packages'.
    let list = |precinct: u32| roll.join(format!("{precinct:04}.cbor"));
    std::fs::copy(list(one.of), list(two.of)).unwrap();
    let why = compare(&law, &keys, terms).unwrap_err().to_string();
    assert!(why.contains(&format!("precinct {}", two.of)), "{why}");
    std::fs::remove_dir_all(&dir).unwrap();
}
