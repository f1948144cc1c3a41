//! Houses as GeoJSON: a FeatureCollection of points whose properties are the columns of `addresses`.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use lexicon::Soate;
use lexicon::handover::snapshot::AddressRow;
use register::door::{Reason, Reject};
use serde_json::Value;

use super::super::super::rejects::Rejects;
use super::refused;

/// The largest file that is read, bytes: it is held in memory whole. Larger registers come as CSV or Parquet.
const FILE_MAX_BYTES: u64 = 1 << 30;

/// Houses with the number of their feature, from 1.
///
/// # Errors
/// When the file is no collection of features, or too large.
pub(super) fn houses(file: &Path, rejects: &mut Rejects) -> Result<Vec<(u64, AddressRow)>> {
    let at_file = || file.display().to_string();
    if std::fs::metadata(file).with_context(at_file)?.len() > FILE_MAX_BYTES {
        bail!(
            "{}: is larger than 1 GiB; hand the houses over as CSV or Parquet",
            file.display()
        );
    }
    let text = std::fs::read(file).with_context(at_file)?;
    let value: Value = serde_json::from_slice(&text).with_context(at_file)?;
    drop(text);
    let features = (value["type"] == "FeatureCollection")
        .then(|| value["features"].as_array())
        .flatten();
    let Some(features) = features else {
        bail!("{}: is no GeoJSON FeatureCollection", file.display());
    };
    let mut houses = Vec::with_capacity(features.len());
    for (number, feature) in (1u64..).zip(features) {
        match house(feature) {
            Ok(row) => houses.push((number, row)),
            Err(reject) => rejects.refuse(file, number, &reject),
        }
    }
    Ok(houses)
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
        match text.is_empty() {
            true => Err(refused(field, Reason::Empty)),
            false if text.chars().any(char::is_control) => {
                Err(refused(field, Reason::ControlCharacter))
            }
            false => Ok(text),
        }
    };
    let geometry = &feature["geometry"];
    if geometry["type"] != "Point" {
        return Err(refused("geometry", Reason::Coordinate));
    }
    let degrees = |at: usize, most: f64| {
        let value = geometry["coordinates"][at].as_f64();
        value
            .filter(|value| value.abs() <= most)
            .ok_or(refused("geometry", Reason::Coordinate))
    };
    let (lon, lat) = (degrees(0, 180.0)?, degrees(1, 90.0)?);
    Ok(AddressRow {
        address: text("address_id")?,
        soate: text("soate")?
            .parse::<Soate>()
            .map_err(|why| refused("soate", Reason::Place(why)))?,
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
