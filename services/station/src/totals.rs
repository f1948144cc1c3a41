//! What was counted on paper, typed in after the close (`/chair/totals`): from the page to the kit.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use pollbook::PaperTotals;

use crate::scene::{ChairError, Station, TwoCards};
use crate::serve::{language, view, with_language};

/// What stands in the fields of the page: given back as it was typed when the entry fails.
#[derive(Clone, Debug, Default)]
pub(crate) struct TypedTotals {
    /// Signatures, ballots received, given, spoilt, left: in the order of [`FIELDS`].
    pub numbers: [String; 5],
    /// Why a number differs, a code.
    pub difference: String,
    /// Why the totals before are corrected, a code.
    pub correction: String,
}

/// Names of the numbers on the page, in their order.
pub(crate) const FIELDS: [&str; 5] = ["signatures", "received", "issued", "spoilt", "left"];

impl TypedTotals {
    fn of(fields: &HashMap<String, String>) -> Self {
        let field = |name: &str| fields.get(name).map_or("", |text| text.trim()).to_owned();
        Self {
            numbers: FIELDS.map(field),
            difference: field("difference"),
            correction: field("correction"),
        }
    }

    /// # Errors
    /// [`ChairError::Number`] when one of them is none.
    fn totals(&self) -> Result<PaperTotals, ChairError> {
        let mut read = [0u32; 5];
        for (number, typed) in read.iter_mut().zip(&self.numbers) {
            *number = typed.parse().map_err(|_| ChairError::Number)?;
        }
        let [signatures, received, issued, spoilt, left] = read;
        Ok(PaperTotals {
            signatures,
            received,
            issued,
            spoilt,
            left,
        })
    }
}

/// The page.
pub(crate) async fn page(
    State(station): State<Arc<Station>>,
    query: Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let chosen = language(&query, &headers);
    let nothing = TypedTotals::default();
    with_language(view(station, chosen.0).totals(&nothing, None), chosen)
}

/// Enters what was typed, with two cards.
pub(crate) async fn enter(
    State(station): State<Arc<Station>>,
    headers: HeaderMap,
    Form(fields): Form<HashMap<String, String>>,
) -> Response {
    let chosen = language(&HashMap::new(), &headers);
    let cards = TwoCards::of(&fields);
    let typed = TypedTotals::of(&fields);
    let (working, asked) = (Arc::clone(&station), typed.clone());
    let done = tokio::task::spawn_blocking(move || working.enter_totals(&asked, &cards)).await;
    match done {
        Ok(Ok(())) => Redirect::to("/chair/totals").into_response(),
        Ok(Err(error)) => {
            let page = view(station, chosen.0).totals(&typed, Some(&error));
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            (status, with_language(page, chosen)).into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

impl Station {
    /// Enters what was counted on paper.
    ///
    /// # Errors
    /// [`ChairError`].
    pub(crate) fn enter_totals(
        &self,
        typed: &TypedTotals,
        cards: &TwoCards,
    ) -> Result<(), ChairError> {
        let totals = typed.totals()?;
        self.with_cards(cards, |kit, cards| {
            kit.enter_totals(totals, &typed.difference, &typed.correction, cards)?;
            Ok(())
        })
    }
}
