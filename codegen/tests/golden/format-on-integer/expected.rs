// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 f86fd9f2a4d1d789f86852aff9895805cc46d1f8b2bb01bad7b93f28999037af).
// Not to be edited: see docs/updating-pve.md.
// 1 of 1 methods have types of their own; every one has an id.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "f86fd9f2a4d1d789f86852aff9895805cc46d1f8b2bb01bad7b93f28999037af";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 f86fd9f2a4d1d789f86852aff9895805cc46d1f8b2bb01bad7b93f28999037af)");

/// Methods in the whole schema.
pub const METHODS: usize = 1;

/// `POST /t/clone`
pub const POST_T_CLONE: Id = Id::new(0, at);

params! {
    /// Parameters of `POST /t/clone`.
    PostTClone for POST_T_CLONE -> (),
    path {}
    required {
        /// `newid`: integer, at least 100.
        newid: i64 = "newid",
    }
}
