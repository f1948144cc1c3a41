//! Reports of a polling station: counters whose arithmetic a stranger can redo from the journals.
//!
//! A report is a `COSE_Sign` (type `report`) by the kit and two officers. For every kit
//! `acts = counted + undone + duplicates` and `acts = printed + void + pending`; over all kits
//! `Σ counted = counted = Σ by_method`. A scanned ballot table has its own sums ([`TableCount`]).

use minicbor::bytes::ByteArray;
use minicbor::{Decode, Encode};

use super::event::Incident;

/// Numbers of report kinds.
pub mod kind {
    /// Before the first voter: everything is zero.
    pub const INITIAL: u8 = 1;
    /// During the day.
    pub const RUNNING: u8 = 2;
    /// After close.
    pub const FINAL: u8 = 3;
}

/// A report's payload.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Report {
    /// Suite, `kg1`.
    #[n(1)]
    pub suite: String,
    /// Election number.
    #[n(2)]
    pub election: u32,
    /// Precinct number.
    #[n(3)]
    pub precinct: u16,
    /// Kit that made the report.
    #[n(4)]
    pub kit: ByteArray<8>,
    /// The kind, see [`kind`].
    #[n(5)]
    pub kind: u8,
    /// The kit's report counter, from 1.
    #[n(6)]
    pub number: u32,
    /// When, microseconds UTC by the kit's clock.
    #[n(7)]
    pub at: i64,
    /// Id of the package manifest.
    #[n(8)]
    pub package: ByteArray<32>,
    /// Root of the whole list in force.
    #[n(9)]
    pub root: ByteArray<32>,
    /// Release number.
    #[n(10)]
    pub release: u32,
    /// Voters on the precinct's list in force: lines that are not struck.
    #[n(11)]
    pub lines: u32,
    /// Pages of the paper list.
    #[n(12)]
    pub pages: u32,
    /// Voters counted as identified, all kits together.
    #[n(13)]
    pub counted: u32,
    /// Counted acts by method, in the order of method numbers; every method stands here.
    #[n(14)]
    pub by_method: Vec<MethodCount>,
    /// Kits in the order of their shares.
    #[n(15)]
    pub kits: Vec<KitCount>,
    /// Refusals by reason, all kits, sorted by code; reasons that did not occur are left out.
    #[n(16)]
    pub refusals: Vec<ReasonCount>,
    /// Incidents, sorted by code, line, evidence.
    #[n(17)]
    pub incidents: Vec<Incident>,
    /// Short names of kits whose journal may hold more than this report knows.
    #[n(18)]
    pub incomplete: Vec<String>,
    /// Events that were refused at the door and are not part of any count.
    #[n(19)]
    pub rejected: u32,
    /// Acts after closing time, by voters who stood in line.
    #[n(20)]
    pub after_close: u32,
    /// Number of the last station delta in force; left out when the list is the package's.
    #[n(21)]
    pub delta: Option<u32>,
    /// The scanned ballot table; left out where the law says `paper`.
    #[n(22)]
    pub table: Option<TableCount>,
    /// SHA-256 of the signed final report or addendum that this addendum adds to; left out on every other report.
    #[n(23)]
    pub adds_to: Option<ByteArray<32>>,
    /// Why the report is incomplete, as the chair said: a code of the station's list.
    #[n(24)]
    pub why_incomplete: Option<String>,
    /// Counted voters by sex and age band on the day, every sex and band, sorted; left out by a kit that knows neither.
    #[n(25)]
    pub people: Option<Vec<PeopleCount>>,
    /// Intervals in which voting went on by paper alone, in the order of the events; left out without any.
    #[n(26)]
    pub paper_only: Option<Vec<PaperInterval>>,
    /// SHA-256 of the program that runs on the kit; left out by one that cannot read its own file.
    #[n(27)]
    pub software: Option<ByteArray<32>>,
    /// Pages of the bound list whose codes this kit read and found to be the package's list; left out when none was read.
    #[n(28)]
    pub pages_read: Option<u32>,
    /// The days of voting, in their order; left out unless the precinct was closed before its time or voted on.
    #[n(30)]
    pub days: Option<Vec<DayCount>>,
    /// Why keys of the commission above signed in place of officers, in the order of the events; left out without any.
    #[n(31)]
    pub glass: Option<Vec<GlassSaid>>,
    /// Clocks of the kits that this one heard, in the order of their shares; only on an initial report, left out when it
    /// heard none.
    #[n(32)]
    pub clocks: Option<Vec<ClockSaid>>,
    /// The kit's battery; only on an initial report, left out by a machine without one.
    #[n(33)]
    pub battery: Option<BatterySaid>,
    /// How the receipt printer stood, one of [`SUPPLIES`]; only on an initial report.
    #[n(34)]
    pub supply: Option<String>,
    /// What was counted on paper, as last entered; left out before.
    #[n(35)]
    pub totals: Option<TotalsSaid>,
    /// Counted identifications by hand of each pair of officers, most first, then by cards; left out without any.
    #[n(36)]
    pub pairs: Option<Vec<PairCount>>,
    /// Acts that were undone, by the operator's card at the act's kit, most first, then by card; left out without any.
    #[n(37)]
    pub undone_by: Option<Vec<OperatorCount>>,
    /// The events that the incidents name and this kit holds, each once, by kit and counter; left out without any.
    #[n(38)]
    pub evidence: Option<Vec<EventSaid>>,
    /// When the last event of each kit named in the report was made, in its order, microseconds UTC; 0 for none.
    #[n(39)]
    pub heads_at: Option<Vec<i64>>,
    /// When kits did not hear each other, in the order in which it began; left out when they always did.
    #[n(40)]
    pub silences: Option<Vec<Silence>>,
    /// Counted acts of each kit named in the report, in its order, that were entered from its receipts; their heirs count
    /// them. Left out without any.
    #[n(41)]
    pub reconstructed: Option<Vec<u32>>,
    /// Voters on each page of the paper list, supplementary ones last; only on an initial report.
    #[n(42)]
    pub page_voters: Option<Vec<u32>>,
    /// What is plugged in; only on an initial report.
    #[n(43)]
    pub devices: Option<Vec<DeviceSaid>>,
    /// Number of the seal on the spare key, as the chair read it; only on an initial report, left out when not said.
    #[n(44)]
    pub spare_seal: Option<String>,
    /// Events of a training in the kit's folder; only on an initial report.
    #[n(45)]
    pub training_events: Option<u32>,
    /// Slips that were handed in at tables that do not scan, each once; left out without any.
    #[n(46)]
    pub slips_taken: Option<u32>,
    /// Counted identifications whose voter's picture is kept sealed; left out without any.
    #[n(47)]
    pub pictures: Option<u32>,
}

