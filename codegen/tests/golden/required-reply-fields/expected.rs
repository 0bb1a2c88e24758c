// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 f113c1a651a631672cec822bfeedde46f5872dcce7a90d3711553ddd1f0516e7).
// Not to be edited: see docs/updating-pve.md.
// 0 of 1 methods are left out.

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

/// How many of them are left out, by the beginning of their path.
pub const LEFT_OUT: &[(&str, usize)] = &[];

/// All endpoints, by path and method.
pub static ENDPOINTS: &[&Endpoint] = &[
    &GET_T_GUESTS,
];

params! {
    /// Parameters of `GET /t/guests`.
    GetTGuests for GET_T_GUESTS
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
/// Sends `GET /t/guests`; see [`GetTGuests`]. Fails as [`Client::send`].
pub async fn get_t_guests(client: &Client, p: &GetTGuests) -> Result<Vec<GetTGuestsReplyItem>, Error> {
    client.send(p.call()?).await?.decode()
}

const ALL: &[&str] = &["9.2"];
const S_HAS_DBUS_VMSTATE: &Shape = &Shape { kind: Kind::Boolean, ..Shape::PLAIN };
const F_HAS_DBUS_VMSTATE: Field = Field { name: "has-dbus-vmstate", optional: false, shape: S_HAS_DBUS_VMSTATE, ..Field::PLAIN };
const S_ID: &Shape = &Shape { kind: Kind::String, ..Shape::PLAIN };
const F_ID: Field = Field { name: "id", shape: S_ID, ..Field::PLAIN };
const F_NAME: Field = Field { name: "name", shape: S_ID, ..Field::PLAIN };
const F_NODE: Field = Field { name: "node", optional: false, shape: S_ID, ..Field::PLAIN };
const S_STATUS: &Shape = &Shape { kind: Kind::String, values: Words::new("running\nstopped\n"), ..Shape::PLAIN };
const F_STATUS: Field = Field { name: "status", optional: false, shape: S_STATUS, ..Field::PLAIN };
const F_TYPE: Field = Field { name: "type", optional: false, shape: S_ID, ..Field::PLAIN };
const S_VMID: &Shape = &Shape { kind: Kind::Integer, ..Shape::PLAIN };
const F_VMID: Field = Field { name: "vmid", optional: false, shape: S_VMID, ..Field::PLAIN };
const FIELDS_M: &[Field] = &[
    F_HAS_DBUS_VMSTATE, F_ID, F_NAME, F_NODE, F_STATUS, F_TYPE, F_VMID,
];
const S_M: &Shape = &Shape { kind: Kind::Object(FIELDS_M), ..Shape::PLAIN };
const S_M_2: &Shape = &Shape { kind: Kind::Array(S_M), ..Shape::PLAIN };
/// The table of `GET /t/guests`.
pub static GET_T_GUESTS: Endpoint = Endpoint {
    method: Method::Get, path: "/t/guests", function: "get_t_guests", name: "m", summary: "", risk: Risk::Read,
    tools: &[], guest_text: false, open: false, protected: false, proxyto: None, allow_token: true,
    releases: ALL, permission: Permission::AllUsers, returns: S_M_2, nullable: false,
    params: &[],
    input_schema: "{\"additionalProperties\":false,\"properties\":{},\"type\":\"object\"}",
    output_schema: "{\"properties\":{\"data\":{\"items\":{\"properties\":{\"has-dbus-vmstate\":{\"type\":\"boolean\"},\"id\":{\"type\":\"string\"},\"name\":{\"type\":\"string\"},\"node\":{\"type\":\"string\"},\"status\":{\"description\":\"Known values: running, stopped.\",\"type\":\"string\"},\"type\":{\"type\":\"string\"},\"vmid\":{\"type\":\"integer\"}},\"type\":\"object\"},\"type\":\"array\"}},\"required\":[\"data\"],\"type\":\"object\"}",
};
