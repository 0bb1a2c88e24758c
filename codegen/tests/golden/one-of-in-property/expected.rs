// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 522f3379668532f1b3efa7a4ed73978bb8c2e06ebe7ac43650e28267139ce3bf).
// Not to be edited: see docs/updating-pve.md.
// 1 of 1 methods have types of their own; every one has an id.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "522f3379668532f1b3efa7a4ed73978bb8c2e06ebe7ac43650e28267139ce3bf";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 522f3379668532f1b3efa7a4ed73978bb8c2e06ebe7ac43650e28267139ce3bf)");

/// Methods in the whole schema.
pub const METHODS: usize = 1;

/// `POST /t/inner`
pub const POST_T_INNER: Id = Id::new(0, at);

params! {
    /// Parameters of `POST /t/inner`.
    PostTInner for POST_T_INNER -> (),
    path {}
    optional {
        /// `iface`: any.
        iface: Option<Value> = "iface",
    }
}
