//! getVM and getContainer.

use serde::Deserialize;
use serde_json::{Value, json};

use super::guest_tool;
use crate::tools::{
    aim::Aim,
    call::{Reply, ToolResult},
    get,
    guest::GuestKind,
    profile::Action,
    say::Catalogue,
    schema::{Arguments, choice},
    tool::{Call, Tool},
};

pub(crate) static VM: Tool = guest_tool!(
    "getVM",
    Vm,
    Get,
    get_vm_title,
    get_vm,
    [GET_NODES_NODE_QEMU_VMID_PENDING, GET_NODES_NODE_QEMU_VMID_STATUS_CURRENT]
);
pub(crate) static CT: Tool = guest_tool!(
    "getContainer",
    Ct,
    Get,
    get_ct_title,
    get_ct,
    [GET_NODES_NODE_LXC_VMID_PENDING, GET_NODES_NODE_LXC_VMID_CONFIG, GET_NODES_NODE_LXC_VMID_STATUS_CURRENT]
);

/// How much is shown.
#[derive(Deserialize)]
struct Args {
    detail: Option<Detail>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Detail {
    Full,
}

fn input(shown: &mut Arguments, _: GuestKind, texts: &Catalogue) {
    // Said once to whoever reads the tools; the instructions say it of all.
    shown.target(texts.p_node(), texts);
    shown.own("detail", choice(&["full"], ""), texts.p_detail());
}

pub(crate) fn output() -> Value {
    let (string, object) = (json!({"type": "string"}), json!({"type": "object"}));
    json!({"type": "object", "properties": {"status": string, "live": object, "config": object, "pending": object}})
}

async fn run(call: Call<'_>, kind: GuestKind) -> Result<Reply, ToolResult> {
    let (aim, guest) = Aim::find(call, kind, Action::Get).await?;
    let args: Args = aim.args()?;
    get::run(&aim, guest, matches!(args.detail, Some(Detail::Full))).await.map(Reply::Result)
}
