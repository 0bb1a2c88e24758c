//! Indexes: what lies below a path.

use serde_json::{Value, json};

use super::{Call, IntoReply as _};
use crate::demo::{reply::Outcome, scenario::GuestKind};

pub(super) fn root(_: &mut Call<'_>) -> Outcome {
    Ok(listed("subdir", "version cluster nodes storage access pools").into_reply())
}

pub(super) fn node(_: &mut Call<'_>) -> Outcome {
    let below = "aplinfo apt capabilities ceph certificates config disks dns firewall hardware hosts journal lxc \
        migrateall netstat network qemu query-oci-repo-tags query-url-metadata replication report rrd rrddata scan \
        sdn services spiceshell startall status stopall storage subscription suspendall syslog tasks termproxy time \
        version vncshell vzdump wakeonlan";
    Ok(listed("name", below).into_reply())
}

pub(super) fn guest(call: &mut Call<'_>) -> Outcome {
    let path = call.endpoint.path.as_str();
    let rows = match (path.rsplit('/').next(), call.kind()) {
        (Some("status"), GuestKind::Qemu) => listed("subdir", "current start stop reset shutdown suspend reboot"),
        (Some("status"), GuestKind::Lxc) => listed("subdir", "current start stop shutdown migrate"),
        (Some("agent"), _) => listed(
            "name",
            "exec exec-status file-read file-write fsfreeze-freeze fsfreeze-status fsfreeze-thaw fstrim get-fsinfo \
             get-host-name get-memory-block-info get-memory-blocks get-osinfo get-time get-timezone get-users \
             get-vcpus info network-get-interfaces ping set-user-password shutdown suspend-disk suspend-hybrid \
             suspend-ram",
        ),
        (Some("{snapname}"), _) => listed("cmd", "rollback config"),
        (_, GuestKind::Qemu) => {
            call.guest()?;
            listed(
                "subdir",
                "config cloudinit pending status unlink vncproxy termproxy migrate resize move rrd rrddata monitor \
                 agent snapshot spiceproxy sendkey firewall mtunnel remote_migrate",
            )
        }
        (_, GuestKind::Lxc) => {
            call.guest()?;
            listed(
                "subdir",
                "config pending status vncproxy termproxy vncwebsocket spiceproxy migrate clone initlog rrd rrddata \
                 firewall snapshot resize interfaces mtunnel remote_migrate",
            )
        }
    };
    Ok(rows.into_reply())
}

fn listed(key: &str, names: &str) -> Vec<Value> {
    names.split_ascii_whitespace().map(|name| json!({ key: name })).collect()
}
