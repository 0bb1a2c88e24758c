//! The guest agent inside a virtual machine: what it says about the guest, the files it keeps, the commands it runs.
//!
//! Its own answers are those of qemu-ga (`qga/qapi-schema.json`); PVE wraps nearly all of them in `result`
//! (qemu-server: `PVE/API2/Qemu/Agent.pm`). Read, not measured.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::refusal::Refusal;

/// Bytes that one `file-read` gives at most.
const MOST_READ: usize = 16 * 1024 * 1024;

/// What the agent knows of the machine it runs in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Machine<'a> {
    /// Host name inside the guest.
    pub(super) name: &'a str,
    /// Hardware addresses of the network interfaces, in order.
    pub(super) macs: &'a [String],
    /// Virtual processors.
    pub(super) vcpus: u32,
    /// Whether it says to be Windows.
    pub(super) windows: bool,
    /// Seconds since 1970.
    pub(super) now: u64,
}

/// State of one agent; lost when the machine stops.
#[derive(Clone, Debug, Default)]
pub(super) struct Agent {
    files: BTreeMap<String, String>,
    frozen: bool,
    runs: BTreeMap<u64, Run>,
}

/// A command that was run.
#[derive(Clone, Debug)]
struct Run {
    code: i64,
    out: String,
}

impl Agent {
    /// Carries out a command, which is the last part of the path: `get-osinfo`, `exec`, `file-read`, …
    pub(super) fn call(
        &mut self,
        command: &str,
        machine: Machine<'_>,
        params: &Map<String, Value>,
    ) -> Result<Value, Refusal> {
        let text = |name: &str| params.get(name).and_then(Value::as_str);
        match command {
            "exec" => Ok(json!({ "pid": self.exec(words(params)) })),
            "exec-status" => self.exec_status(text("pid").and_then(|pid| pid.parse().ok())),
            "file-read" => self.file_read(text("file").unwrap_or_default(), text("offset"), text("count")),
            "file-write" => {
                self.files.insert(text("file").unwrap_or_default().into(), text("content").unwrap_or_default().into());
                Ok(Value::Null)
            }
            "agent" => self.call(text("command").unwrap_or_default(), machine, params),
            other => self.query(other, machine).map(|result| json!({ "result": result })),
        }
    }

    fn query(&mut self, command: &str, machine: Machine<'_>) -> Result<Value, Refusal> {
        let vcpus = 0..u64::from(machine.vcpus.max(1));
        Ok(match command {
            "ping" | "set-user-password" => json!({}),
            "shutdown" | "suspend-disk" | "suspend-hybrid" | "suspend-ram" => Value::Null,
            "fsfreeze-status" => json!(if self.frozen { "frozen" } else { "thawed" }),
            "fsfreeze-freeze" => {
                self.frozen = true;
                json!(1)
            }
            "fsfreeze-thaw" => json!(u8::from(std::mem::take(&mut self.frozen))),
            "fstrim" => json!({ "paths": [{ "path": "/", "trimmed": 0, "minimum": 0 }] }),
            "get-host-name" => json!({ "host-name": machine.name }),
            "get-time" => json!(machine.now.saturating_mul(1_000_000_000)),
            "get-timezone" => json!({ "offset": 0, "zone": "UTC" }),
            "get-users" => json!([{ "user": "root", "login-time": machine.now.saturating_sub(60) }]),
            "get-vcpus" => vcpus.map(|id| json!({ "logical-id": id, "online": true, "can-offline": id > 0 })).collect(),
            "get-memory-block-info" => json!({ "size": 134_217_728 }),
            "get-memory-blocks" => json!([{ "phys-index": 0, "online": true, "can-offline": false }]),
            "get-fsinfo" => json!([file_system()]),
            "get-osinfo" => os(machine.windows),
            "info" => json!({ "version": "9.2.0", "supported_commands": commands() }),
            "network-get-interfaces" => interfaces(machine.macs),
            other => return Err(Refusal::failed(format!("The command {other} has not been found"))),
        })
    }

    /// Runs a command: `echo` says what it was told, `false` fails, anything else is silent.
    fn exec(&mut self, words: Vec<String>) -> u64 {
        let pid = 1000 + self.runs.len() as u64;
        let run = match words.split_first().map(|(name, rest)| (name.rsplit('/').next().unwrap_or(name), rest)) {
            Some(("echo", rest)) => Run { code: 0, out: rest.join(" ") + "\n" },
            Some(("cat", [file])) => match self.files.get(file) {
                Some(content) => Run { code: 0, out: content.clone() },
                None => Run { code: 1, out: String::new() },
            },
            Some(("false", _)) => Run { code: 1, out: String::new() },
            _ => Run { code: 0, out: String::new() },
        };
        self.runs.insert(pid, run);
        pid
    }

    fn exec_status(&self, pid: Option<u64>) -> Result<Value, Refusal> {
        let Some(run) = pid.and_then(|pid| self.runs.get(&pid)) else {
            let pid = pid.map_or_else(String::new, |pid| pid.to_string());
            return Err(Refusal::failed(format!("Agent error: PID {pid} does not exist")));
        };
        let mut status = Map::from_iter([("exited".to_owned(), json!(1)), ("exitcode".to_owned(), json!(run.code))]);
        if !run.out.is_empty() {
            status.insert("out-data".to_owned(), run.out.clone().into());
        }
        Ok(Value::Object(status))
    }

