//! Acts: the entries of the register's journal, and their stored form.
//!
//! The stored form of an act is its kind and a CBOR array of texts; every member has a fixed
//! place. Dates are `YYYY-MM-DD`, absence is the empty text. The form is hashed into the journal's
//! chain, so a kind never changes its places: a new need is a new kind.

use lexicon::person::NameParts;
use lexicon::{CivilName, Date, DocumentNumber, FingerPosition, Instant, PersonId, Pin, Sex};
use minicbor::{Decoder, Encoder};

use crate::case::{CaseId, CaseKind, Outcome, VerdictId};
use crate::conflict::{ConflictKind, NoticeKind};
use crate::words::{CivilEventKind, DocumentStatus, Region, ResidenceKind};

/// One entry of the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Place in the journal, from 1.
    pub position: u64,
    /// When it was recorded.
    pub at: Instant,
    /// Who it is about, when it is about one person.
    pub person: Option<PersonId>,
    /// What happened.
    pub act: Act,
}

/// One claim that a PIN is a person's: with its source, its validity, and by [`Entry::at`] its recording time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinClaim {
    /// The number claimed.
    pub pin: Pin,
    /// Who says so.
    pub source: String,
    /// First day, when known.
    pub from: Option<Date>,
    /// Last day, when it ended.
    pub until: Option<Date>,
}

/// An identity document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Number.
    pub number: DocumentNumber,
    /// Issued on.
    pub issued: Date,
    /// Last day of validity.
    pub expires: Option<Date>,
    /// What became of it.
    pub status: DocumentStatus,
}

/// Somebody lives or stays at an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Residence {
    /// The source's address id.
    pub address: String,
    /// Residence or stay.
    pub kind: ResidenceKind,
    /// First day.
    pub from: Date,
    /// Last day, if it ended.
    pub until: Option<Date>,
}

/// A civil act after birth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CivilEvent {
    /// The source's id.
    pub event: String,
    /// What.
    pub kind: CivilEventKind,
    /// On which day it takes effect.
    pub day: Date,
    /// Number of the act record.
    pub act_number: String,
    /// The new name, for a change of name.
    pub name: Option<CivilName>,
}

/// A biometric capture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolment {
    /// The source's id.
    pub enrolment: String,
    /// Captured on.
    pub captured: Date,
    /// Duplicate check finished on; none: collected, not yet processed.
    pub processed: Option<Date>,
    /// Region of the campaign.
    pub region: Region,
    /// The kit, when known.
    pub kit: String,
    /// The operator, when known.
    pub operator: String,
}

/// What can happen in the register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// A person was taken into the register with the first claims about them.
    Recorded {
        /// The source's row id.
        source_row: String,
        /// Sex.
        sex: Sex,
        /// Birth date.
        born: Date,
        /// ISO 3166-1 alpha-3.
        citizenship: String,
        /// When the source recorded the person, if it says so.
        source_at: Option<Instant>,
        /// First name on file.
        name: CivilName,
        /// First PIN on file.
        pin: Option<PinClaim>,
    },
    /// A further claim to a PIN.
    PinClaimed(PinClaim),
    /// The person's claims to a PIN end.
    PinClaimEnded {
        /// The PIN.
        pin: Pin,
        /// Last day.
        on: Date,
        /// Who says so: the agency's act, without personal data.
        source: String,
    },
    /// A document was issued.
    DocumentIssued(Document),
    /// A residence or stay was registered.
    Resided(Residence),
    /// A civil act.
    CivilEvent(CivilEvent),
    /// A biometric capture arrived.
    Enrolled(Enrolment),
    /// The duplicate check of an enrolment was finished.
    Processed {
        /// Which enrolment.
        enrolment: String,
        /// On which day.
        on: Date,
    },
    /// Prints of an enrolment arrived; only their hashes stand here.
    PrintsReceived {
        /// Which enrolment.
        enrolment: String,
        /// Finger and SHA-256 of its record, in hexadecimal.
        prints: Vec<(FingerPosition, String)>,
    },
    /// A photograph of an enrolment arrived; only its hash stands here.
    PhotoReceived {
        /// Which enrolment.
        enrolment: String,
        /// SHA-256, in hexadecimal.
        sha256: String,
    },
    /// A case was opened.
    CaseOpened {
        /// The case.
        case: CaseId,
        /// What it asks.
        kind: CaseKind,
        /// The other record of the pair, or another holder of the PIN.
        other: PersonId,
    },
    /// A case was answered.
    VerdictGiven {
        /// The verdict.
        verdict: VerdictId,
        /// The case it answers.
        case: CaseId,
        /// What it says.
        outcome: Outcome,
        /// Hash of the policy in force, hexadecimal.
        policy: String,
    },
    /// A verdict no longer holds; its case is open again.
    VerdictReversed {
        /// The verdict.
        verdict: VerdictId,
        /// The case it answered.
        case: CaseId,
        /// Why, in the officer's words.
        reason: String,
    },
    /// A PIN conflict was opened in which the person has a record.
    ConflictOpened {
        /// The case.
        case: CaseId,
        /// What kind.
        kind: ConflictKind,
    },
    /// An officer accepts that a conflict is unresolved when the list is frozen.
    ConflictSignedOff {
        /// The case.
        case: CaseId,
        /// Why, in the officer's words, without personal data.
        reason: String,
    },
    /// The person is told something about a conflict; the text is country data.
    Told {
        /// The case.
        case: CaseId,
        /// What.
        notice: NoticeKind,
    },
    /// Rows of a table that is about no single person arrived.
    RowsReceived {
        /// Which table.
        table: String,
        /// How many rows.
        rows: u64,
        /// SHA-256 over the rows, hexadecimal.
        sha256: String,
    },
}