/// What two officers counted on paper, and how it was entered. The differences are not stated: whoever reads the report
/// works them out ([`TotalsSaid::differences`]).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct TotalsSaid {
    /// Kit of the TOTALS_ENTERED event.
    #[n(0)]
    pub kit: ByteArray<8>,
    /// Its seq.
    #[n(1)]
    pub seq: u32,
    /// When, microseconds UTC.
    #[n(2)]
    pub at: i64,
    /// Signatures on the paper list and in the home register.
    #[n(3)]
    pub signatures: u32,
    /// Ballots that the precinct received.
    #[n(4)]
    pub received: u32,
    /// Ballots given to voters.
    #[n(5)]
    pub issued: u32,
    /// Ballots spoilt and cancelled.
    #[n(6)]
    pub spoilt: u32,
    /// Ballots left over.
    #[n(7)]
    pub left: u32,
    /// Why a number differs, one of [`super::event::DIFFERENCE_REASONS`]; empty when none was said.
    #[n(8)]
    pub difference: String,
    /// Why those before were corrected, one of [`super::event::CORRECTION_REASONS`]; empty for the first.
    #[n(9)]
    pub correction: String,
    /// Entries that stand before this one.
    #[n(10)]
    pub before: u32,
}

/// What the counts on paper are off by; zero everywhere when they agree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Differences {
    /// Voters counted as identified minus signatures.
    pub signatures: i64,
    /// Signatures minus ballots given.
    pub issued: i64,
    /// Ballots received minus given, spoilt and left.
    pub ballots: i64,
}

impl Differences {
    /// Between voters counted, signatures, and ballots received, given, spoilt, left.
    #[must_use]
    pub fn between(
        counted: u32,
        signatures: u32,
        [received, issued, spoilt, left]: [u32; 4],
    ) -> Self {
        let wide = |n: u32| i64::from(n);
        Self {
            signatures: wide(counted) - wide(signatures),
            issued: wide(signatures) - wide(issued),
            ballots: wide(received) - wide(issued) - wide(spoilt) - wide(left),
        }
    }

    /// Whether anything differs.
    #[must_use]
    pub fn is_any(&self) -> bool {
        *self != Self::default()
    }
}

