//! What all screens share: tokens and stylesheet, fonts, icons, components, sentences, formats.
//!
//! What is here: [`page`] and its parts ([`components`]), server-made charts ([`chart`]), the scale of maps ([`MapView`]),
//! [`Catalogue`] for the texts of a surface in ky, ru and en, numbers and dates by language
//! ([`format`]), embedded [`assets`] with their hashes.
//!
//! What is deliberately not here: HTTP, sessions, any decision, any personal data.
//!
//! Every text comes from a catalogue with all three languages; a missing one fails
//! [`Catalogue::parse`], so it cannot reach a release. Markup carries no inline style or
//! script: the content security policy ([`CSP`]) forbids both.

pub mod assets;
mod catalogue;
pub mod chart;
pub mod components;
pub mod format;
pub mod icon;
mod map_view;

pub use catalogue::{Catalogue, CatalogueError};
pub use components::page;
pub use icon::{Icon, icon};
pub use lexicon::Language;
pub use map_view::{Degrees, MapView};

/// The content security policy of every surface.
pub const CSP: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
