//! The power cut at a scanned ballot table: whatever a cut leaves, no slip gives two ballots and no voter is stranded.
//!
//! Story: K1 identifies lines 7 and 8; at its table line 7 signs and gets a ballot, then line 8. The disk is a model that
//! records; it is cut after each step, in every way that `cuts` knows. Expect: the kit opens; a ballot that was said to
//! be given before the cut is given no second time; one that was not is given now, at once or by two officers, or its
//! event is on the disk and two officers may take it back.

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

#[allow(dead_code, reason = "the story of `power` is not told here")]
mod cuts;
mod precinct;

use std::path::Path;
use std::sync::Arc;

use cuts::{Fate, Image, Mutation, RecordingDisk, cut, fates};
use precinct::{Precinct, at, capture};
use station::clock::SetClock;
use station::printer::MemoryPrinter;
use station::{Kit, OpenError, ReceiptAnswer, TableAnswer, Verdict};

const FOLDER: &str = "/kit/K1";

struct Table {
    precinct: Precinct,
    mutation: Mutation,
}

impl Table {
    fn new(mutation: Mutation) -> Self {
        let (precinct, _) = Precinct::scanning("segment", 1001, 120);
        Self { precinct, mutation }
    }

    fn open(&self, image: Image) -> Result<(Arc<Kit>, RecordingDisk), OpenError> {
        let disk = RecordingDisk::on(image, self.mutation);
        let clock = Arc::new(SetClock::new(at(600)));
        let printer = Arc::new(MemoryPrinter::default());
        let config = self.precinct.config(Path::new(FOLDER), &clock, &printer);
        let key = self.precinct.kit_key("K1");
        let kit = Kit::open_on(Arc::new(disk.clone()), config, key, &self.precinct.pair())?;
        Ok((kit, disk))
    }

    /// A slip is presented, the voter signs; whether the kit said that the ballot is given.
    fn serve(kit: &Kit, qr: &str) -> bool {
        let TableAnswer::Sign(slip) = kit.show_slip(qr) else {
            return false;
        };
        matches!(kit.sign_line(&slip).unwrap(), TableAnswer::Given(_))
    }

    /// What becomes of a slip after the cut: `was_given` says that the ballot left the table before it.
    fn after(
        &self,
        kit: &Kit,
        (line, qr): (u32, &str),
        was_given: bool,
    ) -> Result<&'static str, String> {
        let pair = self.precinct.pair();
        let answer = kit.show_slip(qr);
        if was_given {
            let is_refused = matches!(answer, TableAnswer::No(ReceiptAnswer::AlreadyUsed { .. }));
            return if is_refused {
                Ok("given")
            } else {
                Err(format!("a second ballot could be given: {answer:?}"))
            };
        }
        match answer {
            TableAnswer::Sign(slip) => match kit.sign_line(&slip) {
                Ok(TableAnswer::Given(_)) => Ok("clear"),
                other => Err(format!("stranded: {other:?}")),
            },
            TableAnswer::Officers(slip) => match kit.resume_ballot(&slip, &pair) {
                Ok(TableAnswer::Given(_)) => Ok("resumed"),
                other => Err(format!("stranded: {other:?}")),
            },
            // The event is there and the screen never said so: the ballot lies on the table.
            TableAnswer::No(ReceiptAnswer::AlreadyUsed { .. }) => {
                match kit.undo(line, pollbook::BALLOT_RETURNED, &pair) {
                    Ok(_) => Ok("taken back"),
                    Err(error) => Err(format!("stranded: {error}")),
                }
            }
            answer @ (TableAnswer::No(_) | TableAnswer::Given(_) | TableAnswer::Refused { .. }) => {
                Err(format!("stranded: {answer:?}"))
            }
        }
    }
}

/// Plays the story and cuts it everywhere; the faults found, and how often each way out was taken.
fn play(mutation: Mutation) -> (Vec<String>, std::collections::BTreeMap<&'static str, u32>) {
    let table = Table::new(mutation);
    let (kit, disk) = table.open(Image::with_folder("/kit")).unwrap();
    let slips = [7, 8].map(|line| {
        let seen = kit.present(line, &capture(line * 10)).unwrap();
        let Verdict::Green(done) = seen else {
            unreachable!("{seen:?}")
        };
        base45::encode(done.act.signed())
    });
    let from = disk.steps();
    let given = slips.each_ref().map(|qr| {
        assert!(Table::serve(&kit, qr));
        disk.steps()
    });
    let ops = disk.ops();
    let (mut faults, mut ways) = (Vec::new(), std::collections::BTreeMap::new());
    for until in from..=ops.len() {
        for fate in fates(&ops[..until], 2) {
            let image = cut(&Image::with_folder("/kit"), &ops[..until], fate);
            let kit = match table.open(image) {
                Ok((kit, _)) => kit,
                // Only a disk that lied about its last sync may stop a kit.
                Err(_) if matches!(fate, Fate::Dropped { .. }) => continue,
                Err(error) => {
                    faults.push(format!("step {until}, {fate:?}: {error}"));
                    continue;
                }
            };
            for ((line, qr), said_at) in [7, 8].into_iter().zip(&slips).zip(given) {
                // What a lying disk lost was said in good faith.
                let was_given = until >= said_at && !matches!(fate, Fate::Dropped { .. });
                let lied = matches!(fate, Fate::Dropped { .. }) && until >= said_at;
                if lied {
                    continue;
                }
                match table.after(&kit, (line, qr), was_given) {
                    Ok(way) => *ways.entry(way).or_default() += 1,
                    Err(why) => faults.push(format!("step {until}, {fate:?}: {why}")),
                }
            }
        }
    }
    (faults, ways)
}

#[test]
fn no_cut_gives_a_second_ballot_or_strands_a_voter() {
    let (faults, ways) = play(Mutation::None);
    println!("ways out: {ways:?}");
    assert!(faults.is_empty(), "{}: {}", faults.len(), faults[0]);
    for way in ["given", "clear", "resumed", "taken back"] {
        assert!(ways.contains_key(way), "no cut led to {way}: {ways:?}");
    }
}

#[test]
fn a_kit_that_does_not_sync_is_found_to_give_a_second_ballot() {
    let (faults, _) = play(Mutation::NoSync);
    assert!(
        faults.iter().any(|fault| fault.contains("a second ballot")),
        "{faults:?}"
    );
}
