//! The second day (S-37): the precinct is closed before its time, a decision comes, the kit is opened for the new day. And
//! break-glass: why keys of the commission above sign here.

use std::sync::Arc;

use lexicon::handover::day_decision::REASONS;
use lexicon::handover::envelope::{EnvelopeError, Kid};
use lexicon::handover::event::{GLASS_REASONS, unframe};
use lexicon::{Instant, RefusalReason};
use pollbook::{Act, Body, Charter, Decided, OTHER_PACKAGE, OfficersError, Rejection};

use super::opening::ring_of;
use super::{ActError, Card, Kit, KitConfig};

/// Why a decision on another day was not taken in: nothing was written. The chair acts.
#[derive(Debug, thiserror::Error)]
pub enum DayRefused {
    /// No file there.
    #[error("no decision was found there")]
    Nothing,
    /// The bytes are no decision.
    #[error("the file is no decision, or it is damaged")]
    Unreadable,
    /// Not signed by those whom the law names, or by too few of them.
    #[error("those whom the law names did not sign the decision")]
    Unsigned,
    /// A signature does not fit.
    #[error("a signature under the decision does not fit")]
    BadSignature,
    /// Another election.
    #[error("the decision is of election {0}")]
    WrongElection(u32),
    /// Another precinct.
    #[error("the decision is of precinct {0}")]
    WrongPrecinct(u16),
    /// It names another package than the one this kit opened.
    #[error("the decision is for another package")]
    OtherPackage,
    /// The law knows no second day, or not these hours: the commission above makes another.
    #[error("the decision {0}")]
    NotAllowed(&'static str),
    /// It stands already, or another with its number does.
    #[error("a decision with this number is known already")]
    Known,
    /// The kit could not write.
    #[error(transparent)]
    Act(#[from] ActError),
}

impl DayRefused {
    /// The refusal as a code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            DayRefused::Nothing => "DAY_NOTHING",
            DayRefused::Unreadable => "DAY_UNREADABLE",
            DayRefused::Unsigned => "DAY_UNSIGNED",
            DayRefused::BadSignature => "DAY_BAD_SIGNATURE",
            DayRefused::WrongElection(_) => "DAY_WRONG_ELECTION",
            DayRefused::WrongPrecinct(_) => "DAY_WRONG_PRECINCT",
            DayRefused::OtherPackage => "DAY_OTHER_PACKAGE",
            DayRefused::NotAllowed(_) => "DAY_NOT_ALLOWED",
            DayRefused::Known => "DAY_KNOWN",
            DayRefused::Act(_) => "DAY_NOT_WRITTEN",
        }
    }
}

fn refused(rejection: Rejection) -> DayRefused {
    match rejection {
        Rejection::Election(found) => DayRefused::WrongElection(found),
        Rejection::Precinct(found) => DayRefused::WrongPrecinct(found),
        Rejection::Envelope(EnvelopeError::UnknownKey(_) | EnvelopeError::BadSignature(_)) => {
            DayRefused::BadSignature
        }
        Rejection::Envelope(EnvelopeError::MissingSignature { .. }) | Rejection::Officers(_) => {
            DayRefused::Unsigned
        }
        Rejection::Decision(OTHER_PACKAGE) => DayRefused::OtherPackage,
        Rejection::Decision(why) => DayRefused::NotAllowed(why),
        Rejection::Envelope(_)
        | Rejection::Version(_)
        | Rejection::Kind(_)
        | Rejection::ForeignKit { .. }
        | Rejection::UnknownKit(_)
        | Rejection::Root
        | Rejection::Delta(_)
        | Rejection::Range { .. }
        | Rejection::Vocabulary(_) => DayRefused::Unreadable,
    }
}

/// One day of voting, as the chair sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayView {
    /// Opening.
    pub opens: Instant,
    /// Closing by the law or the decision.
    pub closes: Instant,
    /// First hexadecimal digits of the decision; `None` for election day.
    pub decision: Option<String>,
    /// When it was closed before its time, why, a code, and at which kit.
    pub suspended: Option<(Instant, String, String)>,
    /// Kits that are open for it.
    pub kits: Vec<String>,
    /// Voters counted on it.
    pub counted: u32,
}

impl Kit {
    /// Closes the precinct before its time; the chair and a second officer sign.
    ///
    /// # Errors
    /// [`ActError::Reason`]; [`ActError::Refused`] when voting stands still already or the day is over;
    /// [`ActError::Officers`].
    pub fn suspend(&self, reason: &str, cards: &[&dyn Card]) -> Result<Arc<Act>, ActError> {
        if !REASONS.contains(&reason) {
            return Err(ActError::Reason(reason.to_owned()));
        }
        let reading = self.clock.read();
        let mut desk = self.desk();
        let draft = desk.book.suspend(reason, reading);
        let draft = draft.map_err(|refusal| self.refused(&refusal))?;
        self.sign_and_tell(&mut desk, draft, cards)
    }

    /// Takes a signed decision in, as it lay on a stick: this kit writes it, the others hear of it.
    ///
    /// # Errors
    /// [`DayRefused`].
    pub fn take_decision(&self, signed: &[u8]) -> Result<Arc<Act>, DayRefused> {
        let decided = Decided::read(signed).map_err(|_| DayRefused::Unreadable)?;
        decided.verify(&self.charter, &self.ring).map_err(refused)?;
        let decided = Arc::new(decided);
        let reading = self.clock.read();
        let mut desk = self.desk();
        let is_known = desk
            .book
            .decisions()
            .iter()
            .any(|known| known.decision.number == decided.decision.number);
        if is_known {
            return Err(DayRefused::Known);
        }
        let Some(draft) = desk.book.decide_day(&decided, reading) else {
            return Err(ActError::Refused {
                reason: RefusalReason::KitBlocked,
                kit: None,
            }
            .into());
        };
        Ok(self.sign_and_tell(&mut desk, draft, &[])?)
    }

