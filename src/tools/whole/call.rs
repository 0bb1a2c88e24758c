//! callApi: one call of one method, held, agreed to, recorded, sent and followed as the calls of the other tools are.

use std::sync::OnceLock;

use serde_json::{Map, Value, json};

use super::{
    change, check,
    find::{self, alike},
    gate::{Gate, Shut},
    given::{own, plain, word},
    lists, risk,
    say::{self, Say},
    secret, show, target,
};
use crate::{
    spec::{Endpoint, Kind, Risk, Shape},
    tools::{
        allowed::denied,
        call::{Problem, Reply, ToolResult},
        outcome,
        policy::Denied,
        profile::{Effect, Profile, Toolset},
        schema::{TIMEOUT_DEFAULT, flag, text, whole},
        tool::{Call, Tool},
    },
};

/// Rows of a reply when the call does not say.
const LIMIT_DEFAULT: usize = 50;

/// The tool.
pub(crate) static TOOL: Tool = Tool {
    profile: Profile {
        name: "callApi",
        toolset: Toolset::Api,
        effect: Effect::AsCalled,
        calls: &[],
        needs: &[],
        guests: None,
    },
    title: |texts| texts.call_api_title(),
    text: |texts| texts.call_api(),
    input: |texts| {
        let object = Shape { kind: Kind::Object(Vec::new()), ..Shape::default() };
        vec![
            own("id", text(), ""),
            own("arguments", object, ""),
            own("fields", text(), texts.p_fields()),
            own("filter", text(), texts.p_filter()),
            own("limit", whole(1.0, 500.0, LIMIT_DEFAULT), ""),
            own("cursor", text(), ""),
            own("wait", flag("1"), ""),
            own("timeout", whole(1.0, 3600.0, TIMEOUT_DEFAULT), ""),
            own("confirm", text(), ""),
        ]
    },
    output: || json!({"type": "object"}),
    run: |call| Box::pin(run(call)),
    held: OnceLock::new(),
};

/// Runs the tool.
pub(super) async fn run(mut call: Call<'_>) -> Result<Reply, ToolResult> {
    let id = word(&call.given, "id").unwrap_or_default().to_owned();
    let Some(found) = find::find(&id) else { return Err(call.wrong(&say::unknown(&call, &id, &alike(&id)))) };
    let endpoint = found.endpoint;
    let given = match call.given.remove("arguments") {
        Some(Value::Object(arguments)) => arguments,
        _ => Map::new(),
    };
    let wanted =
        show::wanted(&call.given, LIMIT_DEFAULT).map_err(|cursor| call.wrong(&say::bad_cursor(&call, &cursor)))?;
    let mut arguments = target::in_path(&call, &found, given)?;
    lists::shaped(endpoint, &mut arguments);
    let risk = risk::of(endpoint, &arguments);
    if risk != Risk::Read {
        let recorded = call.entry.changes(&endpoint.at(), &secret::shown(endpoint, &arguments)).await;
        recorded.map_err(|e| crate::tools::entry::unrecorded(call.tool, &e, call.texts))?;
    }
    may(&call, endpoint, risk, &arguments)?;
    if risk != Risk::Read {
        call.entry.let_through(risk::deletes(endpoint, risk), call.texts).await?;
    }
    check::arguments(&call, endpoint, &arguments)?;
    let about = target::settle(&call, endpoint, risk, arguments).await?;
    let request = check::request(&call, endpoint, about.arguments.clone())?;
    if let Some(guest) = &about.guest {
        call.entry.guest(guest.display(crate::tools::say::Lang::En.texts()));
    }
    let client = call.tools.client();
    client.admits(&request).await.map_err(|e| outcome::error(&e, call.texts))?;
    privileged(&call, endpoint, &about.arguments).await?;
    if risk == Risk::Read {
        let reply = client.send(request).await.map_err(|e| outcome::error(&e, call.texts))?;
        let data = reply.value().map_err(|e| outcome::error(&e, call.texts))?;
        return Ok(Reply::Result(show::read(&call, endpoint, data, &wanted)));
    }
    change::run(&call, endpoint, risk, &about, request).await
}

/// Whether this caller, these rules and what is reached of the API allow the call.
fn may(call: &Call<'_>, endpoint: &Endpoint, risk: Risk, arguments: &Map<String, Value>) -> Result<(), ToolResult> {
    let stops = risk::stops(endpoint, arguments);
    match Gate::of(call).shut(endpoint, risk, stops, target::asked(endpoint, arguments)) {
        None => Ok(()),
        Some(Shut::Rule(rule)) => Err(denied(call.tool, &Denied(rule), call.texts)),
        Some(Shut::Reach(why)) => {
            let mut result = ToolResult::problem(Problem::Denied, say::closed(call, endpoint, risk, why));
            result.add(&call.either("Nothing was sent.".to_owned(), "No se envió nada.".to_owned()));
            if let Some(facts) = &mut result.structured {
                facts.insert("rule".to_owned(), "PROXMOX_MCP_API".into());
            }
            Err(result)
        }
    }
}

/// Refuses what the token surely has no right for, which a fresh look has shown.
async fn privileged(
    call: &Call<'_>,
    endpoint: &'static Endpoint,
    arguments: &Map<String, Value>,
) -> Result<(), ToolResult> {
    let value = |name: &str| arguments.get(name).map(plain);
    let Some(known) = call.tools.rights().await else { return Ok(()) };
    if known.lacks(&endpoint.permission, &value).is_none() {
        return Ok(());
    }
    // PVE answers for itself where it cannot be asked again.
    let Ok(fresh) = call.tools.rights_within(std::time::Duration::ZERO).await else { return Ok(()) };
    match fresh.lacks(&endpoint.permission, &value) {
        None => Ok(()),
        Some(lack) => {
            let mut result = ToolResult::problem(Problem::Permission, say::lacks(call, &lack));
            result.add(&call.either("Nothing was sent.".to_owned(), "No se envió nada.".to_owned()));
            Err(result)
        }
    }
}
