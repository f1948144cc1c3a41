//! Two institutions sign a list, each alone; a list that is not what it says gets no signature, and one that lacks a
//! signature or an approval is not published.
#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod small;

use std::path::Path;

use batch::folder::{files_below, hash_file};
use batch::{
    BatchError, Expected, Formed, Job, PublicationTerms, check_release, form_roll, publish,
    sign_release,
};
use lexicon::ReleaseRefusal;
use lexicon::handover::envelope::{
    DocumentType, Signer as _, Subject, decode, encode, open_all, sign_all, sign1, unsigned_all,
};
use lexicon::handover::folder::{FileEntry, FolderManifest, MANIFEST_FILE};
use lexicon::handover::office_statement::{Approvals, state};
use lexicon::handover::release::{ListRelease, SaltedLine};
use roll::commit::Stage;
use small::{Run, Scratch, lookup_key, publication_terms, tables};

fn refusal<T: std::fmt::Debug>(result: Result<T, BatchError>) -> ReleaseRefusal {
    let error = result.unwrap_err();
    let found = if let BatchError::Refused(refused) = &error {
        Some(refused.refusal)
    } else {
        None
    };
    assert!(found.is_some(), "not a refusal: {error}");
    found.unwrap()
}

/// What is changed in the office's word.
type Change<'a> = &'a dyn Fn(&mut Approvals);

fn subject(kind: DocumentType) -> Subject {
    Subject {
        kind,
        election: small::law().election.number,
    }
}

fn release_file(dir: &Path) -> std::path::PathBuf {
    dir.join("roll/release.cose")
}

/// Publishes; gives the refusal.
fn published(
    job: &Job<'_>,
    run: &Run,
    formed: &Formed,
    approvals: Option<&[u8]>,
) -> Result<(), BatchError> {
    let (lookup, trust) = (lookup_key(), run.chain.trust());
    let terms = publication_terms(run, &trust, &lookup, approvals.unwrap_or_default(), true);
    let approved = terms.approved.filter(|_| approvals.is_some());
    publish(job, formed, &PublicationTerms { approved, ..terms }).map(|_| ())
}

#[test]
fn each_institution_signs_alone_in_either_order_and_the_id_stays() {
    let (one, two) = (Scratch::new("sign-1"), Scratch::new("sign-2"));
    for (dir, turned) in [(&one, false), (&two, true)] {
        let run = Run::new(dir.path(), &tables());
        let snapshot = dir.path().join("snapshot");
        let job = run.job(&snapshot, 2);
        let formed = form_roll(&job).unwrap();
        let expected = Expected {
            root: Some(*formed.release.root),
            total: Some(formed.release.total),
            number: Some(1),
            law: Some(run.law.hash),
            snapshot: Some(formed.snapshot_id),
            previous: None,
        };
        assert_eq!(check_release(&job.roll(), &expected).unwrap().signers, []);
        let mut keys = [&run.chain.srs, &run.chain.cec];
        if turned {
            keys.reverse();
        }
        for (at, key) in keys.into_iter().enumerate() {
            let signed = sign_release(&job.roll(), &expected, key).unwrap();
            assert_eq!(
                (signed.id, signed.signers.len()),
                (formed.release_id, at + 1)
            );
            assert_eq!(
                refusal(sign_release(&job.roll(), &expected, key)),
                ReleaseRefusal::SignedAlready
            );
        }
        let bytes = std::fs::read(release_file(dir.path())).unwrap();
        let both = [run.chain.srs.kid(), run.chain.cec.kid()];
        let opened = open_all(
            subject(DocumentType::ListRelease),
            &bytes,
            &run.chain.ring,
            &both,
        );
        assert_eq!(opened.unwrap().id, formed.release_id);
        // The same list formed again keeps what was signed, also when its folder is written anew.
        std::fs::remove_dir_all(dir.path().join(".steps")).unwrap();
        form_roll(&job).unwrap();
        assert_eq!(std::fs::read(release_file(dir.path())).unwrap(), bytes);
    }
}

