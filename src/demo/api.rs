//! The methods: one function for each that the demo models, and an answer from the schema for the rest.

mod access;
mod agent;
mod backup;
mod backup_jobs;
mod bulk;
mod clone;
mod cluster;
mod config;
mod config_write;
mod console;
mod create;
mod delete;
mod disks;
mod download;
mod firewall;
mod guests;
mod ha;
mod host;
mod index;
mod lxc;
mod migrate;
mod moving;
mod nodes;
mod people;
mod pools;
mod prune;
mod qemu;
mod replication;
mod resize;
mod restore;
mod routes;
mod shape;
mod shutdown;
mod snapshot;
mod storage;
mod storage_config;
mod tasks;

use super::{
    access::Who,
    refusal::Refusal,
    reply::{Failure, Outcome},
    scenario::GuestKind,
    verify::Args,
    world::{Guest, Stage, World},
};
use crate::spec::{
    Endpoint,
    Method::{self, Delete, Get, Post, Put},
};

/// A verified call.
pub(super) struct Call<'a> {
    pub(super) world: &'a mut World,
    pub(super) who: &'a Who,
    pub(super) args: &'a Args,
    pub(super) endpoint: &'static Endpoint,
}

/// A method of the demo.
type Handler = fn(&mut Call<'_>) -> Outcome;

/// Carries out a call.
pub(super) fn run(call: &mut Call<'_>) -> Outcome {
    match handler(call.endpoint.method, &call.endpoint.path) {
        Some(handler) => handler(call),
        None => shape::answer(call),
    }
}

/// The function for an endpoint.
fn handler(method: Method, path: &str) -> Option<Handler> {
    if let Some(tail) = path.strip_prefix("/nodes/{node}/qemu/{vmid}") {
        return of_guest(method, tail).or_else(|| of_vm(method, tail));
    }
    if let Some(tail) = path.strip_prefix("/nodes/{node}/lxc/{vmid}") {
        return of_guest(method, tail).or_else(|| of_container(method, tail));
    }
    if let Some(tail) = path.strip_prefix("/nodes/{node}") {
        return of_node(method, tail);
    }
    Some(match (method, path) {
        (Get, "/version") => nodes::version,
        (Get, "/access/ticket") => access::ticket_form,
        (Post, "/access/ticket") => access::ticket,
        (Get, "/access/permissions") => access::permissions,
        (Get, "/access/domains") => access::domains,
        (Get, "/access/users") => access::users,
        (Get, "/access/tfa") => access::second_factors,
        (Get, "/nodes") => nodes::list,
        (Get, "/cluster/resources") => cluster::resources,
        (Get, "/cluster/status") => cluster::status,
        (Get, "/cluster/nextid") => cluster::next_id,
        (Get, "/cluster/backup") => backup_jobs::list,
        (Post, "/cluster/backup") => backup_jobs::create,
        (Get, "/cluster/backup/{id}") => backup_jobs::one,
        (Put, "/cluster/backup/{id}") => backup_jobs::update,
        (Delete, "/cluster/backup/{id}") => backup_jobs::remove,
        (Get, "/cluster/backup/{id}/included_volumes") => backup_jobs::included,
        (Get, "/cluster/backup-info") => backup_jobs::info_index,
        (Get, "/cluster/backup-info/not-backed-up") => backup_jobs::left_out,
        (Get, "/storage") => storage_config::list,
        (Post, "/storage") => storage_config::create,
        (Get, "/storage/{storage}") => storage_config::one,
        (Put, "/storage/{storage}") => storage_config::update,
        (Delete, "/storage/{storage}") => storage_config::remove,
        (Get, "/cluster/tasks") => tasks::of_cluster,
        (Get, "/cluster/options") => cluster::options,
        (Get, "/") => index::root,
        _ => return routes::of_people(method, path).or_else(|| routes::of_cluster(method, path)),
    })
}

fn of_node(method: Method, tail: &str) -> Option<Handler> {
    Some(match (method, tail) {
        (Get, "") => index::node,
        (Get, "/qemu" | "/lxc") => guests::list,
        (Post, "/qemu" | "/lxc") => create::create,
        (Get, "/version") => nodes::version,
        (Get, "/status") => nodes::status,
        (_, tail) if tail.starts_with("/storage") => return of_storage(method, tail),
        (Get, "/time") => host::time,
        (Get, "/dns") => host::dns,
        (Get, "/config") => host::config,
        (Get, "/hosts") => host::hosts,
        (Get, "/subscription") => host::subscription,
        (Get, "/network") => host::network,
        (Get, "/network/{iface}") => host::interface,
        (Get, "/services") => host::services,
        (Get, "/services/{service}/state") => host::service_state,
        (Post, tail) if tail.starts_with("/services/{service}/") => host::service_task,
        (Get, "/syslog") => host::syslog,
        (Get, "/journal") => host::journal,
        (Get, "/disks/list") => host::disks,
        (Get, "/disks/smart") => host::smart,
        (Get, "/apt/update") => host::updates,
        (Post, "/apt/update") => host::fetch_updates,
        (Get, "/apt/versions") => host::versions,
        (Get, "/netstat") => host::netstat,
        (Get, "/rrddata") => host::history,
        (Post, "/startall") => bulk::start_all,
        (Post, "/stopall") => bulk::stop_all,
        (Post, "/suspendall") => bulk::suspend_all,
        (Post, "/migrateall") => bulk::migrate_all,
        (Get, "/replication") => replication::of_node,
        (Get, "/replication/{id}/status") => replication::status,
        (Post, "/vzdump") => backup::dump,
        (Get, "/vzdump/defaults") => backup::defaults,
        (Get, "/vzdump/extractconfig") => backup::extract_config,
        (Get, "/query-url-metadata") => download::metadata,
        (Get, "/aplinfo") => download::templates,
        (Post, "/aplinfo") => download::template,
        (Get, "/tasks") => tasks::list,
        (Get, "/tasks/{upid}") => tasks::index,
        (Get, "/tasks/{upid}/status") => tasks::status,
        (Get, "/tasks/{upid}/log") => tasks::log,
        (Delete, "/tasks/{upid}") => tasks::stop,
        _ => return None,
    })
}

/// What the storages of a node have.
fn of_storage(method: Method, tail: &str) -> Option<Handler> {
    Some(match (method, tail.strip_prefix("/storage")?) {
        (Get, "") => storage::list,
        (Get, "/{storage}") => storage::index,
        (Get, "/{storage}/status") => storage::status,
        (Get, "/{storage}/rrddata") => storage::history,
        (Get, "/{storage}/content") => storage::content,
        (Post, "/{storage}/content") => storage::allocate,
        (Get, "/{storage}/content/{volume}") => storage::volume,
        (Post, "/{storage}/content/{volume}") => storage::copy,
        (Put, "/{storage}/content/{volume}") => storage::change,
        (Delete, "/{storage}/content/{volume}") => storage::remove,
        (Get, "/{storage}/prunebackups") => prune::dry_run,
        (Delete, "/{storage}/prunebackups") => prune::prune,
        (Post, "/{storage}/download-url") => download::fetch,
        (Get, "/{storage}/file-restore/list") => storage::files,
        _ => return None,
    })
}

/// What both kinds of guest have.
fn of_guest(method: Method, tail: &str) -> Option<Handler> {
    Some(match (method, tail) {
        (_, tail) if tail.starts_with("/firewall") => firewall::call,
        (Get, "" | "/status" | "/agent" | "/snapshot/{snapname}") => index::guest,
        (Delete, "") => delete::delete,
        (Get, "/config") => config::get,
        (Get, "/pending") => config::pending,
        (Put | Post, "/config") => config_write::update,
        (Get, "/status/current") => guests::current,
        (Get, "/snapshot") => snapshot::list,
        (Post, "/snapshot") => snapshot::take,
        (Delete, "/snapshot/{snapname}") => snapshot::remove,
        (Post, "/snapshot/{snapname}/rollback") => snapshot::roll_back,
        (Get, "/snapshot/{snapname}/config") => snapshot::config,
        (Put, "/snapshot/{snapname}/config") => snapshot::describe,
        (Post, "/clone") => clone::clone,
        (Post, "/template") => clone::to_template,
        (Get, "/migrate") => migrate::conditions,
        (Post, "/migrate") => migrate::migrate,
        (Post, "/remote_migrate") => migrate::to_remote,
        (Put, "/resize") => resize::resize,
        (Post, "/move_disk" | "/move_volume") => moving::move_to,
        (Get, "/feature") => resize::feature,
        (Get, "/rrddata") => guests::history,
        (Post, "/vncproxy" | "/termproxy" | "/spiceproxy" | "/mtunnel") => console::open,
        _ => return None,
    })
}

fn of_vm(method: Method, tail: &str) -> Option<Handler> {
    Some(match (method, tail) {
        (Post, "/status/start") => qemu::start,
        (Post, "/status/stop") => qemu::stop,
        (Post, "/status/shutdown") => shutdown::shut_down_vm,
        (Post, "/status/reboot") => shutdown::reboot_vm,
        (Post, "/status/reset") => qemu::reset,
        (Post, "/status/suspend") => qemu::suspend,
        (Post, "/status/resume") => qemu::resume,
        (Put, "/unlink") => disks::unlink,
        (Get, "/cloudinit") => config::cloud_init,
        (Put, "/cloudinit") => config_write::rebuild_cloud_init,
        (Get, "/cloudinit/dump") => config::dump_cloud_init,
        (Post, "/monitor") => console::monitor,
        (Put, "/sendkey") => console::send_key,
        (_, tail) if tail.starts_with("/agent") => agent::call,
        _ => return None,
    })
}

fn of_container(method: Method, tail: &str) -> Option<Handler> {
    Some(match (method, tail) {
        (Post, "/status/start") => lxc::start,
        (Post, "/status/stop") => lxc::stop,
        (Post, "/status/shutdown") => shutdown::shut_down_container,
        (Post, "/status/reboot") => shutdown::reboot_container,
        (Post, "/status/suspend") => lxc::suspend,
        (Post, "/status/resume") => lxc::resume,
        (Get, "/interfaces") => guests::interfaces,
        _ => return None,
    })
}

impl Call<'_> {
    /// The node that the path names.
    fn node(&self) -> String {
        match self.args.get("node") {
            None | Some("localhost") => self.world.local().to_owned(),
            Some(name) => name.to_owned(),
        }
    }

    fn vmid(&self) -> u32 {
        self.args.vmid()
    }

    /// The kind of guest that the path names.
    fn kind(&self) -> GuestKind {
        if self.endpoint.path.starts_with("/nodes/{node}/lxc") { GuestKind::Lxc } else { GuestKind::Qemu }
    }

    /// The guest that the path names, if it is of the kind and on the node that it names.
    fn find(&self) -> Option<&Guest> {
        self.world.guest_at(self.kind(), &self.node(), self.vmid())
    }

    /// The same.
    ///
    /// # Errors
    /// 500 `Configuration file … does not exist`.
    fn guest(&self) -> Outcome<&Guest> {
        self.find().ok_or_else(|| Failure::new(missing(self.kind(), &self.node(), self.vmid())))
    }

    /// The same, to change it.
    fn guest_mut(&mut self) -> Outcome<&mut Guest> {
        self.guest()?;
        let text = missing(self.kind(), &self.node(), self.vmid());
        let vmid = self.vmid();
        self.world.guests.get_mut(&vmid).ok_or_else(|| Failure::new(text))
    }

    /// Starts a task on the guest and gives its UPID.
    fn worker(&mut self, kind: &str, first: Stage) -> Outcome {
        let (node, id) = (self.node(), self.vmid().to_string());
        Ok(self.world.spawn(kind, &node, &id, self.who, first).into_reply())
    }

    /// Refuses parameters that only `root@pam` itself may use.
    fn root_only(&self, names: &[&str]) -> Outcome<()> {
        if self.who.is_root() {
            return Ok(());
        }
        let set = |name: &&&str| self.args.get(name).is_some_and(|v| !v.is_empty() && v != "0");
        match names.iter().find(set) {
            Some(name) => Err(Failure::param(*name, "Only root may use this option.")),
            None => Ok(()),
        }
    }

    /// Refuses what needs a quorum.
    fn quorum(&self) -> Outcome<()> {
        if self.world.quorum { Ok(()) } else { Err(Failure::new("cluster not ready - no quorum?")) }
    }

    /// Refuses a change of the guest's file while the cluster's file system is read-only.
    fn writable(&mut self) -> Outcome<()> {
        if self.world.quorum {
            return Ok(());
        }
        let text = read_only(self.kind(), &self.node(), self.vmid(), self.world.pid());
        Err(Failure::new(text))
    }

    /// Refuses a guest under a lock.
    fn unlocked(&self) -> Outcome<()> {
        match self.guest()?.locked() {
            Some(text) if !self.args.flag("skiplock") => Err(Failure::new(text)),
            _ => Ok(()),
        }
    }
}

