// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 cef7118703f2d752f7c4d896d4fa15e376bcbe825ca693a2d3d0be4388a9237a).
// Not to be edited: see docs/updating-pve.md.
// 1 of 1 methods have types of their own; every one has an id.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "cef7118703f2d752f7c4d896d4fa15e376bcbe825ca693a2d3d0be4388a9237a";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 cef7118703f2d752f7c4d896d4fa15e376bcbe825ca693a2d3d0be4388a9237a)");

/// Methods in the whole schema.
pub const METHODS: usize = 1;

/// `DELETE /t/lists/{id}/entries/{url_seq}`
pub const DELETE_T_LISTS_ID_ENTRIES_URL_SEQ: Id = Id::new(0, at);

params! {
    /// Parameters of `DELETE /t/lists/{id}/entries/{url_seq}`.
    DeleteTListsIdEntriesUrlSeq for DELETE_T_LISTS_ID_ENTRIES_URL_SEQ -> (),
    path { id: String = "id", url_seq: String = "url_seq" }
}
