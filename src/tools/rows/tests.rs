//! The reading of rows held against the long way.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{
    api,
    client::{Error, Unread},
    pve::is_set,
    tools::ops,
};

/// What a list says when each value of it is made into JSON first, and read from there: as plain as can be.
struct Plain {
    guests: Vec<Guest>,
    nodes: Vec<(NodeName, bool)>,
    pools: Vec<String>,
    odd: usize,
}

fn plainly(endpoint: &Endpoint, answer: Unread, usual: Option<&(GuestKind, NodeName)>) -> Result<Plain, Error> {
    let list = ops::some(endpoint, &answer.read()?)?;
    let mut plain = Plain { guests: Vec::new(), nodes: Vec::new(), pools: Vec::new(), odd: list.odd };
    for mut row in list.rows {
        let text = |key: &str| row.get(key).and_then(Value::as_str).map(str::to_owned);
        let node = || Some((text("node")?.parse().ok()?, text("status").as_deref() != Some("offline")));
        match (text("type").as_deref(), usual) {
            (Some("node"), None) => plain.nodes.extend(node()),
            (Some("pool"), None) => plain.pools.extend(text("pool")),
            (_, None) if !Guest::is_row(&row) => {}
            (_, usual) => {
                if usual.is_some() {
                    let status = text("status").unwrap_or_else(|| "unknown".to_owned());
                    let halted = text("qmpstatus").filter(|_| status == "running");
                    row.insert("status".to_owned(), halted.unwrap_or(status).into());
                }
                match Guest::of_row(row, usual.map(|usual| usual.0), usual.map(|usual| &usual.1)) {
                    Some(guest) => plain.guests.push(guest),
                    None => plain.odd += 1,
                }
            }
        }
    }
    plain.guests.sort_by_key(|guest| guest.vmid);
    plain.nodes.sort();
    plain.pools.sort_unstable();
    Ok(plain)
}

/// Both ways give the same of a reply, whatever it is.
fn same(body: &[u8]) -> Result<(), TestCaseError> {
    let there = || Some((GuestKind::Vm, "pve9".parse::<NodeName>().unwrap()));
    for (path, endpoint, usual) in [
        ("/cluster/resources", &*api::GET_CLUSTER_RESOURCES, None),
        ("/nodes/pve9/qemu", &*api::GET_NODES_NODE_QEMU, there()),
        ("/nodes/pve9/lxc", &*api::GET_NODES_NODE_LXC, there()),
    ] {
        let answer = || Unread::of(path, body.to_vec());
        let plain = plainly(endpoint, answer(), usual.as_ref());
        let (plain, (list, beside)) = match (plain, ops::list(endpoint, answer(), usual)) {
            (Ok(plain), Ok(read)) => (plain, read),
            (Err(plain), Err(read)) => {
                prop_assert_eq!(plain.to_string(), read.to_string());
                continue;
            }
            (plain, read) => {
                let (plain, read) = (plain.map(|_| ()).err(), read.map(|_| ()).err());
                return Err(TestCaseError::fail(format!("{plain:?} and {read:?}")));
            }
        };
        prop_assert_eq!((list.odd, beside.nodes, beside.pools), (plain.odd, plain.nodes, plain.pools));
        prop_assert_eq!(list.rows.len(), plain.guests.len());
        for (row, guest) in list.iter().zip(&plain.guests) {
            let (text, value) =
                (|key: &str| guest.row.get(key).and_then(Value::as_str), |key: &str| guest.row.get(key));
            let number = |key: &str| value(key).and_then(Value::as_f64);
            let whole = |key: &str| value(key).and_then(Value::as_u64).filter(|n| *n > 0);
            prop_assert_eq!(format!("{:?}", row.guest()), format!("{guest:?}"));
            prop_assert_eq!(row.status(), text("status").unwrap_or_default());
            prop_assert_eq!(row.lock(), text("lock").unwrap_or_default());
            let template = value("template").is_some_and(is_set);
            prop_assert_eq!(row.template(), template);
            prop_assert_eq!(row.cpus(), number("maxcpu").or_else(|| number("cpus")).filter(|n| *n > 0.0));
            prop_assert_eq!((row.cpu(), row.mem(), row.maxmem()), (number("cpu"), whole("mem"), whole("maxmem")));
            prop_assert_eq!(list.find(guest.vmid).map(|row| row.vmid()), Some(guest.vmid));
        }
    }
    Ok(())
}

