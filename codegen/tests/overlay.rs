//! The overlay: what it takes, what it refuses, and how it corrects a schema.

use codegen::model::Method;
use codegen::overlay::{EndpointAt, Overlay};
use serde_json::{Value, json};

fn schema() -> Value {
    json!([{
        "path": "/nodes", "info": {"GET": {"returns": {"type": "array", "items": {"properties": {
            "level": {"type": "string"}
        }}}}},
        "children": [{"path": "/nodes/{node}", "info": {"PUT": {"returns": {"type": "null"}}}}]
    }])
}

#[test]
fn conditions_and_rests_say_what_they_are_for() {
    wrong_with("[[condition]]\nat = [\"GET /version\"]\ntexts = []\nen = \"a\"\nes = \"b\"\n", "a condition needs");
    wrong_with("[[rest]]\nat = \"/a/b\"\nwhy = \"c\"\n", "`at` must be a path that ends with a placeholder");
}

fn wrong_with(text: &str, told: &str) {
    let problems = Overlay::parse(text, "overlay.toml").expect_err("this overlay is wrong");
    assert!(problems.iter().any(|problem| problem.message.contains(told)), "{problems:?}");
}

fn overlay(text: &str) -> Overlay {
    Overlay::parse(text, "overlay.toml").expect("this overlay is valid")
}

/// The one problem that parsing gives, as shown.
fn refused(text: &str) -> String {
    let problems = Overlay::parse(text, "overlay.toml").expect_err("this overlay is wrong");
    assert_eq!(problems.len(), 1, "{problems:?}");
    problems[0].to_string()
}

/// The one problem that applying to [`schema`] gives, as shown.
fn misfit(text: &str) -> String {
    let problems = overlay(text).apply(&mut schema(), Some("9.2"));
    assert_eq!(problems.len(), 1, "{problems:?}");
    problems[0].to_string()
}

#[test]
fn a_missing_field_is_added() {
    let overlay = overlay(
        "[[correction]]\nat = 'GET /nodes returns.items.properties.disk'\nexpect = 'absent'\n\
         set = { type = 'integer', optional = 1 }\nwhy = 'seen'\nsource = 'x'\n",
    );
    let mut schema = schema();
    assert_eq!(overlay.apply(&mut schema, Some("9.2")), []);
    let fields = &schema[0]["info"]["GET"]["returns"]["items"]["properties"];
    assert_eq!(fields["disk"], json!({"type": "integer", "optional": 1}));
    assert_eq!(fields["level"], json!({"type": "string"}), "the rest stays");
}

#[test]
fn a_wrong_value_deep_in_the_tree_is_replaced() {
    let overlay = overlay(
        "[[correction]]\nat = 'PUT /nodes/{node} returns.type'\nexpect = 'null'\nset = 'string'\nwhy = 'seen'\nsource = 'x'\n",
    );
    let mut schema = schema();
    assert_eq!(overlay.apply(&mut schema, None), []);
    assert_eq!(schema[0]["children"][0]["info"]["PUT"]["returns"], json!({"type": "string"}));
}

#[test]
fn a_field_that_the_schema_has_gained_is_reported_with_its_line() {
    let message = misfit(
        "\n\n[[correction]]\nat = 'GET /nodes returns.items.properties.level'\nexpect = 'absent'\n\
         set = { type = 'integer' }\nwhy = 'seen'\nsource = 'x'\n",
    );
    assert_eq!(
        message,
        "overlay.toml:4:6: GET /nodes › returns.items.properties.level: expected nothing there, but the schema now says \
         {\"type\":\"string\"}; remove this correction if that is right"
    );
}

#[test]
fn a_value_that_has_changed_is_reported_with_both_values() {
    let message = misfit(
        "[[correction]]\nat = 'PUT /nodes/{node} returns'\nexpect = { type = 'object' }\nset = {}\nwhy = 'seen'\nsource = 'x'\n",
    );
    assert_eq!(
        message,
        "overlay.toml:2:6: PUT /nodes/{node} › returns: expected {\"type\":\"object\"} there, but the schema says \
         {\"type\":\"null\"}; look at it again"
    );
}

#[test]
fn a_place_a_method_or_a_path_that_vanished_is_reported() {
    let at = |at: &str| {
        misfit(&format!("[[correction]]\nat = '{at}'\nexpect = 'x'\nset = 'y'\nwhy = 'seen'\nsource = 'x'\n"))
    };
    assert_eq!(
        at("GET /nodes returns.items.properties.gone.type"),
        "overlay.toml:2:6: GET /nodes › returns.items.properties.gone.type: the schema has no \
         `returns.items.properties.gone` any more; correct or remove this entry"
    );
    assert_eq!(
        at("DELETE /nodes returns.type"),
        "overlay.toml:2:6: DELETE /nodes › returns.type: the schema has no such method on this path any more; remove \
         this correction"
    );
    assert_eq!(
        at("GET /pools returns.type"),
        "overlay.toml:2:6: GET /pools › returns.type: the schema has no such path any more; remove this correction"
    );
}

