//! What is shipped beside the binary says what the binary is: client snippets, registry entry, bundle, unit, image.

use std::{fs, path::Path};

use serde_json::{Value, json};

const TOOLS: [&str; 15] = [
    "listVMs",
    "getVM",
    "startVM",
    "stopVM",
    "restartVM",
    "deleteVM",
    "listContainers",
    "getContainer",
    "startContainer",
    "stopContainer",
    "restartContainer",
    "deleteContainer",
    "searchApi",
    "describeApi",
    "callApi",
];

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn file(path: &str) -> Value {
    serde_json::from_str(&read(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// Each client's file, the key that its documentation gives to servers, and the pages that show it.
const CLIENTS: [(&str, &str); 6] = [
    ("docs/clients/claude-desktop.json", "mcpServers"),
    ("docs/clients/claude-code.json", "mcpServers"),
    ("docs/clients/vscode.json", "servers"),
    ("docs/clients/cursor.json", "mcpServers"),
    ("docs/clients/zed.json", "context_servers"),
    ("docs/clients/continue.json", "mcpServers"),
];

#[test]
fn client_snippets_start_the_server_with_a_host_and_a_token_file() {
    for (path, key) in CLIENTS {
        let snippet = file(path);
        let server = &snippet[key]["proxmox"];
        assert_eq!(server["command"], "proxmox-mcp", "{path}");
        assert!(server["env"]["PROXMOX_HOST"].is_string(), "{path}");
        assert!(server["env"]["PROXMOX_TOKEN_FILE"].is_string(), "{path}: a snippet keeps the secret in a file");
        assert!(server["env"]["PROXMOX_FINGERPRINT"].is_string(), "{path}: most hosts have a certificate of their own");
        assert_eq!(snippet.as_object().map(serde_json::Map::len), Some(1), "{path}: only the key {key:?}");
    }
}

/// Each client's file for HTTP, the place of the server in it, and the keys that this client's documentation gives to one.
const OVER_HTTP: [(&str, &str, &[&str]); 5] = [
    ("docs/clients/http-claude-code.json", "/mcpServers/proxmox", &["type", "url", "headers"]),
    ("docs/clients/http-claude-desktop.json", "/mcpServers/proxmox", &["command", "args", "env"]),
    ("docs/clients/http-vscode.json", "/servers/proxmox", &["type", "url", "headers"]),
    ("docs/clients/http-cursor.json", "/mcpServers/proxmox", &["url", "headers"]),
    ("docs/clients/http-zed.json", "/context_servers/proxmox", &["url", "headers"]),
];

const ADDRESS: &str = "http://127.0.0.1:3000/mcp";

#[test]
fn each_client_has_a_snippet_for_http_in_its_own_syntax() {
    for (path, place, keys) in OVER_HTTP {
        let snippet = file(path);
        let server = snippet.pointer(place).unwrap_or_else(|| panic!("{path} has no {place}"));
        let named: Vec<_> = server.as_object().expect("an object").keys().collect();
        assert!(named.iter().all(|key| keys.contains(&key.as_str())) && named.len() == keys.len(), "{path}: {named:?}");
        match server.get("url") {
            Some(url) => {
                assert_eq!(url, ADDRESS, "{path}");
                let bearer = server["headers"]["Authorization"].as_str().expect("a header");
                assert!(bearer.starts_with("Bearer "), "{path}: {bearer}");
            }
            // Claude Desktop starts programs only: one that speaks HTTP for it.
            None => {
                assert_eq!((&server["command"], &server["args"][1]), (&json!("npx"), &json!("mcp-remote")), "{path}");
                assert_eq!((&server["args"][2], &server["args"][3]), (&json!(ADDRESS), &json!("--header")), "{path}");
                assert!(
                    server["env"]["AUTHORIZATION"].as_str().is_some_and(|text| text.starts_with("Bearer ")),
                    "{path}"
                );
            }
        }
    }
    // What VS Code asks for is declared beside the server.
    let vscode = file("docs/clients/http-vscode.json");
    let asked = vscode.pointer("/inputs/0").expect("an input");
    assert_eq!(
        vscode["servers"]["proxmox"]["headers"]["Authorization"],
        format!("Bearer ${{input:{}}}", asked["id"].as_str().expect("an id"))
    );
    assert_eq!((&asked["type"], &asked["password"]), (&json!("promptString"), &json!(true)));
}

#[test]
fn the_snippet_of_continue_is_a_block_of_its_yaml() {
    let text = read("docs/clients/http-continue.yaml");
    let documents = yaml_rust2::YamlLoader::load_from_str(&text).expect("YAML");
    let [block] = &documents[..] else { panic!("one document") };
    assert!(["name", "version", "schema"].iter().all(|key| block[*key].as_str().is_some()), "{text}");
    let server = &block["mcpServers"][0];
    assert_eq!((server["type"].as_str(), server["url"].as_str()), (Some("streamable-http"), Some(ADDRESS)));
    let bearer = server["requestOptions"]["headers"]["Authorization"].as_str().expect("a header");
    assert_eq!(bearer, "Bearer ${{ secrets.PROXMOX_MCP_BEARER }}");
}

#[test]
fn snippets_in_the_pages_are_the_files() {
    let paths = CLIENTS.iter().map(|(path, _)| path).chain(OVER_HTTP.iter().map(|(path, ..)| path));
    let files: Vec<Value> = paths.map(|path| file(path)).collect();
    let yaml = read("docs/clients/http-continue.yaml");
    for page in ["docs/getting-started.md", "docs/es/getting-started.md"] {
        let text = read(page);
        assert_eq!(
            blocks(&text, "json").into_iter().filter(|block| block.contains("127.0.0.1:3000")).count(),
            5,
            "{page}"
        );
        assert!(blocks(&text, "yaml").iter().any(|block| block.trim() == yaml.trim()), "{page}");
        assert!(text.contains("PROXMOX_FINGERPRINT=AA:BB:"), "{page}");
    }
    for page in ["README.md", "docs/getting-started.md"] {
        let mut shown = 0;
        for block in blocks(&read(page), "json") {
            let value: Value = serde_json::from_str(&block).unwrap_or_else(|e| panic!("{page}: {e} in\n{block}"));
            assert!(files.contains(&value), "{page}: this block is none of docs/clients:\n{block}");
            shown += 1;
        }
        assert!(shown > 0, "{page} shows no client");
    }
}

#[test]
fn the_bundle_manifest_is_this_version_and_these_tools() {
    let manifest = file("packaging/mcpb/manifest.json");
    assert_eq!(manifest["version"], env!("CARGO_PKG_VERSION"));
    let names: Vec<_> = manifest["tools"].as_array().expect("tools").iter().map(|t| &t["name"]).collect();
    assert_eq!(names, TOOLS);
    assert_eq!(manifest["user_config"]["token"]["sensitive"], true);
    let env = manifest["server"]["mcp_config"]["env"].as_object().expect("env");
    for (name, value) in env {
        let option = value.as_str().and_then(|v| v.strip_prefix("${user_config.")).and_then(|v| v.strip_suffix('}'));
        let option = &manifest["user_config"][option.unwrap_or_else(|| panic!("{name} is no user_config"))];
        // A value that is neither required nor defaulted would reach the server as the text `${user_config.…}`.
        assert!(option["required"] == true || !option["default"].is_null(), "{name}");
    }
}

/// `tests/kit/server.schema.json` has the rules of the registry's schema of 2025-12-11 for the fields that we use, and
/// allows no others.
#[test]
fn the_registry_entry_has_the_form_that_the_registry_takes() {
    let (entry, schema) = (file("server.json"), file("tests/kit/server.schema.json"));
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let problems: Vec<_> = validator.iter_errors(&entry).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert_eq!(problems, Vec::<String>::new());
    for (pointer, wrong) in [("/name", json!("no-slash")), ("/description", json!("x".repeat(101)))] {
        let mut broken = entry.clone();
        *broken.pointer_mut(pointer).expect("it is there") = wrong;
        assert!(!validator.is_valid(&broken), "{pointer}");
    }
    assert_eq!(entry["version"], env!("CARGO_PKG_VERSION"));
    for package in entry["packages"].as_array().expect("packages") {
        assert!(package["identifier"].as_str().is_some_and(|i| i.ends_with(env!("CARGO_PKG_VERSION"))));
        for variable in package["environmentVariables"].as_array().expect("variables") {
            let name = variable["name"].as_str().expect("name");
            assert!(proxmox_mcp::config::DEFINITIONS.iter().any(|d| d.name == name), "{name} is no setting");
            let secret = variable["isSecret"] == true;
            assert_eq!(secret, name.contains("TOKEN") || name.contains("PASSWORD"), "{name}");
        }
    }
}

#[test]
fn the_service_runs_without_privileges_and_keeps_the_token_out_of_its_environment() {
    let unit = read("packaging/systemd/proxmox-mcp.service");
    for line in [
        "DynamicUser=yes",
        "NoNewPrivileges=yes",
        "CapabilityBoundingSet=",
        "ProtectSystem=strict",
        "MemoryDenyWriteExecute=yes",
        "LoadCredential=proxmox-token:/etc/proxmox-mcp/token",
    ] {
        assert!(unit.lines().any(|l| l == line), "{line}");
    }
    assert!(!unit.contains("PROXMOX_TOKEN="));
}

#[test]
fn the_image_is_built_from_files_that_exist_and_does_not_run_as_root() {
    let (docker, ignore) = (read("Dockerfile"), read(".dockerignore"));
    let admitted: Vec<&str> = ignore.lines().filter_map(|l| l.strip_prefix('!')).collect();
    assert_eq!(docker.lines().filter(|l| l.starts_with("FROM ")).count(), 2);
    assert!(docker.lines().any(|l| l == "USER 65532:65532"));
    for line in docker.lines().filter(|l| l.starts_with("COPY ") && !l.contains("--from=")) {
        let mut words: Vec<&str> = line.split_whitespace().skip(1).collect();
        words.pop();
        for source in words {
            assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(source).exists(), "Dockerfile copies {source}");
            assert!(admitted.contains(&source), ".dockerignore keeps {source} out");
        }
    }
}

#[test]
fn every_package_carries_the_notices_of_what_is_linked_into_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let made = std::process::Command::new(root.join("packaging/notices")).output().expect("packaging/notices runs");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let notices = String::from_utf8(made.stdout).expect("text");
    let lock: toml::Table = read("Cargo.lock").parse().expect("Cargo.lock");
    let version = |name: &str| {
        let package = lock["package"].as_array()?.iter().find(|package| package["name"].as_str() == Some(name))?;
        Some(package["version"].as_str()?.to_owned())
    };
    for name in ["tokio", "rustls", "ring", "rmcp", "serde_json"] {
        let heading = format!("\n{name} {}\n    licence: ", version(name).expect("it is used"));
        let entry = notices.split_once(&heading).unwrap_or_else(|| panic!("no notice of {name}")).1;
        assert!(entry.lines().take(3).any(|line| line.starts_with("    text ")), "{name} has no text");
    }
    assert!(notices.contains("Permission is hereby granted") && notices.contains("Apache License"));
    assert!(notices.contains("\n---- the Rust standard library\n"));
    // What is used by tests alone is in no package.
    assert!(!notices.contains("\nproptest ") && !notices.contains("\nproxmox-mcp-spec "));
    let name = "THIRD-PARTY-NOTICES";
    assert!(
        read("Cargo.toml").contains(&format!("[\"target/release/{name}\", \"usr/share/doc/proxmox-mcp/\", \"644\"]"))
    );
    let image = read("Dockerfile");
    assert!(image.lines().any(|line| line.starts_with("COPY --from=build ") && line.contains(name)));
    assert!(read(".ci/package").contains("manifest.json LICENSE \"$notices\" \"$folder/bundle/\""));
}

/// The fenced blocks of one language in a page.
fn blocks(page: &str, language: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut open: Option<(usize, Vec<&str>)> = None;
    for line in page.lines() {
        let bare = line.trim_start();
        match &mut open {
            Some((_, body)) if bare == "```" => {
                found.push(body.join("\n"));
                open = None;
            }
            Some((indent, body)) => body.push(line.get(*indent..).unwrap_or(bare)),
            None if bare.strip_prefix("```") == Some(language) => open = Some((line.len() - bare.len(), Vec::new())),
            None => {}
        }
    }
    found
}
