//! Spare kits on HTTP: the chair names a file or a folder on a stick (`/chair/spares`); a grant holds from the kit's next start.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use lexicon::handover::envelope::DocumentType;

use crate::kit::{SpareRefused, SpareView};
use crate::scene::Station;
use crate::serve::{language, view, with_language};
use crate::stick::{answered, bring};

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
    let taken = tokio::task::spawn_blocking(move || {
        let (nothing, unreadable) = (SpareRefused::Nothing, || SpareRefused::Unreadable);
        bring(
            &place,
            DocumentType::KitGrant,
            nothing,
            unreadable,
            |signed| kit.bring_grant(signed),
        )
    });
    match taken.await {
        Ok(brought) => {
            let page = view(station, chosen.0).spares(&brought);
            answered(&brought, page, chosen)
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
