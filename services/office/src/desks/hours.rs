//! The turnout desk: messages typed, pasted or sent as a file; what regions and precincts have added up to.

use std::collections::BTreeMap;

use lexicon::{Instant, PrecinctCode};
use roll::hours::{DayClock, Heard, Hours, RegionHour, decide, falls, moments, roll_up};
use store::{HourBatch, HourKept, HourRefusedRow, HourRow, StoreError};

use crate::hours::HourDesk;
use crate::pages::hours::{self as page, Country, Entered, Precinct};
use crate::visit::{Answer, Answered, FileWrong, Problem, Visit};

/// Largest file of messages: every precinct's whole day ten times over.
const FILE_BYTES_MAX: u64 = 32 << 20;
/// The tables that leave as files.
const TABLES: [&str; 2] = ["regions", "precincts"];

/// What stands in the store, read at once.
struct Day<'a> {
    clock: DayClock,
    desk: HourDesk<'a>,
    rows: Vec<HourRow>,
    hours: BTreeMap<u16, Hours>,
}

fn day<'a>(visit: &Visit<'a>) -> Result<Day<'a>, StoreError> {
    let office = visit.office;
    let key = office.config.turnout_key.as_deref();
    let election = office.law.election.number;
    let (desk, rows) = office.store.read("hours", |tx| {
        let desk = HourDesk::read(tx, &office.law, key)?;
        Ok::<_, StoreError>((desk, tx.hour_messages(election)?))
    })?;
    let mut heard: BTreeMap<u16, Vec<Heard>> = BTreeMap::new();
    for row in &rows {
        heard
            .entry(row.kept.said.precinct)
            .or_default()
            .push(row.heard());
    }
    let hours = heard
        .iter()
        .map(|(at, heard)| (*at, decide(heard)))
        .collect();
    Ok(Day {
        clock: DayClock::of(&office.law),
        desk,
        rows,
        hours,
    })
}

impl Day<'_> {
    /// The hours that any precinct reported, ascending.
    fn reported(&self) -> Vec<u8> {
        let mut hours: Vec<u8> = self.rows.iter().map(|row| row.kept.said.hour).collect();
        hours.sort_unstable();
        hours.dedup();
        hours
    }

    /// When the hours that were reported ended, in the order of UTC.
    fn moments(&self) -> Vec<Instant> {
        moments(&self.clock, self.desk.stations(), &self.hours)
    }

    fn regions(&self, at: Instant) -> BTreeMap<String, RegionHour> {
        roll_up(&self.clock, self.desk.stations(), &self.hours, at)
    }

    /// When an hour of a precinct, or of the country when it is none of the list, ended.
    fn end(&self, visit: &Visit<'_>, precinct: Option<u16>, hour: u8) -> Instant {
        let stations = self.desk.stations();
        let station = stations.iter().find(|s| Some(s.precinct) == precinct);
        let offset = station.map_or(visit.office.offset(), |station| self.clock.offset(station));
        self.clock.end(offset, hour)
    }

    /// The clocks of the precincts that reported, as minutes before UTC, each once.
    fn offsets(&self) -> Vec<i64> {
        let heard = |precinct: &u16| self.hours.contains_key(precinct);
        let stations = self.desk.stations().iter();
        let mut offsets: Vec<i64> = stations
            .filter(|station| heard(&station.precinct))
            .map(|station| self.clock.offset(station))
            .collect();
        offsets.sort_unstable();
        offsets.dedup();
        offsets
    }
}

