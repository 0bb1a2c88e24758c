//! MCP over streamable HTTP, for both eras of the protocol.
//!
//! Requests of 2026-07-28 stand alone. Those of the older revisions belong to a session, which only they need; this
//! module ties it to the caller who opened it.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    body::Body,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use http_body_util::BodyExt;
use rmcp::{
    ServerHandler,
    transport::{StreamableHttpServerConfig, StreamableHttpService},
};
use serde::Deserialize;
use serde_json::json;

use super::{
    accept::{self, NoStream},
    budget::Budget,
    gate::BODY_MAX,
    problem::Problem,
    refusal,
    sessions::{CALLER, Sessions},
    settings::HttpSettings,
    state::Shared,
};
use crate::{
    server::{
        ids,
        principal::{NotGranted, Principal},
        written::{self, Kept},
    },
    tools::seal::{Key, NoRandom, Purpose},
};

/// The header that carries the session.
const SESSION: HeaderName = HeaderName::from_static("mcp-session-id");

/// How often idle sessions are looked for. A request in one that is over its time does not find it, swept or not.
const SWEEP: Duration = Duration::from_secs(5);

/// Tells why what a caller may does not reach as far as a tool, if it does not.
pub type Lacks = Arc<dyn Fn(&str, &Principal) -> Option<NotGranted> + Send + Sync>;

/// The MCP endpoint in front of one handler.
#[derive(Clone)]
pub struct Endpoint<H> {
    service: StreamableHttpService<H, Sessions<H>>,
    sessions: Arc<Sessions<H>>,
    most: usize,
    most_each: usize,
    shared: Arc<Shared>,
    lacks: Lacks,
    key: SessionKey,
}

impl<H: ServerHandler + Clone + Sync> Endpoint<H> {
    /// Sets the endpoint up.
    pub fn new(handler: H, shared: Arc<Shared>, settings: &HttpSettings, lacks: Lacks) -> Self {
        let (session, caller) = settings.kept();
        let unread = (Budget::new(caller, settings.unread, shared.metrics.unread.clone()), session);
        let sessions = Arc::new(Sessions::new(handler.clone(), settings.session_idle, shared.ended.clone(), unread));
        let config = StreamableHttpServerConfig::default()
            // The gate has looked at Host, Origin and size before, on every route alike.
            .disable_allowed_hosts()
            .with_max_request_body_bytes(BODY_MAX)
            .with_json_response(true)
            .with_cancellation_token(shared.ended.clone());
        let service = StreamableHttpService::new(move || Ok(handler.clone()), Arc::clone(&sessions), config);
        let (most, most_each) = (settings.sessions, settings.sessions_each());
        Self { service, sessions, most, most_each, shared, lacks, key: SessionKey::new() }
    }

    /// Closes sessions that have been idle for too long, and keeps their number among the metrics up to date, for as
    /// long as the server runs.
    pub async fn look_after_sessions(&self) {
        while tokio::time::timeout(SWEEP, self.shared.ended.cancelled()).await.is_err() {
            self.sessions.sweep();
            let open = self.sessions.count();
            self.shared.metrics.sessions.set(i64::try_from(open).unwrap_or(i64::MAX));
        }
    }
}

/// Answers one request at the endpoint.
pub async fn handle<H: ServerHandler + Clone + Sync>(
    State(endpoint): State<Arc<Endpoint<H>>>,
    request: Request,
) -> Response {
    let caller = request.extensions().get::<Principal>().cloned().unwrap_or_else(nobody);
    let closing = request.method() == Method::DELETE;
    match endpoint.prepare(request, &caller).await {
        Ok(mut request) => {
            let no_stream = request.extensions().get::<NoStream>().is_some();
            let kept = Kept::default();
            // The answers of a session are kept as messages, to be read again.
            if !request.headers().contains_key(&SESSION) {
                request.extensions_mut().insert(kept.clone());
            }
            let handling = endpoint.service.handle(request);
            let mut response = CALLER.scope(caller.identity.as_str().into(), handling).await.map(Body::new);
            if let Some(text) = kept.take() {
                response = completed(response, &text).await;
            }
            if let Err(e) = endpoint.key.seal(response.headers_mut(), &caller) {
                return unsealed(e).into_response();
            }
            if closing && response.status() == StatusCode::ACCEPTED {
                // The official SDKs take 200 for a session that is closed, and warn of 202.
                *response.status_mut() = StatusCode::OK;
            }
            let response = if no_stream { accept::as_json(response).await } else { response };
            refusal::as_problem(response).await
        }
        Err(response) => *response,
    }
}

