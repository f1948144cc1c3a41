//! Why a person is or is not on a list: the rule chain with what the register shows for each rule.
//!
//! The outcome is the release's, never computed anew: the first rule that failed there stops the
//! chain. What stands beside a rule is read from the register's records.

use lexicon::{Date, DocumentNumber, ElectionLaw, ExclusionReason, PersonId};
use register::act::{CivilEvent, Document, Enrolment, Residence};
use register::{
    CaseId, CivilEventKind, DocumentStatus, Outcome, PersonState, Region, ResidenceKind,
};
use roll::eligibility::{Paper, RULES};
use store::{DecisionRow, ListPlace};

/// How far a rule was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reached {
    /// It holds.
    Passed,
    /// It fails, and stops the chain.
    Failed,
    /// An earlier rule stopped the chain.
    NotReached,
}

/// What the register shows for a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Nothing: the rule was not reached, or its record is not in the register any more.
    Nothing,
    /// No act of this kind is on file.
    NoAct(CivilEventKind),
    /// An act.
    Act {
        /// Its kind.
        kind: CivilEventKind,
        /// Number of the act.
        number: String,
        /// Its day.
        day: Date,
        /// The source's id.
        record: String,
    },
    /// Citizenship as recorded, with the latest document.
    Citizenship {
        /// ISO 3166-1 alpha-3.
        code: String,
        /// Number and day of issue.
        document: Option<(DocumentNumber, Date)>,
    },
    /// Full years on election day.
    Age {
        /// Years.
        years: i16,
        /// Birth date.
        born: Date,
    },
    /// Comes of age on this day.
    ComesOfAge(Option<Date>),
    /// No other record of this person is known.
    OneRecord,
    /// A case found two persons.
    Distinct(CaseId),
    /// Another record is counted.
    CountedElsewhere(PersonId),
    /// The law asks for no biometrics.
    NotRequired,
    /// A capture.
    Captured {
        /// The source's id.
        record: String,
        /// Day of capture.
        day: Date,
        /// Region of the campaign.
        region: Region,
        /// The kit, may be empty.
        kit: String,
    },
    /// No document is valid on election day; the last one ran out on this day.
    NoDocument(Option<Date>),
    /// No capture by the cut-off.
    NoCapture(Date),
    /// The duplicate check was finished.
    Checked {
        /// The source's id of the capture.
        record: String,
        /// On this day.
        day: Date,
    },
    /// The duplicate check is not finished.
    Waiting {
        /// The source's id of the capture.
        record: String,
        /// Captured on.
        since: Option<Date>,
    },
    /// Nobody else claims the PIN.
    OwnPin,
    /// Somebody else claims the PIN; the case that is open about it.
    SharedPin(Option<CaseId>),
    /// A residence, by address id.
    Home {
        /// The address's id.
        address: String,
        /// Since.
        from: Option<Date>,
    },
    /// A claim moved or corrected it.
    Claim(String),
    /// No residence on file on the cut-off.
    NoHome(Date),
    /// The residence lies in no precinct's boundary.
    HomeInNoPrecinct(String),
    /// Enrolled abroad, no residence in the country.
    Abroad {
        /// The source's id of the capture.
        record: String,
    },
    /// Lives in the country.
    InCountry,
}

/// One rule of the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// `R01` … `R11`.
    pub rule: &'static str,
    /// What it would exclude for.
    pub reason: ExclusionReason,
    /// How far it was looked at.
    pub reached: Reached,
    /// What the register shows.
    pub shown: Shown,
}

