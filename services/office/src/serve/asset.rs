//! Styles and scripts, embedded in the program.

use axum::extract::{Path, RawQuery};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

const OFFICE_CSS: &str = include_str!("../../assets/office.css");
const OFFICE_JS: &str = include_str!("../../assets/office.js");
const BOUNDARIES_JS: &str = include_str!("../../assets/boundaries.js");
const CLAIM_MAP_JS: &str = include_str!("../../assets/claim-map.js");
const LEAFLET_JS: &str = include_str!("../../assets/leaflet/leaflet.js");
const LEAFLET_CSS: &str = include_str!("../../assets/leaflet/leaflet.css");

/// An asset by its name.
pub(super) async fn asset(Path(name): Path<String>, RawQuery(_): RawQuery) -> Response {
    let (style, script) = ("text/css; charset=utf-8", "text/javascript; charset=utf-8");
    let own = match name.as_str() {
        "office.css" => Some((style, OFFICE_CSS.as_bytes())),
        "office.js" => Some((script, OFFICE_JS.as_bytes())),
        "boundaries.js" => Some((script, BOUNDARIES_JS.as_bytes())),
        "claim-map.js" => Some((script, CLAIM_MAP_JS.as_bytes())),
        "leaflet.js" => Some((script, LEAFLET_JS.as_bytes())),
        "leaflet.css" => Some((style, LEAFLET_CSS.as_bytes())),
        _ => None,
    };
    let found =
        own.or_else(|| screen::assets::shared(&name).map(|asset| (asset.media_type, asset.bytes)));
    match found {
        Some((kind, bytes)) => (
            [
                (header::CONTENT_TYPE, kind),
                (header::CACHE_CONTROL, "no-cache"),
            ],
            bytes,
        )
            .into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
