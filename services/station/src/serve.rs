//! The kit on HTTP: pages for people on one address, signed messages for kits on another.
//!
//! Pages need scripts for nothing but speed; the policy allows no inline script or style. Kits talk behind
//! mutual TLS ([`crate::lan`]): who shows no key of this precinct never reaches a parser.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Form, Path, Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use lexicon::Language;
use lexicon::handover::envelope::Kid;
use pollbook::ReportKind;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tower_http::csrf::CsrfLayer;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::attached::Places;
use crate::changes;
use crate::config::Config;
use crate::days;
use crate::discovery::Neighbours;
use crate::doubts;
use crate::hand_over;
use crate::home;
use crate::kit::{Card, Kit, Method2, REASONS_TWO, SayError};
use crate::lan::{Budgets, LanListener, OVER_BUDGET, Peer};
use crate::link::Hinted;
use crate::list_pages;
use crate::lock;
use crate::monitors::Listening;
use crate::pages::View;
use crate::paper_only::TypedPaper;
use crate::reader;
use crate::rehearsal;
use crate::rescue::TypedReceipt;
use crate::scene::{ChairError, OneCard, Scene, Shown, Station, TwoCards, Wanted};
use crate::serial::Reading;
use crate::spares;
use crate::teach;
use crate::theme;
use crate::totals;

/// Seconds between two beats of an event stream, and between two synchronisations.
const BEAT: Duration = Duration::from_secs(2);
const SYNC: Duration = Duration::from_secs(1);
const PRINTER: Duration = Duration::from_secs(4);
/// Between two looks at the journal on the disk.
const CHAIN_MICROS: u64 = 300_000_000;
/// Synchronisations between two rounds of countersigning.
const COUNTERSIGN_EVERY: u32 = 30;

const KIT_JS: &str = include_str!("../assets/kit.js");
const KIT_CSS: &str = include_str!("../assets/kit.css");

/// A kit that is being served; it stops when this is dropped.
pub struct Serving {
    /// Where the pages are.
    pub pages: std::net::SocketAddr,
    /// Where peers ask.
    pub lan: std::net::SocketAddr,
    /// Where the monitor of another device is, when it has an address of its own.
    pub monitor: Option<std::net::SocketAddr>,
    /// The station behind them.
    pub station: Arc<Station>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
    _around: Option<Neighbours>,
    _reading: Option<Reading>,
}

impl Serving {
    /// Serves the monitor on an address of its own, for another device: read only, and it names nobody.
    ///
    /// # Errors
    /// When the address cannot be bound.
    pub async fn show_elsewhere(&mut self, address: std::net::SocketAddr) -> std::io::Result<()> {
        let listener = TcpListener::bind(address).await?;
        self.monitor = Some(listener.local_addr()?);
        let router = monitor_routes(Arc::clone(&self.station));
        self.tasks.push(tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "the monitor's address stopped");
            }
        }));
        Ok(())
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// Serves a kit by its configuration; the chair opens it on the page.
///
/// # Errors
/// When an address cannot be bound.
pub async fn serve(config: Config) -> std::io::Result<Serving> {
    let (pages, lan) = (config.pages, config.lan);
    let key = Arc::clone(&config.opening.key);
    let station = Station::new(Some(config.opening), config.cards, config.scanner);
    station.take_up_lesson();
    station.look_at_journal();
    if let Some(camera) = config.camera {
        station.set_camera(camera);
    }
    let mut serving = serve_station(station, pages, lan).await?;
    serving.station.watch_places(Places::default());
    if let Some(reader) = config.reader {
        let reading = crate::serial::read_from(&serving.station, &reader.device, reader.baud);
        serving._reading = Some(reading);
    }
    if let Some(address) = config.monitor {
        serving.show_elsewhere(address).await?;
    }
    if config.discovery {
        let around = {
            let kits = serving.station.identity().map(|(_, kits)| kits);
            Neighbours::look(serving.lan, Some(key.kid()), kits.unwrap_or_default())
        };
        let known = around.clone();
        serving.station.set_around(around.clone());
        let station = Arc::clone(&serving.station);
        serving
            .tasks
            .push(tokio::spawn(keep_looking(station, key, known)));
        serving._around = Some(around);
    }
    Ok(serving)
}

/// Connects the kits of the precinct that announce themselves; a kit that the configuration names stays as named.
async fn keep_looking(station: Arc<Station>, key: Arc<dyn Card>, around: Neighbours) {
    let mut hinted: HashMap<Kid, Arc<Hinted>> = HashMap::new();
    loop {
        tokio::time::sleep(SYNC).await;
        let Some(kit) = station.kit() else { continue };
        for (peer, address) in around.found() {
            if peer == kit.kid() || !kit.charter().kits().contains(&peer) {
                continue;
            }
            if let Entry::Vacant(place) = hinted.entry(peer) {
                if kit.peers().contains(&peer) {
                    continue;
                }
                let link = Arc::new(Hinted::to(peer, Arc::clone(&key)));
                kit.connect(peer, Arc::clone(&link) as _);
                place.insert(link);
            }
            if let Some(link) = hinted.get(&peer) {
                link.hint(address);
            }
        }
    }
}