fn shown(visit: &Visit<'_>, entered: Option<Entered>) -> Answered {
    let day = day(visit)?;
    let moments = day.moments();
    let entered = match entered {
        Some(entered) => Some(entered),
        None => taken(visit, &day)?,
    };
    // An hour of the address is that of the precinct whose message was taken, else the country's.
    let precinct = match &entered {
        Some(Entered::Taken { row, .. }) => Some(row.kept.said.precinct),
        Some(Entered::Refused { .. } | Entered::File(_)) | None => None,
    };
    let hour: Option<u8> = visit.asked_as("hour")?;
    let asked: Option<i64> = visit.asked_as("at")?;
    let asked = asked
        .map(Instant::from_micros)
        .or(hour.map(|hour| day.end(visit, precinct, hour)));
    let at = asked
        .filter(|at| moments.contains(at))
        .or(moments.last().copied());
    let is_wrong = matches!(entered, Some(Entered::Refused { .. } | Entered::File(_)));
    let by_hour: Vec<(Instant, RegionHour)> = moments
        .iter()
        .map(|at| (*at, RegionHour::sum(day.regions(*at).values())))
        .collect();
    let guessed = day.desk.stations().iter();
    let guessed = guessed.filter(|s| s.is_abroad && s.offset_minutes.is_none());
    let page = page::country(
        visit,
        &Country {
            at,
            by_hour: &by_hour,
            offsets: &day.offsets(),
            guessed: guessed.count(),
            regions: &at.map(|at| day.regions(at)).unwrap_or_default(),
            entered: entered.as_ref(),
            has_lists: !day.desk.stations().is_empty(),
            certificates: day
                .desk
                .stations()
                .iter()
                .filter(|s| day.desk.kits(s.precinct).is_some())
                .count(),
            stations: day.desk.stations().len(),
        },
    );
    Ok(Answer::page(page, is_wrong))
}

/// The message that was just taken, by its number in the address.
fn taken(visit: &Visit<'_>, day: &Day<'_>) -> Result<Option<Entered>, Problem> {
    let number: Option<u64> = visit.asked_as("taken")?;
    let row = number.and_then(|number| day.rows.iter().find(|row| row.number == number));
    Ok(row.map(|row| Entered::Taken {
        row: Box::new(row.clone()),
        is_known: visit.asked("known").is_some(),
        is_late: day.desk.is_late(&visit.office.law, &row.kept.said, row.at),
    }))
}

pub(crate) fn page(visit: &Visit<'_>) -> Answered {
    shown(visit, None)
}

/// Takes one message.
pub(crate) fn take(visit: &Visit<'_>) -> Answered {
    let typed = visit.field("message").to_owned();
    let office = visit.office;
    let key = office.config.turnout_key.as_deref();
    let kept = office.store.transact("take_hour", &visit.staff, |tx| {
        let desk = HourDesk::read(tx, &office.law, key)?;
        match desk.judge_heard(&typed) {
            Err(refused) => Ok(Err(refused)),
            Ok(new) => tx
                .record_hour(&new, None, &visit.staff)
                .map(|kept| Ok((new, kept))),
        }
    })?;
    match kept {
        Ok((new, HourKept::New(number))) => Ok(Answer::Go(format!(
            "/hours?hour={}&taken={number}",
            new.said.hour
        ))),
        Ok((new, HourKept::Known(number))) => Ok(Answer::Go(format!(
            "/hours?hour={}&taken={number}&known=1",
            new.said.hour
        ))),
        Err(refused) => shown(visit, Some(Entered::Refused { typed, refused })),
    }
}

/// Takes a file, a message a line; a bad line is kept with its reason, the rest goes on.
pub(crate) fn take_file(visit: &Visit<'_>) -> Answered {
    let wrong = |code| shown(visit, Some(Entered::File(code)));
    let bytes = match visit.handed_in(FILE_BYTES_MAX) {
        Ok(bytes) => bytes,
        Err(FileWrong::Off) => return wrong("hours.file_off"),
        Err(FileWrong::Large) => return wrong("hours.file_large"),
        Err(FileWrong::Disk) => return wrong("hours.file_disk"),
        Err(FileWrong::None) => return wrong("hours.file_none"),
    };
    let Ok(text) = String::from_utf8(bytes) else {
        return wrong("hours.file_text");
    };
    let batch = crate::hours::take_lines(
        &visit.office.store,
        &visit.office.law,
        visit.office.config.turnout_key.as_deref(),
        &visit.staff,
        &text,
    )?;
    Ok(Answer::Go(format!("/hours/file/{}", batch.batch)))
}

