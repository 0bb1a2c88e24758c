//! `proxmox-mcp surface` and `--version`: what the shipped binary says of the API that is compiled in.

use std::{collections::BTreeSet, path::Path, process::Command};

use proxmox_mcp::{
    api::{METHODS, RELEASE, endpoints},
    spec::Endpoint,
    tools::registry,
};
use serde_json::Value;

/// What the binary prints; it must end well.
fn printed(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_proxmox-mcp")).args(args).output().expect("the binary starts");
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// Without what depends on the settings, or on who made the text.
fn without_comments(text: &str) -> Vec<&str> {
    text.lines().filter(|line| !line.starts_with('#') && !line.starts_with("  ai ")).collect()
}

#[test]
fn it_says_of_every_method_whether_an_ai_reaches_it_and_with_what_consent() {
    let of = |args: &[&str], env: &[(&str, &str)]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_proxmox-mcp"));
        let output = command.arg("surface").args(args).envs(env.iter().copied()).output().expect("the binary starts");
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    };
    let told = |text: &str, at: &str| {
        let block = text.split("\n\n").find(|block| block.lines().next() == Some(at)).unwrap_or_else(|| panic!("{at}"));
        block.lines().find_map(|line| line.strip_prefix("  ai ")).expect("whether an AI reaches it").to_owned()
    };
    let plain = of(&[], &[]);
    for endpoint in endpoints() {
        told(&plain, &endpoint.at());
    }
    let (config, delete, role, exec) = (
        "PUT /nodes/{node}/qemu/{vmid}/config",
        "DELETE /nodes/{node}/qemu/{vmid}",
        "POST /access/roles",
        "POST /nodes/{node}/qemu/{vmid}/agent/exec",
    );
    assert_eq!(told(&plain, "GET /nodes"), "reached, needs no consent");
    assert_eq!(told(&plain, config), "reached, needs the user's consent by its arguments");
    assert_eq!(told(&plain, delete), "reached, needs the user's consent");
    assert!(told(&plain, role).starts_with("not reached: ") && told(&plain, exec).contains("PROXMOX_MCP_API=all"));
    assert!(told(&plain, "POST /access/ticket").starts_with("not reached: "));
    let all = of(&[], &[("PROXMOX_MCP_API", "all")]);
    assert_eq!(told(&all, role), "reached, needs the user's consent");
    let denied = of(&["--deny", "api:/access/*"], &[("PROXMOX_MCP_API", "all")]);
    assert!(told(&denied, role).contains("deny api:/access/*"), "{}", told(&denied, role));
    let read = of(&["--read-only", "--reached"], &[]);
    assert!(!read.contains(&format!("\n{config}\n")) && read.contains("\nGET /nodes\n"));
    let guests = of(&["--toolsets", "guests"], &[]);
    assert!(told(&guests, "GET /storage").starts_with("not reached: "));
    assert!(told(&guests, delete).starts_with("reached"), "a tool calls it");
    let json: Value = serde_json::from_str(&of(&["--json"], &[])).expect("JSON");
    let reached =
        json["endpoints"].as_array().expect("endpoints").iter().filter(|e| e["ai"]["reached"] == true).count();
    assert!(plain.contains(&format!("an AI reaches {reached} of the {} below", endpoints().len())), "{reached}");
}

#[test]
fn the_tables_in_the_binary_say_what_the_committed_surface_says() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/api-surface.txt");
    let committed = std::fs::read_to_string(file).expect("docs/api-surface.txt");
    let printed = printed(&["surface"]);
    let differs = without_comments(&printed).into_iter().zip(without_comments(&committed)).find(|(a, b)| a != b);
    assert_eq!(differs, None, "the binary prints the first, the file has the second; see docs/updating-pve.md");
    assert_eq!(without_comments(&printed).len(), without_comments(&committed).len());
}

