//! A name means one thing.

use std::collections::BTreeMap;

use regex::Regex;

use super::{code, is_test, root, sources};

/// Names that more than one public type has, each with why.
const SHARED: &[(&str, &str)] = &[
    ("Access", "which addresses a door answers, and which methods are reached"),
    ("Connections", "those of the HTTP door, and those that the demo allows"),
    ("Door", "the door of MCP, and what a listener stands before: neither is named outside its own folder"),
    ("Endpoint", "the model's, and the one address at which the HTTP door serves MCP"),
    ("Field", "of the index that is searched, and of a model's shape"),
    ("Found", "a method that an id names, and a word of the lexicon"),
    ("Guest", "the demo's scenario is written in PVE's own words"),
    ("GuestKind", "the demo's scenario is written in PVE's own words"),
    ("Key", "what seals, and the name of a field in a row"),
    ("Problem", "of a result, of the HTTP door as RFC 9457 has it, and of what the generator reads"),
    ("Reply", "what PVE says to the client, and what a tool says to a door"),
    ("Source", "where a setting came from, and where a schema did"),
    ("Token", "PVE's, the demo's PVE's, and the command that makes bearer tokens"),
    ("Value", "of a setting, and of an argument of a call"),
];

/// The public types of the program, the model, the generator and the search, by name.
fn types() -> BTreeMap<String, Vec<String>> {
    let mut files = Vec::new();
    for part in ["src", "spec/src", "codegen/src", "search/src"] {
        sources(&root().join(part), &mut files);
    }
    let made = Regex::new(r"(?m)^ *pub(?:\(crate\))? (?:struct|enum|trait|type|union) (\w+)").expect("a pattern");
    let mut types: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in files.iter().filter(|file| !is_test(file)) {
        let shown = file.strip_prefix(root()).expect("a source of ours").display().to_string();
        for found in made.captures_iter(&code(file)) {
            types.entry(found[1].to_owned()).or_default().push(shown.clone());
        }
    }
    types
}

#[test]
fn a_public_type_has_a_name_of_its_own() {
    let types = types();
    assert!(types.len() > 250, "{} types: they are not read", types.len());
    let twice: BTreeMap<_, _> = types.iter().filter(|(_, files)| files.len() > 1).collect();
    let new: Vec<_> = twice.iter().filter(|(name, _)| SHARED.iter().all(|(shared, _)| shared != *name)).collect();
    assert!(new.is_empty(), "names with two meanings: {new:#?}");
    let gone: Vec<_> = SHARED.iter().filter(|(name, _)| !twice.contains_key(&(*name).to_owned())).collect();
    assert!(gone.is_empty(), "no longer shared, so take them off the list: {gone:?}");
}
