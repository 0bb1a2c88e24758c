// Made by proxmox-mcp-codegen VERSION from the PVE API schema 9.2 (sha256 66116562bdb76dd022b6730d32300034f72c0da7fe6906f990e215d08a715d8a).
// Not to be edited: see docs/updating-pve.md.
// 0 of 2 methods are left out.

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

/// How many of them are left out, by the beginning of their path.
pub const LEFT_OUT: &[(&str, usize)] = &[];

/// All endpoints, by path and method.
pub static ENDPOINTS: &[&Endpoint] = &[
    &GET_T_NEXTID, &GET_T_STATUS,
];

params! {
    /// Parameters of `GET /t/nextid`.
    GetTNextid for GET_T_NEXTID
    path {}
}
/// Sends `GET /t/nextid`; see [`GetTNextid`]. Fails as [`Client::send`].
pub async fn get_t_nextid(client: &Client, p: &GetTNextid) -> Result<i64, Error> {
    client.send(p.call()?).await?.decode::<pve::Whole>().map(|v| v.0)
}

params! {
    /// Parameters of `GET /t/status`.
    GetTStatus for GET_T_STATUS
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
/// Sends `GET /t/status`; see [`GetTStatus`]. Fails as [`Client::send`].
pub async fn get_t_status(client: &Client, p: &GetTStatus) -> Result<GetTStatusReply, Error> {
    client.send(p.call()?).await?.decode()
}

const ALL: &[&str] = &["9.2"];
const S_M: &Shape = &Shape { kind: Kind::Integer, ..Shape::PLAIN };
const F_CPUS: Field = Field { name: "cpus", shape: S_M, ..Field::PLAIN };
const S_LOAD: &Shape = &Shape { kind: Kind::Number, ..Shape::PLAIN };
const F_LOAD: Field = Field { name: "load", shape: S_LOAD, ..Field::PLAIN };
const F_PRESSURE: Field = Field { name: "pressure", optional: false, shape: S_LOAD, ..Field::PLAIN };
const S_RUNNING: &Shape = &Shape { kind: Kind::Boolean, ..Shape::PLAIN };
const F_RUNNING: Field = Field { name: "running", optional: false, shape: S_RUNNING, ..Field::PLAIN };
const FIELDS_M: &[Field] = &[
    F_CPUS, F_LOAD, F_PRESSURE, F_RUNNING,
];
const S_M_2: &Shape = &Shape { kind: Kind::Object(FIELDS_M), ..Shape::PLAIN };
/// The table of `GET /t/nextid`.
pub static GET_T_NEXTID: Endpoint = Endpoint {
    method: Method::Get, path: "/t/nextid", function: "get_t_nextid", name: "m", summary: "", risk: Risk::Read,
    tools: &[], guest_text: false, open: false, protected: false, proxyto: None, allow_token: true,
    releases: ALL, permission: Permission::AllUsers, returns: S_M, nullable: false,
    params: &[],
    input_schema: "{\"additionalProperties\":false,\"properties\":{},\"type\":\"object\"}",
    output_schema: "{\"properties\":{\"data\":{\"type\":\"integer\"}},\"type\":\"object\"}",
};
/// The table of `GET /t/status`.
pub static GET_T_STATUS: Endpoint = Endpoint {
    method: Method::Get, path: "/t/status", function: "get_t_status", name: "m", summary: "", risk: Risk::Read,
    tools: &[], guest_text: false, open: false, protected: false, proxyto: None, allow_token: true,
    releases: ALL, permission: Permission::AllUsers, returns: S_M_2, nullable: false,
    params: &[],
    input_schema: "{\"additionalProperties\":false,\"properties\":{},\"type\":\"object\"}",
    output_schema: "{\"properties\":{\"cpus\":{\"type\":\"integer\"},\"load\":{\"type\":\"number\"},\"pressure\":{\"type\":\"number\"},\"running\":{\"type\":\"boolean\"}},\"type\":\"object\"}",
};
