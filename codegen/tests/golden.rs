//! Each quirk of the published schema in a tiny input of its own, with what must be generated from it.
//!
//! `tests/golden.rs` of the main package compiles the expected outputs against the real types.

use std::{fs, path::Path};

use codegen::{
    emit, lower,
    model::{Api, Endpoint},
    releases,
    report::Report,
    source, surface,
};
use proxmox_mcp_spec::schema;

const BLESS: &str = "BLESS=1 cargo test -p proxmox-mcp-codegen --test golden";

/// What a quirk's input becomes: the generated code, the facts of the model, and the problems that were reported.
fn output(dir: &Path) -> (String, String, String) {
    let mut report = Report::default();
    let index = r#"default = "9.2"
        typed = [{ at = "/t", why = "test" }, { at = "/nodes/{node}/t", why = "test" }]"#;
    let index = source::Index::parse(index, "apidata.toml", &mut report).expect("the index of the test is sound");
    let bytes = fs::read(dir.join("input.json")).expect("every folder has an input.json");
    let source = source::parse(&bytes, "input.json").expect("the input is JSON");
    let mut api = lower::lower(&source, "9.2", &index, &mut report);
    let copy = api.clone();
    releases::mark(&mut api, &[&copy]);
    assert!(report.check().is_ok(), "{}: {report}", dir.display());
    let text = emit::code(&api).replacen(env!("CARGO_PKG_VERSION"), "VERSION", 1);
    syn::parse_file(&text).unwrap_or_else(|e| panic!("{}: the output does not parse: {e}", dir.display()));
    (text, facts(&api), report.to_string())
}

/// Each endpoint as the surface has it, with the schemas of a tool that calls it.
fn facts(api: &Api) -> String {
    let block = |endpoint: &Endpoint| {
        let (input, output) = (schema::input(endpoint, "9.2"), schema::output(endpoint));
        format!("{}  input {input}\n  output {output}\n", surface::block(endpoint, &api.known))
    };
    api.endpoints.iter().map(block).collect::<Vec<_>>().join("\n")
}

/// Writes `actual` when asked to bless, otherwise says where it differs.
fn held(path: &Path, actual: &str, wrong: &mut Vec<String>) {
    let expected = fs::read_to_string(path).unwrap_or_default();
    if expected == actual {
        return;
    }
    if std::env::var_os("BLESS").is_some() {
        fs::write(path, actual).expect("the golden file can be written");
        return;
    }
    let line = expected.lines().zip(actual.lines()).position(|(a, b)| a != b);
    let line = line.unwrap_or_else(|| expected.lines().count().min(actual.lines().count()));
    let shown = |text: &str| text.lines().nth(line).unwrap_or("(nothing)").to_owned();
    wrong.push(format!(
        "{}:{}\n  expected {}\n  actual   {}",
        path.display(),
        line + 1,
        shown(&expected),
        shown(actual)
    ));
}

#[test]
fn every_quirk_gives_what_is_expected() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut dirs: Vec<_> = fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().path()).collect();
    dirs.sort();
    assert!(dirs.len() >= 30, "the quirks are gone from {}", root.display());
    let mut wrong = Vec::new();
    for dir in dirs {
        let (text, facts, report) = output(&dir);
        held(&dir.join("expected.rs"), &text, &mut wrong);
        held(&dir.join("facts.txt"), &facts, &mut wrong);
        held(&dir.join("report.txt"), &report, &mut wrong);
    }
    assert!(wrong.is_empty(), "{}\nwhen this is right, accept it with\n  {BLESS}", wrong.join("\n"));
}