#[test]
fn the_release_and_the_source_are_named() {
    let version = printed(&["--version"]);
    let sha256 = version.split("schema sha256 ").nth(1).expect("the source").trim_end().trim_end_matches(')');
    let start = format!("proxmox-mcp {} (PVE API {RELEASE}, ", env!("CARGO_PKG_VERSION"));
    assert!(version.starts_with(&start), "{version}");
    assert!(sha256.len() == 64 && sha256.bytes().all(|b| b.is_ascii_hexdigit()), "{version}");
    let surface = printed(&["surface"]);
    let count = endpoints().len();
    let start = format!("# The Proxmox VE API in proxmox-mcp: release {RELEASE}, {count} of {METHODS} methods.\n");
    assert!(surface.starts_with(&start), "{surface}");
    assert!(surface.contains(sha256), "the same source");
}

#[test]
fn a_tool_a_path_and_a_function_choose_endpoints() {
    let names = |filter: &str| {
        let text = printed(&["surface", filter]);
        let name = |line: &&str| ["GET /", "POST /", "PUT /", "DELETE /"].iter().any(|verb| line.starts_with(verb));
        text.lines().filter(name).map(str::to_owned).collect::<Vec<_>>()
    };
    let start = "POST /nodes/{node}/qemu/{vmid}/status/start".to_owned();
    assert_eq!(names("qemu/{vmid}/status/start"), [start.as_str()]);
    assert_eq!(names("post_nodes_node_qemu_vmid_status_start"), [start.as_str()]);
    assert!(names("startVM").contains(&start));
    assert_eq!(names("startvm"), names("startVM"), "case does not count");
    assert!(names("vm.powermgmt").contains(&start), "permissions are searched");
    assert_eq!(names("DELETE /nodes/{node}/lxc/{vmid}").len(), 6, "the container, alias, set, member, rule, snapshot");
}

/// What tools call on the way: to log in, to learn the release and the privileges, to find a guest, to follow a task.
const ON_THE_WAY: [&str; 9] = [
    "GET /access/permissions",
    "POST /access/ticket",
    // What names a guest that is deleted; a token that may not see it deletes all the same.
    "GET /cluster/backup",
    "GET /cluster/replication",
    "GET /cluster/resources",
    "GET /nodes/{node}/tasks",
    "GET /nodes/{node}/tasks/{upid}/log",
    "GET /nodes/{node}/tasks/{upid}/status",
    "GET /version",
];

#[test]
fn the_overlay_names_for_each_tool_what_the_catalog_says_it_calls() {
    let name = |endpoint: &Endpoint| format!("{} {}", endpoint.method, endpoint.path);
    let named = || registry::all().filter(|tool| !tool.calls.is_empty());
    for tool in named() {
        let calls: BTreeSet<String> = tool.calls.iter().map(|endpoint| name(endpoint)).collect();
        let noted = endpoints().filter(|endpoint| endpoint.tools.iter().any(|named| named == tool.name)).map(name);
        let (on_the_way, noted): (BTreeSet<String>, BTreeSet<String>) =
            noted.partition(|name| ON_THE_WAY.contains(&name.as_str()) && !calls.contains(name));
        assert_eq!(noted, calls, "{}: apidata/overlay.toml and src/tools must agree", tool.name);
        assert!(on_the_way.contains("GET /version"), "{}", tool.name);
    }
    let told: BTreeSet<&str> = endpoints().flat_map(|endpoint| &endpoint.tools).map(String::as_str).collect();
    assert_eq!(told, named().map(|tool| tool.name).collect(), "no other tool is named");
}

#[test]
fn json_has_the_same_endpoints_with_their_facts() {
    let surface: Value = serde_json::from_str(&printed(&["surface", "--json"])).expect("JSON");
    assert_eq!(surface["release"], RELEASE);
    let listed = surface["endpoints"].as_array().expect("a list");
    assert_eq!(listed.len(), endpoints().len());
    let delete = listed.iter().find(|e| e["function"] == "delete_nodes_node_qemu_vmid").expect("it is there");
    assert_eq!((&delete["risk"], &delete["tools"]), (&"destroy".into(), &serde_json::json!(["deleteVM"])));
    let vmid = delete["params"].as_array().and_then(|params| params.iter().find(|p| p["name"] == "vmid"));
    assert_eq!(vmid.map(|vmid| (&vmid["minimum"], &vmid["in_path"])), Some((&100.into(), &true.into())));
    assert_eq!(Some(endpoints().len() as u64), surface["methods"].as_u64());
}

