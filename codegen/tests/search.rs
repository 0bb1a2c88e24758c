//! The search index of the default release: what it understands beyond the words, and what it withstands.

use std::{collections::BTreeSet, path::Path, sync::LazyLock};

use codegen::{
    find,
    model::Risk,
    pipeline::{self, Choice},
    report::Report,
};
use proptest::prelude::*;
use search::{SearchIndex, SearchLimits};

/// Bytes that the index may have in the binary.
const MOST: usize = 300_000;

/// Of a hundred held-out requests, how many are found at the first place and among three, in the weakest row.
const HELD_FIRST: usize = 78;
const HELD_THIRD: usize = 86;

static MADE: LazyLock<(SearchIndex, usize, Vec<String>)> = LazyLock::new(|| {
    let apidata = Path::new(env!("CARGO_MANIFEST_DIR")).join("../apidata");
    let mut report = Report::default();
    let choice = Choice { apidata, pick: None, release: None };
    let api = pipeline::model(&choice, &mut report).unwrap_or_else(|_| panic!("no model: {report}"));
    let packed = find::index(&api, &choice.apidata, &mut report).unwrap_or_else(|_| panic!("no index: {report}"));
    let size = packed.len();
    (find::ready(packed), size, api.endpoints.iter().map(codegen::model::Endpoint::at).collect())
});

fn search(text: &str, limits: SearchLimits<'_>) -> Vec<String> {
    MADE.0.search(text, limits).iter().map(search::Hit::at).collect()
}

fn first(text: &str) -> String {
    search(text, SearchLimits { count: 1, ..SearchLimits::default() }).pop().unwrap_or_default()
}

#[test]
fn the_index_is_small() {
    assert!(MADE.1 < MOST, "{} bytes", MADE.1);
}

/// What is found of a set of requests: each language, for guests and for other methods apart, held to so many of a hundred at
/// the first place and among three.
fn finds(file: &str, first: usize, third: usize) {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/requests").join(file));
    let set: find::Requests = toml::from_str(&text.expect("the set")).expect("a set of requests");
    let at: BTreeSet<String> = MADE.2.iter().cloned().collect();
    for request in &set.request {
        let expect = &request.expect;
        assert!(!expect.is_empty() && expect.iter().all(|e| at.contains(e)), "{}: {expect:?}", request.query);
    }
    let queries: BTreeSet<&str> = set.request.iter().map(|request| request.query.as_str()).collect();
    assert_eq!(queries.len(), set.request.len(), "each is asked once");
    let figures = find::figures(&MADE.0, &set.request);
    let rows: Vec<_> = figures.rows().collect();
    assert_eq!(rows.len(), 6, "both languages, guests and others");
    assert!(rows.iter().all(|(_, count)| count.all >= 40), "enough of each");
    let missed = figures.missed.join("\n");
    assert!(rows.iter().all(|(_, count)| count.reaches(first, third)), "{file}\n{}{missed}", figures.text());
}

#[test]
fn requests_of_the_development_set_are_found() {
    finds("development.toml", 85, 97);
}

/// Hardly fewer than were found when the set was first asked; the goal is 85 and 97.
#[test]
fn requests_that_nothing_was_made_for_are_found() {
    finds("held-out.toml", HELD_FIRST, HELD_THIRD);
}

#[test]
fn the_kind_of_a_guest_is_heard_in_both_languages() {
    for (vm, container, rest) in [
        ("reboot the virtual machine", "reboot the container", "status/reboot"),
        ("snapshots of vm 100", "snapshots of ct 100", "snapshot"),
        ("reinicia la máquina virtual", "reinicia el contenedor", "status/reboot"),
        ("instantáneas de la mv 100", "instantáneas del ct 100", "snapshot"),
    ] {
        let end = |kind: &str| format!("/nodes/{{node}}/{kind}/{{vmid}}/{rest}");
        assert!(first(vm).ends_with(&end("qemu")), "{vm}: {}", first(vm));
        assert!(first(container).ends_with(&end("lxc")), "{container}: {}", first(container));
    }
}

