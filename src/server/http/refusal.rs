//! What the SDK refuses at `/mcp` before it reads a message, which it says in plain text, as problem documents.
//!
//! What it says of a message stays the message of JSON-RPC that it is.

use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use http_body_util::BodyExt;

use super::problem::Problem;

/// The refusals that there are: the status, the word of the problem, its title.
const REFUSALS: [(StatusCode, &str, &str); 5] = [
    (StatusCode::BAD_REQUEST, "mcp-request", "No request of MCP"),
    (StatusCode::NOT_FOUND, "no-session", "No such session"),
    (StatusCode::METHOD_NOT_ALLOWED, "no-method", "Method not allowed"),
    (StatusCode::NOT_ACCEPTABLE, "not-acceptable", "No such form of the answer"),
    (StatusCode::UNSUPPORTED_MEDIA_TYPE, "media-type", "Media type not taken"),
];

/// Most bytes of a refusal; the SDK's have some sixty.
const LONGEST: usize = 2000;

/// The problem of a session that there is not, or that is another caller's.
pub(super) fn no_session() -> Problem {
    of(StatusCode::NOT_FOUND, "there is no such session; open a new one with initialize".to_owned())
}

fn of(status: StatusCode, detail: String) -> Problem {
    let known = REFUSALS.into_iter().find(|refusal| refusal.0 == status);
    let (_, word, title) = known.unwrap_or((status, "mcp-refused", "Refused"));
    Problem::new(status, word, title, detail)
}

/// A refusal in plain text as a problem; every other answer as it is. Headers such as `Allow` stay.
pub(super) async fn as_problem(response: Response) -> Response {
    let status = response.status();
    let media = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let text = media.is_none_or(|media| media.starts_with("text/plain"));
    if !text || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let said = http_body_util::Limited::new(body, LONGEST).collect().await;
    let said = said.map(|body| body.to_bytes()).unwrap_or_default();
    // `Not Acceptable: Client must accept text/event-stream`: the title has the first half already.
    let said = String::from_utf8_lossy(&said);
    let detail = said.split_once(": ").map_or(&*said, |(_, detail)| detail);
    let problem = of(status, crate::foreign::line(detail, LONGEST).into_owned()).into_response();
    parts.headers.remove(header::CONTENT_TYPE);
    parts.headers.remove(header::CONTENT_LENGTH);
    let (made, body) = problem.into_parts();
    parts.headers.extend(made.headers);
    parts.extensions.extend(made.extensions);
    Response::from_parts(parts, body)
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    async fn answered(status: u16, media: Option<&str>, text: &'static str) -> (Option<String>, String) {
        let mut response = Response::builder().status(status).header(header::ALLOW, "POST");
        if let Some(media) = media {
            response = response.header(header::CONTENT_TYPE, media);
        }
        let response = as_problem(response.body(Body::from(text)).expect("a response")).await;
        assert_eq!(
            (response.status().as_u16(), &response.headers()[header::ALLOW]),
            (status, &"POST".parse().unwrap())
        );
        let media = response.headers().get(header::CONTENT_TYPE).map(|media| media.to_str().unwrap().to_owned());
        let body = response.into_body().collect().await.expect("a body").to_bytes();
        (media, String::from_utf8(body.to_vec()).expect("text"))
    }

    #[tokio::test]
    async fn refusals_in_plain_text_become_problems_and_nothing_else_does() {
        for media in [None, Some("text/plain; charset=utf-8")] {
            let (kind, body) = answered(406, media, "Not Acceptable: Client must accept text/event-stream").await;
            assert_eq!(kind.as_deref(), Some("application/problem+json"));
            let body: serde_json::Value = serde_json::from_str(&body).expect("JSON");
            assert_eq!(body["type"], "urn:proxmox-mcp:problem:not-acceptable");
            assert_eq!(body["detail"], "Client must accept text/event-stream");
        }
        for (status, media, text) in
            [(400, Some("application/json"), "{}"), (202, None, ""), (200, Some("text/event-stream"), "data:")]
        {
            assert_eq!(answered(status, media, text).await, (media.map(str::to_owned), text.to_owned()));
        }
    }
}