/// An answer with what was kept aside in its place.
async fn completed(response: Response, text: &str) -> Response {
    let (head, body) = response.into_parts();
    // It is there as a whole, so this neither waits nor fails.
    let mut message = body.collect().await.map(|body| Vec::from(body.to_bytes())).unwrap_or_default();
    written::put(&mut message, text);
    Response::from_parts(head, Body::from(message))
}

/// A caller whom the gate did not announce may do nothing; it announces all, so this is never seen.
fn nobody() -> Principal {
    let scope = crate::server::principal::Scope::Read;
    Principal { name: "nobody".into(), identity: "nobody".into(), scope, tools: Some([].into()) }
}

impl<H: ServerHandler + Clone + Sync> Endpoint<H> {
    async fn prepare(&self, mut request: Request, caller: &Principal) -> Result<Request, Box<Response>> {
        if !self.key.open(request.headers_mut(), caller) {
            return Err(Box::new(refusal::no_session().into_response()));
        }
        let method = request.method().clone();
        if accept::negotiate(&method, request.headers_mut()) {
            request.extensions_mut().insert(NoStream);
        }
        if method != Method::POST {
            return Ok(request);
        }
        let (parts, body) = request.into_parts();
        // The gate has read it already, so this neither waits nor fails.
        let bytes = body.collect().await.map(|b| b.to_bytes()).unwrap_or_default();
        if !ids::fit_in(&bytes) {
            return Err(Box::new(refused(-32600, ids::TOO_LONG)));
        }
        let Ok(asked) = serde_json::from_slice::<Asked>(&bytes) else {
            return Err(Box::new(refused(-32700, "this is not JSON")));
        };
        if bytes.trim_ascii_start().first() == Some(&b'[') {
            return Err(Box::new(refused(-32600, "batches are not taken: send each message in a request of its own")));
        }
        if asked.opens_session()
            && (self.sessions.count() >= self.most || self.sessions.count_of(&caller.identity) >= self.most_each)
        {
            return Err(Box::new(too_many_sessions().into_response()));
        }
        if let Some(denied) = asked.tool().and_then(|tool| (self.lacks)(tool, caller))
            && self.shared.access.oauth().is_some()
        {
            // An OAuth client can come back with more scope, if it is told in the way that OAuth has for it. Others
            // get the refusal as the result of the tool.
            return Err(Box::new(self.shared.access.forbidden(&denied).into_response()));
        }
        Ok(Request::from_parts(parts, Body::from(bytes)))
    }
}

fn too_many_sessions() -> Problem {
    let detail = "too many sessions are open; close some, or use a revision that needs none (2026-07-28)";
    let mut problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many", "Too many sessions", detail);
    problem.retry_after = Some(SWEEP.as_secs());
    problem
}

/// Without random numbers ids could be forged by whoever knows that.
fn unsealed(e: NoRandom) -> Problem {
    tracing::error!(error = %e, "no session can be opened");
    let detail = "no session can be opened: the server has no random numbers to seal its id with";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "no-random", "No random numbers", detail)
}

/// What JSON-RPC has for a body that is none of its messages.
fn refused(code: i32, message: &str) -> Response {
    let text = json!({"jsonrpc": "2.0", "id": null, "error": {"code": code, "message": message}});
    (StatusCode::BAD_REQUEST, Json(text)).into_response()
}

