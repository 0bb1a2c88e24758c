// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 3e3f689322a8da320917e11b1dfef2cdc6b0839d8b99b8b3a0a3471d457dc962).
// Not to be edited: see docs/updating-pve.md.
// 1 of 1 methods have types of their own; every one has an id.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "3e3f689322a8da320917e11b1dfef2cdc6b0839d8b99b8b3a0a3471d457dc962";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 3e3f689322a8da320917e11b1dfef2cdc6b0839d8b99b8b3a0a3471d457dc962)");

/// Methods in the whole schema.
pub const METHODS: usize = 1;

/// `GET /t/rules/{pos}`
pub const GET_T_RULES_POS: Id = Id::new(0, at);

params! {
    /// Parameters of `GET /t/rules/{pos}`.
    GetTRulesPos for GET_T_RULES_POS -> (),
    path { pos: i64 = "pos" }
}
