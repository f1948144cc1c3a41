//! The shipped transition function, and fifteen ways to break it: a check that nothing breaks is no check.
//!
//! Every call of the simulator and of the model goes through [`Rules`]; without a mutation it hands on
//! what `pollbook` says, unchanged.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use lexicon::handover::envelope::{EnvelopeError, Kid, Verifier};
use lexicon::handover::event::Incident;
use lexicon::{Instant, RefusalReason};
use pollbook::{
    Act, Body, Book, CheckIn, GrantAnswer, GrantAsk, Merged, Owed, Place, Reading, Refusal,
    Rejection, Step, grant_of, identified, taken_of,
};

use crate::plan::Fault;

/// A planted fault.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mutation {
    /// A second check-in replaces the first instead of standing beside it.
    LastWriteWins,
    /// A receipt is printed before the disk holds its event.
    NoFsync,
    /// What a retired kit does counts as if it were not retired.
    AcceptAfterRetire,
    /// A voter whose act stands without a receipt is sent away.
    NoResume,
    /// Events are taken in without looking at their signatures.
    UnsignedMerge,
    /// A peer's clock is followed wherever it goes.
    UnboundedClock,
    /// After a restart the kit goes on from an older counter.
    FallingCounter,
    /// An owner grants a line that it has granted already.
    GrantTwice,
    /// Nobody looks at the paper line.
    NoPaper,
    /// A kit that took a change of the list in serves a line that it struck.
    ServeStruck,
    /// A kit serves on after it heard that the precinct was closed before its time.
    ServeSuspended,
    /// On the second day a kit begins with nobody marked.
    ForgetYesterday,
    /// What was entered from paper marks nobody.
    PaperForgotten,
    /// A card that was withdrawn goes on signing.
    WithdrawnCard,
    /// A receipt that did not come out is printed as soon as the kit runs again.
    HastyPrint,
}

impl Mutation {
    /// All of them.
    pub const ALL: &[Self] = &[
        Mutation::LastWriteWins,
        Mutation::NoFsync,
        Mutation::AcceptAfterRetire,
        Mutation::NoResume,
        Mutation::UnsignedMerge,
        Mutation::UnboundedClock,
        Mutation::FallingCounter,
        Mutation::GrantTwice,
        Mutation::NoPaper,
        Mutation::ServeStruck,
        Mutation::ServeSuspended,
        Mutation::ForgetYesterday,
        Mutation::PaperForgotten,
        Mutation::WithdrawnCard,
        Mutation::HastyPrint,
    ];

    /// The name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Mutation::LastWriteWins => "last-write-wins",
            Mutation::NoFsync => "no-fsync",
            Mutation::AcceptAfterRetire => "accept-after-retire",
            Mutation::NoResume => "no-resume",
            Mutation::UnsignedMerge => "unsigned-merge",
            Mutation::UnboundedClock => "unbounded-clock",
            Mutation::FallingCounter => "falling-counter",
            Mutation::GrantTwice => "grant-twice",
            Mutation::NoPaper => "no-paper",
            Mutation::ServeStruck => "serve-struck",
            Mutation::ServeSuspended => "serve-suspended",
            Mutation::ForgetYesterday => "forget-yesterday",
            Mutation::PaperForgotten => "paper-forgotten",
            Mutation::WithdrawnCard => "withdrawn-card",
            Mutation::HastyPrint => "hasty-print",
        }
    }

    /// Troubles in whose neighbourhood it bites: every second trouble of a run that plants it.
    #[must_use]
    pub fn near(self) -> &'static [Fault] {
        match self {
            Mutation::LastWriteWins => &[Fault::Takeover, Fault::Mistake, Fault::Clone],
            Mutation::NoFsync | Mutation::FallingCounter | Mutation::HastyPrint => {
                &[Fault::Power, Fault::Crash]
            }
            Mutation::AcceptAfterRetire => &[Fault::Mistake],
            Mutation::NoResume => &[Fault::Power, Fault::Takeover],
            Mutation::UnsignedMerge => &[Fault::Receipt, Fault::Peer],
            Mutation::UnboundedClock => &[Fault::Skew],
            Mutation::GrantTwice => &[Fault::Race],
            Mutation::NoPaper => &[Fault::Partition, Fault::Takeover],
            Mutation::ServeStruck => &[Fault::List],
            Mutation::ServeSuspended | Mutation::ForgetYesterday => &[Fault::SecondDay],
            Mutation::PaperForgotten => &[Fault::Paper],
            Mutation::WithdrawnCard => &[Fault::Card, Fault::Partition],
        }
    }

    /// Why the mutation changes nothing in such a hall; `None` when it does.
    #[must_use]
    pub fn idle(self, kits: usize, policy: &str) -> Option<&'static str> {
        if self == Mutation::GrantTwice && kits < 2 {
            Some("one kit grants nothing: give at least two")
        } else if self == Mutation::NoPaper && policy == "quorum" {
            Some("under quorum nobody looks at the paper line")
        } else {
            None
        }
    }

    /// The mutation with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|one| one.name() == name)
    }
}

