//! The REST door: the same tools by plain HTTP. It translates a request into a call and what comes back into a status.

pub(super) mod answer;
pub(super) mod api;
mod arguments;
pub(super) mod openapi;
pub(super) mod schemas;

use std::sync::Arc;

use axum::{
    Extension, Json, Router,
    body::Bytes,
    extract::{Path, RawQuery, State, rejection::PathRejection},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::{
    gate::Revoked,
    place::Place,
    problem::Problem,
    request_id::{self, RequestId},
    routes,
    state::Shared,
};
use crate::{
    server::{observe, principal::Principal, translate},
    tools::{Action, CallContext, Forbidden, GuestKind, Lang, Reply, ToolResult, Tools, registry, tool::Tool},
};

/// The REST door.
#[derive(Clone)]
pub struct Rest(Arc<Inner>);

struct Inner {
    tools: Tools,
    lang: Lang,
    shared: Arc<Shared>,
    openapi: Value,
}

impl Rest {
    /// A door to these tools.
    pub fn new(tools: Tools, lang: Lang, shared: Arc<Shared>) -> Self {
        let openapi = openapi::document(&shared, lang);
        Self(Arc::new(Inner { tools, lang, shared, openapi }))
    }

    /// The routes.
    pub fn routes(self) -> Router {
        routes::of_rest(self)
    }

    /// Calls a tool on behalf of a caller and waits for what comes of it.
    async fn call(&self, tool: &'static Tool, arguments: Map<String, Value>, caller: Asker) -> Response {
        let Asker { principal, id, place, revoked } = caller;
        let cancel = CancellationToken::new();
        // When the caller hangs up this handler is dropped, and with it this guard; the call itself runs on in its own
        // task long enough to stop waiting and to say in the log what goes on in PVE, and keeps its place until then.
        let _hung_up = cancel.clone().drop_guard();
        let may = self.0.tools.may(tool, Some(&principal));
        let context = CallContext {
            client: "REST".to_owned(),
            session: request_id::text(&id).to_owned(),
            caller: Some(principal),
            lang: self.0.lang,
            cancel: cancel.clone(),
            ..CallContext::default()
        };
        let inner = Arc::clone(&self.0);
        let stopping = inner.shared.stopping.clone();
        let running = tokio::spawn(
            async move {
                let begun = std::time::Instant::now();
                let call = inner.tools.call(tool.name, &arguments, &context);
                tokio::pin!(call);
                let reply = tokio::select! {
                    reply = &mut call => reply,
                    () = stopping.cancelled() => {
                        cancel.cancel();
                        call.await
                    }
                    () = revoked.cancelled() => {
                        cancel.cancel();
                        call.await
                    }
                };
                let outcome = observe::outcome(&reply);
                observe::log(&outcome, begun.elapsed());
                inner.shared.metrics.called(tool.name, &outcome, begun.elapsed());
                drop(place);
                reply
            }
            .instrument(observe::span(tool.name)),
        );
        match running.await {
            // The call is recorded as denied; OAuth has a way of its own to say what scope it would take.
            Ok(Ok(Reply::Result(result))) => match may {
                Err(Forbidden::Caller(denied)) => self.0.shared.access.forbidden(&denied).into_response(),
                _ => answer::result(result),
            },
            // Neither is asked for by the context above.
            Ok(Ok(Reply::Question(_) | Reply::Task(_))) => broken("the tool asked for what this door cannot give"),
            Ok(Err(unknown)) => answer::unknown_tool(&unknown.to_string()),
            Err(_) => broken("the call broke off; the log says where"),
        }
    }
}

fn broken(detail: &str) -> Response {
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "Internal error", detail).into_response()
}

/// Who asks, and the name of the request.
struct Asker {
    principal: Principal,
    id: RequestId,
    place: Place,
    revoked: CancellationToken,
}

pub(super) type Who = (Extension<Principal>, Extension<RequestId>, Extension<Place>, Extension<Revoked>);

fn asker((Extension(principal), Extension(id), Extension(place), Extension(revoked)): Who) -> Asker {
    Asker { principal, id, place, revoked: revoked.0 }
}

/// The part of a path that names something, if it is text.
pub(super) type Named = Result<Path<String>, PathRejection>;

fn named(part: Named) -> Result<String, Problem> {
    part.map(|Path(part)| part).map_err(|_| {
        let detail = "the path is not UTF-8";
        Problem::new(StatusCode::BAD_REQUEST, "arguments", "Wrong arguments", detail)
    })
}

pub(super) type Handling = std::pin::Pin<Box<dyn Future<Output = Response> + Send>>;