    /// Opens this kit for the last day that was decided; two officers sign.
    ///
    /// # Errors
    /// [`ActError::NoDay`] when no decision is known here, or the kit is open for it; [`ActError::Refused`] when that day
    /// is over or the kit is stopped; [`ActError::Officers`].
    pub fn open_session(&self, cards: &[&dyn Card]) -> Result<Arc<Act>, ActError> {
        let reading = self.clock.read();
        let mut desk = self.desk();
        let draft = desk.book.open_session(reading).map_err(|refusal| {
            if refusal.reason == RefusalReason::NotHere {
                ActError::NoDay
            } else {
                self.refused(&refusal)
            }
        })?;
        self.sign_and_tell(&mut desk, draft, cards)
    }

    /// Says why keys of the commission above sign at this kit; they sign it.
    ///
    /// # Errors
    /// [`ActError::Reason`]; [`ActError::Officers`] when others than the commission above sign.
    pub fn break_glass(&self, reason: &str, cards: &[&dyn Card]) -> Result<Arc<Act>, ActError> {
        if !GLASS_REASONS.contains(&reason) {
            return Err(ActError::Reason(reason.to_owned()));
        }
        let reading = self.clock.read();
        let mut desk = self.desk();
        let draft = desk.book.break_glass(reason, reading);
        let draft = draft.map_err(|refusal| self.refused(&refusal))?;
        self.sign_and_tell(&mut desk, draft, cards)
    }

    /// What was said so at the kits that are known here: kit, when, why as a code.
    #[must_use]
    pub fn glass_said(&self) -> Vec<(String, Instant, String)> {
        let said = self.read(pollbook::Book::glass_said).unwrap_or_default();
        let name = |kit| self.charter.kit_name(Kid(kit));
        let said = said.into_iter();
        said.map(|one| (name(*one.kit), Instant::from_micros(one.at), one.reason))
            .collect()
    }

    /// The days of voting that are known here, election day first.
    #[must_use]
    pub fn days(&self) -> Vec<DayView> {
        self.read(|book| {
            let days = book.voting_days();
            let counts = book.day_counts();
            let kits = self.charter.kits();
            let view = |(at, day): (usize, &pollbook::VotingDay)| {
                let is_open = |kit: &&Kid| {
                    book.opened(**kit).is_some()
                        && (day.decision.is_none() || book.session(**kit) == day.decision)
                };
                let suspended = day.suspended.as_ref().and_then(|act| {
                    let Body::Suspended(body) = &act.body else {
                        return None;
                    };
                    let kit = self.charter.kit_name(act.name.kit);
                    Some((act.hlc.moment(), body.reason.clone(), kit))
                });
                DayView {
                    opens: Instant::from_micros(day.opens),
                    closes: Instant::from_micros(day.closes),
                    decision: day
                        .decision
                        .map(|id| lexicon::handover::envelope::hex(&id.0[..6])),
                    suspended,
                    kits: kits
                        .iter()
                        .filter(is_open)
                        .map(|kit| self.charter.kit_name(*kit))
                        .collect(),
                    counted: counts
                        .as_ref()
                        .and_then(|counts| counts.get(at))
                        .map_or_else(|| book.counted(), |count| count.counted),
                }
            };
            days.iter().enumerate().map(view).collect()
        })
    }

    /// Whether a decision is known that this kit is not open for.
    #[must_use]
    pub fn waits_for_session(&self) -> bool {
        self.read(|book| {
            let last = book.voting_days().last().and_then(|day| day.decision);
            last.is_some() && book.session(book.me()) != last
        })
    }
}

/// The last closing of the days that decisions beside the configuration, or in the kit's own journals, name: a kit that
/// was off when the package ran out is opened for the new day.
pub(super) fn last_closing(config: &KitConfig, charter: &Charter, me: Kid) -> Option<i64> {
    let ring = ring_of(charter, &config.publishers);
    let name = charter.kit_name(me);
    let journals = ["journal", "peers"].map(|kind| config.folder.join(format!("{name}.{kind}")));
    let journals = journals.iter().filter_map(|path| std::fs::read(path).ok());
    let mut found: Vec<Decided> = config
        .decisions
        .iter()
        .filter_map(|(_, signed)| Decided::read(signed).ok())
        .collect();
    for journal in journals {
        for event in unframe(&journal).events {
            if let Ok(act) = pollbook::admit(charter, event, &ring)
                && let Body::DayDecided(decided) = &act.body
            {
                found.push(Decided::clone(decided));
            }
        }
    }
    let held = found
        .iter()
        .filter(|decided| decided.verify(charter, &ring).is_ok());
    held.map(|decided| decided.decision.closes).max()
}

/// Whether keys of the commission above are refused because they have not said why.
pub(super) fn needs_reason(
    charter: &Charter,
    chosen: &[Kid],
    is_said: bool,
) -> Result<(), OfficersError> {
    let is_theirs = chosen.iter().any(|kid| charter.holder(*kid).is_some());
    if is_theirs && !is_said {
        Err(OfficersError::NoReason)
    } else {
        Ok(())
    }
}