impl fmt::Display for Mutation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Takes every signature for good.
struct Anything;

impl Verifier for Anything {
    fn verify(&self, _: Kid, _: &[u8], _: &[u8; 64]) -> Result<(), EnvelopeError> {
        Ok(())
    }
}

/// The shipped rules with at most one fault planted; remembers what it admitted, since admitting is a
/// function of charter, known lists and bytes alone.
pub struct Rules {
    /// The planted fault.
    pub mutation: Option<Mutation>,
    admitted: HashMap<Box<[u8]>, Result<Arc<Act>, Rejection>>,
}

impl Rules {
    /// Rules of one day.
    #[must_use]
    pub fn new(mutation: Option<Mutation>) -> Self {
        Self {
            mutation,
            admitted: HashMap::new(),
        }
    }

    /// Whether this fault is planted.
    #[must_use]
    pub fn has(&self, mutation: Mutation) -> bool {
        self.mutation == Some(mutation)
    }

    /// The door of a book.
    ///
    /// # Errors
    /// [`Rejection`], as the shipped door says.
    pub fn admit(
        &mut self,
        book: &Book,
        signed: &[u8],
        ring: &dyn Verifier,
    ) -> Result<Arc<Act>, Rejection> {
        if let Some(known) = self.admitted.get(signed) {
            // Which lists are known is the book's.
            return match known {
                Ok(act) if book.list().lines_at(&act.root).is_none() => Err(Rejection::Root),
                known => known.clone(),
            };
        }
        let ring: &dyn Verifier = if self.has(Mutation::UnsignedMerge) {
            &Anything
        } else {
            ring
        };
        let act = book.admit(signed, ring).map(Arc::new);
        if act != Err(Rejection::Root) {
            self.admitted.insert(signed.into(), act.clone());
        }
        act
    }

    /// Takes an act into a book.
    pub fn merge(&self, book: &mut Book, act: Arc<Act>, wall: Option<Instant>) -> Merged {
        merge(self.mutation, book, act, wall)
    }

    /// Decides a check-in.
    ///
    /// # Errors
    /// [`Refusal`], as the shipped rule says.
    pub fn check_in(
        &self,
        book: &mut Book,
        act: &CheckIn,
        reading: Reading,
    ) -> Result<Step, Refusal> {
        check_in(self.mutation, book, act, reading)
    }

    /// Whether a receipt that did not come out may be printed now.
    #[must_use]
    pub fn owed(&self, book: &mut Book, receipt: u32, reading: Reading) -> Owed {
        owed(self.mutation, book, receipt, reading)
    }

    /// Decides a peer's wish.
    #[must_use]
    pub fn grant(&self, book: &mut Book, ask: GrantAsk, reading: Reading) -> GrantAnswer {
        grant(self.mutation, book, ask, reading)
    }
}

