//! Each of the methods as describeApi tells of it: in few words, with a call that fits and that a host carries out.

use std::time::Duration;

use proxmox_mcp::{
    api,
    client::{Client, Error},
    demo::{self, Scenario},
    spec::{Call, Endpoint, Format, Method, schema, verify},
};
use serde_json::{Map, Value, json};

use crate::{
    demo::{Cluster, facts},
    session::{Session, text},
};

/// Most tokens of the text about a method: at the median, and of any.
const MEDIAN: usize = 400;
const MOST: usize = 1200;

fn open(cluster: &Cluster) -> Session {
    let env = [("PROXMOX_MCP_API", "all")];
    cluster.start(&["--toolsets", "guests,api"], &env).legacy("2025-06-18", json!({}))
}

/// What is told of every method, with the method.
fn all() -> Vec<(&'static Endpoint, Value)> {
    let cluster = Cluster::new(Scenario::default());
    let mut session = open(&cluster);
    let told =
        |endpoint: &'static Endpoint| (endpoint, session.call("describeApi", json!({"id": endpoint.function()})));
    api::endpoints().map(told).collect()
}

#[test]
fn a_method_is_told_of_in_few_tokens() {
    let tokens = tiktoken_rs::o200k_base().expect("tokens");
    // Whoever reads the text reads it alone; whoever takes the facts takes both.
    let (mut texts, mut wholes): (Vec<usize>, Vec<usize>) = all()
        .iter()
        .map(|(_, told)| {
            let text = tokens.encode_ordinary(text(told)).len();
            (text, text + tokens.encode_ordinary(&facts(told).to_string()).len())
        })
        .unzip();
    texts.sort_unstable();
    wholes.sort_unstable();
    let median = |all: &[usize]| all[all.len() / 2];
    let most = |all: &[usize]| all.last().copied().unwrap_or_default();
    eprintln!(
        "describeApi: text {} at the median, {} at most; with the facts {} and {}",
        median(&texts),
        most(&texts),
        median(&wholes),
        most(&wholes)
    );
    assert_eq!(texts.len(), api::METHODS);
    for all in [&texts, &wholes] {
        assert!(median(all) <= MEDIAN && most(all) <= MOST, "{} at the median, {} at most", median(all), most(all));
    }
}

/// What the schema of a tool cannot state, or states of a method that is no tool: a model that asks is told.
#[test]
fn a_parameter_that_is_asked_for_is_told_of_with_every_pattern() {
    let cluster = Cluster::new(Scenario::default());
    let mut session = open(&cluster);
    let (mut own, mut of_keys) = (0, 0);
    for endpoint in api::endpoints() {
        for param in &endpoint.params {
            let keys = match &param.shape.format {
                Format::Properties(keys) => keys.as_slice(),
                _ => &[],
            };
            let inside = keys.iter().filter(|key| key.alias.is_none()).filter_map(|key| key.shape.pattern.as_ref());
            let patterns: Vec<&String> = param.shape.pattern.iter().chain(inside).collect();
            if patterns.is_empty() {
                continue;
            }
            own += usize::from(param.shape.pattern.is_some());
            of_keys += patterns.len() - usize::from(param.shape.pattern.is_some());
            let asked = json!({"id": endpoint.function(), "parameter": param.published()});
            let told = session.call("describeApi", asked);
            for pattern in patterns {
                assert!(text(&told).contains(&format!(", pattern {pattern}")), "{pattern}: {told}");
            }
        }
    }
    assert!(own > 50 && of_keys > 50, "{own} patterns, {of_keys} of keys");
}

/// What no tool can do, and what only a host that is asked otherwise could: the example is what the call looks like.
fn out_of_reach(told: &Value) -> bool {
    facts(told).get("detail").is_some_and(|why| !why.as_str().unwrap_or_default().is_empty())
}

