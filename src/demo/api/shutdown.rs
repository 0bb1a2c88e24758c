//! Shutting down and rebooting: the guest is asked, and may not listen.

use super::{Call, lxc, qemu, unfound};
use crate::demo::{
    access::Who,
    reply::{Failure, Outcome},
    scenario::GuestKind,
    world::{Flow, Guest, Stage, World, stage, under_lock},
};

/// Seconds for which a guest is waited for when nobody says otherwise.
const TIMEOUT_S: u64 = 60;
/// Milliseconds from the end of a VM's reboot task to the start of the next: the clean-up that starts it again.
const CLEAN_UP_MS: u64 = 700;

pub(super) fn shut_down_vm(call: &mut Call<'_>) -> Outcome {
    call.root_only(&["skiplock", "keepActive"])?;
    let (node, vmid, force) = (call.node(), call.vmid(), call.args.flag("forceStop"));
    if call.find().is_some_and(Guest::is_managed) {
        return qemu::request(call, false);
    }
    let skip = call.args.flag("skiplock");
    if call.find().is_some_and(|g| g.qmp_status() == "paused") {
        if !force {
            return Err(Failure::new("VM is paused - cannot shutdown"));
        }
        return call.worker("qmstop", under_lock(vmid, qemu::stop_stage(node, vmid, skip)));
    }
    let wait = timeout(call);
    let first = under_lock(
        vmid,
        stage(move |world: &mut World, upid: &str| {
            let Some(guest) = world.guest_at(GuestKind::Qemu, &node, vmid) else { return Err(unfound(&node, vmid)) };
            if guest.run.is_none() {
                return Ok(Flow::Done);
            }
            let silent = guest.has_agent() && !guest.agent;
            world.vm_unlocked(vmid, skip, &[])?;
            if silent {
                let why = format!("VM {vmid} qga command 'guest-ping' failed - got timeout");
                world.log(upid, format!("QEMU Guest Agent is not running - {why}"));
            }
            Ok(ask(world, vmid, wait, vm_overdue(vmid, force), stage(|_, _| Ok(Flow::Done))))
        }),
    );
    call.worker("qmshutdown", first)
}

pub(super) fn reboot_vm(call: &mut Call<'_>) -> Outcome {
    qemu::running(call)?;
    let (node, vmid) = (call.node(), call.vmid());
    if call.find().is_some_and(|g| g.qmp_status() == "paused") {
        return Err(Failure::new("VM is paused - cannot shutdown"));
    }
    let wait = timeout(call);
    // The task is over when the guest is off; that it starts again is another task, of root@pam.
    let again = stage(move |world: &mut World, _: &str| {
        world.later(CLEAN_UP_MS, move |world| {
            let first = qemu::start_stage(node.clone(), vmid, false);
            world.spawn("qmstart", &node, &vmid.to_string(), &Who::root(), first);
        });
        Ok(Flow::Done)
    });
    let first = under_lock(
        vmid,
        stage(move |world, _| {
            world.vm_unlocked(vmid, false, &[])?;
            Ok(ask(world, vmid, wait, vm_overdue(vmid, false), again))
        }),
    );
    call.worker("qmreboot", first)
}

pub(super) fn shut_down_container(call: &mut Call<'_>) -> Outcome {
    lxc::running(call, "CT")?;
    let (vmid, force) = (call.vmid(), call.args.flag("forceStop"));
    if call.find().is_some_and(Guest::is_managed) {
        return qemu::request(call, false);
    }
    let wait = timeout(call);
    let first = under_lock(
        vmid,
        stage(move |world, _| {
            world.vm_unlocked(vmid, false, &[])?;
            let overdue = stage(move |world: &mut World, upid: &str| {
                if force {
                    world.down(vmid);
                    return Ok(Flow::Done);
                }
                let command = format!("lxc-stop -n {vmid} --nokill --timeout {wait}");
                world.log(upid, format!("command '{command}' failed: exit code 1"));
                Err("container did not stop".to_owned())
            });
            Ok(ask(world, vmid, wait, overdue, stage(|_, _| Ok(Flow::Done))))
        }),
    );
    call.worker("vzshutdown", first)
}

/// A container is killed when it does not listen, and starts again in the same task.
pub(super) fn reboot_container(call: &mut Call<'_>) -> Outcome {
    lxc::running(call, "VM")?;
    let vmid = call.vmid();
    let wait = timeout(call);
    let up = move || {
        stage(move |_: &mut World, _: &str| {
            Ok(Flow::After(lxc::START_MS, stage(move |world, upid| world.up(vmid, upid).map(|()| Flow::Done))))
        })
    };
    let first = under_lock(
        vmid,
        stage(move |world, _| {
            let overdue = stage(move |world: &mut World, upid: &str| {
                world.down(vmid);
                up()(world, upid)
            });
            Ok(ask(world, vmid, wait, overdue, up()))
        }),
    );
    call.worker("vzreboot", first)
}

/// How many seconds the guest has: the parameter, its start-up order's `down`, or a minute.
fn timeout(call: &Call<'_>) -> u64 {
    let order = call.find().and_then(|g| g.option("startup"));
    let down = order.and_then(|o| o.split(',').find_map(|p| p.strip_prefix("down=")?.parse().ok()));
    call.args.number("timeout").or(down).unwrap_or(TIMEOUT_S).min(1_000_000)
}

/// Asks the guest to shut down. One that is still booting does not hear it.
fn ask(world: &World, vmid: u32, wait_s: u64, overdue: Stage, off: Stage) -> Flow {
    let Some(guest) = world.guests.get(&vmid) else { return Flow::After(0, off) };
    let up_ms = guest.run.as_ref().map_or(0, |r| world.now.saturating_sub(r.booted));
    let listens = !guest.stubborn && up_ms >= world.boot(guest.boot_ms);
    if !listens || guest.shutdown_ms > wait_s * 1000 {
        return Flow::After(
            wait_s * 1000,
            stage(move |world, upid| {
                let gone = world.guests.get(&vmid).is_none_or(|g| g.run.is_none());
                if gone { off(world, upid) } else { overdue(world, upid) }
            }),
        );
    }
    Flow::After(
        guest.shutdown_ms,
        stage(move |world, upid| {
            world.down(vmid);
            off(world, upid)
        }),
    )
}

/// A VM did not listen in time: it is left alone, or ended.
fn vm_overdue(vmid: u32, force: bool) -> Stage {
    stage(move |world, upid| {
        if !force {
            return Err("VM quit/powerdown failed - got timeout".to_owned());
        }
        world.log(upid, "VM still running - terminating now with SIGTERM");
        world.down(vmid);
        Ok(Flow::Done)
    })
}

/// Ends tasks that wait for the guest to shut down, as far as they are of the same user, or the user may modify the
/// system; then goes on.
pub(super) fn overrule(kind: &'static str, vmid: u32, who: Who, then: Stage) -> Stage {
    stage(move |world, upid| {
        let all = world.access.may(&who, "/", "Sys.Modify");
        let found = world.running_tasks(kind, vmid).into_iter().filter(|t| all || t.who.user == who.user);
        let upids: Vec<String> = found.map(|t| t.upid).collect();
        for other in &upids {
            world.finish(other, Err("received interrupt".to_owned()));
        }
        if !upids.is_empty() {
            world.log(upid, format!("overruled {kind} tasks: {}", upids.join(", ")));
        }
        then(world, upid)
    })
}
