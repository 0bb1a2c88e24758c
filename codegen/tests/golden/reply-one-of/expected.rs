// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 ed9a9a94f9268fa516b45805141493fc927215ab55d56243f485db0c2957a033).
// Not to be edited: see docs/updating-pve.md.
// 2 of 2 methods have types of their own; every one has an id.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "ed9a9a94f9268fa516b45805141493fc927215ab55d56243f485db0c2957a033";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 ed9a9a94f9268fa516b45805141493fc927215ab55d56243f485db0c2957a033)");

/// Methods in the whole schema.
pub const METHODS: usize = 2;

/// `GET /t/a`
pub const GET_T_A: Id = Id::new(0, at);
/// `POST /t/a`
pub const POST_T_A: Id = Id::new(1, at);

params! {
    /// Parameters of `GET /t/a`.
    GetTA for GET_T_A -> Vec<GetTAReplyItem>,
    path {}
}

record! {
    /// One row of the reply of `GET /t/a`.
    GetTAReplyItem
    keys {
        /// `id`: string.
        id: String = key_text("id"),
        /// `type`: string, one of a b c.
        r#type: String = key_text("type"),
    }
    fields {
        /// `size`: integer.
        size: Option<i64> = integer("size"),
    }
    extra ""
}

params! {
    /// Parameters of `POST /t/a`.
    PostTA for POST_T_A -> Value,
    path {}
}
