// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 fc3059cc1ea6f80c4977d913fef38b9893c0fd3c848c9f4da95943241310dfda).
// Not to be edited: see docs/updating-pve.md.
// 3 of 3 methods have types of their own; every one has an id.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "fc3059cc1ea6f80c4977d913fef38b9893c0fd3c848c9f4da95943241310dfda";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 fc3059cc1ea6f80c4977d913fef38b9893c0fd3c848c9f4da95943241310dfda)");

/// Methods in the whole schema.
pub const METHODS: usize = 3;

/// `GET /t/bare`
pub const GET_T_BARE: Id = Id::new(0, at);
/// `GET /t/list`
pub const GET_T_LIST: Id = Id::new(1, at);
/// `GET /t/texts`
pub const GET_T_TEXTS: Id = Id::new(2, at);

params! {
    /// Parameters of `GET /t/bare`.
    GetTBare for GET_T_BARE -> Vec<Value>,
    path {}
}

params! {
    /// Parameters of `GET /t/list`.
    GetTList for GET_T_LIST -> Vec<GetTListReplyItem>,
    path {}
}

record! {
    /// One row of the reply of `GET /t/list`.
    GetTListReplyItem
    fields {
        /// `disks`: array\<object>.
        disks: Vec<GetTListReplyItemDisks> = records("disks"),
        /// `pairs`: array\<array\<string>>.
        pairs: Vec<Value> = values("pairs"),
        /// `tags`: array\<string>.
        tags: Vec<String> = texts("tags"),
    }
    extra ""
}

record! {
    /// `disks` of \[`GetTListReplyItem`].
    GetTListReplyItemDisks
    fields {
        /// `size`: integer.
        size: Option<i64> = integer("size"),
    }
    extra ""
}

params! {
    /// Parameters of `GET /t/texts`.
    GetTTexts for GET_T_TEXTS -> Vec<String>,
    path {}
}
