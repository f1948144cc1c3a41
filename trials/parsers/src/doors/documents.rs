//! Documents of `lexicon`: envelopes and what stands in them.

use lexicon::handover::capture::{CaptureList, CapturePairs, KeptCapture};
use lexicon::handover::card_grant::CardGrant;
use lexicon::handover::claim_file::{ClaimFile, claim_id};
use lexicon::handover::correction::{Correction, CorrectionText};
use lexicon::handover::day_decision::DayDecision;
use lexicon::handover::delta::ListDelta;
use lexicon::handover::envelope::{
    DocumentType, EnvelopeError, Subject, decode, open_all, open1, peek_all, peek1,
};
use lexicon::handover::event::{Consent, Event, Identified, Incident, Opened};
use lexicon::handover::folder::{FolderManifest, TrustAnchors};
use lexicon::handover::kit_grant::KitGrant;
use lexicon::handover::lookup::{LookupAnswer, LookupFile};
use lexicon::handover::office_statement::{Approvals, OfficeCounts};
use lexicon::handover::package::{KeyAgreement, PackageBody, PackageManifest, open};
use lexicon::handover::picture::KeptPicture;
use lexicon::handover::question::{QUESTION_BYTES_MAX, Question, Reply};
use lexicon::handover::release::{Absence, ListRelease, SaltedLine};
use lexicon::handover::report::Report;
use lexicon::handover::sealed_folder::{SealedFile, SealedFolder};
use lexicon::handover::station_delta::{StationDelta, StationDeltaFile, StationEntry};
use lexicon::handover::two_persons::{AssignmentOverride, SignOff};
use lexicon::{Date, Instant};
use pollbook::{Charter, KitMessage, VoterIndex, arithmetic_fault};
use tlog::{Policy, VerifierKey};

use crate::seeds::{ELECTION, hands};

/// Every type of document.
const TYPES: [DocumentType; 24] = [
    DocumentType::FolderManifest,
    DocumentType::TrustAnchors,
    DocumentType::ListRelease,
    DocumentType::ListDelta,
    DocumentType::PackageManifest,
    DocumentType::Event,
    DocumentType::Report,
    DocumentType::Consent,
    DocumentType::KitMessage,
    DocumentType::Absence,
    DocumentType::AssignmentOverride,
    DocumentType::SignOff,
    DocumentType::HourTurnout,
    DocumentType::StationDelta,
    DocumentType::Correction,
    DocumentType::HomeList,
    DocumentType::KitGrant,
    DocumentType::CardGrant,
    DocumentType::DayDecision,
    DocumentType::OfficeCounts,
    DocumentType::Approvals,
    DocumentType::ClaimFile,
    DocumentType::Captures,
    DocumentType::CapturePairs,
];

/// A signed document of any type, believed and merely looked at.
pub fn parse_envelope(bytes: &[u8]) -> bool {
    let mut taken = false;
    for kind in TYPES {
        let subject = Subject {
            kind,
            election: ELECTION,
        };
        let ring = &hands().ring;
        if let Ok(signed) = open1(subject, bytes, ring) {
            let seen = peek1(subject, bytes).map(|(_, payload)| payload);
            assert_eq!(
                seen,
                Ok(signed.payload),
                "a document that opens can be looked at"
            );
            taken = true;
        }
        if let Ok(signed) = open_all(subject, bytes, ring, &[]) {
            assert_eq!(
                peek_all(subject, bytes),
                Ok(signed.payload),
                "a document that opens can be looked at"
            );
            taken = true;
        }
    }
    taken
}

/// Claims that an office took while it was cut off.
pub fn parse_claim_file(bytes: &[u8]) -> bool {
    let hands = hands();
    let key = |office: &str| (office == "TK07").then(|| hands.institutions[0].public_key());
    let Ok((file, _)) = ClaimFile::open(bytes, ELECTION, &hands.ring, key) else {
        return false;
    };
    assert!(file.contradiction(ELECTION).is_none(), "it holds");
    let ids = file
        .claims
        .iter()
        .map(|claim| claim_id(&file.office, claim.number));
    assert!(ids.is_sorted(), "numbers rise, and so do ids");
    true
}

fn is_one<T>(bytes: &[u8]) -> bool
where
    T: for<'b> minicbor::Decode<'b, ()> + minicbor::Encode<()>,
{
    decode::<T>(bytes).is_ok()
}

/// A payload of every type at once: what the signature covers, without the signature.
pub fn parse_cbor(bytes: &[u8]) -> bool {
    let types: [fn(&[u8]) -> bool; 34] = [
        is_one::<KeptCapture>,
        is_one::<CaptureList>,
        is_one::<CapturePairs>,
        is_one::<CardGrant>,
        is_one::<ClaimFile>,
        is_one::<KeptPicture>,
        is_one::<Correction>,
        is_one::<DayDecision>,
        is_one::<KitGrant>,
        is_one::<CorrectionText>,
        is_one::<StationDelta>,
        is_one::<StationDeltaFile>,
        is_one::<StationEntry>,
        is_one::<FolderManifest>,
        is_one::<TrustAnchors>,
        is_one::<ListRelease>,
        is_one::<PackageManifest>,
        is_one::<PackageBody>,
        is_one::<Event>,
        is_one::<Opened>,
        is_one::<Identified>,
        is_one::<Incident>,
        is_one::<Consent>,
        is_one::<Report>,
        is_one::<KitMessage>,
        is_one::<Absence>,
        is_one::<LookupAnswer>,
        is_one::<Vec<SaltedLine>>,
        is_one::<Question>,
        is_one::<ListDelta>,
        is_one::<AssignmentOverride>,
        is_one::<SignOff>,
        is_one::<OfficeCounts>,
        is_one::<Approvals>,
    ];
    types
        .iter()
        .fold(false, |taken, is_one| is_one(bytes) | taken)
}

