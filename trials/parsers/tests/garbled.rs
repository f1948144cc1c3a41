//! Garbled bytes through every door: no panic, none over 50 ms, none over 64 MB.
//!
//! Decoders of images and templates are at it for a minute each, `TIZME_SECONDS=…` for another time.
//! `TIZME_ROUNDS=100` sends a hundred times as many, `TIZME_SEED=…` others; `./test --long fuzz` sets both.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed check should stop at once"
)]

use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use parsers::{DOORS, Door, Rounds, seeds, watch};
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Only one door at a time: the memory watched is that of the whole process.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(otherwise)
}

fn door(name: &str) -> &'static Door {
    DOORS.iter().find(|door| door.name == name).unwrap()
}

fn stands(name: &str) {
    let _one = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let door = door(name);
    let rounds = Rounds {
        seed: number("TIZME_SEED", 2015),
        inputs: door
            .inputs
            .saturating_mul(u32::try_from(number("TIZME_ROUNDS", 1)).unwrap()),
        at_least: if door.is_decoder {
            Duration::from_secs(number("TIZME_SECONDS", 60))
        } else {
            Duration::ZERO
        },
    };
    match watch(door, rounds, Some(&MEMORY)) {
        Ok(seen) => println!(
            "{name}: {} inputs, {} taken in, slowest {:.1} ms, most memory {:.1} MB",
            seen.inputs,
            seen.taken,
            seen.slowest.as_secs_f64() * 1e3,
            seen.memory_bytes as f64 / 1048576.0
        ),
        Err(finding) => {
            let file = Path::new(env!("CARGO_TARGET_TMPDIR"))
                .join(format!("{name}-{}.bin", finding.input));
            std::fs::write(&file, &finding.bytes).unwrap();
            panic!(
                "{name}: input {} of seed {}: {}; kept as {}",
                finding.input,
                rounds.seed,
                finding.what,
                file.display()
            );
        }
    }
}

macro_rules! doors {
    ($($name:ident)*) => {
        $(#[test] fn $name() { stands(stringify!($name)); })*

        #[test]
        fn every_door_has_its_test() {
            let tested = [$(stringify!($name)),*];
            assert_eq!(tested.to_vec(), DOORS.iter().map(|door| door.name).collect::<Vec<_>>());
        }
    };
}

doors! {
    parse_envelope parse_cbor parse_folder_manifest parse_sealed_folder parse_trust parse_release parse_delta parse_station_delta parse_claim_file parse_home_lists parse_package parse_package_body
    parse_journal parse_events parse_kit_message parse_report parse_receipt parse_scan parse_reading parse_hour_message parse_ticket parse_lookup
    parse_oracle_frame
    parse_iso19794 parse_iso2011 parse_ansi2004 parse_ansi2009 parse_card_normal parse_card_compact
    parse_own_template parse_template parse_image parse_wsq parse_jpeg parse_jpeg2000 parse_note parse_checkpoint
    parse_log_proof parse_log_policy parse_tile verify_tree_proof parse_law parse_linkage_model parse_planning parse_typed_text
    parse_import_csv parse_import_parquet parse_geojson parse_snapshot_image parse_arrow_stream
    parse_verifier
}

/// Seeds that are refused test nothing behind the door.
#[test]
fn every_door_takes_in_its_first_seed() {
    let _one = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    for door in DOORS.iter().filter(|door| door.name != "parse_verifier") {
        let first = &(door.seeds)()[0];
        assert!((door.enter)(first), "{} refuses its own seed", door.name);
    }
}

/// What fuzzing found once is sent through the doors for ever.
#[test]
fn inputs_kept_in_the_corpus_are_stood() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus");
    for door in DOORS {
        for kept in seeds::kept(&corpus, door.name).unwrap() {
            let _ = (door.enter)(&kept);
        }
    }
}

mod planted {
    //! The watch itself: a door with a planted fault is found out.

    use super::*;

    fn planted(enter: fn(&[u8]) -> bool) -> parsers::Finding {
        let _one = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        let door = Door {
            name: "planted",
            enter,
            seeds: || vec![b"a document: 1234".to_vec()],
            mend: None,
            inputs: 0,
            memory_max_bytes: parsers::watch::MEMORY_MAX_BYTES,
            is_decoder: false,
        };
        let rounds = Rounds {
            seed: 7,
            inputs: 20_000,
            at_least: Duration::ZERO,
        };
        *watch(&door, rounds, Some(&MEMORY)).unwrap_err()
    }

    #[test]
    fn a_panic_is_found_and_its_bytes_are_kept() {
        let enter = |bytes: &[u8]| -> bool {
            assert!(bytes.len() < 20 || bytes[3] != 0xff, "planted");
            true
        };
        let found = planted(enter);
        assert!(
            found.what.contains("planted") && found.bytes[3] == 0xff,
            "{found:?}"
        );
    }

    #[test]
    fn a_number_that_claims_memory_is_found() {
        let enter = |bytes: &[u8]| -> bool {
            let digits: String = bytes
                .iter()
                .filter(|b| b.is_ascii_digit())
                .map(|b| char::from(*b))
                .collect();
            let claimed: usize = digits.parse().unwrap_or(0);
            Vec::<u8>::with_capacity(claimed.min(1 << 28)).is_empty()
        };
        assert!(planted(enter).what.contains("MB of memory"));
    }

    #[test]
    fn an_input_that_takes_long_is_found() {
        let enter = |bytes: &[u8]| -> bool {
            if bytes.len() > 700 {
                std::thread::sleep(std::time::Duration::from_millis(60));
            }
            true
        };
        assert!(planted(enter).what.contains("ms"));
    }
}
