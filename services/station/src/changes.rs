//! Changes of the list on HTTP: the chair names a file or a folder on a stick (`/chair/list`).

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use lexicon::handover::station_delta::FILE_BYTES_MAX;

use crate::kit::{ChangeTaken, DeltaRefused, Kit};
use crate::scene::Station;
use crate::serve::{language, view, with_language};
use crate::stick::{answered, files_at, name_of};

/// What became of one file.
pub(crate) type Offered = (String, Result<ChangeTaken, DeltaRefused>);

/// The page.
pub(crate) async fn page(
    State(station): State<Arc<Station>>,
    query: Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let chosen = language(&query, &headers);
    with_language(view(station, chosen.0).changes(&[]), chosen)
}

/// Takes in what lies at the place that the chair typed, or prints a slip again.
pub(crate) async fn take(
    State(station): State<Arc<Station>>,
    headers: HeaderMap,
    Form(fields): Form<HashMap<String, String>>,
) -> Response {
    let chosen = language(&HashMap::new(), &headers);
    let Some(kit) = station.kit() else {
        return Redirect::to("/chair").into_response();
    };
    if let Some(number) = fields.get("slip").and_then(|number| number.parse().ok()) {
        let _ = tokio::task::spawn_blocking(move || kit.print_change(number)).await;
        return Redirect::to("/chair/list").into_response();
    }
    let place = PathBuf::from(fields.get("place").map_or("", |place| place.trim()));
    match tokio::task::spawn_blocking(move || offer(&kit, &place)).await {
        Ok(offered) => {
            let page = view(station, chosen.0).changes(&offered);
            answered(&offered, page, chosen)
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Offers a file, or every `.delta` file of a folder by name, to the kit.
fn offer(kit: &Kit, place: &Path) -> Vec<Offered> {
    let precinct = format!("{:04}-", kit.charter().manifest().precinct);
    let files = files_at(place, |path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with(&precinct) && path.extension().is_some_and(|end| end == "delta")
    });
    if files.is_empty() {
        return vec![(name_of(place), Err(DeltaRefused::Nothing))];
    }
    files
        .iter()
        .map(|path| {
            let done = read(path).and_then(|bytes| kit.take_change(&bytes));
            if let Err(error) = &done {
                tracing::warn!(code = error.code(), "a change of the list was not taken");
            }
            (name_of(path), done)
        })
        .collect()
}

fn read(path: &Path) -> Result<Vec<u8>, DeltaRefused> {
    let length = std::fs::metadata(path).map_or(u64::MAX, |found| found.len());
    if length > FILE_BYTES_MAX as u64 {
        return Err(DeltaRefused::Unreadable);
    }
    std::fs::read(path).map_err(|_| DeltaRefused::Nothing)
}
