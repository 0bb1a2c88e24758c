//! startVM and startContainer.

use super::guest_tool;
use crate::tools::{
    aim::Aim,
    call::{Reply, ToolResult},
    deeds::Deed,
    guest::GuestKind,
    power,
    profile::Action,
    say::Catalogue,
    schema::{Arguments, report as output},
    tool::{Call, Tool},
};

pub(crate) static VM: Tool = guest_tool!(
    "startVM",
    Vm,
    Start,
    start_vm_title,
    start_vm,
    [POST_NODES_NODE_QEMU_VMID_STATUS_START, GET_NODES_NODE_QEMU_VMID_STATUS_CURRENT]
);
pub(crate) static CT: Tool = guest_tool!(
    "startContainer",
    Ct,
    Start,
    start_ct_title,
    start_ct,
    [POST_NODES_NODE_LXC_VMID_STATUS_START, GET_NODES_NODE_LXC_VMID_STATUS_CURRENT]
);

fn input(shown: &mut Arguments, _: GuestKind, texts: &Catalogue) {
    shown.target("", texts);
    shown.wait(texts);
}

async fn run(call: Call<'_>, kind: GuestKind) -> Result<Reply, ToolResult> {
    let (aim, guest) = Aim::find(call, kind, Action::Start).await?;
    let waiting = aim.args()?;
    power::run(&aim, guest, Deed::Start, &waiting, None).await
}