#[test]
fn another_key_and_another_release_than_agreed_are_refused() {
    let dir = Scratch::new("sign-3");
    let run = Run::new(dir.path(), &tables());
    let snapshot = dir.path().join("snapshot");
    let job = run.job(&snapshot, 2);
    form_roll(&job).unwrap();
    let sign = |expected: &Expected| sign_release(&job.roll(), expected, &run.chain.cec);
    let stranger = sign_release(&job.roll(), &Expected::default(), &run.chain.office);
    assert_eq!(refusal(stranger), ReleaseRefusal::NotASigner);
    let others: [Expected; 6] = std::array::from_fn(|at| {
        let none = Expected::default();
        match at {
            0 => Expected {
                root: Some([1; 32]),
                ..none
            },
            1 => Expected {
                total: Some(1),
                ..none
            },
            2 => Expected {
                number: Some(2),
                ..none
            },
            3 => Expected {
                law: Some([1; 32]),
                ..none
            },
            4 => Expected {
                snapshot: Some(lexicon::handover::envelope::DocumentId([1; 32])),
                ..none
            },
            _ => Expected {
                previous: Some(lexicon::handover::envelope::DocumentId([1; 32])),
                ..none
            },
        }
    });
    for expected in others {
        assert_eq!(
            refusal(sign(&expected)),
            ReleaseRefusal::NotAsExpected,
            "{expected:?}"
        );
    }
    assert_eq!(
        check_release(&job.roll(), &Expected::default())
            .unwrap()
            .signers,
        []
    );
}

/// Signs a changed folder once more, as the registration service itself could.
fn seal(dir: &Path, run: &Run, release: &ListRelease) {
    let release = unsigned_all(subject(DocumentType::ListRelease), &encode(release)).unwrap();
    std::fs::write(release_file(dir), &release).unwrap();
    let id = open_all(
        subject(DocumentType::ListRelease),
        &release,
        &run.chain.ring,
        &[],
    )
    .unwrap()
    .id;
    let path = dir.join("roll").join(MANIFEST_FILE);
    let kind = subject(DocumentType::FolderManifest);
    let signed =
        lexicon::handover::envelope::open1(kind, &std::fs::read(&path).unwrap(), &run.chain.ring)
            .unwrap();
    let mut manifest: FolderManifest = decode(&signed.payload).unwrap();
    manifest
        .facts
        .iter_mut()
        .filter(|f| f.name == "release")
        .for_each(|f| f.value = id.hex());
    manifest.files = files_below(&dir.join("roll"))
        .unwrap()
        .into_iter()
        .filter(|path| path != MANIFEST_FILE && path != "release.cose")
        .map(|path| {
            let (hash, length) = hash_file(&dir.join("roll").join(&path)).unwrap();
            FileEntry {
                path,
                length,
                sha256: hash.into(),
            }
        })
        .collect();
    std::fs::write(
        &path,
        sign1(kind, &encode(&manifest), &run.chain.srs).unwrap(),
    )
    .unwrap();
}

// L-09 at the ceremony: the commission does not sign what the registration service's own key vouches for, when the list
// is not what the release says.
#[test]
fn a_list_that_is_not_what_it_says_gets_no_signature() {
    let dir = Scratch::new("sign-4");
    let run = Run::new(dir.path(), &tables());
    let snapshot = dir.path().join("snapshot");
    let job = run.job(&snapshot, 2);
    let formed = form_roll(&job).unwrap();
    let sign = || {
        refusal(sign_release(
            &job.roll(),
            &Expected::default(),
            &run.chain.cec,
        ))
    };
    // A release that nobody's manifest names, with a signature or without.
    let mut other = formed.release.clone();
    other.total += 1;
    let payload = encode(&other);
    let swapped = sign_all(
        subject(DocumentType::ListRelease),
        &payload,
        &[&run.chain.srs],
    )
    .unwrap();
    let whole = std::fs::read(release_file(dir.path())).unwrap();
    std::fs::write(release_file(dir.path()), swapped).unwrap();
    assert_eq!(sign(), ReleaseRefusal::Changed);
    std::fs::write(release_file(dir.path()), whole).unwrap();
    // One line changed behind the manifest.
    let lines = dir.path().join("roll/lines/1001.cbor");
    let kept = std::fs::read(&lines).unwrap();
    let mut of: Vec<SaltedLine> = decode(&kept).unwrap();
    of[0].line.surname.push('а');
    std::fs::write(&lines, encode(&of)).unwrap();
    assert_eq!(sign(), ReleaseRefusal::Changed);
    // The same, sealed by the key of the registration service.
    seal(dir.path(), &run, &formed.release);
    assert_eq!(sign(), ReleaseRefusal::RootDiffers);
    // A line less.
    of.pop();
    std::fs::write(&lines, encode(&of)).unwrap();
    seal(dir.path(), &run, &formed.release);
    assert_eq!(sign(), ReleaseRefusal::CountsDiffer);
    std::fs::write(&lines, &kept).unwrap();
    // Sums that do not agree, and sums that agree with each other but not with the decisions.
    seal(dir.path(), &run, &other);
    assert_eq!(sign(), ReleaseRefusal::CountsDiffer);
    let mut moved = formed.release.clone();
    let from = moved.excluded.iter().position(|of| of.count > 0).unwrap();
    moved.excluded[from].count -= 1;
    let to = (from + 1) % moved.excluded.len();
    moved.excluded[to].count += 1;
    seal(dir.path(), &run, &moved);
    assert_eq!(sign(), ReleaseRefusal::CountsDiffer);
    seal(dir.path(), &run, &formed.release);
    sign_release(&job.roll(), &Expected::default(), &run.chain.cec).unwrap();
}

