//! Storages.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::values;

/// One storage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Storage {
    /// Its name.
    pub name: String,
    /// Its plug-in, such as `dir` or `lvmthin`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What it holds, such as `images,rootdir`.
    pub content: String,
    /// Whether all nodes see the same.
    pub shared: bool,
    /// Size in bytes.
    pub size: u64,
    /// The folder that it is, where it keeps files; made up when empty.
    pub path: String,
    /// The nodes that have it; all when empty.
    pub nodes: Vec<String>,
    /// Whether it is switched on.
    pub enabled: bool,
    /// Its other options as `storage.cfg` has them, such as `prune-backups`.
    #[serde(deserialize_with = "values::settings")]
    pub options: BTreeMap<String, String>,
    /// Whether nothing more fits: what allocates space on it ends with `No space left on device`.
    pub full: bool,
}

impl Storage {
    /// Whether it holds such content, such as `images` or `backup`.
    pub fn holds(&self, content: &str) -> bool {
        self.content.split(',').any(|held| held.trim() == content)
    }

    /// Whether a node has it.
    pub fn is_on(&self, node: &str) -> bool {
        self.nodes.is_empty() || self.nodes.iter().any(|name| name == node)
    }

    /// Whether it keeps its volumes as files in folders.
    pub fn keeps_files(&self) -> bool {
        ["dir", "nfs", "cifs", "btrfs", "cephfs", "glusterfs"].contains(&self.kind.as_str())
    }

    /// The folder that it is.
    pub fn folder(&self) -> String {
        match (self.path.as_str(), self.name.as_str(), self.kind.as_str()) {
            ("", "local", _) => "/var/lib/vz".to_owned(),
            ("", name, "nfs" | "cifs" | "cephfs" | "glusterfs") => format!("/mnt/pve/{name}"),
            ("", name, _) => format!("/mnt/{name}"),
            (path, ..) => path.to_owned(),
        }
    }
}

impl Default for Storage {
    fn default() -> Self {
        Self {
            name: "local".to_owned(),
            kind: "dir".to_owned(),
            content: "iso,vztmpl,backup,images,rootdir,snippets".to_owned(),
            shared: false,
            size: 250 << 30,
            path: String::new(),
            nodes: Vec::new(),
            enabled: true,
            options: BTreeMap::new(),
            full: false,
        }
    }
}
