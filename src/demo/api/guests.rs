//! What lists and `status/current` tell of guests, with the types that a real host sends (qemu-server:
//! `vmstatus`; pve-container: `vmstatus`).

use serde_json::{Map, Value, json};

use super::{Call, IntoReply as _};
use crate::demo::{
    reply::Outcome,
    rng::Rng,
    rrd::{self, Figures},
    scenario::GuestKind,
    world::{Guest, Run, World, total_size},
};

/// Bytes of a container's root disk that is not mounted, when nothing says its size.
const ROOT_DISK: u64 = 4 << 30;

/// How much is told.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Detail {
    List,
    /// With what each QEMU was asked.
    Full,
    Current,
}

pub(super) fn list(call: &mut Call<'_>) -> Outcome {
    let (kind, node) = (call.kind(), call.node());
    let detail = if call.args.flag("full") { Detail::Full } else { Detail::List };
    let here = call.world.guests.values().filter(|g| g.kind == kind && g.node == node);
    let seen = here.filter(|g| call.world.access.may(call.who, &format!("/vms/{}", g.vmid), "VM.Audit"));
    let mut rows: Vec<Value> = seen.map(|g| Value::Object(status(call.world, g, detail))).collect();
    call.world.rng.shuffle(&mut rows);
    Ok(rows.into_reply())
}

pub(super) fn current(call: &mut Call<'_>) -> Outcome {
    let guest = call.guest()?;
    let mut map = status(call.world, guest, Detail::Current);
    map.insert("ha".to_owned(), high_availability(guest));
    if guest.kind == GuestKind::Qemu {
        if guest.option("vga").is_some_and(|v| v.starts_with("qxl")) {
            map.insert("spice".to_owned(), json!(1));
        }
        if guest.option("agent").is_some_and(|a| a.starts_with('1') || a.starts_with("enabled=1")) {
            map.insert("agent".to_owned(), json!(1));
        }
        // With `vga` set and no clipboard in it the value is there but undefined.
        let clipboard = guest.option("vga").map(|v| v.split(',').find_map(|p| p.strip_prefix("clipboard=")));
        if let Some(clipboard) = clipboard.filter(|_| call.world.release.since(8, 1, 0)) {
            map.insert("clipboard".to_owned(), json!(clipboard));
        }
    }
    Ok(Value::Object(map).into_reply())
}

fn high_availability(guest: &Guest) -> Value {
    match &guest.ha {
        Some(ha) => json!({"managed": 1, "state": ha.state}),
        None => json!({"managed": 0}),
    }
}

fn status(world: &World, guest: &Guest, detail: Detail) -> Map<String, Value> {
    match guest.kind {
        GuestKind::Qemu => vm(world, guest, detail),
        GuestKind::Lxc => container(world, guest, detail),
    }
}

/// What both kinds tell.
fn common(world: &World, guest: &Guest) -> Map<String, Value> {
    let run = guest.run.as_ref();
    let Value::Object(mut map) = json!({
        "vmid": guest.vmid,
        "status": if run.is_some() { "running" } else { "stopped" },
        "name": guest.name(),
        "cpu": run.map_or(json!(0), |r| json!(r.cpu)),
        "mem": run.map_or(0, |r| r.mem),
        "maxmem": guest.memory(),
        "disk": 0,
        "netin": run.map_or(0, |r| r.received(world.now)),
        "netout": run.map_or(0, |r| r.sent(world.now)),
        "uptime": run.map_or(0, |r| r.uptime(world.now)),
    }) else {
        return Map::new();
    };
    if let Some(run) = run {
        map.insert("pid".to_owned(), json!(run.pid));
    }
    for name in ["lock", "tags"] {
        if let Some(value) = guest.option(name) {
            map.insert(name.to_owned(), json!(value));
        }
    }
    if guest.is_on("template") {
        map.insert("template".to_owned(), json!(1));
    }
    map
}

fn vm(world: &World, guest: &Guest, detail: Detail) -> Map<String, Value> {
    let mut map = common(world, guest);
    let mut set = |name: &str, value: Value| map.insert(name.to_owned(), value);
    let run = guest.run.as_ref();
    set("cpus", json!(processors(world, guest)));
    set("maxdisk", json!(total_size(guest.boot_disk())));
    if world.release.since(9, 0, 0) {
        set("memhost", json!(run.map_or(0, |r| r.mem)));
        if let Some(run) = run {
            for name in PRESSURES {
                set(name, json!(run.pressure()));
            }
        }
    } else {
        set("diskread", json!(0));
        set("diskwrite", json!(0));
    }
    if (0..4).any(|n| guest.option(&format!("serial{n}")).is_some()) {
        set("serial", json!(1));
    }
    if let Some(balloon) = guest.number("balloon").filter(|b| *b > 0) {
        set("balloon_min", json!(balloon << 20));
        set("shares", json!(guest.number("shares").unwrap_or(1000)));
    }
    if detail == Detail::List {
        return map;
    }
    let mut set = |name: &str, value: Value| map.insert(name.to_owned(), value);
    set("qmpstatus", json!(guest.qmp_status()));
    if let Some(run) = run {
        let cards = guest.config.keys().filter_map(|k| k.strip_prefix("net")?.parse::<u32>().ok());
        let figures = json!({"netin": run.received(world.now), "netout": run.sent(world.now)});
        let nics: Map<String, Value> = cards.map(|n| (format!("tap{}i{n}", guest.vmid), figures.clone())).collect();
        if !nics.is_empty() {
            set("nics", Value::Object(nics));
        }
    }
    map
}

