//! The hour's turnout as stations say it: reading what was typed, sent or scanned, and judging where it comes from.

use std::cell::RefCell;
use std::collections::BTreeMap;

use keys::{FileKey, KeyRing};
use lexicon::handover::envelope::PublicKey;
use lexicon::handover::package::PackageManifest;
use lexicon::handover::snapshot::PrecinctRow;
use lexicon::handover::turnout::{
    DeskKey, Dictated, HourTurnout, ReadError, Written, doubtful_groups, read,
};
use lexicon::{ElectionLaw, Instant, PrecinctCode};
use register::PrecinctKind;
use roll::hours::{Proof, Station};
use store::{Channel, HourBatch, HourKept, HourRefusedRow, NewHour, Store, StoreError, Tx};

use crate::manifests;

/// Characters of a refused line that are kept.
const REFUSED_CHARS: usize = 200;

/// Why a message was not taken: whoever typed it reads the named place again, or asks the station.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HourRefused {
    /// It is no message, or a field of it cannot be.
    Unreadable(ReadError),
    /// The check of the digits does not fit; the group, from 1, when it is one alone.
    Check {
        /// Which group.
        group: Option<usize>,
    },
    /// No such precinct has a list.
    NoPrecinct,
    /// The precinct's package names no such kit.
    NoKit,
    /// More voters than stand on the list.
    AboveList {
        /// Voters on the list.
        lines: u64,
    },
    /// The signature is not that of the kit.
    Forged,
    /// The check fits and the authenticator does not: two digits are wrong, or the caller is not the kit.
    NotVouched,
}

impl HourRefused {
    /// The code of the reason.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            HourRefused::Unreadable(ReadError::NoMessage) => "no_message",
            HourRefused::Unreadable(ReadError::Digits { .. }) => "digits",
            HourRefused::Unreadable(ReadError::Check) => "check",
            HourRefused::Unreadable(ReadError::Field(_)) => "field",
            HourRefused::Unreadable(ReadError::Election { .. }) => "election",
            HourRefused::Unreadable(ReadError::Signature) => "signature_cut",
            HourRefused::Check { group: None } => "check",
            HourRefused::Check { group: Some(_) } => "group",
            HourRefused::NoPrecinct => "precinct",
            HourRefused::NoKit => "kit",
            HourRefused::AboveList { .. } => "above_list",
            HourRefused::Forged => "forged",
            HourRefused::NotVouched => "not_vouched",
        }
    }

    /// Every code.
    pub const CODES: [&'static str; 12] = [
        "no_message",
        "digits",
        "field",
        "election",
        "signature_cut",
        "check",
        "group",
        "precinct",
        "kit",
        "above_list",
        "forged",
        "not_vouched",
    ];

    /// What stands in place of `{n}` in its sentence.
    #[must_use]
    pub fn detail(&self) -> String {
        match self {
            HourRefused::Unreadable(ReadError::Digits { got }) => got.to_string(),
            HourRefused::Unreadable(ReadError::Field(field)) => (*field).to_owned(),
            HourRefused::Unreadable(ReadError::Election { found }) => found.to_string(),
            HourRefused::Check { group: Some(group) } => group.to_string(),
            HourRefused::AboveList { lines } => lines.to_string(),
            HourRefused::Unreadable(
                ReadError::NoMessage | ReadError::Check | ReadError::Signature,
            )
            | HourRefused::Check { group: None }
            | HourRefused::NoPrecinct
            | HourRefused::NoKit
            | HourRefused::Forged
            | HourRefused::NotVouched => String::new(),
        }
    }
}

/// What a message is held against: the lists, the packages' manifests, the desk's key.
pub struct HourDesk<'a> {
    election: u32,
    key: Option<&'a FileKey>,
    stations: Vec<Station>,
    manifests: BTreeMap<u16, PackageManifest>,
    secrets: RefCell<BTreeMap<(u16, u8), Option<DeskKey>>>,
}

