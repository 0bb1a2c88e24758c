//! Messages as the bytes that are kept of them. A parsed one takes ten times as much.

use rmcp::model::{
    CustomNotification, CustomRequest, CustomResult, JsonRpcError, RequestId, ServerJsonRpcMessage, ServerNotification,
    ServerRequest, ServerResult,
};
use serde::Deserialize;
use serde_json::Value;

/// The JSON of a message.
pub(super) fn bytes(message: &ServerJsonRpcMessage) -> Box<[u8]> {
    // What the SDK builds can be written: it writes it itself, too.
    serde_json::to_vec(message).unwrap_or_default().into()
}

/// Any message of ours; only as much is understood of it as it takes to write it again as it was.
#[derive(Deserialize)]
struct Any {
    id: Option<RequestId>,
    method: Option<String>,
    params: Option<Value>,
    result: Option<Value>,
}

/// The message that was written as these bytes.
pub(super) fn parsed(bytes: &[u8]) -> Option<ServerJsonRpcMessage> {
    let any: Any = serde_json::from_slice(bytes).ok()?;
    Some(match any {
        Any { id: Some(id), method: Some(method), params, .. } => {
            let request = ServerRequest::CustomRequest(CustomRequest::new(method, params));
            ServerJsonRpcMessage::request(request, id)
        }
        Any { method: Some(method), params, .. } => {
            let notification = ServerNotification::CustomNotification(CustomNotification::new(method, params));
            ServerJsonRpcMessage::notification(notification)
        }
        Any { id: Some(id), result: Some(result), .. } => {
            ServerJsonRpcMessage::response(ServerResult::CustomResult(CustomResult::new(result)), id)
        }
        _ => ServerJsonRpcMessage::Error(serde_json::from_slice::<JsonRpcError>(bytes).ok()?),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_message_that_was_kept_is_written_again_as_it_was() {
        for message in [
            json!({"jsonrpc": "2.0", "id": 7, "result": {"content": [{"type": "text", "text": "é\n"}],
                "structuredContent": {"n": 1.5, "none": null}, "isError": false, "_meta": {"a": 1}}}),
            json!({"jsonrpc": "2.0", "id": "x", "result": {}}),
            json!({"jsonrpc": "2.0", "id": 3, "error": {"code": -32603, "message": "no", "data": {"why": []}}}),
            json!({"jsonrpc": "2.0", "error": {"code": -32700, "message": "no"}}),
            json!({"jsonrpc": "2.0", "method": "notifications/progress", "params":
                {"progressToken": 1, "progress": 0.5, "message": "half"}}),
            json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 4}}),
            json!({"jsonrpc": "2.0", "id": 4, "method": "elicitation/create", "params":
                {"message": "Sure?", "_meta": {"b": 2}, "requestedSchema": {"type": "object", "properties": {}}}}),
        ] {
            let read = parsed(message.to_string().as_bytes()).expect("a message");
            assert_eq!(serde_json::from_slice::<Value>(&bytes(&read)).expect("JSON"), message);
        }
    }
}