/// The payload of a folder's manifest.
pub fn parse_folder_manifest(bytes: &[u8]) -> bool {
    is_one::<FolderManifest>(bytes)
}

/// The header of a sealed folder.
pub fn parse_sealed_folder(bytes: &[u8]) -> bool {
    let Ok(header) = SealedFolder::parse(bytes) else {
        return false;
    };
    // Every file stays within the folder that it is opened into.
    let within = |file: &SealedFile| {
        let path = std::path::Path::new(&file.path);
        path.components()
            .all(|part| matches!(part, std::path::Component::Normal(_)))
    };
    assert!(header.files.iter().all(within));
    true
}

/// The payload of trust anchors, with the keys of log and witnesses in it.
pub fn parse_trust(bytes: &[u8]) -> bool {
    let Ok(anchors) = decode::<TrustAnchors>(bytes) else {
        return false;
    };
    let log = anchors.log_key.parse::<VerifierKey>();
    let witnesses: Result<Vec<VerifierKey>, _> =
        anchors.witness_keys.iter().map(|key| key.parse()).collect();
    match (log, witnesses) {
        (Ok(log), Ok(witnesses)) => {
            Policy::k_of_n(&[log], &witnesses, usize::from(anchors.witnesses_needed)).is_ok()
        }
        (Ok(_), Err(_)) | (Err(_), Ok(_) | Err(_)) => false,
    }
}

/// The payload of a release, an absence, or a precinct's lines.
pub fn parse_release(bytes: &[u8]) -> bool {
    if let Ok(lines) = decode::<Vec<SaltedLine>>(bytes) {
        lines.iter().for_each(|line| {
            let _ = line.commitment();
        });
        return true;
    }
    is_one::<ListRelease>(bytes) || is_one::<Absence>(bytes)
}

/// The payload of a package's manifest: read, believed by a station, and used to open the package.
pub fn parse_package(bytes: &[u8]) -> bool {
    let Ok(manifest) = decode::<PackageManifest>(bytes) else {
        return false;
    };
    let hands = hands();
    let cards: Vec<&dyn KeyAgreement> = hands
        .officers
        .iter()
        .map(|card| card as &dyn KeyAgreement)
        .collect();
    let opened = open(&manifest, hands.ciphertext.clone(), &cards, &hands.kits[0]);
    let offset = i64::from(manifest.policy.offset_minutes);
    for moment in [
        manifest.policy.opens,
        manifest.policy.closes,
        manifest.not_before,
    ] {
        let _ = Instant::from_micros(moment).local_text(offset);
    }
    let chartered = Charter::new(manifest, hands.package);
    opened.is_ok() && chartered.is_ok()
}

/// A package's contents, as a station searches them.
pub fn parse_package_body(bytes: &[u8]) -> bool {
    let Ok(body) = decode::<PackageBody>(bytes) else {
        return false;
    };
    let _ = VoterIndex::new(&body, Date::constant(2015, 10, 4));
    for finger in body.voters.iter().flat_map(|voter| &voter.fingers) {
        let _ = fingerprint::Template::from_iso(&finger.minutiae);
    }
    true
}

/// The payload of a station's report, with its arithmetic.
pub fn parse_report(bytes: &[u8]) -> bool {
    let Ok(report) = decode::<Report>(bytes) else {
        return false;
    };
    let _ = Instant::from_micros(report.at).local_text(360);
    arithmetic_fault(&report).is_none()
}

/// A look-up file, asked for somebody.
pub fn parse_lookup(bytes: &[u8]) -> bool {
    let Ok(file) = LookupFile::parse(bytes) else {
        return false;
    };
    let in_order = file.check_order().is_ok();
    let _ = file.find(&hands().token);
    in_order
}

/// A frame on the oracle's socket: a question as it arrives, or a reply.
pub fn parse_oracle_frame(bytes: &[u8]) -> bool {
    let question: Result<Question, EnvelopeError> =
        match bytes.get(..QUESTION_BYTES_MAX.min(bytes.len())) {
            Some(body) => decode(body),
            None => return false,
        };
    let reply = Reply::from_frame(bytes);
    if let Ok(reply) = &reply
        && let Some(frame) = reply.frame()
    {
        assert_eq!(
            Reply::from_frame(&frame).as_ref(),
            Ok(reply),
            "a reply comes back from its frame"
        );
    }
    question.is_ok() || reply.is_ok()
}

/// A delta of the list, put upon a list of two lines as the house does: what it leads to is what it states.
pub fn parse_delta(bytes: &[u8]) -> bool {
    let Ok(delta) = decode::<ListDelta>(bytes) else {
        return false;
    };
    let (mut list, lines) = crate::seeds::list_in_force();
    let before = lexicon::handover::envelope::DocumentId(*delta.previous);
    let people = crate::seeds::people_of_delta();
    let applied = list.apply(&delta, before, &lines, &people).is_ok();
    assert!(
        !applied || (list.root(), list.voters()) == (*delta.root_after, delta.voters_after),
        "a delta that is applied leads to the root and the voters it states"
    );
    applied
}
