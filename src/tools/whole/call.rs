//! callApi: one call of one method, held, agreed to, recorded, sent and followed as the calls of the other tools are.

use std::{
    sync::OnceLock,
    time::{Duration, Instant},
};

use serde_json::{Map, Value, json};

use super::{
    find::{self, Found, alike},
    given::{own, word},
    plan::{Agreed, Plan, not_agreed},
    reach,
    say::{self, Say},
    show,
    target::{self, About},
};
use crate::{
    client::{Client, Error, Follow, Sent, TaskOutcome},
    near,
    pve::Upid,
    spec::{Call as Request, CallError, Endpoint, Kind, Method, Param, Risk, Shape, verify},
    tools::{
        allowed::denied,
        call::{Problem, Reply, Step, ToolResult},
        caller,
        consent::Confirm,
        lang::capital,
        outcome::{self, LOG_LINES, Outcome},
        plan::holds_volume,
        policy::Denied,
        profile::{Effect, Profile, Toolset},
        schema::{TIMEOUT_DEFAULT, flag, text, whole},
        tool::{Call, Tool},
    },
};

/// Rows of a reply when the call does not say.
const LIMIT_DEFAULT: usize = 50;

/// The tool.
pub static TOOL: Tool = Tool {
    profile: Profile {
        name: "callApi",
        toolset: Toolset::Api,
        effect: Effect::AsCalled,
        calls: &[],
        needs: &[],
        guests: None,
    },
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
    run: |call| Box::pin(run(call)),
    held: OnceLock::new(),
};

/// Whether a call asks for consent whatever its risk: it touches many guests.
pub(super) fn asks_always(endpoint: &Endpoint) -> bool {
    endpoint.many && endpoint.risk != Risk::Read
}

/// What this call can do at worst. Settings of a guest destroy something only where an option is taken out or one that holds a
/// disk is given anew; any other can be set back.
fn risk_of(endpoint: &Endpoint, arguments: &Map<String, Value>) -> Risk {
    let settings = endpoint.path.starts_with("/nodes/{node}/")
        && endpoint.path.ends_with("/{vmid}/config")
        && matches!(endpoint.method, Method::Put | Method::Post);
    let loses = |name: &String| matches!(name.as_str(), "delete" | "force" | "revert") || holds_volume(name);
    if settings && endpoint.risk == Risk::Destroy && !arguments.keys().any(loses) {
        Risk::Change
    } else {
        endpoint.risk
    }
}

/// Runs the tool.
pub(super) async fn run(mut call: Call<'_>) -> Result<Reply, ToolResult> {
    let id = word(&call.given, "id").unwrap_or_default().to_owned();
    let Some(found) = find::find(&id) else { return Err(call.wrong(&say::unknown(&call, &id, &alike(&id)))) };
    let endpoint = found.endpoint;
    let arguments = match call.given.remove("arguments") {
        Some(Value::Object(arguments)) => arguments,
        _ => Map::new(),
    };
    let risk = risk_of(endpoint, &arguments);
    may(&call, endpoint, risk)?;
    let reads = risk == Risk::Read;
    if !reads {
        call.entry
            .changes(&endpoint.at())
            .await
            .map_err(|e| crate::tools::entry::unrecorded(call.tool, &e, call.texts))?;
    }
    named(&call, endpoint, &arguments)?;
    let about = target::settle(&call, &found, risk, arguments).await?;
    let request = request(&call, &found, &about)?;
    if let Some(guest) = &about.guest {
        call.entry.guest(guest.display(crate::tools::lang::Lang::En.texts()));
    }
    if reads {
        let wanted = show::wanted(&call.given, LIMIT_DEFAULT);
        let reply = call.tools.client().send(request).await.map_err(|e| outcome::error(&e, call.texts))?;
        let data = reply.value().map_err(|e| outcome::error(&e, call.texts))?;
        return Ok(Reply::Result(show::read(&call, endpoint, data, &wanted)));
    }
    change(&call, endpoint, risk, &about, request).await
}

