//! Acts: the entries of the register's journal, and their stored form.
//!
//! The stored form of an act is its kind and a CBOR array of texts; every member has a fixed
//! place. Dates are `YYYY-MM-DD`, absence is the empty text. The form is hashed into the journal's
//! chain, so a kind never changes its places: a new need is a new kind.

use lexicon::handover::snapshot::{SecondAddressRow, StreetNameRow};
use lexicon::{
    CivilName, Date, DocumentNumber, FingerPosition, Instant, PersonId, Pin, PrecinctCode, Sex,
};
use minicbor::{Decoder, Encoder};

use crate::case::{CaseId, CaseKind, Outcome, VerdictId};
use crate::conflict::{ConflictKind, NoticeKind};
use crate::street::Rename;
use crate::words::{CivilEventKind, DocumentStatus, Region, ResidenceKind};

mod stored;
use stored::Places;

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

/// A record of the civil registry was found wrong and put right: what it says now counts since birth.
///
/// Each pair is what the register held before, and what holds now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    /// The source's id.
    pub event: String,
    /// On which day the act was made.
    pub day: Date,
    /// Number of the act record.
    pub act_number: String,
    /// Birth date.
    pub born: Option<(Date, Date)>,
    /// Name.
    pub name: Option<(CivilName, CivilName)>,
}

/// Where a precinct's polling station is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Premises {
    /// Address, Kyrgyz.
    pub address_ky: String,
    /// Address, Russian.
    pub address_ru: String,
    /// Longitude, micro-degrees (WGS 84).
    pub lon_microdegrees: i32,
    /// Latitude, micro-degrees.
    pub lat_microdegrees: i32,
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
    /// A document is something else than it was, from a day on.
    DocumentStatusChanged {
        /// Which document.
        number: DocumentNumber,
        /// What it was.
        before: DocumentStatus,
        /// What it is.
        status: DocumentStatus,
        /// The first day on which it is.
        from: Date,
    },
    /// A residence or stay was registered.
    Resided(Residence),
    /// A residence or stay that was registered without an end has one.
    ResidenceEnded {
        /// The source's address id.
        address: String,
        /// Residence or stay.
        kind: ResidenceKind,
        /// Its first day.
        from: Date,
        /// Its last day.
        until: Date,
    },
    /// A civil act.
    CivilEvent(CivilEvent),
    /// A civil act that puts a record right.
    Corrected(Correction),
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
    /// The polling station of a precinct moved.
    PremisesMoved {
        /// Which precinct.
        precinct: PrecinctCode,
        /// The first day on which it holds.
        from: Date,
        /// Where it was.
        before: Premises,
        /// Where it is.
        after: Premises,
    },
    /// A street is called otherwise from a day on.
    StreetRenamed {
        /// The source's street id.
        street: String,
        /// What its houses printed, what they print, and from which day.
        rename: Rename,
    },
    /// A name of a street beside the one that its houses print, or the end of one.
    StreetNamed(StreetNameRow),
    /// A building has a further address.
    SecondAddressGiven(SecondAddressRow),
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
            Act::DocumentStatusChanged { .. } => "document_status_changed",
            Act::Resided(_) => "resided",
            Act::ResidenceEnded { .. } => "residence_ended",
            Act::CivilEvent(_) => "civil_event",
            Act::Corrected(_) => "corrected",
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
            Act::PremisesMoved { .. } => "premises_moved",
            Act::StreetRenamed { .. } => "street_renamed",
            Act::StreetNamed(_) => "street_named",
            Act::SecondAddressGiven(_) => "second_address_given",
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
            Act::DocumentStatusChanged {
                number,
                before,
                status,
                from,
            } => vec![
                number.as_str().to_owned(),
                before.code().to_owned(),
                status.code().to_owned(),
                from.to_string(),
            ],
            Act::ResidenceEnded {
                address,
                kind,
                from,
                until,
            } => vec![
                address.clone(),
                kind.code().to_owned(),
                from.to_string(),
                until.to_string(),
            ],
            Act::Corrected(c) => {
                let mut texts = vec![c.event.clone(), c.day.to_string(), c.act_number.clone()];
                let (before, after) = c.born.unzip();
                texts.extend([day_text(before), day_text(after)]);
                let (before, after) = c.name.as_ref().map(|(a, b)| (a, b)).unzip();
                push_name(&mut texts, before);
                push_name(&mut texts, after);
                texts
            }
            Act::PremisesMoved {
                precinct,
                from,
                before,
                after,
            } => {
                let mut texts = vec![precinct.to_string(), from.to_string()];
                push_premises(&mut texts, before);
                push_premises(&mut texts, after);
                texts
            }
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
            Act::StreetRenamed { street, rename } => vec![
                street.clone(),
                rename.before.clone(),
                rename.after.clone(),
                rename.from.to_string(),
            ],
            Act::StreetNamed(row) => vec![
                row.street.clone(),
                row.name.clone(),
                day_text(row.from),
                day_text(row.until),
            ],
            Act::SecondAddressGiven(row) => vec![
                row.address.clone(),
                row.soate.to_string(),
                row.street.clone(),
                row.street_name.clone(),
                row.house.clone(),
            ],
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

fn push_premises(texts: &mut Vec<String>, place: &Premises) {
    texts.extend([
        place.address_ky.clone(),
        place.address_ru.clone(),
        place.lon_microdegrees.to_string(),
        place.lat_microdegrees.to_string(),
    ]);
}

fn push_pin(texts: &mut Vec<String>, claim: &PinClaim) {
    texts.extend([
        claim.pin.digits(),
        claim.source.clone(),
        day_text(claim.from),
        day_text(claim.until),
    ]);
}

#[cfg(test)]
mod tests;
