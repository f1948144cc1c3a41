//! `tizme batch delta`: one more delta of the list in force, drawn for both institutions to sign.

use std::path::PathBuf;
use std::process::ExitCode;

use ::batch::steps::Progress;
use ::batch::{BatchError, DeltaJob, Keys, Randomness, write_delta};
use anyhow::{Context as _, Result};
use clap::Args;
use keys::KeyRing;
use lexicon::Instant;
use lexicon::handover::delta::ChangeKind;
use lexicon::handover::envelope::hex;
use serde_json::json;

use super::{Place, bar, sign, trust};

/// Arguments of `delta`.
#[derive(Args)]
pub struct Delta {
    /// The directory that holds `roll/` and, after the first delta, `deltas/`.
    #[arg(long, value_name = "DIR")]
    from: PathBuf,
    /// The newer snapshot.
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
    /// The law of the release.
    #[arg(long, value_name = "L")]
    law: String,
    /// When the new facts became known and the delta holds, as 2015-10-01T12:00:00+06:00; the law's policy goes by it.
    #[arg(long, value_name = "MOMENT")]
    at: String,
    /// The folder of keys, ROLE.key each; default: `keys` in the directory.
    #[arg(long, value_name = "DIR")]
    keys: Option<PathBuf>,
    /// Trust anchors that name the register's key; default: `publication/trust.cose` in the directory.
    #[arg(long, value_name = "FILE")]
    trust: Option<PathBuf>,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

impl Delta {
    /// Does a work with everything that a delta needs; a refusal is told and gives the exit code.
    pub(super) fn with_job<T>(
        &self,
        work: impl FnOnce(&Place, &DeltaJob<'_>) -> Result<T, BatchError>,
    ) -> Result<Result<(Place, T), ExitCode>> {
        let place = Place {
            snapshot: self.to.clone(),
            law: self.law.clone(),
            out: self.from.clone(),
            keys: Some(self.keys.clone().unwrap_or_else(|| self.from.join("keys"))),
            trust: self.trust.clone().or_else(|| {
                let anchors = self.from.join("publication/trust.cose");
                anchors.is_file().then_some(anchors)
            }),
            threads: 0,
            json: self.json,
        };
        let law = place.law()?;
        let register = place.register(&law)?;
        let signing = trust::Signing::read(&place.key_folder())?;
        let mut ring: KeyRing = register.ring();
        for key in signing.public_keys() {
            ring.add(key);
        }
        let at =
            Instant::parse(&self.at).with_context(|| format!("--at: {} is no moment", self.at))?;
        let randomness = Randomness::new(&signing.randomness);
        let bar = bar();
        let job = DeltaJob {
            law: &law,
            from: &self.from,
            snapshot: &self.to,
            keys: Keys {
                srs: &signing.srs,
                cec: &signing.cec,
                register: register.kid(),
                verifier: &ring,
            },
            randomness: &randomness,
            effective_at: at,
            known_on: at.local_date(law.election.offset_minutes),
            report: &|progress: Progress<'_>| {
                bar.set_message(progress.step.to_owned());
                bar.set_length(progress.total);
                bar.set_position(progress.done);
            },
        };
        let made = work(&place, &job);
        bar.finish_and_clear();
        match made {
            Ok(made) => Ok(Ok((place, made))),
            Err(BatchError::Refused(refused)) => Ok(Err(sign::refuse(
                place.json,
                refused.refusal,
                &refused.detail,
            ))),
            Err(error) => Err(error.into()),
        }
    }
}

/// Makes the delta.
pub fn run(arguments: &Delta) -> Result<ExitCode> {
    let (place, made) = match arguments.with_job(|_, job| write_delta(job))? {
        Ok(made) => made,
        Err(code) => return Ok(code),
    };
    let held: Vec<_> = made
        .held
        .iter()
        .map(|((reason, act), count)| json!({ "reason": reason, "act": act, "count": count }))
        .collect();
    let Some((id, delta)) = &made.delta else {
        place.tell(&json!({ "delta": null, "held": held }), || {
            format!(
                "nothing changes; {} facts held back by the law's policy",
                made.held.values().sum::<u64>()
            )
        });
        return Ok(ExitCode::SUCCESS);
    };
    let of = |kind| {
        delta
            .changes
            .iter()
            .filter(|change| change.kind == kind)
            .count()
    };
    let (strikes, adds, changes) = (
        of(ChangeKind::Strike),
        of(ChangeKind::Add),
        of(ChangeKind::Change),
    );
    place.tell(
        &json!({
            "delta": delta.number, "id": id.hex(), "strikes": strikes, "additions": adds, "changes": changes,
            "voters_before": delta.voters_before, "voters_after": delta.voters_after,
            "root_before": hex(delta.root_before.as_slice()), "root_after": hex(delta.root_after.as_slice()),
            "precincts": delta.precincts.len(), "held": held,
        }),
        || {
            format!(
                "delta {}: {strikes} struck, {adds} added, {changes} changed in {} precincts; {} voters\nroot  {}\ndelta {}\neach institution looks at it and signs: tizme batch sign --drawn deltas",
                delta.number,
                delta.precincts.len(),
                delta.voters_after,
                hex(delta.root_after.as_slice()),
                id.hex()
            )
        },
    );
    Ok(ExitCode::SUCCESS)
}
