//! The house rules a machine can check.
//!
//! Each rule is a function from a [`House`] (its manifests and sources) to findings, so that a
//! test can plant a fault in a copy and see the rule find it. `tests/house.rs` runs every rule
//! on the real house; `tests/planted.rs` plants a fault for each.

pub mod arrows;
pub mod paths;
pub mod sources;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The shelves, in order of dependency.
pub const SHELVES: [&str; 4] = ["instruments", "rules", "services", "trials"];

/// One crate of the house.
#[derive(Clone, Debug)]
pub struct Room {
    /// Its shelf.
    pub shelf: String,
    /// Its folder name.
    pub name: String,
    /// Its manifest.
    pub manifest: String,
}

/// The house as text: crates, sources and pages, all by path from the root.
#[derive(Clone, Debug, Default)]
pub struct House {
    /// The crates.
    pub rooms: Vec<Room>,
    /// Rust sources by path.
    pub sources: BTreeMap<String, String>,
    /// Markdown pages, shell scripts and the ledger by path.
    pub pages: BTreeMap<String, String>,
    /// Every file and folder there is, by path.
    pub files: Vec<String>,
}

/// Something a rule does not allow, naming the place.
pub type Finding = String;

impl House {
    /// Reads the house below `root`, leaving out `target`, `out` and hidden folders but `.ci`.
    ///
    /// # Errors
    /// The first file that cannot be read.
    pub fn read(root: &Path) -> std::io::Result<Self> {
        let mut house = Self::default();
        house.walk(root, root)?;
        house.files.sort();
        for shelf in SHELVES {
            let mut names: Vec<String> = house
                .files
                .iter()
                .filter_map(|f| {
                    f.strip_prefix(&format!("{shelf}/"))?
                        .strip_suffix("/Cargo.toml")
                })
                .filter(|name| !name.contains('/'))
                .map(str::to_owned)
                .collect();
            names.sort();
            for name in names {
                let manifest =
                    std::fs::read_to_string(root.join(shelf).join(&name).join("Cargo.toml"))?;
                house.rooms.push(Room {
                    shelf: shelf.to_owned(),
                    name,
                    manifest,
                });
            }
        }
        Ok(house)
    }

    fn walk(&mut self, root: &Path, dir: &Path) -> std::io::Result<()> {
        let mut entries: Vec<PathBuf> = std::fs::read_dir(dir)?
            .map(|e| e.map(|e| e.path()))
            .collect::<Result<_, _>>()?;
        entries.sort();
        for path in entries {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            if matches!(
                name.as_str(),
                "target" | "out" | "node_modules" | ".git" | "corpus"
            ) {
                continue;
            }
            let relative = path
                .strip_prefix(root)
                .unwrap_or(&path)
                .display()
                .to_string();
            self.files.push(relative.clone());
            if path.is_dir() {
                self.walk(root, &path)?;
            } else if name.ends_with(".rs") {
                self.sources
                    .insert(relative, std::fs::read_to_string(&path)?);
            } else if (name.ends_with(".md") || ["test", "tizme", "run"].contains(&name.as_str()))
                && let Ok(text) = std::fs::read_to_string(&path)
            {
                self.pages.insert(relative, text);
            }
        }
        Ok(())
    }
}
