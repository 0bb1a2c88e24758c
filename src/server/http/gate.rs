//! What every request passes before a route sees it, and every answer on its way out.
//!
//! A request has its name by then. In this order: the Host and Origin guard, CORS, credentials, the caller's rate, a place among the
//! requests under way, the whole body within its limits.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::StreamExt;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited as LimitedBody};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::{
    connections::Connection,
    limits::Limited,
    listener::{HEAD_MAX, Peer},
    outgoing::{self, Holds},
    place::Place,
    problem::Problem,
    request_id::{self, RequestId},
    reserve::ProbesOnly,
    routes::{self, Gate},
    state::Shared,
};
use crate::{
    foreign,
    server::{principal::Principal, traces},
};

/// Greatest request body, in bytes.
pub const BODY_MAX: usize = 1024 * 1024;
/// How long a body may take to arrive.
const BODY_TIME: Duration = Duration::from_secs(20);

/// In the extensions of each request: cancelled when the token that it came with is revoked.
#[derive(Clone, Debug)]
pub struct Revoked(pub CancellationToken);

/// Lets a request pass, or answers it.
pub async fn gate(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let id = request.extensions().get::<RequestId>().map_or("-", request_id::text).to_owned();
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let method = request.method().clone();
    let origin = request.headers().get(header::ORIGIN).cloned();
    // A method can be any word, of any length.
    let word = foreign::line(method.as_str(), 32);
    let span = tracing::info_span!("http", request_id = %id, method = &*word, route, caller = tracing::field::Empty);
    traces::continues(&span, request.headers());
    let begun = Instant::now();
    let connection = request.extensions().get::<Arc<Connection>>().cloned();
    let _busy = connection.as_ref().map(Connection::begins);
    let answer = pass(&shared, request, next, &route).instrument(span.clone()).await;
    let kind = match &answer {
        Err(problem) => Some(problem.word),
        Ok(_) if method == Method::OPTIONS || routes::gate(&route) != Gate::Closed => Some(route.as_str()),
        // The rate of its caller bounds these.
        Ok(_) => None,
    };
    let told = kind.is_none_or(|kind| shared.repeats.tells(kind));
    let response = finish(&shared, answer, &id, origin).await;
    let status = response.status();
    shared.metrics.answered(&route, known(&method), status.as_u16());
    traces::answered(&span, status);
    if told {
        let ms = begun.elapsed().as_millis() as u64;
        span.in_scope(|| tracing::info!(status = status.as_u16(), ms, "answered"));
    }
    response
}

async fn pass(shared: &Arc<Shared>, request: Request, next: Next, route: &str) -> Result<Response, Problem> {
    if request.extensions().get::<ProbesOnly>().is_some() && routes::gate(route) != Gate::Probe {
        let detail = "too many connections are open, from this address or in all; what is left is for probes";
        let status = StatusCode::SERVICE_UNAVAILABLE;
        let mut problem = Problem::new(status, "connections", "Too many connections", detail);
        problem.retry_after = Some(1);
        return Err(problem);
    }
    if head_length(&request) > HEAD_MAX {
        let detail = format!("the head of the request is longer than {HEAD_MAX} bytes");
        let status = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
        return Err(Problem::new(status, "long-head", "Head too long", detail));
    }
    let peer = request.extensions().get::<Peer>().copied();
    shared.guard.check(request.uri(), request.headers(), peer.map(|p| p.local)).map_err(|turned| {
        Problem::new(StatusCode::FORBIDDEN, "host-or-origin", "Host or Origin not allowed", turned.to_string())
    })?;
    if request.method() == Method::OPTIONS && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD) {
        return Ok(preflight());
    }
    if routes::gate(route) != Gate::Closed {
        return Ok(next.run(request).await);
    }
    let principal = admit(shared, request.headers(), peer).await?;
    tracing::Span::current().record("caller", principal.name.as_str());
    shared.limits.count(&principal.name, Instant::now()).map_err(limited)?;
    let connection = request.extensions().get::<Arc<Connection>>().cloned();
    if let Some(connection) = &connection {
        connection.knows();
    }
    let purse = shared.unsent.of(&principal.identity);
    outgoing::admit(&purse)?;
    let revoked = shared.access.revoked(&principal);
    // The body first: one that does not arrive holds no place.
    let mut request = {
        let arrives = !HttpBody::is_end_stream(request.body());
        let _reading = arrives.then(|| shared.limits.body(&principal.identity)).transpose().map_err(limited)?;
        whole(request).await?
    };
    // A GET at /mcp begins no call: it is a stream on which nothing comes, or what is left to read of an answer whose
    // call has a place of its own.
    let is_stream = request.method() == Method::GET && matches!(route, "/mcp" | "/mcp/");
    let (place, stream) = if is_stream {
        (None, Some(Arc::new(shared.limits.stream(&principal.identity).map_err(limited)?)))
    } else {
        (Some(Place::take(shared, &principal.identity).map_err(limited)?), None)
    };
    if let Some(place) = &place {
        // What runs on behalf of the request holds these extensions, or takes the place out of them.
        request.extensions_mut().insert(place.clone());
    }
    request.extensions_mut().insert(principal);
    request.extensions_mut().insert(Revoked(revoked.clone()));
    let response = next.run(request).await;
    let response = if is_stream { until_revoked(response, revoked) } else { response };
    outgoing::counted(response, Holds { place, stream, busy: connection.as_ref().map(Connection::begins), purse })
}

