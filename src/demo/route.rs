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

    /// What could lead a value out of its place, and what usually stands there.
    fn value() -> impl proptest::strategy::Strategy<Value = String> {
        static PIECES: &[&str] = &[
            "",
            ".",
            "..",
            "/",
            "//",
            "%2F",
            "%252F",
            "\\",
            "?",
            "#",
            "&",
            "\0",
            "\n",
            "a",
            "100",
            "pve1",
            "é",
            "config",
            "status",
            "current",
            "content",
            "192.0.2.0/24",
            "2001:db8::/32",
            "local:iso/debian.iso",
            "local:backup/a b+c.vma",
        ];
        let parts = proptest::collection::vec(proptest::sample::select(PIECES), 1..5);
        proptest::strategy::Strategy::prop_map(parts, |parts| parts.concat())
    }

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config::with_cases(64))]

        /// PVE decodes a path before it looks for a method, and drops empty parts. What has no slash cannot reach another
        /// place than its own, where a method with that very name may stand.
        #[test]
        fn a_slash_in_a_value_never_reaches_another_endpoint(value in value()) {
            for endpoint in crate::api::endpoints() {
                let names: Vec<&str> = endpoint.params.iter().filter(|p| p.in_path).map(|p| p.name.as_str()).collect();
                for odd in &names {
                    let given: Vec<(&str, String)> =
                        names.iter().map(|name| (*name, if name == odd { value.clone() } else { "x1".to_owned() })).collect();
                    let Ok(call) = crate::spec::Call::new(endpoint, &given) else { continue };
                    let decoded = percent_encoding::percent_decode_str(call.path()).decode_utf8().expect("text");
                    let rest = endpoint.params.iter().any(|param| param.rest && param.name == *odd);
                    proptest::prop_assert!(rest || !value.contains('/'), "{value:?} in {}", endpoint.at());
                    proptest::prop_assert_eq!(segments(&decoded).count() > segments(&endpoint.path).count(), value.contains('/'));
                    let Some((found, values)) = find(endpoint.method, &decoded) else {
                        proptest::prop_assert!(false, "{decoded} reaches nothing");
                        continue;
                    };
                    if found.path == endpoint.path {
                        proptest::prop_assert!(values.iter().any(|(name, got)| name == odd && *got == value), "{values:?}");
                    } else {
                        proptest::prop_assert!(!value.contains('/'), "{decoded} reaches {}", found.at());
                    }
                }
            }
        }
    }

    #[test]
    fn usual_values_with_a_slash_go_where_pve_takes_the_rest_of_the_path_and_nowhere_else() {
        for endpoint in crate::api::endpoints() {
            for param in endpoint.params.iter().filter(|param| param.in_path) {
                for usual in ["192.0.2.0/24", "local:iso/debian.iso"] {
                    let taken = crate::spec::Call::check_segment(endpoint, &param.name, usual).is_ok();
                    assert_eq!(taken, param.rest, "{usual} as {} of {}", param.name, endpoint.at());
                }
            }
        }
        assert_eq!(crate::api::endpoints().filter(|e| e.params.iter().any(|param| param.rest)).count(), 13);
    }
}
