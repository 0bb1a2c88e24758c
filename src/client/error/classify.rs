//! From PVE's words to what they mean.
//!
//! A status tells little: PVE answers 500 to a missing guest as to a locked one. The sentences are those of
//! qemu-server, pve-container, pve-guest-common, pve-access-control and pve-cluster.
//!
//! A sentence counts as a whole, and only with the guest's own id where it has one: "does not exist" is said of bridges,
//! volumes and storages, "is running" of the guest that holds the graphics card. What is not one of these sentences
//! means nothing but what it says.

use std::collections::BTreeMap;

use super::Trouble;

/// The guest that a request or a task is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct About<'a> {
    /// Its node.
    pub node: &'a str,
    /// `qemu` or `lxc`.
    pub kind: &'a str,
    /// Its id.
    pub vmid: &'a str,
}

impl<'a> About<'a> {
    /// The guest that a path is about.
    pub(in crate::client) fn of_path(path: &'a str) -> Option<Self> {
        let mut parts = path.strip_prefix("/nodes/")?.split('/');
        let (node, kind, vmid) = (parts.next()?, parts.next()?, parts.next()?);
        let digits = !vmid.is_empty() && vmid.bytes().all(|b| b.is_ascii_digit());
        (matches!(kind, "qemu" | "lxc") && digits).then_some(Self { node, kind, vmid })
    }

    /// Whether a text is one of these sentences, in which `{}` stands for the guest: `VM 100`, or `CT 100`. PVE itself
    /// calls a container a VM now and then.
    fn says(&self, text: &str, sentences: &[&str]) -> bool {
        let guest = |word: &str| format!("{word} {}", self.vmid);
        let said = |sentence: &&str| ["VM", "CT"].iter().any(|word| sentence.replace("{}", &guest(word)) == text);
        sentences.iter().any(said)
    }

    /// Whether a text says that the guest's own configuration file is not there.
    fn is_missing(&self, text: &str) -> bool {
        let Self { node, kind, vmid } = self;
        let folder = if *kind == "qemu" { "qemu-server" } else { "lxc" };
        text == format!("Configuration file 'nodes/{node}/{folder}/{vmid}.conf' does not exist")
            || self.says(text, &[&format!("unable to find configuration file for {{}} on node '{node}'")])
    }

    /// Whether a text says that somebody else holds the guest's own lock.
    fn is_held(&self, text: &str) -> bool {
        let file = text.strip_prefix("can't lock file '").and_then(|rest| rest.strip_suffix("' - got timeout"));
        let name = file.and_then(|path| path.rsplit('/').next());
        let vmid = self.vmid;
        name.is_some_and(|name| name == format!("lock-{vmid}.conf") || name == format!("pve-config-{vmid}.lock"))
    }

    fn is_replicated(&self, text: &str) -> bool {
        let end = format!("for guest '{}' - Please remove that first.", self.vmid);
        text.starts_with("There is a replication job '") && text.ends_with(&end)
    }

    fn kind(&self, text: &str) -> Option<Trouble> {
        Some(if self.is_missing(text) {
            Trouble::NotFound
        } else if self.says(text, &["can't remove {} - protection mode enabled"]) {
            Trouble::Protected
        } else if self.is_held(text) {
            Trouble::Busy
        } else if self.is_replicated(text)
            || self.says(text, &["unable to remove {} - used in HA resources and purge parameter not set."])
        {
            Trouble::Managed
        } else if TEMPLATE.contains(&text) || self.says(text, &["{} is a template and cannot be resumed!"]) {
            Trouble::Template
        } else if text == "VM is paused - cannot shutdown" || self.says(text, &STATES) {
            Trouble::WrongState
        } else if text.starts_with(&format!("hostname lookup '{}' failed - ", self.node)) {
            Trouble::NodeUnreachable
        } else {
            Trouble::Locked(lock(text)?)
        })
    }
}

const TEMPLATE: [&str; 2] = ["you can't start a vm if it's a template", "you can't start a CT if it's a template"];
const STATES: [&str; 4] = [
    "{} already running",
    "{} not running",
    "{} is running - destroy failed",
    "unable to destroy {} - container is running",
];

/// The kind of a refusal with this status and text; `about` is the guest of the request.
pub(super) fn kind(status: u16, message: &str, errors: &BTreeMap<String, String>, about: Option<About<'_>>) -> Trouble {
    match status {
        401 => return Trouble::Login,
        595..=599 => return Trouble::NodeUnreachable,
        403 => return permission(message),
        400 if !errors.is_empty() => return of_errors(errors),
        _ => {}
    }
    match Trouble::of_text(message, about) {
        Trouble::Other if status == 400 => Trouble::Parameter,
        Trouble::Other if status == 501 && message.contains("not implemented") => Trouble::TooOld,
        kind => kind,
    }
}

