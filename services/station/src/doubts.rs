//! The chair's protocol on HTTP: printed at the wish of the page of incidents.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Form, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};

use crate::scene::Station;
use crate::serve::{language, view, with_language};

/// Prints the protocol of a line.
pub(crate) async fn print(
    State(station): State<Arc<Station>>,
    headers: HeaderMap,
    Form(fields): Form<HashMap<String, String>>,
) -> Response {
    let line: Option<u32> = fields.get("line").and_then(|line| line.parse().ok());
    let (Some(kit), Some(line)) = (station.kit(), line) else {
        return Redirect::to("/chair/incidents").into_response();
    };
    match tokio::task::spawn_blocking(move || kit.print_protocol(line)).await {
        Ok(Ok(())) => Redirect::to("/chair/incidents").into_response(),
        Ok(Err(error)) => {
            tracing::warn!(%error, "a protocol was not printed");
            let chosen = language(&HashMap::new(), &headers);
            let page = view(station, chosen.0).incidents(true);
            (
                StatusCode::UNPROCESSABLE_ENTITY,
                with_language(page, chosen),
            )
                .into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
