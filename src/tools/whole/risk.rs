//! What one call can do at worst. A method has the risk of the worst that it can be asked for; many calls of it ask for less, which
//! is told by their arguments. Whatever is not listed here keeps the risk of its method.

use serde_json::{Map, Value};

use crate::{
    pve::bool_of,
    spec::{Endpoint, Method, Risk},
    tools::plan::holds_volume,
};

type Arguments = Map<String, Value>;

/// Options of a guest that have a node run what the caller writes.
pub(in crate::tools) const RUNS: [&str; 2] = ["args", "hookscript"];

/// Options of a backup job that can be set back, and that delete no backup whatever they say.
const JOB: [&str; 36] = [
    "id",
    "digest",
    "comment",
    "schedule",
    "starttime",
    "dow",
    "enabled",
    "vmid",
    "all",
    "exclude",
    "pool",
    "node",
    "mode",
    "compress",
    "zstd",
    "pigz",
    "bwlimit",
    "ionice",
    "mailto",
    "mailnotification",
    "notification-mode",
    "notes-template",
    "protected",
    "quiet",
    "repeat-missed",
    "stdexcludes",
    "exclude-path",
    "lockwait",
    "stopwait",
    "stop",
    "performance",
    "fleecing",
    "pbs-change-detection-mode",
    "notification-policy",
    "notification-target",
    "remove",
];

/// Options of a storage that can be set back from what can be read of it, and that neither lose nor hide what lies on it.
const STORAGE: [&str; 20] = [
    "storage",
    "digest",
    "bwlimit",
    "fingerprint",
    "format",
    "preallocation",
    "max-protected-backups",
    "krbd",
    "nocow",
    "fuse",
    "saferemove",
    "saferemove-stepsize",
    "saferemove_throughput",
    "smbversion",
    "tagged_only",
    "sparse",
    "nowritecache",
    "snapshot-as-volume-chain",
    "shared",
    "skip-cert-verification",
];

/// Options of a replication job that can be set back.
const REPLICATION: [&str; 6] = ["id", "digest", "comment", "disable", "rate", "schedule"];

/// Whether a call of this risk counts among the deletions: those that no other call undoes, and what is deleted of what is
/// administered.
pub(super) fn deletes(endpoint: &Endpoint, risk: Risk) -> bool {
    risk == Risk::Destroy || (risk == Risk::Admin && endpoint.method == Method::Delete)
}

/// Whether a call asks for consent whatever its risk: it can touch many guests.
pub(super) fn asks_always(endpoint: &Endpoint) -> bool {
    endpoint.many && endpoint.risk != Risk::Read
}

/// Whether a call only ever has guests run that did not: nothing that runs is lost by it.
pub(super) fn only_starts(endpoint: &Endpoint) -> bool {
    ["/status/start", "/status/resume", "/startall", "/guest/start"].iter().any(|end| endpoint.path.ends_with(end))
}

/// Whether a call stops a guest, or has it stand still: what no call does to a guest that a tag protects.
pub(super) fn stops(endpoint: &Endpoint, arguments: &Arguments) -> bool {
    let word = |name: &str| arguments.get(name).and_then(Value::as_str).unwrap_or_default();
    match endpoint.at().as_str() {
        // Any mode but this one stops the guest or suspends it.
        "POST /nodes/{node}/vzdump" => !matches!(word("mode"), "" | "snapshot"),
        // A container is stopped for it and started again.
        "POST /nodes/{node}/lxc/{vmid}/migrate" => on(arguments, "restart"),
        "POST /cluster/ha/resources" | "PUT /cluster/ha/resources/{sid}" => {
            matches!(word("state"), "stopped" | "disabled")
        }
        "POST /cluster/ha/resources/{sid}/relocate" | "POST /nodes/{node}/status" => true,
        _ => of(endpoint, arguments) == Risk::Power && !only_starts(endpoint),
    }
}

