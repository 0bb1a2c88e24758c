//! The in-process PVE, asked over HTTPS as any client would.

mod load;

use std::time::Duration;

use proxmox_mcp::demo::{self, Daemon, Demo, Fault, Scenario};
use serde_json::{Value, json};

/// An answer: status, reason phrase, body.
struct Answer {
    status: u16,
    reason: String,
    body: Value,
}

fn encoded(form: &[(&str, &str)]) -> String {
    let text = |t: &str| percent_encoding::utf8_percent_encode(t, percent_encoding::NON_ALPHANUMERIC).to_string();
    form.iter().map(|(name, value)| format!("{}={}", text(name), text(value))).collect::<Vec<_>>().join("&")
}

struct Host {
    demo: Demo,
    client: reqwest::Client,
}

impl Host {
    async fn new(scenario: Scenario) -> Self {
        let demo = demo::start(scenario).await.unwrap();
        let _ = rustls::crypto::ring::default_provider().install_default();
        let trust = reqwest::Certificate::from_pem(demo.certificate_pem().as_bytes()).unwrap();
        let client = reqwest::Client::builder()
            .tls_certs_only([trust])
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self { demo, client }
    }

    async fn ten_lines(text: &str) -> Self {
        Self::new(Scenario::from_toml(text).unwrap()).await
    }

    async fn as_token(&self, token: &str, method: &str, path: &str, form: &[(&str, &str)]) -> Answer {
        let secret = self.demo.secret(token).unwrap();
        let request = self
            .client
            .request(method.parse().unwrap(), format!("{}{path}", self.demo.url()))
            .header("Authorization", format!("PVEAPIToken={token}={secret}"));
        let request = if form.is_empty() {
            request
        } else {
            request.header("Content-Type", "application/x-www-form-urlencoded").body(encoded(form))
        };
        let response = request.send().await.unwrap();
        let phrase = response.extensions().get::<hyper::ext::ReasonPhrase>();
        let reason = phrase.map(|p| String::from_utf8_lossy(p.as_bytes()).into_owned()).unwrap_or_default();
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        Answer { status, reason, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) }
    }

    async fn ask(&self, method: &str, path: &str, form: &[(&str, &str)]) -> Answer {
        let token = self.demo.token().id.clone();
        self.as_token(&token, method, path, form).await
    }

    async fn get(&self, path: &str) -> Value {
        let answer = self.ask("GET", path, &[]).await;
        assert_eq!(answer.status, 200, "{path}: {} {}", answer.reason, answer.body);
        answer.body["data"].clone()
    }

    /// Starts a task and gives its end.
    async fn task(&self, method: &str, path: &str, form: &[(&str, &str)]) -> String {
        let answer = self.ask(method, path, form).await;
        assert_eq!(answer.status, 200, "{method} {path}: {}", answer.reason);
        self.end(answer.body["data"].as_str().unwrap()).await
    }

    /// How a task ended, once it has.
    async fn end(&self, upid: &str) -> String {
        let node = upid.split(':').nth(1).unwrap();
        loop {
            let status = self.get(&format!("/nodes/{node}/tasks/{upid}/status")).await;
            if status["status"] == "stopped" {
                return status["exitstatus"].as_str().unwrap().to_owned();
            }
            self.demo.advance(Duration::from_millis(200));
        }
    }
}

const TWO: &str = r#"
    [[nodes]]
    name = "pve1"
    [[nodes]]
    name = "pve2"
    [[guests]]
    vmid = 100
    name = "web"
    state = "running"
    [[guests]]
    vmid = 101
    name = "deaf"
    state = "running"
    stubborn = true
    [[guests]]
    vmid = 200
    kind = "lxc"
    node = "pve2"
    name = "dns"
    config = { cpulimit = "1.5" }
"#;

#[tokio::test]
async fn the_default_cluster_is_there() {
    let host = Host::new(Scenario::default()).await;
    let release = host.get("/version").await["release"].as_str().unwrap().to_owned();
    assert!(Scenario::default().release.starts_with(&format!("{release}.")), "{release}");
    assert_eq!(host.get("/nodes").await.as_array().unwrap().len(), 3);
    let guests = host.get("/cluster/resources?type=vm").await;
    assert_eq!(guests.as_array().unwrap().len(), 12);
    assert!(guests.as_array().unwrap().iter().all(|g| g["name"].is_string()), "{guests}");
}

