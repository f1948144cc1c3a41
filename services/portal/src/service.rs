//! The site over HTTP.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Form, Query, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use lexicon::handover::envelope::decode;
use lexicon::handover::question::Question;
use lexicon::{Clock, Language};
use maud::Markup;
use serde::Deserialize;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::askers::Askers;
use crate::oracle_client::OracleClient;
use crate::pages::{self, Answer, Parsed, Typed};
use crate::publication::Publication;

/// The portal's configuration; unknown keys are refused.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Address to listen on, as `127.0.0.1:8003`.
    pub listen: SocketAddr,
    /// The publication folder.
    pub publication: PathBuf,
    /// The oracle's socket.
    pub oracle: PathBuf,
    /// Whether the data is a demonstration's; every page says so.
    #[serde(default)]
    pub demo: bool,
    /// Questions that one address may ask in 24 hours; many telephones share an address of their provider.
    #[serde(default = "questions_per_address")]
    pub questions_per_address: u32,
    /// Whether a proxy stands before the portal: the asker's address is then the last one of `X-Forwarded-For`, which
    /// the proxy itself writes.
    #[serde(default)]
    pub behind_proxy: bool,
}

/// What an address may ask in a day unless the configuration says otherwise.
fn questions_per_address() -> u32 {
    200
}

/// Why the portal stopped: the engineer acts.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address could not be taken.
    #[error("{listen}: {source}")]
    Listen {
        /// Where.
        listen: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
}

struct Site {
    publication: Publication,
    oracle: OracleClient,
    clock: Arc<dyn Clock>,
    demo: bool,
    askers: Askers,
    behind_proxy: bool,
}

impl Site {
    /// Where a question comes from; all that come from nowhere are counted as one.
    fn address(&self, parts: &Parts) -> IpAddr {
        let forwarded = || {
            let value = parts
                .headers
                .get_all("x-forwarded-for")
                .iter()
                .next_back()?;
            let last = value.to_str().ok()?.rsplit(',').next()?;
            last.trim().parse::<IpAddr>().ok()
        };
        let peer = || {
            let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
            peer.map(|ConnectInfo(peer)| peer.ip())
        };
        let found = if self.behind_proxy {
            forwarded()
        } else {
            peer()
        };
        found.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
    }
}

/// Serves the site until the task ends.
///
/// # Errors
/// [`ServeError::Listen`].
pub async fn serve(
    config: &Config,
    publication: Publication,
    clock: Arc<dyn Clock>,
) -> Result<(), ServeError> {
    let failed = |source| ServeError::Listen {
        listen: config.listen,
        source,
    };
    let listener = tokio::net::TcpListener::bind(config.listen)
        .await
        .map_err(failed)?;
    let router = router(config, publication, clock);
    axum::serve(
        listener,
        router.into_make_service_with_connect_info::<SocketAddr>(),
    )
    .await
    .map_err(failed)
}

/// The site's routes.
pub fn router(config: &Config, publication: Publication, clock: Arc<dyn Clock>) -> Router {
    let site = Arc::new(Site {
        publication,
        oracle: OracleClient::new(config.oracle.clone()),
        clock,
        demo: config.demo,
        askers: Askers::new(config.questions_per_address),
        behind_proxy: config.behind_proxy,
    });
    let fixed =
        |name, value| SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value));
    Router::new()
        .route("/", get(form).post(check))
        .route("/precincts", get(precincts))
        .route("/precinct", get(precinct))
        .route("/turnout", get(turnout))
        .route("/proofs", get(proofs))
        .route("/publication/{*path}", get(file))
        .route("/assets/{name}", get(asset))
        .fallback(missing)
        .with_state(site)
        .layer(RequestBodyLimitLayer::new(4 << 10))
        .layer(fixed(header::CONTENT_SECURITY_POLICY, screen::CSP))
        .layer(fixed(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(fixed(header::REFERRER_POLICY, "no-referrer"))
}

#[derive(Deserialize)]
struct Asked {
    lang: Option<String>,
    n: Option<String>,
}

/// The language of the link, else of the browser, else Kyrgyz.
fn language(asked: &Asked, headers: &HeaderMap) -> Language {
    if let Some(language) = asked.lang.as_deref().and_then(Language::from_tag) {
        return language;
    }
    headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok())
        .into_iter()
        .flat_map(|value| value.split(','))
        .filter_map(|part| part.trim().get(..2))
        .find_map(Language::from_tag)
        .unwrap_or(Language::Ky)
}

fn page(markup: Markup) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, markup.into_string()).into_response()
}

