//! Names as hurried people type them, for a search that must find their bearer.
//!
//! Nothing of `script` is used: letters of the layouts and of romanisation are written down here anew, so that the
//! search is not judged by its own tables.

use country::{Country, Name, Params, ParamsError, RecordNo};
use lexicon::handover::folder::bytes;
use lexicon::handover::package::{PackageBody, PackageVoter, index_token};
use pollbook::{Found, VoterIndex};

/// The key under which the made precinct looks up numbers.
pub const INDEX_KEY: [u8; 32] = [5; 32];

/// What went wrong between the document and the keyboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slip {
    /// One letter for another.
    Letter,
    /// Two neighbours swapped.
    Swapped,
    /// A letter left out.
    Missing,
    /// A letter typed that is not there.
    Extra,
    /// The Latin layout was on while Cyrillic was meant.
    LatinLayout,
    /// The Cyrillic layout was on while the Latin line of the document was typed.
    CyrillicLayout,
    /// The Latin line of the document, or what its holder makes of it.
    Latin,
    /// `уулу` or `кызы` left out or shortened.
    Particle,
    /// Given name first.
    Order,
    /// Russian letters for the Kyrgyz ones, е for э and ё.
    Folded,
}

impl Slip {
    /// Every kind, in the order of the report.
    pub const ALL: [Slip; 10] = [
        Slip::Letter,
        Slip::Swapped,
        Slip::Missing,
        Slip::Extra,
        Slip::LatinLayout,
        Slip::CyrillicLayout,
        Slip::Latin,
        Slip::Particle,
        Slip::Order,
        Slip::Folded,
    ];
}

/// A small generator: the same seed, the same slips.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((x ^ (x >> 31)) % bound.max(1) as u64).unwrap_or(0)
    }
}

/// A precinct of a synthetic country: voters' names by line.
pub struct Names {
    /// Line 1 first.
    pub names: Vec<Name>,
}

impl Names {
    /// Takes the first `voters` persons of a country who belong on the list.
    ///
    /// # Errors
    /// [`ParamsError`] when so many cannot be made.
    pub fn draw(voters: usize, seed: u64) -> Result<Self, ParamsError> {
        let country = Country::generate(&Params {
            seed,
            persons: voters * 3,
            precincts: 1,
            prints: false,
            photos: false,
            ..Params::default()
        })?;
        let names = (0..country.record_count())
            .map(RecordNo)
            .filter(|record| country.belongs_on_list(*record))
            .take(voters)
            .map(|record| country.name(record))
            .collect();
        Ok(Self { names })
    }

    /// The PIN of the voter in a line.
    #[must_use]
    pub fn pin(line: u32) -> String {
        format!("215041985{line:05}")
    }

    /// The package's contents with these names; no fingers.
    #[must_use]
    pub fn body(&self) -> PackageBody {
        let voter = |(line, name): (u32, &Name)| PackageVoter {
            line,
            page: line.div_ceil(25),
            surname: name.surname.clone(),
            given: name.given.clone(),
            patronymic: name.patronymic.clone(),
            born: "1985-04-15".to_owned(),
            sex: "M".to_owned(),
            photo: bytes(&[]),
            fingers: Vec::new(),
            pin_token: index_token(&INDEX_KEY, &Self::pin(line)).into(),
            document_tokens: vec![index_token(&INDEX_KEY, &format!("ID{line:07}")).into()],
            home: false,
        };
        PackageBody {
            version: 0,
            election: 1,
            precinct: 1001,
            index_key: INDEX_KEY.into(),
            voters: (1..).zip(&self.names).map(voter).collect(),
            district: Vec::new(),
            day_key: [0; 32].into(),
            address_ky: String::new(),
            address_ru: String::new(),
            places: None,
        }
    }

    /// The search index of the made precinct.
    #[must_use]
    pub fn index(&self) -> VoterIndex {
        VoterIndex::new(&self.body(), lexicon::Date::constant(2015, 10, 4))
    }

    /// `count` slips with the line of the voter meant: every kind as often as every other.
    #[must_use]
    pub fn slips(&self, count: usize, seed: u64) -> Vec<(Slip, u32, String)> {
        let mut dice = Dice(seed);
        let mut slips = Vec::with_capacity(count);
        while slips.len() < count {
            let kind = Slip::ALL[slips.len() % Slip::ALL.len()];
            let at = dice.below(self.names.len());
            if let Some(text) = slip(kind, &self.names[at], &mut dice) {
                slips.push((kind, u32::try_from(at + 1).unwrap_or(0), text));
            }
        }
        slips
    }

    /// Which of the slips find their voter among the first five; by kind: tried, found.
    #[must_use]
    pub fn found(
        &self,
        slips: &[(Slip, u32, String)],
        index: &VoterIndex,
    ) -> Vec<(Slip, u32, u32)> {
        let mut counts: Vec<(Slip, u32, u32)> = Slip::ALL.map(|kind| (kind, 0, 0)).to_vec();
        for (kind, line, text) in slips {
            let hit = match index.find(text) {
                Found::Lines(lines) => lines.iter().take(5).any(|found| found == line),
                Found::Elsewhere(_) | Found::Nobody | Found::Malformed(_) | Found::Empty => false,
            };
            if let Some(count) = counts.iter_mut().find(|count| count.0 == *kind) {
                count.1 += 1;
                count.2 += u32::from(hit);
            }
        }
        counts
    }

