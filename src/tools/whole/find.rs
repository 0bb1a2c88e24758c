//! From what a caller wrote to a method of the API: by its id, or by its verb and path.

use serde_json::{Map, Value};
use strsim::normalized_damerau_levenshtein;

use crate::{
    api,
    spec::{Endpoint, Method},
};

/// How many ids are offered where one is not known.
const OFFERED: usize = 5;

/// A method, and the arguments that stood in its path.
pub(super) struct Found {
    pub endpoint: &'static Endpoint,
    pub in_path: Map<String, Value>,
}

/// The method that is meant: `get_nodes_node_qemu`, `GET /nodes/{node}/qemu`, or `GET /nodes/pve1/qemu` with the arguments
/// that stand in it.
pub(super) fn find(wanted: &str) -> Option<Found> {
    let wanted = wanted.trim();
    let none = Map::new();
    if let Some((verb, path)) = wanted.split_once(' ') {
        let method = Method::parse(&verb.to_ascii_uppercase())?;
        let path = path.trim().trim_start_matches("/api2/json").trim_end_matches('/');
        if let Some(endpoint) = api::endpoint(method, path) {
            return Some(Found { endpoint, in_path: none });
        }
        return routed(method, path);
    }
    let id = wanted.to_ascii_lowercase().replace(['-', '.'], "_");
    let endpoint = api::endpoints().find(|endpoint| endpoint.function() == id)?;
    Some(Found { endpoint, in_path: none })
}

/// The method whose path this is, with values in the places of its placeholders. A literal part is nearer than one.
fn routed(method: Method, path: &str) -> Option<Found> {
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    let fits = |endpoint: &&'static Endpoint| {
        let own = endpoint.path.split('/').skip(1);
        endpoint.method == method
            && own.clone().count() == parts.len()
            && own.zip(&parts).all(|(own, part)| own == *part || (own.starts_with('{') && !part.is_empty()))
    };
    let literal = |endpoint: &&'static Endpoint| endpoint.path.split('/').filter(|part| !part.starts_with('{')).count();
    let endpoint = api::endpoints().filter(fits).max_by_key(literal)?;
    let named = endpoint.path.split('/').skip(1).zip(&parts);
    let in_path = named
        .filter_map(|(own, part)| Some((own.strip_prefix('{')?.strip_suffix('}')?.to_owned(), Value::from(*part))))
        .collect();
    Some(Found { endpoint, in_path })
}

/// The method that is meant by an id, or by a verb and a path.
pub fn method(wanted: &str) -> Option<&'static Endpoint> {
    find(wanted).map(|found| found.endpoint)
}

/// The ids that are most like what was written.
pub(super) fn alike(wanted: &str) -> Vec<String> {
    let plain = |text: &str| text.to_ascii_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "_");
    let wanted = plain(wanted.trim());
    let words: Vec<&str> = wanted.split('_').filter(|word| !word.is_empty()).collect();
    let mut all: Vec<(f64, String)> = api::endpoints()
        .map(|endpoint| {
            let id = endpoint.function();
            let has = |word: &&&str| id.split('_').any(|own| own == **word);
            #[expect(clippy::cast_precision_loss, reason = "a few words")]
            let shared = words.iter().filter(has).count() as f64 / words.len().max(1) as f64;
            (shared + normalized_damerau_levenshtein(&wanted, &id), id)
        })
        .collect();
    all.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    all.into_iter().take(OFFERED).map(|(_, id)| id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_is_found_by_its_id_and_by_its_path() {
        for wanted in
            ["get_nodes_node_qemu", "GET-nodes-node-qemu", "GET /nodes/{node}/qemu", "get /nodes/{node}/qemu/"]
        {
            assert_eq!(find(wanted).expect(wanted).endpoint.at(), "GET /nodes/{node}/qemu");
        }
        let found = find("PUT /nodes/pve1/qemu/101/config").expect("a path with values");
        assert_eq!(found.endpoint.at(), "PUT /nodes/{node}/qemu/{vmid}/config");
        assert_eq!(Value::from(found.in_path), serde_json::json!({"node": "pve1", "vmid": "101"}));
        for wanted in ["", "get", "GET", "GET /nope", "PATCH /nodes", "nodes"] {
            assert!(find(wanted).is_none(), "{wanted}");
        }
        assert!(alike("get_node_qemu").contains(&"get_nodes_node_qemu".to_owned()), "{:?}", alike("get_node_qemu"));
        assert_eq!(alike("").len(), OFFERED);
    }
}
