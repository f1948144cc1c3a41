//! The commission's list and the labels the product never reads.

use super::{RowMaker, WriteError, address_id, claim_id, enrolment_id};
use crate::address::Slip;
use crate::claims::Category;
use crate::person::flag;
use crate::table::Line;
use crate::{Country, Precinct, RecordNo};

const COMMISSION: &str = "row_id,pin,surname,given,patronymic,birth_date,address,precinct";

fn row_id(index: usize) -> String {
    format!("C{:07}", index + 1)
}

impl Country {
    pub(super) fn write_commission(
        &self,
        table: &mut impl FnMut(&str, &str, usize, RowMaker<'_>) -> Result<(), WriteError>,
    ) -> Result<(), WriteError> {
        let meant = self.list.meant(&self.records);
        let rows = self.list.rows.len();
        table("commission", COMMISSION, rows, &|i, l| {
            self.commission_row(i, &meant, l)
        })?;
        table(
            "truth/commission",
            "row_id,classes,person_id",
            rows,
            &|i, l| self.class_row(i, &meant, l),
        )?;
        table(
            "truth/addresses",
            "row_id,address_id,written",
            rows,
            &|i, l| self.written_row(i, &meant, l),
        )?;
        let records = self.records.persons.len();
        table("truth/new", "person_id", records, &|i, l| {
            self.new_row(i as u32, &meant, l)
        })?;
        table(
            "truth/duplicates",
            "enrolment_a,enrolment_b",
            self.records.doubles.len(),
            &|i, l| {
                let (a, b) = self.records.doubles[i];
                l.put(&enrolment_id(a)).put(&enrolment_id(b)).end();
            },
        )?;
        table(
            "truth/claims",
            "claim_id,counts",
            self.claims.len(),
            &|i, l| {
                l.put(&claim_id(i))
                    .put(if self.claims[i].counts { "1" } else { "0" })
                    .end();
            },
        )?;
        if !self.params.institutions {
            return Ok(());
        }
        table(
            "truth/institutions",
            "person_id,precinct,leaves",
            records,
            &|i, l| self.member_row(RecordNo(i as u32), l),
        )
    }

    /// Who votes in a hospital, a place of detention, a unit or a mobile precinct, and the precinct of their residence.
    fn member_row(&self, record: RecordNo, line: &mut Line<'_>) {
        let Some(there) = self
            .voting_precinct(record)
            .filter(|_| self.has_vote(record))
        else {
            return;
        };
        let is_institution = |p: &Precinct| p.code == there && Category::of(p.kind).is_listed();
        if self.precincts.iter().any(is_institution) {
            let leaves = self.home_precinct(record);
            line.put(&self.row_id(record))
                .put(&there.to_string())
                .put(&leaves.map_or_else(String::new, |p| p.to_string()))
                .end();
        }
    }

    fn commission_row(&self, index: usize, meant: &[u8], line: &mut Line<'_>) {
        let row = &self.list.rows[index];
        let (text, _) = self
            .list
            .write(row, &self.land, &self.records, &self.precincts, meant);
        line.put(&row_id(index))
            .put(&text.pin)
            .put(&text.name.surname)
            .put(&text.name.given)
            .put(&text.name.patronymic)
            .put(&text.birth_date)
            .put(&text.address)
            .put(&text.precinct)
            .end();
    }

    fn class_row(&self, index: usize, meant: &[u8], line: &mut Line<'_>) {
        let row = &self.list.rows[index];
        let (_, classes) = self
            .list
            .write(row, &self.land, &self.records, &self.precincts, meant);
        let codes: Vec<&str> = classes.iter().map(|c| c.code()).collect();
        let person = self
            .list
            .record(row)
            .map_or_else(String::new, |r| self.row_id(RecordNo(r)));
        line.put(&row_id(index))
            .put(&codes.join("+"))
            .put(&person)
            .end();
    }

    /// The house that the address of a row means, empty when the register does not hold it.
    fn written_row(&self, index: usize, meant: &[u8], line: &mut Line<'_>) {
        let row = &self.list.rows[index];
        let (text, _) = self
            .list
            .write(row, &self.land, &self.records, &self.precincts, meant);
        if text.address.is_empty() {
            return;
        }
        let house = if text.slips.contains(&Slip::NewHouse) {
            String::new()
        } else {
            address_id(row.house())
        };
        let slips: Vec<&str> = text.slips.iter().map(|slip| slip.code()).collect();
        line.put(&row_id(index))
            .put(&house)
            .put(&slips.join("+"))
            .end();
    }

    fn new_row(&self, record: u32, meant: &[u8], line: &mut Line<'_>) {
        let two = flag::FIRST | flag::SECOND;
        let known = meant[record as usize] > 0 || self.person_of(record).has(two);
        if !known && self.belongs_on_list(RecordNo(record)) {
            line.put(&self.row_id(RecordNo(record))).end();
        }
    }
}
