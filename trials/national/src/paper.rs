//! The paper beside the packages: every line's number and page, and what a sample of pages says when it is read again.
//!
//! A package opens only for officers and a kit of its precinct; their keys follow from the trial's seed. All lines
//! of all packages are compared with the lines that were printed from; each printed PDF is read by `pdftotext`, and a
//! sample of pages is drawn by `pdftoppm` and its code read by `zbarimg`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use keys::FileKey;
use lexicon::handover::envelope::{DocumentType, Subject, decode, hex, open_all, peek_all, sha256};
use lexicon::handover::package::{KeyAgreement, PackageBody, PackageManifest, open};
use lexicon::handover::release::{ListRelease, SaltedLine};
use lexicon::{ElectionLaw, PrecinctCode};

use crate::chain::KeyChain;

/// Officers whose cards open a package here, by their places in the roster.
const CARDS: [usize; 3] = [1, 2, 3];
/// Resolution at which codes are read, dots per inch: an office printer's draft.
const DPI: &str = "200";

/// What to compare.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// The directory with `roll/` and `packages/`.
    pub out: &'a Path,
    /// The folder of printed lists.
    pub paper: &'a Path,
    /// Of so many printed pages one is drawn and its code read.
    pub every: usize,
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
}

/// Compares all packages with the roll, and the printed lists with both.
///
/// # Errors
/// Names precinct and line or page of the first difference; a file or a program that is missing.
pub fn compare(law: &ElectionLaw, chain: &KeyChain, terms: Terms<'_>) -> Result<Compared> {
    let subject = |kind| Subject {
        kind,
        election: law.election.number,
    };
    let bytes = std::fs::read(terms.out.join("roll/release.cose"))?;
    let payload = peek_all(subject(DocumentType::ListRelease), &bytes)?;
    let release: ListRelease = decode(&payload)?;
    let mut compared = Compared::default();
    for total in release.precincts.iter().filter(|total| total.lines > 0) {
        let precinct = PrecinctCode::new(total.precinct)?;
        let at = terms.out.join(format!("packages/{precinct}.manifest.cose"));
        let signed = open_all(
            subject(DocumentType::PackageManifest),
            &std::fs::read(&at).with_context(|| at.display().to_string())?,
            chain.ring(),
            &[],
        )?;
        let manifest: PackageManifest = decode(&signed.payload)?;
        let body = opened(chain, precinct, &manifest, terms.out)?;
        let lines = std::fs::read(terms.out.join(format!("roll/lines/{precinct}.cbor")))?;
        let lines: Vec<SaltedLine> = decode(&lines)?;
        compare_lines(precinct, &body, &lines)?;
        compared.packages += 1;
        compared.lines += body.voters.len() as u64;
        let pdf = terms.paper.join(format!("{precinct}.pdf"));
        if pdf.is_file() {
            let printed = Printed {
                precinct,
                pdf,
                body: &body,
                lines: &lines,
                release: &release,
            };
            printed.compare(terms.every.max(1), &mut compared)?;
        }
    }
    Ok(compared)
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
}

impl Printed<'_> {
    fn compare(&self, every: usize, compared: &mut Compared) -> Result<()> {
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
            if compared.pages.is_multiple_of(every as u64) {
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
        let drawn = std::env::temp_dir().join(format!("tizme-page-{}-{page}", std::process::id()));
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
