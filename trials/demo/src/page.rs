//! `index.html`: the run in pictures, in three languages, without script.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use batch::Formed;
use lexicon::handover::snapshot::Extent;
use lexicon::{ExclusionReason, Language, Texts};
use maud::{DOCTYPE, Markup, html};
use screen::chart::{Step, StepKind, columns, waterfall};
use screen::components::{Tone, mark, note, tag};
use screen::format::{number, percent};
use screen::{Catalogue, CatalogueError, assets};

use crate::ground::write_whole;
use crate::summary::Summary;

/// A precinct on the page's map.
#[derive(Clone, Debug)]
pub struct PrecinctShape {
    /// Its number.
    pub number: u16,
    /// Lines of its list.
    pub lines: u64,
    /// Counted voters.
    pub counted: u64,
    /// Outer rings, degrees.
    pub rings: Vec<Vec<(f64, f64)>>,
    /// Whether its list was printed.
    pub printed: bool,
}

/// What the page shows.
#[derive(Debug)]
pub struct Picture<'a> {
    /// Figures.
    pub summary: &'a Summary,
    /// Whether the register was imported.
    pub imported: bool,
    /// Enrolments by region and month (`2014-12`).
    pub campaign: BTreeMap<String, BTreeMap<String, u64>>,
    /// Counted voters by local hour.
    pub hours: BTreeMap<u8, u64>,
    /// Precincts.
    pub precincts: Vec<PrecinctShape>,
}

/// Enrolments by region and month, from the snapshot.
#[must_use]
pub fn campaign(formed: &Formed) -> BTreeMap<String, BTreeMap<String, u64>> {
    let mut table: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
    for enrolment in &formed.snapshot.enrolments {
        let region = formed.snapshot.words.text(enrolment.region).to_owned();
        let month = format!(
            "{}-{:02}",
            enrolment.captured.year(),
            enrolment.captured.month()
        );
        *table.entry(region).or_default().entry(month).or_default() += 1;
    }
    table
}

/// Precincts with land, from the snapshot, with what each counted.
#[must_use]
pub fn shapes(formed: &Formed, counted: &BTreeMap<u16, u64>, paper: &Path) -> Vec<PrecinctShape> {
    formed
        .roll
        .lists
        .iter()
        .map(|list| {
            let number = list.precinct.number();
            let rings = formed
                .snapshot
                .boundaries
                .iter()
                .filter(|boundary| boundary.precinct == list.precinct)
                .filter_map(|boundary| match &boundary.extent {
                    Extent::Polygon(text) => text.parse::<geojson::Geometry>().ok(),
                    Extent::Range { .. } => None,
                })
                .flat_map(|geometry| outer_rings(&geometry))
                .collect();
            PrecinctShape {
                number,
                lines: list.persons.len() as u64,
                counted: counted.get(&number).copied().unwrap_or(0),
                rings,
                printed: paper.join(format!("{number:04}.pdf")).exists(),
            }
        })
        .collect()
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "only areas have an outer ring, whatever geometries may come"
)]
fn outer_rings(geometry: &geojson::Geometry) -> Vec<Vec<(f64, f64)>> {
    let ring = |positions: &[geojson::Position]| -> Vec<(f64, f64)> {
        positions
            .iter()
            .filter(|p| p.as_slice().len() >= 2)
            .map(|p| (p.as_slice()[0], p.as_slice()[1]))
            .collect()
    };
    match &geometry.value {
        geojson::GeometryValue::Polygon { coordinates } => coordinates
            .first()
            .map(|outer| ring(outer))
            .into_iter()
            .collect(),
        geojson::GeometryValue::MultiPolygon { coordinates } => coordinates
            .iter()
            .filter_map(|polygon| polygon.first())
            .map(|outer| ring(outer))
            .collect(),
        _ => Vec::new(),
    }
}

/// Why the page was not written.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// The texts are not whole: an engineer mends them.
    #[error(transparent)]
    Texts(#[from] CatalogueError),
    /// The sentences of the codes are not whole.
    #[error("texts of the codes: {0}")]
    Codes(String),
    /// The disk refused.
    #[error(transparent)]
    Disk(#[from] anyhow::Error),
}

/// Writes `index.html` (English) and its Kyrgyz and Russian twins, with their stylesheet beside them.
///
/// # Errors
/// [`PageError`].
pub fn write(out: &Path, picture: &Picture<'_>) -> Result<(), PageError> {
    let texts = Catalogue::parse(include_str!("texts.toml"))?;
    let codes = Texts::kg().map_err(|error| PageError::Codes(error.to_string()))?;
    let dir = out.join("page");
    fs::create_dir_all(&dir).map_err(|error| PageError::Disk(error.into()))?;
    for asset in assets::SHARED {
        // Beside the page fonts stand without a server's path.
        let bytes = match std::str::from_utf8(asset.bytes) {
            Ok(text) => text.replace("url(/assets/", "url(").into_bytes(),
            Err(_) => asset.bytes.to_vec(),
        };
        write_whole(&dir.join(asset.name), &bytes)?;
    }
    write_whole(&dir.join("page.css"), include_bytes!("page.css"))?;
    for language in Language::ALL {
        let sheet = Sheet {
            texts: &texts,
            codes: &codes,
            language,
            picture,
        };
        let page = sheet.page().into_string();
        write_whole(&out.join(file_of(language)), page.as_bytes())?;
    }
    Ok(())
}

fn file_of(language: Language) -> &'static str {
    match language {
        Language::En => "index.html",
        Language::Ky => "index.ky.html",
        Language::Ru => "index.ru.html",
    }
}