fn find_batch(visit: &Visit<'_>) -> Result<(HourBatch, Vec<HourRefusedRow>), Problem> {
    let number: u32 = visit.parsed("batch")?;
    let found = visit
        .office
        .store
        .read("hour_batch", |tx| tx.find_hour_batch(number))?;
    found.ok_or(Problem::NotFound)
}

pub(crate) fn batch(visit: &Visit<'_>) -> Answered {
    let (batch, refused) = find_batch(visit)?;
    Ok(Answer::Page(page::batch(visit, &batch, &refused)))
}

/// The lines of a file that were refused, as a file.
pub(crate) fn rejects(visit: &Visit<'_>) -> Answered {
    let (batch, refused) = find_batch(visit)?;
    let mut rows = vec![
        ["line", "reason", "said", "message"]
            .map(str::to_owned)
            .to_vec(),
    ];
    for row in &refused {
        rows.push(vec![
            row.line.to_string(),
            row.reason.clone(),
            page::reason(visit, &row.reason),
            row.message.clone(),
        ]);
    }
    Ok(as_file(format!("hours-rejects-{}.csv", batch.batch), &rows))
}

/// A precinct's hours with everything that was said of them.
pub(crate) fn precinct(visit: &Visit<'_>) -> Answered {
    let number: u16 = visit.parsed("precinct")?;
    let code = PrecinctCode::new(number).map_err(|_| Problem::NotFound)?;
    let day = day(visit)?;
    let station = day.desk.stations().iter().find(|s| s.precinct == number);
    let rows: Vec<&HourRow> = day
        .rows
        .iter()
        .filter(|row| row.kept.said.precinct == number)
        .collect();
    if station.is_none() && rows.is_empty() {
        return Err(Problem::NotFound);
    }
    let hours = day.hours.get(&number).cloned().unwrap_or_default();
    let late: Vec<bool> = rows
        .iter()
        .map(|row| day.desk.is_late(&visit.office.law, &row.kept.said, row.at))
        .collect();
    Ok(Answer::Page(page::precinct(
        visit,
        &Precinct {
            code,
            station,
            kits: day.desk.kits(number),
            falls: &falls(&hours.figures),
            hours: &hours,
            rows: &rows,
            late: &late,
            offset_minutes: station.map_or(visit.office.offset(), |s| day.clock.offset(s)),
            ends: &hours
                .figures
                .keys()
                .map(|hour| day.end(visit, Some(number), *hour))
                .collect::<Vec<_>>(),
        },
    )))
}

/// Regions or precincts by the hour, as a file.
pub(crate) fn table(visit: &Visit<'_>) -> Answered {
    let name = visit.part("table")?;
    let name = TABLES.into_iter().find(|known| *known == name);
    let name = name.ok_or(Problem::NotFound)?;
    let day = day(visit)?;
    let rows = if name == "regions" {
        regions_table(visit, &day)
    } else {
        precincts_table(visit, &day)
    };
    Ok(as_file(format!("turnout-hours-{name}.csv"), &rows))
}

/// The local day that an hour belongs to, `2015-10-04`, and the hour of that day by which it ends: `10`, `13:30` by a clock
/// that is half an hour off, `24` for the last one.
fn day_and_hour(end: Instant, offset_minutes: i64) -> (String, String) {
    let day = end.plus_micros(-1).local_date(offset_minutes);
    let midnight = Instant::at_local(day, 0, offset_minutes);
    let minutes = (end.micros() - midnight.micros()) / 60_000_000;
    let hour = match minutes % 60 {
        0 => (minutes / 60).to_string(),
        rest => format!("{}:{rest:02}", minutes / 60),
    };
    (day.to_string(), hour)
}