impl TotalsSaid {
    /// What these numbers are off by, beside the voters counted as identified.
    #[must_use]
    pub fn differences(&self, counted: u32) -> Differences {
        let ballots = [self.received, self.issued, self.spoilt, self.left];
        Differences::between(counted, self.signatures, ballots)
    }
}

/// How often officers identified voters by hand together.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct PairCount {
    /// Their cards, sorted.
    #[n(0)]
    pub cards: Vec<ByteArray<8>>,
    /// How often.
    #[n(1)]
    pub count: u32,
}

/// How many acts of an operator were undone.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct OperatorCount {
    /// The card of the last SHIFT_TAKEN of the act's kit before the act; zeros before the first.
    #[n(0)]
    pub card: ByteArray<8>,
    /// How many.
    #[n(1)]
    pub count: u32,
}

/// When an event was made, and which receipt it is.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct EventSaid {
    /// The kit.
    #[n(0)]
    pub kit: ByteArray<8>,
    /// Its seq.
    #[n(1)]
    pub seq: u32,
    /// When, microseconds UTC.
    #[n(2)]
    pub at: i64,
    /// Kit on the receipt: the lost one's of a RECONSTRUCTED.
    #[n(3)]
    pub receipt_kit: ByteArray<8>,
    /// The receipt's number; 0 for an event without one.
    #[n(4)]
    pub receipt: u32,
}

/// A device of the kit.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct DeviceSaid {
    /// What it is for, one of [`DEVICES`].
    #[n(0)]
    pub role: String,
    /// Its driver or kind, as the kit is configured; no serial number.
    #[n(1)]
    pub name: String,
    /// Whether it tells a living finger from a copy; `false` where it cannot, and for what is no scanner.
    #[n(2)]
    pub checks_life: bool,
}

/// What devices are for.
pub const DEVICES: [&str; 3] = ["SCANNER", "PRINTER", "CAMERA"];

/// One day of voting. Over all days `Σ counted` is the report's `counted`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct DayCount {
    /// Opening, microseconds UTC.
    #[n(0)]
    pub opens: i64,
    /// Closing by the law or the decision, microseconds UTC.
    #[n(1)]
    pub closes: i64,
    /// Id of the decision; left out for election day.
    #[n(2)]
    pub decision: Option<ByteArray<32>>,
    /// When it was closed before its time, microseconds UTC.
    #[n(3)]
    pub suspended: Option<i64>,
    /// Why, one of [`super::day_decision::REASONS`].
    #[n(4)]
    pub reason: Option<String>,
    /// Counted acts of kits that were open for the day when they wrote them; what was entered from paper counts on the
    /// day of its entry.
    #[n(5)]
    pub counted: u32,
    /// Those of them outside the hours: at or after the closing, or after it was closed before its time.
    #[n(6)]
    pub outside: u32,
}

/// A GLASS_BROKEN event.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct GlassSaid {
    /// The kit.
    #[n(0)]
    pub kit: ByteArray<8>,
    /// Seq of the event.
    #[n(1)]
    pub seq: u32,
    /// When, microseconds UTC.
    #[n(2)]
    pub at: i64,
    /// Why, one of [`super::event::GLASS_REASONS`].
    #[n(3)]
    pub reason: String,
}

/// How a receipt printer stands: more paper than its sensor near the end tells, less than that, none; or it does not print
/// for another reason.
pub const SUPPLIES: [&str; 4] = ["ENOUGH", "LOW", "NONE", "OFF"];

/// Another kit's clock, as the kit of the report last heard it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct ClockSaid {
    /// The other kit.
    #[n(0)]
    pub kit: ByteArray<8>,
    /// Its clock minus the own, microseconds.
    #[n(1)]
    pub micros: i64,
}

impl ClockSaid {
    /// `+0,3` or `−12,0`: seconds to a tenth, with the decimal point of a language.
    #[must_use]
    pub fn seconds(&self, point: char) -> String {
        let tenths = self.micros.unsigned_abs().saturating_add(50_000) / 100_000;
        let sign = if self.micros < 0 { '\u{2212}' } else { '+' };
        format!("{sign}{}{point}{}", tenths / 10, tenths % 10)
    }
}

/// A kit's battery.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct BatterySaid {
    /// 0 to 100.
    #[n(0)]
    pub percent: u8,
    /// Whether it is being used up: no mains.
    #[n(1)]
    pub is_draining: bool,
}

