//! The support desk over HTTP: a ticket read out or scanned, told again, misheard, taken, solved, told after that; its clock.

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod hall;

use hall::{Hall, sane};
use lexicon::handover::ticket::{Cause, Ticket};

const ELECTION: u32 = 20_151_004;

fn ticket(cause: Cause, kit: &str) -> (String, String) {
    let ticket = Ticket::new(1001, cause, kit).unwrap();
    (ticket.number(ELECTION), ticket.text(ELECTION))
}

#[test]
fn a_ticket_is_opened_once_and_its_clock_runs_until_it_is_solved() {
    let hall = Hall::full();
    let mut desk = hall.signed_in("call_centre");
    let empty = desk.page("/tickets");
    sane("/tickets", &empty);
    assert!(empty.contains("Ожидающих обращений нет."), "{empty}");
    let (number, text) = ticket(Cause::ClockOff, "K2");
    let spoken = format!("{} {}", &number[..4].to_lowercase(), &number[4..]);
    let tell = |desk: &mut hall::Browser, precinct: &str, number: &str| {
        desk.post("/tickets", &[("precinct", precinct), ("number", number)])
    };
    let opened = tell(&mut desk, "1001", &spoken);
    let address = format!("/tickets/1001/{number}");
    assert_eq!(
        (opened.status, opened.location),
        (303, format!("{address}?told=1"))
    );
    hall.clock.pass(5);
    // The same by its code: one more telling, no second ticket.
    let again = tell(&mut desk, "", &text);
    let page = desk.page(&again.location);
    sane(&again.location, &page);
    assert!(page.contains("второе не открыто"), "{page}");
    let list = desk.page("/tickets");
    sane("/tickets", &list);
    assert_eq!(list.matches(&format!("{address}\"")).count(), 1, "{list}");
    assert!(list.contains("осталось 15 мин") && list.contains("Часы комплекта неверны · K2"));
    // Late, and said so in the first place.
    let (quota, _) = ticket(Cause::OverrideQuota, "");
    hall.clock.pass(20);
    // A session ends after a quarter of an hour without a request.
    let mut desk = hall.signed_in("call_centre");
    tell(&mut desk, "1001", &quota);
    let list = desk.page("/tickets");
    assert!(list.contains("просрочено на 5 мин"), "{list}");
    assert!(list.find(&address).unwrap() < list.find(&quota).unwrap());
    let csv = desk.page("/tickets/table");
    let rows: Vec<&str> = csv.lines().collect();
    assert_eq!(rows.len(), 3, "{csv}");
    assert!(
        rows[1].contains(&format!("{number},CLOCK_OFF,K2,open,")) && rows[1].contains(",0,5,2,0,"),
        "{csv}"
    );
    // Taken, not twice; solved only with a note.
    assert_eq!(desk.post(&address, &[("act", "taken")]).status, 303);
    let twice = desk.post(&address, &[("act", "taken")]);
    assert_eq!(twice.status, 422, "{}", twice.body);
    assert!(twice.body.contains("Это обращение уже у вас."));
    let bare = desk.post(&address, &[("act", "solved"), ("note", " ok ")]);
    sane(&address, &bare.body);
    assert_eq!(bare.status, 422);
    assert!(bare.body.contains("не меньше 5 знаков"), "{}", bare.body);
    let note = "Часы поставили <вдвоём>";
    let solved = desk.post(&address, &[("act", "solved"), ("note", note)]);
    assert_eq!(solved.status, 303);
    let page = desk.page(&address);
    sane(&address, &page);
    assert!(page.contains("Часы поставили &lt;вдвоём&gt;"), "{page}");
    assert!(page.contains("с опозданием на 5 мин"), "{page}");
    assert!(!desk.page("/tickets").contains(&address), "only what waits");
    assert!(desk.page("/tickets?show=all").contains(&address));
    let after = desk.post(&address, &[("act", "taken")]);
    assert_eq!(after.status, 422, "a solved ticket is not taken");
    // Told again it opens anew, and its clock with it.
    hall.clock.pass(60);
    let mut desk = hall.signed_in("call_centre");
    tell(&mut desk, "1001", &number);
    let page = desk.page(&address);
    assert!(
        page.contains("осталось 20 мин") && page.contains("открыто снова после решения: 1"),
        "{page}"
    );
    for language in ["ky", "en"] {
        for path in ["/tickets?show=all", &address] {
            let join = if path.contains('?') { '&' } else { '?' };
            let url = format!("{path}{join}lang={language}");
            sane(&url, &desk.page(&url));
        }
    }
}

#[test]
fn what_is_no_ticket_is_refused_with_its_place_and_next_step() {
    let hall = Hall::full();
    let mut desk = hall.signed_in("call_centre");
    let (number, text) = ticket(Cause::OtherList, "K3");
    let mut wrong = number.clone().into_bytes();
    wrong[3] = if wrong[3] == b'0' { b'1' } else { b'0' };
    let wrong = String::from_utf8(wrong).unwrap();
    let check = |desk: &mut hall::Browser, precinct: &str, number: &str, said: &str| {
        let answer = desk.post("/tickets", &[("precinct", precinct), ("number", number)]);
        assert_eq!(answer.status, 422, "{number}");
        sane("/tickets", &answer.body);
        assert!(answer.body.contains(said), "{said}: {}", answer.body);
        // What was typed stays.
        assert!(answer.body.contains(&format!("value=\"{precinct}\"")));
    };
    check(&mut desk, "1001", &wrong, "знак услышан неверно");
    check(&mut desk, "1002", &number, "знак услышан неверно");
    check(&mut desk, "9999", &number, "Участка с таким номером");
    check(&mut desk, "", &number, "Участка с таким номером");
    check(&mut desk, "1002", &text, "Код участка 1001.");
    let changed = text.replace("K3", "K4");
    check(&mut desk, "", &changed, "не подходит к остальному");
    check(&mut desk, "", "KG1T:1001:2", "Это не код обращения.");
    assert!(
        desk.page("/tickets?show=all")
            .contains("Ожидающих обращений нет.")
    );
    // An observer sees and does not enter.
    let mut observer = hall.signed_in("observer");
    let seen = observer.page("/tickets");
    assert!(!seen.contains("name=\"number\""), "{seen}");
    let denied = observer.post("/tickets", &[("precinct", "1001"), ("number", &number)]);
    assert_eq!(denied.status, 403);
    assert_eq!(desk.get("/tickets/1001/00000000").status, 404);
}
