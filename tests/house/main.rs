//! What docs/architecture.md says of the house, held by reading the sources: which part may know which, and that every
//! request to Proxmox VE is made of the id of an endpoint.

mod crates;
mod graph;
mod names;
mod sizes;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use regex::Regex;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The Rust sources below a folder, or the file itself.
fn sources(at: &Path, found: &mut Vec<PathBuf>) {
    if at.is_file() {
        found.push(at.to_owned());
        return;
    }
    for entry in fs::read_dir(at).into_iter().flatten() {
        let path = entry.expect("an entry").path();
        if path.is_dir() || path.extension().is_some_and(|kind| kind == "rs") {
            sources(&path, found);
        }
    }
}

/// What a file says outside its comments and its unit tests, which may know more than the code.
fn code(file: &Path) -> String {
    let text = fs::read_to_string(file).expect("a source");
    let own = text.find("\n#[cfg(test)]\nmod ").or_else(|| text.find("\n#[cfg(test)]\npub(super) mod "));
    let lines = text[..own.unwrap_or(text.len())].lines();
    lines.filter(|line| !line.trim_start().starts_with("//")).flat_map(|line| [line, "\n"]).collect()
}

fn is_test(file: &Path) -> bool {
    file.file_stem().is_some_and(|name| name == "tests" || name.to_string_lossy().ends_with("_tests"))
}

/// The parts of this package that a text names: `crate::client::…`, and those in `use crate::{client::…, spec}`.
fn named(text: &str) -> BTreeSet<String> {
    // The binary names the library's parts by the library's name.
    let text = &text.replace("proxmox_mcp::", "crate::");
    let path = Regex::new(r"\bcrate::([a-z_]+)").expect("a pattern");
    let mut parts: BTreeSet<String> = path.captures_iter(text).map(|found| found[1].to_owned()).collect();
    for (at, _) in text.match_indices("crate::{") {
        let mut depth = 0;
        let mut word = String::new();
        for c in text[at + "crate::".len()..].chars() {
            match c {
                '{' => depth += 1,
                '}' if depth == 1 => break,
                '}' => depth -= 1,
                ',' if depth == 1 => {}
                c if depth == 1 => {
                    word.push(c);
                    continue;
                }
                _ => continue,
            }
            parts.extend(word.trim().split("::").next().filter(|name| !name.is_empty()).map(str::to_owned));
            word.clear();
        }
        parts.extend(word.trim().split("::").next().filter(|name| !name.is_empty()).map(str::to_owned));
    }
    parts
}

/// What each part may know besides itself: nobody that stands further down, so that the way is one.
const MAY_KNOW: [(&str, &[&str]); 9] = [
    ("api", &["pve", "spec"]),
    ("client", &["api", "pve", "spec"]),
    ("demo", &["api", "pve", "spec"]),
    ("tools", &["api", "client", "pve", "spec"]),
    ("config", &["api", "client", "pve", "spec"]),
    ("server", &["api", "client", "pve", "spec", "tools"]),
    ("doctor", &["api", "client", "config", "pve", "spec", "tools"]),
    ("cli", &["api", "client", "config", "demo", "doctor", "pve", "server", "spec", "tools"]),
    ("main", &["cli"]),
];

/// Parts that know nobody, and that everybody may know.
const HELPERS: [&str; 5] = ["clock", "files", "foreign", "momentary", "near"];

/// The file that names the parts, and itself none.
const ROOT: &str = "lib";

/// Where `super` leads beyond the part that a file is in, if it does.
fn climbs_out(file: &Path, code: &str) -> bool {
    let below = file.strip_prefix(root().join("src")).expect("a source of ours").with_extension("");
    let depth = below.components().count();
    let up = Regex::new(r"\b(?:super::)+").expect("a pattern");
    up.find_iter(code).any(|found| found.as_str().matches("super").count() >= depth)
}

