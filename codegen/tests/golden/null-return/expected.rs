// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 ff5e24d13549b9ce0a931264f700993cb3e52e34bb4f51b0778546afad381131).
// Not to be edited: see docs/updating-pve.md.
// 1 of 1 methods have types of their own; every one has an id.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "ff5e24d13549b9ce0a931264f700993cb3e52e34bb4f51b0778546afad381131";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 ff5e24d13549b9ce0a931264f700993cb3e52e34bb4f51b0778546afad381131)");

/// Methods in the whole schema.
pub const METHODS: usize = 1;

/// `PUT /t/config`
pub const PUT_T_CONFIG: Id = Id::new(0, at);

params! {
    /// Parameters of `PUT /t/config`.
    PutTConfig for PUT_T_CONFIG -> (),
    path {}
    optional {
        /// `onboot`: boolean.
        onboot: Option<bool> = "onboot",
    }
}
