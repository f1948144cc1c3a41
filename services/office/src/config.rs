//! The configuration file of `tizme office serve`: typed TOML, unknown keys refused.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use keys::{FileKey, KeyRing};
use lexicon::handover::claim_file::is_office_code;
use lexicon::handover::envelope::{Kid, PublicKey, unhex};
use lexicon::{Clock, ElectionLaw, Instant};
use serde::Deserialize;
use store::SessionTerms;

use crate::clock::OfficeClock;
use crate::upload::Uploads;

/// Part of the doubtful links that two persons decide where nothing is configured, percent.
pub const DOUBLED_PERCENT: u8 = 10;

/// Largest uploaded list where nothing is configured, mebibytes: the national list takes 400.
const UPLOAD_MEBIBYTES: u32 = 1_024;
/// People trained for ten kits, as the commission planned.
const OPERATORS_PER_TEN_KITS: u32 = 15;

/// The file as written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfigFile {
    /// The store: a file path, `sqlite:PATH` or `postgres://…`.
    pub store: String,
    /// Address of the pages.
    pub listen: SocketAddr,
    /// The law of the election, as `kg-2015`.
    pub law: String,
    /// Hexadecimal points (130 digits) of the keys that must have signed a release; none: pages say
    /// that signatures were not checked.
    #[serde(default)]
    pub publishers: Vec<String>,
    /// Whether a TLS proxy stands before the office: the cookie then goes over TLS only.
    #[serde(default)]
    pub https: bool,
    /// Start of a simulated time, `2015-10-04T10:00:00+06:00`; every screen then says so.
    #[serde(default)]
    pub simulated_time: Option<String>,
    /// How long a session lives.
    #[serde(default)]
    pub session: SessionEntry,
    /// Looks at personal data that an account may take within an hour.
    #[serde(default = "reads_per_hour")]
    pub reads_per_hour: u32,
    /// Where uploaded lists of the commission wait.
    #[serde(default)]
    pub uploads: UploadsEntry,
    /// Part of the doubtful links that two persons decide, 0 to 100.
    #[serde(default = "doubled_percent")]
    pub doubled_percent: u8,
    /// Of 100,000 sure links, how many two accounts answer blindly; the country's part unless it says another.
    pub sampled_per_100000: Option<u32>,
    /// People trained for ten kits, reserve included: the planner's ratio, for the statistics.
    #[serde(default = "operators_per_ten_kits")]
    pub operators_per_ten_kits: u32,
    /// The turnout desk's private key: a file of 64 hexadecimal digits; none: digits read aloud are not vouched for.
    #[serde(default)]
    pub turnout_key: Option<PathBuf>,
    /// The private key to which corrections of a rehearsal's list are sealed; none: they stay sealed.
    #[serde(default)]
    pub corrections_key: Option<PathBuf>,
    /// The private key to which kits seal pictures of voters whom two officers identified; none: they stay sealed.
    #[serde(default)]
    pub pictures_key: Option<PathBuf>,
    /// The private key to which kits seal captures of fingers that identified voters; none: they stay sealed.
    #[serde(default)]
    pub captures_key: Option<PathBuf>,
    /// The home desk's private key, which signs the frozen home lists; none: they cannot be frozen here.
    #[serde(default)]
    pub home_key: Option<PathBuf>,
    /// The private key under which the office says what is not settled and who approved a release; none: it says nothing.
    #[serde(default)]
    pub statement_key: Option<PathBuf>,
    /// The code of this office when it works apart from the centre: its claims bear numbers of their own.
    #[serde(default)]
    pub claims_office: Option<String>,
    /// At the centre: the offices whose files of claims are taken.
    #[serde(default)]
    pub claim_offices: Vec<ClaimOfficeEntry>,
}

const WRONG_CODE: &str = "a code has two to eight capital letters and digits";

/// An office that works apart.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimOfficeEntry {
    /// Its code: two to eight capital letters and digits, a letter first.
    pub code: String,
    /// Its public key, 130 hexadecimal digits.
    pub key: String,
}

/// Where uploaded lists wait.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UploadsEntry {
    /// The folder; none: beside a store that is a file, else uploading is off.
    #[serde(default)]
    pub folder: Option<PathBuf>,
    /// Largest file.
    #[serde(default = "upload_mebibytes")]
    pub mebibytes_max: u32,
}

impl Default for UploadsEntry {
    fn default() -> Self {
        Self {
            folder: None,
            mebibytes_max: UPLOAD_MEBIBYTES,
        }
    }
}

fn operators_per_ten_kits() -> u32 {
    OPERATORS_PER_TEN_KITS
}

fn doubled_percent() -> u8 {
    DOUBLED_PERCENT
}

fn upload_mebibytes() -> u32 {
    UPLOAD_MEBIBYTES
}

/// Beside a store that is a file.
fn beside(store: &str) -> Option<PathBuf> {
    let path = store.strip_prefix("sqlite:").unwrap_or(store);
    let is_file = !path.is_empty() && !path.contains("://") && path != ":memory:";
    is_file.then(|| PathBuf::from(format!("{path}.uploads")))
}

