//! What the country says to the claims desk beside its laws: `countries/kg/claims.toml`.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use register::ClaimKind;
use roll::blockers::Owner;
use serde::Deserialize;

const KG: &str = include_str!("../../../countries/kg/claims.toml");

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
    }
}
