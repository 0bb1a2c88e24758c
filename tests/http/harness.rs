//! A server over the demo, and requests to it.

use std::{path::PathBuf, sync::Arc, time::Duration};

use proxmox_mcp::{
    client::Client,
    demo::{self, Demo, Scenario},
    server::{
        Door,
        http::{
            Handle, HttpSettings, Server,
            limits::Quota,
            metrics::Metrics,
            pve_numbers::PveNumbers,
            rest::Rest,
            state::Shared,
            tokens::{NewToken, Tokens},
        },
        principal::Scope,
    },
    tools::{Lang, Options, Tools, caller::Principal},
};
use serde_json::Value;
use tokio::task::JoinHandle;

/// A running server and the cluster behind it.
pub(crate) struct Running {
    pub demo: Demo,
    pub base: String,
    pub handle: Handle,
    pub shared: Arc<Shared>,
    pub ended: JoinHandle<()>,
    pub http: reqwest::Client,
}

/// A guest of the demo that runs and does not listen to a shutdown, which therefore goes on for minutes.
pub(crate) const STUBBORN: u32 = 111;

/// The first task that the server has asked after.
pub(crate) fn followed(demo: &Demo) -> Option<String> {
    let seen = demo.seen();
    let target = seen.iter().map(|seen| seen.target.replace("%3A", ":")).find(|t| t.contains("/tasks/UPID:"))?;
    target.split('/').find(|part| part.starts_with("UPID:")).map(str::to_owned)
}

/// Waits until there is something.
pub(crate) async fn soon<T>(mut there: impl FnMut() -> Option<T>) -> T {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(found) = there() {
            return found;
        }
        assert!(tokio::time::Instant::now() < deadline, "it did not come");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// An answer, read to its end.
pub(crate) struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&self.body)))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default()
    }

    /// The word in a problem's `type`.
    pub(crate) fn word(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", String::from_utf8_lossy(&self.body));
        let body = self.json();
        assert_eq!(body["status"], self.status);
        assert_eq!(body["request_id"], self.header("x-request-id"));
        body["type"].as_str().unwrap_or_default().rsplit(':').next().unwrap_or_default().to_owned()
    }
}

/// Settings of a test server: a free port, no rate limit.
pub(crate) fn settings() -> HttpSettings {
    let quota = Quota { per_second: 0.0, ..Quota::default() };
    HttpSettings { listen: ([127, 0, 0, 1], 0).into(), quota, ..HttpSettings::default() }
}

/// A token file with a token of each scope, and the tokens.
pub(crate) fn tokens(folder: &tempfile::TempDir) -> (PathBuf, [String; 3]) {
    let path = folder.path().join("tokens.toml");
    let mut tokens = Tokens::default();
    let made = Scope::EVERY.map(|scope| {
        let new = NewToken { name: scope.to_string(), scope, tools: None, expires: None };
        tokens.add(new, chrono::Utc::now()).expect("token")
    });
    tokens.write(&path).expect("written");
    (path, made)
}

pub(crate) async fn start() -> Running {
    start_with(settings(), Options::default(), Scenario::default()).await
}

pub(crate) async fn start_with(settings: HttpSettings, options: Options, scenario: Scenario) -> Running {
    let demo = demo::start(scenario).await.expect("demo");
    let tools = Tools::new(Client::new(demo.settings()).expect("client"), options);
    let mut metrics = Metrics::default();
    metrics.add(Box::new(PveNumbers(tools.clone())));
    let server = Server::bind(settings, metrics).await.expect("server");
    let (handle, shared) = (server.handle(), Arc::clone(server.shared()));
    let base = format!("http://{}", server.address());
    let rest = Rest::new(tools.clone(), Lang::En, Arc::clone(&shared));
    let stopping = shared.stopping.clone();
    let counting = Arc::clone(&shared);
    let observer = Arc::new(move |tool: &str, outcome: &str, took| counting.metrics.called(tool, outcome, took));
    let door = Door::watched(tools.clone(), Lang::En, Some(observer), stopping);
    let asked = tools.clone();
    let lacks = Arc::new(move |tool: &str, caller: &Principal| asked.lacks(tool, caller));
    let ended = tokio::spawn(server.serve(door, lacks, tools, rest.routes()));
    let http = client();
    Running { demo, base, handle, shared, ended, http }
}

/// A client that shares no connection with another.
pub(crate) fn client() -> reqwest::Client {
    // A second installation changes nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().expect("HTTP client")
}

impl Running {
    pub(crate) fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method.parse().expect("method"), format!("{}{path}", self.base))
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        send(self.request("GET", path)).await
    }

    pub(crate) async fn post(&self, path: &str) -> Answer {
        send(self.request("POST", path)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        send(self.request("DELETE", path)).await
    }

    /// The value of a number in `/metrics`.
    pub(crate) async fn number(&self, line: &str) -> f64 {
        let text = String::from_utf8(self.get("/metrics").await.body).expect("text");
        let value = text.lines().find_map(|l| l.strip_prefix(line)?.strip_prefix(' '));
        value.unwrap_or_else(|| panic!("no {line} in\n{text}")).parse().expect("number")
    }
}

pub(crate) async fn send(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.expect("an answer");
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Answer { status, headers, body: response.bytes().await.expect("body").to_vec() }
}
