//! Every address of the office with the right it asks for: one table, so that no desk can forget to ask.

use crate::desks::{
    approval, boundaries, calendar, captures, cases, claim_files, claims, compare, conflicts,
    contradictions, corrections, day, deltas, field, figures, filing, groups, home, home_voting,
    hours, institutions, lists, lists_uploaded, page_counts, persons, pictures, protocols,
    reconciliation, rehearsal, review, second_day, staff, tickets, transfers,
};
use crate::role::Right;
use crate::visit::{Answered, Problem, Visit};

/// How an address is asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verb {
    /// Shows.
    Get,
    /// Acts.
    Post,
}

/// An address that a signed-in account may ask.
pub struct Route {
    /// How.
    pub verb: Verb,
    /// Where, with parts in braces.
    pub path: &'static str,
    /// What it asks for; none: any account.
    pub right: Option<Right>,
    /// Whether a reason must be in force before it shows personal data.
    pub needs_reason: bool,
    /// Whether its form brings a file, which goes to disk before the desk sees it.
    pub takes_file: bool,
    /// The page that an act belongs to: where the links of its answer lead.
    pub page: &'static str,
    pub(crate) desk: fn(&Visit<'_>) -> Answered,
}

impl std::fmt::Debug for Route {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} {} {:?}", self.verb, self.path, self.right)
    }
}

const fn get(path: &'static str, right: Right, desk: fn(&Visit<'_>) -> Answered) -> Route {
    Route {
        verb: Verb::Get,
        path,
        right: Some(right),
        needs_reason: false,
        takes_file: false,
        page: path,
        desk,
    }
}

const fn post(path: &'static str, right: Right, desk: fn(&Visit<'_>) -> Answered) -> Route {
    Route {
        verb: Verb::Post,
        ..get(path, right, desk)
    }
}

impl Route {
    const fn reasoned(self) -> Route {
        Route {
            needs_reason: true,
            ..self
        }
    }

    const fn with_file(self) -> Route {
        Route {
            takes_file: true,
            ..self
        }
    }

    const fn on(self, page: &'static str) -> Route {
        Route { page, ..self }
    }

    const fn for_anybody(self) -> Route {
        Route {
            right: None,
            ..self
        }
    }
}

/// What a signed-in account sees at an address that is none.
pub(crate) const MISSING: Route = get("/", Right::SeeFigures, |_| Err(Problem::NotFound));

