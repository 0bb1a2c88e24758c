//! Verification against a small schema of every kind of constraint; the texts are those of a real host.

use serde_json::json;

use super::*;
use crate::spec::{Method, Permission, Risk, SubKey, Words};

const ANY: Shape = Shape {
    kind: Kind::String,
    values: Words::NONE,
    minimum: None,
    maximum: None,
    min_length: None,
    max_length: None,
    pattern: None,
    format: Format::None,
    default: None,
};
const PARAM: Param = Param {
    name: "",
    in_path: false,
    indexed: false,
    optional: true,
    requires: None,
    shape: &ANY,
    releases: &[],
    type_changed: &[],
};
const KEY: SubKey = SubKey { name: "", default_key: false, optional: true, alias: None, key_alias: None, shape: &ANY };

static NET: &[SubKey] = &[
    SubKey {
        name: "model",
        default_key: true,
        optional: false,
        shape: &Shape { values: Words::new("e1000\nvirtio\n"), ..ANY },
        ..KEY
    },
    SubKey { name: "virtio", alias: Some("macaddr"), key_alias: Some("model"), ..KEY },
    SubKey { name: "macaddr", shape: &Shape { format: Format::Named("mac-addr"), ..ANY }, ..KEY },
    SubKey { name: "firewall", shape: &Shape { kind: Kind::Boolean, ..ANY }, ..KEY },
];

static ENDPOINT: Endpoint = Endpoint {
    method: Method::Post,
    path: "/x/{vmid}",
    function: "",
    name: "",
    summary: "",
    risk: Risk::Read,
    params: &[
        &Param {
            name: "vmid",
            in_path: true,
            optional: false,
            shape: &Shape {
                kind: Kind::Integer,
                minimum: Some(100.0),
                maximum: Some(999_999_999.0),
                format: Format::Named("pve-vmid"),
                ..ANY
            },
            ..PARAM
        },
        &Param { name: "full", shape: &Shape { kind: Kind::Boolean, ..ANY }, ..PARAM },
        &Param { name: "force", requires: Some("full"), shape: &Shape { kind: Kind::Boolean, ..ANY }, ..PARAM },
        &Param { name: "timeout", shape: &Shape { kind: Kind::Integer, minimum: Some(0.0), ..ANY }, ..PARAM },
        &Param { name: "limit", shape: &Shape { kind: Kind::Number, maximum: Some(1.5), ..ANY }, ..PARAM },
        &Param { name: "migration_type", shape: &Shape { values: Words::new("secure\ninsecure\n"), ..ANY }, ..PARAM },
        &Param { name: "short", shape: &Shape { max_length: Some(3), min_length: Some(2), ..ANY }, ..PARAM },
        &Param { name: "delete", shape: &Shape { format: Format::Named("pve-configid-list"), ..ANY }, ..PARAM },
        &Param { name: "serial", shape: &Shape { pattern: Some("(/dev/[^,]+|socket)"), ..ANY }, ..PARAM },
        &Param { name: "command", shape: &Shape { kind: Kind::Array(&ANY), ..ANY }, ..PARAM },
        &Param { name: "net", indexed: true, shape: &Shape { format: Format::Properties(NET), ..ANY }, ..PARAM },
    ],
    open: false,
    returns: &ANY,
    permission: Permission::AllUsers,
    protected: false,
    proxyto: None,
    allow_token: true,
    releases: &[],
    tools: &[],
    guest_text: false,
    nullable: false,
    input_schema: "",
    output_schema: "",
};

