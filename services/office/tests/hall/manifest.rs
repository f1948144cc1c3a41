//! The public manifest of a precinct's package, as the release job makes it.

use keys::FileKey;
use lexicon::handover::package::{KitEntry, OfficerEntry, PackageManifest, StationPolicy};

/// A kit with a share of the lines.
pub fn kit(name: &str, key: &FileKey, from: u32, to: u32) -> KitEntry {
    KitEntry {
        point: key.public_key().0.into(),
        name: name.to_owned(),
        from,
        to,
    }
}

/// Three officers of three bodies.
pub fn officers(key: impl Fn(u32) -> FileKey) -> Vec<OfficerEntry> {
    let officer = |(n, body): (u32, &str)| OfficerEntry {
        point: key(n).public_key().0.into(),
        role: "member".to_owned(),
        body: body.to_owned(),
        name: format!("Officer {n}"),
    };
    [(1, "P"), (2, "Q"), (3, "R")].map(officer).to_vec()
}

/// A manifest under `segment` with the ballot table on paper, twelve hours from `opens` (microseconds UTC); it has as many
/// lines as its kits.
pub fn manifest(
    (election, precinct): (u32, u16),
    opens: i64,
    kits: Vec<KitEntry>,
    officers: Vec<OfficerEntry>,
) -> PackageManifest {
    PackageManifest {
        suite: "kg1".to_owned(),
        election,
        precinct,
        release: 2,
        package: 1,
        previous: None,
        root: [7; 32].into(),
        lines: kits.iter().map(|kit| kit.to).max().unwrap_or(0),
        ciphertext_sha256: [0; 32].into(),
        ciphertext_bytes: 0,
        not_before: opens - 1,
        not_after: opens + 86_400_000_000,
        policy: StationPolicy {
            partition: "segment".to_owned(),
            ballot_table: "paper".to_owned(),
            tries_per_finger: 3,
            pause_after_failures: 5,
            pause_seconds: 30,
            finger_fmr_ppb: 100_000,
            override_quota_permille: 20,
            opens,
            closes: opens + 12 * 3_600_000_000,
            offset_minutes: 360,
            peer_stale_seconds: 10,
            skew_block_seconds: 60,
            different_bodies: true,
            lines_per_page: 25,
            stop_note: None,
            home: None,
            other_line_ppb: None,
            skew_warn_seconds: None,
            limits: None,
            second_day: None,
            devices: None,
            marked_lines_ppb: None,
        },
        kits,
        officers,
        k: 2,
        revoked: Vec::new(),
        ephemeral: [0; 65].into(),
        officer_wraps: Vec::new(),
        kit_wraps: Vec::new(),
        break_glass: None,
        exercise: None,
        settings: None,
    }
}
