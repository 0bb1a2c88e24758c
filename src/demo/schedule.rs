//! Backup jobs of the cluster (`jobs.cfg`).

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::scenario::BackupJob;

/// A backup job: its name and its options as their file has them.
#[derive(Debug, Clone, Default)]
pub(super) struct Job {
    pub(super) id: String,
    pub(super) options: BTreeMap<String, String>,
}

/// Options that are numbers or switches.
const NUMBERS: [&str; 11] = [
    "enabled",
    "all",
    "bwlimit",
    "ionice",
    "lockwait",
    "pigz",
    "protected",
    "remove",
    "repeat-missed",
    "stdexcludes",
    "zstd",
];

fn ids(text: &str) -> impl Iterator<Item = u32> {
    text.split([',', ';', ' ']).filter_map(|id| id.parse().ok())
}

impl Job {
    pub(super) fn of(job: &BackupJob) -> Self {
        let list = |ids: &[u32]| ids.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
        let mut options: BTreeMap<String, String> =
            [("schedule", "sun 01:00"), ("storage", "local"), ("mode", "snapshot"), ("enabled", "1")]
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .into();
        if job.guests.is_empty() {
            options.insert("all".to_owned(), "1".to_owned());
        } else {
            options.insert("vmid".to_owned(), list(&job.guests));
        }
        if !job.exclude.is_empty() {
            options.insert("exclude".to_owned(), list(&job.exclude));
        }
        options.extend(job.options.iter().map(|(key, value)| (key.clone(), value.clone())));
        Self { id: job.id.clone(), options }
    }

    fn on(&self, name: &str) -> bool {
        self.options.get(name).is_some_and(|value| value == "1")
    }

    /// The ids that an option lists.
    pub(super) fn listed(&self, name: &str) -> Vec<u32> {
        self.options.get(name).map(|text| ids(text).collect()).unwrap_or_default()
    }

    /// Whether it saves a guest.
    pub(super) fn saves(&self, vmid: u32, pool: Option<&str>) -> bool {
        if self.on("all") {
            return !self.listed("exclude").contains(&vmid);
        }
        self.listed("vmid").contains(&vmid) || self.options.get("pool").is_some_and(|own| Some(own.as_str()) == pool)
    }

    /// Forgets a guest that is gone; whether anybody is left to save.
    pub(super) fn forget(&mut self, vmid: u32) -> bool {
        for name in ["vmid", "exclude"] {
            let Some(text) = self.options.get(name) else { continue };
            let left: Vec<String> = ids(text).filter(|id| *id != vmid).map(|id| id.to_string()).collect();
            if left.is_empty() {
                self.options.remove(name);
            } else {
                self.options.insert(name.to_owned(), left.join(","));
            }
        }
        self.on("all") || ["vmid", "pool"].iter().any(|name| self.options.contains_key(*name))
    }

    /// As the API tells of it.
    pub(super) fn row(&self) -> Map<String, Value> {
        let mut row = Map::from_iter([("id".to_owned(), json!(self.id)), ("type".to_owned(), json!("vzdump"))]);
        for (name, value) in &self.options {
            let told = match value.parse::<i64>() {
                Ok(number) if NUMBERS.contains(&name.as_str()) => json!(number),
                _ if name == "prune-backups" => {
                    value.split(',').filter_map(|p| p.split_once('=')).map(|(k, n)| (k.to_owned(), json!(n))).collect()
                }
                _ => json!(value),
            };
            row.insert(name.clone(), told);
        }
        row
    }
}