struct Sheet<'a> {
    texts: &'a Catalogue,
    codes: &'a Texts,
    language: Language,
    picture: &'a Picture<'a>,
}

impl Sheet<'_> {
    fn t(&self, key: &str) -> String {
        self.texts.text(self.language, key)
    }

    fn reason(&self, reason: ExclusionReason) -> String {
        let entry = self.codes.exclusion.get(reason.code());
        entry.map_or_else(String::new, |e| e.short.get(self.language).to_owned())
    }

    fn page(&self) -> Markup {
        let summary = self.picture.summary;
        html! {
            (DOCTYPE)
            html lang=(self.language.tag()) data-theme="default" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width,initial-scale=1";
                    title { "tizme · " (self.t("title")) }
                    @for style in ["tokens.css", "app.css", "page.css"] { link rel="stylesheet" href={ "page/" (style) }; }
                }
                body.demo-page {
                    a.skip href="#main" { (self.t("skip")) }
                    header.demo-top {
                        (mark("tizme"))
                        nav aria-label=(self.t("languages")) {
                            @for language in Language::ALL {
                                a href=(file_of(language)) lang=(language.tag()) hreflang=(language.tag()) aria-current=[(language == self.language).then_some("true")] {
                                    (match language { Language::Ky => "Кыргызча", Language::Ru => "Русский", Language::En => "English" })
                                }
                            }
                        }
                    }
                    main id="main" {
                        h1 { (self.t("title")) }
                        p.muted { (self.t(if self.picture.imported { "imported" } else { "invented" })) }
                        (self.verdict())
                        (self.figures())
                        section.panel { h2 { (self.t("waterfall")) } (self.waterfall()) p.small.muted { (self.t("legend")) } }
                        div.demo-two {
                            section.panel { h2 { (self.t("turnout")) } (self.hours()) }
                            section.panel { h2 { (self.t("map")) } (self.map()) }
                        }
                        section.panel { h2 { (self.t("campaign")) } (self.campaign()) }
                        div.demo-two {
                            section.panel { h2 { (self.t("reconciliation")) } (self.reconciliation()) }
                            div.stack {
                                section.panel { h2 { (self.t("methods")) } (self.counts(&summary.checkins_by_method, "methods")) }
                                section.panel { h2 { (self.t("refusals")) } (self.counts(&summary.refusals_by_reason, "refusals")) (self.attempts()) }
                                @if let Some(real) = &summary.real_fingers {
                                    section.panel { h2 { (self.t("real")) } p { (self.texts.fill(self.language, "real_line", &[
                                        ("v", &number(real.voters)), ("f", &number(real.identified_by_finger)),
                                        ("a", &format!("{:.2}", real.fnmr_percent)), ("b", &format!("{:.3}", real.fmr_percent))])) } }
                                }
                            }
                        }
                        section.panel { h2 { (self.t("precinct")) } (self.precincts()) }
                        section.panel { h2 { (self.t("seconds")) } (self.seconds()) }
                    }
                }
            }
        }
    }

    fn verdict(&self) -> Markup {
        let summary = self.picture.summary;
        let (tone, text) = if summary.verify == "ok" {
            (Tone::Ok, self.t("verify_ok"))
        } else {
            let filled = [("v", summary.verify.as_str())];
            (
                Tone::Stop,
                self.texts.fill(self.language, "verify_bad", &filled),
            )
        };
        note(
            tone,
            html! {
                b { (text) } " " (self.t("verify_how")) " " code { "./tizme verify ." }
                br; span.small.mono { "root " (summary.root) }
            },
        )
    }

    fn figures(&self) -> Markup {
        let s = self.picture.summary;
        let counted: u64 = s.checkins_by_method.values().sum();
        let percent_of = |key: &str, part, whole| {
            let value = percent(self.language, part, whole);
            self.texts.fill(self.language, key, &[("p", &value)])
        };
        let twice = self.texts.fill(
            self.language,
            "attempts",
            &[("n", &number(s.double_attempts))],
        );
        let boxes = [
            ("persons", s.persons, String::new()),
            ("enrolments", s.enrolments, String::new()),
            (
                "listed",
                s.list_total,
                percent_of("of_considered", s.list_total, s.considered),
            ),
            (
                "counted",
                counted,
                percent_of("of_list", counted, s.list_total),
            ),
            ("twice", s.double_admitted, twice),
        ];
        html! {
            div.demo-figures {
                @for (key, value, detail) in &boxes {
                    div.panel { p.small.muted { (self.t(key)) } p.demo-number { (number(*value)) } p.small { (detail) } }
                }
            }
        }
    }

    fn waterfall(&self) -> Markup {
        let s = self.picture.summary;
        let mut steps = vec![Step {
            label: self.t("considered"),
            value: s.considered,
            kind: StepKind::Total,
            href: None,
        }];
        for reason in ExclusionReason::ALL {
            let value = s
                .excluded_by_reason
                .get(reason.code())
                .copied()
                .unwrap_or(0);
            let waits = matches!(
                reason,
                ExclusionReason::NotYetProcessed
                    | ExclusionReason::PinConflict
                    | ExclusionReason::NoAddress
            );
            if value > 0 {
                steps.push(Step {
                    label: self.reason(*reason),
                    value,
                    kind: if waits {
                        StepKind::Waiting
                    } else {
                        StepKind::ByLaw
                    },
                    href: None,
                });
            }
        }
        steps.push(Step {
            label: self.t("on_list"),
            value: s.list_total,
            kind: StepKind::Result,
            href: None,
        });
        waterfall(&steps, &self.t("waterfall"))
    }

    fn hours(&self) -> Markup {
        if self.picture.hours.is_empty() {
            return html! { p.muted { (self.t("no_day")) } };
        }
        let values: Vec<(String, u64)> = self
            .picture
            .hours
            .iter()
            .map(|(hour, voters)| (format!("{hour:02}"), *voters))
            .collect();
        columns(&values, &self.t("turnout"))
    }

    fn campaign(&self) -> Markup {
        let months: std::collections::BTreeSet<&String> = self
            .picture
            .campaign
            .values()
            .flat_map(BTreeMap::keys)
            .collect();
        let sum = |month: &str| -> u64 {
            self.picture
                .campaign
                .values()
                .filter_map(|row| row.get(month))
                .sum()
        };
        let all: u64 = self
            .picture
            .campaign
            .values()
            .flat_map(BTreeMap::values)
            .sum();
        html! {
            div.demo-scroll tabindex="0" role="region" aria-label=(self.t("campaign")) {
                table {
                    thead { tr { th scope="col" { (self.t("region")) }
                        @for month in &months { th.num scope="col" { (month) } }
                        th.num scope="col" { (self.t("total")) } } }
                    tbody {
                        @for (region, row) in &self.picture.campaign {
                            tr { th scope="row" { (region) }
                                @for month in &months { td.num { (row.get(*month).map_or_else(String::new, |n| number(*n))) } }
                                td.num { b { (number(row.values().sum())) } } }
                        }
                        tr { th scope="row" { (self.t("total")) }
                            @for month in &months { td.num { b { (number(sum(month))) } } }
                            td.num { b { (number(all)) } } }
                    }
                }
            }
        }
    }

    fn reconciliation(&self) -> Markup {
        let s = self.picture.summary;
        let rate = |map: &BTreeMap<String, f64>, class: &str| {
            map.get(class).map_or_else(String::new, |share| {
                percent(self.language, (share * 10_000.0).round() as u64, 10_000)
            })
        };
        html! {
            table {
                thead { tr { th scope="col" { (self.t("class")) } th.num scope="col" { (self.t("rows")) }
                    th.num scope="col" { (self.t("precision")) } th.num scope="col" { (self.t("recall")) } } }
                tbody {
                    @for (class, rows) in &s.reconciled_by_class {
                        tr { th scope="row" { code { (class) } } td.num { (number(*rows)) }
                            td.num { (rate(&s.truth_precision_by_class, class)) } td.num { (rate(&s.truth_recall_by_class, class)) } }
                    }
                }
            }
            p.small { (self.texts.fill(self.language, "duplicates", &[("n", &number(s.duplicates_planted)),
                ("m", &number(s.duplicates_found)), ("k", &number(s.duplicates_false))])) }
        }
    }

    fn counts(&self, counts: &BTreeMap<String, u64>, caption: &str) -> Markup {
        html! {
            table {
                thead { tr { th scope="col" { (self.t(caption)) } th.num scope="col" { (self.t("count")) } } }
                tbody { @for (name, value) in counts { tr { th scope="row" { code { (name) } } td.num { (number(*value)) } } } }
            }
        }
    }

    fn attempts(&self) -> Markup {
        let s = self.picture.summary;
        let line = |key: &str, attempts: u64, admitted: u64| {
            let values = [("n", number(attempts)), ("m", number(admitted))];
            let values = values
                .each_ref()
                .map(|(name, value)| (*name, value.as_str()));
            let tone = if admitted == 0 { Tone::Ok } else { Tone::Stop };
            tag(tone, &self.texts.fill(self.language, key, &values))
        };
        html! {
            p { (line("doubles", s.double_attempts, s.double_admitted)) }
            p { (line("impostors", s.impostor_attempts, s.impostor_admitted)) }
        }
    }

    fn precincts(&self) -> Markup {
        html! {
            div.demo-scroll tabindex="0" role="region" aria-label=(self.t("precinct")) {
                table {
                    thead { tr { th scope="col" { (self.t("precinct")) } th.num scope="col" { (self.t("listed")) }
                        th.num scope="col" { (self.t("counted")) } th.num scope="col" { (self.t("share")) } th scope="col" { (self.t("list_pdf")) } } }
                    tbody {
                        @for precinct in &self.picture.precincts {
                            tr { th scope="row" { (format!("{:04}", precinct.number)) } td.num { (number(precinct.lines)) }
                                td.num { (number(precinct.counted)) } td.num { (percent(self.language, precinct.counted, precinct.lines)) }
                                td { @if precinct.printed { a href={ "paper/" (format!("{:04}", precinct.number)) ".pdf" } { "PDF " (format!("{:04}", precinct.number)) } } } }
                        }
                    }
                }
            }
        }
    }

    fn seconds(&self) -> Markup {
        html! {
            table { tbody { @for (stage, seconds) in &self.picture.summary.seconds_by_stage {
                tr { th scope="row" { (stage) } td.num { (format!("{seconds:.1}")) } } } } }
        }
    }

    fn map(&self) -> Markup {
        let points = || {
            self.picture
                .precincts
                .iter()
                .flat_map(|p| p.rings.iter().flatten())
        };
        let bound = |pick: fn(&(f64, f64)) -> f64| {
            points()
                .map(pick)
                .fold((f64::MAX, f64::MIN), |(low, high), v| {
                    (low.min(v), high.max(v))
                })
        };
        if points().next().is_none() {
            return html! { p.muted { "–" } };
        }
        let ((west, east), (south, north)) = (bound(|p| p.0), bound(|p| p.1));
        let squeeze = ((south + north) / 2.0).to_radians().cos();
        let wide = ((east - west) * squeeze).max(0.01);
        let scale = 760.0 / wide;
        let height = ((north - south) * scale).max(60.0) + 40.0;
        let place = |(lon, lat): (f64, f64)| {
            (
                20.0 + (lon - west) * squeeze * scale,
                20.0 + (north - lat) * scale,
            )
        };
        let path = |ring: &[(f64, f64)]| -> String {
            let mut text = String::new();
            for (n, point) in ring.iter().enumerate() {
                let (x, y) = place(*point);
                text.push_str(&format!("{}{x:.1} {y:.1}", if n == 0 { 'M' } else { 'L' }));
            }
            text.push('Z');
            text
        };
        html! {
            svg.chart viewBox={ "0 0 800 " (format!("{height:.0}")) } role="img" aria-label=(self.t("map_label")) {
                @for precinct in &self.picture.precincts {
                    @let share = (precinct.counted * 10).checked_div(precinct.lines).unwrap_or(0).min(9);
                    @for ring in &precinct.rings { path class={ "demo-area t" (share) } d=(path(ring)) {} }
                }
                @for precinct in self.picture.precincts.iter().filter(|p| !p.rings.is_empty() && self.picture.precincts.len() <= 60) {
                    @let (x, y) = place(middle(&precinct.rings));
                    text.demo-label x=(format!("{x:.0}")) y=(format!("{y:.0}")) text-anchor="middle" font-size="14" { (format!("{:04}", precinct.number)) }
                }
            }
            p.small.muted { (self.t("map_label")) }
        }
    }
}

/// A point inside the largest ring's box, for a label.
fn middle(rings: &[Vec<(f64, f64)>]) -> (f64, f64) {
    let largest = rings.iter().max_by_key(|ring| ring.len());
    let ring = largest.map_or(&[][..], |ring| ring.as_slice());
    let count = ring.len().max(1) as f64;
    let (x, y) = ring.iter().fold((0.0, 0.0), |(x, y), p| (x + p.0, y + p.1));
    (x / count, y / count)
}
