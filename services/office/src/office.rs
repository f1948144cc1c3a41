//! What every request works with: the store, the law, the terms, and what is kept for a while.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use lexicon::handover::envelope::{
    DocumentId, DocumentType, Kid, Subject, decode, id_all, open_all, peek_all,
};
use lexicon::handover::release::ListRelease;
use lexicon::{ClaimOutcome, ElectionLaw, Instant, PrecinctCode, ReconciliationClass};
use register::{ClaimKind, Region};
use roll::transfers::AlarmPolicy;
use store::{
    CellRow, ChainHead, Changes, EnrolmentCount, Journal, RegisterCounts, ReleaseRow, Store,
    StoreError, Tx,
};

use crate::address_book::{AddressBook, AddressBooks};
use crate::blockers::{Blocker, KeptCounts, is_field_work};
use crate::config::{Config, Publishers};
use crate::role::Right;
use crate::sign_in::Door;
use crate::sums::Sums;
use crate::territory::Territories;
use crate::transfers::{Origins, Terms, Transfers, watch};
use crate::upload::ListWork;

/// Captures above which a page does not wait for the figures of the register: 200,000 take about 0.3 s.
const COUNTED_AT_ONCE_MAX: u64 = 200_000;

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
    figures: Arc<FigureShelf>,
    classes: Mutex<BTreeMap<u32, Classes>>,
    placements: Mutex<BTreeMap<(u32, Option<u32>), Placements>>,
    territory: Territories,
    address_books: AddressBooks,
    list_work: ListWork,
    blocked: Mutex<BTreeMap<u32, Blocked>>,
    kept_counts: Mutex<KeptCounts>,
    origins: Mutex<Origins>,
    transfers: Mutex<Option<KeptTransfers>>,
}

/// Transfers with the state of both journals and the release beside which they were counted.
struct KeptTransfers {
    heads: [ChainHead; 2],
    transfers: Arc<Transfers>,
}

/// What stops a release, with the state of both journals and the day at which it was counted.
struct Blocked {
    heads: [ChainHead; 2],
    today: lexicon::Date,
    blockers: Vec<Blocker>,
}

/// How the voters of a release came to their precincts, and who the commission's list lacks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Placements {
    /// Lines by the table of the record that places the voter.
    pub by_table: BTreeMap<String, u64>,
    /// Persons with biometrics whom no row of the latest reconciliation means; none without a reconciliation.
    pub without_row: Option<u64>,
}

/// How many rows of a run by class.
type Classes = Arc<Vec<(ReconciliationClass, u64)>>;

/// The latest figures of the register, and whether newer ones are being taken.
#[derive(Default)]
struct FigureShelf {
    latest: Mutex<Option<Arc<Figures>>>,
    is_taking: AtomicBool,
}

/// What is counted over all rows of a release, and when: its rows never change, so once is enough.
pub(crate) struct Counted {
    pub sums: Sums,
    /// Lines by precinct.
    pub lines: BTreeMap<PrecinctCode, u64>,
    /// Since the release before.
    pub changes: Option<Changes>,
    /// Persons by code, region, sex and age band; empty for a release that was received before these were kept.
    pub cells: Vec<CellRow>,
    /// Form 2 that count, by the precinct asked for; and all that count, counted by outcome.
    pub form2: (Vec<(PrecinctCode, u64)>, u64),
    pub taken: Instant,
    /// Whether every row was read just now; otherwise the counts are those of the receipt.
    pub is_live: bool,
}

