//! Voting at home: the application at the desk, the withdrawal, the slip, and the home lists frozen at the cut-off.

use std::collections::BTreeMap;

use lexicon::{PrecinctCode, Sealed};
use roll::home::{Applicant, Draft, Fate, HomeRefused, Wish, hear};
use store::{HomeWish, NewHomeWish, PersonPage, StoreError, Tx};

use super::hours::as_file;
use super::persons::open;
use crate::home_voting::{Heard, NotFrozen, freeze_all, heard};
use crate::pages::home_voting::{self as page, Form, Overview, Row, Said, Sum};
use crate::pages::person::Opened;
use crate::place::last_place;
use crate::role::Right;
use crate::visit::{Answer, Answered, Problem, Visit};

/// Bytes of the random key of a form.
const KEY_BYTES: usize = 16;
/// Most characters of the place of a visit.
const PLACE_CHARS: usize = 200;

fn typed(visit: &Visit<'_>, page: &PersonPage) -> Form {
    let key = match visit.field("form") {
        "" => crate::serve::hex(&keys::random::<KEY_BYTES>()),
        kept => kept.chars().take(2 * KEY_BYTES).collect(),
    };
    let listed = applicant(page, false).listed;
    let wanted = match visit.form.get("wanted") {
        Some(wanted) => wanted.trim().chars().take(8).collect(),
        None => listed.map_or_else(String::new, |precinct| precinct.to_string()),
    };
    Form {
        key,
        wanted,
        category: visit.field("category").chars().take(40).collect(),
        place: visit
            .field("place")
            .trim()
            .chars()
            .take(PLACE_CHARS)
            .collect(),
        identified: visit.field("identified") == "1",
    }
}

fn applicant(page: &PersonPage, has_applied: bool) -> Applicant {
    let (listed, excluded) = last_place(page);
    Applicant {
        listed,
        excluded,
        has_applied,
    }
}

/// Whether the last word of these is an application.
fn has_applied(wishes: &[HomeWish]) -> bool {
    let taken = wishes.iter().rfind(|wish| wish.refused.is_empty());
    taken.is_some_and(|wish| !wish.withdraws)
}

fn wishes_of(visit: &Visit<'_>, page: &PersonPage) -> Result<Vec<HomeWish>, StoreError> {
    visit
        .office
        .store
        .read("home_wishes", |tx| tx.home_wishes_of(page.person))
}

pub(crate) fn ask(visit: &Visit<'_>) -> Answered {
    let page = open(visit)?;
    let wishes = wishes_of(visit, &page)?;
    let opened = Opened::of(visit, &page);
    let form = typed(visit, &page);
    Ok(Answer::Page(page::page(
        visit,
        &opened,
        &form,
        &Said::Nothing,
        &wishes,
    )))
}

/// What came of a form.
enum Outcome {
    /// The wish's number, and whether it is new.
    Kept(u64, bool),
    /// It was only asked whether anything stands against it, or the form is to be corrected.
    Heard(Result<(), HomeRefused>),
}

