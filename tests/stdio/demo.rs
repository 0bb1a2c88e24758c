//! A demo that the test itself holds, so that it can see each request and switch faults; the program is pointed at it
//! as at any host.

use proxmox_mcp::demo::{self, Demo, Scenario};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::session::Session;

/// A cluster of two nodes, with a token that may do all and one that may look.
const LAB: &str = r#"
cluster = "lab"
[[nodes]]
name = "pve1"
[[nodes]]
name = "pve2"
[[users]]
id = "mcp@pve"
[[users]]
id = "look@pve"
[[tokens]]
id = "mcp@pve!ai"
privsep = false
[[tokens]]
id = "look@pve!ai"
privsep = false
[[acl]]
who = "mcp@pve"
role = "PVEAdmin"
path = "/"
[[acl]]
who = "look@pve"
role = "PVEAuditor"
path = "/"
[[storage]]
name = "local"
[[storage]]
name = "local-lvm"
type = "lvmthin"
content = "images,rootdir"
"#;

pub(crate) struct Cluster {
    pub demo: Demo,
    // Drives the demo; after it in the order of dropping.
    runtime: Runtime,
}

impl Cluster {
    pub(crate) fn new(scenario: Scenario) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let demo = runtime.block_on(demo::start(scenario)).unwrap();
        Self { demo, runtime }
    }

    pub(crate) fn toml(text: &str) -> Self {
        Self::new(Scenario::from_toml(text).unwrap())
    }

    /// One of two nodes, with a token that may look alone, and this besides.
    pub(crate) fn lab(more: &str) -> Self {
        Self::toml(&format!("{LAB}{more}"))
    }

    /// The variables that point the program at it.
    pub(crate) fn env(&self) -> Vec<(String, String)> {
        let token = self.demo.token();
        let pairs = [
            ("PROXMOX_HOST", "127.0.0.1".to_owned()),
            ("PROXMOX_PORT", self.demo.addr().port().to_string()),
            ("PROXMOX_TOKEN", format!("{}={}", token.id, token.secret.reveal())),
            ("PROXMOX_FINGERPRINT", self.demo.fingerprint().to_string()),
            // The privileges are read once a process; tests that count requests leave that out.
            ("PROXMOX_MCP_SHOW_ALL", "true".to_owned()),
            // One test changes more than a program should.
            ("PROXMOX_MCP_CHANGES_PER_MINUTE", "none".to_owned()),
        ];
        pairs.map(|(name, value)| (name.to_owned(), value)).to_vec()
    }

    pub(crate) fn start(&self, args: &[&str], more: &[(&str, &str)]) -> Session {
        let env = self.env();
        let mut all: Vec<_> = env.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        all.retain(|(name, _)| !more.iter().any(|(other, _)| other == name));
        all.extend(more);
        Session::start(args, &all)
    }

    /// A session of the older era whose client can do nothing but call.
    pub(crate) fn session(&self) -> Session {
        self.start(&[], &[]).legacy("2025-06-18", json!({}))
    }

    /// The same with all tools, and these options.
    pub(crate) fn open(&self, args: &[&str]) -> Session {
        let args: Vec<&str> = ["--toolsets", "all"].iter().chain(args).copied().collect();
        self.start(&args, &[]).legacy("2025-06-18", json!({}))
    }

    /// Does something beside the program.
    pub(crate) fn block_on<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// Requests that were answered so far.
    pub(crate) fn count(&self) -> usize {
        self.demo.seen().len()
    }

    /// What was asked since `from`: verb and path, without the polls of tasks, which depend on time.
    pub(crate) fn asked_since(&self, from: usize) -> Vec<String> {
        let seen = self.demo.seen();
        let path = |target: &str| target.trim_start_matches("/api2/json").to_owned();
        let asked = seen[from..].iter().map(|seen| format!("{} {}", seen.method, path(&seen.target)));
        asked.filter(|asked| !asked.contains("/tasks/")).collect()
    }

    /// What was sent since then that is no question.
    pub(crate) fn changes_since(&self, from: usize) -> Vec<String> {
        self.asked_since(from).into_iter().filter(|asked| !asked.starts_with("GET ")).collect()
    }
}

/// Agrees to the plan of a call that asks for consent; gives the plan and what came of it.
#[track_caller]
pub(crate) fn agreed(session: &mut Session, tool: &str, mut arguments: Value) -> (Value, Value) {
    let plan = session.call(tool, arguments.clone());
    refused(&plan, &["Nothing was sent yet."]);
    arguments["confirm"] = plan["structuredContent"]["confirm"].clone();
    let done = session.call(tool, arguments);
    (plan, done)
}

/// A result that is a failure.
#[track_caller]
pub(crate) fn refused<'a>(result: &'a Value, words: &[&str]) -> &'a str {
    let text = crate::session::text(result);
    assert_eq!(result["isError"], true, "not refused: {text}");
    for word in words {
        assert!(text.contains(word), "{word:?} is not in {text:?}");
    }
    text
}

/// The facts of a result that is no failure.
#[track_caller]
pub(crate) fn facts(result: &Value) -> &Value {
    assert_ne!(result["isError"], true, "{}", crate::session::text(result));
    assert!(!crate::session::text(result).trim().is_empty());
    &result["structuredContent"]
}