/// Whether this caller, these rules and the scope of this server allow the method.
fn may(call: &Call<'_>, endpoint: &'static Endpoint, risk: Risk) -> Result<(), ToolResult> {
    let rule = |rule: String| denied(call.tool, &Denied(rule), call.texts);
    if let Some(why) = reach::closed(endpoint, risk, call.tools.reach()) {
        let mut result = ToolResult::problem(Problem::Denied, say::closed(call, endpoint, why));
        result.add(&call.either("Nothing was sent.".to_owned(), "No se envió nada.".to_owned()));
        if let Some(facts) = &mut result.structured {
            facts.insert("rule".to_owned(), "PROXMOX_MCP_API".into());
        }
        return Err(result);
    }
    if let Some(caller) = &call.ctx.caller {
        let needed = caller::Scope::needed_for(risk);
        if caller.scope < needed {
            let at = endpoint.at();
            return Err(rule(
                caller::Denied::Scope { name: caller.name.clone(), has: caller.scope, tool: at, needed }.to_string(),
            ));
        }
    }
    let policy = call.tools.policy();
    if policy.read_only && risk != Risk::Read {
        return Err(rule("--read-only".to_owned()));
    }
    if policy.no_destructive && !matches!(risk, Risk::Read | Risk::Change) {
        return Err(rule("--disable-destructive".to_owned()));
    }
    Ok(())
}

/// Refuses arguments that the method does not have, with those that were probably meant; before anybody is asked who is meant.
fn named(call: &Call<'_>, endpoint: &Endpoint, arguments: &Map<String, Value>) -> Result<(), ToolResult> {
    let known = |name: &&String| {
        endpoint.open
            || endpoint.param(name).is_some()
            || endpoint.params.iter().any(|param| crate::spec::schema::property(&param.name, param.indexed) == **name)
    };
    let strange: Vec<String> = arguments
        .keys()
        .filter(|name| !known(name))
        .map(|name| {
            let names: Vec<String> = endpoint.params.iter().map(Param::published).collect();
            let meant = near::closest(name, names.iter().map(String::as_str));
            let shown = crate::foreign::line(name, 60);
            match meant {
                Some(meant) => call.either(
                    format!("{shown} is no parameter of it; did you mean {meant}?"),
                    format!("{shown} no es un parámetro suyo; ¿quería decir {meant}?"),
                ),
                None => {
                    call.either(format!("{shown} is no parameter of it."), format!("{shown} no es un parámetro suyo."))
                }
            }
        })
        .collect();
    if strange.is_empty() { Ok(()) } else { Err(call.wrong(&capital(&strange.join(" ")))) }
}

/// The request, if PVE would take all of it.
fn request(call: &Call<'_>, found: &Found, about: &About) -> Result<Request, ToolResult> {
    Request::from_json(found.endpoint, about.arguments.clone()).map_err(|e| match e {
        CallError::Refused(refusals) => {
            let told = |refusal: &verify::Refusal| {
                let meant = refusal.problems.iter().find_map(|problem| match problem {
                    verify::Problem::Value { got, allowed } => near::closest(got, allowed.iter().map(String::as_str)),
                    _ => None,
                });
                let meant = meant.map_or_else(String::new, |meant| {
                    format!("; {}", call.either(format!("did you mean {meant}?"), format!("¿quería decir {meant}?")))
                });
                let text = refusal.text();
                format!("{}: {}{meant}", refusal.param, crate::foreign::line(text.trim_end(), 300))
            };
            let all: Vec<String> = refusals.iter().map(told).collect();
            call.wrong(&format!("{}.", all.join("; ").trim_end_matches(['.', '?'])))
        }
        other @ CallError::Segment { .. } => call.wrong(&format!("{other}.")),
    })
}

/// Carries out a call that changes something.
async fn change(
    call: &Call<'_>,
    endpoint: &'static Endpoint,
    risk: Risk,
    about: &About,
    request: Request,
) -> Result<Reply, ToolResult> {
    let many = asks_always(endpoint) && ids(about).len() != 1;
    let guests = if many { touched(call, about).await? } else { Vec::new() };
    let asks = many || matches!(risk, Risk::Destroy | Risk::Execute | Risk::Admin);
    let mut ticket = None;
    if asks && call.tools.confirm() != Confirm::Never {
        let plan = Plan::read(call, endpoint, risk, about, &request, &guests).await;
        let made = match plan.agree(call).await? {
            Agreed::Over(reply) => return Ok(reply),
            Agreed::Yes(made) => made,
            Agreed::Asked => {
                Plan::read(call, endpoint, risk, about, &request, &guests).await.unchanged_since(&plan, call)?;
                None
            }
        };
        let caller = call.ctx.identity().unwrap_or_default();
        ticket = call.tools.spent().claim(&plan.subject, caller, made);
        if ticket.is_none() {
            return Err(not_agreed(call.texts.code_spent.to_owned()));
        }
    }
    let back = |e: ToolResult| {
        if let Some(ticket) = ticket {
            call.tools.spent().release(ticket);
        }
        e
    };
    call.entry.intend(call.texts).await.map_err(back)?;
    let begun = Instant::now();
    call.entry.sending();
    let client = call.tools.client().until(call.ctx.cancel.clone());
    match client.send(request).await {
        Ok(reply) => {
            let data = reply.value().unwrap_or_default();
            match data.as_str().and_then(|text| text.parse::<Upid>().ok()) {
                Some(upid) => Ok(Reply::Result(follow(call, endpoint, about, &upid, begun).await)),
                None => Ok(Reply::Result(done(call, endpoint, about, data).await)),
            }
        }
        Err(e) => {
            let refused = e.refusal().is_some() || e.sent() == Sent::No;
            let result = failed(call, &e);
            Err(if refused { back(result) } else { result })
        }
    }
}

