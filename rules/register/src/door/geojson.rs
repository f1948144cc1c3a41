//! Houses as GeoJSON: a FeatureCollection of points whose properties are the columns of `addresses`.

use lexicon::Soate;
use lexicon::handover::snapshot::AddressRow;
use serde_json::Value;

use super::{Reason, Reject, checked};

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

/// Hands over each house, or why it cannot stand, with the number of its feature from 1.
///
/// # Errors
/// [`GeoJsonError`]; nothing was handed over then.
pub fn houses(
    text: &[u8],
    take: &mut dyn FnMut(u64, Result<AddressRow, Reject>),
) -> Result<(), GeoJsonError> {
    let value: Value = serde_json::from_slice(text)?;
    let features = (value["type"] == "FeatureCollection")
        .then(|| value["features"].as_array())
        .flatten()
        .ok_or(GeoJsonError::NoCollection)?;
    for (number, feature) in (1u64..).zip(features) {
        take(number, house(feature));
    }
    Ok(())
}

fn house(feature: &Value) -> Result<AddressRow, Reject> {
    let text = |field: &'static str| {
        let value = &feature["properties"][field];
        // Keepers write numbers of houses and codes without quotes too.
        let text = match value {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => String::new(),
        };
        match checked(field, &text)? {
            "" => Err(Reject::of(field, Reason::Empty)),
            _ => Ok(text),
        }
    };
    let geometry = &feature["geometry"];
    if geometry["type"] != "Point" {
        return Err(Reject::of("geometry", Reason::Coordinate));
    }
    let degrees = |at: usize, most: f64| {
        let value = geometry["coordinates"][at].as_f64();
        value
            .filter(|value| value.abs() <= most)
            .ok_or(Reject::of("geometry", Reason::Coordinate))
    };
    let (lon, lat) = (degrees(0, 180.0)?, degrees(1, 90.0)?);
    Ok(AddressRow {
        address: text("address_id")?,
        soate: text("soate")?
            .parse::<Soate>()
            .map_err(|why| Reject::of("soate", Reason::Place(why)))?,
        street: text("street_id")?,
        street_name: text("street_name")?,
        house: text("house")?,
        lon_microdegrees: micro(lon),
        lat_microdegrees: micro(lat),
    })
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "at most 180 degrees: 1.8e8 fits"
)]
fn micro(degrees: f64) -> i32 {
    (degrees * 1e6).round() as i32
}
