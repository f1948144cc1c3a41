//! Two records side by side: fields row by row, differences marked, photographs, prints, the decision.

use dedup::PolicyHash;
use fingerprint::MinutiaKind;
use lexicon::FingerPosition;
use maud::{Markup, html};
use register::{CaseKind, CivilEventKind, PersonState};
use screen::components::{Tone, tag};
use store::{CasePage, CaseRecord};

use super::{seat_tag, short_id, thresholds, waited};
use crate::pages::parts::{address, name_text, photo, spaced};
use crate::pages::{Section, heading, shell};
use crate::print_pair::{PairedFinger, Print, shown};
use crate::visit::Visit;

/// What the page of a case shows.
pub(crate) struct Compared<'a> {
    pub page: &'a CasePage,
    /// Fingers that both records have; of the first two records.
    pub pairs: &'a [PairedFinger],
    /// The finger asked for.
    pub finger: Option<u8>,
    /// How many more cases wait.
    pub waiting: u64,
    /// The policy that the officer works under.
    pub policy: PolicyHash,
}

/// A field of every record, in the order of records.
struct Field {
    label: String,
    values: Vec<String>,
}

impl Field {
    fn differs(&self) -> bool {
        self.values.windows(2).any(|pair| pair[0] != pair[1])
    }
}

/// `A`, `B`, `C` …
fn letter(at: usize) -> char {
    char::from(b'A' + u8::try_from(at.min(25)).unwrap_or(25))
}

pub(crate) fn compare(visit: &Visit<'_>, shown: &Compared<'_>) -> Markup {
    let case = shown.page.case.case;
    let title = visit.f("case.title", &[("id", &short_id(case))]);
    let is_pair = shown.page.records.len() == 2;
    let right = html! {
        span.keys {
            span { (visit.n("case.more", shown.waiting.saturating_sub(1))) }
            span { kbd { "1" } "…" kbd { "4" } " " (visit.t("case.keys")) }
        }
    };
    let head = html! {
        (title) " " (seat_tag(visit, shown.page.turn.seat)) " "
        span.tag { (visit.f("case.in_queue", &[("t", &waited(visit, shown.page.turn.since))])) }
    };
    let crumbs = html! { a href="/cases" { (visit.t("nav.queue")) } " · " (visit.t(&format!("case_kind.{}", shown.page.case.kind.code()))) };
    let body = html! {
        (heading(crumbs, head, right))
        (records(visit, shown, is_pair))
        @if is_pair { (prints(visit, shown)) }
        (decide(visit, shown))
    };
    shell(visit, Section::Queue, &title, body)
}

fn fields(visit: &Visit<'_>, records: &[CaseRecord]) -> Vec<Field> {
    let purpose = visit.look().purpose;
    let states: Vec<(&CaseRecord, &PersonState)> =
        records.iter().map(|r| (r, r.state.open(purpose))).collect();
    let field = |key: &str, of: &dyn Fn(&CaseRecord, &PersonState) -> String| Field {
        label: visit.t(key),
        values: states.iter().map(|(r, s)| of(r, s)).collect(),
    };
    let none = || visit.t("person.none");
    vec![
        field("person.name", &|_, s| {
            s.name().map(name_text).unwrap_or_default()
        }),
        field("person.born", &|_, s| {
            s.recorded
                .as_ref()
                .map_or_else(none, |(_, born, _)| visit.day(*born))
        }),
        field("person.sex", &|_, s| {
            s.recorded.as_ref().map_or_else(none, |(sex, _, _)| {
                visit.t(&format!("sex.{}", sex.letter()))
            })
        }),
        field("person.pin", &|_, s| {
            s.pin()
                .map_or_else(|| visit.t("person.no_pin"), |c| spaced(&c.pin.digits()))
        }),
        field("person.document", &|_, s| {
            let latest = s.documents.iter().max_by_key(|d| d.issued);
            latest.map_or_else(none, |d| {
                format!("{} · {}", d.number.as_str(), visit.day(d.issued))
            })
        }),
        field("person.address", &|r, s| {
            let addresses = r.addresses.open(purpose);
            let home = s
                .residences
                .iter()
                .filter(|home| home.until.is_none())
                .max_by_key(|home| home.from);
            home.and_then(|home| addresses.get(&home.address))
                .map_or_else(none, address)
        }),
        field("case.captured", &|_, s| {
            let first = s.enrolments.iter().min_by_key(|e| e.captured);
            first.map_or_else(none, |e| {
                let region = visit.t(&format!("region.{}", e.region.code()));
                format!(
                    "{}, {region}, {} {}",
                    visit.day(e.captured),
                    e.kit,
                    e.operator
                )
            })
        }),
    ]
}

