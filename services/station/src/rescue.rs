//! What people do on the screens when a kit, a receipt, a clock or the way to a line's owner is lost.

use std::sync::Arc;

use lexicon::{Instant, Method};
use pollbook::{Act, Owed};

use crate::kit::{Card, Kit, PaperReceipt, Resumption};
use crate::scene::{ChairError, LastTry, OneCard, Scene, Station, TwoCards, Wanted};

/// A receipt as typed, or as read by a scanner that types.
#[derive(Clone, Debug, Default)]
pub(crate) struct TypedReceipt {
    /// The text of the QR; the other fields are not looked at when it is there.
    pub qr: String,
    /// The kit's id.
    pub kit: String,
    /// Its receipt number.
    pub receipt: String,
    /// Line on the paper list.
    pub line: String,
    /// `Method` number.
    pub method: String,
}

impl TypedReceipt {
    fn read(&self, kit: &Kit) -> Result<PaperReceipt, ChairError> {
        if !self.qr.trim().is_empty() {
            return kit.read_receipt(&self.qr).ok_or(ChairError::Receipt);
        }
        let number = |text: &str| text.trim().parse::<u32>().ok().filter(|number| *number > 0);
        let kits = kit.charter().kits();
        let named = kits.iter().find(|kid| kid.hex() == self.kit).copied();
        let method = self.method.parse().ok().and_then(Method::from_number);
        let (Some(kit), Some(receipt), Some(line), Some(method)) =
            (named, number(&self.receipt), number(&self.line), method)
        else {
            return Err(ChairError::Receipt);
        };
        Ok(PaperReceipt {
            kit,
            receipt,
            line,
            method,
        })
    }
}

/// The scene after two officers decided about a voter without a receipt.
pub(crate) fn resumed(how: Resumption) -> Scene {
    match how {
        Resumption::Served(done) => Scene::Green(done),
        Resumption::SentAway(refused) => Scene::Red(refused, None),
    }
}

/// Reads `2015-10-04 10:03` with or without seconds, local time of the station.
#[must_use]
pub fn moment(text: &str, offset_minutes: i64) -> Option<Instant> {
    let (day, time) = text.trim().split_once([' ', 'T'])?;
    let seconds = if time.matches(':').count() == 1 {
        ":00"
    } else {
        ""
    };
    let (sign, offset) = (
        if offset_minutes < 0 { '-' } else { '+' },
        offset_minutes.abs(),
    );
    let (hours, minutes) = (offset / 60, offset % 60);
    Instant::parse(&format!(
        "{day}T{time}{seconds}{sign}{hours:02}:{minutes:02}"
    ))
}

impl Station {
    /// An officer's answer about the paper line on the screen; a clean line is served next.
    pub(crate) fn look(&self, is_unsigned: bool, card: &OneCard) {
        let (Some(kit), Scene::Look { line, .. }) = (self.kit(), self.scene()) else {
            return;
        };
        let steady = kit.read_clock().steady_micros;
        let looked = self
            .cards
            .unlock(&card.kid, &card.passphrase, steady)
            .map_err(ChairError::from)
            .and_then(|key| {
                let card: &dyn Card = &*key;
                Ok(kit.check_line(line, is_unsigned, card)?)
            });
        match looked {
            Ok(_) => {
                if !self.print_pending(&kit, Some(line)) {
                    self.choose(line);
                }
            }
            Err(problem) => self.show(Scene::Look {
                line,
                problem: Some(Arc::new(problem)),
            }),
        }
    }

    /// The operator calls for a look at the paper after a check-in asked for it.
    pub(crate) fn call_look(&self) {
        let (Some(kit), Scene::Red(refused, None)) = (self.kit(), self.scene()) else {
            return;
        };
        if kit.needs_look(refused.line) {
            self.show(Scene::Look {
                line: refused.line,
                problem: None,
            });
        }
    }

