// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 c6b4e5a37e37538d33c2265e693ef702be1190389218b936dade28174f5500a4).
// Not to be edited: see docs/updating-pve.md.
// 3 of 3 methods have types of their own; every one has an id.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "c6b4e5a37e37538d33c2265e693ef702be1190389218b936dade28174f5500a4";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 c6b4e5a37e37538d33c2265e693ef702be1190389218b936dade28174f5500a4)");

/// Methods in the whole schema.
pub const METHODS: usize = 3;

/// `GET /t/qemu`
pub const GET_T_QEMU: Id = Id::new(0, at);
/// `GET /t/qemu/agent`
pub const GET_T_QEMU_AGENT: Id = Id::new(1, at);
/// `GET /t/qemu/{vmid}`
pub const GET_T_QEMU_VMID: Id = Id::new(2, at);

params! {
    /// Parameters of `GET /t/qemu`.
    GetTQemu for GET_T_QEMU -> (),
    path {}
}

params! {
    /// Parameters of `GET /t/qemu/agent`.
    GetTQemuAgent for GET_T_QEMU_AGENT -> (),
    path {}
}

params! {
    /// Parameters of `GET /t/qemu/{vmid}`.
    GetTQemuVmid for GET_T_QEMU_VMID -> (),
    path { vmid: Vmid = "vmid" }
}
