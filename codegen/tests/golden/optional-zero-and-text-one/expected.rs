// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 24f76b8d7c8d23267daf279bbe2a5baa58c74e6a4e948ee418811f2c07c1e7a1).
// Not to be edited: see docs/updating-pve.md.
// 1 of 1 methods have types of their own; every one has an id.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "24f76b8d7c8d23267daf279bbe2a5baa58c74e6a4e948ee418811f2c07c1e7a1";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 24f76b8d7c8d23267daf279bbe2a5baa58c74e6a4e948ee418811f2c07c1e7a1)");

/// Methods in the whole schema.
pub const METHODS: usize = 1;

/// `POST /t/migrate`
pub const POST_T_MIGRATE: Id = Id::new(0, at);

params! {
    /// Parameters of `POST /t/migrate`.
    PostTMigrate for POST_T_MIGRATE -> (),
    path {}
    required {
        /// `bwlimit`: integer.
        bwlimit: i64 = "bwlimit",
        /// `target`: string.
        target: String = "target",
    }
    optional {
        /// `online`: boolean.
        online: Option<bool> = "online",
    }
}
