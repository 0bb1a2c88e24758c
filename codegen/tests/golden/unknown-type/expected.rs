// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 612617b2b038a5d9aa40259e8e355784ad87a6e72a37effed3f56edc978a2bbb).
// Not to be edited: see docs/updating-pve.md.
// 1 of 1 methods have types of their own; every one has an id.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "612617b2b038a5d9aa40259e8e355784ad87a6e72a37effed3f56edc978a2bbb";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 612617b2b038a5d9aa40259e8e355784ad87a6e72a37effed3f56edc978a2bbb)");

/// Methods in the whole schema.
pub const METHODS: usize = 1;

/// `GET /t/code`
pub const GET_T_CODE: Id = Id::new(0, at);

params! {
    /// Parameters of `GET /t/code`.
    GetTCode for GET_T_CODE -> Value,
    path {}
    optional {
        /// `x`: any.
        x: Option<Value> = "x",
        /// `y`: string.
        y: Option<String> = "y",
        /// `z`: any.
        z: Option<Value> = "z",
    }
}
