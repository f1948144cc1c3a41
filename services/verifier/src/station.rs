//! A precinct as its package manifest lays it down: the list, the kits, the officers.

use crate::Checked;
use crate::cbor::Value;
use crate::cose::{Hash, Keys, Kid, Subject, hex, kid_of, sha256};
use crate::day::Rule;

/// Why a card is admitted during the election.
const CARD_REASONS: [&str; 3] = ["CARD_LOST", "OFFICER_REPLACED", "OFFICER_ADDED"];

/// What a verified package manifest says; times in microseconds since 1970, UTC.
#[derive(Debug, Clone)]
pub(crate) struct Station {
    pub(crate) election: u32,
    pub(crate) precinct: u16,
    pub(crate) release: u32,
    /// Id of this manifest.
    pub(crate) id: Hash,
    /// Root of the whole list.
    pub(crate) root: Hash,
    /// Lines of this precinct.
    pub(crate) lines: u32,
    /// SHA-256 of the sealed package, and its length in bytes.
    pub(crate) ciphertext: (Hash, u64),
    pub(crate) opens: i64,
    pub(crate) closes: i64,
    /// How voting goes on another day.
    pub(crate) second_day: Option<Rule>,
    /// Identifications in a row by the same officers that are no incident yet.
    pub(crate) pair_run_max: u32,
    /// Local offset from UTC, minutes.
    pub(crate) offset_minutes: i64,
    pub(crate) lines_per_page: u16,
    /// Kits by key id and short name, in the order of the manifest.
    pub(crate) kits: Vec<(Kid, String)>,
    /// First and last line of each kit's share.
    shares: Vec<(u32, u32)>,
    /// Keys of kits and officers' cards that are not revoked.
    pub(crate) keys: Keys,
    /// Keys of the publication, the institutions' among them.
    pub(crate) trusted: Keys,
    /// Who must sign a change of the list, as they signed the manifest.
    pub(crate) institutions: Vec<Kid>,
    /// Officers' cards and nominating bodies.
    officers: Vec<(Kid, String)>,
    /// Keys that may not be used any more.
    revoked: Vec<Kid>,
    /// Keys of the commission above, and how many of them act together.
    holders: Vec<Kid>,
    holders_needed: usize,
    /// Kinds of events that these keys may sign, 0 for grants; all of them when none is named.
    holders_may: Option<Vec<Value>>,
    /// From when to when the kits that grants added act, and the cards that decisions added sign, microseconds.
    windows: Vec<(Kid, i64, i64)>,
    /// Cards of chairs.
    chairs: Vec<Kid>,
    /// Kits that serve voters at home, by the sealed home list.
    mobile: Vec<Kid>,
    needed: usize,
    different_bodies: bool,
    /// What a kit may do that cannot reach the others.
    pub(crate) partition: Partition,
    /// Whether slips are scanned at the ballot table and its acts are events.
    pub(crate) is_scanned: bool,
    /// Share of the list, per mille, above which two-person identifications are an incident.
    pub(crate) quota_permille: u16,
}

/// Where the package says nothing.
const PAIR_RUN_MAX: u32 = 10;

/// The policies of docs/protocol.md.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Partition {
    Segment,
    PaperLock,
    Quorum,
}

