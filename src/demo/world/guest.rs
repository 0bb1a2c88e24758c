//! A guest: its configuration file, what it is doing, and how it behaves.

use std::{collections::BTreeMap, fmt::Write as _};

use super::World;
use crate::demo::{
    agent::Agent,
    digest::digest,
    firewall::Firewall,
    scenario::{self, GuestKind, State},
};

/// A change that waits for the next start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) enum Change {
    /// A new value.
    Set(String),
    /// Removal; whether it was forced.
    Delete(bool),
}

/// A running guest.
#[derive(Debug, Clone)]
pub(in super::super) struct Run {
    pub(in super::super) pid: u32,
    /// When it was started, in milliseconds since 1970.
    pub(in super::super) since: u64,
    /// When its system last began to boot: at the start or at a reset.
    pub(in super::super) booted: u64,
    /// Whether it is halted in memory.
    pub(in super::super) paused: bool,
    /// Memory in use.
    pub(in super::super) mem: u64,
    /// Bytes received before the demo began, as a figure to show.
    pub(in super::super) netin: u64,
    /// The same for sent bytes.
    pub(in super::super) netout: u64,
    /// Share of its processors in use.
    pub(in super::super) cpu: f64,
}

/// What high availability knows of a guest.
#[derive(Debug, Clone)]
pub(in super::super) struct Ha {
    /// What was asked for: `started`, `stopped`, `ignored`, …
    pub(in super::super) requested: String,
    /// What the manager says; nothing while its services are down.
    pub(in super::super) state: Option<String>,
    /// Its other options, such as `comment` or `max_restart`.
    pub(in super::super) options: BTreeMap<String, String>,
}

/// A snapshot.
#[derive(Debug, Clone)]
pub(in super::super) struct Snap {
    pub(in super::super) name: String,
    pub(in super::super) description: String,
    /// Seconds since 1970.
    pub(in super::super) time: u64,
    pub(in super::super) parent: Option<String>,
    pub(in super::super) vmstate: bool,
    pub(in super::super) config: BTreeMap<String, String>,
}

impl Snap {
    /// The volume that holds the memory, if it was saved: where the guest says, else beside its first disk.
    pub(in super::super) fn state(&self, guest: &Guest, world: &World) -> Option<String> {
        let beside = || guest.disks().find_map(|(_, line)| line.split_once(':')).map(|(storage, _)| storage);
        let storage = guest.option("vmstatestorage").or_else(beside).unwrap_or("local");
        let (vmid, name) = (guest.vmid, &self.name);
        let file = match world.keeps_files(storage) {
            true => format!("{vmid}/vm-{vmid}-state-{name}.raw"),
            false => format!("vm-{vmid}-state-{name}"),
        };
        self.vmstate.then(|| format!("{storage}:{file}"))
    }
}

/// A guest.
#[derive(Debug, Clone)]
pub(in super::super) struct Guest {
    pub(in super::super) vmid: u32,
    pub(in super::super) kind: GuestKind,
    pub(in super::super) node: String,
    /// The configuration file, without what is pending.
    pub(in super::super) config: BTreeMap<String, String>,
    pub(in super::super) pending: BTreeMap<String, Change>,
    pub(in super::super) run: Option<Run>,
    pub(in super::super) ha: Option<Ha>,
    pub(in super::super) snapshots: Vec<Snap>,
    /// The snapshot that the present state descends from.
    pub(in super::super) parent: Option<String>,
    pub(in super::super) firewall: Firewall,
    /// The task that holds the lock file.
    pub(in super::super) held_by: Option<String>,
    pub(in super::super) stubborn: bool,
    pub(in super::super) fails_to_start: Option<String>,
    pub(in super::super) fails_to_delete: Option<String>,
    /// What else breaks off half-way: type of the task to how it ends.
    pub(in super::super) fails: BTreeMap<String, String>,
    pub(in super::super) start_warnings: Vec<String>,
    pub(in super::super) delete_warnings: Vec<String>,
    pub(in super::super) boot_ms: u64,
    pub(in super::super) shutdown_ms: u64,
    pub(in super::super) agent: bool,
    /// What the agent inside knows.
    pub(in super::super) agent_state: Agent,
}

