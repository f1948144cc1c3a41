//! The paper beside the packages: every line's number and page, and what a sample of pages says when it is read again.
//!
//! A package opens only for officers and a kit of its precinct; their keys follow from the trial's seed. All lines
//! of all packages are compared with the lines that were printed from; each printed PDF is read by `pdftotext`, and a
//! sample of pages is drawn by `pdftoppm` and its code read by `zbarimg`. What was found equal is noted beside the paper,
//! with the hash of everything compared: a run that goes on after a stop does not look at it again.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, Result, bail, ensure};
use batch::folder::hash_file;
use keys::FileKey;
use lexicon::handover::envelope::{DocumentType, Subject, decode, hex, open_all, peek_all, sha256};
use lexicon::handover::package::{KeyAgreement, PackageBody, PackageManifest, open};
use lexicon::handover::release::{ListRelease, PrecinctTotal, SaltedLine};
use lexicon::{ElectionLaw, PrecinctCode};

use crate::chain::KeyChain;

/// Officers whose cards open a package here, by their places in the roster.
const CARDS: [usize; 3] = [1, 2, 3];
/// Resolution at which codes are read, dots per inch: an office printer's draft.
const DPI: &str = "200";
/// The notes of what was found equal, beside the printed lists.
const NOTES: &str = ".compared";

/// What to compare.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// The directory with `roll/` and `packages/`.
    pub out: &'a Path,
    /// The folder of printed lists.
    pub paper: &'a Path,
    /// Of so many printed pages one is drawn and its code read.
    pub every: u32,
    /// Threads; 0: as many as the machine has.
    pub threads: usize,
}

/// What was found equal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// Packages opened.
    pub packages: u64,
    /// Lines of packages that equal the lines printed from in number, page, name and birth date.
    pub lines: u64,
    /// Lists read again as text.
    pub lists: u64,
    /// Pages of those lists whose line numbers stand in order on both edges.
    pub pages: u64,
    /// Lines seen on them.
    pub printed_lines: u64,
    /// Codes read.
    pub codes: u64,
    /// Packages among them that an earlier run had found equal, unchanged since.
    pub taken_up: u64,
}

impl Compared {
    fn add(&mut self, of: Self) {
        self.packages += of.packages;
        self.lines += of.lines;
        self.lists += of.lists;
        self.pages += of.pages;
        self.printed_lines += of.printed_lines;
        self.codes += of.codes;
        self.taken_up += of.taken_up;
    }

    /// What a line of the notes says behind precinct and hash.
    fn written(&self) -> String {
        let parts = [
            self.lines,
            self.lists,
            self.pages,
            self.printed_lines,
            self.codes,
        ];
        parts.map(|part| part.to_string()).join(" ")
    }

    fn read<'a>(parts: impl Iterator<Item = &'a str>) -> Option<Self> {
        let parts: Vec<u64> = parts.map(|part| part.parse().ok()).collect::<Option<_>>()?;
        let [lines, lists, pages, printed_lines, codes] = parts[..] else {
            return None;
        };
        Some(Self {
            packages: 1,
            lines,
            lists,
            pages,
            printed_lines,
            codes,
            taken_up: 1,
        })
    }
}

/// What earlier runs found equal: a line `PPPP HASH: COUNTS .` for each precinct.
struct Notes {
    before: BTreeMap<String, Compared>,
    file: Mutex<File>,
}

impl Notes {
    fn open(paper: &Path) -> Result<Self> {
        let path = paper.join(NOTES);
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let before = text.lines().filter_map(|line| {
            // A line that a stop tore has no full stop.
            let (of, counts) = line.strip_suffix(" .")?.split_once(": ")?;
            Some((of.to_owned(), Compared::read(counts.split(' '))?))
        });
        let mut file = File::options().create(true).append(true).open(&path)?;
        if !text.is_empty() && !text.ends_with('\n') {
            file.write_all(b"\n")?;
        }
        Ok(Self {
            before: before.collect(),
            file: Mutex::new(file),
        })
    }

