//! Fixtures that only need to be there: what the suite lists, calls and reads.

use serde_json::{Value, json};

/// One red pixel.
const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC";
/// A WAV file without a single sample.
const WAV: &str = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=";

/// Tools without arguments that do nothing but answer, or whose behaviour is elsewhere.
const PLAIN: [&str; 22] = [
    "test_simple_text",
    "test_image_content",
    "test_audio_content",
    "test_embedded_resource",
    "test_multiple_content_types",
    "test_error_handling",
    "test_tool_with_progress",
    "test_tool_with_logging",
    "test_logging_tool",
    "test_reconnection",
    "test_missing_capability",
    "test_streaming_elicitation",
    "test_elicitation_sep1034_defaults",
    "test_elicitation_sep1330_enums",
    "test_input_required_result_elicitation",
    "test_input_required_result_sampling",
    "test_input_required_result_list_roots",
    "test_input_required_result_request_state",
    "test_input_required_result_multiple_inputs",
    "test_input_required_result_multi_round",
    "test_input_required_result_tampered_state",
    "test_input_required_result_capabilities",
];

/// `tools/list`.
pub(crate) fn tools() -> Value {
    let plain = PLAIN.iter().chain(&super::tasks::NAMES).map(
        |name| json!({"name": name, "description": format!("Fixture {name}."), "inputSchema": {"type": "object"}}),
    );
    let one = |name: &str, argument: &str| {
        json!({"name": name, "description": format!("Fixture {name}."), "inputSchema": {
            "type": "object", "properties": {argument: {"type": "string"}}, "required": [argument]}})
    };
    let more = [
        one("test_sampling", "prompt"),
        one("test_elicitation", "message"),
        json!({"name": "test_x_mcp_header", "description": "Fixture with a parameter that travels in a header.",
            "inputSchema": {"type": "object", "required": ["region"],
                "properties": {"region": {"type": "string", "x-mcp-header": "Region"}}}}),
        rich_schema(),
    ];
    plain.chain(more).collect()
}

/// A schema with every keyword that the suite wants to see arrive.
fn rich_schema() -> Value {
    json!({"name": "json_schema_2020_12_tool", "description": "Fixture with a schema of many keywords.", "inputSchema": {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "$defs": {"address": {"$anchor": "addressDef", "type": "object",
            "properties": {"street": {"type": "string"}, "city": {"type": "string"}}}},
        "properties": {
            "name": {"type": "string"},
            "address": {"$ref": "#/$defs/address"},
            "contactMethod": {"type": "string", "enum": ["phone", "email"]},
            "phone": {"type": "string"},
            "email": {"type": "string"},
        },
        "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
        "anyOf": [{"required": ["phone"]}, {"required": ["email"]}],
        "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
        "then": {"required": ["phone"]},
        "else": {"required": ["email"]},
        "additionalProperties": false,
    }})
}

/// The result of a tool that only answers.
pub(crate) fn call(name: &str) -> Option<Value> {
    let words = |text: &str| json!({"type": "text", "text": text});
    let image = || json!({"type": "image", "data": PNG, "mimeType": "image/png"});
    let embedded = |uri: &str, mime: &str, text: &str| json!({"type": "resource", "resource": {"uri": uri, "mimeType": mime, "text": text}});
    let content = match name {
        "test_simple_text" => vec![words("This is a simple text response for testing.")],
        "json_schema_2020_12_tool" => vec![words("a schema is all there is to it")],
        "test_image_content" => vec![image()],
        "test_audio_content" => vec![json!({"type": "audio", "data": WAV, "mimeType": "audio/wav"})],
        "test_embedded_resource" => {
            vec![embedded("test://embedded-resource", "text/plain", "This is an embedded resource content.")]
        }
        "test_multiple_content_types" => vec![
            words("Multiple content types test:"),
            image(),
            embedded("test://mixed-content-resource", "application/json", r#"{"test":"data","value":123}"#),
        ],
        "test_error_handling" => {
            let failure = words("This tool intentionally returns an error for testing");
            return Some(json!({"resultType": "complete", "isError": true, "content": [failure]}));
        }
        _ => return None,
    };
    Some(json!({"resultType": "complete", "content": content}))
}

/// `prompts/list`.
pub(crate) fn prompts() -> Value {
    let prompt = |name: &str, arguments: &[&str]| {
        let arguments: Vec<_> =
            arguments.iter().map(|a| json!({"name": a, "description": "A text.", "required": true})).collect();
        json!({"name": name, "description": format!("Fixture {name}."), "arguments": arguments})
    };
    json!([
        prompt("test_simple_prompt", &[]),
        prompt("test_prompt_with_arguments", &["arg1", "arg2"]),
        prompt("test_prompt_with_embedded_resource", &["resourceUri"]),
        prompt("test_prompt_with_image", &[]),
        prompt("test_input_required_result_prompt", &[]),
    ])
}

/// `prompts/get`.
pub(crate) fn prompt(name: &str, argument: impl Fn(&str) -> String) -> Option<Value> {
    let says = |content: Value| json!({"role": "user", "content": content});
    let words = |text: &str| says(json!({"type": "text", "text": text}));
    let messages = match name {
        "test_simple_prompt" => vec![words("This is a simple prompt for testing.")],
        "test_prompt_with_arguments" => {
            let (one, two) = (argument("arg1"), argument("arg2"));
            vec![words(&format!("Prompt with arguments: arg1='{one}', arg2='{two}'"))]
        }
        "test_prompt_with_embedded_resource" => vec![
            says(json!({"type": "resource", "resource": {"uri": argument("resourceUri"), "mimeType": "text/plain",
                "text": "Embedded resource content for testing."}})),
            words("Please process the embedded resource above."),
        ],
        "test_prompt_with_image" => vec![
            says(json!({"type": "image", "data": PNG, "mimeType": "image/png"})),
            words("Please analyze the image above."),
        ],
        _ => return None,
    };
    Some(json!({"resultType": "complete", "messages": messages}))
}

/// `resources/list`.
pub(crate) fn resources() -> Value {
    let resource = |uri: &str, name: &str, mime: &str| json!({"uri": uri, "name": name, "description": format!("Fixture {name}."), "mimeType": mime});
    json!([
        resource("test://static-text", "static text", "text/plain"),
        resource("test://static-binary", "static binary", "image/png"),
        resource("test://watched-resource", "watched resource", "text/plain"),
    ])
}

/// `resources/templates/list`.
pub(crate) fn templates() -> Value {
    json!([{"uriTemplate": "test://template/{id}/data", "name": "template", "description": "Fixture template.",
        "mimeType": "application/json"}])
}

/// `resources/read`.
pub(crate) fn resource(uri: &str) -> Option<Value> {
    let text = |mime: &str, text: String| json!({"resultType": "complete", "contents": [{"uri": uri, "mimeType": mime, "text": text}]});
    Some(match uri {
        "test://static-text" => text("text/plain", "This is the content of the static text resource.".into()),
        "test://watched-resource" => text("text/plain", "Nothing has changed.".into()),
        "test://static-binary" => {
            json!({"resultType": "complete", "contents": [{"uri": uri, "mimeType": "image/png", "blob": PNG}]})
        }
        _ => {
            let id = uri.strip_prefix("test://template/")?.strip_suffix("/data")?;
            let data = json!({"id": id, "templateTest": true, "data": format!("Data for ID: {id}")});
            text("application/json", data.to_string())
        }
    })
}
