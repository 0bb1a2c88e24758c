//! The stage of a replay: a demo cluster shaped like the recorded one, and what can be done to it from outside.

use proxmox_mcp::demo::scenario::{Backup, State};
use proxmox_mcp::demo::{self, Daemon, Demo, Scenario};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::runtime::Runtime;
use totp_rs::{Algorithm, Builder, Secret};

/// A running demo cluster and the scenario it was made from.
pub(crate) struct Stage {
    /// Where it runs; it ends with the stage.
    _runtime: Runtime,
    demo: Demo,
    scenario: Scenario,
}

impl Stage {
    /// Starts the recorded host (`single`) or both nodes (`pair`), saying to be of a release, with guests changed.
    pub(crate) fn set(cluster: &str, release: &str, changes: &[String]) -> Result<Self, String> {
        let mut scenario = scenario(cluster, release)?;
        for change in changes {
            apply(&mut scenario, change).ok_or_else(|| format!("set {change}: nothing of that kind is there"))?;
        }
        Self::start(scenario)
    }

    /// Starts a scenario.
    pub(crate) fn start(scenario: Scenario) -> Result<Self, String> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = runtime.map_err(|error| error.to_string())?;
        let demo = runtime.block_on(demo::start(scenario.clone())).map_err(|error| error.to_string())?;
        Ok(Self { _runtime: runtime, demo, scenario })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.demo.addr()
    }

    /// The secret of a token.
    pub(crate) fn secret(&self, token: &str) -> Result<String, String> {
        self.demo.secret(token).ok_or_else(|| format!("no token is called {token}"))
    }

    /// A token that may look at everything.
    pub(crate) fn root(&self) -> Result<&str, String> {
        let mut tokens = self.scenario.tokens.iter().map(|token| token.id.as_str());
        tokens.find(|id| id.starts_with("root@pam!")).ok_or_else(|| "root@pam has no token".to_owned())
    }

    /// The password of a user.
    pub(crate) fn password(&self, user: &str) -> Result<String, String> {
        let known = self.scenario.users.iter().find(|known| known.id == user);
        known.map(|known| known.password.clone()).ok_or_else(|| format!("no user is called {user}"))
    }

    /// Lets time pass until it is so late.
    pub(crate) fn until(&self, seconds: u64) {
        self.demo.advance(Duration::from_secs(seconds.saturating_sub(self.demo.now())));
    }

    /// How much time passes between two looks at a task: little where time stands still otherwise, so that it is not
    /// later then than it was when the recording went on.
    pub(crate) fn step(&self) -> Duration {
        if self.scenario.still { Duration::from_millis(20) } else { Duration::from_secs(1) }
    }

    /// Lets time pass on the stage.
    pub(crate) fn advance(&self, by: Duration) {
        self.demo.advance(by);
    }

    /// The code that the second factor of `tfa@pve` shows now.
    pub(crate) fn totp(&self) -> Result<String, String> {
        let user = self.scenario.users.iter().find(|user| user.totp.is_some()).ok_or("nobody has a second factor")?;
        let secret = Secret::try_from_base32(user.totp.as_deref().unwrap_or_default());
        let secret = secret.map_err(|error| error.to_string())?;
        let totp = Builder::new().with_algorithm(Algorithm::SHA1).with_secret(secret).build_noncompliant();
        Ok(totp.generate(self.demo.now()).to_string())
    }

    /// Kills the process of a task.
    pub(crate) fn kill(&self, upid: &str) -> Result<(), String> {
        self.demo.kill_task(upid).then_some(()).ok_or_else(|| format!("{upid} is not running"))
    }

    /// Does to the cluster what no API call does.
    pub(crate) fn given(&self, what: &str) -> Result<(), String> {
        let words: Vec<&str> = what.split(' ').collect();
        match words[..] {
            ["clock", seconds] => self.advance(Duration::from_secs(seconds.parse().map_err(|_| "not seconds")?)),
            ["backup", storage, vmid, at] => {
                let (vmid, at) = (vmid.parse().map_err(|_| "no id")?, at.parse::<u64>().map_err(|_| "no time")?);
                let age = self.demo.now().saturating_sub(at);
                let backup = Backup { storage: storage.to_owned(), vmid, age, ..Backup::default() };
                self.demo.add_backup(&backup);
            }
            [vmid, "locked", lock] => {
                let vmid = vmid.parse().map_err(|_| "no id")?;
                self.demo.set_option(vmid, "lock", Some(lock)).then_some(()).ok_or("no such guest")?;
            }
            [vmid, "deaf"] => {
                let vmid = vmid.parse().map_err(|_| "no id")?;
                self.demo.set_stubborn(vmid, true).then_some(()).ok_or("no such guest")?;
            }
            ["user", user, "disabled"] => drop(self.demo.set_user_enabled(user, false)),
            ["daemon", "down"] => self.demo.set_daemon(Daemon::Down),
            ["daemon", "hung"] => self.demo.set_daemon(Daemon::Hung),
            ["daemon", "up"] => self.demo.set_daemon(Daemon::Up),
            [node, "crashed"] => drop(self.demo.crash_node(node)),
            _ => return Err("nothing does that".to_owned()),
        }
        Ok(())
    }
}

/// The recorded host (`single`) or both nodes (`pair`).
pub(crate) fn scenario(cluster: &str, release: &str) -> Result<Scenario, String> {
    let host = crate::read("host.toml");
    let text = match cluster {
        "single" => format!("release = \"{release}\"\n{host}"),
        "pair" => {
            let second = crate::read("second-node.toml");
            format!("release = \"{release}\"\ncluster = \"testcluster\"\n{host}\n{second}")
        }
        "day2" => format!("release = \"{release}\"\n{}", crate::read("day2.toml")),
        other => return Err(format!("no cluster is called {other}")),
    };
    let mut scenario = Scenario::from_toml(&text).map_err(|error| error.to_string())?;
    // A host that stands alone is of no cluster.
    scenario.cluster = scenario.cluster.filter(|_| cluster != "single");
    Ok(scenario)
}

/// Changes a scenario: `106 ha stopped`, `107 machine pc-i440fx-6.1`, `pve2 online false`, `pve2 guests none`,
/// `cluster quorum false`.
fn apply(scenario: &mut Scenario, change: &str) -> Option<()> {
    let mut words = change.splitn(3, ' ');
    let (what, key, value) = (words.next()?, words.next()?, words.next()?.to_owned());
    let Ok(vmid) = what.parse::<u32>() else {
        match (key, scenario.nodes.iter_mut().find(|node| node.name == what)) {
            ("online", Some(node)) => node.online = value == "true",
            ("guests", Some(_)) => scenario.guests.retain(|guest| guest.node != what),
            ("quorum", None) => scenario.quorum = value == "true",
            _ => return None,
        }
        return Some(());
    };
    let guest = scenario.guests.iter_mut().find(|guest| guest.vmid == vmid)?;
    match key {
        "state" => guest.state = if value == "running" { State::Running } else { State::Stopped },
        "ha" => guest.ha = Some(value),
        "fails_to_start" => guest.fails_to_start = Some(value),
        _ => drop(guest.config.insert(key.to_owned(), value)),
    }
    Some(())
}
