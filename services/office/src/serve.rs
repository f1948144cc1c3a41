//! The office over HTTP. Every page works without script; the policy allows no inline script or style.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Form, Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{MethodRouter, get, on};
use lexicon::Language;
use maud::Markup;
use store::{Session, Store, StoreError};
use tokio::net::TcpListener;
use tower_http::csrf::CsrfLayer;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::config::Config;
use crate::office::Office;
use crate::pages::{door, problem};
use crate::reason::Reason;
use crate::role::Role;
use crate::routes::{MISSING, ROUTES, Route, Verb};
use crate::sign_in::Attempt;
use crate::upload::{SpoolError, Spooled};
use crate::visit::{Answer, Answered, Fields, Problem, Visit};

mod asset;
mod file;

use asset::asset;
use file::filed;

/// Why the office does not serve: the administrator acts.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The store cannot be opened.
    #[error("the store cannot be opened: {0}")]
    Store(#[from] StoreError),
    /// The address cannot be taken.
    #[error("{listen}: {source}")]
    Listen {
        /// Which address.
        listen: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
}

/// An office that is being served; it stops when this is dropped.
#[derive(Debug)]
pub struct Serving {
    /// Where the pages are.
    pub address: SocketAddr,
    task: tokio::task::JoinHandle<()>,
}

impl Serving {
    /// Waits until serving ends, which it does only by a fault.
    pub async fn ended(mut self) {
        // The task is not aborted here; a panic inside it has been told already.
        let _ = (&mut self.task).await;
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Opens the store that the configuration names and serves the office.
///
/// # Errors
/// [`ServeError`].
pub async fn serve(config: Config) -> Result<Serving, ServeError> {
    let (url, clock) = (config.store.clone(), Arc::clone(&config.clock));
    let store = tokio::task::spawn_blocking(move || Store::open(&url, clock))
        .await
        .map_err(|_| StoreError::Unreachable)??;
    serve_store(store, config).await
}

/// Serves the office over a store that is open already; its clock is the office's time.
///
/// # Errors
/// [`ServeError::Listen`].
pub async fn serve_store(store: Store, config: Config) -> Result<Serving, ServeError> {
    let listen = config.listen;
    let failed = |source| ServeError::Listen { listen, source };
    let listener = TcpListener::bind(listen).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let office = Arc::new(Office::new(store, config));
    let ahead = Arc::clone(&office);
    tokio::task::spawn_blocking(move || {
        // A list whose work was stopped with the program goes on.
        ahead.list_work().start();
        ahead.count_ahead();
    });
    let router = router(office);
    let task = tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!(%error, "the office stopped");
        }
    });
    Ok(Serving { address, task })
}

