//! The closed vocabularies: reasons, classes, methods, refusals.
//!
//! A code is what documents and tables carry; its sentences in ky, ru and en, with the
//! next step, are country data ([`crate::texts`]).

/// Declares a closed vocabulary with a text code for each member.
macro_rules! vocabulary {
    ($(#[$doc:meta])* $name:ident { $($(#[$member_doc:meta])* $member:ident = $code:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum $name { $($(#[$member_doc])* $member,)+ }

        impl $name {
            /// Every member, in the order of declaration.
            pub const ALL: &[Self] = &[$(Self::$member,)+];

            /// The code that documents and tables carry.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Self::$member => $code,)+ }
            }

            /// The member with this code, if there is one.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|m| m.code() == code)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.code())
            }
        }
    };
}

vocabulary! {
    /// Why a considered person is not on the list. The order is the order of the rules:
    /// the first that fails is the reason.
    ExclusionReason {
        /// The civil registry holds a death act dated on or before election day.
        Dead = "DEAD",
        /// Not a citizen on election day.
        NotCitizen = "NOT_CITIZEN",
        /// Younger than the franchise age on election day.
        UnderAge = "UNDER_AGE",
        /// Struck by a court act.
        Court = "COURT",
        /// Another record of the same person is counted.
        Duplicate = "DUPLICATE",
        /// No biometric enrolment on or before the cut-off.
        NoBiometrics = "NO_BIOMETRICS",
        /// Enrolled, but the centre has not finished the duplicate check.
        NotYetProcessed = "NOT_YET_PROCESSED",
        /// The PIN is claimed by two or more people and the case is open.
        PinConflict = "PIN_CONFLICT",
        /// No residence on file, or its address lies in no precinct.
        NoAddress = "NO_ADDRESS",
        /// Lives abroad without consular registration in time.
        AbroadNotRegistered = "ABROAD_NOT_REGISTERED",
        /// No document of the person is valid on election day, and the law demands one.
        NoValidDocument = "NO_VALID_DOCUMENT",
    }
}

vocabulary! {
    /// What was found about one row of the electoral commission's own list.
    /// A row may carry several, except that `Same` stands alone.
    ReconciliationClass {
        /// The register agrees.
        Same = "same",
        /// The person lives at another address now.
        Moved = "moved",
        /// The person's name is written differently, by act or by spelling.
        Renamed = "renamed",
        /// The row's PIN differs from the register's in a slip.
        PinCorrected = "pin_corrected",
        /// Another row of the same list names the same person.
        Duplicate = "duplicate",
        /// The civil registry holds a death act.
        Dead = "dead",
        /// Under age on election day.
        UnderAge = "under_age",
        /// Has no processed biometric enrolment.
        NoBiometrics = "no_biometrics",
        /// Not a citizen.
        NotCitizen = "not_citizen",
        /// The PIN is held by two or more people in the register.
        SharedPin = "shared_pin",
        /// The person holds two PINs in the register.
        TwoPins = "two_pins",
        /// The row stands in another precinct than the address belongs to.
        WrongPrecinct = "wrong_precinct",
        /// The row names no precinct.
        NoPrecinct = "no_precinct",
        /// Nobody in the register fits.
        NotFound = "not_found",
        /// The row's fields could not be read.
        Unreadable = "unreadable",
        /// A person of the roll whom the commission's list lacks (not a row of it).
        New = "new",
    }
}

vocabulary! {
    /// How a voter was identified.
    Method {
        /// Fingerprint, one to one.
        Finger = "finger",
        /// Photograph, two officers.
        Face2 = "face2",
        /// PIN or document with the photograph, two officers.
        Document2 = "document2",
        /// Override with a written reason, two officers.
        Override2 = "override2",
        /// At home, with the mobile kit.
        Home = "home",
    }
}