#[test]
fn nothing_imports_backwards() {
    let mut files = Vec::new();
    sources(&root().join("src"), &mut files);
    let part_of = |file: &Path| {
        let below = file.strip_prefix(root().join("src")).expect("a source of ours").with_extension("");
        below.components().next().expect("a part").as_os_str().to_string_lossy().into_owned()
    };
    let parts: BTreeSet<_> = files.iter().map(|file| part_of(file)).filter(|part| part != ROOT).collect();
    let settled: BTreeSet<_> = MAY_KNOW.iter().map(|(part, _)| part).chain(&HELPERS).map(ToString::to_string).collect();
    assert_eq!(parts, settled, "each part stands in the table, and each in the table is there");
    let mut wrong = Vec::new();
    for file in files.iter().filter(|file| !is_test(file)) {
        let part = part_of(file);
        let known = MAY_KNOW.iter().find(|(name, _)| *name == part).map_or(&[][..], |(_, known)| known);
        let code = code(file);
        if climbs_out(file, &code) {
            wrong.push(format!("{} names another part by `super`", file.display()));
        }
        for other in
            named(&code).into_iter().filter(|other| parts.contains(other) || ["pve", "spec"].contains(&&**other))
        {
            let helps = HELPERS.contains(&other.as_str()) && !HELPERS.contains(&part.as_str());
            if other != part && part != ROOT && !helps && !known.contains(&other.as_str()) {
                wrong.push(format!("{} knows {other}", file.display()));
            }
        }
    }
    // How the demo is started in a test: with the settings of a client that reaches it.
    wrong.retain(|what| !what.ends_with("src/demo/handle.rs knows client"));
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The table itself goes one way.
#[test]
fn no_two_parts_know_each_other() {
    let mut done: BTreeSet<&str> = ["pve", "spec"].into();
    let mut rest: Vec<_> = MAY_KNOW.to_vec();
    while let Some(at) = rest.iter().position(|(_, known)| known.iter().all(|known| done.contains(known))) {
        done.insert(rest.remove(at).0);
    }
    assert!(rest.is_empty(), "a circle: {rest:?}");
}

#[test]
fn the_model_knows_nothing_of_the_program_and_does_no_io() {
    let mut files = Vec::new();
    sources(&root().join("spec/src"), &mut files);
    sources(&root().join("search/src"), &mut files);
    assert!(files.len() > 10, "the model is gone");
    for file in files {
        let code = code(&file);
        for io in ["std::fs", "TcpStream", "UdpSocket", "std::env", "std::process", "tokio", "proxmox_mcp::"] {
            assert!(!code.contains(io), "{} has {io}", file.display());
        }
    }
}

/// A path is made in `Call::new` alone; the client makes requests of calls, and nobody else makes requests.
#[test]
fn every_request_is_made_of_an_id() {
    let mut files = Vec::new();
    ["src/client", "src/client.rs", "src/tools", "src/tools.rs", "src/doctor", "src/doctor.rs", "src/cli"]
        .iter()
        .for_each(|part| sources(&root().join(part), &mut files));
    let path = Regex::new(r#""/(?:nodes|cluster|access|version|storage|pools)\b[^"]*""#).expect("a pattern");
    let mut made: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in files.iter().filter(|file| !is_test(file)) {
        let code = code(file);
        let name = file.strip_prefix(root()).expect("a source of ours").display().to_string();
        let paths: Vec<_> = path.find_iter(&code).map(|found| found.as_str().to_owned()).collect();
        if !paths.is_empty() {
            made.insert(name.clone(), paths);
        }
        let builds = code.contains("Request::get(") || code.contains("format!(\"/nodes/");
        assert!(!builds, "{name} makes a path by itself");
    }
    // What is read of a path that came in, or of an access control list.
    let read = |paths: &[String]| paths.iter().all(|path| READ.contains(&path.as_str()));
    made.retain(|name, paths| !read(paths) && !TABLES.contains(&name.as_str()));
    assert!(made.is_empty(), "{made:#?}");
}

/// A connection to Proxmox VE takes requests from `Hosts::deliver`, and from the greeting, which carries no credentials.
#[test]
fn one_place_hands_requests_to_a_connection() {
    let mut files = Vec::new();
    sources(&root().join("src"), &mut files);
    for (does, only) in [("transport.attempt(", "src/client/deliver.rs"), ("?.greet(", "src/client/greeting.rs")] {
        let found = files.iter().filter(|file| code(file).contains(does));
        let found: Vec<_> = found.map(|file| file.strip_prefix(root()).expect("ours").display().to_string()).collect();
        assert_eq!(found, [only], "{does}");
    }
}

/// Tables of what methods are reached and how: paths of the model, by which its endpoints are told apart or looked up, and
/// never sent.
const TABLES: [&str; 4] =
    ["src/tools/whole/example.rs", "src/tools/whole/now.rs", "src/tools/whole/reach.rs", "src/tools/whole/target.rs"];

/// Beginnings that are compared with, never sent.
const READ: [&str; 1] = ["\"/nodes/\""];

/// `Utc::now` panics where the clock stands before 1970: the time is asked for in `clock` alone.
#[test]
fn the_time_is_asked_for_in_one_place() {
    let mut files = Vec::new();
    sources(&root().join("src"), &mut files);
    files.retain(|file| code(file).contains("Utc::now()") || code(file).contains("Local::now()"));
    assert!(files.is_empty(), "clock::now() belongs here: {files:#?}");
}
