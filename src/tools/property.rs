//! Configuration values as objects: `virtio=BC:24:11:90:EB:F0,bridge=vmbr0` becomes
//! `{"model": "virtio", "macaddr": "BC:24:11:90:EB:F0", "bridge": "vmbr0"}`, by the generated sub-key tables.

use serde_json::{Map, Number, Value};

use crate::spec::{Endpoint, Field, Format, Kind, Shape, SubKey};

/// What stands for a secret. PVE masks `cipassword` itself; this covers what it does not.
pub(super) const MASK: &str = "**********";

/// The option under which the raw `lxc.*` lines of a container come.
pub(super) const RAW: &str = "lxc";

/// The value of a configuration option as a program wants it: property strings as objects, numbers and booleans as
/// what they are, secrets masked. What does not fit the schema stays as PVE gave it.
pub(super) fn value(config: &'static Endpoint, name: &str, value: Value) -> Value {
    if secret(name) {
        return Value::from(MASK);
    }
    if name == RAW {
        return raw_lines(value);
    }
    let Some(shape) = field(&config.returns, name) else { return value };
    match (&value, &shape.format) {
        (Value::String(text), Format::Properties(keys)) => properties(text, keys).map_or(value, Value::Object),
        // One without its other keys can look like a number (`memory`, up to PVE 8.0).
        (Value::Number(n), Format::Properties(keys)) => properties(&n.to_string(), keys).map_or(value, Value::Object),
        _ => plain(&shape.kind, value),
    }
}

/// Whether an option's value is secret. The environment of a container is where applications are given passwords.
fn secret(name: &str) -> bool {
    name.contains("password") || name == "env"
}

/// `lxc.*` lines as PVE gives them: pairs of key and value. What is no pair of texts may hide a secret anywhere.
pub(super) fn raw_lines(value: Value) -> Value {
    let mask = |pair: Value| match pair.as_array().map(Vec::as_slice) {
        Some([Value::String(key), Value::String(_)]) if key.trim_start().starts_with("lxc.environment") => {
            Value::from(vec![key.as_str(), MASK])
        }
        Some([Value::String(_), Value::String(_)]) => pair,
        _ => Value::from(MASK),
    };
    match value {
        Value::Array(pairs) => pairs.into_iter().map(mask).collect(),
        _ => Value::from(MASK),
    }
}

/// The shape of an option; `net0` is a member of the family `net`.
fn field(returns: &'static Shape, name: &str) -> Option<&'static Shape> {
    let Kind::Object(fields) = &returns.kind else { return None };
    let exact = |f: &&Field| !f.indexed && f.name == name;
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let family = |f: &&Field| f.indexed && stem.len() < name.len() && f.name == stem;
    fields.iter().find(exact).or_else(|| fields.iter().find(family)).map(|f| &f.shape)
}

/// Reads a property string. Nothing when it is none, such as a lone value where no key is the default one.
fn properties(text: &str, keys: &[SubKey]) -> Option<Map<String, Value>> {
    let mut out = Map::new();
    for part in text.split(',').filter(|part| !part.is_empty()) {
        let (name, value) = match part.split_once('=') {
            Some((name, value)) => (name, value),
            None => (keys.iter().find(|key| key.default_key)?.name.as_str(), part),
        };
        let key = find(keys, name);
        let (name, shape) = match key.and_then(|key| Some((key, key.alias.as_deref()?))) {
            Some((key, real)) => {
                if let Some(kept_in) = &key.key_alias {
                    out.insert(kept_in.clone(), Value::from(name));
                }
                (real, find(keys, real).map(|key| &key.shape))
            }
            None => (name, key.map(|key| &key.shape)),
        };
        let masked = secret(name).then(|| Value::from(MASK));
        let value = masked.unwrap_or_else(|| match shape {
            Some(shape) => plain(&shape.kind, Value::from(value)),
            None => Value::from(value),
        });
        out.insert(name.to_owned(), value);
    }
    Some(out)
}

fn find<'a>(keys: &'a [SubKey], name: &str) -> Option<&'a SubKey> {
    keys.iter().find(|key| key.name == name)
}

/// A scalar as the kind that the schema says it is, where it can be read so.
fn plain(kind: &Kind, value: Value) -> Value {
    match kind {
        Kind::Boolean => crate::pve::bool_of(&value).map_or(value, Value::Bool),
        Kind::Integer | Kind::Number => match value.as_str().map(str::trim) {
            Some(text) => number(text).map_or(value, Value::Number),
            None => value,
        },
        _ => value,
    }
}

