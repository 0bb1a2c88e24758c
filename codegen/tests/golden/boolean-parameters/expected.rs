// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 2cd7d2967c3d6791755b8720263082aec82d7e13ef7194c6ea27949bafac633d).
// Not to be edited: see docs/updating-pve.md.
// 1 of 1 methods have types of their own; every one has an id.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "2cd7d2967c3d6791755b8720263082aec82d7e13ef7194c6ea27949bafac633d";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 2cd7d2967c3d6791755b8720263082aec82d7e13ef7194c6ea27949bafac633d)");

/// Methods in the whole schema.
pub const METHODS: usize = 1;

/// `POST /t/flag`
pub const POST_T_FLAG: Id = Id::new(0, at);

params! {
    /// Parameters of `POST /t/flag`.
    PostTFlag for POST_T_FLAG -> (),
    path {}
    required {
        /// `force`: boolean.
        force: bool = "force",
    }
    optional {
        /// `purge`: boolean, default 0.
        purge: Option<bool> = "purge",
    }
}