#[tokio::test]
async fn power_calls_answer_as_each_kind_does() {
    let host = Host::ten_lines(TWO).await;
    let vm = "/nodes/pve1/qemu/100/status";
    assert_eq!(host.task("POST", &format!("{vm}/start"), &[]).await, "VM 100 already running");
    assert_eq!(host.task("POST", &format!("{vm}/stop"), &[]).await, "OK");
    assert_eq!(host.demo.is_running(100), Some(false));
    assert_eq!(host.task("POST", &format!("{vm}/stop"), &[]).await, "OK");
    assert_eq!(host.ask("POST", &format!("{vm}/reboot"), &[]).await.reason, "VM 100 not running");
    assert_eq!(host.task("POST", &format!("{vm}/start"), &[]).await, "OK");
    let ct = "/nodes/pve2/lxc/200/status";
    assert_eq!(host.ask("POST", &format!("{ct}/stop"), &[]).await.reason, "CT 200 not running");
    assert_eq!(host.task("POST", &format!("{ct}/start"), &[]).await, "OK");
    assert_eq!(host.ask("POST", &format!("{ct}/start"), &[]).await.reason, "CT 200 already running");
    let current = host.get(&format!("{ct}/current")).await;
    assert_eq!((&current["cpus"], &current["pressureiofull"]), (&json!("1.5"), &json!("0.00")));
    let deaf = "/nodes/pve1/qemu/101/status/shutdown";
    assert_eq!(host.task("POST", deaf, &[("timeout", "5")]).await, "VM quit/powerdown failed - got timeout");
    assert_eq!(host.task("POST", deaf, &[("timeout", "1"), ("forceStop", "1")]).await, "OK");
}

#[tokio::test]
async fn a_reboot_is_two_tasks() {
    // At real speed only this test moves time on.
    let host = Host::ten_lines(&format!("speed = \"real\"\n{TWO}")).await;
    let before = host.get("/nodes/pve1/qemu/100/status/current").await["pid"].clone();
    assert_eq!(host.task("POST", "/nodes/pve1/qemu/100/status/reboot", &[]).await, "OK");
    assert_eq!(host.demo.is_running(100), Some(false));
    host.demo.advance(Duration::from_secs(2));
    assert_eq!(host.demo.is_running(100), Some(true));
    let after = host.get("/nodes/pve1/qemu/100/status/current").await;
    assert_ne!(after["pid"], before);
    let tasks = host.get("/nodes/pve1/tasks?vmid=100").await;
    assert_eq!((&tasks[0]["type"], &tasks[0]["user"]), (&json!("qmstart"), &json!("root@pam")));
}

#[tokio::test]
async fn faults_and_switches_show_as_on_a_real_cluster() {
    let host = Host::ten_lines(TWO).await;
    assert!(host.demo.set_node_online("pve2", false));
    let answer = host.ask("GET", "/nodes/pve2/lxc", &[]).await;
    assert_eq!((answer.status, answer.reason.as_str()), (595, "No route to host"));
    host.demo.set_quorum(false);
    let answer = host.ask("POST", "/nodes/pve1/qemu/100/status/start", &[]).await;
    assert_eq!((answer.status, answer.reason.as_str()), (500, "cluster not ready - no quorum?"));
    host.demo.set_daemon(Daemon::Down);
    assert_eq!(host.ask("GET", "/nodes/pve1/qemu", &[]).await.reason, "Connection refused");
    host.demo.set_daemon(Daemon::Hung);
    assert_eq!(host.ask("GET", "/nodes/pve1/qemu", &[]).await.status, 596);
    host.demo.clear_faults();
    host.demo.inject(Fault::Html, 1);
    let answer = host.ask("GET", "/version", &[]).await;
    assert_eq!(answer.status, 502);
    assert!(answer.body.as_str().unwrap().starts_with("<html>"));
    assert_eq!(host.ask("GET", "/version", &[]).await.status, 200);
}
