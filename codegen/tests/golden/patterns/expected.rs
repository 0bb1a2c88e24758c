// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 e0427115992584cdc512a8c2bcc872a062c12d906e6465a6cc6960f09498f976).
// Not to be edited: see docs/updating-pve.md.
// 1 of 1 methods have types of their own; every one has an id.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "e0427115992584cdc512a8c2bcc872a062c12d906e6465a6cc6960f09498f976";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 e0427115992584cdc512a8c2bcc872a062c12d906e6465a6cc6960f09498f976)");

/// Methods in the whole schema.
pub const METHODS: usize = 1;

/// `POST /t/patterns`
pub const POST_T_PATTERNS: Id = Id::new(0, at);

params! {
    /// Parameters of `POST /t/patterns`.
    PostTPatterns for POST_T_PATTERNS -> (),
    path {}
    optional {
        /// `atomic`: string.
        atomic: Option<String> = "atomic",
        /// `either`: string.
        either: Option<String> = "either",
        /// `nocase`: string.
        nocase: Option<String> = "nocase",
        /// `portable`: string.
        portable: Option<String> = "portable",
        /// `qr`: string.
        qr: Option<String> = "qr",
        /// `short`: string.
        short: Option<String> = "short",
    }
}