/// A time in which one kit did not hear another.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Silence {
    /// The kit that wrote it.
    #[n(0)]
    pub by: ByteArray<8>,
    /// The kit that it did not hear.
    #[n(1)]
    pub kit: ByteArray<8>,
    /// From, microseconds UTC.
    #[n(2)]
    pub from: i64,
    /// Until; left out when it had not ended.
    #[n(3)]
    pub until: Option<i64>,
}

/// An interval without any kit (PAPER_ONLY) and what was entered of it. `served ≤ entered`; `entered` and `count`
/// differ only with an incident `PAPER_COUNT`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct PaperInterval {
    /// Kit of the PAPER_ONLY event.
    #[n(0)]
    pub kit: ByteArray<8>,
    /// Its seq.
    #[n(1)]
    pub seq: u32,
    /// From when, microseconds UTC.
    #[n(2)]
    pub from: i64,
    /// Until when, microseconds UTC.
    #[n(3)]
    pub to: i64,
    /// Slips of the book that were given, as the officers counted them.
    #[n(4)]
    pub count: u32,
    /// Lines entered for the interval that were not undone.
    #[n(5)]
    pub entered: u32,
    /// Those among them that count their voter.
    #[n(6)]
    pub served: u32,
}

/// First ages of the bands of [`PeopleCount`]; the first one holds whoever is younger than the second.
pub const AGE_BANDS: [u8; 7] = [18, 25, 35, 45, 55, 65, 75];

/// Counted voters of one sex and age band.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct PeopleCount {
    /// `F` or `M`.
    #[n(0)]
    pub sex: String,
    /// The band's first age, one of [`AGE_BANDS`].
    #[n(1)]
    pub from: u8,
    /// How many.
    #[n(2)]
    pub count: u32,
}

/// What the scanned ballot table adds up to. `counted = issued + waiting + home + paper`; over all kits
/// `Σ ballots = issued + surplus + returned`; `issued ≤ signed` unless an incident `BALLOT_UNSIGNED` says otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct TableCount {
    /// Counted voters whose paper line was signed at the table.
    #[n(0)]
    pub signed: u32,
    /// Counted voters with a ballot that stands, each once.
    #[n(1)]
    pub issued: u32,
    /// Counted voters without one: the difference.
    #[n(2)]
    pub waiting: u32,
    /// Ballots that stand beyond these: a second one, or one of a voter who is not counted.
    #[n(3)]
    pub surplus: u32,
    /// Ballots that came back when their act was undone.
    #[n(4)]
    pub returned: u32,
    /// Counted voters of the mobile kits: they got theirs at home.
    #[n(5)]
    pub home: u32,
    /// BALLOT_ISSUED events of each kit that is named in the report, in its order.
    #[n(6)]
    pub ballots: Vec<u32>,
    /// Counted voters who were served on paper while no kit worked: they got theirs by the book of slips.
    #[n(7)]
    pub paper: u32,
}

/// Counted acts by one method.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct MethodCount {
    /// `Method` number.
    #[n(0)]
    pub method: u8,
    /// How many.
    #[n(1)]
    pub count: u32,
}

/// Refusals for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct ReasonCount {
    /// `RefusalReason` code.
    #[n(0)]
    pub reason: String,
    /// How many.
    #[n(1)]
    pub count: u32,
}

/// The counters of one kit.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct KitCount {
    /// The kit.
    #[n(0)]
    pub kit: ByteArray<8>,
    /// Short name.
    #[n(1)]
    pub name: String,
    /// Last seq known without a gap, 0 for none.
    #[n(2)]
    pub seq: u32,
    /// Id of that event; zeros for none.
    #[n(3)]
    pub head: ByteArray<32>,
    /// Events IDENTIFIED.
    #[n(4)]
    pub acts: u32,
    /// Acts undone by two officers.
    #[n(5)]
    pub undone: u32,
    /// Acts on a voter whom an earlier act counts.
    #[n(6)]
    pub duplicates: u32,
    /// Acts that count.
    #[n(7)]
    pub counted: u32,
    /// Receipts that came out and stand.
    #[n(8)]
    pub printed: u32,
    /// Receipts void: declared so, or of an act undone.
    #[n(9)]
    pub void: u32,
    /// Receipts neither printed nor void.
    #[n(10)]
    pub pending: u32,
    /// Copies printed after the first.
    #[n(11)]
    pub reprints: u32,
    /// Grants given to other kits.
    #[n(12)]
    pub granted: u32,
    /// Grants given that no act has used and nobody took back.
    #[n(13)]
    pub granted_unused: u32,
}
