//! Every committed release: read, counted, generated, parsed, and its tool schemas held to what clients take.

use std::{path::Path, sync::LazyLock};

use codegen::{
    emit,
    model::Api,
    pipeline::{self, Choice},
    report::Report,
    source::Index,
};
use proxmox_mcp_spec::schema;
use serde_json::Value;

/// The committed releases, oldest first, as `apidata.toml` has them.
static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let mut report = Report::default();
    Index::read(&choice("").apidata, &mut report).unwrap_or_else(|| panic!("{report}"))
});

fn releases() -> impl Iterator<Item = &'static str> {
    INDEX.snapshots.iter().map(|snapshot| snapshot.release.as_str())
}

fn choice(pick: &str) -> Choice {
    let apidata = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").join("apidata");
    Choice { apidata, pick: Some(pick.to_owned()), release: None }
}

/// The models of all committed releases, made once.
static APIS: LazyLock<Vec<Api>> = LazyLock::new(|| {
    let model = |release: &str| {
        let mut report = Report::default();
        let api = pipeline::model(&choice(release), &mut report);
        assert!(report.problems().next().is_none(), "{release}: {report}");
        api.expect("no error was reported")
    };
    releases().map(model).collect()
});

fn api(release: &str) -> Api {
    APIS.iter().find(|api| api.release == release).expect("it is committed").clone()
}

/// The methods of a published tree by their paths, counted without the importer.
fn counted(nodes: &Value, paths: &mut Vec<String>) {
    for node in nodes.as_array().into_iter().flatten() {
        let methods = node["info"].as_object().map_or(0, serde_json::Map::len);
        paths.extend(std::iter::repeat_n(node["path"].as_str().expect("a path").to_owned(), methods));
        counted(&node["children"], paths);
    }
}

/// What the importer wrote down is what stands in the snapshots, and the model has all of it.
#[test]
fn counts_are_those_of_the_snapshots() {
    assert!(INDEX.snapshots.len() >= 4, "7.4, 8.4, 9.1 and 9.2 at least");
    for snapshot in &INDEX.snapshots {
        let release = snapshot.release.as_str();
        let text = std::fs::read_to_string(choice("").apidata.join(&snapshot.file)).expect("the snapshot");
        let mut paths = Vec::new();
        counted(&serde_json::from_str(&text).expect("JSON"), &mut paths);
        let of_guest = |path: &str| path.starts_with("/nodes/{node}/qemu") || path.starts_with("/nodes/{node}/lxc");
        let guests = paths.iter().filter(|path| of_guest(path)).count();
        assert_eq!((snapshot.methods, snapshot.guests), (Some(paths.len()), Some(guests)), "{release}");
        let api = api(release);
        let own = |releases: &[String]| releases.iter().any(|r| r == release);
        let generated = api.endpoints.iter().filter(|e| own(&e.releases) && of_guest(&e.path)).count();
        assert_eq!((api.methods, generated), (paths.len(), guests), "{release}");
        assert!(api.known.iter().map(String::as_str).eq(releases()));
    }
}

#[test]
fn the_code_of_every_release_parses_and_defines_every_endpoint() {
    for release in releases() {
        let api = api(release);
        let text = emit::code(&api);
        let file = syn::parse_file(&text).unwrap_or_else(|e| panic!("{release}: {e}"));
        let is_id = |item: &&syn::Item| matches!(item, syn::Item::Const(item) if matches!(&*item.ty, syn::Type::Path(path) if path.path.is_ident("Id")));
        assert_eq!(file.items.iter().filter(is_id).count(), api.endpoints.len(), "{release}");
        let is_request = |item: &&syn::Item| matches!(item, syn::Item::Macro(item) if item.mac.path.is_ident("params"));
        let typed = api.endpoints.iter().filter(|endpoint| endpoint.typed).count();
        assert_eq!(file.items.iter().filter(is_request).count(), typed, "{release}");
        let lines = text.lines().count();
        assert!(lines <= 10_000, "{release}: {lines} generated lines; docs/architecture.md promises at most 10,000");
    }
}

/// Hand-written code compiles against the generated code of any release because that names whatever the default does.
#[test]
fn older_releases_name_what_the_default_names_and_say_that_they_lack_it() {
    let (old, default) = (api("7.4"), api("9.2"));
    let endpoint = |api: &Api, path: &str| api.endpoints.iter().find(|e| e.path == path).cloned().expect("it is there");
    for endpoint in &default.endpoints {
        let other = old.endpoints.iter().find(|e| (&e.path, e.method) == (&endpoint.path, endpoint.method));
        let other = other.unwrap_or_else(|| panic!("7.4 does not name {}", endpoint.at()));
        for param in &endpoint.params {
            assert!(other.named(&param.name, param.indexed).is_some(), "{}: {}", endpoint.at(), param.published());
        }
    }
    let stop = endpoint(&old, "/nodes/{node}/qemu/{vmid}/status/stop");
    let overrule = stop.named("overrule-shutdown", false).expect("it is named");
    assert!(overrule.releases.starts_with(&["8.4", "9.1", "9.2"].map(str::to_owned)), "{:?}", overrule.releases);
    assert!(schema::input(&stop, "7.4")["properties"].get("overrule-shutdown").is_none(), "but not offered to tools");
    assert!(schema::input(&stop, "9.2")["properties"].get("overrule-shutdown").is_some());
}

