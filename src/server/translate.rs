//! Between the words of MCP and those of the tools.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use rmcp::{
    Peer, RoleServer,
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, ClientResult, ContentBlock, CreateTaskResult,
        DetailedTask, ElicitRequest, ElicitRequestParams, ElicitResult, ElicitationAction, ElicitationSchema,
        GetTaskResult, Implementation, InputRequest, InputRequests, InputRequiredResult, JsonObject, MetaObject,
        ProgressNotificationParam, ProgressToken, ServerRequest, Task, TaskPayload, TaskStatus, Tool, ToolAnnotations,
    },
    service::{PeerRequestOptions, RequestContext, ServiceError},
};
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio_util::sync::CancellationToken;

use super::{
    http::{
        accept::NoStream,
        gate::Revoked,
        request_id::{self, RequestId},
    },
    principal::Principal,
    written,
};
use crate::clock;
use crate::foreign;
use crate::tools::{
    Answered, Ask, CallContext, Consent, Lang, Listed, Question, Reply, Rows, Step, TaskState, ToolResult,
    consent::VALID,
};

/// The name of the one question that we ask.
const QUESTION: &str = "confirm";
/// Who answers, in the `_meta` of every result since 2026-07-28.
const SERVER_INFO: &str = "io.modelcontextprotocol/serverInfo";
/// Name of the request in the `_meta` of a failure.
const REQUEST_ID: &str = "io.github.proxmox-mcp/requestId";
/// How often a client should ask for a task.
const POLL_MS: u64 = 1_000;
/// How long a waiting call goes on after the client's input has ended: long enough for a task that is about to end.
const LAST_WORDS: Duration = Duration::from_millis(800);

/// Who calls.
pub(super) struct Caller {
    pub client: String,
    pub session: Option<String>,
    pub principal: Option<Principal>,
    /// Name of the HTTP request.
    pub request: Option<String>,
}

impl Caller {
    pub(super) fn of(ctx: &RequestContext<RoleServer>) -> Self {
        let client = ctx.client_info().map(|info| format!("{} {}", info.name, info.version)).unwrap_or_default();
        let http = ctx.extensions.get::<http::request::Parts>();
        let session = http.and_then(|parts| parts.headers.get("mcp-session-id")?.to_str().ok()).map(str::to_owned);
        let principal = http.and_then(|parts| parts.extensions.get::<Principal>()).cloned();
        let request =
            http.and_then(|parts| parts.extensions.get::<RequestId>()).map(|id| request_id::text(id).to_owned());
        // A client's name is its own claim: kept short, and without anything that could break a line of a log.
        let client = foreign::line(&client, foreign::NAME).into_owned();
        Self { client, session, principal, request }
    }
}