/// As much of a message as is needed here; anything else that is JSON is the SDK's to judge.
#[derive(Deserialize)]
#[serde(untagged)]
enum Asked {
    Call { method: String, params: Named },
    Method { method: String },
    Other(serde::de::IgnoredAny),
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

impl Asked {
    fn tool(&self) -> Option<&str> {
        match self {
            Self::Call { method, params } if method == "tools/call" => Some(&params.name),
            Self::Call { .. } | Self::Method { .. } | Self::Other(_) => None,
        }
    }

    fn opens_session(&self) -> bool {
        matches!(self, Self::Call { method, .. } | Self::Method { method } if method == "initialize")
    }
}

/// Ties sessions to callers without remembering either: the id that a client gets carries a proof of who it was given
/// to, so a session id that leaks is of no use with another token.
#[derive(Clone)]
struct SessionKey(Key);

/// Bytes of the proof.
const PROOF: usize = 16;

impl SessionKey {
    fn new() -> Self {
        Self(Key::process())
    }

    /// Adds the proof to the id in an answer, if there is one.
    ///
    /// # Errors
    /// When there is no key for want of random numbers.
    fn seal(&self, headers: &mut HeaderMap, caller: &Principal) -> Result<(), NoRandom> {
        let Some(id) = headers.get(&SESSION).and_then(|v| v.to_str().ok()) else { return Ok(()) };
        let proof = self.0.tag(Purpose::Session, &[id.as_bytes(), caller.identity.as_bytes()])?;
        let proof = BASE64_URL_SAFE_NO_PAD.encode(&proof[..PROOF]);
        if let Ok(sealed) = HeaderValue::from_str(&format!("{id}.{proof}")) {
            headers.insert(SESSION, sealed);
        }
        Ok(())
    }

    /// Takes the proof off the id in a request; false when it is not the caller's.
    fn open(&self, headers: &mut HeaderMap, caller: &Principal) -> bool {
        let Some(value) = headers.get(&SESSION) else { return true };
        let id = value.to_str().ok().and_then(|text| {
            let (id, proof) = text.rsplit_once('.')?;
            let proof = BASE64_URL_SAFE_NO_PAD.decode(proof).ok().filter(|p| p.len() == PROOF)?;
            let held = self.0.holds(Purpose::Session, &[id.as_bytes(), caller.identity.as_bytes()], &proof);
            held.then(|| HeaderValue::from_str(id).ok())?
        });
        match id {
            Some(id) => {
                headers.insert(SESSION, id);
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_belongs_to_its_caller() {
        let key = SessionKey::new();
        let caller = |name: &str| Principal { name: "ci".into(), identity: name.into(), ..Principal::local() };
        let mut headers = HeaderMap::new();
        headers.insert(SESSION, HeaderValue::from_static("3f2c"));
        key.seal(&mut headers, &caller("anna")).unwrap();
        let sealed = headers[&SESSION].clone();
        let open = |value: HeaderValue, name: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(SESSION, value);
            key.open(&mut headers, &caller(name)).then(|| headers[&SESSION].clone())
        };
        assert_eq!(open(sealed.clone(), "anna"), Some(HeaderValue::from_static("3f2c")));
        assert_eq!(open(sealed, "bert"), None);
        for forged in ["3f2c", "3f2c.", "3f2c.AAAA", ".", "3f2c.AAAAAAAAAAAAAAAAAAAAAA"] {
            assert_eq!(open(HeaderValue::from_static(forged), "anna"), None, "{forged}");
        }
        assert!(key.open(&mut HeaderMap::new(), &caller("anna")), "no session is no forged session");
    }

    #[test]
    fn only_tool_calls_name_a_tool() {
        let tool = |text: &str| serde_json::from_str::<Asked>(text).ok().and_then(|a| a.tool().map(str::to_owned));
        assert_eq!(tool(r#"{"method":"tools/call","params":{"name":"getVM"}}"#), Some("getVM".into()));
        for other in [r#"{"method":"prompts/get","params":{"name":"getVM"}}"#, "[]", "1", r#"{"method":"tools/call"}"#]
        {
            assert_eq!(tool(other), None, "{other}");
        }
        assert!(serde_json::from_str::<Asked>("{").is_err());
    }
}