#[test]
fn a_filter_that_fits_nothing_says_what_to_do() {
    let output = Command::new(env!("CARGO_BIN_EXE_proxmox-mcp")).args(["surface", "nope"]).output().expect("it starts");
    assert!(!output.status.success() && output.stdout.is_empty());
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(message.contains("no endpoint of the API has `nope`") && message.lines().count() == 1, "{message}");
}

#[test]
fn the_page_carries_all_it_needs_and_every_endpoint() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let file = dir.path().join("surface.html");
    assert_eq!(printed(&["surface", "--html", &file.to_string_lossy()]), "");
    let page = std::fs::read_to_string(&file).expect("written");
    let data = page.split("id=\"data\">").nth(1).and_then(|rest| rest.split("</script>").next()).expect("its data");
    assert!(!data.contains('<'), "nothing in it can end the script element");
    // A pattern of the API may name a protocol; as data it leads nowhere.
    let page = page.replace(data, "");
    assert!(!page.contains("http:") && !page.contains("https:") && !page.contains("src="), "no network");
    let data: Value = serde_json::from_str(data).expect("JSON");
    assert_eq!(data["endpoints"].as_array().map(Vec::len), Some(endpoints().len()));
    assert_eq!((&data["release"], &data["methods"]), (&RELEASE.into(), &METHODS.into()));
}

/// Those that change nothing although they are no `GET`, each for a reason.
const READS: [(&str, &str); 5] = [
    ("POST /access/openid/auth-url", "makes the address at which a person logs in"),
    ("POST /access/ticket", "a login; no tool hands it out"),
    ("POST /access/vncticket", "checks a ticket"),
    ("POST /nodes/{node}/qemu/{vmid}/agent/fsfreeze-status", "asks the agent"),
    ("POST /nodes/{node}/qemu/{vmid}/agent/ping", "asks the agent"),
];

/// The risk of a method decides whether anybody is asked before it is called, so that each change of one is to be read by a
/// person: `tests/risks.txt` has every method that is no plain read, with its risk and the consent that its calls need.
#[test]
fn the_risks_of_all_methods_that_are_no_plain_reads_are_written_down() {
    let output = Command::new(env!("CARGO_BIN_EXE_proxmox-mcp"))
        .args(["surface", "--json"])
        .env("PROXMOX_MCP_API", "all")
        .output()
        .expect("the binary starts");
    let surface: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let mut lines = BTreeSet::new();
    for endpoint in surface["endpoints"].as_array().expect("endpoints") {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let (verb, path, risk) = (text(&endpoint["method"]), text(&endpoint["path"]), text(&endpoint["risk"]));
        if verb == "GET" && risk == "read" {
            continue;
        }
        let at = format!("{verb} {path}");
        assert_eq!(risk == "read", READS.iter().any(|(known, _)| *known == at), "{at} is {risk}");
        let (consent, many) = (text(&endpoint["ai"]["consent"]), endpoint["many_guests"] == true);
        lines.insert(format!("{risk:<8} {consent:<12} {:<4} {at}\n", if many { "many" } else { "" }));
    }
    let made: String = lines.into_iter().collect();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/risks.txt");
    if std::env::var_os("BLESS_RISKS").is_some() {
        std::fs::write(&file, &made).expect("tests/risks.txt is written");
    }
    let held = std::fs::read_to_string(&file).unwrap_or_default();
    let differs = made.lines().zip(held.lines()).find(|(made, held)| made != held);
    assert!(made == held, "first {differs:?}; if this is meant: BLESS_RISKS=1 cargo test --test surface risks");
}
