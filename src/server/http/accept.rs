//! What a client takes for an answer at `/mcp`, and answers for those that take no stream.
//!
//! The protocol has clients name both media types in `Accept`; many that speak it by hand name one, `*/*` or nothing.
//! Whoever does not ask for a stream is given the answer alone, as JSON.

use axum::{body::Body, response::Response};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use http_body_util::BodyExt;
use serde::{Deserialize, de::IgnoredAny};

const JSON: &str = "application/json";
const STREAM: &str = "text/event-stream";
/// What the SDK wants to see of a request that has an answer.
const BOTH: HeaderValue = HeaderValue::from_static("application/json, text/event-stream");

/// In the extensions of a request whose client takes no stream: it can be asked nothing while its call waits.
#[derive(Clone, Copy, Debug)]
pub struct NoStream;

/// Reads `Accept` and puts it as the SDK wants it; true where the answer must be JSON. What can be served with neither is
/// left as it is, for the SDK to refuse.
pub fn negotiate(method: &Method, headers: &mut HeaderMap) -> bool {
    let accepts = Accepts::read(headers);
    match *method {
        Method::POST if accepts.json && accepts.stream => headers.insert(header::ACCEPT, BOTH),
        Method::POST if accepts.json => {
            headers.insert(header::ACCEPT, BOTH);
            return true;
        }
        Method::GET if accepts.stream || accepts.anything => {
            headers.insert(header::ACCEPT, HeaderValue::from_static(STREAM))
        }
        _ => None,
    };
    false
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Accepts {
    json: bool,
    /// A stream is asked for by its name or as a text.
    stream: bool,
    /// Whatever there is.
    anything: bool,
}

impl Accepts {
    fn read(headers: &HeaderMap) -> Self {
        let mut accepts = Self::default();
        let mut named = false;
        let values = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
        for entry in values.flat_map(|value| value.split(',')).filter(|entry| !entry.trim().is_empty()) {
            named = true;
            let mut parts = entry.split(';').map(|part| part.trim().to_ascii_lowercase());
            let media = parts.next().unwrap_or_default();
            if parts.any(|part| part.strip_prefix("q=").is_some_and(|q| q.parse::<f32>() == Ok(0.0))) {
                continue;
            }
            accepts.anything |= media == "*/*";
            accepts.json |= matches!(media.as_str(), JSON | "application/*" | "*/*");
            accepts.stream |= matches!(media.as_str(), STREAM | "text/*");
        }
        if named { accepts } else { Self { json: true, stream: false, anything: true } }
    }
}

#[derive(Deserialize)]
struct Message {
    result: Option<IgnoredAny>,
    error: Option<IgnoredAny>,
}

/// The answer within a stream, on its own. What else was streamed, such as progress, is for those who take a stream.
pub async fn as_json(response: Response) -> Response {
    let media = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if !media.is_some_and(|media| media.starts_with(STREAM)) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let text = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    match answer(&text) {
        Some(answer) => {
            parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(JSON));
            Response::from_parts(parts, Body::from(answer))
        }
        None => {
            // A request that its client has taken back has none.
            parts.headers.remove(header::CONTENT_TYPE);
            parts.status = StatusCode::NO_CONTENT;
            Response::from_parts(parts, Body::empty())
        }
    }
}

/// The message of a stream that is an answer.
fn answer(stream: &str) -> Option<String> {
    stream.split("\n\n").find_map(|event| {
        let lines = event.lines().filter_map(|line| line.strip_prefix("data:"));
        let data: Vec<_> = lines.map(|data| data.strip_prefix(' ').unwrap_or(data)).collect();
        let data = data.join("\n");
        let message: Message = serde_json::from_str(&data).ok()?;
        (message.result.is_some() || message.error.is_some()).then_some(data)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&str]) -> (bool, bool) {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::ACCEPT, HeaderValue::from_str(value).expect("header"));
        }
        let accepts = Accepts::read(&headers);
        (accepts.json, accepts.stream)
    }

    #[test]
    fn a_client_takes_what_it_names() {
        for (accept, takes) in [
            (&[][..], (true, false)),
            (&[""], (true, false)),
            (&["*/*"], (true, false)),
            (&["application/json"], (true, false)),
            (&["Application/JSON;charset=utf-8"], (true, false)),
            (&["application/json, text/event-stream"], (true, true)),
            (&["application/json", "text/event-stream"], (true, true)),
            (&["text/event-stream;q=0, */*"], (true, false)),
            (&["application/*, text/*"], (true, true)),
            (&["text/event-stream"], (false, true)),
            (&["text/html"], (false, false)),
            (&["application/json;q=0.0"], (false, false)),
        ] {
            assert_eq!(read(accept), takes, "{accept:?}");
        }
    }

    #[test]
    fn the_answer_is_found_among_events() {
        let stream = "id: 0/1\nretry: 3000\ndata:\n\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"m\",\"params\":{\"result\":1}}\n\n\
            : ping\n\nid: 2/1\ndata: {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n\n";
        assert_eq!(answer(stream).as_deref(), Some("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}"));
        assert_eq!(answer("data: {}\n\n"), None);
    }
}