/// Decides a check-in, the way the mutation has it.
///
/// # Errors
/// [`Refusal`], as the shipped rule says.
pub fn check_in(
    mutation: Option<Mutation>,
    book: &mut Book,
    act: &CheckIn,
    reading: Reading,
) -> Result<Step, Refusal> {
    let decided = book.check_in(act, reading);
    match (&decided, mutation) {
        (Err(refusal), Some(Mutation::ServeSuspended))
            if refusal.reason == RefusalReason::Suspended =>
        {
            return without(book, |act| matches!(act.body, Body::Suspended(_)))
                .check_in(act, reading);
        }
        (Err(refusal), Some(Mutation::ForgetYesterday))
            if refusal.reason == RefusalReason::Already && book.session(book.me()).is_some() =>
        {
            return without(book, |act| identified(act).is_some()).check_in(act, reading);
        }
        (Err(refusal), Some(Mutation::PaperForgotten))
            if refusal.reason == RefusalReason::Already =>
        {
            return without(book, |act| matches!(act.body, Body::PaperServed(_)))
                .check_in(act, reading);
        }
        _ => {}
    }
    let is_struck = matches!(&decided, Err(refusal) if refusal.reason == RefusalReason::Struck);
    if !is_struck || mutation != Some(Mutation::ServeStruck) {
        return decided;
    }
    without(book, |act| taken_of(act).is_some()).check_in(act, reading)
}

/// Takes an act into a book, the way the mutation has it.
pub fn merge(
    mutation: Option<Mutation>,
    book: &mut Book,
    act: Arc<Act>,
    wall: Option<Instant>,
) -> Merged {
    match mutation {
        Some(Mutation::UnboundedClock) => book.merge(act, None),
        Some(Mutation::LastWriteWins) if identified(&act).is_some() => {
            let before = book.state(act.body.line()).counted.clone();
            let merged = book.merge(Arc::clone(&act), wall);
            match before {
                Some(old) if merged != Merged::Known && old.name != act.name => {
                    let (newer, older) = if act.order() > old.order() {
                        (act, old)
                    } else {
                        (old, act)
                    };
                    *book = without(book, |other| {
                        other.name == older.name && other.name != newer.name
                    });
                }
                Some(_) | None => {}
            }
            merged
        }
        Some(Mutation::AcceptAfterRetire) => {
            let mut act = act;
            if book.standing().place(&act) == Place::After
                && let Some(how) = book.standing().retirement(act.name.kit)
            {
                let mut early = Act::clone(&act);
                early.hlc = how.hlc;
                act = Arc::new(early);
            }
            book.merge(act, wall)
        }
        Some(_) | None => book.merge(act, wall),
    }
}

/// Whether a receipt that did not come out may be printed now, the way the mutation has it.
pub fn owed(mutation: Option<Mutation>, book: &mut Book, receipt: u32, reading: Reading) -> Owed {
    if mutation == Some(Mutation::HastyPrint) {
        return Owed::Print;
    }
    book.owed(receipt, reading)
}

/// Decides a peer's wish, the way the mutation has it.
pub fn grant(
    mutation: Option<Mutation>,
    book: &mut Book,
    ask: GrantAsk,
    reading: Reading,
) -> GrantAnswer {
    if mutation != Some(Mutation::GrantTwice) || book.block().is_some() {
        return book.grant(ask, reading);
    }
    let me = book.me();
    let mut forgetful = without(book, |act| {
        act.name.kit == me && act.body.line() == ask.line && grant_of(act).is_some()
    });
    forgetful.grant(ask, reading)
}

/// The book as if these events said nothing; their counters stay.
fn without(book: &Book, gone: impl Fn(&Act) -> bool) -> Book {
    let mut other = Book::new(
        Arc::new(book.charter().clone()),
        book.me(),
        book.home_lines().to_vec(),
    );
    for act in book.events() {
        let act = if gone(act) {
            let mut blank = Act::clone(act);
            blank.body = Body::Incident(Incident {
                code: "GONE".to_owned(),
                line: 0,
                evidence: Vec::new(),
            });
            Arc::new(blank)
        } else {
            Arc::clone(act)
        };
        other.merge(act, None);
    }
    other
}
