//! Power of virtual machines, but for shutting down (qemu-server: `API2/Qemu.pm`, `QemuServer.pm`).

use super::{Call, missing, shutdown::overrule, unfound};
use crate::demo::{
    access::Who,
    reply::{Failure, Outcome},
    scenario::GuestKind,
    world::{Flow, Guest, Stage, World, stage, under_lock},
};

/// Milliseconds that QEMU takes to come up.
const START_MS: u64 = 700;
/// Machine types of earlier major versions are deprecated in the QEMU of PVE 9.
const OLDEST_MACHINE: u32 = 7;
/// Milliseconds that it takes to go down.
const STOP_MS: u64 = 300;
/// Milliseconds until high availability has carried out what it was asked for: about one round of its managers.
const HA_MS: u64 = 10_000;

const START_ROOT: [&str; 9] = [
    "skiplock",
    "stateuri",
    "migratedfrom",
    "migration_type",
    "migration_network",
    "targetstorage",
    "force-cpu",
    "with-conntrack-state",
    "nets-host-mtu",
];

pub(super) fn start(call: &mut Call<'_>) -> Outcome {
    call.root_only(&START_ROOT)?;
    call.quorum()?;
    if call.find().is_some_and(Guest::is_managed) {
        return request(call, true);
    }
    let first = start_stage(call.node(), call.vmid(), call.args.flag("skiplock"));
    call.worker("qmstart", first)
}

pub(super) fn stop(call: &mut Call<'_>) -> Outcome {
    call.root_only(&["skiplock", "keepActive", "migratedfrom"])?;
    let overruling = call.args.flag("overrule-shutdown");
    if call.find().is_some_and(Guest::is_managed) {
        if overruling {
            return Err(Failure::param("overrule-shutdown", "Not applicable for HA resources."));
        }
        return request(call, false);
    }
    let then = under_lock(call.vmid(), stop_stage(call.node(), call.vmid(), call.args.flag("skiplock")));
    let first = if overruling { overrule("qmshutdown", call.vmid(), call.who.clone(), then) } else { then };
    call.worker("qmstop", first)
}

pub(super) fn reset(call: &mut Call<'_>) -> Outcome {
    call.root_only(&["skiplock"])?;
    running(call)?;
    let (vmid, skip) = (call.vmid(), call.args.flag("skiplock"));
    call.worker(
        "qmreset",
        stage(move |world, _| {
            world.vm_unlocked(vmid, skip, &[])?;
            let now = world.now;
            if let Some(run) = world.guests.get_mut(&vmid).and_then(|g| g.run.as_mut()) {
                run.booted = now;
            }
            Ok(Flow::Done)
        }),
    )
}

pub(super) fn suspend(call: &mut Call<'_>) -> Outcome {
    call.root_only(&["skiplock"])?;
    running(call)?;
    let (vmid, skip) = (call.vmid(), call.args.flag("skiplock"));
    if !call.args.flag("todisk") {
        return call.worker(
            "qmpause",
            under_lock(
                vmid,
                stage(move |world, _| {
                    world.vm_unlocked(vmid, skip, &["backup"])?;
                    world.pause(vmid, true);
                    Ok(Flow::Done)
                }),
            ),
        );
    }
    if call.find().is_some_and(Guest::is_managed) {
        return Err(Failure::new("Cannot suspend HA managed VM to disk"));
    }
    let save = stage(move |world, upid| {
        world.log(upid, "State saved, quitting");
        if let Some(guest) = world.guests.get_mut(&vmid) {
            guest.run = None;
            guest.config.insert("lock".to_owned(), "suspended".to_owned());
        }
        Ok(Flow::Done)
    });
    call.worker(
        "qmsuspend",
        under_lock(
            vmid,
            stage(move |world, _| {
                world.vm_unlocked(vmid, skip, &[])?;
                Ok(Flow::After(4000, save))
            }),
        ),
    )
}

