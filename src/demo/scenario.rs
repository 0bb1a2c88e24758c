//! What a demo cluster is made of: nodes, people, guests, storage and rules, as Rust values or as a TOML file.
//!
//! Every field has a default, so that a test or a person describes a cluster in ten lines:
//!
//! ```toml
//! [[nodes]]
//! name = "pve1"
//!
//! [[guests]]
//! vmid = 100
//! name = "web"
//! state = "running"
//!
//! [[guests]]
//! vmid = 200
//! kind = "lxc"
//! ```

mod content;
mod default;
mod default_content;
mod large;
mod people;
mod storage;
mod values;

pub use content::{Backup, Download, PastTask, Volume};
pub use people::{Acl, Token, User};
pub use storage::Storage;
pub use values::{GuestKind, Speed, State};

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::DemoError;

/// A demo cluster before it starts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default = "Scenario::small", deny_unknown_fields)]
pub struct Scenario {
    /// Version that the hosts say they are, such as `9.2.11`, `8.3.0` or `7.4-3`. Below 8.4 an error's text is in the
    /// reason phrase alone, as it was there; other habits of older releases follow from it too.
    pub release: String,
    /// Where all that looks random comes from: figures, key order, secrets, addresses.
    pub seed: u64,
    /// How long tasks take.
    pub speed: Speed,
    /// Seconds by which `/cluster/resources` is behind (a real PVE: about 10): state, figures and names are those of the
    /// last round, and a guest that is younger has none of them.
    pub lag: u64,
    /// Time of day at the start, in seconds since 1970; that of the system when left out.
    pub clock: Option<u64>,
    /// Whether time stands still but for what a test moves it on.
    pub still: bool,
    /// Name of the cluster; a single host without one stands alone and has no cluster entry in
    /// `/cluster/status`; several hosts are called `demo` when nothing is said.
    pub cluster: Option<String>,
    /// Whether the cluster has quorum.
    pub quorum: bool,
    /// Whether the services that carry out what high availability was asked for are running.
    pub ha_services: bool,
    /// Rules of a connection.
    pub connections: Connections,
    /// The nodes; the first one is the one that is asked. One called `pve1` when none is given.
    pub nodes: Vec<Node>,
    /// Storages; `local` and `local-lvm` when none is given.
    pub storage: Vec<Storage>,
    /// Users. `root@pam` is always there.
    pub users: Vec<User>,
    /// Groups: name to members.
    pub groups: BTreeMap<String, Vec<String>>,
    /// Roles beyond the built-in ones: name to privileges.
    pub roles: BTreeMap<String, Vec<String>>,
    /// Who may do what where.
    pub acl: Vec<Acl>,
    /// API tokens; the first one is that of [`Demo::token`](super::Demo::token). `root@pam!demo` when none is given.
    pub tokens: Vec<Token>,
    /// Pools: name to members, which are VMIDs or storage names.
    pub pools: BTreeMap<String, Vec<String>>,
    /// Ids of guests that have a replication job.
    pub replicated: Vec<u32>,
    /// Rules of high availability: name to the resources that it names, such as `vm:100,ct:200`.
    pub ha_rules: BTreeMap<String, String>,
    /// Backup jobs of the cluster.
    pub backup_jobs: Vec<BackupJob>,
    /// What lies on storages besides the disks of the guests, and besides backups.
    pub volumes: Vec<Volume>,
    /// Backups of guests.
    pub backups: Vec<Backup>,
    /// What can be fetched from the web; everything when empty.
    pub downloads: Vec<Download>,
    /// Tasks that ended before the demo began, oldest first.
    pub tasks: Vec<PastTask>,
    /// The guests.
    pub guests: Vec<Guest>,
}

/// One backup job.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BackupJob {
    /// Its name.
    pub id: String,
    /// The guests that it saves; all when empty.
    pub guests: Vec<u32>,
    /// Those that it leaves out, where it saves all.
    pub exclude: Vec<u32>,
    /// Its other options, such as `schedule`, `storage`, `mode` or `enabled`.
    #[serde(deserialize_with = "values::settings")]
    pub options: BTreeMap<String, String>,
}

/// Rules of a connection, each of which a test can change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Connections {
    /// Milliseconds of silence after which the server closes (a real PVE: 5000). 0: never.
    pub idle_ms: u64,
    /// Requests on one connection (a real PVE: 100). 0: any number.
    pub requests: u32,
    /// Whether an answer of 400 and above closes the connection (a real PVE: yes).
    pub close_on_error: bool,
    /// Milliseconds by which a 401 is delayed (a real PVE: 3000).
    pub auth_delay_ms: u64,
    /// Milliseconds until an unreachable node is given up (a real PVE: 2000 to 4000).
    pub unreachable_ms: u64,
    /// Milliseconds until a silent worker is given up with status 596 (a real PVE: 30000).
    pub silence_ms: u64,
    /// Whether replies are compressed for those who ask for it.
    pub compress: bool,
}

