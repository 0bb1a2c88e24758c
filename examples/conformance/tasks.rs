//! Fixtures that run as tasks (SEP-2663): for a client that declares tasks, the call ends with a task, of which the
//! client asks what has become.

use std::time::Duration;

use rmcp::{
    ErrorData, RoleServer,
    model::*,
    service::RequestContext,
    task_manager::{TaskContext, TaskExit, TaskFuture, TaskManager, TaskOptions},
};
use serde_json::{Value, json};
use tokio::time::sleep;

use super::{asking, from, text};

/// The fixtures' names, for the list of tools.
pub(crate) const NAMES: [&str; 7] = [
    "greet",
    "slow_compute",
    "failing_job",
    "protocol_error_job",
    "confirm_delete",
    "multi_input",
    "test_tool_with_task",
];

/// Answers a tool that runs as a task; nothing for any other tool.
pub(crate) async fn call(
    tasks: &TaskManager,
    request: &CallToolRequestParams,
    ctx: &RequestContext<RoleServer>,
) -> Result<Option<CallToolResponse>, ErrorData> {
    let argument = |name: &str| request.arguments.as_ref().and_then(|a| a.get(name)).cloned().unwrap_or_default();
    let declared = ctx.client_capabilities().is_some_and(|capabilities| capabilities.supports_tasks());
    let seconds = Duration::from_secs(argument("seconds").as_u64().unwrap_or_default());
    let work: Box<dyn FnOnce(TaskContext) -> TaskFuture + Send> = match request.name.as_ref() {
        "greet" => return Ok(Some(text(format!("Hello, {}!", argument("name").as_str().unwrap_or("you"))).into())),
        "slow_compute" if !declared => {
            sleep(seconds).await;
            return Ok(Some(text("computed").into()));
        }
        "slow_compute" => Box::new(move |task| Box::pin(compute(task, seconds))),
        // Whoever takes no tasks cannot be served by this one.
        "failing_job" if !declared => return Err(needs_tasks()),
        "failing_job" => Box::new(|_| {
            Box::pin(async { Ok(CallToolResult::error(vec![ContentBlock::text("this job always fails")])) })
        }),
        "protocol_error_job" => Box::new(|_| {
            Box::pin(async { Err(TaskExit::Error(ErrorData::internal_error("this job always breaks", None))) })
        }),
        "confirm_delete" => Box::new(|task| Box::pin(async move { answers(&task, &["confirm"]).await })),
        "multi_input" => Box::new(|task| Box::pin(async move { answers(&task, &["first", "second"]).await })),
        "test_tool_with_task" => {
            let given = request.input_responses.as_ref().and_then(|given| given.get("user_name"));
            let Some(name) = given.and_then(|answer| answer["content"]["name"].as_str()).map(str::to_owned) else {
                return Ok(Some(asking::user_name()?.into()));
            };
            Box::new(|_| Box::pin(async move { Ok(text(format!("Hello, {name}!"))) }))
        }
        _ => return Ok(None),
    };
    if !declared {
        return Err(needs_tasks());
    }
    let options = TaskOptions::new().with_ttl_ms(60_000).with_poll_interval_ms(100);
    Ok(Some(CreateTaskResult::new(tasks.spawn(options, work)).into()))
}

async fn compute(task: TaskContext, time: Duration) -> Result<CallToolResult, TaskExit> {
    tokio::select! {
        () = task.cancelled() => Err(TaskExit::Cancelled),
        () = sleep(time) => Ok(text("computed")),
    }
}

/// Asks all questions at once and ends when each is answered.
async fn answers(task: &TaskContext, keys: &[&str]) -> Result<CallToolResult, TaskExit> {
    let mut questions = Vec::new();
    for key in keys {
        let question: InputRequest = from(asking::question(&format!("Is {key} right?"), "ok", "boolean"))?;
        questions.push(task.request_input(*key, question));
    }
    let given: Vec<Value> = futures_util::future::try_join_all(questions).await?;
    Ok(text(format!("answered: {}", json!(given))))
}

fn needs_tasks() -> ErrorData {
    match from(json!({"extensions": {"io.modelcontextprotocol/tasks": {}}})) {
        Ok(needed) => ErrorData::missing_required_client_capability(needed),
        Err(e) => e,
    }
}
