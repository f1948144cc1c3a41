//! What a report says beside its counters: the count on paper, who signed, what was undone, when, by which receipt.

use lexicon::handover::event::EventRef;
use lexicon::handover::report::{KitCount, PairCount, TotalsSaid};

use super::{Pair, ReportPageError, Section, Writer, kit_word};
use crate::written::grouped;

impl Writer<'_> {
    /// Sections that stand only where there is something to say.
    pub(super) fn accounts(&self) -> Result<Vec<Section>, ReportPageError> {
        let report = self.report();
        let mut sections = Vec::new();
        let mut add = |key: &str, rows: Vec<Pair>| -> Result<(), ReportPageError> {
            if !rows.is_empty() {
                let title = self.word(key)?;
                sections.push(Section { title, rows });
            }
            Ok(())
        };
        let pairs = report.pairs.as_deref().unwrap_or_default();
        let mut rows: Vec<Pair> = pairs.iter().map(|pair| self.of_pair(pair)).collect();
        if let Some(kept) = report.pictures {
            rows.push(self.pair("pictures", grouped(kept.into()))?);
        }
        add("pairs", rows)?;
        add("undone_by", self.undone_by()?)?;
        if let Some(totals) = report.totals.as_ref().filter(|_| !self.is_initial()) {
            add("paper", self.totals(totals)?)?;
        }
        add("page_voters", self.page_voters()?)?;
        Ok(sections)
    }

    /// `К2-0139 10:41` for a receipt, `К2 0012 10:41` for another event; without its moment where the report says none.
    pub(super) fn event(&self, event: &EventRef) -> String {
        let said = self.report().evidence.iter().flatten();
        let mut said = said.filter(|said| said.kit == event.kit && said.seq == event.seq);
        let name = format!("{} {:04}", self.kit_named(&*event.kit), event.seq);
        let Some(said) = said.next() else {
            return name;
        };
        let at = self.clock(said.at);
        if said.receipt > 0 {
            let kit = self.kit_named(&*said.receipt_kit);
            format!("{kit}-{:04} {at}", said.receipt)
        } else {
            format!("{name} {at}")
        }
    }

    /// `К3 до 402, 19:41`.
    pub(super) fn until(&self, kit: &KitCount) -> Result<String, ReportPageError> {
        let report = self.report();
        let place = report.kits.iter().position(|known| known.kit == kit.kit);
        let moments = report.heads_at.as_deref().unwrap_or_default();
        let at = place.and_then(|at| moments.get(at)).filter(|at| **at != 0);
        let (name, seq) = (kit_word(&kit.name), kit.seq.to_string());
        match at.map(|at| self.clock(*at)) {
            Some(at) => self.fill("until_at", &[("kit", &name), ("seq", &seq), ("time", &at)]),
            None => self.fill("until", &[("kit", &name), ("seq", &seq)]),
        }
    }

    /// What of lost kits was entered from their receipts, one line for each.
    pub(super) fn entered(&self) -> Result<Vec<String>, ReportPageError> {
        let report = self.report();
        let counts = report.reconstructed.as_deref().unwrap_or_default();
        let mut rows = Vec::new();
        for (kit, count) in report.kits.iter().zip(counts).filter(|(_, n)| **n > 0) {
            let label = self.fill("entered_of", &[("kit", &kit_word(&kit.name))])?;
            rows.push(format!("{label}: {} + {count}", kit.counted));
        }
        Ok(rows)
    }

    fn officer(&self, card: &[u8; 8]) -> String {
        self.open.name_of(card)
    }

    fn of_pair(&self, pair: &PairCount) -> Pair {
        let names: Vec<String> = pair.cards.iter().map(|card| self.officer(card)).collect();
        (names.join(", "), grouped(pair.count.into()))
    }

    fn undone_by(&self) -> Result<Vec<Pair>, ReportPageError> {
        let undone = self.report().undone_by.iter().flatten();
        let row = |one: &lexicon::handover::report::OperatorCount| {
            let name = match *one.card == [0; 8] {
                true => self.word("operator_none")?,
                false => self.officer(&one.card),
            };
            Ok((name, grouped(one.count.into())))
        };
        undone.map(row).collect()
    }

    fn totals(&self, totals: &TotalsSaid) -> Result<Vec<Pair>, ReportPageError> {
        let counted = self.report().counted;
        let mut rows = Vec::new();
        if let Some(slips) = self.report().slips_taken {
            rows.push(self.pair("paper_slips", grouped(slips.into()))?);
        }
        let off = totals.differences(counted);
        let values = [
            ("counted", counted.to_string()),
            ("signatures", totals.signatures.to_string()),
            ("received", totals.received.to_string()),
            ("issued", totals.issued.to_string()),
            ("spoilt", totals.spoilt.to_string()),
            ("left", totals.left.to_string()),
        ];
        for (key, difference) in [
            ("paper_sum_signatures", off.signatures),
            ("paper_sum_issued", off.issued),
            ("paper_sum_ballots", off.ballots),
        ] {
            let difference = difference.to_string();
            let mut values: Vec<(&str, &str)> = values
                .iter()
                .map(|(name, text)| (*name, text.as_str()))
                .collect();
            values.push(("difference", &difference));
            rows.extend(self.sum_rows(key, &values)?);
        }
        let reason = |family: &str, code: &str| {
            let word = self.word(&format!("{family}_{code}"));
            word.or_else(|_| self.word(&format!("{family}_OTHER")))
        };
        if !totals.difference.is_empty() {
            rows.push(self.pair("why", reason("difference", &totals.difference)?)?);
        }
        if totals.before > 0 {
            let corrected = self.fill("paper_corrected", &[("n", &totals.before.to_string())])?;
            rows.push((corrected, reason("correction", &totals.correction)?));
        }
        Ok(rows)
    }

    /// Pages with equally many voters together.
    fn page_voters(&self) -> Result<Vec<Pair>, ReportPageError> {
        let voters = self.report().page_voters.as_deref().unwrap_or_default();
        let (mut rows, mut page) = (Vec::new(), 1);
        for run in voters.chunk_by(|a, b| a == b) {
            let last = page + run.len() - 1;
            let values = [("from", &*page.to_string()), ("to", &last.to_string())];
            let label = match run.len() {
                1 => self.fill("page_one", &values[..1])?,
                _ => self.fill("page_run", &values)?,
            };
            rows.push((label, run[0].to_string()));
            page = last + 1;
        }
        Ok(rows)
    }

    /// What is plugged in, and the seal on the spare key.
    pub(super) fn devices(&self) -> Result<Vec<Pair>, ReportPageError> {
        let report = self.report();
        let mut rows = Vec::new();
        for device in report.devices.iter().flatten() {
            let label = self.word(&format!("device_{}", device.role));
            let key = match device.checks_life {
                true => "device_life",
                false => "device_no_life",
            };
            let said = match device.role.as_str() {
                "SCANNER" => self.fill(key, &[("name", &device.name)])?,
                _ => device.name.clone(),
            };
            rows.push((label.unwrap_or_else(|_| device.role.clone()), said));
        }
        let seal = report.spare_seal.as_deref().unwrap_or("—");
        rows.push(self.pair("spare_seal", seal)?);
        Ok(rows)
    }
}
