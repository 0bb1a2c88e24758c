//! The whole API in three tools: explained, held, agreed to, sent and followed as the calls of the other tools are.

use serde_json::{Value, json};

use crate::{
    demo::{Cluster, facts, refused},
    session::{Session, text},
};

fn cluster() -> Cluster {
    Cluster::toml(
        "cluster = 'lab'\n[[nodes]]\nname = 'pve1'\n[[nodes]]\nname = 'pve2'\n\
         [[guests]]\nvmid = 100\nname = 'web'\nstate = 'running'\n\
         [[guests]]\nvmid = 101\nname = 'db'\nnode = 'pve2'\n[guests.config]\nmemory = '512'\nscsi0 = 'local-lvm:vm-101-disk-0,size=8G'\n\
         [[guests]]\nvmid = 102\nname = 'kept'\ntags = ['mcp-protected']\n\
         [[guests]]\nvmid = 104\nname = 'bad'\nfails_to_start = \"bridge 'vmbr9' does not exist\"\n\
         [[guests]]\nvmid = 200\nkind = 'lxc'\nname = 'ct'",
    )
}

fn open(cluster: &Cluster, args: &[&str], env: &[(&str, &str)]) -> Session {
    cluster.start(args, env).legacy("2025-06-18", json!({}))
}

fn call(session: &mut Session, id: &str, arguments: Value) -> Value {
    session.call("callApi", json!({"id": id, "arguments": arguments}))
}

#[test]
fn they_are_a_set_that_is_on_and_cost_little() {
    let cluster = cluster();
    let mut session = open(&cluster, &[], &[]);
    let list = session.request("tools/list", json!({}))["result"]["tools"].clone();
    let ours: Vec<_> = list.as_array().expect("tools").iter().skip(12).cloned().collect();
    let names: Vec<_> = ours.iter().map(|tool| tool["name"].as_str().expect("a name")).collect();
    assert_eq!(names, ["searchApi", "describeApi", "callApi"]);
    let tokens = tiktoken_rs::o200k_base_singleton().encode_ordinary(&Value::from(ours.clone()).to_string()).len();
    assert!(tokens <= 500, "{tokens} tokens");
    assert_eq!(ours[2]["annotations"]["destructiveHint"], true);
    let mut plain = open(&cluster, &["--toolsets", "guests"], &[]);
    assert_eq!(plain.request("tools/list", json!({}))["result"]["tools"].as_array().expect("tools").len(), 12);
    let answer = plain.request("tools/call", json!({"name": "callApi", "arguments": {"id": "get_nodes"}}));
    assert!(answer["error"]["message"].as_str().is_some_and(|said| said.contains("no tool callApi")), "{answer}");
}

#[test]
fn a_request_in_everyday_words_finds_its_method() {
    let cluster = cluster();
    let mut session = open(&cluster, &[], &[]);
    for (query, id) in [
        ("take a snapshot of the virtual machine", "post_nodes_node_qemu_vmid_snapshot"),
        ("haz una instantánea de la máquina virtual", "post_nodes_node_qemu_vmid_snapshot"),
        ("clone a container", "post_nodes_node_lxc_vmid_clone"),
        ("what storages are there", "get_storage"),
    ] {
        let found = session.call("searchApi", json!({"query": query}));
        let hits = facts(&found)["hits"].as_array().expect("hits").clone();
        assert!(hits.len() <= 5 && hits.iter().take(3).any(|hit| hit["id"] == id), "{query}: {}", text(&found));
        assert!(text(&found).contains(id), "{}", text(&found));
    }
    let reads = session.call("searchApi", json!({"query": "backup", "risk": "read", "limit": 2}));
    let hits = facts(&reads)["hits"].as_array().expect("hits").clone();
    assert!(
        hits.len() <= 2 && hits.iter().all(|hit| hit["risk"].as_str().is_some_and(|risk| risk.starts_with("read")))
    );
    let none = session.call("searchApi", json!({"query": "xyzzy qwrtz"}));
    assert_eq!(facts(&none)["hits"], json!([]), "{}", text(&none));
    refused(&session.call("searchApi", json!({})), &["query is missing"]);
    refused(&session.call("searchApi", json!({"query": "x", "risk": "raed"})), &["did you mean read?"]);
}

