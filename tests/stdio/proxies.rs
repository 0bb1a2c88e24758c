//! Answers of what stands between here and PVE: of a change nobody knows what became of it, and nothing is sent twice.

use proxmox_mcp::{
    demo::{Fault, Scenario},
    spec::Method,
};
use serde_json::json;

use crate::{
    demo::{Cluster, refused},
    session::text,
};

/// Requests of a verb that the demo has answered.
fn sent(cluster: &Cluster, method: &str) -> usize {
    cluster.demo.seen().iter().filter(|seen| seen.method == method).count()
}

fn proxy(status: u16, passed_on: bool) -> Fault {
    Fault::Proxy { status, passed_on }
}

#[test]
fn a_proxys_answer_to_a_change_leaves_open_what_pve_did_and_is_looked_into() {
    for (status, passed_on) in [(502, false), (503, true), (504, true), (504, false), (524, true), (403, false)] {
        let cluster = Cluster::new(Scenario::default());
        let mut session = cluster.session();
        cluster.demo.inject_on(Some(Method::Post), "/status/start", proxy(status, passed_on), 1);
        let result = session.call("startVM", json!({"vmid": 110}));
        let said = refused(&result, &["obody knows whether POST", &format!("HTTP {status}"), "reverse proxy"]);
        assert!(said.contains("its newest task is UPID:") == passed_on, "{status}: {said}");
        assert!(said.contains("guest 110 is") && said.contains("look at the guest"), "{status}: {said}");
        assert_eq!(sent(&cluster, "POST"), 1, "{status}");
    }
}

#[test]
fn a_deletion_that_a_proxy_answered_is_not_sent_again_with_the_same_code() {
    for (status, passed_on) in [(504, false), (502, true), (503, false), (522, false), (401, false)] {
        let cluster = Cluster::new(Scenario::default());
        let mut session = cluster.session();
        let plan = session.call("deleteVM", json!({"vmid": 110}));
        let code = plan["structuredContent"]["confirm"].as_str().expect("a code").to_owned();
        cluster.demo.inject_on(Some(Method::Delete), "/qemu/110", proxy(status, passed_on), 1);
        let result = session.call("deleteVM", json!({"vmid": 110, "confirm": code}));
        refused(&result, &["obody knows whether DELETE", &format!("HTTP {status}")]);
        let again = session.call("deleteVM", json!({"vmid": 110, "confirm": code}));
        assert_eq!(again["isError"], true, "{again}");
        assert_eq!(sent(&cluster, "DELETE"), 1, "{status}: {}", text(&again));
    }
}

#[test]
fn a_proxys_answer_to_a_read_is_not_taken_for_pves() {
    let cluster = Cluster::new(Scenario::default());
    let mut session = cluster.session();
    for (status, words) in [
        (401, "a refusal by something in front of PVE"),
        (403, "a refusal by something in front of PVE"),
        (500, "no answer of PVE's own"),
        (503, "no answer of PVE's own"),
        (504, "no answer of PVE's own"),
    ] {
        cluster.demo.inject(proxy(status, false), 9);
        let result = session.call("listVMs", json!({}));
        let said = refused(&result, &["was not answered by a Proxmox VE API", &format!("HTTP {status}"), words]);
        assert!(!said.contains("PROXMOX_TOKEN") && !said.contains('<'), "{said}");
        cluster.demo.clear_faults();
    }
    assert_ne!(session.call("listVMs", json!({}))["isError"], true);
}
