//! What the official MCP conformance suite calls for, served through this project's own HTTP layer.
//!
//! The suite asks for tools, prompts and resources with names of its own, which have no place in a server for
//! Proxmox VE. Here a handler has them, behind the same gate, sessions and streams that `proxmox-mcp serve` uses.
//! `.ci/conformance` builds and runs it; nothing of it is in the shipped binary.

mod asking;
mod content;
mod tasks;

use std::{collections::BTreeSet, io, sync::Arc, time::Duration};

use proxmox_mcp::server::http::{HttpSettings, Server, limits::Quota, metrics::Metrics};
use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::*,
    service::{Peer, RequestContext, SubscriptionContext},
    task_manager::TaskManager,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::time::sleep;

/// Time between two signs of life of a tool.
const BEAT: Duration = Duration::from_millis(50);

/// The suite's fixtures.
#[derive(Clone)]
struct Fixtures {
    codec: Arc<RequestStateCodec>,
    tasks: TaskManager,
}

fn main() -> io::Result<()> {
    let listen = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:0".to_owned());
    let listen = listen.parse().map_err(|_| io::Error::other("the only argument is an address such as 127.0.0.1:0"))?;
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let quota = Quota { per_second: 0.0, ..Quota::default() };
        let settings = HttpSettings { listen, quota, ..HttpSettings::default() };
        let server = Server::bind(settings, Metrics::default()).await.map_err(io::Error::other)?;
        io::Write::write_all(&mut io::stdout(), format!("http://{}/mcp\n", server.address()).as_bytes())?;
        tokio::spawn(server.handle().signals(|| async {})?);
        let codec = RequestStateCodec::try_new([7u8; 32]).map_err(io::Error::other)?;
        server
            .serve(
                Fixtures { codec: Arc::new(codec), tasks: TaskManager::new() },
                Arc::new(|_: &str, _: &_| None),
                (),
                axum::Router::new(),
            )
            .await;
        Ok(())
    })
}

/// Makes a value of a protocol type from its JSON, which is how the suite describes them.
fn from<T: DeserializeOwned>(value: Value) -> Result<T, ErrorData> {
    serde_json::from_value(value).map_err(|e| ErrorData::internal_error(format!("fixture: {e}"), None))
}

fn text(text: impl Into<String>) -> CallToolResult {
    CallToolResult::success(vec![ContentBlock::text(text)])
}