fn container(world: &World, guest: &Guest, detail: Detail) -> Map<String, Value> {
    let mut map = common(world, guest);
    let mut set = |name: &str, value: Value| map.insert(name.to_owned(), value);
    let run = guest.run.as_ref();
    let size = root_size(world, guest);
    set("type", json!("lxc"));
    set("cpus", container_cpus(world, guest));
    set("maxdisk", json!(size));
    set("disk", json!(run.map_or(0, |_| size / 3)));
    set("maxswap", json!(guest.number("swap").unwrap_or(512) << 20));
    set("swap", json!(0));
    set("diskread", json!(run.map_or(0, |r| r.received(world.now) / 7)));
    set("diskwrite", json!(run.map_or(0, |r| r.sent(world.now) / 5)));
    if let Some(run) = run.filter(|_| world.release.since(9, 0, 0)) {
        // The schema says number; a real host sends text.
        for name in PRESSURES {
            set(name, json!(format!("{:.2}", run.pressure())));
        }
    }
    if detail != Detail::Current && !world.release.since(8, 0, 0) {
        set("vmid", json!(guest.vmid.to_string()));
    }
    map
}

/// Size of a container's root disk.
pub(super) fn root_size(world: &World, guest: &Guest) -> u64 {
    let own = Some(total_size(guest.option("rootfs"))).filter(|size| *size > 0);
    // A folder of its host's is as large as that, as long as the container can be asked.
    let folder = guest.option("rootfs").is_some_and(|root| root.contains(".subvol")) && guest.run.is_some();
    let host = world.host(&guest.node).map(|host| host.node.disk).filter(|_| folder);
    own.or(host).unwrap_or(ROOT_DISK)
}

/// Processors of a container: cores are a number, a limit alone is the text of the configuration file, and one
/// without either has all of its host.
pub(super) fn container_cpus(world: &World, guest: &Guest) -> Value {
    let own = guest.number("cores").map(|c| json!(c)).or_else(|| guest.option("cpulimit").map(|l| json!(l)));
    own.unwrap_or_else(|| json!(world.host(&guest.node).map_or(1, |h| h.node.cpus)))
}

const PRESSURES: [&str; 6] = [
    "pressurecpusome",
    "pressurecpufull",
    "pressureiosome",
    "pressureiofull",
    "pressurememorysome",
    "pressurememoryfull",
];

/// Sockets by cores, at most what the host has; `vcpus` of them when that is set.
pub(super) fn processors(world: &World, guest: &Guest) -> u64 {
    let configured = guest.number("sockets").unwrap_or(1).saturating_mul(guest.number("cores").unwrap_or(1));
    let host = world.host(&guest.node).map_or(u64::MAX, |h| u64::from(h.node.cpus));
    guest.number("vcpus").unwrap_or_else(|| configured.min(host))
}

impl Run {
    /// Seconds since it was started.
    pub(super) const fn uptime(&self, now: u64) -> u64 {
        now.saturating_sub(self.since) / 1000
    }

    pub(super) const fn received(&self, now: u64) -> u64 {
        self.netin + self.uptime(now) * 110
    }

    pub(super) const fn sent(&self, now: u64) -> u64 {
        self.netout + self.uptime(now) * 42
    }

    /// Per cent of the time in which something waited.
    fn pressure(&self) -> f64 {
        (self.cpu * 100.0).round() / 100.0
    }
}

/// `rrddata`: a point a minute, or coarser, up to now.
pub(super) fn history(call: &mut Call<'_>) -> Outcome {
    let guest = call.guest()?;
    let run = guest.run.as_ref();
    let figures = Figures {
        running: run.is_some(),
        uptime: run.map_or(0, |r| r.uptime(call.world.now)),
        cpus: processors(call.world, guest),
        memory: guest.memory(),
        disk: total_size(guest.boot_disk()),
    };
    let seed = u64::from(guest.vmid);
    let chance = |n: u64| Rng::new(seed ^ n).next();
    let timeframe = call.args.get("timeframe").unwrap_or_default();
    Ok(rrd::rows(timeframe, figures, call.world.seconds(), chance).into_reply())
}

/// Network interfaces inside a running container.
pub(super) fn interfaces(call: &mut Call<'_>) -> Outcome {
    let guest = call.guest()?;
    if guest.run.is_none() {
        return Ok(Value::Null.into_reply());
    }
    let mut rows = vec![json!({
        "name": "lo", "hwaddr": "00:00:00:00:00:00", "inet": "127.0.0.1/8", "inet6": "::1/128",
        "hardware-address": "00:00:00:00:00:00",
        "ip-addresses": [{"ip-address": "127.0.0.1", "ip-address-type": "inet", "prefix": "8"}],
    })];
    for (name, value) in guest.config.iter().filter(|(k, _)| k.starts_with("net")) {
        let part = |key: &str| value.split(',').find_map(|p| p.strip_prefix(key)).unwrap_or_default();
        let hwaddr = part("hwaddr=").to_lowercase();
        let fixed = Some(part("ip=")).filter(|ip| ip.contains('/')).map(str::to_owned);
        let inet = fixed.unwrap_or_else(|| format!("192.0.2.{}/24", guest.vmid % 200 + 20));
        let (address, prefix) = inet.split_once('/').unwrap_or((inet.as_str(), "24"));
        let label = Some(part("name=")).filter(|n| !n.is_empty()).unwrap_or(name);
        rows.push(json!({
            "name": label, "hwaddr": hwaddr, "inet": inet, "hardware-address": hwaddr,
            "ip-addresses": [{"ip-address": address, "ip-address-type": "inet", "prefix": prefix}],
        }));
    }
    Ok(rows.into_reply())
}