/// Serves a station, also one whose kit was opened by the caller ([`Station::install`]).
///
/// # Errors
/// When an address cannot be bound.
pub async fn serve_station(
    station: Arc<Station>,
    pages: std::net::SocketAddr,
    lan: std::net::SocketAddr,
) -> std::io::Result<Serving> {
    let page_listener = TcpListener::bind(pages).await?;
    let lan_listener = TcpListener::bind(lan).await?;
    let (pages, lan) = (page_listener.local_addr()?, lan_listener.local_addr()?);
    let page_router = page_routes(Arc::clone(&station));
    let lan_listener = behind_tls(&station, lan_listener)?;
    let lan_router = lan_routes(Arc::clone(&station));
    let tasks = vec![
        tokio::spawn(async move {
            if let Err(error) = axum::serve(page_listener, page_router).await {
                tracing::error!(%error, "pages stopped");
            }
        }),
        tokio::spawn(async move {
            let service = lan_router.into_make_service_with_connect_info::<Peer>();
            if let Err(error) = axum::serve(lan_listener, service).await {
                tracing::error!(%error, "kit exchange stopped");
            }
        }),
        tokio::spawn(keep_together(Arc::clone(&station))),
        tokio::spawn(keep_copied(Arc::clone(&station))),
        tokio::spawn(keep_printing(Arc::clone(&station))),
        tokio::spawn(keep_watching(Arc::clone(&station))),
    ];
    Ok(Serving {
        pages,
        lan,
        monitor: None,
        station,
        tasks,
        _around: None,
        _reading: None,
    })
}

