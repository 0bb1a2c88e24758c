// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 64cce928bf0b0de0d86c663b38ae255dcde1a112571726a6c6f79bf0e118038b).
// Not to be edited: see docs/updating-pve.md.
// 1 of 1 methods have types of their own; every one has an id.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "64cce928bf0b0de0d86c663b38ae255dcde1a112571726a6c6f79bf0e118038b";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 64cce928bf0b0de0d86c663b38ae255dcde1a112571726a6c6f79bf0e118038b)");

/// Methods in the whole schema.
pub const METHODS: usize = 1;

/// `POST /t/move`
pub const POST_T_MOVE: Id = Id::new(0, at);

params! {
    /// Parameters of `POST /t/move`: Move \<pos> to \[1, 10000] `x` */ \ "quoted" end.
    PostTMove for POST_T_MOVE -> PostTMoveReply,
    path {}
    optional {
        /// `digest`: string.
        ///
        /// SHA1 " . "digest \`\`\` fn main() {}
        digest: Option<String> = "digest",
    }
}

record! {
    /// Reply of `POST /t/move`.
    PostTMoveReply
    fields {
        /// `name`: string.
        ///
        /// Set by the guest.
        name: Option<String> = text("name"),
    }
    extra ""
}