#[test]
fn the_example_of_every_method_runs_and_its_reply_is_what_the_schema_says() {
    let told = all();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mut wrong = Vec::new();
    let mut closed = Vec::new();
    for (endpoint, told) in &told {
        if out_of_reach(told) {
            closed.push(endpoint.at());
            continue;
        }
        if let Err(why) = runtime.block_on(run(endpoint, told)) {
            wrong.push(format!("{}: {why}", endpoint.at()));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), told.len(), wrong.join("\n"));
    // Consoles, uploads and logins are said to be out of reach, and nothing else is.
    let ends = ["proxy", "websocket", "shell", "tunnel", "/upload", "ticket", "/login"];
    let odd: Vec<_> = closed.iter().filter(|at| !ends.iter().any(|end| at.contains(end))).collect();
    assert!(odd.is_empty() && !closed.is_empty(), "{odd:#?}");
}

/// What must be there before an example can be about it: part of the path, and the calls that make it.
const BEFORE: [(&str, &[(&str, &str)]); 14] = [
    ("/pools", &[("POST /pools", r#"{"poolid": "example"}"#)]),
    ("/snapshot/{snapname}", &[("POST {guest}/snapshot", r#"{"snapname": "before"}"#)]),
    ("/access/groups/{groupid}", &[("POST /access/groups", r#"{"groupid": "admins"}"#)]),
    ("/access/roles/{roleid}", &[("POST /access/roles", r#"{"roleid": "Operator", "privs": "VM.Audit"}"#)]),
    ("/access/users/{userid}", &[("POST /access/users", r#"{"userid": "ops@pve"}"#)]),
    (
        "/access/users/{userid}/token/{tokenid}",
        &[("POST /access/users/{userid}/token/{tokenid}", r#"{"userid": "ops@pve", "tokenid": "ai"}"#)],
    ),
    (
        "/cluster/backup/{id}",
        &[("POST /cluster/backup", r#"{"id": "example", "schedule": "sun 01:00", "vmid": "100"}"#)],
    ),
    (
        "/cluster/ha/rules/{rule}",
        &[(
            "POST /cluster/ha/rules",
            r#"{"rule": "example", "type": "node-affinity", "resources": "vm:102", "nodes": "pve2"}"#,
        )],
    ),
    (
        "/agent/exec-status",
        &[("POST /nodes/{node}/qemu/{vmid}/agent/exec", r#"{"node": "pve1", "vmid": 100, "command": ["echo"]}"#)],
    ),
    (
        "/agent/file-read",
        &[(
            "POST /nodes/{node}/qemu/{vmid}/agent/file-write",
            r#"{"node": "pve1", "vmid": 100, "file": "/tmp/example", "content": "x"}"#,
        )],
    ),
    (
        "/firewall/aliases/{name}",
        &[("POST {guest}/firewall/aliases", r#"{"name": "example", "cidr": "192.0.2.0/24"}"#)],
    ),
    ("/firewall/ipset/{name}", &[("POST {guest}/firewall/ipset", r#"{"name": "example"}"#)]),
    (
        "/firewall/ipset/{name}/{cidr}",
        &[("POST {guest}/firewall/ipset/{name}", r#"{"name": "example", "cidr": "192.0.2.0/24"}"#)],
    ),
    ("/firewall/rules/{pos}", &[("POST {guest}/firewall/rules", r#"{"action": "ACCEPT", "type": "in"}"#)]),
];

/// What PVE refuses on such a cluster whatever is asked, and how.
const REFUSED: [(&str, &str); 6] = [
    ("/cluster/ha/groups", "ha groups have been migrated to rules"),
    ("/cluster/replication", "missing replicate feature on volume"),
    ("/cluster/replication/{id}", "no such job '100-0'"),
    ("/nodes/{node}/replication/{id}/status", "no such job '100-0'"),
    ("/nodes/{node}/storage/{storage}/file-restore/list", "unable to parse directory volume name"),
    ("/nodes/{node}/storage/{storage}/file-restore/download", "unable to parse directory volume name"),
];

/// Makes what the example is about.
async fn prepare(client: &Client, endpoint: &Endpoint) -> Result<(), String> {
    let above = endpoint.path.split("/firewall").next().unwrap_or_default();
    let guest = above.split_once("{vmid}").map_or_else(|| above.to_owned(), |(before, _)| format!("{before}{{vmid}}"));
    let vmid = if guest.contains("/lxc") { 200 } else { 100 };
    for (part, calls) in BEFORE.iter().filter(|(part, _)| endpoint.path.contains(part)) {
        for (at, arguments) in *calls {
            // It is not made twice.
            if *at == endpoint.at() {
                continue;
            }
            let on_guest = at.contains("{guest}");
            if on_guest && !guest.contains("{vmid}") {
                continue;
            }
            let at = at.replace("{guest}", &guest);
            let (verb, path) = at.split_once(' ').ok_or("a verb and a path")?;
            let found = api::endpoint(Method::parse(verb).ok_or("a verb")?, path).ok_or(format!("no method {at}"))?;
            let mut arguments: Map<String, Value> = serde_json::from_str(arguments).map_err(|e| e.to_string())?;
            if on_guest {
                arguments.insert("node".to_owned(), "pve1".into());
                arguments.insert("vmid".to_owned(), vmid.into());
            }
            let call = Call::from_json(found, arguments).map_err(|e| format!("{part}: {e}"))?;
            client.send(call).await.map_err(|e| format!("{part}: {e}"))?;
        }
    }
    Ok(())
}

/// What only the cluster knows: the id of a task, the name of a backup.
async fn complete(client: &Client, endpoint: &Endpoint, arguments: &mut Map<String, Value>) -> Result<(), String> {
    if endpoint.path.contains("{upid}") {
        let start = api::endpoint(Method::Post, "/nodes/{node}/qemu/{vmid}/status/start").ok_or("a start")?;
        let segments = [("node", "pve1".to_owned()), ("vmid", "110".to_owned())];
        let started = client.send(Call::new(start, &segments).map_err(|e| e.to_string())?).await;
        arguments.insert("upid".to_owned(), started.and_then(|reply| reply.value()).map_err(|e| e.to_string())?);
    }
    if endpoint.path.ends_with("/extractconfig") {
        let list = api::endpoint(Method::Get, "/nodes/{node}/storage/{storage}/content").ok_or("a list")?;
        let asked = json!({"node": "pve1", "storage": "nas", "content": "backup"});
        let asked = asked.as_object().cloned().unwrap_or_default();
        let found = client.send(Call::from_json(list, asked).map_err(|e| e.to_string())?).await;
        let rows = found.and_then(|reply| reply.value()).map_err(|e| e.to_string())?;
        arguments.insert("volume".to_owned(), rows[0]["volid"].clone());
    }
    Ok(())
}

async fn run(endpoint: &'static Endpoint, told: &Value) -> Result<(), String> {
    // Each finds the cluster that `--demo` shows.
    let demo = demo::start(Scenario::default()).await.map_err(|e| e.to_string())?;
    let client = Client::new(demo.settings()).map_err(|e| e.to_string())?;
    let mut arguments = facts(told)["example"].as_object().cloned().ok_or("no example")?;
    verify::verify(endpoint, arguments.clone()).map_err(|refused| format!("{refused:?}"))?;
    prepare(&client, endpoint).await?;
    // What was begun is done by now.
    demo.advance(Duration::from_secs(5));
    complete(&client, endpoint, &mut arguments).await?;
    let call = Call::from_json(endpoint, arguments.clone()).map_err(|e| format!("{e} {arguments:?}"))?;
    let data = match client.send(call).await {
        Ok(reply) => reply.value().map_err(|e| e.to_string())?,
        // What is root's alone, or needs a login, no token is let do; both are told.
        Err(Error::Refused(refusal)) if refusal.status == 403 => {
            let said = facts(told).get("noToken").is_some() || facts(told)["permission"] == "root@pam only";
            return if said { Ok(()) } else { Err(format!("{} is not told", refusal.message)) };
        }
        Err(error) => {
            let known = REFUSED.iter().any(|(path, why)| *path == endpoint.path && error.to_string().contains(why));
            return if known { Ok(()) } else { Err(format!("{error} {}", Value::from(arguments))) };
        }
    };
    let plain = endpoint.plain(data.clone());
    let fits = jsonschema::is_valid(&schema::output(endpoint), &plain);
    if fits { Ok(()) } else { Err(format!("not as the schema says: {data}")) }
}
