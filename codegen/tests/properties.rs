//! Whatever schema is accepted generates code that parses; whatever is not is refused without a panic.

use codegen::{emit, lower, model::Api, releases, report::Report, source};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Names as PVE has them, and names that nobody expects.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[a-z][a-z0-9_-]{0,8}",
        1 => "[a-z]{1,5}\\[n\\]",
        1 => "(type|self|ref|extra|crate|Self|_|fn|gen|2m|node|vmid|upid|id|status)",
        1 => "[ -~]{0,6}",
        1 => "\\PC{0,4}",
    ]
}

/// Text that may try to leave its literal or its comment.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z ]{0,12}",
        "\\PC{0,12}",
        Just("\"; */ \n }} fn x() {} \\".to_owned()),
        Just("r#\"\u{202e}".to_owned())
    ]
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|n| json!(n)),
        Just(json!(1.111_111_111_111_111e104)),
        text().prop_map(Value::from),
        prop::sample::select(vec!["0", "1", "16777216"]).prop_map(Value::from),
    ]
}

fn kind() -> impl Strategy<Value = Value> {
    let known = ["string", "integer", "number", "boolean", "object", "array", "null", "any", "coderef"];
    prop_oneof![
        8 => prop::sample::select(known.to_vec()).prop_map(Value::from),
        1 => scalar(),
        1 => Just(json!(["string", "null"])),
    ]
}

/// A schema: known keywords with values that mostly fit, within each other.
fn schema() -> impl Strategy<Value = Value> {
    let leaf = (kind(), prop::collection::vec((keyword(), scalar()), 0..4)).prop_map(|(kind, others)| {
        let mut schema: Map<String, Value> = others.into_iter().collect();
        schema.insert("type".to_owned(), kind);
        Value::Object(schema)
    });
    leaf.prop_recursive(3, 24, 4, |inner| {
        let named = prop::collection::btree_map(name(), inner.clone(), 0..4).boxed();
        prop_oneof![
            named.clone().prop_map(|properties| json!({"type": "object", "properties": properties})),
            named.prop_map(|format| json!({"type": "string", "format": format})),
            inner.clone().prop_map(|items| json!({"type": "array", "items": items})),
            prop::collection::vec(inner, 0..3).prop_map(|branches| json!({"oneOf": branches})),
        ]
    })
}

fn keyword() -> impl Strategy<Value = String> {
    let known = [
        "optional",
        "default",
        "enum",
        "minimum",
        "maximum",
        "minLength",
        "maxLength",
        "pattern",
        "format",
        "requires",
        "alias",
        "keyAlias",
        "default_key",
        "description",
        "items",
        "properties",
        "additionalProperties",
        "allOf",
    ];
    prop_oneof![9 => prop::sample::select(known.to_vec()).prop_map(str::to_owned), 1 => name()]
}

fn method() -> impl Strategy<Value = Value> {
    let parameters = (prop::collection::btree_map(name(), schema(), 0..6), 0..3)
        .prop_map(|(properties, open)| json!({"properties": properties, "additionalProperties": open}));
    (parameters, schema(), text(), scalar()).prop_map(|(parameters, returns, text, odd)| {
        json!({
            "parameters": parameters, "returns": returns, "name": text, "description": text, "proxyto": odd,
            "permissions": {"check": ["perm", text, [text], "any", odd]},
        })
    })
}

fn tree() -> impl Strategy<Value = Value> {
    let part = prop_oneof![3 => "[a-z]{1,6}", 1 => "\\{[a-z]{1,5}\\}", 1 => "[!-~]{0,5}"];
    let path = prop::collection::vec(part, 1..4).prop_map(|parts| format!("/t/{}", parts.join("/")));
    let verb = prop::sample::select(vec!["GET", "POST", "PUT", "DELETE"]);
    prop::collection::vec((path, verb, method()), 1..4).prop_map(|nodes| {
        nodes.into_iter().map(|(path, verb, method)| json!({"path": path, "info": {verb: method}})).collect()
    })
}

/// The model of a text, unless it is refused; then with at least one error.
fn accepted(text: &[u8]) -> Option<Api> {
    let mut report = Report::default();
    let index = "default = \"9.2\"\ntyped = [{ at = \"/t\", why = \"test\" }]";
    let index = source::Index::parse(index, "apidata.toml", &mut report)?;
    let source = source::parse(text, "input").ok()?;
    let mut api = lower::lower(&source, "9.2", &index, &mut report);
    let copy = api.clone();
    releases::mark(&mut api, &[&copy]);
    report.check().is_ok().then_some(api)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_accepted_schema_generates_code_that_parses(tree in tree()) {
        if let Some(api) = accepted(tree.to_string().as_bytes()) {
            let text = emit::code(&api);
            let parsed = syn::parse_file(&text);
            prop_assert!(parsed.is_ok(), "{:?}\n{tree}\n{text}", parsed.err().map(|e| e.to_string()));
        }
    }

    /// Numbers too, to the last bit.
    #[test]
    fn a_snapshot_reads_back_as_what_was_written(tree in tree()) {
        let mut stripped = tree;
        source::strip(&mut stripped, "input", &mut Report::default());
        let text = source::write(&stripped);
        let read = source::parse(text.as_bytes(), "input").map_err(|p| TestCaseError::fail(p.to_string()))?;
        prop_assert_eq!(&read.tree, &stripped);
        prop_assert_eq!(source::write(&read.tree), text);
    }

    #[test]
    fn damaged_bytes_are_refused_without_a_panic(tree in tree(), at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>()) {
        let mut bytes = tree.to_string().into_bytes();
        let at = at.index(bytes.len());
        if cut { bytes.truncate(at) } else { bytes[at] = byte }
        let _ = accepted(&bytes).map(|api| emit::code(&api));
    }
}