/// How long a session lives.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionEntry {
    /// Minutes without a request.
    pub idle_minutes: u32,
    /// Hours at most.
    pub absolute_hours: u32,
}

impl Default for SessionEntry {
    fn default() -> Self {
        Self {
            idle_minutes: 15,
            absolute_hours: 10,
        }
    }
}

fn reads_per_hour() -> u32 {
    400
}

/// Why a configuration was refused: the administrator mends the file.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file could not be read, or is no TOML of this shape.
    #[error("{path}: {why}")]
    File {
        /// Which file.
        path: String,
        /// What is wrong, with line and field where there are any.
        why: String,
    },
    /// A field holds something that cannot be.
    #[error("field {field}: {why}")]
    Field {
        /// Which field.
        field: &'static str,
        /// What is wrong.
        why: String,
    },
}

/// Whose signatures a release must bear.
#[derive(Clone)]
pub struct Publishers {
    /// Checks signatures.
    pub ring: Arc<KeyRing>,
    /// The keys that must have signed; empty when none are configured.
    pub required: Vec<Kid>,
}

impl Publishers {
    /// Takes the public keys.
    #[must_use]
    pub fn of(keys: &[PublicKey]) -> Self {
        Self {
            required: keys.iter().map(PublicKey::kid).collect(),
            ring: Arc::new(KeyRing::of(keys.iter().copied())),
        }
    }
}

/// The offices whose files of claims are taken.
#[derive(Clone, Default)]
pub struct ClaimOffices {
    /// Checks their signatures.
    pub ring: Arc<KeyRing>,
    /// The key of each, by its code.
    pub keys: BTreeMap<String, PublicKey>,
}

impl ClaimOffices {
    /// Takes codes with their keys.
    #[must_use]
    pub fn of(keys: BTreeMap<String, PublicKey>) -> Self {
        Self {
            ring: Arc::new(KeyRing::of(keys.values().copied())),
            keys,
        }
    }

    fn read(entries: &[ClaimOfficeEntry]) -> Result<Self, ConfigError> {
        let wrong = |why: &str| ConfigError::Field {
            field: "claim_offices",
            why: why.to_owned(),
        };
        let mut keys = BTreeMap::new();
        for entry in entries {
            if !is_office_code(&entry.code) {
                return Err(wrong(WRONG_CODE));
            }
            let key = unhex(&entry.key).and_then(|bytes| PublicKey::from_bytes(&bytes));
            let key = key.ok_or_else(|| wrong("a key has 130 hexadecimal digits"))?;
            if keys.insert(entry.code.clone(), key).is_some() {
                return Err(wrong("a code stands twice"));
            }
        }
        Ok(Self::of(keys))
    }
}

/// A configuration read and checked.
#[derive(Clone)]
pub struct Config {
    /// The store's URL.
    pub store: String,
    /// Address of the pages.
    pub listen: SocketAddr,
    /// The law.
    pub law: Arc<ElectionLaw>,
    /// Whose signatures a release must bear.
    pub publishers: Publishers,
    /// Whether the cookie goes over TLS only.
    pub https: bool,
    /// How long a session lives.
    pub terms: SessionTerms,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Whether that time is simulated.
    pub is_time_simulated: bool,
    /// Looks at personal data within an hour.
    pub reads_per_hour: u32,
    /// Where uploaded lists wait, and how much of their doubtful links two persons decide.
    pub uploads: Uploads,
    /// People trained for ten kits.
    pub operators_per_ten_kits: u32,
    /// The turnout desk's key.
    pub turnout_key: Option<Arc<FileKey>>,
    /// The key that opens corrections.
    pub corrections_key: Option<Arc<FileKey>>,
    /// The key that opens pictures.
    pub pictures_key: Option<Arc<FileKey>>,
    /// The key that opens captures.
    pub captures_key: Option<Arc<FileKey>>,
    /// The key that signs home lists.
    pub home_key: Option<Arc<FileKey>>,
    /// The key that signs statements.
    pub statement_key: Option<Arc<FileKey>>,
    /// The code of this office when it works apart.
    pub claims_office: Option<String>,
    /// The offices whose files of claims are taken.
    pub claim_offices: ClaimOffices,
}

/// Reads public keys given as points of 130 hexadecimal digits.
///
/// # Errors
/// [`ConfigError::Field`].
pub fn public_keys(points: &[String]) -> Result<Vec<PublicKey>, ConfigError> {
    points
        .iter()
        .map(|point| unhex(point).and_then(|bytes| PublicKey::from_bytes(&bytes)))
        .collect::<Option<_>>()
        .ok_or_else(|| ConfigError::Field {
            field: "publishers",
            why: "a point has 130 hexadecimal digits".to_owned(),
        })
}

impl Config {
    /// What the numbers of claims that this office takes begin with.
    #[must_use]
    pub fn claims_series(&self) -> &str {
        self.claims_office.as_deref().unwrap_or(store::OWN_SERIES)
    }