#[test]
fn a_method_is_explained_with_a_call_that_fits() {
    let cluster = cluster();
    let mut session = open(&cluster, &[], &[]);
    let told = session.call("describeApi", json!({"id": "POST /nodes/{node}/qemu/{vmid}/clone"}));
    for word in
        ["risk: change", "newid: integer 100..999999999, required", "VM.Clone on /vms/{vmid}", "example arguments: {"]
    {
        assert!(text(&told).contains(word), "{word} in {}", text(&told));
    }
    assert_eq!(facts(&told)["id"], "post_nodes_node_qemu_vmid_clone");
    let one = session.call("describeApi", json!({"id": "put_nodes_node_qemu_vmid_config", "parameter": "net3"}));
    assert!(text(&one).contains("model: string, one of e1000|"), "{}", text(&one));
    refused(&session.call("describeApi", json!({"id": "get_node_qemu"})), &["most like it: get_nodes_node_qemu,"]);
    refused(&session.call("describeApi", json!({"id": "get_nodes", "parameter": "x"})), &["has no parameter \"x\""]);
}

#[test]
fn a_read_finds_its_guest_and_shows_what_is_asked_for() {
    let cluster = cluster();
    let mut session = open(&cluster, &[], &[]);
    let config = call(&mut session, "get_nodes_node_qemu_vmid_config", json!({"vmid": "db"}));
    assert_eq!(facts(&config)["data"]["scsi0"], "local-lvm:vm-101-disk-0,size=8G", "{}", text(&config));
    let few = session.call("callApi", json!({"id": "GET /nodes/pve2/qemu/101/config", "fields": "name"}));
    assert_eq!((text(&few), &facts(&few)["data"]), ("name: db", &json!({"name": "db"})));
    let page = session.call("callApi", json!({"id": "get_nodes", "fields": "node,status", "limit": 1}));
    assert!(text(&page).contains("1 more: call again with cursor 1"), "{}", text(&page));
    let rest = session.call("callApi", json!({"id": "get_nodes", "limit": 1, "cursor": "1"}));
    assert_eq!((&facts(&rest)["total"], facts(&rest).get("more")), (&json!(2), None));
    let one = session.call("callApi", json!({"id": "get_nodes", "filter": "node=pve2", "fields": ["node"]}));
    assert_eq!(facts(&one)["data"], json!([{"node": "pve2"}]));
    let text_of =
        session.call("callApi", json!({"id": "get_nodes_node_lxc_vmid_config", "arguments": "{\"vmid\": 200}"}));
    assert_eq!(facts(&text_of)["data"]["hostname"], "ct");
}

#[test]
fn what_is_wrong_is_said_at_once_and_nothing_is_sent() {
    let cluster = cluster();
    let mut session = open(&cluster, &[], &[]);
    session.call("listVMs", json!({}));
    let from = cluster.count();
    for (id, arguments, says) in [
        ("nope", json!({}), &["There is no method \"nope\"", "The ids most like it: "][..]),
        ("GET /nodes/{node}/qemux", json!({}), &["There is no method"]),
        ("put_nodes_node_qemu_vmid_config", json!({"vmid": 100, "memroy": 1}), &["did you mean memory?"]),
        (
            "put_nodes_node_qemu_vmid_config",
            json!({"vmid": 100, "cores": 0, "net0": "virtoi"}),
            &["cores: value must have a minimum value of 1", "net0: "],
        ),
        ("put_nodes_node_qemu_vmid_config", json!({"memory": 1024}), &["vmid is missing"]),
        (
            "get_nodes_node_lxc_vmid_config",
            json!({"vmid": 100}),
            &["100 is a VM, not a container: that is get_nodes_node_qemu_vmid_config"],
        ),
        ("get_nodes_node_qemu_vmid_config", json!({"vmid": "nosuch"}), &["no guest named nosuch"]),
        ("get_nodes_node_qemu_vmid_config", json!({"vmid": 100, "node": "../x"}), &["node: invalid format"]),
        ("get_nodes_node_storage", json!({}), &["node is missing; the nodes are pve1, pve2"]),
        ("get_nodes_node_storage", json!({"node": "a/../b"}), &["node"]),
        (
            "GET /nodes/pve1/qemu/100/config",
            json!({"vmid": 101}),
            &["one thing in the path and another among the arguments"],
        ),
        ("post_access_ticket", json!({}), &["gives a login"]),
        ("post_nodes_node_qemu_vmid_vncproxy", json!({"vmid": 100}), &["opens a console"]),
        ("post_nodes_node_storage_storage_upload", json!({"node": "pve1"}), &["takes a file with the request"]),
        ("delete_access_users_userid", json!({"userid": "a@pve"}), &["PROXMOX_MCP_API=all"]),
    ] {
        let reply = call(&mut session, id, arguments.clone());
        let said = refused(&reply, says);
        assert!(
            said.contains("Nothing was sent") || said.contains("Nothing was changed") || !said.contains("missing"),
            "{said}"
        );
    }
    assert_eq!(cluster.changes_since(from), Vec::<String>::new());
}