/// The chain of one decision.
#[must_use]
pub fn chain(decision: &DecisionRow, state: &PersonState, law: &ElectionLaw) -> Vec<Step> {
    let record = Record {
        decision,
        state,
        law,
        cut_off: law.enrolment_until(),
    };
    let failed = match decision.place {
        ListPlace::Listed { .. } => None,
        ListPlace::Excluded(reason) => RULES.iter().position(|rule| rule.reason == reason),
    };
    let steps = RULES.iter().enumerate().map(|(at, rule)| {
        let reached = match failed {
            Some(stop) if at == stop => Reached::Failed,
            Some(stop) if at > stop => Reached::NotReached,
            Some(_) | None => Reached::Passed,
        };
        let shown = match reached {
            Reached::Passed => record.passed(rule.reason, failed.map(|at| RULES[at].reason)),
            Reached::Failed => record.failed(rule.reason),
            Reached::NotReached => Shown::Nothing,
        };
        Step {
            rule: rule.id,
            reason: rule.reason,
            reached,
            shown,
        }
    });
    steps.collect()
}

/// Whether no document of a person identifies them on election day, as the register holds their documents now.
#[must_use]
pub fn lacks_document(state: &PersonState, law: &ElectionLaw) -> bool {
    let identifies = |document: &Document| {
        let paper = Paper {
            number: document.number.as_str(),
            issued: document.issued,
            expires: document.expires,
            stands: document.status == DocumentStatus::Valid,
        };
        paper.identifies(law)
    };
    !state.documents.iter().any(identifies)
}

struct Record<'a> {
    decision: &'a DecisionRow,
    state: &'a PersonState,
    law: &'a ElectionLaw,
    cut_off: Date,
}

fn act(event: &CivilEvent) -> Shown {
    Shown::Act {
        kind: event.kind,
        number: event.act_number.clone(),
        day: event.day,
        record: event.event.clone(),
    }
}

fn captured(enrolment: &Enrolment) -> Shown {
    Shown::Captured {
        record: enrolment.enrolment.clone(),
        day: enrolment.captured,
        region: enrolment.region,
        kit: enrolment.kit.clone(),
    }
}

