//! A publication: static files that anybody may mirror, read once at start.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use geojson::{FeatureCollection, GeoJson};
use lexicon::handover::delta::ListDelta;
use lexicon::handover::envelope::{DocumentType, Subject, decode};
use lexicon::handover::folder::TrustAnchors;
use lexicon::handover::release::{ListRelease, SaltedLine};
use lexicon::law::{ElectionLaw, LawError};
use lexicon::{Date, Instant, Texts, texts::TextsError};
use tlog::{Checkpoint, Note, Tile, TileReader, TiledTree, TlogProof, VerifierKey};

/// A precinct as the public sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Precinct {
    /// Number.
    pub number: u16,
    /// `territorial`, `abroad` …
    pub kind: String,
    /// Region code of the report.
    pub region: String,
    /// Address, Kyrgyz.
    pub address_ky: String,
    /// Address, Russian.
    pub address_ru: String,
    /// Longitude and latitude of the station, degrees.
    pub at: (f64, f64),
    /// Voters on its list.
    pub lines: Lines,
    /// Outer rings of its territory, degrees; empty where it has none.
    pub rings: Vec<Vec<(f64, f64)>>,
}

/// How many voters are on a precinct's list, as far as it is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lines {
    /// So many.
    Shown(u64),
    /// Fewer than ten.
    Few,
    /// Withheld: from it and the total a small count would follow.
    Withheld,
}

/// One row of the turnout table, cells as published (`<10` hides small counts).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TurnoutRow {
    /// Precinct number, or `total`.
    pub precinct: String,
    /// Lines.
    pub lines: String,
    /// Counted check-ins.
    pub counted: String,
}

/// One signed change after the newest release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delta {
    /// Number after its release, from 1.
    pub number: u32,
    /// From when it holds.
    pub effective_at: Instant,
    /// Its file below the publication.
    pub file: String,
}

/// Everything the portal serves.
pub struct Publication {
    /// Its folder.
    pub dir: PathBuf,
    /// The election's law.
    pub law: ElectionLaw,
    /// Sentences for every code.
    pub texts: Texts,
    /// The newest release.
    pub release: ListRelease,
    /// Published changes after the newest release, in their order.
    pub deltas: Vec<Delta>,
    /// Precincts by number.
    pub precincts: BTreeMap<u16, Precinct>,
    /// Turnout, empty before election day.
    pub turnout: Vec<TurnoutRow>,
    /// Check-ins by local day and hour, ascending, as (day, hour, count as published).
    pub hours: Vec<(Date, String, String)>,
    /// The log's checkpoint as text, if the log is published.
    pub checkpoint: Option<String>,
}

