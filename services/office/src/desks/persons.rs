//! Search, the person page, why (not) on the list.

use lexicon::person::ParsePersonError;
use lexicon::{DocumentNumber, PersonId, Pin};
use store::{Find, PersonPage, ReleaseRow, Window};

use crate::pages::parts::PAGE_ROWS;
use crate::pages::person::Opened;
use crate::pages::search::{Kind, State};
use crate::pages::why::Question;
use crate::pages::{letter as letter_page, person, search as search_page, why as why_page};
use crate::reason::Reason;
use crate::role::Role;
use crate::stood::Stood;
use crate::visit::{Answer, Answered, Problem, Visit};

/// Most characters of a search; more is a slip of the clipboard.
const TYPED_MAX: usize = 120;

pub(crate) fn form(visit: &Visit<'_>) -> Answered {
    Ok(Answer::Page(search_page::page(visit, "", &State::Empty)))
}

/// What was typed, read as the kind it looks like, or what is wrong with it.
pub(crate) fn read(visit: &Visit<'_>, typed: &str) -> Result<(Kind, Find), String> {
    let plain: String = typed
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '\u{2013}'))
        .collect();
    let digits = plain.chars().filter(char::is_ascii_digit).count();
    if plain.is_empty() {
        return Err(visit.t("search.wrong_empty"));
    }
    if typed.chars().count() > TYPED_MAX {
        return Err(visit.t("search.wrong_long"));
    }
    if let Ok(number) = DocumentNumber::parse(typed) {
        return Ok((Kind::Document, Find::Document(number)));
    }
    // Mostly digits: a PIN, with О for 0 at most.
    if digits >= 5 && digits * 4 >= plain.chars().count() * 3 {
        let today = visit.date(visit.office.now());
        return match Pin::parse(typed, today) {
            Ok(pin) => Ok((Kind::Pin, Find::Pin(pin))),
            Err(ParsePersonError::PinLength { got }) => {
                Err(visit.f("search.wrong_pin_length", &[("n", &got.to_string())]))
            }
            Err(
                ParsePersonError::Id
                | ParsePersonError::PinDigit
                | ParsePersonError::PinSex
                | ParsePersonError::PinDate
                | ParsePersonError::PinFuture
                | ParsePersonError::Document
                | ParsePersonError::Sex
                | ParsePersonError::EmptyName,
            ) => Err(visit.t("search.wrong_pin")),
        };
    }
    if !plain.chars().any(char::is_alphabetic) && !plain.contains([';', '[', ']', '\'', ',', '.']) {
        return Err(visit.t("search.wrong_name"));
    }
    Ok((Kind::Name, Find::Name(typed.to_owned())))
}

pub(crate) fn search(visit: &Visit<'_>) -> Answered {
    let typed = visit.field("q").trim();
    let chosen = Reason::from_code(visit.field("reason"));
    let Some(reason) = Reason::in_force(visit.role, visit.reason.or(chosen)) else {
        let wrong = State::Wrong(visit.t("search.wrong_reason"));
        return Ok(Answer::Correct(search_page::page(visit, typed, &wrong)));
    };
    let (kind, find) = match read(visit, typed) {
        Ok(read) => read,
        Err(said) => {
            let wrong = State::Wrong(said);
            return Ok(Answer::Correct(search_page::page(visit, typed, &wrong)));
        }
    };
    visit.within_budget()?;
    let skip = visit.field("skip").parse().unwrap_or(0);
    let window = Window {
        skip,
        take: PAGE_ROWS as usize + 1,
    };
    let look = store::Look {
        staff: &visit.staff,
        purpose: reason.purpose(),
        reason: reason.code(),
    };
    let hits = visit.office.store.find_persons(look, &find, window)?;
    let found = State::Found { kind, hits, skip };
    let page = search_page::page(visit, typed, &found);
    // The reason given with the first search holds for the session.
    if visit.reason.is_none() {
        return Ok(Answer::KeepPage(reason, page));
    }
    Ok(Answer::Page(page))
}

pub(crate) fn open(visit: &Visit<'_>) -> Result<PersonPage, Problem> {
    let person: PersonId = visit.parsed("person")?;
    visit.within_budget()?;
    visit
        .office
        .store
        .open_person(visit.look(), person)?
        .ok_or(Problem::NotFound)
}

pub(crate) fn card(visit: &Visit<'_>) -> Answered {
    let page = open(visit)?;
    Ok(Answer::Page(person::page(visit, &Opened::of(visit, &page))))
}

/// Which release is asked about: the one of the link, or the latest that knows the person; after which of its deltas:
/// that of the link, or all.
fn asked<'r>(
    visit: &Visit<'_>,
    releases: &'r [ReleaseRow],
    page: &'r PersonPage,
) -> Result<(Option<&'r ReleaseRow>, Option<Question<'r>>), Problem> {
    let number: Option<u32> = visit.asked_as("release")?;
    let after: Option<u32> = visit.asked_as("after")?;
    let number = number.or(Stood::latest_release(page));
    let release = number.and_then(|number| releases.iter().find(|r| r.number == number));
    if number.is_some() && release.is_none() {
        return Err(Problem::NotFound);
    }
    let Some(release) = release else {
        return Ok((None, None));
    };
    let last = visit
        .office
        .store
        .read("last_delta", |tx| tx.last_delta(release.number))?;
    let stood = Stood::of(page, release.number, after);
    let question = stood.map(|stood| Question {
        release,
        stood,
        upto: after.map_or(last, |after| after.min(last)),
    });
    Ok((Some(release), question))
}

pub(crate) fn why(visit: &Visit<'_>) -> Answered {
    let page = open(visit)?;
    let releases = visit.office.store.read("releases", |tx| tx.releases())?;
    let (release, question) = asked(visit, &releases, &page)?;
    let opened = Opened::of(visit, &page);
    Ok(Answer::Page(why_page::page(
        visit,
        &opened,
        release,
        question.as_ref(),
    )))
}

/// The letter that says to the person why they are or are not on a list.
pub(crate) fn letter(visit: &Visit<'_>) -> Answered {
    let page = open(visit)?;
    let releases = visit.office.store.read("releases", |tx| tx.releases())?;
    let (_, question) = asked(visit, &releases, &page)?;
    let question = question.ok_or(Problem::NotFound)?;
    let opened = Opened::of(visit, &page);
    let staff = visit.office.store.read("staff", |tx| tx.all_staff())?;
    let role_of = |account: &str| {
        let known = staff.iter().find(|known| known.staff == account)?;
        Role::from_code(&known.role)
    };
    let looks = letter_page::Look::told(&page.reads, visit.office.offset(), &role_of);
    Ok(Answer::Page(letter_page::page(
        visit, &opened, &question, &looks,
    )))
}
