//! PIN conflicts: one PIN that several people hold, one person with several PINs, and what the
//! issuing agency's answer does.
//!
//! The agency gets every conflict as numbered records (A, B, C …) and writes a word beside each. What the words
//! of one case come to is decided here; nothing changes unless they agree with what was asked and with
//! what the register holds now.

use lexicon::{PersonId, Pin};

use crate::case::CaseId;

/// What kind of conflict.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ConflictKind {
    /// One PIN, held by two or more people.
    SharedPin,
    /// One person, holding two or more PINs.
    TwoPins,
}

impl ConflictKind {
    /// Both kinds.
    pub const ALL: [ConflictKind; 2] = [ConflictKind::SharedPin, ConflictKind::TwoPins];

    /// The code that tables and files carry.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            ConflictKind::SharedPin => "SHARED_PIN",
            ConflictKind::TwoPins => "TWO_PINS",
        }
    }

    /// The kind with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// One record of a conflict: a person and a PIN they claim.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Holding {
    /// Whose record.
    pub person: PersonId,
    /// The PIN claimed.
    pub pin: Pin,
}

/// The case about the PINs of one person; another set of PINs is another case.
#[must_use]
pub fn two_pins_case(person: PersonId, pins: &[Pin]) -> CaseId {
    let mut sorted: Vec<String> = pins.iter().map(|pin| pin.digits()).collect();
    sorted.sort();
    sorted.dedup();
    CaseId::of(&["two_pins", &person.to_string(), &sorted.join(" ")])
}

/// The letter of a record: `A` for the first; after `Z` it goes on with `AA`.
#[must_use]
pub fn letter(place: usize) -> String {
    let last = char::from(b'A' + u8::try_from(place % 26).unwrap_or(0));
    match (place / 26).checked_sub(1) {
        Some(before) => letter(before) + &last.to_string(),
        None => last.to_string(),
    }
}

/// The word that the agency writes beside one record.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Word {
    /// The PIN is rightly this record's.
    Keeps,
    /// The claim ends; the person gets this PIN.
    NewPin(Pin),
    /// The claim ends.
    Ends,
    /// The records are one person: it goes to the experts, who decide.
    OnePerson,
    /// The agency cannot say.
    CannotSay,
}

impl Word {
    /// The code in files; the new PIN stands in a cell of its own.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Word::Keeps => "KEEPS",
            Word::NewPin(_) => "NEW_PIN",
            Word::Ends => "ENDS",
            Word::OnePerson => "ONE_PERSON",
            Word::CannotSay => "CANNOT_SAY",
        }
    }

    /// Reads a code and the cell of the new PIN.
    #[must_use]
    pub fn parse(code: &str, new_pin: Option<Pin>) -> Option<Self> {
        Some(match (code, new_pin) {
            ("KEEPS", None) => Word::Keeps,
            ("NEW_PIN", Some(pin)) => Word::NewPin(pin),
            ("ENDS", None) => Word::Ends,
            ("ONE_PERSON", None) => Word::OnePerson,
            ("CANNOT_SAY", None) => Word::CannotSay,
            (_, _) => return None,
        })
    }
}

/// What became of an answer. It is kept in every state.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum AnswerState {
    /// Its acts were entered.
    Applied,
    /// The records may be one person: a duplicate case was opened for the experts.
    Referred,
    /// The agency cannot say: the conflict stays open.
    CannotSay,
    /// It says again what holds already.
    Repeated,
    /// It came after the day it was due; the registrar decides whether it is taken.
    Late,
    /// It contradicts an answer or a verdict that holds.
    Contradicts,
    /// Records were added to the conflict after the lot was made.
    ChangedSince,
    /// The register has no such case.
    UnknownCase,
    /// The case was not in that lot.
    NotInLot,
}

impl AnswerState {
    /// Every state.
    pub const ALL: [AnswerState; 9] = [
        AnswerState::Applied,
        AnswerState::Referred,
        AnswerState::CannotSay,
        AnswerState::Repeated,
        AnswerState::Late,
        AnswerState::Contradicts,
        AnswerState::ChangedSince,
        AnswerState::UnknownCase,
        AnswerState::NotInLot,
    ];

