//! The tools for guests: six for each kind. Each names the generated endpoints that it calls, so that an endpoint which
//! vanishes from the schema is a compile error at its line.

use std::{ops::Deref, sync::OnceLock};

use crate::{api, pve::Vmid, spec::Id};

use super::{
    guests, schema,
    tool::{Effect, Tool, Toolset},
};

/// The two kinds of guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A QEMU virtual machine.
    Vm,
    /// An LXC container.
    Ct,
}

/// What a tool does with guests of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Shows many.
    List,
    /// Shows one.
    Get,
    /// Starts one.
    Start,
    /// Stops one.
    Stop,
    /// Restarts a running one.
    Restart,
    /// Destroys one.
    Delete,
}

/// A tool for guests of one kind.
#[derive(Debug)]
pub struct ToolSpec {
    /// The tool.
    pub tool: Tool,
    /// The kind of guest that it is for.
    pub kind: Kind,
    /// What it does.
    pub action: Action,
    /// The endpoint whose input schema its own is narrowed from.
    pub schema: Id,
}

impl Deref for ToolSpec {
    type Target = Tool;

    fn deref(&self) -> &Tool {
        &self.tool
    }
}

impl Kind {
    /// The word in paths and in the `type` of a resource.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Vm => "qemu",
            Self::Ct => "lxc",
        }
    }

    /// The other one.
    pub const fn other(self) -> Self {
        match self {
            Self::Vm => Self::Ct,
            Self::Ct => Self::Vm,
        }
    }

    /// The command that manages guests of this kind on the node, with the guest's lock taken off.
    pub(super) fn unlock(self, vmid: Vmid) -> String {
        match self {
            Self::Vm => format!("`qm unlock {vmid}`"),
            Self::Ct => format!("`pct unlock {vmid}`"),
        }
    }
}

impl Action {
    /// What it can do to a guest.
    const fn effect(self) -> Effect {
        match self {
            Self::List | Self::Get => Effect::Reads,
            Self::Start => Effect::Changes { destructive: false, idempotent: true },
            Self::Stop | Self::Delete => Effect::Changes { destructive: true, idempotent: true },
            Self::Restart => Effect::Changes { destructive: true, idempotent: false },
        }
    }
}

/// The tool for guests of this name.
pub fn by_name(name: &str) -> Option<&'static ToolSpec> {
    CATALOG.iter().find(|tool| tool.name == name)
}

/// The tool that does this with guests of this kind.
pub fn tool(kind: Kind, action: Action) -> &'static ToolSpec {
    // Every pair is in the catalog, which a test holds.
    CATALOG.iter().find(|tool| tool.kind == kind && tool.action == action).unwrap_or(&CATALOG[0])
}

macro_rules! tool {
    ($name:literal, $kind:ident, $action:ident, $title:ident, $text:ident, [$schema:ident $(, $call:ident)*]) => {
        ToolSpec {
            tool: Tool {
                name: $name,
                toolset: Toolset::Guests,
                effect: Action::$action.effect(),
                calls: &[api::$schema $(, api::$call)*],
                // A list is open to everyone and filtered by VM.Audit.
                needs: if matches!(Action::$action, Action::List) { &[] } else { &[api::$schema $(, api::$call)*] },
                title: |texts| texts.$title,
                text: |texts| texts.$text,
                input: |texts| schema::arguments(tool(Kind::$kind, Action::$action), texts),
                output: || schema::output(Action::$action),
                run: |call| Box::pin(guests::run(tool(Kind::$kind, Action::$action), call)),
                held: OnceLock::new(),
            },
            kind: Kind::$kind,
            action: Action::$action,
            schema: api::$schema,
        }
    };
}

/// The twelve, in the order in which they are listed.
#[rustfmt::skip]
pub static CATALOG: [ToolSpec; 12] = [
    tool!("listVMs", Vm, List, list_vms_title, list_vms, [GET_NODES_NODE_QEMU, GET_CLUSTER_RESOURCES]),
    tool!("getVM", Vm, Get, get_vm_title, get_vm,
        [GET_NODES_NODE_QEMU_VMID_PENDING, GET_NODES_NODE_QEMU_VMID_STATUS_CURRENT]),
    tool!("startVM", Vm, Start, start_vm_title, start_vm,
        [POST_NODES_NODE_QEMU_VMID_STATUS_START, GET_NODES_NODE_QEMU_VMID_STATUS_CURRENT]),
    tool!("stopVM", Vm, Stop, stop_vm_title, stop_vm,
        [POST_NODES_NODE_QEMU_VMID_STATUS_STOP, POST_NODES_NODE_QEMU_VMID_STATUS_SHUTDOWN,
         GET_NODES_NODE_QEMU_VMID_STATUS_CURRENT]),
    tool!("restartVM", Vm, Restart, restart_vm_title, restart_vm,
        [POST_NODES_NODE_QEMU_VMID_STATUS_REBOOT, POST_NODES_NODE_QEMU_VMID_STATUS_RESET,
         GET_NODES_NODE_QEMU_VMID_STATUS_CURRENT]),
    tool!("deleteVM", Vm, Delete, delete_vm_title, delete_vm,
        [DELETE_NODES_NODE_QEMU_VMID, GET_NODES_NODE_QEMU_VMID_PENDING, GET_NODES_NODE_QEMU_VMID_STATUS_CURRENT,
         GET_NODES_NODE_QEMU_VMID_SNAPSHOT, GET_NODES_NODE_QEMU_VMID_SNAPSHOT_SNAPNAME_CONFIG]),
    tool!("listContainers", Ct, List, list_cts_title, list_cts, [GET_NODES_NODE_LXC, GET_CLUSTER_RESOURCES]),
    tool!("getContainer", Ct, Get, get_ct_title, get_ct,
        [GET_NODES_NODE_LXC_VMID_PENDING, GET_NODES_NODE_LXC_VMID_CONFIG, GET_NODES_NODE_LXC_VMID_STATUS_CURRENT]),
    tool!("startContainer", Ct, Start, start_ct_title, start_ct,
        [POST_NODES_NODE_LXC_VMID_STATUS_START, GET_NODES_NODE_LXC_VMID_STATUS_CURRENT]),
    tool!("stopContainer", Ct, Stop, stop_ct_title, stop_ct,
        [POST_NODES_NODE_LXC_VMID_STATUS_STOP, POST_NODES_NODE_LXC_VMID_STATUS_SHUTDOWN,
         GET_NODES_NODE_LXC_VMID_STATUS_CURRENT]),
    tool!("restartContainer", Ct, Restart, restart_ct_title, restart_ct,
        [POST_NODES_NODE_LXC_VMID_STATUS_REBOOT, GET_NODES_NODE_LXC_VMID_STATUS_CURRENT]),
    tool!("deleteContainer", Ct, Delete, delete_ct_title, delete_ct,
        [DELETE_NODES_NODE_LXC_VMID, GET_NODES_NODE_LXC_VMID_PENDING, GET_NODES_NODE_LXC_VMID_STATUS_CURRENT,
         GET_NODES_NODE_LXC_VMID_SNAPSHOT]),
];