impl Default for Connections {
    fn default() -> Self {
        Self {
            idle_ms: 5000,
            requests: 100,
            close_on_error: true,
            auth_delay_ms: 0,
            unreachable_ms: 0,
            silence_ms: 100,
            compress: true,
        }
    }
}

/// One host of the cluster.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Node {
    /// Its name.
    pub name: String,
    /// Whether it can be reached.
    pub online: bool,
    /// Its address as the cluster knows it; made up when empty.
    pub ip: String,
    /// Processors.
    pub cpus: u32,
    /// Memory in bytes.
    pub memory: u64,
    /// Size of its root disk in bytes.
    pub disk: u64,
    /// Seconds since it was started.
    pub uptime: u64,
}

impl Default for Node {
    fn default() -> Self {
        Self {
            name: "pve1".to_owned(),
            online: true,
            ip: String::new(),
            cpus: 16,
            memory: 64 << 30,
            disk: 250 << 30,
            uptime: 1_900_800,
        }
    }
}

/// One guest: what its configuration file says, what state it is in and how it behaves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Guest {
    /// Its id; must be given.
    pub vmid: u32,
    /// Virtual machine or container.
    pub kind: GuestKind,
    /// The node it is on; the first one when empty.
    pub node: String,
    /// Name of a VM, host name of a container; `VM 100` and `CT100` are shown when empty.
    pub name: String,
    /// What it is doing.
    pub state: State,
    /// Seconds for which it has been running; made up when left out.
    pub uptime: Option<u64>,
    /// The lock it is under, such as `backup` or `migrate`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lock: Option<String>,
    /// Whether it is protected from removal.
    pub protected: bool,
    /// Whether it is a template.
    pub template: bool,
    /// Requested state in high availability, such as `started`, `stopped` or `ignored`, or `error` for one that it has
    /// given up; not managed when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ha: Option<String>,
    /// Whether it ignores a request to shut down.
    pub stubborn: bool,
    /// Why it does not start: `true` for the usual text, or a text.
    #[serde(deserialize_with = "values::failure")]
    pub fails_to_start: Option<String>,
    /// Warnings that its next starts log; their task ends as `WARNINGS: n`.
    pub start_warnings: Vec<String>,
    /// Why its removal fails half-way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fails_to_delete: Option<String>,
    /// What else breaks off half-way, leaving behind what it had made by then: type of the task (`qmclone`, `vzdump`,
    /// `qmigrate`, …) to how it ends.
    pub fails: BTreeMap<String, String>,
    /// Warnings that its removal logs.
    pub delete_warnings: Vec<String>,
    /// Seconds after a start from which it obeys a request to shut down.
    pub boot: u64,
    /// Seconds it takes to shut down when asked.
    pub shutdown: u64,
    /// Whether the guest agent inside answers (a VM with `agent` in its configuration).
    pub agent: bool,
    /// Tags.
    pub tags: Vec<String>,
    /// The configuration beyond what the other fields say, such as `cores`, `memory`, `net0`.
    #[serde(deserialize_with = "values::settings")]
    pub config: BTreeMap<String, String>,
    /// Changes that take effect with the next start.
    #[serde(deserialize_with = "values::settings")]
    pub pending: BTreeMap<String, String>,
    /// Snapshots, oldest first, each the parent of the next.
    pub snapshots: Vec<Snapshot>,
}

impl Default for Guest {
    fn default() -> Self {
        Self {
            vmid: 0,
            kind: GuestKind::Qemu,
            node: String::new(),
            name: String::new(),
            state: State::Stopped,
            uptime: None,
            lock: None,
            protected: false,
            template: false,
            ha: None,
            stubborn: false,
            fails_to_start: None,
            fails_to_delete: None,
            fails: BTreeMap::new(),
            start_warnings: Vec::new(),
            delete_warnings: Vec::new(),
            boot: 5,
            shutdown: 2,
            agent: false,
            tags: Vec::new(),
            config: BTreeMap::new(),
            pending: BTreeMap::new(),
            snapshots: Vec::new(),
        }
    }
}

/// One snapshot of a guest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Snapshot {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Whether it holds the memory too (VMs).
    pub vmstate: bool,
    /// Seconds before the start of the demo at which it was taken.
    pub age: u64,
}

impl Scenario {
    /// Reads a scenario from TOML and fills in what must be there: a node, storages, `root@pam`, a token.
    ///
    /// # Errors
    /// What is wrong and where: a key that does not exist, a guest without or with a taken id, on a node that is not
    /// there, of a pool or user that is not there.
    pub fn from_toml(text: &str) -> Result<Self, DemoError> {
        let scenario: Self = toml::from_str(text).map_err(|e| DemoError::Scenario(e.to_string()))?;
        scenario.completed()
    }

