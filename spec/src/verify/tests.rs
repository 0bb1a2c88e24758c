//! Verification against a small schema of every kind of constraint; the texts are those of a real host.

use serde_json::json;

use super::{fixture::endpoint, *};

fn refused(params: Value) -> Value {
    let Value::Object(mut params) = params else { panic!("not an object") };
    params.entry("vmid").or_insert_with(|| json!("100"));
    match verify(&endpoint(), params) {
        Ok(_) => Value::Null,
        Err(refusals) => refusals.into_iter().map(|r| (r.param.clone(), json!(r.text()))).collect(),
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
    let refusals = verify(&endpoint(), Params::new()).unwrap_err();
    assert_eq!(refusals, [RefusedParam { param: "vmid".to_owned(), place: None, problems: vec![Violation::Missing] }]);
    assert_eq!(refusals[0].text(), "property is missing and it is not optional");
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
    let args = verify(&endpoint(), params).unwrap();
    assert_eq!((&args["vmid"], &args["full"]), (&json!("100"), &json!("1")));
    assert_eq!(args["command"], json!(["a", 1]));
    let list: Vec<_> = split_list(args["delete"].as_str().unwrap()).collect();
    assert_eq!(list, ["ab", "cd", "ef"]);
}
