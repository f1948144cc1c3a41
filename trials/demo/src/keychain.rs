//! Every key of a demo run, from its seed.

use std::sync::Arc;

use batch::{LogKeys, Roster, Station};
use keys::{FileKey, KeyRing, NoteKey};
use lexicon::PrecinctCode;
use lexicon::handover::envelope::{
    DocumentType, PublicKey, SignError, Signer as _, Subject, encode, sha256, sign_all,
};
use lexicon::handover::folder::{Anchor, TrustAnchors};
use lexicon::handover::lookup::LookupKey;
use lexicon::handover::package::OfficerEntry;
use station::cards::{CardFile, Holder};
use station::{Card, Publishers};

use crate::day::DayKeys;

/// Witnesses of the demo's log; both must cosign.
const WITNESSES: [&str; 2] = ["witness.demo.example/parties", "witness.demo.example/court"];

/// What the cards of the demo's running station open with.
pub const CARD_PIN: &str = "2015";

/// Officers of a precinct: role and nominating body.
const OFFICERS: [(&str, &str); 5] = [
    ("chair", "Кеңеш"),
    ("secretary", "1-партия"),
    ("member", "2-партия"),
    ("member", "3-партия"),
    ("member", "4-партия"),
];

/// Names of officers, drawn by the seed.
const NAMES: [&str; 12] = [
    "Асанова Гүлнара",
    "Токтоматов Бакыт",
    "Үсөнов Нурлан",
    "Жээнбекова Чынара",
    "Осмонов Талант",
    "Сыдыкова Айнура",
    "Иванова Елена",
    "Өмүрбеков Эрлан",
    "Рахимова Дилноза",
    "Касымов Эркин",
    "Абдыкадырова Зуура",
    "Петров Сергей",
];

/// The keys of the two institutions, the log, the kits and the officers.
pub struct KeyChain {
    seed: Vec<u8>,
    /// `srs-release`.
    pub srs: FileKey,
    /// `cec-release`.
    pub cec: FileKey,
    /// `register`, which signs snapshots.
    pub register: FileKey,
    /// `publication`.
    pub publication: FileKey,
    /// The office's key for its statements.
    pub office: FileKey,
    roots: [FileKey; 2],
    /// The log and its witnesses.
    pub log: LogKeys,
    /// The oracle's key.
    pub lookup_bytes: [u8; 32],
    /// Checks every key of the run but kits' and officers'.
    pub ring: KeyRing,
    election: u32,
}

impl KeyChain {
    /// The keys that follow from a seed.
    ///
    /// # Errors
    /// `anyhow` when a witness name is no key name.
    pub fn new(seed: u64, election: u32) -> anyhow::Result<Self> {
        let seed = format!("tizme demo {seed}").into_bytes();
        let key = |label: &str| FileKey::from_seed(&seed, label);
        let (srs, cec) = (key("srs-release"), key("cec-release"));
        let (register, publication) = (key("register"), key("publication"));
        let roots = [key("root-srs"), key("root-cec")];
        let all = [&srs, &cec, &register, &publication, &roots[0], &roots[1]];
        let mut ring = KeyRing::of(all.map(FileKey::public_key));
        let office = key("office");
        ring.add(office.public_key());
        let witnesses = WITNESSES
            .iter()
            .map(|name| {
                let secret = NoteKey::from_seed(&seed, name).secret_bytes();
                tlog::SigningKey::from_seed(name, tlog::KeyKind::CosignatureV1, &secret)
            })
            .collect::<Result<Vec<_>, _>>()?;
        let log = LogKeys {
            name: format!("log.demo.example/{election}"),
            seed: NoteKey::from_seed(&seed, "log").secret_bytes(),
            witnesses,
        };
        let lookup_bytes = sha256(&[seed.as_slice(), b"lookup"].concat());
        Ok(Self {
            seed,
            srs,
            cec,
            register,
            publication,
            office,
            roots,
            log,
            lookup_bytes,
            ring,
            election,
        })
    }

    /// The look-up key.
    #[must_use]
    pub fn lookup(&self) -> LookupKey {
        LookupKey::new(&self.lookup_bytes)
    }

    /// A secret of the run by its name.
    #[must_use]
    pub fn secret(&self, name: &str) -> [u8; 32] {
        sha256(&[self.seed.as_slice(), b"/", name.as_bytes()].concat())
    }

    /// The keys of `batch`.
    #[must_use]
    pub fn batch(&self) -> batch::Keys<'_> {
        batch::Keys {
            srs: &self.srs,
            cec: &self.cec,
            register: self.register.kid(),
            verifier: &self.ring,
        }
    }

    /// `trust.cose`, signed by both roots.
    ///
    /// # Errors
    /// [`SignError`] of a key; `anyhow` when the log's name is no key name.
    pub fn trust(&self) -> anyhow::Result<Vec<u8>> {
        let anchor = |role: &str, key: &FileKey| Anchor {
            role: role.to_owned(),
            point: key.public_key().0.into(),
            home: FileKey::HOME.to_owned(),
        };
        let mut anchors = vec![
            anchor("srs-release", &self.srs),
            anchor("cec-release", &self.cec),
            anchor("register", &self.register),
            anchor("publication", &self.publication),
            anchor("root-srs", &self.roots[0]),
            anchor("root-cec", &self.roots[1]),
        ];
        anchors.sort();
        let mut witness_keys: Vec<String> = self
            .log
            .witnesses
            .iter()
            .map(|witness| witness.verifier().to_string())
            .collect();
        witness_keys.sort();
        let payload = encode(&TrustAnchors {
            suite: "kg1".to_owned(),
            election: self.election,
            anchors,
            log_key: self.log.signer(&self.log.name)?.verifier().to_string(),
            witness_keys,
            witnesses_needed: 2,
        });
        let subject = Subject {
            kind: DocumentType::TrustAnchors,
            election: self.election,
        };
        let signed: Result<_, SignError> =
            sign_all(subject, &payload, &[&self.roots[0], &self.roots[1]]);
        Ok(signed?)
    }

    /// Who must have signed a package's manifest.
    #[must_use]
    pub fn publishers(&self) -> Publishers {
        Publishers {
            ring: KeyRing::of([self.srs.public_key(), self.cec.public_key()]),
            required: vec![self.srs.kid(), self.cec.kid()],
        }
    }

    /// The points of the keys that sign manifests, hexadecimal, as a kit's configuration names them.
    #[must_use]
    pub fn publishers_hex(&self) -> [String; 2] {
        [&self.srs, &self.cec].map(|key| lexicon::handover::envelope::hex(&key.public_key().0))
    }
}