#[test]
fn a_change_is_carried_out_read_back_and_followed() {
    let cluster = cluster();
    let mut session = open(&cluster, &[], &[]);
    let set =
        call(&mut session, "put_nodes_node_qemu_vmid_config", json!({"vmid": 100, "memory": 1024, "description": "x"}));
    assert_eq!(facts(&set)["outcome"], "done", "{}", text(&set));
    // A running VM takes new memory from its next start on.
    assert!(text(&set).contains("pending, from the next start on: memory = 1024"), "{}", text(&set));
    let clone = call(&mut session, "post_nodes_node_qemu_vmid_clone", json!({"vmid": "db", "newid": 555}));
    assert_eq!(facts(&clone)["outcome"], "done", "{}", text(&clone));
    assert!(facts(&clone)["upid"].as_str().is_some_and(|upid| upid.contains(":qmclone:101:")));
    let start = call(&mut session, "post_nodes_node_qemu_vmid_status_start", json!({"vmid": 104}));
    refused(&start, &["failed: bridge 'vmbr9' does not exist", "UPID:pve1:"]);
    assert_eq!(start["structuredContent"]["outcome"], "failed");
    let begun = session.call(
        "callApi",
        json!({"id": "post_nodes_node_qemu_vmid_status_start", "arguments": {"vmid": 101}, "wait": false}),
    );
    assert_eq!(facts(&begun)["outcome"], "running", "{}", text(&begun));
}

#[test]
fn what_destroys_needs_consent_bound_to_exactly_this_call() {
    let cluster = cluster();
    let mut session = open(&cluster, &[], &[]);
    let from = cluster.count();
    let plan = call(&mut session, "delete_nodes_node_qemu_vmid", json!({"vmid": 101}));
    let said = refused(
        &plan,
        &["DELETE /nodes/pve2/qemu/101", "local-lvm:vm-101-disk-0", "no other call brings back", "Ask the user"],
    );
    let code = plan["structuredContent"]["confirm"].as_str().expect("a code").to_owned();
    assert!(said.contains(&code));
    let again = |session: &mut Session, arguments: Value, code: &str| {
        session.call("callApi", json!({"id": "delete_nodes_node_qemu_vmid", "arguments": arguments, "confirm": code}))
    };
    refused(&again(&mut session, json!({"vmid": 101, "purge": true}), &code), &["Nothing was sent yet"]);
    refused(&again(&mut session, json!({"vmid": 104}), &code), &["Nothing was sent yet"]);
    assert_eq!(cluster.changes_since(from), Vec::<String>::new());
    let done = again(&mut session, json!({"vmid": 101}), &code);
    assert_eq!(facts(&done)["outcome"], "done", "{}", text(&done));
    assert_eq!(cluster.changes_since(from), ["DELETE /nodes/pve2/qemu/101"]);
    refused(&again(&mut session, json!({"vmid": 101}), &code), &[]);
    // Options that can be set back need none; one that is taken out may hold a disk.
    refused(
        &call(&mut session, "put_nodes_node_qemu_vmid_config", json!({"vmid": 104, "delete": "unused0"})),
        &["Ask the user"],
    );
    // A call on many guests names them, whatever its risk.
    let mut session = open(&cluster, &[], &[("PROXMOX_MCP_API", "all"), ("PROXMOX_MCP_PROTECTED_TAG", "nobody")]);
    let many = call(&mut session, "post_nodes_node_stopall", json!({"node": "pve1"}));
    refused(&many, &["Guests that it touches (", "VM 100 (web) on pve1", "container 200 (ct) on pve1"]);
    assert_eq!(cluster.changes_since(from).len(), 1);
}

