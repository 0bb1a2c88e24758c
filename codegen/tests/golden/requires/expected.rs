// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 d3fb87641b0fd52c81bc0c51fe36bd4307b0964828fba9be2e354d4249abed14).
// Not to be edited: see docs/updating-pve.md.
// 1 of 1 methods have types of their own; every one has an id.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "d3fb87641b0fd52c81bc0c51fe36bd4307b0964828fba9be2e354d4249abed14";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 d3fb87641b0fd52c81bc0c51fe36bd4307b0964828fba9be2e354d4249abed14)");

/// Methods in the whole schema.
pub const METHODS: usize = 1;

/// `POST /t/restore`
pub const POST_T_RESTORE: Id = Id::new(0, at);

params! {
    /// Parameters of `POST /t/restore`.
    PostTRestore for POST_T_RESTORE -> (),
    path {}
    optional {
        /// `archive`: string.
        archive: Option<String> = "archive",
        /// `force`: boolean, needs `archive`.
        force: Option<bool> = "force",
    }
}