fn records(visit: &Visit<'_>, shown: &Compared<'_>, is_pair: bool) -> Markup {
    let purpose = visit.look().purpose;
    let records = &shown.page.records;
    let fields = fields(visit, records);
    let rows = fields.len() + 1;
    let face = |at: usize| {
        let image = records
            .get(at)
            .and_then(|r| r.photo.as_ref())
            .map(|p| p.open(purpose).as_slice());
        html! { td.face-cell rowspan=(rows) { (photo(visit, image, "ph")) } }
    };
    let mark = |field: &Field| {
        html! { @if field.differs() { " " b.unequal { "≠" span.vh { (visit.t("case.differs")) } } } }
    };
    let cell = |field: &Field, at: usize| {
        html! { td class=[field.differs().then_some("diff")] { b { (field.values.get(at).map_or("", String::as_str)) } } }
    };
    let record_head = |at: usize| {
        let text = visit.f("case.record_n", &[("a", &letter(at).to_string())]);
        html! { th scope="col" { (text) } }
    };
    html! {
        section.panel.mt-s {
            @if is_pair {
                table.compare {
                    caption.vh { (visit.t("case.records")) }
                    thead { tr { (face(0)) (record_head(0)) th scope="col" { span.vh { (visit.t("case.field")) } } (record_head(1)) (face(1)) } }
                    tbody { @for field in &fields {
                        tr { (cell(field, 0)) th scope="row" { (field.label) (mark(field)) } (cell(field, 1)) }
                    } }
                }
            } @else {
                div.scroll-x tabindex="0" role="region" aria-label=(visit.t("case.records")) { table.t.dense {
                    caption.vh { (visit.t("case.records")) }
                    thead { tr { th scope="col" { (visit.t("case.field")) } @for at in 0..records.len() { (record_head(at)) } } }
                    tbody { @for field in &fields { tr { th scope="row" { (field.label) (mark(field)) } @for at in 0..records.len() { (cell(field, at)) } } } }
                } }
            }
        }
    }
}

fn prints(visit: &Visit<'_>, compared: &Compared<'_>) -> Markup {
    let (refer, _) = thresholds();
    let found = shown(compared.pairs, compared.finger);
    let score = compared
        .page
        .records
        .iter()
        .map(|r| r.score)
        .max()
        .unwrap_or(0);
    let empty = || html! { div.body.muted { (visit.t("prints.none")) } };
    let side = |which: fn(&PairedFinger) -> &Print, letter: char| {
        html! {
            section.side aria-label=(visit.f("case.record_n", &[("a", &letter.to_string())])) {
                @match found {
                    Some(pair) => { (drawing(visit, which(pair), letter)) p.fpbar { span { (visit.t("prints.legend")) } span { (visit.f("prints.quality", &[("q", &which(pair).quality.to_string())])) } } },
                    None => (empty()),
                }
            }
        }
    };
    html! {
        div.adj.mt-s {
            (side(|p| &p.first, 'A'))
            div.stack {
                div.score {
                    (visit.t("prints.fused"))
                    b { (score) }
                    span.tag.info { (visit.f("prints.threshold", &[("n", &refer.to_string())])) }
                }
                (picker(visit, compared, found))
                @if let Some(pair) = found {
                    div {
                        h2.finger { (finger_name(visit, pair.finger)) }
                        dl.kv.mt-s {
                            dt { (visit.t("prints.met")) } dd { (visit.f("prints.met_of", &[("n", &pair.met.to_string()), ("a", &pair.first.marks.len().to_string()), ("b", &pair.second.marks.len().to_string())])) }
                            dt { (visit.t("prints.score")) } dd { (pair.score.value()) }
                            dt { (visit.t("prints.chance")) } dd { (chance(pair.score.value())) }
                        }
                    }
                }
                (links(visit, compared))
            }
            (side(|p| &p.second, 'B'))
        }
    }
}

/// How often two different fingers reach a score: 400 is `1 : 10⁴`.
fn chance(score: u16) -> Markup {
    html! { "1 : 10" sup { (score / 100) } }
}

fn finger_name(visit: &Visit<'_>, finger: FingerPosition) -> String {
    visit.t(&format!("finger.p{}", finger.number()))
}

fn picker(visit: &Visit<'_>, compared: &Compared<'_>, found: Option<&PairedFinger>) -> Markup {
    let case = compared.page.case.case;
    html! {
        div.fpick role="group" aria-label=(visit.t("prints.fingers")) {
            @for finger in (1..=10).filter_map(FingerPosition::new) {
                @let short = visit.t(&format!("finger.s{}", finger.number()));
                @match compared.pairs.iter().find(|p| p.finger == finger) {
                    Some(pair) => {
                        @let is_on = found.is_some_and(|f| f.finger == finger);
                        a class=[is_on.then_some("on")] aria-current=[is_on.then_some("true")] title=(finger_name(visit, finger)) href={ "/case/" (case) "?finger=" (finger.number()) } { (short) br; (pair.score.value()) }
                    },
                    None => span.no title=(finger_name(visit, finger)) { (short) br; "—" },
                }
            }
        }
    }
}

