//! Writing the parameters of a run into a model's text.

use super::ModelError;
use crate::train::Trained;
use toml::{Table, Value};

pub(super) fn freeze(
    text: &str,
    trained: &Trained,
    prior_milli_bits: i32,
) -> Result<String, ModelError> {
    let mut file: Table = text
        .parse()
        .map_err(|error: toml::de::Error| ModelError::Toml(error.to_string()))?;
    let broken = || ModelError::Toml("a comparison or the training table is missing".to_owned());
    let training = file
        .get_mut("training")
        .and_then(Value::as_table_mut)
        .ok_or_else(broken)?;
    training.insert("estimate".to_owned(), Value::Boolean(false));
    training.insert(
        "prior_bits".to_owned(),
        Value::Float(f64::from(prior_milli_bits) / 1000.0),
    );
    let comparisons = file
        .get_mut("comparison")
        .and_then(Value::as_array_mut)
        .ok_or_else(broken)?;
    for ((comparison, m), u) in comparisons.iter_mut().zip(&trained.m).zip(&trained.u) {
        let levels = comparison
            .get_mut("level")
            .and_then(Value::as_array_mut)
            .ok_or_else(broken)?;
        for ((level, &m), &u) in levels.iter_mut().zip(m).zip(u) {
            let level = level.as_table_mut().ok_or_else(broken)?;
            level.insert("m".to_owned(), Value::Float(open_interval(m)));
            level.insert("u".to_owned(), Value::Float(open_interval(u)));
        }
    }
    Ok(file.to_string())
}

/// Probabilities in a file lie strictly between 0 and 1.
fn open_interval(p: f64) -> f64 {
    p.clamp(1e-15, 1.0 - 1e-15)
}
