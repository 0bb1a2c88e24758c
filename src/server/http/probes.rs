//! Probes, numbers, what OAuth clients look for, and the answers for routes that are none.

use std::{convert::Infallible, future::Future, pin::Pin, sync::Arc, time::Duration};

use axum::{
    Extension, Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use serde_json::json;

use super::{metrics, problem::Problem, state::Shared};
use crate::{momentary::Momentary, server::principal::Principal, tools::Tools};

/// How long an answer about PVE is good for: probes come every few seconds from every side.
const FRESH: Duration = Duration::from_secs(10);
/// How long a probe waits for PVE: what asks it gives up soon, and a host that is silent for so long is not ready.
const PATIENCE: Duration = Duration::from_secs(2);

/// What the server depends on.
pub trait Upstream: Clone + Send + Sync + 'static {
    /// Asks it something that shows whether calls would work at the moment.
    ///
    /// # Errors
    /// A sentence on why calls would not work.
    fn ready(&self) -> impl Future<Output = Result<(), String>> + Send;

    /// What is being waited for at this moment and goes on when the waiting ends, for the log of a shutdown.
    fn going_on(&self) -> Vec<String>;
}

/// Proxmox VE, behind the tools.
impl Upstream for Tools {
    async fn ready(&self) -> Result<(), String> {
        Tools::ready(self).await.map_err(|e| e.to_string())
    }

    fn going_on(&self) -> Vec<String> {
        self.counts().following.iter().map(ToString::to_string).collect()
    }
}

/// A server that needs nobody else is always ready.
impl Upstream for () {
    async fn ready(&self) -> Result<(), String> {
        Ok(())
    }

    fn going_on(&self) -> Vec<String> {
        Vec::new()
    }
}

/// What answers on routes that there are whoever serves.
pub struct Probes {
    shared: Arc<Shared>,
    ready: Box<dyn Fn() -> Looking + Send + Sync>,
    last: Momentary<Result<(), String>>,
}

type Looking = Pin<Box<dyn Future<Output = Result<(), String>> + Send>>;

impl Probes {
    /// Those of a server that depends on this.
    pub fn new(shared: Arc<Shared>, upstream: impl Upstream) -> Self {
        let ready = move || -> Looking {
            let upstream = upstream.clone();
            Box::pin(async move { upstream.ready().await })
        };
        Self { shared, ready: Box::new(ready), last: Momentary::new(FRESH) }
    }

    async fn ready(&self) -> Result<(), String> {
        let asked = self.last.get(async {
            let answer = tokio::time::timeout(PATIENCE, (self.ready)()).await;
            let silent = || Err(format!("Proxmox VE did not answer within {} s", PATIENCE.as_secs()));
            let answer = answer.unwrap_or_else(|_| silent());
            if let Err(why) = &answer {
                // Whoever asks needs no credentials: host, token and certificate are for the log.
                tracing::warn!(why, "not ready");
            }
            // That it would not work is an answer like the other, and kept as long.
            Ok(answer)
        });
        asked.await.unwrap_or_else(|never: Infallible| match never {})
    }
}

/// Whether the process is up.
pub async fn livez() -> Response {
    Json(json!({"status": "ok"})).into_response()
}

/// Whether calls would work.
pub async fn readyz(State(probes): State<Arc<Probes>>) -> Response {
    if probes.shared.closing.is_cancelled() {
        return not_ready("this server is shutting down").into_response();
    }
    match probes.ready().await {
        Ok(()) => Json(json!({"status": "ok"})).into_response(),
        Err(_) => not_ready("calls to Proxmox VE would not work; the log of this server says why").into_response(),
    }
}

fn not_ready(why: &str) -> Problem {
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "not-ready", "Not ready", why)
}

/// The process is healthy whenever it answers; what it thinks of PVE stands beside that.
pub async fn health(State(probes): State<Arc<Probes>>) -> Response {
    let proxmox = if probes.ready().await.is_ok() { "connected" } else { "unreachable" };
    Json(json!({"status": "ok", "version": env!("CARGO_PKG_VERSION"), "proxmox": proxmox})).into_response()
}

/// Numbers for Prometheus.
pub async fn numbers(State(probes): State<Arc<Probes>>, Extension(principal): Extension<Principal>) -> Response {
    if let Err(denied) = principal.whole("the numbers") {
        return probes.shared.access.forbidden(&denied).into_response();
    }
    match probes.shared.metrics.text() {
        Ok(text) => ([(header::CONTENT_TYPE, HeaderValue::from_static(metrics::MEDIA_TYPE))], text).into_response(),
        Err(e) => {
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "metrics", "No numbers", e.to_string()).into_response()
        }
    }
}

/// What OAuth clients look for.
pub async fn metadata(State(probes): State<Arc<Probes>>) -> Response {
    match probes.shared.access.oauth() {
        Some(oauth) => Json(oauth.metadata()).into_response(),
        None => {
            let detail = "this server takes no OAuth access tokens";
            Problem::new(StatusCode::NOT_FOUND, "no-oauth", "No OAuth", detail).into_response()
        }
    }
}

/// Answers a path that is no route.
pub async fn no_such_route() -> Problem {
    let detail = "there is nothing at this path; GET /openapi.json lists what there is";
    Problem::new(StatusCode::NOT_FOUND, "no-route", "No such route", detail)
}

/// Answers a method that a route does not have. The framework adds `Allow`.
pub async fn no_such_method() -> Problem {
    let detail = "this path does not take this method; GET /openapi.json lists what there is";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "no-method", "Method not allowed", detail)
}
