//! What a real PVE sends and a careless reader trips over, release by release: every result must be what the tool's
//! output schema says, because clients throw away one that is not, and must still tell the truth.

use std::collections::BTreeMap;

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::{demo::Cluster, session::text};

const CLUSTER: &str = include_str!("../oddities.toml");
/// Those whose replies were recorded.
const RELEASES: [&str; 4] = ["7.4-3", "8.3.0", "9.1.1", "9.2.11"];
const VMS: [u32; 6] = [100, 101, 102, 103, 104, 105];
const CONTAINERS: [u32; 4] = [200, 201, 202, 203];

struct Reader {
    cluster: Cluster,
    session: crate::session::Session,
    schemas: BTreeMap<String, Validator>,
    release: &'static str,
}

impl Reader {
    fn new(release: &'static str) -> Self {
        let cluster = Cluster::toml(&CLUSTER.replace("9.2.11", release));
        let mut session = cluster.session();
        let tools = session.request("tools/list", json!({}))["result"]["tools"].clone();
        let schema = |tool: &Value| {
            let validator = jsonschema::validator_for(&tool["outputSchema"]).expect("a schema");
            (tool["name"].as_str().expect("a name").to_owned(), validator)
        };
        let schemas = tools.as_array().expect("a list").iter().map(schema).collect();
        Self { cluster, session, schemas, release }
    }

    /// Calls a tool and holds what it gives against its output schema.
    #[track_caller]
    fn call(&mut self, tool: &str, arguments: Value) -> Value {
        let result = self.session.call(tool, arguments.clone());
        let at = format!("{} {tool} {arguments}", self.release);
        assert!(!text(&result).trim().is_empty(), "{at}: no text");
        if let Some(facts) = result.get("structuredContent") {
            let wrong: Vec<_> = self.schemas[tool].iter_errors(facts).map(|e| e.to_string()).collect();
            assert!(wrong.is_empty(), "{at}: {wrong:?} in {facts}");
            let nulls = nulls("", facts);
            assert!(nulls.is_empty(), "{at}: null at {nulls:?}");
        } else {
            assert_eq!(result["isError"], true, "{at}: success without a structured result");
        }
        assert!(!result.to_string().contains("geheim"), "{at}: a secret");
        result
    }

    #[track_caller]
    fn facts(&mut self, tool: &str, arguments: Value) -> Value {
        let result = self.call(tool, arguments);
        crate::demo::facts(&result).clone()
    }
}

/// Where a value holds null.
fn nulls(at: &str, value: &Value) -> Vec<String> {
    match value {
        Value::Null => vec![at.to_owned()],
        Value::Array(values) => values.iter().flat_map(|value| nulls(&format!("{at}[]"), value)).collect(),
        Value::Object(map) => map.iter().flat_map(|(key, value)| nulls(&format!("{at}.{key}"), value)).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn every_read_is_what_its_output_schema_says_on_every_release() {
    for release in RELEASES {
        let mut reader = Reader::new(release);
        for (tool, here, away) in [("listVMs", &VMS[..], 300), ("listContainers", &CONTAINERS[..], 400)] {
            for detail in [json!({}), json!({"detail": "full"})] {
                let ids = |facts: &Value| -> Vec<u64> {
                    let rows = facts["guests"].as_array().expect("rows");
                    rows.iter().map(|row| row["vmid"].as_u64().expect("a number")).collect()
                };
                let all = reader.facts(tool, detail.clone());
                let expected: Vec<u64> = here.iter().chain([&away]).map(|id| u64::from(*id)).collect();
                assert_eq!(ids(&all), expected, "{release} {tool}");
                let last = all["guests"].as_array().and_then(|rows| rows.last()).expect("a row");
                assert_eq!(
                    (&last["status"], last.get("name")),
                    (&json!("unknown (node pve2 is offline)"), None),
                    "{release}: {last}"
                );
                let mut node = detail.clone();
                node["node"] = json!("pve1");
                assert_eq!(ids(&reader.facts(tool, node)).len(), here.len(), "{release} {tool} on pve1");
            }
        }
        for (tool, ids) in [("getVM", &VMS[..]), ("getContainer", &CONTAINERS[..])] {
            for id in ids {
                reader.facts(tool, json!({"vmid": id}));
                reader.facts(tool, json!({"vmid": id, "detail": "full"}));
            }
        }
        let away = reader.call("getVM", json!({"vmid": 300}));
        crate::demo::refused(&away, &["its node pve2 is offline", "Check that the node is up"]);
    }
}

#[test]
fn odd_values_are_read_for_what_they_are() {
    for release in RELEASES {
        let mut reader = Reader::new(release);
        let web = reader.facts("getVM", json!({"vmid": 100, "detail": "full"}));
        assert_eq!((&web["config"]["memory"]["current"], &web["config"]["kvm"]), (&json!(2048), &json!(false)));
        assert_eq!(web["pending"]["memory"]["value"]["current"], 4096, "{release}");
        assert_eq!(web["config"]["cipassword"], "**********");
        assert!(web["config"].get("tags").is_none() && web["live"].get("clipboard").is_none(), "{release}: {web}");
        let numbered = reader.facts("getVM", json!({"name": "1234"}));
        assert_eq!((&numbered["vmid"], &numbered["live"]["ha"]), (&json!(103), &json!(true)), "{release}");
        let limited = reader.facts("getContainer", json!({"vmid": 200, "detail": "full"}));
        assert_eq!(limited["config"]["cpulimit"], 1.5, "{release}");
        if let Some(pressure) = limited["live"].get("pressurecpusome") {
            assert!(pressure.is_number(), "{release}: {pressure}");
        }
        // One guest has one state, whichever list is asked.
        for arguments in [json!({"status": "paused"}), json!({"status": "paused", "node": "pve1"})] {
            let paused = reader.facts("listVMs", arguments.clone());
            assert_eq!((&paused["total"], &paused["guests"][0]["vmid"]), (&json!(1), &json!(101)), "{arguments}");
        }
        assert_eq!(reader.facts("getVM", json!({"vmid": 101}))["status"], "paused", "{release}");
        let one = reader.facts("listVMs", json!({"tag": "2"}));
        assert_eq!((&one["guests"][0]["vmid"], &one["guests"][0]["tags"]), (&json!(103), &json!("1;2")), "{release}");
    }
}

#[test]
fn what_changes_guests_keeps_its_output_schema_too() {
    for release in RELEASES {
        let mut reader = Reader::new(release);
        for (tool, arguments) in [
            ("startVM", json!({"vmid": 101})),
            ("startVM", json!({"vmid": 104})),
            ("startVM", json!({"vmid": 105})),
            ("startVM", json!({"vmid": 300})),
            ("startVM", json!({"vmid": 102})),
            ("restartVM", json!({"vmid": 100, "mode": "reset"})),
            ("stopVM", json!({"vmid": 100})),
            ("stopVM", json!({"vmid": 100})),
            ("deleteVM", json!({"vmid": 100})),
            ("deleteVM", json!({"vmid": 103})),
            ("deleteVM", json!({"vmid": 105})),
            ("startContainer", json!({"vmid": 200})),
            ("startContainer", json!({"vmid": 202})),
            ("restartContainer", json!({"vmid": 200})),
            ("stopContainer", json!({"vmid": 200})),
            ("deleteContainer", json!({"vmid": 201})),
            ("deleteContainer", json!({"vmid": 400})),
            ("deleteContainer", json!({"vmid": 200})),
        ] {
            reader.call(tool, arguments);
        }
        assert!(!reader.cluster.asked_since(0).iter().any(|asked| asked.starts_with("DELETE")));
    }
}
