//! What a real PVE 9.2 said to wrong parameters.

use super::*;
use crate::spec::{Method, Param, Permission, Risk, SubKey};
use serde_json::json;

const PLAIN: Shape = Shape {
    kind: Kind::String,
    values: &[],
    minimum: None,
    maximum: None,
    min_length: None,
    max_length: None,
    pattern: None,
    format: Format::None,
    default: None,
};

const fn param(name: &'static str, shape: Shape) -> Param {
    Param {
        name,
        in_path: false,
        indexed: false,
        optional: true,
        requires: None,
        shape,
        releases: &["9.2"],
        type_changed: &[],
    }
}

const MODELS: &[&str] = &["e1000", "virtio"];

static NET: &[SubKey] = &[
    SubKey {
        name: "e1000",
        default_key: false,
        optional: true,
        alias: Some("macaddr"),
        key_alias: Some("model"),
        shape: PLAIN,
    },
    SubKey {
        name: "firewall",
        default_key: false,
        optional: true,
        alias: None,
        key_alias: None,
        shape: Shape { kind: Kind::Boolean, ..PLAIN },
    },
    SubKey {
        name: "macaddr",
        default_key: false,
        optional: true,
        alias: None,
        key_alias: None,
        shape: Shape { format: Format::Named("mac-addr"), ..PLAIN },
    },
    SubKey {
        name: "model",
        default_key: true,
        optional: false,
        alias: None,
        key_alias: None,
        shape: Shape { values: MODELS, ..PLAIN },
    },
];

static PARAMS: &[Param] = &[
    Param {
        in_path: true,
        optional: false,
        ..param("vmid", Shape { kind: Kind::Integer, format: Format::Named("pve-vmid"), minimum: Some(100.0), ..PLAIN })
    },
    param("timeout", Shape { kind: Kind::Integer, minimum: Some(0.0), ..PLAIN }),
    param("full", Shape { kind: Kind::Boolean, ..PLAIN }),
    param("migration_type", Shape { values: &["secure", "insecure"], ..PLAIN }),
    param("description", Shape { max_length: Some(8), ..PLAIN }),
    param("delete", Shape { format: Format::Named("pve-configid-list"), ..PLAIN }),
    param("date", Shape { pattern: Some("(?^:(now|\\d{4}-\\d{1,2}))"), ..PLAIN }),
    param("targets", Shape { kind: Kind::Array(&PLAIN), ..PLAIN }),
    Param { requires: Some("full"), ..param("storage", PLAIN) },
    Param { indexed: true, ..param("net", Shape { format: Format::Properties(NET), ..PLAIN }) },
    Param { releases: &["9.1"], ..param("old", PLAIN) },
];

static ENDPOINT: Endpoint = Endpoint {
    method: Method::Post,
    path: "/nodes/{node}/qemu/{vmid}/status/start",
    function: "",
    name: "vm_start",
    summary: "",
    risk: Risk::Power,
    tools: &[],
    guest_text: false,
    params: PARAMS,
    open: false,
    returns: PLAIN,
    permission: Permission::AllUsers,
    protected: true,
    proxyto: Some("node"),
    allow_token: true,
    releases: &["9.2"],
    input_schema: "{}",
    output_schema: "{}",
};

fn outcome(mut params: Value) -> Value {
    let object = params.as_object_mut().unwrap();
    object.entry("vmid").or_insert(json!("100"));
    match verify(&ENDPOINT, object, "9.2") {
        Ok(values) => values.into(),
        Err(problems) => serde_json::to_value(problems).unwrap(),
    }
}

fn refused(name: &str, value: Value) -> String {
    match &outcome(json!({name: value}))[name] {
        Value::String(text) => text.clone(),
        other => panic!("{name}: {other}"),
    }
}

#[test]
fn types_are_told_in_pves_words() {
    assert_eq!(refused("timeout", json!("abc")), "type check ('integer') failed - got 'abc'");
    assert_eq!(refused("timeout", json!(" 1")), "type check ('integer') failed - got ' 1'");
    assert_eq!(refused("full", json!("")), "type check ('boolean') failed - got ''");
    assert_eq!(refused("full", json!("true")), "type check ('boolean') failed - got 'true'");
    assert_eq!(refused("full", json!(["1", "0"])), "type check ('boolean') failed - got ARRAY");
    assert_eq!(refused("full", json!({})), "type check ('boolean') failed - got HASH");
}

#[test]
fn bounds_enumerations_lengths_and_patterns_are_checked() {
    assert_eq!(refused("timeout", json!(-1)), "value must have a minimum value of 0");
    let text = "value 'x' does not have a value in the enumeration 'secure, insecure'";
    assert_eq!(refused("migration_type", json!("x")), text);
    assert_eq!(refused("description", json!("123456789")), "value may only be 8 characters long");
    assert_eq!(refused("date", json!("soon")), "value does not match the regex pattern");
}

#[test]
fn the_format_is_looked_at_before_the_bounds() {
    for vmid in ["99", "1000000000", "-1", "0100"] {
        assert_eq!(refused("vmid", json!(vmid)), "invalid format - value does not look like a valid VM ID\n");
    }
    assert_eq!(refused("vmid", json!("abc")), "type check ('integer') failed - got 'abc'");
    assert_eq!(refused("delete", json!("net0,!!")), "invalid format - invalid configuration ID '!!'\n");
}

#[test]
fn unknown_missing_and_required_parameters_are_named() {
    assert_eq!(refused("bogus", json!(1)), UNKNOWN);
    assert_eq!(refused("old", json!(1)), UNKNOWN);
    assert_eq!(verify(&ENDPOINT, &Map::new(), "9.2").unwrap_err()["vmid"], MISSING);
    assert_eq!(outcome(json!({"storage": "local"}))["full"], "missing property required by 'storage'");
}

#[test]
fn what_json_brings_becomes_what_handlers_expect() {
    let given = json!({"timeout": 30, "full": true, "description": null, "delete": ["a1", "b1"], "targets": "one"});
    let got = json!({"timeout": "30", "full": "1", "delete": "a1,b1", "targets": ["one"], "vmid": "100"});
    assert_eq!(outcome(given), got);
}

#[test]
fn property_strings_are_taken_apart() {
    let text = "invalid format - format error\nnet0.model: value 'foo' does not have a value in the enumeration \
                'e1000, virtio'\n";
    assert_eq!(refused("net0", json!("foo")), text);
    assert_eq!(
        outcome(json!({"net3": "e1000=BC:24:11:00:00:01,firewall=yes"}))["net3"].as_str().map(str::len),
        Some(36)
    );
    assert!(refused("net0", json!("virtio,bogus=1")).contains("net0.bogus: property is not defined"));
    assert!(
        refused("net0", json!("virtio,model=virtio")).contains("duplicate key in comma-separated list property: model")
    );
    assert!(refused("net0", json!("macaddr=BC:24:11:00:00:01")).contains("net0.model: property is missing"));
}