/// How the server introduces itself.
pub(super) fn server_info() -> Implementation {
    Implementation::new(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION")).with_title("Proxmox VE")
}

/// Signs a result: a protocol without `initialize` leaves no other place to say who answers.
pub(super) fn sign(meta: &mut Option<MetaObject>, ctx: &RequestContext<RoleServer>) {
    if stateless(ctx)
        && let Ok(info) = serde_json::to_value(server_info())
    {
        meta.get_or_insert_default().insert(SERVER_INFO.to_owned(), info);
    }
}

/// Whether the caller speaks a protocol without `initialize`, of 2026-07-28 or later.
pub(super) fn stateless(ctx: &RequestContext<RoleServer>) -> bool {
    ctx.protocol_version().is_some_and(|version| !version.has_initialize())
}

/// A tool as MCP lists it.
pub(super) fn tool(listed: Listed) -> Tool {
    let effect = listed.tool.effect;
    let annotations = ToolAnnotations::new()
        .read_only(!effect.may_change())
        .destructive(effect.may_destroy())
        .idempotent(effect.idempotent())
        // Names, tags and notes in replies are written by whoever owns the guests.
        .open_world(listed.tool.shows_foreign());
    Tool::new(listed.tool.name, listed.description, Arc::new(listed.input))
        .with_title(listed.title)
        .with_annotations(annotations)
        .with_raw_output_schema(Arc::new(listed.output))
}

/// How this caller can be asked for consent. A question is taken back when `cancel` is cancelled.
pub(super) fn consent(
    request: &CallToolRequestParams,
    ctx: &RequestContext<RoleServer>,
    lang: Lang,
    cancel: CancellationToken,
) -> Consent {
    let asks = ctx.client_capabilities().and_then(|capabilities| capabilities.elicitation);
    // A client that declares neither form nor URL means the form, which was there first.
    if !asks.is_some_and(|asks| asks.form.is_some() || asks.url.is_none()) {
        return Consent::Code;
    }
    if !stateless(ctx) {
        let http = ctx.extensions.get::<http::request::Parts>();
        if http.is_some_and(|parts| parts.extensions.get::<NoStream>().is_some()) {
            // A question would have no way to whoever takes the answer alone.
            return Consent::Code;
        }
        return Consent::Ask(Arc::new(Elicit { peer: ctx.peer.clone(), cancel, lang }));
    }
    let answer = request.input_responses.as_ref().and_then(|answers| answers.get(QUESTION));
    Consent::Repeat(request.request_state.clone().zip(answer).map(|(state, answer)| {
        let answer = serde_json::from_value::<ElicitResult>(answer.clone());
        Answered { state, agreed: answer.is_ok_and(|answer| agreed(&answer)) }
    }))
}

/// Agreement is an accepted form with its field ticked, and nothing less.
fn agreed(answer: &ElicitResult) -> bool {
    let ticked = answer.content.as_ref().and_then(|content| content.get(QUESTION)).and_then(Value::as_bool);
    answer.action == ElicitationAction::Accept && ticked == Some(true)
}

fn form(question: &Question) -> Result<ElicitRequest, String> {
    let schema = json!({
        "type": "object",
        "properties": {QUESTION: {"type": "boolean", "title": question.title, "description": question.field}},
        "required": [QUESTION],
    });
    let requested_schema: ElicitationSchema = serde_json::from_value(schema).map_err(|e| e.to_string())?;
    let message = question.plan.clone();
    Ok(ElicitRequest::new(ElicitRequestParams::FormElicitationParams { meta: None, message, requested_schema }))
}

/// Asks through the connection, as protocols before 2026-07-28 do.
struct Elicit {
    peer: Peer<RoleServer>,
    cancel: CancellationToken,
    lang: Lang,
}

impl Elicit {
    fn unanswered(&self, error: &ServiceError) -> String {
        match error {
            ServiceError::Timeout { .. } => self.lang.texts().ask_late(VALID.as_secs()),
            other => other.to_string(),
        }
    }
}

impl Ask for Elicit {
    fn ask(&self, question: Question) -> Pin<Box<dyn Future<Output = Result<bool, String>> + Send + '_>> {
        Box::pin(async move {
            let request = ServerRequest::ElicitRequest(form(&question)?);
            // A plan is agreed to while it is fresh; and a client that went away does not hold its call for ever.
            let mut options = PeerRequestOptions::no_options();
            options.timeout = Some(VALID);
            let answering =
                async { self.peer.send_request_with_option(request, options).await?.await_response().await };
            let answer = tokio::select! {
                answer = answering => answer,
                () = self.cancel.cancelled() => return Err(self.lang.texts().ask_cancelled().to_owned()),
            };
            match answer.map_err(|e| self.unanswered(&e))? {
                ClientResult::ElicitResult(answer) => Ok(agreed(&answer)),
                _ => Err(self.lang.texts().ask_odd().to_owned()),
            }
        })
    }
}

/// What MCP gives back for a reply. A failure carries the name of its request, by which the log can be searched.
/// The rows of a list are among its facts, or written already.
pub(super) fn reply(
    reply: Reply,
    rows: Option<Rows>,
    request: Option<&str>,
    ctx: &RequestContext<RoleServer>,
) -> CallToolResponse {
    match reply {
        Reply::Result(mut result) => {
            let failed = result.problem.is_some();
            let listed =
                rows.map(|rows| written::structured(&result.structured.take().unwrap_or_default(), &rows, ctx));
            let mut out = call_result(result);
            out.structured_content = listed.or(out.structured_content);
            if let Some(id) = request.filter(|_| failed) {
                out.meta.get_or_insert_default().insert(REQUEST_ID.to_owned(), id.into());
            }
            sign(&mut out.meta, ctx);
            out.into()
        }
        Reply::Question(question) => match form(&question) {
            Ok(form) => {
                let requests = InputRequests::from([(QUESTION.to_owned(), InputRequest::Elicitation(form))]);
                let mut out = InputRequiredResult::new(Some(requests), Some(question.state));
                sign(&mut out.meta, ctx);
                out.into()
            }
            Err(reason) => CallToolResult::error(vec![ContentBlock::text(reason)]).into(),
        },
        Reply::Task(handle) => {
            let now = clock::stamp(clock::now());
            let mut out = CreateTaskResult::new(task(&handle, TaskStatus::Working, &now));
            sign(&mut out.meta, ctx);
            out.into()
        }
    }
}

