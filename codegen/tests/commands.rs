//! The maintainer's commands as they are typed: what they print, where, and how they end.

use std::{
    path::Path,
    process::{Command, Output},
};

use serde_json::Value;

fn codegen(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_proxmox-mcp-codegen")).args(args).output().expect("the command starts")
}

/// What a command printed; it must have ended with this code.
fn printed(args: &[&str], code: i32) -> String {
    let output = codegen(args);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{args:?}: {errors}");
    String::from_utf8(output.stdout).expect("text")
}

fn json(args: &[&str]) -> Value {
    serde_json::from_str(&printed(args, 0)).expect("JSON")
}

#[test]
fn diff_ends_well_unless_it_is_asked_to_judge() {
    let text = printed(&["diff", "8.4", "9.2"], 0);
    assert!(text.starts_with("8.4 → 9.2: "), "{text}");
    let headings: Vec<&str> = text.lines().filter(|l| l.ends_with(')') && !l.starts_with(' ')).collect();
    assert_eq!(headings.len(), 4, "{headings:?}");
    assert!(headings[0].starts_with("Breaking for callers (") && headings[3].starts_with("Noise ("), "{headings:?}");
    printed(&["diff", "8.4", "9.2", "--exit-code"], 3);
    printed(&["diff", "9.2", "9.2", "--exit-code"], 0);
}

#[test]
fn diff_as_json_has_every_change_by_itself_and_names_tools() {
    let diff = json(&["diff", "7.4", "8.4", "--json"]);
    let changes = diff["changes"].as_array().expect("a list");
    let start = changes
        .iter()
        .find(|c| c["endpoint"] == "POST /nodes/{node}/qemu/{vmid}/status/start" && c["what"] == "minimum 1 → 100");
    let start = start.expect("the bound of vmid has changed there");
    assert_eq!(start["class"], "breaking-for-callers");
    assert_eq!(start["tools"], serde_json::json!(["startVM"]));
}

#[test]
fn check_says_how_each_of_the_twelve_tools_fares() {
    let text = printed(&["check", "8.4"], 0);
    assert_eq!(text.lines().filter(|line| line.starts_with("  survives")).count(), 12, "{text}");
    assert!(text.ends_with("All 12 tools survive.\n"), "{text}");
}

#[test]
fn check_of_a_schema_without_an_endpoint_of_a_tool_ends_with_3() {
    let apidata = Path::new(env!("CARGO_MANIFEST_DIR")).join("../apidata/pve-9.2.json");
    let snapshot = std::fs::read_to_string(apidata).expect("the committed snapshot");
    let without = snapshot.replace("/nodes/{node}/qemu/{vmid}/status/start", "/nodes/{node}/qemu/{vmid}/status/begin");
    let dir = tempfile::tempdir().expect("a temporary folder");
    let file = dir.path().join("apidoc.js");
    std::fs::write(&file, format!("const apiSchema = {without};\n\nlet method2cmd = {{}};\n")).expect("written");
    let file = file.to_string_lossy();
    let text = printed(&["check", &file, "--release", "9.3"], 3);
    assert!(text.contains("  LOST      startVM\n"), "{text}");
    assert!(text.contains("POST /nodes/{node}/qemu/{vmid}/status/start\n  endpoint removed\n"), "{text}");
    assert!(text.ends_with("1 of 12 tools do not survive.\n"), "{text}");
}

#[test]
fn a_side_that_is_neither_a_file_nor_a_release_is_refused() {
    let output = codegen(&["diff", "9.2", "10.7"]);
    assert_eq!(output.status.code(), Some(1));
    let message = String::from_utf8_lossy(&output.stderr);
    let start = "error: 10.7: neither a file nor one of the committed releases 7.4, 8.4, 9.1, 9.2";
    assert!(message.starts_with(start) && message.lines().count() == 1, "{message}");
    assert!(output.stdout.is_empty());
}