    fn file_read(&self, file: &str, offset: Option<&str>, count: Option<&str>) -> Result<Value, Refusal> {
        let missing = format!("Agent error: failed to open file '{file}' (mode: 'r'): No such file or directory");
        let content = self.files.get(file).ok_or_else(|| Refusal::failed(missing))?;
        let number = |text: Option<&str>| text.and_then(|text| text.parse::<usize>().ok());
        let most = number(count).map_or(MOST_READ, |count| count.min(MOST_READ));
        let rest = content.as_bytes().get(number(offset).unwrap_or(0)..).unwrap_or_default();
        let part = String::from_utf8_lossy(&rest[..rest.len().min(most)]);
        let mut reply = json!({ "content": part });
        if rest.len() > most
            && let Some(reply) = reply.as_object_mut()
        {
            reply.insert("truncated".to_owned(), 1.into());
        }
        Ok(reply)
    }
}

/// The words of a command line, given as a list or as one text.
fn words(params: &Map<String, Value>) -> Vec<String> {
    match params.get("command") {
        Some(Value::Array(words)) => words.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Some(Value::String(line)) => line.split_whitespace().map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

fn os(windows: bool) -> Value {
    if windows {
        return json!({
            "id": "mswindows", "name": "Microsoft Windows", "pretty-name": "Windows 11", "version": "Windows 11",
            "version-id": "11", "machine": "x86_64", "kernel-version": "26100", "kernel-release": "26100",
        });
    }
    json!({
        "id": "debian", "name": "Debian GNU/Linux", "pretty-name": "Debian GNU/Linux 13 (trixie)",
        "version": "13 (trixie)", "version-id": "13", "machine": "x86_64",
        "kernel-release": "6.12.48+deb13-amd64", "kernel-version": "#1 SMP PREEMPT_DYNAMIC Debian 6.12.48-1",
    })
}

fn file_system() -> Value {
    json!({
        "name": "sda1", "mountpoint": "/", "type": "ext4", "disk": [],
        "total-bytes": 8_350_298_112_u64, "used-bytes": 2_147_483_648_u64,
    })
}

fn interfaces(macs: &[String]) -> Value {
    let address = |address: String, prefix: u8| {
        let kind = if address.contains(':') { "ipv6" } else { "ipv4" };
        json!({ "ip-address": address, "ip-address-type": kind, "prefix": prefix })
    };
    let lo = json!({
        "name": "lo", "hardware-address": "00:00:00:00:00:00",
        "ip-addresses": [address("127.0.0.1".into(), 8), address("::1".into(), 128)],
    });
    let cards = macs.iter().enumerate().map(|(n, mac)| {
        let last = mac.rsplit(':').next().and_then(|hex| u8::from_str_radix(hex, 16).ok()).unwrap_or(1).max(1);
        json!({
            "name": format!("eth{n}"), "hardware-address": mac.to_lowercase(),
            "ip-addresses": [address(format!("192.0.2.{last}"), 24)],
        })
    });
    std::iter::once(lo).chain(cards).collect()
}

/// The commands that this agent knows, as `guest-info` lists them.
fn commands() -> Vec<Value> {
    ["exec", "exec-status", "file-open", "file-read", "file-write", "fsfreeze-freeze", "get-osinfo", "ping"]
        .iter()
        .map(|name| json!({ "name": format!("guest-{name}"), "enabled": true, "success-response": true }))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(agent: &mut Agent, command: &str, params: Value) -> Result<Value, Refusal> {
        let macs = ["BC:24:11:00:00:2A".to_owned()];
        let machine = Machine { name: "web", macs: &macs, vcpus: 2, windows: false, now: 1_795_350_802 };
        agent.call(command, machine, params.as_object().unwrap())
    }

    #[test]
    fn a_file_that_was_written_can_be_read_in_parts() {
        let mut agent = Agent::default();
        let written = json!({"file": "/etc/motd", "content": "hello"});
        assert_eq!(call(&mut agent, "file-write", written), Ok(Value::Null));
        assert_eq!(call(&mut agent, "file-read", json!({"file": "/etc/motd"})), Ok(json!({"content": "hello"})));
        let part = json!({"file": "/etc/motd", "offset": "1", "count": "2"});
        assert_eq!(call(&mut agent, "file-read", part), Ok(json!({"content": "el", "truncated": 1})));
        assert!(call(&mut agent, "file-read", json!({"file": "/nope"})).is_err());
    }

    #[test]
    fn a_command_is_run_and_its_end_is_told() {
        let mut agent = Agent::default();
        let pid = call(&mut agent, "exec", json!({"command": ["echo", "a", "b"]})).unwrap()["pid"].to_string();
        let status = call(&mut agent, "exec-status", json!({ "pid": pid })).unwrap();
        assert_eq!(status, json!({"exited": 1, "exitcode": 0, "out-data": "a b\n"}));
        assert!(matches!(call(&mut agent, "exec-status", json!({"pid": "7"})), Err(Refusal::Failed(_))));
    }

    #[test]
    fn a_frozen_file_system_is_thawed_once() {
        let mut agent = Agent::default();
        call(&mut agent, "fsfreeze-freeze", json!({})).unwrap();
        assert_eq!(call(&mut agent, "fsfreeze-status", json!({})).unwrap()["result"], "frozen");
        assert_eq!(call(&mut agent, "agent", json!({"command": "fsfreeze-thaw"})).unwrap()["result"], 1);
        assert_eq!(call(&mut agent, "fsfreeze-thaw", json!({})).unwrap()["result"], 0);
    }

    #[test]
    fn addresses_follow_the_cards_of_the_machine() {
        let mut agent = Agent::default();
        let found = call(&mut agent, "network-get-interfaces", json!({})).unwrap();
        assert_eq!(found["result"][1]["hardware-address"], "bc:24:11:00:00:2a");
        assert_eq!(found["result"][1]["ip-addresses"][0]["ip-address"], "192.0.2.42");
    }
}