/// Figures of the whole register and when they were taken.
pub(crate) struct Figures {
    pub counts: RegisterCounts,
    pub campaign: Vec<EnrolmentCount>,
    /// Captures by region and by month, each counted apart from the campaign's cells.
    pub by_region: Vec<(Region, u64)>,
    pub by_month: Vec<(String, u64)>,
    /// Captures by the month in which their check ended.
    pub processed_by_month: Vec<(String, u64)>,
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
            list_work: ListWork::new(
                store.clone(),
                Arc::clone(&config.law),
                config.uploads.clone(),
            ),
            store,
            config,
            door: Door::default(),
            counted: Mutex::default(),
            placements: Mutex::default(),
            figures: Arc::default(),
            classes: Mutex::default(),
            territory: Territories::default(),
            address_books: AddressBooks::default(),
            blocked: Mutex::default(),
            kept_counts: Mutex::default(),
            origins: Mutex::default(),
            transfers: Mutex::default(),
        }
    }

    pub(crate) fn now(&self) -> Instant {
        self.store.now()
    }

    /// The desk of uploaded lists.
    pub(crate) fn list_work(&self) -> &ListWork {
        &self.list_work
    }

    /// The register's houses with their precincts.
    pub(crate) fn address_book(&self) -> Result<Arc<AddressBook>, StoreError> {
        self.address_books.get(&self.store)
    }

    /// The local day.
    pub(crate) fn today(&self) -> lexicon::Date {
        self.now().local_date(self.offset())
    }

    /// Minutes from UTC to local time.
    pub(crate) fn offset(&self) -> i64 {
        self.law.election.offset_minutes
    }

    fn publishers(&self) -> &Publishers {
        &self.config.publishers
    }

    /// What is counted over a release: as it was counted at the receipt, or over every row when `again`. Cost: a few
    /// thousand rows, or a pass over all decisions.
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
        let kept = self.store.read("count_release", |tx| {
            count(tx, release, document.release.as_ref(), again)
        })?;
        let kept = Arc::new(kept);
        lock().insert(release.number, Arc::clone(&kept));
        Ok(kept)
    }

    /// Reads every row of every release, the latest first, so that a row changed behind the office's back shows
    /// without anybody asking: 7 s for a million decisions. Pages do not wait for it.
    pub(crate) fn count_ahead(&self) {
        let counted = self
            .store
            .read("releases", |tx| tx.releases())
            .and_then(|releases| {
                self.figures()?;
                for release in &releases {
                    self.counted(release, false)?;
                }
                let run = self
                    .store
                    .read("last_run", |tx| tx.find_last_reconciliation())?;
                if let Some(run) = run {
                    self.classes(run)?;
                }
                if let Some(latest) = releases.last() {
                    self.placements(latest.number, run)?;
                    self.stored_blockers(latest)?;
                }
                for release in releases.iter().rev() {
                    if !self.counted(release, false)?.is_live {
                        self.counted(release, true)?;
                    }
                }
                // Last: what is wrong with a boundary keeps no figure from being counted.
                self.address_book().map(|_| ())
            });
        if let Err(error) = counted {
            tracing::warn!(%error, "releases were not counted ahead");
        }
    }

    /// What keeps a release from being signed: what the store knows, and what this office sees of its sums and
    /// signatures.
    pub(crate) fn blockers(
        &self,
        release: &ReleaseRow,
        counted: &Counted,
        document: &Document,
    ) -> Result<Vec<Blocker>, StoreError> {
        let mut found = Self::own_blockers(release, counted, document);
        let stored = self.stored_blockers(release)?;
        found.extend(stored);
        Ok(found)
    }

    /// What the store knows. Looked at again when an act was recorded or a day began, and then only what the act can have
    /// changed is counted: some counts pass over everything that waits.
    fn stored_blockers(&self, release: &ReleaseRow) -> Result<Vec<Blocker>, StoreError> {
        let lock = || self.blocked.lock().unwrap_or_else(PoisonError::into_inner);
        let today = self.today();
        let heads = self.heads()?;
        if let Some(kept) = lock().get(&release.number)
            && kept.heads == heads
            && kept.today == today
        {
            return Ok(kept.blockers.clone());
        }
        let counts = || {
            self.kept_counts
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        };
        let before = counts().clone();
        let (blockers, kept) = self.store.read("blockers", |tx| {
            let mut kept = before.clone();
            let blockers = crate::blockers::blockers(tx, release, today, &mut kept)?;
            Ok::<_, StoreError>((blockers, kept))
        })?;
        // Another look may have kept older counts meanwhile: what they rest on is asked again at the next.
        counts().extend(kept);
        let kept = Blocked {
            heads,
            today,
            blockers: blockers.clone(),
        };
        lock().insert(release.number, kept);
        Ok(blockers)
    }

    /// Records whose field work is not finished, as the blockers of a release count them.
    pub(crate) fn field_unfinished(&self, release: &ReleaseRow) -> Result<u64, StoreError> {
        let blockers = self.stored_blockers(release)?;
        let of_field = blockers
            .iter()
            .filter(|blocker| is_field_work(blocker.code));
        Ok(of_field.map(|blocker| blocker.count).sum())
    }

    /// Where Form 2 fills precincts. Counted anew when an act was recorded since.
    pub(crate) fn transfers(&self) -> Result<Arc<Transfers>, StoreError> {
        let lock = || {
            self.transfers
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        };
        let heads = self.heads()?;
        if let Some(kept) = lock().as_ref().filter(|kept| kept.heads == heads) {
            return Ok(Arc::clone(&kept.transfers));
        }
        let latest = self.store.read("releases", |tx| tx.releases())?.pop();
        let counted = match &latest {
            Some(release) => Some(self.counted(release, false)?),
            None => None,
        };
        let landed = &self.law.list.landed_kinds;
        let lands: BTreeMap<PrecinctCode, bool> = self
            .store
            .read("precincts", |tx| tx.snapshot_precincts())?
            .into_iter()
            .map(|row| (row.precinct, landed.contains(&row.kind)))
            .collect();
        // Who stands on a list by their own address: its lines without those who came by Form 2.
        let residents = |precinct: PrecinctCode| {
            lands.get(&precinct).filter(|landed| **landed)?;
            let counted = counted.as_ref()?;
            let lines = counted.lines.get(&precinct).copied().unwrap_or(0);
            let came = counted.form2.0.iter().find(|(to, _)| *to == precinct);
            let own = lines.saturating_sub(came.map_or(0, |(_, n)| *n));
            Some(u32::try_from(own).unwrap_or(u32::MAX))
        };
        let terms = Terms {
            residents: &residents,
            offset: self.offset(),
            policy: AlarmPolicy::standard(),
        };
        let mut origins = self.origins.lock().unwrap_or_else(PoisonError::into_inner);
        let transfers = self
            .store
            .read("transfers", |tx| watch(tx, &mut origins, &terms))?;
        drop(origins);
        let transfers = Arc::new(transfers);
        *lock() = Some(KeptTransfers {
            heads,
            transfers: Arc::clone(&transfers),
        });
        Ok(transfers)
    }

    /// How far both journals are.
    fn heads(&self) -> Result<[ChainHead; 2], StoreError> {
        self.store.read("journal_heads", |tx| {
            Ok::<_, StoreError>([
                tx.journal_head(Journal::Registry)?,
                tx.journal_head(Journal::Electoral)?,
            ])
        })
    }

    /// What this office sees itself: sums that disagree, signatures that are wrong. Nobody can answer for these.
    pub(crate) fn own_blockers(
        release: &ReleaseRow,
        counted: &Counted,
        document: &Document,
    ) -> Vec<Blocker> {
        let sums = counted.sums.disagreements().len() as u64;
        let signatures = match document.signatures {
            Signatures::Bad => 1,
            Signatures::Good(_) | Signatures::NotChecked => 0,
        };
        [("sums", sums), ("signatures", signatures)]
            .into_iter()
            .filter(|(_, count)| *count > 0)
            .map(|(code, count)| Blocker {
                code,
                count,
                owner: roll::blockers::Owner::BothSigners,
                href: format!("/list/{}", release.number),
                right: Right::SeeFigures,
                may_be_signed_off: false,
                signed_off: Vec::new(),
            })
            .collect()
    }

    /// How many rows of a reconciliation by class: its rows never change, so once is enough.
    pub(crate) fn classes(&self, run: u32) -> Result<Classes, StoreError> {
        let lock = || self.classes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = lock().get(&run) {
            return Ok(Arc::clone(kept));
        }
        let found = self
            .store
            .read("reconciliation_counts", |tx| tx.reconciliation_counts(run))?;
        let found = Arc::new(found);
        // A run that has no rows may be in the making.
        if !found.is_empty() {
            lock().insert(run, Arc::clone(&found));
        }
        Ok(found)
    }

    /// How the voters of a release came to their precincts, beside a reconciliation: neither changes, so once is enough.
    pub(crate) fn placements(
        &self,
        release: u32,
        run: Option<u32>,
    ) -> Result<Placements, StoreError> {
        let lock = || {
            self.placements
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        };
        if let Some(kept) = lock().get(&(release, run)) {
            return Ok(kept.clone());
        }
        let found = self.store.read("placements", |tx| {
            let without_row = run.map(|run| tx.count_without_row(release, run));
            Ok::<_, StoreError>(Placements {
                by_table: tx.placement_counts(release)?.into_iter().collect(),
                without_row: without_row.transpose()?,
            })
        })?;
        lock().insert((release, run), found.clone());
        Ok(found)
    }

    /// The figures of the register: at most a minute old in a small register; in a large one a page takes the latest
    /// there are, says their time, and newer ones are taken beside it.
    pub(crate) fn figures(&self) -> Result<Arc<Figures>, StoreError> {
        let latest = self.figures.latest();
        let now = self.now();
        match latest {
            Some(kept) if now.micros() - kept.taken.micros() < FIGURES_KEPT_MICROS => Ok(kept),
            Some(kept) if kept.counts.enrolments > COUNTED_AT_ONCE_MAX => {
                if !self.figures.is_taking.swap(true, Ordering::AcqRel) {
                    let (store, shelf) = (self.store.clone(), Arc::clone(&self.figures));
                    std::thread::spawn(move || {
                        if let Err(error) = shelf.take(&store) {
                            tracing::warn!(%error, "the register's figures were not taken anew");
                        }
                        shelf.is_taking.store(false, Ordering::Release);
                    });
                }
                Ok(kept)
            }
            Some(_) | None => self.figures.take(&self.store),
        }
    }

    /// Where precincts lie, for maps.
    pub(crate) fn territories(&self) -> &Territories {
        &self.territory
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

impl FigureShelf {
    fn latest(&self) -> Option<Arc<Figures>> {
        let latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        latest.as_ref().map(Arc::clone)
    }

    fn take(&self, store: &Store) -> Result<Arc<Figures>, StoreError> {
        let figures = store.read("register_figures", |tx| {
            Ok::<_, StoreError>(Figures {
                counts: tx.register_counts()?,
                campaign: tx.enrolment_counts()?,
                by_region: tx.captures_by_region()?,
                by_month: tx.captures_by_month()?,
                processed_by_month: tx.processed_by_month()?,
                taken: tx.at(),
            })
        })?;
        let kept = Arc::new(figures);
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        *latest = Some(Arc::clone(&kept));
        Ok(kept)
    }
}

fn count(
    tx: &mut Tx<'_>,
    release: &ReleaseRow,
    document: Option<&ListRelease>,
    again: bool,
) -> Result<Counted, StoreError> {
    let n = release.number;
    let cells = tx.release_cells(n)?;
    let received = if again {
        None
    } else {
        Sums::received(tx, release, document, &cells)?
    };
    let is_live = received.is_none();
    let sums = match received {
        Some(sums) => sums,
        None => Sums::of(tx, release, document)?,
    };
    let lines = if is_live {
        tx.precinct_counts(n)?
    } else {
        tx.release_precincts(n)?
    };
    let earlier = tx.releases()?.into_iter().map(|r| r.number);
    let changes = match (tx.find_changes(n)?, earlier.filter(|m| *m < n).max()) {
        (Some(changes), _) => Some(changes),
        // Nobody changed, or the release was received before changes were kept.
        (None, Some(since)) => Some(Changes {
            since,
            rows: if cells.is_empty() {
                tx.decision_changes(since, n)?
            } else {
                Vec::new()
            },
        }),
        (None, None) => None,
    };
    let outcomes = tx.claim_outcome_counts(n)?;
    let form2 = outcomes
        .iter()
        .filter(|row| row.0 == ClaimKind::Form2 && row.1 == ClaimOutcome::Counts);
    Ok(Counted {
        sums,
        form2: (tx.form2_by_target(n)?, form2.map(|row| row.2).sum()),
        lines: lines.into_iter().collect(),
        changes,
        cells,
        taken: tx.at(),
        is_live,
    })
}

impl std::fmt::Debug for Office {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Office({})", self.law.id)
    }
}
