// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 576b2172645340822a8fac99e06cc6a8a1c60143fef30be7a0dbe9d725821581).
// Not to be edited: see docs/updating-pve.md.
// 1 of 1 methods have types of their own; every one has an id.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "576b2172645340822a8fac99e06cc6a8a1c60143fef30be7a0dbe9d725821581";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 576b2172645340822a8fac99e06cc6a8a1c60143fef30be7a0dbe9d725821581)");

/// Methods in the whole schema.
pub const METHODS: usize = 1;

/// `POST /nodes/{node}/t/{vmid}/start`
pub const POST_NODES_NODE_T_VMID_START: Id = Id::new(0, at);

params! {
    /// Parameters of `POST /nodes/{node}/t/{vmid}/start`.
    PostNodesNodeTVmidStart for POST_NODES_NODE_T_VMID_START -> String,
    path { node: NodeName = "node", vmid: Vmid = "vmid" }
}