/// A published file in the place of a committed snapshot: of the release that is named, or of none that is known.
#[test]
fn a_picked_file_takes_its_place_among_the_releases() {
    let pick = choice("9.2").apidata.join("pve-8.4.json").display().to_string();
    let known = |release: Option<&str>| {
        let choice = Choice { pick: Some(pick.clone()), release: release.map(str::to_owned), ..choice("") };
        let mut report = Report::default();
        pipeline::model(&choice, &mut report).map(|api| (api.release, api.known)).map_err(|_| report.to_string())
    };
    let committed = releases().map(str::to_owned).collect::<Vec<_>>();
    let of = |release: &str, at: Option<usize>| {
        let mut all = committed.clone();
        at.into_iter().for_each(|at| all.insert(at, release.to_owned()));
        Ok((release.to_owned(), all))
    };
    assert_eq!(known(None), of("local", Some(committed.len())));
    assert_eq!(known(Some("9.0")), of("9.0", Some(2)), "between 8.4 and 9.1");
    assert_eq!(known(Some("9.2")), of("9.2", None), "in the place of the committed one");
    assert!(known(Some("nine")).unwrap_err().contains("its release `nine` must be two numbers"));
}

#[test]
fn a_type_that_changed_is_told() {
    let default = api("9.2");
    let exec = default.endpoints.iter().find(|e| e.path.ends_with("/agent/exec")).expect("it is there");
    let command = exec.named("command", false).expect("it is there");
    assert_eq!(command.shape.kind.to_string(), "array<string>");
    assert_eq!(command.type_changed, [("7.4".to_owned(), "string".to_owned())]);
}

#[test]
fn tool_schemas_are_valid_and_within_what_clients_take() {
    for release in releases() {
        for endpoint in &api(release).endpoints {
            for schema in [schema::input(endpoint, release), schema::output(endpoint)] {
                let place = format!("{release} {}", endpoint.at());
                let valid = jsonschema::draft202012::meta::validate(&schema).map_err(|e| e.to_string());
                assert_eq!(valid, Ok(()), "{place}");
                assert_eq!(schema["type"], "object", "{place}");
                allowed(&schema, &place);
            }
        }
    }
}

/// Keywords that every client of the day reads; anything else is refused here before a client refuses the whole list.
const KEYWORDS: [&str; 15] = [
    "type",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "enum",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "pattern",
    "default",
    "description",
    "title",
    "minItems",
];

fn allowed(schema: &Value, place: &str) {
    let object = schema.as_object().unwrap_or_else(|| panic!("{place}: {schema} is no schema object"));
    assert!(!object.is_empty(), "{place}: an empty schema");
    for (key, value) in object {
        assert!(KEYWORDS.contains(&key.as_str()), "{place}: `{key}` is not read by every client");
        match key.as_str() {
            "type" => assert!(value.is_string(), "{place}: a choice of types"),
            "enum" => {
                let values = value.as_array().expect("a list");
                assert!(
                    !values.is_empty() && values.iter().all(|v| v.as_str().is_some_and(|v| !v.is_empty())),
                    "{place}"
                );
                assert_eq!(object["type"], "string", "{place}");
            }
            "additionalProperties" => assert_eq!(value, &Value::Bool(false), "{place}"),
            "properties" => {
                for (name, property) in value.as_object().expect("an object") {
                    let plain = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
                    assert!((1..=64).contains(&name.len()) && name.chars().all(plain), "{place}: `{name}`");
                    allowed(property, &format!("{place} {name}"));
                }
            }
            "items" => allowed(value, &format!("{place}[]")),
            "pattern" => {
                let pattern = value.as_str().expect("text");
                assert!(regex::Regex::new(pattern).is_ok(), "{place}: {pattern}");
                let foreign = ["(?^", "(?i", "(?<", "(?>", "(?=", "(?!", "\\d", "\\w", "\\A", "\\z", "[[:", "++", "*+"];
                assert!(!foreign.iter().any(|f| pattern.contains(f)), "{place}: {pattern}");
            }
            "description" => assert!(value.as_str().is_some_and(|t| !t.is_empty()), "{place}"),
            _ => {}
        }
    }
    for name in object.get("required").and_then(Value::as_array).into_iter().flatten() {
        assert!(
            object["properties"].get(name.as_str().expect("text")).is_some(),
            "{place}: {name} is required, not named"
        );
    }
}

#[test]
fn the_release_of_a_committed_one_is_not_said_a_second_time() {
    for (pick, release, ok) in [(None, "9.3", false), (Some("8.4"), "9.3", false), (Some("8.4"), "8.4", true)] {
        let mut report = Report::default();
        let choice = Choice { pick: pick.map(str::to_owned), release: Some(release.to_owned()), ..choice("") };
        assert_eq!(pipeline::model(&choice, &mut report).is_ok(), ok, "{pick:?} {release}: {report}");
        assert_eq!(report.to_string().contains("it is a committed release"), !ok, "{report}");
    }
}
