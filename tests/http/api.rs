//! The whole API over REST: find, explain, call; tokens and their scopes hold.

use proxmox_mcp::{demo::Scenario, server::http::HttpSettings, tools::Options};
use serde_json::json;

use crate::harness::{Answer, send, settings, start, start_with, tokens};

fn said(answer: &Answer) -> String {
    String::from_utf8_lossy(&answer.body).into_owned()
}

#[tokio::test]
async fn methods_are_found_explained_and_called() {
    let server = start().await;
    let found = server.get("/api?q=take%20a+snapshot+of+a+virtual+machine&limit=3").await;
    assert_eq!(found.status, 200, "{}", said(&found));
    let hits = found.json()["hits"].as_array().expect("hits").clone();
    assert!(hits.len() <= 3 && hits.iter().any(|hit| hit["id"] == "post_nodes_node_qemu_vmid_snapshot"), "{hits:?}");
    let told = server.get("/api/get_nodes_node_qemu_vmid_config").await.json();
    assert_eq!(told["call"], "GET /nodes/{node}/qemu/{vmid}/config", "{told}");
    let one = server.get("/api/put_nodes_node_qemu_vmid_config?parameter=net0").await.json();
    assert!(one["parameter"].to_string().contains("virtio"), "{one}");
    let call =
        async |id: &str, body: &'static str| send(server.request("POST", &format!("/api/{id}")).body(body)).await;
    let config = call("get_nodes_node_qemu_vmid_config?fields=name", "{\"vmid\": \"shop-web\"}").await;
    assert_eq!((config.status, config.json()["data"].clone()), (200, json!({"name": "shop-web"})), "{}", said(&config));
    // A path with values in it, as one part.
    let path = call("GET%20%2Fnodes%2Fpve1%2Fqemu%2F100%2Fconfig", "").await;
    assert_eq!(path.json()["data"]["name"], "shop-web", "{}", said(&path));
    let rows = call("get_nodes?limit=1", "{}").await.json();
    assert_eq!((&rows["total"], &rows["more"]), (&json!(3), &json!(2)), "{rows}");
    let begun =
        call("post_nodes_node_qemu_vmid_snapshot?wait=false", "{\"vmid\": 100, \"snapname\": \"before\"}").await;
    assert_eq!(begun.status, 202, "{}", said(&begun));
    // What is wrong says so, and consent is asked for.
    for (id, body, status, word) in [
        ("get_nodez", "{}", 400, "arguments"),
        ("get_nodes_node_qemu_vmid_config", "{\"vmid\": 100, \"cores\": 1}", 400, "arguments"),
        ("get_nodes", "[]", 400, "arguments"),
        ("get_nodes?id=x", "{}", 400, "arguments"),
        ("get_nodes?colour=red", "{}", 400, "arguments"),
        ("delete_nodes_node_qemu_vmid", "{\"vmid\": 110}", 428, "confirm"),
        ("post_access_ticket", "{}", 403, "rule-forbids"),
        ("post_cluster_backup", "{}", 403, "rule-forbids"),
        ("get_nodes_node_qemu_vmid_config", "{\"vmid\": 999}", 404, "not-found"),
    ] {
        let answer = call(id, body).await;
        assert_eq!((answer.status, answer.word()), (status, word.to_owned()), "{id} {body}: {}", said(&answer));
    }
    assert_eq!(server.get("/api").await.word(), "arguments", "query is missing");
}

#[tokio::test]
async fn the_scope_of_a_token_is_that_of_the_method() {
    let folder = tempfile::tempdir().expect("folder");
    let (file, [read, power, all]) = tokens(&folder);
    let server =
        start_with(HttpSettings { tokens: Some(file), ..settings() }, Options::default(), Scenario::default()).await;
    let call = async |token: &str, id: &str, body: &'static str| {
        let request = server.request("POST", &format!("/api/{id}")).header("authorization", format!("Bearer {token}"));
        send(request.body(body)).await.status
    };
    let (look, start, set) = (
        "get_nodes_node_qemu_vmid_config",
        "post_nodes_node_qemu_vmid_status_start",
        "put_nodes_node_qemu_vmid_config",
    );
    for (token, statuses) in [(&read, [200, 403, 403]), (&power, [200, 200, 403]), (&all, [200, 200, 200])] {
        let now = [
            call(token, look, "{\"vmid\": 100}").await,
            call(token, start, "{\"vmid\": 110}").await,
            call(token, set, "{\"vmid\": 100, \"cores\": 2}").await,
        ];
        // The second start of the demo's guest finds it running, which PVE answers with a task that says so.
        assert_eq!(now.map(|status| status == 403), statuses.map(|status| status == 403), "{now:?}");
        assert_eq!(now[0], 200);
    }
    assert_eq!(server.get("/api?q=nodes").await.status, 401, "nobody");
}

#[tokio::test]
async fn the_document_tells_of_them() {
    let server = start().await;
    let openapi = server.get("/openapi.json").await.json();
    let (search, one) = (&openapi["paths"]["/api"]["get"], &openapi["paths"]["/api/{id}"]);
    let names = |operation: &serde_json::Value| {
        let all = operation["parameters"].as_array().expect("parameters").iter();
        all.map(|parameter| parameter["name"].as_str().unwrap_or("?").to_owned()).collect::<Vec<_>>()
    };
    assert!(names(search).contains(&"q".to_owned()) && !names(search).contains(&"query".to_owned()), "{search}");
    assert_eq!(names(&one["get"]), ["id", "parameter"]);
    let call = names(&one["post"]);
    assert!(call.contains(&"fields".to_owned()) && !call.contains(&"arguments".to_owned()), "{call:?}");
    assert!(one["post"]["requestBody"].is_object() && one["post"]["responses"]["202"].is_object());
}
