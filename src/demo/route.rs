//! From method and path to an endpoint of the table.

mod extra;

use std::{collections::HashMap, sync::OnceLock};

use crate::spec::{Endpoint, Method};

/// Endpoints by the number of segments of their path.
struct Table(HashMap<usize, Vec<&'static Endpoint>>);

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let generated = crate::api::endpoints();
        // What the schema does not name but was seen on real hosts.
        let known = |e: &&Endpoint| crate::api::endpoint(e.method, &e.path).is_none();
        let mut table: HashMap<usize, Vec<&'static Endpoint>> = HashMap::new();
        for endpoint in generated.chain(extra::endpoints().iter().filter(known)) {
            table.entry(segments(&endpoint.path).count()).or_default().push(endpoint);
        }
        for endpoints in table.values_mut() {
            // A literal segment is nearer than a placeholder.
            endpoints.sort_by_key(|e| segments(&e.path).map(|s| s.starts_with('{')).collect::<Vec<_>>());
        }
        Table(table)
    })
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|s| !s.is_empty())
}

/// An endpoint with the values of its placeholders.
type Found = (&'static Endpoint, Vec<(&'static str, String)>);

/// The endpoint of a decoded path. Repeated and trailing slashes do not count.
///
/// A network in the path (`…/ipset/{name}/192.0.2.0/24`) is one value although it has slashes, and so is a volume
/// (`…/content/local:iso/debian.iso`): PVE takes all that is left of the path there.
pub(super) fn find(method: Method, path: &str) -> Option<Found> {
    let given: Vec<&str> = segments(path).collect();
    matching(method, &given).or_else(|| {
        (1..given.len()).rev().find_map(|head| {
            let (before, rest) = given.split_at_checked(head)?;
            let joined = rest.join("/");
            let given: Vec<&str> = before.iter().copied().chain([joined.as_str()]).collect();
            matching(method, &given).filter(|(endpoint, _)| endpoint.params.iter().any(|param| param.rest))
        })
    })
}

fn matching(method: Method, given: &[&str]) -> Option<Found> {
    let candidates = table().0.get(&given.len())?;
    candidates.iter().filter(|e| e.method == method).find_map(|endpoint| {
        let mut values = Vec::new();
        for (template, value) in segments(&endpoint.path).zip(given) {
            match template.strip_prefix('{').and_then(|t| t.strip_suffix('}')) {
                Some(name) => values.push((name, (*value).to_owned())),
                None if template == *value => {}
                None => return None,
            }
        }
        Some((*endpoint, values))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_found_with_their_values() {
        let (endpoint, values) = find(Method::Get, "//nodes//pve/qemu/100/config/").unwrap();
        assert_eq!(endpoint.path, "/nodes/{node}/qemu/{vmid}/config");
        assert_eq!(values, [("node", "pve".to_owned()), ("vmid", "100".to_owned())]);
        assert!(find(Method::Put, "/nodes/pve/qemu").is_none());
        assert!(find(Method::Get, "/nodes/pve/nope").is_none());
        assert_eq!(find(Method::Get, "/").unwrap().0.path, "/");
        let (endpoint, _) = find(Method::Get, "/nodes/a/qemu/100/agent/exec-status").unwrap();
        assert!(endpoint.path.ends_with("/agent/exec-status"));
        let (endpoint, values) = find(Method::Get, "/nodes/a/qemu/100/firewall/ipset/web/192.0.2.0/24").unwrap();
        assert!(endpoint.path.ends_with("/{cidr}"));
        assert_eq!(values.last(), Some(&("cidr", "192.0.2.0/24".to_owned())));
        let (_, values) = find(Method::Get, "/nodes/a/storage/local/content/local:iso/a/b.iso").unwrap();
        assert_eq!(values.last(), Some(&("volume", "local:iso/a/b.iso".to_owned())));
        assert!(find(Method::Get, "/nodes/a/qemu/100/config/x").is_none());
    }
}
