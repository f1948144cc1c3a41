//! `summary.json` and the page in the terminal: what a run came to.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::day::RealRates;

/// Error rates of real fingers on the day, at the packages' threshold.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RealSummary {
    /// Voters with a real finger.
    pub voters: u64,
    /// Of these, voters who were checked in, by whatever method.
    pub checked_in: u64,
    /// Of these, voters identified by their finger.
    pub identified_by_finger: u64,
    /// Images of the day.
    pub images: u64,
    /// Of these, images in which nothing could be read; they are in no comparison.
    pub failed_to_extract: u64,
    /// Comparisons of an image with the same finger's enrolment.
    pub genuine: u64,
    /// Of those, below the threshold.
    pub genuine_rejected: u64,
    /// False non-match rate, per cent.
    pub fnmr_percent: f64,
    /// Comparisons of an image with another finger's enrolment.
    pub impostor: u64,
    /// Of those, at or above the threshold.
    pub impostor_accepted: u64,
    /// False match rate, per cent.
    pub fmr_percent: f64,
}

impl RealSummary {
    /// The rates as the summary tells them.
    #[must_use]
    pub fn of(rates: &RealRates) -> Self {
        Self {
            voters: rates.voters,
            checked_in: rates.checked_in,
            identified_by_finger: rates.by_finger,
            images: rates.images,
            failed_to_extract: rates.unreadable,
            genuine: rates.genuine.compared,
            genuine_rejected: rates.genuine.wrong,
            fnmr_percent: rates.genuine.rate() * 100.0,
            impostor: rates.impostor.compared,
            impostor_accepted: rates.impostor.wrong,
            fmr_percent: rates.impostor.rate() * 100.0,
        }
    }
}

/// What a run came to; the same seed gives the same file, apart from seconds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Records of the register.
    pub persons: u64,
    /// Enrolments of the register.
    pub enrolments: u64,
    /// Pairs of records that are one human by truth.
    pub duplicates_planted: u64,
    /// Of those, found by the duplicate check.
    pub duplicates_found: u64,
    /// Pairs referred to adjudicators that are two humans.
    pub duplicates_false: u64,
    /// Lines of the list.
    pub list_total: u64,
    /// Persons considered: `list_total + Σ excluded_by_reason`.
    pub considered: u64,
    /// Persons not on the list, by the first rule that fails.
    pub excluded_by_reason: BTreeMap<String, u64>,
    /// Rows of the commission's list.
    pub commission_rows: u64,
    /// Rows by class; a row may carry several.
    pub reconciled_by_class: BTreeMap<String, u64>,
    /// Precision by class against the truth; absent without truth.
    pub truth_precision_by_class: BTreeMap<String, f64>,
    /// Recall by class against the truth; absent without truth.
    pub truth_recall_by_class: BTreeMap<String, f64>,
    /// Precincts with a list.
    pub precincts: u64,
    /// Counted check-ins by method.
    pub checkins_by_method: BTreeMap<String, u64>,
    /// Refusals at the desk by reason.
    pub refusals_by_reason: BTreeMap<String, u64>,
    /// Visits of somebody who had been counted.
    pub double_attempts: u64,
    /// Humans counted more than once.
    pub double_admitted: u64,
    /// Visits with somebody else's PIN.
    pub impostor_attempts: u64,
    /// Of those, counted.
    pub impostor_admitted: u64,
    /// Root of the list, hexadecimal.
    pub root: String,
    /// `ok`, or how many findings the verifier has.
    pub verify: String,
    /// Real fingers' error rates, with `--fingerprints`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub real_fingers: Option<RealSummary>,
    /// Seconds by stage: the only part that differs between two runs.
    pub seconds_by_stage: BTreeMap<String, f64>,
}

impl Summary {
    /// Whether everything holds that must hold.
    #[must_use]
    pub fn holds(&self) -> bool {
        let excluded: u64 = self.excluded_by_reason.values().sum();
        self.verify == "ok"
            && self.double_admitted == 0
            && self.impostor_admitted == 0
            && self.considered == self.list_total + excluded
    }

    /// The page for the terminal.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::new();
        let mut line = |name: &str, value: String| {
            let _ = writeln!(out, "  {name:26} {value}");
        };
        let of = |map: &BTreeMap<String, u64>| -> String {
            let parts: Vec<String> = map
                .iter()
                .filter(|(_, n)| **n > 0)
                .map(|(name, n)| format!("{name} {n}"))
                .collect();
            parts.join(", ")
        };
        line(
            "register",
            format!("{} persons, {} enrolments", self.persons, self.enrolments),
        );
        line(
            "duplicates",
            format!(
                "{} of {} found, {} false alarms judged",
                self.duplicates_found, self.duplicates_planted, self.duplicates_false
            ),
        );
        let excluded: u64 = self.excluded_by_reason.values().sum();
        line(
            "list",
            format!(
                "{} of {} considered in {} precincts, {excluded} left out",
                self.list_total, self.considered, self.precincts
            ),
        );
        line("left out by reason", of(&self.excluded_by_reason));
        line(
            "commission's list",
            format!(
                "{} rows: {}",
                self.commission_rows,
                of(&self.reconciled_by_class)
            ),
        );
        if let Some((class, worst)) = self
            .truth_recall_by_class
            .iter()
            .min_by(|a, b| a.1.total_cmp(b.1))
        {
            line(
                "against the truth",
                format!("lowest recall {:.1} % ({class})", worst * 100.0),
            );
        }
        line("check-ins", of(&self.checkins_by_method));
        line("refusals", of(&self.refusals_by_reason));
        line(
            "second attempts",
            format!(
                "{}, admitted {}",
                self.double_attempts, self.double_admitted
            ),
        );
        line(
            "impostors",
            format!(
                "{}, admitted {}",
                self.impostor_attempts, self.impostor_admitted
            ),
        );
        if let Some(real) = &self.real_fingers {
            line(
                "real fingers",
                format!(
                    "{} of {} voters by finger; FNMR {:.2} % ({} of {}), FMR {:.3} % ({} of {})",
                    real.identified_by_finger,
                    real.voters,
                    real.fnmr_percent,
                    real.genuine_rejected,
                    real.genuine,
                    real.fmr_percent,
                    real.impostor_accepted,
                    real.impostor
                ),
            );
        }
        line("root", self.root.clone());
        line("verify", self.verify.clone());
        out
    }
}
