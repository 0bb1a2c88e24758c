// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 131fb4efd3c6830b708a2a47109d691278faceb7f2bf78871482efcf7d1c719e).
// Not to be edited: see docs/updating-pve.md.
// 1 of 1 methods have types of their own; every one has an id.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "131fb4efd3c6830b708a2a47109d691278faceb7f2bf78871482efcf7d1c719e";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 131fb4efd3c6830b708a2a47109d691278faceb7f2bf78871482efcf7d1c719e)");

/// Methods in the whole schema.
pub const METHODS: usize = 1;

/// `PUT /t/fabric`
pub const PUT_T_FABRIC: Id = Id::new(0, at);

params! {
    /// Parameters of `PUT /t/fabric`.
    PutTFabric for PUT_T_FABRIC -> (),
    path {}
    optional {
        /// `delete`: array\<string>.
        delete: Vec<String> = "delete",
        /// `interfaces`: array\<string>.
        interfaces: Vec<String> = "interfaces",
    }
}
