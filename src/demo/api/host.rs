//! What a node says of itself: time, network, services, packages, disks (pve-manager: `API2/Nodes.pm`, `Network.pm`,
//! `Services.pm`, `APT.pm`).

use serde_json::{Value, json};

use super::{Call, IntoReply as _};
use crate::{
    demo::{
        digest::digest,
        reply::{Failure, Outcome, Reply},
        rng::Rng,
        rrd::{self, Figures},
        time,
        world::{Flow, Host, World, stage},
    },
    spec::Param,
};

/// Lines of the journal that the demo has.
const JOURNAL: [&str; 4] = [
    "systemd[1]: Started pvedaemon.service - PVE API Daemon.",
    "pvedaemon[1204]: starting server",
    "pvestatd[1190]: status update time (0.412 seconds)",
    "pveproxy[1251]: worker 1253 started",
];

fn host<'a>(call: &'a Call<'_>) -> Option<&'a Host> {
    call.world.host(&call.node())
}

pub(super) fn time(call: &mut Call<'_>) -> Outcome {
    let now = call.world.seconds();
    Ok(json!({"time": now, "localtime": now, "timezone": "Etc/UTC"}).into_reply())
}

pub(super) fn dns(_: &mut Call<'_>) -> Outcome {
    Ok(json!({"dns1": "192.0.2.53"}).into_reply())
}

/// Nothing is set.
pub(super) fn config(_: &mut Call<'_>) -> Outcome {
    Ok(json!({}).into_reply())
}

pub(super) fn hosts(call: &mut Call<'_>) -> Outcome {
    let lines = call.world.hosts.iter().map(|host| format!("{0} {1} {1}.local\n", host.ip, host.node.name));
    let data = format!("127.0.0.1 localhost\n{}", lines.collect::<String>());
    Ok(json!({"digest": digest(&data), "data": data}).into_reply())
}

pub(super) fn subscription(_: &mut Call<'_>) -> Outcome {
    Ok(json!({"status": "notfound", "message": "There is no subscription key", "serverid": null,
        "url": "https://www.proxmox.com/en/proxmox-virtual-environment/pricing"})
    .into_reply())
}

/// The bridges of a node, as `/etc/network/interfaces` has them.
fn interfaces(call: &Call<'_>) -> Vec<Value> {
    let ip = host(call).map(|host| host.ip.clone()).unwrap_or_default();
    let gateway = ip.rsplit_once('.').map(|(net, _)| format!("{net}.1")).unwrap_or_default();
    let bridge = |(n, name): (usize, &String)| {
        let mut row = json!({"iface": name, "type": "bridge", "active": 1, "autostart": 1, "priority": n + 3,
            "bridge_ports": format!("eth{n}"), "bridge_stp": "off", "bridge_fd": "0", "families": ["inet"],
            "method": "manual", "method6": "manual"});
        if n == 0 {
            row["method"] = json!("static");
            row["address"] = json!(ip);
            row["netmask"] = json!("24");
            row["cidr"] = json!(format!("{ip}/24"));
            row["gateway"] = json!(gateway);
        }
        row
    };
    call.world.bridges.iter().enumerate().map(bridge).collect()
}

pub(super) fn network(call: &mut Call<'_>) -> Outcome {
    let kind = call.args.get("type");
    let wanted = |row: &Value| kind.is_none_or(|kind| kind.contains("bridge") || row["type"] == kind);
    Ok(interfaces(call).into_iter().filter(wanted).collect::<Vec<_>>().into_reply())
}

pub(super) fn interface(call: &mut Call<'_>) -> Outcome {
    let name = call.args.get("iface").unwrap_or_default();
    let found = interfaces(call).into_iter().find(|row| row["iface"] == name);
    let mut row = found.ok_or_else(|| Failure::param("iface", "interface does not exist"))?;
    if let Some(row) = row.as_object_mut() {
        row.remove("iface");
    }
    Ok(row.into_reply())
}

fn service(name: &str) -> Value {
    let what = match name {
        "cron" => "Regular background program processing daemon".to_owned(),
        "corosync" => "Corosync Cluster Engine".to_owned(),
        "sshd" => "OpenBSD Secure Shell server".to_owned(),
        "pvedaemon" => "PVE API Daemon".to_owned(),
        "pveproxy" => "PVE API Proxy Server".to_owned(),
        "pvestatd" => "PVE Status Daemon".to_owned(),
        other => format!("{other}.service"),
    };
    json!({"service": name, "name": name, "desc": what, "state": "running", "active-state": "active",
        "unit-state": "enabled"})
}

/// All services that PVE knows by name.
pub(super) fn services(_: &mut Call<'_>) -> Outcome {
    let one = crate::api::endpoint(crate::spec::Method::Get, "/nodes/{node}/services/{service}/state");
    let names = one.and_then(|endpoint| endpoint.param("service")).map(|param: &Param| param.shape.values.clone());
    Ok(names.unwrap_or_default().iter().map(|name| service(name)).collect::<Vec<Value>>().into_reply())
}

pub(super) fn service_state(call: &mut Call<'_>) -> Outcome {
    Ok(service(call.args.get("service").unwrap_or_default()).into_reply())
}

