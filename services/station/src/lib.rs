//! The polling-station kit, as a library: usable without any HTTP.
//!
//! ```no_run
//! # use std::sync::Arc;
//! # use station::{Capture, Card, Kit, KitConfig, Verdict};
//! # fn day(config: KitConfig, key: Arc<dyn Card>, cards: &[&dyn Card], image: Capture) -> Result<(), Box<dyn std::error::Error>> {
//! let kit = Kit::open(config, key, cards)?;            // two officers' cards and the kit's own key
//! kit.report_initial(cards)?;                          // everybody at zero, signed, printed
//! match kit.present(412, &image)? {                    // finger → score → event on disk → receipt
//!     Verdict::Green(done) => println!("page {}, line {}", done.page, done.line),
//!     Verdict::Red(refused) => println!("{}", refused.refusal.reason),
//!     Verdict::Again { .. } | Verdict::Pause { .. } => {}
//! }
//! kit.close(0, cards)?;
//! let last = kit.report_final(cards)?;
//! std::fs::write("K1.journal", kit.journal_bytes()?)?;
//! # let _ = last; Ok(()) }
//! ```
//!
//! # What is here
//! - [`Kit`]: an opened package, a durable [`journal`], a `pollbook::Book`, a printer, links to peers.
//! - [`Capture`]: a finger on the glass; comparison at the package's threshold.
//! - [`Station::take_scan`]: what a document reader read; [`Station::lock_screen`]: the operator's screen without its operator.
//! - [`machine`]: the battery and the disk below it.
//! - [`replay`]: captures that were there before.
//! - [`print`]: receipts, slips, reports as one-bit pictures and ESC/POS; [`printer`]: where they go.
//! - [`serve`] and [`Station`]: the same kit on HTTP, with pages for operator, monitor and chair;
//!   [`config`]: the file of `tizme-station serve`; [`cards`]: demo cards; [`scanner`], [`device`]: fingers; [`camera`]: a face for two officers.
//! - [`grant`]: a spare kit that the package does not name.
//! - [`mend`]: a damaged journal put together from its rest, the medium and the peers; [`restore`]: the same from the medium alone, as a command.
//! - [`disk`]: the door to the disk; a model of one can stand in its place.
//! - [`training`]: a precinct that nobody lives in, with keys of its own; [`lesson`]: tasks that the kit itself checks.
//! - [`link`]: one question, one answer between kits; [`discovery`]: who is on the LAN; [`clock`]: real and simulated time.
//!
//! # What is deliberately not here
//! - Decisions: every one is a command on `pollbook::Book`.
//! - A database, the register, other precincts' voters, images of fingers on disk.
//! - What a lesson teaches beside the screens: manuals and trainers.

pub mod attached;
mod ballots;
pub mod camera;
mod capture;
pub mod cards;
mod changes;
pub mod clock;
pub mod clone;
pub mod config;
mod days;
pub mod device;
pub mod discovery;
pub mod disk;
mod doubts;
pub mod grant;
mod hand_over;
mod home;
mod initial;
pub mod journal;
mod kit;
mod lan;
pub mod lesson;
mod lines;
pub mod link;
mod list_pages;
mod lock;
pub mod machine;
mod mark;
pub mod mend;
pub mod mirror;
mod monitors;
mod pages;
mod paper_only;
pub mod print;
pub mod printer;
mod reader;
mod rehearsal;
mod repair;
pub mod replay;
mod rescue;
pub mod restore;
pub mod scanner;
mod scene;
pub mod serial;
mod serve;
mod slips;
mod spares;
mod stick;
mod teach;
mod theme;
mod tls;
mod totals;
pub mod training;

pub use capture::{Capture, Fingers, marked_that_fit, whose};
pub use kit::{
    ActError, Alarm, AnswerError, Card, CardView, ChainLook, ChangeTaken, ChangeView, CheckedIn,
    Ciphertext, CorrectError, DeltaRefused, DoubtedLine, DoubtedTry, EnteredView, HandOverRefused,
    HandedFile, HandedOver, HomeLine, HomeState, Kit, KitConfig, Method2, Missing, OpenError,
    Outcome, PageRead, PagesView, Paper, PaperEntry, PaperReceipt, PeerView, Publishers,
    REASONS_CARD, REASONS_MISSING, REASONS_TAKEOVER, REASONS_TWO, REASONS_UNDO, REASONS_VOID,
    ReceiptAnswer, RecentView, Refused, ReportsError, Resumption, SaidCorrection, SaidHour,
    SayError, SignedReport, Slip, SpareRefused, SpareView, TWO_PERSONS, TableAnswer,
    TakenCorrection, Verdict, Visit, Voided, VoterView,
};
pub use reader::ScanDone;
pub use rescue::moment as local_moment;
pub use scene::{
    ChairError, LastTry, OneCard, Scene, Shown, Station, TwoCards, Wanted, is_finger_trouble,
};
pub use serve::{Serving, serve, serve_station};