impl Guest {
    pub(super) fn new(from: &scenario::Guest, world: &mut World) -> Self {
        let mut config = from.config.clone();
        let mut set = |key: &str, value: &str| config.insert(key.to_owned(), value.to_owned());
        if !from.name.is_empty() {
            set(if from.kind == GuestKind::Qemu { "name" } else { "hostname" }, &from.name);
        }
        if !from.tags.is_empty() {
            set("tags", &from.tags.join(";"));
        }
        if from.protected {
            set("protection", "1");
        }
        if from.template {
            set("template", "1");
        }
        if let Some(lock) = &from.lock {
            set("lock", lock);
        }
        if from.state == State::Suspended {
            set("lock", "suspended");
        }
        let mut guest = Self {
            ha: from.ha.clone().map(|requested| Ha {
                state: world.ha_services.then(|| requested.clone()),
                requested,
                options: BTreeMap::new(),
            }),
            pending: from.pending.iter().map(|(k, v)| (k.clone(), Change::Set(v.clone()))).collect(),
            stubborn: from.stubborn,
            fails_to_start: from.fails_to_start.clone(),
            fails_to_delete: from.fails_to_delete.clone(),
            fails: from.fails.clone(),
            start_warnings: from.start_warnings.clone(),
            delete_warnings: from.delete_warnings.clone(),
            boot_ms: from.boot.saturating_mul(1000),
            shutdown_ms: from.shutdown.saturating_mul(1000),
            agent: from.agent,
            ..Self::bare(from.vmid, from.kind, &from.node, config)
        };
        for snap in &from.snapshots {
            let taken = Snap {
                name: snap.name.clone(),
                description: snap.description.clone(),
                time: world.seconds().saturating_sub(snap.age),
                parent: guest.parent.clone(),
                vmstate: snap.vmstate,
                config: guest.config.clone(),
            };
            guest.parent = Some(snap.name.clone());
            guest.snapshots.push(taken);
        }
        if matches!(from.state, State::Running | State::Paused) {
            let uptime = from.uptime.unwrap_or_else(|| 3600 + world.rng.below(40 * 86_400));
            guest.run = Some(guest.started(world, uptime));
            if let Some(run) = &mut guest.run {
                run.paused = from.state == State::Paused;
            }
        }
        guest
    }

    /// A stopped guest with nothing but a configuration.
    pub(in super::super) fn bare(vmid: u32, kind: GuestKind, node: &str, config: BTreeMap<String, String>) -> Self {
        Self {
            vmid,
            kind,
            node: node.to_owned(),
            config,
            pending: BTreeMap::new(),
            run: None,
            ha: None,
            snapshots: Vec::new(),
            parent: None,
            firewall: Firewall::default(),
            held_by: None,
            stubborn: false,
            fails_to_start: None,
            fails_to_delete: None,
            fails: BTreeMap::new(),
            start_warnings: Vec::new(),
            delete_warnings: Vec::new(),
            boot_ms: 5000,
            shutdown_ms: 2000,
            agent: false,
            agent_state: Agent::default(),
        }
    }

    /// What it is like once it has been running for so many seconds.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "figures")]
    pub(in super::super) fn started(&self, world: &mut World, uptime: u64) -> Run {
        let fresh = uptime == 0;
        let share = if fresh { 0.1 } else { 0.25 + 0.6 * world.rng.unit() };
        Run {
            pid: world.pid(),
            since: world.now.saturating_sub(uptime.saturating_mul(1000)),
            booted: world.now.saturating_sub(uptime.saturating_mul(1000)),
            paused: false,
            mem: (self.memory() as f64 * share) as u64,
            netin: if fresh { 0 } else { world.rng.below(uptime.saturating_mul(20_000)) },
            netout: if fresh { 0 } else { world.rng.below(uptime.saturating_mul(9_000)) },
            cpu: if fresh { 0.0 } else { world.rng.unit().powi(3) },
        }
    }

    /// An option of the configuration file.
    pub(in super::super) fn option(&self, name: &str) -> Option<&str> {
        self.config.get(name).map(String::as_str)
    }

    /// An option that is a number.
    pub(in super::super) fn number(&self, name: &str) -> Option<u64> {
        self.option(name)?.parse().ok()
    }

    /// Whether a switch of the configuration is on.
    pub(in super::super) fn is_on(&self, name: &str) -> bool {
        self.option(name) == Some("1")
    }

    /// Its name as lists show it.
    pub(in super::super) fn name(&self) -> String {
        match self.kind {
            GuestKind::Qemu => self.option("name").map_or_else(|| format!("VM {}", self.vmid), str::to_owned),
            GuestKind::Lxc => self.option("hostname").map_or_else(|| format!("CT{}", self.vmid), str::to_owned),
        }
    }