pub(crate) fn act(visit: &Visit<'_>) -> Answered {
    let page = open(visit)?;
    let form = typed(visit, &page);
    let withdraws = visit.field("do") == "withdraw";
    let is_filed = withdraws || visit.field("do") == "file";
    let opened = Opened::of(visit, &page);
    let wanted: Option<PrecinctCode> = form.wanted.parse().ok();
    let listed = applicant(&page, false).listed.filter(|_| withdraws);
    let asked_before = match (withdraws, wanted.or(listed)) {
        (true, None) => wishes_of(visit, &page)?.last().map(|wish| wish.precinct),
        (true | false, _) => None,
    };
    let Some(precinct) = wanted.or(listed).or(asked_before) else {
        let wishes = wishes_of(visit, &page)?;
        let shown = page::page(visit, &opened, &form, &Said::NoPrecinct, &wishes);
        return Ok(Answer::Correct(shown));
    };
    let wish = if withdraws {
        Wish::Withdraw
    } else {
        Wish::Apply {
            category: &form.category,
            place: &form.place,
        }
    };
    let settle = |tx: &mut Tx<'_>| {
        let mut key = form.key.clone();
        if let Some(number) = tx.find_home_wish_of_form(&form.key)? {
            let kept = tx.find_home_wish(number)?;
            let is_same = kept.is_some_and(|kept| {
                let category = if withdraws {
                    ""
                } else {
                    form.category.as_str()
                };
                (kept.person, kept.precinct, kept.withdraws) == (page.person, precinct, withdraws)
                    && kept.category == category
            });
            if is_same {
                return Ok(Outcome::Kept(number, false));
            }
            // The browser went back and something else was asked: that is another wish.
            key = crate::serve::hex(&keys::random::<KEY_BYTES>());
        }
        let wishes = tx.home_wishes_of(page.person)?;
        let standing = wishes.iter().rfind(|wish| wish.refused.is_empty());
        let asked_at = standing.filter(|wish| withdraws && !wish.withdraws);
        let precinct = asked_at.map_or(precinct, |wish| wish.precinct);
        let draft = Draft {
            wish,
            precinct,
            identified: form.identified,
            at: tx.at(),
        };
        let known = applicant(&page, has_applied(&wishes));
        let said = hear(&visit.office.law, draft, known);
        let is_kept = !said.is_err_and(HomeRefused::is_slip_of_the_form);
        if !is_filed || !is_kept {
            return Ok(Outcome::Heard(said));
        }
        let refused = said.err().map_or_else(String::new, |why| {
            format!("{} {}", why.code(), why.detail())
                .trim_end()
                .to_owned()
        });
        let new = NewHomeWish {
            form: key,
            person: page.person,
            precinct,
            withdraws,
            category: if withdraws {
                String::new()
            } else {
                form.category.clone()
            },
            place: Sealed::new(if withdraws {
                String::new()
            } else {
                form.place.clone()
            }),
            refused,
        };
        let (number, is_new) = tx.record_home_wish(&new, &visit.staff)?;
        Ok::<_, StoreError>(Outcome::Kept(number, is_new))
    };
    match visit
        .office
        .store
        .transact("home_wish", &visit.staff, settle)?
    {
        Outcome::Kept(number, is_new) => {
            let again = if is_new { "" } else { "?again=1" };
            Ok(Answer::Go(format!("/home-voting/slip/{number}{again}")))
        }
        Outcome::Heard(said) => {
            let wishes = wishes_of(visit, &page)?;
            let said = said.map_or_else(Said::Refused, |()| Said::Fine);
            let shown = page::page(visit, &opened, &form, &said, &wishes);
            Ok(match said {
                Said::Refused(_) => Answer::Correct(shown),
                Said::Nothing | Said::NoPrecinct | Said::Fine => Answer::Page(shown),
            })
        }
    }
}

pub(crate) fn slip(visit: &Visit<'_>) -> Answered {
    let number: u64 = visit.parsed("number")?;
    visit.within_budget()?;
    let office = visit.office;
    let found = office
        .store
        .read("home_wish", |tx| tx.find_home_wish(number))?;
    let wish = found.ok_or(Problem::NotFound)?;
    let shown = office
        .store
        .show_persons(visit.look(), "home_wish", &[wish.person])?;
    let again = visit.asked("again").is_some();
    Ok(Answer::Page(page::slip(visit, &wish, shown.first(), again)))
}

/// Everything that was heard, on the release of the freezing that stands, or on the latest.
fn all(visit: &Visit<'_>) -> Result<(Heard, page::Lists), StoreError> {
    let office = visit.office;
    office.store.read("home_voting", |tx| {
        let edition = tx.last_home_edition()?;
        let latest = tx.releases()?.pop().map(|release| release.number);
        let release = edition.as_ref().map(|edition| edition.release).or(latest);
        let lists = match &edition {
            Some(edition) => tx.home_lists(edition.edition)?,
            None => Vec::new(),
        };
        let heard = heard(tx, &office.law, release.unwrap_or(0))?;
        Ok::<_, StoreError>((
            heard,
            page::Lists {
                edition,
                lists,
                latest,
            },
        ))
    })
}

fn shown(visit: &Visit<'_>, wrong: Option<NotFrozen>) -> Answered {
    let (heard, mut lists) = all(visit)?;
    let mut sums: BTreeMap<PrecinctCode, Sum> = BTreeMap::new();
    // One application in a small precinct is nearly a person: others than those who work with them see sums alone.
    let may = visit.may(Right::SeeClaims) || visit.may(Right::Approve);
    if !may
        && lists
            .lists
            .iter()
            .map(|list| u64::from(list.voters))
            .sum::<u64>()
            < 10
    {
        lists.lists.clear();
    }
    for wish in heard.wishes.iter().filter(|_| may) {
        let sum = sums.entry(wish.precinct).or_default();
        match (wish.refused.is_empty(), wish.withdraws) {
            (false, _) => sum.refused += 1,
            (true, true) => sum.withdrawn += 1,
            (true, false) => {
                sum.applied += 1;
                let fate = heard.frozen.fates.get(&wish.number);
                sum.stand += u64::from(matches!(fate, Some(Fate::Stands { .. })));
                sum.lapsed += u64::from(matches!(fate, Some(Fate::Lapsed(_))));
            }
        }
    }
    let page = page::overview(
        visit,
        &Overview {
            sums: &sums,
            lists: &lists,
            wrong,
            is_frozen_now: visit.asked("frozen").is_some(),
        },
    );
    Ok(Answer::page(page, wrong.is_some()))
}