#[test]
fn one_and_all_are_told_apart() {
    for (one, all) in [
        ("shut down vm 101", "shut down all guests of the node"),
        ("apaga la vm 101", "apaga todos los huéspedes del nodo"),
    ] {
        assert_eq!(first(one), "POST /nodes/{node}/qemu/{vmid}/status/shutdown");
        assert_eq!(first(all), "POST /nodes/{node}/stopall");
    }
}

#[test]
fn slips_of_the_pen_and_missing_accents_change_nothing() {
    for (right, wrong) in [
        ("take a snapshot of the container", "take a snaphsot of the contaner"),
        ("delete the virtual machine", "delte the virtual mashine"),
        ("configuración de la máquina virtual", "configuracion de la maquina virtaul"),
        ("arráncala, la vm está apagada", "arrancala, la vm esta apagada"),
    ] {
        assert_eq!(first(right), first(wrong), "{right}");
    }
}

#[test]
fn words_that_are_said_together_mean_something_else_than_apart() {
    assert_eq!(first("turn vm 101 off"), "POST /nodes/{node}/qemu/{vmid}/status/shutdown");
    assert_eq!(first("turn on vm 101"), "POST /nodes/{node}/qemu/{vmid}/status/start");
    assert_eq!(first("back up vm 101"), "POST /nodes/{node}/vzdump");
    assert_eq!(
        first("roll the vm back to the snapshot"),
        "POST /nodes/{node}/qemu/{vmid}/snapshot/{snapname}/rollback"
    );
}

#[test]
fn a_risk_and_a_path_limit_what_is_found() {
    let risks = [Risk::Read];
    let read = MADE.0.search("delete a snapshot", SearchLimits { risks: &risks, path: "", count: 20 });
    assert!(!read.is_empty() && read.iter().all(|hit| hit.risk == Risk::Read), "{read:?}");
    let below = search("delete a snapshot", SearchLimits { risks: &[], path: "/nodes/{node}/lxc", count: 20 });
    assert!(!below.is_empty() && below.iter().all(|at| at.contains(" /nodes/{node}/lxc")), "{below:?}");
    assert_eq!(search("delete a snapshot", SearchLimits { risks: &[], path: "", count: 3 }).len(), 3);
    assert_eq!(search("delete a snapshot", SearchLimits::default()).len(), 0);
}

#[test]
fn what_nobody_knows_finds_nothing() {
    for text in ["", "   ", "!?…", "xyzzyx qwertzui", "the of and", "9999999999999999999999"] {
        assert_eq!(first(text), "", "{text}");
    }
}

#[test]
fn a_phrase_is_found_also_by_an_index_that_does_not_have_it() {
    let limits = SearchLimits { count: 3, ..SearchLimits::default() };
    let seen = MADE.0.search("list the snapshots of a vm", limits);
    let unseen = MADE.0.search_unseen("list the snapshots of a vm", limits);
    assert_eq!(seen[0].at(), "GET /nodes/{node}/qemu/{vmid}/snapshot");
    assert_eq!(unseen[0].at(), seen[0].at());
    assert!(unseen[0].score < seen[0].score, "the phrase itself was passed over");
}

#[test]
fn an_index_that_cannot_be_read_finds_nothing() {
    for bytes in [&b""[..], b"no index", &[0xff; 64]] {
        let index = SearchIndex::new(Vec::leak(bytes.to_vec()));
        assert!(index.search("reboot", SearchLimits { count: 5, ..SearchLimits::default() }).is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn no_request_is_too_odd(text in "\\PC{0,300}", count in 0usize..50) {
        let hits = MADE.0.search(&text, SearchLimits { count, ..SearchLimits::default() });
        prop_assert!(hits.len() <= count && hits.iter().all(|hit| hit.score.is_finite()));
    }
}
