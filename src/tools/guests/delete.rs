//! deleteVM and deleteContainer.

use super::guest_tool;
use crate::tools::{
    aim::Aim,
    call::{Reply, ToolResult},
    delete,
    guest::GuestKind,
    profile::Action,
    say::Catalogue,
    schema::{Arguments, report as output, text},
    tool::{Call, Tool},
};

pub(crate) static VM: Tool = guest_tool!(
    "deleteVM",
    Vm,
    Delete,
    delete_vm_title,
    delete_vm,
    [
        DELETE_NODES_NODE_QEMU_VMID,
        GET_NODES_NODE_QEMU_VMID_PENDING,
        GET_NODES_NODE_QEMU_VMID_STATUS_CURRENT,
        GET_NODES_NODE_QEMU_VMID_SNAPSHOT,
        GET_NODES_NODE_QEMU_VMID_SNAPSHOT_SNAPNAME_CONFIG
    ]
);
pub(crate) static CT: Tool = guest_tool!(
    "deleteContainer",
    Ct,
    Delete,
    delete_ct_title,
    delete_ct,
    [
        DELETE_NODES_NODE_LXC_VMID,
        GET_NODES_NODE_LXC_VMID_PENDING,
        GET_NODES_NODE_LXC_VMID_STATUS_CURRENT,
        GET_NODES_NODE_LXC_VMID_SNAPSHOT
    ]
);

fn input(shown: &mut Arguments, kind: GuestKind, texts: &Catalogue) {
    shown.target("", texts);
    shown.generated("purge", "purge", texts.p_purge());
    shown.generated("destroyUnreferencedDisks", "destroy-unreferenced-disks", "");
    if kind == GuestKind::Ct {
        shown.generated("force", "force", texts.p_force());
    }
    shown.own("confirm", text(), texts.p_confirm());
    shown.wait(texts);
}

async fn run(call: Call<'_>, kind: GuestKind) -> Result<Reply, ToolResult> {
    let (aim, guest) = Aim::find(call, kind, Action::Delete).await?;
    let args = aim.args()?;
    delete::run(&aim, guest, &args).await
}
