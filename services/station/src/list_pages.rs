//! The page on which the chair reads the codes of the bound list (`/chair/pages`).

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};

use crate::scene::Station;
use crate::serve::{language, view, with_language};

/// What was read so far.
pub(crate) async fn page(
    State(station): State<Arc<Station>>,
    query: Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let chosen = language(&query, &headers);
    with_language(view(station, chosen.0).list_pages(None), chosen)
}

/// Takes the code of one page.
pub(crate) async fn take(
    State(station): State<Arc<Station>>,
    headers: HeaderMap,
    Form(fields): Form<HashMap<String, String>>,
) -> Response {
    let Some(kit) = station.kit() else {
        return Redirect::to("/chair/pages").into_response();
    };
    let code = fields.get("qr").cloned().unwrap_or_default();
    match tokio::task::spawn_blocking(move || kit.read_list_page(&code)).await {
        Ok(Ok(read)) => {
            let chosen = language(&HashMap::new(), &headers);
            with_language(view(station, chosen.0).list_pages(Some(&read)), chosen)
        }
        Ok(Err(error)) => {
            tracing::error!(%error, "the code of a page was not kept");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
