//! restartVM and restartContainer.

use serde::Deserialize;

use super::guest_tool;
use crate::tools::{
    aim::Aim,
    call::{Reply, ToolResult},
    deeds::Deed,
    guest::GuestKind,
    power,
    profile::Action,
    say::Catalogue,
    schema::{Arguments, choice, report as output},
    tool::{Call, Tool},
};

pub(crate) static VM: Tool = guest_tool!(
    "restartVM",
    Vm,
    Restart,
    restart_vm_title,
    restart_vm,
    [
        POST_NODES_NODE_QEMU_VMID_STATUS_REBOOT,
        POST_NODES_NODE_QEMU_VMID_STATUS_RESET,
        GET_NODES_NODE_QEMU_VMID_STATUS_CURRENT
    ]
);
pub(crate) static CT: Tool = guest_tool!(
    "restartContainer",
    Ct,
    Restart,
    restart_ct_title,
    restart_ct,
    [POST_NODES_NODE_LXC_VMID_STATUS_REBOOT, GET_NODES_NODE_LXC_VMID_STATUS_CURRENT]
);

#[derive(Deserialize)]
struct Args {
    #[serde(default)]
    mode: Mode,
}

/// How to restart.
#[derive(Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Mode {
    #[default]
    Reboot,
    Reset,
}

fn input(shown: &mut Arguments, kind: GuestKind, texts: &Catalogue) {
    shown.target("", texts);
    // A container knows no reset.
    if kind == GuestKind::Vm {
        shown.own("mode", choice(&["reboot", "reset"], "reboot"), "");
    }
    shown.wait(texts);
}

async fn run(call: Call<'_>, kind: GuestKind) -> Result<Reply, ToolResult> {
    let (aim, guest) = Aim::find(call, kind, Action::Restart).await?;
    let (args, waiting): (Args, _) = (aim.args()?, aim.args()?);
    let deed = match args.mode {
        Mode::Reboot => Deed::Reboot,
        Mode::Reset => Deed::Reset,
    };
    power::run(&aim, guest, deed, &waiting, None).await
}
