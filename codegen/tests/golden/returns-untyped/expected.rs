// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 9c026215f3bcd63f16ceab968d48d73d6e017963b3d1d8b21bce3f4616a40f47).
// Not to be edited: see docs/updating-pve.md.
// 2 of 2 methods have types of their own; every one has an id.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "9c026215f3bcd63f16ceab968d48d73d6e017963b3d1d8b21bce3f4616a40f47";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 9c026215f3bcd63f16ceab968d48d73d6e017963b3d1d8b21bce3f4616a40f47)");

/// Methods in the whole schema.
pub const METHODS: usize = 2;

/// `GET /t/any`
pub const GET_T_ANY: Id = Id::new(0, at);
/// `POST /t/proxy`
pub const POST_T_PROXY: Id = Id::new(1, at);

params! {
    /// Parameters of `GET /t/any`.
    GetTAny for GET_T_ANY -> Value,
    path {}
}

params! {
    /// Parameters of `POST /t/proxy`.
    PostTProxy for POST_T_PROXY -> PostTProxyReply,
    path {}
}

record! {
    /// Reply of `POST /t/proxy`.
    PostTProxyReply
    keys {
        /// `upid`: string.
        upid: String = key_text("upid"),
    }
    fields {
        /// `port`: integer.
        port: Option<i64> = integer("port"),
        /// `ticket`: string.
        ticket: Option<String> = text("ticket"),
    }
    extra ""
}
