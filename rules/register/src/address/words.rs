//! The words that say what a name is: kinds of streets, places, houses; and the keys under which names meet.

use script::letters;

/// What a marker says about the words beside it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    /// Oblast or raion, or an ayil aimak.
    Area,
    /// Town or village.
    Place,
    /// Street of any kind.
    Street,
    /// House number.
    House,
    /// Building of a house (`корпус`).
    Part,
    /// Flat.
    Flat,
}

/// Kinds of streets that tell two streets of one name apart.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Way {
    /// `улица`, `көчө`.
    Street,
    /// `проспект`.
    Avenue,
    /// `переулок`.
    Lane,
    /// `бульвар`.
    Boulevard,
    /// `микрорайон`, `жилмассив`: houses without a street.
    Quarter,
    /// `тупик`, `шоссе` and other rare kinds.
    Other,
}

/// Where a marker stands: before its name (`ул. Ленина`) or after it (`Ленин көчөсү`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    /// Before, and after it only at the end of a part.
    Before,
    /// After.
    After,
}

/// The marker that a plain word is. Kyrgyz letters are merged (`көч` is `коч`), Latin ones as ICAO writes them.
#[must_use]
pub fn marker(word: &str) -> Option<(Kind, Side)> {
    use Kind::{Area, Flat, House, Part, Place, Street};
    use Side::{After, Before};
    Some(match word {
        "обл"
        | "область"
        | "облусу"
        | "обласы"
        | "рн"
        | "район"
        | "районрайон"
        | "району"
        | "раион"
        | "аа"
        | "ао"
        | "аймак"
        | "аймагы"
        | "окмоту"
        | "айылный"
        | "obl"
        | "oblast"
        | "oblusu"
        | "rn"
        | "raion"
        | "raionu"
        | "rayon" => (Area, After),
        "г" | "гор" | "город" | "с" | "село" | "пос" | "поселок" | "п" | "пгт" | "g" | "gor"
        | "gorod" | "s" | "selo" => (Place, Before),
        "ш" | "шаары" | "шаар" | "айылы" | "айыл" | "а" | "sh" | "shaary" | "aiyly" | "ayyly"
        | "a" | "шаарчасы" => (Place, After),
        "ул" | "улица" | "у" | "ulitsa" | "ul" | "u" => (Street, Before),
        _ if way(word).is_some() => {
            let after = matches!(
                word,
                "коч"
                    | "кочосу"
                    | "кочо"
                    | "проспектиси"
                    | "бульвары"
                    | "туюгу"
                    | "туюк"
                    | "koch"
                    | "kochosu"
                    | "prospektisi"
            );
            (Street, if after { After } else { Before })
        }
        "д" | "дом" | "d" | "dom" => (House, Before),
        "уй" | "ui" | "uy" => (House, After),
        "корп" | "корпус" | "стр" | "строение" | "korp" | "korpus" => {
            (Part, Before)
        }
        "кв" | "квартира" | "kv" | "kvartira" | "оф" => (Flat, Before),
        "батир" | "бат" | "batir" => (Flat, After),
        _ => return None,
    })
}

/// The kind of street a marker names.
#[must_use]
pub fn way(word: &str) -> Option<Way> {
    Some(match word {
        "ул" | "улица" | "коч" | "кочосу" | "кочо" | "ulitsa" | "ul" | "koch" | "kochosu" => {
            Way::Street
        }
        "пр"
        | "прт"
        | "просп"
        | "проспект"
        | "проспектиси"
        | "pr"
        | "prt"
        | "prospekt"
        | "prospektisi" => Way::Avenue,
        "пер" | "переулок" | "per" | "pereulok" => Way::Lane,
        "бул" | "бульвар" | "бульвары" | "бр" | "bulvar" => Way::Boulevard,
        "мкр"
        | "мкрн"
        | "микрорайон"
        | "кичирайон"
        | "жм"
        | "жилмассив"
        | "mkr"
        | "mkrn"
        | "mikroraion" => Way::Quarter,
        "тупик" | "туюгу" | "туюк" | "шоссе" | "проезд" | "tupik" => {
            Way::Other
        }
        _ => return None,
    })
}

/// A name's key: one byte a letter, spaces gone, variants of one sound merged.
///
/// On top of [`script::fold`]: й is и, ю and я are written out, ц is тс, щ is ш, so that Latin spellings meet.
#[must_use]
pub fn name_key(text: &str) -> Vec<u8> {
    letters(&written_out(script::fold(text).key()))
}

/// The same of one word, with the ending of a case or an adjective cut off.
#[must_use]
pub fn stem(word: &str) -> Vec<u8> {
    let out = written_out(script::fold(word).key());
    let mut stem: &str = &out;
    for ending in ["ского", "скаиа", "скои", "скии", "ски", "ого", "аиа", "ои"]
    {
        if let Some(short) = stem.strip_suffix(ending)
            && short.chars().count() >= 3
        {
            stem = short;
            break;
        }
    }
    while stem.ends_with(['а', 'е', 'и', 'о', 'у']) && stem.chars().count() > 2 {
        stem = &stem[..stem.len() - 'а'.len_utf8()];
    }
    letters(stem)
}

fn written_out(word: &str) -> String {
    let mut out = String::with_capacity(word.len() + 4);
    for letter in word.chars() {
        match letter {
            'й' => out.push('и'),
            'ю' => out.push_str("иу"),
            'я' => out.push_str("иа"),
            'ц' => out.push_str("тс"),
            'щ' => out.push('ш'),
            'э' => out.push('е'),
            other => out.push(other),
        }
    }
    out
}