    /// Prints what this kit wrote and did not print, of one line or of all, as after a power cut: shows the last that came
    /// out, or asks for the look at the paper that the first of the others needs. `false` when the screen stays.
    pub(crate) fn print_pending(&self, kit: &Kit, line: Option<u32>) -> bool {
        let of_line = |act: &Arc<Act>| line.is_none_or(|line| line == act.body.line());
        let acts = kit.pending_acts();
        let Some(last) = acts.iter().rfind(|act| of_line(act)) else {
            return false;
        };
        let out = match kit.print_owed(line) {
            Ok(out) => out,
            Err(error) => {
                let paper = crate::kit::Paper::Pending(error.into_printer());
                self.show(Scene::Green(Box::new(kit.checked_in(last, paper))));
                return true;
            }
        };
        let left = kit.pending_acts();
        let mut unseen = left.iter().filter(|act| of_line(act));
        if let Some(act) = unseen.find(|act| kit.owed(act) == Owed::Look) {
            self.show(Scene::Look {
                line: act.body.line(),
                problem: None,
            });
            return true;
        }
        let Some(last) = out.last() else { return false };
        let done = kit.checked_in(last, crate::kit::Paper::Printed);
        self.show(Scene::Green(Box::new(done)));
        true
    }

    /// Two officers found the paper line of the voter on the screen signed: RESUME ends in a refusal.
    ///
    /// # Errors
    /// [`ChairError`]; the scene stays.
    pub(crate) fn line_is_signed(&self, cards: &TwoCards) -> Result<(), ChairError> {
        let Scene::Approval {
            line,
            wanted: Wanted::Resume,
        } = self.scene()
        else {
            return Err(ChairError::Nothing);
        };
        let how = self.with_cards(cards, |kit, cards| Ok(kit.resume(line, true, cards)?))?;
        self.show(resumed(how));
        Ok(())
    }

    /// Retires the kits with these ids and takes their lines over.
    ///
    /// # Errors
    /// [`ChairError`].
    pub(crate) fn take_over(
        &self,
        kits: &[String],
        reason: &str,
        cards: &TwoCards,
    ) -> Result<(), ChairError> {
        self.with_cards(cards, |kit, cards| {
            let known = kit.charter().kits();
            let dead: Vec<_> = known
                .iter()
                .filter(|kid| kits.contains(&kid.hex()))
                .copied()
                .collect();
            if dead.is_empty() {
                return Err(ChairError::Kit);
            }
            kit.take_over(&dead, reason, cards)?;
            Ok(())
        })
    }

    /// Withdraws the card with this id.
    ///
    /// # Errors
    /// [`ChairError`]; [`ChairError::Nothing`] when no card was chosen.
    pub(crate) fn withdraw_card(
        &self,
        lost: &str,
        reason: &str,
        cards: &TwoCards,
    ) -> Result<(), ChairError> {
        self.with_cards(cards, |kit, cards| {
            let known = kit.cards();
            let lost = known.iter().find(|card| card.kid.hex() == lost);
            let lost = lost.ok_or(ChairError::Nothing)?.kid;
            kit.withdraw_card(lost, reason, cards)?;
            Ok(())
        })
    }

    /// Enters a receipt of a lost kit from paper.
    ///
    /// # Errors
    /// [`ChairError`].
    pub(crate) fn enter_receipt(
        &self,
        typed: &TypedReceipt,
        cards: &TwoCards,
    ) -> Result<(), ChairError> {
        self.with_cards(cards, |kit, cards| {
            kit.enter_receipt(typed.read(kit)?, cards)?;
            Ok(())
        })
    }

    /// Sets the kit's clock to what was typed, local time.
    ///
    /// # Errors
    /// [`ChairError`].
    pub(crate) fn set_clock(&self, text: &str, cards: &TwoCards) -> Result<(), ChairError> {
        self.with_cards(cards, |kit, cards| {
            let offset = i64::from(kit.charter().policy().offset_minutes);
            let wall = moment(text, offset).ok_or(ChairError::Time)?;
            kit.set_clock(wall, cards)?;
            Ok(())
        })
    }

    /// The voter on the screen goes on to the finger, after a look or straight away.
    pub(crate) fn finger_scene(kit: &Kit, line: u32) -> Scene {
        Scene::Finger {
            line,
            finger: kit.asked_finger(line),
            last: LastTry::None,
            attempts: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::moment;
    use lexicon::Instant;

    #[test]
    fn a_local_time_is_read_with_and_without_seconds() {
        let check = |text: &str, expected: Option<i64>| {
            assert_eq!(moment(text, 360).map(Instant::micros), expected, "{text}");
        };
        let eight = 1_443_924_000_000_000;
        check("2015-10-04 08:00", Some(eight));
        check(" 2015-10-04T08:00:07 ", Some(eight + 7_000_000));
        check("08:00", None);
        check("2015-10-04 25:00", None);
        check("2015-10-04 08:00:00:00", None);
        assert_eq!(
            moment("2015-10-04 08:00", -270).map(Instant::micros),
            Some(eight + (360 + 270) * 60_000_000)
        );
    }
}