impl<'a> HourDesk<'a> {
    /// Reads what stands in the store. Cost: the precincts of the latest release and their manifests.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn read(
        tx: &mut Tx<'_>,
        law: &ElectionLaw,
        key: Option<&'a FileKey>,
    ) -> Result<Self, StoreError> {
        let election = law.election.number;
        let manifests = tx
            .station_manifests()?
            .iter()
            .filter_map(|row| manifests::kept(row, election))
            .map(|manifest| (manifest.precinct, manifest))
            .collect();
        let manifests: BTreeMap<u16, PackageManifest> = manifests;
        let mut stations = stations(tx)?;
        for station in &mut stations {
            let manifest = manifests.get(&station.precinct);
            station.offset_minutes =
                manifest.map(|manifest| i64::from(manifest.policy.offset_minutes));
        }
        Ok(Self {
            election,
            key,
            stations,
            manifests,
            secrets: RefCell::default(),
        })
    }

    /// The precincts with a list.
    #[must_use]
    pub fn stations(&self) -> &[Station] {
        &self.stations
    }

    /// When a full hour ends by the clock of the precinct: that of its package, else the country's.
    #[must_use]
    pub fn hour_end(&self, law: &ElectionLaw, precinct: u16, hour: u8) -> Instant {
        match self.manifests.get(&precinct) {
            Some(manifest) => pollbook::hour_end(&manifest.policy, hour),
            None => {
                let day = law.election.day;
                Instant::at_local(day, i64::from(hour) * 60, law.election.offset_minutes)
            }
        }
    }

    /// Whether a message about an hour came when the next hour was over as well.
    #[must_use]
    pub fn is_late(&self, law: &ElectionLaw, said: &HourTurnout, at: Instant) -> bool {
        at > self.hour_end(law, said.precinct, said.hour.saturating_add(1))
    }

    /// How many kits a precinct's package names; none when it is not here.
    #[must_use]
    pub fn kits(&self, precinct: u16) -> Option<usize> {
        self.manifests.get(&precinct).map(|known| known.kits.len())
    }

    /// Reads and judges what a person typed: a group that alone was misheard is named.
    ///
    /// # Errors
    /// [`HourRefused`] says what does not fit; nothing of it may be used.
    pub fn judge_heard(&self, text: &str) -> Result<NewHour, HourRefused> {
        self.judge(text).map_err(|refused| {
            if matches!(refused, HourRefused::Check { .. }) {
                let group = self.doubtful(text);
                return HourRefused::Check { group };
            }
            refused
        })
    }

    /// Reads and judges one message of a file. No group is named: somebody who guesses could learn from thousands of
    /// lines what no telephone tells them.
    ///
    /// # Errors
    /// [`HourRefused`] says what does not fit; nothing of it may be used.
    pub fn judge(&self, text: &str) -> Result<NewHour, HourRefused> {
        let bare: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let written = match read(text, self.election) {
            Ok(written) => written,
            Err(ReadError::Check) => return Err(HourRefused::Check { group: None }),
            Err(error) => return Err(HourRefused::Unreadable(error)),
        };
        let (said, channel) = match &written {
            Written::Text { said, .. } => (*said, Channel::Text),
            Written::Digits(dictated) => (dictated.said, Channel::Digits),
        };
        let lines = self.lines(said.precinct).ok_or(HourRefused::NoPrecinct)?;
        let manifest = self.manifests.get(&said.precinct);
        if manifest.is_some_and(|known| usize::from(said.kit) > known.kits.len()) {
            return Err(HourRefused::NoKit);
        }
        if u64::from(said.count) > lines {
            return Err(HourRefused::AboveList { lines });
        }
        let proof = match &written {
            Written::Text { signature, .. } => self.signed(&said, signature)?,
            Written::Digits(dictated) => self.vouched(dictated)?,
        };
        Ok(NewHour {
            said,
            channel,
            proof,
            message: bare,
        })
    }

    /// Voters on a precinct's list: of the release, or of the package where that is longer; none: no such precinct.
    fn lines(&self, precinct: u16) -> Option<u64> {
        let released = self.stations.iter().find(|s| s.precinct == precinct);
        let packed = self.manifests.get(&precinct);
        let released = released.map(|station| station.lines);
        released.max(packed.map(|manifest| u64::from(manifest.lines)))
    }

    fn kit(&self, precinct: u16, kit: u8) -> Option<PublicKey> {
        let at = usize::from(kit).checked_sub(1)?;
        let manifest = self.manifests.get(&precinct)?;
        manifest.kits.get(at).map(|kit| PublicKey(*kit.point))
    }

    fn signed(&self, said: &HourTurnout, signature: &[u8; 64]) -> Result<Proof, HourRefused> {
        let Some(kit) = self.kit(said.precinct, said.kit) else {
            return Ok(Proof::Unchecked);
        };
        said.verify(kit.kid(), signature, &KeyRing::of([kit]))
            .map(|()| Proof::Signed)
            .map_err(|_| HourRefused::Forged)
    }

    fn vouched(&self, dictated: &Dictated) -> Result<Proof, HourRefused> {
        let is_known = self
            .kit(dictated.said.precinct, dictated.said.kit)
            .is_some();
        if dictated.authenticator.is_none() || self.key.is_none() || !is_known {
            return Ok(Proof::Unchecked);
        }
        if self.vouches(dictated) {
            Ok(Proof::Vouched)
        } else {
            Err(HourRefused::NotVouched)
        }
    }

    /// Whether the kit that the digits name made them; its secret is worked out once.
    fn vouches(&self, dictated: &Dictated) -> bool {
        let said = dictated.said;
        let mut secrets = self.secrets.borrow_mut();
        let secret = secrets.entry((said.precinct, said.kit)).or_insert_with(|| {
            let kit = self.kit(said.precinct, said.kit)?;
            DeskKey::agree(self.key?, &kit, self.election).ok()
        });
        secret.as_ref().is_some_and(|key| key.vouches_for(dictated))
    }

    /// The one group that is wrong, when the desk's key tells it, or the first when it names no precinct.
    fn doubtful(&self, text: &str) -> Option<usize> {
        let groups = doubtful_groups(text, self.election, &|dictated| self.vouches(dictated));
        if let [group] = groups[..] {
            return Some(group);
        }
        let digits: String = text.chars().filter(char::is_ascii_digit).take(4).collect();
        let precinct = digits.parse().ok()?;
        self.lines(precinct).is_none().then_some(1)
    }
}

