//! A call of each method that fits, and that the demo carries out.

use serde_json::{Map, Value, json};

use crate::spec::{Endpoint, Format, Kind, Param, Shape, SubKey, verify};

/// Arguments of methods for which those that must be given are not enough, or for which not any value will do.
const OWN: [(&str, &str); 45] = [
    ("PUT /access/acl", r#"{"path": "/vms/100", "roles": "PVEVMUser", "users": "viewer@pve"}"#),
    ("POST /cluster/backup", r#"{"schedule": "sun 01:00", "storage": "nas", "vmid": "100"}"#),
    ("POST /cluster/ha/resources", r#"{"sid": "vm:100"}"#),
    ("POST /cluster/replication", r#"{"id": "100-0", "target": "pve2", "type": "local"}"#),
    ("POST /nodes/{node}/aplinfo", r#"{"template": "debian-13-standard_13.1-2_amd64.tar.zst"}"#),
    ("GET /nodes/{node}/disks/smart", r#"{"disk": "/dev/sda"}"#),
    (
        "POST /nodes/{node}/lxc",
        r#"{"vmid": 5000, "ostemplate": "local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst", "storage": "local-lvm"}"#,
    ),
    ("POST /nodes/{node}/qemu", r#"{"vmid": 5000, "name": "example", "memory": "2048", "scsi0": "local-lvm:32"}"#),
    ("DELETE /nodes/{node}/lxc/{vmid}", r#"{"node": "pve3", "vmid": 203}"#),
    ("POST /nodes/{node}/lxc/{vmid}/clone", r#"{"node": "pve3", "vmid": 203, "newid": 5000}"#),
    ("PUT /nodes/{node}/lxc/{vmid}/config", r#"{"description": "made by us"}"#),
    ("POST /nodes/{node}/lxc/{vmid}/migrate", r#"{"target": "pve2", "restart": true}"#),
    (
        "POST /nodes/{node}/lxc/{vmid}/move_volume",
        r#"{"node": "pve3", "vmid": 203, "volume": "rootfs", "storage": "local"}"#,
    ),
    ("PUT /nodes/{node}/lxc/{vmid}/resize", r#"{"disk": "rootfs", "size": "+1G"}"#),
    ("POST /nodes/{node}/lxc/{vmid}/status/start", r#"{"node": "pve3", "vmid": 203}"#),
    ("POST /nodes/{node}/lxc/{vmid}/status/resume", r#"{"node": "pve3", "vmid": 203}"#),
    ("POST /nodes/{node}/lxc/{vmid}/template", r#"{"node": "pve3", "vmid": 203}"#),
    ("POST /nodes/{node}/migrateall", r#"{"target": "pve2", "max-workers": 1}"#),
    ("GET /nodes/{node}/network/{iface}", r#"{"iface": "vmbr0"}"#),
    ("DELETE /nodes/{node}/qemu/{vmid}", r#"{"vmid": 110}"#),
    ("GET /nodes/{node}/qemu/{vmid}/agent/exec-status", r#"{"pid": 1000}"#),
    ("GET /nodes/{node}/qemu/{vmid}/agent/file-read", r#"{"file": "/tmp/example"}"#),
    ("POST /nodes/{node}/qemu/{vmid}/agent/file-write", r#"{"file": "/tmp/example", "content": "hello"}"#),
    ("POST /nodes/{node}/qemu/{vmid}/clone", r#"{"newid": 5000}"#),
    ("PUT /nodes/{node}/qemu/{vmid}/config", r#"{"description": "made by us"}"#),
    ("POST /nodes/{node}/qemu/{vmid}/config", r#"{"description": "made by us"}"#),
    ("POST /nodes/{node}/qemu/{vmid}/migrate", r#"{"target": "pve2", "online": true}"#),
    ("POST /nodes/{node}/qemu/{vmid}/move_disk", r#"{"disk": "scsi0", "storage": "nas"}"#),
    ("PUT /nodes/{node}/qemu/{vmid}/resize", r#"{"disk": "scsi0", "size": "+1G"}"#),
    ("POST /nodes/{node}/qemu/{vmid}/template", r#"{"vmid": 110}"#),
    ("PUT /nodes/{node}/qemu/{vmid}/unlink", r#"{"idlist": "unused0"}"#),
    (
        "GET /nodes/{node}/storage/{storage}/content/{volume}",
        r#"{"volume": "local:iso/debian-13.1.0-amd64-netinst.iso"}"#,
    ),
    (
        "PUT /nodes/{node}/storage/{storage}/content/{volume}",
        r#"{"volume": "local:iso/debian-13.1.0-amd64-netinst.iso"}"#,
    ),
    (
        "DELETE /nodes/{node}/storage/{storage}/content/{volume}",
        r#"{"volume": "local:iso/debian-13.1.0-amd64-netinst.iso"}"#,
    ),
    (
        "POST /nodes/{node}/storage/{storage}/download-url",
        r#"{"content": "iso", "filename": "example.iso", "url": "https://example.com/example.iso"}"#,
    ),
    ("GET /nodes/{node}/storage/{storage}/prunebackups", r#"{"storage": "nas", "prune-backups": "keep-last=3"}"#),
    ("DELETE /nodes/{node}/storage/{storage}/prunebackups", r#"{"storage": "nas", "prune-backups": "keep-last=3"}"#),
    ("POST /nodes/{node}/vzdump", r#"{"vmid": "100", "storage": "nas"}"#),
    ("POST /pools", r#"{"poolid": "example"}"#),
    ("DELETE /pools", r#"{"poolid": "example"}"#),
    ("DELETE /pools/{poolid}", r#"{"poolid": "example"}"#),
    ("POST /storage", r#"{"storage": "backup2", "type": "dir", "path": "/mnt/backup2"}"#),
    (
        "GET /nodes/{node}/vzdump/extractconfig",
        r#"{"volume": "nas:backup/vzdump-qemu-100-2026_01_31-01_00_00.vma.zst"}"#,
    ),
    ("POST /nodes/{node}/storage/{storage}/content", r#"{"vmid": 100, "filename": "vm-100-disk-9.raw", "size": "1G"}"#),
    ("POST /nodes/{node}/wakeonlan", "{}"),
];

/// Arguments that fit: those that are needed, and those that the method is nothing without.
pub(super) fn example(endpoint: &Endpoint) -> Map<String, Value> {
    let needed = endpoint.params.iter().filter(|param| !param.optional);
    let mut arguments: Map<String, Value> = needed.map(|param| (param.name.clone(), sample(endpoint, param))).collect();
    let at = endpoint.at();
    let own = OWN.iter().find(|(own, _)| *own == at).and_then(|(_, text)| serde_json::from_str::<Map<_, _>>(text).ok());
    // Another release may lack one of them.
    let known = |(name, _): &(String, Value)| endpoint.param(name).is_some();
    arguments.extend(own.into_iter().flatten().filter(known));
    arguments
}

/// A value that fits a parameter, and that a person would recognise.
fn sample(endpoint: &Endpoint, param: &Param) -> Value {
    let container = endpoint.path.starts_with("/nodes/{node}/lxc");
    let known = match param.name.as_str() {
        "target" if param.shape.kind == Kind::String => Some(json!("pve2")),
        "node" if param.shape.kind == Kind::String => Some(json!("pve1")),
        "vmid" if param.shape.kind == Kind::Integer => Some(json!(if container { 200 } else { 100 })),
        "sid" => Some(json!("vm:102")),
        "upid" => Some(json!("UPID:pve1:000012AB:00345678:65A0B1C2:qmstart:100:root@pam:")),
        "snapname" => Some(json!("before")),
        "storage" => Some(json!("local")),
        "userid" => Some(json!("ops@pve")),
        "tokenid" => Some(json!("ai")),
        "realm" => Some(json!("pve")),
        "groupid" => Some(json!("admins")),
        "roleid" => Some(json!("Operator")),
        "poolid" => Some(json!("shop")),
        "cidr" => Some(json!("192.0.2.0/24")),
        _ => None,
    };
    let fits = |value: &Value| verify::check(&param.name, &param.shape, value).is_ok();
    known.into_iter().chain(candidates(&param.shape)).find(fits).unwrap_or_else(|| json!("…"))
}

/// Values to try, the likeliest first.
fn candidates(shape: &Shape) -> Vec<Value> {
    let mut all: Vec<Value> = shape.values.iter().filter(|value| !value.is_empty()).map(|value| json!(value)).collect();
    match &shape.kind {
        Kind::Boolean => all.push(json!(true)),
        Kind::Integer | Kind::Number => {
            let default = shape.default.as_deref().and_then(|text| text.parse::<i64>().ok());
            let least = shape.minimum.map(|least| crate::tools::table::number(least.ceil()));
            all.extend([default.map(Value::from), least, Some(json!(1)), Some(json!(100))].into_iter().flatten());
        }
        Kind::Array(item) => all.extend(candidates(item).into_iter().map(|item| json!([item]))),
        Kind::Object(_) => all.push(json!({})),
        Kind::String | Kind::Any | Kind::Null => {
            if let Format::Properties(keys) = &shape.format {
                let needed = keys.iter().filter(|key| !key.optional && key.alias.is_none());
                let pair = |key: &SubKey| {
                    let value = candidates(&key.shape).into_iter().find(|v| verify::check("", &key.shape, v).is_ok());
                    format!("{}={}", key.name, value.map_or_else(String::new, |v| super::given::plain(&v)))
                };
                all.push(json!(needed.map(pair).collect::<Vec<_>>().join(",")));
            }
            all.extend(TEXTS.iter().map(|text| json!(text)));
        }
    }
    all
}

/// Texts of the forms that PVE asks for.
const TEXTS: [&str; 29] = [
    "example",
    "pve1",
    "100",
    "local",
    "local:iso/debian.iso",
    "vmbr0",
    "192.0.2.10",
    "192.0.2.0/24",
    "00000000-0000-0000-0000-000000000001",
    "ops@pve",
    "example.com",
    "https://example.com/",
    "AA:BB:CC:DD:EE:FF",
    "scsi0",
    "10",
    "1G",
    "/mnt/data",
    "sun 01:00",
    "/dev/sdb",
    "a1b2c3d4",
    "65000",
    "2001:db8::1",
    "x@y.example",
    "vm:100",
    "100-0",
    "pve4c-0123456789",
    "AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89",
    "0000:01:00.0",
    "8086:1234",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api;

    #[test]
    fn the_example_of_every_method_is_what_pve_would_take() {
        let mut wrong = Vec::new();
        for endpoint in api::endpoints() {
            if let Err(refusals) = verify::verify(endpoint, example(endpoint)) {
                let first = refusals.first().map(|r| format!("{}: {}", r.param, r.text().trim_end()));
                wrong.push(format!("{} {:?} {}", endpoint.at(), first, Value::from(example(endpoint))));
            }
        }
        assert!(wrong.is_empty(), "{} of {}: {wrong:#?}", wrong.len(), api::METHODS);
        for (at, text) in OWN {
            assert!(api::endpoints().any(|endpoint| endpoint.at() == at), "{at} is no method");
            assert!(serde_json::from_str::<Map<String, Value>>(text).is_ok(), "{at}: {text}");
        }
    }
}
