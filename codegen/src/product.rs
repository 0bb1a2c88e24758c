//! Whether a file is what it should be: the API of Proxmox VE, with guests in it, and not that of a sister product.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{
    lower, raw,
    report::{Problem, Report, Severity},
    source::Source,
};

/// The sister products, and the paths by which each is known.
const SISTERS: [(&str, &[&str]); 3] = [
    ("Proxmox Backup Server", &["/admin/datastore", "/backup"]),
    ("Proxmox Mail Gateway", &["/config/ruledb", "/quarantine"]),
    ("Proxmox Datacenter Manager", &["/pve", "/remotes"]),
];

/// Why a file is not the API of Proxmox VE, in one sentence: it is a sister product's, is empty, or has no guests.
/// Nothing when it is, and nothing when it is no API at all, of which whoever reads it tells more.
pub fn foreign(source: &Source) -> Option<Problem> {
    let message = if source.tree.as_array().is_some_and(Vec::is_empty) {
        "the array is empty: there is no API in this file".to_owned()
    } else {
        let mut unread = Report::default();
        let endpoints = raw::endpoints(&source.tree, &source.file, &mut unread);
        if lower::guests(&source.tree, &source.file) > 0 {
            return None;
        }
        match sister(&source.tree) {
            Some(name) => format!("this is the API of {name}, not of Proxmox VE"),
            None if unread.check().is_err() => return None,
            None => format!(
                "there is not one method for virtual machines or containers among the {} of this file: it is not the \
                 API of Proxmox VE",
                endpoints.len()
            ),
        }
    };
    Some(Problem { severity: Severity::Error, file: source.file.clone(), line: None, at: String::new(), message })
}

fn sister(tree: &Value) -> Option<&'static str> {
    let mut paths = BTreeSet::new();
    collect(tree, &mut paths);
    let all = |marks: &&[&str]| marks.iter().all(|mark| paths.contains(mark));
    SISTERS.iter().find(|(_, marks)| all(marks)).map(|(name, _)| *name)
}

fn collect<'t>(nodes: &'t Value, paths: &mut BTreeSet<&'t str>) {
    for node in nodes.as_array().into_iter().flatten() {
        paths.extend(node.get("path").and_then(Value::as_str));
        if let Some(children) = node.get("children") {
            collect(children, paths);
        }
    }
}