/// A task that is gone and an id that is taken are reported as wrong parameters.
fn of_errors(errors: &BTreeMap<String, String>) -> Trouble {
    match errors.get("upid") {
        Some(text) if text == "no such task" => Trouble::NotFound,
        _ => Trouble::Parameter,
    }
}

impl Trouble {
    /// What PVE's own words mean: of an error reply, or of the exit status of a task. Without a guest that they are about,
    /// sentences about guests mean nothing.
    pub fn of_text(text: &str, about: Option<About<'_>>) -> Self {
        let text = text.trim();
        if let Some(kind) = about.and_then(|about| about.kind(text)) {
            return kind;
        }
        match text {
            "no such task" => Self::NotFound,
            "got no worker upid - start worker failed" => Self::Busy,
            "cluster not ready - no quorum?" => Self::NoQuorum,
            _ if text.starts_with("cfs-lock '") && text.ends_with("' error: no quorum!") => Self::NoQuorum,
            _ if text.starts_with("Permission check failed") => permission(text),
            _ => Self::Other,
        }
    }
}

/// The lock in `VM is locked (backup)`.
fn lock(text: &str) -> Option<String> {
    let inside = ["VM", "CT"].iter().find_map(|word| text.strip_prefix(word)?.strip_prefix(" is locked ("));
    let lock = inside?.strip_suffix(')')?;
    (!lock.is_empty() && lock.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-')).then(|| lock.to_owned())
}

/// Path and privilege in `Permission check failed (/vms/100, VM.PowerMgmt)`, where PVE gives them.
fn permission(text: &str) -> Trouble {
    let inside = text.split_once("check failed (").and_then(|(_, rest)| rest.trim_end().strip_suffix(')'));
    match inside.and_then(|i| i.split_once(", ")).filter(|(path, _)| path.starts_with('/')) {
        Some((path, privilege)) => {
            Trouble::Permission { path: Some(path.to_owned()), privilege: Some(privilege.to_owned()) }
        }
        None => Trouble::Permission { path: None, privilege: None },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What hosts say of bridges, volumes, other guests and files: words of the sentences above, and none of their meaning.
    #[test]
    fn words_of_a_sentence_are_not_the_sentence() {
        let about = Some(About { node: "pve1", kind: "qemu", vmid: "100" });
        for text in [
            "bridge 'vmbr7' does not exist",
            "volume 'local:iso/debian-13.iso' does not exist",
            "storage 'nas' does not exist",
            "no such logical volume pve/vm-100-disk-0",
            "Configuration file 'nodes/pve1/qemu-server/110.conf' does not exist",
            "Configuration file 'nodes/pve2/qemu-server/100.conf' does not exist",
            "Configuration file 'nodes/pve1/lxc/100.conf' does not exist",
            "hook failed: Configuration file 'nodes/pve1/qemu-server/100.conf' does not exist",
            "unable to find configuration file for VM 1000 on node 'pve1'",
            "start failed: pci device '0000:01:00.0' already in use by VMID '110': VM 110 is running",
            "VM 110 already running",
            "VM 1100 not running",
            "hookscript: VM 100 already running",
            "cannot clone: VM is locked (backup)",
            "VM is locked (backup) and more",
            "VM is locked ()",
            "unable to create image: 'local:900/base-900-disk-0.qcow2' is a template",
            "can't lock file '/run/lock/lxc/pve-config-106.lock' - got timeout",
            "can't lock file '/var/lock/pve-manager/pve-storage-nas' - got timeout",
            "can't remove VM 101 - protection mode enabled",
            "There is a replication job '101-0' for guest '101' - Please remove that first.",
            "mount error: no quorum in volume gv0",
            "hostname lookup 'nas' failed - failed to get address info for: nas",
            "remote said: Permission check failed (/vms/100, VM.Audit)",
            "unable to open file '/etc/pve/nodes/pve1/qemu-server/100.conf.tmp.7' - Permission denied",
        ] {
            assert_eq!(Trouble::of_text(text, about), Trouble::Other, "{text}");
        }
        assert_eq!(Trouble::of_text("VM 100 already running", None), Trouble::Other);
        assert_eq!(
            Trouble::of_text("CT is locked (snapshot-delete)\n", about),
            Trouble::Locked("snapshot-delete".to_owned())
        );
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".{0,60}", tail in ".{0,20}", status in any::<u16>()) {
            for head in ["", "Permission check failed (", "VM is locked (", "Permission check failed (/, "] {
                let about = About { node: "pve1", kind: "lxc", vmid: &tail };
                let _ = kind(status, &format!("{head}{text}){tail}"), &BTreeMap::new(), Some(about));
            }
        }
    }
}
