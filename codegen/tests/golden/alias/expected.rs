// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 38235d75eaabdeacabe7cb85c0b29a22acd575cfa12b0d2574e48c377ea3aabc).
// Not to be edited: see docs/updating-pve.md.
// 1 of 1 methods have types of their own; every one has an id.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "38235d75eaabdeacabe7cb85c0b29a22acd575cfa12b0d2574e48c377ea3aabc";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 38235d75eaabdeacabe7cb85c0b29a22acd575cfa12b0d2574e48c377ea3aabc)");

/// Methods in the whole schema.
pub const METHODS: usize = 1;

/// `POST /t/net`
pub const POST_T_NET: Id = Id::new(0, at);

params! {
    /// Parameters of `POST /t/net`.
    PostTNet for POST_T_NET -> (),
    path {}
    required {
        /// `net`: string, a property string.
        net: String = "net",
    }
}
