// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 b9a594c479ad6f73bc04c9a579f2698be2a5578be4bcd2053536e68944b80960).
// Not to be edited: see docs/updating-pve.md.
// 1 of 1 methods have types of their own; every one has an id.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "b9a594c479ad6f73bc04c9a579f2698be2a5578be4bcd2053536e68944b80960";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 b9a594c479ad6f73bc04c9a579f2698be2a5578be4bcd2053536e68944b80960)");

/// Methods in the whole schema.
pub const METHODS: usize = 1;

/// `POST /t/create`
pub const POST_T_CREATE: Id = Id::new(0, at);

params! {
    /// Parameters of `POST /t/create`.
    PostTCreate for POST_T_CREATE -> (),
    path {}
    optional {
        /// `bwlimit`: number.
        bwlimit: Option<f64> = "bwlimit",
        /// `count`: integer, default 16777216.
        count: Option<i64> = "count",
        /// `cpuunits`: integer.
        cpuunits: Option<i64> = "cpuunits",
        /// `keyboard`: string, one of de en-us.
        keyboard: Option<String> = "keyboard",
        /// `shared`: boolean, default 0.
        shared: Option<bool> = "shared",
        /// `sockets`: integer, default 1.
        sockets: Option<i64> = "sockets",
    }
}