/// The office's addresses.
pub fn router(office: Arc<Office>) -> Router {
    let fixed =
        |name, value| SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value));
    let mut methods: HashMap<&str, MethodRouter<Arc<Office>>> = HashMap::new();
    for route in ROUTES {
        let filter = match route.verb {
            Verb::Get => axum::routing::MethodFilter::GET,
            Verb::Post => axum::routing::MethodFilter::POST,
        };
        let own = if route.takes_file {
            on(filter, move |State(office): State<Arc<Office>>, request| {
                filed(office, route, request)
            })
        } else {
            on(
                filter,
                move |State(office): State<Arc<Office>>, request: Asked| {
                    staffed(office, route, request)
                },
            )
        };
        let known = methods.remove(route.path).unwrap_or_default();
        methods.insert(route.path, known.merge(own));
    }
    let mut router = Router::new();
    for (path, methods) in methods {
        router = router.route(path, methods);
    }
    router
        .route("/sign-in", get(show_door).post(knock))
        .route("/sign-out", axum::routing::post(leave))
        .route("/assets/{name}", get(asset))
        .fallback(missing)
        .layer(CsrfLayer::new())
        .layer(fixed(header::CONTENT_SECURITY_POLICY, screen::CSP))
        .layer(fixed(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(fixed(header::REFERRER_POLICY, "same-origin"))
        .layer(DefaultBodyLimit::max(128 << 10))
        .with_state(office)
}

/// What a request brings.
struct Asked {
    uri: Uri,
    headers: HeaderMap,
    path: Fields,
    query: Fields,
    form: Fields,
    file: Option<Result<Spooled, SpoolError>>,
}

impl Asked {
    /// Everything but the body.
    async fn of_parts<S: Send + Sync>(
        parts: &mut axum::http::request::Parts,
        state: &S,
    ) -> Result<Self, StatusCode> {
        use axum::extract::FromRequestParts as _;
        let path = match Path::<Fields>::from_request_parts(parts, state).await {
            Ok(Path(path)) => path,
            Err(_) => Fields::new(),
        };
        let Query(query) = Query::<Fields>::from_request_parts(parts, state)
            .await
            .map_err(|_| StatusCode::BAD_REQUEST)?;
        Ok(Self {
            uri: parts.uri.clone(),
            headers: parts.headers.clone(),
            path,
            query,
            form: Fields::new(),
            file: None,
        })
    }
}

impl<S: Send + Sync> axum::extract::FromRequest<S> for Asked {
    type Rejection = StatusCode;

    async fn from_request(request: axum::extract::Request, state: &S) -> Result<Self, StatusCode> {
        let (mut parts, body) = request.into_parts();
        let mut asked = Self::of_parts(&mut parts, state).await?;
        if parts.method == Method::POST {
            let request = axum::extract::Request::from_parts(parts, body);
            let Form(fields) = Form::<Fields>::from_request(request, state)
                .await
                .map_err(|_| StatusCode::BAD_REQUEST)?;
            asked.form = fields;
        }
        Ok(asked)
    }
}

/// Runs what waits for the store or a slow hash off the request's thread.
async fn blocking(work: impl FnOnce() -> Response + Send + 'static) -> Response {
    match tokio::task::spawn_blocking(work).await {
        Ok(response) => response,
        Err(_) => {
            tracing::error!("a desk stopped half-way");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

async fn staffed(office: Arc<Office>, route: &'static Route, request: Asked) -> Response {
    blocking(move || answer(&office, route, request)).await
}

fn answer(office: &Office, route: &Route, request: Asked) -> Response {
    let (language, chosen) = language(&request.query, &request.headers);
    let session = match session(office, &request.headers) {
        Ok(Some(session)) => session,
        Ok(None) => return to_door(route, &request.uri),
        Err(error) => return problem_alone(office, language, &Problem::Store(error)),
    };
    let Some(role) = Role::from_code(&session.role) else {
        tracing::error!("an account has a role that this program does not know");
        return to_door(route, &request.uri);
    };
    let kept = cookie(&request.headers, "reason").and_then(Reason::from_code);
    let visit = Visit {
        office,
        language,
        staff: session.staff,
        display: session.display,
        role,
        reason: Reason::in_force(role, kept),
        url: match route.verb {
            Verb::Get => without_language(&request.uri),
            // An act cannot be asked again by a link: its page can.
            Verb::Post => filled(route.page, &request.path),
        },
        path: request.path,
        query: request.query,
        form: request.form,
        file: request.file,
    };
    let answered = match route.right {
        Some(right) if !visit.may(right) => Err(Problem::Denied(right)),
        Some(_) | None if route.needs_reason && visit.reason.is_none() => {
            let next = encode(&visit.url);
            Ok(Answer::Go(format!("/reason?next={next}")))
        }
        Some(_) | None => (route.desk)(&visit),
    };
    let mut response = respond(office, &visit, answered);
    if chosen {
        set_cookie(&mut response, office, "lang", language.tag());
    }
    response
}

fn respond(office: &Office, visit: &Visit<'_>, answered: Answered) -> Response {
    match answered {
        Ok(Answer::Page(page)) => html(StatusCode::OK, page),
        Ok(Answer::Correct(page)) => html(StatusCode::UNPROCESSABLE_ENTITY, page),
        Ok(Answer::Go(url)) => Redirect::to(&url).into_response(),
        Ok(Answer::Keep(reason, url)) => {
            let mut response = Redirect::to(&url).into_response();
            set_cookie(&mut response, office, "reason", reason.code());
            response
        }
        Ok(Answer::KeepPage(reason, page)) => {
            let mut response = html(StatusCode::OK, page);
            set_cookie(&mut response, office, "reason", reason.code());
            response
        }
        Ok(Answer::Table { name, next }) => table(&name, next),
        Err(found) => {
            let status = problem::status(&found);
            if let Problem::Store(error) = &found {
                tracing::error!(%error, "a page could not be made");
            }
            html(status, problem::page(visit, &found))
        }
    }
}

/// Sends a table part by part: an export of millions never stands in memory.
fn table(
    name: &str,
    mut next: Box<dyn FnMut() -> Result<Option<Vec<u8>>, StoreError> + Send>,
) -> Response {
    let (send, receive) = tokio::sync::mpsc::channel::<Result<Bytes, std::io::Error>>(2);
    tokio::task::spawn_blocking(move || {
        loop {
            let part = match next() {
                Ok(Some(part)) => Ok(Bytes::from(part)),
                Ok(None) => return,
                Err(error) => {
                    tracing::error!(%error, "an export stopped half-way");
                    Err(std::io::Error::other("the store refused"))
                }
            };
            let is_last = part.is_err();
            if send.blocking_send(part).is_err() || is_last {
                return;
            }
        }
    });
    let stream = futures_util::stream::unfold(receive, |mut receive| async move {
        receive.recv().await.map(|part| (part, receive))
    });
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, Body::from_stream(stream)).into_response()
}

fn html(status: StatusCode, page: Markup) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (status, headers, page.into_string()).into_response()
}

/// A page for nobody signed in.
fn problem_alone(office: &Office, language: Language, found: &Problem) -> Response {
    if let Problem::Store(error) = found {
        tracing::error!(%error, "a page could not be made");
    }
    html(
        problem::status(found),
        problem::alone(office, language, found),
    )
}

/// The door, with the page wanted; an act is not repeated after signing in.
fn to_door(route: &Route, uri: &Uri) -> Response {
    match route.verb {
        Verb::Get if uri.path() != "/" => {
            let next = encode(&without_language(uri));
            Redirect::to(&format!("/sign-in?next={next}")).into_response()
        }
        Verb::Get | Verb::Post => Redirect::to("/sign-in").into_response(),
    }
}

async fn show_door(State(office): State<Arc<Office>>, request: Asked) -> Response {
    let (language, chosen) = language(&request.query, &request.headers);
    let page = door::page(
        &office,
        language,
        &door::Knock::first(next_of(&request.query)),
    );
    let mut response = html(StatusCode::OK, page);
    if chosen {
        set_cookie(&mut response, &office, "lang", language.tag());
    }
    response
}

async fn knock(State(office): State<Arc<Office>>, request: Asked) -> Response {
    blocking(move || {
        let (language, _) = language(&request.query, &request.headers);
        let field = |name: &str| request.form.get(name).map_or("", String::as_str);
        let staff = field("account").trim().to_lowercase();
        let attempt = office
            .door
            .attempt(&office.store, &staff, field("password"));
        let next = next_of(&request.form);
        match attempt {
            Ok(Attempt::Welcome) => welcome(&office, language, &staff, &next),
            Ok(other) => {
                let knock = door::Knock::answered(next, &staff, other);
                html(knock.status(), door::page(&office, language, &knock))
            }
            Err(error) => problem_alone(&office, language, &Problem::Store(error)),
        }
    })
    .await
}

fn welcome(office: &Office, language: Language, staff: &str, next: &str) -> Response {
    let token: [u8; 32] = keys::random();
    let started = office
        .store
        .transact("start_session", staff, |tx| tx.start_session(staff, &token));
    if let Err(error) = started {
        return problem_alone(office, language, &Problem::Store(error));
    }
    let mut response = Redirect::to(next).into_response();
    set_cookie(&mut response, office, "session", &hex(&token));
    // A new session starts without a reason: it is chosen anew.
    set_cookie(&mut response, office, "reason", "");
    response
}

async fn leave(State(office): State<Arc<Office>>, request: Asked) -> Response {
    blocking(move || {
        let (language, _) = language(&request.query, &request.headers);
        if let Some(token) = token(&office, &request.headers)
            && let Err(error) = office
                .store
                .transact("end_session", "", |tx| tx.end_session(&token))
        {
            return problem_alone(&office, language, &Problem::Store(error));
        }
        let mut response = Redirect::to("/sign-in").into_response();
        set_cookie(&mut response, &office, "session", "");
        set_cookie(&mut response, &office, "reason", "");
        response
    })
    .await
}

async fn missing(State(office): State<Arc<Office>>, request: Asked) -> Response {
    let (language, _) = language(&request.query, &request.headers);
    // Nobody signed in learns nothing but that; an account keeps its navigation.
    if token(&office, &request.headers).is_none() {
        return problem_alone(&office, language, &Problem::NotFound);
    }
    staffed(office, &MISSING, request).await
}

/// The language of the link, else of the cookie, else of the browser, else Kyrgyz.
fn language(query: &Fields, headers: &HeaderMap) -> (Language, bool) {
    if let Some(asked) = query.get("lang").and_then(|tag| Language::from_tag(tag)) {
        return (asked, true);
    }
    if let Some(kept) = cookie(headers, "lang").and_then(Language::from_tag) {
        return (kept, false);
    }
    let browser = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok())
        .into_iter()
        .flat_map(|value| value.split(','))
        .filter_map(|part| part.trim().get(..2))
        .find_map(Language::from_tag);
    (browser.unwrap_or(Language::Ky), false)
}

/// Path and query without the language.
fn without_language(uri: &Uri) -> String {
    let query = uri.query().unwrap_or("");
    let rest: Vec<&str> = query
        .split('&')
        .filter(|pair| !pair.is_empty() && !pair.starts_with("lang="))
        .collect();
    if rest.is_empty() {
        uri.path().to_owned()
    } else {
        format!("{}?{}", uri.path(), rest.join("&"))
    }
}

/// A path of the table with its parts filled in.
fn filled(path: &str, parts: &Fields) -> String {
    parts.iter().fold(path.to_owned(), |path, (name, value)| {
        path.replace(&format!("{{{name}}}"), &encode(value))
    })
}

/// Where to go after signing in or choosing a reason: a page of this office, nothing else.
pub(crate) fn next_of(fields: &Fields) -> String {
    let wanted = fields.get("next").map_or("", String::as_str);
    let is_local = wanted.starts_with('/')
        && !wanted.starts_with("//")
        && wanted.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    if is_local { wanted } else { "/" }.to_owned()
}

/// Percent-encodes everything but unreserved characters and the slash.
pub(crate) fn encode(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        out
    })
}

fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(found, _)| *found == name)
        .map(|(_, value)| value)
}

/// The session's cookie; over TLS its name binds it to this host.
fn cookie_name<'n>(office: &Office, name: &'n str) -> std::borrow::Cow<'n, str> {
    if office.config.https && name == "session" {
        "__Host-session".into()
    } else {
        name.into()
    }
}

fn set_cookie(response: &mut Response, office: &Office, name: &str, value: &str) {
    let secure = if office.config.https { "; Secure" } else { "" };
    let ends = if value.is_empty() { "; Max-Age=0" } else { "" };
    let name = cookie_name(office, name);
    let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict{secure}{ends}");
    if let Ok(value) = HeaderValue::from_str(&text) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

fn token(office: &Office, headers: &HeaderMap) -> Option<[u8; 32]> {
    let text = cookie(headers, &cookie_name(office, "session"))?;
    let mut token = [0u8; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (at, byte) in token.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).ok()?;
    }
    Some(token)
}

fn session(office: &Office, headers: &HeaderMap) -> Result<Option<Session>, StoreError> {
    let Some(token) = token(office, headers) else {
        return Ok(None);
    };
    let terms = office.config.terms;
    office
        .store
        .transact("find_session", "", |tx| tx.find_session(&token, terms))
}

/// Bytes as hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    lexicon::handover::envelope::hex(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_page_of_this_office_follows_a_sign_in() {
        let check = |wanted: &str, expected: &str| {
            let fields = Fields::from([("next".to_owned(), wanted.to_owned())]);
            assert_eq!(next_of(&fields), expected, "{wanted}");
        };
        check("/person/1?x=2", "/person/1?x=2");
        check("https://elsewhere.example/", "/");
        check("//elsewhere.example/", "/");
        check("/\\elsewhere.example", "/");
        check("/a\r\nSet-Cookie: x=1", "/");
        check("/имя", "/");
        check("", "/");
    }

    #[test]
    fn a_url_keeps_its_query_but_not_its_language() {
        let check = |uri: &str, expected: &str| {
            assert_eq!(without_language(&uri.parse().unwrap_or_default()), expected);
        };
        check("/claims?kind=form2&lang=ky", "/claims?kind=form2");
        check("/claims?lang=ky", "/claims");
        check("/", "/");
        assert_eq!(encode("/a?b=ё"), "/a%3Fb%3D%D1%91");
    }
}
