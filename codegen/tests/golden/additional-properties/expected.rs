// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 51e4ebb1e2ac2b97b4a24b8657e5cfc5d52c7cf8517a5d0e00c12cb888563f7a).
// Not to be edited: see docs/updating-pve.md.
// 2 of 2 methods have types of their own; every one has an id.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "51e4ebb1e2ac2b97b4a24b8657e5cfc5d52c7cf8517a5d0e00c12cb888563f7a";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 51e4ebb1e2ac2b97b4a24b8657e5cfc5d52c7cf8517a5d0e00c12cb888563f7a)");

/// Methods in the whole schema.
pub const METHODS: usize = 2;

/// `GET /t/open`
pub const GET_T_OPEN: Id = Id::new(0, at);
/// `GET /t/schema`
pub const GET_T_SCHEMA: Id = Id::new(1, at);

params! {
    /// Parameters of `GET /t/open`.
    GetTOpen for GET_T_OPEN -> GetTOpenReply,
    path {}
    required {
        /// `node`: string.
        node: String = "node",
    }
    optional {
        /// Parameters that the schema does not name.
        extra: BTreeMap<String, String> = "",
    }
}

record! {
    /// Reply of `GET /t/open`.
    GetTOpenReply
    fields {
        /// `host`: string.
        host: Option<String> = text("host"),
    }
    extra ""
}

params! {
    /// Parameters of `GET /t/schema`.
    GetTSchema for GET_T_SCHEMA -> Map<String, Value>,
    path {}
}
