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

/// How many tools the overlay names.
fn tools() -> usize {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../apidata/overlay.toml");
    let overlay: toml::Table = std::fs::read_to_string(file).expect("the overlay").parse().expect("TOML");
    let endpoints = overlay["endpoint"].as_array().expect("endpoints");
    let named = endpoints.iter().filter_map(|endpoint| endpoint.get("tools")?.as_array()).flatten();
    named.filter_map(toml::Value::as_str).collect::<std::collections::BTreeSet<_>>().len()
}

#[test]
fn check_says_how_each_tool_fares() {
    let text = printed(&["check", "8.4"], 0);
    let as_it_is = text.lines().filter(|line| line.starts_with("  survives")).count();
    let look =
        format!("All {} tools survive; look at the changes that touch {} of them.\n", tools(), tools() - as_it_is);
    assert!(text.ends_with(&look), "{text}");
    let look = "GET /cluster/replication\n  reply [].id: removed\n";
    assert!(text.contains(look), "8.4 does not say that a replication job has an id, which deletions look at: {text}");
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
    assert!(text.ends_with(&format!("1 of {} tools do not survive.\n", tools())), "{text}");
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
    assert!(
        endpoints.len() >= 675 && endpoints.iter().all(|e| e["typed"] == false || e["summary"] != ""),
        "all with types are described"
    );
    let output = codegen(&["surface", "no/such/path"]);
    assert_eq!(output.status.code(), Some(1));
    let errors = String::from_utf8_lossy(&output.stderr);
    let first = errors.lines().next();
    assert_eq!(first, Some("error: surface: no endpoint has `no/such/path` in its name"), "{errors}");
}

