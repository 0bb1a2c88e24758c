//! Power of containers, but for shutting down (pve-container: `API2/LXC/Status.pm`, `LXC.pm`).

use super::{Call, missing, qemu::request, shutdown::overrule};
use crate::demo::{
    reply::{Failure, Outcome},
    scenario::GuestKind,
    world::{Flow, Guest, Stage, stage, under_lock},
};

/// Milliseconds that a container takes to come up.
pub(super) const START_MS: u64 = 2500;
/// Milliseconds that it takes to go down.
pub(super) const STOP_MS: u64 = 1200;

pub(super) fn start(call: &mut Call<'_>) -> Outcome {
    call.root_only(&["skiplock"])?;
    if call.find().is_some_and(|g| g.run.is_some()) {
        return Err(Failure::new(format!("CT {} already running", call.vmid())));
    }
    call.quorum()?;
    if call.find().is_some_and(Guest::is_managed) {
        return request(call, true);
    }
    let first = start_stage(call.node(), call.vmid(), call.args.flag("skiplock"));
    call.worker("vzstart", first)
}

pub(super) fn stop(call: &mut Call<'_>) -> Outcome {
    call.root_only(&["skiplock"])?;
    running(call, "CT")?;
    let overruling = call.args.flag("overrule-shutdown");
    if call.find().is_some_and(Guest::is_managed) {
        if overruling {
            return Err(Failure::param("overrule-shutdown", "Not applicable for HA resources."));
        }
        return request(call, false);
    }
    let then = under_lock(call.vmid(), stop_stage(call.vmid(), call.args.flag("skiplock")));
    let first = if overruling { overrule("vzshutdown", call.vmid(), call.who.clone(), then) } else { then };
    call.worker("vzstop", first)
}

/// Checkpoints need CRIU, which no host has: as on a real one, the task fails.
pub(super) fn suspend(call: &mut Call<'_>) -> Outcome {
    running(call, "CT")?;
    let vmid = call.vmid();
    let fail = stage(move |world, upid| {
        world.vm_unlocked(vmid, false, &[])?;
        for line in [
            "../src/lxc/criu.c: criu_version_ok: 767 No such file or directory - execing criu failed, is it installed?"
                .to_owned(),
            format!("../src/lxc/tools/lxc_checkpoint.c: checkpoint: 182 Checkpointing {vmid} failed"),
        ] {
            world.log(upid, format!("lxc-checkpoint: {vmid}: {line}"));
        }
        Err(format!("command 'lxc-checkpoint -n {vmid} -s -D /var/lib/vz/dump' failed: exit code 1"))
    });
    call.worker("vzsuspend", fail)
}

pub(super) fn resume(call: &mut Call<'_>) -> Outcome {
    let vmid = call.vmid();
    if call.find().is_some_and(|g| g.run.is_some()) {
        return Err(Failure::new(format!("CT {vmid} already running")));
    }
    let fail = stage(move |_, _| {
        Err(format!("command 'lxc-checkpoint -n {vmid} -r --foreground -D /var/lib/vz/dump' failed: exit code 1"))
    });
    call.worker("vzresume", fail)
}

/// Refuses a container that is not running; one that is not there is not running either.
pub(super) fn running(call: &Call<'_>, word: &str) -> Outcome<()> {
    match call.find() {
        Some(guest) if guest.run.is_some() => Ok(()),
        _ => Err(Failure::new(format!("{word} {} not running", call.vmid()))),
    }
}

/// Starts a container under its lock.
pub(super) fn start_stage(node: String, vmid: u32, skip: bool) -> Stage {
    under_lock(
        vmid,
        stage(move |world, _| {
            let Some(guest) = world.guest_at(GuestKind::Lxc, &node, vmid) else {
                return Err(missing(GuestKind::Lxc, &node, vmid));
            };
            if guest.is_on("template") {
                return Err("you can't start a CT if it's a template".to_owned());
            }
            let running = guest.run.is_some();
            world.vm_unlocked(vmid, skip, &["mounted"])?;
            if running {
                return Err(format!("CT {vmid} already running"));
            }
            Ok(Flow::After(START_MS, stage(move |world, upid| world.up(vmid, upid).map(|()| Flow::Done))))
        }),
    )
}

/// Stops a container.
pub(super) fn stop_stage(vmid: u32, skip: bool) -> Stage {
    stage(move |world, _| {
        world.vm_unlocked(vmid, skip, &["mounted"])?;
        Ok(Flow::After(
            STOP_MS,
            stage(move |world, _| {
                world.down(vmid);
                Ok(Flow::Done)
            }),
        ))
    })
}
