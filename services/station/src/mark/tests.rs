use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use keys::{Counters, TokenError};

use super::*;
use crate::disk::HostDisk;

/// A token in memory; `None` is one that was pulled out.
#[derive(Default)]
struct Token(Mutex<Option<BTreeMap<String, u32>>>);

impl Token {
    fn held<T>(&self, act: impl FnOnce(&mut BTreeMap<String, u32>) -> T) -> Result<T, TokenError> {
        let mut held = self.0.lock().expect("no other test holds it");
        held.as_mut()
            .map(act)
            .ok_or_else(|| TokenError::Device("it is gone".to_owned()))
    }
}

impl Counters for Token {
    fn read(&self, name: &str) -> Result<Option<u32>, TokenError> {
        self.held(|held| held.get(name).copied())
    }

    fn raise(&self, name: &str, to: u32) -> Result<(), TokenError> {
        self.held(|held| {
            let stands = held.entry(name.to_owned()).or_default();
            *stands = to.max(*stands);
        })
    }
}

fn place(folder: &std::path::Path, token: Option<&Arc<Token>>) -> MarkPlace {
    let disk: Arc<dyn Disk> = Arc::new(HostDisk);
    let token = token.map(|token| (Arc::clone(token) as _, "journal 1".to_owned()));
    MarkPlace::new(&disk, folder.join("K1.mark"), token)
}

fn seq(place: &MarkPlace) -> u32 {
    place
        .read()
        .expect("the mark is read")
        .expect("it stands")
        .seq()
}

#[test]
fn a_mark_follows_every_fifty_events() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = place(folder.path(), None);
    assert!(place.read().expect("no mark yet").is_none());
    let mut mark = place.write(0).expect("written");
    mark.follow(49, false).expect("nothing to write");
    assert_eq!(seq(&place), 0);
    mark.follow(50, false).expect("written");
    mark.follow(51, true).expect("written");
    mark.follow(40, true).expect("nothing to write");
    assert_eq!(seq(&place), 51);
}

/// A folder is put back to what it was 80 events ago, its mark with it. Expect: the token says how far the journal was;
/// a token that is gone leaves what the file says, and one that lacks the counter is given it.
#[test]
fn a_token_knows_what_a_folder_that_was_set_back_forgot() {
    let folder = tempfile::tempdir().expect("a folder");
    let token = Arc::new(Token(Mutex::new(Some(BTreeMap::new()))));
    let place = place(folder.path(), Some(&token));
    let mut mark = Mark::take_up(&place, 20).expect("begun");
    mark.follow(100, false).expect("written");
    std::fs::write(folder.path().join("K1.mark"), "20\n").expect("set back");
    assert_eq!((seq(&place), place.known()), (100, Some(100)));
    std::fs::remove_file(folder.path().join("K1.mark")).expect("removed");
    assert_eq!(
        place.known(),
        Some(100),
        "an empty folder has no journal of 0 events"
    );
    std::fs::write(folder.path().join("K1.mark"), "120\n").expect("written");
    *token.0.lock().expect("free") = Some(BTreeMap::new());
    assert_eq!(Mark::take_up(&place, 120).expect("taken up").seq(), 120);
    assert_eq!(token.read("journal 1").expect("there"), Some(120));
    *token.0.lock().expect("free") = None;
    assert_eq!(seq(&place), 120, "the file's mark stands");
    assert!(
        place.write(170).is_ok(),
        "nobody is stranded by a token without room"
    );
}