#[test]
fn surface_of_another_release_leaves_its_file_whole_when_it_cannot_be_written() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let file = dir.path().join("surface.txt");
    let path = file.to_string_lossy().into_owned();
    assert_eq!(printed(&["surface", "--from", "8.4", "-o", &path], 0), "");
    let text = std::fs::read_to_string(&file).expect("written");
    assert!(
        text.starts_with(
            "# The Proxmox VE API as proxmox-mcp has it: release 8.4, 605 methods, 0 of them without words yet.\n"
        ),
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

/// A working copy as far as an import needs one: the committed snapshots and the committed surface.
fn working_copy() -> tempfile::TempDir {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let copy = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(copy.path().join("docs")).expect("made");
    for folder in ["apidata", "apidata/words"] {
        std::fs::create_dir(copy.path().join(folder)).expect("made");
        for file in std::fs::read_dir(root.join(folder)).expect("what we know of the API") {
            let file = file.expect("an entry");
            if file.path().is_file() {
                std::fs::copy(file.path(), copy.path().join(folder).join(file.file_name())).expect("copied");
            }
        }
    }
    std::fs::copy(root.join("docs/api-surface.txt"), copy.path().join("docs/api-surface.txt")).expect("copied");
    copy
}

/// A published file: the newest snapshot as `change` makes it, within the code that hosts serve it in.
fn published(copy: &Path, change: impl Fn(&str) -> String) -> String {
    let snapshot = std::fs::read_to_string(copy.join("apidata/pve-9.2.json")).expect("the committed snapshot");
    let file = copy.join("apidoc.js");
    std::fs::write(&file, format!("const apiSchema = {};\n\nlet viewer = 1;\n", change(&snapshot))).expect("written");
    file.to_string_lossy().into_owned()
}

#[test]
fn import_as_the_default_writes_what_a_machine_can_and_names_what_a_person_must() {
    let copy = working_copy();
    let read = |file: &str| std::fs::read_to_string(copy.path().join(file)).expect("it is there");
    let before = read("apidata/overlay.toml");
    // A method that nobody can have described, beside one that everybody knows.
    let start = "\"/nodes/{node}/qemu/{vmid}/status/start\"";
    let file = published(copy.path(), |snapshot| {
        let at = snapshot.find(&format!("\"path\": {start}")).expect("it is there");
        let node = snapshot[..at].rfind("\"POST\": ").expect("its method");
        let (head, tail) = snapshot.split_at(node);
        format!("{head}\"PUT\": {{\"name\":\"vm_restart\",\"returns\":{{\"type\":\"null\"}}}},\n       {tail}")
    });
    let apidata = copy.path().join("apidata").to_string_lossy().into_owned();
    let output = codegen(&["import", "--release", "9.3", "--default", "--apidata", &apidata, &file]);
    let told = String::from_utf8(output.stdout).expect("text");
    let warned = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(warned.lines().all(|line| line.contains("status/start")), "what the overlay corrects is no news: {warned}");
    assert!(told.contains("pve-9.3.json: 676 methods,") && told.contains("160 of them below qemu and lxc"), "{told}");
    assert!(told.contains("new.toml: 1 new entry to fill in\n"), "{told}");
    let hand = told.split_once("Still to be written by hand:\n").expect("a list").1;
    let at = "PUT /nodes/{node}/qemu/{vmid}/status/start";
    assert!(hand.contains(&format!("{at}: the words of this entry are still to be written")), "{told}");
    assert!(hand.contains("docs/changelog.md") && hand.contains("src/demo/scenario/default.rs"), "{told}");
    let index = read("apidata/apidata.toml");
    assert!(index.contains("\nwritten = \"9.2\"\n"), "the code compiles as before: {index}");
    assert!(index.contains("# See README.md."), "{index}");
    assert!(index.contains("release = \"9.3\"") && index.ends_with("methods = 676\nguests = 160\n"), "{index}");
    let stub = format!("[\"{at}\"]\nen = \"\"\nes = \"\"\nrisk = \"destroy\"\nask = []\npide = []\n");
    assert_eq!(read("apidata/words/new.toml"), stub, "the stub is all that was added");
    assert_eq!(read("apidata/overlay.toml"), before);
    let surface = read("docs/api-surface.txt");
    assert!(surface.starts_with("# The Proxmox VE API as proxmox-mcp has it: release 9.3, "), "{surface}");
    assert!(surface.contains(&format!("{at}\n  function put_nodes_node_qemu_vmid_status_start\n")));
    let again = printed(&["import", "--release", "9.3", "--default", "--apidata", &apidata, &file], 0);
    assert!(!again.contains("to fill in"), "an entry that is there is not written a second time: {again}");
    assert_eq!(read("apidata/words/new.toml"), stub);
}

#[test]
fn import_as_the_default_of_a_schema_that_corrections_do_not_fit_says_so() {
    let copy = working_copy();
    let before = std::fs::read_to_string(copy.path().join("docs/api-surface.txt")).expect("the surface");
    let file =
        published(copy.path(), |snapshot| snapshot.replace("qemu/{vmid}/status/start", "qemu/{vmid}/status/begin"));
    let apidata = copy.path().join("apidata").to_string_lossy().into_owned();
    let refused = codegen(&["import", "--release", "9.3", "--default", "--apidata", &apidata, &file]);
    let errors = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(errors.contains("1 of the tools would not work with it, startVM;"), "{errors}");
    assert!(!copy.path().join("apidata/pve-9.3.json").exists(), "a file that costs a tool is refused");
    let told = printed(&["import", "--release", "9.3", "--default", "--force", "--apidata", &apidata, &file], 0);
    let stale =
        "POST /nodes/{node}/qemu/{vmid}/status/start: the schema has no such endpoint any more; remove this entry";
    assert!(told.contains(stale), "{told}");
    let surface = std::fs::read_to_string(copy.path().join("docs/api-surface.txt")).expect("the surface");
    assert!(surface != before && surface.contains("POST /nodes/{node}/qemu/{vmid}/status/begin\n"));
}

#[test]
fn a_snapshot_with_another_number_of_methods_than_was_imported_is_refused() {
    let copy = working_copy();
    let index = copy.path().join("apidata/apidata.toml");
    let text = std::fs::read_to_string(&index).expect("the index").replace("methods = 605", "methods = 606");
    std::fs::write(&index, text).expect("written");
    let apidata = copy.path().join("apidata").to_string_lossy().into_owned();
    let output = codegen(&["surface", "--apidata", &apidata]);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1));
    assert!(told.contains("pve-8.4.json: has 605 methods, but 606 were imported (apidata.toml)"), "{told}");
}

