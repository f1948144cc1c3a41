//! Table `electoral_station_manifest`: the signed manifests of the station packages, with the kits' keys. Rows never
//! change; a later package of a precinct stands beside the earlier one.

use lexicon::PrecinctCode;

use super::electoral_precinct::read_precinct;
use crate::engine::{Row, values};
use crate::error::StoreError;
use crate::journal::Journal;
use crate::transact::Tx;

/// A manifest that the office took in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StationManifestRow {
    /// Which precinct.
    pub precinct: PrecinctCode,
    /// The package's number, rising for each precinct.
    pub package: u32,
    /// `PPPP.manifest.cose`.
    pub document: Vec<u8>,
}

impl Tx<'_> {
    /// Keeps a manifest; false when this package of the precinct is known.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses; [`StoreError::Constraint`] when another document bears the number.
    pub fn record_station_manifest(
        &mut self,
        row: &StationManifestRow,
    ) -> Result<bool, StoreError> {
        let known = self.row(
            "SELECT document FROM electoral_station_manifest WHERE precinct = $1 AND package = $2",
            values![u32::from(row.precinct.number()), row.package],
        )?;
        if let Some(known) = known
            && known.blob(0)? == row.document
        {
            return Ok(false);
        }
        let at = self.at();
        self.execute(
            "INSERT INTO electoral_station_manifest (precinct, package, document, at) VALUES ($1, $2, $3, $4)",
            values![
                u32::from(row.precinct.number()),
                row.package,
                row.document.clone(),
                at
            ],
        )?;
        let body = format!("{} {}", row.precinct, row.package);
        self.journal_bytes(
            Journal::Electoral,
            None,
            "station_manifest_received",
            body.into_bytes(),
        )?;
        Ok(true)
    }

    /// The latest manifest of a precinct.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn find_station_manifest(
        &mut self,
        precinct: PrecinctCode,
    ) -> Result<Option<StationManifestRow>, StoreError> {
        self.row(
            "SELECT precinct, package, document FROM electoral_station_manifest WHERE precinct = $1 \
             ORDER BY package DESC LIMIT 1",
            values![u32::from(precinct.number())],
        )?
        .as_ref()
        .map(read)
        .transpose()
    }

    /// The latest manifest of every precinct that has one, by precinct.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn station_manifests(&mut self) -> Result<Vec<StationManifestRow>, StoreError> {
        self.collect(
            "SELECT m.precinct, m.package, m.document FROM electoral_station_manifest m WHERE m.package = \
             (SELECT MAX(n.package) FROM electoral_station_manifest n WHERE n.precinct = m.precinct) ORDER BY m.precinct",
            Vec::new(),
            read,
        )
    }
}

fn read(row: &Row) -> Result<StationManifestRow, StoreError> {
    Ok(StationManifestRow {
        precinct: read_precinct(row, 0)?,
        package: row.number(1)?,
        document: row.blob(2)?.to_vec(),
    })
}
