//! Pictures of voters whom two officers identified: what came in, and the opening of one by two people.

use lexicon::Purpose;
use store::{Look, PictureAct, PictureRow, PictureStep};

use crate::pages::pictures::{self as page, Shown, Wrong};
use crate::pictures::{Opening, REASONS, standing};
use crate::visit::{Answer, Answered, Problem, Visit};

/// Most characters of the number of a decision.
const BASIS_CHARS: usize = 60;

pub(crate) fn overview(visit: &Visit<'_>) -> Answered {
    let store = &visit.office.store;
    let page = match visit.asked_as::<u16>("precinct")? {
        None => {
            let counts = store.read("picture_counts", |tx| tx.picture_counts())?;
            page::overview(visit, &counts)
        }
        Some(precinct) => {
            let rows = store.read("pictures_of", |tx| tx.pictures_of(precinct))?;
            page::precinct(visit, precinct, &rows)
        }
    };
    Ok(Answer::Page(page))
}

fn find(visit: &Visit<'_>) -> Result<(PictureRow, Vec<PictureStep>), Problem> {
    let sha256 = visit.part("sha256")?;
    let found = visit.office.store.read("picture", |tx| {
        let row = tx.find_picture(sha256)?;
        Ok::<_, store::StoreError>((row, tx.picture_steps(sha256)?))
    })?;
    Ok((found.0.ok_or(Problem::NotFound)?, found.1))
}

fn shown(visit: &Visit<'_>, wrong: Option<Wrong>, picture: Option<&[u8]>) -> Answered {
    let (row, steps) = find(visit)?;
    let institution = visit.role.institution().ok_or(Problem::NotFound)?;
    let page = page::one(
        visit,
        &Shown {
            row: &row,
            steps: &steps,
            standing: standing(&steps, &visit.staff, institution, visit.office.now()),
            picture,
            wrong,
            has_key: visit.office.config.pictures_key.is_some(),
        },
    );
    Ok(Answer::page(page, wrong.is_some()))
}

pub(crate) fn open(visit: &Visit<'_>) -> Answered {
    shown(visit, None, None)
}

pub(crate) fn act(visit: &Visit<'_>) -> Answered {
    let (row, steps) = find(visit)?;
    let institution = visit.role.institution().ok_or(Problem::NotFound)?;
    let now = visit.office.now();
    let standing = standing(&steps, &visit.staff, institution, now);
    let step = |act, reason: &str, basis: &str| PictureStep {
        act,
        reason: reason.to_owned(),
        basis: basis.to_owned(),
        institution,
        staff: visit.staff.clone(),
        at: now,
    };
    let record = |step: &PictureStep| {
        let store = &visit.office.store;
        store.transact("picture_step", &visit.staff, |tx| {
            tx.record_picture_step(&row.sha256, step)
        })
    };
    let asked = steps.iter().rfind(|step| step.act == PictureAct::Asked);
    let url = format!("/day/picture/{}", row.sha256);
    match (visit.field("do"), standing) {
        ("ask", Opening::Closed | Opening::Others) => {
            let reason = visit.field("reason");
            let basis: String = visit
                .field("basis")
                .trim()
                .chars()
                .take(BASIS_CHARS)
                .collect();
            if !REASONS.contains(&reason) {
                return shown(visit, Some(Wrong::Reason), None);
            }
            if basis.is_empty() {
                return shown(visit, Some(Wrong::Basis), None);
            }
            record(&step(PictureAct::Asked, reason, &basis))?;
            Ok(Answer::Go(url))
        }
        ("allow", Opening::Asked) => {
            let asked = asked.ok_or(Problem::Unreadable)?;
            record(&step(PictureAct::Allowed, &asked.reason, &asked.basis))?;
            Ok(Answer::Go(url))
        }
        ("look", Opening::Open(_)) => {
            visit.within_budget()?;
            let office = visit.office;
            let Some(key) = office.config.pictures_key.as_deref() else {
                return shown(visit, None, None);
            };
            let reason = asked.map_or("", |asked| asked.reason.as_str());
            // Both are written before anything is shown.
            record(&step(PictureAct::Looked, "", ""))?;
            let look = Look {
                staff: &visit.staff,
                purpose: Purpose::Serve,
                reason,
            };
            office.store.record_look(look, "voter_picture")?;
            let file = office
                .store
                .read("picture_file", |tx| tx.picture_file(&row.sha256))?
                .ok_or(Problem::NotFound)?;
            let kept = lexicon::handover::picture::KeptPicture::read(&file).ok();
            match kept.and_then(|kept| kept.open(key).ok()) {
                Some(picture) => shown(visit, None, Some(&picture)),
                None => shown(visit, Some(Wrong::Sealed), None),
            }
        }
        // The picture stands otherwise than the page that was answered: it is shown anew.
        ("ask" | "allow" | "look", _) => Ok(Answer::Go(url)),
        _ => Err(Problem::Unreadable),
    }
}