impl Station {
    /// Opens a manifest that both institutions must have signed.
    pub(crate) fn open(bytes: &[u8], election: u32, keys: &Keys, required: &[Kid]) -> Checked<Self> {
        let signed = Subject { kind: "package-manifest", election }.open_all(bytes, keys, required)?;
        let payload = signed.payload.has_fields(24)?;
        if payload.text(1)? != "kg1" || payload.number::<u32>(2)? != election {
            return Err("of another suite or election".to_owned());
        }
        let (trusted, mut chairs) = (keys.clone(), Vec::new());
        let policy = payload.get(13).ok_or("field 13 is missing")?;
        let partition = match policy.text(0)? {
            "segment" => Partition::Segment,
            "paper_lock" => Partition::PaperLock,
            "quorum" => Partition::Quorum,
            other => return Err(format!("field 13: the policy {other} is not known")),
        };
        let is_scanned = match policy.text(1)? {
            "paper" => false,
            "scanned" => true,
            other => return Err(format!("field 13: the ballot table {other} is not known")),
        };
        let (mut keys, mut kits, mut officers) = (Keys::default(), Vec::new(), Vec::new());
        let mut shares = Vec::new();
        let revoked = payload.list(17)?;
        let mut entry_key = |entry: &Value| -> Checked<(Kid, bool)> {
            let point = entry.array::<65>(0)?;
            let is_revoked = revoked.contains(&Value::Bytes(kid_of(&point).to_vec()));
            if is_revoked { Ok((kid_of(&point), false)) } else { Ok((keys.add(&point)?, true)) }
        };
        let (mut next, lines) = (1, payload.number::<u32>(8)?);
        for entry in payload.list(14)? {
            kits.push((entry_key(entry)?.0, entry.text(1)?.to_owned()));
            // Shares stand in order and cover every line once; a spare kit has none (last below first).
            let (first, last) = (entry.number::<u32>(2)?, entry.number::<u32>(3)?);
            shares.push((first, last));
            if last >= first {
                if first != next || last > lines {
                    return Err(format!("field 14: the kits' shares leave out, repeat or pass line {next}"));
                }
                next = last + 1;
            }
        }
        if next - 1 != lines {
            return Err("field 14: the kits' shares do not cover the list".to_owned());
        }
        for entry in payload.list(15)? {
            let (kid, valid) = entry_key(entry)?;
            chairs.extend((valid && entry.text(1)? == "chair").then_some(kid));
            officers.extend(valid.then(|| entry.text(2).map(|body| (kid, body.to_owned()))).transpose()?);
        }
        let (mut holders, mut holders_needed, mut holders_may) = (Vec::new(), usize::MAX, None);
        if let Some(glass) = payload.get(22).filter(|glass| **glass != Value::Null) {
            holders_needed = glass.number(1)?;
            if holders_needed < 2 {
                return Err("field 22: fewer than two keys never open a package".to_owned());
            }
            let has_kinds = glass.get(3).is_some_and(|kinds| *kinds != Value::Null);
            holders_may = if has_kinds { Some(glass.list(3)?.to_vec()) } else { None };
            for entry in glass.list(0)? {
                let (kid, valid) = entry_key(entry)?;
                holders.extend(valid.then_some(kid));
            }
        }
        let names = policy
            .get(15)
            .filter(|home| **home != Value::Null)
            .map(|home| home.list(2))
            .transpose()?
            .unwrap_or_default();
        let is_mobile = |name: &String| names.contains(&Value::Text(name.clone()));
        let mobile = kits.iter().filter(|(_, name)| is_mobile(name)).map(|(kid, _)| *kid).collect();
        Ok(Self {
            election,
            precinct: payload.number(3)?,
            release: payload.number(4)?,
            id: signed.id,
            root: payload.array(7)?,
            lines,
            ciphertext: (payload.array(9)?, payload.number(10)?),
            opens: policy.signed(7)?,
            closes: policy.signed(8)?,
            second_day: Rule::read(policy)?,
            pair_run_max: match policy.get(18).filter(|limits| **limits != Value::Null) {
                Some(limits) => limits.number(1)?,
                None => PAIR_RUN_MAX,
            },
            offset_minutes: policy.signed(9)?,
            lines_per_page: policy.number(13)?,
            kits,
            shares,
            keys,
            trusted,
            institutions: required.to_vec(),
            officers,
            revoked: revoked
                .iter()
                .filter_map(|kid| if let Value::Bytes(kid) = kid { kid.as_slice().try_into().ok() } else { None })
                .collect(),
            holders,
            holders_needed,
            holders_may,
            windows: Vec::new(),
            chairs,
            mobile,
            needed: payload.number(16)?,
            different_bodies: policy.get(12) == Some(&Value::Bool(true)),
            partition,
            is_scanned,
            quota_permille: policy.number(6)?,
        })
    }

    /// Adds the card that a decision of the commission above admits (docs/formats.md §4.2).
    fn card(&mut self, payload: &Value, signers: &[Kid]) -> Checked<()> {
        let payload = payload.has_fields(9)?;
        let about = [payload.number::<u32>(2)?, payload.number(3)?];
        if payload.text(1)? != "kg1"
            || about != [self.election, self.precinct.into()]
            || payload.array::<32>(4)? != self.id
        {
            return Err("is for another package".to_owned());
        }
        self.approve_kind(0, signers)?;
        self.approve_commission(signers)?;
        let (from, to) = (payload.signed(8)?, payload.signed(9)?);
        if from >= to || !CARD_REASONS.contains(&payload.text(6)?) {
            return Err("ends before it begins, or gives no reason that is known".to_owned());
        }
        let entry = payload.get(5).ok_or("field 5 is missing")?.has_fields(4)?;
        let (point, role, body) = (entry.array::<65>(0)?, entry.text(1)?, entry.text(2)?);
        let kid = kid_of(&point);
        let stands = self.officers.iter().any(|(known, _)| *known == kid) || self.is_holder(&kid);
        if stands || self.kits.iter().any(|(known, _)| *known == kid) || self.revoked.contains(&kid) {
            return Err("names a card that stands already or is revoked".to_owned());
        }
        if role.is_empty() || body.is_empty() || entry.text(3)?.is_empty() {
            return Err("leaves out name, role or body".to_owned());
        }
        self.officers.push((self.keys.add(&point)?, body.to_owned()));
        self.chairs.extend((role == "chair").then_some(kid));
        self.windows.push((kid, from, to));
        Ok(())
    }

