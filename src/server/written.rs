//! Results whose list is JSON already. The SDK takes the structured part of a result as a tree of values; so the text is kept
//! aside while the SDK makes its message, in which an empty object stands for it, and takes its place in what is sent. (Of what is no
//! object the SDK makes text for older clients.)

use memchr::memmem;
use rmcp::{
    RoleServer,
    model::{JsonRpcMessage, ServerJsonRpcMessage, ServerResult},
    service::RequestContext,
};
use serde_json::{Map, Value};

use crate::tools::{Aside, Rows};

/// The structured part of an answer, kept aside by whoever sends the message.
pub(super) type Kept = Aside<String>;

/// What stands in a message until the text takes its place. Within a text of JSON no quote stands without a backslash
/// before it, so that this is found where it was written and nowhere else.
const PLACE: &[u8] = b"\"structuredContent\":{}";
/// The end of it, which is replaced.
const EMPTY: usize = b"{}".len();
/// The one name in an object that holds the text on its way to a pipe. No fact has it.
const TEXT: &str = "";

/// Where a request that came over HTTP has what is kept aside for the answer to it.
pub(super) fn kept(ctx: &RequestContext<RoleServer>) -> Option<&Kept> {
    ctx.extensions.get::<http::request::Parts>()?.extensions.get::<Kept>()
}

/// What the SDK takes for the structured part with these rows: an empty object where it is kept aside, and otherwise one with
/// its text. No other result has an empty one: what became of the call is in each.
pub(super) fn structured(facts: &Map<String, Value>, rows: &Rows, ctx: &RequestContext<RoleServer>) -> Value {
    let text = whole(facts, rows);
    match kept(ctx) {
        Some(kept) => {
            kept.leave(text);
            Value::Object(Map::new())
        }
        None => held(text),
    }
}

fn held(text: String) -> Value {
    Value::Object(Map::from_iter([(TEXT.to_owned(), Value::String(text))]))
}

/// The facts with the rows among them, in the order of their names, as JSON.
fn whole(facts: &Map<String, Value>, rows: &Rows) -> String {
    let mut out = String::with_capacity(rows.json.len() + 512);
    let mut part = |name: &str, json: &str| {
        out.push_str(if out.is_empty() { "{\"" } else { ",\"" });
        // Names of facts are ours.
        out.push_str(name);
        out.push_str("\":");
        out.push_str(json);
    };
    let before = |(name, _): &(&String, &Value)| name.as_str() < rows.name;
    facts.iter().take_while(before).for_each(|(name, value)| part(name, &value.to_string()));
    part(rows.name, &rows.json);
    facts.iter().skip_while(before).for_each(|(name, value)| part(name, &value.to_string()));
    out.push('}');
    out
}

/// Takes the text out of a message, in which an empty object stands for it then.
pub(super) fn taken(message: &mut ServerJsonRpcMessage) -> Option<String> {
    let JsonRpcMessage::Response(response) = message else { return None };
    let ServerResult::CallToolResult(result) = &mut response.result else { return None };
    let structured = result.structured_content.as_mut()?.as_object_mut()?;
    if !structured.contains_key(TEXT) {
        return None;
    }
    match structured.remove(TEXT) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}

/// Puts the text in its place in the message that was written.
pub(super) fn put(message: &mut Vec<u8>, text: &str) {
    let Some(at) = memmem::rfind(message, PLACE) else { return };
    let rest = message.split_off(at + PLACE.len());
    message.truncate(at + PLACE.len() - EMPTY);
    message.reserve(text.len() + rest.len() + 1);
    message.extend_from_slice(text.as_bytes());
    message.extend_from_slice(&rest);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rmcp::model::{CallToolResult, ContentBlock, RequestId};
    use serde_json::json;

    use super::*;

    fn message(text: &str, structured: Value) -> ServerJsonRpcMessage {
        let mut result = CallToolResult::success(vec![ContentBlock::text(text)]);
        result.structured_content = Some(structured);
        result.meta.get_or_insert_default().insert("a".to_owned(), "b".into());
        ServerJsonRpcMessage::response(ServerResult::CallToolResult(result), RequestId::Number(7))
    }

    proptest! {
        #[test]
        fn what_is_put_in_its_place_is_what_the_sdk_would_have_written(
            text in r#"[a-z"\\:n,{}]{0,20}("structuredContent":\{\})?[é\n"]{0,5}"#,
            name in r#"[a-z"\\]{0,20}("structuredContent":\{\})?"#,
            others in prop::collection::btree_map("[a-z]{1,8}", 0..9_u8, 0..5),
        ) {
            let rows = json!([{"name": name, "n": 1.5}]);
            let mut facts: Map<String, Value> = others.into_iter().map(|(key, n)| (key, n.into())).collect();
            facts.remove("guests");
            let whole = whole(&facts, &Rows { name: "guests", json: rows.to_string() });
            facts.insert("guests".to_owned(), rows);
            let wanted = serde_json::to_vec(&message(&text, Value::Object(facts))).unwrap();
            let mut sent = message(&text, held(whole));
            let taken = taken(&mut sent).unwrap();
            let mut written = serde_json::to_vec(&sent).unwrap();
            put(&mut written, &taken);
            prop_assert_eq!(String::from_utf8(written), String::from_utf8(wanted));
        }
    }

    #[test]
    fn nothing_is_taken_of_other_messages() {
        let plain = message("text", json!({"guests": []}));
        let mut same = plain.clone();
        assert_eq!(taken(&mut same), None);
        assert_eq!(serde_json::to_value(same).unwrap(), serde_json::to_value(plain).unwrap());
    }
}