/// The table. Signing in and assets stand outside: they are for everybody.
pub const ROUTES: &[Route] = &[
    get("/", Right::SeeFigures, home::show),
    get("/reason", Right::SeeFigures, staff::ask_reason).for_anybody(),
    post("/reason", Right::SeeFigures, staff::keep_reason).for_anybody(),
    get("/staff", Right::SeeAccounts, staff::accounts),
    get("/search", Right::FindPersons, persons::form),
    post("/search", Right::FindPersons, persons::search),
    get("/person/{person}", Right::FindPersons, persons::card).reasoned(),
    get("/person/{person}/why", Right::FindPersons, persons::why).reasoned(),
    get("/list", Right::SeeFigures, lists::latest),
    get("/list/{release}", Right::SeeFigures, lists::release),
    get(
        "/list/{release}/precincts",
        Right::SeeFigures,
        lists::precincts,
    ),
    get(
        "/list/{release}/findings",
        Right::SeeFigures,
        lists::findings,
    ),
    get(
        "/list/{release}/precinct/{precinct}",
        Right::SeeFigures,
        lists::precinct,
    ),
    get(
        "/list/{release}/people/{code}",
        Right::SeePeople,
        lists::people,
    )
    .reasoned(),
    // ── list pages ──
    get(
        "/list/{release}/changes/{was}/{now}",
        Right::SeePeople,
        figures::changed,
    )
    .reasoned(),
    get(
        "/list/{release}/delta/{delta}/{act}",
        Right::SeePeople,
        deltas::people,
    )
    .reasoned(),
    get("/list/{release}/compare", Right::SeeFigures, compare::page),
    get(
        "/list/{release}/compare/table",
        Right::SeeFigures,
        compare::table,
    ),
    get("/list/{release}/approve", Right::SeeFigures, approval::page),
    post("/list/{release}/approve", Right::Approve, approval::approve)
        .on("/list/{release}/approve"),
    get(
        "/list/{release}/approvals",
        Right::Approve,
        approval::statement,
    ),
    post(
        "/list/{release}/sign-off",
        Right::Approve,
        approval::sign_off,
    )
    .on("/list/{release}/approve"),
    get("/statistics", Right::SeeFigures, figures::tables),
    get("/statistics/{sheet}", Right::SeeFigures, figures::table),
    get("/backlog", Right::SeeFigures, figures::backlog),
    get("/figure/captures", Right::SeePeople, groups::captures).reasoned(),
    get(
        "/figure/{release}/{group}",
        Right::SeePeople,
        groups::of_release,
    )
    .reasoned(),
    get("/calendar", Right::SeeFigures, calendar::show),
    get(
        "/person/{person}/letter",
        Right::FindPersons,
        persons::letter,
    )
    .reasoned(),
    // ── end of list pages ──
    get("/reconciliation", Right::SeeFigures, reconciliation::counts),
    get(
        "/reconciliation/{class}",
        Right::Reconcile,
        reconciliation::rows,
    )
    .reasoned(),
    post(
        "/reconciliation/export",
        Right::Export,
        reconciliation::export,
    )
    .on("/reconciliation"),
    get("/claims", Right::SeeClaims, claims::list).reasoned(),
    post("/claims", Right::FileClaims, claims::begin)
        .reasoned()
        .on("/claims"),
    get("/claim/{claim}", Right::SeeClaims, claims::chain).reasoned(),
    get("/claim/{claim}/notice", Right::FileClaims, claims::notice).reasoned(),
    // Claims that offices took while they were cut off.
    get("/claims/files", Right::SeeClaims, claim_files::all),
    post("/claims/files", Right::FileClaims, claim_files::receive)
        .with_file()
        .on("/claims/files"),
    get("/claims/files/{file}", Right::SeeClaims, claim_files::one).reasoned(),
    // Mass transfer: counts, no persons.
    get("/claims/transfers", Right::SeeFigures, transfers::all),
    post("/claims/transfers", Right::FileClaims, transfers::phones)
        .with_file()
        .on("/claims/transfers"),
    get(
        "/claims/transfers/series",
        Right::SeeFigures,
        transfers::series,
    ),
    get(
        "/claims/transfers/{precinct}",
        Right::SeeFigures,
        transfers::one,
    ),
    post(
        "/claims/transfers/{precinct}",
        Right::FileClaims,
        transfers::acknowledge,
    )
    .on("/claims/transfers/{precinct}"),
    get("/cases", Right::Adjudicate, cases::queue),
    get("/case/{case}", Right::Adjudicate, cases::compare).reasoned(),
    post("/case/{case}/opinion", Right::Adjudicate, cases::opinion).on("/case/{case}"),
    get("/cases/overview", Right::OverseeCases, cases::overview),
    post("/cases/give-out", Right::OverseeCases, cases::give_out).on("/cases/overview"),
    get("/case/{case}/verdict", Right::OverseeCases, cases::verdict),
    post("/case/{case}/reverse", Right::OverseeCases, cases::reverse).on("/case/{case}/verdict"),
    // PIN conflicts.
    get("/conflicts", Right::SeeFigures, conflicts::list),
    post("/conflicts/export", Right::Export, conflicts::export).on("/conflicts"),
    get("/conflicts/lot/{lot}", Right::Export, conflicts::lot).reasoned(),
    get("/conflicts/answers", Right::Export, conflicts::answers).reasoned(),
    post("/conflicts/answers", Right::Export, conflicts::take)
        .reasoned()
        .with_file()
        .on("/conflicts/answers"),
    get("/conflict/{conflict}", Right::Reconcile, conflicts::card).reasoned(),
    get(
        "/conflict/{conflict}/notices",
        Right::Reconcile,
        conflicts::notices,
    )
    .reasoned(),
    post(
        "/conflict/{conflict}/sign",
        Right::OverseeCases,
        conflicts::sign,
    )
    .reasoned()
    .on("/conflict/{conflict}"),
    // Field verification.
    get("/field", Right::SeeFigures, field::progress),
    post("/field", Right::Reconcile, field::hand_out)
        .reasoned()
        .on("/field"),
    get("/field/sum/{sum}", Right::Reconcile, field::entries::show).reasoned(),
    get("/field/table", Right::SeeFigures, field::table),
    get("/field/lot/{lot}", Right::Reconcile, field::lot).reasoned(),
    get("/field/lot/{lot}/file", Right::Reconcile, field::lot_file).reasoned(),
    get("/field/answers", Right::Reconcile, field::answers).reasoned(),
    post("/field/answers", Right::Reconcile, field::take)
        .reasoned()
        .with_file()
        .on("/field/answers"),
    // The address that a decision leaves behind, when it is asked for again.
    get("/field/decide", Right::Reconcile, field::answers).reasoned(),
    post("/field/decide", Right::Reconcile, field::decide)
        .reasoned()
        .on("/field/answers"),
    // Lists of the commission.
    get("/lists", Right::SeeFigures, lists_uploaded::all),
    post("/lists", Right::UploadList, lists_uploaded::take)
        .with_file()
        .on("/lists"),
    get("/lists/{edition}", Right::SeeFigures, lists_uploaded::one),
    get(
        "/lists/{edition}/rejects",
        Right::UploadList,
        lists_uploaded::rejects,
    ),
    post(
        "/lists/{edition}/resume",
        Right::UploadList,
        lists_uploaded::resume,
    )
    .on("/lists/{edition}"),
    // Doubtful links and addresses.
    get("/review", Right::SeeFigures, review::overview),
    get(
        "/review/rows/{figure}",
        Right::Reconcile,
        review::people::show,
    )
    .reasoned(),
    get("/review/links", Right::Reconcile, review::link).reasoned(),
    post("/review/links", Right::Reconcile, review::answer_link)
        .reasoned()
        .on("/review/links"),
    get("/review/addresses", Right::Reconcile, review::address).reasoned(),
    post(
        "/review/addresses",
        Right::Reconcile,
        review::answer_address,
    )
    .reasoned()
    .on("/review/addresses"),
    get(
        "/review/contradictions",
        Right::Reconcile,
        contradictions::list,
    ),
    post(
        "/review/contradictions",
        Right::OverseeCases,
        contradictions::ask_again,
    )
    .on("/review/contradictions"),
    // Precinct boundaries.
    get("/boundaries", Right::SeeFigures, boundaries::places),
    get("/boundaries/{place}", Right::SeeFigures, boundaries::editor),
    post(
        "/boundaries/{place}",
        Right::EditBoundaries,
        boundaries::change,
    )
    .on("/boundaries/{place}"),
    get(
        "/boundaries/change/{change}",
        Right::SeeFigures,
        boundaries::proposed,
    ),
    post(
        "/boundaries/change/{change}",
        Right::Approve,
        boundaries::approve,
    )
    .on("/boundaries/change/{change}"),
    // Election day: turnout by the hour.
    get("/hours", Right::SeeFigures, hours::page),
    post("/hours", Right::TakeHours, hours::take).on("/hours"),
    // The address that the form with a file leaves behind, when it is asked for again.
    get("/hours/file", Right::TakeHours, hours::page),
    post("/hours/file", Right::TakeHours, hours::take_file)
        .with_file()
        .on("/hours"),
    get("/hours/file/{batch}", Right::TakeHours, hours::batch),
    get(
        "/hours/file/{batch}/rejects",
        Right::TakeHours,
        hours::rejects,
    ),
    get(
        "/hours/precinct/{precinct}",
        Right::SeeFigures,
        hours::precinct,
    ),
    get("/hours/table/{table}", Right::SeeFigures, hours::table),
    // Election day: tickets of the support desk.
    get("/tickets", Right::SeeFigures, tickets::list),
    post("/tickets", Right::TakeHours, tickets::enter).on("/tickets"),
    get("/tickets/table", Right::SeeFigures, tickets::table),
    get(
        "/tickets/{precinct}/{number}",
        Right::SeeFigures,
        tickets::one,
    ),
    post(
        "/tickets/{precinct}/{number}",
        Right::TakeHours,
        tickets::act,
    )
    .on("/tickets/{precinct}/{number}"),
    // Election day: what stations handed in after close.
    get("/day", Right::SeeFigures, day::overview),
    post("/day", Right::TakeDay, day::take)
        .with_file()
        .on("/day"),
    get("/day/precinct/{precinct}", Right::SeeFigures, day::precinct),
    get(
        "/day/worksheet/{precinct}",
        Right::SeeFigures,
        day::worksheet,
    ),
    get(
        "/day/pages/{precinct}",
        Right::SeeFigures,
        page_counts::open,
    ),
    post("/day/pages/{precinct}", Right::TakeDay, page_counts::take).on("/day/pages/{precinct}"),
    get("/day/marked/{precinct}", Right::SeeMarked, day::marked).reasoned(),
    get("/day/doubles", Right::SeeMarked, day::doubles).reasoned(),
    // Sealed pictures of voters whom two officers identified: each opening has its own reason.
    get("/day/pictures", Right::SeeMarked, pictures::overview),
    get("/day/picture/{sha256}", Right::SeeMarked, pictures::open),
    post("/day/picture/{sha256}", Right::SeeMarked, pictures::act).on("/day/picture/{sha256}"),
    // Sealed captures of fingers: compared with each other under the same rule.
    get("/day/captures", Right::SeeMarked, captures::open),
    post("/day/captures", Right::SeeMarked, captures::act).on("/day/captures"),
    get("/day/incidents", Right::SeeFigures, day::incidents),
    get("/day/table/{table}", Right::SeeFigures, day::table),
    get("/day/paper", Right::SeeFigures, day::paper),
    // Election day: another day of voting.
    get("/day/days", Right::SeeFigures, second_day::overview),
    post("/day/days", Right::TakeDay, second_day::take)
        .with_file()
        .on("/day/days"),
    get("/day/days/{sha256}", Right::TakeDay, second_day::file),
    // Rehearsals: who came, what was wrong with the list.
    get("/rehearsal", Right::SeeFigures, rehearsal::overview),
    post("/rehearsal", Right::TakeDay, rehearsal::take)
        .with_file()
        .on("/rehearsal"),
    get(
        "/rehearsal/table/{table}",
        Right::SeeFigures,
        rehearsal::table,
    ),
    // Corrections that wait for a person.
    get(
        "/rehearsal/correction/{correction}",
        Right::FileClaims,
        corrections::open,
    )
    .reasoned(),
    post(
        "/rehearsal/correction/{correction}",
        Right::FileClaims,
        corrections::decide,
    )
    .reasoned()
    .on("/rehearsal/correction/{correction}"),
    // Election day: the commissions' protocols.
    get("/protocols", Right::SeeFigures, protocols::page),
    post("/protocols", Right::TakeDay, protocols::take)
        .with_file()
        .on("/protocols"),
    get("/protocols/table", Right::SeeFigures, protocols::table),
    get(
        "/protocols/{edition}/rejects",
        Right::TakeDay,
        protocols::rejects,
    ),
    // Filing a claim.
    get("/person/{person}/claim", Right::FileClaims, filing::ask).reasoned(),
    post("/person/{person}/claim", Right::FileClaims, filing::act)
        .reasoned()
        .on("/person/{person}/claim"),
    get("/claim/{claim}/receipt", Right::SeeClaims, filing::receipt).reasoned(),
    // Lists of institutions.
    get("/institutions", Right::SeeClaims, institutions::all),
    post("/institutions", Right::FileClaims, institutions::take)
        .with_file()
        .on("/institutions"),
    get("/institutions/form", Right::FileClaims, institutions::form),
    get(
        "/institutions/{edition}",
        Right::SeeClaims,
        institutions::one,
    )
    .reasoned(),
    get(
        "/institutions/{edition}/notices",
        Right::FileClaims,
        institutions::notices,
    )
    .reasoned(),
    get(
        "/institutions/{edition}/rejects",
        Right::FileClaims,
        institutions::rejects,
    ),
    // Voting at home: applications, the frozen lists.
    get(
        "/person/{person}/home-voting",
        Right::FileClaims,
        home_voting::ask,
    )
    .reasoned(),
    post(
        "/person/{person}/home-voting",
        Right::FileClaims,
        home_voting::act,
    )
    .reasoned()
    .on("/person/{person}/home-voting"),
    get("/home-voting", Right::SeeFigures, home_voting::overview),
    post("/home-voting", Right::Approve, home_voting::freeze_lists).on("/home-voting"),
    get("/home-voting/signed", Right::Approve, home_voting::signed),
    get("/home-voting/table", Right::SeeClaims, home_voting::table).reasoned(),
    get(
        "/home-voting/precinct/{precinct}",
        Right::SeeClaims,
        home_voting::precinct,
    )
    .reasoned(),
    get(
        "/home-voting/slip/{number}",
        Right::SeeClaims,
        home_voting::slip,
    )
    .reasoned(),
];
