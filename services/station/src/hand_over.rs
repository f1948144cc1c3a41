//! The hand-over on HTTP: the chair names a stick (`/chair/handover`), the kit writes one folder and prints its hash.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};

use crate::scene::Station;
use crate::serve::{language, view, with_language};

/// The page.
pub(crate) async fn page(
    State(station): State<Arc<Station>>,
    query: Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let chosen = language(&query, &headers);
    with_language(view(station, chosen.0).hand_over(None), chosen)
}

/// Writes the folder at the place that the chair typed.
pub(crate) async fn write(
    State(station): State<Arc<Station>>,
    headers: HeaderMap,
    Form(fields): Form<HashMap<String, String>>,
) -> Response {
    let chosen = language(&HashMap::new(), &headers);
    let Some(kit) = station.kit() else {
        return Redirect::to("/chair").into_response();
    };
    let place = PathBuf::from(fields.get("place").map_or("", |place| place.trim()));
    match tokio::task::spawn_blocking(move || kit.hand_over(&place)).await {
        Ok(done) => {
            let status = match &done {
                Ok(_) => StatusCode::OK,
                Err(_) => StatusCode::UNPROCESSABLE_ENTITY,
            };
            let page = view(station, chosen.0).hand_over(Some(&done));
            (status, with_language(page, chosen)).into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
