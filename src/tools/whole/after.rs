//! What a change that is no task has led to: what PVE gave, and what stands there now.

use serde_json::{Map, Value, json};

use super::{
    given::plain,
    say::{self, Say},
    secret,
    target::About,
};
use crate::{
    client::Client,
    foreign,
    spec::{Call as Request, Endpoint, Method},
    tools::{call::ToolResult, outcome::Outcome, tool::Call},
};

/// What a change that is no task has led to: what PVE gave, and what stands there now.
pub(super) async fn done(call: &Call<'_>, endpoint: &'static Endpoint, about: &About, mut data: Value) -> ToolResult {
    let hidden = secret::mask(endpoint, &mut data);
    let at = endpoint.at();
    let sentence = call.either(format!("{at} was carried out."), format!("{at} se ha llevado a cabo."));
    let mut facts = Map::from_iter([("outcome".to_owned(), Outcome::Done.as_str().into())]);
    let mut lines = vec![sentence.clone()];
    if !data.is_null() {
        lines.push(foreign::line(&plain(&data), foreign::WORDS).into_owned());
        facts.insert("data".to_owned(), data);
    }
    if let Some(now) = now(call, endpoint, about).await {
        let (now, pending) = now;
        for (key, value) in &now {
            lines.push(format!("{key}: {}", foreign::line(&plain(value), 300)));
        }
        if !now.is_empty() {
            facts.insert("now".to_owned(), now.into());
        }
        for (key, value) in &pending {
            let value = foreign::line(&plain(value), 300).into_owned();
            lines.push(call.either(
                format!("pending, from the next start on: {key} = {value}"),
                format!("pendiente, desde el próximo arranque: {key} = {value}"),
            ));
        }
        if !pending.is_empty() {
            facts.insert("pending".to_owned(), pending.into());
        }
    }
    if hidden > 0 {
        lines.push(say::masked(call));
    }
    facts.insert("detail".to_owned(), sentence.into());
    ToolResult { text: lines.join("\n"), structured: Some(facts), problem: None }
}

type Values = Map<String, Value>;

/// What the arguments have become: of a guest's configuration what is in force and what is to come; elsewhere what stands at
/// the same path.
async fn now(call: &Call<'_>, endpoint: &Endpoint, about: &About) -> Option<(Values, Values)> {
    if !matches!(endpoint.method, Method::Put | Method::Post) {
        return None;
    }
    let sent = |key: &str| about.arguments.contains_key(key) && !endpoint.param(key).is_some_and(|param| param.in_path);
    let client: &Client = call.tools.client();
    let pending = endpoint.path.strip_suffix("/config").map(|path| format!("{path}/pending"));
    let read = pending.as_deref().and_then(|path| crate::api::endpoint(Method::Get, path));
    let read =
        read.or_else(|| crate::api::endpoint(Method::Get, &endpoint.path).filter(|_| endpoint.method == Method::Put))?;
    let in_path = read.params.iter().filter(|param| param.in_path);
    let arguments = in_path.filter_map(|param| Some((param.name.clone(), about.arguments.get(&param.name)?.clone())));
    let request = Request::from_json(read, arguments.collect()).ok()?;
    let mut data = client.send(request).await.ok()?.value().ok()?;
    secret::mask(read, &mut data);
    match data {
        Value::Object(fields) => Some((fields.into_iter().filter(|(key, _)| sent(key)).collect(), Map::new())),
        Value::Array(rows) => {
            let (mut now, mut to_come) = (Map::new(), Map::new());
            for row in rows.iter().filter_map(Value::as_object) {
                let Some(key) = row.get("key").and_then(Value::as_str).filter(|key| sent(key)) else { continue };
                row.get("value").map(|value| now.insert(key.to_owned(), value.clone()));
                row.get("pending").map(|value| to_come.insert(key.to_owned(), value.clone()));
                if row.get("delete").is_some_and(|flag| *flag != json!(0)) {
                    to_come.insert(key.to_owned(), Value::Null);
                }
            }
            Some((now, to_come))
        }
        _ => None,
    }
}