vocabulary! {
    /// Why a station did not issue.
    RefusalReason {
        /// Already identified on this or another kit.
        Already = "ALREADY",
        /// Not on this precinct's list.
        NotHere = "NOT_HERE",
        /// The fingerprint did not match.
        FingerMismatch = "FINGER_MISMATCH",
        /// The finger could not be read.
        FingerUnreadable = "FINGER_UNREADABLE",
        /// The kit that owns the voter's number cannot be reached.
        NotMyShare = "NOT_MY_SHARE_WHILE_ISOLATED",
        /// The owner gave this number to another kit.
        GrantedElsewhere = "GRANTED_ELSEWHERE",
        /// The paper line is already signed.
        LineSigned = "LINE_ALREADY_SIGNED",
        /// Reserved for or done by home voting.
        HomeReserved = "HOME_RESERVED",
        /// Before opening or after closing.
        OutOfHours = "OUT_OF_HOURS",
        /// The precinct was closed before its time, by fire or a power failure.
        Suspended = "SUSPENDED",
        /// A second officer's signature is missing or not allowed.
        NeedSecond = "NEED_SECOND",
        /// The kit is blocked: clock, rollback, retired.
        KitBlocked = "KIT_BLOCKED",
        /// An officer must look at the paper line before this kit may serve the voter.
        CheckLine = "CHECK_LINE",
        /// Fewer than half of the kits can be reached, and the law asks for a majority.
        NoMajority = "NO_MAJORITY",
        /// The line was struck by a signed change of the list.
        Struck = "STRUCK",
        /// The register says that the person died, and the finger does not show the opposite, or the law refuses.
        StopNote = "STOP_NOTE",
        /// Home voting: the voter was not found, or did not wish to vote.
        HomeNotFound = "HOME_NOT_FOUND",
        /// The mobile kit serves the lines of its home list only.
        HomeOnly = "HOME_ONLY",
        /// The chair released the line for the hall: it is not served at home any more.
        HomeReleased = "HOME_RELEASED",
        /// The finger fits another line of this list, not the one that was opened.
        FingerOtherLine = "FINGER_OTHER_LINE",
        /// The finger fits the line that was opened, and another one that is marked already.
        FingerMarked = "FINGER_MARKED_LINE",
        /// No check-in of the line is known here: no ballot is given on it.
        NotIdentified = "NOT_IDENTIFIED_HERE",
        /// The ballot of this line was given already.
        BallotIssued = "BALLOT_ISSUED",
        /// The line was signed at a table and no ballot is known: two officers look at line and stubs.
        BallotInterrupted = "BALLOT_INTERRUPTED",
    }
}

vocabulary! {
    /// What became of a claim (correction, inclusion, exclusion, Form 2).
    ClaimOutcome {
        /// It counts: the last valid one before the deadline.
        Counts = "COUNTS",
        /// A later valid claim took its place.
        Superseded = "SUPERSEDED",
        /// Filed after the deadline.
        AfterDeadline = "AFTER_DEADLINE",
        /// The applicant was not identified by finger or document.
        NotIdentified = "NOT_IDENTIFIED",
        /// The PIN of the claim leads to no single person.
        UnknownPerson = "UNKNOWN_PERSON",
        /// The law of this election does not know this claim.
        NotEnabled = "NOT_ENABLED",
        /// The applicant is of no category that may file it.
        NotInCategory = "NOT_IN_CATEGORY",
        /// The precinct named does not exist.
        NoSuchPrecinct = "NO_SUCH_PRECINCT",
        /// The precinct named is of a kind that the applicant's category does not fill.
        PrecinctKind = "PRECINCT_KIND",
        /// The institution's list came after its last day.
        LateList = "LATE_LIST",
        /// The civil registry holds a death act of the person named.
        ApplicantDead = "APPLICANT_DEAD",
        /// The applicant does not reach the franchise age by election day.
        ApplicantUnderAge = "APPLICANT_UNDER_AGE",
        /// The precinct named is the applicant's own.
        SamePrecinct = "SAME_PRECINCT",
        /// The field or the value claimed could not be read.
        UnreadableValue = "UNREADABLE_VALUE",
        /// The applicant is excluded by a rule that this claim does not touch.
        NotEligible = "NOT_ELIGIBLE",
        /// No act or record of a source supports it.
        NoGround = "NO_GROUND",
        /// The list already says so.
        AlreadySo = "ALREADY_SO",
    }
}

vocabulary! {
    /// Why a signed delta adds or changes a line; a strike bears an [`ExclusionReason`] or `TRANSFERRED`.
    ChangeReason {
        /// The rule that kept the person off the list no longer does.
        Eligible = "ELIGIBLE",
        /// From one precinct to another: struck there, added here.
        Transferred = "TRANSFERRED",
        /// What the line says was corrected.
        Corrected = "CORRECTED",
    }
}

