// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 fd0205b1ea0db13fdf0c86cca9e24415f3194c6ad110adbac2bdded5ff3eb033).
// Not to be edited: see docs/updating-pve.md.
// 1 of 1 methods have types of their own; every one has an id.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "fd0205b1ea0db13fdf0c86cca9e24415f3194c6ad110adbac2bdded5ff3eb033";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 fd0205b1ea0db13fdf0c86cca9e24415f3194c6ad110adbac2bdded5ff3eb033)");

/// Methods in the whole schema.
pub const METHODS: usize = 1;

/// `GET /t/read`
pub const GET_T_READ: Id = Id::new(0, at);

params! {
    /// Parameters of `GET /t/read`.
    GetTRead for GET_T_READ -> (),
    path {}
    optional {
        /// `bwlimit`: integer, at least 0.
        bwlimit: Option<i64> = "bwlimit",
        /// `count`: integer, 1 to 16777216.
        count: Option<i64> = "count",
        /// `ratio`: number, at least 0.5.
        ratio: Option<f64> = "ratio",
        /// `step`: integer, one of 1 2.
        step: Option<i64> = "step",
        /// `what`: string, at most 128 characters.
        what: Option<String> = "what",
    }
}
