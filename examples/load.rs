//! Load on a running server, in figures: calls a second and their times, what an idle session costs, and whether
//! memory stays flat while sessions come and go. `docs/performance.md` records the results; `.ci/load` runs it.
//!
//! `cargo run --release --example load -- URL PID [CALLS] [SESSIONS] [CHURN] [CLIENTS]`, where URL is the server's base and PID
//! its process (0 to leave memory out).

use std::{
    io::{self, Write},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio::task::JoinSet;

/// Connections, unless the caller says how many are to call at once; also how many sessions are opened at a time.
const CONNECTIONS: usize = 64;

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize, usual: usize| arguments.get(at).map_or(Some(usual), |text| text.parse().ok());
    let (Some(base), Some(pid), Some(calls), Some(sessions), Some(churn), Some(clients)) = (
        arguments.first(),
        number(1, 0),
        number(2, 10_000),
        number(3, 1_000),
        number(4, 100_000),
        number(5, CONNECTIONS),
    ) else {
        return Err(io::Error::other("load URL PID [CALLS] [SESSIONS] [CHURN] [CLIENTS]"));
    };
    // A second installation changes nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        // First, because later there is room in the heap that calls have left.
        say(&idling(base, pid, sessions).await?)?;
        say(&calling(base, pid, calls, clients.max(1)).await?)?;
        say(&churning(base, pid, churn).await?)
    })
}

fn say(value: &Value) -> io::Result<()> {
    writeln!(io::stdout(), "{value}")
}

fn client() -> io::Result<reqwest::Client> {
    reqwest::Client::builder().no_proxy().pool_max_idle_per_host(1).build().map_err(io::Error::other)
}

/// Resident memory of a process, in bytes; 0 where it cannot be read.
fn resident(pid: usize) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let kib = status.lines().find_map(|l| l.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?.trim().parse().ok());
    kib.unwrap_or(0u64) * 1024
}

/// Milliseconds that a process was on a processor, all its threads together; 0 where that cannot be read.
fn on_cpu(pid: usize) -> f64 {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let spent = tasks.filter_map(|task| {
        std::fs::read_to_string(task.path().join("schedstat")).ok()?.split(' ').next()?.parse::<f64>().ok()
    });
    spent.sum::<f64>() / 1e6
}

/// `tools/call listVMs` from many connections, each as fast as it is answered.
async fn calling(base: &str, pid: usize, calls: usize, clients: usize) -> io::Result<Value> {
    let (begun, before) = (Instant::now(), on_cpu(pid));
    let mut workers = JoinSet::new();
    for worker in 0..clients {
        let (client, url) = (client()?, format!("{base}/mcp"));
        let share = calls / clients + usize::from(worker < calls % clients);
        workers.spawn(async move {
            let mut times = Vec::with_capacity(share);
            let (mut failed, mut fewest) = (0, usize::MAX);
            for id in 0..share {
                let at = Instant::now();
                let listed = list(&client, &url, id).await;
                times.push(at.elapsed());
                match listed {
                    Some(guests) => fewest = fewest.min(guests),
                    None => failed += 1,
                }
            }
            (times, failed, fewest)
        });
    }
    let (mut times, mut failed, mut fewest) = (Vec::with_capacity(calls), 0, usize::MAX);
    while let Some(done) = workers.join_next().await {
        let (more, bad, least) = done.map_err(io::Error::other)?;
        times.extend(more);
        failed += bad;
        fewest = fewest.min(least);
    }
    times.sort_unstable();
    let took = begun.elapsed().as_secs_f64();
    let each = (on_cpu(pid) - before) / calls.max(1) as f64;
    let at = |part: f64| millis(times.get((part * times.len() as f64) as usize).copied().unwrap_or_default());
    Ok(
        json!({"calls": calls, "connections": clients, "failed": failed, "guestsEach": fewest, "perSecond": (calls as f64 / took).round(),
        "cpuMsEach": (each * 1000.0).round() / 1000.0, "p50Ms": at(0.5), "p99Ms": at(0.99), "maxMs": millis(times.last().copied().unwrap_or_default())}),
    )
}

fn millis(time: Duration) -> f64 {
    (time.as_secs_f64() * 10_000.0).round() / 10.0
}

