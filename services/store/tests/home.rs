//! Applications for voting at home, on both engines.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests may fail")]

mod kit;

use kit::on_both;
use lexicon::{PersonId, PrecinctCode, Purpose, Sealed};
use store::{HomeFrozen, Journal, NewHomeWish};

fn wish(form: &str, withdraws: bool, refused: &str) -> NewHomeWish {
    NewHomeWish {
        form: form.to_owned(),
        person: PersonId::of_source("home", "1"),
        precinct: PrecinctCode::new(1001).unwrap(),
        withdraws,
        category: if withdraws { "" } else { "health" }.to_owned(),
        place: Sealed::new("Манас көчөсү, 12".to_owned()),
        refused: refused.to_owned(),
    }
}

#[test]
fn wishes_are_numbered_and_a_form_is_one() {
    on_both(|engine, store| {
        let keep = |wish: &NewHomeWish| {
            let kept = store.transact("home", "clerk", |tx| tx.record_home_wish(wish, "clerk"));
            kept.unwrap()
        };
        assert_eq!(keep(&wish("a", false, "")), (1, true), "{engine}");
        assert_eq!(keep(&wish("a", false, "")), (1, false), "{engine}");
        assert_eq!(keep(&wish("b", false, "other_precinct 1002")), (2, true));
        assert_eq!(keep(&wish("c", true, "")), (3, true), "{engine}");
        let all = store.read("all", |tx| tx.home_wishes()).unwrap();
        let shown: Vec<_> = all
            .iter()
            .map(|wish| (wish.number, wish.withdraws, wish.refused.as_str()))
            .collect();
        let expected = [
            (1, false, ""),
            (2, false, "other_precinct 1002"),
            (3, true, ""),
        ];
        assert_eq!(shown, expected, "{engine}");
        assert_eq!(all[0].place.open(Purpose::Serve), "Манас көчөсү, 12");
        assert!(!format!("{all:?}").contains("Манас"), "a place is sealed");
        let one = store.read("one", |tx| tx.find_home_wish(3)).unwrap();
        assert!(one.unwrap().withdraws, "{engine}");
        let of = PersonId::of_source("home", "2");
        let none = store.read("of", |tx| tx.home_wishes_of(of)).unwrap();
        assert!(none.is_empty(), "{engine}");
        store
            .read("v", |tx| tx.verify_journal(Journal::Electoral))
            .unwrap();
    });
}

#[test]
fn the_last_freezing_stands_and_the_first_is_kept() {
    on_both(|engine, store| {
        let none = store.read("none", |tx| tx.last_home_edition()).unwrap();
        assert_eq!(none, None, "{engine}");
        let list = |number, voters| HomeFrozen {
            precinct: PrecinctCode::new(number).unwrap(),
            voters,
            document: vec![1, 2, 3],
        };
        let freeze = |release, lists: &[HomeFrozen]| {
            let done = store.transact("freeze", "registrar", |tx| {
                tx.record_home_freeze(release, 7, lists, "registrar")
            });
            done.unwrap()
        };
        assert_eq!(freeze(2, &[list(1001, 3), list(1002, 1)]), 1, "{engine}");
        assert_eq!(freeze(3, &[list(1001, 2)]), 2, "{engine}");
        assert_eq!(freeze(3, &[]), 3, "{engine}: nobody votes at home");
        let last = store.read("last", |tx| tx.last_home_edition()).unwrap();
        let last = last.unwrap();
        assert_eq!((last.edition, last.release), (3, 3), "{engine}");
        let lists = |edition| store.read("lists", |tx| tx.home_lists(edition)).unwrap();
        assert_eq!(lists(1), [list(1001, 3), list(1002, 1)], "{engine}");
        assert_eq!((lists(2).len(), lists(3).len()), (1, 0), "{engine}");
    });
}
