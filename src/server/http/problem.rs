//! Errors of the REST door as RFC 9457 problem documents.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::{Map, Value};

/// Media type of a problem document.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// One problem: what went wrong, whose fault it is, what to do.
#[derive(Clone, Debug, Serialize)]
pub struct Problem {
    /// A word for programs, as a URN: the same word always means the same kind of problem.
    #[serde(rename = "type", serialize_with = "urn")]
    pub word: &'static str,
    /// The same for people.
    pub title: &'static str,
    /// The HTTP status.
    #[serde(serialize_with = "status_number")]
    pub status: StatusCode,
    /// What went wrong this time and what to do about it.
    pub detail: String,
    /// Further members: the UPID, a confirmation code, task log lines.
    #[serde(flatten)]
    pub more: Map<String, Value>,
    /// Whole seconds after which to try again.
    #[serde(skip)]
    pub retry_after: Option<u64>,
    /// What to put in `WWW-Authenticate`.
    #[serde(skip)]
    pub challenge: Option<Box<str>>,
}

fn urn<S: serde::Serializer>(word: &str, s: S) -> Result<S::Ok, S::Error> {
    s.serialize_str(&format!("urn:proxmox-mcp:problem:{word}"))
}

fn status_number<S: serde::Serializer>(status: &StatusCode, s: S) -> Result<S::Ok, S::Error> {
    s.serialize_u16(status.as_u16())
}

impl Problem {
    /// A problem of this kind. `word` is a lower-case word with hyphens.
    pub fn new(status: StatusCode, word: &'static str, title: &'static str, detail: impl Into<String>) -> Self {
        Self { word, title, status, detail: detail.into(), more: Map::new(), retry_after: None, challenge: None }
    }

    /// The document.
    pub fn body(&self) -> Vec<u8> {
        // A struct of texts and JSON values always serialises.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Adds a member.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.more.insert(name.to_owned(), value.into());
        self
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body()));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(challenge) = self.challenge.as_deref().and_then(|c| HeaderValue::from_str(c).ok()) {
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        // The gate puts the request id into it.
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    #[tokio::test]
    async fn a_problem_is_what_rfc_9457_says() {
        let mut problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "rate", "Too many requests", "Wait.");
        problem.retry_after = Some(3);
        let response = problem.with("request_id", "r1").into_response();
        assert_eq!(response.status(), 429);
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        assert_eq!(response.headers()["retry-after"], "3");
        let body = response.into_body().collect().await.expect("body").to_bytes();
        let body: Value = serde_json::from_slice(&body).expect("JSON");
        assert_eq!(
            body,
            serde_json::json!({"type": "urn:proxmox-mcp:problem:rate", "title": "Too many requests", "status": 429,
                "detail": "Wait.", "request_id": "r1"})
        );
    }
}