/// The handler of a list of guests.
pub(super) fn guests(
    kind: GuestKind,
    action: Action,
) -> impl Fn(State<Rest>, Who, RawQuery, Bytes) -> Handling + Clone + Send + 'static {
    move |State(rest), who, RawQuery(query), body| {
        Box::pin(async move {
            let tool = registry::for_guests(kind, action);
            match arguments::of_query(tool, query.as_deref(), None, &body) {
                Ok(arguments) => rest.call(tool, arguments, asker(who)).await,
                Err(problem) => problem.into_response(),
            }
        })
    }
}

/// The handler of what is done with one guest.
pub(super) fn guest(
    kind: GuestKind,
    action: Action,
) -> impl Fn(State<Rest>, Who, Named, RawQuery, Bytes) -> Handling + Clone + Send + 'static {
    move |State(rest), who, vmid, RawQuery(query), body| {
        Box::pin(async move {
            let vmid = match named(vmid) {
                Ok(vmid) => vmid,
                Err(problem) => return problem.into_response(),
            };
            let tool = registry::for_guests(kind, action);
            match arguments::of_query(tool, query.as_deref(), Some(&vmid), &body) {
                Ok(arguments) => rest.call(tool, arguments, asker(who)).await,
                Err(problem) => problem.into_response(),
            }
        })
    }
}

/// Calls any tool, its arguments in the body.
pub(super) async fn call_tool(
    State(rest): State<Rest>,
    who: Who,
    name: Named,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Response {
    let name = match named(name) {
        Ok(name) => name,
        Err(problem) => return problem.into_response(),
    };
    let Some(tool) = registry::by_name(&name) else {
        let name = crate::foreign::line(&name, 64).into_owned();
        return answer::unknown_tool(&format!("there is no tool {name:?}; GET /tools lists those that there are"));
    };
    match arguments::of_body(&body, query.as_deref()) {
        Ok(arguments) => rest.call(tool, arguments, asker(who)).await,
        Err(problem) => problem.into_response(),
    }
}

/// The tools that the caller may use.
pub(super) async fn list_tools(State(rest): State<Rest>, Extension(principal): Extension<Principal>) -> Response {
    let listed = rest.0.tools.list(rest.0.lang, Some(&principal)).await;
    let tools: Vec<_> = listed.into_iter().map(translate::tool).collect();
    Json(json!({"tools": tools})).into_response()
}

/// The nodes of the cluster.
pub(super) async fn nodes(State(rest): State<Rest>, Extension(principal): Extension<Principal>) -> Response {
    if let Err(denied) = principal.whole("the list of nodes") {
        return rest.0.shared.access.forbidden(&denied).into_response();
    }
    facts(rest.0.tools.nodes().await)
}

/// How a task stands.
pub(super) async fn task(
    State(rest): State<Rest>,
    Extension(principal): Extension<Principal>,
    upid: Named,
) -> Response {
    let upid = match named(upid) {
        Ok(upid) => upid,
        Err(problem) => return problem.into_response(),
    };
    if let Err(denied) = rest.0.tools.may_follow(&upid, &principal) {
        return rest.0.shared.access.forbidden(&denied).into_response();
    }
    facts(rest.0.tools.task_of_pve(&upid).await)
}

fn facts(found: Result<Map<String, Value>, ToolResult>) -> Response {
    match found {
        Ok(facts) => Json(facts).into_response(),
        Err(result) => answer::result(result),
    }
}

/// What this server is and offers.
pub(super) async fn index() -> Json<Value> {
    Json(json!({
        "name": env!("CARGO_PKG_NAME"),
        "version": env!("CARGO_PKG_VERSION"),
        "mcp": "/mcp",
        "openapi": "/openapi.json",
        "endpoints": openapi::endpoints(),
    }))
}

/// What was compiled in.
pub(super) async fn info(State(rest): State<Rest>) -> Json<Value> {
    let versions: Vec<_> = rmcp::model::ProtocolVersion::KNOWN_VERSIONS.iter().map(|v| v.as_str()).collect();
    Json(json!({
        "name": env!("CARGO_PKG_NAME"),
        "version": env!("CARGO_PKG_VERSION"),
        "protocolVersions": versions,
        "pveSchema": crate::api::RELEASE,
        "pveSchemaSha256": crate::api::SOURCE_SHA256,
        "tools": rest.0.tools.list(rest.0.lang, None).await.len(),
    }))
}

/// What the routes take and answer.
pub(super) async fn openapi_json(State(rest): State<Rest>) -> Json<Value> {
    Json(rest.0.openapi.clone())
}
