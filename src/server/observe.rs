//! What a door tells of each call to whoever counts them.

use std::{sync::Arc, time::Duration};

use serde_json::Value;

use crate::{
    foreign,
    tools::{CallError, Reply},
};

/// Is told the tool, what came of the call, and how long it took.
pub type Observer = Arc<dyn Fn(&str, &str, Duration) + Send + Sync>;

/// The span of a tool call, in which the log has whatever happens in it. The name is the caller's: it is kept short.
pub fn span(tool: &str) -> tracing::Span {
    let tool = foreign::line(tool, 64);
    tracing::info_span!("call", tool = &*tool)
}

/// One line for each call, within its span.
pub fn log(outcome: &str, took: Duration) {
    tracing::info!(outcome, ms = took.as_millis() as u64, "called");
}

/// What came of a call, in one word: the outcome of a tool that changes something, `done` for one that reads, or the
/// sort of failure.
pub fn outcome(reply: &Result<Reply, CallError>) -> String {
    match reply {
        Err(CallError::UnknownTool(_) | CallError::UnknownTask(_)) => "unknown".to_owned(),
        Ok(Reply::Question(_)) => "confirm".to_owned(),
        Ok(Reply::Task(_)) => "running".to_owned(),
        Ok(Reply::Result(result)) => {
            let word = result.structured.as_ref().and_then(|facts| facts.get("outcome")).and_then(Value::as_str);
            match (result.problem, word) {
                (Some(problem), None | Some("failed")) => format!("{problem:?}").to_lowercase(),
                (_, Some(word)) => word.to_owned(),
                (None, None) => "done".to_owned(),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::tools::{Problem, ToolResult};

    #[test]
    fn one_word_says_what_came_of_a_call() {
        let result = |problem, facts: Value| {
            let structured = facts.as_object().cloned();
            outcome(&Ok(Reply::Result(ToolResult { text: String::new(), structured, problem })))
        };
        assert_eq!(result(None, json!({"guests": []})), "done");
        assert_eq!(result(None, json!({"outcome": "unchanged"})), "unchanged");
        assert_eq!(result(Some(Problem::Consent), json!({"outcome": "confirm"})), "confirm");
        assert_eq!(result(Some(Problem::State), json!({"outcome": "failed"})), "state");
        assert_eq!(result(Some(Problem::NotFound), Value::Null), "notfound");
        assert_eq!(outcome(&Err(CallError::UnknownTool("x".into()))), "unknown");
    }
}