pub(crate) fn overview(visit: &Visit<'_>) -> Answered {
    shown(visit, None)
}

/// Freezes and signs the home lists.
pub(crate) fn freeze_lists(visit: &Visit<'_>) -> Answered {
    let office = visit.office;
    let key = office.config.home_key.as_deref();
    match freeze_all(&office.store, &office.law, key, &visit.staff)? {
        Ok(_) => Ok(Answer::Go("/home-voting?frozen=1".to_owned())),
        Err(why) => shown(visit, Some(why)),
    }
}

/// The signed home lists as the file that `tizme batch pack --home` reads.
pub(crate) fn signed(visit: &Visit<'_>) -> Answered {
    visit.within_budget()?;
    visit
        .office
        .store
        .record_look(visit.look(), "home_lists_signed")?;
    let lists = visit.office.store.read("home_lists", |tx| {
        let edition = tx.last_home_edition()?;
        edition
            .map(|edition| tx.home_lists(edition.edition))
            .transpose()
    })?;
    let lists = lists.ok_or(Problem::NotFound)?;
    let documents: Vec<Vec<u8>> = lists.into_iter().map(|list| list.document).collect();
    let mut bytes = Some(lexicon::handover::home_list::rows(&documents).into_bytes());
    Ok(Answer::Table {
        name: "home-lists.txt".to_owned(),
        next: Box::new(move || Ok(bytes.take())),
    })
}

/// How a wish stands, as a code and what belongs to it.
fn standing(wish: &HomeWish, heard: &Heard) -> (&'static str, String) {
    if !wish.refused.is_empty() {
        return ("refused", wish.refused.clone());
    }
    if wish.withdraws {
        return ("withdrawal", String::new());
    }
    match heard.frozen.fates.get(&wish.number) {
        Some(Fate::Stands { .. }) => ("stands", String::new()),
        Some(Fate::Lapsed(why)) => {
            let reason = format!("{} {}", why.code(), why.detail());
            ("lapsed", reason.trim_end().to_owned())
        }
        Some(Fate::Superseded) | None => ("superseded", String::new()),
    }
}

fn line_of(wish: &HomeWish, heard: &Heard) -> Option<u32> {
    match heard.frozen.fates.get(&wish.number) {
        Some(Fate::Stands { line }) => Some(*line),
        Some(Fate::Superseded | Fate::Lapsed(_)) | None => None,
    }
}

/// The home list of a precinct for its members: names, lines, places.
pub(crate) fn precinct(visit: &Visit<'_>) -> Answered {
    let code: PrecinctCode = visit.parsed("precinct")?;
    visit.within_budget()?;
    let (heard, lists) = all(visit)?;
    let of_precinct: Vec<&HomeWish> = heard
        .wishes
        .iter()
        .filter(|wish| wish.precinct == code)
        .collect();
    if of_precinct.is_empty() {
        return Err(Problem::NotFound);
    }
    let mut persons: Vec<_> = of_precinct.iter().map(|wish| wish.person).collect();
    persons.sort_unstable();
    persons.dedup();
    let hits = visit
        .office
        .store
        .show_persons(visit.look(), "home_list", &persons)?;
    let mut rows: Vec<Row<'_>> = of_precinct
        .into_iter()
        .map(|wish| {
            let (standing, reason) = standing(wish, &heard);
            Row {
                wish,
                hit: hits.iter().find(|hit| hit.person == wish.person),
                line: line_of(wish, &heard),
                standing,
                reason,
            }
        })
        .collect();
    rows.sort_by_key(|row| (row.line.is_none(), row.line, row.wish.number));
    Ok(Answer::Page(page::precinct(visit, code, &rows, &lists)))
}

/// Every wish as a file, without names and places.
pub(crate) fn table(visit: &Visit<'_>) -> Answered {
    visit.within_budget()?;
    visit
        .office
        .store
        .record_look(visit.look(), "home_voting_table")?;
    let (heard, _) = all(visit)?;
    let head = "number,precinct,line,act,category,filed,standing,reason";
    let mut rows = vec![head.split(',').map(str::to_owned).collect::<Vec<_>>()];
    for wish in &heard.wishes {
        let (standing, reason) = standing(wish, &heard);
        rows.push(vec![
            wish.number.to_string(),
            wish.precinct.to_string(),
            line_of(wish, &heard).map_or_else(String::new, |line| line.to_string()),
            if wish.withdraws { "withdraw" } else { "apply" }.to_owned(),
            // Who may not file does not learn why a voter stays at home.
            if visit.may(Right::FileClaims) {
                wish.category.clone()
            } else {
                String::new()
            },
            visit.moment(wish.at),
            standing.to_owned(),
            reason,
        ]);
    }
    Ok(as_file("home-voting.csv".to_owned(), &rows))
}
