//! How often something is changed, over HTTP: so often by each token, and so often by all of them.

use proxmox_mcp::{
    demo::Scenario,
    tools::{
        Options,
        pace::{Allowance, Pace},
    },
};
use serde_json::json;

use super::harness::{send, settings, start_with, tokens};

#[tokio::test]
async fn each_token_has_its_own_count_and_all_have_one() {
    let folder = tempfile::tempdir().expect("folder");
    let (path, [_, power, all]) = tokens(&folder);
    let minute = Allowance { each: Some(2), all: Some(3) };
    let options = Options { pace: Pace { minute, ..Pace::default() }, ..Options::default() };
    let settings = proxmox_mcp::server::http::HttpSettings { tokens: Some(path), ..settings() };
    let server = start_with(settings, options, Scenario::default()).await;
    let call = |token: &str, path: &str| send(server.request("POST", path).bearer_auth(token.to_owned()));
    for path in ["/vms/110/start", "/vms/110/stop"] {
        assert_eq!(call(&power, path).await.status, 200);
    }
    let held = call(&power, "/vms/110/start").await;
    assert_eq!((held.status, held.word().as_str()), (429, "too-many-changes"), "{}", held.json());
    let wait: u64 = held.header("retry-after").parse().expect("seconds");
    assert!((1..=60).contains(&wait), "{wait}");
    assert_eq!((&held.json()["limitOf"], &held.json()["retryAfter"]), (&json!("this caller"), &json!(wait)));
    assert_eq!(send(server.request("GET", "/vms/110").bearer_auth(&power)).await.status, 200, "reading goes on");
    // What one has used up is not the other's, but for what all may have.
    assert_eq!(call(&all, "/vms/110/start").await.status, 200);
    let held = call(&all, "/vms/110/stop").await;
    assert_eq!((held.status, &held.json()["limitOf"]), (429, &json!("all callers")), "{}", held.json());
}
