//! Which crates there are, which of ours knows which, and that each dependency is used.

use std::fs;

use regex::Regex;

use super::{code, root, sources};

/// The manifests of this workspace: the folder of each, and which crates of ours it may know.
const CRATES: [(&str, &[&str]); 4] = [
    ("spec", &[]),
    ("search", &["spec"]),
    ("codegen", &["proxmox-mcp-search", "proxmox-mcp-spec"]),
    ("", &["proxmox-mcp-search", "proxmox-mcp-spec"]),
];

/// A manifest, and the names of what it depends on in these of its tables, with what each is called in the code.
fn depends(folder: &str, tables: &[&str]) -> Vec<(String, String)> {
    let manifest = fs::read_to_string(root().join(folder).join("Cargo.toml")).expect("a manifest");
    let manifest: toml::Table = manifest.parse().expect("TOML");
    let listed = tables.iter().filter_map(|table| manifest.get(*table)?.as_table()).flatten();
    let called = |name: &str, of: &toml::Value| {
        // One that is renamed where it is depended on, or one whose library has a name of its own.
        let path = of.get("path").and_then(toml::Value::as_str)?;
        let theirs = fs::read_to_string(root().join(folder).join(path).join("Cargo.toml")).expect("a manifest");
        let theirs: toml::Table = theirs.parse().expect("TOML");
        (of.get("package").is_none())
            .then(|| theirs.get("lib")?.get("name")?.as_str().map(str::to_owned))
            .flatten()
            .or_else(|| Some(name.to_owned()))
    };
    listed
        .map(|(name, of)| (name.clone(), called(name, of).unwrap_or_else(|| name.clone()).replace('-', "_")))
        .collect()
}

#[test]
fn crates_know_each_other_one_way() {
    for (folder, known) in CRATES {
        let ours = depends(folder, &["dependencies"]).into_iter().map(|(name, _)| name);
        let ours: Vec<_> = ours.filter(|name| name == "spec" || name.starts_with("proxmox-mcp")).collect();
        assert_eq!(ours, known, "{folder}");
        if !folder.is_empty() {
            let mut files = Vec::new();
            sources(&root().join(folder).join("src"), &mut files);
            let wrong: Vec<_> = files.iter().filter(|file| code(file).contains("proxmox_mcp::")).collect();
            assert!(!files.is_empty() && wrong.is_empty(), "{wrong:?}");
        }
    }
}

/// What is there for the sake of a feature of another crate, and is not named in the code.
const FOR_FEATURES: [&str; 1] = ["reqwest"];

/// That a dependency is used: each is named in the code of its crate.
#[test]
fn every_dependency_is_used() {
    let mut unused = Vec::new();
    for (folder, _) in CRATES {
        let at = root().join(folder);
        let read = |parts: &[&str]| {
            let mut files = Vec::new();
            parts.iter().for_each(|part| sources(&at.join(part), &mut files));
            files
                .iter()
                .flat_map(|file| [fs::read_to_string(file).expect("a source"), "\n".to_owned()])
                .collect::<String>()
        };
        let product = read(&["src"]);
        let others = read(&["src", "tests", "benches", "examples"]);
        let build = read(&["build.rs"]);
        for (table, text) in [("dependencies", product), ("dev-dependencies", others), ("build-dependencies", build)] {
            for (name, called) in depends(folder, &[table]) {
                let used = Regex::new(&format!(r"\b{called}(::|;|\s+as\s)")).expect("a pattern").is_match(&text);
                let for_features = table == "dependencies" && FOR_FEATURES.contains(&name.as_str());
                if !used && !for_features {
                    unused.push(format!("{folder}/Cargo.toml: {name} of [{table}]"));
                }
            }
        }
    }
    assert!(unused.is_empty(), "{unused:#?}");
}

/// A Rust program that wants the typed API and the client gets no server with them.
#[test]
fn the_library_alone_is_made_of_few_crates() {
    for (features, most) in [("", 25), ("client", 90)] {
        let mut cargo = std::process::Command::new(env!("CARGO"));
        cargo.args(["tree", "--locked", "--offline", "-e", "normal", "--prefix", "none", "--no-default-features"]);
        let tree = cargo.args(["--features", features]).current_dir(root()).output().expect("cargo runs");
        assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
        let tree = String::from_utf8(tree.stdout).expect("names of crates");
        let name = |line: &str| line.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
        let crates: std::collections::BTreeSet<_> = tree.lines().filter(|line| !line.is_empty()).map(name).collect();
        let servers = crates.iter().filter(|name| {
            ["axum ", "rmcp ", "clap ", "jsonwebtoken ", "rcgen "].iter().any(|server| name.starts_with(server))
        });
        assert_eq!(servers.count(), 0, "{crates:#?}");
        assert!((5..=most).contains(&crates.len()), "{features:?}: {} crates: {crates:#?}", crates.len());
    }
}
