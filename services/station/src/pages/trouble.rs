//! What went wrong, in the words of the person who acts. What only an engineer can mend is read
//! out to one: those details stay in the language of the logs.

use std::io::ErrorKind;

use keys::TokenError;
use lexicon::handover::package::{Exercise, PackageError};
use pollbook::{Block as KitBlock, ClockFault, DraftError, HourError, OfficersError, ReportError};
use screen::format;

use super::parts::kit_word;
use super::{View, sentences};
use crate::cards::CardError;
use crate::journal::JournalError;
use crate::kit::{ActError, Kit, OpenError, ReportsError, SayError, Stop};
use crate::mend::MendError;
use crate::print::Block;
use crate::scanner::ScannerError;
use crate::scene::ChairError;

/// Why the chair's act failed.
pub(super) fn chair(view: &View, error: &ChairError) -> String {
    match error {
        ChairError::Card(error) => card(view, error),
        ChairError::Open(error) => opening(view, error),
        ChairError::Act(error) => act(view, error),
        ChairError::Report(error) => report(view, error),
        ChairError::Mend(error) => mend(view, error),
        ChairError::Hour(error) => hour(view, error),
        ChairError::Scanner(error) => scanner(view, error),
        ChairError::Replayed => view.t("finger.replayed"),
        ChairError::Monitor => view.t("trouble.monitor"),
        ChairError::Memory => view.t("trouble.memory"),
        ChairError::InLine => view.t("trouble.in_line"),
        ChairError::Time => view.t("trouble.time"),
        ChairError::Receipt => view.t("trouble.receipt"),
        ChairError::Row(row) => view.f("trouble.row", &[("n", &row.to_string())]),
        ChairError::Number => view.t("trouble.number"),
        ChairError::Kit => view.t("trouble.kit"),
        ChairError::Nothing => view.t("chair.nothing"),
    }
}

/// Why an hour's turnout was not said.
fn hour(view: &View, error: &SayError) -> String {
    match error {
        SayError::Hour(HourError::NotOpen) => view.t("chair.nothing"),
        SayError::Hour(HourError::NotOver { .. }) => view.t("hours.not_over"),
        SayError::Hour(HourError::Unfit { .. }) => view.t("hours.unfit"),
        SayError::Print(error) => act(view, error),
        SayError::Sign(_) | SayError::Storage(_) => engineer(view, &error.to_string()),
    }
}

/// Why the scanner gave nothing.
pub(super) fn scanner(view: &View, error: &ScannerError) -> String {
    match error {
        ScannerError::NoFinger => view.t("trouble.no_finger"),
        ScannerError::Image(_) => view.t("trouble.image"),
        ScannerError::Absent => view.t("trouble.no_scanner"),
        ScannerError::Wrong(name) => view.f("trouble.wrong_scanner", &[("w", name)]),
        ScannerError::Hangs(_) => view.t("trouble.scanner_hangs"),
        ScannerError::Device(said) => engineer(view, said),
    }
}

/// What an engineer is called for.
pub(super) fn engineer(view: &View, said: &str) -> String {
    view.f("trouble.engineer", &[("w", said)])
}

fn card(view: &View, error: &CardError) -> String {
    match error {
        CardError::Passphrase { left } => view.f("trouble.pass", &[("n", &left.to_string())]),
        CardError::Wait { seconds } => view.f("trouble.wait", &[("n", &seconds.to_string())]),
        CardError::Unknown(_) => view.t("trouble.card"),
        CardError::Token(TokenError::Absent(_)) => view.t("trouble.token_absent"),
        CardError::Token(TokenError::Locked) => view.t("trouble.token_locked"),
        CardError::File { .. }
        | CardError::Token(
            TokenError::Module { .. }
            | TokenError::Pin
            | TokenError::NoneEmpty
            | TokenError::Named(_)
            | TokenError::Device(_),
        ) => engineer(view, &error.to_string()),
    }
}

fn officers(view: &View, error: &OfficersError) -> String {
    match error {
        OfficersError::TooFew { .. } | OfficersError::Twice(_) => view.t("trouble.second"),
        OfficersError::Unknown(_) => view.t("trouble.card"),
        OfficersError::Withdrawn(_) => view.t("trouble.card_withdrawn"),
        OfficersError::SameBody => view.t("trouble.body"),
        OfficersError::NoChair => view.t("trouble.no_chair"),
        OfficersError::NotTheirs => view.t("trouble.not_theirs"),
        OfficersError::NoReason => view.t("trouble.no_reason"),
        OfficersError::NotCommission => view.t("trouble.not_commission"),
    }
}