    fn note(&self, of: &str, compared: &Compared) -> Result<()> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(file.write_all(format!("{of}: {} .\n", compared.written()).as_bytes())?)
    }
}

/// One comparison: what all precincts share.
struct Comparison<'a> {
    law: &'a ElectionLaw,
    chain: &'a KeyChain,
    terms: Terms<'a>,
    release: &'a ListRelease,
    notes: Notes,
}

/// Compares all packages with the roll, and the printed lists with both, precincts on threads.
///
/// # Errors
/// Names precinct and line or page of the first difference; a file or a program that is missing.
pub fn compare(law: &ElectionLaw, chain: &KeyChain, terms: Terms<'_>) -> Result<Compared> {
    let bytes = std::fs::read(terms.out.join("roll/release.cose"))?;
    let payload = peek_all(subject(law, DocumentType::ListRelease), &bytes)?;
    let release: ListRelease = decode(&payload)?;
    let comparison = Comparison {
        law,
        chain,
        terms,
        release: &release,
        notes: Notes::open(terms.paper)?,
    };
    // Each list with the pages of all lists before it: the sample depends on nothing else.
    let per_page = u32::from(law.list.lines_per_page.max(1));
    let mut pages = 0;
    let mut lists = Vec::new();
    for total in release.precincts.iter().filter(|total| total.lines > 0) {
        lists.push((total, pages));
        pages += total.lines.div_ceil(per_page);
    }
    let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let found = Mutex::new(BTreeMap::new());
    let threads = match terms.threads {
        0 => std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get),
        given => given,
    };
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while !failed.load(Ordering::Relaxed) {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some((total, before)) = lists.get(at) else {
                        return;
                    };
                    let compared = comparison.of_precinct(total, *before);
                    failed.fetch_or(compared.is_err(), Ordering::Relaxed);
                    let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
                    found.insert(at, compared);
                }
            });
        }
    });
    // Whatever stands before a difference was looked at to its end: the first one is always the same.
    let mut all = Compared::default();
    for one in found
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner)
        .into_values()
    {
        all.add(one?);
    }
    Ok(all)
}

fn subject(law: &ElectionLaw, kind: DocumentType) -> Subject {
    Subject {
        kind,
        election: law.election.number,
    }
}

impl Comparison<'_> {
    fn of_precinct(&self, total: &PrecinctTotal, pages_before: u32) -> Result<Compared> {
        let precinct = PrecinctCode::new(total.precinct)?;
        let (out, paper) = (self.terms.out, self.terms.paper);
        let files = [
            out.join(format!("packages/{precinct}.manifest.cose")),
            out.join(format!("packages/{precinct}.package")),
            out.join(format!("roll/lines/{precinct}.cbor")),
            paper.join(format!("{precinct}.pdf")),
        ];
        let [manifest, _, lines, pdf] = &files;
        let mut hashed = format!("{}/{pages_before}", self.terms.every).into_bytes();
        hashed.extend_from_slice(self.release.root.as_slice());
        for file in files.iter().filter(|file| *file != pdf || pdf.is_file()) {
            hashed.extend_from_slice(&hash_file(file)?.0);
        }
        let of = format!("{precinct} {}", hex(&sha256(&hashed)));
        if let Some(before) = self.notes.before.get(&of) {
            return Ok(*before);
        }
        let signed = open_all(
            subject(self.law, DocumentType::PackageManifest),
            &std::fs::read(manifest).with_context(|| manifest.display().to_string())?,
            self.chain.ring(),
            &[],
        )?;
        let manifest: PackageManifest = decode(&signed.payload)?;
        let body = opened(self.chain, precinct, &manifest, out)?;
        let lines: Vec<SaltedLine> = decode(&std::fs::read(lines)?)?;
        compare_lines(precinct, &body, &lines)?;
        let mut compared = Compared {
            packages: 1,
            lines: body.voters.len() as u64,
            ..Compared::default()
        };
        if pdf.is_file() {
            let printed = Printed {
                precinct,
                pdf: pdf.clone(),
                body: &body,
                lines: &lines,
                release: self.release,
                pages_before,
            };
            printed.compare(self.terms.every.max(1), &mut compared)?;
        }
        self.notes.note(&of, &compared)?;
        Ok(compared)
    }
}