#[test]
fn rules_and_scopes_hold_as_for_every_other_tool() {
    let cluster = cluster();
    let from = cluster.count();
    let mut session = open(&cluster, &["--deny", "vmid:101"], &[]);
    refused(&call(&mut session, "get_nodes_node_qemu_vmid_config", json!({"vmid": 101})), &["deny vmid:101"]);
    // Whatever could show or touch the guest without being about it alone is closed, too.
    refused(&call(&mut session, "get_cluster_resources", json!({})), &["not about one guest"]);
    assert_eq!(facts(&call(&mut session, "get_nodes_node_qemu_vmid_config", json!({"vmid": 100})))["outcome"], "done");
    let mut session = open(&cluster, &["--deny", "node:pve2"], &[]);
    refused(&call(&mut session, "get_nodes_node_storage", json!({"node": "pve2"})), &["deny node:pve2"]);
    assert_eq!(facts(&call(&mut session, "get_nodes_node_storage", json!({"node": "pve1"})))["outcome"], "done");
    let start = |session: &mut Session, vmid: u32| {
        call(session, "post_nodes_node_qemu_vmid_status_stop", json!({"vmid": vmid}))
    };
    let mut session = open(&cluster, &[], &[]);
    refused(&start(&mut session, 102), &["protected tag mcp-protected"]);
    refused(&start(&mut open(&cluster, &["--read-only"], &[]), 100), &["--read-only"]);
    refused(&start(&mut open(&cluster, &["--disable-destructive"], &[]), 100), &["--disable-destructive"]);
    refused(&start(&mut open(&cluster, &[], &[("PROXMOX_MCP_API", "read")]), 100), &["PROXMOX_MCP_API=read"]);
    refused(&start(&mut open(&cluster, &["--deny", "tool:callApi"], &[]), 100), &["deny tool:callApi"]);
    assert_eq!(cluster.changes_since(from), Vec::<String>::new());
}

#[test]
fn secrets_are_hidden_and_changes_are_recorded() {
    let folder = tempfile::tempdir().expect("a folder");
    let audit = folder.path().join("audit.jsonl");
    let cluster = cluster();
    let env = [
        ("PROXMOX_MCP_AUDIT_FILE", audit.to_str().expect("UTF-8")),
        ("PROXMOX_MCP_CONFIRM", "never"),
        ("PROXMOX_MCP_API", "all"),
    ];
    let mut session = open(&cluster, &[], &env);
    let made =
        call(&mut session, "post_access_users_userid_token_tokenid", json!({"userid": "root@pam", "tokenid": "new"}));
    assert!(!text(&made).is_empty());
    assert_eq!(facts(&made)["data"]["value"], "**********", "{}", text(&made));
    call(&mut session, "get_nodes", json!({}));
    call(&mut session, "put_nodes_node_qemu_vmid_config", json!({"vmid": 100, "cipassword": "hush-hush", "cores": 2}));
    call(&mut session, "post_nodes_node_qemu_vmid_status_stop", json!({"vmid": 100}));
    drop(session);
    let log = std::fs::read_to_string(&audit).expect("the log");
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let calls: Vec<_> =
        lines.iter().filter_map(|line| Some((line["phase"].as_str()?, line["arguments"]["call"].as_str()?))).collect();
    let config = "PUT /nodes/{node}/qemu/{vmid}/config";
    let (token, stop) = ("POST /access/users/{userid}/token/{tokenid}", "POST /nodes/{node}/qemu/{vmid}/status/stop");
    assert_eq!(
        calls,
        [
            ("intent", token),
            ("result", token),
            ("intent", config),
            ("result", config),
            ("intent", stop),
            ("result", stop)
        ],
        "reads are not recorded: {log}"
    );
    assert!(!log.contains("hush-hush") && log.contains("cores"), "{log}");
}
