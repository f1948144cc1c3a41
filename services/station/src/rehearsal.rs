//! Corrections of the interim list, taken at a rehearsal (`/corrections`).

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use lexicon::handover::correction::CorrectionKind;
use lexicon::handover::package::Exercise;

use crate::kit::{CorrectError, SaidCorrection};
use crate::scene::Station;
use crate::serve::{language, view, with_language};

/// What was typed and why it was not taken: it stays in the form.
pub(crate) struct Refused {
    pub said: SaidCorrection,
    pub why: CorrectError,
}

/// The page; on a kit that is for no rehearsal there is none.
pub(crate) async fn page(
    State(station): State<Arc<Station>>,
    query: Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    if station.exercise() != Some(Exercise::Rehearsal) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let chosen = language(&query, &headers);
    let line = query.get("line").and_then(|line| line.parse().ok());
    let taken = query.get("taken").and_then(|number| number.parse().ok());
    with_language(
        view(station, chosen.0).corrections(line, taken, None),
        chosen,
    )
}

/// Takes a correction.
pub(crate) async fn take(
    State(station): State<Arc<Station>>,
    headers: HeaderMap,
    Form(fields): Form<HashMap<String, String>>,
) -> Response {
    if station.exercise() != Some(Exercise::Rehearsal) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
    let said = SaidCorrection {
        kind: CorrectionKind::from_code(&field("kind")).unwrap_or(CorrectionKind::Name),
        line: field("line").trim().parse().unwrap_or(0),
        pin: field("pin"),
        right: field("right"),
    };
    let Some(kit) = station.kit() else {
        return Redirect::to("/corrections").into_response();
    };
    let typed = said.clone();
    match tokio::task::spawn_blocking(move || kit.correct(&said)).await {
        Ok(Ok(taken)) => {
            Redirect::to(&format!("/corrections?taken={}", taken.number)).into_response()
        }
        Ok(Err(why)) => {
            let chosen = language(&HashMap::new(), &headers);
            let refused = Refused { said: typed, why };
            let page = view(station, chosen.0).corrections(None, None, Some(&refused));
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            (status, with_language(page, chosen)).into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
