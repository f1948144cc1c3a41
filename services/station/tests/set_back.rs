//! A kit's folder is put back to what it was at any moment of its day (S-07): beside its peers, out of their reach, and with
//! a counter on the token of its key. `TIZME_ROUNDS=500` tries 500 folders; without it 40.

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod precinct;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use keys::{Counters, TokenError};
use pollbook::Block;
use precinct::change::rounds;
use precinct::{Bench, Precinct, at, capture, copy, open, reopen};
use station::clock::SetClock;
use station::journal::JournalError;
use station::link::InProcess;
use station::printer::MemoryPrinter;
use station::{Kit, OpenError, Verdict};

/// A token's counters, in memory.
#[derive(Default)]
struct Token(Mutex<BTreeMap<String, u32>>);

impl Counters for Token {
    fn read(&self, name: &str) -> Result<Option<u32>, TokenError> {
        Ok(self.0.lock().unwrap().get(name).copied())
    }

    fn raise(&self, name: &str, to: u32) -> Result<(), TokenError> {
        let mut held = self.0.lock().unwrap();
        let stands = held.entry(name.to_owned()).or_default();
        *stands = to.max(*stands);
        Ok(())
    }
}

fn link(one: &Bench, two: &Bench) {
    for (from, to) in [(one, two), (two, one)] {
        let way = Arc::new(InProcess::to(&to.kit));
        from.kit.connect(to.kit.kid(), way);
    }
}

fn head(kit: &Kit, of: &Kit) -> u32 {
    kit.read(|book| book.head(of.kid()).seq)
}

fn is_green(kit: &Kit, line: u32) -> bool {
    matches!(
        kit.present(line, &capture(line * 10)),
        Ok(Verdict::Green(_))
    )
}

/// K1 serves one voter after another, exchanges with K2 after each, and its folder is copied each time. Expect of every
/// copy that lacks events: with a counter on the token the kit is not opened once the counter has moved past it; beside
/// K2 it has its own events back before it writes another, and nothing is forked; out of K2's reach it serves, and at the
/// next meeting both kits show the fork, the kit is stopped, and both events are kept.
#[test]
fn a_folder_of_any_moment_is_found_out() {
    let rounds = rounds(40);
    // Line 13 waits at home.
    let (first, last) = (20, 20 + rounds);
    let precinct = Precinct::new(1001, 2 * (last + 10));
    let place = tempfile::tempdir().unwrap();
    let folder = |name: &str| place.path().join(name);
    let token = Arc::new(Token::default());
    let clock = Arc::new(SetClock::new(at(10)));
    let with_token = |folder: &Path| {
        let mut config = precinct.config(folder, &clock, &Arc::new(MemoryPrinter::default()));
        config.counters = Some(Arc::clone(&token) as _);
        Kit::open(config, precinct.kit_key("K1"), &precinct.pair())
    };
    let two = open(&precinct, "K2", &folder("K2"), 10);
    {
        let one = Bench {
            kit: with_token(&folder("K1")).unwrap(),
            clock: Arc::clone(&clock),
            printer: Arc::default(),
        };
        link(&one, &two);
        for line in first..last {
            copy(&folder("K1"), &folder(&format!("copy-{line}")));
            assert!(is_green(&one.kit, line));
            assert!(one.kit.sync_all().is_empty());
        }
        assert_eq!(head(&two.kit, &one.kit), head(&one.kit, &one.kit));
    }
    drop(two);
    copy(&folder("K2"), &folder("K2-evening"));
    let counted = token.0.lock().unwrap().values().copied().max().unwrap();
    let (mut refused, mut forks) = (0, 0);
    for line in first..last {
        let set_back = folder(&format!("copy-{line}"));
        for (work, name) in [("near", "K2"), ("far", "K2-evening")] {
            for (from, to) in [(set_back.as_path(), "K1"), (&folder(name), "K2")] {
                copy(from, &folder(work).join(to));
            }
        }

        // With the counter.
        let kept = folder("counted");
        copy(&set_back, &kept);
        match with_token(&kept) {
            Ok(kit) => assert!(head(&kit, &kit) >= counted, "copy {line}"),
            Err(OpenError::Journal(JournalError::SetBack { held, mark, .. })) => {
                refused += 1;
                assert!(held < mark && mark == counted);
            }
            Err(other) => unreachable!("{other}"),
        }
        std::fs::remove_dir_all(&kept).unwrap();

        // Beside the other kit.
        let bench =
            |work: &str, name: &str| reopen(&precinct, name, &folder(work).join(name), &clock);
        let (one, two) = (bench("near", "K1"), bench("near", "K2"));
        link(&one, &two);
        let known = head(&two.kit, &one.kit);
        assert!(head(&one.kit, &one.kit) < known, "copy {line} lacks events");
        assert!(one.kit.sync_all().is_empty());
        assert_eq!(head(&one.kit, &one.kit), known, "it has its events back");
        assert!(!is_green(&one.kit, line), "the voter of the lost event");
        assert!(is_green(&one.kit, last));
        assert!(head(&one.kit, &one.kit) > known);
        assert!(two.kit.sync_all().is_empty());
        assert!(two.kit.read(|book| book.incidents()).is_empty());
        drop((one, two));

        // Out of its reach.
        let (one, two) = (bench("far", "K1"), bench("far", "K2"));
        let before = head(&one.kit, &one.kit);
        assert!(is_green(&one.kit, last), "nobody tells it");
        link(&one, &two);
        for _ in 0..2 {
            let _ = (one.kit.sync_all(), two.kit.sync_all());
        }
        let is_stopped = one.kit.read(
            |book| matches!(book.block(), Some(Block::Equivocation { seq }) if *seq > before),
        );
        assert!(is_stopped, "copy {line}");
        assert!(!is_green(&one.kit, last + 1));
        for kit in [&one.kit, &two.kit] {
            let fork = kit.read(|book| book.incidents());
            let fork = fork.iter().find(|incident| incident.code == "EQUIVOCATION");
            forks += u32::from(fork.is_some_and(|fork| fork.evidence.len() == 2));
            let both = [line, last].map(|line| kit.read(|book| book.state(line).counted.is_some()));
            assert_eq!(both, [true; 2], "both events are kept and count");
        }
        drop((one, two));
        for work in ["near", "far"] {
            std::fs::remove_dir_all(folder(work)).unwrap();
        }
    }
    assert_eq!(forks, 2 * rounds);
    assert!(
        refused > 0 || counted < 50,
        "the counter stands at {counted}"
    );
    println!(
        "{rounds} folders, {refused} refused by the counter at {counted}, {forks} forks shown"
    );
}