/// A refusal of a part that knows nothing of replies.
fn failure(refusal: Refusal) -> Failure {
    match refusal {
        Refusal::Param(name, text) => Failure::param(name, text),
        Refusal::Failed(text) => Failure::new(text),
    }
}

trait IntoReply {
    fn into_reply(self) -> super::reply::Reply;
}

impl<T: Into<serde_json::Value>> IntoReply for T {
    fn into_reply(self) -> super::reply::Reply {
        self.into().into()
    }
}

/// Nothing, as methods without a result answer.
fn nothing() -> Outcome {
    Ok(serde_json::Value::Null.into())
}

/// The file of a guest.
fn file(kind: GuestKind, node: &str, vmid: u32) -> String {
    let folder = if kind == GuestKind::Qemu { "qemu-server" } else { "lxc" };
    format!("nodes/{node}/{folder}/{vmid}.conf")
}

fn missing(kind: GuestKind, node: &str, vmid: u32) -> String {
    format!("Configuration file '{}' does not exist", file(kind, node, vmid))
}

/// The other text for the same, of methods that look for the file themselves.
fn unfound(node: &str, vmid: u32) -> String {
    format!("unable to find configuration file for VM {vmid} on node '{node}'")
}

fn read_only(kind: GuestKind, node: &str, vmid: u32, pid: u32) -> String {
    format!("unable to open file '/etc/pve/{}.tmp.{pid}' - Permission denied", file(kind, node, vmid))
}

impl World {
    /// A guest if it is of this kind and on this node.
    fn guest_at(&self, kind: GuestKind, node: &str, vmid: u32) -> Option<&Guest> {
        self.guests.get(&vmid).filter(|g| g.kind == kind && g.node == node)
    }
}

#[cfg(test)]
mod tests;