/// Takes a file of messages, one a line: good ones are kept, refused ones with their line and reason, empty ones passed
/// over. One transaction: a file is taken whole or not at all.
///
/// # Errors
/// [`StoreError`]; nothing was written then.
pub fn take_lines(
    store: &Store,
    law: &ElectionLaw,
    key: Option<&FileKey>,
    staff: &str,
    text: &str,
) -> Result<HourBatch, StoreError> {
    let text = text.trim_start_matches('\u{feff}');
    store.transact("take_hours", staff, |tx| {
        let desk = HourDesk::read(tx, law, key)?;
        let mut batch = HourBatch {
            batch: tx.next_hour_batch()?,
            lines: 0,
            taken: 0,
            known: 0,
            refused: 0,
            staff: staff.to_owned(),
            at: tx.at(),
        };
        let mut refused = Vec::new();
        for (line, message) in (1u64..).zip(text.lines()) {
            if message.trim().is_empty() {
                continue;
            }
            batch.lines += 1;
            match desk.judge(message) {
                Ok(new) => match tx.record_hour(&new, Some(batch.batch), staff)? {
                    HourKept::New(_) => batch.taken += 1,
                    HourKept::Known(_) => batch.known += 1,
                },
                Err(why) => refused.push(HourRefusedRow {
                    line,
                    message: cut(message),
                    reason: format!("{} {}", why.code(), why.detail())
                        .trim_end()
                        .to_owned(),
                }),
            }
        }
        batch.refused = u64::try_from(refused.len()).unwrap_or(u64::MAX);
        tx.record_hour_batch(&batch, &refused)?;
        Ok(batch)
    })
}

/// A refused line as it is kept.
#[must_use]
pub fn cut(text: &str) -> String {
    text.chars().take(REFUSED_CHARS).collect()
}

/// The precincts of the latest release with their regions and lists; empty before the first release.
pub(crate) fn stations(tx: &mut Tx<'_>) -> Result<Vec<Station>, StoreError> {
    let Some(release) = tx.releases()?.pop() else {
        return Ok(Vec::new());
    };
    let rows: BTreeMap<PrecinctCode, PrecinctRow> = tx
        .snapshot_precincts()?
        .into_iter()
        .map(|row| (row.precinct, row))
        .collect();
    let mut lines = tx.release_precincts(release.number)?;
    if lines.is_empty() {
        lines = tx.precinct_counts(release.number)?;
    }
    Ok(lines
        .into_iter()
        .map(|(precinct, lines)| Station {
            precinct: precinct.number(),
            region: rows
                .get(&precinct)
                .map_or_else(String::new, |row| row.region.clone()),
            lines,
            // Its package says it; what only needs names and regions does not ask.
            offset_minutes: None,
            is_abroad: rows
                .get(&precinct)
                .is_some_and(|row| row.kind == PrecinctKind::Abroad.code()),
        })
        .collect())
}
