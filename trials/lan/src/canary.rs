//! Planted values and the search for them, in every form in which a careless program might write them.

use std::collections::BTreeSet;

use aho_corasick::AhoCorasick;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// A planted voter.
#[derive(Clone, Debug)]
pub struct Canary {
    /// Line of the list.
    pub line: u32,
    /// 14 digits.
    pub pin: String,
    /// Document number.
    pub document: String,
    /// A surname that nobody else has.
    pub surname: String,
    /// A given name that nobody else has.
    pub given: String,
    /// The finger's minutiae record, as the package holds it; or a picture.
    pub template: Vec<u8>,
}

/// Syllables of made-up names. Names of odd lines keep to letters that the old code pages have.
const SYLLABLES: [&str; 16] = [
    "ба", "кы", "жо", "ту", "са", "ме", "ши", "ра", "но", "зу", "ге", "ча", "ды", "пи", "ло", "ви",
];
const KYRGYZ: [&str; 16] = [
    "бө", "кү", "жө", "тү", "сө", "мү", "шө", "рү", "нө", "зү", "гө", "чү", "дө", "пү", "аң", "оң",
];

/// A name of five syllables that says its number; no two numbers share one.
#[must_use]
pub fn name(number: u32, salt: u32) -> String {
    let row = if number.is_multiple_of(2) {
        KYRGYZ
    } else {
        SYLLABLES
    };
    let mixed = (number ^ (salt << 12)).wrapping_mul(0x9e37_79b1);
    let letters: String = (0..5)
        .map(|at| row[((mixed >> (at * 4)) & 15) as usize])
        .collect();
    let mut letters = letters.chars();
    let first = letters
        .next()
        .map(|first| first.to_uppercase().collect::<String>());
    // The low 20 bits of an odd multiple are a bijection of the number's: five syllables of 16.
    format!("{}{}", first.unwrap_or_default(), letters.as_str())
}

/// Where something planted was found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// Which voter's.
    pub line: u32,
    /// What of them.
    pub what: &'static str,
    /// In which form.
    pub form: &'static str,
}

/// The search for all planted values at once.
pub struct Search {
    machine: AhoCorasick,
    of_needle: Vec<Hit>,
    /// How many forms are looked for.
    pub needles: usize,
}

impl Search {
    /// Prepares the search; `control` is looked for as line 0.
    ///
    /// # Errors
    /// When the machine would be too large.
    pub fn new(canaries: &[Canary], control: &str) -> anyhow::Result<Self> {
        let (mut needles, mut of_needle) = (Vec::new(), Vec::new());
        let mut add = |line, what, forms: Vec<(&'static str, Vec<u8>)>| {
            for (form, needle) in forms {
                // A shorter needle would be met by chance among ciphertext.
                if needle.len() >= 6 {
                    needles.push(needle);
                    of_needle.push(Hit { line, what, form });
                }
            }
        };
        add(0, "control", text_forms(control));
        for canary in canaries {
            let line = canary.line;
            add(line, "pin", text_forms(&canary.pin));
            add(line, "pin", number_forms(&canary.pin));
            add(line, "document", text_forms(&canary.document));
            add(line, "surname", text_forms(&canary.surname));
            add(line, "given name", text_forms(&canary.given));
            for window in windows(&canary.template) {
                add(line, "template", byte_forms(window));
            }
        }
        let count = needles.len();
        Ok(Self {
            machine: AhoCorasick::new(needles)?,
            of_needle,
            needles: count,
        })
    }

    /// What is found in these bytes, and in what is deflated inside them.
    #[must_use]
    pub fn look(&self, bytes: &[u8]) -> BTreeSet<Hit> {
        let mut hits = self.plain(bytes);
        for stream in inflated(bytes) {
            hits.extend(self.plain(&stream));
        }
        hits
    }

    fn plain(&self, bytes: &[u8]) -> BTreeSet<Hit> {
        self.machine
            .find_overlapping_iter_or_all(bytes)
            .map(|at| self.of_needle[at].clone())
            .collect()
    }
}

