// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 00b99c792e606a1d51079d460c5a354e4723041e6787d8c49414d74f9866181c).
// Not to be edited: see docs/updating-pve.md.
// 2 of 2 methods have types of their own; every one has an id.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "00b99c792e606a1d51079d460c5a354e4723041e6787d8c49414d74f9866181c";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 00b99c792e606a1d51079d460c5a354e4723041e6787d8c49414d74f9866181c)");

/// Methods in the whole schema.
pub const METHODS: usize = 2;

/// `GET /t/a/{node}`
pub const GET_T_A_NODE: Id = Id::new(0, at);
/// `GET /t/b/{node}`
pub const GET_T_B_NODE: Id = Id::new(1, at);

params! {
    /// Parameters of `GET /t/a/{node}`.
    GetTANode for GET_T_A_NODE -> (),
    path { node: NodeName = "node" }
}

params! {
    /// Parameters of `GET /t/b/{node}`.
    GetTBNode for GET_T_B_NODE -> (),
    path { node: NodeName = "node" }
}