#[test]
fn surface_filters_by_name_and_prints_json() {
    let text = printed(&["surface", "qemu/{vmid}/status/start"], 0);
    assert!(text.starts_with("POST /nodes/{node}/qemu/{vmid}/status/start\n"), "{text}");
    assert!(text.contains("  function post_nodes_node_qemu_vmid_status_start\n"), "{text}");
    assert!(text.contains("  param with-conntrack-state: boolean, optional, default 0, since 9.1\n"), "{text}");
    assert!(text.contains("  risk power\n") && text.contains("  tool startVM\n"), "{text}");
    let model = json(&["surface", "--json"]);
    assert!(model["known"].as_array().expect("a list").contains(&model["release"]), "{model}");
    let endpoints = model["endpoints"].as_array().expect("a list");
    assert!(endpoints.len() >= 175 && endpoints.iter().all(|e| e["summary"] != ""), "all are described");
    let output = codegen(&["surface", "no/such/path"]);
    assert_eq!(output.status.code(), Some(1));
    let errors = String::from_utf8_lossy(&output.stderr);
    let first = errors.lines().next();
    assert_eq!(first, Some("error: surface: no endpoint in scope has `no/such/path` in its name"), "{errors}");
}

#[test]
fn surface_of_another_release_leaves_its_file_whole_when_it_cannot_be_written() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let file = dir.path().join("surface.txt");
    let path = file.to_string_lossy().into_owned();
    assert_eq!(printed(&["surface", "--from", "8.4", "-o", &path], 0), "");
    let text = std::fs::read_to_string(&file).expect("written");
    assert!(
        text.starts_with("# The Proxmox VE API as proxmox-mcp has it: release 8.4, 173 of 605 methods.\n"),
        "{text}"
    );
    let output = codegen(&["surface", "-o", &dir.path().join("missing/surface.txt").to_string_lossy()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("surface.txt: cannot be written: "));
    assert_eq!(std::fs::read_dir(dir.path()).expect("a folder").count(), 1, "nothing is left behind");
}

#[test]
fn diff_as_a_page_has_what_breaks_first_and_both_sides() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let file = dir.path().join("diff.html");
    assert_eq!(printed(&["diff", "8.4", "9.2", "--html", &file.to_string_lossy()], 0), "");
    let page = std::fs::read_to_string(&file).expect("written");
    let data = page.split("id=\"data\">").nth(1).and_then(|rest| rest.split("</script>").next()).expect("its data");
    assert!(page.contains("releases since 8.4") && page.contains("releases since 9.2"), "both are told apart");
    assert!(!page.contains("releases in none"), "a method of the page is in one of its two releases");
    assert!(!data.contains('<'), "nothing in it can end the script element");
    let data: Value = serde_json::from_str(data).expect("JSON");
    let groups = data["diff"]["groups"].as_array().expect("a list");
    assert_eq!(groups[0]["class"], "Breaking for callers");
    let exec = groups[0]["endpoints"]
        .as_array()
        .and_then(|all| all.iter().find(|e| e["name"] == "POST /nodes/{node}/qemu/{vmid}/agent/exec"));
    let exec = exec.expect("it demands another privilege");
    let has = |side: &str, fact: &str| exec[side].as_array().is_some_and(|facts| facts.iter().any(|f| f == fact));
    assert!(has("old", "permission VM.Monitor on /vms/{vmid}"), "{exec}");
    assert!(has("new", "permission VM.GuestAgent.Unrestricted on /vms/{vmid}"), "{exec}");
}

#[test]
fn snapshots_are_those_of_the_working_directory_wherever_the_command_was_built() {
    let root = tempfile::tempdir().expect("a folder");
    let below = root.path().join("a/b");
    std::fs::create_dir_all(&below).expect("made");
    let run = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_proxmox-mcp-codegen"));
        command.args(["surface", "/version"]).current_dir(&below).output().expect("the command starts")
    };
    let none = run();
    let told = String::from_utf8_lossy(&none.stderr).into_owned();
    assert_eq!(none.status.code(), Some(1));
    assert!(told.contains("apidata/apidata.toml; run this in a working copy or say --apidata"), "{told}");
    std::fs::create_dir(root.path().join("apidata")).expect("made");
    std::fs::write(root.path().join("apidata/apidata.toml"), "mine").expect("written");
    let told = String::from_utf8_lossy(&run().stderr).into_owned();
    assert!(told.contains(&format!("{}/apidata/apidata.toml", root.path().display())), "{told}");
}