/// Why a stored act could not be read: an engineer must find out who changed the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("stored act cannot be read")]
pub struct DecodeActError;

impl Act {
    /// The kind that the journal carries.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Act::Recorded { .. } => "recorded",
            Act::PinClaimed(_) => "pin_claimed",
            Act::PinClaimEnded { .. } => "pin_claim_ended",
            Act::DocumentIssued(_) => "document_issued",
            Act::Resided(_) => "resided",
            Act::CivilEvent(_) => "civil_event",
            Act::Enrolled(_) => "enrolled",
            Act::Processed { .. } => "processed",
            Act::PrintsReceived { .. } => "prints_received",
            Act::PhotoReceived { .. } => "photo_received",
            Act::CaseOpened { .. } => "case_opened",
            Act::VerdictGiven { .. } => "verdict_given",
            Act::VerdictReversed { .. } => "verdict_reversed",
            Act::ConflictOpened { .. } => "conflict_opened",
            Act::ConflictSignedOff { .. } => "conflict_signed_off",
            Act::Told { .. } => "told",
            Act::RowsReceived { .. } => "rows_received",
        }
    }

    /// The stored form: a CBOR array of texts.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let texts = self.texts();
        let mut out = Vec::with_capacity(128);
        let mut encoder = Encoder::new(&mut out);
        let written = encoder.array(texts.len() as u64).and_then(|e| {
            for text in &texts {
                e.str(text)?;
            }
            Ok(())
        });
        written.expect("a Vec takes every byte");
        out
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// [`DecodeActError`] when kind or bytes are not what [`Act::to_bytes`] writes.
    pub fn from_bytes(kind: &str, bytes: &[u8]) -> Result<Act, DecodeActError> {
        let mut decoder = Decoder::new(bytes);
        let count = decoder.array().ok().flatten().ok_or(DecodeActError)?;
        let mut texts = Vec::new();
        for _ in 0..count {
            texts.push(decoder.str().map_err(|_| DecodeActError)?);
        }
        if decoder.position() != bytes.len() {
            return Err(DecodeActError);
        }
        let mut places = Places {
            texts: texts.into_iter(),
        };
        let act = places.act(kind)?;
        if places.texts.next().is_some() {
            Err(DecodeActError)
        } else {
            Ok(act)
        }
    }

    fn texts(&self) -> Vec<String> {
        match self {
            Act::Recorded {
                source_row,
                sex,
                born,
                citizenship,
                source_at,
                name,
                pin,
            } => {
                let mut texts = vec![
                    source_row.clone(),
                    sex.letter().to_string(),
                    born.to_string(),
                    citizenship.clone(),
                    source_at
                        .map(|at| at.micros().to_string())
                        .unwrap_or_default(),
                ];
                push_name(&mut texts, Some(name));
                if let Some(claim) = pin {
                    push_pin(&mut texts, claim);
                }
                texts
            }
            Act::PinClaimed(claim) => {
                let mut texts = Vec::new();
                push_pin(&mut texts, claim);
                texts
            }
            Act::PinClaimEnded { pin, on, source } => {
                vec![pin.digits(), on.to_string(), source.clone()]
            }
            Act::DocumentIssued(d) => vec![
                d.number.as_str().to_owned(),
                d.issued.to_string(),
                day_text(d.expires),
                d.status.code().to_owned(),
            ],
            Act::Resided(r) => {
                vec![
                    r.address.clone(),
                    r.kind.code().to_owned(),
                    r.from.to_string(),
                    day_text(r.until),
                ]
            }
            Act::CivilEvent(e) => {
                let mut texts = vec![
                    e.event.clone(),
                    e.kind.code().to_owned(),
                    e.day.to_string(),
                    e.act_number.clone(),
                ];
                push_name(&mut texts, e.name.as_ref());
                texts
            }
            Act::Enrolled(e) => vec![
                e.enrolment.clone(),
                e.captured.to_string(),
                day_text(e.processed),
                e.region.code().to_owned(),
                e.kit.clone(),
                e.operator.clone(),
            ],
            Act::Processed { enrolment, on } => vec![enrolment.clone(), on.to_string()],
            Act::PrintsReceived { enrolment, prints } => {
                let mut texts = vec![enrolment.clone()];
                for (finger, hash) in prints {
                    texts.push(finger.number().to_string());
                    texts.push(hash.clone());
                }
                texts
            }
            Act::PhotoReceived { enrolment, sha256 } => vec![enrolment.clone(), sha256.clone()],
            Act::CaseOpened { case, kind, other } => {
                vec![case.to_string(), kind.code().to_owned(), other.to_string()]
            }
            Act::VerdictGiven {
                verdict,
                case,
                outcome,
                policy,
            } => {
                let mut texts = vec![
                    verdict.to_string(),
                    case.to_string(),
                    policy.clone(),
                    outcome.code().to_owned(),
                ];
                match outcome {
                    Outcome::Distinct => {}
                    Outcome::Duplicate { person, of } => {
                        texts.extend([person.to_string(), of.to_string()])
                    }
                    Outcome::PinKept { keeper } => texts.push(keeper.to_string()),
                }
                texts
            }
            Act::VerdictReversed {
                verdict,
                case,
                reason,
            } => {
                vec![verdict.to_string(), case.to_string(), reason.clone()]
            }
            Act::ConflictOpened { case, kind } => {
                vec![case.to_string(), kind.code().to_owned()]
            }
            Act::ConflictSignedOff { case, reason } => vec![case.to_string(), reason.clone()],
            Act::Told { case, notice } => vec![case.to_string(), notice.code().to_owned()],
            Act::RowsReceived {
                table,
                rows,
                sha256,
            } => {
                vec![table.clone(), rows.to_string(), sha256.clone()]
            }
        }
    }
}

