//! stopVM and stopContainer.

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
    schema::{Arguments, choice, flag, report as output},
    tool::{Call, Tool},
};

pub(crate) static VM: Tool = guest_tool!(
    "stopVM",
    Vm,
    Stop,
    stop_vm_title,
    stop_vm,
    [
        POST_NODES_NODE_QEMU_VMID_STATUS_STOP,
        POST_NODES_NODE_QEMU_VMID_STATUS_SHUTDOWN,
        GET_NODES_NODE_QEMU_VMID_STATUS_CURRENT
    ]
);
pub(crate) static CT: Tool = guest_tool!(
    "stopContainer",
    Ct,
    Stop,
    stop_ct_title,
    stop_ct,
    [
        POST_NODES_NODE_LXC_VMID_STATUS_STOP,
        POST_NODES_NODE_LXC_VMID_STATUS_SHUTDOWN,
        GET_NODES_NODE_LXC_VMID_STATUS_CURRENT
    ]
);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Args {
    #[serde(default)]
    mode: Mode,
    /// Whether to end a shutdown that is under way.
    overrule_shutdown: Option<bool>,
}

/// How to stop.
#[derive(Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Mode {
    #[default]
    Stop,
    Shutdown,
}

fn input(shown: &mut Arguments, _: GuestKind, texts: &Catalogue) {
    shown.target("", texts);
    shown.own("mode", choice(&["stop", "shutdown"], "stop"), "");
    shown.own("overruleShutdown", flag(""), "");
    shown.wait(texts);
}

async fn run(call: Call<'_>, kind: GuestKind) -> Result<Reply, ToolResult> {
    let (aim, guest) = Aim::find(call, kind, Action::Stop).await?;
    let (args, waiting): (Args, _) = (aim.args()?, aim.args()?);
    let deed = match args.mode {
        Mode::Stop => Deed::Stop,
        Mode::Shutdown => Deed::Shutdown,
    };
    power::run(&aim, guest, deed, &waiting, args.overrule_shutdown).await
}