pub(super) fn resume(call: &mut Call<'_>) -> Outcome {
    call.root_only(&["skiplock", "nocheck"])?;
    let (node, vmid, skip) = (call.node(), call.vmid(), call.args.flag("skiplock"));
    let Some(guest) = call.find() else { return Err(Failure::new(unfound(&node, vmid))) };
    if guest.is_on("template") {
        return Err(Failure::new(format!("VM {vmid} is a template and cannot be resumed!")));
    }
    let saved = guest.option("lock") == Some("suspended");
    if saved {
        return call.worker("qmresume", start_stage(node, vmid, true));
    }
    running(call)?;
    call.worker(
        "qmresume",
        under_lock(
            vmid,
            stage(move |world, _| {
                world.vm_unlocked(vmid, skip, &["backup"])?;
                world.pause(vmid, false);
                Ok(Flow::Done)
            }),
        ),
    )
}

/// Refuses a VM that is not there or not running, before a task is started.
pub(super) fn running(call: &Call<'_>) -> Outcome<()> {
    match call.find() {
        None => Err(Failure::new(unfound(&call.node(), call.vmid()))),
        Some(guest) if guest.run.is_none() => Err(Failure::new(format!("VM {} not running", call.vmid()))),
        Some(_) => Ok(()),
    }
}

/// Asks high availability to start or stop a guest: the task only files the request.
pub(super) fn request(call: &mut Call<'_>, started: bool) -> Outcome {
    let (node, vmid, word) = (call.node(), call.vmid(), call.guest()?.word());
    let verb = if started { "start" } else { "stop" };
    let ask = stage(move |world, upid| {
        world.log(upid, format!("Requesting HA {verb} for {word} {vmid}"));
        let services = world.ha_services;
        let mut given_up = false;
        if let Some(ha) = world.guests.get_mut(&vmid).and_then(|g| g.ha.as_mut()) {
            ha.requested = if started { "started" } else { "stopped" }.to_owned();
            // What HA has given up it leaves alone until it is disabled.
            given_up = ha.state.as_deref() == Some("error");
            if !given_up {
                ha.state = services.then(|| if started { "request_start" } else { "request_stop" }.to_owned());
            }
        }
        if services && !given_up {
            world.later(HA_MS, move |world| world.carry_out(vmid, &node, started));
        }
        Ok(Flow::Done)
    });
    call.worker(if started { "hastart" } else { "hastop" }, ask)
}

/// Starts a VM under its lock.
pub(super) fn start_stage(node: String, vmid: u32, skip: bool) -> Stage {
    under_lock(
        vmid,
        stage(move |world, _| {
            let Some(guest) = world.guest_at(GuestKind::Qemu, &node, vmid) else {
                return Err(missing(GuestKind::Qemu, &node, vmid));
            };
            if guest.is_on("template") {
                return Err("you can't start a vm if it's a template".to_owned());
            }
            let running = guest.run.is_some();
            let backup = guest.option("lock") == Some("backup");
            if backup && running {
                world.pause(vmid, false);
                return Ok(Flow::Done);
            }
            world.vm_unlocked(vmid, skip, &["suspended"])?;
            if running {
                return Err(format!("VM {vmid} already running"));
            }
            Ok(Flow::After(START_MS, stage(move |world, upid| world.up(vmid, upid).map(|()| Flow::Done))))
        }),
    )
}

/// Stops a VM; one that is not running is stopped already.
pub(super) fn stop_stage(node: String, vmid: u32, skip: bool) -> Stage {
    stage(move |world, _| {
        let Some(guest) = world.guest_at(GuestKind::Qemu, &node, vmid) else { return Err(unfound(&node, vmid)) };
        if guest.run.is_none() {
            return Ok(Flow::Done);
        }
        world.vm_unlocked(vmid, skip, &[])?;
        Ok(Flow::After(
            STOP_MS,
            stage(move |world, _| {
                world.down(vmid);
                Ok(Flow::Done)
            }),
        ))
    })
}