    /// Adds what a grant admits (docs/formats.md §4.2): a spare kit, signed by whoever may open a kit, or a card.
    pub(crate) fn grant(&mut self, bytes: &[u8]) -> Checked<()> {
        let card = Subject { kind: "card-grant", election: self.election }.open_all(bytes, &self.keys, &[]);
        if let Ok(signed) = card {
            return self.card(&signed.payload, &signed.signers);
        }
        let signed = Subject { kind: "kit-grant", election: self.election }.open_all(bytes, &self.keys, &[])?;
        let payload = signed.payload.has_fields(11)?;
        let about = [payload.number::<u32>(2)?, payload.number(3)?];
        if payload.text(1)? != "kg1"
            || about != [self.election, self.precinct.into()]
            || payload.array::<32>(4)? != self.id
        {
            return Err("is for another package".to_owned());
        }
        self.approve_kind(0, &signed.signers)?;
        self.approve(&signed.signers)?;
        let (from, to) = (payload.signed(10)?, payload.signed(11)?);
        if from >= to {
            return Err("ends before it begins".to_owned());
        }
        let entry = payload.get(5).ok_or("field 5 is missing")?.has_fields(4)?;
        let (point, name) = (entry.array::<65>(0)?, entry.text(1)?);
        if entry.number::<u32>(2)? <= entry.number::<u32>(3)? {
            return Err("gives the spare a share".to_owned());
        }
        if name.is_empty() || self.kits.iter().any(|(kid, known)| *kid == kid_of(&point) || known == name) {
            return Err("names a kit, or gives a name, that stands already".to_owned());
        }
        if self.revoked.contains(&kid_of(&point)) {
            return Err("names a revoked kit".to_owned());
        }
        self.kits.push((self.keys.add(&point)?, name.to_owned()));
        self.shares.push((1, 0));
        self.windows.push((kid_of(&point), from, to));
        Ok(())
    }

    /// Whether a kit may act, or a card sign, at a moment, microseconds: always, unless a grant with other dates admitted it.
    pub(crate) fn is_admitted_at(&self, kit: &Kid, at: u64) -> bool {
        let window = self.windows.iter().find(|(kid, ..)| kid == kit);
        window.is_none_or(|(_, from, to)| (i128::from(*from)..=i128::from(*to)).contains(&i128::from(at)))
    }

    /// Whether the law lets keys of the commission above sign this kind, where they are among the cards.
    pub(crate) fn approve_kind(&self, kind: u8, cards: &[Kid]) -> Checked<()> {
        let may = self.holders_may.as_ref().is_none_or(|kinds| kinds.contains(&Value::Unsigned(kind.into())));
        if may || !cards.iter().any(|card| self.is_holder(card)) {
            Ok(())
        } else {
            Err("the commission above may not sign this act".to_owned())
        }
    }

    /// Whether these are keys of the commission above alone, different and enough.
    pub(crate) fn approve_commission(&self, cards: &[Kid]) -> Checked<()> {
        self.holders_say(cards).unwrap_or_else(|| Err("not signed by the commission above".to_owned()))
    }

    /// Short name of a kit, its id in hexadecimal when it is not of this precinct.
    pub(crate) fn kit_name(&self, kid: &Kid) -> String {
        self.kits.iter().find(|(kit, _)| kit == kid).map_or_else(|| hex(kid), |(_, name)| name.clone())
    }

    /// The kit in whose share a line lies; added lines belong to the last share.
    pub(crate) fn owner(&self, line: u32) -> Option<&Kid> {
        let line = line.min(self.lines);
        let at = self.shares.iter().position(|(first, last)| (*first..=*last).contains(&line))?;
        self.kits.get(at).map(|(kid, _)| kid)
    }

    /// Whether a kit serves voters at home.
    pub(crate) fn is_mobile(&self, kit: &Kid) -> bool {
        self.mobile.contains(kit)
    }