/// Nobody reads on with a token that is revoked.
fn until_revoked(response: Response, revoked: CancellationToken) -> Response {
    response.map(|body| {
        if HttpBody::size_hint(&body).exact().is_some() {
            return body;
        }
        Body::from_stream(body.into_data_stream().take_until(revoked.cancelled_owned()))
    })
}

/// Bytes of a head as it is usually written. The parser's own limit is on what it has read at a time, which can be half
/// as much again.
fn head_length(request: &Request) -> usize {
    let target = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    let fields = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 4);
    request.method().as_str().len() + target + " HTTP/1.1\r\n\r\n".len() + 1 + fields.sum::<usize>()
}

async fn admit(shared: &Shared, headers: &HeaderMap, peer: Option<Peer>) -> Result<Principal, Problem> {
    match shared.access.admit(headers).await {
        Ok(principal) => Ok(principal),
        Err(problem) => {
            // Guessing is hopeless, but it should not be free either.
            let from = peer.map_or_else(|| "?".to_owned(), |p| p.remote.ip().to_string());
            shared.limits.count(&format!("refused {from}"), Instant::now()).map_err(limited)?;
            Err(problem)
        }
    }
}

/// Reads the whole body, so that a slow or endless one ends here and no route has to think of it.
///
/// The library's layer for limits refuses in plain text, knows no time, and bounds what a route reads while it already
/// holds a place.
async fn whole(request: Request) -> Result<Request, Problem> {
    let (parts, body) = request.into_parts();
    let too_long = || {
        let detail = format!("the body is longer than {BODY_MAX} bytes");
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-long", "Body too long", detail)
    };
    let announced = parts.headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > BODY_MAX as u64) {
        return Err(too_long());
    }
    let collected = tokio::time::timeout(BODY_TIME, LimitedBody::new(body, BODY_MAX).collect()).await;
    let bytes: Bytes = match collected {
        Ok(Ok(collected)) => collected.to_bytes(),
        Ok(Err(e)) if e.is::<LengthLimitError>() => return Err(too_long()),
        Ok(Err(_)) => {
            let title = "Body broken off";
            return Err(Problem::new(StatusCode::BAD_REQUEST, "body", title, "the body could not be read to its end"));
        }
        Err(_) => {
            let detail = format!("the body did not arrive within {} s", BODY_TIME.as_secs());
            return Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "slow-body", "Body too slow", detail));
        }
    };
    Ok(Request::from_parts(parts, Body::from(bytes)))
}

fn limited(limited: Limited) -> Problem {
    let mut problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many", "Too many requests", limited.to_string());
    problem.retry_after = Some(limited.retry_after());
    problem
}

/// The request id in every problem, and what a page may read of the answer.
///
/// The library's layer for CORS answers every OPTIONS by itself, with 200, before credentials are asked for and the route
/// is known; ours leaves those that are no preflight to the routes.
async fn finish(shared: &Shared, answer: Result<Response, Problem>, id: &str, origin: Option<HeaderValue>) -> Response {
    let mut response = answer.unwrap_or_else(|problem| {
        shared.metrics.refused(problem.word);
        problem.into_response()
    });
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        let named = problem.with("request_id", id);
        *response.body_mut() = Body::from(named.body());
    }
    let allowed = origin.filter(|o| shared.guard.lists(o));
    let headers = response.headers_mut();
    if let Some(origin) = allowed {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.append(header::VARY, HeaderValue::from_static("origin"));
        headers.insert(
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static(
                "mcp-session-id, mcp-protocol-version, x-request-id, retry-after, www-authenticate",
            ),
        );
    }
    response
}

/// The answer to a page that asks whether it may. The guard has let its origin pass, so it may.
fn preflight() -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    let set = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, DELETE"),
        (
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "authorization, content-type, accept, mcp-session-id, mcp-protocol-version, mcp-method, mcp-name, \
             last-event-id, x-request-id, traceparent, tracestate",
        ),
        (header::ACCESS_CONTROL_MAX_AGE, "600"),
    ];
    for (name, value) in set {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// The method as a label: whatever else a caller makes up is one word.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        Method::HEAD => "HEAD",
        _ => "other",
    }
}
