//! Letters of Kyrgyz and Russian: cleaning, folding, transliteration, order and distance.
//!
//! One person's name reaches a register as `Жээнбеков`, `Джеенбеков`, `Zheenbekov` and, from a slipped
//! keyboard layout, `;tty,trjd`. This crate says which of these spellings are one name and how far apart
//! two others are. It knows letters, not persons and not law.
//!
//! What is here:
//! - [`clean`]: a text as it may be stored; [`plain`]: lower case, Kyrgyz letters merged with Russian ones;
//! - [`fold`]: the comparison key of a name, where Kyrgyz and Russian spellings meet;
//! - [`search`]: queries as people type them, Latin letters and slipped layouts included;
//! - [`latin`]: ICAO 9303 romanisation, place names, MRZ check digit, Latin back to Cyrillic;
//! - [`collate`]: sort keys of the Kyrgyz alphabet as bytes;
//! - [`distance`]: Jaro–Winkler and Damerau–Levenshtein over letters of one byte;
//! - [`names`]: stems of patronymics and surnames, initials, the form printed on cards.
//!
//! What is deliberately not here: language detection, grammar (suffixes on variables), catalogues of
//! messages, general Unicode normalisation (only the letters that occur in names are composed).

pub mod clean;
pub mod collate;
pub mod distance;
pub mod fold;
pub mod latin;
pub mod letters;
pub mod names;
pub mod search;

pub use clean::{clean, lower, plain, title, upper};
pub use collate::{sort_key, sort_key_of_fields};
pub use distance::{jaro_winkler, osa, osa_within};
pub use fold::{Folded, fold};
pub use latin::{mrz_check_digit, romanise, romanise_place};
pub use letters::letters;
pub use names::{Initials, display_name, patronymic_stem, surname_root, surname_stem};
pub use search::{NameIndex, Query, SearchName};
