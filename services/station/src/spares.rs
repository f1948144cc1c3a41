//! Spare kits on HTTP: the chair names a file or a folder on a stick (`/chair/spares`); a grant holds from the kit's next start.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use lexicon::handover::envelope::DocumentType;

use crate::kit::{Kit, SpareRefused, SpareView};
use crate::scene::Station;
use crate::serve::{language, view, with_language};
use crate::stick::files_at;

/// What became of one file.
pub(crate) type Brought = (String, Result<SpareView, SpareRefused>);

/// The page.
pub(crate) async fn page(
    State(station): State<Arc<Station>>,
    query: Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let chosen = language(&query, &headers);
    with_language(view(station, chosen.0).spares(&[]), chosen)
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
            let page = view(station, chosen.0).spares(&brought);
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

/// Every grant at a place: one file, or the `*.cose` of a folder.
fn bring(kit: &Kit, place: &Path) -> Vec<Brought> {
    let most = DocumentType::KitGrant.bytes_max() as u64;
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
                None => Err(SpareRefused::Unreadable),
                Some(signed) => kit.bring_grant(&signed),
            };
            (name(path), done)
        })
        .collect();
    if brought.is_empty() {
        return vec![(name(place), Err(SpareRefused::Nothing))];
    }
    brought
}
