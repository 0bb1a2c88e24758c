// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 f832c2fa7af8e5694c5905e3e743d9851c98dc29d833b520248dbfc8b25bbba1).
// Not to be edited: see docs/updating-pve.md.
// 2 of 2 methods have types of their own; every one has an id.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "f832c2fa7af8e5694c5905e3e743d9851c98dc29d833b520248dbfc8b25bbba1";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 f832c2fa7af8e5694c5905e3e743d9851c98dc29d833b520248dbfc8b25bbba1)");

/// Methods in the whole schema.
pub const METHODS: usize = 2;

/// `GET /t/config`
pub const GET_T_CONFIG: Id = Id::new(0, at);
/// `PUT /t/config`
pub const PUT_T_CONFIG: Id = Id::new(1, at);

params! {
    /// Parameters of `GET /t/config`.
    GetTConfig for GET_T_CONFIG -> GetTConfigReply,
    path {}
}

record! {
    /// Reply of `GET /t/config`.
    GetTConfigReply
    fields {
        /// `numa`: boolean.
        numa: Option<bool> = boolean("numa"),
    }
    extra ", the members of `net\\[n]`, `numa\\[n]` too"
}

params! {
    /// Parameters of `PUT /t/config`.
    PutTConfig for PUT_T_CONFIG -> (),
    path {}
    optional {
        /// `net\[n]`: string.
        net_n: BTreeMap<u32, String> = "net",
        /// `numa`: boolean.
        numa: Option<bool> = "numa",
        /// `numa\[n]`: string, a property string.
        numa_n: BTreeMap<u32, String> = "numa",
    }
}