    /// The kits with a share, which vote under `quorum`.
    fn voters(&self) -> impl Iterator<Item = &Kid> {
        let with_share = self.kits.iter().zip(&self.shares).filter(|(_, (first, last))| first <= last);
        with_share.map(|((kid, _), _)| kid)
    }

    /// Whether a kit votes under `quorum`.
    pub(crate) fn votes(&self, kit: &Kid) -> bool {
        self.voters().any(|voter| voter == kit)
    }

    /// How many kits are more than half of those that vote.
    pub(crate) fn majority(&self) -> usize {
        self.voters().count() / 2 + 1
    }

    /// Whether at least one card signed, each known and once: for a look at the paper line.
    pub(crate) fn approve_one(&self, cards: &[Kid]) -> Checked<()> {
        if let Some(said) = self.holders_say(cards) {
            return said;
        }
        if self.bodies(cards)?.is_empty() { Err("no officer signed".to_owned()) } else { Ok(()) }
    }

    /// Whether the chair signed, known and once.
    pub(crate) fn approve_chair(&self, cards: &[Kid]) -> Checked<()> {
        if let Some(said) = self.holders_say(cards) {
            return said;
        }
        self.bodies(cards)?;
        if cards.iter().any(|card| self.chairs.contains(card)) {
            Ok(())
        } else {
            Err("the chair did not sign".to_owned())
        }
    }

    /// Whether these cards may sign one act together: known, different, enough, of different bodies.
    pub(crate) fn approve(&self, cards: &[Kid]) -> Checked<()> {
        if let Some(said) = self.holders_say(cards) {
            return said;
        }
        let bodies = self.bodies(cards)?;
        if cards.len() < self.needed {
            return Err(format!("{} of {} officers signed", cards.len(), self.needed));
        }
        if self.different_bodies && bodies.windows(2).all(|pair| pair[0] == pair[1]) {
            return Err("the officers come from one nominating body".to_owned());
        }
        Ok(())
    }

    /// Whether a card is the commission's above.
    pub(crate) fn is_holder(&self, card: &Kid) -> bool {
        self.holders.contains(card)
    }

    /// `Some` when every card is of the commission above: whether they are different and enough.
    fn holders_say(&self, cards: &[Kid]) -> Option<Checked<()>> {
        if cards.is_empty() || !cards.iter().all(|card| self.is_holder(card)) {
            return None;
        }
        let twice = (1..cards.len()).any(|at| cards[..at].contains(&cards[at]));
        Some(if twice {
            Err("one card signed twice".to_owned())
        } else if cards.len() < self.holders_needed {
            Err(format!("{} of {} keys of the commission above signed", cards.len(), self.holders_needed))
        } else {
            Ok(())
        })
    }

    /// The nominating bodies of these cards, each card known and there once.
    fn bodies(&self, cards: &[Kid]) -> Checked<Vec<&String>> {
        let mut bodies = Vec::new();
        for (at, card) in cards.iter().enumerate() {
            let (_, body) = self.officers.iter().find(|(kid, _)| kid == card).ok_or("a card is not known here")?;
            if cards[..at].contains(card) {
                return Err("one card signed twice".to_owned());
            }
            bodies.push(body);
        }
        Ok(bodies)
    }

    /// Checks the officers' signatures in element `at` of an act's body and returns their cards. Each consents to
    /// exactly this act: precinct, kit, kind, line, counter, and the hash of the body without the signatures.
    pub(crate) fn consented(&self, kit: &Kid, numbers: [u32; 3], body: &Value, at: u64) -> Checked<Vec<Kid>> {
        let mut bare = body.clone();
        let Value::Array(items) = &mut bare else { return Err("the body is no array".to_owned()) };
        let slot = usize::try_from(at).ok().and_then(|at| items.get_mut(at)).ok_or("the officers are missing")?;
        *slot = Value::Array(Vec::new());
        let [kind, line, seq] = numbers.map(|number| Value::Unsigned(number.into()));
        let (precinct, kit) = (Value::Unsigned(self.precinct.into()), Value::Bytes(kit.to_vec()));
        let body_hash = Value::Bytes(sha256(&[&bare.to_bytes()]).to_vec());
        let consent = Value::Array(vec![precinct, kit, kind, line, seq, body_hash]).to_bytes();
        let subject = Subject { kind: "consent", election: self.election };
        let mut cards: Vec<Kid> = Vec::new();
        for officer in body.list(at)? {
            let kid = officer.has_fields(2)?.array(0)?;
            self.keys.has_signed(&kid, &subject.message1(&kid, &consent), officer.bytes(1)?)?;
            cards.push(kid);
        }
        Ok(cards)
    }
}