fn monitor_routes(station: Arc<Station>) -> Router {
    let fixed =
        |name, value| SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value));
    Router::new()
        .route("/", get(monitor_elsewhere))
        .route("/monitor/events", get(monitor_events))
        .route("/assets/{name}", get(asset))
        .layer(fixed(header::CONTENT_SECURITY_POLICY, screen::CSP))
        .layer(fixed(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(fixed(header::REFERRER_POLICY, "same-origin"))
        .layer(DefaultBodyLimit::max(0))
        .with_state(station)
}

async fn monitor_elsewhere(State(station): State<Arc<Station>>) -> Response {
    let page = view(station, Language::Ky).monitor_without_names();
    with_language(page, (Language::Ky, false))
}

fn page_routes(station: Arc<Station>) -> Router {
    let fixed =
        |name, value| SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value));
    Router::new()
        .route("/", get(operator))
        .route("/monitor", get(monitor))
        .route("/chair", get(chair))
        .route("/chair/trouble", get(rescue))
        .route("/chair/paper", get(paper_page))
        .route("/chair/days", get(days::page).post(days::take))
        .route(
            "/chair/handover",
            get(hand_over::page).post(hand_over::write),
        )
        .route("/chair/totals", get(totals::page).post(totals::enter))
        .route("/chair/spares", get(spares::page).post(spares::take))
        .route("/chair/home", get(home::page).post(home::act))
        .route("/chair/list", get(changes::page).post(changes::take))
        .route("/chair/pages", get(list_pages::page).post(list_pages::take))
        .route("/chair/turnout", get(hours_latest))
        .route("/chair/turnout/{hour}", get(hours).post(say_hour))
        .route("/chair/turnout/{hour}/print", post(print_hour))
        .route("/chair/incidents", get(incidents))
        .route("/chair/protocol", post(doubts::print))
        .route("/chair/cards", get(cards).post(withdraw_card))
        .route("/keys", get(theme::page).post(theme::choose))
        .route("/lock", post(lock::lock))
        .route("/unlock", post(lock::unlock))
        .route("/read", post(reader::take))
        .route("/read/slip", post(reader::take_slip))
        .route("/lesson", get(teach::page))
        .route("/lesson/{act}", post(teach::act))
        .route("/corrections", get(rehearsal::page).post(rehearsal::take))
        .route("/receipts", get(table).post(take_receipt))
        .route("/receipts/{act}", post(table_act))
        .route("/events", get(events))
        .route("/monitor/events", get(monitor_events))
        .route("/find", post(find))
        .route("/choose", post(choose))
        .route("/{act}", post(act))
        .route("/chair/{act}", post(chair_act))
        .route("/photo/{line}", get(photo))
        .route("/live", get(live))
        .route("/paper/receipt/{name}", get(receipt))
        .route("/paper/report/{name}", get(report))
        .route("/paper/hour/{name}", get(hour_code))
        .route("/paper/{name}", get(paper))
        .route("/assets/{name}", get(asset))
        .layer(middleware::from_fn_with_state(
            Arc::clone(&station),
            lock::guard,
        ))
        .layer(CsrfLayer::new())
        .layer(fixed(header::CONTENT_SECURITY_POLICY, screen::CSP))
        .layer(fixed(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(fixed(header::REFERRER_POLICY, "same-origin"))
        .layer(DefaultBodyLimit::max(16 << 10))
        .with_state(station)
}

/// Exchanges with the peers every second and at once when something happened here.
async fn keep_together(station: Arc<Station>) {
    let mut round = 0u32;
    loop {
        let Some(kit) = station.kit() else {
            tokio::time::sleep(SYNC).await;
            continue;
        };
        round += 1;
        let working = Arc::clone(&kit);
        let is_countersigning = round.is_multiple_of(COUNTERSIGN_EVERY);
        let mut changed = kit.watch();
        changed.mark_unchanged();
        let done = tokio::task::spawn_blocking(move || {
            // Beside each other: a kit that is off holds up no news of the others.
            let kit = &working;
            std::thread::scope(|scope| {
                for peer in kit.peers() {
                    scope.spawn(move || kit.sync(peer));
                }
            });
            if is_countersigning && let Err(error) = working.countersign() {
                tracing::error!(%error, "heads not countersigned");
            }
        });
        if done.await.is_err() {
            tracing::error!("synchronisation stopped half-way");
        }
        tokio::select! {
            () = tokio::time::sleep(SYNC) => {}
            _ = changed.changed() => { tokio::time::sleep(Duration::from_millis(20)).await; }
        }
    }
}

/// Copies to the medium about every second.
async fn keep_copied(station: Arc<Station>) {
    loop {
        tokio::time::sleep(SYNC).await;
        let station = Arc::clone(&station);
        if let Some(kit) = station.kit() {
            let copied = tokio::task::spawn_blocking(move || {
                kit.copy_to_medium();
                kit.issue_tickets_for(station.alarms(&kit));
            });
            if copied.await.is_err() {
                tracing::error!("the copy on the medium stopped half-way");
            }
        }
    }
}

/// Asks the printer every few seconds, so that an empty roll is known before the next voter.
async fn keep_printing(station: Arc<Station>) {
    loop {
        tokio::time::sleep(PRINTER).await;
        let station = Arc::clone(&station);
        let look = move || {
            station.watch_printer();
            station.watch_scanner();
        };
        if tokio::task::spawn_blocking(look).await.is_err() {
            tracing::error!("the question to printer and scanner stopped half-way");
        }
    }
}

/// Every second: a screen that nobody uses locks, kits that fall silent are written down. Every five minutes the journal
/// on the disk is compared with what was written (S-27).
async fn keep_watching(station: Arc<Station>) {
    let (mut looked, mut shown) = (None, None);
    loop {
        tokio::time::sleep(SYNC).await;
        let watching = Arc::clone(&station);
        if tokio::task::spawn_blocking(move || watching.watch_attached())
            .await
            .is_err()
        {
            tracing::error!("the look at what is attached stopped half-way");
        }
        let Some(kit) = station.kit() else { continue };
        let now = kit.read_clock().steady_micros;
        let last = *looked.get_or_insert(now);
        let is_due = now.saturating_sub(last) >= CHAIN_MICROS;
        if is_due {
            looked = Some(now);
        }
        let watching = Arc::clone(&station);
        let done = tokio::task::spawn_blocking(move || {
            if let Err(error) = kit.note_links() {
                tracing::error!(%error, "a silence was not recorded");
            }
            if is_due && let Err(error) = kit.check_chain() {
                tracing::error!(%error, "the journal could not be looked at");
            }
            Some((watching.alarms(&kit), watching.is_locked()))
        });
        match done.await {
            Ok(now) if now != shown => {
                shown = now;
                station.tell();
            }
            Ok(_) => {}
            Err(_) => tracing::error!("the watch stopped half-way"),
        }
    }
}

fn behind_tls(station: &Station, listener: TcpListener) -> std::io::Result<LanListener> {
    let (key, kits) = station
        .identity()
        .ok_or_else(|| std::io::Error::other("a station without a kit has no key for the LAN"))?;
    let me = key.kid();
    let allowed = move |kid| kid != me && kits.contains(&kid);
    let tls = crate::tls::server(key, Arc::new(allowed)).map_err(std::io::Error::other)?;
    Ok(LanListener::new(
        listener,
        me,
        TlsAcceptor::from(Arc::new(tls)),
    ))
}

fn lan_routes(station: Arc<Station>) -> Router {
    let budgets = Arc::new(Budgets::default());
    let asked = Arc::clone(&station);
    let within = middleware::from_fn(
        move |ConnectInfo(peer): ConnectInfo<Peer>, request: Request, next: Next| {
            // A kit that is not open answers nobody; it has no clock and needs no budget.
            let may = asked
                .kit()
                .is_none_or(|kit| budgets.take(peer.kit, kit.read_clock().steady_micros));
            async move {
                if may {
                    next.run(request).await
                } else {
                    // Who floods waits for its refusal: what it sends meanwhile fills its own buffers.
                    tokio::time::sleep(OVER_BUDGET).await;
                    StatusCode::TOO_MANY_REQUESTS.into_response()
                }
            }
        },
    );
    Router::new()
        .route("/kit/exchange", post(exchange))
        .route("/kit/manifest", get(give_manifest))
        .route("/kit/package", get(give_package))
        .layer(DefaultBodyLimit::max(64 << 10))
        .layer(within)
        .with_state(station)
}

async fn give_manifest(State(station): State<Arc<Station>>) -> Response {
    station.kit().map_or_else(
        || StatusCode::SERVICE_UNAVAILABLE.into_response(),
        |kit| kit.manifest_bytes().to_vec().into_response(),
    )
}

/// The sealed package, read from its file piece by piece.
async fn give_package(State(station): State<Arc<Station>>) -> Response {
    use std::io::Read as _;
    let Some(kit) = station.kit() else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let opened = kit.package_file().map(std::fs::File::open);
    let Some(Ok(file)) = opened else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let length = file.metadata().map_or(0, |about| about.len());
    let pieces = futures_util::stream::try_unfold(file, |mut file| async move {
        let read = tokio::task::spawn_blocking(move || {
            let mut piece = vec![0u8; 256 << 10];
            let got = file.read(&mut piece)?;
            piece.truncate(got);
            Ok::<_, std::io::Error>((piece, file))
        });
        let (piece, file) = read.await.map_err(std::io::Error::other)??;
        Ok::<_, std::io::Error>((!piece.is_empty()).then_some((Bytes::from(piece), file)))
    });
    let body = axum::body::Body::from_stream(pieces);
    ([(header::CONTENT_LENGTH, length)], body).into_response()
}

async fn exchange(State(station): State<Arc<Station>>, question: Bytes) -> Response {
    let Some(kit) = station.kit() else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let answer = tokio::task::spawn_blocking(move || kit.answer(&question)).await;
    match answer {
        Ok(Ok(answer)) => ([(header::CONTENT_TYPE, "application/cose")], answer).into_response(),
        Ok(Err(error)) => {
            tracing::warn!(%error, "a kit's message was dropped");
            StatusCode::FORBIDDEN.into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

pub(crate) fn language(query: &HashMap<String, String>, headers: &HeaderMap) -> (Language, bool) {
    if let Some(asked) = query.get("lang").and_then(|tag| Language::from_tag(tag)) {
        return (asked, true);
    }
    let kept = headers
        .get(header::COOKIE)
        .and_then(|cookie| cookie.to_str().ok())
        .and_then(|cookies| {
            cookies
                .split(';')
                .find_map(|pair| pair.trim().strip_prefix("lang="))
        })
        .and_then(Language::from_tag);
    (kept.unwrap_or(Language::Ru), false)
}

pub(crate) fn with_language(page: maud::Markup, chosen: (Language, bool)) -> Response {
    let mut response = ([(header::CACHE_CONTROL, "no-store")], page).into_response();
    if chosen.1
        && let Ok(cookie) = HeaderValue::from_str(&format!(
            "lang={}; Path=/; SameSite=Strict; HttpOnly",
            chosen.0.tag()
        ))
    {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

type Asked = Query<HashMap<String, String>>;

async fn operator(
    State(station): State<Arc<Station>>,
    query: Asked,
    headers: HeaderMap,
) -> Response {
    let chosen = language(&query, &headers);
    with_language(view(station, chosen.0).operator(), chosen)
}

async fn monitor(State(station): State<Arc<Station>>) -> Response {
    with_language(view(station, Language::Ky).monitor(), (Language::Ky, false))
}

async fn chair(State(station): State<Arc<Station>>, query: Asked, headers: HeaderMap) -> Response {
    let chosen = language(&query, &headers);
    with_language(view(station, chosen.0).chair(None), chosen)
}

async fn paper_page(
    State(station): State<Arc<Station>>,
    query: Asked,
    headers: HeaderMap,
) -> Response {
    let chosen = language(&query, &headers);
    let typed = TypedPaper {
        line: query.get("line").cloned().unwrap_or_default(),
        ..TypedPaper::default()
    };
    with_language(view(station, chosen.0).paper(&typed, None), chosen)
}

fn typed_paper(fields: &HashMap<String, String>) -> TypedPaper {
    let typed = |name: &str| fields.get(name).cloned().unwrap_or_default();
    TypedPaper {
        from: typed("from"),
        to: typed("to"),
        count: typed("count"),
        interval: typed("interval"),
        rows: typed("rows"),
        method: typed("method"),
        line: typed("line"),
        slip: typed("slip"),
        act: typed("act"),
        reason: typed("reason"),
    }
}

async fn rescue(State(station): State<Arc<Station>>, query: Asked, headers: HeaderMap) -> Response {
    let chosen = language(&query, &headers);
    with_language(view(station, chosen.0).rescue(None), chosen)
}

async fn incidents(
    State(station): State<Arc<Station>>,
    query: Asked,
    headers: HeaderMap,
) -> Response {
    let chosen = language(&query, &headers);
    with_language(view(station, chosen.0).incidents(false), chosen)
}

async fn cards(State(station): State<Arc<Station>>, query: Asked, headers: HeaderMap) -> Response {
    let chosen = language(&query, &headers);
    with_language(view(station, chosen.0).cards(None), chosen)
}

/// Two officers withdraw a card that was lost.
async fn withdraw_card(
    State(station): State<Arc<Station>>,
    headers: HeaderMap,
    Form(fields): Fields,
) -> Response {
    let working = Arc::clone(&station);
    let done = tokio::task::spawn_blocking(move || {
        let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
        let cards = TwoCards::of(&fields);
        working.withdraw_card(&field("lost"), &field("reason"), &cards)
    })
    .await;
    match done {
        Ok(Ok(())) => Redirect::to("/chair/cards").into_response(),
        Ok(Err(error)) => {
            let chosen = language(&HashMap::new(), &headers);
            let page = view(station, chosen.0).cards(Some(&error));
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            (status, with_language(page, chosen)).into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn table(State(station): State<Arc<Station>>, query: Asked, headers: HeaderMap) -> Response {
    let chosen = language(&query, &headers);
    with_language(view(station, chosen.0).table(None), chosen)
}

async fn take_receipt(
    State(station): State<Arc<Station>>,
    headers: HeaderMap,
    Form(fields): Fields,
) -> Response {
    let chosen = language(&HashMap::new(), &headers);
    let Some(kit) = station.kit() else {
        return Redirect::to("/receipts").into_response();
    };
    let qr = fields.get("qr").cloned().unwrap_or_default();
    if kit.is_table_scanned() {
        blocking(move || station.present_slip(&qr)).await;
        return Redirect::to("/receipts").into_response();
    }
    match tokio::task::spawn_blocking(move || kit.take_receipt(&qr)).await {
        Ok(answer) => {
            if let Err(error) = &answer {
                tracing::error!(%error, "a receipt was not taken");
            }
            let status = match &answer {
                Ok(_) => StatusCode::OK,
                Err(_) => StatusCode::UNPROCESSABLE_ENTITY,
            };
            let page = view(station, chosen.0).table(Some(&answer));
            (status, with_language(page, chosen)).into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// What is answered at a scanned ballot table.
async fn table_act(
    State(station): State<Arc<Station>>,
    Path(act): Path<String>,
    Form(fields): Fields,
) -> Response {
    if !["signed", "refuse", "resume", "given", "next"].contains(&act.as_str()) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let cards = TwoCards::of(&fields);
    blocking(move || match act.as_str() {
        "signed" => station.slip_signed(),
        "refuse" => station.slip_refused(),
        "resume" => station.ballot_resumed(false, &cards),
        "given" => station.ballot_resumed(true, &cards),
        _ => station.next_slip(),
    })
    .await;
    Redirect::to("/receipts").into_response()
}

/// A stream that says `change` when a screen is stale and `beat` every two seconds. A screen says in
/// `shown` what it shows already; without that it is taken to show what stands now.
async fn events(
    State(station): State<Arc<Station>>,
    Query(query): Asked,
) -> Sse<impl futures_util::Stream<Item = Result<Event, Infallible>>> {
    changes_of(station, &query, None)
}

/// The same for a monitor, which is counted while it listens.
async fn monitor_events(
    State(station): State<Arc<Station>>,
    Query(query): Asked,
) -> Sse<impl futures_util::Stream<Item = Result<Event, Infallible>>> {
    let listening = station.monitors.listen();
    changes_of(station, &query, Some(listening))
}

fn changes_of(
    station: Arc<Station>,
    query: &HashMap<String, String>,
    monitor: Option<Listening>,
) -> Sse<impl futures_util::Stream<Item = Result<Event, Infallible>> + use<>> {
    struct Listener {
        _monitor: Option<Listening>,
        station: Arc<Station>,
        scenes: tokio::sync::watch::Receiver<u64>,
        kit: Option<tokio::sync::watch::Receiver<u64>>,
        shown: String,
        is_first: bool,
        /// Readings of the reader on a line that the page was told of; a monitor is told of none.
        read: Option<u64>,
        _taker: Option<crate::serial::Taker>,
    }
    let listener = Listener {
        _taker: matches!(
            query.get("reader").map(String::as_str),
            Some("table" | "field")
        )
        .then(|| station.serial.taker()),
        read: monitor.is_none().then(|| station.serial.last().0),
        _monitor: monitor,
        scenes: station.watch(),
        kit: station.kit().map(|kit| kit.watch()),
        shown: query.get("shown").cloned().unwrap_or_default(),
        is_first: true,
        station,
    };
    let stream = futures_util::stream::unfold(listener, |mut listener| async move {
        if !listener.is_first {
            let Listener { scenes, kit, .. } = &mut listener;
            let of_kit = async {
                match kit {
                    Some(kit) => kit.changed().await.is_ok(),
                    None => std::future::pending().await,
                }
            };
            let is_kit_left = tokio::select! {
                _ = scenes.changed() => false,
                is_there = of_kit => !is_there,
                () = tokio::time::sleep(BEAT) => false,
            };
            // A training kit is left for the next lesson's: its stream is over.
            if is_kit_left {
                listener.kit = None;
            }
        }
        listener.is_first = false;
        listener.station.watch_lesson();
        if listener.kit.is_none() {
            listener.kit = listener.station.kit().map(|kit| kit.watch());
        }
        let (read, word) = listener.station.serial.last();
        if listener.read.is_some_and(|told| told != read) {
            listener.read = Some(read);
            // What else changed is told at once after it.
            listener.is_first = true;
            let event = Event::default().event("reader").data(word);
            return Some((Ok(event), listener));
        }
        let now = shown_by(&listener.station);
        let is_new = now != listener.shown;
        let was_blank = listener.shown.is_empty();
        listener.shown = now;
        let event = if is_new && !was_blank {
            "change"
        } else {
            "beat"
        };
        Some((Ok(Event::default().event(event).data("1")), listener))
    });
    Sse::new(stream)
}

pub(crate) fn view(station: Arc<Station>, language: Language) -> View {
    station.watch_lesson();
    let shown = shown_by(&station);
    View {
        station,
        language,
        shown,
    }
}

/// What the screens show, in short and without saying it: when this changes they are stale.
fn shown_by(station: &Station) -> String {
    use std::hash::{Hash as _, Hasher as _};
    let mut hasher = std::hash::DefaultHasher::new();
    all_shown_by(station).hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

fn all_shown_by(station: &Station) -> String {
    let kit = station.kit().map(|kit| {
        let peers: Vec<bool> = kit.kits().iter().map(|peer| peer.is_reachable).collect();
        let minute = kit.read_clock().wall.micros() / 60_000_000;
        (
            kit.read(pollbook::Book::counted),
            peers,
            minute,
            kit.stopped(),
            kit.pending_acts().len(),
            kit.medium().map(|medium| medium.why.is_none()),
            kit.read(pollbook::Book::table_count),
        )
    });
    let scene = |scene: &Scene| match scene {
        Scene::Green(done) => format!("green {:?} {:?}", done.act.name, done.paper),
        Scene::Red(refused, _) => format!("red {:?}", refused.act.name),
        Scene::Idle
        | Scene::Malformed(..)
        | Scene::Hits(..)
        | Scene::Nobody(_)
        | Scene::Finger { .. }
        | Scene::Look { .. }
        | Scene::Approval { .. }
        | Scene::Fault(_) => format!("{scene:?}"),
    };
    let reports = station.reports().len();
    let shown = (
        scene(&station.scene()),
        scene(&station.monitor_scene()),
        station.slip().is_some(),
        station.table().shown(),
        station.reader_note(),
        station.kit().map(|kit| station.alarms(&kit)),
        station.is_locked(),
        station.lock_problem().is_some(),
    );
    let lesson = station.school().and_then(teach::School::lesson);
    let lesson = lesson.map(|lesson| (lesson.part, lesson.run, lesson.at));
    format!("{kit:?} {shown:?} {reports} {lesson:?}")
}

async fn blocking(act: impl FnOnce() + Send + 'static) {
    if tokio::task::spawn_blocking(act).await.is_err() {
        tracing::error!("an act stopped half-way");
    }
}

type Fields = Form<HashMap<String, String>>;

fn line_of(fields: &HashMap<String, String>) -> u32 {
    fields
        .get("line")
        .and_then(|line| line.parse().ok())
        .unwrap_or(0)
}

async fn find(State(station): State<Arc<Station>>, Form(fields): Fields) -> Redirect {
    let text = fields.get("q").cloned().unwrap_or_default();
    blocking(move || station.find(&text)).await;
    Redirect::to("/")
}

async fn choose(State(station): State<Arc<Station>>, Form(fields): Fields) -> Redirect {
    blocking(move || station.choose(line_of(&fields))).await;
    Redirect::to("/")
}

async fn act(
    State(station): State<Arc<Station>>,
    Path(act): Path<String>,
    Form(fields): Fields,
) -> Response {
    let wanted = match act.as_str() {
        "two" => {
            let method = match fields.get("method").map(String::as_str) {
                Some("document") => Method2::Document,
                Some("override") => Method2::Override,
                Some(_) | None => Method2::Face,
            };
            let reason = fields.get("reason").map_or("", String::as_str);
            REASONS_TWO
                .iter()
                .find(|known| **known == reason)
                .map(|known| Wanted::CheckIn(method, known))
        }
        "undo" => Some(Wanted::Undo),
        "resume" => Some(Wanted::Resume),
        _ => None,
    };
    let is_known = [
        "glass", "scan", "another", "next", "absent", "receipt", "slip", "look", "looked", "photo",
    ]
    .contains(&act.as_str());
    if wanted.is_none() && !is_known {
        return StatusCode::NOT_FOUND.into_response();
    }
    blocking(move || match (wanted, act.as_str()) {
        (Some(wanted), _) => station.call_two(wanted),
        (None, "glass") => {
            let file = fields.get("file").cloned().unwrap_or_default();
            let put = station.scanner.as_folder().map(|folder| folder.put(&file));
            if let Some(Err(error)) = put {
                tracing::warn!(%error, "nothing was put on the glass");
            }
            station.capture();
        }
        (None, "scan") => station.capture(),
        (None, "another") => station.another_finger(),
        (None, "photo") => station.wrong_photo(),
        (None, "absent") => station.not_here(),
        (None, "receipt") => station.receipt_again(),
        (None, "slip") => station.print_slip(),
        (None, "look") => station.call_look(),
        (None, "looked") => {
            let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
            let card = OneCard {
                kid: field("card"),
                passphrase: field("pass"),
            };
            station.look(field("unsigned") == "1", &card);
        }
        (None, _) => station.next(),
    })
    .await;
    Redirect::to("/").into_response()
}

async fn chair_act(
    State(station): State<Arc<Station>>,
    Path(act): Path<String>,
    headers: HeaderMap,
    Form(fields): Fields,
) -> Response {
    let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
    let cards = TwoCards::of(&fields);
    let in_line = field("in_line").trim().parse::<u32>();
    let working = Arc::clone(&station);
    let is_rescue = matches!(act.as_str(), "takeover" | "receipt" | "clock" | "slips");
    let on_paper = matches!(
        act.as_str(),
        "paper_only" | "paper_served" | "paper_undo" | "void"
    )
    .then(|| typed_paper(&fields));
    let of_days = matches!(act.as_str(), "suspend" | "session" | "glass");
    // The line of a slip that was declared void stays on the page, with the paper that says so.
    let void_line = fields.get("line").filter(|_| act == "void").cloned();
    let done = tokio::task::spawn_blocking(move || -> Option<Result<(), ChairError>> {
        let typed = |name: &str| fields.get(name).cloned().unwrap_or_default();
        Some(match act.as_str() {
            "open" => {
                working.open_saying(&cards, Some(typed("glass")).filter(|code| !code.is_empty()))
            }
            "mend" => working.mend(&typed("slip"), &cards),
            "approve" => {
                let method = match typed("method").as_str() {
                    "face" => Some(Method2::Face),
                    "document" => Some(Method2::Document),
                    "override" => Some(Method2::Override),
                    _ => None,
                };
                let line = typed("line").parse().ok();
                let picture = typed("picture");
                let shown = line.map(|line| Shown { line, picture });
                working.approve_as(&cards, method, &typed("reason"), shown.as_ref())
            }
            "decline" => {
                working.decline();
                Ok(())
            }
            "initial" => working.initial(&typed("seal"), &cards),
            "running" => working.report(ReportKind::Running, &cards),
            "final" => working.report_because(ReportKind::Final, Some(&typed("missing")), &cards),
            "close" => match in_line {
                Ok(in_line) => working.close(in_line, &cards),
                Err(_) => Err(ChairError::InLine),
            },
            "release" => working.release(line_of(&fields), &cards),
            "signed" => working.line_is_signed(&cards),
            "takeover" => {
                let chosen = fields.iter().filter(|(name, _)| name.starts_with("dead"));
                let kits: Vec<String> = chosen.map(|(_, kit)| kit.clone()).collect();
                working.take_over(&kits, &typed("reason"), &cards)
            }
            "receipt" => {
                let receipt = TypedReceipt {
                    qr: typed("qr"),
                    kit: typed("kit"),
                    receipt: typed("receipt"),
                    line: typed("line"),
                    method: typed("method"),
                };
                working.enter_receipt(&receipt, &cards)
            }
            "slips" => working.allow_slips_later(&OneCard {
                kid: typed("card0"),
                passphrase: typed("pass0"),
            }),
            "clock" => working.set_clock(&typed("time"), &cards),
            "paper_only" => working.paper_only(&typed_paper(&fields), &cards),
            "paper_served" => working.paper_served(&typed_paper(&fields), &cards),
            "paper_undo" => working.paper_undo(&typed_paper(&fields), &cards),
            "void" => working.void_slip(&typed_paper(&fields), &cards),
            "suspend" => working.suspend(&typed("reason"), &cards),
            "session" => working.open_session(&cards),
            "glass" => working.break_glass(&typed("reason"), &cards),
            _ => return None,
        })
    })
    .await;
    let chosen = language(&HashMap::new(), &headers);
    match done {
        Ok(Some(Ok(()))) if of_days => Redirect::to("/chair/days").into_response(),
        Ok(Some(Ok(()))) if is_rescue => Redirect::to("/chair/trouble").into_response(),
        Ok(Some(Ok(()))) if on_paper.is_some() => {
            match void_line.and_then(|l| l.parse::<u32>().ok()) {
                Some(line) => Redirect::to(&format!("/chair/paper?line={line}")).into_response(),
                None => Redirect::to("/chair/paper").into_response(),
            }
        }
        Ok(Some(Ok(()))) => Redirect::to("/chair").into_response(),
        Ok(Some(Err(error))) => {
            let view = view(station, chosen.0);
            let page = if let Some(typed) = &on_paper {
                view.paper(typed, Some(&error))
            } else if of_days {
                view.days(&[], Some(&error))
            } else if is_rescue {
                view.rescue(Some(&error))
            } else {
                view.chair(Some(&error))
            };
            (
                StatusCode::UNPROCESSABLE_ENTITY,
                with_language(page, chosen),
            )
                .into_response()
        }
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn hours_latest(
    State(station): State<Arc<Station>>,
    query: Asked,
    headers: HeaderMap,
) -> Response {
    let chosen = language(&query, &headers);
    with_language(view(station, chosen.0).hours(None, None), chosen)
}

async fn hours(
    State(station): State<Arc<Station>>,
    Path(hour): Path<u8>,
    query: Asked,
    headers: HeaderMap,
) -> Response {
    let chosen = language(&query, &headers);
    with_language(view(station, chosen.0).hours(Some(hour), None), chosen)
}

async fn say_hour(
    State(station): State<Arc<Station>>,
    Path(hour): Path<u8>,
    headers: HeaderMap,
) -> Response {
    hour_done(station, hour, &headers, |kit, hour| {
        kit.say_hour(hour).map(|_| ())
    })
    .await
}

async fn print_hour(
    State(station): State<Arc<Station>>,
    Path(hour): Path<u8>,
    headers: HeaderMap,
) -> Response {
    hour_done(station, hour, &headers, Kit::print_hour).await
}

/// Does something with an hour, then shows its page again.
async fn hour_done(
    station: Arc<Station>,
    hour: u8,
    headers: &HeaderMap,
    act: impl FnOnce(&Kit, u8) -> Result<(), SayError> + Send + 'static,
) -> Response {
    let Some(kit) = station.kit() else {
        return Redirect::to("/chair/turnout").into_response();
    };
    match tokio::task::spawn_blocking(move || act(&kit, hour)).await {
        Ok(Ok(())) => Redirect::to(&format!("/chair/turnout/{hour}")).into_response(),
        Ok(Err(error)) => {
            let chosen = language(&HashMap::new(), headers);
            let page = view(station, chosen.0).hours(Some(hour), Some(&error.into()));
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            (status, with_language(page, chosen)).into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// The QR of the last message of an hour.
async fn hour_code(State(station): State<Arc<Station>>, Path(name): Path<String>) -> Response {
    let hour = name.strip_suffix(".png").and_then(|hour| hour.parse().ok());
    let said = hour
        .zip(station.kit())
        .and_then(|(hour, kit): (u8, Arc<Kit>)| {
            let rows = kit.hours();
            let row = rows.iter().find(|row| row.hour == hour)?;
            row.last().map(|last| last.text.clone())
        });
    said.map_or_else(
        || StatusCode::NOT_FOUND.into_response(),
        |text| png(crate::print::hour_code(&text).png()),
    )
}

fn png(bytes: Vec<u8>) -> Response {
    (
        [
            (header::CONTENT_TYPE, "image/png"),
            (header::CACHE_CONTROL, "no-store"),
        ],
        bytes,
    )
        .into_response()
}

/// The picture of who stands at the table, while two officers are asked.
async fn live(State(station): State<Arc<Station>>) -> Response {
    match station.live() {
        Some(Ok(picture)) => (
            [
                (header::CONTENT_TYPE, picture.kind()),
                (header::CACHE_CONTROL, "no-store"),
            ],
            picture.bytes().to_vec(),
        )
            .into_response(),
        Some(Err(_)) | None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// A photograph, of the voters that stand on the screen only.
async fn photo(State(station): State<Arc<Station>>, Path(line): Path<u32>) -> Response {
    let is_shown = match station.scene() {
        Scene::Hits(_, lines) => lines.contains(&line),
        Scene::Finger { line: shown, .. }
        | Scene::Look { line: shown, .. }
        | Scene::Approval { line: shown, .. } => shown == line,
        Scene::Green(done) => done.line == line,
        Scene::Red(refused, _) => refused.line == line,
        Scene::Idle | Scene::Malformed(..) | Scene::Nobody(_) | Scene::Fault(_) => false,
    };
    let Some(kit) = station.kit().filter(|_| is_shown) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let Some(voter) = kit.voter(line).filter(|voter| !voter.photo.is_empty()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let kind = if voter.photo.starts_with(b"\x89PNG") {
        "image/png"
    } else {
        "image/jpeg"
    };
    let bytes = voter.photo.to_vec();
    (
        [
            (header::CONTENT_TYPE, kind),
            (header::CACHE_CONTROL, "no-store"),
        ],
        bytes,
    )
        .into_response()
}

async fn receipt(State(station): State<Arc<Station>>, Path(name): Path<String>) -> Response {
    let line = name.strip_suffix(".png").and_then(|line| line.parse().ok());
    let picture = line
        .zip(station.kit())
        .and_then(|(line, kit): (u32, Arc<Kit>)| kit.receipt_picture(line));
    picture.map_or_else(
        || StatusCode::NOT_FOUND.into_response(),
        |picture| png(picture.png()),
    )
}

async fn report(State(station): State<Arc<Station>>, Path(name): Path<String>) -> Response {
    let reports = station.reports();
    let Some((word, kind)) = name.split_once('.') else {
        return StatusCode::NOT_FOUND.into_response();
    };
    match (reports.into_iter().find(|(known, _)| *known == word), kind) {
        (Some((_, report)), "png") => png(report.paper.png()),
        (Some((_, report)), "json") => {
            ([(header::CONTENT_TYPE, "application/json")], report.json).into_response()
        }
        (Some((_, report)), "cose") => {
            ([(header::CONTENT_TYPE, "application/cose")], report.signed).into_response()
        }
        (_, _) => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn paper(State(station): State<Arc<Station>>, Path(name): Path<String>) -> Response {
    // The day table is shown once the initial report was made, as it is printed with it.
    let is_day = station.reports().iter().any(|(word, _)| *word == "initial");
    let picture = match name.as_str() {
        "slip.png" => station.slip(),
        "day.png" if is_day => station.kit().map(|kit| kit.day_table()),
        _ => None,
    };
    picture.map_or_else(
        || StatusCode::NOT_FOUND.into_response(),
        |picture| png(picture.png()),
    )
}

async fn asset(Path(name): Path<String>) -> Response {
    let own = match name.as_str() {
        "kit.js" => Some(("text/javascript; charset=utf-8", KIT_JS.as_bytes())),
        "kit.css" => Some(("text/css; charset=utf-8", KIT_CSS.as_bytes())),
        _ => None,
    };
    let found =
        own.or_else(|| screen::assets::shared(&name).map(|asset| (asset.media_type, asset.bytes)));
    match found {
        Some((kind, bytes)) => (
            [
                (header::CONTENT_TYPE, kind),
                (header::CACHE_CONTROL, "no-cache"),
            ],
            bytes,
        )
            .into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
