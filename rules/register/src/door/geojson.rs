//! Houses as GeoJSON: a FeatureCollection of points whose properties are the columns of `addresses`.

use serde_json::Value;

use super::{Reason, Reject};

/// The cells of a feature, in this order: properties, and the two coordinates of the point.
pub const COLUMNS: [&str; 7] = [
    "address_id",
    "soate",
    "street_id",
    "street_name",
    "house",
    "lon",
    "lat",
];

/// The largest file that is read, bytes: it is held in memory whole. Larger registers come as CSV or Parquet.
pub const FILE_MAX_BYTES: u64 = 1 << 30;

/// Why a file holds no houses at all: its keeper hands another one over.
#[derive(Debug, thiserror::Error)]
pub enum GeoJsonError {
    /// No JSON, by line and column.
    #[error("is no JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// Another document.
    #[error("is no GeoJSON FeatureCollection")]
    NoCollection,
}

/// Hands over each feature as the cells of [`COLUMNS`], or why it has none, with its number from 1.
///
/// # Errors
/// [`GeoJsonError`]; nothing was handed over then.
pub fn features(
    text: &[u8],
    take: &mut dyn FnMut(u64, Result<[String; COLUMNS.len()], Reject>),
) -> Result<(), GeoJsonError> {
    let value: Value = serde_json::from_slice(text)?;
    let features = (value["type"] == "FeatureCollection")
        .then(|| value["features"].as_array())
        .flatten()
        .ok_or(GeoJsonError::NoCollection)?;
    for (number, feature) in (1u64..).zip(features) {
        take(number, cells(feature));
    }
    Ok(())
}

fn cells(feature: &Value) -> Result<[String; COLUMNS.len()], Reject> {
    let geometry = &feature["geometry"];
    let degrees = |at: usize, most: f64| {
        let value = geometry["coordinates"][at].as_f64();
        value.filter(|value| geometry["type"] == "Point" && value.abs() <= most)
    };
    let (Some(lon), Some(lat)) = (degrees(0, 180.0), degrees(1, 90.0)) else {
        return Err(Reject::of("geometry", Reason::Coordinate));
    };
    Ok(COLUMNS.map(|column| match column {
        "lon" => lon.to_string(),
        "lat" => lat.to_string(),
        // Keepers write numbers of houses and codes without quotes too.
        _ => match &feature["properties"][column] {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => String::new(),
        },
    }))
}