    /// The code that tables carry.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            AnswerState::Applied => "APPLIED",
            AnswerState::Referred => "REFERRED",
            AnswerState::CannotSay => "CANNOT_SAY",
            AnswerState::Repeated => "REPEATED",
            AnswerState::Late => "LATE",
            AnswerState::Contradicts => "CONTRADICTS",
            AnswerState::ChangedSince => "CHANGED_SINCE",
            AnswerState::UnknownCase => "UNKNOWN_CASE",
            AnswerState::NotInLot => "NOT_IN_LOT",
        }
    }

    /// The state with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

/// What an answer changes; each is one journalled act.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Effect {
    /// The shared PIN is this person's; the other claims to it end by the verdict.
    KeptBy(PersonId),
    /// The person's claim to a PIN ends.
    End(Holding),
    /// The person claims a PIN from now on.
    Claim(Holding),
    /// A duplicate case about two records is opened.
    Refer(PersonId, PersonId),
}

/// What is told to a person of a conflict.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum NoticeKind {
    /// The PIN is in conflict; the agency was asked.
    Opened,
    /// The PIN stays theirs.
    Kept,
    /// They got another PIN.
    Changed,
    /// The PIN is not theirs and no other was given yet.
    Ended,
    /// Of their PINs one holds from now on.
    OneLeft,
}

impl NoticeKind {
    /// Every kind.
    pub const ALL: [NoticeKind; 5] = [
        NoticeKind::Opened,
        NoticeKind::Kept,
        NoticeKind::Changed,
        NoticeKind::Ended,
        NoticeKind::OneLeft,
    ];

    /// The code that tables and texts carry.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            NoticeKind::Opened => "CONFLICT_OPENED",
            NoticeKind::Kept => "PIN_KEPT",
            NoticeKind::Changed => "PIN_CHANGED",
            NoticeKind::Ended => "PIN_ENDED",
            NoticeKind::OneLeft => "ONE_PIN_LEFT",
        }
    }

    /// The kind with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// Why the words of a case come to nothing: whoever filled the file mends it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum WordsError {
    /// A record that was asked about has no word.
    #[error("a record of the case has no answer; answer every record or none")]
    Incomplete,
    /// Not exactly one record keeps its PIN.
    #[error("exactly one record of a case keeps its PIN")]
    Keepers,
    /// A word that does not fit the kind of conflict.
    #[error("this word does not fit the kind of the case")]
    Misfit,
    /// `ONE_PERSON` or `CANNOT_SAY` is said of the whole case.
    #[error("ONE_PERSON and CANNOT_SAY are said of every record of the case")]
    Mixed,
    /// The new PIN is the one in conflict, or given twice.
    #[error("the new PIN is the one in conflict or stands twice")]
    NewPin,
}

/// What the words beside the records of one case come to.
///
/// `records` as sent, in order; `words` of the same length. `counted` is the record that is counted of
/// a person with several records.
///
/// # Errors
/// [`WordsError`].
pub fn effects(
    kind: ConflictKind,
    records: &[Holding],
    words: &[Option<Word>],
    counted: PersonId,
) -> Result<Vec<Effect>, WordsError> {
    let words: Vec<Word> = words.iter().copied().flatten().collect();
    if words.len() != records.len() || words.is_empty() {
        return Err(WordsError::Incomplete);
    }
    let all = |word| words.iter().all(|said| *said == word);
    if all(Word::CannotSay) {
        return Ok(Vec::new());
    }
    if all(Word::OnePerson) {
        return match (kind, records) {
            (ConflictKind::SharedPin, [first, rest @ ..]) => Ok(rest
                .iter()
                .map(|other| Effect::Refer(first.person, other.person))
                .collect()),
            (ConflictKind::TwoPins | ConflictKind::SharedPin, _) => Err(WordsError::Misfit),
        };
    }
    if words.contains(&Word::CannotSay) || words.contains(&Word::OnePerson) {
        return Err(WordsError::Mixed);
    }
    let mut keepers = records
        .iter()
        .zip(&words)
        .filter(|(_, w)| **w == Word::Keeps);
    let (Some((keeper, _)), None) = (keepers.next(), keepers.next()) else {
        return Err(WordsError::Keepers);
    };
    match kind {
        ConflictKind::SharedPin => shared_pin(records, &words, *keeper),
        ConflictKind::TwoPins => two_pins(records, &words, *keeper, counted),
    }
}

