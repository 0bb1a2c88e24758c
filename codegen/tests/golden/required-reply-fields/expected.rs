// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 f113c1a651a631672cec822bfeedde46f5872dcce7a90d3711553ddd1f0516e7).
// Not to be edited: see docs/updating-pve.md.
// 1 of 1 methods have types of their own; every one has an id.

/// The release of the schema that this was made from.
pub const RELEASE: &str = "9.2";

/// SHA-256 of the published file that this was made from.
pub const SOURCE_SHA256: &str = "f113c1a651a631672cec822bfeedde46f5872dcce7a90d3711553ddd1f0516e7";

/// The releases that were compared, oldest first; [`RELEASE`] is one of them.
pub const RELEASES: &[&str] = &["9.2"];

/// Version of this program, and of the schema that it was made from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (PVE API 9.2, schema sha256 f113c1a651a631672cec822bfeedde46f5872dcce7a90d3711553ddd1f0516e7)");

/// Methods in the whole schema.
pub const METHODS: usize = 1;

/// `GET /t/guests`
pub const GET_T_GUESTS: Id = Id::new(0, at);

params! {
    /// Parameters of `GET /t/guests`.
    GetTGuests for GET_T_GUESTS -> Vec<GetTGuestsReplyItem>,
    path {}
}

record! {
    /// One row of the reply of `GET /t/guests`.
    GetTGuestsReplyItem
    keys {
        /// `node`: string.
        node: NodeName = key("node"),
        /// `status`: string, one of running stopped.
        status: String = key_text("status"),
        /// `type`: string.
        r#type: String = key_text("type"),
        /// `vmid`: integer.
        vmid: Vmid = key("vmid"),
    }
    fields {
        /// `has-dbus-vmstate`: boolean.
        has_dbus_vmstate: Option<bool> = boolean("has-dbus-vmstate"),
        /// `id`: string.
        id: Option<String> = text("id"),
        /// `name`: string.
        name: Option<String> = text("name"),
    }
    extra ""
}
