//! What a client chooses and every answer repeats: ids of requests and progress tokens. They have an end, so that a small
//! request does not make large answers.

use rmcp::model::{ClientRequest, GetMeta, NumberOrString, RequestId};
use serde::{Deserialize, de::IgnoredAny};

/// Most bytes of one.
pub(super) const MAX: usize = 256;
/// What a client is told of one that has more.
pub(super) const TOO_LONG: &str = "ids of requests and progress tokens have at most 256 bytes";

/// Whether the id of a request and its progress token are short enough.
pub(super) fn fit(request: &ClientRequest, id: &RequestId) -> bool {
    let short = |text: &NumberOrString| match text {
        NumberOrString::String(text) => text.len() <= MAX,
        NumberOrString::Number(_) => true,
    };
    short(id) && request.get_meta().get_progress_token().is_none_or(|token| short(&token.0))
}

/// As [`fit`], of a message that is not read yet.
pub(super) fn fit_in(message: &[u8]) -> bool {
    let id = serde_json::from_slice::<WithId>(message).ok().and_then(|message| message.id);
    let token = serde_json::from_slice::<WithToken>(message).ok();
    let token = token.and_then(|message| message.params.meta.progress_token);
    [id, token].into_iter().flatten().all(|one| match one {
        Echoed::Text(text) => text.len() <= MAX,
        Echoed::Other(_) => true,
    })
}

#[derive(Deserialize)]
struct WithId {
    id: Option<Echoed>,
}

#[derive(Deserialize)]
struct WithToken {
    params: Params,
}

#[derive(Deserialize)]
struct Params {
    #[serde(rename = "_meta")]
    meta: Meta,
}

#[derive(Deserialize)]
struct Meta {
    #[serde(rename = "progressToken")]
    progress_token: Option<Echoed>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Echoed {
    Text(String),
    Other(IgnoredAny),
}

#[cfg(test)]
mod tests {
    use rmcp::model::ClientJsonRpcMessage;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_every_answer_repeats_has_an_end() {
        let long = "x".repeat(MAX + 1);
        let token = |token: &str| json!({"name": "listVMs", "_meta": {"progressToken": token}});
        for (id, params, fits) in [
            (json!(1), json!({"name": "listVMs"}), true),
            (json!("x".repeat(MAX)), token(&long[1..]), true),
            (json!(long), json!({"name": "listVMs"}), false),
            (json!(1), token(&long), false),
        ] {
            let message = json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params});
            assert_eq!(fit_in(message.to_string().as_bytes()), fits, "{message}");
            let Ok(ClientJsonRpcMessage::Request(read)) = serde_json::from_value(message.clone()) else {
                panic!("{message} is a request")
            };
            assert_eq!(fit(&read.request, &read.id), fits, "{message}");
        }
        for odd in [json!({"id": long, "params": []}), json!({"id": long, "method": 1})] {
            assert!(!fit_in(odd.to_string().as_bytes()), "{odd}");
        }
    }
}
