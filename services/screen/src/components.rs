//! The parts that screens are made of, one function each (UI.md §4).

use lexicon::Language;
use maud::{DOCTYPE, Markup, html};

use crate::icon::{Icon, icon};

/// How a verdict or result ends: colour, shape and word always go together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tone {
    /// Green, a tick.
    Ok,
    /// Amber, a triangle.
    Warn,
    /// Red, a cross.
    Stop,
    /// Blue, waiting or information.
    Wait,
}

impl Tone {
    /// The class of bands, tags and notes.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Tone::Ok => "ok",
            Tone::Warn => "warn",
            Tone::Stop => "stop",
            Tone::Wait => "wait",
        }
    }

    fn icon(self) -> Icon {
        match self {
            Tone::Ok => Icon::Tick,
            Tone::Warn => Icon::Warn,
            Tone::Stop => Icon::Cross,
            Tone::Wait => Icon::Info,
        }
    }
}

/// What a page is, around its body.
#[derive(Clone, Copy, Debug)]
pub struct Page<'a> {
    /// Language of the page.
    pub language: Language,
    /// Contents of `<title>`.
    pub title: &'a str,
    /// Class of `<body>`: `kit`, `tv`, `portal`, or empty for the office.
    pub body_class: &'a str,
    /// `default`, `contrast` or `night`.
    pub theme: &'a str,
    /// Scripts below `/assets/`, none for the portal.
    pub scripts: &'a [&'a str],
    /// Stylesheets below `/assets/` beside the shared ones.
    pub styles: &'a [&'a str],
}

/// A whole document.
#[must_use]
pub fn page(head: Page<'_>, body: Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(head.language.tag()) data-theme=(head.theme) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width,initial-scale=1";
                title { (head.title) }
                link rel="icon" href="/assets/icon.svg";
                link rel="stylesheet" href="/assets/tokens.css";
                link rel="stylesheet" href="/assets/app.css";
                @for style in head.styles { link rel="stylesheet" href={ "/assets/" (style) }; }
                @for script in head.scripts { script src={ "/assets/" (script) } defer {} }
            }
            body class=[(!head.body_class.is_empty()).then_some(head.body_class)] { (body) }
        }
    }
}

/// The house's mark with the name of the surface.
#[must_use]
pub fn mark(name: &str) -> Markup {
    html! {
        span.mark {
            svg width="26" height="26" viewBox="0 0 26 26" aria-hidden="true" {
                rect x="1" y="1" width="24" height="24" rx="3" fill="none" stroke="currentColor" stroke-width="2" {}
                path d="M6 13.5l4.5 4.5L20 8.5" fill="none" stroke="currentColor" stroke-width="3" stroke-linecap="round" stroke-linejoin="round" {}
            }
            " " (name)
        }
    }
}

/// The large symbol of a band, with its word for readers.
#[must_use]
pub fn symbol(tone: Tone, word: &str) -> Markup {
    html! {
        svg.sym viewBox="0 0 100 100" role="img" aria-label=(word) {
            @match tone {
                Tone::Ok => {
                    circle cx="50" cy="50" r="47" fill="#fff" {}
                    path d="M25 52l18 18 33-38" fill="none" stroke="#00705F" stroke-width="13" stroke-linecap="round" stroke-linejoin="round" {}
                }
                Tone::Stop => {
                    path d="M31 3h38l28 28v38L69 97H31L3 69V31z" fill="#fff" {}
                    path d="M33 33l34 34M67 33L33 67" fill="none" stroke="#A81220" stroke-width="13" stroke-linecap="round" {}
                }
                Tone::Warn => {
                    path d="M50 6l46 86H4z" fill="#14202B" stroke="#14202B" stroke-width="6" stroke-linejoin="round" {}
                    path d="M50 36v28M50 77v2" fill="none" stroke="#FFC43D" stroke-width="11" stroke-linecap="round" {}
                }
                Tone::Wait => {
                    circle cx="50" cy="50" r="44" fill="none" stroke="#12467B" stroke-width="8" {}
                    path d="M50 24v28l18 12" fill="none" stroke="#12467B" stroke-width="9" stroke-linecap="round" stroke-linejoin="round" {}
                }
            }
        }
    }
}

/// The band that carries a verdict on a kit.
#[must_use]
pub fn verdict(tone: Tone, headline: &str, detail: &str) -> Markup {
    let role = match tone {
        Tone::Ok | Tone::Wait => "status",
        Tone::Warn | Tone::Stop => "alert",
    };
    html! {
        section class={ "verdict " (tone.class()) } role=(role) {
            (symbol(tone, headline))
            div { h1 tabindex="-1" { (headline) } p { (detail) } }
        }
    }
}

/// The band that carries an answer on the portal.
#[must_use]
pub fn result(tone: Tone, headline: &str, detail: &str) -> Markup {
    html! {
        section class={ "result " (tone.class()) } role="status" {
            (symbol(tone, headline))
            div { h1 { (headline) } p { (detail) } }
        }
    }
}

/// A tag: icon and word.
#[must_use]
pub fn tag(tone: Tone, word: &str) -> Markup {
    let class = if tone == Tone::Wait {
        "info"
    } else {
        tone.class()
    };
    html! { span class={ "tag " (class) } { (icon(tone.icon())) (word) } }
}

/// A note beside the text.
#[must_use]
pub fn note(tone: Tone, body: Markup) -> Markup {
    html! { div class={ "note " (if tone == Tone::Wait { "" } else { tone.class() }) } { (icon(tone.icon())) div { (body) } } }
}

/// Links that change the language of the same page; `url` gets `lang=xx` appended.
#[must_use]
pub fn languages(current: Language, url: &str, label: &str) -> Markup {
    let join = if url.contains('?') { '&' } else { '?' };
    html! {
        nav.lang aria-label=(label) {
            @for (language, short, name) in [(Language::Ky, "Кыр", "Кыргызча"), (Language::Ru, "Рус", "Русский"), (Language::En, "Eng", "English")] {
                a href={ (url) (join) "lang=" (language.tag()) } lang=(language.tag()) hreflang=(language.tag())
                    title=(name) aria-current=[(language == current).then_some("true")] { (short) }
            }
        }
    }
}