#[allow(deprecated, reason = "the suite still asks for what older revisions have")]
impl ServerHandler for Fixtures {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder()
            .enable_tools()
            .enable_tool_list_changed()
            .enable_prompts()
            .enable_prompts_list_changed()
            .enable_resources()
            .enable_resources_subscribe()
            .enable_completions()
            .enable_logging()
            .enable_tasks()
            .build();
        ServerConfig::new(capabilities).with_server_info(Implementation::new("proxmox-mcp-conformance", "0"))
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let tools = from(content::tools())?;
        Ok(ListToolsResult::with_all_items(tools).with_ttl_ms(60_000).with_cache_scope(CacheScope::Public))
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        let tools: Vec<Tool> = from(content::tools()).ok()?;
        tools.into_iter().find(|tool| tool.name == name)
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        ctx: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        if let Some(result) = content::call(&request.name) {
            return Ok(from::<CallToolResult>(result)?.into());
        }
        if let Some(response) = asking::call(&self.codec, &request, &ctx).await? {
            return Ok(response);
        }
        if let Some(response) = tasks::call(&self.tasks, &request, &ctx).await? {
            return Ok(response);
        }
        Ok(match request.name.as_ref() {
            "test_tool_with_progress" => progress(&ctx).await,
            "test_tool_with_logging" => {
                for message in ["Tool execution started", "Tool processing data", "Tool execution completed"] {
                    let log = LoggingMessageNotificationParam::new(LoggingLevel::Info, json!(message));
                    // A client that has gone misses a log line, which is all that there is to lose.
                    let _ = ctx.peer.notify_logging_message(log).await;
                    sleep(BEAT).await;
                }
                text("logged")
            }
            // In the new revision nothing is logged for a request that did not ask for it.
            "test_logging_tool" => text("nothing to say"),
            "test_reconnection" => {
                sleep(4 * BEAT).await;
                text("still here")
            }
            "test_missing_capability" => return Err(asking::no_sampling()),
            "test_streaming_elicitation" => progress(&ctx).await,
            "test_x_mcp_header" => text(format!("{:?}", request.arguments)),
            name => return Err(ErrorData::invalid_params(format!("Unknown tool: {name}"), None)),
        }
        .into())
    }

    async fn get_task(
        &self,
        request: GetTaskParams,
        _: RequestContext<RoleServer>,
    ) -> Result<GetTaskResult, ErrorData> {
        Ok(GetTaskResult::new(self.tasks.get_task(&request.task_id)?))
    }

    async fn update_task(&self, request: UpdateTaskParams, _: RequestContext<RoleServer>) -> Result<(), ErrorData> {
        self.tasks.update_task(&request.task_id, request.input_responses)
    }

    async fn cancel_task(&self, request: CancelTaskParams, _: RequestContext<RoleServer>) -> Result<(), ErrorData> {
        self.tasks.cancel_task(&request.task_id)
    }

    async fn list_prompts(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        let prompts = from(content::prompts())?;
        Ok(ListPromptsResult::with_all_items(prompts).with_ttl_ms(60_000).with_cache_scope(CacheScope::Public))
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        if request.name == "test_input_required_result_prompt" {
            return asking::prompt(&request);
        }
        let argument = |name: &str| {
            let given = request.arguments.as_ref().and_then(|a| a.get(name)?.as_str());
            given.unwrap_or_default().to_owned()
        };
        match content::prompt(&request.name, argument) {
            Some(prompt) => Ok(from::<GetPromptResult>(prompt)?.into()),
            None => Err(ErrorData::invalid_params(format!("Unknown prompt: {}", request.name), None)),
        }
    }

    async fn list_resources(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let resources = from(content::resources())?;
        Ok(ListResourcesResult::with_all_items(resources).with_ttl_ms(60_000).with_cache_scope(CacheScope::Public))
    }

    async fn list_resource_templates(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        let templates = from(content::templates())?;
        let result = ListResourceTemplatesResult::with_all_items(templates);
        Ok(result.with_ttl_ms(60_000).with_cache_scope(CacheScope::Public))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        match content::resource(&request.uri) {
            Some(contents) => {
                let result: ReadResourceResult = from(contents)?;
                Ok(result.with_ttl_ms(60_000).with_cache_scope(CacheScope::Public).into())
            }
            None => Err(ErrorData::resource_not_found("no such resource", Some(json!({"uri": request.uri})))),
        }
    }

    async fn complete(
        &self,
        request: CompleteRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CompleteResult, ErrorData> {
        let values: BTreeSet<_> = ["paris", "park", "party"].into_iter().map(str::to_owned).collect();
        let fitting = values.into_iter().filter(|v| v.starts_with(&request.argument.value)).collect();
        let completion = CompletionInfo::new(fitting).map_err(|e| ErrorData::internal_error(e, None))?;
        Ok(CompleteResult::new(completion))
    }

    fn accepted_subscription_filter(&self, requested: &SubscriptionFilter) -> Option<SubscriptionFilter> {
        Some(requested.clone())
    }

    async fn listen(&self, subscription: SubscriptionContext) -> Result<(), ErrorData> {
        // Both are offered; the SDK lets through what this subscription asked for.
        let _ = subscription.sink().notify_tool_list_changed().await;
        let _ = subscription.sink().notify_prompt_list_changed().await;
        subscription.cancelled().await;
        Ok(())
    }

    async fn set_level(&self, _: SetLevelRequestParams, _: RequestContext<RoleServer>) -> Result<(), ErrorData> {
        Ok(())
    }

    async fn subscribe(&self, _: SubscribeRequestParams, _: RequestContext<RoleServer>) -> Result<(), ErrorData> {
        Ok(())
    }

    async fn unsubscribe(&self, _: UnsubscribeRequestParams, _: RequestContext<RoleServer>) -> Result<(), ErrorData> {
        Ok(())
    }
}

/// Three signs of life, for a client that asked for them, and a result.
async fn progress(ctx: &RequestContext<RoleServer>) -> CallToolResult {
    let peer: &Peer<RoleServer> = &ctx.peer;
    for done in [0.0, 50.0, 100.0] {
        if let Some(token) = ctx.meta.get_progress_token() {
            let _ = peer.notify_progress(ProgressNotificationParam::new(token, done).with_total(100.0)).await;
        }
        sleep(BEAT).await;
    }
    text("went all the way")
}
