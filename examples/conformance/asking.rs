//! Fixtures that need something of the client: by a request within a session of the older revisions, or by a result
//! that asks for input, after which the client calls again.

use rmcp::{ErrorData, RoleServer, model::*, service::RequestContext};
use serde_json::{Map, Value, json};

use super::{from, text};

/// The input that a round asks for, by key.
type Wanted = Vec<(&'static str, Value)>;

/// Answers a tool that asks; nothing for any other tool.
pub(crate) async fn call(
    codec: &RequestStateCodec,
    request: &CallToolRequestParams,
    ctx: &RequestContext<RoleServer>,
) -> Result<Option<CallToolResponse>, ErrorData> {
    if let Some(name) = request.name.strip_prefix("test_input_required_result_") {
        return rounds(codec, name, request, ctx).map(Some);
    }
    let argument = |name: &str| request.arguments.as_ref().and_then(|a| a.get(name)).cloned().unwrap_or_default();
    let (asked, prefix) = match request.name.as_ref() {
        "test_sampling" => (sampling(&argument("prompt"), 100), "LLM response"),
        "test_elicitation" => {
            let fields = json!({"username": {"type": "string", "description": "User's response"},
                "email": {"type": "string", "description": "User's email address"}});
            (form(&argument("message"), fields, &["username", "email"]), "User response")
        }
        "test_elicitation_sep1034_defaults" => {
            (form(&json!("All have defaults"), defaults(), &[]), "Elicitation completed")
        }
        "test_elicitation_sep1330_enums" => (form(&json!("Choose"), enums(), &[]), "Elicitation completed"),
        _ => return Ok(None),
    };
    let answer = ctx.peer.send_request(from(asked)?).await;
    Ok(Some(match answer {
        Ok(ClientResult::ElicitResult(result)) => {
            let result = serde_json::to_value(result).unwrap_or_default();
            let (action, content) = (result["action"].as_str().unwrap_or_default(), &result["content"]);
            text(format!("{prefix}: action={action}, content={content}")).into()
        }
        Ok(other) => {
            let other = serde_json::to_value(other).unwrap_or_default();
            text(format!("{prefix}: {}", other["content"]["text"].as_str().unwrap_or_default())).into()
        }
        Err(e) => CallToolResult::error(vec![ContentBlock::text(e.to_string())]).into(),
    }))
}

/// What a client gets that has not declared sampling.
pub(crate) fn no_sampling() -> ErrorData {
    match from(json!({"sampling": {}})) {
        Ok(needed) => ErrorData::missing_required_client_capability(needed),
        Err(e) => e,
    }
}

/// The question for a name, by the key `user_name`.
pub(crate) fn user_name() -> Result<InputRequiredResult, ErrorData> {
    ask(vec![("user_name", question("What is your name?", "name", "string"))], None)
}

/// The prompt that asks.
pub(crate) fn prompt(request: &GetPromptRequestParams) -> Result<GetPromptResponse, ErrorData> {
    let wanted = vec![("user_context", question("What context should the prompt use?", "context", "string"))];
    if let Some(answers) = complete(request.input_responses.as_ref(), &wanted) {
        let words = format!("Use this context: {}", answers[0]);
        let prompt = json!({"resultType": "complete", "messages": [{"role": "user", "content": {"type": "text", "text": words}}]});
        return Ok(from::<GetPromptResult>(prompt)?.into());
    }
    Ok(ask(wanted, None)?.into())
}

/// A tool whose call ends with a question until the answers are there.
fn rounds(
    codec: &RequestStateCodec,
    name: &str,
    request: &CallToolRequestParams,
    ctx: &RequestContext<RoleServer>,
) -> Result<CallToolResponse, ErrorData> {
    let step = match &request.request_state {
        Some(state) => codec
            .open(state)
            .map_err(|_| ErrorData::invalid_params("requestState is not what this server gave out", None))?,
        None => Vec::new(),
    };
    let stateful = matches!(name, "request_state" | "multiple_inputs" | "multi_round" | "tampered_state");
    let second = name == "multi_round" && step == b"2";
    let wanted = wanted(name, second, ctx)?;
    let missing_state = stateful && request.request_state.is_none();
    let next = match complete(request.input_responses.as_ref(), &wanted) {
        Some(answers) if !missing_state => {
            if name != "multi_round" || second {
                let answers: Vec<_> = answers.iter().map(|v| v.to_string()).collect();
                return Ok(text(format!("Hello, state-ok: {}!", answers.join(", "))).into());
            }
            self::wanted(name, true, ctx)?
        }
        _ => wanted,
    };
    let step = if next.iter().any(|(key, _)| *key == "step2") { b"2" } else { b"1" };
    Ok(ask(next, stateful.then(|| codec.seal(step)))?.into())
}

fn wanted(name: &str, second: bool, ctx: &RequestContext<RoleServer>) -> Result<Wanted, ErrorData> {
    let user = || ("user_name", question("What is your name?", "name", "string"));
    let roots = || ("client_roots", json!({"method": "roots/list", "params": {}}));
    let says = |key, words: &str, tokens| (key, sampling(&json!(words), tokens));
    Ok(match name {
        "elicitation" => vec![user()],
        "sampling" => vec![says("capital_question", "What is the capital of France?", 100)],
        "list_roots" => vec![roots()],
        "multiple_inputs" => vec![user(), says("greeting", "Generate a greeting", 50), roots()],
        "multi_round" if second => vec![("step2", question("Step 2: What is your favorite color?", "color", "string"))],
        "multi_round" => vec![("step1", question("Step 1: What is your name?", "name", "string"))],
        "request_state" | "tampered_state" => vec![("confirm", question("Please confirm", "ok", "boolean"))],
        // Only what the client declared may be asked for.
        "capabilities" => {
            let declared = ctx.client_capabilities().and_then(|c| serde_json::to_value(c).ok()).unwrap_or_default();
            let mut wanted = Vec::new();
            if declared.get("elicitation").is_some() {
                wanted.push(user());
            }
            if declared.get("sampling").is_some() {
                wanted.push(says("greeting", "Generate a greeting", 50));
            }
            wanted
        }
        other => return Err(ErrorData::invalid_params(format!("Unknown tool: {other}"), None)),
    })
}

/// The answers, when each is there and is an object; keys that were not asked for are passed over.
fn complete(given: Option<&InputResponses>, wanted: &Wanted) -> Option<Vec<Value>> {
    wanted.iter().map(|(key, _)| given?.get(*key).filter(|v| v.is_object()).cloned()).collect()
}

fn ask(wanted: Wanted, state: Option<String>) -> Result<InputRequiredResult, ErrorData> {
    let requests: Map<String, Value> = wanted.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    Ok(InputRequiredResult::new(Some(from(Value::Object(requests))?), state))
}

/// A question with one field.
pub(crate) fn question(message: &str, field: &str, kind: &str) -> Value {
    form(&json!(message), json!({field: {"type": kind}}), &[field])
}

fn form(message: &Value, fields: Value, required: &[&str]) -> Value {
    let mut schema = json!({"type": "object", "properties": fields});
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    json!({"method": "elicitation/create", "params": {"message": message, "requestedSchema": schema}})
}

fn sampling(words: &Value, tokens: u32) -> Value {
    let message = json!({"role": "user", "content": {"type": "text", "text": words}});
    json!({"method": "sampling/createMessage", "params": {"messages": [message], "maxTokens": tokens}})
}

fn defaults() -> Value {
    json!({
        "name": {"type": "string", "default": "John Doe"},
        "age": {"type": "integer", "default": 30},
        "score": {"type": "number", "default": 95.5},
        "status": {"type": "string", "enum": ["active", "inactive", "pending"], "default": "active"},
        "verified": {"type": "boolean", "default": true},
    })
}

fn enums() -> Value {
    let options = |word: &str| -> Vec<Value> {
        let titles = ["First", "Second", "Third"];
        (1..).zip(titles).map(|(n, t)| json!({"const": format!("value{n}"), "title": format!("{t} {word}")})).collect()
    };
    json!({
        "untitledSingle": {"type": "string", "enum": ["option1", "option2", "option3"]},
        "titledSingle": {"type": "string", "oneOf": options("Option")},
        "legacyEnum": {"type": "string", "enum": ["opt1", "opt2", "opt3"],
            "enumNames": ["Option One", "Option Two", "Option Three"]},
        "untitledMulti": {"type": "array", "items": {"type": "string", "enum": ["option1", "option2", "option3"]}},
        "titledMulti": {"type": "array", "items": {"anyOf": options("Choice")}},
    })
}