/// `AhoCorasick` of the standard kind, every needle that ends anywhere.
trait Overlapping {
    fn find_overlapping_iter_or_all(&self, bytes: &[u8]) -> impl Iterator<Item = usize>;
}

impl Overlapping for AhoCorasick {
    fn find_overlapping_iter_or_all(&self, bytes: &[u8]) -> impl Iterator<Item = usize> {
        self.find_overlapping_iter(bytes)
            .map(|found| found.pattern().as_usize())
            .collect::<Vec<_>>()
            .into_iter()
    }
}

/// Pieces from the middle of a record: its head is the same in all.
fn windows(template: &[u8]) -> impl Iterator<Item = &[u8]> {
    [60usize, 120, 180]
        .into_iter()
        .filter_map(|from| template.get(from..from + 24))
}

fn text_forms(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let mut spellings = BTreeSet::from([text.to_owned(), text.to_uppercase(), text.to_lowercase()]);
    if text.len() == 14 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // As people write numbers: in groups.
        spellings.insert(format!("{} {} {}", &text[..1], &text[1..9], &text[9..]));
        spellings.insert(format!("{}-{}-{}", &text[..1], &text[1..9], &text[9..]));
    }
    let mut forms = Vec::new();
    for spelling in spellings {
        let bytes = spelling.as_bytes();
        forms.extend(byte_forms(bytes));
        let wide: Vec<u16> = spelling.encode_utf16().collect();
        forms.push((
            "UTF-16LE",
            wide.iter().flat_map(|unit| unit.to_le_bytes()).collect(),
        ));
        forms.push((
            "UTF-16BE",
            wide.iter().flat_map(|unit| unit.to_be_bytes()).collect(),
        ));
        if !spelling.is_ascii() {
            for (form, page) in [
                ("CP1251", cp1251 as fn(char) -> Option<u8>),
                ("CP866", cp866),
            ] {
                forms.extend(
                    spelling
                        .chars()
                        .map(page)
                        .collect::<Option<Vec<u8>>>()
                        .map(|it| (form, it)),
                );
            }
            let escaped: String = wide.iter().map(|unit| format!("\\u{unit:04x}")).collect();
            forms.push(("JSON escapes", escaped.into_bytes()));
            let percent: String = bytes.iter().map(|byte| format!("%{byte:02X}")).collect();
            forms.push(("percent escapes", percent.into_bytes()));
        }
    }
    forms
}

/// Bytes as they are, as hexadecimal, as base64 at its three beginnings.
fn byte_forms(bytes: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut forms = vec![
        ("bytes", bytes.to_vec()),
        ("hex", hex.clone().into_bytes()),
        ("hex", hex.to_uppercase().into_bytes()),
        // As CBOR diagnostics and debug output of byte lists write them.
        (
            "list of numbers",
            bytes
                .iter()
                .map(u8::to_string)
                .collect::<Vec<_>>()
                .join(", ")
                .into_bytes(),
        ),
    ];
    for before in 0..3 {
        let padded = [vec![0u8; before], bytes.to_vec()].concat();
        let text = STANDARD_NO_PAD.encode(&padded);
        // Letters that the neighbours of the bytes share in are left out.
        let from = [0, 2, 3][before];
        let to = padded.len() / 3 * 4;
        if let Some(sure) = text.get(from..to) {
            forms.push(("base64", sure.as_bytes().to_vec()));
            let url: String = sure.replace('+', "-").replace('/', "_");
            forms.push(("base64url", url.into_bytes()));
        }
    }
    forms
}

/// A number as a machine holds it.
fn number_forms(digits: &str) -> Vec<(&'static str, Vec<u8>)> {
    let Ok(number) = digits.parse::<u64>() else {
        return Vec::new();
    };
    let packed: Vec<u8> = digits
        .as_bytes()
        .chunks(2)
        .map(|two| ((two[0] - b'0') << 4) | two.get(1).map_or(0, |digit| digit - b'0'))
        .collect();
    vec![
        ("u64 LE", number.to_le_bytes().to_vec()),
        // The two zero bytes in front are left out: CBOR writes eight, others six.
        ("u64 BE", number.to_be_bytes()[2..].to_vec()),
        ("packed digits", packed),
    ]
}

