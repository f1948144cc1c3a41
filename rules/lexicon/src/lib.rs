//! The shared nouns of the house: persons, places, time, codes, law, and the five hand-overs.
//!
//! What is here: parsed types for ids and claims ([`PersonId`], [`Pin`], [`CivilName`],
//! [`PrecinctCode`]), [`Sealed`] for personal data, time as an argument ([`Instant`],
//! [`Date`]), the closed vocabularies ([`codes`]) with their sentences ([`texts`]),
//! [`ElectionLaw`] read from country data, and the signed documents by which institutions
//! meet ([`handover`]).
//!
//! What is deliberately not here: decisions (rooms `register`, `dedup`, `roll`,
//! `pollbook`), keys and devices (`services`), letters and distances (`script`), files,
//! sockets, clocks.

pub mod clock;
pub mod codes;
pub mod handover;
pub mod law;
pub mod person;
pub mod place;
pub mod sealed;
pub mod texts;

pub use clock::{Clock, Date, Instant};
pub use codes::{
    AddressDoubt, Blocker, ChangeReason, ClaimOutcome, ExclusionReason, FingerPosition, Method,
    ReconciliationClass, RefusalReason, ReleaseRefusal,
};
pub use law::ElectionLaw;
pub use person::{CivilName, DocumentNumber, NameParts, PersonId, Pin, Sex};
pub use place::{PrecinctCode, Soate};
pub use sealed::{Purpose, Sealed};
pub use texts::{DeskTexts, Explanation, Language, Sentence, Texts};
pub use uuid::Uuid;
