// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 66116562bdb76dd022b6730d32300034f72c0da7fe6906f990e215d08a715d8a).
// Not to be edited: see docs/updating-pve.md.
// 2 of 2 methods have types of their own; every one has an id.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "66116562bdb76dd022b6730d32300034f72c0da7fe6906f990e215d08a715d8a";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 66116562bdb76dd022b6730d32300034f72c0da7fe6906f990e215d08a715d8a)");

/// Methods in the whole schema.
pub const METHODS: usize = 2;

/// `GET /t/nextid`
pub const GET_T_NEXTID: Id = Id::new(0, at);
/// `GET /t/status`
pub const GET_T_STATUS: Id = Id::new(1, at);

params! {
    /// Parameters of `GET /t/nextid`.
    GetTNextid for GET_T_NEXTID -> i64,
    path {}
}

params! {
    /// Parameters of `GET /t/status`.
    GetTStatus for GET_T_STATUS -> GetTStatusReply,
    path {}
}

record! {
    /// Reply of `GET /t/status`.
    GetTStatusReply
    fields {
        /// `cpus`: integer.
        cpus: Option<i64> = integer("cpus"),
        /// `load`: number.
        load: Option<f64> = float("load"),
        /// `pressure`: number.
        pressure: Option<f64> = float("pressure"),
        /// `running`: boolean.
        running: Option<bool> = boolean("running"),
    }
    extra ""
}
