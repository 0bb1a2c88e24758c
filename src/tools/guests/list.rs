//! listVMs and listContainers.

use serde_json::{Value, json};

use super::guest_tool;
use crate::tools::{
    aim::wrong,
    allowed::denied,
    args::ListArgs,
    call::{Reply, ToolResult},
    guest::GuestKind,
    list,
    profile::Action,
    say::Catalogue,
    schema::{Arguments, LIMIT_DEFAULT, choice, flag, text, whole},
    tool::{Call, Tool},
};

pub(crate) static VM: Tool =
    guest_tool!("listVMs", Vm, List, list_vms_title, list_vms, [GET_NODES_NODE_QEMU, GET_CLUSTER_RESOURCES]);
pub(crate) static CT: Tool =
    guest_tool!("listContainers", Ct, List, list_cts_title, list_cts, [GET_NODES_NODE_LXC, GET_CLUSTER_RESOURCES]);

fn input(shown: &mut Arguments, _: GuestKind, texts: &Catalogue) {
    shown.generated("node", "node", "");
    shown.own("status", choice(&["running", "stopped", "paused", "unknown"], ""), "");
    shown.own("tag", text(), "");
    shown.own("pool", text(), "");
    shown.own("name", text(), texts.p_list_name());
    shown.own("template", flag(""), "");
    shown.own("sort", choice(&["cpu", "memory"], ""), "");
    shown.own("limit", whole(1.0, 500.0, LIMIT_DEFAULT), "");
    shown.own("cursor", text(), texts.p_cursor());
    shown.own("detail", choice(&["full"], ""), texts.p_detail());
}

pub(crate) fn output() -> Value {
    let (string, integer) = (json!({"type": "string"}), json!({"type": "integer"}));
    json!({
        "type": "object",
        "properties": {
            "guests": {"type": "array", "items": {"type": "object", "properties": {
                "vmid": integer, "name": string, "node": string, "status": string,
            }}},
            "total": integer,
            "cursor": string,
        },
    })
}

async fn run(call: Call<'_>, kind: GuestKind) -> Result<Reply, ToolResult> {
    let (tools, texts) = (call.tools, call.texts);
    let args = ListArgs::read(&call.given, texts).map_err(|why| wrong(&call, &why))?;
    let node = args.target.node.as_ref().map(|node| node.as_str());
    tools.policy().before(call.tool, node, None).map_err(|rule| denied(call.tool, &rule, texts))?;
    tools.seen_pools(call.tool, texts).await?;
    list::run(tools, call.tool.for_guests(kind, Action::List), &args, call.ctx).await.map(Reply::Result)
}