impl World {
    /// Refuses a guest under another lock than these.
    pub(super) fn vm_unlocked(&self, vmid: u32, skip: bool, allowed: &[&str]) -> Result<(), String> {
        let Some(guest) = self.guests.get(&vmid) else { return Ok(()) };
        let lock = guest.option("lock").unwrap_or_default();
        match guest.locked() {
            Some(text) if !skip && !allowed.contains(&lock) => Err(text),
            _ => Ok(()),
        }
    }

    /// A guest comes up, or fails to.
    pub(super) fn up(&mut self, vmid: u32, upid: &str) -> Result<(), String> {
        let Some(guest) = self.guests.get(&vmid).cloned() else { return Ok(()) };
        for warning in &guest.start_warnings {
            self.log(upid, format!("WARN: {warning}"));
        }
        if guest.kind == GuestKind::Qemu {
            self.remark(&guest, upid);
        }
        if let Some(text) = self.no_bridge(&guest) {
            return Err(text);
        }
        if let Some(failure) = &guest.fails_to_start {
            let usual = match guest.kind {
                GuestKind::Qemu => "start failed: QEMU exited with code 1".to_owned(),
                GuestKind::Lxc => format!("startup for container '{vmid}' failed"),
            };
            let text = if failure.is_empty() { usual } else { failure.clone() };
            let mut lines: Vec<&str> = text.trim_end().lines().collect();
            let last = lines.pop().unwrap_or_default().to_owned();
            for line in lines {
                self.log(upid, line);
            }
            return Err(last);
        }
        let run = guest.started(self, 0);
        if let Some(guest) = self.guests.get_mut(&vmid) {
            guest.settle();
            if guest.option("lock") == Some("suspended") {
                guest.config.remove("lock");
            }
            guest.run = Some(run);
        }
        Ok(())
    }

    /// What QEMU and qemu-server remark about a configuration when it is started.
    fn remark(&mut self, guest: &Guest, upid: &str) {
        if guest.config.values().any(|line| line.split(',').next() == Some("cdrom")) {
            self.log(upid, "WARN: no physical CD-ROM available, ignoring");
        }
        let machine = guest.option("machine").unwrap_or_default();
        let version = machine.rsplit('-').next().and_then(|v| v.split('.').next()?.parse::<u32>().ok());
        if version.is_some_and(|major| major < OLDEST_MACHINE) {
            let old = "is deprecated: machines more than 3 years old are subject to deletion after 6 years";
            self.log(upid, format!("kvm: warning: Machine type '{machine}' {old}"));
        }
    }

    /// A guest goes down.
    pub(super) fn down(&mut self, vmid: u32) {
        if let Some(guest) = self.guests.get_mut(&vmid) {
            guest.run = None;
            guest.settle();
        }
    }

    /// Halts a VM in memory, or lets it go on.
    pub(super) fn pause(&mut self, vmid: u32, paused: bool) {
        if let Some(run) = self.guests.get_mut(&vmid).and_then(|g| g.run.as_mut()) {
            run.paused = paused;
        }
    }

    /// High availability does what it was asked for, as `root@pam`.
    fn carry_out(&mut self, vmid: u32, node: &str, started: bool) {
        let Some(guest) = self.guests.get_mut(&vmid) else { return };
        let (kind, running) = (guest.kind, guest.run.is_some());
        if let Some(ha) = guest.ha.as_mut() {
            ha.state = Some(if started { "started" } else { "stopped" }.to_owned());
        }
        if running == started {
            return;
        }
        let node = node.to_owned();
        let (task, first) = match (kind, started) {
            (GuestKind::Qemu, true) => ("qmstart", start_stage(node.clone(), vmid, false)),
            (GuestKind::Qemu, false) => ("qmstop", under_lock(vmid, stop_stage(node.clone(), vmid, false))),
            (GuestKind::Lxc, true) => ("vzstart", super::lxc::start_stage(node.clone(), vmid, false)),
            (GuestKind::Lxc, false) => ("vzstop", under_lock(vmid, super::lxc::stop_stage(vmid, false))),
        };
        self.spawn(task, &node, &vmid.to_string(), &Who::root(), first);
    }
}
