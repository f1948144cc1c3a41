//! A folder for a story of commands: empty, with the keys that forming a list takes.

#![allow(dead_code, reason = "each test file uses its own part")]
#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use keys::FileKey;
use lexicon::handover::envelope::hex;

/// The tables that `docs/import.md` shows.
pub fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/sample-import")
}

/// A folder of this name with `keys`.
pub fn with_keys(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if dir.exists() {
        std::fs::remove_dir_all(&dir).unwrap();
    }
    let keys = dir.join("keys");
    std::fs::create_dir_all(&keys).unwrap();
    for (name, seed) in [("srs-release", 1u8), ("cec-release", 2), ("register", 3)] {
        let key = FileKey::from_seed(&[seed; 32], name);
        key.write(&keys.join(format!("{name}.key"))).unwrap();
        std::fs::write(keys.join(format!("{name}.pub")), hex(&key.public_key().0)).unwrap();
    }
    std::fs::write(keys.join("randomness.key"), hex(&[9; 32])).unwrap();
    dir
}

/// The same with the sample tables in `register`, to be changed.
pub fn with_register(name: &str) -> PathBuf {
    let dir = with_keys(name);
    std::fs::create_dir(dir.join("register")).unwrap();
    for entry in std::fs::read_dir(sample()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            std::fs::copy(&path, dir.join("register").join(path.file_name().unwrap())).unwrap();
        }
    }
    dir
}

/// Every file below a folder, by its path there.
pub fn files(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![dir.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(dir).unwrap().to_path_buf();
                found.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    found
}
