//! The Saturday of the mobile kit K4: every durable act of voting at home.

use pollbook::identified;
use station::{Paper, Verdict, Visit};

use super::{SATURDAY, Story};
use crate::precinct::capture;

impl Story {
    /// K4 visits 24 by finger, 26 before two witnesses with the paper out, does not find 25, prints the register, meets the
    /// hall kits, closes; on Sunday it hears that the chair released 25.
    pub(super) fn saturday(&mut self) {
        let mobile = self.kit(4).clone();
        self.later(SATURDAY + 120);
        self.begins("visit by finger");
        let wrong = mobile.visit(24, Visit::Finger(&capture(999)), &self.pair());
        assert!(matches!(wrong, Ok(Verdict::Again { .. })), "{wrong:?}");
        let visited = mobile.visit(24, Visit::Finger(&capture(240)), &self.pair());
        assert!(matches!(visited, Ok(Verdict::Green(_))), "{visited:?}");
        self.show();
        self.later(SATURDAY + 900);
        self.begins("visit that finds nobody");
        mobile.visit(25, Visit::NotFound, &self.pair()).unwrap();
        self.show();
        self.begins("refusal of who is not on the home list");
        let stranger = mobile.visit(14, Visit::Witness("NO_FINGERS"), &self.pair());
        assert!(matches!(stranger, Ok(Verdict::Red(_))), "{stranger:?}");
        self.show();
        self.later(SATURDAY + 1_800);
        self.begins("visit before two witnesses");
        self.printer.inner.set_out_of_paper(true);
        let visited = mobile.visit(26, Visit::Witness("NO_FINGERS"), &self.pair());
        let Ok(Verdict::Green(done)) = visited else {
            unreachable!("two witnesses are enough: {visited:?}")
        };
        assert!(matches!(done.paper, Paper::Pending(_)));
        assert!(identified(&done.act).is_some());
        self.show();
        self.begins("slip of a visit printed later");
        self.printer.inner.set_out_of_paper(false);
        assert_eq!(mobile.print_pending().unwrap(), 1);
        self.begins("home register");
        mobile.print_home_register().unwrap();
        self.later(SATURDAY + 8 * 3600);
        self.begins("copies of peers' events");
        self.meet();
        self.begins("countersigned head");
        mobile.countersign().unwrap();
        self.show();
        self.begins("close");
        mobile.close(0, &self.pair()).unwrap();
        self.show();
        self.meet();
        self.later(60);
        self.begins("copies of peers' events");
        let chair = &self.precinct.officers[0];
        self.one().release_home(25, chair).unwrap();
        self.meet();
        self.show();
    }
}