/// Why a publication was not served: the engineer publishes again.
#[derive(Debug, thiserror::Error)]
pub enum PublicationError {
    /// A file is missing or unreadable.
    #[error("{path}: {source}")]
    File {
        /// Which file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file is malformed.
    #[error("{path} is malformed: {why}")]
    Malformed {
        /// Which file.
        path: String,
        /// What is wrong.
        why: String,
    },
    /// The law file.
    #[error(transparent)]
    Law(#[from] LawError),
    /// The shipped sentences.
    #[error(transparent)]
    Texts(#[from] TextsError),
}

fn malformed(path: &Path, why: impl ToString) -> PublicationError {
    PublicationError::Malformed {
        path: path.display().to_string(),
        why: why.to_string(),
    }
}

fn read(path: &Path) -> Result<Vec<u8>, PublicationError> {
    std::fs::read(path).map_err(|source| PublicationError::File {
        path: path.display().to_string(),
        source,
    })
}

fn read_text(path: &Path) -> Result<String, PublicationError> {
    String::from_utf8(read(path)?).map_err(|e| malformed(path, e))
}

/// The payload of a signed document, unverified: mirrors carry what the verifier checks.
fn payload(kind: DocumentType, path: &Path) -> Result<Vec<u8>, PublicationError> {
    let bytes = read(path)?;
    lexicon::handover::envelope::peek_all(Subject { kind, election: 0 }, &bytes)
        .map_err(|e| malformed(path, e))
}

impl Publication {
    /// Reads a publication folder.
    ///
    /// # Errors
    /// [`PublicationError`] naming the file.
    pub fn read(dir: &Path) -> Result<Self, PublicationError> {
        let law = ElectionLaw::parse(&read_text(&dir.join("law.toml"))?)?;
        let newest = newest_release(dir)?;
        let release: ListRelease = decode(&payload(DocumentType::ListRelease, &newest)?)
            .map_err(|e| malformed(&newest, e))?;
        let turnout = csv_rows(&dir.join("turnout.csv"))?
            .into_iter()
            .filter_map(|row| match row.as_slice() {
                [precinct, lines, counted] => Some(TurnoutRow {
                    precinct: precinct.clone(),
                    lines: lines.clone(),
                    counted: counted.clone(),
                }),
                _ => None,
            })
            .collect();
        let hours = csv_rows(&dir.join("hours.csv"))?
            .into_iter()
            .filter_map(|row| match row.as_slice() {
                [day, hour, counted] => Some((day.parse().ok()?, hour.clone(), counted.clone())),
                _ => None,
            })
            .collect();
        Ok(Self {
            law,
            texts: Texts::kg()?,
            deltas: deltas(dir, release.release)?,
            release,
            precincts: precincts(&dir.join("precincts.geojson"))?,
            turnout,
            hours,
            checkpoint: read_text(&dir.join("checkpoint")).ok(),
            dir: dir.to_owned(),
        })
    }

    /// The offline proof of one line: index, hashes, the witnessed checkpoint of its list.
    ///
    /// # Errors
    /// [`PublicationError`] when the list's tiles or checkpoint are missing or damaged.
    pub fn proof(&self, leaf: u64, line: &SaltedLine) -> Result<TlogProof, PublicationError> {
        let dir = self.dir.join(format!("list-{}", self.release.release));
        let path = dir.join("checkpoint");
        let note = Note::parse(&read(&path)?).map_err(|e| malformed(&path, e))?;
        let key = self.list_key()?;
        let checkpoint =
            Checkpoint::open(note.to_string().as_bytes(), &key).map_err(|e| malformed(&path, e))?;
        let tree =
            TiledTree::open(Tiles(dir), checkpoint.head()).map_err(|e| malformed(&path, e))?;
        let hashes = tlog::prove_inclusion(&tree, leaf, checkpoint.head().size)
            .map_err(|e| malformed(&path, e))?;
        let extra = Some(lexicon::handover::envelope::encode(line));
        Ok(TlogProof {
            index: leaf,
            hashes,
            extra,
            checkpoint: note,
        })
    }

    /// The verifier key of the list's own log: the log's key under the name `LOG/list-N`.
    fn list_key(&self) -> Result<VerifierKey, PublicationError> {
        let path = self.dir.join("trust.cose");
        let trust: TrustAnchors = decode(&payload(DocumentType::TrustAnchors, &path)?)
            .map_err(|e| malformed(&path, e))?;
        let log: VerifierKey = trust.log_key.parse().map_err(|e| malformed(&path, e))?;
        let name = format!("{}/list-{}", log.name(), self.release.release);
        VerifierKey::new(&name, log.kind(), *log.public()).map_err(|e| malformed(&path, e))
    }
}

struct Tiles(PathBuf);

impl TileReader for Tiles {
    type Error = std::io::Error;

    fn read_tile(&self, tile: &Tile) -> Result<Vec<u8>, std::io::Error> {
        std::fs::read(self.0.join(tile.path()))
    }
}

fn newest_release(dir: &Path) -> Result<PathBuf, PublicationError> {
    let mut number = 1u32;
    while dir.join(format!("release-{}.cose", number + 1)).exists() {
        number += 1;
    }
    Ok(dir.join(format!("release-{number}.cose")))
}

/// The changes after a release, 1 to the last that stands without a gap.
fn deltas(dir: &Path, release: u32) -> Result<Vec<Delta>, PublicationError> {
    let mut found = Vec::new();
    for number in 1u32.. {
        let file = format!("delta-{release}-{number}.cose");
        let path = dir.join(&file);
        if !path.exists() {
            break;
        }
        let delta: ListDelta =
            decode(&payload(DocumentType::ListDelta, &path)?).map_err(|e| malformed(&path, e))?;
        if delta.number != number {
            return Err(malformed(&path, "it bears another number"));
        }
        found.push(Delta {
            number,
            effective_at: Instant::from_micros(delta.effective_at),
            file,
        });
    }
    Ok(found)
}

/// Rows of a small CSV without quotes, without its header; a missing file has none.
fn csv_rows(path: &Path) -> Result<Vec<Vec<String>>, PublicationError> {
    if !path.exists() {
        return Ok(Vec::new());
    }
    Ok(read_text(path)?
        .lines()
        .skip(1)
        .map(|line| line.split(',').map(str::to_owned).collect())
        .collect())
}

fn precincts(path: &Path) -> Result<BTreeMap<u16, Precinct>, PublicationError> {
    let parsed: GeoJson = read_text(path)?.parse().map_err(|e| malformed(path, e))?;
    let collection = FeatureCollection::try_from(parsed).map_err(|e| malformed(path, e))?;
    let mut found = BTreeMap::new();
    for feature in collection.features {
        let text = |name: &str| -> String {
            feature
                .property(name)
                .and_then(|v| v.as_str())
                .unwrap_or_default()
                .to_owned()
        };
        let real = |name: &str| feature.property(name).and_then(geojson::JsonValue::as_f64);
        let whole = |name: &str| feature.property(name).and_then(geojson::JsonValue::as_u64);
        let number = whole("precinct")
            .and_then(|n| u16::try_from(n).ok())
            .ok_or_else(|| malformed(path, "a feature has no precinct number"))?;
        let precinct = Precinct {
            number,
            kind: text("kind"),
            region: text("region"),
            address_ky: text("address_ky"),
            address_ru: text("address_ru"),
            at: (real("lon").unwrap_or(0.0), real("lat").unwrap_or(0.0)),
            lines: match (whole("lines"), text("lines_withheld").as_str()) {
                (Some(lines), _) => Lines::Shown(lines),
                (None, "fewer_than_10") => Lines::Few,
                (None, _) => Lines::Withheld,
            },
            rings: feature
                .geometry
                .as_ref()
                .map(crate::map::outer_rings)
                .unwrap_or_default(),
        };
        found.insert(number, precinct);
    }
    Ok(found)
}
