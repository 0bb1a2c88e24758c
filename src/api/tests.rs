//! What holds for every endpoint that is compiled in.

use serde_json::{Map, Value, json};

use super::*;
use crate::spec::{Annotations, Kind, Risk, Shape, pack, schema};

#[test]
fn annotations_follow_the_risk_class() {
    let (read_only, destructive, idempotent) = (true, false, true);
    let list = GET_NODES_NODE_QEMU_VMID_AGENT_INFO.annotations();
    assert_eq!(list, Annotations { read_only, destructive, idempotent, open_world: true });
    let delete = DELETE_NODES_NODE_QEMU_VMID.annotations();
    assert!(delete.destructive && !delete.read_only && !delete.idempotent);
    for endpoint in endpoints() {
        let annotations = endpoint.annotations();
        assert_eq!(annotations.read_only, endpoint.risk == Risk::Read, "{}", endpoint.at());
        assert!(!(annotations.read_only && annotations.destructive), "{}", endpoint.at());
    }
}

/// Values of every sort, none of which may break what the schema promises.
fn oddities() -> Vec<Value> {
    vec![
        Value::Null,
        json!(1),
        json!("1"),
        json!("0.50"),
        json!(true),
        json!("text"),
        json!([]),
        json!([null, 1, "x", {"a": null}]),
        json!({}),
        json!({"a": {"b": null}}),
    ]
}

/// An object whose fields are all this value, and those within objects too.
fn filled(shape: &Shape, value: &Value) -> Value {
    match &shape.kind {
        Kind::Object(fields) => {
            fields.iter().map(|f| (f.name.clone(), filled(&f.shape, value))).collect::<Map<_, _>>().into()
        }
        Kind::Array(item) => json!([filled(item, value), value, null]),
        _ => value.clone(),
    }
}

#[test]
fn whatever_pve_sends_the_output_schema_holds() {
    for endpoint in endpoints() {
        let schema = schema::output(endpoint);
        let schema = jsonschema::validator_for(&schema).expect("the schema is valid");
        for odd in oddities() {
            for data in [filled(&endpoint.returns, &odd), odd.clone()] {
                let plain = endpoint.plain(data.clone());
                assert!(schema.is_valid(&plain), "{}: {data} became {plain}", endpoint.at());
            }
        }
    }
}

#[test]
fn a_reply_keeps_what_the_schema_does_not_name() {
    let data = json!({"cpus": "2", "template": "1", "name": 5, "lock": null, "future": {"x": null}, "net0": "virtio"});
    let plain = GET_NODES_NODE_QEMU_VMID_STATUS_CURRENT.plain(data);
    assert_eq!(plain, json!({"cpus": 2, "template": true, "name": "5", "future": {"x": null}, "net0": "virtio"}));
    assert_eq!(GET_NODES_NODE_QEMU.plain(Value::Null), json!({"data": []}));
    assert_eq!(GET_CLUSTER_NEXTID.plain(json!(108)), json!({"data": "108"}));
    assert_eq!(PUT_NODES_NODE_QEMU_VMID_CONFIG.plain(Value::Null), json!({}));
}

/// What the binary holds is what the generator knew, of each endpoint alone and of the whole.
#[test]
fn the_model_is_small_and_whole() {
    let head = model().head();
    assert_eq!((head.release.as_str(), head.sha256.as_str(), head.methods), (RELEASE, SOURCE_SHA256, METHODS));
    assert_eq!(head.known, RELEASES);
    assert!(model().len() >= METHODS, "the whole tree");
    for (index, ((method, path), endpoint)) in model().names().zip(endpoints()).enumerate() {
        assert_eq!((method, path), (endpoint.method, endpoint.path.as_str()));
        assert_eq!(super::endpoint(method, path), Some(at(u16::try_from(index).unwrap())));
    }
    let whole = crate::spec::Api { endpoints: endpoints().cloned().collect(), ..head };
    let packed = include_bytes!(concat!(env!("OUT_DIR"), "/api.model"));
    assert_eq!(pack(&whole), packed);
    assert!(packed.len() < 200_000, "{} bytes", packed.len());
}
