//! `check` held to its word: each fact that a tool relies on is changed, one at a time, and either the tool does not just
//! survive, or nothing that it does can tell.

use std::{collections::BTreeMap, path::Path, sync::LazyLock};

use codegen::{
    check::{Check, Fate},
    emit,
    model::{Api, Endpoint},
    pipeline::Known,
    releases,
    report::Report,
    source::{self, Source},
};
use serde_json::{Value, json};

fn apidata() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").join("apidata")
}

static KNOWN: LazyLock<Known> = LazyLock::new(|| {
    let mut report = Report::default();
    Known::read(&apidata(), &mut report).unwrap_or_else(|_| panic!("{report}"))
});

fn snapshot(release: &str) -> Value {
    let entry = KNOWN.index.snapshot(release).expect("it is committed");
    source::read_snapshot(&apidata().join(&entry.file)).expect("it can be read").tree
}

fn model(tree: Value, release: &str) -> Api {
    let source = Source { file: "changed".to_owned(), tree, sha256: String::new() };
    let mut report = Report::default();
    KNOWN.model(source, release, &mut report).unwrap_or_else(|_| panic!("{report}"))
}

/// The methods of a tree, each in a node of its own.
fn flat(nodes: Value, out: &mut Vec<Value>, keep: &dyn Fn(&str, &str) -> bool) {
    let Value::Array(nodes) = nodes else { return };
    for mut node in nodes {
        let path = node["path"].as_str().expect("a path").to_owned();
        if let Some(info) = node["info"].as_object() {
            for (method, info) in info.iter().filter(|(method, _)| keep(method, &path)) {
                out.push(json!({"path": path, "info": {method: info}}));
            }
        }
        flat(node["children"].take(), out, keep);
    }
}

/// The default release as far as the tools call it.
static CALLED: LazyLock<(Value, Api)> = LazyLock::new(|| {
    let release = KNOWN.index.written().to_owned();
    let whole = model(snapshot(&release), &release);
    let called: Vec<(&str, &str)> =
        whole.endpoints.iter().filter(|e| !e.tools.is_empty()).map(|e| (e.method.as_str(), e.path.as_str())).collect();
    let mut nodes = Vec::new();
    flat(snapshot(&release), &mut nodes, &|method, path| called.contains(&(method, path)));
    let tree = Value::Array(nodes);
    (tree.clone(), model(tree, &release))
});

type Change = Box<dyn Fn(&mut Value)>;

/// The object at a path of keys, where it is there.
fn at<'v>(info: &'v mut Value, keys: &[&str]) -> Option<&'v mut Value> {
    keys.iter().try_fold(info, |place, key| place.get_mut(key))
}

/// What can become of a fact, and whether the tools may just survive it.
fn changes(endpoint: &Endpoint, info: &Value) -> Vec<(String, Change, bool)> {
    let mut out: Vec<(String, Change, bool)> = Vec::new();
    let mut put = |what: String, change: Change, harmless| out.push((what, change, harmless));
    let list = info["returns"]["items"].is_object();
    let root: Vec<&'static str> = if list { vec!["returns", "items"] } else { vec!["returns"] };
    // The reply as a whole.
    for (what, to) in [
        ("null", json!({"type": "null"})),
        ("any", json!({"type": "any"})),
        ("gone", Value::Null),
        ("a list", json!({"type": "array", "items": {"type": "string"}})),
        ("an object", json!({"type": "object"})),
        ("a number", json!({"type": "integer"})),
    ] {
        if to["type"] == info["returns"]["type"] {
            continue;
        }
        put(format!("the reply becomes {what}"), Box::new(move |info| info["returns"] = to.clone()), false);
    }
    if !endpoint.reads.is_empty() && info.pointer(&format!("/{}/properties", root.join("/"))).is_some() {
        let keys = root.clone();
        let lose: Change = Box::new(move |info| {
            at(info, &keys).and_then(Value::as_object_mut).and_then(|object| object.remove("properties"));
        });
        put("the reply loses its shape".to_owned(), lose, false);
    }
    for read in &endpoint.reads {
        fields(read, &root, info, &mut put);
    }
    put(
        "a parameter is demanded".to_owned(),
        Box::new(|info| info["parameters"]["properties"]["zzz"] = json!({"type": "string"})),
        false,
    );
    if info["allowtoken"] != json!(0) {
        put("tokens are refused".to_owned(), Box::new(|info| info["allowtoken"] = json!(0)), false);
    }
    put(
        "other privileges are demanded".to_owned(),
        Box::new(|info| info["permissions"] = json!({"check": ["perm", "/zzz", ["Z"]]})),
        false,
    );
    for sent in &endpoint.sends {
        params(sent, info, &mut put);
    }
    for param in endpoint.params.iter().filter(|param| param.in_path) {
        let name = param.name.clone();
        let retype: Change = Box::new(move |info| info["parameters"]["properties"][&name]["type"] = json!("boolean"));
        put(format!("the placeholder {} is a boolean", param.name), retype, false);
    }
    out
}

