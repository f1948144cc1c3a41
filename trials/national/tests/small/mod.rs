//! A small nation with its list and packages.
#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

use std::path::{Path, PathBuf};

use country::{Country, Params};
use lexicon::ElectionLaw;
use national::{chain, snapshot};

/// 2,000 persons in four precincts, without images.
pub fn small() -> Params {
    Params {
        seed: 3,
        persons: 2_000,
        precincts: 4,
        prints: false,
        photos: false,
        ..Params::default()
    }
}

/// The nation in a folder of its own, its snapshot, and what the chain came to.
pub fn nation(
    law: &ElectionLaw,
    keys: &chain::KeyChain,
    name: &str,
    params: &Params,
) -> (PathBuf, PathBuf, chain::Run) {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if dir.exists() {
        std::fs::remove_dir_all(&dir).unwrap();
    }
    let tables = dir.join("country");
    Country::generate(params).unwrap().write(&tables).unwrap();
    let terms = snapshot::Terms {
        times: 1,
        shuffle: None,
        today: law.election.day,
    };
    let folder = dir.join("snapshot");
    snapshot::write(&tables, &folder, law, &keys.register, terms).unwrap();
    let terms = chain::Terms {
        snapshot: &folder,
        out: &dir,
        threads: 2,
        packages: true,
        rerun: batch::Rerun::default(),
    };
    let run = chain::run(law, keys, terms).unwrap();
    (dir, folder, run)
}
