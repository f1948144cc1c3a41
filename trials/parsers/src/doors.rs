//! The list of doors.

mod documents;
mod images;
mod logs;
mod station;
mod tables;
mod templates;
mod texts;

pub use documents::{
    parse_cbor, parse_claim_file, parse_delta, parse_envelope, parse_folder_manifest, parse_lookup,
    parse_oracle_frame, parse_package, parse_package_body, parse_release, parse_report,
    parse_sealed_folder, parse_trust,
};
pub use images::{parse_image, parse_jpeg, parse_jpeg2000, parse_wsq};
pub use logs::{
    parse_checkpoint, parse_log_policy, parse_log_proof, parse_note, parse_tile, verify_tree_proof,
};
pub use station::{
    parse_events, parse_home_lists, parse_hour_message, parse_journal, parse_kit_message,
    parse_reading, parse_receipt, parse_scan, parse_station_delta, parse_ticket,
};
pub use tables::{
    parse_arrow_stream, parse_geojson, parse_import_csv, parse_import_parquet, parse_snapshot_image,
};
pub use templates::{
    parse_ansi2004, parse_ansi2009, parse_card_compact, parse_card_normal, parse_iso2011,
    parse_iso19794, parse_own_template, parse_template,
};
pub use texts::{parse_law, parse_linkage_model, parse_planning, parse_typed_text};

use crate::seeds;
use crate::watch::MEMORY_MAX_BYTES;

/// One door: a parser as the house uses it.
#[derive(Clone, Copy)]
pub struct Door {
    /// Its name, that of the fuzz target.
    pub name: &'static str,
    /// Takes bytes; true when they were taken in. Panics when a promise is broken.
    pub enter: fn(&[u8]) -> bool,
    /// Documents that are taken in, and others worth garbling.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Mends checksums, so that damage reaches what stands behind them.
    pub mend: Option<fn(&mut [u8])>,
    /// How many garbled inputs `./test` sends.
    pub inputs: u32,
    /// The most memory that one input may take, beside the input itself, bytes.
    pub memory_max_bytes: usize,
    /// Whether it decodes images or templates of fingers, which are watched for a time.
    pub is_decoder: bool,
}

