//! The surface: what one block says, and that the committed file is what the generator prints.

use std::{fs, path::Path};

use codegen::{
    pipeline::{self, Choice},
    report::Report,
    surface,
};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace")
}

fn api() -> codegen::model::Api {
    let choice = Choice { apidata: root().join("apidata"), pick: None, release: None };
    let mut report = Report::default();
    pipeline::model(&choice, &mut report).unwrap_or_else(|_| panic!("{report}"))
}

#[test]
fn the_committed_surface_is_what_the_generator_prints() {
    let file = root().join("docs/api-surface.txt");
    let committed = fs::read_to_string(&file).unwrap_or_default();
    let printed = surface::text(&api());
    let differs = committed.lines().zip(printed.lines()).position(|(a, b)| a != b);
    let line = differs.unwrap_or_else(|| committed.lines().count().min(printed.lines().count())) + 1;
    assert!(
        committed == printed,
        "docs/api-surface.txt is stale from line {line} on. Refresh it with:\n  {}",
        surface::REFRESH
    );
}

#[test]
fn a_block_has_its_facts_sorted_beneath_its_name() {
    let api = api();
    for endpoint in &api.endpoints {
        let block = surface::block(endpoint, &api.known);
        let mut lines = block.lines();
        assert_eq!(lines.next(), Some(endpoint.at().as_str()));
        let facts: Vec<&str> = lines.collect();
        assert!(facts.is_sorted(), "{block}");
        assert!(facts.iter().all(|fact| fact.starts_with("  ") && !fact.starts_with("   ")), "{block}");
        for fact in ["permission ", "releases ", "reply", "risk "] {
            assert!(facts.iter().any(|line| line[2..].starts_with(fact)), "{fact} is missing in {block}");
        }
        let has = |fact: &str| facts.iter().any(|line| line[2..].starts_with(fact));
        assert_eq!((has("function "), has("summary ")), (endpoint.typed, endpoint.is_described()), "{block}");
        assert_ne!(has("summary "), has("no words yet"), "what nobody has described says so: {block}");
    }
}

#[test]
fn every_method_is_there() {
    let api = api();
    assert_eq!(api.endpoints.len(), api.methods);
    let text = surface::text(&api);
    let blocks = text.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_uppercase()) && line.contains(" /"));
    assert_eq!(blocks.count(), api.endpoints.len());
}

#[test]
fn every_endpoint_with_types_is_described_and_the_twelve_tools_are_there() {
    let api = api();
    assert_eq!(
        api.endpoints
            .iter()
            .filter(|e| e.typed && !e.is_described())
            .map(codegen::model::Endpoint::at)
            .collect::<Vec<_>>(),
        [""; 0]
    );
    let mut tools: Vec<&str> = api.endpoints.iter().flat_map(|e| &e.tools).map(String::as_str).collect();
    tools.sort_unstable();
    tools.dedup();
    assert_eq!(
        tools,
        [
            "configureGuest",
            "createSnapshot",
            "deleteContainer",
            "deleteSnapshot",
            "deleteVM",
            "getContainer",
            "getTask",
            "getVM",
            "listContainers",
            "listSnapshots",
            "listTasks",
            "listVMs",
            "moveDisk",
            "resizeDisk",
            "restartContainer",
            "restartVM",
            "rollbackSnapshot",
            "startContainer",
            "startVM",
            "stopContainer",
            "stopTask",
            "stopVM",
        ]
    );
}

/// What PVE says in prose alone of who may call a method is told in our words, or it is told that there is something.
#[test]
fn permissions_tell_what_pve_says_in_prose() {
    let api = api();
    let said: Vec<_> = api.endpoints.iter().filter(|e| e.condition_text.is_some()).collect();
    assert!(said.len() > 100, "{} methods", said.len());
    let guests = said
        .iter()
        .filter(|e| ["qemu", "lxc"].iter().any(|kind| e.path.starts_with(&format!("/nodes/{{node}}/{kind}"))));
    let unsaid: Vec<_> = guests.clone().filter(|e| e.condition.is_empty() || e.condition_es.is_empty()).collect();
    assert_eq!((guests.count(), unsaid.len()), (19, 0), "each of guests has words of ours: {unsaid:?}");
    for endpoint in said {
        let block = surface::block(endpoint, &api.known);
        let line = block.lines().find(|line| line.starts_with("  permission ")).expect("a permission");
        assert!(line.contains("; "), "{line}");
    }
    let create = api.endpoints.iter().find(|e| e.at() == "POST /nodes/{node}/qemu").expect("it is there");
    let told = codegen::facts::who(create, false);
    assert!(told.starts_with("any user; PVE demands VM.Allocate on /vms/{vmid} or on /pool/{pool}"), "{told}");
    assert!(codegen::facts::who(create, true).contains("PVE exige VM.Allocate"));
}

#[test]
fn corrections_and_paths_that_take_the_rest_are_marked() {
    let text = surface::text(&api());
    assert!(text.contains("\n  corrected returns.items.properties.pid\n"), "where we know better");
    assert!(text.contains("\n  param cidr: string, in path, slashes too"), "{text}");
    assert!(text.contains("\n  param volume: string, in path, slashes too"), "{text}");
}
