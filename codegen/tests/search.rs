//! The search index of the default release: what it understands beyond the words, and what it withstands.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use codegen::{
    examples::{self, Judged, Requests},
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
const HELD_FIRST: usize = 92;
const HELD_THIRD: usize = 97;

fn apidata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../apidata")
}

static MADE: LazyLock<(SearchIndex, usize, Vec<String>)> = LazyLock::new(|| {
    let mut report = Report::default();
    let choice = Choice { apidata: apidata(), pick: None, release: None };
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

/// That each request is asked once and means methods that there are.
fn is_sound(requests: &[Judged]) {
    let at: BTreeSet<&String> = MADE.2.iter().collect();
    for request in requests {
        let expect = &request.expect;
        assert!(!expect.is_empty() && expect.iter().all(|e| at.contains(e)), "{}: {expect:?}", request.query);
    }
    let queries: BTreeSet<&str> = requests.iter().map(|request| request.query.as_str()).collect();
    assert_eq!(queries.len(), requests.len(), "each is asked once");
}

/// Holds what was found, in each language and for guests and other methods apart, to so many of a hundred at the first place
/// and among three.
fn reaches(figures: &find::Figures, first: usize, third: usize) {
    let rows: Vec<_> = figures.rows().collect();
    assert_eq!(rows.len(), 6, "both languages, guests and others");
    assert!(rows.iter().all(|(_, count)| count.all >= 40), "enough of each");
    let missed = figures.missed.join("\n");
    assert!(rows.iter().all(|(_, count)| count.reaches(first, third)), "{}{missed}", figures.text());
}

#[test]
fn requests_that_others_wrote_are_found_by_an_index_made_without_them() {
    let mut report = Report::default();
    is_sound(&examples::requests(&apidata(), &mut report).unwrap_or_else(|_| panic!("{report}")));
    let choice = Choice { apidata: apidata(), pick: None, release: None };
    let api = pipeline::model(&choice, &mut report).unwrap_or_else(|_| panic!("no model: {report}"));
    let figures = find::crossed(&api, &choice.apidata, &mut report).unwrap_or_else(|_| panic!("no index: {report}"));
    reaches(&figures, 85, 97);
}

/// Hardly fewer than were found when the set was first asked; the goal is 85 and 97.
#[test]
fn requests_that_nothing_was_made_for_are_found() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/requests/held-out.toml");
    let mut report = Report::default();
    let set: Option<Requests> = examples::read(&file, &mut report).unwrap_or_else(|_| panic!("{report}"));
    let set = set.expect("the set").request;
    is_sound(&set);
    let known = examples::requests(&apidata(), &mut report).unwrap_or_else(|_| panic!("{report}"));
    let known: BTreeSet<&str> = known.iter().map(|request| request.query.as_str()).collect();
    assert!(set.iter().all(|request| !known.contains(request.query.as_str())), "none is learned of");
    reaches(&find::figures(&MADE.0, &set), HELD_FIRST, HELD_THIRD);
}

#[test]
fn examples_are_of_methods_that_there_are() {
    let mut report = Report::default();
    let examples = examples::written(&apidata(), &mut report).unwrap_or_else(|_| panic!("{report}"));
    let at: BTreeSet<&String> = MADE.2.iter().collect();
    for example in &examples {
        assert!(!example.text.contains(['{', '}', '$']), "{}", example.text);
        assert!(example.methods.iter().all(|method| at.contains(method)), "{example:?}");
    }
    let said: BTreeSet<_> = examples.iter().map(|example| (&example.text, &example.methods)).collect();
    assert_eq!(said.len(), examples.len(), "each is said once");
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
