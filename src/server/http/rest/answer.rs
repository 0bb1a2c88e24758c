//! From what a tool says to an HTTP answer.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use serde_json::Value;

use super::super::problem::Problem;
use crate::tools::{self, ToolResult};

/// A sort of problem: the tools' word for it, its status, its word in the document's `type`, its title.
pub(crate) type Sort = (tools::Problem, StatusCode, &'static str, &'static str);

/// How the failures of tools are answered.
pub(crate) const SORTS: [Sort; 11] = [
    (tools::Problem::Arguments, StatusCode::BAD_REQUEST, "arguments", "Wrong arguments"),
    (tools::Problem::NotFound, StatusCode::NOT_FOUND, "not-found", "No such guest or task"),
    (tools::Problem::Denied, StatusCode::FORBIDDEN, "rule-forbids", "A rule of this server forbids it"),
    (
        tools::Problem::Limited,
        StatusCode::TOO_MANY_REQUESTS,
        "too-many-changes",
        "So many changes are allowed in a time",
    ),
    (tools::Problem::Consent, StatusCode::PRECONDITION_REQUIRED, "confirm", "Confirmation needed"),
    (tools::Problem::State, StatusCode::CONFLICT, "state", "The guest's state does not allow it"),
    (tools::Problem::Permission, StatusCode::FORBIDDEN, "pve-forbids", "Proxmox VE forbids it"),
    (tools::Problem::Unavailable, StatusCode::BAD_GATEWAY, "pve-unavailable", "Proxmox VE cannot be reached"),
    (tools::Problem::Unanswered, StatusCode::GATEWAY_TIMEOUT, "pve-unanswered", "Proxmox VE did not answer"),
    (tools::Problem::Failed, StatusCode::BAD_GATEWAY, "pve-failed", "Proxmox VE tried and failed"),
    (tools::Problem::Cancelled, StatusCode::SERVICE_UNAVAILABLE, "cancelled", "Cancelled before anything was sent"),
];

/// The answer for a tool's result: its structured facts, or a problem that carries them.
pub(crate) fn result(result: ToolResult) -> Response {
    let facts = result.structured.unwrap_or_default();
    let Some(problem) = result.problem else {
        let running = facts.get("outcome").and_then(Value::as_str) == Some("running");
        let status = if running { StatusCode::ACCEPTED } else { StatusCode::OK };
        return (status, Json(facts)).into_response();
    };
    let sort = SORTS.iter().find(|sort| sort.0 == problem);
    let (status, word, title) = sort
        .map_or((StatusCode::BAD_GATEWAY, "pve-failed", "Proxmox VE tried and failed"), |(_, status, word, title)| {
            (*status, *word, *title)
        });
    let detail = facts.get("detail").and_then(Value::as_str).unwrap_or(&result.text).to_owned();
    let mut document = Problem::new(status, word, title, detail);
    document.retry_after = facts.get("retryAfter").and_then(Value::as_u64);
    // The document's own members are not to be replaced. A guest's state is `status` among the facts.
    for (key, value) in facts {
        match key.as_str() {
            "detail" => {}
            "status" => drop(document.more.insert("guest_status".to_owned(), value)),
            "type" | "title" | "instance" => drop(document.more.insert(format!("guest_{key}"), value)),
            _ => drop(document.more.insert(key, value)),
        }
    }
    document.into_response()
}

/// The answer for a tool that there is not.
pub(crate) fn unknown_tool(detail: &str) -> Response {
    Problem::new(StatusCode::NOT_FOUND, "no-tool", "No such tool", detail).into_response()
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;
    use serde_json::json;

    use super::*;

    async fn answer(problem: Option<tools::Problem>, facts: Value) -> (u16, Value) {
        let response = result(ToolResult { text: "text".into(), structured: facts.as_object().cloned(), problem });
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.expect("body").to_bytes();
        (status, serde_json::from_slice(&body).expect("JSON"))
    }

    #[tokio::test]
    async fn each_outcome_has_its_status() {
        assert_eq!(answer(None, json!({"guests": []})).await, (200, json!({"guests": []})));
        assert_eq!(answer(None, json!({"outcome": "unchanged"})).await.0, 200);
        assert_eq!(answer(None, json!({"outcome": "running", "upid": "U"})).await.0, 202);
        let statuses = SORTS.map(|sort| sort.1.as_u16());
        assert_eq!(statuses, [400, 404, 403, 429, 428, 409, 403, 502, 504, 502, 503]);
        for (problem, status, word, _) in SORTS {
            let (got, body) = answer(Some(problem), Value::Null).await;
            assert_eq!((got, &body["status"]), (status.as_u16(), &json!(status.as_u16())));
            assert_eq!(
                (body["type"].as_str(), body["detail"].as_str()),
                (Some(&*format!("urn:proxmox-mcp:problem:{word}")), Some("text"))
            );
        }
    }

    #[tokio::test]
    async fn a_problem_carries_the_facts_without_losing_its_own() {
        let facts =
            json!({"outcome": "confirm", "confirm": "a-b", "status": "stopped", "detail": "Plan.", "vmid": 105});
        let (status, body) = answer(Some(tools::Problem::Consent), facts).await;
        assert_eq!(status, 428);
        assert_eq!(body["status"], 428);
        assert_eq!(
            (&body["guest_status"], &body["confirm"], &body["detail"]),
            (&json!("stopped"), &json!("a-b"), &json!("Plan."))
        );
    }
}