fn day_text(day: Option<Date>) -> String {
    day.map(|d| d.to_string()).unwrap_or_default()
}

fn push_name(texts: &mut Vec<String>, name: Option<&CivilName>) {
    for part in [CivilName::surname, CivilName::given, CivilName::patronymic] {
        texts.push(name.map(part).unwrap_or_default().to_owned());
    }
}

fn push_pin(texts: &mut Vec<String>, claim: &PinClaim) {
    texts.extend([
        claim.pin.digits(),
        claim.source.clone(),
        day_text(claim.from),
        day_text(claim.until),
    ]);
}

/// Takes the texts of a stored act place by place.
struct Places<'a> {
    texts: std::vec::IntoIter<&'a str>,
}

impl Places<'_> {
    fn act(&mut self, kind: &str) -> Result<Act, DecodeActError> {
        Ok(match kind {
            "recorded" => Act::Recorded {
                source_row: self.text()?,
                sex: self.parsed()?,
                born: self.day()?,
                citizenship: self.text()?,
                source_at: match self.text()? {
                    empty if empty.is_empty() => None,
                    micros => Some(Instant::from_micros(
                        micros.parse().map_err(|_| DecodeActError)?,
                    )),
                },
                name: self.name()?.ok_or(DecodeActError)?,
                pin: if self.texts.len() > 0 {
                    Some(self.pin()?)
                } else {
                    None
                },
            },
            "pin_claimed" => Act::PinClaimed(self.pin()?),
            "pin_claim_ended" => Act::PinClaimEnded {
                pin: Pin::from_stored(self.parsed()?),
                on: self.day()?,
                source: self.text()?,
            },
            "document_issued" => Act::DocumentIssued(Document {
                number: DocumentNumber::parse(self.next()?).map_err(|_| DecodeActError)?,
                issued: self.day()?,
                expires: self.some_day()?,
                status: self.word(DocumentStatus::from_code)?,
            }),
            "resided" => Act::Resided(Residence {
                address: self.text()?,
                kind: self.word(ResidenceKind::from_code)?,
                from: self.day()?,
                until: self.some_day()?,
            }),
            "civil_event" => Act::CivilEvent(CivilEvent {
                event: self.text()?,
                kind: self.word(CivilEventKind::from_code)?,
                day: self.day()?,
                act_number: self.text()?,
                name: self.name()?,
            }),
            "enrolled" => Act::Enrolled(Enrolment {
                enrolment: self.text()?,
                captured: self.day()?,
                processed: self.some_day()?,
                region: self.word(Region::from_code)?,
                kit: self.text()?,
                operator: self.text()?,
            }),
            "processed" => Act::Processed {
                enrolment: self.text()?,
                on: self.day()?,
            },
            "prints_received" => self.prints()?,
            "photo_received" => Act::PhotoReceived {
                enrolment: self.text()?,
                sha256: self.text()?,
            },
            "case_opened" => Act::CaseOpened {
                case: self.parsed()?,
                kind: self.word(CaseKind::from_code)?,
                other: self.parsed()?,
            },
            "verdict_given" => {
                let (verdict, case, policy) = (self.parsed()?, self.parsed()?, self.text()?);
                Act::VerdictGiven {
                    verdict,
                    case,
                    outcome: self.outcome()?,
                    policy,
                }
            }
            "verdict_reversed" => Act::VerdictReversed {
                verdict: self.parsed()?,
                case: self.parsed()?,
                reason: self.text()?,
            },
            "conflict_opened" => Act::ConflictOpened {
                case: self.parsed()?,
                kind: self.word(ConflictKind::from_code)?,
            },
            "conflict_signed_off" => Act::ConflictSignedOff {
                case: self.parsed()?,
                reason: self.text()?,
            },
            "told" => Act::Told {
                case: self.parsed()?,
                notice: self.word(NoticeKind::from_code)?,
            },
            "rows_received" => Act::RowsReceived {
                table: self.text()?,
                rows: self.parsed()?,
                sha256: self.text()?,
            },
            _ => return Err(DecodeActError),
        })
    }

    fn next(&mut self) -> Result<&str, DecodeActError> {
        self.texts.next().ok_or(DecodeActError)
    }

    fn text(&mut self) -> Result<String, DecodeActError> {
        self.next().map(str::to_owned)
    }

    fn parsed<T: std::str::FromStr>(&mut self) -> Result<T, DecodeActError> {
        self.next()?.parse().map_err(|_| DecodeActError)
    }

    fn day(&mut self) -> Result<Date, DecodeActError> {
        self.parsed()
    }

    fn some_day(&mut self) -> Result<Option<Date>, DecodeActError> {
        let text = self.next()?;
        if text.is_empty() {
            Ok(None)
        } else {
            text.parse().map(Some).map_err(|_| DecodeActError)
        }
    }

    fn word<T>(&mut self, from_code: fn(&str) -> Option<T>) -> Result<T, DecodeActError> {
        from_code(self.next()?).ok_or(DecodeActError)
    }

    fn name(&mut self) -> Result<Option<CivilName>, DecodeActError> {
        let (surname, given, patronymic) = (self.text()?, self.text()?, self.text()?);
        if surname.is_empty() && given.is_empty() {
            return Ok(None);
        }
        CivilName::parse(NameParts {
            surname: &surname,
            given: &given,
            patronymic: &patronymic,
        })
        .map(Some)
        .map_err(|_| DecodeActError)
    }

    fn pin(&mut self) -> Result<PinClaim, DecodeActError> {
        Ok(PinClaim {
            pin: Pin::from_stored(self.parsed()?),
            source: self.text()?,
            from: self.some_day()?,
            until: self.some_day()?,
        })
    }

    fn prints(&mut self) -> Result<Act, DecodeActError> {
        let enrolment = self.text()?;
        let mut prints = Vec::new();
        while self.texts.len() > 0 {
            let finger = FingerPosition::new(self.parsed()?).ok_or(DecodeActError)?;
            prints.push((finger, self.text()?));
        }
        Ok(Act::PrintsReceived { enrolment, prints })
    }

    fn outcome(&mut self) -> Result<Outcome, DecodeActError> {
        Ok(match self.next()? {
            "distinct" => Outcome::Distinct,
            "duplicate" => Outcome::Duplicate {
                person: self.parsed()?,
                of: self.parsed()?,
            },
            "pin_kept" => Outcome::PinKept {
                keeper: self.parsed()?,
            },
            _ => return Err(DecodeActError),
        })
    }
}

#[cfg(test)]
mod tests;