/// Card files with the keys that they hold.
type Cards = Vec<(CardFile, Arc<FileKey>)>;

/// Kits and officers of every precinct, from the seed; those of one precinct hold card files.
pub struct Hands {
    seed: Vec<u8>,
    /// The precinct whose officers' keys lie on card files, for the running station.
    live: Option<(PrecinctCode, Cards)>,
}

impl Hands {
    /// The kits and officers of a run; `live` is the precinct that is left running.
    #[must_use]
    pub fn new(chain: &KeyChain, live: Option<PrecinctCode>) -> Self {
        let mut hands = Self {
            seed: chain.seed.clone(),
            live: None,
        };
        hands.live = live.map(|precinct| (precinct, hands.cards(precinct)));
        hands
    }

    fn cards(&self, precinct: PrecinctCode) -> Cards {
        (0..OFFICERS.len())
            .map(|n| {
                let (role, body) = OFFICERS[n];
                let holder = Holder {
                    name: self.officer_name(precinct, n),
                    role: role.to_owned(),
                    body: body.to_owned(),
                };
                let text = [
                    self.seed.as_slice(),
                    format!("salt {precinct}/{n}").as_bytes(),
                ]
                .concat();
                let mut salt = [0u8; 16];
                salt.copy_from_slice(&sha256(&text)[..16]);
                let (file, key) = CardFile::issue(&holder, &salt, CARD_PIN);
                (file, Arc::new(key))
            })
            .collect()
    }

    fn officer_name(&self, precinct: PrecinctCode, n: usize) -> String {
        let text = [self.seed.as_slice(), precinct.to_string().as_bytes()].concat();
        let start = usize::from(sha256(&text)[0]);
        NAMES[(start + n * 5) % NAMES.len()].to_owned()
    }

    /// The card files of the running station's officers.
    #[must_use]
    pub fn card_files(&self) -> Vec<&CardFile> {
        let cards = self.live.iter().flat_map(|(_, cards)| cards);
        cards.map(|(file, _)| file).collect()
    }

    /// A kit's key, counted from 0.
    #[must_use]
    pub fn kit(&self, precinct: PrecinctCode, n: usize) -> FileKey {
        FileKey::from_seed(&self.seed, &format!("kit {precinct}/{n}"))
    }

    /// An officer's key, counted from 0.
    #[must_use]
    pub fn officer(&self, precinct: PrecinctCode, n: usize) -> Arc<FileKey> {
        if let Some((live, cards)) = &self.live
            && *live == precinct
            && let Some((_, key)) = cards.get(n)
        {
            return Arc::clone(key);
        }
        Arc::new(FileKey::from_seed(
            &self.seed,
            &format!("officer {precinct}/{n}"),
        ))
    }

    /// A key of the commission above, counted from 0: two of them open a package without officers.
    #[must_use]
    pub fn holder(&self, n: usize) -> FileKey {
        FileKey::from_seed(&self.seed, &format!("holder {n}"))
    }

    /// How many officers each precinct has.
    #[must_use]
    pub fn officers(&self) -> usize {
        OFFICERS.len()
    }
}

impl DayKeys for Hands {
    fn kit(&self, precinct: PrecinctCode, at: usize) -> Arc<dyn Card> {
        Arc::new(Hands::kit(self, precinct, at))
    }

    fn officers(&self, precinct: PrecinctCode) -> Vec<Arc<dyn Card>> {
        (0..OFFICERS.len())
            .map(|n| -> Arc<dyn Card> { self.officer(precinct, n) })
            .collect()
    }
}

impl Roster for Hands {
    fn station(&self, precinct: PrecinctCode, kits: u32) -> Station {
        let point = |key: &FileKey| -> PublicKey { key.public_key() };
        Station {
            kits: (0..kits as usize)
                .map(|n| (point(&self.kit(precinct, n)), format!("K{}", n + 1)))
                .collect(),
            officers: OFFICERS
                .iter()
                .enumerate()
                .map(|(n, (role, body))| OfficerEntry {
                    point: point(&self.officer(precinct, n)).0.into(),
                    role: (*role).to_owned(),
                    body: (*body).to_owned(),
                    name: self.officer_name(precinct, n),
                })
                .collect(),
            holders: (0..3)
                .map(|n| OfficerEntry {
                    point: point(&self.holder(n)).0.into(),
                    role: "holder".to_owned(),
                    body: "TEC".to_owned(),
                    name: NAMES[n * 7 % NAMES.len()].to_owned(),
                })
                .collect(),
            revoked: Vec::new(),
        }
    }
}
