//! Which file of the tools knows which other, read from the sources.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;

use super::{code, is_test, root, sources};

/// A file as the compiler names it: `tools::audit::log`.
type Module = Vec<String>;

/// The files below `src/tools`, and what each says.
fn files() -> BTreeMap<Module, String> {
    let mut files = Vec::new();
    for part in ["src/tools", "src/tools.rs"] {
        sources(&root().join(part), &mut files);
    }
    let module = |file: &std::path::Path| -> Module {
        let path = file.strip_prefix(root().join("src")).expect("a source of ours").with_extension("");
        path.iter().map(|part| part.to_string_lossy().into_owned()).collect()
    };
    files.iter().filter(|file| !is_test(file)).map(|file| (module(file), code(file))).collect()
}

/// The paths of a `use` tree: `a::{b, c::d}` has `a::b` and `a::c::d`.
fn paths(tree: &str, before: &[String], found: &mut Vec<Module>) {
    let tree = tree.trim();
    let Some((head, rest)) = tree.split_once('{').filter(|_| tree.ends_with('}')) else {
        let name = tree.split(" as ").next().unwrap_or_default();
        found.push(before.iter().cloned().chain(name.split("::").map(|part| part.trim().to_owned())).collect());
        return;
    };
    let own = head.split("::").map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned);
    let before: Vec<_> = before.iter().cloned().chain(own).collect();
    let (mut depth, mut from) = (0, 0);
    let inner = &rest[..rest.len() - 1];
    for (at, c) in inner.char_indices().chain([(inner.len(), ',')]) {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                if !inner[from..at].trim().is_empty() {
                    paths(&inner[from..at], &before, found);
                }
                from = at + 1;
            }
            _ => {}
        }
    }
}

/// A path from the root of the package; nothing for one that leads elsewhere.
fn absolute(module: &Module, path: &[String], files: &BTreeMap<Module, String>) -> Option<Module> {
    let below = |path: &[String]| -> Module { module.iter().chain(path).cloned().collect() };
    match path.first()?.as_str() {
        "crate" => Some(path[1..].to_vec()),
        "self" => Some(below(&path[1..])),
        "super" => {
            let up = path.iter().take_while(|part| *part == "super").count();
            let kept = module.len().checked_sub(up)?;
            Some(module[..kept].iter().chain(&path[up..]).cloned().collect())
        }
        child => files.contains_key(&below(&[child.to_owned()])).then(|| below(path)),
    }
}

/// What each file names, and under which name it passes on what stands elsewhere.
struct Named {
    uses: BTreeMap<Module, Vec<Module>>,
    passed_on: BTreeMap<Module, BTreeMap<String, Module>>,
}

fn named(files: &BTreeMap<Module, String>) -> Named {
    let line = Regex::new(r"(?m)^\s*(pub(?:\([^)]*\))? )?use ([^;]+);").expect("a pattern");
    let inline = Regex::new(r"\b[a-z_]+(?:::\w+)+").expect("a pattern");
    let mut named = Named { uses: BTreeMap::new(), passed_on: BTreeMap::new() };
    for (module, code) in files {
        let (mut uses, mut passed_on) = (Vec::new(), BTreeMap::new());
        for found in line.captures_iter(code) {
            let mut all = Vec::new();
            paths(&found[2], &[], &mut all);
            for path in all.iter().filter_map(|path| absolute(module, path, files)) {
                if let (Some(_), Some(name)) = (found.get(1), path.last()) {
                    passed_on.insert(name.clone(), path.clone());
                    // What a folder shows of its own files, it need not know.
                    if path.starts_with(module) {
                        continue;
                    }
                }
                uses.push(path);
            }
        }
        let code = line.replace_all(code, "");
        for found in inline.find_iter(&code) {
            let path: Vec<_> = found.as_str().split("::").map(str::to_owned).collect();
            uses.extend(absolute(module, &path, files));
        }
        named.uses.insert(module.clone(), uses);
        named.passed_on.insert(module.clone(), passed_on);
    }
    named
}

/// The file in which what a path names is written, through whatever passes it on.
fn written(path: &[String], named: &Named, depth: usize) -> Option<Module> {
    let at = (1..=path.len()).rev().find(|at| named.uses.contains_key(&path[..*at]))?;
    let module = path[..at].to_vec();
    let further = path.get(at).and_then(|name| named.passed_on[&module].get(name));
    match further.filter(|_| depth < 8) {
        Some(further) => {
            let further: Vec<_> = further.iter().chain(&path[at + 1..]).cloned().collect();
            written(&further, named, depth + 1).or(Some(module))
        }
        None => Some(module),
    }
}

/// Which file knows which.
fn known() -> BTreeMap<String, BTreeSet<String>> {
    let named = named(&files());
    let edges = named.uses.iter().map(|(module, uses)| {
        let others = uses.iter().filter_map(|path| written(path, &named, 0)).filter(|other| other != module);
        (module.join("::"), others.map(|other| other.join("::")).collect())
    });
    edges.collect()
}

/// What is left when every file that knows no other of those left is taken away, again and again: circles, and what leads
/// into them.
fn circles(mut known: BTreeMap<String, BTreeSet<String>>) -> BTreeMap<String, BTreeSet<String>> {
    loop {
        let done: Vec<_> = known.iter().filter(|(_, others)| others.is_empty()).map(|(file, _)| file.clone()).collect();
        if done.is_empty() {
            return known;
        }
        known.retain(|file, _| !done.contains(file));
        known.values_mut().for_each(|others| others.retain(|other| !done.contains(other)));
    }
}

#[test]
fn no_file_of_the_tools_knows_one_that_knows_it() {
    let known = known();
    let edges: usize = known.values().map(BTreeSet::len).sum();
    assert!(known.len() > 40 && edges > 150, "{} files, {edges} imports: they are not read", known.len());
    // Both what stands in a `use` and what a line names, also through a file that passes it on.
    for (file, other) in [("tools::lookup", "tools::state"), ("tools::seal", "tools::seal::kept")] {
        assert!(known[file].contains(other), "{file} knows {other}: {:?}", known[file]);
    }
    let circles = circles(known);
    assert!(circles.is_empty(), "files that know each other: {circles:#?}");
}

#[test]
fn a_circle_is_found() {
    let known = [("a", "b"), ("b", "c"), ("c", "b"), ("d", "a")];
    let mut graph: BTreeMap<String, BTreeSet<String>> = BTreeMap::from([("e".to_owned(), BTreeSet::new())]);
    for (file, other) in known {
        graph.entry(file.to_owned()).or_default().insert(other.to_owned());
    }
    let left: Vec<_> = circles(graph).into_keys().collect();
    assert_eq!(left, ["a", "b", "c", "d"], "e knows nobody");
}
