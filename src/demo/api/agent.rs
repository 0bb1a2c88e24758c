//! The guest agent: found, asked, and what the guest itself does about it (qemu-server: `API2/Qemu/Agent.pm`).

use serde_json::{Map, Value};

use super::{Call, IntoReply as _, failure};
use crate::demo::{
    agent::Machine,
    reply::{Failure, Outcome},
    world::Guest,
};

pub(super) fn call(call: &mut Call<'_>) -> Outcome {
    let command = call.endpoint.path.rsplit('/').next().unwrap_or_default();
    let guest = call.guest()?;
    answers(guest).map_err(Failure::new)?;
    let (name, macs) = (guest.name(), guest.macs());
    let vcpus = u32::try_from(guest.number("cores").unwrap_or(1)).unwrap_or(1);
    let windows = guest.option("ostype").is_some_and(|o| o.starts_with('w'));
    let now = call.world.seconds();
    let params: Map<String, Value> = call.args.all().clone();
    let vmid = call.vmid();
    let machine = Machine { name: &name, macs: &macs, vcpus, windows, now };
    let answer = call.guest_mut()?.agent_state.call(command, machine, &params).map_err(failure)?;
    match call.args.get("command").filter(|_| command == "agent").unwrap_or(command) {
        "shutdown" | "suspend-disk" => call.world.down(vmid),
        "suspend-ram" | "suspend-hybrid" => call.world.pause(vmid, true),
        _ => {}
    }
    Ok(answer.into_reply())
}

/// Whether there is an agent that answers.
fn answers(guest: &Guest) -> Result<(), String> {
    if !guest.has_agent() {
        return Err("No QEMU guest agent configured".to_owned());
    }
    if guest.run.is_none() {
        return Err(format!("VM {} is not running", guest.vmid));
    }
    if guest.agent { Ok(()) } else { Err("QEMU guest agent is not running".to_owned()) }
}
