//! The operator's screen locks by `F12` and after some minutes without use, five by the law of today; an officer's card brings it back (S-34).
//!
//! While it is locked the kit shows no voter and takes no act of the operator. The chair's acts take two cards each
//! and go on, as the monitor and the ballot table do.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use axum::extract::{Form, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};

use crate::scene::{ChairError, OneCard, Station};

/// Whether the screen is locked, and since when nobody has used it.
#[derive(Debug, Default)]
pub(crate) struct Lock {
    is_locked: AtomicBool,
    /// Steady clock of the last use, microseconds.
    used: AtomicU64,
    problem: Mutex<Option<Arc<ChairError>>>,
}

impl Lock {
    /// Keeps the screen from locking until the next use, while a lesson moves the clock on.
    pub(crate) fn hold(&self) {
        self.used.store(u64::MAX, Ordering::SeqCst);
    }
}

impl Station {
    /// Whether the operator's screen is locked; a screen that nobody used for as long as the law says locks now.
    pub fn is_locked(&self) -> bool {
        let Some(kit) = self.kit() else { return false };
        let idle = kit
            .read_clock()
            .steady_micros
            .saturating_sub(self.lock.used.load(Ordering::SeqCst));
        let most = u64::from(kit.charter().limits().lock_seconds);
        if idle > most * 1_000_000 && !self.lock.is_locked.load(Ordering::SeqCst) {
            self.lock_screen();
        }
        self.lock.is_locked.load(Ordering::SeqCst)
    }

    /// Somebody used the kit.
    pub(crate) fn used(&self) {
        if let Some(kit) = self.kit() {
            let now = kit.read_clock().steady_micros;
            self.lock.used.store(now, Ordering::SeqCst);
        }
    }

    /// Locks the operator's screen; a voter who stood there turns away.
    pub fn lock_screen(&self) {
        if self.kit().is_some() && !self.lock.is_locked.swap(true, Ordering::SeqCst) {
            self.set_problem(None);
            self.next();
        }
    }

    /// An officer's card brings the screen back. A card that did not hold it before takes the shift: an event.
    pub fn unlock_screen(&self, card: &OneCard) {
        let Some(kit) = self.kit() else { return };
        let steady = kit.read_clock().steady_micros;
        let taken = self
            .cards
            .unlock(&card.kid, &card.passphrase, steady)
            .map_err(ChairError::from)
            .and_then(|key| Ok(kit.take_shift(&*key)?));
        match taken {
            Ok(()) => {
                self.set_problem(None);
                self.used();
                self.lock.is_locked.store(false, Ordering::SeqCst);
            }
            Err(problem) => self.set_problem(Some(Arc::new(problem))),
        }
        self.tell();
    }

    /// Why the last card did not bring the screen back.
    pub(crate) fn lock_problem(&self) -> Option<Arc<ChairError>> {
        let problem = self.lock.problem.lock();
        problem.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_problem(&self, problem: Option<Arc<ChairError>>) {
        *self
            .lock
            .problem
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = problem;
    }
}

/// What is shown and done while the screen is locked: nothing that names a voter.
fn is_open_while_locked(path: &str) -> bool {
    let is_of_chair = path == "/chair" || path.starts_with("/chair/");
    let names_voters = ["/chair/list", "/chair/home"]
        .iter()
        .any(|page| path.starts_with(page));
    matches!(
        path,
        "/" | "/lock" | "/unlock" | "/events" | "/monitor" | "/monitor/events"
    ) || path.starts_with("/assets/")
        || path.starts_with("/receipts")
        || path.starts_with("/lesson")
        || path.starts_with("/paper/report/")
        || path.starts_with("/paper/hour/")
        || is_of_chair && !names_voters
}

/// Every page goes through here: a locked screen leads back to its question, a form that is sent is a use.
pub(crate) async fn guard(
    State(station): State<Arc<Station>>,
    request: Request,
    next: Next,
) -> Response {
    if station.is_locked() {
        if !is_open_while_locked(request.uri().path()) {
            return Redirect::to("/").into_response();
        }
    } else if request.method() == Method::POST {
        station.used();
    }
    next.run(request).await
}

/// `F12`.
pub(crate) async fn lock(State(station): State<Arc<Station>>) -> Redirect {
    station.lock_screen();
    Redirect::to("/")
}

/// A card to come back.
pub(crate) async fn unlock(
    State(station): State<Arc<Station>>,
    Form(fields): Form<HashMap<String, String>>,
) -> Redirect {
    let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
    let card = OneCard {
        kid: field("card"),
        passphrase: field("pass"),
    };
    let done = tokio::task::spawn_blocking(move || station.unlock_screen(&card)).await;
    if done.is_err() {
        tracing::error!("an unlocking stopped half-way");
    }
    Redirect::to("/")
}

#[cfg(test)]
mod tests {
    use super::is_open_while_locked;

    #[test]
    fn a_locked_kit_shows_and_does_nothing_that_names_a_voter() {
        for path in [
            "/",
            "/unlock",
            "/monitor",
            "/chair",
            "/chair/close",
            "/receipts",
            "/assets/kit.js",
        ] {
            assert!(is_open_while_locked(path), "{path}");
        }
        for path in [
            "/find",
            "/choose",
            "/scan",
            "/read",
            "/photo/7",
            "/live",
            "/paper/receipt/7.png",
            "/paper/slip.png",
            "/corrections",
            "/chair/list",
            "/chair/home",
        ] {
            assert!(!is_open_while_locked(path), "{path}");
        }
    }
}
