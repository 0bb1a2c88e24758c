//! What the reader of rows is held against, by the fuzz target `rows` and by a test that needs no nightly compiler.

use proxmox_mcp::{
    api,
    spec::rows::{Key, Row},
};
use serde_json::Value;

/// Reads bytes as a reply, once as rows and once as JSON values, and panics where the two differ.
pub(crate) fn same(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for endpoint in [&*api::GET_CLUSTER_RESOURCES, &*api::GET_NODES_NODE_QEMU, &*api::GET_NODES_NODE_LXC] {
        let mut read: Vec<Row<'_>> = Vec::new();
        // Where it is not sure it says nothing, and its caller goes by the values.
        let Some(odd) = endpoint.rows(text, usize::MAX, |row| read.push(row)) else { continue };
        let reply: Value = serde_json::from_str(text).expect("what rows are read from is JSON");
        let Value::Array(all) = &reply["data"] else { panic!("{} is no list", reply["data"]) };
        assert_eq!(all.iter().filter(|row| !row.is_object()).count(), odd.0);
        let plain = endpoint.plain(reply["data"].clone());
        let rows: Vec<_> = plain["data"].as_array().into_iter().flatten().filter_map(Value::as_object).collect();
        assert_eq!(rows.len(), read.len());
        for (row, plain) in read.iter().zip(rows) {
            assert_eq!(endpoint.row(text, row.at).as_ref(), Some(plain));
            for key in Key::ALL {
                let (cell, value) = (row.get(key), plain.get(key.name()));
                let scalar = value.filter(|value| !value.is_array() && !value.is_object());
                assert_eq!(row.has(key), scalar.is_some(), "{key:?} of {plain:?}");
                assert_eq!(cell.text(), scalar.and_then(Value::as_str), "{key:?} of {plain:?}");
                assert_eq!(cell.number(), scalar.and_then(Value::as_f64), "{key:?} of {plain:?}");
                assert_eq!(cell.whole(), scalar.and_then(Value::as_u64), "{key:?} of {plain:?}");
            }
        }
    }
}