fn number(text: &str) -> Option<Number> {
    text.parse::<i64>().map(Number::from).ok().or_else(|| Number::from_f64(text.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        api,
        tools::{guest::GuestKind, ops},
    };

    fn vm(name: &str, text: &str) -> Value {
        value(ops::config_endpoint(GuestKind::Vm), name, Value::from(text))
    }

    #[test]
    fn property_strings_become_objects() {
        let net = vm("net0", "virtio=BC:24:11:90:EB:F0,bridge=vmbr0,firewall=1,mtu=1500");
        let parts = json!({"model": "virtio", "macaddr": "BC:24:11:90:EB:F0", "bridge": "vmbr0", "firewall": true, "mtu": 1500});
        assert_eq!(net, parts);
        let disk = json!({"file": "local:100/vm-100-disk-0.qcow2", "size": "1G", "ssd": true});
        assert_eq!(vm("scsi0", "local:100/vm-100-disk-0.qcow2,size=1G,ssd=1"), disk);
        assert_eq!(vm("agent", "1"), json!({"enabled": true}));
        for memory in [json!(512), json!("512")] {
            assert_eq!(value(ops::config_endpoint(GuestKind::Vm), "memory", memory), json!({"current": 512}));
        }
        let root =
            value(&api::GET_NODES_NODE_LXC_VMID_CONFIG, "rootfs", json!("local:200/vm-200-disk-0.raw,size=256M"));
        assert_eq!(root, json!({"volume": "local:200/vm-200-disk-0.raw", "size": "256M"}));
    }

    #[test]
    fn property_strings_whose_keys_are_not_published_become_objects_too() {
        for (name, text, parts) in [
            (
                "cpu",
                "x86-64-v2-AES,flags=+aes;-pcid,hidden=1",
                json!({"cputype": "x86-64-v2-AES", "flags": "+aes;-pcid", "hidden": true}),
            ),
            (
                "cpu",
                "cputype=host,guest-phys-bits=40,phys-bits=host",
                json!({"cputype": "host", "guest-phys-bits": 40, "phys-bits": "host"}),
            ),
            ("boot", "order=scsi0;net0", json!({"order": "scsi0;net0"})),
            ("boot", "cdn", json!({"legacy": "cdn"})),
            (
                "hostpci1",
                "0000:01:00.0;0000:01:00.1,pcie=1,x-vga=0",
                json!({"host": "0000:01:00.0;0000:01:00.1", "pcie": true, "x-vga": false}),
            ),
            ("hostpci0", "mapping=gpu,mdev=nvidia-63", json!({"mapping": "gpu", "mdev": "nvidia-63"})),
            ("startup", "order=2,up=10,down=60", json!({"order": 2, "up": 10, "down": 60})),
            ("startup", "7", json!({"order": 7})),
            ("smbios1", "uuid=7797,base64=1", json!({"uuid": "7797", "base64": true})),
            (
                "ipconfig0",
                "ip=192.0.2.9/24,gw=192.0.2.1,ip6=auto",
                json!({"ip": "192.0.2.9/24", "gw": "192.0.2.1", "ip6": "auto"}),
            ),
            (
                "rng0",
                "/dev/urandom,max_bytes=1024,period=1000",
                json!({"source": "/dev/urandom", "max_bytes": 1024, "period": 1000}),
            ),
            ("watchdog", "model=i6300esb,action=reset", json!({"model": "i6300esb", "action": "reset"})),
            ("watchdog", "i6300esb", json!({"model": "i6300esb"})),
            (
                "cicustom",
                "user=local:snippets/u.yml,vendor=local:snippets/v.yml",
                json!({"user": "local:snippets/u.yml", "vendor": "local:snippets/v.yml"}),
            ),
            ("amd-sev", "snp,kernel-hashes=1", json!({"type": "snp", "kernel-hashes": true})),
            ("intel-tdx", "tdx,attestation=0", json!({"type": "tdx", "attestation": false})),
        ] {
            assert_eq!(vm(name, text), parts, "{name}");
        }
        let startup = value(&api::GET_NODES_NODE_LXC_VMID_CONFIG, "startup", json!("order=3"));
        assert_eq!(startup, json!({"order": 3}));
        // One number alone comes as a number.
        assert_eq!(value(&api::GET_NODES_NODE_LXC_VMID_CONFIG, "startup", json!(3)), json!({"order": 3}));
    }

    #[test]
    fn what_does_not_fit_stays_as_it_came() {
        assert_eq!(vm("net0", "virtio=AA,colour=red")["colour"], "red");
        assert_eq!(vm("nosuchoption", "a=b"), "a=b");
        assert_eq!(vm("description", "a=b,c"), "a=b,c");
    }

    #[test]
    fn scalars_are_what_the_schema_says() {
        assert_eq!(vm("cores", "4"), 4);
        assert_eq!(vm("onboot", "1"), true);
        assert_eq!(value(ops::config_endpoint(GuestKind::Vm), "onboot", json!(0)), false);
        assert_eq!(vm("name", "100"), "100");
    }

    #[test]
    fn secrets_are_masked() {
        assert_eq!(vm("cipassword", "geheim"), MASK);
        let lxc = |name: &str, v: Value| value(&api::GET_NODES_NODE_LXC_VMID_CONFIG, name, v);
        assert_eq!(lxc("env", json!("TOKEN=geheim")), MASK);
        let lines = lxc("lxc", json!([["lxc.environment.runtime", "TOKEN=geheim"], ["lxc.apparmor.profile", "x"]]));
        assert_eq!(lines, json!([["lxc.environment.runtime", MASK], ["lxc.apparmor.profile", "x"]]));
        for odd in [
            json!("lxc.environment: geheim"),
            json!([["lxc.environment", ["geheim"]], "geheim", {"lxc.environment": "geheim"}]),
        ] {
            assert!(!lxc("lxc", odd).to_string().contains("geheim"));
        }
    }
}
