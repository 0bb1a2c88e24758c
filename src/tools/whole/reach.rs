//! What of the API may be reached at all.

use std::str::FromStr;

use crate::{
    near,
    spec::{Endpoint, Method, Risk},
};

/// How much of the API a model reaches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// Every read, and changes of guests, their backups, storage content, tasks and pools.
    #[default]
    Guests,
    /// Administration and execution too.
    All,
    /// Reads alone.
    Read,
}

/// A text that is no such scope.
#[derive(Debug, thiserror::Error)]
#[error("PROXMOX_MCP_API={0:?}: it is guests, all or read{meant}", meant = near::meant(.0, ["guests", "all", "read"]))]
pub struct ReachError(String);

impl FromStr for Reach {
    type Err = ReachError;

    fn from_str(s: &str) -> Result<Self, ReachError> {
        match s {
            "guests" => Ok(Self::Guests),
            "all" => Ok(Self::All),
            "read" => Ok(Self::Read),
            other => Err(ReachError(other.to_owned())),
        }
    }
}

/// Why a method is not reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Closed {
    /// A console, which is a stream and no answer.
    Console,
    /// A file is sent with the request.
    Upload,
    /// The answer is a login.
    Login,
    /// Outside of what was set.
    Scope(Reach),
}

/// Ends of paths behind which a console waits.
const CONSOLES: [&str; 9] = [
    "/vncproxy",
    "/termproxy",
    "/spiceproxy",
    "/vncwebsocket",
    "/vncshell",
    "/spiceshell",
    "/termshell",
    "/mtunnel",
    "/mtunnelwebsocket",
];

/// Where changes are reached without administration.
const GUESTS: [&str; 7] = [
    "/nodes/{node}/qemu",
    "/nodes/{node}/lxc",
    "/nodes/{node}/vzdump",
    "/nodes/{node}/storage/{storage}/content",
    "/nodes/{node}/storage/{storage}/download-url",
    "/nodes/{node}/tasks",
    "/pools",
];

/// Why a call of a method that does this at worst is not reached, if it is not.
pub(super) fn closed(endpoint: &Endpoint, risk: Risk, reach: Reach) -> Option<Closed> {
    let path = endpoint.path.as_str();
    if CONSOLES.iter().any(|end| path.ends_with(end)) {
        return Some(Closed::Console);
    }
    if path.ends_with("/upload") {
        return Some(Closed::Upload);
    }
    if endpoint.method == Method::Post
        && matches!(path, "/access/ticket" | "/access/vncticket" | "/access/openid/login")
    {
        return Some(Closed::Login);
    }
    let within = |at: &str| path == at || path.strip_prefix(at).is_some_and(|rest| rest.starts_with('/'));
    let open = match (reach, risk) {
        (Reach::All, _) | (_, Risk::Read) => true,
        (Reach::Read, _) | (Reach::Guests, Risk::Execute | Risk::Admin) => false,
        (Reach::Guests, _) => GUESTS.iter().any(|at| within(at)),
    };
    (!open).then_some(Closed::Scope(reach))
}
