//! Voting at home on HTTP: the home list, visits on the mobile kit, the chair's release in the hall (`/chair/home`).

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};

use crate::kit::{Card, Verdict, Visit};
use crate::scene::{ChairError, OneCard, Station, TwoCards};
use crate::serve::{language, view, with_language};

/// What became of the last form.
#[derive(Debug)]
pub(crate) enum Done {
    /// A verdict of a visit.
    Visit(u32, Verdict),
    /// The act failed.
    Failed(ChairError),
}

/// The page.
pub(crate) async fn page(
    State(station): State<Arc<Station>>,
    query: Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let chosen = language(&query, &headers);
    with_language(view(station, chosen.0).home(None), chosen)
}

/// A visit, a release, or the register on paper.
pub(crate) async fn act(
    State(station): State<Arc<Station>>,
    headers: HeaderMap,
    Form(fields): Form<HashMap<String, String>>,
) -> Response {
    let chosen = language(&HashMap::new(), &headers);
    let working = Arc::clone(&station);
    match tokio::task::spawn_blocking(move || working.home_act(&fields)).await {
        Ok(Ok(None)) => Redirect::to("/chair/home").into_response(),
        Ok(Ok(Some((line, verdict)))) => {
            let page = view(station, chosen.0).home(Some(&Done::Visit(line, verdict)));
            with_language(page, chosen)
        }
        Ok(Err(error)) => {
            let page = view(station, chosen.0).home(Some(&Done::Failed(error)));
            (
                StatusCode::UNPROCESSABLE_ENTITY,
                with_language(page, chosen),
            )
                .into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

impl Station {
    fn home_act(
        &self,
        fields: &HashMap<String, String>,
    ) -> Result<Option<(u32, Verdict)>, ChairError> {
        let kit = self.kit().ok_or(ChairError::Nothing)?;
        let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
        let line = field("line").trim().parse().unwrap_or(0);
        match field("act").as_str() {
            "register" => {
                kit.print_home_register()?;
                Ok(None)
            }
            "release" => {
                let card = OneCard {
                    kid: field("card"),
                    passphrase: field("pass"),
                };
                let steady = kit.read_clock().steady_micros;
                let key = self.cards.unlock(&card.kid, &card.passphrase, steady)?;
                let card: &dyn Card = &*key;
                kit.release_home(line, card)?;
                self.tell();
                Ok(None)
            }
            "visit" => {
                let cards = TwoCards::of(fields);
                let how = field("how");
                if let Some(folder) = self.scanner.as_folder()
                    && !field("file").is_empty()
                    && let Err(error) = folder.put(&field("file"))
                {
                    tracing::warn!(%error, "nothing was put on the glass");
                }
                let verdict = self.with_cards(&cards, |kit, cards| {
                    Ok(match how.as_str() {
                        "finger" => {
                            let capture = self.scanner.capture().map_err(ChairError::Scanner)?;
                            if self.is_replay(&capture) {
                                return Err(ChairError::Replayed);
                            }
                            kit.visit(line, Visit::Finger(&capture), cards)?
                        }
                        "not_found" => kit.visit(line, Visit::NotFound, cards)?,
                        reason => kit.visit(line, Visit::Witness(reason), cards)?,
                    })
                })?;
                Ok(Some((line, verdict)))
            }
            _ => Err(ChairError::Nothing),
        }
    }
}
