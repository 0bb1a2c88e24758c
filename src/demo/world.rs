//! The cluster itself: nodes, guests, tasks, time.
//!
//! Nothing runs in the background. What is to happen later stands in a queue, and all that is due by now happens
//! before a request is looked at; so the same requests at the same times give the same answers.

mod guest;
mod queue;
mod task;
mod volumes;

pub(super) use guest::{Change, Guest, Ha, Run, Snap, parse_size, total_size};
pub(super) use queue::{Flow, Stage, stage};
pub(super) use task::{Task, under_lock};
pub(super) use volumes::{CLOUD_INIT, Saved, Volume, Wanted, archive};

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{
    access::Access,
    release::Release,
    rng::Rng,
    scenario::{Download, Node, Scenario, Speed, Storage},
    schedule::Job,
};
use queue::Queue;

/// Milliseconds after which what a silent node last published is forgotten.
const STALE_MS: u64 = 300_000;
/// Milliseconds after which the other nodes notice that one is away.
const NOTICED_MS: u64 = 10_000;
/// Milliseconds for which connections to a node that has just gone are tried.
const TRIED_MS: u64 = 30_000;

/// A node and since when it has been away.
#[derive(Debug)]
pub(super) struct Host {
    pub(super) node: Node,
    pub(super) ip: String,
    pub(super) fingerprint: String,
    /// When it went offline, in milliseconds since 1970.
    pub(super) away_since: Option<u64>,
    /// Whether it crashed, so that the others notice only after a while; otherwise they know at once.
    pub(super) crashed: bool,
}

impl Host {
    /// Whether the others have noticed that it is away, which takes them a moment.
    pub(super) fn is_gone(&self, world: &World) -> bool {
        self.away_since.is_some_and(|since| !self.crashed || world.now >= since + world.lasting(NOTICED_MS))
    }

    /// Whether it has been there since the demo began; of one that was not neither address nor certificate is known.
    pub(super) fn was_seen(&self, world: &World) -> bool {
        self.away_since.is_none_or(|since| since >= world.began)
    }

    /// What a connection to it ends in: at first nothing answers, later the network knows that nothing is there.
    pub(super) fn unreachable(&self, world: &World) -> &'static str {
        let fresh = self.away_since.is_some_and(|since| world.now < since + world.lasting(TRIED_MS));
        if fresh && self.crashed { "Connection timed out" } else { "No route to host" }
    }
}

/// What was last published of a guest for `/cluster/resources`.
#[derive(Debug, Clone)]
pub(super) struct Published {
    /// As QMP says it: a paused VM is `paused`.
    pub(super) status: String,
    pub(super) uptime: u64,
    /// The name that it had then; a new one is told only with the next round.
    pub(super) name: String,
    /// Whether it was a template then.
    pub(super) template: bool,
}

/// The cluster.
#[derive(Debug)]
pub(super) struct World {
    /// Milliseconds since 1970, as of the last [`World::advance`].
    pub(super) now: u64,
    /// When it began.
    pub(super) began: u64,
    pub(super) release: Release,
    pub(super) rng: Rng,
    pub(super) access: Access,
    pub(super) cluster: Option<String>,
    pub(super) quorum: bool,
    pub(super) ha_services: bool,
    pub(super) hosts: Vec<Host>,
    pub(super) storage: Vec<Storage>,
    /// Guests that have a replication job, and where it goes; to the last node when empty.
    pub(super) replicated: BTreeMap<u32, String>,
    pub(super) backup_jobs: Vec<Job>,
    pub(super) volumes: Vec<Volume>,
    /// The bridges of the nodes: the usual one and those that guests were on at the start.
    pub(super) bridges: BTreeSet<String>,
    pub(super) downloads: Vec<Download>,
    pub(super) ha_rules: BTreeMap<String, String>,
    /// Volumes that deletions have freed, in order.
    pub(super) freed: Vec<String>,
    pub(super) guests: BTreeMap<u32, Guest>,
    pub(super) tasks: HashMap<String, Task>,
    /// Tasks in the order of their start.
    pub(super) task_order: Vec<String>,
    pub(super) published: HashMap<u32, Published>,
    last_publish: u64,
    lag_ms: u64,
    speed: Speed,
    next_pid: u32,
    queue: Queue,
}

impl World {
    /// The cluster of a complete scenario.
    pub(super) fn new(scenario: &Scenario, now: u64) -> Self {
        let mut rng = Rng::new(scenario.seed);
        let release = Release::new(&scenario.release);
        let access = Access::new(scenario, release.clone(), &mut rng);
        let hosts = scenario.nodes.iter().enumerate().map(|(n, node)| Host {
            node: node.clone(),
            ip: if node.ip.is_empty() { format!("192.0.2.{}", 11 + n) } else { node.ip.clone() },
            fingerprint: fingerprint(&mut rng),
            away_since: (!node.online).then_some(now.saturating_sub(2 * STALE_MS)),
            crashed: false,
        });
        let hosts: Vec<Host> = hosts.collect();
        let mut world = Self {
            now,
            began: now,
            access,
            cluster: scenario.cluster.clone(),
            quorum: scenario.quorum,
            ha_services: scenario.ha_services,
            hosts,
            storage: scenario.storage.clone(),
            replicated: scenario.replicated.iter().map(|id| (*id, String::new())).collect(),
            backup_jobs: scenario.backup_jobs.iter().map(Job::of).collect(),
            volumes: Vec::new(),
            bridges: BTreeSet::from(["vmbr0".to_owned()]),
            downloads: scenario.downloads.clone(),
            ha_rules: scenario.ha_rules.clone(),
            freed: Vec::new(),
            guests: BTreeMap::new(),
            tasks: HashMap::new(),
            task_order: Vec::new(),
            published: HashMap::new(),
            last_publish: now,
            lag_ms: scenario.lag.saturating_mul(1000),
            speed: scenario.speed,
            next_pid: 0x1000,
            queue: Queue::default(),
            release,
            rng,
        };
        for guest in &scenario.guests {
            let guest = Guest::new(guest, &mut world);
            world.guests.insert(guest.vmid, guest);
        }
        world.bridges = world.guests.values().flat_map(Guest::bridges).chain(["vmbr0".to_owned()]).collect();
        world.fill(scenario);
        for task in &scenario.tasks {
            world.past(task);
        }
        world.publish();
        world
    }