fn fields(read: &str, root: &[&'static str], info: &Value, put: &mut impl FnMut(String, Change, bool)) {
    let name = read.trim_start_matches("[].").to_owned();
    let Some(field) = info.pointer(&format!("/{}/properties/{name}", root.join("/"))) else { return };
    let was = field["type"].as_str().unwrap_or("object").to_owned();
    let keys: Vec<&'static str> = root.iter().copied().chain(["properties"]).collect();
    for to in ["null", "any", "object", "array", "string", "integer", "number", "boolean"] {
        if to == was {
            continue;
        }
        let (keys, name) = (keys.clone(), name.clone());
        let harmless = ["integer", "number"].contains(&to) && ["integer", "number"].contains(&was.as_str());
        let change: Change = Box::new(move |info| {
            at(info, &keys).into_iter().for_each(|fields| fields[&name] = json!({"type": to, "optional": 1}));
        });
        put(format!("the field {read} becomes {to}"), change, harmless);
    }
    let (place, gone) = (keys.clone(), name.clone());
    let remove: Change = Box::new(move |info| {
        at(info, &place).and_then(Value::as_object_mut).and_then(|fields| fields.remove(&gone));
    });
    put(format!("the field {read} is gone"), remove, false);
    if field["optional"].is_null() {
        let optional: Change = Box::new(move |info| {
            at(info, &keys).into_iter().for_each(|fields| fields[&name]["optional"] = json!(1));
        });
        put(format!("the field {read} may be missing"), optional, false);
    }
}

fn params(sent: &str, info: &Value, put: &mut impl FnMut(String, Change, bool)) {
    let (name, values) = sent.split_once('=').unwrap_or((sent, ""));
    let (name, sometimes) = name.strip_suffix('?').map_or((name, false), |name| (name, true));
    let name = name.to_owned();
    let Some(param) = info.pointer(&format!("/parameters/properties/{name}")) else {
        panic!("{sent} is sent, but there is no such parameter")
    };
    let of = |name: &str, change: fn(&mut Value)| -> Change {
        let name = name.to_owned();
        Box::new(move |info| change(&mut info["parameters"]["properties"][&name]))
    };
    let gone = name.clone();
    let remove: Change = Box::new(move |info| {
        info["parameters"]["properties"].as_object_mut().and_then(|params| params.remove(&gone));
    });
    put(format!("{name} is no parameter any more"), remove, false);
    if param["type"] != "boolean" {
        put(format!("{name} is a boolean"), of(&name, |param| param["type"] = json!("boolean")), false);
    }
    put(format!("{name} is an object"), of(&name, |param| *param = json!({"type": "object", "optional": 1})), false);
    put(format!("{name} has other values"), of(&name, |param| param["enum"] = json!(["zzz"])), false);
    put(format!("{name} needs another"), of(&name, |param| param["requires"] = json!("zzz")), false);
    if !param["optional"].is_null() {
        let demand = of(&name, |param| param["optional"] = json!(0));
        put(format!("{name} is demanded"), demand, !sometimes);
    }
    if let (false, Some(listed)) = (values.is_empty(), param["enum"].as_array()) {
        let fewer: Vec<Value> =
            listed.iter().filter(|v| values.split('|').any(|value| **v == *value)).cloned().collect();
        let (of, fewer) = (name.clone(), Value::Array(fewer));
        let narrow: Change = Box::new(move |info| info["parameters"]["properties"][&of]["enum"] = fewer.clone());
        put(format!("{name} keeps the values that are sent"), narrow, true);
    }
}

#[test]
fn no_tool_just_survives_a_change_of_what_it_relies_on() {
    let (tree, whole) = &*CALLED;
    let mut wrong = Vec::new();
    let mut tried = 0;
    for node in tree.as_array().expect("a list") {
        let (method, info) = node["info"].as_object().and_then(|info| info.iter().next()).expect("one method");
        let name = format!("{method} {}", node["path"].as_str().expect("a path"));
        let endpoint = whole.endpoints.iter().find(|e| e.at() == name).expect("it is in the model");
        // What other methods say makes no difference to this one.
        let beside = || json!({"path": "/beside", "info": {"GET": {}}});
        let base = model(json!([node, beside()]), "9.2");
        let code = Blocks::of(&emit::code(&base));
        let mut changes = changes(endpoint, info);
        changes.push(("the endpoint is gone".to_owned(), Box::new(|info| *info = Value::Null), false));
        for (what, change, harmless) in changes {
            let mut changed = node.clone();
            let info = &mut changed["info"][method];
            change(info);
            if info.is_null() {
                changed["info"].as_object_mut().expect("methods").clear();
            }
            let mut new = model(json!([changed, beside()]), "9.3");
            let check = Check::of(&base, &new);
            tried += 1;
            let fates = check.tools.iter().filter(|tool| endpoint.tools.contains(&tool.name));
            let survives = fates.map(|tool| tool.fate).min() == Some(Fate::Survives);
            if survives && !harmless {
                wrong.push(format!("{name}: {what}: just survives"));
            }
            releases::complement(&mut new, &base);
            if let Some(lost) = code.missing_in(&Blocks::of(&emit::code(&new))) {
                wrong.push(format!("{name}: {what}: does not build: {lost}"));
            }
        }
    }
    assert!(tried > 500, "{tried} changes");
    assert!(wrong.is_empty(), "{} of {tried}\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn each_committed_release_has_the_types_that_the_code_is_written_for() {
    let release = KNOWN.index.written().to_owned();
    let written = model(snapshot(&release), &release);
    let code = Blocks::of(&emit::code(&written));
    assert!(code.0.len() > 200, "{} types", code.0.len());
    for entry in &KNOWN.index.snapshots {
        let mut api = model(snapshot(&entry.release), &entry.release);
        releases::complement(&mut api, &written);
        assert_eq!(code.missing_in(&Blocks::of(&emit::code(&api))), None, "{}", entry.release);
    }
}

/// What Rust code can name of generated code: of each struct its head, what makes it, and its other fields with their types.
/// Code that compiles with one of them compiles with another that has the same heads and makers and at least the same fields.
struct Blocks(BTreeMap<String, (Vec<String>, Vec<String>)>);

impl Blocks {
    fn of(code: &str) -> Self {
        let mut blocks = BTreeMap::new();
        for block in code
            .split("\n\n")
            .filter_map(|b| b.trim_start().strip_prefix("params! {").or(b.trim_start().strip_prefix("record! {")))
        {
            let (mut fixed, mut free, mut is_free) = (Vec::new(), Vec::new(), false);
            let mut lines = block.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("///"));
            let name = lines.next().expect("a name").to_owned();
            for line in lines {
                match line {
                    "optional {" | "fields {" => is_free = true,
                    "required {" | "keys {" => is_free = false,
                    "}" => {}
                    line if line.starts_with("extra \"") => {}
                    line if is_free => free.push(line.to_owned()),
                    line => fixed.push(line.to_owned()),
                }
            }
            blocks.insert(name, (fixed, free));
        }
        let constant = |line: &str| line.strip_prefix("pub const ")?.split(':').next().map(str::to_owned);
        blocks.extend(code.lines().filter_map(constant).map(|name| (name, (Vec::new(), Vec::new()))));
        Self(blocks)
    }

    fn missing_in(&self, other: &Self) -> Option<String> {
        self.0.iter().find_map(|(name, (fixed, free))| match other.0.get(name) {
            None => Some(name.clone()),
            Some((theirs, _)) if theirs != fixed => Some(format!("{name}: {theirs:?} is not {fixed:?}")),
            Some((_, theirs)) => free.iter().find(|line| !theirs.contains(line)).map(|line| format!("{name}: {line}")),
        })
    }
}
