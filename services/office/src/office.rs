//! What every request works with: the store, the law, the terms, and what is kept for a while.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use lexicon::handover::envelope::{
    DocumentId, DocumentType, Kid, Subject, decode, id_all, open_all, peek_all,
};
use lexicon::handover::release::ListRelease;
use lexicon::{ElectionLaw, Instant, PrecinctCode};
use store::{EnrolmentCount, RegisterCounts, ReleaseRow, Store, StoreError};

use crate::config::{Config, Publishers};
use crate::sign_in::Door;
use crate::sums::Sums;

/// Figures of the whole register are taken again after this time, microseconds.
const FIGURES_KEPT_MICROS: i64 = 60_000_000;

/// The office: one store and what its pages need beside it. Cheap to share.
pub struct Office {
    /// The store.
    pub(crate) store: Store,
    /// The law of the election.
    pub(crate) law: Arc<ElectionLaw>,
    /// What the configuration says.
    pub(crate) config: Config,
    /// Signing in, with the attempts on accounts that are not there.
    pub(crate) door: Door,
    counted: Mutex<BTreeMap<u32, Arc<Counted>>>,
    figures: Mutex<Option<Arc<Figures>>>,
}

/// What is counted over all rows of a release, and when: its rows never change, so once is enough.
pub(crate) struct Counted {
    pub sums: Sums,
    /// Lines by precinct.
    pub lines: BTreeMap<PrecinctCode, u64>,
    /// Since the release before.
    pub changes: Option<Changes>,
    pub taken: Instant,
}

/// Whose code changed since an earlier release.
pub(crate) struct Changes {
    /// The earlier release.
    pub since: u32,
    /// Code before (empty: unknown then), code now, how many persons.
    pub rows: Vec<(String, String, u64)>,
}

/// Figures of the whole register and when they were taken.
pub(crate) struct Figures {
    pub counts: RegisterCounts,
    pub campaign: Vec<EnrolmentCount>,
    pub taken: Instant,
}

/// A release's document, as far as it could be read.
pub(crate) struct Document {
    /// What it says; none when the bytes are no release.
    pub release: Option<ListRelease>,
    /// Its id.
    pub id: Option<DocumentId>,
    /// What is known of its signatures.
    pub signatures: Signatures,
}

/// What is known of a release's signatures.
pub(crate) enum Signatures {
    /// Checked: these keys signed it.
    Good(Vec<Kid>),
    /// No keys are configured.
    NotChecked,
    /// A signature is missing or wrong.
    Bad,
}

impl Office {
    /// An office over an open store.
    #[must_use]
    pub fn new(store: Store, config: Config) -> Self {
        Self {
            law: Arc::clone(&config.law),
            store,
            config,
            door: Door::default(),
            counted: Mutex::default(),
            figures: Mutex::default(),
        }
    }

    pub(crate) fn now(&self) -> Instant {
        self.store.now()
    }

    /// Minutes from UTC to local time.
    pub(crate) fn offset(&self) -> i64 {
        self.law.election.offset_minutes
    }

    fn publishers(&self) -> &Publishers {
        &self.config.publishers
    }

    /// What is counted over a release: taken once, or anew when `again`. Cost: a pass over its decisions.
    pub(crate) fn counted(
        &self,
        release: &ReleaseRow,
        again: bool,
    ) -> Result<Arc<Counted>, StoreError> {
        let lock = || self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = lock().get(&release.number).filter(|_| !again) {
            return Ok(Arc::clone(kept));
        }
        let document = self.document(release);
        let n = release.number;
        let kept = self.store.read("count_release", |tx| {
            let earlier = tx.releases()?.into_iter().map(|r| r.number);
            let changes = match earlier.filter(|number| *number < n).max() {
                Some(since) => Some(Changes {
                    since,
                    rows: tx.decision_changes(since, n)?,
                }),
                None => None,
            };
            Ok::<_, StoreError>(Counted {
                sums: Sums::of(tx, release, document.release.as_ref())?,
                lines: tx.precinct_counts(n)?.into_iter().collect(),
                changes,
                taken: tx.at(),
            })
        })?;
        let kept = Arc::new(kept);
        lock().insert(n, Arc::clone(&kept));
        Ok(kept)
    }

    /// Counts every release before anybody asks: 7 s for a million decisions, then pages take milliseconds.
    pub(crate) fn count_ahead(&self) {
        let counted = self
            .store
            .read("releases", |tx| tx.releases())
            .and_then(|releases| {
                releases
                    .iter()
                    .rev()
                    .try_for_each(|release| self.counted(release, false).map(|_| ()))
            });
        if let Err(error) = counted {
            tracing::warn!(%error, "releases were not counted ahead");
        }
    }

    /// The figures of the register, at most a minute old.
    pub(crate) fn figures(&self) -> Result<Arc<Figures>, StoreError> {
        let lock = || self.figures.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.now();
        let fresh = |kept: &&Arc<Figures>| now.micros() - kept.taken.micros() < FIGURES_KEPT_MICROS;
        if let Some(kept) = lock().as_ref().filter(fresh) {
            return Ok(Arc::clone(kept));
        }
        let (counts, campaign) = self.store.read("register_figures", |tx| {
            Ok::<_, StoreError>((tx.register_counts()?, tx.enrolment_counts()?))
        })?;
        let kept = Arc::new(Figures {
            counts,
            campaign,
            taken: now,
        });
        *lock() = Some(Arc::clone(&kept));
        Ok(kept)
    }

    /// Reads a release's document and checks its signatures.
    pub(crate) fn document(&self, release: &ReleaseRow) -> Document {
        let subject = Subject {
            kind: DocumentType::ListRelease,
            election: release.election,
        };
        let publishers = self.publishers();
        let (payload, signatures) = if publishers.required.is_empty() {
            (
                peek_all(subject, &release.document).ok(),
                Signatures::NotChecked,
            )
        } else {
            let ring = publishers.ring.as_ref();
            match open_all(subject, &release.document, ring, &publishers.required) {
                Ok(signed) => (Some(signed.payload), Signatures::Good(signed.signers)),
                Err(_) => (peek_all(subject, &release.document).ok(), Signatures::Bad),
            }
        };
        let document: Option<ListRelease> = payload.as_deref().and_then(|p| decode(p).ok());
        Document {
            id: document
                .as_ref()
                .and(payload.as_deref())
                .map(|p| id_all(subject, p)),
            // A document of another list is none of this release.
            release: document.filter(|d| *d.root == release.root && d.release == release.number),
            signatures,
        }
    }
}

impl std::fmt::Debug for Office {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Office({})", self.law.id)
    }
}