async fn form(
    State(site): State<Arc<Site>>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Response {
    page(pages::form_page(
        language(&asked, &headers),
        site.demo,
        &Typed::default(),
        (None, None),
    ))
}

#[derive(Deserialize)]
struct Fields {
    #[serde(default)]
    pin: String,
    #[serde(default)]
    document: String,
}

async fn check(
    State(site): State<Arc<Site>>,
    Query(asked): Query<Asked>,
    parts: Parts,
    Form(fields): Form<Fields>,
) -> Response {
    let language = language(&asked, &parts.headers);
    let typed = Typed {
        pin: fields.pin,
        document: fields.document,
    };
    let today = site
        .clock
        .now()
        .local_date(site.publication.law.election.offset_minutes);
    let (pin, document) = match pages::parse(&typed, today, language) {
        Parsed::Question(pin, document) => (pin, document),
        Parsed::Errors { pin, document } => {
            let body = pages::form_page(
                language,
                site.demo,
                &typed,
                (pin.as_deref(), document.as_deref()),
            );
            return (StatusCode::UNPROCESSABLE_ENTITY, page(body)).into_response();
        }
    };
    let question = Question {
        pin: pin.digits(),
        document: document.as_str().to_owned(),
    };
    let held = site.askers.ask(site.address(&parts), site.clock.now());
    let answer = match held {
        Some(minutes) => Answer::Throttled { minutes },
        None => match site.oracle.ask(&question).await {
            Ok(reply) => match reply.kind {
                0 => decode(&reply.answer).map_or(Answer::Down, |a| Answer::Record(Box::new(a))),
                1 => Answer::NoMatch,
                2 => Answer::Throttled {
                    minutes: reply.wait_minutes,
                },
                _ => Answer::Down,
            },
            Err(_) => Answer::Down,
        },
    };
    page(pages::answer_page(
        &site.publication,
        language,
        site.demo,
        &answer,
    ))
}

async fn precincts(
    State(site): State<Arc<Site>>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Response {
    page(pages::precincts_page(
        &site.publication,
        language(&asked, &headers),
        site.demo,
        false,
    ))
}

async fn precinct(
    State(site): State<Arc<Site>>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Response {
    let language = language(&asked, &headers);
    let number = asked
        .n
        .as_deref()
        .and_then(|n| n.trim().parse::<u16>().ok());
    match number.and_then(|n| site.publication.precincts.get(&n)) {
        Some(found) => page(pages::precinct_page(
            &site.publication,
            language,
            site.demo,
            found,
        )),
        None => {
            let body = pages::precincts_page(&site.publication, language, site.demo, true);
            (StatusCode::NOT_FOUND, page(body)).into_response()
        }
    }
}

async fn turnout(
    State(site): State<Arc<Site>>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Response {
    page(pages::turnout_page(
        &site.publication,
        language(&asked, &headers),
        site.demo,
    ))
}

async fn proofs(
    State(site): State<Arc<Site>>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Response {
    page(pages::proofs_page(
        &site.publication,
        language(&asked, &headers),
        site.demo,
    ))
}

async fn missing(
    State(site): State<Arc<Site>>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Response {
    (
        StatusCode::NOT_FOUND,
        page(pages::missing_page(language(&asked, &headers), site.demo)),
    )
        .into_response()
}

/// A file of the publication; the look-up file is not for mirrors.
async fn file(State(site): State<Arc<Site>>, uri: Uri) -> Response {
    let relative = Path::new(uri.path().trim_start_matches("/publication/"));
    let plain = relative
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    if !plain || relative == Path::new("lookup.bin") {
        return StatusCode::NOT_FOUND.into_response();
    }
    let path = site.publication.dir.join(relative);
    match tokio::task::spawn_blocking(move || std::fs::read(path)).await {
        Ok(Ok(bytes)) => {
            let headers = [(header::CONTENT_TYPE, media_type(relative))];
            (headers, Body::from(bytes)).into_response()
        }
        Ok(Err(_)) | Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

fn media_type(path: &Path) -> &'static str {
    match path.extension().and_then(|e| e.to_str()) {
        Some("csv") => "text/csv; charset=utf-8",
        Some("json") => "application/json",
        Some("geojson") => "application/geo+json",
        Some("toml") => "text/plain; charset=utf-8",
        Some("cose") => "application/cose",
        _ => "application/octet-stream",
    }
}

async fn asset(axum::extract::Path(name): axum::extract::Path<String>) -> Response {
    let own = (name == "portal.css").then_some((
        "text/css; charset=utf-8",
        &include_bytes!("../assets/portal.css")[..],
    ));
    let found = own.or_else(|| screen::assets::shared(&name).map(|a| (a.media_type, a.bytes)));
    match found {
        Some((media_type, bytes)) => (
            [
                (header::CONTENT_TYPE, media_type),
                (header::CACHE_CONTROL, "public, max-age=3600"),
            ],
            bytes,
        )
            .into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
