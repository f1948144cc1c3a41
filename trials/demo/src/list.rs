//! From the register to a published list: snapshot, roll, packages, publication.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context as _;
use batch::{
    Approved, BatchError, Drawn, Expected, Formed, Job, PackageTerms, Packed, Publication,
    PublicationTerms, Randomness, Release, check_release, form_roll, publish, sign_drawn_by_both,
    sign_release, write_packages,
};
use lexicon::handover::envelope::{DocumentId, Signer};
use lexicon::{ElectionLaw, Instant, PrecinctCode};
use roll::commit::Stage;
use roll::package::KitPlan;
use store::{ApprovalRow, Institution, Store, StoreError};

use crate::ground::Ground;
use crate::keychain::{Hands, KeyChain};
use crate::progress::Progress;
use crate::register::{days_before, office_moment};

/// Every station of the demo has at least two kits, so that grants are seen at work.
const KITS_MIN: u32 = 2;

/// Takes the snapshot from the store and signs it as `snapshot/`.
///
/// # Errors
/// The store's, or the disk's.
pub fn take_snapshot(
    ground: &Ground,
    store: &Store,
    law: &ElectionLaw,
    chain: &KeyChain,
    progress: &Progress,
) -> anyhow::Result<u64> {
    if let Some(persons) = ground.finished("snapshot") {
        return Ok(persons);
    }
    let tell = |at: batch::steps::Progress<'_>| progress.show(at.step, at.done, at.total);
    let persons =
        office::hand_over(store, law, &ground.path("snapshot"), &chain.register, &tell)?.persons;
    ground.finish("snapshot", &persons)?;
    Ok(persons)
}

/// What the chain of a run works with.
pub struct Chain<'a> {
    /// The directory.
    pub ground: &'a Ground,
    /// The law.
    pub law: &'a ElectionLaw,
    /// The law's text.
    pub law_text: &'a str,
    /// Keys.
    pub keys: &'a KeyChain,
    /// Salts and package keys.
    pub randomness: Randomness,
    /// Threads.
    pub threads: usize,
    /// Progress.
    pub progress: &'a Progress,
}

