//! Reads the stored form of an act, place by place.

use lexicon::handover::snapshot::{SecondAddressRow, StreetNameRow};
use lexicon::person::NameParts;
use lexicon::{CivilName, Date, DocumentNumber, FingerPosition, Instant, Pin};

use super::{
    Act, CivilEvent, Correction, DecodeActError, Document, Enrolment, PinClaim, Premises, Residence,
};
use crate::case::{CaseKind, Outcome};
use crate::conflict::{ConflictKind, NoticeKind};
use crate::street::Rename;
use crate::words::{CivilEventKind, DocumentStatus, Region, ResidenceKind};

/// Takes the texts of a stored act place by place.
pub(super) struct Places<'a> {
    pub(super) texts: std::vec::IntoIter<&'a str>,
}

impl Places<'_> {
    pub(super) fn act(&mut self, kind: &str) -> Result<Act, DecodeActError> {
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
            "document_status_changed" => Act::DocumentStatusChanged {
                number: DocumentNumber::parse(self.next()?).map_err(|_| DecodeActError)?,
                before: self.word(DocumentStatus::from_code)?,
                status: self.word(DocumentStatus::from_code)?,
                from: self.day()?,
            },
            "residence_ended" => Act::ResidenceEnded {
                address: self.text()?,
                kind: self.word(ResidenceKind::from_code)?,
                from: self.day()?,
                until: self.day()?,
            },
            "corrected" => Act::Corrected(Correction {
                event: self.text()?,
                day: self.day()?,
                act_number: self.text()?,
                born: self.pair(Self::some_day)?,
                name: self.pair(Self::name)?,
            }),
            "premises_moved" => Act::PremisesMoved {
                precinct: self.parsed()?,
                from: self.day()?,
                before: self.premises()?,
                after: self.premises()?,
            },
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
            "street_renamed" => Act::StreetRenamed {
                street: self.text()?,
                rename: Rename {
                    before: self.text()?,
                    after: self.text()?,
                    from: self.day()?,
                },
            },
            "street_named" => Act::StreetNamed(StreetNameRow {
                street: self.text()?,
                name: self.text()?,
                from: self.some_day()?,
                until: self.some_day()?,
            }),
            "second_address_given" => Act::SecondAddressGiven(SecondAddressRow {
                address: self.text()?,
                soate: self.parsed()?,
                street: self.text()?,
                street_name: self.text()?,
                house: self.text()?,
            }),
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

    /// Two values of which both are there or none: what stood before, and what stands now.
    fn pair<T>(
        &mut self,
        read: fn(&mut Self) -> Result<Option<T>, DecodeActError>,
    ) -> Result<Option<(T, T)>, DecodeActError> {
        match (read(self)?, read(self)?) {
            (Some(before), Some(after)) => Ok(Some((before, after))),
            (None, None) => Ok(None),
            (Some(_), None) | (None, Some(_)) => Err(DecodeActError),
        }
    }

    fn premises(&mut self) -> Result<Premises, DecodeActError> {
        Ok(Premises {
            address_ky: self.text()?,
            address_ru: self.text()?,
            lon_microdegrees: self.parsed()?,
            lat_microdegrees: self.parsed()?,
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
