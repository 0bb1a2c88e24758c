//! Each of the methods as describeApi tells of it: in few words, with a call that fits and that a host carries out.

use proxmox_mcp::{
    api,
    client::{Client, Error},
    demo::{self, Scenario},
    spec::{Call, Endpoint, Method, schema, verify},
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

/// What no tool can do, and what only a host that is asked otherwise could: the example is what the call looks like.
fn out_of_reach(told: &Value) -> bool {
    facts(told).get("detail").is_some_and(|why| !why.as_str().unwrap_or_default().is_empty())
}

/// The arguments of the example. A task's id is known only once there is a task.
fn arguments(endpoint: &Endpoint, told: &Value, upid: &str) -> Map<String, Value> {
    let mut arguments = facts(told)["example"].as_object().cloned().expect("an example");
    if endpoint.path.contains("{upid}") {
        arguments.insert("upid".to_owned(), upid.into());
    }
    arguments
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
    assert_eq!(closed.len(), CLOSED, "{closed:#?}");
}

/// Consoles, uploads and logins.
const CLOSED: usize = 20;

async fn run(endpoint: &'static Endpoint, told: &Value) -> Result<(), String> {
    // Each finds the cluster that `--demo` shows.
    let demo = demo::start(Scenario::default()).await.map_err(|e| e.to_string())?;
    let client = Client::new(demo.settings()).map_err(|e| e.to_string())?;
    let segments = [("node", "pve1".to_owned()), ("vmid", "110".to_owned())];
    let start = api::endpoint(Method::Post, "/nodes/{node}/qemu/{vmid}/status/start").expect("a start");
    let started = client.send(Call::new(start, &segments).expect("segments")).await.map_err(|e| e.to_string())?;
    let upid = started.value().map_err(|e| e.to_string())?;
    let arguments = arguments(endpoint, told, upid.as_str().unwrap_or_default());
    verify::verify(endpoint, arguments.clone()).map_err(|refused| format!("{refused:?}"))?;
    let call = Call::from_json(endpoint, arguments.clone()).map_err(|e| format!("{e} {arguments:?}"))?;
    let data = match client.send(call).await {
        Ok(reply) => reply.value().map_err(|e| e.to_string())?,
        Err(Error::Refused(refusal)) if !endpoint.allow_token && refusal.status == 403 => return Ok(()),
        Err(error) => return Err(format!("{error} {}", Value::from(arguments))),
    };
    let plain = endpoint.plain(data.clone());
    if jsonschema::is_valid(&schema::output(endpoint), &plain) {
        Ok(())
    } else {
        Err(format!("not as the schema says: {data}"))
    }
}
