//! The portal's pages: no script, nothing personal in a URL, one question each.

mod answer;
mod lists;

pub use answer::{Answer, answer_page};
pub use lists::{precinct_page, precincts_page, proofs_page, turnout_page};

use std::sync::LazyLock;

use lexicon::person::ParsePersonError;
use lexicon::{Date, DocumentNumber, Language, Pin};
use maud::{Markup, html};
use screen::components::{self, Page};
use screen::{Catalogue, Icon, icon};

/// The portal's texts.
pub static TEXTS: LazyLock<Catalogue> = LazyLock::new(|| {
    Catalogue::parse(include_str!("texts.toml")).expect("a test parses the shipped texts")
});

/// Which section of the site a page belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Section {
    /// The form and its answers.
    Check,
    /// Precincts and maps.
    Precincts,
    /// Turnout.
    Turnout,
    /// Checkpoint, releases, files.
    Proofs,
}

impl Section {
    const ALL: [(Section, &'static str, &'static str); 4] = [
        (Section::Check, "/", "nav_check"),
        (Section::Precincts, "/precincts", "nav_precincts"),
        (Section::Turnout, "/turnout", "nav_turnout"),
        (Section::Proofs, "/proofs", "nav_proof"),
    ];
}

/// What surrounds a page.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// Language.
    pub language: Language,
    /// Section that is marked in the navigation.
    pub section: Section,
    /// Title of the page.
    pub title: &'a str,
    /// The page's own URL, for the language links (GET only).
    pub url: &'a str,
    /// Whether the data is a demonstration's, which every page says.
    pub demo: bool,
}

/// Wraps a page's contents in the site.
#[must_use]
pub fn site(frame: Frame<'_>, body: Markup) -> Markup {
    let t = |key: &str| TEXTS.text(frame.language, key);
    let lang = frame.language.tag();
    let head = Page {
        language: frame.language,
        title: frame.title,
        body_class: "portal",
        theme: "default",
        scripts: &[],
        styles: &["portal.css"],
    };
    components::page(
        head,
        html! {
            a.skip href="#m" { (t("skip")) }
            header.ptop { div.in {
                a.brandlink href={ "/?lang=" (lang) } { (components::mark(&t("site"))) }
                (components::languages(frame.language, frame.url, &t("languages")))
            } }
            main.pmain id="m" {
                @if frame.demo { p.mt-s { span.demo { (t("demo")) } } }
                nav.pnav aria-label=(t("sections")) {
                    @for (section, url, key) in Section::ALL {
                        a href={ (url) "?lang=" (lang) } aria-current=[(section == frame.section).then_some("page")] { (t(key)) }
                    }
                }
                (body)
            }
            footer.pfoot { div.in { (t("help")) } }
        },
    )
}

/// What the two fields of the form held, kept for showing them again after an error.
#[derive(Clone, Default)]
pub struct Typed {
    /// The PIN field as typed.
    pub pin: String,
    /// The document field as typed.
    pub document: String,
}

/// A parsed question, or what is wrong with each field.
pub enum Parsed {
    /// Both numbers are well-formed.
    Question(Pin, DocumentNumber),
    /// Sentences for the PIN and the document field.
    Errors {
        /// For the PIN field.
        pin: Option<String>,
        /// For the document field.
        document: Option<String>,
    },
}

/// Reads both fields.
#[must_use]
pub fn parse(typed: &Typed, today: Date, language: Language) -> Parsed {
    let pin = Pin::parse(&typed.pin, today);
    let document = DocumentNumber::parse(&typed.document);
    match (pin, document) {
        (Ok(pin), Ok(document)) => Parsed::Question(pin, document),
        (pin, document) => Parsed::Errors {
            pin: pin.err().map(|error| pin_sentence(error, language)),
            document: document
                .err()
                .map(|_| TEXTS.text(language, "document_wrong")),
        },
    }
}

fn pin_sentence(error: ParsePersonError, language: Language) -> String {
    match error {
        ParsePersonError::PinLength { got } => {
            TEXTS.fill(language, "pin_length", &[("n", &got.to_string())])
        }
        ParsePersonError::Id
        | ParsePersonError::PinDigit
        | ParsePersonError::PinSex
        | ParsePersonError::PinDate
        | ParsePersonError::PinFuture
        | ParsePersonError::Document
        | ParsePersonError::Sex
        | ParsePersonError::EmptyName => TEXTS.text(language, "pin_wrong"),
    }
}

/// The form, with errors beside the fields and in a summary on top.
#[must_use]
pub fn form_page(
    language: Language,
    demo: bool,
    typed: &Typed,
    errors: (Option<&str>, Option<&str>),
) -> Markup {
    let t = |key: &str| TEXTS.text(language, key);
    let wrong = errors.0.is_some() || errors.1.is_some();
    let title = if wrong {
        format!("{} {}", t("error_title"), t("form_title"))
    } else {
        t("form_title")
    };
    let frame = Frame {
        language,
        section: Section::Check,
        title: &title,
        url: "/",
        demo,
    };
    site(
        frame,
        html! {
            div.narrow.stack-l {
                h1 { (t("form_title")) }
                @if wrong {
                    div.errsum role="alert" tabindex="-1" autofocus {
                        h2 { (t("error_head")) }
                        @if let Some(said) = errors.0 { p.mt-s { a href="#pin" { (said) } } }
                        @if let Some(said) = errors.1 { p.mt-s { a href="#document" { (said) } } }
                    }
                } @else { p { (t("form_lead")) } }
                form.stack-l method="post" action={ "/?lang=" (language.tag()) } {
                    (field(Field { id: "pin", label: &t("pin"), hint: &t("pin_hint"), value: &typed.pin, error: errors.0, width: "w-pin", numeric: true }))
                    (field(Field { id: "document", label: &t("document"), hint: &t("document_hint"), value: &typed.document, error: errors.1, width: "w-doc", numeric: false }))
                    button.btn.big type="submit" { (t("check")) }
                }
            }
        },
    )
}

struct Field<'a> {
    id: &'a str,
    label: &'a str,
    hint: &'a str,
    value: &'a str,
    error: Option<&'a str>,
    width: &'a str,
    numeric: bool,
}

fn field(field: Field<'_>) -> Markup {
    let described = if field.error.is_some() {
        format!("{0}-hint {0}-error", field.id)
    } else {
        format!("{}-hint", field.id)
    };
    html! {
        div class={ "field" (if field.error.is_some() { " err" } else { "" }) } {
            label for=(field.id) { (field.label) }
            p.hint id={ (field.id) "-hint" } { (field.hint) }
            @if let Some(said) = field.error {
                p.msg id={ (field.id) "-error" } { (icon(Icon::Warn)) " " (said) }
            }
            input.input.id class=(field.width) id=(field.id) name=(field.id) value=(field.value) autocomplete="off"
                autocapitalize="characters" spellcheck="false" required maxlength="40"
                inputmode=[field.numeric.then_some("numeric")] aria-describedby=(described)
                aria-invalid=[field.error.is_some().then_some("true")];
        }
    }
}

/// A page that says that there is none.
#[must_use]
pub fn missing_page(language: Language, demo: bool) -> Markup {
    let t = |key: &str| TEXTS.text(language, key);
    let title = t("not_there");
    let frame = Frame {
        language,
        section: Section::Check,
        title: &title,
        url: "/",
        demo,
    };
    site(
        frame,
        html! { h1 { (title) } p { a href={ "/?lang=" (language.tag()) } { (t("not_there_next")) } } },
    )
}

#[cfg(test)]
mod tests;
