//! From the TOML file to the checked model.

use super::{
    Ask, Assignment, COMPARISONS_MAX, Comparison, Contradiction, Decision, FEATURES_MAX, Feature,
    Frequency, LETTER_QUESTIONS_MAX, LEVELS_MAX, Label, Level, Model, ModelError, RULES_MAX, Rule,
    Training, Transform, parse_clauses,
};
use crate::fixed::weight_of_ppm;
use crate::level::Clause;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ModelFile {
    name: String,
    id: Vec<String>,
    feature: Vec<FeatureFile>,
    block: Vec<BlockFile>,
    comparison: Vec<ComparisonFile>,
    #[serde(default)]
    contradiction: Vec<ContradictionFile>,
    training: TrainingFile,
    decision: DecisionFile,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FeatureFile {
    name: String,
    columns: Vec<String>,
    #[serde(default)]
    make: Vec<String>,
    vocabulary: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BlockFile {
    on: Vec<String>,
    #[serde(default)]
    refine: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ComparisonFile {
    name: String,
    label: Option<Label>,
    feature: String,
    frequency: Option<FrequencyFile>,
    level: Vec<LevelFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ContradictionFile {
    name: String,
    label: Option<Label>,
    feature: String,
    when: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, tag = "kind", rename_all = "snake_case")]
enum FrequencyFile {
    Value { floor: f64, fuzzy: f64 },
    Shared {},
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LevelFile {
    name: String,
    when: String,
    m: Option<f64>,
    u: Option<f64>,
    bits: Option<f64>,
    say: Option<Label>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TrainingFile {
    estimate: bool,
    #[serde(default = "two_million")]
    random_pairs: usize,
    #[serde(default = "two_hundred_thousand")]
    right_records: usize,
    #[serde(default)]
    start_pairs: f64,
    prior_bits: Option<f64>,
}

fn two_million() -> usize {
    2_000_000
}
fn two_hundred_thousand() -> usize {
    200_000
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DecisionFile {
    auto_ppm: u32,
    review_ppm: u32,
    assignment: Assignment,
    #[serde(default)]
    margin_bits: f64,
    cluster_bits: Option<f64>,
    false_links: Option<u32>,
    #[serde(default = "blocks_of_three_million")]
    block_pairs_max: u64,
}

fn blocks_of_three_million() -> u64 {
    3_000_000
}

pub(super) fn parse(text: &str) -> Result<Model, ModelError> {
    let file: ModelFile =
        toml::from_str(text).map_err(|error| ModelError::Toml(error.to_string()))?;
    let features = features(&file.feature)?;
    let rules = file
        .block
        .iter()
        .map(|block| rule(block, &features))
        .collect::<Result<Vec<_>, _>>()?;
    let comparisons = file
        .comparison
        .into_iter()
        .map(|comparison| read_comparison(comparison, &features))
        .collect::<Result<Vec<_>, _>>()?;
    if comparisons.is_empty()
        || comparisons.len() > COMPARISONS_MAX
        || rules.is_empty()
        || rules.len() > RULES_MAX
    {
        let what = format!("needs 1 to {COMPARISONS_MAX} comparisons and 1 to {RULES_MAX} blocks");
        return Err(ModelError::Range {
            place: file.name,
            what,
        });
    }
    let contradictions = file
        .contradiction
        .into_iter()
        .map(|contradiction| read_contradiction(contradiction, &features))
        .collect::<Result<Vec<_>, _>>()?;
    let levels = comparisons.iter().flat_map(|comparison| &comparison.levels);
    let clauses = levels.flat_map(|level| &level.when);
    let clauses = clauses.chain(contradictions.iter().flat_map(|c| &c.when));
    count_letter_questions(&features, clauses)?;
    let training = training(&file.training, &comparisons)?;
    let decision = decision(&file.decision)?;
    Ok(Model {
        name: file.name,
        id: file.id,
        features,
        rules,
        comparisons,
        contradictions,
        training,
        decision,
    })
}

fn features(files: &[FeatureFile]) -> Result<Vec<Feature>, ModelError> {
    let mut features: Vec<Feature> = Vec::with_capacity(files.len());
    for file in files {
        if features.iter().any(|known| known.name == file.name) {
            return Err(ModelError::Range {
                place: format!("feature {}", file.name),
                what: "defined twice".to_owned(),
            });
        }
        let transforms = file
            .make
            .iter()
            .map(|step| {
                Transform::parse(step).ok_or_else(|| ModelError::Transform {
                    feature: file.name.clone(),
                    step: step.clone(),
                })
            })
            .collect::<Result<Vec<_>, _>>()?;
        features.push(Feature {
            name: file.name.clone(),
            columns: file.columns.clone(),
            transforms,
            vocabulary: file.vocabulary.clone().unwrap_or_else(|| file.name.clone()),
        });
    }
    Ok(features)
}

/// Answers by letter are kept as bits of 16, the features' state as bits of 64.
fn count_letter_questions<'m>(
    features: &[Feature],
    clauses: impl Iterator<Item = &'m Clause> + Clone,
) -> Result<(), ModelError> {
    if features.len() > FEATURES_MAX {
        return Err(ModelError::Range {
            place: "features".to_owned(),
            what: format!("at most {FEATURES_MAX}"),
        });
    }
    for (index, feature) in features.iter().enumerate() {
        let mut asks: Vec<&Ask> = Vec::new();
        let own = clauses.clone().filter(|clause| clause.feature == index);
        for clause in own.filter(|clause| clause.ask.is_by_letter()) {
            if !asks.contains(&&clause.ask) {
                asks.push(&clause.ask);
            }
        }
        if asks.len() > LETTER_QUESTIONS_MAX {
            let what = format!("at most {LETTER_QUESTIONS_MAX} different questions by letter");
            return Err(ModelError::Range {
                place: format!("feature {}", feature.name),
                what,
            });
        }
    }
    Ok(())
}

fn find(features: &[Feature], place: &str, name: &str) -> Result<usize, ModelError> {
    features
        .iter()
        .position(|feature| feature.name == name)
        .ok_or_else(|| ModelError::Feature {
            place: place.to_owned(),
            name: name.to_owned(),
        })
}

fn same_vocabulary(
    features: &[Feature],
    place: &str,
    left: usize,
    right: usize,
) -> Result<(), ModelError> {
    if features[left].vocabulary == features[right].vocabulary {
        return Ok(());
    }
    Err(ModelError::Vocabulary {
        place: place.to_owned(),
        left: features[left].name.clone(),
        right: features[right].name.clone(),
    })
}

/// Reads `["dob", "surname=given"]`: equal feature on both sides, or left=right.
fn rule(block: &BlockFile, features: &[Feature]) -> Result<Rule, ModelError> {
    let name = block.on.join(" + ");
    let place = format!("block {name}");
    let mut on = Vec::with_capacity(block.on.len());
    for part in &block.on {
        let (left, right) = part.split_once('=').unwrap_or((part, part));
        let sides = (
            find(features, &place, left.trim())?,
            find(features, &place, right.trim())?,
        );
        same_vocabulary(features, &place, sides.0, sides.1)?;
        on.push(sides);
    }
    if on.is_empty() {
        return Err(ModelError::Range {
            place,
            what: "names no feature".to_owned(),
        });
    }
    let refine = block
        .refine
        .iter()
        .map(|name| find(features, &place, name))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Rule { name, on, refine })
}

/// Clauses of one level or contradiction, every name looked up.
fn clauses(
    features: &[Feature],
    [place, name, level]: [&str; 3],
    text: &str,
    feature: usize,
) -> Result<Vec<Clause>, ModelError> {
    let index_of = |name: &str| features.iter().position(|known| known.name == name);
    let when = parse_clauses(text, feature, index_of).map_err(|clause| ModelError::Level {
        comparison: name.to_owned(),
        level: level.to_owned(),
        clause,
    })?;
    for clause in &when {
        if let Ask::Swapped(other) | Ask::Crossed(other) = clause.ask {
            same_vocabulary(features, place, clause.feature, other)?;
        }
    }
    Ok(when)
}

fn label_or_name(label: Option<Label>, name: &str) -> Label {
    label.unwrap_or_else(|| Label {
        ky: name.to_owned(),
        ru: name.to_owned(),
        en: name.to_owned(),
    })
}

fn read_contradiction(
    file: ContradictionFile,
    features: &[Feature],
) -> Result<Contradiction, ModelError> {
    let place = format!("contradiction {}", file.name);
    let feature = find(features, &place, &file.feature)?;
    let when = clauses(features, [&place, &file.name, "when"], &file.when, feature)?;
    Ok(Contradiction {
        label: label_or_name(file.label, &file.name),
        name: file.name,
        feature,
        when,
    })
}

fn read_comparison(file: ComparisonFile, features: &[Feature]) -> Result<Comparison, ModelError> {
    let place = format!("comparison {}", file.name);
    let feature = find(features, &place, &file.feature)?;
    let mut levels = Vec::with_capacity(file.level.len());
    for level in file.level {
        let names = [place.as_str(), &file.name, &level.name];
        let when = clauses(features, names, &level.when, feature)?;
        for p in [level.m, level.u].into_iter().flatten() {
            if !(p > 0.0 && p < 1.0) {
                return Err(ModelError::Range {
                    place,
                    what: format!("level {}: m and u lie between 0 and 1", level.name),
                });
            }
        }
        let fixed_milli_bits = level.bits.map(|bits| milli(bits, &place)).transpose()?;
        levels.push(Level {
            name: level.name,
            say: level.say,
            when,
            m: level.m,
            u: level.u,
            fixed_milli_bits,
        });
    }
    let ends_open = levels
        .last()
        .is_some_and(|last| last.when.len() == 1 && last.when[0].ask == Ask::Else);
    if !ends_open || levels.len() > LEVELS_MAX {
        return Err(ModelError::Range {
            place,
            what: format!("needs 1 to {LEVELS_MAX} levels, the last with when = \"else\""),
        });
    }
    let frequency = match file.frequency {
        None => Frequency::None,
        Some(FrequencyFile::Shared {}) => Frequency::Shared,
        Some(FrequencyFile::Value { floor, fuzzy })
            if floor > 0.0 && floor < 1.0 && (0.0..=1.0).contains(&fuzzy) =>
        {
            Frequency::Value { floor, fuzzy }
        }
        Some(FrequencyFile::Value { .. }) => {
            return Err(ModelError::Range {
                place,
                what: "frequency floor lies between 0 and 1, fuzzy from 0 to 1".to_owned(),
            });
        }
    };
    Ok(Comparison {
        label: label_or_name(file.label, &file.name),
        name: file.name,
        feature,
        frequency,
        levels,
    })
}

fn training(file: &TrainingFile, comparisons: &[Comparison]) -> Result<Training, ModelError> {
    let place = "training".to_owned();
    let prior_milli_bits = file
        .prior_bits
        .map(|bits| milli(bits, &place))
        .transpose()?;
    if !file.estimate {
        let complete = comparisons.iter().all(|comparison| {
            comparison.levels.iter().all(|level| {
                level.fixed_milli_bits.is_some() || level.m.is_some() && level.u.is_some()
            })
        });
        if !complete || prior_milli_bits.is_none() {
            return Err(ModelError::Range {
                place,
                what: "a frozen model needs prior_bits and m and u for every level".to_owned(),
            });
        }
    }
    if !(0.0..=1e9).contains(&file.start_pairs) || file.random_pairs == 0 || file.right_records == 0
    {
        return Err(ModelError::Range {
            place,
            what: "random_pairs and right_records are positive, start_pairs not negative"
                .to_owned(),
        });
    }
    Ok(Training {
        estimate: file.estimate,
        random_pairs: file.random_pairs,
        right_records: file.right_records,
        start_pairs: file.start_pairs,
        prior_milli_bits,
    })
}

fn decision(file: &DecisionFile) -> Result<Decision, ModelError> {
    let place = "decision".to_owned();
    let in_range = |ppm: u32| (1..=999_999).contains(&ppm);
    if !in_range(file.auto_ppm) || !in_range(file.review_ppm) || file.review_ppm > file.auto_ppm {
        return Err(ModelError::Range {
            place,
            what: "1 <= review_ppm <= auto_ppm <= 999999".to_owned(),
        });
    }
    let auto_milli_bits = weight_of_ppm(file.auto_ppm);
    Ok(Decision {
        auto_milli_bits,
        review_milli_bits: weight_of_ppm(file.review_ppm),
        assignment: file.assignment,
        margin_milli_bits: milli(file.margin_bits, &place)?,
        cluster_milli_bits: file
            .cluster_bits
            .map_or(Ok(auto_milli_bits), |bits| milli(bits, &place))?,
        false_links_max: file.false_links,
        block_pairs_max: file.block_pairs_max.max(1),
    })
}

fn milli(bits: f64, place: &str) -> Result<i32, ModelError> {
    if !(-60.0..=60.0).contains(&bits) {
        return Err(ModelError::Range {
            place: place.to_owned(),
            what: "bits lie between -60 and 60".to_owned(),
        });
    }
    Ok((bits * 1000.0).round() as i32)
}
