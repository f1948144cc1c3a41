//! Field verification: what a local commission may say about an entry of its lot, and what becomes of it.
//!
//! The base moves on while a lot is out. An answer states the version it saw: when the entry changed since, when
//! another answer holds, or when it came late, it is kept as such and never overwrites anything.

/// What an entry of a lot is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Subject {
    /// A row of the commission's list whom nobody in the register fits.
    Row,
    /// A person whose address lies in no precinct, or who has none.
    Person,
    /// An address that the boundaries leave in doubt.
    Address,
}

impl Subject {
    /// Every kind.
    pub const ALL: [Subject; 3] = [Subject::Row, Subject::Person, Subject::Address];

    /// The code in tables and files.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Subject::Row => "ROW",
            Subject::Person => "PERSON",
            Subject::Address => "ADDRESS",
        }
    }

    /// The kind with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// What was found on the spot.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Finding {
    /// The person lives there; the address belongs to the precinct named.
    LivesHere,
    /// The person lives elsewhere.
    NotHere,
    /// People there say that the person died: the civil registry is asked, nobody is struck by this.
    Died,
    /// There is no such house.
    NoSuchAddress,
    /// The house stands, and belongs to the precinct named.
    Belongs,
}

impl Finding {
    /// Every finding.
    pub const ALL: [Finding; 5] = [
        Finding::LivesHere,
        Finding::NotHere,
        Finding::Died,
        Finding::NoSuchAddress,
        Finding::Belongs,
    ];

    /// The code in tables and files.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Finding::LivesHere => "LIVES_HERE",
            Finding::NotHere => "NOT_HERE",
            Finding::Died => "DIED",
            Finding::NoSuchAddress => "NO_SUCH_ADDRESS",
            Finding::Belongs => "BELONGS",
        }
    }

    /// The finding with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|finding| finding.code() == code)
    }

    /// Whether it can be said of such an entry.
    #[must_use]
    pub fn fits(self, subject: Subject) -> bool {
        match (self, subject) {
            (Finding::NoSuchAddress, _)
            | (
                Finding::LivesHere | Finding::NotHere | Finding::Died,
                Subject::Row | Subject::Person,
            )
            | (Finding::Belongs, Subject::Address) => true,
            (Finding::LivesHere | Finding::NotHere | Finding::Died, Subject::Address)
            | (Finding::Belongs, Subject::Row | Subject::Person) => false,
        }
    }

    /// Whether it names a precinct.
    #[must_use]
    pub fn names_precinct(self) -> bool {
        match self {
            Finding::LivesHere | Finding::Belongs => true,
            Finding::NotHere | Finding::Died | Finding::NoSuchAddress => false,
        }
    }
}

/// What became of an answer from the field. It is kept in every state.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Merged {
    /// Taken: the first answer, in time, about what still holds.
    Taken,
    /// Says what an answer taken before says.
    Repeated,
    /// Says something else than an answer taken before.
    Contradicts,
    /// The entry changed after the version that the answer saw.
    ChangedSince,
    /// Came after the day the lot was due.
    Late,
    /// The lot has no such entry, or never had this version of it.
    Unknown,
}

impl Merged {
    /// Every state.
    pub const ALL: [Merged; 6] = [
        Merged::Taken,
        Merged::Repeated,
        Merged::Contradicts,
        Merged::ChangedSince,
        Merged::Late,
        Merged::Unknown,
    ];

    /// The code in tables.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Merged::Taken => "TAKEN",
            Merged::Repeated => "REPEATED",
            Merged::Contradicts => "CONTRADICTS",
            Merged::ChangedSince => "CHANGED_SINCE",
            Merged::Late => "LATE",
            Merged::Unknown => "UNKNOWN",
        }
    }

    /// The state with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

/// How an answer stands to the base.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// The version handed out; none when the lot has no such entry.
    pub handed: Option<&'a str>,
    /// The version that the answer states.
    pub stated: &'a str,
    /// The version of the entry now.
    pub now: &'a str,
    /// What an answer taken before says, and what this one says.
    pub before: Option<&'a str>,
    /// What this answer says.
    pub says: &'a str,
    /// It came after the day the lot was due.
    pub late: bool,
}

