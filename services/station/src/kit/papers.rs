//! Papers of a kit: receipts, refusal slips, the day table, signed reports.

use lexicon::handover::envelope::{
    DocumentType, Kid, PublicKey, Signer, Subject, encode, sha256, sign_all,
};
use lexicon::handover::event::Identified;
use lexicon::handover::package::Exercise;
use lexicon::handover::report::{
    AGE_BANDS, BatterySaid, ClockSaid, DeviceSaid, PeopleCount, Report,
};
use lexicon::{FingerPosition, Language, Method};
use pollbook::{Act, DraftError, OfficersError, ReportKind};

use super::kept::KeptReport;
use super::{ActError, Card, Kit, Refused, ReportsError};
use crate::disk::replace;
use crate::print::{self, Bitmap, Block, Heading, ReceiptPaper, RefusalPaper};
use crate::printer::{PrinterError, Supply};
use crate::training::leftovers;

/// What a chair says of a kit whose events are missing from the final report.
pub const REASONS_MISSING: &[&str] = &["UNREACHABLE", "BROKEN", "LOST", "NOT_RETURNED"];

/// Full years on a day.
pub(crate) fn age_on(born: lexicon::Date, day: lexicon::Date) -> i16 {
    let had = (day.month(), day.day()) >= (born.month(), born.day());
    day.year() - born.year() - i16::from(!had)
}

/// Whether two reports say the same of the day: only their number and time differ.
fn tells_the_same(one: &Report, other: &Report) -> bool {
    let bare = |report: &Report| Report {
        number: 0,
        at: 0,
        adds_to: None,
        why_incomplete: None,
        ..report.clone()
    };
    encode(&bare(one)) == encode(&bare(other))
}

/// What the kit does not know of itself, told for the initial report.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    /// What is plugged in.
    pub devices: Vec<DeviceSaid>,
    /// Number of the seal on the spare key, as the chair read it.
    pub spare_seal: Option<String>,
}

/// Letters of a seal's number that are kept: Latin and Cyrillic letters, digits, dash; no name fits beside them.
const SEAL_LETTERS_MAX: usize = 20;

/// A report with its signatures and its paper.
#[derive(Clone, Debug)]
pub struct SignedReport {
    /// The counters.
    pub report: Report,
    /// `COSE_Sign` by the kit and the officers: `KIT.initial.cose`, `KIT.final.cose`.
    pub signed: Vec<u8>,
    /// The paper of the roll: a sheet in each language of the precinct.
    pub paper: Bitmap,
    /// The same counters as JSON for observers, keys as in docs/formats.md.
    pub json: String,
}

impl Kit {
    pub(super) fn heading(&self) -> Heading {
        let manifest = self.charter.manifest();
        let offset = i64::from(manifest.policy.offset_minutes);
        Heading {
            precinct: manifest.precinct,
            day: lexicon::Instant::from_micros(manifest.policy.opens).local_date(offset),
            offset_minutes: offset,
            kit: self.name(),
            release: manifest.release,
            root: manifest
                .root
                .iter()
                .take(6)
                .map(|byte| format!("{byte:02x}"))
                .collect(),
            width: self.printer.width(),
            languages: self
                .paper_languages
                .get()
                .cloned()
                .unwrap_or_else(|| vec![Language::Ky, Language::Ru]),
            exercise: self.charter.exercise(),
            officers: self
                .charter
                .officers()
                .map(|officer| (PublicKey(*officer.point).kid().0, officer.name.clone()))
                .collect(),
        }
    }

    /// How the printer stood when it was last asked or printed.
    ///
    /// # Errors
    /// [`PrinterError`]: it would not have printed.
    pub fn printer(&self) -> Result<Supply, PrinterError> {
        self.printer.state()
    }

    /// Asks the printer how it stands; may take seconds.
    ///
    /// # Errors
    /// [`PrinterError`]: it would not print now.
    pub fn look_at_printer(&self) -> Result<Supply, PrinterError> {
        self.printer.look()
    }

