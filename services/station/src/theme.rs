//! How the kit's own screens look: light, black on white, dark. The monitor always looks the same.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use axum::extract::{Form, Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};

use crate::scene::Station;
use crate::serve::{language, view, with_language};

/// A look of the screens, until the kit is switched off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// Light.
    #[default]
    Default,
    /// Black on white, for bright halls and weak eyes.
    Contrast,
    /// Dark, for dark halls.
    Night,
}

impl Theme {
    const ALL: [Self; 3] = [Self::Default, Self::Contrast, Self::Night];

    /// The attribute on `<html>`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Contrast => "contrast",
            Self::Night => "night",
        }
    }
}

/// The look that was chosen last.
#[derive(Debug, Default)]
pub(crate) struct Chosen(AtomicU8);

impl Station {
    /// How operator's and chair's pages look now.
    #[must_use]
    pub fn theme(&self) -> Theme {
        let at = usize::from(self.theme.0.load(Ordering::Relaxed));
        Theme::ALL.get(at).copied().unwrap_or_default()
    }

    /// Changes the look; a name that is none changes nothing.
    pub fn choose_theme(&self, name: &str) {
        if let Some(at) = Theme::ALL.iter().position(|theme| theme.name() == name) {
            let at = u8::try_from(at).unwrap_or_default();
            self.theme.0.store(at, Ordering::Relaxed);
        }
    }
}

/// `/keys`: what every key does.
pub(crate) async fn page(
    State(station): State<Arc<Station>>,
    query: Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let chosen = language(&query, &headers);
    with_language(view(station, chosen.0).keys(), chosen)
}

/// A look was chosen.
pub(crate) async fn choose(
    State(station): State<Arc<Station>>,
    Form(fields): Form<HashMap<String, String>>,
) -> Response {
    if let Some(name) = fields.get("theme") {
        station.choose_theme(name);
    }
    Redirect::to("/keys").into_response()
}