    /// `VM` or `CT`, as messages name it.
    pub(in super::super) const fn word(&self) -> &'static str {
        match self.kind {
            GuestKind::Qemu => "VM",
            GuestKind::Lxc => "CT",
        }
    }

    /// Memory in bytes: the first number of the option; 512 MiB by default.
    pub(in super::super) fn memory(&self) -> u64 {
        let text = self.option("memory").unwrap_or("512");
        let text = text.strip_prefix("current=").unwrap_or(text);
        text.split(',').next().and_then(|t| t.parse::<u64>().ok()).unwrap_or(512) << 20
    }

    /// Whether it is managed by high availability.
    pub(in super::super) fn is_managed(&self) -> bool {
        self.ha.as_ref().is_some_and(|ha| ha.requested != "ignored")
    }

    /// What QMP says: `running`, `paused` or `stopped`.
    pub(in super::super) fn qmp_status(&self) -> &'static str {
        match &self.run {
            None => "stopped",
            Some(run) if run.paused && self.kind == GuestKind::Qemu => "paused",
            Some(_) => "running",
        }
    }

    /// The text with which a locked guest refuses.
    pub(in super::super) fn locked(&self) -> Option<String> {
        self.option("lock").map(|lock| format!("{} is locked ({lock})", self.word()))
    }

    /// The file whose lock tasks wait for.
    pub(in super::super) fn lock_file(&self) -> String {
        match self.kind {
            GuestKind::Qemu => format!("/var/lock/qemu-server/lock-{}.conf", self.vmid),
            GuestKind::Lxc => format!("/run/lock/lxc/pve-config-{}.lock", self.vmid),
        }
    }

    /// The digest of the configuration: 40 hex digits that change with it.
    pub(in super::super) fn digest(&self) -> String {
        let mut text = String::new();
        for (key, value) in &self.config {
            let _ = writeln!(text, "{key}: {value}");
        }
        for (key, change) in &self.pending {
            let _ = writeln!(text, "{key}: {change:?}");
        }
        let _ = write!(text, "{} {:?}", self.vmid, self.parent);
        digest(&text)
    }

    /// The configuration with what is pending.
    pub(in super::super) fn coming(&self) -> BTreeMap<String, String> {
        let mut config = self.config.clone();
        for (key, change) in &self.pending {
            match change {
                Change::Set(value) => drop(config.insert(key.clone(), value.clone())),
                Change::Delete(_) => drop(config.remove(key)),
            }
        }
        config
    }

    /// Applies what is pending.
    pub(in super::super) fn settle(&mut self) {
        self.config = self.coming();
        self.pending.clear();
    }

    /// Hardware addresses of its network cards.
    pub(in super::super) fn macs(&self) -> Vec<String> {
        let cards = self.config.iter().filter(|(k, _)| k.strip_prefix("net").is_some_and(|n| n.parse::<u8>().is_ok()));
        let address = |line: &str| {
            line.split([',', '=']).find(|p| p.len() == 17 && p.matches(':').count() == 5).map(str::to_owned)
        };
        cards.filter_map(|(_, line)| address(line)).collect()
    }

    /// Whether its configuration says that there is an agent inside.
    pub(in super::super) fn has_agent(&self) -> bool {
        self.option("agent").is_some_and(|agent| agent.starts_with('1') || agent.contains("enabled=1"))
    }

    /// The bridges that its network cards are on.
    pub(in super::super) fn bridges(&self) -> Vec<String> {
        let cards = self.config.iter().filter(|(k, _)| k.strip_prefix("net").is_some_and(|n| n.parse::<u8>().is_ok()));
        let bridge = |line: &str| line.split(',').find_map(|part| part.strip_prefix("bridge=").map(str::to_owned));
        cards.filter_map(|(_, line)| bridge(line)).collect()
    }

    /// The option that holds the disk it starts from.
    pub(in super::super) fn boot_disk(&self) -> Option<&str> {
        if self.kind == GuestKind::Lxc {
            return self.option("rootfs");
        }
        let order = self.option("boot")?.strip_prefix("order=")?;
        let mut named = order.split(';').filter_map(|name| self.option(name));
        named.find(|disk| size_of(disk).is_some() && !disk.contains("media=cdrom"))
    }

    /// All its volumes: option and value.
    pub(in super::super) fn disks(&self) -> impl Iterator<Item = (&str, &str)> {
        let drives = ["scsi", "virtio", "sata", "ide", "efidisk", "tpmstate", "rootfs", "mp", "unused"];
        let is_drive = move |key: &str| {
            let stem = key.trim_end_matches(|c: char| c.is_ascii_digit());
            key == "rootfs" || drives.contains(&stem) && stem.len() < key.len()
        };
        let volumes = self.config.iter().filter(move |(key, value)| is_drive(key) && value.contains(':'));
        volumes.map(|(k, v)| (k.as_str(), v.as_str()))
    }
}

/// Bytes of the disk that a configuration line describes.
fn size_of(line: &str) -> Option<u64> {
    let size = line.split(',').find_map(|part| part.strip_prefix("size="))?;
    parse_size(size)
}

/// Bytes of a size such as `32G`.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "sizes of disks are far below the limit")]
pub(in super::super) fn parse_size(text: &str) -> Option<u64> {
    let (number, shift) = match text.chars().last()? {
        'K' => (&text[..text.len() - 1], 10),
        'M' => (&text[..text.len() - 1], 20),
        'G' => (&text[..text.len() - 1], 30),
        'T' => (&text[..text.len() - 1], 40),
        _ => (text, 0),
    };
    let number: f64 = number.parse().ok().filter(|n: &f64| n.is_finite() && *n >= 0.0)?;
    let bytes = number * f64::from(1_u32 << (shift.min(30))) * if shift > 30 { 1024.0 } else { 1.0 };
    // Below 2^63, so that sums stay below 2^64.
    (bytes < 9.2e18).then_some(bytes as u64)
}

/// Bytes of the disk in a configuration line; 0 when it does not say.
pub(in super::super) fn total_size(line: Option<&str>) -> u64 {
    line.and_then(size_of).unwrap_or(0)
}
