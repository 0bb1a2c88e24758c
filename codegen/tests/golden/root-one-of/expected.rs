// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 9c9eba703e029339b38368c34e8ec4c0c4e1a73b2855d3bc25bf95de5dc5db3c).
// Not to be edited: see docs/updating-pve.md.
// 1 of 1 methods have types of their own; every one has an id.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "9c9eba703e029339b38368c34e8ec4c0c4e1a73b2855d3bc25bf95de5dc5db3c";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 9c9eba703e029339b38368c34e8ec4c0c4e1a73b2855d3bc25bf95de5dc5db3c)");

/// Methods in the whole schema.
pub const METHODS: usize = 1;

/// `POST /t/one`
pub const POST_T_ONE: Id = Id::new(0, at);

params! {
    /// Parameters of `POST /t/one`.
    PostTOne for POST_T_ONE -> (),
    path {}
    optional {
        /// `asn`: integer.
        asn: Option<i64> = "asn",
        /// `vni`: integer.
        vni: Option<i64> = "vni",
        /// Parameters that the schema does not name.
        extra: BTreeMap<String, String> = "",
    }
}