/// How many guests one call lists; nothing when it failed.
async fn list(client: &reqwest::Client, url: &str, id: usize) -> Option<usize> {
    let message = json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {"name": "listVMs",
        "arguments": {"limit": 100}, "_meta": {"io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {}}}});
    let request = client
        .post(url)
        .header("accept", "application/json, text/event-stream")
        .header("content-type", "application/json")
        .header("mcp-protocol-version", "2026-07-28")
        .header("mcp-method", "tools/call")
        .header("mcp-name", "listVMs")
        .body(message.to_string());
    let body = request.send().await.ok()?.bytes().await.ok()?;
    let body: Value = serde_json::from_slice(&body).ok()?;
    let guests = body["result"]["structuredContent"]["guests"].as_array()?.len();
    (body["result"]["isError"] != true).then_some(guests)
}

/// Opens a session of the revision 2025-11-25 and gives its id.
async fn open(client: &reqwest::Client, url: &str) -> Option<String> {
    let post = |body: Value| {
        let request = client.post(url).header("accept", "application/json, text/event-stream");
        request.header("content-type", "application/json").body(body.to_string())
    };
    let initialize = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "load", "version": "1"}}});
    let opened = post(initialize).send().await.ok()?;
    let session = opened.headers().get("mcp-session-id")?.to_str().ok()?.to_owned();
    opened.bytes().await.ok()?;
    let ready = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
    post(ready).header("mcp-session-id", &session).send().await.ok()?;
    Some(session)
}

async fn close(client: &reqwest::Client, url: &str, session: &str) -> bool {
    let request = client.delete(url).header("mcp-session-id", session).header("mcp-protocol-version", "2025-11-25");
    request.send().await.is_ok_and(|response| response.status().is_success())
}

/// Runs `each` so many times, some at a time, and gives what they gave.
async fn many<T, F>(times: usize, base: &str, each: impl Fn(reqwest::Client, String) -> F) -> io::Result<Vec<T>>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let clients = (0..CONNECTIONS).map(|_| client()).collect::<io::Result<Vec<_>>>()?;
    let (mut running, mut all) = (JoinSet::new(), Vec::with_capacity(times));
    for at in 0..times {
        if running.len() >= CONNECTIONS
            && let Some(done) = running.join_next().await
        {
            all.push(done.map_err(io::Error::other)?);
        }
        running.spawn(each(clients[at % CONNECTIONS].clone(), format!("{base}/mcp")));
    }
    while let Some(done) = running.join_next().await {
        all.push(done.map_err(io::Error::other)?);
    }
    Ok(all)
}

/// What a session costs that is open and does nothing.
async fn idling(base: &str, pid: usize, sessions: usize) -> io::Result<Value> {
    // The first sessions warm up what is kept anyway.
    let warm = many(CONNECTIONS, base, |client, url| async move { open(&client, &url).await }).await?;
    let before = resident(pid);
    let opened = many(sessions, base, |client, url| async move { open(&client, &url).await }).await?;
    let after = resident(pid);
    let good = opened.iter().flatten().count();
    let client = client()?;
    for session in warm.iter().chain(&opened).flatten() {
        close(&client, &format!("{base}/mcp"), session).await;
    }
    let each = after.saturating_sub(before) / u64::try_from(good.max(1)).unwrap_or(1);
    Ok(json!({"idleSessions": good, "failed": sessions - good, "bytesEach": each}))
}

/// Whether memory stays flat while sessions are opened and closed.
async fn churning(base: &str, pid: usize, churn: usize) -> io::Result<Value> {
    let round = async |times: usize| {
        let good = many(times, base, |client, url| async move {
            match open(&client, &url).await {
                Some(session) => close(&client, &url, &session).await,
                None => false,
            }
        });
        Ok::<_, io::Error>(good.await?.into_iter().filter(|good| !good).count())
    };
    let mut failed = round(churn / 10).await?;
    let first = resident(pid);
    failed += round(churn - churn / 10).await?;
    let last = resident(pid);
    let growth = if first == 0 { 0.0 } else { (last as f64 / first as f64 - 1.0) * 100.0 };
    Ok(json!({"opensAndCloses": churn, "failed": failed, "residentAfterATenth": first, "residentAtTheEnd": last,
        "growthPercent": (growth * 10.0).round() / 10.0}))
}