/// A tree with a method on each of these paths.
fn tree(paths: &[&str]) -> String {
    let node = |path: &&str| format!(r#"{{"path": "{path}", "info": {{"GET": {{"name": "x", "odd-keyword": 1}}}}}}"#);
    format!("const apiSchema = [{}];", paths.iter().map(node).collect::<Vec<_>>().join(","))
}

/// Files that a person may well take for the API of Proxmox VE, and the one sentence that each is worth.
#[test]
fn a_file_of_another_product_is_named_in_one_line_and_never_replaces_a_snapshot() {
    let copy = working_copy();
    let apidata = copy.path().join("apidata").to_string_lossy().into_owned();
    let before = std::fs::read(copy.path().join("apidata/pve-9.2.json")).expect("the snapshot");
    let index = std::fs::read(copy.path().join("apidata/apidata.toml")).expect("the index");
    let file = copy.path().join("input.js");
    let cases = [
        (tree(&["/admin/datastore", "/backup", "/nodes/{node}"]), "this is the API of Proxmox Backup Server, not of"),
        (tree(&["/config/ruledb", "/quarantine", "/nodes"]), "this is the API of Proxmox Mail Gateway, not of"),
        (tree(&["/pve", "/remotes", "/version"]), "this is the API of Proxmox Datacenter Manager, not of"),
        ("const apiSchema = [];".to_owned(), "the array is empty: there is no API in this file"),
        (tree(&["/version", "/nodes"]), "there is not one method for virtual machines or containers among the 2 of"),
    ];
    for (text, told) in &cases {
        std::fs::write(&file, text).expect("written");
        let path = file.to_string_lossy();
        let commands: [&[&str]; 4] = [
            &["check", &path],
            &["diff", "9.2", &path],
            &["import", "--release", "9.2", &path],
            &["surface", "--from", &path],
        ];
        for command in commands {
            let output = codegen(&[command, &["--apidata", &apidata]].concat());
            let errors = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(1), "{command:?}: {errors}");
            assert!(errors.contains(told) && errors.lines().count() == 1, "{command:?}: {errors}");
        }
    }
    assert_eq!(std::fs::read(copy.path().join("apidata/pve-9.2.json")).expect("the snapshot"), before);
    assert_eq!(std::fs::read(copy.path().join("apidata/apidata.toml")).expect("the index"), index);
}

#[test]
fn the_file_of_an_older_release_does_not_replace_the_snapshot_of_a_newer_one() {
    let copy = working_copy();
    let apidata = copy.path().join("apidata").to_string_lossy().into_owned();
    let older = std::fs::read_to_string(copy.path().join("apidata/pve-8.4.json")).expect("the snapshot");
    let file = copy.path().join("apidoc.js");
    std::fs::write(&file, format!("const apiSchema = {older}")).expect("written");
    let path = file.to_string_lossy();
    let output = codegen(&["import", "--release", "9.2", "--apidata", &apidata, &path]);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert!(errors.contains("of the methods of the snapshot of 9.2 that is there, such as"), "{errors}");
    assert!(errors.contains("it is of another release; nothing was changed; --force"), "{errors}");
    let told = printed(&["import", "--release", "9.2", "--force", "--apidata", &apidata, &path], 0);
    assert!(told.contains("pve-9.2.json: 605 methods"), "{told}");
}