impl Chain<'_> {
    fn job<'b>(&'b self, snapshot: &'b Path, report: batch::steps::Report<'b>) -> Job<'b> {
        Job {
            law: self.law,
            snapshot,
            out: &self.ground.out,
            keys: self.keys.batch(),
            randomness: &self.randomness,
            release: Release {
                number: 1,
                previous: None,
                frozen_at: self.frozen_at(),
                stage: Stage::Final,
            },
            threads: self.threads,
            report,
        }
    }

    /// When the list was frozen.
    #[must_use]
    pub fn frozen_at(&self) -> Instant {
        office_moment(self.law)
    }

    /// Forms the list and writes `roll/`.
    ///
    /// # Errors
    /// [`BatchError`].
    pub fn form(&self) -> Result<Formed, BatchError> {
        self.with_job(form_roll)
    }

    /// The registration service signs the list, then the commission: two acts by two keys, each after its own look.
    ///
    /// # Errors
    /// [`BatchError`], with the reason why an institution does not sign.
    pub fn sign(&self) -> Result<(), BatchError> {
        self.with_job(|job| {
            let expected = Expected::default();
            let signed = check_release(&job.roll(), &expected)?.signers;
            for key in [&self.keys.srs, &self.keys.cec] {
                if !signed.contains(&key.kid()) {
                    sign_release(&job.roll(), &expected, key)?;
                }
            }
            Ok(())
        })
    }

    fn with_job<T>(
        &self,
        work: impl FnOnce(&Job<'_>) -> Result<T, BatchError>,
    ) -> Result<T, BatchError> {
        let snapshot = self.ground.path("snapshot");
        let tell = |at: batch::steps::Progress<'_>| self.progress.show(at.step, at.done, at.total);
        work(&self.job(&snapshot, &tell))
    }

    /// Seals a package for each precinct; both institutions sign them.
    ///
    /// # Errors
    /// [`BatchError`].
    pub fn pack(&self, formed: &Formed, hands: &Hands) -> Result<Packed, BatchError> {
        let previous: BTreeMap<u16, DocumentId> = BTreeMap::new();
        self.with_job(|job| {
            let packed = write_packages(
                job,
                formed,
                &PackageTerms {
                    roster: hands,
                    plan: KitPlan {
                        voters_per_kit: self.law.station.voters_per_kit,
                        kits_min: KITS_MIN,
                    },
                    number: 1,
                    previous: &previous,
                    not_before: days_before(self.law, 1, 0),
                    not_after: days_before(self.law, -2, 0),
                    rehearsal: None,
                    settings: None,
                    trust: None,
                },
            )?;
            // Two institutions, two keys, one after the other.
            let keys: [&dyn Signer; 2] = [&self.keys.srs, &self.keys.cec];
            sign_drawn_by_both(&job.place(), Drawn::Packages, keys)?;
            Ok(packed)
        })
    }

    /// Writes `publication/`: before the day with the list, after it with journals and turnout.
    ///
    /// # Errors
    /// [`BatchError`], or a key's.
    pub fn publish(
        &self,
        formed: &Formed,
        approvals: &[u8],
        after_the_day: bool,
    ) -> anyhow::Result<Publication> {
        let trust = self.keys.trust()?;
        let lookup = self.keys.lookup();
        let at = match after_the_day {
            false => self.frozen_at().plus_micros(1_800_000_000),
            true => days_before(self.law, 0, 22 * 60),
        };
        let published = self.with_job(|job| {
            publish(
                job,
                formed,
                &PublicationTerms {
                    signer: &self.keys.publication,
                    trust: &trust,
                    law_text: self.law_text,
                    log: &self.keys.log,
                    lookup: &lookup,
                    approved: Some(Approved {
                        document: approvals,
                        verifier: &self.keys.ring,
                        office: self.keys.office.kid(),
                    }),
                    at,
                    after: None,
                    fresh_log: !after_the_day,
                },
            )
        })?;
        Ok(published)
    }

    /// Signs `journals/` as the commission received it.
    ///
    /// # Errors
    /// The disk's or the key's.
    pub fn sign_journals(&self) -> anyhow::Result<()> {
        let dir = self.ground.path(batch::JOURNALS);
        batch::folder::sign_folder(
            &dir,
            batch::JOURNALS,
            self.law.election.number,
            batch::folder::Contents::default(),
            &self.keys.cec,
        )
        .with_context(|| format!("signing {}", dir.display()))?;
        Ok(())
    }
}

/// One person of each institution approves the list in the office, as two accounts of the demo; gives what the office
/// says of it. Who has approved already does not again.
///
/// # Errors
/// The store's, or the key's.
pub fn approve(
    store: &Store,
    law: &ElectionLaw,
    formed: &Formed,
    office_key: &keys::FileKey,
) -> anyhow::Result<Vec<u8>> {
    let number = formed.release.release;
    let accounts = [
        (Institution::Registration, "registrar"),
        (Institution::Commission, "commission"),
    ];
    for (institution, staff) in accounts {
        store.transact("approve_release", staff, |tx| {
            let approvals = tx.approvals(number)?;
            if approvals.iter().any(|row| row.institution == institution) {
                return Ok::<_, StoreError>(());
            }
            let row = ApprovalRow {
                institution,
                staff: staff.to_owned(),
                root: *formed.release.root,
                at: tx.at(),
            };
            tx.record_approval(number, &row)
        })?;
    }
    let (_, said) = office::statement::state_approvals(store, law, Some(number), office_key)?;
    Ok(said)
}

/// The precinct whose station is left running: the smallest number with land and enough voters to show.
#[must_use]
pub fn live_precinct(formed: &Formed) -> Option<PrecinctCode> {
    let large = |least: usize| {
        formed
            .roll
            .lists
            .iter()
            .find(|list| list.persons.len() >= least)
            .map(|list| list.precinct)
    };
    large(60).or_else(|| large(2))
}