    /// The printer in a word, as `usb`.
    pub(crate) fn printer_kind(&self) -> &'static str {
        self.printer.kind()
    }

    /// Bytes that can still be written where the journal lies; `None` when nobody can tell.
    #[must_use]
    pub fn room(&self) -> Option<u64> {
        crate::machine::room(&self.folder)
    }

    pub(super) fn receipt_paper(&self, act: &Act, body: &Identified, copy: u8) -> ReceiptPaper {
        ReceiptPaper {
            heading: self.heading(),
            receipt: self.receipt_name(act),
            page: self.voter(body.line).map_or(0, |voter| voter.page),
            line: body.line,
            at: act.hlc.moment(),
            method: Method::from_number(body.method).unwrap_or(Method::Finger),
            finger: FingerPosition::new(body.finger),
            mark: self.day.mark(),
            code: self.day.code(body.line),
            event: act.signed().into_owned(),
            copy,
            is_void: false,
        }
    }

    /// The receipt of a counted act on a line, as a picture: of this kit or of a peer.
    #[must_use]
    pub fn receipt_picture(&self, line: u32) -> Option<Bitmap> {
        let act = self.desk().book.state(line).counted.clone()?;
        let body = pollbook::identified(&act)?.clone();
        Some(print::receipt(&self.receipt_paper(&act, &body, 0)).bitmap)
    }

    /// Prints the slip of a refusal, at the voter's wish.
    ///
    /// # Errors
    /// [`ActError::Printer`].
    pub fn print_refusal(
        &self,
        refused: &Refused,
        elsewhere: Option<u16>,
    ) -> Result<Bitmap, ActError> {
        let job = print::refusal(&RefusalPaper {
            heading: self.heading(),
            at: refused.act.hlc.moment(),
            seq: refused.act.name.seq,
            reason: refused.refusal.reason,
            go_to: elsewhere,
            address: elsewhere.and_then(|precinct| {
                let (ky, ru) = self.place_of(precinct)?;
                Some((ky.to_owned(), ru.to_owned()))
            }),
            kit: refused.refusal.kit.map(|kit| self.charter.kit_name(kit)),
            until: lexicon::Instant::from_micros(self.charter.policy().closes),
        });
        self.printer.print(&job)?;
        Ok(job.bitmap)
    }

    /// The day table as a picture; it is printed once, with the initial report.
    #[must_use]
    pub fn day_table(&self) -> Bitmap {
        print::day_table(&self.heading(), &self.day).bitmap
    }

    /// Makes, signs and prints a report; the initial one prints the day table with it.
    ///
    /// A printer that fails does not take the report back: it is signed and can be printed again.
    ///
    /// # Errors
    /// [`ReportsError`] when the day is not at that point or the cards may not sign together.
    pub fn report(
        &self,
        kind: ReportKind,
        cards: &[&dyn Card],
    ) -> Result<SignedReport, ReportsError> {
        self.report_because(kind, None, cards)
    }

    /// The same, with what the chair says of a kit whose events are missing: a code of [`REASONS_MISSING`].
    ///
    /// The first final report stays as it is. Made again when nothing has come since it is printed again; when
    /// something has, a signed addendum names its hash.
    ///
    /// # Errors
    /// As [`Kit::report`]; [`ReportsError::Unexplained`] when a final one would miss a kit and no reason is given.
    pub fn report_because(
        &self,
        kind: ReportKind,
        missing: Option<&str>,
        cards: &[&dyn Card],
    ) -> Result<SignedReport, ReportsError> {
        let officers = self.signers(cards);
        let kids: Vec<_> = officers.iter().map(|card| card.kid()).collect();
        self.may_sign(&kids)?;
        if kind == ReportKind::Initial {
            self.refuse_blocked()?;
        }
        let pages = self.pages();
        // One report after another: two chairs at two screens make no two first final reports.
        let _turn = self
            .reporting
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut kept = self.finals().map_err(ReportsError::Folder)?;
        let number = self.last_number(&kept) + 1;
        let read = self.list_pages().read.len();
        let mut report = {
            let desk = self.desk();
            let reading = self.clock.read();
            let mut report = desk.book.report(kind, number, pages, reading)?;
            let lines = desk
                .book
                .states()
                .filter(|(_, state)| state.counted.is_some());
            let counted: Vec<u32> = lines.map(|(line, _)| line).collect();
            report.people = Some(self.people(&report, &counted));
            report.software = self.software.get().map(|sha256| (*sha256).into());
            report.pages_read = u32::try_from(read).ok().filter(|read| *read > 0);
            if kind == ReportKind::Initial {
                report.clocks = self.clocks_said(&desk.book);
            }
            report
        };
        if let Some(fault) = pollbook::arithmetic_fault(&report) {
            return Err(pollbook::ReportError::Arithmetic(fault).into());
        }
        if kind == ReportKind::Initial {
            // A kit with any was refused above.
            report.training_events = Some(0);
            let told = self.told();
            report.devices = Some(told.devices.clone()).filter(|devices| !devices.is_empty());
            report.spare_seal = told.spare_seal.clone();
            drop(told);
            report.battery = self.battery_said();
            report.supply = Some(self.supply_said().to_owned());
        }
        let missing = missing.filter(|code| REASONS_MISSING.contains(code));
        if !report.incomplete.is_empty() {
            report.why_incomplete = missing.map(str::to_owned);
        }
        let is_unexplained = !report.incomplete.is_empty() && report.why_incomplete.is_none();
        let same = |last: &mut KeptReport| tells_the_same(&last.report, &report);
        if kind == ReportKind::Final
            && let Some(last) = kept.pop_if(same)
        {
            let job = print::report(&self.heading(), &last.report, &self.day, &last.signed);
            self.printer.print(&job).unwrap_or_else(|error| {
                tracing::warn!(%error, "the report was not printed again");
            });
            return Ok(self.shown(last));
        }
        if kind == ReportKind::Final && is_unexplained {
            return Err(ReportsError::Unexplained(report.incomplete));
        }
        if let Some(last) = kept.last().filter(|_| kind == ReportKind::Final) {
            report.adds_to = Some(sha256(&last.signed).into());
        }
        let election = self.charter.manifest().election;
        let subject = Subject {
            kind: DocumentType::Report,
            election,
        };
        let mut signers: Vec<&dyn Signer> = vec![&*self.key];
        signers.extend(officers);
        let signed = sign_all(subject, &encode(&report), &signers)?;
        let word = match kind {
            ReportKind::Initial => self.initial_word(),
            ReportKind::Running => format!("running-{}", self.running_kept() + 1),
            ReportKind::Final if kept.is_empty() => "final".to_owned(),
            ReportKind::Final => format!("addendum-{}", kept.len()),
        };
        let json = print::report_json(&report, self.heading().offset_minutes);
        // On disk before it is on paper: a paper that no file knows would be made again with other bytes.
        self.keep_report(&word, &signed, &json)
            .map_err(ReportsError::Folder)?;
        let job = print::report(&self.heading(), &report, &self.day, &signed);
        let mut jobs = vec![job];
        if kind == ReportKind::Initial {
            jobs.push(print::day_table(&self.heading(), &self.day));
        }
        for job in &jobs {
            if let Err(error) = self.printer.print(job) {
                tracing::warn!(%error, "report signed, not printed");
            }
        }
        let paper = jobs.swap_remove(0).bitmap;
        Ok(SignedReport {
            report,
            signed,
            paper,
            json,
        })
    }

    /// What the clocks of the kits that this one hears show against its own (S-30).
    fn clocks_said(&self, book: &pollbook::Book) -> Option<Vec<ClockSaid>> {
        let kits = self.charter.kits().iter().filter(|kit| **kit != self.me);
        let heard: Vec<ClockSaid> = kits
            .filter_map(|kit| {
                Some(ClockSaid {
                    kit: kit.0.into(),
                    micros: book.skew_micros(*kit)?,
                })
            })
            .collect();
        Some(heard).filter(|heard| !heard.is_empty())
    }

    fn battery_said(&self) -> Option<BatterySaid> {
        let battery = self.battery()?;
        Some(BatterySaid {
            percent: battery.percent,
            is_draining: battery.is_draining,
        })
    }

    /// How the printer stands now, one of [`lexicon::handover::report::SUPPLIES`].
    fn supply_said(&self) -> &'static str {
        match self.look_at_printer() {
            Ok(Supply::Enough) => "ENOUGH",
            Ok(Supply::Low) => "LOW",
            Err(PrinterError::Paper) => "NONE",
            Err(
                PrinterError::Cover
                | PrinterError::Stuck
                | PrinterError::Off(_)
                | PrinterError::Fault(_),
            ) => "OFF",
        }
    }

    /// `initial`, and `initial-2` … of the days after: none is overwritten by another day's.
    pub(super) fn initial_word(&self) -> String {
        let days = self.read(|book| {
            let session = book.session(book.me());
            let mut days = book.voting_days().into_iter();
            session.and_then(|id| days.position(|day| day.decision == Some(id)))
        });
        days.map_or_else(|| "initial".to_owned(), |at| format!("initial-{}", at + 1))
    }

    fn told(&self) -> std::sync::MutexGuard<'_, Told> {
        self.told
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Tells the kit what stands on its next initial report: what is plugged in, and the number on the spare key's seal.
    pub(crate) fn tell_for_initial(&self, devices: Vec<DeviceSaid>, seal: &str) {
        let is_letter = |letter: &char| letter.is_alphanumeric() || *letter == '-';
        let seal: String = seal
            .chars()
            .filter(is_letter)
            .take(SEAL_LETTERS_MAX)
            .collect();
        *self.told() = Told {
            devices,
            spare_seal: Some(seal).filter(|seal| !seal.is_empty()),
        };
    }

    /// The first file with events of a training in the kit's folder, and how many events there are; a training's own kit
    /// has none that are left over.
    fn training_events(&self) -> std::io::Result<(Option<String>, u32)> {
        if self.charter.exercise() == Some(Exercise::Training) {
            return Ok((None, 0));
        }
        let kits = self.charter.manifest().kits.iter();
        let names: Vec<String> = kits.map(|kit| kit.name.clone()).collect();
        let found = leftovers(&*self.disk, &self.folder, &names)?;
        let events: usize = found.iter().map(|(_, events)| events).sum();
        let first = found.into_iter().next().map(|(file, _)| file);
        Ok((first, u32::try_from(events).unwrap_or(u32::MAX)))
    }

    /// What forbids the opening is said all at once and printed in the place of the total (S-30): training events in the
    /// kit's folder, a kit that works by another list, pages of the bound list that are not of it. Looked for each time, so
    /// that what was mended is believed.
    fn refuse_blocked(&self) -> Result<(), ReportsError> {
        let mut blocks = Vec::new();
        let (first, events) = self.training_events().map_err(ReportsError::Folder)?;
        blocks.extend(first.map(|file| Block::Training(file, events as usize)));
        let others = self.desk().other_list.clone();
        blocks.extend(
            others
                .into_iter()
                .map(|kit| Block::List(self.charter.kit_name(kit))),
        );
        let foreign = self.list_pages().foreign.into_iter();
        blocks.extend(foreign.map(|(page, release)| Block::Page(page, release)));
        if blocks.is_empty() {
            return Ok(());
        }
        if let Err(error) = self
            .printer
            .print(&print::not_opened(&self.heading(), &blocks))
        {
            tracing::warn!(%error, "the blocking error was not printed");
        }
        Err(ReportsError::Blocked(blocks))
    }

    /// Makes the initial report: everybody at zero.
    ///
    /// # Errors
    /// As [`Kit::report`].
    pub fn report_initial(&self, cards: &[&dyn Card]) -> Result<SignedReport, ReportsError> {
        self.report(ReportKind::Initial, cards)
    }

    /// Makes the final report, after close.
    ///
    /// # Errors
    /// As [`Kit::report`].
    pub fn report_final(&self, cards: &[&dyn Card]) -> Result<SignedReport, ReportsError> {
        self.report(ReportKind::Final, cards)
    }

    /// Counted voters by sex and age band on the day; every sex and band stands here.
    fn people(&self, report: &Report, counted: &[u32]) -> Vec<PeopleCount> {
        let day = self.heading().day;
        let mut people: Vec<PeopleCount> = ["F", "M"]
            .iter()
            .flat_map(|sex| AGE_BANDS.map(|from| (*sex, from)))
            .map(|(sex, from)| PeopleCount {
                sex: sex.to_owned(),
                from,
                count: 0,
            })
            .collect();
        let mut unknown = report.counted;
        for voter in counted.iter().filter_map(|line| self.voter(*line)) {
            let Ok(born) = voter.born.parse::<lexicon::Date>() else {
                continue;
            };
            let age = age_on(born, day);
            let bands = AGE_BANDS.iter().rev();
            let from = bands.copied().find(|from| i16::from(*from) <= age);
            let from = from.unwrap_or(AGE_BANDS[0]);
            if let Some(place) = people
                .iter_mut()
                .find(|place| place.sex == voter.sex && place.from == from)
            {
                place.count += 1;
                unknown = unknown.saturating_sub(1);
            }
        }
        if unknown > 0 {
            // A line without a date, or of another sex than the register writes: counted, and said to be so.
            people.push(PeopleCount {
                sex: String::new(),
                from: 0,
                count: unknown,
            });
        }
        people
    }

    fn keep_report(&self, word: &str, signed: &[u8], json: &str) -> std::io::Result<()> {
        let path = |kind: &str| {
            let name = format!("{}.{word}.{kind}", self.name());
            self.folder.join(name)
        };
        replace(&*self.disk, &path("cose"), signed)?;
        replace(&*self.disk, &path("json"), json.as_bytes())
    }

    /// Whether these cards may sign together, asked before anything else is.
    ///
    /// # Errors
    /// [`ActError::Officers`] says what is missing.
    pub fn approve(&self, cards: &[&dyn Card]) -> Result<(), ActError> {
        let kids: Vec<_> = self.signers(cards).iter().map(|card| card.kid()).collect();
        Ok(self.may_sign(&kids).map_err(DraftError::from)?)
    }

    /// Whether these cards may sign together, and none was withdrawn.
    pub(super) fn may_sign(&self, kids: &[Kid]) -> Result<(), OfficersError> {
        self.charter.approve(kids)?;
        self.read(|book| book.are_in_force(kids))
    }
}