fn opened(
    chain: &KeyChain,
    precinct: PrecinctCode,
    manifest: &PackageManifest,
    out: &Path,
) -> Result<PackageBody> {
    let sealed = std::fs::read(out.join(format!("packages/{precinct}.package")))?;
    let cards: Vec<FileKey> = CARDS
        .iter()
        .take(usize::from(manifest.k))
        .map(|n| chain.officer(precinct, *n))
        .collect();
    let cards: Vec<&dyn KeyAgreement> = cards.iter().map(|card| card as _).collect();
    open(manifest, sealed, &cards, &chain.kit(precinct, 1))
        .with_context(|| format!("package of precinct {precinct}"))
}

fn compare_lines(precinct: PrecinctCode, body: &PackageBody, lines: &[SaltedLine]) -> Result<()> {
    ensure!(
        body.voters.len() == lines.len(),
        "precinct {precinct}: {} voters in the package, {} lines",
        body.voters.len(),
        lines.len()
    );
    for (voter, salted) in body.voters.iter().zip(lines) {
        let line = &salted.line;
        let of_package = (
            voter.line,
            voter.page,
            &voter.surname,
            &voter.given,
            &voter.patronymic,
            &voter.born,
        );
        let of_paper = (
            line.line,
            line.page,
            &line.surname,
            &line.given,
            &line.patronymic,
            &line.born,
        );
        ensure!(
            of_package == of_paper,
            "precinct {precinct}: line {} differs between package and paper",
            line.line
        );
    }
    Ok(())
}

struct Printed<'a> {
    precinct: PrecinctCode,
    pdf: PathBuf,
    body: &'a PackageBody,
    lines: &'a [SaltedLine],
    release: &'a ListRelease,
    pages_before: u32,
}

impl Printed<'_> {
    fn compare(&self, every: u32, compared: &mut Compared) -> Result<()> {
        let text = output(
            Command::new("pdftotext")
                .arg("-bbox")
                .arg(&self.pdf)
                .arg("-"),
        )?;
        let text = String::from_utf8(text).context("pdftotext")?;
        let pages = numbers_of_pages(&text);
        let last = self.body.voters.last().map_or(0, |voter| voter.page);
        ensure!(
            pages.len() == last as usize,
            "precinct {}: {} pages are printed, the package has {last}",
            self.precinct,
            pages.len()
        );
        compared.lists += 1;
        for (page, seen) in (1..=last).zip(pages) {
            let expected: Vec<u32> = self
                .body
                .voters
                .iter()
                .filter(|voter| voter.page == page)
                .map(|voter| voter.line)
                .collect();
            if seen.as_ref() != Some(&expected) {
                bail!(
                    "precinct {}, page {page}: the lines printed are not those of the package",
                    self.precinct
                );
            }
            compared.pages += 1;
            compared.printed_lines += expected.len() as u64;
            if (self.pages_before + page).is_multiple_of(every) {
                self.compare_code(page, last, &expected)?;
                compared.codes += 1;
            }
        }
        Ok(())
    }

    /// What the page's code must say follows from the package and the public commitments.
    fn compare_code(&self, page: u32, pages: u32, lines: &[u32]) -> Result<()> {
        let mut hashed = b"kg1/page".to_vec();
        for line in lines {
            let salted = &self.lines[*line as usize - 1];
            hashed.extend_from_slice(&salted.commitment());
        }
        let (from, to) = (lines.first().unwrap_or(&0), lines.last().unwrap_or(&0));
        let expected = format!(
            "L{}:{}:{page}:{pages}:{from}-{to}:{}:{}",
            self.release.release,
            self.precinct.number(),
            hex(&self.release.root[..10]),
            hex(&sha256(&hashed)[..10])
        )
        .to_uppercase();
        let number = page.to_string();
        let drawn = std::env::temp_dir().join(format!(
            "tizme-page-{}-{}-{page}",
            std::process::id(),
            self.precinct
        ));
        output(
            Command::new("pdftoppm")
                .args([
                    "-r",
                    DPI,
                    "-gray",
                    "-png",
                    "-singlefile",
                    "-f",
                    &number,
                    "-l",
                    &number,
                ])
                .arg(&self.pdf)
                .arg(&drawn),
        )?;
        let drawn = drawn.with_extension("png");
        let read = output(
            Command::new("zbarimg")
                .args(["--quiet", "--raw"])
                .arg(&drawn),
        );
        std::fs::remove_file(&drawn)?;
        let read = String::from_utf8(read?).context("zbarimg")?;
        ensure!(
            read.lines().any(|line| line.trim() == expected),
            "precinct {}, page {page}: the code says something else",
            self.precinct
        );
        Ok(())
    }
}