#[test]
fn what_a_file_says_cannot_write_rust_or_turn_a_terminal_around() {
    let copy = working_copy();
    for path in [r"/nodes/{node}/x\n#[doc=include_str!(1)]", r"/nodes/\u001b[2J", r"/nodes/\u202ex", r"/nodes/\u200bx"]
    {
        let file = published(copy.path(), |snapshot| {
            snapshot.replacen("\"path\": \"/version\"", &format!("\"path\": \"{path}\""), 1)
        });
        let output = codegen(&["emit", "--from", &file]);
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{path}: {errors}");
        assert!(errors.contains("it must be of printable ASCII without blanks"), "{path}: {errors}");
        assert!(!errors.contains(['\u{1b}', '\u{202e}', '\u{200b}']), "{errors:?}");
    }
    // Values may be of any text: what is printed of them is written out.
    let file =
        published(copy.path(), |snapshot| snapshot.replace(r#""enum":["emerg""#, r#""enum":["em\u202e\u001b[2Jerg""#));
    for command in [&["surface", "--from", &file][..], &["diff", "9.2", &file, "--all"], &["emit", "--from", &file]] {
        let text = printed(command, 0);
        // Generated code shows values in comments alone, where what steers a terminal is a blank.
        let shown = if command[0] == "emit" { "" } else { r"em\u{202e}\u{1b}[2Jerg" };
        assert!(text.contains(shown), "{command:?}: the value is shown as it is");
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{command:?}: and does nothing");
    }
}

/// The twelve tools ask for a guest's state and read it; branches must say of it what one object did.
#[test]
fn replies_in_branches_give_the_very_code_that_one_object_gives() {
    let copy = working_copy();
    let code = |file: &str| {
        let emitted = printed(&["emit", "--from", file], 0);
        let same = |line: &&str| !line.contains("sha256") && !line.contains("SHA256") && !line.contains("RELEASE");
        emitted.lines().filter(same).map(str::to_owned).collect::<Vec<_>>()
    };
    // It holds the same whether the checksum names a committed release or not.
    let flat = code(&published(copy.path(), |snapshot| format!("{}\n]", snapshot.trim_end().trim_end_matches(']'))));
    let branched = published(copy.path(), |snapshot| {
        let mut tree: Value = serde_json::from_str(snapshot).expect("JSON");
        branch(&mut tree);
        tree.to_string()
    });
    assert!(code(&branched) == flat, "the code differs");
    let checked = printed(&["check", &branched, "--release", "9.3"], 0);
    assert!(checked.ends_with(&format!("All {} tools survive.\n", tools())), "{checked}");
}

/// Splits each reply that is an object, and the rows of each list, into branches of a few fields.
fn branch(nodes: &mut Value) {
    for node in nodes.as_array_mut().into_iter().flatten() {
        for info in node["info"].as_object_mut().into_iter().flat_map(|info| info.values_mut()) {
            let returns = &mut info["returns"];
            let object = if returns["items"].is_object() { &mut returns["items"] } else { returns };
            let Some(properties) = object.get("properties").and_then(Value::as_object).filter(|p| p.len() > 1) else {
                continue;
            };
            let part = |odd: usize| {
                let fields = properties.iter().enumerate().filter(|(i, _)| i % 2 == odd);
                let fields = fields.map(|(_, (name, field))| (name.clone(), field.clone()));
                serde_json::json!({"type": "object", "properties": fields.collect::<serde_json::Map<_, _>>()})
            };
            let parts = [part(0), part(1)];
            object.as_object_mut().expect("an object").remove("properties");
            object["allOf"] = parts.into();
        }
        if node.get("children").is_some() {
            branch(&mut node["children"]);
        }
    }
}

#[test]
fn import_explained_writes_nothing_and_names_each_difference_with_its_reason() {
    let copy = working_copy();
    let apidata = copy.path().join("apidata").to_string_lossy().into_owned();
    let file = published(copy.path(), |snapshot| {
        snapshot.replacen("{\"type\":\"string\"}", "{\"default\":\"as the node has it\",\"type\":\"string\"}", 1)
    });
    let text = printed(&["import", "--release", "9.3", "--explain", "--apidata", &apidata, &file], 0);
    for told in [
        "a default that is prose is left out (1)\n",
        "a format says nothing of what is no text (integer) (",
        "an alias stands for another key and has no type of its own (",
        "corrected: PVE 9.2 sends the number as text: \"108\". [case ",
        "`renderer` changes neither types nor schemas of tools: `diff` tells of it (",
        "  GET /cluster/nextid › returns.type\n",
    ] {
        assert!(text.contains(told), "{told}: {text}");
    }
    assert!(text.lines().last().is_some_and(|line| line.contains("are not generated as they are published")), "{text}");
    assert!(!copy.path().join("apidata/pve-9.3.json").exists());
    let all = printed(&["import", "--release", "9.3", "--explain", "--all", "--apidata", &apidata, &file], 0);
    assert!(all.lines().count() > text.lines().count() && !all.contains(" more\n"), "every place is named");
}

#[test]
fn recorded_replies_are_held_against_the_types() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("written");
    let listed = r#"{"data":[{"vmid":"100","status":"running","net-in":5,"mem":"much"},{"vmid":101,"status":"stopped","cpu":0.5}]}"#;
    write(
        "a.txt",
        &format!(
            "$ curl -sk -i -X GET 'https://h:8006/api2/json/nodes/pve/qemu?full=1'\n\nHTTP/1.1 200 OK\nServer: x\n\n{listed}\n\n# end\n"
        ),
    );
    write(
        "b.txt",
        &format!("$ curl -i https://h:8006/api2/json/nodes/pve/qemu\n\nHTTP/1.1 200 OK\r\nA: b\r\n\r\n{listed}"),
    );
    write(
        "c.txt",
        "$ curl -i -X GET https://h/api2/json/no/such/path\n\nHTTP/1.1 200 OK\n\n{\"data\":1}\n$ curl -i -X GET https://h/api2/json/nodes/pve/qemu/100/config\n\nHTTP/1.1 200 OK\n\n{\"data\":{\"net0\":\"virtio\",\"net\":1,\"scsi3\":\"a\"}}",
    );
    let path = folder.path().to_string_lossy();
    let text = printed(&["audit-replies", &path], 0);
    for told in [
        "GET /nodes/{node}/qemu\n  [].mem: text where integer is declared (2 replies, first in a.txt)\n",
        "  [].net-in: number, which no type knows (2 replies, first in a.txt)\n",
        "GET /nodes/{node}/qemu/{vmid}/config\n  net: number, which no type knows (1 replies, first in c.txt)\n",
        "3 replies of 2 methods, 1 of paths that the schema does not have; 3 differences\n",
    ] {
        assert!(text.contains(told), "{told}: {text}");
    }
    printed(&["audit-replies", &path, "--exit-code"], 3);
    assert_eq!(json(&["audit-replies", &path, "--json"])["differences"].as_array().map(Vec::len), Some(3));
    let empty = tempfile::tempdir().expect("a folder");
    let output = codegen(&["audit-replies", &empty.path().to_string_lossy()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("there is no recorded reply in it"));
}
