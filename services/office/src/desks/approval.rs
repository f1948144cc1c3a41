//! Formed, approved by two persons of two institutions, published: the page and the acts.

use store::{ApprovalRow, PublishedRow, ReleaseRow, SignOffRow, StoreError};

use super::lists::find;
use crate::blockers::{Blocker, KeptCounts, Progress};
use crate::office::Office;
use crate::pages::approval::{self, Approval};
use crate::statement::{StatementError, state_approvals};
use crate::visit::{Answer, Answered, Problem, Visit};

/// Fewest characters of a reason: a word is none.
const REASON_MIN: usize = 10;

/// What stands about the approval of a release.
struct Kept {
    progress: Progress,
    approvals: Vec<ApprovalRow>,
    sign_offs: Vec<SignOffRow>,
    published: Option<PublishedRow>,
    precincts: u64,
}

fn kept(visit: &Visit<'_>, release: &ReleaseRow) -> Result<Kept, StoreError> {
    let n = release.number;
    visit.office.store.read("approval", |tx| {
        Ok::<_, StoreError>(Kept {
            progress: Progress::of(tx, release)?,
            approvals: tx.approvals(n)?,
            sign_offs: tx.sign_offs(n)?,
            published: tx.find_published(n)?,
            precincts: tx.count_precincts()?,
        })
    })
}

fn shown(visit: &Visit<'_>, release: &ReleaseRow, wrong: Option<&str>) -> Answered {
    let counted = visit.office.counted(release, false)?;
    let document = visit.office.document(release);
    let blockers = visit.office.blockers(release, &counted, &document)?;
    let kept = kept(visit, release)?;
    let page = approval::page(
        visit,
        &Approval {
            release,
            counted: &counted,
            document: &document,
            blockers: &blockers,
            progress: kept.progress,
            approvals: &kept.approvals,
            sign_offs: &kept.sign_offs,
            published: kept.published,
            precincts: kept.precincts,
            wrong,
        },
    );
    Ok(Answer::page(page, wrong.is_some()))
}

pub(crate) fn page(visit: &Visit<'_>) -> Answered {
    let (release, _) = find(visit)?;
    shown(visit, &release, None)
}

/// The office's word about who approved, as the file that `tizme batch publish --approvals` reads.
pub(crate) fn statement(visit: &Visit<'_>) -> Answered {
    let (release, _) = find(visit)?;
    let office = visit.office;
    let key = office.config.statement_key.as_deref();
    let key = key.ok_or(Problem::NotFound)?;
    let said = state_approvals(&office.store, &office.law, Some(release.number), key);
    let (_, bytes) = match said {
        Ok(said) => said,
        Err(StatementError::Store(error)) => return Err(error.into()),
        Err(error) => {
            tracing::error!(%error, "the approvals were not signed");
            return Err(Problem::NotFound);
        }
    };
    let mut bytes = Some(bytes);
    Ok(Answer::Table {
        name: format!("approvals-{}.cose", release.number),
        next: Box::new(move || Ok(bytes.take())),
    })
}

fn back(release: &ReleaseRow) -> Answered {
    Ok(Answer::Go(format!("/list/{}/approve", release.number)))
}

/// Records the account's approval of exactly this root, when nothing blocks it.
pub(crate) fn approve(visit: &Visit<'_>) -> Answered {
    let (release, _) = find(visit)?;
    let institution = visit.role.institution().ok_or(Problem::NotFound)?;
    let root = crate::serve::hex(&release.root);
    let refused = if visit.field("root") != root {
        Some("approve.refused_root")
    } else if visit.field("seen") != "yes" {
        Some("approve.refused_seen")
    } else {
        None
    };
    if let Some(key) = refused {
        return shown(visit, &release, Some(&visit.t(key)));
    }
    let counted = visit.office.counted(&release, false)?;
    let document = visit.office.document(&release);
    let own = Office::own_blockers(&release, &counted, &document);
    let staff = &visit.staff;
    let refused = visit
        .office
        .store
        .transact("approve_release", staff, |tx| {
            // What blocks is asked again in the transaction that approves.
            let mut blockers = crate::blockers::blockers(
                tx,
                &release,
                visit.office.today(),
                &mut KeptCounts::new(),
            )?;
            blockers.extend(own.iter().cloned());
            if blockers.iter().any(Blocker::stops) {
                return Ok::<_, StoreError>(Some("approve.refused_blocked"));
            }
            let approvals = tx.approvals(release.number)?;
            let is_twice =
                |row: &ApprovalRow| row.institution == institution || row.staff == *staff;
            if approvals.iter().any(is_twice) {
                return Ok(Some("approve.refused_twice"));
            }
            let row = ApprovalRow {
                institution,
                staff: staff.clone(),
                root: release.root,
                at: tx.at(),
            };
            tx.record_approval(release.number, &row)?;
            Ok(None)
        })?;
    match refused {
        Some(key) => shown(visit, &release, Some(&visit.t(key))),
        None => back(&release),
    }
}

/// Records that the account's institution answers for a blocker.
pub(crate) fn sign_off(visit: &Visit<'_>) -> Answered {
    let (release, _) = find(visit)?;
    let institution = visit.role.institution().ok_or(Problem::NotFound)?;
    let reason = visit.field("reason").trim().to_owned();
    if reason.chars().count() < REASON_MIN {
        return shown(visit, &release, Some(&visit.t("approve.refused_reason")));
    }
    let waiting: u64 = visit
        .field("waiting")
        .parse()
        .map_err(|_| Problem::Unreadable)?;
    let code = visit.field("blocker");
    let staff = &visit.staff;
    let refused = visit.office.store.transact("sign_off", staff, |tx| {
        let blockers =
            crate::blockers::blockers(tx, &release, visit.office.today(), &mut KeptCounts::new())?;
        let found = blockers.iter().find(|blocker| {
            blocker.code == code
                && blocker.may_be_signed_off
                && blocker.count == waiting
                && !blocker.signed_off.contains(&institution)
        });
        if found.is_none() {
            return Ok::<_, StoreError>(Some("approve.refused_changed"));
        }
        let row = SignOffRow {
            blocker: code.to_owned(),
            waiting,
            institution,
            staff: staff.clone(),
            reason: reason.clone(),
            at: tx.at(),
        };
        tx.record_sign_off(release.number, &row)?;
        Ok(None)
    })?;
    match refused {
        Some(key) => shown(visit, &release, Some(&visit.t(key))),
        None => back(&release),
    }
}
