//! The sections of the A4 copy: what the report says, in the order of the paper roll.

use lexicon::Instant;
use lexicon::handover::envelope::hex;
use lexicon::handover::report::{
    AGE_BANDS, DayCount, GlassSaid, PaperInterval, PeopleCount, Silence, TableCount,
};

use super::{Pair, ReportPageError, Section, Writer, kit_word, sum};
use crate::written::{grouped, spaced};

impl Writer<'_> {
    pub(super) fn sections(&self) -> Result<Vec<Section>, ReportPageError> {
        let report = self.report();
        let mut sections = Vec::new();
        if !self.is_initial() {
            let rows = report.by_method.iter().map(|count| {
                self.pair(
                    &format!("method_{}", count.method),
                    grouped(count.count.into()),
                )
            });
            sections.push(Section {
                title: self.word("by_method")?,
                rows: rows.collect::<Result<_, _>>()?,
            });
            if let Some(people) = &report.people {
                sections.push(Section {
                    title: self.word("people")?,
                    rows: self.people(people)?,
                });
            }
            sections.push(Section {
                title: self.word("refusals")?,
                rows: self.refusals()?,
            });
        } else {
            sections.push(Section {
                title: self.word("checks")?,
                rows: self.checks()?,
            });
        }
        if let Some(intervals) = &report.paper_only {
            sections.push(Section {
                title: self.word("paper_only")?,
                rows: self.paper_only(intervals)?,
            });
        }
        sections.push(Section {
            title: self.word("incidents")?,
            rows: self.incidents()?,
        });
        sections.extend(self.accounts()?);
        if let Some(silences) = &report.silences {
            sections.push(Section {
                title: self.word("silences")?,
                rows: self.silences(silences)?,
            });
        }
        if let Some(table) = report.table.as_ref().filter(|_| !self.is_initial()) {
            sections.push(Section {
                title: self.word("table")?,
                rows: self.table(table)?,
            });
        }
        if let Some(days) = &report.days {
            sections.push(Section {
                title: self.word("days")?,
                rows: self.days(days)?,
            });
        }
        if let Some(glass) = &report.glass {
            sections.push(Section {
                title: self.word("glass")?,
                rows: self.glass(glass)?,
            });
        }
        Ok(sections)
    }

    /// Counted voters by sex and age band, women first, and the sum written out.
    fn people(&self, people: &[PeopleCount]) -> Result<Vec<Pair>, ReportPageError> {
        let sum = |sex: &str, from: Option<u8>| -> u64 {
            let those = people.iter().filter(|one| one.sex == sex);
            let those = those.filter(|one| from.is_none_or(|from| one.from == from));
            those.map(|one| u64::from(one.count)).sum()
        };
        let mut rows = Vec::new();
        for (at, from) in AGE_BANDS.into_iter().enumerate() {
            let band = match AGE_BANDS.get(at + 1) {
                Some(next) => format!("{from}–{}", next - 1),
                None => self.fill("band_last", &[("n", &from.to_string())])?,
            };
            let counts = ["F", "M"].map(|sex| grouped(sum(sex, Some(from))));
            rows.push((band, counts.join(" · ")));
        }
        let values = [
            ("women", &*sum("F", None).to_string()),
            ("men", &sum("M", None).to_string()),
            ("unknown", &sum("", None).to_string()),
            ("counted", &self.report().counted.to_string()),
        ];
        rows.extend(self.sum_rows("people_sum", &values)?);
        Ok(rows)
    }

    /// What the kit looked at before it said zero.
    fn checks(&self) -> Result<Vec<Pair>, ReportPageError> {
        let report = self.report();
        let others = kit_word(&report.incomplete.join(", "));
        let others = if others.is_empty() {
            "—".to_owned()
        } else {
            others
        };
        let mut rows = vec![
            self.pair("no_link", others)?,
            self.pair(
                "training_events",
                report.training_events.unwrap_or(0).to_string(),
            )?,
        ];
        if let Some(software) = &report.software {
            rows.push(self.pair("software", spaced(&hex(&software[..8])))?);
        }
        for clock in report.clocks.iter().flatten() {
            let kit = self.kit_named(&*clock.kit);
            // The paper's font has no minus of its own: the dash stands for it, as in the sums.
            let seconds = clock.seconds(',').replace('\u{2212}', "–");
            let seconds = self.fill("clock_seconds", &[("n", &seconds)])?;
            rows.push((self.fill("clock_of", &[("kit", &kit)])?, seconds));
        }
        rows.push(self.pair("battery", self.battery()?)?);
        if let Some(supply) = &report.supply {
            let word = self.word(&format!("supply_{supply}"));
            rows.push(self.pair("supply", word.unwrap_or_else(|_| supply.clone()))?);
        }
        let read = report.pages_read.unwrap_or(0).to_string();
        let pages = report.pages.to_string();
        rows.push(self.pair(
            "pages_read",
            self.fill("pages_of", &[("n", &read), ("m", &pages)])?,
        )?);
        rows.extend(self.devices()?);
        Ok(rows)
    }

    /// Intervals in which voting went on by the paper list alone.
    fn paper_only(&self, intervals: &[PaperInterval]) -> Result<Vec<Pair>, ReportPageError> {
        let row = |interval: &PaperInterval| -> Result<Pair, ReportPageError> {
            let counts = [interval.count, interval.entered, interval.served];
            let counts = counts.map(|count| count.to_string());
            let values = [
                ("count", counts[0].as_str()),
                ("entered", &counts[1]),
                ("served", &counts[2]),
            ];
            Ok((
                format!("{} – {}", self.time(interval.from), self.time(interval.to)),
                self.fill("paper_only_counts", &values)?,
            ))
        };
        intervals.iter().map(row).collect()
    }

    fn refusals(&self) -> Result<Vec<Pair>, ReportPageError> {
        let mut rows: Vec<Pair> = Vec::new();
        for count in &self.report().refusals {
            let said = self.texts.refusal.get(&count.reason);
            let words: Vec<&str> = self
                .language
                .languages()
                .iter()
                .map(|l| said.map_or(count.reason.as_str(), |s| s.short.get(*l)))
                .collect();
            rows.push((words.join(" / "), grouped(count.count.into())));
        }
        if rows.is_empty() {
            rows.push((self.word("none")?, String::new()));
        }
        Ok(rows)
    }

    fn incidents(&self) -> Result<Vec<Pair>, ReportPageError> {
        let report = self.report();
        let mut rows = Vec::new();
        for incident in &report.incidents {
            let mut label = self
                .word(&format!("incident_{}", incident.code))
                .unwrap_or_else(|_| incident.code.clone());
            if incident.line > 0 {
                let line = self.fill("line", &[("n", &incident.line.to_string())])?;
                label = format!("{label}, {line}");
            }
            let evidence = incident
                .evidence
                .iter()
                .map(|event| self.event(event))
                .collect::<Vec<_>>();
            rows.push((label, evidence.join(" / ")));
        }
        if rows.is_empty() {
            rows.push((self.word("none")?, String::new()));
        }
        rows.push(self.pair("rejected", report.rejected.to_string())?);
        if self.is_initial() {
            return Ok(rows);
        }
        rows.push(self.pair("reprints", sum(report, |k| k.reprints).to_string())?);
        rows.push(self.pair("after_close", report.after_close.to_string())?);
        let unused = sum(report, |k| k.granted_unused);
        let granted = format!("{} · {unused}", sum(report, |k| k.granted));
        rows.push(self.pair("granted", granted)?);
        Ok(rows)
    }

    /// `К2`, or the digits of a kit that the report does not name.
    pub(super) fn kit_named(&self, kid: &[u8]) -> String {
        let mut kits = self.report().kits.iter();
        let kit = kits.find(|kit| kit.kit.as_slice() == kid);
        kit.map_or_else(|| hex(kid), |kit| kit_word(&kit.name))
    }

    /// `2015-10-04 10:03`, by the precinct's clock.
    pub(super) fn time(&self, micros: i64) -> String {
        let offset = i64::from(self.open.manifest().policy.offset_minutes);
        Instant::from_micros(micros).local_minute(offset)
    }

    /// `10:03`, by the precinct's clock.
    pub(super) fn clock(&self, micros: i64) -> String {
        let offset = i64::from(self.open.manifest().policy.offset_minutes);
        let text = Instant::from_micros(micros).local_time(offset);
        text.chars().take(5).collect()
    }

    fn battery(&self) -> Result<String, ReportPageError> {
        match &self.report().battery {
            None => self.word("battery_none"),
            Some(battery) => {
                let key = if battery.is_draining {
                    "battery_draining"
                } else {
                    "battery_mains"
                };
                self.fill(key, &[("n", &battery.percent.to_string())])
            }
        }
    }

    /// When kits did not hear each other: each kit's own view.
    fn silences(&self, silences: &[Silence]) -> Result<Vec<Pair>, ReportPageError> {
        let clock = |micros| self.clock(micros);
        let row = |silence: &Silence| -> Result<Pair, ReportPageError> {
            let (by, kit) = (self.kit_named(&*silence.by), self.kit_named(&*silence.kit));
            let until = silence.until.map_or_else(|| "…".to_owned(), clock);
            Ok((
                self.fill("silence", &[("by", &by), ("kit", &kit)])?,
                format!("{}–{until}", clock(silence.from)),
            ))
        };
        silences.iter().map(row).collect()
    }

    /// The scanned ballot table: its two sums name every other count.
    fn table(&self, table: &TableCount) -> Result<Vec<Pair>, ReportPageError> {
        let mut rows = vec![self.pair("table_signed", grouped(table.signed.into()))?];
        let all: u64 = table.ballots.iter().copied().map(u64::from).sum();
        let values = [
            ("issued", &*table.issued.to_string()),
            ("waiting", &table.waiting.to_string()),
            ("home", &table.home.to_string()),
            ("paper", &table.paper.to_string()),
            ("counted", &self.report().counted.to_string()),
            ("surplus", &table.surplus.to_string()),
            ("returned", &table.returned.to_string()),
            ("sum", &all.to_string()),
        ];
        for key in ["table_sum", "table_events"] {
            rows.extend(self.sum_rows(key, &values)?);
        }
        Ok(rows)
    }

    /// The days of voting, their sum written out.
    fn days(&self, days: &[DayCount]) -> Result<Vec<Pair>, ReportPageError> {
        let mut rows = Vec::new();
        for (at, day) in days.iter().enumerate() {
            let values = [
                ("n", (at + 1).to_string()),
                ("count", grouped(day.counted.into())),
            ];
            let values = values.each_ref().map(|(name, text)| (*name, text.as_str()));
            let closes = self.clock(day.closes);
            let hours = format!("{}–{closes}", self.time(day.opens));
            rows.push((self.fill("day_marks", &values)?, hours));
            if let Some(decision) = &day.decision {
                rows.push(self.pair("day_decision", spaced(&hex(&decision[..6])))?);
            }
            if let Some(moment) = day.suspended {
                let code = day.reason.as_deref().unwrap_or("OTHER").to_lowercase();
                let why = format!("day_{code}");
                let known = self.words.contains_key(&why);
                let why = if known { why.as_str() } else { "day_other" };
                rows.push((
                    self.fill_with_word("day_suspended", "why", why)?,
                    self.time(moment),
                ));
            }
            if day.outside > 0 {
                rows.push(self.pair("day_outside", grouped(day.outside.into()))?);
            }
        }
        let counts: Vec<String> = days.iter().map(|day| day.counted.to_string()).collect();
        let sum = format!("{} = {}.", counts.join(" + "), self.report().counted);
        rows.push((sum, String::new()));
        Ok(rows)
    }

    /// Why keys of the commission above signed in place of officers.
    fn glass(&self, glass: &[GlassSaid]) -> Result<Vec<Pair>, ReportPageError> {
        let row = |said: &GlassSaid| -> Result<Pair, ReportPageError> {
            let why = self.word(&format!("glass_{}", said.reason.to_lowercase()));
            let why = why.or_else(|_| self.word("glass_other"))?;
            Ok((
                format!("{} {:04}: {why}", self.kit_named(&*said.kit), said.seq),
                self.time(said.at),
            ))
        };
        glass.iter().map(row).collect()
    }

    /// A sum written out, a row for each language.
    pub(super) fn sum_rows(
        &self,
        key: &str,
        values: &[(&str, &str)],
    ) -> Result<Vec<Pair>, ReportPageError> {
        let said = self.fill_each(key, values)?.into_iter();
        Ok(said.map(|said| (said, String::new())).collect())
    }
}