fn call_result(result: ToolResult) -> CallToolResult {
    let text = vec![ContentBlock::text(result.text)];
    let mut out = if result.problem.is_some() { CallToolResult::error(text) } else { CallToolResult::success(text) };
    out.structured_content = result.structured.map(Value::Object);
    out
}

/// What `tasks/get` gives back.
pub(super) fn task_state(handle: &str, state: TaskState) -> GetTaskResult {
    let (begun, payload, message) = match state {
        TaskState::Working { begun, message } => (begun, TaskPayload::Working, Some(message)),
        TaskState::Ended { begun, result } => {
            let result: JsonObject = match serde_json::to_value(call_result(*result)) {
                Ok(Value::Object(result)) => result,
                _ => JsonObject::new(),
            };
            (begun, TaskPayload::Completed { result }, None)
        }
    };
    let mut task = task(handle, TaskStatus::Working, &clock::stamp(begun.into()));
    task.status_message = message;
    GetTaskResult::new(DetailedTask::new(task, payload))
}

fn task(handle: &str, status: TaskStatus, created: &str) -> Task {
    let now = clock::stamp(clock::now());
    let ttl = u64::try_from(crate::tools::HANDLE_VALID.as_millis()).unwrap_or(u64::MAX);
    Task::new(handle, status, created, now).with_ttl_ms(ttl).with_poll_interval_ms(POLL_MS)
}

/// A call while it runs: passes progress on, and ends the waiting when the caller cancels or is gone.
pub(super) struct Waiting {
    steps: UnboundedReceiver<Step>,
    to: Option<(Peer<RoleServer>, ProgressToken)>,
    cancel: CancellationToken,
    called_off: CancellationToken,
    revoked: CancellationToken,
    ended: CancellationToken,
}

impl Waiting {
    /// Prepares `call` to be waited for.
    pub(super) fn new(ctx: &RequestContext<RoleServer>, ended: CancellationToken, call: &mut CallContext) -> Self {
        let (sender, steps) = unbounded_channel();
        let to = ctx.meta.get_progress_token().map(|token| (ctx.peer.clone(), token));
        call.progress = to.is_some().then_some(sender);
        let http = ctx.extensions.get::<http::request::Parts>();
        let revoked = http.and_then(|parts| parts.extensions.get::<Revoked>()).map(|revoked| revoked.0.clone());
        let revoked = revoked.unwrap_or_default();
        Self { steps, to, cancel: call.cancel.clone(), called_off: ctx.ct.clone(), revoked, ended }
    }

    /// Runs the call to its end. Progress is never sent after the result.
    pub(super) async fn run<T>(mut self, call: impl Future<Output = T>) -> T {
        let over = async {
            tokio::select! {
                () = self.called_off.cancelled() => {}
                () = self.revoked.cancelled() => {}
                () = self.ended.cancelled() => tokio::time::sleep(LAST_WORDS).await,
            }
        };
        tokio::pin!(call, over);
        let mut waiting = true;
        loop {
            tokio::select! {
                biased;
                Some(step) = self.steps.recv() => tokio::select! {
                    () = Self::pass_on(self.to.as_ref(), step) => {}
                    // The SDK takes no more notifications then, and would keep us waiting for it.
                    () = self.ended.cancelled() => {}
                },
                result = &mut call => return result,
                () = &mut over, if waiting => {
                    self.cancel.cancel();
                    waiting = false;
                }
            }
        }
    }

    async fn pass_on(to: Option<&(Peer<RoleServer>, ProgressToken)>, step: Step) {
        let Some((peer, token)) = to else { return };
        let param = ProgressNotificationParam::new(token.clone(), step.elapsed.as_secs_f64())
            .with_total(step.limit.as_secs_f64())
            .with_message(step.message);
        if let Err(error) = peer.notify_progress(param).await {
            tracing::debug!(%error, "progress could not be sent");
        }
    }
}