vocabulary! {
    /// What a final list must wait for, each with the office that clears it.
    Blocker {
        /// An address in no precinct or in two, or a boundary that cannot be used.
        Boundary = "BOUNDARY",
        /// People who wait for a verdict on one PIN.
        PinConflict = "PIN_CONFLICT_OPEN",
        /// Claims past their day, or without an answer at the freeze.
        UnansweredClaim = "CLAIM_UNANSWERED",
        /// Lots of the field verification that nobody finished.
        FieldLot = "FIELD_LOT_OPEN",
        /// Rows of the commission's list that wait for an answer, or whose answers contradict each other.
        UndecidedRow = "ROW_UNDECIDED",
        /// The stage before this one has no release signed by both institutions.
        StageBefore = "STAGE_BEFORE_UNSIGNED",
        /// Two records that may be one person, whose case nobody decided.
        OpenCase = "CASE_OPEN",
        /// The office has not said under its key what it has not settled.
        OfficeSilent = "OFFICE_STATEMENT_MISSING",
    }
}

vocabulary! {
    /// Why an institution does not sign a release, a package or a delta, or why a release is not published.
    ReleaseRefusal {
        /// The folder, or the release in it, is not what was written when the list was formed.
        Changed = "RELEASE_CHANGED",
        /// The lines do not hash to the root.
        RootDiffers = "ROOT_DIFFERS",
        /// Lines, excluded and considered persons do not add up, here or in the tables.
        CountsDiffer = "COUNTS_DIFFER",
        /// Not the root, number, law or snapshot that was agreed upon.
        NotAsExpected = "NOT_AS_EXPECTED",
        /// The key is of neither institution.
        NotASigner = "NOT_A_SIGNER",
        /// This institution has signed already.
        SignedAlready = "SIGNED_ALREADY",
        /// The registration service has not signed.
        SrsUnsigned = "SRS_UNSIGNED",
        /// The commission has not signed.
        CecUnsigned = "CEC_UNSIGNED",
        /// The office has not said who approved.
        ApprovalsMissing = "APPROVALS_MISSING",
        /// What says who approved is not signed by the office.
        ApprovalsInvalid = "APPROVALS_INVALID",
        /// Another release, or another root, was approved.
        ApprovalsOfAnother = "APPROVALS_OF_ANOTHER",
        /// Nobody of the registration service approved.
        RegistrationUnapproved = "REGISTRATION_UNAPPROVED",
        /// Nobody of the commission approved.
        CommissionUnapproved = "COMMISSION_UNAPPROVED",
        /// One person approved for both.
        ApprovedByOne = "APPROVED_BY_ONE",
        /// A drawn package or delta is not of the list that was released.
        DrawnDiffers = "DRAWN_DIFFERS",
        /// Signatures of another drawing, or of nobody who may sign.
        OfAnotherDrawing = "OF_ANOTHER_DRAWING",
        /// What stands before is not signed by both.
        BeforeUnsigned = "BEFORE_UNSIGNED",
        /// Deltas stand after the release and the snapshot of the last one is not given, or another is.
        DeltaSnapshot = "DELTA_SNAPSHOT",
        /// A delta that both institutions have not signed is not taken in.
        DeltaUnsigned = "DELTA_UNSIGNED",
        /// A delta before is missing.
        DeltaSkipped = "DELTA_SKIPPED",
        /// The deltas change another release, or another delta stands under the number.
        DeltaOfAnother = "DELTA_OF_ANOTHER",
    }
}

vocabulary! {
    /// Why a human decides which house an address text means.
    AddressDoubt {
        /// No street or no house number can be read.
        Unreadable = "UNREADABLE",
        /// No place of the register bears the name.
        NoPlace = "NO_PLACE",
        /// The place has no street of the name.
        NoStreet = "NO_STREET",
        /// The street has no such house.
        NoHouse = "NO_HOUSE",
        /// Two houses answer nearly as well.
        Ambiguous = "AMBIGUOUS",
        /// Too much disagrees.
        Unsure = "UNSURE",
    }
}

impl Method {
    /// The number in an event: 1 finger … 5 home.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Method::Finger => 1,
            Method::Face2 => 2,
            Method::Document2 => 3,
            Method::Override2 => 4,
            Method::Home => 5,
        }
    }

    /// The method with this number.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.iter().copied().find(|m| m.number() == number)
    }
}

/// A finger position of ISO/IEC 19794-2: 1 right thumb … 5 right little, 6 left thumb … 10.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct FingerPosition(u8);

impl FingerPosition {
    /// Takes 1 to 10.
    #[must_use]
    pub fn new(number: u8) -> Option<Self> {
        (1..=10).contains(&number).then_some(Self(number))
    }

    /// The number, 1 to 10.
    #[must_use]
    pub fn number(self) -> u8 {
        self.0
    }
}
