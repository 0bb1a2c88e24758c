// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 c1c591cfb34e36d89c2d2cf188a3e9ddb9caec84fbdd40afdd176194db461568).
// Not to be edited: see docs/updating-pve.md.
// 1 of 1 methods have types of their own; every one has an id.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "c1c591cfb34e36d89c2d2cf188a3e9ddb9caec84fbdd40afdd176194db461568";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 c1c591cfb34e36d89c2d2cf188a3e9ddb9caec84fbdd40afdd176194db461568)");

/// Methods in the whole schema.
pub const METHODS: usize = 1;

/// `POST /t/all`
pub const POST_T_ALL: Id = Id::new(0, at);

params! {
    /// Parameters of `POST /t/all`.
    PostTAll for POST_T_ALL -> (),
    path {}
    required {
        /// `id`: string.
        id: String = "id",
    }
    optional {
        /// `comment`: string.
        comment: Option<String> = "comment",
    }
}