#[test]
fn nothing_is_published_without_both_signatures_and_two_people() {
    let dir = Scratch::new("sign-5");
    let run = Run::new(dir.path(), &tables());
    let snapshot = dir.path().join("snapshot");
    let job = run.job(&snapshot, 2);
    let formed = form_roll(&job).unwrap();
    let good = small::approvals(&formed.release, &run.chain);
    let with = |approvals: Option<&[u8]>| refusal(published(&job, &run, &formed, approvals));
    assert_eq!(with(Some(&good)), ReleaseRefusal::SrsUnsigned);
    let none = Expected::default();
    sign_release(&job.roll(), &none, &run.chain.srs).unwrap();
    assert_eq!(with(Some(&good)), ReleaseRefusal::CecUnsigned);
    sign_release(&job.roll(), &none, &run.chain.cec).unwrap();
    assert_eq!(with(None), ReleaseRefusal::ApprovalsMissing);
    let said = |change: Change<'_>| {
        let kind = subject(DocumentType::Approvals);
        let opened = lexicon::handover::envelope::open1(kind, &good, &run.chain.ring).unwrap();
        let mut said: Approvals = decode(&opened.payload).unwrap();
        change(&mut said);
        state(&said, &run.chain.office).unwrap()
    };
    let table: [(Change<'_>, ReleaseRefusal); 6] = [
        (&|s| s.release = 2, ReleaseRefusal::ApprovalsOfAnother),
        (
            &|s| s.root = [1; 32].into(),
            ReleaseRefusal::ApprovalsOfAnother,
        ),
        (
            &|s| drop(s.approvals.remove(0)),
            ReleaseRefusal::RegistrationUnapproved,
        ),
        (
            &|s| drop(s.approvals.pop()),
            ReleaseRefusal::CommissionUnapproved,
        ),
        // An approval of another root is none.
        (
            &|s| s.approvals[1].root = [1; 32].into(),
            ReleaseRefusal::CommissionUnapproved,
        ),
        (
            &|s| s.approvals[1].staff = s.approvals[0].staff.clone(),
            ReleaseRefusal::ApprovedByOne,
        ),
    ];
    for (change, lacking) in table {
        assert_eq!(with(Some(&said(change))), lacking);
    }
    // Another key than the office's, and an election of its own.
    let other = Approvals {
        ..decode(
            &lexicon::handover::envelope::open1(
                subject(DocumentType::Approvals),
                &good,
                &run.chain.ring,
            )
            .unwrap()
            .payload,
        )
        .unwrap()
    };
    assert_eq!(
        with(Some(&state(&other, &run.chain.cec).unwrap())),
        ReleaseRefusal::ApprovalsInvalid
    );
    assert!(
        !dir.path().join("publication").exists(),
        "nothing was written"
    );
    published(&job, &run, &formed, Some(&good)).unwrap();
    assert!(dir.path().join("publication/release-1.cose").exists());
}

#[test]
fn an_earlier_stage_needs_the_signatures_and_no_approval() {
    let dir = Scratch::new("sign-6");
    let run = Run::new(dir.path(), &tables());
    let snapshot = dir.path().join("snapshot");
    let mut job = run.job(&snapshot, 2);
    job.release.stage = Stage::Control;
    let formed = form_roll(&job).unwrap();
    assert_eq!(
        refusal(published(&job, &run, &formed, None)),
        ReleaseRefusal::SrsUnsigned
    );
    small::sign_both(&job, &run.chain);
    published(&job, &run, &formed, None).unwrap();
}
