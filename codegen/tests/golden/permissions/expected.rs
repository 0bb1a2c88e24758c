// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 bcd34da7920cd8b215167207be090d67ea4d541c2ad6dd3ca0f1f4f517ddb76b).
// Not to be edited: see docs/updating-pve.md.
// 6 of 6 methods have types of their own; every one has an id.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "bcd34da7920cd8b215167207be090d67ea4d541c2ad6dd3ca0f1f4f517ddb76b";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 bcd34da7920cd8b215167207be090d67ea4d541c2ad6dd3ca0f1f4f517ddb76b)");

/// Methods in the whole schema.
pub const METHODS: usize = 6;

/// `GET /t/p1`
pub const GET_T_P1: Id = Id::new(0, at);
/// `GET /t/p2`
pub const GET_T_P2: Id = Id::new(1, at);
/// `GET /t/p3`
pub const GET_T_P3: Id = Id::new(2, at);
/// `GET /t/p4`
pub const GET_T_P4: Id = Id::new(3, at);
/// `GET /t/p5`
pub const GET_T_P5: Id = Id::new(4, at);
/// `GET /t/p6`
pub const GET_T_P6: Id = Id::new(5, at);

params! {
    /// Parameters of `GET /t/p1`.
    GetTP1 for GET_T_P1 -> (),
    path {}
}

params! {
    /// Parameters of `GET /t/p2`.
    GetTP2 for GET_T_P2 -> (),
    path {}
}

params! {
    /// Parameters of `GET /t/p3`.
    GetTP3 for GET_T_P3 -> (),
    path {}
}

params! {
    /// Parameters of `GET /t/p4`.
    GetTP4 for GET_T_P4 -> (),
    path {}
}

params! {
    /// Parameters of `GET /t/p5`.
    GetTP5 for GET_T_P5 -> (),
    path {}
}

params! {
    /// Parameters of `GET /t/p6`.
    GetTP6 for GET_T_P6 -> (),
    path {}
}