fn shared_pin(
    records: &[Holding],
    words: &[Word],
    keeper: Holding,
) -> Result<Vec<Effect>, WordsError> {
    let mut effects = vec![Effect::KeptBy(keeper.person)];
    let mut given = vec![keeper.pin];
    for (record, word) in records.iter().zip(words) {
        if let Word::NewPin(pin) = *word {
            if given.contains(&pin) {
                return Err(WordsError::NewPin);
            }
            given.push(pin);
            let person = record.person;
            effects.push(Effect::Claim(Holding { person, pin }));
        }
    }
    Ok(effects)
}

/// The counted record holds the PIN that stays, and nobody else of the person's records holds any.
fn two_pins(
    records: &[Holding],
    words: &[Word],
    keeper: Holding,
    counted: PersonId,
) -> Result<Vec<Effect>, WordsError> {
    if words.iter().any(|word| matches!(word, Word::NewPin(_))) {
        return Err(WordsError::Misfit);
    }
    let stays = Holding {
        person: counted,
        pin: keeper.pin,
    };
    let mut effects: Vec<Effect> = records
        .iter()
        .filter(|record| **record != stays)
        .map(|record| Effect::End(*record))
        .collect();
    if !records.contains(&stays) {
        effects.push(Effect::Claim(stays));
    }
    Ok(effects)
}

/// How an answer stands to what holds.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    /// The case was in the lot that the answer names.
    pub in_lot: bool,
    /// The conflict is settled: by the same words, by others, or not at all.
    pub settled: Settled,
    /// Records were added after the lot was made.
    pub changed: bool,
    /// The answer came after its day and nobody accepted that.
    pub late: bool,
}

/// Whether a conflict is settled when an answer arrives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Settled {
    /// Not yet.
    No,
    /// By what this answer says too.
    Alike,
    /// By something else.
    Otherwise,
}

/// What becomes of an answer whose words were understood.
#[must_use]
pub fn judge(standing: Standing, effects: &[Effect]) -> AnswerState {
    if !standing.in_lot {
        return AnswerState::NotInLot;
    }
    match standing.settled {
        Settled::Alike => return AnswerState::Repeated,
        Settled::Otherwise => return AnswerState::Contradicts,
        Settled::No => {}
    }
    if standing.changed {
        return AnswerState::ChangedSince;
    }
    if standing.late {
        return AnswerState::Late;
    }
    match effects {
        [] => AnswerState::CannotSay,
        [Effect::Refer(..), ..] => AnswerState::Referred,
        [Effect::KeptBy(_) | Effect::End(_) | Effect::Claim(_), ..] => AnswerState::Applied,
    }
}

/// What the people of a conflict are told when an answer was applied: each person once.
#[must_use]
pub fn notices(records: &[Holding], effects: &[Effect]) -> Vec<(PersonId, NoticeKind)> {
    let keeper = effects.iter().find_map(|effect| match effect {
        Effect::KeptBy(person) => Some(*person),
        Effect::End(_) | Effect::Claim(_) | Effect::Refer(..) => None,
    });
    let claims = |person| {
        effects
            .iter()
            .any(|e| matches!(e, Effect::Claim(h) if h.person == person))
    };
    let mut told: Vec<(PersonId, NoticeKind)> = records
        .iter()
        .map(|record| {
            let kind = match keeper {
                None => NoticeKind::OneLeft,
                Some(keeper) if keeper == record.person => NoticeKind::Kept,
                Some(_) if claims(record.person) => NoticeKind::Changed,
                Some(_) => NoticeKind::Ended,
            };
            (record.person, kind)
        })
        .collect();
    told.sort_unstable();
    told.dedup();
    told
}

#[cfg(test)]
mod tests;