impl std::fmt::Debug for Door {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// The verifier's own parsers, over the same bytes as the house's.
///
/// The tool takes no single document, so this door says false.
pub fn parse_verifier(bytes: &[u8]) -> bool {
    verifier::probe(bytes);
    false
}

const fn door(
    name: &'static str,
    enter: fn(&[u8]) -> bool,
    seeds: fn() -> Vec<Vec<u8>>,
    inputs: u32,
) -> Door {
    Door {
        name,
        enter,
        seeds,
        mend: None,
        inputs,
        memory_max_bytes: MEMORY_MAX_BYTES,
        is_decoder: false,
    }
}

/// A decoder of images or templates: watched for a time, however many inputs it takes in.
const fn decoder(
    name: &'static str,
    enter: fn(&[u8]) -> bool,
    seeds: fn() -> Vec<Vec<u8>>,
    inputs: u32,
) -> Door {
    Door {
        is_decoder: true,
        ..door(name, enter, seeds, inputs)
    }
}

/// Every door.
pub const DOORS: &[Door] = &[
    door("parse_envelope", parse_envelope, seeds::envelopes, 20_000),
    door("parse_cbor", parse_cbor, seeds::payloads, 20_000),
    door(
        "parse_folder_manifest",
        parse_folder_manifest,
        seeds::folder_manifests,
        20_000,
    ),
    door(
        "parse_sealed_folder",
        parse_sealed_folder,
        seeds::sealed_folders,
        20_000,
    ),
    door("parse_trust", parse_trust, seeds::trusts, 20_000),
    door("parse_release", parse_release, seeds::releases, 20_000),
    door("parse_delta", parse_delta, seeds::deltas, 20_000),
    door(
        "parse_station_delta",
        parse_station_delta,
        seeds::station_deltas,
        20_000,
    ),
    door(
        "parse_claim_file",
        parse_claim_file,
        seeds::claim_files,
        20_000,
    ),
    door(
        "parse_home_lists",
        parse_home_lists,
        seeds::home_lists,
        10_000,
    ),
    door("parse_package", parse_package, seeds::packages, 4_000),
    door(
        "parse_package_body",
        parse_package_body,
        seeds::package_bodies,
        20_000,
    ),
    Door {
        mend: Some(station::mend_frames),
        ..door("parse_journal", parse_journal, seeds::journals, 20_000)
    },
    door("parse_events", parse_events, seeds::events, 20_000),
    door(
        "parse_kit_message",
        parse_kit_message,
        seeds::kit_messages,
        20_000,
    ),
    door("parse_report", parse_report, seeds::reports, 20_000),
    door("parse_receipt", parse_receipt, seeds::receipts, 20_000),
    door("parse_scan", parse_scan, seeds::scans, 20_000),
    door("parse_reading", parse_reading, seeds::scans, 20_000),
    door(
        "parse_hour_message",
        parse_hour_message,
        seeds::hour_messages,
        20_000,
    ),
    door("parse_ticket", parse_ticket, seeds::tickets, 20_000),
    door("parse_lookup", parse_lookup, seeds::lookups, 20_000),
    door(
        "parse_oracle_frame",
        parse_oracle_frame,
        seeds::oracle_frames,
        20_000,
    ),
    decoder("parse_iso19794", parse_iso19794, seeds::iso_records, 20_000),
    decoder(
        "parse_iso2011",
        parse_iso2011,
        seeds::iso2011_records,
        20_000,
    ),
    decoder(
        "parse_ansi2004",
        parse_ansi2004,
        seeds::ansi2004_records,
        20_000,
    ),
    decoder(
        "parse_ansi2009",
        parse_ansi2009,
        seeds::ansi2009_records,
        20_000,
    ),
    decoder(
        "parse_card_normal",
        parse_card_normal,
        seeds::normal_cards,
        20_000,
    ),
    decoder(
        "parse_card_compact",
        parse_card_compact,
        seeds::compact_cards,
        20_000,
    ),
    Door {
        mend: Some(templates::mend_own),
        ..decoder(
            "parse_own_template",
            parse_own_template,
            seeds::own_templates,
            20_000,
        )
    },
    decoder("parse_template", parse_template, seeds::templates, 20_000),
    Door {
        mend: Some(images::mend_png),
        ..decoder("parse_image", parse_image, seeds::images, 1_500)
    },
    decoder("parse_wsq", parse_wsq, seeds::wsq_files, 1_500),
    decoder("parse_jpeg", parse_jpeg, seeds::jpegs, 1_500),
    decoder("parse_jpeg2000", parse_jpeg2000, seeds::jpeg2000s, 1_500),
    door("parse_note", parse_note, seeds::notes, 20_000),
    door("parse_checkpoint", parse_checkpoint, seeds::notes, 20_000),
    door(
        "parse_log_proof",
        parse_log_proof,
        seeds::log_proofs,
        20_000,
    ),
    door(
        "parse_log_policy",
        parse_log_policy,
        seeds::log_policies,
        20_000,
    ),
    door("parse_tile", parse_tile, seeds::tiles, 20_000),
    door(
        "verify_tree_proof",
        verify_tree_proof,
        seeds::tree_proofs,
        20_000,
    ),
    door("parse_law", parse_law, seeds::laws, 3_000),
    door(
        "parse_linkage_model",
        parse_linkage_model,
        seeds::linkage_models,
        1_500,
    ),
    door("parse_planning", parse_planning, seeds::plannings, 1_500),
    door(
        "parse_typed_text",
        parse_typed_text,
        seeds::typed_texts,
        20_000,
    ),
    door(
        "parse_import_csv",
        parse_import_csv,
        seeds::import_csvs,
        400,
    ),
    door(
        "parse_import_parquet",
        parse_import_parquet,
        seeds::import_parquets,
        400,
    ),
    door("parse_geojson", parse_geojson, seeds::geojsons, 20_000),
    door(
        "parse_snapshot_image",
        parse_snapshot_image,
        seeds::snapshot_images,
        20_000,
    ),
    // Arrow's reader sets aside what a header claims, at most 64 MiB.
    Door {
        memory_max_bytes: MEMORY_MAX_BYTES + (8 << 20),
        ..door(
            "parse_arrow_stream",
            parse_arrow_stream,
            seeds::arrow_streams,
            10_000,
        )
    },
    door("parse_verifier", parse_verifier, seeds::everything, 4_000),
];
