//! The station before its kit opens: a look at the journal, and the chair's act that puts a damaged one together (S-27).

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use lexicon::handover::envelope::Kid;

use crate::config::Opening;
use crate::discovery::Neighbours;
use crate::disk::{Disk, HostDisk};
use crate::journal::JournalError;
use crate::kit::{Card, KitConfig, OpenError, charter_of};
use crate::link::{Hinted, Lan, Link};
use crate::mend::{Damage, MendError, Sources, look, mend};
use crate::scene::{ChairError, Station, TwoCards};

/// What a station knows of a journal that cannot be opened.
#[derive(Default)]
pub(crate) struct Repair {
    damage: Mutex<Option<Damage>>,
    around: OnceLock<Neighbours>,
}

impl Station {
    /// Gives the station those who announce themselves on the LAN; the first one stays.
    pub(crate) fn set_around(&self, around: Neighbours) {
        let _ = self.repair.around.set(around);
    }

    /// What is wrong with the journal of the kit that is not open.
    #[must_use]
    pub fn damage(&self) -> Option<Damage> {
        let damage = self.repair.damage.lock();
        damage.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_damage(&self, damage: Option<Damage>) {
        let place = self.repair.damage.lock();
        *place.unwrap_or_else(PoisonError::into_inner) = damage;
        self.tell();
    }

    /// Looks at the journal when the program starts, so that the chair reads of its damage before a card is asked for.
    /// Nobody else is asked yet.
    pub fn look_at_journal(&self) {
        let Some(opening) = self.opening() else {
            return;
        };
        let disk: Arc<dyn Disk> = Arc::new(HostDisk);
        let nobody = Sources {
            links: &[],
            medium: None,
        };
        match look(&disk, &opening.config, &opening.key, &nobody) {
            Ok(damage) => {
                if let Some(damage) = &damage {
                    tracing::error!(why = damage.why, "the journal cannot be opened");
                }
                self.set_damage(damage);
            }
            // The opening says what is wrong with a package.
            Err(error) => tracing::warn!(%error, "the journal was not looked at"),
        }
    }

    /// Before the opening: a damaged journal, and a first opening where others know of this kit, are no opening.
    pub(crate) fn look_before(
        &self,
        config: &KitConfig,
        opening: &Opening,
    ) -> Result<(), ChairError> {
        let disk: Arc<dyn Disk> = Arc::new(HostDisk);
        let links = self.links_before(config, opening);
        let sources = Sources {
            links: &links,
            medium: opening.medium.as_deref(),
        };
        // What else is wrong is said by the opening itself.
        let Ok(Some(damage)) = look(&disk, config, &opening.key, &sources) else {
            self.set_damage(None);
            return Ok(());
        };
        let why = damage.why.clone();
        self.set_damage(Some(damage));
        Err(OpenError::Journal(JournalError::Unfit { why }).into())
    }

    /// Puts the journal together from the file's rest, the medium and the other kits, then opens the kit with the same
    /// two cards. `last_slip` is what the chair typed: used where the file does not show its end.
    ///
    /// # Errors
    /// [`ChairError`] in words for the chair; the kit's files stay as they are.
    pub fn mend(&self, last_slip: &str, cards: &TwoCards) -> Result<(), ChairError> {
        if self.kit().is_some() {
            return Err(ChairError::Nothing);
        }
        let opening = self.opening().ok_or(ChairError::Nothing)?;
        let config = &opening.config;
        let slip = match last_slip.trim() {
            "" => None,
            typed => Some(typed.parse().map_err(|_| ChairError::Number)?),
        };
        let keys = self.unlock(cards, config.clock.read().steady_micros)?;
        let charter = charter_of(config)?;
        let kids: Vec<Kid> = keys.iter().map(|card| card.kid()).collect();
        let officers = charter.approve(&charter.signers(&kids));
        officers
            .map_err(pollbook::DraftError::from)
            .map_err(OpenError::from)?;
        let disk: Arc<dyn Disk> = Arc::new(HostDisk);
        let links = self.links_before(config, opening);
        let sources = Sources {
            links: &links,
            medium: opening.medium.as_deref(),
        };
        match mend(&disk, config, &opening.key, &sources, slip) {
            Ok(done) => {
                tracing::warn!(
                    events = done.events,
                    fetched = done.fetched.len(),
                    "the journal was put together"
                );
            }
            Err(MendError::Whole) => {}
            Err(error) => return Err(error.into()),
        }
        self.set_damage(None);
        self.open(cards)
    }

    /// Ways to the other kits while this one is not open: typed addresses, and those that announce themselves.
    fn links_before(&self, config: &KitConfig, opening: &Opening) -> Vec<(Kid, Arc<dyn Link>)> {
        let key = || Arc::clone(&opening.key) as Arc<dyn Card>;
        let mut links: Vec<(Kid, Arc<dyn Link>)> = Vec::new();
        for (peer, address) in &opening.peers {
            match Lan::to(*address, *peer, key()) {
                Ok(lan) => links.push((*peer, Arc::new(lan))),
                Err(error) => tracing::error!(%error, "no link to a peer"),
            }
        }
        let kits = charter_of(config).map(|charter| charter.kits().to_vec());
        let kits = kits.unwrap_or_default();
        let found = self.repair.around.get().map(Neighbours::found);
        let mut hinted: Vec<(Kid, Arc<Hinted>)> = Vec::new();
        for (peer, address) in found.unwrap_or_default() {
            let is_known = links.iter().any(|(kit, _)| *kit == peer);
            if is_known || !kits.contains(&peer) || peer == opening.key.kid() {
                continue;
            }
            match hinted.iter().find(|(kit, _)| *kit == peer) {
                Some((_, link)) => link.hint(address),
                None => {
                    let link = Arc::new(Hinted::to(peer, key()));
                    link.hint(address);
                    hinted.push((peer, link));
                }
            }
        }
        links.extend(
            hinted
                .into_iter()
                .map(|(peer, link)| (peer, link as Arc<dyn Link>)),
        );
        links
    }
}