    /// How many voters bear a name, letter for letter, that more than `most` voters bear.
    #[must_use]
    pub fn namesakes_above(&self, most: usize) -> usize {
        let mut by_name = std::collections::BTreeMap::new();
        for name in &self.names {
            *by_name.entry(name).or_insert(0usize) += 1;
        }
        by_name.values().filter(|count| **count > most).sum()
    }
}

/// The text of a slip; `None` where the name gives no occasion for it.
fn slip(kind: Slip, name: &Name, dice: &mut Dice) -> Option<String> {
    let whole = [&name.surname, &name.given, &name.patronymic]
        .map(|part| part.trim())
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    match kind {
        Slip::Letter | Slip::Swapped | Slip::Missing | Slip::Extra => {
            mistype(kind, &whole.to_lowercase(), dice)
        }
        Slip::LatinLayout => Some(
            whole
                .to_lowercase()
                .chars()
                .map(|c| key_of(bare(c)))
                .collect(),
        ),
        Slip::CyrillicLayout => Some(romanised(&whole, dice).chars().map(letter_on).collect()),
        Slip::Latin => Some(romanised(&whole, dice)),
        Slip::Particle => without_particle(&whole, dice),
        Slip::Order => {
            let given = format!("{} {}", name.given, name.patronymic);
            Some(format!("{} {}", given.trim(), name.surname))
        }
        Slip::Folded => {
            let folded: String = whole.to_lowercase().chars().map(bare).collect();
            (folded != whole.to_lowercase()).then_some(folded)
        }
    }
}

fn mistype(kind: Slip, text: &str, dice: &mut Dice) -> Option<String> {
    let mut letters: Vec<char> = text.chars().collect();
    let at = dice.below(letters.len());
    let alphabet: Vec<char> = "абвгдежзийклмнопрстуфхцчшыэюя".chars().collect();
    if letters[at] == ' ' {
        return None;
    }
    match kind {
        Slip::Letter => letters[at] = alphabet[dice.below(alphabet.len())],
        Slip::Missing => {
            letters.remove(at);
        }
        Slip::Extra => letters.insert(at, alphabet[dice.below(alphabet.len())]),
        Slip::Swapped
        | Slip::LatinLayout
        | Slip::CyrillicLayout
        | Slip::Latin
        | Slip::Particle
        | Slip::Order
        | Slip::Folded => {
            if at + 1 >= letters.len() || letters[at + 1] == ' ' {
                return None;
            }
            letters.swap(at, at + 1);
        }
    }
    let typed: String = letters.into_iter().collect();
    (typed != text).then_some(typed)
}

fn without_particle(text: &str, dice: &mut Dice) -> Option<String> {
    let words: Vec<&str> = text.split(' ').collect();
    let at = words.iter().position(|word| {
        let word = word.to_lowercase();
        ["уулу", "кызы"].contains(&word.as_str())
    })?;
    let short = words[at]
        .chars()
        .next()
        .map(String::from)
        .unwrap_or_default();
    let instead = match dice.below(3) {
        0 => String::new(),
        1 => short,
        _ => format!("{short}."),
    };
    let mut words: Vec<String> = words.into_iter().map(str::to_owned).collect();
    words[at] = instead;
    words.retain(|word| !word.is_empty());
    Some(words.join(" "))
}

fn bare(letter: char) -> char {
    match letter {
        'ө' => 'о',
        'ү' => 'у',
        'ң' => 'н',
        'э' | 'ё' => 'е',
        other => other,
    }
}

const KEYS: &str = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`";
const CAPS: &str = "йцукенгшщзхъфывапролджэячсмитьбюё";

fn key_of(letter: char) -> char {
    let at = CAPS.chars().position(|cap| cap == letter);
    at.and_then(|at| KEYS.chars().nth(at)).unwrap_or(letter)
}

fn letter_on(key: char) -> char {
    let at = KEYS.chars().position(|other| other == key);
    at.and_then(|at| CAPS.chars().nth(at)).unwrap_or(key)
}

/// Latin letters as on documents, or as people write their names themselves.
fn romanised(text: &str, dice: &mut Dice) -> String {
    let is_official = dice.below(2) == 0;
    let mut out = String::new();
    for letter in text.to_lowercase().chars() {
        let (official, own) = match letter {
            'а' => ("a", "a"),
            'б' => ("b", "b"),
            'в' => ("v", "v"),
            'г' => ("g", "g"),
            'д' => ("d", "d"),
            'е' | 'э' => ("e", "e"),
            'ё' => ("e", "yo"),
            'ж' => ("zh", "j"),
            'з' => ("z", "z"),
            'и' => ("i", "i"),
            'й' => ("i", "y"),
            'к' => ("k", "k"),
            'л' => ("l", "l"),
            'м' => ("m", "m"),
            'н' => ("n", "n"),
            'ң' => ("ng", "n"),
            'о' | 'ө' => ("o", "o"),
            'п' => ("p", "p"),
            'р' => ("r", "r"),
            'с' => ("s", "s"),
            'т' => ("t", "t"),
            'у' | 'ү' => ("u", "u"),
            'ф' => ("f", "f"),
            'х' => ("kh", "h"),
            'ц' => ("ts", "ts"),
            'ч' => ("ch", "ch"),
            'ш' => ("sh", "sh"),
            'щ' => ("shch", "sh"),
            'ы' => ("y", "y"),
            'ь' | 'ъ' => ("", ""),
            'ю' => ("iu", "yu"),
            'я' => ("ia", "ya"),
            ' ' => (" ", " "),
            _ => ("", ""),
        };
        out.push_str(if is_official { official } else { own });
    }
    out
}
