//! Closed vocabularies of the register's tables, each with the code that files and tables carry.

/// Declares a closed vocabulary with a text code for each member.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$member_doc:meta])* $member:ident = $code:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum $name { $($(#[$member_doc])* $member,)+ }

        impl $name {
            /// Every member, in the order of declaration.
            pub const ALL: &[Self] = &[$(Self::$member,)+];
            /// The codes, for messages.
            pub const CODES: &[&str] = &[$($code,)+];

            /// The code that files and tables carry.
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
    };
}

words! {
    /// What became of an identity document.
    DocumentStatus {
        /// In force until its last day.
        Valid = "valid",
        /// Declared invalid by the issuing body.
        Invalid = "invalid",
        /// Reported lost.
        Lost = "lost",
        /// Reported stolen.
        Stolen = "stolen",
        /// Handed in for another one.
        Exchanged = "exchanged",
        /// Its last day is over, as the issuing body says itself.
        Expired = "expired",
        /// Taken back by the issuing body.
        Withdrawn = "withdrawn",
    }
}

words! {
    /// How a person belongs to an address.
    ResidenceKind {
        /// Place of residence (место жительства).
        Residence = "residence",
        /// Place of stay (место пребывания).
        Stay = "stay",
    }
}

words! {
    /// A civil act after birth.
    CivilEventKind {
        /// Death.
        Death = "death",
        /// Another name from that day on.
        NameChange = "name_change",
        /// Citizenship ends on that day.
        CitizenshipLoss = "citizenship_loss",
        /// A court's act that suspends the right to vote.
        Court = "court",
    }
}

words! {
    /// A region of the enrolment campaign, as the report's tables name them.
    Region {
        /// City of Bishkek.
        Bishkek = "bishkek",
        /// City of Osh.
        OshCity = "osh_city",
        /// Osh oblast.
        Osh = "osh",
        /// Naryn oblast.
        Naryn = "naryn",
        /// Chui oblast.
        Chui = "chui",
        /// Issyk-Kul oblast.
        IssykKul = "issyk_kul",
        /// Batken oblast.
        Batken = "batken",
        /// Talas oblast.
        Talas = "talas",
        /// Jalal-Abad oblast.
        JalalAbad = "jalal_abad",
        /// Missions abroad.
        MfaAbroad = "mfa_abroad",
    }
}

words! {
    /// What kind of precinct.
    PrecinctKind {
        /// With boundaries of its own.
        Territorial = "territorial",
        /// Opened in addition, without land: filled by Form 2 alone.
        Additional = "additional",
        /// In a hospital.
        Hospital = "hospital",
        /// In a place of detention.
        Detention = "detention",
        /// In a military unit.
        Military = "military",
        /// At a mission abroad.
        Abroad = "abroad",
        /// On the way: remote pastures and units.
        Mobile = "mobile",
    }
}

words! {
    /// What a voter asks for.
    ClaimKind {
        /// Change of voting address.
        Form2 = "form2",
        /// A field is wrong.
        Correction = "correction",
        /// To be put on the list.
        Inclusion = "inclusion",
        /// To be taken off the list.
        Exclusion = "exclusion",
    }
}
