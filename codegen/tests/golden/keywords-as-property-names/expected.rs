// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 81649de2a32b3c3d114876e44eb0917b59bbd4be60a9bf686fa3b259f4440213).
// Not to be edited: see docs/updating-pve.md.
// 1 of 1 methods have types of their own; every one has an id.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "81649de2a32b3c3d114876e44eb0917b59bbd4be60a9bf686fa3b259f4440213";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 81649de2a32b3c3d114876e44eb0917b59bbd4be60a9bf686fa3b259f4440213)");

/// Methods in the whole schema.
pub const METHODS: usize = 1;

/// `POST /t/rule`
pub const POST_T_RULE: Id = Id::new(0, at);

params! {
    /// Parameters of `POST /t/rule`.
    PostTRule for POST_T_RULE -> PostTRuleReply,
    path {}
    optional {
        /// `alias`: string.
        alias: Option<String> = "alias",
        /// `default`: string.
        default: Option<String> = "default",
        /// `description`: string.
        description: Option<String> = "description",
        /// `enum`: string.
        r#enum: Option<String> = "enum",
        /// `format`: string.
        format: Option<String> = "format",
        /// `method`: string.
        method: Option<String> = "method",
        /// `name`: string.
        name: Option<String> = "name",
        /// `properties`: string.
        properties: Option<String> = "properties",
        /// `type`: string.
        r#type: Option<String> = "type",
    }
}

record! {
    /// Reply of `POST /t/rule`.
    PostTRuleReply
    fields {
        /// `default`: integer.
        default: Option<i64> = integer("default"),
        /// `description`: string.
        description: Option<String> = text("description"),
        /// `properties`: object.
        properties: Option<PostTRuleReplyProperties> = record("properties"),
        /// `type`: string.
        r#type: Option<String> = text("type"),
    }
    extra ""
}

record! {
    /// `properties` of \[`PostTRuleReply`].
    PostTRuleReplyProperties
    fields {
        /// `title`: string.
        title: Option<String> = text("title"),
    }
    extra ""
}