/// By moments of UTC; `day` and `hour` are the country's.
fn regions_table(visit: &Visit<'_>, day: &Day<'_>) -> Vec<Vec<String>> {
    let head =
        "utc,day,hour,region,precincts,not_due,reported,lines,voters,unchecked,doubtful,missing";
    let mut rows = vec![head.split(',').map(str::to_owned).collect()];
    for at in day.moments() {
        let (local, hour) = day_and_hour(at, visit.office.offset());
        let regions = day.regions(at);
        let all = ("TOTAL".to_owned(), RegionHour::sum(regions.values()));
        for (region, found) in regions.into_iter().chain([all]) {
            let missing: Vec<String> = found.missing.iter().map(|p| format!("{p:04}")).collect();
            rows.push(vec![
                at.to_string(),
                local.clone(),
                hour.clone(),
                region,
                found.stations.to_string(),
                found.not_due.to_string(),
                found.reported.to_string(),
                found.lines.to_string(),
                found.count.to_string(),
                found.unchecked.to_string(),
                found.doubtful.to_string(),
                missing.join(" "),
            ]);
        }
    }
    rows
}

fn precincts_table(visit: &Visit<'_>, day: &Day<'_>) -> Vec<Vec<String>> {
    let head = "precinct,region,lines,offset_minutes,utc,day,hour,voters,proof,kits_added_up,number,received,late,disputed";
    let mut rows = vec![head.split(',').map(str::to_owned).collect()];
    for station in day.desk.stations() {
        for hour in day.reported() {
            let known = day.hours.get(&station.precinct);
            let figure = known.and_then(|hours| hours.figures.get(&hour));
            let offset = day.clock.offset(station);
            let end = day.clock.end(offset, hour);
            let (local, hour_of_day) = day_and_hour(end, offset);
            let mut row = vec![
                format!("{:04}", station.precinct),
                station.region.clone(),
                station.lines.to_string(),
                offset.to_string(),
                end.to_string(),
                local,
                hour_of_day,
            ];
            match figure {
                // A precinct that is missing has its row all the same.
                None => row.extend(std::iter::repeat_n(String::new(), 7)),
                Some(figure) => {
                    let heard = day.rows.iter().find(|row| row.number == figure.order);
                    let at = heard.map(|row| row.at);
                    let is_late = heard.is_some_and(|row| {
                        day.desk.is_late(&visit.office.law, &row.kept.said, row.at)
                    });
                    row.extend([
                        figure.count.to_string(),
                        figure.proof.code().to_owned(),
                        figure.parts.map(|n| n.to_string()).unwrap_or_default(),
                        figure.number.to_string(),
                        at.map(|at| at.to_string()).unwrap_or_default(),
                        u8::from(is_late).to_string(),
                        u8::from(figure.is_disputed).to_string(),
                    ]);
                }
            }
            rows.push(row);
        }
    }
    rows
}

/// A table as a file: UTF-8 with its mark, no cell that a spreadsheet runs.
pub(crate) fn as_file(name: String, rows: &[Vec<String>]) -> Answer {
    let mut out = "\u{feff}".as_bytes().to_vec();
    let mut writer = csv::Writer::from_writer(&mut out);
    for row in rows {
        let cells = row.iter().map(|cell| super::reconciliation::harmless(cell));
        writer
            .write_record(cells.collect::<Vec<_>>())
            .expect("a Vec takes every record");
    }
    drop(writer);
    let mut bytes = Some(out);
    Answer::Table {
        name,
        next: Box::new(move || Ok(bytes.take())),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
    use super::*;

    #[test]
    fn an_hour_of_the_second_day_is_written_with_its_day() {
        let check = |utc: &str, offset, expected: (&str, &str)| {
            let (day, hour) = day_and_hour(Instant::parse(utc).unwrap(), offset);
            assert_eq!((day.as_str(), hour.as_str()), expected);
        };
        check("2015-10-04T04:00:00Z", 360, ("2015-10-04", "10"));
        check("2015-10-05T04:00:00Z", 360, ("2015-10-05", "10"));
        check("2015-10-04T18:00:00Z", 360, ("2015-10-04", "24"));
        check("2015-10-04T08:00:00Z", 330, ("2015-10-04", "13:30"));
    }
}
