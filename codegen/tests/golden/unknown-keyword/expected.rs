// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 8ee6b427d1744f47d7fcec656d8fc2b063617d621e2ed3bd675d5fa863473714).
// Not to be edited: see docs/updating-pve.md.
// 1 of 1 methods have types of their own; every one has an id.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "8ee6b427d1744f47d7fcec656d8fc2b063617d621e2ed3bd675d5fa863473714";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 8ee6b427d1744f47d7fcec656d8fc2b063617d621e2ed3bd675d5fa863473714)");

/// Methods in the whole schema.
pub const METHODS: usize = 1;

/// `GET /t/new`
pub const GET_T_NEW: Id = Id::new(0, at);

params! {
    /// Parameters of `GET /t/new`.
    GetTNew for GET_T_NEW -> (),
    path {}
    optional {
        /// `x`: string.
        x: Option<String> = "x",
    }
}