/// What becomes of an answer.
///
/// A contradiction outranks lateness: two commissions that differ are shown, whoever was late.
#[must_use]
pub fn merge(seen: Seen<'_>) -> Merged {
    if seen.handed != Some(seen.stated) {
        return Merged::Unknown;
    }
    match seen.before {
        Some(before) if before == seen.says => return Merged::Repeated,
        Some(_) => return Merged::Contradicts,
        None => {}
    }
    if seen.now != seen.stated {
        return Merged::ChangedSince;
    }
    if seen.late {
        return Merged::Late;
    }
    Merged::Taken
}

/// Where an entry stands, from the states of its answers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Progress {
    /// Answered, and nothing speaks against it.
    Done,
    /// Answers contradict each other, or the entry changed under the answer: a person looks.
    Conflict,
    /// Only late answers.
    Late,
    /// No answer.
    Open,
}

/// Where an entry stands.
#[must_use]
pub fn progress(states: &[Merged]) -> Progress {
    let has = |state| states.contains(&state);
    if has(Merged::Contradicts) || (has(Merged::ChangedSince) && !has(Merged::Taken)) {
        Progress::Conflict
    } else if has(Merged::Taken) {
        Progress::Done
    } else if has(Merged::Late) {
        Progress::Late
    } else {
        Progress::Open
    }
}

/// Where an entry stands after a person decided between its first `seen` answers.
///
/// What the person chose stands, and later answers are held against it: one that contradicts opens the entry again.
#[must_use]
pub fn progress_decided(states: &[Merged], seen: usize) -> Progress {
    let later = states.get(seen..).unwrap_or_default();
    if later.contains(&Merged::Contradicts) {
        Progress::Conflict
    } else {
        Progress::Done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_settles_what_it_saw_and_no_more() {
        let check = |states: &[Merged], seen, expected| {
            assert_eq!(
                progress_decided(states, seen),
                expected,
                "{states:?} {seen}"
            );
        };
        let two = [Merged::Taken, Merged::Contradicts];
        check(&two, 2, Progress::Done);
        check(&[Merged::Late], 1, Progress::Done);
        let more = [Merged::Taken, Merged::Contradicts, Merged::Contradicts];
        check(&more, 2, Progress::Conflict);
        check(&more, 3, Progress::Done);
        let same = [Merged::Taken, Merged::Contradicts, Merged::Repeated];
        check(&same, 2, Progress::Done);
    }

    const FINE: Seen<'static> = Seen {
        handed: Some("v1"),
        stated: "v1",
        now: "v1",
        before: None,
        says: "LIVES_HERE 1001",
        late: false,
    };

    #[test]
    fn only_a_timely_first_answer_about_what_still_holds_is_taken() {
        let check = |seen, expected| assert_eq!(merge(seen), expected, "{seen:?}");
        check(FINE, Merged::Taken);
        check(Seen { late: true, ..FINE }, Merged::Late);
        check(Seen { now: "v2", ..FINE }, Merged::ChangedSince);
        let handed = None;
        check(Seen { handed, ..FINE }, Merged::Unknown);
        let stated = "v2";
        check(Seen { stated, ..FINE }, Merged::Unknown);
        let before = Some("LIVES_HERE 1001");
        check(Seen { before, ..FINE }, Merged::Repeated);
        let before = Some("NOT_HERE");
        let late = true;
        check(
            Seen {
                before,
                late,
                ..FINE
            },
            Merged::Contradicts,
        );
    }

    #[test]
    fn nothing_that_waits_for_a_person_counts_as_done() {
        let check = |states: &[Merged], expected| assert_eq!(progress(states), expected);
        check(&[], Progress::Open);
        check(&[Merged::Unknown], Progress::Open);
        check(&[Merged::Taken, Merged::Repeated], Progress::Done);
        check(&[Merged::Taken, Merged::Contradicts], Progress::Conflict);
        check(&[Merged::ChangedSince], Progress::Conflict);
        check(&[Merged::Late], Progress::Late);
        check(&[Merged::Late, Merged::Taken], Progress::Done);
    }

    #[test]
    fn a_finding_fits_what_was_asked() {
        for finding in Finding::ALL {
            assert_eq!(Finding::from_code(finding.code()), Some(finding));
        }
        assert!(Finding::Belongs.fits(Subject::Address));
        assert!(!Finding::Belongs.fits(Subject::Person));
        assert!(!Finding::Died.fits(Subject::Address));
        assert!(Finding::NoSuchAddress.fits(Subject::Row));
    }
}