impl Record<'_> {
    /// The table and the record that the decision names.
    fn evidence(&self) -> (&str, &str) {
        self.decision
            .evidence
            .split_once('/')
            .unwrap_or(("", self.decision.evidence.as_str()))
    }

    fn named_event(&self) -> Option<&CivilEvent> {
        let (table, id) = self.evidence();
        (table == "civil_events")
            .then(|| self.state.events.iter().find(|e| e.event == id))
            .flatten()
    }

    fn no_act_or(&self, kind: CivilEventKind) -> Shown {
        // An act after election day is shown, though it changes nothing for this list.
        let later = self.state.events.iter().find(|e| e.kind == kind);
        later.map_or(Shown::NoAct(kind), act)
    }

    fn document(&self) -> Option<(DocumentNumber, Date)> {
        let latest: Option<&Document> = self.state.documents.iter().max_by_key(|d| d.issued);
        latest.map(|d| (d.number.clone(), d.issued))
    }

    fn citizenship(&self) -> Shown {
        match &self.state.recorded {
            Some((_, _, code)) => Shown::Citizenship {
                code: code.clone(),
                document: self.document(),
            },
            None => Shown::Nothing,
        }
    }

    /// The residence that counted on the cut-off: begun by then, not ended, the latest begun.
    fn residence(&self) -> Option<&Residence> {
        let counts = |r: &&Residence| {
            r.kind == ResidenceKind::Residence
                && r.from <= self.cut_off
                && r.until.is_none_or(|until| until > self.cut_off)
        };
        self.state
            .residences
            .iter()
            .filter(counts)
            .max_by_key(|r| r.from)
    }

    fn home(&self) -> Shown {
        let (table, id) = self.evidence();
        if table == "claims" {
            return Shown::Claim(id.to_owned());
        }
        match self.residence() {
            Some(residence) => Shown::Home {
                address: residence.address.clone(),
                from: Some(residence.from),
            },
            None => Shown::Nothing,
        }
    }

    fn timely(&self) -> Option<&Enrolment> {
        self.state
            .enrolments
            .iter()
            .filter(|e| e.captured <= self.cut_off)
            .min_by_key(|e| e.captured)
    }

    fn passed(&self, reason: ExclusionReason, stopped_by: Option<ExclusionReason>) -> Shown {
        let election = self.law.election.day;
        match reason {
            ExclusionReason::Dead => self.no_act_or(CivilEventKind::Death),
            ExclusionReason::NotCitizen => self.citizenship(),
            ExclusionReason::UnderAge => match &self.state.recorded {
                Some((_, born, _)) => Shown::Age {
                    years: roll::statistics::age_on(*born, election),
                    born: *born,
                },
                None => Shown::Nothing,
            },
            ExclusionReason::Court => self.no_act_or(CivilEventKind::Court),
            ExclusionReason::Duplicate => {
                let distinct = self.state.cases.iter().find(|c| match c.answer {
                    Some((_, Outcome::Distinct)) => true,
                    Some((_, Outcome::Duplicate { .. } | Outcome::PinKept { .. })) | None => false,
                });
                distinct.map_or(Shown::OneRecord, |c| Shown::Distinct(c.case))
            }
            ExclusionReason::NoBiometrics | ExclusionReason::NotYetProcessed
                if !self.law.franchise.biometrics_required =>
            {
                Shown::NotRequired
            }
            ExclusionReason::NoBiometrics => self.timely().map_or(Shown::Nothing, captured),
            ExclusionReason::NotYetProcessed => {
                let checked = self.state.enrolments.iter().filter_map(|e| {
                    let day = e.processed.filter(|day| *day <= self.cut_off)?;
                    Some((day, e))
                });
                match checked.min_by_key(|(day, _)| *day) {
                    Some((day, enrolment)) => Shown::Checked {
                        record: enrolment.enrolment.clone(),
                        day,
                    },
                    None => Shown::Nothing,
                }
            }
            ExclusionReason::PinConflict => Shown::OwnPin,
            ExclusionReason::NoAddress
                if stopped_by == Some(ExclusionReason::AbroadNotRegistered) =>
            {
                Shown::Abroad {
                    record: self.evidence().1.to_owned(),
                }
            }
            ExclusionReason::NoAddress => self.home(),
            ExclusionReason::AbroadNotRegistered => Shown::InCountry,
            ExclusionReason::NoValidDocument if !self.law.documents.required => Shown::NotRequired,
            ExclusionReason::NoValidDocument => self.citizenship(),
        }
    }

    fn failed(&self, reason: ExclusionReason) -> Shown {
        let (table, id) = self.evidence();
        match reason {
            ExclusionReason::Dead | ExclusionReason::Court => {
                self.named_event().map_or(Shown::Nothing, act)
            }
            ExclusionReason::NotCitizen => self.named_event().map_or(self.citizenship(), act),
            ExclusionReason::UnderAge => Shown::ComesOfAge(self.decision.day),
            ExclusionReason::Duplicate => {
                id.parse().map_or(Shown::Nothing, Shown::CountedElsewhere)
            }
            ExclusionReason::NoBiometrics => {
                let late = self.state.enrolments.iter().find(|e| e.enrolment == id);
                late.map_or(Shown::NoCapture(self.cut_off), captured)
            }
            ExclusionReason::NotYetProcessed => Shown::Waiting {
                record: id.to_owned(),
                since: self.decision.day,
            },
            ExclusionReason::PinConflict => {
                let open = self
                    .state
                    .cases
                    .iter()
                    .find(|c| c.kind == register::CaseKind::SharedPin && c.answer.is_none());
                Shown::SharedPin(open.map(|c| c.case))
            }
            ExclusionReason::NoAddress if table == "residences" => {
                let counts = self.residence().is_some_and(|r| r.address == id);
                if counts {
                    Shown::HomeInNoPrecinct(id.to_owned())
                } else {
                    Shown::NoHome(self.cut_off)
                }
            }
            ExclusionReason::NoAddress => Shown::NoHome(self.cut_off),
            ExclusionReason::AbroadNotRegistered => Shown::Abroad {
                record: id.to_owned(),
            },
            ExclusionReason::NoValidDocument => Shown::NoDocument(self.decision.day),
        }
    }
}

#[cfg(test)]
mod tests;