fn cp1251(letter: char) -> Option<u8> {
    match letter {
        ' '..='~' => u8::try_from(letter).ok(),
        'А'..='я' => u8::try_from(u32::from(letter) - 0x410 + 0xc0).ok(),
        'Ё' => Some(0xa8),
        'ё' => Some(0xb8),
        _ => None,
    }
}

fn cp866(letter: char) -> Option<u8> {
    match letter {
        ' '..='~' => u8::try_from(letter).ok(),
        'А'..='п' => u8::try_from(u32::from(letter) - 0x410 + 0x80).ok(),
        'р'..='я' => u8::try_from(u32::from(letter) - 0x440 + 0xe0).ok(),
        'Ё' => Some(0xf0),
        'ё' => Some(0xf1),
        _ => None,
    }
}

/// What zlib streams inside the bytes hold, as PNG and PDF files have them.
fn inflated(bytes: &[u8]) -> Vec<Vec<u8>> {
    const STREAM_BYTES_MAX: usize = 16 << 20;
    let heads = bytes.windows(2).enumerate().filter(|(_, two)| {
        two[0] == 0x78 && (u16::from(two[0]) * 256 + u16::from(two[1])).is_multiple_of(31)
    });
    heads
        .filter_map(|(at, _)| {
            miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(&bytes[at..], STREAM_BYTES_MAX)
                .ok()
        })
        .filter(|stream| !stream.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
    use super::*;

    fn planted(line: u32) -> Canary {
        Canary {
            line,
            pin: format!("2150419{:07}", 1_000_000 + line * 37),
            document: format!("ID{:07}", 1_000_000 + line),
            surname: name(line, 1) + "ов",
            given: name(line, 2),
            template: (0..240u32)
                .map(|at| ((at * at + line * 91) % 251) as u8)
                .collect(),
        }
    }

    #[test]
    fn no_two_lines_share_a_name() {
        let names: BTreeSet<String> = (1..=1_000)
            .flat_map(|line| [name(line, 1), name(line, 2)])
            .collect();
        assert_eq!(names.len(), 2_000);
    }

    #[test]
    fn every_form_is_found_and_an_innocent_text_is_not() {
        let canaries = [planted(1), planted(2)];
        let search = Search::new(&canaries, "the control").unwrap();
        let innocent = "the journal of line 1 and line 2, Асанов Үсөн, 21504198500001";
        assert_eq!(search.look(innocent.as_bytes()), BTreeSet::new());
        let canary = &canaries[0];
        let check = |form: &str, what: &str, bytes: Vec<u8>| {
            let around = [b"\x01\x02before".as_slice(), &bytes, b"after".as_slice()].concat();
            let hits = search.look(&around);
            assert!(
                hits.iter()
                    .any(|hit| hit.line == 1 && hit.what == what && hit.form == form),
                "{form} of {what}: {hits:?}"
            );
        };
        check("bytes", "pin", canary.pin.clone().into_bytes());
        check(
            "u64 LE",
            "pin",
            canary.pin.parse::<u64>().unwrap().to_le_bytes().to_vec(),
        );
        check(
            "bytes",
            "surname",
            canary.surname.to_uppercase().into_bytes(),
        );
        let wide = canary
            .surname
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        check("UTF-16LE", "surname", wide);
        let page = canary
            .given
            .chars()
            .map(|letter| cp1251(letter).unwrap())
            .collect();
        check("CP1251", "given name", page);
        let page = canary
            .given
            .chars()
            .map(|letter| cp866(letter).unwrap())
            .collect();
        check("CP866", "given name", page);
        check("bytes", "template", canary.template.clone());
        for before in 0..3 {
            let bytes = [vec![7u8; before], canary.template.clone()].concat();
            check(
                "base64",
                "template",
                STANDARD_NO_PAD.encode(bytes).into_bytes(),
            );
        }
        let small = miniz_oxide::deflate::compress_to_vec_zlib(canary.pin.as_bytes(), 6);
        check("bytes", "pin", small);
    }
}
