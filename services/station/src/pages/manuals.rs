//! The manuals quote the screens: what stands in bold type there is a sentence of the screens, word by word.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use lexicon::Language;

use super::{catalogue, sentences};

const MANUALS: [&str; 3] = ["operator", "chair", "observer"];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/manual")
}

fn manual(name: &str, language: Language) -> String {
    let path = folder().join(format!("{name}.{}.md", language.tag()));
    std::fs::read_to_string(&path).expect("the manual is there in this language")
}

/// What stands in bold type.
fn bold(text: &str) -> Vec<&str> {
    text.split("**").skip(1).step_by(2).collect()
}

/// Everything that a screen may say in this language; holes stand in braces.
fn said(language: Language) -> Vec<String> {
    let screens = catalogue()
        .keys()
        .map(|key| catalogue().text(language, key));
    let country = sentences().refusal.values().flat_map(|said| {
        [&said.short, &said.sentence, &said.next].map(|text| text.get(language).to_owned())
    });
    screens.chain(country).collect()
}

/// Whether `text` is `template` with its holes filled; a hole is never empty.
fn fits(template: &str, text: &str) -> bool {
    let Some((before, rest)) = template.split_once('{') else {
        return template == text;
    };
    let Some(text) = text.strip_prefix(before) else {
        return false;
    };
    let after = rest.split_once('}').map_or("", |(_, after)| after);
    text.char_indices()
        .skip(1)
        .map(|(at, _)| at)
        .chain([text.len()])
        .any(|end| end > 0 && fits(after, &text[end..]))
}

/// Paths of the pictures, in the order of the text.
fn pictures(text: &str) -> Vec<&str> {
    let links = text.split("](pictures/").skip(1);
    links.filter_map(|link| link.split(')').next()).collect()
}

#[test]
fn a_quoted_sentence_stands_on_the_screens_of_that_language() {
    for language in Language::ALL {
        let said = said(language);
        for name in MANUALS {
            let text = manual(name, language);
            let quoted = bold(&text);
            assert!(quoted.len() > 20, "{name}: {} quotations", quoted.len());
            for quoted in quoted {
                let is_said = said.iter().any(|template| fits(template, quoted));
                assert!(
                    is_said,
                    "{name}.{}: no screen says «{quoted}»",
                    language.tag()
                );
            }
        }
    }
}

#[test]
fn every_refusal_stands_in_the_operators_manual_with_sentence_and_next_step() {
    for language in Language::ALL {
        let text = manual("operator", language);
        for (code, said) in &sentences().refusal {
            let row = format!(
                "| `{code}` | **{}** **{}** |",
                said.sentence.get(language),
                said.next.get(language)
            );
            assert!(text.contains(&row), "{}: {row}", language.tag());
        }
    }
}

#[test]
fn the_three_languages_say_the_same_with_pictures_that_are_there() {
    let mut shown = BTreeSet::new();
    for name in MANUALS {
        let shape = |language: Language| {
            let text = manual(name, language);
            let headings = text.lines().filter(|line| line.starts_with('#')).count();
            let rows = text.lines().filter(|line| line.starts_with('|')).count();
            let neutral = |path: &str| path.replace(&format!("{}/", language.tag()), "");
            let pictures: Vec<String> = pictures(&text).into_iter().map(neutral).collect();
            (headings, rows, bold(&text).len(), pictures)
        };
        for language in Language::ALL {
            assert_eq!(shape(language), shape(Language::Ru), "{name}");
            for picture in pictures(&manual(name, language)) {
                assert!(
                    folder().join("pictures").join(picture).exists(),
                    "{picture}"
                );
                shown.insert(picture.to_owned());
            }
        }
    }
    // The folder holds no picture that nobody sees.
    for language in ["", "ky", "ru", "en"] {
        for entry in std::fs::read_dir(folder().join("pictures").join(language)).expect("a folder")
        {
            let path = entry.expect("an entry").path();
            let file = path
                .file_name()
                .and_then(|name| name.to_str())
                .unwrap_or_default();
            let link = if language.is_empty() {
                file.to_owned()
            } else {
                format!("{language}/{file}")
            };
            assert!(
                path.is_dir() || shown.contains(&link),
                "{link} is in no manual"
            );
        }
    }
}

#[test]
fn a_hole_takes_any_words_and_nothing_else() {
    for (template, text, expected) in [
        ("{p} · {k}", "1001 · K1", true),
        ("Строка {l}.", "Строка 7.", true),
        ("Строка {l}.", "Строка .", false),
        ("Строка {l}.", "Строка 7", false),
        ("Чек", "Чеки", false),
    ] {
        assert_eq!(fits(template, text), expected, "{template}: {text}");
    }
}
