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
    /// The answer may be a secret.
    Secret,
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

/// Where changes are reached without administration: guests, their backups, what lies on storages, tasks and pools.
const GUESTS: [&str; 10] = [
    "/nodes/{node}/qemu",
    "/nodes/{node}/lxc",
    "/nodes/{node}/vzdump",
    "/nodes/{node}/storage/{storage}/content",
    "/nodes/{node}/storage/{storage}/prunebackups",
    "/nodes/{node}/storage/{storage}/download-url",
    "/nodes/{node}/storage/{storage}/oci-registry-pull",
    "/nodes/{node}/aplinfo",
    "/nodes/{node}/tasks",
    "/pools",
];

/// Reads whose answer is whatever stands in a file: of a guest, of a backup, or what a guest is given at its first start.
const SECRETS: [&str; 3] = [
    "/nodes/{node}/qemu/{vmid}/agent/file-read",
    "/nodes/{node}/qemu/{vmid}/cloudinit/dump",
    "/nodes/{node}/storage/{storage}/file-restore/download",
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
    if reach != Reach::All && SECRETS.contains(&path) {
        return Some(Closed::Secret);
    }
    let within = |at: &str| path == at || path.strip_prefix(at).is_some_and(|rest| rest.starts_with('/'));
    let open = match (reach, risk) {
        (Reach::All, _) | (_, Risk::Read) => true,
        (Reach::Read, _) | (Reach::Guests, Risk::Execute | Risk::Admin) => false,
        (Reach::Guests, _) => GUESTS.iter().any(|at| within(at)),
    };
    (!open).then_some(Closed::Scope(reach))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api;

    #[test]
    fn each_scope_reaches_what_it_says_and_no_more() {
        let open = |reach| {
            let reached = api::endpoints().filter(move |endpoint| closed(endpoint, endpoint.risk, reach).is_none());
            reached.map(Endpoint::at).collect::<Vec<_>>()
        };
        let (read, guests, all) = (open(Reach::Read), open(Reach::Guests), open(Reach::All));
        // Every read of the tree but what is no answer, a login or a secret.
        for endpoint in api::endpoints().filter(|endpoint| endpoint.risk == Risk::Read) {
            let shut = closed(endpoint, Risk::Read, Reach::Read);
            assert!(matches!(shut, None | Some(Closed::Login | Closed::Secret)), "{}", endpoint.at());
        }
        assert!(read.iter().all(|at| guests.contains(at)) && guests.iter().all(|at| all.contains(at)));
        assert!(read.iter().all(|at| api::endpoints().any(|e| e.at() == *at && e.risk == Risk::Read)));
        let changes: Vec<&String> = guests.iter().filter(|at| !read.contains(at)).collect();
        for at in &changes {
            let path = at.split_once(' ').map_or("", |(_, path)| path);
            let places = ["/qemu", "/lxc", "/vzdump", "/storage/{storage}/", "/aplinfo", "/tasks/"];
            let of_node =
                path.strip_prefix("/nodes/{node}").is_some_and(|rest| places.iter().any(|at| rest.starts_with(at)));
            assert!(of_node || path.starts_with("/pools"), "{at}");
        }
        for at in [
            "DELETE /nodes/{node}/qemu/{vmid}",
            "PUT /nodes/{node}/lxc/{vmid}/config",
            "POST /nodes/{node}/vzdump",
            "DELETE /nodes/{node}/storage/{storage}/content/{volume}",
            "DELETE /nodes/{node}/tasks/{upid}",
            "POST /pools",
        ] {
            assert!(guests.iter().any(|open| open == at), "{at}");
        }
        for at in [
            "POST /storage",
            "PUT /storage/{storage}",
            "POST /cluster/backup",
            "POST /nodes/{node}/stopall",
            "POST /cluster/bulk-action/guest/start",
            "POST /nodes/{node}/status",
            "PUT /access/acl",
            "POST /nodes/{node}/qemu/{vmid}/agent/exec",
            "PUT /cluster/options",
            "POST /nodes/{node}/execute",
        ] {
            assert!(!guests.iter().any(|open| open == at) && all.iter().any(|open| open == at), "{at}");
        }
        for at in [
            "POST /access/ticket",
            "POST /nodes/{node}/qemu/{vmid}/vncproxy",
            "POST /nodes/{node}/storage/{storage}/upload",
        ] {
            assert!(!all.iter().any(|open| open == at), "{at}");
        }
    }
}