fn value() -> impl Strategy<Value = Value> {
    const WORDS: [&str; 13] =
        ["qemu", "lxc", "node", "pool", "pve1", "running", "paused", "offline", " a;b ", "100", "1.5", "on", ""];
    let leaf = prop_oneof![
        4 => prop::sample::select(&WORDS[..]).prop_map(Value::from),
        2 => (0..400_i64).prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<u64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => "(?s).{0,10}".prop_map(Value::from),
        1 => Just(Value::Null),
    ];
    leaf.prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map("[a-z\"]{0,4}", inner, 0..3)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn key() -> impl Strategy<Value = String> {
    let wanted: Vec<_> = Key::ALL.iter().map(|key| key.name().to_owned()).collect();
    prop_oneof![8 => prop::sample::select(wanted), 1 => "(?s).{0,4}", 1 => "[a-z]{1,8}"]
}

fn row() -> impl Strategy<Value = Value> {
    let fields = prop::collection::vec((key(), value()), 0..8);
    let guest = (fields, 0_u32..4, 0_u32..9, any::<bool>()).prop_map(|(fields, node, vmid, whole)| {
        let usual = json!({"type": "qemu", "vmid": 100 + vmid, "node": format!("pve{node}")});
        let mut row = if whole { usual } else { json!({}) };
        for (key, value) in fields {
            row[key] = value;
        }
        row
    });
    prop_oneof![9 => guest, 1 => value()]
}

/// A reply as text, in which keys can stand twice and anywhere.
fn reply() -> impl Strategy<Value = String> {
    let rows = prop::collection::vec(row(), 0..6).prop_map(|rows| json!({ "data": rows }).to_string());
    let other = (value(), value()).prop_map(|(data, more)| json!({"data": data, "more": more}).to_string());
    let twice = (row(), row()).prop_map(|(one, two)| {
        let (one, two) = (one.to_string(), two.to_string());
        // The fields of both in one object.
        let both = one.trim_end_matches('}').to_owned() + "," + two.trim_start_matches('{');
        format!("{{\"total\": 1,\n\"data\" : [ {both} , {{ }}, {two}]}}")
    });
    prop_oneof![6 => rows, 1 => other, 2 => twice]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]
    #[test]
    fn a_list_says_what_its_values_say_one_by_one(reply in reply()) {
        same(reply.as_bytes())?;
    }

    #[test]
    fn nor_does_it_differ_where_bytes_do(
        reply in reply(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut body = reply.into_bytes();
        for (at, byte) in changes {
            let at = at.index(body.len());
            body[at] = byte;
        }
        if let Some(cut) = cut {
            body.truncate(cut.index(body.len()));
        }
        same(&body)?;
    }
}

#[test]
fn a_name_that_is_no_text_or_has_escapes_is_kept() {
    for (name, read) in [(&b"caf\xe9"[..], "caf\u{fffd}"), (br"tab\u0009x", "tab\tx"), (br"\u00e4", "\u{e4}")] {
        let body = [br#"{"data":[{"vmid":100,"node":"a","type":"qemu","name":""#, name, br#""}]}"#].concat();
        same(&body).unwrap();
        let (list, _) = ops::list(&api::GET_CLUSTER_RESOURCES, Unread::of("/cluster/resources", body), None).unwrap();
        assert_eq!(list.iter().next().unwrap().name(), Some(read));
    }
}

#[test]
fn a_key_with_an_escape_in_front_hides_no_row() {
    let body = r#"{"data":[{"\u0074ype":"qemu","vmid":100,"node":"a"},{"vmid":"101","type":"lxc","node":"b"},7]}"#;
    same(body.as_bytes()).unwrap();
    let (list, _) = ops::list(&api::GET_CLUSTER_RESOURCES, Unread::of("/cluster/resources", body), None).unwrap();
    assert_eq!((list.rows.len(), list.odd), (2, 1));
}

#[test]
fn too_many_values_are_refused_as_ever() {
    let row = r#"{"type":"qemu","vmid":100,"node":"a","x":[1,2,3,4,5,6,7,8,9,10,11,12]}"#;
    let body = format!(r#"{{"data":[{}]}}"#, vec![row; 40_000].join(","));
    let said = ops::list(&api::GET_CLUSTER_RESOURCES, Unread::of("/cluster/resources", body), None);
    assert!(said.unwrap_err().to_string().contains("600000"));
}