    /// Whether a storage keeps its volumes as files in folders, one for each guest.
    pub(super) fn keeps_files(&self, storage: &str) -> bool {
        self.storage(storage).is_some_and(Storage::keeps_files)
    }

    /// Lets happen all that is due by `now`.
    pub(super) fn advance(&mut self, now: u64) {
        let now = now.max(self.now);
        if self.lag_ms > 0 && now.saturating_sub(self.last_publish) >= self.lag_ms {
            let latest = now - (now - self.last_publish) % self.lag_ms;
            self.run_until(latest);
            self.publish();
            self.last_publish = latest;
        }
        self.run_until(now);
        if self.lag_ms == 0 {
            self.publish();
        }
    }

    fn publish(&mut self) {
        let now = self.now;
        let fresh = self.guests.values().map(|guest| {
            let uptime = guest.run.as_ref().map_or(0, |r| (now - r.since) / 1000);
            let (name, template) = (guest.name(), guest.is_on("template"));
            (guest.vmid, Published { status: guest.qmp_status().to_owned(), uptime, name, template })
        });
        let fresh: Vec<_> = fresh.collect();
        for (vmid, state) in fresh {
            // A node that is away publishes nothing.
            if self.guests.get(&vmid).is_some_and(|g| self.is_online(&g.node)) {
                self.published.insert(vmid, state);
            }
        }
    }

    /// The seconds of the day's time.
    pub(super) fn seconds(&self) -> u64 {
        self.now / 1000
    }

    /// How far behind `/cluster/resources` is.
    pub(super) fn set_lag(&mut self, seconds: u64) {
        self.lag_ms = seconds.saturating_mul(1000);
    }

    /// The node that answers.
    pub(super) fn local(&self) -> &str {
        self.hosts.first().map_or("localhost", |h| h.node.name.as_str())
    }

    /// A node by name.
    pub(super) fn host(&self, name: &str) -> Option<&Host> {
        self.hosts.iter().find(|h| h.node.name == name)
    }

    /// Whether a node can be reached.
    pub(super) fn is_online(&self, name: &str) -> bool {
        self.host(name).is_some_and(|h| h.away_since.is_none())
    }

    /// Whether what a node published is too old to be told.
    pub(super) fn is_forgotten(&self, name: &str) -> bool {
        self.host(name).and_then(|h| h.away_since).is_some_and(|since| self.now >= since + STALE_MS)
    }

    /// Takes a node away or brings it back; whether there is such a node. One that crashed is noticed after a while.
    pub(super) fn set_online(&mut self, name: &str, online: bool, crashed: bool) -> bool {
        let now = self.now;
        let Some(host) = self.hosts.iter_mut().find(|h| h.node.name == name) else { return false };
        host.away_since = (!online).then(|| host.away_since.unwrap_or(now));
        host.crashed = crashed;
        true
    }

    /// How long something lasts that takes so many milliseconds on a real host.
    pub(super) fn lasting(&self, real_ms: u64) -> u64 {
        match self.speed {
            Speed::Real => real_ms,
            Speed::Fast => real_ms / 100,
        }
    }

    /// How long a guest does not hear a request to shut down after its start. At fast speed it hears at once: what comes
    /// of a call must not depend on whether it came some milliseconds earlier or later.
    pub(super) fn boot(&self, real_ms: u64) -> u64 {
        match self.speed {
            Speed::Real => real_ms,
            Speed::Fast => 0,
        }
    }

    /// A process id that nobody has.
    pub(super) fn pid(&mut self) -> u32 {
        self.next_pid = self.next_pid.wrapping_add(1 + u32::try_from(self.rng.below(9)).unwrap_or(0)).max(0x1000);
        self.next_pid
    }

    /// A bridge that a guest is on and the node does not have, in PVE's words.
    pub(super) fn no_bridge(&self, guest: &Guest) -> Option<String> {
        let name = guest.bridges().into_iter().find(|name| !self.bridges.contains(name))?;
        Some(format!("bridge '{name}' does not exist"))
    }

    /// The least id from 100 that neither kind of guest has.
    pub(super) fn free_id(&self) -> u32 {
        (100..).find(|id| !self.guests.contains_key(id)).unwrap_or(100)
    }

    /// Whether a storage of this name is there.
    pub(super) fn has_storage(&self, name: &str) -> bool {
        self.storage.iter().any(|s| s.name == name)
    }
}

fn fingerprint(rng: &mut Rng) -> String {
    let pairs: Vec<String> = (0..32).map(|_| rng.hex(2).to_uppercase()).collect();
    pairs.join(":")
}
