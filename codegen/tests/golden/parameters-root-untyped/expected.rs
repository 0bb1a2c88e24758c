// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 4d534d1405347001b7609b984cf23027ba9b62d0db535d8da5d1afcef0cbbc7b).
// Not to be edited: see docs/updating-pve.md.
// 3 of 3 methods have types of their own; every one has an id.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "4d534d1405347001b7609b984cf23027ba9b62d0db535d8da5d1afcef0cbbc7b";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 4d534d1405347001b7609b984cf23027ba9b62d0db535d8da5d1afcef0cbbc7b)");

/// Methods in the whole schema.
pub const METHODS: usize = 3;

/// `GET /t/a`
pub const GET_T_A: Id = Id::new(0, at);
/// `GET /t/b`
pub const GET_T_B: Id = Id::new(1, at);
/// `GET /t/c`
pub const GET_T_C: Id = Id::new(2, at);

params! {
    /// Parameters of `GET /t/a`.
    GetTA for GET_T_A -> (),
    path {}
    optional {
        /// `x`: string.
        x: Option<String> = "x",
        /// Parameters that the schema does not name.
        extra: BTreeMap<String, String> = "",
    }
}

params! {
    /// Parameters of `GET /t/b`.
    GetTB for GET_T_B -> (),
    path {}
    optional {
        /// Parameters that the schema does not name.
        extra: BTreeMap<String, String> = "",
    }
}

params! {
    /// Parameters of `GET /t/c`.
    GetTC for GET_T_C -> (),
    path {}
}