fn refused(params: Value) -> Value {
    let Value::Object(mut params) = params else { panic!("not an object") };
    params.entry("vmid").or_insert_with(|| json!("100"));
    match verify(&ENDPOINT, params) {
        Ok(_) => Value::Null,
        Err(Failure::Params(errors)) => errors.into_iter().map(|(n, t)| (n, json!(t))).collect(),
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
fn types_are_checked_as_perl_sees_them() {
    for good in [json!({"full": "1"}), json!({"full": 0}), json!({"full": true}), json!({"full": null})] {
        assert_eq!(refused(good.clone()), Value::Null, "{good}");
    }
    for bad in ["true", "TRUE", "yes", "2", ""] {
        let text = format!("type check ('boolean') failed - got '{bad}'");
        assert_eq!(refused(json!({"full": bad})), json!({"full": text}));
    }
    assert_eq!(refused(json!({"full": ["1", "0"]})), json!({"full": "type check ('boolean') failed - got ARRAY"}));
    assert_eq!(refused(json!({"full": {}})), json!({"full": "type check ('boolean') failed - got HASH"}));
    assert_eq!(refused(json!({"vmid": "abc"})), json!({"vmid": "type check ('integer') failed - got 'abc'"}));
    assert_eq!(refused(json!({"limit": "1e0"})), Value::Null);
    assert_eq!(refused(json!({"limit": "x"})), json!({"limit": "type check ('number') failed - got 'x'"}));
    assert_eq!(refused(json!({"command": "one"})), Value::Null);
    assert_eq!(refused(json!({"delete": ["net0", "net1"]})), Value::Null);
}

#[test]
fn the_format_is_checked_before_the_bounds() {
    let text = "invalid format - value does not look like a valid VM ID\n";
    for vmid in ["99", "1000000000", "-1", "0100"] {
        assert_eq!(refused(json!({"vmid": vmid})), json!({"vmid": text}), "{vmid}");
    }
    assert_eq!(refused(json!({"timeout": "-1"})), json!({"timeout": "value must have a minimum value of 0"}));
    assert_eq!(refused(json!({"timeout": "+5"})), Value::Null);
    assert_eq!(refused(json!({"limit": "2"})), json!({"limit": "value must have a maximum value of 1.5"}));
    assert_eq!(refused(json!({"short": "four"})), json!({"short": "value may only be 3 characters long"}));
    assert_eq!(refused(json!({"short": "1"})), json!({"short": "value must be at least 2 characters long"}));
    assert_eq!(refused(json!({"serial": "x"})), json!({"serial": "value does not match the regex pattern"}));
}

#[test]
fn several_are_told_at_once() {
    assert_eq!(
        refused(json!({"timeout": "abc", "bogus": "1", "migration_type": "x", "force": "1"})),
        json!({
            "bogus": "property is not defined in schema and the schema does not allow additional properties",
            "full": "missing property required by 'force'",
            "migration_type": "value 'x' does not have a value in the enumeration 'secure, insecure'",
            "timeout": "type check ('integer') failed - got 'abc'",
        })
    );
    let Err(Failure::Params(errors)) = verify(&ENDPOINT, Params::new()) else { panic!("passed") };
    assert_eq!(errors, [("vmid".to_owned(), "property is missing and it is not optional".to_owned())]);
}

#[test]
fn property_strings_are_taken_apart() {
    for good in ["virtio", "virtio=BC:24:11:90:EB:F0,firewall=yes", "model=e1000,macaddr=BC:24:11:90:EB:F0"] {
        assert_eq!(refused(json!({"net0": good})), Value::Null, "{good}");
    }
    assert_eq!(
        refused(json!({"net0": "foo"})),
        json!({"net0": "invalid format - format error\nnet0.model: value 'foo' does not have a value in the \
                        enumeration 'e1000, virtio'\n"})
    );
    assert_eq!(
        refused(json!({"net1": "virtio,bar=1"})),
        json!({"net1": "invalid format - format error\nnet1.bar: property is not defined in schema and the schema \
                        does not allow additional properties\n"})
    );
    let twice = refused(json!({"net0": "virtio,model=e1000"}));
    assert_eq!(twice["net0"], "invalid format - duplicate key in comma-separated list property: model\n");
    assert!(refused(json!({"nets0": "virtio"}))["nets0"].is_string());
}

#[test]
fn methods_see_texts() {
    let params = json!({"vmid": 100, "full": true, "command": ["a", 1], "delete": "ab, cd;ef"});
    let Value::Object(params) = params else { unreachable!() };
    let args = verify(&ENDPOINT, params).unwrap();
    assert_eq!(args.vmid(), 100);
    assert!(args.flag("full"));
    assert_eq!(args.all()["command"], json!(["a", 1]));
    assert_eq!(args.list("delete"), ["ab", "cd", "ef"]);
}
