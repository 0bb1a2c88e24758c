//! The one MCP handler behind every transport.

use std::{
    hash::{BuildHasher as _, Hasher as _, RandomState},
    sync::Arc,
};

use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CacheScope, CallToolRequestParams, CallToolResponse, CancelTaskParams, CustomRequest, CustomResult, ErrorCode,
        GetTaskParams, GetTaskResult, ListToolsResult, PaginatedRequestParams, ServerCapabilities, ServerConfig,
        UpdateTaskParams,
    },
    service::RequestContext,
};
use serde_json::json;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::{
    observe::{self, Observer},
    traces,
    translate::{self, Caller},
    written,
};
use crate::tools::{Aside, CallContext, CallError, Lang, Tools, registry};

/// How long a client may take the list of tools for unchanged: it changes only with the server's settings.
const LIST_TTL_MS: u64 = 300_000;

/// Methods that we serve. The SDK reports one of these as unknown when its parameters could not be read.
const METHODS: [&str; 8] =
    ["tools/call", "tools/list", "initialize", "server/discover", "tasks/get", "tasks/update", "tasks/cancel", "ping"];

/// Answers MCP requests of both protocol eras. Cheap to clone.
#[derive(Clone)]
pub struct Door {
    shared: Arc<Shared>,
    /// Whether what carries its messages puts what was written aside in its place.
    pipe: bool,
}

struct Shared {
    tools: Tools,
    lang: Lang,
    session: String,
    ended: CancellationToken,
    observer: Option<Observer>,
}

impl Door {
    /// A door to these tools.
    pub fn new(tools: Tools, lang: Lang) -> Self {
        Self::watched(tools, lang, None, CancellationToken::new())
    }

    /// A door to these tools that tells of each call. When `ended` is cancelled, calls that wait for a task stop waiting.
    pub fn watched(tools: Tools, lang: Lang, observer: Option<Observer>, ended: CancellationToken) -> Self {
        // It need not be secret, only another one in each process.
        let session = format!("{:016x}", RandomState::new().build_hasher().finish());
        Self { shared: Arc::new(Shared { tools, lang, session, ended, observer }), pipe: false }
    }

    /// The same before a transport that looks for what [`written`] takes out of a message.
    pub(super) fn over_pipe(self) -> Self {
        Self { pipe: true, ..self }
    }

    /// Cancelled when the client's input has ended, or the server is about to.
    pub fn ended(&self) -> CancellationToken {
        self.shared.ended.clone()
    }

    /// The context of a call, without what only a call to a tool needs.
    fn context(&self, caller: &Caller) -> CallContext {
        CallContext {
            client: caller.client.clone(),
            session: caller.session.clone().unwrap_or_else(|| self.shared.session.clone()),
            caller: caller.principal.clone(),
            lang: self.shared.lang,
            ..CallContext::default()
        }
    }
}

impl ServerHandler for Door {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().enable_tasks().build())
            .with_server_info(translate::server_info())
            .with_instructions(self.shared.tools.instructions(self.shared.lang))
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        ctx: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let principal = Caller::of(&ctx).principal;
        let tools = self.shared.tools.list(self.shared.lang, principal.as_ref()).await.into_iter().map(translate::tool);
        let scope = if principal.is_some() { CacheScope::Private } else { CacheScope::Public };
        let list = ListToolsResult::with_all_items(tools.collect());
        let mut list = list.with_ttl_ms(LIST_TTL_MS).with_cache_scope(scope);
        translate::sign(&mut list.meta, &ctx);
        Ok(list)
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        ctx: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let caller = Caller::of(&ctx);
        let mut call = self.context(&caller);
        call.consent = translate::consent(&request, &ctx, self.shared.lang, call.cancel.clone());
        // Tasks are part of the protocol from 2026-07-28 on. A client may declare them whatever it speaks, but in an
        // older session it takes the answer for a result and throws it away.
        call.detach = translate::stateless(&ctx)
            && ctx.client_capabilities().is_some_and(|capabilities| capabilities.supports_tasks());
        let arguments = request.arguments.unwrap_or_default();
        let waiting = translate::Waiting::new(&ctx, self.ended(), &mut call);
        // A message before the answer makes a stream of it.
        let alone = call.progress.is_none() && (self.pipe || written::kept(&ctx).is_some());
        call.rows = alone.then(Aside::default);
        // Within the span of the HTTP request, which has its name.
        let span = observe::span(&request.name);
        traces::continues(&span, &*ctx.meta);
        let begun = std::time::Instant::now();
        let reply =
            waiting.run(self.shared.tools.call(&request.name, &arguments, &call)).instrument(span.clone()).await;
        let outcome = observe::outcome(&reply);
        span.in_scope(|| observe::log(&outcome, begun.elapsed()));
        if let Some(observer) = &self.shared.observer {
            // What a client makes up does not become a name in the numbers.
            let tool = registry::by_name(&request.name).map_or("unknown", |tool| tool.name);
            observer(tool, &outcome, begun.elapsed());
        }
        match reply {
            Ok(reply) => {
                let rows = call.rows.and_then(|rows| rows.take());
                Ok(translate::reply(reply, rows, caller.request.as_deref(), &ctx))
            }
            Err(e) => Err(ErrorData::invalid_params(e.to_string(), caller.request.map(|id| json!({"requestId": id})))),
        }
    }

    async fn get_task(
        &self,
        request: GetTaskParams,
        ctx: RequestContext<RoleServer>,
    ) -> Result<GetTaskResult, ErrorData> {
        let call = self.context(&Caller::of(&ctx));
        let state = self.shared.tools.task(&request.task_id, &call).await.map_err(refused)?;
        let mut answer = translate::task_state(&request.task_id, state);
        translate::sign(&mut answer.meta, &ctx);
        Ok(answer)
    }

    /// No task of ours asks anything.
    async fn update_task(&self, request: UpdateTaskParams, ctx: RequestContext<RoleServer>) -> Result<(), ErrorData> {
        let call = self.context(&Caller::of(&ctx));
        self.shared.tools.upid_of(&request.task_id, &call).await.map(drop).map_err(refused)
    }

    /// Cancelling ends the client's interest, not the PVE task: half of a stop or a delete helps nobody. The protocol
    /// leaves it to the server whether a cancelled task stops.
    async fn cancel_task(&self, request: CancelTaskParams, ctx: RequestContext<RoleServer>) -> Result<(), ErrorData> {
        let call = self.context(&Caller::of(&ctx));
        let upid = self.shared.tools.upid_of(&request.task_id, &call).await.map_err(refused)?;
        tracing::warn!(%upid, "a client no longer waits for its task; the task goes on");
        Ok(())
    }

    /// A request reaches this when its method is unknown, and also when the method is known but its parameters could
    /// not be read: the latter is the caller's mistake in the parameters, not in the method.
    async fn on_custom_request(
        &self,
        request: CustomRequest,
        _: RequestContext<RoleServer>,
    ) -> Result<CustomResult, ErrorData> {
        let method: String = crate::foreign::line(&request.method, 64).into_owned();
        if METHODS.contains(&method.as_str()) {
            return Err(ErrorData::invalid_params(
                format!("the parameters of {method} are not as the protocol wants them"),
                None,
            ));
        }
        Err(ErrorData::new(ErrorCode::METHOD_NOT_FOUND, format!("there is no method {method}"), None))
    }
}

fn refused(e: CallError) -> ErrorData {
    ErrorData::invalid_params(e.to_string(), None)
}