/// Whether an option is switched on; what cannot be read counts as that.
fn on(arguments: &Arguments, name: &str) -> bool {
    arguments.get(name).is_some_and(|value| bool_of(value) != Some(false))
}

/// Whether an option is switched off.
fn off(arguments: &Arguments, name: &str) -> bool {
    arguments.contains_key(name) && !on(arguments, name)
}

/// The least that a call of the method can come to, where that depends on its arguments.
pub(super) fn least(endpoint: &Endpoint) -> Risk {
    let ways = [("remove", Value::from(false)), ("command", Value::from("ping"))];
    let tried = ways.map(|(name, value)| of(endpoint, &Map::from_iter([(name.to_owned(), value)])));
    tried.into_iter().chain([of(endpoint, &Map::new())]).min().unwrap_or(endpoint.risk)
}

/// What a call with these arguments can do at worst.
pub(in crate::tools) fn of(endpoint: &Endpoint, arguments: &Arguments) -> Risk {
    let has = |name: &str| arguments.contains_key(name);
    let on = |name: &str| on(arguments, name);
    // Backups are removed unless that is switched off.
    let kept = off(arguments, "remove");
    let word = |name: &str| arguments.get(name).and_then(Value::as_str).unwrap_or_default();
    let only = |known: &[&str]| arguments.keys().all(|name| known.contains(&name.as_str()));
    let either = |worse: bool, worst: Risk, else_: Risk| if worse { worst } else { else_ };
    match endpoint.at().as_str() {
        "PUT /nodes/{node}/qemu/{vmid}/config"
        | "POST /nodes/{node}/qemu/{vmid}/config"
        | "PUT /nodes/{node}/lxc/{vmid}/config" => {
            let loses = |name: &String| matches!(name.as_str(), "delete" | "force" | "revert") || holds_volume(name);
            let runs = RUNS.iter().any(|name| has(name));
            either(runs, Risk::Execute, either(arguments.keys().any(loses), Risk::Destroy, Risk::Change))
        }
        // Made over a guest that is there, what that was is lost.
        "POST /nodes/{node}/qemu" | "POST /nodes/{node}/lxc" => {
            let runs = RUNS.iter().any(|name| has(name));
            either(runs, Risk::Execute, either(on("force"), Risk::Destroy, Risk::Change))
        }
        "POST /nodes/{node}/qemu/{vmid}/move_disk" | "POST /nodes/{node}/lxc/{vmid}/move_volume" => {
            let drops = on("delete") || has("target-vmid") || has("target-disk") || has("target-volume");
            either(drops, Risk::Destroy, Risk::Change)
        }
        "POST /nodes/{node}/qemu/{vmid}/agent" => match word("command") {
            command if command.starts_with("get-") => Risk::Read,
            "fsfreeze-status" | "info" | "ping" | "network-get-interfaces" => Risk::Read,
            "fsfreeze-freeze" | "shutdown" | "suspend-disk" | "suspend-hybrid" | "suspend-ram" => Risk::Power,
            _ => endpoint.risk,
        },
        // PVE deletes older backups by the storage's own retention unless it is told not to.
        "POST /nodes/{node}/vzdump" => {
            let prunes = !kept || has("prune-backups") || has("maxfiles");
            let runs = has("script") || has("dumpdir");
            either(runs, Risk::Execute, either(prunes, Risk::Destroy, Risk::Change))
        }
        "POST /cluster/backup" | "PUT /cluster/backup/{id}" => {
            let mends = endpoint.path.ends_with("/{id}");
            let storage = if mends { "" } else { "storage" };
            let deletes = if mends { has("remove") && !kept } else { !kept };
            let harmless =
                arguments.keys().all(|name| JOB.contains(&name.as_str()) || (name == storage && !storage.is_empty()));
            either(has("script"), Risk::Execute, either(harmless && !deletes, Risk::Change, Risk::Destroy))
        }
        // A volume group made on a volume takes the place of what is on that.
        "POST /storage" => either(has("base"), Risk::Destroy, Risk::Change),
        "PUT /storage/{storage}" => either(only(&STORAGE), Risk::Change, Risk::Destroy),
        "PUT /cluster/replication/{id}" => either(only(&REPLICATION), Risk::Change, Risk::Destroy),
        _ => endpoint.risk,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{api, spec::Method};

    fn risk(at: &str, arguments: Value) -> Risk {
        let (verb, path) = at.split_once(' ').expect("a method");
        let endpoint = api::endpoint(Method::parse(verb).expect("a verb"), path).expect(at);
        of(endpoint, arguments.as_object().expect("arguments"))
    }

    #[test]
    fn what_a_call_can_do_depends_on_its_options() {
        for (at, arguments, expected) in [
            ("PUT /nodes/{node}/qemu/{vmid}/config", json!({"vmid": 1, "memory": 1}), Risk::Change),
            ("PUT /nodes/{node}/qemu/{vmid}/config", json!({"scsi0": "local:1"}), Risk::Destroy),
            ("PUT /nodes/{node}/qemu/{vmid}/config", json!({"delete": "net1"}), Risk::Destroy),
            ("POST /nodes/{node}/qemu/{vmid}/config", json!({"hookscript": "local:snippets/x"}), Risk::Execute),
            ("POST /nodes/{node}/qemu", json!({"memory": 1}), Risk::Change),
            ("POST /nodes/{node}/qemu", json!({"archive": "a", "force": 1}), Risk::Destroy),
            ("POST /nodes/{node}/qemu", json!({"archive": "a", "force": 0}), Risk::Change),
            ("POST /nodes/{node}/qemu", json!({"args": "-x"}), Risk::Execute),
            ("POST /nodes/{node}/lxc", json!({"restore": 1, "force": true}), Risk::Destroy),
            ("POST /nodes/{node}/qemu/{vmid}/move_disk", json!({"disk": "scsi0", "storage": "b"}), Risk::Change),
            ("POST /nodes/{node}/qemu/{vmid}/move_disk", json!({"delete": true}), Risk::Destroy),
            ("POST /nodes/{node}/qemu/{vmid}/agent", json!({"command": "ping"}), Risk::Read),
            ("POST /nodes/{node}/qemu/{vmid}/agent", json!({"command": "fstrim"}), Risk::Change),
            ("POST /nodes/{node}/qemu/{vmid}/agent", json!({"command": "shutdown"}), Risk::Power),
            ("POST /nodes/{node}/vzdump", json!({"vmid": "100"}), Risk::Destroy),
            ("POST /nodes/{node}/vzdump", json!({"vmid": "100", "remove": 0}), Risk::Change),
            ("POST /nodes/{node}/vzdump", json!({"vmid": "100", "remove": false, "mode": "stop"}), Risk::Change),
            ("POST /nodes/{node}/vzdump", json!({"remove": 0, "prune-backups": "keep-last=1"}), Risk::Destroy),
            ("POST /nodes/{node}/vzdump", json!({"remove": 0, "script": "/x"}), Risk::Execute),
            ("POST /cluster/backup", json!({"schedule": "1:00", "storage": "nas", "all": 1}), Risk::Destroy),
            (
                "POST /cluster/backup",
                json!({"schedule": "1:00", "storage": "nas", "all": 1, "remove": 0}),
                Risk::Change,
            ),
            ("PUT /cluster/backup/{id}", json!({"id": "a", "enabled": 0}), Risk::Change),
            ("PUT /cluster/backup/{id}", json!({"id": "a", "prune-backups": "keep-last=1"}), Risk::Destroy),
            ("PUT /cluster/backup/{id}", json!({"id": "a", "remove": 1}), Risk::Destroy),
            ("PUT /cluster/backup/{id}", json!({"id": "a", "storage": "other"}), Risk::Destroy),
            ("PUT /cluster/backup/{id}", json!({"id": "a", "delete": "comment"}), Risk::Destroy),
            ("POST /storage", json!({"storage": "a", "type": "lvm", "vgname": "v"}), Risk::Change),
            (
                "POST /storage",
                json!({"storage": "a", "type": "lvm", "vgname": "v", "base": "san:0.0.0.x"}),
                Risk::Destroy,
            ),
            ("PUT /storage/{storage}", json!({"storage": "a", "bwlimit": "x"}), Risk::Change),
            ("PUT /storage/{storage}", json!({"storage": "a", "content": "iso"}), Risk::Destroy),
            ("PUT /storage/{storage}", json!({"storage": "a", "disable": 1}), Risk::Destroy),
            ("PUT /storage/{storage}", json!({"storage": "a", "delete": "content"}), Risk::Destroy),
            ("PUT /storage/{storage}", json!({"storage": "a", "password": "x"}), Risk::Destroy),
            ("PUT /cluster/replication/{id}", json!({"id": "100-0", "rate": 5}), Risk::Change),
            ("PUT /cluster/replication/{id}", json!({"id": "100-0", "remove_job": "full"}), Risk::Destroy),
            ("POST /nodes/{node}/status", json!({"command": "reboot"}), Risk::Admin),
        ] {
            assert_eq!(risk(at, arguments.clone()), expected, "{at} {arguments}");
        }
    }

    #[test]
    fn what_stops_a_guest_is_known_whatever_its_risk() {
        let stops = |at: &str, arguments: Value| {
            let (verb, path) = at.split_once(' ').expect("a method");
            let endpoint = api::endpoint(Method::parse(verb).expect("a verb"), path).expect(at);
            super::stops(endpoint, arguments.as_object().expect("arguments"))
        };
        for (at, arguments, expected) in [
            ("POST /nodes/{node}/qemu/{vmid}/status/stop", json!({}), true),
            ("POST /nodes/{node}/qemu/{vmid}/status/start", json!({}), false),
            ("POST /nodes/{node}/stopall", json!({}), true),
            ("POST /cluster/bulk-action/guest/start", json!({}), false),
            ("POST /cluster/bulk-action/guest/suspend", json!({}), true),
            ("POST /nodes/{node}/vzdump", json!({"mode": "stop"}), true),
            ("POST /nodes/{node}/vzdump", json!({}), false),
            ("POST /nodes/{node}/lxc/{vmid}/migrate", json!({"restart": true}), true),
            ("POST /nodes/{node}/lxc/{vmid}/migrate", json!({"restart": 0}), false),
            ("PUT /cluster/ha/resources/{sid}", json!({"state": "disabled"}), true),
            ("PUT /cluster/ha/resources/{sid}", json!({"comment": "x"}), false),
            ("POST /cluster/ha/resources/{sid}/relocate", json!({}), true),
            ("POST /nodes/{node}/qemu/{vmid}/agent", json!({"command": "shutdown"}), true),
            ("POST /nodes/{node}/qemu/{vmid}/agent", json!({"command": "fstrim"}), false),
            ("POST /nodes/{node}/status", json!({"command": "reboot"}), true),
            ("PUT /nodes/{node}/qemu/{vmid}/config", json!({"memory": 1}), false),
        ] {
            assert_eq!(stops(at, arguments.clone()), expected, "{at} {arguments}");
        }
    }

    #[test]
    fn no_options_make_a_call_worse_than_its_method_says_but_what_runs() {
        for endpoint in api::endpoints() {
            let all: Arguments = endpoint.params.iter().map(|param| (param.name.clone(), json!(true))).collect();
            let worst = of(endpoint, &all);
            assert!(worst <= endpoint.risk || worst == Risk::Execute, "{}: {worst}", endpoint.at());
            assert!(least(endpoint) <= endpoint.risk, "{}", endpoint.at());
        }
    }
}