/// The edges on which line numbers stand, and the height of the rows, mm (countries/kg/paper/list.toml).
const EDGES: [(f64, f64); 2] = [(10.0, 22.0), (188.0, 200.0)];
const ROWS: (f64, f64) = (46.0, 274.5);

/// Line numbers of each page as `pdftotext -bbox` sees it, downwards; none where the two edges differ.
#[must_use]
pub fn numbers_of_pages(words: &str) -> Vec<Option<Vec<u32>>> {
    let mut pages: Vec<[Vec<(i64, u32)>; 2]> = Vec::new();
    for line in words.lines().map(str::trim) {
        if line.starts_with("<page") {
            pages.push(<[_; 2]>::default());
        }
        let (Some(page), Some(word)) = (pages.last_mut(), Word::parse(line)) else {
            continue;
        };
        if word.top < ROWS.0 || word.bottom > ROWS.1 {
            continue;
        }
        for (edge, (left, right)) in page.iter_mut().zip(EDGES) {
            if word.left >= left && word.right <= right {
                // Tenths of a millimetre are enough to tell rows apart.
                #[expect(clippy::cast_possible_truncation, reason = "a sheet has 297 mm")]
                edge.push(((word.top * 10.0) as i64, word.number));
            }
        }
    }
    pages
        .into_iter()
        .map(|edges| {
            let [left, right] = edges.map(|mut edge| {
                edge.sort_unstable();
                edge.into_iter()
                    .map(|(_, number)| number)
                    .collect::<Vec<_>>()
            });
            (left == right).then_some(left)
        })
        .collect()
}

/// A number on a page, mm from the upper left.
struct Word {
    number: u32,
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

impl Word {
    /// Reads a line of `pdftotext -bbox`; none when it is no number.
    fn parse(line: &str) -> Option<Self> {
        let inner = line.strip_prefix("<word")?.strip_suffix("</word>")?;
        let (place, text) = inner.split_once('>')?;
        let mm = |name: &str| {
            let (_, rest) = place.split_once(name)?;
            let points: f64 = rest.strip_prefix("=\"")?.split('"').next()?.parse().ok()?;
            Some(points / 72.0 * 25.4)
        };
        Some(Self {
            number: text.parse().ok()?,
            left: mm("xMin")?,
            right: mm("xMax")?,
            top: mm("yMin")?,
            bottom: mm("yMax")?,
        })
    }
}

fn output(command: &mut Command) -> Result<Vec<u8>> {
    let shown = command.get_program().to_string_lossy().into_owned();
    let done = command.output().with_context(|| shown.clone())?;
    ensure!(done.status.success(), "{shown} failed");
    Ok(done.stdout)
}