    /// Reads a configuration file.
    ///
    /// # Errors
    /// [`ConfigError`] naming file or field.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let wrong = |why: String| ConfigError::File {
            path: path.display().to_string(),
            why,
        };
        let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
        let file: ConfigFile = toml::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        Self::of(&file)
    }

    /// Takes a configuration.
    ///
    /// # Errors
    /// [`ConfigError`] naming the field.
    pub fn of(file: &ConfigFile) -> Result<Self, ConfigError> {
        let field = |field, why: &dyn std::fmt::Display| ConfigError::Field {
            field,
            why: why.to_string(),
        };
        let key = |name: &'static str, path: Option<&Path>| {
            path.map(|path| FileKey::read(path).map(Arc::new))
                .transpose()
                .map_err(|error| field(name, &error))
        };
        let law = ElectionLaw::shipped(&file.law).map_err(|error| field("law", &error))?;
        let clock = match &file.simulated_time {
            None => OfficeClock::machine(),
            Some(text) => OfficeClock::starting_at(
                Instant::parse(text)
                    .ok_or_else(|| field("simulated_time", &"no moment with an offset"))?,
            ),
        };
        let SessionEntry {
            idle_minutes,
            absolute_hours,
        } = file.session;
        if idle_minutes == 0 || absolute_hours == 0 {
            return Err(field("session", &"a session lives longer than nothing"));
        }
        if file.doubled_percent > 100 {
            return Err(field("doubled_percent", &"a part has at most 100 percent"));
        }
        if file.uploads.mebibytes_max == 0 {
            return Err(field("uploads", &"a file is larger than nothing"));
        }
        Ok(Self {
            store: file.store.clone(),
            listen: file.listen,
            law: Arc::new(law),
            publishers: Publishers::of(&public_keys(&file.publishers)?),
            https: file.https,
            terms: SessionTerms {
                idle_micros: i64::from(idle_minutes) * 60_000_000,
                absolute_micros: i64::from(absolute_hours) * 3_600_000_000,
            },
            clock: Arc::new(clock),
            is_time_simulated: file.simulated_time.is_some(),
            reads_per_hour: file.reads_per_hour,
            uploads: Uploads {
                folder: file.uploads.folder.clone().or_else(|| beside(&file.store)),
                bytes_max: u64::from(file.uploads.mebibytes_max) << 20,
                doubled_percent: file.doubled_percent,
                sampled_per_100000: file
                    .sampled_per_100000
                    .unwrap_or_else(crate::country::sure_links_per_100000),
            },
            operators_per_ten_kits: file.operators_per_ten_kits,
            turnout_key: key("turnout_key", file.turnout_key.as_deref())?,
            corrections_key: key("corrections_key", file.corrections_key.as_deref())?,
            pictures_key: key("pictures_key", file.pictures_key.as_deref())?,
            captures_key: key("captures_key", file.captures_key.as_deref())?,
            home_key: key("home_key", file.home_key.as_deref())?,
            statement_key: key("statement_key", file.statement_key.as_deref())?,
            claims_office: match &file.claims_office {
                Some(code) if !is_office_code(code) => {
                    return Err(field("claims_office", &WRONG_CODE));
                }
                code => code.clone(),
            },
            claim_offices: ClaimOffices::read(&file.claim_offices)?,
        })
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
    use super::*;

    const LEAST: &str = "store = 'sqlite:a.db'\nlisten = '127.0.0.1:0'\nlaw = 'kg-2015'\n";

    fn of(text: &str) -> Result<Config, String> {
        let file: ConfigFile = toml::from_str(text).map_err(|error| error.to_string())?;
        Config::of(&file).map_err(|error| error.to_string())
    }

    #[test]
    fn the_least_configuration_has_its_defaults() {
        let config = of(LEAST).unwrap();
        assert_eq!(config.terms.idle_micros, 15 * 60_000_000);
        assert!(!config.is_time_simulated && !config.https);
        assert!(config.publishers.required.is_empty());
        let folder = config.uploads.folder.as_deref();
        assert_eq!(folder, Some(Path::new("a.db.uploads")));
        let server = of(&LEAST.replace("sqlite:a.db", "postgres://h/d")).unwrap();
        assert_eq!(server.uploads.folder, None);
    }

    #[test]
    fn what_cannot_be_is_refused_by_name() {
        let check = |more: &str, expected: &str| {
            let said = of(&format!("{LEAST}{more}")).err().unwrap();
            assert!(said.contains(expected), "{more}: {said}");
        };
        check("colour = 'red'", "colour");
        check("simulated_time = 'noon'", "simulated_time");
        check("publishers = ['04']", "publishers");
        check("[session]\nidle_minutes = 0\nabsolute_hours = 1", "session");
        check("[session]\nidle_minutes = 5", "absolute_hours");
        check("doubled_percent = 101", "doubled_percent");
        check("[uploads]\nmebibytes_max = 0", "uploads");
        check("claims_office = 'D'", "claims_office");
        check(
            "[[claim_offices]]\ncode = 'tk'\nkey = '04'",
            "claim_offices",
        );
        check("[[claim_offices]]\ncode = 'TK07'\nkey = '04'", "130");
        let other = LEAST.replace("kg-2015", "kg-1915");
        assert!(of(&other).err().unwrap().contains("kg-1915"));
    }
}
