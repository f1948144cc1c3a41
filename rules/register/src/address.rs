//! Addresses as people write them, and the houses of the register they mean.
//!
//! A clerk writes `с. Садовое, ул. Ленина, д. 12а, кв. 5`, `САДОВОЕ АЙЫЛЫ ЛЕНИН КӨЧ. 12-А` or
//! `ul. Lenina 12a, Sadovoe`; all are one house. [`Written::parse`] takes a text apart, an [`Index`]
//! holds the register's places, streets and houses, and a [`Seeker`] says which house is meant: placed
//! with its evidence and its margin over the next best, or queued with a [`lexicon::AddressDoubt`] and ranked
//! suggestions. **Doubt is never decided by chance**: when two houses answer nearly as well, or when the
//! text could mean a house the register lacks, a human decides.
//!
//! What is here: reading of texts ([`written`]), house numbers ([`house`]), the places of the country
//! and their hierarchy ([`places`]), the index ([`index`]) and the search ([`seek`]).
//!
//! What is deliberately not here: files, precincts' territories (`roll::boundary`), persons.

pub mod house;
pub mod index;
pub mod places;
pub mod seek;
pub mod words;
pub mod written;

pub use house::HouseNumber;
pub use index::{Builder, HouseAt, Index};
pub use places::{PlaceReject, PlaceRow, Places};
pub use seek::{Answer, Context, Fit, Placement, Queued, Seeker, Suggestion};
pub use written::Written;
