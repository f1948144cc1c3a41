//! A form that brings a file: to disk part by part, before the desk sees it.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};

use super::{Asked, session, staffed};
use crate::office::Office;
use crate::role::Role;
use crate::routes::Route;
use crate::upload::{Spool, SpoolError, Spooled};

/// Bytes of a refused file that are still read, so that the browser shows the answer instead of a broken connection.
const UNREAD_MAX: usize = 64 << 20;

/// Asks who is there before a byte of the body is read; then the file goes to disk part by part.
pub(super) async fn filed(
    office: Arc<Office>,
    route: &'static Route,
    request: axum::extract::Request,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let mut asked = match Asked::of_parts(&mut parts, &office).await {
        Ok(asked) => asked,
        Err(status) => return status.into_response(),
    };
    let (asking, headers) = (Arc::clone(&office), asked.headers.clone());
    let is_welcome = tokio::task::spawn_blocking(move || {
        let session = session(&asking, &headers).ok().flatten();
        let role = session.and_then(|session| Role::from_code(&session.role));
        role.is_some_and(|role| route.right.is_none_or(|right| role.may(right)))
    });
    if is_welcome.await.unwrap_or(false) {
        asked.file = Some(spool(&office, &asked.headers, body).await);
    }
    staffed(office, route, asked).await
}

/// Writes the file of a form to disk, off the thread that serves.
async fn spool(office: &Office, headers: &HeaderMap, body: Body) -> Result<Spooled, SpoolError> {
    use futures_util::StreamExt as _;
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("");
    let mut spool = Spool::start(&office.config.uploads, kind)?;
    let (send, mut receive) = tokio::sync::mpsc::channel::<Bytes>(8);
    let writing = tokio::task::spawn_blocking(move || {
        while let Some(part) = receive.blocking_recv() {
            spool.push(&part)?;
        }
        spool.finish()
    });
    let mut stream = body.into_data_stream();
    let mut unread = 0;
    while let Some(part) = stream.next().await {
        let part = part.map_err(std::io::Error::other)?;
        unread += part.len();
        if send.send(part).await.is_ok() {
            unread = 0;
        } else if unread > UNREAD_MAX {
            break;
        }
    }
    drop(send);
    writing.await.map_err(std::io::Error::other)?
}
