//! What every key does (F1), and how the kit's screens look.

use maud::{Markup, html};
use screen::components::languages;

use super::View;
use super::parts::document;
use crate::theme::Theme;

/// Keys of the operator's page by the text that says what they do.
const OPERATOR: [(&str, &str); 11] = [
    ("Enter", "keys.enter"),
    ("1–9", "key.choose"),
    ("F4", "key.absent"),
    ("F5", "keys.f5"),
    ("F6", "finger.other"),
    ("F7", "finger.unreadable"),
    ("F8", "look.clean"),
    ("F9", "green.noslip"),
    ("F10", "green.undo"),
    ("F11", "correct.title"),
    ("F12", "lock.do"),
];

/// Keys of the chair's page.
const CHAIR: [(&str, &str); 5] = [
    ("Alt+1", "chair.kits"),
    ("Alt+2", "keys.needed"),
    ("Alt+3", "incident.title"),
    ("Alt+4", "keys.steps"),
    ("Ctrl+Enter", "keys.approve"),
];

/// Keys of every page.
const EVERYWHERE: [(&str, &str); 4] = [
    ("F1", "keys.title"),
    ("F2", "key.chair"),
    ("Esc", "keys.back"),
    ("Tab", "keys.tab"),
];

pub(super) fn page(view: &View) -> Markup {
    let title = view.t("keys.title");
    let body = html! {
        header.kitbar {
            h1.pc { (title) }
            (super::parts::simulated(view))
            span.grow {}
            (languages(view.language, "/keys", &view.t("bar.language")))
            a.dev href="/chair" data-key="F2" { (view.t("approve.open")) }
            a.dev href="/" data-back data-key="Enter" { (view.t("chair.operator")) }
        }
        main.shell #main {
            div.cols.three {
                (panel(view, "keys.everywhere", &EVERYWHERE))
                (panel(view, "keys.operator", &OPERATOR))
                (panel(view, "keys.chair", &CHAIR))
            }
            (themes(view))
        }
    };
    document(view, &title, "", body)
}

fn panel(view: &View, title: &str, keys: &[(&str, &str)]) -> Markup {
    html! {
        section.panel {
            header { h2 { (view.t(title)) } }
            div.body {
                dl.kv.keylist {
                    @for (key, text) in keys { dt { kbd { (key) } } dd { (view.t(text)) } }
                }
            }
        }
    }
}

/// Light, black on white, dark: for halls that are too bright or too dark.
fn themes(view: &View) -> Markup {
    let chosen = view.station.theme();
    html! {
        section.panel {
            header { h2 #theme { (view.t("keys.theme")) } }
            form.body.choices method="post" action="/keys" aria-labelledby="theme" {
                @for (theme, text) in [(Theme::Default, "keys.light"), (Theme::Contrast, "keys.contrast"), (Theme::Night, "keys.night")] {
                    button.btn.sec name="theme" value=(theme.name()) aria-pressed=(if theme == chosen { "true" } else { "false" }) {
                        @if theme == chosen { "✓ " } (view.t(text))
                    }
                }
            }
        }
    }
}
