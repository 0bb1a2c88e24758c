//! The words for each method: all are there, none is doubtful, and what is wrong in a file is told with its line.

use std::{collections::BTreeSet, path::Path};

use codegen::{
    model::{Method, Risk},
    pipeline::{self, Choice},
    report::Report,
    words::MethodWords,
};

fn apidata() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../apidata")
}

fn committed() -> MethodWords {
    let mut report = Report::default();
    let words = MethodWords::read(&apidata().join("words"), &mut report);
    assert_eq!(report.to_string(), "");
    words.expect("the words")
}

fn model(pick: Option<&str>) -> (codegen::model::Api, Report) {
    let mut report = Report::default();
    let choice = Choice { apidata: apidata(), pick: pick.map(str::to_owned), release: None };
    let api = pipeline::model(&choice, &mut report).unwrap_or_else(|_| panic!("no model: {report}"));
    (api, report)
}

#[test]
fn every_method_of_every_committed_release_has_words_in_both_languages() {
    for pick in [None, Some("7.4"), Some("8.4"), Some("9.1")] {
        let (api, _) = model(pick);
        let bare: Vec<String> =
            api.endpoints.iter().filter(|e| e.summary.is_empty() || e.summary_es.is_empty()).map(|e| e.at()).collect();
        assert_eq!(bare, [""; 0], "no words yet in {pick:?}");
        assert!(api.endpoints.iter().all(|e| e.summary != e.summary_es), "one language stands for both");
    }
}

#[test]
fn no_phrase_stands_twice_without_a_reason_and_none_repeats_the_path() {
    let doubts: Vec<String> = committed().doubts().iter().map(ToString::to_string).collect();
    assert_eq!(doubts, [""; 0], "{}", doubts.join("\n"));
}

/// What no reading of the names alone would give: each was looked up or measured.
#[test]
fn risks_are_the_worst_that_one_call_can_do() {
    let (api, _) = model(None);
    let risk = |method, path: &str| {
        api.endpoints.iter().find(|e| e.method == method && e.path == path).unwrap_or_else(|| panic!("{path}")).risk
    };
    for (method, path, expected) in [
        (Method::Post, "/nodes/{node}/qemu/{vmid}/agent/ping", Risk::Read),
        (Method::Post, "/nodes/{node}/qemu/{vmid}/agent/exec", Risk::Execute),
        (Method::Put, "/nodes/{node}/qemu/{vmid}/sendkey", Risk::Execute),
        (Method::Post, "/nodes/{node}/qemu/{vmid}/vncproxy", Risk::Execute),
        (Method::Get, "/nodes/{node}/qemu/{vmid}/vncwebsocket", Risk::Execute),
        (Method::Post, "/nodes/{node}/qemu/{vmid}/move_disk", Risk::Destroy),
        (Method::Put, "/nodes/{node}/qemu/{vmid}/config", Risk::Destroy),
        (Method::Post, "/nodes/{node}/vzdump", Risk::Destroy),
        (Method::Post, "/nodes/{node}/storage/{storage}/upload", Risk::Destroy),
        (Method::Post, "/nodes/{node}/storage/{storage}/download-url", Risk::Change),
        (Method::Post, "/nodes/{node}/status", Risk::Admin),
        (Method::Put, "/nodes/{node}/network", Risk::Admin),
        (Method::Post, "/nodes/{node}/services/{service}/stop", Risk::Admin),
    ] {
        assert_eq!(risk(method, path), expected, "{method} {path}");
    }
    for endpoint in &api.endpoints {
        let mild = matches!(endpoint.risk, Risk::Read | Risk::Power | Risk::Change);
        // What a task had done stays done.
        let harmless = endpoint.path == "/nodes/{node}/tasks/{upid}";
        assert!(endpoint.method != Method::Delete || !mild || harmless, "{} takes something away", endpoint.at());
        let looks = endpoint.method != Method::Get || matches!(endpoint.risk, Risk::Read | Risk::Execute);
        assert!(looks, "{} only looks, or opens a console", endpoint.at());
    }
}

#[test]
fn calls_that_can_act_on_several_guests_say_so() {
    let (api, _) = model(None);
    let many: BTreeSet<String> = api.endpoints.iter().filter(|e| e.many).map(|e| e.at()).collect();
    let expected = [
        "POST /cluster/bulk-action/guest/migrate",
        "POST /cluster/bulk-action/guest/shutdown",
        "POST /cluster/bulk-action/guest/start",
        "POST /cluster/bulk-action/guest/suspend",
        "POST /nodes/{node}/migrateall",
        "POST /nodes/{node}/startall",
        "POST /nodes/{node}/stopall",
        "POST /nodes/{node}/suspendall",
        "POST /nodes/{node}/vzdump",
    ];
    assert_eq!(many, expected.map(str::to_owned).into());
}

#[test]
fn a_method_without_words_is_shown_so_and_stops_nothing() {
    let copy = tempfile::tempdir().expect("a folder");
    for file in std::fs::read_dir(apidata()).expect("the snapshots").flatten().filter(|file| file.path().is_file()) {
        std::fs::copy(file.path(), copy.path().join(file.file_name())).expect("copied");
    }
    let mut report = Report::default();
    let choice = Choice { apidata: copy.path().to_owned(), pick: None, release: None };
    let api = pipeline::model(&choice, &mut report).unwrap_or_else(|_| panic!("it stopped: {report}"));
    let version = api.endpoints.iter().find(|e| e.path == "/version").expect("it is there");
    assert_eq!(version.says(false), "No words yet for GET /version.");
    assert_eq!(version.says(true), "Aún sin palabras para GET /version.");
    assert!(report.to_string().contains("there are no words for this method yet, nor are there for"), "{report}");
    assert!(codegen::surface::block(version, &api.known).contains("  no words yet\n"));
    let parts = codegen::surface::parts(version, &api.known);
    assert_eq!((&parts["described"], &parts["summary"]), (&false.into(), &"No words yet for GET /version.".into()));
}

#[test]
fn what_is_wrong_in_a_file_is_told_with_its_line() {
    let told = |text: &str| {
        let mut words = MethodWords::default();
        words.add(text, "w.toml").iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    let entry = |at: &str, en: &str| format!("[\"{at}\"]\nen = \"{en}\"\nes = \"Di.\"\nrisk = \"read\"\n");
    assert_eq!(told(&entry("GET /a", "Say.")), "");
    assert_eq!(
        told(&entry("FETCH /a", "Say.")),
        "w.toml:1:2: FETCH /a: the name of a table must be a verb and a path, such as [\"GET /version\"]"
    );
    assert_eq!(
        told(&format!("\n{}", entry("GET /a", &"x".repeat(121)))),
        "w.toml:2:2: GET /a: `en` must be one line of at most 120 characters; it has 121"
    );
    assert!(told(&entry("GET /a", "Say.").replace("\"read\"", "\"mild\"")).starts_with("w.toml:4:8: unknown variant"));
    assert!(told("[\"GET /a\"]\nen = \"Say.\"\n").contains("missing field `es`"));
    assert!(told(&(entry("GET /a", "Say.") + "asks = []\n")).contains("unknown field `asks`"));
    let mut words = MethodWords::default();
    assert_eq!(words.add(&entry("GET /a", "Say."), "a.toml"), []);
    let second: Vec<String> = words.add(&entry("GET /a", "Say."), "b.toml").iter().map(ToString::to_string).collect();
    assert_eq!(second, ["b.toml:1:2: GET /a: described a second time; the first is in a.toml:1"]);
}
