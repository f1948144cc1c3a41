//! The second day on HTTP: the chair names a file or a folder on a stick (`/chair/days`), and signs with two cards.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use lexicon::handover::envelope::DocumentType;

use crate::kit::{DayRefused, Kit};
use crate::scene::{ChairError, Station, TwoCards};
use crate::serve::{language, view, with_language};
use crate::stick::files_at;

/// What became of one file.
pub(crate) type Brought = (String, Result<(), DayRefused>);

/// The page.
pub(crate) async fn page(
    State(station): State<Arc<Station>>,
    query: Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let chosen = language(&query, &headers);
    with_language(view(station, chosen.0).days(&[], None), chosen)
}

/// Takes in what lies at the place that the chair typed.
pub(crate) async fn take(
    State(station): State<Arc<Station>>,
    headers: HeaderMap,
    Form(fields): Form<HashMap<String, String>>,
) -> Response {
    let chosen = language(&HashMap::new(), &headers);
    let Some(kit) = station.kit() else {
        return Redirect::to("/chair").into_response();
    };
    let place = PathBuf::from(fields.get("place").map_or("", |place| place.trim()));
    match tokio::task::spawn_blocking(move || bring(&kit, &place)).await {
        Ok(brought) => {
            let is_refused = brought.iter().any(|(_, done)| done.is_err());
            let page = view(station, chosen.0).days(&brought, None);
            let status = if is_refused {
                StatusCode::UNPROCESSABLE_ENTITY
            } else {
                StatusCode::OK
            };
            (status, with_language(page, chosen)).into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Every decision at a place: one file, or the `*.cose` of a folder.
fn bring(kit: &Kit, place: &Path) -> Vec<Brought> {
    let most = DocumentType::DayDecision.bytes_max() as u64;
    let name = |path: &Path| {
        let name = path.file_name().unwrap_or(place.as_os_str());
        name.to_string_lossy().into_owned()
    };
    let files = files_at(place, |path| {
        path.extension().is_some_and(|end| end == "cose")
    });
    let brought: Vec<Brought> = files
        .iter()
        .map(|path| {
            let is_small = std::fs::metadata(path).is_ok_and(|file| file.len() <= most);
            let read = is_small.then(|| std::fs::read(path).ok()).flatten();
            let done = match read {
                None => Err(DayRefused::Unreadable),
                Some(signed) => kit.take_decision(&signed).map(|_| ()),
            };
            (name(path), done)
        })
        .collect();
    if brought.is_empty() {
        return vec![(name(place), Err(DayRefused::Nothing))];
    }
    brought
}

impl Station {
    /// Closes the precinct before its time.
    ///
    /// # Errors
    /// [`ChairError`].
    pub(crate) fn suspend(&self, reason: &str, cards: &TwoCards) -> Result<(), ChairError> {
        self.with_cards(cards, |kit, cards| {
            kit.suspend(reason, cards)?;
            Ok(())
        })
    }

    /// Opens the kit for the last day that was decided.
    ///
    /// # Errors
    /// [`ChairError`].
    pub(crate) fn open_session(&self, cards: &TwoCards) -> Result<(), ChairError> {
        self.with_cards(cards, |kit, cards| {
            kit.open_session(cards)?;
            Ok(())
        })
    }

    /// Says why keys of the commission above sign here.
    ///
    /// # Errors
    /// [`ChairError`].
    pub(crate) fn break_glass(&self, reason: &str, cards: &TwoCards) -> Result<(), ChairError> {
        self.with_cards(cards, |kit, cards| {
            kit.break_glass(reason, cards)?;
            Ok(())
        })
    }
}
