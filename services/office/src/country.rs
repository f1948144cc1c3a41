//! What the country says to the office's desks beside its laws: `countries/kg/claims.toml`, `countries/kg/review.toml`.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use register::ClaimKind;
use roll::blockers::Owner;
use serde::Deserialize;

const KG: &str = include_str!("../../../countries/kg/claims.toml");
const REVIEW: &str = include_str!("../../../countries/kg/review.toml");

/// Bodies that may decide a claim.
const BODIES: [Owner; 3] = [
    Owner::RegistrationService,
    Owner::TerritorialCommission,
    Owner::PrecinctCommission,
];

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    decided_by: BTreeMap<String, String>,
}

/// The part of sure links that is looked at, as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReviewFile {
    sure_links_per_100000: u32,
}

/// Of 100,000 rows that were joined surely, how many two people answer blindly.
#[must_use]
pub fn sure_links_per_100000() -> u32 {
    static PART: OnceLock<u32> = OnceLock::new();
    *PART.get_or_init(|| {
        let file: ReviewFile = toml::from_str(REVIEW).expect("a test parses the shipped file");
        file.sure_links_per_100000
    })
}

fn shipped() -> &'static BTreeMap<String, Owner> {
    static DECIDED_BY: OnceLock<BTreeMap<String, Owner>> = OnceLock::new();
    DECIDED_BY.get_or_init(|| {
        let file: File = toml::from_str(KG).expect("a test parses the shipped file");
        let owner = |code: String| BODIES.into_iter().find(|owner| owner.code() == code);
        let rows = file.decided_by.into_iter();
        rows.filter_map(|(kind, code)| Some((kind, owner(code)?)))
            .collect()
    })
}

/// Who decides a claim of a kind; none when the country does not say.
pub(crate) fn decided_by(kind: ClaimKind) -> Option<Owner> {
    shipped().get(kind.code()).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_country_says_who_decides_each_kind_of_claim() {
        let said = ClaimKind::ALL.iter().filter_map(|kind| decided_by(*kind));
        assert_eq!(said.count(), ClaimKind::ALL.len());
        let file: File = toml::from_str(KG).expect("the shipped file");
        assert_eq!(file.decided_by.len(), shipped().len(), "a body is misspelt");
        assert!((1..=100_000).contains(&sure_links_per_100000()));
    }
}