#[test]
fn a_correction_for_other_releases_is_left_alone() {
    let overlay = overlay(
        "[[correction]]\nat = 'GET /nodes returns.items.properties.level'\nexpect = 'absent'\nset = 1\nwhy = 'seen'\nsource = 'x'\n\
         until = '8.1'\n",
    );
    assert_eq!(overlay.apply(&mut schema(), Some("9.2.3")), []);
    assert_eq!(overlay.apply(&mut schema(), None), [], "an unknown release may be another one");
    assert_eq!(overlay.apply(&mut schema(), Some("7.4-1")).len(), 1);
}

#[test]
fn all_entries_that_do_not_fit_are_reported_at_once() {
    let text = "[[correction]]\nat = 'GET /b x'\nexpect = 1\nset = 1\nwhy = 'w'\nsource = 'x'\n\
                [[correction]]\nat = 'GET /a x'\nexpect = 1\nset = 1\nwhy = 'w'\nsource = 'x'\n";
    let lines: Vec<usize> =
        overlay(text).apply(&mut schema(), Some("9.2")).iter().filter_map(|p| Some(p.line?.0)).collect();
    assert_eq!(lines, [2, 8]);
}

#[test]
fn an_endpoint_entry_gives_tools_and_whether_guests_write_in_the_reply() {
    let overlay = overlay(
        "[[endpoint]]\nat = 'POST /a/{b}'\ntools = ['doIt']\n\
         [[endpoint]]\nat = 'GET /a'\nguest_text = true\n",
    );
    let note = overlay.note(Method::Post, "/a/{b}").expect("it is described");
    assert_eq!((note.line, note.tools.as_slice(), note.guest_text), ((2, 6), &["doIt".to_owned()][..], false));
    assert!(overlay.note(Method::Get, "/a").is_some_and(|note| note.guest_text));
    assert!(overlay.note(Method::Get, "/a/{b}").is_none());
    let at = EndpointAt::parse("POST /a/{b}").expect("an endpoint");
    assert_eq!(overlay.tools().into_iter().collect::<Vec<_>>(), [("doIt", vec![&at])]);
    let stale = overlay.stale_notes(|at| at.method == Method::Get);
    assert_eq!(stale.len(), 1);
    assert_eq!(
        stale[0].to_string(),
        "overlay.toml:2:6: POST /a/{b}: the schema has no such endpoint any more; remove this entry"
    );
}

#[test]
fn entries_that_are_wrong_in_themselves_are_refused_with_their_line() {
    let note = |at: &str| format!("[[endpoint]]\nat = '{at}'\nguest_text = true\n");
    assert_eq!(
        refused(&note("FETCH /a")),
        "overlay.toml:2:6: FETCH /a: `at` must be a verb and a path, such as \"GET /version\""
    );
    assert_eq!(
        refused(&(note("GET /a") + &note("GET /a"))),
        "overlay.toml:5:6: GET /a: named a second time; the first is in line 2"
    );
    assert_eq!(
        refused("[[correction]]\nat = 'GET /a'\nexpect = 1\nset = 1\nwhy = 'w'\nsource = 'x'\n"),
        "overlay.toml:2:6: GET /a: `at` must be a verb, a path and a place, such as \"GET /nodes \
         returns.items.type\""
    );
    assert_eq!(
        refused("[[correction]]\nat = 'GET /a x'\nexpect = 1\nset = 1\nwhy = 'w'\nsource = 'x'\nsince = 'later'\n"),
        "overlay.toml:2:6: GET /a x: `since = \"later\"` must be a release such as \"9.2\" or \"9.2.3\""
    );
}

#[test]
fn text_that_is_not_an_overlay_is_refused_with_its_line() {
    assert!(refused("[[endpoint]]\nat = 'GET /a'\nsummary = 'x'\n").contains("unknown field `summary`"));
    assert!(refused("[[endpoint]]\ntools = ['x']\n").contains("missing field `at`"));
    assert!(refused("[[endpoints]]\n").contains("unknown field `endpoints`"));
    assert!(refused("at = \n").starts_with("overlay.toml:1:"));
}

/// Whoever doubts a correction finds what shows the lie: an exchange recorded from a host, or a file of Proxmox's.
#[test]
fn each_committed_correction_names_a_recorded_exchange_or_a_source() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let text = std::fs::read_to_string(root.join("apidata/overlay.toml")).expect("the overlay");
    let overlay = overlay(&text);
    let mut cases = String::new();
    for file in std::fs::read_dir(root.join("tests/recordings/facts")).expect("the recordings") {
        cases += &std::fs::read_to_string(file.expect("an entry").path()).expect("text");
    }
    let known: std::collections::BTreeSet<&str> = cases.lines().filter_map(|line| line.strip_prefix("case ")).collect();
    assert!(known.len() > 300 && overlay.corrections().len() > 100, "{} cases", known.len());
    let recorded = overlay.corrections().iter().filter_map(|c| Some((c, c.source.strip_prefix("case ")?)));
    let unknown: Vec<_> =
        recorded.clone().filter(|(_, case)| !known.contains(case)).map(|(c, _)| c.to_string()).collect();
    assert_eq!(unknown, [""; 0], "no such case is recorded");
    assert!(recorded.count() > 70);
}
