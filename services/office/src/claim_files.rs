//! Claims between an office that was cut off and the centre: the office signs what its desk took, the centre takes it in.

use lexicon::handover::claim_file::{ClaimFile, ClaimFileError, TakenClaim};
use lexicon::handover::envelope::{SUITE, SignError, Signer};
use lexicon::{Date, Instant, PrecinctCode};
use register::door::rows::Claim;
use store::{NewClaimFile, Store, StoreError};

use crate::config::Config;

/// Why a file of claims was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ClaimFilesError {
    /// It does not hold: the office that made it hands over another.
    #[error(transparent)]
    File(#[from] ClaimFileError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why an office's claims were not signed.
#[derive(Debug, thiserror::Error)]
pub enum HandOverError {
    /// The configuration names no `claims_office`.
    #[error("the configuration names no claims_office: this office does not work apart")]
    NotApart,
    /// The key.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn taken(number: u32, claim: Claim) -> TakenClaim {
    TakenClaim {
        number,
        kind: claim.kind.code().to_owned(),
        pin: claim.pin.as_u64(),
        taken: claim.filed.micros(),
        target: claim.target.map(PrecinctCode::number),
        field: claim.field,
        value: claim.value,
        identified: claim.identified,
    }
}

/// Signs the claims that this office's own desk took, those above a number; gives the file and how many there are.
///
/// # Errors
/// [`HandOverError`].
pub fn hand_over(
    store: &Store,
    config: &Config,
    after: u32,
    key: &dyn Signer,
) -> Result<(Vec<u8>, usize), HandOverError> {
    let office = config.claims_office.as_ref();
    let office = office.ok_or(HandOverError::NotApart)?;
    let claims = store.read("claims_of_series", |tx| tx.claims_of_series(office))?;
    let claims: Vec<TakenClaim> = claims
        .into_iter()
        .filter(|(number, _)| *number > after)
        .map(|(number, claim)| taken(number, claim))
        .collect();
    let count = claims.len();
    let file = ClaimFile {
        suite: SUITE.to_owned(),
        election: config.law.election.number,
        office: office.clone(),
        made_at: store.now().micros(),
        claims,
    };
    Ok((file.sign(key)?, count))
}

/// Takes a signed file in; gives its number and whether it is new.
///
/// # Errors
/// [`ClaimFilesError`]; nothing was written then.
pub fn take(
    store: &Store,
    config: &Config,
    staff: &str,
    document: &[u8],
    due: &dyn Fn(Instant) -> Date,
) -> Result<(u32, bool), ClaimFilesError> {
    let offices = &config.claim_offices;
    let (file, id) = ClaimFile::open(
        document,
        config.law.election.number,
        &*offices.ring,
        |code| offices.keys.get(code).copied(),
    )?;
    let new = NewClaimFile {
        id,
        document,
        file: &file,
    };
    let taken = store.transact("take_claim_file", staff, |tx| {
        tx.take_claim_file(new, staff, due)
    })?;
    Ok(taken)
}