/// PVE refused, or nobody knows.
fn failed(call: &Call<'_>, e: &Error) -> ToolResult {
    let mut result = outcome::error(e, call.texts);
    if matches!(e, Error::CalledOff { .. }) {
        result.problem = Some(Problem::Cancelled);
    }
    if matches!(e, Error::Unknown(_))
        && let Some(facts) = &mut result.structured
    {
        result.problem = Some(Problem::Unanswered);
        facts.insert("outcome".to_owned(), Outcome::Unknown.as_str().into());
    }
    result
}

/// The ids that a call on many names.
fn ids(about: &About) -> Vec<String> {
    let named =
        ["vms", "vmid"].iter().find_map(|name| about.arguments.get(*name)).map(target::plain).unwrap_or_default();
    let ids = named.split([',', ' ', ';', '[', ']', '"']).filter(|id| !id.is_empty());
    ids.map(str::to_owned).collect()
}

/// The guests that a call on many touches, by name: those that it names, or all that it could mean.
async fn touched(call: &Call<'_>, about: &About) -> Result<Vec<String>, ToolResult> {
    let cluster = call.tools.directory().fresh().await.map_err(|e| outcome::error(&e, call.texts))?;
    let ids = ids(about);
    let node = about.arguments.get("node").and_then(Value::as_str);
    let meant = cluster.guests.iter().filter(|guest| {
        (ids.is_empty() || ids.contains(&guest.vmid.to_string())) && node.is_none_or(|node| guest.node.as_str() == node)
    });
    Ok(meant.map(|guest| guest.within(call.texts)).collect())
}