/// Acts of the civil registry that may explain a difference.
fn links(visit: &Visit<'_>, compared: &Compared<'_>) -> Markup {
    let purpose = visit.look().purpose;
    let changes: Vec<String> = compared
        .page
        .records
        .iter()
        .enumerate()
        .flat_map(|(at, record)| {
            let state = record.state.open(purpose);
            state
                .events
                .iter()
                .filter(|event| event.kind == CivilEventKind::NameChange)
                .map(move |event| (at, event))
        })
        .map(|(at, event)| {
            let new = event.name.as_ref().map(name_text).unwrap_or_default();
            visit.f(
                "case.link",
                &[
                    ("a", &letter(at).to_string()),
                    ("d", &visit.day(event.day)),
                    ("act", &event.act_number),
                    ("new", &new),
                ],
            )
        })
        .collect();
    html! {
        div {
            h2.finger { (visit.t("case.links")) }
            @if changes.is_empty() { p.small.muted { (visit.t("case.no_links")) } }
            @for change in &changes { p.small { (change) } }
        }
    }
}

/// The minutiae of a print: circle an ending, square a fork; dashed what only this print has.
fn drawing(visit: &Visit<'_>, print: &Print, letter: char) -> Markup {
    let (left, top, width, height) = window(print);
    let met = print.marks.iter().filter(|m| m.number.is_some()).count();
    let label = visit.f(
        "prints.drawing",
        &[
            ("a", &letter.to_string()),
            ("n", &print.marks.len().to_string()),
            ("m", &met.to_string()),
        ],
    );
    html! {
        svg.fpv viewBox={ (left) " " (top) " " (width) " " (height) } role="img" aria-label=(label) {
            @for mark in &print.marks {
                @let class = if mark.number.is_some() { "m-met" } else { "m-only" };
                @let (x, y) = (i32::from(mark.x), i32::from(mark.y));
                // Angles turn counter-clockwise, rows run down.
                @let turn = f64::from(mark.angle) / 256.0 * std::f64::consts::TAU;
                @let (dx, dy) = ((turn.cos() * 15.0).round() as i32, (-turn.sin() * 15.0).round() as i32);
                g class=(class) {
                    path d={ "M" (x) " " (y) "l" (dx) " " (dy) } {}
                    @if mark.kind == MinutiaKind::Bifurcation { rect x=(x - 5) y=(y - 5) width="10" height="10" {} }
                    @else { circle cx=(x) cy=(y) r="5.5" {} }
                    @if let Some(number) = mark.number { text x=(x + 8) y=(y - 7) { (number) } }
                }
            }
        }
    }
}

/// The part of the print that holds its minutiae, with a margin, never flatter than 4 : 3.
fn window(print: &Print) -> (i32, i32, i32, i32) {
    let xs = || print.marks.iter().map(|m| i32::from(m.x));
    let ys = || print.marks.iter().map(|m| i32::from(m.y));
    let (left, right) = (
        xs().min().unwrap_or(0) - 24,
        xs().max().unwrap_or(i32::from(print.width)) + 34,
    );
    let (top, bottom) = (
        ys().min().unwrap_or(0) - 26,
        ys().max().unwrap_or(i32::from(print.height)) + 24,
    );
    let (width, height) = ((right - left).max(1), (bottom - top).max(1));
    let wide = (height * 3 / 2).max(width);
    (left - (wide - width) / 2, top, wide, height)
}

/// The decisions, of equal weight, none chosen; then one button.
fn decide(visit: &Visit<'_>, compared: &Compared<'_>) -> Markup {
    let case = &compared.page.case;
    let is_pair = case.persons.len() == 2;
    let mut choices: Vec<(String, String)> = Vec::new();
    if is_pair {
        choices.push(("same".to_owned(), visit.t("says.same")));
    }
    choices.push(("distinct".to_owned(), visit.t("says.distinct")));
    if case.kind == CaseKind::SharedPin {
        for (at, (person, _)) in case.persons.iter().enumerate() {
            let label = visit.f("says.keep_n", &[("a", &letter(at).to_string())]);
            choices.push((person.to_string(), label));
        }
    }
    html! {
        form.decide tabindex="-1" autofocus method="post" action={ "/case/" (case.case) "/opinion" } {
            b { (visit.t("case.your_decision")) }
            input type="hidden" name="policy" value=(compared.policy);
            @for (at, (value, label)) in choices.iter().enumerate() {
                label.btn.sec {
                    input type="radio" name="says" value=(value) required data-key=(at + 1);
                    kbd { (at + 1) } " " (label)
                }
            }
            span.grow {}
            span.small.muted { (visit.t("case.others_hidden")) }
            button.btn type="submit" { (visit.t("case.record_decision")) }
        }
        @if compared.page.turn.seat == 3 { p.small { (tag(Tone::Warn, &visit.t("case.third_text"))) } }
    }
}