fn draft(view: &View, error: &DraftError) -> String {
    match error {
        DraftError::Officers(error) => officers(view, error),
        DraftError::Device(error) => engineer(view, &error.to_string()),
    }
}

/// `2015-10-04 10:00 UTC`: the kit is not open, and its station's own time not known.
fn utc(at: lexicon::Instant) -> String {
    format!("{} UTC", at.local_minute(0))
}

fn opening(view: &View, error: &OpenError) -> String {
    match error {
        OpenError::WrongPrecinct { expected, found } => view.f(
            "trouble.precinct",
            &[("p", &found.to_string()), ("o", &expected.to_string())],
        ),
        OpenError::NotNow { .. } => view.t("trouble.now"),
        OpenError::OtherElection { .. } => view.t("trouble.other_election"),
        OpenError::Older { opened, found } => view.f(
            "trouble.older",
            &[("o", &opened.to_string()), ("p", &found.to_string())],
        ),
        OpenError::Manifest(_) => view.t("trouble.manifest"),
        OpenError::Truncated { .. } | OpenError::Package(PackageError::Ciphertext) => {
            view.t("trouble.changed")
        }
        OpenError::Package(PackageError::TooFewOfficers { .. }) => view.t("trouble.second"),
        OpenError::Package(PackageError::TooFewHolders { got, needed }) => view.f(
            "trouble.holders",
            &[("g", &got.to_string()), ("n", &needed.to_string())],
        ),
        OpenError::Grant { file, why } => view.f("trouble.grant", &[("f", file), ("w", why)]),
        OpenError::GrantNotNow { from, to, .. } => {
            view.f("trouble.grant_now", &[("f", &utc(*from)), ("t", &utc(*to))])
        }
        OpenError::Package(PackageError::SameBody) => view.t("trouble.body"),
        OpenError::Consent(error) => draft(view, error),
        OpenError::Opening(error) => act(view, error),
        OpenError::Journal(
            JournalError::Lost { .. }
            | JournalError::Damaged { .. }
            | JournalError::SetBack { .. }
            | JournalError::Short { .. }
            | JournalError::Foreign { .. }
            | JournalError::Unfit { .. },
        ) => view.f("trouble.journal", &[("w", &error.to_string())]),
        OpenError::Exercise { found, .. } => match found {
            Some(Exercise::Training) => view.t("trouble.exercise_training"),
            Some(Exercise::Rehearsal) => view.t("trouble.exercise_rehearsal"),
            None => view.t("trouble.exercise_election"),
        },
        OpenError::Training { file, events } => view.f(
            "trouble.training",
            &[("f", file), ("n", &events.to_string())],
        ),
        OpenError::Journal(JournalError::Disk { source, .. }) => {
            disk(view, Some(source.kind()), &error.to_string())
        }
        OpenError::Contents(_)
        | OpenError::Charter(_)
        | OpenError::Unreadable(_)
        | OpenError::Package(
            PackageError::BadPoint
            | PackageError::UnknownKit
            | PackageError::Wrap
            | PackageError::Body
            | PackageError::Device(_),
        ) => engineer(view, &error.to_string()),
    }
}

pub(super) fn act(view: &View, error: &ActError) -> String {
    match error {
        ActError::Officers(error) => draft(view, error),
        ActError::Refused { reason, .. } => {
            let said = sentences().refusal.get(reason.code());
            said.map_or_else(
                || reason.code().to_owned(),
                |said| said.short.get(view.language).to_owned(),
            )
        }
        ActError::Printer(_) => view.t("trouble.printer"),
        ActError::StillThere(kit) => view.f("trouble.still_there", &[("k", kit)]),
        ActError::OutOfTouch(kit) => view.f("trouble.out_of_touch", &[("k", kit)]),
        ActError::Time => view.t("trouble.time"),
        ActError::Interval => view.t("trouble.interval"),
        ActError::NoDay => view.t("trouble.no_day"),
        ActError::Unexplained(_) => view.t("totals.unexplained"),
        ActError::Correction => view.t("totals.correction_ask"),
        ActError::Entry(line) => view.f("trouble.entry", &[("l", &line.to_string())]),
        ActError::Storage => disk(
            view,
            view.kit().and_then(|kit| kit.storage_fault()),
            &error.to_string(),
        ),
        ActError::NoLine(_) | ActError::Rejected(_) | ActError::Reason(_) => {
            engineer(view, &error.to_string())
        }
    }
}