/// What a change that is no task has led to: what PVE gave, and what stands there now.
async fn done(call: &Call<'_>, endpoint: &'static Endpoint, about: &About, mut data: Value) -> ToolResult {
    super::secret::mask(endpoint, &mut data);
    let at = endpoint.at();
    let sentence = call.either(format!("{at} was carried out."), format!("{at} se ha llevado a cabo."));
    let mut facts = Map::from_iter([("outcome".to_owned(), Outcome::Done.as_str().into())]);
    let mut lines = vec![sentence.clone()];
    if !data.is_null() {
        lines.push(crate::foreign::line(&target::plain(&data), crate::foreign::WORDS).into_owned());
        facts.insert("data".to_owned(), data);
    }
    if let Some(now) = now(call, endpoint, about).await {
        let (now, pending) = now;
        for (key, value) in &now {
            lines.push(format!("{key}: {}", crate::foreign::line(&target::plain(value), 300)));
        }
        if !now.is_empty() {
            facts.insert("now".to_owned(), now.into());
        }
        for (key, value) in &pending {
            let value = crate::foreign::line(&target::plain(value), 300).into_owned();
            lines.push(call.either(
                format!("pending, from the next start on: {key} = {value}"),
                format!("pendiente, desde el próximo arranque: {key} = {value}"),
            ));
        }
        if !pending.is_empty() {
            facts.insert("pending".to_owned(), pending.into());
        }
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
    super::secret::mask(read, &mut data);
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

/// Follows the task that PVE has begun.
async fn follow(call: &Call<'_>, endpoint: &Endpoint, about: &About, upid: &Upid, begun: Instant) -> ToolResult {
    call.entry.begun(upid, about.guest.as_ref());
    let at = endpoint.at();
    // A task of another node is none of this call.
    let node = about.arguments.get("node").and_then(Value::as_str);
    let mut facts = Map::from_iter([("upid".to_owned(), Value::from(upid.as_str()))]);
    if endpoint.proxyto.as_deref() == Some("node") && node.is_some_and(|node| node != upid.node().as_str()) {
        return told(
            facts,
            Outcome::Unknown,
            Some(Problem::Unanswered),
            call.either(
                format!(
                    "{at} was answered with a task of another node ({upid}): nobody knows what became of the call."
                ),
                format!("{at} se respondió con una tarea de otro nodo ({upid}): no se sabe qué fue de la llamada."),
            ),
        );
    }
    if call.given.get("wait") == Some(&json!(false)) {
        return told(
            facts,
            Outcome::Running,
            None,
            call.either(
                format!("{at} has begun and was not waited for. Its task is {upid}."),
                format!("{at} ha empezado y no se ha esperado. Su tarea es {upid}."),
            ),
        );
    }
    let limit = Duration::from_secs(call.given.get("timeout").and_then(Value::as_u64).unwrap_or(TIMEOUT_DEFAULT));
    let mut failure = None;
    let mut progress = |step: &crate::client::Progress| {
        failure.clone_from(&step.failure);
        if let Some(steps) = &call.ctx.progress {
            let _ = steps.send(Step { elapsed: step.elapsed, limit, message: at.clone(), percent: step.percent });
        }
    };
    let follow = Follow {
        deadline: Some(limit.saturating_sub(begun.elapsed())),
        cancel: Some(call.ctx.cancel.clone()),
        log_lines: LOG_LINES,
        percent: call.ctx.percent,
        progress: Some(&mut progress),
    };
    let end = call.tools.client().follow(upid, follow).await;
    let seconds = (begun.elapsed().as_secs_f64() * 10.0).round() / 10.0;
    facts.insert("seconds".to_owned(), crate::tools::table::number(seconds));
    let lost = |reason: String| {
        call.either(
            format!("{at}: what became of its task {upid} is not known: {reason}."),
            format!("{at}: no se sabe qué fue de su tarea {upid}: {reason}."),
        )
    };
    let end = match end {
        Ok(end) => end,
        Err(e) => {
            return told(
                facts,
                Outcome::Unknown,
                Some(Problem::Unanswered),
                lost(outcome::quoted(&e.say(call.texts.errors)).to_owned()),
            );
        }
    };
    let log: Vec<String> =
        end.log.iter().map(|line| crate::foreign::line(line, crate::foreign::LOG_LINE).into_owned()).collect();
    if !log.is_empty() {
        facts.insert("log".to_owned(), log.clone().into());
    }
    let (outcome, problem, sentence) = match &end.outcome {
        TaskOutcome::Ok => (
            Outcome::Done,
            None,
            call.either(
                format!("{at} is done ({seconds} s, {upid})."),
                format!("{at} ha terminado ({seconds} s, {upid})."),
            ),
        ),
        TaskOutcome::Warnings(n) => (
            Outcome::Warnings,
            None,
            call.either(
                format!("{at} is done, with {n} warnings ({seconds} s, {upid})."),
                format!("{at} ha terminado, con {n} avisos ({seconds} s, {upid})."),
            ),
        ),
        TaskOutcome::Failed(words) => (Outcome::Failed, Some(Problem::Failed), {
            let words = crate::foreign::line(outcome::quoted(words), crate::foreign::WORDS).into_owned();
            call.either(
                format!("{at} failed: {words} ({seconds} s, {upid})."),
                format!("{at} falló: {words} ({seconds} s, {upid})."),
            )
        }),
        TaskOutcome::StillRunning => match failure {
            Some(e) => (
                Outcome::Unknown,
                Some(Problem::Unanswered),
                lost(outcome::quoted(&e.say(call.texts.errors)).to_owned()),
            ),
            None => (
                Outcome::Running,
                None,
                call.either(
                    format!("{at} is not finished after {seconds:.0} s; its task {upid} goes on."),
                    format!("{at} no ha terminado tras {seconds:.0} s; su tarea {upid} continúa."),
                ),
            ),
        },
    };
    let mut result = told(facts, outcome, problem, sentence);
    if !log.is_empty() {
        result.text = format!("{}\n{}\n{}", result.text, call.texts.log_lines, log.join("\n"));
    }
    result
}

fn told(mut facts: Map<String, Value>, outcome: Outcome, problem: Option<Problem>, sentence: String) -> ToolResult {
    facts.insert("outcome".to_owned(), outcome.as_str().into());
    facts.insert("detail".to_owned(), sentence.clone().into());
    ToolResult { text: sentence, structured: Some(facts), problem }
}
