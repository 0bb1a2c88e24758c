//! searchApi: the methods that a request in everyday words may mean.

use std::sync::OnceLock;

use serde_json::{Map, Value, json};

use super::{
    gate,
    given::{own, word},
    say::{self, Say},
};
use crate::{
    api,
    spec::{Endpoint, Param, Risk},
    tools::{
        call::{Reply, ToolResult},
        profile::{Effect, Profile, Toolset},
        rights::Rights,
        schema::{choice, text, whole},
        tool::{Call, Tool},
    },
};

/// The tool.
pub(crate) static TOOL: Tool = Tool {
    profile: Profile {
        name: "searchApi",
        toolset: Toolset::Api,
        effect: Effect::Reads,
        calls: &[],
        needs: &[],
        guests: None,
    },
    title: |texts| texts.search_api_title(),
    text: |texts| texts.search_api(),
    input: |texts| {
        let risks: Vec<&str> = Risk::ALL.iter().map(|risk| risk.as_str()).collect();
        vec![
            own("query", text(), texts.p_query()),
            own("risk", choice(&risks, ""), ""),
            own("path", text(), ""),
            own("limit", whole(1.0, 20.0, HITS), ""),
        ]
    },
    output: || json!({"type": "object"}),
    run: |call| Box::pin(run(call)),
    held: OnceLock::new(),
};

/// Hits when the call does not say.
pub(super) const HITS: usize = 5;

/// Runs the tool.
pub(super) async fn run(call: Call<'_>) -> Result<Reply, ToolResult> {
    let query = word(&call.given, "query").unwrap_or_default();
    if query.trim().is_empty() {
        return Err(call.wrong(&call.either(
            "query is missing: say in a few words what is to be done.".to_owned(),
            "Falta query: diga en pocas palabras qué hay que hacer.".to_owned(),
        )));
    }
    let risk = word(&call.given, "risk").and_then(|word| Risk::ALL.into_iter().find(|risk| risk.as_str() == word));
    let most = call.given.get("limit").and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok()).unwrap_or(HITS);
    let limits = ::search::SearchLimits {
        risks: risk.as_slice(),
        path: word(&call.given, "path").unwrap_or_default(),
        count: most,
    };
    let rights = call.tools.rights().await;
    let found = api::search(query, limits).into_iter();
    let hits: Vec<(String, Value)> = found.map(|(of, _)| hit(&call, of, rights.as_deref())).collect();
    let mut facts = Map::new();
    let text = if hits.is_empty() {
        let none = call.either(
            "Nothing fits; try other words, or fewer limits.".to_owned(),
            "Nada encaja; pruebe otras palabras o menos límites.".to_owned(),
        );
        facts.insert("detail".to_owned(), none.clone().into());
        none
    } else {
        hits.iter().map(|(line, _)| line.as_str()).collect::<Vec<_>>().join("\n")
    };
    facts.insert("hits".to_owned(), hits.into_iter().map(|(_, fact)| fact).collect());
    Ok(Reply::Result(ToolResult { text, structured: Some(facts), problem: None }))
}

/// A method in one line, and the same as facts.
fn hit(call: &Call<'_>, endpoint: &'static Endpoint, rights: Option<&Rights>) -> (String, Value) {
    let summary = call.either(endpoint.says(false), endpoint.says(true));
    let needed: Vec<String> = endpoint.params.iter().filter(|param| !param.optional).map(Param::published).collect();
    let closed = gate::why_not(call, rights, endpoint);
    let risk = say::risk(call, endpoint);
    let mut line = format!("{}: {summary} [{risk}]", endpoint.function());
    let mut facts = json!({"id": endpoint.function(), "call": endpoint.at(), "summary": summary, "risk": risk});
    line += &format!(" {}", endpoint.at());
    if !needed.is_empty() {
        let needs = needed.join(", ");
        line += &call.either(format!("; needs {needs}"), format!("; necesita {needs}"));
        facts["needs"] = needed.into();
    }
    if let Some(closed) = closed {
        line += &format!("; {closed}");
        facts["closed"] = closed.into();
    }
    (line, facts)
}
