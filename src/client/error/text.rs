//! The sentence of each error, and what to do about it.

use std::fmt::{Formatter, Result};

use super::{Error, Kind, Refusal};

/// Writes what was wrong, then what to do.
pub(super) fn write(error: &Error, f: &mut Formatter<'_>) -> Result {
    match error {
        Error::Call(e) => write!(f, "{e}")?,
        Error::Setup(why) => write!(f, "{why}")?,
        Error::Withheld { what } => write!(f, "{what} was not sent: this is a dry run")?,
        Error::TooOld { what, since, host } => {
            write!(f, "the connected host runs PVE {host}, which has no {what}; PVE {since} has it")?;
        }
        Error::Connect { host, why } => write!(f, "no connection to {host}: {why}")?,
        Error::Tls(failure) => write!(f, "{failure}")?,
        Error::Login { why, .. } => write!(f, "PVE does not accept the login: {why}")?,
        Error::Refused(refusal) => refused(refusal, f)?,
        Error::NoReply { what, why } => write!(f, "{what} got no reply: {why}")?,
        Error::Unknown(u) => {
            write!(f, "nobody knows whether {} was carried out: {}", u.what, u.why)?;
            if let Some(found) = &u.found {
                write!(f, "; afterwards {found}")?;
            }
        }
        Error::NotPve { what, why } => write!(f, "{what} was not answered by a Proxmox VE API: {why}")?,
        Error::Decode { what, why } => write!(f, "the reply to {what} is not what the schema promises: {why}")?,
    }
    match error.advice() {
        Some(advice) => write!(f, "; {advice}"),
        None => Ok(()),
    }
}

fn refused(refusal: &Refusal, f: &mut Formatter<'_>) -> Result {
    write!(f, "{}: {} (HTTP {})", refusal.what, refusal.message, refusal.status)?;
    for (name, text) in &refusal.errors {
        write!(f, "; {name}: {text}")?;
    }
    Ok(())
}

impl Error {
    /// What the user should do, where there is something to do.
    pub fn advice(&self) -> Option<String> {
        match self {
            Self::Connect { .. } => Some("check PROXMOX_HOST and PROXMOX_PORT, and that the host is up".to_owned()),
            Self::Login { advice, .. } if !advice.is_empty() => Some(advice.clone()),
            Self::Unknown(_) => Some("look at the guest before sending it again".to_owned()),
            Self::NotPve { .. } => Some("check that PROXMOX_HOST and PROXMOX_PORT name a Proxmox VE host".to_owned()),
            Self::Refused(refusal) => refusal.kind.advice(),
            _ => None,
        }
    }
}

impl Kind {
    /// What the user should do about a failure of this kind, where there is something to do.
    pub fn advice(&self) -> Option<String> {
        Some(match self {
            Self::Locked(lock) => format!("wait until the {lock} is finished, then try again"),
            Self::Protected => "switch its protection off first (option protection) if it is really to go".to_owned(),
            Self::NoQuorum => "bring the other nodes of the cluster back first".to_owned(),
            Self::Permission { path: Some(path), privilege: Some(privilege) } => {
                format!("give the user or token {privilege} on {path}")
            }
            Self::Permission { .. } => "give the user or token the privilege that the call needs".to_owned(),
            Self::Busy => "try again in a few seconds".to_owned(),
            Self::NodeUnreachable => "check that the node is up and that its services run".to_owned(),
            Self::Managed => "remove it from HA and replication first, or delete with purge".to_owned(),
            _ => return None,
        })
    }
}
