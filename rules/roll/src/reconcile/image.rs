//! A reconciliation as bytes, beside the image of its snapshot ([`crate::snapshot::image`]).

use lexicon::PrecinctCode;

use super::{Classes, FoundBy, Mark, Reconciled, Reconciliation};
use crate::snapshot::image::{Fill, ImageError, Taken};
use crate::snapshot::{PersonAt, Snapshot};
use crate::words::Arena;

/// Bytes of a row.
const ROW: usize = 8 + 4 + 4 + 4 + 4 + 2 + 2 + 4;
/// No row is kept in its place.
const NONE_KEPT: u32 = u32::MAX;

const FOUND_BY: [FoundBy; 6] = [
    FoundBy::Pin,
    FoundBy::PinAmong,
    FoundBy::Review,
    FoundBy::Details,
    FoundBy::Nobody,
    FoundBy::Unreadable,
];

/// The reconciliation as bytes.
#[must_use]
pub fn image(of: &Reconciliation) -> Vec<u8> {
    let mut fill = Fill::default();
    let mut evidence = Arena::default();
    fill.0.reserve(ROW * of.rows.len());
    fill.count(of.rows.len());
    for (row, mark) in of.rows.iter().zip(&of.marks) {
        // A number has 14 digits and is never 0.
        fill.eight(mark.pin.unwrap_or(0));
        fill.date(mark.born);
        fill.place(row.record);
        fill.four(row.classes.0);
        let kept = row.kept.and_then(|at| u32::try_from(at).ok());
        fill.four(kept.unwrap_or(NONE_KEPT));
        fill.two(row.precinct.map_or(0, PrecinctCode::number));
        fill.byte(row.found_by as u8);
        fill.byte(u8::from(row.birth_differs) | u8::from(mark.answered) << 1);
        fill.four(evidence.keep(&row.evidence).0);
    }
    fill.arena(&evidence);
    fill.count(of.new.len());
    of.new.iter().for_each(|at| fill.place(Some(*at)));
    fill.0
}

impl Reconciliation {
    /// Whether every row and person that it names stands in a snapshot, as a reconciliation of it does.
    #[must_use]
    pub fn fits(&self, snapshot: &Snapshot) -> bool {
        let person = |at: PersonAt| at.at() < snapshot.persons.len();
        let rows = snapshot.commission.len();
        let of_rows =
            |row: &Reconciled| row.record.is_none_or(person) && row.kept.is_none_or(|at| at < rows);
        self.rows.len() == rows
            && self.rows.iter().all(of_rows)
            && self.new.iter().copied().all(person)
    }
}

/// Reads a reconciliation; whether it is of a snapshot, [`Reconciliation::fits`] says.
///
/// # Errors
/// [`ImageError`] when the bytes are none.
pub fn of_image(bytes: &[u8]) -> Result<Reconciliation, ImageError> {
    let mut taken = Taken::of(bytes);
    let mut places = Vec::new();
    let mut marks = Vec::new();
    let mut made: Vec<Reconciled> = taken.rows(ROW, |row| {
        let pin = row.eight()?;
        let born = row.date_if()?;
        let record = row.place()?;
        let classes = Classes(row.four()?);
        let kept = row.four()?;
        let kept = (kept != NONE_KEPT).then_some(kept as usize);
        let precinct = row.precinct()?;
        let found_by = FOUND_BY.get(usize::from(row.byte()?)).ok_or(ImageError)?;
        let flags = row.byte()?;
        places.push(row.four()?);
        marks.push(Mark {
            pin: (pin != 0).then_some(pin),
            born,
            answered: flags & 2 == 2,
        });
        if flags > 3 {
            return Err(ImageError);
        }
        Ok(Reconciled {
            classes,
            record,
            found_by: *found_by,
            kept,
            precinct,
            birth_differs: flags & 1 == 1,
            evidence: String::new(),
        })
    })?;
    let evidence = taken.arena()?;
    for (row, place) in made.iter_mut().zip(places) {
        if place as usize >= evidence.len() {
            return Err(ImageError);
        }
        evidence
            .text(crate::words::Entry(place))
            .clone_into(&mut row.evidence);
    }
    let new = taken.rows(4, |row| row.place()?.ok_or(ImageError))?;
    taken.end()?;
    Ok(Reconciliation {
        rows: made,
        new,
        marks,
    })
}