/// Why a kit serves nobody, and who does what next.
pub(super) fn stopped(view: &View, kit: &Kit, why: &Stop) -> String {
    let block = match why {
        Stop::Storage(kind) => {
            return disk(view, *kind, "the journal could not be written");
        }
        Stop::Block(block) => block,
    };
    let seconds = |seconds: &i64| format::number(seconds.unsigned_abs());
    match block {
        KitBlock::Clock(ClockFault::Jumped { seconds: by }) => {
            view.f("stopped.jumped", &[("s", &seconds(by))])
        }
        KitBlock::Clock(ClockFault::AgainstPeers { seconds: by }) => {
            view.f("stopped.against", &[("s", &seconds(by))])
        }
        KitBlock::Clock(ClockFault::Behind { seconds: by }) => {
            view.f("stopped.behind", &[("s", &seconds(by))])
        }
        KitBlock::Equivocation { seq } => view.f("stopped.fork", &[("n", &seq.to_string())]),
        KitBlock::Rollback { seen, held } => view.f(
            "stopped.rollback",
            &[("n", &seen.to_string()), ("m", &held.to_string())],
        ),
        KitBlock::Retired => {
            let me = kit.read(pollbook::Book::me);
            let heir = kit.read(|book| book.standing().retirement(me).map(|how| how.heir));
            let heir = heir.map_or_else(|| "—".to_owned(), |heir| kit.charter().kit_name(heir));
            view.f("stopped.retired", &[("h", &heir)])
        }
    }
}

/// Why the kit's disk takes nothing, and what is done: the act under way did not happen.
pub(super) fn disk(view: &View, kind: Option<ErrorKind>, said: &str) -> String {
    match kind {
        Some(ErrorKind::StorageFull | ErrorKind::QuotaExceeded) => view.t("trouble.disk_full"),
        Some(ErrorKind::ReadOnlyFilesystem) => view.t("trouble.disk_read_only"),
        Some(_) => view.f("trouble.disk", &[("w", said)]),
        None => engineer(view, said),
    }
}

/// Why a damaged journal was not put together.
fn mend(view: &View, error: &MendError) -> String {
    match error {
        MendError::Lacking { missing, silent } => {
            let ranges = super::chair::ranges(missing);
            let which = if ranges.is_empty() {
                "1…".to_owned()
            } else {
                ranges
            };
            let silent = if silent.is_empty() {
                "—".to_owned()
            } else {
                silent.join(", ")
            };
            view.f("mend.lacking", &[("e", &which), ("k", &silent)])
        }
        MendError::Slip => view.t("mend.slip_needed"),
        MendError::Behind { held, known, .. } => view.f(
            "mend.behind",
            &[("h", &held.to_string()), ("n", &known.to_string())],
        ),
        MendError::Fork(seq) => view.f("mend.fork", &[("n", &seq.to_string())]),
        MendError::Open(error) => opening(view, error),
        MendError::Disk { source, .. } => disk(view, Some(source.kind()), &error.to_string()),
        MendError::Whole | MendError::Chain(_) => engineer(view, &error.to_string()),
    }
}

fn report(view: &View, error: &ReportsError) -> String {
    match error {
        ReportsError::Report(ReportError::NotZero { acts }) => {
            view.f("trouble.not_zero", &[("n", &acts.to_string())])
        }
        ReportsError::Report(ReportError::NotClosed) => view.t("chair.after_close"),
        ReportsError::Report(ReportError::NotOpen) => view.t("closed.title"),
        ReportsError::Officers(error) => officers(view, error),
        ReportsError::Blocked(blocks) => {
            let said: Vec<String> = blocks
                .iter()
                .map(|block| self::block(view, block))
                .collect();
            said.join(" ")
        }
        ReportsError::Unexplained(kits) => {
            view.f("trouble.unexplained", &[("k", &kits.join(", "))])
        }
        ReportsError::Report(ReportError::Arithmetic(_))
        | ReportsError::Folder(_)
        | ReportsError::Device(_) => engineer(view, &error.to_string()),
    }
}

/// What forbids the opening, and what to do.
pub(super) fn block(view: &View, block: &Block) -> String {
    match block {
        Block::Training(file, events) => view.f(
            "trouble.training",
            &[("f", file), ("n", &events.to_string())],
        ),
        Block::List(kit) => view.f("trouble.other_list", &[("k", &kit_word(view, kit))]),
        Block::Page(page, release) => view.f(
            "trouble.foreign_page",
            &[("p", &page.to_string()), ("r", &release.to_string())],
        ),
    }
}
