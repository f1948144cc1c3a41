//! The second day on HTTP: the chair names a file or a folder on a stick (`/chair/days`), and signs with two cards.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use lexicon::handover::envelope::DocumentType;

use crate::kit::DayRefused;
use crate::scene::{ChairError, Station, TwoCards};
use crate::serve::{language, view, with_language};
use crate::stick::{answered, bring};

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
    let taken = tokio::task::spawn_blocking(move || {
        let (nothing, unreadable) = (DayRefused::Nothing, || DayRefused::Unreadable);
        bring(
            &place,
            DocumentType::DayDecision,
            nothing,
            unreadable,
            |signed| kit.take_decision(signed).map(|_| ()),
        )
    });
    match taken.await {
        Ok(brought) => {
            let page = view(station, chosen.0).days(&brought, None);
            answered(&brought, page, chosen)
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
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
