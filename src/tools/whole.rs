//! The whole API in tools that explain one method and call it, through the same pipeline as the tools for guests.

mod call;
mod describe;
mod find;
mod plan;
mod reach;
mod say;
mod search;
mod secret;
mod show;
mod target;

use std::sync::OnceLock;

use serde_json::{Value, json};

use super::{
    schema::{Argument, TIMEOUT_DEFAULT, choice, flag, text, whole},
    tool::{Effect, Tool, Toolset},
};
use crate::spec::{Kind, Param, Risk, Shape};

pub use reach::{Reach, ReachError};

/// Rows of a reply when the call does not say.
const LIMIT_DEFAULT: usize = 50;

/// The tools.
pub static TOOLS: [Tool; 3] = [
    Tool {
        name: "searchApi",
        toolset: Toolset::Api,
        effect: Effect::Reads,
        calls: &[],
        needs: &[],
        title: |texts| texts.search_api_title,
        text: |texts| texts.search_api,
        input: |texts| {
            let risks: Vec<&str> = Risk::ALL.iter().map(|risk| risk.as_str()).collect();
            vec![
                own("query", text(), texts.p_query),
                own("risk", choice(&risks, ""), ""),
                own("path", text(), ""),
                own("limit", whole(1.0, 20.0, search::HITS), ""),
            ]
        },
        output: || json!({"type": "object"}),
        run: |call| Box::pin(search::run(call)),
        held: OnceLock::new(),
    },
    Tool {
        name: "describeApi",
        toolset: Toolset::Api,
        effect: Effect::Reads,
        calls: &[],
        needs: &[],
        title: |texts| texts.describe_api_title,
        text: |texts| texts.describe_api,
        input: |texts| vec![own("id", text(), texts.p_api_id), own("parameter", text(), "")],
        output: || json!({"type": "object"}),
        run: |call| Box::pin(describe::run(call)),
        held: OnceLock::new(),
    },
    Tool {
        name: "callApi",
        toolset: Toolset::Api,
        effect: Effect::AsCalled,
        calls: &[],
        needs: &[],
        title: |texts| texts.call_api_title,
        text: |texts| texts.call_api,
        input: |texts| {
            let object = Shape { kind: Kind::Object(Vec::new()), ..Shape::default() };
            vec![
                own("id", text(), ""),
                own("arguments", object, ""),
                own("fields", text(), texts.p_fields),
                own("filter", text(), texts.p_filter),
                own("limit", whole(1.0, 500.0, LIMIT_DEFAULT), ""),
                own("cursor", text(), ""),
                own("wait", flag("1"), ""),
                own("timeout", whole(1.0, 3600.0, TIMEOUT_DEFAULT), ""),
                own("confirm", text(), ""),
            ]
        },
        output: || json!({"type": "object"}),
        run: |call| Box::pin(call::run(call)),
        held: OnceLock::new(),
    },
];

/// An argument of ours.
fn own(name: &str, shape: Shape, text: &'static str) -> Argument {
    (Param { shape, ..Param::plain(name) }, text)
}

/// A text among the arguments of a call.
fn word<'a>(given: &'a serde_json::Map<String, Value>, name: &str) -> Option<&'a str> {
    given.get(name).and_then(Value::as_str)
}
