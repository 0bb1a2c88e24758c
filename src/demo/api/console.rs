//! Consoles: what a client is told; nobody listens there.

use serde_json::{Map, Value, json};

use super::{Call, IntoReply as _, nothing};
use crate::demo::{
    reply::{Failure, Outcome},
    sample::sample,
    world::{Flow, World, stage},
};

/// Milliseconds for which a console waits for somebody.
const WAIT_MS: u64 = 10_000;

/// Opens a console or a tunnel: a task waits for somebody to connect, who is told where.
pub(super) fn open(call: &mut Call<'_>) -> Outcome {
    let guest = call.guest()?;
    let kind = call.endpoint.path.rsplit('/').next().unwrap_or_default().to_owned();
    if kind == "spiceproxy" && guest.run.is_none() {
        return Err(Failure::new(format!("VM {} not running", call.vmid())));
    }
    let wait = stage(|_: &mut World, _: &str| {
        Ok(Flow::After(WAIT_MS, stage(|_: &mut World, _: &str| Err("connection timed out".to_owned()))))
    });
    let upid = call.worker(&kind, wait)?.data;
    let now = call.world.seconds();
    let ticket = call.world.access.ticket(&format!("PVEVNC:{}", call.who.id()), now);
    let mut answer = match sample("", &call.endpoint.returns) {
        Value::Object(map) => map,
        _ => Map::new(),
    };
    answer.retain(|key, _| key != "password");
    answer.extend([("upid".to_owned(), upid), ("ticket".to_owned(), json!(ticket))]);
    answer.extend([("user".to_owned(), json!(call.who.id())), ("port".to_owned(), json!("5900"))]);
    if answer.contains_key("cert") || kind == "vncproxy" {
        answer.insert("cert".to_owned(), json!("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"));
    }
    Ok(Value::Object(answer).into_reply())
}

/// What QEMU's monitor says to a command.
pub(super) fn monitor(call: &mut Call<'_>) -> Outcome {
    let vmid = call.vmid();
    let guest = call.guest()?;
    if guest.run.is_none() {
        return Err(Failure::new(format!("VM {vmid} not running")));
    }
    let text = match call.args.get("command").unwrap_or_default() {
        "info status" => format!("VM status: {}\r\n", guest.qmp_status()),
        "info version" => "10.0.13\r\n".to_owned(),
        command if command.starts_with("info ") => String::new(),
        command => format!("unknown command: '{command}'\r\n"),
    };
    Ok(text.into_reply())
}

pub(super) fn send_key(call: &mut Call<'_>) -> Outcome {
    let vmid = call.vmid();
    if call.guest()?.run.is_none() {
        return Err(Failure::new(format!("VM {vmid} not running")));
    }
    nothing()
}