    /// This scenario with all that must be there, checked.
    ///
    /// # Errors
    /// As [`Scenario::from_toml`].
    pub fn completed(mut self) -> Result<Self, DemoError> {
        if self.nodes.is_empty() {
            self.nodes.push(Node::default());
        }
        if self.storage.is_empty() {
            self.storage = default::storages();
        }
        if !self.users.iter().any(|u| u.id == "root@pam") {
            self.users.insert(0, User { id: "root@pam".to_owned(), password: "demo".to_owned(), ..User::default() });
        }
        if self.tokens.is_empty() {
            self.tokens.push(Token { id: "root@pam!demo".to_owned(), privsep: false, ..Token::default() });
        }
        if self.nodes.len() > 1 && self.cluster.is_none() {
            self.cluster = Some("demo".to_owned());
        }
        for guest in self.guests.iter_mut().filter(|g| g.node.is_empty()) {
            guest.node.clone_from(&self.nodes[0].name);
        }
        self.check()?;
        Ok(self)
    }

    fn check(&self) -> Result<(), DemoError> {
        let wrong = |text: String| Err(DemoError::Scenario(text));
        let mut names = std::collections::HashSet::new();
        for node in &self.nodes {
            if let Err(e) = node.name.parse::<crate::pve::NodeName>() {
                return wrong(e.to_string());
            }
            if !names.insert(node.name.as_str()) {
                return wrong(format!("node {} is there twice", node.name));
            }
        }
        let mut taken = std::collections::HashSet::new();
        for guest in &self.guests {
            if !crate::pve::Vmid::RANGE.contains(&guest.vmid) {
                return wrong(format!("guest {:?}: vmid {} is not from 100 to 999999999", guest.name, guest.vmid));
            }
            if !taken.insert(guest.vmid) {
                return wrong(format!("guest {} is there twice; ids are shared by VMs and containers", guest.vmid));
            }
            if !names.contains(guest.node.as_str()) {
                return wrong(format!("guest {} is on node {:?}, which is not there", guest.vmid, guest.node));
            }
        }
        self.check_content()?;
        for token in &self.tokens {
            let user = token.id.rsplit_once('!').map_or("", |(user, _)| user);
            if !self.users.iter().any(|u| u.id == user) {
                return wrong(format!("token {:?} is of no user; it looks like user@realm!name", token.id));
            }
        }
        Ok(())
    }

    /// Whether what lies on storages lies on one that is there.
    fn check_content(&self) -> Result<(), DemoError> {
        let named = self.volumes.iter().map(|v| (&v.storage, &v.node, "volumes"));
        let named = named.chain(self.backups.iter().map(|b| (&b.storage, &b.node, "backups")));
        for (storage, node, list) in named {
            if !self.storage.iter().any(|s| s.name == *storage) {
                return Err(DemoError::Scenario(format!("{list}: storage {storage:?} is not there")));
            }
            if !node.is_empty() && !self.nodes.iter().any(|n| n.name == *node) {
                return Err(DemoError::Scenario(format!("{list}: node {node:?} is not there")));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEN_LINES: &str = r#"
        [[nodes]]
        name = "pve1"
        [[guests]]
        vmid = 100
        name = "web"
        state = "running"
        config = { cores = 2, memory = 2048, onboot = true }
        [[guests]]
        vmid = 200
        kind = "lxc"
    "#;

    #[test]
    fn ten_lines_are_a_cluster() {
        let scenario = Scenario::from_toml(TEN_LINES).unwrap();
        assert_eq!(scenario.guests.len(), 2);
        assert_eq!(scenario.guests[0].config["onboot"], "1");
        assert_eq!(scenario.guests[1].node, "pve1");
        assert_eq!(scenario.tokens[0].id, "root@pam!demo");
        assert_eq!(scenario.users[0].id, "root@pam");
    }

    #[test]
    fn a_wrong_scenario_says_what_is_wrong() {
        let error = |text: &str| Scenario::from_toml(text).unwrap_err().to_string();
        assert!(error("[[guests]]\nname = \"x\"").contains("vmid 0 is not from 100"));
        assert!(error("[[guests]]\nvmid = 100\n[[guests]]\nvmid = 100").contains("100 is there twice"));
        assert!(error("[[guests]]\nvmid = 100\nnode = \"nope\"").contains("\"nope\", which is not there"));
        assert!(error("colour = 1").contains("unknown field `colour`"));
        assert!(error("[[tokens]]\nid = \"a@pve!t\"").contains("is of no user"));
    }

    #[test]
    fn what_is_written_can_be_read() {
        let scenario = Scenario::default();
        let text = toml::to_string(&scenario).unwrap();
        assert_eq!(Scenario::from_toml(&text).unwrap(), scenario);
    }
}
