//! From PVE's words to what they mean.
//!
//! A status tells little: PVE answers 500 to a missing guest as to a locked one. The texts are those of
//! qemu-server, pve-container, pve-guest-common, pve-access-control and pve-cluster.

use std::collections::BTreeMap;

use super::Kind;

/// The kind of a refusal with this status and text.
pub(super) fn kind(status: u16, message: &str, errors: &BTreeMap<String, String>) -> Kind {
    match status {
        401 => return Kind::Login,
        595..=599 => return Kind::NodeUnreachable,
        403 => return permission(message),
        400 if !errors.is_empty() => return of_errors(errors),
        _ => {}
    }
    match Kind::of_text(message) {
        Kind::Other if status == 400 => Kind::Parameter,
        Kind::Other if status == 501 && message.contains("not implemented") => Kind::TooOld,
        kind => kind,
    }
}

/// A task that is gone and an id that is taken are reported as wrong parameters.
fn of_errors(errors: &BTreeMap<String, String>) -> Kind {
    match errors.get("upid") {
        Some(text) if text.contains("no such task") => Kind::NotFound,
        _ => Kind::Parameter,
    }
}

impl Kind {
    /// What PVE's own words mean: of an error reply, or of the exit status of a task.
    pub fn of_text(text: &str) -> Self {
        let has = |needles: &[&str]| needles.iter().any(|n| text.contains(n));
        if text.contains("Permission check failed") {
            permission(text)
        } else if let Some(lock) = lock(text) {
            Self::Locked(lock)
        } else if has(&["protection mode enabled"]) {
            Self::Protected
        } else if has(&["no quorum"]) {
            Self::NoQuorum
        } else if has(&["can't lock file", "got no worker upid"]) {
            Self::Busy
        } else if has(&["used in HA resources", "There is a replication job"]) {
            Self::Managed
        } else if has(&["if it's a template", "is a template"]) {
            Self::Template
        } else if has(&["already running", "not running", "is running", "is paused"]) {
            Self::WrongState
        } else if has(&["does not exist", "unable to find configuration file", "no such task", "no such VM"]) {
            Self::NotFound
        } else if has(&["hostname lookup '"]) {
            Self::NodeUnreachable
        } else {
            Self::Other
        }
    }
}

/// The lock in `VM is locked (backup)`.
fn lock(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("is locked (")?;
    let (lock, _) = rest.split_once(')')?;
    Some(lock.to_owned())
}

/// Path and privilege in `Permission check failed (/vms/100, VM.PowerMgmt)`, where PVE gives them.
fn permission(text: &str) -> Kind {
    let inside = text.split_once("check failed (").and_then(|(_, rest)| rest.trim_end().strip_suffix(')'));
    match inside.and_then(|i| i.split_once(", ")).filter(|(path, _)| path.starts_with('/')) {
        Some((path, privilege)) => {
            Kind::Permission { path: Some(path.to_owned()), privilege: Some(privilege.to_owned()) }
        }
        None => Kind::Permission { path: None, privilege: None },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".{0,60}", tail in ".{0,20}", status in any::<u16>()) {
            for head in ["", "Permission check failed (", "VM is locked (", "Permission check failed (/, "] {
                let _ = kind(status, &format!("{head}{text}){tail}"), &BTreeMap::new());
            }
        }
    }
}
