// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 f2958f1f4c051f81582b146210101618a1a53e75d6a867758555cf3d6d90b0f1).
// Not to be edited: see docs/updating-pve.md.
// 3 of 3 methods have types of their own; every one has an id.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "f2958f1f4c051f81582b146210101618a1a53e75d6a867758555cf3d6d90b0f1";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 f2958f1f4c051f81582b146210101618a1a53e75d6a867758555cf3d6d90b0f1)");

/// Methods in the whole schema.
pub const METHODS: usize = 3;

/// `POST /t/agent`
pub const POST_T_AGENT: Id = Id::new(0, at);
/// `GET /t/current`
pub const GET_T_CURRENT: Id = Id::new(1, at);
/// `GET /t/index`
pub const GET_T_INDEX: Id = Id::new(2, at);

params! {
    /// Parameters of `POST /t/agent`.
    PostTAgent for POST_T_AGENT -> Map<String, Value>,
    path {}
}

params! {
    /// Parameters of `GET /t/current`.
    GetTCurrent for GET_T_CURRENT -> GetTCurrentReply,
    path {}
}

record! {
    /// Reply of `GET /t/current`.
    GetTCurrentReply
    fields {
        /// `ha`: object.
        ha: Option<Map<String, Value>> = map("ha"),
    }
    extra ""
}

params! {
    /// Parameters of `GET /t/index`.
    GetTIndex for GET_T_INDEX -> Vec<Map<String, Value>>,
    path {}
}
