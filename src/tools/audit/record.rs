//! What the log keeps of a call.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::tools::{check, whole::secret::is_secret};

/// The decision on a call that was not carried out.
pub(in crate::tools) const DENIED: &str = "denied";
/// Most characters of a text in a record; no argument that a tool takes is longer.
const TEXT_MAX: usize = 255;
/// Most arguments in a record; no tool has as many.
const ARGUMENTS_MAX: usize = 32;

/// Which half of a call a line tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// PVE is about to be asked for a change.
    Intent,
    /// The call has ended.
    #[default]
    Result,
}

/// One call as the log keeps it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Record {
    /// When the call came; the time of writing when left out.
    #[serde(skip)]
    pub at: Option<chrono::DateTime<chrono::Utc>>,
    /// Which half of the call this is.
    pub phase: Phase,
    /// What the lines of one call have in common.
    pub call: String,
    /// The PVE host that the server is configured for.
    pub host: String,
    /// The client's name and version, as it gave them.
    pub client: String,
    /// The session, or the process when the door has no sessions.
    pub session: String,
    /// Who called, when the door knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub principal: Option<String>,
    /// The tool.
    pub tool: &'static str,
    /// The arguments as given, as far as the tool has them; confirmation codes are left out.
    pub arguments: Map<String, Value>,
    /// The guest, once it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guest: Option<String>,
    /// `allowed` or `denied`.
    pub decision: &'static str,
    /// The rule that denied it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// The outcome, or what failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// Why it failed, in the words of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The PVE task.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upid: Option<String>,
}

impl Record {
    /// The arguments of a call as a record keeps them: those that the tool has, each no longer than it can have meaning. Those of a
    /// method may hold secrets, and are added once it is known which.
    pub(in crate::tools) fn arguments(takes: impl Fn(&str) -> bool, given: &Map<String, Value>) -> Map<String, Value> {
        let kept = given.iter().filter(|(name, _)| {
            !matches!(name.as_str(), "confirm" | "arguments" | "options" | "resume") && !is_secret(name) && takes(name)
        });
        kept.map(|(name, value)| (name.clone(), shortened(value))).collect()
    }

    /// The record with nothing in it that has no bound.
    pub(in crate::tools) fn bounded(mut self) -> Self {
        for text in [&mut self.call, &mut self.host, &mut self.client, &mut self.session] {
            *text = cut(std::mem::take(text));
        }
        let texts = [&mut self.principal, &mut self.guest, &mut self.rule, &mut self.outcome, &mut self.upid];
        for text in texts.into_iter().chain([&mut self.reason]) {
            *text = text.take().map(cut);
        }
        let arguments = std::mem::take(&mut self.arguments).into_iter().take(ARGUMENTS_MAX);
        self.arguments = arguments.map(|(name, value)| (cut(name), shortened(&value))).collect();
        self
    }
}

fn cut(text: String) -> String {
    match text.char_indices().nth(TEXT_MAX) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

/// A value that no argument can have is told by its beginning.
fn shortened(value: &Value) -> Value {
    match value {
        Value::Array(_) | Value::Object(_) => check::short(value).into(),
        Value::String(text) => cut(text.clone()).into(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_keeps_the_arguments_that_the_tool_has() {
        let tool = crate::tools::registry::by_name("deleteVM").unwrap();
        let given = serde_json::json!({
            "vmid": vec![1e9; 50], "name": "n".repeat(300), "node": "pve1", "purge": true, "confirm": "c", "x": 1,
        });
        let kept = Record::arguments(|name| tool.takes(name), given.as_object().unwrap());
        assert_eq!(kept.keys().collect::<Vec<_>>(), ["name", "node", "purge", "vmid"]);
        assert_eq!((&kept["node"], &kept["purge"]), (&"pve1".into(), &true.into()));
        assert_eq!(kept["name"].as_str().unwrap().chars().count(), 256);
        assert_eq!(kept["vmid"].as_str().unwrap().chars().count(), 40);
    }
}