/// Starts, stops, restarts or reloads a service.
pub(super) fn service_task(call: &mut Call<'_>) -> Outcome {
    let verb = call.endpoint.path.rsplit('/').next().unwrap_or_default();
    let (name, node) = (call.args.get("service").unwrap_or_default().to_owned(), call.node());
    let kind = format!("srv{verb}");
    let first = stage(|_: &mut World, _: &str| Ok(Flow::Done));
    Ok(call.world.spawn(&kind, &node, &name, call.who, first).into_reply())
}

/// The journal's last lines.
pub(super) fn syslog(call: &mut Call<'_>) -> Outcome {
    let node = call.node();
    let now = time::ctime(call.world.began / 1000);
    let stamp = now.get(4..19).unwrap_or_default();
    let service = call.args.get("service");
    let lines: Vec<String> = JOURNAL
        .iter()
        .filter(|line| service.is_none_or(|service| line.starts_with(service)))
        .map(|line| format!("{stamp} {node} {line}"))
        .collect();
    let (start, limit) = (call.args.number("start").unwrap_or(0), call.args.number("limit").unwrap_or(50));
    let size = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    let page = lines.iter().enumerate().skip(size(start)).take(size(limit));
    let rows: Vec<Value> = page.map(|(n, line)| json!({"n": n + 1, "t": line})).collect();
    Ok(Reply { data: rows.into(), total: Some(lines.len()) })
}

/// The journal as plain lines.
pub(super) fn journal(call: &mut Call<'_>) -> Outcome {
    let node = call.node();
    Ok(JOURNAL.iter().map(|line| format!("{node} {line}")).collect::<Vec<String>>().into_reply())
}

pub(super) fn disks(call: &mut Call<'_>) -> Outcome {
    let size = host(call).map_or(0, |host| host.node.disk);
    Ok(json!([{"devpath": "/dev/sda", "gpt": 1, "health": "PASSED", "model": "SSDSC2KB480G8", "mounted": 1,
        "osdid": -1, "osdid-list": null, "rpm": 0, "serial": "PHYF0123456789", "size": size, "type": "ssd",
        "used": "BIOS boot", "vendor": "ATA", "wearout": 98, "wwn": "0x5000000000000001"}])
    .into_reply())
}

pub(super) fn smart(call: &mut Call<'_>) -> Outcome {
    if call.args.get("disk") != Some("/dev/sda") {
        return Err(Failure::new("not a valid block device"));
    }
    Ok(json!({"health": "PASSED", "type": "text", "text": "SMART overall-health self-assessment test result: PASSED"})
        .into_reply())
}

/// Nothing is left to update.
pub(super) fn updates(_: &mut Call<'_>) -> Outcome {
    Ok(json!([]).into_reply())
}

/// Fetches the lists of packages.
pub(super) fn fetch_updates(call: &mut Call<'_>) -> Outcome {
    let node = call.node();
    let first = stage(|world: &mut World, upid: &str| {
        world.log(upid, "starting apt-get update");
        world.log(upid, "Reading package lists...");
        Ok(Flow::Done)
    });
    Ok(call.world.spawn("aptupdate", &node, "", call.who, first).into_reply())
}

pub(super) fn versions(call: &mut Call<'_>) -> Outcome {
    let version = call.world.release.version();
    let package = |(name, version): &(&str, String)| {
        json!({"Package": name, "Version": version, "OldVersion": version, "CurrentState": "Installed", "Arch": "amd64",
            "Origin": "Proxmox", "Section": "admin", "Priority": "optional", "Title": name, "Description": name})
    };
    let packages = [
        ("pve-manager", version.to_owned()),
        ("qemu-server", "9.2.1".to_owned()),
        ("pve-container", "6.2.1".to_owned()),
        ("pve-qemu-kvm", "10.0.13-1".to_owned()),
    ];
    Ok(packages.iter().map(package).collect::<Vec<Value>>().into_reply())
}

/// What the network cards of running guests carried.
pub(super) fn netstat(call: &mut Call<'_>) -> Outcome {
    let (node, now) = (call.node(), call.world.now);
    let mut rows = Vec::new();
    for guest in call.world.guests.values().filter(|guest| guest.node == node) {
        let Some(run) = &guest.run else { continue };
        for card in guest.config.keys().filter(|key| key.strip_prefix("net").is_some_and(|n| n.parse::<u32>().is_ok()))
        {
            rows.push(json!({"vmid": guest.vmid.to_string(), "dev": card, "in": run.received(now).to_string(),
                "out": run.sent(now).to_string()}));
        }
    }
    Ok(rows.into_reply())
}

/// The history of a node.
pub(super) fn history(call: &mut Call<'_>) -> Outcome {
    let node = call.node();
    let Some(host) = call.world.host(&node) else { return Ok(json!([]).into_reply()) };
    let figures = Figures {
        running: true,
        uptime: host.node.uptime,
        cpus: u64::from(host.node.cpus),
        memory: host.node.memory,
        disk: host.node.disk,
    };
    let seed = node.bytes().map(u64::from).sum::<u64>();
    let chance = |n: u64| Rng::new(seed ^ n).next();
    let timeframe = call.args.get("timeframe").unwrap_or_default();
    Ok(rrd::rows(timeframe, figures, call.world.seconds(), chance).into_reply())
}
