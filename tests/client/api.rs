//! A few endpoints as the tables describe them, and calls of them.

use proxmox_mcp::{
    client::{Client, Reply},
    spec::{Call, Endpoint, Format, Kind, Method, Param, Permission, Risk, Shape},
};

const ALL: &[&str] = &["7.4", "8.4", "9.1", "9.2"];

const fn shape(kind: Kind) -> Shape {
    Shape {
        kind,
        values: &[],
        minimum: None,
        maximum: None,
        min_length: None,
        max_length: None,
        pattern: None,
        format: Format::None,
        default: None,
    }
}

const fn param(name: &'static str, in_path: bool, kind: Kind, releases: &'static [&'static str]) -> Param {
    let optional = !in_path;
    let (shape, requires, type_changed) = (shape(kind), None, &[] as &[_]);
    Param { name, in_path, indexed: false, optional, requires, shape, releases, type_changed }
}

const fn endpoint(
    method: Method,
    path: &'static str,
    params: &'static [Param],
    releases: &'static [&'static str],
) -> Endpoint {
    Endpoint {
        method,
        path,
        function: "",
        name: "",
        summary: "",
        risk: Risk::Read,
        params,
        open: false,
        returns: shape(Kind::Any),
        permission: Permission::AllUsers,
        protected: true,
        proxyto: Some("node"),
        allow_token: true,
        releases,
        input_schema: "{}",
        output_schema: "{}",
    }
}

const GUEST: &[Param] = &[
    param("node", true, Kind::String, ALL),
    param("vmid", true, Kind::Integer, ALL),
    param("timeout", false, Kind::Integer, ALL),
    param("forceStop", false, Kind::Boolean, ALL),
    param("purge", false, Kind::Boolean, ALL),
    param("overrule-shutdown", false, Kind::Boolean, &["8.4", "9.1", "9.2"]),
];

/// `GET /nodes`
pub static NODES: Endpoint = endpoint(Method::Get, "/nodes", &[], ALL);
/// `GET /nodes/{node}/qemu/{vmid}/config`
pub static CONFIG: Endpoint = endpoint(Method::Get, "/nodes/{node}/qemu/{vmid}/config", GUEST, ALL);
/// `POST /nodes/{node}/qemu/{vmid}/status/stop`
pub static STOP: Endpoint = endpoint(Method::Post, "/nodes/{node}/qemu/{vmid}/status/stop", GUEST, ALL);
/// `DELETE /nodes/{node}/qemu/{vmid}`
pub static DESTROY: Endpoint = endpoint(Method::Delete, "/nodes/{node}/qemu/{vmid}", GUEST, ALL);
/// An endpoint of the newest release only.
pub static NEW: Endpoint = endpoint(Method::Get, "/nodes/{node}/qemu/{vmid}/news", GUEST, &["9.2"]);

/// A call of a guest's endpoint, or of one without a path parameter.
pub fn call(endpoint: &'static Endpoint) -> Call {
    let segments = [("node", "pve1".to_owned()), ("vmid", "100".to_owned())];
    Call::new(endpoint, &segments).expect("segments that can stand in a path")
}

/// Lists the nodes and checks that the list arrived.
pub async fn list(client: &Client) {
    let reply = client.send(call(&NODES)).await.expect("a list");
    assert_eq!(names(&reply), ["pve1"]);
}

/// The names in a list of nodes.
pub fn names(reply: &Reply) -> Vec<String> {
    let value = reply.value();
    let rows = value.as_array().cloned().unwrap_or_default();
    rows.iter().filter_map(|row| row["node"].as_str()).map(str::to_owned).collect()
}
